//! Runs kernels that are functions in the program's table (`parallel_for`) and whose iterations are independent.
//!
//! Invariant: on whichever instance a kernel runs, it sees the globals that the module shares (`shared_globals` of its manifest) as the
//! instance that launches it has them, and no other trace of earlier launches.

use crate::cpu::independent::{self, IndependentKernel, Kept};
use crate::cpu::kernel_call::KernelCall;
use crate::cpu::member::Member;
use crate::cpu::stack;
use crate::engine::native::member as native;
use crate::process::Process;
use std::sync::Arc;
use wasmtime::{AsContextMut, Func, Store, StoreContextMut, Val};

/// Runs `size` iterations of the kernel at a table index one after the other, on the calling instance. `parameters` are what follows the
/// thread id.
pub(crate) fn run_in_order(
    caller: &mut StoreContextMut<'_, Member>,
    kernel: u32,
    size: u32,
    parameters: &[i32],
) -> wasmtime::Result<()> {
    let outer = caller.data().thread;
    let mut arguments: Vec<Val> = std::iter::once(&0).chain(parameters).map(|word| Val::I32(*word)).collect();
    for id in 0..size {
        // Each time: a kernel may change the table.
        let function = function(&mut *caller, kernel)?;
        arguments[0] = Val::I32(id as i32);
        caller.data_mut().thread = Some((id, size));
        native::in_wasm(caller, |store| function.call(store, &arguments, &mut []))?;
    }
    caller.data_mut().thread = outer;
    Ok(())
}

/// The same in any order, on the instances of the calling thread and of helpers that are there for this.
pub(crate) fn run(
    caller: &mut StoreContextMut<'_, Member>,
    process: &Arc<Process>,
    kernel: u32,
    size: u32,
    parameters: Vec<i32>,
) -> wasmtime::Result<()> {
    let globals = native::in_wasm(caller, |store| Ok(read_globals(store, process)))?;
    let kernel = TableKernel { kernel, parameters, globals, are_kept: process.kernels.instances_are_kept() };
    let mut kept = std::mem::take(&mut caller.data_mut().kept);
    let instance = kernel.instance(process, &mut kept);
    let result = instance.and_then(|instance| independent::run(process, kernel, size, instance, &mut kept));
    caller.data_mut().kept = kept;
    result
}

/// A launch's kernel in the table, with its parameters.
struct TableKernel {
    kernel: u32,
    parameters: Vec<i32>,
    globals: Vec<Val>,
    /// Whether its instances can be used again.
    are_kept: bool,
}

/// An instance of the program, ready for a kernel.
struct TableInstance {
    store: Box<Store<Member>>,
    call: KernelCall,
}

impl IndependentKernel for TableKernel {
    type Instance = TableInstance;

    fn instance(&self, process: &Arc<Process>, kept: &mut Kept) -> wasmtime::Result<TableInstance> {
        stack::check()?;
        let mut store = match kept.program.take() {
            Some(store) => store,
            None => {
                let (mut store, _) = Member::start(process, Member::room(process)?)?;
                let data = store.data_mut();
                (data.inline, data.level) = (true, 1);
                Box::new(store)
            }
        };
        write_globals(&mut *store, process, &self.globals)?;
        let function = function(&mut *store, self.kernel)?;
        let call = KernelCall::new(&mut *store, function, &self.parameters).ok_or_else(|| no_kernel(self.kernel))?;
        Ok(TableInstance { store, call })
    }

    fn call(&self, instance: &mut TableInstance, id: u32, size: u32) -> wasmtime::Result<()> {
        instance.store.data_mut().thread = Some((id, size));
        instance.call.call(&mut *instance.store, id)
    }

    fn keep(&self, instance: TableInstance, kept: &mut Kept) {
        if self.are_kept {
            kept.program = Some(instance.store);
        }
    }
}

fn function(store: impl AsContextMut<Data = Member>, kernel: u32) -> wasmtime::Result<Func> {
    Member::function(store, kernel).ok_or_else(|| no_kernel(kernel))
}

fn no_kernel(kernel: u32) -> wasmtime::Error {
    wasmtime::Error::msg(format!("table index {kernel} is not a kernel in every instance"))
}

/// The values of the module's own globals, which its kernels expect to see.
fn read_globals(mut store: impl AsContextMut<Data = Member>, process: &Process) -> Vec<Val> {
    let Some(instance) = store.as_context().data().instance() else {
        return Vec::new();
    };
    let names = &process.kernels.shared_globals;
    names.iter().filter_map(|name| Some(instance.get_global(&mut store, name)?.get(&mut store))).collect()
}

fn write_globals(
    mut store: impl AsContextMut<Data = Member>,
    process: &Process,
    values: &[Val],
) -> wasmtime::Result<()> {
    let Some(instance) = store.as_context().data().instance() else {
        return Ok(());
    };
    for (name, value) in process.kernels.shared_globals.iter().zip(values) {
        if let Some(global) = instance.get_global(&mut store, name) {
            global.set(&mut store, *value)?;
        }
    }
    Ok(())
}
