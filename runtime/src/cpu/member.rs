//! Makes members, and calls kernels on them. A member is a store with one instance of the program's module, on one thread.
//!
//! Invariant: a member's store is used by one thread at a time, so nothing in it is shared but the [`Process`].

use crate::cpu::independent::Kept;
use crate::cpu::team::Team;
use crate::cpu::wait::Interrupted;
use crate::engine::native::abi::Value;
use crate::engine::native::carried::Carried;
use crate::engine::native::member as native;
use crate::engine::native::{self as tiers};
use crate::limits::{OutOfMemory, Share, StoreLimits};
use crate::process::Process;
use omp2wasi_abi::layout::FUNCTION_TABLE;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmtime::{AsContextMut, Engine, Instance, Store, StoreContextMut, Table, TypedFunc, UpdateDeadline, ValRaw};

/// The parameters of a kernel with one buffer: thread id, number of threads, block size, address and length.
pub(crate) type OneBuffer = (i32, i32, i32, i32, i32);

/// How many kernels a member keeps looked up: more than programs have, but for one that calls whatever is in its table.
const MAX_KERNELS: usize = 1 << 12;

/// What a buffer's handle stood for when it was last looked up.
#[derive(Clone, Copy)]
pub(crate) struct ResolvedBuffer {
    /// The guest's handle.
    pub handle: i32,
    /// [`crate::imports::buffers::Buffers::version`] at that time: as long as that stands, so does this.
    pub version: u64,
    /// Address and length in bytes.
    pub contents: (i32, i32),
}

/// The data of a member's store.
pub(crate) struct Member {
    /// The running program.
    pub process: Arc<Process>,
    /// This thread's number in the innermost team that it is a member of, and that team's size; of independent iterations, the number of
    /// the one that it runs, and how many there are. `None` outside of both.
    pub thread: Option<(u32, u32)>,
    /// The teams that this member has forked as their primary thread, kept for its next forks: by how many regions of its own it was in.
    /// `None` while the team is in a region.
    pub teams: Vec<Option<Box<Team>>>,
    /// How many regions that this member has forked it is in now; so the index of its next fork's team in `teams`.
    pub depth: usize,
    /// How many regions were around this member when it began: 0 for the initial thread; for the worker of a team, one more than are around
    /// that team; 1 for a helper. `level + depth` are around what it does now.
    pub level: usize,
    /// Whether kernels with independent iterations that this member launches run on it alone, in order. True for a helper, which is itself
    /// running iterations of such a kernel: so nested launches make no more threads.
    pub inline: bool,
    /// Whether `omp2wasi.start_thread` has started this member's thread, so that it may end itself.
    pub is_detached: bool,
    /// How `omp2wasi.bind` has asked for this member's teams to be bound: an `omp_proc_bind_t`; -1 is the host's choice.
    pub proc_bind: i32,
    /// The place that this thread is bound to.
    pub place: Option<usize>,
    /// The buffer that the last fork used, see [`crate::imports::parallel_for`].
    pub last_buffer: Option<ResolvedBuffer>,
    /// Instances of kernel modules for when this thread runs independent iterations.
    pub kept: Kept,
    /// What the instance takes of the program's memory budget.
    limits: StoreLimits,
    instance: Option<Instance>,
    table: Option<Table>,
    /// Kernels that have been called, by table index, but for the last one.
    kernels: HashMap<u32, Box<Kernel>>,
    /// The kernel that was called last, with its table index: a loop of forks finds it without hashing. (Boxes, because each call moves it.)
    last_kernel: Option<(u32, Box<Kernel>)>,
    /// What native code needs, once some has run.
    pub native: Option<native::Owner>,
    /// The values of globals that the fork which is going on has brought.
    pub carried: Carried,
}

/// A kernel of a member's instance.
struct Kernel {
    function: TypedFunc<OneBuffer, ()>,
    /// Its native form, which may come while the program runs.
    native: Option<Arc<tiers::Part>>,
}

impl Member {
    /// A store without an instance yet; linking needs one that never gets any.
    pub(crate) fn scratch(process: &Arc<Process>) -> Store<Self> {
        let member = Self {
            process: Arc::clone(process),
            thread: None,
            teams: Vec::new(),
            depth: 0,
            level: 0,
            inline: false,
            is_detached: false,
            proc_bind: -1,
            place: None,
            last_buffer: None,
            kept: Kept::default(),
            limits: StoreLimits::default(),
            instance: None,
            table: None,
            kernels: HashMap::new(),
            last_kernel: None,
            native: None,
            carried: Carried::default(),
        };
        Store::new(&process.engine, member)
    }

    /// Takes of the program's memory budget what an instance needs.
    ///
    /// # Errors
    /// When it does not have so much.
    pub(crate) fn room(process: &Process) -> Result<Share, OutOfMemory> {
        process.budget.take(process.instance_size).ok_or(OutOfMemory)
    }

    /// Makes a store and an instance, for which there is [`Member::room`], on the calling thread, which will use them.
    ///
    /// # Errors
    /// When the program has not been linked, or its start function traps.
    pub(crate) fn start(process: &Arc<Process>, room: Share) -> wasmtime::Result<(Store<Self>, Instance)> {
        Engine::tls_eager_initialize();
        let mut store = Self::scratch(process);
        store.data_mut().limits = StoreLimits::new(room);
        store.limiter(|member| &mut member.limits);
        stop_at_end(&mut store, process)?;
        let pre = process.instance.get().ok_or_else(|| wasmtime::Error::msg("the program has not been linked"))?;
        let instance = pre.instantiate(&mut store)?;
        store.data_mut().limits.instantiated();
        store.data_mut().instance = Some(instance);
        let named = instance.get_table(&mut store, FUNCTION_TABLE);
        let table = named.or_else(|| instance.exports(&mut store).find_map(wasmtime::Export::into_table));
        store.data_mut().table = table;
        Ok((store, instance))
    }

