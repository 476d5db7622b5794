//! Makes the host do the waiting: `memory.atomic.wait32`, `wait64` and `notify` become calls of the functions of [`atomics`].
//!
//! ```wat
//! (memory.atomic.wait32 offset=8 (local.get $address) (i32.const 0) (i64.const -1))                                 ;; before
//! (call $omp2wasi_atomics.wait32 (local.get $address) (i32.const 0) (i64.const -1) (i32.const 8))                   ;; after
//! ```
//!
//! Wasmtime's own waiting goes on when the program has ended, and remembers each address for ever.
//!
//! Invariant: a module that has none of these instructions is left as it is.

use crate::discover::sequences;
use omp2wasi_abi::imports::atomics;
use walrus::ir::{Const, Instr, InstrLocId, Value};
use walrus::{FunctionId, FunctionKind, LocalFunction, Module, ValType};
use wasmparser::{Operator, Parser, Payload};

/// Whether a module waits, or wakes who waits. False for what is no valid module.
#[must_use]
pub fn waits(wasm: &[u8]) -> bool {
    // They all begin with this byte, and the number behind it may be written with more bytes than it needs.
    let may_wait = wasm.windows(2).any(|bytes| bytes[0] == 0xfe && bytes[1] & 0x7f < 3);
    may_wait && look(wasm).unwrap_or(false)
}

fn look(wasm: &[u8]) -> wasmparser::Result<bool> {
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        for operator in body.get_operators_reader()? {
            if matches!(
                operator?,
                Operator::MemoryAtomicWait32 { .. }
                    | Operator::MemoryAtomicWait64 { .. }
                    | Operator::MemoryAtomicNotify { .. }
            ) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Puts calls of the host in the place of a module's waits; false if it has none.
pub(crate) fn let_host_wait(module: &mut Module) -> bool {
    if !module.funcs.iter_local().any(|(_, function)| has_waits(function)) {
        return false;
    }
    let [wait32, wait64, notify] = [
        (atomics::WAIT32, [ValType::I32, ValType::I32, ValType::I64, ValType::I32].as_slice()),
        (atomics::WAIT64, &[ValType::I32, ValType::I64, ValType::I64, ValType::I32]),
        (atomics::NOTIFY, &[ValType::I32, ValType::I32, ValType::I32]),
    ]
    .map(|(name, params)| import(module, name, params));
    let hosted = |instr: &Instr| match instr {
        Instr::AtomicWait(wait) => Some((if wait.sixty_four { wait64 } else { wait32 }, wait.arg.offset)),
        Instr::AtomicNotify(wake) => Some((notify, wake.arg.offset)),
        _ => None,
    };
    for function in module.funcs.iter_mut() {
        let FunctionKind::Local(function) = &mut function.kind else { continue };
        for sequence in sequences(function) {
            let code = &mut function.block_mut(sequence).instrs;
            if !code.iter().any(|(instr, _)| hosted(instr).is_some()) {
                continue;
            }
            let call = |(instr, at): (Instr, InstrLocId)| match hosted(&instr) {
                // A memory with 32-bit addresses has offsets that fit.
                Some((func, offset)) => {
                    let offset = Instr::Const(Const { value: Value::I32(offset as i32) });
                    vec![(offset, at), (Instr::Call(walrus::ir::Call { func }), at)]
                }
                None => vec![(instr, at)],
            };
            *code = std::mem::take(code).into_iter().flat_map(call).collect();
        }
    }
    true
}

fn has_waits(function: &LocalFunction) -> bool {
    let waits = |(instr, _): &(Instr, _)| matches!(instr, Instr::AtomicWait(_) | Instr::AtomicNotify(_));
    sequences(function).iter().any(|&sequence| function.block(sequence).instrs.iter().any(waits))
}

fn import(module: &mut Module, name: &str, params: &[ValType]) -> FunctionId {
    let ty = module.types.add(params, &[ValType::I32]);
    module.add_import_func(atomics::MODULE, name, ty).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::for_host;

    #[test]
    fn waits_become_calls() {
        let module = |fields: &str| {
            wat::parse_str(format!(r#"(module (import "env" "memory" (memory 1 1 shared)) {fields})"#)).unwrap()
        };
        let other = module("(func (drop (i32.atomic.load (i32.const 0))) (atomic.fence))");
        assert!(!waits(&other) && for_host(&other).unwrap().is_none());
        assert!(!waits(b"\0asm\x01\0\0\0 \xfe\x01 no module"));
        let before = module(
            r#"(func (export "f") (param i32) (result i32)
                 (if (result i32) (local.get 0)
                   (then (memory.atomic.wait32 offset=8 (local.get 0) (i32.const 1) (i64.const -1)))
                   (else (i32.add (memory.atomic.wait64 (local.get 0) (i64.const 2) (i64.const 3))
                                  (memory.atomic.notify offset=4294967292 (local.get 0) (i32.const 4))))))"#,
        );
        let after = for_host(&before).unwrap().unwrap();
        wasmparser::Validator::new().validate_all(&after).unwrap();
        assert!(!waits(&after));
        let text = wasmprinter::print_bytes(&after).unwrap();
        for part in [r#""omp2wasi_atomics" "wait32""#, r#""wait64""#, r#""notify""#, "i32.const 8\n", "i32.const -4\n"]
        {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
