//! Defines the device functions of the import module `omp2wasi`: what target regions need of a host. `device::offload` serves them.
//!
//! Invariant: every pointer, length, number and handle comes from the guest and is checked; a bad one is an errno, and a notice
//! that says what was wrong.

use super::define::{HostLinker, define};
use crate::cpu::member::interrupted;
use crate::cpu::wait::Interrupted;
use crate::device::coherence::{MemoryRange, RangeFlags};
use crate::device::offload::{Copy, Failure, RegionLaunch};
use crate::device::pages::Fail;
use crate::memory::GuestMemory;
use crate::process::Process;
use omp2wasi_abi::imports::{self, Errno, device};
use omp2wasi_abi::layout::{launch, range};
use std::sync::Arc;

/// How many memory ranges one call may bring.
const MAX_RANGES: u32 = 1 << 16;

/// How many bytes the name of a region may have, or a reason: more than clang's names have.
const MAX_TEXT: u32 = 4 << 10;

/// How many arguments a microtask or a teams region's function may have: more than a wasm function can.
const MAX_ARGUMENTS: u32 = 1000;

/// Defines the functions that [`omp2wasi_abi::imports`] describes for devices.
///
/// # Errors
/// When a linker refuses a definition, as it does if there is one of the same name.
pub(crate) fn add_to_linker(linker: &mut HostLinker) -> wasmtime::Result<()> {
    define(linker, &imports::NUM_DEVICES, |caller, []| caller.data().process.offload.num_devices())?;
    add_mapping(linker)?;
    add_copies(linker)?;
    add_regions(linker)?;
    define(linker, &imports::DEVICE_LAUNCH, |caller, [device, record]| {
        let process = &caller.data().process;
        let launch = |memory: &GuestMemory| {
            let launch = region_launch(memory, device, record)?;
            let is_ending = || process.waiters.is_ending();
            process.offload.launch(memory, launch, |event| process.watched(|| event.wait()), is_ending)
        };
        match memory(process).and_then(launch) {
            Ok(number) => Ok(number as i32),
            Err(failure) => complain(process, "device_launch", failure),
        }
    })?;
    define(linker, &imports::DEVICE_PRINTED, |caller, [number, records, size]| {
        let process = &caller.data().process;
        let printed = |memory: &GuestMemory| process.offload.printed(memory, number, records, size);
        answer(process, "device_printed", memory(process).and_then(printed))
    })
}

fn add_mapping(linker: &mut HostLinker) -> wasmtime::Result<()> {
    define(linker, &imports::DEVICE_MAP, |caller, [device, list, len]| {
        let process = &caller.data().process;
        let fail = || -> Fail {
            let process = Arc::downgrade(process);
            Box::new(move |message| {
                process.upgrade().iter().for_each(|process| process.end_by_trap(message.clone()));
            })
        };
        let map = |memory: &GuestMemory| process.offload.map(memory, device, &ranges(memory, list, len)?, fail);
        errno(process, "device_map", memory(process).and_then(map))
    })?;
    define(linker, &imports::DEVICE_UNMAP, |caller, [device, list, len]| {
        let process = &caller.data().process;
        let unmap = |memory: &GuestMemory| process.offload.unmap(memory, device, &ranges(memory, list, len)?);
        errno(process, "device_unmap", memory(process).and_then(unmap))
    })
}

fn add_copies(linker: &mut HostLinker) -> wasmtime::Result<()> {
    define(linker, &imports::DEVICE_SYNC, |caller, [device, list, len, direction]| {
        let process = &caller.data().process;
        let sync = |memory: &GuestMemory| {
            let to_device = match direction {
                device::SYNC_TO_DEVICE => true,
                device::SYNC_FROM_DEVICE => false,
                _ => return Err(Failure::inval("no direction")),
            };
            process.offload.sync(memory, device, &ranges(memory, list, len)?, to_device)
        };
        errno(process, "device_sync", memory(process).and_then(sync))
    })?;
    define(linker, &imports::DEVICE_COPY, |caller, [to_device, to, from_device, from, size]| {
        let process = &caller.data().process;
        let copy = Copy { to_device, to, from_device, from, size };
        errno(process, "device_copy", memory(process).and_then(|memory| process.offload.copy(memory, &copy)))
    })?;
    define(linker, &imports::DEVICE_HOST_USE, |caller, [device, list, len]| {
        let process = &caller.data().process;
        let is_ending = || process.waiters.is_ending();
        let host_use =
            |memory: &GuestMemory| process.offload.host_use(memory, device, &ranges(memory, list, len)?, is_ending);
        errno(process, "device_host_use", memory(process).and_then(host_use))
    })?;
    define(linker, &imports::DEVICE_BEGIN_HOST_USE, |caller, [device, list, len, number]| {
        let process = &caller.data().process;
        let is_ending = || process.waiters.is_ending();
        let begin = |memory: &GuestMemory| {
            process.offload.begin_host_use(memory, device, &ranges(memory, list, len)?, number, is_ending)
        };
        answer(process, "device_begin_host_use", memory(process).and_then(begin))
    })?;
    define(linker, &imports::DEVICE_END_HOST_USE, |caller, [device, number]| {
        let process = &caller.data().process;
        let end = |memory: &GuestMemory| process.offload.end_host_use(memory, device, number);
        errno(process, "device_end_host_use", memory(process).and_then(end))
    })
}

