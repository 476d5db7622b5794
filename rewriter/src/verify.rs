//! Checks before and after the rewriting: that the input is a linked core module, and that the output is valid.
//!
//! Invariant: walrus sees only what wasmparser has validated, and no output leaves this crate that it has not.

use crate::Error;
use crate::locals::{Coalesced, coalesce};
use crate::proportion::check_code;
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

/// What Wasmtime runs for us, and nothing that needs a garbage collector.
fn features() -> WasmFeatures {
    WasmFeatures::default() | WasmFeatures::THREADS | WasmFeatures::RELAXED_SIMD
}

/// Checks what is to be rewritten, and brings functions with too many local variables to a number that is valid.
///
/// # Errors
/// When it is not valid, or is a component, or an object that has not been linked.
pub(crate) fn input(wasm: &[u8]) -> Result<Coalesced<'_>, Error> {
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(Error::malformed)? {
            Payload::Version { encoding: Encoding::Component, .. } => return Err(Error::Component),
            Payload::CustomSection(section) if section.name() == "linking" => {
                return Err(Error::Object);
            }
            _ => {}
        }
    }
    check_code(wasm)?;
    let input = coalesce(wasm)?;
    Validator::new_with_features(features()).validate_all(&input.wasm).map_err(Error::malformed)?;
    Ok(input)
}

/// Checks what the rewriter has made.
///
/// # Errors
/// When it is not valid, which is a defect of the rewriter.
pub(crate) fn output(wasm: &[u8]) -> Result<(), Error> {
    Validator::new_with_features(features()).validate_all(wasm).map_err(|error| Error::Output(error.to_string()))?;
    Ok(())
}
