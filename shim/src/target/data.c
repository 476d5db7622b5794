/* Keeps device data environments: map clauses, target data, enter/exit data, update (OpenMP 5.2, sections 5.8, 13.5 to
 * 13.7 and 13.9; LLVM's omptarget.h).
 *
 * A device has a mirror of the linear memory: the same addresses, so mapping is copying, and pointers mean the same on
 * both sides. What is mapped is in a list, the present table, with its reference counts. */
#include "entries.h"
#include "target.h"
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct mapping *omp2wasi_mappings;
struct mutex omp2wasi_target_lock;

bool omp2wasi_offload_is_mandatory(void) { return omp2wasi_environment.offload == OFFLOAD_MANDATORY; }

int omp_get_initial_device(void) { return omp_get_num_devices(); }
int omp_get_default_device(void) { return omp2wasi_icvs(self)->default_device; }
void omp_set_default_device(int device) { omp2wasi_icvs(self)->default_device = device; }
int omp_get_device_num(void) { return omp_get_initial_device(); }
int omp_is_initial_device(void) { return 1; }

#pragma weak omp2wasi_for_devices

/* None, unless the program was compiled for devices or has offload entries: else its target regions are the host's code
 * alone, and what they map has to stay in the host's memory. */
int omp_get_num_devices(void) {
  bool is_for_devices = &omp2wasi_for_devices != NULL || omp2wasi_has_offload_entries();
  return omp2wasi_environment.offload == OFFLOAD_DISABLED || !is_for_devices ? 0 : (int)omp2wasi_host_num_devices();
}

/* The devices that share all memory with the host, a bit for each. */
static _Atomic uint64_t sharing;

/* Relaxed: each thread asks after omp2wasi_device_of, whose lock orders it. */
bool omp2wasi_shares_memory(int32_t device) {
  return device >= 0 && device < 64 && (atomic_load_explicit(&sharing, memory_order_relaxed) >> device & 1);
}

/* How many ranges the host is told of at once. */
enum { AT_ONCE = 16 };

static _Noreturn void no_memory(void) {
  omp2wasi_fatal("no memory to map memory", "the program's linear memory is full");
}

/* Has the device share all memory; false if the host cannot do that. */
static bool share(int32_t device) {
  struct memory_range all = {0, 0, 0, RANGE_SHARED};
  if (omp2wasi_host_device_map((uint32_t)device, omp2wasi_address(&all), 1) != 0)
    return false;
  atomic_fetch_or_explicit(&sharing, UINT64_C(1) << device, memory_order_relaxed);
  return true;
}

/* Declare target variables are mapped from the start: the mirror has their initial values. */
static void map_variables(int32_t device) {
  static uint64_t mapped;
  if (device >= 64 || mapped >> device & 1)
    return;
  mapped |= UINT64_C(1) << device;
  if (omp2wasi_requires_shared_memory() && share(device))
    return;
  struct offload_entry entry;
  for (struct offload_entries all = omp2wasi_all_entries(); omp2wasi_next_entry(&all, &entry);)
    if (entry.size != 0 && entry.flags == 0) {
      struct mapping *mapping = omp2wasi_add_mapping(device, omp2wasi_address(entry.address), entry.size, FOR_EVER);
      if (mapping == NULL)
        no_memory();
      mapping->is_variable = true;
      if (!omp2wasi_publish_mapping(mapping))
        omp2wasi_fatal("declare target variables cannot be mapped", "the message above says why");
    }
}

int32_t omp2wasi_device_of(int64_t clause) {
  int64_t device = clause == -1 ? omp_get_default_device() : clause;
  if (device >= 0 && device < omp_get_num_devices()) {
    omp2wasi_lock(&omp2wasi_target_lock);
    map_variables((int32_t)device);
    omp2wasi_unlock(&omp2wasi_target_lock);
    return (int32_t)device;
  }
  /* The initial device (the host) counts as a device for a construct or routine that asks for it by number. */
  bool is_initial = device == omp_get_initial_device() && (clause != -1 || omp_get_num_devices() > 0);
  if (omp2wasi_offload_is_mandatory() && !is_initial)
    omp2wasi_fatal("OMP_TARGET_OFFLOAD=mandatory: there is no such device",
                   "`omp2wasi devices` lists those that there are");
  return -1;
}

