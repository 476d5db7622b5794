//! Runs iterations that know nothing of one another on as many threads as there are processors.
//!
//! The threads are our own, with stacks as large as wasm may use, and each has an instance of its own. A kernel that launches
//! another one runs that inline: so a guest cannot multiply threads by nesting, and no iteration ever runs on top of
//! another one's stack.

use crate::cpu::team::THREAD_STACK;
use crate::error::Error;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

/// Calls `iterate` with each id below `size`, on the instances that `start` makes. The first error ends it.
pub(crate) fn spread<I, E: From<Error> + Send>(
    size: i32,
    procs: i32,
    start: impl Fn() -> Result<I, E> + Sync,
    iterate: impl Fn(&mut I, i32) -> Result<(), E> + Sync,
) -> Result<(), E> {
    // Relaxed: it deals out numbers; starting and joining the threads orders everything else.
    let next = AtomicI32::new(0);
    let work = || {
        let mut instance = start()?;
        loop {
            // A load first, so that the counter cannot run past its end, however many threads look.
            if next.load(Ordering::Relaxed) >= size {
                return Ok(());
            }
            let id = next.fetch_add(1, Ordering::Relaxed);
            if !(0..size).contains(&id) {
                return Ok(());
            }
            iterate(&mut instance, id).inspect_err(|_| next.store(size, Ordering::Relaxed))?;
        }
    };
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in 0..size.min(procs) {
            let builder = thread::Builder::new().name(format!("omp2wasi-kernel-{number}")).stack_size(THREAD_STACK);
            match builder.spawn_scoped(scope, work) {
                Ok(thread) => threads.push(thread),
                // Fewer threads do the same work.
                Err(_) if number > 0 => break,
                Err(error) => return Err(Error::Thread(error).into()),
            }
        }
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
