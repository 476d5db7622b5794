//! The subcommands, and what they share: reading modules, and the folder of the user's for what can be made again.
//!
//! Invariant: a subcommand parses, calls the libraries and prints; what it decides, it decides about files and arguments. What it prints
//! and writes goes through [`output`].

pub mod cc;
pub mod compile;
pub mod devices;
pub mod emit_c;
pub mod emit_cl;
pub mod inspect;
mod interrupts;
pub mod output;
pub mod rewrite;
pub mod run;
pub mod shim;
pub mod toolchain;
mod verdict;

use anyhow::{Context, Result};
use omp2wasi_runtime::{Cache, NativeOptions};
use output::escape;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The exit code for "omp2wasi could not do it", as opposed to what a program returns.
pub const FAILURE: u8 = 125;

/// `omp2wasi/` in the user's cache folder (XDG base directory specification): compiled code and the runtime library. It need not exist.
fn user_cache() -> Result<PathBuf> {
    let caches = cache_home(|name| std::env::var_os(name));
    Ok(caches.context("neither XDG_CACHE_HOME nor HOME is the absolute path of a folder")?.join("omp2wasi"))
}

/// The user's cache folder. A relative path would lead to whatever folder the caller is in, and counts as none.
fn cache_home(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: PathBuf| Some(path).filter(|path| path.is_absolute());
    let home = || match variable("HOME") {
        Some(home) => absolute(home.into()),
        // What the system knows of the user.
        None => std::env::home_dir().and_then(absolute),
    };
    variable("XDG_CACHE_HOME").and_then(|path| absolute(path.into())).or_else(|| Some(home()?.join(".cache")))
}

/// The compiler of native code that the user has chosen.
#[derive(clap::Args)]
pub struct NativeCompiler {
    /// The clang that makes native code of parallel regions [default: the variable OMP2WASI_NATIVE_CC, or else the newest in PATH]
    #[arg(long, value_name = "CLANG")]
    native_cc: Option<PathBuf>,
}

impl NativeCompiler {
    /// How native code is made: by this compiler, and kept in this cache.
    fn options(&self, cache: Option<Cache>) -> NativeOptions {
        let chosen = self.native_cc.clone().or_else(|| std::env::var_os("OMP2WASI_NATIVE_CC").map(PathBuf::from));
        let mut options = NativeOptions::default();
        if let Some(compiler) = chosen.filter(|path| !path.as_os_str().is_empty()) {
            options = options.compiler(compiler);
        }
        if let Some(cache) = cache {
            options = options.cache(cache);
        }
        options
    }
}

/// Where compiled code is kept.
fn compiled_code() -> Result<Cache> {
    Ok(Cache::open(user_cache()?.join("compiled"))?)
}

/// Reads a module in the binary or the text format; `-` is standard input.
fn read_module(path: &Path) -> Result<Vec<u8>> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).context("cannot read standard input")?;
        bytes
    } else {
        std::fs::read(path).with_context(|| format!("cannot read {}", escape::path(path)))?
    };
    if bytes.starts_with(b"\0asm") {
        return Ok(bytes);
    }
    let text = wat::parse_bytes(&bytes)
        .with_context(|| format!("{} is neither a WebAssembly module nor its text", escape::path(path)))?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_at_an_absolute_path() {
        // XDG_CACHE_HOME, HOME, and what is made of them.
        let cases = [
            (Some("/cache"), Some("/home"), Some("/cache")),
            (None, Some("/home"), Some("/home/.cache")),
            (Some(""), Some("/home"), Some("/home/.cache")),
            (Some("relative"), Some("/home"), Some("/home/.cache")),
            (None, Some(""), None),
            (None, Some("relative"), None),
            (Some("relative"), Some("."), None),
        ];
        for (cache, home, want) in cases {
            let variable = |name: &str| if name == "HOME" { home } else { cache }.map(OsString::from);
            assert_eq!(cache_home(variable), want.map(PathBuf::from), "{cache:?} {home:?}");
        }
    }
}
