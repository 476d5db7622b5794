//! Stack frames: variables where their addresses stay in the function, else the work-item's private memory.
//!
//! clang keeps in the shadow stack what has an address, such as the bounds that a worksharing loop asks the runtime for. In a
//! device's memory that costs more than the loop itself, so each piece of the frame that is accessed becomes a slot ([`make_slots`]). Arrays
//! that are indexed by variables, and what other functions are given the addresses of, cannot be slots. Then only what the runtime is
//! given are, and the rest is in memory ([`use_private_memory`]).
//!
//! Invariant: a lifted function without a frame in memory mentions no address of a place; each of its accesses to places is to a slot. No two
//! slots overlap; one that overlaps what is in memory has that only while the runtime is given it.

use super::role::Role;
use crate::Location;
use crate::ir::visit;
use crate::ir::{Expr, Field, Frame, Function, LoopBounds, Op, Operation, Place, Site, Slot, SlotInfo, Stmt, Ty, Var};
use crate::refusal::Reason;
use cranelift_entity::PrimaryMap;
use std::collections::{BTreeMap, BTreeSet};

/// Replaces accesses to places by slots. A combiner's private copies are slots, too, and become the fields of the accumulator
/// ([`Function::accumulated`]). It must be lifted before the microtask that reduces with it, whose slots for those fields are made here.
pub(super) fn make_slots(function: &mut Function, role: Role) -> Result<(), Reason> {
    let pieces = pieces(function)?;
    check(&pieces, role)?;
    if overlap(&pieces) {
        return Err(Reason::OverlappingFrame);
    }
    let (slots, numbers) = slots(&pieces);
    if role == Role::Combiner {
        function.accumulated = Fields::from([(function.index, accumulated(&pieces)?)]);
    }
    let fields = function.accumulated.clone();
    replace(&mut function.body, &Numbers { accessed: &numbers, given: &numbers }, &fields);
    function.slots = slots;
    Ok(())
}

/// What accumulators have, by the function that combines.
type Fields = BTreeMap<u32, Vec<Field>>;

/// Slots for pieces, and their numbers.
fn slots(pieces: &BTreeSet<SlotInfo>) -> (PrimaryMap<Slot, SlotInfo>, BTreeMap<SlotInfo, Slot>) {
    let slots: PrimaryMap<Slot, SlotInfo> = pieces.iter().copied().collect();
    let numbers = slots.iter().map(|(slot, piece)| (*piece, slot)).collect();
    (slots, numbers)
}

/// Keeps in slots what the runtime is given, and nothing else: whatever addresses mean is in private memory. Where an address of what the
/// runtime is given goes elsewhere, too, that is in memory, and in slots only while the runtime has it.
pub(super) fn use_private_memory(
    function: &mut Function,
    role: Role,
    reserve: u32,
    sites: &mut PrimaryMap<Site, Location>,
) -> Result<(), Reason> {
    let mut known = BTreeSet::new();
    visit::for_each_stmt(&function.body, &mut |stmt| known.extend(given(stmt, &function.accumulated)));
    check(&known, role)?;
    let lowest = lowest(function);
    let bottom = if reserve > 0 { Some(lowest) } else { None };
    let mut look = Look { known: &known, bottom: None, is_shared: false, lowest: bottom.unwrap_or(0), is_own: true };
    look.bottom = bottom.filter(|at| !is_reduced_at(function, *at));
    visit::for_each_stmt(&function.body, &mut |stmt| {
        visit::for_each_expr_of(stmt, &mut |expr| look.expression(expr));
    });
    let (is_shared, is_own) = (look.is_shared || overlap(&known), look.is_own);
    let size = function.frame.map_or(0, |frame| frame.size).max(look.lowest.unsigned_abs()).next_multiple_of(ALIGNMENT);
    if !is_own {
        return Err(Reason::EscapingFrame);
    }
    if reserve == 0 && grows(function, lowest) {
        return Err(Reason::VariableFrame);
    }
    let (slots, numbers) = slots(&known);
    let fields = function.accumulated.clone();
    if is_shared {
        let site = sites.push(Location { function: function.index, offset: 0 });
        surround(&mut function.body, &numbers, &fields, site);
        let none = BTreeMap::new();
        replace(&mut function.body, &Numbers { accessed: &none, given: &numbers }, &fields);
    } else {
        replace(&mut function.body, &Numbers { accessed: &numbers, given: &numbers }, &fields);
    }
    function.slots = slots;
    function.frame = Some(Frame { size, reserve, end: 0 });
    Ok(())
}

