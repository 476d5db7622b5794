/* Implements target regions (OpenMP 5.2, section 13.8; LLVM's omptarget.h).
 *
 * clang follows each call of __tgt_target_kernel by the region's code for the host, to be executed if the call returns
 * non-zero. Ours always does. If the region may run on a device, the call has mapped its data and noted it as the
 * task's target (`task->target`); then the code for the host starts, and its first construct finds that note and goes
 * on here:
 *
 * - __kmpc_fork_teams, of a teams region: calls run_teams, which runs the league's one initial task on the host. The
 *   parallel region in it comes to fork_in_teams, which launches it on the device. If there is none in it, or more than
 *   that one, run_teams launches the league's function.
 * - __kmpc_fork_call, of a parallel region without teams: calls run_parallel, which launches it on the device.
 *
 * A region without teams that has serial code beside a parallel region, or none, is launched by itself (launch_whole):
 * cc lets its function identify it, and the call returns zero then.
 *
 * A region that cannot run on the device, or is neither, runs on the host, where the newest data have been brought
 * before. If cc has let the code say when it has been executed (omp2wasi_target_end), the device gets its data back then. */
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
  uint32_t use;     /* of the device's memory by the code for the host: its number, 0 if there is none */
  bool says_end;    /* whether that code says when it has been executed; then the region is needed so long */
  bool is_unmapped; /* whether what it maps has been unmapped */
  const void *id;
  uint64_t tripcount;
  int32_t device;
  int32_t num_teams;  /* that the program asks for, 0 if it does not; of one team the iterations come in order */
  int32_t thread_limit;
  uint32_t microtask; /* of a region without teams */
  uint32_t stack;     /* where the stack was when its code began */
  /* Of the teams region: its function, what that is given, and the host's number of the region, TEAMS_PLAIN or
   * TEAMS_LEAGUE. */
  uint32_t function;
  int32_t argc;
  void **argv;
  uint32_t teams;
};

static void must_not_be_mandatory(const char *why) {
  if (omp2wasi_offload_is_mandatory())
    omp2wasi_fatal("OMP_TARGET_OFFLOAD=mandatory: a region cannot run on the device", why);
}

/* The host has said why, if it was to. */
static const char not_translated[] = "it cannot be translated: `omp2wasi run -v` says why";

/* The code of a region runs on the host: with the newest data, which are the newest after; until the use ends, if one is
 * given. */
static void run_on_host(struct target_region *region, uint32_t *use, const char *why) {
  const char *name = omp2wasi_region_name(region->id);
  must_not_be_mandatory(why);
  if (why != not_translated)
    omp2wasi_host_device_refused(omp2wasi_address(why), strlen(why), omp2wasi_address(name),
                                 name == NULL ? 0 : strlen(name));
  omp2wasi_use_on_host(region->device, &region->maps, use);
}

/* How many bytes a variable at an address has of which a region has a private copy; 0 if it is none. */
static uint32_t size_of_private(const struct maps *maps, uint32_t begin) {
  for (uint32_t i = 0; i < maps->count; i++)
    if ((maps->types[i] & (MAP_PRIVATE | MAP_LITERAL)) == MAP_PRIVATE && omp2wasi_address(maps->bases[i]) == begin)
      return (uint32_t)maps->sizes[i];
  return 0;
}

/* Whether a variable of which a region has a private copy, made of the host's, is mapped: where the copy is made, the
 * device's would be read. */
static bool has_mapped_private(int32_t device, const struct maps *maps) {
  for (uint32_t i = 0; i < maps->count; i++) {
    bool is_private = (maps->types[i] & (MAP_PRIVATE | MAP_LITERAL)) == MAP_PRIVATE;
    uint32_t begin = omp2wasi_address(maps->bases[i]), size = is_private ? (uint32_t)maps->sizes[i] : 0;
    if (size == 0)
      continue;
    bool is_mapped = omp2wasi_find_mapping(device, begin, 1) != NULL ||
                     omp2wasi_next_mapping(device, begin, begin + size) != begin + size;
    if (is_mapped)
      return true;
  }
  return false;
}

/* Whether a region maps a part of the array at an address: then it uses that part, and the rest is not its business. */
static bool has_mapped_part(const struct maps *maps, uint32_t array) {
  for (uint32_t i = 0; i < maps->count; i++)
    if ((maps->types[i] & (MAP_PRIVATE | MAP_LITERAL | MAP_ATTACH)) == 0 &&
        omp2wasi_address(maps->bases[i]) == array && maps->bases[i] != maps->pointers[i])
      return true;
  return false;
}

