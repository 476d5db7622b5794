//! Finds clang, wasm-ld, the WASI sysroot and compiler-rt.
//!
//! Invariant: a [`Toolchain`] is complete for what was asked of it and consistent (one version of LLVM, one triple of the
//! sysroot), or there is one error that names everything that is missing, where it was looked for, and what installs it.
//! What the user names explicitly is taken or refused, never silently replaced by something else. Of what is found without that, the newest
//! that can link is taken.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::ops::RangeInclusive;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::exec::{Answer, Program};

mod sysroot;
#[cfg(test)]
mod tests;

pub use sysroot::Sysroot;

/// The versions of LLVM whose OpenMP code generation the shim is made for.
pub const VERSIONS: RangeInclusive<u32> = 19..=22;

/// Looks a variable up; see [`Host::var`].
type Variables = Box<dyn Fn(&str) -> Option<OsString>>;

/// What finding a toolchain depends on, so that tests can put an empty machine in its place.
pub struct Host {
    /// An environment variable; an empty one counts as unset.
    pub var: Variables,
    /// Stands before the absolute paths that this module knows.
    pub root: PathBuf,
    /// How long a program may take to say what it is.
    pub patience: Duration,
}

impl Host {
    /// This process and this machine.
    pub fn real() -> Self {
        Host {
            var: Box::new(|name| std::env::var_os(name).filter(|value| !value.is_empty())),
            root: PathBuf::from("/"),
            patience: Duration::from_secs(10),
        }
    }

    /// What a program answers to these arguments.
    fn ask(&self, program: &Path, args: &[&str]) -> Result<Answer, String> {
        let mut program = Program::new(program);
        program.args(args.iter().copied());
        // The caller names the program.
        program.ask(self.patience).map_err(|error| error.root_cause().to_string())
    }

    fn at(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }

    /// The program of this name on PATH.
    fn on_path(&self, name: &str) -> Option<PathBuf> {
        let path = (self.var)("PATH")?;
        std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| is_program(file))
    }

    /// A program that the user named, by path or by name.
    fn named(&self, program: &OsStr) -> Option<PathBuf> {
        let path = Path::new(program);
        if path.components().count() > 1 {
            return is_program(path).then(|| path.to_owned());
        }
        self.on_path(program.to_str()?)
    }
}

/// One missing piece.
#[derive(Debug)]
pub struct Missing {
    what: String,
    looked: Vec<String>,
    mend: String,
}

/// Everything that is missing.
#[derive(Debug, Error)]
pub struct ToolchainError(Vec<Missing>);

impl fmt::Display for ToolchainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let several = self.0.len() > 1;
        if several {
            write!(f, "{} parts of the toolchain are missing", self.0.len())?;
        }
        for missing in &self.0 {
            if several {
                f.write_str("\n  ")?;
            }
            f.write_str(&missing.what)?;
            for place in &missing.looked {
                write!(f, "\n    looked for: {place}")?;
            }
            write!(f, "\n    to mend it: {}", missing.mend)?;
        }
        Ok(())
    }
}

/// A clang of a supported version.
#[derive(Debug)]
pub struct Clang {
    pub path: PathBuf,
    pub version: u32,
    pub resource_dir: PathBuf,
}

impl Clang {
    /// The name of our target. Clang 22 warns of the older name, which is an error with `-Werror`; to clang 19 both are
    /// the same target, byte for byte.
    pub fn triple(&self) -> &'static str {
        if self.version < 22 { "wasm32-wasi" } else { "wasm32-wasip1" }
    }
}

/// What the link needs beyond the compiler and the sysroot.
#[derive(Debug)]
pub struct Linker {
    pub wasm_ld: PathBuf,
    pub builtins: PathBuf,
}

#[derive(Debug)]
pub struct Toolchain {
    pub clang: Clang,
    pub sysroot: Sysroot,
    /// Present when the link was asked for.
    pub linker: Option<Linker>,
}

/// Finds clang alone, for queries that need no sysroot.
pub fn find_clang(host: &Host) -> Result<Clang, ToolchainError> {
    clang(host).map_err(|missing| ToolchainError(vec![missing]))
}

