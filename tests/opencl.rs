//! Kernels on an OpenCL device against the same kernels in Wasmtime, bit for bit (but for NaNs, which are made canonical before they
//! are stored).
//!
//! Three sources of kernels: every instruction on operands that matter, the files of codegen's tests, and a generator. `OMP2WASI_FUZZ=N` makes that one generate N kernels; `OMP2WASI_OPENCL=SELECTOR`
//! chooses the device, else it is the first one that is there.

mod support;

#[path = "opencl/generator.rs"]
mod generator;
#[path = "opencl/inside.rs"]
mod inside;
#[path = "opencl/instructions.rs"]
mod instructions;
#[path = "opencl/regions.rs"]
mod regions;

use libtest_mimic::{Arguments, Failed, Trial};
use omp2wasi_codegen::{Bounds, Lowered, Module, Options, Refusal, TrapCode};
use omp2wasi_runtime::device::{self, Device, Geometry, Launch, OpenOptions};
use omp2wasi_runtime::wasmtime::{self, Engine, FrameInfo, Instance, Store, Val, WasmBacktrace};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use support::{expect, files, omp2wasi, output, root, scratch, stem, succeed, text};

/// Work-items of each launch.
pub const THREADS: u32 = 96;

/// Kernels that the generator makes unless told otherwise.
const GENERATED: u64 = 24;

/// Programs with target regions that are generated unless told otherwise.
const REGIONS: u64 = 6;

/// Microtasks whose accesses are found out to be inside of the memory or not, unless told otherwise.
const INSIDE: u64 = 600;

static DEVICE: LazyLock<Result<Box<dyn Device>, String>> = LazyLock::new(|| {
    let selected = device::select(&selector()).map_err(|error| error.to_string())?;
    let id = selected.first().ok_or("no device")?;
    device::open(*id, &OpenOptions::default()).map_err(|error| error.to_string())
});

/// Programs that check themselves.
const SAMPLES: [&str; 30] = [
    "target_allocated",
    "target_allocators",
    "target_constructs",
    "target_copies",
    "target_critical",
    "target_distribute",
    "target_forms",
    "target_histograms",
    "target_league",
    "target_loops",
    "target_members",
    "target_nested",
    "target_nowait",
    "target_pipeline",
    "target_ordered",
    "target_pointers",
    "target_printing",
    "target_private",
    "target_queries",
    "target_reductions",
    "target_required",
    "target_shared",
    "target_structures",
    "target_tasks",
    "target_team_variables",
    "target_teams",
    "target_tiles",
    "target_unmapped",
    "target_unsynchronized",
    "target_variable",
];

/// Of those, and of others, all regions run on the device.
const MANDATORY: [&str; 18] = [
    "target_critical",
    "target_triad",
    "target_tiles",
    "target_required",
    "target_distribute",
    "target_printing",
    "target_private",
    "target_histograms",
    "target_league",
    "target_members",
    "target_shared",
    "target_structures",
    "target_team_variables",
    "target_queries",
    "target_nested",
    "target_ordered",
    "target_tasks",
    "target_variable",
];

