//! What a program imports: guest words in, typed requests out, nothing else.
//!
//! Invariant: every pointer, length and handle comes from the guest and is checked before anybody else gets it; a bad one is an errno
//! with a notice that names it, or a trap with a message.

pub(crate) mod buffers;
mod define;
mod devices;
pub(crate) mod linker;
mod omp2wasi;
pub(crate) mod parallel_exec;
pub(crate) mod parallel_for;
pub(crate) mod wasi;
