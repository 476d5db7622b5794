/* flags: -fopenmp-version=52 */
/*
 * doacross_clause: the `doacross` clause of OpenMP 5.2, where `depend` stood
 * before.
 */
#include "check.h"

enum { ROWS = 30, COLUMNS = 40 };
static long long grid[ROWS][COLUMNS];

/* Paths from the corner to a cell. */
static long long paths(int row, int column)
{
    long long number = 1;
    for (int i = 1; i <= column; i++)
        number = number * (row + i) / i;
    return number;
}

static void clear(void)
{
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            grid[i][j] = i == 0 || j == 0;
}

int main(void)
{
    clear();
    #pragma omp parallel for ordered(2) schedule(static, 1) num_threads(3)
    for (int i = 1; i < ROWS; i++)
        for (int j = 1; j < COLUMNS; j++) {
            #pragma omp ordered doacross(sink : i - 1, j) doacross(sink : i, j - 1)
            grid[i][j] = grid[i - 1][j] + grid[i][j - 1];
            #pragma omp ordered doacross(source :)
        }
    CHECK(grid[20][20] == paths(20, 20) && grid[15][COLUMNS - 1] == paths(15, COLUMNS - 1));

    clear();
    #pragma omp parallel for ordered(1) schedule(dynamic) num_threads(3)
    for (int i = 1; i < ROWS; i++) {
        #pragma omp ordered doacross(sink : omp_cur_iteration - 1)
        for (int j = 1; j < 15; j++)
            grid[i][j] = grid[i - 1][j] + grid[i][j - 1];
        #pragma omp ordered doacross(source : omp_cur_iteration)
    }
    CHECK(grid[ROWS - 1][14] == paths(ROWS - 1, 14));
    return check_result("doacross_clause");
}
