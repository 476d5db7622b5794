//! A hot team: threads that stay ready between parallel regions. How they fork and join is in [`super::dock`].
//!
//! Invariant: a team's workers are those of one member, which alone forks and joins them.

use crate::cpu::dock::{Dock, Seen, Task, join};
use crate::cpu::member::{Member, interrupted};
use crate::cpu::places::{Binding, BindingRequest};
use crate::cpu::wait::{Interrupted, WaitWord};
use crate::engine::native::member as native;
use crate::error::{Error, Outcome};
use crate::limits::Share;
use crate::process::Process;
use crossbeam_utils::CachePadded;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use wasmtime::StoreContextMut;

/// A parallel region: what each member of a team is to call.
#[derive(Clone, Copy, Default)]
pub(crate) struct Region {
    /// The table index of the kernel.
    pub kernel: u32,
    /// Handed to the kernel as it is.
    pub block_size: i32,
    /// Address and length of the kernel's one buffer: the team's record in guest memory.
    pub buffer: (i32, i32),
}

struct Shared {
    process: Arc<Process>,
    dock: CachePadded<Dock<Region>>,
}

/// What a worker shares with its primary thread alone.
#[derive(Default)]
struct Seat {
    /// Low half of the last epoch that the worker has finished.
    finished: WaitWord,
    /// The worker's thread, for affinity; 0 until it runs. Stored with release and loaded with acquire, though the value alone matters.
    tid: AtomicI32,
    /// The place that the worker is bound to, plus 1; 0 when it is not. Relaxed: written before the epoch is signalled, read after.
    place: AtomicUsize,
}

struct Worker {
    seat: Arc<CachePadded<Seat>>,
    thread: JoinHandle<()>,
}

/// The team of one member at one depth of nesting; the member is its primary thread.
pub(crate) struct Team {
    shared: Arc<Shared>,
    workers: Vec<Worker>,
    /// The number of the last fork.
    forks: u32,
    bound: Option<(BindingRequest, Binding)>,
    /// How many regions enclose those of this team.
    level: usize,
}

/// Why a region was not executed to its end.
pub(crate) enum ForkError {
    /// The team cannot be that large; nothing has happened.
    Threads(Error),
    /// A member's error, or the program is ending.
    Guest(wasmtime::Error),
}

/// Executes a region on a team of `size` threads: the calling member is thread 0, each other one has a thread and an instance of its own.
pub(crate) fn fork(caller: &mut StoreContextMut<'_, Member>, region: &Region, size: u32) -> Result<(), ForkError> {
    let data = caller.data_mut();
    let depth = data.depth;
    if data.teams.len() == depth {
        data.teams.push(None);
    }
    let mut team = data.teams[depth].take().unwrap_or_else(|| Box::new(Team::new(&data.process, data.level + depth)));
    if let Err(error) = team.ensure(size) {
        data.teams[depth] = Some(team);
        return Err(ForkError::Threads(error));
    }
    let outer = (data.thread, data.place);
    data.place = team.bind(data.proc_bind, size, data.place);
    data.thread = Some((0, size));
    data.depth += 1;
    team.start(region, size);
    let arguments = (0, size as i32, region.block_size, region.buffer.0, region.buffer.1);
    // Native code leaves the globals as its caller, if that is Cranelift's code, has to find them.
    let is_called_by_native = native::is_current(caller.data());
    let result = Member::call_kernel(&mut *caller, region.kernel, arguments)
        .and_then(|()| if is_called_by_native { Ok(()) } else { native::give_back(caller) })
        .and_then(|()| team.join(size).map_err(interrupted));
    let data = caller.data_mut();
    if result.is_ok() {
        // After a failure the frames above unwind, and the trap's report names this thread.
        (data.thread, data.place) = outer;
    }
    data.depth = depth;
    data.teams[depth] = Some(team);
    result.map_err(ForkError::Guest)
}

impl Team {
    fn new(process: &Arc<Process>, level: usize) -> Self {
        let shared = Shared { process: Arc::clone(process), dock: CachePadded::default() };
        Self { shared: Arc::new(shared), workers: Vec::new(), forks: 0, bound: None, level }
    }

    /// Starts workers until the team has `size` members.
    fn ensure(&mut self, size: u32) -> Result<(), Error> {
        let process = &self.shared.process;
        if size > process.threads.limit() {
            let message = format!("a team of {size}, where {} threads are the most", process.threads.limit());
            return Err(Error::Thread(io::Error::new(io::ErrorKind::QuotaExceeded, message)));
        }
        while self.workers.len() + 1 < size as usize {
            let index = self.workers.len() as u32 + 1;
            let seat = Arc::new(CachePadded::new(Seat::default()));
            let (shared, mine) = (Arc::clone(&self.shared), Arc::clone(&seat));
            let seen = shared.dock.now();
            let level = self.level + 1;
            let room = Member::room(process).map_err(Error::Instance)?;
            process.waiters.thread_started();
            let begin = Begin { index, level, seen, room };
            let work = move || work(&shared, &mine, begin);
            match process.threads.start(format!("omp2wasi-{index}"), work) {
                Ok(thread) => self.workers.push(Worker { seat, thread }),
                Err(error) => {
                    process.waiters.thread_ended();
                    return Err(Error::Thread(error));
                }
            }
        }
        Ok(())
    }

