//! shim/src/tasks/dependences.c: the word with the list of successors and the use count of the record. Each task that waits is released once,
//! after those that it waits for; nothing is added to the list of a task that is complete, or of another one that has the record then.

use super::wait::{self, Idlers};
use super::{ALL, Life, Plain};
use crate::model;
use crate::sync::{AtomicU32, AtomicU64, Ordering};
use loom::thread;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Whether the predecessor is complete is looked at once, before the element is added, and its use is not compared again.
    AddsToAnyUse,
    /// The use is not compared at all: what is added is in the list of another task, which has the record then.
    IgnoresUse,
    /// A task's count is incremented when its element can be found already.
    CountsLate,
    /// An element is added without an order.
    RelaxedAdd,
    /// A count is decremented without an order.
    RelaxedDecrement,
    /// What is read of a task that waits is read after the decrement.
    ReadsLate,
    /// The task that generates another one counts nothing for itself.
    NoCountForItself,
}

const NONE: u32 = u32::MAX;

/// The elements for lists that a task has.
const FEW: u32 = 2;

/// `struct explicit_task`. A pointer to one in C is an index here; that of `struct successor` is the task's, times FEW, and which of its
/// elements it is.
struct Task {
    life: Life,
    is_wait: Plain<bool>,
    predecessors: AtomicU32,
    successors: AtomicU64,
    few_used: Plain<u32>,
    next: [Plain<u32>; FEW as usize],
    /// How often the task has been found ready.
    ready: Plain<u32>,
    result: Plain<u32>,
}

/// `struct predecessor`
#[derive(Clone, Copy)]
struct Predecessor {
    task: u32,
    used: u32,
}

struct Tasks {
    tasks: Vec<Task>,
    /// Those that complete.
    predecessors: &'static [u32],
    for_completion: Idlers,
    fault: Fault,
}

fn word(used: u32, list: u32) -> u64 {
    u64::from(used) << 32 | u64::from(list)
}

impl Tasks {
    fn new(count: usize, predecessors: &'static [u32], fault: Fault) -> Arc<Self> {
        let task = || Task {
            life: Life::new(),
            is_wait: Plain::new(false),
            predecessors: AtomicU32::new(0),
            successors: AtomicU64::new(word(7, NONE)),
            few_used: Plain::new(0),
            next: [Plain::new(NONE), Plain::new(NONE)],
            ready: Plain::new(0),
            result: Plain::new(0),
        };
        Arc::new(Self {
            tasks: (0..count).map(|_| task()).collect(),
            predecessors,
            for_completion: Idlers::default(),
            fault,
        })
    }

    fn task(&self, task: u32) -> &Task {
        &self.tasks[task as usize]
    }

    fn use_of(&self, task: u32) -> u32 {
        (self.task(task).successors.load(Ordering::Acquire) >> 32) as u32
    }

    /// `this`
    fn this(&self, task: u32) -> Predecessor {
        Predecessor { task, used: self.use_of(task) }
    }

