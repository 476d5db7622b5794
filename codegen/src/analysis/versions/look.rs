//! A look at a loop, and the loops in it: what variables are in each iteration, and which accesses go by a pointer that moves evenly.
//!
//! Invariant: what stands in a [`Version`] is made of constants and of variables as they are before the outermost loop.

use super::apart::{Apart, Others};
use super::{
    Access, Budget, Kept, Level, MAX_DISTANCE, MAX_GUARDED, MAX_LEFT_OUT, MAX_ORDINARY, MAX_POINTERS, MAX_RANGES,
    Moving, Pointer, Range, Steady, Sums, Trips, Version, Walk, leaves, mentions, set_in,
};
use crate::analysis::affine::{Affine, Comparison, Value, Values, mirrored};
use crate::analysis::alignment::Alignment;
use crate::analysis::linear::Linear;
use crate::ir::visit::{bodies, for_each_expr_of, for_each_stmt, goes_to, results};
use crate::ir::{Expr, Function, Kind, Label, Operation, Relation, Site, Stmt, Ty, Var};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A look at a loop's body.
pub(super) struct Look<'f> {
    pub function: &'f Function,
    pub alignment: &'f Alignment,
    in_loops: &'f HashSet<Var>,
    /// What is known before the loop of variables that it does not set.
    pub sums: &'f Sums,
    budget: &'f Budget,
    levels: Vec<Level>,
    /// The loops around what is looked at, outermost first.
    around: Vec<Label>,
    pointers: Vec<Affine>,
    accesses: BTreeMap<Site, Access>,
    ranges: Vec<Around>,
    /// What accesses memory by no pointer.
    others: Others,
    /// Those of them that may go anywhere.
    strays: Others,
    /// How many statements that are executed or not are around the one that is looked at.
    pub conditions: usize,
    /// Statements of loops whose iterations cannot be counted beforehand.
    left_out: usize,
    pub disjoint: RefCell<Vec<[Affine; 2]>>,
    /// Whether divisions by the same in all iterations may be done before the loop.
    pub divides: bool,
    /// Loads that are taken to give the same in all iterations, if that is asked for: then nothing that is stored may touch what they load.
    pub settled: Option<RefCell<Vec<Operation>>>,
    /// Loads that are not, as something is stored by the same pointer.
    pub unsettled: Vec<Operation>,
    /// Numbers that must not wrap, as loops' limits are compared with them.
    steady: Vec<Steady<Affine>>,
    /// What has to be equal before the loop: what variables are then, and what they are after each iteration.
    equal: Vec<(Linear, Linear)>,
}

/// Accesses that go somewhere around an address, which is known but for spans.
struct Around {
    address: Affine,
    from: i64,
    to: i64,
    is_stored: bool,
    sites: BTreeSet<Site>,
}

/// How an iteration changes a variable.
#[derive(Clone)]
pub(super) enum Change {
    By(Linear),
    /// It is the same after each iteration.
    To(Linear),
}

impl<'f> Look<'f> {
    /// For what stands in no loop.
    pub fn outside(walk: &'f Walk, sums: &'f Sums) -> Self {
        Self {
            function: walk.function,
            alignment: walk.alignment,
            in_loops: &walk.in_loops,
            sums,
            budget: walk.budget,
            levels: Vec::new(),
            around: Vec::new(),
            pointers: Vec::new(),
            accesses: BTreeMap::new(),
            ranges: Vec::new(),
            others: Others::default(),
            strays: Others::default(),
            conditions: 0,
            left_out: 0,
            disjoint: RefCell::default(),
            divides: false,
            settled: None,
            unsettled: Vec::new(),
            steady: Vec::new(),
            equal: Vec::new(),
        }
    }

    /// The same, with loads from what stands still taken to give the same in all iterations, but for these.
    pub fn with_settled_loads(self, unsettled: Vec<Operation>) -> Self {
        Self { settled: Some(RefCell::default()), unsettled, ..self }
    }

