//! WebAssembly kernels to C dialects for devices.
//!
//! A kernel is a function of a module with all that it calls. Its way leads through layers, each in a folder that knows those before it
//! (but for `lift::reaching`, which borrows the join and the budget of `analysis::dataflow`):
//!
//! 1. `wasm`: a module, validated and parsed once.
//! 2. `lift`: the stack machine becomes `ir`, expressions and structured statements; stack frames become variables, and calls of the
//!    OpenMP runtime become what they mean on a device.
//! 3. `analysis`: what is known of the code, once for all, in [`Facts`].
//! 4. `dialect`: the IR with its facts becomes text that a compiler takes. `dialect::c` has what all C dialects share, `dialect::opencl` is
//!    OpenCL C; another one would be a folder beside it.
//!
//! [`Lowered`] is a kernel after step 3, [`Kernel`] after step 4. What cannot be translated is a [`Refusal`], never a panic.
//!
//! No name or string of the module reaches the text, unless it is asked for comments to read.
//!
//! ```
//! use omp2wasi_codegen::{Language, Lowered, Module, Options};
//!
//! let bytes = wat::parse_str(r#"(module (memory 1)
//!     (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
//!         (i32.store (i32.shl (local.get $id) (i32.const 2)) (local.get $id))))"#).unwrap();
//! let module = Module::parse(bytes)?;
//! let function = module.exported_function("kernel").unwrap();
//! let kernel = Lowered::kernel(&module, function)?.translate(Language::OpenClC, &Options::default());
//! assert!(kernel.artifact.text.contains("i32_store(m, i0 << 2"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod analysis;
mod dialect;
mod ir;
mod kernel;
mod lift;
mod native;
mod refusal;
mod wasm;

pub use analysis::Facts;
pub use analysis::access::{Access, MemoryObject};
pub use analysis::effects::Effects;
pub use analysis::teams::{Piece, Teams, teams};
pub use dialect::{Artifact, EntryPoints, Param};
pub use ir::Ty;
#[cfg(test)]
pub(crate) use kernel::testing;
pub use kernel::{Bounds, Kernel, Language, LaunchPlan, Location, Lowered, Mathematics, Options, TrapCode};
pub use lift::ForeseenWord;
pub use native::{NATIVE_FLAGS, NativeOptions, NativeUnit};
pub use refusal::{Reason, Refusal};
pub use wasm::Module;

/// Another text whenever this crate's sources are others, and so may make other text of the same module.
pub const VERSION: &str = env!("OMP2WASI_CODEGEN_SOURCES");

/// Blocks in blocks, and calls in calls, deeper than this are refused: whoever walks them recurses.
pub(crate) const MAX_DEPTH: usize = 200;
