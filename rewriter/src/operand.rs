//! Finds the constant that a call is given as an argument, by a search backwards through straight-line code.
//!
//! Invariant: a constant is reported only if the argument has that value whenever the call is reached.
//!
//! clang passes the microtask as a constant. At -O1 and above it stands right before the call; at -O0 it goes through a
//! local. Anything else is "not a constant", which costs a slower kernel and nothing more.

use walrus::ir::{Instr, Value};
use walrus::{LocalId, Module};

/// The constant operand of the instruction at `at`, counted from the top of the stack: `from_top` is 0 for the last operand. None if
/// it is no constant, or code in between cannot be followed.
pub(crate) fn constant(
    module: &Module,
    code: &[(Instr, walrus::ir::InstrLocId)],
    at: usize,
    from_top: usize,
) -> Option<i32> {
    let mut at = at;
    for _ in 0..from_top {
        at = skip(module, code, at)?;
    }
    value(module, code, at)
}

/// Where the expression begins whose last instruction is the one before `at`.
fn skip(module: &Module, code: &[(Instr, walrus::ir::InstrLocId)], at: usize) -> Option<usize> {
    let mut at = at;
    let mut missing = 1;
    while missing > 0 {
        at = at.checked_sub(1)?;
        let (pops, pushes) = arity(module, &code[at].0)?;
        // An instruction without results does not belong to an expression, yet may stand inside one (local.set).
        missing = if pushes == 0 { missing + pops } else { missing - 1 + pops };
    }
    Some(at)
}

/// The i32 constant that the instruction before `at` leaves on the stack.
fn value(module: &Module, code: &[(Instr, walrus::ir::InstrLocId)], at: usize) -> Option<i32> {
    match &code[at.checked_sub(1)?].0 {
        Instr::Const(constant) => match constant.value {
            Value::I32(value) => Some(value),
            _ => None,
        },
        Instr::LocalGet(get) => local_value(module, code, at - 1, get.local),
        _ => None,
    }
}

/// The constant that `local` was last set to before `at`.
fn local_value(module: &Module, code: &[(Instr, walrus::ir::InstrLocId)], at: usize, local: LocalId) -> Option<i32> {
    for position in (0..at).rev() {
        match &code[position].0 {
            Instr::LocalSet(set) if set.local == local => return value(module, code, position),
            Instr::LocalTee(tee) if tee.local == local => return value(module, code, position),
            // A nested sequence may set it.
            Instr::Block(_) | Instr::Loop(_) | Instr::IfElse(_) => return None,
            _ => {}
        }
    }
    None
}

/// How many values an instruction pops and pushes; None for instructions that do not occur between the arguments of a fork.
fn arity(module: &Module, instr: &Instr) -> Option<(usize, usize)> {
    Some(match instr {
        Instr::Const(_) | Instr::LocalGet(_) | Instr::GlobalGet(_) | Instr::MemorySize(_) => (0, 1),
        Instr::LocalTee(_) | Instr::Unop(_) | Instr::Load(_) => (1, 1),
        Instr::LocalSet(_) | Instr::GlobalSet(_) | Instr::Drop(_) => (1, 0),
        Instr::Binop(_) => (2, 1),
        Instr::Select(_) => (3, 1),
        Instr::Store(_) => (2, 0),
        Instr::Call(call) => {
            let ty = module.types.get(module.funcs.get(call.func).ty());
            if ty.results().len() > 1 {
                return None;
            }
            (ty.params().len(), ty.results().len())
        }
        _ => return None,
    })
}
