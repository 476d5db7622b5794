//! Whether all accesses of a launch are inside of the memory: found before it, from the values of the microtask's arguments.
//!
//! The code is followed once for all iterations, with integers as intervals ([`super::intervals`]). In a loop, variables that one round
//! changes by a constant are followed as long as the loop's test lets them; others that it changes are not known at its start.
//!
//! Invariant: what is not recognised may be anything. (If that were wrong somewhere, an access outside would not be a trap: kernels that are
//! launched without comparing addresses have a guard behind the memory, [`crate::Bounds::Guarded`]. For what is written there is none: where
//! memory is shared, the host does not get what was taken not to be written.)

use super::dataflow::{Budget, Domain, Loop, State, Walk};
use super::intervals::{Comparison, Interval, Order, bits, loaded, result};
use super::steps::{Ordered, bound_steps};
use super::worksharing::Worksharing;
use crate::ir::visit::{for_each_part, for_each_stmt};
use crate::ir::{Chunk, Expr, Function, Label, LoopBounds, Memory, Op, Operation, Slot, Stmt, Ty, Var};
use crate::lift::Role;
use crate::lift::program::Program;
use cranelift_entity::SecondaryMap;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The budget for one launch, which waits meanwhile: 1 for each statement and operation, and an eighth of the number of variables and
/// slots for each copy of a state. Beyond it accesses stay checked.
const MAX_WORK: usize = 40_000;

/// A region's code, to be followed.
#[derive(Debug)]
pub(crate) struct RegionCode {
    /// The microtask or the league's function, and what combines its reductions with the originals.
    functions: Vec<(Role, Function)>,
    /// The loop whose body a virtual thread runs once: see [`Worksharing::strided`].
    strided: Option<Label>,
    /// The microtasks that a league's teams fork, with that loop and with what ends their reductions.
    forked: BTreeMap<u32, (Function, Option<Label>, Option<Function>)>,
}

impl RegionCode {
    /// What there is to follow of a region: no functions that it calls, and loops that virtual threads have one iteration of, or teams
    /// consecutive ones.
    pub fn of(program: &Program, worksharing: &Worksharing, forked: &BTreeMap<u32, Worksharing>) -> Option<Self> {
        let mut code = Self { functions: Vec::new(), strided: worksharing.strided, forked: BTreeMap::new() };
        let is_league = program.is_league();
        let mut is_known = (is_league || worksharing.is_single) && forked.values().all(|loops| loops.is_single);
        for (&(index, role), function) in &program.functions {
            match role {
                // It is given no pointers but those to accumulators.
                Role::Combiner => {}
                Role::Microtask if is_league => {
                    let last = program.functions.get(&(index, Role::LastMicrotask)).cloned();
                    code.forked.insert(index, (function.clone(), forked.get(&index)?.strided, last));
                }
                Role::LastMicrotask if index != program.entry.0 => {}
                Role::Microtask | Role::LastMicrotask | Role::League | Role::Target => {
                    code.functions.push((role, function.clone()));
                }
                _ => return None,
            }
            let mut dealt = 0;
            for_each_stmt(&function.body, &mut |stmt| match stmt {
                Stmt::DispatchInit(_) | Stmt::DispatchNext { .. } | Stmt::Print(_) => is_known = false,
                Stmt::StaticInit(bounds) => {
                    dealt += 1;
                    is_known &= !is_league || bounds.chunk == Chunk::Free || !role.is_of_team();
                }
                _ => {}
            });
            // What a team does is followed with iterations and without.
            is_known &= dealt < 2;
            for_each_part(&function.body, &mut |part| {
                is_known &= !matches!(part, Expr::Operation(operation) if operation.memory == Memory::Either);
            });
        }
        is_known.then_some(code)
    }

    /// Whether all accesses are inside of a memory of so many bytes, for these arguments of the microtask: then, ranges that have all that
    /// may be written.
    pub fn written(&self, arguments: &[u32], size: u64) -> Option<Vec<Range<u64>>> {
        let mut budget = Budget::new(MAX_WORK);
        let mut written = Written::default();
        let mut stays_inside = |(_, function): &(Role, Function), deal: Deal| {
            let mut checking = Checking {
                code: self,
                size: i128::from(size),
                deal,
                strided: self.strided,
                iteration: None,
                names: 0,
                is_trial: false,
                is_inside: true,
                written: std::mem::take(&mut written),
            };
            let start = Values::new(function, |number| Interval::of(i128::from(*arguments.get(number)? as i32)).into());
            Walk::new(&mut checking, &mut budget, start).body(&function.body);
            written = checking.written;
            checking.is_inside && !budget.is_spent()
        };
        let stays_inside = self.functions.iter().all(|code| match code.0 {
            Role::LastMicrotask => stays_inside(code, Deal::Nothing),
            Role::Microtask => stays_inside(code, Deal::One),
            _ => stays_inside(code, Deal::Several) && stays_inside(code, Deal::None),
        });
        stays_inside.then_some(written.0)
    }
}

