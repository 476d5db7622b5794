/* Implements pthread_spin_*: locks of one word, for which a thread waits awake. */
#include "../wait.h"
#include <errno.h>
#include <pthread.h>

/* Acquire pairs with the release in pthread_spin_unlock. */
int pthread_spin_trylock(pthread_spinlock_t *lock) {
  if (__atomic_load_n(lock, __ATOMIC_RELAXED) != 0 || __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0)
    return EBUSY;
  return 0;
}

int pthread_spin_lock(pthread_spinlock_t *lock) {
  for (uint32_t looks = 0; pthread_spin_trylock(lock) != 0; looks++)
    if (looks >= 100) /* the holder may be waiting for this processor */
      omp2wasi_host_yield();
  return 0;
}

int pthread_spin_unlock(pthread_spinlock_t *lock) {
  /* An exchange costs less than an atomic store. */
  (void)__atomic_exchange_n(lock, 0, __ATOMIC_RELEASE);
  return 0;
}

int pthread_spin_init(pthread_spinlock_t *lock, int shared) {
  (void)shared;
  *lock = 0;
  return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *lock) {
  (void)lock;
  return 0;
}
