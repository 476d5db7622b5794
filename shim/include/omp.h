/* The OpenMP API for C and C++ (OpenMP 5.2, chapter 18; sections are those of that document), as omp2wasi's runtime
 * provides it, with what clang's own omp.h has beyond it.
 *
 * Invariant: the types that clang looks up by name, and every number, are as clang's omp.h has them for wasm32, so that
 * a program finds here whatever it finds there. What is declared and not implemented is undefined at link time, by
 * name. */
#ifndef OMP2WASI_OMP_H
#define OMP2WASI_OMP_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h> /* Programs written with clang's omp.h have it from there. */

#ifdef __cplusplus
extern "C" {
/* What an argument that is left out means: in C++ alone. */
#define OMP2WASI_DEFAULT(value) = value
#else
#define OMP2WASI_DEFAULT(value)
#endif

/* Enumerations that clang converts from and to pointers are as wide as those. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define OMP2WASI_POINTER_WIDE : omp_uintptr_t
#else
#define OMP2WASI_POINTER_WIDE
#endif

typedef intptr_t omp_intptr_t;
typedef uintptr_t omp_uintptr_t;

/* Parallel regions and their ICVs (18.2) */
void omp_set_num_threads(int num_threads);
int omp_get_num_threads(void);
int omp_get_max_threads(void);
int omp_get_thread_num(void);
int omp_in_parallel(void);
void omp_set_dynamic(int dynamic_threads);
int omp_get_dynamic(void);
int omp_get_cancellation(void);
void omp_set_nested(int nested); /* deprecated, as omp_get_nested is */
int omp_get_nested(void);

typedef enum omp_sched_t {
  omp_sched_static = 1,
  omp_sched_dynamic = 2,
  omp_sched_guided = 3,
  omp_sched_auto = 4,
  omp_sched_monotonic = (int)0x80000000
} omp_sched_t;

void omp_set_schedule(omp_sched_t kind, int chunk_size);
void omp_get_schedule(omp_sched_t *kind, int *chunk_size);
int omp_get_thread_limit(void);
int omp_get_supported_active_levels(void);
void omp_set_max_active_levels(int max_levels);
int omp_get_max_active_levels(void);
int omp_get_level(void);
int omp_get_ancestor_thread_num(int level);
int omp_get_team_size(int level);
int omp_get_active_level(void);

/* Threads that execute tasks of a team that they are not in: OpenMP 6.0 */
int omp_is_free_agent(void);
int omp_ancestor_is_free_agent(int level);

/* Thread affinity (18.3) */
typedef enum omp_proc_bind_t {
  omp_proc_bind_false = 0,
  omp_proc_bind_true = 1,
  omp_proc_bind_primary = 2,
  omp_proc_bind_master = omp_proc_bind_primary, /* deprecated */
  omp_proc_bind_close = 3,
  omp_proc_bind_spread = 4
} omp_proc_bind_t;

omp_proc_bind_t omp_get_proc_bind(void);
int omp_get_num_places(void);
int omp_get_place_num_procs(int place_num);
void omp_get_place_proc_ids(int place_num, int *ids);
int omp_get_place_num(void);
int omp_get_partition_num_places(void);
void omp_get_partition_place_nums(int *place_nums);

/* Their names without the c are those of the same routines for Fortran. */
#define omp_set_affinity_format ompc_set_affinity_format
#define omp_get_affinity_format ompc_get_affinity_format
#define omp_display_affinity ompc_display_affinity
#define omp_capture_affinity ompc_capture_affinity
void omp_set_affinity_format(const char *format);
size_t omp_get_affinity_format(char *buffer, size_t size);
void omp_display_affinity(const char *format);
size_t omp_capture_affinity(char *buffer, size_t size, const char *format);

/* Teams regions (18.4) */
int omp_get_num_teams(void);
int omp_get_team_num(void);
void omp_set_num_teams(int num_teams);
int omp_get_max_teams(void);
void omp_set_teams_thread_limit(int thread_limit);
int omp_get_teams_thread_limit(void);

/* Tasks (18.5) */
int omp_get_max_task_priority(void);
int omp_in_explicit_task(void);
int omp_in_final(void);

/* Resources (18.6) */
typedef enum omp_pause_resource_t {
  omp_pause_resume = 0, /* clang's */
  omp_pause_soft = 1,
  omp_pause_hard = 2
} omp_pause_resource_t;

int omp_pause_resource(omp_pause_resource_t kind, int device_num);
int omp_pause_resource_all(omp_pause_resource_t kind);

/* Devices (18.7) */
enum { omp_initial_device = -1, omp_invalid_device = -10 };

int omp_get_num_procs(void);
void omp_set_default_device(int device_num);
int omp_get_default_device(void);
int omp_get_num_devices(void);
int omp_get_device_num(void);
int omp_is_initial_device(void);
int omp_get_initial_device(void);

/* Dependences of tasks and of asynchronous copies; the contents are those of a depobj construct. */
typedef void *omp_depend_t;

/* Device memory (18.8); the last two are OpenMP 6.0's. */
void *omp_target_alloc(size_t size, int device_num);
void omp_target_free(void *device_ptr, int device_num);
int omp_target_is_present(const void *ptr, int device_num);
int omp_target_is_accessible(const void *ptr, size_t size, int device_num);
int omp_target_memcpy(void *dst, const void *src, size_t length, size_t dst_offset, size_t src_offset,
                      int dst_device_num, int src_device_num);
int omp_target_memcpy_rect(void *dst, const void *src, size_t element_size, int num_dims, const size_t *volume,
                           const size_t *dst_offsets, const size_t *src_offsets, const size_t *dst_dimensions,
                           const size_t *src_dimensions, int dst_device_num, int src_device_num);
int omp_target_memcpy_async(void *dst, const void *src, size_t length, size_t dst_offset, size_t src_offset,
                            int dst_device_num, int src_device_num, int depobj_count, omp_depend_t *depobj_list);
int omp_target_memcpy_rect_async(void *dst, const void *src, size_t element_size, int num_dims, const size_t *volume,
                                 const size_t *dst_offsets, const size_t *src_offsets, const size_t *dst_dimensions,
                                 const size_t *src_dimensions, int dst_device_num, int src_device_num, int depobj_count,
                                 omp_depend_t *depobj_list);
int omp_target_associate_ptr(const void *host_ptr, const void *device_ptr, size_t size, size_t device_offset,
                             int device_num);
int omp_target_disassociate_ptr(const void *ptr, int device_num);
void *omp_get_mapped_ptr(const void *ptr, int device_num);
void *omp_target_memset(void *ptr, int value, size_t count, int device_num);
void *omp_target_memset_async(void *ptr, int value, size_t count, int device_num, int depobj_count,
                              omp_depend_t *depobj_list);

/* Locks (18.9): zero bytes are an unlocked lock. */
typedef struct omp_lock_t {
  uint32_t omp2wasi_word[3];
} omp_lock_t;
typedef struct omp_nest_lock_t {
  uint32_t omp2wasi_word[5];
} omp_nest_lock_t;

/* The names with kmp are clang's; these hints have no effect here. */
typedef enum omp_sync_hint_t {
  omp_sync_hint_none = 0,
  omp_sync_hint_uncontended = 1,
  omp_sync_hint_contended = 2,
  omp_sync_hint_nonspeculative = 4,
  omp_sync_hint_speculative = 8,
  omp_lock_hint_none = omp_sync_hint_none,
  omp_lock_hint_uncontended = omp_sync_hint_uncontended,
  omp_lock_hint_contended = omp_sync_hint_contended,
  omp_lock_hint_nonspeculative = omp_sync_hint_nonspeculative,
  omp_lock_hint_speculative = omp_sync_hint_speculative,
  kmp_lock_hint_hle = 1 << 16,
  kmp_lock_hint_rtm = 1 << 17,
  kmp_lock_hint_adaptive = 1 << 18
} omp_sync_hint_t;
typedef omp_sync_hint_t omp_lock_hint_t;

void omp_init_lock(omp_lock_t *lock);
void omp_init_lock_with_hint(omp_lock_t *lock, omp_sync_hint_t hint);
void omp_destroy_lock(omp_lock_t *lock);
void omp_set_lock(omp_lock_t *lock);
void omp_unset_lock(omp_lock_t *lock);
int omp_test_lock(omp_lock_t *lock);
void omp_init_nest_lock(omp_nest_lock_t *lock);
void omp_init_nest_lock_with_hint(omp_nest_lock_t *lock, omp_sync_hint_t hint);
void omp_destroy_nest_lock(omp_nest_lock_t *lock);
void omp_set_nest_lock(omp_nest_lock_t *lock);
void omp_unset_nest_lock(omp_nest_lock_t *lock);
int omp_test_nest_lock(omp_nest_lock_t *lock);

/* Timing (18.10) */
double omp_get_wtime(void);
double omp_get_wtick(void);

/* Events of detachable tasks (18.11). The enumerator makes the type as wide as a pointer. */
typedef enum omp_event_handle_t OMP2WASI_POINTER_WIDE { KMP_EVENT_MAX_HANDLE = UINTPTR_MAX } omp_event_handle_t;

void omp_fulfill_event(omp_event_handle_t event);

/* Interoperability (18.12) */
typedef void *omp_interop_t;
#define omp_interop_none 0

typedef enum omp_interop_property {
  omp_ipr_fr_id = -1,
  omp_ipr_fr_name = -2,
  omp_ipr_vendor = -3,
  omp_ipr_vendor_name = -4,
  omp_ipr_device_num = -5,
  omp_ipr_platform = -6,
  omp_ipr_device = -7,
  omp_ipr_device_context = -8,
  omp_ipr_targetsync = -9,
  omp_ipr_first = -9
} omp_interop_property_t;

typedef enum omp_interop_rc {
  omp_irc_no_value = 1,
  omp_irc_success = 0,
  omp_irc_empty = -1,
  omp_irc_out_of_range = -2,
  omp_irc_type_int = -3,
  omp_irc_type_ptr = -4,
  omp_irc_type_str = -5,
  omp_irc_other = -6
} omp_interop_rc_t;

/* Foreign runtimes, by the numbers of OpenMP's list of them */
typedef enum omp_interop_fr {
  omp_ifr_cuda = 1,
  omp_ifr_cuda_driver = 2,
  omp_ifr_opencl = 3,
  omp_ifr_sycl = 4,
  omp_ifr_hip = 5,
  omp_ifr_level_zero = 6,
  omp_ifr_last = 7
} omp_interop_fr_t;

int omp_get_num_interop_properties(const omp_interop_t interop);
omp_intptr_t omp_get_interop_int(const omp_interop_t interop, omp_interop_property_t property_id, int *ret_code);
void *omp_get_interop_ptr(const omp_interop_t interop, omp_interop_property_t property_id, int *ret_code);
const char *omp_get_interop_str(const omp_interop_t interop, omp_interop_property_t property_id, int *ret_code);
const char *omp_get_interop_name(const omp_interop_t interop, omp_interop_property_t property_id);
const char *omp_get_interop_type_desc(const omp_interop_t interop, omp_interop_property_t property_id);
const char *omp_get_interop_rc_desc(const omp_interop_t interop, omp_interop_rc_t ret_code);

/* Memory spaces and allocators (18.13). The greatest enumerators make the types as wide as a pointer. */
typedef enum omp_memspace_handle_t OMP2WASI_POINTER_WIDE {
  omp_default_mem_space = 0,
  omp_large_cap_mem_space = 1,
  omp_const_mem_space = 2,
  omp_high_bw_mem_space = 3,
  omp_low_lat_mem_space = 4,
  llvm_omp_target_host_mem_space = 100,
  llvm_omp_target_shared_mem_space = 101,
  llvm_omp_target_device_mem_space = 102,
  KMP_MEMSPACE_MAX_HANDLE = UINTPTR_MAX
} omp_memspace_handle_t;

typedef enum omp_allocator_handle_t OMP2WASI_POINTER_WIDE {
  omp_null_allocator = 0,
  omp_default_mem_alloc = 1,
  omp_large_cap_mem_alloc = 2,
  omp_const_mem_alloc = 3,
  omp_high_bw_mem_alloc = 4,
  omp_low_lat_mem_alloc = 5,
  omp_cgroup_mem_alloc = 6,
  omp_pteam_mem_alloc = 7,
  omp_thread_mem_alloc = 8,
  llvm_omp_target_host_mem_alloc = 100,
  llvm_omp_target_shared_mem_alloc = 101,
  llvm_omp_target_device_mem_alloc = 102,
  KMP_ALLOCATOR_MAX_HANDLE = UINTPTR_MAX
} omp_allocator_handle_t;

typedef enum omp_alloctrait_key_t {
  omp_atk_sync_hint = 1,
  omp_atk_alignment = 2,
  omp_atk_access = 3,
  omp_atk_pool_size = 4,
  omp_atk_fallback = 5,
  omp_atk_fb_data = 6,
  omp_atk_pinned = 7,
  omp_atk_partition = 8
} omp_alloctrait_key_t;

typedef enum omp_alloctrait_value_t {
  omp_atv_false = 0,
  omp_atv_true = 1,
  omp_atv_contended = 3,
  omp_atv_uncontended = 4,
  omp_atv_serialized = 5,
  omp_atv_sequential = omp_atv_serialized, /* deprecated */
  omp_atv_private = 6,
  omp_atv_all = 7,
  omp_atv_thread = 8,
  omp_atv_pteam = 9,
  omp_atv_cgroup = 10,
  omp_atv_default_mem_fb = 11,
  omp_atv_null_fb = 12,
  omp_atv_abort_fb = 13,
  omp_atv_allocator_fb = 14,
  omp_atv_environment = 15,
  omp_atv_nearest = 16,
  omp_atv_blocked = 17,
  omp_atv_interleaved = 18
} omp_alloctrait_value_t;
#define omp_atv_default ((omp_uintptr_t)-1)

typedef struct omp_alloctrait_t {
  omp_alloctrait_key_t key;
  omp_uintptr_t value;
} omp_alloctrait_t;

omp_allocator_handle_t omp_init_allocator(omp_memspace_handle_t memspace, int ntraits, const omp_alloctrait_t traits[]);
void omp_destroy_allocator(omp_allocator_handle_t allocator);
void omp_set_default_allocator(omp_allocator_handle_t allocator);
omp_allocator_handle_t omp_get_default_allocator(void);
void *omp_alloc(size_t size, omp_allocator_handle_t allocator OMP2WASI_DEFAULT(omp_null_allocator));
void *omp_aligned_alloc(size_t alignment, size_t size,
                        omp_allocator_handle_t allocator OMP2WASI_DEFAULT(omp_null_allocator));
void *omp_calloc(size_t nmemb, size_t size, omp_allocator_handle_t allocator OMP2WASI_DEFAULT(omp_null_allocator));
void *omp_aligned_calloc(size_t alignment, size_t nmemb, size_t size,
                         omp_allocator_handle_t allocator OMP2WASI_DEFAULT(omp_null_allocator));
void *omp_realloc(void *ptr, size_t size, omp_allocator_handle_t allocator OMP2WASI_DEFAULT(omp_null_allocator),
                  omp_allocator_handle_t free_allocator OMP2WASI_DEFAULT(omp_null_allocator));
void omp_free(void *ptr, omp_allocator_handle_t allocator OMP2WASI_DEFAULT(omp_null_allocator));

/* Tool control (18.14) */
typedef enum omp_control_tool_t {
  omp_control_tool_start = 1,
  omp_control_tool_pause = 2,
  omp_control_tool_flush = 3,
  omp_control_tool_end = 4
} omp_control_tool_t;

typedef enum omp_control_tool_result_t {
  omp_control_tool_notool = -2,
  omp_control_tool_nocallback = -1,
  omp_control_tool_success = 0,
  omp_control_tool_ignored = 1
} omp_control_tool_result_t;

int omp_control_tool(int command, int modifier, void *arg);

/* Environment display (18.15) */
void omp_display_env(int verbose);

/* Extensions of clang's runtime library. What they do here: kmp.c. */
int kmp_get_stacksize(void);
void kmp_set_stacksize(int size);
size_t kmp_get_stacksize_s(void);
void kmp_set_stacksize_s(size_t size);
int kmp_get_blocktime(void);
void kmp_set_blocktime(int milliseconds);
int kmp_get_library(void);
void kmp_set_library(int library);
void kmp_set_library_serial(void);
void kmp_set_library_turnaround(void);
void kmp_set_library_throughput(void);
void kmp_set_defaults(const char *settings);
void kmp_set_disp_num_buffers(int count);
void kmp_set_warnings_on(void);
void kmp_set_warnings_off(void);

void *kmp_malloc(size_t size);
void *kmp_aligned_malloc(size_t size, size_t alignment);
void *kmp_calloc(size_t count, size_t size);
void *kmp_realloc(void *ptr, size_t size);
void kmp_free(void *ptr);

typedef void *kmp_affinity_mask_t;
int kmp_set_affinity(kmp_affinity_mask_t *mask);
int kmp_get_affinity(kmp_affinity_mask_t *mask);
int kmp_get_affinity_max_proc(void);
void kmp_create_affinity_mask(kmp_affinity_mask_t *mask);
void kmp_destroy_affinity_mask(kmp_affinity_mask_t *mask);
int kmp_set_affinity_mask_proc(int processor, kmp_affinity_mask_t *mask);
int kmp_unset_affinity_mask_proc(int processor, kmp_affinity_mask_t *mask);
int kmp_get_affinity_mask_proc(int processor, kmp_affinity_mask_t *mask);

void ompx_dump_mapping_tables(void);
void *llvm_omp_target_dynamic_shared_alloc(void);

/* Not OpenMP's, and deprecated in clang's omp.h */
typedef int omp_int_t;
typedef double omp_wtime_t;

#undef OMP2WASI_DEFAULT
#undef OMP2WASI_POINTER_WIDE

#ifdef __cplusplus
}
#endif

#endif
