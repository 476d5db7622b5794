//! Nested parallel regions: a device has one active level, so their teams have one thread, the one that comes to them.
//!
//! Such a thread has worksharing loops and reductions for itself, and nobody to wait for. So the microtask that it forks is called as any function
//! is, with the addresses of two thread numbers; where the `if` clause of a parallel region leaves one thread, clang has it called already, or
//! puts it in the place of the call.
//!
//! Invariant: where the team is one thread, no statement is emitted that means another thread.

use super::{Lift, Role};
use crate::ir::{Expr, Op, Operation, Place, Stmt, Ty};
use crate::refusal::Reason;
use omp2wasi_abi::llvm::entry_point;

/// Where a loop's variables are that asks for its chunks, in the piece of the frame that they have: 64 bits each.
const FIRST: i32 = 0;
const LAST: i32 = 8;
const IS_LEFT: i32 = 16;
const BYTES: u32 = 24;

/// A loop whose schedule is not static: the one thread gets all of it, once.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    place: Place,
    ty: Ty,
}

/// What is done to a loop variable of a type: loads, stores, sums, differences, and `>=`.
struct Ops {
    load: Op,
    store: Op,
    add: Op,
    sub: Op,
    is_not_less: Op,
}

impl Ops {
    fn of(ty: Ty, signed: bool) -> Self {
        match ty {
            Ty::I64 => Self {
                load: Op::I64Load,
                store: Op::I64Store,
                add: Op::I64Add,
                sub: Op::I64Sub,
                is_not_less: if signed { Op::I64GeS } else { Op::I64GeU },
            },
            _ => Self {
                load: Op::I32Load,
                store: Op::I32Store,
                add: Op::I32Add,
                sub: Op::I32Sub,
                is_not_less: if signed { Op::I32GeS } else { Op::I32GeU },
            },
        }
    }
}

