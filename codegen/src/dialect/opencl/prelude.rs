//! Which parts of the prelude a kernel is printed with.

use crate::Bounds;
use crate::dialect::c::prelude;

/// OpenCL C, in the order in which it is printed.
const PRELUDE: [&str; 5] = [
    include_str!("prelude/memory.cl"),
    include_str!("prelude/scalars.cl"),
    include_str!("prelude/mathematics.cl"),
    include_str!("prelude/atomics.cl"),
    include_str!("prelude/vectors.cl"),
];

/// Selects among the versions of those helpers that there are several of: `trap` in order or once, loads and stores for GPUs, for CPUs or
/// with a guard.
pub(super) struct Variants {
    pub bounds: Bounds,
    /// Whether work-items get blocks of iterations, as on CPUs.
    pub blocks: bool,
    /// Whether, of the sites where a work-item has trapped, the one with the least number was the first: functions call no others, and a
    /// work-item ends after the virtual thread that traps.
    pub is_ordered: bool,
}

impl Variants {
    /// The helpers that there are several versions of.
    const WORDS: [&str; 3] = ["trap", "BITS_LOAD", "BITS_STORE"];

    /// What the name of the right one ends with in the prelude.
    fn of(&self, word: &str) -> Option<&'static str> {
        Some(match word {
            "trap" if self.is_ordered && !self.blocks => "_in_order",
            "trap" => "_once",
            "BITS_LOAD" | "BITS_STORE" if self.bounds == Bounds::Guarded => "_guarded",
            "BITS_LOAD" | "BITS_STORE" if self.blocks => "_blocks",
            "BITS_LOAD" | "BITS_STORE" => "_spread",
            _ => return None,
        })
    }
}

/// The items of these names, and those that they need.
pub(super) fn needed<'n>(names: impl IntoIterator<Item = &'n str>, variants: &Variants) -> String {
    let mut text = prelude::needed(&PRELUDE, names, |word| variants.of(word));
    for word in Variants::WORDS {
        let end = variants.of(word).unwrap_or_default();
        text = text.replace(&format!("{word}{end}("), &format!("{word}("));
    }
    text
}
