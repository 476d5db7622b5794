//! Walks through statements and expressions in the order of the text, without regard to what runs when. (Who follows values uses
//! [`crate::analysis::dataflow`].)

use super::{Chunk, Combined, Dispatch, Expr, Function, Label, LoopBounds, Operation, Place, Printing, Stmt, Var};
use cranelift_entity::SecondaryMap;
use std::collections::BTreeSet;

/// Calls `visit` for every statement, before those inside of it.
pub(crate) fn for_each_stmt<'a>(body: &'a [Stmt], visit: &mut impl FnMut(&'a Stmt)) {
    for stmt in body {
        visit(stmt);
        for inner in bodies(stmt) {
            for_each_stmt(inner, visit);
        }
    }
}

/// The statements inside of a statement.
pub(crate) fn bodies(stmt: &Stmt) -> Vec<&[Stmt]> {
    match stmt {
        Stmt::If { then, otherwise, .. } => vec![then, otherwise],
        Stmt::Block { body, .. }
        | Stmt::Loop { body, .. }
        | Stmt::DoWhile { body, .. }
        | Stmt::Alone { body, .. }
        | Stmt::Critical { body, .. } => vec![body],
        Stmt::Print(printing) => vec![&printing.carried],
        Stmt::Switch { targets, .. } => targets.iter().map(Vec::as_slice).collect(),
        _ => Vec::new(),
    }
}

/// The statements inside of a statement, to be changed.
pub(crate) fn bodies_mut(stmt: &mut Stmt) -> Vec<&mut Vec<Stmt>> {
    match stmt {
        Stmt::If { then, otherwise, .. } => vec![then, otherwise],
        Stmt::Block { body, .. }
        | Stmt::Loop { body, .. }
        | Stmt::DoWhile { body, .. }
        | Stmt::Alone { body, .. }
        | Stmt::Critical { body, .. } => vec![body],
        Stmt::Print(printing) => vec![&mut printing.carried],
        Stmt::Switch { targets, .. } => targets.iter_mut().collect(),
        _ => Vec::new(),
    }
}

/// Calls `visit` for every expression that stands in a statement itself.
pub(crate) fn for_each_expr_of<'a>(stmt: &'a Stmt, visit: &mut impl FnMut(&'a Expr)) {
    match stmt {
        Stmt::Set(_, expr)
        | Stmt::SetGlobal(_, expr)
        | Stmt::SetSlot { value: expr, .. }
        | Stmt::ClampUpper { value: expr, .. }
        | Stmt::Do(expr)
        | Stmt::CheckStack(expr, _)
        | Stmt::If { condition: expr, .. }
        | Stmt::DoWhile { condition: expr, .. }
        | Stmt::Switch { index: expr, .. }
        | Stmt::StaticInit(LoopBounds { chunk: Chunk::Size(expr), .. }) => visit(expr),
        Stmt::Call { arguments, .. } | Stmt::Return(arguments) => arguments.iter().for_each(visit),
        Stmt::CallIndirect { index, arguments, .. } | Stmt::CallTable { index, arguments, .. } => {
            visit(index);
            arguments.iter().for_each(visit);
        }
        Stmt::DispatchInit(dispatch) => {
            let all = [Some(&dispatch.lower), Some(&dispatch.upper), dispatch.chunk.as_ref()];
            all.into_iter().flatten().for_each(visit);
        }
        Stmt::Fork { arguments, threads, .. } => arguments.iter().chain(threads).for_each(visit),
        Stmt::Print(Printing { arguments, bytes, .. }) => {
            arguments.iter().map(|(.., argument)| argument).chain([bytes]).for_each(visit);
        }
        Stmt::PrintByte { at, byte } => [at, byte].into_iter().for_each(visit),
        Stmt::StaticInit(_)
        | Stmt::DispatchNext { .. }
        | Stmt::Reduce { .. }
        | Stmt::Block { .. }
        | Stmt::Loop { .. }
        | Stmt::Alone { .. }
        | Stmt::Critical { .. }
        | Stmt::Barrier
        | Stmt::Number { .. }
        | Stmt::Goto(_)
        | Stmt::Unreachable(_) => {}
    }
}

