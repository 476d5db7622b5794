/* How threads find tasks to execute, and how they wait for tasks: at taskwait, at the end of a taskgroup region, in
 * barriers.
 *
 * A thread looks for a task among those that the team shares, in its own deque, then in the others'. In the middle of
 * an explicit task, and in an implicit task that waits for its children, it may execute descendants of that task only
 * (OpenMP 5.2, section 12.9): so a task never waits for one that has begun below it on the same stack and waits for the
 * first. It also keeps the stack as low as the program's tasks are nested.
 *
 * Falling asleep. A thread that finds nothing for a while counts itself in `idlers`, then looks once more, and then
 * waits for the event to change. Who makes a task ready, completes one, or ends a barrier does that first, then looks
 * at the count, and changes the event if it is not 0. All of these are sequentially consistent: so either the look
 * finds what was done, or the count is seen and the event changes.
 *
 * Invariant: whatever can make a condition of omp2wasi_work_until true, or a task ready, is followed by a look at the
 * idlers that wait for it. */
#include "../barrier.h"
#include "deque.h"
#include <omp.h>

void omp2wasi_notify(struct idlers *idlers, int32_t count) {
  if (__atomic_load_n(&idlers->count, __ATOMIC_SEQ_CST) == 0)
    return;
  __atomic_fetch_add(&idlers->event.value, 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&idlers->event.sleepers, __ATOMIC_SEQ_CST) != 0)
    omp2wasi_host_wake((uint32_t)(uintptr_t)&idlers->event, (uint32_t)count);
}

/* One thread more has a task to take. Those that wait for completion may not be allowed to take it, so all look. */
static void notify_of_task(struct team *team) {
  omp2wasi_notify(&team->for_tasks, 1);
  omp2wasi_notify(&team->for_completion, -1);
}

static __attribute__((noinline)) struct deque *make_deque(struct implicit_task *implicit) {
  struct deque *deque = omp2wasi_allocate_lines(sizeof *deque);
  /* Release: thieves that see it see that it is empty. */
  __atomic_store_n(&implicit->deque, deque, __ATOMIC_RELEASE);
  return deque;
}

bool omp2wasi_push_task(struct thread *thread, struct explicit_task *task) {
  struct deque *deque = thread->implicit->deque;
  if (__builtin_expect(deque == NULL, 0))
    deque = make_deque(thread->implicit);
  if (!omp2wasi_deque_push(deque, task))
    return false;
  struct team *team = thread->team;
  omp2wasi_announce_tasks(thread, team);
  notify_of_task(team);
  return true;
}

/* Behind those of the same priority. */
void omp2wasi_share_task(struct explicit_task *task) {
  struct team *team = task->team;
  struct shared_tasks *shared = &team->shared_tasks;
  if (!(task->flags & TASK_PRIORITY))
    task->priority = 0;
  omp2wasi_lock(&shared->lock);
  struct explicit_task **at = &shared->first;
  if (shared->last != NULL && shared->last->priority >= task->priority)
    at = &shared->last->next;
  else
    while (*at != NULL && (*at)->priority >= task->priority)
      at = &(*at)->next;
  task->next = *at;
  *at = task;
  if (task->next == NULL)
    shared->last = task;
  /* Sequentially consistent: see "Falling asleep". */
  __atomic_fetch_add(&shared->count, 1, __ATOMIC_SEQ_CST);
  omp2wasi_unlock(&shared->lock);
  notify_of_task(team);
}

/* Takes the first shared task that may be executed now. */
static __attribute__((noinline)) struct explicit_task *take_shared(struct team *team, const struct task *ancestor) {
  struct shared_tasks *shared = &team->shared_tasks;
  struct explicit_task *before = NULL, *task;
  omp2wasi_lock(&shared->lock);
  for (task = shared->first; task != NULL; before = task, task = task->next)
    if ((ancestor == NULL || omp2wasi_descends_from(&task->task, ancestor)) &&
        (!omp2wasi_is_exclusive(task) || omp2wasi_begin_exclusion(task)))
      break;
  if (task != NULL) {
    *(before == NULL ? &shared->first : &before->next) = task->next;
    if (task->next == NULL)
      shared->last = before;
    __atomic_fetch_sub(&shared->count, 1, __ATOMIC_RELAXED);
  }
  omp2wasi_unlock(&shared->lock);
  return task;
}

/* The thread's own tasks above the mark of the explicit task that it is in the middle of descend from that. Those of an
 * implicit task need a look: in a barrier the thread may have taken some from others. */
