//! What a microtask does before a virtual thread has its iterations, and with their upper bound: followed in terms of what the
//! microtask is given, where that is possible.
//!
//! The divisor is taken from where the loop first divides, which may be in a loop of its own: the value is that of the first round, and
//! the text that uses it compares it at run time before it takes the shortcut.
//!
//! Invariant: what loops change is not known, before, in and after them.

use super::dataflow::{Budget, Domain, Loop, State, Walk};
use super::term::Term;
use crate::ir::visit;
use crate::ir::{Expr, Function, Label, LoopBounds, Op, Slot, Stmt, Var};
use cranelift_entity::SecondaryMap;
use std::sync::Arc;

/// Statements, and variables whenever there are two branches; code before a loop has far fewer.
const MAX_WORK: usize = 1 << 24;

/// What the code before the loop fixes: the bounds, the conditions that skip the loop, the clamp, the divisor.
#[derive(Default)]
pub(super) struct Prologue {
    /// The bounds of all iterations.
    pub bounds: Option<[Arc<Term>; 2]>,
    /// Conditions of which none may hold for a virtual thread to come to its iterations; `None` if other control flow may skip the loop.
    pub obstacles: Option<Vec<Arc<Term>>>,
    /// What becomes of the upper bound that a virtual thread gets.
    pub upper: Upper,
    /// By what the loop divides first, as it stands in the text and in terms of the parameters, if that does not change until there.
    pub divisor: Option<(Expr, Arc<Term>)>,
}

/// What a microtask stores as a virtual thread's upper bound.
#[derive(Clone, Debug, Default)]
pub(super) enum Upper {
    /// It leaves it alone.
    #[default]
    Kept,
    /// The least of it and of this.
    AtMost(Arc<Term>),
    /// Anything.
    Unknown,
}

/// Follows a microtask that asks for iterations once, not in a loop, but in the blocks `around`.
pub(super) fn follow(function: &Function, bounds: &LoopBounds, around: &[Label]) -> Prologue {
    let Some(slots) = bounds.slots else {
        return Prologue::default();
    };
    let mut exits = Some(Vec::new());
    find_exits(&function.body, around, &mut exits);
    let upper = if stores_upper(function, slots[2]) { Upper::Unknown } else { Upper::Kept };
    let mut follow = Following {
        signed: bounds.signed,
        slots,
        has_direct_clamp: has_direct_clamp(&function.body) == Some(true),
        has_iterations: false,
        obstacles: exits.is_some().then(Vec::new),
        exits: exits.unwrap_or_default(),
        found: Prologue { upper, ..Prologue::default() },
    };
    let mut budget = Budget::new(MAX_WORK);
    Walk::new(&mut follow, &mut budget, Known::new(function)).body(&function.body);
    if budget.is_spent() {
        return Prologue::default();
    }
    Prologue { obstacles: follow.obstacles, ..follow.found }
}

/// Collects the conditions under which the blocks around the iterations are left before they are asked for; `None` if they are left in
/// any other way. Whether they have been asked for.
fn find_exits<'f>(body: &'f [Stmt], around: &[Label], exits: &mut Option<Vec<&'f Expr>>) -> bool {
    let leads_away = |body: &[Stmt]| {
        let mut found = false;
        visit::for_each_stmt(body, &mut |stmt| {
            found |= match stmt {
                Stmt::Goto(to) => around.contains(to),
                Stmt::Return(_) | Stmt::Unreachable(_) | Stmt::StaticInit(_) => true,
                _ => false,
            };
        });
        found
    };
    for stmt in body {
        match stmt {
            Stmt::StaticInit(_) => return true,
            Stmt::Block { body, .. } if find_exits(body, around, exits) => return true,
            Stmt::Block { .. } => {}
            Stmt::If { condition, then, otherwise }
                if otherwise.is_empty() && matches!(then[..], [Stmt::Goto(to)] if around.contains(&to)) =>
            {
                exits.iter_mut().for_each(|exits| exits.push(condition));
            }
            _ if leads_away(std::slice::from_ref(stmt)) => {
                *exits = None;
                return true;
            }
            _ => {}
        }
    }
    false
}

