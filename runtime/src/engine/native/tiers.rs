//! The kernels of a running program, each with its native code once there is some.
//!
//! Beside them there is the serial part, which is what is outside of parallel regions: the function at which the program begins, with all that it
//! calls, in a library of its own. It begins once, so only what is there by then is used; what turns out to be worth it later is for later
//! runs. Regions of a single thread, which the runtime library calls directly, are native if their caller is.
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
use crossbeam_utils::CachePadded;
use omp2wasi_abi::manifest;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The export that is called for the serial part.
pub(crate) const START: &str = "_start";

/// Bytes of stack for who translates: codegen recurses as deep as wasm nests.
pub(super) const STACK: usize = 16 << 20;

/// What the serial part has for a table index: no table is that long.
const SERIAL: u32 = u32::MAX;

/// A part of a program that may be native: a kernel, or the serial part.
pub(crate) struct Part {
    /// Its index in the table.
    pub table_index: u32,
    /// Its export, which leads to the function that is native.
    pub export: String,
    /// What people know it by.
    pub name: String,
    code: AtomicPtr<c_void>,
    /// Whether a primary thread executes it. Relaxed: a hint, for [`Watch`]. (Padded: the other threads look at `code` when it changes.)
    pub is_running: CachePadded<AtomicBool>,
}

impl Part {
    fn new(kernel: &manifest::Kernel) -> Self {
        Self {
            table_index: kernel.table_index,
            export: kernel.export.clone(),
            name: if kernel.microtask.is_empty() { kernel.export.clone() } else { kernel.microtask.clone() },
            code: AtomicPtr::new(null_mut()),
            is_running: CachePadded::default(),
        }
    }

    fn serial() -> Self {
        Self {
            table_index: SERIAL,
            export: START.to_owned(),
            name: START.to_owned(),
            code: AtomicPtr::new(null_mut()),
            is_running: CachePadded::default(),
        }
    }

