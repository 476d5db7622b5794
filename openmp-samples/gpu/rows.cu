/*
 * rows: the loops of rows.c written by hand in CUDA, as plainly: one thread per element, and what goes with it.
 *
 *   rows <iterations> <n> [name]
 */
#include "rows.h"

#include <cub/cub.cuh>
#include <cuda_runtime.h>
#include <string.h>

static double *times;
static int iterations, n;
static const char *only;

static void check(cudaError_t status)
{
    if (status != cudaSuccess)
        fail(cudaGetErrorString(status));
}

static void finish()
{
    check(cudaGetLastError());
    check(cudaDeviceSynchronize());
}

template <class T> static T *device_copy(const T *host, size_t count)
{
    void *memory;
    check(cudaMalloc(&memory, count * sizeof(T)));
    if (host)
        check(cudaMemcpy(memory, host, count * sizeof(T), cudaMemcpyHostToDevice));
    return (T *)memory;
}

static const int LINE = 256;

static int blocks(int count, int size) { return (count + size - 1) / size; }

/* Runs and reports one row. */
template <class Run> static void row(const char *name, Run run)
{
    if (only && strcmp(only, name))
        return;
    for (int k = 0; k <= iterations; k++) {
        const double begin = now();
        run();
        times[k] = now() - begin;
    }
    report(name, "ms", 1e3 * median(times, iterations));
}

__global__ void waves(int n, const double *a, double *out)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = wave(a[i]);
}

__global__ void prices(int n, const double *a, const double *b, const double *c, double *out)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = option_price(a[i], b[i], c[i]);
}

__global__ void medians(int n, const double *in, double *out)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = median_of(in, i, n);
}

__global__ void product(int n, const double *a, const double *b, double *c)
{
    const int j = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y * blockDim.y + threadIdx.y;
    if (i >= n || j >= n)
        return;
    double sum = 0;
    for (int l = 0; l < n; l++)
        sum += a[i * n + l] * b[l * n + j];
    c[i * n + j] = sum;
}

__global__ void mandelbrot(int *steps)
{
    const int j = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y * blockDim.y + threadIdx.y;
    const double cr = 3.0 * j / PICTURE - 2.25, ci = 2.5 * i / PICTURE - 1.25;
    double zr = 0, zi = 0;
    int count = 0;
    while (count < MOST_STEPS && zr * zr + zi * zi < 4) {
        const double next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
        count++;
    }
    steps[i * PICTURE + j] = count;
}

__global__ void add(int n, double *a, double by)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        a[i] += by;
}

__global__ void jacobi_step(int n, const double *u, double *v, double *difference)
{
    const int j = 1 + blockIdx.x * blockDim.x + threadIdx.x, i = 1 + blockIdx.y * blockDim.y + threadIdx.y;
    double own = 0;
    if (i < n - 1 && j < n - 1) {
        v[i * n + j] = 0.25 * (u[(i - 1) * n + j] + u[(i + 1) * n + j] + u[i * n + j - 1] + u[i * n + j + 1]);
        own = fabs(v[i * n + j] - u[i * n + j]);
    }
    typedef cub::BlockReduce<double, 32, cub::BLOCK_REDUCE_WARP_REDUCTIONS, 8> Reduce;
    __shared__ typename Reduce::TempStorage storage;
    const double most = Reduce(storage).Reduce(own, [](double a, double b) { return a > b ? a : b; });
    if (threadIdx.x == 0 && threadIdx.y == 0)
        atomicMax((unsigned long long *)difference, (unsigned long long)__double_as_longlong(most));
}

__global__ void jacobi_copy(int n, double *u, const double *v)
{
    const int j = 1 + blockIdx.x * blockDim.x + threadIdx.x, i = 1 + blockIdx.y * blockDim.y + threadIdx.y;
    if (i < n - 1 && j < n - 1)
        u[i * n + j] = v[i * n + j];
}

