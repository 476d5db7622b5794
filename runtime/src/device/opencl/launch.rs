//! Builds kernels, enqueues their launches with what goes to the device before and comes back after, and waits for them.
//!
//! A launch is enqueued under a lock, since a kernel's arguments are a part of the kernel, and waited for without one: threads that launch
//! on one device at once wait for each other's kernels, which the queue executes in order, but not for each other's work on the host.
//!
//! Invariant: a receipt belongs to one launch under way or is idle, never both; `State::under_way` is the number of launches that have
//! been enqueued and not settled.

use super::arguments::{BufferArgument, BufferId, Buffers, Built, Entry, Program};
use super::commands;
use super::context::Context;
use super::error::call;
use super::mirror::{OpenClMirror, Queued, State as MirrorState};
use super::printout::Printout;
use super::program_cache::ProgramCache;
use super::receipt::{Receipt, Signal};
use crate::device::kernels::Kernel;
use crate::device::{DeviceError, Ended, Event, Geometry, Launch, Printed, lock_briefly};
use lru::LruCache;
use omp2wasi_codegen::{Artifact, Param};
use opencl3::memory::{Buffer, CL_MEM_COPY_HOST_PTR, CL_MEM_READ_WRITE, ClMem};
use rustc_hash::FxBuildHasher;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Launches that take less than this are short: when the driver waits for one, it does not let the thread sleep (NVIDIA's; tried up to this).
const SHORT: Duration = Duration::from_micros(300);

/// How many kernels stay built.
const MAX_BUILT: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// A device's kernels and launches.
pub(super) struct Launcher {
    /// The device, with its queues.
    pub context: Context,
    /// Where its programs are kept between runs.
    cache: ProgramCache,
    state: Mutex<State>,
}

/// What the launcher's lock guards.
struct State {
    /// Kernels that have been built, by [`Kernel::id`].
    built: LruCache<u64, Built, FxBuildHasher>,
    /// Receipts that no launch has.
    idle: Vec<Receipt>,
    /// Room that kernels need. One serves all launches: the queue is in order.
    rooms: Rooms,
    /// Number of launches that have been enqueued and not settled.
    under_way: usize,
}

/// Room that kernels need beside the mirror.
#[derive(Default)]
struct Rooms {
    /// For the accumulators of reductions: one for each work-group.
    partials: Option<Room>,
    /// For the locks of critical sections: see [`Param::Locks`].
    locks: Option<Room>,
    /// For what a team shares that is several work-groups: see [`Param::Team`].
    team: Option<Room>,
    /// For what launches print: those that no launch has. The host reads them after the launch, so each has one of its own.
    printouts: Vec<Printout>,
}

/// A buffer.
struct Room {
    buffer: Buffer<u8>,
    bytes: usize,
    id: BufferId,
}

impl Room {
    fn argument(&self) -> BufferArgument {
        BufferArgument { handle: self.buffer.get(), id: self.id }
    }

    /// Makes sure that a room has so many bytes; new ones are 0.
    fn make(room: &mut Option<Self>, context: &Context, bytes: usize) -> Result<(), DeviceError> {
        if room.as_ref().is_some_and(|room| room.bytes >= bytes) {
            return Ok(());
        }
        let mut zeros = vec![0u8; bytes];
        let flags = CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR;
        // SAFETY: the driver copies so many bytes before it returns.
        let buffer = unsafe { Buffer::create(&context.context, flags, bytes, zeros.as_mut_ptr().cast()) };
        let buffer = call("no room for what work-groups share", buffer)?;
        *room = Some(Self { buffer, bytes, id: BufferId::new() });
        Ok(())
    }
}

/// What is known of a launch that has been enqueued and not settled.
struct UnderWay {
    receipt: Receipt,
    /// How its end is found out.
    signal: Signal,
    /// What it prints, if it may print something.
    printout: Option<Printout>,
    /// Says when the launch has ended, for launches beside others for which the driver is asked. One alone can do with the queue, which
    /// costs a microsecond less.
    marker: Option<opencl3::event::Event>,
    /// The mirror's ticket for everything up to the end of the launch.
    queued: Queued,
    /// The shape of its work-groups, as an index into [`Artifact::TILE_SHAPES`].
    shape: usize,
    /// When its kernel was about to be enqueued.
    start: Instant,
    /// Whether no other launch was under way then: the times of those alone say how fast the kernel is.
    is_alone: bool,
}

/// A launch under way.
struct OpenClEvent<'a> {
    launcher: &'a Launcher,
    mirror: &'a OpenClMirror,
    kernel: &'a Kernel,
    /// `None` once it has been settled.
    under_way: Option<UnderWay>,
}

