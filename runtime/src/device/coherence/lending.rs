//! Lends a device's memory to regions that run on the host.
//!
//! A region that runs on the host should see and change what it would on the device: the device's copy. So what the device has newer takes the
//! place of the host's own bytes as long as regions use it; when the last one has ended, what it has changed goes to the device, and the
//! host's own bytes return. So the host loses nothing of what it has stored and not updated.
//!
//! Launches go on meanwhile, and change the device's copy. What they have changed stays: of what comes back, only bytes that regions
//! on the host have changed are given to the device. What an update brings meanwhile is for the host's own bytes, and what it takes is of them.
//!
//! Invariant: memory is in one piece at most, and a piece's users are the mapped ranges with its bytes that are lent, each once for each
//! region that it is lent to.

use super::{Bytes, Coherence, Failure, MemoryRange, Newest, Ranges, Transfers};
use crate::limits::Share;
use omp2wasi_abi::imports::Errno;
use std::collections::BTreeMap;
use std::ops::Range;

/// How many regions may run on the host at once.
const MAX_REGIONS: usize = 1 << 12;

/// What each lent range takes of the memory budget. The bytes do not: they are kept twice at most, so there are no more of them than a
/// mirror has, of which there is one for each device.
const RANGE: u64 = 512;

/// All that is lent.
#[derive(Default)]
pub(super) struct Lending {
    regions: Vec<Option<Region>>,
    /// By the addresses of their first bytes.
    pieces: BTreeMap<u64, Piece>,
}

/// A region that runs on the host.
struct Region {
    device: u32,
    /// The entries of the mapped ranges that are lent to it.
    entries: BTreeMap<usize, Lent>,
}

/// A mapped range that is lent to a region.
struct Lent {
    /// The serial number of the mapping.
    serial: u64,
    /// Of the memory budget.
    _share: Share,
}

/// Bytes of the host's memory that are a device's now.
struct Piece {
    device: u32,
    users: u32,
    /// The host's own.
    own: Vec<u8>,
    /// What the device had when they were lent.
    lent: Vec<u8>,
    /// How often the device's memory had been changed then: see [`super::MappedRanges`].
    changes: u64,
}

/// Addresses in a piece, after that of its first byte.
type Part = (u64, Range<u64>);

impl Piece {
    fn end(&self, begin: u64) -> u64 {
        begin + self.own.len() as u64
    }

    /// Takes off what is behind the first `len` bytes.
    fn split_off(&mut self, len: usize) -> Self {
        let (own, lent) = (self.own.split_off(len), self.lent.split_off(len));
        // They would keep room for the rest, too.
        self.own.shrink_to_fit();
        self.lent.shrink_to_fit();
        Self { own, lent, ..*self }
    }
}

impl Lending {
    /// Whether some of these bytes are lent.
    pub(super) fn has(&self, (begin, size): Bytes) -> bool {
        !self.pieces.is_empty() && self.overlapping(&span(begin, size)).next().is_some()
    }

    /// Whether memory is in pieces of another device than this one.
    fn is_of_other(&self, device: u32, range: &MemoryRange) -> bool {
        self.overlapping(&addresses(range)).any(|(_, piece)| piece.device != device)
    }

    /// The pieces that have some of these bytes.
    fn overlapping(&self, bytes: &Range<u64>) -> impl Iterator<Item = (u64, &Piece)> {
        let before =
            self.pieces.range(..bytes.start).next_back().filter(|(begin, piece)| piece.end(**begin) > bytes.start);
        before.into_iter().chain(self.pieces.range(bytes.clone())).map(|(begin, piece)| (*begin, piece))
    }

    /// Makes an address the boundary of a piece, if it is inside one.
    fn split(&mut self, at: u64) {
        let Some((begin, piece)) = self.pieces.range_mut(..at).next_back() else { return };
        if piece.end(*begin) > at {
            let rest = piece.split_off((at - *begin) as usize);
            self.pieces.insert(at, rest);
        }
    }

    /// The beginnings of the pieces of bytes, no more than them, and the gaps between.
    fn parts(&mut self, bytes: &Range<u64>) -> (Vec<u64>, Vec<Range<u64>>) {
        self.split(bytes.start);
        self.split(bytes.end);
        let (parts, gaps) = self.within(bytes);
        (parts.into_iter().map(|(begin, _)| begin).collect(), gaps)
    }

