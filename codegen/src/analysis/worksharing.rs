//! The worksharing loop of a microtask: its iterations, and how they can be assigned to virtual threads, as far as its code shows.

use super::prologue::{self, Upper};
use super::term::Term;
use crate::ir::visit::{self, for_each_part, for_each_stmt};
use crate::ir::{
    Binary, Chunk, Expr, Function, Kind, Label, LoopBounds, Memory, Op, Operation, Relation, Slot, Stmt, Ty, Var,
};
use crate::lift::Role;
use crate::lift::program::{Key, Program};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// What is known of a microtask's loop.
#[derive(Default)]
pub(crate) struct Worksharing {
    /// What iterations there are, if that follows from what the microtask is given.
    pub space: Option<IterationSpace>,
    /// Whether a virtual thread gets one iteration, where the device chooses.
    pub is_single: bool,
    /// Blocks that the loop asks for its iterations in: who leaves them before does not ask.
    pub around: Vec<Label>,
    /// By what iterations are divided, where loops were collapsed, as it stands in the text.
    pub divisor: Option<Expr>,
    /// The loop `do { ...; i += stride; } while (i <= upper)` that clang makes for chunks of one iteration. A virtual thread that has one
    /// iteration runs its body once.
    pub strided: Option<Label>,
}

/// The iteration space of a loop, in terms of the microtask's parameters.
pub(crate) struct IterationSpace {
    lower: Arc<Term>,
    upper: Arc<Term>,
    ty: Ty,
    signed: bool,
    /// The length of a row, where loops were collapsed.
    pub width: Option<Arc<Term>>,
    /// What keeps virtual threads from their iterations; `None` if that is not known.
    obstacles: Option<Vec<Arc<Term>>>,
    clamp: Upper,
}

/// The iterations that a space has for given arguments.
pub(crate) struct Iterations {
    pub count: u64,
    /// The length of a row, if the first iteration is 0.
    pub width: Option<u64>,
    /// Whether each virtual thread with an iteration does it, where there is one for each.
    pub are_all_done: bool,
}

impl Worksharing {
    /// Looks at a microtask.
    pub fn of(function: &Function) -> Self {
        let (mut bounds, mut around, mut is_repeated) = (None, Vec::new(), false);
        for_each_stmt(&function.body, &mut |stmt| match stmt {
            Stmt::StaticInit(found) => bounds = Some(found),
            Stmt::Block { label, body } if visit::asks_for_iterations(body) => around.push(*label),
            Stmt::Loop { body, .. } | Stmt::DoWhile { body, .. } => is_repeated |= visit::asks_for_iterations(body),
            _ => {}
        });
        let Some(bounds) = bounds.filter(|_| !is_repeated) else {
            return Self::default();
        };
        let is_single = !matches!(bounds.chunk, Chunk::Size(_) | Chunk::Many);
        let prologue = prologue::follow(function, bounds, &around);
        let (divisor, width) = prologue.divisor.filter(|_| is_single).unzip();
        let space = prologue.bounds.map(|[lower, upper]| IterationSpace {
            lower,
            upper,
            ty: bounds.ty,
            signed: bounds.signed,
            width,
            obstacles: prologue.obstacles.filter(|_| is_single),
            clamp: prologue.upper,
        });
        Self { space, is_single, around, divisor, strided: strided(function, bounds) }
    }
}

impl IterationSpace {
    /// Its iterations, for these arguments of the microtask.
    pub fn evaluate(&self, arguments: &[u32]) -> Option<Iterations> {
        let value = |term: &Arc<Term>| term.value(arguments);
        let extended = |value: u64| match (self.ty, self.signed) {
            (Ty::I64, true) => i128::from(value as i64),
            (Ty::I64, false) => i128::from(value),
            (_, true) => i128::from(value as u32 as i32),
            (_, false) => i128::from(value as u32),
        };
        let (lower, upper) = (value(&self.lower)?, extended(value(&self.upper)?));
        let count = u64::try_from((upper - extended(lower) + 1).max(0)).ok()?;
        let comes_to_it =
            self.obstacles.as_ref().is_some_and(|all| all.iter().all(|obstacle| value(obstacle) == Some(0)));
        let is_clamped = match &self.clamp {
            Upper::Kept => false,
            Upper::AtMost(most) => value(most).is_none_or(|most| extended(most) < upper),
            Upper::Unknown => true,
        };
        Some(Iterations {
            count,
            width: self.width.as_ref().filter(|_| lower == 0).and_then(value),
            are_all_done: comes_to_it && !is_clamped,
        })
    }
}

