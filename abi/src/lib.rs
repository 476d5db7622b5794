//! The contract between the shim, the rewriter, codegen and the runtime, defined once.
//!
//! Everything that two of these parts must agree on stands here: the imported functions with their signatures
//! ([`imports`]), what a kernel looks like and what it reads from a team ([`layout`]), the custom section that describes
//! a module's kernels ([`manifest`]) and the one with the scalar forms of functions ([`scalar`]), and the numbers that
//! clang passes to the OpenMP entry points ([`llvm`]).
//! [`header::c_header`] prints the C side of it, which is checked in as `shim/include/omp2wasi/abi.h`.
//!
//! Invariant: this crate has no dependencies and decides nothing; it only names things.
#![no_std]
#![warn(missing_docs)]
extern crate alloc;

pub mod header;
pub mod imports;
pub mod layout;
pub mod llvm;
pub mod manifest;
pub mod scalar;
