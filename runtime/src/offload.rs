//! Target regions on OpenCL devices: the host's side of the shim's `target.c`.
//!
//! A device is opened when the program first asks how many there are. Its mirror of the linear memory has what the shim copies
//! there, and the static data, which go there when the mirror is made. Which copy of what is mapped is the newest is the
//! shim's business.

use crate::buffers::Span;
use crate::config::Accelerator;
use crate::memory::GuestMemory;
use crate::opencl::{self, DeviceInfo, Mirror, OpenCl, OpenClError, Work};
use omp2wasi_abi::imports::Errno;
use omp2wasi_codegen::{Kernel, Module, Options, Site, Trap, teams, translate, translate_region};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The devices that a program can use, opened or not.
pub(crate) struct Offload {
    accelerator: Accelerator,
    /// The program's module, whose functions are translated.
    wasm: Arc<[u8]>,
    /// Bytes at the bottom of memory that are there from the start: stack and static data.
    static_size: usize,
    verbose: bool,
    cache: Option<std::path::PathBuf>,
    devices: OnceLock<Vec<Mutex<Device>>>,
    /// Kernels, or why there is none.
    kernels: Mutex<HashMap<KernelSource, Result<Arc<Kernel>, String>>>,
    /// What is known of teams regions' functions, by table slot: see [`Offload::can_run`].
    teams: Mutex<HashMap<u32, u32>>,
}

struct Device {
    opencl: Arc<OpenCl>,
    mirror: Option<Mirror>,
}

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

/// How many kernels are kept.
const MAX_KERNELS: usize = 1024;

/// Why a launch failed.
pub(crate) enum Failure {
    /// The guest gets it as an errno.
    Errno(Errno, String),
    /// The program ends.
    Trap(wasmtime::Error),
}

impl Offload {
    pub(crate) fn new(
        accelerator: Accelerator,
        wasm: Arc<[u8]>,
        static_size: usize,
        verbose: bool,
        cache: Option<std::path::PathBuf>,
    ) -> Self {
        Self {
            accelerator,
            wasm,
            static_size,
            verbose,
            cache,
            devices: OnceLock::new(),
            kernels: Mutex::default(),
            teams: Mutex::default(),
        }
    }

