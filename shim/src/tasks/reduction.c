/* Reductions over tasks: the clauses task_reduction, in_reduction, and reduction with the modifier `task` (OpenMP 5.2,
 * sections 5.5.9, 5.5.10 and 5.5.4).
 *
 * Each thread that executes a participating task has a private copy of each list item, made when a task on it first
 * asks for it. At the end of the taskgroup region they are combined. On a parallel or worksharing construct each
 * thread has a taskgroup region of its own; these share the private copies, and the last to end combines them.
 *
 * Invariant: copy number i of an item is used by thread i alone, until all tasks are settled. */
#include "explicit.h"
#include <stdlib.h>
#include <string.h>

/* clang's description of a list item (LLVM's kmp.h, kmp_taskred_input_t). */
struct reduction_input {
  void *shared;   /* what the tasks' results are combined into */
  void *original; /* what `initialize` may look at */
  size_t size;
  void (*initialize)(void *copy, void *original); /* NULL: zeros */
  void (*finish)(void *copy);                     /* NULL: nothing to do */
  void (*combine)(void *into, void *from);
  uint32_t flags;
};

/* Private copies: of item i for thread k at `of[i * num_threads + k]`; NULL before the thread has asked for it. */
struct copies {
  uint32_t users; /* atomic: taskgroup regions that have not ended; 1 when it is not shared */
  uint32_t count; /* of all items together */
  void *of[];
};

struct task_reductions {
  struct copies *copies;
  const struct team *team;
  struct copies **shared; /* where the team has them, for a construct of the team; else NULL */
  uint32_t count, num_threads;
  struct reduction_input items[];
};

static void *memory(size_t size) {
  void *memory = calloc(1, size);
  if (memory == NULL)
    omp2wasi_fatal("no memory for a task reduction", "the program's linear memory is full");
  return memory;
}

static struct task_reductions *make(struct thread *thread, uint32_t count, const struct reduction_input *items) {
  struct task_reductions *reductions = memory(sizeof *reductions + count * sizeof *items);
  reductions->count = count;
  reductions->team = thread->team;
  reductions->num_threads = thread->team->num_threads;
  memcpy(reductions->items, items, count * sizeof *items);
  return reductions;
}

static struct copies *make_copies(const struct task_reductions *reductions, uint32_t users) {
  uint32_t count = reductions->count * reductions->num_threads;
  struct copies *copies = memory(sizeof *copies + count * sizeof *copies->of);
  copies->users = users;
  copies->count = count;
  return copies;
}

/* On a taskgroup, or a taskloop: for the current taskgroup region. */
void *__kmpc_taskred_init(int32_t gtid, int32_t count, struct reduction_input *items) {
  (void)gtid;
  struct thread *thread = self;
  struct taskgroup *group = thread->task->taskgroup;
  struct task_reductions *reductions = make(thread, (uint32_t)count, items);
  reductions->copies = make_copies(reductions, 1);
  group->reductions = reductions;
  return group;
}

/* On a parallel construct, or on a worksharing construct: all threads of the team meet it, and its end. The first one
 * makes the copies: release, so that the others see (acquire) that they are empty. */
