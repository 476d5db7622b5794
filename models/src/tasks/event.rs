//! shim/src/tasks/event.c, and omp2wasi_end_task in execute.c: a task with an event is completed once, by the thread that ends it or by the
//! one that fulfils the event; the latter may do so while the former executes the task's children.

use super::execute::{Fault, World};
use crate::model;
use crate::sync::Ordering;
use loom::thread;
use std::sync::Arc;

const FULFILLED: u32 = 1;
const EXECUTED: u32 = 2;

impl World {
    fn set_bit(&self, task: usize, bit: u32) -> u32 {
        let event = &self.task(task).event;
        match self.fault {
            Fault::EventInTwoSteps => {
                let before = event.load(Ordering::SeqCst);
                event.store(before | bit, Ordering::SeqCst);
                before
            }
            Fault::EventRelaxed => event.fetch_or(bit, Ordering::Relaxed),
            _ => event.fetch_or(bit, Ordering::AcqRel),
        }
    }

    /// `omp2wasi_end_task`
    fn end(&self, thread: u32, task: usize) {
        self.give_up(task);
        if self.set_bit(task, EXECUTED) & FULFILLED != 0 {
            self.complete(thread, task);
        }
    }

    /// `fulfill`
    fn fulfill(&self, thread: u32, task: usize) {
        if self.set_bit(task, FULFILLED) & EXECUTED != 0 {
            self.complete(thread, task);
        }
    }
}

/// Thread 1 executes task 1, which has an event, and then its children, `children` of them. Thread 2 fulfils the event at any time. Thread 0
/// waits for all, and reads what the task has written.
pub fn completed_by_its_event(children: usize, fault: Fault, switches: usize) {
    model(switches, move || {
        let parents: Vec<usize> = (0..=children).map(|task| usize::from(task != 0)).collect();
        let world = World::new(&parents, 0, fault);
        world.generate(1);
        let fulfilling = Arc::clone(&world);
        let fulfilling = thread::spawn(move || fulfilling.fulfill(2, 1));
        let executing = Arc::clone(&world);
        let executing = thread::spawn(move || {
            let world = executing;
            world.begin(1, 1);
            (0..children).for_each(|child| world.generate(2 + child));
            world.task(1).result.set(1);
            world.end(1, 1);
            for child in 0..children {
                world.execute(1, 2 + child);
            }
        });
        world.end_group();
        assert_eq!(world.result_of(1), 1);
        for thread in [fulfilling, executing] {
            thread.join().expect("it does not panic");
        }
        world.check();
    });
}
