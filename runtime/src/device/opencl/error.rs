//! Makes [`DeviceError`]s of OpenCL's errors, with what was to be done.

use crate::device::DeviceError;
use opencl3::error_codes::ClError;

/// The error of a call that OpenCL refused; `what` is what was to be done, as the message says it.
pub(super) fn refused(what: &'static str, error: ClError) -> DeviceError {
    DeviceError::Driver { api: "OpenCL", what, code: error.to_string() }
}

/// The result of a call of OpenCL's, whose error becomes one that says what was to be done.
pub(super) fn call<T>(what: &'static str, result: Result<T, ClError>) -> Result<T, DeviceError> {
    result.map_err(|error| refused(what, error))
}
