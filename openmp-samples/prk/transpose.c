/*
 * transpose: b += a^T, then a += 1, by square tiles. Measures strided memory
 * access.
 *
 *   transpose [iterations [order [tile]]]
 *
 * A tile of 0, or one as large as the matrix, means no tiling.
 */
#include "prk.h"

static inline int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments =
        prk_begin(argv, "transpose", "[iterations [order [tile]]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 300, 1, INT32_MAX);
    const int64_t n = prk_integer(&arguments, "order", 1000, 1, 1 << 20);
    int64_t tile = prk_integer(&arguments, "tile", 32, 0, INT32_MAX);
    prk_end(&arguments);
    const bool tiled = tile > 0 && tile < n;

    double *restrict a = prk_allocate(n * n, sizeof *a);
    double *restrict b = prk_allocate(n * n, sizeof *b);
    double start = 0, stop = 0;
    int64_t wrong = 0;

    #pragma omp parallel
    {
        #pragma omp for
        for (int64_t i = 0; i < n * n; i++) {
            a[i] = (double)i;
            b[i] = 0;
        }
        for (int64_t sweep = 0; sweep <= iterations; sweep++) {
            if (sweep == 1)
                prk_stamp(&start);
            if (tiled) {
                #pragma omp for collapse(2)
                for (int64_t row = 0; row < n; row += tile)
                    for (int64_t column = 0; column < n; column += tile)
                        for (int64_t i = row; i < least(n, row + tile); i++)
                            for (int64_t j = column; j < least(n, column + tile); j++) {
                                b[i * n + j] += a[j * n + i];
                                a[j * n + i] += 1;
                            }
            } else {
                #pragma omp for
                for (int64_t i = 0; i < n; i++)
                    for (int64_t j = 0; j < n; j++) {
                        b[i * n + j] += a[j * n + i];
                        a[j * n + i] += 1;
                    }
            }
        }
        prk_stamp(&stop);

        /* a counted up from its first value: 0 + 1 + ... + iterations on top. */
        const double sweeps = (double)(iterations + 1), extra = sweeps * (sweeps - 1) / 2;
        #pragma omp for reduction(+ : wrong)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++)
                wrong += b[i * n + j] != sweeps * (double)(j * n + i) + extra;
    }

    if (wrong)
        prk_fail("%" PRId64 " elements of the transpose are wrong", wrong);
    free(a);
    free(b);
    return prk_report("MB/s", 1e-6 * 2 * sizeof(double) * (double)n * (double)n, stop - start,
                      iterations);
}
