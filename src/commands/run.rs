//! `omp2wasi run`: runs a module as a process of its own would run.
//!
//! Exit codes: the program's own; 134 after a trap (as after `abort`); 125 when it could not be run. They do not depend on whether
//! standard error takes the messages.

use super::interrupts::end_compilers_when_interrupted;
use super::output::{self, escape};
use super::{NativeCompiler, compiled_code};
use crate::FAILURE;
use anyhow::{Context, Error, Result, anyhow, bail};
use omp2wasi_runtime::device::{Features, Mathematics, select};
use omp2wasi_runtime::{
    Accelerator, Cache, Config, Execution, Interruption, Notice, Outcome, Program, Severity, Tier, end_compilers,
    engine,
};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Arguments {
    /// The number of threads: sets OMP_NUM_THREADS
    #[arg(long, short, value_name = "N")]
    threads: Option<std::num::NonZeroU32>,
    /// Where regions run: `cpu` and `sequential` keep everything on the host; `gpu`, `opencl`, `opencl:N` or a part of a name, or
    /// several with commas between them, are the devices of target regions, numbered from 0 [default: parallel regions on the CPU,
    /// target regions on the GPUs that there are]
    #[arg(long, value_name = "DEVICE[,...]")]
    device: Option<String>,
    /// End the program if a kernel runs longer than this on a device of target regions
    #[arg(long, value_name = "SECONDS")]
    device_timeout: Option<std::num::NonZeroU32>,
    /// Use devices that are CPUs as if they were GPUs: slow, to find what goes wrong on GPUs
    #[arg(long)]
    like_gpu: bool,
    /// Compute on devices as on the CPU, to the bit: with the module's own sin, exp, pow and so on, and without fusing products and sums
    /// where the program was compiled so that they may be
    #[arg(long)]
    exact_math: bool,
    /// Say at the end what became of each target region: where it ran, how often, what that cost, or why it did not run on a device.
    /// Launches take a little longer with that
    #[arg(long)]
    offload_report: bool,
    /// Take it that the devices of target regions lack these, whatever their drivers say, to find what goes wrong on devices that do:
    /// `fp64`, `int64-atomics`, `rounded-division`, `clock`
    #[arg(long, value_name = "FEATURE[,...]", value_delimiter = ',', value_parser = feature)]
    without: Vec<Features>,
    /// Which machine code parallel regions run as: `cranelift` is Wasmtime's, `native` that of a C compiler, which is made before the program
    /// starts; `auto` begins with the one and makes the other, while the program runs, of the regions that take long
    #[arg(long, value_enum, default_value_t = Tiers::Auto, value_name = "ENGINE")]
    engine: Tiers,
    #[command(flatten)]
    native_compiler: NativeCompiler,
    /// Say why target regions run on the host, which regions run as native code and why not, and why compiled code is not kept
    #[arg(long, short)]
    verbose: bool,
    /// Give the program a folder, for reading and writing
    #[arg(long = "dir", value_name = "HOST[::GUEST]")]
    dirs: Vec<OsString>,
    /// Set an environment variable of the program; a bare name passes the caller's value on
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<OsString>,
    /// Call this export instead of `_start`; may be repeated
    #[arg(long, value_name = "EXPORT[=ARG,...]")]
    invoke: Vec<OsString>,
    /// Tell the program that there are N processors
    #[arg(long, value_name = "N")]
    procs: Option<std::num::NonZeroU32>,
    /// The most memory that the program can have the host keep, in bytes or with K, M or G behind: its linear memory gets all but a fifth,
    /// or all but 256M where that is less [default: 4352M]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<u64>,
    /// The most threads that the program can have [default: as many as the machine allows, 4096 at most]
    #[arg(long, value_name = "N")]
    max_threads: Option<std::num::NonZeroU32>,
    /// End the program when it has run so long; that includes the time that it takes to compile it, and a second more
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<std::num::NonZeroU32>,
    /// Compile anew, and keep nothing
    #[arg(long)]
    no_cache: bool,
    /// Do not back large objects of the program by huge pages: for one that touches little of them, here and there
    #[arg(long)]
    no_huge_pages: bool,
    /// The module, in binary or text, and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_names = ["MODULE", "ARGS"], num_args = 1..)]
    command: Vec<OsString>,
}

