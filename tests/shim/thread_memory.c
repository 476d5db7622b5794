/* What a thread of the program's own has had for its teams, for tasks with dependences and for doacross loops is there
 * for others when it has ended: the memory does not grow with each thread. */
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

enum { THREADS = 200, WARM = 40, TASKS = 30, ITERATIONS = 1000, ALLOWED_PAGES = 16 };

static int chain, counts[TASKS];

static void generate(void) {
  for (int i = 0; i < TASKS; i++) {
#pragma omp task depend(inout : counts[i])
    counts[i]++;
  }
}

/* Tasks in the thread's own implicit task, in a serialised region and in a team of two. */
static void *start(void *nothing) {
  generate();
#pragma omp parallel if (nothing != NULL)
  generate();
#pragma omp parallel num_threads(2)
#pragma omp single
  generate();
#pragma omp parallel for ordered(1) num_threads(2)
  for (int i = 0; i < ITERATIONS; i++) {
#pragma omp ordered depend(sink : i - 1)
    chain++;
#pragma omp ordered depend(source)
  }
  return NULL;
}

int main(void) {
  size_t warm = 0;
  for (int i = 0; i < THREADS; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, start, NULL) != 0 || pthread_join(thread, NULL) != 0)
      printf("thread %d fails\n", i);
    if (i == WARM)
      warm = __builtin_wasm_memory_size(0);
  }
  size_t grown = __builtin_wasm_memory_size(0) - warm;
  if (grown > ALLOWED_PAGES)
    printf("%zu pages more\n", grown);
  for (int i = 0; i < TASKS; i++)
    if (counts[i] != 3 * THREADS)
      printf("%d tasks\n", counts[i]);
  if (chain != THREADS * ITERATIONS)
    printf("%d iterations\n", chain);
  puts("ok");
  return 0;
}
