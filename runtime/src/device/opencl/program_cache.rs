//! Builds programs from text, once for each device, driver and text: the binaries are kept in a folder.
//!
//! Invariant: a binary is used for the text alone that it was built from. Its file has that text in front of it, and the name is a digest
//! of everything that the binary depends on.

use super::context::Context;
use super::error::call;
use crate::device::{DeviceError, Features};
use opencl3::program::Program;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Builds the programs of one device.
pub(super) struct ProgramCache {
    /// The folder in which binaries are kept, if they are.
    folder: Option<PathBuf>,
    /// The options of the device's compiler.
    options: &'static str,
}

impl ProgramCache {
    /// A cache in a folder, or none, for a device with these features.
    pub fn new(folder: Option<PathBuf>, features: Features) -> Self {
        let rounds = features.contains(Features::ROUNDED_DIVISION);
        let options = if rounds { "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt" } else { "-cl-std=CL1.2" };
        Self { folder, options }
    }

    /// The program of a text, from the folder or built.
    ///
    /// # Errors
    /// [`DeviceError::Build`] when the device's compiler refuses the text, or when the driver refuses.
    pub fn build(&self, context: &Context, source: &str) -> Result<Program, DeviceError> {
        let file = self.folder.as_ref().map(|folder| folder.join(self.file_name(context, source)));
        if let Some(program) = file.as_deref().and_then(|file| self.load(context, source, file)) {
            return Ok(program);
        }
        let program = Program::create_from_source(&context.context, source);
        let mut program = call("cannot make a program", program)?;
        if program.build(&[context.id], self.options).is_err() {
            let log = program.get_build_log(context.id).unwrap_or_default();
            return Err(DeviceError::Build { device: context.name.clone(), log });
        }
        if let Some(file) = file {
            store(&program, source, &file);
        }
        Ok(program)
    }

    fn load(&self, context: &Context, source: &str, file: &Path) -> Option<Program> {
        let cached = std::fs::read(file).ok()?;
        let binary = cached.strip_prefix(source.as_bytes())?;
        // SAFETY: the file is one that this device's driver, in this version, has written for this text. A damaged one is the driver's to
        // refuse.
        let program = unsafe { Program::create_from_binary(&context.context, &[context.id], &[binary]) };
        let mut program = program.ok()?;
        program.build(&[context.id], self.options).ok()?;
        Some(program)
    }

    fn file_name(&self, context: &Context, source: &str) -> String {
        let driver = context.device.driver_version().unwrap_or_default();
        let mut digest = Sha256::new();
        for part in [context.name.as_str(), &driver, self.options, source] {
            // With its length, so that parts do not run into one another.
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let mut name = String::new();
        for byte in digest.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name + ".clbin"
    }
}

/// Keeps a binary. A folder that cannot be written to costs time only.
fn store(program: &Program, source: &str, file: &Path) {
    let Ok(binaries) = program.get_binaries() else { return };
    let (Some(binary), Some(folder)) = (binaries.first(), file.parent()) else { return };
    if std::fs::create_dir_all(folder).is_err() {
        return;
    }
    // Under another name first: another process may be reading it.
    let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
    if std::fs::write(&temporary, [source.as_bytes(), binary].concat()).is_ok() {
        let _ = std::fs::rename(&temporary, file);
    }
}
