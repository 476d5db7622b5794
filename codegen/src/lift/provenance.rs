//! Which memory an access is to: the linear memory, or the work-item's own, where stack frames are ([`crate::ir::Frame`]).
//!
//! An address of the private memory is told from others by its value, so an access that may be to either can find out. Where it is certain,
//! that costs nothing. It follows from where the address comes from: from a frame, or from anywhere else. Variables are not followed through
//! the code, since LLVM keeps pointers to frames apart from others.
//!
//! Invariant: an access that is said to be to the linear memory is given no address of the private memory. (If that were wrong somewhere,
//! the access would trap: no linear memory reaches so far.)

use super::program::{Key, Program};
use super::role::Role;
use crate::analysis::frames::{FrameContents, Kept};
use crate::ir::visit;
use crate::ir::{Binary, Expr, Flow, Function, Kind, Memory, Operation, Place, Slot, Stmt, Var};
use crate::refusal::Reason;
use cranelift_entity::EntityRef;
use std::collections::{HashMap, HashSet};

bitflags::bitflags! {
    /// What a value may be. Null pointers are nothing.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Origin: u8 {
        /// A number: a distance, an index, or the address of a static variable.
        const NUMBER = 1;
        /// An address in the linear memory, or anything else that the kernel is given or loads.
        const LINEAR = 2;
        /// An address in the private memory.
        const PRIVATE = 4;
        /// An address in a frame of a function that all members of a team execute alike: in the team's memory. Where each member has a copy of
        /// such frames it is one in the private memory, too.
        const TEAM = 8;
    }
}

impl Origin {
    /// Whether it may be an address of a frame.
    fn is_framed(self) -> bool {
        self.intersects(Self::PRIVATE | Self::TEAM)
    }

    /// Whether it is an address of a frame for certain.
    fn is_only_framed(self) -> bool {
        self.is_framed() && !self.intersects(Self::NUMBER | Self::LINEAR)
    }

    /// The memory that an access with such an address is to.
    fn memory(self, has_team_memory: bool) -> Memory {
        let (private, team) = (self.contains(Self::PRIVATE), self.contains(Self::TEAM));
        match self {
            _ if !self.is_framed() => Memory::Linear,
            _ if !self.is_only_framed() || (has_team_memory && private && team) => Memory::Either,
            _ if private => Memory::Private,
            _ => Memory::Team,
        }
    }

    /// A sum: a pointer and a distance. A pointer to a frame is known as such; what is not may be either.
    fn plus(self, other: Self) -> Self {
        match (self.is_framed(), other.is_framed()) {
            (true, false) => self,
            (false, true) => other,
            _ => self | other,
        }
    }

    /// A difference: of two pointers to frames that is a distance.
    fn minus(self, other: Self) -> Self {
        match (self, other) {
            _ if self.is_only_framed() && other.is_only_framed() => Self::NUMBER,
            (_, other) if other.is_framed() => Self::all(),
            (own, _) if own.is_framed() => own,
            (own, other) => own | other,
        }
    }
}

impl Kept for Origin {
    fn add(&mut self, other: Self) -> bool {
        let before = *self;
        *self |= other;
        before != *self
    }
}

/// What variables, parameters, results and memories hold.
struct Origins {
    vars: HashMap<(Key, Var), Origin>,
    slots: HashMap<(Key, Slot), Origin>,
    results: HashMap<(u32, usize), Origin>,
    /// Whether addresses of the private memory may be in the linear memory.
    in_linear: bool,
    frames: FrameContents<Origin>,
    /// What is stored to frames, wherever there.
    all_frames: Origin,
    /// What an address of a team's frame is.
    team: Origin,
    /// Functions that mean by [`Place::Forker`] a frame of one thread.
    of_thread: HashSet<u32>,
    has_news: bool,
}

/// Says of each access which memory it is to.
///
/// # Errors
/// The address of a frame is stored where others find it.
pub(super) fn assign_memories(program: &mut Program) -> Result<(), (Reason, Vec<Key>)> {
    if program.functions.values().all(|function| function.frame.is_none()) {
        return Ok(());
    }
    let mut origins = Origins::new(program);
    let entry = &program.functions[&program.entry];
    for key in program.functions.keys().filter(|(index, role)| *index == program.entry.0 && *role != Role::Combiner) {
        for var in entry.parameters().skip(key.1.implied_parameters()) {
            origins.vars.insert((*key, var), Origin::LINEAR);
        }
    }
    loop {
        for (key, function) in &program.functions {
            visit::for_each_stmt(&function.body, &mut |stmt| origins.follow(program, *key, stmt));
        }
        if !std::mem::take(&mut origins.has_news) {
            break;
        }
    }
    for (key, function) in &program.functions {
        let mut publishes = false;
        visit::for_each_stmt(&function.body, &mut |stmt| publishes |= origins.publishes(*key, stmt));
        if publishes {
            return Err((Reason::EscapingFrame, vec![*key]));
        }
        let is_of_one_member = !key.1.is_of_team() && key.1 != Role::LastMicrotask;
        let has_copies = program.is_league() && !program.has_team_memory;
        if has_copies && is_of_one_member && origins.changes_team(*key, function) {
            return Err((Reason::TeamVariable, vec![*key]));
        }
    }
    for (key, function) in &mut program.functions {
        visit::for_each_operation_mut(&mut function.body, &mut |operation| {
            operation.memory = origins.accessed(*key, operation).memory(program.has_team_memory);
        });
    }
    Ok(())
}

