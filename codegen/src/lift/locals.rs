//! Locals of WebAssembly. One that holds the address of a place is replaced by that address wherever it is read, and gets no variable.
//!
//! Invariant: a `local.get` of a local that may hold an address of a place and something else is refused, unless addresses are values of
//! variables, too ([`Frames::are_in_memory`]), or nothing more than a look at the function is wanted ([`Role::Teams`]).

use super::reaching::{self, Got};
use super::{Frames, Lift, Role};
use crate::ir::{Expr, Function, Place, Stmt, Ty, Var, visit};
use crate::refusal::Reason;
use std::collections::{HashMap, HashSet};
use wasmparser::FunctionBody;

pub(super) struct Locals {
    /// What each `local.get` gets, by its offset.
    got: HashMap<usize, Got>,
    /// Locals that hold an address here, set outside of blocks.
    outer: HashMap<Var, Place>,
    /// Addresses that are set in blocks, by the offset of the `local.set`, and the locals that hold them.
    inner: HashMap<usize, Place>,
    holders: HashSet<Var>,
    /// Locals that have been read where they may hold any of several things.
    read: HashSet<Var>,
    /// Addresses that locals may have held there: set outside of blocks, and set in blocks.
    read_outer: HashSet<(Var, Place)>,
    set_inner: HashSet<(Var, Place)>,
    /// Constants that locals have been set to: outside of blocks by the local, in blocks by the offset of the `local.set`. Code that was not
    /// optimised keeps its constants so.
    outer_constants: HashMap<Var, Expr>,
    inner_constants: HashMap<usize, Expr>,
    /// For parameters that have not been set outside of blocks: variables that keep what the caller gave.
    originals: HashMap<Var, Var>,
}

impl Locals {
    /// `places` are the addresses that parameters have.
    pub fn new(body: &FunctionBody, locals: usize, role: Role, places: &[(Var, Place)]) -> Result<Self, Reason> {
        Ok(Self {
            // Native code has no addresses of places.
            got: if role == Role::Native { HashMap::new() } else { reaching::classify(body, locals)? },
            outer: places.iter().copied().collect(),
            inner: HashMap::new(),
            holders: HashSet::new(),
            read: HashSet::new(),
            read_outer: HashSet::new(),
            set_inner: HashSet::new(),
            outer_constants: HashMap::new(),
            inner_constants: HashMap::new(),
            originals: HashMap::new(),
        })
    }

    /// Removes what sets variables to addresses that nobody has read but where they are sure: LLVM uses such locals for other values, too.
    /// One that is the stack pointer stays as it is.
    pub fn remove_unread_addresses_from(&self, function: &mut Function, stack_pointer: Option<Var>) {
        let is_unread = |stmt: &Stmt| match stmt {
            Stmt::Set(var, Expr::Address(place)) if Some(*var) != stack_pointer => {
                let held = (*var, *place);
                let is_inner = self.set_inner.contains(&held) && self.read.contains(var);
                !(is_inner || self.read_outer.contains(&held))
            }
            _ => false,
        };
        visit::retain(&mut function.body, &mut |stmt| !is_unread(stmt));
    }

    /// Lets a variable keep what the caller gave for a parameter.
    pub fn keep_original(&mut self, param: Var, original: Var) {
        self.originals.insert(param, original);
    }
}