fn main() {
    // As the program does: PoCL would let divisions by zero in Wasmtime pass.
    // SAFETY: no other thread has been started.
    unsafe { std::env::set_var("POCL_SIGFPE_HANDLER", "0") };
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for file in files(&root().join("codegen/tests/kernels"), "wat") {
        trials.push(Trial::test(format!("file::{}", stem(&file)), move || a_file(&file)));
    }
    for (name, text) in instructions::kernels() {
        trials.push(Trial::test(format!("instructions::{name}"), move || compare(&text, instructions::SEED)));
    }
    let count = std::env::var("OMP2WASI_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(GENERATED);
    let first = std::env::var("OMP2WASI_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for seed in first..first + count {
        trials.push(Trial::test(format!("generated::{seed}"), move || {
            let text = generator::kernel(seed);
            compare(&text, seed).map_err(|failed| format!("{}\n{text}", failed.message().unwrap_or_default()).into())
        }));
    }
    let (regions, like_gpu) = if count > GENERATED { (count, true) } else { (REGIONS, false) };
    for seed in first..first + regions {
        trials.push(Trial::test(format!("generated_regions::{seed}"), move || generated_regions(seed, like_gpu)));
    }
    for seed in first..first + count.div_ceil(4) {
        trials.push(Trial::test(format!("generated_on_stack::{seed}"), move || {
            let text = generator::kernel_on_stack(seed);
            compare(&text, seed).map_err(|failed| format!("{}\n{text}", failed.message().unwrap_or_default()).into())
        }));
    }
    trials.push(Trial::test("inside", move || all_inside(first, INSIDE.max(count))));
    for optimization in ["-O0", "-O1", "-O2", "-O3"] {
        for name in SAMPLES {
            trials.push(Trial::test(format!("{name}::{optimization}"), move || target_sample(name, optimization)));
        }
        if optimization != "-O0" {
            for name in MANDATORY {
                let trial = move || target_mandatory(name, optimization);
                trials.push(Trial::test(format!("target_mandatory::{name}::{optimization}"), trial));
            }
        }
    }
    // With debugging information, and not optimised.
    for name in ["target_triad", "target_distribute", "target_members", "target_printing", "target_variable"] {
        trials.push(Trial::test(format!("target_mandatory::{name}::-g"), move || target_mandatory(name, "-g")));
    }
    // Its kernels have all functions there are, which takes PoCL's compiler long.
    trials.push(Trial::test("target_mathematics", || target_sample("target_mathematics", "-O2")));
    trials.push(Trial::test("mathematics_like_gpu", mathematics_like_gpu));
    trials.push(Trial::test("exact_mathematics", exact_mathematics));
    trials.push(Trial::test("target_trap", target_trap));
    trials.push(Trial::test("target_endless", target_endless));
    trials.push(Trial::test("target_long_array", target_long_array));
    trials.push(Trial::test("target_devices", target_devices));
    trials.push(Trial::test("target_initial", target_initial));
    trials.push(Trial::test("target_features", target_features));
    trials.push(Trial::test("offload_report", offload_report));
    for (name, line) in TARGET_FAULTS {
        trials.push(Trial::test(format!("fault::{name}"), move || target_fault(name, line)));
    }
    trials.push(Trial::test("fault::target_exit", target_exit));
    trials.push(Trial::test("fault::target_assert", target_assert));
    trials.push(Trial::test("printed_lost", printed_lost));
    trials.push(Trial::test("hostile", hostile));
    for name in ["for_buffers", "exec_buffers"] {
        trials.push(Trial::test(format!("hand_written::{name}"), move || hand_written(name)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Runs a random program with target regions everywhere. As GPUs are used, PoCL's compiler takes minutes for some.
fn generated_regions(seed: u64, like_gpu: bool) -> Result<(), Failed> {
    let folder = scratch(&format!("opencl-regions-{seed}"));
    let (source, module) = (folder.join("program.c"), folder.join("program.wasm"));
    std::fs::write(&source, regions::program(seed))?;
    let optimization = ["-O0", "-O1", "-O2", "-O3"][seed as usize % 4];
    succeed(omp2wasi().args(["cc", "-fopenmp", optimization]).arg(&source).arg("-o").arg(&module))?;
    let run = |how: &[&str]| succeed(omp2wasi().arg("run").args(how).arg(&module));
    let expected = run(&["--device", "cpu"])?;
    let device = selector();
    let mut others = vec![vec!["--device", "sequential"], vec!["--device", &device]];
    others.extend(like_gpu.then(|| vec!["--device", &device, "--like-gpu"]));
    for how in others {
        let found = run(&how)?;
        if found != expected {
            return Err(format!("{} with {how:?}:\n{found}instead of\n{expected}", source.display()).into());
        }
    }
    Ok(())
}

/// Compiles a sample with target regions, for a test.
fn target(test: &str, name: &str, optimization: &str) -> Result<PathBuf, Failed> {
    let module = scratch(&format!("opencl-{test}-{name}-{optimization}")).join("program.wasm");
    let source = root().join("openmp-samples/target").join(format!("{name}.c"));
    succeed(omp2wasi().args(["cc", "-fopenmp", "-Wall", "-Werror", optimization]).arg(source).arg("-o").arg(&module))?;
    Ok(module)
}

/// The device under test, as an argument of `run`.
fn selector() -> String {
    std::env::var("OMP2WASI_OPENCL").unwrap_or_else(|_| "opencl".to_owned())
}

/// A program does the same on the host and with the device, whichever of its regions run there.
fn target_sample(name: &str, optimization: &str) -> Result<(), Failed> {
    let module = target("sample", name, optimization)?;
    let selector = selector();
    let devices = [&["cpu"][..], &["sequential"], &[&selector], &[&selector, "--like-gpu"]];
    for device in &devices[..devices.len() - usize::from(is_beyond_pocl(name, optimization))] {
        let printed = succeed(omp2wasi().args(["run", "--device"]).args(*device).arg(&module))?;
        expect(&root().join(format!("openmp-samples/target/{name}.expected")), &printed)?;
    }
    Ok(())
}

/// The functions that GPUs get instead of the device's own are no further off than the documentation says.
fn mathematics_like_gpu() -> Result<(), Failed> {
    let module = target("like-gpu", "target_mathematics", "-O2")?;
    let arguments = ["run", "--like-gpu", "--device", &selector()];
    let printed = succeed(omp2wasi().args(arguments).arg(&module).arg("worst"))?;
    let worst = |name: &str| -> Option<u32> {
        let line = printed.lines().find(|line| line.split_whitespace().next() == Some(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let is_near = |(name, most)| worst(name).is_some_and(|worst| worst <= most);
    let are_near = [("sin", 2), ("cos", 2), ("erfc", 5)].into_iter().all(is_near);
    match are_near && printed.contains("on the device: 2 of 2 regions") {
        true => Ok(()),
        false => Err(printed.into()),
    }
}

/// Whether PoCL does not do as a GPU what it is to do.
fn is_beyond_pocl(name: &str, optimization: &str) -> bool {
    match name {
        // It has members execute iterations that are another's, where the loop was not optimised.
        "target_ordered" => optimization == "-O0",
        // It takes minutes to compile unrolled loops of loops that compare and exchange.
        "target_histograms" => ["-O2", "-O3"].contains(&optimization),
        _ => false,
    }
}

/// With `--exact-math` the functions of <math.h> give the same bits on the device as on the host.
fn exact_mathematics() -> Result<(), Failed> {
    let module = target("exact", "target_mathematics", "-O2")?;
    let printed = succeed(omp2wasi().args(["run", "--exact-math", "--device", &selector()]).arg(&module).arg("worst"))?;
    let (functions, rest): (Vec<_>, Vec<_>) = printed.lines().partition(|line| line.ends_with(" 0    0"));
    if functions.len() == 42 && rest == ["on the device: 2 of 2 regions", "target_mathematics: ok"] {
        Ok(())
    } else {
        Err(printed.into())
    }
}

/// With OMP_TARGET_OFFLOAD=mandatory a loop runs on the device, or the program ends.
fn target_mandatory(name: &str, optimization: &str) -> Result<(), Failed> {
    let module = target("mandatory", name, optimization)?;
    let run = |device: &str| {
        let mut command = omp2wasi();
        command.args(["run", "--device", device, "--env", "OMP_TARGET_OFFLOAD=mandatory"]).arg(&module);
        command
    };
    succeed(&mut run(&selector()))?;
    let has_teams = [
        "target_critical",
        "target_histograms",
        "target_league",
        "target_members",
        "target_nested",
        "target_printing",
        "target_queries",
        "target_team_variables",
        "target_variable",
    ];
    if has_teams.contains(&name) && !is_beyond_pocl(name, optimization) {
        // Teams of several members.
        succeed(run(&selector()).arg("--like-gpu"))?;
    }
    let output = output(&mut run("cpu"))?;
    let message = text(&output.stderr);
    let ended = output.status.code() == Some(134) && message.contains("OMP_TARGET_OFFLOAD=mandatory");
    if ended { Ok(()) } else { Err(format!("{}: {message}", output.status).into()) }
}

/// A trap on the device is the program's, also of a loop that has been launched as one that stays inside of the memory.
fn target_trap() -> Result<(), Failed> {
    let module = target("trap", "target_trap", "-O2")?;
    for how in [&["--device", &selector()][..], &["--device", &selector(), "--like-gpu"]] {
        let output = output(omp2wasi().arg("run").args(how).arg(&module))?;
        let message = text(&output.stderr);
        let ended = output.status.code() == Some(134) && message.contains("out of bounds memory access");
        let is_placed = message.contains("on the device") && message.contains("at offset 0x");
        if !ended || !is_placed || text(&output.stdout) != "7\n" {
            return Err(format!("{how:?}: {}: {}{message}", output.status, text(&output.stdout)).into());
        }
    }
    Ok(())
}

/// An array of variable length that a work-item has no room for ends the program, and the message says so.
fn target_long_array() -> Result<(), Failed> {
    let module = target("long-array", "target_variable", "-O2")?;
    for how in [&["--device", &selector()][..], &["--device", &selector(), "--like-gpu"]] {
        let run = |length: &str| output(omp2wasi().arg("run").args(how).arg(&module).arg(length));
        let (fits, ends) = (run("2048")?, run("3000")?);
        let message = text(&ends.stderr);
        let says_why =
            message.contains("stack overflow: arrays of variable length") && message.contains("on the device");
        if text(&fits.stdout) != "1\n" || ends.status.code() != Some(134) || !says_why {
            return Err(format!("{how:?}: {}: {}{message}", ends.status, text(&fits.stderr)).into());
        }
    }
    Ok(())
}

/// A kernel that does not end is not waited for longer than was said. It may go on in the background: the process ends.
fn target_endless() -> Result<(), Failed> {
    let module = target("endless", "target_endless", "-O2")?;
    let output = output(omp2wasi().args(["run", "--device-timeout", "1", "--device", &selector()]).arg(&module))?;
    let message = text(&output.stderr);
    let ended = output.status.code() == Some(134) && message.contains("has not ended on its device within 1 s");
    if ended { Ok(()) } else { Err(format!("{}: {message}", output.status).into()) }
}

/// Several devices at once: PoCL can be told to show a CPU as two.
fn target_devices() -> Result<(), Failed> {
    let module = target("devices", "target_devices", "-O2")?;
    let pocl = |arguments: &[&str]| {
        let mut command = omp2wasi();
        command.env("POCL_DEVICES", "pthread pthread").args(arguments);
        command
    };
    let devices = succeed(&mut pocl(&["devices"]))?.lines().filter(|line| line.starts_with("opencl:")).count();
    if devices < 2 {
        return Err(format!("there are {devices} OpenCL devices").into());
    }
    for (arguments, count) in [
        (&["opencl"][..], devices),
        (&["opencl", "--like-gpu"], devices),
        (&["opencl:1,opencl:0,opencl:1"], 2),
        (&["opencl:1"], 1),
        (&["cpu"], 0),
    ] {
        let mut command = pocl(&["run", "--device"]);
        let printed = succeed(command.args(arguments).arg(&module))?;
        if printed != format!("target_devices: {count}\ntarget_devices: ok\n") {
            return Err(format!("{arguments:?}: {printed}").into());
        }
    }
    // Two regions are serial, and run on the devices all the same.
    let verbose = output(pocl(&["run", "-v", "--device", "opencl"]).arg(&module))?;
    if text(&verbose.stderr).contains("runs on the host") {
        return Err(text(&verbose.stderr).into());
    }
    let output = output(pocl(&["run", "--device", "opencl:0,none such"]).arg(&module))?;
    let message = text(&output.stderr);
    if message.contains("no device `none such`") { Ok(()) } else { Err(message.into()) }
}

/// With OMP_TARGET_OFFLOAD=mandatory, a program that asks for the initial device gets it.
fn target_initial() -> Result<(), Failed> {
    let module = target("initial", "target_initial", "-O2")?;
    for device in [selector().as_str(), "cpu"] {
        for policy in ["mandatory", "disabled"] {
            let policy = format!("OMP_TARGET_OFFLOAD={policy}");
            succeed(omp2wasi().args(["run", "--device", device, "--env", &policy]).arg(&module))?;
        }
    }
    Ok(())
}

/// A loop that needs what its device lacks runs on the host, between loops that run on the device; `-v` says why.
fn target_features() -> Result<(), Failed> {
    let module = target("features", "target_features", "-O2")?;
    for (arguments, on_device, reasons) in [
        (&[][..], "1 1 1", 0),
        (&["--without", "fp64"], "1 0 0", 2),
        (&["--without", "int64-atomics,rounded-division"], "1 1 1", 0),
        (&["--like-gpu", "--without", "fp64,int64-atomics"], "1 0 0", 2),
    ] {
        let output = output(omp2wasi().args(["run", "-v", "--device", &selector()]).args(arguments).arg(&module))?;
        let said = text(&output.stderr).matches("has no 64-bit floats").count();
        let printed = text(&output.stdout);
        if printed != format!("{on_device}\ntarget_features: ok\n") || said != reasons || !output.status.success() {
            return Err(format!("{arguments:?}: {}: {printed}{}", output.status, text(&output.stderr)).into());
        }
    }
    // A program that insists on the device learns that it cannot be.
    let mandatory = ["--env", "OMP_TARGET_OFFLOAD=mandatory", "--without", "fp64", "--device", &selector()];
    let ended = output(omp2wasi().arg("run").args(mandatory).arg(&module))?;
    if ended.status.code() != Some(134) {
        return Err(format!("{}: {}", ended.status, text(&ended.stderr)).into());
    }
    let unknown = output(omp2wasi().args(["run", "--without", "nothing"]).arg(&module))?;
    let message = text(&unknown.stderr);
    if message.contains("there are fp64, int64-atomics") { Ok(()) } else { Err(message.into()) }
}

/// `--offload-report` says of each region where it is and what became of it, when the program has ended.
fn offload_report() -> Result<(), Failed> {
    let module = scratch("opencl-report").join("program.wasm");
    let source = root().join("openmp-samples/target/target_features.c");
    for (debug, place) in [("-g", "target_features.c:"), ("-g0", "main, line ")] {
        succeed(omp2wasi().args(["cc", "-fopenmp", "-O2", debug]).arg(&source).arg("-o").arg(&module))?;
        let mut command = omp2wasi();
        command.args(["run", "--offload-report", "--without", "fp64", "--device", &selector()]).arg(&module);
        let output = output(&mut command)?;
        let message = text(&output.stderr);
        let found = |line: u32, what: &str| {
            message.lines().any(|found| found.contains(&format!("{place}{line}: {what}")) && !found.contains("; "))
        };
        let is_all = found(16, "1 launch on ")
            && message.contains(" in kernels, ")
            && found(22, "on the host: ")
            && found(28, "on the host: ")
            && found(34, "1 launch on ")
            && message.matches("has no 64-bit floats").count() == 2
            && message.contains("beside launches: ");
        if !is_all || !output.status.success() {
            return Err(format!("{debug}: {}: {message}", output.status).into());
        }
    }
    Ok(())
}

/// Programs that misuse device memory, and the line of the construct that the message has to name.
const TARGET_FAULTS: [(&str, u32); 2] = [("target_mapped_in_part", 20), ("target_copy_outside", 24)];

/// Compiles a sample that goes wrong.
fn fault_program(name: &str) -> Result<PathBuf, Failed> {
    let module = scratch(&format!("opencl-{name}")).join("program.wasm");
    let source = root().join("openmp-samples/faults").join(format!("{name}.c"));
    succeed(omp2wasi().args(["cc", "-fopenmp", "-O1", "-g"]).arg(source).arg("-o").arg(&module))?;
    Ok(module)
}

/// The program ends, and says which construct was wrong.
fn target_fault(name: &str, line: u32) -> Result<(), Failed> {
    let module = fault_program(name)?;
    let output = output(omp2wasi().args(["run", "--threads", "2", "--device", &selector()]).arg(&module))?;
    let message = text(&output.stderr);
    let place = format!("{name}.c:{line})");
    match output.status.code() {
        Some(134) if message.contains(&place) => Ok(()),
        _ => Err(format!("{}, without {place}\n{message}", output.status).into()),
    }
}

/// An assertion that does not hold on the device ends the program as on the host, with what has been printed before.
fn target_assert() -> Result<(), Failed> {
    let module = fault_program("target_assert")?;
    for device in [&["cpu"][..], &[&selector()], &[&selector(), "--like-gpu"]] {
        let output = output(omp2wasi().args(["run", "--threads", "2", "--device"]).args(device).arg(&module))?;
        let (printed, message) = (text(&output.stdout), text(&output.stderr));
        let is_said = message.contains("Assertion failed: a[i] != 42 (") && message.contains("target_assert.c: ");
        let is_printed = printed == if device == ["cpu"] { "before\n" } else { "before\nat 42\n" };
        if output.status.code() != Some(134) || !is_said || !is_printed || !message.contains("unreachable") {
            return Err(format!("{device:?}: {}: {printed}{message}", output.status).into());
        }
    }
    Ok(())
}

/// What there is no room for is lost, which is said; the next region has room again.
fn printed_lost() -> Result<(), Failed> {
    let module = target("lost", "target_printed_lost", "-O2")?;
    let output = output(omp2wasi().args(["run", "--device", &selector()]).arg(&module))?;
    let (printed, message) = (text(&output.stdout), text(&output.stderr));
    let lines = printed.lines().count();
    let is_said = message.contains("warning: 67232 lines printed on the device were lost");
    match output.status.success() && lines == 32769 && printed.ends_with("end 7\n") && is_said {
        true => Ok(()),
        false => Err(format!("{}: {lines} lines, {message}", output.status).into()),
    }
}

/// A thread exits while others are inside the driver: nothing of the driver's may be taken away from them.
fn target_exit() -> Result<(), Failed> {
    let module = fault_program("target_exit")?;
    for _ in 0..10 {
        let output = output(omp2wasi().args(["run", "--device", &selector()]).arg(&module))?;
        if output.status.code() != Some(4) || output.stdout != b"before\n" {
            return Err(format!("{}: {}", output.status, text(&output.stderr)).into());
        }
    }
    Ok(())
}

/// Device functions that are given what is wrong say so, and harm nobody.
fn hostile() -> Result<(), Failed> {
    succeed(omp2wasi().args(["run", "--device", &selector()]).arg(root().join("tests/devices/hostile.wat"))).map(|_| ())
}

/// A wasi-parallel program of each generation, asking for a GPU: its kernel runs on the device, with its buffers.
fn hand_written(name: &str) -> Result<(), Failed> {
    let text = std::fs::read_to_string(root().join("tests/cli").join(format!("{name}.wat")))?;
    let program = scratch(&format!("opencl-{name}")).join("program.wat");
    std::fs::write(
        &program,
        text.replace("$get_device (i32.const 0) (i32.const 0)", "$get_device (i32.const 1) (i32.const 0)"),
    )?;
    // On the engine that says nothing about native code.
    let output =
        output(omp2wasi().args(["run", "-v", "--engine", "cranelift", "--device", &selector()]).arg(&program))?;
    let messages = text_of_errors(&output);
    if output.status.success() && messages.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n{messages}", output.status).into())
    }
}

/// What was said on standard error, without what compilers say.
fn text_of_errors(output: &std::process::Output) -> String {
    text(&output.stderr).lines().filter(|line| line.starts_with("omp2wasi")).collect::<Vec<_>>().join("\n")
}

/// What a kernel left: the memory, and why it stopped and where, if it did; in Wasmtime, all threads' reasons, of which a device says one.
struct End {
    memory: Vec<u8>,
    traps: BTreeSet<(u32, usize)>,
}

/// A file of codegen's tests, which know what its kernel is translated to: what it does is compared. What regions do is for the programs in
/// openmp-samples/target to show.
fn a_file(file: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(file)?;
    let module = Module::parse(wat::parse_str(&text)?)?;
    match module.exported_function("kernel") {
        Some(kernel) if Lowered::kernel(&module, kernel).is_ok() => compare(&text, 7),
        _ => Ok(()),
    }
}

/// What is said to have all accesses inside of the memory does not trap; and that is said often enough.
fn all_inside(first: u64, count: u64) -> Result<(), Failed> {
    let _comparing = COMPARING.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut inside, mut safe) = (0, 0);
    for seed in first..first + count {
        let verdict = inside::verdict(seed);
        let verdict = verdict.map_err(|failed| format!("seed {seed}: {}", failed.message().unwrap_or_default()))?;
        inside += u64::from(verdict.is_inside);
        safe += u64::from(verdict.is_safe);
    }
    if inside * 3 > safe { Ok(()) } else { Err(format!("{inside} of {safe} are known to be inside").into()) }
}

/// Held by tests that compare, or have kernels trap: a wasm trap is a signal, at which the compiler in PoCL's LLVM deletes its temporary
/// files.
static COMPARING: Mutex<()> = Mutex::new(());

fn compare(text: &str, seed: u64) -> Result<(), Failed> {
    let _comparing = COMPARING.lock().unwrap_or_else(PoisonError::into_inner);
    let wasm = wat::parse_str(text)?;
    let (before, expected) = in_wasmtime(&wasm, work_items(text), seed)?;
    compare_with(text, &wasm, &before, &expected, Bounds::Checked)?;
    // What does not trap stays inside of the memory.
    if expected.traps.is_empty() { compare_with(text, &wasm, &before, &expected, Bounds::Guarded) } else { Ok(()) }
}

/// How many work-items run a kernel: one, where it does not ask for its number, as all would then store to the same places in no order.
fn work_items(text: &str) -> u32 {
    if text.contains("(local.get $id)") { THREADS } else { 1 }
}

fn compare_with(text: &str, wasm: &[u8], before: &[u8], expected: &End, bounds: Bounds) -> Result<(), Failed> {
    let found = on_device(wasm, work_items(text), before, bounds)??;
    if found.traps.is_empty() != expected.traps.is_empty() || !found.traps.is_subset(&expected.traps) {
        return Err(format!("traps {:x?} on the device, {:x?} in Wasmtime", found.traps, expected.traps).into());
    }
    if !expected.traps.is_empty() {
        return Ok(()); // the program has ended; its memory is nobody's
    }
    // What is left of frames on the shadow stack, below 64 KiB where there is one, is nobody's either.
    let frames = if text.contains(generator::ENTER) { 1024 } else { 256 };
    let stack = if text.contains("$__stack_pointer") { 65536 - frames..65536 } else { 0..0 };
    match (0..expected.memory.len()).find(|at| !stack.contains(at) && found.memory[*at] != expected.memory[*at]) {
        None => Ok(()),
        Some(at) => {
            let at = at & !15;
            let show = |memory: &[u8]| format!("{:02x?}", &memory[at..(at + 16).min(memory.len())]);
            Err(format!("at {at:#x}: {} on the device, {} in Wasmtime", show(&found.memory), show(&expected.memory))
                .into())
        }
    }
}

/// The memory before, and what the kernel made of it.
fn in_wasmtime(wasm: &[u8], work_items: u32, seed: u64) -> Result<(Vec<u8>, End), Failed> {
    let engine = Engine::default();
    let module = wasmtime::Module::new(&engine, wasm)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let memory = instance.get_memory(&mut store, "memory").ok_or("no memory")?;
    instructions::fill(memory.data_mut(&mut store), seed);
    let before = memory.data(&store).to_vec();
    let kernel = instance.get_func(&mut store, "kernel").ok_or("no kernel")?;
    let parameters = kernel.ty(&store).params().len();
    let mut traps = BTreeSet::new();
    for id in 0..work_items {
        let mut arguments = vec![Val::I32(id as i32), Val::I32(work_items as i32), Val::I32(1)];
        arguments.resize(parameters, Val::I32(64));
        if let Err(error) = kernel.call(&mut store, &arguments, &mut []) {
            traps.insert((trap_of(&error)? as u32, place_of(&error)?));
        }
    }
    Ok((before, End { memory: memory.data(&store).to_vec(), traps }))
}

fn trap_of(error: &wasmtime::Error) -> Result<TrapCode, Failed> {
    use wasmtime::Trap as Theirs;
    match error.downcast_ref::<Theirs>() {
        Some(Theirs::UnreachableCodeReached) => Ok(TrapCode::Unreachable),
        Some(Theirs::MemoryOutOfBounds) => Ok(TrapCode::OutOfBounds),
        Some(Theirs::IntegerDivisionByZero) => Ok(TrapCode::DivideByZero),
        Some(Theirs::IntegerOverflow) => Ok(TrapCode::IntegerOverflow),
        Some(Theirs::BadConversionToInteger) => Ok(TrapCode::InvalidConversion),
        Some(Theirs::IndirectCallToNull | Theirs::BadSignature | Theirs::TableOutOfBounds) => {
            Ok(TrapCode::IndirectCall)
        }
        Some(Theirs::HeapMisaligned) => Ok(TrapCode::Unaligned),
        _ => Err(format!("{error:#}").into()),
    }
}

/// The offset in the module of the instruction that trapped.
fn place_of(error: &wasmtime::Error) -> Result<usize, Failed> {
    let trace = error.downcast_ref::<WasmBacktrace>().ok_or("no backtrace")?;
    Ok(trace.frames().first().and_then(FrameInfo::module_offset).ok_or("no offset")?)
}

fn on_device(wasm: &[u8], work_items: u32, before: &[u8], bounds: Bounds) -> Result<Result<End, Refusal>, Failed> {
    let device = DEVICE.as_ref().map_err(|error| format!("{error}; apt-get install pocl-opencl-icd"))?;
    let module = Module::parse(wasm)?;
    let function = module.exported_function("kernel").ok_or("no `kernel`")?;
    let lowered = Lowered::kernel(&module, function);
    let kernel = match lowered
        .map(|lowered| lowered.translate(device.capabilities().language, &Options { bounds, ..Options::default() }))
    {
        Ok(kernel) => kernel,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mirror = device.mirror(before.len())?;
    let mut memory = vec![0; before.len()];
    // SAFETY: both are as long as the mirror.
    unsafe { mirror.write(&[(0..before.len(), before.as_ptr())])? };
    let globals: Vec<u128> =
        kernel.facts.globals.iter().map(|(index, _)| module.initial_value(*index).unwrap_or(0)).collect();
    let launch = Launch {
        kernel: &kernel,
        geometry: Geometry::threads(work_items, 1),
        device: 0,
        devices: 1,
        parameters: &vec![64; kernel.facts.parameters],
        globals: &globals,
        len: before.len(),
        before: &[],
        after: &[],
        uses: None,
        memory: std::ptr::null_mut(),
    };
    // SAFETY: nothing is exchanged.
    let ended = unsafe { mirror.enqueue(&launch)? }.wait()?;
    // SAFETY: as above.
    unsafe { mirror.read(&[(0..before.len(), memory.as_mut_ptr())])? };
    let traps = ended.trapped.map(|(trap, site)| (trap as u32, site.offset));
    Ok(Ok(End { memory, traps: traps.into_iter().collect() }))
}
