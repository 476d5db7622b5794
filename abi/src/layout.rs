//! Records in linear memory that shim and host share, as byte offsets: the heads of the shim's team and thread records, which
//! kernels read, and the memory ranges that device functions are given.
//!
//! An OpenMP kernel has the signature `(thread_id, num_threads, block_size, team, team_len)`, all i32. `team` is the
//! address of a team record. Its first fields, and those of the thread records that it points to, are fixed here; the
//! rest belongs to the shim alone. All fields are 32 bits.

/// Parameters of a kernel before its buffers: thread id, number of threads, block size.
pub const KERNEL_FIXED_PARAMS: usize = 3;
/// Parameters of an OpenMP kernel: the fixed ones, and the team as its one buffer.
pub const KERNEL_PARAMS: usize = KERNEL_FIXED_PARAMS + 2;

/// Offsets in a team record.
pub mod team {
    /// Address of the argument vector: one 4-byte slot for each argument of the microtask.
    pub const ARGV: u32 = 0;
    /// Number of slots of the argument vector.
    pub const ARGC: u32 = 4;
    /// Table index of the microtask; read by the kernel for computed microtasks only.
    pub const MICROTASK: u32 = 8;
    /// Address of the vector of thread record addresses, by thread number.
    pub const THREADS: u32 = 12;
    /// Bytes of the part that kernels read.
    pub const HEAD_SIZE: u32 = 16;
}

/// Offsets in a thread record.
pub mod thread {
    /// What the kernel puts into the global `__stack_pointer`.
    pub const STACK_POINTER: u32 = 0;
    /// Lowest address that the thread's stack may reach; goes into the stack limit global.
    pub const STACK_LIMIT: u32 = 4;
    /// What the kernel puts into the global `__tls_base`.
    pub const TLS_BASE: u32 = 8;
    /// The global thread number: what the first parameter of a microtask, clang's `.global_tid.`, points to.
    pub const GTID: u32 = 12;
    /// What the second parameter of a microtask, clang's `.bound_tid.`, points to: always 0, as where clang itself
    /// calls a microtask.
    pub const BTID: u32 = 16;
    /// Bytes of the part that kernels read.
    pub const HEAD_SIZE: u32 = 20;
}

/// Offsets in a memory range, the record of which device functions are given lists. All fields are 32 bits.
pub mod range {
    /// Address of the first byte.
    pub const BEGIN: u32 = 0;
    /// Bytes.
    pub const SIZE: u32 = 4;
    /// Another address that the program may use for the memory: that of the array of which the range is a part. Else `BEGIN`'s.
    pub const BASE: u32 = 8;
    /// Flags: [`crate::imports::range`].
    pub const FLAGS: u32 = 12;
    /// Bytes of the record.
    pub const RECORD_SIZE: u32 = 16;
}

/// Offsets in a launch record, which [`crate::imports::DEVICE_LAUNCH`] is given. All fields are 32 bits.
pub mod launch {
    /// Number of the teams region around it, or [`crate::imports::device::TEAMS_PLAIN`]; [`crate::imports::device::TEAMS_LEAGUE`] for a
    /// league's function, or a target region's.
    pub const REGION: u32 = 0;
    /// Table index of the microtask, or of that function.
    pub const MICROTASK: u32 = 4;
    /// How many words the microtask is given after its thread numbers.
    pub const ARGC: u32 = 8;
    /// Address of those words.
    pub const ARGV: u32 = 12;
    /// About how many iterations the loop has, 0 for unknown: a hint.
    pub const ITERATIONS: u32 = 16;
    /// Address of a list of memory ranges: what belongs to this launch beside mapped memory.
    pub const RANGES: u32 = 20;
    /// How many memory ranges there are.
    pub const RANGES_LEN: u32 = 24;
    /// How many teams a league is to have, 0 if the program does not say.
    pub const TEAMS: u32 = 28;
    /// How many threads each of its teams may have at most, 0 if the program does not say.
    pub const THREAD_LIMIT: u32 = 32;
    /// Bytes of the record.
    pub const RECORD_SIZE: u32 = 36;
}

/// Offsets in a record of what a region has printed, which [`crate::imports::DEVICE_PRINTED`] gives: a head, the arguments as they are in
/// memory for a call (4 bytes each, or 8 or 16 at a multiple of that), and the strings among them that are not constants of the program. The
/// fields of the head are 32 bits, and the record begins and ends at a multiple of 16 bytes.
pub mod printed {
    /// Bytes of the record.
    pub const SIZE: u32 = 0;
    /// Which function was called: one of [`ALL`].
    pub const FUNCTION: u32 = 4;
    /// Address of the format string, for `printf`.
    pub const FORMAT: u32 = 8;
    /// Which words of the arguments are strings of the record: a bit for each. Such a word is 0 for a null pointer, else the string's
    /// distance from the start of the record.
    pub const STRINGS: u32 = 12;
    /// The arguments.
    pub const ARGUMENTS: u32 = 16;
    /// The most bytes that a record has.
    pub const MAX_SIZE: u32 = 40 << 10;
    /// `printf`.
    pub const PRINTF: u32 = 0;
    /// `puts`.
    pub const PUTS: u32 = 1;
    /// `putchar`.
    pub const PUTCHAR: u32 = 2;
    /// `assert` that does not hold: text of the expression, file, line, function.
    pub const ASSERT: u32 = 3;
    /// Those functions, by their names in C.
    pub const ALL: &[(&str, u32)] =
        &[("PRINTED_PRINTF", PRINTF), ("PRINTED_PUTS", PUTS), ("PRINTED_PUTCHAR", PUTCHAR), ("PRINTED_ASSERT", ASSERT)];
}

/// The name under which wasm-ld exports the function table.
pub const FUNCTION_TABLE: &str = "__indirect_function_table";

/// The name under which the shim exports a function `() -> ()` that ends a region in which tasks may have been deferred: kernels of such
/// regions call it, on each thread, when the microtask has returned. It is there only in programs that have tasks.
pub const END_REGION: &str = "omp2wasi_end_region";

/// Names of the globals that wasm-ld exports for us and kernels set.
pub mod globals {
    /// The shadow stack pointer.
    pub const STACK_POINTER: &str = "__stack_pointer";
    /// The base of the thread's block of thread-local storage.
    pub const TLS_BASE: &str = "__tls_base";
    /// The lowest address that the thread's shadow stack may reach: a global that the rewriter adds.
    pub const STACK_LIMIT: &str = "omp2wasi.stack_limit";
}
