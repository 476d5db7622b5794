//! Whether all accesses of a launch are inside of the memory: found before it, from the values of the microtask's parameters.
//!
//! The code is followed once for all iterations. An integer is known as an interval: modulo two to the number of its type's bits, it is
//! one of those in there, so sums and products need not care whether they wrap. And it has a name: two values with the same one differ by
//! a constant. That tells that a loop's test compares what it should, and lets a condition say something of all variables that have to
//! do with what it compares.
//!
//! In a loop, variables that one round changes by a constant are followed as long as the loop's test lets them; others that it changes are
//! not known at its start.
//!
//! Invariant: what is not recognised may be anything. (If that were wrong somewhere, an access outside would not be a trap: kernels that are
//! launched without comparing addresses have a guard behind the memory, [`crate::Bounds::Guarded`].)

use crate::Program;
use crate::deal;
use crate::frame::{self, Slot};
use crate::instructions::Ty;
use crate::ir::{Chunk, Expr, Function, Iterations, Label, Op, Stmt, Var, for_each_stmt};
use crate::openmp::Role;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// So much is looked at for a launch, which waits meanwhile: statements and operations, and variables whenever there are two ways.
const MAX_WORK: usize = 40_000;

/// A region's code, to be followed.
#[derive(Clone, Debug)]
pub(crate) struct Inside {
    /// The microtask, and what combines its reductions with the originals.
    functions: Vec<(Role, Arc<Function>)>,
    /// The loop that a virtual thread goes through once: see [`deal::Loop::strided`].
    strided: Option<Label>,
}

impl Inside {
    /// What there is to follow of a region: no functions that it calls, and a loop that virtual threads have one iteration of.
    pub fn of(program: &Program, shared: &deal::Loop) -> Option<Self> {
        let mut functions = Vec::new();
        for ((_, role), (function, _)) in &program.functions {
            match role {
                // It is given no pointers but those to accumulators.
                Role::Combiner => {}
                Role::Microtask | Role::LastMicrotask => functions.push((*role, Arc::new(function.clone()))),
                Role::Function | Role::Teams => return None,
            }
        }
        let mut is_single = shared.is_single;
        for (_, function) in &functions {
            for_each_stmt(&function.body, &mut |stmt| {
                is_single &= !matches!(stmt, Stmt::Dispatch(_) | Stmt::NextChunk { .. })
            });
        }
        is_single.then_some(Self { functions, strided: shared.strided })
    }

    /// Whether all accesses are inside of a memory of so many bytes, for values of the parameters after the first two.
    pub fn holds(&self, parameters: &[u32], size: u64) -> bool {
        self.functions.iter().all(|(role, function)| {
            let mut walk = Walk {
                size: i128::from(size),
                is_last: *role == Role::LastMicrotask,
                strided: self.strided,
                clamp: clamp(function),
                iteration: None,
                ends: BTreeMap::new(),
                now: Some(State::new(function, parameters)),
                names: 0,
                work: 0,
                is_trial: false,
                is_inside: true,
            };
            walk.body(&function.body);
            walk.is_inside
        })
    }
}

/// Where a microtask stores an upper bound first after it has asked for its iterations, before any loop: a virtual thread goes on with its
/// one iteration then.
fn clamp(function: &Function) -> Option<(*const Stmt, Slot)> {
    let (mut upper, mut found) = (None, None);
    for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::Iterations(iterations) => upper = Some(frame::iteration_slots(iterations)[2]),
        Stmt::Loop { .. } => upper = None,
        Stmt::Do(Expr::Op(op)) if found.is_none() && !op.loads() => {
            let slot = frame::slot(op).filter(|slot| Some(*slot) == upper);
            found = slot.map(|slot| (std::ptr::from_ref(stmt), slot));
        }
        _ => {}
    });
    found
}

/// A name for a value, and what has to be added to what it names.
type Name = (u32, i128);

/// What is known of an integer; of others nothing is.
#[derive(Clone, Debug)]
struct Value {
    low: i128,
    high: i128,
    /// What it names is a certain integer, too: the sum is in the interval.
    name: Option<Name>,
    made: Made,
}

