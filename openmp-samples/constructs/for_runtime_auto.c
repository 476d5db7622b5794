/*
 * for_runtime_auto: schedule(runtime) takes the schedule that omp_set_schedule
 * has set, schedule(auto) leaves it to the implementation.
 */
#include "check.h"
#include <omp.h>

enum { MOST = 300 };

static void test_runtime(omp_sched_t kind, int chunk, int n)
{
    int count[MOST] = {0}, owner[MOST] = {0};
    omp_set_schedule(kind, chunk);
    #pragma omp parallel
    {
        #pragma omp for schedule(runtime)
        for (int i = 0; i < n; i++) {
            tick(&count[i]);
            owner[i] = omp_get_thread_num();
            if (kind == omp_sched_static && chunk > 0)
                CHECK(owner[i] == i / chunk % omp_get_num_threads());
        }
        CHECK(all_equal(count, n, 1));
    }
    if (kind == omp_sched_dynamic && chunk > 0)
        for (int i = 1; i < n; i++)
            CHECK(i % chunk == 0 || owner[i] == owner[i - 1]);
}

static void test_auto(int n)
{
    int count[MOST] = {0};
    #pragma omp parallel for schedule(auto)
    for (int i = 0; i < n; i++)
        tick(&count[i]);
    CHECK(all_equal(count, n, 1));
}

int main(void)
{
    static const omp_sched_t kinds[] = {omp_sched_static, omp_sched_dynamic, omp_sched_guided,
                                        omp_sched_auto};
    static const int sizes[] = {0, 1, 5, 8, 100, MOST};
    static const int chunks[] = {0, 1, 3, 10, 1000};
    for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 4; j++)
            for (int k = 0; k < 5; k++)
                test_runtime(kinds[j], chunks[k], sizes[i]);
        test_auto(sizes[i]);
    }
    return check_result("for_runtime_auto");
}
