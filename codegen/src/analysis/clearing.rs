//! Which private memory has to be cleared before a kernel runs: what it may read before it has written it. The rest is never seen.
//!
//! Invariant: what is not known to be written is taken to be not.

use super::dataflow::{Budget, Domain, Loop, State, Walk};
use crate::ir::visit::{for_each_part, for_each_stmt};
use crate::ir::{Expr, Function, Kind, Memory, Operation, Stmt, Ty};
use crate::lift::Role;
use crate::lift::program::{Key, Program};
use std::collections::BTreeSet;
use std::ops::Range;

/// The budget for one kernel: 1 for each statement, and for each range in a copy of what is known.
const MAX_WORK: usize = 40_000;

/// The ranges of private memory that are to be cleared, in order: multiples of 16 bytes, by their offsets. Where frames grow is none of them:
/// that is cleared when it is accessed.
pub(crate) fn cleared(program: &Program) -> Vec<Range<u32>> {
    let growing = program.growing();
    let clipped = read_first(program).into_iter().map(|range| range.start.max(growing)..range.end);
    clipped.filter(|range| !range.is_empty()).collect()
}

/// The ranges that may be read before they are written.
fn read_first(program: &Program) -> Vec<Range<u32>> {
    let all = 0..program.private_memory;
    let is_microtask =
        |(index, role): &&Key| *index == program.entry.0 && matches!(role, Role::Microtask | Role::LastMicrotask);
    // In leagues, members read what others have begun.
    if !program.is_region() || program.is_league() {
        return if all.is_empty() { Vec::new() } else { vec![all] };
    }
    let reading = reading(program);
    let mut budget = Budget::new(MAX_WORK);
    let mut needed = Ranges::default();
    for key in program.order.iter().filter(is_microtask) {
        let function = &program.functions[key];
        let mut reads = Reads { function, reading: &reading, all: all.clone(), needed: std::mem::take(&mut needed) };
        Walk::new(&mut reads, &mut budget, Ranges::default()).body(&function.body);
        needed = reads.needed;
    }
    if budget.is_spent() {
        return vec![all];
    }
    let mut whole = Ranges::default();
    for range in needed.0 {
        whole.add(range.start / 16 * 16..range.end.next_multiple_of(16).min(all.end));
    }
    whole.0
}

/// Functions that read private memory, and those that call them.
fn reading(program: &Program) -> BTreeSet<u32> {
    let mut reading = BTreeSet::new();
    // Functions come before those that call them.
    for key in &program.order {
        let function = &program.functions[key];
        let mut reads = function.callees.iter().any(|callee| reading.contains(callee));
        for_each_part(&function.body, &mut |part| {
            reads |= matches!(part, Expr::Operation(operation) if may_read(operation));
        });
        for_each_stmt(&function.body, &mut |stmt| {
            reads |= matches!(stmt, Stmt::Reduce { .. } | Stmt::CallIndirect { .. } | Stmt::Fork { .. });
        });
        if reads {
            reading.insert(key.0);
        }
    }
    reading
}

/// Whether an operation may read private memory.
fn may_read(operation: &Operation) -> bool {
    let is_store = matches!(operation.op.kind(), Kind::Store(_) | Kind::VectorStore(_) | Kind::MemoryFill);
    matches!(operation.memory, Memory::Private | Memory::Either) && !is_store
}

/// Ranges, in order and apart.
#[derive(Clone, Debug, Default, PartialEq)]
struct Ranges(Vec<Range<u32>>);

impl Ranges {
    fn add(&mut self, range: Range<u32>) {
        if range.is_empty() {
            return;
        }
        let first = self.0.partition_point(|known| known.end < range.start);
        let behind = self.0.partition_point(|known| known.start <= range.end);
        let start = self.0.get(first).map_or(range.start, |known| known.start.min(range.start));
        let end =
            behind.checked_sub(1).and_then(|last| self.0.get(last)).map_or(range.end, |known| known.end.max(range.end));
        self.0.splice(first..behind.max(first), std::iter::once(start..end));
    }

    /// What of a range is in none of these.
    fn missing(&self, range: &Range<u32>) -> Vec<Range<u32>> {
        let mut missing = Vec::new();
        let mut start = range.start;
        for known in self.0.iter().filter(|known| known.end > range.start && known.start < range.end) {
            if known.start > start {
                missing.push(start..known.start);
            }
            start = known.end;
        }
        if start < range.end {
            missing.push(start..range.end);
        }
        missing
    }
}