/// Finds what compiling needs, and with `link` what linking needs. `sysroot` is the `--sysroot` of the command line.
pub fn discover(host: &Host, sysroot: Option<&Path>, link: bool) -> Result<Toolchain, ToolchainError> {
    let mut missing = Vec::new();
    let clang = clang(host).map_err(|m| missing.push(m)).ok();
    let sysroot = sysroot::find(host, sysroot).map_err(|m| missing.push(m)).ok();
    let mut found = None;
    // Where the linker and compiler-rt are looked for follows from the clang, so without one there is nothing to report.
    if let (true, Some(clang)) = (link, &clang) {
        found = linker(host, clang).map_err(|parts| missing.extend(parts)).ok();
    }
    match (clang, sysroot) {
        (Some(clang), Some(sysroot)) if missing.is_empty() => Ok(Toolchain { clang, sysroot, linker: found }),
        _ => Err(ToolchainError(missing)),
    }
}

/// How to get everything at once, for a machine without any clang.
fn install_all() -> String {
    let v = VERSIONS.start();
    format!("apt-get install clang-{v} lld-{v} wasi-libc libclang-rt-{v}-dev-wasm32")
}

fn clang(host: &Host) -> Result<Clang, Missing> {
    let candidates = match (host.var)("OMP2WASI_CLANG") {
        Some(named) => {
            let path = host.named(&named).ok_or_else(|| Missing {
                what: format!("OMP2WASI_CLANG={} is not a program", named.display()),
                looked: Vec::new(),
                mend: "set it to the path of a clang 19 to 22, or unset it".to_owned(),
            })?;
            vec![path]
        }
        None => clang_candidates(host),
    };
    let mut looked = Vec::new();
    // The best one that lacks something for a link: if all do, the report is about this one.
    let mut incomplete = None;
    for path in candidates {
        if !is_program(&path) {
            continue;
        }
        match probe(host, &path) {
            // What a link needs is asked for even where nothing is linked, so that objects are of the version that will link them.
            Ok(clang) if VERSIONS.contains(&clang.version) => {
                if sdk_clang(host).is_some_and(|own| own == path) || linker(host, &clang).is_ok() {
                    return Ok(clang);
                }
                incomplete.get_or_insert(clang);
            }
            Ok(clang) => looked.push(format!("{}: version {}", path.display(), clang.version)),
            Err(why) => looked.push(format!("{}: {why}", path.display())),
        }
    }
    if let Some(clang) = incomplete {
        return Ok(clang);
    }
    if looked.is_empty() {
        looked.push(
            "OMP2WASI_CLANG, $WASI_SDK_PATH/bin/clang, clang-22 to clang-19 and clang on PATH, \
             /usr/lib/llvm-{22..19}/bin/clang, /opt/wasi-sdk/bin/clang"
                .to_owned(),
        );
    }
    let (first, last) = (VERSIONS.start(), VERSIONS.end());
    Err(Missing { what: format!("no clang of a version from {first} to {last}"), looked, mend: install_all() })
}

/// The places where a clang may be, best first. Not all exist. A newer one makes faster programs: clang 22 computes with bytes in 16 bits
/// where they suffice, not in 32.
fn clang_candidates(host: &Host) -> Vec<PathBuf> {
    let mut candidates = Vec::new();
    candidates.extend(sdk_clang(host));
    candidates.extend(VERSIONS.rev().filter_map(|v| host.on_path(&format!("clang-{v}"))));
    candidates.extend(host.on_path("clang"));
    candidates.extend(VERSIONS.rev().map(|v| host.at(&format!("/usr/lib/llvm-{v}/bin/clang"))));
    candidates.push(host.at("/opt/wasi-sdk/bin/clang"));
    candidates
}

/// The clang of the wasi-sdk that the user names.
fn sdk_clang(host: &Host) -> Option<PathBuf> {
    (host.var)("WASI_SDK_PATH").map(|sdk| Path::new(&sdk).join("bin/clang"))
}

/// What a link by this clang needs, or all of it that is missing.
fn linker(host: &Host, clang: &Clang) -> Result<Linker, Vec<Missing>> {
    match (wasm_ld(host, clang), builtins(clang)) {
        (Ok(wasm_ld), Ok(builtins)) => Ok(Linker { wasm_ld, builtins }),
        (wasm_ld, builtins) => Err([wasm_ld.err(), builtins.err()].into_iter().flatten().collect()),
    }
}

/// Asks a clang for its version and its resource folder, in one run.
fn probe(host: &Host, path: &Path) -> Result<Clang, String> {
    let answer = host.ask(path, &["--target=wasm32-wasip1", "-v", "-print-resource-dir"])?;
    match major_version(&answer.stderr, "clang version ") {
        Some(version) if answer.status == 0 => {
            Ok(Clang { path: path.to_owned(), version, resource_dir: answer.stdout.trim().into() })
        }
        _ => Err("it does not answer like clang".to_owned()),
    }
}

