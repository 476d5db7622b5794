/* A team: the threads that execute a parallel region, and what they share there (OpenMP 5.2, section 10.1).
 *
 * Teams are kept and used again: a thread has a list of the teams that it has forked, one for each depth of nesting
 * (thread.h), and the threads of a team beyond its primary thread keep their stacks and thread-local storage as long
 * as the program runs. So threadprivate variables persist between regions, and a fork allocates nothing once a team
 * has had its size.
 *
 * Invariant: everything that a thread reads of its team without synchronisation is written by the primary thread
 * before the fork, and not again before the join. */
#ifndef OMP2WASI_TEAM_H
#define OMP2WASI_TEAM_H

#include "barrier.h"
#include "mutex.h"
#include "omp2wasi/abi.h"
#include "task.h"
#include <stddef.h>

/* What a team shares of one loop with a dynamic or guided schedule, or with the ordered clause. Iterations are
 * numbered from 0. */
struct work_share {
  struct wait_word turn;           /* number of the loop that may use this share */
  uint32_t finished;               /* threads that have left the loop */
  uint64_t next;                   /* the first iteration that is in no thread's chunk yet */
  struct wait_word ordered_signal; /* the low half of `ordered` */
  uint64_t ordered;                /* the iteration whose turn it is; written before the signal, read after it */
  struct mutex ordered_lock;       /* of the thread in an ordered region, where there is cancellation */
} __attribute__((aligned(64)));

/* How many doacross loops a thread may be ahead of the slowest thread of its team. A power of two. */
enum { DOACROSS_SHARES = 4 };

/* What a team shares of one doacross loop: which iterations have been posted (doacross.c). */
struct doacross_share {
  struct wait_word turn; /* number of the loop that may use this share */
  uint32_t finished;     /* threads that have left the loop */
  uint32_t length;       /* how far the words of the map can have got beyond `base` in this loop */
  uint32_t base;         /* no word of the map is larger when the loop begins */
  uint32_t capacity;     /* lines of the map */
  char *map;
  struct mutex lock; /* of the thread that makes a map */
} __attribute__((aligned(64)));

/* `spin` of a team that has a processor for each thread. */
enum { TEAM_SPIN = 60 };

struct thread;
struct explicit_task;

/* Threads of a team that have nothing to do until something happens (tasks/wait.c). */
struct idlers {
  struct wait_word event; /* changes when what they wait for may have happened */
  uint32_t count;         /* atomic: threads that wait for `event` to change, or are about to */
  uint32_t unrestricted;  /* atomic: those of them that may execute any task */
  uint32_t callable;      /* atomic: those of them that may be woken because there is a task */
  uint32_t is_called;     /* atomic: one is being woken for a task, and nobody has looked for tasks since */
};

/* Tasks that no thread has in its deque, because of their priority, or because the thread that made them ready is
 * another team's or was in the middle of an unrelated task. Those with the highest priority come first. */
struct shared_tasks {
  struct mutex lock;
  uint32_t count; /* changes with `lock` held; a look without it is a hint */
  struct explicit_task *first, *last;
};

/* Layout: kernels read the first line in every region, on every thread, so a fork writes to it only what has
 * changed: around a loop of regions it stays in all caches. The second line is the primary thread's own, and
 * a fork writes what it must there. The words that all threads write while others wait for them have a line each. */
struct team {
  /* Read by kernels: abi, layout::team. */
  void **argv;
  int32_t argc;
  uint32_t microtask;
  struct thread **threads;

  struct implicit_task **implicit_tasks; /* by thread number, as `threads` is */
  uint32_t num_threads;
  uint32_t spin;         /* looks in wasm before a thread asks the host to wait; 0 when threads outnumber processors */
  int32_t level;         /* enclosing parallel regions */
  int32_t active_level;  /* those among them with more than one thread */
  int32_t team_num;      /* in the league */
  int32_t num_teams;

  /* The primary thread's own, or seldom read. */
  uint32_t region __attribute__((aligned(64))); /* counts the regions that this team has executed */
  const struct ident *loc;  /* the parallel or teams construct; NULL for the initial team */
  /* What the primary thread was before the fork, and is again after the join; all NULL for the initial team. */
  struct {
    struct team *team;
    struct implicit_task *implicit;
    struct task *task;      /* the one that met the construct: the parent of the team's implicit tasks */
    uint32_t thread_num;
    uint32_t stack_pointer; /* where the stack of a thread begins that is not the primary one of its team */
  } outer;
  uint32_t buffer;          /* wasi-parallel buffer that holds the head of this record; 0 before the first fork */
  uint32_t capacity;        /* threads that this team has had */
  struct team *next_idle;   /* in the thread's list of idle teams */
  void *copyprivate;        /* the variables of the thread that executed the last single region with that clause */
  struct icvs icvs;         /* what the implicit tasks start with */
  uint32_t displayed;       /* what OMP_DISPLAY_AFFINITY has shown of this team last (affinity.c) */
  uint32_t threads_in_use;  /* in the contention group that this is the outermost team of (fork.c) */
  bool defers_tasks;        /* its barriers are counting ones in which threads execute tasks: barrier.h */
  uint32_t deferring_region; /* atomic, relaxed: the last region in which tasks were deferred; 0 for none */
  uint32_t cancelled;        /* atomic, relaxed: cancel.c; 0 as long as nothing is */
  struct copies *reduction_copies[2]; /* atomic: of task reductions on parallel and on worksharing constructs */
  struct doacross_share *doacross; /* DOACROSS_SHARES of them; NULL before the first doacross loop */

  uint32_t arrived __attribute__((aligned(64)));    /* threads that have arrived at the counting barrier */
  struct wait_word generation __attribute__((aligned(64)));
  uint32_t singles __attribute__((aligned(64)));    /* single constructs that a thread has been chosen for */
  struct work_share shares[WORK_SHARES];
  /* A line for those that want a task, and one for those that want tasks to complete. */
  struct idlers for_tasks __attribute__((aligned(64)));
  struct idlers for_completion __attribute__((aligned(64)));
  struct shared_tasks shared_tasks __attribute__((aligned(64)));
  struct implicit_task primary;
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct team, argv) == OMP2WASI_TEAM_ARGV, "abi");
_Static_assert(offsetof(struct team, argc) == OMP2WASI_TEAM_ARGC, "abi");
_Static_assert(offsetof(struct team, microtask) == OMP2WASI_TEAM_MICROTASK, "abi");
_Static_assert(offsetof(struct team, threads) == OMP2WASI_TEAM_THREADS, "abi");
_Static_assert(offsetof(struct team, region) == 64, "the first line has what kernels and threads read");

/* The team of the initial thread. */
extern struct team omp2wasi_initial_team;

/* Makes the calling thread the primary thread of a team of `num_threads`, or of as many as there is memory for: one
 * that it has kept or a new one, see fork.c.
 * The construct is the one that its task met last. */
struct team *omp2wasi_team_begin(struct thread *thread, uint32_t num_threads);
/* Makes it again what it was before. */
void omp2wasi_team_end(struct team *team);
/* A parallel region that no target region takes over. */
void omp2wasi_fork_on_host(uint32_t microtask, int32_t argc, void **argv);

/* Executes `microtask` as the only thread of `team`. */
void omp2wasi_run_alone(struct team *team, uint32_t microtask, int32_t argc, void **argv);

#endif
