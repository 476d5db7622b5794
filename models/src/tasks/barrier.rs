//! shim/src/barrier.h, barrier.c and tasks/barrier.c: barriers with tasks and without, one after the other. All threads agree on the kind of
//! each, none leaves before all have arrived and all tasks are executed, and none waits for ever. With `Help` none sleeps, either, while there
//! is a task.
//!
//! A deque has one place here, and the children of an implicit task, with their descendants, are one count: both have models of their own.
//! Numbers of barriers begin where they are about to wrap around.

use super::wait::{self, Idlers};
use super::{ALL, Plain, WaitWord};
use crate::model;
use crate::sync::{AtomicU32, Ordering};
use loom::thread;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Nobody says that there are tasks.
    NotAnnounced,
    /// A thread says that there are tasks when it has arrived.
    AnnouncedLate,
    /// Those that wait without looking for tasks are not told.
    WakesNobody,
    /// The flag is set to make threads look, where it should be inverted.
    SetsFlag,
    /// A thread arrives while tasks of its own are not executed.
    ArrivesUnsettled,
    /// A thread executes a task that it took when the barrier was over.
    ExecutesBehind,
    /// The flags of dissemination barriers are left as they are when a team defers no tasks any more.
    KeepsFlags,
    /// The count of arrivals is reset when the barrier is over.
    ResetsLate,
    /// Who executes tasks while it waits is not told that the barrier is over.
    NotifiesNobody,
}

/// What a thread does in a region.
#[derive(Clone, Copy)]
pub enum Step {
    /// It defers the task of this number.
    Defer(u32),
    /// It waits for another thread to begin that task.
    Help(u32),
    /// It meets a barrier, before which the tasks below this number were deferred.
    Barrier(u32),
}

/// A region: whether the team deferred tasks in the last ones, and what its threads do.
pub type Region = (bool, &'static [&'static [Step]]);

const TASK_PENDING: u32 = 1;
const FLAGS: u32 = 7;
const STEP: u32 = 8;
const FIRST: u32 = 0u32.wrapping_sub(STEP);
const NONE: u32 = u32::MAX;
const ROUNDS: usize = 2;

fn is_over(seen: u32, number: u32) -> bool {
    seen & !FLAGS != number
}

/// `struct implicit_task` and its deque.
struct Member {
    barriers: Plain<u32>,
    rounds: [WaitWord; ROUNDS],
    deque: AtomicU32,
    /// Descendants that are not executed.
    unsettled: AtomicU32,
    /// Of the fault that it says so late.
    has_deferred: Plain<bool>,
    /// Barriers in which it executed tasks, a bit for each.
    with_tasks: Plain<u32>,
}

struct Task {
    /// It defers this task.
    child: Option<u32>,
    root: Plain<usize>,
    executed: Plain<u32>,
    begun: WaitWord,
}

struct Team {
    num_threads: usize,
    is_counting: bool,
    defers_tasks: Plain<bool>,
    arrived: AtomicU32,
    generation: WaitWord,
    for_tasks: Idlers,
    for_completion: Idlers,
    shared: AtomicU32,
    members: Vec<Member>,
    tasks: Vec<Task>,
    /// Who has come to which barrier.
    came: Vec<Vec<Plain<bool>>>,
    fault: Fault,
}

/// What a thread that has taken a task does with it, if the condition for which it waits holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Execute,
    Share,
}

impl Team {
    fn has_tasks(&self, number: u32) -> bool {
        self.generation.value.load(Ordering::SeqCst) == number | TASK_PENDING
    }

    fn take(&self) -> Option<u32> {
        std::iter::once(&self.shared).chain(self.members.iter().map(|member| &member.deque)).find_map(|place| {
            let task = place.load(Ordering::SeqCst);
            let is_taken =
                task != NONE && place.compare_exchange(task, NONE, Ordering::SeqCst, Ordering::Relaxed).is_ok();
            is_taken.then_some(task)
        })
    }

    fn notify_of_task(&self) {
        self.for_tasks.call_one();
        self.for_completion.notify(ALL);
    }

    fn count_ready(&self) -> u32 {
        std::iter::once(&self.shared)
            .chain(self.members.iter().map(|member| &member.deque))
            .map(|place| u32::from(place.load(Ordering::SeqCst) != NONE))
            .sum()
    }

    /// `omp2wasi_push_task`
    fn defer(&self, me: usize, task: u32, root: usize) {
        self.tasks[task as usize].root.set(root);
        self.members[root].unsettled.fetch_add(1, Ordering::Relaxed);
        assert_eq!(self.members[me].deque.swap(task, Ordering::SeqCst), NONE, "no place");
        match self.fault {
            Fault::NotAnnounced => {}
            Fault::AnnouncedLate => self.members[me].has_deferred.set(true),
            _ => self.announce_tasks(me),
        }
        self.notify_of_task();
    }

