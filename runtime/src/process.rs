//! What all threads of a running program share, and how it ends.
//!
//! Invariant: the first trap or exit wins. It is recorded here, and from then on every wait is interrupted, so all threads leave.

use crate::config::{Config, Execution};
use crate::cpu::independent::Helpers;
use crate::cpu::instance_state::is_stateless;
use crate::cpu::kernel_module::KernelModules;
use crate::cpu::machine::Machine;
use crate::cpu::member::Member;
use crate::cpu::parking::Parking;
use crate::cpu::places::Places;
use crate::cpu::threads::Threads;
use crate::cpu::wait::{Policy, Waiters};
use crate::device::offload::Offload;
use crate::engine::native::Tiers;
use crate::error::{Outcome, TrapInfo};
use crate::imports::buffers::Buffers;
use crate::imports::define::HostLinker;
use crate::imports::wasi::Wasi;
use crate::limits::Budget;
use crate::memory::GuestMemory;
use crate::report::{Notice, Reporter, Severity};
use omp2wasi_abi::imports::Generation;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wasmtime::{Engine, InstancePre};

/// What is known of the kernels in the program's function table, as far as `parallel_for` needs it. (What devices run is kept in
/// [`device::kernels::Kernels`](crate::device::kernels::Kernels).)
pub(crate) struct TableKernels {
    /// Table indices of those whose threads must run concurrently, sorted.
    pub concurrent: Vec<u32>,
    /// Names of exported globals that are the module's own state: launches carry their values from the launching instance to the others.
    pub shared_globals: Vec<String>,
    /// The program's module.
    pub wasm: Arc<[u8]>,
    /// The export that initializes the memory, and runs in the first instance only.
    pub initializer: Option<String>,
    /// [`TableKernels::instances_are_kept`], once it has been asked for.
    pub are_kept: OnceLock<bool>,
}

impl TableKernels {
    /// Whether an instance that has run a kernel is as good as a new one for the next: looked at when first asked for.
    pub(crate) fn instances_are_kept(&self) -> bool {
        *self.are_kept.get_or_init(|| is_stateless(&self.wasm, self.initializer.as_deref()))
    }
}

/// A program in memory, before it runs.
pub(crate) struct Image {
    /// The engine that compiled the module.
    pub engine: Engine,
    /// The linear memory, which all instances import; `None` for modules without one.
    pub memory: Option<GuestMemory>,
    /// What is known of the kernels in its function table.
    pub kernels: TableKernels,
    /// What the program can make the host keep, in bytes, beside the linear memory.
    pub budget: Arc<Budget>,
    /// Bytes of an instance: see [`crate::limits::instance_size`].
    pub instance_size: u64,
    /// How the module numbers kinds of devices.
    pub generation: Generation,
    /// The program's files, arguments, environment, streams and clocks.
    pub wasi: Wasi,
    /// The program's devices; none has been opened.
    pub offload: Offload,
    /// The native code of kernels, if there may be any.
    pub native: Option<Arc<Tiers>>,
}

/// A running program: what its threads share.
pub(crate) struct Process {
    /// The engine that compiled the module.
    pub engine: Engine,
    /// The linear memory, which all instances import; `None` for modules without one.
    pub memory: Option<GuestMemory>,
    /// What is known of the kernels in its function table.
    pub kernels: TableKernels,
    /// wasi-parallel's buffers, by the guest's handles.
    pub buffers: Buffers,
    /// The modules that `parallel_exec` was given.
    pub kernel_modules: KernelModules,
    /// What the program can make the host keep, in bytes, beside the linear memory.
    pub budget: Arc<Budget>,
    /// Bytes of an instance: see [`crate::limits::instance_size`].
    pub instance_size: u64,
    /// The program's threads.
    pub threads: Threads,
    /// Whether it has been reported that a team could not get its threads. Relaxed: a flag that orders nothing.
    pub is_short_of_threads: AtomicBool,
    /// How the threads wait for one another.
    pub waiters: Waiters,
    /// The threads that wait in the linear memory.
    pub parking: Parking,
    /// The threads that help with independent iterations.
    pub helpers: Helpers,
    /// The processors, which other programs of this OS process may share.
    pub machine: Arc<Machine>,
    /// The program's partition of them.
    pub places: Places,
    /// The program's files, arguments, environment, streams and clocks.
    pub wasi: Wasi,
    /// The program's devices.
    pub offload: Offload,
    /// Whether regions run on teams of threads, or on one thread in order.
    pub execution: Execution,
    /// Where events go.
    pub reporter: Reporter,
    /// What `omp_get_num_procs` says.
    pub num_procs: i32,
    /// Whether large objects are backed by large pages.
    pub uses_large_pages: bool,
    /// How the module numbers kinds of devices.
    pub generation: Generation,
    /// The linked module, and what it has been linked with: set once, before the first thread starts.
    pub instance: OnceLock<InstancePre<Member>>,
    /// See above.
    pub imports: OnceLock<HostLinker>,
    /// The native code of kernels, if there may be any.
    pub native: Option<Arc<Tiers>>,
    /// The way to [`Program::run`](crate::Program::run), which waits for the outcome; taken by the first call of [`Process::end`].
    outcome: Mutex<Option<Sender<Outcome>>>,
}

