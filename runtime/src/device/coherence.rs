//! Which copy of mapped memory is the newest: the only owner of that knowledge, for all devices of a program.
//!
//! The guest says which ranges of its memory are mapped on which device (OpenMP's reference counts and map types are its business). For
//! each of them this module knows whether the host or the device has the newest contents, and how many launches use the range now. From
//! that follows what is copied when: before a launch, before a region on the host, and at an update.
//!
//! Host and devices use the same addresses, and a range may be mapped on several devices. So what comes to the host from one device takes
//! the place of what the host has for the others: those get theirs first ([`Ranges::flush_others`]).
//!
//! Invariant: a range's contents are newest where the record says, as soon as everything has been done that its device's mirror has
//! enqueued. The lock is held while records change and copies are enqueued, and not while a kernel is waited for.

use super::kernels::{Access, MemoryObject};
use super::offload::Failure;
use omp2wasi_abi::imports::{Errno, range};
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

bitflags::bitflags! {
    /// The flags of a memory range: see [`omp2wasi_abi::imports::range`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct RangeFlags: u32 {
        const STATIC = range::STATIC;
        const VARIABLE = range::VARIABLE;
        const FROM_HOST = range::FROM_HOST;
        const PRIVATE = range::PRIVATE;
        const ALIAS = range::ALIAS;
    }
}

/// A range of guest memory, as the guest describes it: see [`omp2wasi_abi::layout::range`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryRange {
    pub begin: u32,
    /// Bytes.
    pub size: u32,
    pub base: u32,
    pub flags: RangeFlags,
}

impl MemoryRange {
    /// As offsets in memory and mirror.
    fn offsets(&self) -> Range<usize> {
        self.begin as usize..self.begin as usize + self.size as usize
    }
}

/// Bytes of the memory: the address of the first one, and how many.
pub(crate) type Bytes = (u32, u32);

/// How many ranges a program may map on a device.
const MAX_MAPPED: usize = 1 << 20;

/// How often who waits for launches looks whether the program is ending.
const LOOK: Duration = Duration::from_millis(20);

/// Who copies bytes between the host's memory and the devices' mirrors of it. Copies of a device take effect in the order of the calls;
/// those to the host are complete when they return.
pub(crate) trait Transfers {
    /// From the host's memory to the same addresses of a device.
    fn to_device(&self, device: u32, bytes: &[Bytes]) -> Result<(), Failure>;
    /// From a device to the same addresses of the host's memory.
    fn to_host(&self, device: u32, bytes: &[Bytes]) -> Result<(), Failure>;
}

/// Where the newest contents of a range are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newest {
    /// Both copies count as equally new, for OpenMP: the host's may have been changed since without an update.
    Both,
    Host,
    Device,
}

/// A range that is mapped on a device, or was and is in use.
#[derive(Clone, Debug)]
struct Mapped {
    range: MemoryRange,
    newest: Newest,
    /// Launches that use it now: regions on the host wait for them.
    users: u32,
    /// Grows from one mapping to the next: where ranges overlap, the one mapped last is meant.
    serial: u64,
    is_mapped: bool,
}

impl Mapped {
    fn contains(&self, begin: u32, size: u32) -> bool {
        let MemoryRange { begin: first, size: bytes, .. } = self.range;
        let offset = begin.wrapping_sub(first);
        self.is_mapped && offset < bytes && size <= bytes - offset
    }

    fn overlaps(&self, begin: u32, size: u32) -> bool {
        let MemoryRange { begin: first, size: bytes, .. } = self.range;
        self.is_mapped && (begin.wrapping_sub(first) < bytes || first.wrapping_sub(begin) < size)
    }

    fn is(&self, range: &MemoryRange) -> bool {
        self.is_mapped && (self.range.begin, self.range.size) == (range.begin, range.size)
    }
}

/// The ranges of one device. A slot keeps its number while launches use its range.
#[derive(Default)]
struct Slots {
    slots: Vec<Option<Mapped>>,
    free: Vec<usize>,
}

