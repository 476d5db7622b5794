/* Executes explicit tasks, and counts them when they are complete.
 *
 * Invariant: a task's parent, and what the parent is counted in, stay until the task has been reported as settled;
 * after that this file touches them no more, but for the last report, which finds that the parent is settled, too. */
#include "deque.h"

/* Another thread than the parent's, or the parent is complete: the count is atomic. Release: whoever sees the count
 * sees what the task did; acquire: the last to settle sees what all siblings did. Sequentially consistent for those
 * that wait: wait.c. True if the parent, which was complete, is settled now. */
static bool report_elsewhere(struct task *parent, struct children *siblings, bool is_complete, bool is_settled) {
  uint64_t more = (uint64_t)is_settled << 32 | is_complete;
  uint64_t before = __atomic_fetch_add(&siblings->elsewhere, more, __ATOMIC_SEQ_CST);
  /* Only a parent that has closed has subtracted, so that the count comes to 0: then it waits for this report. */
  return is_settled && (uint32_t)(before >> 32) + 1 == 0 && __atomic_load_n(&parent->is_closed, __ATOMIC_RELAXED);
}

/* Counts a task in its siblings: it has just completed, or settled, or both. True if its parent is settled by that. */
static bool report(struct thread *thread, struct task *parent, struct children *siblings, struct team *team,
                   bool is_complete, bool is_settled) {
  /* Relaxed: only the calling thread makes the first true, or false again; and only a task that it executes or has
   * executed without giving it up (omp2wasi_end_task) is closed by nobody else. */
  if (__atomic_load_n(&parent->thread, __ATOMIC_RELAXED) == thread &&
      !__atomic_load_n(&parent->is_closed, __ATOMIC_RELAXED)) {
    siblings->completed += is_complete;
    siblings->settled += is_settled;
    return false;
  }
  bool is_parent_settled = report_elsewhere(parent, siblings, is_complete, is_settled);
  omp2wasi_notify(&team->for_completion, -1);
  return is_parent_settled;
}

/* A task is complete, and has been reported so. True if it is settled. Otherwise the last of its children to settle
 * finds that: the count of those that have settled becomes 0 by that report. So if this returns false the record may be
 * gone. */
static bool close(struct task *task) {
  struct children *children = &task->children;
  uint32_t missing = children->generated - children->settled;
  /* Relaxed: read by threads that have acquired what follows, or have executed the task themselves. An exchange costs
   * less than an atomic store. */
  (void)__atomic_exchange_n(&task->is_closed, true, __ATOMIC_RELAXED);
  uint64_t before = __atomic_fetch_sub(&children->elsewhere, (uint64_t)missing << 32, __ATOMIC_ACQ_REL);
  return (uint32_t)(before >> 32) == missing;
}

void omp2wasi_complete_task(struct thread *thread, struct explicit_task *task, bool is_foreign) {
  if (task->has_dependences)
    omp2wasi_release_successors(thread, task, is_foreign);
  bool is_complete = true;
  if (!omp2wasi_are_settled(&task->task.children)) {
    /* Before it is closed: after that another thread may report it as settled, and then its parent may be gone. */
    report(thread, task->task.parent, task->siblings, task->team, true, false);
    is_complete = false;
    if (!close(&task->task))
      return;
  }
  for (;;) {
    struct task *parent = task->task.parent;
    struct children *siblings = task->siblings;
    struct team *team = task->team;
    if (task->task.dependences != NULL)
      omp2wasi_free_dependences(task->task.dependences);
    omp2wasi_free_block(task);
    if (!report(thread, parent, siblings, team, is_complete, true))
      return;
    /* The parent has been reported as complete before. Implicit tasks are never closed. */
    task = (struct explicit_task *)parent;
    is_complete = false;
  }
}

/* Tasks of a cancelled region that have not begun are not executed (OpenMP 5.2, section 11.6). */
static bool is_discarded(const struct explicit_task *task) {
  /* A task with an event is executed: it is often the task itself that leads to its fulfilment. */
  if (!omp2wasi_environment.cancellation || task->has_event)
    return false;
  const struct taskgroup *group = task->task.taskgroup;
  /* Relaxed: a flag that orders nothing. */
  return (group != NULL && __atomic_load_n(&group->is_cancelled, __ATOMIC_RELAXED)) ||
         omp2wasi_is_region_cancelled(task->team);
}

void omp2wasi_begin_task(struct thread *thread, struct explicit_task *task) {
  task->executed_in = thread->task;
  task->task.thread = thread;
  task->mark = omp2wasi_deque_mark(thread->implicit->deque);
  task->is_begun = true;
  thread->task = &task->task;
}

/* What is left to do for a task whose code has returned, before it is complete. */
static inline void leave_task(struct thread *thread, struct explicit_task *task) {
  struct kmp_task *clangs_part = omp2wasi_clangs_part_of(task);
  while (task->has_next_part) {
    task->has_next_part = false;
    clangs_part->entry(thread->gtid, clangs_part);
  }
  if (task->flags & TASK_DESTRUCTORS)
    clangs_part->destructors(thread->gtid, clangs_part);
  thread->task = task->executed_in;
}

void omp2wasi_end_task(struct thread *thread, struct explicit_task *task) {
  leave_task(thread, task);
  if (omp2wasi_is_exclusive(task))
    omp2wasi_end_exclusion(task);
  if (task->has_event) {
    /* Another thread may close it while this one executes its children: these are counted atomically from now on. */
    __atomic_store_n(&task->task.thread, NULL, __ATOMIC_RELAXED);
    /* Acquire-release: whichever of this and the fulfilment is second completes the task, and has seen the first. */
    if (!(__atomic_fetch_or(&task->event, EVENT_EXECUTED, __ATOMIC_ACQ_REL) & EVENT_FULFILLED)) {
      omp2wasi_announce_tasks(thread, thread->team);
      return;
    }
  }
  omp2wasi_complete_task(thread, task, false);
}

static inline void call_code(struct thread *thread, struct explicit_task *task) {
  struct kmp_task *clangs_part = omp2wasi_clangs_part_of(task);
  /* The task of a `taskwait` with `nowait` has no code. */
  if (clangs_part->entry != NULL && !is_discarded(task))
    clangs_part->entry(thread->gtid, clangs_part);
}

void omp2wasi_execute_task(struct thread *thread, struct explicit_task *task) {
  omp2wasi_begin_task(thread, task);
  call_code(thread, task);
  omp2wasi_end_task(thread, task);
}

/* Nobody can wait for the task before it is complete, so it is counted only if it leaves tasks behind. */
bool omp2wasi_execute_included(struct thread *thread, struct explicit_task *task) {
  task->task.taskgroup = thread->task->taskgroup;
  omp2wasi_begin_task(thread, task);
  call_code(thread, task);
  leave_task(thread, task);
  if (omp2wasi_are_settled(&task->task.children) && task->task.dependences == NULL)
    return true;
  omp2wasi_generate_task(thread, task);
  omp2wasi_complete_task(thread, task, false);
  return false;
}
