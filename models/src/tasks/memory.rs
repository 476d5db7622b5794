//! shim/src/tasks/memory.c: blocks that other threads have freed go back to the thread that allocated them; each is in one place at a time,
//! and none is lost.

use super::{Life, Plain};
use crate::model;
use crate::sync::{AtomicU32, Ordering};
use loom::thread;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// A block is returned without an order.
    RelaxedReturn,
    /// Blocks are fetched without an order.
    RelaxedFetch,
    /// The list is read, and then emptied.
    FetchInTwoSteps,
    /// A block is written to after it has been returned.
    TouchesLate,
}

const NONE: u32 = u32::MAX;

/// `struct block`; a pointer to one in C is an index here.
struct Block {
    life: Life,
    next: Plain<u32>,
}

/// `struct pool`, for blocks of one kind and size.
struct Pool {
    blocks: [Block; 2],
    free: Plain<u32>,
    returned: AtomicU32,
    fault: Fault,
}

impl Pool {
    /// Puts a block that has just been made, or is one's own, on the list of free ones.
    fn put(&self, block: u32) {
        self.blocks[block as usize].next.set(self.free.get());
        self.free.set(block);
    }

    fn fetch_returned(&self) {
        let mut block = match self.fault {
            Fault::RelaxedFetch => self.returned.swap(NONE, Ordering::Relaxed),
            Fault::FetchInTwoSteps => {
                let list = self.returned.load(Ordering::Acquire);
                self.returned.store(NONE, Ordering::Release);
                list
            }
            _ => self.returned.swap(NONE, Ordering::Acquire),
        };
        while block != NONE {
            let next = self.blocks[block as usize].next.get();
            self.put(block);
            block = next;
        }
    }

    /// `omp2wasi_allocate_block`; where the C makes new blocks this returns none.
    fn allocate(&self) -> Option<u32> {
        if self.free.get() == NONE {
            self.fetch_returned();
        }
        let block = self.free.get();
        if block == NONE {
            return None;
        }
        let Block { life, next } = &self.blocks[block as usize];
        self.free.set(next.get());
        life.begin();
        Some(block)
    }

    /// `omp2wasi_free_block` on another thread.
    fn give_back(&self, block: u32) {
        let Block { life, next } = &self.blocks[block as usize];
        life.end();
        let order = if self.fault == Fault::RelaxedReturn { Ordering::Relaxed } else { Ordering::Release };
        let mut first = self.returned.load(Ordering::Relaxed);
        loop {
            if self.fault != Fault::TouchesLate {
                next.set(first);
            }
            match self.returned.compare_exchange(first, block, order, Ordering::Relaxed) {
                Ok(_) => break,
                Err(seen) => first = seen,
            }
        }
        if self.fault == Fault::TouchesLate {
            next.set(first);
        }
    }
}

/// A thread allocates the two blocks that there are; two others free them, and it allocates again what it finds, and gives one of these away
/// once more.
pub fn blocks_come_back(fault: Fault, switches: usize) {
    model(switches, move || {
        let block = || Block { life: Life::new(), next: Plain::new(NONE) };
        let pool = Arc::new(Pool {
            blocks: [block(), block()],
            free: Plain::new(NONE),
            returned: AtomicU32::new(NONE),
            fault,
        });
        let give_back = |block: u32| {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.give_back(block))
        };
        let mut threads = vec![give_back(0), give_back(1)];
        let mut found = Vec::new();
        found.extend(pool.allocate());
        found.extend(pool.allocate());
        if let Some(block) = found.pop() {
            threads.push(give_back(block));
        }
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        while let Some(block) = pool.allocate() {
            found.push(block);
        }
        found.sort_unstable();
        assert_eq!(found, [0, 1]);
    });
}
