//! Limits what a program can make the host keep: bytes of memory, and threads.
//!
//! Invariant: what grows as the guest wishes takes its share of a [`Budget`], holds it as long as it exists ([`Share`]), and is refused where
//! the budget does not have so much. Lists whose entries are small have a constant limit instead, where they are: buffers, mapped ranges,
//! looked-up kernels, instances that a thread keeps, names.

use lru::LruCache;
use rustc_hash::FxBuildHasher;
use std::borrow::Borrow;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmparser::{Parser, Payload};
use wasmtime::{Module, ResourceLimiter};

/// An amount of something that parts of a program take and give back.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u64,
    /// How much has been taken. Relaxed: a count that orders nothing; whoever has taken a share may use it whatever others see.
    taken: AtomicU64,
}

impl Budget {
    /// A budget of which nothing has been taken.
    pub(crate) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, taken: AtomicU64::new(0) })
    }

    /// All that there is to take.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// How much has been taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Takes a share; `None` if there is not so much left.
    pub(crate) fn take(self: &Arc<Self>, amount: u64) -> Option<Share> {
        let mut share = Share { budget: Arc::clone(self), amount: 0 };
        share.grow(amount).then_some(share)
    }
}

/// A part of a budget, which it gets back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    amount: u64,
}

impl Share {
    /// Makes the share larger by `more`; false, and nothing has changed, if there is not so much left.
    pub(crate) fn grow(&mut self, more: u64) -> bool {
        let Budget { limit, taken } = &*self.budget;
        let take = |taken: u64| taken.checked_add(more).filter(|taken| taken <= limit);
        let is_taken = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        if is_taken {
            self.amount += more;
        }
        is_taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

/// Keeps what takes long to make, as long as a budget has room for it: what has not been used for the longest time makes room for what is
/// new.
pub(crate) struct BudgetCache<K, V> {
    budget: Arc<Budget>,
    entries: LruCache<K, (V, Share), FxBuildHasher>,
}

impl<K: Hash + Eq, V: Clone> BudgetCache<K, V> {
    /// An empty cache, of at most so many entries.
    pub(crate) fn new(budget: &Arc<Budget>, max_entries: NonZeroUsize) -> Self {
        Self { budget: Arc::clone(budget), entries: LruCache::with_hasher(max_entries, FxBuildHasher) }
    }

    /// An entry, if it is there.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key).map(|(value, _)| value.clone())
    }

    /// Keeps an entry of so many bytes, beside a constant that each costs; false if there is no room, whatever goes.
    pub(crate) fn insert(&mut self, key: K, value: V, size: usize) -> bool {
        const ENTRY: u64 = 256;
        let size = size as u64 + ENTRY;
        // Nothing has to go for what will never fit.
        while size <= self.budget.limit {
            if let Some(share) = self.budget.take(size) {
                self.entries.put(key, (value, share));
                return true;
            }
            if self.entries.pop_lru().is_none() {
                break;
            }
        }
        false
    }
}

/// Bytes of a page of memory.
const WASM_PAGE: u64 = 1 << 16;

/// Bytes of one element of a table, in Wasmtime.
const TABLE_ELEMENT: usize = size_of::<usize>();

/// What one store takes of a program's memory budget: its instance from the start, and what its tables and memories grow by. (The memory that
/// a program's instances share is not one store's: it has taken its share for as long as it can grow when the program starts.)
#[derive(Default)]
pub(crate) struct StoreLimits {
    /// `None` for a store that never gets an instance.
    share: Option<Share>,
    /// Whether there is an instance: until then, what grows is what the share has been taken for.
    is_instantiated: bool,
}

impl StoreLimits {
    /// For a store whose instance has taken this share: [`instance_size`] says how much.
    pub(crate) fn new(share: Share) -> Self {
        Self { share: Some(share), is_instantiated: false }
    }

