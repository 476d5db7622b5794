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
/// Host: wait for some time until a word changes.
pub const WAIT_FOR: Function = function!(
    HOST,
    "wait_for",
    ["word", "expected", "nanoseconds"],
    [I32],
    "As `wait`, but for no longer than `nanoseconds`, of which 2^32 - 1 are for ever, and for threads that may wait long: does not yield, and spins only while there is a processor for each thread that runs. Returns 0 once the word differs from `expected`, 1 when the time is over."
);
/// Host: start a thread of the program's own.
pub const START_THREAD: Function = function!(
    HOST,
    "start_thread",
    ["kernel", "team", "team_len", "ended"],
    [I32],
    "Starts a thread, with an instance of its own, that calls the kernel at table index `kernel` as thread 0 of 1 with the `team_len` bytes at `team` as its buffer. When it has returned, and the thread uses the program's memory no more, 1 is stored into the 32-bit word at `ended`, and who sleeps in `wait` on it is woken. Returns an errno; the program may end before the thread does."
);
/// Host: end a thread of the program's own.
pub const EXIT_THREAD: Function = function!(
    HOST,
    "exit_thread",
    [],
    [],
    "Ends the calling thread as if its kernel had returned. Traps unless `start_thread` has started the thread, and it is in no region."
);
/// Host: let other threads run.
pub const YIELD: Function = function!(
    HOST,
    "yield",
    [],
    [],
    "Lets another thread run, where one is waiting for a processor. Traps when the program is ending."
);
/// Host: back memory by large pages.
pub const USE_LARGE_PAGES: Function = function!(
    HOST,
    "use_large_pages",
    ["address", "size"],
    [],
    "Says that the `size` bytes at `address` are one object, which is large, and of which nothing has been touched yet: the host may back it by large pages. A hint. Traps if they are not all inside the memory."
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
    "Stores at most `capacity` processor ids of `place` at `ids` and returns how many the place has; place -1 is all processors that \
     this program may use."
);
/// Host: where the members of the next team will be.
pub const TEAM_PLACE: Function = function!(
    HOST,
    "team_place",
    ["thread_num", "num_threads"],
    [I32],
    "The place that thread `thread_num` is bound to in a team of `num_threads` that the calling thread forks now, or -1."
);

