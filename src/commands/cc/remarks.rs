//! Remarks on target regions at the link, as clang makes remarks on what its passes have done: `-Rpass=REGEX` asks for those that can run on
//! devices, `-Rpass-missed=REGEX` for the others and why, if the expression matches this pass's name.
//!
//! Invariant: remarks do not change what is linked, nor the exit status.

use super::super::output::{self, escape};
use super::super::verdict::{self, Verdict};
use omp2wasi_codegen::Module;
use omp2wasi_rewriter::Manifest;
use regex_lite::Regex;
use std::ffi::OsString;

/// The name that expressions are compared with.
const PASS: &str = "openmp-offload";

/// Makes the remarks that the flags ask for on a rewritten module.
pub fn make(clang_flags: &[OsString], manifest: &Manifest, wasm: &[u8]) {
    let [passed, missed] = ["-Rpass", "-Rpass-missed"].map(|flag| is_wanted(clang_flags, flag));
    if !passed && !missed {
        return;
    }
    // A module that the rewriter has made is valid.
    let Ok(module) = Module::parse(wasm.to_vec()) else { return };
    for Verdict { place, obstacle, .. } in verdict::target_regions(&module, manifest) {
        let place = escape::line(&place);
        match obstacle {
            None if passed => {
                output::message(format_args!("{place}: remark: target region can run on devices [-Rpass={PASS}]"));
            }
            Some(reason) if missed => output::message(format_args!(
                "{place}: remark: target region runs on the host: {} [-Rpass-missed={PASS}]",
                escape::line(&reason)
            )),
            _ => {}
        }
    }
}

/// Whether the last of these flags has an expression that matches. clang refuses one that is none.
fn is_wanted(clang_flags: &[OsString], flag: &str) -> bool {
    let mut expressions =
        clang_flags.iter().rev().filter_map(|arg| arg.to_str()?.strip_prefix(flag)?.strip_prefix('='));
    expressions.next().and_then(|expression| Regex::new(expression).ok()).is_some_and(|regex| regex.is_match(PASS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_as_clang_has_them() {
        let flags = |flags: &str| flags.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert!(is_wanted(&flags("-O2 -Rpass=.*"), "-Rpass"));
        assert!(is_wanted(&flags("-Rpass=inline|^openmp"), "-Rpass"));
        assert!(is_wanted(&flags("-Rpass-missed=off"), "-Rpass-missed"));
        assert!(!is_wanted(&flags("-Rpass-missed=off"), "-Rpass"));
        assert!(!is_wanted(&flags("-Rpass=openmp -Rpass=inline"), "-Rpass"));
        assert!(!is_wanted(&flags("-Rpass -Rpass=("), "-Rpass"));
    }
}
