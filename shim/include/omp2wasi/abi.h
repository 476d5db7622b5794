/* The contract between shim, rewriter and runtime. Printed by the crate omp2wasi-abi; change it there. */
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

/* Wakes up to `count` threads that sleep in `wait` on the word at `word`; a negative `count` wakes all. */
__attribute__((import_module("omp2wasi"), import_name("wake")))
void omp2wasi_host_wake(uint32_t word, uint32_t count);

/* Lets another thread run, where one is waiting for a processor. Traps when the program is ending. */
__attribute__((import_module("omp2wasi"), import_name("yield")))
void omp2wasi_host_yield(void);

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

/* Stores at most `capacity` processor ids of `place` at `ids` and returns how many the place has. */
__attribute__((import_module("omp2wasi"), import_name("place_procs")))
int32_t omp2wasi_host_place_procs(uint32_t place, uint32_t ids, uint32_t capacity);

/* The number of devices, numbered from 0, that target regions can run on; the host itself is none of them. */
__attribute__((import_module("omp2wasi"), import_name("num_devices")))
int32_t omp2wasi_host_num_devices(void);

/* Copies `size` bytes at `address` to `device_address` in the device's mirror of the memory, or from there if `from_device` is not 0. */
__attribute__((import_module("omp2wasi"), import_name("device_copy")))
int32_t omp2wasi_host_device_copy(uint32_t device, uint32_t device_address, uint32_t address, uint32_t size, uint32_t from_device);

/* Whether the function at table index `teams`, of a teams region, can run on the host while the parallel region that it forks runs on the device: 0 if not, else 1 more than the number of pieces of memory that the function itself accesses, which are not more than `capacity` and are stored at `pieces`, each as four words: the number of an argument, how far behind where that points the piece begins, its size, and whether it is written. */
__attribute__((import_module("omp2wasi"), import_name("device_can_run")))
int32_t omp2wasi_host_device_can_run(uint32_t device, uint32_t teams, uint32_t pieces, uint32_t capacity);

/* The table index of the microtask of the target region whose offload entry has the `name_len` bytes at `name` as its name, if the region is a parallel region that can run on the device; else 0. */
__attribute__((import_module("omp2wasi"), import_name("device_region")))
int32_t omp2wasi_host_device_region(uint32_t device, uint32_t name, uint32_t name_len);

/* Says what the microtask at table index `microtask`, with the `argc` words at `argv` after its thread numbers, may do to the memory that it is to use: the `spans_len` spans at `spans`, each of four words: address, size, another address that the program may have for it or the same, and a word that is 4 if no pointer to it is in memory, 8 if it is static data, else 0, and becomes 1 if the span may be read, 2 if it may be written, 3 for both, or 0. */
__attribute__((import_module("omp2wasi"), import_name("device_effects")))
int32_t omp2wasi_host_device_effects(uint32_t device, uint32_t microtask, uint32_t argc, uint32_t argv, uint32_t spans, uint32_t spans_len);

/* Runs the microtask at table index `microtask` on the device, with the `argc` words at `argv` after its thread numbers, and returns when it is done. The `ranges_len` spans at `ranges`, as device_effects has left them, go to the device before, and those that may be written come back. About how many `iterations` its loop has is a hint, 0 for unknown. Traps if the microtask does. */
__attribute__((import_module("omp2wasi"), import_name("device_launch")))
int32_t omp2wasi_host_device_launch(uint32_t device, uint32_t microtask, uint32_t argc, uint32_t argv, uint32_t iterations, uint32_t ranges, uint32_t ranges_len);

/* Notes that the target region whose name is the `name_len` bytes at `name` runs on the host although there is a device, and why: the `why_len` bytes at `why`. Both are for people to read. */
__attribute__((import_module("omp2wasi"), import_name("device_refused")))
void omp2wasi_host_device_refused(uint32_t why, uint32_t why_len, uint32_t name, uint32_t name_len);

/* The table index of the kernel that calls the function at table index `microtask`. */
__attribute__((import_module("omp2wasi_rewriter"), import_name("kernel_of")))
int32_t omp2wasi_host_kernel_of(uint32_t microtask);

/* Byte offsets of what kernels read. */
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
};

/* Bits of what device_effects says of a span, and is told of it. */
enum {
  SPAN_READS = 1,
  SPAN_WRITES = 2,
  SPAN_PRIVATE = 4,
  SPAN_STATIC = 8,
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
