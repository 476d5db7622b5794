//! OpenCL devices: finding them, building programs, launching kernels on a mirror of the linear memory.
//!
//! The OpenCL library is loaded when it is first asked for; a machine without one has no such devices and is fine.
//!
//! Invariant: a device sees text that `omp2wasi_codegen` wrote, and memory that belongs to the mirror; nothing else of the guest.

mod commands;
mod mirror;
mod outcome;

pub use mirror::Mirror;

use outcome::{Outcome, Way};

use omp2wasi_codegen::{Kernel, Site, Trap, Ty};
use opencl3::command_queue::CommandQueue;
use opencl3::context::Context;
use opencl3::device::{
    CL_DEVICE_TYPE_ALL, CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_GPU, CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT, Device,
};
use opencl3::error_codes::ClError;
use opencl3::kernel::Kernel as ClKernel;
use opencl3::memory::{Buffer, CL_MEM_READ_WRITE, ClMem};
use opencl3::platform::get_platforms;
use opencl3::program::Program;
use opencl3::types::{cl_device_id, cl_mem};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry as MapEntry;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What goes wrong with devices.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenClError {
    /// No device fits a selector.
    #[error("no OpenCL device `{0}`; `omp2wasi devices` lists those that there are")]
    NoDevice(String),
    /// The device lacks something that the kernel needs.
    #[error("the device {device} has no {what}")]
    Lacks {
        /// Its name.
        device: String,
        /// What it lacks.
        what: &'static str,
    },
    /// The device's compiler refused the text.
    #[error("the OpenCL compiler of {device} failed:\n{log}")]
    Build {
        /// The device's name.
        device: String,
        /// What it said.
        log: String,
    },
    /// A call of OpenCL's failed.
    #[error("OpenCL: {what}: {code}")]
    Call {
        /// What was to be done.
        what: &'static str,
        /// OpenCL's error, by name.
        code: String,
    },
}

/// Gives OpenCL's errors their context.
fn call<T>(what: &'static str, result: Result<T, ClError>) -> Result<T, OpenClError> {
    result.map_err(|error| OpenClError::Call { what, code: error.to_string() })
}

/// A device, before it is opened.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    id: cl_device_id,
    /// Its name, and its platform's.
    pub name: String,
    /// Whether it is a GPU.
    pub is_gpu: bool,
    /// Whether it is a CPU.
    pub is_cpu: bool,
}

// SAFETY: an id is a name that OpenCL gives out and never takes back; its functions may be called from any thread.
unsafe impl Send for DeviceInfo {}
// SAFETY: as above.
unsafe impl Sync for DeviceInfo {}

/// All OpenCL devices of this machine, GPUs first; none where there is no OpenCL.
///
/// This loads the drivers. PoCL's takes over the signal of a division by zero, which Wasmtime needs, unless the environment has
/// `POCL_SIGFPE_HANDLER=0` by then.
#[must_use]
pub fn devices() -> Vec<DeviceInfo> {
    let mut devices = Vec::new();
    for platform in get_platforms().unwrap_or_default() {
        let platform_name = platform.name().unwrap_or_default();
        for id in platform.get_devices(CL_DEVICE_TYPE_ALL).unwrap_or_default() {
            let device = Device::new(id);
            if !device.available().unwrap_or(false) || !device.compiler_available().unwrap_or(false) {
                continue;
            }
            let kind = device.dev_type().unwrap_or(0);
            devices.push(DeviceInfo {
                id,
                name: format!("{} ({})", device.name().unwrap_or_default().trim(), platform_name.trim()),
                is_gpu: kind & CL_DEVICE_TYPE_GPU != 0,
                is_cpu: kind & CL_DEVICE_TYPE_CPU != 0,
            });
        }
    }
    devices.sort_by_key(|device| !device.is_gpu);
    devices
}

