//! What all threads of a running program share, and how it ends.
//!
//! The first trap or exit wins. It is recorded here, and from then on every wait is interrupted, so all threads leave.

use crate::config::{Config, Device};
use crate::cpu::member::Member;
use crate::cpu::places::Places;
use crate::cpu::wait::{Policy, Waiters};
use crate::device::Offload;
use crate::error::{Outcome, Trap};
use crate::imports::buffers::Buffers;
use crate::imports::parallel_exec::KernelCache;
use crate::imports::wasi::Wasi;
use crate::memory::GuestMemory;
use crate::report::{Event, Level, Reporter};
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wasmtime::{Engine, InstancePre};

/// Which table entries are kernels whose threads must run concurrently, and what else the manifest says.
pub(crate) struct Kernels {
    /// Table indices, sorted.
    pub concurrent: Vec<u32>,
    /// Exported globals whose values go from the forking instance to the others.
    pub shared_globals: Vec<String>,
}

pub(crate) struct Process {
    pub engine: Engine,
    /// `None` for modules without a memory.
    pub memory: Option<GuestMemory>,
    pub kernels: Kernels,
    pub buffers: Buffers,
    pub kernel_cache: KernelCache,
    pub waiters: Waiters,
    pub places: Places,
    pub wasi: Wasi,
    pub offload: Offload,
    pub device: Device,
    pub reporter: Reporter,
    /// What `omp_get_num_procs` says.
    pub num_procs: i32,
    pub generation: omp2wasi_abi::imports::Generation,
    /// Set once, before the first thread starts.
    pub instance: OnceLock<InstancePre<Member>>,
    outcome: Mutex<Option<Sender<Outcome>>>,
}

/// What is fixed before a program starts.
pub(crate) struct Parts {
    pub engine: Engine,
    pub memory: Option<GuestMemory>,
    pub kernels: Kernels,
    pub generation: omp2wasi_abi::imports::Generation,
    pub wasi: Wasi,
    pub offload: Offload,
    pub outcome: Sender<Outcome>,
}

impl Process {
    pub(crate) fn new(parts: Parts, config: &Config) -> Self {
        let places = Places::new(config.variable("OMP_PLACES"), config.variable("OMP_PROC_BIND"), &config.reporter);
        let policy = Policy::new(config.variable("OMP_WAIT_POLICY"));
        let num_procs = config.num_procs.map_or(places.num_procs(), |procs| procs as usize);
        let num_procs = i32::try_from(num_procs.max(1)).unwrap_or(i32::MAX);
        Self {
            engine: parts.engine,
            memory: parts.memory,
            kernels: parts.kernels,
            buffers: Buffers::default(),
            kernel_cache: KernelCache::default(),
            waiters: Waiters::new(policy, places.num_procs()),
            places,
            wasi: parts.wasi,
            offload: parts.offload,
            device: config.device,
            reporter: config.reporter.clone(),
            num_procs,
            generation: parts.generation,
            instance: OnceLock::new(),
            outcome: Mutex::new(Some(parts.outcome)),
        }
    }

    /// Ends the program, unless it has been ended already, and gets everybody out of their waits.
    pub(crate) fn end(&self, outcome: impl FnOnce() -> Outcome) {
        let sender = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Nobody listening means that nobody wants to know.
            let _ = sender.send(outcome());
        }
        self.waiters.end();
    }

    /// Runs kernels on a device; ends the program if that takes too long. Who waits for the device cannot be interrupted, and stays.
    pub(crate) fn watched<R>(self: &Arc<Self>, run: impl FnOnce() -> R) -> R {
        let Some(timeout) = self.offload.timeout else {
            return run();
        };
        let (running, ended) = std::sync::mpsc::channel::<()>();
        let process = Arc::clone(self);
        let watch = move || {
            if ended.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                let message = format!(
                    "a kernel has not ended on its device within {} s, which --device-timeout allows",
                    timeout.as_secs()
                );
                process.end(|| Outcome::Trapped(Trap { thread: None, message, backtrace: String::new() }));
            }
        };
        // Without a thread there is nobody to watch, which is better than nobody to run.
        let _ = std::thread::Builder::new().spawn(watch);
        let result = run();
        drop(running);
        result
    }

    /// Reports what was wrong with a call of the guest, which gets an errno that it may ignore.
    pub(crate) fn refused(&self, function: &'static str, reason: impl ToString) {
        if self.reporter.wants(Level::Warning) {
            self.reporter.report(&Event::CallRefused { function, reason: reason.to_string() });
        }
    }
}
