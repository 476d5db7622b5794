/* Implements pthread_once, and call_once of C11 (ISO C 7.26.2), whose flags are the same.
 *
 * Invariant: a flag goes from FRESH to RUNNING to DONE, and is DONE only once the routine has returned. A flag has
 * room for that alone; so those who wait for a routine wait for one word that all flags share, and look again. */
#include "../wait.h"
#include <pthread.h>
#include <threads.h>

enum { FRESH = PTHREAD_ONCE_INIT, RUNNING, DONE };

_Static_assert(FRESH == 0, "ONCE_FLAG_INIT is 0, too");

static struct wait_word finished; /* counts routines that have returned */

int pthread_once(pthread_once_t *once, void (*routine)(void)) {
  /* Acquire: what the routine did is visible. */
  int state = __atomic_load_n(once, __ATOMIC_ACQUIRE);
  if (state == DONE)
    return 0;
  state = FRESH;
  if (__atomic_compare_exchange_n(once, &state, RUNNING, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
    routine();
    /* Release: see above. Then the count, for which and whose sleepers see wait.h. */
    __atomic_store_n(once, DONE, __ATOMIC_RELEASE);
    __atomic_fetch_add(&finished.value, 1, __ATOMIC_SEQ_CST);
    omp2wasi_wake(&finished, -1);
    return 0;
  }
  for (;;) {
    /* The count first: if the flag is not done then, the count is yet to change. */
    uint32_t count = omp2wasi_load(&finished.value);
    if (__atomic_load_n(once, __ATOMIC_ACQUIRE) == DONE)
      return 0;
    omp2wasi_wait(&finished, count, 0);
  }
}

void call_once(once_flag *flag, void (*routine)(void)) { pthread_once(flag, routine); }
