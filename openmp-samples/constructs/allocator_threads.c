/*
 * One pool and many threads: what they have of it at a time is never more than
 * it holds, nothing gets lost, and blocks may be freed by another thread.
 */
#include "check.h"
#include <omp.h>
#include <string.h>

enum { THREADS = 8, ROUNDS = 2000, BLOCK = 1000, POOL = 5500 };

static omp_allocator_handle_t allocator;

/* At most five blocks fit at a time; a thread that gets none looks again later. */
static void test_limit(void)
{
    int in_use = 0, granted = 0, refused = 0, wrong = 0;
    #pragma omp parallel num_threads(THREADS)
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char *block = omp_alloc(BLOCK, allocator);
        if (block == NULL) {
            tick(&refused);
            continue;
        }
        tick(&granted);
        if (tick(&in_use) >= POOL / BLOCK)
            tick(&wrong);
        memset(block, omp_get_thread_num(), BLOCK);
        if (block[0] != omp_get_thread_num() || block[BLOCK - 1] != omp_get_thread_num())
            tick(&wrong);
        __atomic_fetch_sub(&in_use, 1, __ATOMIC_RELAXED);
        omp_free(block, allocator);
    }
    CHECK(wrong == 0 && in_use == 0 && granted > 0);

    /* It is all there again. */
    void *blocks[5];
    for (int i = 0; i < 5; i++) {
        blocks[i] = omp_alloc(BLOCK, allocator);
        CHECK(blocks[i] != NULL);
    }
    CHECK(omp_alloc(BLOCK, allocator) == NULL);
    for (int i = 0; i < 5; i++)
        omp_free(blocks[i], allocator);
}

/* Each thread frees what the one before it has allocated. */
static void test_hand_over(void)
{
    static int *slots[THREADS];
    int wrong = 0;
    omp_allocator_handle_t own = omp_init_allocator(omp_default_mem_space, 0, NULL);
    #pragma omp parallel num_threads(THREADS)
    for (int round = 0; round < 300; round++) {
        const int me = omp_get_thread_num(), all = omp_get_num_threads();
        int *mine = omp_alloc(100 * sizeof *mine, own);
        for (int i = 0; i < 100; i++)
            mine[i] = me;
        slots[me] = mine;
        #pragma omp barrier
        const int other = (me + 1) % all;
        if (!all_equal(slots[other], 100, other))
            tick(&wrong);
        omp_free(slots[other], own);
        #pragma omp barrier
    }
    CHECK(wrong == 0);
    omp_destroy_allocator(own);
}

/* Allocators come and go on all threads. */
static void test_many_allocators(void)
{
    int wrong = 0;
    #pragma omp parallel for num_threads(THREADS)
    for (int i = 0; i < 1000; i++) {
        omp_alloctrait_t traits[] = {{omp_atk_alignment, (omp_uintptr_t)16 << i % 5}, {omp_atk_pool_size, 10000}};
        omp_allocator_handle_t mine = omp_init_allocator(omp_default_mem_space, 2, traits);
        int *block = omp_calloc(10, sizeof *block, mine);
        if (!all_equal(block, 10, 0))
            tick(&wrong);
        block[9] = i;
        omp_free(block, mine);
        omp_destroy_allocator(mine);
    }
    CHECK(wrong == 0);
}

int main(void)
{
    omp_alloctrait_t traits[] = {{omp_atk_pool_size, POOL}, {omp_atk_fallback, omp_atv_null_fb}};
    allocator = omp_init_allocator(omp_default_mem_space, 2, traits);
    CHECK(allocator != omp_null_allocator);
    test_limit();
    omp_destroy_allocator(allocator);
    test_hand_over();
    test_many_allocators();
    return check_result("allocator_threads");
}
