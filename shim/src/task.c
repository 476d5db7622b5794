/* Tasks, and target tasks: `task`, `nowait` and `depend` (OpenMP 5.2, sections 12.5, 13.8 and 15.9.5).
 *
 * A task may be executed at once, and is, by the thread that meets it: so tasks that it depends on are done before it is made, and
 * there is never anything to wait for. */
#include "target/target.h"
#include <stdlib.h>
#include <string.h>

/* LLVM's kmp_task_t. */
struct task {
  void *shareds;
  int32_t (*entry)(int32_t gtid, struct task *task);
  int32_t part_id;
  void *data1, *data2;
};

/* The task that runs, and where it ends: its private variables follow it. */
static _Thread_local struct {
  struct task *task;
  uint32_t size;
} current;

/* Stands before a task. */
struct head {
  uint32_t size;
  struct task *outer; /* the task that met it, while it runs */
  uint32_t outer_size;
  uint32_t padding;
};

static void begin(struct task *task) {
  struct head *head = (struct head *)task - 1;
  head->outer = current.task;
  head->outer_size = current.size;
  current.task = task;
  current.size = head->size;
}

static void end(struct task *task) {
  struct head *head = (struct head *)task - 1;
  current.task = head->outer;
  current.size = head->outer_size;
  free(head);
}

bool omp2wasi_is_of_task(uint32_t address) {
  return current.task != NULL && address - (uint32_t)(uintptr_t)current.task < current.size;
}

struct task *__kmpc_omp_task_alloc(struct ident *loc, int32_t gtid, int32_t flags, uint32_t size, uint32_t shareds,
                                   int32_t (*entry)(int32_t, struct task *)) {
  (void)loc, (void)gtid, (void)flags;
  uint32_t aligned = (size + 7) & ~7u;
  struct head *head = malloc(sizeof *head + aligned + shareds);
  if (head == NULL)
    omp2wasi_fatal("no memory for a target task", "the program's linear memory is full");
  head->size = aligned + shareds;
  struct task *task = (struct task *)(head + 1);
  memset(task, 0, head->size);
  task->shareds = shareds == 0 ? NULL : (char *)task + aligned;
  task->entry = entry;
  return task;
}

struct task *__kmpc_omp_target_task_alloc(struct ident *loc, int32_t gtid, int32_t flags, uint32_t size, uint32_t shareds,
                                          int32_t (*entry)(int32_t, struct task *), int64_t device) {
  (void)device;
  return __kmpc_omp_task_alloc(loc, gtid, flags, size, shareds, entry);
}

int32_t __kmpc_omp_task(struct ident *loc, int32_t gtid, struct task *task) {
  (void)loc;
  begin(task);
  task->entry(gtid, task);
  end(task);
  return 0;
}

int32_t __kmpc_omp_task_with_deps(struct ident *loc, int32_t gtid, struct task *task, int32_t depends, void *list, int32_t noalias,
                                  void *noalias_list) {
  (void)depends, (void)list, (void)noalias, (void)noalias_list;
  return __kmpc_omp_task(loc, gtid, task);
}

/* A task that is included: clang calls its entry itself between these two. */
void __kmpc_omp_task_begin_if0(struct ident *loc, int32_t gtid, struct task *task) {
  (void)loc, (void)gtid;
  begin(task);
}

void __kmpc_omp_task_complete_if0(struct ident *loc, int32_t gtid, struct task *task) {
  (void)loc, (void)gtid;
  end(task);
}

int32_t __kmpc_omp_taskwait(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  return 0;
}

void __kmpc_omp_wait_deps(struct ident *loc, int32_t gtid, int32_t depends, void *list, int32_t noalias, void *noalias_list) {
  (void)loc, (void)gtid, (void)depends, (void)list, (void)noalias, (void)noalias_list;
}

void __kmpc_omp_taskwait_deps_51(struct ident *loc, int32_t gtid, int32_t depends, void *list, int32_t noalias, void *noalias_list,
                                 int32_t nowait) {
  (void)nowait;
  __kmpc_omp_wait_deps(loc, gtid, depends, list, noalias, noalias_list);
}
