//! What a function is lifted for: that decides what its parameters are and what calls of the OpenMP runtime mean.

use crate::ir::{Expr, Place, Privates, Thread};

/// What a function is lifted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    /// It is called, or a kernel.
    Function,
    /// It is called from a microtask for virtual threads, or from a function like this one: the code of one thread.
    Called,
    /// It is called from a microtask for the members of a team, or from a function like this one: by one member, or by all of them, which may wait
    /// for one another and share loops there.
    Joint,
    /// It is the microtask of a nested parallel region, whose team has one thread, or called from there; so deep is it nested.
    Serial(u8),
    /// It is the function of a teams region, to be looked at: addresses in its frame may go anywhere.
    Teams,
    /// It is a region's microtask, for virtual threads.
    Microtask,
    /// It is the function of a league whose teams fork parallel regions: all work-items of a work-group, which is a team, execute it alike.
    League,
    /// The same of a target region that is one team: the region's own function, which has no thread numbers.
    Target,
    /// It is called from such a function, or from one like this; in so many parallel regions that have one thread.
    Team(u8),
    /// It is a microtask that a team forks, for the members of the team as they are.
    Member,
    /// It is the microtask of a region that reduces, lifted a second time: one work-item runs it at the end, without iterations, to combine
    /// the totals with the originals.
    LastMicrotask,
    /// It combines private copies.
    Combiner,
    /// It becomes native code, which has the stack, the globals and the table that WebAssembly has: everything means itself.
    Native,
}

impl Role {
    /// Whether calls of the runtime mean what they mean on a device.
    pub fn is_region(self) -> bool {
        self.is_microtask() || self.is_of_team() || matches!(self, Self::Called | Self::Joint | Self::Serial(_))
    }

    /// Whether it is a microtask.
    pub fn is_microtask(self) -> bool {
        matches!(self, Self::Microtask | Self::LastMicrotask | Self::Member)
    }

    /// Whether all members of a team execute it alike.
    pub fn is_of_team(self) -> bool {
        matches!(self, Self::League | Self::Target | Self::Team(_))
    }

    /// Whether threads execute it as they are, or the one of a team's serial code: no virtual threads.
    pub fn is_of_threads(self) -> bool {
        self.is_of_members() || self.is_of_team()
    }

    /// Whether members of a team execute it as they are, in a parallel region.
    pub fn is_of_members(self) -> bool {
        matches!(self, Self::Member | Self::Joint)
    }

    /// Whether a league begins with it.
    pub fn is_league(self) -> bool {
        matches!(self, Self::League | Self::Target)
    }

    /// What the functions that it calls are lifted for.
    pub fn of_callees(self) -> Self {
        match self {
            Self::Team(_) => self,
            _ if self.is_of_team() => Self::Team(0),
            _ if self.is_of_members() => Self::Joint,
            _ if self.is_microtask() => Self::Called,
            Self::Called | Self::Serial(_) => self,
            _ => Self::Function,
        }
    }

    /// What functions are lifted for that it calls in a parallel region of one thread that it has begun.
    pub fn of_nested(self) -> Self {
        match self {
            Self::Serial(depth) => Self::Serial(depth.saturating_add(1)),
            Self::Team(depth) => Self::Team(depth.saturating_add(1)),
            _ if self.is_of_team() => Self::Team(1),
            _ => Self::Serial(1),
        }
    }

    /// In how many parallel regions that have one thread it is called, beside those that can be told from its code.
    pub fn depth(self) -> u8 {
        if let Self::Serial(depth) | Self::Team(depth) = self { depth } else { 0 }
    }

    /// Whether it is called in a region, by threads or teams.
    pub fn is_called(self) -> bool {
        matches!(self, Self::Called | Self::Joint | Self::Serial(_) | Self::Team(_))
    }

    /// Whether its stack frame may be in memory. A combiner's private copies are fields of accumulators.
    pub fn may_have_frame(self) -> bool {
        self == Self::Function || self.is_region()
    }

    /// Addresses that its first two parameters have.
    pub fn places(self) -> Option<[Place; 2]> {
        match self {
            Self::Function
            | Self::Called
            | Self::Joint
            | Self::Serial(_)
            | Self::Target
            | Self::Team(_)
            | Self::Native => None,
            Self::Teams | Self::League | Self::Microtask | Self::Member | Self::LastMicrotask => {
                Some([Place::ThreadNumber(Thread::Global, 0), Place::ThreadNumber(Thread::Bound, 0)])
            }
            Self::Combiner => Some([Place::List(Privates::Into, 0), Place::List(Privates::From, 0)]),
        }
    }

    /// How many of its parameters the lifted function does without: those that are addresses of places.
    pub fn implied_parameters(self) -> usize {
        if self.places().is_some() { 2 } else { 0 }
    }
}

/// The pointer that a combiner reads at a place, if that is an entry of one of its lists.
pub(super) fn listed(place: Place) -> Option<Expr> {
    /// A reduction clause has far fewer variables.
    const MAX_PRIVATES: i32 = 1024;
    match place {
        Place::List(list, at) if at % 4 == 0 && (0..4 * MAX_PRIVATES).contains(&at) => {
            Some(Expr::Address(Place::Private(list, at as u32 / 4, 0)))
        }
        _ => None,
    }
}
