/*
 * divide: a thread divides by an integer that is zero, while the others wait
 * in a critical region's queue and at its end.
 */
#include <omp.h>
#include <stdio.h>

int main(void)
{
    volatile int dividend = 7, divisor = 0, quotient = 0;
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(4)
    {
        #pragma omp barrier
        #pragma omp critical
        if (omp_get_thread_num() == 3)
            quotient = dividend / divisor;
    }
    printf("not reached: %d\n", quotient);
    return 0;
}
