//! Links objects with the shim, libc and compiler-rt, and explains the errors that wasm-ld alone would leave unexplained.
//!
//! Invariant: no object reaches wasm-ld without [`super::object::fix_object`]. (Members of archives do: they are mended
//! when they are compiled by this driver, and left as they are when not.)

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::args::{Invocation, Item};
use super::constructs::construct_of;
use super::driver::operand;
use super::exec::Program;
use super::linker_flags;
use super::object::fix_object;
use super::response;
use super::toolchain::{Linker, Sysroot};

/// wasi-libc's optional libraries, and the macros that make its headers declare what they hold. Each adds to a program
/// only what that refers to.
const EMULATED: [(&str, &str); 4] = [
    ("_WASI_EMULATED_MMAN", "libwasi-emulated-mman.a"),
    ("_WASI_EMULATED_SIGNAL", "libwasi-emulated-signal.a"),
    ("_WASI_EMULATED_PROCESS_CLOCKS", "libwasi-emulated-process-clocks.a"),
    ("_WASI_EMULATED_GETPID", "libwasi-emulated-getpid.a"),
];

/// Longer command lines than this go to wasm-ld in a response file; systems allow 128 KiB at least.
const MAX_COMMAND_LINE: usize = 100_000;

/// Makes warnings of wasm-ld's no errors.
const NOT_FATAL: &str = "--no-fatal-warnings";

/// The macros and paths of those of wasi-libc's optional libraries that this sysroot has.
pub fn emulated(sysroot: &Sysroot) -> impl Iterator<Item = (&'static str, PathBuf)> {
    let found = EMULATED.map(|(name, library)| (name, sysroot.lib.join(library)));
    found.into_iter().filter(|(_, library)| library.is_file())
}

/// An object or archive that the user named, as the linker shall see it: mended in a copy at `copy` where that is needed.
pub fn mended_input(path: &Path, copy: &Path) -> Result<PathBuf> {
    let describe = || path.display().to_string();
    if is_archive(path).with_context(describe)? {
        return Ok(operand(path));
    }
    let bytes = fs::read(path).with_context(describe)?;
    match fix_object(&bytes).with_context(describe)? {
        Cow::Borrowed(_) => Ok(operand(path)),
        Cow::Owned(fixed) => {
            fs::write(copy, fixed).with_context(|| copy.display().to_string())?;
            Ok(copy.to_owned())
        }
    }
}

/// Ordinary and thin archives.
fn is_archive(path: &Path) -> std::io::Result<bool> {
    let mut magic = Vec::new();
    File::open(path)?.take(8).read_to_end(&mut magic)?;
    Ok(magic == b"!<arch>\n" || magic == b"!<thin>\n")
}

/// Whether an object or archive was compiled with `-g`.
fn has_debugging(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b".debug_info";
    // Looking for the bytes is exact enough: a false find costs size alone.
    bytes.windows(NAME.len()).any(|window| window == NAME)
}

/// Whether an object or archive may print or read values of type `long double`: it has a format for them, or computes with them.
fn has_long_doubles(bytes: &[u8]) -> bool {
    const FUNCTIONS: [&str; 14] = [
        "strtold",
        "wcstold",
        "__addtf3",
        "__subtf3",
        "__multf3",
        "__divtf3",
        "__extenddftf2",
        "__extendsftf2",
        "__floatsitf",
        "__floatditf",
        "__floatunsitf",
        "__floatunditf",
        "__trunctfdf2",
        "__trunctfsf2",
    ];
    let has_function = FUNCTIONS.iter().any(|name| bytes.windows(name.len()).any(|window| window == name.as_bytes()));
    has_function
        || bytes.windows(2).enumerate().filter(|(_, pair)| pair[0] == b'L' && b"aefgAEFG".contains(&pair[1])).any(
            |(at, _)| {
                let before = bytes[..at].iter().rev().take_while(|byte| b" #+-.*$'0123456789".contains(byte)).count();
                bytes[..at - before].last() == Some(&b'%')
            },
        )
}

