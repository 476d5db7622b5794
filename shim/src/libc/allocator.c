/* malloc and its kin under threads: the C library's allocator behind one lock. Wrappers as in locked.h; their lock
 * need not be recursive, since the allocator calls none of these functions. */
#include "../mutex.h"
#include <stddef.h>

static struct mutex lock;

#define LOCKED(type, name, parameters, arguments)                                                                      \
  type __real_##name parameters;                                                                                       \
  type __wrap_##name parameters {                                                                                      \
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

#define LOCKED_FREE(name)                                                                                              \
  void __real_##name(void *block);                                                                                     \
  void __wrap_##name(void *block) {                                                                                    \
    omp2wasi_lock(&lock);                                                                                              \
    __real_##name(block);                                                                                              \
    omp2wasi_unlock(&lock);                                                                                            \
  }

LOCKED_FREE(free)
LOCKED_FREE(__libc_free)
