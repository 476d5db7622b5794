//! Where inputs begin: the modules in the text format that the other crates are tested with, and those in `fuzz/seeds`.
//!
//! Invariant: seeds come in the order of their names, and only from text that stands in this repository.

use std::path::{Path, PathBuf};

/// The folder of the whole repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The modules of a folder, given from the root; text that is not a module, as some tests have it, is left out.
///
/// # Panics
/// When there is no such folder.
#[must_use]
pub fn modules(folder: &str) -> Vec<Vec<u8>> {
    texts(folder, "wat").iter().filter_map(|text| wat::parse_str(text).ok()).collect()
}

/// The texts in a folder, given from the root, that have this extension.
///
/// # Panics
/// When there is no such folder.
#[must_use]
pub fn texts(folder: &str, extension: &str) -> Vec<String> {
    let folder = root().join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files.sort();
    files.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}
