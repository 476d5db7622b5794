/*
 * declare_variant: calls that become calls of another function where the
 * context fits, and code that is only there for such a context.
 */
#include "check.h"
#include <omp.h>

enum { N = 100 };

static int in_a_region(int value)
{
    return value + 1000;
}

static int elsewhere(int value)
{
    return value + 2000;
}

static int on_a_gpu(int value)
{
    return value + 4000;
}

#pragma omp declare variant(in_a_region) match(construct = {parallel})
#pragma omp declare variant(on_a_gpu) match(device = {kind(gpu)})
static int where(int value)
{
    return value;
}

#pragma omp declare variant(elsewhere) match(implementation = {vendor(score(20) : llvm)}, device = {kind(host)})
static int by_whom(int value)
{
    return value;
}

static int size(void)
{
    return 1;
}

#pragma omp begin declare variant match(device = {kind(gpu)})
static int size(void)
{
    return 64;
}
#pragma omp end declare variant

int main(void)
{
    int count[N] = {0}, found = where(7);
    CHECK(found == 7);
    #pragma omp parallel for
    for (int i = 0; i < N; i++)
        count[i] = where(i) - i;
    CHECK(all_equal(count, N, 1000));
#ifdef __clang__
    CHECK(by_whom(1) == 2001);
#endif
    CHECK(in_a_region(0) == 1000 && size() == 1 && on_a_gpu(elsewhere(0)) == 6000 && by_whom(0) % 2000 == 0);
    return check_result("declare_variant");
}
