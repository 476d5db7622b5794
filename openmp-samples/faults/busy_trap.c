/*
 * busy_trap: one thread traps while another computes in an endless loop, which
 * the trap must end.
 */
#include <omp.h>
#include <stdio.h>

int main(void)
{
    volatile unsigned counter = 0;
    volatile int started = 0;
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(3)
    {
        if (omp_get_thread_num() == 1) {
            int seen = 0;
            while (!seen) {
                #pragma omp atomic read
                seen = started;
            }
            __builtin_trap();
        }
        if (omp_get_thread_num() == 2) {
            #pragma omp atomic write
            started = 1;
            for (;;)
                counter++;
        }
        #pragma omp barrier
    }
    printf("not reached: %u\n", counter);
    return 0;
}
