/*
 * task_trap: a task deep inside of others traps.
 */
#include <stdio.h>

static void spawn(int depth)
{
    #pragma omp taskgroup
    for (int i = 0; i < 3; i++) {
        #pragma omp task
        {
            if (depth > 0)
                spawn(depth - 1);
            else if (i == 2)
                __builtin_trap();
        }
    }
}

int main(void)
{
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(3)
    #pragma omp single
    spawn(6);
    printf("not reached\n");
    return 0;
}
