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

mod deal;
mod effects;
mod frame;
mod inside;
mod instructions;
mod ir;
mod lift;
mod module;
mod opencl;
mod openmp;
mod prologue;
mod reaching;
mod refusal;

pub use effects::{Access, Effects, Span};
pub use instructions::Ty;
pub use module::Module;
pub use refusal::{Reason, Refusal};

use inside::Inside;
use openmp::Role;

use std::collections::{BTreeMap, BTreeSet};

/// Blocks in blocks, and calls in calls, deeper than this are refused: whoever walks them recurses.
pub(crate) const MAX_DEPTH: usize = 200;

/// How accesses to memory are kept inside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bounds {
    /// Each access is compared with the size of the memory, and traps.
    #[default]
    Checked,
    /// Loads and stores are not. A guard lies behind the memory, so far that what they may reach ([`Kernel::reach`]) is inside both; and as
    /// none of them traps, whoever launches the kernel has found out that none has to ([`Kernel::stays_inside`]).
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
    /// A virtual thread of a region gets consecutive iterations, as suits processors; otherwise one, so that neighbouring work-items
    /// get neighbouring iterations, as suits GPUs.
    pub blocks: bool,
    /// A region's [`Kernel::pointers`] are given divided by [`Kernel::multiple`], so that a compiler sees that they are aligned.
    pub aligned: bool,
}

/// A place in the module that may trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Index of the function.
    pub function: u32,
    /// Offset in the module's bytes.
    pub offset: usize,
}

/// Why a kernel stopped: see [`Kernel::trapped`].
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

/// A translated kernel.
///
/// Its entry point is [`Kernel::ENTRY`], with these arguments: the memory (`__global uchar *`, at least 16 bytes), its size in bytes
/// (`ulong`); if it [may trap](Kernel::may_trap), the trap record (`__global uint *`: see [`Kernel::trapped`]); the first thread id of this
/// launch, if it [has that](Kernel::has_first), how many there are, the number of threads, and the block size, if it
/// [has that](Kernel::has_block_size) (`uint` each); for a region with reductions, room for an accumulator of each work-group
/// (`__global uchar *`); the other parameters of the function (`uint` each), and the globals in the order of `globals`.
///
/// A region with reductions has another entry point, [`Kernel::REDUCE`], with the same arguments: it is launched after the first
/// one as one work-group, and `count` is the number of work-groups that the first one had.
///
/// For a region of which [`Kernel::iterations`] says more, others are to be used instead of the first one. With rows,
/// [`Kernel::TILES`]: `num_threads` is the length of a row, `count` the number of rows; the first dimension of the range is along a
/// row. Without rows, but sure, [`Kernel::SURE`]: `num_threads` is the number of iterations; without reductions there are as many
/// work-items.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The text.
    pub source: String,
    /// A number that no other translation of this process has: cheaper to compare than the text.
    pub id: u64,
    sites: Vec<Site>,
    /// Globals whose values it is given: index and type.
    pub globals: Vec<(u32, Ty)>,
    /// Parameters of the function beyond thread id, number of threads and block size; of a microtask, beyond its thread numbers.
    pub parameters: usize,
    /// Those of a region that are parts of addresses as they are: pointers, as far as anybody knows.
    pub pointers: Vec<usize>,
    /// What they are multiples of, unless something unusual is done: the length of the longest access.
    pub multiple: u32,
    /// What a region does to memory; of other kernels it is not known.
    pub effects: Effects,
    /// Room for an accumulator, in bytes, if the region has reductions.
    pub accumulator: Option<usize>,
    /// Whether it computes with 64-bit floats.
    pub uses_f64: bool,
    /// Whether it has atomic operations on 64-bit integers.
    pub uses_atomics64: bool,
    /// How far loads and stores reach at most: bytes from the start of the memory.
    pub reach: u64,
    /// Whether something in it may trap.
    pub may_trap: bool,
    /// Whether it is given the first thread id, which is 0 for a region. One that is given blocks could do without, but PoCL's compiler
    /// makes code of some that takes twice as long then.
    pub has_first: bool,
    /// Whether it is given a block size: a region is that gives virtual threads blocks.
    pub has_block_size: bool,
    space: Option<deal::Space>,
    inside: Option<Inside>,
    entries: Entries,
}

/// The iterations of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iterations {
    /// How many there are.
    pub count: u64,
    /// Whether there are as many virtual threads, which all do their iteration, and an entry point for that.
    pub is_sure: bool,
    /// The length of a row, and how many rows there are, if they can be dealt in tiles.
    pub rows: Option<(u32, u32)>,
}