    /// What of bytes is lent, and what is not.
    fn within(&self, bytes: &Range<u64>) -> (Vec<Part>, Vec<Range<u64>>) {
        let (mut parts, mut gaps, mut next) = (Vec::new(), Vec::new(), bytes.start);
        for (begin, piece) in self.overlapping(bytes) {
            let part = begin.max(bytes.start)..piece.end(begin).min(bytes.end);
            if next < part.start {
                gaps.push(next..part.start);
            }
            next = part.end;
            parts.push((begin, part));
        }
        if next < bytes.end {
            gaps.push(next..bytes.end);
        }
        (parts, gaps)
    }

    /// The host's own of a part of the piece that begins there.
    fn own(&mut self, begin: u64, part: &Range<u64>) -> Option<&mut [u8]> {
        let piece = self.pieces.get_mut(&begin)?;
        piece.own.get_mut((part.start - begin) as usize..(part.end - begin) as usize)
    }

    /// The number of a new region; the smallest one is 1.
    fn begin(&mut self, device: u32) -> Result<u32, Failure> {
        let region = Some(Region { device, entries: BTreeMap::new() });
        match self.regions.iter().position(Option::is_none) {
            Some(at) => {
                self.regions[at] = region;
                Ok(at as u32 + 1)
            }
            None if self.regions.len() < MAX_REGIONS => {
                self.regions.push(region);
                Ok(self.regions.len() as u32)
            }
            None => Err(Failure::Errno(Errno::NoResources, "too many regions on the host".to_owned())),
        }
    }

    /// A region of a device by its number.
    fn region(&mut self, device: u32, number: u32) -> Result<&mut Region, Failure> {
        let region = (number as usize).checked_sub(1).and_then(|at| self.regions.get_mut(at)?.as_mut());
        region.filter(|region| region.device == device).ok_or_else(|| {
            Failure::Errno(Errno::BadHandle, format!("no region {number} uses memory of the device on the host"))
        })
    }
}

/// The addresses of a range, whose end may be that of all memory.
fn addresses(range: &MemoryRange) -> Range<u64> {
    span(range.begin, range.size)
}

fn span(begin: u32, size: u32) -> Range<u64> {
    u64::from(begin)..u64::from(begin) + u64::from(size)
}

/// The same as what copies are asked for.
fn bytes_of(addresses: &Range<u64>) -> Bytes {
    (addresses.start as u32, (addresses.end - addresses.start) as u32)
}

/// From the first byte that differs between two texts of one length to the last one; `None` if they are the same.
fn difference(one: &[u8], other: &[u8]) -> Option<Range<usize>> {
    /// Bytes that are compared at once.
    const BLOCK: usize = 4096;
    let differ = |(one, other): (&[u8], &[u8])| one != other;
    let blocks = || one.chunks(BLOCK).zip(other.chunks(BLOCK));
    let (first, last) = (blocks().position(differ)?, blocks().rposition(differ)?);
    let differs = |at: &usize| one[*at] != other[*at];
    let begin = (first * BLOCK..one.len()).find(differs)?;
    let end = (begin..one.len().min((last + 1) * BLOCK)).rfind(differs)?;
    Some(begin..end + 1)
}

impl Coherence {
    /// Lets a region that runs on the host use ranges: see [`omp2wasi_abi::imports::DEVICE_BEGIN_HOST_USE`]. Returns the region's number, which
    /// is given with further ranges; at first it is 0.
    ///
    /// # Errors
    /// As for [`Self::host_use`]; an errno if there is no such region, or no memory for what is lent.
    pub(crate) fn begin_host_use(
        &self,
        transfers: &dyn Transfers,
        device: u32,
        wanted: &[MemoryRange],
        number: u32,
        is_ending: impl Fn() -> bool,
    ) -> Result<u32, Failure> {
        let mut ranges = self.lock();
        if number != 0 {
            ranges.lending.region(device, number)?;
        }
        while ranges.is_busy(wanted) || wanted.iter().any(|range| ranges.lending.is_of_other(device, range)) {
            if is_ending() {
                return Err(Failure::Ending);
            }
            // Others may be waiting for what it has, and it has not begun: it gets all in one go.
            if number != 0 {
                ranges.give_all_back(transfers, device, number)?;
                self.idle.notify_all();
            }
            ranges = self.wait(ranges);
        }
        let number = if number == 0 { ranges.lending.begin(device)? } else { number };
        let lent = ranges.lend_all(transfers, device, wanted, number);
        if lent.is_err() {
            _ = ranges.end_region(transfers, device, number);
        }
        lent.map(|()| number)
    }

