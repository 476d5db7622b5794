//! The devices of a running program, and what it asks of them: the typed side of the device functions (`imports/devices.rs`) and of
//! hand-written kernels.
//!
//! A device is opened when the program first asks how many there are. Its mirror of the linear memory is made when it is first used, and
//! has the static data from then on; everything else goes there as [`super::coherence`] says.
//!
//! Invariant: locks are taken in this order: teams region, mapped ranges, shared pages, mirror, whatever the back end has. Where memory is
//! shared, nobody who holds a mirror's lock accesses it: that may need the pager, which takes both of the latter. A launch that waits
//! for its kernel holds none of them but a teams region's own. Copies that a region on the host waits for hold the mapped ranges.

mod launches;

use super::account::{Account, OffloadReport, Way};
use super::coherence::{Bytes, Coherence, MemoryRange, RangeFlags, Ranges, Transfers};
use super::foresight::Foresight;
use super::kernels::{Kernels, Target, TeamsForm};
use super::mirrored::{Mirrored, outside};
use super::pages::{Fail, Pages};
use super::plan::{Distribution, Key, Plan};
use super::printed::Printouts;
use super::teams::{TeamsRegion, TeamsRegions};
use super::{Device, DeviceError, DeviceId, Kind, OpenOptions, candidates, open};
use crate::config::{Accelerator, Config};
use crate::limits::{Budget, Share};
use crate::memory::GuestMemory;
use crate::report::{Notice, Reporter};
use lru::LruCache;
use omp2wasi_abi::imports::Errno;
use omp2wasi_abi::imports::device::{HOST, REGION_REFUSED, TEAMS_LEAGUE, TEAMS_PLAIN, TEAMS_WHOLE};
use omp2wasi_abi::manifest::Manifest;
use rustc_hash::FxBuildHasher;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// How many plans of launches are kept for each device.
const MAX_PLANS: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Bytes of the piece of the host's memory through which copies from device to device go.
const AT_ONCE: u32 = 1 << 20;

/// How a launch has ended, as [`Event::wait`] says it.
type Ended = Result<super::Ended, DeviceError>;

/// Why a request failed. The import function that made the request carries it out.
pub(crate) enum Failure {
    /// The guest gets this errno; the text, for people, says what was wrong with the call.
    Errno(Errno, String),
    /// A kernel trapped: the program ends with this error.
    Trap(wasmtime::Error),
    /// The program is ending already, so launches of its other threads are waited for no longer. The calling thread leaves.
    Ending,
}

impl Failure {
    /// The errno for a wrong argument.
    pub(crate) fn inval(what: &str) -> Self {
        Self::Errno(Errno::Inval, what.to_owned())
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        let errno = match error {
            DeviceError::Range { .. } | DeviceError::Arguments => Errno::Inval,
            _ => Errno::NoResources,
        };
        Self::Errno(errno, error.to_string())
    }
}

/// A parallel region to launch: see [`omp2wasi_abi::imports::DEVICE_LAUNCH`].
pub(crate) struct RegionLaunch {
    /// Number of the device.
    pub device: u32,
    /// Number of the teams region, as [`Offload::begin_teams`] gave it; 1 (`TEAMS_PLAIN`) if there is none that has to be tracked;
    /// `TEAMS_LEAGUE` for a league.
    pub teams: u32,
    /// Table index of the microtask, or of the league's function.
    pub microtask: u32,
    /// The words that the microtask is given after its thread numbers.
    pub arguments: Vec<u32>,
    /// About how many iterations its loop has, or 0 if that is not known.
    pub iterations: u32,
    /// How many teams a league is to have, or 0 if the program does not say.
    pub num_teams: u32,
    /// How many threads each of its teams may have at most, or 0 if the program does not say.
    pub thread_limit: u32,
    /// Memory that belongs to this launch, and other addresses of what is mapped.
    pub ranges: Vec<MemoryRange>,
}

/// Bytes to copy between the memories of devices: see [`omp2wasi_abi::imports::DEVICE_COPY`].
#[derive(Clone, Copy)]
pub(crate) struct Copy {
    /// Number of the device that gets the bytes, or [`HOST`].
    pub to_device: u32,
    /// Address there.
    pub to: u32,
    /// Number of the device that has the bytes, or [`HOST`].
    pub from_device: u32,
    /// Address there.
    pub from: u32,
    /// Bytes.
    pub size: u32,
}

