//! Stack frames whose addresses stay in the function become variables.
//!
//! clang keeps in the shadow stack what has an address, such as the bounds that a work-sharing loop asks the runtime for. In a
//! device's memory that costs more than the loop itself, so each piece of the frame that is accessed becomes a variable.

use crate::instructions::Ty;
use crate::ir::{Expr, Field, Function, Iterations, Op, Stmt, for_each_expr, for_each_stmt};
use crate::openmp::{self, Role};
use crate::refusal::Reason;
use std::collections::BTreeMap;

/// A piece of the frame: from where the stack pointer was at the call, and how many bytes.
pub(crate) type Slot = (i64, u32);

/// The pieces of a function's frame, numbered.
pub(crate) type Slots = BTreeMap<Slot, usize>;

/// Finds the pieces.
pub(crate) fn slots(function: &Function, role: Role) -> Result<Slots, Reason> {
    let mut slots = Slots::new();
    let mut result = Ok(());
    for_each_expr(&function.body, &mut |expr| {
        if result.is_ok() {
            result = collect(expr, &mut slots);
        }
    });
    result?;
    for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::Iterations(iterations) | Stmt::NextChunk { chunk: iterations, .. } => {
            slots.extend(iteration_slots(iterations).map(|slot| (slot, 0)));
        }
        Stmt::Reduce { privates, .. } => {
            slots.extend(function.accumulated.iter().map(|field| (reduced_slot(privates, *field), 0)));
        }
        _ => {}
    });
    let mut end = i64::MIN;
    for (number, ((at, bytes), slot)) in slots.iter_mut().enumerate() {
        // Above where the stack pointer was is the caller's frame.
        let is_given =
            *at >= i64::from(openmp::THREAD_IDS[0]) && (role != Role::Combiner || openmp::private(*at).is_some());
        if at + i64::from(*bytes) > 0 && !is_given {
            return Err(Reason::EscapingFrame);
        }
        if *at < end {
            return Err(Reason::OverlappingFrame);
        }
        end = at + i64::from(*bytes);
        *slot = number;
    }
    Ok(slots)
}

/// What a combiner, whose pieces these are, combines.
pub(crate) fn accumulated(slots: &Slots) -> Result<Vec<Field>, Reason> {
    let mut fields: Vec<Field> = slots
        .keys()
        .filter_map(|(at, bytes)| openmp::private(*at).map(|(_, number, offset)| (number, offset, *bytes)))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    let overlap = fields.windows(2).any(|pair| pair[0].0 == pair[1].0 && pair[0].1 + pair[0].2 as i32 > pair[1].1);
    if overlap || fields.is_empty() { Err(Reason::OverlappingFrame) } else { Ok(fields) }
}

/// Where a microtask, whose private copies are there, has a part of an accumulator.
pub(crate) fn reduced_slot(privates: &[i32], (number, offset, bytes): Field) -> Slot {
    // A combiner of another list than this has parts that this has not: their place is no frame's.
    (privates.get(number).map_or(1, |at| i64::from(*at) + i64::from(offset)), bytes)
}

fn collect(expr: &Expr, slots: &mut Slots) -> Result<(), Reason> {
    match expr {
        Expr::Frame(_) => Err(Reason::EscapingFrame),
        Expr::Op(op) => {
            let rest = match slot(op) {
                Some(slot) => {
                    slots.insert(slot, 0);
                    &op.operands[1..]
                }
                None => &op.operands[..],
            };
            rest.iter().try_for_each(|operand| collect(operand, slots))
        }
        _ => Ok(()),
    }
}

/// What a work-sharing loop has in the frame: last, lower, upper, stride.
pub(crate) fn iteration_slots(iterations: &Iterations) -> [Slot; 4] {
    let bytes = if iterations.ty == Ty::I64 { 8 } else { 4 };
    let slot = |at: i32, bytes| (i64::from(at), bytes);
    [
        slot(iterations.last, 4),
        slot(iterations.lower, bytes),
        slot(iterations.upper, bytes),
        slot(iterations.stride, bytes),
    ]
}

/// The piece that an access is to, if it is to the frame and of a plain kind.
pub(crate) fn slot(op: &Op) -> Option<Slot> {
    let (Some(Expr::Frame(at)), Some(offset)) = (op.operands.first(), op.offset) else {
        return None;
    };
    let is_plain = (op.loads() || op.name.contains("_store"))
        && !["atomic", "lane", "splat", "zero", "x"].iter().any(|kind| op.name.contains(kind));
    is_plain.then_some((i64::from(*at) + i64::try_from(offset).ok()?, op.bytes()))
}
