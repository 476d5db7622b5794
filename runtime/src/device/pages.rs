//! Shares a program's memory with its devices, for programs that require unified shared memory (OpenMP 5.2, section 8.2): the host and the
//! devices see each other's writes without any mapping.
//!
//! A device has a mirror of the memory, so what one of them writes has to be copied to the other. That is done by chunks of 64 KiB, each of
//! which has owners ([`crate::faults`]): whoever has its newest contents. Before a launch, the device gets all chunks that it has not; the
//! host may only read those then, so that a write is a fault, by which the host owns the chunk alone. What the kernel
//! writes is known before ([`omp2wasi_codegen::Facts::written`]), or it marks chunks ([`omp2wasi_codegen::Param::Marks`]); after it those
//! are the device's alone, and when the host accesses one, that is a fault, too, by which it is fetched: several of them together, where
//! the host goes through memory in order.
//!
//! If the host writes a chunk while a kernel runs that may do so, too, a copy of what it was is kept (a *twin*): by that it is known which
//! bytes the kernel has changed, and both survive.
//!
//! Invariant: one launch at a time is between [`Pages::begin`] and [`Pages::end`], and then the table is busy.

use super::account::{Account, Way};
use super::mirrored::Mirrored;
use super::offload::Failure;
use crate::engine::native::signals;
use crate::faults::{CHUNK, Owners, Protection, Registered, Request, Table};
use crate::memory::GuestMemory;
use omp2wasi_abi::imports::Errno;
use rustix::fd::OwnedFd;
use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How many chunks are fetched at once at most: 4 MiB.
const MOST_AT_ONCE: usize = 64;

/// How many chunks are hot at most ([`State::hot`]), and for how many launches one is.
const MOST_HOT: usize = 8;
const HOT: u32 = 16;

/// How long [`Pages::begin`] waits for another launch before it looks again whether the program is ending.
const LOOK: Duration = Duration::from_millis(20);

/// Ends the program with a message: for faults that cannot be resolved.
pub(crate) type Fail = Box<dyn Fn(String) + Send + Sync>;

/// Whether the kernel of a launch has run, perhaps in part.
#[derive(Clone, Copy)]
pub(super) enum HasRun<'l> {
    No,
    /// It has marked what it has written.
    AndMarked,
    /// It has written nothing but in these ranges of addresses.
    AndWritten(&'l [Range<u64>]),
}

/// A memory that is shared with devices.
pub(crate) struct Pages {
    shared: Arc<Shared>,
    /// Answers the requests of handlers; `None` once it has ended.
    pager: Option<JoinHandle<()>>,
    /// `None` once no handler knows the table.
    registered: Option<Registered>,
}

/// What launches and the pager have in common.
struct Shared {
    table: Arc<Table>,
    memory: GuestMemory,
    /// The process's memory as a file: what is written there is not subject to protection, so that others never see half of a chunk.
    process: File,
    account: Arc<Account>,
    state: Mutex<State>,
    /// Signalled when a launch has ended.
    idle: Condvar,
}

#[derive(Default)]
struct State {
    /// The mirrors of devices that have chunks, by the devices' numbers.
    mirrors: Vec<Option<Arc<Mirrored>>>,
    /// What chunks were that the host has written since the launch began that is under way.
    twins: HashMap<usize, Box<[u8]>>,
    /// Chunks that the host fetched by themselves after launches that wrote them, and how many more launches are taken to be followed by the
    /// same: they are fetched without waiting for a fault.
    hot: HashMap<usize, u32>,
    /// The chunk behind those that were fetched last.
    next: usize,
    /// How many that was.
    fetched: usize,
    /// Where chunks are on their way from a device. It stands after the mirrors, whose drivers may keep its address.
    buffer: Vec<u8>,
}

