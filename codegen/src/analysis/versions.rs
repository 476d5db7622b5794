//! Which loops can have a second version, in which addresses are 64-bit pointers that advance by a constant distance, and what has to be
//! compared before the loop for that.
//!
//! WebAssembly's addresses are sums of 32 bits that may wrap around, which keeps a compiler from vectorising accesses: `a[i]` and `a[i + 1]`
//! need not be neighbours. In a loop whose number of iterations is known when it begins, an address that changes by the same amount in
//! each iteration wraps around nowhere if it does not between the first and the last one.
//!
//! ```text
//! do {                                    u64 n = trips(...);
//!   a[p] = b[q]                           if (n != 0 && stays(p, 8, n) && stays(q, 8, n))
//!   p += 8; q += 8; i += 1        ==>        do { (mem + p)[8 * k] = (mem + q)[8 * k] ... } while (++k != n)
//! } while (i != limit)                    else the loop as it is
//! ```
//!
//! Where the bits of two numbers are or-ed and turn out to be disjoint, that is a sum, too. What stands still and is stored in each iteration,
//! as sums are, can be kept in a variable, if no other access touches it.
//!
//! Invariant: where the comparisons hold, the second version's k-th iteration accesses the same bytes as the loop's own, and it ends
//! after as many iterations, or before by the same exit.

use super::affine::{Affine, Comparison, Value, Values, mirrored, not_zero, opposite, product};
use super::alignment::Alignment;
use super::linear::Linear;
use crate::ir::visit::{self, bodies, for_each_expr_of};
use crate::ir::{
    Binary, Conversion, Effect, Expr, Function, Kind, Label, Op, Operation, Relation, Sign, Site, Stmt, Ty, Var,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Pointers that a version may have: each costs a comparison.
const MAX_POINTERS: usize = 24;

/// How far from a pointer accesses are that share it, in bytes.
const MAX_DISTANCE: i64 = 1 << 20;

/// A loop's second version.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub trips: Trips,
    pub pointers: Vec<Pointer>,
    /// Bits that are or-ed, and have to be disjoint: then the result is their sum.
    pub disjoint: Vec<Disjoint>,
    /// The accesses that go by a pointer.
    pub accesses: BTreeMap<Site, Access>,
    /// Whether all that it loads are neighbours from iteration to iteration, or the same.
    pub is_dense: bool,
}

/// An access by a pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    /// The number of the pointer.
    pub pointer: usize,
    /// How far from it, in bytes, without the constant offset of the instruction.
    pub distance: i64,
    /// The same with it, and how many bytes.
    from: i64,
    bytes: i64,
    op: Op,
    /// Whether it is done in each iteration.
    is_certain: bool,
}

/// A number in the first iteration, how it changes, and another number whose bits it must have none of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Disjoint {
    pub start: Expr,
    pub step: i64,
    pub other: Expr,
}

/// The loop goes on as long as, after iteration k, `start + k * step` has this relation to `limit`.
#[derive(Clone, Debug)]
pub(crate) struct Trips {
    pub ty: Ty,
    pub relation: Relation,
    pub sign: Sign,
    pub start: Expr,
    pub step: i64,
    pub limit: Expr,
}

/// An address in the first iteration, and how it changes.
#[derive(Clone, Debug)]
pub(crate) struct Pointer {
    pub start: Expr,
    /// Of type `i32`, signed.
    pub step: Expr,
    /// The 32-bit addresses of accesses are from `least` to `most` bytes from it.
    pub least: i64,
    pub most: i64,
    /// The bytes that are accessed are from `from` to before `to`.
    pub from: i64,
    pub to: i64,
    /// A variable can stand for what it points to, if no other pointer's accesses touch that: the loop loads and stores it whole, in each
    /// iteration, as a value of this operation's type.
    pub held: Option<Op>,
}

/// The versions of a function's innermost loops.
pub(crate) fn versions(function: &Function) -> BTreeMap<Label, Version> {
    let mut walk = Walk { function, alignment: &Alignment::of(function), found: BTreeMap::new() };
    walk.stmts(&function.body, &mut Sums::default());
    walk.found
}

/// A walk through a function, from its start: at each loop it is known which sums variables are.
struct Walk<'f> {
    function: &'f Function,
    alignment: &'f Alignment,
    found: BTreeMap<Label, Version>,
}

