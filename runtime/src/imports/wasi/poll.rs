//! `poll_oneoff`: waiting for clocks and streams.
//!
//! Invariant: the lock of the WASI context is not held while it waits, so others go on; and it looks every [`SLICE`] whether the program
//! is ending.

use super::streams::Stream;
use super::{Wasi, errno};
use crate::cpu::wait::{Interrupted, Waiters};
use crate::memory::GuestMemory;
use rustix::event::{PollFd, PollFlags, Timespec, poll as host_poll};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::time::Duration;

/// The longest time without a look at whether the program is ending.
const SLICE: Duration = Duration::from_millis(50);

/// Bytes of a subscription: user data at 0, tag at 8, what is waited for at 16.
const SUBSCRIPTION: u32 = 48;
/// Bytes of an event: user data at 0, errno at 8, tag at 10, bytes that can be read at 16, flags at 24.
const EVENT: u32 = 32;

/// As many subscriptions as one call takes.
const MAX_SUBSCRIPTIONS: u32 = 1 << 16;

/// Something that a subscription waits for.
#[derive(Clone, Copy)]
enum Source {
    /// A time since the program started.
    Monotonic(Duration),
    /// A time since 1970.
    Realtime(Duration),
    /// A standard stream, which the host is asked about.
    Standard { stream: Stream, writing: bool },
    /// What never blocks: files and folders.
    Ready,
    /// What cannot be waited for, and why.
    Failed(i32),
}

impl Source {
    /// Reads the tag and what follows it: 0 is a clock (id, timeout, precision, flags, of which bit 0 means an absolute time), 1
    /// and 2 are reading from and writing to a descriptor.
    fn parse(bytes: &[u8], wasi: &Wasi) -> Option<Self> {
        let word = |at: usize| Some(i32::from_le_bytes(*bytes[at..].first_chunk()?));
        Some(match bytes[8] {
            0 => {
                let timeout = Duration::from_nanos(u64::from_le_bytes(*bytes[24..].first_chunk()?));
                match (word(16)?, bytes[40] & 1 == 1) {
                    (0, true) => Self::Realtime(timeout),
                    (1, true) => Self::Monotonic(timeout),
                    (0 | 1, false) => Self::Monotonic(wasi.start.elapsed().saturating_add(timeout)),
                    _ => Self::Failed(errno::INVAL),
                }
            }
            tag @ (1 | 2) => {
                let fd = word(16)?;
                match wasi.standard.stream(fd) {
                    Some(stream) => Self::Standard { stream, writing: tag == 2 },
                    None if wasi.is_open(fd) => Self::Ready,
                    None => Self::Failed(errno::BADF),
                }
            }
            _ => Self::Failed(errno::INVAL),
        })
    }

    /// How long it takes until this is there, if that is known.
    fn left(self, wasi: &Wasi) -> Option<Duration> {
        match self {
            Self::Monotonic(at) => Some(at.saturating_sub(wasi.start.elapsed())),
            Self::Realtime(at) => Some(at.saturating_sub(super::realtime())),
            Self::Standard { .. } => None,
            Self::Ready | Self::Failed(_) => Some(Duration::ZERO),
        }
    }
}

/// Waits until at least one of `count` subscriptions has an event, and writes those that have one.
pub(super) fn poll(
    wasi: &Wasi,
    memory: &GuestMemory,
    waiters: &Waiters,
    (subscriptions, events, count, out): (u32, u32, u32, u32),
) -> Result<i32, Interrupted> {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Ok(errno::INVAL);
    }
    let Some(bytes) = memory.read(subscriptions, count * SUBSCRIPTION) else {
        return Ok(errno::FAULT);
    };
    let parse = |bytes: &[u8]| Source::parse(bytes, wasi);
    let Some(sources) = bytes.chunks_exact(SUBSCRIPTION as usize).map(parse).collect::<Option<Vec<_>>>() else {
        return Ok(errno::FAULT);
    };
    let ready = loop {
        waiters.check()?;
        let left = sources.iter().filter_map(|source| source.left(wasi)).min().unwrap_or(SLICE);
        let streams = wait_for_streams(&sources, left.min(SLICE));
        let is_ready =
            |(source, stream): (&Source, &bool)| *stream || source.left(wasi).is_some_and(|left| left.is_zero());
        let ready: Vec<bool> = sources.iter().zip(&streams).map(is_ready).collect();
        if ready.contains(&true) {
            break ready;
        }
    };
    let mut written = 0;
    for ((subscription, source), _) in
        bytes.chunks_exact(SUBSCRIPTION as usize).zip(&sources).zip(ready).filter(|(_, ready)| *ready)
    {
        let mut event = [0; EVENT as usize];
        event[..8].copy_from_slice(&subscription[..8]);
        event[10] = subscription[8];
        match source {
            Source::Failed(errno) => event[8] = *errno as u8,
            Source::Standard { .. } | Source::Ready => event[16] = 1,
            Source::Monotonic(_) | Source::Realtime(_) => {}
        }
        if events.checked_add(written * EVENT).and_then(|at| memory.write(at, &event)).is_none() {
            return Ok(errno::FAULT);
        }
        written += 1;
    }
    Ok(memory.write_u32(out, written).map_or(errno::FAULT, |()| super::SUCCESS))
}

/// Waits until a standard stream among `sources` is ready, at most `timeout`, and says for each source whether it is one that is.
///
/// The host is asked about each stream and direction once, however many subscriptions there are.
fn wait_for_streams(sources: &[Source], timeout: Duration) -> Vec<bool> {
    let host = |stream: Stream| match stream {
        Stream::Input => rustix::stdio::stdin(),
        Stream::Output => rustix::stdio::stdout(),
        Stream::Error => rustix::stdio::stderr(),
    };
    let key = |source: &Source| match *source {
        Source::Standard { stream, writing } => Some((stream, writing)),
        _ => None,
    };
    let keys: BTreeSet<_> = sources.iter().filter_map(key).collect();
    let poll_fd = |&(stream, writing): &(Stream, bool)| {
        PollFd::from_borrowed_fd(host(stream), if writing { PollFlags::OUT } else { PollFlags::IN })
    };
    let mut fds: Vec<_> = keys.iter().map(poll_fd).collect();
    let timespec = Timespec { tv_sec: timeout.as_secs() as i64, tv_nsec: i64::from(timeout.subsec_nanos()) };
    match host_poll(&mut fds, Some(&timespec)) {
        Ok(_) => {}
        // A wait that was too short: the caller comes again.
        Err(Errno::INTR) => return vec![false; sources.len()],
        Err(_) => {
            std::thread::sleep(timeout);
            return vec![false; sources.len()];
        }
    }
    let ready: BTreeSet<_> =
        keys.iter().zip(&fds).filter(|(_, fd)| !fd.revents().is_empty()).map(|(key, _)| *key).collect();
    sources.iter().map(|source| key(source).is_some_and(|key| ready.contains(&key))).collect()
}