/// The archive that `-l` means, as far as the user says where libraries are.
pub fn library(items: &[Item], name: &OsStr) -> Option<PathBuf> {
    let folders = items.iter().filter_map(|item| match item {
        Item::Linker(arg) => arg.to_str()?.strip_prefix("-L").map(PathBuf::from),
        _ => None,
    });
    let mut file = OsString::from("lib");
    file.push(name);
    file.push(".a");
    folders.map(|folder| folder.join(&file)).find(|library| library.is_file())
}

/// The user's part of the link line.
#[derive(Default)]
pub struct Inputs {
    /// In order, with each source replaced by its object.
    pub args: Vec<OsString>,
    /// Whether any of them has debugging information.
    pub debugging: bool,
    /// Whether any of them may print or read values of type `long double`: wasi-libc's usual functions cannot.
    pub long_doubles: bool,
}

impl Inputs {
    /// Notes what matters for the link of an object or archive, as the compiler or the user made it.
    pub fn note(&mut self, path: &Path) {
        let bytes = fs::read(path).unwrap_or_default();
        self.debugging |= has_debugging(&bytes);
        self.long_doubles |= has_long_doubles(&bytes);
    }
}

/// The whole link.
pub fn command(
    read: &Invocation,
    linker: &Linker,
    sysroot: &Sysroot,
    shim: &Path,
    inputs: Inputs,
    output: &Path,
) -> Program {
    let mut program = Program::new(&linker.wasm_ld);
    program.arg("-o").arg(output);
    if read.relocatable {
        program.arg("--relocatable").args(inputs.args);
        return program;
    }
    // No crt1: `_start` is in the shim, for a program that defines none itself.
    program.args(omp2wasi_shim::link_flags()).arg(omp2wasi_shim::FOR_DEVICES);
    // Which warnings are errors is settled when all of them are there: see `mismatches`.
    program.arg(NOT_FATAL);
    if !inputs.debugging {
        // Distributions build libc with -g, which would be most of a small program. Names stay.
        program.arg("--strip-debug");
    }
    // By path, not by name: the user's -L may lead to the libraries of the machine that this runs on.
    program.args(inputs.args).arg(shim.join("lib/libomp2wasi.a"));
    let mut search = OsString::from("-L");
    search.push(&sysroot.lib);
    program.arg(search);
    if !read.no_default_libs {
        program.args(emulated(sysroot).map(|(_, library)| library));
        let of_long_doubles = sysroot.lib.join("libc-printscan-long-double.a");
        program.args(Some(of_long_doubles).filter(|library| inputs.long_doubles && library.is_file()));
        program.arg(sysroot.lib.join("libc.a"));
    }
    program.arg(&linker.builtins);
    program
}

/// Whether warnings of wasm-ld's are taken for what they are: if the user says so, and in a link that another follows.
pub fn takes_warnings(read: &Invocation) -> bool {
    read.relocatable || read.items.iter().any(|item| matches!(item, Item::Linker(arg) if arg == NOT_FATAL))
}

/// Whether the link line asks wasm-ld something, which it answers instead of linking.
pub fn is_question(items: &[Item]) -> bool {
    items.iter().any(|item| matches!(item, Item::Linker(arg) if linker_flags::is_question(&arg.to_string_lossy())))
}

/// The same command, its arguments in a response file in `temp` if they are too long for a command line.
pub fn shortened(program: Program, temp: &Path) -> Result<Program> {
    if program.args.iter().map(|arg| arg.len() + 1).sum::<usize>() < MAX_COMMAND_LINE {
        return Ok(program);
    }
    let file = temp.join("arguments");
    fs::write(&file, response::join(&program.args)).with_context(|| file.display().to_string())?;
    let mut at = OsString::from("@");
    at.push(file);
    let mut shortened = Program::new(&program.path);
    shortened.arg(at);
    Ok(shortened)
}

