/*
 * target_allocators: memory of allocators is mapped as any other; target regions have allocators of their own, wherever they run.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdint.h>

enum { N = 3000 };

static omp_allocator_handle_t aligned(omp_uintptr_t alignment)
{
    omp_alloctrait_t traits[] = {{omp_atk_alignment, alignment}, {omp_atk_pool_size, 1 << 20}};
    return omp_init_allocator(omp_default_mem_space, 2, traits);
}

/* Blocks as sections of pointers, by their own maps and in a data environment. */
static void mapped(omp_allocator_handle_t allocator)
{
    double *from = omp_alloc(N * sizeof *from, allocator), *to = omp_calloc(N, sizeof *to, allocator);
    for (int i = 0; i < N; i++)
        from[i] = i;
    #pragma omp target teams distribute parallel for map(to : from[:N]) map(tofrom : to[:N])
    for (int i = 0; i < N; i++)
        to[i] += from[i] * 2;
    #pragma omp target data map(to : from[:N]) map(tofrom : to[:N])
    {
        for (int k = 0; k < 3; k++) {
            #pragma omp target teams distribute parallel for
            for (int i = 0; i < N; i++)
                to[i] += from[i];
        }
    }
    for (int i = 0; i < N; i++)
        CHECK(to[i] == 5.0 * i);
    omp_free(from, allocator);
    omp_free(to, allocator);
}

/* A block whose place another one had that was mapped before. */
static void again(void)
{
    for (int round = 0; round < 5; round++) {
        int *block = omp_alloc(N * sizeof *block, omp_default_mem_alloc);
        for (int i = 0; i < N; i++)
            block[i] = round;
        #pragma omp target teams distribute parallel for map(tofrom : block[:N])
        for (int i = 0; i < N; i++)
            block[i] += i;
        for (int i = 0; i < N; i++)
            CHECK(block[i] == round + i);
        omp_free(block, omp_default_mem_alloc);
    }
}

/* The clause, with private copies in the serial code of a region, in its teams and in its loop. */
static void clauses(void)
{
    omp_allocator_handle_t own = omp_null_allocator;
    const omp_alloctrait_t traits[] = {{omp_atk_alignment, 128}};
    int out[N], step = 3, wrong = 0;
    #pragma omp target uses_allocators(own(traits)) map(tofrom : wrong) firstprivate(step) allocate(own : step)
    {
        if (step != 3 || (uintptr_t)&step % 128 != 0)
            wrong++;
        step = 4;
    }
    CHECK(wrong == 0 && step == 3);
    #pragma omp target teams distribute parallel for uses_allocators(omp_large_cap_mem_alloc) map(from : out) \
        firstprivate(step) allocate(omp_large_cap_mem_alloc : step)
    for (int i = 0; i < N; i++)
        out[i] = step * i;
    for (int i = 0; i < N; i++)
        CHECK(out[i] == 3 * i);
    int sum = 0;
    #pragma omp target teams map(tofrom : sum) uses_allocators(omp_default_mem_alloc) num_teams(2)
    {
        int part[10] = {0};
        #pragma omp distribute parallel for reduction(+ : sum) firstprivate(part) allocate(omp_default_mem_alloc : part)
        for (int i = 0; i < N; i++) {
            part[i % 10] = i;
            sum += part[i % 10];
        }
    }
    CHECK(sum == N * (N - 1) / 2);
}

int main(void)
{
    omp_allocator_handle_t own = aligned(256);
    mapped(omp_default_mem_alloc);
    mapped(omp_low_lat_mem_alloc);
    mapped(own);
    omp_destroy_allocator(own);
    again();
    clauses();
    return check_result("target_allocators");
}
