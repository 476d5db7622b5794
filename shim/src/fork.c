/* The parallel construct: __kmpc_fork_call and its serialised form (OpenMP 5.2, section 10.1).
 *
 * A fork fills the team's record and calls wasi-parallel's parallel_for with the kernel of the microtask and the team as its
 * one buffer. The kernel (synthesised by the rewriter) puts the member's stack and TLS block in place and calls the
 * microtask. parallel_for returns when all members have: that is the join, with its implicit barrier. */
#include "team.h"
#include <stdlib.h>
#include <string.h>

/* Functions that call nothing may use this much below the stack pointer without lowering it. */
enum { RED_ZONE = 128 };

typedef void (*kernel_function)(uint32_t thread_id, uint32_t num_threads, uint32_t block_size, uint32_t team, uint32_t team_len);

struct thread omp2wasi_initial_thread;

static struct team initial_team = {
    .num_threads = 1,
    .threads = (struct thread *[]){&omp2wasi_initial_thread},
    .capacity = 1,
    .parent = NULL,
    .num_teams = 1,
};

struct thread omp2wasi_initial_thread = {
    .stack_limit = RED_ZONE, /* its stack ends at address 0; as in the rewriter */
    .team = &initial_team,
    .pushed_proc_bind = -1,
};

_Thread_local struct thread *omp2wasi_self = &omp2wasi_initial_thread;

/* Before other constructors: they may contain parallel regions. Here, because the linker drops constructors of objects that
 * nobody uses, and nobody who uses OpenMP does without `self`. */
__attribute__((constructor(101))) static void initialize(void) { omp2wasi_read_environment(); }

/* Threads that are members of active teams; only kept up to date where OMP_THREAD_LIMIT asks for it. */
static uint32_t threads_in_use = 1;

static uint32_t next_gtid = 1;

/* The value of the global __stack_pointer: lower than every frame in use. */
static inline uint32_t current_stack_pointer(void) {
  uint32_t value;
  __asm__ volatile("global.get __stack_pointer\n\tlocal.set %0" : "=r"(value));
  return value;
}

extern void __wasm_init_tls(void *block);

/* Not inlined: __tls_base differs between the caller and here. */
static __attribute__((noinline)) void set_self(struct thread *thread) { omp2wasi_self = thread; }

/* Makes a TLS block for `thread` at `block`: fresh threadprivate variables, and `self`. */
static __attribute__((noinline)) void init_tls(struct thread *thread, void *block) {
  void *mine = __builtin_wasm_tls_base();
  __wasm_init_tls(block); /* also makes it the current one */
  set_self(thread);
  __asm__ volatile("local.get %0\n\tglobal.set __tls_base" : : "r"(mine) : "memory");
}

/* From the begin of a member's block to where its stack ends, and its record begins. */
static size_t record_offset(void) {
  size_t tls_align = __builtin_wasm_tls_align() < 64 ? 64 : __builtin_wasm_tls_align();
  return (omp2wasi_environment.stack_size + tls_align - 1) / tls_align * tls_align;
}

uint32_t omp2wasi_stack_end(void) {
  extern char __stack_high __attribute__((visibility("hidden")));
  bool is_initial = self->stack_limit == RED_ZONE;
  return is_initial ? (uint32_t)(uintptr_t)&__stack_high : self->stack_limit - RED_ZONE + (uint32_t)record_offset();
}

/* A member beyond thread 0: one block that holds its stack, its record and its thread-local storage. */
static struct thread *make_member(struct team *team, uint32_t thread_num) {
  size_t tls_align = __builtin_wasm_tls_align() < 64 ? 64 : __builtin_wasm_tls_align();
  size_t record = record_offset();
  size_t tls = (record + sizeof(struct thread) + tls_align - 1) / tls_align * tls_align;
  size_t total = (tls + __builtin_wasm_tls_size() + tls_align - 1) / tls_align * tls_align;
  char *block = aligned_alloc(tls_align, total);
  if (block == NULL)
    omp2wasi_fatal("no memory for another thread's stack", "ask for fewer threads, or a smaller OMP_STACKSIZE");
  struct thread *thread = (struct thread *)(block + record);
  memset(thread, 0, sizeof *thread);
  thread->stack_limit = (uint32_t)(uintptr_t)block + RED_ZONE;
  thread->stack_pointer = (uint32_t)(uintptr_t)(block + record);
  thread->tls_base = (uint32_t)(uintptr_t)(block + tls);
  thread->thread_num = thread_num;
  thread->team = team;
  thread->pushed_proc_bind = -1;
  /* At the outermost level global and team thread numbers agree, as long as teams only grow. */
  thread->gtid = (int32_t)__atomic_fetch_add(&next_gtid, 1, __ATOMIC_RELAXED);
  init_tls(thread, block + tls);
  return thread;
}

