//! The import module `wasi_ephemeral_parallel`: devices, buffers, and `parallel_for` (2021). `parallel_exec` (2022) is in the module of
//! that name.
//!
//! Invariant: whatever the guest gives, it gets an errno; only a kernel's own trap or exit ends the program.

use super::define::{HostLinker, define, define_with};
use crate::config::Execution;
use crate::cpu::kernel_call::is_kernel;
use crate::cpu::member::{Member, ResolvedBuffer, interrupted};
use crate::cpu::table_kernel;
use crate::cpu::team::{self, ForkError, Region};
use crate::cpu::wait::Interrupted;
use crate::device::Event;
use crate::device::kernels::KernelSource;
use crate::device::offload::Failure;
use crate::engine::native::member::is_current;
use crate::imports::buffers::{BufferView, DeviceHandle};
use crate::limits::OutOfMemory;
use crate::memory::GuestMemory;
use crate::process::Process;
use omp2wasi_abi::imports::{self, Errno, carrying};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmtime::{ExternType, Module, StoreContextMut, ValType};

/// Defines the functions of wasi-parallel, but for `parallel_exec`.
///
/// # Errors
/// When a linker refuses a definition, as it does if there is one of the same name.
pub(crate) fn add_to_linker(linker: &mut HostLinker) -> wasmtime::Result<()> {
    define(linker, &imports::GET_DEVICE, |caller, [hint, device_out]| {
        let process = &caller.data().process;
        let has_accelerator = || process.offload.num_devices() > 0;
        let device = DeviceHandle::for_hint(hint as i32, process.generation, has_accelerator);
        answer(process, "get_device", store_handle(process, device_out, device as u32))
    })?;
    define(linker, &imports::CREATE_BUFFER, |caller, [device, size, access, buffer_out]| {
        let process = &caller.data().process;
        let buffer = process.buffers.create(device as i32, size as i32, access as i32);
        let stored = buffer.and_then(|buffer| store_handle(process, buffer_out, buffer as u32));
        answer(process, "create_buffer", stored)
    })?;
    define(linker, &imports::WRITE_BUFFER, |caller, [data, data_len, buffer]| {
        let process = &caller.data().process;
        let written = memory(process).and_then(|memory| process.buffers.write(memory, data, data_len, buffer as i32));
        answer(process, "write_buffer", written)
    })?;
    define(linker, &imports::READ_BUFFER, |caller, [buffer, data, data_len]| {
        let process = &caller.data().process;
        let read = memory(process).and_then(|memory| process.buffers.read(memory, buffer as i32, data, data_len));
        answer(process, "read_buffer", read)
    })?;
    define(linker, &imports::PARALLEL_FOR, parallel_for)
}

/// Defines `parallel_for` as a module imports it whose forks carry the values of globals, if it does.
///
/// # Errors
/// When a linker refuses a definition, as it does if there is one of the same name.
pub(crate) fn add_carrying(linker: &mut HostLinker, module: &Module) -> wasmtime::Result<()> {
    let function = &imports::Function { module: carrying::MODULE, ..imports::PARALLEL_FOR };
    let import = module.imports().find(|import| import.module() == carrying::MODULE && import.name() == function.name);
    let Some(ExternType::Func(ty)) = import.map(|import| import.ty()) else { return Ok(()) };
    let globals: Arc<[ValType]> = ty.params().skip(function.params.len()).collect();
    define_with(linker, function, &globals.clone(), move |store, given, values| {
        let member = store.data_mut();
        // Native code has its own.
        if member.process.native.is_some() && !is_current(member) {
            member.carried.set(&globals, values);
        }
        let result = parallel_for(store, given);
        store.data_mut().carried.forget();
        result
    })
}

/// `parallel_for`.
fn parallel_for(
    caller: &mut StoreContextMut<'_, Member>,
    [kernel, num_threads, block_size, ins, ins_len, outs, outs_len]: [u32; 7],
) -> wasmtime::Result<Errno> {
    let arguments = ExecArguments {
        num_threads: num_threads as i32,
        block_size: block_size as i32,
        buffers: [(ins, ins_len as i32), (outs, outs_len as i32)],
    };
    let process = &caller.data().process;
    let concurrent = process.kernels.concurrent.binary_search(&kernel).is_ok();
    if concurrent && process.execution == Execution::Parallel {
        concurrent_threads(caller, kernel, &arguments)
    } else {
        independent_threads(caller, kernel, &arguments, concurrent)
    }
}

