//! `omp2wasi rewrite`: runs the rewriter on files.

use super::{inspect, read_module};
use anyhow::{Context, Result};
use omp2wasi_rewriter::Options;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The linked module; `-` is standard input
    input: PathBuf,
    /// Where the rewritten module goes
    #[arg(short, long)]
    output: PathBuf,
    /// Need nothing but wasi-parallel and WASI from the host
    #[arg(long)]
    portable: bool,
    /// Print what was found
    #[arg(long, value_name = "FORMAT")]
    report: Option<inspect::Format>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let wasm = read_module(&arguments.input)?;
    let options = Options { portable: arguments.portable };
    let rewritten =
        omp2wasi_rewriter::rewrite(&wasm, &options).with_context(|| arguments.input.display().to_string())?;
    std::fs::write(&arguments.output, &rewritten.wasm)
        .with_context(|| format!("cannot write {}", arguments.output.display()))?;
    if let Some(format) = arguments.report {
        print!("{}", inspect::describe(&rewritten.manifest, &rewritten.wasm, format)?);
    }
    Ok(ExitCode::SUCCESS)
}
