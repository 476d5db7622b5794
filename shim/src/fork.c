/* The parallel construct: __kmpc_fork_call and its serialised form (OpenMP 5.2, section 10.1).
 *
 * A fork fills the team's record and calls wasi-parallel's parallel_for with the kernel of the microtask and the
 * team as its one buffer. The kernel (synthesised by the rewriter) puts the thread's stack and thread-local storage
 * in place and calls the microtask. parallel_for returns when it has on all threads: that is the join, with its
 * implicit barrier. */
#include "affinity.h"
#include "num_threads.h"
#include "thread.h"
#include <stdlib.h>
#include <string.h>

typedef void (*kernel_function)(uint32_t thread_id, uint32_t num_threads, uint32_t block_size, uint32_t team,
                                uint32_t team_len);

/* The value of the global __stack_pointer: lower than every frame in use. */
static inline uint32_t current_stack_pointer(void) {
  uint32_t value;
  __asm__ volatile("global.get __stack_pointer\n\tlocal.set %0" : "=r"(value));
  return value;
}

/* Makes thread `thread_num` of a team, with its implicit task. False if there is no memory for that. */
static bool make_thread(struct team *team, uint32_t thread_num) {
  void *record;
  struct thread *thread = omp2wasi_make_thread(omp2wasi_environment.stack_size, sizeof(struct implicit_task), &record);
  if (thread == NULL)
    return false;
  struct implicit_task *implicit = record;
  thread->thread_num = thread_num;
  thread->team = team;
  thread->implicit = implicit;
  thread->task = &implicit->task;
  implicit->task.thread = thread;
  team->threads[thread_num] = thread;
  team->implicit_tasks[thread_num] = implicit;
  return true;
}

static void *resize(void *vector, uint32_t count) {
  void *resized = realloc(vector, count * sizeof(void *));
  if (resized == NULL)
    omp2wasi_fatal("no memory for a team", "ask for fewer threads");
  return resized;
}

/* Gives a team the records of so many threads, or of as many as there is memory for: then a quarter of what was there
 * is left to the program, and outermost teams ask for no more threads again. */
static void grow(struct team *team, uint32_t num_threads) {
  uint32_t before = team->capacity;
  team->threads = resize(team->threads, num_threads);
  team->implicit_tasks = resize(team->implicit_tasks, num_threads);
  while (team->capacity < num_threads && make_thread(team, team->capacity))
    team->capacity++;
  if (team->capacity == num_threads)
    return;
  for (uint32_t kept = before + (team->capacity - before) / 4 * 3; team->capacity > kept; team->capacity--)
    omp2wasi_free_thread(team->threads[team->capacity - 1]);
  if (self->team->active_level == 0)
    omp2wasi_environment.max_concurrency = (int32_t)team->capacity;
  /* Relaxed: a flag that orders nothing. */
  static bool is_said;
  if (!__atomic_exchange_n(&is_said, true, __ATOMIC_RELAXED))
    omp2wasi_write_error("omp2wasi: no memory for more threads' stacks (OMP_STACKSIZE): teams get fewer threads\n");
}

/* A team whose primary thread is, and remains, the calling thread. */
static struct team *make_team(struct thread *thread) {
  struct team *team = omp2wasi_take_team();
  uint32_t buffer = team == NULL ? 0 : team->buffer;
  if (team == NULL)
    team = aligned_alloc(_Alignof(struct team), sizeof *team);
  if (team == NULL)
    omp2wasi_fatal("no memory for a team", "the program's linear memory is full");
  memset(team, 0, sizeof *team);
  team->buffer = buffer;
  team->threads = resize(NULL, 1);
  team->implicit_tasks = resize(NULL, 1);
  team->threads[0] = thread;
  team->implicit_tasks[0] = &team->primary;
  team->primary.task.thread = thread;
  team->capacity = 1;
  /* The initial thread's is not known before. */
  thread->tls_base = (uint32_t)(uintptr_t)__builtin_wasm_tls_base();
  return team;
}

