//! The custom section `omp2wasi`: which kernels a module has, and what is known of each.
//!
//! Encoding, in WebAssembly's own terms (LEB128 integers, strings as length and UTF-8): version, the export name of the
//! initializer or an empty string, the names of the shared globals, the number of kernels, and for each kernel its export
//! name, table index, microtask name, microtask table index (or 2^32 - 1), source position, number of arguments, flags (bit
//! 0: its threads run concurrently), and the list of constructs that it uses. A reader refuses versions that it does not
//! know.
//!
//! Whether a region may run on a device is not here: codegen finds that out, from the region's code.

use alloc::string::String;
use alloc::vec::Vec;

/// Name of the custom section.
pub const SECTION: &str = "omp2wasi";
/// Version that this crate writes and reads.
pub const VERSION: u32 = 2;

/// What the rewriter found out about one kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kernel {
    /// Name of its export.
    pub export: String,
    /// Its index in the module's function table.
    pub table_index: u32,
    /// Name of the microtask (the outlined parallel region).
    pub microtask: String,
    /// Table index of the microtask, if it is one microtask.
    pub microtask_index: Option<u32>,
    /// Source position, `file:function:line:column`, from the `ident_t` of the fork; empty if unknown.
    pub source: String,
    /// Number of arguments of the microtask beside the two thread ids.
    pub arguments: u32,
    /// Whether all threads must run concurrently (teams may synchronise): true for every parallel region.
    pub concurrent: bool,
    /// OpenMP constructs that the region uses, sorted.
    pub constructs: Vec<String>,
}

/// The whole section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Name of an export to call once, before anything else, in the first instance only: it initialises memory and does
    /// what the start function did. `None` where the module does that itself.
    pub initializer: Option<String>,
    /// Names of exported mutable globals that are state of a module without the shim. Each instance has globals of its own, where
    /// such a module expects one for all; so when the runtime uses other instances for a `parallel_for`, it copies these globals from
    /// the instance that launches. What kernels change in other instances is not copied back. Empty for modules with the shim.
    pub shared_globals: Vec<String>,
    /// The kernels, by table index.
    pub kernels: Vec<Kernel>,
}

/// Why a section could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The version is not one that this reader knows.
    Version(u32),
    /// The bytes end early, or a string or number is malformed.
    Malformed,
}

impl core::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Version(v) => write!(
                f,
                "the custom section `{SECTION}` has version {v}, this program reads {VERSION}: rewrite the module again"
            ),
            Self::Malformed => write!(f, "the custom section `{SECTION}` is malformed: rewrite the module again"),
        }
    }
}

impl core::error::Error for DecodeError {}

const NO_INDEX: u32 = u32::MAX;

impl Manifest {
    /// The bytes of the section.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        number(&mut out, VERSION);
        string(&mut out, self.initializer.as_deref().unwrap_or(""));
        number(&mut out, self.shared_globals.len() as u32);
        for name in &self.shared_globals {
            string(&mut out, name);
        }
        number(&mut out, self.kernels.len() as u32);
        for kernel in &self.kernels {
            string(&mut out, &kernel.export);
            number(&mut out, kernel.table_index);
            string(&mut out, &kernel.microtask);
            number(&mut out, kernel.microtask_index.unwrap_or(NO_INDEX));
            string(&mut out, &kernel.source);
            number(&mut out, kernel.arguments);
            number(&mut out, u32::from(kernel.concurrent));
            number(&mut out, kernel.constructs.len() as u32);
            for construct in &kernel.constructs {
                string(&mut out, construct);
            }
        }
        out
    }

    /// Reads the bytes of a section.
    ///
    /// # Errors
    /// [`DecodeError`] when the version is unknown or the bytes are malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader { bytes };
        let version = reader.number()?;
        if version != VERSION {
            return Err(DecodeError::Version(version));
        }
        let initializer = Some(reader.string()?).filter(|name| !name.is_empty());
        let shared_globals = reader.list(Reader::string)?;
        let kernels = reader.list(|reader| {
            let mut kernel = Kernel {
                export: reader.string()?,
                table_index: reader.number()?,
                microtask: reader.string()?,
                microtask_index: Some(reader.number()?).filter(|&index| index != NO_INDEX),
                source: reader.string()?,
                arguments: reader.number()?,
                ..Kernel::default()
            };
            kernel.concurrent = reader.number()? & 1 != 0;
            kernel.constructs = reader.list(Reader::string)?;
            Ok(kernel)
        })?;
        if !reader.bytes.is_empty() {
            return Err(DecodeError::Malformed);
        }
        Ok(Self { initializer, shared_globals, kernels })
    }
}

pub(crate) fn number(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    number(out, text.len() as u32);
    out.extend_from_slice(text.as_bytes());
}

/// Reads encodings from their beginning on.
pub(crate) struct Reader<'a> {
    /// What is left to read.
    pub bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn number(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let (&byte, rest) = self.bytes.split_first().ok_or(DecodeError::Malformed)?;
            self.bytes = rest;
            if shift == 28 && byte > 0x0f {
                return Err(DecodeError::Malformed);
            }
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::Malformed)
    }

    pub(crate) fn string(&mut self) -> Result<String, DecodeError> {
        core::str::from_utf8(self.byte_string()?).map(String::from).map_err(|_| DecodeError::Malformed)
    }

    pub(crate) fn byte_string(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = self.number()? as usize;
        self.take(len)
    }

    /// 32 bits, the lowest ones first.
    pub(crate) fn word(&mut self) -> Result<u32, DecodeError> {
        let word = self.take(4)?.first_chunk().ok_or(DecodeError::Malformed)?;
        Ok(u32::from_le_bytes(*word))
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or(DecodeError::Malformed)?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(crate) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        // Not `with_capacity`: the count comes from the module.
        let mut items = Vec::new();
        for _ in 0..self.number()? {
            items.push(item(self)?);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn example() -> Manifest {
        Manifest {
            initializer: Some("init".into()),
            shared_globals: vec!["g".into()],
            kernels: vec![
                Kernel {
                    export: "k".into(),
                    table_index: 300,
                    microtask: "main.omp_outlined".into(),
                    microtask_index: Some(2),
                    source: "a.c:main:3:1".into(),
                    arguments: 17,
                    concurrent: true,
                    constructs: vec!["for".into(), "reduction".into()],
                },
                Kernel { microtask: "f.omp_outlined".into(), ..Kernel::default() },
            ],
        }
    }

    #[test]
    fn round_trip() {
        let manifest = example();
        assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
    }

    #[test]
    fn every_truncation_is_refused() {
        let bytes = example().encode();
        for len in 0..bytes.len() {
            assert!(Manifest::decode(&bytes[..len]).is_err(), "{len} of {} bytes were accepted", bytes.len());
        }
    }

    #[test]
    fn other_versions_and_trailing_bytes_are_refused() {
        let mut bytes = example().encode();
        bytes.push(0);
        assert_eq!(Manifest::decode(&bytes), Err(DecodeError::Malformed));
        bytes[0] = 9;
        assert_eq!(Manifest::decode(&bytes), Err(DecodeError::Version(9)));
    }
}
