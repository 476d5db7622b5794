//! Brings back what comes from a launch: the trap record, and short ranges of memory.
//!
//! A device that works on memory of its own copies both to memory that the driver lets the host see (the *landing*), and the host looks
//! there until the record has come, which is the last thing that the queue does for the launch. That is several times as fast as
//! waiting for the queue, which wakes up the driver first.
//!
//! Invariant: each launch under way has a receipt of its own, and the record of a receipt that no launch has is 0.

use super::arguments::{BufferArgument, BufferId};
use super::commands;
use super::context::Context;
use super::error::call;
use crate::device::DeviceError;
use opencl3::error_codes::{CL_MAP_FAILURE, ClError};
use opencl3::event::Event;
use opencl3::memory::{Buffer, CL_MAP_READ, CL_MAP_WRITE, CL_MEM_ALLOC_HOST_PTR, CL_MEM_READ_WRITE, ClMem};
use opencl3::types::CL_BLOCKING;
use std::hint::spin_loop;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

/// What the landing's first word says from [`Receipt::begin`] on until the record has come. Only the record of a
/// stack that overflows at the first site is equal to it, which is noticed when the driver has been asked.
const PENDING: u32 = u32::MAX;

/// How long the host looks whether a record has come; then it lets the driver wait. Waking up from that costs tens of microseconds, so
/// it should not happen to kernels that take as many.
const LOOKING: Duration = Duration::from_millis(2);
/// How often the host looks before it lets other threads have the processor.
const LOOKS: u32 = 64;

/// How the host finds out that a launch has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// It looks whether the record has come.
    Record,
    /// It asks the driver. The record is not copied, as the kernel cannot trap.
    Driver,
}

/// The record of a launch, and what lands beside it.
pub(super) struct Receipt {
    /// What has trapped where: see [`omp2wasi_codegen::Kernel::trapped`]. 0 before each launch: only a trap changes it.
    record: Buffer<u32>,
    /// The id of that buffer.
    id: BufferId,
    /// The record as the host sees it: the first word of the buffer that it is in, or of the landing.
    word: NonNull<u32>,
    /// `None` on devices that work on the host's memory: there the host sees what kernels write.
    landing: Option<Buffer<u32>>,
    /// Bytes of the landing that are in use.
    used: usize,
    /// Where those go when they have come.
    copies: Vec<Landed>,
    /// Whether a range of this launch is copied right to its place, not to the landing. Only the driver can tell when it has come.
    needs_driver: bool,
}

/// A range that comes by way of the landing.
struct Landed {
    /// Its offset in the landing.
    from: usize,
    /// Its place in the host's memory.
    to: *mut u8,
    /// Bytes.
    len: usize,
}

// SAFETY: the pointers are to memory of OpenCL's, which stays where it is as long as the buffers exist, and to memory that a launch was
// promised, which is used until that launch has ended.
unsafe impl Send for Receipt {}

impl Receipt {
    /// Bytes of a landing, of which the first ones are the record's.
    const LANDING: usize = 4096;
    const RECORD: usize = size_of::<u32>();

    /// A receipt for one launch after another. Finds out whether a landing is needed.
    ///
    /// # Errors
    /// When the driver refuses to make, fill or map a buffer.
    pub fn new(context: &Context) -> Result<Self, DeviceError> {
        let (record, word) = mapped(context, Self::RECORD)?;
        let id = BufferId::new();
        let (landing, used, copies) = (None, 0, Vec::new());
        let mut receipt = Self { record, id, word, landing, used, copies, needs_driver: false };
        if context.is_used_as_gpu || !receipt.is_shared(context)? {
            let (record, word) = (receipt.record.get_mut(), receipt.word.as_ptr().cast());
            // SAFETY: it has been mapped there.
            let unmapped = unsafe { context.side_queue.enqueue_unmap_mem_object(record, word, &[]) };
            call("cannot unmap the trap record", unmapped)?;
            let (landing, word) = mapped(context, Self::LANDING)?;
            (receipt.landing, receipt.word) = (Some(landing), word);
            receipt.clear(context)?;
        }
        Ok(receipt)
    }

