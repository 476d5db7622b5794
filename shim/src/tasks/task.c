/* The task construct, taskwait and taskyield (OpenMP 5.2, sections 12.5, 12.8 and 15.5), and the explicit tasks that
 * clang makes of target constructs with depend (section 13.8).
 *
 * A task is deferred: put into the deque of the thread that generates it. It is executed at once if it must be (its
 * `if` clause is false, or it is in a final task), if nobody else could execute it, or if the deque is full. (Target
 * tasks may be left to a helper: helper.c.)
 *
 * Invariant: a task that is executed at once is complete when its generation returns, unless it has an event. */
#include "explicit.h"
#include <omp.h>

/* The child's data environment begins with the ICVs that its parent has now (OpenMP 5.2, section 2.4). Fields one by
 * one: what belongs to the record, and not to the task, stays. */
void omp2wasi_initialise_task(struct thread *thread, struct explicit_task *task, const struct ident *loc,
                              uint32_t size) {
  struct task *parent = thread->task;
  task->task.icvs = *omp2wasi_icvs(thread);
  task->task.parent = parent;
  task->task.loc = loc;
  task->task.target = NULL;
  task->task.region = thread->team->region;
  task->task.is_explicit = true;
  task->task.is_final = parent->is_final;
  task->task.is_closed = false;
  task->task.depth = parent->depth + 1;
  task->task.thread = NULL;
  task->task.children = (struct children){0};
  task->task.dependences = NULL;
  task->team = thread->team;
  task->size = size;
  task->flags = TASK_TIED;
  task->is_begun = false;
  task->has_next_part = false;
  task->has_event = false;
  task->has_dependences = false;
}

struct explicit_task *omp2wasi_allocate_record(uint32_t size) {
  return omp2wasi_allocate_block(TASK_BLOCK, sizeof(struct explicit_task) + size);
}

struct explicit_task *omp2wasi_allocate_task(struct thread *thread, const struct ident *loc, uint32_t size) {
  struct explicit_task *task = omp2wasi_allocate_record(size);
  omp2wasi_initialise_task(thread, task, loc, size);
  return task;
}

struct kmp_task *__kmpc_omp_task_alloc(struct ident *loc, int32_t gtid, int32_t flags, uint32_t size, uint32_t shareds,
                                       int32_t (*entry)(int32_t, struct kmp_task *)) {
  (void)gtid;
  uint32_t aligned = (size + 7) & ~7u;
  struct explicit_task *task = omp2wasi_allocate_task(omp2wasi_meet(loc), loc, aligned + shareds);
  task->flags = (uint32_t)flags & ~(uint32_t)TASK_HIDDEN_HELPER; /* helper.c sets it */
  task->task.is_final |= (flags & TASK_FINAL) != 0;
  if (flags & TASK_PROXY)
    omp2wasi_give_event(task);
  struct kmp_task *clangs_part = omp2wasi_clangs_part_of(task);
  *clangs_part = (struct kmp_task){.shareds = shareds == 0 ? NULL : (char *)clangs_part + aligned, .entry = entry};
  return clangs_part;
}

/* The `affinity` clause is a hint (OpenMP 5.2, section 12.5.1), and there is one memory, equally near to all threads:
 * so nothing follows from it. clang does not look at the result. */
int32_t __kmpc_omp_reg_task_with_affinity(struct ident *loc, int32_t gtid, struct kmp_task *task, int32_t count,
                                          const void *list) {
  (void)loc, (void)gtid, (void)task, (void)count, (void)list;
  return 0;
}

/* Keeps the low half of the count from running over into the high one, and both from all that has been generated. */
static __attribute__((noinline)) void take_over(struct children *children) {
  uint64_t elsewhere = __atomic_load_n(&children->elsewhere, __ATOMIC_ACQUIRE);
  children->completed += (uint32_t)elsewhere;
  children->settled += (uint32_t)(elsewhere >> 32);
  /* Relaxed: what was acquired above is behind the calling thread, and nobody else needs it. */
  __atomic_fetch_sub(&children->elsewhere, elsewhere, __ATOMIC_RELAXED);
}

/* What clang has written into its part after it had the task allocated. */
static __attribute__((noinline)) void note_priority(struct explicit_task *task) {
  int32_t priority = omp2wasi_clangs_part_of(task)->priority, highest = omp2wasi_environment.max_task_priority;
  task->priority = priority < 0 ? 0 : priority < highest ? priority : highest;
}