/// The devices that selectors mean, which are separated by commas, in their order: `gpu` (all GPUs), `opencl` (all devices), `opencl:N`
/// (the N-th of [`devices`]), or a part of a name.
///
/// # Errors
/// When there is none for one of them.
pub fn select(selectors: &str) -> Result<Vec<DeviceInfo>, OpenClError> {
    let all = devices();
    let mut selected: Vec<DeviceInfo> = Vec::new();
    for selector in selectors.split(',').map(str::trim) {
        let number = selector.strip_prefix("opencl:").map(str::parse::<usize>);
        let is_meant = |(at, device): &(usize, &DeviceInfo)| match (&number, selector) {
            (Some(number), _) => number.as_ref() == Ok(at),
            (None, "opencl") => true,
            (None, "gpu") => device.is_gpu,
            (None, _) => !selector.is_empty() && device.name.to_lowercase().contains(&selector.to_lowercase()),
        };
        let meant: Vec<_> = all.iter().enumerate().filter(is_meant).map(|(_, device)| device.clone()).collect();
        if meant.is_empty() {
            return Err(OpenClError::NoDevice(selector.to_owned()));
        }
        // Each once: one that is named twice would have two mirrors.
        for device in meant {
            if !selected.iter().any(|known| known.id == device.id) {
                selected.push(device);
            }
        }
    }
    Ok(selected)
}

/// The driver waits for launches that take less without letting the thread sleep.
const SHORT: Duration = Duration::from_micros(30);

struct Launching {
    /// Built kernels by their number.
    kernels: FxHashMap<u64, Built>,
    outcome: Outcome,
    /// Room for accumulators, for kernels that need it.
    partials: Option<Partials>,
}

struct Partials {
    buffer: Buffer<u8>,
    bytes: usize,
    id: BufferId,
}

/// What no other buffer of this process has: OpenCL gives a new one the handle of one that is not there any more.
#[derive(Clone, Copy, PartialEq, Eq)]
struct BufferId(u64);

impl BufferId {
    fn new() -> Self {
        // Relaxed: all that matters is that nobody else gets the same number.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A kernel's entry points.
struct Built {
    main: Entry,
    /// Virtual threads have an iteration each.
    sure: Option<Entry>,
    /// Deals iterations in tiles.
    tiles: Option<Entry>,
    /// Finishes reductions.
    reduce: Option<Entry>,
    /// The longest work-group.
    group: usize,
    tuning: Tuning,
    /// What the latest launch took.
    latest: Option<Duration>,
}

/// An entry point, and the arguments that it has been given.
struct Entry {
    kernel: ClKernel,
    arguments: Vec<Argument>,
}

/// An argument's bytes, and 0 behind them; of a buffer, its handle and its id.
type Argument = [u8; 16];

/// Which of [`Kernel::TILES_OF`] is the fastest for a kernel: each is tried a few times.
#[derive(Default)]
struct Tuning {
    /// The shortest time of each, and how many launches there were.
    shortest: [Option<Duration>; Kernel::TILES_OF.len()],
    launches: usize,
}

impl Tuning {
    /// How often each shape is tried; the first launch, which may be slow for other reasons, does not count.
    const TRIES: usize = 2;

    /// The shape of the next launch.
    fn shape(&self) -> usize {
        let tried = self.launches > Self::TRIES * Kernel::TILES_OF.len();
        if tried {
            // Shapes without a time are the slowest.
            (0..Kernel::TILES_OF.len()).min_by_key(|shape| self.shortest[*shape].unwrap_or(Duration::MAX)).unwrap_or(0)
        } else {
            self.launches % Kernel::TILES_OF.len()
        }
    }

    fn note(&mut self, shape: usize, time: Duration) {
        if self.launches > 0 {
            self.shortest[shape] = Some(self.shortest[shape].map_or(time, |shortest| shortest.min(time)));
        }
        self.launches = self.launches.saturating_add(1);
    }
}

/// A launch of a kernel.
pub(crate) struct Job<'j> {
    pub kernel: &'j Kernel,
    pub work: Work,
    /// Those that [`Kernel::parameters`] counts.
    pub parameters: &'j [u32],
    /// The values of [`Kernel::globals`].
    pub globals: &'j [u128],
    /// Ranges of the memory that go to the device before, and those that come back after.
    pub before: &'j [Range<usize>],
    pub after: &'j [Range<usize>],
    /// The memory that they are of.
    pub memory: *mut u8,
}

/// How many work-items run a kernel, and the block size that they are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Work-items. For a kernel that is no region, the number of thread ids.
    pub items: u32,
    /// The block size. For a region, how many consecutive iterations a work-item takes at a time.
    pub block: u32,
    /// How many iterations there are, for a region that is sure of them: see [`omp2wasi_codegen::Iterations`].
    pub iterations: Option<u32>,
    /// The length of a row and how many there are, for a region that is dealt in tiles.
    pub rows: Option<(u32, u32)>,
}

