//! What modules in the text format become: `tests/kernels/NAME.wat` in, and out its IR, what is known of it, and its text in OpenCL C, in
//! `tests/out/{ir,facts,opencl}`, and its native C in `tests/out/native`. What becomes of
//! a region whose words of structures are foreseen is beside that. A module exports a `kernel`, a `microtask`, the function of a `league`, or that of a `teams` region. What cannot be
//! translated has the reason in the place of its text. `BLESS=1` writes what came out.
//!
//! None of this needs a device, or another crate of the workspace but `omp2wasi-abi`.

use libtest_mimic::{Arguments, Failed, Trial};
use omp2wasi_codegen::{
    Bounds, Language, Lowered, Mathematics, Module, NativeOptions, NativeUnit, Options, Refusal, teams,
};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let entries = std::fs::read_dir(tests.join("kernels")).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    let trial = |file: PathBuf| {
        let name = file.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let out = tests.join("out");
        Trial::test(name.clone(), move || check(&file, &out, &name))
    };
    libtest_mimic::run(&Arguments::from_args(), files.into_iter().map(trial).collect()).exit();
}

fn check(file: &Path, out: &Path, name: &str) -> Result<(), Failed> {
    let module = Module::parse(wat::parse_bytes(&std::fs::read(file)?)?.into_owned())?;
    let expect_in = |folder: &str, extension: &str, found: &str| {
        expect(&out.join(folder).join(format!("{name}.{extension}")), found)
    };
    if let Some(function) = module.exported_function("teams") {
        return expect_in(
            "facts",
            "facts",
            &teams(&module, function).map_or_else(refused, |teams| format!("{teams:#?}\n")),
        );
    }
    let found =
        ["league", "microtask", "kernel"].into_iter().find_map(|name| Some((name, module.exported_function(name)?)));
    let (name_of, function) = found.ok_or("no `kernel`, `microtask`, `league` or `teams`")?;
    let is_region = name_of != "kernel";
    expect_in("native", "c", &native(&module, function))?;
    let lowered = match name_of {
        "league" => Lowered::league(&module, function, Mathematics::Device),
        "microtask" => Lowered::region(&module, function, Mathematics::Device),
        _ => Lowered::kernel(&module, function),
    };
    let lowered = match lowered {
        Ok(lowered) => lowered,
        Err(refusal) => return expect_in("opencl", "cl", &refused(refusal)),
    };
    expect_in("ir", "ir", &lowered.to_string())?;
    expect_in("facts", "facts", &facts(&lowered))?;
    let text = |options: Options| {
        own_part(&lowered.translate(Language::OpenClC, &Options { comments: true, ..options }).artifact.text)
    };
    expect_in("opencl", "cl", &text(Options::default()))?;
    if let Some(foreseeing) = lowered.foreseeing(&module) {
        expect_in("facts", "foreseeing.facts", &facts(&foreseeing))?;
        let options = Options { comments: true, aligned: true, bounds: Bounds::Guarded, ..Options::default() };
        let text = foreseeing.translate(Language::OpenClC, &options).artifact.text;
        expect_in("opencl", "foreseeing.cl", &own_part(&text))?;
    }
    if is_region {
        expect_in("opencl", "blocks.cl", &text(Options { blocks: true, aligned: true, ..Options::default() }))?;
        expect_in(
            "opencl",
            "guarded.cl",
            &text(Options { bounds: Bounds::Guarded, aligned: true, ..Options::default() }),
        )
    } else {
        Ok(())
    }
}

/// Native code without the prelude, and what is left out.
fn native(module: &Module, function: u32) -> String {
    let unit = NativeUnit::new(module, &[function], &NativeOptions { comments: true, ..NativeOptions::default() });
    let own = unit.text.split_once("/* The functions of the module. */\n").map_or("", |(_, own)| own);
    let left_out =
        unit.left_out.iter().map(|(function, reason)| format!("function {function} is left out: {reason}\n"));
    left_out.collect::<String>() + own
}

fn refused(refusal: Refusal) -> String {
    format!("{refusal}\n")
}

/// What is known of the code, and for some arguments of a region: how it can be launched, and in how many bytes of memory it stays.
fn facts(lowered: &Lowered) -> String {
    let facts = lowered.facts();
    let mut out = facts.to_string();
    let kernel = lowered.translate(Language::OpenClC, &Options::default());
    for first in [0u32, 100, 4096].into_iter().filter(|_| facts.is_region) {
        let arguments: Vec<u32> = (0..facts.parameters as u32).map(|number| first + 1000 * number).collect();
        let inside = (10..32).find(|log| facts.written(&arguments, 1 << log).is_some());
        let inside = inside.map_or("no memory".to_owned(), |log| format!("2^{log} bytes"));
        let plan = kernel.plan(&arguments);
        let _ = writeln!(out, "with {arguments:?}: {plan:?}, inside of {inside}");
    }
    out
}

/// A kernel's text without the prelude, which is the same for all.
fn own_part(source: &str) -> String {
    let machine = source.find("typedef struct").unwrap_or(0);
    let end = source[machine..].find("\n\n").map_or(source.len(), |end| machine + end + 2);
    let names = [" function_", " combine_", " microtask_"];
    let first = names.iter().filter_map(|name| source.find(name)).min().unwrap_or(source.len());
    let functions = source[..first].rfind("/* ").unwrap_or(first);
    format!("{}{}", &source[machine..end], &source[functions..])
}

fn expect(path: &Path, found: &str) -> Result<(), Failed> {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, found)?;
        return Ok(());
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == found {
        return Ok(());
    }
    let path = path.display();
    Err(format!("{path} differs (BLESS=1 accepts)\n--- expected\n{expected}\n--- found\n{found}").into())
}
