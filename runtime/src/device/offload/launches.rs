//! Launches regions, and hand-written kernels: what they need goes to the device with them, and what they have written is the newest there.

use super::{Copies, Ended, Failure, Offload, Opened, RegionLaunch};
use crate::device::account::{LaunchAccount, Way};
use crate::device::foresight::Foreseen;
use crate::device::kernels::{Form, KernelSource, Location, Target};
use crate::device::mirrored::{Mirrored, offsets};
use crate::device::pages::{HasRun, Pages};
use crate::device::plan::{Geometry, Key, Plan, check_length};
use crate::device::teams::TeamsRegion;
use crate::device::{DeviceError, Event};
use crate::error::{DeviceLocation, wasm_trap};
use crate::imports::buffers;
use crate::memory::GuestMemory;
use crate::report::Notice;
use omp2wasi_abi::imports::device::{TEAMS_LEAGUE, TEAMS_PLAIN};
use std::ops::Range;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// A launch on its way to a device.
struct OnDevice<'l> {
    memory: &'l GuestMemory,
    opened: &'l Opened,
    mirrored: &'l Arc<Mirrored>,
    launch: &'l RegionLaunch,
    /// The number of the device, and how many the program has.
    numbers: [u32; 2],
    /// The teams region that it belongs to, if that is tracked.
    region: Option<&'l mut TeamsRegion>,
    /// Bytes of the memory that the kernel may access.
    len: usize,
    /// Whether the device shares all memory with the host.
    shares: bool,
}

/// Whether a launch has ended as it should.
fn has_succeeded(ended: &Ended) -> bool {
    ended.as_ref().is_ok_and(|ended| ended.trapped.is_none())
}

impl Offload {
    /// Runs a microtask on a device, for all iterations of its loop: see [`omp2wasi_abi::imports::DEVICE_LAUNCH`]. `wait` waits for the
    /// launch, as [`Event::wait`] does. Returns the number of what has been printed, or 0: then there is nothing.
    ///
    /// # Errors
    /// An errno: no such device or teams region, a teams region of another device, another number of arguments than the microtask has,
    /// a microtask that cannot be translated, or the driver refuses. A trap, if the kernel traps. [`Failure::Ending`] if `is_ending` says so
    /// while other launches are waited for.
    pub(crate) fn launch(
        &self,
        memory: &GuestMemory,
        launch: RegionLaunch,
        wait: impl Fn(Box<dyn Event + '_>) -> Ended,
        is_ending: impl Fn() -> bool,
    ) -> Result<u32, Failure> {
        let RegionLaunch { device, microtask, .. } = launch;
        let opened = self.opened(device)?;
        let (source, number) = match launch.teams {
            TEAMS_LEAGUE => (KernelSource::League(microtask), TEAMS_PLAIN),
            number => (KernelSource::Region(microtask), number),
        };
        let region = self.teams.get(number)?;
        let mut region = region.as_ref().map(|region| region.lock().unwrap_or_else(PoisonError::into_inner));
        if region.as_ref().is_some_and(|region| region.device != device) {
            return Err(Failure::inval("a launch on another device than the teams region's"));
        }
        let mirrored = opened.mirrored(memory, self.static_size)?;
        let (len, shares) = (mirrored.len(), opened.shares());
        let (mirrored, region) = (&mirrored, region.as_deref_mut());
        let numbers = [device, self.devices().len() as u32];
        let mut on = OnDevice { memory, opened, mirrored, launch: &launch, numbers, region, len, shares };
        if let Some(pages) = self.pages.get().filter(|_| shares) {
            let plan = self.planned(&on, source, &launch.arguments)?;
            return self.launch_shared(pages, &on, &plan, wait, is_ending);
        }
        if source == KernelSource::Region(microtask)
            && let Some((plan, foreseen)) = self.foresee(&on)
        {
            match self.launch_mapped(&mut on, &plan, Some(&foreseen), &wait)? {
                Some(ended) => return self.ended(opened, ended),
                None => self.foresight.failed(microtask),
            }
        }
        let plan = self.planned(&on, source, &launch.arguments)?;
        let ended = self.launch_mapped(&mut on, &plan, None, &wait)?;
        ended.map_or(Ok(0), |ended| self.ended(opened, ended))
    }

    /// The words of structures that a launch gives its kernel, if that has any use for them, and the plan for that.
    fn foresee(&self, on: &OnDevice) -> Option<(Arc<Plan>, Foreseen)> {
        let RegionLaunch { device, microtask, arguments, ranges, .. } = on.launch;
        let target = Target { shares: on.shares, ..on.opened.target(*device) };
        let facts = self.kernels.foreseeing(*microtask, &target)?;
        let foreseen = Foreseen::of(&facts, (on.memory, &mut self.coherence.lock()), (*device, ranges), arguments)?;
        if !foreseen.are_inside(on.len) || !self.foresight.may_foresee(*microtask, foreseen.words()) {
            return None;
        }
        let plan = self.planned(on, KernelSource::Foreseeing(*microtask), &foreseen.arguments).ok()?;
        Some((plan, foreseen))
    }

    /// The plan for a launch.
    fn planned(&self, on: &OnDevice, source: KernelSource, arguments: &[u32]) -> Result<Arc<Plan>, Failure> {
        let RegionLaunch { device, iterations: hint, num_teams, thread_limit, .. } = *on.launch;
        let (arguments, size, shares) = (arguments.to_vec(), on.len, on.shares);
        let began = Instant::now();
        let key = Key { source, arguments, hint, num_teams, thread_limit, size, shares };
        let plan = on.opened.plan(&self.kernels, device, on.mirrored, key)?;
        self.noted(on).compiled(began);
        Ok(plan)
    }

    /// The account of a launch.
    fn noted(&self, on: &OnDevice) -> LaunchAccount<'_> {
        self.account.launch(|| self.kernels.name_at(on.launch.microtask))
    }

