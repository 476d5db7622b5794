//! The import module `wasi_ephemeral_parallel`: devices, buffers, and `parallel_for` (2021). `parallel_exec` (2022) is in `exec`.
//!
//! Every pointer, length and handle comes from the guest and is checked; a bad one is an errno, and a line on standard error
//! that names it.

use crate::config::Device;
use crate::cpu::member::{Member, interrupted, process};
use crate::cpu::spread::spread;
use crate::cpu::team::{Team, outcome};
use crate::device::{Failure, KernelSource};
use crate::imports::buffers::{DeviceHandle, Span};
use crate::memory::GuestMemory;
use crate::process::Process;
use omp2wasi_abi::imports::{self, Errno, WASI_PARALLEL};
use omp2wasi_abi::layout::KERNEL_FIXED_PARAMS;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmtime::{AsContextMut, Caller, FuncType, Linker, Store, Val, ValType};

pub(crate) fn add_to_linker(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(WASI_PARALLEL, imports::GET_DEVICE.name, |caller: Caller<'_, Member>, hint: i32, out: i32| {
        let process = process(&caller);
        let device = DeviceHandle::for_hint(hint, process.generation, || process.offload.num_devices() > 0) as u32;
        finish(&process, "get_device", store_handle(&process, out, device))
    })?;
    linker.func_wrap(
        WASI_PARALLEL,
        imports::CREATE_BUFFER.name,
        |caller: Caller<'_, Member>, device: i32, size: i32, access: i32, out: i32| {
            let process = process(&caller);
            let buffer = process.buffers.create(device, size, access);
            finish(&process, "create_buffer", buffer.and_then(|buffer| store_handle(&process, out, buffer as u32)))
        },
    )?;
    linker.func_wrap(
        WASI_PARALLEL,
        imports::WRITE_BUFFER.name,
        |caller: Caller<'_, Member>, data: i32, len: i32, buffer: i32| {
            let process = process(&caller);
            let result =
                memory(&process).and_then(|memory| process.buffers.write(memory, data as u32, len as u32, buffer));
            finish(&process, "write_buffer", result)
        },
    )?;
    linker.func_wrap(
        WASI_PARALLEL,
        imports::READ_BUFFER.name,
        |caller: Caller<'_, Member>, buffer: i32, data: i32, len: i32| {
            let process = process(&caller);
            let result =
                memory(&process).and_then(|memory| process.buffers.read(memory, buffer, data as u32, len as u32));
            finish(&process, "read_buffer", result)
        },
    )?;
    linker.func_wrap(
        WASI_PARALLEL,
        imports::PARALLEL_FOR.name,
        |mut caller: Caller<'_, Member>,
         kernel: i32,
         size: i32,
         block: i32,
         ins: i32,
         ins_len: i32,
         outs: i32,
         outs_len: i32| {
            let launch = Launch { size, block_size: block, buffers: [(ins, ins_len), (outs, outs_len)] };
            parallel_for(&mut caller, kernel as u32, &launch)
        },
    )?;
    Ok(())
}

/// What both generations' exec functions are given, beside the kernel.
pub(crate) struct Launch {
    pub size: i32,
    pub block_size: i32,
    /// Address and length of the lists of input and output buffers.
    pub buffers: [(i32, i32); 2],
}

impl Launch {
    /// The buffers, in order.
    pub(crate) fn resolve(&self, process: &Process) -> Result<Vec<Span>, Errno> {
        /// A wasm function has 1000 parameters at most.
        const MAX_BUFFERS: i32 = 498;
        let mut spans = Vec::new();
        for (list, len) in self.buffers {
            if len > MAX_BUFFERS {
                return Err(Errno::Inval);
            }
            for i in 0..u32::try_from(len).map_err(|_| Errno::Inval)? {
                let memory = memory(process)?;
                let at = i.checked_mul(4).and_then(|offset| (list as u32).checked_add(offset)).ok_or(Errno::Inval)?;
                let handle = memory.read_u32(at).ok_or(Errno::Inval)?;
                spans.push(process.buffers.resolve(memory, handle as i32)?);
            }
        }
        match spans.split_first() {
            Some((first, rest)) if rest.iter().any(|span| span.device != first.device) => Err(Errno::BadHandle),
            _ => Ok(spans),
        }
    }

    /// The parameters of a kernel after its thread id.
    pub(crate) fn parameters(&self, spans: &[Span]) -> Vec<Val> {
        let fixed = [self.size, self.block_size];
        let buffers = spans.iter().flat_map(|span| [span.address as i32, span.len as i32]);
        fixed.into_iter().chain(buffers).map(Val::I32).collect()
    }
}