/// Ranges of the memory that may be written.
#[derive(Default)]
struct Written(Vec<Range<u64>>);

impl Written {
    /// As many are kept apart.
    const MOST: usize = 32;

    fn add(&mut self, range: Range<u64>) {
        let touches = |known: &Range<u64>| known.start <= range.end && range.start <= known.end;
        let near = self.0.iter().position(touches).or((self.0.len() >= Self::MOST).then_some(0));
        match near.and_then(|near| self.0.get_mut(near)) {
            Some(known) => *known = known.start.min(range.start)..known.end.max(range.end),
            None => self.0.push(range),
        }
    }
}

/// What a worksharing loop gives to who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deal {
    /// One iteration: to a virtual thread.
    One,
    /// Consecutive ones: to a team.
    Several,
    /// None, as there are more teams than iterations.
    None,
    /// The bounds for what comes at the end: to what ends a reduction.
    Nothing,
}

/// What variables and slots hold. Slots that are not here hold what is not known.
#[derive(Clone, Debug)]
pub(super) struct Values {
    pub vars: SecondaryMap<Var, Interval>,
    count: usize,
    slots: BTreeMap<Slot, Interval>,
    /// Comparisons that hold: the first is no more than the second.
    pub ordered: Vec<Ordered>,
}

impl Values {
    /// What a function begins with, whose arguments are these as far as they are known.
    fn new(function: &Function, argument: impl Fn(usize) -> Option<Interval>) -> Self {
        let mut vars = SecondaryMap::with_default(Interval::ANY);
        for var in function.vars.keys() {
            if let Some(argument) = function.argument(var).and_then(&argument) {
                vars[var] = argument;
            } else if function.starts_as_zero(var) {
                vars[var] = Interval::of(0);
            }
        }
        Self { vars, count: function.vars.len(), slots: BTreeMap::new(), ordered: Vec::new() }
    }

    /// After a comparison that holds; false if it cannot.
    fn assume(&mut self, comparison: &Comparison) -> bool {
        /// More than loops in loops have.
        const MAX_ORDERED: usize = 8;
        if comparison.is_certain() == Some(false) {
            return false;
        }
        let strict = match comparison.relation {
            Order::Less => Some(1),
            Order::LessOrEqual => Some(0),
            Order::Equal | Order::NotEqual => None,
        };
        if let (Some(strict), Some((a, by)), Some(b)) = (strict, comparison.left.name, comparison.right.name) {
            let Comparison { bits, is_signed, .. } = *comparison;
            let ordered = Ordered { a: (a, by + strict), b, bits, is_signed };
            if self.ordered.len() < MAX_ORDERED && !self.ordered.contains(&ordered) {
                self.ordered.push(ordered);
            }
        }
        for (name, low, high) in comparison.implies() {
            for value in self.vars.values_mut().chain(self.slots.values_mut()) {
                if !value.assume(name, low, high) {
                    return false;
                }
            }
        }
        true
    }
}

impl State for Values {
    fn join(&mut self, other: &Self) -> bool {
        for (var, value) in self.vars.iter_mut() {
            *value = value.or(&other.vars[var]);
        }
        self.slots.retain(|slot, value| match other.slots.get(slot) {
            Some(other) => {
                *value = value.or(other);
                true
            }
            None => false,
        });
        self.ordered.retain(|ordered| other.ordered.contains(ordered));
        // Loops are not walked until nothing changes, so nobody asks.
        true
    }

    fn cost(&self) -> usize {
        (self.count + self.slots.len()) / 8
    }
}

struct Checking<'c> {
    code: &'c RegionCode,
    size: i128,
    deal: Deal,
    strided: Option<Label>,
    /// A virtual thread's iteration.
    iteration: Option<Interval>,
    names: u32,
    /// Whether this only finds out what a loop does.
    is_trial: bool,
    is_inside: bool,
    written: Written,
}

