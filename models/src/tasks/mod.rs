//! Explicit tasks: what the shim does, said once more in Rust, a file for each of its files, as close to the C as can be. What C's plain
//! accesses are, is `Plain` here, so that loom finds those that are not ordered; what C frees has a `Life`, so that it finds touches that
//! may come later.
//!
//! Each model has faults that can be put in, and the tests show that they are found.
//!
//! Invariant: an access that is atomic in the shim has the same order here.

pub mod barrier;
pub mod dependences;
pub mod deque;
pub mod event;
pub mod execute;
pub mod memory;
pub mod wait;

use crate::sync::{AtomicU32, Ordering};
use loom::cell::UnsafeCell;
use loom::thread::{Thread, current, park};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is read and written without atomic operations.
pub(crate) struct Plain<T>(UnsafeCell<T>);

// SAFETY: loom finds accesses that overlap.
unsafe impl<T: Send> Sync for Plain<T> {}

impl<T: Copy> Plain<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    pub(crate) fn get(&self) -> T {
        // SAFETY: loom reports what is not ordered.
        self.0.with(|value| unsafe { *value })
    }

    pub(crate) fn set(&self, value: T) {
        // SAFETY: as in `get`.
        self.0.with_mut(|to| unsafe { *to = value });
    }
}

impl Plain<u32> {
    pub(crate) fn add(&self, more: u32) {
        // SAFETY: as in `get`.
        self.0.with_mut(|value| unsafe { *value = (*value).wrapping_add(more) });
    }
}

/// Whether memory is in use. It ends after all touches, and only once.
pub(crate) struct Life(Plain<bool>);

impl Life {
    pub(crate) fn new() -> Self {
        Self(Plain::new(true))
    }

    pub(crate) fn touch(&self) {
        assert!(self.0.get(), "touched after it was freed");
    }

    pub(crate) fn end(&self) {
        assert!(self.0.get(), "freed twice");
        self.0.set(false);
    }

    pub(crate) fn begin(&self) {
        assert!(!self.0.get(), "in use twice");
        self.0.set(true);
    }

    pub(crate) fn has_ended(&self) -> bool {
        !self.0.get()
    }
}

fn is_me(thread: &Thread) -> bool {
    thread.id() == current().id()
}

/// shim/src/wait.h, `struct wait_word`, and the host's calls for it: the kernel compares and falls asleep in one step: the
/// exchanges of `kernel` stand for the lock of its queue. (How threads wait
/// before that is the model of the runtime's own files.)
#[derive(Default)]
pub(crate) struct WaitWord {
    pub(crate) value: AtomicU32,
    sleepers: AtomicU32,
    asleep: Mutex<Vec<Thread>>,
    kernel: AtomicU32,
}

pub(crate) const ALL: i32 = -1;

impl WaitWord {
    pub(crate) fn new(value: u32) -> Self {
        let word = Self::default();
        word.value.store(value, Ordering::Relaxed);
        word
    }

    /// `omp2wasi_host_wait`
    pub(crate) fn host_wait(&self, expected: u32) {
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        loop {
            self.queue().push(current());
            self.kernel.fetch_add(1, Ordering::AcqRel);
            if self.value.load(Ordering::SeqCst) != expected {
                break;
            }
            while self.queue().iter().any(is_me) {
                park();
            }
        }
        self.queue().retain(|thread| !is_me(thread));
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }

    /// A look at `sleepers`, and `omp2wasi_host_wake`.
    pub(crate) fn wake(&self, count: i32) {
        if self.sleepers.load(Ordering::SeqCst) == 0 {
            return;
        }
        self.kernel.fetch_add(1, Ordering::AcqRel);
        let woken: Vec<_> = {
            let mut queue = self.queue();
            let count = if count == 1 { queue.len().min(1) } else { queue.len() };
            queue.drain(..count).collect()
        };
        woken.iter().for_each(Thread::unpark);
    }

    fn queue(&self) -> MutexGuard<'_, Vec<Thread>> {
        self.asleep.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `omp2wasi_signal`. The store is an exchange here: loom would let a store that is made after another thread's exchange come before it,
    /// which cannot be, as the exchange has not read what was stored.
    pub(crate) fn signal(&self, value: u32, count: i32) {
        self.value.swap(value, Ordering::SeqCst);
        self.wake(count);
    }

    /// `omp2wasi_wait`
    pub(crate) fn wait_while(&self, expected: u32) {
        while self.value.load(Ordering::Acquire) == expected {
            self.host_wait(expected);
        }
    }
}
