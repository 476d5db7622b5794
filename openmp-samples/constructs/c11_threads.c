/*
 * c11_threads: the threads, mutexes, condition variables and thread-specific
 * values of C11, also between the threads of a team.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>
#include <threads.h>
#include <time.h>

static once_flag flag = ONCE_FLAG_INIT;
static mtx_t mutex;
static cnd_t changed;
static tss_t key;
static int initialized, destroyed, turn, counter;

static void initialize(void)
{
    initialized++;
    CHECK(mtx_init(&mutex, mtx_plain) == thrd_success);
    CHECK(cnd_init(&changed) == thrd_success);
}

static void destroy(void *value)
{
    CHECK(value == &counter);
    tick(&destroyed);
}

static void take_turns(int me, int threads)
{
    CHECK(mtx_lock(&mutex) == thrd_success);
    for (int i = 0; i < 50; i++) {
        while (turn % threads != me)
            CHECK(cnd_wait(&changed, &mutex) == thrd_success);
        turn++;
        CHECK(cnd_broadcast(&changed) == thrd_success);
    }
    CHECK(mtx_unlock(&mutex) == thrd_success);
}

static int start(void *argument)
{
    int me = (int)(intptr_t)argument;
    call_once(&flag, initialize);
    CHECK(tss_get(key) == NULL && tss_set(key, &counter) == thrd_success);
    take_turns(me, 4);
    CHECK(tss_get(key) == &counter);
    if (me == 2)
        thrd_exit(-me);
    return -me;
}

static int leave(void *argument)
{
    return argument != NULL;
}

int main(void)
{
    thrd_t threads[4];
    CHECK(tss_create(&key, destroy) == thrd_success);
    for (intptr_t i = 0; i < 4; i++)
        CHECK(thrd_create(&threads[i], start, (void *)i) == thrd_success);
    for (int i = 0; i < 4; i++) {
        int result = 1;
        CHECK(thrd_join(threads[i], &result) == thrd_success && result == -i);
    }
    CHECK(turn == 200 && initialized == 1 && destroyed == 4);
    tss_delete(key);

    turn = 0;
    #pragma omp parallel
    {
        call_once(&flag, initialize);
        take_turns(omp_get_thread_num(), omp_get_num_threads());
        CHECK(thrd_equal(thrd_current(), thrd_current()));
        thrd_yield();
    }
    CHECK(turn % 50 == 0 && initialized == 1);

    struct timespec deadline;
    timespec_get(&deadline, TIME_UTC);
    CHECK(mtx_lock(&mutex) == thrd_success && mtx_trylock(&mutex) == thrd_busy);
    int result;
    while ((result = cnd_timedwait(&changed, &mutex, &deadline)) == thrd_success) {
    }
    CHECK(result == thrd_timedout && cnd_signal(&changed) == thrd_success);
    CHECK(mtx_unlock(&mutex) == thrd_success);

    mtx_t recursive;
    CHECK(mtx_init(&recursive, mtx_recursive | mtx_timed) == thrd_success);
    CHECK(mtx_lock(&recursive) == thrd_success && mtx_timedlock(&recursive, &deadline) == thrd_success);
    CHECK(mtx_unlock(&recursive) == thrd_success && mtx_unlock(&recursive) == thrd_success);
    mtx_destroy(&recursive);
    cnd_destroy(&changed);
    mtx_destroy(&mutex);

    thrd_t left_alone;
    CHECK(thrd_create(&left_alone, leave, NULL) == thrd_success && thrd_detach(left_alone) == thrd_success);
    struct timespec nap = {0, 1000000};
    CHECK(thrd_sleep(&nap, NULL) == 0);
    return check_result("c11_threads");
}