impl Slots {
    fn iter(&self) -> impl Iterator<Item = (usize, &Mapped)> {
        self.slots.iter().enumerate().filter_map(|(slot, mapped)| Some((slot, mapped.as_ref()?)))
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Mapped> {
        self.slots.iter_mut().flatten()
    }

    /// The range, mapped last, of which something is true.
    fn last(&self, is_it: impl Fn(&Mapped) -> bool) -> Option<usize> {
        let found = self.iter().filter(|(_, mapped)| is_it(mapped));
        found.max_by_key(|(_, mapped)| mapped.serial).map(|(slot, _)| slot)
    }

    fn get(&mut self, slot: usize) -> Option<&mut Mapped> {
        self.slots.get_mut(slot)?.as_mut()
    }

    fn add(&mut self, mapped: Mapped) {
        match self.free.pop() {
            Some(slot) => self.slots[slot] = Some(mapped),
            None => self.slots.push(Some(mapped)),
        }
    }

    /// Frees a slot, unless its range is mapped or in use.
    fn tidy(&mut self, slot: usize) {
        if self.get(slot).is_some_and(|mapped| !mapped.is_mapped && mapped.users == 0) {
            self.slots[slot] = None;
            self.free.push(slot);
        }
    }
}

/// The mapped memory of all devices.
pub(crate) struct Coherence {
    ranges: Mutex<Ranges>,
    /// Signalled when a range has no user any more.
    idle: Condvar,
}

impl Coherence {
    pub(crate) fn new() -> Self {
        Self { ranges: Mutex::new(Ranges { devices: Vec::new(), serial: 0 }), idle: Condvar::new() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Ranges> {
        super::lock_briefly(&self.ranges)
    }

    /// A launch has ended: what it may have written is the newest on the device.
    pub(crate) fn end_use(&self, ranges: &mut Ranges, usage: &Usage) {
        if ranges.end_use(usage) {
            self.idle.notify_all();
        }
    }

    /// Readies ranges for a region that runs on the host: see [`omp2wasi_abi::imports::DEVICE_HOST_USE`].
    pub(crate) fn host_use(
        &self,
        transfers: &dyn Transfers,
        device: u32,
        wanted: &[MemoryRange],
        is_ending: impl Fn() -> bool,
    ) -> Result<(), Failure> {
        let mut ranges = self.lock();
        while ranges.is_busy(device, wanted) {
            if is_ending() {
                return Err(Failure::Ending);
            }
            (ranges, _) = self.idle.wait_timeout(ranges, LOOK).unwrap_or_else(PoisonError::into_inner);
        }
        ranges.give_to_host(transfers, device, wanted)
    }
}

/// What a launch uses of the memory.
#[derive(Default)]
pub(crate) struct Usage {
    device: u32,
    /// Slots of mapped ranges, each with whether it may be written.
    used: Vec<(usize, bool)>,
    /// Slots whose contents go to the device with this launch.
    given: Vec<usize>,
    /// What goes to the device before the kernel runs, and what comes back after.
    pub before: Vec<Range<usize>>,
    pub after: Vec<Range<usize>>,
}

impl Usage {
    /// Whether the launch uses no mapped memory.
    pub(crate) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }
}

/// The mapped ranges of all devices, while they are locked.
pub(crate) struct Ranges {
    devices: Vec<Slots>,
    serial: u64,
}

impl Ranges {
    fn of(&mut self, device: u32) -> &mut Slots {
        let device = device as usize;
        if self.devices.len() <= device {
            self.devices.resize_with(device + 1, Slots::default);
        }
        &mut self.devices[device]
    }

    /// The range that has all of these bytes.
    fn find(&mut self, device: u32, begin: u32, size: u32) -> Option<usize> {
        self.of(device).last(|mapped| mapped.contains(begin, size))
    }

    /// Makes ranges mapped memory: see [`omp2wasi_abi::imports::DEVICE_MAP`].
    pub(crate) fn map(&mut self, device: u32, ranges: &[MemoryRange]) -> Result<(), Failure> {
        for range in ranges {
            let serial = self.serial;
            let slots = self.of(device);
            if let Some(known) = slots.last(|mapped| mapped.is(range)).and_then(|slot| slots.get(slot)) {
                known.range.base = range.base;
                continue;
            }
            if slots.slots.len() - slots.free.len() >= MAX_MAPPED {
                return Err(Failure::Errno(Errno::NoResources, "too many mapped ranges".to_owned()));
            }
            let newest = if range.flags.contains(RangeFlags::FROM_HOST) { Newest::Host } else { Newest::Both };
            slots.add(Mapped { range: *range, newest, users: 0, serial, is_mapped: true });
            self.serial += 1;
        }
        Ok(())
    }

