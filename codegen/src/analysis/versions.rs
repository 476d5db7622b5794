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
//! Invariant: where the comparisons hold, the second version's k-th iteration accesses the same bytes as the loop's own, and it ends
//! after as many iterations, or before by the same exit.

use super::linear::Linear;
use crate::ir::visit::{self, bodies, for_each_expr_of};
use crate::ir::{Binary, Conversion, Expr, Function, Kind, Label, Operation, Relation, Sign, Site, Stmt, Ty, Var};
use std::collections::{BTreeMap, HashMap};

/// Pointers that a version may have: each costs a comparison.
const MAX_POINTERS: usize = 24;

/// How far from a pointer accesses are that share it, in bytes.
const MAX_DISTANCE: i64 = 1 << 20;

/// A loop's second version.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub trips: Trips,
    pub pointers: Vec<Pointer>,
    /// The accesses that go by a pointer: its number, and the distance from it in bytes.
    pub accesses: BTreeMap<Site, (usize, i64)>,
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

/// An address in the first iteration, and how it changes; accesses are from `least` to `most` bytes from it.
#[derive(Clone, Debug)]
pub(crate) struct Pointer {
    pub start: Expr,
    /// Of type `i32`, signed.
    pub step: Expr,
    pub least: i64,
    pub most: i64,
}

/// The versions of a function's innermost loops.
pub(crate) fn versions(function: &Function) -> BTreeMap<Label, Version> {
    let mut found = BTreeMap::new();
    visit::for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::DoWhile { label, body, condition } = stmt
            && is_simple(body)
            && let Some(version) = Look::new(function, body).version(body, condition)
        {
            found.insert(*label, version);
        }
    });
    found
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

/// What an integer is in iteration k: `base + k * step`, both of them the same in all iterations.
#[derive(Clone, Debug, PartialEq)]
struct Affine {
    base: Linear,
    step: Linear,
}

impl Affine {
    fn invariant(base: Linear) -> Self {
        let step = Linear::constant(base.ty, 0);
        Self { base, step }
    }

    fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self { base: self.base.plus(&other.base)?, step: self.step.plus(&other.step)? })
    }

    fn minus(&self, other: &Self) -> Option<Self> {
        Some(Self { base: self.base.minus(&other.base)?, step: self.step.minus(&other.step)? })
    }

    fn times(&self, factor: u64) -> Self {
        Self { base: self.base.times(factor), step: self.step.times(factor) }
    }

    fn is_invariant(&self) -> bool {
        self.step.is_zero()
    }
}

/// A comparison of two integers.
#[derive(Clone, Debug)]
struct Comparison {
    ty: Ty,
    relation: Relation,
    sign: Sign,
    left: Affine,
    right: Affine,
}

#[derive(Clone, Debug)]
enum Value {
    Affine(Affine),
    Comparison(Comparison),
    Unknown,
}

impl Value {
    fn affine(self) -> Option<Affine> {
        match self {
            Self::Affine(affine) => Some(affine),
            _ => None,
        }
    }
}

type Values = HashMap<Var, Value>;

/// A look at a loop's body.
struct Look<'f> {
    function: &'f Function,
    /// The values, at the start of an iteration, of the variables that the body sets.
    at_start: Values,
    pointers: Vec<(Affine, i64, i64)>,
    accesses: BTreeMap<Site, (usize, i64)>,
}

impl<'f> Look<'f> {
    /// Finds out which variables change by the same amount in each iteration.
    fn new(function: &'f Function, body: &[Stmt]) -> Self {
        let mut set = Vec::new();
        visit::for_each_stmt(body, &mut |stmt| set.extend(set_by(stmt)));
        let is_integer = |var: &Var| matches!(function.vars[*var], Ty::I32 | Ty::I64);
        let mut look = Self { function, at_start: Values::new(), pointers: Vec::new(), accesses: BTreeMap::new() };
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
                Some(Value::Affine(at_end)) if is_integer(var) => at_end.base.minus(&own),
                _ => None,
            };
            let is_set = |part: &Expr| matches!(part, Expr::Var(var) if set.contains(var));
            let change = change.filter(|change| !change.any(&mut |part| is_set(part)));
            let value = change.map_or(Value::Unknown, |step| Value::Affine(Affine { base: own, step }));
            look.at_start.insert(*var, value);
        }
        look
    }

    fn version(mut self, body: &[Stmt], condition: &Expr) -> Option<Version> {
        let mut values = self.at_start.clone();
        self.stmts(body, &mut values, true);
        let trips = self.trips(condition, &values)?;
        let moves = self.pointers.iter().any(|(address, ..)| !address.is_invariant());
        if !moves || self.pointers.len() > MAX_POINTERS {
            return None;
        }
        let pointers = self.pointers.iter().map(|(address, least, most)| Pointer {
            start: address.base.to_expr(),
            step: address.step.to_expr(),
            least: *least,
            most: *most,
        });
        Some(Version { trips, pointers: pointers.collect(), accesses: self.accesses })
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
            for inner in bodies(stmt) {
                let mut inside = values.clone();
                self.stmts(inner, &mut inside, notes);
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
        let (Kind::Load(..) | Kind::Store(_), Some(address), Some(site)) =
            (operation.op.kind(), operation.address(), operation.site)
        else {
            return;
        };
        if let Some(address) = self.value(address, values).affine() {
            let found = self.pointer(address);
            self.accesses.insert(site, found);
        }
    }

    /// The pointer for an address, and the distance from it.
    fn pointer(&mut self, address: Affine) -> (usize, i64) {
        for (number, (known, least, most)) in self.pointers.iter_mut().enumerate() {
            let distance = address.base.minus(&known.base).and_then(|distance| distance.as_signed());
            if let Some(distance) = distance
                && known.step == address.step
                && distance.abs() <= MAX_DISTANCE
            {
                (*least, *most) = (distance.min(*least), distance.max(*most));
                return (number, distance);
            }
        }
        self.pointers.push((address, 0, 0));
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
                (None, ty @ (Ty::I32 | Ty::I64)) => invariant(Linear::atom(ty, expr.clone())),
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
            Kind::Binary(Binary::Mul) => product(&affine(0)?, &affine(1)?),
            Kind::Convert(Conversion::Wrap) => {
                let value = affine(0)?;
                Some(Affine { base: value.base.wrapped(), step: value.step.wrapped() })
            }
            _ => None,
        };
        sum.or_else(|| self.opaque(operation, values)).map(Value::Affine)
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
            value.is_invariant().then(|| value.base.to_expr())
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

/// A product of which one factor is the same in all iterations.
fn product(left: &Affine, right: &Affine) -> Option<Affine> {
    let (moving, factor) = if right.is_invariant() { (left, right) } else { (right, left) };
    factor
        .is_invariant()
        .then(|| Affine { base: moving.base.product(&factor.base), step: moving.step.product(&factor.base) })
}

fn not_zero(affine: Affine) -> Comparison {
    let ty = affine.base.ty;
    let right = Affine::invariant(Linear::constant(ty, 0));
    Comparison { ty, relation: Relation::Ne, sign: Sign::Unsigned, left: affine, right }
}

fn opposite(relation: Relation) -> Relation {
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
fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::Lt => Relation::Gt,
        Relation::Gt => Relation::Lt,
        Relation::Le => Relation::Ge,
        Relation::Ge => Relation::Le,
        same => same,
    }
}
