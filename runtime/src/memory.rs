//! Reads and writes guest memory, with every access checked: [`GuestMemory`].
//!
//! Invariant: other threads of the guest write to it at any time, so nothing here ever makes a Rust reference to plain bytes of it:
//! words are read as atomics, ranges are copied with the help of atomics. Every access is checked against the memory's current
//! size (None means that it is outside); memories never shrink.

use crate::cpu::wait::WaitWord;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use wasmtime::SharedMemory;

/// The linear memory of a running program.
#[derive(Clone)]
pub(crate) struct GuestMemory(SharedMemory);

impl GuestMemory {
    /// Access to a memory.
    pub(crate) fn new(memory: SharedMemory) -> Self {
        Self(memory)
    }

    /// The raw memory, for Wasmtime and its WASI, and for the mirrors of devices.
    pub(crate) fn shared(&self) -> &SharedMemory {
        &self.0
    }

    /// The bytes at `address`, as atomics; `None` if they are not all inside the memory.
    pub(crate) fn bytes(&self, address: u32, len: u32) -> Option<&[AtomicU8]> {
        let data = self.0.data().get(address as usize..)?.get(..len as usize)?;
        // SAFETY: UnsafeCell<u8> and AtomicU8 have the same layout, the range is inside the memory, which stays mapped as long as
        // `self` lives, and what else writes to it (wasm code, devices) does so outside of Rust's knowledge.
        Some(unsafe { std::slice::from_raw_parts(data.as_ptr().cast::<AtomicU8>(), data.len()) })
    }

    /// Has the kernel back these bytes by large pages, as far as it does and whole pages of theirs are in there. `None` if they are not all
    /// inside the memory.
    pub(crate) fn use_large_pages(&self, address: u32, len: u32) -> Option<()> {
        let bytes = self.bytes(address, len)?;
        let page = rustix::param::page_size();
        let skipped = bytes.as_ptr().addr().next_multiple_of(page) - bytes.as_ptr().addr();
        let whole = bytes.get(skipped..)?;
        let start = whole.as_ptr().cast_mut().cast();
        // SAFETY: the pages are mapped, and what they are backed by changes nothing of what is in them. It is a hint: a kernel without large
        // pages refuses it.
        _ = unsafe { rustix::mm::madvise(start, whole.len() / page * page, rustix::mm::Advice::LinuxHugepage) };
        Some(())
    }

    /// The aligned word at `address`.
    pub(crate) fn word(&self, address: u32) -> Option<&AtomicU32> {
        if !address.is_multiple_of(4) {
            return None;
        }
        let bytes = self.bytes(address, 4)?;
        // SAFETY: four bytes inside the memory, aligned because the memory's base is aligned to a page; see `bytes`.
        Some(unsafe { &*bytes.as_ptr().cast::<AtomicU32>() })
    }

    /// The aligned word of 8 bytes at `address`.
    pub(crate) fn double(&self, address: u32) -> Option<&AtomicU64> {
        if !address.is_multiple_of(8) {
            return None;
        }
        let bytes = self.bytes(address, 8)?;
        // SAFETY: as in `word`, with eight bytes.
        Some(unsafe { &*bytes.as_ptr().cast::<AtomicU64>() })
    }

    /// The wait word at `address`: a value and, right behind it, the number of its sleepers.
    pub(crate) fn wait_word(&self, address: u32) -> Option<&WaitWord> {
        if !address.is_multiple_of(4) {
            return None;
        }
        let bytes = self.bytes(address, size_of::<WaitWord>() as u32)?;
        const { assert!(size_of::<WaitWord>() == 8 && align_of::<WaitWord>() == 4) };
        // SAFETY: two words inside the memory, aligned as in `word`, and a wait word is two atomic words; see `bytes`.
        Some(unsafe { &*bytes.as_ptr().cast::<WaitWord>() })
    }

    /// The word at `address`, which need not be aligned.
    pub(crate) fn read_u32(&self, address: u32) -> Option<u32> {
        let mut bytes = [0; 4];
        for (to, from) in bytes.iter_mut().zip(self.bytes(address, 4)?) {
            *to = from.load(Ordering::Relaxed);
        }
        Some(u32::from_le_bytes(bytes))
    }

    /// `count` words from `address` on, each read when the iterator comes to it.
    pub(crate) fn words(&self, address: u32, count: u32) -> Option<impl Iterator<Item = u32> + Clone> {
        let bytes = self.bytes(address, count.checked_mul(4)?)?;
        let word = |bytes: &[AtomicU8]| {
            bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(byte.load(Ordering::Relaxed)))
        };
        Some(bytes.chunks_exact(4).map(word))
    }

    /// `count` words from `address` on, as they are now.
    pub(crate) fn read_words(&self, address: u32, count: u32) -> Option<Vec<u32>> {
        Some(self.words(address, count)?.collect())
    }

    /// Stores a word at `address`, which need not be aligned.
    pub(crate) fn write_u32(&self, address: u32, value: u32) -> Option<()> {
        self.write(address, &value.to_le_bytes())
    }

    /// Stores bytes at `address`.
    pub(crate) fn write(&self, address: u32, bytes: &[u8]) -> Option<()> {
        let memory = self.bytes(address, u32::try_from(bytes.len()).ok()?)?;
        let (head, words, tail) = words_in(memory);
        let (first, rest) = bytes.split_at(head.len());
        let (middle, last) = rest.split_at(rest.len() - tail.len());
        for (to, from) in head.iter().chain(tail).zip(first.iter().chain(last)) {
            to.store(*from, Ordering::Relaxed);
        }
        for (to, from) in words.iter().zip(middle.as_chunks().0) {
            to.store(u64::from_ne_bytes(*from), Ordering::Relaxed);
        }
        Some(())
    }

    /// The `len` bytes at `address`, as they are now.
    pub(crate) fn read(&self, address: u32, len: u32) -> Option<Vec<u8>> {
        let (head, words, tail) = words_in(self.bytes(address, len)?);
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len as usize).ok()?;
        bytes.extend(head.iter().map(|byte| byte.load(Ordering::Relaxed)));
        words.iter().for_each(|word| bytes.extend_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes()));
        bytes.extend(tail.iter().map(|byte| byte.load(Ordering::Relaxed)));
        Some(bytes)
    }

    /// Copies a range; the two may overlap.
    pub(crate) fn copy(&self, from: u32, to: u32, len: u32) -> Option<()> {
        let bytes = self.read(from, len)?;
        self.write(to, &bytes)
    }
}

/// Bytes, as words as far as they are aligned, which takes an eighth of the accesses.
fn words_in(bytes: &[AtomicU8]) -> (&[AtomicU8], &[AtomicU64], &[AtomicU8]) {
    // SAFETY: eight bytes that are aligned are a word, whatever they hold; and what else accesses them does so outside of Rust's knowledge, as
    // for `GuestMemory::bytes`.
    unsafe { bytes.align_to() }
}
