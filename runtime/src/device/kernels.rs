//! Finds out which regions of a program can run on a device, and keeps what they are translated to.
//!
//! Invariant: the program's module is parsed once; a kernel is lowered once, and translated once for each form and language, as long as
//! it is among the [`MAX_KERNELS`] that were used last. A region that is said to run on a device has been built for it in its
//! usual form, as far as most launches need it.

use super::plan::Distribution;
use super::{Device, DeviceError, Features};
use crate::limits::{Budget, BudgetCache};
use crate::report::{Notice, Reporter, Severity};
use omp2wasi_codegen::{Bounds, Language, Lowered, Mathematics, Module, Options, Reason, teams};
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use omp2wasi_codegen::{Access, Facts, Kernel, Location, MemoryObject, Piece, TrapCode};

/// How many kernels are kept, and answers about regions.
const MAX_KERNELS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// The longest text that devices' compilers are given, in bytes: what is longer would keep them busy for minutes.
const MAX_TEXT: usize = 4 << 20;

/// A cache that drops what has not been used for the longest time.
type Lru<K, V> = Mutex<BudgetCache<K, V>>;

/// Where a kernel is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum KernelSource {
    /// A region's microtask, by its index in the program's function table.
    Region(u32),
    /// The same, given words of structures with its arguments: see [`Lowered::foreseeing`].
    Foreseeing(u32),
    /// The function of a league, or of a target region that is one team, by its index in that table.
    League(u32),
    /// A hand-written kernel, by its index in that table (2021).
    Table(u32),
    /// A hand-written kernel: the export `kernel` of a module (2022).
    Module(Arc<[u8]>),
}

impl KernelSource {
    /// Bytes that it takes beside itself.
    fn size(&self) -> usize {
        if let Self::Module(bytes) = self { bytes.len() } else { 0 }
    }
}

/// How a kernel is translated.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// See [`Options::blocks`].
    pub blocks: bool,
    /// See [`Options::aligned`].
    pub aligned: bool,
    /// See [`Options::bounds`].
    pub bounds: Bounds,
    /// See [`Options::marks`].
    pub marks: bool,
}

/// What matters of a device for whether a region can run on it, and in which form.
#[derive(Clone, Copy)]
pub(crate) struct Target<'d> {
    /// Its number among the program's devices.
    pub number: u32,
    pub device: &'d dyn Device,
    /// How regions' iterations are distributed on it.
    pub distribution: Distribution,
    /// Whether it shares all memory with the host, and so says what its kernels write.
    pub shares: bool,
}

impl Target<'_> {
    /// The form in which a region is launched unless its arguments or the mirror ask for another one. Who asks whether a region can run
    /// asks for this form, so that what is built for the answer serves the launch.
    pub(crate) fn usual(&self, facts: &Facts) -> Form {
        let is_interleaved = self.distribution == Distribution::Interleaved;
        let is_guarded =
            is_interleaved && self.device.capabilities().has_guards && facts.reach > 0 && facts.may_stay_inside();
        let bounds = if is_guarded { Bounds::Guarded } else { Bounds::Checked };
        let marks = self.shares && !self.knows_writes(facts);
        Form { blocks: !is_interleaved, aligned: true, bounds, marks }
    }

    /// Whether it may be known before a launch what is written: virtual threads have one iteration each.
    pub(crate) fn knows_writes(&self, facts: &Facts) -> bool {
        self.distribution == Distribution::Interleaved && facts.may_stay_inside()
    }
}

/// What there is to know of a region that can run, or in words why it cannot.
type Answer<V> = Result<V, Arc<str>>;

/// How a teams region runs with a device.
#[derive(Clone)]
pub(crate) enum TeamsForm {
    /// Its own function runs on the host, where it accesses these pieces of memory, and the parallel region that it forks on the device.
    Forks(Arc<[Piece]>),
    /// It forks none, and runs on the device as a whole.
    Whole,
    /// It runs on the device with the parallel regions that it forks.
    League,
}

/// A kernel, or in words why there is none.
pub(crate) type Translated = Result<Arc<Kernel>, String>;