impl Launcher {
    /// A launcher for a device, with one receipt.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn new(context: Context, cache: ProgramCache) -> Result<Self, DeviceError> {
        let built = LruCache::with_hasher(MAX_BUILT, FxBuildHasher);
        let idle = vec![Receipt::new(&context)?];
        let state = Mutex::new(State { built, idle, rooms: Rooms::default(), under_way: 0 });
        Ok(Self { context, cache, state })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock_briefly(&self.state)
    }

    /// Builds of a kernel what most launches need, unless it is built.
    ///
    /// # Errors
    /// When the device lacks what the kernel needs, or its compiler refuses the text.
    pub fn build(&self, kernel: &Kernel) -> Result<(), DeviceError> {
        if self.lock().built.contains(&kernel.id) {
            return Ok(());
        }
        // Not under the lock: it takes a while, and two threads that build the same do no harm.
        let built = Built::new(&self.context, &self.cache, kernel)?;
        self.lock().built.put(kernel.id, built);
        Ok(())
    }

    /// Lends a receipt to `copy`, which copies from the device and waits for that, and takes the receipt back.
    ///
    /// # Errors
    /// What `copy` returns, or when the driver refuses.
    pub fn with_receipt<R>(&self, copy: impl FnOnce(&mut Receipt) -> Result<R, DeviceError>) -> Result<R, DeviceError> {
        let idle = self.lock().idle.pop();
        let mut receipt = idle.map_or_else(|| Receipt::new(&self.context), Ok)?;
        let copied = copy(&mut receipt);
        match copied {
            Ok(_) => self.lock().idle.push(receipt),
            // What has been enqueued may be copying to it.
            Err(_) => self.context.finish("cannot copy from the device")?,
        }
        copied
    }

    /// Enqueues a launch on a mirror. Under the locks of both: the mirror's, which the caller holds, and the launcher's.
    ///
    /// # Errors
    /// When the launch has other arguments than its kernel takes, or the kernel cannot be built, or the driver refuses.
    ///
    /// # Safety
    /// As for [`crate::device::Mirror::enqueue`].
    pub unsafe fn enqueue<'a>(
        &'a self,
        mirror: &'a OpenClMirror,
        mirror_state: &mut MirrorState,
        launch: &Launch<'a>,
    ) -> Result<Box<dyn Event + 'a>, DeviceError> {
        let Launch { kernel, parameters, globals, .. } = *launch;
        if parameters.len() != kernel.facts.parameters
            || globals.len() != kernel.facts.globals.len()
            || mirror_state.len() < 16
        {
            return Err(DeviceError::Arguments);
        }
        let mut state = self.lock();
        let State { built, idle, rooms, under_way } = &mut *state;
        let build = || Built::new(&self.context, &self.cache, kernel);
        let built = built.try_get_or_insert_mut(kernel.id, build)?;
        let mut receipt = match idle.pop() {
            Some(receipt) => receipt,
            None => Receipt::new(&self.context)?,
        };
        // The order in which a reduction combines must not depend on what else the machine does.
        let shape = if kernel.artifact.accumulator.is_some() { 0 } else { built.tuning.shape() };
        let is_alone = *under_way == 0;
        // Waiting for the driver is as fast as looking for the record where that does not have to come, and nothing sleeps. But it waits
        // for the launches of others, too.
        let is_short = built.latest.is_some_and(|latest| latest < SHORT);
        let may_trap = kernel.artifact.params.contains(&Param::TrapRecord);
        let prints = kernel.artifact.params.contains(&Param::Printed);
        let can_ask_driver = is_short && !may_trap && (is_alone || !receipt.has_landing());
        let signal = if can_ask_driver { Signal::Driver } else { Signal::Record };
        // SAFETY: as the caller promises.
        let enqueued = unsafe { self.enqueue_all(launch, mirror_state, (built, shape), (&mut receipt, signal), rooms) };
        let marked = enqueued.and_then(|start| {
            let needs_marker = !is_alone && receipt.asks_driver(signal);
            let marker = needs_marker.then(|| commands::marker(&self.context.queue)).transpose()?;
            Ok((start, marker))
        });
        match marked {
            Ok((start, marker)) => {
                *under_way += 1;
                let queued = mirror_state.queued();
                let printout = if prints { rooms.printouts.pop() } else { None };
                let under_way = Some(UnderWay { receipt, signal, printout, marker, queued, shape, start, is_alone });
                Ok(Box::new(OpenClEvent { launcher: self, mirror, kernel, under_way }))
            }
            Err(error) => {
                // Whatever has been enqueued uses the memory until it has been done. It may have trapped, which is not the next launch's
                // business.
                let _ = self.context.finish_all("a kernel failed");
                (rooms.locks, rooms.team) = (None, None);
                rooms.printouts.clear();
                if receipt.clear(&self.context).is_ok() {
                    idle.push(receipt);
                }
                Err(error)
            }
        }
    }

    /// Enqueues all that belongs to a launch: copies to the device, the kernel, copies back, the record. Returns the time when the kernel's
    /// turn came.
    ///
    /// # Safety
    /// As for [`crate::device::Mirror::enqueue`].
    unsafe fn enqueue_all(
        &self,
        launch: &Launch,
        mirror: &mut MirrorState,
        (built, shape): (&mut Built, usize),
        (receipt, signal): (&mut Receipt, Signal),
        rooms: &mut Rooms,
    ) -> Result<Instant, DeviceError> {
        let Launch { kernel, geometry, after, memory, .. } = *launch;
        receipt.begin();
        // SAFETY: as the caller promises.
        unsafe { mirror.enqueue_before(launch)? };
        let start = Instant::now();
        let (program, range, counts) = self.choose(kernel, geometry, built, shape)?;
        let groups = range.groups();
        if let Some(bytes) = kernel.artifact.accumulator {
            Room::make(&mut rooms.partials, &self.context, bytes * groups)?;
        }
        if kernel.artifact.locks > 0 {
            Room::make(&mut rooms.locks, &self.context, 4 * kernel.artifact.locks)?;
        }
        if kernel.artifact.entries.wide {
            Room::make(&mut rooms.team, &self.context, kernel.artifact.team_size)?;
        }
        let prints = kernel.artifact.params.contains(&Param::Printed);
        if prints && rooms.printouts.is_empty() {
            rooms.printouts.push(Printout::new(&self.context)?);
        }
        let buffers = Buffers {
            mirror: mirror.argument(),
            len: launch.len.min(mirror.len()),
            record: receipt.record(),
            marks: if kernel.artifact.params.contains(&Param::Marks) { Some(mirror.marks()?) } else { None },
            partials: rooms.partials.as_ref().map(Room::argument),
            locks: rooms.locks.as_ref().map(Room::argument),
            team: rooms.team.as_ref().map(Room::argument),
            printed: rooms.printouts.last().map(Printout::argument),
        };
        // The kernel needs something to do: work-items beyond the count return at once, but there has to be a range.
        if geometry.items > 0 {
            self.enqueue_entry(&mut program.main, launch, &buffers, counts, &range)?;
            if let Some(reduce) = &mut program.reduce {
                let group = program.group.min(groups.next_power_of_two());
                let range = NdRange { size: [group, 1], group: [group, 1] };
                self.enqueue_entry(reduce, launch, &buffers, (groups as u32, 1), &range)?;
            }
        }
        for range in after {
            let to = receipt.land(range.len(), memory.wrapping_add(range.start));
            // SAFETY: as the caller promises, or the landing.
            unsafe { mirror.enqueue_read(range.clone(), to)? };
        }
        if let Some(printout) = rooms.printouts.last_mut().filter(|_| prints) {
            printout.enqueue(&self.context, receipt)?;
        }
        receipt.close(&self.context, signal)?;
        Ok(start)
    }

    /// The program of a kernel that suits a launch best, its range, and its counts, as for [`Entry::set_arguments`].
    fn choose<'b>(
        &self,
        kernel: &Kernel,
        geometry: Geometry,
        built: &'b mut Built,
        shape: usize,
    ) -> Result<(&'b mut Program, NdRange, (u32, u32)), DeviceError> {
        let (points, items) = (kernel.artifact.entries, geometry.items);
        let groups = self.context.capabilities.groups_at_once as usize;
        let has_reduction = points.reduce;
        let special = match (geometry.rows, geometry.iterations) {
            (Some((width, rows)), _) if points.tiles => {
                let group = built.program(&self.context, &self.cache, kernel, true)?.group;
                let range = NdRange::in_tiles(geometry, (width, rows), (group, shape), has_reduction);
                range.map(|range| (range, (rows, width)))
            }
            (_, Some(iterations)) if points.one_each => {
                let group = built.program(&self.context, &self.cache, kernel, true)?.group;
                Some((NdRange::new(geometry, group), (items, iterations)))
            }
            _ if points.wide && geometry.teams == Some(1) && geometry.members.is_none() => {
                let group = built.program(&self.context, &self.cache, kernel, true)?.group;
                Some((NdRange { size: [groups * group, 1], group: [group, 1] }, (1, 1)))
            }
            _ => None,
        };
        let program = built.program(&self.context, &self.cache, kernel, special.is_some())?;
        let (range, counts) = special.unwrap_or_else(|| (NdRange::new(geometry, program.group), (items, items)));
        Ok((program, range, counts))
    }

    /// Enqueues one entry point of the kernel; `counts` as for [`Entry::set_arguments`].
    fn enqueue_entry(
        &self,
        entry: &mut Entry,
        launch: &Launch,
        buffers: &Buffers,
        counts: (u32, u32),
        range: &NdRange,
    ) -> Result<(), DeviceError> {
        entry.set_arguments(launch, buffers, counts)?;
        // SAFETY: all arguments have been set; OpenCL keeps buffers until what has been enqueued with them has been done.
        unsafe { commands::launch(&self.context.queue, &entry.kernel, &range.size, &range.group) }
    }

    /// Settles a launch that has ended, or the wait for which has failed: notes how long it took, takes what it has printed, and makes its
    /// receipt idle.
    fn settle(
        &self,
        kernel: &Kernel,
        ended: UnderWay,
        record: &Result<u32, DeviceError>,
    ) -> Result<Printed, DeviceError> {
        let UnderWay { mut receipt, printout, shape, start, is_alone, .. } = ended;
        let time = start.elapsed();
        let mut state = self.lock();
        let is_alone = is_alone && state.under_way == 1;
        state.under_way -= 1;
        if let Some(built) = state.built.get_mut(&kernel.id)
            && is_alone
            && matches!(record, Ok(0))
        {
            built.tuning.note(shape, time);
            built.latest = Some(time);
        }
        if !matches!(record, Ok(0)) {
            receipt.clear(&self.context)?;
        }
        state.idle.push(receipt);
        drop(state);
        let Some(mut printout) = printout.filter(|_| record.is_ok()) else { return Ok(Printed::default()) };
        let printed = printout.take(&self.context)?;
        self.lock().rooms.printouts.push(printout);
        Ok(printed)
    }
}

