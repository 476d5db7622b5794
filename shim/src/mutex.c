/* What a mutex (mutex.h) does when it is contended: threads wait, first competing, then in the queue, then as the
 * heir. */
#include "mutex.h"
#include "thread.h"
#include <stdbool.h>
#include <stddef.h>

/* A thread in the queue, on its own stack. */
struct waiter {
  struct wait_word is_heir; /* 1 once the thread ahead of this one has left the queue */
  struct waiter *behind;    /* NULL until the next thread has entered */
} __attribute__((aligned(64)));

/* How often a thread looks at the lock before it enters the queue, and as the heir before it gets impatient, and before
 * it asks the host to wait. Between two looks it pauses, twice as long each time, up to a limit: each look takes the
 * line from the holder, which costs that as much as some critical regions. */
enum { COMPETING_LOOKS = 10, PATIENT_LOOKS = 12, HEIR_LOOKS = 64 };
enum { FIRST_PAUSE = 128, LONGEST_PAUSE = 65536 };
/* The same where threads outnumber processors, and the holder may be waiting for this one. */
enum { CROWDED_COMPETING_LOOKS = 4, CROWDED_HEIR_LOOKS = 4 };

/* How many passes there are. The heir itself gets impatient; passes are for when it does not run. Where threads
 * outnumber processors that may be so at any time, and then a hand-over costs as much as some ten short critical
 * regions, or some hundred if the heir has to be woken first. Else it is an accident, which a grant would make worse:
 * the others would wait until the heir runs again. */
enum { PASSES_CROWDED = 100, PASSES_ASLEEP = 400, PASSES = 3000 };

static bool does_not_spin(void) { return self->team->spin == 0; }

/* Looks for the lock to be free and takes it; false when it has looked so often in vain. */
static bool compete(struct mutex *mutex, uint32_t looks) {
  uint32_t pause = FIRST_PAUSE;
  for (uint32_t i = 0; i < looks; i++) {
    if (omp2wasi_try_lock(mutex))
      return true;
    omp2wasi_pause(pause);
    if (pause < LONGEST_PAUSE)
      pause *= 2;
  }
  return false;
}

/* Notes in the state what the heir is about to do, if the lock is held and not granted to it. Returns the state, 0 if
 * there is nothing to note it for. Sequentially consistent, as is the exchange in omp2wasi_unlock_contended, before
 * which this one comes, or after which it fails. */
