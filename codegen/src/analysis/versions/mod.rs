//! Which loops can have a second version, in which addresses are 64-bit pointers that advance by a constant distance, and what has to be
//! compared before the loop for that.
//!
//! WebAssembly's addresses are sums of 32 bits that may wrap around, which keeps a compiler from vectorising accesses: `a[i]` and `a[i + 1]`
//! need not be neighbours. In a loop whose number of iterations is known when it begins, an address that changes by the same amount in
//! each iteration wraps around nowhere if it does not between the first and the last one.
//!
//! ```text
//! do {                                    u64 n = trips(...);
//!   a[p] = b[q]                           if (counts(n) && stays(p) && stays(q) && apart(p, q))
//!   p += 8; q += 8; i += 1        ==>        do { (mem + p)[8 * k] = (mem + q)[8 * k] ... } while (++k != n)
//! } while (i != limit)                    else the loop as it is
//! ```
//!
//! Loops in loops are compared at once, before the outer one, if each of them runs as often whenever it runs (its start and its limit may move
//! together, as in `for (j = i * n; j < (i + 1) * n; j++)`): addresses change by one amount in each loop's iterations then. Where it fails, the innermost loops have versions of their own, as have loops that run differently often.
//!
//! Pointers to what seem to be different arrays are compared, too, so that the compiler can be told that they are apart (`apart`).
//! Where the bits of two numbers are or-ed and turn out to be disjoint, that is a sum, too. What stands still and is stored in each iteration,
//! as sums are, can be kept in a variable, if no other access touches it. A load that may go anywhere asks that itself each time, and what is
//! kept is stored before it if so.
//!
//! Loads from what stands still (*settled* ones, as of what a region captures by reference) give the same in all iterations if nothing is
//! stored there. They are done before the loop then, so limits and addresses may depend on them. Stores that go somewhere into a table, by an
//! index of which no more is known than a mask or how wide it is, are told apart as a whole from them, and from what is kept.
//!
//! Invariant: where the comparisons hold, the second version's iterations access the same bytes as the loop's own, and it ends after as
//! many iterations, or before by the same exit.

mod apart;
mod collapsed;
mod look;
mod values;

use super::affine::{Affine, Values};
use super::alignment::Alignment;
use super::linear::Linear;
use crate::ir::visit::{self, bodies};
use crate::ir::{Expr, Function, Label, Op, Relation, Sign, Site, Stmt, Ty, Var};
pub(crate) use apart::Apart;
pub(crate) use collapsed::restore_nests;
use look::Look;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Pointers that a version may have: each costs a comparison.
const MAX_POINTERS: usize = 24;

/// How far from a pointer accesses are that share it, in bytes.
const MAX_DISTANCE: i64 = 1 << 20;

/// Divisors that are compared before a loop.
const MAX_ORDINARY: usize = 4;

/// Tables that accesses go somewhere into.
const MAX_RANGES: usize = 4;

/// Loads by no pointer in a loop that keeps something in a variable: each is compared with it.
const MAX_GUARDED: usize = 2;

/// Loops in loops that are compared at once. Each is looked at three times for each around it.
const MAX_DEPTH: usize = 4;

/// Statements in loops that are in a version as they are: they stand in the text twice as often.
const MAX_LEFT_OUT: usize = 40;

/// The most steps of [`Budget`].
const MAX_STEPS: usize = 1 << 22;

/// A loop's second version.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    /// The loop, and those in it that are counted with it.
    pub levels: Vec<Level>,
    /// Whether there are others in it, which have versions of their own.
    pub has_left_out: bool,
    pub pointers: Vec<Pointer>,
    /// Bits that are or-ed, and have to be disjoint: then the result is their sum.
    pub disjoint: Vec<[Moving; 2]>,
    /// Numbers that have to be equal before the loop.
    pub equal: Vec<[Expr; 2]>,
    /// Where accesses by no pointer go, as far as that is known.
    pub ranges: Vec<Range>,
    /// Numbers that must not wrap, as loops' limits are compared with them.
    pub steady: Vec<Steady<Moving>>,
    /// Whether there are no accesses by no pointer.
    has_all: bool,
    /// The accesses that go by a pointer.
    pub accesses: BTreeMap<Site, Access>,
    /// The pointers of loads that are taken to give the same in all iterations: nothing may be stored there.
    pub settled: Vec<usize>,
    /// Which pointers the compiler is told to be apart, if that is of use.
    pub apart: Option<Apart>,
}

