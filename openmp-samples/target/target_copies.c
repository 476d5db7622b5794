/*
 * target_copies: the host's copy of mapped memory and the device's, where a
 * program changes one while regions use the other, on the device and on the
 * host. Nothing here relies on the two copies being apart, or being one.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>

enum { N = 1000, ROWS = 4, THREADS = 4 };

#pragma omp declare target
int scale = 1;
#pragma omp end declare target

/* What a region on the host counts. */
static int counted;

static void count_on_host(void)
{
    #pragma omp target map(tofrom : counted)
    counted++;
}

/* The host fills a buffer again that loops have only read, while other regions run. */
static void double_buffer(void)
{
    int *in = malloc(N * sizeof *in), *out = malloc(N * sizeof *out);
    for (int i = 0; i < N; i++)
        in[i] = i;
    #pragma omp target data map(to : in[0 : N]) map(from : out[0 : N])
    for (int round = 1; round <= 3; round++) {
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            out[i] = scale * in[i];
        #pragma omp target update from(out[0 : N])
        for (int i = 0; i < N; i++) {
            CHECK(out[i] == round * (round > 1 ? 1000 * (round - 1) + i : i));
            in[i] = 1000 * round + i;
        }
        scale = round + 1;
        count_on_host();
        CHECK(in[3] == 1000 * round + 3 && scale == round + 1);
        #pragma omp target update to(in[0 : N], scale)
    }
    free(in);
    free(out);
    scale = 1;
    #pragma omp target update to(scale)
}

/* Half of an array is newest on the device, the other half on the host. */
static void halves(void)
{
    int a[N], first[10];
    for (int i = 0; i < N; i++)
        a[i] = i;
    #pragma omp target data map(to : a)
    {
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < N / 2; i++)
            a[i] += 1000;
        a[N - 1] = 7;
        /* Reads what the device has, which is not the host's business. */
        #pragma omp target teams map(from : first)
        {
            const int begin = a[0];
            #pragma omp distribute parallel for
            for (int i = 0; i < 10; i++)
                first[i] = begin + i;
        }
        CHECK(first[9] == 1009 && a[N - 1] == 7);
        CHECK(omp_target_memcpy(first, omp_get_mapped_ptr(a, omp_get_default_device()), sizeof first, 0, 5 * sizeof *a,
                                omp_get_initial_device(), omp_get_default_device()) == 0);
        CHECK(first[0] == 1005 && a[N - 1] == 7);
        #pragma omp target update to(a[N / 2 : N / 2])
        #pragma omp target update from(a[0 : N / 2])
        count_on_host();
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            a[i]++;
        #pragma omp target update from(a)
    }
    CHECK(a[0] == 1001 && a[N / 2 - 1] == N / 2 + 1000 && a[N / 2] == N / 2 + 1 && a[N - 1] == 8);
}

/* The code of a teams region around its loop reads and writes a part of an array that loops change, too. */
static void around_a_loop(void)
{
    int *p = malloc(N * sizeof *p), results[10], total = 0;
    for (int i = 0; i < N; i++)
        p[i] = i;
    #pragma omp target data map(tofrom : p[N / 2 : N / 2])
    for (int round = 0; round < 3; round++) {
        #pragma omp target teams distribute parallel for map(p[N / 2 : N / 2])
        for (int i = N / 2; i < N; i++)
            p[i]++;
        #pragma omp target teams map(from : results) map(p[N / 2 : N / 2])
        {
            p[N / 2 + 1] = p[N / 2] + 10000;
            #pragma omp distribute parallel for
            for (int i = 0; i < 10; i++)
                results[i] = p[N / 2 + i];
        }
        CHECK(results[0] == N / 2 + round + 1 && results[1] == results[0] + 10000 && results[9] == results[0] + 9);
        total += results[1];
    }
    /* The host's copy has that value, the device's has none. */
    results[0] = results[1] = total;
    #pragma omp target teams map(from : results)
    {
        results[0] = total;
        #pragma omp distribute parallel for
        for (int i = 1; i < 10; i++)
            results[i] = results[0] + i;
    }
    CHECK(results[0] == total && results[9] == total + 9);
    CHECK(total == 3 * (N / 2 + 10000) + 6 && p[N / 2 + 1] == N / 2 + 10003 && p[N - 1] == N + 2);
    free(p);
}

