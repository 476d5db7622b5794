/* num_threads with the modifier `strict` (num_threads.c). */
#ifndef OMP2WASI_NUM_THREADS_H
#define OMP2WASI_NUM_THREADS_H

#include "team.h"

/* For a parallel construct with a strict number of threads, which is pushed as a negative number: says that the team
 * has not so many, if that is so. */
void omp2wasi_check_strict(const struct team *team, int32_t clause);

#endif