/// The number that follows `label`.
fn major_version(banner: &str, label: &str) -> Option<u32> {
    let (_, rest) = banner.split_once(label)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

fn wasm_ld(host: &Host, clang: &Clang) -> Result<PathBuf, Missing> {
    let v = clang.version;
    if let Some(named) = (host.var)("OMP2WASI_WASM_LD") {
        return host.named(&named).ok_or_else(|| Missing {
            what: format!("OMP2WASI_WASM_LD={} is not a program", named.display()),
            looked: Vec::new(),
            mend: format!("set it to the path of a wasm-ld {v}, or unset it"),
        });
    }
    let versioned = format!("wasm-ld-{v}");
    let beside = clang.path.parent().map(Path::to_owned).unwrap_or_default();
    // The clang on PATH is often a link into the folder of its version of LLVM.
    let real = clang.path.canonicalize().unwrap_or_else(|_| clang.path.clone());
    let real_dir = real.parent().map(Path::to_owned).unwrap_or_default();
    let candidates = [
        Some(beside.join(&versioned)),
        Some(real_dir.join("wasm-ld")),
        host.on_path(&versioned),
        Some(beside.join("wasm-ld")),
        host.on_path("wasm-ld"),
    ];
    let mut candidates: Vec<_> = candidates.into_iter().flatten().filter(|file| is_program(file)).collect();
    // The last two are often one.
    candidates.dedup();
    let mut looked = Vec::new();
    for path in candidates {
        if path.ends_with(&versioned) {
            return Ok(path);
        }
        match linker_version(host, &path) {
            Ok(found) if found == v => return Ok(path),
            Ok(found) => looked.push(format!("{}: version {found}", path.display())),
            Err(why) => looked.push(format!("{}: {why}", path.display())),
        }
    }
    if looked.is_empty() {
        let (beside, real) = (beside.display(), real_dir.display());
        looked.push(format!("{versioned} and wasm-ld in {beside}, in {real} and on PATH"));
    }
    Err(Missing {
        what: format!("no wasm-ld {v} to go with {}", clang.path.display()),
        looked,
        mend: format!("apt-get install lld-{v}"),
    })
}

/// LLVM's program of this name (`ar`, `ranlib`), if there is one: of the clang's version if that can be had, but others do as well.
pub fn llvm_tool(host: &Host, clang: &Clang, name: &str) -> Option<PathBuf> {
    let real = clang.path.canonicalize().unwrap_or_else(|_| clang.path.clone());
    let beside = real.with_file_name(format!("llvm-{name}"));
    let versioned = VERSIONS.rev().filter_map(|v| host.on_path(&format!("llvm-{name}-{v}")));
    Some(beside)
        .filter(|path| is_program(path))
        .or_else(|| versioned.chain(host.on_path(&format!("llvm-{name}"))).next())
}

fn linker_version(host: &Host, path: &Path) -> Result<u32, String> {
    let answer = host.ask(path, &["--version"])?;
    major_version(&answer.stdout, "LLD ").ok_or_else(|| "it does not answer like wasm-ld".to_owned())
}

/// compiler-rt's builtins, in each layout that LLVM, Debian and wasi-sdk use.
fn builtins(clang: &Clang) -> Result<PathBuf, Missing> {
    const PLACES: [&str; 6] = [
        "wasi/libclang_rt.builtins-wasm32.a",
        "wasm32-unknown-wasi/libclang_rt.builtins.a",
        "wasm32-unknown-wasip1/libclang_rt.builtins.a",
        "wasm32-wasi/libclang_rt.builtins.a",
        "wasm32-wasip1/libclang_rt.builtins.a",
        "wasip1/libclang_rt.builtins-wasm32.a",
    ];
    let lib = clang.resource_dir.join("lib");
    let found = PLACES.iter().map(|place| lib.join(place)).find(|file| file.is_file());
    let v = clang.version;
    found.ok_or_else(|| Missing {
        what: format!("clang {v} has no compiler-rt for wasm32"),
        looked: PLACES.iter().map(|place| lib.join(place).display().to_string()).collect(),
        mend: format!("apt-get install libclang-rt-{v}-dev-wasm32"),
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