/// Host: how many devices target regions can use.
pub const NUM_DEVICES: Function = function!(
    HOST,
    "num_devices",
    [],
    [I32],
    "The number of devices, numbered from 0, that target regions can run on; the host itself is none of them."
);
/// Host: memory becomes mapped on a device.
pub const DEVICE_MAP: Function = function!(
    HOST,
    "device_map",
    ["device", "ranges", "ranges_len"],
    [I32],
    "Makes the `ranges_len` memory ranges at `ranges` mapped memory of the device. For mapped memory the host keeps account of which copy is the newest, its own or the device's: with RANGE_FROM_HOST that is the host's, and the device gets it when a launch first needs it; otherwise both count as equally new. RANGE_STATIC says that a range is static data, RANGE_VARIABLE that it is a declare target variable. A range that is mapped already, with the same begin and size, gets the new base and is else left as it is. RANGE_SHARED, of a program that requires unified shared memory, says that from now on host and device see each other's writes to all of the memory, whatever else is in the record: nothing can be mapped on any device then, nor copied. Returns an errno."
);
/// Host: memory is mapped on a device no more.
pub const DEVICE_UNMAP: Function = function!(
    HOST,
    "device_unmap",
    ["device", "ranges", "ranges_len"],
    [I32],
    "Ends the mapping of the `ranges_len` memory ranges at `ranges`, each with the begin and size with which it was mapped; others are ignored. Nothing is copied. Launches that use a range go on using it. Returns an errno."
);
/// Host: make one copy of mapped memory like the other.
pub const DEVICE_SYNC: Function = function!(
    HOST,
    "device_sync",
    ["device", "ranges", "ranges_len", "direction"],
    [I32],
    "Copies the bytes of the `ranges_len` memory ranges at `ranges` from the host's memory to the device (direction SYNC_TO_DEVICE) or from there (SYNC_FROM_DEVICE), as `target update` does. Bytes that are not mapped are copied all the same. Bytes of a mapped range of which the host's copy is the newest stay as they are in both: the device gets them when a launch needs them. If the bytes are all of a mapped range, both copies are equally new afterwards. Returns an errno."
);
/// Host: copy bytes between the memories of devices.
pub const DEVICE_COPY: Function = function!(
    HOST,
    "device_copy",
    ["to_device", "to", "from_device", "from", "size"],
    [I32],
    "Copies `size` bytes at `from` in the memory of the device `from_device` to `to` in that of `to_device`, as `omp_target_memcpy` does; -1 is the host. Where the newest copy of a device's mapped range is the host's, that copy takes part in the place of the device's. Returns an errno."
);
/// Host: a target region is about to run on the host.
pub const DEVICE_HOST_USE: Function = function!(
    HOST,
    "device_host_use",
    ["device", "ranges", "ranges_len"],
    [I32],
    "Readies mapped memory for a target region that runs on the host: waits for launches that use one of the `ranges_len` memory ranges at `ranges`, copies to the host what is the newest on the device, and counts the host's copy of all of them as the newest from then on. Ranges that are not mapped with that begin and size are ignored. Returns an errno; traps when the program is ending."
);
/// Host: a target region is about to run on the host, whose end will be said.
pub const DEVICE_BEGIN_HOST_USE: Function = function!(
    HOST,
    "device_begin_host_use",
    ["device", "ranges", "ranges_len", "number"],
    [I32],
    "As device_host_use, for a region whose end device_end_host_use says: what is the newest on the device takes the place of the host's own bytes until then. Returns a number for the region, 0 if that cannot be. `number` is 0, or what was returned before, with the ranges of then and others. Traps when the program is ending."
);
/// Host: a target region on the host has ended.
pub const DEVICE_END_HOST_USE: Function = function!(
    HOST,
    "device_end_host_use",
    ["device", "number"],
    [I32],
    "Ends a region to which device_begin_host_use has given a number. What has taken the place of the host's own bytes, and is not used by another region, goes back to the device as far as it has been changed, where it is the newest, and those return. Returns an errno."
);
/// Host: whether a target region without teams can run on a device.
pub const DEVICE_REGION: Function = function!(
    HOST,
    "device_region",
    ["device", "name", "name_len"],
    [I32],
    "The table index of the microtask of the target region whose offload entry has the `name_len` bytes at `name` as its name, if the region is a parallel region that can run on the device; or of the region's function, as device_target gives it; REGION_REFUSED if it cannot run there, and none of its constructs can be launched instead; else 0."
);
/// Host: whether a target region can run on a device as a whole.
pub const DEVICE_TARGET: Function = function!(
    HOST,
    "device_target",
    ["device", "name", "name_len"],
    [I32],
    "The table index of the function of the target region whose offload entry has the `name_len` bytes at `name` as its name, if the region is one team, serial code and all, that can run on the device; else 0."
);
/// Host: begin a teams region whose parallel region runs on a device.
pub const DEVICE_BEGIN_TEAMS: Function = function!(
    HOST,
    "device_begin_teams",
    ["device", "teams", "argc", "argv"],
    [I32],
    "Begins a teams region whose own function, at table index `teams`, runs on the host, with the `argc` words at `argv` after its thread numbers, while the parallel region that it forks runs on the device. Returns 0 if it cannot do that and has to run on the host as a whole; TEAMS_PLAIN if it can; TEAMS_WHOLE if it forks none, and shares its loop among teams alone: then it is to be launched itself, as a parallel region without teams would be; TEAMS_LEAGUE if it is to be launched itself, too, and forks parallel regions there; or a greater number than TEAMS_PLAIN, if it can and itself accesses mapped memory: the host then sees to it that the function and the device see each other's changes to that memory. Such a number goes to device_launch, and to device_end_teams in the end."
);
/// Host: end a teams region.
pub const DEVICE_END_TEAMS: Function = function!(
    HOST,
    "device_end_teams",
    ["region"],
    [I32],
    "Ends the teams region for which device_begin_teams returned the number `region`: the device gets what the region's own function has changed last. Returns an errno."
);
/// Host: a target region runs on the host.
pub const DEVICE_REFUSED: Function = function!(
    HOST,
    "device_refused",
    ["why", "why_len", "name", "name_len"],
    [],
    "Notes that the target region whose name is the `name_len` bytes at `name` runs on the host although there is a device, and why: the `why_len` bytes at `why`. Both are for people to read."
);
/// Host: run a parallel region on a device.
pub const DEVICE_LAUNCH: Function = function!(
    HOST,
    "device_launch",
    ["device", "launch"],
    [I32],
    "Runs a parallel region on the device, and returns when it is done. The launch record at `launch` has the table index of its microtask, which is given the `argc` words at `argv` after its thread numbers. The host finds out from the microtask's code which memory it may read and write. Of mapped memory it may access, the device gets the newest copy before, and what it may write is the newest on the device after. The `ranges_len` memory ranges at `ranges` are what else belongs to this launch: a range with RANGE_ALIAS is no memory of its own, but says that `base` is another address by which the microtask may mean the mapped memory at `begin`; the others, on the stack say, go to the device before, and come back if they may be written; a range with RANGE_PRIVATE, to which no pointer is in memory, does not come back, and ends where mapped memory begins. `region` is the number of the teams region around it, or TEAMS_PLAIN. About how many `iterations` the loop has is a hint, 0 for unknown; `teams` is how many teams a league is to have, and `thread_limit` how many threads a team of it may have at most, 0 if the program does not say. Returns an errno; traps if the microtask does. If the microtask has printed something, it returns a number from PRINTED on, for device_printed."
);
/// Host: take what a launch has printed.
pub const DEVICE_PRINTED: Function = function!(
    HOST,
    "device_printed",
    ["number", "records", "size"],
    [I32],
    "Moves the next records of what the launch has printed for which device_launch returned `number` to the `size` bytes at `records`, whole ones, and returns how many bytes those are. Returns 0 when none is left, and the number means nothing any more; traps then if the microtask has trapped."
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
    WAIT_FOR,
    START_THREAD,
    EXIT_THREAD,
    WAKE,
    YIELD,
    USE_LARGE_PAGES,
    NUM_PROCS,
    MAX_CONCURRENCY,
    BIND,
    NUM_PLACES,
    PLACE_NUM,
    PLACE_PROCS,
    TEAM_PLACE,
    NUM_DEVICES,
    DEVICE_MAP,
    DEVICE_UNMAP,
    DEVICE_SYNC,
    DEVICE_COPY,
    DEVICE_HOST_USE,
    DEVICE_BEGIN_HOST_USE,
    DEVICE_END_HOST_USE,
    DEVICE_REGION,
    DEVICE_TARGET,
    DEVICE_BEGIN_TEAMS,
    DEVICE_END_TEAMS,
    DEVICE_LAUNCH,
    DEVICE_PRINTED,
    DEVICE_REFUSED,
    KERNEL_OF,
];