/// How a value was made, where that says more than an interval.
#[derive(Clone, Debug)]
enum Made {
    Somehow,
    /// It is whether this holds.
    Comparison(Rc<Comparison>),
    /// The named value, which is not negative, divided by this.
    Quotient(Name, i128),
    /// That, multiplied by it again.
    Floor(Name, i128),
}

#[derive(Clone, Debug)]
struct Comparison {
    relation: Relation,
    is_signed: bool,
    bits: u32,
    left: Value,
    right: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
}

impl Value {
    const ANY: Self = Self { low: 0, high: 1 << 64, name: None, made: Made::Somehow };
    /// Bounds of greater intervals are not followed.
    const FAR: i128 = 1 << 80;

    fn between(low: i128, high: i128) -> Self {
        if low < -Self::FAR || high > Self::FAR || low > high { Self::ANY } else { Self { low, high, ..Self::ANY } }
    }

    fn of(value: i128) -> Self {
        Self::between(value, value)
    }

    fn single(&self) -> Option<i128> {
        (self.low == self.high).then_some(self.low)
    }

    /// As integers of a type, if that is an interval, too; and whether they were written so.
    fn as_integers(&self, bits: u32, is_signed: bool) -> Option<(i128, i128, bool)> {
        let least = if is_signed { -(1 << (bits - 1)) } else { 0 };
        let most = least + (1 << bits) - 1;
        let away = (self.low - least).div_euclid(1 << bits) << bits;
        (self.high - away <= most).then_some((self.low - away, self.high - away, away == 0))
    }

    fn unsigned(&self, bits: u32) -> Option<(i128, i128)> {
        self.as_integers(bits, false).map(|(low, high, _)| (low, high))
    }

    fn plus(&self, other: &Self) -> Self {
        let name = match (self.name, other.name, self.single(), other.single()) {
            (Some((name, by)), _, _, Some(more)) | (_, Some((name, by)), Some(more), _) => Some((name, by + more)),
            _ => None,
        };
        self.sum(other.low, other.high, name)
    }

    fn minus(&self, other: &Self) -> Self {
        match (&other.made, self.name, other.name) {
            // The remainder.
            (Made::Floor(of, by), Some(name), _) if *of == name => Self::between(0, by - 1),
            (_, Some((own, by)), Some((name, less))) if own == name => Self::of(by - less),
            (_, Some((name, by)), _) if other.single().is_some() => {
                self.sum(-other.high, -other.low, Some((name, by - other.low)))
            }
            _ => self.sum(-other.high, -other.low, None),
        }
    }

    fn sum(&self, low: i128, high: i128, name: Option<Name>) -> Self {
        if self.is_any() || high - low >= 1 << 64 {
            return Self { name, ..Self::ANY };
        }
        Self { name, ..Self::between(self.low + low, self.high + high) }
    }

    fn is_any(&self) -> bool {
        self.high - self.low >= 1 << 64
    }

    fn times(&self, other: &Self) -> Self {
        let products = [(self.low, other.low), (self.low, other.high), (self.high, other.low), (self.high, other.high)];
        let products = products.map(|(a, b)| a.checked_mul(b));
        let [Some(a), Some(b), Some(c), Some(d)] = products else {
            return Self::ANY;
        };
        let made = match (&self.made, &other.made, self.single(), other.single()) {
            (Made::Quotient(of, by), _, _, Some(factor)) | (_, Made::Quotient(of, by), Some(factor), _)
                if factor == *by =>
            {
                Made::Floor(*of, *by)
            }
            _ => Made::Somehow,
        };
        Self { made, ..Self::between(a.min(b).min(c).min(d), a.max(b).max(c).max(d)) }
    }

    /// One or the other.
    fn or(&self, other: &Self) -> Self {
        let name = self.name.filter(|name| Some(*name) == other.name);
        Self { name, ..Self::between(self.low.min(other.low), self.high.max(other.high)) }
    }
}

