//! Keeps the mirror of a linear memory in an OpenCL buffer.
//!
//! Invariant: bytes on their way to the device do not change until the queue has read them. Short ranges are *staged*: copied on the host,
//! and the copies are kept for so long. For longer ones `write` waits. The ranges of a launch are its caller's to leave alone.

use super::arguments::{BufferArgument, BufferId};
use super::beside::{Traffic, Uses};
use super::commands;
use super::context::{Context, Direction, GUARD};
use super::error::call;
use super::launch::Launcher;
use super::receipt::Signal;
use crate::device::{DeviceError, Event, Launch, Mirror, lock_briefly};
use opencl3::memory::{Buffer, CL_MEM_READ_WRITE, CL_MEM_USE_HOST_PTR, ClMem};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

/// A device's copy of a linear memory.
pub(super) struct OpenClMirror {
    launcher: Arc<Launcher>,
    state: Mutex<State>,
}

/// What a mirror's lock guards.
pub(super) struct State {
    launcher: Arc<Launcher>,
    buffer: Buffer<u8>,
    /// The id of the buffer: another one when it is replaced by a larger one.
    id: BufferId,
    /// Bytes of the memory that is mirrored.
    len: usize,
    /// Bytes of the buffer.
    capacity: usize,
    /// What kernels have marked as written, once one does: its id, and a byte for each 64 KiB of the largest memory.
    marks: Option<(Buffer<u8>, BufferId)>,
    /// The number of the next ticket: see [`Queued`].
    place: u64,
    /// What is under way.
    traffic: Traffic,
    /// Staged copies of ranges on their way to the device, in order. Each has the number of the first ticket that covers it.
    staged: VecDeque<(u64, Box<[u8]>)>,
    /// Long ranges of the host's memory, by address, that have been copied, by [`Direction`]: the second time they are pinned.
    copied: [Vec<Range<usize>>; 2],
    /// Ranges of the host's memory, by address, that the driver has pinned, which makes copying several times as fast. They stay pinned as
    /// long as the buffer beside them exists.
    pinned: Vec<(Range<usize>, Buffer<u8>)>,
}

/// A ticket, which covers everything that had been enqueued when [`State::queued`] gave it out. It goes back to
/// [`OpenClMirror::has_done`] when the queue has done all that: staged copies that it covers are not needed any more.
#[derive(Clone, Copy)]
pub(super) struct Queued(u64);

/// Bytes of the marks of the largest memory.
const MARKS: usize = 1 << 16;

/// Bytes of the longest range that is staged.
const SHORT: usize = 4096;
/// How many staged copies there may be at once; while there are so many, short ranges are waited for like long ones.
const MAX_STAGED: usize = 64;

/// Bytes from which on it pays to have a range pinned that is copied again and again.
const LONG: usize = 1 << 20;
/// How many ranges may be pinned at once, and how many are remembered as copied once in each direction.
const MAX_PINNED: usize = 256;

