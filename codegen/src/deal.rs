//! How a region's iterations can be dealt to virtual threads: what its code shows of its loop.

use crate::frame::{self, Slot};
use crate::instructions::Ty;
use crate::ir;
use crate::ir::{Chunk, Expr, Function, Iterations, Label, Op, Stmt, Var, for_each_part, for_each_stmt};

/// What is known of a microtask's loop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loop {
    /// What iterations there are, if that follows from what the microtask is given.
    pub space: Option<Space>,
    /// Whether a virtual thread gets one iteration, where the device chooses.
    pub is_single: bool,
    /// Whether the upper bound that such a virtual thread gets is replaced by a smaller one, if at all, which is the same for all: where
    /// that does nothing to the last one, it does nothing to any.
    pub is_clamped: bool,
    /// Blocks that the loop asks for its iterations in: who leaves them before does not ask.
    pub around: Vec<Label>,
    /// By what iterations are divided, where loops were collapsed, as it stands in the text.
    pub divisor: Option<Expr>,
    /// The loop that adds the stride until it is past the upper bound, whose end decides on nothing else.
    pub strided: Option<Label>,
}

/// Bounds of a loop, in terms of the microtask's parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Space {
    pub lower: Expr,
    pub upper: Expr,
    pub ty: Ty,
    pub signed: bool,
    /// The length of a row, where loops were collapsed.
    pub width: Option<Expr>,
}

/// Looks at a microtask.
pub(crate) fn look(function: &Function) -> Loop {
    let mut iterations = None;
    let (mut stores, mut set_before) = (Vec::new(), Vec::new());
    for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::Iterations(found) => iterations = Some(found),
        _ if iterations.is_some() => {}
        Stmt::Do(Expr::Op(op)) if !op.loads() => stores.push((op, set_before.len())),
        Stmt::Set(var, _) => set_before.push(*var),
        _ => {}
    });
    let mut is_repeated = false;
    for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::Loop { body, .. } = stmt {
            for_each_stmt(body, &mut |stmt| is_repeated |= matches!(stmt, Stmt::Iterations(_)));
        }
    });
    let Some(iterations) = iterations.filter(|_| !is_repeated) else {
        return Loop::default();
    };
    let [_, lower, upper, _] = frame::iteration_slots(iterations);
    let known = Known { function, set_before };
    // The bounds of all iterations are what is stored before, once.
    let stored = |slot| {
        let mut found = stores.iter().filter(|(store, _)| frame::slot(store) == Some(slot));
        let ((first, sets), second) = (found.next()?, found.next());
        if second.is_some() { None } else { known.expand(first.operands.get(1)?, Some(*sets), 0) }
    };
    let is_single = !matches!(iterations.chunk, Chunk::Size(_));
    let divisor = known.divisor().filter(|_| is_single);
    let width = divisor.as_ref().and_then(|divisor| known.expand(divisor, None, 0));
    let bounds = stored(lower).zip(stored(upper));
    let space =
        bounds.map(|(lower, upper)| Space { lower, upper, ty: iterations.ty, signed: iterations.signed, width });
    let is_clamped = is_single && is_clamped(function, iterations);
    let mut around = Vec::new();
    for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::Block { label, body } = stmt {
            for_each_stmt(body, &mut |inner| around.extend(matches!(inner, Stmt::Iterations(_)).then_some(*label)));
        }
    });
    Loop { is_single, is_clamped, around, divisor, space, strided: strided(function, iterations) }
}

/// A microtask, and what is set before its loop asks for its iterations, in order.
struct Known<'f> {
    function: &'f Function,
    set_before: Vec<Var>,
}