impl Comparison {
    /// What an instruction compares.
    fn of(operation: &str, bits: u32, left: Value, right: Value) -> Option<Self> {
        let (relation, sign) = operation.split_once('_').unwrap_or((operation, ""));
        let is_signed = sign == "s";
        let (relation, [left, right]) = match relation {
            "eq" => (Relation::Equal, [left, right]),
            "ne" => (Relation::NotEqual, [left, right]),
            "lt" => (Relation::Less, [left, right]),
            "le" => (Relation::LessOrEqual, [left, right]),
            "gt" => (Relation::Less, [right, left]),
            "ge" => (Relation::LessOrEqual, [right, left]),
            _ => return None,
        };
        // How those were made does not matter, and what was made of what was made would get deeper and deeper.
        let [left, right] = [left, right].map(|value| Value { made: Made::Somehow, ..value });
        Some(Self { relation, is_signed, bits, left, right })
    }

    /// The opposite.
    fn not(&self) -> Self {
        let Self { left, right, .. } = self.clone();
        let (relation, left, right) = match self.relation {
            Relation::Less => (Relation::LessOrEqual, right, left),
            Relation::LessOrEqual => (Relation::Less, right, left),
            Relation::Equal => (Relation::NotEqual, left, right),
            Relation::NotEqual => (Relation::Equal, left, right),
        };
        Self { relation, left, right, ..*self }
    }

    fn sides(&self) -> Option<[(i128, i128, bool); 2]> {
        let side = |value: &Value| value.as_integers(self.bits, self.is_signed);
        Some([side(&self.left)?, side(&self.right)?])
    }

    /// Whether it holds, if that is certain.
    fn is_certain(&self) -> Option<bool> {
        let named = self.left.name.zip(self.right.name).filter(|((left, _), (right, _))| left == right);
        let distance = named.map(|((_, left), (_, right))| left - right);
        let is_order = matches!(self.relation, Relation::Less | Relation::LessOrEqual);
        if let (Some(distance), false) = (distance, is_order) {
            let is_equal = distance.rem_euclid(1 << self.bits) == 0;
            return Some(is_equal == (self.relation == Relation::Equal));
        }
        let [left, right] = self.sides()?;
        // Written as the integers that they are, they are as far apart as they are written.
        let distances = match distance.filter(|_| left.2 && right.2) {
            Some(distance) => (distance, distance),
            None => (left.0 - right.1, left.1 - right.0),
        };
        let (is_always, is_ever) = match self.relation {
            Relation::Less => (distances.1 < 0, distances.0 < 0),
            Relation::LessOrEqual => (distances.1 <= 0, distances.0 <= 0),
            Relation::Equal => (distances == (0, 0), distances.0 <= 0 && distances.1 >= 0),
            Relation::NotEqual => (distances.0 > 0 || distances.1 < 0, distances != (0, 0)),
        };
        match (is_always, is_ever) {
            (true, _) => Some(true),
            (_, false) => Some(false),
            _ => None,
        }
    }

    /// If it holds: names, and between what the values that they name are.
    fn implies(&self) -> Vec<(u32, i128, i128)> {
        let Some([left, right]) = self.sides() else {
            return Vec::new();
        };
        let bounds = match self.relation {
            Relation::Less => [(left.0, right.1 - 1), (left.0 + 1, right.1)],
            Relation::LessOrEqual => [(left.0, right.1), (left.0, right.1)],
            Relation::Equal => [(right.0, right.1), (left.0, left.1)],
            Relation::NotEqual => {
                let but = |(low, high, _): (i128, i128, bool), value: &Value, not: (i128, i128, bool)| {
                    let is_end = |end| not.0 == not.1 && not.0 == end && value.name.is_some();
                    (low + i128::from(is_end(low)), high - i128::from(is_end(high)))
                };
                [but(left, &self.left, right), but(right, &self.right, left)]
            }
        };
        let sides = [(left, &self.left), (right, &self.right)];
        let known = sides.into_iter().zip(bounds).filter_map(|(((_, _, is_written), value), (low, high))| {
            let (name, by) = value.name.filter(|_| is_written)?;
            Some((name, low - by, high - by))
        });
        known.collect()
    }
}

/// What variables and pieces of the frame hold.
#[derive(Clone, Debug)]
struct State {
    vars: Vec<Value>,
    slots: HashMap<Slot, Value>,
}

impl State {
    fn new(function: &Function, parameters: &[u32]) -> Self {
        let start = |var: Var| match var.checked_sub(2).filter(|_| var < function.params) {
            Some(number) => parameters.get(number).map_or(Value::ANY, |value| Value::of(i128::from(*value as i32))),
            None if var >= function.params && var < function.locals => Value::of(0),
            None => Value::ANY,
        };
        Self { vars: (0..function.vars.len()).map(start).collect(), slots: HashMap::new() }
    }

