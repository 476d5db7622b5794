/* Implements pthread_mutex_*, pthread_mutexattr_*, and mtx_* of C11 (ISO C 7.26.4), which are the same records.
 *
 * Invariant: but for a normal mutex, `owner` is the thread that holds it. It is written by the holder alone; another
 * thread may read it at any time (relaxed), and asks only whether it is the thread itself, which it alone can have
 * written. */
#include "posix.h"
#include "deadline.h"
#include <pthread.h>
#include <stdbool.h>
#include <threads.h>

_Static_assert(sizeof(pthread_mutex_t) == sizeof(struct posix_mutex), "pthread.h");
_Static_assert(sizeof(mtx_t) == sizeof(struct posix_mutex), "threads.h");
_Static_assert(offsetof(struct posix_mutex, kind) == 3 * sizeof(int), "PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP");

static struct posix_mutex *record(pthread_mutex_t *mutex) { return (struct posix_mutex *)mutex; }

/* A thread is told by its block of thread-local storage. */
static void *me(void) { return __builtin_wasm_tls_base(); }

static bool is_mine(struct posix_mutex *mutex) { return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == me(); }

/* What a thread is told that asks for a mutex which it holds; -1 if it does not. */
static int again(struct posix_mutex *mutex, int error) {
  if (mutex->kind == PTHREAD_MUTEX_NORMAL || !is_mine(mutex))
    return -1;
  if (mutex->kind == PTHREAD_MUTEX_ERRORCHECK)
    return error;
  if (mutex->depth == UINT32_MAX)
    return EAGAIN;
  mutex->depth++;
  return 0;
}

static int own(struct posix_mutex *mutex) {
  if (mutex->kind != PTHREAD_MUTEX_NORMAL) {
    omp2wasi_set_owner(&mutex->owner, me());
    mutex->depth = 1;
  }
  return 0;
}

int omp2wasi_posix_lock(struct posix_mutex *mutex) {
  int result = again(mutex, EDEADLK);
  if (result >= 0)
    return result;
  omp2wasi_lock(&mutex->mutex);
  return own(mutex);
}

int omp2wasi_posix_unlock(struct posix_mutex *mutex) {
  if (mutex->kind != PTHREAD_MUTEX_NORMAL) {
    if (!is_mine(mutex))
      return EPERM;
    if (--mutex->depth != 0)
      return 0;
    omp2wasi_set_owner(&mutex->owner, NULL);
  }
  omp2wasi_unlock(&mutex->mutex);
  return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) { return omp2wasi_posix_lock(record(mutex)); }
int pthread_mutex_unlock(pthread_mutex_t *mutex) { return omp2wasi_posix_unlock(record(mutex)); }

int pthread_mutex_trylock(pthread_mutex_t *mutex) {
  int result = again(record(mutex), EBUSY);
  if (result >= 0)
    return result;
  return omp2wasi_try_lock(&record(mutex)->mutex) ? own(record(mutex)) : EBUSY;
}

/* A thread in a mutex's queue cannot leave it without the lock. So one whose time is limited looks for the lock to be
 * free every now and then instead. */
int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock,
                            const struct timespec *restrict deadline) {
  int result = again(record(mutex), EDEADLK);
  if (result >= 0)
    return result;
  struct wait_word nap = {0};
  for (uint32_t nanoseconds = 1000; !omp2wasi_try_lock(&record(mutex)->mutex);) {
    if (deadline->tv_nsec < 0 || deadline->tv_nsec >= NANOSECONDS)
      return EINVAL;
    struct timespec now;
    clock_gettime(clock, &now);
    if (now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec))
      return ETIMEDOUT;
    omp2wasi_host_wait_for((uint32_t)(uintptr_t)&nap, 0, nanoseconds);
    if (nanoseconds < 500000)
      nanoseconds *= 2;
  }
  return own(record(mutex));
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline) {
  return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, deadline);
}

int pthread_mutex_init(pthread_mutex_t *restrict mutex, const pthread_mutexattr_t *restrict attributes) {
  *record(mutex) = (struct posix_mutex){.kind = attributes == NULL ? PTHREAD_MUTEX_DEFAULT : attributes->__attr};
  return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex) {
  return __atomic_load_n(&record(mutex)->mutex.state, __ATOMIC_RELAXED) == 0 ? 0 : EBUSY;
}

int pthread_mutexattr_init(pthread_mutexattr_t *attributes) {
  *attributes = (pthread_mutexattr_t){PTHREAD_MUTEX_DEFAULT};
  return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attributes) {
  (void)attributes;
  return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attributes, int type) {
  if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
    return EINVAL;
  attributes->__attr = (unsigned)type;
  return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *restrict attributes, int *restrict type) {
  *type = (int)attributes->__attr;
  return 0;
}

/* All memory is that of one process; so what processes may share, its threads do. */
int pthread_mutexattr_setpshared(pthread_mutexattr_t *attributes, int shared) {
  (void)attributes;
  return shared == PTHREAD_PROCESS_PRIVATE || shared == PTHREAD_PROCESS_SHARED ? 0 : EINVAL;
}

int mtx_init(mtx_t *mutex, int type) {
  if (type & ~(mtx_timed | mtx_recursive))
    return thrd_error;
  int kind = type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL;
  *(struct posix_mutex *)mutex = (struct posix_mutex){.kind = (uint32_t)kind};
  return thrd_success;
}

void mtx_destroy(mtx_t *mutex) { (void)mutex; }

int mtx_lock(mtx_t *mutex) {
  return omp2wasi_posix_lock((struct posix_mutex *)mutex) == 0 ? thrd_success : thrd_error;
}

int mtx_unlock(mtx_t *mutex) {
  return omp2wasi_posix_unlock((struct posix_mutex *)mutex) == 0 ? thrd_success : thrd_error;
}

int mtx_trylock(mtx_t *mutex) {
  int error = pthread_mutex_trylock((pthread_mutex_t *)mutex);
  return error == 0 ? thrd_success : error == EBUSY ? thrd_busy : thrd_error;
}

int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict deadline) {
  int error = pthread_mutex_timedlock((pthread_mutex_t *)mutex, deadline);
  return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error;
}
