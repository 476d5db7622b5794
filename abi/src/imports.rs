//! The functions that a module imports, by module and name, with their signatures.
//!
//! Three import modules exist: [`WASI_PARALLEL`], the proposal of 2021/22; [`HOST`], the few things that OpenMP needs from
//! a host and the proposal lacks; and [`REWRITER`], which no host ever sees because `omp2wasi rewrite` replaces each of its
//! functions by one that it synthesises.

/// A WebAssembly value type, as far as these signatures need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A 32-bit integer; pointers, lengths and handles are of this type too.
    I32,
    /// A 64-bit integer.
    I64,
}

/// One imported function: name, parameters with their names, and results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Import module.
    pub module: &'static str,
    /// Import name.
    pub name: &'static str,
    /// Parameter names and types, in order.
    pub params: &'static [(&'static str, Type)],
    /// Result types.
    pub results: &'static [Type],
    /// What it does, one sentence or more.
    pub doc: &'static str,
}

/// The import module of the wasi-parallel proposal, both generations.
pub const WASI_PARALLEL: &str = "wasi_ephemeral_parallel";
/// The import module of what the shim needs beyond wasi-parallel.
pub const HOST: &str = "omp2wasi";
/// The import module of the functions that the rewriter synthesises.
pub const REWRITER: &str = "omp2wasi_rewriter";

use Type::I32;

macro_rules! function {
    ($module:expr, $name:literal, [$($p:literal),*], [$($r:expr),*], $doc:literal) => {
        Function { module: $module, name: $name, params: &[$(($p, I32)),*], results: &[$($r),*], doc: $doc }
    };
}

/// wasi-parallel: pick a device by kind. Always succeeds, the hint is a hint.
pub const GET_DEVICE: Function = function!(
    WASI_PARALLEL,
    "get_device",
    ["hint", "device_out"],
    [I32],
    "Stores the handle of a device of the kind `hint`, or of the default device, at `device_out`."
);
/// wasi-parallel: make a buffer on a device.
pub const CREATE_BUFFER: Function = function!(
    WASI_PARALLEL,
    "create_buffer",
    ["device", "size", "access", "buffer_out"],
    [I32],
    "Makes a buffer of `size` bytes on `device` and stores its handle at `buffer_out`."
);
/// wasi-parallel: give a buffer its contents.
pub const WRITE_BUFFER: Function = function!(
    WASI_PARALLEL,
    "write_buffer",
    ["data", "data_len", "buffer"],
    [I32],
    "Makes the `data_len` bytes at `data` the contents of `buffer`; on a CPU device the buffer becomes that memory."
);
/// wasi-parallel: fetch a buffer's contents.
pub const READ_BUFFER: Function = function!(
    WASI_PARALLEL,
    "read_buffer",
    ["buffer", "data", "data_len"],
    [I32],
    "Copies the contents of `buffer` to the `data_len` bytes at `data`."
);
/// wasi-parallel, 2021: run a kernel that is a function in the module's table.
pub const PARALLEL_FOR: Function = function!(
    WASI_PARALLEL,
    "parallel_for",
    ["kernel", "num_threads", "block_size", "in_buffers", "in_buffers_len", "out_buffers", "out_buffers_len"],
    [I32],
    "Calls the function at table index `kernel` once for each thread id below `num_threads`, and returns when all are done."
);
/// wasi-parallel, 2022: run a kernel that is a binary module in memory.
pub const PARALLEL_EXEC: Function = function!(
    WASI_PARALLEL,
    "parallel_exec",
    [
        "device",
        "kernel",
        "kernel_len",
        "num_iterations",
        "block_size",
        "in_buffers",
        "in_buffers_len",
        "out_buffers",
        "out_buffers_len"
    ],
    [I32],
    "Calls the export `kernel` of the module at `kernel` once for each iteration, and returns when all are done."
);

