//! Loads programs and runs them.
//!
//! Invariant: a [`Program`] never changes; each run has a memory, instances and threads of its own.

use crate::cache::{Cache, DigestHasher, Key};
use crate::config::Config;
use crate::cpu::member::Member;
use crate::cpu::places::bind_thread;
use crate::cpu::stack::MAX_WASM;
use crate::cpu::team::EndOnPanic;
use crate::cpu::threads;
use crate::device::offload::Offload;
use crate::engine::form;
use crate::engine::native::{self, NativeError, NativeOptions, NativeReport, Tiers};
use crate::error::{Error, Outcome, TrapInfo};
use crate::imports::linker;
use crate::imports::wasi::Wasi;
use crate::limits::{Budget, instance_size};
use crate::memory::GuestMemory;
use crate::process::{Image, Process, TableKernels};
use crate::report::Notice;
use omp2wasi_abi::imports::{self, Generation};
use omp2wasi_rewriter::{Claims, Error as RewriteError};
use std::hash::Hash;
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use wasmtime::{
    AsContextMut, ExternType, FuncType, Instance, MemoryType, MemoryTypeBuilder, Module, OptLevel, SharedMemory, Store,
    Val, ValType, WasmBacktraceDetails,
};
use wasmtime_wasi::I32Exit;

/// Where threads of a program that has ended stop running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interruption {
    /// At their next call of a host function. One that computes for ever and calls nothing stays until the OS process ends: right where that
    /// follows the program's end, or where programs are trusted. It costs nothing.
    #[default]
    AtHostCalls,
    /// Wherever they are in wasm: [`Program::run`] returns when they are gone, or after a tenth of a second if one is in a host function that
    /// takes longer. All loops then look whether they are to stop: those that work in the first-level cache take several times as long.
    ///
    /// This is for programs that are not trusted, so nobody reads their debug information either: backtraces have no source lines.
    Anywhere,
}

/// A Wasmtime engine with what programs need: threads, shared memories, backtraces. Clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    interruption: Interruption,
}

impl Engine {
    /// Wasmtime's own engine, for whatever else an embedder does with Wasmtime.
    #[must_use]
    pub fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }
}

/// Makes an engine.
///
/// # Errors
/// When Wasmtime does not support this machine.
pub fn engine(interruption: Interruption) -> Result<Engine, Error> {
    let mut config = wasmtime::Config::new();
    config
        .wasm_threads(true)
        .shared_memory(true)
        .wasm_simd(true)
        .wasm_relaxed_simd(true)
        // The rewriter and the translation for devices know one memory with 32-bit addresses.
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_backtrace_details(match interruption {
            Interruption::AtHostCalls => WasmBacktraceDetails::Enable,
            Interruption::Anywhere => WasmBacktraceDetails::Disable,
        })
        .epoch_interruption(interruption == Interruption::Anywhere)
        .async_stack_size(MAX_WASM + (1 << 20))
        .max_wasm_stack(MAX_WASM)
        .memory_reservation(4 << 30)
        // Native code compares no offset that is smaller.
        .memory_guard_size(native::GUARD);
    Ok(Engine { wasmtime: wasmtime::Engine::new(&config)?, interruption })
}

/// A compiled program, which can be run any number of times, at the same time too.
#[derive(Clone)]
pub struct Program {
    engine: Engine,
    module: Module,
    /// The module's bytes, which devices' kernels are translated from.
    wasm: Arc<[u8]>,
    claims: Claims,
    /// See [`Notice::ScalarFormsIgnored`].
    forms_ignored: Option<String>,
}

impl Program {
    /// Compiles a module, in the binary or the text format. One that has not been rewritten is rewritten first.
    ///
    /// # Errors
    /// When it is malformed, of another kind, its custom section does not fit, or it cannot be rewritten.
    pub fn new(engine: &Engine, bytes: &[u8]) -> Result<Self, Error> {
        let Rewritten { wasm, claims, forms_ignored } = rewritten(engine, bytes)?;
        Ok(Self { engine: engine.clone(), module: compile(engine, &wasm)?, wasm, claims, forms_ignored })
    }

