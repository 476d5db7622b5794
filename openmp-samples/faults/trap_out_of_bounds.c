/*
 * trap_out_of_bounds: one thread of four writes far outside of the memory, the
 * others wait for it at a barrier. The program must end with a trap (natively,
 * by a signal); "not reached" must not be printed.
 */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>

int main(void)
{
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(4)
    {
        if (omp_get_thread_num() == 2) {
            volatile uintptr_t address = UINTPTR_MAX - 4095;
            *(volatile int *)address = 1;
        }
        #pragma omp barrier
    }
    printf("not reached\n");
    return 0;
}