/// What there is to add to the linker's own messages.
pub fn notes(messages: &str) -> Vec<String> {
    let mut notes = Vec::new();
    for symbol in named_in(messages, "undefined symbol: ") {
        if let Some(construct) = construct_of(symbol) {
            let what = if symbol.starts_with('_') { "construct behind" } else { "routine" };
            notes.push(format!("OpenMP {what} `{symbol}` ({construct}) is not supported yet"));
        } else if symbol.starts_with("pthread_") || symbol.starts_with("thrd_") {
            notes.push(format!(
                "`{symbol}` is not supported: POSIX threads have no cancellation, priorities or signals here"
            ));
        } else if symbol == "main" {
            notes.push("no object defines `main`; give -c to compile without linking".to_owned());
        }
    }
    for symbol in named_in(messages, "function signature mismatch: ") {
        notes.push(format!(
            "`{symbol}` is called with other types than it is defined with, which traps in WebAssembly; declare its \
             prototype before the call"
        ));
    }
    notes
}

/// The names that stand after `label`, each once.
fn named_in<'a>(messages: &'a str, label: &str) -> BTreeSet<&'a str> {
    let after = messages.lines().filter_map(|line| line.split_once(label));
    after.map(|(_, symbol)| symbol.trim()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_for_undefined_symbols() {
        let messages = "\
wasm-ld: error: a.o: undefined symbol: __kmpc_omp_task
wasm-ld: error: a.o: undefined symbol: printf_
wasm-ld: error: b.o: undefined symbol: __kmpc_omp_task
wasm-ld: error: b.o: undefined symbol: omp_alloc
wasm-ld: error: b.o: undefined symbol: pthread_cancel
wasm-ld: error: function signature mismatch: twice
>>> defined as (i32) -> i32 in a.o
";
        let notes = notes(messages);
        assert_eq!(notes.len(), 4, "{notes:?}");
        let task = "OpenMP construct behind `__kmpc_omp_task` (task) is not supported yet";
        assert_eq!(notes[0], task);
        assert_eq!(notes[1], "OpenMP routine `omp_alloc` (memory allocators) is not supported yet");
        assert!(notes[2].starts_with("`pthread_cancel` is not supported"));
        assert!(notes[3].starts_with("`twice` is called with other types"));
    }

    #[test]
    fn inputs_by_kind() {
        let temp = tempfile::tempdir().unwrap();
        let copy = temp.path().join("copy.o");
        let file = |name: &str, bytes: &[u8]| {
            let path = temp.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        for magic in ["!<arch>\nxyz", "!<thin>\n"] {
            let archive = file("lib.a", magic.as_bytes());
            assert_eq!(mended_input(&archive, &copy).unwrap(), archive);
        }
        let elf = file("elf.o", b"\x7fELF\x02");
        let error = format!("{:#}", mended_input(&elf, &copy).unwrap_err());
        assert!(error.contains("elf.o: compiled by another compiler"), "{error}");
        assert!(error.contains("rebuild it with `omp2wasi cc`"), "{error}");
        let missing = temp.path().join("missing.o");
        assert!(mended_input(&missing, &copy).is_err());
        assert!(!copy.exists());
    }

    #[test]
    fn debugging_information_is_seen() {
        assert!(!has_debugging(b"!<arch>\n...\x0b.debug_line..."));
        assert!(has_debugging(b"!<arch>\n...\x0b.debug_info..."));
    }

    #[test]
    fn long_doubles_are_seen() {
        for bytes in [&b"x = %Lg\0"[..], b"%-+12.*Le", b"\x07strtold", b"\x0d__extenddftf2", b"%1$Lf"] {
            assert!(has_long_doubles(bytes), "{bytes:?}");
        }
        for bytes in [&b"Lg"[..], b"100 %, Length", b"%lf %ld %Ld", b"strtod", b""] {
            assert!(!has_long_doubles(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn long_commands_go_into_a_response_file() {
        let temp = tempfile::tempdir().unwrap();
        let mut short = Program::new(Path::new("ld"));
        short.args(["a b", "c"]);
        assert_eq!(shortened(short, temp.path()).unwrap().args, ["a b", "c"]);
        let mut long = Program::new(Path::new("ld"));
        long.args((0..20_000).map(|i| format!("file {i}.o")));
        let args = std::mem::take(&mut long.args);
        let short = shortened(Program { path: long.path, args: args.clone() }, temp.path()).unwrap();
        assert_eq!(short.args.len(), 1);
        assert_eq!(response::expand(short.args).unwrap(), args);
    }
}