/// A device with a queue of its own and the programs that were built for it.
pub struct OpenCl {
    info: DeviceInfo,
    device: Device,
    context: Context,
    queue: CommandQueue,
    /// Held while something is built or launched: the arguments of a launch are a part of the kernel.
    launching: Mutex<Launching>,
    /// Where binaries are kept.
    cache: Option<PathBuf>,
    has_f64: bool,
    has_atomics64: bool,
    options: &'static str,
    compute_units: u32,
}

impl OpenCl {
    /// Opens a device. Built programs are kept in the folder `cache`, if given.
    ///
    /// # Errors
    /// When OpenCL refuses.
    pub fn open(info: &DeviceInfo, cache: Option<&Path>) -> Result<Self, OpenClError> {
        let device = Device::new(info.id);
        let context = call("cannot make a context", Context::from_device(&device))?;
        // SAFETY: the device is the context's.
        let queue = call("cannot make a queue", unsafe { CommandQueue::create(&context, info.id, 0) })?;
        let outcome = Outcome::new(&context, &queue, info.is_cpu)?;
        let extensions = device.extensions().unwrap_or_default();
        let has = |name: &str| extensions.split_whitespace().any(|extension| extension == name);
        let exact = device.single_fp_config().unwrap_or(0) & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT != 0;
        Ok(Self {
            info: info.clone(),
            context,
            queue,
            launching: Mutex::new(Launching { kernels: FxHashMap::default(), outcome, partials: None }),
            compute_units: device.max_compute_units().unwrap_or(1),
            cache: cache.map(Path::to_owned),
            has_f64: has("cl_khr_fp64") || device.double_fp_config().unwrap_or(0) != 0,
            has_atomics64: has("cl_khr_int64_base_atomics") && has("cl_khr_int64_extended_atomics"),
            options: if exact { "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt" } else { "-cl-std=CL1.2" },
            device,
        })
    }

    /// The device's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// Whether it is a processor.
    #[must_use]
    pub fn is_cpu(&self) -> bool {
        self.info.is_cpu
    }

