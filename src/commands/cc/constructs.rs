//! Says which OpenMP construct is behind a runtime entry point.
//!
//! Invariant: the most specific row wins, because a row stands before every row whose prefix its own prefix starts with;
//! a test holds the table to that.

/// Prefix of a symbol, and what in the program makes clang refer to it.
const CONSTRUCTS: &[(&str, &str)] = &[
    // Tasks.
    ("__kmpc_omp_target_task", "target nowait or depend"),
    ("__kmpc_omp_taskwait", "taskwait"),
    ("__kmpc_omp_wait_deps", "taskwait depend"),
    ("__kmpc_omp_taskyield", "taskyield"),
    ("__kmpc_omp_task_with_deps", "task depend"),
    ("__kmpc_omp_reg_task_with_affinity", "task affinity"),
    ("__kmpc_omp_", "task"),
    ("__kmpc_task_allow_completion_event", "task detach"),
    ("__kmpc_task_reduction", "task_reduction or in_reduction"),
    ("__kmpc_taskred", "task_reduction or in_reduction"),
    ("__kmpc_taskloop", "taskloop"),
    ("__kmpc_taskgroup", "taskgroup"),
    ("__kmpc_end_taskgroup", "taskgroup"),
    ("__kmpc_task", "task"),
    ("__kmpc_proxy_task", "task detach"),
    // Parallel regions and teams.
    ("__kmpc_fork_teams", "teams"),
    ("__kmpc_push_num_teams", "teams"),
    ("__kmpc_set_thread_limit", "thread_limit"),
    ("__kmpc_fork_call", "parallel"),
    ("__kmpc_push_num_threads", "parallel num_threads"),
    ("__kmpc_push_proc_bind", "parallel proc_bind"),
    ("__kmpc_serialized_parallel", "parallel if"),
    ("__kmpc_end_serialized_parallel", "parallel if"),
    // Work sharing.
    ("__kmpc_doacross", "ordered doacross or depend"),
    ("__kmpc_dispatch", "for with a dynamic, guided or runtime schedule, or ordered"),
    ("__kmpc_dist_", "distribute"),
    ("__kmpc_for_static", "for or distribute"),
    ("__kmpc_single", "single"),
    ("__kmpc_end_single", "single"),
    ("__kmpc_copyprivate", "single copyprivate"),
    ("__kmpc_sections", "sections"),
    ("__kmpc_end_sections", "sections"),
    ("__kmpc_next_section", "sections"),
    ("__kmpc_scope", "scope"),
    ("__kmpc_end_scope", "scope"),
    // Synchronisation.
    ("__kmpc_cancel_barrier", "cancel"),
    ("__kmpc_cancel", "cancel or cancellation point"),
    ("__kmpc_barrier", "barrier"),
    ("__kmpc_master", "master"),
    ("__kmpc_end_master", "master"),
    ("__kmpc_masked", "masked"),
    ("__kmpc_end_masked", "masked"),
    ("__kmpc_critical", "critical"),
    ("__kmpc_end_critical", "critical"),
    ("__kmpc_ordered", "ordered"),
    ("__kmpc_end_ordered", "ordered"),
    ("__kmpc_flush", "flush"),
    ("__kmpc_atomic", "atomic"),
    ("__kmpc_reduce", "reduction"),
    ("__kmpc_end_reduce", "reduction"),
    ("__kmpc_threadprivate", "threadprivate"),
    // The rest.
    ("__kmpc_alloc", "allocate"),
    ("__kmpc_aligned_alloc", "allocate"),
    ("__kmpc_free", "allocate"),
    ("__kmpc_init_allocator", "uses_allocators"),
    ("__kmpc_destroy_allocator", "uses_allocators"),
    ("__kmpc_error", "error"),
    ("__kmpc_target_", "code that was compiled for a device"),
    ("__kmpc_", "an entry point of LLVM's OpenMP runtime"),
    // Target regions.
    ("__tgt_interop", "interop"),
    ("__tgt_target_data_update", "target update"),
    ("__tgt_target_data", "target data"),
    ("__tgt_mapper", "declare mapper"),
    ("__tgt_push_mapper_component", "declare mapper"),
    ("__tgt_", "target"),
    ("__llvm_omp_", "target"),
    ("llvm_omp_", "LLVM's extensions of the device memory routines"),
    // Routines that programs call.
    ("omp_get_interop", "interoperability routines"),
    ("omp_get_num_interop", "interoperability routines"),
    ("omp_target_", "device memory routines"),
    ("omp_alloc", "memory allocators"),
    ("omp_aligned_", "memory allocators"),
    ("omp_calloc", "memory allocators"),
    ("omp_realloc", "memory allocators"),
    ("omp_free", "memory allocators"),
    ("omp_init_allocator", "memory allocators"),
    ("omp_destroy_allocator", "memory allocators"),
    ("omp_init_", "lock routines"),
    ("omp_destroy_", "lock routines"),
    ("omp_set_lock", "lock routines"),
    ("omp_set_nest_lock", "lock routines"),
    ("omp_unset_", "lock routines"),
    ("omp_test_", "lock routines"),
    ("omp_fulfill_event", "task detach"),
    ("omp_pause_resource", "resource relinquishing routines"),
    ("omp_control_tool", "tool control"),
    ("ompc_", "affinity format routines"),
    ("omp_", "a runtime library routine"),
    ("kmp_", "extensions of Intel's and LLVM's runtime"),
];

/// The construct or family of routines behind `symbol`, if it belongs to OpenMP at all.
pub fn construct_of(symbol: &str) -> Option<&'static str> {
    let row = CONSTRUCTS.iter().find(|(prefix, _)| symbol.starts_with(prefix));
    row.map(|(_, construct)| *construct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_hides_a_later_one() {
        for (i, (earlier, _)) in CONSTRUCTS.iter().enumerate() {
            for (later, _) in &CONSTRUCTS[i + 1..] {
                assert!(!later.starts_with(earlier), "{earlier} hides {later}");
            }
        }
    }

    #[test]
    fn examples() {
        let cases = [
            ("__kmpc_omp_task", Some("task")),
            ("__kmpc_omp_task_alloc", Some("task")),
            ("__kmpc_omp_task_with_deps", Some("task depend")),
            ("__kmpc_omp_taskwait_deps_51", Some("taskwait")),
            ("__kmpc_end_taskgroup", Some("taskgroup")),
            ("__kmpc_taskloop_5", Some("taskloop")),
            ("__kmpc_doacross_post", Some("ordered doacross or depend")),
            ("__kmpc_brand_new", Some("an entry point of LLVM's OpenMP runtime")),
            ("__tgt_target_kernel", Some("target")),
            ("omp_init_nest_lock", Some("lock routines")),
            ("omp_init_allocator", Some("memory allocators")),
            ("ompc_set_affinity_format", Some("affinity format routines")),
            ("printf", None),
            ("my_omp_task", None),
        ];
        for (symbol, want) in cases {
            assert_eq!(construct_of(symbol), want, "{symbol}");
        }
    }
}
