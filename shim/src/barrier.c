/* Implements barrier and flush (OpenMP 5.2, sections 15.3.1 and 15.8.5). How barriers count, and where deferred tasks
 * would come in: barrier.h.
 *
 * A team that has a processor for each thread uses a dissemination barrier: in round k each thread signals the one
 * 2^k places after it and waits for the one 2^k places before it; after log2(n) rounds each has heard, directly or
 * not, of all. Each flag has one writer and one reader, so a round costs one cache line in each direction,
 * at the same time.
 *
 * Where threads outnumber processors, or there are very many, what counts is how often a thread must be scheduled: a
 * counter of arrivals and a generation, so that each thread sleeps at most once. */
#include "thread.h"

/* Waits until barrier `number` is over as far as `word` says; acquire. A change of the flags alone makes it look,
 * and wait again. */
static inline void wait_until_over(struct wait_word *word, uint32_t number, uint32_t spin) {
  for (uint32_t seen = number; !omp2wasi_barrier_is_over(seen, number); seen = omp2wasi_load(&word->value))
    omp2wasi_wait(word, seen, spin);
}

/* A partner can be one barrier ahead and have written the next value already, never two: so a thread waits while the
 * flag still has the old value. Each signal is a release and each wait an acquire, and whatever a thread did before
 * the barrier reaches every other through the chain of rounds. */
static void disseminate(const struct thread *thread, const struct team *team, uint32_t number) {
  uint32_t num_threads = team->num_threads, me = thread->thread_num;
  for (uint32_t round = 0, distance = 1; distance < num_threads; round++, distance *= 2) {
    uint32_t partner = me + distance < num_threads ? me + distance : me + distance - num_threads;
    omp2wasi_signal(&team->implicit_tasks[partner]->barrier_rounds[round].flag, number + BARRIER_STEP, 1);
    wait_until_over(&thread->implicit->barrier_rounds[round].flag, number, team->spin);
  }
}

/* The last to arrive starts the next generation, the others wait for it. Each arrival is an acquire-release
 * increment, so the last one has seen what all the others did; it publishes that with the store to the generation,
 * which the others read with acquire. The counter is reset before that, so no thread can arrive at the next
 * barrier while it is being reset. */
static void count_arrivals(struct team *team, uint32_t number) {
  if (__atomic_fetch_add(&team->arrived, 1, __ATOMIC_ACQ_REL) == team->num_threads - 1) {
    /* Relaxed: the generation's store publishes it. */
    __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
    omp2wasi_signal(&team->generation, number + BARRIER_STEP, -1);
  } else {
    wait_until_over(&team->generation, number, team->spin);
  }
}

void omp2wasi_barrier(struct thread *thread) {
  struct team *team = thread->team;
  if (team->num_threads == 1)
    return;
  uint32_t number = thread->implicit->barriers;
  thread->implicit->barriers = number + BARRIER_STEP;
  if (team->spin != 0 && team->num_threads <= 1u << BARRIER_ROUNDS) {
    disseminate(thread, team, number);
    /* Relaxed: the rounds have ordered the store before this load, if it was for this barrier. */
    uint32_t seen = __atomic_load_n(&team->generation.value, __ATOMIC_RELAXED);
    if (__builtin_expect(!omp2wasi_barrier_has_tasks(seen, number), 1))
      return;
  }
  count_arrivals(team, number);
}

void __kmpc_barrier(struct ident *loc, int32_t gtid) {
  (void)gtid;
  omp2wasi_barrier(omp2wasi_meet(loc));
}

/* A loop that flushes again and again waits for another thread. Where threads outnumber processors that thread may
 * need this one's. */
void __kmpc_flush(struct ident *loc) {
  enum { FLUSHES_PER_YIELD = 64 };
  (void)loc;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  struct thread *thread = self;
  if (++thread->flushes % FLUSHES_PER_YIELD == 0 && thread->team->spin == 0)
    omp2wasi_host_yield();
}
