//! All that is known of a kernel, for whoever launches it and for dialects.

use super::bounds::RegionCode;
use super::clearing;
use super::effects::Effects;
use super::worksharing::{self, Worksharing};
use crate::Bounds;
use crate::ir::visit::{self, for_each_part, for_each_stmt};
use crate::ir::{Expr, Function, Kind, Memory, Number, Operation, Stmt, Ty};
use crate::lift::ForeseenWord;
use crate::lift::program::Program;
use crate::wasm::Module;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

/// What is known of a kernel from its code, however it is translated.
pub struct Facts {
    /// Whether it is the microtask of a parallel region, or the function of a league; else it is a hand-written kernel.
    pub is_region: bool,
    /// Whether that is the function of a league, or of a target region that is one team, where teams may fork parallel regions: a team is a
    /// work-group.
    pub is_league: bool,
    /// Whether that forks any, or asks how many members a team may have; else one member of the team does all that there is to do.
    pub has_forks: bool,
    /// How many members a team has to have, or fewer; any number if it does not matter.
    pub team_size: Option<u32>,
    /// How many parameters it has after thread id, number of threads and block size; a microtask, after its thread numbers.
    pub parameters: usize,
    /// The words of memory that the last ones of those stand for, of a region that [`crate::Lowered::foreseeing`] has made. Whoever launches the kernel
    /// reads them before, and sees to it that the kernel does not write them.
    pub foreseen: Vec<ForeseenWord>,
    /// Those parameters of a region, by number, whose values are parts of addresses as they are: pointers, as far as anybody knows.
    pub pointers: Vec<usize>,
    /// The alignment, in bytes, that those pointers usually have: 8 if values of 8 bytes are accessed, 4 if others are, 1 if none. For
    /// arguments that are not multiples of it there is [`crate::Options::aligned`] `false`.
    pub alignment: u32,
    /// What a region does to memory; of a hand-written kernel nothing is known, and this is empty.
    pub effects: Effects,
    /// Global variables whose values it uses, by index, with their types.
    pub globals: Vec<(u32, Ty)>,
    /// Whether it asks which device it runs on.
    pub asks_for_device: bool,
    /// Whether it prints.
    pub prints: bool,
    /// Whether it asks how many devices the program has.
    pub asks_for_devices: bool,
    /// Whether it asks for the time.
    pub asks_for_time: bool,
    /// Whether it computes with 64-bit floats.
    pub uses_f64: bool,
    /// Whether it has atomic operations on 64-bit integers.
    pub uses_atomics64: bool,
    /// Bytes of private memory that a work-item has for stack frames; 0 if frames are variables. Then the linear memory must end below
    /// [`Facts::memory_limit`].
    pub private_memory: u32,
    /// What of that may be read before it has been written, and so is cleared first: ranges of bytes, in multiples of 16.
    pub cleared: Vec<Range<u32>>,
    /// How many bytes at its start are cleared when they are accessed: those that frames of computed size may take.
    pub growing: u32,
    /// Where in the private memory the thread numbers are.
    pub(crate) thread_numbers: u32,
    /// Bytes of local memory that a team has for stack frames, likewise.
    pub team_memory: u32,
    /// How far its accesses reach at most, in bytes from the start of the memory: 2^32, as addresses have 32 bits, plus the greatest
    /// constant offset and the size of the access; 0 if it has none. A guard behind the memory has to cover that.
    pub reach: u64,
    traps: Traps,
    pub(crate) worksharing: Worksharing,
    /// Of the microtasks that a league's teams fork.
    pub(crate) forked: BTreeMap<u32, Worksharing>,
    code: Option<RegionCode>,
}

/// What of a kernel may trap.
#[derive(Clone, Copy, Default)]
struct Traps {
    /// Loads and stores, whose addresses may be outside of the memory.
    accesses: bool,
    /// Anything else.
    others: bool,
}

impl Facts {
    /// How long the linear memory may be, in bytes: the addresses of stack frames in private memory, or a team's, are those behind.
    #[must_use]
    pub fn memory_limit(&self) -> u64 {
        match (self.private_memory, self.team_memory) {
            (0, 0) => 1 << 32,
            (_, 0) => Function::PRIVATE_MEMORY.into(),
            _ => Function::TEAM_MEMORY.into(),
        }
    }

    /// Finds out all that there is to know of a program.
    pub(crate) fn of(program: &Program, module: &Module) -> Self {
        let is_region = program.is_region();
        let entry = program.entry();
        let is_microtask = is_region && !program.is_league();
        let worksharing = if is_microtask { Worksharing::of(entry) } else { Worksharing::default() };
        let globals = globals(program);
        let mut facts = Self {
            is_region,
            is_league: program.is_league(),
            has_forks: program.forked().next().is_some() || program.asks_for(&[Number::Limit]),
            team_size: program.team_size,
            parameters: if is_region { entry.arguments() } else { entry.params - 3 },
            foreseen: entry.foreseen.iter().map(|(word, _)| *word).collect(),
            pointers: if is_region { worksharing::pointers(program) } else { Vec::new() },
            alignment: worksharing::alignment(program),
            effects: if is_region { Effects::of(program) } else { Effects::default() },
            globals: globals.into_iter().map(|index| (index, module.globals[index as usize].ty)).collect(),
            asks_for_device: program.asks_for(&[Number::Device]),
            prints: false,
            asks_for_devices: program.asks_for(&[Number::Devices]),
            asks_for_time: program.asks_for(&[Number::Time]),
            uses_f64: false,
            uses_atomics64: false,
            private_memory: program.private_memory,
            cleared: clearing::cleared(program),
            growing: program.growing(),
            thread_numbers: entry.thread_numbers - Function::PRIVATE_MEMORY,
            team_memory: program.team_memory,
            reach: 0,
            traps: Traps::default(),
            code: None,
            worksharing,
            forked: BTreeMap::new(),
        };
        if program.is_league() {
            let microtasks = program.microtasks().into_iter();
            facts.forked = microtasks.map(|key| (key.0, Worksharing::of(&program.functions[&key]))).collect();
        }
        if is_region {
            facts.code = RegionCode::of(program, &facts.worksharing, &facts.forked);
        }
        facts.uses_f64 = facts.globals.iter().any(|(_, ty)| *ty == Ty::F64);
        program.functions.values().for_each(|function| facts.look_at(function));
        facts
    }

