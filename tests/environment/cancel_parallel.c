// A cancelled parallel region ends, whether the other threads find the cancellation, wait in a barrier, or have come to the end of the region
// before.
//
// RUN: OMP_CANCELLATION=true -- --threads 4
// RUN: OMP_CANCELLATION=true OMP_WAIT_POLICY=passive -- --threads 3
// RUN: OMP_CANCELLATION=true OMP_MAX_ACTIVE_LEVELS=2 -- --procs 8 --threads 8
// RUN: OMP_CANCELLATION=false -- --threads 4
#include <omp.h>
#include <stdio.h>

static void wait_a_little(int turns)
{
    for (volatile int i = 0; i < turns; i++) { }
}

int main(void)
{
    int behind = 0, tasks = 0, inner = 0, outer = 0;
    for (int i = 0; i < 200; i++) {
        /* No other barrier than that at the end. */
        #pragma omp parallel
        {
            if (omp_get_thread_num() == 1) {
                wait_a_little(i * 50);
                #pragma omp cancel parallel
                #pragma omp atomic
                behind++;
            }
            #pragma omp cancellation point parallel
        }
        /* Some are at the end, with tasks left, some in a barrier. */
        #pragma omp parallel
        {
            #pragma omp task
            {
                #pragma omp atomic
                tasks++;
            }
            if (omp_get_thread_num() == 0) {
                #pragma omp cancel parallel
            }
            #pragma omp barrier
            #pragma omp atomic
            behind++;
        }
        #pragma omp parallel num_threads(2) reduction(+ : outer)
        {
            #pragma omp parallel num_threads(2)
            {
                if (omp_get_thread_num() == 0) {
                    #pragma omp cancel parallel
                }
                #pragma omp cancellation point parallel
                #pragma omp atomic
                inner++;
            }
            outer++;
        }
    }
    printf("behind a cancellation %s, after nested regions %d\n", behind == 0 ? "nobody" : "some", outer);
    return tasks < 0 || inner < 0;
}
