/* A task: what OpenMP attaches to an execution of code, whichever thread it is on (OpenMP 5.2, sections 1.2.5 and
 * 2.1).
 *
 * There are implicit tasks, one for each thread of a team in a parallel region, and explicit tasks, one for each
 * time that a `task` construct is met. Both are a `struct task`: the ICVs, the construct that it is in, the target
 * region around what it does next, and the tasks that it has generated. An implicit task has its place in the
 * worksharing constructs and in the barriers of its team besides: explicit tasks may be in neither (OpenMP 5.2,
 * section 17.1). What an explicit task has besides is in tasks/explicit.h.
 *
 * Invariant: but for words that say otherwise, a task's record is read and written by the thread alone that executes
 * the task. What other threads read of it was written before the task's first child was generated. */
#ifndef OMP2WASI_TASK_H
#define OMP2WASI_TASK_H

#include "message.h"
#include "schedule.h"
#include "wait.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Internal control variables of one data environment (OpenMP 5.2, sections 2.1 to 2.4). */
struct icvs {
  int32_t num_threads;       /* nthreads-var, its first element */
  int32_t schedule;          /* run-sched-var: kind, with the monotonic modifier */
  int32_t chunk;             /* run-sched-var: chunk size, 0 for the default */
  int32_t max_active_levels; /* max-active-levels-var */
  int32_t thread_limit;      /* thread-limit-var */
  int32_t default_device;    /* default-device-var */
  int32_t proc_bind;         /* bind-var, its first element; -1 means never set */
  uint32_t allocator;        /* def-allocator-var, a handle; the implicit task's counts (allocator.c) */
  uint16_t group_depth;      /* teams around the contention group that thread-limit-var is of (fork.c), modulo 2^16 */
  uint8_t list_position;     /* how many elements of nthreads-var and bind-var the enclosing regions have consumed */
  bool dynamic;              /* dyn-var */
};

/* The target region around what a task does next: it may take over the constructs inside (target/region.c). */
struct target {
  /* The teams region that begins the target region; false leaves it to the host. */
  bool (*teams)(struct target *target, uint32_t microtask, int32_t argc, void **argv);
  /* A parallel region: the one inside the teams region once that has begun, or the target region itself; NULL if
   * neither. False leaves it to the host. */
  bool (*fork)(struct target *target, uint32_t microtask, int32_t argc, void **argv);
  /* A parallel region that its `if` clause makes serial. */
  void (*serial)(struct target *target);
};

/* The tasks that a task has generated, but for those in a taskgroup region of its own; or those that it has generated
 * in one such region. A child is complete when its code has been executed and its event, if it has one, has been
 * fulfilled. It is settled when, besides, all children of its own are settled: so there is no descendant left then.
 *
 * The thread that executes the parent counts what happens on it without atomic operations, as long as the parent is
 * not complete. What happens elsewhere is counted in one word, so that one atomic operation says "complete and
 * settled", which is the common case. All counts may wrap around: only differences matter. (But those in one word do
 * not: task.c, take_over.) */
struct children {
  uint64_t elsewhere; /* atomic. Low half: completed on other threads; high half: settled there */
  char line[40];      /* so that other threads do not take the line of what follows; it begins 16 bytes into a line */
  uint32_t generated;
  uint32_t completed;
  uint32_t settled;
};

struct taskgroup;
struct dependences;

/* Laid out for records that begin 16 bytes into a line: what other threads write is in that line, and what is needed
 * for each task in the next two. */
struct task {
  struct children children;
  struct task *parent;     /* what generated an explicit task. NULL for implicit tasks: `outer.task` in team.h did */
  const struct ident *loc; /* the construct that it met last; NULL before the first */
  struct target *target;   /* NULL outside of target regions */
  uint32_t region;         /* the region of its team that `icvs` are of: omp2wasi_icvs */
  struct icvs icvs;
  bool is_explicit;
  bool is_final;           /* its `final` clause, or that of an enclosing task, is true */
  bool is_closed;          /* an explicit task has been executed before its children: these are counted atomically */
  uint32_t depth;          /* explicit tasks from the implicit task to this one; 0 for the implicit task */
  struct thread *thread;   /* atomic, relaxed: which executes it; NULL before, and after if it has an event */
  struct taskgroup *taskgroup;     /* the innermost taskgroup region around what it does next; NULL if there is none */
  struct dependences *dependences; /* of its children on each other; NULL if there are none */
};