    /// Builds a kernel, unless it is built.
    fn prepare<'b>(
        &self,
        kernel: &Kernel,
        kernels: &'b mut FxHashMap<u64, Built>,
    ) -> Result<&'b mut Built, OpenClError> {
        let lacks = |what| Err(OpenClError::Lacks { device: self.info.name.clone(), what });
        if kernel.uses_f64 && !self.has_f64 {
            return lacks("64-bit floats (cl_khr_fp64)");
        }
        if kernel.uses_atomics64 && !self.has_atomics64 {
            return lacks("64-bit atomics (cl_khr_int64_base_atomics, cl_khr_int64_extended_atomics)");
        }
        let vacant = match kernels.entry(kernel.id) {
            MapEntry::Occupied(built) => return Ok(built.into_mut()),
            MapEntry::Vacant(vacant) => vacant,
        };
        let program = self.build(&kernel.source)?;
        let entry = |name| {
            let kernel = call("the entry point is not there", ClKernel::create(&program, name))?;
            Ok(Entry { kernel, arguments: Vec::new() })
        };
        let main = entry(Kernel::ENTRY)?;
        let reduce = kernel.accumulator.map(|_| entry(Kernel::REDUCE)).transpose()?;
        let tiles = kernel.has_tiles().then(|| entry(Kernel::TILES)).transpose()?;
        let sure = kernel.has_sure().then(|| entry(Kernel::SURE)).transpose()?;
        // On a CPU each item is a group of its own: the items of one share a thread there.
        let longest =
            [Some(&main), reduce.as_ref(), tiles.as_ref(), sure.as_ref()].into_iter().flatten().map(|entry| {
                if self.info.is_cpu { 1 } else { entry.kernel.get_work_group_size(self.info.id).unwrap_or(1).max(1) }
            });
        let group = longest.min().unwrap_or(1).min(Kernel::MAX_GROUP);
        Ok(vacant.insert(Built { main, sure, tiles, reduce, group, tuning: Tuning::default(), latest: None }))
    }

    fn build(&self, source: &str) -> Result<Program, OpenClError> {
        let file = self.cache.as_ref().map(|folder| folder.join(self.cache_name(source)));
        let cached = file.as_ref().and_then(|file| std::fs::read(file).ok());
        // The text stands before the binary: names of files are digests, and those of two texts may be the same.
        if let Some(binary) = cached.as_ref().and_then(|cached| cached.strip_prefix(source.as_bytes())) {
            // SAFETY: the file is one that this device's driver, in this version, has written for this text. A damaged one is the
            // driver's to refuse.
            let program = unsafe { Program::create_from_binary(&self.context, &[self.info.id], &[binary]) };
            if let Ok(mut program) = program
                && program.build(&[self.info.id], self.options).is_ok()
            {
                return Ok(program);
            }
        }
        let mut program = call("cannot make a program", Program::create_from_source(&self.context, source))?;
        if program.build(&[self.info.id], self.options).is_err() {
            let log = program.get_build_log(self.info.id).unwrap_or_default();
            return Err(OpenClError::Build { device: self.info.name.clone(), log });
        }
        // A cache that cannot be written costs time only.
        if let (Some(file), Ok(binaries)) = (file, program.get_binaries())
            && let Some(binary) = binaries.first()
            && let Some(folder) = file.parent()
            && std::fs::create_dir_all(folder).is_ok()
        {
            let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
            if std::fs::write(&temporary, [source.as_bytes(), binary].concat()).is_ok() {
                let _ = std::fs::rename(&temporary, &file);
            }
        }
        Ok(program)
    }

    /// A file name for the binary of a text: of this device, driver and options.
    fn cache_name(&self, source: &str) -> String {
        let driver = self.device.driver_version().unwrap_or_default();
        let parts = [self.info.name.as_str(), &driver, self.options, source];
        // Two digests with different seeds: 128 bits.
        let digest = |seed: u64| {
            parts.iter().flat_map(|part| part.bytes().chain([0])).fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            })
        };
        format!("{:016x}{:016x}.clbin", digest(0), digest(0x9e37_79b9_7f4a_7c15))
    }

    /// Runs a kernel, and waits for it. `parameters` are those that [`Kernel::parameters`] counts, `globals` the values of
    /// [`Kernel::globals`].
    ///
    /// # Errors
    /// When it cannot be built or launched, or runs too long. A trap is no error, but the result.
    pub fn launch(
        &self,
        kernel: &Kernel,
        mirror: &mut Mirror,
        work: Work,
        parameters: &[u32],
        globals: &[u128],
    ) -> Result<Option<(Trap, Site)>, OpenClError> {
        let memory = std::ptr::null_mut();
        // SAFETY: nothing is exchanged.
        unsafe { self.launch_job(mirror, &Job { kernel, work, parameters, globals, before: &[], after: &[], memory }) }
    }

    /// The same, and ranges of the memory that is mirrored go to the device before, and come back after.
    ///
    /// # Safety
    /// The ranges are readable and writable bytes behind the pointer. Others may use them meanwhile, outside of Rust's knowledge.
    pub(crate) unsafe fn launch_job(
        &self,
        mirror: &mut Mirror,
        job: &Job,
    ) -> Result<Option<(Trap, Site)>, OpenClError> {
        let Job { kernel, work, parameters, globals, .. } = *job;
        if parameters.len() != kernel.parameters || globals.len() != kernel.globals.len() || mirror.len() < 16 {
            return Err(OpenClError::Call {
                what: "a launch with other parameters",
                code: "CL_INVALID_KERNEL_ARGS".into(),
            });
        }
        if work.items == 0 {
            return Ok(None);
        }
        let mut launching = self.launching.lock().unwrap_or_else(PoisonError::into_inner);
        let Launching { kernels, outcome, partials } = &mut *launching;
        let built = self.prepare(kernel, kernels)?;
        // The order in which a reduction combines must not depend on what else the machine does.
        let shape = if kernel.accumulator.is_some() { 0 } else { built.tuning.shape() };
        // Waiting for the queue is as fast as looking for the record where that does not have to come, and nothing sleeps.
        let is_short = built.latest.is_some_and(|latest| latest < SHORT);
        let way = if is_short && !kernel.may_trap { Way::Finish } else { Way::Look };
        let start = Instant::now();
        // SAFETY: as the caller promises.
        let enqueued = unsafe { self.enqueue_all(mirror, job, shape, built, outcome, partials) };
        let record = match enqueued {
            // SAFETY: as the caller promises.
            Ok(()) => unsafe { outcome.wait(&self.queue, way) },
            // Whatever has been enqueued uses the memory until it has been done.
            Err(error) => {
                let _ = self.queue.finish();
                // A part of the launch may have trapped, which is not the next one's business.
                let _ = outcome.clear(&self.queue);
                Err(error)
            }
        };
        mirror.is_done();
        let record = record?;
        let time = start.elapsed();
        built.tuning.note(shape, time);
        built.latest = Some(time);
        if record != 0 {
            outcome.clear(&self.queue)?;
        }
        Ok(kernel.trapped(record))
    }

    /// Lets the queue do all that belongs to a launch.
    ///
    /// # Safety
    /// As for [`OpenCl::launch_job`], until the queue has come this far.
    unsafe fn enqueue_all(
        &self,
        mirror: &mut Mirror,
        job: &Job,
        shape: usize,
        built: &mut Built,
        outcome: &mut Outcome,
        partials: &mut Option<Partials>,
    ) -> Result<(), OpenClError> {
        let Job { kernel, work, parameters, globals, before, after, memory } = *job;
        outcome.begin();
        for range in before {
            // SAFETY: as the caller promises.
            unsafe { mirror.enqueue_write(range.clone(), memory.wrapping_add(range.start))? };
        }
        let range = Range2::new(work, built, shape);
        let groups = range.groups();
        if let Some(bytes) = kernel.accumulator {
            self.make_room(partials, bytes * groups)?;
        }
        let trap = outcome.record();
        let arguments = Arguments { mirror, trap, partials, kernel, block: work.block, parameters, globals };
        match (&mut built.tiles, work.rows, &mut built.sure, work.iterations) {
            (Some(tiles), Some((width, rows)), ..) if range.size[1] > 1 => {
                self.enqueue(tiles, &arguments, (rows, width), &range)?;
            }
            (_, _, Some(sure), Some(iterations)) => {
                self.enqueue(sure, &arguments, (work.items, iterations), &range)?;
            }
            _ => self.enqueue(&mut built.main, &arguments, (work.items, work.items), &range)?,
        }
        if let Some(reduce) = &mut built.reduce {
            let group = built.group.min(groups.next_power_of_two());
            let range = Range2 { size: [group, 1], group: [group, 1] };
            self.enqueue(reduce, &arguments, (groups as u32, 1), &range)?;
        }
        for range in after {
            let to = outcome.land(range.len(), memory.wrapping_add(range.start));
            // SAFETY: as the caller promises, or the landing.
            unsafe { mirror.enqueue_read(range.clone(), to)? };
        }
        Ok(())
    }

    /// Makes sure that there is room for the accumulators of a launch.
    fn make_room(&self, partials: &mut Option<Partials>, bytes: usize) -> Result<(), OpenClError> {
        if partials.as_ref().is_some_and(|partials| partials.bytes >= bytes) {
            return Ok(());
        }
        // SAFETY: no host memory is given.
        let buffer = unsafe { Buffer::create(&self.context, CL_MEM_READ_WRITE, bytes, std::ptr::null_mut()) };
        let buffer = call("no room for a reduction", buffer)?;
        *partials = Some(Partials { buffer, bytes, id: BufferId::new() });
        Ok(())
    }

    /// Launches an entry point: how many work-items of the range do something, and the number of threads.
    fn enqueue(
        &self,
        entry: &mut Entry,
        arguments: &Arguments,
        (count, num_threads): (u32, u32),
        range: &Range2,
    ) -> Result<(), OpenClError> {
        let Arguments { mirror, trap, partials, kernel, block, parameters, globals } = arguments;
        let mut setter = Setter { entry, index: 0 };
        setter.buffer(mirror.buffer().get(), mirror.id())?.set(mirror.len() as u64)?;
        if kernel.may_trap {
            setter.buffer(trap.0.get(), trap.1)?;
        }
        if kernel.has_first {
            setter.set(0u32)?;
        }
        setter.set(count)?.set(num_threads)?;
        if kernel.has_block_size {
            setter.set(*block)?;
        }
        if let (Some(_), Some(partials)) = (kernel.accumulator, partials) {
            setter.buffer(partials.buffer.get(), partials.id)?;
        }
        for parameter in *parameters {
            setter.set(*parameter)?;
        }
        for ((_, ty), bits) in kernel.globals.iter().zip(*globals) {
            match ty {
                Ty::I32 | Ty::F32 => setter.set(*bits as u32)?,
                Ty::I64 | Ty::F64 => setter.set(*bits as u64)?,
                Ty::V128 => setter.set(*bits)?,
            };
        }
        // SAFETY: all arguments have been set; the buffers live until the kernel has run.
        unsafe { commands::launch(&self.queue, &setter.entry.kernel, &range.size, &range.group) }
    }

    /// The work for a region on this device, see [`crate::device`].
    pub(crate) fn work(&self, kernel: &Kernel, parameters: &[u32], hint: u32) -> Work {
        crate::device::work(self.info.is_cpu, self.compute_units, kernel, parameters, hint)
    }

    /// The longest buffer that the device has, in bytes.
    fn longest_buffer(&self) -> usize {
        self.device.max_mem_alloc_size().map_or(usize::MAX, |bytes| bytes as usize)
    }

    /// How much memory the device has, in bytes.
    fn memory_size(&self) -> u64 {
        self.device.global_mem_size().unwrap_or(0)
    }
}

