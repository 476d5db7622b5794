/* Implements omp_get_wtime and omp_get_wtick (OpenMP 5.2, section 18.10). */
#include <omp.h>
#include <wasi/api.h>

double omp_get_wtime(void) {
  __wasi_timestamp_t now = 0;
  (void)__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now);
  return (double)now * 1e-9;
}

double omp_get_wtick(void) { return 1e-9; }
