/*
 * omp.h: types and constants of OpenMP 5.2 by name, with the numbers that
 * programs compiled against any omp.h of clang's agree on, and stdlib.h.
 */
#include <omp.h>

#include "check.h"

#define EACH(array, expression)                                                \
    for (int i = 0; i < (int)(sizeof(array) / sizeof *(array)); i++)           \
    CHECK(expression)

static void test_numbers(void)
{
    static const int schedules[] = {omp_sched_static, omp_sched_dynamic, omp_sched_guided, omp_sched_auto};
    EACH(schedules, schedules[i] == i + 1);
    CHECK((unsigned)omp_sched_monotonic == 0x80000000u);

    static const int binds[] = {omp_proc_bind_false, omp_proc_bind_true, omp_proc_bind_master, omp_proc_bind_close, omp_proc_bind_spread};
    EACH(binds, binds[i] == i);

    static const int hints[] = {
        omp_sync_hint_uncontended, omp_sync_hint_contended, omp_sync_hint_nonspeculative, omp_sync_hint_speculative,
    };
    EACH(hints, hints[i] == 1 << i);
    CHECK(omp_sync_hint_none == 0 && omp_lock_hint_none == 0 && (int)omp_lock_hint_speculative == 8);
    CHECK((int)omp_lock_hint_uncontended == 1 && (int)omp_lock_hint_contended == 2 && (int)omp_lock_hint_nonspeculative == 4);
    CHECK(kmp_lock_hint_hle == 1 << 16 && kmp_lock_hint_rtm == 1 << 17 && kmp_lock_hint_adaptive == 1 << 18);

    static const int properties[] = {
        omp_ipr_fr_id,      omp_ipr_fr_name,  omp_ipr_vendor, omp_ipr_vendor_name,    omp_ipr_device_num,
        omp_ipr_platform,   omp_ipr_device,   omp_ipr_device_context, omp_ipr_targetsync,
    };
    EACH(properties, properties[i] == -1 - i);
    CHECK((int)omp_ipr_first == omp_ipr_targetsync);

    static const int codes[] = {
        omp_irc_no_value, omp_irc_success, omp_irc_empty, omp_irc_out_of_range, omp_irc_type_int, omp_irc_type_ptr, omp_irc_type_str,
        omp_irc_other,
    };
    EACH(codes, codes[i] == 1 - i);

    static const int foreign[] = {
        omp_ifr_cuda, omp_ifr_cuda_driver, omp_ifr_opencl, omp_ifr_sycl, omp_ifr_hip, omp_ifr_level_zero, omp_ifr_last,
    };
    EACH(foreign, foreign[i] == i + 1);

    static const int tool[] = {omp_control_tool_start, omp_control_tool_pause, omp_control_tool_flush, omp_control_tool_end};
    EACH(tool, tool[i] == i + 1);
    static const int results[] = {omp_control_tool_notool, omp_control_tool_nocallback, omp_control_tool_success, omp_control_tool_ignored};
    EACH(results, results[i] == i - 2);
    CHECK(omp_pause_soft == 1 && omp_pause_hard == 2);
}

static void test_memory_numbers(void)
{
    static const omp_uintptr_t spaces[] = {
        omp_default_mem_space, omp_large_cap_mem_space, omp_const_mem_space, omp_high_bw_mem_space, omp_low_lat_mem_space,
    };
    EACH(spaces, spaces[i] == (omp_uintptr_t)i);
    static const omp_uintptr_t allocators[] = {
        omp_null_allocator,    omp_default_mem_alloc, omp_large_cap_mem_alloc, omp_const_mem_alloc, omp_high_bw_mem_alloc,
        omp_low_lat_mem_alloc, omp_cgroup_mem_alloc,  omp_pteam_mem_alloc,     omp_thread_mem_alloc,
    };
    EACH(allocators, allocators[i] == (omp_uintptr_t)i);
    CHECK(llvm_omp_target_host_mem_alloc == 100 && llvm_omp_target_device_mem_space == 102);

    static const int keys[] = {
        omp_atk_sync_hint, omp_atk_alignment, omp_atk_access, omp_atk_pool_size,
        omp_atk_fallback,  omp_atk_fb_data,   omp_atk_pinned, omp_atk_partition,
    };
    EACH(keys, keys[i] == i + 1);
    static const int values[] = {
        omp_atv_contended, omp_atv_uncontended, omp_atv_serialized,   omp_atv_private,     omp_atv_all,     omp_atv_thread,
        omp_atv_pteam,     omp_atv_cgroup,      omp_atv_default_mem_fb, omp_atv_null_fb,   omp_atv_abort_fb, omp_atv_allocator_fb,
        omp_atv_environment, omp_atv_nearest,   omp_atv_blocked,      omp_atv_interleaved,
    };
    EACH(values, values[i] == i + 3);
    CHECK(omp_atv_false == 0 && omp_atv_true == 1 && omp_atv_default == (omp_uintptr_t)-1);
}

/* Handles are as wide as pointers; a trait is a key and a word. */
static void test_types(void)
{
    CHECK(sizeof(omp_allocator_handle_t) == sizeof(void *) && sizeof(omp_memspace_handle_t) == sizeof(void *));
    CHECK(sizeof(omp_event_handle_t) == sizeof(void *) && sizeof(omp_depend_t) == sizeof(void *));
    CHECK(sizeof(omp_interop_t) == sizeof(void *) && sizeof(omp_intptr_t) == sizeof(void *));
    CHECK(sizeof(omp_uintptr_t) == sizeof(void *) && sizeof(omp_alloctrait_t) == 2 * sizeof(void *));
    CHECK(sizeof(omp_int_t) == sizeof(int) && sizeof(omp_wtime_t) == sizeof(double));
    omp_interop_t none = omp_interop_none;
    omp_alloctrait_t trait = {.key = omp_atk_alignment, .value = 8};
    omp_alloctrait_key_t key = trait.key;
    omp_alloctrait_value_t value = omp_atv_all;
    omp_lock_hint_t hint = omp_lock_hint_none;
    kmp_affinity_mask_t mask = NULL;
    CHECK(none == 0 && key == omp_atk_alignment && value == 7 && hint == 0 && mask == NULL);
    CHECK(omp_control_tool(omp_control_tool_start, 0, NULL) == omp_control_tool_notool);
}

int main(void)
{
    test_numbers();
    test_memory_numbers();
    test_types();
    int *from_stdlib = malloc(sizeof *from_stdlib);
    if (from_stdlib == NULL)
        exit(1);
    free(from_stdlib);
    return check_result("omp_header");
}
