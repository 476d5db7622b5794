/* The words of barriers: how they count, and what is reserved for deferred tasks.
 *
 * Each implicit task numbers the barriers of its team in steps of BARRIER_STEP: all threads meet the same ones, so
 * they agree. What is stored to say "barrier number n is over", or "I have arrived", is n + BARRIER_STEP. The bits
 * below a step are flags. Numbers wrap around after 2^29 barriers; they are compared for equality alone, with what
 * is at most two barriers away.
 *
 * There are two kinds of barriers (barrier.c). In the dissemination barrier a thread waits for the flags of its
 * rounds, and the team's generation word is not touched; in the counting barrier it waits for the generation word,
 * which the last to arrive sets to n + BARRIER_STEP. A wait for either goes on as long as the number is the old one,
 * whatever the flags are. So flags can be set in a word that threads wait for, to make them look.
 *
 * Reserved for deferred tasks
 * ---------------------------
 * Today each task is executed at once by the thread that generates it (task.c): no thread sets BARRIER_TASK_PENDING,
 * and neither kind of barrier ever waits for a task. What follows is the protocol that the words allow for, and
 * where a runtime that defers tasks would hook into it.
 *
 * BARRIER_TASK_PENDING in the generation word, with the number n, says: there are tasks to be executed before
 * barrier n is over. The thread that generates the first of them stores both, in one word, before it arrives at n.
 * The hooks:
 *
 * - task.c, where a task is deferred: would store n | BARRIER_TASK_PENDING in `team->generation`, where n is the
 *   generating thread's `implicit->barriers`.
 * - barrier.c, wait_until_over: waiting threads look here again when a flag has changed, and would execute tasks.
 * - barrier.c, count_arrivals: the last to arrive finds the bit, and would leave it to the thread that completes the
 *   last task to start the next generation.
 *
 * Why one bit with the number suffices, for each kind:
 *
 * - Counting: the last to arrive finds the bit, because the thread that set it has arrived before (acquire-release).
 *   Storing n + BARRIER_STEP clears the bits. Threads that wait see the word change, and may execute tasks meanwhile.
 * - Dissemination: after its last round a thread has heard of everything that any thread did before it arrived, so
 *   either all find the bit with the number n, or none does. If all do, they go on to a counting barrier of the same
 *   number, which is as above. If none does, they leave; one that has left may make tasks and set the bit for n +
 *   BARRIER_STEP before another has looked, and that one is not misled: it looks for n. While there are no tasks
 *   no thread writes the word, and the look costs a load from the cache. omp2wasi_barrier has this look. */
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
