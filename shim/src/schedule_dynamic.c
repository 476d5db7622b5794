/* schedule(dynamic), schedule(guided), schedule(runtime), schedule(auto) and loops with the ordered clause:
 * __kmpc_dispatch_* (OpenMP 5.2, sections 11.5.3 and 15.10.2).
 *
 * Each implicit task describes the loop to itself (`struct loop`); what the team shares is one counter, the first
 * iteration that is in no thread's chunk yet. A team has a ring of such work shares, so that threads may run ahead over
 * loops with nowait: loop number k uses share k modulo the ring's length once its turn is k, and the last thread to
 * leave passes the turn on to loop k + length.
 *
 * Ordering: to take a chunk needs none but the atomicity of the counter (relaxed). Passing the turn is a release
 * (signal) that pairs with the acquire in the wait for it, so the reset counters are seen by the threads in the next
 * loop. */
#include "thread.h"

static void enter_share(struct thread *thread, struct loop *loop) {
  struct team *team = thread->team;
  uint32_t number = thread->implicit->loops++;
  struct work_share *share = &team->shares[number % WORK_SHARES];
  for (uint32_t turn; (turn = omp2wasi_load(&share->turn.value)) != number;)
    omp2wasi_wait(&share->turn, turn, team->spin);
  loop->share = share;
}

/* Acquire-release: the last thread to leave has seen what all the others did with the share, and resets it behind
 * them. */
static void leave_share(struct thread *thread, struct loop *loop) {
  struct work_share *share = loop->share;
  loop->share = NULL;
  if (__atomic_add_fetch(&share->finished, 1, __ATOMIC_ACQ_REL) < thread->team->num_threads)
    return;
  share->finished = 0;
  __atomic_store_n(&share->next, 0, __ATOMIC_RELAXED);
  share->ordered = 0;
  share->ordered_signal.value = 0;
  omp2wasi_signal(&share->turn, share->turn.value + WORK_SHARES, -1);
}

void omp2wasi_leave_loop(struct thread *thread) { leave_share(thread, &thread->implicit->loop); }

/* schedule(runtime): the kind is that of run-sched-var, and so is the chunk size. */
static int32_t runtime_kind(struct thread *thread, int64_t *chunk) {
  const struct icvs *icvs = omp2wasi_icvs(thread);
  int32_t kind = icvs->schedule & ~SCHED_MODIFIERS;
  *chunk = icvs->chunk;
  return kind == SCHED_STATIC && *chunk > 0 ? SCHED_STATIC_CHUNKED : kind;
}

/* One chunk, or none, for this thread alone. */
static void assign_one(struct loop *loop, struct chunk chunk) {
  uint64_t trip_count = loop->space.trip_count;
  loop->kind = SCHED_STATIC_CHUNKED;
  loop->next = chunk.count != 0 ? chunk.first : trip_count;
  loop->chunk = chunk.count;
  loop->stride = trip_count;
}

/* Begins the loop whose iteration space has been noted. */
static void dispatch_init(struct thread *thread, int32_t schedule, int64_t chunk) {
  struct loop *loop = &thread->implicit->loop;
  uint32_t me = thread->thread_num, num_threads = thread->team->num_threads;
  uint64_t trip_count = loop->space.trip_count;
  int32_t kind = schedule & ~SCHED_MODIFIERS;
  bool ordered = kind >= SCHED_ORDERED_FIRST && kind <= SCHED_ORDERED_LAST;
  if (ordered)
    kind -= SCHED_ORDERED_OFFSET;
  if (kind == SCHED_RUNTIME || kind == SCHED_RUNTIME_SIMD)
    kind = runtime_kind(thread, &chunk);
  uint64_t size = chunk < 1 ? 1 : (uint64_t)chunk;
  if (size > trip_count)
    size = trip_count > 0 ? trip_count : 1;
  loop->share = NULL;
  loop->ordered = ordered;
  loop->ordered_done = false;
  switch (kind) {
  case SCHED_DYNAMIC_CHUNKED:
  case SCHED_GUIDED_CHUNKED:
  case SCHED_GUIDED_SIMD:
    if (num_threads == 1) {
      assign_one(loop, (struct chunk){0, trip_count});
      return;
    }
    loop->kind = kind == SCHED_GUIDED_SIMD ? SCHED_GUIDED_CHUNKED : kind;
    loop->chunk = size;
    /* Each thread takes at most one chunk that is not there: 2^31 threads and chunks of 2^31 iterations are 2^62 of
     * these. */
    loop->is_huge = (trip_count >> 62 | size >> 31) != 0;
    break;
  case SCHED_STATIC_CHUNKED:
    loop->kind = kind;
    loop->chunk = size;
    loop->next = me <= omp2wasi_divide(trip_count, size) ? me * size : trip_count;
    loop->stride = trip_count / size < num_threads ? trip_count : num_threads * size;
    break;
  default: /* static and auto */
    assign_one(loop, omp2wasi_static_chunk(trip_count, me, num_threads));
  }
  if (num_threads > 1 && (loop->kind != SCHED_STATIC_CHUNKED || ordered))
    enter_share(thread, loop);
}

/* guided: takes the next chunk. Its size is half an equal share of the iterations left, and `chunk` at least. The
 * trip count if none is left. */
