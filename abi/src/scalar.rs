//! Scalar forms of functions, for who compiles a module to machine code with a compiler that vectorises by itself.
//!
//! `omp2wasi cc` has clang vectorise loops for 128 bits, which is what engines want. Whoever makes wider vectors wants what the source
//! says, one element at a time. So objects and programs have both: the functions are vectorised, and a custom section has the scalar
//! form of each function that is another one there. Nothing else of the module knows of it, and any engine may ignore it.
//!
//! Two encodings, in WebAssembly's own terms (LEB128 integers, strings and byte strings as length and contents):
//!
//! - [`OBJECT_SECTION`] is what objects have. The linker joins those of all objects, so it is a sequence of [`Record`]s, each of which
//!   says its version. Relocations lie on it, which the linker applies as it does to debug information: it keeps nothing because of
//!   them, and writes 0 in the place of what it has left out. A record has what it takes to find that out.
//! - [`SECTION`] is what the rewriter makes of that: a version, the number of forms, and for each form the index of its function, flags,
//!   the function's locals and code (empty: the function is its own scalar form) and where its lines are. Indices are those of the module.
//!   Forms are sorted by function, and there is one for each at most. A reader refuses versions that it does not know, and has to
//!   validate each body as that of a function of the module.

use crate::manifest::{DecodeError, Reader, number, string};
use alloc::string::String;
use alloc::vec::Vec;

/// Name of the custom section of objects.
pub const OBJECT_SECTION: &str = "omp2wasi.scalar.object";
/// Name of the custom section of rewritten modules.
pub const SECTION: &str = "omp2wasi.scalar";
/// Version of both encodings.
pub const VERSION: u32 = 1;

/// What the compiler was allowed to do with floating-point numbers in a function, beyond what WebAssembly's instructions say.
pub mod flags {
    /// A product and a sum of one expression may be fused (`-ffp-contract=on`).
    pub const CONTRACT: u32 = 1;
    /// So may those of different expressions (`-ffp-contract=fast`).
    pub const CONTRACT_ACROSS: u32 = 2;
    /// Sums and products may be computed in another order (`-fassociative-math`, `-ffast-math`).
    pub const REASSOCIATE: u32 = 4;
    /// All of them.
    pub const ALL: u32 = CONTRACT | CONTRACT_ACROSS | REASSOCIATE;
}

/// From an instruction on, up to the next one that has a line, the code belongs to that line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Bytes from the beginning of the body.
    pub offset: u32,
    /// Number of the file, counted from 0.
    pub file: u32,
    /// The line.
    pub line: u32,
}

/// Where the lines of a body are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Names of files.
    pub files: Vec<String>,
    /// By offset, ascending.
    pub rows: Vec<Line>,
}

impl Lines {
    fn encode(&self, out: &mut Vec<u8>) {
        number(out, self.files.len() as u32);
        for file in &self.files {
            string(out, file);
        }
        number(out, self.rows.len() as u32);
        let mut before = 0;
        for row in &self.rows {
            number(out, row.offset.wrapping_sub(before));
            number(out, row.file);
            number(out, row.line);
            before = row.offset;
        }
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        let files = reader.list(Reader::string)?;
        let mut before = 0u32;
        let rows = reader.list(|reader| {
            before = before.checked_add(reader.number()?).ok_or(DecodeError::Malformed)?;
            Ok(Line { offset: before, file: reader.number()?, line: reader.number()? })
        })?;
        if rows.iter().any(|row| row.file as usize >= files.len()) {
            return Err(DecodeError::Malformed);
        }
        Ok(Self { files, rows })
    }
}

/// The scalar form of a function of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Index of the function.
    pub function: u32,
    /// [`flags`].
    pub flags: u32,
    /// Locals and code, as the code section has them; empty if the function's own is scalar.
    pub body: Vec<u8>,
    /// Where its lines are; empty if that is not known.
    pub lines: Lines,
}

/// The bytes of the section [`SECTION`].
#[must_use]
pub fn encode(forms: &[Form]) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, VERSION);
    number(&mut out, forms.len() as u32);
    for form in forms {
        number(&mut out, form.function);
        number(&mut out, form.flags);
        bytes(&mut out, &form.body);
        form.lines.encode(&mut out);
    }
    out
}

/// Reads the section [`SECTION`].
///
/// # Errors
/// [`DecodeError`] when the version is unknown, the bytes are malformed, or the forms are not in order.
pub fn decode(section: &[u8]) -> Result<Vec<Form>, DecodeError> {
    let mut reader = Reader { bytes: section };
    version(&mut reader)?;
    let forms: Vec<Form> = reader.list(|reader| {
        let (function, flags) = (reader.number()?, reader.number()?);
        Ok(Form { function, flags, body: reader.byte_string()?.to_vec(), lines: Lines::decode(reader)? })
    })?;
    let is_sorted = forms.is_sorted_by(|one, other| one.function < other.function);
    if !reader.bytes.is_empty() || !is_sorted || forms.iter().any(|form| form.flags & !flags::ALL != 0) {
        return Err(DecodeError::Malformed);
    }
    Ok(forms)
}

/// A function type: the encoded types of its parameters and results.
pub type Signature = (Vec<u8>, Vec<u8>);

/// The scalar form of a function of an object. After linking, the indices in it are the linked module's, but for those that
/// [`Record::type_places`] and [`Record::pointers`] name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Index of the function, 0 if it is left out.
    pub function: u32,
    /// [`flags`].
    pub flags: u32,
    /// The types that the code names.
    pub types: Vec<Signature>,
    /// Where in the body there are 5 bytes for the index of a type, and its number in `types`.
    pub type_places: Vec<(u32, u32)>,
    /// Addresses of the variables that the code names and the function itself does not, 0 if one is left out.
    pub variables: Vec<u32>,
    /// Where in the body there are 5 bytes for the table index of a function, and the index of that function.
    pub pointers: Vec<(u32, u32)>,
    /// Locals and code; empty if the function's own is scalar.
    pub body: Vec<u8>,
    /// Where its lines are.
    pub lines: Lines,
}

