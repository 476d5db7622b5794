/*
 * for_guided: schedule(guided, c) hands out chunks that shrink with the
 * number of iterations left, down to c.
 */
#include "check.h"
#include <omp.h>

enum { MOST = 2000 };

static void test(int n, int chunk)
{
    int count[MOST] = {0}, owner[MOST];
    #pragma omp parallel
    {
        #pragma omp for schedule(guided, chunk)
        for (int i = 0; i < n; i++) {
            tick(&count[i]);
            owner[i] = omp_get_thread_num();
        }
        CHECK(all_equal(count, n, 1));
    }
    /* No thread's run of iterations is shorter than c, but for the last one. */
    for (int i = 0, begin = 0; i < n; i++)
        if (i > 0 && owner[i] != owner[i - 1]) {
            CHECK(i - begin >= chunk);
            begin = i;
        }
}

int main(void)
{
    static const int sizes[] = {0, 1, 2, 3, 7, 8, 9, 100, 1999, MOST};
    static const int chunks[] = {1, 2, 7, 50, 3000};
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < 10; i++)
            for (int j = 0; j < 5; j++)
                test(sizes[i], chunks[j]);

    int count[300] = {0};
    #pragma omp parallel
    for (int loop = 0; loop < 3; loop++) {
        #pragma omp for schedule(guided) nowait
        for (int i = 0; i < 100; i++)
            tick(&count[loop * 100 + i]);
    }
    CHECK(all_equal(count, 300, 1));
    return check_result("for_guided");
}