/// The same, to be changed.
pub(crate) fn for_each_expr_of_mut(stmt: &mut Stmt, visit: &mut impl FnMut(&mut Expr)) {
    match stmt {
        Stmt::Set(_, expr)
        | Stmt::SetGlobal(_, expr)
        | Stmt::SetSlot { value: expr, .. }
        | Stmt::ClampUpper { value: expr, .. }
        | Stmt::Do(expr)
        | Stmt::CheckStack(expr, _)
        | Stmt::If { condition: expr, .. }
        | Stmt::DoWhile { condition: expr, .. }
        | Stmt::Switch { index: expr, .. }
        | Stmt::StaticInit(LoopBounds { chunk: Chunk::Size(expr), .. }) => visit(expr),
        Stmt::Call { arguments, .. } | Stmt::Return(arguments) => arguments.iter_mut().for_each(visit),
        Stmt::CallIndirect { index, arguments, .. } | Stmt::CallTable { index, arguments, .. } => {
            visit(index);
            arguments.iter_mut().for_each(visit);
        }
        Stmt::DispatchInit(dispatch) => {
            visit(&mut dispatch.lower);
            visit(&mut dispatch.upper);
            dispatch.chunk.iter_mut().for_each(visit);
        }
        Stmt::Fork { arguments, threads, .. } => arguments.iter_mut().chain(threads).for_each(visit),
        Stmt::Print(Printing { arguments, bytes, .. }) => {
            arguments.iter_mut().map(|(.., argument)| argument).chain([bytes]).for_each(visit);
        }
        Stmt::PrintByte { at, byte } => [at, byte].into_iter().for_each(visit),
        _ => {}
    }
}

/// Calls `visit` for every expression in statements, and for each of its parts.
pub(crate) fn for_each_part(body: &[Stmt], visit: &mut impl FnMut(&Expr)) {
    for_each_stmt(body, &mut |stmt| {
        for_each_expr_of(stmt, &mut |expr| {
            expr.any(&mut |part| {
                visit(part);
                false
            });
        });
    });
}

/// Calls `visit` for every operation in statements, before those that are its operands, to be changed.
pub(crate) fn for_each_operation_mut(body: &mut [Stmt], visit: &mut impl FnMut(&mut Operation)) {
    fn parts(expr: &mut Expr, visit: &mut impl FnMut(&mut Operation)) {
        if let Expr::Operation(operation) = expr {
            visit(operation);
            operation.operands.iter_mut().for_each(|operand| parts(operand, visit));
        }
    }
    for stmt in body {
        for_each_expr_of_mut(stmt, &mut |expr| parts(expr, visit));
        bodies_mut(stmt).into_iter().for_each(|inner| for_each_operation_mut(inner, visit));
    }
}

/// Removes the statements, inner ones included, for which `keep` does not hold.
pub(crate) fn retain(body: &mut Vec<Stmt>, keep: &mut impl FnMut(&Stmt) -> bool) {
    body.retain(&mut *keep);
    for stmt in body {
        bodies_mut(stmt).into_iter().for_each(|inner| retain(inner, keep));
    }
}

/// Calls `visit` for every variable that a statement itself sets, but for those that a loop with a dynamic schedule has for itself.
pub(crate) fn for_each_set(stmt: &Stmt, visit: &mut impl FnMut(Var)) {
    match stmt {
        Stmt::Set(var, _) | Stmt::Number { result: var, .. } | Stmt::DispatchNext { result: var, .. } => visit(*var),
        Stmt::Alone { results, .. } => results.iter().copied().for_each(visit),
        _ => results(stmt).iter().copied().for_each(visit),
    }
}

/// The same, to be changed.
pub(crate) fn for_each_set_mut(stmt: &mut Stmt, visit: &mut impl FnMut(&mut Var)) {
    match stmt {
        Stmt::Set(var, _) | Stmt::Number { result: var, .. } | Stmt::DispatchNext { result: var, .. } => visit(var),
        Stmt::Alone { results, .. }
        | Stmt::Call { results, .. }
        | Stmt::CallIndirect { results, .. }
        | Stmt::CallTable { results, .. } => results.iter_mut().for_each(visit),
        _ => {}
    }
}

