/* Target regions and device data environments (OpenMP 5.2, chapter 13; LLVM's omptarget.h).
 *
 * A device has a mirror of the linear memory: the same addresses, so mapping is copying, and pointers mean the same on both sides.
 * What is mapped is in a list, with its reference count and with where its newest contents are.
 *
 * clang follows each __tgt_target_kernel by the region's code for the host, for when the call returns non-zero. It always does: for a
 * teams region it has mapped the data and noted the region in the thread, and the __kmpc_fork_teams that comes next runs the
 * league's one initial task on the host, with the parallel regions inside on the device. If they cannot run there, and for
 * regions without teams, the code runs on the host with the newest data. */
#include "team.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum map_type {
  MAP_TO = 1 << 0,
  MAP_FROM = 1 << 1,
  MAP_ALWAYS = 1 << 2,
  MAP_DELETE = 1 << 3,
  MAP_PTR_AND_OBJ = 1 << 4,
  MAP_PRIVATE = 1 << 7,
  MAP_LITERAL = 1 << 8,
  MAP_PRESENT = 1 << 12,
};

/* Where the newest contents of mapped memory are. */
enum newest { BOTH, HOST, DEVICE };

struct mapping {
  struct mapping *next;
  uint32_t begin, size;
  int32_t device;
  enum newest newest;
  int64_t references;
};

/* The device of memory that omp_target_alloc gave out for the host. */
enum { HOST_DEVICE = -1 };

static struct mapping *mappings;
static struct wait_word lock; /* held for every use of `mappings`, launches included: a data environment is the device's */

/* Version 3 of LLVM's KernelArgsTy. */
struct kernel_args {
  uint32_t version, count;
  void **bases, **pointers;
  int64_t *sizes, *types;
  void **names, **mappers;
  uint64_t tripcount, flags;
  uint32_t num_teams[3], thread_limit[3], shared_memory;
};

_Static_assert(sizeof(struct kernel_args) == 80, "as LLVM's for wasm32");

struct target_region {
  struct target target;
  const struct kernel_args *args;
  int32_t device;
};

/* OMP_TARGET_OFFLOAD (OpenMP 5.2, section 21.9). */
enum offload_policy { OFFLOAD_DEFAULT, OFFLOAD_DISABLED, OFFLOAD_MANDATORY };

static enum offload_policy offload_policy(void) {
  const char *value = getenv("OMP_TARGET_OFFLOAD");
  if (value == NULL)
    return OFFLOAD_DEFAULT;
  return strcasecmp(value, "disabled") == 0 ? OFFLOAD_DISABLED : strcasecmp(value, "mandatory") == 0 ? OFFLOAD_MANDATORY : OFFLOAD_DEFAULT;
}

int omp_get_num_devices(void) { return offload_policy() == OFFLOAD_DISABLED ? 0 : (int)omp2wasi_host_num_devices(); }
int omp_get_initial_device(void) { return omp_get_num_devices(); }
int omp_get_default_device(void) { return omp2wasi_icvs(self)->default_device; }
void omp_set_default_device(int device) { omp2wasi_icvs(self)->default_device = device; }
int omp_get_device_num(void) { return omp_get_initial_device(); }
int omp_is_initial_device(void) { return 1; }

/* The device that a clause means, or -1 for the host. */
static int32_t device_of(int64_t clause) {
  int64_t device = clause == -1 ? omp_get_default_device() : clause;
  if (device >= 0 && device < omp_get_num_devices())
    return (int32_t)device;
  if (offload_policy() == OFFLOAD_MANDATORY)
    omp2wasi_fatal("OMP_TARGET_OFFLOAD=mandatory: there is no such device", "`omp2wasi devices` lists those that there are");
  return -1;
}

static void copy(int32_t device, uint32_t begin, uint32_t size, uint32_t from_device) {
  if (size != 0 && omp2wasi_host_device_update((uint32_t)device, begin, size, from_device) != 0)
    omp2wasi_fatal("memory cannot be copied to or from the device", "the message above says why");
}

static struct mapping *find(int32_t device, uint32_t begin, uint32_t size) {
  for (struct mapping *at = mappings; at != NULL; at = at->next)
    if (at->device == device && at->begin <= begin && begin - at->begin + size <= at->size)
      return at;
  return NULL;
}

