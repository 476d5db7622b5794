//! Enqueues commands without events: the queue is in order, so no command has to be waited for by itself, and an event costs a
//! microsecond.
//!
//! opencl3 asks for an event with each command; these functions call those of the library that it has loaded.
//!
//! Invariant: no command blocks.

use super::error::refused;
use crate::device::DeviceError;
use opencl3::command_queue::CommandQueue;
use opencl3::error_codes::{CL_INVALID_OPERATION, CL_SUCCESS, ClError};
use opencl3::event::Event;
use opencl3::kernel::Kernel;
use opencl3::types::{CL_NON_BLOCKING, cl_mem};
use std::ops::Range;
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// Calls a function of the OpenCL library that was loaded.
macro_rules! enqueue {
    ($what:expr, $function:ident($($argument:expr),* $(,)?)) => {{
        let library = cl3::load_library().as_ref().ok();
        // A library that lacks the function did not make the queue.
        let status = library.and_then(|library| library.$function($($argument),*)).unwrap_or(CL_INVALID_OPERATION);
        if status == CL_SUCCESS { Ok(()) } else { Err(refused($what, ClError(status))) }
    }};
}

/// Launches a kernel in two dimensions.
///
/// # Safety
/// All arguments of the kernel have been set, and the buffers among them exist until the queue has come this far.
pub(super) unsafe fn launch(
    queue: &CommandQueue,
    kernel: &Kernel,
    size: &[usize; 2],
    group: &[usize; 2],
) -> Result<(), DeviceError> {
    enqueue!(
        "cannot launch a kernel",
        clEnqueueNDRangeKernel(
            queue.get(),
            kernel.get(),
            2,
            null(),
            size.as_ptr(),
            group.as_ptr(),
            0,
            null(),
            null_mut()
        )
    )
}

/// Copies bytes to a range of a buffer.
///
/// # Safety
/// The range is inside the buffer, and there are as many readable bytes until the queue has come this far.
pub(super) unsafe fn write(
    queue: &CommandQueue,
    buffer: cl_mem,
    range: &Range<usize>,
    from: *const u8,
) -> Result<(), DeviceError> {
    enqueue!(
        "cannot write to the device",
        clEnqueueWriteBuffer(
            queue.get(),
            buffer,
            CL_NON_BLOCKING,
            range.start,
            range.len(),
            from.cast(),
            0,
            null(),
            null_mut()
        )
    )
}

/// Copies bytes from a range of a buffer.
///
/// # Safety
/// The range is inside the buffer, and there are as many writable bytes until the queue has come this far.
pub(super) unsafe fn read(
    queue: &CommandQueue,
    buffer: cl_mem,
    range: &Range<usize>,
    to: *mut u8,
) -> Result<(), DeviceError> {
    enqueue!(
        "cannot read from the device",
        clEnqueueReadBuffer(
            queue.get(),
            buffer,
            CL_NON_BLOCKING,
            range.start,
            range.len(),
            to.cast(),
            0,
            null(),
            null_mut()
        )
    )
}

/// Copies a range of a buffer to a place in one, which may be the same where they do not overlap.
///
/// # Safety
/// Both ranges are inside the buffers and apart.
pub(super) unsafe fn copy(
    queue: &CommandQueue,
    from: cl_mem,
    range: &Range<usize>,
    to: cl_mem,
    start: usize,
) -> Result<(), DeviceError> {
    enqueue!(
        "cannot copy memory on the device",
        clEnqueueCopyBuffer(queue.get(), from, to, range.start, start, range.len(), 0, null(), null_mut())
    )
}

/// Has a queue wait for events, which are of other queues: what is enqueued after comes after them.
pub(super) fn wait_for(queue: &CommandQueue, events: &[Arc<Event>]) -> Result<(), DeviceError> {
    let events: Vec<_> = events.iter().map(|event| event.get()).collect();
    if events.is_empty() {
        return Ok(());
    }
    enqueue!(
        "cannot have a queue wait for another",
        clEnqueueBarrierWithWaitList(queue.get(), events.len() as u32, events.as_ptr(), null_mut())
    )
}

/// An event for all that has been enqueued so far.
pub(super) fn marker(queue: &CommandQueue) -> Result<Event, DeviceError> {
    let mut event = null_mut();
    enqueue!("cannot mark a place in the queue", clEnqueueMarkerWithWaitList(queue.get(), 0, null(), &raw mut event))
        .map(|()| Event::new(event))
}
