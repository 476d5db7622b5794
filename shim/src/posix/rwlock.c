/* Implements pthread_rwlock_* and pthread_rwlockattr_*. Readers come first, so that a thread which reads already may
 * do so once more while a writer waits.
 *
 * Invariant: the state is the number of readers, or WRITER. Whoever makes it 0 wakes all that sleep. */
#include "deadline.h"
#include <pthread.h>

enum { WRITER = INT32_MAX };

/* Zero-initialised is free. */
struct posix_rwlock {
  struct wait_word state;
  void *writer; /* written by the writer alone, and read for the question "is it me?" (relaxed) */
};

_Static_assert(sizeof(pthread_rwlock_t) >= sizeof(struct posix_rwlock), "pthread.h");

static struct posix_rwlock *record(pthread_rwlock_t *rwlock) { return (struct posix_rwlock *)rwlock; }

/* Acquire: what the last writer did, and for a writer the last readers, is visible. */
static int take(struct posix_rwlock *rwlock, uint32_t *state, uint32_t next) {
  return __atomic_compare_exchange_n(&rwlock->state.value, state, next, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static int read_until(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *deadline, int may_wait) {
  struct posix_rwlock *rwlock = record(lock);
  uint32_t state = __atomic_load_n(&rwlock->state.value, __ATOMIC_RELAXED);
  for (;;) {
    if (state == WRITER - 1)
      return EAGAIN;
    if (state != WRITER) {
      if (take(rwlock, &state, state + 1))
        return 0;
      continue;
    }
    if (!may_wait)
      return EBUSY;
    if (__atomic_load_n(&rwlock->writer, __ATOMIC_RELAXED) == __builtin_wasm_tls_base())
      return EDEADLK;
    int error = omp2wasi_wait_until(&rwlock->state, WRITER, clock, deadline);
    if (error != 0)
      return error;
    state = __atomic_load_n(&rwlock->state.value, __ATOMIC_RELAXED);
  }
}

static int write_until(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *deadline, int may_wait) {
  struct posix_rwlock *rwlock = record(lock);
  for (;;) {
    uint32_t state = 0;
    if (take(rwlock, &state, WRITER)) {
      omp2wasi_set_owner(&rwlock->writer, __builtin_wasm_tls_base());
      return 0;
    }
    if (!may_wait)
      return EBUSY;
    if (state == WRITER && __atomic_load_n(&rwlock->writer, __ATOMIC_RELAXED) == __builtin_wasm_tls_base())
      return EDEADLK;
    int error = omp2wasi_wait_until(&rwlock->state, state, clock, deadline);
    if (error != 0)
      return error;
  }
}

int pthread_rwlock_rdlock(pthread_rwlock_t *rwlock) { return read_until(rwlock, CLOCK_REALTIME, NULL, 1); }
int pthread_rwlock_tryrdlock(pthread_rwlock_t *rwlock) { return read_until(rwlock, CLOCK_REALTIME, NULL, 0); }
int pthread_rwlock_wrlock(pthread_rwlock_t *rwlock) { return write_until(rwlock, CLOCK_REALTIME, NULL, 1); }
int pthread_rwlock_trywrlock(pthread_rwlock_t *rwlock) { return write_until(rwlock, CLOCK_REALTIME, NULL, 0); }

int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict rwlock, const struct timespec *restrict deadline) {
  return read_until(rwlock, CLOCK_REALTIME, deadline, 1);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict rwlock, const struct timespec *restrict deadline) {
  return write_until(rwlock, CLOCK_REALTIME, deadline, 1);
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock) {
  struct posix_rwlock *rwlock = record(lock);
  uint32_t holds = 1;
  if (__atomic_load_n(&rwlock->state.value, __ATOMIC_RELAXED) == WRITER) {
    omp2wasi_set_owner(&rwlock->writer, NULL);
    holds = WRITER;
  }
  /* Sequentially consistent: release, and the look at the sleepers follows (wait.h). */
  if (__atomic_sub_fetch(&rwlock->state.value, holds, __ATOMIC_SEQ_CST) == 0)
    omp2wasi_wake(&rwlock->state, -1);
  return 0;
}

int pthread_rwlock_init(pthread_rwlock_t *restrict rwlock, const pthread_rwlockattr_t *restrict attributes) {
  (void)attributes;
  *record(rwlock) = (struct posix_rwlock){0};
  return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *rwlock) {
  return __atomic_load_n(&record(rwlock)->state.value, __ATOMIC_RELAXED) == 0 ? 0 : EBUSY;
}

int pthread_rwlockattr_init(pthread_rwlockattr_t *attributes) {
  *attributes = (pthread_rwlockattr_t){0};
  return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attributes) {
  (void)attributes;
  return 0;
}

/* All memory is that of one process. */
int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attributes, int shared) {
  (void)attributes;
  return shared == PTHREAD_PROCESS_PRIVATE || shared == PTHREAD_PROCESS_SHARED ? 0 : EINVAL;
}
