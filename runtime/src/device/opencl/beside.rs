//! Copies beside launches: a copy that uses no memory of a launch under way goes through a queue of its own, one for each direction, and
//! does not wait for that launch.
//!
//! Kernels and all other copies go through the launches' queue, one after the other. So this module knows what the commands in it use that
//! may not have been done, and which copies are under way in the other queues.
//!
//! Invariant: of two commands that use the same bytes, both are in the launches' queue, or the end of the first has been seen before the
//! second is enqueued, or the second waits for the first one's event.

use opencl3::event::Event;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Which bytes of the mirror a command uses.
#[derive(Clone, Debug)]
pub(super) enum Uses {
    /// Any.
    Everything,
    /// Those in these ranges.
    Ranges(Vec<Range<usize>>),
}

impl Uses {
    /// Whether it uses some of these bytes.
    fn meets(&self, bytes: &Range<usize>) -> bool {
        match self {
            Self::Everything => true,
            Self::Ranges(ranges) => ranges.iter().any(|range| range.start < bytes.end && bytes.start < range.end),
        }
    }
}

/// A command in the launches' queue.
struct Command {
    /// The number of the first ticket that covers it: see [`super::mirror::Queued`].
    place: u64,
    is_launch: bool,
    uses: Uses,
}

/// A copy in a queue of its own.
struct Copy {
    number: u64,
    uses: Uses,
    /// Its end.
    event: Arc<Event>,
}

/// What is under way on a mirror.
#[derive(Default)]
pub(super) struct Traffic {
    commands: VecDeque<Command>,
    copies: Vec<Copy>,
    /// The number of the next copy.
    number: u64,
}

impl Traffic {
    /// Notes a command that has been enqueued in the launches' queue; the first ticket that covers it has the number `place`.
    pub fn note(&mut self, place: u64, is_launch: bool, uses: Uses) {
        self.commands.push_back(Command { place, is_launch, uses });
    }

    /// Notes that the launches' queue has done what the ticket of this number covers.
    pub fn has_done(&mut self, done: u64) {
        while self.commands.front().is_some_and(|command| command.place <= done) {
            self.commands.pop_front();
        }
    }

    /// Whether a copy of these bytes can save waiting for a launch: one is under way, and nothing that is uses any of them.
    pub fn lets_pass(&self, bytes: &Range<usize>) -> bool {
        self.commands.iter().any(|command| command.is_launch)
            && !self.commands.iter().any(|command| command.uses.meets(bytes))
            && !self.copies.iter().any(|copy| copy.uses.meets(bytes))
    }

    /// The ends of the copies beside that use some of the bytes: a command that does so is to wait for them.
    pub fn copies_of(&self, uses: &Uses) -> Vec<Arc<Event>> {
        let meets = |copy: &&Copy| match uses {
            Uses::Everything => true,
            Uses::Ranges(ranges) => ranges.iter().any(|range| copy.uses.meets(range)),
        };
        self.copies.iter().filter(meets).map(|copy| copy.event.clone()).collect()
    }

    /// Notes a copy that has been enqueued beside; returns its number, for [`Self::end_copy`].
    pub fn begin_copy(&mut self, uses: Uses, event: Arc<Event>) -> u64 {
        self.number += 1;
        self.copies.push(Copy { number: self.number, uses, event });
        self.number
    }

    /// Notes that a copy beside has ended.
    pub fn end_copy(&mut self, number: u64) {
        self.copies.retain(|copy| copy.number != number);
    }
}
