//! What is known of a kernel's code. Each question is answered once, into [`Facts`], which every dialect is handed.
//!
//! `dataflow` follows values for `effects` (which memory is accessed, in the words of `access`), `bounds` (whether accesses stay inside of the memory, with
//! `intervals`) and `worksharing` (what iterations the loop has; `prologue` and `term`); `frames` is what is kept on the stack meanwhile.
//! `teams` looks at teams regions' functions. `versions` makes nests of collapsed loops, and finds loops whose addresses advance evenly,
//! with `linear` for sums, `affine` for what changes evenly, and `alignment` for bits that are zero.

pub(crate) mod access;
mod affine;
mod alignment;
pub(crate) mod bounds;
mod clearing;
pub(crate) mod dataflow;
pub(crate) mod effects;
mod facts;
pub(crate) mod frames;
mod intervals;
pub(crate) mod linear;
mod prologue;
mod steps;
pub(crate) mod teams;
mod term;
pub(crate) mod versions;
pub(crate) mod worksharing;

pub use facts::Facts;
