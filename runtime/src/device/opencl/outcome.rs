//! What comes back from a launch: the trap record, and short ranges of memory.
//!
//! A device that works on memory of its own copies both to where the driver lets it, and the host waits for the record to come, the
//! last of what the queue has to do. That is several times as fast as waiting for the queue, which wakes up the driver first.

use super::{BufferId, OpenClError, call, commands};
use opencl3::command_queue::CommandQueue;
use opencl3::context::Context;
use opencl3::error_codes::{CL_MAP_FAILURE, ClError};
use opencl3::memory::{Buffer, CL_MAP_READ, CL_MAP_WRITE, CL_MEM_ALLOC_HOST_PTR, CL_MEM_READ_WRITE, ClMem};
use opencl3::types::CL_BLOCKING;
use std::hint::spin_loop;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

/// No record, as it would be of a trap of no kind: it has not come yet.
const PENDING: u32 = u32::MAX;

/// So long the host looks whether a record has come; then it lets the driver wait. Waking up from that costs tens of microseconds, so
/// it should not happen to kernels that take as many.
const LOOKING: Duration = Duration::from_millis(2);
/// How often it looks before it lets others have the processor.
const LOOKS: u32 = 64;

/// How to wait for what a queue has to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By looking whether the record has come.
    Look,
    /// By asking the driver, of a kernel that cannot trap: the record stays where it is.
    Finish,
}

/// The record and what lands beside it.
pub(super) struct Outcome {
    /// What has trapped where: see [`omp2wasi_codegen::Kernel::trapped`]. 0 before each launch: only a trap changes it.
    record: Buffer<u32>,
    id: BufferId,
    /// The record as the host sees it: the first word of the buffer that it is in, or of the landing.
    word: NonNull<u32>,
    /// None on devices that work on the host's memory: there the host sees what kernels write.
    landing: Option<Buffer<u32>>,
    /// Bytes of the landing that are in use, and what they are to be copied to when they have come.
    used: usize,
    copies: Vec<Copy>,
    /// Whether something lands elsewhere, where nobody can look for it.
    must_finish: bool,
}

struct Copy {
    from: usize,
    to: *mut u8,
    len: usize,
}

// SAFETY: the pointers are to memory of OpenCL's, which stays where it is as long as the buffers, and to what a launch was promised,
// which uses them in the call that was.
unsafe impl Send for Outcome {}

impl Outcome {
    /// Bytes of a landing, of which the first ones are the record's.
    const LANDING: usize = 4096;
    const RECORD: usize = size_of::<u32>();

    pub fn new(context: &Context, queue: &CommandQueue, is_cpu: bool) -> Result<Self, OpenClError> {
        let (record, word) = mapped(context, queue, Self::RECORD)?;
        let mut outcome =
            Self { record, id: BufferId::new(), word, landing: None, used: 0, copies: Vec::new(), must_finish: false };
        if !is_cpu || !outcome.is_shared(queue)? {
            // SAFETY: it has been mapped there.
            let unmapped =
                unsafe { queue.enqueue_unmap_mem_object(outcome.record.get_mut(), outcome.word.as_ptr().cast(), &[]) };
            call("cannot unmap the trap record", unmapped)?;
            let (landing, word) = mapped(context, queue, Self::LANDING)?;
            (outcome.landing, outcome.word) = (Some(landing), word);
            outcome.clear(queue)?;
        }
        Ok(outcome)
    }

