//! How a region's iterations can be dealt to virtual threads: what its code shows of its loop.

use crate::frame::{self, Slot};
use crate::instructions::Ty;
use crate::ir;
use crate::ir::{Chunk, Expr, Function, Iterations, Label, Stmt, Var, for_each_part, for_each_stmt};
use crate::prologue::{self, Upper};

/// What is known of a microtask's loop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loop {
    /// What iterations there are, if that follows from what the microtask is given.
    pub space: Option<Space>,
    /// Whether a virtual thread gets one iteration, where the device chooses.
    pub is_single: bool,
    /// Blocks that the loop asks for its iterations in: who leaves them before does not ask.
    pub around: Vec<Label>,
    /// By what iterations are divided, where loops were collapsed, as it stands in the text.
    pub divisor: Option<Expr>,
    /// The loop that adds the stride until it is past the upper bound, whose end decides on nothing else.
    pub strided: Option<Label>,
}

/// Bounds of a loop, in terms of the microtask's parameters.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    lower: Expr,
    upper: Expr,
    ty: Ty,
    signed: bool,
    /// The length of a row, where loops were collapsed.
    pub width: Option<Expr>,
    /// What keeps virtual threads from their iterations.
    obstacles: Option<Vec<Expr>>,
    clamped: Upper,
}

/// The iterations that a space has for values of the parameters.
pub(crate) struct Evaluated {
    pub count: u64,
    /// The length of a row, if the first iteration is 0.
    pub width: Option<u64>,
    /// Whether each virtual thread with an iteration does it, where there is one for each.
    pub is_sure: bool,
}

/// Looks at a microtask.
pub(crate) fn look(function: &Function) -> Loop {
    let (mut iterations, mut around, mut is_repeated) = (None, Vec::new(), false);
    for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::Iterations(found) => iterations = Some(found),
        Stmt::Block { label, body } if prologue::asks(body) => around.push(*label),
        Stmt::Loop { body, .. } => is_repeated |= prologue::asks(body),
        _ => {}
    });
    let Some(iterations) = iterations.filter(|_| !is_repeated) else {
        return Loop::default();
    };
    let is_single = !matches!(iterations.chunk, Chunk::Size(_));
    let prologue = prologue::follow(function, iterations, &around);
    let (divisor, width) = prologue.divisor.filter(|_| is_single).unzip();
    let space = prologue.bounds.map(|(lower, upper)| Space {
        lower,
        upper,
        ty: iterations.ty,
        signed: iterations.signed,
        width,
        obstacles: prologue.obstacles.filter(|_| is_single),
        clamped: prologue.upper,
    });
    Loop { is_single, around, divisor, space, strided: strided(function, iterations) }
}

impl Space {
    /// Its iterations, for values of the parameters after the first two.
    pub fn evaluate(&self, parameters: &[u32]) -> Option<Evaluated> {
        let value = |expr| prologue::value(expr, parameters);
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
        let is_clamped = match &self.clamped {
            Upper::Kept => false,
            Upper::AtMost(most) => value(most).is_none_or(|most| extended(most) < upper),
            Upper::Unknown => true,
        };
        Some(Evaluated {
            count,
            width: self.width.as_ref().filter(|_| lower == 0).and_then(value),
            is_sure: comes_to_it && !is_clamped,
        })
    }
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