impl Origins {
    /// Nothing yet.
    fn new(program: &Program) -> Self {
        Self {
            vars: HashMap::new(),
            slots: HashMap::new(),
            results: HashMap::new(),
            in_linear: false,
            frames: FrameContents::new(program),
            all_frames: Origin::empty(),
            team: if program.has_team_memory { Origin::TEAM } else { Origin::PRIVATE | Origin::TEAM },
            of_thread: program.forkers().filter(|(_, by)| !by.1.is_of_team()).map(|(function, _)| function).collect(),
            has_news: false,
        }
    }

    /// Whether a function may change a variable of its team, which each member has a copy of: but for the end of a reduction, which all of
    /// them execute alike.
    fn changes_team(&self, key: Key, function: &Function) -> bool {
        let changes = |part: &Expr| match part {
            Expr::Operation(effect) if effect.op.is_effect() && !effect.op.is_load() => {
                effect.operands.first().is_some_and(|to| self.of(key, to).contains(Origin::TEAM))
            }
            _ => false,
        };
        let mut found = false;
        visit::for_each_stmt_of_member(&function.body, &mut |stmt, is_in_reduction| {
            visit::for_each_expr_of(stmt, &mut |expr| found |= !is_in_reduction && expr.any(&mut |part| changes(part)));
        });
        found
    }

