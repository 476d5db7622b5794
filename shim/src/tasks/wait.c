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
 * Being called. For a task one thread is woken of those that may execute any, and until it looks for tasks no other is:
 * where threads outnumber processors it may take it as long to run as thousands of small tasks take, each of which
 * would wake one more in vain. `is_called` says so. Who was called takes the call back, looks, and if it finds a task
 * and there are more it calls the next one. A thread that falls asleep takes a call back, too, between its reading of
 * the event and its look, since the call may have been for one that has found something by itself: so a call that comes
 * after that changes the event. All sequentially consistent: who makes a task ready for which nobody is woken has seen
 * a call, and who takes that back sees the task.
 *
 * Crowded teams. Where threads outnumber processors, and as many are awake as there are processors, a thread that is
 * woken for a small task takes the processor from one that would have executed it by then. So a thread that falls
 * asleep in such a moment is not to be called, nor is one that has learned that its thefts are not worth it, nor one
 * that may execute few tasks: these wake up now and then by themselves, and look.
 *
 * Invariant: whatever can make a condition of omp2wasi_work_until true, or a task ready, is followed by a look at the
 * idlers that wait for it, but for those in crowded teams who look by themselves. */
#include "../barrier.h"
#include "deque.h"
#include <omp.h>

void omp2wasi_notify(struct idlers *idlers, int32_t count) {
  if (__atomic_load_n(&idlers->count, __ATOMIC_SEQ_CST) == 0)
    return;
  __atomic_fetch_add(&idlers->event.value, 1, __ATOMIC_SEQ_CST);
  omp2wasi_wake(&idlers->event, count);
}

/* Wakes one thread for a task, if none has been called. */
static void call_one(struct idlers *idlers) {
  if (__atomic_load_n(&idlers->callable, __ATOMIC_SEQ_CST) != 0 &&
      __atomic_load_n(&idlers->is_called, __ATOMIC_SEQ_CST) == 0 &&
      __atomic_exchange_n(&idlers->is_called, 1, __ATOMIC_SEQ_CST) == 0)
    omp2wasi_notify(idlers, 1);
}

/* True if there was a call. */
static bool take_back_call(struct idlers *idlers) {
  return __atomic_load_n(&idlers->is_called, __ATOMIC_SEQ_CST) != 0 &&
         __atomic_exchange_n(&idlers->is_called, 0, __ATOMIC_SEQ_CST) != 0;
}

static bool is_crowded(const struct team *team) {
  return team->num_threads > (uint32_t)omp2wasi_environment.num_procs;
}

/* There is a task to take. Of those that wait for completion each may execute what descends from its own task: so if
 * the implicit task of the calling thread has generated it, nobody but who may execute any task. Otherwise all look. */
static void notify_of_task(struct team *team, bool is_of_own_implicit_task) {
  call_one(&team->for_tasks);
  if (is_crowded(team))
    return;
  if (!is_of_own_implicit_task || __atomic_load_n(&team->for_completion.unrestricted, __ATOMIC_SEQ_CST) != 0)
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
  /* Before it is another thread's. */
  bool is_of_own_implicit_task = task->task.parent == &thread->implicit->task;
  if (__builtin_expect(deque == NULL, 0))
    deque = make_deque(thread->implicit);
  if (!omp2wasi_deque_push(deque, task))
    return false;
  struct team *team = thread->team;
  omp2wasi_announce_tasks(thread, team);
  notify_of_task(team, is_of_own_implicit_task);
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
  notify_of_task(team, false);
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

/* A thread that may execute anything, and has nothing, takes half of what a victim has: fewer thefts, each of which
 * takes cache lines from the victim. Between the theft and the push a task is in no deque. A thread that looks for the
 * last time just then does not find it, so this is as if the task had just become ready. */
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
  if (has_pushed)
    notify_of_task(thread->team, false);
}

/* A task of another thread, or NULL. In this and the next functions `is_late` becomes true if another thread was faster
 * somewhere, or holds what a task needs: then there may be more tasks than have been found. */