    /// Ends the mapping of ranges: see [`omp2wasi_abi::imports::DEVICE_UNMAP`].
    pub(crate) fn unmap(&mut self, device: u32, ranges: &[MemoryRange]) {
        let slots = self.of(device);
        for range in ranges {
            if let Some(slot) = slots.last(|mapped| mapped.is(range)) {
                slots.get(slot).into_iter().for_each(|mapped| mapped.is_mapped = false);
                slots.tidy(slot);
            }
        }
    }

    /// Copies bytes as an update does: see [`omp2wasi_abi::imports::DEVICE_SYNC`].
    pub(crate) fn sync(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        ranges: &[MemoryRange],
        to_device: bool,
    ) -> Result<(), Failure> {
        let (mut bytes, mut whole) = (Vec::new(), Vec::new());
        for MemoryRange { begin, size, .. } in ranges {
            let slot = self.find(device, *begin, *size);
            if let Some(mapped) = slot.and_then(|slot| self.of(device).get(slot)) {
                // A region of another thread may be changing it on the host.
                if mapped.newest == Newest::Host {
                    continue;
                }
                if (mapped.range.begin, mapped.range.size) == (*begin, *size) {
                    whole.push(slot);
                }
            }
            if !to_device {
                self.flush_others(transfers, device, *begin, *size)?;
            }
            bytes.push((*begin, *size));
        }
        if to_device {
            transfers.to_device(device, &bytes)?;
        } else {
            transfers.to_host(device, &bytes)?;
        }
        whole.into_iter().for_each(|slot| self.set(device, slot, Newest::Both));
        Ok(())
    }

    fn set(&mut self, device: u32, slot: Option<usize>, newest: Newest) {
        if let Some(mapped) = slot.and_then(|slot| self.of(device).get(slot)) {
            mapped.newest = newest;
        }
    }

    /// Whether the bytes of a device are those of the host's memory now: they are mapped, and newest there.
    pub(crate) fn is_on_host(&mut self, device: u32, begin: u32, size: u32) -> bool {
        let slot = self.find(device, begin, size);
        slot.and_then(|slot| self.of(device).get(slot)).is_some_and(|mapped| mapped.newest == Newest::Host)
    }

    /// Bytes of a device have been written there, by other means than a launch.
    pub(crate) fn written_on_device(&mut self, device: u32, begin: u32, size: u32) {
        let slot = self.find(device, begin, size);
        if let Some(mapped) = slot.and_then(|slot| self.of(device).get(slot))
            && mapped.newest == Newest::Both
        {
            mapped.newest = Newest::Device;
        }
    }

    /// Before a device's contents come to the host: what the host has there for other devices goes to those, and is the newest there.
    fn flush_others(&mut self, transfers: &dyn Transfers, device: u32, begin: u32, size: u32) -> Result<(), Failure> {
        for (other, slots) in (0..).zip(&mut self.devices).filter(|(other, _)| *other != device) {
            for mapped in slots.iter_mut().filter(|mapped| mapped.overlaps(begin, size)) {
                if mapped.newest == Newest::Host {
                    transfers.to_device(other, &[(mapped.range.begin, mapped.range.size)])?;
                    mapped.newest = Newest::Both;
                }
                // A region of any device may use a variable: it would get that device's contents in the place of the host's.
                if !mapped.range.flags.contains(RangeFlags::VARIABLE) {
                    mapped.newest = Newest::Device;
                }
            }
        }
        Ok(())
    }

    fn is_busy(&mut self, device: u32, wanted: &[MemoryRange]) -> bool {
        let slots = self.of(device);
        wanted.iter().any(|range| slots.iter().any(|(_, mapped)| mapped.is(range) && mapped.users != 0))
    }

    /// The host gets the newest contents of ranges, and its copy is the newest from then on.
    fn give_to_host(&mut self, transfers: &dyn Transfers, device: u32, wanted: &[MemoryRange]) -> Result<(), Failure> {
        let (mut newer, mut given) = (Vec::new(), Vec::new());
        for range in wanted {
            let Some(slot) = self.of(device).last(|mapped| mapped.is(range)) else { continue };
            self.flush_others(transfers, device, range.begin, range.size)?;
            if self.of(device).get(slot).is_some_and(|mapped| mapped.newest == Newest::Device) {
                newer.push((range.begin, range.size));
            }
            given.push(slot);
        }
        transfers.to_host(device, &newer)?;
        given.into_iter().for_each(|slot| self.set(device, Some(slot), Newest::Host));
        Ok(())
    }

