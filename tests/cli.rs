//! Data-file tests of the command line: each file of `tests/cli` says in its first lines what to run.
//!
//! `;; RUN: ARGUMENTS` runs `omp2wasi` with those; `%` is the file, `%t` a scratch file. `;; EXIT: CODE` is the expected exit code, 0
//! without it. What it prints is in the file's `.out` (standard output, then standard error), which `BLESS=1` writes.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use support::{expect, files, omp2wasi, output, root, scratch, stem, text};

fn main() {
    let arguments = Arguments::from_args();
    let dir = root().join("tests/cli");
    let trials = files(&dir, "wat").into_iter().map(|file| Trial::test(stem(&file), move || run(&file))).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn run(file: &Path) -> Result<(), Failed> {
    let source = std::fs::read_to_string(file)?;
    let temporary = scratch(&format!("cli-{}", stem(file))).join("temporary.wasm");
    let mut printed = String::new();
    let exit = source
        .lines()
        .find_map(|line| line.strip_prefix(";; EXIT: "))
        .map_or(Ok(0), |code| code.trim().parse::<i32>())?;
    let mut code = 0;
    for line in source.lines().filter_map(|line| line.strip_prefix(";; RUN: ")) {
        if code != 0 {
            return Err(format!("exit code {code} before `{line}`\n{printed}").into());
        }
        let words = line.split_whitespace().map(|word| match word {
            "%" => file.into(),
            "%t" => temporary.clone().into_os_string(),
            word => word.into(),
        });
        let output = output(omp2wasi().args(words).env_remove("OMP_NUM_THREADS"))?;
        code = output.status.code().unwrap_or(-1);
        printed += &text(&output.stdout);
        printed += &text(&output.stderr);
    }
    let folder = format!("{}/", file.parent().unwrap_or(Path::new("")).display());
    let printed = printed.replace(&temporary.display().to_string(), "%t").replace(&folder, "");
    expect(&file.with_extension("out"), &printed)?;
    if code == exit { Ok(()) } else { Err(format!("exit code {code}, not {exit}").into()) }
}
