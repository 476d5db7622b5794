/*
 * for_static_chunked: schedule(static, c) deals chunks of c iterations out to
 * the threads in turn, in the order of their numbers.
 */
#include "check.h"
#include <omp.h>

enum { MOST = 500 };

static void test(int n, int chunk)
{
    int count[MOST] = {0};
    #pragma omp parallel for schedule(static, chunk)
    for (int i = 0; i < n; i++) {
        tick(&count[i]);
        CHECK(omp_get_thread_num() == i / chunk % omp_get_num_threads());
    }
    CHECK(all_equal(count, n, 1));
    CHECK(all_equal(count + n, MOST - n, 0));
}

int main(void)
{
    static const int sizes[] = {0, 1, 2, 7, 8, 100, 499, MOST};
    static const int chunks[] = {1, 2, 3, 16, 333, 10000};
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 6; j++)
            test(sizes[i], chunks[j]);

    /* The chunk is a constant here, and the loop runs downwards by threes. */
    int count[100] = {0};
    #pragma omp parallel for schedule(static, 4)
    for (int i = 99; i >= 0; i -= 3) {
        tick(&count[i]);
        CHECK(omp_get_thread_num() == (99 - i) / 3 / 4 % omp_get_num_threads());
    }
    for (int i = 0; i < 100; i++)
        CHECK(count[i] == (i % 3 == 0));
    return check_result("for_static_chunked");
}
