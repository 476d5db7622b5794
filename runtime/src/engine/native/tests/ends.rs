//! Programs that end while their native code is being made: nothing goes on with that.

use super::super::translate::{Translator, Unit};
use super::super::{NativeError, NativeOptions};
use super::{Case, ENGINE, shown};
use crate::engine::Tier;
use crate::{Config, Program, Stdio};
use rustix::process::{Pid, test_kill_process};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A program whose region runs long enough to be worth it; then it ends.
const LONG: &str = r#"
    (func $one (export "one") (param i32 i32 i32 i32 i32) (local $i i32)
      (loop $next
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 500000000)))))
    (func $start (export "_start") (result i32)
      (call $fork (i32.const 0) (i32.const 2))
      (i32.const 0))"#;

/// A compiler that starts another program, and says which one.
fn compiler(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("compiler");
    std::fs::write(&path, "#!/bin/sh\nsleep 600 &\necho $! >$0.part\nmv $0.part $0.started\nwait\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

/// Whether a process is there, and no zombie that its new parent has not waited for.
fn is_running(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    test_kill_process(pid).is_ok() && stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with('Z'))
}

/// The program that the compiler has started, when it has.
fn started(compiler: &Path) -> Option<Pid> {
    let said = std::fs::read_to_string(compiler.with_extension("started")).ok()?;
    Pid::from_raw(said.trim().parse().ok()?)
}

#[test]
fn what_the_compiler_has_started_ends_with_the_program() {
    let temp = tempfile::tempdir().unwrap();
    let compiler = compiler(temp.path());
    let case = Case::new(1, LONG, "static void e_one(instance *i, value *s) {}");
    let (outcome, notices) = case.run(Tier::Auto, NativeOptions::default().compiler(&compiler));
    assert_eq!(shown(&outcome), "exited: 0");
    let started = started(&compiler).unwrap_or_else(|| panic!("{notices:?}"));
    // A signal has been sent; it ends when it is its turn.
    let deadline = Instant::now() + Duration::from_secs(60);
    while is_running(started) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!is_running(started));
}

/// One that never comes to an end by itself, and counts how often it has been told to.
struct Endless(AtomicUsize);

impl Translator for Endless {
    fn version(&self) -> &str {
        "endless"
    }

    fn flags(&self) -> &[&'static str] {
        &[]
    }

    fn unit(&self, _: &Arc<[u8]>, _: &[u32], is_over: &dyn Fn() -> bool) -> Result<Unit, NativeError> {
        while !is_over() {
            std::thread::sleep(Duration::from_millis(1));
        }
        // Relaxed: the thread is waited for.
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(NativeError::Ended)
    }
}

#[test]
fn translating_ends_with_the_program() {
    let endless = Arc::new(Endless(AtomicUsize::new(0)));
    let translator: Arc<dyn Translator> = Arc::clone(&endless) as _;
    let options = NativeOptions::default().translator(translator);
    let config = Config::default().stdio(Stdio::Null).tier(Tier::Auto).native(options);
    let outcome = Program::new(&ENGINE, &Case::new(1, LONG, "").wasm()).unwrap().run(config);
    assert_eq!(shown(&outcome), "exited: 0");
    assert_eq!(endless.0.load(Ordering::Relaxed), 1);
}
