//! The runtime library from inside. Each program of `tests/shim` is compiled with the library's own headers, checks its records and the
//! protocols that they say they have, and prints `ok`. And docs/abi.md says in which file each entry point is.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use support::{files, omp2wasi, output, root, scratch, stem, succeed, text};

fn main() {
    let arguments = Arguments::from_args();
    let sources = files(&root().join("tests/shim"), "c").into_iter();
    let mut trials: Vec<_> = sources.map(|source| Trial::test(stem(&source), move || program(&source))).collect();
    trials.push(Trial::test("entry_points", entry_points));
    trials.push(Trial::test("omp_allocator", omp_allocator));
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

/// Values of OMP_ALLOCATOR, and what the program then says of its default allocator; `None` for those that are malformed.
const ALLOCATORS: [(&str, Option<&str>); 22] = [
    ("", Some("allocator 1, alignment 16, blocks 99")),
    ("omp_default_mem_alloc", Some("allocator 1, alignment 16, blocks 99")),
    (" OMP_Thread_mem_alloc ", Some("allocator 8, alignment 16, blocks 99")),
    ("omp_const_mem_space", Some("allocator -1, alignment 16, blocks 99")),
    ("omp_default_mem_space:alignment=64", Some("allocator -1, alignment 64, blocks 99")),
    ("omp_large_cap_mem_space: pool_size = 4100 , fallback=null_fb", Some("allocator -1, alignment 16, blocks 41")),
    ("omp_low_lat_mem_space:alignment=128,pool_size=5000", Some("allocator -1, alignment 128, blocks 99")),
    (
        "omp_default_mem_space:pool_size=5000,fallback=allocator_fb,fb_data=omp_cgroup_mem_alloc",
        Some("allocator -1, alignment 16, blocks 99"),
    ),
    (
        "omp_high_bw_mem_space:sync_hint=private,access=pteam,pinned=true,partition=interleaved,alignment=32",
        Some("allocator -1, alignment 32, blocks 99"),
    ),
    ("omp_default_mem_space:pool_size=99999999999,fallback=null_fb", Some("allocator -1, alignment 16, blocks 99")),
    ("omp_default_mem_space:alignment=48", None),
    ("omp_default_mem_space:alignment=true", None),
    ("omp_default_mem_space:pool_size=0", None),
    ("omp_default_mem_space:access=null_fb", None),
    ("omp_default_mem_space:fallback=allocator_fb", None),
    ("omp_default_mem_space:fallback=allocator_fb,fb_data=own", None),
    ("omp_default_mem_space:", None),
    ("omp_default_mem_space:alignment", None),
    ("omp_default_mem_space,alignment=64", None),
    ("omp_default_mem_alloc:alignment=64", None),
    ("omp_default_mem_allocator", None),
    ("64", None),
];

/// OMP_ALLOCATOR, as a program and OMP_DISPLAY_ENV see it.
fn omp_allocator() -> Result<(), Failed> {
    let module = scratch("shim-omp_allocator").join("program.wasm");
    let source = root().join("tests/shim/environment/omp_allocator.c");
    succeed(
        omp2wasi().args(["cc", "-fopenmp", "-O1", "-Wall", "-Wextra", "-Werror"]).arg(source).arg("-o").arg(&module),
    )?;
    for (value, expected) in ALLOCATORS {
        let mut command = omp2wasi();
        command
            .args(["run", "--env", "OMP_DISPLAY_ENV=true", "--env"])
            .arg(format!("OMP_ALLOCATOR={value}"))
            .arg(&module);
        let output = output(&mut command)?;
        let (printed, errors) = (text(&output.stdout), text(&output.stderr));
        let warned = errors.contains("OMP_ALLOCATOR=") && errors.contains("not understood, ignored");
        let is_default = expected.is_none() || value.is_empty();
        let shown = if is_default { "omp_default_mem_alloc" } else { value };
        let line = expected.unwrap_or("allocator 1, alignment 16, blocks 99");
        if printed != format!("initial: {line}\nregion: {line}\n")
            || warned != expected.is_none()
            || !errors.contains(&format!("OMP_ALLOCATOR = '{shown}'"))
        {
            return Err(format!("OMP_ALLOCATOR={value}: {}\n{printed}{errors}", output.status).into());
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
