//! Loops over the iterations of several loops at once, as clang makes them of `collapse`, become nests again.
//!
//! ```text
//!                               do {
//! do {                            q = c / d
//!   i = c / d                     stop = c + 1 + min(last - c, d - 1 - c % d)
//!   j = c - i * d       ==>       do { i = q; j = c - i * d; ...; c += 1 } while (c != stop)
//!   ...; c += 1                 } while (c != last + 1)
//! } while (c != last + 1)
//! ```
//!
//! The inner loop divides nothing, and addresses advance evenly in it. Loops of three collapse in two steps.
//!
//! Invariant: the same statements run in the same order with the same values. The division is the first thing in the loop that may trap, and
//! nothing before it has an effect, so that it can be done before the inner loop.

use super::look::{Change, Look};
use super::{Budget, Sums, Walk, mentions, set_in};
use crate::analysis::affine::{Comparison, Value, Values};
use crate::analysis::alignment::Alignment;
use crate::analysis::linear::Linear;
use crate::ir::visit::{bodies_mut, for_each_stmt};
use crate::ir::{Binary, Bits, Expr, Function, Kind, Label, Op, Operation, Relation, Stmt, Ty, Var};
use cranelift_entity::EntityRef;
use std::collections::HashSet;

/// Loops of a function that become nests: more than any has that people write.
const MAX_NESTS: usize = 32;

/// How much is looked at for all of them: see [`Budget`].
const MAX_STEPS: usize = 1 << 18;

/// The least constant divisor: with a smaller one the inner loop would be too short to gain by it.
const MIN_DIVISOR: u64 = 16;

/// Makes nests of the loops of a function that are collapsed ones.
pub(crate) fn restore_nests(function: &mut Function) {
    let (budget, mut refused) = (Budget::new(MAX_STEPS), HashSet::new());
    for _ in 0..MAX_NESTS {
        let Some(nest) = find(function, &budget, &mut refused) else { return };
        nest.restore(function);
    }
}

/// A loop that is a collapsed nest. All values are those at an iteration's start.
struct Nest {
    label: Label,
    /// The variable that counts the iterations, by ones.
    counter: Var,
    /// The statement with the division, and the division.
    at: usize,
    division: Operation,
    dividend: Linear,
    divisor: Linear,
    /// How many iterations follow.
    following: Linear,
}

/// Finds a loop, and adds to those that are none.
fn find(function: &Function, budget: &Budget, refused: &mut HashSet<Label>) -> Option<Nest> {
    let mut loops = Vec::new();
    for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::DoWhile { label, body, condition } = stmt
            && !refused.contains(label)
            && let Some((at, division)) = first_division(body)
        {
            loops.push((*label, body, condition, at, division));
        }
    });
    if loops.is_empty() {
        return None;
    }
    let alignment = Alignment::of(function);
    let (walk, sums) = (Walk::new(function, &alignment, budget), Sums::default());
    loops.into_iter().find_map(|(label, body, condition, at, division)| {
        refused.insert(label);
        let set = set_in(body);
        let mut look = Look::outside(&walk, &sums);
        let changes = look.changes(body, &Values::new());
        let values = look.at_iteration_start(&set, &Values::new());
        let (mut at_division, mut at_end) = (values.clone(), values);
        look.stmts(&body[..at], &mut at_division, false);
        look.stmts(body, &mut at_end, false);
        if budget.is_spent() {
            // Not all has been looked at.
            return None;
        }
        let same = |linear: &Linear| !mentions(linear, &set);
        let sum = |value: Value| value.affine().filter(|sum| sum.is_invariant() && sum.relies == 0);
        let operand = |i: usize| Some(sum(look.value(&division.operands[i], &at_division))?.base);
        let (dividend, divisor) = (operand(0)?, operand(1)?);
        let is_worthwhile = divisor.as_constant().is_none_or(|divisor| divisor >= MIN_DIVISOR);
        let counts = |(var, change): &(Var, Option<Change>)| {
            let own = look.own(*var);
            let is_one = matches!(change, Some(Change::By(change)) if change.as_constant() == Some(1));
            (is_one && own.ty == dividend.ty && same(&dividend.minus(&own)?)).then_some((*var, own))
        };
        let (counter, own) = changes.iter().find_map(counts).filter(|_| is_worthwhile && same(&divisor))?;
        let Comparison { ty, relation: Relation::Ne, left, right, .. } = look.comparison(condition, &at_end)? else {
            return None;
        };
        let (left, right) = (sum(Value::Affine(left))?.base, sum(Value::Affine(right))?.base);
        let distance = [left.minus(&right)?, right.minus(&left)?].into_iter();
        let is_following = |following: &Linear| following.plus(&own).is_some_and(|last| same(&last));
        let following = distance.filter(|_| ty == own.ty).find(is_following)?;
        Some(Nest { label, counter, at, division: division.clone(), dividend, divisor, following })
    })
}

/// The first thing in a loop that may trap, if it is a division, and the number of its statement; nothing before it has an effect.
fn first_division(body: &[Stmt]) -> Option<(usize, &Operation)> {
    for (at, stmt) in body.iter().enumerate() {
        let (Stmt::Set(_, value) | Stmt::Do(value)) = stmt else { return None };
        if let Some(operation) = first_trap(value) {
            return operation.op.is_division().then_some((at, operation));
        }
        let has_effect = |part: &Expr| matches!(part, Expr::Operation(operation) if operation.op.is_effect());
        if !matches!(stmt, Stmt::Set(..)) || value.any(&mut |part| has_effect(part)) {
            return None;
        }
    }
    None
}

