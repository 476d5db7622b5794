/*
 * rows: ordinary loops of many kinds on a device, each beside the same in CUDA by hand (rows.cu). The figures are milliseconds of one
 * execution with its data on the device.
 *
 *   rows <iterations> <n> [name]
 */
#include "rows.h"

#include <complex.h>
#include <stdbool.h>
#include <string.h>

static double *times;
static int iterations, n;
static const char *only;

/* Whether a row has another execution; after the last one it is reported. */
static bool goes_on(const char *name, int k)
{
    if (only && strcmp(only, name))
        return false;
    if (k > iterations)
        report(name, "ms", 1e3 * median(times, iterations));
    return k <= iterations;
}

/* Runs what follows so many times, the one that warms up included. */
#define ROW(name) for (int k = 0; goes_on(name, k); k++)

#define TIMED(...)                                                                                                   \
    {                                                                                                                \
        const double begin = now();                                                                                  \
        __VA_ARGS__                                                                                                  \
        times[k] = now() - begin;                                                                                    \
    }

static void mathematics(void)
{
    double *a = allocate(n), *b = allocate(n), *c = allocate(n), *out = allocate(n);
    fill_numbers(a, n, 5, 25);
    fill_numbers(b, n, 1, 99);
    fill_numbers(c, n, 0.25, 9);
    #pragma omp target data map(to : a[0 : n], b[0 : n], c[0 : n]) map(from : out[0 : n])
    {
        ROW("sin-cos") TIMED({
            _Pragma("omp target teams distribute parallel for") for (int i = 0; i < n; i++)
                out[i] = wave(a[i]);
        })
        #pragma omp target update from(out[0 : n])
        for (int i = 0; i < n && !only; i += 997)
            check_near(out[i], wave(a[i]), "sin-cos: an element is wrong");
        ROW("black-scholes") TIMED({
            _Pragma("omp target teams distribute parallel for") for (int i = 0; i < n; i++)
                out[i] = option_price(a[i], b[i], c[i]);
        })
    }
    for (int i = 0; i < n && !only; i += 997)
        check_near(out[i], option_price(a[i], b[i], c[i]), "black-scholes: an element is wrong");
    free(a), free(b), free(c), free(out);
}

static void private_arrays(void)
{
    const int count = n / 32;
    double *in = allocate(count), *out = allocate(count);
    fill_numbers(in, count, 0, 1);
    #pragma omp target data map(to : in[0 : count]) map(from : out[0 : count])
    ROW("private-arrays") TIMED({
        _Pragma("omp target teams distribute parallel for") for (int i = 0; i < count; i++)
            out[i] = median_of(in, i, count);
    })
    for (int i = 0; i < count && !only; i += 97)
        check(out[i] == median_of(in, i, count), "private-arrays: an element is wrong");
    free(in), free(out);
}

static void matrix_product(void)
{
    const int size = n < MATRIX * 1000 ? 64 : MATRIX;
    double *a = allocate(size * size), *b = allocate(size * size), *c = allocate(size * size);
    for (int i = 0; i < size * size; i++)
        a[i] = i % 13, b[i] = i % 11, c[i] = 0;
    #pragma omp target data map(to : a[0 : size * size], b[0 : size * size]) map(from : c[0 : size * size])
    ROW("matrix-product") TIMED({
        _Pragma("omp target teams distribute") for (int i = 0; i < size; i++)
        {
            _Pragma("omp parallel for") for (int j = 0; j < size; j++)
            {
                double sum = 0;
                for (int l = 0; l < size; l++)
                    sum += a[i * size + l] * b[l * size + j];
                c[i * size + j] = sum;
            }
        }
    })
    for (int i = 0; i < size * size && !only; i += 977) {
        double sum = 0;
        for (int l = 0; l < size; l++)
            sum += a[i / size * size + l] * b[l * size + i % size];
        check(c[i] == sum, "matrix-product: an element is wrong");
    }
    free(a), free(b), free(c);
}

static void mandelbrot(void)
{
    int *steps = (int *)malloc(PICTURE * PICTURE * sizeof *steps);
    #pragma omp target data map(from : steps[0 : PICTURE * PICTURE])
    ROW("mandelbrot") TIMED({
        _Pragma("omp target teams loop collapse(2)") for (int i = 0; i < PICTURE; i++)
            for (int j = 0; j < PICTURE; j++)
            {
                const double complex c = CMPLX(3.0 * j / PICTURE - 2.25, 2.5 * i / PICTURE - 1.25);
                double complex z = 0;
                int count = 0;
                while (count < MOST_STEPS && creal(z) * creal(z) + cimag(z) * cimag(z) < 4) {
                    z = z * z + c;
                    count++;
                }
                steps[i * PICTURE + j] = count;
            }
    })
    check(only || steps[PICTURE / 2 * PICTURE + PICTURE / 2 + 100] == MOST_STEPS, "mandelbrot: a point is wrong");
    free(steps);
}