static void sync_ranges(int32_t device, const struct memory_range *ranges, uint32_t count, uint32_t direction) {
  if (count != 0 && omp2wasi_host_device_sync((uint32_t)device, omp2wasi_address(ranges), count, direction) != 0)
    omp2wasi_fatal("memory cannot be copied to or from the device", "the message above says why");
}

/* Makes one copy of bytes like the other, as an update does: `direction` is SYNC_TO_DEVICE or SYNC_FROM_DEVICE. */
static void sync(int32_t device, uint32_t begin, uint32_t size, uint32_t direction) {
  struct memory_range range = {begin, size, begin, 0};
  sync_ranges(device, &range, size != 0, direction);
}

struct mapping *omp2wasi_find_mapping(int32_t device, uint32_t begin, uint32_t size) {
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    if (at->device == device && at->begin <= begin && begin - at->begin < at->size &&
        size <= at->size - (begin - at->begin))
      return at;
  return NULL;
}

uint32_t omp2wasi_next_mapping(int32_t device, uint32_t begin, uint32_t end) {
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    if (at->device == device && at->begin >= begin && at->begin < end)
      end = at->begin;
  return end;
}

struct mapping *omp2wasi_add_mapping(int32_t device, uint32_t begin, uint32_t size, int64_t reference_count) {
  struct mapping *mapping = malloc(sizeof *mapping);
  if (mapping == NULL)
    return NULL;
  *mapping = (struct mapping){.next = omp2wasi_mappings,
                              .begin = begin,
                              .size = size,
                              .base = begin,
                              .device = device,
                              .reference_count = reference_count};
  omp2wasi_mappings = mapping;
  return mapping;
}

/* The host is told whether what is mapped is static data, since a distance between two such objects is a constant in a
 * loop's code. */
static struct memory_range range_of(const struct mapping *mapping) {
  extern char __global_base __attribute__((visibility("hidden"))), __data_end __attribute__((visibility("hidden")));
  bool is_static = mapping->begin >= omp2wasi_address(&__global_base) && mapping->begin < omp2wasi_address(&__data_end);
  uint32_t flags = (is_static ? RANGE_STATIC : 0) | (mapping->is_variable ? RANGE_VARIABLE : 0) |
                   (mapping->goes_to_device ? RANGE_FROM_HOST : 0);
  return (struct memory_range){mapping->begin, mapping->size, mapping->base, flags};
}

bool omp2wasi_publish_mapping(struct mapping *mapping) {
  struct memory_range range = range_of(mapping);
  return mapping->device == HOST_DEVICE ||
         omp2wasi_host_device_map((uint32_t)mapping->device, omp2wasi_address(&range), 1) == 0;
}

/* Takes a mapping out of the table. */
static void remove_mapping(struct mapping *mapping) {
  struct mapping **at = &omp2wasi_mappings;
  while (*at != mapping)
    at = &(*at)->next;
  *at = mapping->next;
  for (struct attachment *attachment = mapping->attachments, *next; attachment != NULL; attachment = next) {
    next = attachment->next;
    free(attachment);
  }
  free(mapping);
}

static void unpublish(int32_t device, const struct memory_range *ranges, uint32_t count) {
  if (device != HOST_DEVICE && count != 0 &&
      omp2wasi_host_device_unmap((uint32_t)device, omp2wasi_address(ranges), count) != 0)
    omp2wasi_fatal("memory cannot be unmapped", "the message above says why");
}

void omp2wasi_release_mapping(struct mapping *mapping) {
  struct memory_range range = range_of(mapping);
  unpublish(mapping->device, &range, 1);
  remove_mapping(mapping);
}

/* User-defined mappers: clang emits a function that pushes the parts of what it is given (OpenMP 5.2, section
 * 5.8.8). */

typedef void mapper(struct maps *into, void *base, void *pointer, int64_t size, int64_t type, void *name);

int64_t __tgt_mapper_num_components(struct maps *into) { return into->count; }

void __tgt_push_mapper_component(struct maps *into, void *base, void *pointer, int64_t size, int64_t type, void *name) {
  (void)name;
  uint32_t count = into->count, room = count < 4 ? 4 : count * 2;
  /* Full at every power of two from 4 on. */
  if (count == 0 || (count >= 4 && (count & (count - 1)) == 0)) {
    into->bases = realloc(into->bases, room * sizeof *into->bases);
    into->pointers = realloc(into->pointers, room * sizeof *into->pointers);
    into->sizes = realloc(into->sizes, room * sizeof *into->sizes);
    into->types = realloc(into->types, room * sizeof *into->types);
    if (into->bases == NULL || into->pointers == NULL || into->sizes == NULL || into->types == NULL)
      no_memory();
  }
  into->bases[count] = base;
  into->pointers[count] = pointer;
  into->sizes[count] = size;
  into->types[count] = type;
  into->count = count + 1;
}

