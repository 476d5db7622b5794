//! `parallel_exec` (2022): the kernel is a module in guest memory.
//!
//! It exports a function `kernel` and imports one shared memory, which is the program's own. Its iterations know nothing of one
//! another.
//!
//! Invariant: a kernel module gets nothing but that memory.

use super::define::{HostLinker, define};
use crate::config::Execution;
use crate::cpu::independent::{self, IndependentKernel};
use crate::cpu::kernel_module::{KernelModule, MAX_SIZE, ModuleKernel, NoModule};
use crate::cpu::member::{Member, interrupted};
use crate::cpu::stack;
use crate::cpu::wait::Interrupted;
use crate::device::kernels::KernelSource;
use crate::imports::buffers::{BufferView, DeviceHandle};
use crate::imports::parallel_for::{ExecArguments, accelerated, answer, memory};
use crate::limits::OutOfMemory;
use crate::process::Process;
use omp2wasi_abi::imports::{Errno, PARALLEL_EXEC};
use std::sync::Arc;
use wasmtime::StoreContextMut;

/// Defines `parallel_exec`.
///
/// # Errors
/// When a linker refuses the definition, as it does if there is one of the same name.
pub(crate) fn add_to_linker(linker: &mut HostLinker) -> wasmtime::Result<()> {
    define(
        linker,
        &PARALLEL_EXEC,
        |caller, [device, kernel, kernel_len, num_iterations, block_size, ins, ins_len, outs, outs_len]| {
            let arguments = ExecArguments {
                num_threads: num_iterations as i32,
                block_size: block_size as i32,
                buffers: [(ins, ins_len as i32), (outs, outs_len as i32)],
            };
            stack::check()?;
            let process = Arc::clone(&caller.data().process);
            let request = match Request::new(&process, device as i32, (kernel, kernel_len), &arguments) {
                Ok(request) => request,
                Err(errno) => return Ok(answer(&process, "parallel_exec", Err(errno))),
            };
            if request.device == DeviceHandle::Accelerator {
                let kernel = KernelSource::Module(Arc::clone(&request.module.bytes));
                if let Some(errno) = accelerated(&process, "parallel_exec", kernel, &arguments, &request.views)? {
                    return Ok(errno);
                }
            }
            run(caller, &process, request, &arguments)
        },
    )
}

/// A call, checked.
struct Request {
    device: DeviceHandle,
    iterations: u32,
    module: Arc<KernelModule>,
    views: Vec<BufferView>,
}

impl Request {
    /// Checks everything that the guest gave.
    fn new(
        process: &Process,
        device: i32,
        (kernel, len): (u32, u32),
        arguments: &ExecArguments,
    ) -> Result<Self, Errno> {
        let device = DeviceHandle::from_guest(device).ok_or(Errno::BadHandle)?;
        let iterations = u32::try_from(arguments.num_threads).map_err(|_| Errno::Inval)?;
        let views = arguments.resolve(process)?;
        if views.iter().any(|view| view.device != device) {
            return Err(Errno::BadHandle);
        }
        memory(process)?.bytes(kernel, len).ok_or(Errno::Inval)?;
        if len > MAX_SIZE {
            process.refused("parallel_exec", format_args!("the kernel module has more than {MAX_SIZE} bytes"));
            return Err(Errno::NoResources);
        }
        let bytes = memory(process)?.read(kernel, len).ok_or(Errno::Inval)?;
        let module = process.kernel_modules.get(process, &bytes);
        let check = |module: Arc<KernelModule>| module.check(views.len()).map(|()| module).map_err(NoModule::Bad);
        let module = module.and_then(check).map_err(|why| match why {
            NoModule::Bad(reason) => {
                process.refused("parallel_exec", format_args!("the kernel module {reason}"));
                Errno::BadKernel
            }
            NoModule::NoRoom => Errno::NoResources,
        })?;
        Ok(Self { device, iterations, module, views })
    }
}

/// Runs the iterations on the CPU.
fn run(
    caller: &mut StoreContextMut<'_, Member>,
    process: &Arc<Process>,
    request: Request,
    arguments: &ExecArguments,
) -> wasmtime::Result<Errno> {
    let in_order = request.device == DeviceHandle::Sequential
        || process.execution == Execution::Sequential
        || caller.data().inline;
    let size = request.iterations;
    let kernel = ModuleKernel { module: request.module, parameters: arguments.parameters(&request.views) };
    let mut kept = std::mem::take(&mut caller.data_mut().kept);
    let result = match kernel.instance(process, &mut kept) {
        Err(error) if error.is::<OutOfMemory>() => {
            process.refused("parallel_exec", error);
            Ok(Errno::NoResources)
        }
        Err(_) if process.waiters.is_ending() => Err(interrupted(Interrupted)),
        Err(error) => {
            process.refused("parallel_exec", format_args!("the kernel module cannot be instantiated: {error:#}"));
            Ok(Errno::BadKernel)
        }
        Ok(instance) if in_order => independent::run_in_order(process, &kernel, size, instance, &mut kept).map(success),
        Ok(instance) => independent::run(process, kernel, size, instance, &mut kept).map(success),
    };
    caller.data_mut().kept = kept;
    result
}

fn success((): ()) -> Errno {
    Errno::Success
}