    /// `wait_for`
    fn wait_for(&self, task: u32, predecessor: Predecessor) {
        if self.fault != Fault::IgnoresUse && self.use_of(predecessor.task) != predecessor.used {
            return;
        }
        let Task { predecessors, next, few_used, .. } = self.task(task);
        let element = few_used.get();
        few_used.add(1);
        if self.fault != Fault::CountsLate {
            predecessors.fetch_add(1, Ordering::Relaxed);
        }
        let successors = &self.task(predecessor.task).successors;
        let order = if self.fault == Fault::RelaxedAdd { Ordering::Relaxed } else { Ordering::AcqRel };
        let mut seen = successors.load(Ordering::Acquire);
        loop {
            let is_compared = !matches!(self.fault, Fault::AddsToAnyUse | Fault::IgnoresUse);
            if is_compared && (seen >> 32) as u32 != predecessor.used {
                predecessors.fetch_sub(1, Ordering::Relaxed);
                return;
            }
            next[element as usize].set(seen as u32);
            let more = word((seen >> 32) as u32, task * FEW + element);
            match successors.compare_exchange(seen, more, order, Ordering::Acquire) {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
        if self.fault == Fault::CountsLate {
            predecessors.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// `add_dependences`; true if the task is ready.
    fn add_dependences(&self, task: u32, is_wait: bool, on: &[Predecessor]) -> bool {
        let Task { predecessors, few_used, is_wait: of_task, .. } = self.task(task);
        of_task.set(is_wait);
        predecessors.store(u32::from(self.fault != Fault::NoCountForItself), Ordering::Relaxed);
        on.iter().for_each(|predecessor| self.wait_for(task, *predecessor));
        if self.fault == Fault::NoCountForItself {
            return predecessors.load(Ordering::Acquire) == 0;
        }
        few_used.get() == 0 || predecessors.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// It can be executed; what it depends on has been done.
    fn make_ready(&self, task: u32, on: &[u32]) {
        self.task(task).ready.add(1);
        on.iter().for_each(|task| assert_eq!(self.task(*task).result.get(), 1));
    }

    /// `omp2wasi_release_successors`
    fn release_successors(&self, task: u32) {
        let used = self.use_of(task).wrapping_add(1);
        let mut element = self.task(task).successors.swap(word(used, NONE), Ordering::AcqRel) as u32;
        while element != NONE {
            let successor = element / FEW;
            let Task { life, is_wait, predecessors, next, .. } = self.task(successor);
            life.touch();
            let mut is_waiting = is_wait.get();
            element = next[(element % FEW) as usize].get();
            let order = if self.fault == Fault::RelaxedDecrement { Ordering::Relaxed } else { Ordering::SeqCst };
            if predecessors.fetch_sub(1, order) != 1 {
                continue;
            }
            if self.fault == Fault::ReadsLate {
                life.touch();
                is_waiting = is_wait.get();
            }
            if is_waiting {
                self.for_completion.notify(ALL);
            } else {
                self.make_ready(successor, self.predecessors);
            }
        }
    }

    /// `wait_until_ready`
    fn wait_until_ready(&self, task: u32) {
        let is_ready = || self.task(task).predecessors.load(Ordering::SeqCst) == 0;
        self.for_completion.work_until(is_ready, |_| None::<()>, |()| false, None, wait::Fault::None);
    }
}

/// Task 0 is complete at any time; meanwhile tasks 1 and 2 come to depend on it. The record of task 0 is used again, for a task that completes
/// when all is over: that releases nobody.
pub fn released_once(fault: Fault, switches: usize) {
    model(switches, move || {
        let tasks = Tasks::new(3, &[0], fault);
        let predecessor = tasks.this(0);
        let executing = Arc::clone(&tasks);
        let executing = thread::spawn(move || {
            executing.task(0).result.set(1);
            executing.release_successors(0);
        });
        for task in [1, 2] {
            if tasks.add_dependences(task, false, &[predecessor]) {
                tasks.make_ready(task, tasks.predecessors);
            }
        }
        executing.join().expect("it does not panic");
        let is_ready = |task: u32| tasks.task(task).ready.get();
        assert_eq!([is_ready(1), is_ready(2)], [1, 1]);
        tasks.release_successors(0);
        assert_eq!([is_ready(1), is_ready(2)], [1, 1]);
    });
}

/// Two tasks that complete at any time, each on a thread; one task comes to depend on both. It is released once, and sees what both have
/// written.
pub fn two_predecessors(fault: Fault, switches: usize) {
    model(switches, move || {
        let tasks = Tasks::new(3, &[0, 1], fault);
        let predecessors = [tasks.this(0), tasks.this(1)];
        let threads = [0, 1].map(|task| {
            let tasks = Arc::clone(&tasks);
            thread::spawn(move || {
                tasks.task(task).result.set(1);
                tasks.release_successors(task);
            })
        });
        if tasks.add_dependences(2, false, &predecessors) {
            tasks.make_ready(2, tasks.predecessors);
        }
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        assert_eq!(tasks.task(2).ready.get(), 1);
    });
}

/// A thread waits for a task, and frees the record that stands for it in the list.
pub fn a_thread_that_waits(fault: Fault, switches: usize) {
    model(switches, move || {
        let tasks = Tasks::new(2, &[0], fault);
        let predecessor = tasks.this(0);
        let executing = Arc::clone(&tasks);
        let executing = thread::spawn(move || {
            executing.task(0).result.set(1);
            executing.release_successors(0);
        });
        if !tasks.add_dependences(1, true, &[predecessor]) {
            tasks.wait_until_ready(1);
        }
        assert_eq!(tasks.task(0).result.get(), 1);
        tasks.task(1).life.end();
        executing.join().expect("it does not panic");
    });
}