static void discard(struct maps *expanded) {
  free(expanded->bases);
  free(expanded->pointers);
  free(expanded->sizes);
  free(expanded->types);
}

/* What mappers make of a construct's maps; false if it has no mappers. */
static bool expand(const struct maps *maps, struct maps *expanded) {
  bool any = false;
  for (uint32_t i = 0; maps->mappers != NULL && i < maps->count; i++)
    any |= maps->mappers[i] != NULL;
  if (!any)
    return false;
  *expanded = (struct maps){0};
  for (uint32_t i = 0; i < maps->count; i++) {
    if (maps->mappers[i] != NULL)
      ((mapper *)maps->mappers[i])(expanded, maps->bases[i], maps->pointers[i], maps->sizes[i], maps->types[i], NULL);
    else
      __tgt_push_mapper_component(expanded, maps->bases[i], maps->pointers[i], maps->sizes[i], maps->types[i], NULL);
  }
  return true;
}

void omp2wasi_with_components(int32_t device, const struct maps *maps, construct *construct) {
  struct maps expanded;
  if (!expand(maps, &expanded)) {
    construct(device, maps);
    return;
  }
  construct(device, &expanded);
  discard(&expanded);
}

static bool is_mapped(const struct maps *maps, uint32_t i) {
  return maps->sizes[i] != 0 && !omp2wasi_is_value(maps->types[i]) && (maps->types[i] & MAP_ATTACH) == 0;
}

static struct mapping *mapping_of(int32_t device, const struct maps *maps, uint32_t i) {
  return is_mapped(maps, i)
             ? omp2wasi_find_mapping(device, omp2wasi_address(maps->pointers[i]), (uint32_t)maps->sizes[i])
             : NULL;
}

/* Whether some of it was mapped before this construct. */
static bool is_mapped_in_part(int32_t device, uint32_t begin, uint32_t size) {
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    if (at->device == device && !at->is_new && omp2wasi_overlaps(at, begin, size))
      return true;
  return false;
}

/* Memory that is mapped in part: with what this construct has mapped it becomes one; what was mapped before stays as it
 * is. */
static struct mapping *merge(int32_t device, uint32_t begin, uint32_t size) {
  for (struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next) {
    if (at->device != device || !omp2wasi_overlaps(at, begin, size))
      continue;
    if (!at->is_new)
      omp2wasi_fatal("map of memory that is mapped in part", "map all of it at once, or unmap the part first");
    uint32_t end = begin + size > at->begin + at->size ? begin + size : at->begin + at->size;
    at->begin = begin < at->begin ? begin : at->begin;
    at->size = end - at->begin;
    return at;
  }
  return NULL;
}

/* Notes a pointer to what is mapped here. Its value is the same on both sides. */
static void note_attachment(struct mapping *mapping, uint32_t pointer_at) {
  uint32_t pointer = *(const uint32_t *)(uintptr_t)pointer_at;
  for (struct attachment *at = mapping->attachments; at != NULL; at = at->next)
    if (at->pointer_at == pointer_at) {
      at->pointer = pointer;
      return;
    }
  struct attachment *attachment = malloc(sizeof *attachment);
  if (attachment == NULL)
    no_memory();
  *attachment = (struct attachment){mapping->attachments, pointer_at, pointer};
  mapping->attachments = attachment;
}

/* The same of a pointer in mapped memory. */
static void attach(struct mapping *mapping, uint32_t pointer_at) {
  sync(mapping->device, pointer_at, sizeof(void *), SYNC_TO_DEVICE);
  note_attachment(mapping, pointer_at);
}

/* Whether a pointer is a member of a structure of which a construct maps other members. */
static bool is_beside_mapped(const struct maps *maps, uint32_t pointer_at) {
  enum { NEAR = 1 << 16 };
  for (uint32_t i = 0; i < maps->count; i++) {
    uint32_t base = omp2wasi_address(maps->bases[i]), begin = omp2wasi_address(maps->pointers[i]);
    if (is_mapped(maps, i) && pointer_at - base < NEAR && begin - base < NEAR)
      return true;
  }
  return false;
}