    /// Finds out whether the device writes to the host's memory: then nothing has to be copied after a kernel.
    ///
    /// OpenCL does not promise that of a buffer that is mapped, so it is tried; at last the record says that nothing has trapped.
    fn is_shared(&mut self, context: &Context) -> Result<bool, DeviceError> {
        const PATTERN: u32 = 0x5eed_5eed;
        for pattern in [PATTERN, 0] {
            self.fill(context, pattern)?;
            if self.look() != pattern {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The trap record, as kernels are given it.
    pub fn record(&self) -> BufferArgument {
        BufferArgument { handle: self.record.get(), id: self.id }
    }

    /// Readies the receipt for a launch that is about to be enqueued.
    pub fn begin(&mut self) {
        (self.used, self.needs_driver) = (Self::RECORD, false);
        self.copies.clear();
        if self.landing.is_some() {
            // SAFETY: a mapped word, which no launch writes to now.
            unsafe { self.word.write_volatile(PENDING) };
        }
    }

    /// Says where the queue is to copy `len` bytes that are meant for `to`: there, or to the landing, from where `wait` copies them.
    pub fn land(&mut self, len: usize, to: *mut u8) -> *mut u8 {
        if self.landing.is_none() || len > Self::LANDING - self.used {
            self.needs_driver = true;
            return to;
        }
        let from = self.used;
        self.used += len;
        self.copies.push(Landed { from, to, len });
        // SAFETY: inside the landing.
        unsafe { self.word.as_ptr().cast::<u8>().add(from) }
    }

    /// Whether [`Self::wait`] asks the driver for the end of the launch. Without a landing there is no other way.
    pub fn asks_driver(&self, signal: Signal) -> bool {
        self.needs_driver || self.landing.is_none() || signal == Signal::Driver
    }

    /// Whether the host can find out that a launch has ended without asking the driver.
    pub fn has_landing(&self) -> bool {
        self.landing.is_some()
    }

    /// Enqueues the copy of the record to the landing, if the host will look for it there. All else that belongs to the launch has been
    /// enqueued.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn close(&mut self, context: &Context, signal: Signal) -> Result<(), DeviceError> {
        if self.landing.is_none() || signal == Signal::Driver {
            return Ok(());
        }
        // SAFETY: both have so many bytes, and exist until the launch has been waited for.
        unsafe { commands::read(&context.queue, self.record.get(), &(0..Self::RECORD), self.word.as_ptr().cast()) }
    }

    /// Waits for the launch to end, copies what landed to its place, and returns the record. If the driver is asked, `marker` is the event
    /// behind the launch; without one all of the queue is waited for, with what other threads have enqueued meanwhile.
    ///
    /// # Errors
    /// When the driver says that something in the queue failed.
    ///
    /// # Safety
    /// What landed may be written to where it is meant for.
    pub unsafe fn wait(
        &mut self,
        context: &Context,
        signal: Signal,
        marker: Option<&Event>,
    ) -> Result<u32, DeviceError> {
        if self.asks_driver(signal) || !self.has_come(context) {
            match marker {
                Some(marker) => call("a kernel failed", marker.wait())?,
                None => context.finish("a kernel failed")?,
            }
        }
        for copy in self.copies.drain(..) {
            // SAFETY: inside the landing, where the queue has written what was to come; the caller vouches for where it goes.
            unsafe { self.word.as_ptr().cast::<u8>().add(copy.from).copy_to_nonoverlapping(copy.to, copy.len) };
        }
        Ok(if signal == Signal::Record { self.look() } else { 0 })
    }

    /// Looks for a while whether the record has come. The queue is in order: then it has done all that belongs to the launch.
    fn has_come(&self, context: &Context) -> bool {
        if context.queue.flush().is_err() {
            return false;
        }
        let start = Instant::now();
        loop {
            for _ in 0..LOOKS {
                if self.look() != PENDING {
                    // Acquire: what landed before the record must not be read before it. A device's writes to the host's memory are
                    // ordered by that.
                    std::sync::atomic::fence(std::sync::atomic::Ordering::Acquire);
                    return true;
                }
                spin_loop();
            }
            if start.elapsed() > LOOKING {
                return false;
            }
            std::thread::yield_now();
        }
    }

    /// The record, as far as it has come.
    fn look(&self) -> u32 {
        // SAFETY: a mapped word. Volatile: a device writes to it.
        unsafe { self.word.read_volatile() }
    }

    /// Makes the record 0 after a trap, when the launch has ended.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn clear(&mut self, context: &Context) -> Result<(), DeviceError> {
        self.fill(context, 0)
    }

    /// Has the device write the record.
    fn fill(&mut self, context: &Context, pattern: u32) -> Result<(), DeviceError> {
        const WHAT: &str = "cannot clear the trap record";
        // SAFETY: the range is the buffer.
        let filled =
            unsafe { context.side_queue.enqueue_fill_buffer(&mut self.record, &[pattern], 0, Self::RECORD, &[]) };
        call(WHAT, filled)?;
        call(WHAT, context.side_queue.finish())
    }
}

/// Makes a buffer, in the host's memory if the device has such buffers, and maps it: the address is the one at which the host sees it.
fn mapped(context: &Context, bytes: usize) -> Result<(Buffer<u32>, NonNull<u32>), DeviceError> {
    let flags = CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR;
    // SAFETY: no host memory is given.
    let buffer = unsafe { Buffer::create(&context.context, flags, bytes / size_of::<u32>(), std::ptr::null_mut()) };
    let buffer = call("cannot make a buffer", buffer)?;
    let mut pointer = std::ptr::null_mut();
    // SAFETY: the range is the buffer; it stays mapped until it is released.
    let mapped = unsafe {
        context.side_queue.enqueue_map_buffer(
            &buffer,
            CL_BLOCKING,
            CL_MAP_READ | CL_MAP_WRITE,
            0,
            bytes,
            &mut pointer,
            &[],
        )
    };
    call("cannot map a buffer", mapped)?;
    let word = NonNull::new(pointer.cast()).ok_or(ClError(CL_MAP_FAILURE));
    Ok((buffer, call("cannot map a buffer", word)?))
}
