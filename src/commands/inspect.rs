//! `omp2wasi inspect`: the parallel regions of a module, for people or as JSON.

use super::read_module;
use anyhow::{Context, Result};
use omp2wasi_codegen::{Lowered, Module, teams};
use omp2wasi_rewriter::{Manifest, Options};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The module, rewritten or not; `-` is standard input
    module: PathBuf,
    /// How to print
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let wasm = read_module(&arguments.module)?;
    let rewritten = omp2wasi_rewriter::rewrite(&wasm, &Options::default())
        .with_context(|| arguments.module.display().to_string())?;
    let mut manifest = rewritten.manifest;
    judge(&mut manifest, &rewritten.wasm)?;
    print!("{}", describe(&manifest, arguments.format));
    Ok(ExitCode::SUCCESS)
}

/// Whether regions run on devices is for the code generator to say: it knows what it can translate, and what leads to what it cannot.
fn judge(manifest: &mut Manifest, wasm: &[u8]) -> Result<()> {
    let module = Module::parse(wasm.to_vec()).context("the rewritten module")?;
    for kernel in &mut manifest.kernels {
        let Some(function) = kernel.microtask_index.and_then(|slot| module.function_in_slot(slot)) else {
            continue;
        };
        // A teams region's function stays on the host while the parallel region in it runs on the device.
        kernel.not_offloadable = match Lowered::region(&module, function) {
            Err(refusal) if teams(&module, function).is_err() => Some(refusal.to_string()),
            _ => None,
        };
    }
    Ok(())
}

/// A manifest in words or as JSON.
pub fn describe(manifest: &Manifest, format: Format) -> String {
    match format {
        Format::Text => text(manifest),
        Format::Json => json(manifest),
    }
}

fn text(manifest: &Manifest) -> String {
    let mut out = String::new();
    if manifest.kernels.is_empty() {
        out.push_str("no parallel regions\n");
    }
    for kernel in &manifest.kernels {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", kernel.microtask);
        if !kernel.source.is_empty() {
            let _ = writeln!(out, "  source       {}", kernel.source);
        }
        let _ = writeln!(out, "  kernel       {} (table index {})", kernel.export, kernel.table_index);
        let _ = writeln!(out, "  arguments    {}", kernel.arguments);
        let constructs = if kernel.constructs.is_empty() { "none".to_owned() } else { kernel.constructs.join(", ") };
        let _ = writeln!(out, "  constructs   {constructs}");
        let _ = writeln!(out, "  concurrent   {}", if kernel.concurrent { "yes" } else { "no" });
        let _ = match &kernel.not_offloadable {
            None => writeln!(out, "  offloadable  yes"),
            Some(reason) => writeln!(out, "  offloadable  no: {reason}"),
        };
    }
    out
}

fn json(manifest: &Manifest) -> String {
    let kernels: Vec<_> = manifest
        .kernels
        .iter()
        .map(|kernel| {
            serde_json::json!({
                "microtask": kernel.microtask,
                "microtask_index": kernel.microtask_index,
                "source": kernel.source,
                "kernel": kernel.export,
                "table_index": kernel.table_index,
                "arguments": kernel.arguments,
                "constructs": kernel.constructs,
                "concurrent": kernel.concurrent,
                "offloadable": kernel.not_offloadable.is_none(),
                "reason": kernel.not_offloadable,
            })
        })
        .collect();
    let mut out = serde_json::json!({ "initializer": manifest.initializer, "kernels": kernels });
    out.sort_all_objects();
    format!("{out:#}\n")
}
