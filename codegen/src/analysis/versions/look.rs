//! A look at a loop, and the loops in it: what variables are in each iteration, and which accesses go by a pointer that moves evenly.
//!
//! Invariant: what stands in a [`Version`] is made of constants and of variables as they are before the outermost loop.

use super::apart::{Apart, Others};
use super::{
    Access, Budget, Level, MAX_DISTANCE, MAX_GUARDED, MAX_LEFT_OUT, MAX_POINTERS, Moving, Pointer, Sums, Trips,
    Version, Walk, leaves, mentions, set_in,
};
use crate::analysis::affine::{Affine, Comparison, Value, Values, mirrored, not_zero, opposite, product};
use crate::analysis::alignment::Alignment;
use crate::analysis::linear::Linear;
use crate::ir::visit::{bodies, for_each_expr_of, for_each_stmt, goes_to, results};
use crate::ir::{Binary, Conversion, Expr, Function, Kind, Label, Operation, Relation, Site, Stmt, Ty, Var};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

/// Operations in an expression that is computed once more.
const MAX_DEPTH: u32 = 6;

/// A look at a loop's body.
pub(super) struct Look<'f> {
    function: &'f Function,
    alignment: &'f Alignment,
    in_loops: &'f HashSet<Var>,
    /// What is known before the loop of variables that it does not set.
    sums: &'f Sums,
    budget: &'f Budget,
    levels: Vec<Level>,
    /// The loops around what is looked at, outermost first.
    around: Vec<Label>,
    pointers: Vec<Affine>,
    accesses: BTreeMap<Site, Access>,
    /// What accesses memory in another way.
    others: Others,
    /// How many statements that are executed or not are around the one that is looked at.
    conditions: usize,
    /// Statements of loops whose iterations cannot be counted beforehand.
    left_out: usize,
    disjoint: RefCell<Vec<[Affine; 2]>>,
    /// Loads that are taken to give the same in all iterations, if that is asked for: then nothing that is stored may touch what they load.
    settled: Option<RefCell<Vec<Operation>>>,
    /// What has to be equal before the loop: what variables are then, and what they are after each iteration.
    equal: Vec<(Linear, Linear)>,
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
            others: Others::default(),
            conditions: 0,
            left_out: 0,
            disjoint: RefCell::default(),
            settled: None,
            equal: Vec::new(),
        }
    }

    /// The same, with loads from what stands still taken to give the same in all iterations.
    pub fn with_settled_loads(self) -> Self {
        Self { settled: Some(RefCell::default()), ..self }
    }

    /// The version of a loop with this body. `before` is what is known before the loop, also of variables that it sets.
    pub fn version(mut self, label: Label, body: &[Stmt], condition: &Expr, before: &Sums) -> Option<Version> {
        let known = before.0.iter().map(|(var, sum)| (*var, Value::Affine(Affine::invariant(sum.clone()))));
        self.a_loop(label, body, condition, &mut known.collect(), true);
        let is_counted = self.levels.first().is_some_and(|level| level.label == label);
        let moves = self.pointers.iter().any(|address| !address.is_invariant());
        let is_small = self.pointers.len() <= MAX_POINTERS && self.left_out <= MAX_LEFT_OUT;
        if !is_counted || !moves || !is_small || self.budget.is_spent() {
            return None;
        }
        let relied = self.pointers.iter().fold(0, |all, address| all | address.relies);
        let disjoint = self.disjoint.take();
        let disjoint = disjoint.iter().enumerate().filter(|(bit, _)| relied >> bit & 1 != 0);
        let is_one_loop = self.levels.len() == 1 && self.left_out == 0;
        let may_hold = |address: &Affine| {
            // Comparing each load is worth it for a variable that other threads may store to as well: that stands still in all loops.
            let stands_still =
                || !address.base.any(&mut |part| matches!(part, Expr::Var(var) if self.in_loops.contains(var)));
            let is_compared = || self.others.loads <= MAX_GUARDED && stands_still();
            is_one_loop && !self.others.has_more && !leaves(body) && (self.others.loads == 0 || is_compared())
        };
        let may_hold: Vec<_> = self.pointers.iter().map(may_hold).collect();
        let pointers: Vec<_> = may_hold.iter().enumerate().map(|(i, may_hold)| self.described(i, *may_hold)).collect();
        let is_stored = |number| {
            let mut own = self.accesses.values().filter(|access| access.pointer == number);
            own.any(Access::is_store)
        };
        let is_stored: Vec<bool> = (0..self.pointers.len()).map(is_stored).collect();
        let apart = Apart::of(&self.pointers, &is_stored, self.others, !is_one_loop);
        let settled = self.settled_pointers(body, &is_stored)?;
        Some(Version {
            settled,
            equal: self.equal.iter().map(|(start, end)| [start.to_expr(), end.to_expr()]).collect(),
            has_all: self.others.loads == 0 && !self.others.has_more,
            pointers,
            disjoint: disjoint.map(|(_, [left, right])| [moving(left), moving(right)]).collect(),
            apart: apart.filter(|_| !leaves(body)),
            has_left_out: self.left_out != 0,
            levels: self.levels,
            accesses: self.accesses,
        })
    }

    /// The pointers of loads that are taken to give the same in all iterations; nothing if one of them does not.
    fn settled_pointers(&self, body: &[Stmt], is_stored: &[bool]) -> Option<Vec<usize>> {
        let settled = self.settled.as_ref().map(RefCell::borrow).into_iter().flat_map(|settled| settled.clone());
        let sites: Vec<_> = settled.map(|load| load.site).collect();
        if !sites.is_empty() && (self.others.has_more || leaves(body)) {
            return None;
        }
        let pointers = sites.into_iter().map(|site| Some(self.accesses.get(&site?)?.pointer));
        let mut pointers = pointers.collect::<Option<Vec<_>>>()?;
        pointers.sort_unstable();
        pointers.dedup();
        pointers.iter().all(|pointer| !is_stored[*pointer]).then_some(pointers)
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
        let count = trips.as_ref().and_then(Trips::constant).filter(|_| !leaves(body));
        match trips {
            Some(trips) if notes => {
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
            for_each_expr_of(stmt, &mut |expr| for_each_access(expr, &mut |access| self.others.add(access)));
        });
        for_each_access(condition, &mut |access| self.others.add(access));
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
    fn described(&self, number: usize, may_hold: bool) -> Pointer {
        let address = &self.pointers[number];
        let own: Vec<&Access> = self.accesses.values().filter(|access| access.pointer == number).collect();
        let distances = || own.iter().map(|access| access.distance);
        let stored = own.iter().find(|access| access.is_store() && access.is_certain);
        // All of them access the same bytes as a value of the same type.
        let held = stored.filter(|stored| {
            let ty = stored.op.accessed();
            let is_whole = stored.bytes == if matches!(ty, Ty::I64 | Ty::F64) { 8 } else { 4 };
            let is_same = |access: &&Access| {
                (access.from, access.bytes) == (stored.from, stored.bytes) && access.op.accessed() == ty
            };
            may_hold && address.is_invariant() && is_whole && own.iter().all(is_same)
        });
        Pointer {
            address: moving(address),
            least: distances().min().unwrap_or(0),
            most: distances().max().unwrap_or(0),
            from: own.iter().map(|access| access.from).min().unwrap_or(0),
            to: own.iter().map(|access| access.from + access.bytes).max().unwrap_or(0),
            held: held.map(|stored| stored.op),
        }
    }

    /// How often a loop's body runs, if that follows from its condition, and is as often whenever the loop runs.
    fn trips(&self, label: Label, condition: &Expr, values: &Values) -> Option<Trips> {
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
        if counter.relies | limit.relies != 0 || !counter.is_invariant() || !limit.is_invariant() {
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
        (ends && is_ordinary).then(|| Trips {
            ty,
            relation,
            sign,
            start: counter.base.to_expr(),
            step,
            limit: limit.base.to_expr(),
        })
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
            (Some(address), Some(site), Some(offset), Some(bytes), Some(level)) => {
                let (pointer, distance) = self.pointer(address);
                let (from, bytes) = (distance + offset, bytes.into());
                let is_certain = self.conditions == 0;
                self.accesses.insert(site, Access { pointer, distance, from, bytes, op, level, is_certain });
            }
            _ => self.others.add(operation),
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

    fn known(&self, expr: &Expr, values: &Values) -> Option<Value> {
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
                count.and_then(|count| Some(affine(0)?.times(1 << (count % bits))))
            }
            Kind::Binary(Binary::Or) => self.disjoint_sum(&affine(0)?, &affine(1)?),
            Kind::Binary(Binary::Mul) => product(&affine(0)?, &affine(1)?),
            Kind::Convert(Conversion::Wrap) => Some(affine(0)?.map(Linear::wrapped)),
            Kind::Load(..) => return self.settled_load(operation, &affine(0)?).map(Value::Affine),
            _ => None,
        };
        sum.or_else(|| self.opaque(operation, values)).map(Value::Affine)
    }

    /// How many of the low bits of a value are zero in all iterations.
    fn zeros(&self, value: &Affine) -> u32 {
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
        if !moves || left.base.ty != Ty::I32 || !is_constant(left) || !is_constant(right) {
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
            None if settled.len() < MAX_POINTERS && again.depth <= MAX_DEPTH => {
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
        if !is_computed || operation.site.is_some() || operation.depth > MAX_DEPTH {
            return None;
        }
        let operands = operation.operands.iter().map(|operand| {
            let value = self.known(operand, values)?.affine()?;
            (value.is_invariant() && value.relies == 0).then(|| value.base.to_expr())
        });
        let mut again = Operation { operands: operands.collect::<Option<Vec<_>>>()?, ..operation.clone() };
        again.measure();
        (again.depth <= MAX_DEPTH).then(|| Affine::invariant(Linear::atom(ty, Expr::Operation(again))))
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

/// Whether a variable may be read in a body before it is set there.
fn is_read_first(body: &[Stmt], var: Var) -> bool {
    for stmt in body {
        let mut is_read = false;
        for_each_stmt(std::slice::from_ref(stmt), &mut |stmt| {
            for_each_expr_of(stmt, &mut |expr| is_read |= expr.any(&mut |part| *part == Expr::Var(var)));
        });
        if is_read {
            return true;
        }
        if matches!(stmt, Stmt::Set(set, _) if *set == var) {
            return false;
        }
    }
    false
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