/// Sets the arguments of a kernel, one after the other, unless they have been set.
struct Setter<'k> {
    entry: &'k mut Entry,
    index: usize,
}

impl Setter<'_> {
    fn buffer(&mut self, handle: cl_mem, id: BufferId) -> Result<&mut Self, OpenClError> {
        let known = u128::from(id.0) << 64 | handle.addr() as u128;
        self.set_as(known.to_le_bytes(), &handle)
    }

    fn set<T: Into<u128> + Copy>(&mut self, argument: T) -> Result<&mut Self, OpenClError> {
        self.set_as(argument.into().to_le_bytes(), &argument)
    }

    fn set_as<T>(&mut self, known: Argument, argument: &T) -> Result<&mut Self, OpenClError> {
        let Entry { kernel, arguments } = &mut *self.entry;
        if arguments.get(self.index) != Some(&known) {
            // SAFETY: number and types of the arguments are those of the text, see `Kernel`; OpenCL compares their sizes.
            let set = unsafe { kernel.set_arg(self.index as u32, argument) };
            if set.is_err() {
                arguments.truncate(self.index);
            }
            call("cannot set an argument", set)?;
            match arguments.get_mut(self.index) {
                Some(argument) => *argument = known,
                None => arguments.push(known),
            }
        }
        self.index += 1;
        Ok(self)
    }
}

/// Work-items and work-groups in two dimensions.
struct Range2 {
    size: [usize; 2],
    group: [usize; 2],
}

impl Range2 {
    fn new(work: Work, built: &Built, shape: usize) -> Self {
        let [wide, high] = Kernel::TILES_OF[shape].map(|size| size as usize);
        match work.rows {
            Some((width, rows)) if built.tiles.is_some() && built.group >= wide * high => Self {
                size: [(width as usize).next_multiple_of(wide), (rows as usize).next_multiple_of(high)],
                group: [wide, high],
            },
            _ => {
                let group = built.group.min((work.items as usize).next_power_of_two());
                Self { size: [(work.items as usize).next_multiple_of(group), 1], group: [group, 1] }
            }
        }
    }

    fn groups(&self) -> usize {
        self.size[0] / self.group[0] * (self.size[1] / self.group[1])
    }
}

/// What entry points are given.
struct Arguments<'l> {
    mirror: &'l Mirror,
    trap: (&'l Buffer<u32>, BufferId),
    partials: &'l Option<Partials>,
    kernel: &'l Kernel,
    block: u32,
    parameters: &'l [u32],
    globals: &'l [u128],
}
