/* The reduction clause: __kmpc_reduce and __kmpc_reduce_nowait (OpenMP 5.2, section 5.5).
 *
 * clang asks how to combine: 1 means "combine now, you are alone", 2 means "combine with the atomic operations that you
 * generated", 0 means "nothing to do". We answer 2 where clang has atomics and the team is small, else 1 under the lock. */
#include "team.h"

enum method { ALONE, LOCKED, ATOMIC };

/* Beyond this many threads, atomics on one location cost more than taking turns. */
enum { MAX_ATOMIC_TEAM = 4 };

static int32_t reduce(struct ident *loc, struct wait_word *lock) {
  struct thread *thread = self;
  if (thread->team->num_threads == 1) {
    thread->reduction = ALONE;
    return 1;
  }
  if (loc != NULL && (loc->flags & IDENT_ATOMIC_REDUCE) && thread->team->num_threads <= MAX_ATOMIC_TEAM) {
    thread->reduction = ATOMIC;
    return 2;
  }
  thread->reduction = LOCKED;
  omp2wasi_lock(lock);
  return 1;
}

static void end_reduce(struct wait_word *lock) {
  if (self->reduction == LOCKED)
    omp2wasi_unlock(lock);
}

int32_t __kmpc_reduce_nowait(struct ident *loc, int32_t gtid, int32_t count, size_t size, void *data,
                             void (*combine)(void *, void *), struct wait_word *lock) {
  (void)gtid, (void)count, (void)size, (void)data, (void)combine;
  return reduce(loc, lock);
}

void __kmpc_end_reduce_nowait(struct ident *loc, int32_t gtid, struct wait_word *lock) {
  (void)loc, (void)gtid;
  end_reduce(lock);
}

int32_t __kmpc_reduce(struct ident *loc, int32_t gtid, int32_t count, size_t size, void *data,
                      void (*combine)(void *, void *), struct wait_word *lock) {
  (void)gtid, (void)count, (void)size, (void)data, (void)combine;
  return reduce(loc, lock);
}

/* Called by every member, whatever `reduce` told it: here all wait for the result. */
void __kmpc_end_reduce(struct ident *loc, int32_t gtid, struct wait_word *lock) {
  (void)loc, (void)gtid;
  end_reduce(lock);
  omp2wasi_barrier(self);
}