/// The lowest place of a function's frame that it mentions, or where its stack pointer is.
fn lowest(function: &Function) -> i32 {
    let mut lowest = 0i32.saturating_sub_unsigned(function.frame.map_or(0, |frame| frame.size));
    visit::for_each_part(&function.body, &mut |part| {
        if let Expr::Address(Place::Frame(at)) = part {
            lowest = lowest.min(*at);
        }
    });
    lowest
}

/// Whether something is computed that may be an address below the lowest place, as functions do that call no others for arrays of variable
/// length: they leave the stack pointer as it is.
fn grows(function: &Function, lowest: i32) -> bool {
    let mut bottoms: BTreeSet<Var> = BTreeSet::new();
    let is_bottom = |bottoms: &BTreeSet<Var>, expr: &Expr| match expr {
        Expr::Address(place) => *place == Place::Frame(lowest),
        Expr::Var(var) => bottoms.contains(var),
        _ => false,
    };
    loop {
        let before = bottoms.len();
        visit::for_each_stmt(&function.body, &mut |stmt| match stmt {
            Stmt::Set(var, value) if is_bottom(&bottoms, value) => drop(bottoms.insert(*var)),
            _ => {}
        });
        if bottoms.len() == before {
            break;
        }
    }
    let mut found = false;
    visit::for_each_part(&function.body, &mut |part| {
        if let Expr::Operation(operation) = part
            && operation.op == Op::I32Sub
        {
            found |= is_bottom(&bottoms, &operation.operands[0]) && !matches!(operation.operands[1], Expr::Const(..));
        }
    });
    found
}

/// A look at how places are used.
struct Look<'p> {
    /// What the runtime is given.
    known: &'p BTreeSet<SlotInfo>,
    /// Where the stack pointer is when the frame begins to grow, if it does, and its address is that of nothing else: of what the runtime
    /// is given, only private copies of reductions have addresses that go elsewhere.
    bottom: Option<i32>,
    /// Whether some of that is accessed in parts, or its address goes elsewhere.
    is_shared: bool,
    /// The lowest place of the frame.
    lowest: i32,
    /// Whether all places are the function's own.
    is_own: bool,
}

impl Look<'_> {
    fn expression(&mut self, expr: &Expr) {
        let Expr::Operation(operation) = expr else {
            match expr {
                Expr::Address(Place::Frame(at)) if Some(*at) == self.bottom => {}
                Expr::Address(place) => self.place(*place, 1),
                _ => {}
            }
            return;
        };
        let access = match (operation.operands.first(), operation.offset, operation.op.bytes()) {
            (Some(Expr::Address(place)), Some(offset), Some(bytes)) => Some((place.offset(offset), bytes)),
            _ => None,
        };
        match access {
            Some((Some(place), bytes))
                if operation.slot().is_some_and(|_| self.known.contains(&SlotInfo { place, bytes })) => {}
            Some((Some(place), bytes)) => self.place(place, bytes as i32),
            Some((None, _)) => self.is_own = false,
            None => {}
        }
        let rest = &operation.operands[usize::from(access.is_some())..];
        rest.iter().for_each(|operand| self.expression(operand));
    }

    /// Bytes that are accessed, or the one that an address is of.
    fn place(&mut self, place: Place, bytes: i32) {
        match place {
            Place::Frame(at) => {
                self.lowest = self.lowest.min(at);
                // Above where the stack pointer was is the caller's frame; an address may be of the end of this one.
                self.is_own &= at <= 0;
            }
            Place::ThreadNumber(_, at) => self.is_own &= at == 0,
            Place::List(..) | Place::Private(..) => self.is_own = false,
            // The league's function sees to those.
            Place::Forker(_) => return,
        }
        let is_in = |piece: &SlotInfo| {
            let (begin, from) = (i64::from(place.distance()), i64::from(piece.place.distance()));
            piece.place.base() == place.base()
                && begin < from + i64::from(piece.bytes)
                && from < begin + i64::from(bytes)
        };
        self.is_shared |= self.known.iter().any(is_in);
    }
}

/// Whether a private copy of a reduction has the byte at a place of the frame.
fn is_reduced_at(function: &Function, at: i32) -> bool {
    let has = |piece: &SlotInfo| {
        let begin = i64::from(piece.place.distance());
        piece.place.base() == Place::Frame(0) && (begin..begin + i64::from(piece.bytes)).contains(&at.into())
    };
    let mut found = false;
    visit::for_each_stmt(&function.body, &mut |stmt| {
        let is_reduction = matches!(stmt, Stmt::Reduce { .. });
        found |= is_reduction && given(stmt, &function.accumulated).iter().any(has);
    });
    found
}

