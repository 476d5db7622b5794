//! The scalar forms of functions, from two sources to the program: which ones it has, that they are right, and that nothing else changes.

#[path = "support/scalar.rs"]
mod scalar;
mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use omp2wasi_abi::scalar::{SECTION, flags};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use support::{omp2wasi, root, scratch, succeed};
use wasmparser::{KnownCustom, Name, Operator, Parser, Payload};

const PRINTED: &str = "85344 23416\n1247 40\n2560 32 0\n2016\n";

type Test = fn() -> Result<(), Failed>;

const TESTS: [(&str, Test); 8] = [
    ("each_function_has_its_own", each_function_has_its_own),
    ("they_do_the_same", they_do_the_same),
    ("nothing_else_changes", nothing_else_changes),
    ("lines_of_their_own", lines_of_their_own),
    ("what_may_be_fused", what_may_be_fused),
    ("other_ways_to_link", other_ways_to_link),
    ("portable_and_again", portable_and_again),
    ("no_other_files", no_other_files),
];

fn main() {
    let arguments = Arguments::from_args();
    let trials = TESTS.into_iter().map(|(name, test)| Trial::test(name, test)).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn source(name: &str) -> PathBuf {
    root().join("tests/scalar").join(name)
}

fn folder(test: &str) -> PathBuf {
    scratch(&format!("scalar-{test}"))
}

/// Compiles and links both sources.
fn build(dir: &Path, output: &str, more: &[&str]) -> Result<Vec<u8>, Failed> {
    let program = dir.join(output);
    let mut command = omp2wasi();
    command.args(["cc", "-fopenmp", "-O3"]).args(more).args([source("one.c"), source("two.c")]);
    succeed(command.arg("-o").arg(&program))?;
    Ok(std::fs::read(program)?)
}

/// The flags of each form, by the function's name; and the names of those that have a body of their own.
fn named_forms(wasm: &[u8]) -> Result<(BTreeMap<String, u32>, BTreeSet<String>), Failed> {
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(subsections) = section.as_known() else { continue };
        for subsection in subsections {
            if let Name::Function(functions) = subsection? {
                for function in functions {
                    let function = function?;
                    names.insert(function.index, function.name.to_owned());
                }
            }
        }
    }
    let (mut all, mut own) = (BTreeMap::new(), BTreeSet::new());
    for form in scalar::forms(wasm)? {
        let name = names.get(&form.function).ok_or("a form of a function without a name")?;
        all.insert(name.clone(), form.flags);
        if !form.body.is_empty() {
            own.insert(name.clone());
        }
    }
    Ok((all, own))
}

fn run(dir: &Path, name: &str, wasm: &[u8]) -> Result<String, Failed> {
    let path = dir.join(name);
    std::fs::write(&path, wasm)?;
    succeed(omp2wasi().args(["run", "--threads", "2"]).arg(path))
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), Failed> {
    if found == expected { Ok(()) } else { Err(format!("{found:?} instead of {expected:?}").into()) }
}