/// Exports of a linked program by which the rewriter gives each thread its own `errno`; it removes them.
pub mod errno {
    /// `() -> i32`: returns the address of the C library's variable, a constant.
    pub const ADDRESS: &str = "omp2wasi.errno_address";
    /// `(base i32) -> i32`: in the place of `i32.load` with that address as its offset.
    pub const LOAD: &str = "omp2wasi.load_errno";
    /// `(base i32, value i32) -> ()`: in the place of `i32.store` with that address as its offset.
    pub const STORE: &str = "omp2wasi.store_errno";
}

/// The functions that our own host has in the place of `memory.atomic.wait32`, `wait64` and `notify`: it replaces those instructions when it
/// loads a module, so modules themselves do not import these. They have the instructions' operands, and the constant offset behind them.
pub mod atomics {
    /// The import module.
    pub const MODULE: &str = "omp2wasi_atomics";
    /// `(address i32, expected i32, timeout i64, offset i32) -> i32`
    pub const WAIT32: &str = "wait32";
    /// `(address i32, expected i64, timeout i64, offset i32) -> i32`
    pub const WAIT64: &str = "wait64";
    /// `(address i32, count i32, offset i32) -> i32`
    pub const NOTIFY: &str = "notify";
}

/// `parallel_for` as the host has modules call it that have kernels: behind its parameters stand the values of the globals that change, in order.
pub mod carrying {
    /// The import module; the name is that of [`PARALLEL_FOR`](super::PARALLEL_FOR).
    pub const MODULE: &str = "omp2wasi_host";
    /// The most globals whose values are carried.
    pub const MAX: usize = 16;
}

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

