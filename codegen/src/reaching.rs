//! Which definition of a local a `local.get` gets: the last one outside of all blocks, or one in a block, and which of those.
//!
//! LLVM uses a local for several variables, one after the other. Where one of them is an address in the frame, whose value is known, it
//! matters whether it is still that.

use crate::MAX_DEPTH;
use crate::refusal::Reason;
use std::collections::HashMap;
use wasmparser::{BinaryReaderError, FunctionBody, Operator};

/// What a `local.get` gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    /// What the last `local.set` outside of all blocks set.
    Outer,
    /// What a `local.set` in a block set: the one at this offset, or one of several.
    Inner(Option<usize>),
    /// One or the other, by the way that was taken.
    Either,
}

/// For each local, which definitions reach a point.
type Reaching = Vec<Definitions>;

#[derive(Clone, Copy, PartialEq)]
struct Definitions {
    /// Which kinds there are.
    kinds: u8,
    /// The offset of the one that there is, or one of the others.
    at: usize,
}

const OUTER: u8 = 1;
const INNER: u8 = 2;
/// What the function begins with, and several.
const BEGIN: usize = 0;
const SEVERAL: usize = usize::MAX;

/// Locals times blocks that are looked at, over all passes.
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
pub(crate) fn classify(body: &FunctionBody, locals: usize) -> Result<HashMap<usize, Got>, Reason> {
    let mut pass = Pass { loops: Vec::new(), got: HashMap::new(), changed: true, work: 0 };
    while std::mem::take(&mut pass.changed) {
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
    changed: bool,
    work: usize,
}

impl Pass {
    fn run(&mut self, body: &FunctionBody, locals: usize) -> Result<(), Reason> {
        let malformed = |error: BinaryReaderError| Reason::Module(format!("it is malformed: {error}"));
        let mut operators = body.get_operators_reader().map_err(malformed)?;
        // `None` where nothing is reached.
        let mut now = Some(vec![Definitions { kinds: OUTER, at: BEGIN }; locals]);
        let mut open = vec![Open { is_loop: None, end: None, otherwise: None }];
        let mut loops = 0;
        while !operators.eof() {
            let offset = operators.original_position();
            match operators.read().map_err(malformed)? {
                operator @ (Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. }) => {
                    self.work += locals;
                    if open.len() > MAX_DEPTH || self.work > MAX_WORK {
                        return Err(Reason::Depth);
                    }
                    let otherwise = if matches!(operator, Operator::If { .. }) { now.clone() } else { None };
                    let is_loop = matches!(operator, Operator::Loop { .. }).then_some(loops);
                    if is_loop.is_some() {
                        loops += 1;
                        if self.loops.len() < loops {
                            self.loops.push(None);
                        }
                        if let Some(back) = &self.loops[loops - 1] {
                            join(&mut now, Some(back));
                        }
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
                    self.branch(&mut open, relative_depth, now.as_ref());
                    now = None;
                }
                Operator::BrIf { relative_depth } => self.branch(&mut open, relative_depth, now.as_ref()),
                Operator::BrTable { targets } => {
                    for depth in targets.targets().chain([Ok(targets.default())]) {
                        self.work += locals;
                        self.branch(&mut open, depth.map_err(malformed)?, now.as_ref());
                    }
                    now = None;
                }
                Operator::Return | Operator::Unreachable => now = None,
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    if let Some(reaching) = now.as_mut().and_then(|now| now.get_mut(local_index as usize)) {
                        *reaching = Definitions { kinds: if open.len() == 1 { OUTER } else { INNER }, at: offset };
                    }
                }
                Operator::LocalGet { local_index } => {
                    let got = match now.as_ref().and_then(|now| now.get(local_index as usize)) {
                        Some(Definitions { kinds: INNER, at }) => Got::Inner(Some(*at).filter(|at| *at != SEVERAL)),
                        Some(Definitions { kinds: OUTER, .. }) | None => Got::Outer,
                        _ => Got::Either,
                    };
                    if got != Got::Outer {
                        self.got.insert(offset, got);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn branch(&mut self, open: &mut [Open], depth: u32, now: Option<&Reaching>) {
        let at = open.len().checked_sub(depth as usize + 1);
        let Some(control) = at.and_then(|at| open.get_mut(at)) else {
            return;
        };
        match control.is_loop {
            Some(number) => self.changed |= join(&mut self.loops[number], now),
            None => drop(join(&mut control.end, now)),
        }
    }
}

/// Adds what comes another way; whether that was news.
fn join(into: &mut Option<Reaching>, from: Option<&Reaching>) -> bool {
    match (into, from) {
        (_, None) => false,
        (Some(into), Some(from)) => {
            let mut news = false;
            for (into, from) in into.iter_mut().zip(from) {
                let before = *into;
                into.kinds |= from.kinds;
                into.at = if into.at == from.at { into.at } else { SEVERAL };
                news |= *into != before;
            }
            news
        }
        (into, Some(from)) => {
            *into = Some(from.clone());
            true
        }
    }
}
