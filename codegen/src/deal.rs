//! How a region's iterations can be dealt to virtual threads: what its code shows of its loop.

use crate::frame::{self, Slot};
use crate::ir::{Expr, Function, Iterations, Label, Op, Stmt, Var, for_each_expr, for_each_stmt};

/// What is known of a microtask's loop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loop {
    /// By what iterations are divided, where loops were collapsed: the length of a row.
    pub width: Option<Expr>,
    /// The loop that adds the stride until it is past the upper bound, whose end decides on nothing else.
    pub strided: Option<Label>,
    /// What `width` is computed from, seen through variables, so that it can be computed before them.
    pub expanded_width: Option<Expr>,
}

/// Looks at a microtask.
pub(crate) fn look(function: &Function) -> Loop {
    let mut iterations = None;
    for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::Iterations(found) = stmt {
            iterations = Some(found);
        }
    });
    let Some(iterations) = iterations else {
        return Loop::default();
    };
    let divisor = divisor(function);
    let expanded_width = divisor.as_ref().and_then(|divisor| expand(function, divisor, 0));
    Loop { width: expanded_width.as_ref().and(divisor), expanded_width, strided: strided(function, iterations) }
}

/// Integer divisions and remainders.
pub(crate) fn is_division(name: &str) -> bool {
    matches!(name.split_once('_'), Some(("i32" | "i64", "div_s" | "div_u" | "rem_s" | "rem_u")))
}

/// The first divisor.
fn divisor(function: &Function) -> Option<Expr> {
    let mut found = None;
    for_each_expr(&function.body, &mut |expr| {
        expr.any(&mut |part| {
            if let Expr::Op(op) = part
                && found.is_none()
                && is_division(op.name)
                && !matches!(op.operands[1], Expr::Const(..))
                && expand(function, &op.operands[1], 0).is_some()
            {
                found = Some(op.operands[1].clone());
            }
            false
        });
    });
    found
}

/// An expression in terms of what the function is given, if it consists of that and of operations that always have a value.
fn expand(function: &Function, expr: &Expr, depth: usize) -> Option<Expr> {
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
        Expr::Var(var) => match &definitions(function, *var)[..] {
            [] if *var < function.params => Some(expr.clone()),
            [Some(value)] if *var >= function.params => expand(function, value, depth + 1),
            _ => None,
        },
        Expr::Op(op) if PLAIN.contains(&op.name) => {
            let operands = op.operands.iter().map(|operand| expand(function, operand, depth + 1));
            Some(Expr::Op(Op { operands: operands.collect::<Option<_>>()?, ..op.clone() }))
        }
        _ => None,
    }
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
