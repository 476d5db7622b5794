/* Waiting for a word to change: a short spin in wasm, then the host, which pauses, yields and sleeps.
 *
 * Invariant: a change of a wait word that threads may be waiting for is made by omp2wasi_signal. A wait word is a
 * value and, right behind it, the number of threads that the host has put to sleep on it. Waking is a host call only
 * when that is not 0.
 *
 * Why no wake-up is lost: the sleeper adds itself to `sleepers` and then reads `value` again; the waker writes
 * `value` and then reads `sleepers`. All four are sequentially consistent, so at least one of the two sees the
 * other: either the sleeper sees the new value and does not sleep, or the waker sees the sleeper and wakes it.
 * (Between the sleeper's check and its sleep the futex compares once more.) */
#ifndef OMP2WASI_WAIT_H
#define OMP2WASI_WAIT_H

#include "omp2wasi/abi.h"
#include <stdatomic.h>
#include <stdint.h>

/* A time that never comes, for omp2wasi_host_wait_for. */
#define OMP2WASI_FOREVER UINT32_MAX

struct wait_word {
  uint32_t value;
  uint32_t sleepers;
};

static inline uint32_t omp2wasi_load(const uint32_t *word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Says who holds something, where the only question that other threads ask is whether it is themselves: that has the
 * same answer before and after. A relaxed store; in WebAssembly a plain aligned one is whole, too, and costs nothing,
 * whereas an atomic one is a fence. */
static inline void omp2wasi_set_owner(void *owner, void *me) { *(void *volatile *)owner = me; }

/* Returns once `word->value` differs from `expected`, with everything that its writer did before visible (acquire).
 * `spin` is how often to look before the host is asked to wait. */
static inline void omp2wasi_wait(struct wait_word *word, uint32_t expected, uint32_t spin) {
  for (uint32_t i = 0; i < spin; i++)
    if (omp2wasi_load(&word->value) != expected)
      return;
  while (omp2wasi_load(&word->value) == expected)
    omp2wasi_host_wait((uint32_t)(uintptr_t)word, expected);
}

/* Wakes up to `count` sleepers (negative: all) of a word whose value has been changed, sequentially consistently. */
static inline void omp2wasi_wake(struct wait_word *word, int32_t count) {
  if (__atomic_load_n(&word->sleepers, __ATOMIC_SEQ_CST) != 0)
    omp2wasi_host_wake((uint32_t)(uintptr_t)word, (uint32_t)count);
}

/* Stores `value` and wakes up to `count` sleepers (negative: all). Everything done before is visible to them
 * (release). */
static inline void omp2wasi_signal(struct wait_word *word, uint32_t value, int32_t count) {
  (void)__atomic_exchange_n(&word->value, value, __ATOMIC_SEQ_CST);
  omp2wasi_wake(word, count);
}

/* The same for a word that another thread is looking at all the time. On x86-64 it takes less to store to it and wait
 * until that is done than to fetch it for an exchange: a barrier of two threads 180 ns and not 240. For a word that
 * nobody looks at just then it takes more. */
static inline void omp2wasi_signal_watched(struct wait_word *word, uint32_t value, int32_t count) {
  __atomic_store_n(&word->value, value, __ATOMIC_SEQ_CST);
  omp2wasi_wake(word, count);
}

#endif
