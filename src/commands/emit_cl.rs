//! `omp2wasi emit-cl`: prints kernels as OpenCL C, for people to read.

use super::output::{self, escape};
use super::read_module;
use anyhow::{Context, Result, bail};
use omp2wasi_abi::llvm::{TARGET_REGION, entry_point};
use omp2wasi_codegen::{Bounds, Language, Lowered, Mathematics, Module, Options, Reason, Refusal};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The module; `-` is standard input
    module: PathBuf,
    /// The kernel: the name of an export, or of a function [default: all parallel regions, or all
    /// functions of a kernel's type]
    #[arg(long, value_name = "NAME")]
    kernel: Option<String>,
    /// Do not compare addresses with the size of the memory: for a memory with a guard behind it
    #[arg(long)]
    guarded: bool,
    /// Give a virtual thread consecutive iterations, as for a CPU
    #[arg(long)]
    blocks: bool,
    /// For pointers that are multiples of what they point to: they are given divided by that
    #[arg(long)]
    aligned: bool,
    /// Keep the module's own code for sin, exp, pow and so on, and fuse no products and sums
    #[arg(long)]
    exact_math: bool,
}

/// Bytes of code that are looked at for all regions together: about a second's work.
pub const MAX_LIFTED: u64 = 16 << 20;

/// What is said of those beyond.
pub const NOT_EXAMINED: &str =
    "not examined, because the regions before have so much code: ask `omp2wasi emit-cl --kernel`";

/// A region: a microtask, or what is a league's function or a target region's by its name.
pub fn region(module: &Module, function: u32, mathematics: Mathematics) -> Result<Lowered, Refusal> {
    let is_of_target = module.function_name(function).starts_with(TARGET_REGION);
    Lowered::region(module, function, mathematics).or_else(|refusal| {
        let forks = matches!(&refusal.reason, Reason::Construct(name, _) if name == entry_point::FORK_CALL);
        let league =
            if is_of_target { Lowered::league(module, function, mathematics).map_err(Some) } else { Err(None) };
        league.map_err(|of_league| of_league.filter(|_| forks).unwrap_or(refusal))
    })
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let wasm = read_module(&arguments.module)?;
    let file = escape::path(&arguments.module);
    let module = Module::parse(wasm.as_slice()).with_context(|| file.clone())?;
    let manifest = omp2wasi_rewriter::claims(&wasm).with_context(|| file.clone())?.unwrap_or_default().manifest;
    let functions = match &arguments.kernel {
        Some(name) => match module.exported_function(name).or_else(|| module.function_named(name)) {
            Some(function) => vec![function],
            None => bail!("{file}: no function `{name}`; `omp2wasi inspect` lists the regions"),
        },
        None if manifest.kernels.is_empty() => module.kernels(),
        None => {
            let microtasks = manifest.kernels.iter().filter_map(|kernel| kernel.microtask_index);
            microtasks.filter_map(|slot| module.function_at(slot)).collect()
        }
    };
    if functions.is_empty() {
        bail!("{file}: no parallel regions, and no function of type (i32, i32, i32, i32*) -> ()");
    }
    let bounds = if arguments.guarded { Bounds::Guarded } else { Bounds::Checked };
    let options =
        Options { bounds, comments: true, blocks: arguments.blocks, aligned: arguments.aligned, marks: false };
    let mathematics = if arguments.exact_math { Mathematics::Exact } else { Mathematics::Device };
    let mut refused = false;
    let is_region = |function| !manifest.kernels.is_empty() || !module.kernels().contains(&function);
    for function in functions {
        let lowered = if is_region(function) {
            region(&module, function, mathematics)
        } else {
            Lowered::kernel(&module, function)
        };
        match lowered {
            Ok(lowered) => {
                let text = lowered.translate(Language::OpenClC, &options).artifact.text;
                output::print(&(text + "\n"))?;
            }
            Err(refusal) => {
                refused = true;
                let name = escape::name(&module.function_name(function));
                let reason = escape::line(&refusal.to_string());
                output::message(format_args!("omp2wasi: {name}: it cannot run on a device: {reason}"));
            }
        }
    }
    Ok(if refused { ExitCode::from(super::FAILURE) } else { ExitCode::SUCCESS })
}
