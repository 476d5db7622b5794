/*
 * by_hand: the programs of this folder written by hand for OpenCL, as plainly: one work-item per element.
 *
 *   by_hand <name> <iterations> <n> [device]
 *
 * The device is a number, counted over all platforms; without it, the first GPU, or else the first
 * device. Beside their lines it prints `launch-read`, an empty kernel and the 8 bytes that are read
 * after it, and `stencil-refresh`: each iteration with a second kernel that adds 1 to the input, as
 * the Parallel Research Kernels have it. OpenCL is looked for when the program runs.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include "rows.h"

#include <CL/cl.h>
#include <dlfcn.h>
#include <string.h>

#define TEXT(...) #__VA_ARGS__

static const char *const SOURCE = TEXT(
    kernel void triad(int n, global double *restrict a, global const double *restrict b,
                      global const double *restrict c)
    {
        const int i = get_global_id(0);
        if (i < n)
            a[i] += b[i] + 3 * c[i];
    }

    kernel void stencil(int n, global const double *restrict in, global double *restrict out)
    {
        const int j = 2 + get_global_id(0), i = 2 + get_global_id(1);
        if (i < n - 2 && j < n - 2)
            out[i * n + j] += -0.125 * in[i * n + j - 2] - 0.25 * in[i * n + j - 1] +
                              0.25 * in[i * n + j + 1] + 0.125 * in[i * n + j + 2] -
                              0.125 * in[(i - 2) * n + j] - 0.25 * in[(i - 1) * n + j] +
                              0.25 * in[(i + 1) * n + j] + 0.125 * in[(i + 2) * n + j];
    }

    kernel void increment(int n, global double *a)
    {
        const int i = get_global_id(0);
        if (i < n)
            a[i] += 1;
    }

    kernel void transpose(int n, global double *restrict a, global double *restrict b)
    {
        const int j = get_global_id(0), i = get_global_id(1);
        if (i < n && j < n) {
            b[i * n + j] += a[j * n + i];
            a[j * n + i] += 1;
        }
    }

    /* One sum for each work-group; a second launch with one group adds those up. */
    kernel void sum(int n, global const double *a, global double *sums, local double *tree)
    {
        const int own = get_local_id(0), step = get_global_size(0);
        double partial = 0;
        for (int i = get_global_id(0); i < n; i += step)
            partial += a[i];
        tree[own] = partial;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int width = get_local_size(0) / 2; width > 0; width /= 2) {
            if (own < width)
                tree[own] += tree[own + width];
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        if (own == 0)
            sums[get_group_id(0)] = tree[0];
    }

    kernel void empty(void)
    {
    }

    kernel void waves(int n, global const double *a, global double *out)
    {
        const int i = get_global_id(0);
        if (i < n)
            out[i] = sin(a[i]) * cos(2 * a[i]);
    }

    double cumulative(double x)
    {
        return 0.5 * erfc(-x * 0.70710678118654752);
    }

    kernel void prices(int n, global const double *a, global const double *b, global const double *c, global double *out)
    {
        const int i = get_global_id(0);
        if (i >= n)
            return;
        const double stock = a[i], strike = b[i], years = c[i], rate = 0.02, volatility = 0.3;
        const double root = volatility * sqrt(years);
        const double d1 = (log(stock / strike) + (rate + 0.5 * volatility * volatility) * years) / root;
        out[i] = stock * cumulative(d1) - strike * exp(-rate * years) * cumulative(d1 - root);
    }

    kernel void accelerate(int n, global const double *x, global const double *y, global const double *z,
                           global double *out)
    {
        const int i = get_global_id(0);
        double sum = 0;
        for (int j = 0; j < n; j++) {
            const double dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
            const double square = dx * dx + dy * dy + dz * dz + 0.01;
            sum += dx / (square * sqrt(square));
        }
        out[i] = sum;
    }
);

/* Work-groups of one and of two dimensions; the groups that sum. */
enum { LINE = 256, TILE_COLUMNS = 32, TILE_ROWS = 8, SUM_GROUPS = 2048 };

/* The entry points, by their names without `cl`. */
#define ENTRIES(X) \
    X(GetPlatformIDs) X(GetDeviceIDs) X(GetDeviceInfo) X(CreateContext) X(CreateCommandQueue) \
    X(CreateProgramWithSource) X(BuildProgram) X(GetProgramBuildInfo) X(CreateKernel) X(SetKernelArg) \
    X(CreateBuffer) X(EnqueueWriteBuffer) X(EnqueueReadBuffer) X(EnqueueMapBuffer) \
    X(EnqueueNDRangeKernel) X(Finish)

#define DECLARE(name) __typeof__(cl##name) *name;
#define LOAD(name) *(void **)&cl.name = entry(library, "cl" #name);

