/* barrier and flush (OpenMP 5.2, sections 15.3.1 and 15.8.5).
 *
 * A counter of arrivals and a generation. The last to arrive starts the next generation, the others wait for it.
 * Ordering: each arrival is an acquire-release increment, so the last one has seen what all the others did before the
 * barrier; it publishes that with the store to the generation, which the others read with acquire. The counter is reset before the
 * generation changes, so nobody can arrive at the next barrier while it is being reset. */
#include "team.h"

void omp2wasi_barrier(struct thread *thread) {
  struct team *team = thread->team;
  uint32_t num_threads = team->num_threads;
  if (num_threads == 1)
    return;
  /* Relaxed: it cannot change before this thread arrives. */
  uint32_t generation = __atomic_load_n(&team->generation.value, __ATOMIC_RELAXED);
  if (__atomic_fetch_add(&team->arrived, 1, __ATOMIC_ACQ_REL) == num_threads - 1) {
    __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
    omp2wasi_signal(&team->generation, generation + 1, -1);
  } else {
    omp2wasi_wait(&team->generation, generation, team->spin);
  }
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
