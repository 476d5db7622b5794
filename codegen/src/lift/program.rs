//! A kernel with all that it calls, lifted.

use super::{Frames, Lifting, Role, frame, lift, openmp, provenance};
use crate::ir::visit;
use crate::ir::{Function, Site, Stmt};
use crate::kernel::Mathematics;
use crate::refusal::Reason;
use crate::wasm::Module;
use crate::wasm::module::Signature;
use crate::{Location, MAX_DEPTH, analysis};
use cranelift_entity::PrimaryMap;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of private memory that a work-item can have for frames.
const MAX_FRAMES: u32 = 16 << 10;

/// A function of the module, and what it is lifted for.
pub(crate) type Key = (u32, Role);

/// A kernel with all that it calls.
pub(crate) struct Program {
    pub entry: Key,
    pub functions: BTreeMap<Key, Function>,
    /// Functions before those that call them.
    pub order: Vec<Key>,
    pub sites: PrimaryMap<Site, Location>,
    /// Bytes of private memory that its frames take.
    pub private_memory: u32,
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
            private_memory: 0,
            contracted: BTreeSet::new(),
        };
        let mut closure = Closure { module, mathematics, program, chain: Vec::new() };
        if let Err(reason) = closure.add(entry) {
            return Err((reason, closure.chain.iter().map(|(function, _)| *function).collect()));
        }
        let mut program = closure.program;
        let size = program.place_frames();
        if size > MAX_FRAMES {
            return Err((Reason::LargeFrames(size), vec![entry.0]));
        }
        provenance::assign_memories(&mut program)?;
        if entry.1 == Role::Microtask {
            program.check_region().map_err(|reason| (reason, vec![entry.0]))?;
        }
        Ok(program)
    }

    /// Gives the frames that are in memory their places there, those of functions below those of their callers; returns how many bytes of it
    /// are used. As no function calls itself, each has one place.
    fn place_frames(&mut self) -> u32 {
        let mut used: BTreeMap<Key, u32> = BTreeMap::new();
        let mut most = 0;
        for key in self.order.iter().rev() {
            let function = &self.functions[key];
            let own = used.get(key).copied().unwrap_or(0);
            let with_frame = own.saturating_add(function.frame.map_or(0, |frame| frame.size));
            most = most.max(with_frame);
            for callee in &function.callees {
                let known = used.entry((*callee, Role::Function)).or_default();
                *known = with_frame.max(*known);
            }
        }
        if most == 0 && self.functions.values().all(|function| function.frame.is_none()) {
            return 0;
        }
        let size = most.saturating_add(Function::THREAD_NUMBERS.next_multiple_of(frame::ALIGNMENT));
        for (key, function) in &mut self.functions {
            if let Some(frame) = &mut function.frame {
                let above = used.get(key).copied().unwrap_or(0);
                frame.end = Function::PRIVATE_MEMORY.wrapping_add(size.wrapping_sub(above));
            }
        }
        self.private_memory = size;
        size
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
            (1, 0 | 1) if analysis::worksharing::has_effects_beside(self) => {
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
        let depth = self.chain.len();
        let lifted = self.lift(key, Frames::Variables);
        let lifted = match lifted {
            Err(Reason::EscapingFrame | Reason::OverlappingFrame)
                if role.may_have_frame() && self.chain.len() == depth =>
            {
                self.lift(key, Frames::Private)
            }
            lifted => lifted,
        };
        let lifted = lifted?;
        let combiner = lifted.combiner();
        if self.mathematics == Mathematics::Device && self.module.is_contracted(function) {
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

    /// Lifts a function, and what combines its private copies.
    fn lift(&mut self, key: Key, frames: Frames) -> Result<Function, Reason> {
        let (function, role) = key;
        let lifting = Lifting { mathematics: self.mathematics, frames };
        let mut lifted = lift(self.module, function, role, lifting, &mut self.program.sites)?;
        if let Some(combiner) = lifted.combiner() {
            let combiner = (combiner, Role::Combiner);
            self.add(combiner)?;
            lifted.accumulated = self.program.functions[&combiner].accumulated.clone();
        }
        match frames {
            Frames::Variables => frame::make_slots(&mut lifted, role)?,
            Frames::Private => frame::use_private_memory(&mut lifted, role, &mut self.program.sites)?,
        }
        openmp::mark_clamp(&mut lifted);
        Ok(lifted)
    }
}
