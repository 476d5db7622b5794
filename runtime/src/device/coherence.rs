//! Knows which copy of mapped memory is the newest, for all devices of a program; no other module does.
//!
//! The guest says which ranges of its memory are mapped on which device (OpenMP's reference counts and map types are its business). For
//! each of them this module knows whether the host or the device has the newest contents, and how many launches use the range now. From
//! that follows what is copied when: before a launch, before a region on the host, and at an update.
//!
//! Host and devices use the same addresses, and a range may be mapped on several devices. So what comes to the host from one device takes
//! the place of what the host has for the others: those get theirs first ([`Ranges::flush_others`]).
//!
//! Invariant: a range's contents are newest where the record says, as soon as everything has been done that its device's mirror has
//! enqueued. The lock is held while records change and copies are enqueued, and while long copies to a device, and those to the host for
//! a region there, are waited for. It is not held while a launch waits for its own kernel, or an update for copies to the host.

use self::lending::Lending;
use super::kernels::{Access, MemoryObject};
use super::offload::Failure;
use crate::limits::Share;
use omp2wasi_abi::imports::{Errno, range};
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

mod lending;

bitflags::bitflags! {
    /// The flags of a memory range: see [`omp2wasi_abi::imports::range`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct RangeFlags: u32 {
        /// Static data.
        const STATIC = range::STATIC;
        /// A declare target variable.
        const VARIABLE = range::VARIABLE;
        /// The host's copy is the newest.
        const FROM_HOST = range::FROM_HOST;
        /// No pointer to the range is in memory.
        const PRIVATE = range::PRIVATE;
        /// Not memory, but another address of mapped memory.
        const ALIAS = range::ALIAS;
        /// Not a range, but all memory, which is shared instead of mapped.
        const SHARED = range::SHARED;
    }
}

/// A range of guest memory, as the guest describes it: see [`omp2wasi_abi::layout::range`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryRange {
    /// Address of the first byte.
    pub begin: u32,
    /// Bytes.
    pub size: u32,
    /// Another address by which the program may mean the memory, such as the start of the array that it is a part of; else `begin`.
    pub base: u32,
    /// What it is.
    pub flags: RangeFlags,
}

impl MemoryRange {
    /// The range as offsets, which are the same in memory and mirror.
    fn offsets(&self) -> Range<usize> {
        self.begin as usize..self.begin as usize + self.size as usize
    }
}

/// Bytes of the memory: the address of the first one, and how many.
pub(crate) type Bytes = (u32, u32);

/// How many ranges a program may map on a device.
const MAX_MAPPED: usize = 1 << 16;

/// How long [`Coherence::host_use`] waits for launches before it looks again whether the program is ending.
const LOOK: Duration = Duration::from_millis(20);

/// Copies bytes between the host's memory and the devices' mirrors of it ([`super::offload`] does; tests note what would be copied).
/// Copies of a device take effect in the order of the calls; those to the host are complete when they return.
pub(crate) trait Transfers {
    /// Copies bytes from the host's memory to the same addresses of a device.
    ///
    /// # Errors
    /// An errno: no such device, bytes outside of the memory, or the driver refuses.
    fn to_device(&self, device: u32, bytes: &[Bytes]) -> Result<(), Failure>;
    /// Copies bytes from a device to the same addresses of the host's memory.
    ///
    /// # Errors
    /// As for `to_device`.
    fn to_host(&self, device: u32, bytes: &[Bytes]) -> Result<(), Failure>;
    /// What a device has at an address, so many bytes.
    ///
    /// # Errors
    /// As for `to_device`.
    fn read(&self, device: u32, begin: u32, size: u32) -> Result<Vec<u8>, Failure>;
    /// Puts bytes to an address of a device.
    ///
    /// # Errors
    /// As for `to_device`.
    fn write(&self, device: u32, begin: u32, bytes: &[u8]) -> Result<(), Failure>;
    /// What the host's memory has at an address, so many bytes.
    ///
    /// # Errors
    /// An errno: they are outside of the memory, or there is no room for a copy.
    fn host(&self, begin: u32, size: u32) -> Result<Vec<u8>, Failure>;
    /// Puts bytes to an address of the host's memory.
    ///
    /// # Errors
    /// An errno: they are outside of the memory.
    fn set_host(&self, begin: u32, bytes: &[u8]) -> Result<(), Failure>;
    /// Takes so many bytes from the memory budget.
    ///
    /// # Errors
    /// An errno, if there are not so many.
    fn keep(&self, bytes: u64) -> Result<Share, Failure>;
}

