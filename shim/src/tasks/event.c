/* The detach clause and omp_fulfill_event (OpenMP 5.2, sections 12.5.2 and 18.11.1); and tasks that complete when the
 * runtime is told so, which LLVM calls proxy tasks, or tells itself (taskloop.c).
 *
 * Such a task is complete when it has been executed and its event has been fulfilled. The event's handle is the
 * address of the task's record. */
#include "explicit.h"
#include <omp.h>

void *__kmpc_task_allow_completion_event(struct ident *loc, int32_t gtid, struct kmp_task *task) {
  (void)loc, (void)gtid;
  struct explicit_task *explicit = omp2wasi_record_of(task);
  omp2wasi_give_event(explicit);
  return explicit;
}

/* Acquire-release: see omp2wasi_end_task. The calling thread may be of another team, or in the middle of any task. */
void omp2wasi_fulfill_event(struct explicit_task *task) {
  if (__atomic_fetch_or(&task->event, EVENT_FULFILLED, __ATOMIC_ACQ_REL) & EVENT_EXECUTED)
    omp2wasi_complete_task(self, task, true);
}

void omp_fulfill_event(omp_event_handle_t event) { omp2wasi_fulfill_event((struct explicit_task *)(uintptr_t)event); }

void __kmpc_proxy_task_completed(int32_t gtid, struct kmp_task *task) {
  (void)gtid;
  omp2wasi_fulfill_event(omp2wasi_record_of(task));
}

void __kmpc_proxy_task_completed_ooo(struct kmp_task *task) { omp2wasi_fulfill_event(omp2wasi_record_of(task)); }