/// Whether the upper bound is bounded whenever iterations are asked for; `None` if they are not.
fn has_direct_clamp(body: &[Stmt]) -> Option<bool> {
    /// Whether statements, or blocks of them, ask for iterations, and whether they bound them.
    fn direct(body: &[Stmt]) -> (bool, bool) {
        body.iter().fold((false, false), |(asks, clamps), stmt| match stmt {
            Stmt::StaticInit(_) => (true, clamps),
            Stmt::ClampUpper { .. } => (asks, true),
            Stmt::Block { body, .. } => {
                let inner = direct(body);
                (asks | inner.0, clamps | inner.1)
            }
            _ => (asks, clamps),
        })
    }
    match direct(body) {
        (true, clamps) => Some(clamps),
        _ => body.iter().flat_map(visit::bodies).find_map(has_direct_clamp),
    }
}

/// Whether something is stored as the upper bound after iterations have been asked for.
fn stores_upper(function: &Function, upper: Slot) -> bool {
    let (mut is_after, mut found) = (false, false);
    visit::for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::StaticInit(_) => is_after = true,
        Stmt::SetSlot { slot, .. } | Stmt::ClampUpper { slot, .. } => found |= is_after && *slot == upper,
        _ => {}
    });
    found
}

/// What variables and slots hold; `None` where that is not known.
#[derive(Clone)]
struct Known {
    vars: SecondaryMap<Var, Option<Arc<Term>>>,
    slots: SecondaryMap<Slot, Option<Arc<Term>>>,
    count: usize,
}

impl Known {
    fn new(function: &Function) -> Self {
        let mut vars = SecondaryMap::new();
        for (var, ty) in &function.vars {
            vars[var] = match function.argument(var) {
                Some(number) => Some(Arc::new(Term::Parameter(number))),
                None => function.starts_as_zero(var).then(|| Arc::new(Term::Const(*ty, 0))),
            };
        }
        Self { vars, slots: SecondaryMap::new(), count: function.vars.len() + function.slots.len() }
    }

    /// What statements set is not known any more.
    fn forget(&mut self, body: &[Stmt]) {
        visit::for_each_stmt(body, &mut |stmt| match stmt {
            Stmt::SetSlot { slot, .. } | Stmt::ClampUpper { slot, .. } => self.slots[*slot] = None,
            _ => set_vars(stmt).iter().for_each(|var| self.vars[*var] = None),
        });
    }
}

impl State for Known {
    fn join(&mut self, other: &Self) -> bool {
        let mut has_changed = false;
        let mut agree = |own: &mut Option<Arc<Term>>, other: &Option<Arc<Term>>| {
            if own.is_some() && own != other {
                *own = None;
                has_changed = true;
            }
        };
        for (var, own) in self.vars.iter_mut() {
            agree(own, &other.vars[var]);
        }
        for (slot, own) in self.slots.iter_mut() {
            agree(own, &other.slots[slot]);
        }
        has_changed
    }

    fn cost(&self) -> usize {
        self.count
    }
}

/// The variables that a statement itself sets.
pub(super) fn set_vars(stmt: &Stmt) -> Vec<Var> {
    match stmt {
        Stmt::Set(var, _) | Stmt::DispatchNext { result: var, .. } => vec![*var],
        Stmt::DispatchInit(dispatch) => dispatch.vars().to_vec(),
        _ => visit::results(stmt).to_vec(),
    }
}

struct Following<'f> {
    signed: bool,
    /// Of the loop's bounds: last, lower, upper, stride.
    slots: [Slot; 4],
    has_direct_clamp: bool,
    has_iterations: bool,
    /// Conditions that keep virtual threads from their iterations, as they stand in the text, and what is known of them so far.
    exits: Vec<&'f Expr>,
    obstacles: Option<Vec<Arc<Term>>>,
    found: Prologue,
}

