//! What wasm-ld says of functions that are declared with other types than they are defined with.
//!
//! wasm-ld links such a program, with a warning: a call that does not fit is one of a function that traps, of the name
//! `signature_mismatch:NAME`. That is how it has to be, because the probes of build systems (`char sqrt(void);`) call like this, are never
//! run, and ask whether there is a function of that name.
//!
//! Invariant: each line of wasm-ld's is passed on, in our words if it is of a mismatch; and a warning of any other kind is still an error.

use std::collections::BTreeMap;

/// What stands before the name in the first line of a message.
const LABEL: &str = "warning: function signature mismatch: ";

/// wasm-ld's messages, told apart.
#[derive(Debug, Default)]
pub struct Messages {
    /// A warning for each function with several signatures.
    pub mismatches: Vec<String>,
    /// All other messages, as they are.
    pub others: String,
    /// Whether one of the others is a warning.
    pub has_other_warnings: bool,
}

/// Tells apart what wasm-ld has said.
pub fn read(said: &str) -> Messages {
    let mut messages = Messages::default();
    let mut signatures: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut lines = said.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((_, function)) = line.split_once(LABEL) else {
            messages.has_other_warnings |= line.contains(": warning: ");
            messages.others.push_str(line);
            messages.others.push('\n');
            continue;
        };
        let found = signatures.entry(function.trim()).or_default();
        while let Some(signature) = lines.next_if(|line| line.starts_with(">>> ") || line.is_empty()) {
            let signature = signature.trim_start_matches(">>> defined as ");
            if !signature.is_empty() && !found.iter().any(|known| known == signature) {
                found.push(signature.to_owned());
            }
        }
    }
    messages.mismatches = signatures.iter().map(|(function, signatures)| warning(function, signatures)).collect();
    messages
}

fn warning(function: &str, signatures: &[String]) -> String {
    format!(
        "function signature mismatch: `{function}` is {}; a call that does not fit the definition traps when the program gets there",
        signatures.join(" and ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mismatches_are_told_apart() {
        let said = "\
wasm-ld: warning: function signature mismatch: twice
>>> defined as (f64) -> f64 in a.o
>>> defined as (i32) -> i32 in b.o

wasm-ld: warning: function signature mismatch: sqrt
>>> defined as () -> i32 in a.o
>>> defined as (f64) -> f64 in libc.a(sqrt.o)

wasm-ld: warning: function signature mismatch: twice
>>> defined as (f64) -> f64 in c.o
>>> defined as (i32) -> i32 in b.o
wasm-ld: error: a.o: undefined symbol: f
";
        let messages = read(said);
        assert_eq!(messages.others, "wasm-ld: error: a.o: undefined symbol: f\n");
        assert!(!messages.has_other_warnings);
        let begin = [
            "function signature mismatch: `sqrt` is () -> i32 in a.o and (f64) -> f64 in libc.a(sqrt.o); ",
            "function signature mismatch: `twice` is (f64) -> f64 in a.o and (i32) -> i32 in b.o and (f64) -> f64 in c.o; ",
        ];
        assert_eq!(messages.mismatches.len(), begin.len());
        for (warning, begin) in messages.mismatches.iter().zip(begin) {
            assert!(warning.starts_with(begin), "{warning}");
        }
    }

    #[test]
    fn other_warnings_are_seen() {
        for (said, expected) in [
            ("wasm-ld: warning: unknown -z value: x\n", true),
            ("wasm-ld: error: function signature mismatch: f\n>>> defined as () -> i32 in a.o\n", false),
            ("", false),
        ] {
            let messages = read(said);
            assert_eq!((messages.has_other_warnings, messages.others.as_str()), (expected, said));
            assert!(messages.mismatches.is_empty());
        }
    }
}