    /// How much there is to copy, for [`MAX_WORK`].
    fn size(&self) -> usize {
        (self.vars.len() + self.slots.len()) / 8
    }

    fn values(&mut self) -> impl Iterator<Item = &mut Value> {
        self.vars.iter_mut().chain(self.slots.values_mut())
    }

    /// After a comparison that holds; false if it cannot.
    fn assume(&mut self, comparison: &Comparison) -> bool {
        if comparison.is_certain() == Some(false) {
            return false;
        }
        for (name, low, high) in comparison.implies() {
            for value in self.values() {
                if let Some((_, by)) = value.name.filter(|(own, _)| *own == name)
                    && !value.is_any()
                {
                    (value.low, value.high) = (value.low.max(low + by), value.high.min(high + by));
                    if value.low > value.high {
                        return false;
                    }
                }
            }
        }
        true
    }

    fn join(&mut self, other: &Self) {
        for (value, other) in self.vars.iter_mut().zip(&other.vars) {
            *value = value.or(other);
        }
        self.slots.retain(|slot, value| {
            let other = other.slots.get(slot);
            other.map(|other| *value = value.or(other)).is_some()
        });
    }
}

fn join(into: &mut Option<State>, from: Option<State>) {
    match (into.as_mut(), from) {
        (Some(into), Some(from)) => into.join(&from),
        (None, from) => *into = from,
        (Some(_), None) => {}
    }
}

/// What came of a loop's body.
struct Round {
    /// Whether another round may follow.
    is_repeated: bool,
    /// Whether one may that does not follow the test at the end.
    goes_back: bool,
    /// That test.
    condition: Option<Value>,
}

/// A walk through a function.
struct Walk {
    size: i128,
    is_last: bool,
    strided: Option<Label>,
    clamp: Option<(*const Stmt, Slot)>,
    /// A virtual thread's iteration.
    iteration: Option<Value>,
    /// What comes to the ends of blocks, and to the starts of loops.
    ends: BTreeMap<Label, Option<State>>,
    /// Where nothing is reached there is none.
    now: Option<State>,
    names: u32,
    work: usize,
    /// Whether this only finds out what a loop does.
    is_trial: bool,
    is_inside: bool,
}

impl Walk {
    fn name(&mut self) -> Name {
        self.names += 1;
        (self.names, 0)
    }