    /// Ends a region on the host that [`Self::begin_host_use`] has given a number: see [`omp2wasi_abi::imports::DEVICE_END_HOST_USE`].
    ///
    /// # Errors
    /// Those of [`Transfers`]; an errno, if there is no such region.
    pub(crate) fn end_host_use(&self, transfers: &dyn Transfers, device: u32, number: u32) -> Result<(), Failure> {
        let ended = self.lock().end_region(transfers, device, number);
        self.idle.notify_all();
        ended
    }
}

impl Ranges {
    /// Lends to a region what the device has newer, and gives the host the rest.
    fn lend_all(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        wanted: &[MemoryRange],
        number: u32,
    ) -> Result<(), Failure> {
        let mut others = Vec::new();
        for range in wanted {
            if !self.lend(transfers, device, range, number)? {
                others.push(*range);
            }
        }
        self.give_to_host(transfers, device, &others)
    }

    /// Gives back all that is lent to a region, whose number means nothing then.
    fn end_region(&mut self, transfers: &dyn Transfers, device: u32, number: u32) -> Result<(), Failure> {
        let given = self.give_all_back(transfers, device, number);
        if self.lending.region(device, number).is_ok() {
            self.lending.regions[number as usize - 1] = None;
        }
        given
    }

    /// Lends a mapped range to a region, if the device has it newer. Says whether it is lent to that.
    fn lend(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        range: &MemoryRange,
        number: u32,
    ) -> Result<bool, Failure> {
        let entries = self.of(device);
        let changes = entries.changes;
        let Some(entry) = entries.last(|mapped| mapped.is(range)) else { return Ok(false) };
        let Some(mapped) = entries.get(entry) else { return Ok(false) };
        let (serial, is_newer) = (mapped.serial, mapped.newest == Newest::Device || mapped.lent != 0);
        let region = self.lending.region(device, number)?;
        if !is_newer || region.entries.get(&entry).is_some_and(|lent| lent.serial == serial) {
            return Ok(is_newer);
        }
        let _share = transfers.keep(RANGE)?;
        let (pieces, gaps) = self.lending.parts(&addresses(range));
        let mut new = Vec::new();
        for gap in &gaps {
            let (begin, size) = bytes_of(gap);
            let own = transfers.host(begin, size)?;
            let lent = transfers.read(device, begin, size)?;
            new.push((gap.start, Piece { device, users: 0, own, lent, changes }));
        }
        for (begin, piece) in new {
            transfers.set_host(begin as u32, &piece.lent)?;
            self.lending.pieces.insert(begin, piece);
        }
        for begin in pieces.into_iter().chain(gaps.iter().map(|gap| gap.start)) {
            self.lending.pieces.entry(begin).and_modify(|piece| piece.users += 1);
        }
        self.lending.region(device, number)?.entries.insert(entry, Lent { serial, _share });
        self.of(device).get(entry).into_iter().for_each(|mapped| mapped.lent += 1);
        Ok(true)
    }

    /// Gives back all that is lent to a region; what fails for one range is said when all have been tried.
    fn give_all_back(&mut self, transfers: &dyn Transfers, device: u32, number: u32) -> Result<(), Failure> {
        let entries = std::mem::take(&mut self.lending.region(device, number)?.entries);
        let mut given = Ok(());
        for (entry, Lent { serial, .. }) in entries {
            let is_it = |mapped: &&mut super::Mapped| mapped.serial == serial && mapped.lent != 0;
            let Some(mapped) = self.of(device).get(entry).filter(is_it) else { continue };
            mapped.lent -= 1;
            let range = mapped.range;
            let is_changed = self.give_back(transfers, &range, 1);
            if let Some(mapped) = self.of(device).get(entry).filter(|_| matches!(is_changed, Ok(true))) {
                mapped.newest = Newest::Device;
                mapped.written += 1;
            }
            given = given.and(is_changed.map(|_| ()));
        }
        given
    }

    /// Ends the lending of a range whose mapping ends: regions that it is lent to have no business with it any more.
    pub(super) fn end_lending(&mut self, transfers: &dyn Transfers, device: u32, entry: usize) -> Result<(), Failure> {
        let Some(mapped) = self.of(device).get(entry).filter(|mapped| mapped.lent != 0) else { return Ok(()) };
        let (range, users) = (mapped.range, std::mem::take(&mut mapped.lent));
        self.give_back(transfers, &range, users).map(|_| ())
    }

