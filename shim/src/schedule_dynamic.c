/* schedule(dynamic), schedule(guided), schedule(runtime), schedule(auto) and loops with the ordered clause:
 * __kmpc_dispatch_* (OpenMP 5.2, sections 11.5.3 and 15.10.2).
 *
 * Each implicit task describes the loop to itself (`struct loop`); what the team shares is one counter, the first
 * iteration that is in no thread's chunk yet. A team has a ring of such work shares, so that threads may run ahead over
 * loops with nowait: loop number k uses share k modulo the ring's length once its turn is k, and the last thread to
 * leave passes the turn on to loop k + length.
 *
 * With many small chunks that counter would be passed around between all processors. Where the order of the chunks is
 * free (nonmonotonic, which is the default), a thread takes a block of chunks from the counter, and its chunks one by
 * one from the block, which is in a word of its own, its *range*. When no chunks are left in the counter, a thread
 * whose range is empty steals half of what another one has in its range. So threads that come late, or iterations that
 * take long, leave nobody without work while there are chunks.
 *
 * The thread that gets the loop's last chunk keeps it until nothing else is left: what lastprivate variables have
 * after the loop is what they have after the last chunk that this thread executes.
 *
 * Where a region has been cancelled, some threads may have left it, and the others' turn may never come. Then a loop is
 * empty for who waits for its share; and who waits for the order of the iterations executes its ordered region out of
 * order. So where there is cancellation these take a lock, too.
 *
 * Ordering: to take a chunk needs none but the atomicity of the counter (relaxed). Passing the turn is a release
 * (signal) that pairs with the acquire in the wait for it, so the reset counters are seen by the threads in the next
 * loop. */
#include "range.h"
#include "thread.h"

/* False if there will be none. */
static bool enter_share(struct thread *thread, struct loop *loop) {
  struct team *team = thread->team;
  uint32_t number = thread->implicit->loops++;
  struct work_share *share = &team->shares[number % WORK_SHARES];
  for (uint32_t turn; (turn = omp2wasi_load(&share->turn.value)) != number;)
    if (!omp2wasi_wait_for_team(team, &share->turn, turn, team->spin))
      return false;
  loop->share = share;
  return true;
}

/* What a thread knows of the loop's last chunk. */
enum { LAST_NOT_MINE, LAST_KEPT, LAST_TAKEN };

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

/* Has the thread take its chunks from a range, if they can be numbered. */
static void use_range(struct thread *thread, struct loop *loop) {
  uint64_t last = omp2wasi_divide(loop->space.trip_count - 1, loop->chunk);
  if (last >= MOST_IN_RANGES)
    return;
  loop->last_chunk = (uint32_t)last;
  loop->last_chunk_is = LAST_NOT_MINE;
  loop->range = &thread->implicit->ranges[loop->share - thread->team->shares];
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
  bool is_free = !ordered && (schedule & SCHED_MODIFIER_NONMONOTONIC) != 0 && !thread->implicit->in_doacross;
  if (kind == SCHED_RUNTIME || kind == SCHED_RUNTIME_SIMD) {
    is_free &= (omp2wasi_icvs(thread)->schedule & SCHED_MODIFIER_MONOTONIC) == 0;
    kind = runtime_kind(thread, &chunk);
  }
  uint64_t size = chunk < 1 ? 1 : (uint64_t)chunk;
  if (size > trip_count)
    size = trip_count > 0 ? trip_count : 1;
  loop->share = NULL;
  loop->range = NULL;
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
    loop->kind = kind;
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
  if (num_threads > 1 && (loop->kind != SCHED_STATIC_CHUNKED || ordered) && !enter_share(thread, loop))
    assign_one(loop, (struct chunk){0, 0});
  if (loop->kind == SCHED_DYNAMIC_CHUNKED && is_free && trip_count != 0)
    use_range(thread, loop);
}

/* guided: takes the next iterations. How many is half an equal share of those left, and `least` at least; of that, with
 * the modifier simd, a multiple. The trip count if none is left. */
