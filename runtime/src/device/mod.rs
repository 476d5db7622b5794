//! Devices that target regions run on: what a device is ([`Device`], [`Mirror`], [`Event`]), and what uses it.
//!
//! The parts, as a target region meets them: `offload` serves the requests of the import functions; `kernels` says whether a region can
//! run on a device, and keeps its translation; `plan` decides how its iterations become work-items; `coherence` knows which copy of mapped
//! memory is the newest, the host's or a device's; `pages` does without mappings where the program asks for that; `printed` keeps what a
//! launch prints; `teams` is what a region's code on the host and the device exchange; `account` notes
//! what became of each region.
//!
//! A back end is a folder that implements `BackEnd`, [`Device`], [`Mirror`] and [`Event`], and a line in `BACK_ENDS`: there is `opencl`.
//! The language that its devices take is among their [`Capabilities`]; the words by which users select them are in `select` (and printed
//! in [`crate::devices`]).
//!
//! Invariant: nothing outside of a back end's folder names a type of its driver.

mod account;
pub(crate) mod coherence;
mod error;
mod foresight;
pub(crate) mod kernels;
mod mirrored;
pub(crate) mod offload;
mod opencl;
pub(crate) mod pages;
pub(crate) mod plan;
mod printed;
mod select;
mod teams;

pub use account::{OffloadReport, RegionOrder, RegionReport, Traffic, region_place};
pub use error::DeviceError;
pub use plan::Geometry;
pub use select::{candidates, open, select};

use crate::cache::Cache;
use kernels::{Kernel, Location, TrapCode};
use omp2wasi_codegen::Language;
pub use omp2wasi_codegen::Mathematics;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

bitflags::bitflags! {
    /// What a device may have or lack.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Features: u32 {
        /// It computes with 64-bit floats.
        const FP64 = 1;
        /// It has atomic operations on 64-bit integers.
        const INT64_ATOMICS = 2;
        /// Its quotients and square roots of 32-bit floats are correctly rounded.
        const ROUNDED_DIVISION = 4;
        /// Its kernels can ask for the time.
        const CLOCK = 8;
    }
}

impl Features {
    /// The names by which users mean features, and what a message calls them.
    pub const NAMES: [(&str, Self, &str); 4] = [
        ("fp64", Self::FP64, "64-bit floats"),
        ("int64-atomics", Self::INT64_ATOMICS, "64-bit atomics"),
        ("rounded-division", Self::ROUNDED_DIVISION, "correctly rounded division of 32-bit floats"),
        ("clock", Self::CLOCK, "clock for omp_get_wtime"),
    ];

    /// The feature that a user's word means.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, ..)| *known == name).map(|(_, feature, _)| *feature)
    }

    /// What a message calls the first of these features.
    #[must_use]
    pub fn description(self) -> &'static str {
        let known = Self::NAMES.iter().find(|(_, feature, _)| self.contains(*feature));
        known.map_or("such feature", |(.., description)| description)
    }
}

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A graphics processor.
    Gpu,
    /// A processor, maybe the host's own.
    Cpu,
    /// Something else.
    Other,
}

/// What a device can do: asked of its driver once, when it is opened.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// What its compiler takes.
    pub language: Language,
    /// What it has.
    pub features: Features,
    /// How many parts of it execute work-groups independently: the processors of a CPU, the multiprocessors of a GPU.
    pub compute_units: u32,
    /// Whether what a work-group has written is seen by others after a fence.
    pub fences_groups: bool,
    /// How many work-groups are certainly under way at the same time, however long they take: so many can wait for one another.
    pub groups_at_once: u32,
    /// Bytes of its memory.
    pub memory_size: u64,
    /// Bytes of memory that a work-group can share.
    pub local_memory_size: u64,
    /// Whether a mirror has a guard behind it, unless there is no room just then: see [`Mirror::is_guarded`].
    pub has_guards: bool,
    /// The longest single piece of memory that it gives out, in bytes.
    pub longest_buffer: usize,
    /// Whether kernels are fast there whose work-items take blocks of consecutive iterations, as on CPUs. On GPUs, neighbouring
    /// work-items have to take neighbouring iterations.
    pub prefers_blocks: bool,
}

/// Which device, of those that the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId {
    /// Index of its back end in `BACK_ENDS`.
    back_end: usize,
    /// Its number there.
    number: usize,
}

/// A device of this machine that has not been opened.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Which one.
    pub id: DeviceId,
    /// Its name, and in parentheses its driver's.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// How to open a device.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Where programs that have been built for devices are kept, if they are.
    pub cache: Option<Cache>,
    /// Features that the device is taken not to have, whatever its driver says: to try what happens on devices without them.
    pub without: Features,
    /// Whether a CPU is used as GPUs are: with neighbouring iterations on neighbouring work-items, in work-groups, and with memory of
    /// its own. That is slow, and shows what happens on a GPU.
    pub like_gpu: bool,
}

/// The devices of one driver interface.
pub(crate) trait BackEnd: Send + Sync {
    /// The devices that there are, by number: name and kind.
    fn candidates(&self) -> Vec<(String, Kind)>;

    /// Opens one of them.
    ///
    /// # Errors
    /// When the driver refuses.
    fn open(&self, number: usize, options: &OpenOptions) -> Result<Box<dyn Device>, DeviceError>;
}

/// All back ends. The order is that of the numbers of devices.
const BACK_ENDS: [&dyn BackEnd; 1] = [&opencl::OpenCl];

