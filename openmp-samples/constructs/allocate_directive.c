/*
 * allocate directive: variables that an allocator holds, for as long as their
 * block is executed, each thread and each call with its own.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

enum { LENGTH = 500 };

static int global = 11;
#pragma omp allocate(global) allocator(omp_default_mem_alloc)

static int counted(void)
{
    static int calls;
    #pragma omp allocate(calls) allocator(omp_large_cap_mem_alloc)
    return ++calls;
}

static int is_aligned(const void *pointer, uintptr_t alignment)
{
    return (uintptr_t)pointer % alignment == 0;
}

static void test_kinds_of_variables(void)
{
    int number = 3;
    double array[LENGTH];
    struct pair { char letter; long value; } pair = {'a', 4};
    #pragma omp allocate(number, array)
    #pragma omp allocate(pair) allocator(omp_low_lat_mem_alloc)
    for (int i = 0; i < LENGTH; i++)
        array[i] = number + i;
    double sum = 0;
    for (int i = 0; i < LENGTH; i++)
        sum += array[i];
    CHECK(sum == LENGTH * 3.0 + LENGTH * (LENGTH - 1) / 2.0);
    CHECK(pair.letter == 'a' && pair.value == 4 && number == 3);
}

static void test_alignment(void)
{
    for (int i = 0; i < 50; i++) {
        char a[3], b[5];
        short c;
        #pragma omp allocate(a) align(64)
        #pragma omp allocate(b) align(512) allocator(omp_default_mem_alloc)
        #pragma omp allocate(c) align(128)
        a[0] = b[0] = (char)i;
        c = (short)i;
        CHECK(is_aligned(a, 64) && is_aligned(b, 512) && is_aligned(&c, 128));
        CHECK(a[0] == i && b[0] == i && c == i);
    }
}

/* Each call has a variable of its own, and they nest. */
static int depth_sum(int depth)
{
    int mine[40];
    #pragma omp allocate(mine) allocator(omp_default_mem_alloc)
    for (int i = 0; i < 40; i++)
        mine[i] = depth;
    const int below = depth == 0 ? 0 : depth_sum(depth - 1);
    CHECK(all_equal(mine, 40, depth));
    return below + mine[depth % 40];
}

static void test_threads(void)
{
    int wrong = 0;
    #pragma omp parallel num_threads(4)
    {
        int mine[LENGTH];
        #pragma omp allocate(mine) allocator(omp_default_mem_alloc)
        for (int round = 0; round < 100; round++) {
            const int value = round * 100 + omp_get_thread_num();
            for (int i = 0; i < LENGTH; i++)
                mine[i] = value;
            #pragma omp barrier
            if (!all_equal(mine, LENGTH, value))
                tick(&wrong);
            #pragma omp barrier
        }
    }
    CHECK(wrong == 0);
}

/* An allocator of the program's own. */
static void test_own_allocator(void)
{
    const omp_alloctrait_t traits[] = {{omp_atk_alignment, 256}, {omp_atk_pool_size, 1 << 16}};
    omp_allocator_handle_t own = omp_init_allocator(omp_default_mem_space, 2, (omp_alloctrait_t *)traits);
    CHECK(own != omp_null_allocator);
    for (int i = 0; i < 1000; i++) { /* far more than the pool in all, so each must be given back */
        int vector[100];
        #pragma omp allocate(vector) allocator(own)
        vector[0] = i;
        vector[99] = -i;
        CHECK(is_aligned(vector, 256) && vector[0] + vector[99] == 0);
    }
    omp_destroy_allocator(own);
}

int main(void)
{
    CHECK(global == 11);
    CHECK(counted() == 1 && counted() == 2);
    test_kinds_of_variables();
    test_alignment();
    CHECK(depth_sum(60) == 60 * 61 / 2);
    test_threads();
    test_own_allocator();
    return check_result("allocate_directive");
}
