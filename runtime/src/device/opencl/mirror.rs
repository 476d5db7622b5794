//! The mirror of a linear memory on a device: the same offsets, so pointers need no translation.

use super::{BufferId, OpenCl, OpenClError, call, commands};
use opencl3::memory::{Buffer, CL_MEM_READ_WRITE, CL_MEM_USE_HOST_PTR, ClMem};
use std::ops::Range;
use std::sync::Arc;

/// A device's copy of a linear memory.
pub struct Mirror {
    device: Arc<OpenCl>,
    buffer: Buffer<u8>,
    id: BufferId,
    len: usize,
    /// Bytes of the buffer.
    capacity: usize,
    /// Copies of what is on its way to the device, until the queue has come that far.
    staged: Vec<Box<[u8]>>,
    /// Addresses of long ranges of the host's memory that have been copied to the device, and to which has been copied from it.
    copied: [Vec<Range<usize>>; 2],
    /// Those that the driver knows, which makes copying several times as fast.
    pinned: Vec<(Range<usize>, Buffer<u8>)>,
}

/// Which way bytes go.
#[derive(Clone, Copy)]
enum Way {
    To,
    From,
}

/// Up to so many bytes are copied on the host rather than waited for, and so many of such copies are kept.
const SHORT: usize = 4096;
const MAX_STAGED: usize = 64;

/// From so many bytes on it pays to have a range pinned that is copied again and again. So many are.
const LONG: usize = 1 << 20;
const MAX_PINNED: usize = 256;

/// What a load or a store with a 32-bit address can reach beyond its constant offset.
const GUARD: usize = 1 << 32;
/// What share of a device's memory a guard may take.
const SHARE: u64 = 4;

/// A buffer with room to grow, where the device has it. On GPUs with room for that, so much that it is a guard: a kernel whose accesses
/// are known to be inside the memory can do without comparing addresses then, and whatever is wrong with that knowledge, with what is
/// not the program's.
fn allocate(device: &OpenCl, len: usize) -> Result<(Buffer<u8>, usize), OpenClError> {
    let (len, longest) = (len.max(1), device.longest_buffer());
    let has_room = !device.is_cpu() && device.memory_size() / SHARE >= GUARD as u64;
    let guarded = len.checked_add(GUARD).filter(|guarded| has_room && *guarded <= longest);
    let roomy = (len * 2).clamp(len, longest.max(len));
    for capacity in guarded.into_iter().chain([roomy]) {
        // SAFETY: no host memory is given.
        let buffer = unsafe { Buffer::create(&device.context, CL_MEM_READ_WRITE, capacity, std::ptr::null_mut()) };
        if let Ok(mut buffer) = buffer
            && clear(device, &mut buffer, 0..len).is_ok()
        {
            return Ok((buffer, capacity));
        }
    }
    // SAFETY: as above.
    let buffer = unsafe { Buffer::create(&device.context, CL_MEM_READ_WRITE, len, std::ptr::null_mut()) };
    let mut buffer = call("the device has no room for the memory", buffer)?;
    clear(device, &mut buffer, 0..len)?;
    Ok((buffer, len))
}

/// What was in the device's memory before is not the program's business.
///
/// A short part is filled, and copied to the rest: drivers have been seen to fail when they fill more than 2 GiB.
fn clear(device: &OpenCl, buffer: &mut Buffer<u8>, range: Range<usize>) -> Result<(), OpenClError> {
    const PART: usize = 1 << 20;
    let mut done = PART.min(range.len());
    if done == 0 {
        return Ok(());
    }
    // SAFETY: the range is inside the buffer, and the pattern is a byte; the queue is in order.
    let cleared = unsafe { device.queue.enqueue_fill_buffer(buffer, &[0u8], range.start, done, &[]) };
    call("cannot clear memory on the device", cleared)?;
    while done < range.len() {
        let more = done.min(range.len() - done);
        let buffer = buffer.get_mut();
        // SAFETY: both ranges are inside the buffer and apart.
        unsafe {
            commands::copy(&device.queue, buffer, &(range.start..range.start + more), buffer, range.start + done)?
        };
        done += more;
    }
    call("cannot clear memory on the device", device.queue.finish())
}

impl Mirror {
    /// A mirror of `len` bytes, which are 0.
    ///
    /// # Errors
    /// When the device has no such buffer.
    pub fn new(device: &Arc<OpenCl>, len: usize) -> Result<Self, OpenClError> {
        let (buffer, capacity) = allocate(device, len)?;
        Ok(Self {
            device: device.clone(),
            buffer,
            id: BufferId::new(),
            len,
            capacity,
            staged: Vec::new(),
            copied: [Vec::new(), Vec::new()],
            pinned: Vec::new(),
        })
    }

    /// Makes the mirror longer, as the memory is that it mirrors; what is there stays, what is new is 0. Never shorter.
    ///
    /// # Errors
    /// When the device has no such buffer.
    pub fn resize(&mut self, len: usize) -> Result<(), OpenClError> {
        if len > self.len && len <= self.capacity {
            clear(&self.device, &mut self.buffer, self.len..len)?;
        } else if len > self.capacity {
            let (mut buffer, capacity) = allocate(&self.device, len)?;
            // SAFETY: both buffers are as long as that, and the old one is released after the copy.
            unsafe { commands::copy(&self.device.queue, self.buffer.get(), &(0..self.len), buffer.get_mut(), 0)? };
            call("cannot copy memory on the device", self.device.queue.finish())?;
            (self.buffer, self.id, self.capacity) = (buffer, BufferId::new(), capacity);
        }
        self.len = self.len.max(len);
        Ok(())
    }