impl Lift<'_> {
    /// Whether locals that hold addresses of places are variables all the same.
    fn keeps_addresses(&self) -> bool {
        self.role == Role::Teams || self.frames.are_in_memory()
    }

    /// The value of a local, here.
    pub(super) fn local(&mut self, index: u32) -> Result<Expr, Reason> {
        let (var, keeps_addresses) = (Var::from_u32(index), self.keeps_addresses());
        let locals = &mut self.locals;
        let got = locals.got.get(&self.offset).copied().unwrap_or(Got::Outer);
        let constant = match got {
            Got::Outer => locals.outer_constants.get(&var),
            Got::Inner(set) => set.and_then(|set| locals.inner_constants.get(&set)),
            Got::Either => None,
        };
        if let Some(constant) = constant {
            return Ok(constant.clone());
        }
        if let Got::Inner(Some(set)) = got {
            if let Some(place) = locals.inner.get(&set) {
                return Ok(Expr::Address(*place));
            }
            if set > self.offset {
                locals.read.insert(var);
            }
        } else if got != Got::Outer {
            locals.read.insert(var);
            if !keeps_addresses && locals.holders.contains(&var) {
                return Err(Reason::EscapingFrame);
            }
        }
        match (locals.outer.get(&var), locals.originals.get(&var), got) {
            (Some(place), _, Got::Outer) => Ok(Expr::Address(*place)),
            // A variable that holds the one or the other; or for a look at the function only: whoever looks knows what else it is set to.
            (Some(place), _, Got::Either) if keeps_addresses => {
                locals.read_outer.insert((var, *place));
                Ok(Expr::Var(var))
            }
            (Some(_), _, Got::Either) => Err(Reason::EscapingFrame),
            (_, Some(original), Got::Outer) => Ok(Expr::Var(*original)),
            // A variable that nobody knows anything of.
            (_, Some(_), Got::Either) => Ok(Expr::Var(self.new_var(self.function.vars[var]))),
            _ => Ok(Expr::Var(var)),
        }
    }

    pub(super) fn set_local(&mut self, index: u32, value: Expr) {
        self.note_constant(Var::from_u32(index), &value);
        let (var, keeps_addresses) = (Var::from_u32(index), self.keeps_addresses());
        let locals = &mut self.locals;
        if self.controls.len() == 1 {
            locals.outer.remove(&var);
            locals.originals.remove(&var);
            if let Expr::Address(place) = value {
                locals.outer.insert(var, place);
                if self.frames == Frames::Variables {
                    return;
                }
            }
        } else if let Expr::Address(place) = value {
            locals.set_inner.insert((var, place));
            // Whoever gets what this sets gets the address; where it is one of several things, it is the variable's value.
            locals.inner.insert(self.offset, place);
            if !locals.read.contains(&var) {
                locals.holders.insert(var);
                if !keeps_addresses {
                    return;
                }
            }
        }
        self.settle(|expr| *expr == Expr::Var(var));
        self.emit(Stmt::Set(var, value));
    }

    /// Notes whether a local is set to a constant. Native code's locals are not followed.
    fn note_constant(&mut self, var: Var, value: &Expr) {
        let constant = Some(value).filter(|value| matches!(value, Expr::Const(..)) && self.role != Role::Native);
        let (is_outer, locals) = (self.controls.len() == 1, &mut self.locals);
        match constant {
            Some(constant) if is_outer => drop(locals.outer_constants.insert(var, constant.clone())),
            Some(constant) => drop(locals.inner_constants.insert(self.offset, constant.clone())),
            None if is_outer => drop(locals.outer_constants.remove(&var)),
            None => {}
        }
    }

    /// The address that the stack pointer is.
    pub(super) fn read_stack_pointer(&mut self) -> Result<Expr, Reason> {
        let is_in_block = self.controls.len() > 1;
        if let Some(pointer) = self.stack_pointer.var
            && (is_in_block || self.stack_pointer.at.is_none())
        {
            let copy = self.new_var(Ty::I32);
            self.emit(Stmt::Set(copy, Expr::Var(pointer)));
            return Ok(Expr::Var(copy));
        }
        self.stack_pointer.is_read_in_block |= is_in_block;
        self.stack_pointer.at.map(|at| Expr::Address(Place::Frame(at))).ok_or(Reason::EscapingFrame)
    }

    /// Notes where the stack pointer is now. Functions called have frames of their own, so nobody else has to know.
    pub(super) fn set_stack_pointer(&mut self, value: Expr) -> Result<(), Reason> {
        if let Some(pointer) = self.stack_pointer.var {
            self.move_stack_pointer(pointer, value);
            return Ok(());
        }
        let Expr::Address(Place::Frame(at)) = value else {
            return Err(Reason::VariableFrame);
        };
        if self.stack_pointer.given.is_some_and(|end| at < end) {
            return Err(Reason::VariableFrame);
        }
        self.stack_pointer.lowest = self.stack_pointer.lowest.min(at);
        if self.controls.len() == 1 {
            self.stack_pointer.at = Some(at);
        } else if self.stack_pointer.at != Some(at) {
            // Who reads it after this, or before it in a loop, reads one or the other.
            if self.stack_pointer.is_read_in_block {
                return Err(Reason::EscapingFrame);
            }
            self.stack_pointer.at = None;
        }
        Ok(())
    }

    /// The same where it is in a variable: what it is may be computed.
    fn move_stack_pointer(&mut self, pointer: Var, value: Expr) {
        let at = if let Expr::Address(Place::Frame(at)) = value { Some(at) } else { None };
        let value = self.settled(value);
        match at {
            Some(at) => self.stack_pointer.lowest = self.stack_pointer.lowest.min(at),
            None => {
                let site = self.site();
                self.emit(Stmt::CheckStack(value.clone(), site));
            }
        }
        let is_known = self.controls.len() == 1 || self.stack_pointer.at == at;
        self.stack_pointer.at = at.filter(|_| is_known);
        self.emit(Stmt::Set(pointer, value));
    }
}