impl fmt::Display for Worksharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |labels: &[Label]| labels.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        writeln!(f, "one iteration for each virtual thread: {}", self.is_single)?;
        writeln!(f, "blocks around the loop: [{}]", list(&self.around))?;
        match self.strided {
            Some(label) => writeln!(f, "strided loop: {label}")?,
            None => writeln!(f, "strided loop: none")?,
        }
        let Some(space) = &self.space else {
            return writeln!(f, "iterations: not known");
        };
        let sign = if space.signed { "signed" } else { "unsigned" };
        writeln!(f, "iterations: from {} to {}, {sign}", space.lower, space.upper)?;
        if let Some(width) = &space.width {
            writeln!(f, "length of a row: {width}")?;
        }
        match &space.obstacles {
            Some(obstacles) => obstacles.iter().try_for_each(|obstacle| writeln!(f, "not done if: {obstacle}"))?,
            None => writeln!(f, "not done: perhaps")?,
        }
        match &space.clamp {
            Upper::Kept => writeln!(f, "upper bound: kept"),
            Upper::AtMost(most) => writeln!(f, "upper bound: at most {most}"),
            Upper::Unknown => writeln!(f, "upper bound: set to something"),
        }
    }
}

/// Whether a microtask changes memory outside of its loop: virtual threads are no threads, and there are more of them.
///
/// What follows a conditional jump to the end of a block counts as the loop's, up to that end: so does clang skip loops that have no
/// iteration. What is conditional may be for the last iteration only.
pub(crate) fn has_effects_beside(program: &Program, microtask: Key) -> bool {
    let changing = called(program, |function| {
        let mut changes = prints(function);
        for_each_part(&function.body, &mut |part| changes |= changes_memory(part));
        changes
    });
    let mut search = Beside { changing, is_after: false, skipped_to: None, found: false };
    let body = &program.functions[&microtask].body;
    search.body(body);
    search.found || has_section_beside(body, &called(program, prints))
}

/// The functions that a microtask calls of which something holds, or of what they call.
fn called(program: &Program, holds: impl Fn(&Function) -> bool) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    // Functions come before those that call them.
    for (index, role) in program.order.iter().filter(|(_, role)| matches!(role, Role::Called | Role::Serial(_))) {
        let function = &program.functions[&(*index, *role)];
        if function.callees.iter().any(|callee| found.contains(callee)) || holds(function) {
            found.insert(*index);
        }
    }
    found
}

/// Whether a function itself prints.
fn prints(function: &Function) -> bool {
    let mut found = false;
    for_each_stmt(&function.body, &mut |stmt| found |= matches!(stmt, Stmt::Print(_)));
    found
}

/// Whether there is a critical section outside of all loops, or something is printed there: each thread does that, and there are more
/// virtual threads.
fn has_section_beside(body: &[Stmt], printing: &BTreeSet<u32>) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::Critical { .. } | Stmt::Print(_) => true,
        Stmt::Loop { .. } | Stmt::DoWhile { .. } => false,
        _ if visit::reached(stmt).iter().any(|callee| printing.contains(callee)) => true,
        _ => visit::bodies(stmt).into_iter().any(|inner| has_section_beside(inner, printing)),
    })
}

struct Beside {
    /// Functions that change memory.
    changing: BTreeSet<u32>,
    /// Whether the loop has asked for its iterations.
    is_after: bool,
    skipped_to: Option<Label>,
    found: bool,
}

