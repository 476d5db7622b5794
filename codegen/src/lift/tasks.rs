//! Explicit tasks in target regions: who generates one executes it at once.
//!
//! OpenMP leaves it open when a task is executed (5.2, section 12.5), so each may be executed as if its `if` clause were false. Then siblings are
//! executed in the order in which they are generated, which fulfils all their dependences, and nothing is left that `taskwait` or the
//! end of a `taskgroup` could wait for.
//!
//! clang has a task allocated, fills it with the private variables and the addresses of what the task shares, and has it generated. So the task
//! is a piece of the frame of the function that does so, and the call that generates it is one of the task's code. In a loop each task is
//! where the one before was, which is complete by then.
//!
//! Invariant: a task's first word has the address of what it shares, from its allocation on.

use super::Lift;
use crate::ir::{Expr, Kind, Label, Op, Operation, Place, Stmt, Ty};
use crate::refusal::Reason;
use crate::wasm::module::Signature;
use omp2wasi_abi::llvm::{entry_point, task_flag};
use std::collections::BTreeMap;

/// Of what a task's address is a multiple.
pub(super) const ALIGNMENT: u32 = 16;

/// Where a task has the number of the part that is to be executed next (LLVM's `kmp.h`, `kmp_task_t`).
const PART_ID: i32 = 8;

/// Steps in which a task's flags are followed through the code that computes them: clang's takes some ten.
const MAX_STEPS: u32 = 200;
/// How many tasks one call may generate one of.
const MAX_SEVERAL: usize = 16;

/// Bytes before a task that may have several parts, and where among them is whether another part is to be executed.
pub(super) const HEADER: u32 = 16;
const NEXT_PART: i32 = -8;

/// A task, for the function that is its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generated {
    /// Where the task is: in the frame of who generates it.
    pub place: Place,
    /// How far behind that is what it shares, if it shares anything.
    pub shareds: Option<i32>,
}

impl Generated {
    /// The parameter of a task's code that is the task's address.
    pub const PARAMETER: u32 = 1;

    /// The same, as the code that is called knows it.
    pub fn for_callee(self) -> Option<Self> {
        match self.place {
            Place::Frame(at) => Some(Self { place: Place::Forker(at), ..self }),
            _ => None,
        }
    }
}

/// A task that the function has had allocated.
#[derive(Clone, Copy)]
pub(super) struct Task {
    /// The function that is its code.
    pub code: u32,
    /// Bytes of clang's part, what it shares not included.
    pub bytes: u32,
    /// How far behind it that is, if it shares anything.
    pub shareds: Option<i32>,
    /// Whether it may be untied. Then its code has several parts: each has the next one generated as if it were a task, and ends.
    pub has_parts: bool,
}

/// The tasks that a function knows.
pub(super) struct Tasks {
    /// Those that it has had allocated, by where they are.
    allocated: BTreeMap<Place, Task>,
    /// The one whose code it is.
    own: Option<Generated>,
    /// Whether one of those may be final.
    may_be_final: bool,
}

impl Tasks {
    /// The function is the code of a task, if of any.
    pub fn new(own: Option<Generated>) -> Self {
        Self { allocated: BTreeMap::new(), own, may_be_final: false }
    }

    /// A task that has been allocated.
    pub fn add(&mut self, place: Place, task: Task) {
        self.allocated.insert(place, task);
    }

    /// Whether the function has code of a task that may be final.
    pub fn may_be_final(&self) -> bool {
        self.may_be_final
    }

    /// The functions that are the code of its tasks, and those.
    pub fn generated(&self) -> Vec<(u32, Generated)> {
        let generated =
            |(place, task): (&Place, &Task)| (task.code, Generated { place: *place, shareds: task.shareds });
        self.allocated.iter().map(generated).collect()
    }

    /// What a load gives, if that is the address of what a task shares.
    pub fn shareds(&self, load: &Operation) -> Option<Place> {
        let (Op::I32Load, [Expr::Address(at)], Some(offset)) = (load.op, &load.operands[..], load.offset) else {
            return None;
        };
        let at = at.offset(offset)?;
        let own = self.own.filter(|own| own.place == at).and_then(|own| own.shareds);
        let distance = own.or_else(|| self.allocated.get(&at).and_then(|task| task.shareds));
        distance.map(|distance| at.plus(distance))
    }
}

