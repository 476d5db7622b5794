/*
 * parallel_num_threads: the num_threads clause gives the team its size, for
 * this region only, and each thread of the team executes the region once.
 */
#include "check.h"
#include <omp.h>

int main(void)
{
    const int max_threads = omp_get_max_threads();
    omp_set_dynamic(0);

    for (int round = 0; round < 20; round++)
        for (int n = 1; n <= 8; n++) {
            int seen[8] = {0};
            #pragma omp parallel num_threads(n)
            {
                CHECK(omp_get_num_threads() == n);
                CHECK(omp_get_thread_num() >= 0 && omp_get_thread_num() < n);
                tick(&seen[omp_get_thread_num()]);
            }
            CHECK(all_equal(seen, n, 1));
            CHECK(all_equal(seen + n, 8 - n, 0));
            CHECK(omp_get_max_threads() == max_threads);
        }

    int threads = 0;
    #pragma omp parallel
    tick(&threads);
    CHECK(threads == max_threads);
    return check_result("parallel_num_threads");
}