/// What has been written for certain.
impl State for Ranges {
    fn join(&mut self, other: &Self) -> bool {
        let mut both = Self::default();
        for a in &self.0 {
            for b in &other.0 {
                both.add(a.start.max(b.start)..a.end.min(b.end));
            }
        }
        *self = both;
        // Loops are walked once, so nobody asks.
        true
    }

    fn cost(&self) -> usize {
        self.0.len()
    }
}

/// Finds what a function reads that has not been written.
struct Reads<'p> {
    function: &'p Function,
    /// Functions whose calls may read anything.
    reading: &'p BTreeSet<u32>,
    /// All private memory.
    all: Range<u32>,
    needed: Ranges,
}

impl Reads<'_> {
    /// Where an access is, if that is a fixed place.
    fn place(&self, operation: &Operation) -> Option<Range<u32>> {
        let Some(Expr::Address(place)) = operation.operands.first() else { return None };
        let bytes = match (operation.op.kind(), &operation.operands[..]) {
            (Kind::MemoryFill, [_, _, Expr::Const(Ty::I32, bytes)]) => *bytes as u32,
            _ => operation.op.bytes()?,
        };
        let address = u64::from(self.function.address(*place)) + operation.offset.unwrap_or(0);
        let start = u32::try_from(address).ok()?.checked_sub(Function::PRIVATE_MEMORY)?;
        let range = start..start.checked_add(bytes)?;
        (range.end <= self.all.end).then_some(range)
    }

    fn read(&mut self, range: &Range<u32>, written: &Ranges) {
        written.missing(range).into_iter().for_each(|missing| self.needed.add(missing));
    }

    /// What an expression reads.
    fn look(&mut self, expr: &Expr, written: &Ranges, budget: &mut Budget) {
        expr.any(&mut |part| {
            if let Expr::Operation(operation) = part
                && may_read(operation)
            {
                budget.spend(1 + written.cost());
                let place = self.place(operation).filter(|_| operation.memory == Memory::Private);
                self.read(&place.unwrap_or(self.all.clone()), written);
            }
            false
        });
    }
}

impl Domain for Reads<'_> {
    type State = Ranges;
    type Condition = ();

    fn visit(&mut self, stmt: &Stmt, written: &Ranges, budget: &mut Budget) {
        if let Stmt::Return(values) = stmt {
            values.iter().for_each(|value| self.look(value, written, budget));
        }
    }

    fn assign(&mut self, stmt: &Stmt, mut written: Ranges, budget: &mut Budget) -> Option<Ranges> {
        let mut stores = Vec::new();
        for_each_part(std::slice::from_ref(stmt), &mut |part| {
            if let Expr::Operation(operation) = part {
                if may_read(operation) {
                    self.look(part, &written, budget);
                } else if operation.memory == Memory::Private {
                    stores.extend(self.place(operation));
                }
            }
        });
        let reads_all = match stmt {
            Stmt::Call { function, .. } => self.reading.contains(function),
            Stmt::Set(..)
            | Stmt::SetGlobal(..)
            | Stmt::SetSlot { .. }
            | Stmt::Do(_)
            | Stmt::CheckStack(..)
            | Stmt::StaticInit(_)
            | Stmt::ClampUpper { .. }
            | Stmt::DispatchInit(_)
            | Stmt::DispatchNext { .. } => false,
            _ => true,
        };
        if reads_all {
            self.read(&self.all.clone(), &written);
        }
        stores.into_iter().for_each(|store| written.add(store));
        Some(written)
    }

    fn condition(&mut self, condition: &Expr, written: &Ranges, budget: &mut Budget) {
        self.look(condition, written, budget);
    }

    /// What has been written stays so: in the first round the least has been.
    fn a_loop(walk: &mut Walk<Self>, a_loop: Loop) {
        walk.round(a_loop);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_meet_and_miss() {
        let mut ranges = Ranges::default();
        [8..12, 0..4, 20..24, 4..8, 30..30].into_iter().for_each(|range| ranges.add(range));
        assert_eq!(ranges.0, [0..12, 20..24]);
        assert_eq!(ranges.missing(&(0..30)), [12..20, 24..30]);
        assert_eq!(ranges.missing(&(4..12)), []);
        assert_eq!(ranges.missing(&(13..22)), std::iter::once(13..20).collect::<Vec<_>>());
        ranges.join(&Ranges(vec![2..13, 13..21]));
        assert_eq!(ranges.0, [2..12, 20..21]);
        ranges.add(14..20);
        assert_eq!(ranges.0, [2..12, 14..21]);
    }
}
