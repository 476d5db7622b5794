//! `omp2wasi inspect`: lists the target regions and the parallel regions of a module, for people or as JSON.

use super::emit_cl;
use super::output::{self, escape};
use super::read_module;
use super::verdict::{self, Verdict};
use anyhow::{Context, Result};
use omp2wasi_abi::llvm;
use omp2wasi_codegen::{Mathematics, Module, teams};
use omp2wasi_rewriter::{Kernel, Manifest, Options};
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
    let rewritten =
        omp2wasi_rewriter::rewrite(&wasm, &Options::default()).with_context(|| escape::path(&arguments.module))?;
    output::print(&describe(&rewritten.manifest, &rewritten.wasm, arguments.format)?)?;
    Ok(ExitCode::SUCCESS)
}

/// A rewritten module's manifest in words or as JSON, with whether its regions may run on devices.
pub fn describe(manifest: &Manifest, wasm: &[u8], format: Format) -> Result<String> {
    let module = Module::parse(wasm.to_vec()).context("the rewritten module")?;
    let targets = verdict::target_regions(&module, manifest);
    let obstacles: Vec<_> = manifest.kernels.iter().map(|kernel| obstacle(kernel, &module)).collect();
    let forms = omp2wasi_rewriter::scalar_forms(wasm).context("the rewritten module")?;
    let scalar = forms.iter().filter(|form| !form.body.is_empty()).count();
    Ok(match format {
        Format::Text => text(manifest, &targets, &obstacles, scalar),
        Format::Json => json(manifest, &targets, &obstacles, scalar),
    })
}

/// Why a region cannot run on a device. That is for the code generator to say: it knows what it can translate, and which calls lead to
/// what it cannot.
fn obstacle(kernel: &Kernel, module: &Module) -> Option<String> {
    if module.lifted() > emit_cl::MAX_LIFTED {
        return Some(emit_cl::NOT_EXAMINED.to_owned());
    }
    let Some(microtask) = kernel.microtask_index else {
        return Some("its microtask is computed at run time".to_owned());
    };
    let Some(function) = module.function_at(microtask) else {
        return Some("its microtask is not in the table from the start".to_owned());
    };
    // The function of a target region's teams stays on the host while the parallel region in it runs on the device.
    let is_of_target = kernel.microtask.starts_with(llvm::TARGET_REGION);
    match emit_cl::region(module, function, Mathematics::Device) {
        Err(refusal) if !is_of_target || teams(module, function).is_err() => Some(refusal.to_string()),
        _ => None,
    }
}

fn text(manifest: &Manifest, targets: &[Verdict], obstacles: &[Option<String>], scalar: usize) -> String {
    let mut out = String::new();
    if !targets.is_empty() {
        out.push_str("target regions\n");
    }
    for Verdict { place, obstacle, .. } in targets {
        let place = escape::line(place);
        let _ = match obstacle {
            None => writeln!(out, "  {place}: can run on devices"),
            Some(reason) => writeln!(out, "  {place}: runs on the host: {}", escape::line(reason)),
        };
    }
    if manifest.kernels.is_empty() {
        out.push_str("no parallel regions\n");
    }
    for (kernel, obstacle) in manifest.kernels.iter().zip(obstacles) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", escape::name(&kernel.microtask));
        if !kernel.source.is_empty() {
            let _ = writeln!(out, "  source       {}", escape::name(&kernel.source));
        }
        let _ = writeln!(out, "  kernel       {} (table index {})", escape::name(&kernel.export), kernel.table_index);
        let _ = writeln!(out, "  arguments    {}", kernel.arguments);
        let constructs = if kernel.constructs.is_empty() { "none".to_owned() } else { kernel.constructs.join(", ") };
        let _ = writeln!(out, "  constructs   {}", escape::line(&constructs));
        let _ = writeln!(out, "  concurrent   {}", if kernel.concurrent { "yes" } else { "no" });
        let _ = match obstacle {
            None => writeln!(out, "  offloadable  yes"),
            Some(reason) => writeln!(out, "  offloadable  no: {}", escape::line(reason)),
        };
    }
    if scalar > 0 {
        let _ = writeln!(out, "functions that also have a scalar form: {scalar}");
    }
    out
}

fn json(manifest: &Manifest, targets: &[Verdict], obstacles: &[Option<String>], scalar: usize) -> String {
    let target = |target: &Verdict| {
        serde_json::json!({
            "place": target.place,
            "name": target.name,
            "offloadable": target.obstacle.is_none(),
            "reason": target.obstacle,
        })
    };
    let targets: Vec<_> = targets.iter().map(target).collect();
    let kernels: Vec<_> = manifest
        .kernels
        .iter()
        .zip(obstacles)
        .map(|(kernel, obstacle)| {
            serde_json::json!({
                "microtask": kernel.microtask,
                "microtask_index": kernel.microtask_index,
                "source": kernel.source,
                "kernel": kernel.export,
                "table_index": kernel.table_index,
                "arguments": kernel.arguments,
                "constructs": kernel.constructs,
                "concurrent": kernel.concurrent,
                "offloadable": obstacle.is_none(),
                "reason": obstacle,
            })
        })
        .collect();
    let mut out = serde_json::json!({
        "initializer": manifest.initializer,
        "kernels": kernels,
        "scalar_forms": scalar,
        "target_regions": targets,
    });
    out.sort_all_objects();
    escape::json(&format!("{out:#}\n"))
}
