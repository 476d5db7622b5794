/*
 * copy: n doubles to a device and back, by updates.
 *
 *   copy <iterations> <n>
 */
#include "measure.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc - 1, argv + 1, 1, MOST_ELEMENTS);
    const int iterations = arguments.iterations, n = arguments.n;
    double *a = allocate(n), *to = allocate_times(iterations), *from = allocate_times(iterations);
    copy_fill(n, a);

    double begin = now();
    #pragma omp target enter data map(to : a[0 : n])
    report_since("map-in", begin);

    for (int k = 0; k <= iterations; k++) {
        copy_change(a, k);
        begin = now();
        #pragma omp target update to(a[0 : n])
        to[k] = now() - begin;

        #pragma omp target teams distribute parallel for
        for (int i = 0; i < n; i++)
            a[i] += 1;

        begin = now();
        #pragma omp target update from(a[0 : n])
        from[k] = now() - begin;
        copy_check_change(a, k);
    }

    begin = now();
    #pragma omp target exit data map(from : a[0 : n])
    report_since("map-out", begin);
    copy_check(n, a, iterations + 1);
    report_rate("copy-to", "GB/s", 8e-9 * n, to, iterations);
    report_rate("copy-from", "GB/s", 8e-9 * n, from, iterations);
    return verified();
}
