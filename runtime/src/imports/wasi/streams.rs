//! The standard streams, as long as they are those that the program started with: read and written without the lock of the WASI context,
//! because both may take as long as somebody else likes.
//!
//! Invariant: a thread that waits for input leaves when the program ends.

use super::{MAX_TRANSFER, SUCCESS, errno, iovecs};
use crate::cpu::wait::{Interrupted, Waiters};
use crate::memory::GuestMemory;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// One of this process's standard streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stream {
    Input,
    Output,
    Error,
}

/// Which of the program's descriptors are standard streams. The program starts with 0 to 2, and may close them or give them other numbers.
pub(super) struct Standard(RwLock<BTreeMap<i32, Stream>>);

impl Standard {
    /// Those that a program starts with, if it has this process's.
    pub(super) fn new(is_inherited: bool) -> Self {
        let streams = [(0, Stream::Input), (1, Stream::Output), (2, Stream::Error)];
        Self(RwLock::new(streams.into_iter().filter(|_| is_inherited).collect()))
    }

    /// The stream that a descriptor is, if it is one.
    pub(super) fn stream(&self, fd: i32) -> Option<Stream> {
        self.read().get(&fd).copied()
    }

    /// A descriptor is about to be closed. (Before, because its number may be another file's right afterwards.)
    pub(super) fn forget(&self, fd: i32) {
        self.write().remove(&fd);
    }

    /// The program gives the descriptor `from` the number `to`, by calling `renumber`, which says whether it could.
    pub(super) fn renumber<R>(
        &self,
        from: i32,
        to: i32,
        renumber: impl FnOnce() -> R,
        is_done: impl Fn(&R) -> bool,
    ) -> R {
        let before = {
            let mut streams = self.write();
            [from, to].map(|fd| (fd, streams.remove(&fd)))
        };
        let result = renumber();
        let after = if is_done(&result) && from != to { vec![(to, before[0].1)] } else { before.to_vec() };
        let mut streams = self.write();
        streams.extend(after.into_iter().filter_map(|(fd, stream)| Some((fd, stream?))));
        result
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<i32, Stream>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<i32, Stream>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the parts of an iovec list to a stream in one call, so that lines of different threads do not mix.
pub(super) fn write(memory: &GuestMemory, stream: Stream, (iovs, count): (u32, u32), out: u32) -> i32 {
    let write = || {
        let parts = iovecs::parts(memory, iovs, count)?;
        let mut bytes = vec![0; iovecs::total(&parts, MAX_TRANSFER)];
        iovecs::gather(memory, &parts, &mut bytes)?;
        let written = match stream {
            Stream::Input => Err(Errno::BADF),
            Stream::Output => rustix::io::write(rustix::stdio::stdout(), &bytes),
            Stream::Error => rustix::io::write(rustix::stdio::stderr(), &bytes),
        };
        memory.write_u32(out, written.map_err(error)? as u32).ok_or(errno::FAULT)
    };
    write().err().unwrap_or(SUCCESS)
}

/// Reads once from standard input and spreads that over the parts: a second read might wait although there is something to give.
///
/// # Errors
/// When the program ends meanwhile.
pub(super) fn read(
    memory: &GuestMemory,
    (iovs, count): (u32, u32),
    out: u32,
    waiters: &Waiters,
) -> Result<i32, Interrupted> {
    wait_for_input(waiters)?;
    let read = || {
        let parts = iovecs::parts(memory, iovs, count)?;
        let mut bytes = vec![0; iovecs::total(&parts, MAX_TRANSFER)];
        // Unbuffered: what has been read is in the program, and `poll_oneoff` asks the host what is left.
        let got = rustix::io::retry_on_intr(|| rustix::io::read(rustix::stdio::stdin(), &mut bytes)).map_err(error)?;
        iovecs::scatter(memory, &parts, &bytes[..got])?;
        memory.write_u32(out, got as u32).ok_or(errno::FAULT)
    };
    Ok(read().err().unwrap_or(SUCCESS))
}

/// Waits until there is input, or its end.
fn wait_for_input(waiters: &Waiters) -> Result<(), Interrupted> {
    let slice = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    let mut fds = [PollFd::from_borrowed_fd(rustix::stdio::stdin(), PollFlags::IN)];
    // What cannot be polled is read without waiting for it.
    while poll(&mut fds, Some(&slice)).is_ok_and(|ready| ready == 0) {
        waiters.check()?;
    }
    Ok(())
}

/// The errno of preview 1 for one of the host's.
fn error(error: Errno) -> i32 {
    match error {
        Errno::PIPE => errno::PIPE,
        Errno::AGAIN => errno::AGAIN,
        Errno::BADF => errno::BADF,
        _ => errno::IO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_keep_what_they_are_under_other_numbers() {
        let standard = Standard::new(true);
        assert!(standard.renumber(1, 7, || true, |done| *done));
        assert_eq!([1, 7, 2].map(|fd| standard.stream(fd)), [None, Some(Stream::Output), Some(Stream::Error)]);
        assert!(!standard.renumber(2, 9, || false, |done| *done), "there is no 9");
        assert_eq!(standard.stream(2), Some(Stream::Error));
        // A file takes the number of standard input.
        standard.renumber(5, 0, || true, |done| *done);
        assert_eq!(standard.stream(0), None);
        standard.renumber(7, 7, || true, |done| *done);
        assert_eq!(standard.stream(7), Some(Stream::Output));
        standard.forget(7);
        assert_eq!(standard.stream(7), None);
        assert_eq!(Standard::new(false).stream(1), None);
    }
}