/// An entry of a cache, and whether it is new; `make` makes it, and says how many bytes it has. Not under the lock, because it takes a while:
/// two threads may make the same, and the first one's counts. Without room it is not kept.
fn find_or_make<K: Hash + Eq, V: Clone>(cache: &Lru<K, V>, key: K, make: impl FnOnce() -> (V, usize)) -> (V, bool) {
    let lock = || cache.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(&key) {
        return (known, false);
    }
    let (value, size) = make();
    let mut cache = lock();
    match cache.get(&key) {
        Some(known) => (known, false),
        None => {
            cache.insert(key, value.clone(), size);
            (value, true)
        }
    }
}

/// The kernels of a program.
pub(crate) struct Kernels {
    /// The program's module, whose functions are translated.
    wasm: Arc<[u8]>,
    mathematics: Mathematics,
    program: OnceLock<Result<Module, String>>,
    /// Kernels' code and what is known of it, or why there is no translation.
    lowered: Lru<KernelSource, Result<Arc<Lowered>, String>>,
    translated: Lru<(KernelSource, Form, Language), Arc<Kernel>>,
    /// By device and table index: what a teams region's own function accesses, if the region can run.
    teams: Lru<(u32, u32), Answer<TeamsForm>>,
    /// By device and name: the table index of the microtask of a target region without teams, if the region can run.
    regions: Lru<(u32, String), Answer<u32>>,
    /// By device and name: the table index of the function of a target region, if the region can run as one team.
    wholes: Lru<(u32, String), Answer<u32>>,
    /// Reasons why regions run on the host, and the regions' names, as far as they have been reported.
    refused: Lru<(String, String), ()>,
    reporter: Reporter,
}

impl Kernels {
    /// Parses and translates nothing yet. `wasm` is the program's module; what is kept takes its share of `budget`.
    pub(crate) fn new(wasm: Arc<[u8]>, mathematics: Mathematics, budget: &Arc<Budget>, reporter: Reporter) -> Self {
        fn lru<K: Hash + Eq, V: Clone>(budget: &Arc<Budget>) -> Lru<K, V> {
            Mutex::new(BudgetCache::new(budget, MAX_KERNELS))
        }
        Self {
            wasm,
            mathematics,
            program: OnceLock::new(),
            lowered: lru(budget),
            translated: lru(budget),
            teams: lru(budget),
            regions: lru(budget),
            wholes: lru(budget),
            refused: lru(budget),
            reporter,
        }
    }

    fn program(&self) -> Result<&Module, String> {
        let parsed = self.program.get_or_init(|| Module::parse(self.wasm.clone()).map_err(|error| error.to_string()));
        parsed.as_ref().map_err(Clone::clone)
    }

    /// The name of a function of the program, for messages.
    pub(crate) fn function_name(&self, function: u32) -> String {
        self.program().map(|module| module.function_name(function)).unwrap_or_default()
    }

    /// The name of the function at an index of the program's table; empty if there is none.
    pub(crate) fn name_at(&self, index: u32) -> String {
        let function = self.program().ok().and_then(|module| module.function_at(index));
        function.map(|function| self.function_name(function)).unwrap_or_default()
    }

    /// A region's kernel in its usual form, translated and built when it is first asked for, if the device has what it needs. The source is
    /// one of a region or a league.
    pub(crate) fn usual_kernel(&self, source: KernelSource, target: &Target) -> Translated {
        let form = target.usual(self.lowered(&source)?.facts());
        self.kernel(source, form, target)
    }

    /// What is known of a region's kernel that is given words of structures, if it loads pointers from there and that makes a difference
    /// on the device.
    pub(crate) fn foreseeing(&self, microtask: u32, target: &Target) -> Option<Arc<Facts>> {
        let is_of_use = target.distribution == Distribution::Interleaved && !target.shares;
        let lowered = is_of_use.then(|| self.lowered(&KernelSource::Foreseeing(microtask)).ok())??;
        Some(lowered.facts().clone())
    }

    /// Builds the kernel that a region will usually be launched as. Says why it cannot run.
    fn build_usual(&self, microtask: u32, target: &Target) -> Result<(), String> {
        let source = match self.foreseeing(microtask, target) {
            Some(_) => KernelSource::Foreseeing(microtask),
            None => KernelSource::Region(microtask),
        };
        self.usual_kernel(source, target).map(drop)
    }

