/*
 * for_simd: `for simd` with each schedule and the modifier simd, linear and
 * lastprivate variables, ordered simd and ordered threads.
 */
#pragma clang diagnostic ignored "-Wpass-failed"
#include "check.h"
#include <omp.h>
#include <string.h>

enum { N = 1003 };
static int counts[N], values[N];

#define PRAGMA(text) _Pragma(#text)

#define TEST(clauses)                                                         \
    do {                                                                      \
        int last = -1, by_two = 3, sum = 0;                                   \
        memset(counts, 0, sizeof counts);                                     \
        PRAGMA(omp parallel for simd clauses lastprivate(last) linear(by_two : 2) reduction(+ : sum)) \
        for (int i = 0; i < N; i++) {                                         \
            counts[i]++;                                                      \
            values[i] = by_two;                                               \
            by_two += 2;                                                      \
            sum += i;                                                         \
            last = i;                                                         \
        }                                                                     \
        CHECK(all_equal(counts, N, 1));                                       \
        CHECK(last == N - 1);                                                 \
        CHECK(by_two == 3 + 2 * N);                                           \
        CHECK(sum == N * (N - 1) / 2);                                        \
        for (int i = 0; i < N; i++)                                           \
            CHECK(values[i] == 3 + 2 * i);                                    \
    } while (0)

int main(void)
{
    TEST();
    TEST(schedule(static));
    TEST(schedule(static, 5));
    TEST(schedule(simd : static));
    TEST(schedule(simd : static, 4));
    TEST(simdlen(8) schedule(simd : static, 4));
    TEST(schedule(dynamic));
    TEST(schedule(simd : dynamic, 7));
    TEST(schedule(simd, monotonic : dynamic, 7));
    TEST(schedule(guided));
    TEST(schedule(simd : guided, 7));
    TEST(schedule(runtime));
    TEST(schedule(simd : runtime));
    TEST(schedule(auto));
    TEST(if(0) safelen(4) schedule(simd : dynamic));
    TEST(if(simd : 0));

    int count = 0;
    #pragma omp parallel for ordered schedule(simd : static, 4)
    for (int i = 0; i < N; i++) {
        #pragma omp ordered threads
        {
            CHECK(count == i);
            count++;
        }
    }
    CHECK(count == N);
    return check_result("for_simd");
}