impl Version {
    /// What is computed before the loop, for its comparisons and its pointers.
    pub fn computed(&self) -> impl Iterator<Item = &Expr> {
        let trips = self.levels.iter().flat_map(|level| [&level.trips.start, &level.trips.limit]);
        let addresses = self.pointers.iter().map(|pointer| &pointer.address);
        let ranges = self.ranges.iter().map(|range| &range.address);
        let moving = addresses
            .chain(self.disjoint.iter().flatten())
            .chain(ranges)
            .chain(self.steady.iter().map(|steady| &steady.number));
        let moving = moving.flat_map(|moving| moving.steps.iter().map(|(_, step)| step).chain([&moving.start]));
        let bounds = self.ranges.iter().flat_map(|range| range.spans.iter().map(|(bound, _)| bound));
        trips.chain(moving).chain(bounds).chain(self.equal.iter().flatten())
    }

    /// The pairs of pointers whose bytes have to be apart: the first has the greater number.
    pub fn compared(&self) -> BTreeSet<(usize, usize)> {
        let stored: BTreeSet<usize> =
            self.accesses.values().filter(|access| access.is_store()).map(|access| access.pointer).collect();
        let settled = self.settled.iter().flat_map(|settled| stored.iter().map(move |stored| (*settled, *stored)));
        let numbers = || 0..self.pointers.len();
        let held = numbers().filter(|number| self.pointers[*number].held().is_some());
        let held = held.flat_map(|held| numbers().filter(move |other| *other != held).map(move |other| (held, other)));
        let ordered = |(one, other): (usize, usize)| (one.max(other), one.min(other));
        let told = self.apart.iter().flat_map(|apart| apart.compared.iter().copied());
        told.chain(settled.chain(held).map(ordered)).collect()
    }

    /// Conditions that divisors are neither 0 nor -1. Where one does not hold, what is computed before the loop is divided by 1 instead.
    pub fn ordinary(&self) -> Vec<&Expr> {
        let mut ordinary = Vec::new();
        for computed in self.computed() {
            values::for_each_ordinary(computed, &mut |condition| {
                if !ordinary.contains(&condition) {
                    ordinary.push(condition);
                }
            });
        }
        ordinary
    }

    /// The operations of [`Kept::reinterpreted`] that it needs.
    pub fn reinterpretations(&self) -> impl Iterator<Item = &'static str> {
        let kept = self
            .accesses
            .values()
            .filter_map(|access| self.pointers[access.pointer].kept?.reinterpreted(access.op.accessed()));
        kept.flatten()
    }

    pub fn level(&self, label: Label) -> Option<&Level> {
        self.levels.iter().find(|level| level.label == label)
    }
}

/// A loop of a version.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub label: Label,
    pub trips: Trips,
    /// Whether it stores something that stands still in it.
    pub accumulates: bool,
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
    /// The innermost loop around it.
    level: Label,
    /// Whether it is done in each iteration.
    is_certain: bool,
}

/// A number that is the same in all iterations, or changes evenly: what it is in the first iterations of all loops, and by what it changes in
/// each of them. Steps are of the number's type, signed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moving {
    pub start: Expr,
    pub steps: Vec<(Label, Expr)>,
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

/// A number that moves and must not wrap in any iteration: not even if so much is added to it, or subtracted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Steady<Number> {
    pub number: Number,
    pub ty: Ty,
    /// Whether it is compared as a signed one.
    pub sign: Sign,
    pub beyond: u64,
}

impl<Number> Steady<Number> {
    fn map<Other>(&self, of: impl Fn(&Number) -> Other) -> Steady<Other> {
        Steady { number: of(&self.number), ty: self.ty, sign: self.sign, beyond: self.beyond }
    }
}

