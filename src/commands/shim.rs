//! `omp2wasi shim`: unpacks the OpenMP runtime library and prints its flags, for users who call clang and wasm-ld themselves.

use anyhow::{Context, Result};
use std::path::PathBuf;
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
        omp2wasi_shim::install(dir).with_context(|| format!("cannot install into {}", dir.display()))?;
    }
    if arguments.print_flags {
        let dir = arguments.install.as_deref().map_or("DIR".to_owned(), |dir| dir.display().to_string());
        println!(
            "clang:   {} -isystem {dir}/include -isystem SYSROOT/include/wasm32-wasi -fopenmp -c",
            omp2wasi_shim::compile_flags().join(" ")
        );
        println!(
            "wasm-ld: {} OBJECTS {dir}/lib/libomp2wasi.a SYSROOT/lib/wasm32-wasi/libc.a libclang_rt.builtins-wasm32.a",
            omp2wasi_shim::link_flags().join(" ")
        );
    }
    Ok(ExitCode::SUCCESS)
}
