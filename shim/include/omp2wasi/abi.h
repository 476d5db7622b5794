/* The contract between shim, rewriter, codegen and runtime. Printed by the crate omp2wasi-abi; change it there. */
#ifndef OMP2WASI_ABI_H
#define OMP2WASI_ABI_H

#include <stdint.h>

/* Stores the handle of a device of the kind `hint`, or of the default device, at `device_out`. */
__attribute__((import_module("wasi_ephemeral_parallel"), import_name("get_device")))
int32_t omp2wasi_host_get_device(uint32_t hint, uint32_t device_out);

/* Makes a buffer of `size` bytes on `device` and stores its handle at `buffer_out`. */
__attribute__((import_module("wasi_ephemeral_parallel"), import_name("create_buffer")))
int32_t omp2wasi_host_create_buffer(uint32_t device, uint32_t size, uint32_t access, uint32_t buffer_out);

/* Makes the `data_len` bytes at `data` the contents of `buffer`; on a CPU device the buffer becomes that memory. */
__attribute__((import_module("wasi_ephemeral_parallel"), import_name("write_buffer")))
int32_t omp2wasi_host_write_buffer(uint32_t data, uint32_t data_len, uint32_t buffer);

/* Copies the contents of `buffer` to the `data_len` bytes at `data`. */
__attribute__((import_module("wasi_ephemeral_parallel"), import_name("read_buffer")))
int32_t omp2wasi_host_read_buffer(uint32_t buffer, uint32_t data, uint32_t data_len);

/* Calls the function at table index `kernel` once for each thread id below `num_threads`, and returns when all are done. */
__attribute__((import_module("wasi_ephemeral_parallel"), import_name("parallel_for")))
int32_t omp2wasi_host_parallel_for(uint32_t kernel, uint32_t num_threads, uint32_t block_size, uint32_t in_buffers, uint32_t in_buffers_len, uint32_t out_buffers, uint32_t out_buffers_len);

/* Calls the export `kernel` of the module at `kernel` once for each iteration, and returns when all are done. */
__attribute__((import_module("wasi_ephemeral_parallel"), import_name("parallel_exec")))
int32_t omp2wasi_host_parallel_exec(uint32_t device, uint32_t kernel, uint32_t kernel_len, uint32_t num_iterations, uint32_t block_size, uint32_t in_buffers, uint32_t in_buffers_len, uint32_t out_buffers, uint32_t out_buffers_len);

/* Returns once the 32-bit word at `word` differs from `expected`; spins, yields, then sleeps, counting itself in the word that follows while it sleeps. Traps when the program is ending. */
__attribute__((import_module("omp2wasi"), import_name("wait")))
void omp2wasi_host_wait(uint32_t word, uint32_t expected);

/* As `wait`, but for no longer than `nanoseconds`, of which 2^32 - 1 are for ever, and for threads that may wait long: does not yield, and spins only while there is a processor for each thread that runs. Returns 0 once the word differs from `expected`, 1 when the time is over. */
__attribute__((import_module("omp2wasi"), import_name("wait_for")))
int32_t omp2wasi_host_wait_for(uint32_t word, uint32_t expected, uint32_t nanoseconds);

/* Starts a thread, with an instance of its own, that calls the kernel at table index `kernel` as thread 0 of 1 with the `team_len` bytes at `team` as its buffer. When it has returned, and the thread uses the program's memory no more, 1 is stored into the 32-bit word at `ended`, and who sleeps in `wait` on it is woken. Returns an errno; the program may end before the thread does. */
__attribute__((import_module("omp2wasi"), import_name("start_thread")))
int32_t omp2wasi_host_start_thread(uint32_t kernel, uint32_t team, uint32_t team_len, uint32_t ended);

/* Ends the calling thread as if its kernel had returned. Traps unless `start_thread` has started the thread, and it is in no region. */
__attribute__((import_module("omp2wasi"), import_name("exit_thread")))
void omp2wasi_host_exit_thread(void);

/* Wakes up to `count` threads that sleep in `wait` on the word at `word`; a negative `count` wakes all. */
__attribute__((import_module("omp2wasi"), import_name("wake")))
void omp2wasi_host_wake(uint32_t word, uint32_t count);

/* Lets another thread run, where one is waiting for a processor. Traps when the program is ending. */
__attribute__((import_module("omp2wasi"), import_name("yield")))
void omp2wasi_host_yield(void);

