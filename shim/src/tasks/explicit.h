/* Explicit tasks: their records, and what the files in this folder have in common (OpenMP 5.2, chapter 12).
 *
 * How a task lives: it is allocated (task.c), waits for the tasks that it depends on (dependences.c), is deferred or
 * executed at once (task.c), taken from a deque (deque.h) by a thread that has time (wait.c), executed and completed
 * (execute.c). Its record goes back to the thread that made it (memory.c) as soon as it is settled: struct children.
 *
 * Invariant: a task is executed from its begin to its end by one thread, in the middle of what that thread was doing.
 * So the tasks that a thread is in the middle of are those that `executed_in` leads to. */
#ifndef OMP2WASI_TASKS_EXPLICIT_H
#define OMP2WASI_TASKS_EXPLICIT_H

#include "../thread.h"
#include <stdbool.h>

/* What clang has of a task (LLVM's kmp.h, kmp_task_t). The task's private variables and what it shares follow. */
struct kmp_task {
  void *shareds;
  int32_t (*entry)(int32_t gtid, struct kmp_task *task);
  int32_t part_id;
  union {
    int32_t (*destructors)(int32_t gtid, struct kmp_task *task);
    void *data1;
  };
  union {
    int32_t priority;
    void *data2;
  };
};

/* A task that waits for another one to complete: an element of that one's list. */
struct successor {
  struct successor *next;
  struct explicit_task *task;
};

/* What a dependence is on: a task's record, as long as it is that of the same task. */
struct predecessor {
  struct explicit_task *task;
  uint32_t use; /* how often the record had been used before */
};

enum { FEW_SUCCESSORS = 3 }; /* a task can be in so many tasks' lists without more memory */

/* Bits of an explicit task's `event`. The second of them to be set completes the task. */
enum { EVENT_FULFILLED = 1, EVENT_EXECUTED = 2 };

struct needed_exclusion;
struct successor_block;
struct task_reductions;

/* Clang's part is right behind. Records are never given back to the C library: so a look at a record that has been
 * freed, or used again, does no harm, and is found out by what it is checked against (deque.h, dependences.c). */
struct explicit_task {
  struct task task;
  struct team *team;           /* whose threads execute it */
  struct children *siblings;   /* where it is counted: its parent's, or a taskgroup's */
  uint32_t size;               /* bytes of clang's part */
  uint32_t flags;              /* TASK_* */
  struct task *executed_in;    /* what the executing thread was in the middle of */
  uint32_t mark;               /* the bottom of the executing thread's deque when it began: its descendants are above */
  bool is_begun;
  bool has_next_part;          /* an untied task has come to a task scheduling point: there is more to be executed */
  bool has_event;
  bool has_dependences;
  /* Of tasks with an event. */
  uint32_t event;              /* atomic: EVENT_* */
  /* Of tasks that the team shares, and from their generation on of those with TASK_PRIORITY. */
  int32_t priority;            /* of the `priority` clause, not above max-task-priority-var; else 0 */
  struct explicit_task *next;
  /* Of tasks with dependences, but for `successors`, which is the record's. */
  bool is_wait;                /* stands for a thread that waits for dependences, which is not told by being executed */
  uint32_t predecessors;       /* atomic: tasks that it waits for, and 1 while there may come more */
  uint64_t successors;         /* atomic. Low half: the list of them; high half: `use` of struct predecessor */
  struct needed_exclusion *exclusions; /* of `mutexinoutset`: to be held while it is executed */
  struct successor_block *more_successors;
  uint32_t few_used;
  struct successor few_successors[FEW_SUCCESSORS];
} __attribute__((aligned(16)));

/* A taskgroup region (OpenMP 5.2, section 15.4). */
struct taskgroup {
  struct children children;  /* the tasks that `task` has generated in the region */
  struct taskgroup *outer;   /* the next one around, of this task or of an ancestor */
  struct task *task;         /* which is in the region */
  struct task_reductions *reductions;
  uint32_t is_cancelled;     /* atomic, relaxed: a flag that orders nothing */
};

