//! A hot team: threads that stay ready between regions.
//!
//! # Fork
//! The primary writes the job, then publishes it with one store to the epoch: a number that grows by one with each fork, in the
//! lower half of a 64-bit word, and the size of the team in the upper half. Workers wait for the word to change. A worker
//! whose index is not below the size goes back to waiting without looking at the job.
//!
//! # Join
//! Each worker has a word of its own, on a cache line of its own, where it stores the epoch that it has finished. The primary looks
//! at them one after the other.
//!
//! # Why the job needs no lock
//! It is written by the primary only while no worker reads it: the workers of the last region have all stored `done` (release),
//! and the primary has read that (acquire). They read the new one after they have seen the new epoch (acquire), which the primary
//! stored after the job (sequentially consistent, so also release). A worker that sits a region out never touches it.

use crate::cpu::member::Member;
use crate::cpu::places::Binding;
use crate::cpu::wait::{Interrupted, Waiters};
use crate::error::{Error, Outcome, Trap};
use crate::process::Process;
use crossbeam_utils::CachePadded;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What the threads of a region are to do.
#[derive(Clone, Copy, Default)]
struct Job {
    kernel: u32,
    block_size: i32,
    buffer: (i32, i32),
}

/// A team size that no region has: the workers are to leave.
const LEAVE: u32 = u32::MAX;

struct Shared {
    process: Arc<Process>,
    post: CachePadded<Post>,
}

/// What the primary hands out. On one cache line, so that one transfer brings the news and the job.
#[derive(Default)]
struct Post {
    /// Number of the fork (low half) and size of its team (high half). The low half doubles as the word to sleep on.
    epoch: AtomicU64,
    sleepers: AtomicU32,
    job: UnsafeCell<Job>,
}

// SAFETY: `job` is the only field that is not Sync; see "Why the job needs no lock".
unsafe impl Sync for Post {}

/// A worker's side of the join.
#[derive(Default)]
struct Done {
    /// Low half of the last epoch finished.
    epoch: AtomicU32,
    sleepers: AtomicU32,
    /// The worker's thread, for affinity; 0 until it runs.
    tid: AtomicI32,
    /// The place that the worker is bound to, plus 1; 0 when it is not.
    place: AtomicUsize,
}

struct Worker {
    done: Arc<CachePadded<Done>>,
    thread: JoinHandle<()>,
}

/// The team of one member at one depth of nesting; the member is its primary thread.
pub(crate) struct Team {
    shared: Arc<Shared>,
    workers: Vec<Worker>,
    forks: u32,
    bound: Option<(Wish, Binding)>,
    /// How many regions enclose those of this team.
    level: usize,
}

/// What decides where the members are bound: the policy, the size of the team, the primary's place, and the depth.
type Wish = (i32, usize, Option<usize>, usize);

/// The largest team that is started: a guest that asks for more gets an errno, before the operating system gives out.
pub(crate) const MAX_TEAM: u32 = 4096;

/// Enough for the deepest recursion that Wasmtime allows, see `program::engine`.
pub(crate) const THREAD_STACK: usize = 16 << 20;

impl Team {
    pub(crate) fn new(process: &Arc<Process>, level: usize) -> Self {
        let shared = Shared { process: Arc::clone(process), post: CachePadded::default() };
        Self { shared: Arc::new(shared), workers: Vec::new(), forks: 0, bound: None, level }
    }

    /// Starts workers until the team has `size` members.
    pub(crate) fn ensure(&mut self, size: u32) -> Result<(), Error> {
        if size > MAX_TEAM {
            return Err(Error::Thread(std::io::ErrorKind::QuotaExceeded.into()));
        }
        while self.workers.len() + 1 < size as usize {
            let index = self.workers.len() as u32 + 1;
            let done = Arc::new(CachePadded::new(Done::default()));
            let (shared, mine) = (Arc::clone(&self.shared), Arc::clone(&done));
            let seen = shared.post.epoch.load(Ordering::Relaxed);
            let level = self.level + 1;
            self.shared.process.waiters.thread_started();
            let thread = thread::Builder::new()
                .name(format!("omp2wasi-{index}"))
                .stack_size(THREAD_STACK)
                .spawn(move || work(&shared, &mine, index, level, seen));
            match thread {
                Ok(thread) => self.workers.push(Worker { done, thread }),
                Err(error) => {
                    self.shared.process.waiters.thread_ended();
                    return Err(Error::Thread(error));
                }
            }
        }
        Ok(())
    }

    /// Binds the members to places, if that is not how they are bound already. Returns the primary's place.
    pub(crate) fn bind(
        &mut self,
        proc_bind: i32,
        size: u32,
        primary_place: Option<usize>,
        level: usize,
    ) -> Option<usize> {
        // By our own choice the members stay where they are when the team gets smaller; by the program's they move.
        let size = if proc_bind < 0 { self.workers.len() + 1 } else { size as usize };
        let wish = (proc_bind, size, primary_place, level);
        if self.bound.as_ref().is_none_or(|(bound, _)| *bound != wish) {
            self.rebind(wish);
        }
        self.bound.as_ref().and_then(|(_, binding)| binding.place(0))
    }

    #[cold]
    fn rebind(&mut self, wish: Wish) {
        let (proc_bind, size, primary_place, level) = wish;
        let binding = self.shared.process.places.binding(proc_bind, size, primary_place, level);
        // A nested team that is not bound leaves its primary where the outer team has put it.
        if level == 0 || binding.place(0).is_some() {
            binding.apply(0, 0);
        }
        for (index, worker) in self.workers.iter().enumerate() {
            // Wait for the thread to say who it is: it has been started, so it will.
            while worker.done.tid.load(Ordering::Acquire) == 0 && !worker.thread.is_finished() {
                thread::yield_now();
            }
            binding.apply(index + 1, worker.done.tid.load(Ordering::Acquire));
            worker.done.place.store(binding.place(index + 1).map_or(0, |place| place + 1), Ordering::Relaxed);
        }
        self.bound = Some((wish, binding));
    }