/* Says that the `size` bytes at `address` are one object, which is large, and of which nothing has been touched yet: the host may back it by large pages. A hint. Traps if they are not all inside the memory. */
__attribute__((import_module("omp2wasi"), import_name("use_large_pages")))
void omp2wasi_host_use_large_pages(uint32_t address, uint32_t size);

/* The number of processors that this program may use. */
__attribute__((import_module("omp2wasi"), import_name("num_procs")))
int32_t omp2wasi_host_num_procs(void);

/* How many threads of one kernel the device runs concurrently; 1 on the sequential device. */
__attribute__((import_module("omp2wasi"), import_name("max_concurrency")))
int32_t omp2wasi_host_max_concurrency(void);

/* Sets how members of teams that this thread forks from now on are bound: omp_proc_bind_t, or -1 for the host's choice. */
__attribute__((import_module("omp2wasi"), import_name("bind")))
void omp2wasi_host_bind(uint32_t proc_bind);

/* The number of places of the place list. */
__attribute__((import_module("omp2wasi"), import_name("num_places")))
int32_t omp2wasi_host_num_places(void);

/* The place that the calling thread is bound to, or -1. */
__attribute__((import_module("omp2wasi"), import_name("place_num")))
int32_t omp2wasi_host_place_num(void);

/* Stores at most `capacity` processor ids of `place` at `ids` and returns how many the place has; place -1 is all processors that this program may use. */
__attribute__((import_module("omp2wasi"), import_name("place_procs")))
int32_t omp2wasi_host_place_procs(uint32_t place, uint32_t ids, uint32_t capacity);

/* The place that thread `thread_num` is bound to in a team of `num_threads` that the calling thread forks now, or -1. */
__attribute__((import_module("omp2wasi"), import_name("team_place")))
int32_t omp2wasi_host_team_place(uint32_t thread_num, uint32_t num_threads);

/* The number of devices, numbered from 0, that target regions can run on; the host itself is none of them. */
__attribute__((import_module("omp2wasi"), import_name("num_devices")))
int32_t omp2wasi_host_num_devices(void);

/* Makes the `ranges_len` memory ranges at `ranges` mapped memory of the device. For mapped memory the host keeps account of which copy is the newest, its own or the device's: with RANGE_FROM_HOST that is the host's, and the device gets it when a launch first needs it; otherwise both count as equally new. RANGE_STATIC says that a range is static data, RANGE_VARIABLE that it is a declare target variable. A range that is mapped already, with the same begin and size, gets the new base and is else left as it is. RANGE_SHARED, of a program that requires unified shared memory, says that from now on host and device see each other's writes to all of the memory, whatever else is in the record: nothing can be mapped on any device then, nor copied. Returns an errno. */
__attribute__((import_module("omp2wasi"), import_name("device_map")))
int32_t omp2wasi_host_device_map(uint32_t device, uint32_t ranges, uint32_t ranges_len);

/* Ends the mapping of the `ranges_len` memory ranges at `ranges`, each with the begin and size with which it was mapped; others are ignored. Nothing is copied. Launches that use a range go on using it. Returns an errno. */
__attribute__((import_module("omp2wasi"), import_name("device_unmap")))
int32_t omp2wasi_host_device_unmap(uint32_t device, uint32_t ranges, uint32_t ranges_len);

/* Copies the bytes of the `ranges_len` memory ranges at `ranges` from the host's memory to the device (direction SYNC_TO_DEVICE) or from there (SYNC_FROM_DEVICE), as `target update` does. Bytes that are not mapped are copied all the same. Bytes of a mapped range of which the host's copy is the newest stay as they are in both: the device gets them when a launch needs them. If the bytes are all of a mapped range, both copies are equally new afterwards. Returns an errno. */
__attribute__((import_module("omp2wasi"), import_name("device_sync")))
int32_t omp2wasi_host_device_sync(uint32_t device, uint32_t ranges, uint32_t ranges_len, uint32_t direction);

/* Copies `size` bytes at `from` in the memory of the device `from_device` to `to` in that of `to_device`, as `omp_target_memcpy` does; -1 is the host. Where the newest copy of a device's mapped range is the host's, that copy takes part in the place of the device's. Returns an errno. */
__attribute__((import_module("omp2wasi"), import_name("device_copy")))
int32_t omp2wasi_host_device_copy(uint32_t to_device, uint32_t to, uint32_t from_device, uint32_t from, uint32_t size);