impl Beside {
    /// Whether a statement by itself changes memory.
    fn changes(&self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Do(expr) | Stmt::Set(_, expr) => changes_memory(expr),
            Stmt::Fork { .. } | Stmt::Print(_) => true,
            Stmt::Call { function, .. } => self.changing.contains(function),
            Stmt::CallIndirect { candidates, .. } => {
                candidates.iter().any(|(_, function)| self.changing.contains(function))
            }
            _ => false,
        }
    }

    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::StaticInit(_) | Stmt::DispatchInit(_) => self.is_after = true,
                Stmt::Do(_)
                | Stmt::Set(..)
                | Stmt::Call { .. }
                | Stmt::CallIndirect { .. }
                | Stmt::Fork { .. }
                | Stmt::Print(_) => {
                    self.found |= self.changes(stmt) && self.skipped_to.is_none();
                }
                Stmt::Block { label, body } => {
                    self.body(body);
                    self.skipped_to = self.skipped_to.filter(|to| to != label);
                }
                Stmt::If { .. } | Stmt::Loop { .. } | Stmt::DoWhile { .. } | Stmt::Switch { .. } => self.inside(stmt),
                _ => {}
            }
        }
    }

    /// What is conditional, or repeated.
    fn inside(&mut self, stmt: &Stmt) {
        let is_loop = matches!(stmt, Stmt::Loop { .. } | Stmt::DoWhile { .. });
        let (mut is_effect, mut own_labels) = (false, Vec::new());
        for_each_stmt(std::slice::from_ref(stmt), &mut |inner| match inner {
            // The outermost block around it that is left.
            Stmt::Goto(to) if !is_loop && !own_labels.contains(to) => {
                self.skipped_to = Some(self.skipped_to.map_or(*to, |known| known.min(*to)));
            }
            Stmt::Do(_)
            | Stmt::Set(..)
            | Stmt::Call { .. }
            | Stmt::CallIndirect { .. }
            | Stmt::Fork { .. }
            | Stmt::Print(_) => is_effect |= self.changes(inner),
            Stmt::StaticInit(_) | Stmt::DispatchInit(_) => self.is_after = true,
            Stmt::Block { label, .. } | Stmt::Loop { label, .. } | Stmt::DoWhile { label, .. } => {
                own_labels.push(*label)
            }
            _ => {}
        });
        self.found |= is_effect && !self.is_after;
    }
}

/// Whether an expression changes memory that is not the virtual thread's own.
fn changes_memory(expr: &Expr) -> bool {
    let is_own = |operation: &Operation| {
        let is_address = matches!(operation.operands.first(), Some(Expr::Address(_)));
        operation.memory == Memory::Private || (is_address && operation.memory != Memory::Team)
    };
    let is_change = |operation: &Operation| operation.op.is_effect() && !is_own(operation);
    expr.any(&mut |part| matches!(part, Expr::Operation(operation) if is_change(operation)))
}

/// Parameters whose values are parts of addresses, as they are: pointers, as far as anybody knows. Their numbers after the thread numbers.
pub(crate) fn pointers(program: &Program) -> Vec<usize> {
    let (mut pointers, mut seen, mut queue) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (key, function) in with_pointers(program) {
        for_each_part(&function.body, &mut |part| {
            if let Expr::Operation(operation) = part {
                queue.extend(operation.address().map(|address| (*key, address.clone())));
            }
        });
    }
    let mut known: BTreeMap<Key, BTreeMap<Var, Vec<Option<&Expr>>>> = BTreeMap::new();
    while let Some((key, expr)) = queue.pop() {
        let function = &program.functions[&key];
        match expr {
            Expr::Var(var) if seen.insert((key, Ok(var))) => {
                let of_function = known.entry(key).or_insert_with(|| all_definitions(function));
                let definitions = of_function.get(&var).cloned().unwrap_or_default();
                if let Some(number) = function.argument(var).filter(|_| definitions.is_empty()) {
                    match key == program.entry {
                        true => drop(pointers.insert(number)),
                        false => queue.extend(given(program, key, |arguments, _| arguments.get(number).cloned())),
                    }
                }
                queue.extend(definitions.into_iter().flatten().map(|value| (key, value.clone())));
            }
            Expr::Slot(op, slot) if seen.insert((key, Err(slot))) => {
                queue.extend(stored(&function.body, slot).into_iter().map(|value| (key, value.clone())));
                if let Some(number) = function.captured.iter().position(|captured| *captured == slot) {
                    let value = |_: &[Expr], captured: &[Slot]| captured.get(number).map(|of| Expr::Slot(op, *of));
                    queue.extend(given(program, key, value));
                }
            }
            Expr::Operation(operation) if matches!(operation.op, Op::I32Add | Op::I32Sub | Op::Select) => {
                queue.extend(operation.operands.into_iter().map(|operand| (key, operand)));
            }
            _ => {}
        }
    }
    pointers.into_iter().collect()
}