void *__kmpc_taskred_modifier_init(struct ident *loc, int32_t gtid, int32_t is_worksharing, int32_t count,
                                   struct reduction_input *items) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct team *team = thread->team;
  omp2wasi_begin_taskgroup(thread);
  struct task_reductions *reductions = make(thread, (uint32_t)count, items);
  thread->task->taskgroup->reductions = reductions;
  /* Others have left the region, and will not meet the end of the construct. */
  if (omp2wasi_is_left(thread)) {
    reductions->copies = make_copies(reductions, 1);
    return thread->task->taskgroup;
  }
  reductions->shared = &team->reduction_copies[is_worksharing != 0];
  struct copies *there = __atomic_load_n(reductions->shared, __ATOMIC_ACQUIRE);
  if (there == NULL) {
    struct copies *mine = make_copies(reductions, team->num_threads);
    if (__atomic_compare_exchange_n(reductions->shared, &there, mine, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      there = mine;
    else
      free(mine);
  }
  reductions->copies = there;
  return thread->task->taskgroup;
}

void __kmpc_task_reduction_modifier_fini(struct ident *loc, int32_t gtid, int32_t is_worksharing) {
  (void)gtid, (void)is_worksharing;
  omp2wasi_end_taskgroup(omp2wasi_meet(loc));
}

/* Whether a variable is a list item, or a private copy of it: a task that takes part may pass its own on. */
static bool is_item(const struct task_reductions *reductions, uint32_t item, const char *variable) {
  const struct reduction_input *input = &reductions->items[item];
  if (variable == input->shared || variable == input->original)
    return true;
  for (uint32_t i = 0; i < reductions->num_threads; i++) {
    /* Relaxed: the address alone; a task that has a copy's address has seen the copy. */
    const char *copy = __atomic_load_n(&reductions->copies->of[item * reductions->num_threads + i], __ATOMIC_RELAXED);
    if (copy != NULL && variable >= copy && variable < copy + input->size)
      return true;
  }
  return false;
}

/* The calling thread's number in the team whose tasks take part. In between may be parallel regions that it executes
 * alone. */
static uint32_t number_in(const struct team *team, const struct thread *thread) {
  uint32_t number = thread->thread_num;
  for (const struct team *at = thread->team; at != team; at = at->outer.team) {
    if (at == NULL || at->num_threads != 1)
      omp2wasi_fatal("in_reduction in a parallel region inside of the one with the task reduction",
                     "add a task reduction to that region");
    number = at->outer.thread_num;
  }
  return number;
}

static void *copy_for(struct thread *thread, struct task_reductions *reductions, uint32_t item) {
  uint32_t number = number_in(reductions->team, thread);
  void **copy = &reductions->copies->of[item * reductions->num_threads + number];
  const struct reduction_input *input = &reductions->items[item];
  if (*copy == NULL) {
    /* Rounded up to cache lines, so that threads do not share any. */
    void *made = memory((input->size + 63) / 64 * 64);
    if (input->initialize != NULL)
      input->initialize(made, input->original != NULL ? input->original : input->shared);
    __atomic_store_n(copy, made, __ATOMIC_RELAXED);
  }
  return *copy;
}

/* The calling thread's private copy of a list item, for a task that takes part. clang passes NULL for the taskgroup
 * where it does not know it: then the nearest one that has the item is meant. */
void *__kmpc_task_reduction_get_th_data(int32_t gtid, struct taskgroup *group, void *variable) {
  (void)gtid;
  struct thread *thread = self;
  if (group == NULL)
    group = thread->task->taskgroup;
  for (; group != NULL; group = group->outer)
    for (uint32_t item = 0; group->reductions != NULL && item < group->reductions->count; item++)
      if (is_item(group->reductions, item, variable))
        return copy_for(thread, group->reductions, item);
  omp2wasi_fatal("in_reduction for a variable that is in no task reduction", "add task_reduction to a taskgroup around it");
}

static void combine(const struct task_reductions *reductions) {
  for (uint32_t item = 0; item < reductions->count; item++)
    for (uint32_t i = 0; i < reductions->num_threads; i++) {
      const struct reduction_input *input = &reductions->items[item];
      void *copy = reductions->copies->of[item * reductions->num_threads + i];
      if (copy == NULL)
        continue;
      input->combine(input->shared, copy);
      if (input->finish != NULL)
        input->finish(copy);
      free(copy);
    }
}

/* Acquire-release: the last one has seen what the tasks of all the others did. */
void omp2wasi_finish_reductions(struct task_reductions *reductions) {
  struct copies *copies = reductions->copies;
  if (__atomic_sub_fetch(&copies->users, 1, __ATOMIC_ACQ_REL) == 0) {
    combine(reductions);
    if (reductions->shared != NULL)
      /* Relaxed: the next construct of the team is behind a barrier. */
      __atomic_store_n(reductions->shared, NULL, __ATOMIC_RELAXED);
    free(copies);
  }
  free(reductions);
}

/* Worksharing constructs have no reductions of others inside of theirs. */
void omp2wasi_leave_reductions(struct thread *thread) {
  for (const struct taskgroup *group; (group = thread->task->taskgroup) != NULL && group->reductions != NULL &&
                                      group->reductions->shared == &thread->team->reduction_copies[1];)
    omp2wasi_end_taskgroup(thread);
}

/* What the list items are is not defined then. */
void omp2wasi_discard_reductions(struct team *team) {
  for (uint32_t i = 0; i < team->num_threads; i++) {
    struct task *task = &team->implicit_tasks[i]->task;
    for (struct taskgroup *group; (group = task->taskgroup) != NULL;) {
      free(group->reductions);
      task->taskgroup = group->outer;
      omp2wasi_free_block(group);
    }
  }
  for (uint32_t kind = 0; kind < 2; kind++) {
    struct copies *copies = team->reduction_copies[kind];
    team->reduction_copies[kind] = NULL;
    for (uint32_t i = 0; copies != NULL && i < copies->count; i++)
      free(copies->of[i]);
    free(copies);
  }
}
