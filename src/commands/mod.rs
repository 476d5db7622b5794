//! The subcommands, and what they share: reading modules, and the folder of the user's for what can be made again.
//!
//! Invariant: a subcommand parses, calls the libraries and prints; what it decides, it decides about files and arguments.

pub mod cc;
pub mod devices;
pub mod emit_cl;
pub mod inspect;
pub mod rewrite;
pub mod run;
pub mod shim;

use anyhow::{Context, Result};
use std::path::Path;

/// The exit code for "omp2wasi could not do it", as opposed to what a program returns.
pub const FAILURE: u8 = 125;

/// `omp2wasi/` in the user's cache folder (XDG base directory specification): compiled code and the runtime library.
fn user_cache() -> xdg::BaseDirectories {
    xdg::BaseDirectories::with_prefix("omp2wasi")
}

/// Reads a module in the binary or the text format; `-` is standard input.
fn read_module(path: &Path) -> Result<Vec<u8>> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).context("cannot read standard input")?;
        bytes
    } else {
        std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?
    };
    if bytes.starts_with(b"\0asm") {
        return Ok(bytes);
    }
    let text = wat::parse_bytes(&bytes)
        .with_context(|| format!("{} is neither a WebAssembly module nor its text", path.display()))?;
    Ok(text.into_owned())
}