/// A device that has been opened. Any thread may use it.
pub trait Device: Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// Readies a kernel for launches, which takes up to seconds for one that is new to the device. A launch does so by itself if need be.
    ///
    /// # Errors
    /// When the device lacks what the kernel needs, or its compiler refuses the text.
    fn build(&self, kernel: &Kernel) -> Result<(), DeviceError>;

    /// Has its compiler do what it does once in a process, such as to handle signals. It need not work.
    fn wake_compiler(&self) {}

    /// Makes a mirror of `len` bytes, which are 0.
    ///
    /// # Errors
    /// When the device has no room for it.
    fn mirror(&self, len: usize) -> Result<Box<dyn Mirror>, DeviceError>;
}

/// A device's copy of a linear memory: the same offsets, so pointers need no translation.
///
/// Copies and launches take effect in the order of the calls. Any thread may call; calls that wait do not keep others from enqueuing.
pub trait Mirror: Send + Sync {
    /// Bytes.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes the mirror as long as the memory is that it mirrors; what is there stays, what is new is 0. It never gets shorter.
    ///
    /// # Errors
    /// When the device has no room for it.
    fn resize(&self, len: usize) -> Result<(), DeviceError>;

    /// Whether the first `reach` bytes from its start are in the mirror, or in a guard behind it that has no data of any program: what a
    /// kernel reads or writes there does no harm.
    fn is_guarded(&self, reach: u64) -> bool;

    /// Copies ranges of bytes to the device, each from where its pointer says. Returns when the bytes may change on the host.
    ///
    /// # Safety
    /// Each pointer is to as many readable bytes as its range has, which can be read as long as the mirror exists. Others may write to
    /// them meanwhile, outside of Rust's knowledge.
    ///
    /// # Errors
    /// When a range is not inside the mirror, or the driver refuses.
    unsafe fn write(&self, parts: &[(Range<usize>, *const u8)]) -> Result<(), DeviceError>;

    /// Copies ranges of bytes from the device, each to where its pointer says. Returns when they are there.
    ///
    /// # Safety
    /// Each pointer is to as many writable bytes as its range has, which exist as long as the mirror does. Others may use them meanwhile,
    /// outside of Rust's knowledge.
    ///
    /// # Errors
    /// When a range is not inside the mirror, or the driver refuses.
    unsafe fn read(&self, parts: &[(Range<usize>, *mut u8)]) -> Result<(), DeviceError>;

    /// Says what kernels have marked ([`omp2wasi_codegen::Param::Marks`]) of the first `count` pieces of 64 KiB since this was called last: a
    /// byte for each, which is 0 if nothing has been written there.
    ///
    /// # Errors
    /// When the driver refuses.
    fn take_marks(&self, count: usize) -> Result<Vec<u8>, DeviceError>;

    /// Has a kernel run on the mirror, after all that has been enqueued before. Returns at once; the event says when it has ended, and is
    /// to be waited for without holding a lock that other launches need.
    ///
    /// # Safety
    /// The launch's ranges are readable and writable bytes of `Launch::memory` until the event has been waited for or dropped. Others may
    /// use them meanwhile, outside of Rust's knowledge.
    ///
    /// # Errors
    /// When the kernel cannot be built or launched.
    unsafe fn enqueue<'a>(&'a self, launch: &Launch<'a>) -> Result<Box<dyn Event + 'a>, DeviceError>;
}

/// A launch of a kernel.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'l> {
    /// What to run.
    pub kernel: &'l Kernel,
    /// On how many work-items, and how they share the iterations.
    pub geometry: Geometry,
    /// The number of the device among the program's, for kernels that ask.
    pub device: u32,
    /// How many devices the program has, likewise.
    pub devices: u32,
    /// The parameters that [`omp2wasi_codegen::Facts::parameters`] counts.
    pub parameters: &'l [u32],
    /// The values of [`omp2wasi_codegen::Facts::globals`].
    pub globals: &'l [u128],
    /// How many bytes of the memory there are for the kernel: as many as the mirror has, or fewer.
    pub len: usize,
    /// Ranges of the memory that go to the device before the kernel runs.
    pub before: &'l [Range<usize>],
    /// Ranges that come back after it has run.
    pub after: &'l [Range<usize>],
    /// Ranges that the kernel may use beside those; `None` if that is not known.
    pub uses: Option<&'l [Range<usize>]>,
    /// The memory that the ranges are of; not used if there are none.
    pub memory: *mut u8,
}

/// Locks what is held for some microseconds at most: looks a few times before it sleeps, since waking up takes longer than that.
pub(crate) fn lock_briefly<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    /// About ten microseconds of pauses.
    const LOOKS: u32 = 256;
    for _ in 0..LOOKS {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
        }
    }
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a launch has ended.
#[derive(Debug, Default)]
pub struct Ended {
    /// What trapped, and where, if something did.
    pub trapped: Option<(TrapCode, Location)>,
    /// What it has printed.
    pub printed: Printed,
}

/// What a launch has printed.
#[derive(Debug, Default)]
pub struct Printed {
    /// Records, one behind the other: see [`omp2wasi_abi::layout::printed`].
    pub records: Vec<u8>,
    /// How many there was no room for.
    pub lost: u32,
}

/// A launch under way.
pub trait Event {
    /// Waits for the launch to end, and for its ranges to have come back.
    ///
    /// # Errors
    /// When the driver says that the launch failed; [`DeviceError::Unforeseen`] if the record is [`omp2wasi_codegen::Kernel::UNFORESEEN`].
    fn wait(self: Box<Self>) -> Result<Ended, DeviceError>;
}