/// A device that the program can use.
struct Opened {
    device: Box<dyn Device>,
    /// How the iterations of regions are distributed on it.
    distribution: Distribution,
    /// Whether it shares all memory with the host. Relaxed: plans are made for one or the other ([`Key::shares`]), so a launch that comes while
    /// the guest says so is one or the other as a whole.
    shares: AtomicBool,
    /// Its mirror, once it has been used.
    mirrored: Mutex<Option<Arc<Mirrored>>>,
    /// Plans of launches, the latest ones.
    plans: Mutex<LruCache<Key, Arc<Plan>, FxBuildHasher>>,
}

/// Serves what one run of a program asks of devices. It has the devices that the program can use, with their mirrors and plans of
/// launches; the translated kernels; the account of which copy of mapped memory is the newest; and the teams regions under way.
///
/// Devices are numbered from 0, in the order of the configuration. Any thread may call. When a function returns, the launch that it made
/// has ended, and what it copied to the host is there.
pub(crate) struct Offload {
    reporter: Reporter,
    /// Which devices the configuration asks for.
    accelerator: Accelerator,
    /// How they are opened.
    options: OpenOptions,
    /// Bytes at the bottom of memory that are there from the start: stack and static data.
    static_size: usize,
    /// How long a kernel may run: for [`Process::watched`](crate::process::Process::watched).
    pub(crate) timeout: Option<std::time::Duration>,
    /// The devices, opened when they are first asked for.
    devices: OnceLock<Vec<Opened>>,
    /// The piece of memory through which copies from device to device go. It stands after the devices, so that it is dropped after them:
    /// their drivers may keep its address as long as there are mirrors.
    between: Mutex<Vec<u8>>,
    kernels: Kernels,
    account: Arc<Account>,
    coherence: Coherence,
    /// The memory that devices share with the host, if the program asks for that. It stands after the devices, as `between`.
    pages: OnceLock<Pages>,
    budget: Arc<Budget>,
    teams: TeamsRegions,
    foresight: Foresight,
    printouts: Printouts,
}

/// Copies between a program's memory and its devices' mirrors.
struct Copies<'o> {
    offload: &'o Offload,
    memory: &'o GuestMemory,
}

/// How many bytes there are.
fn all(bytes: &[Bytes]) -> u64 {
    bytes.iter().map(|(_, size)| u64::from(*size)).sum()
}

impl Transfers for Copies<'_> {
    fn to_device(&self, device: u32, bytes: &[Bytes]) -> Result<(), Failure> {
        let began = Instant::now();
        let same = bytes.iter().map(|(begin, size)| (*begin, *begin, *size));
        self.offload.mirrored(device, self.memory)?.write(same)?;
        self.offload.account.copied_beside(Way::ToDevice, all(bytes), began);
        Ok(())
    }

    fn to_host(&self, device: u32, bytes: &[Bytes]) -> Result<(), Failure> {
        let began = Instant::now();
        let same = bytes.iter().map(|(begin, size)| (*begin, *begin, *size));
        self.offload.mirrored(device, self.memory)?.read(same)?;
        self.offload.account.copied_beside(Way::FromDevice, all(bytes), began);
        Ok(())
    }

    fn read(&self, device: u32, begin: u32, size: u32) -> Result<Vec<u8>, Failure> {
        let began = Instant::now();
        let mirrored = self.offload.mirrored(device, self.memory)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size as usize).map_err(|_| no_room(size.into()))?;
        self.offload.through(size, |done, between| {
            mirrored.read_to(begin + done, between)?;
            bytes.extend_from_slice(between);
            Ok(())
        })?;
        self.offload.account.copied_beside(Way::FromDevice, size.into(), began);
        Ok(bytes)
    }

    fn write(&self, device: u32, begin: u32, bytes: &[u8]) -> Result<(), Failure> {
        let began = Instant::now();
        let mirrored = self.offload.mirrored(device, self.memory)?;
        self.offload.through(bytes.len() as u32, |done, between| {
            between.copy_from_slice(&bytes[done as usize..done as usize + between.len()]);
            mirrored.write_from(begin + done, between)
        })?;
        self.offload.account.copied_beside(Way::ToDevice, bytes.len() as u64, began);
        Ok(())
    }

    fn host(&self, begin: u32, size: u32) -> Result<Vec<u8>, Failure> {
        self.memory.bytes(begin, size).ok_or_else(outside)?;
        self.memory.read(begin, size).ok_or_else(|| no_room(size.into()))
    }

    fn set_host(&self, begin: u32, bytes: &[u8]) -> Result<(), Failure> {
        self.memory.write(begin, bytes).ok_or_else(outside)
    }

    fn keep(&self, bytes: u64) -> Result<Share, Failure> {
        self.offload.budget.take(bytes).ok_or_else(|| no_room(bytes))
    }
}