/// Fills the slots from memory before the runtime is given them, and writes them back after.
fn surround(body: &mut Vec<Stmt>, numbers: &BTreeMap<SlotInfo, Slot>, fields: &Fields, site: Site) {
    for mut stmt in std::mem::take(body) {
        visit::bodies_mut(&mut stmt).into_iter().for_each(|inner| surround(inner, numbers, fields, site));
        let given = given(&stmt, fields);
        let access = |op, operands| Expr::Operation(Operation::access(op, operands, site));
        for piece in &given {
            let [load, store] = whole(piece.bytes);
            let value = access(load, vec![Expr::Address(piece.place)]);
            body.push(Stmt::SetSlot { op: store, slot: numbers[piece], value });
        }
        body.push(stmt);
        for piece in &given {
            let [load, store] = whole(piece.bytes);
            body.push(Stmt::Do(access(store, vec![Expr::Address(piece.place), Expr::Slot(load, numbers[piece])])));
        }
    }
}

/// A load and a store of so many bytes.
fn whole(bytes: u32) -> [Op; 2] {
    match bytes {
        1 => [Op::I32Load8U, Op::I32Store8],
        2 => [Op::I32Load16U, Op::I32Store16],
        4 => [Op::I32Load, Op::I32Store],
        8 => [Op::I64Load, Op::I64Store],
        _ => [Op::V128Load, Op::V128Store],
    }
}

/// The pieces of memory that a call of the runtime is given.
fn given(stmt: &Stmt, fields: &Fields) -> Vec<SlotInfo> {
    match stmt {
        Stmt::StaticInit(bounds) | Stmt::DispatchNext { chunk: bounds, .. } => bound_pieces(bounds).to_vec(),
        Stmt::Reduce { privates, combiner, .. } => {
            fields[combiner].iter().map(|field| reduced_piece(privates, *field)).collect()
        }
        _ => Vec::new(),
    }
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
        pieces.extend(given(stmt, &function.accumulated));
    });
    result.map(|()| pieces)
}

fn collect(expr: &Expr, pieces: &mut BTreeSet<SlotInfo>) -> Result<(), Reason> {
    match expr {
        Expr::Address(Place::Forker(_)) => Ok(()),
        Expr::Address(_) => Err(Reason::EscapingFrame),
        Expr::Operation(operation) => {
            let piece = operation.slot();
            pieces.extend(piece.filter(|piece| !matches!(piece.place, Place::Forker(_))));
            let rest = &operation.operands[usize::from(piece.is_some())..];
            rest.iter().try_for_each(|operand| collect(operand, pieces))
        }
        _ => Ok(()),
    }
}