/* What a microtask's arguments point to on the stack or in a task: the frames of the teams region as a whole, and
 * private variables of the functions around it. What is mapped is on the device. */
static uint32_t stack_ranges(struct target_region *region, int32_t argc, void **argv, struct memory_range *ranges) {
  enum { SHORT = 64 };
  uint64_t memory_end = (uint64_t)__builtin_wasm_memory_size(0) << 16;
  uint32_t count = 0, stack = omp2wasi_address(__builtin_frame_address(0)), end = omp2wasi_stack_end(), longest = SHORT;
  for (uint32_t i = 0; i < region->maps.count; i++)
    if ((region->maps.types[i] & MAP_PRIVATE) && region->maps.sizes[i] > longest)
      longest = (uint32_t)region->maps.sizes[i];
  bool has_frames = false;
  for (int32_t i = 0; i < argc; i++) {
    uint32_t begin = omp2wasi_address(argv[i]), size = size_of_private(&region->maps, begin);
    bool is_on_stack = begin >= stack && begin < end, is_of_task = omp2wasi_is_of_task(begin);
    if (!(is_on_stack || is_of_task || size != 0) || begin >= memory_end ||
        omp2wasi_find_mapping(region->device, begin, 1) != NULL || has_mapped_part(&region->maps, begin))
      continue;
    if (begin >= stack && begin < region->stack) {
      if (!has_frames)
        ranges[count++] = (struct memory_range){stack, region->stack - stack, stack, 0};
      has_frames = true;
    } else {
      uint64_t last = is_on_stack ? end : memory_end;
      uint32_t most = last - begin < longest ? (uint32_t)(last - begin) : longest;
      if (!is_on_stack && !is_of_task)
        most = last - begin < size ? (uint32_t)(last - begin) : size;
      size = omp2wasi_next_mapping(region->device, begin, begin + most) - begin;
      ranges[count++] = (struct memory_range){begin, size, begin, RANGE_PRIVATE};
    }
  }
  return count;
}

/* The arrays of which a region maps parts: a loop may use their addresses for the parts, whatever the parts were mapped
 * as last. */
static uint32_t aliases(const struct maps *maps, struct memory_range *ranges) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < maps->count; i++)
    if (maps->bases[i] != maps->pointers[i] && !omp2wasi_is_value(maps->types[i]) && (maps->types[i] & MAP_ATTACH) == 0)
      ranges[count++] =
          (struct memory_range){omp2wasi_address(maps->pointers[i]), 0, omp2wasi_address(maps->bases[i]), RANGE_ALIAS};
  return count;
}

/* What device_launch is given. */
struct launch {
  uint32_t region, microtask, argc, argv, iterations, ranges, ranges_len, teams, thread_limit;
};

_Static_assert(offsetof(struct launch, region) == OMP2WASI_LAUNCH_REGION, "abi");
_Static_assert(offsetof(struct launch, microtask) == OMP2WASI_LAUNCH_MICROTASK, "abi");
_Static_assert(offsetof(struct launch, argc) == OMP2WASI_LAUNCH_ARGC, "abi");
_Static_assert(offsetof(struct launch, argv) == OMP2WASI_LAUNCH_ARGV, "abi");
_Static_assert(offsetof(struct launch, iterations) == OMP2WASI_LAUNCH_ITERATIONS, "abi");
_Static_assert(offsetof(struct launch, ranges) == OMP2WASI_LAUNCH_RANGES, "abi");
_Static_assert(offsetof(struct launch, ranges_len) == OMP2WASI_LAUNCH_RANGES_LEN, "abi");
_Static_assert(offsetof(struct launch, teams) == OMP2WASI_LAUNCH_TEAMS, "abi");
_Static_assert(offsetof(struct launch, thread_limit) == OMP2WASI_LAUNCH_THREAD_LIMIT, "abi");
_Static_assert(sizeof(struct launch) == OMP2WASI_LAUNCH_RECORD_SIZE, "abi");

