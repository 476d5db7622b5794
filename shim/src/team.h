/* The records of the runtime: teams, threads, and the ICVs of implicit tasks.
 *
 * A `struct thread` is one implicit task's identity: the position in a team, its ICVs, its place in the worksharing
 * constructs. Thread 0 of a team is the thread that met the parallel construct, so a thread that forks changes its
 * identity (`self`) for the duration of the region; its stack and its block of thread-local storage stay.
 *
 * Teams are kept and reused: a thread owns a list of the teams that it has forked, one for each depth, and the members
 * beyond thread 0 own a stack and a TLS block for as long as the program runs. So threadprivate variables persist between
 * regions, and a fork allocates nothing once a team has had its size.
 *
 * Invariant: everything that a member reads of its team without synchronisation is written by thread 0 before the fork, and
 * not again before the join. */
#ifndef OMP2WASI_TEAM_H
#define OMP2WASI_TEAM_H

#include "omp2wasi/abi.h"
#include "wait.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Source position and flags of a construct, as clang emits it (LLVM: kmp.h, ident_t). */
struct ident {
  int32_t reserved_1;
  int32_t flags;
  int32_t reserved_2;
  int32_t reserved_3;
  const char *psource;
};

/* Internal control variables of one data environment (OpenMP 5.2, section 2.1 to 2.4). */
struct icvs {
  int32_t num_threads;      /* nthreads-var, its first element */
  int32_t schedule;         /* run-sched-var: kind, with the monotonic modifier */
  int32_t chunk;            /* run-sched-var: chunk size, 0 for the default */
  int32_t max_active_levels;
  int32_t thread_limit;
  int32_t default_device;   /* default-device-var */
  int32_t proc_bind;        /* bind-var, its first element; -1 means never set */
  uint8_t list_position;    /* how many elements of the OMP_NUM_THREADS and OMP_PROC_BIND lists were consumed */
  bool dynamic;
};

/* How many loops with a shared schedule a thread may be ahead of the slowest member of its team. A power of two. */
enum { WORK_SHARES = 8 };

/* Teams of up to 2^BARRIER_ROUNDS threads use the dissemination barrier. */
enum { BARRIER_ROUNDS = 5 };

/* The shared state of one dynamically scheduled or ordered loop. All counts are iteration numbers from 0. */
struct work_share {
  struct wait_word turn;    /* index of the loop that may use this share */
  uint32_t finished;        /* members that have left the loop */
  uint64_t next;            /* first iteration not yet dealt */
  struct wait_word ordered_signal; /* the low half of `ordered` */
  uint64_t ordered;         /* the iteration whose ordered region may run; written before the signal, read after it */
} __attribute__((aligned(64)));

/* What a member knows of the loop that it is in. */
struct loop {
  struct work_share *share; /* NULL when the schedule needs none */
  uint64_t trip_count;
  uint64_t chunk;
  uint64_t next;            /* static schedules: this member's next iteration */
  uint64_t stride;          /* static schedules: distance between this member's chunks */
  uint64_t lower;           /* first value of the loop variable, sign-extended */
  int64_t step;
  uint64_t current;         /* ordered: iteration that this member executes */
  int32_t kind;
  bool ordered;
  bool ordered_done;        /* the ordered region of `current` has run */
};

struct team;

/* The target region around what a thread does next: who takes over its constructs (target/region.c). */
struct target {
  /* The teams region that begins the target region; false leaves it to the host. */
  bool (*teams)(struct target *target, uint32_t microtask, int32_t argc, void **argv);
  /* A parallel region: inside of that once it has begun, or the target region itself; NULL if neither. False leaves it to the host. */
  bool (*fork)(struct target *target, uint32_t microtask, int32_t argc, void **argv);
  /* A parallel region that its `if` clause makes serial. */
  void (*serial)(struct target *target);
};

struct thread {
  /* Read by kernels: abi, layout::thread. */
  uint32_t stack_pointer;
  uint32_t stack_limit;
  uint32_t tls_base;
  int32_t gtid;
  int32_t btid;

  uint32_t thread_num;
  struct team *team;
  struct team *idle_teams;  /* teams that this thread has forked and may fork again, innermost last */
  uint32_t region;          /* region of the team that `icvs` was inherited for */
  struct icvs icvs;
  /* Clauses of the next parallel or teams construct; 0 and -1 mean absent. */
  int32_t pushed_num_threads;
  int32_t pushed_proc_bind;
  int32_t pushed_num_teams;
  int32_t pushed_thread_limit;
  struct target *target;    /* NULL outside of target regions */

  uint32_t singles;         /* single constructs met in this team */
  uint32_t loops;           /* loops with a work share met in this team */
  int32_t reduction;        /* method chosen by the last __kmpc_reduce */
  uint32_t flushes;
  struct loop loop;

  /* Reduction in a tree (reduction.c). */
  uint32_t reductions;      /* reductions of that kind met in this team */
  void *reduction_data;     /* what this thread gives */
  struct wait_word reduction_given __attribute__((aligned(64)));
  struct wait_word reduction_taken __attribute__((aligned(64)));

