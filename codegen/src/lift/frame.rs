//! Stack frames whose addresses stay in the function become variables.
//!
//! clang keeps in the shadow stack what has an address, such as the bounds that a worksharing loop asks the runtime for. In a
//! device's memory that costs more than the loop itself, so each piece of the frame that is accessed becomes a slot.
//!
//! Invariant: a lifted function mentions no address of a place; each of its accesses to places is to a slot, and no two slots overlap.

use super::role::Role;
use crate::ir::visit;
use crate::ir::{Expr, Field, Function, LoopBounds, Operation, Place, Slot, SlotInfo, Stmt};
use crate::refusal::Reason;
use cranelift_entity::PrimaryMap;
use std::collections::{BTreeMap, BTreeSet};

/// Replaces accesses to places by slots. A combiner's private copies are slots, too, and become the fields of the accumulator
/// ([`Function::accumulated`]). It must be lifted before the microtask that reduces with it, whose slots for those fields are made here.
pub(super) fn make_slots(function: &mut Function, role: Role) -> Result<(), Reason> {
    let pieces = pieces(function)?;
    check(&pieces, role)?;
    let slots: PrimaryMap<Slot, SlotInfo> = pieces.iter().copied().collect();
    let numbers: BTreeMap<SlotInfo, Slot> = slots.iter().map(|(slot, piece)| (*piece, slot)).collect();
    if role == Role::Combiner {
        function.accumulated = accumulated(&pieces)?;
    }
    let fields = function.accumulated.clone();
    replace(&mut function.body, &numbers, &fields);
    function.slots = slots;
    Ok(())
}

/// The pieces of memory that a function accesses at places.
fn pieces(function: &Function) -> Result<BTreeSet<SlotInfo>, Reason> {
    let mut pieces = BTreeSet::new();
    let mut result = Ok(());
    visit::for_each_stmt(&function.body, &mut |stmt| {
        visit::for_each_expr_of(stmt, &mut |expr| {
            if result.is_ok() {
                result = collect(expr, &mut pieces);
            }
        });
        match stmt {
            Stmt::StaticInit(bounds) | Stmt::DispatchNext { chunk: bounds, .. } => pieces.extend(bound_pieces(bounds)),
            Stmt::Reduce { privates, .. } => {
                pieces.extend(function.accumulated.iter().map(|field| reduced_piece(privates, *field)));
            }
            _ => {}
        }
    });
    result.map(|()| pieces)
}

fn collect(expr: &Expr, pieces: &mut BTreeSet<SlotInfo>) -> Result<(), Reason> {
    match expr {
        Expr::Address(_) => Err(Reason::EscapingFrame),
        Expr::Operation(operation) => {
            let piece = operation.slot();
            pieces.extend(piece);
            let rest = &operation.operands[usize::from(piece.is_some())..];
            rest.iter().try_for_each(|operand| collect(operand, pieces))
        }
        _ => Ok(()),
    }
}

/// Where a worksharing loop has its bounds.
fn bound_pieces(bounds: &LoopBounds) -> [SlotInfo; 4] {
    let bytes = bounds.bytes();
    std::array::from_fn(|i| SlotInfo { place: bounds.places[i], bytes: bytes[i] })
}

/// Where a microtask, whose private copies are there, has a part of an accumulator.
fn reduced_piece(privates: &[Place], field: Field) -> SlotInfo {
    // A combiner of another list than this has parts that this has not: their place is no frame's.
    let place = privates.get(field.number as usize).map_or(Place::Frame(1), |place| place.plus(field.offset));
    SlotInfo { place, bytes: field.bytes }
}