/// An address.
#[derive(Clone, Debug)]
pub(crate) struct Pointer {
    pub address: Moving,
    /// The 32-bit addresses of accesses are from `least` to `most` bytes from it.
    pub least: i64,
    pub most: i64,
    /// The bytes that are accessed are from `from` to before `to`.
    pub from: i64,
    pub to: i64,
    pub kept: Option<Kept>,
}

/// A variable can stand for what a pointer points to, if no other accesses touch that: the loop accesses it whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    /// It is a value of what this operation accesses.
    pub op: Op,
    /// Whether the loop stores it in each iteration. There are no stores that go anywhere then; loads that do are compared with it. If not, it
    /// is settled.
    pub is_stored: bool,
}

impl Kept {
    /// The operations that make of another type what is kept, and of that the other type, if an access is of another one.
    pub fn reinterpreted(self, accessed: Ty) -> Option<[&'static str; 2]> {
        match (self.op.accessed(), accessed) {
            (Ty::F64, Ty::I64) => Some(["f64_reinterpret_i64", "i64_reinterpret_f64"]),
            (Ty::F32, Ty::I32) => Some(["f32_reinterpret_i32", "i32_reinterpret_f32"]),
            _ => None,
        }
    }
}

impl Pointer {
    /// What is kept and stored.
    pub fn held(&self) -> Option<Op> {
        self.kept.filter(|kept| kept.is_stored).map(|kept| kept.op)
    }
}

/// Bytes somewhere in which accesses are.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    /// The least address.
    pub address: Moving,
    /// Addresses are up to the sum of these numbers, which have no sign, times their scales beyond it.
    pub spans: Vec<(Expr, u64)>,
    /// The bytes that are accessed are from `from` to before `to` of such an address.
    pub from: i64,
    pub to: i64,
    pub is_stored: bool,
    pub sites: BTreeSet<Site>,
}

/// The second versions of a function's loops.
pub(crate) fn versions(function: &Function) -> BTreeMap<Label, Version> {
    let (alignment, budget) = (Alignment::of(function), Budget::new(MAX_STEPS));
    let walk = Walk::new(function, &alignment, &budget);
    let mut found = BTreeMap::new();
    walk.stmts(&function.body, &mut Sums::default(), &mut found);
    found
}

/// A walk through a function, from its start: at each loop it is known which sums variables are.
struct Walk<'f> {
    function: &'f Function,
    alignment: &'f Alignment,
    /// Variables that are set in loops.
    in_loops: HashSet<Var>,
    budget: &'f Budget,
}

/// How many statements, and values of variables in between, are still looked at in a function: more than any has that people write.
struct Budget(Cell<usize>);

impl Budget {
    fn new(steps: usize) -> Self {
        Self(Cell::new(steps))
    }

    fn spend(&self, steps: usize) {
        self.0.set(self.0.get().saturating_sub(steps));
    }

    fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

impl<'f> Walk<'f> {
    fn new(function: &'f Function, alignment: &'f Alignment, budget: &'f Budget) -> Self {
        let mut in_loops = HashSet::new();
        visit::for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Loop { body, .. } | Stmt::DoWhile { body, .. } = stmt {
                in_loops.extend(set_in(body));
            }
        });
        Self { function, alignment, in_loops, budget }
    }

    /// A loop's version: with loads that are done before it, if there is none without, or if that has accesses by no pointer.
    fn version(&self, label: Label, body: &[Stmt], condition: &Expr, sums: &Sums, before: &Sums) -> Option<Version> {
        let look = || Look::outside(self, sums);
        let plain = look().version(label, body, condition, before).ok();
        if plain.as_ref().is_some_and(|version| version.has_all) {
            return plain;
        }
        let settled = |unsettled| look().with_settled_loads(unsettled).version(label, body, condition, before);
        let again = |stored: Vec<_>| if stored.is_empty() { Err(stored) } else { settled(stored) };
        settled(Vec::new()).or_else(again).ok().or(plain)
    }

    fn stmts(&self, body: &[Stmt], sums: &mut Sums, found: &mut BTreeMap<Label, Version>) {
        for stmt in body {
            if let Stmt::Set(var, value) = stmt {
                let look = Look::outside(self, sums);
                let value =
                    look.value(value, &Values::new()).affine().filter(Affine::is_invariant).map(|affine| affine.base);
                sums.set(*var, value);
                continue;
            }
            let mut before = Sums::default();
            if let Stmt::Loop { body, .. } | Stmt::DoWhile { body, .. } = stmt {
                before = sums.clone();
                sums.forget(set_in(body));
            }
            let mut inner = BTreeMap::new();
            for inside in bodies(stmt) {
                self.stmts(inside, &mut sums.clone(), &mut inner);
            }
            if let Stmt::DoWhile { label, body, condition } = stmt
                && depth(body).is_some_and(|depth| depth < MAX_DEPTH)
                && let Some(version) = self.version(*label, body, condition, sums, &before)
                && version.is_better(&inner)
            {
                // Where it fails, its innermost loops have theirs.
                inner.retain(|_, version| version.is_innermost());
                inner.values_mut().for_each(|version| version.apart = None);
                found.insert(*label, version);
            }
            found.append(&mut inner);
            bodies(stmt).into_iter().for_each(|inner| sums.forget(set_in(inner)));
            sums.forget(visit::results(stmt).iter().copied());
        }
    }
}

impl Version {
    /// Whether there are no loops in the loop.
    fn is_innermost(&self) -> bool {
        self.levels.len() == 1 && !self.has_left_out
    }

    /// Whether it does for the loops in it what their own versions do.
    fn is_better(&self, inner: &BTreeMap<Label, Version>) -> bool {
        let counted = inner.iter().filter(|(label, _)| self.level(**label).is_some());
        let is_kept = |label: &Label, version: &Version| self.level(*label).is_some() || version.is_innermost();
        inner.iter().all(|(label, version)| is_kept(label, version))
            && counted.map(|(_, inner)| inner).all(|inner| {
                let tells = self.apart.is_some() || inner.apart.is_none();
                let reaches = inner.accesses.keys().all(|site| self.accesses.contains_key(site));
                let is_apart = |site: &Site| {
                    let pointer = self.accesses[site].pointer;
                    self.apart.as_ref().is_some_and(|apart| apart.is_alone(pointer))
                };
                let is_held = |access: &Access| inner.pointers[access.pointer].held().is_some();
                let is_held_here = |site: &Site| self.pointers[self.accesses[site].pointer].held().is_some();
                let held = || inner.accesses.iter().filter(|(_, access)| is_held(access));
                tells && reaches && held().all(|(site, _)| is_apart(site) || is_held_here(site))
            })
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

/// The variables that statements set, inner ones included, in their order, each once.
fn set_in(body: &[Stmt]) -> Vec<Var> {
    let mut set = Vec::new();
    visit::for_each_stmt(body, &mut |stmt| {
        if let Stmt::Set(var, _) = stmt {
            set.push(*var);
        }
        set.extend(visit::results(stmt));
    });
    set.sort_unstable();
    set.dedup();
    set
}

/// Whether a sum has one of these variables, which are in order.
fn mentions(sum: &Linear, vars: &[Var]) -> bool {
    sum.any(&mut |part| matches!(part, Expr::Var(var) if vars.binary_search(var).is_ok()))
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

/// How many loops are around the innermost ones in a body; nothing if their iterations cannot be counted, or it calls something.
fn depth(body: &[Stmt]) -> Option<usize> {
    let mut deepest = 0;
    for stmt in body {
        let own = match stmt {
            Stmt::DoWhile { .. } => 1,
            Stmt::Loop { .. }
            | Stmt::Call { .. }
            | Stmt::CallIndirect { .. }
            | Stmt::CallTable { .. }
            | Stmt::SetGlobal(..) => return None,
            _ => 0,
        };
        for inner in bodies(stmt) {
            deepest = deepest.max(own + depth(inner)?);
        }
    }
    Some(deepest)
}
