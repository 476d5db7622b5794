//! What waiting and teams are built on: atomics, a word that a thread can sleep on, a lock, a slot that two threads hand to one another.
//!
//! `models/` has the same names made of loom's, which tries every order that the memory model allows; it compiles `cpu/wait.rs` and
//! `cpu/dock.rs` with those. So these two files take all such things from here, and nothing else of this crate.
//!
//! Invariant: a [`Word`] is laid out as the integer that it holds: guest memory has such words, too.

use rustix::thread::futex;
use std::cell::UnsafeCell;
pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError};
pub(crate) use std::thread::yield_now;
use std::time::Duration;

/// A count of sleepers to wake that means all of them: as many as the kernel can count.
pub(crate) const EVERYBODY: u32 = i32::MAX as u32;

/// An atomic value that a thread can sleep on.
pub(crate) trait Word {
    type Value: Copy + Eq;
    fn load(&self, order: Ordering) -> Self::Value;
    fn store(&self, value: Self::Value, order: Ordering);
    /// Sleeps if the value is `expected`, until it is woken, `timeout` is over, or for no reason. Of two values of which one follows the
    /// other it can tell which it is.
    fn sleep(&self, expected: Self::Value, timeout: Option<Duration>);
    /// Wakes up to `count` threads that sleep on it.
    fn wake(&self, count: u32);
    /// What [`wake_at`] needs to find it.
    fn address(&self) -> usize;
}

impl Word for AtomicU32 {
    type Value = u32;
    fn load(&self, order: Ordering) -> u32 {
        self.load(order)
    }
    fn store(&self, value: u32, order: Ordering) {
        self.store(value, order);
    }
    fn sleep(&self, expected: u32, timeout: Option<Duration>) {
        let timeout = timeout.map(|timeout| futex::Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        // An error (the word changed, a signal came, the time is over) is a reason to look again, as all others are.
        let _ = futex::wait(self, futex::Flags::PRIVATE, expected, timeout.as_ref());
    }
    fn wake(&self, count: u32) {
        // Fails only for an address that is not mapped; this one is borrowed.
        let _ = futex::wake(self, futex::Flags::PRIVATE, count);
    }
    fn address(&self) -> usize {
        self.as_ptr() as usize
    }
}

/// The kernel looks at the lower half, which therefore has to change with each store that sleepers wait for.
///
/// Nothing but sleeping rests on that 32-bit view of a 64-bit value, which no language model covers but processors do: an aligned store
/// of 8 bytes is one access, and its half is seen with it.
impl Word for AtomicU64 {
    type Value = u64;
    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }
    fn store(&self, value: u64, order: Ordering) {
        self.store(value, order);
    }
    fn sleep(&self, expected: u64, timeout: Option<Duration>) {
        lower_half(self).sleep(expected as u32, timeout);
    }
    fn wake(&self, count: u32) {
        lower_half(self).wake(count);
    }
    fn address(&self) -> usize {
        lower_half(self).address()
    }
}

fn lower_half(word: &AtomicU64) -> &AtomicU32 {
    const { assert!(cfg!(target_endian = "little")) };
    // SAFETY: the low half of a little-endian u64 is its first four bytes; both views are atomic, and the hardware keeps them coherent. It
    // is never stored through.
    unsafe { AtomicU32::from_ptr(word.as_ptr().cast()) }
}

/// Wakes all threads that sleep on a word.
///
/// # Safety
/// A word is at this address ([`Word::address`]), or was a short time ago.
pub(crate) unsafe fn wake_at(address: usize) {
    // SAFETY: waking does not read what is there: the kernel takes the address as a key, and does nothing if nobody sleeps on it.
    unsafe { AtomicU32::from_ptr(address as *mut u32) }.wake(EVERYBODY);
}

/// Lets some time pass, so that others get on.
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}

/// A value that one thread writes while no other uses it, and others read while nobody writes it.
#[derive(Default)]
pub(crate) struct Slot<T>(UnsafeCell<T>);

// SAFETY: its functions leave it to the caller that accesses do not overlap with a write.
unsafe impl<T: Copy + Send> Sync for Slot<T> {}

impl<T: Copy> Slot<T> {
    /// Writes the value.
    ///
    /// # Safety
    /// Nobody else reads or writes it meanwhile.
    pub(crate) unsafe fn set(&self, value: T) {
        // SAFETY: the caller vouches for it.
        unsafe { *self.0.get() = value };
    }

    /// Reads the value.
    ///
    /// # Safety
    /// Nobody writes it meanwhile.
    pub(crate) unsafe fn get(&self) -> T {
        // SAFETY: the caller vouches for it.
        unsafe { *self.0.get() }
    }
}
