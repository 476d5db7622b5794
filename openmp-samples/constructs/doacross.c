/*
 * doacross: an iteration waits for those that its sinks name, whatever the
 * schedule is; nests of loops, in any direction and of any type.
 */
#include "check.h"
#include <omp.h>
#include <string.h>

#define PRAGMA(text) _Pragma(#text)

enum { N = 200, ROWS = 23, COLUMNS = 37, PLANES = 7 };
static int done[N], grid[ROWS][COLUMNS], cube[PLANES][ROWS][COLUMNS];

static int is_done(const int *flag)
{
    return __atomic_load_n(flag, __ATOMIC_RELAXED);
}

static void be_done(int *flag)
{
    __atomic_store_n(flag, 1, __ATOMIC_RELAXED);
}

static void work(int i)
{
    for (volatile int k = i * 37 % 50; k > 0;)
        k--;
}

/* One loop: two sinks, of which the first iterations have fewer. */
#define LINE(clauses)                                                         \
    do {                                                                      \
        memset(done, 0, sizeof done);                                         \
        PRAGMA(omp parallel for ordered(1) clauses)                           \
        for (int i = 0; i < N; i++) {                                         \
            work(i);                                                          \
            PRAGMA(omp ordered depend(sink: i - 1) depend(sink: i - 5))       \
            CHECK(i < 1 || is_done(&done[i - 1]));                            \
            CHECK(i < 5 || is_done(&done[i - 5]));                            \
            be_done(&done[i]);                                                \
            PRAGMA(omp ordered depend(source))                                \
            work(i + 1);                                                      \
        }                                                                     \
        CHECK(all_equal(done, N, 1));                                         \
    } while (0)

/* A nest of two: left, up, and up to the right. */
#define GRID(clauses)                                                         \
    do {                                                                      \
        memset(grid, 0, sizeof grid);                                         \
        PRAGMA(omp parallel for ordered(2) clauses)                           \
        for (int i = 0; i < ROWS; i++)                                        \
            for (int j = 0; j < COLUMNS; j++) {                               \
                PRAGMA(omp ordered depend(sink: i, j - 1) depend(sink: i - 1, j)) \
                if (j + 1 < COLUMNS) {                                        \
                    PRAGMA(omp ordered depend(sink: i - 1, j + 1))            \
                    CHECK(i == 0 || is_done(&grid[i - 1][j + 1]));            \
                }                                                             \
                CHECK(j == 0 || is_done(&grid[i][j - 1]));                    \
                CHECK(i == 0 || is_done(&grid[i - 1][j]));                    \
                work(i + j);                                                  \
                be_done(&grid[i][j]);                                         \
                PRAGMA(omp ordered depend(source))                            \
            }                                                                 \
        CHECK(all_equal(&grid[0][0], ROWS * COLUMNS, 1));                     \
    } while (0)

/* Three loops; the diagonal neighbour alone. */
#define CUBE(clauses)                                                         \
    do {                                                                      \
        memset(cube, 0, sizeof cube);                                         \
        PRAGMA(omp parallel for ordered(3) clauses)                           \
        for (int i = 0; i < PLANES; i++)                                      \
            for (int j = 0; j < ROWS; j++)                                    \
                for (int k = 0; k < COLUMNS; k++) {                           \
                    PRAGMA(omp ordered depend(sink: i - 1, j - 1, k - 1))     \
                    CHECK(i == 0 || j == 0 || k == 0 || is_done(&cube[i - 1][j - 1][k - 1])); \
                    be_done(&cube[i][j][k]);                                  \
                    PRAGMA(omp ordered depend(source))                        \
                }                                                             \
        CHECK(all_equal(&cube[0][0][0], PLANES * ROWS * COLUMNS, 1));         \
    } while (0)

#define SCHEDULES(TEST)                                                       \
    do {                                                                      \
        TEST(schedule(static));                                               \
        TEST(schedule(static, 1));                                            \
        TEST(schedule(static, 7));                                            \
        TEST(schedule(dynamic));                                   \
        TEST(schedule(dynamic, 4));                                \
        TEST(schedule(guided));                                               \
        TEST(schedule(guided, 3));                                            \
        TEST(schedule(auto));                                                 \
        TEST(schedule(runtime));                                   \
    } while (0)