/* Serial code before and between parallel loops of one region. */
static void mixed(void)
{
    const int count = n / 100;
    double *a = allocate(count), scale = 0;
    fill_numbers(a, count, 1, 1);
    #pragma omp target data map(tofrom : a[0 : count])
    ROW("serial-and-parallel") TIMED({
        _Pragma("omp target map(tofrom : scale)")
        {
            scale = a[0] > 0 ? 1 : 2;
            _Pragma("omp parallel for") for (int i = 0; i < count; i++)
                a[i] += scale;
            scale += 1;
            _Pragma("omp parallel for") for (int i = 0; i < count; i++)
                a[i] -= scale / 2;
        }
    })
    check(only || (scale == 2 && a[0] == 1), "serial-and-parallel: an element is wrong");
    free(a);
}

static void jacobi(void)
{
    const int size = n < GRID * 1000 ? 100 : GRID;
    double *u = allocate(size * size), *v = allocate(size * size);
    for (int i = 0; i < size * size; i++)
        u[i] = v[i] = i < size ? 1 : 0;
    #pragma omp target data map(tofrom : u[0 : size * size], v[0 : size * size])
    ROW("jacobi") TIMED({
        double most = 0;
        _Pragma("omp target teams distribute parallel for collapse(2) reduction(max : most)") for (int i = 1; i < size - 1; i++)
            for (int j = 1; j < size - 1; j++)
            {
                v[i * size + j] = 0.25 * (u[(i - 1) * size + j] + u[(i + 1) * size + j] + u[i * size + j - 1] +
                                          u[i * size + j + 1]);
                most = fmax(most, fabs(v[i * size + j] - u[i * size + j]));
            }
        _Pragma("omp target teams distribute parallel for collapse(2)") for (int i = 1; i < size - 1; i++)
            for (int j = 1; j < size - 1; j++)
                u[i * size + j] = v[i * size + j];
        check(most > 0 && most <= 0.25, "jacobi: the difference is wrong");
    })
    free(u), free(v);
}

static void sparse(void)
{
    const int rows = n / 10;
    int *columns = (int *)malloc((size_t)rows * ENTRIES * sizeof *columns);
    double *values = allocate(rows * ENTRIES), *x = allocate(rows), *y = allocate(rows);
    fill_columns(columns, rows);
    fill_numbers(values, rows * ENTRIES, -1, 2);
    fill_numbers(x, rows, -1, 2);
    #pragma omp target data map(to : columns[0 : rows * ENTRIES], values[0 : rows * ENTRIES], x[0 : rows]) \
        map(from : y[0 : rows])
    ROW("sparse-matrix") TIMED({
        _Pragma("omp target teams distribute parallel for") for (int i = 0; i < rows; i++)
            y[i] = row_of(columns, values, x, i);
    })
    for (int i = 0; i < rows && !only; i += 97)
        check_near(y[i], row_of(columns, values, x, i), "sparse-matrix: an element is wrong");
    free(columns), free(values), free(x), free(y);
}

static void bodies(void)
{
    double *x = allocate(BODIES), *y = allocate(BODIES), *z = allocate(BODIES), *a = allocate(BODIES);
    fill_numbers(x, BODIES, 0, 1);
    fill_numbers(y, BODIES, 2, 3);
    fill_numbers(z, BODIES, 1, 7);
    if (n >= BODIES * 100) {
        #pragma omp target data map(to : x[0 : BODIES], y[0 : BODIES], z[0 : BODIES]) map(from : a[0 : BODIES])
        ROW("n-body") TIMED({
            _Pragma("omp target teams distribute parallel for") for (int i = 0; i < BODIES; i++)
                a[i] = acceleration(x, y, z, i);
        })
        if (!only)
            check_near(a[1], acceleration(x, y, z, 1), "n-body: an element is wrong");
    }
    free(x), free(y), free(z), free(a);
}

static void histogram(void)
{
    int *in = (int *)malloc((size_t)n * sizeof *in), bins[BINS] = {0};
    for (int i = 0; i < n; i++)
        in[i] = (int)(i * 7919LL % 10007 % BINS);
    #pragma omp target data map(to : in[0 : n]) map(tofrom : bins)
    ROW("histogram") TIMED({
        _Pragma("omp target teams distribute parallel for") for (int i = 0; i < n; i++)
        {
            _Pragma("omp atomic") bins[in[i]]++;
        }
    })
    long long all = 0;
    for (int i = 0; i < BINS; i++)
        all += bins[i];
    check(only || all == (long long)n * (iterations + 1), "histogram: the sum is wrong");
    free(in);
}

int main(int argc, char **argv)
{
    only = argc == 4 ? argv[3] : NULL;
    const struct arguments arguments = read_arguments(only ? argc - 2 : argc - 1, argv + 1, 3200, MOST_ELEMENTS);
    iterations = arguments.iterations, n = arguments.n;
    times = allocate_times(iterations);
    mathematics();
    private_arrays();
    matrix_product();
    mandelbrot();
    mixed();
    jacobi();
    sparse();
    bodies();
    histogram();
    return verified();
}