    /// A kernel in a form, translated and built when it is first asked for, if the device has what it needs.
    pub(crate) fn kernel(&self, source: KernelSource, form: Form, target: &Target) -> Translated {
        let lowered = self.lowered(&source)?;
        let capabilities = target.device.capabilities();
        check(lowered.facts(), target.device.name(), capabilities.features).map_err(|error| error.to_string())?;
        let language = capabilities.language;
        let Form { blocks, aligned, bounds, marks } = form;
        let options = Options { blocks, aligned, bounds, marks, comments: false };
        let kernel = {
            let translate = || {
                let kernel = Arc::new(lowered.translate(language, &options));
                let size = kernel.artifact.text.len();
                (kernel, size)
            };
            find_or_make(&self.translated, (source, form, language), translate).0
        };
        if kernel.artifact.text.len() > MAX_TEXT {
            return Err("it is too large for the compilers of devices".to_owned());
        }
        if kernel.artifact.locks > 0 && !capabilities.fences_groups {
            return Err("it has critical sections, for which the device's compiler has no fence".to_owned());
        }
        // Each work-item of a group has an accumulator.
        let local = kernel.artifact.local_memory as u64;
        if local > capabilities.local_memory_size {
            return Err(format!("the device {} has no {local} bytes of local memory", target.device.name()));
        }
        target.device.build(&kernel).map_err(|error| error.to_string())?;
        Ok(kernel)
    }

    /// A kernel's code and what is known of it, found when it is first asked for.
    fn lowered(&self, source: &KernelSource) -> Result<Arc<Lowered>, String> {
        let lower = || {
            let lowered = self.lower(source).map(Arc::new);
            let size = source.size() + lowered.as_ref().map_or_else(String::len, |lowered| lowered.size());
            (lowered, size)
        };
        find_or_make(&self.lowered, source.clone(), lower).0
    }

    fn lower(&self, source: &KernelSource) -> Result<Lowered, String> {
        const NOT_IN_TABLE: &str = "it is not in the table from the start";
        let lowered = match source {
            KernelSource::Region(index) => {
                let program = self.program()?;
                Lowered::region(program, program.function_at(*index).ok_or(NOT_IN_TABLE)?, self.mathematics)
            }
            KernelSource::Foreseeing(index) => {
                const NONE: &str = "it loads no pointers from structures";
                let plain = self.lowered(&KernelSource::Region(*index))?;
                return plain.foreseeing(self.program()?).ok_or_else(|| NONE.to_owned());
            }
            KernelSource::League(index) => {
                let program = self.program()?;
                Lowered::league(program, program.function_at(*index).ok_or(NOT_IN_TABLE)?, self.mathematics)
            }
            KernelSource::Table(index) => {
                let program = self.program()?;
                Lowered::kernel(program, program.function_at(*index).ok_or(NOT_IN_TABLE)?)
            }
            KernelSource::Module(bytes) => {
                let module = Module::parse(bytes.clone()).map_err(|error| error.to_string())?;
                Lowered::kernel(&module, module.exported_function("kernel").ok_or("it exports no function `kernel`")?)
            }
        };
        let lowered = lowered.map_err(|refusal| refusal.to_string())?;
        // Regions with globals have been refused already. Hand-written kernels would need the values that the launching instance has.
        if lowered.facts().globals.is_empty() { Ok(lowered) } else { Err("it uses global variables".to_owned()) }
    }