/// What both generations' exec functions are given, beside the kernel.
pub(crate) struct ExecArguments {
    /// Threads (2021) or iterations (2022).
    pub num_threads: i32,
    /// The block size, which kernels are given as it is.
    pub block_size: i32,
    /// Address and length of the lists of input and output buffers.
    pub buffers: [(u32, i32); 2],
}

impl ExecArguments {
    /// The buffers, in order: they must be there, and all on one device.
    pub(crate) fn resolve(&self, process: &Process) -> Result<Vec<BufferView>, Errno> {
        /// A wasm function has 1000 parameters at most.
        const MAX_BUFFERS: i32 = 498;
        let mut views = Vec::new();
        for (list, len) in self.buffers {
            if len > MAX_BUFFERS {
                return Err(Errno::Inval);
            }
            for i in 0..u32::try_from(len).map_err(|_| Errno::Inval)? {
                let memory = memory(process)?;
                let at = i.checked_mul(4).and_then(|offset| list.checked_add(offset)).ok_or(Errno::Inval)?;
                let handle = memory.read_u32(at).ok_or(Errno::Inval)?;
                views.push(process.buffers.resolve(memory, handle as i32)?);
            }
        }
        match views.split_first() {
            Some((first, rest)) if rest.iter().any(|view| view.device != first.device) => Err(Errno::BadHandle),
            _ => Ok(views),
        }
    }

    /// The parameters of a kernel after its thread id.
    pub(crate) fn parameters(&self, views: &[BufferView]) -> Vec<i32> {
        let fixed = [self.num_threads, self.block_size];
        let buffers = views.iter().flat_map(|view| [view.address as i32, view.len as i32]);
        fixed.into_iter().chain(buffers).collect()
    }
}

/// A kernel whose threads wait for one another (the manifest says so): a parallel region of OpenMP. Each thread gets one of a team's.
fn concurrent_threads(
    caller: &mut StoreContextMut<'_, Member>,
    kernel: u32,
    arguments: &ExecArguments,
) -> wasmtime::Result<Errno> {
    if caller.data().instance().is_none() {
        // Each member of the team would run the start function, and fork again.
        caller.data().process.refused("parallel_for", "a start function cannot fork (errno 3)");
        return Ok(Errno::BadKernel);
    }
    let size = u32::try_from(arguments.num_threads).ok().filter(|size| *size > 0);
    let (Some(buffer), Some(size)) = (team_buffer(caller, arguments), size) else {
        return Ok(answer(&caller.data().process, "parallel_for", Err(Errno::Inval)));
    };
    match team::fork(caller, &Region { kernel, block_size: arguments.block_size, buffer }, size) {
        Ok(()) => Ok(Errno::Success),
        Err(ForkError::Guest(error)) => Err(error),
        Err(ForkError::Threads(error)) => {
            // Not each time: the shim asks for fewer then, in every region.
            let process = &caller.data().process;
            if !process.is_short_of_threads.swap(true, Ordering::Relaxed) {
                process.refused("parallel_for", format_args!("{error}; teams get fewer threads (said once)"));
            }
            Ok(Errno::NoResources)
        }
    }
}

/// The one buffer of an OpenMP kernel, as address and length. What it resolves to is kept: this is the hot path of every fork.
fn team_buffer(caller: &mut StoreContextMut<'_, Member>, arguments: &ExecArguments) -> Option<(i32, i32)> {
    let [(list, 1), (_, 0)] = arguments.buffers else {
        return None;
    };
    let data = caller.data_mut();
    let memory = data.process.memory.as_ref()?;
    // Relaxed: the guest's own store, or else it gets what it wrote.
    let handle = memory.word(list)?.load(Ordering::Relaxed) as i32;
    let version = data.process.buffers.version();
    if let Some(last) = &data.last_buffer
        && (last.handle, last.version) == (handle, version)
    {
        return Some(last.contents);
    }
    let view = data.process.buffers.resolve(memory, handle).ok()?;
    let contents = (view.address as i32, view.len as i32);
    data.last_buffer = Some(ResolvedBuffer { handle, version, contents });
    Some(contents)
}

