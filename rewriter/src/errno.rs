//! Gives each thread its own `errno`, which a C library that was built for one thread has in an ordinary variable.
//!
//! The library's code accesses it by its address, as the constant offset of a load or store:
//!
//! ```wat
//! (i32.store offset=1234 (i32.const 0) (local.get $error))                         ;; before
//! (call $omp2wasi_store_errno (i32.const 0) (local.get $error))                    ;; after
//! ```
//!
//! The shim has the two functions, and one that returns the variable's address; they are exported until this is done. What they do with an
//! address that is not 0, and then means some other variable, is what the instruction did.
//!
//! Invariant: a program that does not have the shim's functions stays as it is; one that names `errno` has them.

use crate::discover::sequences;
use omp2wasi_abi::imports::errno::{ADDRESS, LOAD, STORE};
use walrus::ir::{Call, Instr, LoadKind, StoreKind, Value};
use walrus::{ExportItem, FunctionId, FunctionKind, Module, ValType};

/// Leads the accesses to the shim's functions.
pub(crate) fn per_thread(module: &mut Module) {
    let address = take_export(module, ADDRESS, &[], &[ValType::I32]);
    let load = take_export(module, LOAD, &[ValType::I32], &[ValType::I32]);
    let store = take_export(module, STORE, &[ValType::I32, ValType::I32], &[]);
    let (Some(address), Some(load), Some(store)) = (address, load, store) else { return };
    let Some(offset) = returned_constant(module, address) else { return };
    for (id, function) in module.funcs.iter_local_mut() {
        if [load, store].contains(&id) {
            continue; // where these access it, they mean what they say
        }
        for sequence in sequences(function) {
            for (instr, _) in &mut function.block_mut(sequence).instrs {
                let func = match instr {
                    Instr::Load(access)
                        if access.arg.offset == offset && matches!(access.kind, LoadKind::I32 { atomic: false }) =>
                    {
                        load
                    }
                    Instr::Store(access)
                        if access.arg.offset == offset && matches!(access.kind, StoreKind::I32 { atomic: false }) =>
                    {
                        store
                    }
                    _ => continue,
                };
                *instr = Instr::Call(Call { func });
            }
        }
    }
}

/// The function of an export that nobody else needs, which is removed.
fn take_export(module: &mut Module, name: &str, params: &[ValType], results: &[ValType]) -> Option<FunctionId> {
    let export = module.exports.iter().find(|export| export.name == name)?;
    let (id, ExportItem::Function(function)) = (export.id(), export.item) else { return None };
    let ty = module.types.get(module.funcs.get(function).ty());
    if ty.params() != params || ty.results() != results {
        return None;
    }
    module.exports.delete(id);
    Some(function)
}

/// What a function returns that does nothing else.
fn returned_constant(module: &Module, function: FunctionId) -> Option<u64> {
    let FunctionKind::Local(function) = &module.funcs.get(function).kind else { return None };
    match function.block(function.entry_block()).instrs.as_slice() {
        [(Instr::Const(constant), _)] => match constant.value {
            Value::I32(value) => Some(u64::from(value as u32)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(address: &str) -> String {
        let wasm = wat::parse_str(format!(
            r#"(module
                 (memory 1)
                 (func (export "{ADDRESS}") (result i32) {address})
                 (func $load (export "{LOAD}") (param i32) (result i32) (i32.load offset=1234 (local.get 0)))
                 (func $store (export "{STORE}") (param i32 i32) (i32.store offset=1234 (local.get 0) (local.get 1)))
                 (func (export "user") (param i32) (result i32)
                   (if (local.get 0) (then (i32.store offset=1234 (i32.const 0) (local.get 0))))
                   (i32.store offset=1230 (local.get 0) (i32.const 5))
                   (i32.store16 offset=1234 (local.get 0) (i32.const 5))
                   (i32.load offset=1234 (i32.const 0))))"#
        ))
        .unwrap();
        let mut module = Module::from_buffer(&wasm).unwrap();
        per_thread(&mut module);
        wasmprinter::print_bytes(module.emit_wasm()).unwrap()
    }

    #[test]
    fn accesses_become_calls() {
        let text = rewritten("(i32.const 1234)");
        assert_eq!(text.matches("call ").count(), 2, "{text}");
        assert_eq!(text.matches("offset=1234").count(), 3, "the two functions' own, and that of 2 bytes\n{text}");
        assert!(!text.contains("export \"omp2wasi."), "{text}");
    }

    #[test]
    fn an_address_that_is_no_constant_is_none() {
        let text = rewritten("(i32.add (i32.const 1230) (i32.const 4))");
        assert_eq!(text.matches("call ").count(), 0, "{text}");
    }
}
