//! Threads of a program's own, which belong to no team: each is a member that calls one kernel and ends.
//!
//! Invariant: nobody waits for such a thread but by the word in guest memory which says that it has ended. That is written when its store is
//! gone, and with it the teams that it has forked: from then on nothing of it uses the memory that the guest has given it.

use crate::config::Execution;
use crate::cpu::member::Member;
use crate::cpu::places::bind_thread;
use crate::cpu::team::EndOnPanic;
use crate::cpu::wait::EVERYBODY;
use crate::error::Outcome;
use crate::limits::Share;
use crate::process::Process;
use omp2wasi_abi::imports::Errno;
use std::fmt;
use std::sync::Arc;

/// What a thread is to do.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    /// The table index of the kernel.
    pub kernel: u32,
    /// Address and length of its one buffer.
    pub buffer: (i32, i32),
    /// The address of the wait word that becomes 1 at the end.
    pub ended: u32,
}

/// The error that unwinds the wasm frames of a thread that ends itself.
#[derive(Debug)]
pub(crate) struct ThreadExit;

impl fmt::Display for ThreadExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the thread ends")
    }
}

impl std::error::Error for ThreadExit {}

/// Starts a thread. [`Errno::NoResources`] if there may be no more, or the program runs on one thread.
pub(crate) fn start(process: &Arc<Process>, start: Start) -> Errno {
    if matches!(process.execution, Execution::Sequential) {
        return Errno::NoResources;
    }
    let Ok(room) = Member::room(process) else { return Errno::NoResources };
    let shared = Arc::clone(process);
    process.waiters.thread_started();
    match process.threads.start("omp2wasi-own".to_owned(), move || run(&shared, start, room)) {
        Ok(_) => Errno::Success,
        Err(error) => {
            process.waiters.thread_ended();
            process.refused("start_thread", error);
            Errno::NoResources
        }
    }
}

/// The thread's life.
fn run(process: &Arc<Process>, start: Start, room: Share) {
    let _ended = EndOnPanic { process, thread: None };
    // It inherits where its creator is bound to, which leaves no room for two.
    bind_thread(0, process.machine.procs());
    let result = call(process, start, room);
    process.waiters.thread_ended();
    match result {
        Err(error) if !error.is::<ThreadExit>() => process.end(|| Outcome::of_error(&error, None)),
        _ => {
            if let Some(word) = process.memory.as_ref().and_then(|memory| memory.wait_word(start.ended)) {
                word.signal(1, EVERYBODY);
            }
        }
    }
}

fn call(process: &Arc<Process>, start: Start, room: Share) -> wasmtime::Result<()> {
    let (mut store, _) = Member::start(process, room)?;
    store.data_mut().is_detached = true;
    Member::call_kernel(&mut store, start.kernel, (0, 1, 0, start.buffer.0, start.buffer.1))
}
