/* A mutual exclusion lock, in which no thread waits for ever while others take it again and again: what critical,
 * omp_lock_t, pthread_mutex_t and the locks of this library are made of.
 *
 * It is free, or held, and then whoever comes competes for it: a holder that takes it again at once need not move its
 * cache line to another processor. A thread that has looked at it in vain for a while enters a queue. The first of the
 * queue is the heir. Others may still take the lock before the heir does, but each time uses up one of a number of
 * passes; when none is left, or when the heir has slept in vain, the holder grants the lock to the heir instead of
 * freeing it. The rest of the queue leaves the lock's cache line alone: each thread waits for a word on its own
 * stack.
 *
 * Invariant: the state is only changed by the holder, by the heir, and by who takes a free lock. A holder that finds
 * no heir noted there frees the lock by one exchange, and never looks at the queue.
 *
 * Why no wake-up is lost: the heir notes in the state itself that it is about to sleep, and sleeps only while the
 * state is what it then was. Who frees or grants the lock changes the state and reads in it whether the heir has noted
 * that. In the queue it is as in wait.h. After it has changed the state a thread that unlocks writes nothing, and what
 * it still reads decides only whether it calls for a wake-up; so the next holder may free the lock's memory. */
#ifndef OMP2WASI_MUTEX_H
#define OMP2WASI_MUTEX_H

#include "wait.h"

struct waiter;

/* Zero-initialised is free. */
struct mutex {
  uint32_t state;
  uint32_t sleepers; /* 1 while the host has put the heir to sleep: the two are a wait word */
  struct waiter *tail; /* the last thread in the queue; NULL when nobody is */
};

/* The bits of the state. Above them is how many passes are left. */
enum {
  MUTEX_HELD = 1,
  MUTEX_HEIR = 2,      /* there is an heir */
  MUTEX_ASLEEP = 4,    /* the heir sleeps, or is about to */
  MUTEX_IMPATIENT = 8, /* the heir has waited long: the next unlock grants the lock to it */
  MUTEX_GRANTED = 16,  /* held by the heir, which is yet to notice */
  MUTEX_PASS = 32,
};

/* Returns when the calling thread holds the lock, which it was found not to be free. */
void omp2wasi_lock_contended(struct mutex *mutex);
/* Frees or grants a lock that has an heir, or had one a moment ago. */
void omp2wasi_unlock_contended(struct mutex *mutex);

static inline int omp2wasi_try_lock(struct mutex *mutex) {
  /* Relaxed: a look that leaves the line shared among threads that wait; the exchange is what takes the lock. */
  uint32_t state = __atomic_load_n(&mutex->state, __ATOMIC_RELAXED);
  return (state & MUTEX_HELD) == 0 && __atomic_compare_exchange_n(&mutex->state, &state, state | MUTEX_HELD, 0,
                                                                  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void omp2wasi_lock(struct mutex *mutex) {
  if (__builtin_expect(!omp2wasi_try_lock(mutex), 0))
    omp2wasi_lock_contended(mutex);
}

static inline void omp2wasi_unlock(struct mutex *mutex) {
  uint32_t held = MUTEX_HELD;
  /* Release: what the holder did is visible to the next one. The look is as in omp2wasi_try_lock. */
  if (__builtin_expect(__atomic_load_n(&mutex->state, __ATOMIC_RELAXED) != MUTEX_HELD ||
                           !__atomic_compare_exchange_n(&mutex->state, &held, 0, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED),
                       0))
    omp2wasi_unlock_contended(mutex);
}

#endif
