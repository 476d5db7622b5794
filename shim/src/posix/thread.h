/* Threads of the program's own: pthread_create and thrd_create. */
#ifndef OMP2WASI_POSIX_THREAD_H
#define OMP2WASI_POSIX_THREAD_H

#include "../thread.h"
#include <pthread.h>

/* What a pthread_t or thrd_t points to: a thread-local variable of the thread, so each thread has one, also those of
 * teams. `lifetime` is FOREIGN for threads that the program has not created. */
struct __pthread {
  enum { FOREIGN, JOINABLE, DETACHED } lifetime;
  struct wait_word ended; /* 1 once the host is done with the thread */
  void *(*start)(void *);
  void *argument;
  void *result;
  struct thread *thread;
  struct __pthread *next; /* in the list of detached threads */
};

extern _Thread_local struct __pthread omp2wasi_pthread;

/* Makes the initial thread of a contention group of its own (OpenMP 5.2, section 1.2), with a team of one. NULL if there
 * is no memory for it. */
struct thread *omp2wasi_make_initial_thread(size_t stack_size);
/* Frees such a thread, which will not run any more, and the teams that it keeps. */
void omp2wasi_free_initial_thread(struct thread *thread);

bool omp2wasi_start_thread(const struct ident *loc, int32_t argc, uint32_t microtask, struct team *team,
                           struct wait_word *ended);

#endif
