//! `omp2wasi shim`: unpacks the OpenMP runtime library and prints its flags, for users who call clang and wasm-ld themselves.

use super::output::{self, Mode, escape};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub struct Arguments {
    /// Write include/ and lib/libomp2wasi.a into this folder
    #[arg(long, value_name = "DIR")]
    install: Option<PathBuf>,
    /// Print the flags for clang and for wasm-ld, one line each
    #[arg(long)]
    print_flags: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(dir) = &arguments.install {
        install(dir).with_context(|| format!("cannot install into {}", escape::path(dir)))?;
    }
    if arguments.print_flags {
        let dir = arguments.install.as_deref().map_or("DIR".to_owned(), |dir| dir.display().to_string());
        output::print(&format!(
            "clang:   {} -isystem {dir}/include -isystem SYSROOT/include/wasm32-wasi -fopenmp -c\n\
             wasm-ld: {} OBJECTS {dir}/lib/libomp2wasi.a SYSROOT/lib/wasm32-wasi/libc.a libclang_rt.builtins-wasm32.a\n",
            omp2wasi_shim::compile_flags().join(" "),
            omp2wasi_shim::link_flags().join(" ")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the library and its headers below `dir`, which is created. Each file is replaced at once, so that a compiler that runs
/// meanwhile sees a whole one.
pub fn install(dir: &Path) -> Result<()> {
    for (path, bytes) in omp2wasi_shim::FILES {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", escape::path(parent)))?;
        }
        output::write(&path, bytes, Mode::New(0o666))?;
    }
    Ok(())
}
