//! Atomic operations on what may be in a stack frame: a thread's own variables, which no other can reach, need none.
//!
//! Invariant: after this, an atomic operation is to the linear memory or to the team's.

use super::program::{Key, Program};
use crate::ir::visit;
use crate::ir::{Bits, Expr, Function, Kind, Memory, Op, Operation, Site, Stmt, Ty, Var};
use crate::refusal::Reason;

/// Puts loads and stores in the place of atomic operations on private memory, and a choice where it may be the one or the other.
///
/// # Errors
/// An atomic operation that has no such form.
pub(super) fn set_apart(program: &mut Program) -> Result<(), (Reason, Vec<Key>)> {
    let has_team_memory = program.team_memory > 0;
    for (key, function) in &mut program.functions {
        let mut body = std::mem::take(&mut function.body);
        let mut is_known = true;
        split(function, &mut body, has_team_memory, &mut is_known);
        function.body = body;
        visit::for_each_operation_mut(&mut function.body, &mut |operation| is_known &= !is_in_frame(operation));
        if !is_known {
            return Err((Reason::AtomicInFrame, vec![*key]));
        }
    }
    Ok(())
}

/// Whether an operation is atomic, and may be to private memory.
fn is_in_frame(operation: &Operation) -> bool {
    operation.op.is_atomic() && matches!(operation.memory, Memory::Private | Memory::Either)
}

fn split(function: &mut Function, stmts: &mut Vec<Stmt>, has_team_memory: bool, is_known: &mut bool) {
    for mut stmt in std::mem::take(stmts) {
        for body in visit::bodies_mut(&mut stmt) {
            split(function, body, has_team_memory, is_known);
        }
        let (result, mut atomic) = match stmt {
            Stmt::Do(Expr::Operation(atomic)) if is_in_frame(&atomic) => (None, atomic),
            Stmt::Set(var, Expr::Operation(atomic)) if is_in_frame(&atomic) => (Some(var), atomic),
            stmt => {
                stmts.push(stmt);
                continue;
            }
        };
        // What is used several times is evaluated once.
        for (operand, ty) in atomic.operands.iter_mut().zip(atomic.op.info().operands) {
            if !operand.is_constant() {
                let var = function.vars.push(*ty);
                stmts.push(Stmt::Set(var, std::mem::replace(operand, Expr::Var(var))));
            }
        }
        atomic.measure();
        let Some(plain) = plain(function, &atomic, result) else {
            *is_known = false;
            return;
        };
        if atomic.memory == Memory::Private {
            stmts.extend(plain);
            continue;
        }
        let with = |memory| {
            let atomic = Expr::Operation(Operation { memory, ..atomic.clone() });
            vec![result.map_or(Stmt::Do(atomic.clone()), |result| Stmt::Set(result, atomic))]
        };
        let mut otherwise = with(Memory::Linear);
        if has_team_memory {
            let condition = is_from(&atomic, Function::TEAM_MEMORY);
            otherwise = vec![Stmt::If { condition, then: with(Memory::Team), otherwise }];
        }
        let condition = is_from(&atomic, Function::PRIVATE_MEMORY);
        stmts.push(Stmt::If { condition, then: plain, otherwise });
    }
}

/// Whether an operation's address is from this one on.
fn is_from(operation: &Operation, limit: u32) -> Expr {
    let limit = Expr::Const(Ty::I32, Bits::from(limit));
    Expr::Operation(Operation::new(Op::I32GeU, vec![operation.operands[0].clone(), limit]))
}

/// What an atomic operation does, without being atomic; `None` if it has no such form.
fn plain(function: &mut Function, atomic: &Operation, result: Option<Var>) -> Option<Vec<Stmt>> {
    let (offset, site) = (atomic.offset, atomic.site);
    let (ty, bytes) = (atomic.op.accessed(), atomic.op.bytes()?);
    let [load, store] = whole(ty, bytes)?;
    let access = |op, operands| {
        let site: Option<Site> = site;
        Expr::Operation(Operation { offset, site, memory: Memory::Private, ..Operation::new(op, operands) })
    };
    let (address, values) = atomic.operands.split_first()?;
    let old = function.vars.push(ty);
    let mut stmts = Vec::new();
    if !matches!(atomic.op.kind(), Kind::AtomicStore(_)) {
        stmts.push(Stmt::Set(old, access(load, vec![address.clone()])));
    }
    let new = match (changes(atomic.op), values) {
        (Change::To, [value]) => Some(value.clone()),
        (Change::By(narrow, wide), [value]) => {
            let op = if ty == Ty::I64 { wide } else { narrow };
            Some(Expr::Operation(Operation::new(op, vec![Expr::Var(old), value.clone()])))
        }
        // A narrow one compares more bits than it reads.
        (Change::If, [expected, value]) if bytes == if ty == Ty::I64 { 8 } else { 4 } => {
            let op = if ty == Ty::I64 { Op::I64Eq } else { Op::I32Eq };
            let is_it = Expr::Operation(Operation::new(op, vec![Expr::Var(old), expected.clone()]));
            Some(Expr::Operation(Operation::new(Op::Select, vec![value.clone(), Expr::Var(old), is_it])))
        }
        (Change::None, []) => None,
        _ => return None,
    };
    stmts.extend(new.map(|new| Stmt::Do(access(store, vec![address.clone(), new]))));
    stmts.extend(result.map(|result| Stmt::Set(result, Expr::Var(old))));
    Some(stmts)
}

/// How an atomic operation changes what it finds.
enum Change {
    /// Not at all.
    None,
    /// It becomes the value.
    To,
    /// By an operation of 32 bits, or of 64.
    By(Op, Op),
    /// It becomes the second value if it is the first.
    If,
}

/// The operation is in its name.
fn changes(op: Op) -> Change {
    if matches!(op.kind(), Kind::AtomicLoad(_)) {
        return Change::None;
    }
    let found = op.name().split('_').find_map(|part| match part {
        "add" => Some(Change::By(Op::I32Add, Op::I64Add)),
        "sub" => Some(Change::By(Op::I32Sub, Op::I64Sub)),
        "and" => Some(Change::By(Op::I32And, Op::I64And)),
        "or" => Some(Change::By(Op::I32Or, Op::I64Or)),
        "xor" => Some(Change::By(Op::I32Xor, Op::I64Xor)),
        "cmpxchg" => Some(Change::If),
        _ => None,
    });
    found.unwrap_or(Change::To)
}

/// A load, which extends by zeros, and a store of so many bytes.
fn whole(ty: Ty, bytes: u32) -> Option<[Op; 2]> {
    match (ty, bytes) {
        (Ty::I32, 1) => Some([Op::I32Load8U, Op::I32Store8]),
        (Ty::I32, 2) => Some([Op::I32Load16U, Op::I32Store16]),
        (Ty::I32, 4) => Some([Op::I32Load, Op::I32Store]),
        (Ty::I64, 1) => Some([Op::I64Load8U, Op::I64Store8]),
        (Ty::I64, 2) => Some([Op::I64Load16U, Op::I64Store16]),
        (Ty::I64, 4) => Some([Op::I64Load32U, Op::I64Store32]),
        (Ty::I64, 8) => Some([Op::I64Load, Op::I64Store]),
        _ => None,
    }
}
