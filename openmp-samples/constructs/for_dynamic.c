/*
 * for_dynamic: schedule(dynamic, c) hands chunks of c iterations to the
 * threads that ask for them; each chunk goes to one thread.
 */
#include "check.h"
#include <omp.h>

enum { MOST = 1000 };

static void test(int n, int chunk)
{
    int count[MOST] = {0}, owner[MOST];
    #pragma omp parallel
    {
        #pragma omp for schedule(dynamic, chunk)
        for (int i = 0; i < n; i++) {
            tick(&count[i]);
            owner[i] = omp_get_thread_num();
        }
        CHECK(all_equal(count, n, 1));
    }
    for (int i = 1; i < n; i++)
        CHECK(i % chunk == 0 || owner[i] == owner[i - 1]);
}

/* Several loops in a row, which threads may be in at the same time. */
static void test_nowait(void)
{
    int count[6][MOST] = {{0}};
    #pragma omp parallel
    for (int loop = 0; loop < 6; loop++) {
        #pragma omp for schedule(dynamic, 5) nowait
        for (int i = 0; i < MOST; i++)
            tick(&count[loop][i]);
    }
    CHECK(all_equal(count[0], 6 * MOST, 1));
}

/* Threads that are held up leave the work to the others. */
static void test_balance(void)
{
    int done = 0, others = 0;
    #pragma omp parallel num_threads(2)
    {
        #pragma omp for schedule(dynamic, 1)
        for (int i = 0; i < 50; i++) {
            if (i == 0)
                while (__atomic_load_n(&done, __ATOMIC_RELAXED) < 49)
                    ;
            else
                tick(&others);
            tick(&done);
        }
    }
    CHECK(done == 50 && others == 49);
}

int main(void)
{
    static const int sizes[] = {0, 1, 2, 3, 7, 8, 9, 100, 999, MOST};
    static const int chunks[] = {1, 2, 3, 10, 2000};
    for (int i = 0; i < 10; i++)
        for (int j = 0; j < 5; j++)
            test(sizes[i], chunks[j]);
    for (int round = 0; round < 10; round++) {
        test_nowait();
        test_balance();
    }
    return check_result("for_dynamic");
}