/// The variables that a call sets.
pub(crate) fn results(stmt: &Stmt) -> &[Var] {
    match stmt {
        Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. } | Stmt::CallTable { results, .. } => results,
        _ => &[],
    }
}

/// Whether a statement goes to a label.
pub(crate) fn goes_to(body: &[Stmt], label: Label) -> bool {
    let mut found = false;
    for_each_stmt(body, &mut |stmt| found |= matches!(stmt, Stmt::Goto(to) if *to == label));
    found
}

/// Whether statements go to labels that are not among them, but for one, or return.
pub(crate) fn goes_outside(body: &[Stmt], but_for: Option<Label>) -> bool {
    let (mut own, mut gone_to, mut returns) = (Vec::new(), Vec::new(), false);
    for_each_stmt(body, &mut |stmt| match stmt {
        Stmt::Block { label, .. } | Stmt::Loop { label, .. } | Stmt::DoWhile { label, .. } => own.push(*label),
        Stmt::Goto(label) => gone_to.push(*label),
        Stmt::Return(_) => returns = true,
        _ => {}
    });
    returns || gone_to.iter().any(|label| !own.contains(label) && Some(*label) != but_for)
}

/// Whether members of a team wait for one another there.
pub(crate) fn has_barrier(body: &[Stmt]) -> bool {
    let mut found = false;
    for_each_stmt(body, &mut |stmt| {
        found |= matches!(
            stmt,
            Stmt::Barrier
                | Stmt::Alone { .. }
                | Stmt::Fork { .. }
                | Stmt::Reduce { of: Combined::Members | Combined::First, .. }
                | Stmt::DispatchNext { dispatch: Dispatch { is_ordered: true, .. }, .. }
        );
    });
    found
}

/// The functions that a statement may call.
pub(crate) fn reached(stmt: &Stmt) -> Vec<u32> {
    match stmt {
        Stmt::Call { function, .. } => vec![*function],
        Stmt::CallIndirect { candidates, .. } => candidates.iter().map(|(_, function)| *function).collect(),
        _ => Vec::new(),
    }
}

/// Calls `visit` for every statement of what a member of a team executes, and says whether it is between a reduction and its end.
pub(crate) fn for_each_stmt_of_member<'a>(body: &'a [Stmt], visit: &mut impl FnMut(&'a Stmt, bool)) {
    let mut is_in_reduction = false;
    for_each_stmt(body, &mut |stmt| {
        is_in_reduction = goes_on_in_reduction(stmt, is_in_reduction);
        visit(stmt, is_in_reduction);
    });
}

/// Whether what follows a statement in what a member of a team executes is between a reduction and its end, the next barrier; `before` is
/// that of the statement.
pub(crate) fn goes_on_in_reduction(stmt: &Stmt, before: bool) -> bool {
    match stmt {
        Stmt::Reduce { of: Combined::Members, .. } => true,
        Stmt::Barrier => false,
        _ => before,
    }
}

/// The words of frames that are loaded at fixed places.
pub(crate) fn words_read(body: &[Stmt]) -> BTreeSet<Place> {
    let mut read = BTreeSet::new();
    for_each_part(body, &mut |part| {
        if let Expr::Operation(load) = part
            && load.op.is_load()
        {
            read.extend(load.frame_words());
        }
    });
    read
}

/// Whether a worksharing loop asks for its iterations there.
pub(crate) fn asks_for_iterations(body: &[Stmt]) -> bool {
    let mut found = false;
    for_each_stmt(body, &mut |stmt| found |= matches!(stmt, Stmt::StaticInit(_)));
    found
}

/// The variables that a function sets or reads, by statements and expressions.
pub(crate) fn used_vars(function: &Function) -> SecondaryMap<Var, bool> {
    let mut used = SecondaryMap::new();
    for_each_stmt(&function.body, &mut |stmt| {
        for_each_set(stmt, &mut |var| used[var] = true);
        if let Stmt::DispatchNext { dispatch, .. } = stmt {
            dispatch.vars().into_iter().for_each(|var| used[var] = true);
        }
    });
    for_each_part(&function.body, &mut |part| {
        if let Expr::Var(var) = part {
            used[*var] = true;
        }
    });
    used
}