/// The functions whose pointers may come from the launch as they are: the entry, and the microtasks that a league's teams fork.
fn with_pointers(program: &Program) -> impl Iterator<Item = (&Key, &Function)> {
    let is_one = |(_, role): &Key| *role == program.entry.1 || (program.is_league() && *role == Role::Microtask);
    program.functions.iter().filter(move |(key, _)| is_one(key))
}

/// What the function that forks a microtask gives it, of its arguments and of the slots that it captures.
fn given(program: &Program, (microtask, _): Key, of: impl Fn(&[Expr], &[Slot]) -> Option<Expr>) -> Vec<(Key, Expr)> {
    let Some(forker) = program.given.get(&microtask).map(|given| given.forker) else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for_each_stmt(&program.functions[&forker].body, &mut |stmt| {
        if let Stmt::Fork { microtask: forked, arguments, captured, .. } = stmt
            && *forked == microtask
        {
            values.extend(of(arguments, captured).map(|value| (forker, value)));
        }
    });
    values
}

/// What pointers are multiples of, mostly: 8 if anything as long is accessed, else 4, in bytes; 1 if nothing is.
pub(crate) fn alignment(program: &Program) -> u32 {
    let mut longest = 1;
    for (_, function) in with_pointers(program) {
        for_each_part(&function.body, &mut |part| {
            if let Expr::Operation(operation) = part
                && operation.offset.is_some()
            {
                longest = longest.max(if matches!(operation.op.accessed(), Ty::I64 | Ty::F64) { 8 } else { 4 });
            }
        });
    }
    longest
}

/// What variables are set to; `None` for what is no expression, as the result of a call.
fn all_definitions(function: &Function) -> BTreeMap<Var, Vec<Option<&Expr>>> {
    let mut all: BTreeMap<Var, Vec<Option<&Expr>>> = BTreeMap::new();
    for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::Set(var, value) => all.entry(*var).or_default().push(Some(value)),
        _ => visit::for_each_set(stmt, &mut |var| all.entry(var).or_default().push(None)),
    });
    all
}

/// What a variable is set to, likewise.
fn definitions(function: &Function, var: Var) -> Vec<Option<&Expr>> {
    all_definitions(function).remove(&var).unwrap_or_default()
}

/// The loop that clang makes for chunks of one iteration: `do { ...; i += stride; } while (i <= upper);`.
fn strided(function: &Function, bounds: &LoopBounds) -> Option<Label> {
    let [_, _, upper, stride] = bounds.slots?;
    let is_load = |expr: &Expr, from: Slot| matches!(expr, Expr::Slot(_, slot) if *slot == from);
    let is_stride = |expr: &Expr| match expr {
        Expr::Var(var) => matches!(definitions(function, *var)[..], [Some(value)] if is_load(value, stride)),
        _ => is_load(expr, stride),
    };
    let stored = stored(&function.body, upper);
    let is_upper = |expr: &Expr| match (expr, &stored[..]) {
        (_, [_]) if is_load(expr, upper) => true,
        (Expr::Var(var), [bound]) => *bound == expr && definitions(function, *var).len() <= 1,
        _ => false,
    };
    let mut found = None;
    for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::DoWhile { label, body, condition: Expr::Operation(compare) } = stmt
            && let Some(Stmt::Set(var, Expr::Operation(add))) = body.last()
            && add.op.kind() == Kind::Binary(Binary::Add)
            && let [a, b] = &add.operands[..]
            && (is_stride(a) && *b == Expr::Var(*var) || is_stride(b) && *a == Expr::Var(*var))
            && matches!(compare.op.kind(), Kind::Compare(Relation::Le, _))
            && compare.operands[0] == Expr::Var(*var)
            && is_upper(&compare.operands[1])
            && self::stored(body, upper).is_empty()
        {
            found = Some(*label);
        }
    });
    found
}

