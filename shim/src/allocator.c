/* Memory from allocators: the omp_alloc family and the routines that manage allocators (OpenMP 5.2, section 18.13),
 * and what clang calls for the `allocate` directive, and the `allocate` and `uses_allocators` clauses (sections 6.5,
 * 6.6 and 6.8).
 *
 * Memory comes from the C library, whose allocator is behind a lock (libc/allocator.c). In front of each block is what
 * is needed to free it: who allocates with an allocator need not name it again.
 *
 * Invariant: an allocator's record stays until it has been destroyed and its last block has been freed, in whichever
 * order; and its blocks never have more bytes in all than its pool. */
#include "allocator.h"
#include "thread.h"
#include <stdlib.h>
#include <string.h>

enum { NATURAL_ALIGNMENT = _Alignof(max_align_t), BLOCK_MARK = 0x626c6f63 };

/* In front of a block's first byte. */
struct block {
  void *memory; /* what the C library frees */
  omp_allocator_handle_t allocator;
  size_t size;
  uint32_t mark; /* mark_of the block: tells it from other memory, and from blocks that have been freed */
};

_Static_assert(sizeof(struct block) == NATURAL_ALIGNMENT, "what follows is aligned as memory of the C library is");

/* A routine is no construct: the message names the parallel region around it. */
static _Noreturn void routine_fails(const char *what, const char *detail) {
  omp2wasi_meet(NULL);
  omp2wasi_fatal(what, detail);
}

static uint32_t mark_of(const void *block) { return (uint32_t)(uintptr_t)block ^ BLOCK_MARK; }

static struct block *block_of(void *pointer) {
  struct block *block = (struct block *)pointer - 1;
  uint32_t address = (uint32_t)(uintptr_t)pointer;
  if (address % NATURAL_ALIGNMENT != 0 || address < sizeof *block || block->mark != mark_of(block))
    routine_fails("memory cannot be freed or reallocated",
                  "its address is none that an OpenMP allocator has returned, or it has been freed already");
  return block;
}

/* Memory that the host shares with devices (clang's llvm_omp_target_*_mem_alloc): there is none. */
static struct allocator no_memory = {.mark = ALLOCATOR_ALIVE, .alignment = 1, .fallback = omp_atv_null_fb};

/* The allocator of a handle; NULL for those predefined ones that are the linear memory, without limits. */
static struct allocator *find(omp_allocator_handle_t handle) {
  if (handle >= omp_default_mem_alloc && handle <= omp_thread_mem_alloc)
    return NULL;
  if (handle >= llvm_omp_target_host_mem_alloc && handle <= llvm_omp_target_device_mem_alloc)
    return &no_memory;
  struct allocator *allocator = (struct allocator *)handle;
  if (handle % _Alignof(struct allocator) != 0 || handle < llvm_omp_target_host_mem_alloc ||
      allocator->mark != ALLOCATOR_ALIVE)
    routine_fails("an allocator is none",
                  "its handle is not what omp_init_allocator has returned, or it has been destroyed");
  return allocator;
}

/* Takes so many bytes of the pool; false if there are not so many left. Relaxed: `used` is a quota that orders
 * nothing. The memory itself passes from thread to thread through the C library's lock. */
