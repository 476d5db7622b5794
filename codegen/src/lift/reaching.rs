//! Which definition of a local a `local.get` gets: the last one outside of all blocks, or one in a block, and which of those.
//!
//! LLVM uses a local for several variables, one after the other. Where one of them is the address of a place, which is known, it
//! matters whether it is still that. This has to be known before there are statements, so it walks through the instructions; it knows of
//! a loop's start what came back to it in the walks before, until a walk finds nothing new.

use super::malformed;
use crate::MAX_DEPTH;
use crate::analysis::dataflow::{Budget, State, join};
use crate::refusal::Reason;
use std::collections::HashMap;
use wasmparser::{FunctionBody, Operator};

/// What a `local.get` gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Got {
    /// What the last `local.set` outside of all blocks set.
    Outer,
    /// What a `local.set` in a block set: the one at this offset, or one of several.
    Inner(Option<usize>),
    /// One or the other, depending on which code has run.
    Either,
}

/// For each local, which definitions reach a point.
#[derive(Clone, PartialEq)]
struct Reaching(Vec<Definitions>);

/// Some definitions of a local.
#[derive(Clone, Copy, PartialEq)]
struct Definitions {
    /// Whether one outside of all blocks is among them; what the function begins with is.
    has_outer: bool,
    /// Those in blocks.
    inner: Inner,
}

#[derive(Clone, Copy, PartialEq)]
enum Inner {
    None,
    /// The one at this offset.
    At(usize),
    Several,
}

impl State for Reaching {
    fn join(&mut self, other: &Self) -> bool {
        let mut has_news = false;
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            let inner = match (own.inner, other.inner) {
                (Inner::None, inner) | (inner, Inner::None) => inner,
                (one, two) if one == two => one,
                _ => Inner::Several,
            };
            let joined = Definitions { has_outer: own.has_outer | other.has_outer, inner };
            has_news |= *own != joined;
            *own = joined;
        }
        has_news
    }

    fn cost(&self) -> usize {
        self.0.len()
    }
}

/// Locals times blocks and branches that are looked at, over all walks.
const MAX_WORK: usize = 1 << 28;

/// A control instruction whose end has not come yet.
struct Open {
    /// The number of the loop, if it is one.
    is_loop: Option<usize>,
    /// What reaches the end by branches.
    end: Option<Reaching>,
    /// For an `if` without an `else` yet: what reaches that.
    otherwise: Option<Reaching>,
}

/// Classifies each `local.get` by its offset; those that are not here get the outer definition. `locals` counts parameters too.
pub(super) fn classify(body: &FunctionBody, locals: usize) -> Result<HashMap<usize, Got>, Reason> {
    let mut pass = Pass { loops: Vec::new(), got: HashMap::new(), has_news: true, budget: Budget::new(MAX_WORK) };
    while std::mem::take(&mut pass.has_news) {
        pass.got.clear();
        pass.run(body, locals)?;
    }
    Ok(pass.got)
}

/// One walk through a function; the next one knows what branches back to the starts of loops brought.
struct Pass {
    /// What reaches the start of each loop by branches.
    loops: Vec<Option<Reaching>>,
    got: HashMap<usize, Got>,
    has_news: bool,
    budget: Budget,
}

impl Pass {
    fn run(&mut self, body: &FunctionBody, locals: usize) -> Result<(), Reason> {
        let mut operators = body.get_operators_reader().map_err(malformed)?;
        // `None` where nothing is reached.
        let mut now = Some(Reaching(vec![Definitions { has_outer: true, inner: Inner::None }; locals]));
        let mut open = vec![Open { is_loop: None, end: None, otherwise: None }];
        let mut loops = 0;
        while !operators.eof() {
            let offset = operators.original_position();
            match operators.read().map_err(malformed)? {
                operator @ (Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. }) => {
                    self.budget.spend(locals);
                    if open.len() > MAX_DEPTH {
                        return Err(Reason::Depth);
                    }
                    let otherwise = if matches!(operator, Operator::If { .. }) { now.clone() } else { None };
                    let is_loop = matches!(operator, Operator::Loop { .. }).then_some(loops);
                    if is_loop.is_some() {
                        loops += 1;
                        if self.loops.len() < loops {
                            self.loops.push(None);
                        }
                        join(&mut now, self.loops[loops - 1].as_ref());
                    }
                    open.push(Open { is_loop, end: None, otherwise });
                }
                Operator::Else => {
                    if let Some(control) = open.last_mut() {
                        join(&mut control.end, now.as_ref());
                        now = control.otherwise.take();
                    }
                }
                Operator::End => {
                    if let Some(control) = open.pop() {
                        join(&mut now, control.end.as_ref());
                        join(&mut now, control.otherwise.as_ref());
                    }
                }
                Operator::Br { relative_depth } => {
                    self.branch(&mut open, relative_depth, now.take().as_ref());
                }
                Operator::BrIf { relative_depth } => self.branch(&mut open, relative_depth, now.as_ref()),
                Operator::BrTable { targets } => {
                    for depth in targets.targets().chain([Ok(targets.default())]) {
                        self.branch(&mut open, depth.map_err(malformed)?, now.as_ref());
                    }
                    now = None;
                }
                Operator::Return | Operator::Unreachable => now = None,
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    if let Some(reaching) = now.as_mut().and_then(|now| now.0.get_mut(local_index as usize)) {
                        *reaching = Definitions::at(offset, open.len() == 1);
                    }
                }
                Operator::LocalGet { local_index } => {
                    if let Some(reaching) = now.as_ref().and_then(|now| now.0.get(local_index as usize))
                        && reaching.got() != Got::Outer
                    {
                        self.got.insert(offset, reaching.got());
                    }
                }
                _ => {}
            }
            if self.budget.is_spent() {
                return Err(Reason::Size);
            }
        }
        Ok(())
    }

    fn branch(&mut self, open: &mut [Open], depth: u32, now: Option<&Reaching>) {
        let at = open.len().checked_sub(depth as usize + 1);
        let Some(control) = at.and_then(|at| open.get_mut(at)) else {
            return;
        };
        self.budget.spend(now.map_or(1, State::cost));
        match control.is_loop {
            Some(number) => self.has_news |= join(&mut self.loops[number], now),
            None => drop(join(&mut control.end, now)),
        }
    }
}

impl Definitions {
    fn at(offset: usize, is_outer: bool) -> Self {
        Self { has_outer: is_outer, inner: if is_outer { Inner::None } else { Inner::At(offset) } }
    }

    fn got(self) -> Got {
        match (self.has_outer, self.inner) {
            (_, Inner::None) => Got::Outer,
            (false, Inner::At(at)) => Got::Inner(Some(at)),
            (false, Inner::Several) => Got::Inner(None),
            (true, _) => Got::Either,
        }
    }
}