/// What the linker has to write, by the offset in the encoded record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The function's index, 5 bytes.
    pub function: u32,
    /// Each variable's address, 4 bytes.
    pub variables: Vec<u32>,
    /// The function's index of each pointer, 5 bytes.
    pub pointers: Vec<u32>,
    /// The first byte of the body.
    pub body: u32,
}

impl Record {
    /// Appends the record, and says where in it the linker has to write. What it will write there is left out.
    pub fn encode(&self, out: &mut Vec<u8>) -> Places {
        const INDEX: [u8; 5] = [0x80, 0x80, 0x80, 0x80, 0];
        let start = out.len();
        let here = |out: &Vec<u8>| (out.len() - start) as u32;
        let mut places = Places::default();
        number(out, VERSION);
        places.function = here(out);
        out.extend(INDEX);
        number(out, self.flags);
        number(out, self.types.len() as u32);
        for (params, results) in &self.types {
            bytes(out, params);
            bytes(out, results);
        }
        number(out, self.type_places.len() as u32);
        for (place, ty) in &self.type_places {
            number(out, *place);
            number(out, *ty);
        }
        number(out, self.variables.len() as u32);
        for _ in &self.variables {
            places.variables.push(here(out));
            out.extend([0; 4]);
        }
        number(out, self.pointers.len() as u32);
        for (place, _) in &self.pointers {
            number(out, *place);
            places.pointers.push(here(out));
            out.extend(INDEX);
        }
        number(out, self.body.len() as u32);
        places.body = here(out);
        out.extend_from_slice(&self.body);
        self.lines.encode(out);
        places
    }

    /// Reads all records of a linked section.
    ///
    /// # Errors
    /// [`DecodeError`] when a version is unknown or the bytes are malformed.
    pub fn decode_all(section: &[u8]) -> Result<Vec<Self>, DecodeError> {
        let mut reader = Reader { bytes: section };
        let mut records = Vec::new();
        while !reader.bytes.is_empty() {
            version(&mut reader)?;
            records.push(Self {
                function: reader.number()?,
                flags: reader.number()?,
                types: reader.list(|reader| Ok((reader.byte_string()?.to_vec(), reader.byte_string()?.to_vec())))?,
                type_places: reader.list(|reader| Ok((reader.number()?, reader.number()?)))?,
                variables: reader.list(Reader::word)?,
                pointers: reader.list(|reader| Ok((reader.number()?, reader.number()?)))?,
                body: reader.byte_string()?.to_vec(),
                lines: Lines::decode(&mut reader)?,
            });
        }
        Ok(records)
    }
}

fn version(reader: &mut Reader) -> Result<(), DecodeError> {
    match reader.number()? {
        VERSION => Ok(()),
        other => Err(DecodeError::Version(other)),
    }
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn lines() -> Lines {
        let rows = vec![Line { offset: 2, file: 1, line: 300 }, Line { offset: 200, file: 0, line: 1 }];
        Lines { files: vec!["a.c".into(), "b.h".into()], rows }
    }

    fn forms() -> Vec<Form> {
        vec![
            Form { function: 3, flags: flags::CONTRACT, ..Form::default() },
            Form { function: 300, flags: 0, body: vec![0, 1, 11], lines: lines() },
        ]
    }

    #[test]
    fn round_trip() {
        assert_eq!(decode(&encode(&forms())), Ok(forms()));
    }

    #[test]
    fn what_is_not_in_order_is_refused() {
        let mut twice = forms();
        twice[1].function = 3;
        assert_eq!(decode(&encode(&twice)), Err(DecodeError::Malformed));
        let mut unknown = forms();
        unknown[0].flags = 8;
        assert_eq!(decode(&encode(&unknown)), Err(DecodeError::Malformed));
        let mut file = forms();
        file[1].lines.files.pop();
        assert_eq!(decode(&encode(&file)), Err(DecodeError::Malformed));
        let mut other = encode(&forms());
        other[0] = 2;
        assert_eq!(decode(&other), Err(DecodeError::Version(2)));
        for len in 0..encode(&forms()).len() {
            assert!(decode(&encode(&forms())[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn records_follow_one_another() {
        let record = Record {
            function: 0,
            flags: flags::REASSOCIATE,
            types: vec![(vec![0x7f, 0x7f], vec![0x7c])],
            type_places: vec![(7, 0), (150, 0)],
            variables: vec![0, 0],
            pointers: vec![(130, 0)],
            body: vec![7; 200],
            lines: lines(),
        };
        let mut section = Vec::new();
        let first = record.encode(&mut section);
        let length = section.len();
        let second = Record::default().encode(&mut section);
        assert_eq!((first.function, second.function), (1, 1));
        section[first.variables[1] as usize] = 9;
        section[first.pointers[0] as usize] = 0x85;
        section[length + second.function as usize] = 0x84;
        let patched = Record { variables: vec![0, 9], pointers: vec![(130, 5)], ..record };
        assert_eq!(section[first.body as usize..][..200], [7; 200]);
        let other = Record { function: 4, ..Record::default() };
        assert_eq!(Record::decode_all(&section), Ok(vec![patched, other]));
        for cut in 1..length {
            assert!(Record::decode_all(&section[..length - cut]).is_err(), "{cut}");
        }
    }
}