impl Walk<'_> {
    fn stmts(&mut self, body: &[Stmt], sums: &mut Sums) {
        for stmt in body {
            if let Stmt::Set(var, value) = stmt {
                let look = Look::outside(self.function, self.alignment, sums);
                let value = look.value(value, &Values::new()).affine().map(|affine| affine.base);
                sums.set(*var, value);
                continue;
            }
            if let Stmt::Loop { body, .. } | Stmt::DoWhile { body, .. } = stmt {
                let before = sums.clone();
                sums.forget(set_in(body));
                if let Stmt::DoWhile { label, body, condition } = stmt
                    && is_simple(body)
                    && let Some(version) = Look::new(Look::outside(self.function, self.alignment, sums), &before, body)
                        .version(body, condition)
                {
                    self.found.insert(*label, version);
                }
            }
            for inner in bodies(stmt) {
                let mut inside = sums.clone();
                self.stmts(inner, &mut inside);
            }
            bodies(stmt).into_iter().for_each(|inner| sums.forget(set_in(inner)));
            sums.forget(visit::results(stmt).iter().copied());
        }
    }
}

/// Variables that are sums of others, which have not been set since.
#[derive(Clone, Default)]
struct Sums(HashMap<Var, Linear>);

impl Sums {
    fn set(&mut self, var: Var, value: Option<Linear>) {
        self.forget([var]);
        /// More than functions have that people write. Each is looked at for each variable that is set.
        const MAX_SUMS: usize = 256;
        let mentions = |value: &Linear| value.any(&mut |part| *part == Expr::Var(var));
        if let Some(value) = value.filter(|value| self.0.len() < MAX_SUMS && !mentions(value)) {
            self.0.insert(var, value);
        }
    }

    /// These variables may have changed.
    fn forget(&mut self, vars: impl IntoIterator<Item = Var>) {
        let vars: HashSet<Var> = vars.into_iter().collect();
        if vars.is_empty() {
            return;
        }
        let is_gone = |part: &Expr| matches!(part, Expr::Var(var) if vars.contains(var));
        self.0.retain(|var, value| !vars.contains(var) && !value.any(&mut |part| is_gone(part)));
    }
}

/// The variables that statements set, inner ones included.
fn set_in(body: &[Stmt]) -> Vec<Var> {
    let mut set = Vec::new();
    visit::for_each_stmt(body, &mut |stmt| {
        set.extend(set_by(stmt));
        set.extend(visit::results(stmt));
    });
    set
}

/// Whether a body goes or returns to somewhere else.
fn leaves(body: &[Stmt]) -> bool {
    let (mut labels, mut targets, mut returns) = (HashSet::new(), HashSet::new(), false);
    visit::for_each_stmt(body, &mut |stmt| match stmt {
        Stmt::Block { label, .. } => drop(labels.insert(*label)),
        Stmt::Goto(label) => drop(targets.insert(*label)),
        Stmt::Return(_) => returns = true,
        _ => {}
    });
    returns || !targets.is_subset(&labels)
}

/// Whether a body has no loops and calls nothing.
fn is_simple(body: &[Stmt]) -> bool {
    let mut is_simple = true;
    visit::for_each_stmt(body, &mut |stmt| {
        is_simple &= !matches!(
            stmt,
            Stmt::Loop { .. }
                | Stmt::DoWhile { .. }
                | Stmt::Call { .. }
                | Stmt::CallIndirect { .. }
                | Stmt::CallTable { .. }
                | Stmt::SetGlobal(..)
        );
    });
    is_simple
}

/// A look at a loop's body.
struct Look<'f> {
    function: &'f Function,
    alignment: &'f Alignment,
    /// What is known before the loop of variables that it does not set.
    sums: &'f Sums,
    /// The values, at the start of an iteration, of the variables that the body sets.
    at_start: Values,
    pointers: Vec<Affine>,
    accesses: BTreeMap<Site, Access>,
    /// Whether it accesses memory in another way, too.
    has_others: bool,
    /// How many statements that are executed or not are around the one that is looked at.
    conditions: usize,
    disjoint: RefCell<Vec<Disjoint>>,
}

impl<'f> Look<'f> {
    /// For what stands in no loop.
    fn outside(function: &'f Function, alignment: &'f Alignment, sums: &'f Sums) -> Self {
        Self {
            function,
            alignment,
            sums,
            at_start: Values::new(),
            pointers: Vec::new(),
            accesses: BTreeMap::new(),
            has_others: false,
            conditions: 0,
            disjoint: RefCell::default(),
        }
    }

