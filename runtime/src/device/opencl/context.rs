//! Opens a device: gives it a context and queues of its own, and asks what it can do.
//!
//! Invariant: a queue is in order, so when one command has been done, so have all that were enqueued before it.

use super::discovery::Found;
use super::error::call;
use crate::device::{Capabilities, DeviceError, Features, Kind, OpenOptions};
use omp2wasi_codegen::Language;
use opencl3::command_queue::CommandQueue;
use opencl3::device::{CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT, Device};
use opencl3::types::cl_device_id;
use std::sync::OnceLock;

/// The number that the maker has among PCI devices, which OpenCL calls a vendor id.
const NVIDIA: u32 = 0x10de;

/// Which way bytes go.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    /// From the host's memory.
    ToDevice,
    /// To the host's memory.
    FromDevice,
}

/// An open device, as all of this back end uses it.
pub(super) struct Context {
    /// OpenCL's id of the device.
    pub id: cl_device_id,
    /// The device's name, and in parentheses its platform's.
    pub name: String,
    /// The device, to be asked about.
    pub device: Device,
    /// The context that its buffers and programs are made in.
    pub context: opencl3::context::Context,
    /// The queue of launches, and of copies to and from mirrors.
    pub queue: CommandQueue,
    /// The queues of copies beside launches, by [`Direction`], once there is one.
    beside: OnceLock<[CommandQueue; 2]>,
    /// The queue of commands on the memory of receipts, which have to be waited for at once: kernels in `queue` do not hold them up.
    pub side_queue: CommandQueue,
    /// What the device can do, less what the options take away.
    pub capabilities: Capabilities,
    /// Whether it is used as GPUs are: with work-groups, and with memory of its own. True for all devices but CPUs, and for those, too, if
    /// the user wants that ([`OpenOptions::like_gpu`]).
    pub is_used_as_gpu: bool,
}

// SAFETY: an id is a name that OpenCL gives out and never takes back; all its functions but the one that sets a kernel's arguments may be
// called from any thread at any time.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    /// Opens a device that has been found.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn open(found: &Found, options: &OpenOptions) -> Result<Self, DeviceError> {
        let device = Device::new(found.id);
        let context = call("cannot make a context", opencl3::context::Context::from_device(&device))?;
        let (queue, side_queue) = (make_queue(&context, found.id)?, make_queue(&context, found.id)?);
        let is_used_as_gpu = found.kind != Kind::Cpu || options.like_gpu;
        let mut capabilities = ask(&device, found.kind, is_used_as_gpu);
        capabilities.features.remove(options.without);
        Ok(Self {
            id: found.id,
            name: found.name.clone(),
            device,
            context,
            queue,
            beside: OnceLock::new(),
            side_queue,
            capabilities,
            is_used_as_gpu,
        })
    }

    /// The queue of copies beside launches.
    ///
    /// # Errors
    /// When the driver refuses to make it.
    pub fn beside(&self, direction: Direction) -> Result<&CommandQueue, DeviceError> {
        let queues = match self.beside.get() {
            Some(queues) => queues,
            None => {
                let queues = [make_queue(&self.context, self.id)?, make_queue(&self.context, self.id)?];
                // If another thread has been faster, these are dropped.
                self.beside.get_or_init(|| queues)
            }
        };
        Ok(&queues[direction as usize])
    }

    /// Waits for all that has been enqueued in `queue`, and for all copies beside it; `what` is what an error says.
    ///
    /// # Errors
    /// When the driver says that something failed.
    pub fn finish_all(&self, what: &'static str) -> Result<(), DeviceError> {
        let beside = self.beside.get().into_iter().flatten();
        let finished: Vec<_> = beside.chain([&self.queue]).map(|queue| call(what, queue.finish())).collect();
        finished.into_iter().collect()
    }

    /// Waits for all that has been enqueued in `queue`; `what` is what an error says.
    ///
    /// # Errors
    /// When the driver says that something in the queue failed.
    pub fn finish(&self, what: &'static str) -> Result<(), DeviceError> {
        call(what, self.queue.finish())
    }
}

/// Makes a queue in order.
fn make_queue(context: &opencl3::context::Context, device: cl_device_id) -> Result<CommandQueue, DeviceError> {
    // SAFETY: the device is the context's.
    call("cannot make a queue", unsafe { CommandQueue::create(context, device, 0) })
}

/// Bytes of the guard behind a mirror: as many as there are 32-bit addresses. So every access lies in the buffer whose constant offset
/// and size together are no more than the length of the mirror.
pub(super) const GUARD: usize = 1 << 32;
/// A guard takes no more than one part in so many of a device's memory; devices on which it would have none.
const GUARD_SHARE: u64 = 4;

/// Asks the driver what a device can do. What it does not answer counts as lacking.
fn ask(device: &Device, kind: Kind, is_used_as_gpu: bool) -> Capabilities {
    let extensions = device.extensions().unwrap_or_default();
    let has = |name: &str| extensions.split_whitespace().any(|extension| extension == name);
    let rounds = device.single_fp_config().unwrap_or(0) & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT != 0;
    let mut features = Features::empty();
    features.set(Features::FP64, has("cl_khr_fp64") || device.double_fp_config().unwrap_or(0) != 0);
    let has_atomics = has("cl_khr_int64_base_atomics") && has("cl_khr_int64_extended_atomics");
    features.set(Features::INT64_ATOMICS, has_atomics);
    features.set(Features::ROUNDED_DIVISION, rounds);
    let is_nvidia = kind == Kind::Gpu && device.vendor_id().is_ok_and(|vendor| vendor == NVIDIA);
    // Its compiler takes PTX, which has one: see `wall_time` in the text of kernels. OpenCL's own has no unit of time.
    features.set(Features::CLOCK, is_nvidia);
    let memory_size = device.global_mem_size().unwrap_or(0);
    let longest_buffer = device.max_mem_alloc_size().map_or(usize::MAX, |bytes| bytes as usize);
    let compute_units = device.max_compute_units().unwrap_or(1);
    // Its multiprocessors get a group each before one gets a second; of other makers' we do not know. One queue has one kernel under way.
    Capabilities {
        language: Language::OpenClC,
        features,
        compute_units,
        fences_groups: is_nvidia || kind == Kind::Cpu,
        groups_at_once: if is_nvidia { compute_units } else { 1 },
        memory_size,
        local_memory_size: device.local_mem_size().unwrap_or(0),
        has_guards: is_used_as_gpu && memory_size / GUARD_SHARE >= GUARD as u64 && longest_buffer > GUARD,
        longest_buffer,
        prefers_blocks: kind == Kind::Cpu,
    }
}