impl Kernel {
    /// Name of the entry point.
    pub const ENTRY: &str = "omp2wasi_kernel";
    /// Name of the entry point that finishes reductions.
    pub const REDUCE: &str = "omp2wasi_reduce";
    /// Name of the entry point whose virtual threads have an iteration each.
    pub const SURE: &str = "omp2wasi_sure";
    /// Name of the entry point that deals iterations in tiles.
    pub const TILES: &str = "omp2wasi_tiles";
    /// Work-groups of that, in elements: width and height. Which one is faster depends on how the kernel walks through memory.
    pub const TILES_OF: [[u32; 2]; 2] = [[32, 8], [16, 16]];
    /// Most work-items in a group of a kernel with reductions.
    pub const MAX_GROUP: usize = 256;

    /// What has trapped where, if the trap record is `record` after a launch, and was 0 before: of its complement, the low three bits are
    /// a [`Trap`], the others say where.
    #[must_use]
    pub fn trapped(&self, record: u32) -> Option<(Trap, Site)> {
        use Trap::*;
        let traps =
            [Unreachable, OutOfBounds, DivideByZero, IntegerOverflow, InvalidConversion, IndirectCall, Unaligned];
        if record == 0 {
            return None;
        }
        let trap = *traps.get((!record & 7).checked_sub(1)? as usize)?;
        Some((trap, self.sites.get(!record as usize >> 3).copied().unwrap_or(Site { function: 0, offset: 0 })))
    }

    /// Whether there is an entry point [`Kernel::TILES`].
    #[must_use]
    pub fn has_tiles(&self) -> bool {
        self.entries.tiles
    }

    /// Whether there is an entry point [`Kernel::SURE`].
    #[must_use]
    pub fn has_sure(&self) -> bool {
        self.entries.sure
    }

    /// Which iterations a region has, for values of its parameters, if that follows from them.
    #[must_use]
    pub fn iterations(&self, parameters: &[u32]) -> Option<Iterations> {
        let deal::Evaluated { count, width, is_sure } = self.space.as_ref()?.evaluate(parameters)?;
        let width = width.and_then(|width| u32::try_from(width).ok()).filter(|width| *width >= 32);
        let rows = width.filter(|width| count.is_multiple_of(u64::from(*width)));
        let rows = rows.and_then(|width| Some((width, u32::try_from(count / u64::from(width)).ok()?)));
        // Smaller ones are not worth tiles. Both indices, and the whole count, are within 31 bits.
        let rows = rows.filter(|(_, rows)| is_sure && self.entries.tiles && *rows >= 8 && count < 1 << 31);
        Some(Iterations { count, is_sure: is_sure && self.entries.sure, rows })
    }

    /// Whether all loads and stores of a region that is dealt to GPUs are inside of a memory of so many bytes, for values of its parameters.
    /// Where that is not certain they are not.
    #[must_use]
    pub fn stays_inside(&self, parameters: &[u32], size: u64) -> bool {
        self.inside.as_ref().is_some_and(|inside| inside.holds(parameters, size))
    }
}

/// Which entry points a region has beside the first one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entries {
    pub sure: bool,
    pub tiles: bool,
}

/// Translates a function of type `(thread_id i32, num_threads i32, block_size i32, i32*) -> ()` and all that it calls.
///
/// # Errors
/// What cannot be translated, with the calls that lead there.
pub fn translate(module: &Module, function: u32, options: &Options) -> Result<Kernel, Refusal> {
    if !module.signature(function).is_some_and(module::Signature::is_kernel) {
        return Err(Reason::Module("its type is not (i32, i32, i32, i32*) -> ()".to_owned()).into());
    }
    program(module, function, false, options)
}

/// Translates the microtask of a parallel region: a function of type `(gtid* i32, btid* i32, i32*) -> ()` whose work is one loop.
///
/// The kernel's parameters are those after the first two. A work-item runs the microtask for virtual threads, and then for those that
/// are as many further on as there are work-items, until there are none left. What a virtual thread gets is said by
/// [`Options::blocks`]: one iteration, or `block_size` consecutive ones; a chunk, if the program says how long chunks are.
///
/// # Errors
/// What cannot be translated, with the calls that lead there.
pub fn translate_region(module: &Module, microtask: u32, options: &Options) -> Result<Kernel, Refusal> {
    let signature = module.signature(microtask);
    if !signature.is_some_and(|signature| {
        signature.params.len() >= 2 && signature.results.is_empty() && signature.params.iter().all(|ty| *ty == Ty::I32)
    }) {
        return Err(Reason::Module("its type is not (i32, i32, i32*) -> ()".to_owned()).into());
    }
    program(module, microtask, true, options)
}