static struct explicit_task *take_own(struct thread *thread, const struct task *ancestor) {
  struct deque *deque = thread->implicit->deque;
  if (deque == NULL)
    return NULL;
  const struct task *current = thread->task;
  if (current->is_explicit) {
    bool has_own = omp2wasi_deque_mark(deque) != ((const struct explicit_task *)current)->mark;
    return has_own ? omp2wasi_deque_pop(deque) : NULL;
  }
  struct explicit_task *task;
  while ((task = omp2wasi_deque_pop(deque)) != NULL && ancestor != NULL &&
         !omp2wasi_descends_from(&task->task, ancestor))
    omp2wasi_share_task(task);
  return task;
}

/* How a search for a task has ended without one. */
struct search {
  bool is_late; /* another thread was faster somewhere, or holds what a task needs: there may be more */
};

/* A thread that may execute anything, and has nothing, takes half of what a victim has: fewer thefts, each of which
 * takes cache lines from the victim. Between the theft and the push a task is in no deque. A thread that looks for the
 * last time just then does not find it, so threads are notified as if the task had just become ready. */
static void steal_more(struct thread *thread, struct deque *from) {
  enum { MOST = 16 };
  struct deque *to = thread->implicit->deque == NULL ? make_deque(thread->implicit) : thread->implicit->deque;
  uint32_t count = omp2wasi_deque_size(from) / 2;
  bool is_late = false, has_pushed = false;
  for (uint32_t i = 0; i < (count < MOST ? count : MOST); i++) {
    struct explicit_task *task = omp2wasi_deque_steal(from, NULL, &is_late);
    if (task == NULL)
      break;
    if (omp2wasi_deque_push(to, task))
      has_pushed = true;
    else
      omp2wasi_share_task(task);
  }
  if (!has_pushed)
    return;
  omp2wasi_notify(&thread->team->for_tasks, -1);
  omp2wasi_notify(&thread->team->for_completion, -1);
}

static struct explicit_task *steal(struct thread *thread, const struct task *ancestor, struct search *search) {
  struct team *team = thread->team;
  uint32_t victim = thread->implicit->victim, num_threads = team->num_threads;
  for (uint32_t i = 0; i < num_threads; i++, victim++) {
    if (victim >= num_threads)
      victim = 0;
    if (victim == thread->thread_num)
      continue;
    /* Acquire: see make_deque. */
    struct deque *deque = __atomic_load_n(&team->implicit_tasks[victim]->deque, __ATOMIC_ACQUIRE);
    if (deque == NULL)
      continue;
    struct explicit_task *task = omp2wasi_deque_steal(deque, ancestor, &search->is_late);
    if (task == NULL)
      continue;
    thread->implicit->victim = victim;
    if (ancestor == NULL)
      steal_more(thread, deque);
    return task;
  }
  return NULL;
}

/* The task if it can be executed now. Otherwise another thread holds what it must not overlap with: it is shared. */
static struct explicit_task *if_possible(struct explicit_task *task, struct search *search) {
  if (task == NULL || !omp2wasi_is_exclusive(task) || omp2wasi_begin_exclusion(task))
    return task;
  omp2wasi_share_task(task);
  search->is_late = true;
  return NULL;
}

/* A task that the calling thread may execute now, or NULL: of those that need no theft; and of all. */
static struct explicit_task *take_near(struct thread *thread, const struct task *ancestor, struct search *search) {
  struct team *team = thread->team;
  struct explicit_task *task;
  if (__atomic_load_n(&team->shared_tasks.count, __ATOMIC_SEQ_CST) != 0 && (task = take_shared(team, ancestor)) != NULL)
    return task;
  if (omp2wasi_take_target_task != NULL && team->num_threads == 1 &&
      (task = omp2wasi_take_target_task(team, ancestor)) != NULL)
    return task;
  return if_possible(take_own(thread, ancestor), search);
}

static struct explicit_task *take(struct thread *thread, const struct task *ancestor, struct search *search) {
  struct explicit_task *task = take_near(thread, ancestor, search);
  return task != NULL ? task : if_possible(steal(thread, ancestor, search), search);
}

bool omp2wasi_execute_one(struct thread *thread, const struct task *ancestor) {
  struct search search = {0};
  struct explicit_task *task = take(thread, ancestor, &search);
  if (task == NULL)
    return false;
  omp2wasi_execute_task(thread, task);
  return true;
}

/* Executes a task that was taken while the calling thread waits for a condition. But when a barrier is over, the task
 * may be of a thread that has left it, and is then behind the barrier: it is shared, and the calling thread leaves the
 * barrier first. True if the condition has come to hold. */
