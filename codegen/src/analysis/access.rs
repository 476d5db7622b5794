//! What is done to which piece of memory, in the words in which regions are asked about it.

use std::fmt;

/// What is done to memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// It may be read.
    pub reads: bool,
    /// It may be written.
    pub writes: bool,
    /// The only pointer to it that there is points to its end: a region that is given what begins there hardly means this.
    pub by_end: bool,
}

impl Access {
    pub(super) const READ: Self = Self { reads: true, writes: false, by_end: false };
    pub(super) const WRITE: Self = Self { reads: false, writes: true, by_end: false };
    pub(super) const BOTH: Self = Self { reads: true, writes: true, by_end: false };

    /// Whether there is none.
    #[must_use]
    pub fn is_none(self) -> bool {
        !self.reads && !self.writes
    }

    pub(super) fn add(&mut self, other: Self) {
        if !other.is_none() {
            self.by_end = other.by_end && (self.by_end || self.is_none());
            self.reads |= other.reads;
            self.writes |= other.writes;
        }
    }
}

/// A range of memory that programs have a pointer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryObject {
    /// Where it begins.
    pub begin: u32,
    /// How many bytes it has.
    pub size: u32,
    /// The address of the array that the range is a section of: arguments may hold it in the place of `begin`. Else `begin`.
    pub base: u32,
    /// Whether some of it may be static data.
    pub is_static: bool,
    /// Whether only arguments may point to it: no pointer to it is in memory.
    pub is_private: bool,
}

impl MemoryObject {
    /// Whether a pointer is to it.
    pub(super) fn is_meant(&self, pointer: u32) -> bool {
        pointer.wrapping_sub(self.begin) < self.size || pointer == self.base
    }

    /// Whether a pointer is to its end. That may be for what is before, or for what is mapped there.
    pub(super) fn ends_at(&self, pointer: u32) -> bool {
        pointer.wrapping_sub(self.begin) == self.size
    }

    pub(super) fn overlaps(&self, begin: u64, bytes: u32) -> bool {
        begin < u64::from(self.begin) + u64::from(self.size) && u64::from(self.begin) < begin + u64::from(bytes)
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.reads, self.writes) {
            (true, true) => "read and written",
            (true, false) => "read",
            (false, true) => "written",
            (false, false) => "left alone",
        })?;
        f.write_str(if self.by_end { " by its end" } else { "" })
    }
}
