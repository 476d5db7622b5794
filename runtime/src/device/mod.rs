//! Target regions on OpenCL devices: the host's side of the shim's `target/region.c`.
//!
//! A device is opened when the program first asks how many there are. Its mirror of the linear memory has what the shim copies
//! there, and the static data, which go there when the mirror is made. Which copy of what is mapped is the newest is the
//! shim's business.

pub mod opencl;

use self::opencl::{DeviceInfo, Job, Mirror, OpenCl, OpenClError, Work};
use crate::config::{Accelerator, Config};
use crate::error::DevicePlace;
use crate::imports::buffers;
use crate::memory::GuestMemory;
use crate::report::{Event, Reporter, Severity};
use omp2wasi_abi::imports::{Errno, effects};
use omp2wasi_codegen::{Bounds, Kernel, Module, Options, Piece, Site, Span, Trap, teams, translate, translate_region};
use rustc_hash::FxHashMap;
use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The devices that a program can use, opened or not.
pub(crate) struct Offload {
    accelerator: Accelerator,
    /// The program's module, whose functions are translated.
    wasm: Arc<[u8]>,
    /// Bytes at the bottom of memory that are there from the start: stack and static data.
    static_size: usize,
    reporter: Reporter,
    cache: Option<std::path::PathBuf>,
    /// How long a kernel may run.
    pub(crate) timeout: Option<std::time::Duration>,
    interleaved: bool,
    devices: OnceLock<Vec<Mutex<Device>>>,
    /// Kernels, or why there is none.
    kernels: Mutex<FxHashMap<(KernelSource, Form), Translated>>,
    /// What teams regions' functions access, by table slot, of those that can run: see [`Offload::can_run`].
    teams: Mutex<FxHashMap<u32, Option<Arc<[Piece]>>>>,
    /// Microtasks of target regions without teams, by name: see [`Offload::region`].
    regions: Mutex<FxHashMap<String, Option<u32>>>,
    /// Why regions run on the host, and which, as far as that has been said.
    refused: Mutex<HashSet<(String, String)>>,
}

struct Device {
    opencl: Arc<OpenCl>,
    mirror: Option<Mirror>,
    /// What is mirrored: it has to be there as long as the mirror, which is dropped before it.
    memory: Option<GuestMemory>,
    prepared: Vec<Prepared>,
}

/// What has been found out for a launch, for when it is repeated.
struct Prepared {
    microtask: u32,
    arguments: Vec<u32>,
    hint: u32,
    /// How long the mirror was.
    size: usize,
    kernel: Arc<Kernel>,
    /// The arguments as the kernel is given them.
    given: Vec<u32>,
    work: Work,
}

/// So many launches are kept for each device.
const MAX_PREPARED: usize = 64;

/// Where a kernel is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum KernelSource {
    /// A region's microtask in a slot of the program's function table.
    Region(u32),
    /// A hand-written kernel in a slot of that table (2021).
    Slot(u32),
    /// A hand-written kernel: the export `kernel` of a module (2022).
    Module(Vec<u8>),
}

/// A kernel, or why there is none.
type Translated = Result<Arc<Kernel>, String>;

/// How a kernel is translated.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Form {
    /// For CPUs: see [`Options::blocks`].
    blocks: bool,
    /// See [`Options::aligned`].
    aligned: bool,
    /// See [`Options::bounds`].
    bounds: Bounds,
}

impl Form {
    /// What a GPU is nearly always given: whoever asks whether a region can be translated asks for this, so that it is not done twice.
    const USUAL: Self = Self { blocks: false, aligned: true, bounds: Bounds::Checked };
}

/// A copy between memory and the mirror of it.
pub(crate) struct Transfer {
    pub device: u32,
    /// Where in the mirror.
    pub device_address: u32,
    /// Where in the memory.
    pub address: u32,
    pub size: u32,
    pub from_device: bool,
}

/// A parallel region to launch.
pub(crate) struct Launch {
    pub device: u32,
    /// A table index.
    pub microtask: u32,
    /// Where the words after its thread numbers are, and how many.
    pub arguments: (u32, u32),
    /// About how many its loop has, or 0 if that is not known.
    pub iterations: u32,
    /// Where spans are that [`Offload::effects`] was told of, and how many: memory that goes to the device before, and comes back if it may
    /// be written.
    pub ranges: (u32, u32),
}

