//! How threads wait: spin, then yield, then sleep in the kernel; and the words that they wait on.
//!
//! Invariant: a change of a [`WaitWord`] that threads may be waiting for is made by [`WaitWord::signal`] (the guest has its like), and they
//! wait for it by [`Waiters::wait`]. Then no wake-up is lost, and a program that ends gets every thread out of its wait.
//!
//! A team that forks again at once must find its members awake: sleeping and waking costs 15 to 25 us, a region 0.2 us. But a
//! thread that spins while another needs its processor makes everything slow. So: spin only while there are no more running
//! threads than processors, then give the processor away for a while, then sleep.
//!
//! # No wake-up is lost
//! A sleeper counts itself in `sleepers`, then looks at the value once more, then sleeps; a waker changes the value, then looks at
//! `sleepers`. All four accesses are sequentially consistent, so they have one order: if the sleeper's look came before the
//! change, its count came before the waker's look, and the waker wakes it. Between the sleeper's look and its sleep the kernel
//! compares once more.
//!
//! # What a waiter sees
//! The store of a signal is also a release and each look of a waiter at least an acquire: when a wait is over, everything that the
//! signaller did before its signal is visible to the waiter.
//!
//! # A dying program wakes all sleepers
//! Sleepers register what they sleep on. The thread that ends the program ([`Waiters::end`]) sets a flag and then wakes the registered
//! words again and again until no sleeper is left; one that checked the flag just before it was set is caught by the next round.

pub(crate) use crate::sync::EVERYBODY;
use crate::sync::{AtomicBool, AtomicU32, AtomicUsize, Mutex, MutexGuard, Ordering, PoisonError, Word};
use crate::sync::{pause, spin_loop, wake_at, yield_now};
use std::time::{Duration, Instant};

/// The program is ending; the thread must leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interrupted;

/// A value and the number of threads that sleep until it changes.
///
/// The guest has such pairs in its memory, too (`struct wait_word` in `shim/src/wait.h`), and signals in the same way.
#[derive(Default)]
#[repr(C)]
pub(crate) struct WaitWord<W = AtomicU32> {
    value: W,
    sleepers: AtomicU32,
}

impl<W: Word> WaitWord<W> {
    /// The value. Acquire: what its signaller did before is visible.
    pub(crate) fn load(&self) -> W::Value {
        self.value.load(Ordering::Acquire)
    }

    /// Changes the value, and wakes up to `count` of the threads that sleep until it changes.
    pub(crate) fn signal(&self, value: W::Value, count: u32) {
        // Sequentially consistent, both: see "No wake-up is lost". The store is thereby also a release.
        self.value.store(value, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) != 0 {
            self.wake(count);
        }
    }

    /// Wakes up to `count` sleepers; for values that the guest has changed, and looked for sleepers.
    pub(crate) fn wake(&self, count: u32) {
        self.value.wake(count);
    }
}

/// Looks at the word between two pauses.
const LOOKS: u32 = 16;

/// Pauses of a thread that waits for a limited time, which may be short.
const TIMED_SPINS: u32 = 100;

/// How long to do what before sleeping.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Pauses of the processor, with [`LOOKS`] looks at the word before each.
    spins: u32,
    /// Times that the processor is given away, with a look at the word before each.
    yields: u32,
}

impl Policy {
    /// The policy for a value of `OMP_WAIT_POLICY` (OpenMP 5.2, section 21.6): absent, `active` or `passive`.
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
    /// Threads that are not asleep. Relaxed: a hint, which decides how to wait, not whether.
    running: AtomicUsize,
    ending: AtomicBool,
    /// The address of the word that each sleeping thread sleeps on.
    asleep: Mutex<Vec<usize>>,
}

impl Waiters {
    /// For threads that share `procs` processors.
    pub(crate) fn new(policy: Policy, procs: usize) -> Self {
        Self { policy, procs, running: AtomicUsize::new(0), ending: AtomicBool::new(false), asleep: Mutex::default() }
    }

    /// A thread of the program starts to run.
    pub(crate) fn thread_started(&self) {
        self.running.fetch_add(1, Ordering::Relaxed);
    }

    /// A thread that had started will not run any more.
    pub(crate) fn thread_ended(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether the program is ending.
    pub(crate) fn is_ending(&self) -> bool {
        // Acquire pairs with the release in `end`: a thread that sees the flag sees the outcome, too.
        self.ending.load(Ordering::Acquire)
    }

    /// An error if the program is ending; for host functions that do not wait but are called in loops that do.
    pub(crate) fn check(&self) -> Result<(), Interrupted> {
        if self.is_ending() { Err(Interrupted) } else { Ok(()) }
    }

    /// Waits while the value of `word` is `expected`; returns the value that it then has.
    pub(crate) fn wait<W: Word>(&self, word: &WaitWord<W>, expected: W::Value) -> Result<W::Value, Interrupted> {
        self.wait_until(word, expected, None)
    }

    /// The same, but no longer than until `deadline`: then the value may still be the expected one.
    #[inline]
    pub(crate) fn wait_until<W: Word>(
        &self,
        word: &WaitWord<W>,
        expected: W::Value,
        deadline: Option<Instant>,
    ) -> Result<W::Value, Interrupted> {
        let look = || Some(word.load()).filter(|value| *value != expected);
        // Staying awake may take longer than a deadline is away.
        let found = if deadline.is_none() { self.look_for(look)? } else { look() };
        match found {
            Some(value) => Ok(value),
            None => self.sleep(word, expected, deadline),
        }
    }

    /// Waits while the value of `word` is `expected`, but no longer than `timeout`; returns the value that it then has. For threads of which
    /// many may wait, and long: they leave the processors to those that do not. So they never yield, which would keep the scheduler busy
    /// with threads that have nothing to do, and spin only while there is a processor for each thread that runs.
    pub(crate) fn wait_for<W: Word>(
        &self,
        word: &WaitWord<W>,
        expected: W::Value,
        timeout: Option<Duration>,
    ) -> Result<W::Value, Interrupted> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let spins = if timeout.is_none() { self.policy.spins } else { self.policy.spins.min(TIMED_SPINS) };
        for _ in 0..spins {
            let value = word.load();
            if value != expected {
                return Ok(value);
            }
            if self.running.load(Ordering::Relaxed) > self.procs {
                break;
            }
            spin_loop();
        }
        self.sleep(word, expected, deadline)
    }

