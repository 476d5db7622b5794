//! shim/src/tasks/deque.h: the deque of deferred tasks. The owner and thieves take each task once; a thief that may take only descendants of
//! a task takes no others, though it looks at records that are freed and used again meanwhile.
//!
//! The indices begin where they are about to wrap around.

use super::Plain;
use crate::model;
use crate::sync::{AtomicU32, Ordering};
use loom::thread;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The owner looks at `top` before it lowers `bottom`.
    LooksFirst,
    /// `bottom` is lowered and raised with release and acquire alone.
    LessThanConsistent,
    /// `bottom` is written without an order.
    Relaxed,
    /// A thief stores `top` where it should exchange it.
    Stores,
    /// A thief looks at the record first, and then at `top`.
    LooksAtRecordFirst,
}

/// A power of two.
const SIZE: u32 = 2;
const FIRST: u32 = u32::MAX - 1;
const NONE: u32 = u32::MAX;

pub(crate) struct Deque {
    top: AtomicU32,
    bottom: AtomicU32,
    slots: [AtomicU32; SIZE as usize],
    fault: Fault,
}

/// What thieves look at of a task's record; `task` in the C is an index here.
pub(crate) struct Record {
    depth: AtomicU32,
    parent: AtomicU32,
    descends: Plain<bool>,
}

impl Record {
    fn new(depth: u32, parent: u32) -> Self {
        Self { depth: AtomicU32::new(depth), parent: AtomicU32::new(parent), descends: Plain::new(false) }
    }

    /// The record is used for another task. Plain stores in C.
    fn allocate(&self, depth: u32, parent: u32, descends: bool) {
        self.depth.store(depth, Ordering::Relaxed);
        self.parent.store(parent, Ordering::Relaxed);
        self.descends.set(descends);
    }
}

/// The task whose descendants alone may be taken.
#[derive(Clone, Copy)]
pub(crate) struct Ancestor<'a> {
    records: &'a [Record],
    task: u32,
}

impl Deque {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { top: AtomicU32::new(FIRST), bottom: AtomicU32::new(FIRST), slots: Default::default(), fault }
    }

    fn set_bottom(&self, bottom: u32) {
        match self.fault {
            Fault::LessThanConsistent => self.bottom.swap(bottom, Ordering::AcqRel),
            Fault::Relaxed => self.bottom.swap(bottom, Ordering::Relaxed),
            _ => self.bottom.swap(bottom, Ordering::SeqCst),
        };
    }

    pub(crate) fn push(&self, task: u32) -> bool {
        let bottom = self.bottom.load(Ordering::Relaxed);
        if bottom.wrapping_sub(self.top.load(Ordering::Acquire)) >= SIZE {
            return false;
        }
        self.slots[(bottom % SIZE) as usize].store(task, Ordering::Relaxed);
        self.set_bottom(bottom.wrapping_add(1));
        true
    }

    pub(crate) fn pop(&self) -> Option<u32> {
        let mut bottom = self.bottom.load(Ordering::Relaxed);
        let mut top = self.top.load(Ordering::Relaxed);
        if bottom == top {
            return None;
        }
        bottom = bottom.wrapping_sub(1);
        if self.fault == Fault::LooksFirst {
            top = self.top.load(Ordering::SeqCst);
            self.set_bottom(bottom);
        } else {
            self.set_bottom(bottom);
            // As the C says it, but where the fault is that this is all acquire and release.
            let is_weak = self.fault == Fault::LessThanConsistent;
            top = self.top.load(if is_weak { Ordering::Acquire } else { Ordering::SeqCst });
        }
        let task = self.slots[(bottom % SIZE) as usize].load(Ordering::Relaxed);
        if (bottom.wrapping_sub(top) as i32) > 0 {
            return Some(task);
        }
        let is_taken = bottom == top && self.exchange_top(top);
        self.set_bottom(bottom.wrapping_add(1));
        is_taken.then_some(task)
    }

    fn exchange_top(&self, top: u32) -> bool {
        self.top.compare_exchange(top, top.wrapping_add(1), Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }

    pub(crate) fn size(&self) -> u32 {
        let bottom = self.bottom.load(Ordering::SeqCst);
        bottom.wrapping_sub(self.top.load(Ordering::SeqCst)).cast_signed().max(0).cast_unsigned()
    }

    pub(crate) fn steal(&self, ancestor: Option<Ancestor<'_>>, is_late: &mut bool) -> Option<u32> {
        let mut top = self.top.load(Ordering::SeqCst);
        if (self.bottom.load(Ordering::SeqCst).wrapping_sub(top) as i32) <= 0 {
            return None;
        }
        let task = self.slots[(top % SIZE) as usize].load(Ordering::Relaxed);
        if let Some(Ancestor { records, task: ancestor }) = ancestor {
            let mut at = task;
            while at != ancestor {
                assert!(at != NONE, "beyond an implicit task");
                let depth = records[at as usize].depth.load(Ordering::Acquire);
                let parent = records[at as usize].parent.load(Ordering::Acquire);
                if self.fault != Fault::LooksAtRecordFirst && self.top.load(Ordering::Relaxed) != top {
                    *is_late = true;
                    return None;
                }
                if depth <= records[ancestor as usize].depth.load(Ordering::Relaxed) {
                    return None;
                }
                at = parent;
            }
        }
        if self.fault == Fault::LooksAtRecordFirst {
            top = self.top.load(Ordering::SeqCst);
        }
        if self.fault == Fault::Stores {
            self.top.store(top.wrapping_add(1), Ordering::SeqCst);
            return Some(task);
        }
        if self.exchange_top(top) {
            return Some(task);
        }
        *is_late = true;
        None
    }
}

