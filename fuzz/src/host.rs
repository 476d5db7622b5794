//! Host functions: calls in sequence, with arguments from the input, from a program's initial thread, from members of its teams and from
//! kernels.
//!
//! Invariant: whatever a program calls, it has an [`Outcome`]; afterwards none of its threads and none of its files is left, and the process
//! that ran it goes on.

use crate::{keep, seeds};
use arbitrary::{Result, Unstructured};
use omp2wasi_abi::imports::{self, Type};
use omp2wasi_runtime::{Accelerator, Config, Execution, Interruption, Outcome, Program, Stdio, device, engine};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How long a program may run: what waits for what will not come is ended.
const TIME_LIMIT: Duration = Duration::from_millis(500);

/// The functions of WASI preview 1 with the types of their parameters, `i` for i32 and `I` for i64. Those that end the program are not among
/// them: what is called after them would not be reached.
const WASI: &[(&str, &str)] = &[
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "iIi"),
    ("fd_advise", "iIIi"),
    ("fd_allocate", "iII"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "iII"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "iI"),
    ("fd_filestat_set_times", "iIIi"),
    ("fd_pread", "iiiIi"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiiIi"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiiIi"),
    ("fd_renumber", "ii"),
    ("fd_seek", "iIii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiiIIi"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiiIIii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("random_get", "ii"),
    ("sched_yield", ""),
    ("sock_accept", "iii"),
    ("sock_recv", "iiiiii"),
    ("sock_send", "iiiii"),
    ("sock_shutdown", "ii"),
];

/// Where a program has bytes of the input, and a module with a kernel.
const DATA: u32 = 2048;
const KERNEL_MODULE: u32 = 8192;

/// What `parallel_exec` is given: a module with a kernel that counts its iterations.
static KERNEL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = r#"(module
        (import "env" "memory" (memory 1 65536 shared))
        (func (export "kernel") (param i32 i32 i32)
            (drop (i32.atomic.rmw.add (i32.const 1404) (i32.const 1)))))"#;
    wat::parse_str(text).expect("the text is right")
});

/// A device for target regions and buffers, if `OMP2WASI_FUZZ_DEVICE` names one as `omp2wasi run --device` does.
static ACCELERATOR: LazyLock<Accelerator> = LazyLock::new(|| {
    let selector = std::env::var("OMP2WASI_FUZZ_DEVICE").ok();
    let select = |selector: String| device::select(&selector).unwrap_or_else(|error| panic!("{selector}: {error}"));
    selector.map(select).map_or(Accelerator::None, Accelerator::Devices)
});

static ENGINE: LazyLock<omp2wasi_runtime::Engine> =
    LazyLock::new(|| engine(Interruption::Anywhere).expect("Wasmtime knows this machine"));

/// Takes an input: what a program is made from.
///
/// # Panics
/// When the host breaks its promise.
pub fn run(data: &[u8]) {
    let mut bytes = Unstructured::new(data);
    let Ok((text, is_sequential, has_folder)) = program(&mut bytes) else { return };
    let mut config = config().accelerator(ACCELERATOR.clone());
    if is_sequential {
        config = config.execution(Execution::Sequential);
    }
    let folder = has_folder.then(|| tempfile::tempdir().expect("there is room for a folder"));
    if let Some(folder) = &folder {
        config = config.dir(folder.path(), "/");
    }
    let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    run_to_its_end(&wasm, config);
}

/// Inputs to begin with.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    (0..24).map(|seed| (0..160u32).map(|at| ((at * at * (2 * seed + 1)) >> 4) as u8).collect()).collect()
}

/// What programs of any origin are run with.
pub(crate) fn config() -> Config {
    let config = Config::default().stdio(Stdio::Null).arg("program").env("OMP_NUM_THREADS", "4");
    config.memory_limit(256 << 20).max_threads(8).time_limit(TIME_LIMIT)
}

