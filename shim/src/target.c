/* Target regions (OpenMP 5.2, section 13.8; LLVM's omptarget.h).
 *
 * clang follows each __tgt_target_kernel by the region's code for the host, for when the call returns non-zero. It always does: for a
 * region that may run on a device it has mapped the data and noted the region in the thread, and takes over when that code comes to
 * its construct. For a teams region, __kmpc_fork_teams runs the league's one initial task on the host, with the parallel region
 * inside on the device; a parallel region without teams is launched by __kmpc_fork_call itself. What cannot run there, and regions
 * without either, run on the host with the newest data. */
#include "target.h"
#include <stdlib.h>
#include <string.h>

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
  struct maps maps;
  const void *id;
  uint64_t tripcount;
  int32_t device;
  uint32_t microtask; /* of a region without teams */
  /* Of the teams region: where the stack was, its arguments, and what `can_run` said of them. */
  uint32_t stack;
  int32_t argc;
  void **argv;
  uint32_t can_run;
};

/* Bits of device_can_run's result: the argument that a number means is used, or written, by the teams region's own code. */
enum { MAX_USED = 15, WRITTEN_SHIFT = 16 };

static void must_not_be_mandatory(const char *why) {
  if (omp2wasi_offload_is_mandatory())
    omp2wasi_fatal("OMP_TARGET_OFFLOAD=mandatory: a region cannot run on the device", why);
}

/* The host has said why, if it was to. */
static const char not_translated[] = "it cannot be translated: `omp2wasi run -v` says why";

/* The code of a region runs on the host: with the newest data, which are the newest after. It may get at anything. */
static void run_on_host(int32_t device, const void *id, const char *why) {
  const char *name = omp2wasi_region_name(id);
  must_not_be_mandatory(why);
  if (why != not_translated)
    omp2wasi_host_device_refused((uint32_t)(uintptr_t)why, strlen(why), (uint32_t)(uintptr_t)name, name == NULL ? 0 : strlen(name));
  omp2wasi_touch_all(device);
  omp2wasi_bring_touched(HOST);
  omp2wasi_touched_is_newest(HOST);
}

/* Mapped memory that the code of a teams region accesses itself: an argument is the base of what is mapped, which may begin later. */
static struct mapping *used_mapping(struct target_region *region, int32_t argument, uint32_t shift) {
  if (argument >= MAX_USED || (region->can_run >> (argument + shift) & 1) == 0)
    return NULL;
  const void *base = region->argv[argument];
  for (uint32_t i = 0; i < region->maps.count; i++) {
    bool is_mapped = region->maps.bases[i] == base && (region->maps.types[i] & (MAP_LITERAL | MAP_PRIVATE)) == 0;
    uint32_t begin = (uint32_t)(uintptr_t)region->maps.pointers[i];
    struct mapping *mapping = is_mapped ? omp2wasi_find_mapping(region->device, begin, 1) : NULL;
    if (mapping != NULL)
      return mapping;
  }
  return omp2wasi_find_mapping(region->device, (uint32_t)(uintptr_t)base, 1);
}

static void bring_used(struct target_region *region) {
  for (int32_t i = 0; i < region->argc; i++) {
    struct mapping *used = used_mapping(region, i, 1);
    if (used != NULL)
      omp2wasi_bring(used, HOST);
  }
}

static void note_written(struct target_region *region) {
  for (int32_t i = 0; i < region->argc; i++) {
    struct mapping *used = used_mapping(region, i, WRITTEN_SHIFT);
    if (used != NULL)
      used->newest = HOST;
  }
}

struct range {
  uint32_t begin, size;
};

/* What a microtask's arguments point to on the stack or in a task: the frames of the teams region as a whole, and private variables of
 * the functions around it. What is mapped is on the device. */
static uint32_t stack_ranges(struct target_region *region, int32_t argc, void **argv, struct range *ranges) {
  enum { ENOUGH = 1 << 20, SHORT = 64 };
  /* Members' stacks are in the heap: all that is known of where a stack ends is that the memory does. */
  uint64_t memory_end = (uint64_t)__builtin_wasm_memory_size(0) << 16;
  uint32_t count = 0, stack = (uint32_t)(uintptr_t)__builtin_frame_address(0), longest = SHORT;
  for (uint32_t i = 0; i < region->maps.count; i++)
    if ((region->maps.types[i] & MAP_PRIVATE) && region->maps.sizes[i] > longest)
      longest = (uint32_t)region->maps.sizes[i];
  bool has_frames = false;
  for (int32_t i = 0; i < argc; i++) {
    uint32_t begin = (uint32_t)(uintptr_t)argv[i];
    bool is_on_stack = begin >= stack && begin - stack < ENOUGH + (region->stack - stack);
    if (!(is_on_stack || omp2wasi_is_of_task(begin)) || begin >= memory_end || omp2wasi_find_mapping(region->device, begin, 1) != NULL)
      continue;
    if (begin >= stack && begin < region->stack) {
      if (!has_frames)
        ranges[count++] = (struct range){stack, region->stack - stack};
      has_frames = true;
    } else {
      uint32_t most = memory_end - begin < longest ? (uint32_t)(memory_end - begin) : longest;
      ranges[count++] = (struct range){begin, omp2wasi_next_mapping(region->device, begin, begin + most) - begin};
    }
  }
  return count;
}