impl Domain for Checking<'_> {
    type State = Values;
    type Condition = Interval;

    fn visit(&mut self, stmt: &Stmt, values: &Values, budget: &mut Budget) {
        if let Stmt::Return(returned) = stmt {
            returned.iter().for_each(|value| drop(self.value(value, values, budget)));
        }
    }

    fn assign(&mut self, stmt: &Stmt, mut values: Values, budget: &mut Budget) -> Option<Values> {
        match stmt {
            Stmt::Set(var, value) => {
                let value = self.value(value, &values, budget);
                values.vars[*var] = self.named(value);
            }
            Stmt::SetSlot { op, slot, value } => {
                let value = self.stored(*op, value, &values, budget);
                values.slots.insert(*slot, value);
            }
            Stmt::ClampUpper { op, slot, value: stored } => {
                let mut value = self.stored(*op, stored, &values, budget);
                if let (Some(iteration), Deal::One) = (&self.iteration, self.deal) {
                    // Virtual threads whose iteration is cut off have returned.
                    value = iteration.clone();
                    if let Expr::Var(var) = stored {
                        values.vars[*var] = value.clone();
                    }
                }
                values.slots.insert(*slot, value);
            }
            Stmt::Do(value) | Stmt::SetGlobal(_, value) | Stmt::CheckStack(value, _) => {
                drop(self.value(value, &values, budget))
            }
            Stmt::StaticInit(bounds) => return self.static_init(bounds, values, budget),
            // What has been combined is not known.
            Stmt::Reduce { .. } => values.slots.clear(),
            Stmt::Fork { microtask, arguments, captured, threads } => {
                let values_of: Vec<_> = arguments.iter().map(|value| self.value(value, &values, budget)).collect();
                threads.iter().for_each(|threads| drop(self.value(threads, &values, budget)));
                let captured: Vec<_> = captured.iter().map(|slot| values.slots.get(slot).cloned()).collect();
                self.fork(*microtask, &values_of, &captured, &values.ordered, budget);
            }
            Stmt::Number { result, .. } => values.vars[*result] = self.named(Interval::ANY),
            Stmt::Barrier => {}
            // Not in what `RegionCode::of` takes.
            _ => self.is_inside = false,
        }
        self.is_inside.then_some(values)
    }

    fn condition(&mut self, condition: &Expr, values: &Values, budget: &mut Budget) -> Interval {
        self.value(condition, values, budget)
    }

    fn assume(&mut self, mut values: Values, condition: &Interval, holds: bool) -> Option<Values> {
        match condition.comparison(holds) {
            Some(comparison) => values.assume(&comparison).then_some(values),
            None => condition.may_be(holds).then_some(values),
        }
    }

    fn a_loop(walk: &mut Walk<Self>, a_loop: Loop) {
        if walk.domain.strided == Some(a_loop.label) && walk.domain.deal == Deal::One {
            // A virtual thread's one iteration.
            return walk.body(a_loop.body);
        }
        let Some(before) = walk.now.clone() else { return };
        walk.budget.spend(before.cost());
        let arriving = walk.arriving();
        // Perhaps there is one round only.
        let round = walk.round(a_loop);
        if (round.by_goto.is_none() && round.by_condition.is_none()) || !walk.domain.is_inside {
            return;
        }
        let (vars, slots) = changed(a_loop.body);
        let mut start = before.clone();
        for var in &vars {
            start.vars[*var] = walk.domain.named(Interval::ANY);
        }
        start.slots.extend(slots.into_iter().map(|slot| (slot, Interval::ANY)));
        // What a round does to variables of which nothing is known.
        let outer = std::mem::replace(&mut walk.domain.is_trial, true);
        walk.restore(&arriving);
        walk.now = Some(start.clone());
        let round = walk.round(a_loop);
        walk.domain.is_trial = outer;
        if let (Some(condition), Some(end), None) = (&round.condition, &walk.now, &round.by_goto) {
            bound_steps(&mut start, &before, end, &vars, condition);
        }
        walk.restore(&arriving);
        walk.now = Some(start);
        walk.round(a_loop);
    }
}