/* In tasks/, which are in the program if it has tasks, or cancels regions: only then is it called. */
__attribute__((weak)) void omp2wasi_discard_reductions(struct team *team);

/* All implicit tasks start with the same counts, and count in step while the team keeps its size. A thread that sat
 * out would fall behind, so a change of size starts over. Only the primary thread runs in the team now. */
static void reset_counts(struct team *team) {
  team->singles = 0;
  team->arrived = 0;
  team->cancelled = 0;
  if (omp2wasi_discard_reductions != NULL)
    omp2wasi_discard_reductions(team);
  team->generation = (struct wait_word){0};
  for (uint32_t i = 0; i < WORK_SHARES; i++)
    team->shares[i] = (struct work_share){.turn = {.value = i}};
  for (uint32_t i = 0; team->doacross != NULL && i < DOACROSS_SHARES; i++) {
    team->doacross[i].turn = (struct wait_word){.value = i};
    team->doacross[i].finished = 0;
    /* A loop in it has not ended: the words of the map are larger than `base` says. */
    if (team->doacross[i].length != 0) {
      free(team->doacross[i].map);
      team->doacross[i].map = NULL;
      team->doacross[i].capacity = team->doacross[i].length = 0;
    }
  }
  for (uint32_t i = 0; i < team->num_threads; i++) {
    struct implicit_task *implicit = team->implicit_tasks[i];
    implicit->barriers = implicit->singles = implicit->loops = implicit->doacrosses = implicit->reductions = 0;
    implicit->loop.share = NULL;
    implicit->reduction_given = implicit->reduction_taken = (struct wait_word){0};
    implicit->in_doacross = false;
    memset(implicit->ranges, 0, sizeof implicit->ranges);
    for (uint32_t round = 0; round < BARRIER_ROUNDS; round++)
      implicit->barrier_rounds[round].flag = (struct wait_word){0};
  }
}

/* Writes only what changes: see struct team. */
static inline void set(int32_t *field, int32_t value) {
  if (*field != value)
    *field = value;
}

static inline void set_microtask(struct team *team, uint32_t microtask, int32_t argc, void **argv) {
  if (team->argv != argv)
    team->argv = argv;
  set(&team->argc, argc);
  set((int32_t *)&team->microtask, (int32_t)microtask);
}

/* What the implicit tasks of a new region inherit: the ICVs of the task that met it, and of the lists of values for
 * nested regions the next elements. */
static inline void inherit_icvs(struct team *team, const struct icvs *icvs) {
  const struct environment *env = &omp2wasi_environment;
  team->icvs = *icvs;
  uint32_t position = icvs->list_position + 1u;
  if (position >= (uint32_t)env->num_threads_count && position >= (uint32_t)env->proc_bind_count)
    return;
  team->icvs.list_position = (uint8_t)position;
  if (position < (uint32_t)env->num_threads_count)
    team->icvs.num_threads = env->num_threads_list[position];
  if (position < (uint32_t)env->proc_bind_count)
    team->icvs.proc_bind = env->proc_bind_list[position];
}

/* Chooses the kind of barriers of the region (barrier.h), by whether there were tasks lately. */
static inline void prepare_for_tasks(struct team *team) {
  enum { LATELY = 16 };
  /* Relaxed: the threads that write it have joined. */
  uint32_t deferring = __atomic_load_n(&team->deferring_region, __ATOMIC_RELAXED);
  bool defers = deferring != 0 && team->region - deferring < LATELY;
  if (defers == team->defers_tasks)
    return;
  team->defers_tasks = defers;
  /* Dissemination barriers have not counted there, and barriers with tasks not here. */
  team->generation.value = team->primary.barriers;
  for (uint32_t i = 0; i < team->num_threads; i++)
    for (uint32_t round = 0; round < BARRIER_ROUNDS; round++)
      team->implicit_tasks[i]->barrier_rounds[round].flag.value = team->primary.barriers;
}

