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

/// Sets apart what is for one member alone, in all functions of a league that members execute alike.
pub(super) fn set_apart(program: &mut Program) {
    // The end of the league's own reduction is for one work-item.
    let entry = program.entry.0;
    for ((index, role), function) in &mut program.functions {
        let of_all = role.is_of_team() || (*role == Role::LastMicrotask && *index != entry);
        if of_all || role.is_of_members() {
            Apart { of_all, is_in_reduction: false }.body(&mut function.body);
        }
    }
}

/// A walk through a function, in the order of the text.
struct Apart {
    /// Whether all of it is executed alike; else only what ends reductions is.
    of_all: bool,
    is_in_reduction: bool,
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
                set_apart_in(stmts, stmt);
            } else {
                stmts.push(stmt);
            }
        }
    }
}

/// Adds a statement to others, for one member if it is for one.
fn set_apart_in(stmts: &mut Vec<Stmt>, stmt: Stmt) {
    let (effect, result) = match &stmt {
        Stmt::Do(Expr::Operation(effect)) if effect.op.is_effect() => (effect, None),
        Stmt::Set(var, Expr::Operation(effect)) if effect.op.is_effect() => (effect, Some(*var)),
        Stmt::Print(_) => return alone(stmts, stmt, None),
        _ => return stmts.push(stmt),
    };
    match effect.memory {
        Memory::Private => stmts.push(stmt),
        Memory::Linear | Memory::Team => alone(stmts, stmt, result),
        Memory::Either => {
            let condition = is_private(effect);
            let mut otherwise = Vec::new();
            alone(&mut otherwise, stmt.clone(), result);
            stmts.push(Stmt::If { condition, then: vec![stmt], otherwise });
        }
    }
}

/// Adds a statement that is for one member; together with those before it, if they are, too.
fn alone(stmts: &mut Vec<Stmt>, stmt: Stmt, result: Option<Var>) {
    if let Some(Stmt::Alone { body, results }) = stmts.last_mut() {
        body.push(stmt);
        results.extend(result.filter(|result| !results.contains(result)));
        return;
    }
    stmts.push(Stmt::Alone { body: vec![stmt], results: result.into_iter().collect() });
}

/// Whether an operation changes private memory: what it changes is where its first operand points.
fn is_private(effect: &Operation) -> Expr {
    let limit = Expr::Const(Ty::I32, Bits::from(Function::PRIVATE_MEMORY));
    Expr::Operation(Operation::new(Op::I32GeU, vec![effect.operands[0].clone(), limit]))
}
