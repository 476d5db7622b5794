//! What integers are in the iterations of a loop.
//!
//! Invariant: a value that is said to be something is that in each iteration.

use super::linear::Linear;
use crate::ir::{Label, Relation, Sign, Ty, Var};
use std::collections::{BTreeMap, HashMap};

/// What an integer is in iteration k of a loop, l of a loop in it, and so on: `base + k * step + l * step' ...`, where `base` and each step
/// are the same in all iterations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Affine {
    pub base: Linear,
    /// By how much it changes in an iteration of each loop; no zeros.
    pub steps: BTreeMap<Label, Linear>,
    /// On which or-ed bits being disjoint it relies, a bit for each pair of the loop.
    pub relies: u64,
}

impl Affine {
    pub fn invariant(base: Linear) -> Self {
        Self { base, steps: BTreeMap::new(), relies: 0 }
    }

    pub fn plus(&self, other: &Self) -> Option<Self> {
        let mut steps = self.steps.clone();
        for (label, step) in &other.steps {
            let sum = match steps.get(label) {
                Some(own) => own.plus(step)?,
                None => step.clone(),
            };
            steps.insert(*label, sum);
        }
        Some(Self::new(self.base.plus(&other.base)?, steps, self.relies | other.relies))
    }

    pub fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(&other.times(u64::MAX))
    }

    pub fn times(&self, factor: u64) -> Self {
        self.map(|part| part.times(factor))
    }

    /// The same of the base and of the steps, for what distributes over their sum.
    pub fn map(&self, of: impl Fn(&Linear) -> Linear) -> Self {
        let steps = self.steps.iter().map(|(label, step)| (*label, of(step))).collect();
        Self::new(of(&self.base), steps, self.relies)
    }

    /// The base and the steps.
    pub fn parts(&self) -> impl Iterator<Item = &Linear> {
        std::iter::once(&self.base).chain(self.steps.values())
    }

    pub fn is_invariant(&self) -> bool {
        self.steps.is_empty()
    }

    fn new(base: Linear, mut steps: BTreeMap<Label, Linear>, relies: u64) -> Self {
        steps.retain(|_, step| !step.is_zero());
        Self { base, steps, relies }
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
    if !factor.is_invariant() {
        return None;
    }
    let relies = moving.relies | factor.relies;
    let step = |(label, step): (&Label, &Linear)| Some((*label, step.product(&factor.base)?));
    let steps = moving.steps.iter().map(step).collect::<Option<_>>()?;
    Some(Affine::new(moving.base.product(&factor.base)?, steps, relies))
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
