//! Finds out where each local variable of a function is alive, and which ones can share a place.
//!
//! Invariant: on every path, between the instruction that sets a variable and one that reads that value, no instruction names another variable
//! of the same place. [`super`] has the argument.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use wasmparser::{Operator, OperatorsReader, Result};

/// Where a variable is alive. Positions are those of instructions in the module.
struct Life {
    /// The block of the first instruction that names it, and how many blocks that is in.
    block: usize,
    depth: usize,
    first: usize,
    last: usize,
    /// The last loop that has to be counted to its end.
    last_loop: Option<usize>,
    /// Whether it has to have a place of its own.
    is_alone: bool,
}

/// Places, and where that which was put there last has its end: the nearest end first.
type Shared = BinaryHeap<Reverse<(usize, usize)>>;

/// What is known about each variable of a function.
pub(super) struct Lives {
    lives: Vec<Option<Life>>,
    /// Variables in the order in which instructions name them first.
    order: Vec<usize>,
    /// Where each block ends. Both parts of an `if` are blocks.
    ends: Vec<usize>,
}

impl Lives {
    /// Reads a function with so many local variables; nothing if it names others, or if its blocks are of a kind that is not known here.
    pub fn of(mut operators: OperatorsReader<'_>, locals: usize) -> Result<Option<Self>> {
        let mut lives = Self { lives: Vec::new(), order: Vec::new(), ends: vec![usize::MAX] };
        lives.lives.resize_with(locals, || None);
        // Blocks around the current instruction, and which of those are loops, as places in `open`.
        let (mut open, mut loops) = (vec![0], Vec::new());
        while !operators.eof() {
            let at = operators.original_position();
            let operator = operators.read()?;
            match operator {
                Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } => lives.begin(&mut open),
                Operator::Loop { .. } => {
                    loops.push(open.len());
                    lives.begin(&mut open);
                }
                Operator::Else | Operator::End => {
                    let Some(block) = open.pop() else { return Ok(None) };
                    lives.ends[block] = at;
                    loops.pop_if(|depth| *depth == open.len());
                    if matches!(operator, Operator::Else) {
                        lives.begin(&mut open);
                    }
                }
                Operator::Try { .. } | Operator::Catch { .. } | Operator::CatchAll | Operator::Delegate { .. } => {
                    return Ok(None);
                }
                _ => {
                    let Some((local, sets)) = super::named(&operator) else { continue };
                    if local >= locals || open.is_empty() {
                        return Ok(None);
                    }
                    lives.name(local, sets, at, &open, &loops);
                }
            }
        }
        Ok(Some(lives))
    }

    fn begin(&mut self, open: &mut Vec<usize>) {
        open.push(self.ends.len());
        self.ends.push(usize::MAX);
    }

    /// Notes an instruction that names a variable.
    fn name(&mut self, local: usize, sets: bool, at: usize, open: &[usize], loops: &[usize]) {
        let depth = open.len() - 1;
        let Some(life) = &mut self.lives[local] else {
            let life = Life { block: open[depth], depth, first: at, last: at, last_loop: None, is_alone: !sets };
            self.lives[local] = Some(life);
            self.order.push(local);
            return;
        };
        life.last = at;
        life.is_alone |= open.get(life.depth) != Some(&life.block);
        // The outermost loop that is within the block of the first instruction, and hence has begun after that.
        if let Some(depth) = loops.get(loops.partition_point(|depth| *depth <= life.depth)) {
            life.last_loop = Some(open[*depth]);
        }
    }

    /// A place for each variable that has one; nothing names the others. Parameters always have one.
    pub fn places(&self, params: usize, types: &[&[u8]]) -> Vec<Option<usize>> {
        let mut places: Vec<Option<usize>> =
            (0..self.lives.len()).map(|local| (local < params).then_some(local)).collect();
        let mut count = params;
        // For each type, the places that variables of it share.
        let mut shared: HashMap<&[u8], Shared> = HashMap::new();
        for &local in self.order.iter().filter(|local| **local >= params) {
            let Some(life) = &self.lives[local] else { continue };
            let mut take_new = || {
                count += 1;
                count - 1
            };
            places[local] = Some(if life.is_alone {
                take_new()
            } else {
                let of_type = shared.entry(types[local - params]).or_default();
                let free = match of_type.peek() {
                    Some(Reverse((end, place))) if *end < life.first => Some(*place),
                    _ => None,
                };
                if free.is_some() {
                    of_type.pop();
                }
                let place = free.unwrap_or_else(take_new);
                let end = life.last_loop.map_or(life.last, |block| life.last.max(self.ends[block]));
                of_type.push(Reverse((end, place)));
                place
            });
        }
        places
    }
}