/* Attaches the pointers that clang names for it, from 22 on, where what they point to is mapped. A pointer that is not
 * mapped is noted with what is mapped first here: a region may map the structure that the pointer is in. */
static void attach_pointers(int32_t device, const struct maps *maps) {
  for (uint32_t i = 0; i < maps->count; i++) {
    if ((maps->types[i] & MAP_ATTACH) == 0)
      continue;
    struct mapping *mapping = omp2wasi_find_mapping(device, omp2wasi_address(maps->pointers[i]), 1);
    uint32_t pointer_at = omp2wasi_address(maps->bases[i]);
    if (mapping != NULL && omp2wasi_find_mapping(device, pointer_at, sizeof(void *)) != NULL)
      attach(mapping, pointer_at);
    else if (mapping != NULL && mapping->is_new)
      note_attachment(mapping, pointer_at);
    /* A region may find it by way of another member, in memory of the device that nothing is mapped to. */
    if (mapping != NULL && omp2wasi_find_mapping(device, pointer_at, sizeof(void *)) == NULL &&
        is_beside_mapped(maps, pointer_at))
      sync(device, pointer_at, sizeof(void *), SYNC_TO_DEVICE);
  }
}

/* Counts the constructs whose data have come back. Changes with the lock held. */
static struct wait_word left;

static bool has_leaving(int32_t device, const struct maps *maps) {
  for (const struct mapping *at = omp2wasi_mappings; at != NULL; at = at->next)
    for (uint32_t i = 0; at->leaves_with != NULL && at->device == device && i < maps->count; i++)
      if (is_mapped(maps, i) && omp2wasi_overlaps(at, omp2wasi_address(maps->pointers[i]), (uint32_t)maps->sizes[i]))
        return true;
  return false;
}

void omp2wasi_await_leaving(int32_t device, const struct maps *maps) {
  while (has_leaving(device, maps)) {
    /* With the lock held: a thread that is done later changes it later. */
    uint32_t seen = omp2wasi_load(&left.value);
    omp2wasi_unlock(&omp2wasi_target_lock);
    omp2wasi_wait(&left, seen, 0);
    omp2wasi_lock(&omp2wasi_target_lock);
  }
}

/* Brings back what is leaving, while others have the lock: only who means the same has to wait. */
static void sync_unlocked(int32_t device, const struct memory_range *ranges, uint32_t count) {
  omp2wasi_unlock(&omp2wasi_target_lock);
  sync_ranges(device, ranges, count, SYNC_FROM_DEVICE);
  omp2wasi_lock(&omp2wasi_target_lock);
}

/* Finds or makes the mapping of one map; NULL if nothing is mapped for it. */
static struct mapping *enter(int32_t device, const struct maps *maps, uint32_t i) {
  uint32_t begin = omp2wasi_address(maps->pointers[i]), size = (uint32_t)maps->sizes[i];
  int64_t type = maps->types[i];
  struct mapping *mapping = omp2wasi_find_mapping(device, begin, size == 0 ? 1 : size);
  if (mapping != NULL)
    mapping->is_pointed_to |= (type & MAP_RETURN_PARAM) != 0;
  if (!is_mapped(maps, i))
    return NULL;
  if (mapping == NULL) {
    if (type & MAP_PRESENT)
      omp2wasi_fatal("map(present: ...) of memory that is not mapped",
                     "map it in an enclosing target data or target enter data");
    /* A variable of which parts are mapped, and those are what the region uses. */
    if ((type & MAP_IMPLICIT) && is_mapped_in_part(device, begin, size))
      return NULL;
    mapping = merge(device, begin, size);
  }
  if (mapping == NULL) {
    mapping = omp2wasi_add_mapping(device, begin, size, 0);
    if (mapping == NULL)
      no_memory();
    mapping->is_new = true;
    mapping->is_pointed_to = (type & MAP_RETURN_PARAM) != 0;
  }
  mapping->reference_count++;
  uint32_t base = omp2wasi_address(maps->bases[i]);
  if ((type & MAP_PTR_AND_OBJ) == 0 && mapping->base != base) {
    mapping->base = base;
    mapping->has_new_base = true;
  }
  return mapping;
}

