/*
 * atomic_default_order: requires says how strong atomics without a clause are;
 * a message that is passed with them arrives.
 */
#include "check.h"
#include <omp.h>
#include <sched.h>

#pragma omp requires atomic_default_mem_order(acq_rel)

enum { ROUNDS = 200, WORDS = 8 };
static int message[WORDS], turn;

int main(void)
{
    int handed_on = 0;
    #pragma omp parallel reduction(+ : handed_on)
    for (int round = 0; round < ROUNDS; round++) {
        const int mine = round * omp_get_num_threads() + omp_get_thread_num();
        for (int seen = -1; seen != mine; sched_yield()) {
            #pragma omp atomic read
            seen = turn;
        }
        for (int i = 0; i < WORDS; i++)
            CHECK(message[i]++ == mine);
        handed_on++;
        #pragma omp atomic write
        turn = mine + 1;
    }
    CHECK(handed_on == turn && message[0] == turn && handed_on >= ROUNDS);
    return check_result("atomic_default_order");
}
