/*
 * measure.h: what the programs of this folder share, be they OpenMP C, OpenCL or CUDA: arguments,
 * time, the lines that they print, and for each kernel its data and the check of its result.
 *
 * A line is `name unit figure`. Iteration 0 warms up and does not count; a figure is that of the
 * median of the others. All figures of a program follow `map-in` and `map-out`, the seconds of the
 * first transfer to the device, its opening included, and of the last one back.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>

#ifdef _OPENMP
#include <omp.h>
#else
#include <time.h>
#endif

/* An array stays below a GiB, so that three of them fit into a memory of 32 bits, and an int is an index. */
enum { MOST_ELEMENTS = (1 << 27) - 1, MOST_ROWS = 11585, MOST_ITERATIONS = 1000000 };

/* The stencil is a star: so many points in each of the four directions. */
enum { RADIUS = 2 };

/* Operations and bytes of one element. The stencil with a refresh counts as in the Parallel Research Kernels. */
#define TRIAD_BYTES 32
#define STENCIL_FLOPS 16
#define STENCIL_REFRESH_FLOPS 19
#define TRANSPOSE_BYTES 16

__attribute__((noreturn)) static inline void fail(const char *what)
{
    fprintf(stderr, "ERROR: %s\n", what);
    exit(EXIT_FAILURE);
}

static inline double now(void)
{
#ifdef _OPENMP
    return omp_get_wtime();
#else
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
#endif
}

static inline int read_number(const char *word, int least, int most)
{
    char *end;
    const long value = strtol(word, &end, 10);
    if (end == word || *end || value < least || value > most) {
        fprintf(stderr, "ERROR: '%s' is no number in %d to %d\n", word, least, most);
        exit(EXIT_FAILURE);
    }
    return (int)value;
}

struct arguments {
    int iterations, n;
};

/* Takes `<iterations> <n>`. */
static inline struct arguments read_arguments(int count, char **words, int least, int most)
{
    if (count != 2)
        fail("the arguments are <iterations> <n>");
    struct arguments arguments;
    arguments.iterations = read_number(words[0], 1, MOST_ITERATIONS);
    arguments.n = read_number(words[1], least, most);
    return arguments;
}

static inline double *allocate(int count)
{
    double *memory = (double *)malloc((size_t)count * sizeof *memory);
    if (!memory)
        fail("not enough memory");
    return memory;
}

/* The time of each iteration, of the warm-up too. */
static inline double *allocate_times(int iterations)
{
    return allocate(iterations + 1);
}

static inline int compare_times(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts the times, but for that of the warm-up. */
static inline double median(double *times, int iterations)
{
    double *counted = times + 1;
    qsort(counted, (size_t)iterations, sizeof *counted, compare_times);
    return (counted[(iterations - 1) / 2] + counted[iterations / 2]) / 2;
}

static inline void report(const char *name, const char *unit, double figure)
{
    printf("%s %s %.6g\n", name, unit, figure);
}

static inline void report_since(const char *name, double begin)
{
    report(name, "s", now() - begin);
}

/* What one iteration moved or computed, by the time it took: the median, and by the mean, as NAME-mean. */
static inline void report_rate(const char *name, const char *unit, double amount, double *times, int iterations)
{
    char mean[64];
    double all = 0;
    for (int k = 1; k <= iterations; k++)
        all += times[k];
    snprintf(mean, sizeof mean, "%s-mean", name);
    report(mean, unit, amount * iterations / all);
    report(name, unit, amount / median(times, iterations));
}

static inline void check(int holds, const char *what)
{
    if (!holds)
        fail(what);
}

static inline int verified(void)
{
    puts("verified");
    return EXIT_SUCCESS;
}

/* triad: a += b + 3 c. All values here are integers or simple fractions, so that results are exact. */
static inline void triad_fill(int n, double *a, double *b, double *c)
{
    for (int i = 0; i < n; i++) {
        a[i] = 0;
        b[i] = i % 16;
        c[i] = i % 5;
    }
}

static inline void triad_check(int n, const double *a, int times)
{
    for (int i = 0; i < n; i++)
        check(a[i] == times * (i % 16 + 3.0 * (i % 5)), "triad: an element is wrong");
}

/* stencil: the sum of the derivatives in both directions, which is 2 everywhere inside of x + y. */
static inline void stencil_fill(int n, double *in, double *out)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            in[i * n + j] = i + j;
            out[i * n + j] = 0;
        }
}

static inline void stencil_check(int n, const double *out, int times)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int inside = i >= RADIUS && i < n - RADIUS && j >= RADIUS && j < n - RADIUS;
            check(out[i * n + j] == (inside ? 2.0 * times : 0), "stencil: an element is wrong");
        }
}

static inline double stencil_points(int n)
{
    return (double)(n - 2 * RADIUS) * (n - 2 * RADIUS);
}

/* transpose: b += the transpose of a, and then a += 1. */
static inline void transpose_fill(int n, double *a, double *b)
{
    for (int i = 0; i < n * n; i++) {
        a[i] = i;
        b[i] = 0;
    }
}

static inline void transpose_check(int n, const double *b, int times)
{
    const double grown = 0.5 * times * (times - 1);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            check(b[i * n + j] == (double)times * (j * n + i) + grown, "transpose: an element is wrong");
}

/* sum: the sum of all elements. */
static inline void sum_fill(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = i % 1024;
}

static inline void sum_check(int n, double sum)
{
    const double whole = n / 1024, rest = n % 1024;
    check(sum == whole * (1023 * 1024 / 2) + rest * (rest - 1) / 2, "sum: the sum is wrong");
}

/* copy: the host changes one element, the device adds 1 to each, so that no transfer can be left out. */
static inline void copy_fill(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = i;
}

static inline void copy_change(double *a, int iteration)
{
    a[0] = 1000.0 * iteration;
}

static inline void copy_check_change(const double *a, int iteration)
{
    check(a[0] == 1000.0 * iteration + 1, "copy: a change has not come across");
}

static inline void copy_check(int n, const double *a, int times)
{
    for (int i = 1; i < n; i++)
        check(a[i] == (double)i + times, "copy: an element is wrong");
}

#endif