    /// A launch on a device that shares all memory with the host.
    fn launch_shared(
        &self,
        pages: &Pages,
        on: &OnDevice,
        plan: &Plan,
        wait: impl Fn(Box<dyn Event + '_>) -> Ended,
        is_ending: impl Fn() -> bool,
    ) -> Result<u32, Failure> {
        let noted = self.noted(on);
        let (device, mirrored, opened) = (on.launch.device, on.mirrored, on.opened);
        pages.begin(device, mirrored, is_ending)?;
        let enqueued =
            mirrored.enqueue((&plan.kernel, on.numbers), plan.geometry, (&plan.given, on.len), (None, [&[], &[]]));
        let (ended, has_run) = match enqueued {
            Err(error) => (Err(error), HasRun::No),
            Ok(event) => {
                let began = Instant::now();
                let ended = wait(event);
                if has_succeeded(&ended) {
                    noted.launched(opened.device.name(), began);
                }
                (ended, plan.written.as_deref().map_or(HasRun::AndMarked, HasRun::AndWritten))
            }
        };
        let taken = pages.end(device, mirrored, has_run);
        // Why the launch failed is the better reason.
        let number = self.ended(opened, ended)?;
        taken.map(|()| number)
    }

    /// A launch with what is mapped. `None` if nothing was done: the device's memory has other words than those given, or the kernel might
    /// write them.
    fn launch_mapped(
        &self,
        on: &mut OnDevice,
        plan: &Plan,
        foreseen: Option<&Foreseen>,
        wait: impl Fn(Box<dyn Event + '_>) -> Ended,
    ) -> Result<Option<Ended>, Failure> {
        let noted = self.noted(on);
        let (device, mirrored, memory) = (on.launch.device, on.mirrored, on.memory);
        let copies = Copies { offload: self, memory };
        let mut ranges = self.coherence.lock();
        if let Some(region) = &mut on.region {
            region.give(&mut ranges, &copies, memory)?;
        }
        let usage = ranges.begin_use(device, &on.launch.ranges, |spans| plan.accesses(spans));
        if foreseen.is_some_and(|foreseen| foreseen.may_be_written(&mut ranges, &usage)) {
            ranges.abandon(&usage);
            return Ok(None);
        }
        // What is copied takes time of its own where account is kept.
        let [before, after] = noted.with_launch([&usage.before, &usage.after]);
        let enqueued = noted.copy(Way::ToDevice, &usage.before, |same| mirrored.write(same)).and_then(|()| {
            let given = (&plan.given[..], on.len);
            let used = (Some(&usage.uses[..]), [before, after]);
            let event = mirrored.enqueue((&plan.kernel, on.numbers), plan.geometry, given, used)?;
            Ok((Instant::now(), event))
        });
        let (began, event) = match enqueued {
            Ok(enqueued) => enqueued,
            Err(error) => {
                ranges.abandon(&usage);
                return Err(error);
            }
        };
        drop(ranges);
        let ended = wait(event);
        let mut copied = Ok(());
        if has_succeeded(&ended) {
            noted.launched(on.opened.device.name(), began);
            copied = noted.copy(Way::FromDevice, &usage.after, |same| mirrored.read(same));
        }
        if let Err(DeviceError::Unforeseen) = ended {
            self.coherence.take_back(&mut self.coherence.lock(), &usage);
            return Ok(None);
        }
        if on.region.is_some() || !usage.is_empty() {
            let mut ranges = self.coherence.lock();
            self.coherence.end_use(&mut ranges, &usage);
            if let Some(region) = on.region.as_mut().filter(|_| has_succeeded(&ended)) {
                region.fetch(&mut ranges, &copies, memory)?;
            }
        }
        copied?;
        Ok(Some(ended))
    }

    /// What the end of a region's launch means for the program. Returns the number of what has been printed, or 0.
    fn ended(&self, opened: &Opened, ended: Ended) -> Result<u32, Failure> {
        self.ended_with(opened, ended, |site| self.place(site))
    }

    /// Where a region's kernel trapped, in words.
    fn place(&self, site: Location) -> String {
        format!("in {} at offset {:#x}", self.kernels.function_name(site.function), site.offset)
    }

    /// What the end of a launch means for the program; `place` says in words where the kernel trapped. Returns the number of what has been
    /// printed, or 0.
    fn ended_with(
        &self,
        opened: &Opened,
        ended: Ended,
        place: impl FnOnce(Location) -> String,
    ) -> Result<u32, Failure> {
        let crate::device::Ended { trapped, printed } = ended?;
        let trap = trapped.map(|(trap, site)| {
            let place = format!("on the device {}, {}", opened.device.name(), place(site));
            wasmtime::Error::from(wasm_trap(trap)).context(DeviceLocation(place))
        });
        if printed.lost > 0 {
            self.reporter.report(&Notice::PrintedLost { lines: printed.lost });
        }
        match (printed.records.is_empty(), trap) {
            (true, None) => Ok(0),
            (true, Some(trap)) => Err(Failure::Trap(trap)),
            (false, trap) => self.printouts.keep(printed.records, trap),
        }
    }

    /// Gives the guest what a launch has printed: see [`omp2wasi_abi::imports::DEVICE_PRINTED`].
    ///
    /// # Errors
    /// An errno: no such number, or memory that there is not. The trap of the launch, when all has been given.
    pub(crate) fn printed(&self, memory: &GuestMemory, number: u32, to: u32, size: u32) -> Result<u32, Failure> {
        self.printouts.give(memory, number, to, size)
    }

    /// Runs a hand-written kernel on the first device, which gets its buffers before and gives `written` back after. `size` is the number
    /// of thread ids; `wait` waits for the launch, as [`Event::wait`] does. False if the kernel cannot run on a device.
    ///
    /// # Errors
    /// An errno: no device, a negative `size`, or the driver refuses. A trap, if the kernel traps.
    pub(crate) fn launch_kernel(
        &self,
        memory: &GuestMemory,
        source: KernelSource,
        (size, block_size): (i32, i32),
        [buffers, written]: [&[buffers::BufferView]; 2],
        wait: impl FnOnce(Box<dyn Event + '_>) -> Ended,
    ) -> Result<bool, Failure> {
        let items = u32::try_from(size).map_err(|_| Failure::inval("a negative number of threads"))?;
        let opened = self.mapping(0)?;
        let kernel = match self.kernels.kernel(source, Form::default(), &opened.target(0)) {
            Ok(kernel) => kernel,
            Err(reason) => {
                self.kernels.kernel_refused(reason);
                return Ok(false);
            }
        };
        let mirrored = opened.mirrored(memory, self.static_size)?;
        check_length(&kernel.facts, mirrored.mirror.len())?;
        let ranges = |buffers: &[buffers::BufferView]| -> Vec<Range<usize>> {
            buffers.iter().map(|buffer| offsets(buffer.address, buffer.len)).collect()
        };
        let parameters: Vec<u32> = buffers.iter().flat_map(|buffer| [buffer.address, buffer.len]).collect();
        let geometry = Geometry::threads(items, block_size as u32);
        let (before, after) = (ranges(buffers), ranges(written));
        let (given, used) = ((&parameters[..], mirrored.len()), (None, [&before[..], &after[..]]));
        let ended = wait(mirrored.enqueue((&kernel, [0, 1]), geometry, given, used)?);
        self.ended_with(opened, ended, |_| "in a kernel".to_owned()).map(|_| true)
    }
}
