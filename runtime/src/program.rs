//! Loads programs and runs them.
//!
//! Invariant: a [`Program`] never changes; each run has a memory, instances and threads of its own.

use crate::config::Config;
use crate::cpu::member::Member;
use crate::cpu::places::bind_thread;
use crate::cpu::team::THREAD_STACK;
use crate::device::offload::Offload;
use crate::error::{Error, Outcome};
use crate::imports::linker;
use crate::imports::wasi::Wasi;
use crate::memory::GuestMemory;
use crate::process::{Image, Process, TableKernels};
use omp2wasi_abi::imports::{self, Generation};
use omp2wasi_rewriter::Manifest;
use std::path::Path;
use std::sync::Arc;
use std::sync::{OnceLock, mpsc};
use std::thread;
use wasmtime::{
    Cache, CacheConfig, Engine, ExternType, Instance, Module, OptLevel, SharedMemory, Store, Val, ValType,
    WasmBacktraceDetails,
};

/// How deep wasm calls may nest, in bytes of the native stack. A C program expects the 8 MiB of a native one.
const MAX_WASM_STACK: usize = 8 << 20;

/// A Wasmtime engine with what programs need: threads, shared memories, backtraces. Compiled code is kept in `cache`, if given.
///
/// # Errors
/// When the cache folder cannot be used, or Wasmtime does not support this machine.
pub fn engine(cache: Option<&Path>) -> Result<Engine, Error> {
    let mut config = wasmtime::Config::new();
    config
        .wasm_threads(true)
        .shared_memory(true)
        .wasm_simd(true)
        .wasm_relaxed_simd(true)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .async_stack_size(MAX_WASM_STACK + (1 << 20))
        .max_wasm_stack(MAX_WASM_STACK);
    if let Some(directory) = cache {
        let mut cache = CacheConfig::new();
        cache.with_directory(directory);
        config.cache(Some(Cache::new(cache)?));
    }
    Ok(Engine::new(&config)?)
}

const _: () =
    assert!(THREAD_STACK >= 3 * MAX_WASM_STACK + (1 << 20), "a thread's stack holds all wasm frames, and ours");

/// A compiled program, which can be run any number of times, at the same time too.
#[derive(Clone)]
pub struct Program {
    engine: Engine,
    module: Module,
    /// The module's bytes, which devices' kernels are translated from.
    wasm: Arc<[u8]>,
    manifest: Manifest,
}

impl Program {
    /// Compiles a module, in the binary or the text format. One that has not been rewritten is rewritten first.
    ///
    /// # Errors
    /// When it is malformed, of another kind, or cannot be rewritten.
    pub fn new(engine: &Engine, bytes: &[u8]) -> Result<Self, Error> {
        let bytes = wat::parse_bytes(bytes).map_err(|error| Error::Text(error.to_string()))?;
        let (wasm, manifest): (Arc<[u8]>, _) = match omp2wasi_rewriter::manifest(&bytes)? {
            Some(manifest) => (bytes.into(), manifest),
            None => {
                let rewritten = omp2wasi_rewriter::rewrite(&bytes, &omp2wasi_rewriter::Options::default())?;
                (rewritten.wasm.into(), rewritten.manifest)
            }
        };
        Ok(Self { engine: engine.clone(), module: Module::from_binary(engine, &wasm)?, wasm, manifest })
    }

    /// Runs the program on a thread of its own, and returns when it has ended. Threads of it that cannot be stopped (they
    /// compute and call nothing) are left behind.
    pub fn run(&self, config: Config) -> Outcome {
        let (sender, receiver) = mpsc::channel();
        let program = self.clone();
        let primary = thread::Builder::new().name("omp2wasi-0".to_owned()).stack_size(THREAD_STACK);
        let started = primary.spawn(move || {
            let failed = sender.clone();
            if let Err(error) = execute(program, &config, sender) {
                // The program has not started, so no other thread sends an outcome.
                let _ = failed.send(Outcome::Failed(error));
            }
        });
        match started {
            Err(error) => Outcome::Failed(Error::Thread(error)),
            Ok(thread) => match receiver.recv() {
                Ok(outcome) => outcome,
                Err(_) => match thread.join() {
                    Err(panic) => std::panic::resume_unwind(panic),
                    Ok(()) => Outcome::Exited(0),
                },
            },
        }
    }
}

