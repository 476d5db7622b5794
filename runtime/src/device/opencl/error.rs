//! OpenCL's errors, with what was to be done.

use crate::device::DeviceError;
use opencl3::error_codes::ClError;

/// An error of OpenCL's, while something was to be done.
pub(super) fn refused(what: &'static str, error: ClError) -> DeviceError {
    DeviceError::Driver { api: "OpenCL", what, code: error.to_string() }
}

/// Gives OpenCL's errors their context.
pub(super) fn call<T>(what: &'static str, result: Result<T, ClError>) -> Result<T, DeviceError> {
    result.map_err(|error| refused(what, error))
}
