//! The import module `omp2wasi`: waiting, processors and places.

use crate::config::Device;
use crate::cpu::member::{Member, interrupted};
use crate::cpu::team::MAX_TEAM;
use crate::cpu::wait::{Interrupted, Waiters};
use crate::memory::GuestMemory;
use omp2wasi_abi::imports::{self, HOST};
use std::sync::atomic::AtomicU32;
use wasmtime::{Caller, Linker};

pub(crate) fn add_to_linker(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(HOST, imports::WAIT.name, |caller: Caller<'_, Member>, word: i32, expected: i32| {
        let process = &caller.data().process;
        let (word, sleepers) = wait_word("wait", process.memory.as_ref(), word as u32)?;
        process.waiters.wait(word, sleepers, expected as u32).map_err(interrupted)
    })?;
    linker.func_wrap(HOST, imports::WAKE.name, |caller: Caller<'_, Member>, word: i32, count: i32| {
        let (word, _) = wait_word("wake", caller.data().process.memory.as_ref(), word as u32)?;
        Waiters::wake(word, u32::try_from(count).unwrap_or(u32::MAX >> 1));
        wasmtime::Result::Ok(())
    })?;
    linker.func_wrap(HOST, imports::YIELD.name, |caller: Caller<'_, Member>| {
        if caller.data().process.waiters.is_ending() {
            return Err(interrupted(Interrupted));
        }
        std::thread::yield_now();
        Ok(())
    })?;
    linker.func_wrap(HOST, imports::NUM_PROCS.name, |caller: Caller<'_, Member>| caller.data().process.num_procs)?;
    linker.func_wrap(HOST, imports::MAX_CONCURRENCY.name, |caller: Caller<'_, Member>| {
        match caller.data().process.device {
            Device::Cpu => MAX_TEAM as i32,
            Device::Sequential => 1,
        }
    })?;
    linker.func_wrap(HOST, imports::BIND.name, |mut caller: Caller<'_, Member>, proc_bind: i32| {
        caller.data_mut().proc_bind = proc_bind;
    })?;
    linker.func_wrap(HOST, imports::NUM_PLACES.name, |caller: Caller<'_, Member>| {
        caller.data().process.places.num_places() as i32
    })?;
    linker.func_wrap(HOST, imports::PLACE_NUM.name, |caller: Caller<'_, Member>| {
        caller.data().place.map_or(-1, |place| place as i32)
    })?;
    linker.func_wrap(
        HOST,
        imports::PLACE_PROCS.name,
        |caller: Caller<'_, Member>, place: i32, ids: i32, capacity: i32| {
            let process = &caller.data().process;
            let procs = process.places.place(place as usize);
            for (i, proc) in procs.iter().take(capacity as u32 as usize).enumerate() {
                let at = (ids as u32).checked_add(i as u32 * 4);
                let stored = at.and_then(|at| process.memory.as_ref()?.write_u32(at, *proc as u32));
                stored.ok_or_else(|| {
                    wasmtime::Error::msg(format!("omp2wasi.place_procs: {ids:#x} is outside of the memory"))
                })?;
            }
            wasmtime::Result::Ok(procs.len() as i32)
        },
    )?;
    Ok(())
}

/// A wait word: the value, and the count of sleepers behind it.
fn wait_word<'a>(
    function: &str,
    memory: Option<&'a GuestMemory>,
    address: u32,
) -> wasmtime::Result<(&'a AtomicU32, &'a AtomicU32)> {
    let word = |at: Option<u32>| memory?.word(at?);
    word(Some(address)).zip(word(address.checked_add(4))).ok_or_else(|| {
        wasmtime::Error::msg(format!("omp2wasi.{function}: {address:#x} is not an aligned word of the memory"))
    })
}