/// Where the newest contents of a range are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newest {
    /// In both copies: they count as equally new, because no launch has written the device's since it was mapped, updated, or given the
    /// host's contents. The program may have changed the host's copy meanwhile; in OpenMP the device sees that after an update only.
    Both,
    /// In the host's memory: the device gets them with the next launch that uses the range.
    Host,
    /// On the device: the host gets them at an update, or before a region that runs on the host.
    Device,
}

/// A range that is mapped on a device, or whose mapping has ended while launches still use it.
#[derive(Clone, Debug)]
struct Mapped {
    range: MemoryRange,
    newest: Newest,
    /// Number of launches that use it now: regions on the host wait for them.
    users: u32,
    /// Grows from one mapping to the next: where ranges overlap, the one mapped last is meant.
    serial: u64,
    /// How many launches have ended that may have written it.
    written: u64,
    /// To how many regions on the host it is lent.
    lent: u32,
    /// How many teams regions access it by their own code on the host now: it is not lent then.
    held: u32,
    /// False once the mapping has ended.
    is_mapped: bool,
}

impl Mapped {
    /// Whether these bytes, one at least, are all in the range.
    fn contains(&self, begin: u32, size: u32) -> bool {
        let MemoryRange { begin: first, size: bytes, .. } = self.range;
        let offset = begin.wrapping_sub(first);
        self.is_mapped && offset < bytes && size <= bytes - offset
    }

    /// Whether some of these bytes are in the range.
    fn overlaps(&self, begin: u32, size: u32) -> bool {
        let MemoryRange { begin: first, size: bytes, .. } = self.range;
        self.is_mapped && (begin.wrapping_sub(first) < bytes || first.wrapping_sub(begin) < size)
    }

    /// What is left of a launch's own range that is only guessed to be so long: all before this mapping.
    fn cut(&self, range: &mut MemoryRange) {
        if self.overlaps(range.begin, range.size) {
            range.size = self.range.begin.saturating_sub(range.begin);
        }
    }

    /// Whether this is the mapping of just that range.
    fn is(&self, range: &MemoryRange) -> bool {
        self.is_mapped && (self.range.begin, self.range.size) == (range.begin, range.size)
    }
}

/// The ranges of one device. An entry keeps its number while launches use its range.
#[derive(Default)]
struct MappedRanges {
    entries: Vec<Option<Mapped>>,
    free: Vec<usize>,
    /// How often the device's memory has been changed, as far as regions on the host have to know: by launches, updates and copies.
    changes: u64,
}

impl MappedRanges {
    fn iter(&self) -> impl Iterator<Item = (usize, &Mapped)> {
        self.entries.iter().enumerate().filter_map(|(entry, mapped)| Some((entry, mapped.as_ref()?)))
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Mapped> {
        self.entries.iter_mut().flatten()
    }

    /// The number of the entry of the range that was mapped last, of those for which `is_it` holds.
    fn last(&self, is_it: impl Fn(&Mapped) -> bool) -> Option<usize> {
        let found = self.iter().filter(|(_, mapped)| is_it(mapped));
        found.max_by_key(|(_, mapped)| mapped.serial).map(|(entry, _)| entry)
    }

    fn get(&mut self, entry: usize) -> Option<&mut Mapped> {
        self.entries.get_mut(entry)?.as_mut()
    }

    fn add(&mut self, mapped: Mapped) {
        match self.free.pop() {
            Some(entry) => self.entries[entry] = Some(mapped),
            None => self.entries.push(Some(mapped)),
        }
    }

    /// Frees an entry, unless its range is mapped or in use.
    fn tidy(&mut self, entry: usize) {
        if self.get(entry).is_some_and(|mapped| !mapped.is_mapped && mapped.users == 0 && mapped.held == 0) {
            self.entries[entry] = None;
            self.free.push(entry);
        }
    }
}

/// The mapped memory of all devices of a program.
pub(crate) struct Coherence {
    ranges: Mutex<Ranges>,
    /// Signalled when no launch uses a range any more, and when a region on the host has ended.
    idle: Condvar,
}

impl Coherence {
    /// Without any mapped memory.
    pub(crate) fn new() -> Self {
        Self {
            ranges: Mutex::new(Ranges { devices: Vec::new(), serial: 0, lending: Lending::default() }),
            idle: Condvar::new(),
        }
    }

