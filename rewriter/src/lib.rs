//! From a linked OpenMP module to one whose parallel regions are wasi-parallel kernels.
//!
//! ```text
//! verify ─▶ dwarf ─▶ parse ─▶ memory ─▶ discover ─▶ outline ─▶ stack ─▶ constructs ─▶ errno ─▶ portable ─▶ verify
//! ```
//!
//! - `verify`: checks that the input is a linked module, and at the end that the output is valid.
//! - `locals`, called by it: lets local variables share their places in functions that have too many.
//! - `dwarf`: takes out line tables that walrus cannot convert.
//! - `parse`: reads the module with walrus, and keeps the names of locals.
//! - `memory`: makes the linear memory imported, shared and exported, and active data passive.
//! - `discover`: finds the forks and the microtasks that they name; `operand` finds the constants that they are given.
//! - `outline`: adds a kernel for each microtask, and the function that leads from one to the other.
//! - `stack`, called by `outline`: makes overflow of the shadow stack a trap.
//! - `constructs`: finds which OpenMP constructs each region uses.
//! - `errno`: gives each thread its own.
//! - `portable`: replaces our own host functions where asked to.
//! - `scalar`, around all of that: carries the scalar forms of functions along.
//!
//! What has been found out about the kernels goes into the custom section of [`omp2wasi_abi::manifest`], which also encodes it. `claims`
//! reads it again, and believes nothing of it that it has not checked. `host` is for hosts: they let it have modules that they load, and
//! `waits`, `spins`, `carry` and `reach` change those.
//!
//! Invariant: bytes in, bytes out. walrus stays inside this crate, the same input always gives the same output, and a module
//! that has been rewritten already comes back unchanged (but for `--portable`).

#![warn(missing_docs)]

mod carry;
mod claims;
mod constructs;
mod discover;
mod dwarf;
mod errno;
mod error;
mod host;
mod locals;
mod memory;
mod operand;
mod outline;
mod parse;
mod portable;
mod proportion;
mod reach;
mod scalar;
mod spins;
mod stack;
mod tasks;
mod verify;
mod waits;

pub use claims::{Claims, claims};
pub use error::Error;
pub use host::{HOST_VERSION, for_host};
pub use omp2wasi_abi::manifest::{Kernel, Manifest};
pub use omp2wasi_abi::scalar::Form;
pub use proportion::{check_code, has_fair_dwarf, without_dwarf, without_sections};
pub use waits::waits;

use locals::Coalesced;
use omp2wasi_abi::imports;
use omp2wasi_abi::manifest::SECTION;
use std::cell::Cell;
use std::sync::Once;
use walrus::{ExportItem, RawCustomSection};

/// What the rewriter is asked to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Replace the imports of module `omp2wasi` by functions inside the module, so that it runs on any host of
    /// wasi-parallel and WASI. Waits become `memory.atomic.wait32`, places are unknown, and the number of processors is
    /// [`PORTABLE_PROCS`].
    pub portable: bool,
}

/// The number of processors that a portable module assumes: wasi-parallel cannot tell. `OMP_NUM_THREADS` overrides it.
pub const PORTABLE_PROCS: i32 = portable::NUM_PROCS;

/// The name of the function that a shadow stack overflow ends in; it stands on top of the trap's backtrace.
pub const STACK_OVERFLOW: &str = stack::HANDLER;

/// A rewritten module.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// Its bytes.
    pub wasm: Vec<u8>,
    /// What its custom section says.
    pub manifest: Manifest,
    /// Whether its debug information has been left out, because it could not be converted or is out of proportion.
    pub has_lost_dwarf: bool,
}

/// Rewrites a linked module.
///
/// # Errors
/// When the module is malformed, or of a kind that cannot be handled; the message says what to do.
pub fn rewrite(wasm: &[u8], options: &Options) -> Result<Rewritten, Error> {
    let (plain, forms) = scalar::split(wasm)?;
    let mut rewritten = rewrite_plain(&plain, options)?;
    if rewritten.wasm == *plain {
        rewritten.wasm = wasm.to_vec();
    } else if !forms.is_empty() {
        let attached = scalar::attach(&plain, &forms)?;
        let input = verify::input(&attached).map_err(|error| Error::Scalar(error.to_string()))?;
        let carried = match claims(&plain)? {
            None => transform(&input, options, false)?,
            Some(claims) => make_portable(&input, &claims.manifest, false)?,
        };
        scalar::append(&mut rewritten.wasm, &attached, &carried.wasm, forms)?;
    }
    Ok(rewritten)
}

/// The scalar forms that a rewritten module has; their bodies are not validated.
///
/// # Errors
/// When the section is malformed, or of functions that the module does not define.
pub fn scalar_forms(wasm: &[u8]) -> Result<Vec<Form>, Error> {
    Ok(scalar::split(wasm)?.1)
}