    /// Bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether bytes up to there are in the mirror, or in the guard behind it.
    #[must_use]
    pub fn is_guarded(&self, reach: u64) -> bool {
        self.capacity as u64 >= reach
    }

    pub(super) fn buffer(&self) -> &Buffer<u8> {
        &self.buffer
    }

    pub(super) fn id(&self) -> BufferId {
        self.id
    }

    /// Copies bytes to the device; returns when they may change on the host.
    ///
    /// # Safety
    /// `from` points to as many readable bytes as `range` has, which can be read as long as the mirror is there. Others may write to them
    /// meanwhile, outside of Rust's knowledge.
    ///
    /// # Errors
    /// When the range is not inside the mirror, or OpenCL refuses.
    pub unsafe fn write(&mut self, range: Range<usize>, from: *const u8) -> Result<(), OpenClError> {
        self.check(&range)?;
        if range.len() > SHORT || self.staged.len() >= MAX_STAGED {
            self.pin(range.len(), from, Way::To);
            // SAFETY: as the caller promises; this waits.
            unsafe { self.enqueue_write(range, from)? };
            return self.finish();
        }
        // SAFETY: as the caller promises. Byte by byte, and volatile: others may write.
        let copy: Box<[u8]> = (0..range.len()).map(|at| unsafe { from.add(at).read_volatile() }).collect();
        let from = copy.as_ptr();
        self.staged.push(copy);
        // SAFETY: the copy is kept until the queue has come this far.
        unsafe { self.enqueue_write(range, from) }
    }

    /// Copies bytes from the device; returns when they are here.
    ///
    /// # Safety
    /// `to` points to as many writable bytes as `range` has, which are there as long as the mirror is. Others may use them meanwhile,
    /// outside of Rust's knowledge.
    ///
    /// # Errors
    /// When the range is not inside the mirror, or OpenCL refuses.
    pub unsafe fn read(&mut self, range: Range<usize>, to: *mut u8) -> Result<(), OpenClError> {
        self.check(&range)?;
        self.pin(range.len(), to, Way::From);
        // SAFETY: as the caller promises; this waits.
        unsafe { self.enqueue_read(range, to)? };
        self.finish()
    }

    /// Waits for all copies.
    fn finish(&mut self) -> Result<(), OpenClError> {
        let finished = call("cannot copy to or from the device", self.device.queue.finish());
        self.staged.clear();
        finished
    }

    /// The queue has done all that it had to do.
    pub(super) fn is_done(&mut self) {
        self.staged.clear();
    }

    /// Lets the driver know a range of the host's memory, if it is copied this way for the second time.
    ///
    /// The range is one of memory that stays as long as the mirror: see `write`.
    fn pin(&mut self, len: usize, host: *const u8, way: Way) {
        let range = host as usize..host as usize + len;
        let contains = |known: &Range<usize>| known.start <= range.start && range.end <= known.end;
        if self.device.is_cpu() || len < LONG || self.pinned.iter().any(|(known, _)| contains(known)) {
            return;
        }
        let copied = &mut self.copied[way as usize];
        if !copied.iter().any(contains) {
            if copied.len() >= MAX_PINNED {
                copied.clear();
            }
            return copied.push(range);
        }
        // Two such buffers may not overlap.
        let overlaps = |known: &Range<usize>| known.start < range.end && range.start < known.end;
        if self.pinned.len() >= MAX_PINNED {
            self.pinned.clear();
        }
        self.pinned.retain(|(known, _)| !overlaps(known));
        let flags = CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR;
        let host = host.cast_mut().cast();
        // SAFETY: no kernel gets this buffer, and it is released before the memory is: see above.
        if let Ok(buffer) = unsafe { Buffer::create(&self.device.context, flags, len, host) } {
            self.pinned.push((range, buffer));
        }
    }

    /// Lets the queue copy bytes to the device.
    ///
    /// # Safety
    /// As for [`Mirror::write`], until the queue has come this far.
    pub(super) unsafe fn enqueue_write(&mut self, range: Range<usize>, from: *const u8) -> Result<(), OpenClError> {
        self.check(&range)?;
        if range.is_empty() {
            return Ok(());
        }
        // SAFETY: the range is inside the buffer, and the caller vouches for the bytes.
        unsafe { commands::write(&self.device.queue, self.buffer.get_mut(), &range, from) }
    }

    /// Lets the queue copy bytes from the device.
    ///
    /// # Safety
    /// As for [`Mirror::read`], until the queue has come this far.
    pub(super) unsafe fn enqueue_read(&mut self, range: Range<usize>, to: *mut u8) -> Result<(), OpenClError> {
        self.check(&range)?;
        if range.is_empty() {
            return Ok(());
        }
        // SAFETY: the range is inside the buffer, and the caller vouches for the bytes.
        unsafe { commands::read(&self.device.queue, self.buffer.get(), &range, to) }
    }

    fn check(&self, range: &Range<usize>) -> Result<(), OpenClError> {
        if range.start <= range.end && range.end <= self.len {
            return Ok(());
        }
        Err(OpenClError::Call { what: "a range outside of the mirror", code: format!("{range:?} of {}", self.len) })
    }
}

impl Drop for Mirror {
    /// What is on its way is copied from what goes away now.
    fn drop(&mut self) {
        let _ = self.device.queue.finish();
    }
}