impl Known<'_> {
    /// The first divisor.
    fn divisor(&self) -> Option<Expr> {
        let mut found = None;
        for_each_part(&self.function.body, &mut |part| {
            if let Expr::Op(op) = part
                && found.is_none()
                && is_division(op.name)
                && !matches!(op.operands[1], Expr::Const(..))
                && self.expand(&op.operands[1], None, 0).is_some()
            {
                found = Some(op.operands[1].clone());
            }
        });
        found
    }

    /// An expression in terms of what the function is given, if it consists of that and of operations that always have a value. The
    /// value that it has after so many of `set_before`; else one that it probably has.
    fn expand(&self, expr: &Expr, sets: Option<usize>, depth: usize) -> Option<Expr> {
        const ENOUGH: usize = 16;
        const PLAIN: [&str; 11] = [
            "i32_add",
            "i32_sub",
            "i32_mul",
            "i32_shl",
            "i64_add",
            "i64_sub",
            "i64_mul",
            "i64_shl",
            "i64_extend_i32_s",
            "i64_extend_i32_u",
            "i32_wrap_i64",
        ];
        match expr {
            _ if depth > ENOUGH => None,
            Expr::Const(..) => Some(expr.clone()),
            Expr::Var(var) if *var < self.function.params => {
                let is_given = *var >= 2 && !self.set_before[..sets.unwrap_or(self.set_before.len())].contains(var);
                is_given.then(|| expr.clone())
            }
            Expr::Var(var) => match &definitions(self.function, *var)[..] {
                [Some(value)] if sets.is_none_or(|sets| self.set_before[..sets].contains(var)) => {
                    self.expand(value, sets, depth + 1)
                }
                _ => None,
            },
            Expr::Op(op) if PLAIN.contains(&op.name) => {
                let operands = op.operands.iter().map(|operand| self.expand(operand, sets, depth + 1));
                Some(Expr::Op(Op { operands: operands.collect::<Option<_>>()?, ..op.clone() }))
            }
            _ => None,
        }
    }
}

impl Space {
    /// How many iterations there are, and the length of a row if the first one is 0, for values of the parameters after the first two.
    pub fn evaluate(&self, parameters: &[u32]) -> Option<(u64, Option<u64>)> {
        let (lower, upper) = (value(&self.lower, parameters)?, value(&self.upper, parameters)?);
        let extended = |value: u64| match (self.ty, self.signed) {
            (Ty::I64, true) => i128::from(value as i64),
            (Ty::I64, false) => i128::from(value),
            (_, true) => i128::from(value as u32 as i32),
            (_, false) => i128::from(value as u32),
        };
        let trip = u64::try_from((extended(upper) - extended(lower) + 1).max(0)).ok()?;
        let width = self.width.as_ref().filter(|_| lower == 0).and_then(|width| value(width, parameters));
        Some((trip, width))
    }
}

/// The value of an expression that [`expand`] made.
fn value(expr: &Expr, parameters: &[u32]) -> Option<u64> {
    let op = match expr {
        Expr::Const(_, bits) => return Some(*bits as u64),
        Expr::Var(var) => return parameters.get(var.checked_sub(2)?).map(|value| u64::from(*value)),
        Expr::Op(op) => op,
        _ => return None,
    };
    let operands = op.operands.iter().map(|operand| value(operand, parameters)).collect::<Option<Vec<_>>>()?;
    let (a, b) = (*operands.first()?, operands.get(1).copied().unwrap_or(0));
    let word = |value: u64| u64::from(value as u32);
    Some(match op.name {
        "i32_add" => word(a.wrapping_add(b)),
        "i32_sub" => word(a.wrapping_sub(b)),
        "i32_mul" => word(a.wrapping_mul(b)),
        "i32_shl" => word(a << (b % 32)),
        "i64_add" => a.wrapping_add(b),
        "i64_sub" => a.wrapping_sub(b),
        "i64_mul" => a.wrapping_mul(b),
        "i64_shl" => a << (b % 64),
        "i64_extend_i32_s" => i64::from(a as u32 as i32) as u64,
        "i64_extend_i32_u" | "i32_wrap_i64" => word(a),
        _ => return None,
    })
}

/// Whether a microtask changes memory outside of its loop: virtual threads are no threads, and there are more of them.
///
/// What follows a conditional jump to the end of a block counts as the loop's, up to that end: so does clang skip loops that have no
/// iteration. What is conditional may be for the last iteration only.
pub(crate) fn has_effects_beside(function: &Function) -> bool {
    let mut walk = Beside { is_after: false, skipped_to: None, found: false };
    walk.body(&function.body);
    walk.found
}

struct Beside {
    /// Whether the loop has asked for its iterations.
    is_after: bool,
    skipped_to: Option<Label>,
    found: bool,
}

