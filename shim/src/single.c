/* Implements single, copyprivate, masked and master (OpenMP 5.2, sections 11.1, 5.7.2 and 10.5). */
#include "thread.h"

/* Each thread counts the single constructs that it meets; the first to bring the team's counter to that number
 * executes the region. Relaxed: the counter hands out a role, the data is ordered by the barriers around it. */
int32_t __kmpc_single(struct ident *loc, int32_t gtid) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct team *team = thread->team;
  if (team->num_threads == 1)
    return 1;
  uint32_t before = thread->implicit->singles++;
  if (__atomic_load_n(&team->singles, __ATOMIC_RELAXED) != before)
    return 0;
  return __atomic_compare_exchange_n(&team->singles, &before, before + 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void __kmpc_end_single(struct ident *loc, int32_t gtid) { (void)loc, (void)gtid; }

/* `data` is the calling thread's list of pointers to its variables, `did_it` whether it has executed the region, so
 * that the others copy from its list. Two barriers: the list must be there before any thread copies, and must stay
 * until all have. */
void __kmpc_copyprivate(struct ident *loc, int32_t gtid, size_t size, void *data, void (*copy)(void *, void *),
                        int32_t did_it) {
  (void)gtid, (void)size;
  struct thread *thread = omp2wasi_meet(loc);
  /* Then the list that is there may be that of a single region before. */
  bool is_left = omp2wasi_is_left(thread);
  if (did_it)
    thread->team->copyprivate = data;
  omp2wasi_barrier(thread);
  if (!did_it && !is_left)
    copy(data, thread->team->copyprivate);
  omp2wasi_barrier(thread);
}

int32_t __kmpc_masked(struct ident *loc, int32_t gtid, int32_t filter) {
  (void)loc, (void)gtid;
  return (int32_t)self->thread_num == filter;
}

void __kmpc_end_masked(struct ident *loc, int32_t gtid) { (void)loc, (void)gtid; }

int32_t __kmpc_master(struct ident *loc, int32_t gtid) { return __kmpc_masked(loc, gtid, 0); }

void __kmpc_end_master(struct ident *loc, int32_t gtid) { (void)loc, (void)gtid; }