/* A reduction onto a variable that stays on the device, with what the host and a region on it do in between. */
static void totals(void)
{
    double sum = 0, seen = 0;
    #pragma omp target data map(tofrom : sum)
    for (int round = 0; round < 3; round++) {
        #pragma omp target teams distribute parallel for reduction(+ : sum)
        for (int i = 0; i < N; i++)
            sum += 1;
        #pragma omp target map(tofrom : seen)
        seen += sum;
        #pragma omp target update from(sum)
        CHECK(sum == N * (round + 1));
    }
    CHECK(sum == 3 * N && seen == 6 * N);
}

/* Device memory that only device memory points to, on the device and on the host. */
static void table_of_rows(void)
{
    const int device = omp_get_default_device(), host = omp_get_initial_device();
    int *rows[ROWS], **table = omp_target_alloc(sizeof rows, device), copy[N], middle = 0;
    for (int row = 0; row < ROWS; row++)
        rows[row] = omp_target_alloc(N * sizeof(int), device);
    CHECK(omp_target_memcpy(table, rows, sizeof rows, 0, 0, device, host) == 0);
    #pragma omp target teams distribute parallel for collapse(2) is_device_ptr(table)
    for (int row = 0; row < ROWS; row++)
        for (int i = 0; i < N; i++)
            table[row][i] = 10000 * row + i;
    #pragma omp target is_device_ptr(table) map(from : middle)
    {
        middle = table[2][N / 2];
        table[2][7] = -1;
    }
    CHECK(middle == 20000 + N / 2);
    CHECK(omp_target_memcpy(copy, rows[2], sizeof copy, 0, 0, host, device) == 0);
    CHECK(copy[6] == 20006 && copy[7] == -1 && copy[N - 1] == 20000 + N - 1);
    for (int row = 0; row < ROWS; row++)
        omp_target_free(rows[row], device);
    omp_target_free(table, device);
}

/* Device addresses that a program asks for: in regions on the host, for parts of arrays, in structures that are not mapped. */
static void device_addresses(void)
{
    static int array[N];
    const int device = omp_get_default_device(), host = omp_get_initial_device();
    int *data = calloc(N, sizeof *data), seen = 0, copy[N];
    struct {
        int *elements, n;
    } own = {omp_target_alloc(N * sizeof(int), device), N};
    #pragma omp target data map(tofrom : data[0 : N]) map(tofrom : array[0 : N / 2]) map(tofrom : array[N / 2 : N / 2])
    {
        #pragma omp target data use_device_ptr(data) use_device_addr(array[N / 2 : N / 2])
        {
            #pragma omp target teams distribute parallel for is_device_ptr(data)
            for (int i = 0; i < N; i++)
                data[i] += 1;
            #pragma omp target is_device_ptr(data)
            data[0] += 10;
            #pragma omp target teams distribute parallel for is_device_ptr(data)
            for (int i = 0; i < N; i++)
                data[i] *= 2;
            #pragma omp target teams distribute parallel for has_device_addr(array[N / 2 : N / 2])
            for (int i = N / 2; i < N; i++)
                array[i] = i;
        }
        #pragma omp target map(array[N / 2 : N / 2]) map(tofrom : seen)
        {
            seen = array[N - 1];
            array[N - 2] = 0;
        }
    }
    CHECK(data[0] == 22 && data[1] == 2 && seen == N - 1 && array[N - 2] == 0 && array[N - 3] == N - 3);
    #pragma omp target teams distribute parallel for firstprivate(own)
    for (int i = 0; i < N; i++)
        own.elements[i] = i;
    #pragma omp target firstprivate(own) map(from : seen)
    {
        seen = own.elements[N - 1];
        own.elements[0] = 5;
    }
    CHECK(omp_target_memcpy(copy, own.elements, sizeof copy, 0, 0, host, device) == 0);
    CHECK(seen == N - 1 && copy[0] == 5 && copy[1] == 1);
    omp_target_free(own.elements, device);
    free(data);
}