/* Whether a launch is given the base of mapped memory, or an address in it or of its end: as an argument, or in what goes to the device
 * with it. */
static bool is_given(const struct mapping *mapping, const void *base, int32_t argc, void **argv, const struct range *ranges, uint32_t count) {
  for (int32_t i = 0; i < argc; i++)
    if (argv[i] == base || (uint32_t)(uintptr_t)argv[i] - mapping->begin <= mapping->size)
      return true;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t *word = (const uint32_t *)(uintptr_t)((ranges[i].begin + 3) & ~3u);
    for (; (uint32_t)(uintptr_t)(word + 1) <= ranges[i].begin + ranges[i].size; word++)
      if (*word - mapping->begin <= mapping->size)
        return true;
  }
  struct mapping *pointer = mapping->pointer_at == 0 ? NULL : omp2wasi_find_mapping(mapping->device, mapping->pointer_at, 1);
  return pointer != NULL && pointer->is_touched;
}

/* A variable that only the teams region's own code is given, as the original of a reduction: a launch does not change it. */
static void spare_used(struct target_region *region, int32_t argc, void **argv, const struct range *ranges, uint32_t count) {
  for (int32_t i = 0; i < region->argc; i++) {
    struct mapping *used = used_mapping(region, i, 1);
    if (used != NULL && !used->is_variable && !is_given(used, region->argv[i], argc, argv, ranges, count))
      used->is_touched = false;
  }
}

static void launch(struct target_region *region, uint32_t microtask, int32_t argc, void **argv) {
  enum { MAX_ARGUMENTS = 256 };
  if (argc > MAX_ARGUMENTS)
    omp2wasi_fatal("a parallel region with too many arguments for a device", "it has more than 256 variables");
  struct range ranges[argc + 1];
  int32_t device = region->device;
  omp2wasi_lock(&omp2wasi_target_lock);
  note_written(region);
  uint32_t count = stack_ranges(region, argc, argv, ranges);
  omp2wasi_touch(device, &region->maps, argc, argv, region);
  spare_used(region, argc, argv, ranges, count);
  omp2wasi_bring_touched(DEVICE);
  omp2wasi_use_touched(device, &region->maps, region);
  omp2wasi_unlock(&omp2wasi_target_lock);
  uint32_t iterations = region->tripcount > UINT32_MAX ? UINT32_MAX : (uint32_t)region->tripcount;
  if (omp2wasi_host_device_launch((uint32_t)device, microtask, (uint32_t)argc, (uint32_t)(uintptr_t)argv, iterations,
                                  (uint32_t)(uintptr_t)ranges, count) != 0)
    omp2wasi_fatal("a parallel region cannot be launched on the device", "the message above says why");
  omp2wasi_lock(&omp2wasi_target_lock);
  omp2wasi_touch_used(device, &region->maps, region);
  spare_used(region, argc, argv, ranges, count);
  omp2wasi_touched_is_newest(DEVICE);
  omp2wasi_end_use(region);
  bring_used(region);
  omp2wasi_unlock(&omp2wasi_target_lock);
}

static void finish(struct target_region *region) {
  omp2wasi_map_end(region->device, &region->maps);
  omp2wasi_unlock(&omp2wasi_target_lock);
  free(region);
}

/* The parallel region inside of a teams region that runs on a device. */
static bool fork_in_teams(struct target *target, uint32_t microtask, int32_t argc, void **argv) {
  struct target_region *region = (struct target_region *)target;
  bool on_device = self->pushed_num_threads != 1;
  if (on_device) {
    launch(region, microtask, argc, argv);
  } else {
    omp2wasi_lock(&omp2wasi_target_lock);
    run_on_host(region->device, region->id, "it has one thread");
    omp2wasi_unlock(&omp2wasi_target_lock);
  }
  return on_device;
}

