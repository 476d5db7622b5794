//! The runtime library from inside. Each program of `tests/shim` is compiled with the library's own headers, checks its records and the
//! protocols that they say they have, and prints `ok`. And docs/abi.md says in which file each entry point is.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use support::{files, omp2wasi, root, scratch, stem, succeed};

fn main() {
    let arguments = Arguments::from_args();
    let sources = files(&root().join("tests/shim"), "c").into_iter();
    let mut trials: Vec<_> = sources.map(|source| Trial::test(stem(&source), move || program(&source))).collect();
    trials.push(Trial::test("entry_points", entry_points));
    libtest_mimic::run(&arguments, trials).exit();
}

/// Runs on teams that have a processor for each thread, as far as they know, and on others: they wait in other ways.
fn program(source: &Path) -> Result<(), Failed> {
    let module = scratch(&format!("shim-{}", stem(source))).join("program.wasm");
    let mut compiler = omp2wasi();
    compiler.args(["cc", "-fopenmp", "-O2", "-Wall", "-Wextra", "-Werror"]);
    for headers in ["shim/src", "shim/include"] {
        compiler.arg("-I").arg(root().join(headers));
    }
    succeed(compiler.arg(source).arg("-o").arg(&module))?;
    for processors in ["1", "8"] {
        let printed = succeed(omp2wasi().args(["run", "--procs", processors]).arg(&module))?;
        if printed != "ok\n" {
            return Err(format!("with --procs {processors}:\n{printed}").into());
        }
    }
    Ok(())
}

/// A name that the compiler calls, and the stem of the file that defines it.
type EntryPoint = (String, String);

/// The table of docs/abi.md has exactly the entry points that the archive has.
fn entry_points() -> Result<(), Failed> {
    let kit = scratch("shim-entry-points");
    succeed(omp2wasi().args(["shim", "--install"]).arg(&kit))?;
    let archive = kit.join("lib/libomp2wasi.a");
    let symbols = succeed(
        Command::new("llvm-nm-19").args(["--print-file-name", "--defined-only", "--extern-only"]).arg(archive),
    )?;
    let documented = documented(&std::fs::read_to_string(root().join("docs/abi.md"))?);
    let defined: BTreeSet<_> = symbols.lines().filter_map(defined).collect();
    let missing: Vec<_> = defined.difference(&documented).collect();
    let extra: Vec<_> = documented.difference(&defined).collect();
    if missing.is_empty() && extra.is_empty() {
        return Ok(());
    }
    Err(format!("docs/abi.md lacks {missing:?} and has {extra:?}, which are not there").into())
}

fn is_entry_point(name: &str) -> bool {
    ["__kmpc_", "__tgt_", "__atomic_"].iter().any(|prefix| name.starts_with(prefix))
}

/// From a line `ARCHIVE:HASH-FILE.o: ADDRESS T NAME` of llvm-nm.
fn defined(line: &str) -> Option<EntryPoint> {
    let [object, _, kind, name] = line.split_whitespace().collect::<Vec<_>>()[..] else { return None };
    let file = object.rsplit(':').find(|part| !part.is_empty())?.strip_suffix(".o")?;
    let file = file.split_once('-').map_or(file, |(_, file)| file);
    (kind == "T" && is_entry_point(name)).then(|| (name.to_owned(), file.to_owned()))
}

/// From the rows of tables whose last column is a C file; `S` at the end of a name stands for each type of a loop variable.
fn documented(page: &str) -> BTreeSet<EntryPoint> {
    let rows = page.lines().filter_map(|line| line.strip_suffix(".c` |")?.rsplit_once('`'));
    let names = rows.flat_map(|(names, file)| {
        let file = file.rsplit('/').next().unwrap_or(file);
        names.split('`').filter(|name| is_entry_point(name)).map(move |name| (name, file))
    });
    let each = names.flat_map(|(name, file)| {
        let suffixes: &[&str] = if name.ends_with("_S") { &["4", "4u", "8", "8u"] } else { &[""] };
        let stem = if name.ends_with("_S") { name.trim_end_matches('S') } else { name };
        suffixes.iter().map(move |suffix| (format!("{stem}{suffix}"), file.to_owned()))
    });
    each.collect()
}