    fn execute(&self, me: usize, task: u32) {
        let Task { child, root, executed, begun } = &self.tasks[task as usize];
        let root = root.get();
        executed.add(1);
        begun.signal(1, ALL);
        if let Some(child) = child {
            self.defer(me, *child, root);
        }
        self.members[root].unsettled.fetch_sub(1, Ordering::SeqCst);
        if root != me {
            self.for_completion.notify(ALL);
        }
    }

    /// `omp2wasi_work_until`, and `execute_in`.
    fn work_until(&self, me: usize, holds: impl Fn() -> bool, then: Then, idlers: &Idlers) {
        let execute = |task: u32| {
            if then == Then::Share && self.fault != Fault::ExecutesBehind && holds() {
                assert_eq!(self.shared.swap(task, Ordering::SeqCst), NONE, "no place");
                self.notify_of_task();
                return true;
            }
            self.execute(me, task);
            holds()
        };
        let count_ready = || self.count_ready();
        let count_ready = (then == Then::Share).then_some(&count_ready as &dyn Fn() -> u32);
        idlers.work_until(&holds, |_| self.take(), execute, count_ready, wait::Fault::None);
    }

    /// `omp2wasi_work_until_over`
    fn work_until_over(&self, me: usize, word: &WaitWord, number: u32) {
        self.work_until(me, || is_over(word.value.load(Ordering::SeqCst), number), Then::Share, &self.for_tasks);
    }

    /// `omp2wasi_settle`
    fn settle(&self, me: usize) {
        let unsettled = &self.members[me].unsettled;
        self.work_until(me, || unsettled.load(Ordering::SeqCst) == 0, Then::Execute, &self.for_completion);
    }

    /// `omp2wasi_barrier_with_tasks`
    fn barrier_with_tasks(&self, me: usize, number: u32) {
        if self.fault != Fault::ArrivesUnsettled {
            self.settle(me);
        }
        if self.arrive(number) {
            self.notify_working();
        } else {
            self.work_until_over(me, &self.generation, number);
        }
    }

    fn wake_waiting(&self) {
        if self.fault == Fault::WakesNobody {
            return;
        }
        if self.is_counting {
            self.generation.wake(ALL);
            return;
        }
        for flag in self.members.iter().flat_map(|member| &member.rounds[..self.num_rounds()]) {
            if self.fault == Fault::SetsFlag {
                flag.value.fetch_or(TASK_PENDING, Ordering::SeqCst);
            } else {
                flag.value.fetch_xor(TASK_PENDING, Ordering::SeqCst);
            }
            flag.wake(1);
        }
    }

    /// `omp2wasi_announce_tasks`
    fn announce_tasks(&self, me: usize) {
        if self.defers_tasks.get() {
            return;
        }
        let announced = self.members[me].barriers.get() | TASK_PENDING;
        let mut seen = self.generation.value.load(Ordering::SeqCst);
        while seen != announced {
            match self.generation.value.compare_exchange(seen, announced, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => return self.wake_waiting(),
                Err(now) => seen = now,
            }
        }
    }

    fn announce_late(&self, me: usize) {
        if self.fault == Fault::AnnouncedLate && self.members[me].has_deferred.get() {
            self.members[me].has_deferred.set(false);
            self.announce_tasks(me);
        }
    }

    fn wait_until_over(&self, me: usize, word: &WaitWord, number: u32) {
        loop {
            let seen = word.value.load(Ordering::Acquire);
            if is_over(seen, number) {
                return;
            }
            if self.has_tasks(number) {
                self.work_until_over(me, word, number);
            } else {
                word.host_wait(seen);
            }
        }
    }

    fn notify_working(&self) {
        if self.fault != Fault::NotifiesNobody && self.for_tasks.count.load(Ordering::SeqCst) != 0 {
            self.for_tasks.notify(ALL);
        }
    }

    fn num_rounds(&self) -> usize {
        self.num_threads.next_power_of_two().ilog2() as usize
    }

    fn disseminate(&self, me: usize, number: u32) {
        for round in 0..self.num_rounds() {
            let partner = (me + (1 << round)) % self.num_threads;
            self.members[partner].rounds[round].signal(number.wrapping_add(STEP), 1);
            self.notify_working();
            self.announce_late(me);
            self.wait_until_over(me, &self.members[me].rounds[round], number);
        }
    }