struct team *omp2wasi_team_begin(struct thread *thread, uint32_t num_threads) {
  struct team *outer = thread->team;
  struct team *team = thread->idle_teams;
  if (team == NULL)
    team = make_team(thread);
  else
    thread->idle_teams = team->next_idle;
  if (team->capacity < num_threads)
    grow(team, num_threads);
  if (num_threads > team->capacity)
    num_threads = team->capacity;
  if (team->num_threads != num_threads || team->cancelled != 0) {
    team->num_threads = num_threads;
    reset_counts(team);
    bool has_processors = num_threads <= (uint32_t)omp2wasi_environment.num_procs;
    team->spin = has_processors && omp2wasi_environment.wait_policy != WAIT_PASSIVE ? TEAM_SPIN : 0;
  }
  team->region++;
  prepare_for_tasks(team);
  team->loc = thread->task->loc;
  set(&team->level, outer->level + 1);
  set(&team->active_level, outer->active_level + (num_threads > 1));
  set(&team->team_num, outer->team_num);
  set(&team->num_teams, outer->num_teams);
  inherit_icvs(team, omp2wasi_icvs(thread));

  team->outer.team = outer;
  team->outer.implicit = thread->implicit;
  team->outer.task = thread->task;
  team->outer.thread_num = thread->thread_num;
  team->outer.stack_pointer = thread->stack_pointer;
  thread->team = team;
  thread->implicit = &team->primary;
  thread->task = &team->primary.task;
  thread->thread_num = 0;
  thread->pushed_num_threads = 0;
  thread->pushed_proc_bind = -1;
  return team;
}

void omp2wasi_team_end(struct team *team) {
  struct thread *thread = self;
  thread->team = team->outer.team;
  thread->implicit = team->outer.implicit;
  thread->task = team->outer.task;
  thread->thread_num = team->outer.thread_num;
  thread->stack_pointer = team->outer.stack_pointer;
  team->next_idle = thread->idle_teams;
  thread->idle_teams = team;
}

void omp2wasi_run_alone(struct team *team, uint32_t microtask, int32_t argc, void **argv) {
  set_microtask(team, microtask, argc, argv);
  self->stack_pointer = current_stack_pointer();
  ((kernel_function)omp2wasi_host_kernel_of(microtask))(0, 1, 0, (uint32_t)(uintptr_t)team, OMP2WASI_TEAM_HEAD_SIZE);
}

/* How many threads a region gets (OpenMP 5.2, section 10.1.1). */
static uint32_t choose_num_threads(const struct thread *thread, const struct icvs *icvs) {
  const struct environment *env = &omp2wasi_environment;
  int32_t clause = thread->pushed_num_threads;
  int32_t wanted = clause == 0 ? icvs->num_threads : clause < 0 ? -clause : clause;
  if (wanted <= 1 || thread->team->active_level >= icvs->max_active_levels)
    return 1;
  if (icvs->dynamic && wanted > env->num_procs)
    wanted = env->num_procs;
  if (wanted > env->max_concurrency)
    wanted = env->max_concurrency;
  if (wanted > icvs->thread_limit)
    wanted = icvs->thread_limit;
  return wanted < 1 ? 1 : (uint32_t)wanted;
}

/* Nested regions share the thread limit of their contention group (OpenMP 5.2, section 1.2.2): that of an initial task,
 * or of a target task with a thread_limit clause. The group's outermost team counts the threads of all its teams; none
 * counts where there is no limit. */

uint32_t omp2wasi_depth(const struct team *team) {
  uint32_t depth = 0;
  for (; team->outer.team != NULL; team = team->outer.team)
    depth++;
  return depth;
}

/* The outermost team of the contention group in which the calling thread forks; NULL if that is the one to be
 * forked. */
static struct team *outermost_team(const struct thread *thread, const struct icvs *icvs) {
  struct team *team = thread->team;
  uint16_t inner = (uint16_t)(omp2wasi_depth(team) - icvs->group_depth);
  if (inner == 0)
    return NULL;
  while (--inner > 0)
    team = team->outer.team;
  return team;
}

