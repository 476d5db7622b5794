/*
 * together: as many tasks as threads, of which each waits until all have
 * begun. OpenMP does not promise that they do; a runtime that has threads for
 * them, and lets none of them sleep while there is a task, does it all the
 * same, also where threads outnumber processors.
 *
 *     together [rounds]
 */
#include "../constructs/check.h"
#include <omp.h>
#include <sched.h>
#include <stdlib.h>

static int begun;

static void meet(int all)
{
    tick(&begun);
    while (__atomic_load_n(&begun, __ATOMIC_ACQUIRE) < all)
        sched_yield();
}

/* What was before leaves threads asleep, or busy, or with tasks that were hardly worth their while. */
static void small_tasks(int round)
{
    for (int i = 0; i < round % 5 * 100; i++) {
        #pragma omp task
        {
        }
    }
    #pragma omp taskwait
}

int main(int argc, char **argv)
{
    const int rounds = argc > 1 ? atoi(argv[1]) : 20;
    #pragma omp parallel
    #pragma omp single
    for (int round = 0; round < rounds; round++) {
        const int all = omp_get_num_threads();
        small_tasks(round);
        begun = 0;
        if (round % 2 == 0) {
            #pragma omp taskloop num_tasks(all)
            for (int i = 0; i < all; i++)
                meet(all);
        } else {
            for (int i = 0; i < all; i++) {
                #pragma omp task
                meet(all);
            }
            #pragma omp taskwait
        }
        CHECK(begun == all);
    }
    return check_result("together");
}
