/* Implements pthread_cond_*, pthread_condattr_*, and cnd_* of C11 (ISO C 7.26.3), which are the same records.
 *
 * Invariant: each signal changes the sequence, and a thread that began to wait before that returns. It began when it
 * read the sequence, still holding the mutex; so a signal by a thread that has held the mutex since is not lost. A wait
 * may also end for a signal that woke another thread, as POSIX and C allow. A signal wakes one sleeper, which has to be
 * one that came before it, and not one that came between the change and the wake-up: the host wakes those first that
 * came first, as the kernels' futexes do for threads of one priority, and a host that does not must wake all.
 *
 * A thread is inside from before it reads the sequence until it reads the record for the last time. So who signals
 * has nothing to do when nobody is inside, and who destroys waits for those who are on their way out. */
#include "deadline.h"
#include "posix.h"
#include <pthread.h>
#include <stdbool.h>
#include <threads.h>

/* Zero-initialised is one that measures time by CLOCK_REALTIME. */
struct posix_cond {
  struct wait_word sequence;
  struct wait_word inside;
  uint32_t is_monotonic;
};

_Static_assert(sizeof(pthread_cond_t) >= sizeof(struct posix_cond), "pthread.h");
_Static_assert(sizeof(cnd_t) >= sizeof(struct posix_cond), "threads.h");

static int wait_with(struct posix_cond *cond, struct posix_mutex *mutex, clockid_t clock,
                     const struct timespec *deadline) {
  /* Relaxed: the mutex, which the thread holds, orders both before what happens after it is unlocked. */
  __atomic_fetch_add(&cond->inside.value, 1, __ATOMIC_RELAXED);
  uint32_t sequence = __atomic_load_n(&cond->sequence.value, __ATOMIC_RELAXED);
  int result = omp2wasi_posix_unlock(mutex);
  bool is_unlocked = result == 0;
  if (is_unlocked)
    result = omp2wasi_wait_until(&cond->sequence, sequence, clock, deadline);
  /* Sequentially consistent: then the look at sleepers follows, see wait.h. Nothing is written after it. */
  __atomic_fetch_sub(&cond->inside.value, 1, __ATOMIC_SEQ_CST);
  omp2wasi_wake(&cond->inside, -1);
  if (is_unlocked)
    omp2wasi_posix_lock(mutex);
  return result;
}

static int signal_to(struct posix_cond *cond, uint32_t count) {
  /* Relaxed: a thread that has begun to wait before this one held the mutex has counted itself before that. */
  if (__atomic_load_n(&cond->inside.value, __ATOMIC_RELAXED) == 0)
    return 0;
  /* Sequentially consistent, both: see wait.h. */
  __atomic_fetch_add(&cond->sequence.value, 1, __ATOMIC_SEQ_CST);
  omp2wasi_wake(&cond->sequence, (int32_t)count);
  return 0;
}

int pthread_cond_wait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex) {
  return wait_with((struct posix_cond *)cond, (struct posix_mutex *)mutex, CLOCK_REALTIME, NULL);
}

int pthread_cond_clockwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, clockid_t clock,
                           const struct timespec *restrict deadline) {
  return wait_with((struct posix_cond *)cond, (struct posix_mutex *)mutex, clock, deadline);
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline) {
  clockid_t clock = ((struct posix_cond *)cond)->is_monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  return pthread_cond_clockwait(cond, mutex, clock, deadline);
}

int pthread_cond_signal(pthread_cond_t *cond) { return signal_to((struct posix_cond *)cond, 1); }
int pthread_cond_broadcast(pthread_cond_t *cond) { return signal_to((struct posix_cond *)cond, UINT32_MAX); }

int pthread_cond_init(pthread_cond_t *restrict cond, const pthread_condattr_t *restrict attributes) {
  *(struct posix_cond *)cond = (struct posix_cond){.is_monotonic = attributes == NULL ? 0 : attributes->__attr};
  return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond) {
  struct posix_cond *record = (struct posix_cond *)cond;
  for (uint32_t inside; (inside = omp2wasi_load(&record->inside.value)) != 0;)
    omp2wasi_wait_until(&record->inside, inside, CLOCK_REALTIME, NULL);
  return 0;
}

int pthread_condattr_init(pthread_condattr_t *attributes) {
  *attributes = (pthread_condattr_t){0};
  return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attributes) {
  (void)attributes;
  return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
    return EINVAL;
  attributes->__attr = clock == CLOCK_MONOTONIC;
  return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *restrict attributes, clockid_t *restrict clock) {
  *clock = attributes->__attr ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  return 0;
}

/* All memory is that of one process. */
int pthread_condattr_setpshared(pthread_condattr_t *attributes, int shared) {
  (void)attributes;
  return shared == PTHREAD_PROCESS_PRIVATE || shared == PTHREAD_PROCESS_SHARED ? 0 : EINVAL;
}

int cnd_init(cnd_t *cond) {
  *(struct posix_cond *)cond = (struct posix_cond){0};
  return thrd_success;
}

void cnd_destroy(cnd_t *cond) { pthread_cond_destroy((pthread_cond_t *)cond); }

int cnd_signal(cnd_t *cond) {
  signal_to((struct posix_cond *)cond, 1);
  return thrd_success;
}

int cnd_broadcast(cnd_t *cond) {
  signal_to((struct posix_cond *)cond, UINT32_MAX);
  return thrd_success;
}

int cnd_wait(cnd_t *cond, mtx_t *mutex) {
  int error = wait_with((struct posix_cond *)cond, (struct posix_mutex *)mutex, CLOCK_REALTIME, NULL);
  return error == 0 ? thrd_success : thrd_error;
}

int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex, const struct timespec *restrict deadline) {
  int error = wait_with((struct posix_cond *)cond, (struct posix_mutex *)mutex, CLOCK_REALTIME, deadline);
  return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error;
}
