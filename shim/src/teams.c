/* The teams construct on the host: __kmpc_fork_teams (OpenMP 5.2, section 10.2).
 *
 * Teams of a league cannot synchronise with one another, so the calling thread executes their initial tasks one
 * after the other; the parallel regions inside each use all threads. */
#include "thread.h"

void __kmpc_push_num_teams(struct ident *loc, int32_t gtid, int32_t num_teams, int32_t thread_limit) {
  (void)loc, (void)gtid;
  self->pushed_num_teams = num_teams;
  self->pushed_thread_limit = thread_limit;
}

void __kmpc_push_num_teams_51(struct ident *loc, int32_t gtid, int32_t lower, int32_t upper, int32_t thread_limit) {
  __kmpc_push_num_teams(loc, gtid, upper > 0 ? upper : lower, thread_limit);
}

/* A task begins a contention group whose threads are no more than that. */
static void limit_threads(struct icvs *icvs, const struct team *team, int32_t thread_limit) {
  icvs->group_depth = (uint16_t)omp2wasi_depth(team);
  if (thread_limit > 0 && thread_limit < icvs->thread_limit)
    icvs->thread_limit = thread_limit;
}

/* thread_limit of a target construct: clang makes that a task of its own, which calls this before all else. So the
 * limit is that of the region, and of no other. */
void __kmpc_set_thread_limit(struct ident *loc, int32_t gtid, int32_t thread_limit) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  limit_threads(omp2wasi_icvs(thread), thread->team, thread_limit);
}

/* Executes one team's initial task, which is in no parallel region. */
static void run_initial_task(struct thread *thread, int32_t team_num, int32_t num_teams, int32_t thread_limit,
                             uint32_t microtask, int32_t argc, void **argv) {
  /* The lists of values for nested regions are for parallel regions: this is none. */
  struct icvs icvs = *omp2wasi_icvs(thread);
  struct team *team = omp2wasi_team_begin(thread, 1);
  team->level = 0;
  team->active_level = 0;
  team->team_num = team_num;
  team->num_teams = num_teams;
  team->icvs = icvs;
  limit_threads(&team->icvs, team, thread_limit);
  if (thread_limit > 0 && icvs.num_threads > team->icvs.thread_limit)
    team->icvs.num_threads = team->icvs.thread_limit;
  omp2wasi_run_alone(team, microtask, argc, argv);
  omp2wasi_team_end(team);
}

void __kmpc_fork_teams(struct ident *loc, int32_t argc, uint32_t microtask, void **argv) {
  struct thread *thread = omp2wasi_meet(loc);
  const struct environment *env = &omp2wasi_environment;
  int32_t num_teams = thread->pushed_num_teams > 0 ? thread->pushed_num_teams : env->num_teams;
  int32_t thread_limit = thread->pushed_thread_limit > 0 ? thread->pushed_thread_limit : env->teams_thread_limit;
  thread->pushed_num_teams = 0;
  thread->pushed_thread_limit = 0;
  struct target *target = thread->task->target;
  thread->task->target = NULL;
  if (target != NULL && target->teams(target, microtask, argc, argv))
    return;
  if (num_teams < 1)
    num_teams = 1;
  for (int32_t team_num = 0; team_num < num_teams; team_num++)
    run_initial_task(thread, team_num, num_teams, thread_limit, microtask, argc, argv);
}