/// Runs a program, and waits until nothing is left of it.
pub(crate) fn run_to_its_end(wasm: &[u8], config: Config) {
    keep(wasm);
    let program = match Program::new(&ENGINE, wasm) {
        Ok(program) => program,
        Err(error) => return assert!(!error.to_string().is_empty(), "a reason without words"),
    };
    LazyLock::force(&ACCELERATOR);
    let before = files();
    match program.run(config) {
        Outcome::Exited(_) => {}
        Outcome::Trapped(trap) => assert!(!trap.message.is_empty(), "a trap without words"),
        Outcome::Failed(error) => assert!(!error.to_string().is_empty(), "a reason without words"),
    }
    // Threads end a little later than the program, and files with the last of them.
    let deadline = Instant::now() + Duration::from_secs(8);
    let is_over = || threads() == 0 && (*ACCELERATOR != Accelerator::None || files().is_subset(&before));
    while !is_over() {
        assert!(Instant::now() < deadline, "{} threads are left, and {:?}", threads(), files().difference(&before));
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The threads of programs, by their names; the compiler has others, which stay.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux says which threads there are");
    let name = |task: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(task.ok()?.path().join("comm")).ok();
    tasks.filter_map(name).filter(|name| name.starts_with("omp2wasi-")).count()
}

/// What the descriptors of this process refer to, but for the folder that is read to find out.
fn files() -> BTreeSet<String> {
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("Linux says which files are open");
    let target = |file: std::io::Result<std::fs::DirEntry>| {
        let path = file.ok()?.path();
        Some(format!("{} {}", path.file_name()?.display(), std::fs::read_link(&path).ok()?.display()))
    };
    descriptors.filter_map(target).filter(|target| !target.contains("/proc/")).collect()
}

/// A program with calls, whether it is run on one thread in order, and whether it has a folder.
fn program(bytes: &mut Unstructured) -> Result<(String, bool, bool)> {
    static TEAM: LazyLock<String> = LazyLock::new(|| {
        let path = seeds::root().join("fuzz/seeds/team.wat");
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    });
    let (is_sequential, has_folder) = (bytes.ratio(1, 8)?, bytes.ratio(1, 2)?);
    let data = bytes.int_in_range(0..=96)?;
    let data = bytes.bytes(data)?.to_vec();
    let mut used = BTreeSet::new();
    let mut text = TEAM.clone();
    for (place, most) in [("calls before", 12), ("calls of members", 3), ("calls of kernels", 2), ("calls after", 6)] {
        let mut calls = String::new();
        for _ in 0..bytes.int_in_range(0..=most)? {
            call(bytes, &mut used, &mut calls)?;
        }
        text = text.replace(&format!(";; {place}"), &calls);
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let data = [(DATA, &data), (KERNEL_MODULE, &*KERNEL)]
        .map(|(address, bytes)| format!("(data (i32.const {address}) \"{}\")", hex(bytes)));
    let used = used.into_iter().collect::<Vec<_>>();
    let text = text.replace(";; more imports", &used.join("\n")).replace(";; more data", &data.join("\n"));
    Ok((text, is_sequential, has_folder))
}

/// Adds a call, and the import of its function.
fn call(bytes: &mut Unstructured, used: &mut BTreeSet<String>, out: &mut String) -> Result<()> {
    let callee = if bytes.ratio(3, 5)? {
        let hosts: Vec<_> = imports::ALL.iter().filter(|function| function.module != imports::REWRITER).collect();
        let function = **bytes.choose(&hosts)?;
        let name = |ty: &Type| if *ty == Type::I32 { "i32" } else { "i64" };
        let params = function.params.iter().map(|(_, ty)| name(ty)).collect::<Vec<_>>();
        Callee { params, has_result: !function.results.is_empty(), module: function.module, name: function.name }
    } else {
        let (name, params) = *bytes.choose(WASI)?;
        let params = params.chars().map(|ty| if ty == 'i' { "i32" } else { "i64" }).collect();
        Callee { params, has_result: true, module: "wasi_snapshot_preview1", name }
    };
    used.insert(callee.import());
    let mut arguments = String::new();
    for ty in &callee.params {
        let _ = write!(arguments, " ({ty}.const {})", argument(bytes)?);
    }
    let call = format!("(call $call_{}{arguments})", callee.name);
    let _ = writeln!(out, "{}", if callee.has_result { format!("(drop {call})") } else { call });
    Ok(())
}

/// A function of the host.
struct Callee {
    params: Vec<&'static str>,
    has_result: bool,
    module: &'static str,
    name: &'static str,
}

impl Callee {
    fn import(&self) -> String {
        let Self { params, has_result, module, name } = self;
        let result = if *has_result { " (result i32)" } else { "" };
        format!("(import \"{module}\" \"{name}\" (func $call_{name} (param {}){result}))", params.join(" "))
    }
}

/// A number that means something, more often than not.
fn argument(bytes: &mut Unstructured) -> Result<i32> {
    /// The end of the memory, and addresses of records of the program.
    const END: i32 = 4 * 65536;
    const PLACES: [i32; 12] =
        [1024, 1040, 1072, 1300, 1304, 1400, 2048, 2064, KERNEL_MODULE as i32, END - 4, END - 1, END];
    Ok(match bytes.int_in_range(0..=15)? {
        0u8..=6 => bytes.int_in_range(0..=6)?,
        7..=9 => *bytes.choose(&PLACES)?,
        10 => i32::try_from(KERNEL.len()).unwrap_or(0),
        11 => -bytes.int_in_range(1..=8)?,
        12 => *bytes.choose(&[i32::MAX, i32::MIN, 0x1000_0000, 65536, 100, 1 << 20])?,
        13 => bytes.int_in_range(0..=300)?,
        14 => DATA as i32 + bytes.int_in_range(0..=96)?,
        _ => bytes.arbitrary()?,
    })
}
