//! Finds how much a load's address changes: in which of the loops around it.
//!
//! Invariant: no level is too low. What cannot be followed changes in all loops around.

use super::{Kind, Step, Variable};
use std::collections::HashMap;
use walrus::ir::Instr;

/// A loop around the place that the search has come to. Places are indices of steps.
struct Around {
    begin: usize,
    end: usize,
    /// The lowest level of the addresses that are loaded from.
    lowest: usize,
}

/// The values at the place that the search has come to.
pub(super) struct Values {
    /// Where variables are set.
    sets: HashMap<Variable, Vec<usize>>,
    /// Where the loops end, by where they begin.
    ends: HashMap<usize, usize>,
    around: Vec<Around>,
    /// The levels of the topmost operands; those further down are not known.
    operands: Vec<usize>,
    /// The levels of variables that have been set, and in which piece of straight code.
    known: HashMap<Variable, (usize, usize)>,
    /// Number of the piece of straight code.
    piece: usize,
}

impl Values {
    pub(super) fn new(steps: &[Step]) -> Self {
        let (mut sets, mut ends, mut open) = (HashMap::<_, Vec<_>>::new(), HashMap::new(), Vec::new());
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Begin(_, kind) => open.push((at, *kind)),
                Step::End => {
                    if let Some((begin, Kind::Loop)) = open.pop() {
                        ends.insert(begin, at);
                    }
                }
                Step::Plain(instr) => {
                    if let Some(variable) = set(instr) {
                        sets.entry(variable).or_default().push(at);
                    }
                }
            }
        }
        Self { sets, ends, around: Vec::new(), operands: Vec::new(), known: HashMap::new(), piece: 0 }
    }

    /// Notes the beginning of a sequence.
    pub(super) fn begin(&mut self, at: usize, is_loop: bool) {
        self.operands.clear();
        if is_loop {
            let end = self.ends.get(&at).copied().unwrap_or(usize::MAX);
            self.around.push(Around { begin: at, end, lowest: usize::MAX });
            self.piece += 1;
        }
    }

    /// Notes the end of a sequence. Of a loop it returns where that has begun, and the lowest level of an address that is loaded from in it.
    pub(super) fn end(&mut self, is_loop: bool) -> Option<(usize, usize)> {
        self.operands.clear();
        self.piece += 1;
        if !is_loop {
            return None;
        }
        let Around { begin, lowest, .. } = self.around.pop()?;
        if let Some(outer) = self.around.last_mut() {
            outer.lowest = outer.lowest.min(lowest);
        }
        Some((begin, lowest))
    }

    /// Notes what an instruction does with operands and variables.
    pub(super) fn compute(&mut self, at: usize, instr: &Instr) {
        let level = match instr {
            Instr::Const(_) => 0,
            Instr::LocalGet(get) => self.level(at, Variable::Local(get.local)),
            Instr::GlobalGet(get) => self.level(at, Variable::Global(get.global)),
            Instr::LocalTee(_) | Instr::Unop(_) => self.pop(1),
            Instr::Binop(_) => self.pop(2),
            Instr::Select(_) => self.pop(3),
            Instr::Load(load) => {
                let address = self.pop(1);
                if let Some(innermost) = self.around.last_mut()
                    && !load.kind.atomic()
                {
                    innermost.lowest = innermost.lowest.min(address);
                }
                self.around.len()
            }
            Instr::LocalSet(_) | Instr::GlobalSet(_) => {
                let level = self.pop(1);
                return self.know(instr, level);
            }
            Instr::Store(_) => {
                self.pop(2);
                return;
            }
            Instr::Drop(_) | Instr::BrIf(_) => {
                self.pop(1);
                return;
            }
            _ => return self.operands.clear(),
        };
        self.know(instr, level);
        self.operands.push(level);
    }

    /// Takes operands away; the highest of their levels.
    fn pop(&mut self, count: usize) -> usize {
        let unknown = self.around.len();
        (0..count).map(|_| self.operands.pop().unwrap_or(unknown)).max().unwrap_or_default()
    }

    /// Notes the level of the variable that an instruction sets, if it does.
    fn know(&mut self, instr: &Instr, level: usize) {
        if let Some(variable) = set(instr) {
            self.known.insert(variable, (self.piece, level));
        }
    }

    /// The level of a variable: that of what it has just been set to, or how many of the loops around set it.
    fn level(&self, at: usize, variable: Variable) -> usize {
        if let Some(&(piece, level)) = self.known.get(&variable)
            && piece == self.piece
        {
            return level;
        }
        let Some(sets) = self.sets.get(&variable) else { return 0 };
        let next = sets.partition_point(|&set| set < at);
        let before =
            next.checked_sub(1).map_or(0, |last| self.around.partition_point(|around| around.begin < sets[last]));
        let after = sets.get(next).map_or(0, |&set| self.around.partition_point(|around| around.end > set));
        before.max(after)
    }
}

/// The variable that an instruction sets.
fn set(instr: &Instr) -> Option<Variable> {
    match instr {
        Instr::LocalSet(set) => Some(Variable::Local(set.local)),
        Instr::LocalTee(tee) => Some(Variable::Local(tee.local)),
        Instr::GlobalSet(set) => Some(Variable::Global(set.global)),
        _ => None,
    }
}
