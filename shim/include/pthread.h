/* POSIX threads on the runtime's waits, for the threads of OpenMP's teams and for threads of a program's own. A C
 * library built without threads has none.
 *
 * Not provided, and link errors by name: cancellation (pthread_cancel), robust mutexes and those with priorities,
 * signals, scheduling. */
#ifndef OMP2WASI_PTHREAD_H
#define OMP2WASI_PTHREAD_H

#include <sched.h>
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#define OMP2WASI_RESTRICT
#else
#define OMP2WASI_RESTRICT restrict
#endif

/* The types are the C library's: other headers of it define them too. */
#define __NEED_pthread_t
#define __NEED_pthread_attr_t
#define __NEED_pthread_mutexattr_t
#define __NEED_pthread_condattr_t
#define __NEED_pthread_rwlockattr_t
#define __NEED_pthread_barrierattr_t
#define __NEED_pthread_mutex_t
#define __NEED_pthread_cond_t
#define __NEED_pthread_rwlock_t
#define __NEED_pthread_barrier_t
#define __NEED_pthread_spinlock_t
#define __NEED_pthread_once_t
#define __NEED_pthread_key_t
#include <bits/alltypes.h>

#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_DEFAULT 0
#define PTHREAD_MUTEX_RECURSIVE 1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1
#define PTHREAD_BARRIER_SERIAL_THREAD (-1)
#define PTHREAD_ONCE_INIT 0
#ifndef PTHREAD_KEYS_MAX
#define PTHREAD_KEYS_MAX 128
#endif
#define PTHREAD_NULL ((pthread_t)0)

#define PTHREAD_MUTEX_INITIALIZER {{{0}}}
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP {{{0, 0, 0, PTHREAD_MUTEX_RECURSIVE}}}
#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP {{{0, 0, 0, PTHREAD_MUTEX_ERRORCHECK}}}
#define PTHREAD_COND_INITIALIZER {{{0}}}
#define PTHREAD_RWLOCK_INITIALIZER {{{0}}}

/* Threads. Each is the initial thread of its own contention group: it may meet OpenMP constructs. */
int pthread_create(pthread_t *OMP2WASI_RESTRICT thread, const pthread_attr_t *OMP2WASI_RESTRICT attributes,
                   void *(*start)(void *), void *OMP2WASI_RESTRICT argument);
int pthread_join(pthread_t thread, void **result);
int pthread_detach(pthread_t thread);
_Noreturn void pthread_exit(void *result);
int pthread_cancel(pthread_t thread);
pthread_t pthread_self(void);
int pthread_equal(pthread_t a, pthread_t b);
#ifndef __cplusplus
#define pthread_equal(a, b) ((a) == (b))
#endif

int pthread_attr_init(pthread_attr_t *attributes);
int pthread_attr_destroy(pthread_attr_t *attributes);
int pthread_attr_setdetachstate(pthread_attr_t *attributes, int state);
int pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state);
int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size);
int pthread_attr_getstacksize(const pthread_attr_t *OMP2WASI_RESTRICT attributes, size_t *OMP2WASI_RESTRICT size);

int pthread_once(pthread_once_t *once, void (*routine)(void));

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *));
int pthread_key_delete(pthread_key_t key);
void *pthread_getspecific(pthread_key_t key);
int pthread_setspecific(pthread_key_t key, const void *value);

int pthread_mutex_init(pthread_mutex_t *OMP2WASI_RESTRICT mutex,
                       const pthread_mutexattr_t *OMP2WASI_RESTRICT attributes);
int pthread_mutex_destroy(pthread_mutex_t *mutex);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_trylock(pthread_mutex_t *mutex);
int pthread_mutex_timedlock(pthread_mutex_t *OMP2WASI_RESTRICT mutex, const struct timespec *OMP2WASI_RESTRICT deadline);
int pthread_mutex_clocklock(pthread_mutex_t *OMP2WASI_RESTRICT mutex, clockid_t clock,
                            const struct timespec *OMP2WASI_RESTRICT deadline);