    /// `omp2wasi_arrive`
    fn arrive(&self, number: u32) -> bool {
        if self.arrived.fetch_add(1, Ordering::AcqRel) != self.num_threads as u32 - 1 {
            return false;
        }
        if self.fault != Fault::ResetsLate {
            self.arrived.store(0, Ordering::Relaxed);
        }
        self.generation.signal(number.wrapping_add(STEP), ALL);
        if self.fault == Fault::ResetsLate {
            self.arrived.store(0, Ordering::Relaxed);
        }
        true
    }

    fn count_arrivals(&self, me: usize, number: u32) {
        if self.arrive(number) {
            self.notify_working();
        } else {
            self.announce_late(me);
            self.wait_until_over(me, &self.generation, number);
        }
    }

    /// `barrier_of_team`, and `omp2wasi_barrier`.
    fn barrier(&self, me: usize) {
        let member = &self.members[me];
        let number = member.barriers.get();
        let defers = self.defers_tasks.get();
        if !self.is_counting && !defers {
            self.disseminate(me, number);
        }
        if defers || self.has_tasks(number) {
            member.with_tasks.add(1 << (number.wrapping_sub(FIRST) / STEP));
            self.barrier_with_tasks(me, number);
        } else if self.is_counting {
            self.count_arrivals(me, number);
        }
        member.barriers.set(number.wrapping_add(STEP));
    }

    /// fork.c, `prepare_for_tasks`.
    fn prepare_for_tasks(&self, defers: bool) {
        if defers == self.defers_tasks.get() {
            return;
        }
        self.defers_tasks.set(defers);
        let number = self.members[0].barriers.get();
        self.generation.value.store(number, Ordering::Relaxed);
        if self.fault == Fault::KeepsFlags {
            return;
        }
        for flag in self.members.iter().flat_map(|member| &member.rounds) {
            flag.value.store(number, Ordering::Relaxed);
        }
    }

    fn region(&self, me: usize, steps: &[Step]) {
        for step in steps {
            match *step {
                Step::Defer(task) => self.defer(me, task, me),
                Step::Help(task) => self.tasks[task as usize].begun.wait_while(0),
                Step::Barrier(tasks) => {
                    let barrier = (self.members[me].barriers.get().wrapping_sub(FIRST) / STEP) as usize;
                    self.came[barrier][me].set(true);
                    self.barrier(me);
                    assert!(self.came[barrier].iter().all(Plain::get), "a thread has not arrived");
                    assert!(
                        self.tasks[..tasks as usize].iter().all(|task| task.executed.get() == 1),
                        "a task is not executed"
                    );
                }
            }
        }
    }
}

/// A team executes `regions`, the barriers of which are `barriers` in all, with one task for each of `children`, which may defer another.
/// `is_counting` says what its barriers without tasks are.
pub fn barriers(
    is_counting: bool,
    regions: &'static [Region],
    barriers: usize,
    children: &'static [Option<u32>],
    fault: Fault,
    switches: usize,
) {
    model(switches, move || {
        let num_threads = regions[0].1.len();
        let member = || Member {
            barriers: Plain::new(FIRST),
            rounds: [WaitWord::new(FIRST), WaitWord::new(FIRST)],
            deque: AtomicU32::new(NONE),
            unsettled: AtomicU32::new(0),
            has_deferred: Plain::new(false),
            with_tasks: Plain::new(0),
        };
        let task = |child: &Option<u32>| Task {
            child: *child,
            root: Plain::new(0),
            executed: Plain::new(0),
            begun: WaitWord::default(),
        };
        let team = Arc::new(Team {
            num_threads,
            is_counting,
            defers_tasks: Plain::new(regions[0].0),
            arrived: AtomicU32::new(0),
            generation: WaitWord::new(FIRST),
            for_tasks: Idlers::default(),
            for_completion: Idlers::default(),
            shared: AtomicU32::new(NONE),
            members: (0..num_threads).map(|_| member()).collect(),
            tasks: children.iter().map(task).collect(),
            came: (0..barriers).map(|_| (0..num_threads).map(|_| Plain::new(false)).collect()).collect(),
            fault,
        });
        for (defers, steps) in regions {
            team.prepare_for_tasks(*defers);
            let threads: Vec<_> = (1..num_threads)
                .map(|me| {
                    let team = Arc::clone(&team);
                    thread::spawn(move || team.region(me, steps[me]))
                })
                .collect();
            team.region(0, steps[0]);
            for thread in threads {
                thread.join().expect("it does not panic");
            }
        }
        let kinds = team.members[0].with_tasks.get();
        // In a counting barrier it does not matter: a thread has arrived, whichever way it waits.
        assert!(
            is_counting || team.members.iter().all(|member| member.with_tasks.get() == kinds),
            "threads do not agree"
        );
    });
}
