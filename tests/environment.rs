//! What OpenMP's environment variables do to a program, and what it says of its own errors: files of `tests/environment` that say in
//! comments how to run them, and routines that are the only one of their program.
//!
//! ```text
//! // CC: FLAGS                          further flags of the compiler; before the first run
//! // RUN: NAME=VALUE ... -- ARGUMENTS   runs the program with these variables, and `omp2wasi run` with these arguments
//! // EXIT: CODE                         the exit code of the run before; 0 without this line
//! ```
//!
//! In a value `+` is a blank. The file's `.out` has each `RUN` line and what it printed: standard output, and standard error behind `! `,
//! without the backtraces of traps. `BLESS=1` writes it.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{expect, files, omp2wasi, output, root, scratch, stem, succeed, text};

fn main() {
    let arguments = Arguments::from_args();
    let programs = files(&root().join("tests/environment"), "c");
    let mut trials: Vec<Trial> =
        programs.into_iter().map(|file| Trial::test(stem(&file), move || run(&file))).collect();
    trials.extend(ALONE.iter().map(|alone| Trial::test(format!("alone::{}", alone.0), move || routine(alone))));
    libtest_mimic::run(&arguments, trials).exit();
}

fn compile(source: &Path, dir: &Path, flags: &[&str]) -> Result<PathBuf, Failed> {
    let module = dir.join("program.wasm");
    let mut compiler = omp2wasi();
    compiler.args(["cc", "-fopenmp", "-O1", "-Wall", "-Werror"]).args(flags);
    succeed(compiler.arg(source).arg("-o").arg(&module))?;
    Ok(module)
}

/// `omp2wasi run` without the caller's settings of OpenMP, which are not the test's.
fn runner() -> Command {
    let mut command = omp2wasi();
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OMP_")) {
        command.env_remove(name);
    }
    command.arg("run");
    command
}