/// Which machine code parallel regions run as.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Tiers {
    Auto,
    Cranelift,
    Native,
}

impl From<Tiers> for Tier {
    fn from(tiers: Tiers) -> Self {
        match tiers {
            Tiers::Auto => Self::Auto,
            Tiers::Cranelift => Self::Cranelift,
            Tiers::Native => Self::Native,
        }
    }
}

/// The exit code after a trap: 128 + SIGABRT, what a shell says of a program that aborted.
const TRAPPED: u8 = 134;

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let Some(path) = arguments.command.first() else { bail!("no module given") };
    if let Some(seconds) = arguments.timeout {
        watch(Duration::from_secs(seconds.get().into()));
    }
    let name = escape::path(Path::new(path));
    let wasm = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    let cache = if arguments.no_cache { None } else { cache(arguments.verbose) };
    end_compilers_when_interrupted();
    let engine = engine(Interruption::AtHostCalls)?;
    let program = match &cache {
        Some(cache) => Program::cached(&engine, &wasm, cache),
        None => Program::new(&engine, &wasm),
    };
    let program = program.with_context(|| name.clone())?;
    let outcome = program.run(config(arguments, cache)?);
    end(match outcome {
        Outcome::Exited(code) => code,
        Outcome::Trapped(trap) => {
            output::message(format_args!("omp2wasi: {name}: {trap}"));
            TRAPPED
        }
        Outcome::Failed(error) => {
            output::message(format_args!("omp2wasi: error: {name}: {error}"));
            FAILURE
        }
    })
}

/// Ends the process a second after the time limit, if it is still there: the program's end may be waiting for a reader of its messages, or
/// the module may take long to be read or compiled.
fn watch(limit: Duration) {
    let watch = move || {
        std::thread::sleep(limit + Duration::from_secs(1));
        output::message_if_read(format_args!(
            "omp2wasi: not ended within {limit:?}, which is as long as it may take (--timeout)"
        ));
        end_compilers();
        // SAFETY: as in `end`.
        unsafe { libc::_exit(i32::from(TRAPPED)) };
    };
    // Without a thread for this the program's own limit holds.
    let _ = std::thread::Builder::new().name("watch".to_owned()).spawn(watch);
}

/// Ends the process at once, whatever threads that cannot be stopped still do. Not by way of the handlers that `exit` calls: those of
/// devices' drivers take away what threads inside the drivers still use.
fn end(code: u8) -> ! {
    use std::io::Write;
    // Who does not read gets nothing.
    let _ = std::io::stdout().flush();
    // SAFETY: it does not return, so nothing can be seen afterwards of what has not been cleaned up.
    unsafe { libc::_exit(i32::from(code)) }
}

