//! `omp2wasi cc`: a compiler driver with clang's command line that makes WebAssembly programs of OpenMP C.
//!
//! It compiles with clang, mends each object, links with wasm-ld against the shim and libc, and gives the result to the
//! rewriter. Clang's own driver never links: it would run whatever `wasm-opt` it finds.
//!
//! Invariant: what stands at the output path is either complete or what stood there before, and the exit status is that
//! of the program that failed, or 1 for an error of the driver's own.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

mod args;
mod cache;
mod constructs;
mod dependent_iterations;
mod driver;
mod exec;
mod flags;
mod link;
mod linker_flags;
mod llvm_text;
mod mismatches;
mod misread;
pub mod object;
mod regions;
mod remarks;
mod response;
mod scalar;
mod strip;
pub mod toolchain;

use args::{Action, Invocation, Item, Query, Source};
use driver::Driver;
use exec::{Program, Status};
use toolchain::Host;

use super::output::{self, escape};

const HELP: &str = "\
Compiles OpenMP C to WebAssembly and links it with omp2wasi's OpenMP runtime.

Usage: omp2wasi cc [options] file...

The command line is clang's. Use it in place of a C compiler:  make CC='omp2wasi cc'
In one word it is omp2wasi-clang, a link that `omp2wasi toolchain --links DIR` makes.

  -c, -S, -E, -M...      stop before the link, as in clang
  -o FILE                output; without it FILE is a.out, or as in clang
  -fopenmp               compile OpenMP directives; the runtime is linked with or without it
  -O2, -g, -I, -D, ...   passed to clang
  -l, -L, -Wl, -Xlinker  passed to wasm-ld; what only an ELF linker knows is dropped
  -r                     combine objects into one, for a later link
  -Rpass=, -Rpass-missed=
                         say at the link which target regions can run on devices, and why others
                         cannot, if the expression matches `openmp-offload`
  -s                     leave names and debugging information out of the program
  -fno-omp2wasi-scalar   leave out the scalar forms of functions, from which machine code is made
  --sysroot=DIR          a wasm32-wasi sysroot
  -v, -###               show the commands, and run them or not
  @FILE                  read more arguments from FILE

Environment:
  OMP2WASI_CLANG, OMP2WASI_WASM_LD   programs to use instead of those found (clang 19 to 22)
  OMP2WASI_SYSROOT, WASI_SYSROOT     a wasm32-wasi sysroot
  WASI_SDK_PATH                      a wasi-sdk, for all of these
  XDG_CACHE_HOME                     where the runtime is unpacked (in omp2wasi/), if it is an absolute path

Flags for other processors (-march=native, -mavx2, ...) and for offloading devices are ignored with a warning; -shared,
-mno-atomics and other languages than C are errors. Clang's own options: clang --help.
";

/// Runs the driver. `args` are the arguments after `cc`. Errors are printed here, in the form that compilers use.
pub fn run(args: Vec<OsString>) -> Result<ExitCode> {
    exec::catch_signals();
    let status = drive(args).unwrap_or_else(|error| {
        output::message(format_args!("omp2wasi cc: error: {error:#}"));
        1
    });
    Ok(ExitCode::from(exec::interrupted().unwrap_or(status)))
}

fn drive(args: Vec<OsString>) -> Result<Status> {
    let mut read = args::parse(response::expand(args)?)?;
    read.warnings.iter().for_each(|warning| warn(warning));
    if let Some(query) = read.query {
        return answer(query, &read);
    }
    if read.items.is_empty() {
        if read.verbose || read.dry_run {
            return ask_clang(&read, &["-v"]);
        }
        bail!("no input files");
    }
    settle_headers(&mut read)?;
    check(&read)?;
    let host = Host::real();
    let links = read.action == Action::Link;
    let toolchain = toolchain::discover(&host, read.sysroot.as_deref(), links)?;
    let driver = Driver { shim: cache::shim()?, toolchain, read };
    match driver.read.action {
        Action::Clang => driver.clang_alone(),
        Action::Compile => driver.compile_all(),
        Action::Link => driver.link(),
    }
}

/// Says a warning of the driver's own.
fn warn(warning: &str) {
    output::message(format_args!("omp2wasi cc: warning: {}", escape::line(warning)));
}

fn answer(query: Query, read: &Invocation) -> Result<Status> {
    match query {
        Query::Help => {
            output::print(HELP)?;
            Ok(0)
        }
        Query::Version => {
            // Build systems look for clang's words in this, and take the first number for its version.
            let host = Host::real();
            let said = question(&host, read, &["--version"])?.ask(host.patience)?;
            output::eprint(&said.stderr);
            output::print(&format!("{}Driver: omp2wasi cc {}\n", said.stdout, env!("CARGO_PKG_VERSION")))?;
            Ok(said.status)
        }
        Query::Clang => ask_clang(read, &[]),
    }
}

/// Asks clang what it would say of itself when compiling for WebAssembly.
fn ask_clang(read: &Invocation, more: &[&str]) -> Result<Status> {
    question(&Host::real(), read, more)?.run()
}

/// The command that asks it that.
fn question(host: &Host, read: &Invocation, more: &[&str]) -> Result<Program> {
    let clang = toolchain::find_clang(host)?;
    let mut program = Program::new(&clang.path);
    program.arg(format!("--target={}", clang.triple())).args(read.clang_flags.iter().cloned());
    program.args(more.iter().copied());
    Ok(program)
}

/// Headers become precompiled headers, which clang makes alone.
fn settle_headers(read: &mut Invocation) -> Result<()> {
    if read.action == Action::Clang || !read.sources().any(Source::is_header) {
        return Ok(());
    }
    if !read.sources().all(Source::is_header) || read.sources().count() != read.items.len() {
        bail!("a header is compiled to a precompiled header; give it without other inputs");
    }
    read.action = Action::Clang;
    Ok(())
}

/// Refuses what cannot be done, before anything is run.
fn check(read: &Invocation) -> Result<()> {
    for item in &read.items {
        let (Item::File(path) | Item::Source(Source { path, .. })) = item else {
            continue;
        };
        if path != Path::new("-") && !path.exists() {
            bail!("no such file or directory: '{}'", path.display());
        }
    }
    if read.emit_llvm && read.action == Action::Link {
        bail!("-emit-llvm cannot be used when linking; give -c or -S too");
    }
    if read.action == Action::Compile && read.output.is_some() && read.sources().count() > 1 {
        bail!("cannot specify -o when generating multiple output files");
    }
    if read.action != Action::Link {
        if read.sources().next().is_none() {
            bail!("no input files to compile; objects and libraries are for the link");
        }
        for item in &read.items {
            if let Item::File(path) = item {
                warn(&format!("{}: linker input unused", path.display()));
            }
        }
    }
    Ok(())
}
