// Threads that find a loop cancelled leave its reduction out; the others do not wait for them.
//
// RUN: OMP_CANCELLATION=true -- --threads 4
// RUN: OMP_CANCELLATION=true OMP_WAIT_POLICY=passive -- --threads 3
// RUN: OMP_CANCELLATION=true -- --procs 8 --threads 8
// RUN: OMP_CANCELLATION=false -- --procs 8 --threads 8
#include <omp.h>
#include <stdio.h>

int main(void)
{
    int most = 0, whole = 0;
    for (int i = 0; i < 200; i++) {
        int sum = 0, next = 0;
        #pragma omp parallel for reduction(+ : sum)
        for (int k = 0; k < 100; k++) {
            if (k == 50) {
                #pragma omp cancel for
            }
            sum++;
        }
        #pragma omp parallel
        {
            #pragma omp for reduction(+ : next)
            for (int k = 0; k < 100; k++) {
                if (k == 50) {
                    #pragma omp cancel for
                }
                next++;
            }
            /* After the same barriers on all threads. */
            #pragma omp for reduction(+ : whole)
            for (int k = 0; k < 100; k++)
                whole++;
        }
        most += sum == 100 && next == 100;
    }
    printf("%s, %d\n", most == 200 ? "nothing was cancelled" : "cancelled", whole);
    return 0;
}
