/* Locks of the wrappers around a single-threaded C library: recursive, because its functions call each other and wasm-ld's
 * --wrap sends those calls through the wrappers too. */
#ifndef OMP2WASI_LIBC_LOCKED_H
#define OMP2WASI_LIBC_LOCKED_H

#include "../wait.h"
#include <stddef.h>

struct recursive_lock {
  struct wait_word word;
  /* Written by the holder alone; anybody else reads something that is not itself, whatever the moment (relaxed). The
   * thread-local block identifies the thread: unlike `self`, it stays the same in nested regions. */
  void *owner;
  uint32_t depth;
};

/* NULL is the lock of something that only this thread knows. */
static inline void acquire(struct recursive_lock *lock) {
  if (lock == NULL)
    return;
  void *me = __builtin_wasm_tls_base();
  if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != me) {
    omp2wasi_lock(&lock->word);
    __atomic_store_n(&lock->owner, me, __ATOMIC_RELAXED);
  }
  lock->depth++;
}

static inline void release(struct recursive_lock *lock) {
  if (lock == NULL || --lock->depth != 0)
    return;
  __atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
  omp2wasi_unlock(&lock->word);
}

/* A wrapper that holds `lock_of_call`, an expression that may use the parameters. */
#define LOCKED(lock_of_call, type, name, parameters, arguments)                                                        \
  type __real_##name parameters;                                                                                       \
  type __wrap_##name parameters {                                                                                      \
    struct recursive_lock *held = lock_of_call;                                                                        \
    acquire(held);                                                                                                     \
    type result = __real_##name arguments;                                                                             \
    release(held);                                                                                                     \
    return result;                                                                                                     \
  }

#define LOCKED_VOID(lock_of_call, name, parameters, arguments)                                                         \
  void __real_##name parameters;                                                                                       \
  void __wrap_##name parameters {                                                                                      \
    struct recursive_lock *held = lock_of_call;                                                                        \
    acquire(held);                                                                                                     \
    __real_##name arguments;                                                                                           \
    release(held);                                                                                                     \
  }

#endif