/// The host has no memory for so many bytes.
fn no_room(bytes: u64) -> Failure {
    let why = format!("no memory for {bytes} bytes of what a region on the host borrows from the device");
    Failure::Errno(Errno::NoResources, why)
}

impl Offload {
    /// Opens nothing yet. `wasm` is the program's module with its manifest, `static_size` the number of bytes at the bottom of its memory that are stack and
    /// static data. What is kept takes its share of `budget`; mirrors do not, which are the devices' memory.
    pub(crate) fn new(
        wasm: Arc<[u8]>,
        manifest: &Manifest,
        static_size: usize,
        budget: &Arc<Budget>,
        config: &Config,
    ) -> Self {
        Self {
            accelerator: config.accelerator.clone(),
            reporter: config.reporter.clone(),
            options: OpenOptions {
                cache: config.device_cache.clone(),
                without: config.without,
                like_gpu: config.interleaved,
            },
            static_size,
            timeout: config.device_timeout,
            devices: OnceLock::new(),
            between: Mutex::default(),
            kernels: Kernels::new(wasm, config.mathematics, budget, config.reporter.clone()),
            account: Arc::new(Account::new(config.offload_report, manifest)),
            coherence: Coherence::new(),
            pages: OnceLock::new(),
            budget: Arc::clone(budget),
            teams: TeamsRegions::new(budget),
            foresight: Foresight::new(),
            printouts: Printouts::new(budget),
        }
    }

    fn devices(&self) -> &[Opened] {
        self.devices.get_or_init(|| {
            // Before a driver's compiler installs its own.
            crate::engine::native::signals::install_once();
            let ids: Vec<DeviceId> = match &self.accelerator {
                Accelerator::None => Vec::new(),
                Accelerator::Gpus => {
                    let gpus = candidates().into_iter().filter(|candidate| candidate.kind == Kind::Gpu);
                    gpus.map(|candidate| candidate.id).collect()
                }
                Accelerator::Devices(ids) => ids.clone(),
            };
            ids.into_iter().filter_map(|id| self.open(id)).collect()
        })
    }

    /// A device that cannot be opened is reported, and not among the program's.
    fn open(&self, id: DeviceId) -> Option<Opened> {
        match open(id, &self.options) {
            Ok(device) => Some(Opened::new(device, self.options.like_gpu)),
            Err(error) => {
                let known = candidates().into_iter().find(|candidate| candidate.id == id);
                let device = known.map_or_else(String::new, |candidate| candidate.name);
                self.reporter.report(&Notice::DeviceUnusable { device, reason: error.to_string() });
                None
            }
        }
    }

    /// What became of the program's target regions, if the configuration asks for that.
    pub(crate) fn report(&self) -> Option<OffloadReport> {
        self.account.report()
    }

    /// How many devices the program can use.
    pub(crate) fn num_devices(&self) -> i32 {
        self.devices().len() as i32
    }

    /// A device by its number; `BadHandle` if there is none.
    fn opened(&self, number: u32) -> Result<&Opened, Failure> {
        let opened = self.devices().get(number as usize);
        opened.ok_or_else(|| Failure::Errno(Errno::BadHandle, format!("there is no device {number}")))
    }

    /// A device's mirror, as long as the memory is now.
    fn mirrored(&self, device: u32, memory: &GuestMemory) -> Result<Arc<Mirrored>, Failure> {
        self.opened(device)?.mirrored(memory, self.static_size)
    }

    /// A device by its number, to map memory there or to copy; an errno if there is none, or memory is shared with any: what another
    /// device has of it, the host cannot just access.
    fn mapping(&self, number: u32) -> Result<&Opened, Failure> {
        if self.pages.get().is_some() {
            return Err(Failure::inval("a mapping in a program that shares all memory with devices"));
        }
        self.opened(number)
    }