impl Beside {
    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::Iterations(_) | Stmt::Dispatch(_) => self.is_after = true,
                Stmt::Do(expr) | Stmt::Set(_, expr) => self.found |= changes_memory(expr) && self.skipped_to.is_none(),
                Stmt::Block { label, body } => {
                    self.body(body);
                    self.skipped_to = self.skipped_to.filter(|to| to != label);
                }
                Stmt::If { .. } | Stmt::Loop { .. } | Stmt::Switch { .. } => {
                    let mut is_effect = false;
                    for_each_stmt(std::slice::from_ref(stmt), &mut |inner| match inner {
                        // The outermost block that is left.
                        Stmt::Goto(to) if !matches!(stmt, Stmt::Loop { label, .. } if label >= to) => {
                            self.skipped_to = Some(self.skipped_to.map_or(*to, |known| known.min(*to)));
                        }
                        Stmt::Do(expr) | Stmt::Set(_, expr) => is_effect |= changes_memory(expr),
                        Stmt::Iterations(_) | Stmt::Dispatch(_) => self.is_after = true,
                        _ => {}
                    });
                    self.found |= is_effect && !self.is_after;
                }
                _ => {}
            }
        }
    }
}

/// Whether an expression changes memory that is not the function's own.
fn changes_memory(expr: &Expr) -> bool {
    expr.any(&mut |part| matches!(part, Expr::Op(op) if ir::is_effect(op.name) && frame::slot(op).is_none()))
}

/// Parameters whose values are parts of addresses, as they are: pointers, as far as anybody knows.
pub(crate) fn pointers(function: &Function) -> Vec<Var> {
    let (mut pointers, mut seen, mut queue) = (Vec::new(), Vec::new(), Vec::new());
    for_each_part(&function.body, &mut |part| {
        if let Expr::Op(op) = part
            && op.offset.is_some()
        {
            queue.push(op.operands[0].clone());
        }
    });
    while let Some(expr) = queue.pop() {
        match expr {
            Expr::Var(var) if !seen.contains(&var) => {
                seen.push(var);
                let definitions = definitions(function, var);
                if var < function.params && definitions.is_empty() {
                    pointers.push(var);
                }
                queue.extend(definitions.into_iter().flatten().cloned());
            }
            Expr::Op(op) if matches!(op.name, "i32_add" | "i32_sub" | "select") => queue.extend(op.operands),
            _ => {}
        }
    }
    pointers.sort_unstable();
    pointers
}

/// The longest access of the function to memory, in bytes, as far as it matters for alignment.
pub(crate) fn longest_access(function: &Function) -> u32 {
    let mut longest = 1;
    for_each_part(&function.body, &mut |part| {
        if let Expr::Op(op) = part
            && op.offset.is_some()
            && frame::slot(op).is_none()
        {
            let bytes = if op.name.starts_with("i64") || op.name.starts_with("f64") { 8 } else { 4 };
            longest = longest.max(bytes);
        }
    });
    longest
}

/// Whether the first thing that a microtask does with its iterations' upper bound is to store the minimum of it and of something else
/// that does not depend on the virtual thread.
fn is_clamped(function: &Function, iterations: &Iterations) -> bool {
    let [_, _, upper, _] = frame::iteration_slots(iterations);
    let mut sets: Option<Vec<(Var, &Expr)>> = None;
    let mut stored = None;
    for_each_stmt(&function.body, &mut |stmt| match (stmt, &mut sets) {
        (_, _) if stored.is_some() => {}
        (Stmt::Iterations(_), _) => sets = Some(Vec::new()),
        (_, None) | (Stmt::Block { .. }, _) => {}
        (Stmt::Set(var, value), Some(sets)) => sets.push((*var, value)),
        (Stmt::Do(Expr::Op(op)), Some(_)) if !op.loads() && frame::slot(op) == Some(upper) => {
            stored = Some(op.operands.get(1));
        }
        // Another way through the function.
        _ => stored = Some(None),
    });
    let (Some(sets), Some(Some(stored))) = (sets, stored) else {
        return false;
    };
    let is_upper = |expr, at| {
        let (expr, _) = meant(expr, &sets[..at]);
        matches!(expr, Expr::Op(op) if op.loads() && frame::slot(op) == Some(upper))
    };
    let (Expr::Op(select), at) = meant(stored, &sets) else {
        return false;
    };
    let [first, second, Expr::Op(compare)] = &select.operands[..] else {
        return false;
    };
    let is_minimum = match compare.name.split_once('_').map(|(_, name)| name.split_at(2)) {
        Some(("lt" | "le", sign)) => compare.operands == [first.clone(), second.clone()] && (sign == "_s") == iterations.signed,
        Some(("gt" | "ge", sign)) => compare.operands == [second.clone(), first.clone()] && (sign == "_s") == iterations.signed,
        _ => false,
    };
    let is_shared = |expr| depends_on_none(expr, &sets[..at]);
    select.name == "select"
        && is_minimum
        && (is_upper(first, at) && is_shared(second) || is_upper(second, at) && is_shared(first))
}

