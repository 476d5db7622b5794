//! `taskloop` in target regions: its tasks are executed one after the other (see `tasks`).
//!
//! clang has one task allocated for the whole loop, with the bounds among its private variables, and has it divided. Each task of the
//! construct is a copy of that one with bounds of its own; a function of clang's, if the private variables need one, is given both. All copies are
//! in the same memory, one after the other. The loop's variable counts from the lower bound by ones, as clang normalises it.
//!
//! Invariant: clang's task is as clang has left it until the last copy has been executed.

use super::Lift;
use super::tasks::{ALIGNMENT, HEADER, Task};
use crate::ir::{Bits, Expr, Op, Operation, Place, Stmt, Ty, Var};
use crate::refusal::Reason;
use omp2wasi_abi::llvm::task_size;

/// How a loop is divided.
enum Division {
    /// Into one task: there is no clause.
    One,
    /// Into tasks of so many iterations at least, and less than twice as many; exactly so many, but for the last one, if it is strict.
    GrainSize { size: Expr, is_strict: bool },
    /// Into so many tasks.
    Count(Expr),
}

/// What the runtime is told of a loop.
struct Taskloop {
    /// Which thread it is on.
    thread: Expr,
    place: Place,
    task: Task,
    /// Where the task has the first and the last iteration, from its begin.
    lower: i32,
    upper: i32,
    division: Division,
    /// The function that is given a copy, the original, and whether it has the last iteration.
    duplicate: Option<u32>,
}

/// Variables of a loop that is divided: how many tasks there are, and their sizes: the first `larger` have one iteration more.
struct Sizes {
    count: Var,
    size: Var,
    larger: Var,
}

