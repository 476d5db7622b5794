/*
 * proc_bind: regions with the clause run with all their threads, and what the
 * places functions return is consistent, whether or not threads are bound.
 */
#include "check.h"
#include <omp.h>
#include <stdlib.h>

static void check_places(void)
{
    const int places = omp_get_num_places();
    CHECK(places >= 0);
    CHECK(omp_get_place_num() >= -1 && (omp_get_place_num() < places || places == 0));
    CHECK(omp_get_partition_num_places() >= 0 && omp_get_partition_num_places() <= places);

    for (int place = 0; place < places; place++) {
        const int n = omp_get_place_num_procs(place);
        CHECK(n >= 0);
        if (n < 0)
            continue;
        int *procs = calloc((size_t)n + 1, sizeof *procs);
        if (!procs)
            continue;
        procs[n] = -99;
        omp_get_place_proc_ids(place, procs);
        for (int i = 0; i < n; i++)
            CHECK(procs[i] >= 0);
        CHECK(procs[n] == -99);
        free(procs);
    }
    CHECK(omp_get_place_num_procs(-1) == 0 && omp_get_place_num_procs(places) == 0);

    const int members = omp_get_partition_num_places();
    int *partition = calloc((size_t)members + 1, sizeof *partition);
    if (partition) {
        omp_get_partition_place_nums(partition);
        for (int i = 0; i < members; i++)
            CHECK(partition[i] >= 0 && partition[i] < places);
    }
    free(partition);
}

int main(void)
{
    const int max_threads = omp_get_max_threads();
    int close = 0, spread = 0, primary = 0;
    const omp_proc_bind_t bind = omp_get_proc_bind();
    CHECK(bind >= omp_proc_bind_false && bind <= omp_proc_bind_spread);

    for (int round = 0; round < 5; round++) {
        #pragma omp parallel proc_bind(close)
        {
            tick(&close);
            check_places();
        }
        #pragma omp parallel proc_bind(spread) num_threads(3)
        {
            tick(&spread);
            check_places();
            CHECK(omp_get_num_threads() == 3);
        }
        #pragma omp parallel proc_bind(primary)
        {
            tick(&primary);
            check_places();
        }
    }
    CHECK(close == 5 * max_threads && spread == 5 * 3 && primary == 5 * max_threads);
    check_places();
    return check_result("proc_bind");
}
