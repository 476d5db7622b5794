/*
 * allocate clause: where the private copies of a construct's variables are,
 * for each clause that makes such copies.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

enum { THREADS = 4, LENGTH = 300 };

static int is_aligned(const void *pointer, uintptr_t alignment)
{
    return (uintptr_t)pointer % alignment == 0;
}

static void test_private(void)
{
    int scratch[LENGTH], wrong = 0;
    #pragma omp parallel num_threads(THREADS) private(scratch) allocate(omp_default_mem_alloc : scratch)
    {
        for (int i = 0; i < LENGTH; i++)
            scratch[i] = omp_get_thread_num();
        #pragma omp barrier
        if (!all_equal(scratch, LENGTH, omp_get_thread_num()))
            tick(&wrong);
    }
    CHECK(wrong == 0);
}

static void test_firstprivate(void)
{
    int vector[LENGTH], scalar = 7, wrong = 0;
    for (int i = 0; i < LENGTH; i++)
        vector[i] = 5;
    #pragma omp parallel num_threads(THREADS) firstprivate(vector, scalar) allocate(omp_low_lat_mem_alloc : vector, scalar)
    {
        if (!all_equal(vector, LENGTH, 5) || scalar != 7)
            tick(&wrong);
        for (int i = 0; i < LENGTH; i++)
            vector[i] = scalar = 100 + omp_get_thread_num();
        #pragma omp barrier
        if (!all_equal(vector, LENGTH, 100 + omp_get_thread_num()) || scalar != 100 + omp_get_thread_num())
            tick(&wrong);
    }
    CHECK(wrong == 0 && all_equal(vector, LENGTH, 5) && scalar == 7);
}

static void test_lastprivate(void)
{
    int last = -1, pair[2] = {-1, -1};
    #pragma omp parallel for num_threads(THREADS) lastprivate(last, pair) allocate(last) allocate(omp_default_mem_alloc : pair)
    for (int i = 0; i < 1000; i++) {
        last = i;
        pair[0] = i;
        pair[1] = 2 * i;
    }
    CHECK(last == 999 && pair[0] == 999 && pair[1] == 1998);
}

static void test_reduction(void)
{
    long sum = 3;
    int histogram[10] = {0};
    #pragma omp parallel for num_threads(THREADS) reduction(+ : sum, histogram) \
        allocate(omp_default_mem_alloc : sum) allocate(omp_large_cap_mem_alloc : histogram)
    for (int i = 0; i < 5000; i++) {
        sum += i;
        histogram[i % 10]++;
    }
    CHECK(sum == 3 + 5000L * 4999 / 2 && all_equal(histogram, 10, 500));
}

static void test_worksharing(void)
{
    int seen = 0, last = 0, one = 5, wrong = 0;
    #pragma omp parallel num_threads(THREADS)
    {
        int mine[8];
        #pragma omp sections private(mine) lastprivate(last) allocate(omp_default_mem_alloc : mine, last)
        {
            #pragma omp section
            {
                mine[7] = last = 1;
                tick(&seen);
            }
            #pragma omp section
            {
                mine[7] = last = 2;
                tick(&seen);
            }
        }
        #pragma omp single firstprivate(one) allocate(omp_default_mem_alloc : one)
        {
            if (one != 5)
                tick(&wrong);
            one = -1;
        }
        if (one != 5)
            tick(&wrong);
    }
    CHECK(seen == 2 && last == 2 && wrong == 0);
}

static void test_task(void)
{
    int total = 0;
    #pragma omp parallel num_threads(THREADS)
    #pragma omp single
    for (int i = 0; i < 50; i++) {
        int local[4] = {i, i, i, i};
        #pragma omp task firstprivate(local) allocate(omp_default_mem_alloc : local) shared(total)
        {
            const int sum = local[0] + local[1] + local[2] + local[3];
            #pragma omp atomic
            total += sum;
        }
    }
    CHECK(total == 4 * 50 * 49 / 2);
}

/* An allocator of the program's own: its pool is enough for the copies of one region, not of a hundred. */
static void test_own_allocator(void)
{
    omp_alloctrait_t traits[] = {{omp_atk_alignment, 512}, {omp_atk_pool_size, 16384}, {omp_atk_fallback, omp_atv_null_fb}};
    omp_allocator_handle_t own = omp_init_allocator(omp_default_mem_space, 3, traits);
    int block[200], wrong = 0;
    for (int round = 0; round < 100; round++) {
        #pragma omp parallel num_threads(THREADS) private(block) allocate(own : block)
        {
            block[0] = round;
            block[199] = omp_get_thread_num();
            if (!is_aligned(block, 512))
                tick(&wrong);
            #pragma omp barrier
            if (block[0] != round || block[199] != omp_get_thread_num())
                tick(&wrong);
        }
    }
    CHECK(wrong == 0);
    omp_destroy_allocator(own);
}

int main(void)
{
    test_private();
    test_firstprivate();
    test_lastprivate();
    test_reduction();
    test_worksharing();
    test_task();
    test_own_allocator();
    return check_result("allocate_clause");
}
