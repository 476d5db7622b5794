/*
 * launch: what a region costs that maps nothing and has nothing to do; an iteration is n of them.
 *
 *   launch <iterations> <n>
 */
#include "measure.h"

int main(int argc, char **argv)
{
    const struct arguments arguments = read_arguments(argc - 1, argv + 1, 1, MOST_ITERATIONS);
    const int iterations = arguments.iterations, n = arguments.n;
    double *times = allocate_times(iterations);

    for (int k = 0; k <= iterations; k++) {
        const double begin = now();
        for (int launch = 0; launch < n; launch++) {
            #pragma omp target teams distribute parallel for
            for (int i = 0; i < 1; i++) {
            }
        }
        times[k] = now() - begin;
    }

    report("launch", "us", 1e6 * median(times, iterations) / n);
    return verified();
}
