//! Compiles kernels that are modules of their own (`parallel_exec`), once each, and instantiates them for each thread.
//!
//! Invariant: an instance is used for a second launch only if the guest cannot tell: its module has no state of its own, and
//! instantiating it does nothing to the memory.

use crate::cpu::independent::{IndependentKernel, Kept};
use crate::cpu::kernel_call::{KernelCall, is_kernel};
use crate::cpu::member::stop_at_end;
use crate::cpu::{stack, threads};
use crate::limits::{OutOfMemory, Share, StoreLimits, instance_size};
use crate::process::Process;
use lru::LruCache;
use rustc_hash::FxBuildHasher;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmparser::{FunctionBody, Operator, Parser, Payload};
use wasmtime::{ExternType, Func, InstancePre, Linker, Module, Store};

/// Bytes that a kernel module may have at most.
pub(crate) const MAX_SIZE: u32 = 1 << 20;

/// How many compiled modules are kept.
const MAX_COMPILED: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// How many instances a thread keeps.
const MAX_KEPT: usize = 8;

/// The export that is the kernel.
const KERNEL: &str = "kernel";

/// Kernel modules that have been compiled, by their bytes.
pub(crate) struct KernelModules {
    compiled: Mutex<LruCache<Arc<[u8]>, Arc<KernelModule>, FxBuildHasher>>,
    /// Held while a module is compiled: compiling takes many times a module's size, so modules are compiled one after the other.
    compiling: Mutex<()>,
}

/// A compiled kernel module, linked with the program's memory.
pub(crate) struct KernelModule {
    /// The module's bytes.
    pub bytes: Arc<[u8]>,
    module: Module,
    /// What instances are made from, or why there are none: its imports have other types.
    linked: Result<InstancePre<StoreLimits>, String>,
    /// Whether its instances can be kept.
    is_stateless: bool,
    /// Bytes of an instance.
    instance_size: u64,
    /// What bytes and code take of the memory budget.
    _share: Share,
}

/// Why there is no kernel module.
pub(crate) enum NoModule {
    /// Its bytes are none, in words that follow "the kernel module".
    Bad(String),
    /// There is no room for it.
    NoRoom,
}

impl KernelModules {
    /// None has been compiled yet.
    pub(crate) fn new() -> Self {
        let compiled = LruCache::with_hasher(MAX_COMPILED, FxBuildHasher);
        Self { compiled: Mutex::new(compiled), compiling: Mutex::default() }
    }

    /// Compiles a module, unless that has been done.
    ///
    /// # Errors
    /// What is wrong with the module, or that there is no room.
    pub(crate) fn get(&self, process: &Process, bytes: &[u8]) -> Result<Arc<KernelModule>, NoModule> {
        if let Some(module) = self.lock().get(bytes) {
            return Ok(Arc::clone(module));
        }
        let _compiling = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have compiled it meanwhile, or ended the program.
        if let Some(module) = self.lock().get(bytes) {
            return Ok(Arc::clone(module));
        }
        process.waiters.check().map_err(|_| NoModule::NoRoom)?;
        // Given back when it has been compiled.
        let compiler = self.room(process, compiler_size(bytes)).ok_or(NoModule::NoRoom)?;
        let module = compile(process, bytes).map_err(NoModule::Bad)?;
        drop(compiler);
        let code = module.image_range();
        let share = self.room(process, bytes.len() + (code.end.addr() - code.start.addr())).ok_or(NoModule::NoRoom)?;
        let module = Arc::new(KernelModule::new(process, module, bytes, share));
        self.lock().put(Arc::clone(&module.bytes), Arc::clone(&module));
        Ok(module)
    }

