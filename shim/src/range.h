/* Numbers that a thread hands out to itself one by one, and of which others take half: chunks of a loop
 * (schedule_dynamic.c), tasks of a taskloop construct (tasks/taskloop.c).
 *
 * A range is one word: from the low half to the high half, which is no part of it. Taking one is adding one, also where
 * none is left; that happens once for each range that is stored, so the halves stay apart.
 *
 * Ordering: none but atomicity (relaxed); what the numbers are of is ordered by other means. */
#ifndef OMP2WASI_RANGE_H
#define OMP2WASI_RANGE_H

#include <stdbool.h>
#include <stdint.h>

enum { MOST_IN_RANGES = INT32_MAX };

static inline uint64_t omp2wasi_range_of(uint32_t first, uint32_t end) { return (uint64_t)end << 32 | first; }

/* Takes the upper half of what is left, from `first` to `end`; false if nothing is. */
static inline bool omp2wasi_take_half(uint64_t *range, uint32_t *first, uint32_t *end) {
  uint64_t seen = __atomic_load_n(range, __ATOMIC_RELAXED);
  while ((uint32_t)seen < (uint32_t)(seen >> 32)) {
    *end = (uint32_t)(seen >> 32);
    *first = *end - (*end - (uint32_t)seen + 1) / 2;
    if (__atomic_compare_exchange_n(range, &seen, omp2wasi_range_of((uint32_t)seen, *first), 0, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED))
      return true;
  }
  return false;
}

#endif
