/*
 * triad: a += b + 3 c over n doubles on a device.
 *
 *   triad <iterations> <n>
 */
#include "measure.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc - 1, argv + 1, 1, MOST_ELEMENTS);
    const int iterations = arguments.iterations, n = arguments.n;
    double *a = allocate(n), *b = allocate(n), *c = allocate(n), *times = allocate_times(iterations);
    triad_fill(n, a, b, c);

    double begin = now();
    #pragma omp target enter data map(to : a[0 : n], b[0 : n], c[0 : n])
    report_since("map-in", begin);

    for (int k = 0; k <= iterations; k++) {
        begin = now();
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < n; i++)
            a[i] += b[i] + 3 * c[i];
        times[k] = now() - begin;
    }

    begin = now();
    #pragma omp target exit data map(from : a[0 : n]) map(release : b[0 : n], c[0 : n])
    report_since("map-out", begin);
    triad_check(n, a, iterations + 1);
    report_rate("triad", "GB/s", 1e-9 * TRIAD_BYTES * n, times, iterations);
    return verified();
}
