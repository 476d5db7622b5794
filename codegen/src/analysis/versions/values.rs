//! What expressions are in each iteration of the loops that are looked at.
//!
//! Invariant: a value that is said to be something is that in each iteration, if bits that are or-ed for it are disjoint, loads that stand in
//! it give the same each time, and divisors in it are neither 0 nor -1.

use super::MAX_POINTERS;
use super::collapsed::{binary, number, select};
use super::look::Look;
use crate::analysis::affine::{Affine, Comparison, Value, Values, not_zero, opposite, product};
use crate::analysis::linear::{self, Linear};
use crate::ir::{Binary, Bits, Conversion, Expr, Kind, Op, Operation, Relation, Sign, Ty};

/// Operations in an expression that is computed once more.
const MAX_DEPTH: u32 = 10;

/// Numbers, variables and operations in it.
const MAX_PARTS: usize = 64;

/// A constant bound beyond that says nothing about where in the memory an address is.
const MAX_BOUND: u64 = 1 << 24;

/// Visits the conditions of [`Look::divide_by_ordinary`] in an expression.
pub(super) fn for_each_ordinary<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e Expr)) {
    let Expr::Operation(operation) = expr else { return };
    operation.operands.iter().for_each(|operand| for_each_ordinary(operand, visit));
    if operation.op.is_division()
        && let Expr::Operation(divisor) = &operation.operands[1]
        && divisor.op == Op::Select
    {
        visit(&divisor.operands[2]);
    }
}

