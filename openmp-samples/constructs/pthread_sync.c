/*
 * pthread_sync: barriers, read-write locks, spin locks, once, keys and
 * semaphores of POSIX threads between the threads of a team.
 */
#include "check.h"
#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <time.h>

static int initialized;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void initialize(void)
{
    for (volatile int i = 0; i < 100000; i++) {
    }
    initialized++;
}

static void barriers(void)
{
    for (int round = 0; round < 20; round++) {
        pthread_barrier_t barrier;
        int arrived = 0, serial = 0, wrong = 0, count = 0;
        #pragma omp parallel
        {
            #pragma omp single
            {
                count = omp_get_num_threads();
                CHECK(pthread_barrier_init(&barrier, NULL, (unsigned)count) == 0);
            }
            for (int i = 1; i <= 5; i++) {
                tick(&arrived);
                int result = pthread_barrier_wait(&barrier);
                if (result == PTHREAD_BARRIER_SERIAL_THREAD)
                    tick(&serial);
                else if (result != 0)
                    tick(&wrong);
                if (__atomic_load_n(&arrived, __ATOMIC_RELAXED) < i * count)
                    tick(&wrong);
            }
        }
        CHECK(serial == 5 && wrong == 0 && arrived == 5 * count);
        CHECK(pthread_barrier_destroy(&barrier) == 0);
    }
}

static void read_write_locks(void)
{
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    long pair[2] = {0, 0};
    int threads = 0, torn = 0;
    #pragma omp parallel
    {
        tick(&threads);
        for (int i = 0; i < 1000; i++) {
            if (i % 10 == 0) {
                CHECK(pthread_rwlock_wrlock(&lock) == 0);
                pair[0]++;
                pair[1]++;
            } else {
                CHECK(pthread_rwlock_rdlock(&lock) == 0);
                if (pair[0] != pair[1])
                    tick(&torn);
            }
            CHECK(pthread_rwlock_unlock(&lock) == 0);
        }
    }
    CHECK(torn == 0 && pair[0] == 100L * threads);
    CHECK(pthread_rwlock_tryrdlock(&lock) == 0);
    CHECK(pthread_rwlock_tryrdlock(&lock) == 0);
    CHECK(pthread_rwlock_trywrlock(&lock) == EBUSY);
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_unlock(&lock);
    CHECK(pthread_rwlock_trywrlock(&lock) == 0);
    CHECK(pthread_rwlock_tryrdlock(&lock) == EBUSY);
    CHECK(pthread_rwlock_unlock(&lock) == 0);
    CHECK(pthread_rwlock_destroy(&lock) == 0 && pthread_rwlock_init(&lock, NULL) == 0);
    CHECK(pthread_rwlock_tryrdlock(&lock) == 0 && pthread_rwlock_unlock(&lock) == 0);
    CHECK(pthread_rwlock_destroy(&lock) == 0);
}

static void spin_locks(void)
{
    pthread_spinlock_t lock;
    CHECK(pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE) == 0);
    long counter = 0;
    int threads = 0;
    #pragma omp parallel
    {
        tick(&threads);
        for (int i = 0; i < 2000; i++) {
            pthread_spin_lock(&lock);
            counter++;
            pthread_spin_unlock(&lock);
        }
    }
    CHECK(counter == 2000L * threads);
    CHECK(pthread_spin_lock(&lock) == 0 && pthread_spin_trylock(&lock) == EBUSY);
    CHECK(pthread_spin_unlock(&lock) == 0 && pthread_spin_destroy(&lock) == 0);
}

static void keys(void)
{
    pthread_key_t key, other = 0;
    CHECK(pthread_key_create(&key, NULL) == 0 && pthread_key_create(&other, NULL) == 0);
    #pragma omp parallel
    {
        CHECK(pthread_getspecific(key) == NULL);
        CHECK(pthread_setspecific(key, (void *)(uintptr_t)(omp_get_thread_num() + 1)) == 0);
        #pragma omp barrier
        CHECK(pthread_getspecific(key) == (void *)(uintptr_t)(omp_get_thread_num() + 1));
        CHECK(pthread_getspecific(other) == NULL);
        CHECK(pthread_equal(pthread_self(), pthread_self()));
    }
    CHECK(pthread_key_delete(key) == 0);
    CHECK(pthread_key_create(&key, NULL) == 0);
    #pragma omp parallel
    CHECK(pthread_getspecific(key) == NULL);
    CHECK(pthread_key_delete(key) == 0 && pthread_key_delete(other) == 0);
}

static void semaphores(void)
{
    sem_t room, items;
    int value = 0, inside = 0, most = 0;
    CHECK(sem_init(&room, 0, 2) == 0 && sem_init(&items, 0, 0) == 0);
    #pragma omp parallel
    for (int i = 0; i < 300; i++) {
        CHECK(sem_wait(&room) == 0);
        int now = tick(&inside) + 1;
        if (now > 2)
            tick(&most);
        __atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
        CHECK(sem_post(&room) == 0);
    }
    CHECK(most == 0 && sem_getvalue(&room, &value) == 0 && value == 2);
    errno = 0;
    CHECK(sem_trywait(&items) == -1 && errno == EAGAIN);
    struct timespec past;
    clock_gettime(CLOCK_REALTIME, &past);
    past.tv_sec--;
    CHECK(sem_timedwait(&items, &past) == -1 && errno == ETIMEDOUT);
    /* Each thread lets the next one go. */
    #pragma omp parallel
    {
        if (omp_get_thread_num() == 0)
            sem_post(&items);
        sem_wait(&items);
        sem_post(&items);
    }
    CHECK(sem_trywait(&items) == 0 && sem_trywait(&items) == -1);
    CHECK(sem_destroy(&room) == 0 && sem_destroy(&items) == 0);
}

int main(void)
{
    #pragma omp parallel
    {
        CHECK(pthread_once(&once, initialize) == 0);
        CHECK(initialized == 1);
    }
    barriers();
    read_write_locks();
    spin_locks();
    keys();
    semaphores();
    return check_result("pthread_sync");
}