/* Tells the host what has been mapped. */
static void publish(int32_t device) {
  struct memory_range ranges[AT_ONCE];
  uint32_t count = 0;
  for (struct mapping *at = omp2wasi_mappings; at != NULL || count != 0;) {
    if (at != NULL && at->device == device && (at->is_new || at->has_new_base))
      ranges[count++] = range_of(at);
    if (count == AT_ONCE || (at == NULL && count != 0)) {
      if (omp2wasi_host_device_map((uint32_t)device, omp2wasi_address(ranges), count) != 0)
        omp2wasi_fatal("memory cannot be mapped", "the message above says why");
      count = 0;
    }
    if (at != NULL) {
      at->is_new = at->has_new_base = at->goes_to_device = false;
      at = at->next;
    }
  }
}

/* Maps what a construct says. What a region maps goes to the device when a launch needs it, what other constructs map
 * goes at once. */
static void map(int32_t device, const struct maps *maps, bool is_region) {
  omp2wasi_await_leaving(device, maps);
  for (uint32_t i = 0; i < maps->count; i++) {
    struct mapping *mapping = enter(device, maps, i);
    if (mapping == NULL)
      continue;
    /* A structure is mapped first; its members, which say what is copied, come after it. */
    if ((maps->types[i] & MAP_TO) && mapping->is_new && is_region)
      mapping->goes_to_device = true;
    else if ((maps->types[i] & MAP_TO) && (mapping->is_new || (maps->types[i] & MAP_ALWAYS)))
      sync(device, omp2wasi_address(maps->pointers[i]), (uint32_t)maps->sizes[i], SYNC_TO_DEVICE);
    if ((maps->types[i] & MAP_PTR_AND_OBJ) && maps->bases[i] != maps->pointers[i])
      attach(mapping, omp2wasi_address(maps->bases[i]));
  }
  attach_pointers(device, maps);
  publish(device);
}

static void map_begin(int32_t device, const struct maps *maps) { map(device, maps, false); }
static void map_region(int32_t device, const struct maps *maps) { map(device, maps, true); }

static void map_end(int32_t device, const struct maps *maps) {
  omp2wasi_await_leaving(device, maps);
  for (uint32_t i = 0; i < maps->count; i++) {
    struct mapping *mapping = mapping_of(device, maps, i);
    if (mapping == NULL || mapping->reference_count >= FOR_EVER / 2)
      continue;
    mapping->reference_count = maps->types[i] & MAP_DELETE ? 0 : mapping->reference_count - 1;
    mapping->leaves_with = mapping->reference_count <= 0 ? maps : NULL;
  }
  /* What the maps say is to come back (`from`): with `always` now, of what no construct refers to any more without the
   * lock. */
  for (uint32_t i = 0; i < maps->count; i++) {
    struct mapping *mapping = mapping_of(device, maps, i);
    if (mapping != NULL && mapping->leaves_with == NULL && (maps->types[i] & MAP_FROM) && (maps->types[i] & MAP_ALWAYS))
      sync(device, omp2wasi_address(maps->pointers[i]), (uint32_t)maps->sizes[i], SYNC_FROM_DEVICE);
  }
  struct memory_range ranges[AT_ONCE];
  uint32_t count = 0;
  for (uint32_t i = 0; i < maps->count; i++) {
    struct mapping *mapping = mapping_of(device, maps, i);
    if (mapping != NULL && mapping->leaves_with == maps && (maps->types[i] & MAP_FROM))
      ranges[count++] = (struct memory_range){omp2wasi_address(maps->pointers[i]), (uint32_t)maps->sizes[i], 0, 0};
    if (count == AT_ONCE || i + 1 == maps->count) {
      if (count != 0)
        sync_unlocked(device, ranges, count);
      count = 0;
    }
  }
  for (uint32_t i = 0; i < maps->count; i++) {
    struct mapping *mapping = mapping_of(device, maps, i);
    if (mapping == NULL || mapping->leaves_with != maps)
      continue;
    ranges[count++] = range_of(mapping);
    remove_mapping(mapping);
    if (count == AT_ONCE) {
      unpublish(device, ranges, count);
      count = 0;
    }
  }
  unpublish(device, ranges, count);
  omp2wasi_signal(&left, left.value + 1, -1);
}

/* A dimension of an array section (LLVM's __tgt_target_non_contig): the first index, how many, and bytes from one to
 * the next. */
struct dimension {
  uint64_t offset, count, stride;
};

/* Syncs the pieces of a section of mapped memory, each as long as it can be: `size` bytes where all dimensions have an
 * index. */