    /// Room for so many bytes; modules that have not been used for the longest time go for it. (Those that threads have instances of
    /// stay until the instances go.)
    fn room(&self, process: &Process, bytes: usize) -> Option<Share> {
        loop {
            if let Some(share) = process.budget.take(bytes as u64) {
                return Some(share);
            }
            self.lock().pop_lru()?;
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Arc<[u8]>, Arc<KernelModule>, FxBuildHasher>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// About how many bytes the compiler takes for a module: so many for each of its own, for each function, and for each variable in each block,
/// which may have another value there.
fn compiler_size(bytes: &[u8]) -> usize {
    const FOR_EACH_BYTE: usize = 200;
    const FOR_EACH_FUNCTION: usize = 8 << 10;
    const FOR_EACH_VALUE: usize = 256;
    let of_body = |body: &FunctionBody| {
        let locals: usize =
            body.get_locals_reader().into_iter().flatten().map_while(Result::ok).map(|(count, _)| count as usize).sum();
        let operators = body.get_operators_reader().into_iter().flatten().map_while(Result::ok);
        let is_block = |operator: &Operator| {
            matches!(operator, Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. })
        };
        let values = locals.saturating_mul(operators.filter(is_block).count());
        body.range().len() * FOR_EACH_BYTE + FOR_EACH_FUNCTION + values.saturating_mul(FOR_EACH_VALUE)
    };
    let of_section = |payload: wasmparser::Result<Payload>| match payload {
        Ok(Payload::CodeSectionEntry(body)) => of_body(&body),
        _ => 0,
    };
    Parser::new(0).parse_all(bytes).map(of_section).fold(0, usize::saturating_add)
}

/// Compiles a module if it can be a kernel's.
fn compile(process: &Process, bytes: &[u8]) -> Result<Module, String> {
    if omp2wasi_rewriter::waits(bytes) {
        return Err("waits for others, or wakes them: its iterations have to be independent".to_owned());
    }
    omp2wasi_rewriter::check_code(bytes).map_err(|error| format!("is {error}"))?;
    threads::ready_compiler().map_err(|error| format!("cannot be compiled: {error}"))?;
    // Nobody looks for source lines in a kernel module.
    let plain = omp2wasi_rewriter::without_dwarf(bytes).map_err(|error| format!("is {error}"))?;
    let module = Module::from_binary(&process.engine, &plain).map_err(|error| format!("is not valid: {error:#}"))?;
    // Wasmtime lets those grow without asking anybody.
    let is_shared = |payload: wasmparser::Result<Payload>| match payload {
        Ok(Payload::MemorySection(memories)) => memories.into_iter().flatten().any(|memory| memory.shared),
        _ => false,
    };
    if Parser::new(0).parse_all(bytes).any(is_shared) {
        return Err("has a shared memory of its own; only the program's can be shared".to_owned());
    }
    for import in module.imports() {
        let (ExternType::Memory(_), Some(_)) = (import.ty(), &process.memory) else {
            let (module, name) = (import.module(), import.name());
            return Err(format!("imports `{module}.{name}`; only the memory can be imported"));
        };
    }
    Ok(module)
}

impl KernelModule {
    fn new(process: &Process, module: Module, bytes: &[u8], share: Share) -> Self {
        let mut linker = Linker::new(&process.engine);
        let store = Store::new(&process.engine, StoreLimits::default());
        if let Some(memory) = &process.memory {
            for import in module.imports() {
                // The same import may be there twice.
                let _ = linker.define(&store, import.module(), import.name(), memory.shared().clone());
            }
        }
        Self {
            linked: linker.instantiate_pre(&module).map_err(|error| format!("{error:#}")),
            is_stateless: is_stateless(bytes),
            instance_size: instance_size(&module, bytes),
            module,
            bytes: bytes.into(),
            _share: share,
        }
    }

    /// Checks that the module has a kernel for so many buffers.
    ///
    /// # Errors
    /// Why not, in words that follow "the kernel module".
    pub(crate) fn check(&self, buffers: usize) -> Result<(), String> {
        match self.module.get_export(KERNEL) {
            Some(ExternType::Func(ty)) if is_kernel(&ty, buffers) => Ok(()),
            Some(ExternType::Func(_)) => {
                Err(format!("exports a `{KERNEL}` that does not take 3 + 2 × {buffers} i32 parameters"))
            }
            _ => Err(format!("exports no function `{KERNEL}`")),
        }
    }
}

/// Whether an instance has nothing that a kernel could change and a later one see (globals, tables, memories, segments that can be
/// dropped), and comes into being without a trace: it has no data that go to the memory, and no start function.
fn is_stateless(bytes: &[u8]) -> bool {
    Parser::new(0).parse_all(bytes).all(|payload| match payload {
        Ok(Payload::GlobalSection(globals)) => {
            globals.into_iter().all(|global| global.is_ok_and(|global| !global.ty.mutable))
        }
        Ok(Payload::TableSection(tables)) => tables.count() == 0,
        Ok(Payload::MemorySection(memories)) => memories.count() == 0,
        Ok(Payload::ElementSection(elements)) => elements.count() == 0,
        Ok(Payload::DataSection(data)) => data.count() == 0,
        Ok(Payload::StartSection { .. }) | Err(_) => false,
        Ok(_) => true,
    })
}

/// An instance of a kernel module, of one thread.
pub(crate) struct ModuleInstance {
    module: Arc<KernelModule>,
    store: Store<StoreLimits>,
    kernel: Func,
}

/// A launch's kernel that is a module, with its parameters.
pub(crate) struct ModuleKernel {
    /// The module, whose export `kernel` is called.
    pub module: Arc<KernelModule>,
    /// What follows the thread id.
    pub parameters: Vec<i32>,
}

impl IndependentKernel for ModuleKernel {
    type Instance = (ModuleInstance, KernelCall);

    fn instance(&self, process: &Arc<Process>, kept: &mut Kept) -> wasmtime::Result<(ModuleInstance, KernelCall)> {
        stack::check()?;
        let no_kernel = || wasmtime::Error::msg("it exports no such kernel");
        let at = kept.modules.iter().position(|instance| Arc::ptr_eq(&instance.module, &self.module));
        let mut instance = match at {
            Some(at) => kept.modules.remove(at),
            None => {
                let share = process.budget.take(self.module.instance_size).ok_or(OutOfMemory)?;
                let mut store = Store::new(&process.engine, StoreLimits::new(share));
                store.limiter(|limits| limits);
                stop_at_end(&mut store, process)?;
                let linked = self.module.linked.as_ref().map_err(|reason| wasmtime::Error::msg(reason.clone()));
                let instance = linked?.instantiate(&mut store)?;
                store.data_mut().instantiated();
                let kernel = instance.get_func(&mut store, KERNEL).ok_or_else(no_kernel)?;
                ModuleInstance { module: Arc::clone(&self.module), store, kernel }
            }
        };
        let call = KernelCall::new(&mut instance.store, instance.kernel, &self.parameters).ok_or_else(no_kernel)?;
        Ok((instance, call))
    }

    fn call(&self, (instance, call): &mut Self::Instance, id: u32, _size: u32) -> wasmtime::Result<()> {
        call.call(&mut instance.store, id)
    }

    fn keep(&self, (instance, _): Self::Instance, kept: &mut Kept) {
        if self.module.is_stateless {
            if kept.modules.len() >= MAX_KEPT {
                kept.modules.remove(0);
            }
            kept.modules.push(instance);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_stateless;

    #[test]
    fn what_an_instance_remembers() {
        for (is_kept, fields) in [
            (
                true,
                r#"(import "env" "memory" (memory 1 1 shared)) (global i32 (i32.const 1)) (func (export "kernel"))"#,
            ),
            (false, "(global (mut i32) (i32.const 1))"),
            (false, "(memory 1)"),
            (false, "(table 1 funcref)"),
            (false, "(elem func)"),
            (false, r#"(import "env" "memory" (memory 1)) (data (i32.const 0) "x")"#),
            (false, r#"(data "x")"#),
            (false, "(func $start) (start $start)"),
        ] {
            let wasm = wat::parse_str(format!("(module {fields})")).unwrap();
            assert_eq!(is_stateless(&wasm), is_kept, "{fields}");
        }
        assert!(!is_stateless(b"not a module"));
    }
}
