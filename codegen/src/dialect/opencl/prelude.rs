//! Which parts of the prelude a kernel is printed with.

use crate::Bounds;
use std::collections::BTreeMap;

/// OpenCL C, in the order in which it is printed.
const PRELUDE: [&str; 4] = [
    include_str!("prelude/memory.cl"),
    include_str!("prelude/scalars.cl"),
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

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The prelude's items: what each defines, and its text.
///
/// Items are separated by empty lines, except that a line that begins with a macro's name is one of its own: it defines what it
/// names first.
fn items() -> Vec<(&'static str, &'static str)> {
    let mut items = Vec::new();
    for block in PRELUDE.iter().flat_map(|part| part.split("\n\n")).filter(|block| !block.trim().is_empty()) {
        let block = block.trim_matches('\n');
        let is_family = block.starts_with(|c: char| c.is_ascii_uppercase());
        let parts: Vec<&str> = if is_family { block.lines().collect() } else { vec![block] };
        for part in parts {
            let code =
                part.rsplit("*/\n").next().unwrap_or(part).trim_start_matches("static __attribute__((noinline)) ");
            let defined = if let Some(rest) = code.strip_prefix("#define ") {
                words(rest).next()
            } else if is_family {
                code.split_once('(').and_then(|(_, rest)| words(rest).next())
            } else {
                code.split_once('(').and_then(|(head, _)| words(head).last())
            };
            items.push((defined.unwrap_or(""), part));
        }
    }
    items
}

/// The items of these names, and those that they need, in the prelude's order. Names of what is no item are ignored.
pub(super) fn needed<'n>(names: impl IntoIterator<Item = &'n str>, variants: &Variants) -> String {
    let items = items();
    let by_name: BTreeMap<&str, usize> = items.iter().enumerate().map(|(i, (name, _))| (*name, i)).collect();
    let mut needed = vec![false; items.len()];
    let mut queue: Vec<&str> = names.into_iter().collect();
    while let Some(word) = queue.pop() {
        let name = variants.of(word).map_or_else(|| word.to_owned(), |end| format!("{word}{end}"));
        if let Some(&item) = by_name.get(name.as_str())
            && !needed[item]
        {
            needed[item] = true;
            queue.extend(words(items[item].1));
        }
    }
    let mut out = String::new();
    for ((_, text), _) in items.iter().zip(needed).filter(|(_, needed)| *needed) {
        let mut text = (*text).to_owned();
        for word in Variants::WORDS {
            let end = variants.of(word).unwrap_or_default();
            text = text.replace(&format!("{word}{end}("), &format!("{word}("));
        }
        out.push_str(&text);
        out.push_str("\n\n");
    }
    out
}
