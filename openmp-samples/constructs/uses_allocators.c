/*
 * uses_allocators: the allocators that a target region may use, predefined or
 * made for the region with given traits.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

enum { LENGTH = 1000 };

static void test_predefined(void)
{
    int scratch = 0, result[LENGTH], total = 0;
    #pragma omp target uses_allocators(omp_default_mem_alloc) map(from : result) private(scratch) \
        allocate(omp_default_mem_alloc : scratch)
    for (int i = 0; i < LENGTH; i++) {
        scratch = i * 2;
        result[i] = scratch + 1;
    }
    for (int i = 0; i < LENGTH; i++)
        total += result[i] == 2 * i + 1;
    CHECK(total == LENGTH);
}

static void test_traits(void)
{
    omp_allocator_handle_t own = omp_null_allocator;
    const omp_alloctrait_t traits[] = {{omp_atk_alignment, 4096}, {omp_atk_pool_size, 1 << 16}};
    int wrong = 0, mine[16];
    #pragma omp target uses_allocators(own(traits)) map(tofrom : wrong) private(mine) allocate(own : mine)
    {
        mine[0] = 5;
        mine[15] = 6;
        if (mine[0] + mine[15] != 11 || (uintptr_t)mine % 4096 != 0)
            wrong++;
    }
    CHECK(wrong == 0);
}

static void test_teams(void)
{
    int sum = 0, part = 3;
    #pragma omp target teams distribute parallel for uses_allocators(omp_default_mem_alloc) map(tofrom : sum) \
        reduction(+ : sum) firstprivate(part) allocate(omp_default_mem_alloc : part)
    for (int i = 0; i < LENGTH; i++)
        sum += part + i;
    CHECK(sum == 3 * LENGTH + LENGTH * (LENGTH - 1) / 2);
}

int main(void)
{
    test_predefined();
    test_traits();
    test_teams();
    return check_result("uses_allocators");
}