/// A module without scalar forms: it does the same. For hosts, which need not refuse one whose forms are malformed.
///
/// # Errors
/// When the module is malformed.
pub fn without_scalar_forms(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    scalar::without(wasm)
}

/// Rewrites a module that has no scalar forms.
fn rewrite_plain(wasm: &[u8], options: &Options) -> Result<Rewritten, Error> {
    let input = verify::input(wasm)?;
    let wasm = &*input.wasm;
    let done = claims(wasm)?.map(|claims| claims.manifest);
    if let Some(manifest) = &done
        && !options.portable
    {
        return Ok(Rewritten { wasm: wasm.to_vec(), manifest: manifest.clone(), has_lost_dwarf: false });
    }
    let transform = |keep_dwarf| match &done {
        None => transform(&input, options, keep_dwarf),
        Some(manifest) => make_portable(&input, manifest, keep_dwarf),
    };
    let has_dwarf = parse::has_dwarf(wasm)?;
    if has_dwarf
        && has_fair_dwarf(wasm)
        && let Some(result) = without_panic(|| transform(true))
    {
        return result;
    }
    Ok(Rewritten { has_lost_dwarf: has_dwarf, ..transform(false)? })
}

/// walrus gives up on DWARF that it cannot convert by panicking. Debug information is then left out, as it is for any
/// consumer that does not understand it.
fn without_panic<T>(f: impl FnOnce() -> T) -> Option<T> {
    thread_local! {
        static IS_SILENT: Cell<bool> = const { Cell::new(false) };
    }
    // Once for the whole process: panics of other threads, and of this one at other times, go to the hook that was there.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_SILENT.get() {
                hook(panic);
            }
        }));
    });
    IS_SILENT.set(true);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).ok();
    IS_SILENT.set(false);
    result
}

fn transform(input: &Coalesced<'_>, options: &Options, keep_dwarf: bool) -> Result<Rewritten, Error> {
    let mut module = parse::parse(input, keep_dwarf)?;
    refuse_own_exports(&module)?;
    let initializer = memory::share(&mut module)?;
    let forks = discover::discover(&module, &scalar::bodies(&module))?;
    let kernels = outline::outline(&mut module, &forks)?;
    let kernels = constructs::describe(&module, &forks, kernels);
    errno::per_thread(&mut module);
    if options.portable {
        portable::replace_host(&mut module)?;
    }
    let shared_globals = memory::export_state(&mut module, &forks);
    let manifest = Manifest { initializer, shared_globals, kernels };
    module.customs.add(RawCustomSection { name: SECTION.to_owned(), data: manifest.encode() });
    scalar::follow(&mut module);
    let wasm = module.emit_wasm();
    verify::output(&wasm)?;
    match claims(&wasm) {
        Ok(Some(claims)) if claims.manifest == manifest => Ok(Rewritten { wasm, manifest, has_lost_dwarf: false }),
        Ok(_) => Err(Error::Output("its custom section is not what was written".to_owned())),
        Err(error) => Err(Error::Output(error.to_string())),
    }
}

/// Refuses a module with exports that the rewriter makes: it has been rewritten and has lost its section, or somebody has taken our names.
fn refuse_own_exports(module: &walrus::Module) -> Result<(), Error> {
    // Kernels would run as independent ones, and wait for one another for ever; nobody would call the initializer. (Before it was
    // rewritten, a module with kernels had an import of ours.)
    let is_ours = |name: &str| name.starts_with(outline::COMPUTED) || name == memory::INITIALIZER;
    if module.exports.iter().any(|export| is_ours(&export.name))
        && !module.imports.iter().any(|import| import.module == imports::REWRITER)
    {
        return Err(Error::Stripped);
    }
    // A kernel's export gets another name if its own is taken. The others cannot, and whoever reads the section takes each function that has
    // a kernel's name and type for one.
    let is_taken = |export: &&walrus::Export| {
        let name = export.name.as_str();
        let is_kernel =
            || matches!(export.item, ExportItem::Function(function) if outline::is_kernel(module, function));
        name == outline::COMPUTED
            || name.starts_with(outline::COMPUTED) && is_kernel()
            || name == memory::INITIALIZER
            || name == memory::OTHER_NAME
            || name.starts_with(memory::STATE_PREFIX)
    };
    match module.exports.iter().find(is_taken) {
        Some(export) => {
            Err(Error::Unsupported(format!("the export `{}`, whose name is for the rewriter to give", export.name)))
        }
        None => Ok(()),
    }
}

/// `--portable` for a module that has been rewritten: nothing else changes.
fn make_portable(input: &Coalesced<'_>, manifest: &Manifest, keep_dwarf: bool) -> Result<Rewritten, Error> {
    let mut module = parse::parse(input, keep_dwarf)?;
    portable::replace_host(&mut module)?;
    scalar::follow(&mut module);
    let wasm = module.emit_wasm();
    verify::output(&wasm)?;
    Ok(Rewritten { wasm, manifest: manifest.clone(), has_lost_dwarf: false })
}
