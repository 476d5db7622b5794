//! shim/src/tasks/execute.c, and what counts children in task.h and task.c: tasks are complete, and settled; who settles last frees a record,
//! once, and after everybody's last touch.
//!
//! Trees of tasks are given, and which thread executes each; in the place of deques there are threads that are started with a task.

use super::wait::{self, Idlers};
use super::{ALL, Life, Plain};
use crate::model;
use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use loom::thread;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// A task that has completed before its children is reported as complete after it has been closed.
    ClosesFirst,
    /// A task is closed, and its count is left as it is.
    NoSubtraction,
    /// What happens elsewhere is counted without an order.
    Relaxed,
    /// The thread that has executed a task goes on to count without atomic operations when it is closed.
    IgnoresClosed,
    /// The low half of the count runs over into the high half.
    RunsOver,
    /// A task with an event is given up too late: by whoever completes it.
    KeepsThread,
    /// The bits of the event are read, and then written.
    EventInTwoSteps,
    /// The bits of the event are set without an order.
    EventRelaxed,
}

pub(crate) const NOBODY: u32 = u32::MAX;

/// `struct children`
pub(crate) struct Children {
    pub(crate) generated: Plain<u32>,
    completed: Plain<u32>,
    settled: Plain<u32>,
    elsewhere: AtomicU64,
}

impl Children {
    /// As if so many had been completed and settled elsewhere before.
    fn after(before: u32) -> Self {
        Self {
            generated: Plain::new(before),
            completed: Plain::new(0),
            settled: Plain::new(0),
            elsewhere: AtomicU64::new(u64::from(before) << 32 | u64::from(before)),
        }
    }

    /// `omp2wasi_are_complete`
    fn are_complete(&self) -> bool {
        let missing = self.generated.get().wrapping_sub(self.completed.get());
        missing == 0 || self.elsewhere.load(Ordering::SeqCst) as u32 == missing
    }

    /// `omp2wasi_are_settled`
    pub(crate) fn are_settled(&self) -> bool {
        let missing = self.generated.get().wrapping_sub(self.settled.get());
        missing == 0 || (self.elsewhere.load(Ordering::SeqCst) >> 32) as u32 == missing
    }

    /// task.c: the end of `omp2wasi_generate_task`, and `take_over`.
    fn generate(&self, fault: Fault) {
        self.generated.add(1);
        if self.generated.get() & 0x7fff_ffff != 0 || fault == Fault::RunsOver {
            return;
        }
        let elsewhere = self.elsewhere.load(Ordering::Acquire);
        self.completed.add(elsewhere as u32);
        self.settled.add((elsewhere >> 32) as u32);
        self.elsewhere.fetch_sub(elsewhere, Ordering::Relaxed);
    }
}

/// `struct explicit_task`; and, with the number 0, an implicit task.
pub(crate) struct Task {
    life: Life,
    parent: usize,
    /// Counted in the taskgroup region of its parent, not in the parent.
    is_in_group: bool,
    thread: AtomicU32,
    is_closed: AtomicBool,
    /// The `event` of a task that has one.
    pub(crate) event: AtomicU32,
    children: Children,
    /// What its code writes, and who waits for it reads.
    pub(crate) result: Plain<u32>,
}

pub(crate) struct World {
    tasks: Vec<Task>,
    group: (Life, Children),
    pub(crate) for_completion: Idlers,
    pub(crate) fault: Fault,
}

impl World {
    /// Task 0 is implicit and executed by thread 0; `parents` are those of tasks 1, 2 and so on. Children of task 0 are in a taskgroup region.
    pub(crate) fn new(parents: &[usize], before: u32, fault: Fault) -> Arc<Self> {
        let task = |parent: usize, is_in_group: bool, thread: u32| Task {
            life: Life::new(),
            parent,
            is_in_group,
            thread: AtomicU32::new(thread),
            is_closed: AtomicBool::new(false),
            event: AtomicU32::new(0),
            children: Children::after(0),
            result: Plain::new(0),
        };
        let mut tasks = vec![task(0, false, 0)];
        tasks.extend(parents.iter().map(|parent| task(*parent, *parent == 0, NOBODY)));
        Arc::new(Self {
            tasks,
            group: (Life::new(), Children::after(before)),
            for_completion: Idlers::default(),
            fault,
        })
    }

    pub(crate) fn task(&self, task: usize) -> &Task {
        let task = &self.tasks[task];
        task.life.touch();
        task
    }

    /// Where a task is counted.
    fn siblings_of(&self, task: &Task) -> &Children {
        if task.is_in_group { &self.group.1 } else { &self.tasks[task.parent].children }
    }

    /// The thread that executes a task's parent generates it.
    pub(crate) fn generate(&self, task: usize) {
        self.siblings_of(&self.tasks[task]).generate(self.fault);
    }

    /// `omp2wasi_begin_task`
    pub(crate) fn begin(&self, thread: u32, task: usize) {
        self.task(task).thread.store(thread, Ordering::Relaxed);
    }

    /// Before the first step of omp2wasi_end_task that others can see, of a task with an event.
    pub(crate) fn give_up(&self, task: usize) {
        if self.fault != Fault::KeepsThread {
            self.task(task).thread.store(NOBODY, Ordering::Relaxed);
        }
    }

