/*
 * target_constructs: mappers, structures with pointers, declare target
 * variables, tasks, updates, and regions that run on the host between others.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>

enum { N = 1000 };

#pragma omp declare target
int counter = 5, table[10];
#pragma omp end declare target

/* A device has its own copy of a declare target variable, until it is updated. */
static void variables(void)
{
    #pragma omp target teams distribute parallel for
    for (int i = 0; i < 10; i++)
        table[i] = 2 * i + counter;
    counter = 7;
    #pragma omp target update to(counter)
    int sum = 0;
    #pragma omp target teams distribute parallel for reduction(+ : sum)
    for (int i = 0; i < 10; i++)
        sum += table[i] + counter;
    #pragma omp target update from(table)
    CHECK(sum == 90 + 50 + 70 && table[9] == 23);
}

struct vector {
    int n;
    double *elements;
};

#pragma omp declare mapper(whole : struct vector v) map(v, v.elements[0 : v.n])

static void structures(void)
{
    struct vector v = {N, malloc(N * sizeof(double))};
    for (int i = 0; i < N; i++)
        v.elements[i] = i;
    #pragma omp target teams distribute parallel for map(mapper(whole), tofrom : v)
    for (int i = 0; i < v.n; i++)
        v.elements[i] *= 2;
    #pragma omp target data map(to : v) map(tofrom : v.elements[0 : N])
    {
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < v.n; i++)
            v.elements[i] += 1;
        #pragma omp target parallel for
        for (int i = 0; i < v.n; i++)
            v.elements[i] += 1;
    }
    for (int i = 0; i < N; i++)
        CHECK(v.elements[i] == 2 * i + 2);
    free(v.elements);
}

static void tasks(void)
{
    int *x = malloc(N * sizeof *x);
    double scale = 2;
    int offsets[30];
    for (int i = 0; i < N; i++)
        x[i] = 1;
    for (int i = 0; i < 30; i++)
        offsets[i] = 100 * i;
    #pragma omp target enter data map(to : x[0 : N]) nowait depend(out : x[0])
    #pragma omp target teams distribute parallel for map(x[0 : N]) nowait depend(inout : x[0]) firstprivate(scale, offsets)
    for (int i = 0; i < N; i++)
        x[i] = (int)(x[i] * scale) + offsets[i % 30];
    #pragma omp target parallel for map(x[0 : N]) depend(inout : x[0])
    for (int i = 0; i < N; i++)
        x[i] *= 2;
    #pragma omp target exit data map(from : x[0 : N]) nowait depend(in : x[0])
    #pragma omp taskwait
    for (int i = 0; i < N; i++)
        CHECK(x[i] == 2 * (2 + 100 * (i % 30)));
    free(x);
}

/* A region that cannot leave the host sees what the device did, and touches nothing else. */
static void on_the_host(void)
{
    static int a[N], b[N];
    int seen = 0;
    #pragma omp target enter data map(to : a, b)
    #pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++)
        b[i] = i;
    for (int i = 0; i < N; i++)
        a[i] = 5;
    #pragma omp target map(from : seen)
    {
        seen = b[3];
        b[4] = 40;
    }
    #pragma omp target update to(a)
    int sum = 0;
    #pragma omp target teams distribute parallel for reduction(+ : sum)
    for (int i = 0; i < N; i++)
        sum += a[i] + b[i];
    #pragma omp target exit data map(delete : a, b)
    CHECK(seen == 3 && a[0] == 5);
    CHECK(sum == 5 * N + N * (N - 1) / 2 + 36);
}

