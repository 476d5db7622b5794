/*
 * omp_init_allocator: traits, and what happens when a pool is empty. How many
 * bytes of a pool a block needs beside its own is the library's business, so
 * the sizes here leave room for that.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static int is_aligned(const void *pointer, uintptr_t alignment)
{
    return (uintptr_t)pointer % alignment == 0;
}

static void test_alignment(void)
{
    for (uintptr_t alignment = 1; alignment <= 1 << 14; alignment *= 2) {
        omp_alloctrait_t traits[] = {{omp_atk_alignment, alignment}};
        omp_allocator_handle_t allocator = omp_init_allocator(omp_default_mem_space, COUNT(traits), traits);
        CHECK(allocator != omp_null_allocator);
        char *blocks[5];
        for (int i = 0; i < 5; i++) {
            blocks[i] = omp_alloc(13, allocator);
            CHECK(is_aligned(blocks[i], alignment));
            memset(blocks[i], i, 13);
        }
        char *more = omp_aligned_alloc(4 * alignment < 8 ? 8 : 4 * alignment, 100, allocator); /* the greater of the two */
        CHECK(is_aligned(more, 4 * alignment));
        omp_free(more, allocator);
        for (int i = 0; i < 5; i++) {
            CHECK(blocks[i][0] == i && blocks[i][12] == i);
            omp_free(blocks[i], allocator);
        }
        omp_destroy_allocator(allocator);
    }
}

/* Traits that a program cannot see the effect of, and predefined memory spaces. */
static void test_every_trait(void)
{
    static const omp_memspace_handle_t spaces[] = {
        omp_default_mem_space, omp_large_cap_mem_space, omp_const_mem_space, omp_low_lat_mem_space,
    };
    static const omp_uintptr_t hints[] = {omp_atv_contended, omp_atv_uncontended, omp_atv_serialized, omp_atv_private};
    static const omp_uintptr_t accesses[] = {omp_atv_all, omp_atv_thread, omp_atv_pteam, omp_atv_cgroup};
    static const omp_uintptr_t partitions[] = {omp_atv_environment, omp_atv_nearest, omp_atv_blocked, omp_atv_interleaved};
    for (int i = 0; i < 4; i++) {
        omp_alloctrait_t traits[] = {
            {omp_atk_sync_hint, hints[i]},        {omp_atk_access, accesses[i]},
            {omp_atk_partition, partitions[i]},   {omp_atk_pinned, i % 2 ? omp_atv_true : omp_atv_false},
            {omp_atk_fallback, omp_atv_null_fb},  {omp_atk_pool_size, 100000},
            {omp_atk_alignment, 32},
        };
        omp_allocator_handle_t allocator = omp_init_allocator(spaces[i], COUNT(traits), traits);
        CHECK(allocator != omp_null_allocator);
        long *numbers = omp_alloc(1000 * sizeof *numbers, allocator);
        CHECK(numbers != NULL && is_aligned(numbers, 32));
        for (int n = 0; n < 1000; n++)
            numbers[n] = n;
        CHECK(numbers[0] == 0 && numbers[999] == 999);
        omp_free(numbers, allocator);
        omp_destroy_allocator(allocator);
    }
    omp_allocator_handle_t plain = omp_init_allocator(omp_default_mem_space, 0, NULL);
    char *block = omp_alloc(100, plain);
    CHECK(plain != omp_null_allocator && block != NULL);
    omp_free(block, plain);
    omp_destroy_allocator(plain);
}

static omp_allocator_handle_t pool(omp_uintptr_t size, omp_uintptr_t fallback, omp_allocator_handle_t other)
{
    omp_alloctrait_t traits[] = {
        {omp_atk_pool_size, size},
        {omp_atk_fallback, fallback},
        {omp_atk_fb_data, (omp_uintptr_t)other},
    };
    return omp_init_allocator(omp_default_mem_space, other == omp_null_allocator ? 2 : 3, traits);
}

/* null_fb: there is no memory, until some is given back. */
static void test_null_fallback(void)
{
    omp_allocator_handle_t allocator = pool(10000, omp_atv_null_fb, omp_null_allocator);
    CHECK(omp_alloc(20000, allocator) == NULL);
    CHECK(omp_calloc(5000, 4, allocator) == NULL && omp_calloc(SIZE_MAX / 4, 8, allocator) == NULL);
    for (int round = 0; round < 50; round++) {
        char *first = omp_alloc(4000, allocator), *second = omp_aligned_alloc(64, 4000, allocator);
        CHECK(first != NULL && second != NULL);
        CHECK(omp_alloc(4000, allocator) == NULL);
        omp_free(round % 2 ? first : second, allocator);
        char *third = omp_calloc(1000, 4, allocator);
        CHECK(third != NULL && omp_alloc(4000, allocator) == NULL);
        omp_free(third, allocator);
        omp_free(round % 2 ? second : first, allocator);
    }
    omp_destroy_allocator(allocator);
}

/* default_mem_fb, which is also what an allocator has that is not told: memory comes from elsewhere. */
static void test_default_fallback(void)
{
    omp_alloctrait_t size_alone[] = {{omp_atk_pool_size, 3000}};
    omp_allocator_handle_t allocators[] = {
        pool(3000, omp_atv_default_mem_fb, omp_null_allocator),
        omp_init_allocator(omp_default_mem_space, 1, size_alone),
    };
    for (int i = 0; i < 2; i++) {
        char *blocks[40];
        for (int n = 0; n < 40; n++) {
            blocks[n] = omp_alloc(1000, allocators[i]);
            CHECK(blocks[n] != NULL);
            memset(blocks[n], n, 1000);
        }
        for (int n = 0; n < 40; n++) {
            CHECK(blocks[n][0] == n && blocks[n][999] == n);
            omp_free(blocks[n], allocators[i]);
        }
        omp_destroy_allocator(allocators[i]);
    }
}

/* allocator_fb: the other one's pool serves next; two in a row, of which the last has no more to give. */
static void test_allocator_fallback(void)
{
    omp_allocator_handle_t last = pool(10000, omp_atv_null_fb, omp_null_allocator);
    omp_allocator_handle_t middle = pool(10000, omp_atv_allocator_fb, last);
    omp_allocator_handle_t first = pool(10000, omp_atv_allocator_fb, middle);
    for (int round = 0; round < 10; round++) {
        char *blocks[4];
        for (int i = 0; i < 4; i++)
            blocks[i] = omp_alloc(6000, first);
        CHECK(blocks[0] != NULL && blocks[1] != NULL && blocks[2] != NULL && blocks[3] == NULL);
        CHECK(omp_alloc(6000, last) == NULL && omp_alloc(6000, middle) == NULL);
        omp_free(blocks[2], omp_null_allocator); /* the library knows whose it is */
        char *again = omp_alloc(6000, last);
        CHECK(again != NULL);
        omp_free(again, last);
        omp_free(blocks[0], omp_null_allocator);
        omp_free(blocks[1], omp_null_allocator);
    }
    omp_destroy_allocator(first);
    omp_destroy_allocator(middle);
    omp_destroy_allocator(last);

    omp_allocator_handle_t to_predefined = pool(1000, omp_atv_allocator_fb, omp_default_mem_alloc);
    char *block = omp_alloc(50000, to_predefined);
    CHECK(block != NULL);
    memset(block, 1, 50000);
    omp_free(block, omp_null_allocator);
    omp_destroy_allocator(to_predefined);
}

int main(void)
{
    test_alignment();
    test_every_trait();
    test_null_fallback();
    test_default_fallback();
    test_allocator_fallback();
    return check_result("allocator_traits");
}