impl Lift<'_> {
    /// A taskloop: its tasks are executed.
    pub(super) fn taskloop(&mut self, name: &str, arguments: &[Expr]) -> Result<(), Reason> {
        let taskloop = self.look_at_taskloop(name, arguments)?;
        let Taskloop { place, task, lower, upper, .. } = taskloop;
        let [lower, upper] = [lower, upper].map(|at| self.load_at(Op::I64Load, place.plus(at)));
        let lower = self.settled(lower);
        let trip = plus(operation(Op::I64Sub, [upper, lower.clone()]), 1);
        let trip = self.settled(trip);
        self.bodies.push(Vec::new());
        match (&taskloop.division, taskloop.duplicate) {
            (Division::One, None) => self.execute(task, &taskloop.thread, place),
            _ => self.execute_tasks(&taskloop, lower, trip.clone())?,
        }
        let then = self.bodies.pop().unwrap_or_default();
        let condition = operation(Op::I64Ne, [trip, long(0)]);
        self.emit(Stmt::If { condition, then, otherwise: Vec::new() });
        Ok(())
    }

    fn look_at_taskloop(&mut self, name: &str, arguments: &[Expr]) -> Result<Taskloop, Reason> {
        let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
        let [_, thread, _, _, lower, upper, step, _, kind, size, others @ ..] = arguments else {
            return refuse("it is not LLVM's");
        };
        let (strict, duplicate) = match others {
            [duplicate] => (&Expr::Const(Ty::I32, 0), duplicate),
            [strict, duplicate] => (strict, duplicate),
            _ => return refuse("it is not LLVM's"),
        };
        let (place, task) = self.task(name, arguments)?;
        let distance = |bound: &Expr| match bound {
            Expr::Address(at) if at.base() == place.base() => {
                let distance = at.distance().checked_sub(place.distance())?;
                (0..=task.bytes as i32 - 8).contains(&distance).then_some(distance)
            }
            _ => None,
        };
        let (Some(lower), Some(upper)) = (distance(lower), distance(upper)) else {
            return refuse("the loop's bounds are not in the task");
        };
        let known = |value: &Expr| self.known_constant(value);
        let (Some(1), Some(kind), Some(strict)) = (known(step), known(kind), known(strict)) else {
            return refuse("the loop's step or the kind of its clauses is computed");
        };
        let duplicate = match duplicate {
            Expr::Const(_, 0) => None,
            Expr::Const(_, number) => Some(self.module.function_at(*number as u32).ok_or(Reason::IndirectCall(None))?),
            _ => return refuse("the task's function for copies is computed"),
        };
        let is_duplicate = |function| {
            self.module
                .signature(function)
                .is_some_and(|signature| signature.params == [Ty::I32; 3] && signature.results.is_empty())
        };
        if !duplicate.is_none_or(is_duplicate) {
            return refuse("it is not LLVM's");
        }
        let size = size.clone();
        let division = match kind as u32 {
            task_size::DEFAULT => Division::One,
            task_size::GRAINSIZE => Division::GrainSize { size, is_strict: strict != 0 },
            task_size::NUM_TASKS => Division::Count(size),
            _ => return refuse("a clause of another kind"),
        };
        let thread = self.settled(thread.clone());
        Ok(Taskloop { thread, place, task, lower, upper, division, duplicate })
    }

    /// Executes copies of the task for parts of the loop, which has iterations.
    fn execute_tasks(&mut self, taskloop: &Taskloop, lower: Expr, trip: Expr) -> Result<(), Reason> {
        let Taskloop { place, task, .. } = *taskloop;
        let copy = self.copied_task(place, task)?;
        let Sizes { count, size, larger } = self.sizes(&taskloop.division, &trip);
        let (number, begin) = (self.new_var(Ty::I64), self.new_var(Ty::I64));
        self.emit(Stmt::Set(number, long(0)));
        self.emit(Stmt::Set(begin, lower.clone()));
        self.bodies.push(Vec::new());
        self.copy_task(place, copy, task);
        let is_larger = operation(Op::I64ExtendI32U, [operation(Op::I64LtU, [Expr::Var(number), Expr::Var(larger)])]);
        let end = operation(Op::I64Add, [Expr::Var(begin), operation(Op::I64Add, [Expr::Var(size), is_larger])]);
        let end = self.settled(end);
        // A strict grain size may lead beyond the loop.
        let behind = self.settled(operation(Op::I64Add, [lower.clone(), trip]));
        let is_inside = operation(
            Op::I64LtU,
            [operation(Op::I64Sub, [end.clone(), lower.clone()]), operation(Op::I64Sub, [behind.clone(), lower])],
        );
        let bound = operation(Op::Select, [end.clone(), behind, is_inside]);
        self.store_at(Op::I64Store, copy.plus(taskloop.lower), Expr::Var(begin));
        self.store_at(Op::I64Store, copy.plus(taskloop.upper), plus(bound, -1));
        self.emit(Stmt::Set(begin, end));
        self.emit(Stmt::Set(number, plus(Expr::Var(number), 1)));
        if let Some(duplicate) = taskloop.duplicate {
            let is_last = self.settled(operation(Op::I64Eq, [Expr::Var(number), Expr::Var(count)]));
            self.add_callee(duplicate);
            let arguments = vec![Expr::Address(copy), Expr::Address(place), is_last];
            self.emit(Stmt::Call { function: duplicate, arguments, results: Vec::new(), site: None });
        }
        self.execute(task, &taskloop.thread, copy);
        let body = self.bodies.pop().unwrap_or_default();
        let label = self.new_label();
        let condition = operation(Op::I64Ne, [Expr::Var(number), Expr::Var(count)]);
        self.emit(Stmt::DoWhile { label, body, condition });
        Ok(())
    }

    /// How a loop of `trip` iterations is divided. What the program asks for is at least 1.
    fn sizes(&mut self, division: &Division, trip: &Expr) -> Sizes {
        let [count, size, larger] = [(); 3].map(|()| self.new_var(Ty::I64));
        let at_least_1 = |value: Expr| {
            let is_zero = operation(Op::I64Eqz, [value.clone()]);
            operation(Op::Select, [long(1), value, is_zero])
        };
        match division {
            Division::One => {
                self.emit(Stmt::Set(count, long(1)));
            }
            Division::GrainSize { size: grain, is_strict: true } => {
                let grain = self.settled(at_least_1(grain.clone()));
                let whole = self.quotient(Op::I64DivU, plus(trip.clone(), -1), grain.clone());
                self.emit(Stmt::Set(count, plus(whole, 1)));
                self.emit(Stmt::Set(size, grain));
                self.emit(Stmt::Set(larger, long(0)));
                return Sizes { count, size, larger };
            }
            Division::GrainSize { size: grain, is_strict: false } => {
                let grain = self.settled(at_least_1(grain.clone()));
                let whole = self.quotient(Op::I64DivU, trip.clone(), grain);
                let whole = self.settled(whole);
                self.emit(Stmt::Set(count, at_least_1(whole)));
            }
            Division::Count(asked) => {
                let asked = self.settled(at_least_1(asked.clone()));
                let is_less = operation(Op::I64LtU, [asked.clone(), trip.clone()]);
                self.emit(Stmt::Set(count, operation(Op::Select, [asked, trip.clone(), is_less])));
            }
        }
        let parts = [(size, Op::I64DivU), (larger, Op::I64RemU)];
        for (var, op) in parts {
            let value = self.quotient(op, trip.clone(), Expr::Var(count));
            self.emit(Stmt::Set(var, value));
        }
        Sizes { count, size, larger }
    }

    /// Memory for a copy of a task, with what the original shares.
    fn copied_task(&mut self, place: Place, task: Task) -> Result<Place, Reason> {
        let header = if task.has_parts { HEADER } else { 0 };
        let copy = self.piece_of_frame(task.bytes.next_multiple_of(8) + header, ALIGNMENT)?.plus(header as i32);
        let between = place.distance() - copy.distance();
        self.tasks.add(copy, Task { shareds: task.shareds.map(|shareds| shareds + between), ..task });
        Ok(copy)
    }

    /// Copies a task, word by word: so it stays known what is in which word.
    fn copy_task(&mut self, from: Place, to: Place, task: Task) {
        for at in (0..task.bytes.next_multiple_of(4) as i32).step_by(4) {
            let word = self.load_at(Op::I32Load, from.plus(at));
            self.store_at(Op::I32Store, to.plus(at), word);
        }
    }

    /// A quotient or a remainder; the divisor is not zero.
    fn quotient(&mut self, op: Op, dividend: Expr, divisor: Expr) -> Expr {
        let mut quotient = Operation::new(op, vec![dividend, divisor]);
        quotient.site = Some(self.site());
        Expr::Operation(quotient)
    }
}

fn operation<const N: usize>(op: Op, operands: [Expr; N]) -> Expr {
    Expr::Operation(Operation::new(op, operands.into()))
}

/// A number of 64 bits.
fn long(number: i64) -> Expr {
    Expr::Const(Ty::I64, Bits::from(number as u64))
}

fn plus(value: Expr, number: i64) -> Expr {
    operation(Op::I64Add, [value, long(number)])
}
