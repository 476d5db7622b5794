/*
 * by_hand: the programs of this folder written by hand in CUDA, as plainly: one thread per element.
 *
 *   by_hand <name> <iterations> <n>
 *
 * Beside their lines it prints `copy-pageable-to` and `copy-pageable-from`, of memory that is not
 * pinned, and `stencil-refresh`: each iteration with a second kernel that adds 1 to the input, as
 * the Parallel Research Kernels have it.
 */
#include "measure.h"

#include <cub/cub.cuh>
#include <cuda_runtime.h>
#include <string.h>

static void check(cudaError_t status)
{
    if (status != cudaSuccess)
        fail(cudaGetErrorString(status));
}

/* Waits for the kernels that were launched. */
static void finish()
{
    check(cudaGetLastError());
    check(cudaDeviceSynchronize());
}

static double *allocate_on_device(int count)
{
    void *memory;
    check(cudaMalloc(&memory, (size_t)count * sizeof(double)));
    return (double *)memory;
}

static void to_device(double *device, const double *host, int count)
{
    check(cudaMemcpy(device, host, (size_t)count * sizeof *host, cudaMemcpyHostToDevice));
}

static void from_device(double *host, const double *device, int count)
{
    check(cudaMemcpy(host, device, (size_t)count * sizeof *host, cudaMemcpyDeviceToHost));
}

static double *map_in(const double *host, int count)
{
    double *device = allocate_on_device(count);
    to_device(device, host, count);
    return device;
}

static int blocks(int count, int size)
{
    return (count + size - 1) / size;
}

/* Blocks of one and of two dimensions, and how many of them cover so many elements. */
static const int LINE = 256;
static const dim3 TILE(32, 8);

static dim3 tiles(int n)
{
    return dim3(blocks(n, TILE.x), blocks(n, TILE.y));
}

__global__ void triad(int n, double *__restrict__ a, const double *__restrict__ b, const double *__restrict__ c)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        a[i] += b[i] + 3 * c[i];
}

static void measure_triad(int iterations, int n)
{
    double *a = allocate(n), *b = allocate(n), *c = allocate(n), *times = allocate_times(iterations);
    triad_fill(n, a, b, c);

    double begin = now();
    double *device_a = map_in(a, n), *device_b = map_in(b, n), *device_c = map_in(c, n);
    report_since("map-in", begin);

    for (int k = 0; k <= iterations; k++) {
        begin = now();
        triad<<<blocks(n, LINE), LINE>>>(n, device_a, device_b, device_c);
        finish();
        times[k] = now() - begin;
    }

    begin = now();
    from_device(a, device_a, n);
    report_since("map-out", begin);
    triad_check(n, a, iterations + 1);
    report_rate("triad", "GB/s", 1e-9 * TRIAD_BYTES * n, times, iterations);
}

__global__ void stencil(int n, const double *__restrict__ in, double *__restrict__ out)
{
    const int j = RADIUS + blockIdx.x * blockDim.x + threadIdx.x;
    const int i = RADIUS + blockIdx.y * blockDim.y + threadIdx.y;
    if (i < n - RADIUS && j < n - RADIUS)
        out[i * n + j] += -0.125 * in[i * n + j - 2] - 0.25 * in[i * n + j - 1] +
                          0.25 * in[i * n + j + 1] + 0.125 * in[i * n + j + 2] -
                          0.125 * in[(i - 2) * n + j] - 0.25 * in[(i - 1) * n + j] +
                          0.25 * in[(i + 1) * n + j] + 0.125 * in[(i + 2) * n + j];
}

__global__ void increment(int n, double *a)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        a[i] += 1;
}

static void measure_stencil(int iterations, int n)
{
    double *in = allocate(n * n), *out = allocate(n * n);
    double *times = allocate_times(iterations), *refreshed = allocate_times(iterations);
    stencil_fill(n, in, out);

    double begin = now();
    double *device_in = map_in(in, n * n), *device_out = map_in(out, n * n);
    report_since("map-in", begin);

    const dim3 grid = tiles(n - 2 * RADIUS);
    for (int k = 0; k <= iterations; k++) {
        begin = now();
        stencil<<<grid, TILE>>>(n, device_in, device_out);
        finish();
        times[k] = now() - begin;
    }
    for (int k = 0; k <= iterations; k++) {
        begin = now();
        stencil<<<grid, TILE>>>(n, device_in, device_out);
        finish();
        increment<<<blocks(n * n, LINE), LINE>>>(n * n, device_in);
        finish();
        refreshed[k] = now() - begin;
    }

    begin = now();
    from_device(out, device_out, n * n);
    report_since("map-out", begin);
    stencil_check(n, out, 2 * (iterations + 1));
    const double points = 1e-9 * stencil_points(n);
    report_rate("stencil", "GFlop/s", STENCIL_FLOPS * points, times, iterations);
    report_rate("stencil-refresh", "GFlop/s", STENCIL_REFRESH_FLOPS * points, refreshed, iterations);
}

