//! Function names of a module, for the tests of two crates.

use libtest_mimic::Failed;
use std::collections::BTreeSet;
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// The names of the functions.
pub fn function_names(wasm: &[u8]) -> Result<BTreeSet<String>, Failed> {
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(reader) = section.as_known() else { continue };
        for subsection in reader {
            if let Name::Function(map) = subsection? {
                for naming in map {
                    names.insert(naming?.name.to_owned());
                }
            }
        }
    }
    Ok(names)
}