    /// Binds the members to places, if that is not how they are bound already. Returns the primary thread's place.
    fn bind(&mut self, proc_bind: i32, size: u32, primary_place: Option<usize>) -> Option<usize> {
        // By our own choice the members stay where they are when the team gets smaller; by the program's they move.
        let size = if proc_bind < 0 { self.workers.len() + 1 } else { size as usize };
        let request = BindingRequest { proc_bind, size, primary_place, level: self.level };
        if self.bound.as_ref().is_none_or(|(bound, _)| *bound != request) {
            self.rebind(request);
        }
        self.bound.as_ref().and_then(|(_, binding)| binding.place(0))
    }

    #[cold]
    fn rebind(&mut self, request: BindingRequest) {
        let binding = self.shared.process.places.binding(&request);
        // A nested team that is not bound leaves its primary thread where the outer team has put it.
        if request.level == 0 || binding.place(0).is_some() {
            binding.apply(0, 0);
        }
        for (index, Worker { seat, thread }) in self.workers.iter().enumerate() {
            // Wait for the thread to store its id: it has been started, so it will.
            while seat.tid.load(Ordering::Acquire) == 0 && !thread.is_finished() {
                thread::yield_now();
            }
            binding.apply(index + 1, seat.tid.load(Ordering::Acquire));
            seat.place.store(binding.place(index + 1).map_or(0, |place| place + 1), Ordering::Relaxed);
        }
        self.bound = Some((request, binding));
    }

    /// Starts a region of `size` threads, of which the caller is thread 0: it must do its own part, and then [`Team::join`].
    fn start(&mut self, region: &Region, size: u32) {
        self.forks = self.forks.wrapping_add(1);
        // SAFETY: this is the primary thread, and the last region has been joined, or the program is ending and no worker runs another.
        unsafe { self.shared.dock.start(self.forks, *region, size) };
    }

    /// Waits until all others have done their part, whose effects are visible then.
    fn join(&self, size: u32) -> Result<(), Interrupted> {
        let workers = &self.workers[..size as usize - 1];
        workers.iter().try_for_each(|worker| join(&worker.seat.finished, self.forks, &self.shared.process.waiters))
    }
}

impl Drop for Team {
    /// Workers that wait leave at once. One that computes on after the program has ended cannot be stopped; it is left behind, and
    /// leaves at its next host call.
    fn drop(&mut self) {
        self.forks = self.forks.wrapping_add(1);
        self.shared.dock.dismiss(self.forks);
        join_threads(&self.shared.process, self.workers.drain(..).map(|worker| worker.thread));
    }
}

/// How long threads that compute after the program has ended are waited for.
const PATIENCE: Duration = Duration::from_millis(100);

/// Joins threads that have been told to leave; once the program is ending, only those that leave within [`PATIENCE`].
pub(crate) fn join_threads(process: &Process, threads: impl Iterator<Item = JoinHandle<()>>) {
    let deadline = Instant::now() + PATIENCE;
    for thread in threads {
        while process.waiters.is_ending() && !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        if thread.is_finished() || !process.waiters.is_ending() {
            // A thread ends by returning; its errors went to `Process::end`.
            let _ = thread.join();
        }
    }
}

/// Ends the program if the thread panics, which is a defect of ours: the others must not wait for it.
pub(crate) struct EndOnPanic<'a> {
    /// The program that the thread belongs to.
    pub process: &'a Process,
    /// The thread's number in its team, if it has one, and the size.
    pub thread: Option<(u32, u32)>,
}

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let error = wasmtime::Error::msg("omp2wasi itself failed in this thread; the message is above");
            self.process.end(|| Outcome::of_error(&error, self.thread));
        }
    }
}

/// What a worker begins with.
struct Begin {
    /// Its number in the team.
    index: u32,
    /// How many regions are around it: see [`Member::level`].
    level: usize,
    /// The last fork before it came.
    seen: Seen,
    /// What its instance takes of the memory budget.
    room: Share,
}

/// A worker's life.
fn work(shared: &Shared, seat: &Seat, begin: Begin) {
    let (process, index) = (&*shared.process, begin.index);
    let _ended = EndOnPanic { process, thread: Some((index, index + 1)) };
    seat.tid.store(rustix::thread::gettid().as_raw_nonzero().get(), Ordering::Release);
    let result = serve(shared, seat, begin);
    process.waiters.thread_ended();
    if let Err((error, thread)) = result {
        process.end(|| Outcome::of_error(&error, Some(thread)));
    }
}

/// Executes this worker's part of each region until it is told to leave. An error comes with the thread that it is of, as in
/// [`Member::thread`].
fn serve(shared: &Shared, seat: &Seat, begin: Begin) -> Result<(), (wasmtime::Error, (u32, u32))> {
    let Begin { index, level, mut seen, room } = begin;
    let (mut store, _) = Member::start(&shared.process, room).map_err(|error| (error, (index, index + 1)))?;
    store.data_mut().level = level;
    // An error means that the program is ending.
    while let Ok(Some(task)) = shared.dock.next(index, &mut seen, &shared.process.waiters) {
        let Task { region, size, fork } = task;
        let data = store.data_mut();
        data.thread = Some((index, size));
        data.place = seat.place.load(Ordering::Relaxed).checked_sub(1);
        let arguments = (index as i32, size as i32, region.block_size, region.buffer.0, region.buffer.1);
        Member::call_kernel(&mut store, region.kernel, arguments).map_err(|error| (error, (index, size)))?;
        seat.finished.signal(fork, 1);
    }
    Ok(())
}