    /// Looks for something for as long as the policy has threads stay awake: None if it did not come in that time.
    #[inline]
    pub(crate) fn look_for<T>(&self, look: impl Fn() -> Option<T>) -> Result<Option<T>, Interrupted> {
        if self.running.load(Ordering::Relaxed) <= self.procs {
            for _ in 0..self.policy.spins {
                // Several looks for one pause: a pause can take longer than the line takes to arrive.
                for _ in 0..LOOKS {
                    if let found @ Some(_) = look() {
                        return Ok(found);
                    }
                }
                spin_loop();
            }
        }
        for _ in 0..self.policy.yields {
            if let found @ Some(_) = look() {
                return Ok(found);
            }
            self.check()?;
            yield_now();
        }
        Ok(None)
    }

    #[cold]
    fn sleep<W: Word>(
        &self,
        word: &WaitWord<W>,
        expected: W::Value,
        deadline: Option<Instant>,
    ) -> Result<W::Value, Interrupted> {
        // Sequentially consistent, like the look in the loop: see "No wake-up is lost".
        word.sleepers.fetch_add(1, Ordering::SeqCst);
        self.running.fetch_sub(1, Ordering::Relaxed);
        let address = word.value.address();
        self.lock_asleep().push(address);
        let result = loop {
            let value = word.value.load(Ordering::SeqCst);
            if value != expected {
                break Ok(value);
            }
            if self.is_ending() {
                break Err(Interrupted);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                break Ok(value);
            }
            word.value.sleep(expected, left);
        };
        let mut asleep = self.lock_asleep();
        if let Some(at) = asleep.iter().position(|other| *other == address) {
            asleep.swap_remove(at);
        }
        drop(asleep);
        self.running.fetch_add(1, Ordering::Relaxed);
        word.sleepers.fetch_sub(1, Ordering::SeqCst);
        result
    }

    /// Makes every wait return [`Interrupted`], now that the program is ending. Returns when no thread sleeps any more, or after a while.
    /// `interrupt` is called when the flag has been set: it gets threads out of what is no wait.
    pub(crate) fn end(&self, interrupt: impl Fn()) {
        self.ending.store(true, Ordering::Release);
        interrupt();
        for _ in 0..200 {
            let words = self.lock_asleep().clone();
            if words.is_empty() {
                return;
            }
            for word in words {
                // SAFETY: the sleeper borrows the word until it has removed this entry; at worst it has just left.
                unsafe { wake_at(word) };
            }
            pause();
        }
    }

    fn lock_asleep(&self) -> MutexGuard<'_, Vec<usize>> {
        self.asleep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::AtomicU64;
    use std::sync::Arc;
    use std::thread;

    fn asleep(waiters: &Waiters, count: usize) {
        while waiters.lock_asleep().len() != count {
            yield_now();
        }
    }

    /// Two threads take turns, sleeping each time: a lost wake-up would hang the test.
    fn take_turns<W: Word<Value: From<u32>> + Default + Send + Sync + 'static>() {
        let waiters = Arc::new(Waiters::new(Policy::new(Some("passive")), 1));
        let words = Arc::new([WaitWord::<W>::default(), WaitWord::<W>::default()]);
        let (their_waiters, their_words) = (Arc::clone(&waiters), Arc::clone(&words));
        let other = thread::spawn(move || {
            for turn in 0..2000_u32 {
                let seen = their_waiters.wait(&their_words[0], turn.into()).expect("nobody ends the program");
                their_words[1].signal(seen, 1);
            }
        });
        for turn in 1..=2000_u32 {
            words[0].signal(turn.into(), 1);
            waiters.wait(&words[1], (turn - 1).into()).expect("nobody ends the program");
        }
        other.join().unwrap();
    }

    #[test]
    fn signals_wake_sleepers() {
        take_turns::<AtomicU32>();
        take_turns::<AtomicU64>();
    }

    #[test]
    fn the_end_of_the_program_ends_every_wait() {
        let waiters = Arc::new(Waiters::new(Policy::new(Some("passive")), 1));
        let sleepers: Vec<_> = (0..3)
            .map(|_| {
                let waiters = Arc::clone(&waiters);
                thread::spawn(move || waiters.wait(&WaitWord::<AtomicU32>::default(), 0))
            })
            .collect();
        asleep(&waiters, 3);
        waiters.end(|| {});
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap(), Err(Interrupted));
        }
        assert_eq!(waiters.check(), Err(Interrupted));
    }
}