/// Refuses pieces that are not the function's own, or that overlap.
fn check(pieces: &BTreeSet<SlotInfo>, role: Role) -> Result<(), Reason> {
    let mut last: Option<(Place, i64)> = None;
    for SlotInfo { place, bytes } in pieces {
        let end = i64::from(place.distance()) + i64::from(*bytes);
        let is_own = match place {
            // Above where the stack pointer was is the caller's frame.
            Place::Frame(_) => end <= 0,
            Place::ThreadNumber(_, at) => role != Role::Combiner && *at >= 0,
            Place::List(..) => false,
            Place::Private(_, _, at) => *at >= 0,
        };
        if !is_own {
            return Err(Reason::EscapingFrame);
        }
        if last.is_some_and(|(base, end)| base == place.base() && i64::from(place.distance()) < end) {
            return Err(Reason::OverlappingFrame);
        }
        last = Some((place.base(), end));
    }
    Ok(())
}

/// What a combiner, whose pieces these are, combines.
fn accumulated(pieces: &BTreeSet<SlotInfo>) -> Result<Vec<Field>, Reason> {
    let field = |piece: &SlotInfo| match piece.place {
        Place::Private(_, number, offset) => Some(Field { number, offset, bytes: piece.bytes }),
        _ => None,
    };
    let fields: BTreeSet<Field> = pieces.iter().filter_map(field).collect();
    let fields: Vec<Field> = fields.into_iter().collect();
    let overlap = fields.windows(2).any(|pair| {
        pair[0].number == pair[1].number
            && i64::from(pair[0].offset) + i64::from(pair[0].bytes) > i64::from(pair[1].offset)
    });
    if overlap || fields.is_empty() { Err(Reason::OverlappingFrame) } else { Ok(fields) }
}

/// Puts slots in the place of accesses.
fn replace(body: &mut [Stmt], numbers: &BTreeMap<SlotInfo, Slot>, fields: &[Field]) {
    for stmt in body {
        visit::for_each_expr_of_mut(stmt, &mut |expr| replace_loads(expr, numbers));
        match stmt {
            Stmt::Do(Expr::Operation(operation)) if !operation.op.is_load() => {
                if let Some(slot) = operation.slot().and_then(|piece| numbers.get(&piece))
                    && let Some(value) = operation.operands.pop()
                {
                    *stmt = Stmt::SetSlot { op: operation.op, slot: *slot, value };
                }
            }
            Stmt::StaticInit(bounds) | Stmt::DispatchNext { chunk: bounds, .. } => {
                bounds.slots = Some(bound_pieces(bounds).map(|piece| numbers[&piece]));
            }
            Stmt::Reduce { privates, slots, .. } => {
                *slots = fields.iter().map(|field| numbers[&reduced_piece(privates, *field)]).collect();
            }
            _ => visit::bodies_mut(stmt).into_iter().for_each(|inner| replace(inner, numbers, fields)),
        }
    }
}

fn replace_loads(expr: &mut Expr, numbers: &BTreeMap<SlotInfo, Slot>) {
    let Expr::Operation(operation) = expr else {
        return;
    };
    let slot = operation.slot().filter(|_| operation.op.is_load()).and_then(|piece| numbers.get(&piece));
    if let Some(slot) = slot {
        *expr = Expr::Slot(operation.op, *slot);
        return;
    }
    operation.operands.iter_mut().for_each(|operand| replace_loads(operand, numbers));
}

/// An operation whose operands are addresses of places or constants, if what it gives follows from that: an address further on, or what
/// a combiner's list has there.
pub(super) fn fold(operation: &Operation, role: Role) -> Option<Expr> {
    use crate::ir::Op;
    let by = |bits: u128| bits as u32 as i32;
    match (operation.op, &operation.operands[..]) {
        (Op::I32Add, [Expr::Address(place), Expr::Const(_, bits)] | [Expr::Const(_, bits), Expr::Address(place)]) => {
            Some(Expr::Address(place.plus(by(*bits))))
        }
        (Op::I32Sub, [Expr::Address(place), Expr::Const(_, bits)]) => {
            Some(Expr::Address(place.plus(by(*bits).wrapping_neg())))
        }
        (Op::I32Load, [Expr::Address(place)]) if role == Role::Combiner => {
            super::role::listed(place.offset(operation.offset?)?)
        }
        _ => None,
    }
}
