//! The guest's lock, `shim/src/mutex.{h,c}`, function by function, with the orders that stand there. Threads look at the lock once where the
//! original looks several times: how often makes no difference to what can happen.
//!
//! Invariant: each call of [`Mutex::lock`] has a record of its own, as it has on the stack there.

use crate::sync::{AtomicU32, AtomicUsize, Ordering, Word, yield_now};
use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

const HELD: u32 = 1;
const HEIR: u32 = 2;
const ASLEEP: u32 = 4;
const IMPATIENT: u32 = 8;
const GRANTED: u32 = 16;
const PASS: u32 = 32;

/// A wait word of the guest, on which a thread sleeps as `Waiters::sleep` has it.
#[derive(Default)]
struct WaitCell {
    value: AtomicU32,
    sleepers: AtomicU32,
}

impl WaitCell {
    fn wait(&self, expected: u32) {
        self.sleepers.fetch_add(1, SeqCst);
        while self.value.load(SeqCst) == expected {
            self.value.sleep(expected, None);
        }
        self.sleepers.fetch_sub(1, SeqCst);
    }

    fn wake_sleeper(&self) {
        if self.sleepers.load(SeqCst) != 0 {
            self.value.wake(1);
        }
    }
}

#[derive(Default)]
struct Waiter {
    is_heir: WaitCell,
    behind: AtomicUsize,
}

pub(crate) struct Mutex {
    state: WaitCell,
    /// The number of a record; 0 is none.
    tail: AtomicUsize,
    waiters: Vec<Waiter>,
    passes: u32,
}

impl Mutex {
    /// A free lock that is taken so many times in all.
    pub(crate) fn new(times: usize, passes: u32) -> Self {
        let waiters = (0..times).map(|_| Waiter::default()).collect();
        Self { state: WaitCell::default(), tail: AtomicUsize::new(0), waiters, passes }
    }

    pub(crate) fn is_free(&self) -> bool {
        self.state.value.load(Relaxed) == 0 && self.tail.load(Relaxed) == 0
    }

    fn waiter(&self, number: usize) -> &Waiter {
        &self.waiters[number - 1]
    }

    fn try_lock(&self) -> bool {
        let state = self.state.value.load(Relaxed);
        state & HELD == 0 && self.state.value.compare_exchange(state, state | HELD, Acquire, Relaxed).is_ok()
    }

    /// Takes the lock; `me` is the number of a record that nobody uses.
    pub(crate) fn lock(&self, me: usize) {
        if self.try_lock() {
            return;
        }
        let ahead = self.tail.swap(me, AcqRel);
        if ahead == 0 {
            self.state.value.fetch_or(HEIR | (self.passes * PASS), Relaxed);
        } else {
            self.waiter(ahead).behind.store(me, Release);
            while self.waiter(me).is_heir.value.load(Acquire) == 0 {
                self.waiter(me).is_heir.wait(0);
            }
        }
        self.inherit();
        self.leave_queue(me);
    }

    fn note(&self, flags: u32) -> Option<u32> {
        let state = self.state.value.load(Relaxed);
        let may = state & (HELD | GRANTED) == HELD;
        (may && self.state.value.compare_exchange(state, state | flags, SeqCst, Relaxed).is_ok())
            .then_some(state | flags)
    }

    fn inherit(&self) {
        let mut sleeps = ASLEEP;
        while !self.try_lock() && self.state.value.load(Acquire) & GRANTED == 0 {
            match self.note(sleeps) {
                Some(state) => {
                    self.state.wait(state);
                    sleeps = ASLEEP | IMPATIENT;
                }
                None => yield_now(),
            }
        }
    }

    fn leave_queue(&self, me: usize) {
        self.state.value.store(HELD, Relaxed);
        let behind = &self.waiter(me).behind;
        if behind.load(Relaxed) == 0 && self.tail.compare_exchange(me, 0, Release, Relaxed).is_ok() {
            return;
        }
        let next = loop {
            match behind.load(Acquire) {
                0 => yield_now(),
                next => break self.waiter(next),
            }
        };
        self.state.value.store(HELD | HEIR | (self.passes * PASS), Relaxed);
        next.is_heir.value.store(1, SeqCst);
        next.is_heir.wake_sleeper();
    }

    pub(crate) fn unlock(&self) {
        if self.state.value.load(Relaxed) == HELD
            && self.state.value.compare_exchange(HELD, 0, Release, Relaxed).is_ok()
        {
            return;
        }
        let mut state = self.state.value.load(Relaxed);
        loop {
            let next = if state & HEIR == 0 {
                0
            } else if state & IMPATIENT != 0 || state < PASS {
                HELD | HEIR | GRANTED
            } else {
                (state - PASS) & !(HELD | ASLEEP)
            };
            match self.state.value.compare_exchange(state, next, SeqCst, Relaxed) {
                Ok(_) => break,
                Err(found) => state = found,
            }
        }
        if state & ASLEEP != 0 {
            self.state.wake_sleeper();
        }
    }
}
