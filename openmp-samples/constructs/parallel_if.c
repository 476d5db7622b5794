/*
 * parallel_if: when the if clause is false the region is executed by the
 * encountering thread alone, as an inactive region.
 */
#include "check.h"
#include <omp.h>

static int threads_of_region(int condition)
{
    int threads = 0;
    #pragma omp parallel if(condition)
    {
        tick(&threads);
        CHECK(omp_get_level() == 1);
        CHECK(omp_get_active_level() == (omp_get_num_threads() > 1));
        CHECK(!omp_in_parallel() == (omp_get_num_threads() == 1));
    }
    return threads;
}

int main(void)
{
    const int max_threads = omp_get_max_threads();
    int alone = 0, together = 0;

    for (int i = 0; i < 50; i++) {
        CHECK(threads_of_region(0) == 1);
        CHECK(threads_of_region(1) == max_threads);
    }

    /* The modifier names the construct that the condition is for. */
    #pragma omp parallel num_threads(4) if(parallel : max_threads < 1)
    tick(&alone);
    #pragma omp parallel num_threads(4) if(parallel : max_threads >= 1)
    tick(&together);
    CHECK(alone == 1);
    CHECK(together == 4);

    /* A loop in a serialized region is still executed as a whole. */
    int count[100] = {0};
    #pragma omp parallel for schedule(dynamic) if(0)
    for (int i = 0; i < 100; i++)
        tick(&count[i]);
    CHECK(all_equal(count, 100, 1));
    return check_result("parallel_if");
}
