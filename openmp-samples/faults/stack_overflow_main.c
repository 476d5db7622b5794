/*
 * stack_overflow_main: the initial thread uses up its stack, after a parallel
 * region whose threads are still there.
 */
#include <omp.h>
#include <stdio.h>

__attribute__((noinline)) static int descend(int depth)
{
    volatile int frame[1024];
    for (int i = 0; i < 1024; i++)
        frame[i] = depth + i;
    return depth < 0 ? frame[0] : descend(depth + 1) + frame[depth & 1023];
}

int main(void)
{
    int threads = 0;
    #pragma omp parallel num_threads(4) reduction(+ : threads)
    threads++;
    printf("before, %d threads\n", threads);
    fflush(stdout);
    const int result = descend(0);
    printf("not reached: %d\n", result);
    return 0;
}
