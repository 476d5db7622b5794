//! Values of LLVM's OpenMP enumerations that clang passes to the entry points.
//!
//! Source: `openmp/runtime/src/kmp.h` (`enum sched_type`, `KMP_IDENT_*`) and the OpenMP 5.2 headers (`omp.h`).

/// One named value.
pub type Value = (&'static str, i64);

/// `enum sched_type`: kinds of schedules, as in `__kmpc_for_static_init_*` and `__kmpc_dispatch_init_*`.
pub const SCHEDULES: &[Value] = &[
    ("SCHED_STATIC_CHUNKED", 33),
    ("SCHED_STATIC", 34),
    ("SCHED_DYNAMIC_CHUNKED", 35),
    ("SCHED_GUIDED_CHUNKED", 36),
    ("SCHED_RUNTIME", 37),
    ("SCHED_AUTO", 38),
    ("SCHED_STATIC_BALANCED_CHUNKED", 45),
    ("SCHED_GUIDED_SIMD", 46),
    ("SCHED_RUNTIME_SIMD", 47),
    ("SCHED_ORDERED_FIRST", 64),
    ("SCHED_ORDERED_STATIC_CHUNKED", 65),
    ("SCHED_ORDERED_STATIC", 66),
    ("SCHED_ORDERED_DYNAMIC_CHUNKED", 67),
    ("SCHED_ORDERED_GUIDED_CHUNKED", 68),
    ("SCHED_ORDERED_RUNTIME", 69),
    ("SCHED_ORDERED_AUTO", 70),
    ("SCHED_DISTRIBUTE_STATIC_CHUNKED", 91),
    ("SCHED_DISTRIBUTE_STATIC", 92),
    ("SCHED_MODIFIER_MONOTONIC", 1 << 29),
    ("SCHED_MODIFIER_NONMONOTONIC", 1 << 30),
];

/// `KMP_IDENT_*`: flags in the second word of an `ident_t`.
pub const IDENT_FLAGS: &[Value] =
    &[("IDENT_ATOMIC_REDUCE", 0x10), ("IDENT_BARRIER_EXPLICIT", 0x20), ("IDENT_BARRIER_IMPLICIT", 0x40)];

/// `omp_proc_bind_t` of OpenMP 5.2, section 18.3.
pub const PROC_BIND: &[Value] = &[
    ("PROC_BIND_FALSE", 0),
    ("PROC_BIND_TRUE", 1),
    ("PROC_BIND_PRIMARY", 2),
    ("PROC_BIND_CLOSE", 3),
    ("PROC_BIND_SPREAD", 4),
];

/// Byte offset of the pointer to the source position string in an `ident_t` of wasm32 (five 32-bit words).
pub const IDENT_PSOURCE: u32 = 16;