    fn devices(&self) -> &[Mutex<Device>] {
        self.devices.get_or_init(|| {
            let infos: Vec<DeviceInfo> = match &self.accelerator {
                Accelerator::None => Vec::new(),
                Accelerator::Gpus => opencl::devices().into_iter().filter(|device| device.is_gpu).collect(),
                Accelerator::Selected(selector) => opencl::select(selector).into_iter().collect(),
            };
            let open = |info: &DeviceInfo| match OpenCl::open(info, self.cache.as_deref()) {
                Ok(opencl) => Some(Mutex::new(Device { opencl: Arc::new(opencl), mirror: None })),
                Err(error) => {
                    eprintln!("omp2wasi: {}: {error}", info.name);
                    None
                }
            };
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
    pub(crate) fn update(
        &self,
        memory: &GuestMemory,
        number: u32,
        (address, size): (u32, u32),
        from_device: bool,
    ) -> Result<(), Failure> {
        let bytes = memory.bytes(address, size);
        let bytes = bytes.ok_or_else(|| Failure::Errno(Errno::Inval, "a range is outside of the memory".to_owned()))?;
        let mut device = self.device(number)?;
        let mirror = self.mirror(&mut device, memory)?;
        let range = address as usize..address as usize + size as usize;
        // SAFETY: the bytes are guest memory, which is written outside of Rust's knowledge; it stays mapped as long as `memory`.
        let result = unsafe {
            if from_device {
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
        let mirror = match device.mirror.take() {
            Some(mut mirror) => {
                mirror.resize(data.len()).map_err(failed)?;
                mirror
            }
            None => {
                let mut mirror = Mirror::new(&device.opencl, data.len()).map_err(failed)?;
                // SAFETY: as in `update`.
                let written = unsafe { mirror.write(0..self.static_size.min(data.len()), data.as_ptr().cast()) };
                written.map_err(failed)?;
                mirror
            }
        };
        Ok(device.mirror.insert(mirror))
    }

    /// Whether a teams region can run, its own function on the host, the microtask that it forks on a device: 0 if not, else bit 0
    /// and, for each argument that points to what the function reads, the bit of its number plus 1.
    pub(crate) fn can_run(&self, teams: u32) -> u32 {
        if let Some(known) = self.teams.lock().unwrap_or_else(PoisonError::into_inner).get(&teams) {
            return *known;
        }
        let known = self.check(teams).unwrap_or_else(|reason| {
            if self.verbose {
                eprintln!("omp2wasi: a target region runs on the host: {reason}");
            }
            0
        });
        self.teams.lock().unwrap_or_else(PoisonError::into_inner).insert(teams, known);
        known
    }

    fn check(&self, slot: u32) -> Result<u32, String> {
        let module = Module::parse(&self.wasm).map_err(|error| error.to_string())?;
        let function = module.function_in_slot(slot).ok_or("its function is not in the table from the start")?;
        let plain = teams(&module, function).map_err(|refusal| refusal.to_string())?;
        if plain.reads.iter().any(|argument| *argument >= 31) {
            return Err("it reads too many of its arguments".to_owned());
        }
        let microtask = module.slot_of(plain.microtask).ok_or("its microtask is not in the table")?;
        self.kernel(KernelSource::Region(microtask))?;
        Ok(plain.reads.iter().fold(1, |bits, argument| bits | 2 << argument))
    }

    /// A kernel, translated when it is first asked for.
    fn kernel(&self, source: KernelSource) -> Result<Arc<Kernel>, String> {
        let mut kernels = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kernels.get(&source) {
            return known.clone();
        }
        if kernels.len() >= MAX_KERNELS {
            kernels.clear();
        }
        let kernel = self.translate(&source);
        kernels.insert(source, kernel.clone());
        kernel
    }

    fn translate(&self, source: &KernelSource) -> Result<Arc<Kernel>, String> {
        let wasm = if let KernelSource::Module(bytes) = source { bytes } else { &self.wasm[..] };
        let module = Module::parse(wasm).map_err(|error| error.to_string())?;
        let function = match source {
            KernelSource::Region(slot) | KernelSource::Slot(slot) => module.function_in_slot(*slot),
            KernelSource::Module(_) => module.exported_function("kernel"),
        };
        let function = function.ok_or("it is not in the table from the start")?;
        let translate = if let KernelSource::Region(_) = source { translate_region } else { translate };
        let kernel = translate(&module, function, &Options::default()).map_err(|refusal| refusal.to_string())?;
        if kernel.globals.is_empty() { Ok(Arc::new(kernel)) } else { Err("it uses variables of the thread".to_owned()) }
    }

    /// Runs a kernel on a device. The work is chosen once that is known, and `place` says in words where it trapped.
    fn run(
        &self,
        memory: &GuestMemory,
        number: u32,
        kernel: &Kernel,
        work: impl FnOnce(&OpenCl) -> Work,
        parameters: &[u32],
        place: impl FnOnce(Site) -> String,
    ) -> Result<(), Failure> {
        let mut device = self.device(number)?;
        self.mirror(&mut device, memory)?;
        let Device { opencl, mirror: Some(mirror) } = &*device else {
            return Err(Failure::Errno(Errno::NoResources, "no mirror".to_owned()));
        };
        let ended = opencl.launch(kernel, mirror, work(opencl), parameters, &[]).map_err(failed)?;
        ended.map_or(Ok(()), |(trap, site)| {
            let place = format!("on the device {}, {}", opencl.name(), place(site));
            Err(Failure::Trap(wasm_trap(trap).context(place)))
        })
    }

    /// Runs a hand-written kernel on the first device, which gets its buffers before and gives `written` back after. False if the kernel
    /// cannot run on a device.
    pub(crate) fn launch_kernel(
        &self,
        memory: &GuestMemory,
        source: KernelSource,
        (size, block_size): (i32, i32),
        spans: &[Span],
        written: &[Span],
    ) -> Result<bool, Failure> {
        let Ok(items) = u32::try_from(size) else {
            return Err(Failure::Errno(Errno::Inval, "a negative number of threads".to_owned()));
        };
        let kernel = match self.kernel(source) {
            Ok(kernel) => kernel,
            Err(reason) => {
                if self.verbose {
                    eprintln!("omp2wasi: a kernel runs on the host: {reason}");
                }
                return Ok(false);
            }
        };
        for span in spans {
            self.update(memory, 0, (span.address, span.len), false)?;
        }
        let parameters: Vec<u32> = spans.iter().flat_map(|span| [span.address, span.len]).collect();
        self.run(
            memory,
            0,
            &kernel,
            |_| Work { items, block: block_size as u32 },
            &parameters,
            |_| "in a kernel".to_owned(),
        )?;
        for span in written {
            self.update(memory, 0, (span.address, span.len), true)?;
        }
        Ok(true)
    }

    /// Runs a microtask on a device, for all iterations of its loop: about so many, or 0 if that is not known.
    pub(crate) fn launch(
        &self,
        memory: &GuestMemory,
        number: u32,
        (microtask, iterations): (u32, u32),
        (argc, argv): (u32, u32),
    ) -> Result<(), Failure> {
        let inval = |what: &str| Failure::Errno(Errno::Inval, what.to_owned());
        let kernel =
            self.kernel(KernelSource::Region(microtask)).map_err(|reason| Failure::Errno(Errno::BadKernel, reason))?;
        if argc as usize != kernel.parameters {
            return Err(inval("a microtask with another number of arguments"));
        }
        let words =
            (0..argc).map(|i| memory.read_u32(argv.checked_add(i.checked_mul(4)?)?)).collect::<Option<Vec<_>>>();
        let words = words.ok_or_else(|| inval("arguments outside of the memory"))?;
        let place = |site: Site| {
            let name = Module::parse(&self.wasm).map(|module| module.function_name(site.function)).unwrap_or_default();
            format!("in {name} at offset {:#x}", site.offset)
        };
        let work = |opencl: &OpenCl| opencl.work(kernel.has_wide_loop, iterations);
        self.run(memory, number, &kernel, work, &words, place)
    }
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

/// How a region's iterations are dealt: work-items, and consecutive iterations of each.
///
/// On a GPU, neighbours get neighbouring iterations: an item for each, or, where an iteration begins with divisions that are the same
/// for all of an item's iterations in part, several far apart. On a CPU few items get a block each.
pub(crate) fn work(is_cpu: bool, compute_units: u32, is_wide: bool, iterations: u32) -> Work {
    /// Items for each compute unit that keep a large GPU busy.
    const BUSY: u32 = 1 << 16;
    let busy = compute_units.saturating_mul(BUSY);
    if is_cpu {
        let items = compute_units.saturating_mul(8).max(1);
        Work { items, block: if iterations == 0 { 1024 } else { iterations.div_ceil(items).max(1) } }
    } else if iterations == 0 || is_wide && iterations > busy {
        Work { items: busy.max(1), block: 1 }
    } else {
        Work { items: iterations.min(1 << 31), block: 1 }
    }
}