    /// The value, with a name.
    fn named(&mut self, value: Value) -> Value {
        let name = value.name.unwrap_or_else(|| self.name());
        Value { name: Some(name), ..value }
    }

    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.work += 1;
            if self.work > MAX_WORK {
                self.is_inside = false;
            }
            if self.now.is_some() && self.is_inside {
                self.stmt(stmt);
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Set(var, value) => {
                let value = self.value(value);
                let value = self.named(value);
                self.set(*var, value);
            }
            Stmt::Do(Expr::Op(op)) if !op.loads() && frame::slot(op).is_some() => self.store(stmt, op),
            Stmt::Do(value) | Stmt::SetGlobal(_, value) => drop(self.value(value)),
            Stmt::If { condition, then, otherwise } => {
                let condition = self.value(condition);
                let before = self.now.take();
                let mut after = None;
                for (way, holds) in [(then, true), (otherwise, false)] {
                    self.work += before.as_ref().map_or(0, State::size);
                    self.now = before.clone().and_then(|state| assumed(state, &condition, holds));
                    self.body(way);
                    join(&mut after, self.now.take());
                }
                self.now = after;
            }
            Stmt::Switch { index, targets } => {
                drop(self.value(index));
                let before = self.now.take();
                let mut after = None;
                for target in targets {
                    self.work += before.as_ref().map_or(0, State::size);
                    self.now.clone_from(&before);
                    self.body(target);
                    join(&mut after, self.now.take());
                }
                self.now = after;
            }
            Stmt::Block { label, body } => {
                self.ends.insert(*label, None);
                self.body(body);
                let end = self.ends.remove(label).flatten();
                join(&mut self.now, end);
            }
            Stmt::Loop { label, body } => self.a_loop(*label, body),
            Stmt::Goto(label) => {
                let now = self.now.take();
                self.work += now.as_ref().map_or(0, State::size);
                if let Some(end) = self.ends.get_mut(label) {
                    join(end, now);
                }
            }
            Stmt::Return(values) => {
                values.iter().for_each(|value| drop(self.value(value)));
                self.now = None;
            }
            Stmt::Unreachable(_) => self.now = None,
            Stmt::Iterations(iterations) => self.iterations(iterations),
            // What has been combined is not known.
            Stmt::Reduce { .. } => {
                if let Some(now) = &mut self.now {
                    now.slots.clear();
                }
            }
            // Not in what `Inside::of` takes.
            Stmt::Call { .. } | Stmt::CallIndirect { .. } | Stmt::Dispatch(_) | Stmt::NextChunk { .. } => {
                self.is_inside = false
            }
        }
    }

    fn set(&mut self, var: Var, value: Value) {
        if let Some(holds) = self.now.as_mut().and_then(|now| now.vars.get_mut(var)) {
            *holds = value;
        }
    }

    fn set_slot(&mut self, slot: Slot, value: Value) {
        if let Some(now) = &mut self.now {
            now.slots.insert(slot, value);
        }
    }

    /// A store to the frame.
    fn store(&mut self, stmt: &Stmt, op: &Op) {
        let (Some(slot), Some(stored)) = (frame::slot(op), op.operands.get(1)) else {
            return self.is_inside = false;
        };
        let value = self.value(stored);
        let is_whole = matches!(op.name, "i32_store" | "i64_store");
        let mut value = if is_whole { self.named(value) } else { Value::ANY };
        if let (Some(iteration), Some((at, _))) = (&self.iteration, self.clamp)
            && std::ptr::eq(at, stmt)
            && !self.is_last
        {
            // Virtual threads whose iteration is cut off have returned.
            value = iteration.clone();
            if let Expr::Var(var) = stored {
                self.set(*var, value.clone());
            }
        }
        self.set_slot(slot, value);
    }

    /// Each virtual thread has one of them.
    fn iterations(&mut self, iterations: &Iterations) {
        let [last, lower, upper, stride] = frame::iteration_slots(iterations);
        let bits = bits(iterations.ty);
        let bound = |slot| {
            let value = self.now.as_ref()?.slots.get(&slot)?;
            let (low, high, _) = value.as_integers(bits, iterations.signed)?;
            (low == high).then_some(low)
        };
        let (Some(from), Some(to)) = (bound(lower), bound(upper)) else {
            return self.is_inside = false;
        };
        if let Chunk::Size(size) = &iterations.chunk {
            drop(self.value(size));
            return self.is_inside = false;
        }
        if self.is_last {
            self.set_slot(lower, Value::of(to + 1));
            self.set_slot(stride, Value::of(1));
            return self.set_slot(last, Value::of(0));
        }
        if from > to {
            self.now = None;
            return;
        }
        let iteration = self.named(Value::between(from, to));
        self.iteration = Some(iteration.clone());
        self.set_slot(lower, iteration.clone());
        self.set_slot(upper, iteration);
        self.set_slot(stride, Value::ANY);
        self.set_slot(last, Value::between(0, 1));
    }

    fn a_loop(&mut self, label: Label, body: &[Stmt]) {
        let (first, test) = tested(label, body);
        if self.strided == Some(label) && !self.is_last {
            // A virtual thread's one iteration.
            return self.body(first);
        }
        let Some(before) = self.now.clone() else { return };
        let ends = self.ends.clone();
        self.work += before.size() * (1 + ends.len());
        // Perhaps there is one round only.
        if !self.round(label, first, test).is_repeated || !self.is_inside {
            return;
        }
        let (vars, slots) = changed(body);
        let mut start = before.clone();
        for var in &vars {
            start.vars[*var] = self.named(Value::ANY);
        }
        start.slots.extend(slots.into_iter().map(|slot| (slot, Value::ANY)));
        // What a round does to variables of which nothing is known.
        let outer = std::mem::replace(&mut self.is_trial, true);
        self.ends.clone_from(&ends);
        self.now = Some(start.clone());
        let round = self.round(label, first, test);
        self.is_trial = outer;
        if let (Some(condition), Some(end), false) = (&round.condition, &self.now, round.goes_back) {
            let steps = steps(&vars, &start, end);
            let most =
                steps.iter().filter_map(|(var, name, step)| repeats(condition, *name, &before.vars[*var], *step));
            if let Some(most) = most.min() {
                for (var, _, step) in &steps {
                    let Some(way) = step.checked_mul(most) else { continue };
                    let value = &mut start.vars[*var];
                    *value = before.vars[*var].sum(way.min(0), way.max(0), value.name);
                }
            }
        }
        self.ends = ends;
        self.now = Some(start);
        self.round(label, first, test);
    }

    /// A loop's body, once. What holds if the test does not is not followed: after a trap, loops end in any case.
    fn round(&mut self, label: Label, first: &[Stmt], test: Option<&Expr>) -> Round {
        self.ends.insert(label, None);
        self.body(first);
        let condition = test.filter(|_| self.now.is_some()).map(|test| self.value(test));
        let repeats = condition
            .as_ref()
            .is_some_and(|condition| self.now.clone().and_then(|state| assumed(state, condition, true)).is_some());
        let goes_back = self.ends.remove(&label).flatten().is_some();
        Round { is_repeated: repeats || goes_back, goes_back, condition }
    }

    fn value(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Const(Ty::I32, bits) => Value::of(i128::from(*bits as u32 as i32)),
            Expr::Const(Ty::I64, bits) => Value::of(i128::from(*bits as u64 as i64)),
            Expr::Var(var) => self.now.as_ref().and_then(|now| now.vars.get(*var)).cloned().unwrap_or(Value::ANY),
            Expr::Op(op) => self.operation(op),
            Expr::Const(..) | Expr::Global(_) | Expr::Frame(_) => Value::ANY,
        }
    }

    fn operation(&mut self, op: &Op) -> Value {
        self.work += 1;
        if let Some(slot) = frame::slot(op) {
            let is_whole = matches!(op.name, "i32_load" | "i64_load");
            op.operands[1..].iter().for_each(|operand| drop(self.value(operand)));
            let known = self.now.as_ref().and_then(|now| now.slots.get(&slot)).filter(|_| is_whole);
            return known.cloned().unwrap_or(Value::ANY);
        }
        let operands: Vec<_> = op.operands.iter().map(|operand| self.value(operand)).collect();
        // Atomic ones are compared with the size in any case.
        if let (Some(offset), Some(address), false) = (op.offset, operands.first(), op.name.contains("atomic")) {
            let end = address.unsigned(32).map(|(_, high)| high + i128::from(offset) + i128::from(op.bytes()));
            self.is_inside &= self.is_trial || end.is_some_and(|end| end <= self.size);
        }
        result(op.name, &operands)
    }
}

