/*
 * nstream: a += b + s*c over long vectors. Measures memory bandwidth: two
 * vectors are read, one is read and written.
 *
 *   nstream [iterations [length [offset]]]
 *
 * offset is the number of elements left free between the vectors.
 */
#include "prk.h"

static const double SCALAR = 3.0, B = 2.0, C = 2.0;

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments =
        prk_begin(argv, "nstream", "[iterations [length [offset]]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 1000, 1, INT32_MAX);
    const int64_t length = prk_integer(&arguments, "length", 1000000, 1, INT64_MAX / 64);
    const int64_t offset = prk_integer(&arguments, "offset", 0, 0, INT64_MAX / 64);
    prk_end(&arguments);

    double *restrict a = prk_allocate(3 * length + 2 * offset, sizeof *a);
    double *restrict b = a + length + offset;
    double *restrict c = b + length + offset;
    double start = 0, stop = 0;

    #pragma omp parallel
    {
        #pragma omp for
        for (int64_t i = 0; i < length; i++) {
            a[i] = 0;
            b[i] = B;
            c[i] = C;
        }
        for (int64_t sweep = 0; sweep <= iterations; sweep++) {
            if (sweep == 1)
                prk_stamp(&start);
            #pragma omp for
            for (int64_t i = 0; i < length; i++)
                a[i] += b[i] + SCALAR * c[i];
        }
        prk_stamp(&stop);
    }

    /* All operands are small integers, so the sums are exact. */
    const double expected = (double)(iterations + 1) * (B + SCALAR * C);
    for (int64_t i = 0; i < length; i++)
        if (a[i] != expected)
            prk_fail("a[%" PRId64 "] is %g, not %g", i, a[i], expected);
    free(a);
    return prk_report("MB/s", 1e-6 * 4 * sizeof(double) * (double)length, stop - start,
                      iterations);
}
