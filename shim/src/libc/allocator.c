/* malloc and its kin under threads: the C library's allocator behind one lock. Wrappers as in locked.h; their lock
 * need not be recursive, since the allocator calls none of these functions.
 *
 * The host is told of large blocks, for it to back them by large pages: before anybody touches them. Stacks are not
 * blocks of that kind: little of them is touched. */
#include "../thread.h"
#include "../mutex.h"
#include <string.h>

static struct mutex lock;

static void *told_of(void *block, size_t size) {
  if (__builtin_expect(size >= LARGE_OBJECT, 0) && block != NULL)
    omp2wasi_host_use_large_pages((uint32_t)(uintptr_t)block, (uint32_t)size);
  return block;
}

#define LOCKED(type, name, parameters, arguments)                                                                      \
  type __real_##name parameters;                                                                                       \
  static type locked_##name parameters {                                                                               \
    omp2wasi_lock(&lock);                                                                                              \
    type result = __real_##name arguments;                                                                             \
    omp2wasi_unlock(&lock);                                                                                            \
    return result;                                                                                                     \
  }

LOCKED(void *, malloc, (size_t size), (size))
LOCKED(void *, calloc, (size_t count, size_t size), (count, size))
LOCKED(void *, realloc, (void *block, size_t size), (block, size))
LOCKED(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
LOCKED(int, posix_memalign, (void **block, size_t alignment, size_t size), (block, alignment, size))
LOCKED(size_t, malloc_usable_size, (void *block), (block))
LOCKED(void *, __libc_malloc, (size_t size), (size))
LOCKED(void *, __libc_calloc, (size_t count, size_t size), (count, size))

void *__wrap_malloc(size_t size) { return told_of(locked_malloc(size), size); }
void *__wrap_realloc(void *block, size_t size) { return told_of(locked_realloc(block, size), size); }
size_t __wrap_malloc_usable_size(void *block) { return locked_malloc_usable_size(block); }
void *__wrap___libc_malloc(size_t size) { return locked___libc_malloc(size); }
void *__wrap___libc_calloc(size_t count, size_t size) { return locked___libc_calloc(count, size); }

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return told_of(locked_aligned_alloc(alignment, size), size);
}

int __wrap_posix_memalign(void **block, size_t alignment, size_t size) {
  int error = locked_posix_memalign(block, alignment, size);
  if (error == 0)
    told_of(*block, size);
  return error;
}

/* The library's own would touch a large block before the host is told. */
void *__wrap_calloc(size_t count, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(count, size, &total) || total < LARGE_OBJECT)
    return locked_calloc(count, size);
  void *block = __wrap_malloc(total);
  return block == NULL ? NULL : memset(block, 0, total);
}

void *omp2wasi_allocate_stack(size_t alignment, size_t size) { return locked_aligned_alloc(alignment, size); }

#define LOCKED_FREE(name)                                                                                              \
  void __real_##name(void *block);                                                                                     \
  void __wrap_##name(void *block) {                                                                                    \
    omp2wasi_lock(&lock);                                                                                              \
    __real_##name(block);                                                                                              \
    omp2wasi_unlock(&lock);                                                                                            \
  }

LOCKED_FREE(free)
LOCKED_FREE(__libc_free)
