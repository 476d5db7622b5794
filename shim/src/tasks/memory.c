/* Memory for tasks: blocks of a few kinds and sizes, each in a list of free ones that the thread has which allocated
 * it.
 *
 * Another thread that frees a block puts it on a list of its own kind, from which the allocating thread fetches all at
 * once when it has no free block left. So a program in which one thread generates the tasks and others execute them
 * needs no more memory than one in which each executes its own.
 *
 * Invariant: a block belongs to one pool for ever, and is never given back to the C library. A pool outlives its
 * thread, and is then another thread's. */
#include "explicit.h"
#include <stdlib.h>
#include <string.h>

/* Up to SMALL_CLASSES lines there is a size for each number of lines, beyond that for each power of two. */
enum {
  LINE = 64,
  SMALL_CLASSES = 16,
  LARGE_SHIFT = 11, /* of the smallest size beyond */
  CLASSES = SMALL_CLASSES + 32 - LARGE_SHIFT,
  BLOCKS_AT_A_TIME = 4096, /* bytes */
};

/* In front of what is allocated. */
struct block {
  struct pool *pool;
  struct block *next;
  uint32_t list; /* the index in `free` */
} __attribute__((aligned(16)));

struct pool {
  struct block *free[BLOCK_KINDS * CLASSES]; /* by kind, then by size */
  struct pool *next_spare;
  struct block *returned __attribute__((aligned(LINE))); /* atomic: freed by other threads */
};

static _Thread_local struct pool *mine;

/* Pools of threads that have been freed. */
static struct pool *spare_pools;
static struct mutex spare_lock;

static inline uint32_t class_of(size_t size) {
  if (size <= SMALL_CLASSES * LINE)
    return (uint32_t)(size + LINE - 1) / LINE - 1;
  return SMALL_CLASSES + 32 - LARGE_SHIFT - (uint32_t)__builtin_clz((uint32_t)size - 1);
}

static inline size_t size_of(uint32_t size_class) {
  return size_class < SMALL_CLASSES ? (size_class + 1) * LINE : (size_t)1 << (LARGE_SHIFT + size_class - SMALL_CLASSES);
}

void *omp2wasi_allocate_lines(size_t size) {
  void *memory = aligned_alloc(LINE, size);
  if (memory == NULL)
    omp2wasi_fatal("no memory for a task", "the program's linear memory is full");
  memset(memory, 0, size);
  return memory;
}

/* Fetches what other threads have returned. Acquire: whatever they did with the blocks is over. Blocks are only
 * fetched all together, so there is no block that could be taken and come back meanwhile (ABA). */
static void fetch_returned(struct pool *pool) {
  struct block *next;
  for (struct block *block = __atomic_exchange_n(&pool->returned, NULL, __ATOMIC_ACQUIRE); block != NULL;
       block = next) {
    next = block->next;
    block->next = pool->free[block->list];
    pool->free[block->list] = block;
  }
}

void omp2wasi_spare_pool(const struct thread *thread) {
  struct pool *pool = *(struct pool **)omp2wasi_of_thread(thread->tls_base, &mine);
  if (pool == NULL)
    return;
  omp2wasi_lock(&spare_lock);
  pool->next_spare = spare_pools;
  spare_pools = pool;
  omp2wasi_unlock(&spare_lock);
}

/* The lock orders what the thread before did with the pool. Other threads may go on returning blocks to it
 * meanwhile. */
static struct pool *take_pool(void) {
  omp2wasi_lock(&spare_lock);
  struct pool *pool = spare_pools;
  if (pool != NULL)
    spare_pools = pool->next_spare;
  omp2wasi_unlock(&spare_lock);
  return pool != NULL ? pool : omp2wasi_allocate_lines(sizeof *pool);
}

static __attribute__((noinline)) struct block *refill(struct pool *pool, uint32_t list) {
  if (pool == NULL)
    pool = mine = take_pool();
  if (pool->free[list] != NULL)
    return pool->free[list];
  fetch_returned(pool);
  if (pool->free[list] == NULL) {
    size_t size = size_of(list % CLASSES), total = size < BLOCKS_AT_A_TIME ? BLOCKS_AT_A_TIME / size * size : size;
    char *blocks = omp2wasi_allocate_lines(total);
    for (size_t at = 0; at < total; at += size) {
      struct block *block = (struct block *)(blocks + at);
      *block = (struct block){.pool = pool, .next = pool->free[list], .list = list};
      pool->free[list] = block;
    }
  }
  return pool->free[list];
}

void *omp2wasi_allocate_block(enum block_kind kind, size_t size) {
  size_t total = size + sizeof(struct block);
  if (total < size || total > (size_t)1 << 31)
    omp2wasi_fatal("no memory for a task", "it has more private variables than there is memory");
  uint32_t list = kind * CLASSES + class_of(total);
  struct block *block = mine == NULL ? NULL : mine->free[list];
  if (__builtin_expect(block == NULL, 0))
    block = refill(mine, list);
  mine->free[list] = block->next;
  return block + 1;
}

/* Release: see fetch_returned. */
void omp2wasi_free_block(void *allocated) {
  struct block *block = (struct block *)allocated - 1;
  struct pool *pool = block->pool;
  if (pool == mine) {
    block->next = pool->free[block->list];
    pool->free[block->list] = block;
    return;
  }
  block->next = __atomic_load_n(&pool->returned, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&pool->returned, &block->next, block, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
    ;
}
