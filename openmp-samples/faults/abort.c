/*
 * abort: a worker calls abort() while the others wait at a barrier.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(4)
    {
        if (omp_get_thread_num() == 2)
            abort();
        #pragma omp barrier
    }
    printf("not reached\n");
    return 0;
}
