//! Schedules, as a property: whatever the loop, each of its iterations is executed once, by the member that OpenMP 5.2, section 11.5.3,
//! gives it to.
//!
//! `schedules/schedules.c` runs loops by the entry points that clang calls, and prints the chunks that each member got; here it is
//! checked who got what. One run of the program takes a batch of loops. The loops are the same in each run of the test;
//! `PROPTEST_RNG_SEED` and `PROPTEST_CASES` (the number of batches) ask for others.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use support::{omp2wasi, output_with_input, root, scratch, succeed, text};

fn main() {
    let arguments = Arguments::from_args();
    let trials = vec![
        Trial::test("static", || property("static", &[Entry::StaticInit])),
        Trial::test("dispatch", || property("dispatch", &[Entry::Dispatch, Entry::Runtime])),
        Trial::test("ordered", || property("ordered", &[Entry::Ordered])),
        Trial::test("one_after_another", || {
            property("one_after_another", &[Entry::StaticInit, Entry::Dispatch, Entry::Runtime, Entry::Ordered])
        }),
        Trial::test("known_edges", known_edges),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

/// How iterations are assigned to threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Static,
    StaticChunked,
    /// Blocks whose size is a multiple of the chunk, for simd.
    StaticBalanced,
    Dynamic,
    Guided,
    Auto,
}

/// The way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    StaticInit,
    Dispatch,
    /// Through run-sched-var.
    Runtime,
    Ordered,
}

/// The type of the loop variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    I32,
    U32,
    I64,
    U64,
}

const MONOTONIC: i64 = 1 << 29;
const NONMONOTONIC: i64 = 1 << 30;

#[derive(Clone)]
struct Loop {
    entry: Entry,
    kind: Kind,
    /// [`MONOTONIC`], [`NONMONOTONIC`] or 0.
    modifier: i64,
    /// 0 where the schedule has none.
    chunk: i64,
    lower: i128,
    upper: i128,
    step: i64,
    width: Width,
    team: u32,
}

impl Width {
    fn suffix(self) -> &'static str {
        match self {
            Self::I32 => "4",
            Self::U32 => "4u",
            Self::I64 => "8",
            Self::U64 => "8u",
        }
    }

    fn bounds(self) -> (i128, i128) {
        match self {
            Self::I32 => (i32::MIN.into(), i32::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::I64 => (i64::MIN.into(), i64::MAX.into()),
            Self::U64 => (0, u64::MAX.into()),
        }
    }

    /// The largest step and chunk: both are signed, whatever the loop variable is.
    fn largest_step(self) -> i64 {
        match self {
            Self::I32 | Self::U32 => i32::MAX.into(),
            Self::I64 | Self::U64 => i64::MAX,
        }
    }
}

impl Loop {
    /// LLVM's `enum sched_type`.
    fn schedule(&self) -> i64 {
        let kind = match self.kind {
            Kind::StaticChunked => 33,
            Kind::Static => 34,
            Kind::Dynamic => 35,
            Kind::Guided => 36,
            Kind::Auto => 38,
            Kind::StaticBalanced => 45,
        };
        match self.entry {
            Entry::StaticInit | Entry::Dispatch => kind | self.modifier,
            Entry::Ordered => (kind + 32) | self.modifier,
            Entry::Runtime => 37 | self.modifier,
        }
    }

    /// `omp_sched_t` and chunk size for `omp_set_schedule`.
    fn run_schedule(&self) -> (i32, i64) {
        let kind = match (self.entry, self.kind) {
            (Entry::Runtime, Kind::Static | Kind::StaticChunked | Kind::StaticBalanced) => 1,
            (Entry::Runtime, Kind::Dynamic) => 2,
            (Entry::Runtime, Kind::Guided) => 3,
            (Entry::Runtime, Kind::Auto) => 4,
            _ => 0,
        };
        (kind, if kind == 0 { 0 } else { self.chunk })
    }

    fn trip_count(&self) -> i128 {
        let distance = if self.step > 0 { self.upper - self.lower } else { self.lower - self.upper };
        if distance < 0 { 0 } else { distance / i128::from(self.step).abs() + 1 }
    }

