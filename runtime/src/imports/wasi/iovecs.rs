//! Lists of parts of guest memory, as reads and writes are given them.
//!
//! Invariant: an error means that nothing has been read or written.

use super::errno;
use crate::memory::GuestMemory;
use std::sync::atomic::Ordering;

/// The most parts of a list: as many as POSIX systems take in one call.
const MAX_PARTS: u32 = 1024;

/// Address and length of each part of a list. All parts are inside the memory.
pub(super) fn parts(memory: &GuestMemory, iovs: u32, count: u32) -> Result<Vec<(u32, u32)>, i32> {
    if count > MAX_PARTS {
        return Err(errno::INVAL);
    }
    let words = memory.read_words(iovs, count * 2).ok_or(errno::FAULT)?;
    let parts: Vec<(u32, u32)> = words.chunks_exact(2).map(|part| (part[0], part[1])).collect();
    let is_inside = |(address, len): &(u32, u32)| memory.bytes(*address, *len).is_some();
    if parts.iter().all(is_inside) { Ok(parts) } else { Err(errno::FAULT) }
}

/// How many bytes the parts have together, `max` at most.
pub(super) fn total(parts: &[(u32, u32)], max: usize) -> usize {
    parts.iter().fold(0, |total, (_, len)| max.min(total + *len as usize))
}

/// Fills `bytes` with those of the parts, one part after the other.
pub(super) fn gather(memory: &GuestMemory, parts: &[(u32, u32)], bytes: &mut [u8]) -> Result<(), i32> {
    let mut left = bytes;
    for (address, len) in parts {
        let (part, rest) = left.split_at_mut((*len as usize).min(left.len()));
        let from = memory.bytes(*address, part.len() as u32).ok_or(errno::FAULT)?;
        part.iter_mut().zip(from).for_each(|(to, from)| *to = from.load(Ordering::Relaxed));
        left = rest;
    }
    Ok(())
}

/// Stores bytes into the parts, one part after the other.
pub(super) fn scatter(memory: &GuestMemory, parts: &[(u32, u32)], bytes: &[u8]) -> Result<(), i32> {
    let mut left = bytes;
    for (address, len) in parts {
        let (part, rest) = left.split_at(left.len().min(*len as usize));
        memory.write(*address, part).ok_or(errno::FAULT)?;
        left = rest;
    }
    Ok(())
}
