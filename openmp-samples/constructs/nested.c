/*
 * nested: parallel regions within parallel regions. max-active-levels-var
 * says how many levels are active; the ancestors' thread numbers and the
 * sizes of their teams can be asked for.
 */
#include "check.h"
#include <omp.h>

/* Runs regions of 2, 3 and 2 threads, and returns how often the innermost ran. */
static int innermost_runs(int max_active_levels)
{
    omp_set_max_active_levels(max_active_levels);
    CHECK(omp_get_max_active_levels() == max_active_levels);
    const int size[3] = {2, max_active_levels > 1 ? 3 : 1, max_active_levels > 2 ? 2 : 1};
    int runs = 0;

    #pragma omp parallel num_threads(2)
    {
        const int outer = omp_get_thread_num();
        #pragma omp parallel num_threads(3)
        {
            const int middle = omp_get_thread_num();
            #pragma omp parallel num_threads(2)
            {
                const int inner = omp_get_thread_num();
                tick(&runs);
                CHECK(omp_get_level() == 3);
                CHECK(omp_get_active_level() == max_active_levels);
                CHECK(omp_in_parallel());
                CHECK(omp_get_num_threads() == size[2]);

                CHECK(omp_get_ancestor_thread_num(0) == 0 && omp_get_team_size(0) == 1);
                CHECK(omp_get_ancestor_thread_num(1) == outer && omp_get_team_size(1) == size[0]);
                CHECK(omp_get_ancestor_thread_num(2) == middle && omp_get_team_size(2) == size[1]);
                CHECK(omp_get_ancestor_thread_num(3) == inner && omp_get_team_size(3) == size[2]);
                CHECK(omp_get_ancestor_thread_num(4) == -1 && omp_get_team_size(4) == -1);
                CHECK(omp_get_ancestor_thread_num(-1) == -1 && omp_get_team_size(-1) == -1);
            }
            CHECK(omp_get_level() == 2 && omp_get_thread_num() == middle);
            #pragma omp barrier
        }
        CHECK(omp_get_level() == 1 && omp_get_thread_num() == outer);
        #pragma omp barrier
    }
    CHECK(omp_get_level() == 0 && omp_get_num_threads() == 1 && !omp_in_parallel());
    return runs;
}

/* Each inner team has loops, singles and barriers of its own. */
static void inner_worksharing(void)
{
    int count[2][60] = {{0}}, singles = 0;
    omp_set_max_active_levels(2);
    #pragma omp parallel num_threads(2)
    {
        const int outer = omp_get_thread_num();
        #pragma omp parallel num_threads(3)
        {
            #pragma omp for schedule(dynamic)
            for (int i = 0; i < 60; i++)
                tick(&count[outer][i]);
            #pragma omp single
            tick(&singles);
        }
    }
    CHECK(all_equal(count[0], 120, 1));
    CHECK(singles == 2);
}

int main(void)
{
    CHECK(omp_get_supported_active_levels() >= 3);
    for (int round = 0; round < 5; round++) {
        CHECK(innermost_runs(1) == 2);
        CHECK(innermost_runs(2) == 6);
        CHECK(innermost_runs(3) == 12);
        inner_worksharing();
    }
    return check_result("nested");
}
