//! The device functions of the import module `omp2wasi`: what target regions need of a host.
//!
//! Invariant: every pointer, length, number and handle comes from the guest and is checked; a bad one is an errno, and a line on standard
//! error that says what was wrong.

use crate::cpu::member::{Member, interrupted};
use crate::cpu::wait::Interrupted;
use crate::device::coherence::{MemoryRange, RangeFlags};
use crate::device::offload::{Copy, Failure, RegionLaunch};
use crate::memory::GuestMemory;
use crate::process::Process;
use omp2wasi_abi::imports::{self, Errno, HOST, device};
use omp2wasi_abi::layout::range;
use wasmtime::{Caller, Linker};

/// How many memory ranges one call may bring.
const MAX_RANGES: u32 = 1 << 20;

/// How many arguments a microtask or a teams region's function may have: more than a wasm function can.
const MAX_ARGUMENTS: u32 = 1000;

pub(crate) fn add_to_linker(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(HOST, imports::NUM_DEVICES.name, |caller: Caller<'_, Member>| {
        caller.data().process.offload.num_devices()
    })?;
    add_mapping(linker)?;
    add_copies(linker)?;
    add_regions(linker)?;
    add_launch(linker)
}

fn add_mapping(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(
        HOST,
        imports::DEVICE_MAP.name,
        |caller: Caller<'_, Member>, device: i32, list: i32, len: i32| {
            let process = &caller.data().process;
            let map = |memory: &GuestMemory| process.offload.map(device as u32, &ranges(memory, list, len)?);
            errno(process, "device_map", memory(process).and_then(map))
        },
    )?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_UNMAP.name,
        |caller: Caller<'_, Member>, device: i32, list: i32, len: i32| {
            let process = &caller.data().process;
            let unmap = |memory: &GuestMemory| process.offload.unmap(device as u32, &ranges(memory, list, len)?);
            errno(process, "device_unmap", memory(process).and_then(unmap))
        },
    )?;
    Ok(())
}

fn add_copies(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(
        HOST,
        imports::DEVICE_SYNC.name,
        |caller: Caller<'_, Member>, device: i32, list: i32, len: i32, direction: i32| {
            let process = &caller.data().process;
            let sync = |memory: &GuestMemory| {
                let to_device = match direction as u32 {
                    device::SYNC_TO_DEVICE => true,
                    device::SYNC_FROM_DEVICE => false,
                    _ => return Err(Failure::inval("no direction")),
                };
                process.offload.sync(memory, device as u32, &ranges(memory, list, len)?, to_device)
            };
            errno(process, "device_sync", memory(process).and_then(sync))
        },
    )?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_COPY.name,
        |caller: Caller<'_, Member>, to_device: i32, to: i32, from_device: i32, from: i32, size: i32| {
            let process = &caller.data().process;
            let copy = Copy {
                to_device: to_device as u32,
                to: to as u32,
                from_device: from_device as u32,
                from: from as u32,
                size: size as u32,
            };
            let result = memory(process).and_then(|memory| process.offload.copy(memory, &copy));
            errno(process, "device_copy", result)
        },
    )?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_HOST_USE.name,
        |caller: Caller<'_, Member>, device: i32, list: i32, len: i32| {
            let process = &caller.data().process;
            let is_ending = || process.waiters.is_ending();
            let host_use = |memory: &GuestMemory| {
                process.offload.host_use(memory, device as u32, &ranges(memory, list, len)?, is_ending)
            };
            errno(process, "device_host_use", memory(process).and_then(host_use))
        },
    )?;
    Ok(())
}