/// Runs a program on the calling thread, to its end. Errors are those of starting it; how it ends goes to `outcome`.
fn execute(program: Program, config: &Config, outcome: mpsc::Sender<Outcome>) -> Result<(), Error> {
    let (module, initializer) = (program.module.clone(), program.manifest.initializer.clone());
    let process = Arc::new(Process::new(image(program, config)?, config, outcome));
    if config.machine.is_some() {
        // Threads of the program inherit it.
        bind_thread(0, process.machine.procs());
    }
    process.waiters.thread_started();
    let mut scratch = Member::scratch(&process);
    let linker = linker::linker(&process.engine, &module, &scratch, process.memory.as_ref())?;
    linker::check_imports(&linker, &mut scratch, &module)?;
    // Set here and nowhere else.
    let _ = process.instance.set(linker.instantiate_pre(&module)?);
    drop(scratch);
    let calls = calls(&module, config)?;
    if let Some(initializer) = &initializer
        && !matches!(module.get_export(initializer), Some(ExternType::Func(ty)) if ty.params().len() + ty.results().len() == 0)
    {
        return Err(Error::NoInitializer(initializer.clone()));
    }

    let (mut store, instance) = Member::start(&process)?;
    let result = call_all(&mut store, instance, initializer.as_deref(), calls);
    let thread = store.data().thread;
    process.end(|| match &result {
        Ok(code) => Outcome::Exited(*code),
        Err(error) => Outcome::of_error(error, thread),
    });
    process.helpers.end(&process);
    Ok(())
}

/// Makes the program's memory, and opens what the configuration gives to it.
fn image(program: Program, config: &Config) -> Result<Image, Error> {
    let Program { engine, module, wasm, manifest } = program;
    let memory = module.imports().find_map(|import| match import.ty() {
        ExternType::Memory(ty) => Some(ty),
        _ => None,
    });
    let static_size = memory.as_ref().map_or(0, |ty| ty.minimum() as usize * ty.page_size() as usize);
    let memory = memory.map(|ty| SharedMemory::new(&engine, ty)).transpose()?.map(GuestMemory::new);
    let uses_exec = module
        .imports()
        .any(|import| import.module() == imports::WASI_PARALLEL && import.name() == imports::PARALLEL_EXEC.name);
    let mut concurrent: Vec<u32> =
        manifest.kernels.iter().filter(|kernel| kernel.concurrent).map(|kernel| kernel.table_index).collect();
    concurrent.sort_unstable();
    Ok(Image {
        engine,
        memory,
        kernels: TableKernels {
            concurrent,
            shared_globals: manifest.shared_globals,
            wasm: wasm.clone(),
            initializer: manifest.initializer,
            are_kept: OnceLock::new(),
        },
        generation: if uses_exec { Generation::Y2022 } else { Generation::Y2021 },
        wasi: Wasi::new(config)?,
        offload: Offload::new(wasm, static_size, config),
    })
}

/// The functions to call, with their arguments: `_start`, or what the configuration asks for.
fn calls(module: &Module, config: &Config) -> Result<Vec<(String, Vec<Val>)>, Error> {
    let default = [("_start".to_owned(), Vec::new())];
    let wanted = if config.invoke.is_empty() { &default[..] } else { &config.invoke[..] };
    wanted
        .iter()
        .map(|(name, arguments)| {
            let Some(ExternType::Func(ty)) = module.get_export(name) else {
                return Err(Error::NoEntry(name.clone()));
            };
            let params: Vec<ValType> = ty.params().collect();
            let values: Option<Vec<Val>> = params.iter().zip(arguments).map(|(ty, text)| parse(ty, text)).collect();
            match values {
                Some(values) if arguments.len() == params.len() => Ok((name.clone(), values)),
                _ => Err(Error::Arguments {
                    export: name.clone(),
                    expected: format!("({})", params.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
                    found: format!("({})", arguments.join(", ")),
                }),
            }
        })
        .collect()
}

/// A value of a type from its text; integers can be signed or unsigned.
fn parse(ty: &ValType, text: &str) -> Option<Val> {
    Some(match ty {
        ValType::I32 => {
            Val::I32(text.parse::<i32>().ok().or_else(|| text.parse::<u32>().ok().map(|value| value as i32))?)
        }
        ValType::I64 => {
            Val::I64(text.parse::<i64>().ok().or_else(|| text.parse::<u64>().ok().map(|value| value as i64))?)
        }
        ValType::F32 => Val::F32(text.parse::<f32>().ok()?.to_bits()),
        ValType::F64 => Val::F64(text.parse::<f64>().ok()?.to_bits()),
        _ => return None,
    })
}

/// Calls the initializer and then each function. The exit code is the last one's result, where it has an i32 one: so
/// hand-written modules report success.
fn call_all(
    store: &mut Store<Member>,
    instance: Instance,
    initializer: Option<&str>,
    calls: Vec<(String, Vec<Val>)>,
) -> wasmtime::Result<u8> {
    if let Some(initializer) = initializer {
        instance.get_typed_func::<(), ()>(&mut *store, initializer)?.call(&mut *store, ())?;
    }
    let mut code = 0;
    for (name, arguments) in calls {
        let function =
            instance.get_func(&mut *store, &name).ok_or_else(|| wasmtime::Error::msg(format!("no export `{name}`")))?;
        let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
        function.call(&mut *store, &arguments, &mut results)?;
        code = match results.first() {
            Some(Val::I32(code)) => *code as u8,
            _ => 0,
        };
    }
    Ok(code)
}
