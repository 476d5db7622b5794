//! The OpenCL back end: implements the traits of [`crate::device`] on the devices of all OpenCL drivers.
//!
//! [`discovery`] lists devices, [`context`] opens one, [`program_cache`] builds texts, [`arguments`] knows what kernels are given,
//! [`launch`] enqueues them, [`receipt`] notices their end, [`mirror`] is the memory that they work on, [`beside`] knows which copies need
//! not wait for them, [`commands`] calls the queue's functions, and [`tuning`] chooses work-groups.
//!
//! Invariant: a device sees text that `omp2wasi_codegen` wrote, and memory that belongs to the mirror; nothing else of the guest.

mod arguments;
mod beside;
mod commands;
mod context;
mod discovery;
mod error;
mod launch;
mod mirror;
mod printout;
mod program_cache;
mod receipt;
mod tuning;

use self::context::Context;
use self::launch::Launcher;
use self::mirror::OpenClMirror;
use self::program_cache::ProgramCache;
use super::kernels::Kernel;
use super::{BackEnd, Capabilities, Device, DeviceError, Kind, Mirror, OpenOptions};
use opencl3::program::Program;
use std::sync::Arc;

/// The OpenCL devices of this machine.
pub(super) struct OpenCl;

impl BackEnd for OpenCl {
    fn candidates(&self) -> Vec<(String, Kind)> {
        discovery::found().iter().map(|found| (found.name.clone(), found.kind)).collect()
    }

    fn open(&self, number: usize, options: &OpenOptions) -> Result<Box<dyn Device>, DeviceError> {
        let found = discovery::found().get(number);
        let found = found.ok_or_else(|| DeviceError::NoDevice(format!("opencl:{number}")))?;
        let context = Context::open(found, options)?;
        let cache = ProgramCache::new(options.cache.clone(), &context);
        Ok(Box::new(OpenClDevice(Arc::new(Launcher::new(context, cache)?))))
    }
}

/// A device that has been opened.
struct OpenClDevice(Arc<Launcher>);

impl Device for OpenClDevice {
    fn name(&self) -> &str {
        &self.0.context.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.0.context.capabilities
    }

    fn build(&self, kernel: &Kernel) -> Result<(), DeviceError> {
        self.0.build(kernel)
    }

    fn wake_compiler(&self) {
        const TEXT: &str = "__kernel void nothing(void)\n{\n}\n";
        let context = &self.0.context;
        if let Ok(mut program) = Program::create_from_source(&context.context, TEXT) {
            // If the compiler does not work, those who need it will be told.
            _ = program.build(&[context.id], "");
        }
    }

    fn mirror(&self, len: usize) -> Result<Box<dyn Mirror>, DeviceError> {
        Ok(Box::new(OpenClMirror::new(&self.0, len)?))
    }
}
