//! Links a program with everything that it may import, and says what is wrong with anything else.
//!
//! Invariant: every function of [`omp2wasi_abi::imports::ALL`] that a host provides is defined, with the type that stands there.

use super::define::HostLinker;
use super::{atomics, devices, omp2wasi, parallel_exec, parallel_for, wasi};
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
) -> Result<HostLinker, Error> {
    let mut host = HostLinker::new(engine);
    wasi::add_to_linker(&mut host.linker)?;
    parallel_for::add_to_linker(&mut host)?;
    parallel_exec::add_to_linker(&mut host)?;
    omp2wasi::add_to_linker(&mut host)?;
    devices::add_to_linker(&mut host)?;
    atomics::add_to_linker(&mut host.linker)?;
    parallel_for::add_carrying(&mut host, module)?;
    if let Some(memory) = memory {
        for import in module.imports().filter(|import| matches!(import.ty(), ExternType::Memory(_))) {
            host.linker.define(store, import.module(), import.name(), Extern::SharedMemory(memory.shared().clone()))?;
        }
    }
    Ok(host)
}

/// Checks that everything that the module imports is there, with a message that is about the program rather than about the linker.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::device::offload::Offload;
    use crate::limits::Budget;
    use crate::process::{Image, Process, TableKernels};
    use crate::program::{Interruption, engine};
    use omp2wasi_abi::imports::{Generation, Type};
    use omp2wasi_abi::manifest::Manifest;
    use std::sync::{Arc, OnceLock, mpsc};
    use wasmtime::ValType;

    #[test]
    fn every_function_of_the_contract_is_there() {
        let engine = engine(Interruption::AtHostCalls).unwrap().wasmtime().clone();
        let module = Module::new(&engine, wat::parse_str("(module)").unwrap()).unwrap();
        let config = Config::default();
        let image = Image {
            engine: engine.clone(),
            memory: None,
            kernels: TableKernels {
                concurrent: Vec::new(),
                shared_globals: Vec::new(),
                wasm: Arc::new([]),
                initializer: None,
                are_kept: OnceLock::new(),
            },
            native: None,
            generation: Generation::Y2021,
            wasi: wasi::Wasi::new(&config).unwrap(),
            offload: Offload::new(Arc::new([]), &Manifest::default(), 0, &Budget::new(1 << 20), &config),
            budget: Budget::new(1 << 20),
            instance_size: 0,
        };
        let process = Arc::new(Process::new(image, &config, mpsc::channel().0));
        let mut store = Member::scratch(&process);
        let linker = linker(&engine, &module, &store, None).unwrap().linker;
        let types = |types: &mut dyn Iterator<Item = Type>| -> Vec<&str> {
            types.map(|ty| if ty == Type::I32 { "i32" } else { "i64" }).collect()
        };
        let names =
            |types: &mut dyn Iterator<Item = ValType>| -> Vec<String> { types.map(|ty| ty.to_string()).collect() };
        for function in imports::ALL {
            let found = linker.get(&mut store, function.module, function.name);
            if function.module == imports::REWRITER {
                assert!(found.is_err(), "{} is the rewriter's", function.name);
                continue;
            }
            let ty = found.unwrap().into_func().unwrap().ty(&store);
            assert_eq!(
                names(&mut ty.params()),
                types(&mut function.params.iter().map(|(_, ty)| *ty)),
                "{}",
                function.name
            );
            assert_eq!(names(&mut ty.results()), types(&mut function.results.iter().copied()), "{}", function.name);
        }
    }
}
