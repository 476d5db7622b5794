//! Waiting in guest memory: what `memory.atomic.wait32`, `wait64` and `notify` do (threads proposal, "Wait and notify operators").
//!
//! Invariant: an address is remembered as long as threads wait there, no longer; and every wait ends when the program does.
//!
//! # No wake-up is lost
//! A waiter compares the value and joins the queue of its address under one lock, which a waker holds while it takes waiters out: so a waker
//! that comes after the comparison finds the waiter. It is woken by a word of its own, see [`super::wait`].

use crate::cpu::wait::{Interrupted, WaitWord, Waiters};
use crate::memory::GuestMemory;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use wasmtime::Trap;

/// A value in memory that is waited for to change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// Of 4 bytes.
    Word(u32),
    /// Of 8 bytes.
    Double(u64),
}

/// Why a wait returns, as the instructions number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// By a waker.
    Notified = 0,
    /// The value was another one from the start.
    NotEqual = 1,
    /// The time is over.
    TimedOut = 2,
}

/// The threads that wait in a memory, by address.
#[derive(Default)]
pub(crate) struct Parking(Mutex<HashMap<u32, VecDeque<Arc<WaitWord>>>>);

/// What a waiter's word becomes when it is woken.
const WOKEN: u32 = 1;

impl Parking {
    /// Waits at `address` while the value there is what is expected, until it is woken, or for `timeout` nanoseconds (negative: for ever).
    ///
    /// # Errors
    /// The traps of the instructions, or [`Interrupted`] when the program is ending: both end the calling thread.
    pub(crate) fn wait(
        &self,
        memory: &GuestMemory,
        waiters: &Waiters,
        address: u64,
        expected: Expected,
        timeout: i64,
    ) -> Result<Result<Woken, Trap>, Interrupted> {
        let time = u64::try_from(timeout).ok().map(Duration::from_nanos);
        // A time that the clock does not reach is for ever.
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        let (address, word) = {
            let mut parked = self.lock();
            let (address, is_expected) = match is_expected(memory, address, expected) {
                Ok(found) => found,
                Err(trap) => return Ok(Err(trap)),
            };
            if !is_expected {
                return Ok(Ok(Woken::NotEqual));
            }
            if timeout == 0 {
                return Ok(Ok(Woken::TimedOut));
            }
            let word = Arc::new(WaitWord::default());
            parked.entry(address).or_default().push_back(Arc::clone(&word));
            (address, word)
        };
        let waited = waiters.wait_until(&word, 0, deadline);
        let is_in_queue = self.leave(address, &word);
        waited?;
        // Whoever takes a waiter out of its queue has woken it, also one whose time is over meanwhile.
        Ok(Ok(if is_in_queue { Woken::TimedOut } else { Woken::Notified }))
    }

    /// Wakes up to `count` of the threads that wait at `address`, those first that came first; returns how many.
    ///
    /// # Errors
    /// The traps of the instruction.
    pub(crate) fn notify(&self, memory: &GuestMemory, address: u64, count: u32) -> Result<u32, Trap> {
        let (address, _) = is_expected(memory, address, Expected::Word(0))?;
        let mut parked = self.lock();
        let Some(queue) = parked.get_mut(&address) else { return Ok(0) };
        let woken: Vec<_> = queue.drain(..queue.len().min(count as usize)).collect();
        if queue.is_empty() {
            parked.remove(&address);
        }
        drop(parked);
        woken.iter().for_each(|word| word.signal(WOKEN, 1));
        Ok(woken.len() as u32)
    }

