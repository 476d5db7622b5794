//! `omp2wasi toolchain`: what build systems have to know to build with this compiler; and `omp2wasi cmake`, which tells CMake.
//!
//! Invariant: a file that is printed here stands for itself. It names this program and the programs that it was printed with by absolute
//! paths, and needs no other file.

use super::cc::toolchain::{self, Host};
use super::output::{self, Mode, escape};
use super::user_cache;
use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Names under which this program is `omp2wasi cc`, for build systems that take a compiler for one word, and those that look for the
/// compiler's kind in it.
pub const C_COMPILERS: [&str; 3] = ["omp2wasi-cc", "omp2wasi-clang", "omp2wasi-gcc"];

/// The one of [`C_COMPILERS`] whose options CMake and meson know best.
const C_COMPILER: &str = C_COMPILERS[1];

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct Arguments {
    /// Print a toolchain file for CMake
    #[arg(long)]
    cmake: bool,
    /// Print a cross file for meson
    #[arg(long)]
    meson: bool,
    /// Print a site file for the configure scripts of autoconf
    #[arg(long)]
    autoconf: bool,
    /// Make links to this program in a folder: omp2wasi-cc, omp2wasi-clang and omp2wasi-gcc, which are `omp2wasi cc`
    #[arg(long, value_name = "DIR")]
    links: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(dir) = &arguments.links {
        make_links(dir)?;
    } else if arguments.cmake {
        output::print(&Parts::find()?.cmake())?;
    } else if arguments.meson {
        output::print(&Parts::find()?.meson())?;
    } else if arguments.autoconf {
        output::print(&Parts::find()?.autoconf())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs CMake; where it configures a project, then with our toolchain file.
pub fn cmake(args: &[OsString]) -> Result<ExitCode> {
    let mut command = Command::new("cmake");
    if configures(args) {
        let mut definition = OsString::from("-DCMAKE_TOOLCHAIN_FILE=");
        definition.push(kept(&Parts::find()?.cmake())?);
        // First, so that the user's wins.
        command.arg(definition);
    }
    // It returns only if that has failed.
    Err(command.args(args).exec()).context("cmake cannot be run")
}

/// Whether CMake would configure a project: not if it is to build or to install one, to be a tool, or to answer a question.
fn configures(args: &[OsString]) -> bool {
    const OTHER_MODES: [&str; 8] = ["--build", "--install", "--open", "--workflow", "--find-package", "-E", "-P", "-N"];
    let is_other = |arg: &OsString| {
        let text = arg.to_string_lossy();
        OTHER_MODES.contains(&&*text) || text.starts_with("--help") || text.starts_with("--version")
    };
    !args.is_empty() && !args.iter().any(is_other)
}

/// Keeps a toolchain file in the user's cache folder, and returns its path. A file that is there already is not touched: CMake configures
/// anew when it changes.
fn kept(text: &str) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let dir = user_cache()?.join("toolchains");
    let path = dir.join(format!("{:016x}.cmake", hasher.finish()));
    if std::fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(path);
    }
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", escape::path(&dir)))?;
    output::write(&path, text.as_bytes(), Mode::New(0o666))?;
    Ok(path)
}

/// Makes the links, each in place of what has its name.
fn make_links(dir: &Path) -> Result<()> {
    let program = own_path()?;
    let beside = dir.canonicalize().with_context(|| escape::path(dir))?;
    let is_beside = program.parent() == Some(&beside);
    let target = if is_beside { program.file_name().map(Path::new) } else { None }.unwrap_or(&program);
    for name in C_COMPILERS {
        let link = dir.join(name);
        if link.symlink_metadata().is_ok_and(|data| !data.is_symlink()) {
            bail!("{} is no link, and stays", escape::path(&link));
        }
        let failed = || format!("cannot link {}", escape::path(&link));
        if link.is_symlink() {
            std::fs::remove_file(&link).with_context(failed)?;
        }
        symlink(target, &link).with_context(failed)?;
    }
    Ok(())
}

fn own_path() -> Result<PathBuf> {
    std::env::current_exe().context("the path of this program cannot be found out")
}

/// What the files name.
struct Parts {
    omp2wasi: PathBuf,
    /// One word, or two.
    compiler: Vec<PathBuf>,
    ar: PathBuf,
    ranlib: PathBuf,
    include: PathBuf,
    lib: PathBuf,
}

