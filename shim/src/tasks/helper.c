/* Target tasks: the explicit tasks that clang makes of target constructs with nowait (OpenMP 5.2, sections 13.8 and
 * 15.6), as far as they are executed by helper threads: threads that are in nobody's team, whom LLVM's runtime calls
 * hidden.
 *
 * In a team of one nobody else could execute them, so that the thread which generates one would wait for the device. In
 * a larger team a launch would wait until a thread comes to a task scheduling point, which is then lost to the team
 * until the device is done. So they are put into a list, from which helpers take them. A launch occupies a helper until
 * the device is done; so there may be three for each device, for a kernel and a copy each way, or one for the host. Each
 * is started when a task finds none that is free. Also the thread of a team of one takes its own tasks from the list while it waits, as it
 * would take those that its team shares: so nothing waits for a helper that waits itself, and no time is lost until one
 * wakes up. In larger teams only tasks go there that a helper takes at once; others are tasks like any.
 *
 * With a helper the task's code is executed as it is on a device: by an initial thread, number 0 of a team of one,
 * outside of all parallel regions, in a contention group of its own.
 *
 * Invariant: tasks in the list are ready. A helper that has found none sleeps until `event` changes, which it does
 * after a task has been added. */
#include "../posix/thread.h"
#include "explicit.h"
#include <omp.h>
#include <stdlib.h>

/* Tasks for helpers. `last` points to where the next one is put. */
static struct mutex list_lock;
static struct explicit_task *first, **last = &first;
static uint32_t count;            /* atomic: changes with the lock held */

static struct mutex starting;
static uint32_t started;          /* atomic, relaxed: helpers. It, and `may_start`, change with the lock held */
static uint32_t may_start = 1;    /* atomic, relaxed: how many there may be; what is known of that */
static uint32_t busy;             /* atomic, relaxed: helpers with a task. Goes up with the list's lock held */
static struct wait_word event;    /* counts the tasks that have been added */
static struct wait_word ended;    /* of all helpers, which do not end */

struct kmp_task *__kmpc_omp_task_alloc(struct ident *loc, int32_t gtid, int32_t flags, uint32_t size, uint32_t shareds,
                                       int32_t (*entry)(int32_t, struct kmp_task *));

/* In libc/state.c: not NULL if the program exits by `exit`. */
extern void *omp2wasi_exiting;

struct kmp_task *__kmpc_omp_target_task_alloc(struct ident *loc, int32_t gtid, int32_t flags, uint32_t size,
                                              uint32_t shareds, int32_t (*entry)(int32_t, struct kmp_task *),
                                              int64_t device) {
  (void)device;
  struct kmp_task *task = __kmpc_omp_task_alloc(loc, gtid, flags, size, shareds, entry);
  omp2wasi_record_of(task)->flags |= TASK_HIDDEN_HELPER;
  return task;
}

/* False, and nothing has happened, if it is to be taken at once and there is not a helper for each task. */
static bool add(struct explicit_task *task, bool at_once) {
  task->next = NULL;
  omp2wasi_lock(&list_lock);
  /* Relaxed: a helper that is free may not be seen yet, one that is not free is. */
  uint32_t taken = __atomic_load_n(&busy, __ATOMIC_RELAXED) + count;
  bool is_added = !at_once || taken < __atomic_load_n(&started, __ATOMIC_RELAXED);
  if (is_added) {
    *last = task;
    last = &task->next;
    /* Sequentially consistent: see "Falling asleep" in wait.c. */
    __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
  }
  omp2wasi_unlock(&list_lock);
  return is_added;
}

/* The first task that is of a team, and descends from a task, if that is not NULL. A helper, which is busy then, gives
 * no team: it takes any. */
static struct explicit_task *take(const struct team *team, const struct task *ancestor) {
  struct explicit_task **at = &first, *task;
  omp2wasi_lock(&list_lock);
  while ((task = *at) != NULL && ((team != NULL && task->team != team) ||
                                  (ancestor != NULL && !omp2wasi_descends_from(&task->task, ancestor))))
    at = &task->next;
  if (task != NULL) {
    *at = task->next;
    if (task->next == NULL)
      last = at;
    /* Relaxed: nobody waits for there to be fewer. */
    __atomic_fetch_sub(&count, 1, __ATOMIC_RELAXED);
    if (team == NULL)
      __atomic_fetch_add(&busy, 1, __ATOMIC_RELAXED);
  }
  omp2wasi_unlock(&list_lock);
  return task;
}