/// Host: wait until a word changes.
pub const WAIT: Function = function!(
    HOST,
    "wait",
    ["word", "expected"],
    [],
    "Returns once the 32-bit word at `word` differs from `expected`; spins, yields, then sleeps, counting itself in the word that follows while it sleeps. Traps when the program is ending."
);
/// Host: wake sleepers in [`WAIT`].
pub const WAKE: Function = function!(
    HOST,
    "wake",
    ["word", "count"],
    [],
    "Wakes up to `count` threads that sleep in `wait` on the word at `word`; a negative `count` wakes all."
);
/// Host: let other threads run.
pub const YIELD: Function = function!(
    HOST,
    "yield",
    [],
    [],
    "Lets another thread run, where one is waiting for a processor. Traps when the program is ending."
);
/// Host: number of processors.
pub const NUM_PROCS: Function =
    function!(HOST, "num_procs", [], [I32], "The number of processors that this program may use.");
/// Host: how many kernel instances can run concurrently.
pub const MAX_CONCURRENCY: Function = function!(
    HOST,
    "max_concurrency",
    [],
    [I32],
    "How many threads of one kernel the device runs concurrently; 1 on the sequential device."
);
/// Host: bind the members of the next teams to places.
pub const BIND: Function = function!(
    HOST,
    "bind",
    ["proc_bind"],
    [],
    "Sets how members of teams that this thread forks from now on are bound: omp_proc_bind_t, or -1 for the host's choice."
);
/// Host: the number of places.
pub const NUM_PLACES: Function = function!(HOST, "num_places", [], [I32], "The number of places of the place list.");
/// Host: the place of the calling thread.
pub const PLACE_NUM: Function =
    function!(HOST, "place_num", [], [I32], "The place that the calling thread is bound to, or -1.");
/// Host: the processors of a place.
pub const PLACE_PROCS: Function = function!(
    HOST,
    "place_procs",
    ["place", "ids", "capacity"],
    [I32],
    "Stores at most `capacity` processor ids of `place` at `ids` and returns how many the place has."
);

/// Host: how many devices target regions can use.
pub const NUM_DEVICES: Function = function!(
    HOST,
    "num_devices",
    [],
    [I32],
    "The number of devices, numbered from 0, that target regions can run on; the host itself is none of them."
);
/// Host: copy memory to or from a device's mirror of it.
pub const DEVICE_COPY: Function = function!(
    HOST,
    "device_copy",
    ["device", "device_address", "address", "size", "from_device"],
    [I32],
    "Copies `size` bytes at `address` to `device_address` in the device's mirror of the memory, or from there if `from_device` is not 0."
);
/// Host: whether a teams region can run on a device.
pub const DEVICE_CAN_RUN: Function = function!(
    HOST,
    "device_can_run",
    ["device", "teams", "pieces", "capacity"],
    [I32],
    "Whether the function at table index `teams`, of a teams region, can run on the host while the parallel region that it forks runs on the device: 0 if not, else 1 more than the number of pieces of memory that the function itself accesses, which are not more than `capacity` and are stored at `pieces`, each as four words: the number of an argument, how far behind where that points the piece begins, its size, and whether it is written."
);
/// Host: whether a target region without teams can run on a device.
pub const DEVICE_REGION: Function = function!(
    HOST,
    "device_region",
    ["device", "name", "name_len"],
    [I32],
    "The table index of the microtask of the target region whose offload entry has the `name_len` bytes at `name` as its name, if the region is a parallel region that can run on the device; else 0."
);
/// Host: a target region runs on the host.
pub const DEVICE_REFUSED: Function = function!(
    HOST,
    "device_refused",
    ["why", "why_len", "name", "name_len"],
    [],
    "Notes that the target region whose name is the `name_len` bytes at `name` runs on the host although there is a device, and why: the `why_len` bytes at `why`. Both are for people to read."
);
/// Host: what a parallel region does to memory.
pub const DEVICE_EFFECTS: Function = function!(
    HOST,
    "device_effects",
    ["device", "microtask", "argc", "argv", "spans", "spans_len"],
    [I32],
    "Says what the microtask at table index `microtask`, with the `argc` words at `argv` after its thread numbers, may do to the memory that it is to use: the `spans_len` spans at `spans`, each of four words: address, size, another address that the program may have for it or the same, and a word that is 4 if no pointer to it is in memory, 8 if it is static data, else 0, and becomes 1 if the span may be read, 2 if it may be written, 3 for both, or 0."
);
/// Host: run a parallel region on a device.
pub const DEVICE_LAUNCH: Function = function!(
    HOST,
    "device_launch",
    ["device", "microtask", "argc", "argv", "iterations", "ranges", "ranges_len"],
    [I32],
    "Runs the microtask at table index `microtask` on the device, with the `argc` words at `argv` after its thread numbers, and returns when it is done. The `ranges_len` spans at `ranges`, as device_effects has left them, go to the device before, and those that may be written come back. About how many `iterations` its loop has is a hint, 0 for unknown. Traps if the microtask does."
);