fn bits(ty: Ty) -> u32 {
    if ty == Ty::I64 { 64 } else { 32 }
}

/// A state in which a condition holds, or does not; none if it cannot be so.
fn assumed(mut state: State, condition: &Value, holds: bool) -> Option<State> {
    match &condition.made {
        Made::Comparison(comparison) => {
            let is_possible = if holds { state.assume(comparison) } else { state.assume(&comparison.not()) };
            is_possible.then_some(state)
        }
        _ if holds => (condition.single() != Some(0)).then_some(state),
        _ => (condition.unsigned(32).is_none_or(|(low, _)| low == 0)).then_some(state),
    }
}

/// Variables and pieces of the frame that are set there.
fn changed(body: &[Stmt]) -> (Vec<Var>, Vec<Slot>) {
    let (mut vars, mut slots) = (Vec::new(), Vec::new());
    for_each_stmt(body, &mut |stmt| match stmt {
        Stmt::Set(var, _) => vars.push(*var),
        Stmt::Do(Expr::Op(op)) if !op.loads() => slots.extend(frame::slot(op)),
        Stmt::Iterations(iterations) => slots.extend(frame::iteration_slots(iterations)),
        _ => {}
    });
    vars.sort_unstable();
    vars.dedup();
    (vars, slots)
}

/// Variables that a round changes by a constant: their names at its start, and by how much.
fn steps(vars: &[Var], start: &State, end: &State) -> Vec<(Var, u32, i128)> {
    let step = |var: &Var| {
        let ((name, from), (same, to)) = start.vars[*var].name.zip(end.vars[*var].name)?;
        (name == same && from != to).then_some((*var, name, to - from))
    };
    vars.iter().filter_map(step).collect()
}

