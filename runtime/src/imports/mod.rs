//! What a program imports: guest words in, typed requests out, nothing else.

pub(crate) mod buffers;
mod devices;
pub(crate) mod linker;
mod omp2wasi;
pub(crate) mod parallel_exec;
pub(crate) mod parallel_for;
pub(crate) mod wasi;
