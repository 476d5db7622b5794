/*
 * assumptions: directives that promise something to the compiler, or nothing
 * at all. They change no result.
 */
#include "check.h"
#include <omp.h>

enum { N = 300 };

#pragma omp assumes no_openmp_routines

#pragma omp begin assumes no_parallelism
static int squared(int i)
{
    return i * i;
}
#pragma omp end assumes

int main(void)
{
    int sum = 0;
    #pragma omp nothing
    #pragma omp parallel for reduction(+ : sum)
    for (int i = 0; i < N; i++)
        sum += squared(i) - i;
    CHECK(sum == (N - 1) * N * (2 * N - 1) / 6 - N * (N - 1) / 2);
    return check_result("assumptions");
}
