//! Which target regions of a program can run on devices, and why others cannot: for `omp2wasi inspect`, and for the remarks of
//! `omp2wasi cc -Rpass`.
//!
//! Invariant: the answer is that of a device which has all that a region may need. `omp2wasi run -v` says what a certain one lacks.

use super::emit_cl;
use omp2wasi_codegen::{Lowered, Mathematics, Module, teams};
use omp2wasi_rewriter::Manifest;
use omp2wasi_runtime::device::region_place;

/// What there is to say of a target region.
pub struct Verdict {
    /// Where it is: `file:line`, or the function and the line of a program without debugging information.
    pub place: String,
    /// clang's name of it.
    pub name: String,
    /// Why it cannot run on a device, if so.
    pub obstacle: Option<String>,
}

/// The target regions of a module, in the order of the source.
pub fn target_regions(module: &Module, manifest: &Manifest) -> Vec<Verdict> {
    let sources = || manifest.kernels.iter().map(|kernel| (&kernel.microtask[..], &kernel.source[..]));
    let mut regions: Vec<_> = module
        .target_regions()
        .into_iter()
        .map(|name| {
            let (place, order) = region_place(name, sources());
            (order, Verdict { place, name: name.to_owned(), obstacle: obstacle(module, name) })
        })
        .collect();
    regions.sort_by(|(one, _), (other, _)| one.cmp(other));
    regions.into_iter().map(|(_, region)| region).collect()
}

/// Why a target region cannot run on a device. A region can do so as what it forks, or as a whole.
fn obstacle(module: &Module, name: &str) -> Option<String> {
    const NOT_COMPILED: &str = "its code is a part of the function around it: compile it with `omp2wasi cc`";
    if module.lifted() > emit_cl::MAX_LIFTED {
        return Some(emit_cl::NOT_EXAMINED.to_owned());
    }
    let outlined = ["", "_debug__"].map(|suffix| format!("{name}{suffix}.omp_outlined"));
    let outlined =
        outlined.iter().find_map(|name| module.function_named(name)).map(|function| forked(module, function));
    if outlined == Some(Ok(())) {
        return None;
    }
    let whole = module.function_named(name).filter(|function| module.is_target_region(*function));
    let whole = whole.filter(|function| module.table_index_of(*function).is_some());
    match whole.map(|function| Lowered::league(module, function, Mathematics::Device)) {
        Some(Ok(_)) => None,
        Some(Err(refusal)) => Some(refusal.to_string()),
        None => outlined.map_or_else(|| Some(NOT_COMPILED.to_owned()), Result::err),
    }
}

/// Whether what a target region forks, its teams or its parallel region, can run on a device.
fn forked(module: &Module, function: u32) -> Result<(), String> {
    let region = |function| emit_cl::region(module, function, Mathematics::Device).map(drop);
    let launched = match teams(module, function) {
        Ok(teams) => region(teams.microtask).or_else(|refusal| region(function).map_err(|_| refusal)),
        Err(_) => region(function),
    };
    launched.map_err(|refusal| refusal.to_string())
}
