//! The C text of kernels: what codegen is asked for.
//!
//! Invariant: a [`Unit`] depends on the module, the roots and the translator's version alone, so that compiled ones can be kept.

use super::NativeError;
use omp2wasi_codegen::{Module, NATIVE_FLAGS, NativeOptions, NativeUnit};
use std::sync::Arc;

/// Kernels in C, with all that they call.
pub(crate) struct Unit {
    /// The text.
    pub text: String,
    /// The roots that could be translated, by function index.
    pub entries: Vec<u32>,
    /// Functions that the text calls by way of the host, by index and with the reason, as they could not be translated; and roots that are not
    /// among the entries.
    pub left_out: Vec<(u32, String)>,
}

/// Who makes C text of a module.
pub(crate) trait Translator: Send + Sync {
    /// Something that is another one whenever the same module may become another text.
    fn version(&self) -> &str;

    /// The compiler's flags for this text, beside those that are always given.
    fn flags(&self) -> &[&'static str];

    /// The text of functions of a module, with all that they reach. It is given up when `is_over` says so.
    ///
    /// # Errors
    /// Why there is none.
    fn unit(&self, wasm: &Arc<[u8]>, roots: &[u32], is_over: &dyn Fn() -> bool) -> Result<Unit, NativeError>;
}

/// The translator that is there unless another one is given: codegen.
pub(crate) struct Codegen;

impl Translator for Codegen {
    fn version(&self) -> &str {
        omp2wasi_codegen::VERSION
    }

    fn flags(&self) -> &[&'static str] {
        NATIVE_FLAGS
    }

    fn unit(&self, wasm: &Arc<[u8]>, roots: &[u32], is_over: &dyn Fn() -> bool) -> Result<Unit, NativeError> {
        let module = Module::parse(Arc::clone(wasm)).map_err(|error| NativeError::Translation(error.to_string()))?;
        let unit = NativeUnit::unless(&module, roots, &NativeOptions::default(), is_over).ok_or(NativeError::Ended)?;
        let left_out = unit.left_out.iter().map(|(function, reason)| (*function, reason.to_string()));
        Ok(Unit { text: unit.text, entries: unit.entries, left_out: left_out.collect() })
    }
}