    /// Copies mapped bytes to the host if the device may have newer ones. Says whether it did.
    pub(crate) fn fetch_newer(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        begin: u32,
        size: u32,
    ) -> Result<bool, Failure> {
        let slot = self.find(device, begin, size);
        let is_newer = slot.and_then(|slot| self.of(device).get(slot)).is_some_and(|mapped| match mapped.newest {
            Newest::Device => true,
            // A launch may be writing it.
            Newest::Both => mapped.users != 0,
            Newest::Host => false,
        });
        if is_newer {
            self.flush_others(transfers, device, begin, size)?;
            transfers.to_host(device, &[(begin, size)])?;
        }
        Ok(is_newer)
    }

    /// Copies mapped bytes to the device, unless all of their range goes there when a launch needs it. Says whether it did.
    pub(crate) fn give_newer(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        begin: u32,
        size: u32,
    ) -> Result<bool, Failure> {
        let slot = self.find(device, begin, size);
        let is_wanted =
            slot.and_then(|slot| self.of(device).get(slot)).is_some_and(|mapped| mapped.newest != Newest::Host);
        if is_wanted {
            transfers.to_device(device, &[(begin, size)])?;
        }
        Ok(is_wanted)
    }

    /// A launch is about to be enqueued: finds out what it uses of the mapped memory and of the ranges that are its own, and what has to
    /// go to the device before. That counts as being there: who enqueues the launch enqueues those copies, under this lock.
    pub(crate) fn begin_use(
        &mut self,
        device: u32,
        own: &[MemoryRange],
        accesses: impl FnOnce(&[MemoryObject]) -> Vec<Access>,
    ) -> Usage {
        let slots = self.of(device);
        let span = |range: &MemoryRange, base| MemoryObject {
            begin: range.begin,
            size: range.size,
            base,
            is_static: range.flags.contains(RangeFlags::STATIC),
            is_private: range.flags.contains(RangeFlags::PRIVATE),
        };
        let (aliases, own): (Vec<_>, Vec<_>) = own.iter().partition(|range| range.flags.contains(RangeFlags::ALIAS));
        let mut meant: Vec<usize> = Vec::new();
        let mut spans: Vec<MemoryObject> = own.iter().map(|range| span(range, range.base)).collect();
        for (slot, mapped) in slots.iter().filter(|(_, mapped)| mapped.is_mapped) {
            meant.push(slot);
            spans.push(span(&mapped.range, mapped.range.base));
        }
        for alias in aliases {
            if let Some(slot) = slots.last(|mapped| mapped.contains(alias.begin, 1))
                && let Some(mapped) = slots.get(slot)
            {
                meant.push(slot);
                spans.push(span(&mapped.range, alias.base));
            }
        }
        let mut usage = Usage { device, ..Usage::default() };
        if spans.is_empty() {
            return usage;
        }
        let accesses = accesses(&spans);
        let (of_own, of_mapped) = accesses.split_at(own.len().min(accesses.len()));
        for (range, access) in own.iter().zip(of_own) {
            usage.before.push(range.offsets());
            if access.writes {
                usage.after.push(range.offsets());
            }
        }
        for (slot, access) in meant.into_iter().zip(of_mapped) {
            if let Some(mapped) = slots.get(slot).filter(|_| access.reads || access.writes) {
                mapped.users += 1;
                usage.used.push((slot, access.writes));
                if mapped.newest == Newest::Host {
                    mapped.newest = Newest::Both;
                    usage.before.push(mapped.range.offsets());
                    usage.given.push(slot);
                }
            }
        }
        usage
    }

    /// The launch has not been enqueued after all.
    pub(crate) fn abandon(&mut self, usage: &Usage) {
        let slots = self.of(usage.device);
        for slot in &usage.given {
            slots.get(*slot).into_iter().for_each(|mapped| mapped.newest = Newest::Host);
        }
        for (slot, _) in &usage.used {
            slots.get(*slot).into_iter().for_each(|mapped| mapped.users -= 1);
            slots.tidy(*slot);
        }
    }

    /// See [`Coherence::end_use`]. Says whether somebody may have waited for it.
    fn end_use(&mut self, usage: &Usage) -> bool {
        let slots = self.of(usage.device);
        let mut is_idle = false;
        for (slot, is_written) in &usage.used {
            if let Some(mapped) = slots.get(*slot) {
                mapped.users -= 1;
                is_idle |= mapped.users == 0;
                if *is_written {
                    mapped.newest = Newest::Device;
                }
            }
            slots.tidy(*slot);
        }
        is_idle
    }
}

#[cfg(test)]
#[path = "coherence_tests.rs"]
mod tests;