void omp2wasi_generate_task(struct thread *thread, struct explicit_task *task) {
  struct task *parent = thread->task;
  if (__builtin_expect((task->flags & TASK_PRIORITY) != 0, 0))
    note_priority(task);
  task->task.taskgroup = parent->taskgroup;
  task->siblings = omp2wasi_children_of(parent);
  if (__builtin_expect((++task->siblings->generated & INT32_MAX) == 0, 0))
    take_over(task->siblings);
}

/* Whether the thread that generates a task executes it before it goes on. What a final task generates is included in
 * it; it is itself a task like others. */
static bool is_executed_at_once(const struct thread *thread, const struct explicit_task *task) {
  return task->task.parent->is_final || thread->team->num_threads == 1;
}

/* Tasks that have a priority are shared with the team, for the threads to take those of the highest priority first
 * (OpenMP 5.2, section 12.4). */
bool omp2wasi_goes_first(const struct explicit_task *task) {
  enum { MANY = 1024 };
  /* Relaxed: a hint. */
  return __builtin_expect((task->flags & TASK_PRIORITY) != 0, 0) && task->priority > 0 &&
         __atomic_load_n(&task->team->shared_tasks.count, __ATOMIC_RELAXED) < MANY;
}

static void share(struct thread *thread, struct explicit_task *task) {
  omp2wasi_announce_tasks(thread, thread->team);
  omp2wasi_share_task(task);
}

void omp2wasi_defer_task(struct thread *thread, struct explicit_task *task) {
  if (omp2wasi_goes_first(task) || !omp2wasi_push_task(thread, task))
    share(thread, task);
}

void omp2wasi_start_task(struct thread *thread, struct explicit_task *task) {
  if (omp2wasi_give_to_helper != NULL && (task->flags & TASK_HIDDEN_HELPER) != 0 && omp2wasi_give_to_helper(task))
    return;
  if (!is_executed_at_once(thread, task)) {
    if (omp2wasi_goes_first(task)) {
      share(thread, task);
      return;
    }
    if (omp2wasi_push_task(thread, task))
      return;
  }
  if (!omp2wasi_is_exclusive(task) || omp2wasi_begin_exclusion(task))
    omp2wasi_execute_task(thread, task);
  else
    share(thread, task);
}

/* A task that was generated; or, called by the code of an untied task itself, the part of it that is next. */
int32_t __kmpc_omp_task(struct ident *loc, int32_t gtid, struct kmp_task *task) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct explicit_task *explicit = omp2wasi_record_of(task);
  if (explicit->is_begun) {
    explicit->has_next_part = true;
    return 0;
  }
  omp2wasi_generate_task(thread, explicit);
  omp2wasi_start_task(thread, explicit);
  return 0;
}

/* An undeferred task, whose `if` clause is false: clang calls its entry itself between these two. */
void __kmpc_omp_task_begin_if0(struct ident *loc, int32_t gtid, struct kmp_task *task) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct explicit_task *explicit = omp2wasi_record_of(task);
  omp2wasi_generate_task(thread, explicit);
  omp2wasi_begin_task(thread, explicit);
}

void __kmpc_omp_task_complete_if0(struct ident *loc, int32_t gtid, struct kmp_task *task) {
  (void)loc, (void)gtid;
  omp2wasi_end_task(self, omp2wasi_record_of(task));
}

/* Children that were generated in a taskgroup region around the taskwait are counted there. */
int32_t __kmpc_omp_taskwait(struct ident *loc, int32_t gtid) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct task *task = thread->task;
  for (struct taskgroup *group = task->taskgroup; group != NULL && group->task == task; group = group->outer)
    omp2wasi_wait_for_complete(thread, &group->children);
  omp2wasi_wait_for_complete(thread, &task->children);
  return 0;
}

int32_t __kmpc_omp_taskyield(struct ident *loc, int32_t gtid, int32_t end_part) {
  (void)gtid, (void)end_part;
  struct thread *thread = omp2wasi_meet(loc);
  if (!omp2wasi_execute_one(thread, thread->task))
    omp2wasi_host_yield();
  return 0;
}