    /// How a teams region can run with a device, by the table index of its function.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) fn teams(&self, target: &Target, index: u32) -> Answer<TeamsForm> {
        self.answer(&self.teams, ((target.number, index), 0), || {
            let module = self.program()?;
            let function = module.function_at(index).ok_or("its function is not in the table from the start")?;
            let league = || self.usual_kernel(KernelSource::League(index), target).map(|_| TeamsForm::League);
            let teams = match teams(module, function) {
                Ok(teams) => teams,
                Err(refusal) if refusal.reason == Reason::NoParallelRegion => {
                    let whole = self.build_usual(index, target).map(|()| TeamsForm::Whole);
                    return whole.or_else(|reason| league().map_err(|_| reason));
                }
                Err(_) => return league(),
            };
            let launched = || {
                let microtask = module.table_index_of(teams.microtask).ok_or("its microtask is not in the table")?;
                self.build_usual(microtask, target)?;
                Ok(TeamsForm::Forks(teams.accessed.clone().into()))
            };
            // Where all teams fork once, one launch of what they fork is faster; else one of the league is.
            if teams.is_combined {
                launched().or_else(|reason: String| league().map_err(|_| reason))
            } else {
                league().or_else(|reason| launched().map_err(|_| reason))
            }
        })
    }

    /// The table index of the microtask of a target region without teams, by the region's name, if it can run on the device.
    ///
    /// clang calls the function that it outlines from a parallel region by the target region's name, with a suffix. A league of one team has
    /// that name, too: 0 for that, which will be asked for as a teams region.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) fn region(&self, target: &Target, name: &str) -> Answer<u32> {
        self.answer(&self.regions, ((target.number, name.to_owned()), name.len()), || {
            let module = self.program()?;
            // With debugging information it puts a function around it.
            let outlined = |suffix| module.function_named(&format!("{name}{suffix}.omp_outlined"));
            let function = outlined("").or_else(|| outlined("_debug__"));
            if function.is_some_and(|function| teams(module, function).is_ok()) {
                return Ok(0);
            }
            let index = function.and_then(|function| module.table_index_of(function));
            let index = index.ok_or("it is no parallel region, or the module has no names");
            let parallel = index.map_err(str::to_owned).and_then(|index| {
                self.build_usual(index, target)?;
                Ok(index)
            });
            // What comes as one parallel region may have something beside it.
            match (parallel, whole_region(module, name)) {
                (Ok(index), _) => Ok(index),
                (Err(_), Some(index)) => self.usual_kernel(KernelSource::League(index), target).map(|_| index),
                (Err(reason), None) => Err(reason),
            }
        })
    }

    /// The table index of a target region's function, by the region's name, if the region can run on the device as one team.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) fn whole(&self, target: &Target, name: &str) -> Answer<u32> {
        self.answer(&self.wholes, ((target.number, name.to_owned()), name.len()), || {
            let index = whole_region(self.program()?, name);
            let index = index.ok_or(
                "its function is not in the table: `omp2wasi cc` has not compiled it, or the module has no names",
            )?;
            self.usual_kernel(KernelSource::League(index), target).map(|_| index)
        })
    }

    /// Whether the module has the function of a target region without teams, by the region's name.
    pub(crate) fn has_whole(&self, name: &str) -> bool {
        self.program().is_ok_and(|module| whole_region(module, name).is_some())
    }

    /// An answer about a region, found when it is first asked for. If the region has to run on the host, the reason is reported then.
    fn answer<K: Hash + Eq, V: Clone>(
        &self,
        known: &Lru<K, Answer<V>>,
        (region, size): (K, usize),
        find: impl FnOnce() -> Result<V, String>,
    ) -> Answer<V> {
        let find = || {
            let answer = find().map_err(Arc::<str>::from);
            let reason = answer.as_ref().err().map_or(0, |reason| reason.len());
            (answer, size + reason)
        };
        let (answer, is_new) = find_or_make(known, region, find);
        if let Some(reason) = answer.as_ref().err().filter(|_| is_new) {
            self.reporter.report(&Notice::RegionOnHost { region: None, reason: (**reason).to_owned() });
        }
        answer
    }

    /// Reports once that a region runs on the host. The guest knows why, and the region's name.
    pub(crate) fn refused(&self, texts: impl FnOnce() -> (String, String)) {
        if !self.reporter.wants(Severity::Note) {
            return;
        }
        let (reason, region) = texts();
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, size) = ((reason.clone(), region.clone()), reason.len() + region.len());
        if refused.get(&key).is_none() {
            refused.insert(key, (), size);
            self.reporter.report(&Notice::RegionOnHost { region: Some(region), reason });
        }
    }

    /// Reports that a hand-written kernel runs on the host.
    pub(crate) fn kernel_refused(&self, reason: String) {
        self.reporter.report(&Notice::KernelOnHost { reason });
    }
}

/// The table index of a target region's function. `omp2wasi cc` puts those there that are no teams regions.
fn whole_region(module: &Module, name: &str) -> Option<u32> {
    let function = module.function_named(name).filter(|function| module.is_target_region(*function))?;
    module.table_index_of(function)
}

/// Checks that the device `name` has the features that a kernel needs.
///
/// # Errors
/// What it lacks.
pub(crate) fn check(facts: &Facts, name: &str, features: Features) -> Result<(), DeviceError> {
    let mut needs = Features::empty();
    needs.set(Features::FP64, facts.uses_f64);
    needs.set(Features::INT64_ATOMICS, facts.uses_atomics64);
    needs.set(Features::CLOCK, facts.asks_for_time);
    let lacking = needs.difference(features);
    if lacking.is_empty() {
        return Ok(());
    }
    Err(DeviceError::Lacks { device: name.to_owned(), what: lacking.description() })
}
