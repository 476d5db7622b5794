/* Records of POSIX threads that more than one file knows. */
#ifndef OMP2WASI_POSIX_H
#define OMP2WASI_POSIX_H

#include "../mutex.h"

/* pthread_mutex_t and mtx_t. Zero-initialised is a free mutex of the default kind. */
struct posix_mutex {
  struct mutex mutex;
  uint32_t kind; /* PTHREAD_MUTEX_NORMAL and so on */
  void *owner;
  uint32_t depth;
};

/* Both return an errno. */
int omp2wasi_posix_lock(struct posix_mutex *mutex);
int omp2wasi_posix_unlock(struct posix_mutex *mutex);

/* Calls the destructors of the calling thread's specific values, which then has none. */
void omp2wasi_destroy_specific_values(void);

#endif
