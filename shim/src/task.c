/* Explicit tasks, and target tasks: `task`, `nowait` and `depend` (OpenMP 5.2, sections 12.5, 13.8 and 15.9.5).
 *
 * Each explicit task is executed at once by the thread that meets the construct, in the middle of the task that
 * generates it, as if it were undeferred. So the tasks that it depends on are complete before it is generated, and
 * there is never a task to wait for.
 *
 * Invariant: the tasks that a thread is in the middle of are those that `parent` leads to, from the thread's current
 * task to the implicit task. */
#include "thread.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* What clang has of a task (LLVM's kmp.h, kmp_task_t). The task's private variables and what it shares follow. */
struct kmp_task {
  void *shareds;
  int32_t (*entry)(int32_t gtid, struct kmp_task *task);
  int32_t part_id;
  void *data1, *data2;
};

/* An explicit task; clang's part is right behind. */
struct explicit_task {
  struct task task;
  uint32_t size;      /* bytes of clang's part */
  bool is_begun;
  bool has_next_part; /* an untied task has come to a task scheduling point: what is behind that is to be executed */
} __attribute__((aligned(16)));

static struct explicit_task *record_of(struct kmp_task *task) { return (struct explicit_task *)task - 1; }
static struct kmp_task *clangs_part_of(struct explicit_task *task) { return (struct kmp_task *)(task + 1); }

bool omp2wasi_is_of_task(uint32_t address) {
  struct task *task = self->task;
  if (!task->is_explicit)
    return false;
  struct explicit_task *explicit = (struct explicit_task *)task;
  return address - (uint32_t)(uintptr_t)clangs_part_of(explicit) < explicit->size;
}

/* The child's data environment begins with the ICVs that its parent has now (OpenMP 5.2, section 2.4). */
struct kmp_task *__kmpc_omp_task_alloc(struct ident *loc, int32_t gtid, int32_t flags, uint32_t size, uint32_t shareds,
                                       int32_t (*entry)(int32_t, struct kmp_task *)) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  uint32_t aligned = (size + 7) & ~7u;
  struct explicit_task *explicit = malloc(sizeof *explicit + aligned + shareds);
  if (explicit == NULL)
    omp2wasi_fatal("no memory for a task", "the program's linear memory is full");
  struct task *parent = thread->task;
  *explicit = (struct explicit_task){
      .task =
          {
              .parent = parent,
              .loc = loc,
              .region = thread->team->region,
              .icvs = *omp2wasi_icvs(thread),
              .is_explicit = true,
              .is_final = parent->is_final || (flags & TASK_FINAL),
          },
      .size = aligned + shareds,
  };
  struct kmp_task *task = clangs_part_of(explicit);
  memset(task, 0, explicit->size);
  task->shareds = shareds == 0 ? NULL : (char *)task + aligned;
  task->entry = entry;
  return task;
}

struct kmp_task *__kmpc_omp_target_task_alloc(struct ident *loc, int32_t gtid, int32_t flags, uint32_t size,
                                              uint32_t shareds, int32_t (*entry)(int32_t, struct kmp_task *),
                                              int64_t device) {
  (void)device;
  return __kmpc_omp_task_alloc(loc, gtid, flags, size, shareds, entry);
}

static void begin(struct explicit_task *explicit) {
  explicit->is_begun = true;
  self->task = &explicit->task;
}

/* Executes what parts there still are of an untied task, and frees the task: it has been executed once, in however
 * many parts. */
static void complete(struct explicit_task *explicit) {
  struct thread *thread = self;
  struct kmp_task *task = clangs_part_of(explicit);
  while (explicit->has_next_part) {
    explicit->has_next_part = false;
    task->entry(thread->gtid, task);
  }
  thread->task = explicit->task.parent;
  free(explicit);
}

/* A task that was generated; or, called by the code of an untied task itself, the part of it that is next. */
int32_t __kmpc_omp_task(struct ident *loc, int32_t gtid, struct kmp_task *task) {
  struct explicit_task *explicit = record_of(task);
  omp2wasi_meet(loc);
  if (explicit->is_begun) {
    explicit->has_next_part = true;
    return 0;
  }
  begin(explicit);
  task->entry(gtid, task);
  complete(explicit);
  return 0;
}

int32_t __kmpc_omp_task_with_deps(struct ident *loc, int32_t gtid, struct kmp_task *task, int32_t depends, void *list,
                                  int32_t noalias, void *noalias_list) {
  (void)depends, (void)list, (void)noalias, (void)noalias_list;
  return __kmpc_omp_task(loc, gtid, task);
}

/* An undeferred task, whose `if` clause is false: clang calls its entry itself between these two. */
void __kmpc_omp_task_begin_if0(struct ident *loc, int32_t gtid, struct kmp_task *task) {
  (void)gtid;
  omp2wasi_meet(loc);
  begin(record_of(task));
}

void __kmpc_omp_task_complete_if0(struct ident *loc, int32_t gtid, struct kmp_task *task) {
  (void)loc, (void)gtid;
  complete(record_of(task));
}

int32_t __kmpc_omp_taskwait(struct ident *loc, int32_t gtid) {
  (void)gtid;
  omp2wasi_meet(loc);
  return 0;
}

void __kmpc_omp_wait_deps(struct ident *loc, int32_t gtid, int32_t depends, void *list, int32_t noalias,
                          void *noalias_list) {
  (void)gtid, (void)depends, (void)list, (void)noalias, (void)noalias_list;
  omp2wasi_meet(loc);
}

void __kmpc_omp_taskwait_deps_51(struct ident *loc, int32_t gtid, int32_t depends, void *list, int32_t noalias,
                                 void *noalias_list, int32_t nowait) {
  (void)nowait;
  __kmpc_omp_wait_deps(loc, gtid, depends, list, noalias, noalias_list);
}

int omp_in_final(void) { return self->task->is_final; }
int omp_in_explicit_task(void) { return self->task->is_explicit; }
