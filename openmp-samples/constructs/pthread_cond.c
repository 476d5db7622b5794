/*
 * pthread_cond: condition variables of POSIX threads between the threads of a
 * team: a bounded queue, turns, and waits that end at a time.
 */
#include "check.h"
#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <time.h>

enum { ROOM = 4, ITEMS = 3000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int queue[ROOM], first, length, produced;
static long sum;

static void put(int item)
{
    pthread_mutex_lock(&mutex);
    while (length == ROOM)
        CHECK(pthread_cond_wait(&not_full, &mutex) == 0);
    queue[(first + length++) % ROOM] = item;
    pthread_mutex_unlock(&mutex);
    CHECK(pthread_cond_signal(&not_empty) == 0);
}

static void take(void)
{
    pthread_mutex_lock(&mutex);
    while (length == 0)
        CHECK(pthread_cond_wait(&not_empty, &mutex) == 0);
    sum += queue[first];
    first = (first + 1) % ROOM;
    length--;
    CHECK(pthread_cond_signal(&not_full) == 0);
    pthread_mutex_unlock(&mutex);
}

static struct timespec in_20_ms(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += 20000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

static int is_past(struct timespec time, clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec > time.tv_sec || (now.tv_sec == time.tv_sec && now.tv_nsec >= time.tv_nsec);
}

int main(void)
{
    /* Half of the threads put, half take; one alone does both in turn. */
    #pragma omp parallel num_threads(4)
    {
        int me = omp_get_thread_num(), threads = omp_get_num_threads();
        if (threads < 4) {
            #pragma omp masked
            for (int i = 1; i <= ITEMS; i++) {
                put(i);
                take();
            }
        } else if (me % 2 == 0) {
            for (int item; (item = tick(&produced) + 1) <= ITEMS;)
                put(item);
        } else {
            for (int i = 0; i < ITEMS / 2; i++)
                take();
        }
    }
    CHECK(sum == (long)ITEMS * (ITEMS + 1) / 2 && length == 0);

    /* Turns, by a broadcast to all. The last thread to see the end may find the variable's memory used for something else. */
    for (int round = 0; round < 30; round++) {
        int turn = 0;
        pthread_cond_t changed;
        CHECK(pthread_cond_init(&changed, NULL) == 0);
        #pragma omp parallel
        {
            int me = omp_get_thread_num(), threads = omp_get_num_threads();
            pthread_mutex_lock(&mutex);
            for (int i = 0; i < 10; i++) {
                while (turn % threads != me)
                    pthread_cond_wait(&changed, &mutex);
                turn++;
                pthread_cond_broadcast(&changed);
            }
            pthread_mutex_unlock(&mutex);
        }
        CHECK(turn % 10 == 0);
        CHECK(pthread_cond_destroy(&changed) == 0);
    }

    pthread_condattr_t attributes;
    clockid_t clock;
    pthread_cond_t monotonic;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_condattr_getclock(&attributes, &clock) == 0 && clock == CLOCK_MONOTONIC);
    CHECK(pthread_cond_init(&monotonic, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
    pthread_mutex_lock(&mutex);
    struct timespec deadline = in_20_ms(CLOCK_MONOTONIC);
    int result;
    while ((result = pthread_cond_timedwait(&monotonic, &mutex, &deadline)) == 0) {
    }
    CHECK(result == ETIMEDOUT && is_past(deadline, CLOCK_MONOTONIC));
    deadline = in_20_ms(CLOCK_REALTIME);
    while ((result = pthread_cond_timedwait(&not_full, &mutex, &deadline)) == 0) {
    }
    CHECK(result == ETIMEDOUT && is_past(deadline, CLOCK_REALTIME));
    CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
    pthread_mutex_unlock(&mutex);
    CHECK(pthread_cond_destroy(&monotonic) == 0);
    return check_result("pthread_cond");
}