fn config(arguments: Arguments, cache: Option<Cache>) -> Result<Config> {
    let native = arguments.native_compiler.options(cache.clone());
    let mut config = Config::default().tier(arguments.engine.into()).native(native);
    let mut command = arguments.command.into_iter();
    // Of its own name a program gets what can be said in UTF-8.
    config = config.arg(command.next().unwrap_or_default().to_string_lossy());
    for arg in command {
        config = config.arg(utf8(arg, "the program's argument")?);
    }
    // OpenMP's variables pass through; the rest of the environment is not the program's business.
    for (name, value) in std::env::vars_os() {
        if let (Ok(name), Ok(value)) = (name.into_string(), value.into_string())
            && name.starts_with("OMP_")
        {
            config = config.env(name, value);
        }
    }
    for setting in arguments.env {
        let setting = utf8(setting, "--env")?;
        config = match setting.split_once('=') {
            Some((name, value)) => config.env(name, value),
            None => match std::env::var_os(&setting) {
                Some(value) => {
                    let value = utf8(value, &format!("--env {setting}: the value"))?;
                    config.env(setting, value)
                }
                None => bail!("--env {setting}: there is no such variable; write {setting}=VALUE"),
            },
        };
    }
    if let Some(threads) = arguments.threads {
        config = config.env("OMP_NUM_THREADS", threads.to_string());
    }
    if let Some(procs) = arguments.procs {
        config = config.num_procs(procs.get());
    }
    for dir in arguments.dirs {
        let (host, guest) = split_dir(&dir);
        config = config.dir(
            host,
            utf8(guest.to_owned(), "--dir: the folder's name for the program (what follows `::`, or else the host's)")?,
        );
    }
    for invoke in arguments.invoke {
        let invoke = utf8(invoke, "--invoke")?;
        let (export, args) = invoke.split_once('=').unwrap_or((&invoke, ""));
        let args = args.split(',').filter(|arg| !arg.is_empty()).map(str::to_owned).collect();
        config = config.invoke(export, args);
    }
    if let Some(cache) = cache {
        config = config.device_cache(cache);
    }
    if let Some(seconds) = arguments.device_timeout {
        config = config.device_timeout(Duration::from_secs(seconds.get().into()));
    }
    config = config.large_pages(!arguments.no_huge_pages);
    if let Some(bytes) = arguments.max_memory {
        config = config.memory_limit(bytes);
    }
    if let Some(threads) = arguments.max_threads {
        config = config.max_threads(threads.get());
    }
    if let Some(seconds) = arguments.timeout {
        config = config.time_limit(Duration::from_secs(seconds.get().into()));
    }
    let (execution, accelerator) = match arguments.device.as_deref() {
        None => (Execution::Parallel, Accelerator::Gpus),
        Some("cpu") => (Execution::Parallel, Accelerator::None),
        Some("sequential") => (Execution::Sequential, Accelerator::None),
        Some(selectors) => (Execution::Parallel, Accelerator::Devices(select(selectors)?)),
    };
    let severity = if arguments.verbose { Severity::Note } else { Severity::Warning };
    let sink = |notice: &Notice| output::message(format_args!("omp2wasi: {notice}"));
    config = config.report(sink).report_severity(severity);
    let without = arguments.without.into_iter().collect();
    let mathematics = if arguments.exact_math { Mathematics::Exact } else { Mathematics::Device };
    config = config.interleaved(arguments.like_gpu).without(without).mathematics(mathematics);
    config = config.offload_report(arguments.offload_report);
    Ok(config.execution(execution).accelerator(accelerator))
}

fn feature(name: &str) -> Result<Features, String> {
    let known = || Features::NAMES.map(|(name, ..)| name).join(", ");
    Features::named(name).ok_or_else(|| format!("there are {}", known()))
}

/// A number of bytes: K, M and G behind it are 2^10, 2^20 and 2^30 of them.
fn size(text: &str) -> Result<u64, String> {
    let shift = match text.bytes().last().map(|last| last.to_ascii_uppercase()) {
        Some(b'K') => 10,
        Some(b'M') => 20,
        Some(b'G') => 30,
        _ => 0,
    };
    let digits = if shift == 0 { text } else { &text[..text.len() - 1] };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "a number of bytes, or of K, M or G".to_owned())
}

/// What a program is told has to be UTF-8: WASI's strings are. `what` names it in the error.
fn utf8(text: OsString, what: &str) -> Result<String> {
    text.into_string().map_err(|text| {
        let shown = escape::name(&text.to_string_lossy());
        anyhow!("{what} `{shown}` is not UTF-8, as all strings of WASI are")
    })
}

/// `HOST::GUEST`, or one name for both. A path of the host need not be UTF-8.
fn split_dir(dir: &OsStr) -> (&OsStr, &OsStr) {
    let bytes = dir.as_bytes();
    match bytes.windows(2).position(|pair| pair == b"::") {
        Some(at) => (OsStr::from_bytes(&bytes[..at]), OsStr::from_bytes(&bytes[at + 2..])),
        None => (dir, dir),
    }
}

/// Where compiled code is kept. None where there is no folder that can be trusted: that costs time, not function.
fn cache(verbose: bool) -> Option<Cache> {
    let explain = |error: Error| {
        if verbose {
            output::message(format_args!("omp2wasi: compiled code is not kept: {error:#}"));
        }
    };
    compiled_code().map_err(explain).ok()
}