static struct {
    ENTRIES(DECLARE)
} cl;

static cl_device_id device;
static cl_context context;
static cl_command_queue queue;
static cl_program program;

static void *entry(void *library, const char *name)
{
    void *address = dlsym(library, name);
    if (!address)
        fail(name);
    return address;
}

static void load(void)
{
    void *library = dlopen("libOpenCL.so.1", RTLD_NOW);
    if (!library)
        fail("there is no libOpenCL.so.1");
    ENTRIES(LOAD)
}

static void succeed(cl_int status, const char *what)
{
    if (status != CL_SUCCESS) {
        fprintf(stderr, "ERROR: %s: OpenCL's error %d\n", what, (int)status);
        exit(EXIT_FAILURE);
    }
}

/* The device of this number, or the first GPU for -1, or else the first device. */
static cl_device_id find_device(int number)
{
    enum { MOST = 64 };
    cl_platform_id platforms[MOST];
    cl_device_id devices[MOST];
    cl_uint platform_count = 0, count = 0;
    succeed(cl.GetPlatformIDs(MOST, platforms, &platform_count), "platforms");
    for (cl_uint p = 0; p < platform_count && p < MOST; p++) {
        cl_uint more = 0;
        if (count < MOST &&
            cl.GetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, MOST - count, devices + count, &more) == CL_SUCCESS)
            count += more < MOST - count ? more : MOST - count;
    }
    for (cl_uint d = 0; number < 0 && d < count; d++) {
        cl_device_type type;
        succeed(cl.GetDeviceInfo(devices[d], CL_DEVICE_TYPE, sizeof type, &type, NULL), "the type of a device");
        if (type & CL_DEVICE_TYPE_GPU)
            number = (int)d;
    }
    number = number < 0 ? 0 : number;
    if ((cl_uint)number >= count)
        fail("there is no such OpenCL device");
    return devices[number];
}

static void open_device(void)
{
    cl_int status;
    context = cl.CreateContext(NULL, 1, &device, NULL, NULL, &status);
    succeed(status, "context");
    queue = cl.CreateCommandQueue(context, device, 0, &status);
    succeed(status, "queue");
}

static void build_program(void)
{
    const char *source = SOURCE;
    cl_int status;
    program = cl.CreateProgramWithSource(context, 1, &source, NULL, &status);
    succeed(status, "program");
    if (cl.BuildProgram(program, 1, &device, "", NULL, NULL) != CL_SUCCESS) {
        static char log[10000];
        cl.GetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log, NULL);
        fail(log);
    }
}

static cl_kernel find_kernel(const char *name)
{
    if (!program)
        build_program();
    cl_int status;
    cl_kernel kernel = cl.CreateKernel(program, name, &status);
    succeed(status, name);
    return kernel;
}

static void set(cl_kernel kernel, cl_uint index, size_t size, const void *value)
{
    succeed(cl.SetKernelArg(kernel, index, size, value), "argument");
}

/* A kernel whose arguments are a number and buffers. */
static cl_kernel prepare(const char *name, int n, int count, const cl_mem *buffers)
{
    cl_kernel kernel = find_kernel(name);
    set(kernel, 0, sizeof n, &n);
    for (int b = 0; b < count; b++)
        set(kernel, 1 + (cl_uint)b, sizeof buffers[b], &buffers[b]);
    return kernel;
}

static void finish(void)
{
    succeed(cl.Finish(queue), "kernel");
}

/* count work-items in groups of the given size. */
static void launch(cl_kernel kernel, size_t count, size_t size)
{
    const size_t rounded = (count + size - 1) / size * size;
    succeed(cl.EnqueueNDRangeKernel(queue, kernel, 1, NULL, &rounded, &size, 0, NULL, NULL), "launch");
}

/* A square of work-items. */
static void launch_tiles(cl_kernel kernel, size_t n)
{
    const size_t size[] = {TILE_COLUMNS, TILE_ROWS};
    const size_t rounded[] = {(n + size[0] - 1) / size[0] * size[0], (n + size[1] - 1) / size[1] * size[1]};
    succeed(cl.EnqueueNDRangeKernel(queue, kernel, 2, NULL, rounded, size, 0, NULL, NULL), "launch");
}

static cl_mem allocate_on_device(int count, cl_mem_flags flags)
{
    cl_int status;
    cl_mem buffer = cl.CreateBuffer(context, flags, (size_t)count * sizeof(double), NULL, &status);
    succeed(status, "buffer");
    return buffer;
}

static void to_device(cl_mem buffer, const double *host, int count)
{
    const size_t size = (size_t)count * sizeof *host;
    succeed(cl.EnqueueWriteBuffer(queue, buffer, CL_TRUE, 0, size, host, 0, NULL, NULL), "write");
}