static uint32_t note(struct mutex *mutex, uint32_t flags) {
  uint32_t state = __atomic_load_n(&mutex->state, __ATOMIC_RELAXED);
  if ((state & (MUTEX_HELD | MUTEX_GRANTED)) != MUTEX_HELD ||
      !__atomic_compare_exchange_n(&mutex->state, &state, state | flags, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
    return 0;
  return state | flags;
}

/* The heir's wait: until it takes the lock or finds that it has been granted (acquire, in omp2wasi_load: what the
 * holder did before is visible). */
static void inherit(struct mutex *mutex) {
  uint32_t sleeps = MUTEX_ASLEEP, pause = FIRST_PAUSE;
  uint32_t looks = does_not_spin() ? CROWDED_HEIR_LOOKS : HEIR_LOOKS;
  for (uint32_t i = 1; !omp2wasi_try_lock(mutex) && !(omp2wasi_load(&mutex->state) & MUTEX_GRANTED); i++) {
    if (i % looks == 0) {
      uint32_t state = note(mutex, sleeps);
      if (state != 0) {
        omp2wasi_host_wait((uint32_t)(uintptr_t)mutex, state);
        sleeps = MUTEX_ASLEEP | MUTEX_IMPATIENT;
      }
    } else if (i == PATIENT_LOOKS) {
      note(mutex, MUTEX_IMPATIENT);
      pause = FIRST_PAUSE;
    } else {
      omp2wasi_pause(pause);
      if (pause < LONGEST_PAUSE)
        pause *= 2;
    }
  }
}

/* The thread behind one that has been found not to be the last. It has exchanged the tail, and stores its address
 * next. */
static struct waiter *behind(struct waiter *me) {
  for (uint32_t looks = 0;; looks++) {
    /* Acquire: its record is visible. */
    struct waiter *next = __atomic_load_n(&me->behind, __ATOMIC_ACQUIRE);
    if (next != NULL)
      return next;
    if (looks >= 100)
      omp2wasi_host_yield();
  }
}

/* The heir holds the lock, and makes the thread behind it the next heir. Until that has happened nobody else changes
 * the state, so it is stored without a look. */
static void leave_queue(struct mutex *mutex, struct waiter *me) {
  struct waiter *last = me;
  /* Before the tail says that nobody is in the queue: whoever enters then notes itself in the state. Relaxed: that
   * exchange of the tail (release) or the signal orders it. */
  __atomic_store_n(&mutex->state, MUTEX_HELD, __ATOMIC_RELAXED);
  if (__atomic_load_n(&me->behind, __ATOMIC_RELAXED) == NULL &&
      __atomic_compare_exchange_n(&mutex->tail, &last, NULL, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
    return;
  struct waiter *next = behind(me);
  uint32_t is_asleep = __atomic_load_n(&next->is_heir.sleepers, __ATOMIC_RELAXED); /* a hint */
  uint32_t passes = !does_not_spin() ? PASSES : is_asleep ? PASSES_ASLEEP : PASSES_CROWDED;
  __atomic_store_n(&mutex->state, MUTEX_HELD | MUTEX_HEIR | passes * MUTEX_PASS, __ATOMIC_RELAXED);
  /* The signal looks at the waiter's record once more when it may have left: that is memory of a stack, and what it
   * finds there decides only whether it calls for a wake-up. */
  omp2wasi_signal(&next->is_heir, 1, 1);
}

__attribute__((noinline)) void omp2wasi_lock_contended(struct mutex *mutex) {
  if (compete(mutex, does_not_spin() ? CROWDED_COMPETING_LOOKS : COMPETING_LOOKS))
    return;
  struct waiter me = {0};
  /* Acquire and release: the one ahead finds this record as it is, and this thread the state as the last one left
   * it. */
  struct waiter *ahead = __atomic_exchange_n(&mutex->tail, &me, __ATOMIC_ACQ_REL);
  if (ahead == NULL) {
    /* Relaxed: it orders nothing but the state itself. No other thread has noted an heir: see leave_queue. */
    __atomic_fetch_or(&mutex->state, MUTEX_HEIR | (does_not_spin() ? PASSES_CROWDED : PASSES) * MUTEX_PASS,
                      __ATOMIC_RELAXED);
  } else {
    /* Release: the record is there before its address is. */
    __atomic_store_n(&ahead->behind, &me, __ATOMIC_RELEASE);
    while (omp2wasi_load(&me.is_heir.value) == 0)
      omp2wasi_host_wait((uint32_t)(uintptr_t)&me.is_heir, 0);
  }
  inherit(mutex);
  leave_queue(mutex, &me);
}

__attribute__((noinline)) void omp2wasi_unlock_contended(struct mutex *mutex) {
  uint32_t state = __atomic_load_n(&mutex->state, __ATOMIC_RELAXED), next;
  do {
    if (!(state & MUTEX_HEIR))
      next = 0;
    else if ((state & MUTEX_IMPATIENT) || state < MUTEX_PASS)
      next = MUTEX_HELD | MUTEX_HEIR | MUTEX_GRANTED;
    else
      next = (state - MUTEX_PASS) & ~(uint32_t)(MUTEX_HELD | MUTEX_ASLEEP);
    /* Sequentially consistent: release for the next holder, and see inherit. */
  } while (!__atomic_compare_exchange_n(&mutex->state, &state, next, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  if ((state & MUTEX_ASLEEP) && __atomic_load_n(&mutex->sleepers, __ATOMIC_SEQ_CST) != 0)
    omp2wasi_host_wake((uint32_t)(uintptr_t)mutex, 1);
}
