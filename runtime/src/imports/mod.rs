//! The functions that a guest can call. Each checks its words and hands a typed request to `cpu` or `device`; WASI and the buffers of
//! wasi-parallel are implemented here.
//!
//! Invariant: every pointer, length and handle comes from the guest and is checked before it is used or handed on; a bad one is an errno
//! with a notice that names it, or a trap with a message.

mod atomics;
pub(crate) mod buffers;
pub(crate) mod define;
mod devices;
pub(crate) mod linker;
mod omp2wasi;
pub(crate) mod parallel_exec;
pub(crate) mod parallel_for;
pub(crate) mod wasi;