fn add_regions(linker: &mut HostLinker) -> wasmtime::Result<()> {
    define(linker, &imports::DEVICE_REGION, |caller, [device, name, name_len]| {
        let process = &caller.data().process;
        let region = |memory: &GuestMemory| process.offload.region(device, utf8(memory, name, name_len)?);
        answer(process, "device_region", memory(process).and_then(region))
    })?;
    define(linker, &imports::DEVICE_TARGET, |caller, [device, name, name_len]| {
        let process = &caller.data().process;
        let target = |memory: &GuestMemory| process.offload.target(device, utf8(memory, name, name_len)?);
        answer(process, "device_target", memory(process).and_then(target))
    })?;
    define(linker, &imports::DEVICE_BEGIN_TEAMS, |caller, [device, teams, argc, argv]| {
        let process = &caller.data().process;
        let is_ending = || process.waiters.is_ending();
        let begin = |memory: &GuestMemory| {
            process.offload.begin_teams(memory, device, teams, &arguments(memory, argc, argv)?, is_ending)
        };
        answer(process, "device_begin_teams", memory(process).and_then(begin))
    })?;
    define(linker, &imports::DEVICE_END_TEAMS, |caller, [region]| {
        let process = &caller.data().process;
        let end = |memory: &GuestMemory| process.offload.end_teams(memory, region);
        errno(process, "device_end_teams", memory(process).and_then(end))
    })?;
    define(linker, &imports::DEVICE_REFUSED, |caller, [why, why_len, name, name_len]| {
        let process = &caller.data().process;
        let lossy = |at: u32, len: u32| {
            let bytes = process.memory.as_ref().and_then(|memory| text(memory, at, len));
            String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
        };
        process.offload.refused(|| (lossy(why, why_len), lossy(name, name_len)));
    })
}

fn memory(process: &Process) -> Result<&GuestMemory, Failure> {
    process.memory.as_ref().ok_or_else(|| Failure::inval("the module has no memory"))
}

/// The bytes of a text for people, or of a name.
fn text(memory: &GuestMemory, at: u32, len: u32) -> Option<Vec<u8>> {
    if len <= MAX_TEXT { memory.read(at, len) } else { None }
}

/// A name that has to be UTF-8.
fn utf8(memory: &GuestMemory, name: u32, len: u32) -> Result<String, Failure> {
    let name = text(memory, name, len);
    let name = name.ok_or_else(|| Failure::inval("a name that is too long, or outside of the memory"))?;
    String::from_utf8(name).map_err(|_| Failure::inval("a name that is not UTF-8"))
}

/// A launch record: see [`omp2wasi_abi::layout::launch`].
fn region_launch(memory: &GuestMemory, device: u32, record: u32) -> Result<RegionLaunch, Failure> {
    let record = memory.read_words(record, launch::RECORD_SIZE / 4);
    let record = record.ok_or_else(|| Failure::inval("a launch record outside of the memory"))?;
    let field = |offset: u32| record[offset as usize / 4];
    Ok(RegionLaunch {
        device,
        teams: field(launch::REGION),
        microtask: field(launch::MICROTASK),
        arguments: arguments(memory, field(launch::ARGC), field(launch::ARGV))?,
        iterations: field(launch::ITERATIONS),
        num_teams: field(launch::TEAMS),
        thread_limit: field(launch::THREAD_LIMIT),
        ranges: ranges(memory, field(launch::RANGES), field(launch::RANGES_LEN))?,
    })
}

/// The words of an argument vector.
fn arguments(memory: &GuestMemory, argc: u32, argv: u32) -> Result<Vec<u32>, Failure> {
    let count = Some(argc).filter(|count| *count <= MAX_ARGUMENTS);
    let words = count.and_then(|count| memory.read_words(argv, count));
    words.ok_or_else(|| Failure::inval("too many arguments, or outside of the memory"))
}

/// A list of memory ranges: see [`omp2wasi_abi::layout::range`].
fn ranges(memory: &GuestMemory, list: u32, len: u32) -> Result<Vec<MemoryRange>, Failure> {
    const WORDS: u32 = range::RECORD_SIZE / 4;
    let count = Some(len).filter(|count| *count <= MAX_RANGES);
    let words = count.and_then(|count| memory.read_words(list, count * WORDS));
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
fn errno(process: &Process, function: &'static str, result: Result<(), Failure>) -> wasmtime::Result<i32> {
    match result {
        Ok(()) => Ok(Errno::Success as i32),
        Err(failure) => complain(process, function, failure),
    }
}

/// The result of a function that returns a number: 0 where it fails.
fn answer(process: &Process, function: &'static str, result: Result<u32, Failure>) -> wasmtime::Result<i32> {
    match result {
        Ok(number) => Ok(number as i32),
        Err(failure) => complain(process, function, failure).map(|_| 0),
    }
}

/// Reports what the guest got wrong. The program ends where it has to.
fn complain(process: &Process, function: &'static str, failure: Failure) -> wasmtime::Result<i32> {
    match failure {
        Failure::Trap(error) => Err(error),
        Failure::Ending => Err(interrupted(Interrupted)),
        Failure::Errno(errno, what) => {
            process.refused(function, format_args!("{what} (errno {})", errno as i32));
            Ok(errno as i32)
        }
    }
}