/// An owner adds three tasks and takes what is left of them; others steal, each as often as `thefts` says.
pub fn each_task_once(thefts: &'static [u32], fault: Fault, switches: usize) {
    model(switches, move || {
        let shared = Arc::new((Deque::new(fault), [(); 3].map(|()| Plain::new(0))));
        let thieves: Vec<_> = thefts
            .iter()
            .map(|thefts| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let (deque, executed) = &*shared;
                    for _ in 0..*thefts {
                        if let Some(task) = deque.steal(None, &mut false) {
                            executed[task as usize].add(1);
                        }
                    }
                })
            })
            .collect();
        let (deque, executed) = &*shared;
        let execute = |task: u32| executed[task as usize].add(1);
        for task in 0..2 {
            executed[task as usize].set(100);
            assert!(deque.push(task));
        }
        deque.pop().into_iter().for_each(execute);
        executed[2].set(100);
        assert!(deque.push(2));
        while let Some(task) = deque.pop() {
            execute(task);
        }
        for thief in thieves {
            thief.join().expect("it does not panic");
        }
        assert!(executed.iter().all(|executed| executed.get() == 101), "a task was executed twice, or never");
    });
}

/// A thief may take only descendants of task 1. The owner adds one, a child of task 2; when it has taken that itself, the records of both are
/// used again, for tasks that are not task 1's.
pub fn descendants_only(fault: Fault, switches: usize) {
    model(switches, move || {
        let records = [Record::new(0, NONE), Record::new(1, 0), Record::new(2, 1), Record::new(3, 2)];
        let shared = Arc::new((Deque::new(fault), records));
        let thief = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let (deque, records) = &*shared;
                for _ in 0..2 {
                    if let Some(task) = deque.steal(Some(Ancestor { records, task: 1 }), &mut false) {
                        assert!(records[task as usize].descends.get(), "not a descendant");
                    }
                }
            })
        };
        let (deque, records) = &*shared;
        records[2].allocate(2, 1, true);
        records[3].allocate(3, 2, true);
        assert!(deque.push(3));
        if deque.pop().is_some() {
            records[2].allocate(1, 0, false);
            records[3].allocate(2, 2, false);
            assert!(deque.push(3));
            assert!(deque.pop().is_some(), "a thief has taken what it may not take");
            records[3].allocate(2, 1, true);
            assert!(deque.push(3));
        }
        thief.join().expect("it does not panic");
    });
}