    /// The ranges, which no other thread uses as long as they are held. Not to be held while a launch waits for its kernel.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Ranges> {
        super::lock_briefly(&self.ranges)
    }

    /// Copies bytes as an update does: see [`omp2wasi_abi::imports::DEVICE_SYNC`]. Others may use the ranges while copies to the host are
    /// waited for.
    ///
    /// # Errors
    /// Those of [`Transfers`].
    pub(crate) fn sync(
        &self,
        transfers: &dyn Transfers,
        device: u32,
        wanted: &[MemoryRange],
        to_device: bool,
    ) -> Result<(), Failure> {
        let mut ranges = self.lock();
        let mut sync = ranges.begin_sync(device, wanted);
        ranges.sync_lent(transfers, device, &mut sync.bytes, to_device)?;
        if to_device {
            ranges.of(device).changes += 1;
            transfers.to_device(device, &sync.bytes)?;
            ranges.end_sync(device, &sync);
            return Ok(());
        }
        for (begin, size) in &sync.bytes {
            ranges.flush_others(transfers, device, *begin, *size)?;
        }
        let usage =
            Usage { device, used: sync.entries.iter().map(|entry| (*entry, false)).collect(), ..Usage::default() };
        ranges.use_again(&usage);
        drop(ranges);
        let copied = transfers.to_host(device, &sync.bytes);
        ranges = self.lock();
        if copied.is_ok() {
            ranges.end_sync(device, &sync);
        }
        self.end_use(&mut ranges, &usage);
        copied
    }

    /// Notes that a launch has ended: what it may have written is the newest on the device. Wakes regions that wait for that.
    pub(crate) fn end_use(&self, ranges: &mut Ranges, usage: &Usage) {
        if ranges.end_use(usage) {
            self.idle.notify_all();
        }
    }

    /// Notes that a launch has ended whose kernel has done nothing. Wakes regions that wait for launches.
    pub(crate) fn take_back(&self, ranges: &mut Ranges, usage: &Usage) {
        // What was given to the device is there.
        let users = usage.used.iter().map(|(entry, _)| (*entry, false)).collect();
        self.end_use(ranges, &Usage { device: usage.device, used: users, ..Usage::default() });
    }

    /// Readies ranges for a region that runs on the host: see [`omp2wasi_abi::imports::DEVICE_HOST_USE`].
    ///
    /// # Errors
    /// [`Failure::Ending`] if `is_ending` says so while launches are waited for; an errno if the driver refuses to copy.
    pub(crate) fn host_use(
        &self,
        transfers: &dyn Transfers,
        device: u32,
        wanted: &[MemoryRange],
        is_ending: impl Fn() -> bool,
    ) -> Result<(), Failure> {
        let mut ranges = self.lock();
        while ranges.is_busy(wanted) || wanted.iter().any(|range| ranges.lending.has((range.begin, range.size))) {
            if is_ending() {
                return Err(Failure::Ending);
            }
            ranges = self.wait(ranges);
        }
        ranges.give_to_host(transfers, device, wanted)
    }