    fn is_static(&self) -> bool {
        matches!(self.kind, Kind::Static | Kind::StaticChunked | Kind::StaticBalanced)
    }
}

/// As `schedules.c` reads it.
impl fmt::Display for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = match self.entry {
            Entry::StaticInit => 0,
            Entry::Dispatch | Entry::Runtime => 1,
            Entry::Ordered => 2,
        };
        let (run_kind, run_chunk) = self.run_schedule();
        let Self { chunk, lower, upper, step, team, .. } = self;
        let (schedule, width) = (self.schedule(), self.width.suffix());
        write!(f, "{entry} {schedule} {chunk} {lower} {upper} {step} {width} {team} {run_kind} {run_chunk}")
    }
}

impl fmt::Debug for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry, kind, modifier, chunk, lower, upper, step, width, team } = self;
        write!(f, "{width:?} {lower}..={upper} by {step}, {kind:?},{chunk} (modifier {modifier:#x}) ")?;
        write!(f, "by {entry:?}, {team} threads: `{self}`")
    }
}

/// Loops that enter by one of these ways: short ones anywhere in their type, its limits included, and long ones in few chunks.
fn loops(entries: &'static [Entry]) -> impl Strategy<Value = Loop> {
    let entry_and_kind = prop::sample::select(entries).prop_flat_map(|entry| {
        let kinds: &[Kind] = match entry {
            Entry::StaticInit => &[Kind::Static, Kind::StaticChunked, Kind::StaticBalanced],
            Entry::Dispatch | Entry::Runtime | Entry::Ordered => {
                &[Kind::Dynamic, Kind::Guided, Kind::Static, Kind::StaticChunked, Kind::Auto]
            }
        };
        (Just(entry), prop::sample::select(kinds))
    });
    let width = prop::sample::select(&[Width::I32, Width::U32, Width::I64, Width::U64][..]);
    let modifier = prop::sample::select(&[0, MONOTONIC, NONMONOTONIC][..]);
    let trip_count = prop_oneof![
        1 => Just(0u64),
        3 => 1..10u64,
        5 => 1..300u64,
        1 => any::<u32>().prop_map(u64::from),
        1 => 1..u64::MAX,
    ];
    let step = prop_oneof![4 => Just(1i64), 2 => Just(-1), 3 => -20..20i64, 1 => any::<i32>().prop_map(i64::from), 1 => any::<i64>()];
    let chunk = prop_oneof![3 => 1..4i64, 3 => 1..50i64, 1 => (0..63u32).prop_map(|bit| 1 << bit), 1 => Just(i64::MAX)];
    // Where in the room that its type has the loop lies, from 0 (at the lower limit) to 2^32 - 1 (at the upper limit).
    let position = prop_oneof![2 => Just(0u32), 2 => Just(u32::MAX), 3 => any::<u32>()];
    (entry_and_kind, width, modifier, trip_count, step, chunk, position, any::<u32>(), 1..=8u32).prop_map(
        |((entry, kind), width, modifier, trip_count, step, chunk, position, slack, team)| {
            let (least, greatest) = width.bounds();
            let largest_step = width.largest_step();
            let step = if step == 0 { 1 } else { step.clamp(-largest_step, largest_step) };
            let size = i128::from(step).abs();
            // The chunk: an int for omp_set_schedule; large enough that there are not too many.
            let largest_chunk = if entry == Entry::Runtime { i32::MAX.into() } else { largest_step };
            let mut chunk = chunk.min(largest_chunk);
            let mut trip_count = i128::from(trip_count).min((greatest - least) / size);
            if entry == Entry::Ordered {
                trip_count = trip_count.min(300);
            }
            if entry == Entry::StaticInit && kind == Kind::StaticChunked {
                // The stride between chunks fits the type of a step: other loops cannot be had from clang.
                trip_count = trip_count.min(i128::from(largest_step) / size / 2);
            }
            if matches!(kind, Kind::StaticChunked | Kind::Dynamic) {
                let at_least = (trip_count / 300 + 1).min(largest_chunk.into());
                chunk = chunk.max(at_least as i64);
                trip_count = trip_count.min(i128::from(chunk) * 300);
            }
            if matches!(kind, Kind::Static | Kind::Auto) {
                chunk = i64::from(entry != Entry::Runtime); // clang passes 1; 0 asks for the default
            }
            // From `first` upwards, or from its other end downwards.
            let span = (trip_count - 1).max(0) * size;
            let room = greatest - least - span;
            let first = least + room * i128::from(position) / i128::from(u32::MAX);
            let (lower, upper) = if trip_count == 0 {
                // Empty by one, or by a lot.
                let distance = i128::from(slack % 3 * slack) + 1;
                let first = first.clamp(least, greatest - 1);
                let other = (first + distance).min(greatest);
                if step > 0 { (other, first) } else { (first, other) }
            } else if step > 0 {
                // The upper bound need not be hit.
                (first, (first + span + i128::from(slack) % size).min(greatest))
            } else {
                (first + span, (first - i128::from(slack) % size).max(least))
            };
            Loop { entry, kind, modifier, chunk, lower, upper, step, width, team }
        },
    )
}

