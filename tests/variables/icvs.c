/* Prints what the environment variables of OpenMP have set, as far as routines and regions show it; with an argument also in
 * OpenMP's own format. */
#include <omp.h>
#include <stdio.h>

int main(int argc, char **argv) {
  (void)argv;
  omp_sched_t kind;
  int chunk, inner = 0, bind = -1;
  omp_get_schedule(&kind, &chunk);
  printf("threads %d\n", omp_get_max_threads());
  printf("schedule %d,%d monotonic %d\n", (int)(kind & ~omp_sched_monotonic), chunk, (kind & omp_sched_monotonic) != 0);
  printf("dynamic %d\n", omp_get_dynamic());
  printf("levels %d\n", omp_get_max_active_levels());
  printf("limit %d\n", omp_get_thread_limit());
  printf("teams %d limit %d\n", omp_get_max_teams(), omp_get_teams_thread_limit());
  printf("device %d\n", omp_get_default_device());
  printf("places %d\n", omp_get_num_places());
#pragma omp parallel num_threads(1)
  {
    inner = omp_get_max_threads();
    bind = (int)omp_get_proc_bind();
  }
  printf("inner %d bind %d\n", inner, bind);
  if (argc > 1)
    omp_display_env(1);
  return 0;
}
