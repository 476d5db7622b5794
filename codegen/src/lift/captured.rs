//! Variables of a team's serial code that its parallel regions only read are given to them by value: clang passes their addresses.
//!
//! Then they are slots, of which all is known that is known of variables, and nothing in private memory.
//!
//! Invariant: a word becomes a slot only if all that mentions the frame where it is says which word it means, but for addresses that go to a
//! microtask that is known to mean them ([`Given::places`]), so that no pointer that is computed can lead there.

use super::frame;
use super::program::{Given, Key, Program};
use crate::ir::visit;
use crate::ir::{Expr, Function, Operation, Place, Slot, SlotInfo, Stmt, Ty};
use std::collections::{BTreeMap, BTreeSet};

/// Passes by value what can be.
pub(super) fn pass_by_value(program: &mut Program) {
    let forkers: BTreeSet<Key> = program.given.values().map(|given| given.forker).collect();
    for forker in forkers {
        let is_its = |given: &Given| given.forker == forker;
        let is_forked = |key: &Key| key.1.is_microtask() && program.given.get(&key.0).is_some_and(is_its);
        let microtasks: Vec<Key> = program.functions.keys().copied().filter(is_forked).collect();
        if let Some(words) = Words::of(program, forker, &microtasks) {
            words.pass(program, forker, &microtasks);
        }
    }
}

/// How the words of a frame are used by the function whose frame it is, and by the microtasks that it forks.
#[derive(Default)]
struct Words {
    /// The pieces that they access as slots could be, and which microtasks do.
    pieces: BTreeMap<SlotInfo, BTreeSet<u32>>,
    /// What is changed by microtasks, or accessed as no slot can be: where that begins, and how many bytes.
    in_memory: BTreeSet<(i32, u32)>,
    /// Where addresses of the frame are kept: those are no use to anybody, unless they are read.
    addresses: BTreeSet<SlotInfo>,
}

impl Words {
    /// A look at all uses; `None` if an address of the frame goes elsewhere.
    fn of(program: &Program, forker: Key, microtasks: &[Key]) -> Option<Self> {
        let mut words = Self::default();
        words.look_at(program, &program.functions[&forker], None)?;
        for key in microtasks {
            words.look_at(program, &program.functions[key], Some(key.0))?;
        }
        let is_read = |kept: &SlotInfo| {
            let is_piece = words.pieces.keys().any(|piece| overlap(*piece, kept.place.distance(), kept.bytes));
            is_piece || words.in_memory.iter().any(|(begin, bytes)| overlap(*kept, *begin, *bytes))
        };
        (!words.addresses.iter().any(is_read)).then_some(words)
    }

    /// A look at a function: the forker, or a form of a microtask.
    fn look_at(&mut self, program: &Program, function: &Function, of: Option<u32>) -> Option<()> {
        let mut is_plain = true;
        visit::for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Fork { microtask, arguments, .. } = stmt {
                let places = program.given.get(microtask).map_or(&[][..], |given| &given.places);
                for (number, argument) in arguments.iter().enumerate() {
                    let is_known = places.get(number).is_some_and(Option::is_some);
                    is_plain &= is_known || self.expression(argument, of).is_some();
                }
            } else {
                visit::for_each_expr_of(stmt, &mut |expr| is_plain &= self.expression(expr, of).is_some());
            }
        });
        is_plain.then_some(())
    }

    fn expression(&mut self, expr: &Expr, of: Option<u32>) -> Option<()> {
        let is_microtask = of.is_some();
        let Expr::Operation(operation) = expr else {
            let is_of_frame = matches!(expr, Expr::Address(place) if at(*place, is_microtask).is_some());
            return (!is_of_frame).then_some(());
        };
        let address = match operation.operands.first() {
            Some(Expr::Address(place)) if at(*place, is_microtask).is_some() => *place,
            _ => return operation.operands.iter().try_for_each(|operand| self.expression(operand, of)),
        };
        let begin = at(address.offset(operation.offset?)?, is_microtask)?;
        let bytes = operation.op.bytes()?;
        match operation.slot() {
            Some(_) if is_microtask && !operation.op.is_load() => drop(self.in_memory.insert((begin, bytes))),
            Some(_) => {
                let piece = SlotInfo { place: Place::Frame(begin), bytes };
                if let Some(Expr::Address(kept)) = operation.operands.get(1)
                    && at(*kept, is_microtask).is_some()
                {
                    self.addresses.insert(piece);
                    return Some(());
                }
                self.pieces.entry(piece).or_default().extend(of);
            }
            None => drop(self.in_memory.insert((begin, bytes))),
        }
        operation.operands[1..].iter().try_for_each(|operand| self.expression(operand, of))
    }

    /// Makes slots of the pieces that can be, and removes what keeps addresses.
    fn pass(self, program: &mut Program, forker: Key, microtasks: &[Key]) {
        let Self { mut pieces, in_memory, addresses } = self;
        let all: Vec<SlotInfo> = pieces.keys().copied().collect();
        pieces.retain(|piece, _| {
            let is_in_memory = in_memory.iter().any(|(begin, bytes)| overlap(*piece, *begin, *bytes));
            !is_in_memory
                && !all.iter().any(|other| other != piece && overlap(*piece, other.place.distance(), other.bytes))
        });
        let Some(function) = program.functions.get_mut(&forker) else { return };
        let keeps = |store: &Operation| store.slot().is_some_and(|to| addresses.contains(&to));
        visit::retain(
            &mut function.body,
            &mut |stmt| !matches!(stmt, Stmt::Do(Expr::Operation(store)) if keeps(store)),
        );
        let slots: BTreeMap<SlotInfo, Slot> =
            pieces.keys().map(|piece| (*piece, function.slots.push(*piece))).collect();
        frame::replace_places(&mut function.body, &|piece| slots.get(&piece).copied());
        // What each microtask gets: the pieces that it mentions.
        let of = |microtask: u32| pieces.iter().filter(move |(_, by)| by.contains(&microtask)).map(|(piece, _)| *piece);
        hand_over(&mut function.body, microtasks, &|microtask| of(microtask).map(|piece| slots[&piece]).collect());
        for key in microtasks {
            let Some(function) = program.functions.get_mut(key) else { continue };
            let slot = |piece: SlotInfo| {
                let place = Place::Forker(piece.place.distance());
                (piece, function.slots.push(SlotInfo { place, ..piece }))
            };
            let slots: BTreeMap<SlotInfo, Slot> = of(key.0).map(slot).collect();
            function.captured = slots.values().copied().collect();
            let of_forker = |piece: SlotInfo| {
                slots.get(&SlotInfo { place: Place::Frame(at(piece.place, true)?), ..piece }).copied()
            };
            frame::replace_places(&mut function.body, &of_forker);
        }
        drop_frame(program, forker, microtasks);
    }
}

