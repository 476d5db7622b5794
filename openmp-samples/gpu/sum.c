/*
 * sum: the sum of n doubles on a device, there for the host after each iteration.
 *
 *   sum <iterations> <n>
 */
#include "measure.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc - 1, argv + 1, 1, MOST_ELEMENTS);
    const int iterations = arguments.iterations, n = arguments.n;
    double *a = allocate(n), *times = allocate_times(iterations);
    sum_fill(n, a);

    double begin = now();
    #pragma omp target enter data map(to : a[0 : n])
    report_since("map-in", begin);

    for (int k = 0; k <= iterations; k++) {
        double sum = 0;
        begin = now();
        #pragma omp target teams distribute parallel for reduction(+ : sum) map(tofrom : sum)
        for (int i = 0; i < n; i++)
            sum += a[i];
        times[k] = now() - begin;
        sum_check(n, sum);
    }

    begin = now();
    #pragma omp target exit data map(from : a[0 : n])
    report_since("map-out", begin);
    report_rate("sum", "GB/s", 8e-9 * n, times, iterations);
    return verified();
}