static uint64_t take_guided(struct loop *loop, uint32_t num_threads, uint64_t *count) {
  uint64_t *next = &loop->share->next;
  uint64_t first = __atomic_load_n(next, __ATOMIC_RELAXED);
  do {
    if (first >= loop->space.trip_count)
      return loop->space.trip_count;
    uint64_t left = loop->space.trip_count - first;
    uint64_t size = omp2wasi_divide(left + 2 * num_threads - 1, 2 * num_threads);
    size = size < loop->chunk ? loop->chunk : size;
    *count = size < left ? size : left;
  } while (!__atomic_compare_exchange_n(next, &first, first + *count, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return first;
}

/* The calling thread's next chunk; false when there is none. */
static bool next_chunk(struct thread *thread, struct loop *loop, struct chunk *chunk) {
  uint64_t first, count = loop->chunk, trip_count = loop->space.trip_count;
  if (loop->kind == SCHED_DYNAMIC_CHUNKED) {
    /* No look before, unless it must be: that would fetch the line twice, to read it and then to write it. */
    first = loop->is_huge ? __atomic_load_n(&loop->share->next, __ATOMIC_RELAXED) : 0;
    if (first < trip_count)
      first = __atomic_fetch_add(&loop->share->next, loop->chunk, __ATOMIC_RELAXED);
  } else if (loop->kind == SCHED_GUIDED_CHUNKED) {
    first = take_guided(loop, thread->team->num_threads, &count);
  } else {
    first = loop->next;
    loop->next = loop->stride > trip_count - first || first >= trip_count ? trip_count : first + loop->stride;
  }
  if (first >= trip_count)
    return false;
  uint64_t left = trip_count - first;
  *chunk = (struct chunk){first, count < left ? count : left};
  loop->current = first;
  return true;
}

static bool dispatch_next(struct thread *thread, int32_t *last, uint64_t *lower, uint64_t *upper) {
  struct loop *loop = &thread->implicit->loop;
  struct chunk chunk;
  if (!next_chunk(thread, loop, &chunk)) {
    /* `last` stays what it was for the last chunk: clang looks at it after the loop (lastprivate). */
    if (loop->share != NULL)
      leave_share(thread, loop);
    return false;
  }
  if (last != NULL)
    *last = chunk.first + chunk.count == loop->space.trip_count;
  *lower = omp2wasi_value_of(&loop->space, chunk.first);
  *upper = omp2wasi_value_of(&loop->space, chunk.first + chunk.count - 1);
  return true;
}

/* Ordered regions are executed in the order of the iterations: each waits until its own is the current one, and
 * passes it on.
 *
 * Only the thread whose turn it is writes, and the signal is the last thing that it writes: as soon as it is out,
 * the next one may. The signal is the low half of the iteration's number; it orders the access to the whole number
 * (release, acquire). */
static void await_order(struct thread *thread, struct loop *loop) {
  struct work_share *share = loop->share;
  for (uint32_t signal; (signal = omp2wasi_load(&share->ordered_signal.value)) != (uint32_t)loop->current ||
                        share->ordered != loop->current;)
    omp2wasi_wait(&share->ordered_signal, signal, thread->team->spin);
}

static void pass_order(struct loop *loop) {
  struct work_share *share = loop->share;
  share->ordered = loop->current + 1;
  loop->ordered_done = true;
  omp2wasi_signal(&share->ordered_signal, (uint32_t)(loop->current + 1), -1);
}

void __kmpc_ordered(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  struct thread *thread = self;
  struct loop *loop = &thread->implicit->loop;
  if (loop->share != NULL)
    await_order(thread, loop);
}

void __kmpc_end_ordered(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  struct loop *loop = &self->implicit->loop;
  if (loop->share != NULL)
    pass_order(loop);
}

/* After each iteration of a loop with the ordered clause. */
static void dispatch_fini(struct thread *thread) {
  struct loop *loop = &thread->implicit->loop;
  if (loop->share == NULL || !loop->ordered)
    return;
  if (!loop->ordered_done) {
    await_order(thread, loop);
    pass_order(loop);
  }
  loop->ordered_done = false;
  loop->current++;
}

/* The entry points differ in the type of the loop variable alone. */
#define DISPATCH(suffix, type, signed_type)                                                                            \
  void __kmpc_dispatch_init_##suffix(struct ident *loc, int32_t gtid, int32_t schedule, type lower, type upper,         \
                                     signed_type step, signed_type chunk) {                                            \
    (void)gtid;                                                                                                        \
    struct thread *thread = omp2wasi_meet(loc);                                                                        \
    bool is_empty = step > 0 ? lower > upper : lower < upper;                                                          \
    thread->implicit->loop.space = omp2wasi_iteration_space((uint64_t)lower, (uint64_t)upper, step, is_empty);         \
    dispatch_init(thread, schedule, chunk);                                                                            \
  }                                                                                                                    \
  int32_t __kmpc_dispatch_next_##suffix(struct ident *loc, int32_t gtid, int32_t *last, type *lower, type *upper,      \
                                        signed_type *stride) {                                                         \
    (void)loc, (void)gtid;                                                                                             \
    struct thread *thread = self;                                                                                      \
    uint64_t first, final;                                                                                             \
    if (!dispatch_next(thread, last, &first, &final))                                                                  \
      return 0;                                                                                                        \
    *lower = (type)first, *upper = (type)final;                                                                        \
    if (stride != NULL)                                                                                                \
      *stride = (signed_type)thread->implicit->loop.space.step;                                                        \
    return 1;                                                                                                          \
  }                                                                                                                    \
  void __kmpc_dispatch_fini_##suffix(struct ident *loc, int32_t gtid) {                                                \
    (void)loc, (void)gtid;                                                                                             \
    dispatch_fini(self);                                                                                               \
  }

DISPATCH(4, int32_t, int32_t)
DISPATCH(4u, uint32_t, int32_t)
DISPATCH(8, int64_t, int64_t)
DISPATCH(8u, uint64_t, int64_t)

void __kmpc_dispatch_deinit(struct ident *loc, int32_t gtid) { (void)loc, (void)gtid; }
