//! Implements `--portable`: replaces our own host functions by functions of the module, so that it needs wasi-parallel and WASI alone.
//!
//! Invariant: afterwards a module with a memory (one with the shim has one) imports nothing from the module `omp2wasi`.

use crate::Error;
use omp2wasi_abi::imports::{self, Errno, Function, HOST};
use walrus::ir::{AtomicOp, AtomicWidth, BinaryOp, MemArg, UnaryOp};
use walrus::{ImportKind, InstrSeqBuilder, LocalId, MemoryId, Module, ValType};

/// The number of processors that a portable module assumes, as wasi-parallel cannot tell how many there are.
pub(crate) const NUM_PROCS: i32 = 4;

/// Replaces each import from the module `omp2wasi`.
///
/// # Errors
/// When one of them is not known, or has another type than ours.
pub(crate) fn replace_host(module: &mut Module) -> Result<(), Error> {
    let functions: Vec<_> = module
        .imports
        .iter()
        .filter(|import| import.module == HOST)
        .filter_map(|import| match import.kind {
            ImportKind::Function(function) => Some((import.name.clone(), function)),
            _ => None,
        })
        .collect();
    let Some(memory) = module.memories.iter().next().map(|memory| memory.id()) else {
        return Ok(());
    };
    for (name, function) in functions {
        let declared = imports::ALL.iter().find(|declared| declared.module == HOST && declared.name == name);
        let declared = declared
            .ok_or_else(|| Error::Unsupported(format!("the import `{HOST}.{name}` is not one that we know")))?;
        let ty = module.types.get(module.funcs.get(function).ty());
        let same = |ours: usize, types: &[ValType]| types.len() == ours && types.iter().all(|ty| *ty == ValType::I32);
        if !same(declared.params.len(), ty.params()) || !same(declared.results.len(), ty.results()) {
            return Err(Error::Unsupported(format!("the import `{HOST}.{name}` has another type than ours")));
        }
        let replaced =
            module.replace_imported_func(function, |(body, arguments)| fallback(declared, body, arguments, memory));
        replaced.map_err(|error| Error::Unsupported(format!("{error:#}")))?;
    }
    Ok(())
}

fn fallback(function: &Function, body: &mut InstrSeqBuilder, arguments: &[LocalId], memory: MemoryId) {
    let at = |offset| MemArg { align: 4, offset };
    let count_sleepers = |body: &mut InstrSeqBuilder, op| {
        body.local_get(arguments[0]).i32_const(1).atomic_rmw(memory, op, AtomicWidth::I32, at(4)).drop();
    };
    match function.name {
        // The waker looks at the count of sleepers: see wait.h.
        name if name == imports::WAIT.name => {
            count_sleepers(body, AtomicOp::Add);
            body.local_get(arguments[0]).local_get(arguments[1]).i64_const(-1).atomic_wait(memory, at(0), false).drop();
            count_sleepers(body, AtomicOp::Sub);
        }
        name if name == imports::WAIT_FOR.name => {
            count_sleepers(body, AtomicOp::Add);
            body.local_get(arguments[0]).local_get(arguments[1]);
            // 2^32 - 1 is for ever.
            body.i64_const(-1).local_get(arguments[2]).unop(UnaryOp::I64ExtendUI32);
            body.local_get(arguments[2]).i32_const(-1).binop(BinaryOp::I32Eq).select(Some(ValType::I64));
            body.atomic_wait(memory, at(0), false);
            count_sleepers(body, AtomicOp::Sub);
            // What that returns is 2 when the time is over.
            body.i32_const(2).binop(BinaryOp::I32Eq);
        }
        name if name == imports::WAKE.name => {
            body.local_get(arguments[0]).local_get(arguments[1]).atomic_notify(memory, at(0)).drop();
        }
        name if name == imports::NUM_PROCS.name => {
            body.i32_const(NUM_PROCS);
        }
        name if name == imports::MAX_CONCURRENCY.name => {
            body.i32_const(i32::MAX);
        }
        name if name == imports::START_THREAD.name => {
            body.i32_const(Errno::NoResources as i32);
        }
        name if name == imports::EXIT_THREAD.name => {
            body.unreachable();
        }
        name if name == imports::PLACE_NUM.name || name == imports::TEAM_PLACE.name => {
            body.i32_const(-1);
        }
        // No places; binding, yielding and large pages are hints.
        _ => {
            for _ in function.results {
                body.i32_const(0);
            }
        }
    }
}
