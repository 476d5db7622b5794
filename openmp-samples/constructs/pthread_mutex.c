/*
 * pthread_mutex: mutexes of POSIX threads, of each type, between the threads of
 * a team.
 */
#include "check.h"
#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <time.h>

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
static long counter;

static void count(int times, pthread_mutex_t *mutex)
{
    for (int i = 0; i < times; i++) {
        CHECK(pthread_mutex_lock(mutex) == 0);
        counter++;
        CHECK(pthread_mutex_unlock(mutex) == 0);
    }
}

static void make(pthread_mutex_t *mutex, int type)
{
    pthread_mutexattr_t attributes;
    int set = -1;
    CHECK(pthread_mutexattr_init(&attributes) == 0);
    CHECK(pthread_mutexattr_settype(&attributes, type) == 0);
    CHECK(pthread_mutexattr_gettype(&attributes, &set) == 0 && set == type);
    CHECK(pthread_mutex_init(mutex, &attributes) == 0);
    CHECK(pthread_mutexattr_destroy(&attributes) == 0);
}

int main(void)
{
    int threads = 0;
    #pragma omp parallel
    {
        tick(&threads);
        count(5000, &plain);
    }
    CHECK(counter == 5000L * threads);

    pthread_mutex_t recursive, checked;
    make(&recursive, PTHREAD_MUTEX_RECURSIVE);
    make(&checked, PTHREAD_MUTEX_ERRORCHECK);
    counter = 0;
    #pragma omp parallel
    for (int i = 0; i < 500; i++) {
        CHECK(pthread_mutex_lock(&recursive) == 0);
        CHECK(pthread_mutex_trylock(&recursive) == 0);
        count(2, &recursive);
        CHECK(pthread_mutex_unlock(&recursive) == 0);
        CHECK(pthread_mutex_unlock(&recursive) == 0);
    }
    CHECK(counter == 1000L * threads);
    CHECK(pthread_mutex_destroy(&recursive) == 0);

    CHECK(pthread_mutex_unlock(&checked) == EPERM);
    CHECK(pthread_mutex_lock(&checked) == 0);
    CHECK(pthread_mutex_lock(&checked) == EDEADLK);
    CHECK(pthread_mutex_trylock(&checked) == EBUSY);
    CHECK(pthread_mutex_unlock(&checked) == 0);
    counter = 0;
    #pragma omp parallel
    count(1000, &checked);
    CHECK(counter == 1000L * threads);
    CHECK(pthread_mutex_destroy(&checked) == 0);

    /* One thread holds it; the others neither get it nor wait longer than they said. */
    int held = 0, busy = 0, late = 0, members = 1;
    #pragma omp parallel num_threads(3)
    {
        if (omp_get_thread_num() == 0) {
            members = omp_get_num_threads();
            held = pthread_mutex_lock(&plain) == 0;
        }
        #pragma omp barrier
        if (omp_get_thread_num() != 0) {
            if (pthread_mutex_trylock(&plain) == EBUSY)
                tick(&busy);
            struct timespec start, deadline, end;
            clock_gettime(CLOCK_REALTIME, &start);
            deadline = start;
            deadline.tv_nsec += 20000000;
            if (deadline.tv_nsec >= 1000000000) {
                deadline.tv_sec++;
                deadline.tv_nsec -= 1000000000;
            }
            int result = pthread_mutex_timedlock(&plain, &deadline);
            clock_gettime(CLOCK_REALTIME, &end);
            if (result == ETIMEDOUT && (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec) >= 0.02)
                tick(&late);
        }
        #pragma omp barrier
        if (omp_get_thread_num() == 0)
            pthread_mutex_unlock(&plain);
    }
    CHECK(held && busy == members - 1 && late == members - 1);
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 100;
    CHECK(pthread_mutex_timedlock(&plain, &deadline) == 0);
    CHECK(pthread_mutex_unlock(&plain) == 0);
    CHECK(pthread_mutex_destroy(&plain) == 0);
    return check_result("pthread_mutex");
}
