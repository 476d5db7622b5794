/* A thread: what stays the same whatever region and task it executes. Its stack, its thread-local storage, its
 * global number, the teams that it has forked; and where it is now: the team, its number there, the task.
 *
 * The record is a thread-local variable, so a thread finds it without a pointer: `self`. A thread that meets a
 * parallel construct becomes the primary thread of another team: its record stays, and the team keeps what the
 * thread was before (team.h, `outer`). The other threads of a team belong to it as long as the program runs.
 *
 * Invariant: a thread's record is written by the thread alone, once it has been made. Whatever a region changes in
 * it (the team, the task, the number, where the stack begins) is as before at the region's end; so kernels find a
 * thread that is not a primary one as it was made. */
#ifndef OMP2WASI_THREAD_H
#define OMP2WASI_THREAD_H

#include "environment.h"
#include "team.h"

/* One cache line. */
struct thread {
  /* Read by kernels: abi, layout::thread. */
  uint32_t stack_pointer;      /* where a region's frames begin */
  uint32_t stack_limit;
  uint32_t tls_base;
  int32_t gtid;
  int32_t btid;

  uint32_t thread_num;         /* in `team` */
  struct team *team;
  struct implicit_task *implicit; /* the implicit task of this thread in `team` */
  struct task *task;           /* the task that it executes: the implicit one, or an explicit one */
  struct team *idle_teams;     /* teams that this thread may fork again, that of the outermost level first */

  /* Clauses of the next parallel or teams construct; 0, and -1 for proc_bind, mean absent. A strict number of threads
   * is negative (num_threads.h). */
  int32_t pushed_num_threads;
  int32_t pushed_proc_bind;
  int32_t pushed_num_teams;
  int32_t pushed_thread_limit;

  int32_t host_proc_bind;      /* how the host was last asked to bind this thread's teams; -1 means never */
  uint32_t flushes;            /* counts them */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct thread) == 64, "one cache line");
_Static_assert(offsetof(struct thread, stack_pointer) == OMP2WASI_THREAD_STACK_POINTER, "abi");
_Static_assert(offsetof(struct thread, stack_limit) == OMP2WASI_THREAD_STACK_LIMIT, "abi");
_Static_assert(offsetof(struct thread, tls_base) == OMP2WASI_THREAD_TLS_BASE, "abi");
_Static_assert(offsetof(struct thread, gtid) == OMP2WASI_THREAD_GTID, "abi");
_Static_assert(offsetof(struct thread, btid) == OMP2WASI_THREAD_BTID, "abi");

/* The calling thread. Its address is the global __tls_base and a constant, so `self->thread_num` is one load. */
extern _Thread_local struct thread omp2wasi_thread;
#define self (&omp2wasi_thread)

/* Lets about one cycle pass per round. The loads keep compilers from dropping the loop, and take no line from another
 * thread. */
static inline void omp2wasi_pause(uint32_t rounds) {
  for (uint32_t i = 0; i < rounds; i++)
    (void)__atomic_load_n(&self->thread_num, __ATOMIC_RELAXED);
}

/* Functions that call nothing may use this much below the stack pointer without lowering it (clang's red zone on
 * wasm32). A thread's stack limit is this much above where its stack's memory begins; the rewriter does the same for
 * the initial thread, whose stack is at 0. */
enum { RED_ZONE = 128 };

/* The ICVs of a task in a team. An implicit task inherits them from its team when it first asks for them in a region,
 * so that a fork need not write to the records of all threads; an explicit task has them from the start. */
static inline struct icvs *omp2wasi_icvs_of(struct task *task, const struct team *team) {
  if (task->region != team->region) {
    task->region = team->region;
    task->icvs = team->icvs;
  }
  return &task->icvs;
}

/* Those of the task that the calling thread executes. */
static inline struct icvs *omp2wasi_icvs(struct thread *thread) { return omp2wasi_icvs_of(thread->task, thread->team); }

/* Notes the construct that the calling thread's task has met, and returns the thread. Each entry point that may wait
 * or fail begins with it. */
static inline struct thread *omp2wasi_meet(const struct ident *loc) {
  struct thread *thread = self;
  thread->task->loc = loc;
  return thread;
}

/* Barriers inside of a region. None, once threads have left the region because it is cancelled. */
void omp2wasi_barrier(struct thread *thread);
/* The one at its end, which threads that omp2wasi_is_left holds for must not call unless they are a team of one. */
void omp2wasi_last_barrier(struct thread *thread);
/* Whether threads may have left the region because it has been cancelled before their last barrier. */
bool omp2wasi_is_left(const struct thread *thread);
/* Waits until a word differs from `expected`, as omp2wasi_wait does, for what all threads of the team do: false if some may
 * not, because the region has been cancelled. */
bool omp2wasi_wait_for_team(const struct team *team, struct wait_word *word, uint32_t expected, uint32_t spin);
/* schedule_dynamic.c: the calling thread leaves a loop with a work share before its end. */
void omp2wasi_leave_loop(struct thread *thread);
/* A thread arrives at a counting barrier; true if it is the last, which ends the barrier. */
bool omp2wasi_arrive(struct team *team, uint32_t number);

/* What is as large as this, in bytes, the host is told of, for it to use large pages: two of them, so that one is whole
 * wherever it begins. */
enum { LARGE_OBJECT = 4 << 20 };
/* Memory for a stack, of which as a rule little is touched. NULL if there is none. */
void *omp2wasi_allocate_stack(size_t alignment, size_t size);
/* Makes a thread that is in no team yet, with a stack of about this size and a zeroed record of that size beside it.
 * NULL if there is no memory for that. */
struct thread *omp2wasi_make_thread(size_t stack_size, size_t record_size, void **record);
/* Frees a thread that will not run any more. */
void omp2wasi_free_thread(struct thread *thread);
/* Frees what belongs to the teams that a thread keeps, with their other threads, which do not run any more. */
void omp2wasi_free_teams(struct thread *thread);
/* Frees what belongs to a team but its threads, which have been freed. */
void omp2wasi_free_team(struct team *team);
/* The record of a team that has been freed, to be filled in again but for its buffer; NULL if there is none. */
struct team *omp2wasi_take_team(void);

/* Where another thread has what the calling thread has at `mine`, a thread-local variable: these are as far from the
 * begin of their block in each thread. */
static inline void *omp2wasi_of_thread(uint32_t tls_base, void *mine) {
  return (char *)(uintptr_t)tls_base + ((char *)mine - (char *)__builtin_wasm_tls_base());
}

/* How many teams are around a team, its own initial team among them (fork.c). */
uint32_t omp2wasi_depth(const struct team *team);

/* Whether the region that a team executes has been cancelled as a whole (cancel.c). Relaxed: a flag that orders nothing. */
static inline bool omp2wasi_is_region_cancelled(const struct team *team) {
  return (__atomic_load_n(&team->cancelled, __ATOMIC_RELAXED) & BARRIER_FLAGS) == CANCEL_PARALLEL;
}

/* Where the calling thread's stack ends, above all of its frames. */
uint32_t omp2wasi_stack_end(void);

#endif
