//! The crate's API. [`Lowered::region`] and [`Lowered::kernel`] decide whether a function can run on a device, and find out all that is
//! to be known of it; [`Lowered::translate`] prints it, once for each form that it is launched in; a [`Kernel`] answers what a launch asks.
//!
//! Invariant: what [`Lowered`] takes can be printed in every form, so a region that was judged fit is never refused later for its code.

use crate::analysis::Facts;
use crate::dialect::{self, Artifact};
use crate::ir::{Expr, Function, Stmt, visit};
use crate::lift::Role;
use crate::lift::program::Program;
use crate::refusal::{Reason, Refusal};
use crate::wasm::Module;
use crate::wasm::module::Signature;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How accesses to memory are kept inside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bounds {
    /// Each access is compared with the size of the memory, and traps.
    #[default]
    Checked,
    /// Loads and stores are not compared. The caller must have found with [`Facts::written`] that none is outside, and must have put
    /// a guard behind the memory, so that the first [`Facts::reach`] bytes from its start belong to nobody else.
    Guarded,
}

/// Whose mathematics (`sin`, `exp`, `pow`) a region computes with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mathematics {
    /// The device's own functions, with their own rounding errors; and products and sums are fused where the program was compiled so that
    /// they may be. What the functions of OpenCL C may be off by is in its specification (section 7.4).
    #[default]
    Device,
    /// The functions that are in the module, and nothing fused: the same results to the bit as on the CPU.
    Exact,
}

/// A language that devices' compilers take: each has its dialect, see the folder `dialect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// OpenCL C 1.2.
    OpenClC,
}

/// How to translate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How accesses to memory are kept inside it.
    pub bounds: Bounds,
    /// Puts names of the module into comments, for people to read. They are reduced to harmless characters; still, text that goes
    /// to a compiler is better without.
    pub comments: bool,
    /// A virtual thread of a region gets consecutive iterations, as suits processors; otherwise one, so that neighbouring work-items
    /// get neighbouring iterations, as suits GPUs.
    pub blocks: bool,
    /// The arguments for a region's [`Facts::pointers`] are given divided by [`Facts::alignment`], and the text multiplies them again: so
    /// a compiler sees that they are aligned.
    pub aligned: bool,
    /// What the kernel writes is marked: see [`crate::Param::Marks`].
    pub marks: bool,
}

/// A place in the module that may trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Index of the function.
    pub function: u32,
    /// Offset in the module's bytes. Behind those, for native code, are the bodies of scalar forms, in the order of their section.
    pub offset: usize,
}

/// Why a kernel stopped: see [`Kernel::trapped`]. The numbers stand in kernels' trap records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[repr(u32)]
pub enum TrapCode {
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
    /// A call through a table entry that holds no function of the type.
    #[error("indirect call to no function of this type")]
    IndirectCall = 6,
    /// An atomic access to an address that is no multiple of its size.
    #[error("unaligned atomic")]
    Unaligned = 7,
    /// Calls are nested too deep for the stack.
    #[error("call stack exhausted")]
    StackOverflow = 8,
    /// A call through an index that the table does not have.
    #[error("undefined element: out of bounds table access")]
    TableOutOfBounds = 9,
    /// A call through a table entry that holds no function.
    #[error("uninitialized element")]
    NullFunction = 10,
}

impl TrapCode {
    /// The code of a number.
    #[must_use]
    pub fn of(number: u32) -> Option<Self> {
        use TrapCode::*;
        let codes = [
            Unreachable,
            OutOfBounds,
            DivideByZero,
            IntegerOverflow,
            InvalidConversion,
            IndirectCall,
            Unaligned,
            StackOverflow,
            TableOutOfBounds,
            NullFunction,
        ];
        codes.into_iter().find(|code| *code as u32 == number)
    }
}

/// A kernel's code, lifted, and all that is known of it.
pub struct Lowered {
    program: Program,
    names: Vec<(u32, String)>,
    facts: Arc<Facts>,
    locations: Arc<[Location]>,
}

impl Lowered {
    /// A hand-written kernel: a function of type `(thread_id i32, num_threads i32, block_size i32, i32*) -> ()`, with all that it calls.
    ///
    /// # Errors
    /// What has no translation, with the calls that lead there.
    pub fn kernel(module: &Module, function: u32) -> Result<Self, Refusal> {
        if !module.signature(function).is_some_and(Signature::is_kernel) {
            return Err(Reason::Module("its type is not (i32, i32, i32, i32*) -> ()".to_owned()).into());
        }
        Self::new(module, function, Role::Function, Mathematics::Exact)
    }

