/* Extensions of LLVM's to the device memory routines, and entry points that older compilers or other clients of LLVM's
 * runtime call (LLVM's omptarget.h).
 *
 * Invariant: none of these gives out memory that the host and a device both see: a device has a copy of the memory. So
 * where there is a device, memory for both is refused. */
#include "target.h"
#include <omp.h>
#include <stdlib.h>

static void *allocate_on_host(size_t size, int device) {
  return device == omp_get_initial_device() ? omp_target_alloc(size, device) : NULL;
}

void *llvm_omp_target_alloc_device(size_t size, int device) { return omp_target_alloc(size, device); }
void *llvm_omp_target_alloc_host(size_t size, int device) { return allocate_on_host(size, device); }
void *llvm_omp_target_alloc_shared(size_t size, int device) { return allocate_on_host(size, device); }

void llvm_omp_target_free_device(void *block, int device) { omp_target_free(block, device); }
void llvm_omp_target_free_host(void *block, int device) { omp_target_free(block, device); }
void llvm_omp_target_free_shared(void *block, int device) { omp_target_free(block, device); }

/* Of the team that calls it, on a device: the host has none. */
void *llvm_omp_target_dynamic_shared_alloc(void) { return NULL; }

/* The function on the device that corresponds to one of the host's: it has the same table index. */
void *__llvm_omp_indirect_call_lookup(void *function) { return function; }

/* LLVM's values of target-offload-var: disabled, default, mandatory. */
int32_t __kmpc_get_target_offload(void) {
  static const int32_t values[] = {[OFFLOAD_DISABLED] = 0, [OFFLOAD_DEFAULT] = 1, [OFFLOAD_MANDATORY] = 2};
  return values[omp2wasi_environment.offload];
}
