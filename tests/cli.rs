//! Data-file tests of the command line: each file of `tests/cli` says in comments what to run, in order.
//!
//! ```text
//! ;; ENV: NAME=VALUE       a variable of the environment of all runs that follow
//! ;; RUN: ARGUMENTS        runs `omp2wasi` with them
//! ;; EXIT: CODE            the exit code of the run before; 0 without this line
//! ;; SAME: FILE FILE       the two files have the same bytes
//! ```
//!
//! A word `%` is the file itself; `%t` in a word is a scratch path, so `%t.wasm` and `%t2.wasm` are scratch files; `%e` is the character
//! ESC. Words `>FILE` and `2>FILE` redirect standard output and standard error, as in a shell. What the runs print is in the file's `.out`
//! (for each run standard output, then standard error), which `BLESS=1` writes. Code offsets in backtraces are not compared: they are the
//! code generator's business.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use support::{expect, files, omp2wasi, output, output_with_streams, root, scratch, stem, text};

fn main() {
    let arguments = Arguments::from_args();
    let dir = root().join("tests/cli");
    let mut trials: Vec<Trial> =
        files(&dir, "wat").into_iter().map(|file| Trial::test(stem(&file), move || run(&file))).collect();
    trials.push(Trial::test("bytes_that_are_no_text", move || bytes_that_are_no_text(&dir.join("start_result.wat"))));
    libtest_mimic::run(&arguments, trials).exit();
}

/// What one file has been through so far.
struct Script<'a> {
    file: &'a Path,
    scratch: PathBuf,
    env: Vec<(&'a str, &'a str)>,
    /// The last run and its exit code, until an `EXIT` has accounted for it.
    pending: Option<(&'a str, i32)>,
    printed: String,
    /// Everything that went otherwise than the file says.
    failures: Vec<String>,
}

fn run(file: &Path) -> Result<(), Failed> {
    let source = std::fs::read_to_string(file)?;
    let scratch = scratch(&format!("cli-{}", stem(file))).join("scratch");
    let mut script =
        Script { file, scratch, env: Vec::new(), pending: None, printed: String::new(), failures: Vec::new() };
    for line in source.lines() {
        if let Some((directive, rest)) = line.strip_prefix(";; ").and_then(|line| line.split_once(": ")) {
            script.step(directive, rest.trim())?;
        }
    }
    script.account_for(0);
    let folder = format!("{}/", file.parent().unwrap_or(Path::new("")).display());
    let printed = script.printed.replace(&script.scratch.display().to_string(), "%t").replace(&folder, "");
    if let Err(difference) = expect(&file.with_extension("out"), &without_offsets(&printed)) {
        script.failures.push(difference.message().unwrap_or_default().to_owned());
    }
    if script.failures.is_empty() { Ok(()) } else { Err(script.failures.join("\n").into()) }
}