impl Lift<'_> {
    /// Whether what comes now is executed by a thread that is the only one of its team, in a nested parallel region.
    pub(super) fn is_serial(&self) -> bool {
        matches!(self.role, Role::Serial(_)) || self.serialized > 0 && !self.role.is_of_team()
    }

    /// Whether a call is one of the runtime's that means something else to such a thread; if so, it is translated.
    pub(super) fn serial_call(
        &mut self,
        (entry, ty, signed): (&str, Ty, bool),
        arguments: &[Expr],
    ) -> Result<bool, Reason> {
        match entry {
            entry_point::BARRIER
            | entry_point::END_SINGLE
            | entry_point::END_MASTER
            | entry_point::END_MASKED
            | entry_point::COPYPRIVATE
            | entry_point::END_REDUCE
            | entry_point::END_REDUCE_NOWAIT
            | entry_point::ORDERED
            | entry_point::END_ORDERED => {}
            entry_point::SINGLE
            | entry_point::MASTER
            | entry_point::REDUCE
            | entry_point::REDUCE_NOWAIT
            | "omp_get_num_threads" => self.constant(Ty::I32, 1),
            "omp_get_thread_num" => self.constant(Ty::I32, 0),
            entry_point::MASKED => {
                let filter = arguments.get(2).cloned().map_or(Expr::Const(Ty::I32, 0), |filter| self.settled(filter));
                self.stack.push(Expr::Operation(Operation::new(Op::I32Eqz, vec![filter])));
            }
            entry_point::FOR_STATIC_INIT => self.whole_loop(entry, arguments, ty, signed)?,
            entry_point::DISPATCH_INIT => self.begin_whole(entry, arguments, ty)?,
            entry_point::DISPATCH_NEXT => self.next_whole(entry, arguments, signed)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A loop with a static schedule has its bounds: the thread gets all iterations, and its stride leads behind them.
    fn whole_loop(&mut self, name: &str, arguments: &[Expr], ty: Ty, signed: bool) -> Result<(), Reason> {
        let [_, _, _, last, lower, upper, stride, Expr::Const(_, 1), _] = arguments else {
            return Err(Reason::Construct(name.to_owned(), "the loop's step is computed"));
        };
        let ops = Ops::of(ty, signed);
        let [first, bound] = [lower, upper].map(|at| self.loaded(ops.load, at));
        let is_last = Operation::new(ops.is_not_less, vec![bound.clone(), first.clone()]);
        self.stored(Op::I32Store, last, Expr::Operation(is_last));
        let distance = Expr::Operation(Operation::new(ops.sub, vec![bound, first]));
        let count = Operation::new(ops.add, vec![distance, Expr::Const(ty, 1)]);
        self.stored(ops.store, stride, Expr::Operation(count));
        Ok(())
    }

    /// A loop says which iterations there are.
    fn begin_whole(&mut self, name: &str, arguments: &[Expr], ty: Ty) -> Result<(), Reason> {
        let [_, _, _, lower, upper, Expr::Const(_, 1), _] = arguments else {
            return Err(Reason::Construct(name.to_owned(), "the loop's step is computed"));
        };
        let place = self.piece_of_frame(BYTES, 8)?;
        let store = Ops::of(ty, true).store;
        self.store_at(store, place.plus(FIRST), lower.clone());
        self.store_at(store, place.plus(LAST), upper.clone());
        self.store_at(Op::I32Store, place.plus(IS_LEFT), Expr::Const(Ty::I32, 1));
        self.whole = Some(Whole { place, ty });
        Ok(())
    }

    /// It asks for iterations: it gets all, if there are any, and then none.
    fn next_whole(&mut self, name: &str, arguments: &[Expr], signed: bool) -> Result<(), Reason> {
        let ([_, _, last, lower, upper, stride], Some(Whole { place, ty })) = (arguments, self.whole) else {
            return Err(Reason::Construct(name.to_owned(), "it is not LLVM's"));
        };
        let ops = Ops::of(ty, signed);
        let [first, bound] = [FIRST, LAST].map(|at| {
            let value = self.load_at(ops.load, place.plus(at));
            self.settled(value)
        });
        let is_left = self.load_at(Op::I32Load, place.plus(IS_LEFT));
        let has_any = Expr::Operation(Operation::new(ops.is_not_less, vec![bound.clone(), first.clone()]));
        let result = self.settled(Expr::Operation(Operation::new(Op::I32And, vec![is_left, has_any])));
        self.store_at(Op::I32Store, place.plus(IS_LEFT), Expr::Const(Ty::I32, 0));
        self.bodies.push(Vec::new());
        self.stored(ops.store, lower, first);
        self.stored(ops.store, upper, bound);
        self.stored(ops.store, stride, Expr::Const(ty, 1));
        self.stored(Op::I32Store, last, Expr::Const(Ty::I32, 1));
        let then = self.bodies.pop().unwrap_or_default();
        self.emit(Stmt::If { condition: result.clone(), then, otherwise: Vec::new() });
        self.stack.push(result);
        Ok(())
    }

    /// Calls a microtask, as what a function is that has words for it.
    pub(super) fn call_microtask(&mut self, microtask: u32, count: u32, words: Place) -> Result<(), Reason> {
        let numbers = self.piece_of_frame(8, 8)?;
        self.store_at(Op::I64Store, numbers, Expr::Const(Ty::I64, 0));
        let mut arguments = vec![Expr::Address(numbers), Expr::Address(numbers.plus(4))];
        arguments.extend((0..count as i32).map(|number| self.word(words.plus(4 * number))));
        self.add_callee(microtask);
        self.emit(Stmt::Call { function: microtask, arguments, results: Vec::new(), site: None });
        Ok(())
    }

    /// What is at an address, in a variable.
    fn loaded(&mut self, load: Op, at: &Expr) -> Expr {
        let site = self.site();
        self.settled(Expr::Operation(Operation::access(load, vec![at.clone()], site)))
    }

    /// Stores a value at an address.
    fn stored(&mut self, store: Op, at: &Expr, value: Expr) {
        let site = self.site();
        self.emit(Stmt::Do(Expr::Operation(Operation::access(store, vec![at.clone(), value], site))));
    }
}
