/* An allocator: the traits that memory of it has (OpenMP 5.2, chapter 6).
 *
 * All memory spaces are the program's linear memory. So of the traits `alignment`, `pool_size`, `fallback` and
 * `fb_data` make a difference; the others ask for what ordinary memory is (accessible by all threads), or for what a
 * program cannot see (sync_hint, pinned, partition).
 *
 * Invariant: what an allocator says of its memory does not change once it has a handle: `used`, `references` and, when
 * it is destroyed, `mark` alone do. */
#ifndef OMP2WASI_ALLOCATOR_H
#define OMP2WASI_ALLOCATOR_H

#include <omp.h>
#include <stdbool.h>
#include <stdint.h>

enum allocator_mark { ALLOCATOR_DESTROYED = 0x64656164, ALLOCATOR_ALIVE = 0x616c6c6f };

struct allocator {
  uint32_t mark;       /* enum allocator_mark: tells a handle from what is none */
  uint32_t references; /* one of the handle, until it is destroyed, and one of each block of memory */
  uint32_t alignment;
  uint32_t pool_size;  /* bytes that blocks may have in all; UINT32_MAX means any */
  uint32_t used;       /* bytes that they have; at most `pool_size`, and not counted where that is any */
  uint32_t fallback;   /* an omp_alloctrait_value_t */
  omp_allocator_handle_t fb_data;
};

/* Makes an allocator with these traits, and the defaults for the others; false if there is none: a memory space that
 * the host has not, a trait that is not known, or a value that it cannot have. */
bool omp2wasi_make_allocator(struct allocator *allocator, omp_memspace_handle_t space, int count,
                             const omp_alloctrait_t *traits);

/* OMP_ALLOCATOR: the allocator that `value` names or describes. False if it is malformed. */
bool omp2wasi_read_allocator(const char *value, uint32_t *handle);

#endif