/* Takes as many of the threads wanted as are left. The caller itself is in use already. */
static __attribute__((noinline)) uint32_t reserve_threads(const struct thread *thread, const struct icvs *icvs,
                                                          uint32_t wanted) {
  struct team *outermost = outermost_team(thread, icvs);
  if (outermost == NULL)
    return wanted;
  uint32_t limit = (uint32_t)icvs->thread_limit;
  /* Relaxed: the count is a quota, it orders nothing. */
  uint32_t used = __atomic_load_n(&outermost->threads_in_use, __ATOMIC_RELAXED);
  for (;;) {
    uint32_t left = used < limit ? limit - used : 0;
    uint32_t granted = wanted - 1 <= left ? wanted - 1 : left;
    if (__atomic_compare_exchange_n(&outermost->threads_in_use, &used, used + granted, 0, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED))
      return granted + 1;
  }
}

/* Gives threads back; `thread` is where it was when it took them. */
static __attribute__((noinline)) void release_threads(const struct thread *thread, const struct icvs *icvs,
                                                      uint32_t count) {
  struct team *outermost = outermost_team(thread, icvs);
  if (outermost != NULL)
    __atomic_fetch_sub(&outermost->threads_in_use, count, __ATOMIC_RELAXED);
}

static void make_buffer(struct team *team) {
  uint32_t device, buffer;
  uint32_t at = (uint32_t)(uintptr_t)team;
  omp2wasi_host_get_device(0 /* CPU */, (uint32_t)(uintptr_t)&device);
  if (omp2wasi_host_create_buffer(device, OMP2WASI_TEAM_HEAD_SIZE, 2, (uint32_t)(uintptr_t)&buffer) != 0 ||
      omp2wasi_host_write_buffer(at, OMP2WASI_TEAM_HEAD_SIZE, buffer) != 0)
    omp2wasi_fatal("the host cannot make a buffer for a team", "wasi-parallel's create_buffer or write_buffer failed");
  team->buffer = buffer;
}

/* Tells the host how to bind the threads of the next team; it remembers that for each thread. `clause` is that of
 * the construct, or -1. */
static void bind(struct thread *thread, int32_t clause, int32_t bind_var) {
  /* bind-var false makes the clause void (OpenMP 5.2, section 10.1.3). */
  int32_t proc_bind = clause < 0 || bind_var == PROC_BIND_FALSE ? bind_var : clause;
  if (proc_bind != thread->host_proc_bind) {
    thread->host_proc_bind = proc_bind;
    omp2wasi_host_bind((uint32_t)proc_bind);
  }
}

/* Executes `microtask` on all threads of a team; false, and nothing has happened, if the host has not so many. */
static inline int run_team(struct thread *thread, struct team *team, uint32_t microtask, int32_t argc, void **argv) {
  if (__builtin_expect(team->num_threads == 1, 0)) {
    omp2wasi_run_alone(team, microtask, argc, argv);
    return 1;
  }
  set_microtask(team, microtask, argc, argv);
  if (team->buffer == 0)
    make_buffer(team);
  thread->stack_pointer = current_stack_pointer();
  uint32_t kernel = (uint32_t)omp2wasi_host_kernel_of(microtask), buffers = (uint32_t)(uintptr_t)&team->buffer;
  int32_t failed = omp2wasi_host_parallel_for(kernel, team->num_threads, 0, buffers, 1, 0, 0);
  if (failed != ERRNO_SUCCESS && failed != ERRNO_NORESOURCES)
    omp2wasi_fatal("the host cannot run a team", "wasi-parallel's parallel_for failed");
  return failed == ERRNO_SUCCESS;
}

/* `clause` is the number of threads that the construct asks for, as it was pushed. */
static void begin_region(struct team *team, int32_t clause) {
  team->threads_in_use = team->num_threads;
  if (__builtin_expect(clause < 0, 0))
    omp2wasi_check_strict(team, clause);
  if (__builtin_expect(omp2wasi_environment.display_affinity, 0))
    omp2wasi_display_team(team);
}