/// Compiles the program.
fn compile(test: &str) -> Result<PathBuf, Failed> {
    let dir = scratch(&format!("schedules-{test}"));
    let module = dir.join("schedules.wasm");
    let source = root().join("tests/schedules/schedules.c");
    succeed(omp2wasi().args(["cc", "-fopenmp", "-O1", "-Wall", "-Werror"]).arg(source).arg("-o").arg(&module))?;
    Ok(module)
}

fn property(name: &str, entries: &'static [Entry]) -> Result<(), Failed> {
    let module = compile(name)?;
    let mut config = Config { failure_persistence: None, max_shrink_time: 20_000, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 8;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(19);
    }
    let batches = prop::collection::vec(loops(entries), 1..300);
    match TestRunner::new(config).run(&batches, |batch| check_batch(&module, &batch)) {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, batch)) => {
            let batch: Vec<String> = batch.iter().map(|case| format!("  {case:?}")).collect();
            Err(format!("{reason}\nafter\n{}", batch.join("\n")).into())
        }
        Err(error) => Err(error.to_string().into()),
    }
}

/// Loops that were worth a thought, whatever the generator comes up with.
fn known_edges() -> Result<(), Failed> {
    let module = compile("known_edges")?;
    let base = Loop {
        entry: Entry::StaticInit,
        kind: Kind::StaticChunked,
        modifier: 0,
        chunk: 1,
        lower: 0,
        upper: 99,
        step: 1,
        width: Width::I32,
        team: 4,
    };
    let mut batch = Vec::new();
    for team in 1..=8 {
        let base = Loop { team, ..base.clone() };
        // A chunk that, times the number of threads, leaves the type.
        for chunk in [1 << 30, i32::MAX.into()] {
            batch.push(Loop { chunk, ..base.clone() });
            batch.push(Loop { chunk, width: Width::U32, ..base.clone() });
        }
        for chunk in [1 << 62, i64::MAX] {
            for entry in [Entry::StaticInit, Entry::Dispatch] {
                batch.push(Loop { chunk, width: Width::I64, entry, ..base.clone() });
                batch.push(Loop { chunk, width: Width::U64, entry, ..base.clone() });
            }
            batch.push(Loop { chunk, width: Width::I64, kind: Kind::StaticBalanced, ..base.clone() });
            batch.push(Loop { chunk, width: Width::I64, kind: Kind::Guided, entry: Entry::Dispatch, ..base.clone() });
        }
        // Blocks that, times the number of threads, leave even 64 bits.
        let (lower, upper, chunk) = (-1 << 60, 1 << 61, i64::MAX - 7);
        batch.push(Loop { lower, upper, chunk, width: Width::I64, kind: Kind::StaticBalanced, ..base.clone() });
        let (lower, upper, chunk) = (1, Width::U64.bounds().1, i64::MAX);
        batch.push(Loop { lower, upper, chunk, width: Width::U64, kind: Kind::StaticBalanced, ..base.clone() });
        // All of a type, and the last value of a type.
        for (width, kind) in [(Width::I32, Kind::Static), (Width::U32, Kind::Static)] {
            let (lower, upper) = width.bounds();
            batch.push(Loop { lower, upper, width, kind, ..base.clone() });
            batch.push(Loop { lower: upper, upper: lower, step: -1, width, kind, ..base.clone() });
            batch.push(Loop { lower, upper, width, kind: Kind::Guided, entry: Entry::Dispatch, ..base.clone() });
        }
        for width in [Width::I32, Width::U32, Width::I64, Width::U64] {
            let (least, greatest) = width.bounds();
            batch.push(Loop { lower: greatest - 10, upper: greatest, width, ..base.clone() });
            batch.push(Loop { lower: least + 10, upper: least, step: -1, width, ..base.clone() });
            batch.push(Loop { lower: greatest, upper: greatest, width, entry: Entry::Dispatch, ..base.clone() });
            batch.push(Loop { lower: greatest, upper: least, width, ..base.clone() });
        }
    }
    check_batch(&module, &batch).map_err(|error| Failed::from(error.to_string()))
}