static void sync_section(struct mapping *mapping, uint32_t begin, const struct dimension *dimensions, uint32_t count,
                         uint32_t size, uint32_t direction) {
  if (count == 0) {
    if (omp2wasi_find_mapping(mapping->device, begin, size) != mapping)
      omp2wasi_fatal("update of memory that is mapped in part",
                     "map all of it; clang also describes sections with a stride, and of members of structures, so: "
                     "update each row by itself");
    sync(mapping->device, begin, size, direction);
    return;
  }
  for (uint64_t i = 0; i < dimensions->count; i++) {
    uint32_t at = begin + (uint32_t)((dimensions->offset + i) * dimensions->stride);
    sync_section(mapping, at, dimensions + 1, count - 1, size, direction);
  }
}

/* An update of a section whose rows are apart. */
static void update_section(int32_t device, uint32_t begin, const struct dimension *dimensions, uint32_t count,
                           uint32_t direction) {
  uint32_t size = 0, first = begin;
  for (uint32_t i = 0; i < count; i++)
    first += (uint32_t)(dimensions[i].offset * dimensions[i].stride);
  struct mapping *mapping = omp2wasi_find_mapping(device, first, 1);
  if (mapping == NULL)
    return;
  for (; count > 0 && (size == 0 || dimensions[count - 1].stride == size); count--) {
    begin += (uint32_t)(dimensions[count - 1].offset * dimensions[count - 1].stride);
    size = (uint32_t)(dimensions[count - 1].count * dimensions[count - 1].stride);
  }
  sync_section(mapping, begin, dimensions, count, size, direction);
}

/* What is not mapped stays as it is. */
static void update(int32_t device, const struct maps *maps) {
  for (uint32_t i = 0; i < maps->count; i++) {
    uint32_t begin = omp2wasi_address(maps->pointers[i]), size = (uint32_t)maps->sizes[i];
    uint32_t direction = maps->types[i] & MAP_TO ? SYNC_TO_DEVICE : SYNC_FROM_DEVICE;
    if (maps->types[i] >> MAP_NON_CONTIG_SHIFT & 1)
      update_section(device, omp2wasi_address(maps->bases[i]), maps->pointers[i], size, direction);
    else if (size != 0 && (maps->types[i] & (MAP_TO | MAP_FROM)) && omp2wasi_find_mapping(device, begin, size) != NULL)
      sync(device, begin, size, direction);
  }
}

void omp2wasi_map_begin(int32_t device, const struct maps *maps) {
  if (!omp2wasi_shares_memory(device))
    omp2wasi_with_components(device, maps, map_region);
}

void omp2wasi_map_end(int32_t device, const struct maps *maps) {
  if (!omp2wasi_shares_memory(device))
    omp2wasi_with_components(device, maps, map_end);
}

static void data_construct(int64_t clause, construct *construct, const struct maps *maps) {
  int32_t device = omp2wasi_device_of(clause);
  if (device < 0 || omp2wasi_shares_memory(device))
    return;
  omp2wasi_lock(&omp2wasi_target_lock);
  omp2wasi_with_components(device, maps, construct);
  omp2wasi_unlock(&omp2wasi_target_lock);
}

/* Each construct has an entry point, and one for `nowait`: that is called in a task (task.c). */
#define DATA_CONSTRUCT(name, construct)                                                                                \
  void __tgt_target_data_##name##_mapper(struct ident *loc, int64_t clause, int32_t count, void **bases,               \
                                         void **pointers, int64_t *sizes, int64_t *types, void **names,                \
                                         void **mappers) {                                                             \
    omp2wasi_meet(loc);                                                                                                \
    data_construct(clause, construct, &(struct maps){(uint32_t)count, bases, pointers, sizes, types, names, mappers}); \
  }                                                                                                                    \
  void __tgt_target_data_##name##_nowait_mapper(                                                                       \
      struct ident *loc, int64_t clause, int32_t count, void **bases, void **pointers, int64_t *sizes, int64_t *types, \
      void **names, void **mappers, int32_t depends, void *depend_list, int32_t noalias, void *noalias_list) {         \
    (void)depends, (void)depend_list, (void)noalias, (void)noalias_list;                                               \
    __tgt_target_data_##name##_mapper(loc, clause, count, bases, pointers, sizes, types, names, mappers);              \
  }

DATA_CONSTRUCT(begin, map_begin)
DATA_CONSTRUCT(end, map_end)
DATA_CONSTRUCT(update, update)
