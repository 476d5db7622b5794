//! Conversions of floats to integers as C programs do them: clang guards WebAssembly's instruction, which traps, by a comparison, and has a
//! number for what does not fit. That is a conditional expression, which a compiler can vectorise.
//!
//! Invariant: what is converted without a check fits.

use super::Printer;
use crate::dialect::Dialect;
use crate::ir::visit::goes_to;
use crate::ir::{Binary, Conversion, Expr, Kind, Label, Op, Operation, Relation, Sign, Stmt, Ty, Unary, Var};

/// `var = condition ? the integer of operand : number`
pub(super) struct Truncation<'s> {
    /// What comes before it.
    before: &'s [Stmt],
    var: Var,
    condition: &'s Expr,
    op: Op,
    operand: &'s Expr,
    number: &'s Expr,
}

/// The statement as a conversion, if it is one.
pub(super) fn truncation(stmt: &Stmt) -> Option<Truncation<'_>> {
    // { { ... if (!condition) goto inner; var = trunc(operand); goto outer; } inner: var = number; } outer:
    let Stmt::Block { label: outer, body } = stmt else { return None };
    let [Stmt::Block { label: inner, body }, Stmt::Set(var, number @ Expr::Const(..))] = &body[..] else { return None };
    let [before @ .., Stmt::If { condition, then, otherwise }, Stmt::Set(same, value), Stmt::Goto(end)] = &body[..]
    else {
        return None;
    };
    let [Stmt::Goto(fails)] = &then[..] else { return None };
    let (Expr::Operation(negated), Expr::Operation(convert)) = (condition, value) else { return None };
    let operand = convert.operands.first()?;
    let is_alike = otherwise.is_empty() && fails == inner && end == outer && same == var;
    let goes = goes_to(before, *inner) || goes_to(before, *outer);
    let condition = negated.operands.first()?;
    let is_guarded = match convert.op.kind() {
        Kind::Convert(Conversion::TruncS) => is_small(condition, operand, convert.op),
        Kind::Convert(Conversion::TruncU) => is_unsigned(condition, operand, convert.op),
        _ => false,
    };
    (is_alike && !goes && negated.op == Op::I32Eqz && is_guarded).then_some(Truncation {
        before,
        var: *var,
        condition,
        op: convert.op,
        operand,
        number,
    })
}

/// Two to how many bits an integer has of the type that is converted to, without the sign.
fn bits(op: Op) -> i32 {
    let all = if op.info().result == Some(Ty::I64) { 64 } else { 32 };
    all - i32::from(matches!(op.kind(), Kind::Convert(Conversion::TruncS)))
}

/// Whether a constant is this number.
fn is_number(expr: &Expr, number: f64) -> bool {
    match expr {
        Expr::Const(Ty::F32, bits) => f64::from(f32::from_bits(*bits as u32)) == number,
        Expr::Const(Ty::F64, bits) => f64::from_bits(*bits as u64) == number,
        _ => false,
    }
}

/// The operands of a comparison.
fn compared(expr: &Expr, relation: Relation) -> Option<[&Expr; 2]> {
    match expr {
        Expr::Operation(Operation { op, operands, .. }) if matches!(op.kind(), Kind::Compare(own, _) if own == relation) => {
            Some([operands.first()?, operands.get(1)?])
        }
        _ => None,
    }
}

/// Whether it says that a float's absolute value is below the first that does not fit.
fn is_small(condition: &Expr, operand: &Expr, op: Op) -> bool {
    let Some([Expr::Operation(absolute), limit]) = compared(condition, Relation::Lt) else { return false };
    let is_own = absolute.operands.first() == Some(operand) && matches!(operand, Expr::Var(_));
    is_own && absolute.op.kind() == Kind::Unary(Unary::Abs) && is_number(limit, 2f64.powi(bits(op)))
}

/// Whether it says that a float is not negative, and below the first that does not fit.
fn is_unsigned(condition: &Expr, operand: &Expr, op: Op) -> bool {
    let Expr::Operation(both) = condition else { return false };
    let [left, right] = &both.operands[..] else { return false };
    let is_own = |[own, limit]: [&Expr; 2], number| own == operand && is_number(limit, number);
    both.op.kind() == Kind::Binary(Binary::And)
        && matches!(operand, Expr::Var(_))
        && compared(left, Relation::Lt).is_some_and(|parts| is_own(parts, 2f64.powi(bits(op))))
        && compared(right, Relation::Ge).is_some_and(|parts| is_own(parts, 0.0))
}

/// The function of the prelude that has the least number for what does not fit. It cannot be vectorised, but is faster where an iteration
/// waits for it.
pub(crate) fn at_once(op: Op) -> Option<&'static str> {
    match op {
        Op::I32TruncF32S => Some("i32_trunc_f32_s_at_once"),
        Op::I32TruncF64S => Some("i32_trunc_f64_s_at_once"),
        _ => None,
    }
}

impl<D: Dialect> Printer<'_, D> {
    pub(super) fn truncate(&mut self, truncation: &Truncation, innermost: Option<Label>) {
        let Truncation { before, var, condition, op, operand, number } = truncation;
        self.stmts(before, innermost);
        let var = self.var(*var);
        if let Some(function) = at_once(*op).filter(|_| self.is_serial && **number == Expr::Const(Ty::I32, 1 << 31)) {
            return self.line(&format!("{var} = {function}({});", self.expr(operand)));
        }
        let sign = if op.kind() == Kind::Convert(Conversion::TruncS) { Sign::Signed } else { Sign::Unsigned };
        let to = if op.info().result == Some(Ty::I64) { Ty::I64 } else { Ty::I32 };
        let bytes = if to == Ty::I64 { 8 } else { 4 };
        let (ty, integer) = (self.ty(to), self.context.dialect.integer(bytes, sign));
        let (condition, operand, number) = (self.condition(condition), self.expr(operand), self.top(number));
        self.line(&format!("{var} = ({condition}) ? ({ty})({integer}){operand} : {number};"));
    }
}