/* Downwards, not by one, unsigned, and of 64 bits far away from 0. */
static void directions(void)
{
    memset(done, 0, sizeof done);
    #pragma omp parallel for ordered(1) schedule(static, 3)
    for (int i = N - 1; i >= 0; i--) {
        #pragma omp ordered depend(sink: i + 2)
        CHECK(i + 2 >= N || is_done(&done[i + 2]));
        be_done(&done[i]);
        #pragma omp ordered depend(source)
    }
    CHECK(all_equal(done, N, 1));

    memset(grid, 0, sizeof grid);
    #pragma omp parallel for ordered(2) schedule(static, 1)
    for (unsigned i = ROWS - 1; i > 0; i -= 2)
        for (long long j = -3LL * COLUMNS; j < 0; j += 3) {
            const long long column = (j + 3LL * COLUMNS) / 3;
            #pragma omp ordered depend(sink: i + 2, j) depend(sink: i, j - 3)
            CHECK(i + 2 >= ROWS || is_done(&grid[i + 2][column]));
            CHECK(column == 0 || is_done(&grid[i][column - 1]));
            be_done(&grid[i][column]);
            #pragma omp ordered depend(source)
        }
    for (int i = 0; i < ROWS; i++)
        CHECK(all_equal(grid[i], COLUMNS, i != 0 && i % 2 == 0));

    const unsigned long long far = 1ull << 63;
    memset(done, 0, sizeof done);
    #pragma omp parallel for ordered(1) schedule(dynamic, 2)
    for (unsigned long long i = far; i < far + N; i++) {
        #pragma omp ordered depend(sink: i - 1)
        CHECK(i == far || is_done(&done[i - far - 1]));
        be_done(&done[i - far]);
        #pragma omp ordered depend(source)
    }
    CHECK(all_equal(done, N, 1));
}

/* Loops one behind the other without a barrier, of different sizes; nobody waits for iterations of another loop. */
static void one_after_another(void)
{
    enum { LOOPS = 25 };
    static int flags[LOOPS][N];
    #pragma omp parallel
    for (int loop = 0; loop < LOOPS; loop++) {
        const int n = loop * 53 % N;
        #pragma omp for ordered(1) schedule(static, 2) nowait
        for (int i = 0; i < n; i++) {
            if (i % 5 == loop % 5)
                work(i);
            #pragma omp ordered depend(sink: i - 1)
            CHECK(i == 0 || is_done(&flags[loop][i - 1]));
            be_done(&flags[loop][i]);
            #pragma omp ordered depend(source)
        }
    }
    for (int loop = 0; loop < LOOPS; loop++)
        CHECK(all_equal(flags[loop], loop * 53 % N, 1));
}

/* Iterations without a source, which no sink names; the source in the middle; a value that goes along. */
static void conditions(void)
{
    static long sums[N];
    memset(done, 0, sizeof done);
    #pragma omp parallel for ordered(1) schedule(static, 1)
    for (int i = 0; i < N; i++) {
        if (i % 4 == 0) {
            #pragma omp ordered depend(sink: i - 4)
            CHECK(i == 0 || is_done(&done[i - 4]));
            sums[i] = (i == 0 ? 0 : sums[i - 4]) + i;
            be_done(&done[i]);
            #pragma omp ordered depend(source)
        }
        work(i);
    }
    CHECK(sums[N - 4] == (long)(N / 4) * (N - 4) / 2);

    for (int threads = 1; threads < 6; threads++) {
        int count = 0;
        #pragma omp parallel for ordered(1) num_threads(threads) schedule(static, 1)
        for (int i = 0; i < N; i++) {
            #pragma omp ordered depend(sink: i - 1)
            CHECK(count++ == i);
            #pragma omp ordered depend(source)
        }
        CHECK(count == N);
    }
}

int main(void)
{
    SCHEDULES(LINE);
    SCHEDULES(GRID);
    SCHEDULES(CUBE);
    GRID(collapse(2) schedule(static));
    GRID(collapse(2) schedule(static, 5));
    GRID(collapse(2) schedule(dynamic, 3));
    CUBE(collapse(2) schedule(static, 2));
    CUBE(collapse(3) schedule(static));
    CUBE(collapse(2) schedule(guided, 2));
    GRID(if(0));
    directions();
    one_after_another();
    conditions();
    return check_result("doacross");
}