    /// Keeps memory that a teams region accesses by its own code from being lent, until [`Self::release`] is given what is returned; waits as
    /// long as it is lent.
    ///
    /// # Errors
    /// [`Failure::Ending`] if `is_ending` says so meanwhile.
    pub(crate) fn hold(
        &self,
        device: u32,
        bytes: &[Bytes],
        is_ending: impl Fn() -> bool,
    ) -> Result<(MutexGuard<'_, Ranges>, Held), Failure> {
        let mut ranges = self.lock();
        while bytes.iter().any(|bytes| ranges.lending.has(*bytes)) {
            if is_ending() {
                return Err(Failure::Ending);
            }
            ranges = self.wait(ranges);
        }
        let entries: Vec<usize> = bytes.iter().filter_map(|(begin, size)| ranges.find(device, *begin, *size)).collect();
        for entry in &entries {
            ranges.of(device).get(*entry).into_iter().for_each(|mapped| mapped.held += 1);
        }
        Ok((ranges, Held(entries)))
    }

    /// Ends what [`Self::hold`] has begun.
    pub(crate) fn release(&self, ranges: &mut Ranges, device: u32, held: Held) {
        for entry in held.0 {
            ranges.of(device).get(entry).into_iter().for_each(|mapped| mapped.held -= 1);
            ranges.of(device).tidy(entry);
        }
        self.idle.notify_all();
    }

    /// Waits until a range may have become free, but not for long.
    fn wait<'c>(&'c self, ranges: MutexGuard<'c, Ranges>) -> MutexGuard<'c, Ranges> {
        self.idle.wait_timeout(ranges, LOOK).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The entries of mapped ranges that a teams region holds.
#[derive(Default)]
pub(crate) struct Held(Vec<usize>);

/// What a launch uses of the memory: from [`Ranges::begin_use`] until [`Coherence::end_use`] or [`Ranges::abandon`].
#[derive(Default)]
pub(crate) struct Usage {
    device: u32,
    /// Entries of the mapped ranges that the kernel may access, each with whether it may write it.
    used: Vec<(usize, bool)>,
    /// Those among them whose contents go to the device with this launch.
    given: Vec<usize>,
    /// Offsets of the mapped ranges that the kernel may access, but those that it hardly means: so much is a copy beside the launch to keep
    /// off. (Copies that are to come after the launch are made when it has ended.)
    pub uses: Vec<Range<usize>>,
    /// Offsets of the ranges that go to the device before the kernel runs: the launch's own, and mapped ones that the host has newer.
    pub before: Vec<Range<usize>>,
    /// Offsets of the ranges that come back after the kernel has run: of the launch's own, those that it may write. Mapped ranges do not:
    /// their newest contents stay on the device until the host needs them.
    pub after: Vec<Range<usize>>,
}

impl Usage {
    /// Whether the launch uses no mapped memory.
    pub(crate) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }
}

/// The copies of an update.
#[derive(Default)]
struct Sync {
    bytes: Vec<Bytes>,
    /// The entries of mapped ranges that have some of them.
    entries: Vec<usize>,
    /// The entries of mapped ranges all of which is copied, with their serial numbers and how often launches had written them.
    whole: Vec<(usize, u64, u64)>,
}

/// The mapped ranges of all devices, while they are locked.
pub(crate) struct Ranges {
    /// By the number of the device.
    devices: Vec<MappedRanges>,
    /// The serial number of the next mapping.
    serial: u64,
    lending: Lending,
}

impl Ranges {
    /// The ranges of a device.
    fn of(&mut self, device: u32) -> &mut MappedRanges {
        let device = device as usize;
        if self.devices.len() <= device {
            self.devices.resize_with(device + 1, MappedRanges::default);
        }
        &mut self.devices[device]
    }

    /// Whether anything is mapped on any device, or in use there.
    pub(crate) fn has_any(&self) -> bool {
        self.devices.iter().any(|entries| entries.iter().next().is_some())
    }

    /// The number of the entry of the mapped range that has all of these bytes.
    fn find(&mut self, device: u32, begin: u32, size: u32) -> Option<usize> {
        self.of(device).last(|mapped| mapped.contains(begin, size))
    }

    /// The mapped range that has all of these bytes.
    fn mapped(&mut self, device: u32, begin: u32, size: u32) -> Option<&mut Mapped> {
        let entry = self.find(device, begin, size)?;
        self.of(device).get(entry)
    }