/// Rewriter: from a microtask to the kernel that runs it.
pub const KERNEL_OF: Function = function!(
    REWRITER,
    "kernel_of",
    ["microtask"],
    [I32],
    "The table index of the kernel that calls the function at table index `microtask`."
);

/// Everything that a module may import from us, in the order of the C header.
pub const ALL: &[Function] = &[
    GET_DEVICE,
    CREATE_BUFFER,
    WRITE_BUFFER,
    READ_BUFFER,
    PARALLEL_FOR,
    PARALLEL_EXEC,
    WAIT,
    WAKE,
    YIELD,
    NUM_PROCS,
    MAX_CONCURRENCY,
    BIND,
    NUM_PLACES,
    PLACE_NUM,
    PLACE_PROCS,
    NUM_DEVICES,
    DEVICE_COPY,
    DEVICE_CAN_RUN,
    DEVICE_REGION,
    DEVICE_EFFECTS,
    DEVICE_LAUNCH,
    DEVICE_REFUSED,
    KERNEL_OF,
];

/// The result of a wasi-parallel call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Errno {
    /// It worked.
    Success = 0,
    /// A pointer or length leaves the linear memory, or an argument is out of range.
    Inval = 1,
    /// No such device or buffer, or buffers of different devices.
    BadHandle = 2,
    /// A kernel with this table index, or with this signature, does not exist; or the kernel module is malformed.
    BadKernel = 3,
    /// The host is out of threads, memory or handles.
    NoResources = 4,
}

/// Access kinds of buffers, the same in both generations.
pub mod access {
    /// Kernels read the buffer.
    pub const READ: i32 = 0;
    /// Kernels write the buffer.
    pub const WRITE: i32 = 1;
    /// Kernels read and write the buffer.
    pub const READ_WRITE: i32 = 2;
}

/// Bits of what [`DEVICE_EFFECTS`] says of a span, and is told of it.
pub mod effects {
    /// It may be read.
    pub const READS: u32 = 1;
    /// It may be written.
    pub const WRITES: u32 = 2;
    /// Told by the guest: no pointer to it is in memory.
    pub const PRIVATE: u32 = 4;
    /// Told by the guest: it is static data.
    pub const STATIC: u32 = 8;
    /// Those, by their names in C.
    pub const ALL: &[(&str, u32)] =
        &[("SPAN_READS", READS), ("SPAN_WRITES", WRITES), ("SPAN_PRIVATE", PRIVATE), ("SPAN_STATIC", STATIC)];
}

/// Which numbering of device kinds a module uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `parallel_for`: CPU 0, discrete GPU 1, integrated GPU 2.
    Y2021,
    /// `parallel_exec`: sequential 0, CPU 1, discrete GPU 2, integrated GPU 3.
    Y2022,
}