/* The newest contents, on the host or on the device as well. */
static void bring(struct mapping *mapping, enum newest to) {
  if (mapping->newest == (to == HOST ? DEVICE : HOST)) {
    copy(mapping->device, mapping->begin, mapping->size, to == HOST);
    mapping->newest = BOTH;
  }
}

static void bring_all(int32_t device, enum newest to) {
  for (struct mapping *at = mappings; at != NULL; at = at->next)
    if (at->device == device)
      bring(at, to);
}

static void written(int32_t device, enum newest by) {
  for (struct mapping *at = mappings; at != NULL; at = at->next)
    if (at->device == device)
      at->newest = by;
}

static bool is_mapped(int64_t type, int64_t size) { return size != 0 && (type & (MAP_LITERAL | MAP_PRIVATE)) == 0; }

static void map_begin(int32_t device, uint32_t count, void **bases, void **pointers, int64_t *sizes, int64_t *types) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t begin = (uint32_t)(uintptr_t)pointers[i], size = (uint32_t)sizes[i];
    int64_t type = types[i];
    if (!is_mapped(type, sizes[i]))
      continue;
    struct mapping *mapping = find(device, begin, size);
    if (mapping == NULL) {
      if (type & MAP_PRESENT)
        omp2wasi_fatal("map(present: ...) of memory that is not mapped", "map it in an enclosing target data or target enter data");
      mapping = malloc(sizeof *mapping);
      if (mapping == NULL)
        omp2wasi_fatal("no memory to map memory", "the program's linear memory is full");
      *mapping = (struct mapping){.next = mappings, .begin = begin, .size = size, .device = device};
      mappings = mapping;
      if (type & MAP_TO)
        copy(device, begin, size, 0);
    } else if ((type & MAP_ALWAYS) && (type & MAP_TO)) {
      copy(device, begin, size, 0);
    }
    mapping->references++;
    /* A pointer in mapped memory to what is mapped here: its value is the same on both sides. */
    if ((type & MAP_PTR_AND_OBJ) && bases[i] != pointers[i])
      copy(device, (uint32_t)(uintptr_t)bases[i], sizeof(void *), 0);
  }
}

static void forget(struct mapping *mapping) {
  struct mapping **at = &mappings;
  while (*at != mapping)
    at = &(*at)->next;
  *at = mapping->next;
  free(mapping);
}

static void map_end(int32_t device, uint32_t count, void **pointers, int64_t *sizes, int64_t *types) {
  while (count-- > 0) {
    uint32_t begin = (uint32_t)(uintptr_t)pointers[count], size = (uint32_t)sizes[count];
    int64_t type = types[count];
    struct mapping *mapping = is_mapped(type, sizes[count]) ? find(device, begin, size) : NULL;
    if (mapping == NULL)
      continue;
    mapping->references = type & MAP_DELETE ? 0 : mapping->references - 1;
    bool last = mapping->references <= 0;
    if ((type & MAP_FROM) && (last || (type & MAP_ALWAYS)) && mapping->newest != HOST)
      copy(device, begin, size, 1);
    if (last)
      forget(mapping);
  }
}

void __tgt_target_data_begin_mapper(struct ident *loc, int64_t clause, int32_t count, void **bases, void **pointers, int64_t *sizes,
                                    int64_t *types, void **names, void **mappers) {
  (void)loc, (void)names, (void)mappers;
  int32_t device = device_of(clause);
  if (device < 0)
    return;
  omp2wasi_lock(&lock);
  map_begin(device, (uint32_t)count, bases, pointers, sizes, types);
  omp2wasi_unlock(&lock);
}

void __tgt_target_data_end_mapper(struct ident *loc, int64_t clause, int32_t count, void **bases, void **pointers, int64_t *sizes,
                                  int64_t *types, void **names, void **mappers) {
  (void)loc, (void)bases, (void)names, (void)mappers;
  int32_t device = device_of(clause);
  if (device < 0)
    return;
  omp2wasi_lock(&lock);
  map_end(device, (uint32_t)count, pointers, sizes, types);
  omp2wasi_unlock(&lock);
}