__global__ void multiply(int rows, const int *columns, const double *values, const double *x, double *y)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < rows)
        y[i] = row_of(columns, values, x, i);
}

__global__ void accelerate(const double *x, const double *y, const double *z, double *a)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < BODIES)
        a[i] = acceleration(x, y, z, i);
}

__global__ void count(int n, const int *in, int *bins)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        atomicAdd(&bins[in[i]], 1);
}

static double *numbers(int count, double least, double range)
{
    double *host = allocate(count);
    fill_numbers(host, count, least, range);
    double *device = device_copy(host, count);
    free(host);
    return device;
}

int main(int argc, char **argv)
{
    only = argc == 4 ? argv[3] : NULL;
    const struct arguments arguments = read_arguments(only ? argc - 2 : argc - 1, argv + 1, 3200, MOST_ELEMENTS);
    iterations = arguments.iterations, n = arguments.n;
    times = allocate_times(iterations);
    const dim3 tile(32, 8);

    double *a = numbers(n, 5, 25), *b = numbers(n, 1, 99), *c = numbers(n, 0.25, 9), *out = device_copy<double>(NULL, n);
    row("sin-cos", [&] { waves<<<blocks(n, LINE), LINE>>>(n, a, out), finish(); });
    row("black-scholes", [&] { prices<<<blocks(n, LINE), LINE>>>(n, a, b, c, out), finish(); });
    const int windows = n / 32;
    row("private-arrays", [&] { medians<<<blocks(windows, LINE), LINE>>>(windows, a, out), finish(); });
    const int size = n < MATRIX * 1000 ? 64 : MATRIX;
    const dim3 matrix(blocks(size, 32), blocks(size, 8));
    row("matrix-product", [&] { product<<<matrix, tile>>>(size, a, b, out), finish(); });
    int *steps = device_copy<int>(NULL, PICTURE * PICTURE);
    row("mandelbrot", [&] { mandelbrot<<<dim3(PICTURE / 32, PICTURE / 8), tile>>>(steps), finish(); });
    row("serial-and-parallel", [&] {
        add<<<blocks(n / 100, LINE), LINE>>>(n / 100, a, 1);
        add<<<blocks(n / 100, LINE), LINE>>>(n / 100, a, -1);
        finish();
    });
    const int grid = n < GRID * 1000 ? 100 : GRID;
    double *u = numbers(grid * grid, 0, 1), *v = numbers(grid * grid, 0, 1), *most = device_copy<double>(NULL, 1);
    row("jacobi", [&] {
        const dim3 points(blocks(grid, 32), blocks(grid, 8));
        double result = 0;
        check(cudaMemset(most, 0, sizeof *most));
        jacobi_step<<<points, tile>>>(grid, u, v, most);
        check(cudaMemcpy(&result, most, sizeof result, cudaMemcpyDeviceToHost));
        jacobi_copy<<<points, tile>>>(grid, u, v);
        finish();
    });
    const int rows = n / 10;
    int *columns = (int *)malloc((size_t)rows * ENTRIES * sizeof *columns);
    fill_columns(columns, rows);
    int *device_columns = device_copy(columns, (size_t)rows * ENTRIES);
    double *values = numbers(rows * ENTRIES, -1, 2);
    row("sparse-matrix",
        [&] { multiply<<<blocks(rows, LINE), LINE>>>(rows, device_columns, values, b, out), finish(); });
    if (n >= BODIES * 100)
        row("n-body", [&] { accelerate<<<blocks(BODIES, LINE), LINE>>>(a, b, c, out), finish(); });
    int *in = (int *)malloc((size_t)n * sizeof *in), *bins = device_copy<int>(NULL, BINS);
    for (int i = 0; i < n; i++)
        in[i] = (int)(i * 7919LL % 10007 % BINS);
    int *device_in = device_copy(in, n);
    row("histogram", [&] { count<<<blocks(n, LINE), LINE>>>(n, device_in, bins), finish(); });
    return verified();
}
