//! Starts the threads that run wasm, as long as there may be more.
//!
//! Invariant: every thread that runs wasm is started by [`Reserved::start`], so it is counted, has a stack of [`stack::THREAD_STACK`] bytes,
//! and knows where that ends. All programs of this OS process together have no more than [`machine_limit`].

use crate::cpu::stack;
use crate::limits::{Budget, Share};
use rustix::process::{Resource, getrlimit};
use std::error::Error;
use std::io;
use std::sync::{Arc, LazyLock, OnceLock};
use std::thread::{Builder, JoinHandle};

/// How many threads all programs of this OS process may have together.
static OF_PROCESS: LazyLock<Arc<Budget>> = LazyLock::new(|| Budget::new(machine_limit().into()));

/// How many threads this OS process should start at most: some thousands, but no more than half of what the operating system leaves to
/// the user or the container, since others need some, too.
fn machine_limit() -> u32 {
    const MOST: u64 = 4096;
    /// Mappings that a thread takes: its stacks, for signals too, with their guards, and memory of the allocator and of instances.
    const MAPPINGS: u64 = 15;
    let file = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let limits = [
        getrlimit(Resource::Nproc).current.map(|limit| limit / 2),
        file("/sys/fs/cgroup/pids.max").map(|limit| limit / 2),
        file("/sys/fs/cgroup/pids/pids.max").map(|limit| limit / 2),
        file("/proc/sys/kernel/threads-max").map(|limit| limit / 2),
        file("/proc/sys/vm/max_map_count").map(|limit| limit / MAPPINGS),
    ];
    limits.into_iter().flatten().fold(MOST, u64::min).max(1) as u32
}

/// Has the threads ready that compile modules: rayon's, which panics if it cannot start them when they are needed.
///
/// # Errors
/// When the operating system has no more threads.
pub(crate) fn ready_compiler() -> io::Result<()> {
    static READY: OnceLock<bool> = OnceLock::new();
    let start = || match rayon::ThreadPoolBuilder::new().build_global() {
        Ok(()) => true,
        // The embedder may have started them; an error of the operating system is the cause of ours.
        Err(error) => error.source().is_none(),
    };
    if *READY.get_or_init(start) {
        Ok(())
    } else {
        Err(io::Error::other("the operating system has none for the compiler"))
    }
}

/// The threads of one program.
pub(crate) struct Threads(Arc<Budget>);

impl Threads {
    /// At most so many, and at most [`machine_limit`].
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self(Budget::new(OF_PROCESS.limit().min(limit.unwrap_or(u32::MAX).into())))
    }

    /// How many there can be.
    pub(crate) fn limit(&self) -> u32 {
        u32::try_from(self.0.limit()).unwrap_or(u32::MAX)
    }

    /// Reserves a thread, to be started later.
    ///
    /// # Errors
    /// When there are as many as there may be.
    pub(crate) fn reserve(&self) -> io::Result<Reserved> {
        let full = |message: String| io::Error::new(io::ErrorKind::QuotaExceeded, message);
        let of_program = self
            .0
            .take(1)
            .ok_or_else(|| full(format!("the program has {}, as many as it may (--max-threads)", self.limit())))?;
        let of_process = OF_PROCESS.take(1).ok_or_else(|| {
            full(format!("all programs together have {}, as many as the machine allows", OF_PROCESS.limit()))
        })?;
        Ok(Reserved { _shares: [of_program, of_process] })
    }

    /// Starts a thread that runs `body`.
    ///
    /// # Errors
    /// When there are as many as there may be, or the operating system has no more.
    pub(crate) fn start(&self, name: String, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
        self.reserve()?.start(name, body)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.taken()
    }
}

/// A thread that may be started.
pub(crate) struct Reserved {
    _shares: [Share; 2],
}

impl Reserved {
    /// Starts it; it runs `body`.
    ///
    /// # Errors
    /// When the operating system has no more.
    pub(crate) fn start(self, name: String, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
        Builder::new().name(name).stack_size(stack::THREAD_STACK).spawn(move || {
            let _reserved = self;
            stack::begin();
            body();
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn no_more_than_there_may_be() {
        assert!((1..=4096).contains(&machine_limit()));
        let threads = Threads::new(Some(2));
        assert_eq!(threads.limit(), 2);
        let start = || {
            let (end, ended) = mpsc::channel::<()>();
            threads
                .start("test".to_owned(), move || {
                    let _ = ended.recv();
                })
                .map(|thread| (end, thread))
        };
        let (first, second) = (start().unwrap(), start().unwrap());
        assert_eq!(start().unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
        for (end, thread) in [first, second] {
            drop(end);
            thread.join().unwrap();
        }
        let (end, thread) = start().unwrap();
        drop(end);
        thread.join().unwrap();
    }
}