/// What a variable is where others have been set so, and how many had been before it was.
fn meant<'e>(mut expr: &'e Expr, mut sets: &[(Var, &'e Expr)]) -> (&'e Expr, usize) {
    while let Expr::Var(var) = expr
        && let Some(at) = sets.iter().rposition(|(set, _)| set == var)
    {
        (expr, sets) = (sets[at].1, &sets[..at]);
    }
    (expr, sets.len())
}

/// Whether an expression has nothing from memory in it, where variables have been set so.
fn depends_on_none(expr: &Expr, sets: &[(Var, &Expr)]) -> bool {
    match expr {
        Expr::Var(var) => {
            let set = sets.iter().rposition(|(set, _)| set == var);
            set.is_none_or(|at| depends_on_none(sets[at].1, &sets[..at]))
        }
        Expr::Op(op) => !op.loads() && op.operands.iter().all(|operand| depends_on_none(operand, sets)),
        Expr::Const(..) | Expr::Frame(_) => true,
        Expr::Global(_) => false,
    }
}

/// Integer divisions and remainders.
pub(crate) fn is_division(name: &str) -> bool {
    matches!(name.split_once('_'), Some(("i32" | "i64", "div_s" | "div_u" | "rem_s" | "rem_u")))
}

/// What a variable is set to; `None` for the result of a call.
fn definitions(function: &Function, var: Var) -> Vec<Option<&Expr>> {
    let mut all = Vec::new();
    for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::Set(set, value) if *set == var => all.push(Some(value)),
        Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. } if results.contains(&var) => all.push(None),
        Stmt::NextChunk { result, .. } if *result == var => all.push(None),
        _ => {}
    });
    all
}

/// The loop that clang makes for chunks of one iteration: `do { ...; i += stride; } while (i <= upper);`.
fn strided(function: &Function, iterations: &Iterations) -> Option<Label> {
    let [_, _, upper, stride] = frame::iteration_slots(iterations);
    let is_load = |expr: &Expr, from: Slot| match expr {
        Expr::Op(op) => op.loads() && frame::slot(op) == Some(from),
        _ => false,
    };
    let is_stride = |expr: &Expr| match expr {
        Expr::Var(var) => matches!(definitions(function, *var)[..], [Some(value)] if is_load(value, stride)),
        _ => is_load(expr, stride),
    };
    // What is stored as the upper bound, by the program.
    let mut bounds = Vec::new();
    for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::Do(Expr::Op(op)) = stmt
            && !op.loads()
            && frame::slot(op) == Some(upper)
        {
            bounds.push(&op.operands[1]);
        }
    });
    let is_upper = |expr: &Expr| match (expr, &bounds[..]) {
        (_, [_]) if is_load(expr, upper) => true,
        (Expr::Var(var), [bound]) => *bound == expr && definitions(function, *var).len() <= 1,
        _ => false,
    };
    let mut found = None;
    for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::Loop { label, body } = stmt
            && let [.., Stmt::Set(var, Expr::Op(add)), Stmt::If { condition: Expr::Op(compare), then, otherwise }] =
                &body[..]
            && add.name.ends_with("_add")
            && let [a, b] = &add.operands[..]
            && (is_stride(a) && *b == Expr::Var(*var) || is_stride(b) && *a == Expr::Var(*var))
            && matches!(compare.name.split_once('_'), Some((_, "le_s" | "le_u")))
            && compare.operands[0] == Expr::Var(*var)
            && is_upper(&compare.operands[1])
            && otherwise.is_empty()
            && then[..] == [Stmt::Goto(*label)]
        {
            found = Some(*label);
        }
    });
    found
}