    /// Whether it is the serial part.
    pub(crate) fn is_serial(&self) -> bool {
        self.table_index == SERIAL
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
    kernels: Vec<Arc<Part>>,
    serial: Option<Arc<Part>>,
    tier: Tier,
    maker: Maker,
    libraries: Mutex<Vec<Arc<Library>>>,
    pub(super) reporter: Reporter,
    pub(super) machine: Arc<Machine>,
    watch: Watch,
}

impl Tiers {
    /// The kernels of a module that `manifest` describes; none if they are to stay as they are, or have to, which is reported. `has_start` is
    /// whether it has a function [`START`] without parameters and results.
    ///
    /// # Errors
    /// Where native code is asked for, why there is none.
    pub(crate) fn new(
        config: &Config,
        wasm: &Arc<[u8]>,
        manifest: &manifest::Manifest,
        has_start: bool,
        can_be_native: bool,
    ) -> Result<Option<Arc<Self>>, NativeError> {
        if config.tier == Tier::Cranelift {
            return Ok(None);
        }
        if manifest.kernels.is_empty() {
            let reason = "the program has no parallel regions, for which it is made".to_owned();
            config.reporter.report(&Notice::NativeMissed { reason });
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
            serial: has_start.then(|| Arc::new(Part::serial())),
            tier: config.tier,
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
    pub(crate) fn kernel(&self, table_index: u32) -> Option<&Arc<Part>> {
        let at = self.kernels.binary_search_by_key(&table_index, |kernel| kernel.table_index).ok()?;
        self.kernels.get(at)
    }

    /// The serial part's native code, if there is some.
    pub(crate) fn serial(&self) -> Option<Code> {
        self.serial.as_ref()?.code()
    }

    /// Finds out from now on which kernels are worth being native.
    pub(crate) fn watch(self: &Arc<Self>) {
        if self.tier == Tier::Auto && !self.others().is_empty() {
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

    /// The kernels that have no native code and could be given some.
    pub(super) fn others(&self) -> Vec<Arc<Part>> {
        let serial = self.serial.iter().filter(|_| self.maker.keeps());
        self.kernels.iter().chain(serial).filter(|kernel| kernel.code().is_none()).cloned().collect()
    }

    /// Whether a primary thread executes a kernel.
    pub(super) fn is_in_region(&self) -> bool {
        self.kernels.iter().any(|kernel| kernel.is_running.load(Ordering::Relaxed))
    }

    /// All kernels become native.
    fn make_all(&self) -> Result<(), NativeError> {
        let (made, serial) = all(&self.maker, &self.kernels, self.serial.as_ref())?;
        let (_, missing) = self.maker.outcome(&self.kernels, &made);
        self.publish(made);
        match serial {
            Some(Ok(made)) => self.publish(made),
            Some(Err(error)) => {
                let function = START.to_owned();
                self.reporter.report(&Notice::NativeLeftOut { function, reason: error.to_string() });
            }
            None => {}
        }
        if missing.is_empty() { Ok(()) } else { Err(NativeError::Kernels(missing)) }
    }

    /// What is in the cache becomes native.
    fn load_kept(&self) {
        if let Some(made) = self.serial.as_ref().and_then(|serial| self.maker.kept(std::slice::from_ref(serial))) {
            self.publish(made);
        }
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
    pub(super) fn make(&self, kernels: &[Arc<Part>], is_over: &dyn Fn() -> bool) -> Result<(), NativeError> {
        let made = self.maker.make(kernels, is_over)?;
        self.maker.note_list(kernels);
        self.publish(made);
        Ok(())
    }

    /// The serial part becomes native for later runs: this one has begun.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn make_for_later(&self, serial: &Arc<Part>, is_over: &dyn Fn() -> bool) -> Result<(), NativeError> {
        let serial = std::slice::from_ref(serial);
        let made = self.maker.make(serial, is_over)?;
        self.reporter.report(&Notice::NativeLater { took: made.took.unwrap_or_default() });
        Ok(())
    }

    /// Has kernels use a library from now on, and reports that.
    fn publish(&self, made: Made) {
        let library = Arc::clone(&made.library);
        self.libraries.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&library));
        let Some(form) = self.form() else { return };
        let code: BTreeMap<u32, Code> = library.entries.iter().copied().collect();
        let mut native = Vec::new();
        for kernel in self.kernels.iter().chain(&self.serial) {
            let function = form.exported_function(&kernel.export);
            if let Some(code) = function.and_then(|function| code.get(&function)) {
                // Release: see `Part::code`.
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

fn kernels(manifest: &manifest::Manifest) -> Vec<Arc<Part>> {
    let mut kernels: Vec<_> = manifest.kernels.iter().map(|kernel| Arc::new(Part::new(kernel))).collect();
    kernels.sort_by_key(|kernel| kernel.table_index);
    kernels
}

/// Makes native code of all kernels of a module, and keeps it. `has_start` as for [`Tiers::new`].
///
/// # Errors
/// When that fails.
pub(crate) fn make_beforehand(
    wasm: &Arc<[u8]>,
    manifest: &manifest::Manifest,
    has_start: bool,
    options: &NativeOptions,
) -> Result<NativeReport, NativeError> {
    let maker = Maker::new(wasm, options)?;
    let compiler = maker.compiler().path().to_owned();
    let kernels = kernels(manifest);
    if kernels.is_empty() {
        return Ok(NativeReport { compiler, ..NativeReport::default() });
    }
    let serial = has_start.then(|| Arc::new(Part::serial()));
    let (made, serial) = all(&maker, &kernels, serial.as_ref())?;
    let (native, missing) = maker.outcome(&kernels, &made);
    let mut report = NativeReport {
        kernels: native,
        has_serial_part: false,
        missing,
        left_out: maker.called(&made),
        compiler,
        messages: made.messages,
        took: made.took,
        size: made.size,
        forms_ignored: None,
    };
    match serial {
        Some(Ok(made)) => {
            report.has_serial_part = true;
            report.left_out.extend(maker.called(&made));
            report.messages += &made.messages;
            report.took = report.took.max(made.took);
            report.size += made.size;
        }
        Some(Err(error)) => report.left_out.push((START.to_owned(), error.to_string())),
        None => {}
    }
    report.left_out.sort();
    report.left_out.dedup();
    Ok(report)
}

/// What there is of the serial part: nothing, its library, or why it has none.
type Serial = Option<Result<Made, NativeError>>;

/// The library of all kernels and that of the serial part, which are made at the same time.
///
/// # Errors
/// When that of the kernels cannot be made.
fn all(maker: &Maker, kernels: &[Arc<Part>], serial: Option<&Arc<Part>>) -> Result<(Made, Serial), NativeError> {
    let one = |kernels: &[Arc<Part>]| maker.kept(kernels).map_or_else(|| maker.make(kernels, &|| false), Ok);
    std::thread::scope(|scope| {
        let serial = serial.map(|serial| {
            let make = || one(std::slice::from_ref(serial));
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, make)
        });
        let made = one(kernels);
        let serial = serial.map(|thread| match thread?.join() {
            Ok(made) => made,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        Ok((made?, serial))
    })
}
