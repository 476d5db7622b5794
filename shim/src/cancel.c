/* Cancellation: cancel and cancellation point (OpenMP 5.2, chapter 16).
 *
 * A request is a flag of the taskgroup, or a word of the team: what is cancelled, and the number of the barrier before
 * which it was requested (barrier.h). So a request for a loop or for sections is void behind the barrier at their end,
 * and nobody has to take it back. Threads look at it where the specification says, and branch to the end of the
 * construct: clang's code does that when it is told to.
 *
 * A thread that cancels a parallel region, or finds it cancelled, goes to one more barrier (clang calls
 * __kmpc_cancel_barrier), where it meets those that wait in a barrier of the region, or at its end: so all threads meet
 * the same number, and none after it. That request stays until the team's next region, so that tasks are discarded
 * until then. */
#include "tasks/explicit.h"

/* In the program if it has loops with work shares (schedule_dynamic.c): only then is it called. */
__attribute__((weak)) void omp2wasi_leave_loop(struct thread *thread);

/* The barrier at the end of regions (tasks/barrier.c), where those are met that do not look for a cancellation. Kernels
 * call it if it is in the program: this puts it there. */
void omp2wasi_end_region(void);
static void (*const end_region)(void) __attribute__((used)) = omp2wasi_end_region;

static bool is_on(void) { return omp2wasi_environment.cancellation; }

/* What is cancelled before the barrier of this number. Relaxed in this file: a request orders nothing; it is seen at
 * the latest behind that barrier. */
static uint32_t requested(const struct team *team, uint32_t number) {
  uint32_t request = __atomic_load_n(&team->cancelled, __ATOMIC_RELAXED), kind = request & BARRIER_FLAGS;
  return (request & ~(uint32_t)BARRIER_FLAGS) == number || kind == CANCEL_PARALLEL ? kind : CANCEL_NONE;
}

/* The first request before a barrier counts, but that for the parallel region counts more. */
static void request(struct thread *thread, uint32_t kind) {
  struct team *team = thread->team;
  uint32_t number = thread->implicit->barriers, seen = __atomic_load_n(&team->cancelled, __ATOMIC_RELAXED);
  for (uint32_t there; (there = requested(team, number)) == CANCEL_NONE || (kind == CANCEL_PARALLEL && there != kind);)
    if (__atomic_compare_exchange_n(&team->cancelled, &seen, number | kind, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return;
}

static bool is_cancelled(const struct thread *thread, uint32_t kind) {
  uint32_t of_team = requested(thread->team, thread->implicit->barriers);
  if (kind != CANCEL_TASKGROUP)
    return of_team == kind;
  const struct taskgroup *group = thread->task->taskgroup;
  return (group != NULL && __atomic_load_n(&group->is_cancelled, __ATOMIC_RELAXED)) || of_team == CANCEL_PARALLEL;
}

/* Tells clang's code whether to branch to the end of the construct. It does not ask for the rest of a loop then, nor say
 * that it has left it, nor end its task reduction. (What a region that is cancelled has left of those, the team's next
 * region frees.) */
static int32_t answer(struct thread *thread, uint32_t kind) {
  bool is_over = is_cancelled(thread, kind);
  if (is_over && kind == CANCEL_LOOP && thread->implicit->loop.share != NULL)
    omp2wasi_leave_loop(thread);
  if (is_over && (kind == CANCEL_LOOP || kind == CANCEL_SECTIONS))
    omp2wasi_leave_reductions(thread);
  return is_over;
}

int32_t __kmpc_cancel(struct ident *loc, int32_t gtid, uint32_t kind) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  if (!is_on())
    return 0;
  struct taskgroup *group = thread->task->taskgroup;
  if (kind != CANCEL_TASKGROUP)
    request(thread, kind);
  else if (group != NULL)
    __atomic_store_n(&group->is_cancelled, 1, __ATOMIC_RELAXED);
  return answer(thread, kind);
}

int32_t __kmpc_cancellationpoint(struct ident *loc, int32_t gtid, uint32_t kind) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  return is_on() && answer(thread, kind);
}

/* A barrier in a region that may be cancelled. Returns whether the parallel region has been: all threads agree, since a
 * request that is made behind the barrier is for another one. Other barriers cannot say so (copyprivate, and what clang
 * generates for lastprivate): threads that come from one of these find that others have left, and do not wait at the
 * next one. */
int32_t __kmpc_cancel_barrier(struct ident *loc, int32_t gtid) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  uint32_t number = thread->implicit->barriers;
  omp2wasi_barrier(thread);
  uint32_t request = __atomic_load_n(&thread->team->cancelled, __ATOMIC_RELAXED);
  return request == (number | CANCEL_PARALLEL) || omp2wasi_is_left(thread);
}
