// LLVM's extensions for device memory: without a device they are the host's.
// RUN: OMP_TARGET_OFFLOAD=disabled
#include <omp.h>
#include <stdio.h>

void *llvm_omp_target_alloc_host(size_t size, int device);
void *llvm_omp_target_alloc_shared(size_t size, int device);
void *llvm_omp_target_alloc_device(size_t size, int device);
void llvm_omp_target_free_host(void *block, int device);
void llvm_omp_target_free_shared(void *block, int device);
void llvm_omp_target_free_device(void *block, int device);
void *llvm_omp_target_dynamic_shared_alloc(void);

int main(void) {
  int host = omp_get_initial_device();
  char *blocks[] = {llvm_omp_target_alloc_host(8, host), llvm_omp_target_alloc_shared(8, host),
                    llvm_omp_target_alloc_device(8, host)};
  for (int i = 0; i < 3; i++) {
    if (blocks[i] != NULL)
      blocks[i][7] = (char)i;
    printf("%d: %d\n", i, blocks[i] == NULL ? -1 : blocks[i][7]);
  }
  llvm_omp_target_free_host(blocks[0], host);
  llvm_omp_target_free_shared(blocks[1], host);
  llvm_omp_target_free_device(blocks[2], host);
  printf("of a block of threads: %d\n", llvm_omp_target_dynamic_shared_alloc() != NULL);
}