/* Readies mapped memory for a target region that runs on the host: waits for launches that use one of the `ranges_len` memory ranges at `ranges`, copies to the host what is the newest on the device, and counts the host's copy of all of them as the newest from then on. Ranges that are not mapped with that begin and size are ignored. Returns an errno; traps when the program is ending. */
__attribute__((import_module("omp2wasi"), import_name("device_host_use")))
int32_t omp2wasi_host_device_host_use(uint32_t device, uint32_t ranges, uint32_t ranges_len);

/* As device_host_use, for a region whose end device_end_host_use says: what is the newest on the device takes the place of the host's own bytes until then. Returns a number for the region, 0 if that cannot be. `number` is 0, or what was returned before, with the ranges of then and others. Traps when the program is ending. */
__attribute__((import_module("omp2wasi"), import_name("device_begin_host_use")))
int32_t omp2wasi_host_device_begin_host_use(uint32_t device, uint32_t ranges, uint32_t ranges_len, uint32_t number);

/* Ends a region to which device_begin_host_use has given a number. What has taken the place of the host's own bytes, and is not used by another region, goes back to the device as far as it has been changed, where it is the newest, and those return. Returns an errno. */
__attribute__((import_module("omp2wasi"), import_name("device_end_host_use")))
int32_t omp2wasi_host_device_end_host_use(uint32_t device, uint32_t number);

/* The table index of the microtask of the target region whose offload entry has the `name_len` bytes at `name` as its name, if the region is a parallel region that can run on the device; or of the region's function, as device_target gives it; REGION_REFUSED if it cannot run there, and none of its constructs can be launched instead; else 0. */
__attribute__((import_module("omp2wasi"), import_name("device_region")))
int32_t omp2wasi_host_device_region(uint32_t device, uint32_t name, uint32_t name_len);

/* The table index of the function of the target region whose offload entry has the `name_len` bytes at `name` as its name, if the region is one team, serial code and all, that can run on the device; else 0. */
__attribute__((import_module("omp2wasi"), import_name("device_target")))
int32_t omp2wasi_host_device_target(uint32_t device, uint32_t name, uint32_t name_len);

/* Begins a teams region whose own function, at table index `teams`, runs on the host, with the `argc` words at `argv` after its thread numbers, while the parallel region that it forks runs on the device. Returns 0 if it cannot do that and has to run on the host as a whole; TEAMS_PLAIN if it can; TEAMS_WHOLE if it forks none, and shares its loop among teams alone: then it is to be launched itself, as a parallel region without teams would be; TEAMS_LEAGUE if it is to be launched itself, too, and forks parallel regions there; or a greater number than TEAMS_PLAIN, if it can and itself accesses mapped memory: the host then sees to it that the function and the device see each other's changes to that memory. Such a number goes to device_launch, and to device_end_teams in the end. */
__attribute__((import_module("omp2wasi"), import_name("device_begin_teams")))
int32_t omp2wasi_host_device_begin_teams(uint32_t device, uint32_t teams, uint32_t argc, uint32_t argv);

/* Ends the teams region for which device_begin_teams returned the number `region`: the device gets what the region's own function has changed last. Returns an errno. */
__attribute__((import_module("omp2wasi"), import_name("device_end_teams")))
int32_t omp2wasi_host_device_end_teams(uint32_t region);

/* Runs a parallel region on the device, and returns when it is done. The launch record at `launch` has the table index of its microtask, which is given the `argc` words at `argv` after its thread numbers. The host finds out from the microtask's code which memory it may read and write. Of mapped memory it may access, the device gets the newest copy before, and what it may write is the newest on the device after. The `ranges_len` memory ranges at `ranges` are what else belongs to this launch: a range with RANGE_ALIAS is no memory of its own, but says that `base` is another address by which the microtask may mean the mapped memory at `begin`; the others, on the stack say, go to the device before, and come back if they may be written; a range with RANGE_PRIVATE, to which no pointer is in memory, does not come back, and ends where mapped memory begins. `region` is the number of the teams region around it, or TEAMS_PLAIN. About how many `iterations` the loop has is a hint, 0 for unknown; `teams` is how many teams a league is to have, and `thread_limit` how many threads a team of it may have at most, 0 if the program does not say. Returns an errno; traps if the microtask does. If the microtask has printed something, it returns a number from PRINTED on, for device_printed. */
__attribute__((import_module("omp2wasi"), import_name("device_launch")))
int32_t omp2wasi_host_device_launch(uint32_t device, uint32_t launch);

