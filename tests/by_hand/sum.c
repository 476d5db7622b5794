/* A sum over a dynamic loop, by as many threads as there are; what it prints does not depend on how many that is. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

static int iterations;
#pragma omp threadprivate(iterations)

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 1000, total = 0, executed = 0, members = 0;
#pragma omp parallel reduction(+ : total, executed, members)
  {
    members = 1;
#pragma omp for schedule(dynamic, 7)
    for (int i = 1; i <= n; i++) {
      iterations++;
      total += i;
    }
    executed = iterations;
  }
  printf("%d iterations, sum %d, %s\n", executed, total, members == omp_get_max_threads() ? "full team" : "other team");
  return 0;
}
