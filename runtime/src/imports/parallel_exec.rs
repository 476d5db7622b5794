//! `parallel_exec` (2022): the kernel is a module in guest memory.
//!
//! It exports a function `kernel` and imports one shared memory, which is the program's own. Its iterations know nothing of one
//! another; they are spread over the processors, with one instance for each thread.

use crate::config::Device;
use crate::cpu::member::{Member, process};
use crate::cpu::spread::spread;
use crate::cpu::team::outcome;
use crate::device::KernelSource;
use crate::imports::buffers::{DeviceHandle, Span};
use crate::imports::parallel_for::{Launch, accelerated, finish, is_kernel, memory};
use crate::process::Process;
use omp2wasi_abi::imports::{Errno, PARALLEL_EXEC, WASI_PARALLEL};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use wasmtime::{Caller, Extern, ExternType, Func, Instance, Linker, Module, Store, Val};

/// Kernel modules that have been compiled, by their bytes.
#[derive(Default)]
pub(crate) struct KernelCache(Mutex<HashMap<Vec<u8>, Module>>);

pub(crate) fn add_to_linker(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(
        WASI_PARALLEL,
        PARALLEL_EXEC.name,
        |caller: Caller<'_, Member>,
         device: i32,
         kernel: i32,
         kernel_len: i32,
         iterations: i32,
         block: i32,
         ins: i32,
         ins_len: i32,
         outs: i32,
         outs_len: i32| {
            let process = process(&caller);
            let launch = Launch { size: iterations, block_size: block, buffers: [(ins, ins_len), (outs, outs_len)] };
            match prepare(&process, device, (kernel as u32, kernel_len as u32), &launch) {
                Ok((sequential, module, spans)) => {
                    if DeviceHandle::from_guest(device) == Some(DeviceHandle::Accelerator)
                        && let Some(bytes) =
                            process.memory.as_ref().and_then(|memory| memory.read(kernel as u32, kernel_len as u32))
                        && let Some(result) =
                            accelerated(&process, "parallel_exec", KernelSource::Module(bytes), &launch, &spans)?
                    {
                        return Ok(result);
                    }
                    run(&process, &module, sequential || caller.data().inline, &launch, &spans)
                }
                Err(errno) => Ok(finish(&process, "parallel_exec", Err(errno))),
            }
        },
    )?;
    Ok(())
}

/// Checks everything that the guest gave.
fn prepare(
    process: &Process,
    device: i32,
    (kernel, len): (u32, u32),
    launch: &Launch,
) -> Result<(bool, Module, Vec<Span>), Errno> {
    let device = DeviceHandle::from_guest(device).ok_or(Errno::BadHandle)?;
    if launch.size < 0 {
        return Err(Errno::Inval);
    }
    let spans = launch.resolve(process)?;
    if spans.iter().any(|span| span.device != device) {
        return Err(Errno::BadHandle);
    }
    let bytes = memory(process)?.read(kernel, len).ok_or(Errno::Inval)?;
    let module = compile(process, bytes)?;
    check(process, &module, spans.len())?;
    Ok((device == DeviceHandle::Sequential || process.device == Device::Sequential, module, spans))
}

/// How many compiled kernel modules are kept.
const MAX_CACHED: usize = 64;

fn compile(process: &Process, bytes: Vec<u8>) -> Result<Module, Errno> {
    let cache = || process.kernel_cache.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = cache().get(&bytes) {
        return Ok(module.clone());
    }
    // Not under the lock: others may need it meanwhile, and two that compile the same do no harm.
    match Module::from_binary(&process.engine, &bytes) {
        Ok(module) => {
            let mut cache = cache();
            if cache.len() >= MAX_CACHED {
                cache.clear();
            }
            cache.insert(bytes, module.clone());
            Ok(module)
        }
        Err(error) => {
            process.refused("parallel_exec", format_args!("the kernel module is not valid: {error:#}"));
            Err(Errno::BadKernel)
        }
    }
}

/// A kernel module imports a memory at most, and exports `kernel` with two parameters for each buffer.
fn check(process: &Process, module: &Module, buffers: usize) -> Result<(), Errno> {
    let refuse = |why: String| {
        process.refused("parallel_exec", format_args!("the kernel module {why}"));
        Err(Errno::BadKernel)
    };
    for import in module.imports() {
        if !matches!(import.ty(), ExternType::Memory(_)) {
            return refuse(format!("imports `{}.{}`; only the memory can be imported", import.module(), import.name()));
        }
    }
    let Some(ExternType::Func(ty)) = module.get_export("kernel") else {
        return refuse("exports no function `kernel`".to_owned());
    };
    if !is_kernel(&ty, buffers) {
        return refuse(format!("exports a `kernel` that does not take 3 + 2 × {buffers} i32 parameters"));
    }
    Ok(())
}

fn run(process: &Process, module: &Module, sequential: bool, launch: &Launch, spans: &[Span]) -> wasmtime::Result<i32> {
    let parameters = launch.parameters(spans);
    let iterate = |(store, kernel): &mut (Store<()>, Func), id: i32| {
        let arguments: Vec<Val> = std::iter::once(Val::I32(id)).chain(parameters.iter().cloned()).collect();
        let thread = Some((id as u32, launch.size as u32));
        kernel.call(store, &arguments, &mut []).inspect_err(|error| process.end(|| outcome(error, thread)))
    };
    let mut first = match instantiate(process, module) {
        Ok(first) => first,
        Err(message) => {
            process.refused("parallel_exec", format_args!("the kernel module cannot be instantiated: {message}"));
            return Ok(Errno::BadKernel as i32);
        }
    };
    if sequential {
        (0..launch.size).try_for_each(|id| iterate(&mut first, id))?;
    } else {
        let start = || instantiate(process, module).map_err(wasmtime::Error::msg);
        spread(launch.size, process.num_procs, start, iterate)?;
    }
    Ok(Errno::Success as i32)
}

fn instantiate(process: &Process, module: &Module) -> Result<(Store<()>, Func), String> {
    let mut store = Store::new(&process.engine, ());
    let imports: Vec<Extern> = module
        .imports()
        .filter_map(|_| Some(Extern::SharedMemory(process.memory.as_ref()?.shared().clone())))
        .collect();
    let instance = Instance::new(&mut store, module, &imports).map_err(|error| format!("{error:#}"))?;
    let kernel = instance.get_func(&mut store, "kernel").ok_or("it exports no function `kernel`")?;
    Ok((store, kernel))
}
