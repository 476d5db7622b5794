//! The functions of the import module `omp2wasi` that target regions need: devices, copies, launches.

use crate::cpu::member::Member;
use crate::device::{Failure, Launch, Transfer};
use crate::process::Process;
use omp2wasi_abi::imports::{self, Errno, HOST};
use wasmtime::{Caller, Linker};

pub(crate) fn add_to_linker(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(HOST, imports::NUM_DEVICES.name, |caller: Caller<'_, Member>| {
        caller.data().process.offload.num_devices()
    })?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_COPY.name,
        |caller: Caller<'_, Member>, device: i32, device_address: i32, address: i32, size: i32, from_device: i32| {
            let process = &caller.data().process;
            let copy = Transfer {
                device: device as u32,
                device_address: device_address as u32,
                address: address as u32,
                size: size as u32,
                from_device: from_device != 0,
            };
            let result = process.memory.as_ref().map_or(Ok(()), |memory| process.offload.copy(memory, &copy));
            device_result(process, "device_copy", result)
        },
    )?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_CAN_RUN.name,
        |caller: Caller<'_, Member>, _device: i32, teams: i32, pieces: i32, capacity: i32| {
            let process = &caller.data().process;
            let can_run = |memory| process.offload.can_run(memory, teams as u32, (pieces as u32, capacity as u32));
            process.memory.as_ref().map_or(0, can_run) as i32
        },
    )?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_REGION.name,
        |caller: Caller<'_, Member>, _device: i32, name: i32, name_len: i32| {
            let process = &caller.data().process;
            let name = process.memory.as_ref().and_then(|memory| memory.read(name as u32, name_len as u32));
            name.and_then(|name| String::from_utf8(name).ok()).map_or(0, |name| process.offload.region(&name) as i32)
        },
    )?;
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
    linker.func_wrap(
        HOST,
        imports::DEVICE_EFFECTS.name,
        |caller: Caller<'_, Member>, _device: i32, microtask: i32, argc: i32, argv: i32, spans: i32, spans_len: i32| {
            let process = &caller.data().process;
            let arguments = (argv as u32, argc as u32);
            let spans = (spans as u32, spans_len as u32);
            let effects = |memory| process.offload.effects(memory, microtask as u32, arguments, spans);
            device_result(process, "device_effects", process.memory.as_ref().map_or(Ok(()), effects))
        },
    )?;
    linker.func_wrap(
        HOST,
        imports::DEVICE_LAUNCH.name,
        |caller: Caller<'_, Member>,
         device: i32,
         microtask: i32,
         argc: i32,
         argv: i32,
         iterations: i32,
         ranges: i32,
         ranges_len: i32| {
            let process = &caller.data().process;
            let region = Launch {
                device: device as u32,
                microtask: microtask as u32,
                arguments: (argv as u32, argc as u32),
                iterations: iterations as u32,
                ranges: (ranges as u32, ranges_len as u32),
            };
            let launch = |memory| process.watched(|| process.offload.launch(memory, &region));
            let result = process.memory.as_ref().map_or(Ok(()), launch);
            device_result(process, "device_launch", result)
        },
    )?;
    Ok(())
}

/// The errno of a device function, with a line on standard error that says what happened.
fn device_result(process: &Process, function: &'static str, result: Result<(), Failure>) -> wasmtime::Result<i32> {
    match result {
        Ok(()) => Ok(Errno::Success as i32),
        Err(Failure::Trap(error)) => Err(error),
        Err(Failure::Errno(errno, what)) => {
            process.refused(function, format_args!("{what} (errno {})", errno as i32));
            Ok(errno as i32)
        }
    }
}