    /// Finds out whether the device writes to the host's memory: then nobody has to fetch anything after a kernel.
    ///
    /// OpenCL does not promise that of a buffer that is mapped, so it is tried; at last it says that nothing has trapped.
    fn is_shared(&mut self, queue: &CommandQueue) -> Result<bool, OpenClError> {
        const PATTERN: u32 = 0x5eed_5eed;
        for pattern in [PATTERN, 0] {
            self.fill(queue, pattern)?;
            if self.look() != pattern {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The buffer that kernels are given.
    pub fn record(&self) -> (&Buffer<u32>, BufferId) {
        (&self.record, self.id)
    }

    /// Before a launch.
    pub fn begin(&mut self) {
        (self.used, self.must_finish) = (Self::RECORD, false);
        self.copies.clear();
        if self.landing.is_some() {
            // SAFETY: a mapped word, which nobody writes to now.
            unsafe { self.word.write_volatile(PENDING) };
        }
    }

    /// Where to let the queue copy bytes that are meant for `to`: there, or to the landing, from where they go there at the end.
    pub fn land(&mut self, len: usize, to: *mut u8) -> *mut u8 {
        if self.landing.is_none() || len > Self::LANDING - self.used {
            self.must_finish = true;
            return to;
        }
        let from = self.used;
        self.used += len;
        self.copies.push(Copy { from, to, len });
        // SAFETY: inside the landing.
        unsafe { self.word.as_ptr().cast::<u8>().add(from) }
    }

    /// Waits for all that the queue has to do, and says what the record is.
    ///
    /// # Safety
    /// What landed may be written to where it is meant for.
    pub unsafe fn wait(&mut self, queue: &CommandQueue, way: Way) -> Result<u32, OpenClError> {
        let fetched = match &self.landing {
            // SAFETY: the buffers have so many bytes, and this waits.
            Some(_) if way == Way::Look => unsafe {
                commands::read(queue, self.record.get(), &(0..Self::RECORD), self.word.as_ptr().cast())
            },
            _ => Ok(()),
        };
        let must_finish = self.must_finish || self.landing.is_none() || way == Way::Finish || fetched.is_err();
        if must_finish || !self.has_come(queue) {
            call("a kernel failed", queue.finish())?;
        }
        fetched?;
        for copy in self.copies.drain(..) {
            // SAFETY: inside the landing, where the queue has written what was to come; the caller vouches for where it goes.
            unsafe { self.word.as_ptr().cast::<u8>().add(copy.from).copy_to_nonoverlapping(copy.to, copy.len) };
        }
        Ok(if way == Way::Look { self.look() } else { 0 })
    }

    /// Looks for a while whether the record has come. The queue is in order: then it has done all.
    fn has_come(&self, queue: &CommandQueue) -> bool {
        if queue.flush().is_err() {
            return false;
        }
        let start = Instant::now();
        loop {
            for _ in 0..LOOKS {
                if self.look() != PENDING {
                    // What landed before must not be read before. Acquire: that is what a device's writes to the host's memory are
                    // ordered by.
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

    /// After a trap: makes the record say that there is none.
    pub fn clear(&mut self, queue: &CommandQueue) -> Result<(), OpenClError> {
        self.fill(queue, 0)
    }

    fn fill(&mut self, queue: &CommandQueue, pattern: u32) -> Result<(), OpenClError> {
        // SAFETY: the range is the buffer.
        let filled = unsafe { queue.enqueue_fill_buffer(&mut self.record, &[pattern], 0, Self::RECORD, &[]) };
        call("cannot clear the trap record", filled)?;
        call("cannot clear the trap record", queue.finish())
    }
}

/// A buffer in the host's memory, where the device has it so, and where the host sees it.
fn mapped(context: &Context, queue: &CommandQueue, bytes: usize) -> Result<(Buffer<u32>, NonNull<u32>), OpenClError> {
    let flags = CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR;
    // SAFETY: no host memory is given.
    let buffer = unsafe { Buffer::create(context, flags, bytes / size_of::<u32>(), std::ptr::null_mut()) };
    let buffer = call("cannot make a buffer", buffer)?;
    let mut pointer = std::ptr::null_mut();
    // SAFETY: the range is the buffer; it stays mapped until it is released.
    let mapped = unsafe {
        queue.enqueue_map_buffer(&buffer, CL_BLOCKING, CL_MAP_READ | CL_MAP_WRITE, 0, bytes, &mut pointer, &[])
    };
    call("cannot map a buffer", mapped)?;
    let word = NonNull::new(pointer.cast()).ok_or(ClError(CL_MAP_FAILURE));
    Ok((buffer, call("cannot map a buffer", word)?))
}