    /// The version of a loop with this body. `before` is what is known before the loop, also of variables that it sets. If there is none, it
    /// may be that these loads have been taken to give the same each time.
    pub fn version(
        mut self,
        label: Label,
        body: &[Stmt],
        condition: &Expr,
        before: &Sums,
    ) -> Result<Version, Vec<Operation>> {
        self.divides = true;
        let known = before.0.iter().map(|(var, sum)| (*var, Value::Affine(Affine::invariant(sum.clone()))));
        self.a_loop(label, body, condition, &mut known.collect(), true);
        let is_counted = self.levels.first().is_some_and(|level| level.label == label);
        let is_small = self.pointers.len() <= MAX_POINTERS && self.left_out <= MAX_LEFT_OUT;
        if !is_counted || !is_small || self.budget.is_spent() {
            return Err(Vec::new());
        }
        // A few loads are compared one by one: a table as a whole is more likely to touch what is kept.
        let loaded = self.ranges.iter().filter(|around| !around.is_stored).map(|around| around.sites.len());
        let compared = self.strays.loads + loaded.sum::<usize>();
        let (compared, has_few) = if compared <= MAX_GUARDED { (compared, true) } else { (self.strays.loads, false) };
        let is_nest = self.levels.len() != 1 || self.left_out != 0;
        let may_hold = |address: &Affine| {
            // Comparing each load is worth it for a variable that other threads may store to as well: that stands still in all loops.
            let stands_still =
                || !address.base.any(&mut |part| matches!(part, Expr::Var(var) if self.in_loops.contains(var)));
            let is_compared = || compared <= MAX_GUARDED && stands_still();
            self.left_out == 0 && !self.strays.has_more && !leaves(body) && (compared == 0 || is_compared())
        };
        let may_hold: Vec<_> = self.pointers.iter().map(may_hold).collect();
        let is_stored = |number| {
            let mut own = self.accesses.values().filter(|access| access.pointer == number);
            own.any(Access::is_store)
        };
        let is_stored: Vec<bool> = (0..self.pointers.len()).map(is_stored).collect();
        let apart = Apart::of(&self.pointers, &is_stored, self.others, is_nest);
        let settled = self.settled_pointers(body, &is_stored)?;
        let described = |(i, may_hold): (usize, &bool)| self.described(i, *may_hold, settled.contains(&i));
        let pointers: Vec<_> = may_hold.iter().enumerate().map(described).collect();
        let is_held = pointers.iter().any(|pointer| pointer.held().is_some());
        let is_told = |around: &&Around| match around.is_stored {
            true => is_held || !settled.is_empty(),
            false => is_held && !has_few,
        };
        let told: Vec<_> = self.ranges.iter().filter(is_told).collect();
        let addresses = || self.pointers.iter().chain(told.iter().map(|around| &around.address));
        let relied = addresses().fold(0, |all, address| all | address.relies);
        let disjoint = self.disjoint.take();
        let disjoint = disjoint.iter().enumerate().filter(|(bit, _)| relied >> bit & 1 != 0);
        let moves = self.pointers.iter().any(|address| !address.is_invariant());
        if !moves && told.is_empty() {
            return Err(Vec::new());
        }
        let version = Version {
            settled,
            ranges: told.into_iter().map(Around::range).collect(),
            steady: self.steady.iter().map(|steady| steady.map(moving)).collect(),
            equal: self.equal.iter().map(|(start, end)| [start.to_expr(), end.to_expr()]).collect(),
            has_all: self.others.loads == 0 && !self.others.has_more,
            pointers,
            disjoint: disjoint.map(|(_, [left, right])| [moving(left), moving(right)]).collect(),
            apart: apart.filter(|_| !leaves(body)),
            has_left_out: self.left_out != 0,
            levels: self.levels,
            accesses: self.accesses,
        };
        if version.ordinary().len() <= MAX_ORDINARY { Ok(version) } else { Err(Vec::new()) }
    }

