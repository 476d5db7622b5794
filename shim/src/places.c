/* Implements thread affinity: proc_bind and places (OpenMP 5.2, sections 10.1.3 and 18.3). The host reads OMP_PLACES,
 * and knows the processors and places; a thread asks it. */
#include "thread.h"
#include <omp.h>

omp_proc_bind_t omp_get_proc_bind(void) {
  int32_t proc_bind = omp2wasi_icvs(self)->proc_bind;
  return proc_bind < 0 ? omp_proc_bind_false : (omp_proc_bind_t)proc_bind;
}

int omp_get_num_places(void) { return omp2wasi_host_num_places(); }
int omp_get_place_num(void) { return omp2wasi_host_place_num(); }

int omp_get_place_num_procs(int place) { return place < 0 ? 0 : omp2wasi_host_place_procs((uint32_t)place, 0, 0); }

void omp_get_place_proc_ids(int place, int *ids) {
  int count = omp_get_place_num_procs(place);
  if (count > 0)
    omp2wasi_host_place_procs((uint32_t)place, (uint32_t)(uintptr_t)ids, (uint32_t)count);
}

/* The place partition of every implicit task is the whole place list. */
int omp_get_partition_num_places(void) { return omp_get_num_places(); }
void omp_get_partition_place_nums(int *places) {
  int count = omp_get_num_places();
  for (int i = 0; i < count; i++)
    places[i] = i;
}
