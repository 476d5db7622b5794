//! Gives objects the scalar forms of their functions: what clang makes of them when it neither vectorises nor unrolls.
//!
//! Engines of WebAssembly take code as it is, so loops are vectorised for 128 bits and unrolled. A compiler of machine code does that by
//! itself, for wider vectors, and best with the plain loop. It also needs to know what the C compiler was allowed to do with
//! floating-point numbers, which WebAssembly's instructions do not say. So the source is compiled a second time, and what differs goes
//! into a section beside the functions ([`omp2wasi_abi::scalar`]).
//!
//! Invariant: the functions themselves are what they are without this; and where there is nothing to vectorise, nothing is compiled again.

mod lines;
mod merge;
mod object;
#[cfg(test)]
mod tests;

use std::ffi::OsString;

use omp2wasi_abi::scalar::flags;
use wasmparser::Operator;

use super::object::ObjectError;
use object::Object;

pub use merge::merged;

/// What clang is told when it compiles again. Loops that a directive asks to vectorise are not, either; loops of few iterations are still
/// unrolled completely, because that comes before all that looks at more than one function, which has to decide the same in both.
pub const FLAGS: &[&str] = &[
    "-w",
    "-fno-slp-vectorize",
    "-mllvm",
    "-force-vector-width=1",
    "-mllvm",
    "-force-vector-interleave=1",
    "-mllvm",
    "-unroll-runtime=false",
    "-mllvm",
    "-unroll-allow-partial=false",
];

/// Whether a function of the object may have another form: one with a loop, or with vectors.
pub fn may_differ(bytes: &[u8]) -> Result<bool, ObjectError> {
    let is_sign = |operator: &Operator<'_>| {
        matches!(
            operator,
            Operator::Loop { .. } | Operator::V128Load { .. } | Operator::V128Store { .. } | Operator::V128Const { .. }
        )
    };
    Ok(Object::read(bytes)?.bodies.iter().any(|body| object::has_operator(body, is_sign)))
}

/// The command line's flags for clang, without those that make it write or say something beside the object. `None` if something else
/// that it writes would be another one then.
pub fn silent(clang_flags: &[OsString]) -> Option<Vec<OsString>> {
    const WITH_VALUE: [&str; 6] = ["-MF", "-MJ", "-MQ", "-MT", "--serialize-diagnostics", "-serialize-diagnostics"];
    const ALONE: [&str; 8] = ["-MD", "-MMD", "-MP", "-MG", "-MV", "-v", "-gsplit-dwarf", "-ftime-report"];
    const PREFIXES: [&str; 6] =
        ["-M", "-Wp,-M", "-Rpass", "-fsave-optimization-record", "-ftime-trace", "-gsplit-dwarf="];
    let mut kept = Vec::new();
    let mut given = clang_flags.iter();
    while let Some(arg) = given.next() {
        let flag = arg.to_string_lossy();
        if flag.starts_with("-save-temps") || flag.starts_with("--save-temps") || flag == "-emit-llvm" {
            return None;
        }
        if WITH_VALUE.contains(&&*flag) {
            given.next();
        } else if super::flags::WITH_VALUE.contains(&&*flag) {
            kept.push(arg.clone());
            kept.extend(given.next().cloned());
        } else if !ALONE.contains(&&*flag) && !PREFIXES.iter().any(|prefix| flag.starts_with(prefix)) {
            kept.push(arg.clone());
        }
    }
    Some(kept)
}

/// What the command line allows clang to do with floating-point numbers.
pub fn float_flags(clang_flags: &[OsString]) -> u32 {
    const WITHIN: u32 = flags::CONTRACT;
    const ACROSS: u32 = flags::CONTRACT | flags::CONTRACT_ACROSS;
    // clang's default is to fuse within expressions.
    let (mut contract, mut reassociate) = (WITHIN, 0);
    for flag in clang_flags.iter().filter_map(|flag| flag.to_str()) {
        match flag {
            "-ffp-contract=on" => contract = WITHIN,
            "-ffp-contract=off" => contract = 0,
            _ if flag.starts_with("-ffp-contract=fast") => contract = ACROSS,
            "-ffast-math" | "-Ofast" | "-ffp-model=fast" | "-ffp-model=aggressive" | "-funsafe-math-optimizations" => {
                (contract, reassociate) = (ACROSS, flags::REASSOCIATE);
            }
            "-fno-fast-math" | "-fno-unsafe-math-optimizations" | "-ffp-model=precise" => {
                (contract, reassociate) = (WITHIN, 0);
            }
            "-ffp-model=strict" => (contract, reassociate) = (0, 0),
            "-fassociative-math" => reassociate = flags::REASSOCIATE,
            "-fno-associative-math" => reassociate = 0,
            _ => {}
        }
    }
    contract | reassociate
}

/// Whether a source says itself where it may be fused: then nobody may outside of what clang did.
pub fn has_own_rules(source: &[u8]) -> bool {
    let has = |word: &[u8]| source.windows(word.len()).any(|window| window == word);
    has(b"FP_CONTRACT") || has(b"clang fp")
}
