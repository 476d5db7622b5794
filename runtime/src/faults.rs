//! Page faults of linear memories that programs share with devices chunk by chunk ([`crate::device`], `pages`).
//!
//! A [`Table`] says who has the newest contents of each chunk. The host may write chunks that it alone has, read those that it has together
//! with a device, and access no others: an access that the protection forbids is a fault, and [`resolve`], which the handler of signals
//! calls, has it done. What takes nothing but another protection it does itself; else it asks the table's owner, by way of a pipe, and
//! waits.
//!
//! Invariant: while a table is busy, its chunks change hands only where its owner says so. Nobody accesses the memory who holds what the
//! owner needs to answer: a mirror's lock, or a device's queue.

use crate::engine::native::signals;
use crate::sync::{Word, wake_at};
use rustix::fd::{AsFd, OwnedFd};
use rustix::mm::{MprotectFlags, mprotect};
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// Bytes of a chunk: a page of WebAssembly's, which is a multiple of the machine's.
pub(crate) const CHUNK: usize = 1 << 16;

/// How many chunks the largest linear memory has.
const MOST_CHUNKS: usize = 1 << 16;

/// Who has the newest contents of a chunk: a bit for each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owners(u32);

impl Owners {
    /// The host alone.
    pub(crate) const HOST: Self = Self(1);

    /// A device alone, by its number; `None` if that is too large.
    pub(crate) fn device(number: u32) -> Option<Self> {
        2u32.checked_shl(number).filter(|bit| *bit != 0).map(Self)
    }

    /// Both these and those.
    pub(crate) fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether all of those are among these.
    pub(crate) fn include(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// The device with the least number among them.
    pub(crate) fn first_device(self) -> Option<u32> {
        let devices = self.0 >> 1;
        (devices != 0).then(|| devices.trailing_zeros())
    }
}

/// What the host may do with a chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Protection {
    /// Nothing.
    None,
    /// Read it.
    Read,
    /// Read and write it.
    Write,
}

/// What is asked of a table's owner.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Request {
    /// The number of the chunk that cannot be accessed; [`Request::STOP`] if nothing more will be asked.
    pub chunk: usize,
    /// Where to say that it can be tried again.
    done: *const AtomicU32,
}

// SAFETY: who asks waits until it has been answered, so the word is there for so long.
unsafe impl Send for Request {}

impl Request {
    /// No chunk's number.
    pub(crate) const STOP: usize = usize::MAX;
    const SIZE: usize = size_of::<Self>();

    /// Waits for a request. `None` if there will be none.
    pub(crate) fn receive(pipe: impl AsFd) -> Option<Self> {
        let mut bytes = [0; Self::SIZE];
        let mut got = 0;
        while got < Self::SIZE {
            match rustix::io::read(&pipe, &mut bytes[got..]) {
                Ok(0) => return None,
                Ok(more) => got += more,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return None,
            }
        }
        // SAFETY: what is written to the pipe is requests, each as a whole.
        let request = unsafe { bytes.as_ptr().cast::<Self>().read_unaligned() };
        (request.chunk != Self::STOP).then_some(request)
    }

    /// Has the thread that asks try again.
    pub(crate) fn answer(self) {
        // SAFETY: see above. Release: pairs with the load in `ask`, which sees what has been done.
        unsafe { (*self.done).store(1, Ordering::Release) };
        // SAFETY: the word may be something else of that thread's stack by now, so that whoever sleeps there looks again.
        unsafe { wake_at(self.done.addr()) };
    }
}

/// Who has which chunk of a linear memory.
pub(crate) struct Table {
    /// Address of the memory's first byte.
    base: usize,
    /// How many chunks there are that may be protected.
    chunks: AtomicUsize,
    owners: Box<[AtomicU32]>,
    is_busy: AtomicBool,
    /// Where requests go.
    requests: OwnedFd,
}

impl Table {
    /// A table of a memory that begins at `base`, all of which is the host's. Requests go to a pipe.
    pub(crate) fn new(base: usize, requests: OwnedFd) -> Self {
        let owners = (0..MOST_CHUNKS).map(|_| AtomicU32::new(Owners::HOST.0)).collect();
        Self { base, chunks: AtomicUsize::new(0), owners, is_busy: AtomicBool::new(false), requests }
    }

    /// How many chunks may be protected.
    pub(crate) fn len(&self) -> usize {
        // Relaxed: faults of chunks come after they have been protected, which is after they have been counted.
        self.chunks.load(Ordering::Relaxed)
    }

    /// Says how many chunks may be protected from now on.
    pub(crate) fn set_len(&self, chunks: usize) {
        self.chunks.store(chunks.min(MOST_CHUNKS), Ordering::Relaxed);
    }

    /// Who has a chunk.
    pub(crate) fn owners(&self, chunk: usize) -> Owners {
        // Acquire: pairs with `set_owners`, so who finds that the host has a chunk finds its contents.
        Owners(self.owners[chunk].load(Ordering::Acquire))
    }

    /// Notes who has a chunk.
    pub(crate) fn set_owners(&self, chunk: usize, owners: Owners) {
        // Release: see `owners`. Where several set it at once, they are handlers, which set the same.
        self.owners[chunk].store(owners.0, Ordering::Release);
    }