/// A loop's statements before its test, and the test, if it ends with one.
fn tested(label: Label, body: &[Stmt]) -> (&[Stmt], Option<&Expr>) {
    match body {
        [first @ .., Stmt::If { condition, then, otherwise }]
            if otherwise.is_empty() && matches!(then[..], [Stmt::Goto(to)] if to == label) =>
        {
            (first, Some(condition))
        }
        _ => (body, None),
    }
}

/// How often a loop is repeated at most that goes on while a condition holds, of a value with this name, which was `start` at first and
/// which a round changes by `step`.
fn repeats(condition: &Value, name: u32, start: &Value, step: i128) -> Option<i128> {
    let Made::Comparison(test) = &condition.made else {
        return None;
    };
    let is_it = |value: &Value| value.name.filter(|(own, _)| *own == name).map(|(_, by)| by);
    let (by, bound, is_left) = match (is_it(&test.left), is_it(&test.right)) {
        (Some(by), None) => (by, &test.right, true),
        (None, Some(by)) => (by, &test.left, false),
        _ => return None,
    };
    // What is compared in the first round.
    let first = start.sum(by, by, None);
    if test.relation == Relation::NotEqual {
        // It is the bound at last, which is the same each time.
        let (bound, first) = (bound.single()?, first.single()?);
        let way = if step > 0 { bound - first } else { first - bound };
        let way = way.rem_euclid(1 << test.bits);
        return (way % step.abs() == 0).then_some(way / step.abs());
    }
    let (low, high, _) = first.as_integers(test.bits, test.is_signed)?;
    let (bound_low, bound_high, _) = bound.as_integers(test.bits, test.is_signed)?;
    let strict = match test.relation {
        Relation::Less => 1,
        Relation::LessOrEqual => 0,
        Relation::Equal | Relation::NotEqual => return None,
    };
    // How far it may go so that the condition holds. One step further it must not wrap.
    let (way, last) = match (is_left, step > 0) {
        (true, true) => (bound_high - strict - low, high.max(bound_high) + step),
        (false, false) => (high - bound_low - strict, low.min(bound_low) + step),
        _ => return None,
    };
    let limits = Value::of(last).as_integers(test.bits, test.is_signed)?;
    limits.2.then_some(if way < 0 { 0 } else { way / step.abs() + 1 })
}

