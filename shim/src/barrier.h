/* The words of barriers: how they count, and how threads find out that there are tasks.
 *
 * Each implicit task numbers the barriers of its team in steps of BARRIER_STEP: all threads meet the same ones, so
 * they agree. What is stored to say "barrier number n is over", or "I have arrived", is n + BARRIER_STEP. The bits
 * below a step are flags. Numbers wrap around after 2^29 barriers; they are compared for equality alone, with what
 * is at most two barriers away.
 *
 * There are three kinds of barriers. In the dissemination barrier (barrier.c) a thread waits for the flags of its
 * rounds, and the team's generation word is not touched; in the counting barrier it waits for the generation word,
 * which the last to arrive sets to n + BARRIER_STEP. In a barrier with tasks (tasks/barrier.c), a counting one, threads
 * execute tasks, before they arrive and while they wait. A wait for either word goes on as long as the number is the old
 * one, whatever the flags are. So flags can be set in a word that threads wait for, to make them look.
 *
 * A team whose last regions have deferred tasks has barriers with tasks from the start of a region: `defers_tasks` in
 * team.h, which the primary thread changes between regions. In the regions of another team the thread that defers the
 * first task before barrier n stores n | BARRIER_TASK_PENDING in the generation word, and makes those look that wait
 * already. From then on who waits executes tasks, and a thread that arrives has its barrier with tasks.
 *
 * Why one bit with the number suffices, for each kind:
 *
 * - Counting: a thread that defers tasks sets the bit before it arrives, and arrives when they have settled. The others
 *   count as arrived when they have arrived, whether they found the bit then or find it while they wait. Storing n +
 *   BARRIER_STEP clears the bit.
 * - Dissemination: after its last round a thread has heard of everything that any thread did before it arrived, so
 *   either all find the bit with the number n, or none does. If all do, they go on to a barrier with tasks of the same
 *   number. If none does, they leave; one that has left may make tasks and set the bit for n + BARRIER_STEP before
 *   another has looked, and that one is not misled: it looks for n. While there are no tasks no thread writes the
 *   word, and the look costs a load from the cache.
 * - Nobody sets the bit for a number that is over, or not there yet: tasks are deferred by threads that have not left
 *   barrier n, and `barriers` of an implicit task is n until it does. */
#ifndef OMP2WASI_BARRIER_H
#define OMP2WASI_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

enum {
  BARRIER_TASK_PENDING = 1,
  BARRIER_FLAGS = 7,
  BARRIER_STEP = 8,
};

/* Whether a word whose contents are `seen` says that barrier `number` is over, or that its writer has arrived there. */
static inline bool omp2wasi_barrier_is_over(uint32_t seen, uint32_t number) {
  return (seen & ~(uint32_t)BARRIER_FLAGS) != number;
}

/* Whether a generation word whose contents are `seen` says that barrier `number` has tasks. */
static inline bool omp2wasi_barrier_has_tasks(uint32_t seen, uint32_t number) {
  return seen == (number | BARRIER_TASK_PENDING);
}

#endif
