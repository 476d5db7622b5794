//! The command lines of `omp2wasi cc`: what its parser makes of arguments, and of response files.
//!
//! Invariant: an argument ends in exactly one place, and places keep the order of the command line; what an argument that is not a flag's
//! value says is an input.

use crate::seeds;
use args::{Invocation, Item, Source};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

// The parser belongs to a program, not to a library; these are its files. Their tests stay there.
#[rustfmt::skip]
#[allow(dead_code)]
#[path = "../../src/commands/cc/args.rs"]
mod args;
#[rustfmt::skip]
#[allow(dead_code)]
#[path = "../../src/commands/cc/flags.rs"]
mod flags;
#[rustfmt::skip]
#[allow(dead_code)]
#[path = "../../src/commands/cc/linker_flags.rs"]
mod linker_flags;
#[rustfmt::skip]
#[allow(dead_code)]
#[path = "../../src/commands/cc/response.rs"]
mod response;

/// More arguments than these show nothing new.
const MAX_ARGS: usize = 32;

/// Takes an input: arguments with zero bytes between them.
///
/// # Panics
/// When the parser breaks its promise.
pub fn run(data: &[u8]) {
    let args = data.split(|byte| *byte == 0).take(MAX_ARGS);
    let args: Vec<OsString> = args.map(|arg| OsStr::from_bytes(arg).to_owned()).collect();
    response_file(data, &args);
    let Ok(read) = args::parse(args.clone()) else { return };
    in_order(&args, &read);
    for at in 0..=args.len() {
        marked(&args, at);
    }
}

/// Inputs to begin with: command lines as builds have them.
///
/// # Panics
/// When `fuzz/seeds/driver.txt` is not there.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let lines = seeds::texts("fuzz/seeds", "txt").concat();
    let words = |line: &str| line.split(' ').collect::<Vec<_>>().join("\0").into_bytes();
    let flags = flags::WITH_VALUE.iter().map(|flag| format!("{flag}\0value\0a.c").into_bytes());
    lines.lines().map(words).chain(flags).collect()
}

/// What goes to clang is a part of the command line, in its order; so are the inputs.
fn in_order(args: &[OsString], read: &Invocation) {
    let mut rest = args.iter();
    for flag in &read.clang_flags {
        let is_it = |arg: &OsString| arg == flag || flag == "-fopenmp" && arg.as_bytes().starts_with(b"-fopenmp=");
        assert!(rest.any(is_it), "{flag:?} is not where {args:?} has it");
    }
    let mut rest = args.iter();
    for item in &read.items {
        let (Item::File(path) | Item::Source(Source { path, .. })) = item else { continue };
        assert!(rest.any(|arg| arg == path.as_os_str()), "{path:?} is not where {args:?} has it");
    }
}

/// One more argument, which is unlike all others, is found once; or not at all, if the argument before it is one that takes it as a value.
fn marked(args: &[OsString], at: usize) {
    const MARK: &str = "omp2wasi-mark";
    if args.iter().any(|arg| arg.to_string_lossy().contains(MARK)) {
        return;
    }
    let mut with_mark = args.to_vec();
    with_mark.insert(at, MARK.into());
    // As a value of a flag that the parser judges, it may be a reason to refuse.
    let Ok(read) = args::parse(with_mark.clone()) else { return };
    let of_items = read.items.iter().map(|item| match item {
        Item::Source(Source { path, .. }) | Item::File(path) => path.as_os_str(),
        Item::Library(text) | Item::Linker(text) => text.as_os_str(),
    });
    let of_flags = read.clang_flags.iter().map(OsString::as_os_str);
    let of_fields = read.output.as_deref().into_iter().chain(read.sysroot.as_deref().map(Path::as_os_str));
    let found = of_items.chain(of_flags).chain(of_fields).filter(|text| *text == MARK).count();
    let before = at.checked_sub(1).map(|before| with_mark[before].as_bytes());
    let can_be_value = before.is_some_and(|before| before.starts_with(b"-") && before.len() > 1);
    assert!(
        found == 1 || found == 0 && can_be_value,
        "the argument at {at} of {with_mark:?} is found {found} times in {read:?}"
    );
}

/// A response file has any bytes; and words that are written to one come back.
fn response_file(data: &[u8], args: &[OsString]) {
    static FILE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let file = folder.path().join("words");
        (folder, file)
    });
    // Others could be files that never end.
    if data.contains(&b'@') {
        return;
    }
    let expand = |text: &[u8]| {
        std::fs::write(&FILE.1, text).expect("there is room for a file");
        let argument = [b"@", FILE.1.as_os_str().as_bytes()].concat();
        response::expand(vec![OsString::from_vec(argument)]).expect("no file names itself")
    };
    let words = expand(data);
    let read = args::parse(words.clone());
    assert!(read.is_ok() || !words.is_empty(), "nothing is refused");
    assert_eq!(expand(&response::join(args)), args, "words come back");
}