/// A kernel whose threads know nothing of one another, or one that has a single thread.
fn independent_threads(
    caller: &mut StoreContextMut<'_, Member>,
    kernel: u32,
    arguments: &ExecArguments,
    concurrent: bool,
) -> wasmtime::Result<Errno> {
    let process = Arc::clone(&caller.data().process);
    let refuse = |errno| Ok(answer(&process, "parallel_for", Err(errno)));
    if concurrent && arguments.num_threads > 1 {
        // Its threads wait for one another; the shim never asks for this.
        return refuse(Errno::NoResources);
    }
    let views = match arguments.resolve(&process) {
        Ok(views) => views,
        Err(errno) => return refuse(errno),
    };
    let Ok(size) = u32::try_from(arguments.num_threads) else {
        return refuse(Errno::Inval);
    };
    let fits =
        Member::function(&mut *caller, kernel).is_some_and(|function| is_kernel(&function.ty(&*caller), views.len()));
    if !fits {
        let reason = format_args!("table index {kernel} is no kernel for {} buffers", views.len());
        process.refused("parallel_for", reason);
        return Ok(Errno::BadKernel);
    }
    let device = views.first().map(|view| view.device);
    if device == Some(DeviceHandle::Accelerator)
        && let Some(errno) = accelerated(&process, "parallel_for", KernelSource::Table(kernel), arguments, &views)?
    {
        return Ok(errno);
    }
    let parameters = arguments.parameters(&views);
    let in_order = process.execution == Execution::Sequential
        || caller.data().inline
        || device == Some(DeviceHandle::Sequential)
        || size <= 1;
    if in_order {
        table_kernel::run_in_order(caller, kernel, size, &parameters)?;
    } else {
        match table_kernel::run(caller, &process, kernel, size, parameters) {
            Err(error) if error.is::<OutOfMemory>() => {
                process.refused("parallel_for", error);
                return Ok(Errno::NoResources);
            }
            ended => ended?,
        }
    }
    Ok(Errno::Success)
}

/// Runs a kernel on the accelerator; `None` if it cannot run there, for a reason that is the kernel's.
pub(crate) fn accelerated(
    process: &Arc<Process>,
    function: &'static str,
    kernel: KernelSource,
    arguments: &ExecArguments,
    views: &[BufferView],
) -> wasmtime::Result<Option<Errno>> {
    let written = &views[(arguments.buffers[0].1 as usize).min(views.len())..];
    let memory = memory(process).map_err(|_| wasmtime::Error::msg("buffers without a memory"))?;
    let size = (arguments.num_threads, arguments.block_size);
    let wait = |event: Box<dyn Event + '_>| process.watched(|| event.wait());
    match process.offload.launch_kernel(memory, kernel, size, [views, written], wait) {
        Ok(ran) => Ok(ran.then_some(Errno::Success)),
        Err(Failure::Trap(error)) => Err(error),
        Err(Failure::Ending) => Err(interrupted(Interrupted)),
        Err(Failure::Errno(errno, what)) => {
            process.refused(function, format_args!("{what} (errno {})", errno as i32));
            Ok(Some(errno))
        }
    }
}

/// The program's memory, for functions that can do nothing without.
pub(crate) fn memory(process: &Process) -> Result<&GuestMemory, Errno> {
    process.memory.as_ref().ok_or(Errno::Inval)
}

fn store_handle(process: &Process, out: u32, handle: u32) -> Result<(), Errno> {
    memory(process)?.write_u32(out, handle).ok_or(Errno::Inval)
}

/// The errno of a call; what is wrong is reported, too.
pub(crate) fn answer(process: &Process, function: &'static str, result: Result<(), Errno>) -> Errno {
    let Err(errno) = result else {
        return Errno::Success;
    };
    let what = match errno {
        Errno::Inval => "a pointer, length or argument is out of range",
        Errno::BadHandle => "no such device or buffer, or buffers of different devices",
        Errno::BadKernel => "no such kernel",
        Errno::NoResources => "out of memory, threads or handles",
        Errno::Success => "",
    };
    process.refused(function, format_args!("{what} (errno {})", errno as i32));
    errno
}