impl OpenClEvent<'_> {
    /// Waits for the launch and settles it, once. Returns the record, and what has been printed.
    fn end(&mut self) -> Result<(u32, Printed), DeviceError> {
        let Some(mut under_way) = self.under_way.take() else { return Ok((0, Printed::default())) };
        let UnderWay { receipt, signal, marker, .. } = &mut under_way;
        // SAFETY: the caller of `enqueue` has promised that its ranges can be written until the event has been waited for or dropped.
        let record = unsafe { receipt.wait(&self.launcher.context, *signal, marker.as_ref()) };
        self.mirror.has_done(under_way.queued);
        let printed = self.launcher.settle(self.kernel, under_way, &record)?;
        Ok((record?, printed))
    }
}

impl Event for OpenClEvent<'_> {
    fn wait(mut self: Box<Self>) -> Result<Ended, DeviceError> {
        match self.end()? {
            (Kernel::UNFORESEEN, _) => Err(DeviceError::Unforeseen),
            (record, printed) => Ok(Ended { trapped: self.kernel.trapped(record), printed }),
        }
    }
}

impl Drop for OpenClEvent<'_> {
    /// Waits for a launch that its caller has not waited for: it uses memory that may be gone afterwards.
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// The work-items of a launch in two dimensions.
struct NdRange {
    /// How many there are: multiples of the work-group's.
    size: [usize; 2],
    /// How many of them are a work-group.
    group: [usize; 2],
}