    /// Finds out which variables change by the same amount in each iteration.
    /// `before` is what is known before the loop, also of variables that it sets.
    fn new(mut look: Self, before: &Sums, body: &[Stmt]) -> Self {
        let function = look.function;
        let set = set_in(body);
        let is_integer = |var: &Var| matches!(function.vars[*var], Ty::I32 | Ty::I64);
        // First each variable stands for its value at the start of the iteration.
        for var in &set {
            let own = Affine::invariant(Linear::atom(function.vars[*var], Expr::Var(*var)));
            look.at_start.insert(*var, if is_integer(var) { Value::Affine(own) } else { Value::Unknown });
        }
        let mut values = look.at_start.clone();
        look.stmts(body, &mut values, false);
        for var in &set {
            let ty = function.vars[*var];
            let own = Linear::atom(ty, Expr::Var(*var));
            let change = match values.get(var) {
                Some(Value::Affine(at_end)) if is_integer(var) && at_end.relies == 0 => at_end.base.minus(&own),
                _ => None,
            };
            let is_set = |part: &Expr| matches!(part, Expr::Var(var) if set.contains(var));
            let change = change.filter(|change| !change.any(&mut |part| is_set(part)));
            let base = before.0.get(var).cloned().unwrap_or(own);
            let value = change.map_or(Value::Unknown, |step| Value::Affine(Affine { base, step, relies: 0 }));
            look.at_start.insert(*var, value);
        }
        look.disjoint.take();
        look
    }

    fn version(mut self, body: &[Stmt], condition: &Expr) -> Option<Version> {
        let mut values = self.at_start.clone();
        self.stmts(body, &mut values, true);
        let trips = self.trips(condition, &values)?;
        let moves = self.pointers.iter().any(|address| !address.is_invariant());
        if !moves || self.pointers.len() > MAX_POINTERS {
            return None;
        }
        let relied = self.pointers.iter().fold(0, |all, address| all | address.relies);
        let disjoint = self.disjoint.take();
        let disjoint = disjoint.into_iter().enumerate().filter(|(bit, _)| relied >> bit & 1 != 0);
        let may_hold = !self.has_others && !leaves(body);
        let pointers = (0..self.pointers.len()).map(|number| self.described(number, may_hold));
        let is_dense = |access: &Access| {
            let step = &self.pointers[access.pointer].step;
            step.is_zero() || step.as_signed() == Some(access.bytes)
        };
        Some(Version {
            trips,
            pointers: pointers.collect(),
            is_dense: !self.has_others && self.accesses.values().all(is_dense),
            disjoint: disjoint.map(|(_, disjoint)| disjoint).collect(),
            accesses: self.accesses,
        })
    }