static bool take(struct allocator *allocator, size_t size) {
  if (allocator == NULL || allocator->pool_size == UINT32_MAX)
    return true;
  uint32_t used = __atomic_load_n(&allocator->used, __ATOMIC_RELAXED);
  do
    if (size > allocator->pool_size - used)
      return false;
  while (!__atomic_compare_exchange_n(&allocator->used, &used, used + size, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return true;
}

static void give_back(struct allocator *allocator, size_t size) {
  if (allocator != NULL && allocator->pool_size != UINT32_MAX)
    __atomic_fetch_sub(&allocator->used, size, __ATOMIC_RELAXED);
}

/* Relaxed: who allocates has the handle, whose reference keeps the record. */
static void hold(struct allocator *allocator) {
  if (allocator != NULL)
    __atomic_fetch_add(&allocator->references, 1, __ATOMIC_RELAXED);
}

/* Release: what this thread did with the record is before; acquire: the last one frees it after what all others did. */
static void let_go(struct allocator *allocator) {
  if (allocator != NULL && __atomic_fetch_sub(&allocator->references, 1, __ATOMIC_ACQ_REL) == 1)
    free(allocator);
}

/* A block's bytes in the memory that was got for it. */
static void *place(void *memory, size_t alignment, size_t size, omp_allocator_handle_t handle) {
  uintptr_t first = ((uintptr_t)memory + sizeof(struct block) + alignment - 1) & ~(uintptr_t)(alignment - 1);
  struct block *block = (struct block *)first - 1;
  *block = (struct block){.memory = memory, .allocator = handle, .size = size, .mark = mark_of(block)};
  return (void *)first;
}

/* Bytes of memory for a block, of which its first is to be aligned so; 0 if that is more than there can be. */
static size_t with_block(size_t alignment, size_t size) {
  size_t extra = sizeof(struct block) + alignment - NATURAL_ALIGNMENT;
  return size > SIZE_MAX - extra ? 0 : size + extra;
}

static void *obtain(size_t alignment, size_t size, omp_allocator_handle_t handle) {
  size_t total = with_block(alignment, size);
  void *memory = total == 0 ? NULL : malloc(total);
  return memory == NULL ? NULL : place(memory, alignment, size, handle);
}

/* Where an allocation that has failed is tried next: the fallback trait. */
static bool fall_back(const struct allocator *allocator, omp_allocator_handle_t *handle) {
  if (allocator == NULL || allocator->fallback == omp_atv_null_fb)
    return false;
  if (allocator->fallback == omp_atv_abort_fb)
    routine_fails("an allocator has no memory left",
                  "its fallback trait is omp_atv_abort_fb; give it a larger pool_size, or another fallback");
  *handle = allocator->fallback == omp_atv_allocator_fb ? allocator->fb_data : omp_default_mem_alloc;
  return true;
}

/* The alignment trait holds wherever the memory comes from in the end. */
static void *allocate(size_t alignment, size_t size, omp_allocator_handle_t handle) {
  if (size == 0 || (alignment & (alignment - 1)) != 0)
    return NULL;
  if (alignment < NATURAL_ALIGNMENT)
    alignment = NATURAL_ALIGNMENT;
  if (handle == omp_null_allocator)
    handle = omp_get_default_allocator();
  for (;;) {
    struct allocator *allocator = find(handle);
    if (allocator != NULL && allocator->alignment > alignment)
      alignment = allocator->alignment;
    if (take(allocator, size)) {
      void *pointer = obtain(alignment, size, handle);
      if (pointer != NULL) {
        hold(allocator);
        return pointer;
      }
      give_back(allocator, size);
    }
    if (!fall_back(allocator, &handle))
      return NULL;
  }
}

static void *allocate_zeros(size_t alignment, size_t count, size_t size, omp_allocator_handle_t handle) {
  size_t total;
  if (__builtin_mul_overflow(count, size, &total))
    total = SIZE_MAX; /* more than any allocator has: the fallbacks decide */
  void *pointer = allocate(alignment, total, handle);
  return pointer == NULL ? NULL : memset(pointer, 0, total);
}

/* The record of a block's allocator, destroyed or not: the block holds it. */
static struct allocator *allocator_of(const struct block *block) {
  return block->allocator > llvm_omp_target_device_mem_alloc ? (struct allocator *)block->allocator : NULL;
}

static void release(void *pointer) {
  if (pointer == NULL)
    return;
  struct block *block = block_of(pointer);
  struct allocator *allocator = allocator_of(block);
  size_t size = block->size;
  block->mark = 0;
  free(block->memory);
  give_back(allocator, size);
  let_go(allocator);
}

/* Gives a block another size, with what is in it and in the same pool; NULL, and it is as before, if that or the
 * memory is too small. The C library may let it grow where it is, if it begins where its memory does. */
static void *resize(void *pointer, size_t size) {
  struct block *block = block_of(pointer);
  struct allocator *allocator = allocator_of(block);
  omp_allocator_handle_t handle = block->allocator;
  size_t before = block->size, more = size > before ? size - before : 0, alignment = NATURAL_ALIGNMENT;
  if (allocator != NULL && allocator->alignment > alignment)
    alignment = allocator->alignment;
  if (!take(allocator, more))
    return NULL;
  void *resized = NULL;
  block->mark = 0;
  if (block->memory == block && alignment == NATURAL_ALIGNMENT) {
    size_t total = with_block(alignment, size);
    void *memory = total == 0 ? NULL : realloc(block, total);
    resized = memory == NULL ? NULL : place(memory, alignment, size, handle);
  } else if (more == 0) {
    block->size = size;
    block->mark = mark_of(block);
    resized = pointer;
  } else if ((resized = obtain(alignment, size, handle)) != NULL) {
    memcpy(resized, pointer, before);
    free(block->memory);
  }
  if (resized == NULL)
    block->mark = mark_of(block);
  give_back(allocator, resized == NULL ? more : size < before ? before - size : 0);
  return resized;
}

omp_allocator_handle_t omp_init_allocator(omp_memspace_handle_t space, int count, const omp_alloctrait_t *traits) {
  struct allocator *allocator = malloc(sizeof *allocator);
  if (allocator == NULL || omp2wasi_make_allocator(allocator, space, count, traits))
    return (omp_allocator_handle_t)allocator;
  free(allocator);
  return omp_null_allocator;
}

void omp_destroy_allocator(omp_allocator_handle_t handle) {
  struct allocator *allocator = handle > llvm_omp_target_device_mem_alloc ? find(handle) : NULL;
  if (allocator != NULL)
    allocator->mark = ALLOCATOR_DESTROYED;
  let_go(allocator);
}

/* def-allocator-var is one of each implicit task (OpenMP 5.2, section 2.4). An explicit task has a copy besides, for
 * the regions that it forks. */
void omp_set_default_allocator(omp_allocator_handle_t handle) {
  struct thread *thread = self;
  if (handle == omp_null_allocator)
    handle = omp_default_mem_alloc;
  (void)find(handle);
  omp2wasi_icvs(thread)->allocator = handle;
  omp2wasi_icvs_of(&thread->implicit->task, thread->team)->allocator = handle;
}

omp_allocator_handle_t omp_get_default_allocator(void) {
  const struct thread *thread = self;
  return (omp_allocator_handle_t)omp2wasi_icvs_of(&thread->implicit->task, thread->team)->allocator;
}

void *omp_alloc(size_t size, omp_allocator_handle_t handle) { return allocate(1, size, handle); }

void *omp_aligned_alloc(size_t alignment, size_t size, omp_allocator_handle_t handle) {
  return allocate(alignment, size, handle);
}

void *omp_calloc(size_t count, size_t size, omp_allocator_handle_t handle) {
  return allocate_zeros(1, count, size, handle);
}

void *omp_aligned_calloc(size_t alignment, size_t count, size_t size, omp_allocator_handle_t handle) {
  return allocate_zeros(alignment, count, size, handle);
}

void *omp_realloc(void *pointer, size_t size, omp_allocator_handle_t handle, omp_allocator_handle_t free_handle) {
  (void)free_handle; /* the block knows */
  if (pointer == NULL)
    return allocate(1, size, handle);
  if (size == 0) {
    release(pointer);
    return NULL;
  }
  const struct block *block = block_of(pointer);
  if (handle == omp_null_allocator)
    handle = block->allocator;
  void *moved = handle == block->allocator ? resize(pointer, size) : NULL;
  if (moved != NULL || (moved = allocate(1, size, handle)) == NULL)
    return moved;
  memcpy(moved, pointer, block->size < size ? block->size : size);
  release(pointer);
  return moved;
}

void omp_free(void *pointer, omp_allocator_handle_t handle) {
  (void)handle; /* the block knows */
  release(pointer);
}

/* Variables of `allocate` directives and clauses. Clang uses the memory without a look whether there is any, and
 * address 0 is memory too: so this is the end of the program. */
void *__kmpc_aligned_alloc(int32_t gtid, size_t alignment, size_t size, omp_allocator_handle_t handle) {
  (void)gtid;
  void *pointer = allocate(alignment, size, handle);
  if (pointer == NULL && size != 0)
    omp2wasi_fatal("no memory for a variable with an allocator",
                   "its pool_size is too small, or the program's linear memory is full");
  return pointer;
}

void *__kmpc_alloc(int32_t gtid, size_t size, omp_allocator_handle_t handle) {
  return __kmpc_aligned_alloc(gtid, 1, size, handle);
}

void __kmpc_free(int32_t gtid, void *pointer, omp_allocator_handle_t handle) {
  (void)gtid;
  omp_free(pointer, handle);
}

/* uses_allocators: the allocator of a target region. */
omp_allocator_handle_t __kmpc_init_allocator(int32_t gtid, omp_memspace_handle_t space, int32_t count,
                                             const omp_alloctrait_t *traits) {
  (void)gtid;
  return omp_init_allocator(space, count, traits);
}

void __kmpc_destroy_allocator(int32_t gtid, omp_allocator_handle_t handle) {
  (void)gtid;
  omp_destroy_allocator(handle);
}