    /// Takes a waiter out of its queue; false if a waker has done so.
    fn leave(&self, address: u32, word: &Arc<WaitWord>) -> bool {
        let mut parked = self.lock();
        let Some(queue) = parked.get_mut(&address) else { return false };
        let before = queue.len();
        queue.retain(|other| !Arc::ptr_eq(other, word));
        let was_there = queue.len() < before;
        if queue.is_empty() {
            parked.remove(&address);
        }
        was_there
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, VecDeque<Arc<WaitWord>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address as one of the memory, and whether the value there is what is expected.
fn is_expected(memory: &GuestMemory, address: u64, expected: Expected) -> Result<(u32, bool), Trap> {
    let size = if matches!(expected, Expected::Word(_)) { 4 } else { 8 };
    if !address.is_multiple_of(size) {
        return Err(Trap::HeapMisaligned);
    }
    let address = u32::try_from(address).map_err(|_| Trap::MemoryOutOfBounds)?;
    // Sequentially consistent, as the instructions are.
    let is_expected = match expected {
        Expected::Word(expected) => memory.word(address).map(|word| word.load(Ordering::SeqCst) == expected),
        Expected::Double(expected) => memory.double(address).map(|word| word.load(Ordering::SeqCst) == expected),
    };
    Ok((address, is_expected.ok_or(Trap::MemoryOutOfBounds)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::wait::Policy;
    use crate::program::{Interruption, engine};
    use std::thread;
    use wasmtime::{MemoryType, SharedMemory};

    fn memory() -> GuestMemory {
        let engine = engine(Interruption::AtHostCalls).unwrap();
        GuestMemory::new(SharedMemory::new(engine.wasmtime(), MemoryType::shared(1, 1)).unwrap())
    }

    fn waiters() -> Waiters {
        Waiters::new(Policy::new(Some("passive")), 1)
    }

    #[test]
    fn what_does_not_wait() {
        let (parking, memory, waiters) = (Parking::default(), memory(), waiters());
        let wait = |address, expected, timeout| parking.wait(&memory, &waiters, address, expected, timeout).unwrap();
        memory.write_u32(12, 7).unwrap();
        assert_eq!(wait(12, Expected::Word(8), -1).unwrap(), Woken::NotEqual);
        assert_eq!(wait(8, Expected::Double(7), -1).unwrap(), Woken::NotEqual, "only the upper half differs");
        assert_eq!(wait(12, Expected::Word(7), 0).unwrap(), Woken::TimedOut);
        assert_eq!(wait(8, Expected::Double(7 << 32), 1000).unwrap(), Woken::TimedOut);
        assert_eq!(wait(10, Expected::Word(0), 0).unwrap_err(), Trap::HeapMisaligned);
        assert_eq!(wait(12, Expected::Double(0), 0).unwrap_err(), Trap::HeapMisaligned);
        assert_eq!(wait(65536, Expected::Word(0), 0).unwrap_err(), Trap::MemoryOutOfBounds);
        assert_eq!(wait(1 << 32, Expected::Word(0), 0).unwrap_err(), Trap::MemoryOutOfBounds);
        assert_eq!(parking.notify(&memory, 12, u32::MAX), Ok(0));
        assert_eq!(parking.notify(&memory, 13, 1), Err(Trap::HeapMisaligned));
        for address in (0..65536).step_by(4) {
            let _ = wait(address, Expected::Word(0), 0);
        }
        assert!(parking.lock().is_empty(), "no address is remembered");
    }

    #[test]
    fn as_many_are_woken_as_are_to_be() {
        let (parking, memory, waiters) = (Parking::default(), memory(), waiters());
        let parked = |count: usize| {
            while parking.lock().get(&16).map_or(0, VecDeque::len) != count {
                thread::yield_now();
            }
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| parking.wait(&memory, &waiters, 16, Expected::Word(0), -1).unwrap().unwrap()))
                .collect();
            parked(3);
            assert_eq!(parking.notify(&memory, 20, u32::MAX), Ok(0));
            assert_eq!(parking.notify(&memory, 16, 0), Ok(0));
            assert_eq!(parking.notify(&memory, 16, 2), Ok(2));
            parked(1);
            assert_eq!(parking.notify(&memory, 16, u32::MAX), Ok(1));
            threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), Woken::Notified));
        });
        assert!(parking.lock().is_empty());
    }

    #[test]
    fn the_end_of_the_program_ends_the_wait() {
        let (parking, memory, waiters) = (Parking::default(), memory(), waiters());
        thread::scope(|scope| {
            let thread = scope.spawn(|| parking.wait(&memory, &waiters, 16, Expected::Double(0), -1));
            while parking.lock().is_empty() {
                thread::yield_now();
            }
            waiters.end(|| {});
            assert!(thread.join().unwrap().is_err());
        });
        assert!(parking.lock().is_empty());
    }
}
