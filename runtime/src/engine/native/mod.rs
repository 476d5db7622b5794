//! Kernels as native code: codegen writes C, the local compiler makes a library of it, members call its functions instead of Cranelift's.
//!
//! ```text
//! module ─▶ translate ─▶ compiler ─▶ cache ─▶ library ─▶ tiers ─▶ member ─▶ enter ─▶ native code
//!                                                                   ▲                   │
//!                                                     signals, callbacks ◀──────────────┘
//! ```
//!
//! - `translate`: asks codegen for the C text of some kernels with all that they call.
//! - `compiler`: finds clang, and runs it; `running` are its processes. `maker` does both, unless the result is in the cache.
//! - `library`: loads what comes out, and knows which place of the module its instructions belong to.
//! - `tiers`: the kernels of a running program, and what is outside of them, each with its native code once there is some. `watch` finds those that are worth it while
//!   the program runs.
//! - `member`: what one member needs: the record that native code runs with, and the values of globals, which have another home in Wasmtime.
//! - `enter`, `signals` and `callbacks`: the way in, and all ways out: returning, calling the host, trapping, faulting.
//! - `abi`: the structures that the text declares, too.
//!
//! # What keeps it safe
//! The text is codegen's, from a module that has been validated; no byte of the module is in it but numbers. The compiler is one of this machine's,
//! runs with a fixed command line and without the user's environment, and reads and writes what nobody else can. Its libraries are kept in
//! the cache, which is the user's alone, and are run from memory that cannot be changed any more. What native code does to the linear memory
//! stays inside: [`RESERVED`] bytes from its start belong to it, and an address has 32 bits and an offset of less than [`GUARD`].
//!
//! Invariant: where there is no native code, for whatever reason, Cranelift's does the same.

pub(crate) mod abi;
mod callbacks;
pub(crate) mod carried;
pub(crate) mod compiler;
mod enter;
pub(crate) mod library;
mod maker;
pub(crate) mod member;
mod running;
pub(crate) mod signals;
#[cfg(test)]
mod tests;
mod tiers;
pub(crate) mod translate;
mod watch;

pub use compiler::FLAGS as NATIVE_FLAGS;
pub use maker::{NativeOptions, NativeReport};
pub use running::end_compilers;
pub(crate) use tiers::{Part, START, Tiers, make_beforehand};

use std::path::PathBuf;
use std::time::Duration;

/// Bytes that are kept free behind the 4 GiB that 32 bits can address.
pub(crate) const GUARD: u64 = (4 << 30) + (1 << 16);

/// Bytes of address space that a linear memory has, with its guard.
const RESERVED: usize = (4 << 30) + GUARD as usize;

/// Why there is no native code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NativeError {
    /// This processor or operating system has no implementation.
    #[error("native code is made on Linux alone, for x86-64 and aarch64")]
    Machine,
    /// The engine has to stop programs anywhere.
    #[error("native code cannot be stopped anywhere, as this engine's has to be")]
    Interruption,
    /// There is no compiler.
    #[error(
        "there is no clang in PATH (clang-22 to clang-19, or clang), which makes kernels faster; OMP2WASI_NATIVE_CC or --native-cc names one"
    )]
    NoCompiler,
    /// The compiler that was named cannot be used.
    #[error("the compiler {}: {reason}", path.display())]
    Unusable {
        /// Its path.
        path: PathBuf,
        /// Why not.
        reason: std::io::Error,
    },
    /// The compiler has failed.
    #[error("{} has failed ({status}){}", path.display(), shown(messages))]
    Compiler {
        /// Its path.
        path: PathBuf,
        /// How it ended.
        status: String,
        /// What it printed.
        messages: String,
    },
    /// The compiler takes too long.
    #[error("{} has not ended within {limit:?}", path.display())]
    Time {
        /// Its path.
        path: PathBuf,
        /// How long it may take.
        limit: Duration,
    },
    /// What the compiler needs of the operating system is not there.
    #[error("cannot run the compiler: {0}")]
    System(#[from] std::io::Error),
    /// What the compiler has made is no library of ours.
    #[error("what the compiler has made cannot be used: {0}")]
    Library(String),
    /// The module or some of it cannot be translated.
    #[error("{0}")]
    Translation(String),
    /// These kernels cannot be native, each with the reason.
    #[error("{}", listed(.0))]
    Kernels(Vec<(String, String)>),
    /// The program has ended meanwhile.
    #[error("the program has ended")]
    Ended,
}

/// The first of a compiler's messages, which come from text of ours.
fn shown(messages: &str) -> String {
    messages
        .lines()
        .find(|line| !line.trim().is_empty())
        .map(|line| format!(": {}", line.escape_debug()))
        .unwrap_or_default()
}

fn listed(kernels: &[(String, String)]) -> String {
    // The names come from the guest.
    let kernel = |(name, reason): &(String, String)| format!("{}: {}", name.escape_debug(), reason.escape_debug());
    format!("kernels that cannot be native: {}", kernels.iter().map(kernel).collect::<Vec<_>>().join("; "))
}