    /// Starts a region of `size` threads, of which the caller is thread 0: it must do its own part, and then [`Team::join`].
    pub(crate) fn fork(&mut self, kernel: u32, size: u32, block_size: i32, buffer: (i32, i32)) {
        self.forks = self.forks.wrapping_add(1);
        // SAFETY: no worker reads the job now; see "Why the job needs no lock".
        unsafe { *self.shared.post.job.get() = Job { kernel, block_size, buffer } };
        self.publish(size);
    }

    fn publish(&self, size: u32) {
        // Sequentially consistent with the look at `sleepers`: see `wait`.
        self.shared.post.epoch.store(u64::from(size) << 32 | u64::from(self.forks), Ordering::SeqCst);
        if self.shared.post.sleepers.load(Ordering::SeqCst) != 0 {
            Waiters::wake(low_half(&self.shared.post.epoch), u32::MAX >> 1);
        }
    }

    /// Waits until all others have done their part.
    pub(crate) fn join(&self, size: u32) -> Result<(), Interrupted> {
        for worker in &self.workers[..size as usize - 1] {
            let done = &worker.done;
            // Acquire: pairs with the worker's store, so its writes are visible after the join.
            let mut seen = done.epoch.load(Ordering::Acquire);
            while seen != self.forks {
                self.shared.process.waiters.wait(&done.epoch, &done.sleepers, seen)?;
                seen = done.epoch.load(Ordering::Acquire);
            }
        }
        Ok(())
    }
}

impl Drop for Team {
    /// Workers that wait leave at once. One that computes on after the program has ended cannot be stopped; it is left behind, and
    /// leaves at its next host call.
    fn drop(&mut self) {
        self.forks = self.forks.wrapping_add(1);
        self.publish(LEAVE);
        let deadline = Instant::now() + Duration::from_millis(100);
        for worker in self.workers.drain(..) {
            while self.shared.process.waiters.is_ending() && !worker.thread.is_finished() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(1));
            }
            if worker.thread.is_finished() || !self.shared.process.waiters.is_ending() {
                // A worker ends by returning; its errors went to `Process::end`.
                let _ = worker.thread.join();
            }
        }
    }
}

/// The half of the epoch that changes with every fork, as the kernel's futex sees it.
fn low_half(epoch: &AtomicU64) -> &AtomicU32 {
    const { assert!(cfg!(target_endian = "little")) };
    // SAFETY: the low half of a little-endian u64 is its first four bytes; both views are atomic, and the hardware keeps
    // them coherent. It is never stored through.
    unsafe { AtomicU32::from_ptr(epoch.as_ptr().cast()) }
}

/// A worker that panics, which is a defect of ours, must not leave the others waiting for it.
struct EndOnPanic<'a>(&'a Shared, u32);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let message = "omp2wasi itself failed in this thread; the message is above";
            self.0.process.end(|| outcome(&wasmtime::Error::msg(message), Some((self.1, self.1 + 1))));
        }
    }
}

/// A worker's life.
fn work(shared: &Shared, done: &Done, index: u32, level: usize, seen: u64) {
    let _ended = EndOnPanic(shared, index);
    done.tid.store(rustix::thread::gettid().as_raw_nonzero().get(), Ordering::Release);
    let result = serve(shared, done, index, level, seen);
    shared.process.waiters.thread_ended();
    if let Err((error, thread)) = result {
        shared.process.end(|| outcome(&error, Some(thread)));
    }
}

/// Executes this worker's part of each region until it is told to leave.
fn serve(
    shared: &Shared,
    done: &Done,
    index: u32,
    level: usize,
    mut seen: u64,
) -> Result<(), (wasmtime::Error, (u32, u32))> {
    let (mut store, _) = Member::start(&shared.process).map_err(|error| (error, (index, index + 1)))?;
    store.data_mut().level = level;
    loop {
        let mut epoch = shared.post.epoch.load(Ordering::Acquire);
        while epoch == seen {
            if shared.process.waiters.wait(low_half(&shared.post.epoch), &shared.post.sleepers, seen as u32).is_err() {
                return Ok(());
            }
            epoch = shared.post.epoch.load(Ordering::Acquire);
        }
        seen = epoch;
        let size = (epoch >> 32) as u32;
        if size == LEAVE {
            return Ok(());
        }
        if index >= size {
            continue;
        }
        // SAFETY: this worker takes part in the region, and has not stored `done`; see "Why the job needs no lock".
        let job = unsafe { *shared.post.job.get() };
        let data = store.data_mut();
        data.thread = Some((index, size));
        data.place = done.place.load(Ordering::Relaxed).checked_sub(1);
        let arguments = (index as i32, size as i32, job.block_size, job.buffer.0, job.buffer.1);
        Member::call_kernel(&mut store, job.kernel, arguments).map_err(|error| (error, (index, size)))?;
        // Sequentially consistent with the look at `sleepers` (see `wait`), and a release for the join.
        done.epoch.store(epoch as u32, Ordering::SeqCst);
        if done.sleepers.load(Ordering::SeqCst) != 0 {
            Waiters::wake(&done.epoch, 1);
        }
    }
}

/// What an error that came out of wasm means for the program.
pub(crate) fn outcome(error: &wasmtime::Error, thread: Option<(u32, u32)>) -> Outcome {
    match error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        Some(exit) => Outcome::Exited(exit.0 as u8),
        None => Outcome::Trapped(Trap::new(error, thread)),
    }
}
