/*
 * p2p: a pipeline over a grid, in which each thread owns a band of columns.
 *
 *   p2p [iterations [columns [rows [group]]]]
 *
 * A point needs its left, upper and upper left neighbours, so a thread may
 * do a row when its left neighbour has done it. group is the number of rows
 * handed on at a time. At the end of an iteration the last point goes, with
 * its sign changed, to the first, which closes the circle of dependences.
 *
 * Each thread counts the rows that it has done since the start. The counter
 * is written after a release flush; a waiting thread reads it, and issues an
 * acquire flush when it has seen enough.
 */
#include "prk.h"

struct progress {
    _Alignas(PRK_CACHE_LINE) int64_t rows;
};

static void announce(struct progress *progress, int64_t rows)
{
    #pragma omp flush release
    #pragma omp atomic write
    progress->rows = rows;
}

static void wait_for(const struct progress *progress, int64_t rows)
{
    unsigned rounds = 0;
    for (;;) {
        int64_t seen;
        #pragma omp atomic read
        seen = progress->rows;
        if (seen >= rows)
            break;
        prk_spin(&rounds);
    }
    #pragma omp flush acquire
}

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments =
        prk_begin(argv, "p2p", "[iterations [columns [rows [group]]]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 300, 1, INT32_MAX);
    const int64_t columns = prk_integer(&arguments, "columns", 1000, 2, 1 << 24);
    const int64_t rows = prk_integer(&arguments, "rows", 1000, 2, 1 << 24);
    const int64_t group = prk_integer(&arguments, "group", 1, 1, 1 << 24);
    prk_end(&arguments);

    double *restrict grid = prk_allocate(columns * rows, sizeof *grid);
    struct progress *progress = prk_allocate(omp_get_max_threads(), sizeof *progress);
    double start = 0, stop = 0;

    #pragma omp parallel
    {
        const int64_t num_threads = omp_get_num_threads(), me = omp_get_thread_num();
        const int64_t last = num_threads - 1;
        const int64_t begin = columns * me / num_threads;
        const int64_t end = columns * (me + 1) / num_threads;

        for (int64_t y = 0; y < rows; y++)
            for (int64_t x = begin; x < end; x++)
                grid[y * columns + x] = y == 0 ? (double)x : x == 0 ? (double)y : 0;
        progress[me].rows = 0;
        #pragma omp barrier

        for (int64_t sweep = 0; sweep <= iterations; sweep++) {
            if (sweep == 1)
                prk_stamp(&start);
            const int64_t done = sweep * rows; /* by all, before this sweep */
            if (me == 0)
                wait_for(&progress[last], done);

            for (int64_t y = 1; y < rows; y += group) {
                const int64_t stop_row = y + group < rows ? y + group : rows;
                if (me > 0)
                    wait_for(&progress[me - 1], done + stop_row);
                for (int64_t i = y; i < stop_row; i++) {
                    double *row = grid + i * columns, *above = row - columns;
                    for (int64_t x = begin > 0 ? begin : 1; x < end; x++)
                        row[x] = row[x - 1] + above[x] - above[x - 1];
                }
                if (me < last)
                    announce(&progress[me], done + stop_row);
            }
            if (me == last) {
                grid[0] = -grid[columns * rows - 1];
                announce(&progress[last], done + rows);
            }
        }
        prk_stamp(&stop);
    }

    const double corner = grid[columns * rows - 1];
    const double expected = (double)(iterations + 1) * (double)(columns + rows - 2);
    if (!(fabs(corner - expected) <= 1e-8 * expected))
        prk_fail("the corner is %.12g, not %.12g", corner, expected);
    free(grid);
    free(progress);
    return prk_report("MFlops/s", 1e-6 * 2 * (double)(columns - 1) * (double)(rows - 1),
                      stop - start, iterations);
}
