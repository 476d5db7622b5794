//! Which pointers of a loop go to different arrays, as far as the text shows, so that a compiler can be told if they turn out to be apart.
//!
//! Pointers to one array are of one *class*: what one of them stores the other may access.
//!
//! Invariant: a pointer of another class than one that is stored by is compared with it.

use super::MAX_DISTANCE;
use crate::analysis::affine::Affine;
use crate::ir::{Binary, Effect, Expr, Kind, Operation};

/// Comparisons that a version may have for this.
const MAX_COMPARED: usize = 40;

/// How pointers are told apart.
#[derive(Clone, Debug)]
pub(crate) struct Apart {
    /// The class of each pointer: the number of the first one in it.
    pub class: Vec<usize>,
    /// Whether nothing but pointers of its class accesses what a pointer accesses.
    pub is_exclusive: Vec<bool>,
    /// The pairs of pointers whose bytes have to be apart.
    pub compared: Vec<(usize, usize)>,
}

/// What accesses memory by no pointer.
#[derive(Clone, Copy, Default)]
pub(super) struct Others {
    /// Loads of scalars and whole vectors.
    pub loads: usize,
    /// Whether there is anything else: stores, loads of parts of vectors, atomic operations, fences.
    pub has_more: bool,
}

impl Others {
    pub(super) fn add(&mut self, operation: &Operation) {
        let is_load = matches!(operation.op.kind(), Kind::Load(..));
        self.loads += usize::from(is_load);
        self.has_more |= !is_load && operation.op.effect() != Effect::None;
    }
}

impl Apart {
    /// Nothing if there is nothing to tell. `is_stored` says of each pointer whether it is stored by, `is_nest` whether there are loops in the loop.
    pub(super) fn of(addresses: &[Affine], is_stored: &[bool], others: Others, is_nest: bool) -> Option<Self> {
        let mut class: Vec<usize> = (0..addresses.len()).collect();
        for (i, address) in addresses.iter().enumerate() {
            for j in 0..i {
                let (from, to) = (class[i], class[j]);
                if from != to && is_one_array(address, &addresses[j], is_nest) {
                    class.iter_mut().filter(|class| **class == from).for_each(|class| *class = to);
                }
            }
        }
        let stored = |number: usize| (0..class.len()).any(|i| class[i] == class[number] && is_stored[i]);
        let is_exclusive: Vec<bool> =
            (0..class.len()).map(|i| !(others.has_more || others.loads != 0 && stored(i))).collect();
        let pairs = (0..class.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let is_told = |i: usize, j: usize| (is_stored[i] || is_stored[j]) && (is_exclusive[i] || is_exclusive[j]);
        let compared: Vec<_> = pairs.filter(|(i, j)| class[*i] != class[*j] && is_told(*i, *j)).collect();
        let is_of_use = (1..=MAX_COMPARED).contains(&compared.len());
        is_of_use.then_some(Self { class, is_exclusive, compared })
    }

    /// Whether no other pointer is of its class.
    pub fn is_alone(&self, pointer: usize) -> bool {
        let class = self.class[pointer];
        self.is_exclusive[pointer] && self.class.iter().filter(|other| **other == class).count() == 1
    }
}

/// Whether two addresses seem to be in one array: they are a constant distance from each other or, as rows of an array have nothing in
/// common that is gone through once but do if all of it is, begin with the same address.
fn is_one_array(a: &Affine, b: &Affine, is_nest: bool) -> bool {
    let distance = a.base.minus(&b.base).and_then(|distance| distance.as_signed());
    let is_product =
        |part: &Expr| matches!(part, Expr::Operation(operation) if operation.op.kind() == Kind::Binary(Binary::Mul));
    let mut shared = a.base.single_terms().filter(|part| !is_product(part));
    distance.is_some_and(|distance| distance.abs() <= MAX_DISTANCE)
        || is_nest && shared.any(|part| b.base.single_terms().any(|other| other == part))
}