static void launch(struct target_region *region, uint32_t microtask, int32_t argc, void **argv) {
  enum { MAX_ARGUMENTS = 256, MAX_MAPS = 256 };
  if (argc > MAX_ARGUMENTS)
    omp2wasi_fatal("a parallel region with too many arguments for a device", "it has more than 256 variables");
  bool has_many_maps = region->maps.count > MAX_MAPS;
  struct memory_range local[argc + (has_many_maps ? 0 : region->maps.count) + 1], *ranges = local;
  if (has_many_maps)
    ranges = malloc((argc + region->maps.count) * sizeof *ranges);
  if (ranges == NULL)
    omp2wasi_fatal("no memory for a target region", "the program's linear memory is full");
  uint32_t count = 0;
  if (!omp2wasi_shares_memory(region->device)) {
    count = aliases(&region->maps, ranges);
    omp2wasi_lock(&omp2wasi_target_lock);
    count += stack_ranges(region, argc, argv, ranges + count);
    omp2wasi_unlock(&omp2wasi_target_lock);
  }
  uint32_t iterations = region->tripcount > UINT32_MAX ? UINT32_MAX : (uint32_t)region->tripcount;
  struct launch record = {
      .region = region->teams, .microtask = microtask, .argc = (uint32_t)argc, .argv = omp2wasi_address(argv),
      .iterations = iterations, .ranges = omp2wasi_address(ranges), .ranges_len = count,
      .teams = (uint32_t)region->num_teams, .thread_limit = (uint32_t)region->thread_limit};
  uint32_t result = (uint32_t)omp2wasi_host_device_launch((uint32_t)region->device, omp2wasi_address(&record));
  if (result >= PRINTED)
    omp2wasi_print(result);
  else if (result != 0)
    omp2wasi_fatal("a region cannot be launched on the device", "the message above says why");
  if (has_many_maps)
    free(ranges);
}

/* Whether functions of the program say what is mapped: what they say may be another thing when the region has ended. */
static bool has_mappers(const struct maps *maps) {
  for (uint32_t i = 0; i < maps->count; i++)
    if (maps->mappers != NULL && maps->mappers[i] != NULL)
      return true;
  return false;
}

/* Its first construct has been taken over, or not: then the code for the host needs what is mapped, until it says that it
 * ends. */
static void finish(struct target_region *region, bool on_device) {
  bool says_end = region->says_end;
  if (on_device || !says_end || has_mappers(&region->maps)) {
    omp2wasi_map_end(region->device, &region->maps);
    region->is_unmapped = true;
  }
  omp2wasi_unlock(&omp2wasi_target_lock);
  if (!says_end)
    free(region);
}

/* What the host is told of the use of the device's memory by a region's code for the host. */
static uint32_t *use_of(struct target_region *region) { return region->says_end ? &region->use : NULL; }

/* The teams region's own code sees what the device has written. False if the region cannot run on the device. */
static bool begin_teams(struct target_region *region) {
  region->teams = (uint32_t)omp2wasi_host_device_begin_teams((uint32_t)region->device, region->function,
                                                             (uint32_t)region->argc, omp2wasi_address(region->argv));
  return region->teams != 0;
}

/* The device sees what the teams region's own code has written. */
static void end_teams(struct target_region *region) {
  if (region->teams > TEAMS_PLAIN && omp2wasi_host_device_end_teams(region->teams) != 0)
    omp2wasi_fatal("a teams region cannot be ended", "the message above says why");
  region->teams = TEAMS_PLAIN;
}

/* Whether the parallel construct does, strictly or not. */
static bool asks_for_one_thread(void) { return self->pushed_num_threads == 1 || self->pushed_num_threads == -1; }

/* The parallel region inside of a teams region that runs on a device. It may have one thread, and the next one many. */
static bool fork_in_teams(struct target *target, uint32_t microtask, int32_t argc, void **argv) {
  struct target_region *region = (struct target_region *)target;
  if (!asks_for_one_thread()) {
    launch(region, microtask, argc, argv);
    return true;
  }
  uint32_t use = 0;
  end_teams(region);
  omp2wasi_lock(&omp2wasi_target_lock);
  run_on_host(region, &use, "it has one thread");
  omp2wasi_unlock(&omp2wasi_target_lock);
  omp2wasi_fork_on_host(microtask, argc, argv);
  omp2wasi_end_use_on_host(region->device, use);
  if (!begin_teams(region))
    region->teams = TEAMS_PLAIN;
  return true;
}

