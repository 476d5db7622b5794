//! Lends a device's memory to regions that run on the host.
//!
//! A region that runs on the host should change what it would change on the device: the device's copy. So what the device has newer takes the
//! place of the host's own bytes as long as such regions run; when the last one of them has ended, what is there then goes back to the device, and
//! the host's own bytes return. So the host loses nothing of what it has stored and not updated.

use super::{Bytes, Coherence, Failure, MAX_MAPPED, MemoryRange, Newest, Ranges, Transfers};
use crate::limits::Share;
use omp2wasi_abi::imports::Errno;
use std::collections::{BTreeMap, HashMap};

/// Bytes of the host's memory, with what they take of the memory budget.
pub(crate) struct Saved {
    pub bytes: Vec<u8>,
    pub _share: Share,
}

/// What the memory of the host has of one device at the moment, for regions on the host.
#[derive(Default)]
pub(super) struct Lending {
    /// How often regions have begun to use memory on the host that have not ended it.
    uses: u32,
    /// The host's own bytes, by their addresses. They do not overlap.
    saved: BTreeMap<u32, Saved>,
    /// The entries of mapped ranges that the device had newer, with their serial numbers.
    entries: HashMap<usize, u64>,
}

impl Lending {
    /// The bytes of a range that are the host's own still.
    fn missing(&self, begin: u32, size: u32) -> Vec<Bytes> {
        let (mut missing, end) = (Vec::new(), u64::from(begin) + u64::from(size));
        let mut next = u64::from(begin);
        let before = self.saved.range(..begin).next_back();
        for (address, saved) in before.into_iter().chain(self.saved.range(begin..)) {
            let address = u64::from(*address);
            if address >= end {
                break;
            }
            if address > next {
                missing.push((next as u32, (address - next) as u32));
            }
            next = next.max(address + saved.bytes.len() as u64);
        }
        if next < end {
            missing.push((next as u32, (end - next) as u32));
        }
        missing
    }

    /// The bytes that are lent.
    fn bytes(&self) -> Vec<Bytes> {
        self.saved.iter().map(|(begin, saved)| (*begin, saved.bytes.len() as u32)).collect()
    }
}

impl Coherence {
    /// Lets a region that runs on the host use ranges: see [`omp2wasi_abi::imports::DEVICE_BEGIN_HOST_USE`].
    ///
    /// # Errors
    /// As for [`Self::host_use`]; an errno if there is no memory for the host's own bytes.
    pub(crate) fn begin_host_use(
        &self,
        transfers: &dyn Transfers,
        device: u32,
        wanted: &[MemoryRange],
        is_ending: impl Fn() -> bool,
    ) -> Result<(), Failure> {
        let mut ranges = self.when_idle(device, wanted, is_ending)?;
        let mut others = Vec::new();
        for range in wanted {
            if !ranges.lend(transfers, device, range)? {
                others.push(*range);
            }
        }
        ranges.give_to_host(transfers, device, &others)?;
        ranges.of(device).lending.uses += 1;
        Ok(())
    }

    /// Notes that a region on the host has ended for which [`Self::begin_host_use`] has been called: see
    /// [`omp2wasi_abi::imports::DEVICE_END_HOST_USE`].
    ///
    /// # Errors
    /// Those of [`Transfers`]; an errno, if there is no such region.
    pub(crate) fn end_host_use(&self, transfers: &dyn Transfers, device: u32) -> Result<(), Failure> {
        let mut ranges = self.lock();
        let lending = &mut ranges.of(device).lending;
        let Some(uses) = lending.uses.checked_sub(1) else {
            return Err(Failure::inval("no region uses the device's memory on the host"));
        };
        lending.uses = uses;
        if uses == 0 { ranges.take_back_lent(transfers, device) } else { Ok(()) }
    }
}

impl Ranges {
    /// Brings a mapped range to the host's memory, if the device has it newer, and saves what the host has there. Whether it is lent now.
    fn lend(&mut self, transfers: &dyn Transfers, device: u32, range: &MemoryRange) -> Result<bool, Failure> {
        let Some((entry, serial, newest)) = self.known(device, range) else { return Ok(false) };
        let entries = &mut self.of(device).lending.entries;
        if newest != Newest::Device {
            return Ok(newest == Newest::Host && entries.get(&entry) == Some(&serial));
        }
        if entries.len() >= MAX_MAPPED {
            return Err(Failure::Errno(
                Errno::NoResources,
                "regions on the host use too many mapped ranges".to_owned(),
            ));
        }
        entries.insert(entry, serial);
        let missing = self.of(device).lending.missing(range.begin, range.size);
        for bytes in &missing {
            let saved = transfers.save(*bytes)?;
            self.of(device).lending.saved.insert(bytes.0, saved);
        }
        transfers.to_host(device, &missing)?;
        self.set(device, entry, Newest::Host);
        Ok(true)
    }

    /// The entry of a mapped range, with its serial number and where its newest contents are.
    fn known(&mut self, device: u32, range: &MemoryRange) -> Option<(usize, u64, Newest)> {
        let entries = self.of(device);
        let entry = entries.last(|mapped| mapped.is(range))?;
        entries.get(entry).map(|mapped| (entry, mapped.serial, mapped.newest))
    }

    /// Gives a device back what has been lent of its memory, and the host its own bytes.
    fn take_back_lent(&mut self, transfers: &dyn Transfers, device: u32) -> Result<(), Failure> {
        let lending = std::mem::take(&mut self.of(device).lending);
        transfers.to_device(device, &lending.bytes())?;
        for (begin, saved) in &lending.saved {
            transfers.restore(*begin, &saved.bytes)?;
        }
        for (entry, serial) in lending.entries {
            let mapped = self.of(device).get(entry).filter(|mapped| mapped.serial == serial);
            if let Some(mapped) = mapped.filter(|mapped| mapped.newest == Newest::Host) {
                mapped.newest = Newest::Device;
                mapped.written += 1;
            }
        }
        Ok(())
    }
}