    /// The same with compiled code from a cache, where it is kept for the next time.
    ///
    /// # Errors
    /// As for [`Program::new`].
    pub fn cached(engine: &Engine, bytes: &[u8], cache: &Cache) -> Result<Self, Error> {
        let Rewritten { wasm, claims, forms_ignored } = rewritten(engine, bytes)?;
        let mut compiler = DigestHasher::default();
        engine.wasmtime.precompile_compatibility_hash().hash(&mut compiler);
        let key = Key::of(&[b"module", &omp2wasi_rewriter::HOST_VERSION.to_le_bytes(), &compiler.digest(), &wasm]);
        // SAFETY: the cache has what `serialize` made of this module for an engine that compiles in the same way, and nobody else can have
        // put anything there: see `Cache`.
        let kept = cache.load(&key).and_then(|code| unsafe { Module::deserialize(&engine.wasmtime, code) }.ok());
        let module = match kept {
            Some(module) => module,
            None => {
                let module = compile(engine, &wasm)?;
                cache.store(&key, &module.serialize()?);
                module
            }
        };
        Ok(Self { engine: engine.clone(), module, wasm, claims, forms_ignored })
    }

    /// Runs the program on threads of its own, and returns when it has ended. What becomes of threads that compute then depends on the
    /// engine: see [`Interruption`].
    pub fn run(&self, config: Config) -> Outcome {
        let (sender, receiver) = mpsc::channel();
        let start = match Start::new(self.clone(), config, sender) {
            Ok(start) => start,
            Err(error) => return Outcome::Failed(error),
        };
        let (process, time_limit) = (Arc::clone(&start.process), start.config.time_limit);
        let reporter = start.config.reporter.clone();
        let failed = Arc::clone(&process);
        let body = move || {
            if let Err(error) = start.run() {
                // The program has not started, so no other thread ends it.
                failed.end(|| Outcome::Failed(error));
            }
        };
        if let Err(error) = process.threads.start("omp2wasi-0".to_owned(), body) {
            return Outcome::Failed(Error::Thread(error));
        }
        let in_time = time_limit.map_or_else(|| receiver.recv().ok(), |limit| receiver.recv_timeout(limit).ok());
        let outcome = in_time.or_else(|| {
            let limit = time_limit.unwrap_or_default();
            process.end_by_trap(format!("the program has run for {limit:?}, which is as long as it may (--timeout)"));
            receiver.recv().ok()
        });
        if let Some(tiers) = &process.native {
            tiers.end();
        }
        if let Some(report) = process.offload.report() {
            reporter.report_last(&Notice::Offload(report));
        }
        if self.engine.interruption == Interruption::Anywhere {
            self.wait_for_threads(&process);
        }
        // There is always one, unless describing it has failed.
        outcome.unwrap_or_else(|| {
            let message = "omp2wasi itself failed; the message is above".to_owned();
            Outcome::Trapped(TrapInfo { thread: None, message, backtrace: String::new() })
        })
    }

    /// Makes native code of the program's kernels and of what is outside of them, for runs with [`Tier::Auto`](crate::Tier::Auto) or [`Tier::Native`](crate::Tier::Native) and the
    /// same options.
    ///
    /// # Errors
    /// When that fails.
    pub fn compile_native(&self, options: &NativeOptions) -> Result<NativeReport, NativeError> {
        let mut report = native::make_beforehand(&self.wasm, &self.claims.manifest, has_start(&self.module), options)?;
        report.forms_ignored = self.forms_ignored.clone().map(|reason| Notice::ScalarFormsIgnored { reason });
        Ok(report)
    }

