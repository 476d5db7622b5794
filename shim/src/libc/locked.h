/* Wrappers around functions of a C library that was built for one thread: each holds a lock while it calls the
 * library's own.
 *
 * `__wrap_NAME` is called in the place of NAME, by the program and by the library itself: the linker is given
 * `--wrap=NAME` for each that this archive defines (build.rs lists them). `__real_NAME` is the library's. The locks
 * are recursive, because functions of the library call each other. */
#ifndef OMP2WASI_LIBC_LOCKED_H
#define OMP2WASI_LIBC_LOCKED_H

#include "../mutex.h"
#include <stddef.h>

struct recursive_lock {
  struct mutex mutex;
  /* The holder, by its block of thread-local storage; NULL if there is none. Relaxed: it is written by the holder
   * alone, and the only question that others ask of it, whether it is themselves, has the same answer before and
   * after that. */
  void *owner;
  uint32_t depth;
};

/* Takes a lock once more; NULL is the lock of what no other thread can know of, such as a stream on the stack. */
static inline void acquire(struct recursive_lock *lock) {
  if (lock == NULL)
    return;
  void *me = __builtin_wasm_tls_base();
  if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != me) {
    omp2wasi_lock(&lock->mutex);
    omp2wasi_set_owner(&lock->owner, me);
  }
  lock->depth++;
}

static inline void release(struct recursive_lock *lock) {
  if (lock == NULL || --lock->depth != 0)
    return;
  omp2wasi_set_owner(&lock->owner, NULL);
  omp2wasi_unlock(&lock->mutex);
}

/* Defines the wrapper of a function that returns a `type`, or nothing. It holds `lock_of_call`, an expression that
 * may use the parameters. */
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
