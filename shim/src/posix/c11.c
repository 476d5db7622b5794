/* Implements the threads of C11 (ISO C 7.26.5), which are those of POSIX. */
#include <errno.h>
#include <pthread.h>
#include <threads.h>

/* In WebAssembly the two types of start function are one: a result and a parameter of 32 bits. */
int thrd_create(thrd_t *thread, thrd_start_t start, void *argument) {
  int error = pthread_create(thread, NULL, (void *(*)(void *))(void *)start, argument);
  return error == 0 ? thrd_success : error == EAGAIN ? thrd_nomem : thrd_error;
}

int thrd_join(thrd_t thread, int *result) {
  void *value;
  int error = pthread_join(thread, &value);
  if (error == 0 && result != NULL)
    *result = (int)(size_t)value;
  return error == 0 ? thrd_success : thrd_error;
}

int thrd_detach(thrd_t thread) { return pthread_detach(thread) == 0 ? thrd_success : thrd_error; }
_Noreturn void thrd_exit(int result) { pthread_exit((void *)(size_t)result); }
void thrd_yield(void) { sched_yield(); }

int thrd_sleep(const struct timespec *duration, struct timespec *left) {
  if (nanosleep(duration, left) == 0)
    return 0;
  return errno == EINTR ? -1 : -2;
}