static inline void omp2wasi_give_event(struct explicit_task *task) {
  task->has_event = true;
  task->event = 0;
}

/* Whether a task must not overlap with some others. */
static inline bool omp2wasi_is_exclusive(const struct explicit_task *task) {
  return __builtin_expect(task->has_dependences, 0) && task->exclusions != NULL;
}

static inline struct explicit_task *omp2wasi_record_of(struct kmp_task *task) {
  return (struct explicit_task *)task - 1;
}

static inline struct kmp_task *omp2wasi_clangs_part_of(struct explicit_task *task) {
  return (struct kmp_task *)(task + 1);
}

/* Where the next child of a task is counted. */
static inline struct children *omp2wasi_children_of(struct task *task) {
  struct taskgroup *group = task->taskgroup;
  return group != NULL && group->task == task ? &group->children : &task->children;
}

/* The ancestor is not deeper than the task, and not settled. */
static inline bool omp2wasi_descends_from(const struct task *task, const struct task *ancestor) {
  while (task->depth > ancestor->depth)
    task = task->parent;
  return task == ancestor;
}

/* The loads here pair with the release of execute.c, report: what the children did is visible. Sequentially consistent
 * for threads that are about to fall asleep: wait.c. */
static inline bool omp2wasi_are_complete(const struct children *children) {
  uint32_t missing = children->generated - children->completed;
  return missing == 0 || (uint32_t)__atomic_load_n(&children->elsewhere, __ATOMIC_SEQ_CST) == missing;
}

static inline bool omp2wasi_are_settled(const struct children *children) {
  uint32_t missing = children->generated - children->settled;
  return missing == 0 || (uint32_t)(__atomic_load_n(&children->elsewhere, __ATOMIC_SEQ_CST) >> 32) == missing;
}

/* memory.c: blocks of memory that go back to the thread that allocated them, from whichever thread. 16 bytes aligned.
 * These functions end the program if there is no memory. */
enum block_kind { TASK_BLOCK, OTHER_BLOCK, BLOCK_KINDS };
/* What was in a block when it was freed is there still when it is allocated again, for a use of the same kind; the
 * first time it is all zeros. */
void *omp2wasi_allocate_block(enum block_kind kind, size_t size);
void omp2wasi_free_block(void *block);
/* A thread is freed: another one may have its blocks. */
void omp2wasi_spare_pool(const struct thread *thread);
/* Zeroed memory for ever, whole cache lines. */
void *omp2wasi_allocate_lines(size_t size);

/* task.c */
/* A record with so many bytes for clang's part. */
struct explicit_task *omp2wasi_allocate_record(uint32_t size);
/* Makes such a record that of a new task of the calling thread's current task. */
void omp2wasi_initialise_task(struct thread *thread, struct explicit_task *task, const struct ident *loc,
                              uint32_t size);
/* Both. */
struct explicit_task *omp2wasi_allocate_task(struct thread *thread, const struct ident *loc, uint32_t size);
/* Counts a task as a child of the current one. */
void omp2wasi_generate_task(struct thread *thread, struct explicit_task *task);
/* Whether a task is to be shared because of its priority: it has one, and there are not very many yet. */
bool omp2wasi_goes_first(const struct explicit_task *task);
/* Executes a task that has been generated and is ready, or defers it. */
void omp2wasi_start_task(struct thread *thread, struct explicit_task *task);
/* Defers it, also where the deque is full: for tasks of which there are few. */
void omp2wasi_defer_task(struct thread *thread, struct explicit_task *task);

