/* schedule(static): __kmpc_for_static_init_* (OpenMP 5.2, section 11.5.3), and distribute (section 11.6).
 *
 * The iteration space is counted in iterations from 0 to the trip count; values of the loop variable appear only at
 * the edges. So no bound overflows its type, whatever the width or the sign of the step. */
#include "team.h"
#include "schedule.h"

/* The part of a static schedule that one member executes first, in iteration numbers. */
struct part {
  uint64_t first;
  uint64_t count;  /* 0: this member has no iteration */
  uint64_t stride; /* from one of its chunks to the next */
  bool last;       /* it executes the sequentially last iteration */
};

static struct part static_part(int32_t kind, uint64_t trip_count, uint64_t chunk, uint32_t member, uint32_t members) {
  if (chunk > trip_count)
    chunk = trip_count;
  if (kind == SCHED_STATIC_CHUNKED || kind == SCHED_DISTRIBUTE_STATIC_CHUNKED) {
    /* No product exceeds the trip count by more than a chunk, so clang's next bounds do not wrap around. */
    uint64_t chunks = omp2wasi_divide(trip_count - 1, chunk) + 1;
    uint64_t stride = (chunks < members ? chunks : members) * chunk;
    if (member >= chunks)
      return (struct part){0, 0, stride, false};
    uint64_t first = member * chunk, left = trip_count - first;
    return (struct part){first, left < chunk ? left : chunk, stride, (chunks - 1) % members == member};
  }
  if (kind == SCHED_STATIC_BALANCED_CHUNKED) { /* simd: blocks whose size is a multiple of the chunk */
    uint64_t block = omp2wasi_divide(trip_count - 1, members) + 1;
    block = chunk >= block || members == 1 ? (chunk > block ? chunk : block) : (omp2wasi_divide(block - 1, chunk) + 1) * chunk;
    uint64_t last_member = omp2wasi_divide(trip_count - 1, block);
    if (member > last_member)
      return (struct part){0, 0, trip_count, false};
    uint64_t first = member * block, left = trip_count - first;
    return (struct part){first, left < block ? left : block, trip_count, last_member == member};
  }
  struct range block = omp2wasi_block(trip_count, member, members);
  return (struct part){block.first, block.count, trip_count,
                       block.count != 0 && block.first + block.count == trip_count};
}

static struct part part_of(struct thread *thread, int32_t kind, uint64_t trip_count, uint64_t chunk) {
  bool distribute = kind == SCHED_DISTRIBUTE_STATIC || kind == SCHED_DISTRIBUTE_STATIC_CHUNKED;
  uint32_t member = distribute ? (uint32_t)thread->team->team_num : thread->thread_num;
  uint32_t members = distribute ? (uint32_t)thread->team->num_teams : thread->team->num_threads;
  return static_part(kind, trip_count, chunk, member, members);
}

/* Bounds come in and go out extended to 64 bits. An empty part begins after the last value of all, which is what loops that were
 * combined with `distribute` compare with; where the type has no value after that, it is the range from 1 to 0 (against the step: 0
 * to 1), which is empty in every type. */
static void for_static_init(int32_t schedule, int32_t *last, uint64_t *lower, uint64_t *upper, int64_t *stride,
                            int64_t step, int64_t chunk, bool is_empty, bool has_past) {
  uint64_t trip_count = omp2wasi_trip_count(*lower, *upper, step, is_empty);
  bool has_last = false;
  *stride = step;
  if (trip_count != 0) {
    struct part part = part_of(self, schedule & ~SCHED_MODIFIERS, trip_count, chunk < 1 ? 1 : (uint64_t)chunk);
    uint64_t base = *lower;
    *stride = (int64_t)(part.stride * (uint64_t)step);
    has_last = part.last;
    if (part.count == 0) {
      *lower = has_past ? omp2wasi_value_of(trip_count, base, step) : step > 0;
      *upper = has_past ? omp2wasi_value_of(trip_count - 1, base, step) : step < 0;
    } else {
      *lower = omp2wasi_value_of(part.first, base, step);
      *upper = omp2wasi_value_of(part.first + part.count - 1, base, step);
    }
  }
  if (last != NULL)
    *last = has_last;
}

/* The entry points differ in the type of the loop variable alone. */
#define FOR_STATIC_INIT(suffix, type, signed_type)                                                                     \
  void __kmpc_for_static_init_##suffix(struct ident *loc, int32_t gtid, int32_t schedule, int32_t *last, type *lower,   \
                                       type *upper, signed_type *stride, signed_type step, signed_type chunk) {        \
    (void)loc, (void)gtid;                                                                                             \
    uint64_t first = (uint64_t)*lower, final = (uint64_t)*upper;                                                       \
    int64_t distance;                                                                                                  \
    bool is_empty = step > 0 ? *lower > *upper : *lower < *upper;                                                      \
    type past = (type)(final + (uint64_t)(int64_t)step);                                                               \
    bool has_past = step > 0 ? past > *upper : past < *upper;                                                          \
    for_static_init(schedule, last, &first, &final, &distance, step, chunk, is_empty, has_past);                                 \
    *lower = (type)first, *upper = (type)final, *stride = (signed_type)distance;                                       \
  }

FOR_STATIC_INIT(4, int32_t, int32_t)
FOR_STATIC_INIT(4u, uint32_t, int32_t)
FOR_STATIC_INIT(8, int64_t, int64_t)
FOR_STATIC_INIT(8u, uint64_t, int64_t)

void __kmpc_for_static_fini(struct ident *loc, int32_t gtid) { (void)loc, (void)gtid; }
