//! Reads a clang command line.
//!
//! Invariant: every argument ends in exactly one place: among the flags for clang, among the items of the link line, in a
//! field of [`Invocation`], or dropped as [`super::flags`] says. Order is kept within each place, because order has a
//! meaning for both.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::flags::{self, Fate};
use super::linker_flags::{self, LinkerFlag};

#[cfg(test)]
mod tests;

/// How far the inputs are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// Clang does all of it: preprocessing, assembly, syntax check.
    Clang,
    /// `-c`.
    Compile,
    #[default]
    Link,
}

/// A question that needs no input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    Help,
    Version,
    /// `-print-*` and `-dump*`: clang's answer.
    Clang,
}

/// An input that clang reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub path: PathBuf,
    /// The argument of the `-x` that governs it.
    pub language: Option<OsString>,
}

impl Source {
    /// A header is compiled to a precompiled header, not to an object.
    pub fn is_header(&self) -> bool {
        match &self.language {
            Some(language) => language.as_bytes().ends_with(b"-header"),
            None => self.path.extension() == Some(OsStr::new("h")),
        }
    }
}

/// One item of the link line; order is resolution order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Source(Source),
    /// An object or an archive.
    File(PathBuf),
    /// `-lNAME`, without the ones that are built in.
    Library(OsString),
    /// An argument for wasm-ld, verbatim.
    Linker(OsString),
}

/// What the command line says about dependency files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// `-MD` or `-MMD`.
    pub write: bool,
    /// `-MF`.
    pub names_file: bool,
    /// `-MT` or `-MQ`.
    pub names_target: bool,
}

/// A command line, read.
#[derive(Debug, Default)]
pub struct Invocation {
    pub action: Action,
    pub query: Option<Query>,
    pub clang_flags: Vec<OsString>,
    pub items: Vec<Item>,
    pub output: Option<OsString>,
    pub sysroot: Option<PathBuf>,
    pub dependencies: Dependencies,
    pub emit_llvm: bool,
    pub no_std_include: bool,
    pub no_default_libs: bool,
    pub strip: bool,
    /// Objects get no scalar forms.
    pub no_scalar: bool,
    pub relocatable: bool,
    pub verbose: bool,
    /// `-###`.
    pub dry_run: bool,
    pub warnings: Vec<String>,
}

impl Invocation {
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.items.iter().filter_map(|item| match item {
            Item::Source(source) => Some(source),
            _ => None,
        })
    }
}

/// Reads arguments whose response files are expanded already.
pub fn parse(args: Vec<OsString>) -> Result<Invocation> {
    let mut parser = Parser { args: args.into_iter(), ..Parser::default() };
    while let Some(arg) = parser.args.next() {
        parser.argument(arg)?;
    }
    parser.finish()
}

#[derive(Default)]
struct Parser {
    args: std::vec::IntoIter<OsString>,
    read: Invocation,
    language: Option<OsString>,
    clang_does_all: bool,
    compile_only: bool,
    only_inputs: bool,
    dropped: Vec<(Fate, OsString)>,
    quiet: bool,
}

impl Parser {
    fn argument(&mut self, arg: OsString) -> Result<()> {
        // Flags are ASCII; what is not can only be an operand, which is kept as bytes.
        let text = arg.to_string_lossy().into_owned();
        let flag = text.as_str();
        if self.only_inputs || !flag.starts_with('-') || flag == "-" {
            return self.input(PathBuf::from(arg));
        }
        if self.switch(flag, &arg)? || self.operand(flag, &arg)? {
            return Ok(());
        }
        if let Some((fate, with_value)) = flags::dropped(flag) {
            self.dropped.push((fate, arg));
            if with_value {
                let value = self.value(flag)?;
                self.dropped.push((fate, value));
            }
            return Ok(());
        }
        self.note_for_later(flag);
        self.read.clang_flags.push(arg);
        if flags::WITH_VALUE.contains(&flag) {
            let value = self.value(flag)?;
            if flag == "-mthread-model" && value == "single" {
                bail!("`-mthread-model single`: the threads of a team need atomics");
            }
            self.read.clang_flags.push(value);
        }
        Ok(())
    }

    /// The argument after a flag.
    fn value(&mut self, flag: &str) -> Result<OsString> {
        match self.args.next() {
            Some(value) => Ok(value),
            None => bail!("argument to '{flag}' is missing (expected 1 value)"),
        }
    }