impl Checking<'_> {
    /// The value, with a name.
    fn named(&mut self, value: Interval) -> Interval {
        let name = value.name.unwrap_or_else(|| {
            self.names += 1;
            (self.names, 0)
        });
        Interval { name: Some(name), ..value }
    }

    /// What a store leaves in a slot.
    fn stored(&mut self, op: Op, value: &Expr, values: &Values, budget: &mut Budget) -> Interval {
        let value = self.value(value, values, budget);
        if matches!(op, Op::I32Store | Op::I64Store) { self.named(value) } else { Interval::ANY }
    }

    /// A team's virtual threads execute a microtask, with these arguments and values of slots; then what ends its reduction is executed.
    fn fork(
        &mut self,
        microtask: u32,
        arguments: &[Interval],
        captured: &[Option<Interval>],
        ordered: &[Ordered],
        budget: &mut Budget,
    ) {
        let Some((function, strided, last)) = self.code.forked.get(&microtask) else {
            self.is_inside = false;
            return;
        };
        let forms = [Some((function, Deal::One)), last.as_ref().map(|last| (last, Deal::Nothing))];
        for (function, deal) in forms.into_iter().flatten() {
            let mut start = Values::new(function, |number| arguments.get(number).cloned());
            let given = function.captured.iter().zip(captured);
            start.slots.extend(given.filter_map(|(slot, value)| Some((*slot, value.clone()?))));
            start.ordered = ordered.to_vec();
            let outer = (self.deal, self.strided, self.iteration.take());
            (self.deal, self.strided) = (deal, *strided);
            budget.spend(start.cost());
            Walk::new(self, budget, start).body(&function.body);
            (self.deal, self.strided, self.iteration) = outer;
        }
    }

    /// Each virtual thread has one of the iterations, each team consecutive ones.
    fn static_init(&mut self, bounds: &LoopBounds, mut values: Values, budget: &mut Budget) -> Option<Values> {
        let [last, lower, upper, stride] = bounds.slots?;
        let bound = |slot| {
            let value: &Interval = values.slots.get(&slot)?;
            let (low, high, _) = value.as_integers(bits(bounds.ty), bounds.signed)?;
            (low == high).then_some(low)
        };
        let (Some(from), Some(to)) = (bound(lower), bound(upper)) else {
            self.is_inside = false;
            return None;
        };
        if let Chunk::Size(size) = &bounds.chunk {
            drop(self.value(size, &values, budget));
        }
        if matches!(bounds.chunk, Chunk::Size(_) | Chunk::Many) {
            self.is_inside = false;
            return None;
        }
        let is_for_one = self.deal != Deal::One && !bounds.is_distribute;
        match self.deal {
            Deal::Several if is_for_one && from <= to => {
                let all = [(lower, from), (upper, to), (last, 1)];
                values.slots.extend(all.map(|(slot, value)| (slot, Interval::of(value))));
                values.slots.insert(stride, Interval::ANY);
                return Some(values);
            }
            Deal::Several if from <= to => {
                let bounds = [lower, upper].map(|slot| (slot, self.named(Interval::between(from, to))));
                values.slots.extend(bounds);
                values.slots.extend([(stride, Interval::ANY), (last, Interval::between(0, 1))]);
                return Some(values);
            }
            Deal::Several | Deal::None => {
                let none = [(lower, 1), (upper, 0), (stride, 1), (last, 0)];
                values.slots.extend(none.map(|(slot, value)| (slot, Interval::of(value))));
                return Some(values);
            }
            Deal::One | Deal::Nothing => {}
        }
        if self.deal == Deal::Nothing {
            let known = [(lower, to + 1), (stride, 1), (last, 0)];
            values.slots.extend(known.map(|(slot, value)| (slot, Interval::of(value))));
            return Some(values);
        }
        if from > to {
            return None;
        }
        let iteration = self.named(Interval::between(from, to));
        self.iteration = Some(iteration.clone());
        let is_last = Interval::between(0, 1);
        values.slots.extend([(lower, iteration.clone()), (upper, iteration), (stride, Interval::ANY), (last, is_last)]);
        Some(values)
    }

    fn value(&mut self, expr: &Expr, values: &Values, budget: &mut Budget) -> Interval {
        match expr {
            Expr::Const(Ty::I32, bits) => Interval::of(i128::from(*bits as u32 as i32)),
            Expr::Const(Ty::I64, bits) => Interval::of(i128::from(*bits as u64 as i64)),
            Expr::Var(var) => values.vars[*var].clone(),
            Expr::Slot(op, slot) => {
                budget.spend(1);
                let known = values.slots.get(slot).filter(|_| matches!(op, Op::I32Load | Op::I64Load));
                known.cloned().unwrap_or(Interval::ANY)
            }
            Expr::Operation(operation) => self.operation(operation, values, budget),
            Expr::Const(..) | Expr::Global(_) | Expr::Address(_) => Interval::ANY,
        }
    }

    /// Notes what an operation writes, given its address.
    fn write(&mut self, operation: &Operation, address: Option<&Interval>) {
        let place = operation.offset.zip(operation.op.bytes()).zip(address.and_then(|address| address.unsigned(32)));
        let range = place.and_then(|((offset, bytes), (low, high))| {
            let start = u64::try_from(low).ok()?.checked_add(offset)?;
            let end = u64::try_from(high).ok()?.checked_add(offset + u64::from(bytes))?;
            Some(start..end)
        });
        self.written.add(range.unwrap_or(0..1 << 33));
    }

    fn operation(&mut self, operation: &Operation, values: &Values, budget: &mut Budget) -> Interval {
        budget.spend(1);
        let op = operation.op;
        let operands: Vec<_> = operation.operands.iter().map(|operand| self.value(operand, values, budget)).collect();
        if operation.memory == Memory::Linear && op.writes() && !self.is_trial {
            self.write(operation, operands.first());
        }
        if let (Some(offset), Some(address), Some(bytes)) = (operation.offset, operands.first(), op.bytes()) {
            // Atomic ones, and those to the work-item's own memory, are compared with the size in any case.
            if operation.memory == Memory::Linear && !op.is_atomic() {
                let end = address.unsigned(32).map(|(_, high)| high + i128::from(offset) + i128::from(bytes));
                self.is_inside &= self.is_trial || end.is_some_and(|end| end <= self.size);
            }
            return loaded(op);
        }
        match (op, &operands[..]) {
            (Op::Select, [a, b, condition]) => selected(a, b, condition),
            _ => result(op, &operands),
        }
    }
}

