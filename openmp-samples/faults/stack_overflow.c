/*
 * stack_overflow: a worker calls itself without end, with 4 KB in each frame,
 * until its stack is used up. The other threads wait at a barrier; their
 * stacks, and the memory beyond the worker's, must stay as they are.
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
    volatile int result = 0;
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(4)
    {
        if (omp_get_thread_num() == 1)
            result = descend(0);
        #pragma omp barrier
    }
    printf("not reached: %d\n", result);
    return 0;
}
