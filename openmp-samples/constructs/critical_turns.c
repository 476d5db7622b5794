/*
 * critical_turns: threads that enter a critical region, or set a lock, over and
 * over until it is their turn. One that does so without a pause must not keep
 * the others out for long, also where threads outnumber processors.
 */
#include "check.h"
#include <omp.h>

enum { TURNS = 1000 };

int main(void)
{
    int turn = 0, taken[8] = {0}, threads = 1;

    #pragma omp parallel num_threads(8)
    {
        const int me = omp_get_thread_num();
        #pragma omp single
        threads = omp_get_num_threads();
        for (int done = 0; !done;) {
            #pragma omp critical
            {
                if (turn < TURNS && turn % threads == me) {
                    turn++;
                    taken[me]++;
                }
                done = turn == TURNS;
            }
        }
    }
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += taken[i];
    CHECK(turn == TURNS && sum == TURNS);

    omp_lock_t lock;
    omp_init_lock(&lock);
    turn = 0;
    #pragma omp parallel num_threads(8)
    {
        const int me = omp_get_thread_num();
        for (int done = 0; !done;) {
            omp_set_lock(&lock);
            if (turn < TURNS && turn % omp_get_num_threads() == me)
                turn++;
            done = turn == TURNS;
            omp_unset_lock(&lock);
        }
    }
    CHECK(turn == TURNS);

    /* Threads that come to the lock and those that only try it. */
    long counter = 0, expected = 0;
    #pragma omp parallel num_threads(8) reduction(+ : expected)
    for (int i = 0; i < 2000; i++) {
        if (i % 3 != 0)
            omp_set_lock(&lock);
        else if (!omp_test_lock(&lock))
            continue;
        counter++;
        expected++;
        omp_unset_lock(&lock);
    }
    CHECK(counter == expected);
    omp_destroy_lock(&lock);
    return check_result("critical_turns");
}
