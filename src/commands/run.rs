//! `omp2wasi run`: runs a module as a process of its own would run.
//!
//! Exit codes: the program's own; 134 after a trap (as after `abort`); 125 when it could not be run.

use super::user_cache;
use crate::FAILURE;
use anyhow::{Context, Result, bail};
use omp2wasi_runtime::device::{Features, select};
use omp2wasi_runtime::{Accelerator, Cache, Config, Execution, Interruption, Outcome, Program, Severity, engine};
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
    /// Take it that the devices of target regions lack these, whatever their drivers say, to find what goes wrong on devices that do:
    /// `fp64`, `int64-atomics`, `rounded-division`
    #[arg(long, value_name = "FEATURE[,...]", value_delimiter = ',', value_parser = feature)]
    without: Vec<Features>,
    /// Say why target regions run on the host
    #[arg(long, short)]
    verbose: bool,
    /// Give the program a folder, for reading and writing
    #[arg(long = "dir", value_name = "HOST[::GUEST]")]
    dirs: Vec<String>,
    /// Set an environment variable of the program; a bare name passes the caller's value on
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<String>,
    /// Call this export instead of `_start`; may be repeated
    #[arg(long, value_name = "EXPORT[=ARG,...]")]
    invoke: Vec<String>,
    /// Tell the program that there are N processors
    #[arg(long, value_name = "N")]
    procs: Option<std::num::NonZeroU32>,
    /// The most memory that the program can have the host keep, in bytes or with K, M or G behind: four fifths of it for the linear memory
    /// [default: 4352M]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<u64>,
    /// The most threads that the program can have [default: as many as the machine allows, 4096 at most]
    #[arg(long, value_name = "N")]
    max_threads: Option<std::num::NonZeroU32>,
    /// End the program when it has run so long
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<std::num::NonZeroU32>,
    /// Compile anew, and keep nothing
    #[arg(long)]
    no_cache: bool,
    /// The module, in binary or text, and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_names = ["MODULE", "ARGS"], num_args = 1..)]
    command: Vec<String>,
}

/// The exit code after a trap: 128 + SIGABRT, what a shell says of a program that aborted.
const TRAPPED: u8 = 134;

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let Some(name) = arguments.command.first().cloned() else { bail!("no module given") };
    let wasm = std::fs::read(&name).with_context(|| format!("cannot read {name}"))?;
    let cache = cache(&arguments);
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
            eprintln!("omp2wasi: {name}: {trap}");
            TRAPPED
        }
        Outcome::Failed(error) => {
            eprintln!("omp2wasi: error: {name}: {error}");
            FAILURE
        }
    })
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
    let mut config = Config::default();
    for arg in arguments.command {
        config = config.arg(arg);
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
        config = match setting.split_once('=') {
            Some((name, value)) => config.env(name, value),
            None => match std::env::var(&setting) {
                Ok(value) => config.env(setting, value),
                Err(_) => {
                    bail!("--env {setting}: there is no such variable; write {setting}=VALUE")
                }
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
        let (host, guest) = dir.split_once("::").unwrap_or((&dir, &dir));
        config = config.dir(host, guest);
    }
    for invoke in arguments.invoke {
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
    config = config.report(|notice| eprintln!("omp2wasi: {notice}")).report_severity(severity);
    let without = arguments.without.into_iter().collect();
    Ok(config.execution(execution).accelerator(accelerator).interleaved(arguments.like_gpu).without(without))
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

/// Where compiled code is kept, if that is wanted and there is such a folder: without it, programs take longer to start.
fn cache(arguments: &Arguments) -> Option<Cache> {
    if arguments.no_cache {
        return None;
    }
    let opened = Cache::open(user_cache().get_cache_home()?.join("compiled"));
    opened
        .inspect_err(|error| {
            if arguments.verbose {
                eprintln!("omp2wasi: {error}")
            }
        })
        .ok()
}