    /// The microtask of a parallel region: a function of type `(gtid* i32, btid* i32, i32*) -> ()` whose work is one worksharing loop. This
    /// and [`Lowered::league`] are the judges of whether a region may run on a device.
    ///
    /// Work-item `w` of `W` runs the microtask for virtual threads `w`, `w + W`, `w + 2 W` and so on, until none has iterations. A virtual
    /// thread gets one iteration, or `block_size` consecutive ones with [`Options::blocks`], or a chunk, if the program says how long
    /// chunks are. Whether a certain device has what the kernel needs is for the caller to find out ([`Facts::uses_f64`] and its kin).
    ///
    /// # Errors
    /// What has no translation, with the calls that lead there.
    pub fn region(module: &Module, microtask: u32, mathematics: Mathematics) -> Result<Self, Refusal> {
        if !module.signature(microtask).is_some_and(Signature::is_microtask) {
            return Err(Reason::Module("its type is not (i32, i32, i32*) -> ()".to_owned()).into());
        }
        Self::without_globals(module, microtask, Role::Microtask, mathematics)
    }

    /// The function of a league, of type `(gtid* i32, btid* i32, i32*) -> ()`, or of a target region that is one team, of type `(i32*) -> ()`
    /// and known by its name ([`Module::is_target_region`]): serial code, and the parallel regions that it forks.
    ///
    /// Each work-group is a team. All its work-items execute the function; the virtual threads of a parallel region are shared out among
    /// them, or they execute it as they are, where it is none that [`Lowered::region`] would take.
    ///
    /// # Errors
    /// What has no translation, with the calls that lead there.
    pub fn league(module: &Module, function: u32, mathematics: Mathematics) -> Result<Self, Refusal> {
        let signature = module.signature(function);
        let role = match module.is_target_region(function) {
            true if signature.is_some_and(Signature::is_target) => Role::Target,
            false if signature.is_some_and(Signature::is_microtask) => Role::League,
            _ => return Err(Reason::Module("its type is not a league's".to_owned()).into()),
        };
        Self::without_globals(module, function, role, mathematics)
    }

    /// A region's code. Globals are the thread's: where its stack and its thread-local storage are. A virtual thread has neither, nor has a
    /// member of a team.
    fn without_globals(module: &Module, function: u32, role: Role, mathematics: Mathematics) -> Result<Self, Refusal> {
        let lowered = Self::new(module, function, role, mathematics)?;
        match lowered.facts.globals.is_empty() {
            true => Ok(lowered),
            false => Err(Reason::ThreadVariables.into()),
        }
    }

    fn new(module: &Module, function: u32, role: Role, mathematics: Mathematics) -> Result<Self, Refusal> {
        let refuse = |reason, chain: Vec<u32>| Refusal {
            reason,
            chain: chain.into_iter().map(|function| module.function_name(function)).collect(),
        };
        let program = Program::lift(module, (function, role), mathematics);
        let program = program.map_err(|(reason, chain)| refuse(reason, chain))?;
        let facts = Arc::new(Facts::of(&program, module));
        let locations = program.sites.values().copied().collect();
        let names = program.functions.keys().map(|(index, _)| (*index, module.function_name(*index))).collect();
        Ok(Self { program, names, facts, locations })
    }

    /// The same region for launches that give it, with its arguments, words of structures which those point to ([`Facts::foreseen`]); `None` if it
    /// has no pointers in structures. Launched with other words than the memory has, the kernel does nothing, and leaves [`Kernel::UNFORESEEN`].
    #[must_use]
    pub fn foreseeing(&self, module: &Module) -> Option<Self> {
        let program = crate::lift::foresee(&self.program).filter(|_| self.program.entry.1 == Role::Microtask)?;
        let facts = Arc::new(Facts::of(&program, module));
        Some(Self { program, names: self.names.clone(), facts, locations: self.locations.clone() })
    }

    /// What is known of it.
    #[must_use]
    pub fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        let of_function = |function: &Function| {
            let (mut stmts, mut exprs) = (0, 0);
            visit::for_each_stmt(&function.body, &mut |_| stmts += 1);
            visit::for_each_part(&function.body, &mut |_| exprs += 1);
            size_of::<Function>() + stmts * size_of::<Stmt>() + exprs * size_of::<Expr>() + function.vars.len() * 8
        };
        let functions: usize = self.program.functions.values().map(of_function).sum();
        functions + self.locations.len() * size_of::<Location>()
    }

    /// Its text in a language.
    #[must_use]
    pub fn translate(&self, language: Language, options: &Options) -> Kernel {
        // Relaxed: all that matters is that nobody else gets the same number.
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let artifact = match language {
            Language::OpenClC => dialect::opencl::translate(&self.program, &self.facts, options, &self.names),
        };
        Kernel {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            artifact,
            facts: self.facts.clone(),
            locations: self.locations.clone(),
        }
    }
}