impl Pages {
    /// Shares a memory, of which no device has anything yet. `fail` ends the program.
    ///
    /// # Errors
    /// An errno, if this machine does not let a process do that.
    pub(crate) fn new(memory: &GuestMemory, account: &Arc<Account>, fail: Fail) -> Result<Self, Failure> {
        let cannot =
            |what: String| Failure::Errno(Errno::NoResources, format!("memory cannot be shared with a device: {what}"));
        let data = memory.shared().data();
        if memory.shared().ty().page_size() != CHUNK as u64 {
            return Err(cannot("its pages are not of 64 KiB".to_owned()));
        }
        let process = File::options().read(true).write(true).open("/proc/self/mem");
        let process = process.map_err(|error| cannot(format!("/proc/self/mem: {error}")))?;
        can_write_protected(&process).map_err(|error| cannot(format!("/proc/self/mem: {error}")))?;
        let (requests, asked) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
            .map(|(read, write)| (write, read))
            .map_err(|error| cannot(error.to_string()))?;
        let table = Arc::new(Table::new(data.as_ptr().expose_provenance(), requests));
        let (memory, account) = (memory.clone(), account.clone());
        let (state, idle) =
            (Mutex::new(State { buffer: vec![0; MOST_AT_ONCE * CHUNK], ..State::default() }), Condvar::new());
        let shared = Arc::new(Shared { table: table.clone(), memory, process, account, state, idle });
        let pager = {
            let shared = shared.clone();
            let answer = move || shared.answer(&asked, &fail);
            std::thread::Builder::new().name("pager".to_owned()).spawn(answer)
        };
        let pager = Some(pager.map_err(|error| cannot(error.to_string()))?);
        let registered = Registered::new(&table);
        let pages = Self { shared, pager, registered };
        match pages.registered {
            Some(_) => Ok(pages),
            None => Err(cannot("too many programs share theirs".to_owned())),
        }
    }

    /// Begins a launch: waits until no other one is under way, and gives the device what it has not.
    ///
    /// # Errors
    /// [`Failure::Ending`] if `is_ending` says so while another launch is waited for; an errno if the driver refuses to copy.
    pub(super) fn begin(
        &self,
        device: u32,
        mirrored: &Arc<Mirrored>,
        is_ending: impl Fn() -> bool,
    ) -> Result<(), Failure> {
        let shared = &self.shared;
        let mut state = shared.lock();
        while shared.table.is_busy() {
            if is_ending() {
                return Err(Failure::Ending);
            }
            (state, _) = shared.idle.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner);
        }
        signals::stand_in_front();
        shared.table.set_busy(true);
        let given = shared.give(&mut state, device, mirrored);
        if given.is_err() {
            shared.leave(state);
        }
        given
    }

    /// Whether memory can be shared with a device of this number.
    ///
    /// # Errors
    /// An errno.
    pub(super) fn check(device: u32) -> Result<(), Failure> {
        owner(device).map(drop)
    }

    /// Ends a launch: what it has marked is the device's, or what is known to be all that it may have written.
    ///
    /// # Errors
    /// An errno if the driver refuses to copy.
    pub(super) fn end(&self, device: u32, mirrored: &Mirrored, has_run: HasRun) -> Result<(), Failure> {
        let shared = &self.shared;
        let mut state = shared.lock();
        let count = shared.table.len();
        let marks = match has_run {
            HasRun::No => Ok(Vec::new()),
            HasRun::AndMarked => mirrored.take_marks(count),
            HasRun::AndWritten(written) => Ok(self::marks(written, count)),
        };
        let taken = marks.and_then(|marks| shared.take(&mut state, device, mirrored, &marks));
        state.twins.clear();
        shared.leave(state);
        taken
    }
}

