//! Integers as sums: of products of a constant and something that is not looked into, and a constant. That is how addresses are compared:
//! two that differ by a constant are the same sum but for that.
//!
//! Invariant: all arithmetic is modulo two to the number of the type's bits, as WebAssembly's.

use crate::ir::{Bits, Expr, Op, Operation, Ty};

/// Numbers, variables and operations in a product.
const MAX_PARTS: usize = 64;

/// Summands: a longer sum is not worth comparing.
const MAX_TERMS: usize = 8;

/// A sum of a type, [`Ty::I32`] or [`Ty::I64`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Linear {
    pub ty: Ty,
    /// What is multiplied, and by what; nothing twice, nothing by zero.
    terms: Vec<(Expr, u64)>,
    pub constant: u64,
}

impl Linear {
    pub fn constant(ty: Ty, constant: u64) -> Self {
        Self { ty, terms: Vec::new(), constant: constant & mask(ty) }
    }

    pub fn atom(ty: Ty, expr: Expr) -> Self {
        Self { ty, terms: vec![(expr, 1)], constant: 0 }
    }

    /// The constant that it is, if it is one.
    pub fn as_constant(&self) -> Option<u64> {
        self.terms.is_empty().then_some(self.constant)
    }

    /// As a signed number, if it is a constant.
    pub fn as_signed(&self) -> Option<i64> {
        let constant = self.as_constant()?;
        Some(if self.ty == Ty::I32 { i64::from(constant as u32 as i32) } else { constant as i64 })
    }

    pub fn is_zero(&self) -> bool {
        self.as_constant() == Some(0)
    }

    /// The summands that are multiplied by one.
    pub fn single_terms(&self) -> impl Iterator<Item = &Expr> {
        self.terms.iter().filter(|(_, by)| *by == 1).map(|(atom, _)| atom)
    }

    /// Whether a part of a summand is like that.
    pub fn any(&self, test: &mut impl FnMut(&Expr) -> bool) -> bool {
        self.terms.iter().any(|(atom, _)| atom.any(test))
    }

    pub fn times(&self, factor: u64) -> Self {
        let mask = mask(self.ty);
        let scaled = self.terms.iter().map(|(atom, by)| (atom.clone(), by.wrapping_mul(factor) & mask));
        Self {
            ty: self.ty,
            terms: scaled.filter(|(_, by)| *by != 0).collect(),
            constant: self.constant.wrapping_mul(factor) & mask,
        }
    }

    /// The product of both, unless it is too long; if neither is a constant, it is not looked into.
    pub fn product(&self, other: &Self) -> Option<Self> {
        match (self.as_constant(), other.as_constant()) {
            (_, Some(factor)) => Some(self.times(factor)),
            (Some(factor), _) => Some(other.times(factor)),
            _ => {
                let multiply = if self.ty == Ty::I64 { Op::I64Mul } else { Op::I32Mul };
                let operands = vec![self.to_expr(), other.to_expr()];
                let is_short = operands.iter().map(parts).sum::<usize>() < MAX_PARTS;
                is_short.then(|| Self::atom(self.ty, Expr::Operation(Operation::new(multiply, operands))))
            }
        }
    }

    /// The sum of both, unless it is too long.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let mask = mask(self.ty);
        let mut sum = self.clone();
        for (atom, by) in &other.terms {
            match sum.terms.iter_mut().find(|(known, _)| known == atom) {
                Some((_, sum)) => *sum = sum.wrapping_add(*by) & mask,
                None => sum.terms.push((atom.clone(), *by)),
            }
        }
        sum.terms.retain(|(_, by)| *by != 0);
        sum.constant = sum.constant.wrapping_add(other.constant) & mask;
        (sum.terms.len() <= MAX_TERMS).then_some(sum)
    }

    pub fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(&other.times(u64::MAX))
    }

    /// How many of its low bits are zero, if `zeros` says that of its parts.
    pub fn zeros(&self, zeros: &impl Fn(&Expr) -> u32) -> u32 {
        let terms = self.terms.iter().map(|(atom, by)| zeros(atom) + by.trailing_zeros());
        terms.chain([self.constant.trailing_zeros()]).min().unwrap_or(0)
    }

    /// The low 32 bits.
    pub fn wrapped(&self) -> Self {
        let wrap = |atom: &Expr| Expr::Operation(Operation::new(Op::I32WrapI64, vec![atom.clone()]));
        let mask = mask(Ty::I32);
        let terms = self.terms.iter().map(|(atom, by)| (wrap(atom), by & mask));
        Self { ty: Ty::I32, terms: terms.filter(|(_, by)| *by != 0).collect(), constant: self.constant & mask }
    }

    /// The same as an expression.
    pub fn to_expr(&self) -> Expr {
        let (add, subtract, multiply) = match self.ty {
            Ty::I64 => (Op::I64Add, Op::I64Sub, Op::I64Mul),
            _ => (Op::I32Add, Op::I32Sub, Op::I32Mul),
        };
        let number = |bits: u64| Expr::Const(self.ty, Bits::from(bits & mask(self.ty)));
        let operation = |op, a, b| Expr::Operation(Operation::new(op, vec![a, b]));
        let mut sum: Option<Expr> = None;
        for (atom, by) in &self.terms {
            let is_subtracted = sum.is_some() && *by == mask(self.ty);
            let term = match by {
                1 => atom.clone(),
                _ if is_subtracted => atom.clone(),
                by => operation(multiply, atom.clone(), number(*by)),
            };
            sum = Some(match sum {
                None => term,
                Some(sum) => operation(if is_subtracted { subtract } else { add }, sum, term),
            });
        }
        match sum {
            None => number(self.constant),
            Some(sum) if self.constant == 0 => sum,
            Some(sum) => operation(add, sum, number(self.constant)),
        }
    }
}

/// How many numbers, variables and operations an expression has.
pub(crate) fn parts(expr: &Expr) -> usize {
    let mut parts = 0;
    expr.any(&mut |_| {
        parts += 1;
        false
    });
    parts
}

fn mask(ty: Ty) -> u64 {
    if ty == Ty::I32 { u32::MAX.into() } else { u64::MAX }
}