    /// The pointers of loads that are taken to give the same in all iterations; if some do not, those loads, if they are known.
    fn settled_pointers(&self, body: &[Stmt], is_stored: &[bool]) -> Result<Vec<usize>, Vec<Operation>> {
        let loads: Vec<_> = self.settled.as_ref().map(|settled| settled.borrow().clone()).unwrap_or_default();
        if !loads.is_empty() && (self.strays.has_more || leaves(body)) {
            return Err(Vec::new());
        }
        let (mut pointers, mut unsettled) = (BTreeSet::new(), Vec::new());
        for load in loads {
            match load.site.and_then(|site| self.accesses.get(&site)) {
                Some(access) if !is_stored[access.pointer] => drop(pointers.insert(access.pointer)),
                _ => unsettled.push(load),
            }
        }
        if unsettled.is_empty() { Ok(pointers.into_iter().collect()) } else { Err(unsettled) }
    }

    /// Looks at a loop: `values` are the variables' before it, and then after it.
    fn a_loop(&mut self, label: Label, body: &[Stmt], condition: &Expr, values: &mut Values, notes: bool) {
        let changes = self.changes(body, values);
        let mut at_start = values.clone();
        for (var, change) in &changes {
            let start = self.known(&Expr::Var(*var), values).and_then(Value::affine);
            let value = match (start, change) {
                (Some(mut start), Some(Change::By(change))) => {
                    if !change.is_zero() {
                        start.steps.insert(label, change.clone());
                    }
                    Value::Affine(start)
                }
                (Some(start), Some(Change::To(end))) if start.is_invariant() && start.relies == 0 => {
                    let both = (start.base, end.clone());
                    if both.0 != both.1 && !self.equal.contains(&both) {
                        self.equal.push(both);
                    }
                    Value::Affine(Affine::invariant(end.clone()))
                }
                _ => Value::Unknown,
            };
            at_start.insert(*var, value);
        }
        self.around.push(label);
        let mut at_end = at_start.clone();
        self.stmts(body, &mut at_end, false);
        let trips = self.trips(label, condition, &at_end);
        let count = trips.as_ref().and_then(|(trips, _)| trips.constant()).filter(|_| !leaves(body));
        match trips {
            Some((trips, steady)) if notes => {
                let new = steady.into_iter().filter(|number| !self.steady.contains(number)).collect::<Vec<_>>();
                self.steady.extend(new);
                // The loop stands before those in it.
                let place = self.levels.len();
                self.stmts(body, &mut at_start, true);
                for_each_access(condition, &mut |operation| self.note(operation, &at_start));
                self.levels.insert(place, self.level(label, trips));
            }
            None if notes => self.leave_out(body, condition),
            _ => {}
        }
        self.around.pop();
        for (var, change) in changes {
            let start = self.known(&Expr::Var(var), values).and_then(Value::affine);
            let end = match (start, change, count) {
                (Some(start), Some(Change::By(change)), Some(count)) => {
                    start.plus(&Affine::invariant(change.times(count)))
                }
                _ => None,
            };
            values.insert(var, end.map_or(Value::Unknown, Value::Affine));
        }
    }

    /// Leaves a loop as it is in the version, as its iterations cannot be counted beforehand.
    fn leave_out(&mut self, body: &[Stmt], condition: &Expr) {
        for_each_stmt(body, &mut |stmt| {
            self.left_out += 1;
            for_each_expr_of(stmt, &mut |expr| for_each_access(expr, &mut |access| self.stray(access)));
        });
        for_each_access(condition, &mut |access| self.stray(access));
    }

    /// The variables that a loop's body sets, and how they change in each iteration, if that is always the same.
    pub fn changes(&mut self, body: &[Stmt], values: &Values) -> Vec<(Var, Option<Change>)> {
        let set = set_in(body);
        self.budget.spend(values.len() + set.len());
        let mut at_end = self.at_iteration_start(&set, values);
        let known = (self.disjoint.borrow().len(), self.settled.as_ref().map_or(0, |settled| settled.borrow().len()));
        let equal = self.equal.len();
        self.stmts(body, &mut at_end, false);
        self.disjoint.borrow_mut().truncate(known.0);
        self.settled.iter().for_each(|settled| settled.borrow_mut().truncate(known.1));
        self.equal.truncate(equal);
        let change = |var: Var| match at_end.get(&var) {
            Some(Value::Affine(end)) if self.is_integer(var) && end.relies == 0 && end.is_invariant() => {
                let same = |linear: &Linear| !mentions(linear, &set);
                let change = end.base.minus(&self.own(var)).filter(same).map(Change::By);
                let may_be_equal = self.settled.is_some() && same(&end.base) && is_read_first(body, var);
                change.or_else(|| may_be_equal.then(|| Change::To(end.base.clone())))
            }
            _ => None,
        };
        set.iter().map(|var| (*var, change(*var))).collect()
    }

