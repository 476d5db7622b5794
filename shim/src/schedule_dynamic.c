/* schedule(dynamic), schedule(guided), schedule(runtime), schedule(auto) and loops with the ordered clause:
 * __kmpc_dispatch_* (OpenMP 5.2, sections 11.5.3 and 15.10.2).
 *
 * Each member describes the loop to itself (`struct loop`); what they share is one counter of iterations dealt. A team has a ring
 * of such shares, so that members may run ahead over loops with nowait: loop number k uses share k modulo the ring's
 * length once its turn is k, and the last member to leave passes the turn on to loop k + length.
 *
 * Ordering: dealing needs none but the atomicity of the counter (relaxed). Passing the turn is a release (signal) that
 * pairs with the acquire in the wait for it, so the reset counters are seen by the next loop's members. */
#include "team.h"
#include "schedule.h"

static void enter_share(struct thread *thread, struct loop *loop) {
  struct team *team = thread->team;
  uint32_t number = thread->loops++;
  struct work_share *share = &team->shares[number % WORK_SHARES];
  for (uint32_t turn; (turn = omp2wasi_load(&share->turn.value)) != number;)
    omp2wasi_wait(&share->turn, turn, team->spin);
  loop->share = share;
}

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

static void dispatch_init(int32_t schedule, uint64_t lower, uint64_t upper, int64_t step, int64_t chunk, bool is_empty) {
  struct thread *thread = self;
  struct loop *loop = &thread->loop;
  int32_t kind = schedule & ~SCHED_MODIFIERS;
  loop->ordered = kind >= SCHED_ORDERED_FIRST && kind <= SCHED_ORDERED_AUTO;
  if (loop->ordered)
    kind -= SCHED_ORDERED_OFFSET;
  if (kind == SCHED_RUNTIME || kind == SCHED_RUNTIME_SIMD) {
    const struct icvs *icvs = omp2wasi_icvs(thread);
    kind = icvs->schedule & ~SCHED_MODIFIERS;
    chunk = icvs->chunk;
    if (kind == SCHED_STATIC && chunk > 0)
      kind = SCHED_STATIC_CHUNKED;
  }
  if (kind == SCHED_GUIDED_SIMD)
    kind = SCHED_GUIDED_CHUNKED;
  loop->trip_count = omp2wasi_trip_count(lower, upper, step, is_empty);
  loop->chunk = chunk < 1 ? 1 : (uint64_t)chunk;
  if (loop->chunk > loop->trip_count)
    loop->chunk = loop->trip_count > 0 ? loop->trip_count : 1;
  loop->lower = lower;
  loop->step = step;
  loop->ordered_done = false;
  loop->share = NULL;
  uint32_t member = thread->thread_num, members = thread->team->num_threads;
  switch (kind) {
  case SCHED_DYNAMIC_CHUNKED:
  case SCHED_GUIDED_CHUNKED:
    loop->kind = kind;
    if (members == 1) { /* alone: one chunk that is everything */
      loop->kind = SCHED_STATIC_CHUNKED;
      loop->next = 0;
      loop->stride = loop->trip_count;
      loop->chunk = loop->trip_count;
    }
    break;
  case SCHED_STATIC_CHUNKED:
    loop->kind = SCHED_STATIC_CHUNKED;
    loop->next = member <= omp2wasi_divide(loop->trip_count, loop->chunk) ? member * loop->chunk : loop->trip_count;
    loop->stride = loop->trip_count / loop->chunk < members ? loop->trip_count : members * loop->chunk;
    break;
  default: { /* static and auto: one block each */
    struct range block = omp2wasi_block(loop->trip_count, member, members);
    loop->kind = SCHED_STATIC_CHUNKED;
    loop->next = block.count != 0 ? block.first : loop->trip_count;
    loop->chunk = block.count;
    loop->stride = loop->trip_count;
  }
  }
  if (members > 1 && (loop->kind != SCHED_STATIC_CHUNKED || loop->ordered))
    enter_share(thread, loop);
}