/* Moves the next records of what the launch has printed for which device_launch returned `number` to the `size` bytes at `records`, whole ones, and returns how many bytes those are. Returns 0 when none is left, and the number means nothing any more; traps then if the microtask has trapped. */
__attribute__((import_module("omp2wasi"), import_name("device_printed")))
int32_t omp2wasi_host_device_printed(uint32_t number, uint32_t records, uint32_t size);

/* Notes that the target region whose name is the `name_len` bytes at `name` runs on the host although there is a device, and why: the `why_len` bytes at `why`. Both are for people to read. */
__attribute__((import_module("omp2wasi"), import_name("device_refused")))
void omp2wasi_host_device_refused(uint32_t why, uint32_t why_len, uint32_t name, uint32_t name_len);

/* The table index of the kernel that calls the function at table index `microtask`. */
__attribute__((import_module("omp2wasi_rewriter"), import_name("kernel_of")))
int32_t omp2wasi_host_kernel_of(uint32_t microtask);

/* The export that kernels call behind the microtask. */
#define OMP2WASI_END_REGION "omp2wasi_end_region"

/* Byte offsets in shared records: of what kernels read, of memory ranges, and of what regions print. */
enum {
  OMP2WASI_TEAM_ARGV = 0,
  OMP2WASI_TEAM_ARGC = 4,
  OMP2WASI_TEAM_MICROTASK = 8,
  OMP2WASI_TEAM_THREADS = 12,
  OMP2WASI_TEAM_HEAD_SIZE = 16,
  OMP2WASI_THREAD_STACK_POINTER = 0,
  OMP2WASI_THREAD_STACK_LIMIT = 4,
  OMP2WASI_THREAD_TLS_BASE = 8,
  OMP2WASI_THREAD_GTID = 12,
  OMP2WASI_THREAD_BTID = 16,
  OMP2WASI_THREAD_HEAD_SIZE = 20,
  OMP2WASI_RANGE_BEGIN = 0,
  OMP2WASI_RANGE_SIZE = 4,
  OMP2WASI_RANGE_BASE = 8,
  OMP2WASI_RANGE_FLAGS = 12,
  OMP2WASI_RANGE_RECORD_SIZE = 16,
  OMP2WASI_LAUNCH_REGION = 0,
  OMP2WASI_LAUNCH_MICROTASK = 4,
  OMP2WASI_LAUNCH_ARGC = 8,
  OMP2WASI_LAUNCH_ARGV = 12,
  OMP2WASI_LAUNCH_ITERATIONS = 16,
  OMP2WASI_LAUNCH_RANGES = 20,
  OMP2WASI_LAUNCH_RANGES_LEN = 24,
  OMP2WASI_LAUNCH_TEAMS = 28,
  OMP2WASI_LAUNCH_THREAD_LIMIT = 32,
  OMP2WASI_LAUNCH_RECORD_SIZE = 36,
  OMP2WASI_PRINTED_SIZE = 0,
  OMP2WASI_PRINTED_FUNCTION = 4,
  OMP2WASI_PRINTED_FORMAT = 8,
  OMP2WASI_PRINTED_STRINGS = 12,
  OMP2WASI_PRINTED_ARGUMENTS = 16,
  OMP2WASI_PRINTED_MAX_SIZE = 40960,
};

/* Results of wasi-parallel's functions */
enum {
  ERRNO_SUCCESS = 0,
  ERRNO_INVAL = 1,
  ERRNO_BADHANDLE = 2,
  ERRNO_BADKERNEL = 3,
  ERRNO_NORESOURCES = 4,
};

/* Flags of memory ranges */
enum {
  RANGE_STATIC = 1,
  RANGE_VARIABLE = 2,
  RANGE_FROM_HOST = 4,
  RANGE_PRIVATE = 8,
  RANGE_ALIAS = 16,
  RANGE_SHARED = 32,
};

/* Directions of device_sync; a teams region that accesses no mapped memory itself */
enum {
  SYNC_TO_DEVICE = 0,
  SYNC_FROM_DEVICE = 1,
  TEAMS_PLAIN = 1,
  TEAMS_WHOLE = 4294967295,
  REGION_REFUSED = 4294967295,
  TEAMS_LEAGUE = 4294967294,
  PRINTED = 256,
};

/* Functions that regions print with */
enum {
  PRINTED_PRINTF = 0,
  PRINTED_PUTS = 1,
  PRINTED_PUTCHAR = 2,
  PRINTED_ASSERT = 3,
};