    /// What variables are at the start of an iteration of a loop that sets these, which are in order: each stands for itself, in no other variable's value for
    /// what it was before the loop.
    pub fn at_iteration_start(&self, set: &[Var], values: &Values) -> Values {
        let mut at_start = values.clone();
        for value in at_start.values_mut() {
            if let Value::Affine(affine) = value
                && affine.parts().any(|part| mentions(part, set))
            {
                *value = Value::Unknown;
            }
        }
        for var in set {
            let value = Value::Affine(Affine::invariant(self.own(*var)));
            at_start.insert(*var, if self.is_integer(*var) { value } else { Value::Unknown });
        }
        at_start
    }

    fn is_integer(&self, var: Var) -> bool {
        matches!(self.function.vars[var], Ty::I32 | Ty::I64)
    }

    /// A variable, as a sum.
    pub fn own(&self, var: Var) -> Linear {
        Linear::atom(self.function.vars[var], Expr::Var(var))
    }

    /// A loop whose accesses have been noted.
    fn level(&self, label: Label, trips: Trips) -> Level {
        let mut own = self.accesses.values().filter(|access| access.level == label);
        let step = |access: &Access| self.pointers[access.pointer].steps.get(&label);
        Level {
            label,
            trips,
            accumulates: own.any(|access| access.is_store() && access.is_float() && step(access).is_none()),
        }
    }

    /// A pointer, with what its accesses say about it.
    fn described(&self, number: usize, may_hold: bool, is_settled: bool) -> Pointer {
        let address = &self.pointers[number];
        let own: Vec<&Access> = self.accesses.values().filter(|access| access.pointer == number).collect();
        let distances = || own.iter().map(|access| access.distance);
        let kept = own.iter().find(|access| access.is_certain && (is_settled || may_hold && access.is_store()));
        // All of them access the same bytes as a whole value.
        let kept = kept.filter(|kept| {
            let is_whole = |access: &Access| match access.op.accessed() {
                Ty::I32 | Ty::F32 => access.bytes == 4,
                Ty::I64 | Ty::F64 => access.bytes == 8,
                Ty::V128 => false,
            };
            let is_same = |access: &&Access| (access.from, access.bytes) == (kept.from, kept.bytes) && is_whole(access);
            address.is_invariant() && own.iter().all(is_same)
        });
        // A zero of a float is stored as one of an integer.
        let kept = kept.map(|kept| own.iter().find(|access| access.is_float()).unwrap_or(kept));
        Pointer {
            address: moving(address),
            least: distances().min().unwrap_or(0),
            most: distances().max().unwrap_or(0),
            from: own.iter().map(|access| access.from).min().unwrap_or(0),
            to: own.iter().map(|access| access.from + access.bytes).max().unwrap_or(0),
            kept: kept.map(|kept| Kept { op: kept.op, is_stored: !is_settled }),
        }
    }

