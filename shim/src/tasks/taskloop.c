/* The taskloop construct (OpenMP 5.2, section 12.6).
 *
 * clang makes one task for the whole loop, and asks for it to be divided. Each of the construct's tasks is a copy of it
 * with bounds of its own.
 *
 * The tasks are numbered, and it takes no record to have one wait for its turn: tasks that follow each other are a
 * range, and a range is a task, too, that executes its own one by one, each as an included task. As long as a range has
 * more than the thread that executes it is busy with, some thread has, deferred, a task that takes half of it, as a range
 * of its own: so threads without work find some, however long a task takes, and if there are none, one record serves
 * all tasks.
 *
 * The first range has an event, which is fulfilled when all ranges have been executed. So whoever waits for the
 * construct's tasks by waiting for this one waits for them all, and no range waits for another one.
 *
 * Invariant: what a range is taken from is an ancestor of it, and stays until its descendants are settled; the first
 * range, and clang's task, stay until all ranges have been executed.
 *
 * Ordering: to take tasks from a range needs none but atomicity (relaxed). What ranges are made from is seen by who
 * finds them in a deque. Who executes the last range has seen what all others did (acquire-release on their count). */
#include "../range.h"
#include "explicit.h"

/* Initialises the private variables of a copy; `is_last` goes to the task with the loop's last iteration. */
typedef void duplicate_function(struct kmp_task *copy, struct kmp_task *original, int32_t is_last);

/* How a loop is divided: `count` tasks of `size` iterations, the first `larger` of them one more. With a strict grain
 * size the last has what is left. */
struct division {
  uint64_t count, size, larger;
};

static struct division divide(uint64_t trip_count, int32_t kind, uint64_t size, bool is_strict, uint32_t num_threads) {
  enum { TASKS_PER_THREAD = 10 };
  uint64_t count = (uint64_t)num_threads * TASKS_PER_THREAD;
  if (kind != TASK_SIZE_DEFAULT && size == 0)
    size = 1;
  if (kind == TASK_SIZE_GRAINSIZE && is_strict)
    return (struct division){(trip_count - 1) / size + 1, size, 0};
  if (kind == TASK_SIZE_GRAINSIZE)
    count = trip_count / size;
  else if (kind == TASK_SIZE_NUM_TASKS)
    count = size;
  if (count > trip_count)
    count = trip_count;
  if (count == 0)
    count = 1;
  return (struct division){count, trip_count / count, trip_count % count};
}

/* The construct: what its tasks are made from. */
struct taskloop {
  struct explicit_task *original; /* clang's, for the whole loop */
  duplicate_function *duplicate;
  struct division division;
  uint64_t first, last; /* of the loop variable */
  int64_t step;
  uint32_t lower_at, upper_at; /* where a task has its bounds, bytes from the begin of clang's part */
  uint64_t base;               /* how many tasks come before those that ranges number from 0 */
};

/* A task that generates some of the construct's tasks: all, or those that it takes from another range. What threads
 * read for each task, each has in a range of its own: beside the word that others look at. */
struct range {
  struct kmp_task clangs_part;
  struct range *whole; /* the first one */
  struct range *from;  /* NULL for the first one */
  struct taskloop loop;
  uint64_t tasks;      /* atomic: range.h */
  /* Of the first one. */
  uint32_t missing;    /* atomic: ranges that have not been executed */
  bool ends_loop;      /* there are no more tasks than these */
};

/* Makes a record, which may have been used, the construct's task of this number. */
static void make_task(struct thread *thread, const struct taskloop *loop, uint64_t number, struct explicit_task *copy) {
  const struct division *division = &loop->division;
  struct explicit_task *original = loop->original;
  omp2wasi_initialise_task(thread, copy, original->task.loc, original->size);
  copy->task.is_final = original->task.is_final;
  copy->flags = original->flags;
  struct kmp_task *from = omp2wasi_clangs_part_of(original), *to = omp2wasi_clangs_part_of(copy);
  /* A whole number of words, and few of them as a rule: the instruction for copying memory costs more. */
  for (uint32_t at = 0; at < original->size; at += sizeof(uint32_t))
    *(uint32_t *)((char *)to + at) = *(const uint32_t *)((const char *)from + at);
  if (from->shareds != NULL)
    to->shareds = (char *)to + ((char *)from->shareds - (char *)from);
  uint64_t begin = number * division->size + (number < division->larger ? number : division->larger);
  uint64_t count = division->size + (number < division->larger);
  bool is_last = number == division->count - 1;
  *(uint64_t *)((char *)to + loop->lower_at) = loop->first + begin * (uint64_t)loop->step;
  *(uint64_t *)((char *)to + loop->upper_at) =
      is_last ? loop->last : loop->first + (begin + count - 1) * (uint64_t)loop->step;
  if (loop->duplicate != NULL)
    loop->duplicate(to, from, is_last);
}

