//! Fuzz targets: whatever anybody gives to omp2wasi, it gets an answer or a typed error.
//!
//! A [`Target`] takes bytes, makes of them what one part of omp2wasi can be given, and panics where that part breaks its promise. Two things
//! drive targets: libFuzzer, guided by coverage, with the binaries in `fuzz_targets/` (`scripts/fuzz`); and `tests/bounded.rs`, a fixed number
//! of inputs that are the same each time, which needs no more than any other test. `docs/fuzzing.md` says how to use both.
//!
//! Invariant: what a target does depends on its input alone, so an input that fails once fails again, as far as threads let it.

#![warn(missing_docs)]
// Compiled for unit tests, of which there are none here, the files of the driver that `driver` includes would look for theirs.
#![cfg(not(test))]

pub mod driver;
pub mod host;
pub mod kernels;
pub mod manifest;
pub mod mutate;
pub mod rewriter;
pub mod seeds;

mod kernel_module;
mod linked_module;

/// One part of omp2wasi with all that it can be given.
pub struct Target {
    /// The name, as in `fuzz_targets/`.
    pub name: &'static str,
    /// Takes an input. It panics if the part does not do what it promises.
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many inputs a bounded run makes, beside the seeds: so many that it takes some 20 s.
    pub rounds: u32,
}

/// All of them.
pub const TARGETS: [Target; 5] = [
    Target { name: "rewriter", run: rewriter::run, seeds: rewriter::seeds, rounds: 20_000 },
    Target { name: "manifest", run: manifest::run, seeds: manifest::seeds, rounds: 20_000 },
    Target { name: "kernels", run: kernels::run, seeds: kernels::seeds, rounds: 5_000 },
    Target { name: "host", run: host::run, seeds: host::seeds, rounds: 3_000 },
    Target { name: "driver", run: driver::run, seeds: driver::seeds, rounds: 40_000 },
];

/// How a binary module begins: an input that begins so is meant as it is, any other is what something is made from.
const MAGIC: &[u8] = b"\0asm";

/// For people who look into a finding: writes the module that was made from an input to the file that `OMP2WASI_FUZZ_KEEP` names.
fn keep(module: &[u8]) {
    if let Some(file) = std::env::var_os("OMP2WASI_FUZZ_KEEP") {
        std::fs::write(&file, module).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}
