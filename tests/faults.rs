//! How programs die: each fault ends the whole program, with the thread, the backtrace and the documented exit code.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::{omp2wasi, output, root, scratch, succeed, text};

/// Sample, exit code, and what standard error must contain.
const FAULTS: [(&str, i32, &[&str]); 23] = [
    ("trap_out_of_bounds", 134, &["thread 2 of 4", "out of bounds memory access", "main", "trap_out_of_bounds.c:"]),
    ("trap_unreachable", 134, &["thread 1 of 4", "unreachable", "trap_unreachable.c:"]),
    ("trap_alone", 134, &["integer divide by zero", "main", "trap_alone.c:"]),
    ("divide", 134, &["of 4", "integer divide by zero", "divide.c:"]),
    ("stack_overflow", 134, &["thread 1 of 4", "stack overflow", "OMP_STACKSIZE", "descend", "stack_overflow.c:"]),
    ("stack_overflow_main", 134, &["stack overflow", "descend", "stack_overflow_main.c:"]),
    ("abort", 134, &["thread 2 of 4", "unreachable", "abort"]),
    ("busy_trap", 134, &["thread 1 of", "unreachable", "busy_trap.c:"]),
    ("no_memory", 134, &["omp2wasi: no memory for", "at the OpenMP construct", "no_memory.c:14"]),
    ("allocator_abort", 134, &["omp2wasi: an allocator has no memory left", "omp_atv_abort_fb", "allocator_abort.c:8"]),
    ("allocator_freed_twice", 134, &["omp2wasi: memory cannot be freed", "freed already", "allocator_freed_twice.c:8"]),
    (
        "allocator_variable",
        134,
        &["omp2wasi: no memory for a variable with an allocator", "pool_size", "allocator_variable.c:"],
    ),
    ("exit3", 3, &[]),
    ("thread_trap", 134, &["unreachable", "fall", "thread_trap.c:"]),
    ("thread_exit3", 3, &[]),
    ("thread_left", 0, &[]),
    ("task_exit", 7, &[]),
    ("task_trap", 134, &["thread", "of 3", "unreachable", "task_trap.c:"]),
    ("task_deep", 134, &["of 3", "call stack exhausted", "task_deep.c:"]),
    ("helper_left", 3, &[]),
    ("helper_exit", 7, &[]),
    ("helper_trap", 134, &["unreachable", "fall", "helper_trap.c:"]),
    ("full_pipe", 0, &[]),
];

fn main() {
    // A process that is started in the background ignores interrupts, and so do its children.
    // SAFETY: no other thread has been started.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (name, code, expected) in FAULTS {
        if name == "full_pipe" {
            trials.push(Trial::test("closed_pipe", closed_pipe));
            trials.push(Trial::test("full_pipe", full_pipe));
        } else {
            trials.push(Trial::test(name, move || fault(name, &[], code, expected)));
            let native = move || fault(name, &["--engine", "native", "--no-cache"], code, expected);
            trials.push(Trial::test(format!("{name}::native_engine"), native));
        }
    }
    trials.push(Trial::test("alone::native_engine", alone));
    for engine in ["cranelift", "native"] {
        trials.push(Trial::test(format!("racing::{engine}"), move || racing(engine)));
    }
    trials.push(Trial::test("interrupt", || interrupt(&[])));
    trials.push(Trial::test("interrupt::native_engine", || interrupt(&["--engine", "native", "--no-cache"])));
    trials.push(Trial::test("interrupt::compiler", interrupt_compiler));
    libtest_mimic::run(&arguments, trials).exit();
}

fn compile(name: &str, engine: &[&str]) -> Result<PathBuf, Failed> {
    let module = scratch(&format!("fault-{name}{}", engine.concat())).join("program.wasm");
    let source = root().join("openmp-samples/faults").join(format!("{name}.c"));
    succeed(omp2wasi().args(["cc", "-fopenmp", "-O1", "-g"]).arg(source).arg("-o").arg(&module))?;
    Ok(module)
}

fn fault(name: &str, engine: &[&str], code: i32, expected: &[&str]) -> Result<(), Failed> {
    let module = compile(name, engine)?;
    let output = output(omp2wasi().args(["run", "--threads", "4"]).args(engine).arg(&module))?;
    let stderr = text(&output.stderr);
    if output.status.code() != Some(code) {
        return Err(format!("{}, not {code}\n{stderr}", output.status).into());
    }
    match expected.iter().find(|part| !stderr.contains(**part)) {
        Some(missing) => Err(format!("no `{missing}` in\n{stderr}").into()),
        None => Ok(()),
    }
}

