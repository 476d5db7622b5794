//! Builds programs from text, once for each device, driver and text: the binaries are kept in a cache.
//!
//! Invariant: a binary is used for the text alone that it was built from, on the device and driver that built it: all of these are in its
//! key.

use super::context::Context;
use super::error::call;
use crate::cache::{Cache, Key};
use crate::device::{DeviceError, Features};
use omp2wasi_codegen::Artifact;
use opencl3::program::Program;

/// Builds the programs of one device.
pub(super) struct ProgramCache {
    /// Where binaries are kept, if they are.
    cache: Option<Cache>,
    /// The options of the device's compiler.
    options: &'static str,
    /// Those for programs that compare addresses.
    few_registers: &'static str,
}

/// What NVIDIA's compiler is told of programs that compare addresses, where it understands it. With fewer registers more work-items are under
/// way, and their loads overlap: loops that go through tables (XSBench) are 2.7 times as fast with that, sparse matrices 1.3 times. It made
/// copies and reductions slower, whatever the number.
const FEW_REGISTERS: &str = " -cl-nv-maxrregcount=64";

/// Which of a text's programs is built.
#[derive(Clone, Copy)]
pub(super) struct Which {
    /// The one with the macro [`Artifact::SPECIAL`].
    pub is_special: bool,
    /// Whether it compares addresses with the size of the memory, and combines nothing at the end.
    pub compares: bool,
}

impl ProgramCache {
    /// For a device.
    pub fn new(cache: Option<Cache>, context: &Context) -> Self {
        let rounds = context.capabilities.features.contains(Features::ROUNDED_DIVISION);
        let options = if rounds { "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt" } else { "-cl-std=CL1.2" };
        let extensions = context.device.extensions().unwrap_or_default();
        let understands = extensions.split_whitespace().any(|extension| extension == "cl_nv_compiler_options");
        let few_registers = if understands { FEW_REGISTERS } else { "" };
        Self { cache, options, few_registers }
    }

    /// A program of a text, from the folder or built.
    ///
    /// # Errors
    /// [`DeviceError::Build`] when the device's compiler refuses the text, or when the driver refuses.
    pub fn build(&self, context: &Context, source: &str, which: Which) -> Result<Program, DeviceError> {
        let mut options = self.options.to_owned();
        if which.is_special {
            options += " -D";
            options += Artifact::SPECIAL;
        }
        if which.compares {
            options += self.few_registers;
        }
        let options = &options[..];
        let driver = context.device.driver_version().unwrap_or_default();
        let parts = ["program", context.name.as_str(), &driver, options, source];
        let key = Key::of(&parts.map(str::as_bytes));
        let kept = self.cache.as_ref().and_then(|cache| cache.load(&key));
        if let Some(program) = kept.and_then(|binary| load(context, &binary, options)) {
            return Ok(program);
        }
        let program = Program::create_from_source(&context.context, source);
        let mut program = call("cannot make a program", program)?;
        if program.build(&[context.id], options).is_err() {
            let log = program.get_build_log(context.id).unwrap_or_default();
            return Err(DeviceError::Build { device: context.name.clone(), log });
        }
        let binary = program.get_binaries().ok().and_then(|binaries| binaries.into_iter().next());
        if let (Some(cache), Some(binary)) = (&self.cache, binary) {
            cache.store(&key, &binary);
        }
        Ok(program)
    }
}

fn load(context: &Context, binary: &[u8], options: &str) -> Option<Program> {
    // SAFETY: this device's driver, in this version, has made the binary: the cache has what it was given, and nobody else can have put
    // anything there.
    let program = unsafe { Program::create_from_binary(&context.context, &[context.id], &[binary]) };
    let mut program = program.ok()?;
    program.build(&[context.id], options).ok()?;
    Some(program)
}
