// Threads of a team that are not assigned to it: there are none.
// RUN: OMP_NUM_THREADS=2
#include <omp.h>
#include <stdio.h>

int main(void) {
  int agents = omp_is_free_agent() + omp_ancestor_is_free_agent(0);
#pragma omp parallel reduction(+ : agents)
  {
#pragma omp task shared(agents)
    {
      int is = omp_is_free_agent() + omp_ancestor_is_free_agent(1);
#pragma omp atomic
      agents += is;
    }
  }
  printf("%d free agents\n", agents);
}
