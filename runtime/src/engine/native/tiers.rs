//! The kernels of a running program, each with its native code once there is some.
//!
//! Invariant: code that is published stays as long as the program has threads: libraries belong to [`Tiers`], which the process owns.

use super::NativeError;
use super::abi::Code;
use super::library::Library;
use super::maker::{Made, Maker, NativeOptions, NativeReport};
use super::watch::Watch;
use crate::config::Config;
use crate::cpu::machine::Machine;
use crate::engine::Tier;
use crate::engine::form::Form;
use crate::report::{Notice, Reporter};
use omp2wasi_abi::manifest;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A kernel that may be native.
pub(crate) struct Kernel {
    /// Its index in the table.
    pub table_index: u32,
    /// Its export, which leads to the function that is native.
    pub export: String,
    /// What people know it by.
    pub name: String,
    code: AtomicPtr<c_void>,
    /// Whether a primary thread executes it, in Cranelift's code. Relaxed: a hint, for [`Watch`].
    pub is_running: AtomicBool,
}

impl Kernel {
    fn new(kernel: &manifest::Kernel) -> Self {
        Self {
            table_index: kernel.table_index,
            export: kernel.export.clone(),
            name: if kernel.microtask.is_empty() { kernel.export.clone() } else { kernel.microtask.clone() },
            code: AtomicPtr::new(null_mut()),
            is_running: AtomicBool::new(false),
        }
    }

    /// Its native code, if there is some by now.
    pub(crate) fn code(&self) -> Option<Code> {
        // Acquire: pairs with the release in `publish`, so that the loader's writes are seen before the code is run.
        let code = self.code.load(Ordering::Acquire);
        // SAFETY: what is there is null or a function of this type, and a function pointer that may be null is an option.
        unsafe { std::mem::transmute::<*mut c_void, Option<Code>>(code) }
    }
}

/// The kernels of a running program.
pub(crate) struct Tiers {
    /// By table index, ascending.
    kernels: Vec<Arc<Kernel>>,
    maker: Maker,
    libraries: Mutex<Vec<Arc<Library>>>,
    pub(super) reporter: Reporter,
    pub(super) machine: Arc<Machine>,
    watch: Watch,
}

impl Tiers {
    /// The kernels of a module that `manifest` describes; none if they are to stay as they are, or have to, which is reported.
    ///
    /// # Errors
    /// Where native code is asked for, why there is none.
    pub(crate) fn new(
        config: &Config,
        wasm: &Arc<[u8]>,
        manifest: &manifest::Manifest,
        can_be_native: bool,
    ) -> Result<Option<Arc<Self>>, NativeError> {
        if config.tier == Tier::Cranelift || manifest.kernels.is_empty() {
            return Ok(None);
        }
        let maker = if can_be_native { Maker::new(wasm, &config.native) } else { Err(NativeError::Interruption) };
        let maker = match maker {
            Ok(maker) => maker,
            Err(error) if config.tier == Tier::Native => return Err(error),
            Err(error) => {
                config.reporter.report(&Notice::NativeMissed { reason: error.to_string() });
                return Ok(None);
            }
        };
        let tiers = Self {
            kernels: kernels(manifest),
            maker,
            libraries: Mutex::default(),
            reporter: config.reporter.clone(),
            machine: config.machine.clone().unwrap_or_else(Machine::local),
            watch: Watch::default(),
        };
        match config.tier {
            Tier::Native => tiers.make_all()?,
            _ => tiers.load_kept(),
        }
        Ok(Some(Arc::new(tiers)))
    }

    /// The kernel at a table index.
    pub(crate) fn kernel(&self, table_index: u32) -> Option<&Arc<Kernel>> {
        let at = self.kernels.binary_search_by_key(&table_index, |kernel| kernel.table_index).ok()?;
        self.kernels.get(at)
    }

    /// Finds out from now on which kernels are worth being native.
    pub(crate) fn watch(self: &Arc<Self>) {
        if !self.others().is_empty() {
            self.watch.start(self);
        }
    }

