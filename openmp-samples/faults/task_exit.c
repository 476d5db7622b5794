/*
 * task_exit: a task ends the program with exit(7), while others wait: for
 * their children, for an event, for a lock, and at the end of the region.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

static void spawn(int depth, omp_lock_t *lock)
{
    for (int i = 0; i < 3 && depth > 0; i++) {
        #pragma omp task firstprivate(depth)
        spawn(depth - 1, lock);
    }
    if (depth == 2) {
        omp_event_handle_t event;
        #pragma omp task detach(event)
        {
        }
    }
    #pragma omp taskwait
}

int main(void)
{
    omp_lock_t lock;
    omp_init_lock(&lock);
    omp_set_lock(&lock);
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        for (int i = 0; i < 100; i++) {
            #pragma omp task
            spawn(4, &lock);
        }
        #pragma omp task
        omp_set_lock(&lock);
        #pragma omp task
        {
            #pragma omp task
            exit(7);
            #pragma omp taskwait
        }
        #pragma omp taskwait
    }
    printf("not reached\n");
    return 0;
}