static uint64_t take_guided(uint64_t *next, uint64_t trip_count, uint64_t least, bool simd, uint32_t num_threads,
                            uint64_t *count) {
  uint64_t first = __atomic_load_n(next, __ATOMIC_RELAXED);
  do {
    if (first >= trip_count)
      return trip_count;
    uint64_t left = trip_count - first;
    uint64_t size = omp2wasi_divide(left + 2 * num_threads - 1, 2 * num_threads);
    size = size < least ? least : simd ? omp2wasi_divide(size, least) * least : size;
    *count = size < left ? size : left;
  } while (!__atomic_compare_exchange_n(next, &first, first + *count, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return first;
}

/* Takes the upper half of the range of another thread, if there is one that has any. */
static bool steal(const struct thread *thread, struct loop *loop, uint32_t *first, uint32_t *end) {
  const struct team *team = thread->team;
  ptrdiff_t share = loop->share - team->shares;
  for (uint32_t i = 1; i < team->num_threads; i++) {
    uint32_t other = (thread->thread_num + i) % team->num_threads;
    if (omp2wasi_take_half(&team->implicit_tasks[other]->ranges[share], first, end))
      return true;
  }
  return false;
}

/* The first chunk of a new range, which becomes the calling thread's; false if no chunks are left. */
static bool next_range(struct thread *thread, struct loop *loop, uint32_t *first) {
  uint64_t chunks = (uint64_t)loop->last_chunk + 1, count;
  uint64_t block = take_guided(&loop->share->next, chunks, 1, false, thread->team->num_threads, &count);
  uint32_t end = (uint32_t)(block + count);
  *first = (uint32_t)block;
  if (block == chunks && !steal(thread, loop, first, &end))
    return false;
  __atomic_store_n(loop->range, omp2wasi_range_of(*first + 1, end), __ATOMIC_RELAXED);
  return true;
}

/* A chunk in place of `number`, which the range had not if `has` is false, or which is the last one. False if there
 * is none. Not inlined, to keep the usual case short. */
static __attribute__((noinline)) bool other_chunk(struct thread *thread, struct loop *loop, bool has,
                                                  uint32_t *number) {
  if (loop->last_chunk_is == LAST_TAKEN)
    return false;
  for (;; has = false) {
    if (!has && !next_range(thread, loop, number)) {
      *number = loop->last_chunk;
      bool is_kept = loop->last_chunk_is == LAST_KEPT;
      loop->last_chunk_is = LAST_TAKEN;
      return is_kept;
    }
    if (*number != loop->last_chunk)
      return true;
    loop->last_chunk_is = LAST_KEPT; /* the range is empty without it */
  }
}

/* The calling thread's next chunk begins with this iteration; the trip count when there is none. */
static uint64_t next_iteration(struct thread *thread, struct loop *loop, uint64_t *count) {
  uint64_t first, trip_count = loop->space.trip_count;
  if (loop->kind == SCHED_DYNAMIC_CHUNKED) {
    /* No look before, unless it must be: that would fetch the line twice, to read it and then to write it. */
    first = loop->is_huge ? __atomic_load_n(&loop->share->next, __ATOMIC_RELAXED) : 0;
    if (first < trip_count)
      first = __atomic_fetch_add(&loop->share->next, loop->chunk, __ATOMIC_RELAXED);
  } else if (loop->kind == SCHED_GUIDED_CHUNKED || loop->kind == SCHED_GUIDED_SIMD) {
    bool simd = loop->kind == SCHED_GUIDED_SIMD;
    first = take_guided(&loop->share->next, trip_count, loop->chunk, simd, thread->team->num_threads, count);
  } else {
    first = loop->next;
    loop->next = loop->stride > trip_count - first || first >= trip_count ? trip_count : first + loop->stride;
  }
  loop->current = first;
  return first;
}

/* `last` stays what it was for the last chunk: clang looks at it after the loop (lastprivate). */
static __attribute__((noinline)) void end_loop(struct thread *thread, struct loop *loop) {
  if (loop->range != NULL)
    __atomic_store_n(loop->range, 0, __ATOMIC_RELAXED);
  if (loop->share != NULL)
    leave_share(thread, loop);
}

void omp2wasi_leave_loop(struct thread *thread) { end_loop(thread, &thread->implicit->loop); }

/* The calling thread's next chunk; false when there is none. Inlined into each entry point: it is all that a chunk
 * costs. */
static inline __attribute__((always_inline)) bool dispatch_next(struct thread *thread, int32_t *last, uint64_t *lower,
                                                                uint64_t *upper) {
  struct loop *loop = &thread->implicit->loop;
  uint64_t first, count = loop->chunk;
  if (__builtin_expect(loop->range != NULL, 1)) {
    uint64_t range = __atomic_fetch_add(loop->range, 1, __ATOMIC_RELAXED);
    uint32_t number = (uint32_t)range;
    bool has = number < (uint32_t)(range >> 32);
    if (__builtin_expect(!has || number == loop->last_chunk, 0) && !other_chunk(thread, loop, has, &number)) {
      end_loop(thread, loop);
      return false;
    }
    first = number * count;
  } else {
    first = next_iteration(thread, loop, &count);
    if (first >= loop->space.trip_count) {
      end_loop(thread, loop);
      return false;
    }
  }
  uint64_t left = loop->space.trip_count - first;
  if (last != NULL)
    *last = left <= count;
  *lower = omp2wasi_value_of(&loop->space, first);
  *upper = omp2wasi_value_of(&loop->space, first + (count < left ? count : left) - 1);
  return true;
}

/* Ordered regions are executed in the order of the iterations: each waits until its own is the current one, and
 * passes it on.
 *
 * Only the thread whose turn it is writes, and the signal is the last thing that it writes: as soon as it is out,
 * the next one may. The signal is the low half of the iteration's number; it orders the access to the whole number
 * (release, acquire). */
static bool is_turn(struct work_share *share, const struct loop *loop, uint32_t *signal) {
  *signal = omp2wasi_load(&share->ordered_signal.value);
  return *signal == (uint32_t)loop->current && share->ordered == loop->current;
}

/* Each look takes the line away from the thread whose turn it is: a thread that has others before it looks the more
 * seldom, the more they are. */
static void await_order(struct thread *thread, struct loop *loop) {
  enum { NEAR = 1, FAR = 64, PAUSE = 256 };
  struct work_share *share = loop->share;
  uint32_t spin = thread->team->spin;
  for (uint32_t signal; !is_turn(share, loop, &signal);) {
    uint32_t before = (uint32_t)loop->current - signal;
    if (spin != 0 && before > NEAR) {
      omp2wasi_pause(PAUSE * (before < FAR ? before : FAR));
      spin--;
    } else if (!omp2wasi_wait_for_team(thread->team, &share->ordered_signal, signal, thread->team->spin)) {
      return;
    }
  }
}

/* It may not have been this thread's turn. */
static void pass_order(struct loop *loop) {
  struct work_share *share = loop->share;
  uint32_t signal;
  loop->ordered_done = true;
  if (omp2wasi_environment.cancellation && !is_turn(share, loop, &signal))
    return;
  share->ordered = loop->current + 1;
  omp2wasi_signal_watched(&share->ordered_signal, (uint32_t)(loop->current + 1), -1);
}

void __kmpc_ordered(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  struct thread *thread = self;
  struct loop *loop = &thread->implicit->loop;
  if (loop->share == NULL)
    return;
  await_order(thread, loop);
  if (omp2wasi_environment.cancellation)
    omp2wasi_lock(&loop->share->ordered_lock);
}

void __kmpc_end_ordered(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  struct loop *loop = &self->implicit->loop;
  if (loop->share == NULL)
    return;
  if (omp2wasi_environment.cancellation)
    omp2wasi_unlock(&loop->share->ordered_lock);
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

/* A thread that has left the loop because it was cancelled has not heard that there is nothing left. */
void __kmpc_dispatch_deinit(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  struct thread *thread = self;
  struct loop *loop = &thread->implicit->loop;
  if (loop->share != NULL)
    end_loop(thread, loop);
}
