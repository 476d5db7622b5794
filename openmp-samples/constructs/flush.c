/*
 * flush: a message goes round the threads as an ordinary variable beside a
 * flag; flushes and an atomically accessed flag order the two.
 */
#include "check.h"
#include <omp.h>
#include <sched.h>

enum { ROUNDS = 60, WORDS = 8 };
static int message[WORDS], turn;

/* Waits until the flag has the value, without ordering anything else. */
static void await(const int *flag, int value)
{
    for (;;) {
        int seen;
        #pragma omp atomic read relaxed
        seen = *flag;
        if (seen == value)
            return;
        sched_yield();
    }
}

static void change_message(int from)
{
    for (int i = 0; i < WORDS; i++) {
        CHECK(message[i] == from + i);
        message[i]++;
    }
}

static void set(int *flag, int value)
{
    #pragma omp atomic write relaxed
    *flag = value;
}

static void reset(void)
{
    turn = 0;
    for (int i = 0; i < WORDS; i++)
        message[i] = i;
}

int main(void)
{
    reset();
    #pragma omp parallel
    for (int round = 0; round < ROUNDS; round++) {
        const int mine = round * omp_get_num_threads() + omp_get_thread_num();
        await(&turn, mine);
        #pragma omp flush
        change_message(mine);
        #pragma omp flush
        set(&turn, mine + 1);
    }
    CHECK(turn == ROUNDS * omp_get_max_threads());

    reset();
    #pragma omp parallel
    for (int round = 0; round < ROUNDS; round++) {
        const int mine = round * omp_get_num_threads() + omp_get_thread_num();
        await(&turn, mine);
        #pragma omp flush acquire
        change_message(mine);
        #pragma omp flush release
        set(&turn, mine + 1);
    }
    CHECK(turn == ROUNDS * omp_get_max_threads());

    reset();
    #pragma omp parallel
    for (int round = 0; round < ROUNDS; round++) {
        const int mine = round * omp_get_num_threads() + omp_get_thread_num();
        await(&turn, mine);
        #pragma omp flush acq_rel
        change_message(mine);
        #pragma omp atomic write release
        turn = mine + 1;
    }
    CHECK(turn == ROUNDS * omp_get_max_threads());
    return check_result("flush");
}
