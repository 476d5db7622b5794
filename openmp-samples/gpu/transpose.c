/*
 * transpose: b += the transpose of a, and a += 1, over n * n doubles on a device, without tiles.
 *
 *   transpose <iterations> <n>
 */
#include "measure.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc - 1, argv + 1, 1, MOST_ROWS);
    const int iterations = arguments.iterations, n = arguments.n;
    double *a = allocate(n * n), *b = allocate(n * n), *times = allocate_times(iterations);
    transpose_fill(n, a, b);

    double begin = now();
    #pragma omp target enter data map(to : a[0 : n * n], b[0 : n * n])
    report_since("map-in", begin);

    for (int k = 0; k <= iterations; k++) {
        begin = now();
        #pragma omp target teams distribute parallel for collapse(2)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                b[i * n + j] += a[j * n + i];
                a[j * n + i] += 1.0;
            }
        times[k] = now() - begin;
    }

    begin = now();
    #pragma omp target exit data map(from : b[0 : n * n]) map(release : a[0 : n * n])
    report_since("map-out", begin);
    transpose_check(n, b, iterations + 1);
    report_rate("transpose", "GB/s", 1e-9 * TRANSPOSE_BYTES * n * n, times, iterations);
    return verified();
}
