/* The reduction clause: __kmpc_reduce and __kmpc_reduce_nowait (OpenMP 5.2, section 5.5).
 *
 * clang asks how to combine: 1 means "combine with the original now, you are alone", 2 means "combine with the
 * atomic operations that you generated", 0 means "it has been done". Small teams, and those that do not spin, use
 * atomics where clang has them, or take turns under the lock; large ones combine in a tree, with the function that clang
 * generated for that.
 *
 * Threads that have left a cancelled construct do not meet its reduction. So where there is cancellation nobody waits
 * for others here: there is no tree, and the barrier that clang generates behind the construct is the only one. */
#include "mutex.h"
#include "thread.h"

/* Up to this many threads, taking turns costs less than a tree. */
enum { MAX_SMALL_TEAM = 4 };

typedef void combiner(void *into, void *from);

/* A binomial tree: in round k the threads whose numbers are odd multiples of 2^k give their data to the one 2^k
 * before them. True for the root, the primary thread, once it has everything.
 *
 * Flags count reductions, and giver and taker meet in each, so neither can be ahead: the giver's pointer is
 * published by its signal (release) and read after the wait for that (acquire); its data stays where it is until the
 * taker signals back. */
static bool combine_in_tree(struct thread *thread, void *data, combiner *combine) {
  struct team *team = thread->team;
  struct implicit_task *mine = thread->implicit;
  uint32_t me = thread->thread_num, before = mine->reductions++;
  mine->reduction_data = data;
  for (uint32_t distance = 1; distance < team->num_threads; distance *= 2) {
    if (me & distance) {
      omp2wasi_signal_watched(&mine->reduction_given, before + 1, 1);
      omp2wasi_wait(&mine->reduction_taken, before, team->spin);
      return false;
    }
    if (me + distance < team->num_threads) {
      struct implicit_task *giver = team->implicit_tasks[me + distance];
      omp2wasi_wait(&giver->reduction_given, before, team->spin);
      combine(data, giver->reduction_data);
      omp2wasi_signal_watched(&giver->reduction_taken, before + 1, 1);
    }
  }
  return true;
}

/* Begins a reduction, and returns what clang is told. */
static int32_t reduce(struct thread *thread, const struct ident *loc, void *data, combiner *combine,
                      struct mutex *lock) {
  const struct team *team = thread->team;
  enum reduction_method *method = &thread->implicit->reduction_method;
  if (team->num_threads == 1) {
    *method = REDUCTION_ALONE;
    return 1;
  }
  if (team->num_threads > MAX_SMALL_TEAM && team->spin != 0 && !omp2wasi_environment.cancellation) {
    *method = REDUCTION_TREE;
    return combine_in_tree(thread, data, combine);
  }
  /* Where threads outnumber processors, one that has the lock may have no processor. */
  bool is_better_atomic = team->num_threads <= MAX_SMALL_TEAM || team->spin == 0;
  if (loc != NULL && (loc->flags & IDENT_ATOMIC_REDUCE) && is_better_atomic) {
    *method = REDUCTION_ATOMIC;
    return 2;
  }
  *method = REDUCTION_LOCK;
  omp2wasi_lock(lock);
  return 1;
}

static void end_reduce(const struct thread *thread, struct mutex *lock) {
  if (thread->implicit->reduction_method == REDUCTION_LOCK)
    omp2wasi_unlock(lock);
}

int32_t __kmpc_reduce_nowait(struct ident *loc, int32_t gtid, int32_t count, size_t size, void *data, combiner *combine,
                             struct mutex *lock) {
  (void)gtid, (void)count, (void)size;
  return reduce(omp2wasi_meet(loc), loc, data, combine, lock);
}

void __kmpc_end_reduce_nowait(struct ident *loc, int32_t gtid, struct mutex *lock) {
  (void)loc, (void)gtid;
  end_reduce(self, lock);
}

/* Here all wait for the result: those that were told 1 or 2 in __kmpc_end_reduce, the others before they return. */
int32_t __kmpc_reduce(struct ident *loc, int32_t gtid, int32_t count, size_t size, void *data, combiner *combine,
                      struct mutex *lock) {
  (void)gtid, (void)count, (void)size;
  struct thread *thread = omp2wasi_meet(loc);
  int32_t told = reduce(thread, loc, data, combine, lock);
  if (told == 0)
    omp2wasi_barrier(thread);
  return told;
}

void __kmpc_end_reduce(struct ident *loc, int32_t gtid, struct mutex *lock) {
  (void)loc, (void)gtid;
  struct thread *thread = self;
  end_reduce(thread, lock);
  if (!omp2wasi_environment.cancellation)
    omp2wasi_barrier(thread);
}
