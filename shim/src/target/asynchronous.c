/* Implements the device memory routines that are target tasks: omp_target_memcpy_async, omp_target_memcpy_rect_async
 * and omp_target_memset_async (OpenMP 5.2, sections 18.8.7 and 18.8.8; OpenMP 6.0, section 25.9).
 *
 * Invariant: a routine returns when its tasks' dependences are met and its work is done: a target task whose execution
 * is not deferred. */
#include "target.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

void __kmpc_omp_wait_deps(struct ident *loc, int32_t gtid, int32_t count, void *list, int32_t noalias,
                          void *noalias_list);

/* A dependence as clang describes it (LLVM's kmp_depend_info_t). A depend object is the address of the second element
 * of an array of these; the first one's `base` says how many others there are. */
struct dependence {
  uint32_t base, length, flags;
};

static const struct dependence *dependences_of(omp_depend_t object, uint32_t *count) {
  const struct dependence *first;
  memcpy(&first, &object, sizeof first);
  *count = first == NULL ? 0 : first[-1].base;
  return first;
}

static void meet_dependences(int count, omp_depend_t *objects) {
  uint32_t total = 0, each;
  for (int i = 0; i < count; i++) {
    dependences_of(objects[i], &each);
    total += each;
  }
  if (total == 0)
    return;
  struct dependence *list = malloc(total * sizeof *list), *at = list;
  if (list == NULL)
    omp2wasi_fatal("no memory for a target task", "the program's linear memory is full");
  for (int i = 0; i < count; i++) {
    const struct dependence *of_object = dependences_of(objects[i], &each);
    memcpy(at, of_object, each * sizeof *at);
    at += each;
  }
  __kmpc_omp_wait_deps(NULL, self->gtid, (int32_t)total, list, 0, NULL);
  free(list);
}

int omp_target_memcpy_async(void *to, const void *from, size_t size, size_t to_offset, size_t from_offset,
                            int to_device, int from_device, int count, omp_depend_t *objects) {
  meet_dependences(count, objects);
  return omp_target_memcpy(to, from, size, to_offset, from_offset, to_device, from_device);
}

int omp_target_memcpy_rect_async(void *to, const void *from, size_t size, int dims, const size_t *volume,
                                 const size_t *to_offsets, const size_t *from_offsets, const size_t *to_dims,
                                 const size_t *from_dims, int to_device, int from_device, int count,
                                 omp_depend_t *objects) {
  /* The question of how many dimensions there can be is no copy. */
  if (to != NULL || from != NULL)
    meet_dependences(count, objects);
  return omp_target_memcpy_rect(to, from, size, dims, volume, to_offsets, from_offsets, to_dims, from_dims, to_device,
                                from_device);
}

void *omp_target_memset_async(void *block, int value, size_t size, int device, int count, omp_depend_t *objects) {
  meet_dependences(count, objects);
  return omp_target_memset(block, value, size, device);
}
