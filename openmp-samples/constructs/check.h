/*
 * check.h: how the programs in this folder check what a construct did.
 *
 * CHECK and tick may be called by any number of threads at a time. They rely
 * on the compiler's atomic builtins only, not on a construct under test.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static int check_failures;

#define CHECK(condition) check_that(!!(condition), #condition, __LINE__)

static inline void check_that(int holds, const char *condition, int line)
{
    if (!holds && __atomic_fetch_add(&check_failures, 1, __ATOMIC_RELAXED) < 10)
        printf("line %d fails: %s\n", line, condition);
}

/* Counts an event, and returns how many there were before. */
static inline int tick(int *counter)
{
    return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* Whether each of n counters is at the value. */
static inline int all_equal(const int *counters, int n, int value)
{
    for (int i = 0; i < n; i++)
        if (counters[i] != value)
            return 0;
    return 1;
}

/* The last line of output, and the exit status. */
static inline int check_result(const char *name)
{
    if (check_failures)
        printf("%s: %d checks failed\n", name, check_failures);
    else
        printf("%s: ok\n", name);
    return check_failures != 0;
}

#endif
