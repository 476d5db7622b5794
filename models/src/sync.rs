//! The names of the runtime's `sync`, made of loom's.
//!
//! loom takes sequentially consistent accesses for acquire and release alone, and would find lost wake-ups that there are not. So each of them
//! has a fence behind it here, which loom orders with all others: then of two threads of which each stores first and loads the other's word
//! afterwards, one sees what the other has stored, as such accesses promise. A store that is less than that has no fence.

use loom::cell::UnsafeCell;
use loom::sync::Condvar;
use loom::sync::atomic::fence;
pub(crate) use loom::sync::{Mutex, MutexGuard};
pub(crate) use loom::thread::yield_now;
use std::collections::BTreeMap;
pub(crate) use std::sync::PoisonError;
pub(crate) use std::sync::atomic::Ordering;
use std::time::Duration;

pub(crate) const EVERYBODY: u32 = i32::MAX as u32;

fn fence_if(is_consistent: Ordering) {
    if is_consistent == Ordering::SeqCst {
        fence(Ordering::SeqCst);
    }
}

macro_rules! atomic {
    ($name:ident, $value:ty) => {
        #[derive(Default)]
        pub(crate) struct $name(loom::sync::atomic::$name);

        #[allow(dead_code, reason = "each type is used in its own way")]
        impl $name {
            pub(crate) fn new(value: $value) -> Self {
                Self(loom::sync::atomic::$name::new(value))
            }
            pub(crate) fn load(&self, order: Ordering) -> $value {
                let value = self.0.load(order);
                fence_if(order);
                value
            }
            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, order);
                fence_if(order);
            }
        }
    };
    ($name:ident, $value:ty, counts) => {
        atomic!($name, $value);

        #[allow(dead_code, reason = "each type is used in its own way")]
        impl $name {
            pub(crate) fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                fence_if(order);
                let before = self.0.fetch_add(value, order);
                fence_if(order);
                before
            }
            pub(crate) fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                fence_if(order);
                let before = self.0.fetch_sub(value, order);
                fence_if(order);
                before
            }
        }
    };
    ($name:ident, $value:ty, exchanges) => {
        atomic!($name, $value, counts);

        #[allow(dead_code, reason = "each type is used in its own way")]
        impl $name {
            pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
                fence_if(order);
                let before = self.0.swap(value, order);
                fence_if(order);
                before
            }
            pub(crate) fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                fence_if(order);
                let before = self.0.fetch_or(value, order);
                fence_if(order);
                before
            }
            pub(crate) fn fetch_xor(&self, value: $value, order: Ordering) -> $value {
                fence_if(order);
                let before = self.0.fetch_xor(value, order);
                fence_if(order);
                before
            }
            pub(crate) fn compare_exchange(
                &self,
                expected: $value,
                value: $value,
                order: Ordering,
                failed: Ordering,
            ) -> Result<$value, $value> {
                fence_if(order);
                let before = self.0.compare_exchange(expected, value, order, failed);
                fence_if(order);
                before
            }
        }
    };
}

atomic!(AtomicBool, bool);
atomic!(AtomicU32, u32, exchanges);
atomic!(AtomicU64, u64, exchanges);
atomic!(AtomicUsize, usize, exchanges);

/// The kernel's queues of sleeping threads, by address.
#[derive(Default)]
struct Kernel(Mutex<BTreeMap<usize, loom::sync::Arc<Condvar>>>);

loom::lazy_static! {
    static ref KERNEL: Kernel = Kernel::default();
}

impl Kernel {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, loom::sync::Arc<Condvar>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, address: usize, is_expected: impl Fn() -> bool) {
        let mut queues = self.lock();
        if is_expected() {
            let queue = loom::sync::Arc::clone(queues.entry(address).or_default());
            drop(queue.wait(queues));
        }
    }

    fn wake(&self, address: usize, count: u32) {
        let queues = self.lock();
        match queues.get(&address) {
            Some(queue) if count == 1 => queue.notify_one(),
            Some(queue) => queue.notify_all(),
            None => {}
        }
    }
}

pub(crate) trait Word {
    type Value: Copy + Eq;
    fn load(&self, order: Ordering) -> Self::Value;
    fn store(&self, value: Self::Value, order: Ordering);
    fn sleep(&self, expected: Self::Value, timeout: Option<Duration>);
    fn wake(&self, count: u32);
    fn address(&self) -> usize;
}

macro_rules! word {
    ($name:ident, $value:ty) => {
        impl Word for $name {
            type Value = $value;
            fn load(&self, order: Ordering) -> $value {
                self.load(order)
            }
            fn store(&self, value: $value, order: Ordering) {
                self.store(value, order);
            }
            fn sleep(&self, expected: $value, _timeout: Option<Duration>) {
                KERNEL.sleep(self.address(), || self.load(Ordering::SeqCst) == expected);
            }
            fn wake(&self, count: u32) {
                KERNEL.wake(self.address(), count);
            }
            fn address(&self) -> usize {
                std::ptr::from_ref(self).addr()
            }
        }
    };
}

word!(AtomicU32, u32);
word!(AtomicU64, u64);

pub(crate) fn spin_loop() {
    yield_now();
}

pub(crate) fn pause() {
    yield_now();
}

pub(crate) unsafe fn wake_at(address: usize) {
    KERNEL.wake(address, EVERYBODY);
}

pub(crate) struct Slot<T>(UnsafeCell<T>);

// SAFETY: loom finds accesses that overlap.
unsafe impl<T: Copy + Send> Sync for Slot<T> {}

impl<T: Default> Default for Slot<T> {
    fn default() -> Self {
        Self(UnsafeCell::new(T::default()))
    }
}

impl<T: Copy> Slot<T> {
    pub(crate) unsafe fn set(&self, value: T) {
        // SAFETY: loom finds accesses that overlap.
        self.0.with_mut(|to| unsafe { *to = value });
    }

    pub(crate) unsafe fn get(&self) -> T {
        // SAFETY: as above.
        self.0.with(|from| unsafe { *from })
    }
}