/// What the function of a teams region does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teams {
    /// The one microtask that it forks.
    pub microtask: u32,
    /// What it reads or writes itself through its parameters.
    pub accessed: Vec<Piece>,
}

/// Bytes that a teams region's function accesses, from where a parameter points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The parameter, counted from the one after the thread numbers.
    pub parameter: u32,
    /// How far behind where it points.
    pub offset: u32,
    /// How many bytes.
    pub size: u32,
    /// Whether they are written.
    pub is_written: bool,
}

/// Looks at a teams region's function: whether all that it does is to fork one parallel region, to reduce, and to access memory on
/// its own stack and through its parameters. Then it can run on the host while what it forks runs on a device.
///
/// # Errors
/// What else it does.
pub fn teams(module: &Module, function: u32) -> Result<Teams, Refusal> {
    let refuse = |reason| Refusal { reason, chain: vec![module.function_name(function)] };
    let lifted = lift::lift(module, function, Role::Teams, &mut Vec::new()).map_err(refuse)?;
    let mut forked = BTreeSet::new();
    let mut accessed = BTreeMap::new();
    let mut obstacle = None;
    let mut addresses = BTreeMap::new();
    ir::for_each_stmt(&lifted.body, &mut |stmt| match stmt {
        ir::Stmt::Call { function, arguments, .. } => match module.function_name(*function).as_str() {
            "__kmpc_fork_call" => match arguments.get(2) {
                Some(ir::Expr::Const(_, slot)) => forked.extend(module.function_in_slot(*slot as u32)),
                _ => obstacle = Some("it forks a computed microtask".to_owned()),
            },
            name if name.starts_with("__kmpc_for_static_") || name == "__kmpc_global_thread_num" => {}
            name if name.starts_with("__kmpc_reduce") || name.starts_with("__kmpc_end_reduce") => {}
            // Nobody else is there: around what a reduction does that has no atomic operation.
            "__kmpc_critical" | "__kmpc_end_critical" => {}
            name if name.starts_with("__kmpc_push_") => {}
            name => obstacle = Some(format!("it calls `{name}` beside its parallel region")),
        },
        ir::Stmt::Set(var, value) => {
            let is_frame = matches!(value, ir::Expr::Frame(_));
            addresses.entry(*var).and_modify(|all| *all &= is_frame).or_insert(is_frame);
        }
        ir::Stmt::CallIndirect { .. } => {
            obstacle = Some("it calls through a pointer beside its parallel region".to_owned())
        }
        ir::Stmt::SetGlobal(..) => obstacle = Some("it sets a variable of the thread".to_owned()),
        _ => {}
    });
    // Variables that hold addresses in the frame and nothing else, and those that keep what the caller gave.
    let in_frame = |var: &ir::Var| addresses.get(var) == Some(&true);
    let given = lifted.locals + 2..lifted.locals + lifted.params;
    ir::for_each_part(&lifted.body, &mut |part| {
        if let ir::Expr::Op(op) = part
            && (op.offset.is_some() || ir::is_effect(op.name))
        {
            match op.operands.first() {
                Some(ir::Expr::Frame(_)) => {}
                Some(ir::Expr::Var(var)) if in_frame(var) => {}
                Some(ir::Expr::Var(var)) if given.contains(var) && op.offset.is_some() => {
                    let offset = op.offset.and_then(|offset| u32::try_from(offset).ok()).unwrap_or(u32::MAX);
                    *accessed.entry(((var - given.start) as u32, offset, op.bytes())).or_default() |= !op.loads();
                }
                _ => obstacle = Some(format!("it accesses memory beside its parallel region (`{}`)", op.name)),
            }
        }
    });
    if let Some(obstacle) = obstacle {
        return Err(refuse(Reason::Module(obstacle)));
    }
    match (forked.first(), forked.len()) {
        (Some(microtask), 1) => Ok(Teams {
            microtask: *microtask,
            accessed: accessed
                .into_iter()
                .map(|((parameter, offset, size), is_written)| Piece { parameter, offset, size, is_written })
                .collect(),
        }),
        _ => Err(refuse(Reason::Module(format!("it forks {} parallel regions", forked.len())))),
    }
}