    /// Says what the host may do with some chunks.
    ///
    /// # Errors
    /// When the kernel refuses: it has room for so many differently protected pieces of memory only.
    pub(crate) fn protect(&self, chunks: std::ops::Range<usize>, protection: Protection) -> rustix::io::Result<()> {
        let flags = match protection {
            Protection::None => MprotectFlags::empty(),
            Protection::Read => MprotectFlags::READ,
            Protection::Write => MprotectFlags::READ | MprotectFlags::WRITE,
        };
        let start = std::ptr::with_exposed_provenance_mut(self.base + chunks.start * CHUNK);
        // SAFETY: chunks of the linear memory, which programs access outside of Rust's knowledge, and for whose faults there is a handler.
        unsafe { mprotect(start, chunks.len() * CHUNK, flags) }
    }

    /// Whether chunks change hands only where the table's owner says so.
    pub(crate) fn is_busy(&self) -> bool {
        // Sequentially consistent: a handler counts itself before it looks here, `set_busy` stores before it looks at the count. So one of them
        // sees the other.
        self.is_busy.load(Ordering::SeqCst)
    }

    /// Has chunks change hands only where the table's owner says so, or where handlers find it right, too.
    pub(crate) fn set_busy(&self, is_busy: bool) {
        // Sequentially consistent, as the handler's: either it sees this, or it is seen here and waited for.
        self.is_busy.store(is_busy, Ordering::SeqCst);
        if is_busy {
            wait_for_handlers();
        }
    }

    /// The chunk that an address is in, if it may be protected.
    fn chunk_of(&self, address: usize) -> Option<usize> {
        let chunk = address.checked_sub(self.base)? / CHUNK;
        (chunk < self.len()).then_some(chunk)
    }

    /// Lets the host write a chunk that it has. False if that is not all that there is to do.
    fn take(&self, chunk: usize) -> bool {
        if self.is_busy() || !self.owners(chunk).include(Owners::HOST) {
            return false;
        }
        self.set_owners(chunk, Owners::HOST);
        self.protect(chunk..chunk + 1, Protection::Write).is_ok()
    }

    /// Has the owner of the table stop to listen.
    pub(crate) fn stop(&self) {
        let request = Request { chunk: Request::STOP, done: null_mut() };
        send(&self.requests, &request);
    }
}

fn send(pipe: impl AsFd, request: &Request) {
    let from = std::ptr::from_ref(request).cast::<u8>();
    // SAFETY: the bytes of the request, which has no padding.
    let bytes = unsafe { std::slice::from_raw_parts(from, Request::SIZE) };
    // So few bytes are written as a whole, or not at all.
    while rustix::io::write(&pipe, bytes) == Err(rustix::io::Errno::INTR) {}
}

/// How many tables there may be at once: one for each running program that shares memory.
const MOST_TABLES: usize = 16;

/// The tables that the handler looks in. Sequentially consistent, as the count: who takes a table out waits for handlers that may have seen it.
static TABLES: [AtomicPtr<Table>; MOST_TABLES] = [const { AtomicPtr::new(null_mut()) }; MOST_TABLES];

/// How many handlers look in tables now.
static HANDLERS: AtomicUsize = AtomicUsize::new(0);

/// Waits until no handler does any more what it began before.
fn wait_for_handlers() {
    // They take a system call at most, and wait for nobody meanwhile; those of other programs' tables count, too.
    while HANDLERS.load(Ordering::SeqCst) != 0 {
        std::thread::yield_now();
    }
}

/// A table that the handler knows, until this is dropped.
pub(crate) struct Registered(usize);

impl Registered {
    /// Makes a table known. `None` if there are too many.
    pub(crate) fn new(table: &Arc<Table>) -> Option<Self> {
        signals::stand_in_front();
        let pointer = Arc::into_raw(table.clone()).cast_mut();
        let is_free = |slot: &AtomicPtr<Table>| {
            slot.compare_exchange(null_mut(), pointer, Ordering::SeqCst, Ordering::Relaxed).is_ok()
        };
        let slot = TABLES.iter().position(is_free);
        if slot.is_none() {
            // SAFETY: it has been made from an `Arc` above, and nobody else knows it.
            drop(unsafe { Arc::from_raw(pointer) });
        }
        slot.map(Self)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let pointer = TABLES[self.0].swap(null_mut(), Ordering::SeqCst);
        wait_for_handlers();
        // SAFETY: it has been made from an `Arc`, and no handler has it any more.
        drop(unsafe { Arc::from_raw(pointer) });
    }
}

/// For the handler of signals: has a faulting access to shared memory be possible, so that it can be tried again. False if the address is
/// not one of those.
pub(crate) fn resolve(address: usize) -> bool {
    HANDLERS.fetch_add(1, Ordering::SeqCst);
    let found = TABLES.iter().find_map(|slot| {
        // SAFETY: a table that is here is not dropped before this handler has been waited for.
        let table = unsafe { slot.load(Ordering::SeqCst).cast_const().as_ref() }?;
        let chunk = table.chunk_of(address)?;
        Some((table, chunk, table.take(chunk)))
    });
    // Who accesses the memory has ended before its table goes, so the pipe is there while this one asks.
    HANDLERS.fetch_sub(1, Ordering::SeqCst);
    if let Some((table, chunk, false)) = found {
        ask(table, chunk);
    }
    found.is_some()
}

/// Asks the owner of a table for a chunk, and waits for the answer.
fn ask(table: &Table, chunk: usize) {
    let done = AtomicU32::new(0);
    send(&table.requests, &Request { chunk, done: &raw const done });
    // Acquire: pairs with the release of `answer`.
    while done.load(Ordering::Acquire) == 0 {
        done.sleep(0, None);
    }
}
