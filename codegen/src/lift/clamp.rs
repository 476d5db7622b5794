//! Where a microtask bounds the iterations that it was given: clang writes the least of the upper bound that it was given and the loop's own.
//!
//! Invariant: at most one statement of a function is marked, and no other bound is between the loop's call of the runtime and it.

use crate::ir::visit;
use crate::ir::{Expr, Function, Kind, Op, Relation, Slot, Stmt, Ty, Var};
use std::collections::HashMap;

/// Marks what bounds what a virtual thread was given: see [`Stmt::ClampUpper`]. That is a store to the upper bound, or a variable that is set
/// to the least of it and another bound, where nobody reads the upper bound after that.
pub(super) fn mark_clamp(function: &mut Function) {
    let mut reads: HashMap<Slot, usize> = HashMap::new();
    visit::for_each_part(&function.body, &mut |part| {
        if let Expr::Slot(_, slot) = part {
            *reads.entry(*slot).or_default() += 1;
        }
    });
    let mut search = Clamp { upper: None, holders: Vec::new(), reads, conditions: 0, is_over: false };
    search.body(&mut function.body);
}

struct Clamp {
    /// The slot of the upper bound, after the loop has asked for its iterations, and the type of the loop variable.
    upper: Option<(Slot, Ty)>,
    /// Variables that hold what is there.
    holders: Vec<Var>,
    /// How often slots are read in what is still to come.
    reads: HashMap<Slot, usize>,
    /// How many conditions have to hold to come here that were tested after the loop asked for its iterations.
    conditions: usize,
    /// It has been found, or a loop has come first.
    is_over: bool,
}

impl Clamp {
    fn body(&mut self, body: &mut Vec<Stmt>) {
        let mut at = 0;
        while at < body.len() && !self.is_over {
            self.count(&body[at]);
            match &mut body[at] {
                // Who has a lock does not leave the function.
                Stmt::Critical { .. } => self.is_over = true,
                Stmt::StaticInit(bounds) => self.upper = bounds.slots.map(|[_, _, upper, _]| (upper, bounds.ty)),
                Stmt::Loop { .. } | Stmt::DoWhile { .. } if self.upper.is_some() => self.is_over = true,
                Stmt::SetSlot { op, slot, value } if self.upper.is_some_and(|(upper, _)| *slot == upper) => {
                    self.is_over = true;
                    if matches!(op, Op::I32Store | Op::I64Store) {
                        let value = std::mem::replace(value, Expr::Const(Ty::I32, 0));
                        body[at] = Stmt::ClampUpper { op: *op, slot: *slot, value };
                    }
                }
                Stmt::Set(var, value) => {
                    if let Some(clamp) = self.clamp(*var, value) {
                        self.is_over = true;
                        body.insert(at + 1, clamp);
                    }
                }
                stmt => {
                    let is_condition = self.upper.is_some() && matches!(stmt, Stmt::If { .. } | Stmt::Switch { .. });
                    self.conditions += usize::from(is_condition);
                    visit::bodies_mut(stmt).into_iter().for_each(|inner| self.body(inner));
                    self.conditions -= usize::from(is_condition);
                }
            }
            at += 1;
        }
    }

    /// Counts what a statement itself reads as read.
    fn count(&mut self, stmt: &Stmt) {
        visit::for_each_expr_of(stmt, &mut |expr| {
            expr.any(&mut |part| {
                if let Expr::Slot(_, slot) = part
                    && let Some(left) = self.reads.get_mut(slot)
                {
                    *left -= 1;
                }
                false
            });
        });
    }

    /// What is to follow a variable that is set to the least of the upper bound and something else.
    fn clamp(&mut self, var: Var, value: &Expr) -> Option<Stmt> {
        let (upper, ty) = self.upper?;
        let holds_upper = |expr: &Expr| match expr {
            Expr::Slot(Op::I32Load | Op::I64Load, slot) => *slot == upper,
            Expr::Var(var) => self.holders.contains(var),
            _ => false,
        };
        let store = least(value).filter(|operands| operands.iter().any(|operand| holds_upper(operand)));
        let is_copy = holds_upper(value);
        self.holders.retain(|holder| *holder != var);
        if is_copy {
            self.holders.push(var);
        }
        let op = if ty == Ty::I64 { Op::I64Store } else { Op::I32Store };
        let is_read = self.reads.get(&upper).is_some_and(|left| *left > 0);
        // Under a condition it would be for something else.
        store.filter(|_| !is_read && self.conditions == 0).map(|_| Stmt::ClampUpper {
            op,
            slot: upper,
            value: Expr::Var(var),
        })
    }
}

/// The operands, if an expression is the least of two.
fn least(value: &Expr) -> Option<[&Expr; 2]> {
    let Expr::Operation(select) = value else { return None };
    let (Op::Select, [first, second, Expr::Operation(compare)]) = (select.op, &select.operands[..]) else {
        return None;
    };
    let Kind::Compare(relation, _) = compare.op.kind() else { return None };
    let is_least = match (relation, &compare.operands[..]) {
        (Relation::Lt | Relation::Le, [left, right]) => left == first && right == second,
        (Relation::Gt | Relation::Ge, [left, right]) => left == second && right == first,
        _ => false,
    };
    is_least.then_some([first, second])
}
