//! What has just been stored in a word of the frame, where that is plain to see: in the same block, and nothing has followed but sets of
//! variables and stores to other words.
//!
//! Invariant: what is said to be in a word is there where the next statement will stand.

use super::Lift;
use crate::ir::{Expr, Op, Operation, Place, Stmt, Ty, Var};

/// How many statements are looked at: what is looked for is near.
const MAX_LOOKED_AT: usize = 500;

impl Lift<'_> {
    /// The word at a place: what has just been stored there, if that is known.
    pub(super) fn word(&mut self, at: Place) -> Expr {
        if let Some(value) = self.stored_word(at) {
            self.lists.note_given(at);
            return value;
        }
        let site = self.site();
        Expr::Operation(Operation::access(Op::I32Load, vec![Expr::Address(at)], site))
    }

    /// What has just been stored in a word. What is to be evaluated gets a variable.
    fn stored_word(&mut self, at: Place) -> Option<Expr> {
        let number = self.last_store(at, self.bodies.last()?.len())?;
        let Some(Stmt::Do(Expr::Operation(store))) = self.bodies.last_mut()?.get_mut(number) else { return None };
        if store.operands[1].is_constant() {
            return Some(store.operands[1].clone());
        }
        let var = self.function.vars.push(Ty::I32);
        let value = std::mem::replace(&mut store.operands[1], Expr::Var(var));
        store.measure();
        self.bodies.last_mut()?.insert(number, Stmt::Set(var, value));
        Some(Expr::Var(var))
    }

    /// The constant that a value is, by way of variables and words of the frame: code that was not optimised keeps pointers to functions so.
    pub(super) fn known_constant(&self, value: &Expr) -> Option<u64> {
        let mut before = self.bodies.last()?.len();
        let mut value = value;
        loop {
            match value {
                Expr::Const(Ty::I32 | Ty::I64, bits) => return Some(*bits as u64),
                Expr::Var(var) => (before, value) = self.last_set(*var, before)?,
                Expr::Operation(load) if matches!(load.op, Op::I32Load | Op::I64Load) => {
                    let words = load.frame_words();
                    before = self.last_store_near(&words, before)?;
                    let Stmt::Do(Expr::Operation(store)) = &self.bodies.last()?[before] else { return None };
                    let is_it =
                        matches!((load.op, store.op), (Op::I32Load, Op::I32Store) | (Op::I64Load, Op::I64Store));
                    value = store.operands.get(1).filter(|_| is_it && store.slot() == load.slot())?;
                }
                _ => return None,
            }
        }
    }

    /// The constant that has just been stored in a word.
    pub(super) fn constant_word(&self, at: Place) -> Option<u32> {
        let body = self.bodies.last()?;
        let number = self.last_store_near(&[at], body.len())?;
        let Stmt::Do(Expr::Operation(store)) = &body[number] else { return None };
        let bits = match &store.operands[..] {
            [_, Expr::Const(_, bits)] => *bits,
            [_, value] => self.known_constant(value)?.into(),
            _ => return None,
        };
        match (store.op, &store.frame_words()[..]) {
            (Op::I32Store, [_]) | (Op::I64Store, [_, _]) if store.frame_words()[0] == at => Some(bits as u32),
            (Op::I64Store, [_, high]) if *high == at => Some((bits >> 32) as u32),
            _ => None,
        }
    }

    /// The number of the last statement in this block that sets a variable, of those before one, and what it sets it to.
    pub(super) fn last_set(&self, var: Var, before: usize) -> Option<(usize, &Expr)> {
        self.just_before(before)?.find_map(|(number, stmt)| match stmt {
            Stmt::Set(set, value) if *set == var => Some((number, value)),
            _ => None,
        })
    }

    /// The number of the last statement in this block that has stored a word of the frame, of those before one.
    fn last_store(&self, at: Place, before: usize) -> Option<usize> {
        let number = self.last_store_near(&[at], before)?;
        let Stmt::Do(Expr::Operation(store)) = &self.bodies.last()?[number] else { return None };
        (store.op == Op::I32Store && store.frame_words() == [at]).then_some(number)
    }

    /// The number of the last statement in this block that may have stored something in words of the frame, of those before one.
    fn last_store_near(&self, at: &[Place], before: usize) -> Option<usize> {
        let at = (!at.is_empty()).then_some(at)?;
        self.just_before(before)?.find_map(|(number, stmt)| {
            let Stmt::Do(Expr::Operation(store)) = stmt else { return None };
            let words = store.frame_words();
            let is_near = words.is_empty() || words.iter().any(|word| at.contains(word));
            (store.op.is_effect() && is_near).then_some(number)
        })
    }

    /// The statements in this block before one, from the last on, as long as they do nothing but set variables and store.
    fn just_before(&self, before: usize) -> Option<impl Iterator<Item = (usize, &Stmt)>> {
        let is_simple = |stmt: &Stmt| match stmt {
            Stmt::Set(_, value) => !matches!(value, Expr::Operation(operation) if operation.op.is_effect()),
            Stmt::Do(_) | Stmt::Number { .. } => true,
            Stmt::Print(printing) => printing.carried.is_empty(),
            _ => false,
        };
        let stmts = self.bodies.last()?.get(..before)?.iter().enumerate().rev().take(MAX_LOOKED_AT);
        Some(stmts.take_while(move |(_, stmt)| is_simple(stmt)))
    }
}