    /// Flags without an operand that mean something to the driver. True when there is no more to do.
    fn switch(&mut self, flag: &str, arg: &OsStr) -> Result<bool> {
        let read = &mut self.read;
        match flag {
            "--" => self.only_inputs = true,
            "-c" | "--compile" => self.compile_only = true,
            "-E" | "--preprocess" | "-S" | "--assemble" | "-M" | "-MM" | "-fsyntax-only" | "--analyze"
            | "-emit-ast" | "--precompile" | "-verify-pch" => {
                self.clang_does_all = true;
                read.clang_flags.push(arg.to_owned());
            }
            "-fopenmp=libomp" => read.clang_flags.push("-fopenmp".into()),
            "-fopenmp=libgomp" | "-fopenmp=libiomp5" => {
                read.clang_flags.push("-fopenmp".into());
                read.warnings.push(format!("'{flag}' is taken as -fopenmp: the runtime is always our own"));
            }
            "-s" => read.strip = true,
            "-fomp2wasi-scalar" => read.no_scalar = false,
            "-fno-omp2wasi-scalar" => read.no_scalar = true,
            "-r" | "--relocatable" => read.relocatable = true,
            // `_start` comes from an archive, so a program that has its own keeps it.
            "-nostartfiles" => {}
            "-nodefaultlibs" | "-nolibc" | "-nostdlib" | "--no-standard-libraries" => {
                read.no_default_libs = true;
            }
            "-###" => read.dry_run = true,
            "--help" | "-help" => read.query = Some(Query::Help),
            "--version" => read.query = Some(Query::Version),
            "-shared" | "--shared" | "-dynamiclib" | "-bundle" => bail!(
                "'{flag}': a WebAssembly program is linked statically; make an archive (llvm-ar rcs lib.a *.o) instead"
            ),
            "-mno-atomics" | "-mno-bulk-memory" => bail!(
                "'{flag}': the threads of a team share memory, which needs atomics and bulk-memory; remove the flag"
            ),
            "-mexec-model=reactor" => {
                bail!("'{flag}': only programs with a main function can be run; remove the flag")
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Flags with an operand, joined or in the next argument, that are not clang's.
    fn operand(&mut self, flag: &str, arg: &OsStr) -> Result<bool> {
        if flag.starts_with("-objc") || flag.starts_with("-object") {
            return Ok(false);
        }
        if let Some(list) = strip(arg, "-Wl,") {
            for piece in list.as_bytes().split(|&byte| byte == b',') {
                self.linker(OsStr::from_bytes(piece).to_owned());
            }
        } else if let Some(value) = self.joined(flag, arg, &["-o", "--output="], &["--output"])? {
            self.read.output = Some(value);
        } else if let Some(value) = self.joined(flag, arg, &["-x", "--language="], &["--language"])? {
            self.set_language(value)?;
        } else if let Some(value) = self.joined(flag, arg, &["-l"], &[])? {
            if !flags::BUILT_IN_LIBRARIES.iter().any(|name| value == *name) {
                self.read.items.push(Item::Library(value));
            }
        } else if let Some(value) = self.joined(flag, arg, &["-L", "--library-directory="], &["--library-directory"])? {
            let mut search = OsString::from("-L");
            search.push(value);
            self.linker(search);
        } else if let Some(value) = self.joined(flag, arg, &["--for-linker="], &["-Xlinker", "--for-linker"])? {
            self.linker(value);
        } else if let Some(value) = self.joined(flag, arg, &["-z"], &[])? {
            self.linker("-z".into());
            self.linker(value);
        } else if let Some(value) = self.joined(flag, arg, &[], &["-u", "-e"])? {
            self.linker(if flag == "-u" { "--undefined" } else { "--entry" }.into());
            self.linker(value);
        } else if let Some(value) = self.joined(flag, arg, &["--sysroot="], &["--sysroot"])? {
            self.read.sysroot = Some(value.into());
        } else if let Some(value) = self.joined(flag, arg, &["--target="], &["-target", "--target"])? {
            self.target(&value.to_string_lossy())?;
        } else if flag.starts_with("-T") {
            bail!("'{flag}': WebAssembly has no linker scripts or section addresses; remove the flag");
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// The operand of `arg` if it is one of `joined` with something after it, or one of either list exactly.
    fn joined(&mut self, flag: &str, arg: &OsStr, joined: &[&str], separate: &[&str]) -> Result<Option<OsString>> {
        for prefix in joined {
            match strip(arg, prefix) {
                Some(rest) if rest.is_empty() && !prefix.ends_with('=') => {
                    return self.value(flag).map(Some);
                }
                Some(rest) => return Ok(Some(rest.to_owned())),
                None => {}
            }
        }
        if separate.contains(&flag) { self.value(flag).map(Some) } else { Ok(None) }
    }

    /// Keeps an argument for the linker in its place; [`Parser::finish`] judges it, with its neighbours.
    fn linker(&mut self, arg: OsString) {
        self.read.items.push(Item::Linker(arg));
    }

    /// Flags that go to clang and of which the driver takes note.
    fn note_for_later(&mut self, flag: &str) {
        let dependencies = &mut self.read.dependencies;
        match flag {
            "-v" => self.read.verbose = true,
            "-w" => self.quiet = true,
            "-emit-llvm" => self.read.emit_llvm = true,
            "-nostdinc" | "-nostdlibinc" => self.read.no_std_include = true,
            "-MD" | "-MMD" => dependencies.write = true,
            _ if flag.starts_with("-MF") => dependencies.names_file = true,
            _ if flag.starts_with("-MT") || flag.starts_with("-MQ") => {
                dependencies.names_target = true;
            }
            _ if flag.starts_with("-Wp,-MD,") || flag.starts_with("-Wp,-MMD,") => {
                dependencies.write = true;
                dependencies.names_file = true;
            }
            _ if is_question(flag) => self.read.query = Some(Query::Clang),
            _ => {}
        }
    }

    fn set_language(&mut self, language: OsString) -> Result<()> {
        const KNOWN: [&str; 6] = ["c", "c-header", "cpp-output", "assembler", "assembler-with-cpp", "ir"];
        if language == "none" {
            self.language = None;
        } else if KNOWN.iter().any(|known| language == *known) {
            self.language = Some(language);
        } else {
            bail!("'-x {}': a compiler of C and assembly only", language.display());
        }
        Ok(())
    }

    fn target(&mut self, target: &str) -> Result<()> {
        match target {
            "wasm32-wasi" | "wasm32-wasip1" | "wasm32-unknown-wasi" | "wasm32-unknown-wasip1" => {}
            _ if target.starts_with("wasm32") && target.ends_with("-threads") => {
                self.read.warnings.push(format!(
                    "'{target}' is compiled as wasm32-wasi: a team's threads are not those of wasi-threads"
                ));
            }
            _ => bail!("'--target={target}': compiles for wasm32-wasi only"),
        }
        Ok(())
    }

    fn input(&mut self, path: PathBuf) -> Result<()> {
        const SOURCES: [&str; 8] = ["c", "h", "i", "s", "S", "sx", "ll", "bc"];
        const OTHER_LANGUAGES: [&str; 18] = [
            "cc", "cp", "cxx", "cpp", "CPP", "c++", "C", "hh", "hpp", "ii", "m", "mm", "cu", "f", "F", "f90", "F90",
            "cl",
        ];
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        let language = self.language.clone();
        if language.is_some() || SOURCES.contains(&extension) || path == Path::new("-") {
            self.read.items.push(Item::Source(Source { path, language }));
        } else if OTHER_LANGUAGES.contains(&extension) {
            bail!("{}: a compiler of C and assembly only", path.display());
        } else {
            self.read.items.push(Item::File(path));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Invocation> {
        let mut read = self.read;
        read.action = match (self.clang_does_all, self.compile_only) {
            (true, _) => Action::Clang,
            (false, true) => Action::Compile,
            (false, false) => Action::Link,
        };
        read.items = judge_linker_flags(read.items, &mut read.strip)?;
        for (fate, reason) in [
            (Fate::Native, "they are for another processor; WebAssembly has one instruction set"),
            (Fate::Offload, "the device is chosen when the program is run"),
            (Fate::Lto, "link-time optimisation would take the locks of critical sections apart"),
        ] {
            let named = self.dropped.extract_if(.., |(of, _)| *of == fate).map(|(_, arg)| arg);
            let named: Vec<_> = named.map(|arg| arg.to_string_lossy().into_owned()).collect();
            if !named.is_empty() {
                read.warnings.push(format!("ignored {}: {reason}", named.join(" ")));
            }
        }
        if self.quiet {
            read.warnings.clear();
        }
        Ok(read)
    }
}

/// Flags that make clang print something and stop.
fn is_question(flag: &str) -> bool {
    let name = flag.trim_start_matches('-');
    name.starts_with("print-") || matches!(name, "dumpversion" | "dumpmachine" | "dumpfullversion")
}

/// `arg` without `prefix`, as bytes.
fn strip<'a>(arg: &'a OsStr, prefix: &str) -> Option<&'a OsStr> {
    arg.as_bytes().strip_prefix(prefix.as_bytes()).map(OsStr::from_bytes)
}

/// Drops the linker flags of ELF. Done at the end, because `-Wl,-rpath -Wl,/dir` spreads a flag over two arguments.
fn judge_linker_flags(items: Vec<Item>, strip_all: &mut bool) -> Result<Vec<Item>> {
    let mut kept = Vec::with_capacity(items.len());
    let mut items = items.into_iter();
    while let Some(item) = items.next() {
        let Item::Linker(arg) = &item else {
            kept.push(item);
            continue;
        };
        let flag = arg.to_string_lossy().into_owned();
        let mut value = || match items.next() {
            Some(Item::Linker(value)) => Ok(value),
            _ => bail!("the linker's argument to '{flag}' is missing"),
        };
        match linker_flags::judge(&flag) {
            LinkerFlag::Keep => kept.push(item),
            LinkerFlag::Drop => {}
            LinkerFlag::DropWithValue => drop(value()?),
            LinkerFlag::StripAll => *strip_all = true,
            LinkerFlag::Z => {
                let value = value()?;
                if linker_flags::is_z_value(&value.to_string_lossy()) {
                    kept.extend([item, Item::Linker(value)]);
                }
            }
        }
    }
    Ok(kept)
}
