/*
 * omp_alloc, omp_aligned_alloc, omp_calloc, omp_aligned_calloc, omp_realloc
 * and omp_free: memory from the predefined allocators and from others.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>
#include <string.h>

static const omp_allocator_handle_t predefined[] = {
    omp_default_mem_alloc, omp_large_cap_mem_alloc, omp_const_mem_alloc,  omp_high_bw_mem_alloc,
    omp_low_lat_mem_alloc, omp_cgroup_mem_alloc,    omp_pteam_mem_alloc, omp_thread_mem_alloc,
};
enum { PREDEFINED = sizeof predefined / sizeof *predefined };

static int is_aligned(const void *pointer, uintptr_t alignment)
{
    return (uintptr_t)pointer % alignment == 0;
}

static int has_only(const unsigned char *bytes, size_t n, int value)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != value)
            return 0;
    return 1;
}

/* Blocks of many sizes at a time: none overlaps another. */
static void test_blocks(omp_allocator_handle_t allocator)
{
    enum { BLOCKS = 60 };
    unsigned char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        const size_t size = (size_t)i * i * 3 + 1;
        blocks[i] = i % 2 ? omp_alloc(size, allocator) : omp_aligned_alloc((size_t)8 << i % 8, size, allocator);
        CHECK(blocks[i] != NULL && (i % 2 || is_aligned(blocks[i], (size_t)8 << i % 8)));
        memset(blocks[i], i, size);
    }
    for (int i = BLOCKS - 1; i >= 0; i--) {
        CHECK(has_only(blocks[i], (size_t)i * i * 3 + 1, i));
        omp_free(blocks[i], i % 3 ? allocator : omp_null_allocator);
    }
}

/* Zeros, also where there was something else before. */
static void test_zeros(omp_allocator_handle_t allocator)
{
    for (int round = 0; round < 20; round++) {
        unsigned char *dirty = omp_alloc(1000, allocator);
        memset(dirty, 0xee, 1000);
        omp_free(dirty, allocator);
        unsigned char *clean = omp_calloc(250, 4, allocator);
        unsigned char *aligned = omp_aligned_calloc(256, 100, 7, allocator);
        CHECK(clean != NULL && has_only(clean, 1000, 0));
        CHECK(aligned != NULL && is_aligned(aligned, 256) && has_only(aligned, 700, 0));
        memset(aligned, 1, 700);
        omp_free(aligned, allocator);
        omp_free(clean, allocator);
    }
}

static void test_nothing(void)
{
    CHECK(omp_alloc(0, omp_default_mem_alloc) == NULL);
    CHECK(omp_aligned_alloc(64, 0, omp_default_mem_alloc) == NULL);
    CHECK(omp_calloc(0, 8, omp_default_mem_alloc) == NULL && omp_calloc(8, 0, omp_default_mem_alloc) == NULL);
    CHECK(omp_aligned_calloc(64, 0, 8, omp_default_mem_alloc) == NULL);
    CHECK(omp_realloc(NULL, 0, omp_default_mem_alloc, omp_default_mem_alloc) == NULL);
    omp_free(NULL, omp_default_mem_alloc);
    omp_free(NULL, omp_null_allocator);
    omp_destroy_allocator(omp_null_allocator);
}

/* A block grows and shrinks, within an allocator and from one to another. */
static void test_realloc(void)
{
    omp_alloctrait_t traits[] = {{omp_atk_alignment, 128}};
    omp_allocator_handle_t aligned = omp_init_allocator(omp_default_mem_space, 1, traits);
    const omp_allocator_handle_t allocators[] = {omp_default_mem_alloc, aligned, omp_large_cap_mem_alloc};
    const size_t sizes[] = {10, 1000, 20, 70000, 5, 3000};
    omp_allocator_handle_t before = omp_default_mem_alloc;
    unsigned char *block = omp_realloc(NULL, 40, before, omp_null_allocator);
    size_t size = 40;
    CHECK(block != NULL);
    memset(block, 77, size);
    for (int i = 0; i < 60; i++) {
        const size_t next = sizes[i % 6] + i;
        const omp_allocator_handle_t now = allocators[i / 2 % 3];
        block = omp_realloc(block, next, now, before);
        CHECK(block != NULL && has_only(block, size < next ? size : next, 77));
        CHECK(now != aligned || is_aligned(block, 128));
        memset(block, 77, next);
        size = next;
        before = now;
    }
    CHECK(omp_realloc(block, 0, omp_null_allocator, before) == NULL);
    omp_destroy_allocator(aligned);
}

/* The default allocator is a variable of each implicit task, which new ones inherit. */
static void test_default_allocator(void)
{
    const omp_allocator_handle_t initial = omp_get_default_allocator();
    int wrong = 0;
    CHECK(initial != omp_null_allocator);
    omp_alloctrait_t traits[] = {{omp_atk_alignment, 1024}};
    omp_allocator_handle_t own = omp_init_allocator(omp_default_mem_space, 1, traits);
    omp_set_default_allocator(own);
    CHECK(omp_get_default_allocator() == own);
    #pragma omp parallel num_threads(4)
    {
        if (omp_get_default_allocator() != own)
            tick(&wrong);
        char *block = omp_alloc(10, omp_null_allocator);
        if (!is_aligned(block, 1024))
            tick(&wrong);
        omp_free(block, omp_null_allocator);
        omp_set_default_allocator(omp_get_thread_num() % 2 ? omp_default_mem_alloc : own);
        #pragma omp barrier
        if (omp_get_default_allocator() != (omp_get_thread_num() % 2 ? omp_default_mem_alloc : own))
            tick(&wrong);
    }
    CHECK(wrong == 0);
    omp_set_default_allocator(initial);
    CHECK(omp_get_default_allocator() == initial);
    omp_destroy_allocator(own);
}

int main(void)
{
    for (int i = 0; i < PREDEFINED; i++) {
        test_blocks(predefined[i]);
        test_zeros(predefined[i]);
    }
    test_blocks(omp_null_allocator);
    test_nothing();
    test_realloc();
    test_default_allocator();
    return check_result("omp_alloc");
}
