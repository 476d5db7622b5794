/* Finds out which mapped memory a region that runs on the host may use, and has the host bring it up to date there
 * (device_host_use). It may use what it maps, declare target variables, and what pointers in that memory point to:
 * pointers that were mapped with what they point to (attachments), and those that the program has stored to device
 * memory, or to what it has asked the device address of. */
#include "target.h"
#include <stdlib.h>

/* Whether a pointer to it is in a range, and not by now something else, as in a frame that has ended. */
static bool is_attached_in(const struct mapping *mapping, uint32_t begin, uint32_t size) {
  for (const struct attachment *at = mapping->attachments; at != NULL; at = at->next)
    if (at->pointer_at - begin < size && *(const uint32_t *)(uintptr_t)at->pointer_at == at->pointer)
      return true;
  return false;
}

/* Marks what a region's maps mean. */
static void mark_maps(int32_t device, const struct maps *maps) {
  for (uint32_t i = 0; i < maps->count; i++) {
    uint32_t pointer = omp2wasi_address(maps->pointers[i]);
    bool is_value = omp2wasi_is_value(maps->types[i]), is_found = false;
    uint32_t size = is_value ? 0 : (uint32_t)maps->sizes[i];
    uint32_t held = maps->types[i] & MAP_LITERAL ? 0 : (uint32_t)maps->sizes[i]; /* may hold pointers */
    /* Also a value: it may be a pointer. Also a variable of which parts are mapped, or what its pointers point to. */
    for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
      if (at->device == device &&
          (omp2wasi_overlaps(at, pointer, size) || pointer == at->base || is_attached_in(at, pointer, held)))
        at->is_used = is_found = true;
    /* A section of unknown length of what is not mapped there: it may be of anything that is mapped behind that. */
    bool is_section = maps->sizes[i] == 0 && !is_value && pointer != 0;
    for (struct mapping *at = omp2wasi_mappings; at != NULL && !is_found && is_section; at = at->next)
      at->is_used |= at->device == device;
  }
}

/* Marks what was mapped together with pointers to it that are in used memory; whether that is any. */
static bool mark_attached(int32_t device) {
  bool any = false;
  for (struct mapping *mapping = omp2wasi_mappings; mapping != NULL; mapping = mapping->next)
    for (struct attachment *at = mapping->attachments; at != NULL && !mapping->is_used && mapping->device == device;
         at = at->next) {
      struct mapping *holder = omp2wasi_find_mapping(device, at->pointer_at, 1);
      mapping->is_used = holder != NULL && holder->is_used;
      any |= mapping->is_used;
    }
  return any;
}

/* Marks what programs may have stored pointers to, if they are in this memory of the host's. */
static void mark_pointed_to(int32_t device, uint32_t begin, uint32_t size) {
  for (struct mapping *mapping = omp2wasi_mappings; mapping != NULL; mapping = mapping->next) {
    bool is_wanted = mapping->device == device && mapping->is_pointed_to && !mapping->is_used;
    for (uint32_t at = (begin + 3) & ~3u; is_wanted && !mapping->is_used && at + 4 <= begin + size; at += 4)
      mapping->is_used = *(const uint32_t *)(uintptr_t)at - mapping->begin <= mapping->size;
  }
}

/* The same for all memory that is used, and for all that the region maps itself. */
static void mark_all_pointed_to(int32_t device, const struct maps *maps) {
  for (struct mapping *holder = omp2wasi_mappings; holder != NULL; holder = holder->next)
    if (holder->is_used)
      mark_pointed_to(device, holder->begin, holder->size);
  for (uint32_t i = 0; i < maps->count; i++)
    if ((maps->types[i] & MAP_LITERAL) == 0)
      mark_pointed_to(device, omp2wasi_address(maps->pointers[i]), (uint32_t)maps->sizes[i]);
}

/* Marks what a region uses as far as maps and attachments say so. */
static void mark_used(int32_t device, const struct maps *maps) {
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    at->is_used = at->device == device && at->is_variable;
  omp2wasi_with_components(device, maps, mark_maps);
  while (mark_attached(device))
    ;
}

static uint32_t count_used(void) {
  uint32_t count = 0;
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    count += at->is_used;
  return count;
}

/* Brings what is marked up to date on the host, for the region of a number, or for ever. The lock is released meanwhile: the
 * host may have to wait for launches. What other threads unmap by then is not the host's to bring. */
static void sync_used(int32_t device, uint32_t count, uint32_t *number) {
  if (count == 0)
    return;
  struct memory_range *ranges = malloc(count * sizeof *ranges), *range = ranges;
  if (ranges == NULL)
    omp2wasi_fatal("no memory for a target region", "the program's linear memory is full");
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    if (at->is_used)
      *range++ = (struct memory_range){at->begin, at->size, at->base, 0};
  omp2wasi_unlock(&omp2wasi_target_lock);
  uint32_t list = omp2wasi_address(ranges);
  bool is_there = true;
  if (number == NULL)
    is_there = omp2wasi_host_device_host_use((uint32_t)device, list, count) == 0;
  else
    is_there = (*number = (uint32_t)omp2wasi_host_device_begin_host_use((uint32_t)device, list, count, *number)) != 0;
  if (!is_there)
    omp2wasi_fatal("a target region cannot run on the host", "the message above says why");
  omp2wasi_lock(&omp2wasi_target_lock);
  free(ranges);
}

void omp2wasi_use_on_host(int32_t device, const struct maps *maps, uint32_t *number) {
  mark_used(device, maps);
  /* Pointers in memory can be seen when it is up to date: what they point to comes in further rounds, until there is
   * nothing new. */
  for (uint32_t count = count_used(), known = 0; count > known;) {
    known = count;
    sync_used(device, count, number);
    mark_used(device, maps);
    mark_all_pointed_to(device, maps);
    while (mark_attached(device))
      ;
    count = count_used();
  }
}

void omp2wasi_end_use_on_host(int32_t device, uint32_t number) {
  if (number != 0 && omp2wasi_host_device_end_host_use((uint32_t)device, number) != 0)
    omp2wasi_fatal("the device cannot have back what a target region on the host has used", "the message above says why");
}