impl Domain for Following<'_> {
    type State = Known;
    type Condition = ();

    fn assign(&mut self, stmt: &Stmt, mut known: Known, _: &mut Budget) -> Option<Known> {
        match stmt {
            Stmt::Set(var, value) => {
                self.look_for_divisor(value, &known);
                known.vars[*var] = meant(value, &known);
            }
            Stmt::Do(value) => self.look_for_divisor(value, &known),
            Stmt::SetSlot { op, slot, value } => {
                self.look_for_divisor(value, &known);
                let is_whole = matches!(op, Op::I32Store | Op::I64Store);
                known.slots[*slot] = meant(value, &known).filter(|_| is_whole);
            }
            Stmt::ClampUpper { slot, value, .. } => {
                self.look_for_divisor(value, &known);
                let meant = meant(value, &known);
                let clamp =
                    meant.as_ref().filter(|_| self.has_direct_clamp).and_then(|meant| meant.as_clamp(self.signed));
                self.found.upper = clamp.map_or(Upper::Unknown, Upper::AtMost);
                known.slots[*slot] = meant;
            }
            Stmt::StaticInit(_) => {
                self.has_iterations = true;
                let [_, lower, upper, _] = self.slots;
                self.found.bounds = match (&known.slots[lower], &known.slots[upper]) {
                    (Some(lower), Some(upper)) => Some([lower.clone(), upper.clone()]),
                    _ => None,
                };
                self.slots.iter().for_each(|slot| known.slots[*slot] = None);
                known.slots[upper] = Some(Arc::new(Term::UpperBound));
            }
            _ => set_vars(stmt).iter().for_each(|var| known.vars[*var] = None),
        }
        Some(known)
    }

    fn condition(&mut self, condition: &Expr, known: &Known, _: &mut Budget) {
        self.look_for_divisor(condition, known);
        if self.exits.iter().any(|exit| std::ptr::eq(*exit, condition)) {
            self.obstacles = self.obstacles.take().zip(meant(condition, known)).map(|(mut obstacles, obstacle)| {
                obstacles.push(obstacle);
                obstacles
            });
        }
    }

    fn a_loop(walk: &mut Walk<Self>, a_loop: Loop) {
        if let Some(known) = &mut walk.now {
            known.forget(a_loop.body);
        }
        walk.round(a_loop);
        if let Some(known) = &mut walk.now {
            known.forget(a_loop.body);
        }
    }
}

impl Following<'_> {
    fn look_for_divisor(&mut self, expr: &Expr, known: &Known) {
        if !self.has_iterations || self.found.divisor.is_some() {
            return;
        }
        let mut divisors = Vec::new();
        expr.any(&mut |part| {
            if let Expr::Operation(operation) = part
                && operation.op.is_division()
                && !matches!(operation.operands[1], Expr::Const(..))
            {
                divisors.push(operation.operands[1].clone());
            }
            false
        });
        self.found.divisor = divisors.into_iter().find_map(|divisor| {
            let meant = meant(&divisor, known).filter(|meant| !meant.has_upper_bound())?;
            Some((divisor, meant))
        });
    }
}

/// An expression in terms of what the function is given, if it consists of that and of operations that terms have.
fn meant(expr: &Expr, known: &Known) -> Option<Arc<Term>> {
    match expr {
        Expr::Const(ty, bits) => Some(Arc::new(Term::Const(*ty, *bits))),
        Expr::Var(var) => known.vars[*var].clone(),
        Expr::Slot(Op::I32Load | Op::I64Load, slot) => known.slots[*slot].clone(),
        Expr::Operation(operation) => {
            let operands = operation.operands.iter().map(|operand| meant(operand, known));
            Term::operation(operation.op, operands.collect::<Option<Vec<_>>>()?)
        }
        Expr::Slot(..) | Expr::Global(_) | Expr::Address(_) => None,
    }
}
