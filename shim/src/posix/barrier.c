/* Implements pthread_barrier_* and pthread_barrierattr_*.
 *
 * Invariant: the last thread to arrive starts the next generation, and only then does a thread go on. */
#include "deadline.h"
#include <pthread.h>

struct posix_barrier {
  struct wait_word generation;
  uint32_t count;
  uint32_t arrived;
  uint32_t leaving; /* threads that may still read this record */
};

_Static_assert(sizeof(pthread_barrier_t) >= sizeof(struct posix_barrier), "pthread.h");

int pthread_barrier_init(pthread_barrier_t *restrict barrier, const pthread_barrierattr_t *restrict attributes,
                         unsigned count) {
  (void)attributes;
  if (count == 0)
    return EINVAL;
  *(struct posix_barrier *)barrier = (struct posix_barrier){.count = count};
  return 0;
}

/* One thread may destroy the barrier as soon as it has been let go, when others are on their way. */
int pthread_barrier_destroy(pthread_barrier_t *barrier) {
  while (omp2wasi_load(&((struct posix_barrier *)barrier)->leaving) != 0)
    omp2wasi_host_yield();
  return 0;
}

int pthread_barrier_wait(pthread_barrier_t *restrict opaque) {
  struct posix_barrier *barrier = (struct posix_barrier *)opaque;
  /* Relaxed: it cannot change before this thread has arrived. */
  uint32_t generation = __atomic_load_n(&barrier->generation.value, __ATOMIC_RELAXED);
  __atomic_fetch_add(&barrier->leaving, 1, __ATOMIC_RELAXED);
  /* Acquire and release: the last to arrive has seen what all did before, and passes it on with the signal. */
  int is_last = __atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == barrier->count;
  if (is_last) {
    __atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
    omp2wasi_signal(&barrier->generation, generation + 1, -1);
  } else {
    omp2wasi_wait(&barrier->generation, generation, 0);
  }
  /* Release: this thread's looks at the record come before. */
  __atomic_fetch_sub(&barrier->leaving, 1, __ATOMIC_RELEASE);
  return is_last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

int pthread_barrierattr_init(pthread_barrierattr_t *attributes) {
  *attributes = (pthread_barrierattr_t){0};
  return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t *attributes) {
  (void)attributes;
  return 0;
}

/* All memory is that of one process. */
int pthread_barrierattr_setpshared(pthread_barrierattr_t *attributes, int shared) {
  (void)attributes;
  return shared == PTHREAD_PROCESS_PRIVATE || shared == PTHREAD_PROCESS_SHARED ? 0 : EINVAL;
}