impl NdRange {
    fn new(geometry: Geometry, longest: usize) -> Self {
        if let Some(teams) = geometry.teams {
            let most = match geometry.members {
                Some(members) => members as usize,
                // It has the device to itself.
                None if teams == 1 => Artifact::MAX_TEAM,
                None => Artifact::TEAM,
            };
            let group = longest.min(most);
            return Self { size: [teams as usize * group, 1], group: [group, 1] };
        }
        let items = geometry.items as usize;
        let group = longest.min(items.next_power_of_two());
        Self { size: [items.next_multiple_of(group), 1], group: [group, 1] }
    }

    /// In tiles of a shape, if work-groups can be as large.
    fn in_tiles(
        geometry: Geometry,
        (width, rows): (u32, u32),
        (longest, shape): (usize, usize),
        has_reduction: bool,
    ) -> Option<Self> {
        let [wide, high] = Artifact::TILE_SHAPES[shape].map(|size| size as usize);
        let groups = [(width as usize).div_ceil(wide), (rows as usize).div_ceil(high)];
        // Those of a reduction are as many as accumulate fast: all accumulators are combined at the end.
        let accumulating = geometry.items as usize / (wide * high) / groups[0];
        let most = if has_reduction { accumulating.max(1) } else { groups[1] };
        (longest >= wide * high)
            .then_some(Self { size: [groups[0] * wide, groups[1].min(most) * high], group: [wide, high] })
    }

    /// The number of work-groups.
    fn groups(&self) -> usize {
        self.size[0] / self.group[0] * (self.size[1] / self.group[1])
    }
}
