//! Room for what a launch prints, on the device.
//!
//! How much that is comes back with the launch, as short ranges of memory do ([`super::receipt`]), so that a launch that prints nothing
//! takes no longer than others. Then the host copies the records.
//!
//! Invariant: a printout that no launch has is all zeros.

use super::arguments::{BufferArgument, BufferId};
use super::commands;
use super::context::Context;
use super::error::call;
use super::receipt::Receipt;
use crate::device::{DeviceError, Printed};
use omp2wasi_codegen::Artifact;
use opencl3::memory::{Buffer, CL_MEM_COPY_HOST_PTR, CL_MEM_READ_WRITE, ClMem};
use opencl3::types::CL_BLOCKING;

/// Room for what one launch after another prints: see [`omp2wasi_codegen::Param::Printed`].
pub(super) struct Printout {
    buffer: Buffer<u8>,
    id: BufferId,
    /// Where the words in front of the records come to: how many bytes of records there are, and how many records are lost.
    head: Box<[u32; Self::HEAD / 4]>,
}

impl Printout {
    /// Bytes in front of the records.
    const HEAD: usize = 16;

    /// Room that is all zeros.
    ///
    /// # Errors
    /// When the device has none.
    pub fn new(context: &Context) -> Result<Self, DeviceError> {
        let mut zeros = vec![0u8; Self::HEAD + Artifact::PRINTED];
        let flags = CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR;
        // SAFETY: the driver copies so many bytes before it returns.
        let buffer = unsafe { Buffer::create(&context.context, flags, zeros.len(), zeros.as_mut_ptr().cast()) };
        let buffer = call("the device has no room for what is printed", buffer)?;
        Ok(Self { buffer, id: BufferId::new(), head: Box::default() })
    }

    /// The room, as kernels are given it.
    pub fn argument(&self) -> BufferArgument {
        BufferArgument { handle: self.buffer.get(), id: self.id }
    }

    /// Enqueues the copy that says how much has been printed; with the receipt, the head has come.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn enqueue(&mut self, context: &Context, receipt: &mut Receipt) -> Result<(), DeviceError> {
        let to = receipt.land(Self::HEAD, self.head.as_mut_ptr().cast());
        // SAFETY: both have so many bytes, and exist until the launch has been waited for.
        unsafe { commands::read(&context.queue, self.buffer.get(), &(0..Self::HEAD), to) }
    }

    /// Takes what the launch has printed, which has ended.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn take(&mut self, context: &Context) -> Result<Printed, DeviceError> {
        let [used, lost, ..] = *self.head;
        // What had no room is counted, too.
        let mut records = vec![0u8; (used as usize).min(Artifact::PRINTED)];
        if records.is_empty() {
            return Ok(Printed::default());
        }
        let queue = &context.side_queue;
        // SAFETY: the buffer has so many bytes, and the call waits for them.
        let read = unsafe { queue.enqueue_read_buffer(&self.buffer, CL_BLOCKING, Self::HEAD, &mut records, &[]) };
        call("cannot read what is printed", read)?;
        let bytes = Self::HEAD + records.len();
        // SAFETY: the range is inside the buffer, and the pattern is a byte.
        let cleared = unsafe { queue.enqueue_fill_buffer(&mut self.buffer, &[0u8], 0, bytes, &[]) };
        call("cannot clear what is printed", cleared)?;
        call("cannot clear what is printed", queue.finish())?;
        Ok(Printed { records, lost })
    }
}