    /// Makes memory mapped on a device, or all of it shared: see [`omp2wasi_abi::imports::DEVICE_MAP`]. `fail` ends the program.
    ///
    /// # Errors
    /// An errno: no such device, or too many ranges; memory cannot be shared here.
    pub(crate) fn map(
        &self,
        memory: &GuestMemory,
        device: u32,
        ranges: &[MemoryRange],
        fail: impl FnOnce() -> Fail,
    ) -> Result<(), Failure> {
        if ranges.iter().any(|range| range.flags.contains(RangeFlags::SHARED)) {
            let opened = self.opened(device)?;
            Pages::check(device)?;
            let mapped = self.coherence.lock();
            if mapped.has_any() {
                return Err(Failure::inval("all memory is to be shared, and some is mapped"));
            }
            // What its compiler installs for signals is there before what resolves accesses.
            opened.device.wake_compiler();
            if self.pages.get().is_none() {
                // If another thread has been faster, this one's is dropped.
                _ = self.pages.set(Pages::new(memory, &self.account, fail())?);
            }
            opened.shares.store(true, Ordering::Relaxed);
            return Ok(());
        }
        self.mapping(device)?;
        self.coherence.lock().map(device, ranges)
    }

    /// Ends the mapping of memory on a device: see [`omp2wasi_abi::imports::DEVICE_UNMAP`].
    ///
    /// # Errors
    /// An errno: no such device.
    pub(crate) fn unmap(&self, memory: &GuestMemory, device: u32, ranges: &[MemoryRange]) -> Result<(), Failure> {
        self.mapping(device)?;
        self.coherence.lock().unmap(&Copies { offload: self, memory }, device, ranges)
    }

    /// Makes one copy of memory like the other, as an update does: see [`omp2wasi_abi::imports::DEVICE_SYNC`].
    ///
    /// # Errors
    /// An errno: no such device, a range outside of the memory, or the driver refuses.
    pub(crate) fn sync(
        &self,
        memory: &GuestMemory,
        device: u32,
        ranges: &[MemoryRange],
        to_device: bool,
    ) -> Result<(), Failure> {
        self.mapping(device)?;
        self.coherence.sync(&Copies { offload: self, memory }, device, ranges, to_device)
    }

    /// Copies bytes from one device's memory, or the host's, to another's: see [`omp2wasi_abi::imports::DEVICE_COPY`].
    ///
    /// # Errors
    /// An errno: no such device, a range outside of the memory, or the driver refuses.
    pub(crate) fn copy(&self, memory: &GuestMemory, copy: &Copy) -> Result<(), Failure> {
        let Copy { to_device, to, from_device, from, size } = *copy;
        for device in [to_device, from_device] {
            if device != HOST {
                self.mapping(device)?;
            }
        }
        let mut ranges = self.coherence.lock();
        let from_host = from_device == HOST || ranges.is_on_host(from_device, from, size);
        let to_host = to_device == HOST || ranges.is_on_host(to_device, to, size);
        let copies = Copies { offload: self, memory };
        let is_lent = |ranges: &mut Ranges, is_there: bool, at| is_there && ranges.is_lent((at, size));
        if is_lent(&mut ranges, from_host, from) || is_lent(&mut ranges, to_host, to) {
            let bytes = match from_host {
                true => ranges.own_bytes(&copies, (from, size))?,
                false => copies.read(from_device, from, size)?,
            };
            match to_host {
                true => ranges.set_own_bytes(&copies, to, &bytes)?,
                false => copies.write(to_device, to, &bytes)?,
            }
        } else {
            match (from_host, to_host) {
                (true, true) => memory.copy(from, to, size).ok_or_else(outside)?,
                (true, false) => self.mirrored(to_device, memory)?.write([(from, to, size)])?,
                (false, true) => self.mirrored(from_device, memory)?.read([(from, to, size)])?,
                (false, false) => {
                    let mirrors = (self.mirrored(from_device, memory)?, self.mirrored(to_device, memory)?);
                    self.copy_between(&mirrors.0, &mirrors.1, copy)?;
                }
            }
        }
        if to_device != HOST {
            ranges.written_on_device(to_device, to, size);
        }
        Ok(())
    }

    /// Copies bytes from one device's memory to another's, by way of the host's.
    fn copy_between(&self, from: &Mirrored, to: &Mirrored, copy: &Copy) -> Result<(), Failure> {
        self.through(copy.size, |done, between| {
            from.read_to(copy.from + done, between)?;
            to.write_from(copy.to + done, between)
        })
    }