/// How many kernels are kept, and answers about regions.
const MAX_KERNELS: usize = 1024;

/// How many spans a launch may be asked for.
const MAX_SPANS: u32 = 1 << 20;

/// How many ranges may go along with a launch.
const MAX_RANGES: u32 = 1024;

/// Why a launch failed.
pub(crate) enum Failure {
    /// The guest gets it as an errno.
    Errno(Errno, String),
    /// The program ends.
    Trap(wasmtime::Error),
}

impl Offload {
    pub(crate) fn new(wasm: Arc<[u8]>, static_size: usize, config: &Config) -> Self {
        Self {
            accelerator: config.accelerator.clone(),
            wasm,
            static_size,
            reporter: config.reporter.clone(),
            cache: config.binaries.clone(),
            timeout: config.device_timeout,
            interleaved: config.interleaved,
            devices: OnceLock::new(),
            kernels: Mutex::default(),
            teams: Mutex::default(),
            regions: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    fn devices(&self) -> &[Mutex<Device>] {
        self.devices.get_or_init(|| {
            let mut infos: Vec<DeviceInfo> = match &self.accelerator {
                Accelerator::None => Vec::new(),
                Accelerator::Gpus => opencl::devices().into_iter().filter(|device| device.is_gpu).collect(),
                Accelerator::Selected(selectors) => opencl::select(selectors).unwrap_or_default(),
            };
            let open = |info: &DeviceInfo| match OpenCl::open(info, self.cache.as_deref()) {
                Ok(opencl) => Some(Mutex::new(Device {
                    opencl: Arc::new(opencl),
                    mirror: None,
                    memory: None,
                    prepared: Vec::new(),
                })),
                Err(error) => {
                    let (device, reason) = (info.name.clone(), error.to_string());
                    self.reporter.report(&Event::DeviceUnusable { device, reason });
                    None
                }
            };
            // What is no CPU gets kernels as GPUs do.
            infos.iter_mut().for_each(|info| info.is_cpu &= !self.interleaved);
            infos.iter().filter_map(open).collect()
        })
    }

    pub(crate) fn num_devices(&self) -> i32 {
        self.devices().len() as i32
    }

    fn device(&self, number: u32) -> Result<MutexGuard<'_, Device>, Failure> {
        let device = self.devices().get(number as usize);
        let device = device.ok_or_else(|| Failure::Errno(Errno::BadHandle, format!("there is no device {number}")))?;
        Ok(device.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Copies a range of memory to the device or from it.
    pub(crate) fn copy(&self, memory: &GuestMemory, copy: &Transfer) -> Result<(), Failure> {
        let bytes = memory.bytes(copy.address, copy.size);
        let bytes = bytes.ok_or_else(|| Failure::Errno(Errno::Inval, "a range is outside of the memory".to_owned()))?;
        let mut device = self.device(copy.device)?;
        let mirror = self.mirror(&mut device, memory)?;
        let range = copy.device_address as usize..copy.device_address as usize + copy.size as usize;
        // SAFETY: the bytes are guest memory, which is written outside of Rust's knowledge; it stays mapped as long as `memory`.
        let result = unsafe {
            if copy.from_device {
                mirror.read(range, bytes.as_ptr().cast_mut().cast())
            } else {
                mirror.write(range, bytes.as_ptr().cast())
            }
        };
        result.map_err(failed)
    }

    /// The mirror, as long as the memory is now.
    fn mirror<'d>(&self, device: &'d mut Device, memory: &GuestMemory) -> Result<&'d mut Mirror, Failure> {
        let data = memory.shared().data();
        if device.mirror.is_none() {
            let mut mirror = Mirror::new(&device.opencl, data.len()).map_err(failed)?;
            // SAFETY: as in `copy`.
            let written = unsafe { mirror.write(0..self.static_size.min(data.len()), data.as_ptr().cast()) };
            written.map_err(failed)?;
            device.mirror = Some(mirror);
            device.memory = Some(memory.clone());
        }
        let mirror =
            device.mirror.as_mut().ok_or_else(|| Failure::Errno(Errno::NoResources, "no mirror".to_owned()))?;
        mirror.resize(data.len()).map_err(failed)?;
        Ok(mirror)
    }

    /// Whether a teams region can run, its own function on the host, the microtask that it forks on a device: 0 if not, else 1 more than
    /// the number of pieces of memory that the function accesses, which are stored as quadruples of words in a place for so many of them.
    pub(crate) fn can_run(&self, memory: &GuestMemory, teams: u32, (place, capacity): (u32, u32)) -> u32 {
        let Some(pieces) = self.answer(&self.teams, teams, || self.check(teams, capacity)) else {
            return 0;
        };
        let Some(count) = u32::try_from(pieces.len()).ok().filter(|count| *count <= capacity) else {
            return 0;
        };
        let words =
            pieces.iter().flat_map(|piece| [piece.parameter, piece.offset, piece.size, piece.is_written.into()]);
        let stored = (0..).zip(words).try_for_each(|(i, word)| memory.write_u32(place.checked_add(4 * i)?, word));
        stored.map_or(0, |()| count + 1)
    }

    /// An answer about a region, found when it is first asked for; none, and a word why, if the region has to run on the host.
    fn answer<K: Eq + Hash, V: Clone>(
        &self,
        known: &Mutex<FxHashMap<K, Option<V>>>,
        region: K,
        find: impl FnOnce() -> Result<V, String>,
    ) -> Option<V> {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KERNELS {
            known.clear();
        }
        let answer = known.entry(region).or_insert_with(|| {
            let found = find();
            if let Err(reason) = &found {
                self.reporter.report(&Event::RegionOnHost { region: None, reason: reason.clone() });
            }
            found.ok()
        });
        answer.clone()
    }

    fn check(&self, slot: u32, capacity: u32) -> Result<Arc<[Piece]>, String> {
        let module = Module::parse(&self.wasm).map_err(|error| error.to_string())?;
        let function = module.function_in_slot(slot).ok_or("its function is not in the table from the start")?;
        let teams = teams(&module, function).map_err(|refusal| refusal.to_string())?;
        if teams.accessed.len() > capacity as usize {
            return Err("it accesses too much memory beside its parallel region".to_owned());
        }
        let microtask = module.slot_of(teams.microtask).ok_or("its microtask is not in the table")?;
        self.kernel(KernelSource::Region(microtask), Form::USUAL)?;
        Ok(teams.accessed.into())
    }

    /// The table slot of the microtask of a target region without teams, by the region's name: 0 if it cannot run on a device.
    ///
    /// clang calls the function that it outlines from a parallel region by the target region's name, with a suffix.
    pub(crate) fn region(&self, name: &str) -> u32 {
        let find = || {
            let module = Module::parse(&self.wasm).map_err(|error| error.to_string())?;
            let function = module.function_named(&format!("{name}.omp_outlined"));
            // A league of one team: it will be asked for as such.
            if function.is_some_and(|function| teams(&module, function).is_ok()) {
                return Ok(0);
            }
            let slot = function.and_then(|function| module.slot_of(function));
            let slot = slot.ok_or("it is no parallel region, or the module has no names")?;
            self.kernel(KernelSource::Region(slot), Form::USUAL).map(|_| slot)
        };
        self.answer(&self.regions, name.to_owned(), find).unwrap_or(0)
    }

    /// A region runs on the host: the guest knows why, and its name.
    pub(crate) fn refused(&self, texts: impl FnOnce() -> (String, String)) {
        if !self.reporter.wants(Severity::Note) {
            return;
        }
        let (why, name) = texts();
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() < MAX_KERNELS && refused.insert((why.clone(), name.clone())) {
            self.reporter.report(&Event::RegionOnHost { region: Some(name), reason: why });
        }
    }

    /// A kernel, translated when it is first asked for.
    fn kernel(&self, source: KernelSource, form: Form) -> Translated {
        let mut kernels = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (source, form);
        if let Some(known) = kernels.get(&key) {
            return known.clone();
        }
        if kernels.len() >= MAX_KERNELS {
            kernels.clear();
        }
        let kernel = self.translate(&key.0, form);
        kernels.insert(key, kernel.clone());
        kernel
    }

    fn translate(&self, source: &KernelSource, form: Form) -> Translated {
        let wasm = if let KernelSource::Module(bytes) = source { bytes } else { &self.wasm[..] };
        let module = Module::parse(wasm).map_err(|error| error.to_string())?;
        let function = match source {
            KernelSource::Region(slot) | KernelSource::Slot(slot) => module.function_in_slot(*slot),
            KernelSource::Module(_) => module.exported_function("kernel"),
        };
        let function = function.ok_or("it is not in the table from the start")?;
        let translate = if let KernelSource::Region(_) = source { translate_region } else { translate };
        let options = Options { blocks: form.blocks, aligned: form.aligned, bounds: form.bounds, ..Options::default() };
        let kernel = translate(&module, function, &options).map_err(|refusal| refusal.to_string())?;
        if kernel.globals.is_empty() { Ok(Arc::new(kernel)) } else { Err("it uses variables of the thread".to_owned()) }
    }

    /// Runs a kernel on a device; `place` says in words where it trapped. Ranges of the memory go there before, or come back after.
    fn run(
        &self,
        memory: &GuestMemory,
        device: &mut Device,
        job: &Job,
        place: impl FnOnce(Site) -> String,
    ) -> Result<(), Failure> {
        self.mirror(device, memory)?;
        let Device { opencl, mirror: Some(mirror), .. } = device else {
            return Err(Failure::Errno(Errno::NoResources, "no mirror".to_owned()));
        };
        // SAFETY: the ranges are inside the mirror, which is as long as the memory was; the rest as in `copy`.
        let ended = unsafe { opencl.launch_job(mirror, job) };
        match ended {
            Ok(None) => Ok(()),
            Ok(Some((trap, site))) => {
                let place = format!("on the device {}, {}", opencl.name(), place(site));
                Err(Failure::Trap(wasm_trap(trap).context(DevicePlace(place))))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Runs a hand-written kernel on the first device, which gets its buffers before and gives `written` back after. False if the kernel
    /// cannot run on a device.
    pub(crate) fn launch_kernel(
        &self,
        memory: &GuestMemory,
        source: KernelSource,
        (size, block_size): (i32, i32),
        spans: &[buffers::BufferView],
        written: &[buffers::BufferView],
    ) -> Result<bool, Failure> {
        let Ok(items) = u32::try_from(size) else {
            return Err(Failure::Errno(Errno::Inval, "a negative number of threads".to_owned()));
        };
        let kernel = match self.kernel(source, Form::default()) {
            Ok(kernel) => kernel,
            Err(reason) => {
                self.reporter.report(&Event::KernelOnHost { reason });
                return Ok(false);
            }
        };
        let same = |span: &buffers::BufferView, from_device| Transfer {
            device: 0,
            device_address: span.address,
            address: span.address,
            size: span.len,
            from_device,
        };
        for span in spans {
            self.copy(memory, &same(span, false))?;
        }
        let parameters: Vec<u32> = spans.iter().flat_map(|span| [span.address, span.len]).collect();
        let work = Work { items, block: block_size as u32, iterations: None, rows: None };
        let mut device = self.device(0)?;
        let job = job(memory, &kernel, work, &parameters, (&[], &[]));
        self.run(memory, &mut device, &job, |_| "in a kernel".to_owned())?;
        drop(device);
        for span in written {
            self.copy(memory, &same(span, true))?;
        }
        Ok(true)
    }

    /// Says what a launch may do to spans of memory: see [`omp2wasi_abi::imports::DEVICE_EFFECTS`].
    pub(crate) fn effects(
        &self,
        memory: &GuestMemory,
        microtask: u32,
        (argv, argc): (u32, u32),
        (place, count): (u32, u32),
    ) -> Result<(), Failure> {
        let inval = |what: &str| Failure::Errno(Errno::Inval, what.to_owned());
        let kernel = self.kernel(KernelSource::Region(microtask), Form::USUAL);
        let kernel = kernel.map_err(|reason| Failure::Errno(Errno::BadKernel, reason))?;
        let argc = Some(argc).filter(|argc| *argc as usize == kernel.parameters);
        let arguments = argc.and_then(|argc| memory.read_words(argv, argc));
        let arguments = arguments.ok_or_else(|| inval("other arguments, or outside of the memory"))?;
        let words = Some(count).filter(|count| *count <= MAX_SPANS);
        let words = words.and_then(|count| memory.read_words(place, 4 * count));
        let words = words.ok_or_else(|| inval("too many spans, or outside of the memory"))?;
        let span = |span: &[u32]| Span {
            begin: span[0],
            size: span[1],
            base: span[2],
            is_static: span[3] & effects::STATIC != 0,
            is_private: span[3] & effects::PRIVATE != 0,
        };
        let spans: Vec<_> = words.chunks_exact(4).map(span).collect();
        for (i, access) in (0..).zip(kernel.effects.on(&spans, &arguments)) {
            let reads = if access.reads { effects::READS } else { 0 };
            let writes = if access.writes { effects::WRITES } else { 0 };
            // Inside of what has been read.
            memory.write_u32(place + 16 * i + 12, reads | writes);
        }
        Ok(())
    }

    /// Finds out how to launch a microtask.
    fn prepare(
        &self,
        device: &mut Device,
        memory: &GuestMemory,
        microtask: u32,
        arguments: Vec<u32>,
        hint: u32,
    ) -> Result<Prepared, Failure> {
        let usual = Form { blocks: device.opencl.is_cpu(), ..Form::USUAL };
        let translated = |form| {
            let kernel = self.kernel(KernelSource::Region(microtask), form);
            kernel.map_err(|reason| Failure::Errno(Errno::BadKernel, reason))
        };
        let mut kernel = translated(usual)?;
        if arguments.len() != kernel.parameters {
            return Err(Failure::Errno(Errno::Inval, "a microtask with another number of arguments".to_owned()));
        }
        let mut form = usual;
        let mut given = arguments.clone();
        if kernel.pointers.iter().all(|pointer| arguments[*pointer].is_multiple_of(kernel.multiple)) {
            kernel.pointers.iter().for_each(|pointer| given[*pointer] /= kernel.multiple);
        } else {
            form.aligned = false;
        }
        let mirror = self.mirror(device, memory)?;
        let size = mirror.len();
        if kernel.reach > 0 && mirror.is_guarded(kernel.reach) && kernel.stays_inside(&arguments, size as u64) {
            form.bounds = Bounds::Guarded;
        }
        if form != usual {
            kernel = translated(form)?;
        }
        let work = device.opencl.work(&kernel, &arguments, hint);
        Ok(Prepared { microtask, arguments, hint, size, kernel, given, work })
    }

    /// Runs a microtask on a device, for all iterations of its loop.
    pub(crate) fn launch(&self, memory: &GuestMemory, launch: &Launch) -> Result<(), Failure> {
        let inval = |what: &str| Failure::Errno(Errno::Inval, what.to_owned());
        let mut device = self.device(launch.device)?;
        let (argv, argc) = launch.arguments;
        let words = memory.words(argv, argc).ok_or_else(|| inval("arguments outside of the memory"))?;
        let size = self.mirror(&mut device, memory)?.len();
        let is_it = |prepared: &Prepared| {
            (prepared.microtask, prepared.hint, prepared.size) == (launch.microtask, launch.iterations, size)
                && words.clone().eq(prepared.arguments.iter().copied())
        };
        let mut prepared = std::mem::take(&mut device.prepared);
        let at = match prepared.iter().position(is_it) {
            Some(at) => at,
            None => {
                if prepared.len() >= MAX_PREPARED {
                    prepared.clear();
                }
                prepared.push(self.prepare(
                    &mut device,
                    memory,
                    launch.microtask,
                    words.collect(),
                    launch.iterations,
                )?);
                prepared.len() - 1
            }
        };
        let ranges = ranges(memory, launch.ranges).ok_or_else(|| inval("ranges outside of the memory"))?;
        let before: Vec<_> = ranges.iter().map(|(range, _)| range.clone()).collect();
        let after: Vec<_> = ranges.into_iter().filter(|(_, is_written)| *is_written).map(|(range, _)| range).collect();
        let place = |site: Site| {
            let name = Module::parse(&self.wasm).map(|module| module.function_name(site.function)).unwrap_or_default();
            format!("in {name} at offset {:#x}", site.offset)
        };
        let Prepared { kernel, work, given, .. } = &prepared[at];
        let ended = self.run(memory, &mut device, &job(memory, kernel, *work, given, (&before, &after)), place);
        device.prepared = prepared;
        ended
    }
}

/// A launch of a kernel without globals: what to launch, and which ranges of the memory go to the device before and come back after.
fn job<'j>(
    memory: &GuestMemory,
    kernel: &'j Kernel,
    work: Work,
    parameters: &'j [u32],
    (before, after): (&'j [Range<usize>], &'j [Range<usize>]),
) -> Job<'j> {
    let memory = memory.shared().data().as_ptr().cast::<u8>().cast_mut();
    Job { kernel, work, parameters, globals: &[], before, after, memory }
}

/// Ranges of memory, each with whether a launch may write it.
type Ranges = Vec<(Range<usize>, bool)>;

/// Quadruples of words as `Offload::effects` left them: those ranges, if they are not too many and inside the memory.
fn ranges(memory: &GuestMemory, (address, count): (u32, u32)) -> Option<Ranges> {
    let words = memory.read_words(address, count.checked_mul(4).filter(|words| *words <= 4 * MAX_RANGES)?)?;
    let range = |span: &[u32]| {
        let range = span[0] as usize..span[0] as usize + span[1] as usize;
        memory.bytes(span[0], span[1]).map(|_| (range, span[3] & effects::WRITES != 0))
    };
    words.chunks_exact(4).map(range).collect()
}

fn failed(error: OpenClError) -> Failure {
    Failure::Errno(Errno::NoResources, error.to_string())
}

/// The same error as on the CPU.
fn wasm_trap(trap: Trap) -> wasmtime::Error {
    wasmtime::Error::from(match trap {
        Trap::Unreachable => wasmtime::Trap::UnreachableCodeReached,
        Trap::OutOfBounds => wasmtime::Trap::MemoryOutOfBounds,
        Trap::DivideByZero => wasmtime::Trap::IntegerDivisionByZero,
        Trap::IntegerOverflow => wasmtime::Trap::IntegerOverflow,
        Trap::InvalidConversion => wasmtime::Trap::BadConversionToInteger,
        Trap::IndirectCall => wasmtime::Trap::BadSignature,
        Trap::Unaligned => wasmtime::Trap::HeapMisaligned,
    })
}

/// How a region's iterations are dealt: work-items, and consecutive iterations of each. How many there are follows from the parameters,
/// or there is a hint, 0 for none.
///
/// On a GPU, neighbours get neighbouring iterations. On a CPU few items get a block each.
pub(crate) fn work(is_cpu: bool, compute_units: u32, kernel: &Kernel, parameters: &[u32], hint: u32) -> Work {
    /// Items for each compute unit that keep a large GPU busy, and as many as accumulate a reduction at the memory's speed.
    const BUSY: u32 = 1 << 16;
    const ACCUMULATING: u32 = 1 << 11;
    let known = kernel.iterations(parameters);
    let iterations = known.map_or(hint, |known| u32::try_from(known.count).unwrap_or(u32::MAX));
    if is_cpu {
        let items = compute_units.saturating_mul(8).max(1);
        let block = if iterations == 0 { 1024 } else { iterations.div_ceil(items).max(1) };
        return Work { items, block, iterations: None, rows: None };
    }
    let most = match (kernel.accumulator, iterations) {
        (Some(_), _) => compute_units.saturating_mul(ACCUMULATING),
        (None, 0) => compute_units.saturating_mul(BUSY),
        (None, _) => 1 << 31,
    };
    let items = if iterations == 0 { most } else { iterations.min(most) };
    let is_sure = known.is_some_and(|known| known.is_sure && known.count == u64::from(iterations));
    Work {
        items: items.max(1),
        block: 1,
        iterations: (is_sure && (kernel.accumulator.is_some() || items == iterations)).then_some(iterations),
        rows: known.and_then(|known| known.rows),
    }
}
