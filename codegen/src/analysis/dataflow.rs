//! Following values through the statements of a function: one structured walk, for whatever is to be known of them.
//!
//! A [`Domain`] says what is known at a point (its state), what a statement does to that, and what a condition tells. The [`Walk`] takes
//! the statements in the order in which they run, hands the states on, and joins them where branches meet. A loop is the domain's
//! choice: how often its body has to be walked depends on what is to be known.
//!
//! Invariant: where the budget ends, nothing more is looked at and [`Budget::is_spent`] says so; then what was found is incomplete, and
//! whoever asked has to take the answer that is always right.

use crate::ir::{Expr, Label, Stmt};
use std::collections::BTreeMap;

/// An abstract state: what holds for the values of a function at one point of it.
pub(crate) trait State: Clone {
    /// Makes it hold for another branch, too: only what both say stays. Whether that changed it; a domain whose loops do not ask may say
    /// that it has in any case.
    fn join(&mut self, other: &Self) -> bool;

    /// What copying or joining it costs, in units of the budget.
    fn cost(&self) -> usize;
}

/// Joins what is known into what may be nothing yet; whether that changed it.
pub(crate) fn join<S: State>(into: &mut Option<S>, from: Option<&S>) -> bool {
    match (into, from) {
        (_, None) => false,
        (Some(into), Some(from)) => into.join(from),
        (into, Some(from)) => {
            *into = Some(from.clone());
            true
        }
    }
}

/// How many units of work a walk may still do. A statement costs one; domains spend what their expressions and copies cost.
#[derive(Debug)]
pub(crate) struct Budget {
    left: usize,
}

impl Budget {
    /// A budget of so many units.
    pub fn new(units: usize) -> Self {
        Self { left: units }
    }

    /// Takes units away, down to none.
    pub fn spend(&mut self, units: usize) {
        self.left = self.left.saturating_sub(units);
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// An abstract interpretation: how statements and conditions change a [`State`].
pub(crate) trait Domain: Sized {
    type State: State;
    /// What is known of a condition, where it is evaluated.
    type Condition;

    /// Looks at a statement before it runs.
    fn visit(&mut self, _stmt: &Stmt, _state: &Self::State, _budget: &mut Budget) {}

    /// What is known after a statement that has no statements inside and leaves no block; `None` if nothing behind it is reached.
    fn assign(&mut self, stmt: &Stmt, state: Self::State, budget: &mut Budget) -> Option<Self::State>;

    /// Evaluates a condition, or what a `switch` chooses by.
    fn condition(&mut self, condition: &Expr, state: &Self::State, budget: &mut Budget) -> Self::Condition;

    /// What is known if a condition is not zero, or is; `None` if that cannot be.
    fn assume(&mut self, state: Self::State, _condition: &Self::Condition, _holds: bool) -> Option<Self::State> {
        Some(state)
    }

    /// Walks through a loop, by [`Walk::round`]: how often depends on what is to be known.
    fn a_loop(walk: &mut Walk<Self>, a_loop: Loop);
}

/// A loop.
#[derive(Clone, Copy)]
pub(crate) struct Loop<'s> {
    pub label: Label,
    pub body: &'s [Stmt],
    /// What is tested behind the body; without it the loop goes on only where a statement goes to its label.
    pub condition: Option<&'s Expr>,
}

/// What came of walking through a loop's body once.
pub(crate) struct Round<D: Domain> {
    /// What is known where the loop is gone back to by `goto`.
    pub by_goto: Option<D::State>,
    /// What is known where it is gone back to because of its condition.
    pub by_condition: Option<D::State>,
    /// The condition, where it was evaluated.
    pub condition: Option<D::Condition>,
}

/// What arrives at labels.
pub(crate) type Arriving<S> = BTreeMap<Label, Option<S>>;

/// A walk through a function.
pub(crate) struct Walk<'d, D: Domain> {
    pub domain: &'d mut D,
    pub budget: &'d mut Budget,
    /// What is known here; `None` where nothing is reached.
    pub now: Option<D::State>,
    /// What arrives at the labels of the blocks and loops around, by `goto`.
    arriving: Arriving<D::State>,
}