    /// `report_elsewhere`
    fn report_elsewhere(&self, parent: usize, siblings: &Children, is_complete: bool, is_settled: bool) -> bool {
        let more = u64::from(is_settled) << 32 | u64::from(is_complete);
        let order = if self.fault == Fault::Relaxed { Ordering::Relaxed } else { Ordering::SeqCst };
        let before = siblings.elsewhere.fetch_add(more, order);
        is_settled
            && ((before >> 32) as u32).wrapping_add(1) == 0
            && self.task(parent).is_closed.load(Ordering::Relaxed)
    }

    /// `report`, of a task whose parent and taskgroup were read before.
    fn report(&self, thread: u32, (parent, is_in_group): (usize, bool), is_complete: bool, is_settled: bool) -> bool {
        let of = self.task(parent);
        let siblings = if is_in_group {
            self.group.0.touch();
            &self.group.1
        } else {
            &of.children
        };
        let is_open = self.fault == Fault::IgnoresClosed || !of.is_closed.load(Ordering::Relaxed);
        if of.thread.load(Ordering::Relaxed) == thread && is_open {
            siblings.completed.add(u32::from(is_complete));
            siblings.settled.add(u32::from(is_settled));
            return false;
        }
        let is_parent_settled = self.report_elsewhere(parent, siblings, is_complete, is_settled);
        self.for_completion.notify(ALL);
        is_parent_settled
    }

    /// `close`
    fn close(&self, task: usize) -> bool {
        let task = self.task(task);
        let missing = task.children.generated.get().wrapping_sub(task.children.settled.get());
        task.is_closed.store(true, Ordering::Relaxed);
        if self.fault == Fault::NoSubtraction {
            return (task.children.elsewhere.load(Ordering::SeqCst) >> 32) as u32 == missing;
        }
        let before = task.children.elsewhere.fetch_sub(u64::from(missing) << 32, Ordering::AcqRel);
        (before >> 32) as u32 == missing
    }

    /// `omp2wasi_complete_task`
    pub(crate) fn complete(&self, thread: u32, mut task: usize) {
        let place = |task: &Task| (task.parent, task.is_in_group);
        let (mut is_complete, mut is_settled) = (true, true);
        if !self.task(task).children.are_settled() {
            if self.fault == Fault::ClosesFirst {
                is_settled = self.close(task);
            } else {
                self.report(thread, place(self.task(task)), true, false);
                is_complete = false;
                if !self.close(task) {
                    return;
                }
            }
        }
        loop {
            let of = place(self.task(task));
            if is_settled {
                self.tasks[task].life.end();
            }
            if !self.report(thread, of, is_complete, is_settled) {
                return;
            }
            (task, is_complete, is_settled) = (of.0, false, true);
        }
    }

    /// The end of a taskgroup region of task 0, on thread 0.
    pub(crate) fn end_group(&self) {
        let (life, children) = &self.group;
        self.for_completion.work_until(|| children.are_settled(), |_| None::<()>, |()| false, None, wait::Fault::None);
        assert!(children.are_complete(), "settled before complete");
        life.end();
    }

    /// All but task 0 are freed.
    pub(crate) fn check(&self) {
        assert!(self.tasks[1..].iter().all(|task| task.life.has_ended()), "not freed");
    }
}

impl World {
    /// What a task has written, when it has been freed.
    pub(crate) fn result_of(&self, task: usize) -> u32 {
        self.tasks[task].result.get()
    }

    /// A task that generates nothing.
    pub(crate) fn execute(&self, thread: u32, task: usize) {
        self.begin(thread, task);
        self.task(task).result.set(1);
        self.complete(thread, task);
    }
}

/// Task 1 generates task 2, which another thread executes, and, if `has_own`, task 3, which its own thread executes later. So it may be
/// complete before its children, or after. `before` tasks of the same taskgroup region are over.
pub fn children_elsewhere(has_own: bool, before: u32, fault: Fault, switches: usize) {
    model(switches, move || {
        let parents: &[usize] = if has_own { &[0, 1, 1] } else { &[0, 1] };
        let world = World::new(parents, before, fault);
        world.generate(1);
        let executing = Arc::clone(&world);
        let thread = thread::spawn(move || {
            let world = executing;
            world.begin(1, 1);
            world.generate(2);
            let of_other = Arc::clone(&world);
            let other = thread::spawn(move || of_other.execute(2, 2));
            if has_own {
                world.generate(3);
            }
            world.complete(1, 1);
            if has_own {
                world.execute(1, 3);
            }
            other.join().expect("it does not panic");
        });
        world.end_group();
        thread.join().expect("it does not panic");
        world.check();
    });
}

/// Task 1 generates task 2, which generates task 3, each on a thread of its own: the last to settle frees all.
pub fn grandchildren_elsewhere(fault: Fault, switches: usize) {
    model(switches, move || {
        let world = World::new(&[0, 1, 2], 0, fault);
        world.generate(1);
        let worlds = [(); 3].map(|()| Arc::clone(&world));
        let thread = thread::spawn(move || {
            let [world, of_child, of_grandchild] = worlds;
            world.begin(1, 1);
            world.generate(2);
            let child = thread::spawn(move || {
                of_child.begin(2, 2);
                of_child.generate(3);
                let grandchild = thread::spawn(move || of_grandchild.execute(3, 3));
                of_child.complete(2, 2);
                grandchild.join().expect("it does not panic");
            });
            world.complete(1, 1);
            child.join().expect("it does not panic");
        });
        world.end_group();
        thread.join().expect("it does not panic");
        world.check();
    });
}
