//! The error of everything that is done with devices: choosing and opening them, building kernels, copying and launching.

/// Why a device cannot be found, opened or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// No device fits a selector.
    #[error("no device `{0}`; `omp2wasi devices` lists those that there are")]
    NoDevice(String),
    /// The device's compiler refused the text of a kernel.
    #[error("the compiler of {device} failed:\n{log}")]
    Build {
        /// The device's name.
        device: String,
        /// What the compiler said.
        log: String,
    },
    /// The device lacks something that the kernel needs.
    #[error("the device {device} has no {what}")]
    Lacks {
        /// The device's name.
        device: String,
        /// What it lacks, in words.
        what: &'static str,
    },
    /// A range of bytes is not inside a mirror.
    #[error("bytes {begin} to {end} are not inside a mirror of {len} bytes")]
    Range {
        /// Offset of the first byte.
        begin: usize,
        /// Offset behind the last one.
        end: usize,
        /// Bytes of the mirror.
        len: usize,
    },
    /// A launch has other arguments than its kernel takes.
    #[error("a launch with other arguments than its kernel takes")]
    Arguments,
    /// A launch was given words that the memory has not: its kernel has done nothing. See [`omp2wasi_codegen::Kernel::UNFORESEEN`].
    #[error("the device's memory has other words than the launch was given")]
    Unforeseen,
    /// The driver refused a call.
    #[error("{api}: {what}: {code}")]
    Driver {
        /// The interface that the driver implements.
        api: &'static str,
        /// What was to be done.
        what: &'static str,
        /// The driver's error, by name.
        code: String,
    },
}
