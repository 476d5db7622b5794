/*
 * single_nowait: a single region is executed by one thread, whichever it is;
 * the others wait at its end, except with nowait.
 */
#include "check.h"
#include <omp.h>

enum { ROUNDS = 200 };

int main(void)
{
    int count[ROUNDS] = {0}, value = -1;

    #pragma omp parallel
    for (int round = 0; round < ROUNDS; round++) {
        #pragma omp single
        {
            tick(&count[round]);
            value = round;
        }
        CHECK(value == round);
        #pragma omp barrier
    }
    CHECK(all_equal(count, ROUNDS, 1));

    /* Without the barriers, threads are in different rounds at the same time. */
    int before = 0, after = 0, threads = 0;
    #pragma omp parallel
    {
        tick(&threads);
        for (int round = 0; round < ROUNDS; round++) {
            tick(&before);
            #pragma omp single nowait
            tick(&count[round]);
            tick(&after);
        }
    }
    CHECK(all_equal(count, ROUNDS, 2));
    CHECK(before == threads * ROUNDS && after == before);

    /* The thread in the region does not wait for those that have gone past. */
    int passed = 0;
    #pragma omp parallel
    {
        #pragma omp single nowait
        while (__atomic_load_n(&passed, __ATOMIC_RELAXED) < omp_get_num_threads() - 1)
            ;
        tick(&passed);
    }
    CHECK(passed == threads);
    return check_result("single_nowait");
}