static void grow(struct team *team, uint32_t num_threads) {
  struct thread **threads = realloc(team->capacity > 1 ? team->threads : NULL, num_threads * sizeof *threads);
  if (threads == NULL)
    omp2wasi_fatal("no memory for a team", "ask for fewer threads");
  threads[0] = &team->primary;
  for (uint32_t i = team->capacity > 1 ? team->capacity : 1; i < num_threads; i++)
    threads[i] = make_member(team, i);
  team->threads = threads;
  team->capacity = num_threads;
}

static struct team *make_team(void) {
  struct team *team = aligned_alloc(_Alignof(struct team), sizeof *team);
  if (team == NULL)
    omp2wasi_fatal("no memory for a team", "the program's linear memory is full");
  memset(team, 0, sizeof *team);
  team->primary.team = team;
  team->primary.pushed_proc_bind = -1;
  return team;
}

/* All members start the region with the same counts. They count in step while the team keeps its size; a member that sat
 * out would fall behind, so a change of size starts over. Nobody but thread 0 runs here. */
static void reset_worksharing(struct team *team) {
  team->singles = 0;
  team->arrived = 0;
  for (uint32_t i = 0; i < WORK_SHARES; i++)
    team->shares[i] = (struct work_share){.turn = {.value = i}};
  for (uint32_t i = 0; i < team->num_threads; i++) {
    struct thread *thread = team->threads[i];
    thread->singles = 0;
    thread->loops = 0;
    thread->reductions = 0;
    thread->reduction_given = thread->reduction_taken = (struct wait_word){0};
    thread->barriers = 0;
    for (uint32_t round = 0; round < BARRIER_ROUNDS; round++)
      thread->rounds[round].flag = (struct wait_word){0};
  }
}

/* Writes only what changes: see struct team. */
static inline void set(int32_t *field, int32_t value) {
  if (*field != value)
    *field = value;
}

static inline void set_work(struct team *team, uint32_t microtask, int32_t argc, void **argv) {
  if (team->argv != argv)
    team->argv = argv;
  set(&team->argc, argc);
  set((int32_t *)&team->microtask, (int32_t)microtask);
}

struct team *omp2wasi_team_begin(struct thread *thread, uint32_t num_threads) {
  struct team *outer = thread->team;
  struct team *team = thread->idle_teams;
  if (team == NULL)
    team = make_team();
  else
    thread->idle_teams = team->next;
  if (team->capacity < num_threads)
    grow(team, num_threads);
  if (team->num_threads != num_threads) {
    team->num_threads = num_threads;
    reset_worksharing(team);
    team->spin = omp2wasi_environment.passive_wait || num_threads > (uint32_t)omp2wasi_environment.num_procs ? 0 : 60;
  }
  team->parent = thread;
  team->region++;
  set(&team->level, outer->level + 1);
  set(&team->active_level, outer->active_level + (num_threads > 1));
  set(&team->team_num, outer->team_num);
  set(&team->num_teams, outer->num_teams);

  const struct icvs *icvs = omp2wasi_icvs(thread);
  team->icvs = *icvs;
  const struct environment *env = &omp2wasi_environment;
  uint32_t position = icvs->list_position + 1u;
  if (position < (uint32_t)env->num_threads_count || position < (uint32_t)env->proc_bind_count) {
    team->icvs.list_position = (uint8_t)position;
    if (position < (uint32_t)env->num_threads_count)
      team->icvs.num_threads = env->num_threads_list[position];
    if (position < (uint32_t)env->proc_bind_count)
      team->icvs.proc_bind = env->proc_bind_list[position];
  }

  struct thread *primary = &team->primary;
  primary->stack_limit = thread->stack_limit;
  primary->tls_base = (uint32_t)(uintptr_t)__builtin_wasm_tls_base();
  primary->gtid = thread->gtid;
  thread->pushed_num_threads = 0;
  thread->pushed_proc_bind = -1;
  omp2wasi_self = primary;
  return team;
}

void omp2wasi_team_end(struct team *team) {
  struct thread *thread = team->parent;
  omp2wasi_self = thread;
  team->next = thread->idle_teams;
  thread->idle_teams = team;
}

void omp2wasi_run_alone(struct team *team, uint32_t microtask, int32_t argc, void **argv) {
  set_work(team, microtask, argc, argv);
  team->primary.stack_pointer = current_stack_pointer();
  ((kernel_function)omp2wasi_host_kernel_of(microtask))(0, 1, 0, (uint32_t)(uintptr_t)team, OMP2WASI_TEAM_HEAD_SIZE);
}

