/*
 * pthread_attributes: attributes that change nothing here, and waits with a
 * deadline that has passed.
 */
#define _GNU_SOURCE
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <time.h>

static void attributes(void)
{
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    pthread_rwlockattr_t rwlock;
    pthread_barrierattr_t barrier;
    CHECK(pthread_mutexattr_init(&mutex) == 0);
    CHECK(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_PRIVATE) == 0);
    CHECK(pthread_mutexattr_destroy(&mutex) == 0);
    CHECK(pthread_condattr_init(&condition) == 0);
    CHECK(pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_PRIVATE) == 0);
    CHECK(pthread_condattr_destroy(&condition) == 0);
    CHECK(pthread_rwlockattr_init(&rwlock) == 0);
    CHECK(pthread_rwlockattr_setpshared(&rwlock, PTHREAD_PROCESS_PRIVATE) == 0);
    CHECK(pthread_rwlockattr_destroy(&rwlock) == 0);
    CHECK(pthread_barrierattr_init(&barrier) == 0);
    CHECK(pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_PRIVATE) == 0);
    CHECK(pthread_barrierattr_destroy(&barrier) == 0);
}

static void deadlines(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
    struct timespec now, long_ago = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    #pragma omp parallel num_threads(2)
    {
        #pragma omp single
        {
            CHECK(pthread_mutex_lock(&mutex) == 0);
            CHECK(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &now) == ETIMEDOUT);
            CHECK(pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &now) == ETIMEDOUT);
            CHECK(pthread_mutex_unlock(&mutex) == 0);
        }
        /* The primary thread's, since only the thread that locked may unlock. */
        #pragma omp masked
        CHECK(pthread_rwlock_timedwrlock(&rwlock, &long_ago) == 0);
        #pragma omp barrier
        CHECK(pthread_rwlock_tryrdlock(&rwlock) != 0);
    }
    CHECK(pthread_rwlock_unlock(&rwlock) == 0);
    CHECK(pthread_rwlock_timedrdlock(&rwlock, &long_ago) == 0);
    CHECK(pthread_rwlock_timedwrlock(&rwlock, &long_ago) == ETIMEDOUT);
    CHECK(pthread_rwlock_unlock(&rwlock) == 0);
}

int main(void)
{
    attributes();
    deadlines();
    return check_result("pthread_attributes");
}