struct explicit_task *omp2wasi_take_target_task(const struct team *team, const struct task *ancestor) {
  return __atomic_load_n(&count, __ATOMIC_SEQ_CST) == 0 ? NULL : take(team, ancestor);
}

/* What a task has of its team means nothing in a helper's. */
static void execute(struct thread *thread, struct explicit_task *task) {
  task->task.region = thread->team->region;
  task->task.icvs.group_depth = 0;
  omp2wasi_execute_task(thread, task);
  __atomic_fetch_sub(&busy, 1, __ATOMIC_RELAXED);
}

/* The microtask of a helper. */
static void run_helper(int32_t *gtid, int32_t *btid) {
  (void)gtid, (void)btid;
  for (;;) {
    /* Before the look at the list (acquire): a task that comes after that look changes it. */
    uint32_t seen = omp2wasi_load(&event.value);
    struct explicit_task *task = take(NULL, NULL);
    if (task != NULL)
      execute(self, task);
    else
      omp2wasi_host_wait_for((uint32_t)(uintptr_t)&event, seen, OMP2WASI_FOREVER);
  }
}

/* At the end of `main`: what the program has left to the devices is done before it ends. `exit` waits for nothing. */
static void complete_tasks(void) {
  if (omp2wasi_exiting == NULL)
    omp2wasi_barrier(self);
}

static bool start_helper(void) {
  struct thread *thread = omp2wasi_make_initial_thread(omp2wasi_environment.stack_size);
  if (thread == NULL)
    return false;
  if (omp2wasi_start_thread(NULL, 0, (uint32_t)(uintptr_t)run_helper, thread->team, &ended))
    return true;
  omp2wasi_free_initial_thread(thread);
  return false;
}

/* Starts the first helper, or one more. If that cannot be, there will be no more. */
static __attribute__((noinline)) void start_another(void) {
  enum { FOR_EACH_DEVICE = 3 };
  omp2wasi_lock(&starting);
  uint32_t devices = (uint32_t)omp_get_num_devices(), so_many = started;
  if (so_many == 0 && devices > 0)
    __atomic_store_n(&may_start, devices * FOR_EACH_DEVICE, __ATOMIC_RELAXED);
  if (so_many < may_start) {
    if (start_helper()) {
      if (so_many == 0)
        atexit(complete_tasks);
      __atomic_store_n(&started, so_many + 1, __ATOMIC_RELAXED);
    } else {
      __atomic_store_n(&may_start, so_many, __ATOMIC_RELAXED);
    }
  }
  omp2wasi_unlock(&starting);
}

/* Whether a helper executes what is put into the list, sooner or later. */
static bool has_helper(void) {
  uint32_t there = __atomic_load_n(&started, __ATOMIC_RELAXED);
  uint32_t wanted = __atomic_load_n(&busy, __ATOMIC_RELAXED) + __atomic_load_n(&count, __ATOMIC_RELAXED) + 1;
  if (there < wanted && there < __atomic_load_n(&may_start, __ATOMIC_RELAXED)) {
    start_another();
    there = __atomic_load_n(&started, __ATOMIC_RELAXED);
  }
  return there != 0;
}

/* Whether a task is for helpers. Of a larger team only what may go to a device: else it has the threads for it. Not
 * those that exclude others, as their turn comes when a thread of the team looks for it. */
static bool is_for_helper(const struct explicit_task *task) {
  enum { MANY = 256 };
  bool is_alone = task->team->num_threads == 1;
  if (task->task.parent->is_final || task->has_event || omp2wasi_is_exclusive(task))
    return false;
  /* No more than a few, so that they do not fill the memory. */
  return (is_alone ? __atomic_load_n(&count, __ATOMIC_RELAXED) < MANY : omp_get_num_devices() > 0) && has_helper();
}

bool omp2wasi_give_to_helper(struct explicit_task *task) {
  struct team *team = task->team;
  if (!is_for_helper(task))
    return false;
  /* A thread that has deferred it says so; another team's thread makes only those ready that have been announced. */
  bool is_alone = team->num_threads == 1;
  if (!is_alone && self->team == team)
    omp2wasi_announce_tasks(self, team);
  if (!add(task, !is_alone))
    return false;
  /* Sequentially consistent: release, and the look at the sleepers follows (wait.h). */
  __atomic_fetch_add(&event.value, 1, __ATOMIC_SEQ_CST);
  omp2wasi_wake(&event, 1);
  omp2wasi_notify(&team->for_completion, -1);
  return true;
}
