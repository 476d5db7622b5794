/*
 * simd_clauses: every clause of simd. Each loop computes what it would without
 * vectors.
 */
#include "check.h"
#include <omp.h>

enum { N = 1000 };
static float a[N + 16] __attribute__((aligned(64))), b[N + 16];

static void test_distance(void)
{
    for (int i = 0; i < N; i++)
        a[i] = 1;
    #pragma omp simd safelen(4)
    for (int i = 4; i < N; i++)
        a[i] = a[i - 4] + 1;
    for (int i = 0; i < N; i++)
        CHECK(a[i] == (float)(1 + i / 4));
    #pragma omp simd safelen(8) simdlen(4)
    for (int i = 8; i < N; i++)
        a[i] = a[i - 8] + 2;
    for (int i = 0; i < N; i++)
        CHECK(a[i] == (float)(1 + i % 8 / 4 + 2 * (i / 8)));
}

static void test_memory(void)
{
    #pragma omp simd aligned(a : 64)
    for (int i = 0; i < N; i++)
        a[i] = (float)i;
    /* As scalars: not every machine has vectors that pass the caches by, and clang warns of loops that stay as they are. */
    #pragma omp simd nontemporal(b) if(0)
    for (int i = 0; i < N; i++)
        b[i] = 2 * a[i];
    for (int i = 0; i < N; i++)
        CHECK(b[i] == (float)(2 * i));
}

static void test_private_and_last(void)
{
    int values[N], t = -1, last = -1, sum = 0, bits = 0;
    for (int i = 0; i < N; i++)
        values[i] = i * 7 % N;
    #pragma omp simd private(t) lastprivate(last) reduction(+ : sum) reduction(| : bits)
    for (int i = 0; i < N; i++) {
        t = 2 * values[i];
        sum += t;
        last = t + 1;
        bits |= values[i];
    }
    CHECK(t == -1 && last == 2 * (N - 7) + 1 && sum == N * (N - 1) && bits == 1023);
}

static void test_linear(void)
{
    int by_one = 5, by_step = 7;
    const int step = 3;
    const float *p = a;
    for (int i = 0; i < N; i++)
        a[i] = (float)i;
    #pragma omp simd linear(by_one) linear(by_step : step) linear(p)
    for (int i = 0; i < N; i++) {
        b[i] = (float)(by_one + by_step) + *p;
        by_one++;
        by_step += step;
        p++;
    }
    CHECK(by_one == 5 + N && by_step == 7 + 3 * N && p == a + N);
    for (int i = 0; i < N; i++)
        CHECK(b[i] == (float)(12 + 5 * i));
}

static void test_order_and_if(int small)
{
    int count[N] = {0}, square[20][30];
    #pragma omp simd order(concurrent)
    for (int i = 0; i < N; i++)
        count[i] += i;
    #pragma omp simd if(simd : small)
    for (int i = 0; i < N; i++)
        count[i] -= i;
    CHECK(all_equal(count, N, 0));
    #pragma omp simd collapse(2)
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < 30; j++)
            square[i][j] = 100 * i + j;
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < 30; j++)
            CHECK(square[i][j] == 100 * i + j);
}

int main(void)
{
    for (int round = 0; round < 3; round++) {
        test_distance();
        test_memory();
        test_private_and_last();
        test_linear();
        test_order_and_if(round == 1);
    }
    return check_result("simd_clauses");
}
