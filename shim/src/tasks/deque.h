/* A deque of deferred tasks: its owner pushes and pops at the bottom, other threads steal at the top. It is Chase and
 * Lev's ("Dynamic circular work-stealing deque", SPAA 2005) with a fixed size: when it is full, the owner executes
 * tasks at once, which bounds the memory that tasks need.
 *
 * Indices grow and wrap around; a slot is an index modulo the size. Tasks are at the indices from `top` up to, and
 * without, `bottom`.
 *
 * Orderings. All atomic accesses of WebAssembly are sequentially consistent; what is needed is said here.
 * - Push: the slot is written before `bottom` is (release), and a thief reads it after `bottom` (acquire): so it sees
 *   the task, and what its record was given.
 * - Pop of one of several: the owner lowers `bottom`, then looks at `top`; a thief looks at `top`, then at `bottom`,
 *   then takes with a compare-and-exchange of `top`. All sequentially consistent: if the owner sees a `top` that is
 *   not above its new `bottom`, each thief that takes after that has seen the new `bottom`, and leaves that task.
 * - The last task: owner and thieves compete with the same compare-and-exchange.
 * - A slot is written again only when `top` has passed it. A thief that reads it then fails to exchange `top`, so the
 *   plain store to the slot harms nobody. (2^32 tasks would have to pass during one theft for `top` to be the same.)
 * - A thief looks at the record before it takes it, and at its ancestors'. Its exchange decides: if `top` is what it
 *   was, the task has not been taken, so all that was read before were records of tasks that are not settled. The look
 *   at `top` on the way ends early what began with a record that has been used again; relaxed.
 *
 * An exchange costs a third of an atomic store in machine code of Cranelift (5 ns and 16 ns), so `bottom` is written
 * by exchanges.
 *
 * models/ has this file tried in every order of its steps. */
#ifndef OMP2WASI_TASKS_DEQUE_H
#define OMP2WASI_TASKS_DEQUE_H

#include "explicit.h"

enum { DEQUE_SIZE = 256 }; /* a power of two */

struct deque {
  uint32_t top __attribute__((aligned(64)));    /* thieves change it */
  uint32_t bottom __attribute__((aligned(64))); /* the owner changes it */
  uint32_t top_before;                          /* the owner's: `top` is not below this */
  struct explicit_task *slots[DEQUE_SIZE];
};

/* What the owner is about to push is above this. */
static inline uint32_t omp2wasi_deque_mark(const struct deque *deque) {
  return deque == NULL ? 0 : __atomic_load_n(&deque->bottom, __ATOMIC_RELAXED);
}

/* The owner adds a task; false if there is no room. It looks at `top` only when there may be none: that line is the
 * thieves'. */
static inline bool omp2wasi_deque_push(struct deque *deque, struct explicit_task *task) {
  uint32_t bottom = __atomic_load_n(&deque->bottom, __ATOMIC_RELAXED);
  if (bottom - deque->top_before >= DEQUE_SIZE) {
    deque->top_before = __atomic_load_n(&deque->top, __ATOMIC_ACQUIRE);
    if (bottom - deque->top_before >= DEQUE_SIZE)
      return false;
  }
  *(struct explicit_task *volatile *)&deque->slots[bottom % DEQUE_SIZE] = task;
  (void)__atomic_exchange_n(&deque->bottom, bottom + 1, __ATOMIC_SEQ_CST);
  return true;
}

/* The owner takes the task that it added last; NULL if there is none. */
static inline struct explicit_task *omp2wasi_deque_pop(struct deque *deque) {
  uint32_t bottom = __atomic_load_n(&deque->bottom, __ATOMIC_RELAXED);
  if (bottom == __atomic_load_n(&deque->top, __ATOMIC_RELAXED))
    return NULL;
  bottom--;
  (void)__atomic_exchange_n(&deque->bottom, bottom, __ATOMIC_SEQ_CST);
  uint32_t top = __atomic_load_n(&deque->top, __ATOMIC_SEQ_CST);
  struct explicit_task *task = deque->slots[bottom % DEQUE_SIZE];
  if ((int32_t)(bottom - top) > 0)
    return task;
  /* The last one, if it is there still: either way the deque is empty then. */
  bool is_taken =
      bottom == top && __atomic_compare_exchange_n(&deque->top, &top, top + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
  (void)__atomic_exchange_n(&deque->bottom, bottom + 1, __ATOMIC_SEQ_CST);
  return is_taken ? task : NULL;
}

/* About how many tasks there are. Sequentially consistent for threads that have been called: wait.c. */
static inline uint32_t omp2wasi_deque_size(const struct deque *deque) {
  int32_t size =
      (int32_t)(__atomic_load_n(&deque->bottom, __ATOMIC_SEQ_CST) - __atomic_load_n(&deque->top, __ATOMIC_SEQ_CST));
  return size > 0 ? (uint32_t)size : 0;
}

/* Another thread takes the oldest task, if it descends from `ancestor` (of the same team), or whatever it is if that
 * is NULL. Returns NULL if there is none; or if another thread was faster, then `is_late` becomes true. */
static inline struct explicit_task *omp2wasi_deque_steal(struct deque *deque, const struct task *ancestor,
                                                         bool *is_late) {
  uint32_t top = __atomic_load_n(&deque->top, __ATOMIC_SEQ_CST);
  if ((int32_t)(__atomic_load_n(&deque->bottom, __ATOMIC_SEQ_CST) - top) <= 0)
    return NULL;
  struct explicit_task *task = __atomic_load_n(&deque->slots[top % DEQUE_SIZE], __ATOMIC_RELAXED);
  if (ancestor != NULL) {
    const struct task *at = &task->task;
    while (at != ancestor) {
      /* Acquire: the look at `top` comes after. */
      uint32_t depth = __atomic_load_n(&at->depth, __ATOMIC_ACQUIRE);
      const struct task *parent = __atomic_load_n(&at->parent, __ATOMIC_ACQUIRE);
      if (__atomic_load_n(&deque->top, __ATOMIC_RELAXED) != top) {
        *is_late = true;
        return NULL;
      }
      if (depth <= ancestor->depth)
        return NULL;
      at = parent;
    }
  }
  if (__atomic_compare_exchange_n(&deque->top, &top, top + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
    return task;
  *is_late = true;
  return NULL;
}

#endif