    /// The instance is there.
    pub(crate) fn instantiated(&mut self) {
        self.is_instantiated = true;
    }

    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        // Beyond its maximum it will not grow, and nothing would be given back.
        let is_possible = maximum.is_none_or(|maximum| desired <= maximum);
        let more = if self.is_instantiated { desired.saturating_sub(current) } else { 0 };
        is_possible && self.share.as_mut().is_some_and(|share| share.grow(more as u64))
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired, maximum))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let bytes = |elements: usize| elements.saturating_mul(TABLE_ELEMENT);
        Ok(self.grow(bytes(current), bytes(desired), maximum.map(bytes)))
    }
}

/// About how many bytes an instance of a module takes: an entry for each of its items, and its own tables and memories as they are at first.
pub(crate) fn instance_size(module: &Module, wasm: &[u8]) -> u64 {
    const ENTRY: u64 = 32;
    let items = |payload: Payload| match payload {
        Payload::ImportSection(section) => section.count(),
        Payload::FunctionSection(section) => section.count(),
        Payload::TableSection(section) => section.count(),
        Payload::GlobalSection(section) => section.count(),
        Payload::ExportSection(section) => section.count(),
        Payload::ElementSection(section) => section.count(),
        Payload::DataSection(section) => section.count(),
        _ => 0,
    };
    // Wasmtime has validated the module.
    let items =
        Parser::new(0).parse_all(wasm).map_while(Result::ok).map(|payload| u64::from(items(payload))).sum::<u64>();
    let own = module.resources_required();
    let all = |count: u32, size: Option<u64>| u64::from(count).saturating_mul(size.unwrap_or(0));
    let memories = all(own.num_memories, own.max_initial_memory_size).saturating_mul(WASM_PAGE);
    let tables = all(own.num_tables, own.max_initial_table_size).saturating_mul(TABLE_ELEMENT as u64);
    (items * ENTRY).saturating_add(memories).saturating_add(tables)
}

/// A program's memory budget does not have what it would take to go on.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the program has used up the memory that it may have the host keep (--max-memory)")]
pub struct OutOfMemory;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_back() {
        let budget = Budget::new(10);
        let mut first = budget.take(6).unwrap();
        assert!(budget.take(5).is_none());
        assert!(first.grow(4));
        assert!(!first.grow(1));
        assert!(budget.take(u64::MAX).is_none());
        drop(first);
        assert!(budget.take(10).is_some());
    }

    #[test]
    fn old_entries_make_room() {
        let budget = Budget::new(1000);
        let mut cache = BudgetCache::new(&budget, NonZeroUsize::new(10).unwrap());
        for key in 0..3 {
            assert!(cache.insert(key, key * 10, 50));
            assert_eq!(cache.get(&0), Some(0), "used all the time");
        }
        assert!(cache.insert(3, 30, 50));
        assert_eq!((0..4).map(|key| cache.get(&key)).collect::<Vec<_>>(), [Some(0), None, Some(20), Some(30)]);
        assert!(!cache.insert(4, 40, 1000));
        assert_eq!(cache.get(&3), Some(30), "nothing has gone for what does not fit");
        let _other = budget.take(1000 - 3 * 306).unwrap();
        assert!(!cache.insert(4, 40, 700));
        assert_eq!(cache.get(&3), None, "all have gone, and it was not enough");
    }

    #[test]
    fn stores_take_what_grows() {
        let budget = Budget::new(180);
        let mut limits = StoreLimits::new(budget.take(80).unwrap());
        assert!(limits.table_growing(0, 10, None).unwrap(), "of the instance, which has its share");
        limits.instantiated();
        assert!(limits.table_growing(10, 20, Some(20)).unwrap());
        assert!(!limits.table_growing(20, 23, None).unwrap());
        assert!(!limits.memory_growing(0, 8, Some(4)).unwrap(), "beyond its own maximum");
        assert!(limits.memory_growing(0, 20, Some(20)).unwrap());
        assert!(budget.take(1).is_none());
        drop(limits);
        assert!(budget.take(180).is_some());
    }
}