/* Kinds of schedules, and their modifiers (LLVM's kmp.h, enum sched_type). */
enum {
  SCHED_FIRST = 32,
  SCHED_STATIC_CHUNKED = 33,
  SCHED_STATIC = 34,
  SCHED_DYNAMIC_CHUNKED = 35,
  SCHED_GUIDED_CHUNKED = 36,
  SCHED_RUNTIME = 37,
  SCHED_AUTO = 38,
  SCHED_STATIC_BALANCED_CHUNKED = 45,
  SCHED_GUIDED_SIMD = 46,
  SCHED_RUNTIME_SIMD = 47,
  SCHED_ORDERED_FIRST = 64,
  SCHED_ORDERED_STATIC_CHUNKED = 65,
  SCHED_ORDERED_STATIC = 66,
  SCHED_ORDERED_DYNAMIC_CHUNKED = 67,
  SCHED_ORDERED_GUIDED_CHUNKED = 68,
  SCHED_ORDERED_RUNTIME = 69,
  SCHED_ORDERED_AUTO = 70,
  SCHED_ORDERED_LAST = 70,
  SCHED_ORDERED_OFFSET = 32,
  SCHED_DISTRIBUTE_STATIC_CHUNKED = 91,
  SCHED_DISTRIBUTE_STATIC = 92,
  SCHED_MODIFIER_MONOTONIC = 536870912,
  SCHED_MODIFIER_NONMONOTONIC = 1073741824,
  SCHED_MODIFIERS = 1610612736,
};

/* Flags of maps, and the positions of two more (LLVM's omptarget.h, enum tgt_map_type). */
enum {
  MAP_TO = 1,
  MAP_FROM = 2,
  MAP_ALWAYS = 4,
  MAP_DELETE = 8,
  MAP_PTR_AND_OBJ = 16,
  MAP_TARGET_PARAM = 32,
  MAP_RETURN_PARAM = 64,
  MAP_PRIVATE = 128,
  MAP_LITERAL = 256,
  MAP_IMPLICIT = 512,
  MAP_CLOSE = 1024,
  MAP_PRESENT = 4096,
  MAP_OMPX_HOLD = 8192,
  MAP_ATTACH = 16384,
  MAP_NON_CONTIG_SHIFT = 44,
  MAP_MEMBER_OF_SHIFT = 48,
};

/* Flags of a construct's ident_t (LLVM's kmp.h, KMP_IDENT_*). */
enum {
  IDENT_ATOMIC_REDUCE = 16,
  IDENT_BARRIER_EXPLICIT = 32,
  IDENT_BARRIER_IMPLICIT = 64,
};

/* Flags of an explicit task (LLVM's kmp.h, kmp_tasking_flags_t). */
enum {
  TASK_TIED = 1,
  TASK_FINAL = 2,
  TASK_DESTRUCTORS = 8,
  TASK_PROXY = 16,
  TASK_PRIORITY = 32,
  TASK_DETACHABLE = 64,
  TASK_HIDDEN_HELPER = 128,
};

/* What clauses say about the sizes of a taskloop's tasks (LLVM's kmp_tasking.cpp). */
enum {
  TASK_SIZE_DEFAULT = 0,
  TASK_SIZE_GRAINSIZE = 1,
  TASK_SIZE_NUM_TASKS = 2,
};

/* How a task depends on others (LLVM's kmp.h, kmp_depend_info). */
enum {
  DEPENDENCE_IN = 1,
  DEPENDENCE_OUT = 2,
  DEPENDENCE_MUTEXINOUTSET = 4,
  DEPENDENCE_INOUTSET = 8,
  DEPENDENCE_ALL_MEMORY = 128,
};

/* What is cancelled (LLVM's kmp.h, kmp_cancel_kind_t). */
enum {
  CANCEL_NONE = 0,
  CANCEL_PARALLEL = 1,
  CANCEL_LOOP = 2,
  CANCEL_SECTIONS = 3,
  CANCEL_TASKGROUP = 4,
};

/* omp_proc_bind_t (OpenMP 5.2, section 18.3.1). */
enum {
  PROC_BIND_FALSE = 0,
  PROC_BIND_TRUE = 1,
  PROC_BIND_PRIMARY = 2,
  PROC_BIND_CLOSE = 3,
  PROC_BIND_SPREAD = 4,
};

#endif
