//! WebAssembly kernels to OpenCL C.
//!
//! A kernel is a function of a module with all that it calls. It is lifted from the stack machine to expressions and statements
//! (`lift`), its stack frames become variables (`frame`), and a dialect prints it (`opencl`): readable text that a compiler of
//! the device takes. What cannot be translated is a [`Refusal`], never a panic.
//!
//! No name or string of the module reaches that text, unless it is asked for comments to read.
//!
//! ```
//! let bytes = wat::parse_str(r#"(module (memory 1)
//!     (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
//!         (i32.store (i32.shl (local.get $id) (i32.const 2)) (local.get $id))))"#).unwrap();
//! let module = omp2wasi_codegen::Module::parse(&bytes)?;
//! let function = module.exported_function("kernel").unwrap();
//! let kernel = omp2wasi_codegen::translate(&module, function, &omp2wasi_codegen::Options::default())?;
//! assert!(kernel.source.contains("i32_store(m, i0 << 2"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod frame;
mod instructions;
mod ir;
mod lift;
mod module;
mod opencl;
mod refusal;

pub use instructions::Ty;
pub use module::Module;
pub use refusal::{Reason, Refusal};

use std::collections::BTreeMap;

/// Blocks in blocks, and calls in calls, deeper than this are refused: whoever walks them recurses.
pub(crate) const MAX_DEPTH: usize = 200;

/// How accesses to memory are kept inside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bounds {
    /// Each access is compared with the size of the memory, and traps.
    #[default]
    Checked,
    /// None is: behind the memory lies a guard, as far as 32-bit addresses with 32-bit offsets reach (8 GiB and 16 bytes in all).
    Guarded,
}

/// How to translate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How accesses to memory are kept inside it.
    pub bounds: Bounds,
    /// Puts names of the module into comments, for people to read. They are reduced to harmless characters; still, text that goes
    /// to a compiler is better without.
    pub comments: bool,
}

/// A place in the module that may trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Index of the function.
    pub function: u32,
    /// Offset in the module's bytes.
    pub offset: usize,
}

/// Why a kernel stopped: the first word of the trap record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[repr(u32)]
pub enum Trap {
    /// `unreachable` was executed.
    #[error("wasm `unreachable` instruction executed")]
    Unreachable = 1,
    /// An access outside of the memory.
    #[error("out of bounds memory access")]
    OutOfBounds = 2,
    /// Division of an integer by zero.
    #[error("integer divide by zero")]
    DivideByZero = 3,
    /// A quotient, or an integer from a float, that its type cannot hold.
    #[error("integer overflow")]
    IntegerOverflow = 4,
    /// An integer from a NaN.
    #[error("invalid conversion to integer")]
    InvalidConversion = 5,
    /// A call through a slot that holds no function of the type.
    #[error("indirect call to no function of this type")]
    IndirectCall = 6,
    /// An atomic access to an address that is no multiple of its size.
    #[error("unaligned atomic")]
    Unaligned = 7,
}

impl Trap {
    /// The trap behind the first word of a record; `None` for 0, which is no trap, and for what no kernel writes.
    #[must_use]
    pub fn from_word(word: u32) -> Option<Self> {
        use Trap::*;
        [Unreachable, OutOfBounds, DivideByZero, IntegerOverflow, InvalidConversion, IndirectCall, Unaligned]
            .into_iter()
            .find(|trap| *trap as u32 == word)
    }
}

/// A translated kernel.
///
/// Its entry point is [`Kernel::ENTRY`], with these arguments: the memory (`__global uchar *`), its size in bytes (`ulong`), the
/// trap record (`__global uint *`: what trapped, an index into `sites`), the first thread id of this launch and how many there
/// are (`uint`, `uint`), the number of threads and the block size (`uint`, `uint`), the other parameters of the function (`uint`
/// each), and the globals in the order of `globals`.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The text.
    pub source: String,
    /// What the second word of the trap record means.
    pub sites: Vec<Site>,
    /// Globals whose values it is given: index and type.
    pub globals: Vec<(u32, Ty)>,
    /// Parameters of the function beyond thread id, number of threads and block size.
    pub parameters: usize,
    /// Whether it computes with 64-bit floats.
    pub uses_f64: bool,
    /// Whether it has atomic operations on 64-bit integers.
    pub uses_atomics64: bool,
}

impl Kernel {
    /// Name of the entry point.
    pub const ENTRY: &str = "omp2wasi_kernel";
}

/// Translates a function of type `(thread_id i32, num_threads i32, block_size i32, i32*) -> ()` and all that it calls.
///
/// # Errors
/// What cannot be translated, with the calls that lead there.
pub fn translate(module: &Module, function: u32, options: &Options) -> Result<Kernel, Refusal> {
    if let Some(obstacle) = module.obstacle() {
        return Err(Reason::Module(obstacle.to_owned()).into());
    }
    if !module.signature(function).is_some_and(module::Signature::is_kernel) {
        return Err(Reason::Module("its type is not (i32, i32, i32, i32*) -> ()".to_owned()).into());
    }
    let mut program =
        Program { module, functions: BTreeMap::new(), order: Vec::new(), sites: Vec::new(), chain: Vec::new() };
    program.add(function).map_err(|reason| {
        let chain = program.chain.iter().map(|function| module.function_name(*function)).collect();
        Refusal { reason, chain }
    })?;
    Ok(opencl::print(program, function, options))
}

/// A kernel with all that it calls.
pub(crate) struct Program<'m, 'a> {
    pub module: &'m Module<'a>,
    pub functions: BTreeMap<u32, (ir::Function, frame::Slots)>,
    /// Functions before those that call them.
    pub order: Vec<u32>,
    pub sites: Vec<Site>,
    /// Calls that lead to where the walk is; after a refusal, to the obstacle.
    chain: Vec<u32>,
}

impl Program<'_, '_> {
    fn add(&mut self, function: u32) -> Result<(), Reason> {
        if self.functions.contains_key(&function) {
            return if self.order.contains(&function) { Ok(()) } else { Err(Reason::Recursion) };
        }
        self.chain.push(function);
        if self.chain.len() > MAX_DEPTH {
            return Err(Reason::Depth);
        }
        if let Some((module, name)) = self.module.import(function) {
            return Err(Reason::HostCall(module.clone(), name.clone()));
        }
        let lifted = lift::lift(self.module, function, &mut self.sites)?;
        let slots = frame::slots(&lifted)?;
        let callees = lifted.callees.clone();
        self.functions.insert(function, (lifted, slots));
        for callee in callees {
            self.add(callee)?;
        }
        self.order.push(function);
        self.chain.pop();
        Ok(())
    }
}