static void from_device(double *host, cl_mem buffer, int count)
{
    const size_t size = (size_t)count * sizeof *host;
    succeed(cl.EnqueueReadBuffer(queue, buffer, CL_TRUE, 0, size, host, 0, NULL, NULL), "read");
}

static cl_mem map_in(const double *host, int count)
{
    cl_mem buffer = allocate_on_device(count, CL_MEM_READ_WRITE);
    to_device(buffer, host, count);
    return buffer;
}

static void measure_triad(int iterations, int n)
{
    double *a = allocate(n), *b = allocate(n), *c = allocate(n), *times = allocate_times(iterations);
    triad_fill(n, a, b, c);

    double begin = now();
    open_device();
    const cl_mem buffers[] = {map_in(a, n), map_in(b, n), map_in(c, n)};
    report_since("map-in", begin);

    cl_kernel triad = prepare("triad", n, 3, buffers);
    for (int k = 0; k <= iterations; k++) {
        begin = now();
        launch(triad, (size_t)n, LINE);
        finish();
        times[k] = now() - begin;
    }

    begin = now();
    from_device(a, buffers[0], n);
    report_since("map-out", begin);
    triad_check(n, a, iterations + 1);
    report_rate("triad", "GB/s", 1e-9 * TRIAD_BYTES * n, times, iterations);
}

static void measure_stencil(int iterations, int n)
{
    double *in = allocate(n * n), *out = allocate(n * n);
    double *times = allocate_times(iterations), *refreshed = allocate_times(iterations);
    stencil_fill(n, in, out);

    double begin = now();
    open_device();
    const cl_mem buffers[] = {map_in(in, n * n), map_in(out, n * n)};
    report_since("map-in", begin);

    cl_kernel stencil = prepare("stencil", n, 2, buffers), refresh = prepare("increment", n * n, 1, buffers);
    const size_t inner = (size_t)(n - 2 * RADIUS);
    for (int k = 0; k <= iterations; k++) {
        begin = now();
        launch_tiles(stencil, inner);
        finish();
        times[k] = now() - begin;
    }
    for (int k = 0; k <= iterations; k++) {
        begin = now();
        launch_tiles(stencil, inner);
        finish();
        launch(refresh, (size_t)(n * n), LINE);
        finish();
        refreshed[k] = now() - begin;
    }

    begin = now();
    from_device(out, buffers[1], n * n);
    report_since("map-out", begin);
    stencil_check(n, out, 2 * (iterations + 1));
    const double points = 1e-9 * stencil_points(n);
    report_rate("stencil", "GFlop/s", STENCIL_FLOPS * points, times, iterations);
    report_rate("stencil-refresh", "GFlop/s", STENCIL_REFRESH_FLOPS * points, refreshed, iterations);
}

static void measure_transpose(int iterations, int n)
{
    double *a = allocate(n * n), *b = allocate(n * n), *times = allocate_times(iterations);
    transpose_fill(n, a, b);

    double begin = now();
    open_device();
    const cl_mem buffers[] = {map_in(a, n * n), map_in(b, n * n)};
    report_since("map-in", begin);

    cl_kernel transpose = prepare("transpose", n, 2, buffers);
    for (int k = 0; k <= iterations; k++) {
        begin = now();
        launch_tiles(transpose, (size_t)n);
        finish();
        times[k] = now() - begin;
    }

    begin = now();
    from_device(b, buffers[1], n * n);
    report_since("map-out", begin);
    transpose_check(n, b, iterations + 1);
    report_rate("transpose", "GB/s", 1e-9 * TRANSPOSE_BYTES * n * n, times, iterations);
}

static cl_kernel prepare_sum(int n, cl_mem from, cl_mem to)
{
    cl_kernel kernel = prepare("sum", n, 2, (const cl_mem[]){from, to});
    set(kernel, 3, LINE * sizeof(double), NULL);
    return kernel;
}

static void measure_sum(int iterations, int n)
{
    double *a = allocate(n), *times = allocate_times(iterations);
    sum_fill(n, a);

    double begin = now();
    open_device();
    cl_mem buffer = map_in(a, n);
    report_since("map-in", begin);

    cl_mem sums = allocate_on_device(SUM_GROUPS, CL_MEM_READ_WRITE), whole = allocate_on_device(1, CL_MEM_READ_WRITE);
    cl_kernel first = prepare_sum(n, buffer, sums), second = prepare_sum(SUM_GROUPS, sums, whole);
    for (int k = 0; k <= iterations; k++) {
        double sum;
        begin = now();
        launch(first, SUM_GROUPS * LINE, LINE);
        launch(second, LINE, LINE);
        from_device(&sum, whole, 1);
        times[k] = now() - begin;
        sum_check(n, sum);
    }

    begin = now();
    from_device(a, buffer, n);
    report_since("map-out", begin);
    report_rate("sum", "GB/s", 8e-9 * n, times, iterations);
}