/* What is not mapped stays as it is; a part of what is counts as the newest for that part only, so all of it is brought first. */
void __tgt_target_data_update_mapper(struct ident *loc, int64_t clause, int32_t count, void **bases, void **pointers, int64_t *sizes,
                                     int64_t *types, void **names, void **mappers) {
  (void)loc, (void)bases, (void)names, (void)mappers;
  int32_t device = device_of(clause);
  if (device < 0)
    return;
  omp2wasi_lock(&lock);
  for (int32_t i = 0; i < count; i++) {
    uint32_t begin = (uint32_t)(uintptr_t)pointers[i], size = (uint32_t)sizes[i];
    struct mapping *mapping = find(device, begin, size);
    if (mapping == NULL)
      continue;
    bring(mapping, DEVICE);
    if (types[i] & MAP_TO)
      copy(device, begin, size, 0);
    else if (types[i] & MAP_FROM)
      copy(device, begin, size, 1);
  }
  omp2wasi_unlock(&lock);
}

/* A parallel region inside of a teams region that runs on a device: what its arguments point to on this thread's stack, which are
 * variables of the teams region, goes there first. What is mapped is there. */
static void fork_on_device(struct target *target, uint32_t microtask, int32_t argc, void **argv) {
  enum { ENOUGH = 1 << 16, LONGEST = 64 };
  int32_t device = ((struct target_region *)target)->device;
  uint32_t stack = (uint32_t)(uintptr_t)__builtin_frame_address(0);
  for (int32_t i = 0; i < argc; i++) {
    uint32_t begin = (uint32_t)(uintptr_t)argv[i], end = begin + LONGEST;
    if (begin < stack || begin - stack > ENOUGH || find(device, begin, 1) != NULL)
      continue;
    for (struct mapping *at = mappings; at != NULL; at = at->next)
      if (at->device == device && at->begin > begin && at->begin < end)
        end = at->begin;
    copy(device, begin, end - begin, 0);
  }
  uint64_t tripcount = ((struct target_region *)target)->args->tripcount;
  uint32_t iterations = tripcount > UINT32_MAX ? UINT32_MAX : (uint32_t)tripcount;
  if (omp2wasi_host_device_launch((uint32_t)device, microtask, (uint32_t)argc, (uint32_t)(uintptr_t)argv, iterations) != 0)
    omp2wasi_fatal("a parallel region cannot be launched on the device", "the message above says why");
}

/* Takes over the teams region that follows: runs it, if it can run on the device. Otherwise the newest data are on the host. */
static bool run_teams(struct target *target, uint32_t microtask, int32_t argc, void **argv) {
  struct target_region *region = (struct target_region *)target;
  int32_t device = region->device;
  const struct kernel_args *args = region->args;
  uint32_t can_run = (uint32_t)omp2wasi_host_device_can_run((uint32_t)device, microtask);
  bool on_device = can_run != 0;
  omp2wasi_lock(&lock);
  if (on_device) {
    bring_all(device, DEVICE);
    for (int32_t i = 0; i < argc && i < 31; i++) {
      struct mapping *read = can_run >> (i + 1) & 1 ? find(device, (uint32_t)(uintptr_t)argv[i], 1) : NULL;
      if (read != NULL)
        bring(read, HOST);
    }
    struct team *team = omp2wasi_team_begin(self, 1);
    team->level = 0;
    team->active_level = 0;
    team->team_num = 0;
    team->num_teams = 1;
    target->fork = fork_on_device;
    self->target = target;
    omp2wasi_run_alone(team, microtask, argc, argv);
    team->primary.target = NULL;
    omp2wasi_team_end(team);
    written(device, DEVICE);
  } else {
    if (offload_policy() == OFFLOAD_MANDATORY)
      omp2wasi_fatal("OMP_TARGET_OFFLOAD=mandatory: a region cannot run on the device", "`omp2wasi run -v` says why");
    bring_all(device, HOST);
    written(device, HOST);
  }
  map_end(device, args->count, args->pointers, args->sizes, args->types);
  omp2wasi_unlock(&lock);
  free(region);
  return on_device;
}

/* Whether a region is given pointers to memory that the device has no copy of: with `requires unified_shared_memory`, where nothing is
 * mapped, and with memory of omp_target_alloc for the host. */
static bool needs_host_memory(int32_t device, const struct kernel_args *args) {
  for (uint32_t i = 0; i < args->count; i++) {
    uint32_t pointer = (uint32_t)(uintptr_t)args->pointers[i];
    bool is_section = args->sizes[i] == 0 && (args->types[i] & (MAP_LITERAL | MAP_PRIVATE)) == 0;
    if (pointer != 0 && ((is_section && find(device, pointer, 1) == NULL) || find(HOST_DEVICE, pointer, 1) != NULL))
      return true;
  }
  return false;
}

