//! How threads wait: spin, then yield, then sleep in the kernel.
//!
//! A team that forks again at once must find its members awake: sleeping and waking costs 15 to 25 us, a region 0.2 us. But a
//! thread that spins while another needs its processor makes everything slow. So: spin only while there are no more running
//! threads than processors, then give the processor away for a while, then sleep.
//!
//! # No wake-up is lost
//! A sleeper counts itself in `sleepers`, then looks at the word once more, then sleeps; a waker changes the word, then looks at
//! `sleepers`. All four accesses are sequentially consistent, so they have one order: if the sleeper's look came before the
//! change, its count came before the waker's look, and the waker wakes it. Between the sleeper's look and its sleep the kernel
//! compares once more.
//!
//! # A dying program wakes everybody
//! Sleepers register what they sleep on. Whoever ends the program sets a flag and then wakes the registered words again and
//! again until nobody is left; a thread that checked the flag just before it was set is caught by the next round.

use rustix::thread::futex;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// The program is ending; the thread must leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interrupted;

/// Looks at the word between two pauses.
const LOOKS: u32 = 16;

/// How long to do what before sleeping.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Pauses, with several looks at the word before each.
    pub spins: u32,
    /// Looks at the word with a yield between.
    pub yields: u32,
}

impl Policy {
    /// OMP_WAIT_POLICY: absent, `active` or `passive`.
    pub(crate) fn new(wait_policy: Option<&str>) -> Self {
        match wait_policy {
            Some(policy) if policy.trim().eq_ignore_ascii_case("passive") => Self { spins: 0, yields: 0 },
            Some(policy) if policy.trim().eq_ignore_ascii_case("active") => Self { spins: 20_000, yields: 200_000 },
            _ => Self { spins: 4_000, yields: 400 },
        }
    }
}

/// What the threads of one program need to know of each other to wait well.
pub(crate) struct Waiters {
    policy: Policy,
    procs: usize,
    /// Threads that are not asleep. A hint (relaxed): it decides how to wait, not whether.
    running: AtomicUsize,
    ending: AtomicBool,
    asleep: Mutex<HashMap<ThreadId, usize>>,
}

impl Waiters {
    pub(crate) fn new(policy: Policy, procs: usize) -> Self {
        Self { policy, procs, running: AtomicUsize::new(0), ending: AtomicBool::new(false), asleep: Mutex::default() }
    }

    /// A thread of the program starts or ends.
    pub(crate) fn thread_started(&self) {
        self.running.fetch_add(1, Ordering::Relaxed);
    }
    pub(crate) fn thread_ended(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn is_ending(&self) -> bool {
        // Acquire pairs with the release in `end`: who sees the flag sees why.
        self.ending.load(Ordering::Acquire)
    }

    /// Waits while `word` is `expected`. What its writer did before is visible afterwards (acquire).
    pub(crate) fn wait(&self, word: &AtomicU32, sleepers: &AtomicU32, expected: u32) -> Result<(), Interrupted> {
        if self.running.load(Ordering::Relaxed) <= self.procs {
            for _ in 0..self.policy.spins {
                // Several looks for one pause: a pause can take longer than the line takes to arrive.
                for _ in 0..LOOKS {
                    if word.load(Ordering::Acquire) != expected {
                        return Ok(());
                    }
                }
                std::hint::spin_loop();
            }
        }
        for _ in 0..self.policy.yields {
            if word.load(Ordering::Acquire) != expected {
                return Ok(());
            }
            if self.is_ending() {
                return Err(Interrupted);
            }
            thread::yield_now();
        }
        self.sleep(word, sleepers, expected)
    }

    #[cold]
    fn sleep(&self, word: &AtomicU32, sleepers: &AtomicU32, expected: u32) -> Result<(), Interrupted> {
        sleepers.fetch_add(1, Ordering::SeqCst);
        self.running.fetch_sub(1, Ordering::Relaxed);
        let me = thread::current().id();
        self.lock_asleep().insert(me, word.as_ptr() as usize);
        let result = loop {
            if word.load(Ordering::SeqCst) != expected {
                break Ok(());
            }
            if self.is_ending() {
                break Err(Interrupted);
            }
            // An error here (the word changed, a signal came) means: look again.
            let _ = futex::wait(word, futex::Flags::PRIVATE, expected, None);
        };
        self.lock_asleep().remove(&me);
        self.running.fetch_add(1, Ordering::Relaxed);
        sleepers.fetch_sub(1, Ordering::SeqCst);
        result
    }

    /// Wakes up to `count` sleepers.
    pub(crate) fn wake(word: &AtomicU32, count: u32) {
        // Fails only for an address that is not mapped; this one is borrowed.
        let _ = futex::wake(word, futex::Flags::PRIVATE, count);
    }

    /// The program is ending: makes every wait return [`Interrupted`]. Returns when nobody sleeps any more, or after a while.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::Release);
        for _ in 0..200 {
            let words: Vec<usize> = self.lock_asleep().values().copied().collect();
            if words.is_empty() {
                return;
            }
            for word in words {
                // SAFETY: the sleeper borrows the word until it has removed this entry; at worst it has just left, and waking a
                // word that nobody sleeps on does nothing: the kernel takes the address as a key and does not read it.
                Self::wake(unsafe { AtomicU32::from_ptr(word as *mut u32) }, u32::MAX >> 1);
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn lock_asleep(&self) -> MutexGuard<'_, HashMap<ThreadId, usize>> {
        self.asleep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
