/*
 * thread_left: the program ends with main, though threads of its own compute
 * for ever, or wait for what does not come.
 */
#include <pthread.h>
#include <semaphore.h>

static sem_t started, never;

static void *wait(void *argument)
{
    sem_post(&started);
    sem_wait(&never);
    return argument;
}

static void *compute(void *argument)
{
    sem_post(&started);
    for (volatile unsigned count = 0;; count++) {
    }
    return argument;
}

int main(void)
{
    pthread_t waiting, computing;
    sem_init(&started, 0, 0);
    sem_init(&never, 0, 0);
    pthread_create(&waiting, NULL, wait, NULL);
    pthread_create(&computing, NULL, compute, NULL);
    sem_wait(&started);
    sem_wait(&started);
    return 0;
}
