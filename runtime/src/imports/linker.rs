//! Everything that a program may import, and what to say of anything else.

use super::{devices, omp2wasi, parallel_exec, parallel_for, wasi};
use crate::cpu::member::Member;
use crate::error::Error;
use crate::memory::GuestMemory;
use omp2wasi_abi::imports;
use wasmtime::{Engine, Extern, ExternType, Linker, Module, Store};

/// A linker for programs with this memory.
pub(crate) fn linker(
    engine: &Engine,
    module: &Module,
    store: &Store<Member>,
    memory: Option<&GuestMemory>,
) -> Result<Linker<Member>, Error> {
    let mut linker = Linker::new(engine);
    wasi::add_to_linker(&mut linker)?;
    parallel_for::add_to_linker(&mut linker)?;
    parallel_exec::add_to_linker(&mut linker)?;
    omp2wasi::add_to_linker(&mut linker)?;
    devices::add_to_linker(&mut linker)?;
    if let Some(memory) = memory {
        for import in module.imports().filter(|import| matches!(import.ty(), ExternType::Memory(_))) {
            linker.define(store, import.module(), import.name(), Extern::SharedMemory(memory.shared().clone()))?;
        }
    }
    Ok(linker)
}

/// Checks that everything is there, with a message that is about the program rather than about the linker.
pub(crate) fn check_imports(linker: &Linker<Member>, store: &mut Store<Member>, module: &Module) -> Result<(), Error> {
    for import in module.imports() {
        if linker.get(&mut *store, import.module(), import.name()).is_ok() {
            continue;
        }
        let ty = match import.ty() {
            ExternType::Func(_) => "a function",
            ExternType::Global(_) => "a global",
            ExternType::Table(_) => "a table",
            ExternType::Memory(_) => "a memory",
            ExternType::Tag(_) => "a tag",
        };
        let hint = match import.module() {
            "wasi" if import.name() == "thread-spawn" => "; threads come from OpenMP here: link without wasi-threads",
            "env" => "; link it with `omp2wasi cc`, or without --allow-undefined to see what is missing",
            imports::REWRITER => "; rewrite the module with `omp2wasi rewrite`",
            _ => "",
        };
        return Err(Error::Import { module: import.module().to_owned(), name: import.name().to_owned(), ty, hint });
    }
    Ok(())
}
