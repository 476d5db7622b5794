/*
 * target_loops: loops of target regions, with and without data environments around them,
 * give the same wherever they run.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>

enum { N = 5000, ROWS = 60, COLUMNS = 70 };

static double a[N], b[N];
static int table[256];

#pragma omp declare target
static double square(double x)
{
    return x * x;
}
#pragma omp end declare target

/* Maps of its own; scalars of 4 and 8 bytes by value; a function call. */
static void combined(double scale, int shift)
{
    #pragma omp target teams distribute parallel for map(tofrom : a) map(to : b)
    for (int i = 0; i < N; i++)
        a[i] = scale * square(b[i]) + shift;
    for (int i = 0; i < N; i++)
        CHECK(a[i] == scale * b[i] * b[i] + shift);
}

/* The data stay on the device between regions; the host sees them when it asks. */
static void data(void)
{
    for (int i = 0; i < N; i++)
        a[i] = i;
    #pragma omp target data map(tofrom : a) map(to : b)
    {
        for (int k = 0; k < 4; k++) {
            #pragma omp target teams distribute parallel for schedule(static, 1)
            for (int i = 0; i < N; i++)
                a[i] += b[i];
        }
        #pragma omp target update from(a[10 : 5])
        for (int i = 10; i < 15; i++)
            CHECK(a[i] == i + 4 * b[i]);
        a[3] = 1000;
        #pragma omp target update to(a[3 : 1])
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            a[i] *= 2;
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == 2 * (i == 3 ? 1000 : i + 4 * b[i]));
}

static void unstructured(void)
{
    double *heap = malloc(N * sizeof *heap);
    for (int i = 0; i < N; i++)
        heap[i] = 1;
    #pragma omp target enter data map(to : heap[0 : N])
    CHECK(omp_get_num_devices() == 0 || omp_target_is_present(heap, omp_get_default_device()));
    #pragma omp target teams distribute parallel for map(heap[0 : N])
    for (long i = 0; i < N; i++)
        heap[i] += (double)i;
    #pragma omp target exit data map(from : heap[0 : N])
    for (int i = 0; i < N; i++)
        CHECK(heap[i] == 1 + i);
    free(heap);
}

static void collapsed(int rows, int columns)
{
    double *matrix = calloc((size_t)(ROWS * COLUMNS), sizeof *matrix);
    #pragma omp target teams distribute parallel for collapse(2) map(tofrom : matrix[0 : ROWS * COLUMNS])
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            matrix[i * columns + j] += i * 1000 + j;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            CHECK(matrix[i * columns + j] == i * 1000 + j);
    free(matrix);
}

static void integers(void)
{
    for (int i = 0; i < 256; i++)
        table[i] = 255 - i;
    unsigned char bytes[512];
    for (int i = 0; i < 512; i++)
        bytes[i] = (unsigned char)(i * 7);
    #pragma omp target teams distribute parallel for map(tofrom : bytes) map(to : table)
    for (unsigned i = 0; i < 512; i++)
        bytes[i] = (unsigned char)table[bytes[i]];
    for (int i = 0; i < 512; i++)
        CHECK(bytes[i] == (unsigned char)(255 - (unsigned char)(i * 7)));
}

static void chunks(void)
{
    static int last_of[N];
    #pragma omp target teams distribute parallel for schedule(static, 7) map(from : last_of)
    for (int i = 0; i < N; i++)
        last_of[i] = i + 1;
    for (int i = 0; i < N; i++)
        CHECK(last_of[i] == i + 1);
}

/* Regions that have serial code, reductions, or no teams: where they run is not said, what they do is. */
static void others(void)
{
    double sum = 0;
    int plain = 1;
    for (int i = 0; i < N; i++)
        a[i] = 1;
    #pragma omp target data map(tofrom : a)
    {
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            a[i] += 1;
        #pragma omp target map(tofrom : plain)
        {
            plain += 1;
            for (int i = 0; i < N; i++)
                a[i] += plain;
        }
        #pragma omp target parallel for
        for (int i = 0; i < N; i++)
            a[i] += 10;
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            a[i] *= 2;
        #pragma omp target teams distribute parallel for reduction(+ : sum) map(tofrom : sum)
        for (int i = 0; i < N; i++)
            sum += a[i];
    }
    CHECK(plain == 2 && sum == 28.0 * N);
    for (int i = 0; i < N; i++)
        CHECK(a[i] == 28);
}

static void conditional(int condition)
{
    int flags[8] = {0};
    #pragma omp target teams distribute parallel for if(condition) map(tofrom : flags)
    for (int i = 0; i < 8; i++)
        flags[i] = i + condition;
    for (int i = 0; i < 8; i++)
        CHECK(flags[i] == i + condition);
    #pragma omp target teams distribute parallel for device(omp_get_initial_device()) map(tofrom : flags)
    for (int i = 0; i < 8; i++)
        flags[i] = 2 * i;
    for (int i = 0; i < 8; i++)
        CHECK(flags[i] == 2 * i);
}

static void device_memory(void)
{
    int device = omp_get_default_device(), host = omp_get_initial_device();
    if (omp_get_num_devices() == 0)
        device = host;
    double *memory = omp_target_alloc(N * sizeof *memory, device), result[N];
    CHECK(memory != NULL);
    CHECK(omp_target_memcpy(memory, b, N * sizeof *memory, 0, 0, device, host) == 0);
    #pragma omp target teams distribute parallel for is_device_ptr(memory) device(device)
    for (int i = 0; i < N; i++)
        memory[i] += 1;
    CHECK(omp_target_memcpy(result, memory, N * sizeof *memory, 0, 0, host, device) == 0);
    for (int i = 0; i < N; i++)
        CHECK(result[i] == b[i] + 1);
    omp_target_free(memory, device);
}

#pragma omp declare target
__attribute__((noinline)) static void count_in_chunks(int *array, int n)
{
    #pragma omp for schedule(dynamic, 4) nowait
    for (int i = 0; i < n; i++)
        array[i] = i;
}

__attribute__((noinline)) static void double_in_chunks(int *array, int n)
{
    #pragma omp for schedule(static, 3)
    for (int i = 0; i < n; i++)
        array[i] *= 2;
    #pragma omp single
    array[0] = -1;
}
#pragma omp end declare target

/* Loops that are shared with nobody else. */
static void orphaned(void)
{
    #pragma omp target map(from : table)
    {
        count_in_chunks(table, 256);
        double_in_chunks(table, 256);
    }
    for (int i = 0; i < 256; i++)
        CHECK(table[i] == (i == 0 ? -1 : 2 * i));
}

int main(void)
{
    for (int i = 0; i < N; i++)
        b[i] = 0.5 * i;
    combined(3, -4);
    data();
    unstructured();
    collapsed(ROWS, COLUMNS);
    integers();
    chunks();
    others();
    conditional(0);
    conditional(1);
    device_memory();
    orphaned();
    CHECK(omp_is_initial_device());
    return check_result("target_loops");
}