/* Takes over the teams region that follows: runs it, if it can run on the device. */
static bool run_teams(struct target *target, uint32_t microtask, int32_t argc, void **argv) {
  struct target_region *region = (struct target_region *)target;
  region->function = microtask;
  region->argc = argc;
  region->argv = argv;
  bool on_device = begin_teams(region);
  bool is_league = region->teams == TEAMS_LEAGUE, is_whole = region->teams == TEAMS_WHOLE || is_league;
  if (is_whole && !is_league)
    region->teams = TEAMS_PLAIN;
  if (is_whole && !is_league && region->num_teams == 1) {
    on_device = false;
    omp2wasi_lock(&omp2wasi_target_lock);
    run_on_host(region, use_of(region), "it has one team");
  } else if (is_whole) {
    self->task->target = NULL;
    region->stack = omp2wasi_address(__builtin_frame_address(0));
    launch(region, microtask, argc, argv);
    omp2wasi_lock(&omp2wasi_target_lock);
  } else if (on_device) {
    region->stack = omp2wasi_address(__builtin_frame_address(0));
    struct team *team = omp2wasi_team_begin(self, 1);
    team->level = 0;
    team->active_level = 0;
    team->team_num = 0;
    team->num_teams = 1;
    target->fork = fork_in_teams;
    self->task->target = target;
    omp2wasi_run_alone(team, microtask, argc, argv);
    team->primary.task.target = NULL;
    omp2wasi_team_end(team);
    end_teams(region);
    omp2wasi_lock(&omp2wasi_target_lock);
  } else {
    omp2wasi_lock(&omp2wasi_target_lock);
    run_on_host(region, use_of(region), not_translated);
  }
  finish(region, on_device);
  return on_device;
}

/* Takes over the parallel region that follows, unless it is another one than was expected. */
static bool run_parallel(struct target *target, uint32_t microtask, int32_t argc, void **argv) {
  struct target_region *region = (struct target_region *)target;
  bool on_device = microtask == region->microtask && !asks_for_one_thread();
  self->task->target = NULL;
  if (on_device) {
    region->stack = omp2wasi_address(__builtin_frame_address(0));
    launch(region, microtask, argc, argv);
  }
  omp2wasi_lock(&omp2wasi_target_lock);
  if (!on_device)
    run_on_host(region, use_of(region),
                region->microtask == 0 ? not_translated
                                       : "it has one thread, or another parallel region than was translated");
  finish(region, on_device);
  return on_device;
}

/* Its `if` clause makes the region serial. */
static void run_serially(struct target *target) {
  struct target_region *region = (struct target_region *)target;
  self->task->target = NULL;
  omp2wasi_lock(&omp2wasi_target_lock);
  run_on_host(region, use_of(region), "its `if` clause makes it serial");
  finish(region, false);
}

/* Whether a region is given pointers to memory that the device has no copy of: what is not mapped, and memory of
 * omp_target_alloc for the host. */
static bool needs_host_memory(int32_t device, const struct kernel_args *args) {
  enum { NO_DATA = 1024 }; /* below: there the stack is full, or null pointers are caught */
  if (omp2wasi_shares_memory(device))
    return false;
  for (uint32_t i = 0; i < args->count; i++) {
    uint32_t pointer = omp2wasi_address(args->pointers[i]);
    bool is_section = args->sizes[i] == 0 && !omp2wasi_is_value(args->types[i]);
    /* A pointer to a function is its table index. */
    if (pointer >= NO_DATA && ((is_section && omp2wasi_find_mapping(device, pointer, 1) == NULL) ||
                         omp2wasi_find_mapping(HOST_DEVICE, pointer, 1) != NULL))
      return true;
  }
  return false;
}

/* A host's answer about a region, by the name in its offload entry. */
static uint32_t ask(int32_t (*host)(uint32_t device, uint32_t name, uint32_t len), int32_t device, const void *region_id) {
  const char *name = omp2wasi_region_name(region_id);
  return name == NULL ? 0 : (uint32_t)host((uint32_t)device, omp2wasi_address(name), strlen(name));
}

/* Whether a map is what the region's function is given. */
static bool is_parameter(int64_t type) { return (type & MAP_TARGET_PARAM) != 0; }

/* Launches a region whose own function runs on the device, as one team. */
static void launch_whole(struct target_region *region) {
  struct maps *maps = &region->maps;
  void *argv[maps->count + 1];
  int32_t argc = 0;
  for (uint32_t i = 0; i < maps->count; i++)
    if (is_parameter(maps->types[i]))
      argv[argc++] = maps->bases[i];
  region->stack = omp2wasi_address(__builtin_frame_address(0));
  launch(region, region->function, argc, argv);
}

/* Runs a region whose own function runs on the device. */
static void run_whole(struct target_region *region) {
  omp2wasi_map_begin(region->device, &region->maps);
  omp2wasi_unlock(&omp2wasi_target_lock);
  launch_whole(region);
  omp2wasi_lock(&omp2wasi_target_lock);
  omp2wasi_map_end(region->device, &region->maps);
}

/* The answer to the launch of a region that runs on the host, or whose constructs may be launched; other answers than this one
 * and 0 are regions. */