impl<'d, D: Domain> Walk<'d, D> {
    /// A walk that begins with this state.
    pub fn new(domain: &'d mut D, budget: &'d mut Budget, start: D::State) -> Self {
        Self { domain, budget, now: Some(start), arriving: BTreeMap::new() }
    }

    /// Walks through statements, as far as they are reached and the budget lasts.
    pub fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            if self.now.is_none() || self.budget.is_spent() {
                return;
            }
            self.budget.spend(1);
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if let Some(now) = &self.now {
            self.domain.visit(stmt, now, self.budget);
        }
        match stmt {
            Stmt::If { condition, then, otherwise } => {
                self.branches(condition, &[(then, Some(true)), (otherwise, Some(false))]);
            }
            Stmt::Switch { index, targets } => {
                let targets: Vec<(&[Stmt], _)> = targets.iter().map(|target| (&target[..], None)).collect();
                self.branches(index, &targets);
            }
            Stmt::Block { label, body } => {
                self.arriving.insert(*label, None);
                self.body(body);
                let end = self.arriving.remove(label).flatten();
                join(&mut self.now, end.as_ref());
            }
            Stmt::Alone { body, .. } | Stmt::Critical { body, .. } => self.body(body),
            Stmt::Print(printing) => self.body(&printing.carried),
            Stmt::Loop { label, body } => D::a_loop(self, Loop { label: *label, body, condition: None }),
            Stmt::DoWhile { label, body, condition } => {
                D::a_loop(self, Loop { label: *label, body, condition: Some(condition) });
            }
            Stmt::Goto(label) => {
                let now = self.now.take();
                self.spend_copies(now.as_ref());
                if let Some(arriving) = self.arriving.get_mut(label) {
                    join(arriving, now.as_ref());
                }
            }
            Stmt::Return(_) | Stmt::Unreachable(_) => self.now = None,
            _ => self.now = self.now.take().and_then(|state| self.domain.assign(stmt, state, self.budget)),
        }
    }

    /// Statements of which some run, as a value says; each with whether that is not zero there, if so much is known.
    fn branches(&mut self, value: &Expr, branches: &[(&[Stmt], Option<bool>)]) {
        let Some(before) = self.now.take() else { return };
        let condition = self.domain.condition(value, &before, self.budget);
        let mut after = None;
        for (body, holds) in branches {
            self.budget.spend(before.cost());
            self.now = match holds {
                Some(holds) => self.domain.assume(before.clone(), &condition, *holds),
                None => Some(before.clone()),
            };
            self.body(body);
            join(&mut after, self.now.take().as_ref());
        }
        self.now = after;
    }

    fn spend_copies(&mut self, state: Option<&D::State>) {
        self.budget.spend(state.map_or(0, D::State::cost));
    }

    /// A loop's body, once. What is known behind it is what holds behind its body: that the condition did not hold is not assumed, as
    /// after a trap loops end in any case.
    pub fn round(&mut self, a_loop: Loop) -> Round<D> {
        self.arriving.insert(a_loop.label, None);
        self.body(a_loop.body);
        let by_goto = self.arriving.remove(&a_loop.label).flatten();
        let mut round = Round { by_goto, by_condition: None, condition: None };
        if let (Some(expr), Some(now)) = (a_loop.condition, &self.now) {
            let condition = self.domain.condition(expr, now, self.budget);
            round.by_condition = self.domain.assume(now.clone(), &condition, true);
            round.condition = Some(condition);
        }
        round
    }

    /// What arrives at the labels around so far, to be restored.
    pub fn arriving(&mut self) -> Arriving<D::State> {
        let arriving = self.arriving.clone();
        self.budget.spend(arriving.values().flatten().map(D::State::cost).sum());
        arriving
    }

    /// Forgets what has arrived at the labels around since then.
    pub fn restore(&mut self, arriving: &Arriving<D::State>) {
        self.arriving.clone_from(arriving);
    }
}
