//! The functions of the host that native code calls.
//!
//! Invariant: none of them unwinds, and none leaves native code itself: one that fails keeps why in the member, and returns what says so.
//! A panic is caught, and goes on when native code has been left.

use super::abi::{Record, Value};
use super::member::{Callee, Failure, Native, frames, in_wasm};
use crate::cpu::member::{Member, interrupted};
use crate::cpu::parking::Expected;
use crate::error::wasm_trap;
use omp2wasi_codegen::TrapCode;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::slice_from_raw_parts_mut;
use std::sync::Arc;
use wasmtime::{FuncType, StoreContextMut, Trap, ValRaw};

/// What [`trap`], [`wait`] and [`notify`] return where native code has to be left.
const LEAVE: i64 = -1;

/// The member and the store of a record.
///
/// # Safety
/// Native code runs with the record, on this thread, and has called the host.
unsafe fn context<'a>(record: *mut Record) -> (*mut Native, &'a mut StoreContextMut<'static, Member>) {
    // SAFETY: the record's host and member live as long as native code runs; the store is borrowed by `call`, which waits for native code.
    unsafe {
        let native = (*(*record).host).native;
        (native, &mut *(*native).store)
    }
}

/// Runs a function of the host for native code. `None`, and the reason is kept, if it fails.
///
/// # Safety
/// As for [`context`]; and native code called by a stub.
unsafe fn guarded<R>(
    record: *mut Record,
    run: impl FnOnce(*mut Native, &mut StoreContextMut<'static, Member>) -> wasmtime::Result<R>,
) -> Option<R> {
    // SAFETY: the caller's.
    let (native, store) = unsafe { context(record) };
    // What native code runs from within the host notes its own calls there.
    // SAFETY: the member is there, and nobody has a reference to it.
    let (frame, pc) = unsafe { ((*native).host.frame, (*native).host.pc) };
    let error = match catch_unwind(AssertUnwindSafe(|| run(native, store))) {
        Ok(Ok(result)) => return Some(result),
        Ok(Err(error)) => error,
        Err(panic) => {
            // SAFETY: as above.
            unsafe { (*native).panic = Some(panic) };
            wasmtime::Error::msg("omp2wasi itself failed")
        }
    };
    // SAFETY: as above; the frames are those of the code that waits for this function.
    unsafe {
        ((*native).host.frame, (*native).host.pc) = (frame, pc);
        (*native).failure = Some(Failure { error, pcs: frames(native), offset: None });
    }
    None
}

/// Native code traps.
pub(super) unsafe extern "C" fn trap(record: *mut Record, code: u32, offset: u32) -> i64 {
    // SAFETY: native code has called it.
    let native = unsafe { context(record) }.0;
    // SAFETY: as in `guarded`.
    unsafe {
        let offset = usize::try_from(offset).ok();
        (*native).failure = Some(Failure {
            error: TrapCode::of(code).map_or(Trap::UnreachableCodeReached, wasm_trap).into(),
            pcs: frames(native),
            offset,
        });
    }
    LEAVE
}

/// Calls a function that is not in the library.
pub(super) unsafe extern "C" fn call(record: *mut Record, function: u32, slots: *mut Value) -> u32 {
    // SAFETY: native code has called it, with as many slots as the function has parameters or results.
    let done = unsafe {
        guarded(record, |native, store| {
            let callees = &(*native).callees;
            let known = callees.get(function as usize).and_then(Option::as_ref);
            let callee = match known {
                Some(callee) => std::ptr::from_ref(callee),
                None => find(native, store, function)?,
            };
            // The list does not get shorter, and this call may make it longer.
            match &*callee {
                Callee::Host(host) => {
                    let host = Arc::as_ptr(host);
                    (*host).call(
                        store,
                        std::slice::from_raw_parts_mut(slots.cast::<MaybeUninit<ValRaw>>(), (*host).words()),
                    )
                }
                Callee::Func { func, words, is_wasm } => {
                    let (func, values) = (*func, slice_from_raw_parts_mut(slots.cast::<ValRaw>(), *words));
                    let run = |store: &mut StoreContextMut<'static, Member>| func.call_unchecked(store, values);
                    if *is_wasm { in_wasm(store, run) } else { run(store) }
                }
            }
        })
    };
    u32::from(done.is_none())
}

/// Looks up a function by its index, and keeps it.
#[cold]
unsafe fn find(
    native: *mut Native,
    store: &mut StoreContextMut<'static, Member>,
    function: u32,
) -> wasmtime::Result<*const Callee> {
    // SAFETY: the form does not change.
    let form = unsafe { &(*native).form }.clone();
    let process = store.data().process.clone();
    let unknown = || wasmtime::Error::msg(format!("native code calls function {function}, which cannot be reached"));
    let import = form.imports.get(function as usize);
    let direct = import.and_then(|(module, name)| process.imports.get()?.direct(module, name));
    let callee = match (direct, import) {
        (Some(host), _) => Callee::Host(host),
        (None, import) => {
            let func = match import {
                Some((module, name)) => process
                    .imports
                    .get()
                    .and_then(|imports| imports.linker.get(&mut *store, module, name).ok()?.into_func()),
                None => {
                    let instance = store.data().instance();
                    form.export_of(function).and_then(|name| instance?.get_func(&mut *store, name))
                }
            };
            let func = func.ok_or_else(unknown)?;
            let words = words(&func.ty(&*store));
            Callee::Func { func, words, is_wasm: import.is_none() }
        }
    };
    // SAFETY: nobody has a reference into the list: see `call`, which has copied what it needs of it before it calls anything.
    let callees = unsafe { &mut (*native).callees };
    if callees.len() <= function as usize {
        callees.resize(function as usize + 1, None);
    }
    Ok(callees[function as usize].insert(callee))
}

/// How many slots a function's values take.
fn words(ty: &FuncType) -> usize {
    ty.params().len().max(ty.results().len())
}

/// How many bytes the memory has; they are noted in the record, too.
pub(super) unsafe extern "C" fn memory_size(record: *mut Record) -> u64 {
    // SAFETY: native code has called it; nobody has a reference to the member.
    unsafe {
        let (native, store) = context(record);
        (*native).look_at_memory(store)
    }
}

/// `memory.grow`.
pub(super) unsafe extern "C" fn memory_grow(record: *mut Record, pages: u32) -> u32 {
    // SAFETY: as above.
    unsafe {
        let (native, store) = context(record);
        let grown = store.data().process.memory.as_ref().and_then(|memory| memory.shared().grow(pages.into()).ok());
        (*native).look_at_memory(store);
        grown.and_then(|pages| u32::try_from(pages).ok()).unwrap_or(u32::MAX)
    }
}

/// `memory.atomic.wait32` and `wait64`: `bytes` is 4 or 8.
pub(super) unsafe extern "C" fn wait(
    record: *mut Record,
    address: u64,
    expected: u64,
    timeout: i64,
    bytes: u32,
    offset: u32,
) -> i64 {
    let expected = if bytes == 4 { Expected::Word(expected as u32) } else { Expected::Double(expected) };
    // SAFETY: native code has called it.
    let waited = unsafe {
        guarded(record, |_, store| {
            let process = &store.data().process;
            let memory = process.memory.as_ref().ok_or(Trap::MemoryOutOfBounds)?;
            let waited = process.parking.wait(memory, &process.waiters, address, expected, timeout);
            Ok(waited.map_err(interrupted)?? as i64)
        })
    };
    // SAFETY: as above.
    waited.unwrap_or_else(|| unsafe { at(record, offset) })
}

/// `memory.atomic.notify`.
pub(super) unsafe extern "C" fn notify(record: *mut Record, address: u64, count: u32, offset: u32) -> i64 {
    // SAFETY: native code has called it.
    let woken = unsafe {
        guarded(record, |_, store| {
            let process = &store.data().process;
            let memory = process.memory.as_ref().ok_or(Trap::MemoryOutOfBounds)?;
            Ok(i64::from(process.parking.notify(memory, address, count)?))
        })
    };
    // SAFETY: as above.
    woken.unwrap_or_else(|| unsafe { at(record, offset) })
}

/// Notes the offset of the instruction that has failed.
unsafe fn at(record: *mut Record, offset: u32) -> i64 {
    // SAFETY: the caller's.
    if let Some(failure) = unsafe { &mut (*context(record).0).failure } {
        failure.offset = usize::try_from(offset).ok();
    }
    LEAVE
}