/// Whether any function computes with vectors.
fn has_vectors(wasm: &[u8]) -> Result<bool, Failed> {
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        for operator in body.get_operators_reader()? {
            if matches!(operator?, Operator::F64x2Mul | Operator::I32x4Add | Operator::F64x2Add) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn each_function_has_its_own() -> Result<(), Failed> {
    let dir = folder("own");
    let wasm = build(&dir, "a.wasm", &[])?;
    let (_, own) = named_forms(&wasm)?;
    let expected = ["__main_argc_argv.omp_outlined", "chosen", "count", "main", "scaled", "sum"];
    same(&own, &expected.map(str::to_owned).into())?;
    // Both functions of one of these names have one.
    let said = succeed(omp2wasi().arg("inspect").arg(dir.join("a.wasm")))?;
    let expected = format!("functions that also have a scalar form: {}", expected.len() + 1);
    same(&said.lines().last(), &Some(expected.as_str()))
}

fn they_do_the_same() -> Result<(), Failed> {
    let dir = folder("same");
    for optimization in ["-O2", "-O3"] {
        let wasm = build(&dir, "a.wasm", &[optimization, "-g"])?;
        same(&run(&dir, "a.wasm", &wasm)?, &PRINTED.to_owned())?;
        let scalar = scalar::made_scalar(&wasm)?;
        same(&run(&dir, "scalar.wasm", &scalar)?, &PRINTED.to_owned())?;
        same(&(has_vectors(&wasm)?, has_vectors(&scalar)?), &(true, false))?;
    }
    Ok(())
}

fn nothing_else_changes() -> Result<(), Failed> {
    let dir = folder("else");
    for more in [&["-g"][..], &["-s"], &["-O0"]] {
        let with = build(&dir, "a.wasm", more)?;
        let without = build(&dir, "a.wasm", &[more, &["-fno-omp2wasi-scalar"]].concat())?;
        same(&scalar::forms(&without)?.len(), &0)?;
        same(&(omp2wasi_rewriter::without_sections(&with, |name| name == SECTION)? == without), &true)?;
    }
    Ok(())
}

/// With debug information, each instruction has its line, before and after the module is changed again.
fn lines_of_their_own() -> Result<(), Failed> {
    let dir = folder("lines");
    build(&dir, "a.wasm", &["-g"])?;
    succeed(omp2wasi().current_dir(&dir).args(["rewrite", "--portable", "a.wasm", "-o", "portable.wasm"]))?;
    let text = std::fs::read_to_string(source("two.c"))?;
    let wanted = text.lines().position(|line| line.contains("x[i] * by + 1")).ok_or("no such line")? + 1;
    for name in ["a.wasm", "portable.wasm"] {
        let mut found = BTreeSet::new();
        for form in scalar::forms(&std::fs::read(dir.join(name))?)? {
            let body = wasmparser::FunctionBody::new(wasmparser::BinaryReader::new(&form.body, 0));
            let operators = body.get_operators_reader().into_iter().flat_map(|reader| reader.into_iter_with_offsets());
            for (operator, at) in operators.map_while(Result::ok) {
                if let Operator::F64Const { value } = operator
                    && f64::from(value) == 1.0
                {
                    let row = form.lines.rows.iter().rev().find(|row| row.offset as usize <= at);
                    let row = row.ok_or("an instruction without a line")?;
                    found.insert((form.lines.files[row.file as usize].clone(), row.line));
                }
            }
        }
        let path = source("two.c").to_string_lossy().into_owned();
        same(&found, &BTreeSet::from([(path, wanted as u32)]))?;
    }
    same(&scalar::forms(&build(&dir, "b.wasm", &[])?)?.iter().all(|form| form.lines.rows.is_empty()), &true)
}

fn what_may_be_fused() -> Result<(), Failed> {
    let dir = folder("fused");
    let within = flags::CONTRACT;
    let across = flags::CONTRACT | flags::CONTRACT_ACROSS;
    for (more, expected) in [
        (&[][..], within),
        (&["-ffp-contract=off"], 0),
        (&["-ffp-contract=fast"], across),
        (&["-ffast-math"], across | flags::REASSOCIATE),
        (&["-ffast-math", "-ffp-contract=off"], flags::REASSOCIATE),
        (&["-O0"], within),
    ] {
        let (all, own) = named_forms(&build(&dir, "a.wasm", more)?)?;
        same(&all.get("sum").copied(), &Some(expected))?;
        same(&own.contains("sum"), &!more.contains(&"-O0"))?;
    }
    Ok(())
}

/// Objects one by one, joined to one, and from an archive.
fn other_ways_to_link() -> Result<(), Failed> {
    let dir = folder("link");
    let expected = named_forms(&build(&dir, "a.wasm", &[])?)?;
    let cc = |args: &[&str]| succeed(omp2wasi().current_dir(&dir).arg("cc").args(args));
    for name in ["one", "two"] {
        let source = source(&format!("{name}.c"));
        succeed(omp2wasi().current_dir(&dir).args(["cc", "-fopenmp", "-O3", "-c"]).arg(source))?;
    }
    cc(&["one.o", "two.o", "-o", "b.wasm"])?;
    cc(&["-r", "one.o", "two.o", "-o", "both.o"])?;
    cc(&["both.o", "-o", "c.wasm"])?;
    succeed(std::process::Command::new("llvm-ar-19").current_dir(&dir).args(["rcs", "libtwo.a", "two.o"]))?;
    cc(&["one.o", "-L.", "-ltwo", "-o", "d.wasm"])?;
    for name in ["b.wasm", "c.wasm", "d.wasm"] {
        let wasm = std::fs::read(dir.join(name))?;
        same(&run(&dir, "scalar.wasm", &scalar::made_scalar(&wasm)?)?, &PRINTED.to_owned())?;
        let (all, own) = named_forms(&wasm)?;
        // In an archive, the stronger function comes too late.
        if name != "d.wasm" {
            same(&(all, own), &expected)?;
        }
    }
    Ok(())
}

fn portable_and_again() -> Result<(), Failed> {
    let dir = folder("portable");
    let wasm = build(&dir, "a.wasm", &[])?;
    let rewrite = |args: &[&str]| succeed(omp2wasi().current_dir(&dir).arg("rewrite").args(args));
    rewrite(&["a.wasm", "-o", "again.wasm"])?;
    same(&(std::fs::read(dir.join("again.wasm"))? == wasm), &true)?;
    rewrite(&["--portable", "a.wasm", "-o", "portable.wasm"])?;
    let portable = std::fs::read(dir.join("portable.wasm"))?;
    same(&named_forms(&portable)?, &named_forms(&wasm)?)?;
    same(&run(&dir, "scalar.wasm", &scalar::made_scalar(&portable)?)?, &PRINTED.to_owned())
}

/// The second compilation writes nothing beside the object, and says nothing.
fn no_other_files() -> Result<(), Failed> {
    let dir = folder("files");
    let source = source("two.c");
    let mut command = omp2wasi();
    command.current_dir(&dir).args(["cc", "-O3", "-MD", "-Rpass=loop-vectorize", "-Werror", "-c"]).arg(source);
    let output = support::output(&mut command)?;
    same(&output.status.success(), &true)?;
    let remarks = support::text(&output.stderr).matches("vectorized loop").count();
    let mut names: Vec<String> =
        std::fs::read_dir(&dir)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    same(&names, &["two.d".to_owned(), "two.o".to_owned()].to_vec())?;
    same(&(remarks > 0), &true)?;
    same(&std::fs::read_to_string(dir.join("two.d"))?.starts_with("two.o:"), &true)
}
