/*
 * master_masked: masked is for the primary thread, or for the one that the
 * filter clause names; neither it nor master implies a barrier.
 */
#include "check.h"
#include <omp.h>

int main(void)
{
    int masked = 0, master = 0, filtered[8] = {0}, outside = 0, threads = 0;

    #pragma omp parallel
    {
        tick(&threads);
        for (int round = 0; round < 100; round++) {
            #pragma omp masked
            {
                tick(&masked);
                CHECK(omp_get_thread_num() == 0);
            }
            #pragma omp master
            {
                tick(&master);
                CHECK(omp_get_thread_num() == 0);
            }
            for (int i = 0; i < 8; i++) {
                #pragma omp masked filter(i)
                {
                    tick(&filtered[i]);
                    CHECK(omp_get_thread_num() == i);
                }
            }
            #pragma omp masked filter(omp_get_num_threads())
            tick(&outside);
        }

        /* The expression may be different in each thread. */
        #pragma omp masked filter(omp_get_thread_num())
        tick(&outside);
    }
    CHECK(masked == 100 && master == 100);
    for (int i = 0; i < 8; i++)
        CHECK(filtered[i] == (i < threads ? 100 : 0));
    CHECK(outside == threads);

    /* No barrier: the primary thread waits in the region for the others. */
    int passed = 0;
    #pragma omp parallel
    {
        #pragma omp masked
        while (__atomic_load_n(&passed, __ATOMIC_RELAXED) < omp_get_num_threads() - 1)
            ;
        tick(&passed);
    }
    CHECK(passed == threads);
    return check_result("master_masked");
}
