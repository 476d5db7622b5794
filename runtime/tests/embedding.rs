//! What an embedder chooses: who hears of notices, and on which processors a program runs.

use omp2wasi_runtime::{Config, Interruption, Machine, Notice, Outcome, Program, Severity, engine};
use std::sync::{Arc, Mutex};

fn program(wat: &str) -> Program {
    Program::new(&engine(Interruption::AtHostCalls).expect("the engine starts"), wat.as_bytes())
        .expect("the module is valid")
}

/// A call with a bad handle, and one with a bad pointer.
const REFUSED: &str = r#"
    (module
      (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
      (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start") (result i32)
        (i32.add
          (call $create_buffer (i32.const 77) (i32.const 8) (i32.const 0) (i32.const 0))
          (i32.mul (i32.const 16) (call $get_device (i32.const 0) (i32.const -1))))))"#;

#[test]
fn events_go_to_the_sink() {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&notices);
    let config = Config::default()
        .env("OMP_PLACES", " porcelain ")
        .report(move |notice| sink.lock().expect("no sink panics").push(notice.clone()))
        .report_severity(Severity::Note);
    let outcome = program(REFUSED).run(config);
    assert!(matches!(outcome, Outcome::Exited(0x12)), "{outcome:?}");
    let notices = notices.lock().expect("no sink panics");
    let [Notice::PlacesIgnored { value }, refused @ ..] = &notices[..] else { panic!("{notices:?}") };
    assert_eq!(value, "porcelain");
    let functions: Vec<_> = refused
        .iter()
        .map(|notice| match notice {
            Notice::CallRefused { function, .. } => *function,
            notice => panic!("{notice:?}"),
        })
        .collect();
    assert_eq!(functions, ["create_buffer", "get_device"]);
    assert_eq!(notices[0].to_string(), "warning: OMP_PLACES=porcelain: not understood, ignored");
    assert!(notices.iter().all(|notice| notice.severity() == Severity::Warning));
}

/// Exits with the number of processors.
const NUM_PROCS: &str = r#"
    (module
      (import "omp2wasi" "num_procs" (func $num_procs (result i32)))
      (import "omp2wasi" "num_places" (func $num_places (result i32)))
      (func (export "_start") (result i32)
        (i32.add (call $num_procs) (i32.mul (call $num_places) (i32.const 16)))))"#;

#[test]
fn a_program_sees_its_machine() {
    let program = program(NUM_PROCS);
    let one = Machine::of(&Machine::local().procs()[..1]);
    let config = || Config::default().env("OMP_PLACES", "threads");
    let outcome = program.run(config().machine(Arc::clone(&one)));
    assert!(matches!(outcome, Outcome::Exited(0x11)), "{outcome:?}");
    let outcome = program.run(config().machine(one).num_procs(5));
    assert!(matches!(outcome, Outcome::Exited(0x15)), "{outcome:?}");
    let procs = Machine::local().procs().len();
    let outcome = program.run(config());
    assert!(matches!(outcome, Outcome::Exited(code) if code == (procs * 17) as u8), "{outcome:?}");
}
