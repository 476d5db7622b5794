/* Implements barrier and flush (OpenMP 5.2, sections 15.3.1 and 15.8.5). How barriers count, and how threads
 * find out that there are tasks: barrier.h.
 *
 * A team that has a processor for each thread uses a dissemination barrier: in round k each thread signals the one
 * 2^k places after it and waits for the one 2^k places before it; after log2(n) rounds each has heard, directly or
 * not, of all. Each flag has one writer and one reader, so a round costs one cache line in each direction,
 * at the same time.
 *
 * Where threads outnumber processors, or there are very many, what counts is how often a thread must be scheduled: a
 * counter of arrivals and a generation, so that each thread sleeps at most once. */
#include "thread.h"

/* In tasks/, which are in the program if it has tasks: only then are these called. */
__attribute__((weak)) void omp2wasi_work_until_over(struct thread *thread, const struct wait_word *word,
                                                    uint32_t number);
__attribute__((weak)) void omp2wasi_barrier_with_tasks(struct thread *thread, struct team *team, uint32_t number);
__attribute__((weak)) void omp2wasi_settle(struct thread *thread);
__attribute__((weak)) void omp2wasi_notify(struct idlers *idlers, int32_t count);

static bool has_tasks(const struct team *team, uint32_t number) {
  return omp2wasi_barrier_has_tasks(__atomic_load_n(&team->generation.value, __ATOMIC_SEQ_CST), number);
}

/* Waits until barrier `number` is over as far as `word` says; acquire. A change of the flags alone makes it look for
 * tasks, or wait again. */
static inline void wait_until_over(struct thread *thread, struct wait_word *word, uint32_t number, uint32_t spin) {
  for (uint32_t i = 0; i < spin; i++)
    if (omp2wasi_barrier_is_over(omp2wasi_load(&word->value), number))
      return;
  for (uint32_t seen; !omp2wasi_barrier_is_over(seen = omp2wasi_load(&word->value), number);)
    if (has_tasks(thread->team, number))
      omp2wasi_work_until_over(thread, word, number);
    else
      omp2wasi_host_wait((uint32_t)(uintptr_t)word, seen);
}

/* After a signal: threads that execute tasks while they wait sleep elsewhere. Sequentially consistent: tasks/wait.c. */
static inline void notify_working(struct team *team) {
  if (__builtin_expect(__atomic_load_n(&team->for_tasks.count, __ATOMIC_SEQ_CST) != 0, 0))
    omp2wasi_notify(&team->for_tasks, -1);
}

/* A partner can be one barrier ahead and have written the next value already, never two: so a thread waits while the
 * flag still has the old value. Each signal is a release and each wait an acquire, and whatever a thread did before
 * the barrier reaches every other through the chain of rounds. */
static void disseminate(struct thread *thread, struct team *team, uint32_t number) {
  uint32_t num_threads = team->num_threads, me = thread->thread_num;
  for (uint32_t round = 0, distance = 1; distance < num_threads; round++, distance *= 2) {
    uint32_t partner = me + distance < num_threads ? me + distance : me + distance - num_threads;
    omp2wasi_signal_watched(&team->implicit_tasks[partner]->barrier_rounds[round].flag, number + BARRIER_STEP, 1);
    notify_working(team);
    wait_until_over(thread, &thread->implicit->barrier_rounds[round].flag, number, team->spin);
  }
}

/* The last to arrive starts the next generation, the others wait for it. Each arrival is an acquire-release
 * increment, so the last one has seen what all the others did; it publishes that with the store to the generation,
 * which the others read with acquire. The counter is reset before that, so no thread can arrive at the next
 * barrier while it is being reset. */
bool omp2wasi_arrive(struct team *team, uint32_t number) {
  if (__atomic_fetch_add(&team->arrived, 1, __ATOMIC_ACQ_REL) != team->num_threads - 1)
    return false;
  /* Relaxed: the generation's store publishes it. */
  __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
  omp2wasi_signal_watched(&team->generation, number + BARRIER_STEP, -1);
  return true;
}

static void count_arrivals(struct thread *thread, struct team *team, uint32_t number) {
  if (omp2wasi_arrive(team, number))
    notify_working(team);
  else
    wait_until_over(thread, &team->generation, number, team->spin);
}

static void barrier_of_team(struct thread *thread, struct team *team, uint32_t number) {
  bool is_counting = team->spin == 0 || team->num_threads > 1u << BARRIER_ROUNDS;
  if (!is_counting && !team->defers_tasks)
    disseminate(thread, team, number);
  /* The rounds have ordered the store before this look, if it was for this barrier. */
  if (__builtin_expect(team->defers_tasks || has_tasks(team, number), 0))
    omp2wasi_barrier_with_tasks(thread, team, number);
  else if (is_counting)
    count_arrivals(thread, team, number);
}

bool omp2wasi_is_left(const struct thread *thread) {
  /* Relaxed: requests before the last barrier are visible, and later ones do not matter. */
  uint32_t request = __atomic_load_n(&thread->team->cancelled, __ATOMIC_RELAXED);
  return (request & BARRIER_FLAGS) == CANCEL_PARALLEL &&
         (int32_t)(thread->implicit->barriers - (request & ~(uint32_t)BARRIER_FLAGS)) > 0;
}

/* Who cancels a region wakes nobody, so each wait is a short one where there is cancellation. */
bool omp2wasi_wait_for_team(const struct team *team, struct wait_word *word, uint32_t expected, uint32_t spin) {
  enum { NANOSECONDS = 1000000 };
  if (!omp2wasi_environment.cancellation) {
    omp2wasi_wait(word, expected, spin);
    return true;
  }
  for (uint32_t i = 0; i < spin; i++)
    if (omp2wasi_load(&word->value) != expected)
      return true;
  while (omp2wasi_load(&word->value) == expected) {
    /* If it is not visible yet it is so after the next wait. */
    if (omp2wasi_is_region_cancelled(team))
      return false;
    omp2wasi_host_wait_for((uint32_t)(uintptr_t)word, expected, NANOSECONDS);
  }
  return true;
}

void omp2wasi_barrier(struct thread *thread) {
  if (__builtin_expect(thread->team->cancelled == 0, 1) || !omp2wasi_is_left(thread))
    omp2wasi_last_barrier(thread);
}

void omp2wasi_last_barrier(struct thread *thread) {
  struct team *team = thread->team;
  uint32_t number = thread->implicit->barriers;
  if (team->num_threads == 1) {
    /* A task that waits for its event, or for a task that does. */
    const struct task *task = &thread->implicit->task;
    if (__builtin_expect(task->children.generated != task->children.settled || task->taskgroup != NULL, 0))
      omp2wasi_settle(thread);
  } else {
    barrier_of_team(thread, team, number);
  }
  thread->implicit->barriers = number + BARRIER_STEP;
}

void __kmpc_barrier(struct ident *loc, int32_t gtid) {
  (void)gtid;
  omp2wasi_barrier(omp2wasi_meet(loc));
}

/* A loop that flushes again and again waits for another thread. Where threads outnumber processors that thread may
 * need this one's. */
void __kmpc_flush(struct ident *loc) {
  enum { FLUSHES_PER_YIELD = 64 };
  (void)loc;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  struct thread *thread = self;
  if (++thread->flushes % FLUSHES_PER_YIELD == 0 && thread->team->spin == 0)
    omp2wasi_host_yield();
}