    /// The instance, if the store has one.
    pub(crate) fn instance(&self) -> Option<Instance> {
        self.instance
    }

    /// The function at a table index, of whatever type.
    pub(crate) fn function(mut store: impl AsContextMut<Data = Self>, index: u32) -> Option<wasmtime::Func> {
        let table = store.as_context().data().table?;
        table.get(&mut store, index.into())?.as_func()?.copied()
    }

    /// Calls the kernel with one buffer at a table index.
    ///
    /// # Errors
    /// When there is no such kernel in this instance's table; else what the kernel returns: its trap or exit.
    pub(crate) fn call_kernel(
        mut store: impl AsContextMut<Data = Self>,
        index: u32,
        arguments: OneBuffer,
    ) -> wasmtime::Result<()> {
        // Moved out for the call: cloning a typed function costs more than all the rest of a fork.
        let kernel = Self::take_kernel(&mut store, index)
            .ok_or_else(|| wasmtime::Error::msg(format!("table index {index} is not a kernel in every instance")))?;
        let result = kernel.call(&mut store.as_context_mut(), arguments);
        store.as_context_mut().data_mut().keep_kernel(index, kernel);
        result
    }

    /// Takes the kernel of a table index out of those that are kept, or looks it up in the table.
    fn take_kernel(mut store: impl AsContextMut<Data = Self>, index: u32) -> Option<Box<Kernel>> {
        let mut context = store.as_context_mut();
        let data = context.data_mut();
        if data.last_kernel.as_ref().is_some_and(|(last, _)| *last == index) {
            return data.last_kernel.take().map(|(_, kernel)| kernel);
        }
        if let Some(kernel) = data.kernels.remove(&index) {
            return Some(kernel);
        }
        Self::find_kernel(&mut store.as_context_mut(), index)
    }

    /// Looks up a kernel in the table. It has a native form if the table has the function there that the module had from the start.
    #[cold]
    fn find_kernel(store: &mut StoreContextMut<'_, Self>, index: u32) -> Option<Box<Kernel>> {
        let function = Self::function(&mut *store, index)?;
        let process = Arc::clone(&store.data().process);
        let native = process.native.as_ref().and_then(|tiers| {
            tiers.watch();
            let kernel = tiers.kernel(index)?;
            let exported = store.data().instance?.get_func(&mut *store, &kernel.export)?;
            (exported.to_raw(&mut *store) == function.to_raw(&mut *store)).then(|| Arc::clone(kernel))
        });
        Some(Box::new(Kernel { function: function.typed(&*store).ok()?, native }))
    }

    /// Keeps a kernel as the one that was called last.
    fn keep_kernel(&mut self, index: u32, kernel: Box<Kernel>) {
        if let Some((last, kernel)) = self.last_kernel.replace((index, kernel))
            && last != index
        {
            if self.kernels.len() >= MAX_KERNELS {
                self.kernels.clear();
            }
            self.kernels.insert(last, kernel);
        }
    }
}

impl Kernel {
    /// Calls it, as native code if there is some by now.
    fn call(&self, store: &mut StoreContextMut<'_, Member>, arguments: OneBuffer) -> wasmtime::Result<()> {
        let Some(kernel) = &self.native else { return self.call_wasm(store, arguments) };
        let (thread, threads, block, address, len) = arguments;
        let run = |store: &mut StoreContextMut<'_, Member>| match kernel.code() {
            Some(code) => {
                let mut slots = [thread, threads, block, address, len].map(|word| Value(ValRaw::i32(word)));
                native::call(store, code, &mut slots)
            }
            None => self.call_wasm(store, arguments),
        };
        if thread != 0 {
            return run(store);
        }
        kernel.is_running.store(true, Ordering::Relaxed);
        let result = run(store);
        kernel.is_running.store(false, Ordering::Relaxed);
        result
    }

    /// Calls it as Wasmtime's code.
    fn call_wasm(&self, store: &mut StoreContextMut<'_, Member>, arguments: OneBuffer) -> wasmtime::Result<()> {
        native::in_wasm(store, |store| self.function.call(store, arguments))
    }
}

/// Has wasm in a store stop when the program is ending, if the engine's code looks at the epoch ([`crate::Interruption::Anywhere`]).
///
/// # Errors
/// When the program is ending already: the epoch will not change any more.
pub(crate) fn stop_at_end<T>(store: &mut Store<T>, process: &Arc<Process>) -> wasmtime::Result<()> {
    store.set_epoch_deadline(1);
    // Weak: the process has threads that keep stores.
    let stopping = Arc::downgrade(process);
    // Another program with this engine may be ending.
    store.epoch_deadline_callback(move |_| match stopping.upgrade() {
        Some(process) if !process.waiters.is_ending() => Ok(UpdateDeadline::Continue(1)),
        _ => Err(interrupted(Interrupted)),
    });
    process.waiters.check().map_err(interrupted)
}

/// The error that unwinds a member's wasm frames when the program ends elsewhere. It is never the first one.
pub(crate) fn interrupted(_: Interrupted) -> wasmtime::Error {
    wasmtime::Error::msg("the program is ending")
}