/// The result of an operation.
fn result(name: &str, operands: &[Value]) -> Value {
    let (ty, operation) = name.split_once('_').unwrap_or(("", name));
    let bits = match ty {
        "i32" => 32,
        "i64" => 64,
        _ if name == "select" => 64,
        _ => return Value::ANY,
    };
    let most: i128 = (1 << bits) - 1;
    match (operation, operands) {
        ("load8_u", _) => Value::between(0, 0xff),
        ("load8_s", _) => Value::between(-0x80, 0x7f),
        ("load16_u", _) => Value::between(0, 0xffff),
        ("load16_s", _) => Value::between(-0x8000, 0x7fff),
        ("load32_u", _) => Value::between(0, 0xffff_ffff),
        ("load32_s", _) => Value::between(-0x8000_0000, 0x7fff_ffff),
        ("clz" | "ctz" | "popcnt", _) => Value::between(0, i128::from(bits)),
        ("eqz", [a]) => match &a.made {
            Made::Comparison(comparison) => compared(comparison.not()),
            _ => Comparison::of("eq", bits, a.clone(), Value::of(0)).map_or(Value::between(0, 1), compared),
        },
        ("wrap_i64", [a]) => a.clone(),
        ("extend_i32_s" | "extend32_s", [a]) => extended(a, 32, true),
        ("extend_i32_u", [a]) => extended(a, 32, false),
        ("extend8_s", [a]) => extended(a, 8, true),
        ("extend16_s", [a]) => extended(a, 16, true),
        ("add", [a, b]) => a.plus(b),
        ("sub", [a, b]) => a.minus(b),
        ("mul", [a, b]) => a.times(b),
        ("shl", [a, b]) => {
            b.single().map_or(Value::ANY, |by| a.times(&Value::of(1 << by.rem_euclid(i128::from(bits)))))
        }
        ("shr_u" | "shr_s", [a, b]) => {
            let is_signed = operation == "shr_s";
            let least = if is_signed { -(most / 2) - 1 } else { 0 };
            let (low, high, _) = a.as_integers(bits, is_signed).unwrap_or((least, least + most, true));
            b.single().map_or(Value::between(least, least + most), |by| {
                let by = by.rem_euclid(i128::from(bits));
                Value::between(low >> by, high >> by)
            })
        }
        ("and", [a, b]) => match (a.unsigned(bits), b.unsigned(bits)) {
            (Some((a, _)), Some((b, _))) if operands.iter().all(|operand| operand.single().is_some()) => {
                Value::of(a & b)
            }
            (a, b) => Value::between(0, a.map_or(most, |(_, high)| high).min(b.map_or(most, |(_, high)| high))),
        },
        ("or" | "xor", [a, b]) => match (a.unsigned(bits), b.unsigned(bits)) {
            _ if operation == "xor" && b.single() == Some(-1) => Value::between(-1 - a.high, -1 - a.low),
            // No more than the sum.
            (Some(a), Some(b)) => Value::between(if operation == "or" { a.0.max(b.0) } else { 0 }, a.1 + b.1),
            _ => Value::ANY,
        },
        ("div_s" | "div_u" | "rem_s" | "rem_u", [a, b]) => divided(operation, bits, a, b),
        ("select" | "", [a, b, condition]) if name == "select" => selected(a, b, condition),
        (_, [a, b]) => Comparison::of(operation, bits, a.clone(), b.clone()).map_or(Value::ANY, compared),
        _ => Value::ANY,
    }
}

fn compared(comparison: Comparison) -> Value {
    match comparison.is_certain() {
        Some(holds) => Value::of(holds.into()),
        None => Value { made: Made::Comparison(Rc::new(comparison)), ..Value::between(0, 1) },
    }
}

fn extended(value: &Value, bits: u32, is_signed: bool) -> Value {
    match value.as_integers(bits, is_signed) {
        Some((_, _, true)) => value.clone(),
        Some((low, high, false)) => Value::between(low, high),
        None => {
            let least = if is_signed { -(1 << (bits - 1)) } else { 0 };
            Value::between(least, least + (1 << bits) - 1)
        }
    }
}

/// Quotients and remainders of what is not negative. After a division by zero, which is a trap, the result is 0.
fn divided(operation: &str, bits: u32, a: &Value, b: &Value) -> Value {
    let is_signed = operation.ends_with("_s");
    let (Some((low, high, is_written)), Some((least, most, _))) =
        (a.as_integers(bits, is_signed), b.as_integers(bits, is_signed))
    else {
        return Value::ANY;
    };
    if low < 0 || least < 0 || most == 0 {
        return Value::ANY;
    }
    if operation.starts_with("rem") {
        return if high < least { a.clone() } else { Value::between(0, high.min(most - 1)) };
    }
    let made = match (a.name, least == most && is_written) {
        (Some(name), true) => Made::Quotient(name, most),
        _ => Made::Somehow,
    };
    Value { made, ..Value::between(if least == 0 { 0 } else { low / most }, high / least.max(1)) }
}

/// One or the other: the least or greatest of both, often.
fn selected(a: &Value, b: &Value, condition: &Value) -> Value {
    let way = |value: &Value, holds| {
        let state = State { vars: vec![value.clone()], slots: HashMap::new() };
        assumed(state, condition, holds).and_then(|state| state.vars.into_iter().next())
    };
    match (way(a, true), way(b, false)) {
        (Some(a), Some(b)) => a.or(&b),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Value::ANY,
    }
}

#[cfg(test)]
mod tests {
    use crate::translated_microtask;

    /// Of a region whose loop goes from 0 to $n - 1 and does `body` with its variable $i: with how many bytes of memory all is inside at the
    /// least, for values of $p and $n; none if it is not with 1 GiB.
    fn least(body: &str, [p, n]: [u32; 2]) -> Option<u64> {
        let kernel = translated_microtask(&format!(
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
        let is_inside = |size| kernel.stays_inside(&[p, n], size);
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