/* The teams region's own code reads what its loop reads or writes as well. */
static void read_by_teams(void)
{
    double *p = malloc(N * sizeof *p), *x = malloc(N * sizeof *x);
    for (int i = 0; i < N; i++)
        p[i] = 2 + i;
    #pragma omp target teams map(tofrom : p[0 : N])
    {
        const double first = p[0];
        #pragma omp distribute parallel for
        for (int i = 1; i < N; i++)
            p[i] += first;
    }
    CHECK(p[0] == 2 && p[5] == 9 && p[N - 1] == N + 3);
    #pragma omp target data map(tofrom : p[0 : N], x[0 : N])
    {
        #pragma omp target teams
        {
            const double first = p[0];
            #pragma omp distribute parallel for
            for (int i = 1; i < N; i++)
                p[i] = first + 3 * i;
        }
        #pragma omp target teams
        {
            const double second = p[1];
            #pragma omp distribute parallel for
            for (int i = 0; i < N; i++)
                x[i] = second + i;
        }
    }
    CHECK(p[0] == 2 && p[1] == 5 && x[0] == 5 && x[N - 1] == N + 4);
    free(p);
    free(x);
}

/* Updates of parts of rows leave what is around them alone. */
static void sections(void)
{
    int m[6][8], on_device = 0;
    for (int i = 0; i < 48; i++)
        m[i / 8][i % 8] = i;
    #pragma omp target enter data map(to : m)
    #pragma omp target teams distribute parallel for map(from : on_device)
    for (int i = 0; i < 48; i++) {
        m[i / 8][i % 8] += 100;
        if (i == 0)
            on_device = !omp_is_initial_device();
    }
    #pragma omp target update from(m[1 : 3][2 : 4])
    for (int i = 0; i < 48; i++) {
        const int inside = i / 8 >= 1 && i / 8 < 4 && i % 8 >= 2 && i % 8 < 6;
        CHECK(m[i / 8][i % 8] == i + (inside || !on_device ? 100 : 0));
        m[i / 8][i % 8] = 1000 + i;
    }
    #pragma omp target update to(m[0 : 2][4 : 4])
    #pragma omp target exit data map(from : m)
    for (int i = 0; i < 48; i++) {
        const int inside = i / 8 < 2 && i % 8 >= 4;
        /* Where the loop ran on the host, both copies are one. */
        CHECK(m[i / 8][i % 8] == i + (inside || !on_device ? 1000 : 100));
    }
}

static void rectangles(void)
{
    int matrix[8][9], part[3][4], device = omp_get_default_device(), host = omp_get_initial_device();
    if (device >= omp_get_num_devices())
        device = host;
    for (int i = 0; i < 72; i++)
        matrix[i / 9][i % 9] = i;
    int *there = omp_target_alloc(sizeof matrix, device);
    CHECK(omp_target_memcpy(there, matrix, sizeof matrix, 0, 0, device, host) == 0);
    const size_t volume[2] = {3, 4}, to[2] = {0, 0}, from[2] = {2, 5}, small[2] = {3, 4}, large[2] = {8, 9};
    CHECK(omp_target_memcpy_rect(part, there, sizeof(int), 2, volume, to, from, small, large, host, device) == 0);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            CHECK(part[i][j] == (i + 2) * 9 + j + 5);
    omp_target_free(there, device);
}

/* Numbers that could be addresses: of the stack, of the heap, of what is behind the memory. */
static void numbers_like_addresses(void)
{
    int results[100];
    for (int key = 8380000; key < 9600000; key += 40000) {
        #pragma omp target parallel for map(from : results) firstprivate(key)
        for (int i = 0; i < 100; i++)
            results[i] = i ^ key;
        for (int i = 0; i < 100; i++)
            CHECK(results[i] == (i ^ key));
    }
}

/* A region whose pointer is to no mapped memory finds the rest of its data. */
static void base_is_not_mapped(void)
{
    int *x = calloc(N + 1, sizeof *x);
    for (int round = 0; round < 3; round++) {
        #pragma omp target enter data map(to : x[1 : N])
        #pragma omp target teams distribute parallel for
        for (int i = 1; i <= N; i++)
            x[i] = 2 * x[i] + round;
        #pragma omp target exit data map(from : x[1 : N])
    }
    for (int i = 1; i <= N; i++)
        CHECK(x[i] == 4);
    free(x);
}

int main(void)
{
    numbers_like_addresses();
    base_is_not_mapped();
    variables();
    structures();
    tasks();
    on_the_host();
    read_by_teams();
    sections();
    rectangles();
    return check_result("target_constructs");
}