impl Process {
    /// A process of an image. Its outcome goes to `outcome`.
    pub(crate) fn new(image: Image, config: &Config, outcome: Sender<Outcome>) -> Self {
        let machine = config.machine.clone().unwrap_or_else(Machine::local);
        let procs = machine.procs().len();
        let num_procs = config.num_procs.map_or(procs, |procs| procs as usize).max(1);
        let omp_places = config.variable("OMP_PLACES");
        let places = Places::new(&machine, omp_places, config.variable("OMP_PROC_BIND")).unwrap_or_else(|_| {
            let value = omp_places.unwrap_or_default().trim().to_owned();
            config.reporter.report(&Notice::PlacesIgnored { value });
            Places::none(&machine)
        });
        Self {
            engine: image.engine,
            memory: image.memory,
            kernels: image.kernels,
            buffers: Buffers::default(),
            kernel_modules: KernelModules::new(),
            budget: image.budget,
            instance_size: image.instance_size,
            threads: Threads::new(config.max_threads),
            is_short_of_threads: AtomicBool::new(false),
            waiters: Waiters::new(Policy::new(config.variable("OMP_WAIT_POLICY")), procs),
            parking: Parking::default(),
            helpers: Helpers::new(procs.min(num_procs)),
            machine,
            places,
            wasi: image.wasi,
            offload: image.offload,
            execution: config.execution,
            reporter: config.reporter.clone(),
            num_procs: i32::try_from(num_procs).unwrap_or(i32::MAX),
            uses_large_pages: !config.small_pages_alone,
            generation: image.generation,
            instance: OnceLock::new(),
            imports: OnceLock::new(),
            native: image.native,
            outcome: Mutex::new(Some(outcome)),
        }
    }

    /// Ends the program, unless it has been ended already, and gets its threads out of their waits.
    pub(crate) fn end(&self, outcome: impl FnOnce() -> Outcome) {
        let sender = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // It fails only if the receiver is gone, and then the outcome does not matter to it.
            let _ = sender.send(outcome());
        }
        // Where the engine's code looks at the epoch, threads that compute see that the program is ending: `stop_at_end`.
        self.waiters.end(|| self.engine.increment_epoch());
    }

    /// Calls `wait`, which waits for a kernel on a device; ends the program if that takes longer than [`Offload::timeout`]. The calling
    /// thread, which waits for the device, cannot be interrupted and stays.
    pub(crate) fn watched<R>(self: &Arc<Self>, wait: impl FnOnce() -> R) -> R {
        let Some(timeout) = self.offload.timeout else {
            return wait();
        };
        let (running, ended) = std::sync::mpsc::channel::<()>();
        let process = Arc::clone(self);
        let watch = move || {
            if ended.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                let message = format!(
                    "a kernel has not ended on its device within {} s, which --device-timeout allows",
                    timeout.as_secs()
                );
                process.end_by_trap(message);
            }
        };
        // If no thread can be started, the kernel runs unwatched, which is better than not at all.
        let _ = std::thread::Builder::new().spawn(watch);
        let result = wait();
        drop(running);
        result
    }

    /// Ends the program as by a trap of no thread in particular, with this message, unless it has been ended already.
    pub(crate) fn end_by_trap(&self, message: String) {
        self.end(|| Outcome::Trapped(TrapInfo { thread: None, message, backtrace: String::new() }));
    }

    /// Reports what was wrong with a call of the guest, which gets an errno that it may ignore.
    pub(crate) fn refused(&self, function: &'static str, reason: impl ToString) {
        if self.reporter.wants(Severity::Warning) {
            self.reporter.report(&Notice::CallRefused { function, reason: reason.to_string() });
        }
    }
}
