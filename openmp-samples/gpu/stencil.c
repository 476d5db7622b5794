/*
 * stencil: a star of radius 2 over n * n doubles on a device.
 *
 *   stencil <iterations> <n>
 */
#include "measure.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc - 1, argv + 1, 2 * RADIUS + 1, MOST_ROWS);
    const int iterations = arguments.iterations, n = arguments.n;
    double *in = allocate(n * n), *out = allocate(n * n), *times = allocate_times(iterations);
    stencil_fill(n, in, out);

    double begin = now();
    #pragma omp target enter data map(to : in[0 : n * n], out[0 : n * n])
    report_since("map-in", begin);

    for (int k = 0; k <= iterations; k++) {
        begin = now();
        #pragma omp target teams distribute parallel for collapse(2)
        for (int i = RADIUS; i < n - RADIUS; i++)
            for (int j = RADIUS; j < n - RADIUS; j++)
                out[i * n + j] += -0.125 * in[i * n + j - 2] - 0.25 * in[i * n + j - 1] +
                                  0.25 * in[i * n + j + 1] + 0.125 * in[i * n + j + 2] -
                                  0.125 * in[(i - 2) * n + j] - 0.25 * in[(i - 1) * n + j] +
                                  0.25 * in[(i + 1) * n + j] + 0.125 * in[(i + 2) * n + j];
        times[k] = now() - begin;
    }

    begin = now();
    #pragma omp target exit data map(from : out[0 : n * n]) map(release : in[0 : n * n])
    report_since("map-out", begin);
    stencil_check(n, out, iterations + 1);
    report_rate("stencil", "GFlop/s", 1e-9 * STENCIL_FLOPS * stencil_points(n), times, iterations);
    return verified();
}
