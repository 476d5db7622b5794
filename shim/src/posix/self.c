/* Implements pthread_self, pthread_equal, thrd_current and thrd_equal, for the threads of teams too. */
#include "thread.h"
#include <threads.h>
#undef pthread_equal
#undef thrd_equal

_Thread_local struct __pthread omp2wasi_pthread;

pthread_t pthread_self(void) { return &omp2wasi_pthread; }
int pthread_equal(pthread_t a, pthread_t b) { return a == b; }
thrd_t thrd_current(void) { return &omp2wasi_pthread; }
int thrd_equal(thrd_t a, thrd_t b) { return a == b; }
