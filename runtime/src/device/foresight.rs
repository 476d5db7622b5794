//! Foresees words that kernels load from structures, so that they can be given them as arguments: see [`Facts::foreseen`].
//!
//! Invariant: a kernel is given words only if, by the account of mapped memory, its launch does not write them. If the device has others, the
//! kernel does nothing, and is launched without.

use super::coherence::{MemoryRange, Ranges, Usage};
use super::kernels::Facts;
use crate::memory::GuestMemory;
use lru::LruCache;
use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

/// With how many different words a region is launched: for each there is a plan to be made. Beyond that it is launched without.
const MAX_DIFFERENT: usize = 16;
/// How often they may have been wrong.
const MAX_FAILURES: u32 = 2;
/// Of how many regions anything is known, of those that were launched last.
const MAX_REGIONS: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// What has become of the words of regions.
pub(super) struct Foresight {
    /// By the region's microtask.
    regions: Mutex<LruCache<u32, Known>>,
}

/// What is known of one region's words.
#[derive(Default)]
struct Known {
    /// The words of launches so far.
    seen: HashSet<Vec<u32>>,
    /// How often the device had others, or a kernel might have written them.
    failures: u32,
}

impl Foresight {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self { regions: Mutex::new(LruCache::new(MAX_REGIONS)) }
    }

    /// Whether a launch of a region may be given these words.
    pub fn may_foresee(&self, microtask: u32, words: &[u32]) -> bool {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { seen, failures } = regions.get_or_insert_mut(microtask, Known::default);
        let is_known = seen.contains(words) || (seen.len() < MAX_DIFFERENT && seen.insert(words.to_vec()));
        is_known && *failures < MAX_FAILURES
    }

    /// Notes that the device had other words than a region's launch was given, or that its kernel might have written them.
    pub fn failed(&self, microtask: u32) {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        regions.get_or_insert_mut(microtask, Known::default).failures += 1;
    }
}

/// Words that a launch gives its kernel.
pub(super) struct Foreseen {
    /// The arguments of the region's microtask with the words behind them.
    pub arguments: Vec<u32>,
    /// Where the words are.
    addresses: Vec<u32>,
}

impl Foreseen {
    /// Reads the words that a kernel is to be given; `None` if the host's memory has not what the device will have there.
    pub fn of(
        facts: &Facts,
        (memory, ranges): (&GuestMemory, &mut Ranges),
        (device, own): (u32, &[MemoryRange]),
        arguments: &[u32],
    ) -> Option<Self> {
        let mut foreseen = Self { arguments: arguments.to_vec(), addresses: Vec::new() };
        if arguments.len() + facts.foreseen.len() != facts.parameters {
            return None;
        }
        for word in &facts.foreseen {
            let base = word.base.map_or(Some(0), |base| arguments.get(base).copied())?;
            let address = base.checked_add(word.offset)?;
            if !ranges.is_given_by_host(device, own, (address, size_of::<u32>() as u32)) {
                return None;
            }
            // Relaxed: the kernel finds out whether it is still so.
            foreseen.arguments.push(memory.word(address)?.load(Ordering::Relaxed));
            foreseen.addresses.push(address);
        }
        Some(foreseen)
    }

    /// The words alone.
    pub fn words(&self) -> &[u32] {
        &self.arguments[self.arguments.len() - self.addresses.len()..]
    }

    /// Whether all words are in the first bytes of the memory, so many.
    pub fn are_inside(&self, len: usize) -> bool {
        self.addresses.iter().all(|address| *address as usize + size_of::<u32>() <= len)
    }

    /// Whether a launch may write one of the words.
    pub fn may_be_written(&self, ranges: &mut Ranges, usage: &Usage) -> bool {
        self.addresses.iter().any(|address| ranges.may_be_written(usage, *address))
    }
}
