/* barrier and flush (OpenMP 5.2, sections 15.3.1 and 15.8.5).
 *
 * A team that has a processor for each member uses a dissemination barrier: in round k each member signals the one 2^k places
 * after it and waits for the one 2^k places before it; after log2(n) rounds everybody has heard, directly or not, of everybody.
 * Each flag has one writer and one reader, so a round costs one cache line in each direction, at the same time.
 *
 * Where threads outnumber processors, or there are very many, what counts is how often a thread must be scheduled: a counter of
 * arrivals and a generation, so that each member sleeps at most once. */
#include "team.h"

/* Flags count barriers. A partner can be one barrier ahead and have written the next value already, never two: so a member waits
 * while the flag still has the old value. Each signal is a release and each wait an acquire, and whatever a member did
 * before the barrier reaches every other through the chain of rounds. */
static void disseminate(struct thread *thread, struct team *team) {
  uint32_t num_threads = team->num_threads, me = thread->thread_num;
  uint32_t before = thread->barriers++;
  for (uint32_t round = 0, distance = 1; distance < num_threads; round++, distance *= 2) {
    uint32_t partner = me + distance < num_threads ? me + distance : me + distance - num_threads;
    omp2wasi_signal(&team->threads[partner]->rounds[round].flag, before + 1, 1);
    omp2wasi_wait(&thread->rounds[round].flag, before, team->spin);
  }
}

/* The last to arrive starts the next generation, the others wait for it. Each arrival is an acquire-release increment, so the
 * last one has seen what all the others did; it publishes that with the store to the generation, which the others read
 * with acquire. The counter is reset before that, so nobody can arrive at the next barrier while it is being reset. */
static void count_arrivals(struct team *team) {
  /* Relaxed: it cannot change before this thread arrives. */
  uint32_t generation = __atomic_load_n(&team->generation.value, __ATOMIC_RELAXED);
  if (__atomic_fetch_add(&team->arrived, 1, __ATOMIC_ACQ_REL) == team->num_threads - 1) {
    __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
    omp2wasi_signal(&team->generation, generation + 1, -1);
  } else {
    omp2wasi_wait(&team->generation, generation, team->spin);
  }
}

void omp2wasi_barrier(struct thread *thread) {
  struct team *team = thread->team;
  if (team->num_threads == 1)
    return;
  if (team->spin != 0 && team->num_threads <= 1u << BARRIER_ROUNDS)
    disseminate(thread, team);
  else
    count_arrivals(team);
}

void __kmpc_barrier(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  omp2wasi_barrier(self);
}

/* A loop that flushes again and again waits for another thread. Where threads outnumber processors that thread may
 * need this one's. */
void __kmpc_flush(struct ident *loc) {
  (void)loc;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  struct thread *thread = self;
  if (++thread->flushes % 64 == 0 && thread->team->spin == 0)
    omp2wasi_host_yield();
}
