/*
 * doacross_sinks: sinks outside of the iteration space are ignored, on every
 * side of it; and loops with very many iterations.
 */
#include "check.h"
#include <omp.h>
#include <string.h>

enum { ROWS = 19, COLUMNS = 31 };
static int grid[ROWS][COLUMNS];

static int is_done(int i, int j)
{
    return i < 0 || j < 0 || i >= ROWS || j >= COLUMNS || __atomic_load_n(&grid[i][j], __ATOMIC_RELAXED);
}

static void be_done(int i, int j)
{
    __atomic_store_n(&grid[i][j], 1, __ATOMIC_RELAXED);
}

#define PRAGMA(text) _Pragma(#text)

#define TEST(clauses)                                                         \
    do {                                                                      \
        memset(grid, 0, sizeof grid);                                         \
        PRAGMA(omp parallel for ordered(2) clauses)                           \
        for (int i = 0; i < ROWS; i++)                                        \
            for (int j = 0; j < COLUMNS; j++) {                               \
                PRAGMA(omp ordered depend(sink: i - 1, j + 1) depend(sink: i - 1, j - 2) \
                           depend(sink: i - 3, j + 7) depend(sink: i, j - 1)) \
                CHECK(is_done(i - 1, j + 1) && is_done(i - 1, j - 2));        \
                CHECK(is_done(i - 3, j + 7) && is_done(i, j - 1));            \
                be_done(i, j);                                                \
                PRAGMA(omp ordered depend(source))                            \
            }                                                                 \
        CHECK(all_equal(&grid[0][0], ROWS * COLUMNS, 1));                     \
    } while (0)

/* As many iterations as there are, each of which takes part in the waiting; what they share is a count. */
static void many(void)
{
    enum { MANY = 3000000 };
    int count = 0;
    #pragma omp parallel for ordered(1) schedule(static)
    for (int i = 0; i < MANY; i++) {
        #pragma omp ordered depend(sink: i - 1)
        count++;
        #pragma omp ordered depend(source)
    }
    CHECK(count == MANY);

    #pragma omp parallel for ordered(2) schedule(static)
    for (int i = 0; i < MANY / 2; i++)
        for (int j = 0; j < 2; j++) {
            #pragma omp ordered depend(sink: i - 1, j + 1) depend(sink: i, j - 1)
            if (j == 0)
                count--;
            #pragma omp ordered depend(source)
        }
    CHECK(count == MANY / 2);
}

int main(void)
{
    TEST(schedule(static));
    TEST(schedule(static, 1));
    TEST(schedule(static, 2));
    TEST(schedule(dynamic));
    TEST(schedule(dynamic, 3));
    TEST(schedule(guided));
    TEST(schedule(runtime));
    TEST(collapse(2) schedule(static));
    TEST(collapse(2) schedule(static, 1));
    TEST(collapse(2) schedule(dynamic, 4));
    many();
    return check_result("doacross_sinks");
}
