/*
 * dgemm: c += a*b for square matrices of doubles, by blocks that each thread
 * copies to memory of its own.
 *
 *   dgemm [iterations [order [block]]]
 *
 * A block of 0 means no blocking.
 */
#include "prk.h"

static inline int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Copies a block of rows x columns elements between matrices of any width. */
static void copy(double *restrict to, int64_t to_width, const double *restrict from,
                 int64_t from_width, int64_t rows, int64_t columns)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            to[i * to_width + j] = from[i * from_width + j];
}

/* c += a*b, where a has rows x depth elements and b depth x columns. */
static void multiply(int64_t rows, int64_t columns, int64_t depth, const double *restrict a,
                     int64_t a_width, const double *restrict b, int64_t b_width,
                     double *restrict c, int64_t c_width)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = 0; k < depth; k++) {
            const double factor = a[i * a_width + k];
            for (int64_t j = 0; j < columns; j++)
                c[i * c_width + j] += factor * b[k * b_width + j];
        }
}

/* Every block of c belongs to one iteration of the collapsed loop. */
static void multiply_blocked(int64_t n, int64_t block, const double *restrict a,
                             const double *restrict b, double *restrict c,
                             double *restrict tiles)
{
    double *a_tile = tiles, *b_tile = tiles + block * block, *c_tile = b_tile + block * block;

    #pragma omp for collapse(2)
    for (int64_t i = 0; i < n; i += block)
        for (int64_t j = 0; j < n; j += block) {
            const int64_t rows = least(block, n - i), columns = least(block, n - j);
            copy(c_tile, block, c + i * n + j, n, rows, columns);
            for (int64_t k = 0; k < n; k += block) {
                const int64_t depth = least(block, n - k);
                copy(a_tile, block, a + i * n + k, n, rows, depth);
                copy(b_tile, block, b + k * n + j, n, depth, columns);
                multiply(rows, columns, depth, a_tile, block, b_tile, block, c_tile, block);
            }
            copy(c + i * n + j, n, c_tile, block, rows, columns);
        }
}

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments =
        prk_begin(argv, "dgemm", "[iterations [order [block]]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 30, 1, INT32_MAX);
    const int64_t n = prk_integer(&arguments, "order", 400, 1, 1 << 17);
    const int64_t block = prk_integer(&arguments, "block", 64, 0, 1 << 14);
    prk_end(&arguments);

    double *restrict a = prk_allocate(n * n, sizeof *a);
    double *restrict b = prk_allocate(n * n, sizeof *b);
    double *restrict c = prk_allocate(n * n, sizeof *c);
    double start = 0, stop = 0;
    int64_t wrong = 0;

    #pragma omp parallel
    {
        double *tiles = block ? prk_allocate(3 * block * block, sizeof *tiles) : NULL;

        #pragma omp for
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                a[i * n + j] = (double)(i + j);
                b[i * n + j] = (double)(i - j);
                c[i * n + j] = 0;
            }
        for (int64_t sweep = 0; sweep <= iterations; sweep++) {
            if (sweep == 1)
                prk_stamp(&start);
            if (block) {
                multiply_blocked(n, block, a, b, c, tiles);
            } else {
                #pragma omp for
                for (int64_t i = 0; i < n; i++)
                    multiply(1, n, n, a + i * n, n, b, n, c + i * n, n);
            }
        }
        prk_stamp(&stop);

        /* The sum over k of (i + k)(k - j), in closed form. */
        const double count = (double)n, linear = count * (count - 1) / 2;
        const double square = count * (count - 1) * (2 * count - 1) / 6;
        #pragma omp for reduction(+ : wrong)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                const double product = square + (double)(i - j) * linear
                                     - (double)i * (double)j * count;
                const double expected = (double)(iterations + 1) * product;
                wrong += !(fabs(c[i * n + j] - expected)
                           <= 1e-8 * ((double)(iterations + 1) * square + 1));
            }
        free(tiles);
    }

    if (wrong)
        prk_fail("%" PRId64 " elements of the product are wrong", wrong);
    free(a);
    free(b);
    free(c);
    return prk_report("MFlops/s", 1e-6 * 2 * (double)n * (double)n * (double)n, stop - start,
                      iterations);
}
