//! Finds the kernels in which a running program spends its time, and has them become native.
//!
//! A thread looks now and then which kernels primary threads execute, so that a fork costs no more than two stores for this. What has been
//! seen often enough is compiled, all of it together, by the same thread, with less than ordinary priority: on processors that have nothing
//! else to do that costs nothing, and on busy ones it takes about a tenth of one.
//!
//! Invariant: there is one such thread for each program at most, and none when the program has ended.

use super::NativeError;
use super::tiers::{Part, STACK, Tiers};
use crate::cpu::places::bind_thread;
use crate::report::Notice;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// How long a kernel must have run before it is worth compiling.
const HOT: Duration = Duration::from_millis(30);

/// The same for what is outside of kernels, of which no more than later runs have something.
const HOT_SERIAL: Duration = Duration::from_millis(300);

/// The time between two looks, at first and later.
const PERIODS: [Duration; 4] =
    [Duration::from_millis(3), Duration::from_millis(5), Duration::from_millis(10), Duration::from_millis(20)];

/// How many looks there are with each of them, but for the last one.
const LOOKS: usize = 300;

/// How nice the thread is, and with it the compiler.
const NICE: i32 = 10;

/// The thread of a program.
#[derive(Default)]
pub(super) struct Watch {
    thread: OnceLock<Mutex<Option<JoinHandle<()>>>>,
    /// Relaxed: whoever sets it wakes the thread, and waits for it.
    is_over: Arc<AtomicBool>,
}

impl Watch {
    /// Starts the thread, the first time. Where there is none to be had, nothing becomes native.
    pub(super) fn start(&self, tiers: &Arc<Tiers>) {
        self.thread.get_or_init(|| {
            // The thread must not keep alive what waits for it.
            let (tiers, is_over) = (Arc::downgrade(tiers), Arc::clone(&self.is_over));
            let work = move || {
                if let Some(tiers) = tiers.upgrade() {
                    watch(&tiers, &is_over);
                }
            };
            Mutex::new(Builder::new().name("native".to_owned()).stack_size(STACK).spawn(work).ok())
        });
    }

    /// Ends the thread.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        // From now on it is too late to start it.
        let thread = self.thread.get_or_init(Mutex::default);
        if let Some(thread) = thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            thread.thread().unpark();
            // It may have failed, which costs nothing but native code.
            let _ = thread.join();
        }
    }
}

/// The thread's life.
fn watch(tiers: &Tiers, is_over: &AtomicBool) {
    // It inherits where its creator is bound to.
    bind_thread(0, tiers.machine.procs());
    // SAFETY: it concerns the calling thread alone. If it is refused, the thread is less nice.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
    let is_over = || is_over.load(Ordering::Relaxed);
    let mut others = tiers.others();
    let mut seen: BTreeMap<u32, Duration> = BTreeMap::new();
    for look in 0.. {
        if others.is_empty() || is_over() {
            return;
        }
        let period = PERIODS[(look / LOOKS).min(PERIODS.len() - 1)];
        std::thread::park_timeout(period);
        let is_serial_running = !tiers.is_in_region();
        for kernel in &others {
            let is_running =
                if kernel.is_serial() { is_serial_running } else { kernel.is_running.load(Ordering::Relaxed) };
            if is_running {
                *seen.entry(kernel.table_index).or_default() += period;
            }
        }
        let is_hot = |kernel: &Arc<Part>| {
            let enough = if kernel.is_serial() { HOT_SERIAL } else { HOT };
            seen.get(&kernel.table_index).is_some_and(|time| *time >= enough)
        };
        let (hot, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(is_hot);
        others = rest;
        let (serial, kernels): (Vec<_>, Vec<_>) = hot.into_iter().partition(|kernel| kernel.is_serial());
        let made = if kernels.is_empty() { Ok(()) } else { tiers.make(&kernels, &is_over) };
        let kept = serial.iter().map(|serial| tiers.make_for_later(serial, &is_over));
        for error in std::iter::once(made).chain(kept).filter_map(Result::err) {
            match error {
                NativeError::Ended => return,
                error => tiers.reporter.report(&Notice::NativeMissed { reason: error.to_string() }),
            }
        }
    }
}
