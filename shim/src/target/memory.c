/* Implements the device memory routines (OpenMP 5.2, section 18.8; OpenMP 6.0 for omp_target_memset).
 *
 * An address on a device is the same address of its mirror: device memory is memory that is always mapped, so a region
 * that has to run on the host finds it. */
#include "target.h"
#include <limits.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { INVALID = 22 }; /* EINVAL */

/* The host has two numbers: it is also the one behind the last device. */
static int device_number(int device) { return device == omp_initial_device ? omp_get_num_devices() : device; }

/* The device in whose mappings memory is noted that the program has asked for there. What is shared is the host's. */
static int32_t noted_at(int device) {
  bool is_device = device >= 0 && device < omp_get_num_devices() && omp2wasi_device_of(device) == device;
  return is_device && !omp2wasi_shares_memory(device) ? device : HOST_DEVICE;
}

/* Maps memory until the program frees or disassociates it; NULL if the host cannot map it. */
static struct mapping *map_for_ever(int32_t device, uint32_t begin, uint32_t size) {
  struct mapping *mapping = omp2wasi_add_mapping(device, begin, size, FOR_EVER);
  if (mapping == NULL || omp2wasi_publish_mapping(mapping))
    return mapping;
  omp2wasi_release_mapping(mapping);
  return NULL;
}

void *omp_target_alloc(size_t size, int device) {
  device = device_number(device);
  if (device < 0 || device > omp_get_num_devices() || size == 0)
    return NULL;
  device = noted_at(device);
  void *block = malloc(size);
  if (block == NULL)
    return NULL;
  omp2wasi_lock(&omp2wasi_target_lock);
  struct mapping *mapping = map_for_ever(device, omp2wasi_address(block), size);
  if (mapping != NULL)
    mapping->is_device_memory = mapping->is_pointed_to = true;
  omp2wasi_unlock(&omp2wasi_target_lock);
  if (mapping != NULL)
    return block;
  free(block);
  return NULL;
}

void omp_target_free(void *block, int device) {
  if (block == NULL)
    return;
  device = noted_at(device_number(device));
  omp2wasi_lock(&omp2wasi_target_lock);
  struct mapping *mapping = omp2wasi_find_mapping(device, omp2wasi_address(block), 1);
  if (mapping != NULL)
    omp2wasi_release_mapping(mapping);
  omp2wasi_unlock(&omp2wasi_target_lock);
  free(block);
}

int omp_target_is_present(const void *pointer, int device) {
  device = device_number(device);
  if (device == omp_get_initial_device())
    return 1;
  omp2wasi_lock(&omp2wasi_target_lock);
  bool present = omp2wasi_find_mapping(device, omp2wasi_address(pointer), 1) != NULL;
  omp2wasi_unlock(&omp2wasi_target_lock);
  return present;
}

int omp_target_is_accessible(const void *pointer, size_t size, int device) {
  device = device_number(device);
  (void)pointer, (void)size;
  return device == omp_get_initial_device() ||
         (device >= 0 && device < omp_get_num_devices() && noted_at(device) == HOST_DEVICE);
}

void *omp_get_mapped_ptr(const void *pointer, int device) {
  device = device_number(device);
  if (device < 0 || device > omp_get_num_devices())
    return NULL;
  if (noted_at(device) == HOST_DEVICE)
    return (void *)(uintptr_t)pointer;
  omp2wasi_lock(&omp2wasi_target_lock);
  struct mapping *mapping = omp2wasi_find_mapping(device, omp2wasi_address(pointer), 1);
  if (mapping != NULL)
    mapping->is_pointed_to = true;
  omp2wasi_unlock(&omp2wasi_target_lock);
  return mapping != NULL ? (void *)(uintptr_t)pointer : NULL;
}

/* A host address corresponds to the same address of the device's, and to no other. */
int omp_target_associate_ptr(const void *host, const void *device_pointer, size_t size, size_t offset, int device) {
  if ((uintptr_t)host != (uintptr_t)device_pointer + offset || device < 0 || device >= omp_get_num_devices())
    return INVALID;
  device = noted_at(device);
  omp2wasi_lock(&omp2wasi_target_lock);
  struct mapping *mapping = omp2wasi_find_mapping(device, omp2wasi_address(host), size);
  bool done = mapping != NULL || map_for_ever(device, omp2wasi_address(host), size) != NULL;
  omp2wasi_unlock(&omp2wasi_target_lock);
  return done ? 0 : INVALID;
}

