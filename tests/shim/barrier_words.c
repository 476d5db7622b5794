/* Barriers as barrier.h has them: numbers that wrap around, flags that say nothing of the number, and the tasks that
 * a barrier has.
 *
 * Looks at the records of the runtime library, and sets flags as a thread that defers a task would. */
#include "thread.h"
#include <omp.h>
#include <stdio.h>

static int failures;

#define CHECK(condition) check(condition, #condition, __LINE__)

static void check(bool holds, const char *condition, int line) {
  if (!holds && __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED) < 10)
    printf("line %d fails: %s\n", line, condition);
}

static void test_arithmetic(void) {
  for (uint32_t i = 0; i < 1000; i++)
    for (uint32_t flags = 0; flags <= BARRIER_FLAGS; flags++) {
      uint32_t number = (i - 500) * BARRIER_STEP; /* also on both sides of where it wraps around */
      CHECK(!omp2wasi_barrier_is_over(number | flags, number));
      CHECK(omp2wasi_barrier_is_over((number + BARRIER_STEP) | flags, number));
      CHECK(omp2wasi_barrier_is_over((number + 2 * BARRIER_STEP) | flags, number));
      CHECK(omp2wasi_barrier_has_tasks(number | flags, number) == (flags == BARRIER_TASK_PENDING));
      CHECK(!omp2wasi_barrier_has_tasks((number + BARRIER_STEP) | flags, number));
      CHECK(!omp2wasi_barrier_has_tasks((number - BARRIER_STEP) | flags, number));
    }
}

/* Makes the barriers of the team that the next region of its size has begin with a number. */
static void begin_with(uint32_t number) {
  struct team *team = self->idle_teams;
  for (uint32_t i = 0; i < team->num_threads; i++) {
    struct implicit_task *implicit = team->implicit_tasks[i];
    implicit->barriers = number;
    for (uint32_t round = 0; round < BARRIER_ROUNDS; round++)
      implicit->barrier_rounds[round].flag.value = number;
  }
  team->generation.value = number;
}

enum { BARRIERS = 2000 };

/* Now and then a thread says that the next barrier has tasks, and any thread makes another one look. */
static void test_team(int num_threads) {
  int arrived = 0, with_tasks = 0;
  #pragma omp parallel num_threads(num_threads)
  __atomic_fetch_add(&arrived, 1, __ATOMIC_RELAXED);
  CHECK(arrived == num_threads);
  arrived = 0;
  begin_with(0 - (uint32_t)BARRIERS / 2 * BARRIER_STEP);
  #pragma omp parallel num_threads(num_threads)
  {
    struct thread *thread = self;
    struct team *team = thread->team;
    for (int i = 0; i < BARRIERS; i++) {
      uint32_t number = thread->implicit->barriers;
      bool has_tasks = i % 5 == 0;
      if (has_tasks && i % num_threads == (int)thread->thread_num) {
        omp2wasi_signal(&team->generation, number | BARRIER_TASK_PENDING, -1);
        with_tasks++;
      }
      struct implicit_task *other = team->implicit_tasks[(thread->thread_num + (uint32_t)i) % team->num_threads];
      __atomic_fetch_or(&other->barrier_rounds[i % BARRIER_ROUNDS].flag.value, BARRIER_TASK_PENDING, __ATOMIC_RELAXED);
      __atomic_fetch_add(&arrived, 1, __ATOMIC_RELAXED);
      #pragma omp barrier
      CHECK(__atomic_load_n(&arrived, __ATOMIC_RELAXED) == num_threads * (i + 1));
      CHECK(thread->implicit->barriers == number + BARRIER_STEP);
      if (has_tasks)
        CHECK(__atomic_load_n(&team->generation.value, __ATOMIC_RELAXED) == number + BARRIER_STEP);
      #pragma omp barrier
    }
  }
  CHECK(arrived == num_threads * BARRIERS && with_tasks == BARRIERS / 5);
}

int main(void) {
  test_arithmetic();
  for (int num_threads = 2; num_threads <= 5; num_threads++)
    test_team(num_threads);
  puts(failures == 0 ? "ok" : "failed");
  return failures != 0;
}
