//! Files: opening them, and reading and writing them.
//!
//! Invariant: no call of this module takes longer than the file system does, so holding the lock of the WASI context for so long is fair to
//! other threads: what may block for ever, such as a named pipe, is not opened. No call has the host allocate as much as the guest says.

use super::{MAX_TRANSFER, Ready, SUCCESS, Settle, Wasi, errno, iovecs};
use crate::limits::{Budget, Share};
use crate::memory::GuestMemory;
use rustix::process::{Resource, getrlimit};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use wasmtime_wasi::p1::wasi_snapshot_preview1 as preview1;

/// Memory of the host that wasmtime-wasi is given in the place of the guest's, so that it sees arguments that nobody changes meanwhile: a few
/// words, and bytes behind them.
pub(super) struct Scratch(Vec<u64>);

impl Scratch {
    /// Where a call stores its result: a file descriptor or a number of bytes, at 0; the status of a file, which has 64 bytes.
    const RESULT: i32 = 0;
    /// An iovec list of one part.
    const IOVEC: i32 = 64;
    /// Where the bytes are.
    const BYTES: i32 = 72;

    pub(super) fn new() -> Self {
        Self(vec![0; (Self::BYTES as usize + MAX_TRANSFER).div_ceil(8)])
    }

    fn memory(&mut self) -> &mut [u8] {
        let words = &mut self.0;
        // SAFETY: u64 has no padding and takes any bits, u8 needs no alignment, and the length is that of the same memory.
        unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), size_of_val(words.as_slice())) }
    }

    fn bytes(&mut self, len: usize) -> &mut [u8] {
        &mut self.memory()[Self::BYTES as usize..][..len]
    }

    fn set_iovec(&mut self, len: usize) {
        let part = [Self::BYTES as u32, len as u32];
        for (to, word) in self.memory()[Self::IOVEC as usize..].chunks_exact_mut(4).zip(part) {
            to.copy_from_slice(&word.to_le_bytes());
        }
    }

    fn result(&mut self) -> u32 {
        self.memory().first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// What the status of a file says it is: a `filetype`.
    fn file_type(&mut self) -> u8 {
        const FILE_TYPE: usize = 16;
        self.memory()[Self::RESULT as usize + FILE_TYPE]
    }
}

/// Where a transfer begins in a file.
#[derive(Clone, Copy)]
pub(super) enum Position {
    /// Where the last one ended.
    Current,
    /// So many bytes from the file's start.
    At(i64),
}

/// Reads from a file into the parts of an iovec list.
pub(super) fn read(
    wasi: &Wasi,
    memory: &GuestMemory,
    fd: i32,
    (iovs, count): (u32, u32),
    position: Position,
    out: u32,
) -> wasmtime::Result<i32> {
    let parts = match iovecs::parts(memory, iovs, count) {
        Ok(parts) => parts,
        Err(errno) => return Ok(errno),
    };
    let mut wasi = wasi.lock();
    let super::Locked { context, scratch, .. } = &mut *wasi;
    scratch.set_iovec(iovecs::total(&parts, MAX_TRANSFER));
    let mut host = wiggle::GuestMemory::Unshared(scratch.memory());
    let (iovec, result) = (Scratch::IOVEC, Scratch::RESULT);
    let errno = match position {
        Position::Current => Ready(preview1::fd_read(context, &mut host, fd, iovec, 1, result)).settle()?,
        Position::At(offset) => Ready(preview1::fd_pread(context, &mut host, fd, iovec, 1, offset, result)).settle()?,
    };
    if errno != SUCCESS {
        return Ok(errno);
    }
    let got = scratch.result();
    let stored = iovecs::scatter(memory, &parts, scratch.bytes(got as usize));
    Ok(stored.and_then(|()| memory.write_u32(out, got).ok_or(errno::FAULT)).err().unwrap_or(SUCCESS))
}

/// Writes the parts of an iovec list to a file.
pub(super) fn write(
    wasi: &Wasi,
    memory: &GuestMemory,
    fd: i32,
    (iovs, count): (u32, u32),
    position: Position,
    out: u32,
) -> wasmtime::Result<i32> {
    let parts = match iovecs::parts(memory, iovs, count) {
        Ok(parts) => parts,
        Err(errno) => return Ok(errno),
    };
    let mut wasi = wasi.lock();
    let super::Locked { context, scratch, .. } = &mut *wasi;
    let len = iovecs::total(&parts, MAX_TRANSFER);
    if let Err(errno) = iovecs::gather(memory, &parts, scratch.bytes(len)) {
        return Ok(errno);
    }
    scratch.set_iovec(len);
    let mut host = wiggle::GuestMemory::Unshared(scratch.memory());
    let (iovec, result) = (Scratch::IOVEC, Scratch::RESULT);
    let errno = match position {
        Position::Current => Ready(preview1::fd_write(context, &mut host, fd, iovec, 1, result)).settle()?,
        Position::At(offset) => {
            Ready(preview1::fd_pwrite(context, &mut host, fd, iovec, 1, offset, result)).settle()?
        }
    };
    if errno != SUCCESS {
        return Ok(errno);
    }
    Ok(memory.write_u32(out, scratch.result()).map_or(errno::FAULT, |()| SUCCESS))
}