/// A team of one, which the program itself calls, as native code: the report is that of Wasmtime's code.
fn alone() -> Result<(), Failed> {
    let module = compile("trap_alone", &["alone"])?;
    let run = |more: &[&str]| output(omp2wasi().args(["run", "--no-cache"]).args(more).arg(&module));
    let (cranelift, native) = (run(&["--engine", "cranelift"])?, run(&["--engine", "native"])?);
    let (expected, found) = (text(&cranelift.stderr), text(&native.stderr));
    if !expected.contains("trap_alone.c:12") || !expected.contains("_start") || expected != found {
        return Err(format!("it printed\n{found}\nnot\n{expected}").into());
    }
    match text(&run(&["--engine", "native", "-v"])?.stderr) {
        said if said.contains("native code: _start (") => Ok(()),
        said => Err(said.into()),
    }
}

/// Numbers that change while they are used: the program ends as it should or by a trap, whatever was read how often.
fn racing(engine: &str) -> Result<(), Failed> {
    let module = compile("racing", &[engine])?;
    let run = ["run", "--threads", "4", "--timeout", "60", "--no-cache", "--engine", engine];
    let output = output(omp2wasi().args(run).arg(&module))?;
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let is_as_expected = match output.status.code() {
        Some(0) => stdout.contains("after"),
        Some(134) => stderr.contains("racing.c:"),
        _ => false,
    };
    if is_as_expected { Ok(()) } else { Err(format!("{}\n{stdout}{stderr}", output.status).into()) }
}

/// The reader goes away: the program ends by SIGPIPE, as a native one does.
fn closed_pipe() -> Result<(), Failed> {
    let module = compile("full_pipe", &[])?;
    let mut child = omp2wasi().arg("run").arg(&module).stdout(Stdio::piped()).spawn()?;
    let mut some = [0; 1000];
    child.stdout.take().expect("piped").read_exact(&mut some)?;
    let status = child.wait()?;
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    if signal == Some(libc::SIGPIPE) { Ok(()) } else { Err(format!("{status}").into()) }
}

/// The reader does not read: the writers block, and the program still dies when it is told to.
fn full_pipe() -> Result<(), Failed> {
    let module = compile("full_pipe", &[])?;
    let child = omp2wasi().arg("run").arg(&module).stdout(Stdio::piped()).spawn()?;
    std::thread::sleep(STARTED);
    ends_by_interrupt(child)
}

/// How long a program takes to be where it is to be interrupted.
const STARTED: Duration = Duration::from_millis(300);

/// Ctrl-C while one thread waits and the others compute.
fn interrupt(engine: &[&str]) -> Result<(), Failed> {
    let module = compile("spin", engine)?;
    let mut command = omp2wasi();
    command.args(["run", "-v", "--threads", "4"]).args(engine).arg(&module).stdout(Stdio::null());
    if engine.is_empty() {
        let child = command.spawn()?;
        std::thread::sleep(STARTED);
        return ends_by_interrupt(child);
    }
    // The program starts when there is native code, which it says.
    let mut child = command.stderr(Stdio::piped()).spawn()?;
    let mut said = String::new();
    // There may be more, which is read by nobody but fits in.
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    stderr.read_line(&mut said)?;
    if !said.contains("native code") {
        return Err(format!("it said {said}").into());
    }
    std::thread::sleep(STARTED);
    ends_by_interrupt(child)
}

/// Ctrl-C while a compiler runs that has started another program: both end, too.
fn interrupt_compiler() -> Result<(), Failed> {
    const MINUTE: Duration = Duration::from_secs(60);
    let dir = scratch("fault-interrupt-compiler");
    let (compiler, started) = (dir.join("compiler"), dir.join("compiler.started"));
    let _ = std::fs::remove_file(&started);
    std::fs::write(&compiler, "#!/bin/sh\nsleep 600 &\necho $! >$0.part\nmv $0.part $0.started\nwait\n")?;
    std::fs::set_permissions(&compiler, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    let mut command = omp2wasi();
    command.args(["run", "--engine", "native", "--no-cache", "--native-cc"]).arg(&compiler);
    let child = command.arg(compile("spin", &["compiler"])?).stdout(Stdio::null()).spawn()?;
    let deadline = Instant::now() + MINUTE;
    while !started.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = std::fs::read_to_string(&started)?;
    ends_by_interrupt(child)?;
    // One that has ended is gone, or a zombie for who has not waited for it.
    let is_running = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
    };
    while is_running() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    if is_running() { Err(format!("{pid} goes on").into()) } else { Ok(()) }
}

fn ends_by_interrupt(mut child: std::process::Child) -> Result<(), Failed> {
    if let Some(status) = child.try_wait()? {
        return Err(format!("it ended by itself: {status}").into());
    }
    // SAFETY: the child has not been waited for, so the id is its own.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
    let status = child.wait()?;
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    if signal == Some(libc::SIGINT) { Ok(()) } else { Err(format!("{status}").into()) }
}
