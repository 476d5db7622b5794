/*
 * simd: loops whose iterations are divided among threads and SIMD lanes, and
 * functions of which there are versions for SIMD loops.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

enum { N = 1003 };
static float a[N], b[N], c[N];
static int count[N];

#pragma omp declare simd uniform(scale) linear(index : 1) notinbranch
static float scaled(float value, float scale, int index)
{
    return value * scale + (float)(index % 4);
}

#pragma omp declare simd inbranch
static int collatz_step(int n)
{
    return n % 2 ? 3 * n + 1 : n / 2;
}

static void test_elementwise(void)
{
    #pragma omp parallel for simd
    for (int i = 0; i < N; i++) {
        a[i] = (float)i;
        b[i] = (float)(2 * i);
        c[i] = 0;
        count[i] = 0;
    }
#if !defined(__clang__) || defined(__wasm__) /* LLVM 19's libomp leaves the stride unset */
    #pragma omp parallel for simd schedule(simd : static, 8) safelen(16) simdlen(4)
#else
    #pragma omp parallel for simd schedule(static) safelen(16) simdlen(4)
#endif
    for (int i = 0; i < N; i++) {
        c[i] = a[i] + b[i];
        count[i]++;
    }
    CHECK(all_equal(count, N, 1));
    #pragma omp parallel for simd schedule(dynamic, 32)
    for (int i = 0; i < N; i++) {
        c[i] += scaled(a[i], 2, i);
        count[i]++;
    }
    CHECK(all_equal(count, N, 2));
    for (int i = 0; i < N; i++)
        CHECK(c[i] == (float)(5 * i + i % 4));
}

static void test_clauses(void)
{
    int64_t sum = 0;
    int last = -1, place = 0, odd = 0;
    int least = 100;
    #pragma omp parallel for simd reduction(+ : sum) reduction(min : least) lastprivate(last)
    for (int i = 0; i < N; i++) {
        sum += i;
        least = i - 7 < least ? i - 7 : least;
        last = 3 * i;
    }
    CHECK(sum == (int64_t)N * (N - 1) / 2 && least == -7 && last == 3 * (N - 1));

    #pragma omp parallel for simd collapse(2) reduction(+ : odd)
    for (int i = 0; i < 30; i++)
        for (int j = 0; j < 31; j++)
            odd += (i * j) % 2;
    CHECK(odd == 15 * 15);

    #pragma omp simd linear(place : 2) aligned(a : 4)
    for (int i = 0; i < N / 2; i++) {
        a[place] = -1;
        place += 2;
    }
    CHECK(place == N / 2 * 2);
    for (int i = 0; i < N; i++)
        CHECK(a[i] == (i % 2 || i == N - 1 ? (float)i : -1));

    #pragma omp parallel
    #pragma omp for simd nowait
    for (int i = 0; i < N; i++)
        if (i > 100)
            count[i] = collatz_step(i);
    for (int i = 0; i < N; i++)
        CHECK(count[i] == (i > 100 ? i % 2 ? 3 * i + 1 : i / 2 : 2));
}

int main(void)
{
    for (int round = 0; round < 5; round++) {
        test_elementwise();
        test_clauses();
    }
    return check_result("simd");
}
