//! Builds the entry points of kernels, and sets the arguments that they are given.
//!
//! Invariant: an entry point's recorded arguments are those that OpenCL has for it. OpenCL keeps arguments from launch to launch, so only
//! those are set that have changed.

use super::context::Context;
use super::error::call;
use super::program_cache::{ProgramCache, Which};
use super::tuning::Tuning;
use crate::device::kernels::{Kernel, check};
use crate::device::{DeviceError, Launch};
use omp2wasi_codegen::{Artifact, Param, Ty};
use opencl3::kernel::Kernel as ClKernel;
use opencl3::types::cl_mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A buffer's unique id in this process. OpenCL reuses the handles of buffers that have been released, so a handle cannot tell whether
/// an argument has changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct BufferId(u64);

impl BufferId {
    /// An id that no other buffer of this process has.
    pub fn new() -> Self {
        // Relaxed: all that matters is that no two calls get the same number.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A buffer as an argument. The handle is valid as long as the mirror, receipt or launcher that it comes from keeps the buffer.
#[derive(Clone, Copy)]
pub(super) struct BufferArgument {
    /// OpenCL's handle.
    pub handle: cl_mem,
    /// The id of the buffer.
    pub id: BufferId,
}

/// A kernel that has been built for the device, and what has been seen of its launches. What launches need is built when one first does:
/// of the two programs that some kernels are, most programs need the special one alone.
#[derive(Default)]
pub(super) struct Built {
    /// [`Artifact::ENTRY`], which serves all launches.
    general: Option<Program>,
    /// [`Artifact::ONE_EACH`], [`Artifact::TILES`] or [`Artifact::WIDE`].
    special: Option<Program>,
    /// Which shape of work-groups is the fastest.
    pub tuning: Tuning,
    /// How long the latest launch took that was alone on the device.
    pub latest: Option<Duration>,
}

impl Built {
    /// A kernel, with what its first launch will probably need.
    ///
    /// # Errors
    /// When the device lacks what the kernel needs, or its compiler refuses the text.
    pub fn new(context: &Context, cache: &ProgramCache, kernel: &Kernel) -> Result<Self, DeviceError> {
        check(&kernel.facts, &context.name, context.capabilities.features)?;
        let mut built = Self::default();
        built.program(context, cache, kernel, kernel.artifact.entries.has_special())?;
        Ok(built)
    }

    /// The special program or the general one, built if it is not.
    ///
    /// # Errors
    /// When the device's compiler refuses the text.
    pub fn program(
        &mut self,
        context: &Context,
        cache: &ProgramCache,
        kernel: &Kernel,
        is_special: bool,
    ) -> Result<&mut Program, DeviceError> {
        let program = if is_special { &mut self.special } else { &mut self.general };
        match program {
            Some(program) => Ok(program),
            None => Ok(program.insert(Program::new(context, cache, kernel, is_special)?)),
        }
    }
}

/// Entry points that are built together.
pub(super) struct Program {
    /// The one that shares out the iterations.
    pub main: Entry,
    /// The one that finishes a reduction after it ([`Artifact::REDUCE`]).
    pub reduce: Option<Entry>,
    /// The number of work-items of the largest work-group that both can have.
    pub group: usize,
}

impl Program {
    fn new(context: &Context, cache: &ProgramCache, kernel: &Kernel, is_special: bool) -> Result<Self, DeviceError> {
        let compares = kernel.artifact.params.contains(&Param::TrapRecord) && !kernel.artifact.entries.reduce;
        let which = Which { is_special, compares };
        let program = cache.build(context, &kernel.artifact.text, which)?;
        let entry = |name| {
            let kernel = call("the entry point is not there", ClKernel::create(&program, name))?;
            Ok(Entry { kernel, arguments: Vec::new() })
        };
        let points = kernel.artifact.entries;
        let main = match is_special {
            true if points.tiles => entry(Artifact::TILES)?,
            true if points.wide => entry(Artifact::WIDE)?,
            true => entry(Artifact::ONE_EACH)?,
            false => entry(Artifact::ENTRY)?,
        };
        let reduce = points.reduce.then(|| entry(Artifact::REDUCE)).transpose()?;
        // On a CPU each item is a group of its own: the items of one share a thread there.
        let longest = |entry: &Entry| match context.is_used_as_gpu {
            true => entry.kernel.get_work_group_size(context.id).unwrap_or(1).max(1),
            false => 1,
        };
        let group = [Some(&main), reduce.as_ref()].into_iter().flatten().map(longest).min().unwrap_or(1);
        Ok(Self { main, reduce, group: group.min(kernel.artifact.longest_group) })
    }
}

/// An entry point, and the arguments that it has been given.
pub(super) struct Entry {
    /// OpenCL's kernel.
    pub kernel: ClKernel,
    /// What its arguments have been set to, by index.
    arguments: Vec<Argument>,
}

/// An argument's bytes, and 0 behind them; of a buffer, its handle and its id.
type Argument = [u8; 16];

/// The buffers that entry points are given.
#[derive(Clone, Copy)]
pub(super) struct Buffers {
    /// The memory that the kernel works on.
    pub mirror: BufferArgument,
    /// Bytes of the mirror.
    pub len: usize,
    /// The trap record.
    pub record: BufferArgument,
    /// What is marked as written, for kernels that do that.
    pub marks: Option<BufferArgument>,
    /// Room for accumulators, for kernels that need it.
    pub partials: Option<BufferArgument>,
    /// The locks of critical sections, likewise.
    pub locks: Option<BufferArgument>,
    /// What a team shares that is several work-groups, likewise.
    pub team: Option<BufferArgument>,
    /// Room for what is printed, likewise.
    pub printed: Option<BufferArgument>,
}

impl Entry {
    /// Sets all arguments: `count` work-items of the range do something, for `num_threads` threads.
    ///
    /// # Errors
    /// When the launch has fewer arguments than the kernel takes, or the driver refuses one.
    pub fn set_arguments(
        &mut self,
        launch: &Launch,
        buffers: &Buffers,
        (count, num_threads): (u32, u32),
    ) -> Result<(), DeviceError> {
        let mut setter = Setter { entry: self, index: 0 };
        let mut globals = launch.globals.iter();
        for param in &launch.kernel.artifact.params {
            match param {
                Param::Memory => setter.buffer(buffers.mirror)?,
                Param::MemorySize => setter.set(buffers.len as u64)?,
                Param::TrapRecord => setter.buffer(buffers.record)?,
                Param::Marks => setter.buffer(buffers.marks.ok_or(DeviceError::Arguments)?)?,
                Param::FirstThread => setter.set(0u32)?,
                Param::Count => setter.set(count)?,
                Param::NumThreads => setter.set(num_threads)?,
                Param::BlockSize => setter.set(launch.geometry.block)?,
                Param::Device => setter.set(launch.device)?,
                Param::Devices => setter.set(launch.devices)?,
                Param::Locks => setter.buffer(buffers.locks.ok_or(DeviceError::Arguments)?)?,
                Param::Team => setter.buffer(buffers.team.ok_or(DeviceError::Arguments)?)?,
                Param::Printed => setter.buffer(buffers.printed.ok_or(DeviceError::Arguments)?)?,
                Param::Partials => setter.buffer(buffers.partials.ok_or(DeviceError::Arguments)?)?,
                Param::Parameter(number) => {
                    setter.set(*launch.parameters.get(*number).ok_or(DeviceError::Arguments)?)?
                }
                Param::Global(_, ty) => {
                    let bits = *globals.next().ok_or(DeviceError::Arguments)?;
                    match ty {
                        Ty::I32 | Ty::F32 => setter.set(bits as u32)?,
                        Ty::I64 | Ty::F64 => setter.set(bits as u64)?,
                        Ty::V128 => setter.set(bits)?,
                    }
                }
            };
        }
        Ok(())
    }
}

/// Sets the arguments of an entry point, one after the other, unless they have been set.
struct Setter<'k> {
    entry: &'k mut Entry,
    index: usize,
}

impl Setter<'_> {
    fn buffer(&mut self, buffer: BufferArgument) -> Result<&mut Self, DeviceError> {
        let known = u128::from(buffer.id.0) << 64 | buffer.handle.addr() as u128;
        self.set_as(known.to_le_bytes(), &buffer.handle)
    }

    fn set<T: Into<u128> + Copy>(&mut self, argument: T) -> Result<&mut Self, DeviceError> {
        self.set_as(argument.into().to_le_bytes(), &argument)
    }

    fn set_as<T>(&mut self, known: Argument, argument: &T) -> Result<&mut Self, DeviceError> {
        let Entry { kernel, arguments } = &mut *self.entry;
        if arguments.get(self.index) != Some(&known) {
            // SAFETY: number and types of the arguments are those of the text, see `Kernel`; OpenCL compares their sizes. No other
            // thread sets arguments of this kernel now: the entry is borrowed.
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