  /* The dissemination barrier (barrier.c). */
  uint32_t barriers;        /* barriers met in this team */
  struct {
    struct wait_word flag;
  } __attribute__((aligned(64))) rounds[BARRIER_ROUNDS];
} __attribute__((aligned(64)));

/* Members read the first line in every region, so a fork writes to it only what has changed: a loop of regions leaves it in
 * everybody's cache. */
struct team {
  /* Read by kernels: abi, layout::team. */
  void **argv;
  int32_t argc;
  uint32_t microtask;
  struct thread **threads;

  uint32_t num_threads;
  uint32_t spin;            /* iterations to spin in wasm before asking the host to wait; 0 when threads outnumber processors */
  int32_t level;            /* nested parallel regions, and those among them with more than one thread */
  int32_t active_level;
  int32_t team_num;         /* position of the enclosing team in its league, and the league's size */
  int32_t num_teams;

  /* Of thread 0, or read now and then. */
  uint32_t region __attribute__((aligned(64))); /* counts the regions that this team has executed */
  uint32_t buffer;          /* wasi-parallel buffer that holds the head of this record; 0 before the first fork */
  uint32_t capacity;        /* length of `threads` */
  struct thread *parent;    /* the thread that met the construct */
  struct team *next;        /* in the parent's list of idle teams */
  void *copyprivate;
  struct icvs icvs;         /* what the implicit tasks start with */

  /* Each on a cache line of its own: members write them while others spin. */
  uint32_t arrived __attribute__((aligned(64)));
  struct wait_word generation __attribute__((aligned(64)));
  uint32_t singles __attribute__((aligned(64)));
  struct work_share shares[WORK_SHARES];
  struct thread primary;
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct team, argv) == OMP2WASI_TEAM_ARGV, "abi");
_Static_assert(offsetof(struct team, argc) == OMP2WASI_TEAM_ARGC, "abi");
_Static_assert(offsetof(struct team, microtask) == OMP2WASI_TEAM_MICROTASK, "abi");
_Static_assert(offsetof(struct team, threads) == OMP2WASI_TEAM_THREADS, "abi");
_Static_assert(offsetof(struct thread, stack_pointer) == OMP2WASI_THREAD_STACK_POINTER, "abi");
_Static_assert(offsetof(struct thread, stack_limit) == OMP2WASI_THREAD_STACK_LIMIT, "abi");
_Static_assert(offsetof(struct thread, tls_base) == OMP2WASI_THREAD_TLS_BASE, "abi");
_Static_assert(offsetof(struct thread, gtid) == OMP2WASI_THREAD_GTID, "abi");
_Static_assert(offsetof(struct thread, btid) == OMP2WASI_THREAD_BTID, "abi");

/* The calling thread. One global.get and one load. */
extern _Thread_local struct thread *omp2wasi_self;
#define self omp2wasi_self

extern struct thread omp2wasi_initial_thread;

/* target-offload-var */
enum offload { OFFLOAD_DEFAULT, OFFLOAD_DISABLED, OFFLOAD_MANDATORY };

/* What the environment variables set once, before main (environment.c). */
struct environment {
  const int32_t *num_threads_list;
  const int32_t *proc_bind_list;
  int32_t num_threads_count;
  int32_t proc_bind_count;
  uint32_t stack_size;      /* stacksize-var: bytes of each member's stack */
  bool passive_wait;        /* wait-policy-var */
  int32_t max_concurrency;  /* 1 on the sequential device */
  int32_t num_procs;
  int32_t num_teams;            /* nteams-var */
  int32_t teams_thread_limit;   /* teams-thread-limit-var */
  enum offload offload;
};
extern struct environment omp2wasi_environment;

/* Reads the environment variables: environment.c. */
void omp2wasi_read_environment(void);

/* The ICVs of the calling thread's implicit task, inherited from the team on first use in a region. */
static inline struct icvs *omp2wasi_icvs(struct thread *thread) {
  struct team *team = thread->team;
  if (thread->region != team->region) {
    thread->region = team->region;
    thread->icvs = team->icvs;
  }
  return &thread->icvs;
}

/* Ends the program with a message of the form "omp2wasi: <what>: <detail>". */
_Noreturn void omp2wasi_fatal(const char *what, const char *detail);

void omp2wasi_barrier(struct thread *thread);

/* Takes an idle team of `thread` (or makes one) and gives it `num_threads` members: fork.c, used by teams.c too. */
struct team *omp2wasi_team_begin(struct thread *thread, uint32_t num_threads);
void omp2wasi_team_end(struct team *team);
/* Runs `microtask` as thread 0 of `team`, alone. */
void omp2wasi_run_alone(struct team *team, uint32_t microtask, int32_t argc, void **argv);
/* Where the calling thread's stack ends, above all of its frames. */
uint32_t omp2wasi_stack_end(void);

#endif
