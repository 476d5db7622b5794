/* Makes and starts threads that are in nobody's team: those of the program's own, and helper threads (tasks/helper.c).
 *
 * Invariant: such a thread's team has no other thread, and is its own as long as it lives. */
#include "thread.h"
#include <stdlib.h>
#include <string.h>

/* What the team points to. */
struct members {
  struct thread *threads[1];
  struct implicit_task *implicit_tasks[1];
};

static struct team *make_team(void) {
  struct team *team = omp2wasi_take_team();
  uint32_t buffer = team == NULL ? 0 : team->buffer;
  if (team == NULL && (team = aligned_alloc(_Alignof(struct team), sizeof *team)) == NULL)
    return NULL;
  memset(team, 0, sizeof *team);
  team->buffer = buffer;
  return team;
}

struct thread *omp2wasi_make_initial_thread(size_t stack_size) {
  void *record;
  struct team *team = make_team();
  struct thread *thread = team == NULL ? NULL : omp2wasi_make_thread(stack_size, sizeof(struct members), &record);
  if (thread == NULL) {
    if (team != NULL)
      omp2wasi_free_team(team);
    return NULL;
  }
  struct members *members = record;
  members->threads[0] = thread;
  members->implicit_tasks[0] = &team->primary;
  team->threads = members->threads;
  team->implicit_tasks = members->implicit_tasks;
  team->num_threads = team->capacity = 1;
  team->num_teams = 1;
  team->spin = omp2wasi_initial_team.spin;
  team->icvs = team->primary.task.icvs = omp2wasi_initial_team.icvs;
  team->primary.task.thread = thread;
  thread->team = team;
  thread->implicit = &team->primary;
  thread->task = &team->primary.task;
  return thread;
}

void omp2wasi_free_initial_thread(struct thread *thread) {
  struct team *team = thread->team;
  omp2wasi_free_teams(thread);
  omp2wasi_free_thread(thread);
  omp2wasi_free_team(team);
}

/* The rewriter finds the microtask in the call of this function, as in that of __kmpc_fork_call, and makes its kernel:
 * so it is the third parameter, and callers in other files give a constant. */
bool omp2wasi_start_thread(const struct ident *loc, int32_t argc, uint32_t microtask, struct team *team,
                           struct wait_word *ended) {
  team->loc = loc;
  team->argc = argc;
  team->microtask = microtask;
  return omp2wasi_host_start_thread((uint32_t)omp2wasi_host_kernel_of(microtask), (uint32_t)(uintptr_t)team,
                                    OMP2WASI_TEAM_HEAD_SIZE, (uint32_t)(uintptr_t)ended) == ERRNO_SUCCESS;
}
