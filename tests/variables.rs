//! The environment variables of OpenMP (5.2, chapter 21): what a program sees of each.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use support::{omp2wasi, output, root, scratch, succeed, text};

/// Variables, and a line that the program prints with them.
const SEEN: [(&[&str], &str); 15] = [
    (&["OMP_NUM_THREADS=3"], "threads 3"),
    (&["OMP_NUM_THREADS=3,5"], "inner 5 bind 0"),
    (&["OMP_SCHEDULE=guided,7"], "schedule 3,7 monotonic 0"),
    (&["OMP_SCHEDULE=monotonic:dynamic,4"], "schedule 2,4 monotonic 1"),
    (&["OMP_SCHEDULE=nonmonotonic:dynamic"], "schedule 2,1 monotonic 0"),
    (&["OMP_DYNAMIC=true"], "dynamic 1"),
    (&["OMP_DYNAMIC=false"], "dynamic 0"),
    (&["OMP_MAX_ACTIVE_LEVELS=4"], "levels 4"),
    (&["OMP_NESTED=false"], "levels 1"),
    (&["OMP_THREAD_LIMIT=6"], "limit 6"),
    (&["OMP_NUM_TEAMS=5", "OMP_TEAMS_THREAD_LIMIT=2"], "teams 5 limit 2"),
    (&["OMP_DEFAULT_DEVICE=2"], "device 2"),
    (&["OMP_PLACES={0}"], "places 1"),
    (&["OMP_PROC_BIND=close"], "inner 8 bind 3"),
    (&["OMP_WAIT_POLICY=passive", "OMP_STACKSIZE=2M"], "threads 8"),
];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<_> = SEEN
        .iter()
        .map(|(variables, line)| {
            let name = variables.join(" ");
            Trial::test(name.clone(), move || seen(&name, variables, line))
        })
        .collect();
    trials.push(Trial::test("OMP_DISPLAY_ENV", display));
    trials.push(Trial::test("OMP_TARGET_OFFLOAD", offload));
    libtest_mimic::run(&arguments, trials).exit();
}

fn compile(name: &str, source: &Path) -> Result<PathBuf, Failed> {
    let module = scratch(&format!("variables-{}", name.replace([' ', '/', ':', ','], "-"))).join("program.wasm");
    succeed(omp2wasi().args(["cc", "-fopenmp", "-O1"]).arg(source).arg("-o").arg(&module))?;
    Ok(module)
}

fn icvs() -> PathBuf {
    root().join("tests/variables/icvs.c")
}

fn seen(name: &str, variables: &[&str], line: &str) -> Result<(), Failed> {
    let module = compile(name, &icvs())?;
    let environment = variables.iter().flat_map(|variable| ["--env", variable]);
    let printed = succeed(omp2wasi().args(["run", "--procs", "8"]).args(environment).arg(module))?;
    if printed.lines().any(|printed| printed == line) {
        return Ok(());
    }
    Err(format!("`{line}` is not in\n{printed}").into())
}

/// What is shown of the variables goes to standard error: if a variable asks for it, and if the program does.
fn display() -> Result<(), Failed> {
    let module = compile("display", &icvs())?;
    for (variable, argument) in [("OMP_DISPLAY_ENV=true", None), ("OMP_DISPLAY_ENV=false", Some("display"))] {
        let environment = ["--env", variable, "--env", "OMP_THREAD_LIMIT=6"];
        let shown = output(omp2wasi().arg("run").args(environment).arg(&module).args(argument))?;
        let shown = text(&shown.stderr);
        let has = |line: &str| shown.lines().any(|shown| shown.contains(line));
        if !(has("DISPLAY ENVIRONMENT BEGIN") && has("OMP_THREAD_LIMIT = '6'") && has("DISPLAY ENVIRONMENT END")) {
            return Err(format!("{variable}: {shown}").into());
        }
    }
    Ok(())
}

/// A region must not run on the host where that is forbidden, and does where devices are.
fn offload() -> Result<(), Failed> {
    let module = compile("offload", &root().join("openmp-samples/target/target_triad.c"))?;
    let run = |policy: &str| {
        let environment = format!("OMP_TARGET_OFFLOAD={policy}");
        output(omp2wasi().args(["run", "--device", "cpu", "--env", &environment]).arg(&module))
    };
    let (disabled, mandatory) = (run("disabled")?, run("mandatory")?);
    if disabled.status.success() && text(&mandatory.stderr).contains("OMP_TARGET_OFFLOAD=mandatory") {
        return Ok(());
    }
    Err(format!("{}{}", text(&disabled.stderr), text(&mandatory.stderr)).into())
}