static void measure_launch(int iterations, int n)
{
    double *times = allocate_times(iterations), *reading = allocate_times(iterations);
    open_device();
    cl_kernel empty = find_kernel("empty");
    cl_mem word = allocate_on_device(1, CL_MEM_READ_WRITE);
    double value = 0;
    to_device(word, &value, 1);

    for (int k = 0; k <= iterations; k++) {
        double begin = now();
        for (int i = 0; i < n; i++) {
            launch(empty, 1, 1);
            finish();
        }
        times[k] = now() - begin;

        begin = now();
        for (int i = 0; i < n; i++) {
            launch(empty, 1, 1);
            from_device(&value, word, 1);
        }
        reading[k] = now() - begin;
    }
    report("launch", "us", 1e6 * median(times, iterations) / n);
    report("launch-read", "us", 1e6 * median(reading, iterations) / n);
}

/* Memory that the device reads and writes directly: that of a buffer which is never used as one. */
static double *allocate_pinned(int count)
{
    cl_mem buffer = allocate_on_device(count, CL_MEM_ALLOC_HOST_PTR);
    const size_t size = (size_t)count * sizeof(double);
    cl_int status;
    const cl_map_flags flags = CL_MAP_READ | CL_MAP_WRITE;
    double *memory = cl.EnqueueMapBuffer(queue, buffer, CL_TRUE, flags, 0, size, 0, NULL, NULL, &status);
    succeed(status, "pinned memory");
    return memory;
}

/* Copies to and fro; the time of each iteration goes to `to` and `from`. */
static void copy(int iterations, int n, double *a, cl_mem buffer, double *to, double *from)
{
    cl_kernel increment = prepare("increment", n, 1, &buffer);
    copy_fill(n, a);
    to_device(buffer, a, n);
    for (int k = 0; k <= iterations; k++) {
        copy_change(a, k);
        double begin = now();
        to_device(buffer, a, n);
        to[k] = now() - begin;

        launch(increment, (size_t)n, LINE);
        finish();

        begin = now();
        from_device(a, buffer, n);
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
    open_device();
    cl_mem buffer = map_in(a, n);
    report_since("map-in", begin);

    copy(iterations, n, a, buffer, to, from);
    report_rate("copy-pageable-to", "GB/s", 8e-9 * n, to, iterations);
    report_rate("copy-pageable-from", "GB/s", 8e-9 * n, from, iterations);

    begin = now();
    from_device(a, buffer, n);
    report_since("map-out", begin);

    copy(iterations, n, allocate_pinned(n), buffer, to, from);
    report_rate("copy-to", "GB/s", 8e-9 * n, to, iterations);
    report_rate("copy-from", "GB/s", 8e-9 * n, from, iterations);
}

/* One of the loops of rows.c. */
static void measure_row(const char *name, const char *kernel_name, int iterations, int n, int count, const cl_mem *buffers)
{
    double *times = allocate_times(iterations);
    cl_kernel kernel = prepare(kernel_name, n, count, buffers);
    for (int k = 0; k <= iterations; k++) {
        const double begin = now();
        launch(kernel, (size_t)n, LINE);
        finish();
        times[k] = now() - begin;
    }
    report(name, "ms", 1e3 * median(times, iterations));
    free(times);
}

static cl_mem numbers(int n, double least, double range)
{
    double *host = allocate(n);
    fill_numbers(host, n, least, range);
    cl_mem buffer = map_in(host, n);
    free(host);
    return buffer;
}

static void measure_rows(int iterations, int n)
{
    open_device();
    const cl_mem buffers[] = {numbers(n, 5, 25), numbers(n, 1, 99), numbers(n, 0.25, 9),
                              allocate_on_device(n, CL_MEM_READ_WRITE)};
    measure_row("sin-cos", "waves", iterations, n, 2, (const cl_mem[]){buffers[0], buffers[3]});
    measure_row("black-scholes", "prices", iterations, n, 4, buffers);
    if (n >= BODIES * 100)
        measure_row("n-body", "accelerate", iterations, BODIES, 4, buffers);
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
    {"rows", measure_rows, 3200, MOST_ELEMENTS},
};

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5)
        fail("usage: by_hand <name> <iterations> <n> [device]");
    for (size_t p = 0; p < sizeof PROGRAMS / sizeof *PROGRAMS; p++)
        if (!strcmp(argv[1], PROGRAMS[p].name)) {
            const struct arguments arguments = read_arguments(2, argv + 2, PROGRAMS[p].least, PROGRAMS[p].most);
            load();
            device = find_device(argc == 5 ? read_number(argv[4], 0, 1000) : -1);
            PROGRAMS[p].measure(arguments.iterations, arguments.n);
            return verified();
        }
    fail("no such program");
}
