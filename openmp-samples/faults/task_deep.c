/*
 * task_deep: tasks that wait for their children, without end, use up the stack.
 */
#include <stdio.h>

static int descend(int depth)
{
    int below = 0;
    #pragma omp task shared(below)
    below = descend(depth + 1);
    #pragma omp taskwait
    return below + 1;
}

int main(void)
{
    volatile int result = 0;
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(3)
    #pragma omp single
    result = descend(0);
    printf("not reached: %d\n", result);
    return 0;
}
