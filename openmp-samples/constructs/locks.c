/*
 * locks: simple locks exclude threads from each other; omp_test_lock takes a
 * lock only if it is free.
 */
#include "check.h"
#include <omp.h>

enum { ROUNDS = 200, ACCOUNTS = 8 };

static void test_exclusion(omp_lock_t *lock)
{
    int inside = 0, threads = 0;
    long counter = 0;
    #pragma omp parallel
    {
        tick(&threads);
        for (int i = 0; i < ROUNDS; i++) {
            omp_set_lock(lock);
            CHECK(tick(&inside) == 0);
            counter++;
            __atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
            omp_unset_lock(lock);
        }
        for (int taken = 0; taken < ROUNDS / 10;)
            if (omp_test_lock(lock)) {
                CHECK(tick(&inside) == 0);
                counter++;
                taken++;
                __atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
                omp_unset_lock(lock);
            }
    }
    CHECK(counter == (ROUNDS + ROUNDS / 10) * threads);
}

/* While one thread holds the lock, nobody else can take it. */
static void test_test(omp_lock_t *lock)
{
    int failures = 0;
    #pragma omp parallel num_threads(4)
    {
        #pragma omp masked
        CHECK(omp_test_lock(lock));
        #pragma omp barrier
        if (omp_get_thread_num() != 0 && !omp_test_lock(lock))
            tick(&failures);
        #pragma omp barrier
        #pragma omp masked
        omp_unset_lock(lock);
    }
    CHECK(failures == 3);
    CHECK(omp_test_lock(lock));
    omp_unset_lock(lock);
}

/* Two locks at a time, taken in the order of their numbers. */
static void test_transfers(void)
{
    omp_lock_t locks[ACCOUNTS];
    int balance[ACCOUNTS];
    for (int i = 0; i < ACCOUNTS; i++) {
        omp_init_lock(&locks[i]);
        balance[i] = 100;
    }
    #pragma omp parallel for schedule(static, 1)
    for (int i = 0; i < 2000; i++) {
        const int from = i * 5 % ACCOUNTS, to = (from + 1 + i % (ACCOUNTS - 1)) % ACCOUNTS;
        omp_set_lock(&locks[from < to ? from : to]);
        omp_set_lock(&locks[from < to ? to : from]);
        balance[from] -= i % 9;
        balance[to] += i % 9;
        omp_unset_lock(&locks[from]);
        omp_unset_lock(&locks[to]);
    }
    int sum = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
        sum += balance[i];
        omp_destroy_lock(&locks[i]);
    }
    CHECK(sum == 100 * ACCOUNTS);
}

int main(void)
{
    omp_lock_t lock;
    omp_init_lock(&lock);
    test_exclusion(&lock);
    test_test(&lock);
    omp_destroy_lock(&lock);
#ifdef __clang__ /* gcc 12 declares this function, but does not have it */
    static const omp_lock_hint_t hints[] = {omp_sync_hint_none, omp_sync_hint_uncontended,
                                            omp_sync_hint_contended,
                                            omp_sync_hint_nonspeculative};
    for (int i = 0; i < 4; i++) {
        omp_init_lock_with_hint(&lock, hints[i]);
        test_exclusion(&lock);
        test_test(&lock);
        omp_destroy_lock(&lock);
    }
#endif
    test_transfers();
    return check_result("locks");
}