/// Removes what stores addresses in words of the frame that nothing reads.
pub(super) fn remove_unread_addresses_from(function: &mut Function) {
    let read = visit::words_read(&function.body);
    let is_unread = |store: &Operation| {
        let words = store.frame_words();
        let is_address = store.op == Op::I32Store && matches!(store.operands[1], Expr::Address(_));
        let is_own = words.iter().all(|word| matches!(word, Place::Frame(_)) && !read.contains(word));
        is_address && is_own && !words.is_empty()
    };
    visit::retain(
        &mut function.body,
        &mut |stmt| !matches!(stmt, Stmt::Do(Expr::Operation(store)) if is_unread(store)),
    );
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

/// Whether pieces overlap.
fn overlap(pieces: &BTreeSet<SlotInfo>) -> bool {
    let end = |piece: &SlotInfo| i64::from(piece.place.distance()) + i64::from(piece.bytes);
    let mut last: Option<(Place, i64)> = None;
    pieces.iter().any(|piece| {
        let is_in = |(base, end)| base == piece.place.base() && i64::from(piece.place.distance()) < end;
        let overlaps = last.is_some_and(is_in);
        last = Some((piece.place.base(), end(piece)));
        overlaps
    })
}

/// Refuses pieces that are not the function's own.
fn check(pieces: &BTreeSet<SlotInfo>, role: Role) -> Result<(), Reason> {
    for SlotInfo { place, bytes } in pieces {
        let end = i64::from(place.distance()) + i64::from(*bytes);
        let is_own = match place {
            // Above where the stack pointer was is the caller's frame.
            Place::Frame(_) => end <= 0,
            Place::ThreadNumber(_, at) => role != Role::Combiner && *at >= 0,
            Place::List(..) | Place::Forker(_) => false,
            Place::Private(_, _, at) => *at >= 0,
        };
        if !is_own {
            return Err(Reason::EscapingFrame);
        }
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

/// The slots of pieces.
struct Numbers<'n> {
    /// For loads and stores of them.
    accessed: &'n BTreeMap<SlotInfo, Slot>,
    /// For what the runtime is given.
    given: &'n BTreeMap<SlotInfo, Slot>,
}

/// Puts slots in the place of accesses, and gives them to the runtime.
fn replace(body: &mut [Stmt], numbers: &Numbers, fields: &Fields) {
    replace_places(body, &|piece| numbers.accessed.get(&piece).copied());
    give(body, numbers, fields);
}

/// Puts slots in the place of accesses to pieces that have one.
pub(super) fn replace_places(body: &mut [Stmt], slot: &impl Fn(SlotInfo) -> Option<Slot>) {
    for stmt in body {
        visit::for_each_expr_of_mut(stmt, &mut |expr| replace_loads(expr, slot));
        match stmt {
            Stmt::Do(Expr::Operation(operation)) if !operation.op.is_load() => {
                if let Some(slot) = operation.slot().and_then(slot)
                    && let Some(value) = operation.operands.pop()
                {
                    *stmt = Stmt::SetSlot { op: operation.op, slot, value };
                }
            }
            _ => visit::bodies_mut(stmt).into_iter().for_each(|inner| replace_places(inner, slot)),
        }
    }
}

/// Has slots for thread numbers that are only accessed.
pub(super) fn use_slots_for_thread_numbers(function: &mut Function) {
    let is_number = |place: &Place| matches!(place, Place::ThreadNumber(..));
    let mut numbers = BTreeSet::new();
    visit::for_each_part(&function.body, &mut |part| {
        if let Expr::Operation(operation) = part {
            numbers.extend(operation.slot().filter(|piece| is_number(&piece.place)));
        }
    });
    if check(&numbers, Role::Microtask).is_ok() && !overlap(&numbers) {
        let slots: BTreeMap<SlotInfo, Slot> =
            numbers.into_iter().map(|piece| (piece, function.slots.push(piece))).collect();
        replace_places(&mut function.body, &|piece| slots.get(&piece).copied());
    }
}

/// Gives slots to the runtime.
fn give(body: &mut [Stmt], numbers: &Numbers, fields: &Fields) {
    for stmt in body {
        match stmt {
            Stmt::StaticInit(bounds) | Stmt::DispatchNext { chunk: bounds, .. } => {
                bounds.slots = Some(bound_pieces(bounds).map(|piece| numbers.given[&piece]));
            }
            Stmt::Reduce { privates, slots, combiner, .. } => {
                *slots = fields[combiner].iter().map(|field| numbers.given[&reduced_piece(privates, *field)]).collect();
            }
            _ => visit::bodies_mut(stmt).into_iter().for_each(|inner| give(inner, numbers, fields)),
        }
    }
}

fn replace_loads(expr: &mut Expr, slot: &impl Fn(SlotInfo) -> Option<Slot>) {
    let Expr::Operation(operation) = expr else {
        return;
    };
    if let Some(slot) = operation.slot().filter(|_| operation.op.is_load()).and_then(slot) {
        *expr = Expr::Slot(operation.op, slot);
        return;
    }
    operation.operands.iter_mut().for_each(|operand| replace_loads(operand, slot));
}

/// What the stack pointer is a multiple of, in bytes, when a function is called that has a frame.
pub(super) const ALIGNMENT: u32 = 64;

/// Whether a number rounds addresses down to a multiple that the stack pointer is of.
fn is_alignment(mask: i32) -> bool {
    mask < 0 && mask.unsigned_abs().is_power_of_two() && mask.unsigned_abs() <= ALIGNMENT
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
        // Frames are not where null pointers point.
        (Op::I32Eqz, [Expr::Address(Place::Frame(_))])
        | (Op::I32Eq, [Expr::Address(Place::Frame(_)), Expr::Const(_, 0)]) => Some(Expr::Const(Ty::I32, 0)),
        (Op::I32Ne, [Expr::Address(Place::Frame(_)), Expr::Const(_, 0)]) => Some(Expr::Const(Ty::I32, 1)),
        // The stack pointer is a multiple of `ALIGNMENT` when a function is called.
        (Op::I32And, [Expr::Address(place @ Place::Frame(at)), Expr::Const(_, mask)]) if is_alignment(by(*mask)) => {
            Some(Expr::Address(place.plus((at & by(*mask)).wrapping_sub(*at))))
        }
        (Op::I32Load, [Expr::Address(place)]) if role == Role::Combiner => {
            super::role::listed(place.offset(operation.offset?)?)
        }
        _ => None,
    }
}
