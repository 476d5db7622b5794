/*
 * nest_locks: the thread that holds a nestable lock can take it again, and
 * sets it free with as many calls.
 */
#include "check.h"
#include <omp.h>

static omp_nest_lock_t lock;
static long counter;
static int inside;

static void descend(int depth)
{
    omp_set_nest_lock(&lock);
    counter++;
    if (depth == 0)
        CHECK(inside == omp_get_thread_num());
    else
        descend(depth - 1);
    omp_unset_nest_lock(&lock);
}

int main(void)
{
    omp_init_nest_lock(&lock);
    int threads = 0;

    #pragma omp parallel
    {
        tick(&threads);
        for (int i = 0; i < 100; i++) {
            omp_set_nest_lock(&lock);
            inside = omp_get_thread_num();
            descend(9);
            CHECK(inside == omp_get_thread_num());
            omp_unset_nest_lock(&lock);
        }
    }
    CHECK(counter == 1000L * threads);

    /* omp_test_nest_lock returns the nesting count, or 0. */
    CHECK(omp_test_nest_lock(&lock) == 1);
    CHECK(omp_test_nest_lock(&lock) == 2);
    omp_set_nest_lock(&lock);
    CHECK(omp_test_nest_lock(&lock) == 4);
    omp_unset_nest_lock(&lock);
    CHECK(omp_test_nest_lock(&lock) == 4);
    for (int i = 0; i < 4; i++)
        omp_unset_nest_lock(&lock);
    CHECK(omp_test_nest_lock(&lock) == 1);
    omp_unset_nest_lock(&lock);

    int failures = 0;
    #pragma omp parallel num_threads(4)
    {
        if (omp_get_thread_num() == 1) {
            omp_set_nest_lock(&lock);
            omp_set_nest_lock(&lock);
            omp_unset_nest_lock(&lock); /* still held, once */
        }
        #pragma omp barrier
        if (omp_get_thread_num() != 1 && omp_test_nest_lock(&lock) == 0)
            tick(&failures);
        #pragma omp barrier
        if (omp_get_thread_num() == 1)
            omp_unset_nest_lock(&lock);
    }
    CHECK(failures == 3);
    omp_destroy_nest_lock(&lock);

#ifdef __clang__ /* gcc 12 declares this function, but does not have it */
    omp_init_nest_lock_with_hint(&lock, omp_sync_hint_contended);
#else
    omp_init_nest_lock(&lock);
#endif
    #pragma omp parallel num_threads(3)
    for (int i = 0; i < 100; i++) {
        omp_set_nest_lock(&lock);
        counter++;
        omp_unset_nest_lock(&lock);
    }
    omp_destroy_nest_lock(&lock);
    CHECK(counter == 1000L * threads + 300);
    return check_result("nest_locks");
}
