//! Makes the linear memory imported, shared and exported, whatever the linker made of it.
//!
//! wasm-ld with `--shared-memory` leaves nothing to do. A memory that the module defines for itself, as in hand-written modules
//! of 2021 and in plain links, is made imported, so that all instances of the module get the same one:
//!
//! ```wat
//! (memory (export "memory") 1)                    ;; before
//! (data (i32.const 16) "abc")
//!
//! (import "env" "memory" (memory 1 65536 shared)) ;; after
//! (data $d "abc")
//! (func (export "omp2wasi.initialize")
//!   (memory.init $d (i32.const 16) (i32.const 0) (i32.const 3)))
//! ```
//!
//! Active segments would overwrite memory again in every instance; the host calls the initializer in the first one only. It
//! also does what the start function did.

use crate::Error;
use crate::discover::Forks;
use omp2wasi_abi::layout;
use walrus::{ConstExpr, DataKind, ExportItem, FunctionBuilder, GlobalKind, Module, ValType, ir::Value};

/// The export that initialises memory, if the host has to call it.
pub(crate) const INITIALIZER: &str = "omp2wasi.initialize";
/// How the names of exported globals begin that had none: a number follows.
pub(crate) const STATE_PREFIX: &str = "omp2wasi.global.";
/// The export of the memory in a module where `memory` is something else.
pub(crate) const OTHER_NAME: &str = "omp2wasi.memory";
/// 4 GiB: all that 32 bits can address.
const MAX_PAGES: u64 = 65536;

/// Shares the memory. Returns the name of the initializer's export if the module needs one.
pub(crate) fn share(module: &mut Module) -> Result<Option<String>, Error> {
    let mut memories = module.memories.iter().map(|memory| memory.id());
    let Some(id) = memories.next() else {
        return Ok(None);
    };
    let rest = memories.count();
    if rest != 0 {
        return Err(Error::Memories(rest + 1));
    }
    let memory = module.memories.get_mut(id);
    if memory.memory64 {
        return Err(Error::Memory64);
    }
    // A module that expects its memory to be its own expects its start function to run once, too.
    let was_private = !memory.shared || memory.import.is_none();
    if !memory.shared {
        memory.shared = true;
        memory.maximum = Some(memory.maximum.unwrap_or(MAX_PAGES).max(memory.initial));
    }
    if memory.import.is_none() {
        let import = module.imports.add("env", "memory", id);
        module.memories.get_mut(id).import = Some(import);
    }
    if module.exports.get_exported_memory(id).is_none() {
        let name = if module.exports.iter().any(|export| export.name == "memory") { OTHER_NAME } else { "memory" };
        module.exports.add(name, id);
    }
    make_initializer(module, was_private)
}

fn make_initializer(module: &mut Module, was_private: bool) -> Result<Option<String>, Error> {
    let active: Vec<_> = module.data.iter().filter(|data| !data.is_passive()).map(|data| data.id()).collect();
    if active.is_empty() && (module.start.is_none() || !was_private) {
        return Ok(None);
    }
    let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
    builder.name(INITIALIZER.to_owned());
    let mut body = builder.func_body();
    for id in active {
        let data = module.data.get_mut(id);
        let DataKind::Active { memory, ref offset } = data.kind else {
            continue;
        };
        match offset {
            ConstExpr::Value(Value::I32(offset)) => body.i32_const(*offset),
            ConstExpr::Global(global) => body.global_get(*global),
            other => return Err(Error::Unsupported(format!("a data segment at {other:?}"))),
        };
        body.i32_const(0).i32_const(data.value.len() as i32).memory_init(memory, id);
        data.kind = DataKind::Passive;
        module.memories.get_mut(memory).data_segments.remove(&id);
    }
    if let Some(start) = module.start.take() {
        body.call(start);
    }
    let function = builder.finish(Vec::new(), &mut module.funcs);
    module.exports.add(INITIALIZER, function);
    Ok(Some(INITIALIZER.to_owned()))
}

/// In a module without the shim each instance has its own copy of the mutable globals, where one would be expected: exports
/// them, so that the host can carry their values over. Returns the names of the exports.
pub(crate) fn export_state(module: &mut Module, forks: &Forks) -> Vec<String> {
    let uses_parallel_for = module.imports.find(omp2wasi_abi::imports::WASI_PARALLEL, "parallel_for").is_some();
    if forks.has_shim || !uses_parallel_for {
        return Vec::new();
    }
    // The host looks kernels up in the table, so it must be able to see it.
    if let Some(table) = forks.table
        && module.exports.get_exported_table(table).is_none()
        && !module.exports.iter().any(|export| export.name == layout::FUNCTION_TABLE)
    {
        module.exports.add(layout::FUNCTION_TABLE, table);
    }
    let globals: Vec<_> = module
        .globals
        .iter()
        .filter(|global| {
            global.mutable && matches!(global.kind, GlobalKind::Local(_)) && !matches!(global.ty, ValType::Ref(_))
        })
        .map(|global| global.id())
        .collect();
    let mut names = Vec::new();
    for (number, id) in globals.into_iter().enumerate() {
        let exported = module.exports.iter().find(|export| matches!(export.item, ExportItem::Global(g) if g == id));
        let name = match exported {
            Some(export) => export.name.clone(),
            None => {
                let name = format!("{STATE_PREFIX}{number}");
                module.exports.add(&name, id);
                name
            }
        };
        names.push(name);
    }
    names
}