#pragma omp declare target
static __attribute__((noinline)) void put(int *into, int i)
{
    into[i] = i;
}
int board[N];
#pragma omp end declare target

/* Which of two arrays a loop writes is decided when it runs. */
static void choices(void)
{
    int *other = calloc(N, sizeof *other), sum = 0;
    for (int round = 0; round < 2; round++) {
        #pragma omp target data map(tofrom : other[0 : N])
        {
            #pragma omp target teams distribute parallel for
            for (int i = 0; i < N; i++)
                put(round ? other : board, i);
            #pragma omp target teams distribute parallel for
            for (int i = 0; i < N; i++)
                put(board, i / 2);
            #pragma omp target map(tofrom : sum) map(other[0 : N])
            for (int i = 0; i < N; i++)
                sum += other[i] + board[i];
        }
    }
    CHECK(sum == 3 * (N * (N - 1) / 2) && other[N - 1] == N - 1);
    free(other);
}

struct view {
    int n, *elements;
};

/* An array that two structures point to, and a pointer that a loop stores. */
static void several_pointers(void)
{
    int *array = malloc(N * sizeof *array), sum = 0, *stored = NULL;
    struct view first = {N, array}, second = {N, array};
    for (int i = 0; i < N; i++)
        array[i] = i;
    #pragma omp target enter data map(to : array[0 : N], stored)
    #pragma omp target enter data map(to : first, first.elements[0 : N])
    #pragma omp target enter data map(to : second, second.elements[0 : N])
    #pragma omp target teams distribute parallel for map(first)
    for (int i = 0; i < first.n; i++)
        first.elements[i] += 1000;
    #pragma omp target map(tofrom : sum) map(array[0 : N])
    {
        sum += array[5];
        array[6] = 0;
    }
    CHECK(sum == 1005);
    #pragma omp target teams distribute parallel for map(stored) map(first)
    for (int i = 0; i < 1; i++)
        stored = first.elements;
    #pragma omp target teams distribute parallel for map(stored)
    for (int i = 0; i < N; i++)
        stored[i]++;
    #pragma omp target update from(array[0 : N])
    #pragma omp target exit data map(release : array[0 : N], first, first.elements[0 : N], second, second.elements[0 : N], stored)
    CHECK(array[5] == 1006 && array[6] == 1 && array[N - 1] == N + 1000);
    free(array);
}

/* Threads of the host change parts of one mapped array at once. */
static void threads(void)
{
    int *array = calloc(THREADS * N, sizeof *array);
    #pragma omp target data map(tofrom : array[0 : THREADS * N])
    {
        #pragma omp parallel for num_threads(THREADS) schedule(static, 1)
        for (int turn = 0; turn < 10 * THREADS; turn++) {
            const int begin = N * (turn % THREADS), round = turn / THREADS;
            int sum = 0;
            #pragma omp target teams distribute parallel for map(array[0 : THREADS * N])
            for (int i = 0; i < N; i++)
                array[begin + i] += i;
            #pragma omp target teams distribute parallel for map(tofrom : sum) reduction(+ : sum)
            for (int i = 0; i < N; i++)
                sum += array[begin + i];
            CHECK(sum == (round + 1) * (N * (N - 1) / 2));
        }
    }
    for (int i = 0; i < THREADS * N; i++)
        CHECK(array[i] == 10 * (i % N));
    free(array);
}

int main(void)
{
    double_buffer();
    halves();
    around_a_loop();
    totals();
    table_of_rows();
    several_pointers();
    device_addresses();
    choices();
    threads();
    CHECK(counted == 4);
    return check_result("target_copies");
}
