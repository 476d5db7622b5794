//! Random programs of tasks, with many kinds of teams: `openmp-samples/stress/tasks.c`. Other programs, and more of them, by
//! `OMP2WASI_STRESS_SEED` and `OMP2WASI_STRESS_ROUNDS` (docs/fuzzing.md). And tasks that need a thread each: `together.c`.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use support::{omp2wasi, output_within, root, scratch, succeed, text};

/// How many programs a trial executes if nobody says.
const ROUNDS: u64 = 40;

/// No program takes longer than this on a machine that is busy.
const PATIENCE_PER_ROUND: Duration = Duration::from_secs(1);

/// Where programs are executed: threads that have a processor each as far as they know (other barriers), threads that do not,
/// threads that sleep as soon as they have nothing to do, without cancellation, and one thread.
const RUNS: [(&str, &[&str]); 5] = [
    ("processors", &["--procs", "8", "--env", "OMP_CANCELLATION=true"]),
    ("crowded", &["--procs", "2", "--env", "OMP_CANCELLATION=true"]),
    ("passive", &["--env", "OMP_WAIT_POLICY=passive", "--env", "OMP_CANCELLATION=true"]),
    ("uncancelled", &["--procs", "4"]),
    ("sequential", &["--device", "sequential", "--env", "OMP_CANCELLATION=true"]),
];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<_> =
        RUNS.map(|(name, options)| Trial::test(name, move || tasks(name, options))).into_iter().collect();
    trials.push(Trial::test("together", together));
    libtest_mimic::run(&arguments, trials).exit();
}

/// What a variable of the environment says, as a number.
fn number(name: &str, otherwise: u64) -> Result<u64, Failed> {
    match std::env::var(name) {
        Ok(value) => value.parse().map_err(|_| format!("{name}={value} is no number").into()),
        Err(_) => Ok(otherwise),
    }
}

/// Compiles a program of `openmp-samples/stress` in a folder of its own.
fn compile(name: &str, folder: &str) -> Result<PathBuf, Failed> {
    let module = scratch(folder).join(name).with_extension("wasm");
    let source = root().join("openmp-samples/stress").join(name).with_extension("c");
    succeed(omp2wasi().args(["cc", "-fopenmp", "-O2", "-g", "-Wall", "-Werror"]).arg(source).arg("-o").arg(&module))?;
    Ok(module)
}

/// Runs a program that says `NAME: ok` if it is.
fn run(name: &str, command: &mut Command, patience: Duration) -> Result<(), Failed> {
    let output = output_within(command, patience)?;
    let printed = text(&output.stdout);
    if output.status.success() && printed == format!("{name}: ok\n") {
        return Ok(());
    }
    Err(format!("{}\n{printed}{}", output.status, text(&output.stderr)).into())
}

/// No thread sleeps while there is a task, in teams with and without a processor for each thread.
fn together() -> Result<(), Failed> {
    let module = compile("together", "stress-together")?;
    for threads in ["2", "3", "4", "9"] {
        for options in [&[][..], &["--procs", "1"], &["--procs", "16"], &["--env", "OMP_WAIT_POLICY=passive"]] {
            let mut command = omp2wasi();
            command.args(["run", "--threads", threads]).args(options).arg(&module).arg("20");
            run("together", &mut command, PATIENCE_PER_ROUND.saturating_mul(20))?;
        }
    }
    Ok(())
}

fn tasks(name: &str, options: &[&str]) -> Result<(), Failed> {
    let module = compile("tasks", &format!("stress-{name}"))?;
    let (seed, rounds) = (number("OMP2WASI_STRESS_SEED", 1)?, number("OMP2WASI_STRESS_ROUNDS", ROUNDS)?);
    let patience = PATIENCE_PER_ROUND.saturating_mul(u32::try_from(rounds)?);
    let mut command = omp2wasi();
    command.args(["run", "--env", "OMP_MAX_TASK_PRIORITY=5", "--env", "OMP_STACKSIZE=512K"]).args(options);
    run("tasks", command.arg(module).arg(seed.to_string()).arg(rounds.to_string()), patience)
}