fn first_trap(expr: &Expr) -> Option<&Operation> {
    let Expr::Operation(operation) = expr else { return None };
    let own = operation.site.is_some().then_some(operation);
    operation.operands.iter().find_map(first_trap).or(own)
}

/// Puts something in the place of the first operation that may trap.
fn replace_first_trap(expr: &mut Expr, by: &Expr) -> bool {
    let Expr::Operation(operation) = expr else { return false };
    if operation.operands.iter_mut().any(|operand| replace_first_trap(operand, by)) {
        operation.measure();
        return true;
    }
    let is_it = operation.site.is_some();
    if is_it {
        *expr = by.clone();
    }
    is_it
}

impl Nest {
    fn restore(&self, function: &mut Function) {
        let ty = self.divisor.ty;
        let [result, base, within, stop] = [(); 4].map(|()| function.vars.push(ty));
        let mut labels = 0;
        for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Block { label, .. } | Stmt::Loop { label, .. } | Stmt::DoWhile { label, .. } = stmt {
                labels = labels.max(label.index() + 1);
            }
        });
        let inner = Label::new(labels);
        let Some(Stmt::DoWhile { body, .. }) = self.position(&mut function.body) else { return };
        let mut of_inner = std::mem::take(body);
        let dividend = self.division.operands[0].clone();
        let is_quotient = matches!(self.division.op.kind(), Kind::Binary(Binary::DivS | Binary::DivU));
        let result_there = if is_quotient { Expr::Var(result) } else { subtract(ty, dividend, Expr::Var(base)) };
        if let Stmt::Set(_, value) | Stmt::Do(value) = &mut of_inner[self.at] {
            replace_first_trap(value, &result_there);
        }
        *body = self.before(result, base, within, stop, is_quotient);
        let condition = binary(ty, Op::I32Ne, Op::I64Ne, Expr::Var(self.counter), Expr::Var(stop));
        body.push(Stmt::DoWhile { label: inner, body: of_inner, condition });
    }

    /// What is computed before the inner loop: what the division gives, the dividend at which it gave that first, after how many more
    /// iterations it gives something else, and the counter at which the inner loop ends.
    fn before(&self, result: Var, base: Var, within: Var, stop: Var, is_quotient: bool) -> Vec<Stmt> {
        let ty = self.divisor.ty;
        let (dividend, divisor) = (self.dividend.to_expr(), self.divisor.to_expr());
        let following = self.following.to_expr();
        let (is_signed, greatest) = match (self.division.op.kind(), ty) {
            (Kind::Binary(Binary::DivS | Binary::RemS), Ty::I32) => (true, i32::MAX as u64),
            (Kind::Binary(Binary::DivS | Binary::RemS), _) => (true, i64::MAX as u64),
            (_, Ty::I32) => (false, u32::MAX.into()),
            _ => (false, u64::MAX),
        };
        let mut division = Operation { operands: vec![dividend.clone(), divisor.clone()], ..self.division.clone() };
        division.measure();
        let first = match is_quotient {
            true => binary(ty, Op::I32Mul, Op::I64Mul, Expr::Var(result), divisor.clone()),
            false => subtract(ty, dividend.clone(), Expr::Var(result)),
        };
        // The dividend reaches the next multiple of the divisor without a wrap, and is not negative before.
        let limit = subtract(ty, number(ty, greatest), divisor.clone());
        let mut is_even = binary(ty, Op::I32LeU, Op::I64LeU, dividend.clone(), limit);
        if is_signed {
            let is_positive = binary(ty, Op::I32GtS, Op::I64GtS, divisor.clone(), number(ty, 0));
            is_even = Expr::Operation(Operation::new(Op::I32And, vec![is_positive, is_even]));
        }
        let left = subtract(ty, subtract(ty, divisor, number(ty, 1)), subtract(ty, dividend, Expr::Var(base)));
        let is_last = binary(ty, Op::I32LtU, Op::I64LtU, following.clone(), Expr::Var(within));
        let next = binary(ty, Op::I32Add, Op::I64Add, Expr::Var(self.counter), number(ty, 1));
        let count = select(following, Expr::Var(within), is_last);
        vec![
            Stmt::Set(result, Expr::Operation(division)),
            Stmt::Set(base, first),
            Stmt::Set(within, select(left, number(ty, 0), is_even)),
            Stmt::Set(stop, binary(ty, Op::I32Add, Op::I64Add, next, count)),
        ]
    }

    fn position<'b>(&self, body: &'b mut [Stmt]) -> Option<&'b mut Stmt> {
        for stmt in body {
            if matches!(stmt, Stmt::DoWhile { label, .. } if *label == self.label) {
                return Some(stmt);
            }
            for inner in bodies_mut(stmt) {
                if let Some(found) = self.position(inner) {
                    return Some(found);
                }
            }
        }
        None
    }
}

pub(super) fn number(ty: Ty, bits: u64) -> Expr {
    Expr::Const(ty, Bits::from(bits))
}

/// One of two operations, by the type.
pub(super) fn binary(ty: Ty, of_32: Op, of_64: Op, left: Expr, right: Expr) -> Expr {
    let op = if ty == Ty::I32 { of_32 } else { of_64 };
    Expr::Operation(Operation::new(op, vec![left, right]))
}

fn subtract(ty: Ty, left: Expr, right: Expr) -> Expr {
    binary(ty, Op::I32Sub, Op::I64Sub, left, right)
}

pub(super) fn select(then: Expr, otherwise: Expr, condition: Expr) -> Expr {
    Expr::Operation(Operation::new(Op::Select, vec![then, otherwise, condition]))
}
