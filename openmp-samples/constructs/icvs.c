/*
 * icvs: the internal control variables that the runtime library sets and
 * returns, and that each implicit task has its own copies of.
 */
#include "check.h"
#include <omp.h>

static void test_num_threads(void)
{
    const int initial = omp_get_max_threads();
    CHECK(initial >= 1 && omp_get_num_procs() >= 1);
    CHECK(omp_get_thread_limit() >= initial);
    CHECK(omp_get_num_threads() == 1 && omp_get_thread_num() == 0 && !omp_in_parallel());
    CHECK(omp_get_level() == 0 && omp_get_active_level() == 0);

    for (int n = 1; n <= 6; n++) {
        int threads = 0;
        omp_set_num_threads(n);
        CHECK(omp_get_max_threads() == n);
        #pragma omp parallel
        {
            tick(&threads);
            CHECK(omp_get_num_threads() == n && omp_get_level() == 1);
            CHECK(omp_get_active_level() == (n > 1) && !omp_in_parallel() == (n == 1));
            omp_set_num_threads(n + 1 + omp_get_thread_num()); /* for this thread only */
            #pragma omp barrier
            CHECK(omp_get_max_threads() == n + 1 + omp_get_thread_num());
        }
        CHECK(threads == n && omp_get_max_threads() == n);
    }
    omp_set_num_threads(initial);
}

static void test_schedule(void)
{
    static const omp_sched_t kinds[] = {omp_sched_static, omp_sched_dynamic, omp_sched_guided};
    const unsigned modifiers = (unsigned)omp_sched_monotonic;
    omp_sched_t kind, initial;
    int chunk, initial_chunk;
    omp_get_schedule(&initial, &initial_chunk);
    for (int i = 0; i < 3; i++) {
        omp_set_schedule(kinds[i], 5 + i);
        omp_get_schedule(&kind, &chunk);
        CHECK(((unsigned)kind & ~modifiers) == (unsigned)kinds[i] && chunk == 5 + i);
    }
    omp_set_schedule(omp_sched_auto, 0);
    omp_get_schedule(&kind, &chunk);
    CHECK(((unsigned)kind & ~modifiers) == (unsigned)omp_sched_auto);

    omp_set_schedule(omp_sched_dynamic, 3);
    #pragma omp parallel
    {
        omp_sched_t mine;
        int my_chunk;
        omp_get_schedule(&mine, &my_chunk);
        CHECK(((unsigned)mine & ~modifiers) == (unsigned)omp_sched_dynamic && my_chunk == 3);
        omp_set_schedule(omp_sched_guided, 10 + omp_get_thread_num());
        #pragma omp barrier
        omp_get_schedule(&mine, &my_chunk);
        CHECK(my_chunk == 10 + omp_get_thread_num());
    }
    omp_get_schedule(&kind, &chunk);
    CHECK(((unsigned)kind & ~modifiers) == (unsigned)omp_sched_dynamic && chunk == 3);
    omp_set_schedule(initial, initial_chunk);
}

static void test_others(void)
{
    omp_set_dynamic(1);
    CHECK(omp_get_dynamic() == 1);
    omp_set_dynamic(0);
    CHECK(omp_get_dynamic() == 0);

    const int levels = omp_get_max_active_levels();
    CHECK(levels >= 1 && levels <= omp_get_supported_active_levels());
    omp_set_max_active_levels(2);
    CHECK(omp_get_max_active_levels() == 2);
    #pragma omp parallel
    CHECK(omp_get_max_active_levels() == 2);
    omp_set_max_active_levels(0);
    CHECK(omp_get_max_active_levels() == 0);
    int threads = 0;
    #pragma omp parallel num_threads(3)
    tick(&threads);
    CHECK(threads == 1); /* no active level is allowed */
    omp_set_max_active_levels(levels);

    CHECK(omp_get_cancellation() == 0 || omp_get_cancellation() == 1);
    CHECK(omp_get_num_teams() == 1 && omp_get_team_num() == 0);
    CHECK(omp_get_num_devices() >= 0 && omp_is_initial_device());
    CHECK(!omp_in_final());
    CHECK(omp_get_team_size(0) == 1 && omp_get_ancestor_thread_num(0) == 0);
    CHECK(omp_get_wtick() > 0 && omp_get_wtick() < 0.1);
    const double start = omp_get_wtime();
    double now;
    while ((now = omp_get_wtime()) - start < 1e-3)
        CHECK(now >= start);
}

int main(void)
{
    test_num_threads();
    test_schedule();
    test_others();
    test_num_threads();
    return check_result("icvs");
}
