//! A kernel with all that it calls, lifted.

use super::{Role, frame, lift, openmp};
use crate::ir::visit;
use crate::ir::{Function, Site, Stmt};
use crate::kernel::Mathematics;
use crate::refusal::Reason;
use crate::wasm::Module;
use crate::wasm::module::Signature;
use crate::{Location, MAX_DEPTH, analysis};
use cranelift_entity::PrimaryMap;
use omp2wasi_abi::scalar::flags;
use std::collections::{BTreeMap, BTreeSet};

/// A function of the module, and what it is lifted for.
pub(crate) type Key = (u32, Role);

/// A kernel with all that it calls.
pub(crate) struct Program {
    pub entry: Key,
    pub functions: BTreeMap<Key, Function>,
    /// Functions before those that call them.
    pub order: Vec<Key>,
    pub sites: PrimaryMap<Site, Location>,
    /// Functions of the module in which products and sums may be fused.
    pub contracted: BTreeSet<u32>,
}

impl Program {
    /// Lifts a function as a kernel, or as a region's microtask, and what it calls.
    ///
    /// # Errors
    /// An obstacle, and the calls that lead there.
    pub fn lift(module: &Module, entry: Key, mathematics: Mathematics) -> Result<Self, (Reason, Vec<u32>)> {
        let program = Self {
            entry,
            functions: BTreeMap::new(),
            order: Vec::new(),
            sites: PrimaryMap::new(),
            contracted: BTreeSet::new(),
        };
        let mut closure = Closure { module, mathematics, program, chain: Vec::new() };
        if let Err(reason) = closure.add(entry) {
            return Err((reason, closure.chain.iter().map(|(function, _)| *function).collect()));
        }
        let program = closure.program;
        if entry.1 == Role::Microtask {
            program.check_region().map_err(|reason| (reason, vec![entry.0]))?;
        }
        Ok(program)
    }

    /// The function that the kernel is.
    pub fn entry(&self) -> &Function {
        &self.functions[&self.entry]
    }

    pub fn is_region(&self) -> bool {
        self.entry.1 == Role::Microtask
    }

    /// A region shares one loop, and reduces once at most, into an accumulator that work-groups have room for.
    fn check_region(&self) -> Result<(), Reason> {
        /// Bytes: of 256 work-items in 40 KiB of local memory.
        const MAX_ACCUMULATOR: usize = 160;
        let (mut loops, mut reductions) = (0, 0);
        visit::for_each_stmt(&self.entry().body, &mut |stmt| {
            loops += usize::from(matches!(stmt, Stmt::StaticInit(_) | Stmt::DispatchInit(_)));
            reductions += usize::from(matches!(stmt, Stmt::Reduce { .. }));
        });
        let calls = |(key, function): (&Key, &Function)| key.1 == Role::Combiner && !function.callees.is_empty();
        let refuse = |why: &str| Err(Reason::Module(why.to_owned()));
        match (loops, reductions) {
            (0, _) => refuse("it has no loop to share"),
            (1, 0 | 1) if analysis::worksharing::has_effects_beside(self.entry()) => {
                refuse("it changes memory beside its loop")
            }
            (1, 0 | 1) if self.entry().accumulator_size().is_some_and(|bytes| bytes > MAX_ACCUMULATOR) => {
                refuse("its reductions have too many variables")
            }
            (1, 0 | 1) if self.functions.iter().any(calls) => refuse("its reductions call functions"),
            (1, 0 | 1) => Ok(()),
            (1, _) => refuse("it reduces more than once"),
            _ => refuse("it has several loops to share"),
        }
    }
}

/// A program that is growing.
struct Closure<'m> {
    module: &'m Module,
    mathematics: Mathematics,
    program: Program,
    /// Calls that lead to what is being added; after a refusal, to the obstacle.
    chain: Vec<Key>,
}

impl Closure<'_> {
    fn add(&mut self, key: Key) -> Result<(), Reason> {
        let (function, role) = key;
        if self.program.functions.contains_key(&key) {
            return if self.program.order.contains(&key) { Ok(()) } else { Err(Reason::Recursion) };
        }
        self.chain.push(key);
        if self.chain.len() > MAX_DEPTH {
            return Err(Reason::Depth);
        }
        if let Some((module, name)) = self.module.import(function) {
            return Err(Reason::HostCall(module.clone(), name.clone()));
        }
        if role == Role::Combiner && !self.module.signature(function).is_some_and(Signature::is_combiner) {
            return Err(Reason::Module("its type is not (i32, i32) -> ()".to_owned()));
        }
        let mut lifted = lift(self.module, function, role, self.mathematics, &mut self.program.sites)?;
        let combiner = lifted.combiner();
        if let Some(combiner) = combiner {
            let combiner = (combiner, Role::Combiner);
            self.add(combiner)?;
            lifted.accumulated = self.program.functions[&combiner].accumulated.clone();
        }
        frame::make_slots(&mut lifted, role)?;
        openmp::mark_clamp(&mut lifted);
        let may_fuse = self.module.float_flags(function) & (flags::CONTRACT | flags::CONTRACT_ACROSS) != 0;
        if may_fuse && self.mathematics == Mathematics::Device {
            self.program.contracted.insert(function);
        }
        let callees = lifted.callees.clone();
        self.program.functions.insert(key, lifted);
        for callee in callees {
            self.add((callee, Role::Function))?;
        }
        if role == Role::Microtask && combiner.is_some() {
            self.add((function, Role::LastMicrotask))?;
        }
        self.program.order.push(key);
        self.chain.pop();
        Ok(())
    }
}
