/*
 * thread_trap: a thread of the program's own traps, while the initial thread
 * waits for another one that waits for a mutex which nobody sets free.
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_mutex(void *argument)
{
    pthread_mutex_lock(&mutex);
    return argument;
}

static void *fall(void *argument)
{
    (void)argument;
    __builtin_trap();
}

int main(void)
{
    pthread_t waiting, falling;
    pthread_mutex_lock(&mutex);
    pthread_create(&waiting, NULL, wait_for_mutex, NULL);
    pthread_create(&falling, NULL, fall, NULL);
    pthread_join(waiting, NULL);
    printf("not reached\n");
    return 0;
}
