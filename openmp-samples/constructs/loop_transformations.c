/*
 * loop_transformations: `tile` and `unroll` change the order of iterations
 * and nothing else, and what they make can be distributed.
 */
#include "check.h"
#include <omp.h>
#include <string.h>

enum { ROWS = 23, COLUMNS = 17 };
static int counts[ROWS][COLUMNS], order[ROWS][COLUMNS];

static void expect(int each)
{
    CHECK(all_equal(&counts[0][0], ROWS * COLUMNS, each));
    memset(counts, 0, sizeof counts);
}

/* The number of iteration (i, j) when tiles of 5 by 4 are executed one after the other. */
static int number_in_tiles(int i, int j)
{
    const int row = i / 5 * 5, column = j / 4 * 4;
    const int height = row + 5 > ROWS ? ROWS - row : 5, width = column + 4 > COLUMNS ? COLUMNS - column : 4;
    return row * COLUMNS + height * column + (i - row) * width + (j - column);
}

int main(void)
{
    int count = 0, sum = 0;

    #pragma omp tile sizes(5, 4)
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            order[i][j] = count++;
            counts[i][j]++;
        }
    expect(1);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            CHECK(order[i][j] == number_in_tiles(i, j));

    #pragma omp parallel for collapse(2) schedule(dynamic)
    #pragma omp tile sizes(5, 4)
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            tick(&counts[i][j]);
    expect(1);

    #pragma omp parallel for reduction(+ : sum) schedule(static, 1)
    #pragma omp tile sizes(3)
    for (int i = ROWS - 1; i >= 0; i -= 2)
        sum += i;
    CHECK(sum == 12 * 11);

    #pragma omp unroll full
    for (int i = 0; i < 7; i++)
        for (int j = 0; j < COLUMNS; j++)
            counts[i][j]++;
    #pragma omp unroll partial(4)
    for (int i = 7; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            counts[i][j]++;
    expect(1);

    #pragma omp parallel for schedule(static, 2)
    #pragma omp unroll partial(3)
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            counts[i][j]++;
    expect(1);

    #pragma omp parallel
    {
        #pragma omp for nowait
        #pragma omp unroll partial
        for (unsigned i = 0; i < ROWS; i++) {
            #pragma omp unroll
            for (int j = 0; j < COLUMNS; j++)
                tick(&counts[i][j]);
        }
    }
    expect(1);
    return check_result("loop_transformations");
}