/// One or the other: the least or greatest of both, often.
fn selected(a: &Interval, b: &Interval, condition: &Interval) -> Interval {
    let narrowed = |value: &Interval, holds| {
        let mut value = value.clone();
        let is_possible = match condition.comparison(holds) {
            Some(comparison) => {
                comparison.is_certain() != Some(false)
                    && comparison.implies().into_iter().all(|(name, low, high)| value.assume(name, low, high))
            }
            None => condition.may_be(holds),
        };
        is_possible.then_some(value)
    };
    match (narrowed(a, true), narrowed(b, false)) {
        (Some(a), Some(b)) => a.or(&b),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Interval::ANY,
    }
}

/// Variables and slots that statements set.
fn changed(body: &[Stmt]) -> (BTreeSet<Var>, BTreeSet<Slot>) {
    let (mut vars, mut slots) = (BTreeSet::new(), BTreeSet::new());
    for_each_stmt(body, &mut |stmt| match stmt {
        Stmt::Set(var, _) => drop(vars.insert(*var)),
        Stmt::SetSlot { slot, .. } | Stmt::ClampUpper { slot, .. } => drop(slots.insert(*slot)),
        Stmt::StaticInit(bounds) => slots.extend(bounds.slots.into_iter().flatten()),
        Stmt::Reduce { slots: own, .. } => slots.extend(own),
        Stmt::Number { result, .. } => drop(vars.insert(*result)),
        _ => {}
    });
    (vars, slots)
}

#[cfg(test)]
mod tests {
    use crate::testing::microtask;

