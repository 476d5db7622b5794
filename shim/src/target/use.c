/* What regions use of the memory that is mapped: launches on the device, and regions that run on the host.
 *
 * A launch uses what its microtask may access with the arguments that it has, as the host sees in its code. A region on the host may
 * use what it maps, declare target variables, and what pointers point to that were mapped with it. */
#include "target.h"
#include <stdlib.h>

/* What becomes different when a launch ends that nobody else shares what it used with. */
static struct wait_word ended;

/* The device's mappings, and for parts of arrays that the region maps the arrays they are of. */
static uint32_t add_spans(struct span *spans, struct mapping **mappings, int32_t device, const struct maps *maps) {
  extern char __global_base __attribute__((visibility("hidden"))), __data_end __attribute__((visibility("hidden")));
  uint32_t count = 0, statics = (uint32_t)(uintptr_t)&__global_base, end = (uint32_t)(uintptr_t)&__data_end;
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    if (at->device == device) {
      spans[count] = (struct span){at->begin, at->size, at->base, at->begin >= statics && at->begin < end ? SPAN_STATIC : 0};
      mappings[count++] = at;
    }
  for (uint32_t i = 0; i < maps->count; i++) {
    uint32_t base = (uint32_t)(uintptr_t)maps->bases[i], begin = (uint32_t)(uintptr_t)maps->pointers[i];
    struct mapping *mapping = base == begin || omp2wasi_is_value(maps->types[i]) ? NULL : omp2wasi_find_mapping(device, begin, 1);
    if (mapping != NULL) {
      spans[count] = (struct span){mapping->begin, mapping->size, base, 0};
      mappings[count++] = mapping;
    }
  }
  return count;
}

void omp2wasi_begin_use(struct uses *uses, int32_t device, const struct maps *maps, uint32_t microtask, int32_t argc, void **argv,
                        const struct span *ranges, uint32_t ranges_count) {
  uint32_t most = ranges_count + maps->count;
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    most += at->device == device;
  if (most == 0) {
    *uses = (struct uses){0};
    return;
  }
  *uses = (struct uses){.spans = malloc(most * (sizeof *uses->spans + sizeof *uses->mappings)), .ranges = ranges_count};
  if (uses->spans == NULL)
    omp2wasi_fatal("no memory for a target region", "the program's linear memory is full");
  uses->mappings = (struct mapping **)(uses->spans + most);
  for (uint32_t i = 0; i < ranges_count; i++)
    uses->spans[i] = ranges[i];
  uses->count = add_spans(uses->spans + ranges_count, uses->mappings, device, maps);
  if (omp2wasi_host_device_effects((uint32_t)device, microtask, (uint32_t)argc, (uint32_t)(uintptr_t)argv,
                                   (uint32_t)(uintptr_t)uses->spans, ranges_count + uses->count) != 0)
    omp2wasi_fatal("a parallel region cannot be launched on the device", "the message above says why");
  for (uint32_t i = 0; i < uses->count; i++)
    if (uses->spans[ranges_count + i].access != 0) {
      omp2wasi_bring(uses->mappings[i], DEVICE);
      uses->mappings[i]->users++;
    }
}

void omp2wasi_end_use(struct uses *uses) {
  bool is_free = false;
  for (uint32_t i = 0; i < uses->count; i++) {
    uint32_t access = uses->spans[uses->ranges + i].access;
    struct mapping *mapping = uses->mappings[i];
    if (access & SPAN_WRITES)
      mapping->newest = DEVICE;
    if (access != 0 && --mapping->users == 0) {
      is_free = true;
      if (mapping->is_forgotten)
        free(mapping);
    }
  }
  free(uses->spans);
  if (is_free)
    omp2wasi_signal(&ended, ended.value + 1, -1);
}

static void touch_maps(int32_t device, const struct maps *maps) {
  for (uint32_t i = 0; i < maps->count; i++) {
    uint32_t pointer = (uint32_t)(uintptr_t)maps->pointers[i];
    bool is_value = omp2wasi_is_value(maps->types[i]), is_found = false;
    uint32_t size = is_value ? 0 : (uint32_t)maps->sizes[i];
    /* Also a value: it may be a pointer. Also a variable of which parts are mapped. */
    for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
      if (at->device == device && (omp2wasi_overlaps(at, pointer, size) || pointer == at->base))
        at->is_touched = is_found = true;
    /* A section of unknown length of what is not mapped there: it may be of anything that is mapped behind that. */
    bool is_section = maps->sizes[i] == 0 && !is_value && pointer != 0;
    for (struct mapping *at = omp2wasi_mappings; at != NULL && !is_found && is_section; at = at->next)
      at->is_touched |= at->device == device;
  }
}

/* Touches what was mapped together with pointers to it that are in touched memory; whether that is any. */
static bool touch_attached(int32_t device) {
  bool any = false;
  for (struct mapping *mapping = omp2wasi_mappings; mapping != NULL; mapping = mapping->next)
    for (struct attachment *at = mapping->attachments; at != NULL && !mapping->is_touched && mapping->device == device; at = at->next) {
      struct mapping *holder = omp2wasi_find_mapping(device, at->pointer_at, 1);
      mapping->is_touched = holder != NULL && holder->is_touched;
      any |= mapping->is_touched;
    }
  return any;
}

/* Touches what programs may have stored pointers to, if they are in memory of the host's; whether that is any. */
static bool touch_pointed_to(int32_t device, uint32_t begin, uint32_t size) {
  bool any = false;
  for (struct mapping *mapping = omp2wasi_mappings; mapping != NULL; mapping = mapping->next) {
    bool is_wanted = mapping->device == device && mapping->is_pointed_to && !mapping->is_touched;
    for (uint32_t at = (begin + 3) & ~3u; is_wanted && !mapping->is_touched && at + 4 <= begin + size; at += 4)
      any |= mapping->is_touched = *(const uint32_t *)(uintptr_t)at - mapping->begin <= mapping->size;
  }
  return any;
}

/* The same for all memory that is touched, as far as that is on the host, and all that the region maps itself. */
static bool touch_all_pointed_to(int32_t device, const struct maps *maps) {
  bool any = false;
  for (struct mapping *holder = omp2wasi_mappings; holder != NULL; holder = holder->next)
    if (holder->is_touched)
      any |= touch_pointed_to(device, holder->begin, holder->size);
  for (uint32_t i = 0; i < maps->count; i++)
    if ((maps->types[i] & MAP_LITERAL) == 0)
      any |= touch_pointed_to(device, (uint32_t)(uintptr_t)maps->pointers[i], (uint32_t)maps->sizes[i]);
  return any;
}

static void touch(int32_t device, const struct maps *maps) {
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    at->is_touched = at->device == device && at->is_variable;
  omp2wasi_with_components(device, maps, touch_maps);
  while (touch_attached(device))
    ;
}

static bool is_busy(void) {
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    if (at->is_touched && at->users != 0)
      return true;
  return false;
}

static void bring_touched(void) {
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    if (at->is_touched) {
      omp2wasi_clear_way(at->device, at->begin, at->size);
      omp2wasi_bring(at, HOST);
      at->newest = HOST;
    }
}

void omp2wasi_use_on_host(int32_t device, const struct maps *maps) {
  touch(device, maps);
  do {
    while (is_busy()) {
      uint32_t seen = ended.value;
      omp2wasi_unlock(&omp2wasi_target_lock);
      omp2wasi_wait(&ended, seen, 40);
      omp2wasi_lock(&omp2wasi_target_lock);
      touch(device, maps);
    }
    bring_touched();
  } while (touch_attached(device) || touch_all_pointed_to(device, maps));
}
