//! What integers are in the iterations of a loop.
//!
//! Invariant: a value that is said to be something is that in each iteration.

use super::linear::Linear;
use crate::ir::{Relation, Sign, Ty, Var};
use std::collections::HashMap;

/// What an integer is in iteration k: `base + k * step`, both of them the same in all iterations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Affine {
    pub base: Linear,
    pub step: Linear,
    /// On which of a loop's [`super::versions::Disjoint`] it relies, a bit for each.
    pub relies: u64,
}

impl Affine {
    pub fn invariant(base: Linear) -> Self {
        let step = Linear::constant(base.ty, 0);
        Self { base, step, relies: 0 }
    }

    pub fn plus(&self, other: &Self) -> Option<Self> {
        let relies = self.relies | other.relies;
        Some(Self { base: self.base.plus(&other.base)?, step: self.step.plus(&other.step)?, relies })
    }

    pub fn minus(&self, other: &Self) -> Option<Self> {
        let relies = self.relies | other.relies;
        Some(Self { base: self.base.minus(&other.base)?, step: self.step.minus(&other.step)?, relies })
    }

    pub fn times(&self, factor: u64) -> Self {
        Self { base: self.base.times(factor), step: self.step.times(factor), relies: self.relies }
    }

    pub fn is_invariant(&self) -> bool {
        self.step.is_zero()
    }
}

/// A comparison of two integers.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub ty: Ty,
    pub relation: Relation,
    pub sign: Sign,
    pub left: Affine,
    pub right: Affine,
}

/// A value in the iterations.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Affine(Affine),
    Comparison(Comparison),
    Unknown,
}

impl Value {
    pub fn affine(self) -> Option<Affine> {
        match self {
            Self::Affine(affine) => Some(affine),
            _ => None,
        }
    }
}

/// What variables are at some place in the loop.
pub(super) type Values = HashMap<Var, Value>;

/// A product of which one factor is the same in all iterations.
pub(super) fn product(left: &Affine, right: &Affine) -> Option<Affine> {
    let (moving, factor) = if right.is_invariant() { (left, right) } else { (right, left) };
    factor.is_invariant().then(|| Affine {
        base: moving.base.product(&factor.base),
        step: moving.step.product(&factor.base),
        relies: moving.relies | factor.relies,
    })
}

/// Whether it is not zero, as a comparison.
pub(super) fn not_zero(affine: Affine) -> Comparison {
    let ty = affine.base.ty;
    let right = Affine::invariant(Linear::constant(ty, 0));
    Comparison { ty, relation: Relation::Ne, sign: Sign::Unsigned, left: affine, right }
}

/// The relation that holds where this one does not.
pub(super) fn opposite(relation: Relation) -> Relation {
    match relation {
        Relation::Eq => Relation::Ne,
        Relation::Ne => Relation::Eq,
        Relation::Lt => Relation::Ge,
        Relation::Gt => Relation::Le,
        Relation::Le => Relation::Gt,
        Relation::Ge => Relation::Lt,
    }
}

/// The relation of the second to the first.
pub(super) fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::Lt => Relation::Gt,
        Relation::Gt => Relation::Lt,
        Relation::Le => Relation::Ge,
        Relation::Ge => Relation::Le,
        same => same,
    }
}