impl Look<'_> {
    /// A condition, as a comparison.
    pub fn comparison(&self, condition: &Expr, values: &Values) -> Option<Comparison> {
        match self.value(condition, values) {
            Value::Comparison(comparison) => Some(comparison),
            Value::Affine(affine) => Some(not_zero(affine)),
            Value::Unknown => None,
        }
    }

    pub fn value(&self, expr: &Expr, values: &Values) -> Value {
        self.known(expr, values).unwrap_or(Value::Unknown)
    }

    pub fn known(&self, expr: &Expr, values: &Values) -> Option<Value> {
        let invariant = |linear| Some(Value::Affine(Affine::invariant(linear)));
        match expr {
            Expr::Const(ty @ (Ty::I32 | Ty::I64), bits) => invariant(Linear::constant(*ty, *bits as u64)),
            Expr::Var(var) => match (values.get(var), self.function.vars[*var]) {
                (Some(value), _) => Some(value.clone()),
                (None, ty @ (Ty::I32 | Ty::I64)) => {
                    let known = self.sums.0.get(var).cloned();
                    invariant(known.unwrap_or_else(|| Linear::atom(ty, expr.clone())))
                }
                _ => None,
            },
            Expr::Operation(operation) => self.operation(operation, values),
            _ => None,
        }
    }

    fn operation(&self, operation: &Operation, values: &Values) -> Option<Value> {
        let operand = |i: usize| self.known(&operation.operands[i], values);
        let affine = |i: usize| operand(i)?.affine();
        let sum = match operation.op.kind() {
            Kind::Compare(relation, sign) => {
                let (left, right) = (affine(0)?, affine(1)?);
                let ty = operation.op.operand();
                return Some(Value::Comparison(Comparison { ty, relation, sign, left, right }));
            }
            Kind::Eqz => {
                return Some(Value::Comparison(match operand(0)? {
                    Value::Comparison(comparison) => {
                        Comparison { relation: opposite(comparison.relation), ..comparison }
                    }
                    Value::Affine(affine) => Comparison { relation: Relation::Eq, ..not_zero(affine) },
                    Value::Unknown => return None,
                }));
            }
            Kind::Binary(Binary::Add) => affine(0)?.plus(&affine(1)?),
            Kind::Binary(Binary::Sub) => affine(0)?.minus(&affine(1)?),
            Kind::Binary(Binary::Shl) => {
                let bits = if operation.op.operand() == Ty::I32 { 32 } else { 64 };
                let is_same = |count: &Affine| count.is_invariant() && count.relies == 0;
                let count = affine(1).filter(is_same)?.base.as_constant();
                count.and_then(|count| affine(0)?.times(1 << (count % bits)))
            }
            Kind::Binary(Binary::Or) => self.disjoint_sum(&affine(0)?, &affine(1)?),
            Kind::Binary(Binary::Mul) => product(&affine(0)?, &affine(1)?),
            Kind::Convert(Conversion::Wrap) => Some(affine(0)?.wrapped()),
            Kind::Load(..) => affine(0).and_then(|address| self.settled_load(operation, &address)),
            _ => None,
        };
        sum.or_else(|| self.opaque(operation, values)).or_else(|| self.bounded(operation, values)).map(Value::Affine)
    }

    /// How many of the low bits of a value are zero in all iterations.
    fn zeros(&self, value: &Affine) -> u32 {
        if !value.spans.is_empty() {
            return 0;
        }
        value.parts().map(|part| part.zeros(&|atom| self.alignment.zeros(atom))).min().unwrap_or(0)
    }

    /// The sum of two numbers that are or-ed: if their bits are disjoint, as is known, or as one of them changes and is compared before the
    /// loop.
    fn disjoint_sum(&self, left: &Affine, right: &Affine) -> Option<Affine> {
        for (number, constant) in [(left, right), (right, left)] {
            let bits = constant.base.as_constant().filter(|_| constant.is_invariant());
            if bits.is_some_and(|bits| u64::BITS - bits.leading_zeros() <= self.zeros(number)) {
                return number.plus(constant);
            }
        }
        let is_constant = |value: &Affine| value.steps.values().all(|step| step.as_constant().is_some());
        let moves = !left.is_invariant() || !right.is_invariant();
        let is_known = left.spans.is_empty() && right.spans.is_empty();
        if !moves || !is_known || left.base.ty != Ty::I32 || !is_constant(left) || !is_constant(right) {
            return None;
        }
        let both = [left.clone(), right.clone()];
        let mut sum = left.plus(right)?;
        let mut known = self.disjoint.borrow_mut();
        let bit = known.iter().position(|known| *known == both).unwrap_or(known.len());
        sum.relies |= 1u64.checked_shl(u32::try_from(bit).ok()?)?;
        if bit == known.len() {
            known.push(both);
        }
        Some(sum)
    }

    /// What a load from what stands still gives: it is done before the loop, so it must be done in each iteration.
    fn settled_load(&self, operation: &Operation, address: &Affine) -> Option<Affine> {
        let ty = operation.op.info().result.filter(|ty| matches!(ty, Ty::I32 | Ty::I64))?;
        if self.conditions != 0 || !address.is_invariant() || address.relies != 0 {
            return None;
        }
        let mut again = Operation { operands: vec![address.base.to_expr()], ..operation.clone() };
        again.measure();
        let mut settled = self.settled.as_ref()?.borrow_mut();
        let is_same =
            |known: &&Operation| (known.op, known.offset, &known.operands) == (again.op, again.offset, &again.operands);
        let load = match settled.iter().find(is_same) {
            Some(known) => known.clone(),
            None if self.unsettled.iter().any(|known| is_same(&known)) => return None,
            None if settled.len() < MAX_POINTERS
                && again.depth <= MAX_DEPTH
                && linear::parts(&again.operands[0]) <= MAX_PARTS =>
            {
                settled.push(again.clone());
                again
            }
            None => return None,
        };
        Some(Affine::invariant(Linear::atom(ty, Expr::Operation(load))))
    }

    /// An integer that is the same in all iterations, whatever it is.
    fn opaque(&self, operation: &Operation, values: &Values) -> Option<Affine> {
        let is_computed = matches!(
            operation.op.kind(),
            Kind::Unary(_) | Kind::Binary(_) | Kind::Convert(_) | Kind::Compare(..) | Kind::Eqz | Kind::Select
        );
        let ty = match operation.op.kind() {
            Kind::Select => return None,
            _ => operation.op.info().result.filter(|ty| matches!(ty, Ty::I32 | Ty::I64))?,
        };
        let is_division = operation.op.is_division();
        if !is_computed || operation.site.is_some() && !is_division || operation.depth > MAX_DEPTH {
            return None;
        }
        let operands = operation.operands.iter().map(|operand| {
            let value = self.known(operand, values)?.affine()?;
            (value.is_invariant() && value.relies == 0).then(|| value.base.to_expr())
        });
        let mut again = Operation { operands: operands.collect::<Option<Vec<_>>>()?, ..operation.clone() };
        again.measure();
        if is_division {
            self.divide_by_ordinary(&mut again.operands[1], ty)?;
            again.measure();
        }
        let again = Expr::Operation(again);
        if again.depth() > MAX_DEPTH || linear::parts(&again) > MAX_PARTS {
            return None;
        }
        Some(Affine::invariant(Linear::atom(ty, again)))
    }

    /// Puts 1 in the place of a divisor that is 0 or -1: the division is done before it is known that the divisor is neither of them, as has
    /// to hold then ([`super::Version::ordinary`]).
    fn divide_by_ordinary(&self, divisor: &mut Expr, ty: Ty) -> Option<()> {
        if !self.divides {
            return None;
        }
        if let Expr::Const(_, bits) = divisor {
            let all = Linear::constant(ty, u64::MAX).constant;
            return (*bits != 0 && *bits != Bits::from(all)).then_some(());
        }
        let next = binary(ty, Op::I32Add, Op::I64Add, divisor.clone(), number(ty, 1));
        let is_ordinary = binary(ty, Op::I32GtU, Op::I64GtU, next, number(ty, 1));
        *divisor = select(divisor.clone(), number(ty, 1), is_ordinary);
        Some(())
    }

    /// An integer of which nothing is known but that it has no sign and is at most so much, which is the same in all iterations.
    fn bounded(&self, operation: &Operation, values: &Values) -> Option<Affine> {
        let ty = operation.op.info().result.filter(|ty| matches!(ty, Ty::I32 | Ty::I64))?;
        let bits = if ty == Ty::I32 { 32 } else { 64 };
        let same = |i: usize| {
            let value = self.known(&operation.operands[i], values)?.affine()?;
            (value.is_invariant() && value.relies == 0).then_some(value.base)
        };
        let bound = match operation.op.kind() {
            Kind::Binary(Binary::And) => same(0).or_else(|| same(1)),
            Kind::Binary(Binary::RemU) => same(1)?.minus(&Linear::constant(ty, 1)),
            Kind::Binary(Binary::ShrU) => {
                let count = same(1)?.as_constant()? % bits;
                Some(Linear::constant(ty, (u64::MAX >> (64 - bits)) >> count))
            }
            Kind::Load(bytes @ (1 | 2), Sign::Unsigned) => Some(Linear::constant(ty, (1 << (8 * bytes)) - 1)),
            Kind::Convert(Conversion::ExtendU) => {
                let value = self.known(&operation.operands[0], values)?.affine()?;
                let base = Linear::constant(ty, 0);
                return value.is_only_spans().then_some(Affine { base, ..value });
            }
            _ => None,
        }?;
        let is_near = bound.as_constant().is_none_or(|bound| bound <= MAX_BOUND);
        is_near.then(|| Affine::bounded(ty, bound))
    }
}
