//! Makes overflow of the shadow stack a trap, instead of a write into a neighbour's memory.
//!
//! Members' stacks lie in the heap, so running over their end would hit whatever is below. Wherever a function sets
//! `__stack_pointer`, the new value is compared with the thread's limit, a global that each kernel sets:
//!
//! ```wat
//! (global.set $__stack_pointer (local.tee $frame (i32.sub ...)))   ;; before
//!
//! (local.set $new (local.tee $frame (i32.sub ...)))                 ;; after
//! (if (i32.lt_s (i32.sub (local.get $new) (global.get $limit)) (i32.const 0)) (then (call $omp2wasi.stack_overflow)))
//! (global.set $__stack_pointer (local.get $new))
//! ```
//!
//! The difference is signed, so that a frame that reaches below address 0 counts as below the limit too.
//!
//! Most functions of an optimised program never touch it. Kernels do, between threads: they are left alone.

use crate::discover::sequences;
use omp2wasi_abi::layout::globals;
use walrus::ir::{BinaryOp, Instr, Value};
use walrus::{ConstExpr, FunctionBuilder, FunctionId, GlobalId, LocalFunction, LocalId, Module, ValType};

/// Name of the function that ends the program.
pub(crate) const HANDLER: &str = "omp2wasi.stack_overflow";
const LIMIT: &str = globals::STACK_LIMIT;
/// The initial thread's stack lies at the bottom of memory; a stack pointer this close to address 0 has run out:
/// functions that call nothing may use that much below it without lowering it.
const INITIAL_LIMIT: i32 = 128;

/// Adds the checks for `stack_pointer` to all functions that are there, and the global that holds the limit, which kernels save,
/// set and restore.
pub(crate) fn guard(module: &mut Module, stack_pointer: GlobalId) -> GlobalId {
    let limit = module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(INITIAL_LIMIT)));
    module.globals.get_mut(limit).name = Some(LIMIT.to_owned());
    let mut handler = FunctionBuilder::new(&mut module.types, &[], &[]);
    handler.name(HANDLER.to_owned());
    handler.func_body().unreachable();
    let handler = handler.finish(Vec::new(), &mut module.funcs);

    let new_values: Vec<(FunctionId, LocalId)> = {
        let affected: Vec<FunctionId> =
            module.funcs.iter_local().filter(|(_, function)| uses(function, stack_pointer)).map(|(id, _)| id).collect();
        affected.into_iter().map(|id| (id, module.locals.add(ValType::I32))).collect()
    };
    for (id, new_value) in new_values {
        let function = module.funcs.get_mut(id).kind.unwrap_local_mut();
        for sequence in sequences(function) {
            for at in (0..function.block(sequence).instrs.len()).rev() {
                if sets(&function.block(sequence).instrs, at, stack_pointer) {
                    let mut body = function.builder_mut().instr_seq(sequence);
                    body.instr_at(at, walrus::ir::LocalGet { local: new_value });
                    body.if_else_at(
                        at,
                        None,
                        |overflow| {
                            overflow.call(handler).unreachable();
                        },
                        |_| {},
                    );
                    body.instr_at(at, walrus::ir::Binop { op: BinaryOp::I32LtS });
                    body.instr_at(at, walrus::ir::Const { value: Value::I32(0) });
                    body.instr_at(at, walrus::ir::Binop { op: BinaryOp::I32Sub });
                    body.instr_at(at, walrus::ir::GlobalGet { global: limit });
                    body.instr_at(at, walrus::ir::LocalTee { local: new_value });
                }
            }
        }
    }
    limit
}

fn uses(function: &LocalFunction, stack_pointer: GlobalId) -> bool {
    sequences(function).into_iter().any(|sequence| {
        let code = &function.block(sequence).instrs;
        (0..code.len()).any(|at| sets(code, at, stack_pointer))
    })
}

/// Whether the instruction at `at` sets the stack pointer. Not only where it is seen to be lowered: at -O0 the new value
/// goes through a local, and raising it passes the check anyway.
fn sets(code: &[(Instr, walrus::ir::InstrLocId)], at: usize, stack_pointer: GlobalId) -> bool {
    matches!(&code[at].0, Instr::GlobalSet(set) if set.global == stack_pointer)
}
