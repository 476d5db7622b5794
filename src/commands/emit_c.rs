//! `omp2wasi emit-c`: prints kernels as the C that this machine's compiler makes native code of, for people to read.

use super::output::{self, escape};
use super::read_module;
use anyhow::{Context, Result, bail};
use omp2wasi_codegen::{Module, NativeOptions, NativeUnit};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The module; `-` is standard input
    module: PathBuf,
    /// The kernel, or any other function: the name of an export, or of a function [default: all
    /// parallel regions, or all functions of a kernel's type]
    #[arg(long, value_name = "NAME")]
    kernel: Option<String>,
    /// Do not give loops a second version, in which addresses cannot wrap around, and leave collapsed ones as they are
    #[arg(long)]
    no_versions: bool,
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
        None => manifest.kernels.iter().filter_map(|kernel| module.function_at(kernel.table_index)).collect(),
    };
    if functions.is_empty() {
        bail!("{file}: no parallel regions, and no function of type (i32, i32, i32, i32*) -> ()");
    }
    let options = NativeOptions { comments: true, versions: !arguments.no_versions };
    let unit = NativeUnit::new(&module, &functions, &options);
    output::print(&unit.text)?;
    for (function, reason) in &unit.left_out {
        let name = escape::name(&module.function_name(*function));
        let reason = escape::line(&reason.to_string());
        output::message(format_args!("omp2wasi: {name}: it is not translated, and the host calls it: {reason}"));
    }
    Ok(ExitCode::SUCCESS)
}