/* helper.c, which is in the program if there may be tasks with TASK_HIDDEN_HELPER. */
/* Leaves a target task that is ready to a helper thread. False, and nothing has happened, if it is not to be. */
__attribute__((weak)) bool omp2wasi_give_to_helper(struct explicit_task *task);
/* Takes one back: of this team, and if `ancestor` is not NULL, a descendant of that. NULL if there is none. */
__attribute__((weak)) struct explicit_task *omp2wasi_take_target_task(const struct team *team,
                                                                      const struct task *ancestor);

/* execute.c */
/* Executes a task: begins it, calls its code, ends it. */
void omp2wasi_execute_task(struct thread *thread, struct explicit_task *task);
/* Executes a task that has not been generated yet as an included task of the current one. True if nothing is left of
 * it, so that the caller may use the record again; otherwise it is freed when that is so. */
bool omp2wasi_execute_included(struct thread *thread, struct explicit_task *task);
void omp2wasi_begin_task(struct thread *thread, struct explicit_task *task);
void omp2wasi_end_task(struct thread *thread, struct explicit_task *task);
/* A task is complete. `thread` is the calling one. `is_foreign` says that it is not the one that has just executed the
 * task. */
void omp2wasi_complete_task(struct thread *thread, struct explicit_task *task, bool is_foreign);

/* wait.c: finds tasks, and waits for them. */
struct condition {
  bool (*holds)(const struct condition *condition);
  const void *of;
  uint32_t number;
};
/* Executes tasks of the calling thread's team until the condition holds. `ancestor`, if it is not NULL, is the task
 * whose descendants alone may be executed. */
void omp2wasi_work_until(struct thread *thread, struct condition condition, const struct task *ancestor,
                         struct idlers *idlers);
/* The same until the calling thread's children have completed, and until they have settled. */
void omp2wasi_wait_for_complete(struct thread *thread, const struct children *children);
void omp2wasi_wait_for_settled(struct thread *thread, const struct children *children, const struct task *ancestor);
/* Something may have happened that threads of a team wait for: wakes so many of them, all if that is negative. */
void omp2wasi_notify(struct idlers *idlers, int32_t count);
/* Executes one task; false if there is none that the calling thread may execute now. */
bool omp2wasi_execute_one(struct thread *thread, const struct task *ancestor);
/* Adds a task that is ready to the calling thread's own; it is the thread's current task's descendant, or a sibling of
 * one. False if there is no room. */
bool omp2wasi_push_task(struct thread *thread, struct explicit_task *task);
/* Adds a task that is ready to those that its team shares. */
void omp2wasi_share_task(struct explicit_task *task);

/* dependences.c */
/* Tells the tasks that depend on one that it is complete. */
void omp2wasi_release_successors(struct thread *thread, struct explicit_task *task, bool is_foreign);
void omp2wasi_free_dependences(struct dependences *dependences);
/* Frees those of an implicit task's children, which have all completed. */
void omp2wasi_end_dependences(struct task *task);
/* Begins all exclusions that a task needs, or none and returns false. */
bool omp2wasi_begin_exclusion(const struct explicit_task *task);
void omp2wasi_end_exclusion(struct explicit_task *task);

/* barrier.c: says that the team has tasks, before the calling thread arrives at its next barrier. */
void omp2wasi_announce_tasks(struct thread *thread, struct team *team);

/* event.c: fulfills the event of a task that has one, from any thread. */
void omp2wasi_fulfill_event(struct explicit_task *task);

/* taskgroup.c */
void omp2wasi_begin_taskgroup(struct thread *thread);
void omp2wasi_end_taskgroup(struct thread *thread);

/* reduction.c: combines what tasks have reduced in a taskgroup region that ends. */
void omp2wasi_finish_reductions(struct task_reductions *reductions);
/* The calling thread leaves a worksharing construct because it is cancelled, and so its task reduction, if it has one. */
void omp2wasi_leave_reductions(struct thread *thread);
/* Frees what a region that was cancelled has left of its task reductions. Only the primary thread runs in the team. */
void omp2wasi_discard_reductions(struct team *team);

#endif
