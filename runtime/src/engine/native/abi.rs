//! What native code and this host share in memory. Codegen's C text declares the same structures.
//!
//! Invariant: the layouts are those of version [`VERSION`] of the text; constants here check each offset.

use super::member::Native;
use omp2wasi_codegen::TrapCode;
use std::mem::offset_of;
use wasmtime::ValRaw;

/// The version of the interface that this host has.
pub(crate) const VERSION: u32 = 2;

/// The symbols that a library exports.
pub(crate) const SYMBOLS: [&str; 3] =
    ["omp2wasi_native_version", "omp2wasi_native_entries", "omp2wasi_native_entry_count"];

/// A value of any type, laid out as Wasmtime has it.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub(crate) struct Value(pub ValRaw);

const _: () = assert!(size_of::<Value>() == 16 && size_of::<ValRaw>() == 16);

impl Value {
    /// A value of these bits; those that its type does not have are 0.
    pub(crate) fn new(bits: u128) -> Self {
        Self(ValRaw::v128(bits))
    }

    /// The bits.
    pub(crate) fn bits(&self) -> u128 {
        // `ValRaw` has no part that could be without a value: `new` sets all of them, and so does everybody who reads whole ones.
        self.0.get_v128()
    }
}

/// A function's native form: arguments in `slots` from the first one on, and results there when it returns.
pub(crate) type Code = unsafe extern "C" fn(record: *mut Record, slots: *mut Value);

/// An entry of a library's list of functions.
#[repr(C)]
pub(crate) struct Entry {
    /// Its index in the module.
    pub function: u32,
    pub reserved: u32,
    pub code: Option<Code>,
}

/// What native code is given: where memory is, and the functions of the host. The values of the module's globals follow it.
#[repr(C, align(16))]
pub(crate) struct Record {
    pub memory: *mut u8,
    pub memory_bytes: u64,
    pub stack_limit: usize,
    pub host: *mut Host,
    pub trap: unsafe extern "C" fn(*mut Record, u32, u32),
    pub call: unsafe extern "C" fn(*mut Record, u32, *mut Value) -> u32,
    pub unwind: unsafe extern "C" fn(*mut Record),
    pub memory_size: unsafe extern "C" fn(*mut Record) -> u64,
    pub memory_grow: unsafe extern "C" fn(*mut Record, u32) -> u32,
    pub wait: unsafe extern "C" fn(*mut Record, u64, u64, i64, u32, u32) -> u32,
    pub notify: unsafe extern "C" fn(*mut Record, u64, u32, u32) -> u32,
}

/// Return addresses that are kept of a trap's frames: more than a backtrace shows.
pub(crate) const MAX_FRAMES: usize = 32;

/// The host's side of a record.
#[repr(C)]
pub(crate) struct Host {
    /// The stack pointer of the innermost entry, where its caller's registers are; null outside of all.
    pub entry: *mut u8,
    /// The frame that last called the host, and where it goes on.
    pub frame: usize,
    pub pc: usize,
    /// The linear memory with all that is reserved for it and guards it: an access that faults in there is one that is out of bounds.
    pub memory: std::ops::Range<usize>,
    /// What a fault has left: the trap that it is, how many program counters, and these, innermost first.
    pub fault_trap: TrapCode,
    pub fault_frames: usize,
    pub fault: [usize; MAX_FRAMES],
    /// The member that it belongs to.
    pub native: *mut Native,
}

const _: () = {
    assert!(offset_of!(Record, host) == 24 && offset_of!(Record, trap) == 32 && offset_of!(Record, call) == 40);
    assert!(offset_of!(Record, unwind) == 48 && offset_of!(Record, memory_size) == 56);
    assert!(offset_of!(Record, memory_grow) == 64 && offset_of!(Record, wait) == 72);
    assert!(offset_of!(Record, notify) == 80 && size_of::<Record>() == 96);
    // What the code in `enter` uses.
    assert!(offset_of!(Host, entry) == 0 && offset_of!(Host, frame) == 8 && offset_of!(Host, pc) == 16);
};
