/*
 * pause_resource: pauses succeed or not, and regions go on as before; after a
 * soft pause threadprivate variables have their values.
 */
#include "check.h"
#include <omp.h>

static int mine;
#pragma omp threadprivate(mine)

static int region(void)
{
    int threads = 0;
    #pragma omp parallel num_threads(3) reduction(+ : threads)
    threads++;
    return threads;
}

static void test_pauses(void)
{
    const int threads = region();
    CHECK(omp_pause_resource(omp_pause_soft, omp_get_initial_device()) == 0);
    CHECK(region() == threads);
    #pragma omp parallel num_threads(3)
    mine = 10 + omp_get_thread_num();
    CHECK(omp_pause_resource_all(omp_pause_soft) == 0);
    int kept = 0;
    #pragma omp parallel num_threads(3) reduction(+ : kept)
    kept += mine == 10 + omp_get_thread_num();
    CHECK(kept == threads);
    CHECK(omp_pause_resource_all(omp_pause_hard) == 0);
    CHECK(region() == threads && region() == threads);
}

int main(void)
{
    const int threads = region();
    CHECK(omp_pause_resource(omp_pause_soft, -99) != 0);
    CHECK(omp_pause_resource((omp_pause_resource_t)99, omp_get_initial_device()) != 0);
    CHECK(region() == threads);
#if !defined(__clang__) || defined(__wasm__) /* LLVM 19's libomp asserts or hangs in the region after a pause */
    test_pauses();
#else
    (void)test_pauses;
#endif
    return check_result("pause_resource");
}
