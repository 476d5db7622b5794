/* Implements simple and nestable locks: omp_*_lock and omp_*_nest_lock (OpenMP 5.2, section 18.9). */
#include "thread.h"
#include <omp.h>

_Static_assert(sizeof(omp_lock_t) == sizeof(struct wait_word), "omp.h");

static struct wait_word *word(omp_lock_t *lock) { return (struct wait_word *)lock; }

void omp_init_lock(omp_lock_t *lock) { *lock = (omp_lock_t){0}; }
void omp_init_lock_with_hint(omp_lock_t *lock, omp_sync_hint_t hint) {
  (void)hint;
  omp_init_lock(lock);
}
void omp_destroy_lock(omp_lock_t *lock) { (void)lock; }
void omp_set_lock(omp_lock_t *lock) { omp2wasi_lock(word(lock)); }
void omp_unset_lock(omp_lock_t *lock) { omp2wasi_unlock(word(lock)); }
int omp_test_lock(omp_lock_t *lock) { return omp2wasi_try_lock(word(lock)); }

/* A nestable lock belongs to a task; explicit tasks are executed in the middle of their thread's implicit task,
 * which they therefore count as. The owner field is written by the holder alone; another thread may read it at any
 * time (relaxed), and sees either its own task, which only it can have written, or something else. */
struct nest_lock {
  struct wait_word lock;
  struct implicit_task *owner;
  uint32_t depth;
};

_Static_assert(sizeof(omp_nest_lock_t) == sizeof(struct nest_lock), "omp.h");

static bool reenter(struct nest_lock *nest) {
  if (__atomic_load_n(&nest->owner, __ATOMIC_RELAXED) != self->implicit)
    return false;
  nest->depth++;
  return true;
}

static void own(struct nest_lock *nest) {
  __atomic_store_n(&nest->owner, self->implicit, __ATOMIC_RELAXED);
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
  omp2wasi_lock(&nest->lock);
  own(nest);
}

void omp_unset_nest_lock(omp_nest_lock_t *lock) {
  struct nest_lock *nest = (struct nest_lock *)lock;
  if (--nest->depth != 0)
    return;
  __atomic_store_n(&nest->owner, NULL, __ATOMIC_RELAXED);
  omp2wasi_unlock(&nest->lock);
}

int omp_test_nest_lock(omp_nest_lock_t *lock) {
  struct nest_lock *nest = (struct nest_lock *)lock;
  if (reenter(nest))
    return (int)nest->depth;
  if (!omp2wasi_try_lock(&nest->lock))
    return 0;
  own(nest);
  return 1;
}
