/* Waits that end at a time: what the timed functions of POSIX threads and of C11's threads have in common.
 *
 * Invariant: a wait whose time is over says so only if the word has not changed. */
#ifndef OMP2WASI_POSIX_DEADLINE_H
#define OMP2WASI_POSIX_DEADLINE_H

#include "../wait.h"
#include <errno.h>
#include <stddef.h>
#include <time.h>

enum { NANOSECONDS = 1000000000 };

/* Waits until the word differs from `expected` (0), or until `deadline`, which is a time of the clock, or NULL for
 * never (ETIMEDOUT). A time that is none is EINVAL. */
static inline int omp2wasi_wait_until(struct wait_word *word, uint32_t expected, clockid_t clock,
                                      const struct timespec *deadline) {
  while (omp2wasi_load(&word->value) == expected) {
    uint32_t slice = OMP2WASI_FOREVER;
    if (deadline != NULL) {
      if (deadline->tv_nsec < 0 || deadline->tv_nsec >= NANOSECONDS)
        return EINVAL;
      struct timespec now;
      clock_gettime(clock, &now);
      if (now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec))
        return ETIMEDOUT;
      /* The host's longest wait is some four seconds. */
      slice = deadline->tv_sec - now.tv_sec > 3
                  ? 3000000000u
                  : (uint32_t)((deadline->tv_sec - now.tv_sec) * NANOSECONDS + deadline->tv_nsec - now.tv_nsec);
    }
    omp2wasi_host_wait_for((uint32_t)(uintptr_t)word, expected, slice);
  }
  return 0;
}

#endif