fn add_regions(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(
        HOST,
        imports::DEVICE_REGION.name,
        |caller: Caller<'_, Member>, device: i32, name: i32, name_len: i32| {
            let process = &caller.data().process;
            let region = |memory: &GuestMemory| {
                let name = memory.read(name as u32, name_len as u32);
                let name = name.ok_or_else(|| Failure::inval("a name outside of the memory"))?;
                let name = String::from_utf8(name).map_err(|_| Failure::inval("a name that is not UTF-8"))?;
                process.offload.region(device as u32, name)
            };
            answer(process, "device_region", memory(process).and_then(region))
        },
    )?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_BEGIN_TEAMS.name,
        |caller: Caller<'_, Member>, device: i32, teams: i32, argc: i32, argv: i32| {
            let process = &caller.data().process;
            let begin = |memory: &GuestMemory| {
                process.offload.begin_teams(memory, device as u32, teams as u32, &arguments(memory, argc, argv)?)
            };
            answer(process, "device_begin_teams", memory(process).and_then(begin))
        },
    )?;
    linker.func_wrap(HOST, imports::DEVICE_END_TEAMS.name, |caller: Caller<'_, Member>, region: i32| {
        let process = &caller.data().process;
        let end = |memory: &GuestMemory| process.offload.end_teams(memory, region as u32);
        errno(process, "device_end_teams", memory(process).and_then(end))
    })?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_REFUSED.name,
        |caller: Caller<'_, Member>, why: i32, why_len: i32, name: i32, name_len: i32| {
            let process = &caller.data().process;
            let text = |at: i32, len: i32| {
                let bytes = process.memory.as_ref().and_then(|memory| memory.read(at as u32, len as u32));
                String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
            };
            process.offload.refused(|| (text(why, why_len), text(name, name_len)));
        },
    )?;
    Ok(())
}

fn add_launch(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(
        HOST,
        imports::DEVICE_LAUNCH.name,
        |caller: Caller<'_, Member>,
         device: i32,
         region: i32,
         microtask: i32,
         argc: i32,
         argv: i32,
         iterations: i32,
         list: i32,
         len: i32| {
            let process = &caller.data().process;
            let launch = |memory: &GuestMemory| {
                let launch = RegionLaunch {
                    device: device as u32,
                    teams: region as u32,
                    microtask: microtask as u32,
                    arguments: arguments(memory, argc, argv)?,
                    iterations: iterations as u32,
                    ranges: ranges(memory, list, len)?,
                };
                process.watched(|| process.offload.launch(memory, launch))
            };
            errno(process, "device_launch", memory(process).and_then(launch))
        },
    )?;
    Ok(())
}

fn memory(process: &Process) -> Result<&GuestMemory, Failure> {
    process.memory.as_ref().ok_or_else(|| Failure::inval("the module has no memory"))
}

/// The words of an argument vector.
fn arguments(memory: &GuestMemory, argc: i32, argv: i32) -> Result<Vec<u32>, Failure> {
    let count = Some(argc as u32).filter(|count| *count <= MAX_ARGUMENTS);
    let words = count.and_then(|count| memory.read_words(argv as u32, count));
    words.ok_or_else(|| Failure::inval("too many arguments, or outside of the memory"))
}

/// A list of memory ranges: see [`omp2wasi_abi::layout::range`].
fn ranges(memory: &GuestMemory, list: i32, len: i32) -> Result<Vec<MemoryRange>, Failure> {
    const WORDS: u32 = range::RECORD_SIZE / 4;
    let count = Some(len as u32).filter(|count| *count <= MAX_RANGES);
    let words = count.and_then(|count| memory.read_words(list as u32, count * WORDS));
    let words = words.ok_or_else(|| Failure::inval("too many ranges, or a list outside of the memory"))?;
    let range = |record: &[u32]| {
        let field = |offset: u32| record[offset as usize / 4];
        let flags =
            RangeFlags::from_bits(field(range::FLAGS)).ok_or_else(|| Failure::inval("unknown flags of a range"))?;
        let (begin, size, base) = (field(range::BEGIN), field(range::SIZE), field(range::BASE));
        Ok(MemoryRange { begin, size, base, flags })
    };
    words.chunks_exact(WORDS as usize).map(range).collect()
}

/// The result of a function that returns an errno.
fn errno(process: &Process, function: &str, result: Result<(), Failure>) -> wasmtime::Result<i32> {
    match result {
        Ok(()) => Ok(Errno::Success as i32),
        Err(failure) => complain(process, function, failure),
    }
}

/// The result of a function that returns a number: 0 where it fails.
fn answer(process: &Process, function: &str, result: Result<u32, Failure>) -> wasmtime::Result<i32> {
    match result {
        Ok(number) => Ok(number as i32),
        Err(failure) => complain(process, function, failure).map(|_| 0),
    }
}

/// Says on standard error what the guest got wrong. The program ends where it has to.
fn complain(process: &Process, function: &str, failure: Failure) -> wasmtime::Result<i32> {
    match failure {
        Failure::Trap(error) => Err(error),
        Failure::Ending => Err(interrupted(Interrupted)),
        Failure::Errno(errno, what) => {
            process.complain(format_args!("{function}: {what} (errno {})", errno as i32));
            Ok(errno as i32)
        }
    }
}