impl Drop for Pages {
    /// The program has ended. What is left of its memory can be accessed again.
    fn drop(&mut self) {
        let table = &self.shared.table;
        table.stop();
        // It has not panicked; if it had, its work would be over as well.
        _ = self.pager.take().map(JoinHandle::join);
        self.registered = None;
        _ = table.protect(0..table.len(), Protection::Write);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the next launch begin.
    fn leave(&self, state: MutexGuard<'_, State>) {
        self.table.set_busy(false);
        drop(state);
        self.idle.notify_one();
    }

    /// Gives a device all chunks that it has not.
    fn give(&self, state: &mut State, device: u32, mirrored: &Arc<Mirrored>) -> Result<(), Failure> {
        let table = &self.table;
        let owner = owner(device)?;
        let number = device as usize;
        if state.mirrors.len() <= number {
            state.mirrors.resize_with(number + 1, || None);
        }
        state.mirrors[number] = Some(mirrored.clone());
        // Another device's launch may have found the memory longer.
        table.set_len(table.len().max(mirrored.len() / CHUNK));
        let count = mirrored.len() / CHUNK;
        let wanted = runs(0..count, |chunk| !table.owners(chunk).include(owner));
        for run in &wanted {
            // Those that another device has alone come to the host first.
            for chunk in run.clone() {
                if !table.owners(chunk).include(Owners::HOST) {
                    self.fetch(state, chunk..chunk + 1)?;
                }
            }
            table.protect(run.clone(), Protection::Read).map_err(refused)?;
        }
        let began = Instant::now();
        let parts = wanted.iter().map(|run| {
            let (begin, size) = bytes(run);
            (begin, begin, size)
        });
        mirrored.write(parts)?;
        let given: Vec<usize> = wanted.into_iter().flatten().collect();
        self.account.copied_beside(Way::ToDevice, (given.len() * CHUNK) as u64, began);
        given.into_iter().for_each(|chunk| table.set_owners(chunk, table.owners(chunk).and(owner)));
        Ok(())
    }

    /// Lets a device have what its kernel has marked. Where the host has written meanwhile, the bytes that the kernel has changed come to
    /// the host.
    fn take(&self, state: &mut State, device: u32, mirrored: &Mirrored, marks: &[u8]) -> Result<(), Failure> {
        let table = &self.table;
        let owner = owner(device)?;
        let is_marked = |chunk: usize| marks.get(chunk).is_some_and(|mark| *mark != 0);
        for run in runs(0..table.len(), |chunk| is_marked(chunk) && table.owners(chunk).include(owner)) {
            // First nobody can access it, then it is another's.
            table.protect(run.clone(), Protection::None).map_err(refused)?;
            run.for_each(|chunk| table.set_owners(chunk, owner));
        }
        for chunk in (0..table.len()).filter(|chunk| is_marked(*chunk)) {
            if let Some(left) = state.hot.get_mut(&chunk)
                && table.owners(chunk) == owner
            {
                *left -= 1;
                if *left == 0 {
                    state.hot.remove(&chunk);
                }
                self.fetch(state, chunk..chunk + 1)?;
            }
        }
        let State { twins, buffer, .. } = state;
        for (chunk, twin) in twins.iter().filter(|(chunk, _)| is_marked(**chunk)) {
            // It was the device's, too, when the host came to write it.
            let (begin, size) = bytes(&(*chunk..chunk + 1));
            let began = Instant::now();
            mirrored.read_to(begin, &mut buffer[..CHUNK])?;
            self.account.copied_beside(Way::FromDevice, u64::from(size), began);
            let here = self.memory.bytes(begin, size).ok_or_else(|| Failure::inval("a chunk outside of the memory"))?;
            for ((here, was), is) in here.iter().zip(twin).zip(&*buffer) {
                if was != is {
                    // Relaxed: the program orders this by the end of the launch.
                    here.store(*is, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    /// Answers requests until there will be none.
    fn answer(&self, asked: &OwnedFd, fail: &Fail) {
        while let Some(request) = Request::receive(asked) {
            let mut state = self.lock();
            match self.resolve(&mut state, request.chunk) {
                Ok(()) => request.answer(),
                // Who asks cannot go on.
                Err(Failure::Errno(_, why)) => fail(format!("memory that a device has cannot be fetched: {why}")),
                Err(_) => fail("memory that a device has cannot be fetched".to_owned()),
            }
        }
    }

    /// Lets the host do more with a chunk than it may now: read it, or else write it. Where it seems to go through memory in order, it gets
    /// several at once.
    fn resolve(&self, state: &mut State, chunk: usize) -> Result<(), Failure> {
        let table = &self.table;
        let owners = table.owners(chunk);
        if !owners.include(Owners::HOST) {
            let most = if chunk == state.next { (state.fetched * 2).clamp(1, MOST_AT_ONCE) } else { 1 };
            let end = (chunk..table.len()).take(most).find(|chunk| table.owners(*chunk) != owners);
            let run = chunk..end.unwrap_or(table.len().min(chunk + most));
            (state.next, state.fetched) = (run.end, run.len());
            if run.len() == 1 && (state.hot.len() < MOST_HOT || state.hot.contains_key(&chunk)) {
                state.hot.insert(chunk, HOT);
            }
            return self.fetch(state, run);
        }
        if table.is_busy() && owners != Owners::HOST {
            let (begin, size) = bytes(&(chunk..chunk + 1));
            let twin = self.memory.read(begin, size);
            state.twins.insert(chunk, twin.unwrap_or_default().into());
        }
        table.set_owners(chunk, Owners::HOST);
        table.protect(chunk..chunk + 1, Protection::Write).map_err(refused)
    }

    /// Fetches some chunks, [`MOST_AT_ONCE`] at most, that only one device has.
    fn fetch(&self, state: &mut State, run: Range<usize>) -> Result<(), Failure> {
        let table = &self.table;
        let owners = table.owners(run.start);
        let mirrored = owners.first_device().and_then(|device| state.mirrors.get(device as usize)?.clone());
        let mirrored = mirrored.ok_or_else(|| Failure::inval("a chunk that nobody has"))?;
        let began = Instant::now();
        let (begin, size) = bytes(&run);
        let contents = &mut state.buffer[..size as usize];
        mirrored.read_to(begin, contents)?;
        let place = self.memory.shared().data().as_ptr().addr() as u64 + u64::from(begin);
        let written = self.process.write_all_at(contents, place);
        written.map_err(|error| Failure::Errno(Errno::NoResources, format!("/proc/self/mem: {error}")))?;
        self.account.copied_beside(Way::FromDevice, u64::from(size), began);
        table.protect(run.clone(), Protection::Read).map_err(refused)?;
        run.for_each(|chunk| table.set_owners(chunk, owners.and(Owners::HOST)));
        Ok(())
    }
}

/// A device as the owner of chunks.
fn owner(device: u32) -> Result<Owners, Failure> {
    Owners::device(device).ok_or_else(|| Failure::inval("memory is shared with the first 31 devices only"))
}

/// How many chunks a run has at most: 256 MiB of them, whose size a word holds.
const MOST_IN_RUN: usize = 1 << 12;

/// The runs of numbers that something holds for.
fn runs(numbers: Range<usize>, holds: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for number in numbers.filter(|number| holds(*number)) {
        match runs.last_mut() {
            Some(run) if run.end == number && run.len() < MOST_IN_RUN => run.end += 1,
            _ => runs.push(number..number + 1),
        }
    }
    runs
}

/// Marks for ranges of addresses: see [`omp2wasi_codegen::Param::Marks`].
fn marks(written: &[Range<u64>], count: usize) -> Vec<u8> {
    let mut marks = vec![0; count];
    for range in written.iter().filter(|range| !range.is_empty()) {
        let chunk = |at: u64| usize::try_from(at / CHUNK as u64).unwrap_or(usize::MAX).min(count);
        marks[chunk(range.start)..count.min(chunk(range.end - 1).saturating_add(1))].fill(1);
    }
    marks
}

/// Address and size of chunks.
fn bytes(chunks: &Range<usize>) -> (u32, u32) {
    ((chunks.start * CHUNK) as u32, (chunks.len() * CHUNK) as u32)
}

fn refused(error: rustix::io::Errno) -> Failure {
    Failure::Errno(Errno::NoResources, format!("memory cannot be protected: {error}"))
}

/// Finds out whether the process may write its own memory that is protected.
fn can_write_protected(process: &File) -> std::io::Result<()> {
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};
    let size = rustix::param::page_size();
    // SAFETY: a new piece of memory, of which nobody else knows.
    unsafe {
        let piece = mmap_anonymous(std::ptr::null_mut(), size, ProtFlags::empty(), MapFlags::PRIVATE)?;
        let written = process.write_all_at(&[1], piece.addr() as u64);
        munmap(piece, size)?;
        written
    }
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