impl Parts {
    fn find() -> Result<Self> {
        let host = Host::real();
        let found = toolchain::discover(&host, None, true)?;
        let tool = |name: &str| toolchain::llvm_tool(&host, &found.clang, name).unwrap_or_else(|| name.into());
        let omp2wasi = own_path()?;
        // One word if it can be: projects pass it on as one.
        let link = omp2wasi.with_file_name(C_COMPILER);
        let is_ours = link.canonicalize().is_ok_and(|path| path == omp2wasi);
        let compiler = if is_ours { vec![link] } else { vec![omp2wasi.clone(), "cc".into()] };
        let (ar, ranlib) = (tool("ar"), tool("ranlib"));
        Ok(Parts { omp2wasi, compiler, ar, ranlib, include: found.sysroot.include, lib: found.sysroot.lib })
    }

    fn cmake(&self) -> String {
        let quoted = |path: &Path| format!("[=[{}]=]", path.display());
        let compiler = self.compiler.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        self.filled(include_str!("toolchain/toolchain.cmake"), &compiler, &quoted)
    }

    fn meson(&self) -> String {
        let quoted =
            |path: &Path| format!("'{}'", path.display().to_string().replace('\\', r"\\").replace('\'', r"\'"));
        let compiler = self.compiler.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
        self.filled(include_str!("toolchain/cross.ini"), &format!("[{compiler}]"), &quoted)
    }

    fn autoconf(&self) -> String {
        let quoted = |path: &Path| path.display().to_string();
        let compiler = self.compiler.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        self.filled(include_str!("toolchain/config.site"), &compiler, &quoted)
    }

    /// A file's text, of its form with `@NAME@` where these parts belong.
    fn filled(&self, form: &str, compiler: &str, quoted: &dyn Fn(&Path) -> String) -> String {
        let values = [
            ("@CC@", compiler.to_owned()),
            ("@OMP2WASI@", quoted(&self.omp2wasi)),
            ("@AR@", quoted(&self.ar)),
            ("@RANLIB@", quoted(&self.ranlib)),
            ("@INCLUDE@", quoted(&self.include)),
            ("@LIB@", quoted(&self.lib)),
        ];
        values.iter().fold(form.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// Whether a program of this name is `omp2wasi cc`.
pub fn is_c_compiler(program: &OsStr) -> bool {
    Path::new(program).file_name().is_some_and(|name| C_COMPILERS.iter().any(|known| name == *known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_compilers() {
        for name in ["omp2wasi-cc", "/usr/bin/omp2wasi-clang", "./omp2wasi-gcc"] {
            assert!(is_c_compiler(OsStr::new(name)), "{name}");
        }
        for name in ["omp2wasi", "cc", "/omp2wasi-cc/omp2wasi", "omp2wasi-cc-1", ""] {
            assert!(!is_c_compiler(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn what_configures() {
        let configures =
            |line: &str| super::configures(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>());
        for line in ["-S . -B build", "..", "--preset release", "-G Ninja -DX=--build .."] {
            assert!(configures(line), "{line}");
        }
        for line in [
            "--build build -j4",
            "--install build",
            "-E touch x",
            "-P script.cmake",
            "--help-module FindX",
            "--version",
            "",
        ] {
            assert!(!configures(line), "{line}");
        }
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        let parts = Parts {
            omp2wasi: "/it's/omp2wasi".into(),
            compiler: vec!["/it's/omp2wasi".into(), "cc".into()],
            ar: "/llvm-ar".into(),
            ranlib: "/llvm-ranlib".into(),
            include: "/include".into(),
            lib: "/lib".into(),
        };
        let (cmake, meson, autoconf) = (parts.cmake(), parts.meson(), parts.autoconf());
        assert!(cmake.contains("set(CMAKE_C_COMPILER [=[/it's/omp2wasi]=] [=[cc]=])\n"), "{cmake}");
        assert!(meson.contains("\nc = ['/it\\'s/omp2wasi', 'cc']\n"), "{meson}");
        assert!(autoconf.contains(r#" || CC="/it's/omp2wasi cc""#), "{autoconf}");
        for text in [cmake.replace("@ONLY", ""), meson, autoconf] {
            assert!(!text.contains('@'), "{text}");
        }
    }
}
