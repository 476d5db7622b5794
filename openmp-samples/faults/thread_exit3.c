/*
 * thread_exit3: a thread of the program's own, inside a parallel region that it
 * has forked, ends the program with exit(3). The other threads wait for a
 * condition, for a barrier, and for each other.
 */
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void *wait_for_condition(void *argument)
{
    pthread_mutex_lock(&mutex);
    for (;;)
        pthread_cond_wait(&never, &mutex);
    return argument;
}

static void *leave(void *argument)
{
    #pragma omp parallel num_threads(3)
    {
        if (omp_get_thread_num() == 1)
            exit(3);
        #pragma omp barrier
    }
    return argument;
}

int main(void)
{
    pthread_t waiting, leaving;
    pthread_create(&waiting, NULL, wait_for_condition, NULL);
    pthread_create(&leaving, NULL, leave, NULL);
    pthread_join(waiting, NULL);
    printf("not reached\n");
    return 0;
}