/// Whether a function is a kernel for this many buffers.
pub(crate) fn is_kernel(ty: &FuncType, buffers: usize) -> bool {
    ty.results().len() == 0
        && ty.params().len() == KERNEL_FIXED_PARAMS + 2 * buffers
        && ty.params().all(|param| matches!(param, ValType::I32))
}

fn parallel_for(caller: &mut Caller<'_, Member>, kernel: u32, launch: &Launch) -> wasmtime::Result<i32> {
    let concurrent = caller.data().process.kernels.concurrent.binary_search(&kernel).is_ok();
    if concurrent && caller.data().process.device == Device::Cpu {
        return match team_buffer(caller, launch) {
            Some(buffer) => team(caller, kernel, launch, buffer),
            None => Ok(finish(&process(caller), "parallel_for", Err(Errno::Inval))),
        };
    }
    let process = process(caller);
    if concurrent && launch.size > 1 {
        // Its threads wait for one another; the shim never asks for this.
        return Ok(finish(&process, "parallel_for", Err(Errno::NoResources)));
    }
    let spans = match launch.resolve(&process) {
        Ok(spans) => spans,
        Err(errno) => return Ok(finish(&process, "parallel_for", Err(errno))),
    };
    if launch.size < 0 {
        return Ok(finish(&process, "parallel_for", Err(Errno::Inval)));
    }
    let fits =
        Member::function(&mut *caller, kernel).is_some_and(|function| is_kernel(&function.ty(&*caller), spans.len()));
    if !fits {
        process.refused("parallel_for", format_args!("table index {kernel} is no kernel for {} buffers", spans.len()));
        return Ok(Errno::BadKernel as i32);
    }
    if spans.first().is_some_and(|span| span.device == DeviceHandle::Accelerator) {
        let kernel = KernelSource::Slot(kernel);
        if let Some(result) = accelerated(&process, "parallel_for", kernel, launch, &spans)? {
            return Ok(result);
        }
    }
    let sequential = process.device == Device::Sequential
        || caller.data().inline
        || spans.first().is_some_and(|span| span.device == DeviceHandle::Sequential);
    let parameters = launch.parameters(&spans);
    if sequential || launch.size <= 1 {
        let outer = caller.data().thread;
        for id in 0..launch.size {
            caller.data_mut().thread = Some((id as u32, launch.size as u32));
            call(&mut *caller, kernel, id, &parameters)?;
        }
        caller.data_mut().thread = outer;
        return Ok(Errno::Success as i32);
    }
    independent(caller, &process, kernel, launch.size, &parameters)
}

/// Runs a kernel on the accelerator; `None` if it cannot run there, for a reason that is the kernel's.
pub(crate) fn accelerated(
    process: &Arc<Process>,
    function: &'static str,
    kernel: KernelSource,
    launch: &Launch,
    spans: &[Span],
) -> wasmtime::Result<Option<i32>> {
    let written = &spans[(launch.buffers[0].1 as usize).min(spans.len())..];
    let memory = memory(process).map_err(|_| wasmtime::Error::msg("buffers without a memory"))?;
    let size = (launch.size, launch.block_size);
    match process.watched(|| process.offload.launch_kernel(memory, kernel, size, spans, written)) {
        Ok(ran) => Ok(ran.then_some(Errno::Success as i32)),
        Err(Failure::Trap(error)) => Err(error),
        Err(Failure::Errno(errno, what)) => {
            process.refused(function, format_args!("{what} (errno {})", errno as i32));
            Ok(Some(errno as i32))
        }
    }
}

/// The one buffer of an OpenMP kernel. What it resolves to is kept: this is the hot path of every fork.
fn team_buffer(caller: &mut Caller<'_, Member>, launch: &Launch) -> Option<(i32, i32)> {
    let [(list, 1), (_, 0)] = launch.buffers else {
        return None;
    };
    let data = caller.data_mut();
    let memory = data.process.memory.as_ref()?;
    let handle = memory.word(list as u32)?.load(Ordering::Relaxed) as i32;
    let version = data.process.buffers.version();
    if let Some((last, at_version, address, len)) = data.last_buffer
        && last == handle
        && at_version == version
    {
        return Some((address as i32, len as i32));
    }
    let span = data.process.buffers.resolve(memory, handle).ok()?;
    data.last_buffer = Some((handle, version, span.address, span.len));
    Some((span.address as i32, span.len as i32))
}