/// How a file is to be opened: what `path_open` is given, beside the path.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub dirflags: i32,
    pub oflags: i32,
    pub base: i64,
    pub inheriting: i64,
    pub fdflags: i32,
}

/// The longest path, in bytes: longer than any system's.
const MAX_PATH: u32 = 64 << 10;

/// How many files all programs of this OS process may have open together: half of those that it may have are left to others.
static OF_PROCESS: LazyLock<Arc<Budget>> = LazyLock::new(|| {
    const MOST: u64 = 1 << 16;
    Budget::new(getrlimit(Resource::Nofile).current.map_or(MOST, |limit| MOST.min(limit / 2)))
});

/// The files that a program has open, by descriptor, each with its share of those that there may be.
#[derive(Default)]
pub(super) struct OpenFiles(BTreeMap<i32, Share>);

impl OpenFiles {
    /// A descriptor has been closed.
    pub(super) fn closed(&mut self, fd: i32) {
        self.0.remove(&fd);
    }

    /// The descriptor `from` has got the number `to`, and what `to` was is closed.
    pub(super) fn renumbered(&mut self, from: i32, to: i32) {
        if from != to {
            self.0.remove(&to);
            let moved = self.0.remove(&from);
            self.0.extend(moved.map(|share| (to, share)));
        }
    }
}

/// Opens a file of the folder `fd`; stores its descriptor at `out`. An error says, beside the errno, what people should know.
pub(super) fn open(
    wasi: &Wasi,
    memory: &GuestMemory,
    fd: i32,
    (path, len): (u32, u32),
    how: Open,
    out: u32,
) -> wasmtime::Result<Result<(), (i32, &'static str)>> {
    const BLOCK_DEVICE: u8 = 1;
    const CHARACTER_DEVICE: u8 = 2;
    const FOLDER: u8 = 3;
    const REGULAR_FILE: u8 = 4;
    const LINK: u8 = 7;
    if len > MAX_PATH {
        return Ok(Err((errno::NAMETOOLONG, "")));
    }
    let Some(name) = memory.read(path, len) else { return Ok(Err((errno::FAULT, ""))) };
    let Some(share) = OF_PROCESS.take(1) else {
        return Ok(Err((errno::MFILE, "there are as many files open as there may be")));
    };
    let mut wasi = wasi.lock();
    let super::Locked { context, scratch, files } = &mut *wasi;
    // The other half is for other programs.
    if files.0.len() as u64 >= OF_PROCESS.limit().div_ceil(2) {
        return Ok(Err((errno::MFILE, "the program has as many files open as it may")));
    }
    scratch.bytes(name.len()).copy_from_slice(&name);
    let mut host = wiggle::GuestMemory::Unshared(scratch.memory());
    let (path, result, len) = (Scratch::BYTES, Scratch::RESULT, len as i32);
    // wasmtime-wasi traps when it comes upon a socket.
    let status = Ready(preview1::path_filestat_get(context, &mut host, fd, how.dirflags, path, len, result)).settle();
    if status.is_err()
        || status.is_ok_and(|errno| errno == SUCCESS)
            && !matches!(scratch.file_type(), BLOCK_DEVICE | CHARACTER_DEVICE | FOLDER | REGULAR_FILE | LINK)
    {
        return Ok(Err((errno::NOTSUP, "named pipes and sockets cannot be opened")));
    }
    let mut host = wiggle::GuestMemory::Unshared(scratch.memory());
    let Open { dirflags, oflags, base, inheriting, fdflags } = how;
    let opened =
        preview1::path_open(context, &mut host, fd, dirflags, path, len, oflags, base, inheriting, fdflags, result);
    let errno = Ready(opened).settle()?;
    if errno != SUCCESS {
        return Ok(Err((errno, "")));
    }
    let new = scratch.result();
    if memory.write_u32(out, new).is_some() {
        files.0.insert(new as i32, share);
        return Ok(Ok(()));
    }
    Ready(preview1::fd_close(context, &mut wiggle::GuestMemory::Shared(&[]), new as i32)).settle()?;
    Ok(Err((errno::FAULT, "")))
}
