/*
 * malloc_threads: eight threads allocate, resize and free memory of all sizes
 * at the same time, and hand blocks on to each other. Patterns show whether
 * two blocks overlap.
 */
#include "check.h"
#include <omp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { THREADS = 8, BLOCKS = 48, STEPS = 2000 };

struct block {
    unsigned char *memory;
    size_t size;
    unsigned char pattern;
};
static struct block blocks[THREADS][BLOCKS];

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

static size_t random_size(uint32_t *state)
{
    const uint32_t r = next_random(state);
    return r % 100 == 0 ? 100000 + r % 50000 : r % 10 == 0 ? r % 9000 : r % 200;
}

static void fill(struct block *block, size_t from)
{
    for (size_t i = from; i < block->size; i++)
        block->memory[i] = (unsigned char)(block->pattern + i);
}

static int intact(const struct block *block, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (block->memory[i] != (unsigned char)(block->pattern + i))
            return 0;
    return 1;
}

static void allocate(struct block *block, uint32_t *state)
{
    const size_t size = random_size(state) + 1;
    const uint32_t kind = next_random(state) % 3;
    block->memory = kind == 0 ? calloc(size, 1)
                  : kind == 1 ? aligned_alloc(64, (size + 63) / 64 * 64) : malloc(size);
    block->size = block->memory ? size : 0;
    CHECK(block->memory != NULL);
    CHECK((uintptr_t)block->memory % (kind == 1 ? 64 : _Alignof(max_align_t)) == 0);
    for (size_t i = 0; kind == 0 && i < block->size; i++)
        CHECK(block->memory[i] == 0);
    block->pattern = (unsigned char)next_random(state);
    fill(block, 0);
}

static void resize(struct block *block, uint32_t *state)
{
    const size_t size = random_size(state) + 1, before = block->size;
    unsigned char *memory = realloc(block->memory, size);
    CHECK(memory != NULL);
    if (!memory)
        return;
    block->memory = memory;
    block->size = size;
    CHECK(intact(block, before < size ? before : size));
    if (size > before)
        fill(block, before);
}

static void release(struct block *block)
{
    CHECK(intact(block, block->size));
    free(block->memory);
    block->memory = NULL;
    block->size = 0;
}

int main(void)
{
    #pragma omp parallel num_threads(THREADS)
    for (int round = 0; round < 4; round++) {
        /* In each round a thread has the blocks of another one. */
        struct block *mine = blocks[(omp_get_thread_num() + round) % THREADS];
        uint32_t state = 2463534242u + 7919u * (uint32_t)omp_get_thread_num() + (uint32_t)round;
        for (int step = 0; step < STEPS; step++) {
            struct block *block = &mine[next_random(&state) % BLOCKS];
            if (!block->memory)
                allocate(block, &state);
            else if (next_random(&state) % 3 == 0)
                resize(block, &state);
            else
                release(block);
        }
        #pragma omp barrier
    }

    /* What was allocated by all threads is freed by one. */
    for (int i = 0; i < THREADS; i++)
        for (int j = 0; j < BLOCKS; j++)
            release(&blocks[i][j]);
    free(NULL);
    return check_result("malloc_threads");
}
