//! `omp2wasi devices`: lists the devices of this machine, a line for each, by the words with which `run --device` chooses them.

use super::output;
use anyhow::Result;
use std::process::ExitCode;

/// Prints the list.
pub fn run() -> Result<ExitCode> {
    for device in omp2wasi_runtime::devices() {
        output::print(&format!("{device}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}
