//! Native code of functions against the same functions in Wasmtime, bit for bit: what they leave in memory, and how and where they trap.
//!
//! The sources of functions: every instruction on operands that matter, those that trap on ones that make them, and minima of each kind of
//! NaN; the files of codegen's tests; a generator of kernels, and those of loops, of loops in loops, of collapsed ones, of ones with tables, and
//! of rows of flattened arrays, at the limits of what they become. `OMP2WASI_FUZZ=N` has the generators make N functions,
//! `OMP2WASI_FUZZ_SEED=N` begin with another one, `OMP2WASI_NATIVE_CC=PATH` uses another compiler.

mod support;

#[path = "native/collapsed.rs"]
mod collapsed;
#[path = "native/compare.rs"]
mod compare;
#[path = "native/flattened.rs"]
mod flattened;
#[path = "opencl/generator.rs"]
mod generator;
#[path = "opencl/instructions.rs"]
mod instructions;
#[path = "native/loops.rs"]
mod loops;
#[path = "native/nans.rs"]
mod nans;
#[path = "native/nests.rs"]
mod nests;
#[path = "native/tables.rs"]
mod tables;
#[path = "native/traps.rs"]
mod traps;

use compare::{Case, Places, Values};
use libtest_mimic::{Arguments, Failed, Trial};
use omp2wasi_codegen::{Lowered, Module};
use std::ops::Range;
use std::path::Path;
use support::{files, root, stem};

/// How often each function is called.
pub const THREADS: u32 = 96;

/// How many functions the generators make unless told otherwise, and how many are compiled together. Kernels take the compiler ten times as
/// long as loops do.
const KERNELS: u64 = 120;
const LOOPS: u64 = 480;
const TOGETHER: u64 = 60;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for file in files(&root().join("codegen/tests/kernels"), "wat") {
        if stem(&file) == "trap_endless" {
            continue;
        }
        trials.push(Trial::test(format!("file::{}", stem(&file)), move || a_file(&file)));
    }
    for (name, text) in instructions::kernels() {
        let case = move || Case::new(text, vec![("kernel".to_owned(), Values::Kernel)], instructions::SEED).check();
        trials.push(Trial::test(format!("instructions::{name}"), case));
    }
    trials.push(Trial::test("traps", || traps::case().check()));
    trials.push(Trial::test("nans", || nans::case().check()));
    trials.push(Trial::test("nests::by_hand", || nests::by_hand().check()));
    trials.push(Trial::test("tables::by_hand", || tables::by_hand().check()));
    trials.push(Trial::test("collapsed::by_hand", || collapsed::by_hand().check()));
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let first = number("OMP2WASI_FUZZ_SEED").unwrap_or(1);
    let batches = |count| {
        let count = number("OMP2WASI_FUZZ").unwrap_or(count);
        let starts = (first..first + count).step_by(TOGETHER as usize);
        starts.map(move |start| start..(start + TOGETHER).min(first + count))
    };
    for seeds in batches(KERNELS) {
        trials.push(Trial::test(format!("generated::{}", seeds.start), move || {
            let functions = seeds.clone().map(|seed| (format!("kernel{seed}"), Values::Kernel)).collect();
            Case::new(generator::kernels(seeds.clone()), functions, seeds.start).check()
        }));
    }
    type Generator = fn(Range<u64>, bool) -> Case;
    let generators: [(&str, Generator); 4] =
        [("loops", loops::case), ("nests", nests::case), ("tables", tables::case), ("collapsed", collapsed::case)];
    for seeds in batches(LOOPS) {
        for (name, case) in generators {
            for (memory, is_whole) in [("", false), ("_in_all_of_4_gib", true)] {
                let own = seeds.clone();
                let trial = move || case(own, is_whole).check();
                trials.push(Trial::test(format!("{name}{memory}::{}", seeds.start), trial));
            }
        }
        let name = format!("flattened::{}", seeds.start);
        trials.push(Trial::test(name, move || flattened::case(seeds).check()));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// A file of codegen's tests, which know what its kernel is translated to: what it does is compared.
fn a_file(file: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(file)?;
    let module = Module::parse(wat::parse_str(&text)?)?;
    match module.exported_function("kernel") {
        Some(kernel) if Lowered::kernel(&module, kernel).is_ok() => {
            let mut case = Case::new(text, vec![("kernel".to_owned(), Values::Kernel)], 7);
            case.places = Places::Somewhere;
            case.check()
        }
        _ => Ok(()),
    }
}