/// What statements store in a slot.
fn stored(body: &[Stmt], upper: Slot) -> Vec<&Expr> {
    let mut values = Vec::new();
    for_each_stmt(body, &mut |stmt| match stmt {
        Stmt::SetSlot { slot, value, .. } | Stmt::ClampUpper { slot, value, .. } if *slot == upper => {
            values.push(value)
        }
        _ => {}
    });
    values
}

#[cfg(test)]
mod tests {
    use crate::testing::microtask;

    /// What is known of a loop from `first` to `last` over an array of `n`, whose code before the loop begins with `before`.
    fn iterations(before: &str, bound: &str, [first, last, n]: [i32; 3]) -> Option<crate::LaunchPlan> {
        let text = format!(
            r#"(module
                (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4
                    (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
                (memory 1)
                (global $__stack_pointer (mut i32) (i32.const 4096))
                (func (export "microtask") (param $gtid i32) (param $btid i32) (param $first i32) (param $last i32)
                                           (param $n i32) (param $at i32) (local $frame i32) (local $end i32)
                    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
                    (global.set $__stack_pointer (local.get $frame))
                    (block $all
                        {before}
                        (i32.store (local.get $frame) (i32.const 0))
                        (i32.store offset=4 (local.get $frame) (local.get $first))
                        (i32.store offset=8 (local.get $frame) (local.get $last))
                        (i32.store offset=12 (local.get $frame) (i32.const 1))
                        (call $__kmpc_for_static_init_4 (i32.const 0) (i32.load (local.get $gtid)) (i32.const 34) (local.get $frame)
                            (i32.add (local.get $frame) (i32.const 4)) (i32.add (local.get $frame) (i32.const 8))
                            (i32.add (local.get $frame) (i32.const 12)) (i32.const 1) (i32.const 1))
                        (local.set $end (i32.load offset=8 (local.get $frame)))
                        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                        (i32.store offset=8 (local.get $frame) {bound})
                        (local.set $end (i32.load offset=8 (local.get $frame)))
                        (local.set $first (i32.load offset=4 (local.get $frame)))
                        (loop $next
                            (i32.store (i32.add (local.get $at) (i32.shl (local.get $first) (i32.const 2))) (i32.const 1))
                            (local.set $first (i32.add (local.get $first) (i32.const 1)))
                            (br_if $next (i32.le_s (local.get $first) (local.get $end)))))
                    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 16)))))"#
        );
        let kernel = microtask(&text);
        kernel.plan(&[first as u32, last as u32, n as u32, 1024])
    }

    const LEAST: &str = "(select (local.get $end) (local.get $n) (i32.lt_s (local.get $end) (local.get $n)))";
    const GREATEST: &str = "(select (local.get $end) (local.get $n) (i32.gt_s (local.get $end) (local.get $n)))";
    const NONE_IF_EMPTY: &str = "(br_if $all (i32.lt_s (local.get $n) (i32.const 1)))";

    #[test]
    fn virtual_threads_are_sure_if_nothing_keeps_them_from_their_iterations() {
        let sure =
            |before, bound, parameters| iterations(before, bound, parameters).is_some_and(|known| known.has_one_each);
        assert_eq!(iterations("", LEAST, [0, 99, 100]).map(|known| known.iterations), Some(100));
        assert!(sure("", LEAST, [0, 99, 100]));
        assert!(sure(NONE_IF_EMPTY, LEAST, [-7, 99, 100]));
        assert!(!sure(NONE_IF_EMPTY, LEAST, [-9, -8, -7]), "the condition keeps them");
        assert!(!sure("", LEAST, [0, 99, 99]), "the last one is cut off");
        assert!(!sure("", GREATEST, [0, 99, 100]), "that is no minimum");
        let doubled = "(if (local.get $at) (then (local.set $n (i32.shl (local.get $n) (i32.const 1)))))";
        assert!(!sure(doubled, LEAST, [0, 99, 100]), "what n is depends on the way");
        let nested = "(if (local.get $at) (then (br_if $all (local.get $n))))";
        assert!(!sure(nested, LEAST, [0, 99, 100]), "who is kept is not known");
    }
}
