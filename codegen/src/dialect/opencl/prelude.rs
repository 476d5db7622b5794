//! Which parts of the prelude a kernel is printed with.

use crate::Bounds;
use crate::dialect::c::{memory_prefix, prelude};
use crate::ir::Memory;
use std::sync::LazyLock;

/// OpenCL C, in the order in which it is printed.
const PARTS: [&str; 6] = [
    MEMORY,
    include_str!("prelude/private.cl"),
    include_str!("prelude/scalars.cl"),
    include_str!("prelude/mathematics.cl"),
    include_str!("prelude/atomics.cl"),
    include_str!("prelude/vectors.cl"),
];

const MEMORY: &str = include_str!("prelude/memory.cl");

/// How loads and stores begin, and their forms for another memory than the linear one: they differ in how they access bits alone.
static IN_OTHER_MEMORIES: LazyLock<String> = LazyLock::new(|| {
    let families = ["LOAD(", "STORE(", "LOAD_LANE(", "STORE_LANE("];
    let mut forms = String::new();
    for memory in [Memory::Private, Memory::Either] {
        for family in families {
            forms.push('\n');
            for line in MEMORY.lines().filter(|line| line.starts_with(family)) {
                forms.push_str(&in_memory(line, memory_prefix(memory)));
                forms.push('\n');
            }
        }
    }
    forms
});

/// A line that defines a load or a store, for another memory: the name that it defines and the access to bits are that memory's.
fn in_memory(line: &str, prefix: &str) -> String {
    let is_bits = |word: &str| {
        let bits = word.strip_prefix("load").or_else(|| word.strip_prefix("store"));
        bits.is_some_and(|bits| ["8", "16", "32", "64", "128"].contains(&bits))
    };
    let words = line.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_').enumerate();
    words.fold(String::new(), |out, (number, word)| {
        let is_prefixed = number == 1 || is_bits(word.trim_end_matches([',', ')']));
        out + if is_prefixed { prefix } else { "" } + word
    })
}

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
    let mut parts = PARTS.to_vec();
    parts.insert(2, &IN_OTHER_MEMORIES);
    let mut text = prelude::needed(&parts, names, |word| variants.of(word));
    for word in Variants::WORDS {
        let end = variants.of(word).unwrap_or_default();
        text = text.replace(&format!("{word}{end}("), &format!("{word}("));
    }
    text
}