    /// Moves so many bytes through memory that exists for longer than the mirrors, which is given with how many have been moved before.
    fn through(&self, size: u32, mut part: impl FnMut(u32, &mut [u8]) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut between = self.between.lock().unwrap_or_else(PoisonError::into_inner);
        // It never moves once it has so many.
        between.resize(AT_ONCE as usize, 0);
        for done in (0..size).step_by(AT_ONCE as usize) {
            part(done, &mut between[..(size - done).min(AT_ONCE) as usize])?;
        }
        Ok(())
    }

    /// Readies mapped memory for a region that runs on the host: see [`omp2wasi_abi::imports::DEVICE_HOST_USE`].
    ///
    /// # Errors
    /// An errno: no such device, or the driver refuses; [`Failure::Ending`] if `is_ending` says so while launches are waited for.
    pub(crate) fn host_use(
        &self,
        memory: &GuestMemory,
        device: u32,
        ranges: &[MemoryRange],
        is_ending: impl Fn() -> bool,
    ) -> Result<(), Failure> {
        self.mapping(device)?;
        self.coherence.host_use(&Copies { offload: self, memory }, device, ranges, is_ending)
    }

    /// Lets a region that runs on the host use the device's memory: see [`omp2wasi_abi::imports::DEVICE_BEGIN_HOST_USE`].
    ///
    /// # Errors
    /// As for [`Self::host_use`].
    pub(crate) fn begin_host_use(
        &self,
        memory: &GuestMemory,
        device: u32,
        ranges: &[MemoryRange],
        number: u32,
        is_ending: impl Fn() -> bool,
    ) -> Result<u32, Failure> {
        self.mapping(device)?;
        self.coherence.begin_host_use(&Copies { offload: self, memory }, device, ranges, number, is_ending)
    }

    /// Ends what [`Self::begin_host_use`] has begun: see [`omp2wasi_abi::imports::DEVICE_END_HOST_USE`].
    ///
    /// # Errors
    /// An errno: no such device, no such region, or the driver refuses.
    pub(crate) fn end_host_use(&self, memory: &GuestMemory, device: u32, number: u32) -> Result<(), Failure> {
        self.mapping(device)?;
        self.coherence.end_host_use(&Copies { offload: self, memory }, device, number)
    }

    /// The table index of the microtask of a target region without teams, by its name; 0 or [`REGION_REFUSED`] if it cannot run on the
    /// device. See [`omp2wasi_abi::imports::DEVICE_REGION`].
    ///
    /// # Errors
    /// An errno: no such device.
    pub(crate) fn region(&self, device: u32, name: String) -> Result<u32, Failure> {
        let opened = self.opened(device)?;
        let began = Instant::now();
        let answer = self.kernels.region(&opened.target(device), &name);
        let is_refused = answer.is_err() && self.kernels.has_whole(&name);
        let answer = self.answered(&name, began, answer);
        Ok(if is_refused { REGION_REFUSED } else { answer })
    }

    /// The table index of the function of a target region, by its name: 0 if it cannot run on the device as a whole. See
    /// [`omp2wasi_abi::imports::DEVICE_TARGET`].
    ///
    /// # Errors
    /// An errno: no such device.
    pub(crate) fn target(&self, device: u32, name: String) -> Result<u32, Failure> {
        let opened = self.opened(device)?;
        let began = Instant::now();
        let answer = self.kernels.whole(&opened.target(device), &name);
        Ok(self.answered(&name, began, answer))
    }

    /// Takes account of an answer about a region: a table index, or why it has to run on the host.
    fn answered(&self, name: &str, began: Instant, answer: Result<u32, Arc<str>>) -> u32 {
        match &answer {
            Ok(0) => {}
            Ok(_) => self.account.compiled(name, began),
            Err(reason) => self.account.on_host(name, reason),
        }
        answer.unwrap_or(0)
    }

