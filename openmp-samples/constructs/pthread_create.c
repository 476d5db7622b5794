/*
 * pthread_create: threads of the program's own, each of which is the initial
 * thread of its own contention group: it may meet OpenMP constructs.
 */
#include "check.h"
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>

static int private_to_thread = 7;
#pragma omp threadprivate(private_to_thread)

static pthread_key_t key;
static int destroyed, detached_done;
static long total;

static void destroy(void *value)
{
    CHECK(value != NULL);
    tick(&destroyed);
}

static void *start(void *argument)
{
    int number = (int)(intptr_t)argument, sum = 0;
    CHECK(private_to_thread == 7);
    private_to_thread = number;
    CHECK(omp_get_level() == 0 && omp_get_thread_num() == 0 && omp_get_num_threads() == 1);
    CHECK(!omp_in_parallel());
    pthread_setspecific(key, &total);

    #pragma omp parallel num_threads(3) reduction(+ : sum)
    {
        CHECK(omp_get_level() == 1);
        #pragma omp for
        for (int i = 1; i <= 100; i++)
            sum += i;
    }
    CHECK(sum == 5050);
    #pragma omp critical
    total += sum;
    CHECK(private_to_thread == number);
    if (number % 2)
        pthread_exit((void *)(intptr_t)(number + 1));
    return (void *)(intptr_t)(number + 1);
}

static void *start_detached(void *argument)
{
    CHECK(argument == &total);
    tick(&detached_done);
    return NULL;
}

static void create_and_join(int count)
{
    pthread_t threads[8];
    for (intptr_t i = 0; i < count; i++)
        CHECK(pthread_create(&threads[i], NULL, start, (void *)i) == 0);
    for (intptr_t i = 0; i < count; i++) {
        void *result = NULL;
        CHECK(pthread_join(threads[i], &result) == 0);
        CHECK(result == (void *)(i + 1));
    }
}

int main(void)
{
    CHECK(pthread_key_create(&key, destroy) == 0);
    for (int round = 0; round < 10; round++)
        create_and_join(5);
    CHECK(total == 50 * 5050L && destroyed == 50);

    #pragma omp parallel num_threads(2)
    create_and_join(2);
    CHECK(destroyed >= 52);

    pthread_attr_t attributes;
    pthread_t thread;
    int state = -1;
    size_t size = 0;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, 1 << 20) == 0);
    CHECK(pthread_attr_getstacksize(&attributes, &size) == 0 && size == 1 << 20);
    CHECK(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0);
    CHECK(pthread_attr_getdetachstate(&attributes, &state) == 0 && state == PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&thread, &attributes, start_detached, &total) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
    CHECK(pthread_create(&thread, NULL, start_detached, &total) == 0);
    CHECK(pthread_detach(thread) == 0);
    while (__atomic_load_n(&detached_done, __ATOMIC_RELAXED) < 5)
        sched_yield();
    return check_result("pthread_create");
}
