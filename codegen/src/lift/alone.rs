//! What members of a team execute alike, as the league's function and those that it calls: what changes memory that they share is for one
//! of them alone ([`Stmt::Alone`]).
//!
//! All else they compute for themselves, in variables and private memory of their own, so that all know what each of them knows. (LLVM calls
//! that SPMD mode with guarded regions: `OpenMPOpt`.) The same goes for the end of a reduction, which each member executes for the
//! variables that are its own.
//!
//! Invariant: in those functions, outside of [`Stmt::Alone`], no operation changes the linear memory or the team's, or orders accesses to
//! them.

use super::program::Program;
use super::role::Role;
use crate::ir::{Bits, Expr, Function, Memory, Op, Operation, Stmt, Ty, Var, visit};
use std::collections::{BTreeSet, HashMap};

/// Sets apart what is for one member alone, in all functions of a league that members execute alike.
pub(super) fn set_apart(program: &mut Program) {
    // The end of the league's own reduction is for one work-item.
    let entry = program.entry.0;
    for ((index, role), function) in &mut program.functions {
        let of_all = role.is_of_team() || (*role == Role::LastMicrotask && *index != entry);
        if of_all || role.is_of_members() {
            let copied = copied(&function.body);
            Apart { of_all, is_in_reduction: false, copied }.body(&mut function.body);
        }
    }
}

/// A walk through a function, in the order of the text.
struct Apart {
    /// Whether all of it is executed alike; else only what ends reductions is.
    of_all: bool,
    is_in_reduction: bool,
    /// What variables are set to that are copies of others.
    copied: Copied,
}

type Copied = HashMap<Var, BTreeSet<Var>>;

/// A value is followed through so many copies.
const COPIES: usize = 2;

/// The variables that others are copies of.
fn copied(body: &[Stmt]) -> Copied {
    let mut copied = Copied::new();
    visit::for_each_stmt(body, &mut |stmt| {
        if let Stmt::Set(copy, Expr::Var(of)) = stmt {
            copied.entry(*copy).or_default().insert(*of);
        }
    });
    copied
}

impl Apart {
    fn body(&mut self, stmts: &mut Vec<Stmt>) {
        for mut stmt in std::mem::take(stmts) {
            self.is_in_reduction = visit::goes_on_in_reduction(&stmt, self.is_in_reduction);
            // Who has a lock does not wait for others. What is executed alike has sections in loops that have no iterations.
            if !matches!(stmt, Stmt::Critical { .. }) {
                visit::bodies_mut(&mut stmt).into_iter().for_each(|inner| self.body(inner));
            }
            if self.of_all || self.is_in_reduction {
                set_apart_in(stmts, stmt, &self.copied);
            } else {
                stmts.push(stmt);
            }
        }
    }
}

/// Adds a statement to others, for one member if it is for one.
fn set_apart_in(stmts: &mut Vec<Stmt>, stmt: Stmt, copied: &Copied) {
    let (effect, results): (_, Vec<Var>) = match &stmt {
        Stmt::Do(Expr::Operation(effect)) if effect.op.is_effect() => (effect, Vec::new()),
        Stmt::Set(var, Expr::Operation(effect)) if effect.op.is_effect() => {
            (effect, [*var].into_iter().chain(expected(effect, copied)).collect())
        }
        Stmt::Print(_) => return alone(stmts, stmt, &[]),
        _ => return stmts.push(stmt),
    };
    match effect.memory {
        Memory::Private => stmts.push(stmt),
        Memory::Linear | Memory::Team => alone(stmts, stmt, &results),
        Memory::Either => {
            let condition = is_private(effect);
            let mut otherwise = Vec::new();
            alone(&mut otherwise, stmt.clone(), &results);
            stmts.push(Stmt::If { condition, then: vec![stmt], otherwise });
        }
    }
}

/// Adds a statement that is for one member; together with those before it, if they are, too.
fn alone(stmts: &mut Vec<Stmt>, stmt: Stmt, results: &[Var]) {
    if let Some(Stmt::Alone { body, results: known }) = stmts.last_mut() {
        body.push(stmt);
        let new: Vec<Var> = results.iter().copied().filter(|result| !known.contains(result)).collect();
        known.extend(new);
        return;
    }
    stmts.push(Stmt::Alone { body: vec![stmt], results: results.to_vec() });
}

/// The variables with what an operation compares memory with before it exchanges that. Members have loaded it for themselves, and may have found
/// something else, as other teams change it: all of them go on with what the one had that exchanged, so that they agree on whether it did.
fn expected(effect: &Operation, copied: &Copied) -> Vec<Var> {
    let mut expected = match effect.operands[..] {
        [_, Expr::Var(expected), _] if effect.op.is_atomic() => vec![expected],
        _ => Vec::new(),
    };
    // Code that was not optimised compares what this is a copy of.
    for _ in 0..COPIES {
        let of = expected.last().and_then(|var| copied.get(var)).filter(|of| of.len() == 1);
        expected.extend(of.into_iter().flatten().copied());
    }
    expected
}

/// Whether an operation changes private memory: what it changes is where its first operand points.
fn is_private(effect: &Operation) -> Expr {
    let limit = Expr::Const(Ty::I32, Bits::from(Function::PRIVATE_MEMORY));
    Expr::Operation(Operation::new(Op::I32GeU, vec![effect.operands[0].clone(), limit]))
}
