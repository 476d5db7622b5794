//! Which parts of the prelude a kernel is printed with.

use crate::Bounds;
use crate::dialect::c::{memory_prefix, prelude};
use crate::ir::Memory;
use std::sync::LazyLock;

/// OpenCL C, in the order in which it is printed.
const PARTS: [&str; 6] = [
    MEMORY,
    PRIVATE,
    include_str!("prelude/scalars.cl"),
    include_str!("prelude/mathematics.cl"),
    ATOMICS,
    include_str!("prelude/vectors.cl"),
];

const MEMORY: &str = include_str!("prelude/memory.cl");
const PRIVATE: &str = include_str!("prelude/private.cl");
const ATOMICS: &str = include_str!("prelude/atomics.cl");

/// How loads and stores begin, and their forms for another memory than the linear one: they differ in how they access bits alone.
static IN_OTHER_MEMORIES: LazyLock<String> = LazyLock::new(|| {
    let families = ["LOAD(", "STORE(", "LOAD_LANE(", "STORE_LANE("];
    let mut forms = String::new();
    for memory in [Memory::Private, Memory::Team, Memory::Either] {
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

/// The text for bits of the team's memory, which is local: that of the private memory, or of atomic operations, with other names.
static OF_TEAMS: LazyLock<String> = LazyLock::new(|| {
    let private = PRIVATE.split("/* Bits of either memory").next().unwrap_or_default();
    let local = [
        ("private_", "team_"),
        ("PRIVATE_", "TEAM_"),
        ("FRAMES", "TEAM_FRAMES"),
        ("m->frames", "m->team_frames"),
        ("0xffff0000ul", "0xfffe0000ul"),
        ("uchar *p", "__local uchar *p"),
        ("(name##_memory *)", "(__local name##_memory *)"),
        ("word *words = (word *)", "__local word *words = (__local word *)"),
        (
            "the work-item's own memory, where stack frames are. Its addresses are the last 64 KiB that there are.",
            "the team's memory, where stack frames are.",
        ),
        ("the work-item's own memory", "the team's memory"),
    ];
    let private = local.iter().fold(private.to_owned(), |text, (from, to)| text.replace(from, to));
    // The first item says where an atomic access is.
    let (_, atomics) = ATOMICS.split_once("\n\n").unwrap_or_default();
    let words = atomics.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let atomics: String = words
        .map(|word| {
            let name = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let prefix = match name {
                "atomic" => "team_",
                "ATOMIC32" | "ATOMIC64" | "ATOMIC_PART" | "WORD_RMW" | "PART_RMW" | "PART_CMPXCHG" | "PART_LOAD"
                | "PART_STORE" => "TEAM_",
                _ if ["i32_atomic", "i64_atomic", "part8_", "part16_", "word_"]
                    .iter()
                    .any(|begin| name.starts_with(begin)) =>
                {
                    "team_"
                }
                _ => "",
            };
            prefix.to_owned() + word
        })
        .collect();
    let atomics = atomics.split("static void atomic_fence").next().unwrap_or_default().replace("__global", "__local");
    private + WHERE_TEAMS_ATOMIC + &atomics
});

/// Where an atomic access to the team's memory is: see `atomic`.
const WHERE_TEAMS_ATOMIC: &str = "
static volatile __local uchar *team_atomic(machine *m, uint address, ulong offset, uint bytes, uint site)
{
    ulong at = (ulong)address + offset - 0xfffe0000ul;
    if ((at & (ulong)(bytes - 1u)) != 0ul) {
        trap(m, 7u, site);
        return 0;
    }
    if (at > TEAM_FRAMES - bytes) {
        trap(m, 2u, site);
        return 0;
    }
    return m->team_frames + at;
}

";

/// A line that defines a load or a store, for another memory: the name that it defines and the access to bits are that memory's.
fn in_memory(line: &str, prefix: &str) -> String {
    let is_bits = |word: &str| {
        let bits = word.strip_prefix("load").or_else(|| word.strip_prefix("store"));
        bits.is_some_and(|bits| ["8", "16", "32", "64", "128", "128_aligned8"].contains(&bits))
    };
    let words = line.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_').enumerate();
    words.fold(String::new(), |out, (number, word)| {
        let is_prefixed = number == 1 || is_bits(word.trim_end_matches([',', ')']));
        out + if is_prefixed { prefix } else { "" } + word
    })
}

/// Selects among the versions of those helpers that there are several of: `trap` in order or once, loads and stores for GPUs, for CPUs or
/// with a guard, and so on.
pub(super) struct Variants {
    pub bounds: Bounds,
    /// Whether work-items get blocks of iterations, as on CPUs.
    pub blocks: bool,
    /// Whether, of the sites where a work-item has trapped, the one with the least number was the first: functions call no others, and a
    /// work-item ends after the virtual thread that traps.
    pub is_ordered: bool,
    /// Whether something may trap.
    pub may_trap: bool,
    /// Whether teams have memory for stack frames.
    pub has_team_memory: bool,
    /// Whether what is written is marked.
    pub marks: bool,
    /// Whether stack frames in private memory have computed sizes.
    pub grows: bool,
}

impl Variants {
    /// The helpers that there are several versions of.
    const WORDS: [&str; 14] = [
        "trap",
        "meet",
        "mark",
        "f64_sin",
        "f64_cos",
        "f64_erfc",
        "BITS_LOAD",
        "BITS_STORE",
        "EITHER_LOAD",
        "EITHER_STORE",
        "PRIVATE_LOAD",
        "PRIVATE_STORE",
        "TEAM_LOAD",
        "TEAM_STORE",
    ];

    /// What the name of the right one ends with in the prelude.
    fn of(&self, word: &str) -> Option<&'static str> {
        Some(match word {
            "trap" if self.is_ordered && !self.blocks => "_in_order",
            "trap" => "_once",
            "meet" if self.may_trap => "_after_traps",
            "meet" => "_only",
            "mark" if self.marks => "_written",
            "mark" => "_nothing",
            "f64_sin" | "f64_cos" | "f64_erfc" if self.blocks => "_device",
            "f64_sin" | "f64_cos" | "f64_erfc" => "_alike",
            "BITS_LOAD" | "BITS_STORE" if self.bounds == Bounds::Guarded => "_guarded",
            "BITS_LOAD" | "BITS_STORE" if self.blocks => "_blocks",
            "BITS_LOAD" | "BITS_STORE" => "_spread",
            "EITHER_LOAD" | "EITHER_STORE" if self.has_team_memory => "_of_three",
            "EITHER_LOAD" | "EITHER_STORE" => "_of_two",
            "PRIVATE_LOAD" | "PRIVATE_STORE" if self.grows => "_growing",
            // A team's frames are cleared before they are used.
            "PRIVATE_LOAD" | "PRIVATE_STORE" | "TEAM_LOAD" | "TEAM_STORE" => "_fixed",
            // There is no such item.
            _ if word.starts_with("team_") && !self.has_team_memory => "_nowhere",
            _ => return None,
        })
    }
}

/// The items of these names, and those that they need.
pub(super) fn needed<'n>(names: impl IntoIterator<Item = &'n str>, variants: &Variants) -> String {
    let mut parts = PARTS.to_vec();
    parts.insert(2, &IN_OTHER_MEMORIES);
    parts.insert(1, &OF_TEAMS);
    let mut text = prelude::needed(&parts, names, |word| variants.of(word));
    for word in Variants::WORDS {
        let end = variants.of(word).unwrap_or_default();
        text = text.replace(&format!("{word}{end}("), &format!("{word}("));
    }
    text
}
