/* What the schedules share: the iteration space of a loop, counted in iterations from 0 (OpenMP 5.2, section 4.4.2).
 *
 * Invariant: values of the loop variable appear only where a loop begins and where a chunk is handed out. In between
 * there are numbers of iterations, so no bound overflows its type, whatever its width and whatever the sign of the
 * step. All arithmetic is on 64 bits, with 32-bit divisions where they suffice. */
#ifndef OMP2WASI_SCHEDULE_H
#define OMP2WASI_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct iteration_space {
  uint64_t trip_count; /* how many iterations there are */
  uint64_t lower;      /* the loop variable's value in iteration 0, extended to 64 bits by its type's signedness */
  int64_t step;        /* what the loop variable grows by */
};

/* A chunk: consecutive iterations. */
struct chunk {
  uint64_t first;
  uint64_t count;
};

static inline uint64_t omp2wasi_divide(uint64_t a, uint64_t b) {
  return (a | b) >> 32 ? a / b : (uint32_t)a / (uint32_t)b;
}

/* From `lower` to `upper` inclusive by `step`; both extended to 64 bits by their type's signedness. */
static inline struct iteration_space omp2wasi_iteration_space(uint64_t lower, uint64_t upper, int64_t step,
                                                              bool is_empty) {
  struct iteration_space space = {.lower = lower, .step = step};
  if (is_empty)
    space.trip_count = 0;
  else if (step > 0)
    space.trip_count = step == 1 ? upper - lower + 1 : omp2wasi_divide(upper - lower, (uint64_t)step) + 1;
  else
    space.trip_count = omp2wasi_divide(lower - upper, 0 - (uint64_t)step) + 1;
  return space;
}

/* The loop variable's value in an iteration. */
static inline uint64_t omp2wasi_value_of(const struct iteration_space *space, uint64_t iteration) {
  return space->lower + iteration * (uint64_t)space->step;
}

/* schedule(static) without a chunk size: the chunk of thread `number` of `count`. Sizes differ by at most one,
 * larger chunks come first. */
static inline struct chunk omp2wasi_static_chunk(uint64_t trip_count, uint32_t number, uint32_t count) {
  uint64_t size = omp2wasi_divide(trip_count, count);
  uint64_t extra = trip_count - size * count;
  return (struct chunk){number * size + (number < extra ? number : extra), size + (number < extra)};
}

#endif
