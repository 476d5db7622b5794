/* target_variable: arrays of variable length, and what alloca gives, are what they are in a plain loop, wherever it runs: in loops and blocks,
 * beside others, of two dimensions, in functions that call others and in those that do not, of an iteration and of a team. A program that is
 * given a number has arrays of that length only. */
#include "../constructs/check.h"
#include <alloca.h>
#include <stdlib.h>
#include <string.h>

enum { N = 403, TEAMS = 7, PART = 20 };

static double in[N];

#define LOOP _Pragma("omp target teams distribute parallel for map(to : in) map(from : out)")

#pragma omp declare target
__attribute__((noinline)) static double sum(const double *a, int n)
{
    double all = 0;
    for (int k = 0; k < n; k++)
        all += a[k];
    return all;
}

/* One array beside another, and one of two dimensions, in a function that calls no other. */
__attribute__((noinline)) static double leaf(const double *in, int i, int n)
{
    double a[n], b[n][n + 1];
    for (int k = 0; k < n; k++) {
        a[k] = in[(i + k) % N];
        for (int j = 0; j <= n; j++)
            b[k][j] = k - j;
    }
    double all = 0;
    for (int k = 0; k < n; k++)
        all += a[k * 3 % n] + b[k * 5 % n][k];
    return all;
}

/* Its array is longer in each round, and it is left in two ways. */
__attribute__((noinline)) static double rounds(const double *in, int i, int n)
{
    char head[8];
    double all = 0;
    for (int m = 1; m <= n; m++) {
        double a[m];
        for (int k = 0; k < m; k++)
            a[k] = in[(i + k * m) % N];
        {
            short b[m + 2];
            memset(b, 0, sizeof b);
            b[i % m + 1] = (short)(i + m);
            for (int k = 0; k < m; k++)
                all += b[k + 1] * a[(k * 7 + 1) % m];
        }
        if ((i + m) % 5 == 0)
            continue;
        all += sum(a, m);
        if (m > 9 + i % 3)
            break;
    }
    memcpy(head, &in[i], sizeof head);
    return all + head[i & 7];
}

/* What is allocated in a loop is there until the function returns. */
__attribute__((noinline)) static double kept(const double *in, int i, int n)
{
    double *parts[4], all = 0;
    for (int j = 0; j < 4; j++) {
        parts[j] = alloca((j + i % n + 1) * sizeof(double));
        for (int k = 0; k <= j + i % n; k++)
            parts[j][k] = in[(i + j + k) % N];
    }
    for (int j = 0; j < 4; j++)
        all += (j + 1) * sum(parts[j], j + i % n + 1);
    return all;
}

/* The frames of both grow. */
__attribute__((noinline)) static double nested(const double *in, int i, int n)
{
    double a[n];
    for (int k = 0; k < n; k++)
        a[k] = leaf(in, i, k + 1);
    return rounds(in, i, n) + sum(a, n);
}
#pragma omp end declare target

static void check_loops(int n)
{
    static double out[N];
#define CHECK_LOOP(function)                                                                                         \
    LOOP for (int i = 0; i < N; i++) out[i] = function(in, i, n);                                                    \
    for (int i = 0; i < N; i++)                                                                                      \
        CHECK(out[i] == function(in, i, n));

    CHECK_LOOP(leaf)
    CHECK_LOOP(rounds)
    CHECK_LOOP(kept)
    CHECK_LOOP(nested)
}

/* Arrays of a loop's own iterations. */
static void check_iterations(int n)
{
    static double out[N];
    double total = 0, expected_total = 0;
#pragma omp target parallel for map(to : in) map(from : out) reduction(+ : total)
    for (int i = 0; i < N; i++) {
        double a[n];
        for (int k = 0; k < n; k++)
            a[k] = in[i] * k;
        out[i] = a[i % n] + sum(a, n);
        total += a[i * 3 % n];
    }
    for (int i = 0; i < N; i++) {
        double expected = in[i] * (i % n);
        for (int k = 0; k < n; k++)
            expected += in[i] * k;
        expected_total += in[i] * (i * 3 % n);
        CHECK(out[i] == expected);
    }
    CHECK(total == expected_total);
}

/* Arrays of a team: one that its members read, and one that they fill. */
static void check_teams(int n)
{
    static double out[TEAMS * PART];
    static int filled[TEAMS * PART];
#pragma omp target teams distribute map(to : in) map(from : out)
    for (int t = 0; t < TEAMS; t++) {
        double a[n];
        for (int k = 0; k < n; k++)
            a[k] = in[t + k];
#pragma omp parallel for
        for (int i = 0; i < PART; i++)
            out[t * PART + i] = a[i % n] + i;
    }
#pragma omp target teams distribute map(from : filled)
    for (int t = 0; t < TEAMS; t++) {
        int a[n];
#pragma omp parallel for
        for (int k = 0; k < n; k++)
            a[k] = t * k;
#pragma omp parallel for
        for (int i = 0; i < PART; i++)
            filled[t * PART + i] = a[i % n] + a[n - 1];
    }
    for (int i = 0; i < TEAMS * PART; i++) {
        CHECK(out[i] == in[i / PART + i % PART % n] + i % PART);
        CHECK(filled[i] == i / PART * (i % PART % n + n - 1));
    }
}

/* A region of one team. */
static void check_target(int n)
{
    static double out[N];
#pragma omp target map(to : in) map(from : out)
    {
        double a[n];
        for (int k = 0; k < n; k++)
            a[k] = in[k] * 0.5;
#pragma omp parallel for
        for (int i = 0; i < N; i++) {
            double b[n];
            for (int k = 0; k < n; k++)
                b[k] = a[k] + i;
            out[i] = sum(b, n);
        }
    }
    for (int i = 0; i < N; i++) {
        double expected = 0;
        for (int k = 0; k < n; k++)
            expected += in[k] * 0.5 + i;
        CHECK(out[i] == expected);
    }
}

/* An array of this length, which may be too long for a device. */
static int long_array(int n)
{
    int result = 0;
#pragma omp target map(from : result)
    {
        int a[n];
        for (int k = 0; k < n; k++)
            a[k] = k;
        result = a[n / 2] + a[n - 1];
    }
    return result;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        int n = atoi(argv[1]);
        printf("%d\n", long_array(n) == n / 2 + n - 1);
        return 0;
    }
    for (int i = 0; i < N; i++)
        in[i] = i * 7919 % 1000 * 0.5;
    for (int n = argc; n <= 13; n += 6) {
        check_loops(n);
        check_iterations(n);
        check_teams(n);
        check_target(n);
    }
    return check_result("target_variable");
}
