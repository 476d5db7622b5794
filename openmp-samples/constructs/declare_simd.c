/*
 * declare_simd: functions with versions for vectors, in all clauses that tell
 * the compiler what its arguments are; each call gives what the scalar one does.
 */
#include "check.h"
#include <omp.h>

enum { N = 512 };
static int in[N], out[N];

#pragma omp declare simd
static int twice(int value)
{
    return 2 * value;
}

#pragma omp declare simd uniform(table, size) linear(place : 1) aligned(table : 16) notinbranch
static int entry(const int *table, int size, int place)
{
    return table[place % size];
}

#pragma omp declare simd simdlen(4) inbranch
#pragma omp declare simd simdlen(8) notinbranch
static int odd_or_negative(int value)
{
    return value & 1 ? value : -value;
}

#pragma omp declare simd linear(val(step) : 2) uniform(from)
static int counted(int from, int step)
{
    return from + step;
}

int main(void)
{
    static int table[16] __attribute__((aligned(16)));
    for (int i = 0; i < 16; i++)
        table[i] = i * i;
    for (int i = 0; i < N; i++)
        in[i] = i * 7 % 31;

    #pragma omp simd
    for (int i = 0; i < N; i++)
        out[i] = twice(in[i]);
    for (int i = 0; i < N; i++)
        CHECK(out[i] == 2 * in[i]);

    #pragma omp parallel for simd
    for (int i = 0; i < N; i++)
        out[i] = entry(table, 16, i);
    for (int i = 0; i < N; i++)
        CHECK(out[i] == table[i % 16]);

    #pragma omp simd
    for (int i = 0; i < N; i++)
        if (in[i] > 15)
            out[i] = odd_or_negative(in[i]);
        else
            out[i] = 0;
    for (int i = 0; i < N; i++)
        CHECK(out[i] == (in[i] > 15 ? in[i] % 2 ? in[i] : -in[i] : 0));

    #pragma omp simd
    for (int i = 0; i < N; i++)
        out[i] = counted(100, 2 * i);
    for (int i = 0; i < N; i++)
        CHECK(out[i] == 100 + 2 * i);
    return check_result("declare_simd");
}