impl<'a> Script<'a> {
    fn step(&mut self, directive: &str, rest: &'a str) -> Result<(), Failed> {
        match directive {
            "ENV" => self.env.push(rest.split_once('=').ok_or("ENV needs NAME=VALUE")?),
            "RUN" => {
                self.account_for(0);
                let mut command = omp2wasi();
                let mut streams = [Stdio::null(), Stdio::piped(), Stdio::piped()];
                for word in rest.split_whitespace().map(|word| self.expand(word)) {
                    if let Some(file) = word.strip_prefix('>') {
                        streams[1] = File::create(file)?.into();
                    } else if let Some(file) = word.strip_prefix("2>") {
                        streams[2] = File::create(file)?.into();
                    } else {
                        command.arg(word);
                    }
                }
                // The caller's settings of OpenMP are not the test's.
                for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OMP_")) {
                    command.env_remove(name);
                }
                command.envs(self.env.iter().copied());
                let output = output_with_streams(&mut command, streams)?;
                self.printed += &text(&output.stdout);
                self.printed += &text(&output.stderr);
                self.pending = Some((rest, output.status.code().unwrap_or(-1)));
            }
            "EXIT" => self.account_for(rest.parse()?),
            "SAME" => {
                let files: Vec<Vec<u8>> =
                    rest.split_whitespace().map(|word| std::fs::read(self.expand(word))).collect::<Result<_, _>>()?;
                if files.len() != 2 || files[0] != files[1] {
                    self.failures.push(format!("{rest} differ"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn expand(&self, word: &str) -> String {
        if word == "%" {
            return self.file.display().to_string();
        }
        word.replace("%t", &self.scratch.display().to_string()).replace("%e", "\x1b")
    }

    /// Compares the exit code of the last run, once.
    fn account_for(&mut self, expected: i32) {
        if let Some((run, code)) = self.pending.take()
            && code != expected
        {
            self.failures.push(format!("`{run}`: exit code {code}, not {expected}"));
        }
    }
}

/// Paths need not be UTF-8. What the program is told has to be, and is named where it is not; what is not the program's is ignored.
fn bytes_that_are_no_text(file: &Path) -> Result<(), Failed> {
    let bytes = || OsStr::from_bytes(b"\xff\xfe");
    let joined = |before: &[u8], after: &[u8]| OsStr::from_bytes(&[before, b"\xff\xfe", after].concat()).to_owned();
    let folder = scratch("cli-bytes").join(bytes());
    std::fs::create_dir(&folder)?;
    let module = folder.join("m\x1b.wat");
    std::fs::copy(file, &module)?;
    let run = |before: &[&OsStr], module: &Path, after: &[&OsStr]| {
        let mut command = omp2wasi();
        command.current_dir(folder.parent().unwrap_or(Path::new("."))).arg("run").args(before).arg(module).args(after);
        command.env("SOME_VARIABLE", bytes()).env(bytes(), "x").env("OMP_SCHEDULE", bytes());
        output(&mut command)
    };
    let named = joined(b"", b"::name");
    let accepted: [&[&OsStr]; 2] = [&[], &["--dir".as_ref(), &named]];
    for options in accepted {
        let output = run(options, &module, &[])?;
        if output.status.code() != Some(7) || !output.stderr.is_empty() {
            return Err(format!("{options:?}: {}\n{}", output.status, text(&output.stderr)).into());
        }
    }
    let own_name = joined(b".::", b"");
    let setting = joined(b"NAME=", b"");
    let refused: [(&[&OsStr], &[&OsStr], &str); 6] = [
        (&[], &[bytes()], "the program's argument `\u{fffd}\u{fffd}` is not UTF-8"),
        (&["--env".as_ref(), &setting], &[], "--env `NAME=\u{fffd}\u{fffd}` is not UTF-8"),
        (
            &["--env".as_ref(), "SOME_VARIABLE".as_ref()],
            &[],
            "--env SOME_VARIABLE: the value `\u{fffd}\u{fffd}` is not",
        ),
        (&["--dir".as_ref(), bytes()], &[], "or else the host's) `\u{fffd}\u{fffd}` is not UTF-8"),
        (&["--dir".as_ref(), &own_name], &[], "or else the host's) `\u{fffd}\u{fffd}` is not UTF-8"),
        (&["--invoke".as_ref(), bytes()], &[], "--invoke `\u{fffd}\u{fffd}` is not UTF-8"),
    ];
    for (before, after, message) in refused {
        let output = run(before, &module, after)?;
        if output.status.code() != Some(125) || !text(&output.stderr).contains(message) {
            return Err(format!("{before:?} {after:?}: {}\n{}", output.status, text(&output.stderr)).into());
        }
    }
    // In messages, a path is shown as far as it is text.
    let missing = run(&[], &module.with_extension("wasm"), &[])?;
    if !text(&missing.stderr).contains("/\u{fffd}\u{fffd}/m\\u{1b}.wasm: No such file") {
        return Err(text(&missing.stderr).into());
    }
    Ok(())
}

/// Backtraces without the offsets of their frames: `0:     0x4f - f` becomes `0: f`.
fn without_offsets(printed: &str) -> String {
    let lines = printed.split_inclusive('\n').map(|line| {
        let frame = line.split_once(": ").filter(|(number, _)| number.trim().parse::<u32>().is_ok());
        let parts = frame.and_then(|(number, rest)| Some((number, rest.trim_start().split_once(" - ")?)));
        match parts {
            Some((number, (offset, function))) if offset.starts_with("0x") => format!("{number}: {function}"),
            _ => line.to_owned(),
        }
    });
    lines.collect()
}