/* The private variables of the original have been initialised as those of its copies. */
static void end_loop(int32_t gtid, struct explicit_task *original) {
  struct kmp_task *clangs_part = omp2wasi_clangs_part_of(original);
  if (original->flags & TASK_DESTRUCTORS)
    clangs_part->destructors(gtid, clangs_part);
  omp2wasi_free_block(original);
}

/* A range has been executed, or cancellation has discarded it. */
static int32_t end_range(int32_t gtid, struct kmp_task *clangs_part) {
  struct range *whole = ((struct range *)clangs_part)->whole;
  if (__atomic_sub_fetch(&whole->missing, 1, __ATOMIC_ACQ_REL) != 0)
    return 0;
  if (whole->ends_loop)
    end_loop(gtid, whole->loop.original);
  omp2wasi_fulfill_event(omp2wasi_record_of(&whole->clangs_part));
  return 0;
}

/* A range that is a task of the current task, not counted yet. */
static struct explicit_task *allocate_range(struct thread *thread, const struct taskloop *loop, struct range *from,
                                            int32_t (*entry)(int32_t gtid, struct kmp_task *task)) {
  struct explicit_task *original = loop->original;
  struct explicit_task *task = omp2wasi_allocate_task(thread, original->task.loc, sizeof(struct range));
  struct range *range = (struct range *)omp2wasi_clangs_part_of(task);
  *range = (struct range){.clangs_part.entry = entry, .from = from, .loop = *loop};
  range->whole = from == NULL ? range : from->whole;
  range->clangs_part.destructors = end_range;
  task->flags |= TASK_DESTRUCTORS;
  if (original->flags & TASK_PRIORITY) {
    task->flags |= TASK_PRIORITY;
    range->clangs_part.priority = omp2wasi_clangs_part_of(original)->priority;
  }
  return task;
}

static int32_t execute_half(int32_t gtid, struct kmp_task *clangs_part);

/* Lets other threads have tasks of a range. */
static void offer(struct thread *thread, struct range *from) {
  struct explicit_task *task = allocate_range(thread, &from->loop, from, execute_half);
  /* Relaxed: the range that the calling thread executes is missing, too. */
  __atomic_fetch_add(&from->whole->missing, 1, __ATOMIC_RELAXED);
  omp2wasi_generate_task(thread, task);
  omp2wasi_defer_task(thread, task);
}

/* Executes tasks of a range until there are none; with `is_shared`, it is offered to other threads, too. */
static void execute_tasks(struct thread *thread, struct range *range, bool is_shared) {
  struct explicit_task *task = NULL;
  for (;;) {
    uint64_t tasks = __atomic_fetch_add(&range->tasks, 1, __ATOMIC_RELAXED);
    uint32_t number = (uint32_t)tasks, end = (uint32_t)(tasks >> 32);
    if (number >= end)
      break;
    if (is_shared && end - number > 1) {
      offer(thread, range);
      is_shared = false;
    }
    if (task == NULL)
      task = omp2wasi_allocate_record(range->loop.original->size);
    make_task(thread, &range->loop, range->loop.base + number, task);
    if (!omp2wasi_execute_included(thread, task))
      task = NULL;
  }
  if (task != NULL)
    omp2wasi_free_block(task);
}

static int32_t execute_half(int32_t gtid, struct kmp_task *clangs_part) {
  (void)gtid;
  struct thread *thread = self;
  struct range *range = (struct range *)clangs_part;
  uint32_t first, end;
  if (omp2wasi_take_half(&range->from->tasks, &first, &end)) {
    __atomic_store_n(&range->tasks, omp2wasi_range_of(first, end), __ATOMIC_RELAXED);
    uint64_t left = __atomic_load_n(&range->from->tasks, __ATOMIC_RELAXED);
    if ((uint32_t)left < (uint32_t)(left >> 32))
      offer(thread, range->from);
    execute_tasks(thread, range, true);
  }
  return 0;
}

