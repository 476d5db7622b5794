/*
 * loop_construct: `loop` with each binding, alone and combined, and
 * order(concurrent) on the other loops.
 */
#pragma clang diagnostic ignored "-Wpass-failed"
#include "check.h"
#include <omp.h>
#include <string.h>

enum { N = 500 };
static int counts[N];

static void expect(int each)
{
    CHECK(all_equal(counts, N, each));
    memset(counts, 0, sizeof counts);
}

int main(void)
{
    int sum = 0, i;

    #pragma omp parallel
    {
        #pragma omp loop bind(parallel)
        for (int i = 0; i < N; i++)
            tick(&counts[i]);
        /* Its end is a barrier, unless there is nowait. */
        CHECK(__atomic_load_n(&counts[N - 1], __ATOMIC_RELAXED) == 1);
    }
    expect(1);

    #pragma omp parallel loop reduction(+ : sum) lastprivate(i)
    for (i = 0; i < N; i++) {
        counts[i]++;
        sum += i;
    }
    expect(1);
    CHECK(sum == N * (N - 1) / 2 && i == N);

    int square = 7;
    #pragma omp loop bind(thread) private(square)
    for (int i = 0; i < N; i++) {
        square = i * i;
        counts[i] += square == i * i;
    }
    expect(1);
    CHECK(square == 7);

    #pragma omp parallel
    {
        #pragma omp loop bind(thread)
        for (int i = 0; i < N; i++)
            tick(&counts[i]);
    }
    for (int i = 0; i < N; i++)
        CHECK(counts[i] >= 1 && counts[i] == counts[0]);
    memset(counts, 0, sizeof counts);

    sum = 0;
    #pragma omp teams loop collapse(2) reduction(+ : sum)
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < 25; j++) {
            tick(&counts[i * 25 + j]);
            sum += j;
        }
    expect(1);
    CHECK(sum == 20 * 25 * 24 / 2);

    #pragma omp teams num_teams(2)
    {
        #pragma omp loop bind(teams)
        for (int i = 0; i < N; i++)
            tick(&counts[i]);
    }
    expect(1);

    #pragma omp parallel for order(concurrent) schedule(static, 3)
    for (int i = 0; i < N; i++)
        counts[i]++;
    expect(1);

    #pragma omp parallel for simd order(reproducible: concurrent)
    for (int i = 0; i < N; i++)
        counts[i]++;
    expect(1);

    #pragma omp simd order(unconstrained: concurrent)
    for (int i = 0; i < N; i++)
        counts[i]++;
    expect(1);
    return check_result("loop_construct");
}
