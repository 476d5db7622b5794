//! A device's mirror beside the memory that it mirrors: copies between the two, and launches.
//!
//! Invariant: every range is inside of both.

use super::kernels::Kernel;
use super::offload::Failure;
use super::plan::Geometry;
use super::{DeviceError, Event, Launch, Mirror};
use crate::memory::GuestMemory;
use std::ops::Range;

/// Ranges of a memory, by offsets.
type RangesOf<'a> = &'a [Range<usize>];

/// A mirror and what it mirrors, which has to exist for as long: fields are dropped in order.
pub(super) struct Mirrored {
    pub mirror: Box<dyn Mirror>,
    memory: GuestMemory,
}

impl Mirrored {
    /// A mirror of a memory.
    pub(super) fn new(mirror: Box<dyn Mirror>, memory: &GuestMemory) -> Self {
        Self { mirror, memory: memory.clone() }
    }

    /// Bytes of the memory that is mirrored.
    pub(super) fn len(&self) -> usize {
        self.mirror.len()
    }

    /// Copies bytes of the mirror to memory of the host's that is none of the program's, and exists for as long as the mirror.
    pub(super) fn read_to(&self, begin: u32, to: &mut [u8]) -> Result<(), Failure> {
        let range = begin as usize..begin as usize + to.len();
        // SAFETY: so many bytes are there, for as long as the caller says.
        unsafe { self.mirror.read(&[(range, to.as_mut_ptr())])? };
        Ok(())
    }

    /// Copies memory of the host's that is none of the program's, and exists for as long as the mirror, to the mirror.
    pub(super) fn write_from(&self, begin: u32, from: &[u8]) -> Result<(), Failure> {
        let range = begin as usize..begin as usize + from.len();
        // SAFETY: so many bytes are there, for as long as the caller says.
        unsafe { self.mirror.write(&[(range, from.as_ptr())])? };
        Ok(())
    }

    /// See [`Mirror::take_marks`].
    pub(super) fn take_marks(&self, count: usize) -> Result<Vec<u8>, Failure> {
        Ok(self.mirror.take_marks(count)?)
    }

    /// Copies bytes of the host's memory to the mirror: from where, to where and how many.
    pub(super) fn write(&self, copies: impl IntoIterator<Item = (u32, u32, u32)>) -> Result<(), Failure> {
        let part = |(from, to, size)| {
            let bytes = self.memory.bytes(from, size).ok_or_else(outside)?;
            Ok((offsets(to, size), bytes.as_ptr().cast()))
        };
        let parts: Vec<_> = copies.into_iter().map(part).collect::<Result<_, Failure>>()?;
        // SAFETY: the bytes are guest memory, which exists as long as `self`; it is written outside of Rust's knowledge.
        unsafe { self.mirror.write(&parts)? };
        Ok(())
    }

    /// Copies bytes of the mirror to the host's memory: from where, to where and how many.
    pub(super) fn read(&self, copies: impl IntoIterator<Item = (u32, u32, u32)>) -> Result<(), Failure> {
        let part = |(from, to, size)| {
            let bytes = self.memory.bytes(to, size).ok_or_else(outside)?;
            Ok((offsets(from, size), bytes.as_ptr().cast_mut().cast()))
        };
        let parts: Vec<_> = copies.into_iter().map(part).collect::<Result<_, Failure>>()?;
        // SAFETY: as in `write`.
        unsafe { self.mirror.read(&parts)? };
        Ok(())
    }

    /// Enqueues a launch on the device of this number, of so many, and the first `len` bytes of the memory, with the ranges of the host's memory that the kernel may use, if they are known, that go to the mirror before, and that come back after.
    pub(super) fn enqueue<'a>(
        &'a self,
        (kernel, [device, devices]): (&'a Kernel, [u32; 2]),
        geometry: Geometry,
        (parameters, len): (&'a [u32], usize),
        (uses, [before, after]): (Option<RangesOf<'a>>, [RangesOf<'a>; 2]),
    ) -> Result<Box<dyn Event + 'a>, DeviceError> {
        let memory = self.memory.shared().data().as_ptr().cast::<u8>().cast_mut();
        let globals = &[];
        let launch =
            Launch { kernel, geometry, device, devices, parameters, globals, len, before, after, uses, memory };
        // SAFETY: the mirror refuses ranges that are not inside it, and the memory is no shorter and never gets shorter; it exists as
        // long as the event, which borrows from the same. Programs use it outside of Rust's knowledge.
        unsafe { self.mirror.enqueue(&launch) }
    }
}

pub(super) fn outside() -> Failure {
    Failure::inval("a range is outside of the memory")
}

pub(super) fn offsets(begin: u32, size: u32) -> Range<usize> {
    begin as usize..begin as usize + size as usize
}