enum { HOST_CODE = 1 };

/* Launches a region: what clang takes for the answer says whether the code for the host is to be executed. */
static int32_t begin(int64_t clause, const void *id, bool says_end, const struct kernel_args *args, int32_t num_teams,
                     int32_t thread_limit) {
  int32_t device = omp2wasi_device_of(clause);
  if (device < 0)
    return HOST_CODE;
  /* Below 0: serial code may come before or after a parallel region. 1: one team, or a combined parallel region. If the
   * region itself is to be launched, its function is what identifies it. */
  uint32_t function = num_teams < 0    ? ask(omp2wasi_host_device_target, device, id)
                      : num_teams == 1 ? ask(omp2wasi_host_device_region, device, id)
                                       : 0;
  bool is_whole = function != 0 && function == omp2wasi_address(id);
  bool is_refused = num_teams < 0 ? !is_whole : function == REGION_REFUSED;
  struct target_region known = {
      .target = {run_teams, num_teams == 1 ? run_parallel : NULL, run_serially},
      .maps = {args->count, args->bases, args->pointers, args->sizes, args->types, args->names, args->mappers},
      .says_end = says_end,
      .id = id,
      .tripcount = args->tripcount,
      .device = device,
      .num_teams = num_teams,
      .thread_limit = thread_limit,
      .microtask = is_whole || is_refused ? 0 : function,
      .teams = TEAMS_PLAIN,
  };
  const char *refusal = NULL;
  omp2wasi_lock(&omp2wasi_target_lock);
  omp2wasi_await_leaving(device, &known.maps);
  bool must_share = is_whole && omp2wasi_requires_shared_memory() && !omp2wasi_shares_memory(device);
  if (needs_host_memory(device, args) || must_share) {
    refusal = "it needs memory of the host";
  } else if (is_whole && !has_mapped_private(device, &known.maps)) {
    known.tripcount = 0;
    known.num_teams = 1;
    known.teams = TEAMS_LEAGUE;
    known.function = function;
    run_whole(&known);
    omp2wasi_unlock(&omp2wasi_target_lock);
    return 0;
  } else if (is_whole || is_refused) {
    refusal = is_whole ? "a private variable of it is mapped, too" : not_translated;
  } else if (num_teams == 1 && thread_limit == 1 && known.microtask == 0) {
    /* Of `target simd`, no construct follows that could take it over. */
    refusal = "it has one thread";
  }
  if (refusal != NULL && !says_end) {
    run_on_host(&known, NULL, refusal);
    omp2wasi_unlock(&omp2wasi_target_lock);
    return HOST_CODE;
  }
  struct target_region *region = malloc(sizeof *region);
  if (region == NULL)
    omp2wasi_fatal("no memory for a target region", "the program's linear memory is full");
  *region = known;
  omp2wasi_map_begin(device, &region->maps);
  if (refusal != NULL) {
    run_on_host(region, &region->use, refusal);
    region->is_unmapped = has_mappers(&region->maps);
    if (region->is_unmapped)
      omp2wasi_map_end(device, &region->maps);
  } else
    self->task->target = &region->target;
  omp2wasi_unlock(&omp2wasi_target_lock);
  return says_end ? (int32_t)omp2wasi_address(region) : HOST_CODE;
}

int32_t __tgt_target_kernel(struct ident *loc, int64_t clause, int32_t num_teams, int32_t thread_limit, void *region_id,
                            struct kernel_args *args) {
  omp2wasi_meet(loc);
  return begin(clause, region_id, false, args, num_teams, thread_limit);
}

/* cc has the first one called in the place of clang's, and the second one, with its answer, after the code for the host. */

int32_t omp2wasi_target_kernel(struct ident *loc, int64_t clause, int32_t num_teams, int32_t thread_limit, void *region_id,
                               struct kernel_args *args) {
  omp2wasi_meet(loc);
  return begin(clause, region_id, true, args, num_teams, thread_limit);
}

void omp2wasi_target_end(int32_t answer) {
  struct target_region *region = (struct target_region *)(uintptr_t)(uint32_t)answer;
  if (answer == HOST_CODE)
    return;
  if (self->task->target == &region->target)
    self->task->target = NULL;
  omp2wasi_end_use_on_host(region->device, region->use);
  if (!region->is_unmapped) {
    omp2wasi_lock(&omp2wasi_target_lock);
    omp2wasi_map_end(region->device, &region->maps);
    omp2wasi_unlock(&omp2wasi_target_lock);
  }
  free(region);
}
