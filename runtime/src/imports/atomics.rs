//! The import module of [`atomics`]: waiting in memory, which the host does in the place of Wasmtime.
//!
//! Invariant: each function does what its instruction does, and ends when the program does.

use crate::cpu::member::{Member, interrupted};
use crate::cpu::parking::{Expected, Woken};
use omp2wasi_abi::imports::atomics;
use wasmtime::{Caller, Linker, Trap};

/// Defines the functions of [`atomics`].
///
/// # Errors
/// When a linker refuses a definition, as it does if there is one of the same name.
pub(crate) fn add_to_linker(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(
        atomics::MODULE,
        atomics::WAIT32,
        |caller: Caller<'_, Member>, address: u32, expected: u32, timeout: i64, offset: u32| {
            wait(&caller, (address, offset), Expected::Word(expected), timeout)
        },
    )?;
    linker.func_wrap(
        atomics::MODULE,
        atomics::WAIT64,
        |caller: Caller<'_, Member>, address: u32, expected: u64, timeout: i64, offset: u32| {
            wait(&caller, (address, offset), Expected::Double(expected), timeout)
        },
    )?;
    linker.func_wrap(
        atomics::MODULE,
        atomics::NOTIFY,
        |caller: Caller<'_, Member>, address: u32, count: u32, offset: u32| -> wasmtime::Result<u32> {
            let process = &caller.data().process;
            let memory = process.memory.as_ref().ok_or(Trap::MemoryOutOfBounds)?;
            Ok(process.parking.notify(memory, u64::from(address) + u64::from(offset), count)?)
        },
    )?;
    Ok(())
}

fn wait(
    caller: &Caller<'_, Member>,
    (address, offset): (u32, u32),
    expected: Expected,
    timeout: i64,
) -> wasmtime::Result<u32> {
    let process = &caller.data().process;
    let memory = process.memory.as_ref().ok_or(Trap::MemoryOutOfBounds)?;
    let address = u64::from(address) + u64::from(offset);
    let waited = process.parking.wait(memory, &process.waiters, address, expected, timeout).map_err(interrupted)?;
    let woken: Woken = waited?;
    Ok(woken as u32)
}