static inline void fork(struct thread *thread, uint32_t microtask, int32_t argc, void **argv) {
  int32_t bind_clause = thread->pushed_proc_bind, clause = thread->pushed_num_threads;
  const struct icvs *icvs = omp2wasi_icvs(thread);
  bool is_limited = icvs->thread_limit != INT32_MAX;
  uint32_t reserved = choose_num_threads(thread, icvs);
  if (is_limited && reserved > 1)
    reserved = reserve_threads(thread, icvs, reserved);
  struct team *team = omp2wasi_team_begin(thread, reserved);
  if (reserved > 1) {
    bind(thread, bind_clause, icvs->proc_bind);
    begin_region(team, clause);
    /* Where memory or the host has not so many threads, the region gets fewer, as with other runtimes. */
    while (!run_team(thread, team, microtask, argc, argv)) {
      uint32_t fewer = team->num_threads / 2;
      if (__builtin_expect(clause < 0, 0) && team->num_threads < (uint32_t)-clause)
        clause = 0; /* that there are too few has been said */
      omp2wasi_team_end(team);
      if (is_limited)
        release_threads(thread, icvs, reserved - fewer);
      team = omp2wasi_team_begin(thread, reserved = fewer);
      begin_region(team, clause);
    }
    omp2wasi_team_end(team);
    if (is_limited)
      release_threads(thread, icvs, reserved - 1);
  } else {
    begin_region(team, clause);
    omp2wasi_run_alone(team, microtask, argc, argv);
    omp2wasi_team_end(team);
  }
}

void __kmpc_fork_call(struct ident *loc, int32_t argc, uint32_t microtask, void **argv) {
  struct thread *thread = omp2wasi_meet(loc);
  struct target *target = thread->task->target;
  if (__builtin_expect(target != NULL, 0) && target->fork != NULL && target->fork(target, microtask, argc, argv)) {
    thread->pushed_num_threads = 0;
    thread->pushed_proc_bind = -1;
    return;
  }
  fork(thread, microtask, argc, argv);
}

void omp2wasi_fork_on_host(uint32_t microtask, int32_t argc, void **argv) { fork(self, microtask, argc, argv); }

/* `if` with a condition that clang leaves to the runtime (combined target constructs). */
void __kmpc_fork_call_if(struct ident *loc, int32_t argc, uint32_t microtask, int32_t condition, void *argument) {
  if (!condition)
    self->pushed_num_threads = 1;
  __kmpc_fork_call(loc, argc, microtask, &argument);
}

/* In tasks/, which are in the program if it has tasks. */
__attribute__((weak)) void omp2wasi_end_dependences(struct task *task);

/* A parallel region whose `if` is false: clang calls the microtask itself between these two. */
void __kmpc_serialized_parallel(struct ident *loc, int32_t gtid) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct target *target = thread->task->target;
  if (__builtin_expect(target != NULL, 0))
    target->serial(target);
  begin_region(omp2wasi_team_begin(thread, 1), 0);
}

void __kmpc_end_serialized_parallel(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  struct thread *thread = self;
  omp2wasi_last_barrier(thread);
  if (__builtin_expect(thread->task->dependences != NULL, 0))
    omp2wasi_end_dependences(thread->task);
  omp2wasi_team_end(thread->team);
}

void __kmpc_push_num_threads(struct ident *loc, int32_t gtid, int32_t num_threads) {
  (void)loc, (void)gtid;
  self->pushed_num_threads = num_threads;
}

void __kmpc_push_proc_bind(struct ident *loc, int32_t gtid, int32_t proc_bind) {
  (void)loc, (void)gtid;
  enum { LLVM_PRIMARY = 5 }; /* LLVM's ProcBindKind has two values for the primary thread: master and primary */
  self->pushed_proc_bind = proc_bind == LLVM_PRIMARY ? PROC_BIND_PRIMARY : proc_bind;
}

int32_t __kmpc_global_thread_num(struct ident *loc) {
  (void)loc;
  return self->gtid;
}