impl Errno {
    /// Name in C, and value.
    pub const ALL: &'static [(&'static str, u32)] = &[
        ("ERRNO_SUCCESS", Self::Success as u32),
        ("ERRNO_INVAL", Self::Inval as u32),
        ("ERRNO_BADHANDLE", Self::BadHandle as u32),
        ("ERRNO_BADKERNEL", Self::BadKernel as u32),
        ("ERRNO_NORESOURCES", Self::NoResources as u32),
    ];
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

/// Flags of a memory range that a device function is given: see [`crate::layout::range`].
pub mod range {
    /// [`super::DEVICE_MAP`]: the range is static data.
    pub const STATIC: u32 = 1;
    /// [`super::DEVICE_MAP`]: the range is a declare target variable, which regions on any device may use.
    pub const VARIABLE: u32 = 2;
    /// [`super::DEVICE_MAP`]: the host's copy is the newest.
    pub const FROM_HOST: u32 = 4;
    /// [`super::DEVICE_LAUNCH`]: no pointer to the range is in memory, but arguments may point to it; it does not come back.
    pub const PRIVATE: u32 = 8;
    /// [`super::DEVICE_LAUNCH`]: another address by which the microtask may mean mapped memory.
    pub const ALIAS: u32 = 16;
    /// [`super::DEVICE_MAP`]: not a range, but all memory, which is shared.
    pub const SHARED: u32 = 32;
    /// Those, by their names in C.
    pub const ALL: &[(&str, u32)] = &[
        ("RANGE_STATIC", STATIC),
        ("RANGE_VARIABLE", VARIABLE),
        ("RANGE_FROM_HOST", FROM_HOST),
        ("RANGE_PRIVATE", PRIVATE),
        ("RANGE_ALIAS", ALIAS),
        ("RANGE_SHARED", SHARED),
    ];
}

/// What device functions are given and return beside addresses.
pub mod device {
    /// The host, where [`super::DEVICE_COPY`] takes a device: -1.
    pub const HOST: u32 = u32::MAX;
    /// [`super::DEVICE_SYNC`]: from the host's memory to the device.
    pub const SYNC_TO_DEVICE: u32 = 0;
    /// [`super::DEVICE_SYNC`]: from the device to the host's memory.
    pub const SYNC_FROM_DEVICE: u32 = 1;
    /// What stands for the number of a teams region where the host has nothing to keep track of: the region's own function accesses no
    /// mapped memory ([`super::DEVICE_BEGIN_TEAMS`]), or there is no teams region around a launch ([`super::DEVICE_LAUNCH`]).
    pub const TEAMS_PLAIN: u32 = 1;
    /// A teams region whose own function can run on the device, each iteration of its loop as a team.
    pub const TEAMS_WHOLE: u32 = u32::MAX;
    /// [`super::DEVICE_REGION`]: the region has to run on the host.
    pub const REGION_REFUSED: u32 = u32::MAX;
    /// A teams region whose own function runs on the device, with the parallel regions that it forks: a team is a work-group.
    pub const TEAMS_LEAGUE: u32 = u32::MAX - 1;
    /// [`super::DEVICE_LAUNCH`] returns numbers from this on, which are no errno, if something has been printed.
    pub const PRINTED: u32 = 256;
    /// Those that are not -1, by their names in C.
    pub const ALL: &[(&str, u32)] = &[
        ("SYNC_TO_DEVICE", SYNC_TO_DEVICE),
        ("SYNC_FROM_DEVICE", SYNC_FROM_DEVICE),
        ("TEAMS_PLAIN", TEAMS_PLAIN),
        ("TEAMS_WHOLE", TEAMS_WHOLE),
        ("REGION_REFUSED", REGION_REFUSED),
        ("TEAMS_LEAGUE", TEAMS_LEAGUE),
        ("PRINTED", PRINTED),
    ];
}

/// Which numbering of device kinds a module uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `parallel_for`: CPU 0, discrete GPU 1, integrated GPU 2.
    Y2021,
    /// `parallel_exec`: sequential 0, CPU 1, discrete GPU 2, integrated GPU 3.
    Y2022,
}