    /// The program has ended: nothing is compiled any more.
    pub(crate) fn end(&self) {
        self.watch.end();
    }

    /// The module as it is compiled.
    pub(super) fn form(&self) -> Option<&Arc<Form>> {
        self.maker.form()
    }

    /// All libraries that have been loaded.
    pub(super) fn libraries(&self) -> Vec<Arc<Library>> {
        self.libraries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The kernels that have no native code.
    pub(super) fn others(&self) -> Vec<Arc<Kernel>> {
        self.kernels.iter().filter(|kernel| kernel.code().is_none()).cloned().collect()
    }

    /// All kernels become native.
    fn make_all(&self) -> Result<(), NativeError> {
        let made = match self.maker.kept(&self.kernels) {
            Some(made) => made,
            None => self.maker.make(&self.kernels, &|| false)?,
        };
        let (_, missing) = self.maker.outcome(&self.kernels, &made);
        self.publish(made);
        if missing.is_empty() { Ok(()) } else { Err(NativeError::Kernels(missing)) }
    }

    /// What is in the cache becomes native.
    fn load_kept(&self) {
        if let Some(made) = self.maker.kept(&self.kernels) {
            self.publish(made);
            return;
        }
        for list in self.maker.kept_lists() {
            let kernels = list.iter().map(|index| self.kernel(*index).cloned()).collect::<Option<Vec<_>>>();
            if let Some(made) = kernels.and_then(|kernels| self.maker.kept(&kernels)) {
                self.publish(made);
            }
        }
    }

    /// These kernels become native while the program runs.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn make(&self, kernels: &[Arc<Kernel>], is_over: &dyn Fn() -> bool) -> Result<(), NativeError> {
        let made = self.maker.make(kernels, is_over)?;
        self.maker.note_list(kernels);
        self.publish(made);
        Ok(())
    }

    /// Has kernels use a library from now on, and reports that.
    fn publish(&self, made: Made) {
        let library = Arc::clone(&made.library);
        self.libraries.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&library));
        let Some(form) = self.form() else { return };
        let code: BTreeMap<u32, Code> = library.entries.iter().copied().collect();
        let mut native = Vec::new();
        for kernel in &self.kernels {
            let function = form.exported_function(&kernel.export);
            if let Some(code) = function.and_then(|function| code.get(&function)) {
                // Release: see `Kernel::code`.
                kernel.code.store(*code as *mut c_void, Ordering::Release);
                native.push(kernel.name.clone());
            }
        }
        self.reporter.report(&Notice::NativeKernels { kernels: native, took: made.took });
        for (function, reason) in self.maker.called(&made) {
            self.reporter.report(&Notice::NativeLeftOut { function, reason });
        }
    }
}

fn kernels(manifest: &manifest::Manifest) -> Vec<Arc<Kernel>> {
    let mut kernels: Vec<_> = manifest.kernels.iter().map(|kernel| Arc::new(Kernel::new(kernel))).collect();
    kernels.sort_by_key(|kernel| kernel.table_index);
    kernels
}

/// Makes native code of all kernels of a module, and keeps it.
///
/// # Errors
/// When that fails.
pub(crate) fn make_beforehand(
    wasm: &Arc<[u8]>,
    manifest: &manifest::Manifest,
    options: &NativeOptions,
) -> Result<NativeReport, NativeError> {
    let maker = Maker::new(wasm, options)?;
    let compiler = maker.compiler().path().to_owned();
    let kernels = kernels(manifest);
    if kernels.is_empty() {
        return Ok(NativeReport { compiler, ..NativeReport::default() });
    }
    let made = match maker.kept(&kernels) {
        Some(made) => made,
        None => maker.make(&kernels, &|| false)?,
    };
    let (native, missing) = maker.outcome(&kernels, &made);
    Ok(NativeReport {
        kernels: native,
        missing,
        left_out: maker.called(&made),
        compiler,
        messages: made.messages,
        took: made.took,
        size: made.size,
    })
}
