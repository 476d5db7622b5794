//! What may be in stack frames that are in private memory ([`crate::ir::Frame`]), for whoever follows values through a program.
//!
//! Invariant: what is stored at a place that is not fixed may be in any word.

use crate::ir::{Operation, Place};
use crate::lift::program::{Key, Program};
use std::collections::{BTreeMap, HashMap};

/// What is known of a value that may be kept in a frame.
pub(crate) trait Kept: Copy + Default {
    /// It is the one or the other; whether that was news.
    fn add(&mut self, other: Self) -> bool;
}

/// What is stored to frames.
pub(crate) struct FrameContents<K> {
    /// Whose frame functions mean by [`Place::Forker`].
    forkers: BTreeMap<u32, Key>,
    /// In words that are stored to at fixed places, by the function and where they begin.
    words: HashMap<(Key, Place), K>,
    /// At places that are not fixed.
    anywhere: K,
}

impl<K: Kept> FrameContents<K> {
    /// Nothing yet.
    pub fn new(program: &Program) -> Self {
        Self { forkers: program.forkers().collect(), words: HashMap::new(), anywhere: K::default() }
    }

    /// Where a word is that a function mentions.
    fn word(&self, key: Key, word: Place) -> (Key, Place) {
        match word {
            Place::Forker(at) => (self.forkers.get(&key.0).copied().unwrap_or(key), Place::Frame(at)),
            _ => (key, word),
        }
    }

    /// Notes what a store leaves there; whether that was news.
    pub fn store(&mut self, key: Key, store: &Operation, value: K) -> bool {
        let words = store.frame_words();
        let mut has_news = words.is_empty() && self.anywhere.add(value);
        for word in words {
            has_news |= self.words.entry(self.word(key, word)).or_default().add(value);
        }
        has_news
    }

    /// What a load gives; `None` if its place is not fixed.
    pub fn load(&self, key: Key, load: &Operation) -> Option<K> {
        let words = load.frame_words();
        let mut loaded = self.anywhere;
        for kept in words.iter().filter_map(|word| self.words.get(&self.word(key, *word))) {
            loaded.add(*kept);
        }
        (!words.is_empty()).then_some(loaded)
    }
}
