//! `omp2wasi rewrite`: runs the rewriter on files.

use super::output::{self, Mode, escape};
use super::{inspect, read_module};
use anyhow::{Context, Result, bail};
use omp2wasi_rewriter::Options;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The linked module; `-` is standard input
    input: PathBuf,
    /// Where the rewritten module goes; `-` is standard output
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
    if arguments.report.is_some() && arguments.output == Path::new("-") {
        bail!("both the module and the report would go to standard output; name a file for the module");
    }
    let wasm = read_module(&arguments.input)?;
    let options = Options { portable: arguments.portable };
    let rewritten = omp2wasi_rewriter::rewrite(&wasm, &options).with_context(|| escape::path(&arguments.input))?;
    if rewritten.has_lost_dwarf {
        output::message(format_args!(
            "omp2wasi: warning: {}: its debug information cannot be kept",
            escape::path(&arguments.input)
        ));
    }
    output::write(&arguments.output, &rewritten.wasm, Mode::Kept)?;
    if let Some(format) = arguments.report {
        output::print(&inspect::describe(&rewritten.manifest, &rewritten.wasm, format)?)?;
    }
    Ok(ExitCode::SUCCESS)
}
