/* Implements simple and nestable locks: omp_*_lock and omp_*_nest_lock (OpenMP 5.2, section 18.9). */
#include "mutex.h"
#include "thread.h"
#include <omp.h>

_Static_assert(sizeof(omp_lock_t) == sizeof(struct mutex), "omp.h");

static struct mutex *mutex_of(omp_lock_t *lock) { return (struct mutex *)lock; }

void omp_init_lock(omp_lock_t *lock) { *lock = (omp_lock_t){0}; }
void omp_init_lock_with_hint(omp_lock_t *lock, omp_sync_hint_t hint) {
  (void)hint;
  omp_init_lock(lock);
}
void omp_destroy_lock(omp_lock_t *lock) { (void)lock; }
void omp_set_lock(omp_lock_t *lock) { omp2wasi_lock(mutex_of(lock)); }
void omp_unset_lock(omp_lock_t *lock) { omp2wasi_unlock(mutex_of(lock)); }
int omp_test_lock(omp_lock_t *lock) { return omp2wasi_try_lock(mutex_of(lock)); }

/* A nestable lock belongs to the task that has set it. The owner field is written by the holder alone; another task
 * may read it at any time (relaxed), and sees either itself, which only it can have written, or something else. */
struct nest_lock {
  struct mutex mutex;
  struct task *owner;
  uint32_t depth;
};

_Static_assert(sizeof(omp_nest_lock_t) == sizeof(struct nest_lock), "omp.h");

static bool reenter(struct nest_lock *nest) {
  if (__atomic_load_n(&nest->owner, __ATOMIC_RELAXED) != self->task)
    return false;
  nest->depth++;
  return true;
}

static void own(struct nest_lock *nest) {
  omp2wasi_set_owner(&nest->owner, self->task);
  nest->depth = 1;
}

void omp_init_nest_lock(omp_nest_lock_t *lock) { *lock = (omp_nest_lock_t){0}; }
void omp_init_nest_lock_with_hint(omp_nest_lock_t *lock, omp_sync_hint_t hint) {
  (void)hint;
  omp_init_nest_lock(lock);
}
void omp_destroy_nest_lock(omp_nest_lock_t *lock) { (void)lock; }

void omp_set_nest_lock(omp_nest_lock_t *lock) {
  struct nest_lock *nest = (struct nest_lock *)lock;
  if (reenter(nest))
    return;
  omp2wasi_lock(&nest->mutex);
  own(nest);
}

void omp_unset_nest_lock(omp_nest_lock_t *lock) {
  struct nest_lock *nest = (struct nest_lock *)lock;
  if (--nest->depth != 0)
    return;
  omp2wasi_set_owner(&nest->owner, NULL);
  omp2wasi_unlock(&nest->mutex);
}

int omp_test_nest_lock(omp_nest_lock_t *lock) {
  struct nest_lock *nest = (struct nest_lock *)lock;
  if (reenter(nest))
    return (int)nest->depth;
  if (!omp2wasi_try_lock(&nest->mutex))
    return 0;
  own(nest);
  return 1;
}
