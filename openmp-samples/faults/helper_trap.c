/*
 * helper_trap: a target task traps, in a parallel region of its own, while the
 * thread that has generated it computes.
 */
#include <stdio.h>

static void fall(int i)
{
    if (i == 0)
        __builtin_trap();
}

int main(void)
{
    int never = 0, seen;
    printf("before\n");
    fflush(stdout);
    #pragma omp target nowait
    {
        #pragma omp parallel for num_threads(3)
        for (int i = 0; i < 3; i++)
            fall(i);
    }
    do {
        #pragma omp atomic read
        seen = never;
    } while (!seen);
    printf("not reached\n");
    return 0;
}
