/* Barriers in which threads execute tasks, and the end of a region (OpenMP 5.2, sections 15.3.1 and 15.3.2): barrier.h
 * says when barrier.c calls these.
 *
 * A thread arrives at a barrier when the children of its implicit task have settled, and executes tasks until then. So
 * when all have arrived there is no task left: each descends from one of the implicit tasks. Threads that have arrived
 * go on executing tasks until the barrier is over. */
#include "../barrier.h"
#include "explicit.h"

static bool barrier_is_over(const struct condition *condition) {
  const struct wait_word *word = condition->of;
  return omp2wasi_barrier_is_over(__atomic_load_n(&word->value, __ATOMIC_SEQ_CST), condition->number);
}

void omp2wasi_work_until_over(struct thread *thread, const struct wait_word *word, uint32_t number) {
  struct condition over = {.holds = barrier_is_over, .of = word, .number = number};
  omp2wasi_work_until(thread, over, NULL, &thread->team->for_tasks);
}

/* The implicit task is in taskgroup regions if the construct around the barrier has a task reduction. */
void omp2wasi_settle(struct thread *thread) {
  struct task *task = &thread->implicit->task;
  for (struct taskgroup *group = task->taskgroup; group != NULL; group = group->outer)
    omp2wasi_wait_for_settled(thread, &group->children, NULL);
  omp2wasi_wait_for_settled(thread, &task->children, NULL);
}

void omp2wasi_barrier_with_tasks(struct thread *thread, struct team *team, uint32_t number) {
  omp2wasi_settle(thread);
  if (omp2wasi_arrive(team, number))
    omp2wasi_notify(&team->for_tasks, -1);
  else
    omp2wasi_work_until_over(thread, &team->generation, number);
}

/* The first thread to say so wakes those that wait in the barrier without looking for tasks. It changes the words that
 * they wait for; a flag in them says nothing itself, and may be there since the barrier before: so it is inverted. A
 * store of the thread that they wait for may come before or after: the one overwrites the flag, the other gets it. */
static __attribute__((noinline)) void wake_waiting(struct team *team) {
  if (team->spin == 0 || team->num_threads > 1u << BARRIER_ROUNDS) {
    omp2wasi_wake(&team->generation, -1);
    return;
  }
  for (uint32_t i = 0; i < team->num_threads; i++)
    for (uint32_t round = 0; 1u << round < team->num_threads; round++) {
      struct wait_word *flag = &team->implicit_tasks[i]->barrier_rounds[round].flag;
      __atomic_fetch_xor(&flag->value, BARRIER_TASK_PENDING, __ATOMIC_SEQ_CST);
      omp2wasi_wake(flag, 1);
    }
}

void omp2wasi_announce_tasks(struct thread *thread, struct team *team) {
  /* Relaxed: the primary thread reads it when the region is over. */
  if (__atomic_load_n(&team->deferring_region, __ATOMIC_RELAXED) != team->region)
    __atomic_store_n(&team->deferring_region, team->region, __ATOMIC_RELAXED);
  if (team->defers_tasks)
    return;
  uint32_t number = thread->implicit->barriers, announced = number | BARRIER_TASK_PENDING;
  uint32_t seen = __atomic_load_n(&team->generation.value, __ATOMIC_SEQ_CST);
  /* A thread in a barrier that others have left already may execute a task of theirs: they have announced it for the
   * next one. */
  while (seen != announced && (int32_t)((seen & ~(uint32_t)BARRIER_FLAGS) - number) <= 0)
    if (__atomic_compare_exchange_n(&team->generation.value, &seen, announced, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
      wake_waiting(team);
      return;
    }
}

/* What the kernel of a region that may defer tasks, or be cancelled, calls on each thread when the microtask has
 * returned: the implicit barrier at the end of the region. The rewriter finds it by its export.
 *
 * Where the region has been cancelled before barrier m, all threads pass that one: those that have not come to it yet,
 * here. Nobody passes another one after it: who has been there has but its own tasks to wait for. */
__attribute__((export_name(OMP2WASI_END_REGION))) void omp2wasi_end_region(void) {
  struct thread *thread = self;
  struct task *task = &thread->implicit->task;
  if (__builtin_expect(thread->team->cancelled != 0, 0) && omp2wasi_is_left(thread))
    omp2wasi_settle(thread);
  else
    omp2wasi_last_barrier(thread);
  if (task->dependences != NULL) {
    omp2wasi_free_dependences(task->dependences);
    task->dependences = NULL;
  }
}