static struct explicit_task *steal(struct thread *thread, const struct task *ancestor, bool *is_late) {
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
    struct explicit_task *task = omp2wasi_deque_steal(deque, ancestor, is_late);
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
static struct explicit_task *if_possible(struct explicit_task *task, bool *is_late) {
  if (task == NULL || !omp2wasi_is_exclusive(task) || omp2wasi_begin_exclusion(task))
    return task;
  omp2wasi_share_task(task);
  *is_late = true;
  return NULL;
}

/* A task that the calling thread may execute now, or NULL: of those that need no theft; and of all. */
static struct explicit_task *take_near(struct thread *thread, const struct task *ancestor, bool *is_late) {
  struct team *team = thread->team;
  struct explicit_task *task;
  if (__atomic_load_n(&team->shared_tasks.count, __ATOMIC_SEQ_CST) != 0 && (task = take_shared(team, ancestor)) != NULL)
    return task;
  if (omp2wasi_take_target_task != NULL && team->num_threads == 1 &&
      (task = omp2wasi_take_target_task(team, ancestor)) != NULL)
    return task;
  return if_possible(take_own(thread, ancestor), is_late);
}

static struct explicit_task *take(struct thread *thread, const struct task *ancestor, bool *is_late) {
  struct explicit_task *task = take_near(thread, ancestor, is_late);
  return task != NULL ? task : if_possible(steal(thread, ancestor, is_late), is_late);
}

bool omp2wasi_execute_one(struct thread *thread, const struct task *ancestor) {
  bool is_late = false;
  struct explicit_task *task = take(thread, ancestor, &is_late);
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
  bool is_late = false;
  for (struct explicit_task *task; (task = take_near(thread, ancestor, &is_late)) != NULL; ++*executed)
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

/* Executes a task that it has found, most likely by a theft, and those that it has without another one then. True if
 * the condition has come to hold. */
static bool work_on(struct thread *thread, const struct condition *condition, const struct task *ancestor,
                    struct explicit_task *task) {
  double begin = omp_get_wtime();
  uint32_t executed = 1;
  bool holds = execute_in(thread, condition, ancestor, task) || work_near(thread, condition, ancestor, &executed);
  learn(thread->implicit, omp_get_wtime() - begin, executed, thread->team->num_threads);
  return holds;
}

/* Whether a thread is to sleep before it steals: in a crowded team, if it has learned that thefts are not worth it. */
static bool is_to_sleep(const struct thread *thread) {
  return is_crowded(thread->team) && thread->implicit->reluctance != 0;
}

/* Executes tasks as long as it finds some now and then. True if the condition has come to hold. Before a theft it waits
 * a little, and more and more: so a thread that generates small tasks fast, or executes them, keeps its cache lines. */
static bool work_a_while(struct thread *thread, const struct condition *condition, const struct task *ancestor) {
  enum { ROUNDS = 32, FIRST_ROUND = 4 };
  uint32_t spin = thread->team->spin, executed = 0;
  struct implicit_task *implicit = thread->implicit;
  bool is_late = false;
  for (uint32_t round = spin == 0 ? ROUNDS : FIRST_ROUND; round <= ROUNDS; round++) {
    if (work_near(thread, condition, ancestor, &executed))
      return true;
    if (is_to_sleep(thread))
      return false;
    for (uint32_t look = 0; look < spin * (round + 4 * implicit->reluctance); look++)
      if (condition->holds(condition))
        return true;
    struct explicit_task *task = if_possible(steal(thread, ancestor, &is_late), &is_late);
    if (task == NULL)
      continue;
    if (work_on(thread, condition, ancestor, task))
      return true;
    round = spin == 0 ? ROUNDS - 1 : FIRST_ROUND - 1;
  }
  return false;
}

/* How many tasks a thread could take if it may execute any. */
static uint32_t count_ready(const struct team *team) {
  uint32_t count = __atomic_load_n(&team->shared_tasks.count, __ATOMIC_SEQ_CST);
  for (uint32_t i = 0; i < team->num_threads; i++) {
    const struct deque *deque = __atomic_load_n(&team->implicit_tasks[i]->deque, __ATOMIC_ACQUIRE);
    count += deque == NULL ? 0 : omp2wasi_deque_size(deque);
  }
  return count;
}

/* The calling thread was called, and has found what it waits for: see "Being called". */
static void pass_on_call(const struct team *team, struct idlers *idlers) {
  if (__atomic_load_n(&idlers->callable, __ATOMIC_SEQ_CST) != 0 && count_ready(team) != 0)
    call_one(idlers);
}

/* Whether a thread that is about to fall asleep may be called: see "Crowded teams". Relaxed: a guess. */
static bool is_callable(const struct thread *thread, const struct idlers *idlers) {
  const struct team *team = thread->team;
  if (!is_crowded(team))
    return true;
  uint32_t asleep = __atomic_load_n(&team->for_tasks.count, __ATOMIC_RELAXED) +
                    __atomic_load_n(&team->for_completion.count, __ATOMIC_RELAXED);
  return idlers == &team->for_tasks && !is_to_sleep(thread) &&
         team->num_threads - asleep <= (uint32_t)omp2wasi_environment.num_procs;
}

/* Waits for the event as the host has threads wait; who is not callable for so long only, and longer and longer. It may
 * take other threads their time until a processor that is given away comes back: hence no number of times, but a time. */
static void sleep_on(struct wait_word *event, uint32_t seen, bool is_callable, uint32_t times) {
  enum { MILLISECOND = 1000000 /* ns */, LONGEST = 3 };
  const double yielding = 300e-6;
  uint32_t word = (uint32_t)(uintptr_t)event;
  if (is_callable) {
    omp2wasi_host_wait(word, seen);
    return;
  }
  if (times == 0 && omp2wasi_environment.wait_policy != WAIT_PASSIVE)
    for (double begin = omp_get_wtime(); omp_get_wtime() - begin < yielding;) {
      if (omp2wasi_load(&event->value) != seen)
        return;
      omp2wasi_host_yield();
    }
  omp2wasi_host_wait_for(word, seen, MILLISECOND << (times < LONGEST ? times : LONGEST));
}

void omp2wasi_work_until(struct thread *thread, struct condition condition, const struct task *ancestor,
                         struct idlers *idlers) {
  uint32_t is_unrestricted = ancestor == NULL;
  for (uint32_t times = 0; !work_a_while(thread, &condition, ancestor); times++) {
    uint32_t callable = is_callable(thread, idlers);
    __atomic_fetch_add(&idlers->callable, callable, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&idlers->unrestricted, is_unrestricted, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&idlers->count, 1, __ATOMIC_SEQ_CST);
    uint32_t seen = __atomic_load_n(&idlers->event.value, __ATOMIC_SEQ_CST);
    bool was_called = callable && take_back_call(idlers), is_late = false;
    bool holds = condition.holds(&condition);
    struct explicit_task *task = holds                 ? NULL
                                 : is_to_sleep(thread) ? take_near(thread, ancestor, &is_late)
                                                       : take(thread, ancestor, &is_late);
    bool has_found = holds || task != NULL;
    if (!has_found && !is_late)
      sleep_on(&idlers->event, seen, callable, times);
    __atomic_fetch_sub(&idlers->count, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_sub(&idlers->unrestricted, is_unrestricted, __ATOMIC_SEQ_CST);
    __atomic_fetch_sub(&idlers->callable, callable, __ATOMIC_SEQ_CST);
    was_called |= take_back_call(idlers);
    if (!has_found && !(holds = condition.holds(&condition)))
      task = take(thread, ancestor, &is_late);
    if (was_called && (holds || task != NULL))
      pass_on_call(thread->team, idlers);
    if (holds || (task != NULL && work_on(thread, &condition, ancestor, task)))
      return;
    if (task != NULL)
      times = 0;
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
