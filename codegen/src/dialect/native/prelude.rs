//! The prelude of native code: C for clang, of which a text has what it needs.

use crate::dialect::c::prelude;

/// What every text has.
const BASE: &str = include_str!("prelude/base.c");

/// What a text has some of, in the order in which it is printed.
const PRELUDE: [&str; 5] = [
    include_str!("prelude/memory.c"),
    include_str!("prelude/loops.c"),
    include_str!("prelude/scalars.c"),
    include_str!("prelude/atomics.c"),
    include_str!("prelude/vectors.c"),
];

/// The prelude with the items of these names, and those that they need.
pub(super) fn needed(names: impl IntoIterator<Item = &'static str>) -> String {
    format!("{BASE}\n{}", prelude::needed(&PRELUDE, names, |_| None))
}
