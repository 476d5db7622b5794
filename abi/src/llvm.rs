//! Numbers that clang passes to the OpenMP entry points: LLVM's enumerations, and one of the OpenMP API.
//!
//! Each module here is one enumeration, and names the header that defines it. Its constants are for Rust; its `ALL` has the same
//! numbers under the names that `abi.h` gives them in C.
//!
//! Invariant: a number of clang's stands here once, and the shim, the rewriter and codegen take it from here.

/// A constant's name in C, and its value.
pub type Value = (&'static str, u64);

/// Constants, and the list `ALL` of them: their names in C are theirs in Rust behind a prefix.
macro_rules! values {
    ($ty:ty, $prefix:literal, $($(#[$doc:meta])* $name:ident = $value:expr;)*) => {
        $($(#[$doc])* pub const $name: $ty = $value;)*
        /// All of this module, by their names in C.
        pub const ALL: &[super::Value] = &[$((concat!($prefix, stringify!($name)), $name as u64)),*];
    };
}

/// Kinds of schedules, the argument `schedule` of `__kmpc_for_static_init_*` and `__kmpc_dispatch_init_*`: `enum sched_type` of
/// LLVM's `openmp/runtime/src/kmp.h`.
///
/// A value is a kind, and up to one of the two modifiers added to it. The kinds from `ORDERED_FIRST` to `ORDERED_LAST` are those of
/// loops with the `ordered` clause: a kind from `FIRST` on plus [`sched_type::ORDERED_OFFSET`].
pub mod sched_type {
    values! { u32, "SCHED_",
        /// Where the kinds without `ordered` begin; itself no kind.
        FIRST = 32;
        /// `static` with a chunk size.
        STATIC_CHUNKED = 33;
        /// `static` without one.
        STATIC = 34;
        /// `dynamic`; the chunk size is 1 by default.
        DYNAMIC_CHUNKED = 35;
        /// `guided`; the chunk size is 1 by default.
        GUIDED_CHUNKED = 36;
        /// `runtime`: what run-sched-var says.
        RUNTIME = 37;
        /// `auto`.
        AUTO = 38;
        /// `static` with the modifier `simd`: blocks whose sizes are multiples of the chunk size.
        STATIC_BALANCED_CHUNKED = 45;
        /// `guided` with the modifier `simd`.
        GUIDED_SIMD = 46;
        /// `runtime` with the modifier `simd`.
        RUNTIME_SIMD = 47;
        /// Where the kinds with `ordered` begin; itself no kind.
        ORDERED_FIRST = 64;
        /// `ordered` and `static` with a chunk size.
        ORDERED_STATIC_CHUNKED = 65;
        /// `ordered` and `static` without one.
        ORDERED_STATIC = 66;
        /// `ordered` and `dynamic`.
        ORDERED_DYNAMIC_CHUNKED = 67;
        /// `ordered` and `guided`.
        ORDERED_GUIDED_CHUNKED = 68;
        /// `ordered` and `runtime`.
        ORDERED_RUNTIME = 69;
        /// `ordered` and `auto`.
        ORDERED_AUTO = 70;
        /// The last of the kinds with `ordered`.
        ORDERED_LAST = 70;
        /// What a kind with `ordered` has more than the same without.
        ORDERED_OFFSET = 32;
        /// `dist_schedule(static)` with a chunk size: iterations go to the teams of a league.
        DISTRIBUTE_STATIC_CHUNKED = 91;
        /// `dist_schedule(static)` without one.
        DISTRIBUTE_STATIC = 92;
        /// The modifier `monotonic`.
        MODIFIER_MONOTONIC = 1 << 29;
        /// The modifier `nonmonotonic`.
        MODIFIER_NONMONOTONIC = 1 << 30;
        /// Both modifiers: what a kind has none of.
        MODIFIERS = 1 << 29 | 1 << 30;
    }
}

/// Flags of what a `map` clause, or a clause that has the same effect, asks for, in the array `types` of the `__tgt_*` entry points:
/// `enum tgt_map_type` of LLVM's `offload/include/omptarget.h`.
pub mod map_type {
    values! { u64, "MAP_",
        /// `to`: the device's copy gets the host's contents at the begin.
        TO = 0x1;
        /// `from`: the host's copy gets the device's contents at the end.
        FROM = 0x2;
        /// `always`: copies whatever the reference count is.
        ALWAYS = 0x4;
        /// `delete`: the reference count becomes 0.
        DELETE = 0x8;
        /// A pointer that is mapped together with what it points to.
        PTR_AND_OBJ = 0x10;
        /// An argument of the region's kernel.
        TARGET_PARAM = 0x20;
        /// `use_device_ptr`, `use_device_addr`: the device's address goes back to the program.
        RETURN_PARAM = 0x40;
        /// A private copy: nothing is mapped.
        PRIVATE = 0x80;
        /// A value in the place of an address: nothing is mapped.
        LITERAL = 0x100;
        /// No clause says so, but the region uses it.
        IMPLICIT = 0x200;
        /// `close`: a hint.
        CLOSE = 0x400;
        /// `present`: it is an error if it is not mapped yet.
        PRESENT = 0x1000;
        /// `ompx_hold`: the reference count is one of its own.
        OMPX_HOLD = 0x2000;
        /// A pointer that is set to its mapped pointee (from clang 22 on); no memory is mapped for it.
        ATTACH = 0x4000;
        /// The number of the bit that says: an array section whose rows are apart.
        NON_CONTIG_SHIFT = 44;
        /// The number of the lowest of the 16 bits for the position of the struct that it is a member of, from 1; 0 for none.
        MEMBER_OF_SHIFT = 48;
    }
}

/// Flags in the second word of an `ident_t`: `KMP_IDENT_*` of LLVM's `openmp/runtime/src/kmp.h`.
pub mod ident_flag {
    values! { u32, "IDENT_",
        /// The compiler has made atomic operations for the reduction.
        ATOMIC_REDUCE = 0x10;
        /// The `barrier` construct.
        BARRIER_EXPLICIT = 0x20;
        /// The barrier at the end of a construct.
        BARRIER_IMPLICIT = 0x40;
    }
}

/// Flags of an explicit task, the argument `flags` of `__kmpc_omp_task_alloc`: `kmp_tasking_flags_t` of LLVM's
/// `openmp/runtime/src/kmp.h`.
pub mod task_flag {
    values! { u32, "TASK_",
        /// Once begun it stays on one thread: no `untied` clause.
        TIED = 0x1;
        /// Its `final` clause is true.
        FINAL = 0x2;
        /// It has a function that destroys its private variables, in `data1` of clang's part.
        DESTRUCTORS = 0x8;
        /// It completes when the runtime is told so, not when its code has been executed.
        PROXY = 0x10;
        /// It has a priority, in `data2` of clang's part.
        PRIORITY = 0x20;
        /// It has the `detach` clause.
        DETACHABLE = 0x40;
        /// It is of a target construct with `nowait`: a thread that is in no team of the program's may execute it. Set by the runtime.
        HIDDEN_HELPER = 0x80;
    }
}

/// What the clauses of a `taskloop` say about the sizes of its tasks, the argument `sched` of `__kmpc_taskloop`: LLVM's
/// `openmp/runtime/src/kmp_tasking.cpp`, and `OMPTaskDataTy` of clang.
pub mod task_size {
    values! { u32, "TASK_SIZE_",
        /// No clause.
        DEFAULT = 0;
        /// `grainsize`.
        GRAINSIZE = 1;
        /// `num_tasks`.
        NUM_TASKS = 2;
    }
}

/// How a task depends on others of the same parent, the byte `flags` of a `kmp_depend_info` of LLVM's
/// `openmp/runtime/src/kmp.h`: the dependence types of OpenMP 5.2, section 15.9.5.
pub mod dependence {
    values! { u32, "DEPENDENCE_",
        /// `in`: on the last task that writes.
        IN = 0x1;
        /// `out` and `inout`, with or without the bit of `in`: on all tasks before.
        OUT = 0x2;
        /// `mutexinoutset`: tasks next to each other are executed one at a time, in any order.
        MUTEXINOUTSET = 0x4;
        /// `inoutset`: tasks next to each other are executed concurrently.
        INOUTSET = 0x8;
        /// `omp_all_memory`: on all tasks before, whatever they depend on.
        ALL_MEMORY = 0x80;
    }
}

/// What `__kmpc_cancel` and `__kmpc_cancellationpoint` are about: `kmp_cancel_kind_t` of LLVM's `openmp/runtime/src/kmp.h`.
pub mod cancel {
    values! { u32, "CANCEL_",
        /// Nothing.
        NONE = 0;
        /// `parallel`.
        PARALLEL = 1;
        /// `for`.
        LOOP = 2;
        /// `sections`.
        SECTIONS = 3;
        /// `taskgroup`.
        TASKGROUP = 4;
    }
}

/// `omp_alloctrait_key_t` of the OpenMP API (OpenMP 5.2, section 18.13.1): what an allocator has traits of.
pub mod allocator_trait {
    values! { u32, "ALLOCATOR_TRAIT_",
        /// How many threads allocate at the same time: a hint.
        SYNC_HINT = 1;
        /// Of how many bytes addresses are multiples.
        ALIGNMENT = 2;
        /// Which threads access what is allocated.
        ACCESS = 3;
        /// How many bytes may be allocated.
        POOL_SIZE = 4;
        /// What becomes of an allocation that fails.
        FALLBACK = 5;
        /// The allocator that takes over then.
        FB_DATA = 6;
        /// Whether the memory is pinned.
        PINNED = 7;
        /// How the memory is spread.
        PARTITION = 8;
    }
}

/// `omp_proc_bind_t` of the OpenMP API (OpenMP 5.2, section 18.3.1), in this runtime's `omp.h` too.
pub mod proc_bind {
    values! { u32, "PROC_BIND_",
        /// Threads may move between places.
        FALSE = 0;
        /// Threads may not.
        TRUE = 1;
        /// All in the primary thread's place.
        PRIMARY = 2;
        /// In places near the primary thread's.
        CLOSE = 3;
        /// In places as far apart as possible.
        SPREAD = 4;
    }
}

/// `ident_t`, a construct's source position and flags (LLVM's `openmp/runtime/src/kmp.h`): five words of 32 bits on wasm32.
pub mod ident {
    /// Byte offset of the address of the source position, a C string of the form `;file;function;line;column;;`.
    pub const PSOURCE: u32 = 16;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_has_an_int_for_each() {
        for list in [
            sched_type::ALL,
            map_type::ALL,
            ident_flag::ALL,
            task_flag::ALL,
            task_size::ALL,
            dependence::ALL,
            cancel::ALL,
            proc_bind::ALL,
        ] {
            assert!(list.iter().all(|(_, value)| i32::try_from(*value).is_ok()));
        }
    }

    #[test]
    fn kinds_with_and_without_ordered_are_one_offset_apart() {
        use sched_type::*;
        for (with, without) in [
            (ORDERED_STATIC_CHUNKED, STATIC_CHUNKED),
            (ORDERED_STATIC, STATIC),
            (ORDERED_DYNAMIC_CHUNKED, DYNAMIC_CHUNKED),
            (ORDERED_GUIDED_CHUNKED, GUIDED_CHUNKED),
            (ORDERED_RUNTIME, RUNTIME),
            (ORDERED_AUTO, AUTO),
        ] {
            assert_eq!(with, without + ORDERED_OFFSET);
        }
    }
}

/// How clang's names of the functions of target regions begin, and of what it outlines from them (`clang/lib/CodeGen`,
/// `getTargetEntryUniqueInfo`).
pub const TARGET_REGION: &str = "__omp_offloading_";

/// The name of the target region that a function belongs to, by the function's name: clang puts a suffix behind a region's name for what it
/// outlines from the region, and with debugging information `_debug__` between them.
#[must_use]
pub fn region_name(function: &str) -> &str {
    let name = function.split('.').next().unwrap_or(function);
    name.strip_suffix("_debug__").unwrap_or(name)
}

/// Names of the runtime's entry points that calls are recognised by, or how those begin that there are several of (LLVM's
/// `openmp/runtime/src/kmp.h`). In `docs/abi.md` are all that the shim has.
pub mod entry_point {
    /// All of the compiler's.
    pub const COMPILER: &str = "__kmpc_";
    /// All of `omp.h`.
    pub const ROUTINE: &str = "omp_";
    /// `omp_is_initial_device`.
    pub const IS_INITIAL_DEVICE: &str = "omp_is_initial_device";
    /// A parallel region.
    pub const FORK_CALL: &str = "__kmpc_fork_call";
    /// A parallel region whose `if` clause is left to the runtime.
    pub const FORK_CALL_IF: &str = "__kmpc_fork_call_if";
    /// A parallel region of one thread, whose `if` clause says so.
    pub const SERIALIZED_PARALLEL: &str = "__kmpc_serialized_parallel";
    /// A teams region.
    pub const FORK_TEAMS: &str = "__kmpc_fork_teams";
    /// Clauses of the construct that follows.
    pub const PUSH: &str = "__kmpc_push_";
    /// Its clause `num_threads`.
    pub const PUSH_NUM_THREADS: &str = "__kmpc_push_num_threads";
    /// The clause `num_teams` of the teams region that follows, which may have `thread_limit`, too; two forms.
    pub const PUSH_NUM_TEAMS: &str = "__kmpc_push_num_teams";
    /// The newer form.
    pub const PUSH_NUM_TEAMS_51: &str = "__kmpc_push_num_teams_51";
    /// Its clause `proc_bind`.
    pub const PUSH_PROC_BIND: &str = "__kmpc_push_proc_bind";
    /// The calling thread's global number.
    pub const GLOBAL_THREAD_NUM: &str = "__kmpc_global_thread_num";
    /// Static schedules: all entry points.
    pub const FOR_STATIC: &str = "__kmpc_for_static_";
    /// A static schedule's begin, for each type of the loop variable: `4`, `4u`, `8`, `8u` follow.
    pub const FOR_STATIC_INIT: &str = "__kmpc_for_static_init_";
    /// A static schedule's end.
    pub const FOR_STATIC_FINI: &str = "__kmpc_for_static_fini";
    /// Another schedule's begin; the type follows.
    pub const DISPATCH_INIT: &str = "__kmpc_dispatch_init_";
    /// Another schedule's next chunk; the type follows.
    pub const DISPATCH_NEXT: &str = "__kmpc_dispatch_next_";
    /// Another schedule's chunk is done; the type follows.
    pub const DISPATCH_FINI: &str = "__kmpc_dispatch_fini_";
    /// Another schedule's end.
    pub const DISPATCH_DEINIT: &str = "__kmpc_dispatch_deinit";
    /// A reduction.
    pub const REDUCE: &str = "__kmpc_reduce";
    /// A reduction without a barrier.
    pub const REDUCE_NOWAIT: &str = "__kmpc_reduce_nowait";
    /// The end of a reduction.
    pub const END_REDUCE: &str = "__kmpc_end_reduce";
    /// The end of a reduction without a barrier.
    pub const END_REDUCE_NOWAIT: &str = "__kmpc_end_reduce_nowait";
    /// A barrier, explicit or implied.
    pub const BARRIER: &str = "__kmpc_barrier";
    /// `flush`.
    pub const FLUSH: &str = "__kmpc_flush";
    /// `single`.
    pub const SINGLE: &str = "__kmpc_single";
    /// The end of `single`.
    pub const END_SINGLE: &str = "__kmpc_end_single";
    /// What one thread's private variables are after `single` is what those of the others are.
    pub const COPYPRIVATE: &str = "__kmpc_copyprivate";
    /// `ordered`, in a loop with that clause.
    pub const ORDERED: &str = "__kmpc_ordered";
    /// The end of `ordered`.
    pub const END_ORDERED: &str = "__kmpc_end_ordered";
    /// `master`.
    pub const MASTER: &str = "__kmpc_master";
    /// The end of `master`.
    pub const END_MASTER: &str = "__kmpc_end_master";
    /// `masked`.
    pub const MASKED: &str = "__kmpc_masked";
    /// The end of `masked`.
    pub const END_MASKED: &str = "__kmpc_end_masked";
    /// `critical`.
    pub const CRITICAL: &str = "__kmpc_critical";
    /// The end of a parallel region that one thread executes.
    pub const END_SERIALIZED_PARALLEL: &str = "__kmpc_end_serialized_parallel";
    /// `critical` with a hint for its lock.
    pub const CRITICAL_WITH_HINT: &str = "__kmpc_critical_with_hint";
    /// The end of `critical`.
    pub const END_CRITICAL: &str = "__kmpc_end_critical";
    /// Memory for an explicit task, which is about to be generated.
    pub const TASK_ALLOC: &str = "__kmpc_omp_task_alloc";
    /// The task is generated.
    pub const TASK: &str = "__kmpc_omp_task";
    /// The same, with dependences.
    pub const TASK_WITH_DEPS: &str = "__kmpc_omp_task_with_deps";
    /// The task is generated undeferred: its code follows, up to [`TASK_COMPLETE_IF0`].
    pub const TASK_BEGIN_IF0: &str = "__kmpc_omp_task_begin_if0";
    /// The end of such a task.
    pub const TASK_COMPLETE_IF0: &str = "__kmpc_omp_task_complete_if0";
    /// The clause `affinity` of a task.
    pub const TASK_AFFINITY: &str = "__kmpc_omp_reg_task_with_affinity";
    /// The clause `detach` of a task.
    pub const TASK_DETACH: &str = "__kmpc_task_allow_completion_event";
    /// Memory for what has an `allocate` clause or directive.
    pub const ALLOC: &str = "__kmpc_alloc";
    /// The same, aligned.
    pub const ALIGNED_ALLOC: &str = "__kmpc_aligned_alloc";
    /// It is free again.
    pub const FREE: &str = "__kmpc_free";
    /// The clause `uses_allocators` makes an allocator.
    pub const INIT_ALLOCATOR: &str = "__kmpc_init_allocator";
    /// Its end.
    pub const DESTROY_ALLOCATOR: &str = "__kmpc_destroy_allocator";
    /// Reductions over tasks: their begin.
    pub const TASKRED: &str = "__kmpc_taskred_";
    /// Their private copies, and their end.
    pub const TASK_REDUCTION: &str = "__kmpc_task_reduction_";
    /// The private copy that a task has of what it reduces.
    pub const TASK_REDUCTION_GET: &str = "__kmpc_task_reduction_get_th_data";
    /// `taskwait`.
    pub const TASKWAIT: &str = "__kmpc_omp_taskwait";
    /// `taskwait` with dependences, and what an undeferred task depends on; two forms.
    pub const TASKWAIT_DEPS: &str = "__kmpc_omp_taskwait_deps_51";
    /// The older form.
    pub const WAIT_DEPS: &str = "__kmpc_omp_wait_deps";
    /// `taskyield`.
    pub const TASKYIELD: &str = "__kmpc_omp_taskyield";
    /// `taskgroup`.
    pub const TASKGROUP: &str = "__kmpc_taskgroup";
    /// The end of `taskgroup`.
    pub const END_TASKGROUP: &str = "__kmpc_end_taskgroup";
    /// `taskloop`.
    pub const TASKLOOP: &str = "__kmpc_taskloop";
    /// `taskloop` whose clauses may have the modifier `strict`.
    pub const TASKLOOP_5: &str = "__kmpc_taskloop_5";
}