/// The IR, for people and tests: each function, with what it was lifted for.
impl fmt::Display for Lowered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, key) in self.program.order.iter().enumerate() {
            let separator = if number == 0 { "" } else { "\n" };
            write!(f, "{separator}{:?}: {}", key.1, self.program.functions[key])?;
        }
        Ok(())
    }
}

/// A translated kernel: its text, and what is known of it.
#[derive(Clone)]
pub struct Kernel {
    /// A number that no other translation of this process has: cheaper to compare than the text.
    pub id: u64,
    /// What a device's compiler and whoever launches the kernel need.
    pub artifact: Artifact,
    /// What is known of the code.
    pub facts: Arc<Facts>,
    locations: Arc<[Location]>,
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernel").field("id", &self.id).field("artifact", &self.artifact).finish_non_exhaustive()
    }
}

/// How a region's iterations can be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaunchPlan {
    /// How many iterations there are.
    pub iterations: u64,
    /// Whether a launch of as many virtual threads gives each one of them an iteration that it does, and the kernel has an entry point for
    /// that ([`Artifact::ONE_EACH`]).
    pub has_one_each: bool,
    /// The length of a row, and how many rows there are, if iterations can be assigned in tiles ([`Artifact::TILES`]).
    pub rows: Option<(u32, u32)>,
}

impl Kernel {
    /// The trap record of a launch that was given words that the memory has not ([`Facts::foreseen`]). No trap leaves it: there are fewer sites.
    pub const UNFORESEEN: u32 = 7;

    /// What stands for [`TrapCode::StackOverflow`] in trap records.
    pub(crate) const STACK_OVERFLOW: u32 = 0;

    /// Decodes the trap record of a launch that found 0 there. The record is the complement of `site << 3 | code`, where `code` is a
    /// [`TrapCode`] and `site` the number of a location; 0 means that nothing has trapped. A site that is not known, which no kernel of
    /// ours writes, gives function 0 at offset 0.
    #[must_use]
    pub fn trapped(&self, record: u32) -> Option<(TrapCode, Location)> {
        if record == 0 {
            return None;
        }
        let code = match !record & 7 {
            Self::STACK_OVERFLOW => TrapCode::StackOverflow,
            code => TrapCode::of(code)?,
        };
        let location = self.locations.get(!record as usize >> 3).copied();
        Some((code, location.unwrap_or(Location { function: 0, offset: 0 })))
    }

    /// How a region's iterations can be launched, for these arguments, if it follows from them which iterations there are.
    #[must_use]
    pub fn plan(&self, arguments: &[u32]) -> Option<LaunchPlan> {
        /// Shorter and fewer rows are not worth tiles.
        const MIN_WIDTH: u32 = 32;
        const MIN_ROWS: u32 = 8;
        let iterations = self.facts.worksharing.space.as_ref()?.evaluate(arguments)?;
        let count = iterations.count;
        let width = iterations.width.and_then(|width| u32::try_from(width).ok()).filter(|width| *width >= MIN_WIDTH);
        let rows = width.filter(|width| count.is_multiple_of(u64::from(*width)));
        let rows = rows.and_then(|width| Some((width, u32::try_from(count / u64::from(width)).ok()?)));
        // Both indices, and the whole count, are within 31 bits.
        let has_tiles = iterations.are_all_done && self.artifact.entries.tiles && count < 1 << 31;
        Some(LaunchPlan {
            iterations: count,
            has_one_each: iterations.are_all_done && self.artifact.entries.one_each,
            rows: rows.filter(|(_, rows)| has_tiles && *rows >= MIN_ROWS),
        })
    }
}

/// For tests: the microtask that a module in the text format exports, translated.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    pub fn microtask(text: &str) -> Kernel {
        let wasm = wat::parse_str(text).expect("the text is right");
        let module = Module::parse(wasm).expect("the module is valid");
        let microtask = module.exported_function("microtask").expect("it is exported");
        Lowered::region(&module, microtask, Mathematics::Device)
            .expect("it can be translated")
            .translate(Language::OpenClC, &Options::default())
    }
}