    /// Makes ranges mapped memory: see [`omp2wasi_abi::imports::DEVICE_MAP`].
    ///
    /// # Errors
    /// An errno, if there are too many.
    pub(crate) fn map(&mut self, device: u32, ranges: &[MemoryRange]) -> Result<(), Failure> {
        for range in ranges {
            let serial = self.serial;
            let entries = self.of(device);
            if let Some(known) = entries.last(|mapped| mapped.is(range)).and_then(|entry| entries.get(entry)) {
                known.range.base = range.base;
                continue;
            }
            if entries.entries.len() - entries.free.len() >= MAX_MAPPED {
                return Err(Failure::Errno(Errno::NoResources, "too many mapped ranges".to_owned()));
            }
            let newest = if range.flags.contains(RangeFlags::FROM_HOST) { Newest::Host } else { Newest::Both };
            entries.add(Mapped {
                range: *range,
                newest,
                users: 0,
                serial,
                written: 0,
                lent: 0,
                held: 0,
                is_mapped: true,
            });
            self.serial += 1;
        }
        Ok(())
    }

    /// Ends the mapping of ranges: see [`omp2wasi_abi::imports::DEVICE_UNMAP`].
    ///
    /// # Errors
    /// Those of [`Transfers`], where a region on the host still has one.
    pub(crate) fn unmap(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        ranges: &[MemoryRange],
    ) -> Result<(), Failure> {
        for range in ranges {
            if let Some(entry) = self.of(device).last(|mapped| mapped.is(range)) {
                self.end_lending(transfers, device, entry)?;
                let entries = self.of(device);
                entries.get(entry).into_iter().for_each(|mapped| mapped.is_mapped = false);
                entries.tidy(entry);
            }
        }
        Ok(())
    }

    /// What an update of these ranges copies: not what the host has newer, as a region of another thread may be changing it there.
    fn begin_sync(&mut self, device: u32, ranges: &[MemoryRange]) -> Sync {
        let mut sync = Sync::default();
        for MemoryRange { begin, size, .. } in ranges {
            if let Some(entry) = self.find(device, *begin, *size)
                && let Some(mapped) = self.of(device).get(entry)
            {
                if mapped.newest == Newest::Host {
                    continue;
                }
                sync.entries.push(entry);
                if (mapped.range.begin, mapped.range.size) == (*begin, *size) {
                    sync.whole.push((entry, mapped.serial, mapped.written));
                }
            }
            sync.bytes.push((*begin, *size));
        }
        sync
    }

    /// Counts one user more of ranges that are in use or mapped.
    fn use_again(&mut self, usage: &Usage) {
        let entries = self.of(usage.device);
        for (entry, _) in &usage.used {
            entries.get(*entry).into_iter().for_each(|mapped| mapped.users += 1);
        }
    }

    /// Notes that an update's copies have been made. What a launch has written meanwhile is newer on the device still.
    fn end_sync(&mut self, device: u32, sync: &Sync) {
        for (entry, serial, written) in &sync.whole {
            let mapped = self.of(device).get(*entry);
            if let Some(mapped) = mapped.filter(|mapped| (mapped.serial, mapped.written) == (*serial, *written)) {
                mapped.newest = Newest::Both;
            }
        }
    }

    /// Notes where a range's newest contents are.
    fn set(&mut self, device: u32, entry: usize, newest: Newest) {
        if let Some(mapped) = self.of(device).get(entry) {
            mapped.newest = newest;
        }
    }

    /// Whether the bytes of a device are those of the host's memory now: they are mapped, and newest there.
    pub(crate) fn is_on_host(&mut self, device: u32, begin: u32, size: u32) -> bool {
        self.mapped(device, begin, size).is_some_and(|mapped| mapped.newest == Newest::Host)
    }

    /// Notes that bytes have been written on a device, by a copy of the program's.
    pub(crate) fn written_on_device(&mut self, device: u32, begin: u32, size: u32) {
        self.of(device).changes += 1;
        if let Some(mapped) = self.mapped(device, begin, size)
            && mapped.newest == Newest::Both
        {
            mapped.newest = Newest::Device;
        }
    }