struct deque;
/* How many loops with a work share a thread may be ahead of the slowest thread of its team. A power of two. */
enum { WORK_SHARES = 8 };

struct work_share;
struct doacross;

/* What an implicit task knows of the loop that it is in, when the schedule is not static (schedule_dynamic.c). What
 * dynamic schedules look at for each chunk comes first, in one cache line. */
struct loop {
  struct work_share *share; /* NULL when the schedule needs none */
  int32_t kind;             /* sched_type, one of static_chunked, dynamic_chunked, guided_chunked, guided_simd */
  bool is_huge;             /* dynamic: the work share's counter might wrap around beyond the trip count */
  bool ordered;
  bool ordered_done;        /* the ordered region of `current` has been executed */
  uint64_t *range;          /* dynamic: the chunks that this thread takes next; NULL if all take from the share */
  struct iteration_space space;
  uint64_t chunk;           /* chunk size */
  uint32_t last_chunk;      /* with a range: the number of the loop's last chunk */
  uint8_t last_chunk_is;    /* and whether that is this thread's, schedule_dynamic.c */
  uint64_t current;         /* ordered: the iteration that this thread executes */
  uint64_t next;            /* static schedules: the first iteration of this thread's next chunk */
  uint64_t stride;          /* static schedules: from one of this thread's chunks to its next */
} __attribute__((aligned(64)));

/* Teams of up to 2^BARRIER_ROUNDS threads can use the dissemination barrier (barrier.h). */
enum { BARRIER_ROUNDS = 5 };

/* How the last reduction of an implicit task combines (reduction.c). */
enum reduction_method { REDUCTION_ALONE, REDUCTION_LOCK, REDUCTION_ATOMIC, REDUCTION_TREE };

/* The record of a thread in its team.
 *
 * The counts say how many constructs of a kind the task has met in its team. All threads of a team meet the same
 * ones, so equal counts mean the same construct.
 *
 * Layout: the lines of the task and behind it have what constructs write all the time, and no other thread reads it.
 * The wait words have a line each: another thread writes or waits for them, and a line that two pairs of threads use
 * would be passed around between all four. */
struct implicit_task {
  /* What comes before the task makes it begin as explicit ones do: see struct task. */
  struct deque *deque;        /* of deferred tasks. NULL before the first; stored with release, loaded with acquire */
  uint32_t victim;            /* the number of the thread from which a task was stolen last */
  uint32_t reluctance;        /* how much longer than else this thread waits before it steals; 0 means no longer */
  struct doacross *doacross;  /* what doacross.c keeps for it; NULL before the first doacross loop */
  struct task task;
  uint32_t barriers;          /* in steps of BARRIER_STEP: barrier.h */
  uint32_t singles;
  uint32_t loops;             /* loops with a work share */
  uint32_t doacrosses;        /* doacross loops */
  uint32_t reductions;        /* reductions in a tree */
  enum reduction_method reduction_method;
  bool in_doacross;           /* it is in a doacross loop, whose iterations have to be handed out in order */
  struct loop loop;
  uint64_t ranges[WORK_SHARES] __attribute__((aligned(64))); /* schedule_dynamic.c: by share, as loops overlap */

  struct wait_word reduction_given __attribute__((aligned(64)));
  void *reduction_data;       /* what this thread gives: written before the signal `given`, read after it */
  struct wait_word reduction_taken __attribute__((aligned(64)));

  struct {
    struct wait_word flag;
  } __attribute__((aligned(64))) barrier_rounds[BARRIER_ROUNDS];
} __attribute__((aligned(64)));

_Static_assert(offsetof(struct implicit_task, task) == 16, "see struct task");

/* Whether an address belongs to the explicit task that the calling thread executes: its private variables, or what
 * clang keeps for it. */
bool omp2wasi_is_of_task(uint32_t address);

#endif
