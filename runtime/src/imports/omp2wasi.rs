//! The import module `omp2wasi`, but for devices: waiting, processors and places.
//!
//! Invariant: every wait ends when the program does.

use super::define::{HostLinker, define};
use crate::config::Execution;
use crate::cpu::detached::{self, Start, ThreadExit};
use crate::cpu::member::interrupted;
use crate::cpu::places::BindingRequest;
use crate::cpu::wait::{EVERYBODY, WaitWord};
use crate::process::Process;
use omp2wasi_abi::imports;
use std::time::Duration;

/// Where `place_procs` is asked for a place: -1, all processors.
const ALL_PROCS: u32 = u32::MAX;

/// Defines the functions that wait, and those that tell of processors and places.
///
/// # Errors
/// When a linker refuses a definition, as it does if there is one of the same name.
pub(crate) fn add_to_linker(linker: &mut HostLinker) -> wasmtime::Result<()> {
    define(linker, &imports::WAIT, |caller, [word, expected]| {
        let process = &caller.data().process;
        process.waiters.wait(wait_word("wait", process, word)?, expected).map(drop).map_err(interrupted)
    })?;
    define(linker, &imports::WAIT_FOR, |caller, [word, expected, nanoseconds]| {
        let process = &caller.data().process;
        let timeout = (nanoseconds != u32::MAX).then(|| Duration::from_nanos(nanoseconds.into()));
        let word = wait_word("wait_for", process, word)?;
        let value = process.waiters.wait_for(word, expected, timeout).map_err(interrupted)?;
        wasmtime::Result::Ok(i32::from(value == expected))
    })?;
    define(linker, &imports::WAKE, |caller, [word, count]| -> wasmtime::Result<()> {
        // A negative count means all sleepers.
        wait_word("wake", &caller.data().process, word)?.wake(count.min(EVERYBODY));
        Ok(())
    })?;
    define(linker, &imports::START_THREAD, |caller, [kernel, team, team_len, ended]| {
        let process = &caller.data().process;
        wait_word("start_thread", process, ended)?;
        let start = Start { kernel, buffer: (team as i32, team_len as i32), ended };
        wasmtime::Result::Ok(detached::start(process, start))
    })?;
    define(linker, &imports::EXIT_THREAD, |caller, []| -> wasmtime::Result<()> {
        let member = caller.data();
        let may_exit = member.is_detached && member.depth == 0;
        let refused = || wasmtime::Error::msg("omp2wasi.exit_thread: the thread is one of a team, or the initial one");
        Err(if may_exit { ThreadExit.into() } else { refused() })
    })?;
    define(linker, &imports::YIELD, |caller, []| -> wasmtime::Result<()> {
        caller.data().process.waiters.check().map_err(interrupted)?;
        std::thread::yield_now();
        Ok(())
    })?;
    define(linker, &imports::USE_LARGE_PAGES, |caller, [address, size]| {
        let process = &caller.data().process;
        let memory = process.memory.as_ref().filter(|_| process.uses_large_pages);
        let used = memory.map_or(Some(()), |memory| memory.use_large_pages(address, size));
        used.ok_or_else(|| {
            wasmtime::Error::msg(format!(
                "omp2wasi.use_large_pages: {size} bytes at {address:#x} are not inside the memory"
            ))
        })
    })?;
    define(linker, &imports::NUM_PROCS, |caller, []| caller.data().process.num_procs)?;
    define(linker, &imports::MAX_CONCURRENCY, |caller, []| {
        let process = &caller.data().process;
        match process.execution {
            Execution::Parallel => i32::try_from(process.threads.limit()).unwrap_or(i32::MAX),
            Execution::Sequential => 1,
        }
    })?;
    define(linker, &imports::BIND, |caller, [proc_bind]| caller.data_mut().proc_bind = proc_bind as i32)?;
    define(linker, &imports::NUM_PLACES, |caller, []| caller.data().process.places.num_places() as i32)?;
    define(linker, &imports::PLACE_NUM, |caller, []| caller.data().place.map_or(-1, |place| place as i32))?;
    define(linker, &imports::PLACE_PROCS, |caller, [place, ids, capacity]| {
        let process = &caller.data().process;
        let procs = if place == ALL_PROCS { process.places.procs() } else { process.places.place(place as usize) };
        for (i, proc) in (0..).zip(procs.iter().take(capacity as usize)) {
            let stored = ids.checked_add(4 * i).and_then(|at| process.memory.as_ref()?.write_u32(at, *proc as u32));
            stored.ok_or_else(|| {
                wasmtime::Error::msg(format!("omp2wasi.place_procs: {ids:#x} is outside of the memory"))
            })?;
        }
        wasmtime::Result::Ok(procs.len() as i32)
    })?;
    define(linker, &imports::TEAM_PLACE, |caller, [thread_num, num_threads]| {
        let data = caller.data();
        let request = BindingRequest {
            proc_bind: data.proc_bind,
            size: num_threads as usize,
            primary_place: data.place,
            level: data.level + data.depth,
        };
        data.process.places.place_of(&request, thread_num as usize).map_or(-1, |place| place as i32)
    })
}

/// The wait word at an address; an error, which names the function, if there is none.
fn wait_word<'p>(function: &str, process: &'p Process, address: u32) -> wasmtime::Result<&'p WaitWord> {
    process.memory.as_ref().and_then(|memory| memory.wait_word(address)).ok_or_else(|| {
        wasmtime::Error::msg(format!("omp2wasi.{function}: {address:#x} is not an aligned word of the memory"))
    })
}
