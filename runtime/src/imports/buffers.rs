//! Keeps wasi-parallel's buffers and devices, by the handles that guests have.
//!
//! Invariant: a buffer *is* guest memory, the range that was last written to it, on every device: kernels get its address, and what a
//! kernel writes is there when it returns. (An accelerator is given copies before, and what it may have written is copied
//! back.) A buffer that was never written, one that kernels only write to, gets memory of its own when a kernel first uses it.

use crate::memory::GuestMemory;
use omp2wasi_abi::imports::{Errno, Generation, access};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// wasi-parallel's devices, by handle. Handle 0 is never given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceHandle {
    /// The processors.
    Cpu = 1,
    /// One processor: iterations run in order.
    Sequential = 2,
    /// The first device of [`crate::device`].
    Accelerator = 3,
}

impl DeviceHandle {
    /// The device with a handle that the guest gives; none if there is no such handle.
    pub(crate) fn from_guest(handle: i32) -> Option<Self> {
        match handle {
            1 => Some(Self::Cpu),
            2 => Some(Self::Sequential),
            3 => Some(Self::Accelerator),
            _ => None,
        }
    }

    /// The device for a hint, in the numbering of `generation`; what is not there is replaced by the CPU. `has_accelerator` is asked
    /// only for GPUs, because the answer may take the time to open one.
    pub(crate) fn for_hint(hint: i32, generation: Generation, has_accelerator: impl Fn() -> bool) -> Self {
        match (generation, hint) {
            (Generation::Y2022, 0) => Self::Sequential,
            (Generation::Y2021, 1 | 2) | (Generation::Y2022, 2 | 3) if has_accelerator() => Self::Accelerator,
            _ => Self::Cpu,
        }
    }
}

/// More than any program needs: wasi-parallel has no call that frees one.
const MAX_BUFFERS: usize = 1 << 16;

struct Buffer {
    device: DeviceHandle,
    size: u32,
    /// Address of the contents, once there are any.
    address: Option<u32>,
}

/// All buffers of a program.
#[derive(Default)]
pub(crate) struct Buffers {
    buffers: RwLock<Vec<Buffer>>,
    /// How often any buffer has changed.
    version: AtomicU64,
}

/// A buffer's contents as a kernel sees them: `len` bytes at `address` in guest memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BufferView {
    /// Address of the first byte in guest memory.
    pub address: u32,
    /// Bytes.
    pub len: u32,
    /// The device that the buffer was created for.
    pub device: DeviceHandle,
}

impl Buffers {
    /// Makes a buffer of `size` bytes; returns its handle. All arguments are the guest's.
    pub(crate) fn create(&self, device: i32, size: i32, access: i32) -> Result<i32, Errno> {
        let device = DeviceHandle::from_guest(device).ok_or(Errno::BadHandle)?;
        if !(access::READ..=access::READ_WRITE).contains(&access) {
            return Err(Errno::Inval);
        }
        let size = u32::try_from(size).map_err(|_| Errno::Inval)?;
        let mut buffers = self.buffers.write().unwrap_or_else(PoisonError::into_inner);
        if buffers.len() == MAX_BUFFERS {
            return Err(Errno::NoResources);
        }
        let handle = buffers.len() as i32 + 1;
        buffers.push(Buffer { device, size, address: None });
        Ok(handle)
    }

    /// Makes the bytes at `data` a buffer's contents; there must be as many as the buffer has.
    pub(crate) fn write(&self, memory: &GuestMemory, data: u32, len: u32, handle: i32) -> Result<(), Errno> {
        memory.bytes(data, len).ok_or(Errno::Inval)?;
        let mut buffers = self.buffers.write().unwrap_or_else(PoisonError::into_inner);
        let buffer = buffers.get_mut(index(handle)?).ok_or(Errno::BadHandle)?;
        if buffer.size != len {
            return Err(Errno::Inval);
        }
        buffer.address = Some(data);
        // Release: a thread that sees the new version finds the new address (the lock orders the rest).
        self.version.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Copies the first `len` bytes of a buffer's contents to `data`.
    pub(crate) fn read(&self, memory: &GuestMemory, handle: i32, data: u32, len: u32) -> Result<(), Errno> {
        let span = self.resolve(memory, handle)?;
        if len > span.len {
            return Err(Errno::Inval);
        }
        memory.copy(span.address, data, len).ok_or(Errno::Inval)
    }

    /// How often any buffer has changed: as long as that stays, [`Buffers::resolve`] gives the same answers.
    pub(crate) fn version(&self) -> u64 {
        // Acquire: pairs with the releases at the changes.
        self.version.load(Ordering::Acquire)
    }

    /// Where a buffer's contents are; if it has none yet, it gets zeros.
    pub(crate) fn resolve(&self, memory: &GuestMemory, handle: i32) -> Result<BufferView, Errno> {
        let index = index(handle)?;
        {
            let buffers = self.buffers.read().unwrap_or_else(PoisonError::into_inner);
            let buffer = buffers.get(index).ok_or(Errno::BadHandle)?;
            if let Some(address) = buffer.address {
                return Ok(BufferView { address, len: buffer.size, device: buffer.device });
            }
        }
        let mut buffers = self.buffers.write().unwrap_or_else(PoisonError::into_inner);
        let buffer = buffers.get_mut(index).ok_or(Errno::BadHandle)?;
        let address = match buffer.address {
            Some(address) => address, // another thread was faster
            None => allocate(memory, buffer.size).ok_or(Errno::NoResources)?,
        };
        buffer.address = Some(address);
        self.version.fetch_add(1, Ordering::Release);
        Ok(BufferView { address, len: buffer.size, device: buffer.device })
    }
}

/// The index of a handle among the buffers, if it is positive.
fn index(handle: i32) -> Result<usize, Errno> {
    usize::try_from(handle).ok().and_then(|handle| handle.checked_sub(1)).ok_or(Errno::BadHandle)
}

/// Address of `size` new bytes at the end of the memory, all zero; none if the memory cannot grow so far.
fn allocate(memory: &GuestMemory, size: u32) -> Option<u32> {
    const PAGE: u64 = 65536;
    let first = memory.shared().grow(u64::from(size).div_ceil(PAGE)).ok()?;
    u32::try_from(first * PAGE).ok()
}
