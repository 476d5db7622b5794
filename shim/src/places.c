/* Implements thread affinity: proc_bind and places (OpenMP 5.2, sections 10.1.3 and 18.3). The host reads OMP_PLACES,
 * and knows the processors and places; a thread asks it.
 *
 * Invariant: there is always a place. Where the host has none, because the program asks for neither places nor binding,
 * it is that of all processors, and all threads are there, as with LLVM's runtime: programs divide by the number of
 * places. */
#include "thread.h"
#include <omp.h>

/* To the host: all processors. */
enum { ALL = -1 };

omp_proc_bind_t omp_get_proc_bind(void) {
  int32_t proc_bind = omp2wasi_icvs(self)->proc_bind;
  return proc_bind < 0 ? omp_proc_bind_false : (omp_proc_bind_t)proc_bind;
}

static bool has_places(void) { return omp2wasi_host_num_places() > 0; }

int omp_get_num_places(void) { return has_places() ? omp2wasi_host_num_places() : 1; }
int omp_get_place_num(void) { return has_places() ? omp2wasi_host_place_num() : 0; }

/* The host's number of a place; below 0 for no place, but for ALL. */
static int32_t number_of(int place) {
  enum { NONE = -2 };
  if (place < 0)
    return NONE;
  return has_places() ? place : place == 0 ? ALL : NONE;
}

int omp_get_place_num_procs(int place) { return omp2wasi_host_place_procs((uint32_t)number_of(place), 0, 0); }

void omp_get_place_proc_ids(int place, int *ids) {
  int count = omp_get_place_num_procs(place);
  if (count > 0)
    omp2wasi_host_place_procs((uint32_t)number_of(place), (uint32_t)(uintptr_t)ids, (uint32_t)count);
}

/* The place partition of every implicit task is the whole place list. */
int omp_get_partition_num_places(void) { return omp_get_num_places(); }
void omp_get_partition_place_nums(int *places) {
  int count = omp_get_num_places();
  for (int i = 0; i < count; i++)
    places[i] = i;
}
