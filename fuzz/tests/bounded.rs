//! Each fuzz target on its seeds, and on a number of inputs that are made from them: the same ones each time.
//!
//! An input that fails is written to `fuzz/artifacts`, and so is one that takes the process down. No input makes the process allocate more
//! than [`MOST_MEMORY`]. How long inputs take is not looked at here: that is for libFuzzer, which `scripts/fuzz` runs.
//!
//! One target after the other, because threads are counted: this file has a `main` of its own. Arguments are the names of the targets to run;
//! `OMP2WASI_FUZZ_ROUNDS` multiplies the number of inputs, and `OMP2WASI_FUZZ_SEED` makes other ones.

use omp2wasi_fuzz::{TARGETS, Target, mutate};
use std::alloc::{GlobalAlloc, Layout, System};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that one input may have the process allocate at a time.
const MOST_MEMORY: usize = 256 << 20;

/// The system's allocator, which counts.
struct Counting;

/// Bytes that are allocated, and the most that were. Relaxed: they are looked at when the threads of an input have ended, and a little more or
/// less makes no difference.
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn count(allocated: usize) {
    let now = ALLOCATED.fetch_add(allocated, Ordering::Relaxed) + allocated;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: it does what the system's allocator does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    let (factor, seed) = (number("OMP2WASI_FUZZ_ROUNDS").unwrap_or(1), number("OMP2WASI_FUZZ_SEED").unwrap_or(1));
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut failed = false;
    for target in TARGETS.iter().filter(|target| wanted.is_empty() || wanted.iter().any(|name| name == target.name)) {
        let failures = run(target, target.rounds.saturating_mul(factor), u64::from(seed));
        let result = if failures == 0 { "ok".to_owned() } else { format!("FAILED: {failures} inputs") };
        println!("test {} ... {result}", target.name);
        failed |= failures > 0;
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Runs a target; says how many inputs failed. After some it stops: more would be the same.
fn run(target: &Target, rounds: u32, seed: u64) -> u32 {
    const MOST_FAILURES: u32 = 5;
    let seeds = (target.seeds)();
    let mut random = mutate::Random::new(seed);
    let made = (0..rounds).map(|_| mutate::input(&mut random, &seeds));
    let mut failures = 0;
    for input in seeds.iter().cloned().chain(made) {
        if let Err(what) = run_input(target, &input) {
            failures += 1;
            let file = write(&format!("{}-{failures}", target.name), &input);
            println!("{}: {what}: {}", target.name, file.display());
            if failures == MOST_FAILURES {
                break;
            }
        }
    }
    let _ = std::fs::remove_file(artifact(&format!("{}-running", target.name)));
    failures
}

fn run_input(target: &Target, input: &[u8]) -> Result<(), String> {
    // What takes the process down leaves this.
    write(&format!("{}-running", target.name), input);
    let before = ALLOCATED.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|_| "it panicked".to_owned())?;
    let peak = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    if peak <= MOST_MEMORY { Ok(()) } else { Err(format!("it allocated {} MiB", peak >> 20)) }
}

fn artifact(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(name)
}

fn write(name: &str, input: &[u8]) -> PathBuf {
    let file = artifact(name);
    let written = std::fs::create_dir_all(file.with_file_name("")).and_then(|()| std::fs::write(&file, input));
    written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    file
}
