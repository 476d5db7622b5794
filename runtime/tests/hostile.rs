//! Hostile modules in a process with other work: each ends as its file says, takes no more memory than it may, and leaves no thread behind;
//! and all of them at once do not disturb a program that computes.
//!
//! One after the other, because memory and threads of the whole process are counted: this file has a `main` of its own.
//!
//! A module is a file of the folder `hostile`. Its comments say: `KERNEL:` the text of a module whose bytes and length take the place of
//! `{kernel}` and `{kernel_len}`; `INVOKE:` what to call (`_start` if nothing), where `edge` calls `go` with the depths around the one at
//! which the program alone uses up its stack; `FOLDER` if the program is to have one with a named pipe in it; `MEMORY:` its
//! limit in MiB (256M); `ANYWHERE` if only an engine that interrupts anywhere can end it; `TIME:` after how many
//! seconds it is ended (300); `OUTCOME:` how it ends.

use omp2wasi_runtime::{Config, Engine, Interruption, Outcome, Program, Severity, Stdio, engine};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Threads that a module may have.
const THREADS: u32 = 8;
/// Bytes beside its memory limit: what it takes to compile and run anything, and some stacks.
const BESIDE: u64 = 96 << 20;

struct Case {
    name: String,
    module: String,
    invoke: Vec<String>,
    has_folder: bool,
    memory: u64,
    is_for_anywhere: bool,
    time: Duration,
    outcome: String,
}

impl Case {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let all = |key: &str| -> Vec<String> {
            let prefix = format!(";; {key}");
            text.lines().filter_map(|line| line.strip_prefix(&prefix)).map(|rest| rest.trim().to_owned()).collect()
        };
        let mut module = text.clone();
        let kernel = all("KERNEL:").join("\n");
        if !kernel.is_empty() {
            let bytes = wat::parse_str(&kernel).expect("the kernel is valid");
            let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
            module = module.replace("{kernel_len}", &bytes.len().to_string()).replace("{kernel}", &escaped);
        }
        Self {
            name: path.file_stem().expect("it has a name").to_string_lossy().into_owned(),
            module,
            invoke: all("INVOKE:"),
            has_folder: !all("FOLDER").is_empty(),
            memory: all("MEMORY:").first().map_or(256, |limit| limit.trim_end_matches('M').parse().expect("a number"))
                << 20,
            is_for_anywhere: !all("ANYWHERE").is_empty(),
            time: Duration::from_secs(all("TIME:").first().map_or(300, |time| time.parse().expect("a number"))),
            outcome: all("OUTCOME:").first().expect("the file says how it ends").clone(),
        }
    }

    /// Runs it once, calling `invoke` instead of `_start` if that is given.
    fn run(&self, engine: &Engine, folder: &Path, invoke: Option<(&str, Vec<String>)>) -> Outcome {
        let program = match Program::new(engine, self.module.as_bytes()) {
            Ok(program) => program,
            Err(error) => return Outcome::Failed(error),
        };
        let notices = AtomicUsize::new(0);
        let mut config = Config::default()
            .stdio(Stdio::Null)
            .memory_limit(self.memory)
            .max_threads(THREADS)
            .time_limit(self.time)
            .report_severity(Severity::Note)
            .report(move |_| assert!(notices.fetch_add(1, Ordering::Relaxed) <= 1001, "there are too many notices"));
        if self.has_folder {
            config = config.dir(folder, "/");
        }
        if let Some((export, arguments)) = invoke {
            config = config.invoke(export, arguments);
        }
        program.run(config)
    }

    fn check(&self, outcome: &Outcome) {
        let found = match outcome {
            Outcome::Exited(code) => format!("exited: {code}"),
            Outcome::Trapped(trap) => format!("trapped: {}", trap.message),
            Outcome::Failed(error) => format!("failed: {error}"),
        };
        let (kind, text) = self.outcome.split_once(": ").expect("a kind and a text");
        assert!(found.starts_with(kind) && found.contains(text), "{}: {found}\nexpected: {}", self.name, self.outcome);
    }

    fn run_all(&self, engine: &Engine, folder: &Path) {
        if self.invoke.is_empty() {
            self.check(&self.run(engine, folder, None));
        }
        for invoke in &self.invoke {
            if invoke == "edge" {
                self.run_at_the_edge(engine, folder);
                continue;
            }
            let (export, arguments) = invoke.split_once('=').unwrap_or((invoke, ""));
            let arguments = arguments.split(',').filter(|text| !text.is_empty()).map(str::to_owned).collect();
            self.check(&self.run(engine, folder, Some((export, arguments))));
        }
    }

    fn run_at_the_edge(&self, engine: &Engine, folder: &Path) {
        let at = |depth: u32| self.run(engine, folder, Some(("go", vec![depth.to_string()])));
        // Whether the program itself has used up its stack.
        let is_alone = |outcome: &Outcome| matches!(outcome, Outcome::Trapped(trap) if trap.message.contains("exhausted") && trap.backtrace.lines().nth(1).is_some_and(|top| top.contains("descend")));
        let (mut low, mut high) = (1000, 100_000_000);
        assert!(!is_alone(&at(low)) && is_alone(&at(high)), "{}: the depths are chosen badly", self.name);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if is_alone(&at(middle)) { high = middle } else { low = middle }
        }
        for depth in high - 16..high + 4 {
            let outcome = at(depth);
            assert!(matches!(outcome, Outcome::Trapped(_)), "{} at depth {depth}: {outcome:?}", self.name);
        }
    }
}

