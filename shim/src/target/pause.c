/* Implements omp_pause_resource and omp_pause_resource_all (OpenMP 5.2, section 18.6).
 *
 * A program that pauses allows the runtime to relinquish what it holds. The threads of teams sleep soon after a region,
 * whether the program has paused or not, and what else they hold is their threadprivate variables and the stacks beside
 * them, which a soft pause must keep. So there is nothing to relinquish, and the next region begins as fast as any.
 *
 * Invariant: a pause succeeds if its kind and its device are ones that there are. */
#include "target.h"
#include <omp.h>

int omp_pause_resource_all(omp_pause_resource_t kind) {
  return kind == omp_pause_soft || kind == omp_pause_hard ? 0 : -1;
}

int omp_pause_resource(omp_pause_resource_t kind, int device) {
  bool is_device = device == omp_initial_device || (device >= 0 && device <= omp_get_num_devices());
  return is_device ? omp_pause_resource_all(kind) : -1;
}
