/*
 * exit3: a worker ends the program with exit(3), while one thread waits for a
 * lock that the worker holds and the others wait at a barrier. What was
 * printed before, and what the atexit handler prints, must come out.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

static void at_exit(void)
{
    printf("handler\n");
}

int main(void)
{
    omp_lock_t lock;
    omp_init_lock(&lock);
    atexit(at_exit);
    printf("before\n");
    #pragma omp parallel num_threads(4)
    {
        if (omp_get_thread_num() == 1)
            omp_set_lock(&lock);
        #pragma omp barrier
        if (omp_get_thread_num() == 1) {
            printf("leaving\n");
            exit(3);
        }
        if (omp_get_thread_num() == 2)
            omp_set_lock(&lock);
        #pragma omp barrier
    }
    printf("not reached\n");
    return 0;
}
