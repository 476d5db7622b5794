/* The taskgroup construct (OpenMP 5.2, section 15.4).
 *
 * Tasks that the current task generates in the region are counted in the taskgroup instead of in the task. All others
 * that the region waits for descend from them; so it is over when they are settled. */
#include "explicit.h"

void omp2wasi_begin_taskgroup(struct thread *thread) {
  struct task *task = thread->task;
  struct taskgroup *group = omp2wasi_allocate_block(OTHER_BLOCK, sizeof *group);
  *group = (struct taskgroup){.outer = task->taskgroup, .task = task};
  task->taskgroup = group;
}

void omp2wasi_end_taskgroup(struct thread *thread) {
  struct task *task = thread->task;
  struct taskgroup *group = task->taskgroup;
  omp2wasi_wait_for_settled(thread, &group->children, task);
  if (group->reductions != NULL)
    omp2wasi_finish_reductions(group->reductions);
  task->taskgroup = group->outer;
  omp2wasi_free_block(group);
}

void __kmpc_taskgroup(struct ident *loc, int32_t gtid) {
  (void)gtid;
  omp2wasi_begin_taskgroup(omp2wasi_meet(loc));
}

void __kmpc_end_taskgroup(struct ident *loc, int32_t gtid) {
  (void)gtid;
  omp2wasi_end_taskgroup(omp2wasi_meet(loc));
}
