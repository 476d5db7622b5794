//! Linking by hand: clang and wasm-ld of LLVM 19 with the flags that `omp2wasi shim --print-flags` prints, used as its reader would
//! use them, then `omp2wasi rewrite` and `omp2wasi run`.

#[path = "support/names.rs"]
mod names;
mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use names::function_names;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{omp2wasi, output, root, scratch, stem, succeed, text};
use wasmparser::{Parser, Payload};

const SYSROOT: &str = "/usr";
const DWARFDUMP: &str = "llvm-dwarfdump-19";

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for optimization in ["-O0", "-O2"] {
        for (start, startup) in [("shim", None), ("crt1", Some("crt1-command.o"))] {
            trials.push(Trial::test(format!("sum::{optimization}::{start}"), move || sum(optimization, startup)));
        }
    }
    trials.push(Trial::test("stripped", stripped));
    trials.push(Trial::test("target_regions", target_regions));
    trials.push(Trial::test("missing_entry_point", missing_entry_point));
    trials.push(Trial::test("exclusion", exclusion));
    trials.push(Trial::test("launches_by_members", launches_by_members));
    trials.push(Trial::test("names", names_survive));
    trials.push(Trial::test("input", input));
    let has_dwarfdump = Command::new(DWARFDUMP).arg("--version").output().is_ok();
    for source in ["sum.c", "input.c"] {
        let trial = Trial::test(format!("dwarf::{source}"), || dwarf_survives(source));
        trials.push(trial.with_ignored_flag(!has_dwarfdump));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// The flags as printed, in a folder with the library installed.
struct Kit {
    dir: PathBuf,
    clang: Vec<String>,
    wasm_ld: Vec<String>,
}

impl Kit {
    fn new(test: &str) -> Result<Self, Failed> {
        let dir = scratch(&format!("by-hand-{test}"));
        let printed = succeed(omp2wasi().args(["shim", "--print-flags", "--install"]).arg(dir.join("kit")))?;
        let words = |tool: &str| -> Result<Vec<String>, Failed> {
            let line = printed.lines().find_map(|line| line.strip_prefix(tool)).ok_or(format!("no {tool} line"))?;
            Ok(line.split_whitespace().map(|word| word.replace("SYSROOT", SYSROOT)).collect())
        };
        Ok(Self { dir, clang: words("clang:")?, wasm_ld: words("wasm-ld:")? })
    }

    /// Compiles a file of `tests/by_hand`.
    fn compile(&self, source: &str, flags: &[&str]) -> Result<PathBuf, Failed> {
        self.compile_file(&root().join("tests/by_hand").join(source), flags)
    }

    fn compile_file(&self, source: &Path, flags: &[&str]) -> Result<PathBuf, Failed> {
        let object = self.dir.join(stem(source)).with_extension("o");
        let mut clang = Command::new("clang-19");
        clang.args(&self.clang).args(flags).arg(source).arg("-o").arg(&object);
        succeed(&mut clang)?;
        Ok(object)
    }

    /// The command that links these files to `linked.wasm`.
    fn linker(&self, objects: &[PathBuf], flags: &[&str]) -> Result<Command, Failed> {
        let resources = succeed(Command::new("clang-19").arg("-print-resource-dir"))?;
        let mut linker = Command::new("wasm-ld-19");
        for word in &self.wasm_ld {
            match word.as_str() {
                "OBJECTS" => linker.args(objects),
                builtins if builtins.starts_with("libclang_rt") => {
                    linker.arg(Path::new(resources.trim()).join("lib/wasi").join(builtins))
                }
                word => linker.arg(word),
            };
        }
        linker.args(flags).arg("-o").arg(self.dir.join("linked.wasm"));
        Ok(linker)
    }

    fn link(&self, objects: &[PathBuf], flags: &[&str]) -> Result<PathBuf, Failed> {
        succeed(&mut self.linker(objects, flags)?)?;
        Ok(self.dir.join("linked.wasm"))
    }

    fn rewrite(&self, linked: &Path, flags: &[&str]) -> Result<PathBuf, Failed> {
        let rewritten = self.dir.join("rewritten.wasm");
        succeed(omp2wasi().arg("rewrite").args(flags).arg(linked).arg("-o").arg(&rewritten))?;
        Ok(rewritten)
    }
}

fn run(module: &Path, threads: &str, wanted: &str) -> Result<(), Failed> {
    let printed = succeed(omp2wasi().args(["run", "--threads", threads]).arg(module))?;
    if printed == wanted { Ok(()) } else { Err(format!("{threads} threads printed {printed}").into()) }
}

/// With the shim's own `_start`, and with the C library's; rewritten, portable, and as linked, which `run` rewrites by itself.
fn sum(optimization: &str, startup: Option<&str>) -> Result<(), Failed> {
    const PRINTED: &str = "1000 iterations, sum 500500, full team\n";
    let kit = Kit::new(&format!("sum{optimization}-{}", startup.unwrap_or("shim")))?;
    let mut objects = vec![kit.compile("sum.c", &[optimization])?];
    objects.extend(startup.map(|file| Path::new(SYSROOT).join("lib/wasm32-wasi").join(file)));
    let linked = kit.link(&objects, &[])?;
    run(&linked, "2", PRINTED)?;
    for flags in [&[][..], &["--portable"]] {
        let rewritten = kit.rewrite(&linked, flags)?;
        for threads in ["1", "2", "4"] {
            run(&rewritten, threads, PRINTED)?;
        }
    }
    // The last one was portable.
    let needed = import_modules(&std::fs::read(kit.dir.join("rewritten.wasm"))?)?;
    let expected = ["env", "wasi_ephemeral_parallel", "wasi_snapshot_preview1"].map(str::to_owned);
    if needed != BTreeSet::from(expected) {
        return Err(format!("the portable module imports from {needed:?}").into());
    }
    Ok(())
}

/// Without any names the parallel regions still run.
fn stripped() -> Result<(), Failed> {
    let kit = Kit::new("stripped")?;
    let object = kit.compile("sum.c", &["-O2"])?;
    let rewritten = kit.rewrite(&kit.link(&[object], &["--strip-all"])?, &[])?;
    run(&rewritten, "3", "1000 iterations, sum 500500, full team\n")
}

/// The debug information of the C library's larger parts, which come with sscanf, is not the program's fault.
fn input() -> Result<(), Failed> {
    let kit = Kit::new("input")?;
    let linked = kit.link(&[kit.compile("input.c", &["-O1", "-g"])?], &[])?;
    run(&kit.rewrite(&linked, &[])?, "3", "3 x 2.5\n")
}

/// Target regions that are not compiled for devices, and those that `omp2wasi cc` has compiled so.
fn target_regions() -> Result<(), Failed> {
    let kit = Kit::new("target")?;
    let source = root().join("openmp-samples/target/target_copies.c");
    let plain = kit.compile_file(&source, &["-O2"])?;
    let for_devices = kit.dir.join("for_devices.o");
    succeed(omp2wasi().args(["cc", "-fopenmp", "-O2", "-c"]).arg(source).arg("-o").arg(&for_devices))?;
    for object in [plain, for_devices] {
        let rewritten = kit.rewrite(&kit.link(&[object], &[])?, &[])?;
        let printed = succeed(omp2wasi().args(["run", "--device", "opencl"]).arg(&rewritten))?;
        if printed != "target_copies: ok\n" {
            return Err(printed.into());
        }
    }
    Ok(())
}

/// A construct that is not implemented is named: by the linker, or by the rewriter where the linker was told not to care.
fn missing_entry_point() -> Result<(), Failed> {
    const NAME: &str = "__tgt_set_info_flag";
    let kit = Kit::new("missing")?;
    let object = kit.compile("missing.c", &[])?;
    let objects = [object];
    let unlinked = output(&mut kit.linker(&objects, &[])?)?;
    let linked = kit.link(&objects, &["--allow-undefined"])?;
    let refused = output(omp2wasi().arg("rewrite").arg(linked).arg("-o").arg(kit.dir.join("rewritten.wasm")))?;
    let source = root().join("tests/by_hand/missing.c");
    let in_one_step = output(omp2wasi().args(["cc", "-fopenmp"]).arg(source).arg("-o").arg(kit.dir.join("one.wasm")))?;
    for (who, output) in [("wasm-ld", unlinked), ("rewrite", refused), ("cc", in_one_step)] {
        let said = text(&output.stderr);
        if output.status.success() || !said.contains(NAME) {
            return Err(format!("{who}: {}, without naming {NAME}\n{said}", output.status).into());
        }
    }
    Ok(())
}

/// Unnamed critical constructs are one, in all files of a program (OpenMP 5.2, section 15.2).
fn exclusion() -> Result<(), Failed> {
    let dir = scratch("by-hand-exclusion");
    let sources = root().join("tests/by_hand");
    let objects = ["exclude_one", "exclude_other"].map(|name| dir.join(name).with_extension("o"));
    for object in &objects {
        let source = sources.join(object.with_extension("c").file_name().unwrap_or_default());
        succeed(omp2wasi().args(["cc", "-fopenmp", "-O1", "-c"]).arg(source).arg("-o").arg(object))?;
    }
    let module = dir.join("exclude.wasm");
    succeed(omp2wasi().args(["cc", "-fopenmp"]).args(&objects).arg("-o").arg(&module))?;
    // 4 threads enter 100 times; the other file's region has one thread where it is nested, and two where it is not.
    run(&module, "4", "802 entries, 0 collisions\n")
}

/// OpenMP and independent kernels in one program.
fn launches_by_members() -> Result<(), Failed> {
    let module = scratch("by-hand-launches").join("launches.wasm");
    let source = root().join("tests/by_hand/launches_by_members.c");
    succeed(omp2wasi().args(["cc", "-fopenmp", "-O2"]).arg(source).arg("-o").arg(&module))?;
    ["1", "2", "4"].into_iter().try_for_each(|procs| {
        let printed = succeed(omp2wasi().args(["run", "--procs", procs]).arg(&module))?;
        if printed == "0 failures\n" { Ok(()) } else { Err(format!("{procs} processors: {printed}").into()) }
    })
}

fn names_survive() -> Result<(), Failed> {
    let kit = Kit::new("names")?;
    let linked = kit.link(&[kit.compile("sum.c", &["-O1", "-g"])?], &[])?;
    let rewritten = kit.rewrite(&linked, &[])?;
    let before = function_names(&std::fs::read(linked)?)?;
    let after = function_names(&std::fs::read(rewritten)?)?;
    match before.difference(&after).next() {
        Some(lost) => Err(format!("the name of {lost} is lost").into()),
        None if before.len() < 20 => Err("there are no names to begin with".into()),
        None => Ok(()),
    }
}

/// The program's own unit stays as it is: valid, with the same functions, and with the same rows in its line table. (The units of
/// the C library have faults before: --wrap has wasm-ld mix up functions of theirs with the shim's.)
fn dwarf_survives(source: &str) -> Result<(), Failed> {
    let kit = Kit::new(&format!("dwarf-{source}"))?;
    let linked = kit.link(&[kit.compile(source, &["-O1", "-g"])?], &[])?;
    let rewritten = kit.rewrite(&linked, &[])?;
    for module in [&linked, &rewritten] {
        let verified = output(Command::new(DWARFDUMP).arg("--verify").arg(module))?;
        let verified = text(&verified.stdout);
        let unit = verified.split("Verifying unit: ").find(|unit| unit.contains(&format!("{source}\"")));
        let unit = unit.ok_or("the unit is lost")?;
        // The unit comes first, so its line table does too.
        let table = verified.lines().find(|line| line.starts_with("error: .debug_line[0x00000000]"));
        if unit.contains("error: ") || table.is_some() {
            return Err(format!("{}:\n{unit}\n{}", module.display(), table.unwrap_or("")).into());
        }
    }
    let (functions, rows) = described(&linked)?;
    if !functions.contains("main") || rows.len() < 20 {
        return Err(format!("not the right unit: {functions:?}, {} rows", rows.len()).into());
    }
    if described(&rewritten)? != (functions, rows) {
        return Err("the rewritten module's functions or line tables are others".into());
    }
    Ok(())
}

/// The names of the functions in the first unit, and the rows of its line table without addresses.
fn described(module: &Path) -> Result<(BTreeSet<String>, Vec<String>), Failed> {
    let info = succeed(Command::new(DWARFDUMP).arg("--debug-info").arg(module))?;
    let unit = info.split("DW_TAG_compile_unit").nth(1).ok_or("no unit")?;
    let name = |function: &str| Some(function.split("DW_AT_name\t(\"").nth(1)?.split('"').next()?.to_owned());
    let functions = unit.split("DW_TAG_subprogram").skip(1).filter_map(name).collect();
    let lines = succeed(Command::new(DWARFDUMP).arg("--debug-line=0").arg(module))?;
    let rows = lines.lines().filter(|line| line.starts_with("0x"));
    let mut rows: Vec<String> = rows.map(|row| row.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")).collect();
    rows.sort_unstable();
    Ok((functions, rows))
}

fn import_modules(wasm: &[u8]) -> Result<BTreeSet<String>, Failed> {
    let mut modules = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                modules.insert(import?.module.to_owned());
            }
        }
    }
    Ok(modules)
}
