//! A member's side of native code: the record that its native code runs with, entering it, and the values of globals.
//!
//! A global has two homes: the instance, which Wasmtime's code uses, and the record, which native code uses. One of them holds the truth;
//! [`Native::is_current`] says which. What Wasmtime runs from within native code goes through [`in_wasm`], and what native code a guest's call
//! has run is followed by [`give_back`].
//!
//! Invariant: while native code runs, or the host on its behalf, the record is current, but for the time of [`in_wasm`].

use super::Tiers;
use super::abi::{Code, Host, MAX_FRAMES, Record, Value};
use super::signals::{self, set_innermost};
use super::{callbacks, enter};
use crate::cpu::detached::ThreadExit;
use crate::cpu::member::Member;
use crate::cpu::stack;
use crate::engine::backtrace::{NativeTrace, Segment};
use crate::engine::form::Form;
use crate::error::wasm_trap;
use crate::imports::define::HostFunction;
use omp2wasi_codegen::TrapCode;
use std::any::Any;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use wasmparser::ValType;
use wasmtime::{Func, StoreContextMut, Trap, Val, ValRaw, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// What native code calls by the index of a function.
#[derive(Clone)]
pub(super) enum Callee {
    /// A function of the host's, which needs no help of Wasmtime's.
    Host(Arc<HostFunction>),
    /// Any other, and how many values it takes or returns. `is_wasm` is whether it is the module's own.
    Func { func: Func, words: usize, is_wasm: bool },
}

/// Why native code was left.
pub(super) struct Failure {
    pub error: wasmtime::Error,
    /// Where it was, see [`Segment`].
    pub pcs: Vec<usize>,
    pub offset: Option<usize>,
}

/// A global that changes, and its value when the instance and the record last agreed.
struct Synchronised {
    index: usize,
    ty: ValType,
    global: wasmtime::Global,
    agreed: u128,
}

/// What a member needs for native code.
pub(crate) struct Native {
    /// The record: its 6 first values are [`Record`], the others are the globals.
    record: Box<[Value]>,
    pub(super) host: Host,
    pub(super) form: Arc<Form>,
    tiers: Arc<Tiers>,
    globals: Vec<Synchronised>,
    /// Whether the record holds the truth about globals; otherwise the instance does.
    is_current: bool,
    /// By function index.
    pub(super) callees: Vec<Option<Callee>>,
    /// The store, while native code runs.
    pub(super) store: *mut StoreContextMut<'static, Member>,
    /// Why native code is about to be left.
    pub(super) failure: Option<Failure>,
    /// A panic of the host's that goes on when native code has been left.
    pub(super) panic: Option<Box<dyn Any + Send>>,
}

/// How many values [`Record`] takes.
const HEADER: usize = size_of::<Record>() / size_of::<Value>();

/// The owner of a member's [`Native`], which never moves: native code and the signal handler have its address.
pub(crate) struct Owner(NonNull<Native>);

// SAFETY: it belongs to a member, which one thread uses at a time.
unsafe impl Send for Owner {}

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and native code runs no more when its store goes.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl Owner {
    /// Its address.
    pub(super) fn get(&self) -> *mut Native {
        self.0.as_ptr()
    }

    fn new(store: &mut StoreContextMut<'_, Member>) -> wasmtime::Result<Self> {
        let process = Arc::clone(&store.data().process);
        let tiers = process.native.as_ref().ok_or_else(|| wasmtime::Error::msg("there is no native code"))?;
        let form = tiers.form().ok_or_else(|| wasmtime::Error::msg("the module cannot be read"))?;
        let memory = process.memory.as_ref().map(|memory| memory.shared().data());
        let start = memory.map_or(null_mut(), |data| data.as_ptr().cast_mut().cast::<u8>());
        let reserved = if memory.is_some() { super::RESERVED } else { 0 };
        let native = Native {
            record: vec![Value::new(0); HEADER + form.globals.len()].into(),
            host: Host {
                entry: null_mut(),
                frame: 0,
                pc: 0,
                memory: start.addr()..start.addr() + reserved,
                fault_trap: TrapCode::OutOfBounds,
                fault_frames: 0,
                fault: [0; MAX_FRAMES],
                native: null_mut(),
            },
            form: Arc::clone(form),
            tiers: Arc::clone(tiers),
            globals: Vec::new(),
            is_current: false,
            callees: vec![None; form.imports.len()],
            store: null_mut(),
            failure: None,
            panic: None,
        };
        let native = Box::leak(Box::new(native));
        let owner = Self(NonNull::from(&mut *native));
        native.host.native = owner.get();
        let record = Record {
            memory: start,
            memory_bytes: memory.map_or(0, |data| data.len() as u64),
            stack_limit: 0,
            host: &raw mut native.host,
            trap: enter::trap_stub,
            call: enter::call_stub,
            unwind: enter::leave,
            memory_size: callbacks::memory_size,
            memory_grow: callbacks::memory_grow,
            wait: enter::wait_stub,
            notify: enter::notify_stub,
        };
        // SAFETY: the first values are as large and as aligned as the record, and are nothing else.
        unsafe { native.record.as_mut_ptr().cast::<Record>().write(record) };
        native.find_globals(store)?;
        Ok(owner)
    }
}

impl Native {
    fn record(&mut self) -> *mut Record {
        self.record.as_mut_ptr().cast()
    }

    /// Finds the globals of the instance; those that do not change are read once.
    fn find_globals(&mut self, store: &mut StoreContextMut<'_, Member>) -> wasmtime::Result<()> {
        let instance = store.data().instance();
        for (index, described) in self.form.globals.iter().enumerate() {
            let name = described.export.as_deref();
            let global = name.and_then(|name| instance?.get_global(&mut *store, name));
            match global {
                Some(_) if matches!(described.ty, ValType::Ref(_)) => {}
                Some(global) if described.is_mutable => {
                    self.globals.push(Synchronised { index, ty: described.ty, global, agreed: 0 });
                }
                Some(global) => {
                    if let Some(value) = raw(&global.get(&mut *store)) {
                        self.record[HEADER + index] = value;
                    }
                }
                // The loader exports what changes.
                None if described.is_mutable && !matches!(described.ty, ValType::Ref(_)) => {
                    return Err(wasmtime::Error::msg(format!("global {index} cannot be reached")));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Reads globals from what a fork has brought, or else from the instance.
    fn load(&mut self, store: &mut StoreContextMut<'_, Member>) {
        self.is_current = true;
        if let Some(values) = store.data_mut().carried.take(self.globals.len()) {
            for (Synchronised { index, agreed, .. }, value) in self.globals.iter_mut().zip(values) {
                self.record[HEADER + *index] = *value;
                *agreed = value.bits();
            }
            return;
        }
        for Synchronised { index, global, agreed, .. } in &mut self.globals {
            if let Some(value) = raw(&global.get(&mut *store)) {
                self.record[HEADER + *index] = value;
                *agreed = value.bits();
            }
        }
    }

    /// Writes the globals that have changed to the instance.
    fn store(&mut self, store: &mut StoreContextMut<'_, Member>) -> wasmtime::Result<()> {
        self.is_current = false;
        for Synchronised { index, ty, global, agreed } in &mut self.globals {
            let value = self.record[HEADER + *index];
            if value.bits() != *agreed {
                *agreed = value.bits();
                global.set(&mut *store, cooked(value.0, *ty))?;
            }
        }
        Ok(())
    }

    /// Reads how large the memory is; native code looks itself when an access is beyond that.
    pub(super) fn look_at_memory(&mut self, store: &StoreContextMut<'_, Member>) -> u64 {
        let memory = store.data().process.memory.as_ref();
        let bytes = memory.map_or(0, |memory| memory.shared().data().len() as u64);
        // SAFETY: the record is this one's own.
        unsafe { (*self.record()).memory_bytes = bytes };
        bytes
    }

    /// The error that native code has been left with. `store` is that of the entry.
    fn failed(&mut self, store: &StoreContextMut<'_, Member>) -> wasmtime::Error {
        let pcs = self.host.fault[..self.host.fault_frames].to_vec();
        let (is_call, trap) = (self.failure.is_some(), self.host.fault_trap);
        let fault = || Failure { error: wasm_trap(trap).into(), pcs, offset: None };
        let Failure { error, pcs, offset } = self.failure.take().unwrap_or_else(fault);
        self.host.fault_frames = 0;
        // Nobody asks where threads were that leave as they should, or because the program is ending.
        if store.data().process.waiters.is_ending() || error.is::<I32Exit>() || error.is::<ThreadExit>() {
            return error;
        }
        let beneath = WasmBacktrace::force_capture(store).frames().len();
        let libraries = self.tiers.libraries();
        let is_overflow = error.downcast_ref::<Trap>() == Some(&Trap::StackOverflow);
        let form = Arc::clone(&self.form);
        NativeTrace::add(error, Segment { form, libraries, pcs, is_call, offset, is_overflow, beneath })
    }
}

/// A number as Wasmtime has it in memory; `None` for a reference. Bits that the type does not have are 0.
fn raw(value: &Val) -> Option<Value> {
    let bits = match value {
        Val::I32(value) => u128::from(*value as u32),
        Val::I64(value) => u128::from(*value as u64),
        Val::F32(bits) => u128::from(*bits),
        Val::F64(bits) => u128::from(*bits),
        Val::V128(value) => value.as_u128(),
        _ => return None,
    };
    Some(Value::new(bits))
}

fn cooked(value: ValRaw, ty: ValType) -> Val {
    match ty {
        ValType::I32 => Val::I32(value.get_i32()),
        ValType::I64 => Val::I64(value.get_i64()),
        ValType::F32 => Val::F32(value.get_f32()),
        ValType::F64 => Val::F64(value.get_f64()),
        _ => Val::V128(value.get_v128().into()),
    }
}

/// Calls native code of the program's library with the member of a store; `slots` are its arguments, and its results when it has returned.
///
/// # Errors
/// What has ended it: its trap, or the error of what it has called.
pub(crate) fn call(store: &mut StoreContextMut<'_, Member>, code: Code, slots: &mut [Value]) -> wasmtime::Result<()> {
    let pointer = match &store.data().native {
        Some(owner) => owner.get(),
        None => {
            let owner = Owner::new(store)?;
            store.data_mut().native.insert(owner).get()
        }
    };
    // SAFETY: the member owns it, and nobody else has a reference to it while this function does not run native code.
    let native = unsafe { &mut *pointer };
    if !native.is_current {
        native.load(store);
    }
    let record = native.record();
    if native.host.entry.is_null() {
        native.look_at_memory(store);
        // SAFETY: the record is this member's.
        unsafe { (*record).stack_limit = stack::native_limit() };
    }
    let entry = &raw mut native.host.entry;
    let outer_store = std::mem::replace(&mut native.store, std::ptr::from_mut(store).cast());
    let outer_record = set_innermost(record);
    // SAFETY: the code is of a library that the process keeps; the slots are as many as it has arguments and results. From here on the host's
    // functions use the member and the store by the pointers in the record, and this function uses neither until it is back.
    let was_left = unsafe { enter::enter(code, record, slots.as_mut_ptr(), entry) } != 0;
    set_innermost(outer_record);
    // SAFETY: as above.
    let native = unsafe { &mut *pointer };
    native.store = outer_store;
    if !was_left {
        return Ok(());
    }
    if let Some(panic) = native.panic.take() {
        std::panic::resume_unwind(panic);
    }
    Err(native.failed(store))
}

/// Whether the record holds the truth about the globals of a member.
pub(crate) fn is_current(member: &Member) -> bool {
    // SAFETY: a look at a field of what the member owns.
    member.native.as_ref().is_some_and(|owner| unsafe { (*owner.get()).is_current })
}

/// Gives the values of globals back to the instance, because Wasmtime's code goes on.
///
/// # Errors
/// When Wasmtime refuses a value, which it never does.
pub(crate) fn give_back(store: &mut StoreContextMut<'_, Member>) -> wasmtime::Result<()> {
    let Some(native) = store.data().native.as_ref().map(Owner::get) else { return Ok(()) };
    // SAFETY: as in `call`.
    let native = unsafe { &mut *native };
    if native.is_current { native.store(store) } else { Ok(()) }
}

/// Runs what calls Wasmtime's code on a member whose native code may be running.
///
/// # Errors
/// Those of `run`, and that there is no room on the stack.
pub(crate) fn in_wasm<'s, R>(
    store: &mut StoreContextMut<'s, Member>,
    run: impl FnOnce(&mut StoreContextMut<'s, Member>) -> wasmtime::Result<R>,
) -> wasmtime::Result<R> {
    // It may change globals.
    store.data_mut().carried.forget();
    let Some(pointer) = store.data().native.as_ref().map(Owner::get) else { return run(store) };
    // SAFETY: as in `call`.
    let native = unsafe { &mut *pointer };
    if !native.is_current {
        return run(store);
    }
    native.store(store)?;
    let is_nested = !native.host.entry.is_null();
    if is_nested {
        // Native code has used some of the stack without Wasmtime's knowing.
        stack::check()?;
    }
    let result = run(store)?;
    if is_nested {
        // SAFETY: as above; what has run meanwhile has no reference to it any more.
        unsafe { &mut *pointer }.load(store);
    }
    Ok(result)
}

/// The frames from where native code called the host, up to its entry.
///
/// # Safety
/// Native code of this member has just called the host by a stub.
pub(super) unsafe fn frames(native: *mut Native) -> Vec<usize> {
    let mut pcs = [0; MAX_FRAMES];
    // SAFETY: the stub has noted where native code is, and the caller vouches for the rest.
    let count = unsafe { signals::walk((*native).host.pc, (*native).host.frame, (*native).host.entry, &mut pcs) };
    pcs[..count].to_vec()
}