    /// What a statement does.
    fn follow(&mut self, program: &Program, key: Key, stmt: &Stmt) {
        visit::for_each_expr_of(stmt, &mut |expr| self.stores(key, expr));
        match stmt {
            Stmt::Set(var, value) => {
                let origin = self.of(key, value);
                self.set(key, *var, origin);
            }
            Stmt::SetSlot { slot, value, .. } | Stmt::ClampUpper { slot, value, .. } => {
                let origin = self.of(key, value);
                self.has_news |= self.slots.entry((key, *slot)).or_default().add(origin);
            }
            Stmt::Call { function, arguments, results, .. } => {
                self.call((program, key), &[*function], arguments, results)
            }
            Stmt::CallIndirect { candidates, arguments, results, .. } => {
                let functions: Vec<_> = candidates.iter().map(|(_, function)| *function).collect();
                self.call((program, key), &functions, arguments, results);
            }
            Stmt::Fork { microtask, arguments, captured, .. } => {
                for (forked, slot, of) in program.captured(*microtask, captured) {
                    let origin = self.slots.get(&(key, of)).copied().unwrap_or_default();
                    self.has_news |= self.slots.entry((forked, slot)).or_default().add(origin);
                }
                let known = program.given.get(microtask).map_or(&[][..], |given| &given.places);
                let is_open = |number: &usize| known.get(*number).is_none_or(Option::is_none);
                for number in (0..arguments.len()).filter(is_open) {
                    let (origin, var) = (self.of(key, &arguments[number]), Var::new(number + 2));
                    for role in [Role::Microtask, Role::Member, Role::LastMicrotask] {
                        self.set((*microtask, role), var, origin);
                    }
                }
            }
            Stmt::Return(values) => {
                for (number, value) in values.iter().enumerate() {
                    let origin = self.of(key, value);
                    self.has_news |= self.results.entry((key.0, number)).or_default().add(origin);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, key: Key, var: Var, origin: Origin) {
        self.has_news |= self.vars.entry((key, var)).or_default().add(origin);
    }

    fn call(&mut self, (program, key): (&Program, Key), functions: &[u32], arguments: &[Expr], results: &[Var]) {
        for function in functions {
            let role = program.functions[&key].role_of(*function, key.1);
            for (number, argument) in arguments.iter().enumerate() {
                let origin = self.of(key, argument);
                self.set((*function, role), Var::new(number), origin);
            }
            for (number, result) in results.iter().enumerate() {
                let origin = self.results.get(&(*function, number)).copied().unwrap_or_default();
                self.set(key, *result, origin);
            }
        }
    }

    /// Notes what is stored to frames, and whether addresses of frames are stored to the linear memory.
    fn stores(&mut self, key: Key, expr: &Expr) {
        let Expr::Operation(operation) = expr else {
            return;
        };
        operation.operands.iter().for_each(|operand| self.stores(key, operand));
        if !operation.op.is_effect() {
            return;
        }
        let value = match operation.op.kind() {
            Kind::MemoryCopy => {
                operation.operands.get(1).map_or(Origin::all(), |from| self.held_in(self.of(key, from)))
            }
            _ => operation.operands.iter().skip(1).fold(Origin::empty(), |all, value| all | self.of(key, value)),
        };
        let to = operation.operands.first().map_or(Origin::all(), |to| self.of(key, to));
        if to.is_framed() {
            self.has_news |= self.all_frames.add(value);
            self.has_news |= self.frames.store(key, operation, value);
        }
        // Where it is stored may not be known yet.
        if !to.is_empty() && !to.is_only_framed() && value.is_framed() {
            self.has_news |= !std::mem::replace(&mut self.in_linear, true);
        }
    }

    /// Whether a statement stores an address of a frame where others find it.
    fn publishes(&self, key: Key, stmt: &Stmt) -> bool {
        let mut found = matches!(stmt, Stmt::SetGlobal(_, value) if self.of(key, value).is_framed());
        visit::for_each_expr_of(stmt, &mut |expr| {
            found |= expr.any(&mut |part| match part {
                Expr::Operation(store) if store.op.is_effect() && store.offset.is_some() => {
                    let to = store.operands.first().map_or(Origin::all(), |to| self.of(key, to));
                    // In the team's memory other members find addresses of this one's.
                    let is_shared = self.team == Origin::TEAM && to.contains(Origin::TEAM) && !key.1.is_of_team();
                    store.operands.iter().skip(1).map(|value| self.of(key, value)).any(|value| {
                        (value.is_only_framed() && !to.is_framed()) || (value == Origin::PRIVATE && is_shared)
                    })
                }
                _ => false,
            });
        });
        found
    }

    /// What may be in the memory that an address is of.
    fn held_in(&self, address: Origin) -> Origin {
        let in_linear = match !address.is_only_framed() && self.in_linear {
            true => Origin::PRIVATE | Origin::TEAM,
            false => Origin::empty(),
        };
        let in_private = if address.is_framed() { self.all_frames } else { Origin::empty() };
        Origin::LINEAR | in_linear | in_private
    }

    /// The address of an access.
    fn accessed(&self, key: Key, operation: &Operation) -> Origin {
        let of =
            |number: usize| operation.operands.get(number).map_or(Origin::empty(), |operand| self.of(key, operand));
        match operation.op.kind() {
            // One form for all that is not in the linear memory alone.
            Kind::MemoryCopy | Kind::MemoryFill => {
                let is_copy = operation.op.kind() == Kind::MemoryCopy;
                if of(0).is_framed() || (is_copy && of(1).is_framed()) { Origin::all() } else { Origin::LINEAR }
            }
            _ if operation.offset.is_some() => of(0),
            _ => Origin::empty(),
        }
    }

    fn of(&self, key: Key, expr: &Expr) -> Origin {
        match expr {
            Expr::Const(_, 0) => Origin::empty(),
            Expr::Const(..) => Origin::NUMBER,
            Expr::Address(Place::Forker(_)) if self.of_thread.contains(&key.0) => Origin::PRIVATE,
            Expr::Address(Place::Forker(_)) => self.team,
            Expr::Address(Place::Frame(_)) if key.1.is_of_team() => self.team,
            Expr::Address(_) => Origin::PRIVATE,
            Expr::Global(_) => Origin::LINEAR,
            Expr::Var(var) => self.vars.get(&(key, *var)).copied().unwrap_or_default(),
            Expr::Slot(_, slot) => self.slots.get(&(key, *slot)).copied().unwrap_or_default(),
            Expr::Operation(operation) => self.result(key, operation),
        }
    }

    fn result(&self, key: Key, operation: &Operation) -> Origin {
        let of =
            |number: usize| operation.operands.get(number).map_or(Origin::empty(), |operand| self.of(key, operand));
        match operation.op.kind() {
            _ if operation.offset.is_some() => {
                // Shorter ones are no addresses.
                let may_be_address = operation.op.bytes().is_none_or(|bytes| bytes >= 4);
                let kept = if operation.op.is_load() { self.frames.load(key, operation) } else { None };
                if may_be_address { kept.unwrap_or_else(|| self.held_in(of(0))) } else { Origin::NUMBER }
            }
            Kind::Select => of(0) | of(1),
            Kind::Binary(Binary::Add) => of(0).plus(of(1)),
            Kind::Binary(Binary::Sub) => of(0).minus(of(1)),
            _ if operation.op.flow() == Flow::Bits => {
                operation.operands.iter().fold(Origin::empty(), |all, operand| all | self.of(key, operand))
            }
            _ => Origin::NUMBER,
        }
    }
}