    /// How often a loop's body runs, if that follows from its condition, and is as often whenever the loop runs; and what must not wrap for
    /// that.
    fn trips(&self, label: Label, condition: &Expr, values: &Values) -> Option<(Trips, Vec<Steady<Affine>>)> {
        let Comparison { ty, relation, sign, left, right } = self.comparison(condition, values)?;
        let moves = |value: &Affine| value.steps.contains_key(&label);
        let (mut counter, mut limit, relation) = match (moves(&left), moves(&right)) {
            (true, false) => (left, right, relation),
            (false, true) => (right, left, mirrored(relation)),
            _ => return None,
        };
        let step = counter.steps.remove(&label)?.as_signed()?;
        if relation == Relation::Ne && !(counter.is_invariant() && limit.is_invariant()) {
            // All that matters is how far they are from each other.
            limit = limit.minus(&counter)?;
            counter = Affine::invariant(Linear::constant(ty, 0));
        }
        let is_known = counter.spans.is_empty() && limit.spans.is_empty() && counter.relies | limit.relies == 0;
        let mut steady = Vec::new();
        if !counter.is_invariant() || !limit.is_invariant() {
            // Both move in loops around this one, by the same amount. As long as neither wraps they are as far from each other.
            if !is_known || !limit.minus(&counter)?.is_invariant() {
                return None;
            }
            let beyond = step.unsigned_abs();
            steady.extend([&counter, &limit].map(|number| Steady { number: number.clone(), ty, sign, beyond }));
        }
        if !is_known {
            return None;
        }
        let ends = match relation {
            Relation::Ne => true,
            Relation::Lt | Relation::Le => step > 0,
            Relation::Gt | Relation::Ge => step < 0,
            Relation::Eq => false,
        };
        // The opposite of the least number has no sign bit left.
        let is_ordinary = i32::try_from(step).is_ok_and(|step| step != i32::MIN);
        let (start, limit) = (counter.base.to_expr(), limit.base.to_expr());
        (ends && is_ordinary).then_some((Trips { ty, relation, sign, start, step, limit }, steady))
    }

    pub fn stmts(&mut self, body: &[Stmt], values: &mut Values, notes: bool) {
        for stmt in body {
            // What follows is not looked at: there is no version.
            if self.budget.is_spent() || self.pointers.len() > MAX_POINTERS {
                return;
            }
            self.budget.spend(1);
            if let Stmt::DoWhile { label, body, condition } = stmt {
                self.a_loop(*label, body, condition, values, notes);
                continue;
            }
            if notes {
                for_each_expr_of(stmt, &mut |expr| for_each_access(expr, &mut |access| self.note(access, values)));
            }
            if let Stmt::Set(var, value) = stmt {
                let value = self.value(value, values);
                values.insert(*var, value);
                continue;
            }
            if let Stmt::Block { label, body } = stmt {
                let first = body.iter().position(|stmt| goes_to(std::slice::from_ref(stmt), *label));
                let (certain, rest) = body.split_at(first.unwrap_or(body.len()));
                self.stmts(certain, values, notes);
                self.perhaps(rest, values, notes);
                continue;
            }
            bodies(stmt).into_iter().for_each(|inner| self.perhaps(inner, values, notes));
            values.extend(results(stmt).iter().map(|var| (*var, Value::Unknown)));
        }
    }

    /// Statements that are executed or not: what is set there may have been set or not afterwards.
    fn perhaps(&mut self, body: &[Stmt], values: &mut Values, notes: bool) {
        self.budget.spend(values.len());
        self.conditions += 1;
        self.stmts(body, &mut values.clone(), notes);
        self.conditions -= 1;
        values.extend(set_in(body).into_iter().map(|var| (var, Value::Unknown)));
    }

    /// Notes an access, by a pointer if its address moves evenly, or not at all.
    fn note(&mut self, operation: &Operation, values: &Values) {
        let op = operation.op;
        let is_access = matches!(op.kind(), Kind::Load(..) | Kind::Store(_));
        let address = operation.address().filter(|_| is_access);
        let known = address.and_then(|address| self.value(address, values).affine());
        let offset = operation.offset.and_then(|offset| i64::try_from(offset).ok());
        match (known, operation.site, offset, op.bytes(), self.around.last().copied()) {
            (Some(address), Some(site), Some(offset), Some(bytes), _) if !address.spans.is_empty() => {
                let is_stored = matches!(op.kind(), Kind::Store(_));
                let (to, sites) = (offset + i64::from(bytes), BTreeSet::from([site]));
                self.others.add(operation);
                self.around(Around { address, from: offset, to, is_stored, sites }, operation);
            }
            (Some(address), Some(site), Some(offset), Some(bytes), Some(level)) => {
                let (pointer, distance) = self.pointer(address);
                let (from, bytes) = (distance + offset, bytes.into());
                let is_certain = self.conditions == 0;
                self.accesses.insert(site, Access { pointer, distance, from, bytes, op, level, is_certain });
            }
            _ => self.stray(operation),
        }
    }

    /// Notes an access that may go anywhere.
    fn stray(&mut self, operation: &Operation) {
        self.others.add(operation);
        self.strays.add(operation);
    }