__global__ void transpose(int n, double *__restrict__ a, double *__restrict__ b)
{
    const int j = blockIdx.x * blockDim.x + threadIdx.x;
    const int i = blockIdx.y * blockDim.y + threadIdx.y;
    if (i < n && j < n) {
        b[i * n + j] += a[j * n + i];
        a[j * n + i] += 1;
    }
}

static void measure_transpose(int iterations, int n)
{
    double *a = allocate(n * n), *b = allocate(n * n), *times = allocate_times(iterations);
    transpose_fill(n, a, b);

    double begin = now();
    double *device_a = map_in(a, n * n), *device_b = map_in(b, n * n);
    report_since("map-in", begin);

    for (int k = 0; k <= iterations; k++) {
        begin = now();
        transpose<<<tiles(n), TILE>>>(n, device_a, device_b);
        finish();
        times[k] = now() - begin;
    }

    begin = now();
    from_device(b, device_b, n * n);
    report_since("map-out", begin);
    transpose_check(n, b, iterations + 1);
    report_rate("transpose", "GB/s", 1e-9 * TRANSPOSE_BYTES * n * n, times, iterations);
}

static void measure_sum(int iterations, int n)
{
    double *a = allocate(n), *times = allocate_times(iterations);
    sum_fill(n, a);

    double begin = now();
    double *device_a = map_in(a, n);
    report_since("map-in", begin);

    double *device_sum = allocate_on_device(1);
    void *scratch = NULL;
    size_t scratch_size = 0;
    check(cub::DeviceReduce::Sum(scratch, scratch_size, device_a, device_sum, n));
    check(cudaMalloc(&scratch, scratch_size));
    for (int k = 0; k <= iterations; k++) {
        double sum;
        begin = now();
        check(cub::DeviceReduce::Sum(scratch, scratch_size, device_a, device_sum, n));
        from_device(&sum, device_sum, 1);
        times[k] = now() - begin;
        sum_check(n, sum);
    }

    begin = now();
    from_device(a, device_a, n);
    report_since("map-out", begin);
    report_rate("sum", "GB/s", 8e-9 * n, times, iterations);
}

__global__ void empty()
{
}

static void measure_launch(int iterations, int n)
{
    double *times = allocate_times(iterations);
    for (int k = 0; k <= iterations; k++) {
        const double begin = now();
        for (int launch = 0; launch < n; launch++) {
            empty<<<1, 1>>>();
            finish();
        }
        times[k] = now() - begin;
    }
    report("launch", "us", 1e6 * median(times, iterations) / n);
}

/* Copies to and fro; the time of each iteration goes to `to` and `from`. */
static void copy(int iterations, int n, double *a, double *device_a, double *to, double *from)
{
    copy_fill(n, a);
    to_device(device_a, a, n);
    for (int k = 0; k <= iterations; k++) {
        copy_change(a, k);
        double begin = now();
        to_device(device_a, a, n);
        to[k] = now() - begin;

        increment<<<blocks(n, LINE), LINE>>>(n, device_a);
        finish();

        begin = now();
        from_device(a, device_a, n);
        from[k] = now() - begin;
        copy_check_change(a, k);
    }
    copy_check(n, a, iterations + 1);
}

static void measure_copy(int iterations, int n)
{
    double *a = allocate(n), *to = allocate_times(iterations), *from = allocate_times(iterations);
    copy_fill(n, a);

    double begin = now();
    double *device_a = map_in(a, n);
    report_since("map-in", begin);

    copy(iterations, n, a, device_a, to, from);
    report_rate("copy-pageable-to", "GB/s", 8e-9 * n, to, iterations);
    report_rate("copy-pageable-from", "GB/s", 8e-9 * n, from, iterations);

    begin = now();
    from_device(a, device_a, n);
    report_since("map-out", begin);

    void *pinned;
    check(cudaHostAlloc(&pinned, (size_t)n * sizeof *a, cudaHostAllocDefault));
    copy(iterations, n, (double *)pinned, device_a, to, from);
    report_rate("copy-to", "GB/s", 8e-9 * n, to, iterations);
    report_rate("copy-from", "GB/s", 8e-9 * n, from, iterations);
}

static const struct {
    const char *name;
    void (*measure)(int iterations, int n);
    int least, most;
} PROGRAMS[] = {
    {"triad", measure_triad, 1, MOST_ELEMENTS},
    {"stencil", measure_stencil, 2 * RADIUS + 1, MOST_ROWS},
    {"transpose", measure_transpose, 1, MOST_ROWS},
    {"sum", measure_sum, 1, MOST_ELEMENTS},
    {"launch", measure_launch, 1, MOST_ITERATIONS},
    {"copy", measure_copy, 1, MOST_ELEMENTS},
};

int main(int argc, char **argv)
{
    if (argc < 2)
        fail("usage: by_hand <name> <iterations> <n>");
    for (const auto &program : PROGRAMS)
        if (!strcmp(argv[1], program.name)) {
            const struct arguments arguments = read_arguments(argc - 2, argv + 2, program.least, program.most);
            program.measure(arguments.iterations, arguments.n);
            return verified();
        }
    fail("no such program");
}