/* OpenMP 5.2, section 10.1.1: how many threads the region gets. */
static uint32_t choose_num_threads(struct thread *thread) {
  const struct icvs *icvs = omp2wasi_icvs(thread);
  const struct environment *env = &omp2wasi_environment;
  int32_t wanted = thread->pushed_num_threads > 0 ? thread->pushed_num_threads : icvs->num_threads;
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

/* Nested regions share the limit: takes as many of the threads wanted as are left. The caller itself is in use already. */
static uint32_t reserve_threads(struct thread *thread, uint32_t wanted) {
  int32_t limit = omp2wasi_icvs(thread)->thread_limit;
  if (limit == INT32_MAX || wanted == 1)
    return wanted;
  /* Relaxed: the count is a quota, it orders nothing. */
  uint32_t used = __atomic_load_n(&threads_in_use, __ATOMIC_RELAXED);
  for (;;) {
    uint32_t left = used < (uint32_t)limit ? (uint32_t)limit - used : 0;
    uint32_t granted = wanted - 1 <= left ? wanted - 1 : left;
    if (__atomic_compare_exchange_n(&threads_in_use, &used, used + granted, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return granted + 1;
  }
}

static void release_threads(int32_t limit, uint32_t num_threads) {
  if (limit != INT32_MAX && num_threads > 1)
    __atomic_fetch_sub(&threads_in_use, num_threads - 1, __ATOMIC_RELAXED);
}

/* How the host was last asked to bind the teams that this thread forks: it remembers that for each thread, so do we. */
static _Thread_local int32_t asked_proc_bind = -1;

static void make_buffer(struct team *team) {
  uint32_t device, buffer;
  uint32_t at = (uint32_t)(uintptr_t)team;
  omp2wasi_host_get_device(0 /* CPU */, (uint32_t)(uintptr_t)&device);
  if (omp2wasi_host_create_buffer(device, OMP2WASI_TEAM_HEAD_SIZE, 2, (uint32_t)(uintptr_t)&buffer) != 0 ||
      omp2wasi_host_write_buffer(at, OMP2WASI_TEAM_HEAD_SIZE, buffer) != 0)
    omp2wasi_fatal("the host cannot make a buffer for a team", "wasi-parallel's create_buffer or write_buffer failed");
  team->buffer = buffer;
}

void __kmpc_fork_call(struct ident *loc, int32_t argc, uint32_t microtask, void **argv) {
  (void)loc;
  struct thread *thread = self;
  if (__builtin_expect(thread->target != NULL, 0) && thread->target->fork != NULL &&
      thread->target->fork(thread->target, microtask, argc, argv)) {
    thread->pushed_num_threads = 0;
    thread->pushed_proc_bind = -1;
    return;
  }
  int32_t proc_bind = thread->pushed_proc_bind;
  uint32_t num_threads = reserve_threads(thread, choose_num_threads(thread));
  struct team *team = omp2wasi_team_begin(thread, num_threads);
  if (num_threads == 1) {
    omp2wasi_run_alone(team, microtask, argc, argv);
  } else {
    int32_t limit = team->icvs.thread_limit;
    set_work(team, microtask, argc, argv);
    /* bind-var false makes the clause void (OpenMP 5.2, section 10.1.3). */
    if (proc_bind < 0 || thread->icvs.proc_bind == PROC_BIND_FALSE)
      proc_bind = thread->icvs.proc_bind;
    if (proc_bind != asked_proc_bind) {
      asked_proc_bind = proc_bind;
      omp2wasi_host_bind((uint32_t)proc_bind);
    }
    if (team->buffer == 0)
      make_buffer(team);
    team->primary.stack_pointer = current_stack_pointer();
    if (omp2wasi_host_parallel_for(omp2wasi_host_kernel_of(microtask), num_threads, 0, (uint32_t)(uintptr_t)&team->buffer, 1, 0, 0) != 0)
      omp2wasi_fatal("the host cannot run a team", "wasi-parallel's parallel_for failed: ask for fewer threads");
    release_threads(limit, num_threads);
  }
  omp2wasi_team_end(team);
}

/* `if` with a condition that clang leaves to the runtime (combined target constructs). */
void __kmpc_fork_call_if(struct ident *loc, int32_t argc, uint32_t microtask, int32_t condition, void *argument) {
  if (!condition)
    self->pushed_num_threads = 1;
  __kmpc_fork_call(loc, argc, microtask, &argument);
}

/* A parallel region whose `if` is false: clang calls the microtask itself between these two. */
void __kmpc_serialized_parallel(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  if (__builtin_expect(self->target != NULL, 0))
    self->target->serial(self->target);
  omp2wasi_team_begin(self, 1);
}

void __kmpc_end_serialized_parallel(struct ident *loc, int32_t gtid) {
  (void)loc, (void)gtid;
  omp2wasi_team_end(self->team);
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
