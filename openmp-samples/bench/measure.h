/*
 * measure.h: how the programs that measure constructs do so, and what they
 * print.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <inttypes.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A construct, and a function that does n operations with it and returns the
 * seconds that they took. */
struct construct {
    const char *name;
    double (*measure)(int64_t n);
};

/* No instructions; but the compiler has to believe that there are some. */
static inline void opaque(void)
{
    __asm__ volatile("" ::: "memory");
}

/* Called by all threads of the team. */
static void stamp(double *time)
{
    #pragma omp barrier
    #pragma omp masked
    *time = omp_get_wtime();
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Doubles the number of operations, from the least, until they take the seconds
 * of a repetition. */
static void report(const struct construct *construct, int64_t least, double repetition, int repetitions,
                   double *nanoseconds)
{
    int64_t n = least;
    while (construct->measure(n) < repetition && n < INT64_C(1) << 40)
        n *= 2;
    for (int i = 0; i < repetitions; i++)
        nanoseconds[i] = 1e9 * construct->measure(n) / (double)n;
    qsort(nanoseconds, (size_t)repetitions, sizeof *nanoseconds, compare);
    const double median = (nanoseconds[(repetitions - 1) / 2] + nanoseconds[repetitions / 2]) / 2;
    printf("%s %.2f %.2f\n", construct->name, median, nanoseconds[0]);
    fflush(stdout);
}

/* What main does: its arguments are a filter and a number of repetitions. */
static int measure_all(const char *program, const struct construct *constructs, int count, int64_t least,
                       double repetition, int argc, char **argv)
{
    enum { MOST_REPETITIONS = 10001 };
    static double nanoseconds[MOST_REPETITIONS];
    const char *filter = argc > 1 ? argv[1] : "";
    const long repetitions = argc > 2 ? strtol(argv[2], NULL, 10) : 11;
    if (argc > 3 || repetitions < 1 || repetitions > MOST_REPETITIONS) {
        printf("usage: %s [filter [repetitions]]\n", program);
        return 2;
    }

    int threads = 0, matches = 0;
    #pragma omp parallel
    #pragma omp masked
    threads = omp_get_num_threads();
    printf("# %d threads, %ld repetitions; name, median and minimum in ns per operation\n",
           threads, repetitions);
    for (int i = 0; i < count; i++)
        if (strstr(constructs[i].name, filter)) {
            report(&constructs[i], least, repetition, (int)repetitions, nanoseconds);
            matches++;
        }
    if (!matches)
        printf("# no construct's name contains '%s'\n", filter);
    return matches ? 0 : 2;
}

#endif
