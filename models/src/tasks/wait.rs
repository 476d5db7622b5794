//! shim/src/tasks/wait.c: threads that find nothing to do fall asleep, and are woken when there is something. No wake-up is lost: as long as
//! there are tasks, no thread that may take them sleeps.
//!
//! Of the looks before a thread counts itself there is one, for threads that may be called; of others they change nothing.

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
    /// A thread that was called does not call the next one.
    EndsCall,
    /// A call for a thread that has found something by itself stays.
    LeavesCall,
    /// A thread takes a call back before it reads the event.
    TakesBackFirst,
}

/// `struct idlers`
#[derive(Default)]
pub(crate) struct Idlers {
    event: WaitWord,
    pub(crate) count: AtomicU32,
    is_called: AtomicU32,
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

    /// `call_one`
    pub(crate) fn call_one(&self) {
        if self.count.load(Ordering::SeqCst) != 0
            && self.is_called.load(Ordering::SeqCst) == 0
            && self.is_called.swap(1, Ordering::SeqCst) == 0
        {
            self.notify(1);
        }
    }

    /// `take_back_call`
    fn take_back_call(&self) -> bool {
        self.is_called.load(Ordering::SeqCst) != 0 && self.is_called.swap(0, Ordering::SeqCst) != 0
    }

    /// `omp2wasi_work_until`. `take` says also whether another thread was faster; `execute` says whether the condition holds then.
    /// `count_ready` counts the tasks where the thread may be called for them.
    pub(crate) fn work_until<T>(
        &self,
        holds: impl Fn() -> bool,
        take: impl Fn(&mut bool) -> Option<T>,
        execute: impl Fn(T) -> bool,
        count_ready: Option<&dyn Fn() -> u32>,
        fault: Fault,
    ) {
        while !holds() {
            if let Some(task) = count_ready.and_then(|_| take(&mut false)) {
                if execute(task) {
                    return;
                }
                continue;
            }
            if fault != Fault::CountsLate {
                self.count.fetch_add(1, Ordering::SeqCst);
            }
            let mut was_called = fault == Fault::TakesBackFirst && self.take_back_call();
            let mut seen = self.event.value.load(Ordering::SeqCst);
            if !matches!(fault, Fault::LeavesCall | Fault::TakesBackFirst) {
                was_called |= count_ready.is_some() && self.take_back_call();
            }
            let mut is_late = false;
            let mut has_held = holds();
            let mut task = if has_held { None } else { take(&mut is_late) };
            if fault == Fault::CountsLate {
                self.count.fetch_add(1, Ordering::SeqCst);
            }
            if fault == Fault::ReadsEventLate {
                seen = self.event.value.load(Ordering::SeqCst);
            }
            let has_found = has_held || task.is_some();
            if !has_found && (!is_late || fault == Fault::SleepsThoughLate) {
                self.event.host_wait(seen);
            }
            self.count.fetch_sub(1, Ordering::SeqCst);
            if let Some(count_ready) = count_ready {
                was_called |= self.take_back_call();
                if !has_found {
                    has_held = holds();
                    task = if has_held { None } else { take(&mut false) };
                }
                if was_called && (has_held || task.is_some()) && fault != Fault::EndsCall {
                    self.pass_on_call(count_ready);
                }
            }
            if has_held || task.is_some_and(&execute) {
                return;
            }
        }
    }

    /// `pass_on_call`
    fn pass_on_call(&self, count_ready: &dyn Fn() -> u32) {
        if self.count.load(Ordering::SeqCst) != 0 && count_ready() != 0 {
            self.call_one();
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
                    let count_ready = || {
                        if is_shared { team.shared.count.load(Ordering::SeqCst) } else { team.deque.size() }
                    };
                    team.for_tasks.work_until(is_over, take, execute, Some(&count_ready), fault);
                })
            })
            .collect();
        for task in 0..2 {
            if fault == Fault::NotifiesFirst {
                team.for_tasks.call_one();
            }
            team.executed[task as usize].set(100);
            if is_shared {
                team.shared.share(task);
            } else {
                assert!(team.deque.push(task));
            }
            if fault != Fault::NotifiesFirst {
                team.for_tasks.call_one();
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
