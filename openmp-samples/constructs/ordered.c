/*
 * ordered: the ordered regions of a loop are executed in the order of its
 * iterations, whatever the schedule is.
 */
#include "check.h"
#include <omp.h>

enum { N = 60 };
static int order[N], count;

#define PRAGMA(text) _Pragma(#text)

#define TEST(schedule_clause)                                   \
    do {                                                        \
        count = 0;                                              \
        PRAGMA(omp parallel for ordered schedule_clause)        \
        for (int i = 0; i < N; i++) {                           \
            for (volatile int work = i * 37 % 50; work > 0;)    \
                work--;                                         \
            PRAGMA(omp ordered)                                 \
            order[count++] = i;                                 \
        }                                                       \
        CHECK(count == N);                                      \
        for (int i = 0; i < N; i++)                             \
            CHECK(order[i] == i);                               \
    } while (0)

/* The region may be in a function, and an iteration may do without it. */
static void append(int i)
{
    #pragma omp ordered
    order[count++] = i;
}

int main(void)
{
    for (int round = 0; round < 5; round++) {
        TEST(schedule(static));
        TEST(schedule(static, 1));
        TEST(schedule(static, 7));
        TEST(schedule(dynamic));
        TEST(schedule(dynamic, 4));
        TEST(schedule(guided));
        TEST(schedule(guided, 3));
        TEST(schedule(auto));
        TEST(schedule(runtime));
    }

    count = 0;
    #pragma omp parallel for ordered schedule(dynamic, 2)
    for (int i = N - 1; i >= 0; i--)
        if (i % 3 == 0)
            append(i);
    CHECK(count == N / 3);
    for (int i = 0; i < N / 3; i++)
        CHECK(order[i] == N - 3 - 3 * i);

    #pragma omp parallel for ordered schedule(dynamic)
    for (int i = 0; i < 10; i++) {
        #pragma omp ordered
        printf("%d%c", i * i, i < 9 ? ' ' : '\n');
    }
    return check_result("ordered");
}
