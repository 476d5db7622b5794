//! Teams of CPU threads: fork and join, waiting, places.

pub(crate) mod member;
pub(crate) mod places;
pub(crate) mod spread;
pub(crate) mod team;
pub(crate) mod wait;
