/* Implements pthread_create, join, detach, exit, and pthread_attr_*.
 *
 * A thread that the program creates is the initial thread of a contention group of its own (OpenMP 5.2, section 1.2):
 * it has a team of one, which ends with it, and may fork others. The program ends when main returns, whatever such
 * threads do.
 *
 * Invariant: a thread's memory is freed only after the host has said that it is done with it (`ended`): when the
 * thread is joined, or, if it is detached, when the next one is created. */
#include "thread.h"
#include "posix.h"
#include <errno.h>
#include <stdlib.h>

/* A stack that printf fits on. */
enum { LEAST_STACK = 64 << 10 };

/* pthread_attr_t. */
struct attributes {
  size_t stack_size; /* 0: as OMP_STACKSIZE says */
  int detach_state;
};

_Static_assert(sizeof(pthread_attr_t) >= sizeof(struct attributes), "pthread.h");

/* How many threads have been created and not ended. */
static struct wait_word running;

/* Threads that have been detached, and whose memory has not been freed. */
static struct __pthread *detached;
static struct mutex detached_lock;

static void free_detached(void) {
  omp2wasi_lock(&detached_lock);
  for (struct __pthread **at = &detached; *at != NULL;) {
    struct __pthread *thread = *at;
    if (omp2wasi_load(&thread->ended.value) != 0) {
      *at = thread->next;
      omp2wasi_free_initial_thread(thread->thread);
    } else {
      at = &thread->next;
    }
  }
  omp2wasi_unlock(&detached_lock);
}

static void detach(struct __pthread *thread) {
  omp2wasi_lock(&detached_lock);
  thread->next = detached;
  detached = thread;
  omp2wasi_unlock(&detached_lock);
}

/* In tasks/, which are in the program if it has tasks. */
__attribute__((weak)) void omp2wasi_end_dependences(struct task *task);

/* What a thread does last: its initial task is over when the tasks are that it has generated. */
static void finish(void *result) {
  omp2wasi_barrier(self);
  if (self->task->dependences != NULL)
    omp2wasi_end_dependences(self->task);
  omp2wasi_pthread.result = result;
  omp2wasi_destroy_specific_values();
  /* Sequentially consistent: release, and the look at the sleepers follows (wait.h). */
  __atomic_fetch_sub(&running.value, 1, __ATOMIC_SEQ_CST);
  omp2wasi_wake(&running, -1);
}

/* The microtask. */
static void run_pthread(int32_t *gtid, int32_t *btid) {
  (void)gtid, (void)btid;
  finish(omp2wasi_pthread.start(omp2wasi_pthread.argument));
}

/* How often a thread looks at a lock before it asks the host to wait: as in teams (fork.c). The created threads count;
 * the initial thread waits for them as a rule. */
static uint32_t choose_spin(void) {
  /* Relaxed: it is a guess, others come and go. */
  bool has_processors = __atomic_load_n(&running.value, __ATOMIC_RELAXED) < (uint32_t)omp2wasi_environment.num_procs;
  return has_processors && omp2wasi_environment.wait_policy != WAIT_PASSIVE ? TEAM_SPIN : 0;
}

/* NULL if there is no memory for it. */
static struct __pthread *make(size_t stack_size) {
  struct thread *thread = omp2wasi_make_initial_thread(stack_size);
  if (thread == NULL)
    return NULL;
  thread->team->spin = choose_spin();
  struct __pthread *posix = omp2wasi_of_thread(thread->tls_base, &omp2wasi_pthread);
  *posix = (struct __pthread){.lifetime = JOINABLE, .thread = thread};
  return posix;
}

int pthread_create(pthread_t *restrict created, const pthread_attr_t *restrict opaque, void *(*start)(void *),
                   void *restrict argument) {
  free_detached();
  const struct attributes *attributes = (const struct attributes *)opaque;
  size_t stack_size = attributes == NULL ? 0 : attributes->stack_size;
  struct __pthread *thread = make(stack_size != 0 ? stack_size : omp2wasi_environment.stack_size);
  if (thread == NULL)
    return EAGAIN;
  thread->start = start;
  thread->argument = argument;
  bool is_detached = attributes != NULL && attributes->detach_state == PTHREAD_CREATE_DETACHED;
  thread->lifetime = is_detached ? DETACHED : JOINABLE;
  *created = thread; /* the new thread may look at it */
  /* Relaxed: this thread counts the new one before it runs. */
  __atomic_fetch_add(&running.value, 1, __ATOMIC_RELAXED);
  if (!omp2wasi_start_thread(NULL, 0, (uint32_t)(uintptr_t)run_pthread, thread->thread->team, &thread->ended)) {
    __atomic_fetch_sub(&running.value, 1, __ATOMIC_RELAXED);
    omp2wasi_free_initial_thread(thread->thread);
    return EAGAIN;
  }
  if (is_detached)
    detach(thread);
  return 0;
}

/* Ends a thread's being joinable, which one thread may do. Relaxed: the flag alone matters. */
static int end_joinable(pthread_t thread, int lifetime) {
  int joinable = JOINABLE;
  return __atomic_compare_exchange_n((int *)&thread->lifetime, &joinable, lifetime, 0, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED)
             ? 0
             : EINVAL;
}

int pthread_join(pthread_t thread, void **result) {
  if (thread == &omp2wasi_pthread)
    return EDEADLK;
  int error = end_joinable(thread, FOREIGN);
  if (error != 0)
    return error;
  omp2wasi_wait(&thread->ended, 0, 0);
  if (result != NULL)
    *result = thread->result;
  omp2wasi_free_initial_thread(thread->thread);
  return 0;
}

int pthread_detach(pthread_t thread) {
  int error = end_joinable(thread, DETACHED);
  if (error == 0)
    detach(thread);
  return error;
}

/* The initial thread waits for its tasks and for the others, after which the program has succeeded. */
_Noreturn void pthread_exit(void *result) {
  bool is_created = omp2wasi_pthread.thread != NULL;
  if (self->team->level > 0 || (!is_created && self->stack_limit != RED_ZONE))
    omp2wasi_fatal("pthread_exit inside a parallel region", "the threads of a team end with the program");
  if (self->task->is_explicit)
    omp2wasi_fatal("pthread_exit inside an explicit task",
                   "a thread completes the tasks that it executes: call it later");
  if (!is_created) {
    omp2wasi_barrier(self);
    omp2wasi_destroy_specific_values();
    for (uint32_t others; (others = omp2wasi_load(&running.value)) != 0;)
      omp2wasi_wait(&running, others, 0);
    exit(EXIT_SUCCESS);
  }
  finish(result);
  omp2wasi_host_exit_thread();
  __builtin_unreachable();
}

int pthread_attr_init(pthread_attr_t *attributes) {
  *(struct attributes *)attributes = (struct attributes){.detach_state = PTHREAD_CREATE_JOINABLE};
  return 0;
}

int pthread_attr_destroy(pthread_attr_t *attributes) {
  (void)attributes;
  return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attributes, int state) {
  if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
    return EINVAL;
  ((struct attributes *)attributes)->detach_state = state;
  return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state) {
  *state = ((const struct attributes *)attributes)->detach_state;
  return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size) {
  if (size == 0 || size > INT32_MAX)
    return EINVAL;
  ((struct attributes *)attributes)->stack_size = size < LEAST_STACK ? LEAST_STACK : size;
  return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *restrict attributes, size_t *restrict size) {
  size_t set = ((const struct attributes *)attributes)->stack_size;
  *size = set != 0 ? set : omp2wasi_environment.stack_size;
  return 0;
}