    /// Saves what a copy from `device` to the host is about to overwrite: where the host has newer contents for other devices, they go to
    /// those, and are the newest there.
    fn flush_others(&mut self, transfers: &dyn Transfers, device: u32, begin: u32, size: u32) -> Result<(), Failure> {
        for (other, entries) in (0..).zip(&mut self.devices).filter(|(other, _)| *other != device) {
            for mapped in entries.iter_mut().filter(|mapped| mapped.overlaps(begin, size)) {
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

    /// Whether launches or teams regions use some of the wanted ranges now, on any device.
    fn is_busy(&self, wanted: &[MemoryRange]) -> bool {
        let is_used = |mapped: &Mapped| mapped.users != 0 || mapped.held != 0;
        let mut used = self.devices.iter().flat_map(|entries| entries.iter()).filter(|(_, mapped)| is_used(mapped));
        used.any(|(_, mapped)| wanted.iter().any(|range| mapped.overlaps(range.begin, range.size)))
    }

    /// Copies the newest contents of ranges to the host, whose copy counts as the newest from then on.
    fn give_to_host(&mut self, transfers: &dyn Transfers, device: u32, wanted: &[MemoryRange]) -> Result<(), Failure> {
        let (mut newer, mut given) = (Vec::new(), Vec::new());
        for range in wanted {
            let Some(entry) = self.of(device).last(|mapped| mapped.is(range)) else { continue };
            self.flush_others(transfers, device, range.begin, range.size)?;
            if self.of(device).get(entry).is_some_and(|mapped| mapped.newest == Newest::Device) {
                newer.push((range.begin, range.size));
            }
            given.push(entry);
        }
        transfers.to_host(device, &newer)?;
        given.into_iter().for_each(|entry| self.set(device, entry, Newest::Host));
        Ok(())
    }

    /// Copies mapped bytes to the host if the device may have newer ones. Says whether it did.
    ///
    /// # Errors
    /// Those of [`Transfers`].
    pub(crate) fn fetch_newer(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        begin: u32,
        size: u32,
    ) -> Result<bool, Failure> {
        let is_newer = self.mapped(device, begin, size).is_some_and(|mapped| match mapped.newest {
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
    ///
    /// # Errors
    /// Those of [`Transfers`].
    pub(crate) fn give_newer(
        &mut self,
        transfers: &dyn Transfers,
        device: u32,
        begin: u32,
        size: u32,
    ) -> Result<bool, Failure> {
        let is_wanted = self.mapped(device, begin, size).is_some_and(|mapped| mapped.newest != Newest::Host);
        if is_wanted {
            self.of(device).changes += 1;
            transfers.to_device(device, &[(begin, size)])?;
        }
        Ok(is_wanted)
    }

    /// Begins a launch: finds out what it uses of the device's mapped memory and of the ranges that are its own, and counts it as a user
    /// of those that are mapped. `accesses` says, for pieces of memory, whether the kernel may read and write each.
    ///
    /// Mapped ranges that the host has newer are in [`Usage::before`] and count as being on the device from now on, although nothing has
    /// been copied. So the caller, before it gives up the lock, enqueues those copies with the launch, or calls [`Self::abandon`].
    pub(crate) fn begin_use(
        &mut self,
        device: u32,
        own: &[MemoryRange],
        accesses: impl FnOnce(&[MemoryObject]) -> Vec<Access>,
    ) -> Usage {
        let entries = self.of(device);
        let span = |range: &MemoryRange, base| MemoryObject {
            begin: range.begin,
            size: range.size,
            base,
            is_static: range.flags.contains(RangeFlags::STATIC),
            is_private: range.flags.contains(RangeFlags::PRIVATE),
        };
        let (aliases, mut own): (Vec<MemoryRange>, Vec<_>) =
            own.iter().partition(|range| range.flags.contains(RangeFlags::ALIAS));
        // Another thread may have mapped memory since the guest described the ranges.
        for range in own.iter_mut().filter(|range| range.flags.contains(RangeFlags::PRIVATE)) {
            entries.iter().for_each(|(_, mapped)| mapped.cut(range));
        }
        let mut meant: Vec<usize> = Vec::new();
        let mut spans: Vec<MemoryObject> = own.iter().map(|range| span(range, range.base)).collect();
        for (entry, mapped) in entries.iter().filter(|(_, mapped)| mapped.is_mapped) {
            meant.push(entry);
            spans.push(span(&mapped.range, mapped.range.base));
        }
        for alias in aliases {
            if let Some(entry) = entries.last(|mapped| mapped.contains(alias.begin, 1))
                && let Some(mapped) = entries.get(entry)
            {
                meant.push(entry);
                spans.push(span(&mapped.range, alias.base));
            }
        }
        let mut usage = Usage { device, ..Usage::default() };
        if spans.is_empty() {
            return usage;
        }
        entries.changes += 1;
        let accesses = accesses(&spans);
        let (of_own, of_mapped) = accesses.split_at(own.len().min(accesses.len()));
        for (range, access) in own.iter().zip(of_own) {
            usage.before.push(range.offsets());
            if access.writes && !range.flags.contains(RangeFlags::PRIVATE) {
                usage.after.push(range.offsets());
            }
        }
        for (entry, access) in meant.into_iter().zip(of_mapped) {
            if let Some(mapped) = entries.get(entry).filter(|_| !access.is_none()) {
                mapped.users += 1;
                usage.used.push((entry, access.writes));
                if !access.by_end {
                    usage.uses.push(mapped.range.offsets());
                }
                if mapped.newest == Newest::Host {
                    mapped.newest = Newest::Both;
                    usage.before.push(mapped.range.offsets());
                    usage.given.push(entry);
                }
            }
        }
        usage
    }

    /// Whether a launch will find at an address what the host's memory has there, so many bytes: in a range of its own, or one that the
    /// device has no newer contents of.
    pub(crate) fn is_given_by_host(&mut self, device: u32, own: &[MemoryRange], (begin, size): (u32, u32)) -> bool {
        let contains = |range: &&MemoryRange| {
            !range.flags.contains(RangeFlags::ALIAS) && begin.wrapping_sub(range.begin) <= range.size.wrapping_sub(size)
        };
        let own = own.iter().filter(|range| range.size >= size).find(contains);
        own.is_some() || self.mapped(device, begin, size).is_some_and(|mapped| mapped.newest != Newest::Device)
    }

    /// Whether a launch may write at an address.
    pub(crate) fn may_be_written(&mut self, usage: &Usage, address: u32) -> bool {
        let entries = self.of(usage.device);
        let mut written = usage.used.iter().filter(|(_, is_written)| *is_written);
        written.any(|(entry, _)| entries.get(*entry).is_some_and(|mapped| mapped.overlaps(address, 4)))
            || usage.after.iter().any(|range| range.start < address as usize + 4 && (address as usize) < range.end)
    }

    /// Takes back what `begin_use` has noted, for a launch that could not be enqueued: the lock has been held since then.
    pub(crate) fn abandon(&mut self, usage: &Usage) {
        let entries = self.of(usage.device);
        for entry in &usage.given {
            entries.get(*entry).into_iter().for_each(|mapped| mapped.newest = Newest::Host);
        }
        for (entry, _) in &usage.used {
            entries.get(*entry).into_iter().for_each(|mapped| mapped.users -= 1);
            entries.tidy(*entry);
        }
    }

    /// See [`Coherence::end_use`]. Says whether a range has no users any more, for which a region on the host may be waiting.
    fn end_use(&mut self, usage: &Usage) -> bool {
        let entries = self.of(usage.device);
        let mut is_idle = false;
        for (entry, is_written) in &usage.used {
            if let Some(mapped) = entries.get(*entry) {
                mapped.users -= 1;
                is_idle |= mapped.users == 0;
                if *is_written {
                    mapped.written += 1;
                    mapped.newest = Newest::Device;
                }
            }
            entries.tidy(*entry);
        }
        is_idle
    }
}

#[cfg(test)]
#[path = "coherence_tests.rs"]
mod tests;