    fn look_at(&mut self, function: &Function) {
        let used = visit::used_vars(function);
        let is_mentioned = |(var, ty): (_, &Ty)| *ty == Ty::F64 && (used[var] || function.is_parameter(var));
        self.uses_f64 |= function.results.contains(&Ty::F64) || function.vars.iter().any(is_mentioned);
        for_each_stmt(&function.body, &mut |stmt| {
            self.traps.others |=
                matches!(stmt, Stmt::Unreachable(_) | Stmt::CheckStack(..) | Stmt::CallIndirect { .. });
            self.prints |= matches!(stmt, Stmt::Print(_));
            if let Stmt::SetSlot { op, .. } = stmt {
                self.uses_f64 |= op.uses_f64();
            }
        });
        for_each_part(&function.body, &mut |part| match part {
            Expr::Const(ty, _) => self.uses_f64 |= *ty == Ty::F64,
            Expr::Slot(op, _) => self.uses_f64 |= op.uses_f64(),
            Expr::Operation(operation) => self.operation(operation),
            _ => {}
        });
    }

    fn operation(&mut self, operation: &Operation) {
        let op = operation.op;
        self.uses_f64 |= op.uses_f64();
        if let (Some(offset), Some(bytes)) = (operation.offset, op.bytes()) {
            self.reach = self.reach.max((1 << 32) + offset + u64::from(bytes));
        }
        let is_whole_word = op.accessed() == Ty::I64 && op.bytes() == Some(8);
        self.uses_atomics64 |= op.is_atomic() && is_whole_word;
        match op.kind() {
            Kind::Load(..) | Kind::Store(_) | Kind::VectorLoad(_) | Kind::VectorStore(_)
                if operation.memory == Memory::Linear =>
            {
                self.traps.accesses = true;
            }
            _ => self.traps.others |= op.may_trap(),
        }
    }

    /// Whether something in it may trap, if accesses to memory are kept inside so.
    #[must_use]
    pub fn may_trap(&self, bounds: Bounds) -> bool {
        self.traps.others || (self.traps.accesses && bounds == Bounds::Checked) || !self.foreseen.is_empty()
    }

    /// Whether [`Facts::written`] may be known for any arguments.
    #[must_use]
    pub fn may_stay_inside(&self) -> bool {
        self.code.is_some()
    }

    /// Whether all loads and stores of a region whose virtual threads have one iteration each are inside of a memory of `size` bytes, for
    /// these arguments: then, ranges of addresses that have all that may be written. Where that is not certain they are not.
    #[must_use]
    pub fn written(&self, arguments: &[u32], size: u64) -> Option<Vec<Range<u64>>> {
        self.code.as_ref()?.written(arguments, size)
    }
}

/// In words, one to a line.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "parameters: {}", self.parameters)?;
        let globals: Vec<_> = self.globals.iter().map(|(index, ty)| format!("{index}: {ty:?}")).collect();
        writeln!(f, "globals: [{}]", globals.join(", "))?;
        writeln!(f, "64-bit floats: {}, 64-bit atomics: {}", self.uses_f64, self.uses_atomics64)?;
        writeln!(f, "reach: {:#x}", self.reach)?;
        if self.private_memory > 0 {
            write!(f, "private memory: {} bytes", self.private_memory)?;
            let is_all = self.cleared.iter().map(Range::len).sum::<usize>() == self.private_memory as usize;
            if is_all {
                writeln!(f)?
            } else {
                writeln!(f, ", of which {:?} are cleared", self.cleared)?
            }
            if self.growing > 0 {
                writeln!(f, "of that for frames of computed size: {} bytes", self.growing)?;
            }
        }
        if self.team_memory > 0 {
            writeln!(f, "memory of the team: {} bytes", self.team_memory)?;
        }
        writeln!(f, "traps: accesses {}, others {}", self.traps.accesses, self.traps.others)?;
        for (number, word) in (self.parameters - self.foreseen.len()..).zip(&self.foreseen) {
            let base = word.base.map_or_else(String::new, |base| format!("p{base} + "));
            writeln!(f, "p{number}: the word at {base}{}", word.offset)?;
        }
        if self.is_region {
            let pointers: Vec<_> = self.pointers.iter().map(|number| format!("p{number}")).collect();
            writeln!(f, "pointers: [{}], multiples of {}", pointers.join(", "), self.alignment)?;
            match self.is_league {
                true => {
                    writeln!(f, "a league, {} of whose parallel regions are for virtual threads", self.forked.len())?
                }
                false => write!(f, "{}", self.worksharing)?,
            }
            write!(f, "{}", self.effects)?;
        }
        Ok(())
    }
}

/// Global variables that a program reads or sets.
fn globals(program: &Program) -> BTreeSet<u32> {
    let mut globals = BTreeSet::new();
    for function in program.functions.values() {
        for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::SetGlobal(global, _) = stmt {
                globals.insert(*global);
            }
        });
        for_each_part(&function.body, &mut |part| {
            if let Expr::Global(global) = part {
                globals.insert(*global);
            }
        });
    }
    globals
}
