/*
 * trap_unreachable: thread 1 executes a trap instruction, the others wait for
 * it at the end of the region.
 */
#include <omp.h>
#include <stdio.h>

int main(void)
{
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(4)
    {
        if (omp_get_thread_num() == 1)
            __builtin_trap();
    }
    printf("not reached\n");
    return 0;
}
