/*
 * stencil: a star-shaped stencil of RADIUS (at compile time) over a square
 * grid of doubles; after each sweep the input grows by one, so that no sweep
 * can be left out.
 *
 *   stencil [iterations [size]]
 *
 * The weights sum up the first derivative in both directions. On the input
 * x + y the stencil therefore yields 2 in every inner point, sweep by sweep.
 */
#include "prk.h"

#ifndef RADIUS
#define RADIUS 2
#endif

/* along[RADIUS + d] weighs the point d steps away in either direction. */
static double along[2 * RADIUS + 1];

static void apply(int64_t n, const double *restrict in, double *restrict out)
{
    #pragma omp for
    for (int64_t y = RADIUS; y < n - RADIUS; y++) {
        for (int64_t x = RADIUS; x < n - RADIUS; x++) {
            const double *centre = in + y * n + x;
            double sum = 0;
            for (int d = -RADIUS; d <= RADIUS; d++)
                sum += along[RADIUS + d] * centre[d];
            for (int d = -RADIUS; d <= RADIUS; d++)
                if (d != 0)
                    sum += along[RADIUS + d] * centre[d * n];
            out[y * n + x] += sum;
        }
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments = prk_begin(argv, "stencil", "[iterations [size]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 300, 1, INT32_MAX);
    const int64_t n = prk_integer(&arguments, "size", 1000, 2 * RADIUS + 1, 1 << 20);
    prk_end(&arguments);

    for (int d = 1; d <= RADIUS; d++) {
        along[RADIUS + d] = 1.0 / (2.0 * d * RADIUS);
        along[RADIUS - d] = -along[RADIUS + d];
    }
    double *restrict in = prk_allocate(n * n, sizeof *in);
    double *restrict out = prk_allocate(n * n, sizeof *out);
    double start = 0, stop = 0, sum = 0;

    #pragma omp parallel
    {
        #pragma omp for
        for (int64_t y = 0; y < n; y++)
            for (int64_t x = 0; x < n; x++) {
                in[y * n + x] = (double)(x + y);
                out[y * n + x] = 0;
            }
        for (int64_t sweep = 0; sweep <= iterations; sweep++) {
            if (sweep == 1)
                prk_stamp(&start);
            apply(n, in, out);
            #pragma omp for
            for (int64_t i = 0; i < n * n; i++)
                in[i] += 1;
        }
        prk_stamp(&stop);

        #pragma omp for reduction(+ : sum)
        for (int64_t y = RADIUS; y < n - RADIUS; y++)
            for (int64_t x = RADIUS; x < n - RADIUS; x++)
                sum += fabs(out[y * n + x]);
    }

    const double inner = (double)(n - 2 * RADIUS) * (double)(n - 2 * RADIUS);
    const double norm = sum / inner, expected = 2.0 * (double)(iterations + 1);
    if (!(fabs(norm - expected) <= 1e-8 * expected))
        prk_fail("the norm is %.12g, not %.12g", norm, expected);
    free(in);
    free(out);

    /* A product and a sum per point of the star, one more sum for the refresh. */
    const double flops = (2.0 * (4 * RADIUS + 1) + 1) * inner;
    return prk_report("MFlops/s", 1e-6 * flops, stop - start, iterations);
}