impl Lift<'_> {
    /// Whether a call is one of the runtime's about explicit tasks; if so, it is translated.
    pub(super) fn task_call(&mut self, name: &str, arguments: &[Expr], signature: &Signature) -> Result<bool, Reason> {
        match name {
            entry_point::TASK_ALLOC => self.allocate_task(name, arguments)?,
            entry_point::TASK | entry_point::TASK_WITH_DEPS => {
                if !self.next_part(arguments) {
                    self.generate(name, arguments)?;
                }
                self.constant(Ty::I32, 0);
            }
            entry_point::TASK_BEGIN_IF0 => {
                let (place, task) = self.task(name, arguments)?;
                if task.has_parts {
                    self.store_at(Op::I32Store, place.plus(NEXT_PART), Expr::Const(Ty::I32, 0));
                }
            }
            entry_point::TASK_COMPLETE_IF0 => {
                let (place, task) = self.task(name, arguments)?;
                if task.has_parts {
                    self.bodies.push(Vec::new());
                    self.execute(task, &arguments[1], place);
                    let then = self.bodies.pop().unwrap_or_default();
                    let condition = self.load_at(Op::I32Load, place.plus(NEXT_PART));
                    self.emit(Stmt::If { condition, then, otherwise: Vec::new() });
                }
            }
            entry_point::TASKLOOP | entry_point::TASKLOOP_5 => self.taskloop(name, arguments)?,
            // Who executes a task has generated it, so nobody else has a private copy: tasks reduce what the generating task has.
            entry_point::TASK_REDUCTION_GET => {
                let original = arguments.get(2).cloned();
                self.stack.push(original.ok_or_else(|| Reason::Construct(name.to_owned(), "it is not LLVM's"))?);
            }
            _ if name.starts_with(entry_point::TASK_REDUCTION) || name.starts_with(entry_point::TASKRED) => {
                self.stack.extend(signature.results.iter().map(|ty| Expr::Const(*ty, 0)));
            }
            // All that there is to wait for has been executed; hints are no use to one thread.
            entry_point::TASK_AFFINITY
            | entry_point::TASKWAIT
            | entry_point::TASKWAIT_DEPS
            | entry_point::WAIT_DEPS
            | entry_point::TASKYIELD
            | entry_point::TASKGROUP
            | entry_point::END_TASKGROUP => {
                self.stack.extend(signature.results.iter().map(|ty| Expr::Const(*ty, 0)));
            }
            entry_point::TASK_DETACH => {
                return Err(Reason::Construct(name.to_owned(), "a task that is complete when an event says so"));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A task's memory.
    fn allocate_task(&mut self, name: &str, arguments: &[Expr]) -> Result<(), Reason> {
        let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
        let [_, _, flags, Expr::Const(_, bytes), Expr::Const(_, shareds), code] = arguments else {
            return refuse("the task's size is computed");
        };
        let now = self.bodies.last().map_or(0, Vec::len);
        let has_parts = !self.has_bit(flags, task_flag::TIED, now, &mut { MAX_STEPS });
        let Some(flags) = self.possible_bits(flags, now, &mut { MAX_STEPS }) else {
            return refuse("the task's clauses are computed");
        };
        if flags & task_flag::DESTRUCTORS != 0 {
            return refuse("the task has private variables with destructors");
        }
        if flags & (task_flag::DETACHABLE | task_flag::PROXY) != 0 {
            return refuse("a task that is complete when an event says so");
        }
        self.tasks.may_be_final |= flags & task_flag::FINAL != 0;
        let mut codes = Vec::new();
        if !self.possible_constants(code, now, &mut { MAX_STEPS }, &mut codes) {
            return refuse("the task's code is computed");
        }
        // One call for tasks of several branches, which differ in their code: each has a piece of its own.
        let code = self.settled(code.clone());
        let mut task = None;
        for known in codes {
            let place = self.new_task(known, [*bytes as u32, *shareds as u32], has_parts)?;
            let is_it = Operation::new(Op::I32Eq, vec![code.clone(), Expr::Const(Ty::I32, known.into())]);
            task = Some(match task {
                None => Expr::Address(place),
                Some(other) => {
                    let operands = vec![Expr::Address(place), other, Expr::Operation(is_it)];
                    Expr::Operation(Operation::new(Op::Select, operands))
                }
            });
        }
        self.stack.extend(task);
        Ok(())
    }

    /// Memory for a task whose code is at a table index, of so many bytes without and with what it shares.
    fn new_task(&mut self, code: u32, [bytes, shareds]: [u32; 2], has_parts: bool) -> Result<Place, Reason> {
        let code = self.module.function_at(code).ok_or(Reason::IndirectCall(None))?;
        if !self.module.signature(code).is_some_and(Signature::is_task) {
            return Err(Reason::Construct(entry_point::TASK_ALLOC.to_owned(), "it is not LLVM's"));
        }
        let aligned = bytes.checked_next_multiple_of(8).unwrap_or(u32::MAX);
        let header = if has_parts { HEADER } else { 0 };
        let place = self.piece_of_frame(aligned.saturating_add(shareds).saturating_add(header), ALIGNMENT)?;
        let place = place.plus(header as i32);
        let shareds = (shareds != 0).then_some(aligned as i32);
        self.tasks.add(place, Task { code, bytes, shareds, has_parts });
        let shared = shareds.map_or(Expr::Const(Ty::I32, 0), |distance| Expr::Address(place.plus(distance)));
        self.store_at(Op::I32Store, place, shared);
        self.store_at(Op::I32Store, place.plus(PART_ID), Expr::Const(Ty::I32, 0));
        Ok(place)
    }

    /// The task that a call is about, and where it is.
    pub(super) fn task(&self, name: &str, arguments: &[Expr]) -> Result<(Place, Task), Reason> {
        let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
        let Some(Expr::Address(place)) = arguments.get(2) else {
            return refuse("which task it generates is not known");
        };
        match self.tasks.allocated.get(place) {
            Some(task) => Ok((*place, *task)),
            None => refuse("which task it generates is not known"),
        }
    }

    /// A task is generated: the one that it is known to be, or one of several, where clang has made one of the calls in several branches.
    fn generate(&mut self, name: &str, arguments: &[Expr]) -> Result<(), Reason> {
        let several: Vec<(Place, Task)> = self.tasks.allocated.iter().map(|(place, task)| (*place, *task)).collect();
        match arguments.get(2) {
            Some(Expr::Var(_) | Expr::Operation(_)) if several.len() > MAX_SEVERAL => {
                Err(Reason::Construct(entry_point::TASK.to_owned(), "it is one of too many tasks"))
            }
            Some(at @ (Expr::Var(_) | Expr::Operation(_))) if several.len() > 1 => {
                let at = self.settled(at.clone());
                self.execute_one_of(&several, &arguments[1], &at);
                Ok(())
            }
            _ => {
                let (place, task) = self.task(name, arguments)?;
                self.execute(task, &arguments[1], place);
                Ok(())
            }
        }
    }

    /// Executes the task that is at an address.
    fn execute_one_of(&mut self, tasks: &[(Place, Task)], thread: &Expr, at: &Expr) {
        let Some(((place, task), others)) = tasks.split_first() else {
            let site = self.site();
            return self.emit(Stmt::Unreachable(site));
        };
        let condition = Expr::Operation(Operation::new(Op::I32Eq, vec![at.clone(), Expr::Address(*place)]));
        self.bodies.push(Vec::new());
        self.execute(*task, thread, *place);
        let then = self.bodies.pop().unwrap_or_default();
        self.bodies.push(Vec::new());
        self.execute_one_of(others, thread, at);
        let otherwise = self.bodies.pop().unwrap_or_default();
        self.emit(Stmt::If { condition, then, otherwise });
    }

    /// The code of an untied task has its next part executed after this one: whoever executes the task sees to it. A function that is a
    /// task's code and has none allocated can mean its own task alone.
    fn next_part(&mut self, arguments: &[Expr]) -> bool {
        let is_own = match arguments.get(2) {
            Some(Expr::Address(place)) => self.tasks.own.is_some_and(|own| own.place == *place),
            _ => {
                let signature = self.module.signature(self.function.index);
                self.tasks.allocated.is_empty() && signature.is_some_and(Signature::is_task)
            }
        };
        if let Some(task) = arguments.get(2).filter(|_| is_own) {
            let at = match task {
                Expr::Address(place) => Expr::Address(place.plus(NEXT_PART)),
                task => {
                    let distance = Expr::Const(Ty::I32, (NEXT_PART as u32).into());
                    Expr::Operation(Operation::new(Op::I32Add, vec![task.clone(), distance]))
                }
            };
            let site = self.site();
            let store = Operation::access(Op::I32Store, vec![at, Expr::Const(Ty::I32, 1)], site);
            self.emit(Stmt::Do(Expr::Operation(store)));
        }
        is_own
    }

    /// Executes a task's code, part by part.
    pub(super) fn execute(&mut self, task: Task, thread: &Expr, place: Place) {
        let thread = self.settled(thread.clone());
        self.add_callee(task.code);
        let results = vec![self.new_var(Ty::I32)];
        let call =
            Stmt::Call { function: task.code, arguments: vec![thread, Expr::Address(place)], results, site: None };
        if !task.has_parts {
            return self.emit(call);
        }
        self.bodies.push(Vec::new());
        self.store_at(Op::I32Store, place.plus(NEXT_PART), Expr::Const(Ty::I32, 0));
        self.emit(call);
        let body = self.bodies.pop().unwrap_or_default();
        let (label, condition) = (self.new_label(), self.load_at(Op::I32Load, place.plus(NEXT_PART)));
        self.emit(Stmt::DoWhile { label, body, condition });
    }

    /// Collects the constants that one is chosen of, before a statement of this block, as far as that can be seen in so many steps; false if it
    /// may be something else.
    fn possible_constants(&self, expr: &Expr, before: usize, steps: &mut u32, found: &mut Vec<u32>) -> bool {
        let Some(left) = steps.checked_sub(1) else { return false };
        *steps = left;
        match expr {
            Expr::Const(_, bits) => {
                let constant = *bits as u32;
                if !found.contains(&constant) {
                    found.push(constant);
                }
                true
            }
            Expr::Var(var) => {
                let set = self.last_set(*var, before);
                set.is_some_and(|(number, value)| self.possible_constants(value, number, steps, found))
            }
            Expr::Operation(choice) if choice.op == Op::Select => {
                let [first, second, ..] = &choice.operands[..] else { return false };
                self.possible_constants(first, before, steps, found)
                    && self.possible_constants(second, before, steps, found)
            }
            _ => false,
        }
    }

    /// The bits that may be set in an integer of 32 bits, before a statement of this block, as far as that can be seen in so many steps.
    fn possible_bits(&self, expr: &Expr, before: usize, steps: &mut u32) -> Option<u32> {
        *steps = steps.checked_sub(1)?;
        match expr {
            Expr::Const(_, bits) => Some(*bits as u32),
            Expr::Var(var) => {
                let (number, value) = self.last_set(*var, before)?;
                self.possible_bits(value, number, steps)
            }
            Expr::Operation(operation) => match (operation.op, &operation.operands[..]) {
                (Op::Select | Op::I32Or | Op::I32Xor, [first, second, ..]) => {
                    Some(self.possible_bits(first, before, steps)? | self.possible_bits(second, before, steps)?)
                }
                (Op::I32And, [first, second]) => {
                    let [first, second] =
                        [first, second].map(|bits| self.possible_bits(bits, before, steps).unwrap_or(u32::MAX));
                    Some(first & second)
                }
                (Op::I32Shl, [value, Expr::Const(_, by)]) => {
                    Some(self.possible_bits(value, before, steps)? << (*by as u32 % 32))
                }
                (op, _) => matches!(op.kind(), Kind::Compare(..) | Kind::Eqz).then_some(1),
            },
            _ => None,
        }
    }

    /// Whether a bit is certain to be set, as far as that can be seen in so many steps.
    fn has_bit(&self, expr: &Expr, bit: u32, before: usize, steps: &mut u32) -> bool {
        let Some(left) = steps.checked_sub(1) else { return false };
        *steps = left;
        match expr {
            Expr::Const(_, bits) => *bits as u32 & bit != 0,
            Expr::Var(var) => {
                self.last_set(*var, before).is_some_and(|(number, value)| self.has_bit(value, bit, number, steps))
            }
            Expr::Operation(operation) => match (operation.op, &operation.operands[..]) {
                (Op::Select | Op::I32And, [first, second, ..]) => {
                    self.has_bit(first, bit, before, steps) && self.has_bit(second, bit, before, steps)
                }
                (Op::I32Or, [first, second]) => {
                    self.has_bit(first, bit, before, steps) || self.has_bit(second, bit, before, steps)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Stores a value at a place.
    pub(super) fn store_at(&mut self, op: Op, place: Place, value: Expr) {
        let site = self.site();
        let store = Operation::access(op, vec![Expr::Address(place), value], site);
        self.emit(Stmt::Do(Expr::Operation(store)));
    }

    pub(super) fn load_at(&mut self, op: Op, place: Place) -> Expr {
        let site = self.site();
        Expr::Operation(Operation::access(op, vec![Expr::Address(place)], site))
    }

    pub(super) fn new_label(&mut self) -> Label {
        let label = Label::from_u32(self.labels);
        self.labels += 1;
        label
    }
}
