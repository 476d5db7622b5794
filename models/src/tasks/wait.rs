//! shim/src/tasks/wait.c: threads that find nothing to do fall asleep, and are woken when there is something. No wake-up is lost: as long as
//! there are tasks, no thread that may take them sleeps.
//!
//! The looks before a thread counts itself are left out: they change nothing.

use super::deque::{self, Deque};
use super::{ALL, Plain, WaitWord};
use crate::model;
use crate::sync::{AtomicU32, Ordering};
use loom::sync::Mutex;
use loom::thread;
use std::sync::{Arc, PoisonError};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Those who wait are told first, and what they are told of is done then.
    NotifiesFirst,
    /// A thread looks for the last time, and counts itself then.
    CountsLate,
    /// A thread reads the event after it has looked for the last time.
    ReadsEventLate,
    /// A task is added with release alone.
    ReleaseOnly,
    /// A thread that another one was faster than falls asleep.
    SleepsThoughLate,
}

/// `struct idlers`
#[derive(Default)]
pub(crate) struct Idlers {
    event: WaitWord,
    pub(crate) count: AtomicU32,
}

impl Idlers {
    /// `omp2wasi_notify`
    pub(crate) fn notify(&self, count: i32) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        self.event.value.fetch_add(1, Ordering::SeqCst);
        self.event.wake(count);
    }

    /// `omp2wasi_work_until`. `take` says also whether another thread was faster; `execute` says whether the condition holds then.
    pub(crate) fn work_until<T>(
        &self,
        holds: impl Fn() -> bool,
        take: impl Fn(&mut bool) -> Option<T>,
        execute: impl Fn(T) -> bool,
        fault: Fault,
    ) {
        while !holds() {
            if fault != Fault::CountsLate {
                self.count.fetch_add(1, Ordering::SeqCst);
            }
            let mut seen = self.event.value.load(Ordering::SeqCst);
            let mut is_late = false;
            let has_held = holds();
            let task = if has_held { None } else { take(&mut is_late) };
            if fault == Fault::CountsLate {
                self.count.fetch_add(1, Ordering::SeqCst);
            }
            if fault == Fault::ReadsEventLate {
                seen = self.event.value.load(Ordering::SeqCst);
            }
            if !has_held && task.is_none() && (!is_late || fault == Fault::SleepsThoughLate) {
                self.event.host_wait(seen);
            }
            self.count.fetch_sub(1, Ordering::SeqCst);
            if has_held || task.is_some_and(&execute) {
                return;
            }
        }
    }
}

/// `struct shared_tasks`, with `share` and `take_shared`.
#[derive(Default)]
struct SharedTasks {
    tasks: Mutex<Vec<u32>>,
    count: AtomicU32,
}

impl SharedTasks {
    fn share(&self, task: u32) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.push(task);
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    fn take(&self) -> Option<u32> {
        if self.count.load(Ordering::SeqCst) == 0 {
            return None;
        }
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let task = tasks.pop();
        if task.is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        task
    }
}

struct Team {
    deque: Deque,
    shared: SharedTasks,
    for_tasks: Idlers,
    over: AtomicU32,
    /// What each task does: it says that it has begun, and, where tasks need each other, waits for the other one.
    begun: [WaitWord; 2],
    executed: [Plain<u32>; 2],
}

/// A thread adds two tasks to its deque (or shares them), executes none, and waits for them to be executed. Then it says that all is over.
/// `workers` wait for tasks until then. With `is_together` each of the tasks is over only when the other one has begun; so both must be
/// executed at the same time.
pub fn idle_threads(workers: u32, is_shared: bool, is_together: bool, fault: Fault, switches: usize) {
    model(switches, move || {
        let of_deque = if fault == Fault::ReleaseOnly { deque::Fault::LessThanConsistent } else { deque::Fault::None };
        let team = Arc::new(Team {
            deque: Deque::new(of_deque),
            shared: SharedTasks::default(),
            for_tasks: Idlers::default(),
            over: AtomicU32::new(0),
            begun: Default::default(),
            executed: [Plain::new(0), Plain::new(0)],
        });
        let threads: Vec<_> = (0..workers)
            .map(|_| {
                let team = Arc::clone(&team);
                thread::spawn(move || {
                    let is_over = || team.over.load(Ordering::SeqCst) == 1;
                    let take = |is_late: &mut bool| {
                        if is_shared { team.shared.take() } else { team.deque.steal(None, is_late) }
                    };
                    let execute = |task: u32| {
                        let task = task as usize;
                        team.executed[task].add(1);
                        team.begun[task].signal(1, ALL);
                        if is_together {
                            team.begun[1 - task].wait_while(0);
                        }
                        is_over()
                    };
                    team.for_tasks.work_until(is_over, take, execute, fault);
                })
            })
            .collect();
        for task in 0..2 {
            if fault == Fault::NotifiesFirst {
                team.for_tasks.notify(1);
            }
            team.executed[task as usize].set(100);
            if is_shared {
                team.shared.share(task);
            } else {
                assert!(team.deque.push(task));
            }
            if fault != Fault::NotifiesFirst {
                team.for_tasks.notify(1);
            }
        }
        team.begun.iter().for_each(|begun| begun.wait_while(0));
        team.over.store(1, Ordering::SeqCst);
        team.for_tasks.notify(ALL);
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        assert!(team.executed.iter().all(|executed| executed.get() == 101));
    });
}