/* Takes over the teams region that follows: runs it, if it can run on the device. */
static bool run_teams(struct target *target, uint32_t microtask, int32_t argc, void **argv) {
  struct target_region *region = (struct target_region *)target;
  region->can_run = (uint32_t)omp2wasi_host_device_can_run((uint32_t)region->device, microtask);
  bool on_device = region->can_run != 0;
  omp2wasi_lock(&omp2wasi_target_lock);
  if (on_device) {
    region->stack = (uint32_t)(uintptr_t)__builtin_frame_address(0);
    region->argc = argc;
    region->argv = argv;
    bring_used(region);
    omp2wasi_unlock(&omp2wasi_target_lock);
    struct team *team = omp2wasi_team_begin(self, 1);
    team->level = 0;
    team->active_level = 0;
    team->team_num = 0;
    team->num_teams = 1;
    target->fork = fork_in_teams;
    self->target = target;
    omp2wasi_run_alone(team, microtask, argc, argv);
    team->primary.target = NULL;
    omp2wasi_team_end(team);
    omp2wasi_lock(&omp2wasi_target_lock);
    note_written(region);
  } else {
    run_on_host(region->device, region->id, not_translated);
  }
  finish(region);
  return on_device;
}

/* Takes over the parallel region that follows, unless it is another one than was expected. */
static bool run_parallel(struct target *target, uint32_t microtask, int32_t argc, void **argv) {
  struct target_region *region = (struct target_region *)target;
  bool on_device = microtask == region->microtask && self->pushed_num_threads != 1;
  self->target = NULL;
  if (on_device) {
    region->stack = (uint32_t)(uintptr_t)__builtin_frame_address(0);
    launch(region, microtask, argc, argv);
  }
  omp2wasi_lock(&omp2wasi_target_lock);
  if (!on_device)
    run_on_host(region->device, region->id, "it has one thread, or another parallel region than was translated");
  finish(region);
  return on_device;
}

/* Its `if` clause makes the region serial. */
static void run_serially(struct target *target) {
  struct target_region *region = (struct target_region *)target;
  self->target = NULL;
  omp2wasi_lock(&omp2wasi_target_lock);
  run_on_host(region->device, region->id, "its `if` clause makes it serial");
  finish(region);
}

/* Whether a region is given pointers to memory that the device has no copy of: with `requires unified_shared_memory`, where nothing is
 * mapped, and with memory of omp_target_alloc for the host. */
static bool needs_host_memory(int32_t device, const struct kernel_args *args) {
  for (uint32_t i = 0; i < args->count; i++) {
    uint32_t pointer = (uint32_t)(uintptr_t)args->pointers[i];
    bool is_section = args->sizes[i] == 0 && (args->types[i] & (MAP_LITERAL | MAP_PRIVATE)) == 0;
    if (pointer != 0 && ((is_section && omp2wasi_find_mapping(device, pointer, 1) == NULL) ||
                         omp2wasi_find_mapping(HOST_DEVICE, pointer, 1) != NULL))
      return true;
  }
  return false;
}

/* The microtask of a region that is a parallel region and can run on a device, by the name in its offload entry; else 0. */
static uint32_t parallel_region(int32_t device, const void *region_id) {
  const char *name = omp2wasi_region_name(region_id);
  return name == NULL ? 0 : (uint32_t)omp2wasi_host_device_region((uint32_t)device, (uint32_t)(uintptr_t)name, strlen(name));
}

int32_t __tgt_target_kernel(struct ident *loc, int64_t clause, int32_t num_teams, int32_t thread_limit, void *region_id,
                            struct kernel_args *args) {
  (void)loc, (void)thread_limit;
  int32_t device = omp2wasi_device_of(clause);
  if (device < 0)
    return 1;
  /* Below 0: serial code may come before or after a parallel region. 1: one team, or no teams construct. */
  uint32_t microtask = num_teams == 1 ? parallel_region(device, region_id) : 0;
  bool may_run = num_teams >= 0 && (num_teams != 1 || microtask != 0);
  omp2wasi_lock(&omp2wasi_target_lock);
  if (needs_host_memory(device, args)) {
    run_on_host(device, region_id, "it needs memory of the host");
  } else if (!may_run) {
    run_on_host(device, region_id, num_teams == 1 ? not_translated : "it is neither a teams nor a parallel region");
  } else {
    struct target_region *region = malloc(sizeof *region);
    if (region == NULL)
      omp2wasi_fatal("no memory for a target region", "the program's linear memory is full");
    *region = (struct target_region){
        .target = {run_teams, microtask != 0 ? run_parallel : NULL, run_serially},
        .maps = {args->count, args->bases, args->pointers, args->sizes, args->types, args->names, args->mappers},
        .id = region_id,
        .tripcount = args->tripcount,
        .device = device,
        .microtask = microtask,
    };
    omp2wasi_map_begin(device, &region->maps);
    self->target = &region->target;
  }
  omp2wasi_unlock(&omp2wasi_target_lock);
  return 1;
}
