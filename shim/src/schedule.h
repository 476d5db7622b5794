/* What the schedules share: iteration spaces counted from 0 to a trip count.
 *
 * Values of the loop variable appear only at the edges, in `value_of`; so no bound overflows its type, whatever its width
 * or the sign of the step. All arithmetic is on 64 bits, with 32-bit divisions where they suffice. */
#ifndef OMP2WASI_SCHEDULE_H
#define OMP2WASI_SCHEDULE_H

#include <stdint.h>

struct range {
  uint64_t first;
  uint64_t count;
};

static inline uint64_t omp2wasi_divide(uint64_t a, uint64_t b) {
  return (a | b) >> 32 ? a / b : (uint32_t)a / (uint32_t)b;
}

/* Iterations from `lower` to `upper` inclusive by `step`; both already extended to 64 bits by their own signedness. */
static inline uint64_t omp2wasi_trip_count(uint64_t lower, uint64_t upper, int64_t step, int is_empty) {
  if (is_empty)
    return 0;
  if (step > 0)
    return step == 1 ? upper - lower + 1 : omp2wasi_divide(upper - lower, (uint64_t)step) + 1;
  return omp2wasi_divide(lower - upper, 0 - (uint64_t)step) + 1;
}

static inline uint64_t omp2wasi_value_of(uint64_t iteration, uint64_t lower, int64_t step) {
  return lower + iteration * (uint64_t)step;
}

/* schedule(static) without a chunk: blocks whose sizes differ by at most one, larger ones first. */
static inline struct range omp2wasi_block(uint64_t trip_count, uint32_t member, uint32_t members) {
  uint64_t size = omp2wasi_divide(trip_count, members);
  uint64_t extra = trip_count - size * members;
  return (struct range){member * size + (member < extra ? member : extra), size + (member < extra)};
}

#endif