static bool execute_in(struct thread *thread, const struct condition *condition, const struct task *ancestor,
                       struct explicit_task *task) {
  if (ancestor != NULL || !condition->holds(condition)) {
    omp2wasi_execute_task(thread, task);
    return condition->holds(condition);
  }
  if (omp2wasi_is_exclusive(task))
    omp2wasi_end_exclusion(task);
  omp2wasi_share_task(task);
  return true;
}

/* Executes the tasks that it need not steal. True if the condition has come to hold. */
static bool work_near(struct thread *thread, const struct condition *condition, const struct task *ancestor,
                      uint32_t *executed) {
  if (condition->holds(condition))
    return true;
  struct search search = {0};
  for (struct explicit_task *task; (task = take_near(thread, ancestor, &search)) != NULL; ++*executed)
    if (execute_in(thread, condition, ancestor, task))
      return true;
  return false;
}

/* After a theft: if the tasks were so small that to steal them has cost more than to execute them, it takes longer
 * until the next. In larger teams more threads come to steal; but none waits more than about 300 us. */
static void learn(struct implicit_task *implicit, double seconds, uint32_t executed, uint32_t num_threads) {
  enum { FACTOR = 32, FACTOR_LIMIT = 8 };
  const double small = 500e-9;
  if (seconds > small * executed)
    implicit->reluctance = 0;
  else if (implicit->reluctance < FACTOR * (num_threads < FACTOR_LIMIT ? num_threads : FACTOR_LIMIT))
    implicit->reluctance = 2 * implicit->reluctance + 1;
}

/* Executes tasks as long as it finds some now and then. True if the condition has come to hold. Before a theft it waits
 * a little, and more and more: so a thread that generates small tasks fast, or executes them, keeps its cache lines. */
static bool work_a_while(struct thread *thread, const struct condition *condition, const struct task *ancestor) {
  enum { ROUNDS = 32, FIRST_ROUND = 4 };
  uint32_t spin = thread->team->spin, executed = 0;
  struct implicit_task *implicit = thread->implicit;
  struct search search = {0};
  for (uint32_t round = spin == 0 ? ROUNDS : FIRST_ROUND; round <= ROUNDS; round++) {
    if (work_near(thread, condition, ancestor, &executed))
      return true;
    for (uint32_t look = 0; look < spin * (round + 4 * implicit->reluctance); look++)
      if (condition->holds(condition))
        return true;
    struct explicit_task *task = if_possible(steal(thread, ancestor, &search), &search);
    if (task == NULL)
      continue;
    double begin = omp_get_wtime();
    executed = 1;
    bool holds = execute_in(thread, condition, ancestor, task) || work_near(thread, condition, ancestor, &executed);
    learn(implicit, omp_get_wtime() - begin, executed, thread->team->num_threads);
    if (holds)
      return true;
    round = spin == 0 ? ROUNDS - 1 : FIRST_ROUND - 1;
  }
  return false;
}

void omp2wasi_work_until(struct thread *thread, struct condition condition, const struct task *ancestor,
                         struct idlers *idlers) {
  while (!work_a_while(thread, &condition, ancestor)) {
    __atomic_fetch_add(&idlers->count, 1, __ATOMIC_SEQ_CST);
    uint32_t seen = __atomic_load_n(&idlers->event.value, __ATOMIC_SEQ_CST);
    bool holds = condition.holds(&condition);
    struct search search = {0};
    struct explicit_task *task = holds ? NULL : take(thread, ancestor, &search);
    if (!holds && task == NULL && !search.is_late)
      omp2wasi_host_wait((uint32_t)(uintptr_t)&idlers->event, seen);
    __atomic_fetch_sub(&idlers->count, 1, __ATOMIC_SEQ_CST);
    if (holds || (task != NULL && execute_in(thread, &condition, ancestor, task)))
      return;
  }
}

static bool complete_holds(const struct condition *condition) { return omp2wasi_are_complete(condition->of); }
static bool settled_holds(const struct condition *condition) { return omp2wasi_are_settled(condition->of); }

void omp2wasi_wait_for_complete(struct thread *thread, const struct children *children) {
  if (!omp2wasi_are_complete(children))
    omp2wasi_work_until(thread, (struct condition){.holds = complete_holds, .of = children}, thread->task,
                        &thread->team->for_completion);
}

void omp2wasi_wait_for_settled(struct thread *thread, const struct children *children, const struct task *ancestor) {
  if (!omp2wasi_are_settled(children))
    omp2wasi_work_until(thread, (struct condition){.holds = settled_holds, .of = children}, ancestor,
                        &thread->team->for_completion);
}
