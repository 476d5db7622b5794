//! `omp2wasi devices`.

use anyhow::Result;
use std::process::ExitCode;

pub fn run() -> Result<ExitCode> {
    for device in omp2wasi_runtime::devices() {
        println!("{device}");
    }
    Ok(ExitCode::SUCCESS)
}
