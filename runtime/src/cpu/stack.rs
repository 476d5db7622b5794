//! The native stacks of the threads that run wasm: how large they are, and whether there is room for more wasm frames.
//!
//! Wasmtime limits the frames of each store to [`MAX_WASM`] bytes, counted from where the store is entered. But stores nest: a host
//! function that a program calls from the depth of its own frames may run a kernel on another instance, and that may launch a kernel that
//! is a module of its own. Their limits would add up to more than a thread has, and running out of native stack ends the process.
//!
//! Invariant: a thread enters a store, from wherever it is, only after [`check`] has found room for all that the store's wasm may use and for
//! the host functions that it calls at its deepest.

use std::cell::Cell;
use wasmtime::Trap;

/// How deep wasm calls may nest in one store, in bytes of the native stack. A C program expects the 8 MiB of a native one.
pub(crate) const MAX_WASM: usize = 8 << 20;

/// Bytes for the frames of host functions, and of the compilers that they call.
const HOST_FRAMES: usize = 1 << 20;

/// Bytes of stack of each thread that runs wasm: a program, a kernel on an instance of its own that it launches, and a kernel module that
/// this launches, can all be as deep as they like. What nests deeper traps when there is no room.
pub(crate) const THREAD_STACK: usize = 3 * (MAX_WASM + HOST_FRAMES);

/// What a thread may have used of its stack before it calls [`begin`], with what the C library keeps there.
const BEFORE: usize = 256 << 10;

thread_local! {
    /// The lowest address that the calling thread may use. Until the thread says where it begins there is no room.
    static END: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// About where the calling thread is on its stack, which grows downwards.
#[inline(never)]
fn here() -> usize {
    let local = 0_u8;
    std::ptr::from_ref(&local).addr()
}

/// A thread with a stack of [`THREAD_STACK`] bytes begins to run.
pub(crate) fn begin() {
    END.set(here().saturating_sub(THREAD_STACK - BEFORE));
}

/// Checks that there is room for another store's wasm on the stack of the calling thread.
///
/// # Errors
/// The trap of wasm that calls too deep.
pub(crate) fn check() -> wasmtime::Result<()> {
    let room = here().saturating_sub(END.get());
    if room >= MAX_WASM + HOST_FRAMES - BEFORE { Ok(()) } else { Err(Trap::StackOverflow.into()) }
}

/// The lowest address that native code which is entered now may use: as much as wasm may, and so much less that host functions have room.
pub(crate) fn native_limit() -> usize {
    here().saturating_sub(MAX_WASM).max(END.get().saturating_add(HOST_FRAMES))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks at each depth until there is no room; returns how many bytes that took.
    fn descend(from: usize) -> usize {
        let frame = [0_u8; 4096];
        let depth = from - std::hint::black_box(&frame).as_ptr().addr();
        if check().is_err() { depth } else { descend(from) + frame[0] as usize }
    }

    #[test]
    fn room_for_two_more() {
        let run = || {
            begin();
            descend(here())
        };
        let depth = std::thread::Builder::new().stack_size(THREAD_STACK).spawn(run).unwrap().join().unwrap();
        assert!((2 * MAX_WASM..THREAD_STACK - MAX_WASM).contains(&depth), "{depth}");
    }

    #[test]
    fn none_on_threads_of_others() {
        assert!(check().is_err());
    }
}