    /// Waits until the threads of a program that has ended are gone, or for a tenth of a second. One that was about to look at the epoch when the
    /// program ended may have missed that, so the epoch goes on meanwhile.
    fn wait_for_threads(&self, process: &Process) {
        for _ in 0..100 {
            if process.threads.count() == 0 {
                return;
            }
            self.engine.wasmtime.increment_epoch();
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Compiles a rewritten module.
fn compile(engine: &Engine, wasm: &[u8]) -> Result<Module, Error> {
    let wasm = form::compiled(wasm)?;
    threads::ready_compiler().map_err(Error::Thread)?;
    Ok(Module::from_binary(&engine.wasmtime, &wasm)?)
}

/// A module's bytes after the rewriting, and what its custom section claims.
struct Rewritten {
    wasm: Arc<[u8]>,
    claims: Claims,
    forms_ignored: Option<String>,
}

fn rewritten(engine: &Engine, bytes: &[u8]) -> Result<Rewritten, Error> {
    let mut bytes = wat::parse_bytes(bytes).map_err(|error| Error::Text(error.to_string()))?;
    if engine.interruption == Interruption::Anywhere {
        bytes = omp2wasi_rewriter::without_dwarf(&bytes)?.into();
    }
    let (mut done, mut forms_ignored) = (claimed(&bytes), None);
    if let Err(RewriteError::Scalar(reason)) = done {
        let plain = omp2wasi_rewriter::without_scalar_forms(&bytes)?;
        (done, forms_ignored) = (claimed(&plain), Some(reason));
    }
    let (wasm, claims) = done?;
    Ok(Rewritten { wasm, claims, forms_ignored })
}

/// The bytes, if they have been rewritten, or else what they are then; and the claims.
fn claimed(bytes: &[u8]) -> Result<(Arc<[u8]>, Claims), RewriteError> {
    if let Some(claims) = omp2wasi_rewriter::claims(bytes)? {
        omp2wasi_rewriter::scalar_forms(bytes)?;
        return Ok((bytes.into(), claims));
    }
    let wasm = omp2wasi_rewriter::rewrite(bytes, &omp2wasi_rewriter::Options::default())?.wasm;
    let claims = omp2wasi_rewriter::claims(&wasm)?.unwrap_or_default();
    Ok((wasm.into(), claims))
}

/// A program that is ready to run.
struct Start {
    process: Arc<Process>,
    config: Config,
    initializer: Option<String>,
    calls: Vec<(String, Vec<Val>)>,
}

impl Start {
    /// Makes the memory, links the module, and finds the functions to call.
    fn new(program: Program, mut config: Config, outcome: mpsc::Sender<Outcome>) -> Result<Self, Error> {
        config.reporter = config.reporter.for_run();
        let (module, initializer) = (program.module.clone(), program.claims.manifest.initializer.clone());
        let process = Arc::new(Process::new(image(program, &config)?, &config, outcome));
        let mut scratch = Member::scratch(&process);
        let host = linker::linker(&process.engine, &module, &scratch, process.memory.as_ref())?;
        linker::check_imports(&host.linker, &mut scratch, &module)?;
        // Set here and nowhere else, both.
        let _ = process.instance.set(host.linker.instantiate_pre(&module)?);
        let _ = process.imports.set(host);
        drop(scratch);
        let calls = calls(&module, &config)?;
        Ok(Self { process, config, initializer, calls })
    }

    /// Runs the program on the calling thread, to its end. Errors are those of starting it; how it ends goes to the process.
    fn run(self) -> Result<(), Error> {
        let Self { process, config, initializer, calls } = self;
        let _ended = EndOnPanic { process: &process, thread: None };
        if config.machine.is_some() {
            // Threads of the program inherit it.
            bind_thread(0, process.machine.procs());
        }
        let _helpers = EndHelpers(&process);
        process.waiters.thread_started();
        let room = Member::room(&process).map_err(Error::Instance)?;
        let (mut store, instance) = match Member::start(&process, room) {
            // A start function may end the program.
            Err(error) if error.is::<I32Exit>() => {
                process.end(|| Outcome::of_error(&error, None));
                return Ok(());
            }
            started => started?,
        };
        store.data_mut().place = process.places.initial();
        let result = call_all(&mut store, instance, initializer.as_deref(), calls);
        let thread = store.data().thread;
        process.end(|| match &result {
            Ok(code) => Outcome::Exited(*code),
            Err(error) => Outcome::of_error(error, thread),
        });
        Ok(())
    }
}

/// Ends the threads that help with independent iterations when it is dropped: however the program ends, and also if it has not begun.
struct EndHelpers<'p>(&'p Process);

impl Drop for EndHelpers<'_> {
    fn drop(&mut self) {
        self.0.helpers.end(self.0);
    }
}

/// Makes the program's memory, and opens what the configuration gives to it.
fn image(program: Program, config: &Config) -> Result<Image, Error> {
    let Program { engine: Engine { wasmtime: engine, interruption }, module, wasm, claims, forms_ignored } = program;
    if let Some(reason) = forms_ignored {
        config.reporter.report(&Notice::ScalarFormsIgnored { reason });
    }
    let can_be_native = interruption == Interruption::AtHostCalls;
    let native = Tiers::new(config, &wasm, &claims.manifest, has_start(&module), can_be_native)?;
    let imported = module.imports().find_map(|import| match import.ty() {
        ExternType::Memory(ty) => Some(ty),
        _ => None,
    });
    let limit = config.memory_limit.unwrap_or(Config::MEMORY_LIMIT);
    let for_memory = limit - (limit / 5).min(256 << 20);
    let (mut static_size, mut memory, mut taken) = (0, None, 0);
    if let Some(ty) = imported {
        static_size = ty.minimum() as usize * ty.page_size() as usize;
        // It grows without asking anybody, so it takes its share now.
        let maximum = ty.maximum().unwrap_or(u64::MAX).min(for_memory / ty.page_size());
        if ty.minimum() > maximum {
            return Err(Error::Memory { needed: static_size as u64, limit: for_memory });
        }
        taken = maximum * ty.page_size();
        memory = Some(GuestMemory::new(SharedMemory::new(&engine, smaller(&ty, maximum)?)?));
    }
    let budget = Budget::new(limit - taken);
    let offload = Offload::new(wasm.clone(), &claims.manifest, static_size, &budget, config);
    let uses_exec = module
        .imports()
        .any(|import| import.module() == imports::WASI_PARALLEL && import.name() == imports::PARALLEL_EXEC.name);
    let instance_size = instance_size(&module, &wasm);
    Ok(Image {
        engine,
        memory,
        instance_size,
        kernels: TableKernels {
            concurrent: claims.concurrent,
            shared_globals: claims.manifest.shared_globals,
            wasm,
            initializer: claims.manifest.initializer,
            are_kept: OnceLock::new(),
        },
        generation: if uses_exec { Generation::Y2022 } else { Generation::Y2021 },
        wasi: Wasi::new(config)?,
        native,
        offload,
        budget,
    })
}

/// Whether a module begins as C programs do.
fn has_start(module: &Module) -> bool {
    let is_simple = |ty: &FuncType| ty.params().len() == 0 && ty.results().len() == 0;
    matches!(module.get_export(native::START), Some(ExternType::Func(ty)) if is_simple(&ty))
}

/// The type of a shared memory with this maximum, in pages.
fn smaller(ty: &MemoryType, maximum: u64) -> Result<MemoryType, Error> {
    let mut builder = MemoryTypeBuilder::new();
    builder.min(ty.minimum()).max(Some(maximum)).shared(ty.is_shared()).page_size_log2(ty.page_size_log2());
    Ok(builder.build()?)
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
        if name == native::START && call_serial(store)? {
            code = 0;
            continue;
        }
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

/// Calls the program's beginning as native code. False if there is none; from then on it is observed whether it would be worth it.
fn call_serial(store: &mut Store<Member>) -> wasmtime::Result<bool> {
    let Some(tiers) = store.data().process.native.clone() else { return Ok(false) };
    let Some(code) = tiers.serial() else {
        tiers.watch();
        return Ok(false);
    };
    let mut store = store.as_context_mut();
    native::member::call(&mut store, code, &mut [])?;
    native::member::give_back(&mut store)?;
    Ok(true)
}