impl OpenClMirror {
    /// Makes a mirror of `len` bytes, which are 0.
    ///
    /// # Errors
    /// When the device has no room for it.
    pub fn new(launcher: &Arc<Launcher>, len: usize) -> Result<Self, DeviceError> {
        let (buffer, capacity) = allocate(&launcher.context, len)?;
        let state = State {
            launcher: launcher.clone(),
            buffer,
            id: BufferId::new(),
            len,
            capacity,
            marks: None,
            place: 0,
            traffic: Traffic::default(),
            staged: VecDeque::new(),
            copied: [Vec::new(), Vec::new()],
            pinned: Vec::new(),
        };
        Ok(Self { launcher: launcher.clone(), state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock_briefly(&self.state)
    }

    /// Takes back a ticket: the queue has done everything that it covers.
    pub fn has_done(&self, queued: Queued) {
        self.lock().has_done(queued);
    }

    /// Waits for all copies that have been enqueued.
    fn finish(&self, mut state: MutexGuard<'_, State>) -> Result<(), DeviceError> {
        let queued = state.queued();
        drop(state);
        let finished = self.launcher.context.finish("cannot copy to or from the device");
        self.has_done(queued);
        finished
    }

    /// Makes copies beside the launches under way, and waits for them. Each is a range of the mirror, and where its bytes are on the host.
    ///
    /// # Safety
    /// As for [`Mirror::write`] or [`Mirror::read`], by the direction.
    unsafe fn copy_beside(
        &self,
        mut state: MutexGuard<'_, State>,
        direction: Direction,
        parts: &[(Range<usize>, *mut u8)],
    ) -> Result<(), DeviceError> {
        // SAFETY: as the caller promises; this waits.
        let event = match unsafe { state.enqueue_beside(direction, parts) } {
            Ok(event) => event,
            Err(error) => {
                // Those before it may be under way.
                let _ = self.launcher.context.finish_all("cannot copy to or from the device");
                return Err(error);
            }
        };
        let uses = Uses::Ranges(parts.iter().map(|(range, _)| range.clone()).collect());
        let number = state.traffic.begin_copy(uses, event.clone());
        drop(state);
        let waited = call("cannot copy to or from the device", event.wait());
        self.lock().traffic.end_copy(number);
        waited
    }
}

impl Mirror for OpenClMirror {
    fn len(&self) -> usize {
        self.lock().len
    }

    fn resize(&self, len: usize) -> Result<(), DeviceError> {
        self.lock().resize(len)
    }

    fn is_guarded(&self, reach: u64) -> bool {
        self.lock().capacity as u64 >= reach
    }

    unsafe fn write(&self, parts: &[(Range<usize>, *const u8)]) -> Result<(), DeviceError> {
        let mut state = self.lock();
        // Short ones are staged, and not waited for.
        let is_long = parts.iter().any(|(range, _)| range.len() > SHORT);
        if is_long && state.pass_launches(parts.iter().map(|(range, _)| range)) {
            let parts: Vec<_> = parts.iter().map(|(range, from)| (range.clone(), from.cast_mut())).collect();
            // SAFETY: as the caller promises.
            return unsafe { self.copy_beside(state, Direction::ToDevice, &parts) };
        }
        let mut has_long = false;
        for (range, from) in parts {
            // SAFETY: as the caller promises; this waits if the bytes are read later.
            match unsafe { state.stage(range, *from) } {
                Ok(is_staged) => has_long |= !is_staged,
                Err(error) => {
                    // Those before it may be under way.
                    let _ = self.finish(state);
                    return Err(error);
                }
            }
        }
        if has_long { self.finish(state) } else { Ok(()) }
    }

    unsafe fn read(&self, parts: &[(Range<usize>, *mut u8)]) -> Result<(), DeviceError> {
        if parts.is_empty() {
            return Ok(());
        }
        let state = self.lock();
        if state.pass_launches(parts.iter().map(|(range, _)| range)) {
            // SAFETY: as the caller promises.
            return unsafe { self.copy_beside(state, Direction::FromDevice, parts) };
        }
        drop(state);
        let context = &self.launcher.context;
        self.launcher.with_receipt(|receipt| {
            receipt.begin();
            let mut state = self.lock();
            for (range, to) in parts {
                let to = receipt.land(range.len(), *to);
                // SAFETY: as the caller promises, or the landing; this waits.
                unsafe { state.enqueue_read(range.clone(), to)? };
            }
            receipt.close(context, Signal::Record)?;
            let queued = state.queued();
            drop(state);
            // SAFETY: as the caller promises.
            unsafe { receipt.wait(context, Signal::Record, None)? };
            self.has_done(queued);
            Ok(())
        })
    }

    fn take_marks(&self, count: usize) -> Result<Vec<u8>, DeviceError> {
        let mut marks = vec![0; count.min(MARKS)];
        let context = &self.launcher.context;
        self.launcher.with_receipt(|receipt| {
            receipt.begin();
            let mut state = self.lock();
            let to = receipt.land(marks.len(), marks.as_mut_ptr());
            // SAFETY: so many bytes are there, or in the landing; this waits.
            unsafe { state.enqueue_marks(marks.len(), to)? };
            receipt.close(context, Signal::Record)?;
            let queued = state.queued();
            drop(state);
            // SAFETY: as above.
            unsafe { receipt.wait(context, Signal::Record, None)? };
            self.has_done(queued);
            Ok(())
        })?;
        Ok(marks)
    }

    unsafe fn enqueue<'a>(&'a self, launch: &Launch<'a>) -> Result<Box<dyn Event + 'a>, DeviceError> {
        // SAFETY: as the caller promises.
        unsafe { self.launcher.enqueue(self, &mut self.lock(), launch) }
    }
}

impl State {
    /// Bytes of the memory that is mirrored.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The buffer, as kernels are given it.
    pub fn argument(&self) -> BufferArgument {
        BufferArgument { handle: self.buffer.get(), id: self.id }
    }

    /// What is marked as written, as kernels are given it.
    ///
    /// # Errors
    /// When the device has no room for it.
    pub fn marks(&mut self) -> Result<BufferArgument, DeviceError> {
        if self.marks.is_none() {
            let context = &self.launcher.context;
            // SAFETY: no host memory is given.
            let buffer = unsafe { Buffer::create(&context.context, CL_MEM_READ_WRITE, MARKS, std::ptr::null_mut()) };
            let mut buffer = call("the device has no room for what is marked", buffer)?;
            clear(context, &mut buffer, 0..MARKS)?;
            self.marks = Some((buffer, BufferId::new()));
        }
        let (buffer, id) = self.marks.as_ref().ok_or(DeviceError::Arguments)?;
        Ok(BufferArgument { handle: buffer.get(), id: *id })
    }

    /// Enqueues a copy of the first marks, after which they are 0.
    ///
    /// # Safety
    /// So many bytes can be written until the queue has come this far.
    unsafe fn enqueue_marks(&mut self, count: usize, to: *mut u8) -> Result<(), DeviceError> {
        if count == 0 {
            return Ok(());
        }
        self.marks()?;
        let (buffer, _) = self.marks.as_mut().ok_or(DeviceError::Arguments)?;
        let queue = &self.launcher.context.queue;
        // SAFETY: the caller's, and the range is inside the buffer.
        unsafe { commands::read(queue, buffer.get(), &(0..count), to)? };
        // SAFETY: the range is inside the buffer.
        let cleared = unsafe { queue.enqueue_fill_buffer(buffer, &[0u8], 0, MARKS, &[]) };
        call("cannot clear what is marked", cleared).map(drop)
    }

    /// Gives out a ticket for everything that has been enqueued so far.
    pub fn queued(&mut self) -> Queued {
        self.place += 1;
        Queued(self.place - 1)
    }

    fn has_done(&mut self, Queued(done): Queued) {
        self.traffic.has_done(done);
        while self.staged.front().is_some_and(|(place, _)| *place <= done) {
            self.staged.pop_front();
        }
    }

    fn resize(&mut self, len: usize) -> Result<(), DeviceError> {
        if len <= self.len {
            return Ok(());
        }
        let context = &self.launcher.context;
        if len <= self.capacity {
            clear(context, &mut self.buffer, self.len..len)?;
        } else {
            let (mut buffer, capacity) = allocate(context, len)?;
            context.finish_all("cannot copy memory on the device")?;
            // SAFETY: both buffers are as long as that, and the old one is released after the copy.
            unsafe { commands::copy(&context.queue, self.buffer.get(), &(0..self.len), buffer.get_mut(), 0)? };
            context.finish_all("cannot copy memory on the device")?;
            (self.buffer, self.id, self.capacity) = (buffer, BufferId::new(), capacity);
        }
        self.len = len;
        Ok(())
    }

    /// Has the driver pin a range of the host's memory, if it is copied this way for the second time.
    ///
    /// The range is one of memory that exists as long as the mirror: see [`Mirror::write`].
    fn pin(&mut self, len: usize, host: *const u8, direction: Direction) {
        let range = host as usize..host as usize + len;
        let contains = |known: &Range<usize>| known.start <= range.start && range.end <= known.end;
        let context = &self.launcher.context;
        if !context.is_used_as_gpu || len < LONG || self.pinned.iter().any(|(known, _)| contains(known)) {
            return;
        }
        let copied = &mut self.copied[direction as usize];
        if !copied.iter().any(contains) {
            if copied.len() >= MAX_PINNED {
                copied.clear();
            }
            return copied.push(range);
        }
        // Two such buffers may not overlap.
        let overlaps = |known: &Range<usize>| known.start < range.end && range.start < known.end;
        let is_full = self.pinned.len() >= MAX_PINNED;
        if is_full || self.pinned.iter().any(|(known, _)| overlaps(known)) {
            // A copy on its way may be using what is given up now.
            if context.finish_all("cannot copy to or from the device").is_err() {
                return;
            }
            self.pinned.retain(|(known, _)| !is_full && !overlaps(known));
        }
        let flags = CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR;
        let host = host.cast_mut().cast();
        // SAFETY: no kernel gets this buffer, and it is released before the memory is: see above.
        if let Ok(buffer) = unsafe { Buffer::create(&context.context, flags, len, host) } {
            self.pinned.push((range, buffer));
        }
    }

    /// Enqueues a copy to the device. True if the range has been staged, so that its bytes may change at once; false if the queue will read
    /// the bytes themselves.
    ///
    /// # Safety
    /// As for [`Mirror::write`], and if this is false or an error, the bytes can be read until the queue has come this far.
    unsafe fn stage(&mut self, range: &Range<usize>, from: *const u8) -> Result<bool, DeviceError> {
        self.check(range)?;
        if range.len() > SHORT || self.staged.len() >= MAX_STAGED {
            // SAFETY: as the caller promises.
            unsafe { self.enqueue_write(range.clone(), from)? };
            return Ok(false);
        }
        // SAFETY: as the caller promises. Byte by byte, and volatile: others may write.
        let copy: Box<[u8]> = (0..range.len()).map(|at| unsafe { from.add(at).read_volatile() }).collect();
        let (from, place) = (copy.as_ptr(), self.place);
        self.staged.push_back((place, copy));
        // SAFETY: the copy is kept until the queue has come this far.
        unsafe { self.enqueue_write(range.clone(), from)? };
        Ok(true)
    }

    /// Enqueues a copy to the device.
    ///
    /// # Safety
    /// As for [`Mirror::write`], and the bytes can be read until the queue has come this far.
    pub unsafe fn enqueue_write(&mut self, range: Range<usize>, from: *const u8) -> Result<(), DeviceError> {
        self.check(&range)?;
        if range.is_empty() {
            return Ok(());
        }
        self.pin(range.len(), from, Direction::ToDevice);
        self.join(Uses::Ranges(vec![range.clone()]), false)?;
        let queue = &self.launcher.context.queue;
        // SAFETY: the range is inside the buffer, and the caller vouches for the bytes.
        unsafe { commands::write(queue, self.buffer.get_mut(), &range, from) }
    }

    /// Enqueues a copy from the device.
    ///
    /// # Safety
    /// As for [`Mirror::read`], and the bytes can be written until the queue has come this far.
    pub unsafe fn enqueue_read(&mut self, range: Range<usize>, to: *mut u8) -> Result<(), DeviceError> {
        self.check(&range)?;
        if range.is_empty() {
            return Ok(());
        }
        self.pin(range.len(), to, Direction::FromDevice);
        self.join(Uses::Ranges(vec![range.clone()]), false)?;
        let queue = &self.launcher.context.queue;
        // SAFETY: the range is inside the buffer, and the caller vouches for the bytes.
        unsafe { commands::read(queue, self.buffer.get(), &range, to) }
    }

    /// Has the launches' queue wait for the copies beside it that use what the next command in it uses, and notes that command.
    ///
    /// # Errors
    /// When the driver refuses.
    fn join(&mut self, uses: Uses, is_launch: bool) -> Result<(), DeviceError> {
        commands::wait_for(&self.launcher.context.queue, &self.traffic.copies_of(&uses))?;
        self.traffic.note(self.place, is_launch, uses);
        Ok(())
    }

    /// Whether copies of these ranges go beside the launches under way. On processors that are used as such they do not: a copy needs one
    /// of those that the launches are on.
    fn pass_launches<'r>(&self, mut ranges: impl Iterator<Item = &'r Range<usize>>) -> bool {
        self.launcher.context.is_used_as_gpu && ranges.all(|range| self.traffic.lets_pass(range))
    }

    /// Enqueues copies beside the launches under way; returns the event of their end. Nothing has noted them.
    ///
    /// # Safety
    /// As for [`Mirror::write`] or [`Mirror::read`], by the direction, until the event.
    unsafe fn enqueue_beside(
        &mut self,
        direction: Direction,
        parts: &[(Range<usize>, *mut u8)],
    ) -> Result<Arc<opencl3::event::Event>, DeviceError> {
        parts.iter().try_for_each(|(range, _)| self.check(range))?;
        for (range, host) in parts {
            self.pin(range.len(), *host, direction);
        }
        let queue = self.launcher.context.beside(direction)?;
        for (range, host) in parts.iter().filter(|(range, _)| !range.is_empty()) {
            // SAFETY: the range is inside the buffer, and the caller vouches for the bytes.
            match direction {
                Direction::ToDevice => unsafe { commands::write(queue, self.buffer.get_mut(), range, *host)? },
                Direction::FromDevice => unsafe { commands::read(queue, self.buffer.get(), range, *host)? },
            }
        }
        let event = Arc::new(commands::marker(queue)?);
        // Another queue may have to wait for it.
        call("cannot copy to or from the device", queue.flush())?;
        Ok(event)
    }

    /// Enqueues what goes to the device with a launch, before its kernel: long ranges beside the launches under way. Notes the launch.
    ///
    /// # Safety
    /// As for [`Mirror::enqueue`].
    pub unsafe fn enqueue_before(&mut self, launch: &Launch) -> Result<(), DeviceError> {
        let mut beside = Vec::new();
        for range in launch.before {
            let from = launch.memory.wrapping_add(range.start);
            if range.len() > SHORT && self.pass_launches([range].into_iter()) {
                // SAFETY: as the caller promises.
                beside.push(unsafe { self.enqueue_beside(Direction::ToDevice, &[(range.clone(), from)])? });
            } else {
                // SAFETY: as the caller promises.
                unsafe { self.enqueue_write(range.clone(), from)? };
            }
        }
        commands::wait_for(&self.launcher.context.queue, &beside)?;
        let uses = launch.uses.map_or(Uses::Everything, |uses| {
            Uses::Ranges([uses, launch.before, launch.after].into_iter().flatten().cloned().collect())
        });
        self.join(uses, true)
    }

    fn check(&self, range: &Range<usize>) -> Result<(), DeviceError> {
        if range.start <= range.end && range.end <= self.len {
            return Ok(());
        }
        Err(DeviceError::Range { begin: range.start, end: range.end, len: self.len })
    }
}

impl Drop for State {
    /// Waits for the queue, which may still be copying to or from memory that goes away now.
    fn drop(&mut self) {
        let _ = self.launcher.context.finish_all("cannot copy to or from the device");
    }
}

/// Makes a buffer whose first `len` bytes are 0, with room to grow if the device has room; returns it and its size in bytes.
///
/// On GPUs with much memory the room is a guard ([`GUARD`]): kernels whose accesses are known to be inside the memory then do not compare
/// addresses, and if that knowledge were wrong, they would harm no memory but the program's own.
fn allocate(context: &Context, len: usize) -> Result<(Buffer<u8>, usize), DeviceError> {
    let longest = context.capabilities.longest_buffer;
    let len = len.max(1);
    let guarded = len.checked_add(GUARD).filter(|guarded| context.capabilities.has_guards && *guarded <= longest);
    let roomy = (len * 2).clamp(len, longest.max(len));
    for capacity in guarded.into_iter().chain([roomy]) {
        // SAFETY: no host memory is given.
        let buffer = unsafe { Buffer::create(&context.context, CL_MEM_READ_WRITE, capacity, std::ptr::null_mut()) };
        if let Ok(mut buffer) = buffer
            && clear(context, &mut buffer, 0..len).is_ok()
        {
            return Ok((buffer, capacity));
        }
    }
    // SAFETY: as above.
    let buffer = unsafe { Buffer::create(&context.context, CL_MEM_READ_WRITE, len, std::ptr::null_mut()) };
    let mut buffer = call("the device has no room for the memory", buffer)?;
    clear(context, &mut buffer, 0..len)?;
    Ok((buffer, len))
}

/// Makes bytes 0: what was in the device's memory before is not the program's business.
///
/// A short part is filled, and copied to the rest: drivers have been seen to fail when they fill more than 2 GiB.
fn clear(context: &Context, buffer: &mut Buffer<u8>, range: Range<usize>) -> Result<(), DeviceError> {
    const PART: usize = 1 << 20;
    const WHAT: &str = "cannot clear memory on the device";
    let mut done = PART.min(range.len());
    if done == 0 {
        return Ok(());
    }
    // SAFETY: the range is inside the buffer, and the pattern is a byte; the queue is in order.
    let cleared = unsafe { context.queue.enqueue_fill_buffer(buffer, &[0u8], range.start, done, &[]) };
    call(WHAT, cleared)?;
    while done < range.len() {
        let more = done.min(range.len() - done);
        let (queue, buffer) = (&context.queue, buffer.get_mut());
        // SAFETY: both ranges are inside the buffer and apart.
        unsafe { commands::copy(queue, buffer, &(range.start..range.start + more), buffer, range.start + done)? };
        done += more;
    }
    context.finish(WHAT)
}
