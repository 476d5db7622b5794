//! Fork, join and waiting of the host, the very files of the runtime, with loom's atomics and locks in the place of the machine's; and the
//! tasks of the shim, said once more in Rust. loom runs a model again and again, each time with another order of the threads' steps and other
//! values for loads that may be stale, and finds data races and threads that wait for ever.
//!
//! `mutex` is a transcription of the guest's lock, `shim/src/mutex.c`.
//!
//! Invariant: what the files take from `crate::sync` has the same meaning here as there.

mod cpu;
mod mutex;
mod sync;
pub mod tasks;

use cpu::dock::{Dock, join};
use cpu::wait::{Interrupted, Policy, WaitWord, Waiters};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// Threads that sleep at once when they have to wait: how long they stay awake before makes no difference to what can happen.
fn waiters() -> Waiters {
    Waiters::new(Policy::new(Some("passive")), 1)
}

/// Tries all orders with at most `switches` unforced switches from one thread to another.
fn model(switches: usize, body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(switches);
    builder.check(body);
}

/// What members of a team write in turn, without any order but that of fork and join.
struct Guest(UnsafeCell<u32>);

// SAFETY: loom finds accesses that overlap.
unsafe impl Sync for Guest {}

impl Guest {
    fn add(&self, more: u32) {
        // SAFETY: loom reports what is not ordered.
        self.0.with_mut(|value| unsafe { *value += more });
    }

    fn get(&self) -> u32 {
        // SAFETY: as in `add`.
        self.0.with(|value| unsafe { *value })
    }
}

/// What a team of the model shares: each worker has a word and a variable of its own.
struct Team {
    dock: Dock<u32>,
    waiters: Waiters,
    finished: Vec<WaitWord>,
    guests: Vec<Guest>,
}

/// A primary thread forks `sizes` one after the other, on a team with `workers` workers; each worker adds the region's number to its variable in
/// each region that it takes part in. In the end it is dismissed.
pub fn fork_and_join(workers: u32, sizes: &'static [u32], switches: usize) {
    model(switches, move || {
        let team = Arc::new(Team {
            dock: Dock::default(),
            waiters: waiters(),
            finished: (0..workers).map(|_| WaitWord::default()).collect(),
            guests: (0..workers).map(|_| Guest(UnsafeCell::new(0))).collect(),
        });
        let threads: Vec<_> = (1..=workers)
            .map(|index| {
                let team = Arc::clone(&team);
                let mut seen = team.dock.now();
                thread::spawn(move || {
                    while let Ok(Some(task)) = team.dock.next(index, &mut seen, &team.waiters) {
                        assert!(index < task.size);
                        team.guests[index as usize - 1].add(task.region);
                        team.finished[index as usize - 1].signal(task.fork, 1);
                    }
                })
            })
            .collect();
        let mut expected = vec![0; workers as usize];
        for (fork, size) in (1..).zip(sizes) {
            let members = *size as usize - 1;
            // Before the fork the variables are the primary thread's, and after the join again.
            team.guests[..members].iter().for_each(|guest| guest.add(100));
            // SAFETY: the workers of the last fork have been joined.
            unsafe { team.dock.start(fork, fork * 10, *size) };
            for finished in &team.finished[..members] {
                assert_eq!(join(finished, fork, &team.waiters), Ok(()));
            }
            expected[..members].iter_mut().for_each(|expected| *expected += 100 + fork * 10);
            for (guest, expected) in team.guests[..members].iter().zip(&expected) {
                assert_eq!(guest.get(), *expected);
            }
        }
        team.dock.dismiss(sizes.len() as u32 + 1);
        for thread in threads {
            thread.join().expect("the worker does not panic");
        }
    });
}

/// Two threads take turns, each waiting for the other's signal.
pub fn turns(switches: usize) {
    model(switches, || {
        let shared = Arc::new((waiters(), <[WaitWord; 2]>::default()));
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let (waiters, words) = &*shared;
                for turn in 0..2 {
                    assert_eq!(waiters.wait(&words[0], turn), Ok(turn + 1));
                    words[1].signal(turn + 1, 1);
                }
            })
        };
        let (waiters, words) = &*shared;
        for turn in 0..2 {
            words[0].signal(turn + 1, 1);
            assert_eq!(waiters.wait(&words[1], turn), Ok(turn + 1));
        }
        other.join().expect("it does not panic");
    });
}

/// The program ends while a thread waits for something that does not come, and another for something that does.
pub fn end(switches: usize) {
    model(switches, || {
        let shared = Arc::new((waiters(), <[WaitWord; 2]>::default()));
        let threads: Vec<_> = (0..2)
            .map(|number| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.0.wait(&shared.1[number], 0))
            })
            .collect();
        shared.1[1].signal(1, 1);
        shared.0.end(|| {});
        let ended: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("it does not panic")).collect();
        assert_eq!(ended[0], Err(Interrupted));
        assert!(matches!(ended[1], Ok(1) | Err(Interrupted)));
    });
}

/// Threads take a lock, each so often, and write a variable under it. The lock is granted after so many passes.
pub fn lock(threads: usize, times: usize, passes: u32, switches: usize) {
    model(switches, move || {
        let shared = Arc::new((mutex::Mutex::new(threads * times, passes), Guest(UnsafeCell::new(0))));
        let body = move |shared: &(mutex::Mutex, Guest), thread: usize| {
            for time in 0..times {
                shared.0.lock(thread * times + time + 1);
                shared.1.add(1);
                shared.0.unlock();
            }
        };
        let others: Vec<_> = (1..threads)
            .map(|thread| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || body(&shared, thread))
            })
            .collect();
        body(&shared, 0);
        for other in others {
            other.join().expect("it does not panic");
        }
        assert_eq!(shared.1.get(), (threads * times) as u32);
        assert!(shared.0.is_free());
    });
}
