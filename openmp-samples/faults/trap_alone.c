/*
 * trap_alone: the only thread of a team, which is the one that runs main,
 * divides by an integer that is zero.
 */
#include <stdio.h>

int main(void)
{
    volatile int dividend = 7, divisor = 0, quotient = 0;
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(1)
    quotient = dividend / divisor;
    printf("not reached: %d\n", quotient);
    return 0;
}
