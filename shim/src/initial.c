/* What there is before the first construct: the initial thread with its team and its task (OpenMP 5.2, section 1.2),
 * and what the environment variables say.
 *
 * Invariant: a program that uses one of these variables gets the constructor with it. The linker drops the
 * constructors of objects that the program does not use; so these are defined in one object, and no routine depends
 * on another one being in the program. */
#include "thread.h"

struct environment omp2wasi_environment = {
    .stack_size = 4u << 20,
    .affinity_format = "OMP: level %L thread %n of %N on processors {%A}",
};

static struct implicit_task initial_task;

/* Never forked, so kernels do not read it. Its ICVs are what other initial threads begin with. */
struct team omp2wasi_initial_team = {.num_threads = 1, .num_teams = 1};

/* Also what the linker copies into the thread-local storage of every other thread, before fork.c makes that thread
 * what it is. */
_Thread_local struct thread omp2wasi_thread = {
    .stack_limit = RED_ZONE,
    .team = &omp2wasi_initial_team,
    .implicit = &initial_task,
    .task = &initial_task.task,
    .pushed_proc_bind = -1,
    .host_proc_bind = -1,
};

/* Before the constructors of the program, which may contain parallel regions. */
__attribute__((constructor(101))) static void initialize(void) {
  initial_task.task.thread = self;
  omp2wasi_read_environment(&initial_task.task.icvs);
  omp2wasi_initial_team.icvs = initial_task.task.icvs;
  /* Whom the initial thread waits for, outside of parallel regions, is a thread of another team. */
  bool has_processors = omp2wasi_environment.num_procs >= 2;
  omp2wasi_initial_team.spin = has_processors && omp2wasi_environment.wait_policy != WAIT_PASSIVE ? TEAM_SPIN : 0;
}
