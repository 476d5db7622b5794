/* Implements the semaphores of POSIX that have no name: sem_*.
 *
 * Invariant: a thread that makes the count more than 0 wakes a sleeper for each. */
#include "deadline.h"
#include <semaphore.h>

enum { MOST = INT32_MAX }; /* SEM_VALUE_MAX */

/* The count, and who sleeps until it is not 0. */
static struct wait_word *count_of(sem_t *semaphore) { return (struct wait_word *)semaphore; }

_Static_assert(sizeof(sem_t) >= sizeof(struct wait_word), "semaphore.h");

static int fail(int error) {
  errno = error;
  return -1;
}

int sem_init(sem_t *semaphore, int shared, unsigned value) {
  (void)shared;
  if (value > MOST)
    return fail(EINVAL);
  *count_of(semaphore) = (struct wait_word){.value = value};
  return 0;
}

int sem_destroy(sem_t *semaphore) {
  (void)semaphore;
  return 0;
}

int sem_getvalue(sem_t *restrict semaphore, int *restrict value) {
  *value = (int)omp2wasi_load(&count_of(semaphore)->value);
  return 0;
}

int sem_post(sem_t *semaphore) {
  struct wait_word *word = count_of(semaphore);
  uint32_t count = __atomic_load_n(&word->value, __ATOMIC_RELAXED);
  do {
    if (count == MOST)
      return fail(EOVERFLOW);
    /* Sequentially consistent: release, and the look at the sleepers follows (wait.h). Nothing is written after it, so
     * who is let go may free the memory. */
  } while (!__atomic_compare_exchange_n(&word->value, &count, count + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  omp2wasi_wake(word, 1);
  return 0;
}

static int take(struct wait_word *word) {
  uint32_t count = __atomic_load_n(&word->value, __ATOMIC_RELAXED);
  while (count != 0)
    /* Acquire: what was done before the post is visible. */
    if (__atomic_compare_exchange_n(&word->value, &count, count - 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
      return 1;
  return 0;
}

int sem_trywait(sem_t *semaphore) { return take(count_of(semaphore)) ? 0 : fail(EAGAIN); }

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
  while (!take(count_of(semaphore))) {
    int error = omp2wasi_wait_until(count_of(semaphore), 0, CLOCK_REALTIME, deadline);
    if (error != 0)
      return fail(error);
  }
  return 0;
}

int sem_wait(sem_t *semaphore) { return sem_timedwait(semaphore, NULL); }
