//! A wasi-parallel host on Wasmtime: runs OpenMP programs as teams of WebAssembly instances on CPU threads.
//!
//! A [`Program`] is a compiled module, rewritten first if need be. [`Program::run`] executes it with a [`Config`] and says in an
//! [`Outcome`] how it ended: it returned, it exited, or one of its threads trapped.
//!
//! ```
//! use omp2wasi_runtime::{Config, Interruption, Outcome, Program, engine};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = engine(Interruption::AtHostCalls)?;
//! let program = Program::new(&engine, br#"
//!     (module
//!       (import "wasi_ephemeral_parallel" "parallel_for"
//!         (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
//!       (table 1 funcref)
//!       (elem (i32.const 0) $kernel)
//!       (memory (export "memory") 1)
//!       (func $kernel (param $thread_id i32) (param i32 i32)
//!         (i32.store8 (local.get $thread_id) (i32.const 1)))
//!       (func (export "_start") (result i32)
//!         (drop (call $parallel_for (i32.const 0) (i32.const 4) (i32.const 1)
//!           (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
//!         (i32.ne (i32.load (i32.const 0)) (i32.const 0x01010101))))
//! "#)?;
//! let outcome = program.run(Config::default().arg("demo"));
//! assert!(matches!(outcome, Outcome::Exited(0)));
//! # Ok(())
//! # }
//! ```
//!
//! Where things are: `program` loads and starts; `process` is what all threads of a running program share; `imports` turns guest words
//! into requests; `engine` is the two kinds of machine code that kernels run as; `cpu` is teams, independent iterations, waiting and places; [`device`] runs target regions on devices;
//! `memory` has all checked accesses of the host itself to guest memory (Wasmtime's WASI and the mirrors of devices get the raw memory);
//! `faults` resolves accesses to memory that a device has;
//! `config` is what a run is given, and `error` how it can end; `limits` is what it can use up; `report` is what there is to tell people;
//! `cache` keeps compiled code. What an embedder has to set for programs that it does not trust is in the repository's `SECURITY.md`.

#![warn(missing_docs)]

mod cache;
mod config;
mod cpu;
pub mod device;
mod engine;
mod error;
mod faults;
mod imports;
mod limits;
mod memory;
mod process;
mod program;
mod report;
mod sync;

pub use cache::{Cache, CacheError};
pub use config::{Accelerator, Config, Execution, Stdio};
pub use cpu::machine::Machine;
pub use engine::Tier;
pub use engine::native::{NATIVE_FLAGS, NativeError, NativeOptions, NativeReport, end_compilers};
pub use error::{Error, Outcome, TrapInfo};
pub use limits::OutOfMemory;
pub use program::{Engine, Interruption, Program, engine};
pub use report::{Notice, Severity};
pub use wasmtime;

/// The devices of this machine, a line for each: the host's, then those of OpenCL with the selectors that choose them.
pub fn devices() -> Vec<String> {
    let procs = Machine::local().procs().len();
    let host = [format!("cpu: a team of threads on {procs} processors"), "sequential: one thread, in order".to_owned()];
    let others = device::candidates().into_iter().enumerate().map(|(number, candidate)| {
        let kind = if candidate.kind == device::Kind::Gpu { ", a GPU" } else { "" };
        format!("opencl:{number}: {}{kind}", candidate.name)
    });
    host.into_iter().chain(others).collect()
}