fn run(file: &Path) -> Result<(), Failed> {
    let source = std::fs::read_to_string(file)?;
    let directives = |name: &'static str| {
        source.lines().filter_map(move |line| line.strip_prefix("// ")?.strip_prefix(name)?.strip_prefix(':'))
    };
    let flags: Vec<&str> = directives("CC").flat_map(str::split_whitespace).collect();
    let module = compile(file, &scratch(&format!("environment-{}", stem(file))), &flags)?;
    let (mut printed, mut failures) = (String::new(), Vec::new());
    let mut lines = source.lines().filter_map(|line| line.strip_prefix("// ")).peekable();
    while let Some(line) = lines.next() {
        let Some(words) = line.strip_prefix("RUN:") else { continue };
        let expected =
            lines.peek().and_then(|next| next.strip_prefix("EXIT:")).map_or(Ok(0), |code| code.trim().parse())?;
        let (variables, arguments) = words.split_once("-- ").unwrap_or((words, ""));
        let mut command = runner();
        for variable in variables.split_whitespace() {
            let (name, value) = variable.split_once('=').ok_or("RUN needs NAME=VALUE")?;
            command.env(name, value.replace('+', " "));
        }
        let output = output(command.args(arguments.split_whitespace()).arg(&module))?;
        printed += &format!("RUN:{words}\n{}", text(&output.stdout));
        let said = text(&output.stderr);
        for line in said.lines().take_while(|line| !line.contains("wasm trap")) {
            printed += &format!("! {line}\n");
        }
        if output.status.code() != Some(expected) {
            failures.push(format!("`{words}`: {}, not {expected}\n{said}", output.status));
        }
    }
    let folder = format!("{}/", file.parent().unwrap_or(Path::new("")).display());
    if let Err(difference) = expect(&file.with_extension("out"), &printed.replace(&folder, "")) {
        failures.push(difference.message().unwrap_or_default().to_owned());
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

/// A name, an expression that is a program's exit code, a variable, and the code.
type Alone = (&'static str, &'static str, &'static str, i32);

/// No routine depends on another one being in the program: that the environment is read, in the first place.
const ALONE: &[Alone] = &[
    ("max_threads", "omp_get_max_threads()", "OMP_NUM_THREADS=5,2", 5),
    ("num_threads", "omp_get_num_threads()", "OMP_NUM_THREADS=5", 1),
    ("thread_num", "omp_get_thread_num()", "OMP_NUM_THREADS=5", 0),
    ("num_procs", "omp_get_num_procs()", "OMP_NUM_THREADS=1", 7),
    ("in_parallel", "omp_in_parallel()", "OMP_NUM_THREADS=5", 0),
    ("dynamic", "omp_get_dynamic()", "OMP_DYNAMIC=true", 1),
    ("cancellation", "omp_get_cancellation()", "OMP_CANCELLATION=true", 1),
    ("nested", "omp_get_nested()", "OMP_NESTED=true", 1),
    ("schedule", "omp_get_schedule(&kind, &chunk), 10 * (int)kind + chunk", "OMP_SCHEDULE=guided,4", 34),
    ("schedule_chunk", "omp_get_schedule(&kind, &chunk), chunk", "OMP_SCHEDULE=monotonic:dynamic", 1),
    ("thread_limit", "omp_get_thread_limit()", "OMP_THREAD_LIMIT=9", 9),
    ("supported_active_levels", "omp_get_supported_active_levels() >= 1", "OMP_NUM_THREADS=1", 1),
    ("max_active_levels", "omp_get_max_active_levels()", "OMP_MAX_ACTIVE_LEVELS=3", 3),
    ("max_active_levels_by_list", "omp_get_max_active_levels() >= 2", "OMP_NUM_THREADS=2,2", 1),
    ("level", "omp_get_level()", "OMP_NUM_THREADS=5", 0),
    ("active_level", "omp_get_active_level()", "OMP_NUM_THREADS=5", 0),
    ("ancestor_thread_num", "omp_get_ancestor_thread_num(0)", "OMP_NUM_THREADS=5", 0),
    ("team_size", "omp_get_team_size(0)", "OMP_NUM_THREADS=5", 1),
    ("num_teams", "omp_get_num_teams()", "OMP_NUM_TEAMS=5", 1),
    ("team_num", "omp_get_team_num()", "OMP_NUM_TEAMS=5", 0),
    ("max_teams", "omp_get_max_teams()", "OMP_NUM_TEAMS=5", 5),
    ("teams_thread_limit", "omp_get_teams_thread_limit()", "OMP_TEAMS_THREAD_LIMIT=6", 6),
    ("proc_bind", "omp_get_proc_bind()", "OMP_PROC_BIND=close", 3),
    ("proc_bind_by_places", "omp_get_proc_bind()", "OMP_PLACES=threads", 4),
    ("num_places", "omp_get_num_places()", "OMP_PLACES=threads(1)", 1),
    ("num_places_by_default", "omp_get_num_places()", "OMP_NUM_THREADS=5", 1),
    ("num_places_unbound", "omp_get_num_places()", "OMP_PROC_BIND=false", 1),
    ("place_num_by_default", "omp_get_place_num()", "OMP_NUM_THREADS=5", 0),
    ("place_num_procs_by_default", "omp_get_place_num_procs(0) >= 1", "OMP_NUM_THREADS=5", 1),
    ("place_num_procs_beyond", "omp_get_place_num_procs(1)", "OMP_NUM_THREADS=5", 0),
    ("place_num", "omp_get_place_num()", "OMP_PLACES=threads(1)", 0),
    ("place_num_procs", "omp_get_place_num_procs(0)", "OMP_PLACES=threads(1)", 1),
    ("partition_num_places", "omp_get_partition_num_places()", "OMP_PLACES=threads(1)", 1),
    ("partition_place_nums", "omp_get_partition_place_nums(&chunk), chunk", "OMP_PLACES=threads(1)", 0),
    ("affinity_format", "omp_get_affinity_format(0, 0)", "OMP_AFFINITY_FORMAT=%n/%N", 5),
    ("capture_affinity", "omp_capture_affinity(0, 0, \"\")", "OMP_AFFINITY_FORMAT=%n/%N", 3),
    ("in_final", "omp_in_final()", "OMP_NUM_THREADS=5", 0),
    ("in_explicit_task", "omp_in_explicit_task()", "OMP_NUM_THREADS=5", 0),
    ("max_task_priority", "omp_get_max_task_priority()", "OMP_MAX_TASK_PRIORITY=8", 8),
    ("default_device", "omp_get_default_device()", "OMP_DEFAULT_DEVICE=2", 2),
    ("num_devices", "omp_get_num_devices()", "OMP_TARGET_OFFLOAD=disabled", 0),
    ("initial_device", "omp_get_initial_device()", "OMP_TARGET_OFFLOAD=disabled", 0),
    ("device_num", "omp_get_device_num()", "OMP_TARGET_OFFLOAD=disabled", 0),
    ("is_initial_device", "omp_is_initial_device()", "OMP_TARGET_OFFLOAD=disabled", 1),
    ("target_offload", "__kmpc_get_target_offload()", "OMP_TARGET_OFFLOAD=mandatory", 2),
    ("wtick", "omp_get_wtick() > 0", "OMP_NUM_THREADS=5", 1),
    ("wtime", "omp_get_wtime() > 0", "OMP_NUM_THREADS=5", 1),
    ("control_tool", "-omp_control_tool(omp_control_tool_start, 0, 0)", "OMP_TOOL=enabled", 2),
    ("pause_resource", "omp_pause_resource(omp_pause_soft, omp_get_initial_device())", "OMP_NUM_THREADS=5", 0),
    ("interop_properties", "omp_get_num_interop_properties(omp_interop_none)", "OMP_NUM_THREADS=5", 0),
    ("set_num_threads", "omp_set_num_threads(4), omp_get_max_threads()", "OMP_NUM_THREADS=5", 4),
    ("parallel", "in_parallel()", "OMP_NUM_THREADS=5", 5),
];

fn routine(&(name, expression, variable, expected): &Alone) -> Result<(), Failed> {
    let dir = scratch(&format!("alone-{name}"));
    let source = dir.join("program.c");
    let program = format!(
        "#include <omp.h>
int __kmpc_get_target_offload(void);
static inline int in_parallel(void)
{{
    int threads = 0;
    #pragma omp parallel reduction(+ : threads)
    threads = 1;
    return threads;
}}
int main(void)
{{
    omp_sched_t kind;
    int chunk;
    (void)&kind, (void)&chunk, (void)in_parallel;
    return {expression};
}}
"
    );
    std::fs::write(&source, program)?;
    let module = compile(&source, &dir, &["-Wno-deprecated"])?;
    let (variable, value) = variable.split_once('=').ok_or("no value")?;
    let found = output(runner().args(["--procs", "7"]).env(variable, value).arg(&module))?;
    if found.status.code() == Some(expected) {
        return Ok(());
    }
    Err(format!("{expression} with {variable}={value}: {}, not {expected}\n{}", found.status, text(&found.stderr))
        .into())
}
