//! How far the variables of a loop get that a round changes by a constant, for [`super::bounds`].

use super::bounds::Values;
use super::intervals::{Interval, Made, Name, Order};
use crate::ir::Var;
use std::collections::BTreeSet;

/// `a <= b`, as integers of so many bits, signed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ordered {
    pub a: Name,
    pub b: Name,
    pub bits: u32,
    pub is_signed: bool,
}

/// Bounds the variables that a round of a loop changes by a constant, at the start of any round: as far as the loop's condition lets them
/// go from where they were `before` the first one. `end` is what one round made of `start`.
pub(super) fn bound_steps(
    start: &mut Values,
    before: &Values,
    end: &Values,
    vars: &BTreeSet<Var>,
    condition: &Interval,
) {
    let step = |var: &Var| {
        let ((name, from), (same, to)) = start.vars[*var].name.zip(end.vars[*var].name)?;
        (name == same && from != to).then_some((*var, name, to - from))
    };
    let steps: Vec<_> = vars.iter().filter_map(step).collect();
    let repeats = |(var, name, step): &(Var, u32, i128)| {
        repeats(condition, *name, &before.vars[*var], *step, &before.ordered).map(|most| (most, *var))
    };
    let Some(most) = steps.iter().filter_map(repeats).map(|(most, _)| most.rounds).min() else { return };
    let limits: Vec<_> = steps.iter().filter_map(repeats).collect();
    for (var, _, step) in steps {
        if let Some(distance) = step.checked_mul(most) {
            let name = start.vars[var].name;
            let limit = limits.iter().find(|(_, of)| *of == var).and_then(|(most, _)| most.within);
            start.vars[var] = match limit {
                Some((low, high)) => Interval { name, ..Interval::between(low, high) },
                None => before.vars[var].sum(distance.min(0), distance.max(0), name),
            };
        }
    }
}

/// How often a loop is repeated at most.
struct Repeats {
    rounds: i128,
    /// Between which integers the variable that is compared stays at the start of all rounds, if that is less than its steps let it be.
    within: Option<(i128, i128)>,
}

/// How often a loop is repeated at most that goes on while a condition holds, of a value with this name, which was `start` at first and
/// which a round changes by `step`.
fn repeats(condition: &Interval, name: u32, start: &Interval, step: i128, ordered: &[Ordered]) -> Option<Repeats> {
    let Made::Comparison(test) = &condition.made else {
        return None;
    };
    let is_it = |value: &Interval| value.name.filter(|(own, _)| *own == name).map(|(_, by)| by);
    let (by, bound, is_left) = match (is_it(&test.left), is_it(&test.right)) {
        (Some(by), None) => (by, &test.right, true),
        (None, Some(by)) => (by, &test.left, false),
        _ => return None,
    };
    // What is compared in the first round.
    let first = start.sum(by, by, None);
    if test.relation == Order::NotEqual {
        // It is the bound at last, which is the same each time.
        if let (Some(bound), Some(first)) = (bound.single(), first.single()) {
            let distance = if step > 0 { bound - first } else { first - bound };
            let distance = distance.rem_euclid(1 << test.bits);
            return (distance % step.abs() == 0).then_some(Repeats { rounds: distance / step.abs(), within: None });
        }
        // One by one it comes to a bound that it is not beyond at first.
        let (name, bound_name) = (start.name.map(|(name, from)| (name, from + by))?, bound.name?);
        let is_below = |known: &&Ordered| known.a == name && known.b == bound_name && known.bits == test.bits;
        let known = ordered.iter().find(is_below).filter(|_| step == 1)?;
        let (low, _, is_written) = first.as_integers(test.bits, known.is_signed)?;
        let (_, high, _) = bound.as_integers(test.bits, known.is_signed)?;
        let rounds = high - low;
        return (rounds >= 0).then_some(Repeats { rounds, within: is_written.then_some((low - by, high - by)) });
    }
    let (low, high, _) = first.as_integers(test.bits, test.is_signed)?;
    let (bound_low, bound_high, _) = bound.as_integers(test.bits, test.is_signed)?;
    let strict = match test.relation {
        Order::Less => 1,
        Order::LessOrEqual => 0,
        Order::Equal | Order::NotEqual => return None,
    };
    // How far it may go so that the condition holds. One step further it must not wrap.
    let (distance, last) = match (is_left, step > 0) {
        (true, true) => (bound_high - strict - low, high.max(bound_high) + step),
        (false, false) => (high - bound_low - strict, low.min(bound_low) + step),
        _ => return None,
    };
    let limits = Interval::of(last).as_integers(test.bits, test.is_signed)?;
    let rounds = if distance < 0 { 0 } else { distance / step.abs() + 1 };
    limits.2.then_some(Repeats { rounds, within: None })
}
