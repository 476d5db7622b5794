//! Why a module was refused, and what mends it.
//!
//! Invariant: each message names what is wrong with the module, and the flag or command that avoids it where there is one.

use omp2wasi_abi::manifest::DecodeError;

/// Why a module could not be rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no valid module.
    #[error("not a valid WebAssembly module: {message} (at byte {offset})")]
    Malformed {
        /// What is wrong, in wasmparser's words.
        message: String,
        /// Where, from the beginning of the bytes.
        offset: usize,
    },
    /// The bytes are a component.
    #[error("this is a component, not a core module: link with wasm-ld for the target wasm32-wasi (wasip1)")]
    Component,
    /// The bytes are a relocatable object.
    #[error(
        "this is an object file, not a linked module: link it with `omp2wasi cc`, or with wasm-ld and the flags that `omp2wasi shim --print-flags` prints"
    )]
    Object,
    /// The module imports entry points of the OpenMP runtime.
    #[error(
        "the module imports `{name}` from `{module}`: it was linked without the OpenMP shim; link it with libomp2wasi.a (`omp2wasi shim --install DIR`) and without --allow-undefined"
    )]
    NotLinked {
        /// Import module.
        module: String,
        /// Import name.
        name: String,
    },
    /// 64-bit memory.
    #[error("the module has a 64-bit memory; compile it for wasm32")]
    Memory64,
    /// More than one memory.
    #[error("the module has {0} memories; only modules with one are supported")]
    Memories(usize),
    /// The kernels need a table and globals that the linker did not keep.
    #[error("the module has no {what}: link it with {flag}")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// The flag of wasm-ld that keeps it.
        flag: &'static str,
    },
    /// A segment or table has a form that no compiler emits.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// A function has more local variables than engines take.
    #[error(
        "the function {function} has {locals} local variables, {places} of which are alive at the same time or may be: WebAssembly engines take 50000; compile it with -O1, or divide it"
    )]
    Locals {
        /// Its name, or its number.
        function: String,
        /// How many variables it has, parameters among them.
        locals: usize,
        /// How many are left when those that are not alive at the same time are one.
        places: usize,
    },
    /// There are kernels, and no custom section that describes them.
    #[error(
        "the module has been rewritten, and has lost its custom section `{}` since: tools that strip modules take it away; link the module again and keep the section",
        omp2wasi_abi::manifest::SECTION
    )]
    Stripped,
    /// The custom section says what is not so.
    #[error("the custom section `omp2wasi` does not fit the module: {0}; rewrite again what the linker has made")]
    Claims(String),
    /// The section with the scalar forms of functions says what cannot be.
    #[error(
        "the custom section with scalar forms does not fit the module: {0}; link again, with -fno-omp2wasi-scalar if need be"
    )]
    Scalar(String),
    /// The custom section cannot be read.
    #[error(transparent)]
    Manifest(#[from] DecodeError),
    /// walrus could not parse what wasmparser accepts.
    #[error("the module uses a feature that the rewriter does not know: {0}")]
    Parse(String),
    /// The output is not valid: a defect of the rewriter.
    #[error("the rewritten module is not valid, which is a defect of omp2wasi: {0}")]
    Output(String),
}

impl Error {
    /// wasmparser's error about a module, with the offset in it.
    pub(crate) fn malformed(error: wasmparser::BinaryReaderError) -> Self {
        Self::Malformed { message: error.message().to_owned(), offset: error.offset() }
    }
}
