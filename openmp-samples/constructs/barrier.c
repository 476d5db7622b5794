/*
 * barrier: no thread goes on before all have arrived, and what they wrote
 * before it can be read after it.
 */
#include "check.h"
#include <omp.h>

enum { ROUNDS = 400, MOST = 64 };
static int value[MOST];

int main(void)
{
    int arrived = 0;

    #pragma omp parallel
    {
        const int n = omp_get_num_threads(), me = omp_get_thread_num();
        for (int round = 1; round <= ROUNDS; round++) {
            if (me < MOST)
                value[me] = round * 100 + me;
            tick(&arrived);
            #pragma omp barrier
            CHECK(__atomic_load_n(&arrived, __ATOMIC_RELAXED) == n * round);
            for (int i = 0; i < n && i < MOST; i++)
                CHECK(value[i] == round * 100 + i);
            #pragma omp barrier
        }
    }
    CHECK(arrived == omp_get_max_threads() * ROUNDS);

    /* Teams of many sizes, one after the other. */
    for (int round = 0; round < 10; round++)
        for (int n = 1; n <= 8; n++) {
            int before = 0, after = 0;
            #pragma omp parallel num_threads(n)
            {
                tick(&before);
                #pragma omp barrier
                CHECK(__atomic_load_n(&before, __ATOMIC_RELAXED) == n);
                #pragma omp barrier
                tick(&after);
                #pragma omp barrier
                CHECK(__atomic_load_n(&after, __ATOMIC_RELAXED) == n);
            }
            CHECK(after == n);
        }

    /* The end of a region is a barrier too. */
    for (int round = 0; round < 300; round++) {
        int done[8] = {0};
        #pragma omp parallel num_threads(8)
        done[omp_get_thread_num()] = 1;
        CHECK(all_equal(done, 8, 1));
    }
    return check_result("barrier");
}
