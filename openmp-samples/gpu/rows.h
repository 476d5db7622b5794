/*
 * rows.h: what rows.c and rows.cu compute, for one element of each row's loop, the data, and checks. Each is an ordinary loop of one kind.
 */
#ifndef ROWS_H
#define ROWS_H

#include "measure.h"

#include <math.h>

#ifdef __CUDACC__
#define DEVICE __device__ __host__ static inline
#else
#define DEVICE static inline
#endif

enum {
    MATRIX = 1024,    /* rows and columns of the matrix product */
    PICTURE = 1024,   /* of the Mandelbrot set */
    GRID = 4000,      /* of the Jacobi iteration */
    ENTRIES = 16,     /* of each row of the sparse matrix */
    BODIES = 32768,
    BINS = 1024,
    WINDOW = 12,      /* elements that are sorted for a median */
    MOST_STEPS = 256
};

/* The price of an option by Black and Scholes: exp, log, sqrt, erfc. */
DEVICE double cumulative(double x) { return 0.5 * erfc(-x * 0.70710678118654752); }

DEVICE double option_price(double stock, double strike, double years)
{
    const double rate = 0.02, volatility = 0.3, root = volatility * sqrt(years);
    const double d1 = (log(stock / strike) + (rate + 0.5 * volatility * volatility) * years) / root;
    return stock * cumulative(d1) - strike * exp(-rate * years) * cumulative(d1 - root);
}

DEVICE double wave(double x) { return sin(x) * cos(2 * x); }

/* The median of a window, sorted in an array of the iteration's own by a function that is given its address. */
#ifdef __CUDACC__
__device__ __host__ __noinline__
#else
__attribute__((noinline))
#endif
static void sort(double *a, int n)
{
    for (int i = 1; i < n; i++) {
        const double x = a[i];
        int j = i;
        for (; j > 0 && a[j - 1] > x; j--)
            a[j] = a[j - 1];
        a[j] = x;
    }
}

DEVICE double median_of(const double *in, int i, int n)
{
    double window[WINDOW];
    for (int k = 0; k < WINDOW; k++)
        window[k] = in[(i + k) % n];
    sort(window, WINDOW);
    return window[WINDOW / 2];
}

DEVICE double row_of(const int *columns, const double *values, const double *x, int row)
{
    double sum = 0;
    for (int k = row * ENTRIES; k < (row + 1) * ENTRIES; k++)
        sum += values[k] * x[columns[k]];
    return sum;
}

/* The acceleration of a body along x. */
DEVICE double acceleration(const double *x, const double *y, const double *z, int i)
{
    double sum = 0;
    for (int j = 0; j < BODIES; j++) {
        const double dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
        const double square = dx * dx + dy * dy + dz * dz + 0.01;
        sum += dx / (square * sqrt(square));
    }
    return sum;
}

static inline void fill_numbers(double *a, int n, double least, double range)
{
    for (int i = 0; i < n; i++)
        a[i] = least + range * (i * 7919LL % 10007) / 10007;
}

static inline void fill_columns(int *columns, int rows)
{
    for (int k = 0; k < rows * ENTRIES; k++)
        columns[k] = (int)((k / ENTRIES + (long long)(k % ENTRIES) * (k % ENTRIES) * 97) % rows);
}

/* How far two results may be apart that were rounded differently. */
static inline void check_near(double result, double expected, const char *what)
{
    check(fabs(result - expected) <= 1e-9 * (1 + fabs(expected)), what);
}

#endif