/* Takes the next chunk of at least `chunk` iterations, half an equal share of what is left: guided. */
static uint64_t take_guided(struct loop *loop, uint32_t members, uint64_t *count) {
  uint64_t *next = &loop->share->next;
  uint64_t first = __atomic_load_n(next, __ATOMIC_RELAXED);
  do {
    if (first >= loop->trip_count)
      return loop->trip_count;
    uint64_t left = loop->trip_count - first;
    uint64_t size = omp2wasi_divide(left + 2 * members - 1, 2 * members);
    size = size < loop->chunk ? loop->chunk : size;
    *count = size < left ? size : left;
  } while (!__atomic_compare_exchange_n(next, &first, first + *count, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return first;
}

/* The caller's next chunk in iteration numbers; false when there is none. */
static bool next_chunk(struct thread *thread, struct loop *loop, struct range *chunk) {
  uint64_t first, count = loop->chunk;
  if (loop->kind == SCHED_DYNAMIC_CHUNKED) {
    /* A load first: members that find nothing left must not push the counter towards its end. */
    first = __atomic_load_n(&loop->share->next, __ATOMIC_RELAXED);
    if (first < loop->trip_count)
      first = __atomic_fetch_add(&loop->share->next, loop->chunk, __ATOMIC_RELAXED);
  } else if (loop->kind == SCHED_GUIDED_CHUNKED) {
    first = take_guided(loop, thread->team->num_threads, &count);
  } else {
    first = loop->next;
    loop->next = loop->stride > loop->trip_count - first || first >= loop->trip_count ? loop->trip_count : first + loop->stride;
  }
  if (first >= loop->trip_count)
    return false;
  uint64_t left = loop->trip_count - first;
  *chunk = (struct range){first, count < left ? count : left};
  loop->current = first;
  return true;
}

static bool dispatch_next(int32_t *last, uint64_t *lower, uint64_t *upper) {
  struct thread *thread = self;
  struct loop *loop = &thread->loop;
  struct range chunk;
  if (!next_chunk(thread, loop, &chunk)) {
    /* `last` stays what it was for the last chunk: clang looks at it after the loop (lastprivate). */
    if (loop->share != NULL)
      leave_share(thread, loop);
    return false;
  }
  if (last != NULL)
    *last = chunk.first + chunk.count == loop->trip_count;
  *lower = omp2wasi_value_of(chunk.first, loop->lower, loop->step);
  *upper = omp2wasi_value_of(chunk.first + chunk.count - 1, loop->lower, loop->step);
  return true;
}

/* Ordered regions run in the order of the iterations: each waits until its own is the current one, and passes it on.
 *
 * Only the thread whose turn it is writes, and the signal is the last thing that it writes: as soon as it is out, the next one
 * may. The signal is the low half of the iteration's number; it orders the access to the whole number (release, acquire). */
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
  if (thread->loop.share != NULL)
    await_order(thread, &thread->loop);
}

void __kmpc_end_ordered(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  struct loop *loop = &self->loop;
  if (loop->share != NULL)
    pass_order(loop);
}

/* After each iteration of a loop with the ordered clause. */
static void dispatch_fini(void) {
  struct thread *thread = self;
  struct loop *loop = &thread->loop;
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
    (void)loc, (void)gtid;                                                                                             \
    dispatch_init(schedule, (uint64_t)lower, (uint64_t)upper, step, chunk, step > 0 ? lower > upper : lower < upper);  \
  }                                                                                                                    \
  int32_t __kmpc_dispatch_next_##suffix(struct ident *loc, int32_t gtid, int32_t *last, type *lower, type *upper,      \
                                        signed_type *stride) {                                                         \
    (void)loc, (void)gtid;                                                                                             \
    uint64_t first, final;                                                                                             \
    if (!dispatch_next(last, &first, &final))                                                                          \
      return 0;                                                                                                        \
    *lower = (type)first, *upper = (type)final;                                                                        \
    if (stride != NULL)                                                                                                \
      *stride = (signed_type)self->loop.step;                                                                          \
    return 1;                                                                                                          \
  }                                                                                                                    \
  void __kmpc_dispatch_fini_##suffix(struct ident *loc, int32_t gtid) {                                                \
    (void)loc, (void)gtid;                                                                                             \
    dispatch_fini();                                                                                                   \
  }

DISPATCH(4, int32_t, int32_t)
DISPATCH(4u, uint32_t, int32_t)
DISPATCH(8, int64_t, int64_t)
DISPATCH(8u, uint64_t, int64_t)

void __kmpc_dispatch_deinit(struct ident *loc, int32_t gtid) { (void)loc, (void)gtid; }