int omp_target_disassociate_ptr(const void *pointer, int device) {
  if (device < 0 || device >= omp_get_num_devices())
    return INVALID;
  device = noted_at(device);
  omp2wasi_lock(&omp2wasi_target_lock);
  struct mapping *mapping = omp2wasi_find_mapping(device, omp2wasi_address(pointer), 1);
  bool found = mapping != NULL && mapping->begin == omp2wasi_address(pointer) &&
               mapping->reference_count >= FOR_EVER / 2 && !mapping->is_device_memory && !mapping->is_variable;
  if (found)
    omp2wasi_release_mapping(mapping);
  omp2wasi_unlock(&omp2wasi_target_lock);
  return found ? 0 : INVALID;
}

static bool are_devices(int to, int from) {
  int host = omp_get_num_devices();
  return to >= 0 && to <= host && from >= 0 && from <= host;
}

/* From where the newest contents are to there. */
static void move(uint32_t to, uint32_t from, uint32_t size, int to_device, int from_device) {
  uint32_t to_number = (uint32_t)noted_at(to_device), from_number = (uint32_t)noted_at(from_device);
  if (to_number == (uint32_t)HOST_DEVICE && from_number == (uint32_t)HOST_DEVICE) {
    memmove((void *)(uintptr_t)to, (const void *)(uintptr_t)from, size);
    return;
  }
  if (size != 0 && omp2wasi_host_device_copy(to_number, to, from_number, from, size) != 0) {
    omp2wasi_meet(NULL); /* A routine is no construct: the message names the parallel region around it. */
    omp2wasi_fatal("memory cannot be copied to or from the device", "the message above says why");
  }
}

int omp_target_memcpy(void *to, const void *from, size_t size, size_t to_offset, size_t from_offset, int to_device,
                      int from_device) {
  to_device = device_number(to_device);
  from_device = device_number(from_device);
  if (to == NULL || from == NULL || !are_devices(to_device, from_device))
    return INVALID;
  move(omp2wasi_address(to) + to_offset, omp2wasi_address(from) + from_offset, size, to_device, from_device);
  return 0;
}

/* One array of a copy of boxes: on which device, the box's offsets and the array's sizes in elements, dimension by
 * dimension. */
struct array {
  int device;
  const size_t *offsets, *dims;
};

/* Copies a box of `volume` elements of `size` bytes from one array to another, whose parts in these dimensions begin at
 * `to` and `from`: for each of the outer dimensions the box in the others. `dim` is the first of them. */
static void copy_box(uint32_t to, uint32_t from, size_t size, int dim, int dims, const size_t *volume,
                     const struct array arrays[2]) {
  const struct array *to_array = &arrays[0], *from_array = &arrays[1];
  size_t to_element = size, from_element = size;
  for (int i = dim + 1; i < dims; i++) {
    to_element *= to_array->dims[i];
    from_element *= from_array->dims[i];
  }
  to += to_array->offsets[dim] * to_element;
  from += from_array->offsets[dim] * from_element;
  if (dim == dims - 1) {
    move(to, from, volume[dim] * size, to_array->device, from_array->device);
    return;
  }
  for (size_t i = 0; i < volume[dim]; i++)
    copy_box(to + i * to_element, from + i * from_element, size, dim + 1, dims, volume, arrays);
}

int omp_target_memcpy_rect(void *to, const void *from, size_t size, int dims, const size_t *volume,
                           const size_t *to_offsets, const size_t *from_offsets, const size_t *to_dims,
                           const size_t *from_dims, int to_device, int from_device) {
  if (to == NULL && from == NULL)
    return INT_MAX; /* how many dimensions there can be */
  to_device = device_number(to_device);
  from_device = device_number(from_device);
  if (to == NULL || from == NULL || size == 0 || dims < 1 || !are_devices(to_device, from_device) || volume == NULL ||
      to_offsets == NULL || from_offsets == NULL || to_dims == NULL || from_dims == NULL)
    return INVALID;
  const struct array arrays[2] = {{to_device, to_offsets, to_dims}, {from_device, from_offsets, from_dims}};
  copy_box(omp2wasi_address(to), omp2wasi_address(from), size, 0, dims, volume, arrays);
  return 0;
}

/* On a device, the bytes come from the host, some at a time. */
void *omp_target_memset(void *block, int value, size_t size, int device) {
  enum { AT_ONCE = 4096 };
  device = device_number(device);
  int host = omp_get_num_devices();
  if (block == NULL || device < 0 || device > host)
    return NULL;
  if (noted_at(device) == HOST_DEVICE)
    return memset(block, value, size);
  char bytes[AT_ONCE];
  memset(bytes, value, sizeof bytes);
  for (size_t done = 0; done < size; done += AT_ONCE) {
    uint32_t count = size - done < AT_ONCE ? (uint32_t)(size - done) : AT_ONCE;
    move(omp2wasi_address(block) + done, omp2wasi_address(bytes), count, device, host);
  }
  return block;
}