int32_t __tgt_target_kernel(struct ident *loc, int64_t clause, int32_t num_teams, int32_t thread_limit, void *region_id,
                            struct kernel_args *args) {
  (void)loc, (void)thread_limit, (void)region_id;
  int32_t device = device_of(clause);
  if (device < 0)
    return 1;
  omp2wasi_lock(&lock);
  /* 1: no teams construct, or one team; below 0: unknown. Serial code may come before or after a parallel region then. */
  if (num_teams == 1 || num_teams < 0 || needs_host_memory(device, args)) {
    if (offload_policy() == OFFLOAD_MANDATORY)
      omp2wasi_fatal("OMP_TARGET_OFFLOAD=mandatory: a region cannot run on the device", "it has no teams construct, or needs memory of the host");
    bring_all(device, HOST);
    written(device, HOST);
  } else {
    struct target_region *region = malloc(sizeof *region);
    if (region == NULL)
      omp2wasi_fatal("no memory for a target region", "the program's linear memory is full");
    map_begin(device, args->count, args->bases, args->pointers, args->sizes, args->types);
    *region = (struct target_region){{run_teams, NULL}, args, device};
    self->target = &region->target;
  }
  omp2wasi_unlock(&lock);
  return 1;
}

/* Device memory routines (OpenMP 5.2, section 18.8). An address on a device is the same address of its mirror: device memory is memory
 * that is always mapped, so a region that has to run on the host finds it. */

void *omp_target_alloc(size_t size, int device) {
  if (device < 0 || device > omp_get_num_devices() || size == 0)
    return NULL;
  void *block = malloc(size);
  struct mapping *mapping = malloc(sizeof *mapping);
  if (block == NULL || mapping == NULL) {
    free(block);
    free(mapping);
    return NULL;
  }
  device = device == omp_get_num_devices() ? HOST_DEVICE : device;
  omp2wasi_lock(&lock);
  *mapping = (struct mapping){.next = mappings, .begin = (uint32_t)(uintptr_t)block, .size = size, .device = device, .references = INT64_MAX / 2};
  mappings = mapping;
  omp2wasi_unlock(&lock);
  return block;
}

void omp_target_free(void *block, int device) {
  device = device == omp_get_num_devices() ? HOST_DEVICE : device;
  omp2wasi_lock(&lock);
  struct mapping *mapping = block == NULL ? NULL : find(device, (uint32_t)(uintptr_t)block, 1);
  if (mapping != NULL)
    forget(mapping);
  omp2wasi_unlock(&lock);
  free(block);
}

int omp_target_is_present(const void *pointer, int device) {
  if (device == omp_get_initial_device())
    return 1;
  omp2wasi_lock(&lock);
  bool present = find(device, (uint32_t)(uintptr_t)pointer, 1) != NULL;
  omp2wasi_unlock(&lock);
  return present;
}

int omp_target_is_accessible(const void *pointer, size_t size, int device) {
  (void)pointer, (void)size;
  return device == omp_get_initial_device();
}

/* Through the host's copies: what a device has there is brought, moved, and brought back. */
int omp_target_memcpy(void *to, const void *from, size_t size, size_t to_offset, size_t from_offset, int to_device, int from_device) {
  int host = omp_get_num_devices();
  if (to == NULL || from == NULL || to_device < 0 || to_device > host || from_device < 0 || from_device > host)
    return 22; /* EINVAL */
  uint32_t target = (uint32_t)(uintptr_t)to + to_offset, source = (uint32_t)(uintptr_t)from + from_offset;
  omp2wasi_lock(&lock);
  struct mapping *mapping = from_device == host ? NULL : find(from_device, source, size);
  if (mapping != NULL)
    bring(mapping, HOST);
  else if (from_device != host)
    copy(from_device, source, size, 1);
  mapping = to_device == host ? NULL : find(to_device, target, size);
  if (mapping != NULL)
    bring(mapping, DEVICE);
  memmove((void *)(uintptr_t)target, (const void *)(uintptr_t)source, size);
  if (to_device != host)
    copy(to_device, target, size, 0);
  omp2wasi_unlock(&lock);
  return 0;
}