/// Runs a kernel whose threads wait for one another: each gets a thread of its own.
fn team(caller: &mut Caller<'_, Member>, kernel: u32, launch: &Launch, buffer: (i32, i32)) -> wasmtime::Result<i32> {
    let size = match u32::try_from(launch.size) {
        Ok(size) if size > 0 => size,
        _ => return Ok(finish(&process(caller), "parallel_for", Err(Errno::Inval))),
    };
    let data = caller.data_mut();
    let depth = data.depth;
    if data.teams.len() == depth {
        data.teams.push(None);
    }
    let mut team = data.teams[depth].take().unwrap_or_else(|| Box::new(Team::new(&data.process, data.level + depth)));
    if let Err(error) = team.ensure(size) {
        data.process.refused("parallel_for", format_args!("{error}"));
        data.teams[depth] = Some(team);
        return Ok(Errno::NoResources as i32);
    }
    let outer = (data.thread, data.place);
    data.place = team.bind(data.proc_bind, size, data.place, data.level + depth);
    data.thread = Some((0, size));
    data.depth += 1;
    team.fork(kernel, size, launch.block_size, buffer);
    let arguments = (0, launch.size, launch.block_size, buffer.0, buffer.1);
    let result =
        Member::call_kernel(&mut *caller, kernel, arguments).and_then(|()| team.join(size).map_err(interrupted));
    let data = caller.data_mut();
    if result.is_ok() {
        // After a failure the frames above unwind, and the trap's report names this thread.
        (data.thread, data.place) = outer;
    }
    data.depth = depth;
    data.teams[depth] = Some(team);
    result.map(|()| Errno::Success as i32)
}

/// Runs a kernel whose threads know nothing of one another, on as many instances as there are processors.
fn independent(
    caller: &mut Caller<'_, Member>,
    process: &Arc<Process>,
    kernel: u32,
    size: i32,
    parameters: &[Val],
) -> wasmtime::Result<i32> {
    let globals = read_globals(caller, process);
    let start = || {
        let (mut store, _) = Member::start(process)?;
        store.data_mut().inline = true;
        write_globals(&mut store, process, &globals)?;
        Ok(store)
    };
    let iterate = |store: &mut Store<Member>, id: i32| {
        let thread = Some((id as u32, size as u32));
        store.data_mut().thread = thread;
        call(&mut *store, kernel, id, parameters).inspect_err(|error| process.end(|| outcome(error, thread)))
    };
    spread(size, process.num_procs, start, iterate)?;
    Ok(Errno::Success as i32)
}

fn call(mut store: impl AsContextMut<Data = Member>, kernel: u32, id: i32, parameters: &[Val]) -> wasmtime::Result<()> {
    let function = Member::function(&mut store, kernel)
        .ok_or_else(|| wasmtime::Error::msg(format!("table index {kernel} is not a kernel in every instance")))?;
    let arguments: Vec<Val> = std::iter::once(Val::I32(id)).chain(parameters.iter().cloned()).collect();
    function.call(store, &arguments, &mut [])
}

/// The values of the module's own globals, which its kernels expect to see.
fn read_globals(caller: &mut Caller<'_, Member>, process: &Process) -> Vec<Val> {
    let Some(instance) = caller.data().instance() else {
        return Vec::new();
    };
    let names = &process.kernels.shared_globals;
    names.iter().filter_map(|name| Some(instance.get_global(&mut *caller, name)?.get(&mut *caller))).collect()
}

fn write_globals(store: &mut Store<Member>, process: &Process, values: &[Val]) -> wasmtime::Result<()> {
    let Some(instance) = store.data().instance() else {
        return Ok(());
    };
    for (name, value) in process.kernels.shared_globals.iter().zip(values) {
        if let Some(global) = instance.get_global(&mut *store, name) {
            global.set(&mut *store, *value)?;
        }
    }
    Ok(())
}

pub(crate) fn memory(process: &Process) -> Result<&GuestMemory, Errno> {
    process.memory.as_ref().ok_or(Errno::Inval)
}

fn store_handle(process: &Process, out: i32, handle: u32) -> Result<(), Errno> {
    memory(process)?.write_u32(out as u32, handle).ok_or(Errno::Inval)
}

/// The errno of a call; a bad one is named on standard error.
pub(crate) fn finish(process: &Process, function: &'static str, result: Result<(), Errno>) -> i32 {
    let Err(errno) = result else {
        return Errno::Success as i32;
    };
    let what = match errno {
        Errno::Inval => "a pointer, length or argument is out of range",
        Errno::BadHandle => "no such device or buffer, or buffers of different devices",
        Errno::BadKernel => "no such kernel",
        Errno::NoResources => "out of memory, threads or handles",
        Errno::Success => "",
    };
    process.refused(function, format_args!("{what} (errno {})", errno as i32));
    errno as i32
}
