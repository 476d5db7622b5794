//! Independent kernels as an embedder sees them: all iterations run, once; launches nest and overlap; and when a program has
//! ended, none of its threads is left.
//!
//! One test after the other, because threads are counted: this file has a `main` of its own.

use omp2wasi_runtime::{Config, Interruption, Outcome, Program, engine};
use std::time::{Duration, Instant};

const IMPORT: &str = r#"
    (import "wasi_ephemeral_parallel" "parallel_for"
      (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func $launch (param $kernel i32) (param $size i32)
      (if (call $parallel_for (local.get $kernel) (local.get $size) (i32.const 1)
            (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (then (unreachable))))"#;

fn run(import: &str, fields: &str) -> Outcome {
    let engine = engine(Interruption::AtHostCalls).expect("the engine starts");
    let program =
        Program::new(&engine, format!("(module {import} {IMPORT} {fields})").as_bytes()).expect("the module is valid");
    program.run(Config::default())
}

/// The threads of programs, by their names; the compiler has others, which stay.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux says which threads there are");
    let name = |task: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(task.ok()?.path().join("comm")).ok();
    tasks.filter_map(name).filter(|name| name.starts_with("omp2wasi-")).count()
}

/// Threads end a little later than the program.
fn assert_no_threads(what: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while threads() > 0 {
        assert!(Instant::now() < deadline, "{what}: {} threads are left", threads());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Each of many iterations of many launches adds 1 to its own byte.
const COUNTING: &str = r#"
    (table 1 funcref) (elem (i32.const 0) $kernel)
    (func $kernel (param $id i32) (param i32 i32)
      (i32.store8 (local.get $id) (i32.add (i32.load8_u (local.get $id)) (i32.const 1))))
    (func (export "_start") (result i32) (local $i i32)
      (loop $next
        (call $launch (i32.const 0) (i32.const 10000))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200))))
      (local.set $i (i32.const 0))
      (loop $next
        (if (i32.ne (i32.load8_u (local.get $i)) (i32.const 200)) (then (return (i32.const 1))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000))))
      (i32.const 0))"#;

/// Three launches deep.
const NESTED: &str = r#"
    (table 3 funcref) (elem (i32.const 0) $outer $middle $inner)
    (func $outer (param i32 i32 i32) (call $launch (i32.const 1) (i32.const 20)))
    (func $middle (param i32 i32 i32) (call $launch (i32.const 2) (i32.const 20)))
    (func $inner (param i32 i32 i32) (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
    (func (export "_start") (result i32)
      (call $launch (i32.const 0) (i32.const 20))
      (i32.ne (i32.load (i32.const 0)) (i32.const 8000)))"#;

/// Iteration 500 does what is filled in; the others take a while, so that helpers are there.
const ENDING: &str = r#"
    (table 1 funcref) (elem (i32.const 0) $kernel)
    (func $kernel (param $id i32) (param i32 i32) (local $i i32)
      (if (i32.eq (local.get $id) (i32.const 500)) (then END))
      (loop $next
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000)))))
    (func (export "_start") (call $launch (i32.const 0) (i32.const 100000)))"#;

/// As deep as a stack goes, in the program and in a kernel on top of it.
const RECURSION: &str = r#"
    (table 1 funcref) (elem (i32.const 0) $kernel)
    (func $kernel (param i32 i32 i32) (call $kernel (local.get 0) (local.get 1) (local.get 2)))
    (func $descend (param $depth i32)
      (if (local.get $depth)
        (then (call $descend (i32.sub (local.get $depth) (i32.const 1))))
        (else (call $launch (i32.const 0) (i32.const 1000)))))
    (func (export "_start") (call $descend (i32.const 100000)))"#;

fn main() {
    for (name, module) in [("counting", COUNTING), ("nested", NESTED)] {
        let outcome = run("", module);
        assert!(matches!(outcome, Outcome::Exited(0)), "{name}: {outcome:?}");
        assert_no_threads(name);
    }
    match run("", &ENDING.replace("END", "(unreachable)")) {
        Outcome::Trapped(trap) => assert_eq!(trap.thread, Some((500, 100_000))),
        outcome => panic!("a trap: {outcome:?}"),
    }
    assert_no_threads("a trap");
    let exit = r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))"#;
    let outcome = run(exit, &ENDING.replace("END", "(call $exit (i32.const 7))"));
    assert!(matches!(outcome, Outcome::Exited(7)), "an exit: {outcome:?}");
    assert_no_threads("an exit");
    match run("", RECURSION) {
        Outcome::Trapped(trap) => assert!(trap.message.contains("call stack exhausted"), "{}", trap.message),
        outcome => panic!("a recursion: {outcome:?}"),
    }
    assert_no_threads("a recursion");
    println!("test independent ... ok");
}