    /// Notes an access around an address.
    fn around(&mut self, new: Around, operation: &Operation) {
        if let Some(known) = self.ranges.iter_mut().find(|known| known.address == new.address) {
            known.from = known.from.min(new.from);
            known.to = known.to.max(new.to);
            known.is_stored |= new.is_stored;
            known.sites.extend(new.sites);
        } else if self.ranges.len() < MAX_RANGES {
            self.ranges.push(new);
        } else {
            self.strays.add(operation);
        }
    }

    /// The pointer for an address, and the distance from it.
    fn pointer(&mut self, address: Affine) -> (usize, i64) {
        for (number, known) in self.pointers.iter_mut().enumerate() {
            let distance = address.base.minus(&known.base).and_then(|distance| distance.as_signed());
            if let Some(distance) = distance
                && known.steps == address.steps
                && distance.abs() <= MAX_DISTANCE
            {
                known.relies |= address.relies;
                return (number, distance);
            }
        }
        self.pointers.push(address);
        (self.pointers.len() - 1, 0)
    }
}

impl Around {
    /// The same for the text.
    fn range(&self) -> Range {
        let spans = self.address.spans.iter().map(|span| (span.bound.to_expr(), span.scale));
        Range {
            address: moving(&self.address),
            spans: spans.collect(),
            from: self.from,
            to: self.to,
            is_stored: self.is_stored,
            sites: self.sites.clone(),
        }
    }
}

impl Access {
    pub fn is_store(&self) -> bool {
        matches!(self.op.kind(), Kind::Store(_))
    }

    fn is_float(&self) -> bool {
        matches!(self.op.accessed(), Ty::F32 | Ty::F64)
    }
}

impl Trips {
    /// How often, if that is known already.
    fn constant(&self) -> Option<u64> {
        let (Expr::Const(ty, start), Expr::Const(_, limit)) = (&self.start, &self.limit) else {
            return None;
        };
        let bits = if *ty == Ty::I32 { u64::from(u32::MAX) } else { u64::MAX };
        let distance = (*limit as u64).wrapping_sub(*start as u64);
        let distance = if self.step > 0 { distance } else { distance.wrapping_neg() } & bits;
        let step = self.step.unsigned_abs();
        let is_exact = self.relation == Relation::Ne && step != 0 && distance % step == 0;
        is_exact.then(|| distance / step + 1)
    }
}

/// Whether a variable is read in a body, on some path, before it is set there: then it has a value before.
fn is_read_first(body: &[Stmt], var: Var) -> bool {
    first_use(body, var) == Some(Use::Read)
}

#[derive(PartialEq)]
enum Use {
    Read,
    Set,
}

/// What is done first with a variable; if it is set on one path, that.
fn first_use(body: &[Stmt], var: Var) -> Option<Use> {
    for stmt in body {
        let is_at_end = matches!(stmt, Stmt::DoWhile { .. });
        let mut is_read = false;
        for_each_expr_of(stmt, &mut |expr| is_read |= expr.any(&mut |part| *part == Expr::Var(var)));
        if is_read && !is_at_end {
            return Some(Use::Read);
        }
        let mut is_set = matches!(stmt, Stmt::Set(set, _) if *set == var);
        for inner in bodies(stmt) {
            match first_use(inner, var) {
                Some(Use::Read) => return Some(Use::Read),
                Some(Use::Set) => is_set = true,
                None => {}
            }
        }
        if is_set || results(stmt).contains(&var) {
            return Some(Use::Set);
        }
        if is_read {
            return Some(Use::Read);
        }
    }
    None
}

/// The same for the text.
fn moving(affine: &Affine) -> Moving {
    let steps = affine.steps.iter().map(|(label, step)| (*label, step.to_expr()));
    Moving { start: affine.base.to_expr(), steps: steps.collect() }
}

/// Calls `visit` for what accesses memory, or may, in the order in which it is done.
fn for_each_access(expr: &Expr, visit: &mut impl FnMut(&Operation)) {
    if let Expr::Operation(operation) = expr {
        operation.operands.iter().for_each(|operand| for_each_access(operand, visit));
        visit(operation);
    }
}
