//! Fork and join: how the primary thread of a team hands a region to its workers, and hears that they have done it.
//!
//! Invariant: the region is written only while no worker reads it; see "Why the region needs no lock".
//!
//! # Fork
//! The primary thread writes the region, then signals the epoch: a number that grows by one with each fork, in the lower half of a 64-bit
//! word, and the size of the team in the upper half. Workers wait for the word to change. A worker whose index is not below the size goes
//! back to waiting without looking at the region.
//!
//! # Join
//! Each worker has a word of its own, on a cache line of its own, where it signals the number of the fork that it has finished. The primary
//! thread waits for them one after the other.
//!
//! # Why the region needs no lock
//! It is written by the primary thread only while no worker reads it: the workers of the last region have all signalled `finished`
//! (release), and the primary thread has seen that (acquire). They read the new one after they have seen the new epoch (acquire), which
//! the primary thread signalled after it had written the region (release). A worker that sits a region out never touches it.
//!
//! `models/` has this file tried in every order of its steps.

use crate::cpu::wait::{EVERYBODY, Interrupted, WaitWord, Waiters};
use crate::sync::{AtomicU64, Slot};

/// A team size that no region has: the workers are to leave.
const LEAVE: u32 = u32::MAX;

/// Where the workers of a team wait for regions. On one cache line, so that one transfer brings the news and the region.
#[derive(Default)]
pub(crate) struct Dock<R> {
    /// Number of the fork (low half) and size of its team (high half).
    epoch: WaitWord<AtomicU64>,
    region: Slot<R>,
}

/// The last epoch that a worker has seen.
#[derive(Clone, Copy)]
pub(crate) struct Seen(u64);

/// What a worker gets of a fork.
pub(crate) struct Task<R> {
    /// The region.
    pub region: R,
    /// The size of its team.
    pub size: u32,
    /// The number of the fork, which the worker signals when it is done.
    pub fork: u32,
}

impl<R: Copy> Dock<R> {
    /// Where a worker begins that is started now: it takes part from the next fork on.
    pub(crate) fn now(&self) -> Seen {
        Seen(self.epoch.load())
    }

    /// Hands a region to the workers whose index is below `size`. Numbers of forks follow one another, and may wrap.
    ///
    /// # Safety
    /// Only the primary thread calls this, and it has joined the workers of the last fork.
    pub(crate) unsafe fn start(&self, fork: u32, region: R, size: u32) {
        // SAFETY: no worker reads the region now; see "Why the region needs no lock".
        unsafe { self.region.set(region) };
        self.publish(fork, size);
    }

    /// Tells all workers to leave.
    pub(crate) fn dismiss(&self, fork: u32) {
        self.publish(fork, LEAVE);
    }

    fn publish(&self, fork: u32, size: u32) {
        self.epoch.signal(u64::from(size) << 32 | u64::from(fork), EVERYBODY);
    }

    /// Waits for the next fork that the worker of this index takes part in; `None` when it is to leave.
    ///
    /// # Errors
    /// When the program is ending.
    pub(crate) fn next(&self, index: u32, seen: &mut Seen, waiters: &Waiters) -> Result<Option<Task<R>>, Interrupted> {
        loop {
            let mut epoch = self.epoch.load();
            if epoch == seen.0 {
                epoch = waiters.wait(&self.epoch, seen.0)?;
            }
            *seen = Seen(epoch);
            let (size, fork) = ((epoch >> 32) as u32, epoch as u32);
            if size == LEAVE {
                return Ok(None);
            }
            if index < size {
                // SAFETY: this worker takes part in the region, and has not signalled `finished`; see "Why the region needs no lock".
                let region = unsafe { self.region.get() };
                return Ok(Some(Task { region, size, fork }));
            }
        }
    }
}

/// Waits until a worker has finished a fork, whose effects are visible then.
///
/// # Errors
/// When the program is ending.
pub(crate) fn join(finished: &WaitWord, fork: u32, waiters: &Waiters) -> Result<(), Interrupted> {
    let mut seen = finished.load();
    while seen != fork {
        seen = waiters.wait(finished, seen)?;
    }
    Ok(())
}