    /// Begins a teams region whose function is at table index `teams`: see [`omp2wasi_abi::imports::DEVICE_BEGIN_TEAMS`].
    ///
    /// # Errors
    /// An errno: no such device, too few arguments for the function, or the driver refuses to copy what it reads.
    pub(crate) fn begin_teams(
        &self,
        memory: &GuestMemory,
        device: u32,
        teams: u32,
        arguments: &[u32],
        is_ending: impl Fn() -> bool,
    ) -> Result<u32, Failure> {
        let opened = self.opened(device)?;
        let began = Instant::now();
        let answer = self.kernels.teams(&opened.target(device), teams);
        let name = if self.account.is_kept() { self.kernels.name_at(teams) } else { String::new() };
        let pieces = match answer {
            Ok(form) => {
                self.account.compiled(&name, began);
                match form {
                    TeamsForm::Whole => return Ok(TEAMS_WHOLE),
                    TeamsForm::League => return Ok(TEAMS_LEAGUE),
                    TeamsForm::Forks(pieces) => pieces,
                }
            }
            Err(reason) => {
                self.account.on_host(&name, &reason);
                return Ok(0);
            }
        };
        if pieces.is_empty() || opened.shares() {
            return Ok(TEAMS_PLAIN);
        }
        let Some(mut region) = TeamsRegion::new(device, &pieces, arguments) else {
            return Err(Failure::inval("a teams region's function with another number of arguments"));
        };
        let (mut ranges, held) = self.coherence.hold(device, &region.bytes(), is_ending)?;
        region.held = held;
        let begun =
            region.fetch(&mut ranges, &Copies { offload: self, memory }, memory).map(|()| self.teams.begin(region));
        match begun {
            Ok(Ok(number)) => Ok(number),
            Ok(Err(region)) => {
                self.coherence.release(&mut ranges, device, region.held);
                Ok(0)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Ends the teams region of a number: see [`omp2wasi_abi::imports::DEVICE_END_TEAMS`].
    ///
    /// # Errors
    /// An errno: no such region is under way, or the driver refuses to copy what its function has written.
    pub(crate) fn end_teams(&self, memory: &GuestMemory, number: u32) -> Result<(), Failure> {
        let Some(region) = self.teams.get(number)? else {
            return Ok(());
        };
        self.teams.end(number);
        let mut region = region.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ranges = self.coherence.lock();
        let given = region.give(&mut ranges, &Copies { offload: self, memory }, memory);
        self.coherence.release(&mut ranges, region.device, std::mem::take(&mut region.held));
        given
    }

    /// Reports that a region runs on the host. The guest knows why, and `texts` reads from its memory the reason and the region's name.
    pub(crate) fn refused(&self, texts: impl FnOnce() -> (String, String)) {
        if !self.account.is_kept() {
            return self.kernels.refused(texts);
        }
        let (reason, region) = texts();
        self.account.on_host(&region, &reason);
        self.kernels.refused(|| (reason, region));
    }
}

impl Opened {
    fn new(device: Box<dyn Device>, like_gpu: bool) -> Self {
        let distribution = Distribution::new(device.capabilities(), like_gpu);
        let plans = Mutex::new(LruCache::with_hasher(MAX_PLANS, FxBuildHasher));
        Self { device, distribution, shares: AtomicBool::new(false), mirrored: Mutex::default(), plans }
    }

    fn target(&self, number: u32) -> Target<'_> {
        Target { number, device: &*self.device, distribution: self.distribution, shares: self.shares() }
    }

    /// Whether it shares all memory with the host.
    fn shares(&self) -> bool {
        self.shares.load(Ordering::Relaxed)
    }

    /// The mirror, as long as the memory is now.
    fn mirrored(&self, memory: &GuestMemory, static_size: usize) -> Result<Arc<Mirrored>, Failure> {
        let data = memory.shared().data();
        let mut mirrored = self.mirrored.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mirrored) = &*mirrored {
            mirrored.mirror.resize(data.len())?;
            return Ok(mirrored.clone());
        }
        let new = Mirrored::new(self.device.mirror(data.len())?, memory);
        // What is shared goes there before a launch.
        let static_size = if self.shares() { 0 } else { static_size.min(data.len()) };
        // SAFETY: as in `Mirrored::write`.
        unsafe { new.mirror.write(&[(0..static_size, data.as_ptr().cast())])? };
        Ok(mirrored.insert(Arc::new(new)).clone())
    }

    /// The plan for a launch, made if no launch with the same key has been planned of late. Its kernel has been built for the device.
    fn plan(&self, kernels: &Kernels, number: u32, mirrored: &Mirrored, key: Key) -> Result<Arc<Plan>, Failure> {
        let plans = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans().get(&key) {
            return Ok(plan.clone());
        }
        // Not under the lock: it takes a while, and two threads that find out the same do no harm.
        let plan = Arc::new(Plan::new(kernels, &self.target(number), &*mirrored.mirror, &key)?);
        plans().put(key, plan.clone());
        Ok(plan)
    }
}

#[cfg(test)]
#[path = "offload_tests.rs"]
mod tests;