/// What one member executed: `first` and `last` are iteration numbers, from 0.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    member: u32,
    first: i128,
    last: i128,
}

fn check_batch(module: &Path, batch: &[Loop]) -> Result<(), TestCaseError> {
    let fail = |message: String| TestCaseError::fail(message);
    let input: String = batch.iter().map(|case| format!("{case}\n")).collect();
    let file = module.with_extension("in");
    std::fs::write(&file, input).map_err(|error| fail(error.to_string()))?;
    let stdin = std::fs::File::open(&file).map_err(|error| fail(error.to_string()))?;
    let output = output_with_input(omp2wasi().arg("run").arg(module), Stdio::from(stdin))
        .map_err(|error| fail(error.message().unwrap_or_default().to_owned()))?;
    if !output.status.success() {
        return Err(fail(format!("{}: {}", output.status, text(&output.stderr))));
    }
    let printed = text(&output.stdout);
    let mut reports = printed.split("loop ").skip(1);
    for case in batch {
        let report = reports.next().ok_or_else(|| fail(format!("nothing printed for {case:?}")))?;
        check(case, report).map_err(|why| fail(format!("{why}, in\n  {case:?}\nwhich gave\n{report}")))?;
    }
    Ok(())
}

/// Checks what was printed for one loop.
fn check(case: &Loop, report: &str) -> Result<(), String> {
    let mut lines = report.lines();
    let (members, violations) = lines.next().and_then(|line| line.split_once(' ')).ok_or("malformed output")?;
    if members.parse() != Ok(case.team) {
        return Err(format!("the team has {members} members"));
    }
    if violations != "0" {
        return Err(format!("{violations} ordered regions ran before their turn"));
    }
    let (mut chunks, mut has_last) = (Vec::new(), Vec::new());
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["last", member] => has_last.push(member.parse::<u32>().map_err(|error| error.to_string())?),
            [member, lower, upper] => chunks.push(Chunk {
                member: member.parse().map_err(|error| format!("{member}: {error}"))?,
                first: iteration(case, lower)?,
                last: last_iteration(case, upper)?,
            }),
            _ => return Err(format!("malformed output: {line}")),
        }
    }
    let must_be_monotonic = case.is_static() || case.modifier == MONOTONIC || case.entry == Entry::Ordered;
    if must_be_monotonic
        && chunks.windows(2).any(|pair| pair[0].member == pair[1].member && pair[0].last >= pair[1].first)
    {
        return Err("a member goes back".to_owned());
    }
    chunks.sort_by_key(|chunk| chunk.first);
    let mut next = 0;
    for chunk in &chunks {
        if chunk.last < chunk.first {
            return Err(format!("{chunk:?} is no chunk"));
        }
        if chunk.first != next {
            return Err(format!("{chunk:?} comes after iteration {}", next - 1));
        }
        next = chunk.last + 1;
    }
    if next != case.trip_count() {
        return Err(format!("{next} iterations were executed, not {}", case.trip_count()));
    }
    let owner: Vec<u32> = chunks.last().map(|chunk| chunk.member).into_iter().collect();
    if has_last != owner {
        return Err(format!("the last iteration is that of {owner:?}, the flag that of {has_last:?}"));
    }
    check_kind(case, &chunks)
}

