/*
 * for_monotonic_nonmonotonic: with the monotonic modifier each thread executes
 * its chunks in increasing order; with nonmonotonic it need not.
 */
#include "check.h"
#include <omp.h>

enum { N = 700 };
static int count[N];

static void visit(int i, int *previous, int monotonic)
{
    tick(&count[i]);
    if (monotonic)
        CHECK(i > *previous);
    *previous = i;
}

#define PRAGMA(text) _Pragma(#text)
#define TEST(schedule_clause, monotonic)               \
    do {                                               \
        for (int i = 0; i < N; i++)                    \
            count[i] = 0;                              \
        PRAGMA(omp parallel)                           \
        {                                              \
            int previous = -1;                         \
            PRAGMA(omp for schedule_clause)            \
            for (int i = 0; i < N; i++)                \
                visit(i, &previous, monotonic);        \
        }                                              \
        CHECK(all_equal(count, N, 1));                 \
    } while (0)

int main(void)
{
    for (int round = 0; round < 5; round++) {
        TEST(schedule(monotonic : dynamic), 1);
        TEST(schedule(monotonic : dynamic, 4), 1);
        TEST(schedule(monotonic : guided), 1);
        TEST(schedule(monotonic : static, 3), 1);
        TEST(schedule(nonmonotonic : dynamic), 0);
        TEST(schedule(nonmonotonic : dynamic, 4), 0);
        TEST(schedule(nonmonotonic : guided), 0);

        omp_set_schedule(omp_sched_dynamic | omp_sched_monotonic, 2);
        TEST(schedule(runtime), 1);
        omp_set_schedule(omp_sched_dynamic, 2);
        TEST(schedule(nonmonotonic : runtime), 0);
        TEST(schedule(monotonic : runtime), 1);
    }
    return check_result("for_monotonic_nonmonotonic");
}