static int32_t execute_whole(int32_t gtid, struct kmp_task *clangs_part) {
  (void)gtid;
  execute_tasks(self, (struct range *)clangs_part, true);
  return 0;
}

/* Defers the first range of so many tasks. The construct ends with it if it `is_last`. */
static void defer(struct thread *thread, const struct taskloop *loop, uint32_t count, bool is_last) {
  struct explicit_task *task = allocate_range(thread, loop, NULL, execute_whole);
  struct range *range = (struct range *)omp2wasi_clangs_part_of(task);
  range->tasks = omp2wasi_range_of(0, count);
  range->missing = 1;
  range->ends_loop = is_last;
  omp2wasi_give_event(task);
  omp2wasi_generate_task(thread, task);
  omp2wasi_start_task(thread, task);
}

static void execute_or_defer(struct thread *thread, struct taskloop *loop, bool is_deferred) {
  for (uint64_t count; loop->base != loop->division.count; loop->base += count) {
    count = loop->division.count - loop->base;
    bool is_last = count <= MOST_IN_RANGES;
    if (!is_last)
      count = MOST_IN_RANGES;
    if (is_deferred)
      defer(thread, loop, (uint32_t)count, is_last);
    else
      execute_tasks(thread, &(struct range){.loop = *loop, .tasks = omp2wasi_range_of(0, (uint32_t)count)}, false);
    if (is_deferred && !is_last)
      omp2wasi_wait_for_complete(thread, omp2wasi_children_of(thread->task));
  }
}

static void taskloop(struct ident *loc, struct kmp_task *clangs_part, bool is_deferred, uint64_t *lower,
                     uint64_t *upper, int64_t step, bool has_group, int32_t kind, uint64_t size, bool is_strict,
                     duplicate_function *duplicate) {
  struct thread *thread = omp2wasi_meet(loc);
  struct taskloop loop = {
      .original = omp2wasi_record_of(clangs_part),
      .duplicate = duplicate,
      .first = *lower,
      .last = *upper,
      .step = step,
      .lower_at = (uint32_t)((char *)lower - (char *)clangs_part),
      .upper_at = (uint32_t)((char *)upper - (char *)clangs_part),
  };
  uint64_t magnitude = step < 0 ? 0 - (uint64_t)step : (uint64_t)step;
  uint64_t trip_count = (step < 0 ? loop.first - loop.last : loop.last - loop.first) / magnitude + 1;
  /* The bounds are unsigned, and the last is one before the first if there are no iterations. */
  if (loop.last + (uint64_t)step == loop.first && trip_count != 1)
    trip_count = 0;
  if (has_group)
    omp2wasi_begin_taskgroup(thread);
  if (trip_count != 0)
    loop.division = divide(trip_count, kind, size, is_strict, thread->team->num_threads);
  is_deferred &= trip_count != 0 && !thread->task->is_final && thread->team->num_threads > 1;
  execute_or_defer(thread, &loop, is_deferred);
  if (!is_deferred)
    end_loop(thread->gtid, loop.original);
  if (has_group)
    omp2wasi_end_taskgroup(thread);
}

void __kmpc_taskloop(struct ident *loc, int32_t gtid, struct kmp_task *task, int32_t is_deferred, uint64_t *lower,
                     uint64_t *upper, int64_t step, int32_t nogroup, int32_t kind, uint64_t size,
                     duplicate_function *duplicate) {
  (void)gtid;
  taskloop(loc, task, is_deferred != 0, lower, upper, step, nogroup == 0, kind, size, false, duplicate);
}

void __kmpc_taskloop_5(struct ident *loc, int32_t gtid, struct kmp_task *task, int32_t is_deferred, uint64_t *lower,
                       uint64_t *upper, int64_t step, int32_t nogroup, int32_t kind, uint64_t size, int32_t is_strict,
                       duplicate_function *duplicate) {
  (void)gtid;
  taskloop(loc, task, is_deferred != 0, lower, upper, step, nogroup == 0, kind, size, is_strict != 0, duplicate);
}
