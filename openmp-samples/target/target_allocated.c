/* target_allocated: memory that threads and teams of a device are given by allocators. */
#include "../constructs/check.h"
#include <omp.h>
#include <stdint.h>

enum { N = 96, THREADS = 16 };

static int a[N], b[N], wrong[THREADS];

/* Private variables with the clause, of threads, of teams, and in a loop. */
static void clauses(void)
{
    int step = 3, numbers[8] = {0};
    for (int t = 0; t < THREADS; t++)
        wrong[t] = 0;
    #pragma omp target parallel num_threads(THREADS) map(tofrom : wrong) firstprivate(step, numbers) \
        uses_allocators(omp_large_cap_mem_alloc) allocate(omp_large_cap_mem_alloc : step, numbers)
    {
        int t = omp_get_thread_num();
        for (int i = 0; i < 8; i++)
            numbers[(i + t) % 8] = step * i;
        step += t;
        #pragma omp barrier
        for (int i = 0; i < 8; i++)
            wrong[t] += numbers[(i + t) % 8] != 3 * i;
        wrong[t] += step != 3 + t;
    }
    for (int t = 0; t < THREADS; t++)
        CHECK(wrong[t] == 0);
    #pragma omp target teams distribute map(from : a) firstprivate(numbers) uses_allocators(omp_pteam_mem_alloc) \
        allocate(omp_pteam_mem_alloc : numbers)
    for (int i = 0; i < N; i++) {
        #pragma omp parallel for num_threads(4)
        for (int k = 0; k < 8; k++)
            numbers[k] = i + k;
        int sum = 0;
        for (int k = 0; k < 8; k++)
            sum += numbers[k];
        a[i] = sum;
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == 8 * i + 28);
}

/* A variable with the directive, in a block that is entered again and again. */
static void directive(void)
{
    #pragma omp target map(from : a)
    {
        for (int i = 0; i < N; i++) {
            int both[2] = {i, i + 1};
            #pragma omp allocate(both) allocator(omp_default_mem_alloc)
            both[i % 2]++;
            a[i] = both[0] + both[1];
        }
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == 2 * i + 2);
}

static int sum_of_block(int begin)
{
    int sum = 0, *block = omp_calloc(4, sizeof *block, omp_default_mem_alloc);
    for (int i = 0; i < 4; i++) {
        block[i % 2] += begin;
        sum += block[i];
    }
    omp_free(block, omp_default_mem_alloc);
    return sum;
}

/* What the program asks for itself: in serial code for the team, and in a function that is called many times. */
static void blocks(void)
{
    int aligned = 0;
    #pragma omp target map(tofrom : a, b, aligned)
    {
        omp_alloctrait_t traits[1] = {{omp_atk_alignment, 64}};
        omp_allocator_handle_t own = omp_init_allocator(omp_default_mem_space, 1, traits);
        int *shared = omp_alloc(N * sizeof *shared, own);
        int *other = omp_aligned_alloc(32, sizeof *other, omp_low_lat_mem_alloc);
        aligned = shared != 0 && (uintptr_t)shared % 64 == 0 && (uintptr_t)other % 32 == 0;
        *other = 5;
        #pragma omp parallel for num_threads(8)
        for (int i = 0; i < N; i++)
            shared[i] = i + *other;
        for (int i = 0; i < N; i++)
            a[i] = shared[N - 1 - i];
        omp_free(other, omp_low_lat_mem_alloc);
        omp_free(shared, own);
        omp_destroy_allocator(own);
        for (int i = 0; i < N; i++)
            b[i] = sum_of_block(i);
    }
    CHECK(aligned);
    for (int i = 0; i < N; i++)
        CHECK(a[i] == N - 1 - i + 5 && b[i] == 2 * i);
}

int main(void)
{
    clauses();
    directive();
    blocks();
    return check_result("target_allocated");
}
