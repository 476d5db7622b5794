/* schedule(static): __kmpc_for_static_init_* (OpenMP 5.2, section 11.5.3), and distribute (section 11.6).
 *
 * Without synchronisation each thread computes its own chunks from its number. */
#include "schedule.h"
#include "thread.h"

/* What a thread executes of a loop. */
struct assignment {
  struct chunk chunk; /* the first of its chunks; none if the count is 0 */
  uint64_t stride;    /* iterations from one of its chunks to the next */
  bool has_last;      /* one of them has the sequentially last iteration */
};

/* Chunks of one size in turn. No product exceeds the trip count by more than a chunk, so the bounds that clang
 * computes from the stride do not wrap around. */
static struct assignment assign_chunked(uint64_t trip_count, uint64_t size, uint32_t number, uint32_t threads) {
  uint64_t chunks = omp2wasi_divide(trip_count - 1, size) + 1;
  uint64_t stride = (chunks < threads ? chunks : threads) * size;
  if (number >= chunks)
    return (struct assignment){{0, 0}, stride, false};
  uint64_t first = number * size, left = trip_count - first;
  return (struct assignment){{first, left < size ? left : size}, stride, (chunks - 1) % threads == number};
}

/* The modifier `simd`: one chunk for each thread, of a size that is a multiple of `size`. */
static struct assignment assign_balanced_chunked(uint64_t trip_count, uint64_t size, uint32_t number,
                                                 uint32_t threads) {
  uint64_t even = omp2wasi_divide(trip_count - 1, threads) + 1;
  uint64_t rounded = size > even ? size : even;
  if (size < even && threads > 1)
    rounded = (omp2wasi_divide(even - 1, size) + 1) * size;
  uint64_t last_number = omp2wasi_divide(trip_count - 1, rounded);
  if (number > last_number)
    return (struct assignment){{0, 0}, trip_count, false};
  uint64_t first = number * rounded, left = trip_count - first;
  return (struct assignment){{first, left < rounded ? left : rounded}, trip_count, last_number == number};
}

/* What the calling thread executes of a loop that is not empty; with `distribute`, what its team executes of it in
 * the league. */
static struct assignment assign(const struct thread *thread, int32_t kind, uint64_t trip_count, uint64_t size) {
  bool distribute = kind == SCHED_DISTRIBUTE_STATIC || kind == SCHED_DISTRIBUTE_STATIC_CHUNKED;
  uint32_t number = distribute ? (uint32_t)thread->team->team_num : thread->thread_num;
  uint32_t threads = distribute ? (uint32_t)thread->team->num_teams : thread->team->num_threads;
  if (size > trip_count)
    size = trip_count;
  if (kind == SCHED_STATIC_CHUNKED || kind == SCHED_DISTRIBUTE_STATIC_CHUNKED)
    return assign_chunked(trip_count, size, number, threads);
  if (kind == SCHED_STATIC_BALANCED_CHUNKED)
    return assign_balanced_chunked(trip_count, size, number, threads);
  struct chunk chunk = omp2wasi_static_chunk(trip_count, number, threads);
  return (struct assignment){chunk, trip_count, chunk.count != 0 && chunk.first + chunk.count == trip_count};
}

/* What __kmpc_for_static_init_* gives back, extended to 64 bits. */
struct bounds {
  uint64_t lower, upper;
  int64_t stride;
  bool has_last;
};

/* The bounds of the calling thread's first chunk; unchanged for an empty loop. `has_past` says that the loop
 * variable's type has a value behind the last one: bounds without an iteration then begin there, which is what loops
 * that were combined with `distribute` compare with. Else they are the range from 1 to 0, or against a negative step
 * from 0 to 1, which is empty in every type. */
static struct bounds for_static_init(int32_t schedule, struct iteration_space space, uint64_t upper, int64_t chunk,
                                     bool has_past) {
  if (space.trip_count == 0)
    return (struct bounds){space.lower, upper, space.step, false};
  struct assignment mine = assign(self, schedule & ~SCHED_MODIFIERS, space.trip_count, chunk < 1 ? 1 : (uint64_t)chunk);
  struct bounds bounds = {.stride = (int64_t)(mine.stride * (uint64_t)space.step), .has_last = mine.has_last};
  if (mine.chunk.count != 0) {
    bounds.lower = omp2wasi_value_of(&space, mine.chunk.first);
    bounds.upper = omp2wasi_value_of(&space, mine.chunk.first + mine.chunk.count - 1);
  } else {
    bounds.lower = has_past ? omp2wasi_value_of(&space, space.trip_count) : space.step > 0;
    bounds.upper = has_past ? omp2wasi_value_of(&space, space.trip_count - 1) : space.step < 0;
  }
  return bounds;
}

/* The entry points differ in the type of the loop variable alone. They neither wait nor fail, so they note no
 * construct. */
#define FOR_STATIC_INIT(suffix, type, signed_type)                                                                     \
  void __kmpc_for_static_init_##suffix(struct ident *loc, int32_t gtid, int32_t schedule, int32_t *last, type *lower,  \
                                       type *upper, signed_type *stride, signed_type step, signed_type chunk) {        \
    (void)loc, (void)gtid;                                                                                             \
    bool is_empty = step > 0 ? *lower > *upper : *lower < *upper;                                                      \
    type past = (type)((uint64_t)*upper + (uint64_t)(int64_t)step);                                                    \
    bool has_past = step > 0 ? past > *upper : past < *upper;                                                          \
    struct iteration_space space = omp2wasi_iteration_space((uint64_t)*lower, (uint64_t)*upper, step, is_empty);       \
    self->implicit->loop.space.trip_count = space.trip_count; /* doacross.c asks for it */                             \
    struct bounds bounds = for_static_init(schedule, space, (uint64_t)*upper, chunk, has_past);                        \
    *lower = (type)bounds.lower, *upper = (type)bounds.upper, *stride = (signed_type)bounds.stride;                    \
    if (last != NULL)                                                                                                  \
      *last = bounds.has_last;                                                                                         \
  }

FOR_STATIC_INIT(4, int32_t, int32_t)
FOR_STATIC_INIT(4u, uint32_t, int32_t)
FOR_STATIC_INIT(8, int64_t, int64_t)
FOR_STATIC_INIT(8u, uint64_t, int64_t)

void __kmpc_for_static_fini(struct ident *loc, int32_t gtid) { (void)loc, (void)gtid; }
