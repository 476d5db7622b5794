//! What executes wasm code: Cranelift's code, which Wasmtime runs, and for kernels also machine code that the local C compiler made
//! ([`native`]).
//!
//! Invariant: both forms of a kernel do the same to the memory and to the globals of the instance that calls it, and trap with the same
//! message and the same backtrace; so one can take the other's place at any call.

pub(crate) mod backtrace;
pub(crate) mod form;
pub(crate) mod native;

/// Which machine code kernels run as, and what is outside of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// Cranelift's code.
    #[default]
    Cranelift,
    /// Cranelift's code first; kernels in which the program spends its time become native code while it runs, or are found in the cache. Where
    /// that is not possible (a notice says why), Cranelift's code stays. What is outside of kernels is native if it is in the cache.
    Auto,
    /// Native code of the local C compiler, made before the program starts; the program does not start where that is not possible for kernels.
    Native,
}