    /// Of a region whose loop goes from 0 to $n - 1 and does `body` with its variable $i: with how many bytes of memory all is inside at the
    /// least, for values of $p and $n; none if it is not with 1 GiB.
    fn least(body: &str, [p, n]: [u32; 2]) -> Option<u64> {
        let kernel = microtask(&format!(
            r#"(module
                (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4
                    (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
                (memory 1)
                (global $__stack_pointer (mut i32) (i32.const 1024))
                (func (export "microtask") (param $gtid i32) (param $btid i32) (param $p i32) (param $n i32)
                                           (local $frame i32) (local $i i32) (local $j i32) (local $x i32) (local $y i32)
                    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
                    (global.set $__stack_pointer (local.get $frame))
                    (i32.store offset=4 (local.get $frame) (i32.const 0))
                    (i32.store offset=8 (local.get $frame) (i32.sub (local.get $n) (i32.const 1)))
                    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.load (local.get $gtid)) (i32.const 34) (local.get $frame)
                        (i32.add (local.get $frame) (i32.const 4)) (i32.add (local.get $frame) (i32.const 8))
                        (i32.add (local.get $frame) (i32.const 12)) (i32.const 1) (i32.const 1))
                    (local.set $i (i32.load offset=4 (local.get $frame)))
                    {body}
                    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 16)))))"#
        ));
        let is_inside = |size| kernel.facts.written(&[p, n], size).is_some();
        let (mut not, mut inside) = (0, 1 << 30);
        if !is_inside(inside) {
            return None;
        }
        while inside - not > 1 {
            let size = u64::midpoint(inside, not);
            *if is_inside(size) { &mut inside } else { &mut not } = size;
        }
        Some(inside)
    }

    /// An element of $p, which are words, is read.
    fn at(index: &str) -> String {
        format!("(drop (i32.load (i32.add (local.get $p) (i32.shl {index} (i32.const 2)))))")
    }

    #[test]
    fn what_is_inside_is_known_to_the_byte() {
        let i = "(local.get $i)";
        let sub = |index: &str, by| format!("(i32.sub {index} (i32.const {by}))");
        let counted = |body: &str, test: &str| {
            format!(
                "(local.set $j (i32.const 0)) (loop $all {body}
                     (local.set $j (i32.add (local.get $j) (i32.const 2)))
                     (br_if $all (i32.{test} (local.get $j) (i32.const 20))))"
            )
        };
        let remainder =
            sub(i, 0).replace("(i32.const 0)", "(i32.mul (i32.div_s (local.get $i) (i32.const 7)) (i32.const 7))");
        let least_of = format!("(select {i} (i32.const 9) (i32.lt_s {i} (i32.const 9)))");
        let cases = [
            (at(i), Some(1000 + 400)),
            (at(&sub(i, 1)), Some(1000 + 396)),
            (at(&sub(i, 251)), None),
            (format!("(if (i32.gt_s {i} (i32.const 250)) (then {}))", at(&sub(i, 251))), Some(0)),
            (format!("(if (i32.gt_s {i} (i32.const 49)) (then {}))", at(&sub(i, 301))), None),
            (format!("(if (i32.gt_s {i} (i32.const 50)) (then {}))", at(&sub(i, 301))), Some(196)),
            (format!("(if (i32.lt_u {i} (i32.const 50)) (then {}))", at(i)), Some(1000 + 200)),
            (counted(&at("(local.get $j)"), "ne"), Some(1000 + 76)),
            (counted(&at("(local.get $j)"), "lt_s"), Some(1000 + 76)),
            (counted(&at("(local.get $j)"), "le_s"), Some(1000 + 84)),
            (counted(&at("(local.get $j)"), "gt_s"), Some(1000 + 4)),
            (counted(&at("(local.get $x)"), "ne"), Some(1000 + 4)),
            (counted(&format!("{} (local.set $x (i32.load (local.get $p)))", at("(local.get $x)")), "ne"), None),
            (at(&remainder), Some(1000 + 28)),
            (at(&least_of), Some(1000 + 40)),
            (at("(i32.and (i32.load (local.get $p)) (i32.const 15))"), Some(1000 + 64)),
            (at("(i32.load8_u (local.get $p))"), Some(1000 + 1024)),
            (at("(i32.load (local.get $p))"), None),
            (at("(i32.mul (local.get $i) (i32.const 0x2000000))"), None),
        ];
        for (body, size) in cases {
            assert_eq!(least(&body, [1000, 100]), size.map(|size: u64| size.max(1)), "{body}");
        }
    }

    #[test]
    fn what_takes_too_long_is_not_known() {
        let chain = "(local.set $x (i32.lt_s (local.get $x) (i32.load8_u (local.get $p))))".repeat(30_000);
        assert_eq!(least(&format!("{chain} {}", at("(local.get $x)")), [1000, 100]), None);
        let mut nest = at("(local.get $x)");
        for level in 0..40 {
            nest = format!(
                "(loop $l{level} {nest} (local.set $x (i32.load8_u (local.get $p))) (br_if $l{level} (i32.lt_s (local.get $x) (i32.load (local.get $p)))))"
            );
        }
        assert_eq!(least(&nest, [1000, 100]), None);
    }
}