fn program(module: &Module, entry: u32, region: bool, options: &Options) -> Result<Kernel, Refusal> {
    let mut program = Program {
        module,
        entry,
        entry_role: if region { Role::Microtask } else { Role::Function },
        functions: BTreeMap::new(),
        order: Vec::new(),
        sites: Vec::new(),
        chain: Vec::new(),
    };
    let chain = |program: &Program| program.chain.iter().map(|(function, _)| module.function_name(*function)).collect();
    program.add(entry, program.entry_role).map_err(|reason| Refusal { reason, chain: chain(&program) })?;
    if region {
        program.check_region().map_err(|reason| Refusal { reason, chain: vec![module.function_name(entry)] })?;
    }
    let name = module.function_name(entry);
    opencl::print(program, options).map_err(|reason| Refusal { reason, chain: vec![name] })
}

/// A kernel with all that it calls.
pub(crate) struct Program<'m, 'a> {
    pub module: &'m Module<'a>,
    pub entry: u32,
    pub entry_role: Role,
    pub functions: BTreeMap<(u32, Role), (ir::Function, frame::Slots)>,
    /// Functions before those that call them.
    pub order: Vec<(u32, Role)>,
    pub sites: Vec<Site>,
    /// Calls that lead to where the walk is; after a refusal, to the obstacle.
    chain: Vec<(u32, Role)>,
}

impl Program<'_, '_> {
    fn add(&mut self, function: u32, role: Role) -> Result<(), Reason> {
        let key = (function, role);
        if self.functions.contains_key(&key) {
            return if self.order.contains(&key) { Ok(()) } else { Err(Reason::Recursion) };
        }
        self.chain.push(key);
        if self.chain.len() > MAX_DEPTH {
            return Err(Reason::Depth);
        }
        if let Some((module, name)) = self.module.import(function) {
            return Err(Reason::HostCall(module.clone(), name.clone()));
        }
        if role == Role::Combiner && !self.module.signature(function).is_some_and(module::Signature::is_combiner) {
            return Err(Reason::Module("its type is not (i32, i32) -> ()".to_owned()));
        }
        let mut lifted = lift::lift(self.module, function, role, &mut self.sites)?;
        let combiner = lifted.combiner();
        if let Some(combiner) = combiner {
            self.add(combiner, Role::Combiner)?;
            lifted.accumulated = self.functions[&(combiner, Role::Combiner)].0.accumulated.clone();
        }
        let slots = frame::slots(&lifted, role)?;
        if role == Role::Combiner {
            lifted.accumulated = frame::accumulated(&slots)?;
        }
        let callees = lifted.callees.clone();
        self.functions.insert(key, (lifted, slots));
        for callee in callees {
            self.add(callee, Role::Function)?;
        }
        if role == Role::Microtask && combiner.is_some() {
            self.add(function, Role::LastMicrotask)?;
        }
        self.order.push(key);
        self.chain.pop();
        Ok(())
    }

    /// The function that the kernel is.
    pub(crate) fn entry(&self) -> &ir::Function {
        &self.functions[&(self.entry, self.entry_role)].0
    }

    /// A region shares one loop, and reduces once at most.
    fn check_region(&self) -> Result<(), Reason> {
        let (mut loops, mut reductions) = (0, 0);
        ir::for_each_stmt(&self.entry().body, &mut |stmt| {
            loops += usize::from(matches!(stmt, ir::Stmt::Iterations(_) | ir::Stmt::Dispatch(_)));
            reductions += usize::from(matches!(stmt, ir::Stmt::Reduce { .. }));
        });
        let refuse = |why: &str| Err(Reason::Module(why.to_owned()));
        match (loops, reductions) {
            (1, 0 | 1) if deal::has_effects_beside(self.entry()) => refuse("it changes memory beside its loop"),
            (1, 0 | 1) => Ok(()),
            (0, _) => refuse("it has no loop to share"),
            (1, _) => refuse("it reduces more than once"),
            _ => refuse("it has several loops to share"),
        }
    }
}

/// For tests: the microtask that a module in the text format exports, translated.
#[cfg(test)]
pub(crate) fn translated_microtask(text: &str) -> Kernel {
    let wasm = wat::parse_str(text).expect("the text is right");
    let module = Module::parse(&wasm).expect("the module is valid");
    let microtask = module.exported_function("microtask").expect("it is exported");
    translate_region(&module, microtask, &Options::default()).expect("it can be translated")
}
