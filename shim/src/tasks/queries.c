/* What can be asked of the current task without the code for deferred tasks in the program. */
#include "explicit.h"
#include <omp.h>

int omp_in_final(void) { return self->task->is_final; }
int omp_in_explicit_task(void) { return self->task->is_explicit; }
int omp_get_max_task_priority(void) { return omp2wasi_environment.max_task_priority; }

bool omp2wasi_is_of_task(uint32_t address) {
  struct task *task = self->task;
  if (!task->is_explicit)
    return false;
  struct explicit_task *explicit = (struct explicit_task *)task;
  return address - (uint32_t)(uintptr_t)omp2wasi_clangs_part_of(explicit) < explicit->size;
}