/// The number of the last iteration up to this bound, which is the loop's own where a chunk is cut off.
fn last_iteration(case: &Loop, bound: &str) -> Result<i128, String> {
    let last = case.lower + (case.trip_count() - 1) * i128::from(case.step);
    let is_end = bound.parse() == Ok(case.upper);
    if is_end { iteration(case, &last.to_string()) } else { iteration(case, bound) }
}

/// The number of the iteration in which the loop variable has this value.
fn iteration(case: &Loop, value: &str) -> Result<i128, String> {
    let value: i128 = value.parse().map_err(|error| format!("{value}: {error}"))?;
    let (distance, step) = (value - case.lower, i128::from(case.step));
    if distance % step != 0 || distance / step < 0 || distance / step >= case.trip_count() {
        return Err(format!("{value} is no value of the loop variable"));
    }
    Ok(distance / step)
}

/// Checks the sizes and owners of the chunks, which are in the order of their iterations.
fn check_kind(case: &Loop, chunks: &[Chunk]) -> Result<(), String> {
    let (trip_count, team) = (case.trip_count(), i128::from(case.team));
    let size = |chunk: &Chunk| chunk.last - chunk.first + 1;
    let is_last = |chunk: &Chunk| chunk.last + 1 == trip_count;
    let kind = match case.kind {
        Kind::StaticChunked if case.chunk == 0 => Kind::Static,
        kind => kind,
    };
    let wanted = i128::from(case.chunk.max(1));
    let wrong = |what: &str, chunk: &Chunk| Err(format!("{what}: {chunk:?}"));
    match kind {
        Kind::Static => {
            // One block each, in the order of the members; the sizes differ by at most one.
            if let Some(pair) = chunks.windows(2).find(|pair| pair[0].member >= pair[1].member) {
                return wrong("not in the order of the members", &pair[1]);
            }
            let block = trip_count / team;
            if let Some(chunk) = chunks.iter().find(|chunk| size(chunk) < block || size(chunk) > block + 1) {
                return wrong("an unequal block", chunk);
            }
        }
        Kind::StaticBalanced => {
            if let Some(pair) = chunks.windows(2).find(|pair| pair[0].member >= pair[1].member) {
                return wrong("not in the order of the members", &pair[1]);
            }
            if let Some(chunk) = chunks.iter().find(|chunk| !is_last(chunk) && size(chunk) % wanted != 0) {
                return wrong("not a multiple of the chunk size", chunk);
            }
            let first = chunks.first().map_or(0, size);
            if let Some(chunk) = chunks.iter().find(|chunk| !is_last(chunk) && size(chunk) != first) {
                return wrong("an unequal block", chunk);
            }
        }
        Kind::StaticChunked => {
            for chunk in chunks {
                if chunk.first % wanted != 0 || size(chunk) != wanted.min(trip_count - chunk.first) {
                    return wrong("of another size", chunk);
                }
                if chunk.first / wanted % team != i128::from(chunk.member) {
                    return wrong("not assigned in turn", chunk);
                }
            }
        }
        // A team of one may take everything at once.
        Kind::Dynamic if case.team > 1 => {
            if let Some(chunk) = chunks.iter().find(|chunk| size(chunk) != wanted.min(trip_count - chunk.first)) {
                return wrong("of another size", chunk);
            }
        }
        Kind::Guided if case.team > 1 => {
            for chunk in chunks {
                if size(chunk) < wanted && !is_last(chunk) {
                    return wrong("smaller than the chunk size", chunk);
                }
                let share = (trip_count - chunk.first + team - 1) / team;
                if size(chunk) > wanted.max(share) {
                    return wrong("more than an equal share of what was left", chunk);
                }
            }
        }
        Kind::Dynamic | Kind::Guided | Kind::Auto => {}
    }
    Ok(())
}
