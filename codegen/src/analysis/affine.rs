//! What integers are in the iterations of a loop.
//!
//! Invariant: a value that is said to be something is that in each iteration.

use super::linear::Linear;
use crate::ir::{Label, Relation, Sign, Ty, Var};
use std::collections::{BTreeMap, HashMap};

/// What an integer is in iteration k of a loop, l of a loop in it, and so on: `base + k * step + l * step' ... + span + span' ...`, where
/// `base` and each step are the same in all iterations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Affine {
    pub base: Linear,
    /// By how much it changes in an iteration of each loop; no zeros.
    pub steps: BTreeMap<Label, Linear>,
    /// What is added and not known but for how much it is at most, as an index into a table.
    pub spans: Vec<Span>,
    /// On which or-ed bits being disjoint it relies, a bit for each pair of the loop.
    pub relies: u64,
}

/// A whole number from zero to `bound * scale` of which no more is known, in each iteration another one. The bound is the same in all
/// iterations, and has no sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub bound: Linear,
    pub scale: u64,
}

/// More than that are not worth comparing.
const MAX_SPANS: usize = 2;

/// The greatest scale of a span: an element's size is less.
const MAX_SCALE: u64 = 1 << 16;

impl Affine {
    pub fn invariant(base: Linear) -> Self {
        Self { base, steps: BTreeMap::new(), spans: Vec::new(), relies: 0 }
    }

    /// A number from zero to a bound.
    pub fn bounded(ty: Ty, bound: Linear) -> Self {
        Self { spans: vec![Span { bound, scale: 1 }], ..Self::invariant(Linear::constant(ty, 0)) }
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
        let spans: Vec<_> = self.spans.iter().chain(&other.spans).cloned().collect();
        let base = self.base.plus(&other.base)?;
        (spans.len() <= MAX_SPANS).then(|| Self::new(base, steps, spans, self.relies | other.relies))
    }

    pub fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(&other.times(u64::MAX)?)
    }

    /// A multiple of it; of spans, if they go no further than they can be compared.
    pub fn times(&self, factor: u64) -> Option<Self> {
        let scaled = |span: &Span| {
            let scale = span.scale.checked_mul(factor).filter(|scale| *scale <= MAX_SCALE)?;
            Some(Span { scale, bound: span.bound.clone() })
        };
        let spans = self.spans.iter().map(scaled).collect::<Option<_>>()?;
        Some(Self { spans, ..self.map(|part| part.times(factor)) })
    }

    /// The low 32 bits. A span without its high bits is still from zero to its bound.
    pub fn wrapped(&self) -> Self {
        self.map(Linear::wrapped)
    }

    /// The same of the base and of the steps, for what distributes over their sum.
    fn map(&self, of: impl Fn(&Linear) -> Linear) -> Self {
        let steps = self.steps.iter().map(|(label, step)| (*label, of(step))).collect();
        Self::new(of(&self.base), steps, self.spans.clone(), self.relies)
    }

    /// The base, the steps, and the bounds of spans.
    pub fn parts(&self) -> impl Iterator<Item = &Linear> {
        std::iter::once(&self.base).chain(self.steps.values()).chain(self.spans.iter().map(|span| &span.bound))
    }

    pub fn is_invariant(&self) -> bool {
        self.steps.is_empty() && self.spans.is_empty()
    }

    /// Whether nothing is known but how much it is at most.
    pub fn is_only_spans(&self) -> bool {
        self.steps.is_empty() && self.base.is_zero()
    }

    fn new(base: Linear, mut steps: BTreeMap<Label, Linear>, spans: Vec<Span>, relies: u64) -> Self {
        steps.retain(|_, step| !step.is_zero());
        Self { base, steps, spans, relies }
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
    if let Some(constant) = factor.base.as_constant() {
        return Some(Affine { relies, ..moving.times(constant)? });
    }
    if !moving.spans.is_empty() {
        return None;
    }
    let step = |(label, step): (&Label, &Linear)| Some((*label, step.product(&factor.base)?));
    let steps = moving.steps.iter().map(step).collect::<Option<_>>()?;
    Some(Affine::new(moving.base.product(&factor.base)?, steps, Vec::new(), relies))
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