int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_mutexattr_init(pthread_mutexattr_t *attributes);
int pthread_mutexattr_destroy(pthread_mutexattr_t *attributes);
int pthread_mutexattr_settype(pthread_mutexattr_t *attributes, int type);
int pthread_mutexattr_gettype(const pthread_mutexattr_t *OMP2WASI_RESTRICT attributes, int *OMP2WASI_RESTRICT type);
int pthread_mutexattr_setpshared(pthread_mutexattr_t *attributes, int shared);

int pthread_cond_init(pthread_cond_t *OMP2WASI_RESTRICT cond, const pthread_condattr_t *OMP2WASI_RESTRICT attributes);
int pthread_cond_destroy(pthread_cond_t *cond);
int pthread_cond_wait(pthread_cond_t *OMP2WASI_RESTRICT cond, pthread_mutex_t *OMP2WASI_RESTRICT mutex);
int pthread_cond_timedwait(pthread_cond_t *OMP2WASI_RESTRICT cond, pthread_mutex_t *OMP2WASI_RESTRICT mutex,
                           const struct timespec *OMP2WASI_RESTRICT deadline);
int pthread_cond_clockwait(pthread_cond_t *OMP2WASI_RESTRICT cond, pthread_mutex_t *OMP2WASI_RESTRICT mutex,
                           clockid_t clock, const struct timespec *OMP2WASI_RESTRICT deadline);
int pthread_cond_signal(pthread_cond_t *cond);
int pthread_cond_broadcast(pthread_cond_t *cond);
int pthread_condattr_init(pthread_condattr_t *attributes);
int pthread_condattr_destroy(pthread_condattr_t *attributes);
int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock);
int pthread_condattr_getclock(const pthread_condattr_t *OMP2WASI_RESTRICT attributes,
                              clockid_t *OMP2WASI_RESTRICT clock);
int pthread_condattr_setpshared(pthread_condattr_t *attributes, int shared);

int pthread_rwlock_init(pthread_rwlock_t *OMP2WASI_RESTRICT rwlock,
                        const pthread_rwlockattr_t *OMP2WASI_RESTRICT attributes);
int pthread_rwlock_destroy(pthread_rwlock_t *rwlock);
int pthread_rwlock_rdlock(pthread_rwlock_t *rwlock);
int pthread_rwlock_tryrdlock(pthread_rwlock_t *rwlock);
int pthread_rwlock_timedrdlock(pthread_rwlock_t *OMP2WASI_RESTRICT rwlock,
                               const struct timespec *OMP2WASI_RESTRICT deadline);
int pthread_rwlock_wrlock(pthread_rwlock_t *rwlock);
int pthread_rwlock_trywrlock(pthread_rwlock_t *rwlock);
int pthread_rwlock_timedwrlock(pthread_rwlock_t *OMP2WASI_RESTRICT rwlock,
                               const struct timespec *OMP2WASI_RESTRICT deadline);
int pthread_rwlock_unlock(pthread_rwlock_t *rwlock);
int pthread_rwlockattr_init(pthread_rwlockattr_t *attributes);
int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attributes);
int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attributes, int shared);

int pthread_spin_init(pthread_spinlock_t *lock, int shared);
int pthread_spin_destroy(pthread_spinlock_t *lock);
int pthread_spin_lock(pthread_spinlock_t *lock);
int pthread_spin_trylock(pthread_spinlock_t *lock);
int pthread_spin_unlock(pthread_spinlock_t *lock);

int pthread_barrier_init(pthread_barrier_t *OMP2WASI_RESTRICT barrier,
                         const pthread_barrierattr_t *OMP2WASI_RESTRICT attributes, unsigned count);
int pthread_barrier_destroy(pthread_barrier_t *barrier);
int pthread_barrier_wait(pthread_barrier_t *barrier);
int pthread_barrierattr_init(pthread_barrierattr_t *attributes);
int pthread_barrierattr_destroy(pthread_barrierattr_t *attributes);
int pthread_barrierattr_setpshared(pthread_barrierattr_t *attributes, int shared);

#undef OMP2WASI_RESTRICT

#ifdef __cplusplus
}
#endif

#endif