    /// A pointer, with what its accesses say about it.
    fn described(&self, number: usize, may_hold: bool) -> Pointer {
        let address = &self.pointers[number];
        let own: Vec<&Access> = self.accesses.values().filter(|access| access.pointer == number).collect();
        let distances = || own.iter().map(|access| access.distance);
        let is_store = |access: &Access| matches!(access.op.kind(), Kind::Store(_));
        let stored = own.iter().find(|access| is_store(access) && access.is_certain);
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
            start: address.base.to_expr(),
            step: address.step.to_expr(),
            least: distances().min().unwrap_or(0),
            most: distances().max().unwrap_or(0),
            from: own.iter().map(|access| access.from).min().unwrap_or(0),
            to: own.iter().map(|access| access.from + access.bytes).max().unwrap_or(0),
            held: held.map(|stored| stored.op),
        }
    }

    /// How often the body runs, if that follows from its condition.
    fn trips(&self, condition: &Expr, values: &Values) -> Option<Trips> {
        let comparison = match self.value(condition, values) {
            Value::Comparison(comparison) => comparison,
            Value::Affine(affine) => not_zero(affine),
            Value::Unknown => return None,
        };
        let Comparison { ty, relation, sign, left, right } = comparison;
        let (moving, limit, relation) = match (left.is_invariant(), right.is_invariant()) {
            (false, true) => (left, right, relation),
            (true, false) => (right, left, mirrored(relation)),
            _ => return None,
        };
        if moving.relies | limit.relies != 0 {
            return None;
        }
        let step = moving.step.as_signed()?;
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
            start: moving.base.to_expr(),
            step,
            limit: limit.base.to_expr(),
        })
    }

    fn stmts(&mut self, body: &[Stmt], values: &mut Values, notes: bool) {
        for stmt in body {
            if notes {
                for_each_expr_of(stmt, &mut |expr| self.note(expr, values));
            }
            if let Stmt::Set(var, value) = stmt {
                let value = self.value(value, values);
                values.insert(*var, value);
                continue;
            }
            // What is set there may have been set or not afterwards.
            let is_certain = matches!(stmt, Stmt::Block { label, .. } if !self.function.used_labels[*label]);
            for inner in bodies(stmt) {
                let mut inside = values.clone();
                self.conditions += usize::from(!is_certain);
                self.stmts(inner, &mut inside, notes);
                self.conditions -= usize::from(!is_certain);
                match stmt {
                    Stmt::Block { label, .. } if !self.function.used_labels[*label] => *values = inside,
                    _ => visit::for_each_stmt(inner, &mut |stmt| {
                        values.extend(set_by(stmt).map(|var| (var, Value::Unknown)));
                    }),
                }
            }
        }
    }

    /// Notes the accesses in an expression whose addresses move evenly, or not at all.
    fn note(&mut self, expr: &Expr, values: &Values) {
        let Expr::Operation(operation) = expr else {
            return;
        };
        operation.operands.iter().for_each(|operand| self.note(operand, values));
        let op = operation.op;
        let is_access = matches!(op.kind(), Kind::Load(..) | Kind::Store(_));
        let address = operation.address().filter(|_| is_access);
        let known = address.and_then(|address| self.value(address, values).affine());
        let offset = operation.offset.and_then(|offset| i64::try_from(offset).ok());
        match (known, operation.site, offset, op.bytes()) {
            (Some(address), Some(site), Some(offset), Some(bytes)) => {
                let (pointer, distance) = self.pointer(address);
                let is_certain = self.conditions == 0;
                let access = Access { pointer, distance, from: distance + offset, bytes: bytes.into(), op, is_certain };
                self.accesses.insert(site, access);
            }
            _ => self.has_others |= op.effect() != Effect::None,
        }
    }

    /// The pointer for an address, and the distance from it.
    fn pointer(&mut self, address: Affine) -> (usize, i64) {
        for (number, known) in self.pointers.iter_mut().enumerate() {
            let distance = address.base.minus(&known.base).and_then(|distance| distance.as_signed());
            if let Some(distance) = distance
                && known.step == address.step
                && distance.abs() <= MAX_DISTANCE
            {
                known.relies |= address.relies;
                return (number, distance);
            }
        }
        self.pointers.push(address);
        (self.pointers.len() - 1, 0)
    }

    fn value(&self, expr: &Expr, values: &Values) -> Value {
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
                let count = affine(1)?.base.as_constant()?;
                let bits = if operation.op.operand() == Ty::I32 { 32 } else { 64 };
                Some(affine(0)?.times(1 << (count % bits)))
            }
            Kind::Binary(Binary::Or) => self.disjoint_sum(&affine(0)?, &affine(1)?),
            Kind::Binary(Binary::Mul) => product(&affine(0)?, &affine(1)?),
            Kind::Convert(Conversion::Wrap) => {
                let value = affine(0)?;
                Some(Affine { base: value.base.wrapped(), step: value.step.wrapped(), relies: value.relies })
            }
            _ => None,
        };
        sum.or_else(|| self.opaque(operation, values)).map(Value::Affine)
    }

    /// How many of the low bits of a value are zero in all iterations.
    fn zeros(&self, value: &Affine) -> u32 {
        let of = |sum: &Linear| sum.zeros(&|atom| self.alignment.zeros(atom));
        of(&value.base).min(of(&value.step))
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
        let (moving, other) = if right.is_invariant() { (left, right) } else { (right, left) };
        let step = moving.step.as_signed()?;
        if moving.is_invariant() || !other.is_invariant() || moving.base.ty != Ty::I32 {
            return None;
        }
        let disjoint = Disjoint { start: moving.base.to_expr(), step, other: other.base.to_expr() };
        let mut known = self.disjoint.borrow_mut();
        let bit = known.iter().position(|known| *known == disjoint).unwrap_or_else(|| {
            known.push(disjoint);
            known.len() - 1
        });
        let mut sum = moving.plus(other)?;
        sum.relies |= 1u64.checked_shl(u32::try_from(bit).ok()?)?;
        Some(sum)
    }

    /// An integer that is the same in all iterations, whatever it is.
    fn opaque(&self, operation: &Operation, values: &Values) -> Option<Affine> {
        /// Operations in an expression that is computed once more.
        const MAX_DEPTH: u32 = 6;
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
        let again = Operation { operands: operands.collect::<Option<Vec<_>>>()?, ..operation.clone() };
        let mut again = again;
        again.measure();
        (again.depth <= MAX_DEPTH).then(|| Affine::invariant(Linear::atom(ty, Expr::Operation(again))))
    }
}

/// The variables that a statement itself sets.
fn set_by(stmt: &Stmt) -> impl Iterator<Item = Var> + use<> {
    if let Stmt::Set(var, _) = stmt { Some(*var) } else { None }.into_iter()
}