/// Does without the frame of a function if nothing is in memory there: then no address of it means anything.
fn drop_frame(program: &mut Program, forker: Key, microtasks: &[Key]) {
    let is_used = microtasks.iter().any(|key| mentions(&program.functions[key], |place| at(place, true).is_some()));
    let Some(function) = program.functions.get_mut(&forker) else { return };
    if is_used || mentions(function, |place| at(place, false).is_some()) {
        return;
    }
    forget_arguments(&mut function.body);
    frame::use_slots_for_thread_numbers(function);
    if !mentions(function, |_| true) {
        function.frame = None;
    }
}

/// Whether a function has an address of a place, but for what it gives to the microtasks that it forks.
fn mentions(function: &Function, is_it: impl Fn(Place) -> bool) -> bool {
    let mut found = false;
    visit::for_each_stmt(&function.body, &mut |stmt| {
        if !matches!(stmt, Stmt::Fork { .. }) {
            visit::for_each_expr_of(stmt, &mut |expr| {
                found |= expr.any(&mut |part| matches!(part, Expr::Address(place) if is_it(*place)));
            });
        }
    });
    found
}

/// Gives microtasks no addresses of the frame.
fn forget_arguments(body: &mut [Stmt]) {
    for stmt in body {
        if let Stmt::Fork { arguments, .. } = stmt {
            for argument in arguments.iter_mut().filter(|argument| matches!(argument, Expr::Address(Place::Frame(_)))) {
                *argument = Expr::Const(Ty::I32, 0);
            }
        }
        visit::bodies_mut(stmt).into_iter().for_each(|inner| forget_arguments(inner));
    }
}

/// Where in the forker's frame a place is, for that function or for a microtask.
fn at(place: Place, is_microtask: bool) -> Option<i32> {
    match place {
        Place::Frame(at) if !is_microtask => Some(at),
        Place::Forker(at) if is_microtask => Some(at),
        _ => None,
    }
}

/// Whether a piece has some of so many bytes of the frame.
fn overlap(piece: SlotInfo, begin: i32, bytes: u32) -> bool {
    let (begin, from) = (i64::from(begin), i64::from(piece.place.distance()));
    begin < from + i64::from(piece.bytes) && from < begin + i64::from(bytes)
}

/// Has forks of microtasks give them the values of slots.
fn hand_over(body: &mut [Stmt], microtasks: &[Key], given: &impl Fn(u32) -> Vec<Slot>) {
    for stmt in body {
        if let Stmt::Fork { microtask, captured, .. } = stmt
            && microtasks.iter().any(|(index, _)| index == microtask)
        {
            *captured = given(*microtask);
        }
        visit::bodies_mut(stmt).into_iter().for_each(|inner| hand_over(inner, microtasks, given));
    }
}