/// A figure of this process in bytes: `VmRSS` and `VmHWM` are what it has in memory now, and had at most.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says how much memory there is");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the figure is there");
    let kilobytes = line.trim_start_matches(':').trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().expect("it is a number") << 10
}

/// The threads of programs, by their names.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux says which threads there are");
    let name = |task: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(task.ok()?.path().join("comm")).ok();
    tasks.filter_map(name).filter(|name| name.starts_with("omp2wasi-")).count()
}

/// Threads end a little later than their program.
fn assert_no_threads(what: &str) {
    let start = Instant::now();
    while threads() > 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: {} threads are left", threads());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Adds up the squares below 1000 on several threads, a hundred times.
const WORK: &str = r#"
    (module
      (import "wasi_ephemeral_parallel" "parallel_for" (func $for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
      (table (export "table") funcref (elem $square))
      (memory (export "memory") 1)
      (func $square (param $id i32) (param i32 i32)
        (drop (i32.atomic.rmw.add (i32.const 0) (i32.mul (local.get $id) (local.get $id)))))
      (func (export "_start") (result i32) (local $i i32)
        (loop $next
          (i32.store (i32.const 0) (i32.const 0))
          (if (call $for (i32.const 0) (i32.const 1000) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
            (then (unreachable)))
          (if (i32.ne (i32.load (i32.const 0)) (i32.const 332833500)) (then (unreachable)))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
        (i32.const 0)))"#;

fn main() {
    let folder = tempfile::tempdir().expect("there can be a folder");
    let pipe = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status();
    assert!(pipe.expect("mkfifo can be run").success());
    let files =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")).expect("the folder is there");
    let mut cases: Vec<Case> = files.map(|file| Case::read(&file.expect("the folder can be read").path())).collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(!cases.is_empty());
    let wanted = std::env::args().nth(1).filter(|argument| !argument.starts_with('-'));
    cases.retain(|case| wanted.as_ref().is_none_or(|wanted| case.name.contains(wanted)));
    let engines = [Interruption::Anywhere, Interruption::AtHostCalls]
        .map(|interruption| engine(interruption).expect("the engine starts"));
    for (case, engine) in cases.iter().flat_map(|case| {
        engines.iter().take(if case.is_for_anywhere { 1 } else { 2 }).map(move |engine| (case, engine))
    }) {
        // Linux counts anew from here on.
        std::fs::write("/proc/self/clear_refs", "5").expect("the figure can be reset");
        let before = memory("VmRSS");
        let is_over = AtomicBool::new(false);
        let most = std::thread::scope(|scope| {
            let counting = scope.spawn(|| {
                let mut most = 0;
                while !is_over.load(Ordering::Relaxed) {
                    most = most.max(threads());
                    std::thread::sleep(Duration::from_micros(200));
                }
                most
            });
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.run_all(engine, folder.path())));
            is_over.store(true, Ordering::Relaxed);
            let most = counting.join().expect("threads can be counted");
            ended.map_or_else(|panic| std::panic::resume_unwind(panic), |()| most)
        });
        // A thread that has given back its share may not be gone yet, when the next run begins.
        assert!(most <= 2 * THREADS as usize, "{}: there have been {most} threads", case.name);
        assert_no_threads(&case.name);
        let taken = memory("VmHWM").saturating_sub(before);
        assert!(taken <= case.memory + BESIDE, "{}: {} MiB have been taken", case.name, taken >> 20);
        println!("test hostile::{} ... ok ({} MiB)", case.name, taken >> 20);
    }

    let engine = &engines[0];
    let work = Program::new(engine, WORK.as_bytes()).expect("the module is valid");
    let is_over = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let mut runs = 0;
            while !is_over.load(Ordering::Relaxed) {
                let outcome = work.run(Config::default());
                assert!(matches!(outcome, Outcome::Exited(0)), "{outcome:?}");
                runs += 1;
            }
            assert!(runs > 0);
        });
        let hostile: Vec<_> = cases.iter().map(|case| scope.spawn(|| case.run_all(engine, folder.path()))).collect();
        let ended: Vec<_> = hostile.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::Relaxed);
        worker.join().expect("the work is right");
        ended.into_iter().for_each(|ended| ended.expect("the case ends as it says"));
    });
    assert_no_threads("all at once");
    println!("test hostile::all_at_once ... ok");
}