    /// Takes users from the pieces of a range. Those without any go back. Says whether regions have changed something there.
    fn give_back(&mut self, transfers: &dyn Transfers, range: &MemoryRange, users: u32) -> Result<bool, Failure> {
        let (pieces, _) = self.lending.parts(&addresses(range));
        let mut is_changed = false;
        for begin in pieces {
            let Some(piece) = self.lending.pieces.get_mut(&begin) else { continue };
            piece.users = piece.users.saturating_sub(users);
            if piece.users == 0
                && let Some(piece) = self.lending.pieces.remove(&begin)
            {
                is_changed |= self.return_piece(transfers, begin as u32, &piece)?;
            }
        }
        Ok(is_changed)
    }

    /// Gives the device what regions have changed, and the host its own bytes. Says whether they have changed anything.
    fn return_piece(&mut self, transfers: &dyn Transfers, begin: u32, piece: &Piece) -> Result<bool, Failure> {
        let mut bytes = transfers.host(begin, piece.own.len() as u32)?;
        transfers.set_host(begin, &piece.own)?;
        let Some(span) = difference(&bytes, &piece.lent) else { return Ok(false) };
        let (at, changed) = (begin + span.start as u32, &mut bytes[span.clone()]);
        if self.of(piece.device).changes != piece.changes {
            let current = transfers.read(piece.device, at, changed.len() as u32)?;
            for ((byte, lent), current) in changed.iter_mut().zip(&piece.lent[span]).zip(current) {
                if byte == lent {
                    *byte = current;
                }
            }
        }
        transfers.write(piece.device, at, changed)?;
        Ok(true)
    }

    /// Makes the copies of an update that are of the host's own bytes where they are lent, and leaves those that are not.
    pub(super) fn sync_lent(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        bytes: &mut Vec<Bytes>,
        to_device: bool,
    ) -> Result<(), Failure> {
        if self.lending.pieces.is_empty() {
            return Ok(());
        }
        for (begin, size) in std::mem::take(bytes) {
            let wanted = span(begin, size);
            let (parts, gaps) = self.lending.within(&wanted);
            bytes.extend(gaps.iter().map(bytes_of));
            for (piece, part) in parts {
                let (begin, size) = bytes_of(&part);
                let Some(own) = self.lending.own(piece, &part) else { continue };
                if to_device {
                    transfers.write(device, begin, own)?;
                } else {
                    own.copy_from_slice(&transfers.read(device, begin, size)?);
                }
            }
        }
        Ok(())
    }

    /// Whether some of these bytes of the host's are lent.
    pub(crate) fn is_lent(&self, bytes: Bytes) -> bool {
        self.lending.has(bytes)
    }

    /// The host's own bytes at an address, as if nothing was lent.
    ///
    /// # Errors
    /// Those of [`Transfers`].
    pub(crate) fn own_bytes(&mut self, transfers: &dyn Transfers, (begin, size): Bytes) -> Result<Vec<u8>, Failure> {
        let mut bytes = transfers.host(begin, size)?;
        for (piece, part) in self.lending.within(&span(begin, size)).0 {
            let at = (part.start - u64::from(begin)) as usize..(part.end - u64::from(begin)) as usize;
            self.lending.own(piece, &part).into_iter().for_each(|own| bytes[at.clone()].copy_from_slice(own));
        }
        Ok(bytes)
    }

    /// Puts bytes among the host's own at an address, as if nothing was lent.
    ///
    /// # Errors
    /// Those of [`Transfers`].
    pub(crate) fn set_own_bytes(&mut self, transfers: &dyn Transfers, begin: u32, bytes: &[u8]) -> Result<(), Failure> {
        let (parts, gaps) = self.lending.within(&span(begin, bytes.len() as u32));
        let of = |part: &Range<u64>| {
            &bytes[(part.start - u64::from(begin)) as usize..(part.end - u64::from(begin)) as usize]
        };
        gaps.iter().try_for_each(|gap| transfers.set_host(gap.start as u32, of(gap)))?;
        for (piece, part) in &parts {
            self.lending.own(*piece, part).into_iter().for_each(|own| own.copy_from_slice(of(part)));
        }
        Ok(())
    }
}
