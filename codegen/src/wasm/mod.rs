//! WebAssembly modules, as far as kernels are made of them.

mod data;
pub(crate) mod instructions;
pub(crate) mod module;
mod scalar;

pub use module::Module;
