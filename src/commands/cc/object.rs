//! Mends the symbol table of one relocatable object before it reaches the linker.
//!
//! Clang gives three groups of data symbols a binding that is wrong for several objects linked into one module:
//!
//! * `.gomp_critical_user_*` is the lock of a `critical` construct, or of a reduction. Clang 19 defines it strongly in
//!   each object, so that two of them do not link; clang 22 makes it local, so that two objects lock different locks.
//!   Both become weak and hidden: one lock per name in the program.
//! * `X.cache.` is the cache of the threadprivate variable `X` (`-fnoopenmp-use-tls`). It becomes weak and hidden like
//!   `X` itself is shared, but local where `X` is local: two files may each have a static `X`.
//! * `.offloading.entry.*` is found through its section alone, so nothing refers to it. It becomes `NO_STRIP`, else the
//!   linker's garbage collection drops it.
//!
//! Invariant: apart from those flags, and the sizes that enclose them where a flag needs another byte, the object's
//! bytes stay verbatim; a second fix-up changes nothing. Relocations name symbols by index, which never changes.
//!
//! Format: <https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md>.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use thiserror::Error;
use wasmparser::BinaryReader;

#[cfg(test)]
mod tests;

/// Why a file cannot be given to the linker as an object.
#[derive(Debug, Error)]
pub enum ObjectError {
    #[error("compiled by another compiler ({0}, not a WebAssembly object); rebuild it with `omp2wasi cc`")]
    Foreign(&'static str),
    #[error("it holds LLVM bitcode, not WebAssembly; rebuild it with `omp2wasi cc` and without -flto or -emit-llvm")]
    Bitcode,
    #[error("a WebAssembly module that is linked already, or a component; only relocatable objects can be linked")]
    NotRelocatable,
    #[error("version {0} of the `linking` section is unknown (2 is known); compile with clang 19 to 22")]
    LinkingVersion(u32),
    #[error("symbol kind {0} is unknown; compile with clang 19 to 22")]
    SymbolKind(u8),
    #[error("a WebAssembly object with {0}; compile with clang 19 to 22")]
    Inconsistent(&'static str),
    #[error("a malformed WebAssembly object; rebuild it")]
    Malformed(#[from] wasmparser::Error),
}

const CUSTOM_SECTION: u8 = 0;
const LINKING_VERSION: u32 = 2;
const SYMBOL_TABLE: u8 = 8;

const WEAK: u32 = 0x1;
const LOCAL: u32 = 0x2;
const HIDDEN: u32 = 0x4;
const UNDEFINED: u32 = 0x10;
const EXPLICIT_NAME: u32 = 0x40;
const NO_STRIP: u32 = 0x80;

/// Bytes of the object to replace; ranges are offsets in the file.
struct Patch {
    range: Range<usize>,
    bytes: Vec<u8>,
}

/// The size field (LEB128) of something and the range of bytes that it counts.
struct Sized {
    field: Range<usize>,
    content: Range<usize>,
}

/// Returns the object with mended symbols, borrowed when there is nothing to mend.
pub fn fix_object(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ObjectError> {
    check_magic(bytes)?;
    let mut reader = BinaryReader::new(bytes, 0);
    reader.read_bytes(8)?;
    while !reader.eof() {
        let id = reader.read_u8()?;
        let section = sized(&mut reader)?;
        if id != CUSTOM_SECTION {
            continue;
        }
        let mut content = inner(bytes, &section.content);
        if content.read_unlimited_string()? == "linking" {
            let patches = linking_patches(bytes, &section, &mut content)?;
            return Ok(apply(bytes, patches));
        }
    }
    Err(ObjectError::NotRelocatable)
}

/// The object with `count` more symbols at the end of its table, `entries` as that has them.
pub fn with_symbols(bytes: &[u8], count: u32, entries: &[u8]) -> Result<Vec<u8>, ObjectError> {
    check_magic(bytes)?;
    let mut reader = BinaryReader::new(bytes, 0);
    reader.read_bytes(8)?;
    while !reader.eof() {
        let id = reader.read_u8()?;
        let section = sized(&mut reader)?;
        let mut content = inner(bytes, &section.content);
        if id != CUSTOM_SECTION || content.read_unlimited_string()? != "linking" {
            continue;
        }
        content.read_var_u32()?;
        while !content.eof() {
            let kind = content.read_u8()?;
            let table = sized(&mut content)?;
            if kind != SYMBOL_TABLE {
                continue;
            }
            let mut symbols = inner(bytes, &table.content);
            let symbols_before = symbols.read_var_u32()?;
            let field = table.content.start..symbols.original_position();
            let end = table.content.end;
            let mut patches = vec![
                Patch { bytes: leb128(symbols_before.saturating_add(count), field.len()), range: field },
                Patch { bytes: entries.to_vec(), range: end..end },
            ];
            let mut grown: usize = patches.iter().map(growth).sum();
            if let Some(size) = resize(&table, grown) {
                grown += growth(&size);
                patches.push(size);
            }
            patches.extend(resize(&section, grown));
            return Ok(apply(bytes, patches).into_owned());
        }
    }
    Err(ObjectError::NotRelocatable)
}

/// Tells a WebAssembly module from what else people call `.o`.
fn check_magic(bytes: &[u8]) -> Result<(), ObjectError> {
    let foreign = match bytes {
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => return Ok(()),
        [b'\0', b'a', b's', b'm', ..] => return Err(ObjectError::NotRelocatable),
        [b'B', b'C', 0xc0, 0xde, ..] => return Err(ObjectError::Bitcode),
        [0x7f, b'E', b'L', b'F', ..] => "ELF",
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => "Mach-O",
        [] => "an empty file",
        _ => "an unknown format",
    };
    Err(ObjectError::Foreign(foreign))
}

/// Collects the changes to the symbol table, and to the sizes of what encloses it.
fn linking_patches(bytes: &[u8], section: &Sized, reader: &mut BinaryReader<'_>) -> Result<Vec<Patch>, ObjectError> {
    let version = reader.read_var_u32()?;
    if version != LINKING_VERSION {
        return Err(ObjectError::LinkingVersion(version));
    }
    let mut patches = Vec::new();
    let mut section_growth = 0;
    while !reader.eof() {
        let kind = reader.read_u8()?;
        let subsection = sized(reader)?;
        if kind != SYMBOL_TABLE {
            continue;
        }
        let symbols = data_symbols(inner(bytes, &subsection.content))?;
        let before = patches.len();
        patches.extend(symbol_patches(&symbols));
        let growth = patches[before..].iter().map(growth).sum();
        if let Some(size) = resize(&subsection, growth) {
            section_growth += size.bytes.len() - size.range.len();
            patches.push(size);
        }
        section_growth += growth;
    }
    patches.extend(resize(section, section_growth));
    Ok(patches)
}

/// A data symbol, and where its flags are.
struct DataSymbol<'a> {
    name: &'a str,
    flags: u32,
    field: Range<usize>,
}

/// Reads the `WASM_SYMBOL_TABLE` subsection and keeps its data symbols.
fn data_symbols(mut reader: BinaryReader<'_>) -> Result<Vec<DataSymbol<'_>>, ObjectError> {
    let mut symbols = Vec::new();
    for _ in 0..reader.read_var_u32()? {
        let kind = reader.read_u8()?;
        let start = reader.original_position();
        let flags = reader.read_var_u32()?;
        let field = start..reader.original_position();
        let defined = flags & UNDEFINED == 0;
        match kind {
            // Function, global, tag, table: an index, and a name unless the import gives it.
            0 | 2 | 4 | 5 => {
                reader.read_var_u32()?;
                if defined || flags & EXPLICIT_NAME != 0 {
                    reader.read_unlimited_string()?;
                }
            }
            1 => {
                let name = reader.read_unlimited_string()?;
                if defined {
                    // Segment, offset, size. The last two are 64 bits wide for wasm64, and read alike.
                    reader.read_var_u32()?;
                    reader.read_var_u64()?;
                    reader.read_var_u64()?;
                }
                symbols.push(DataSymbol { name, flags, field });
            }
            3 => {
                reader.read_var_u32()?;
            }
            _ => return Err(ObjectError::SymbolKind(kind)),
        }
    }
    Ok(symbols)
}

/// The symbols whose flags are wrong, with the right ones.
fn symbol_patches(symbols: &[DataSymbol<'_>]) -> Vec<Patch> {
    let locals: HashSet<&str> = symbols.iter().filter(|s| s.flags & LOCAL != 0).map(|s| s.name).collect();
    let mut patches = Vec::new();
    for symbol in symbols.iter().filter(|s| s.flags & UNDEFINED == 0) {
        let flags = right_flags(symbol, &locals);
        if flags != symbol.flags {
            patches.push(Patch { range: symbol.field.clone(), bytes: leb128(flags, symbol.field.len()) });
        }
    }
    patches
}

fn right_flags(symbol: &DataSymbol<'_>, locals: &HashSet<&str>) -> u32 {
    let shared = (symbol.flags & !LOCAL) | WEAK | HIDDEN;
    if symbol.name.starts_with(".gomp_critical_user_") {
        shared
    } else if let Some((variable, _)) = symbol.name.split_once(".cache.") {
        if locals.contains(variable) { (symbol.flags & !WEAK) | LOCAL } else { shared }
    } else if symbol.name.starts_with(".offloading.entry.") {
        symbol.flags | NO_STRIP
    } else {
        symbol.flags
    }
}

/// Reads a size and skips what it counts.
fn sized(reader: &mut BinaryReader<'_>) -> Result<Sized, ObjectError> {
    let start = reader.original_position();
    let size = reader.read_var_u32()? as usize;
    let end = reader.original_position();
    reader.read_bytes(size)?;
    Ok(Sized { field: start..end, content: end..end + size })
}

/// A reader over a range that `sized` has checked, whose positions stay offsets in the file.
fn inner<'a>(bytes: &'a [u8], range: &Range<usize>) -> BinaryReader<'a> {
    BinaryReader::new(&bytes[range.clone()], range.start)
}

fn growth(patch: &Patch) -> usize {
    patch.bytes.len() - patch.range.len()
}

/// The new size field of something that grew, if it did.
fn resize(old: &Sized, growth: usize) -> Option<Patch> {
    (growth > 0).then(|| Patch {
        range: old.field.clone(),
        // A wasm file is shorter than 4 GiB: its section sizes are 32 bits wide.
        bytes: leb128((old.content.len() + growth) as u32, old.field.len()),
    })
}

/// Encodes as LEB128, padded to `width` bytes, and longer only where the value needs it.
fn leb128(mut value: u32, width: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(width);
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 && bytes.len() + 1 >= width {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn apply(bytes: &[u8], mut patches: Vec<Patch>) -> Cow<'_, [u8]> {
    if patches.is_empty() {
        return Cow::Borrowed(bytes);
    }
    patches.sort_by_key(|patch| patch.range.start);
    let mut fixed = Vec::with_capacity(bytes.len() + 16);
    let mut done = 0;
    for patch in patches {
        fixed.extend_from_slice(&bytes[done..patch.range.start]);
        fixed.extend_from_slice(&patch.bytes);
        done = patch.range.end;
    }
    fixed.extend_from_slice(&bytes[done..]);
    Cow::Owned(fixed)
}
