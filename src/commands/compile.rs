//! `omp2wasi compile`: makes native code of a module's parallel regions, and Wasmtime's of all of it, and keeps both for `omp2wasi run`.
//!
//! Exit codes: 0 when all regions have native code, 125 when some or all have none, which is said with the reasons.

use super::interrupts::end_compilers_when_interrupted;
use super::output::{self, escape};
use super::{FAILURE, NativeCompiler, compiled_code, read_module};
use anyhow::{Context, Result};
use omp2wasi_runtime::{Interruption, NativeReport, Program, engine};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The module; `-` is standard input
    module: PathBuf,
    #[command(flatten)]
    native_compiler: NativeCompiler,
    /// Print the compiler's messages, too
    #[arg(long, short)]
    verbose: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let name = escape::path(&arguments.module);
    let wasm = read_module(&arguments.module)?;
    let cache = compiled_code().context("compiled code cannot be kept")?;
    let program = Program::cached(&engine(Interruption::AtHostCalls)?, &wasm, &cache).with_context(|| name.clone())?;
    end_compilers_when_interrupted();
    let report =
        program.compile_native(&arguments.native_compiler.options(Some(cache))).with_context(|| name.clone())?;
    if arguments.verbose && !report.messages.is_empty() {
        output::message(format_args!("{}", report.messages.trim_end()));
    }
    if let Some(ignored) = &report.forms_ignored {
        output::message(format_args!("omp2wasi: {ignored}"));
    }
    output::print(&described(&report))?;
    Ok(if report.missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FAILURE) })
}

fn described(report: &NativeReport) -> String {
    if report.kernels.is_empty() && report.missing.is_empty() {
        return "no parallel regions\n".to_owned();
    }
    let how = match report.took {
        Some(took) => format!("made in {} ms by {}", took.as_millis(), escape::path(&report.compiler)),
        None => "there already".to_owned(),
    };
    let serial = if report.has_serial_part { ", and what is outside of them" } else { "" };
    let mut text =
        format!("parallel regions: {}{serial}; {} bytes of native code, {how}\n", report.kernels.len(), report.size);
    for kernel in &report.kernels {
        text += &format!("  {}\n", escape::name(kernel));
    }
    for (kernel, reason) in &report.missing {
        text += &format!("not native: {}: {}\n", escape::name(kernel), escape::line(reason));
    }
    for (function, reason) in &report.left_out {
        text += &format!("called as Wasmtime's code: {}: {}\n", escape::name(function), escape::line(reason));
    }
    text
}
