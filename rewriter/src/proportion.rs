//! Finds out whether a module is in proportion: whether those who read it (walrus, Wasmtime's compiler, and what finds source lines for a
//! backtrace) take time and memory like those of its bytes. Some parts can be referred to again and again, or nest, and cost each time.
//!
//! Invariant: nothing here allocates, or takes steps, out of proportion itself. (What is let pass may still take some thousand times its bytes:
//! whoever runs modules of others leaves debug information out altogether.)

use crate::Error;
use gimli::{
    AttributeValue, Dwarf, Encoding, EndianSlice, EntriesRaw, Expression, LittleEndian, Operation, Reader, Section,
    SectionId, Unit, UnitHeader,
};
use std::collections::HashMap;
use wasmparser::{BlockType, CompositeInnerType, FuncType, Operator, Parser, Payload, TypeSectionReader};

/// The most results of a function or block, and parameters of a block: more than any compiler uses. A few bytes of code put all of them on the
/// stack.
const MAX_RESULTS: usize = 16;

/// Checks that the code takes memory like that of its bytes: few values for each instruction, and not many more local variables than bytes. What
/// is malformed is for the validator to report.
///
/// # Errors
/// When it does not.
pub fn check_code(wasm: &[u8]) -> Result<(), Error> {
    check_types(wasm)?;
    let mut params = Vec::new();
    let mut locals = 500_000 + wasm.len() as u64;
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        match payload {
            Payload::TypeSection(types) => {
                params.extend(function_types(types).map(|ty| ty.map_or(0, |ty| ty.params().len())));
            }
            Payload::CodeSectionEntry(body) => {
                for (count, _) in body.get_locals_reader().into_iter().flatten().map_while(Result::ok) {
                    let left = locals.checked_sub(count.into());
                    locals =
                        left.ok_or_else(|| Error::Unsupported("more local variables than code for them".to_owned()))?;
                }
                for operator in body.get_operators_reader().into_iter().flatten().map_while(Result::ok) {
                    let (Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty }) =
                        operator
                    else {
                        continue;
                    };
                    if let BlockType::FuncType(ty) = blockty
                        && params.get(ty as usize).is_some_and(|count| *count > MAX_RESULTS)
                    {
                        return Err(Error::Unsupported(format!("a block with more than {MAX_RESULTS} parameters")));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks that no type has more than 16 results. What is malformed is for the validator to report.
///
/// # Errors
/// When one has.
pub(crate) fn check_types(wasm: &[u8]) -> Result<(), Error> {
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        let Payload::TypeSection(types) = payload else { continue };
        let mut counts = function_types(types).flatten().map(|ty| ty.results().len());
        if let Some(count) = counts.find(|count| *count > MAX_RESULTS) {
            return Err(Error::Unsupported(format!("a type with {count} results, where {MAX_RESULTS} are the most")));
        }
    }
    Ok(())
}

/// The types of a section, by index: `None` for what is no function's.
pub(crate) fn function_types(types: TypeSectionReader<'_>) -> impl Iterator<Item = Option<FuncType>> {
    let types = types.into_iter().map_while(Result::ok).flat_map(wasmparser::RecGroup::into_types);
    types.map(|ty| match ty.composite_type.inner {
        CompositeInnerType::Func(ty) => Some(ty),
        _ => None,
    })
}

/// The longest name.
const MAX_NAME: usize = 16 << 10;

/// The most attributes of an entry: some times as many as compilers give it.
const MAX_ATTRIBUTES: usize = 100;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Whether the debug information of a module, if it has some, is in proportion, and can be read as far as this looks.
#[must_use]
pub fn has_fair_dwarf(wasm: &[u8]) -> bool {
    let mut sections = HashMap::new();
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        if let Payload::CustomSection(section) = payload
            && section.name().starts_with(".debug_")
        {
            // Of two with one name, some read the first and some the last.
            if sections.insert(section.name(), section.data()).is_some() {
                return false;
            }
        }
    }
    if sections.contains_key(".debug_str_sup") {
        return false;
    }
    let size: usize = sections.values().map(|data| data.len()).sum();
    let load = |id: SectionId| {
        Ok::<_, gimli::Error>(EndianSlice::new(sections.get(id.name()).copied().unwrap_or_default(), LittleEndian))
    };
    let Ok(dwarf) = Dwarf::load(load) else { return false };
    // Compilers' debug information takes about as many steps as it has bytes.
    let mut walk = Walk { dwarf, left: 1_000_000 + size.saturating_mul(16), tables: HashMap::new() };
    walk.units().is_some()
}

/// A walk through all entries, which ends when there is no step left or something nests too deep: then it gives `None`.
struct Walk<'a> {
    dwarf: Dwarf<Slice<'a>>,
    left: usize,
    /// Bytes of the tables of abbreviations, by offset: units may share one, and each reads it.
    tables: HashMap<usize, usize>,
}

impl<'a> Walk<'a> {
    fn step(&mut self, cost: usize) -> Option<()> {
        self.left = self.left.checked_sub(cost)?;
        Some(())
    }

    fn units(&mut self) -> Option<()> {
        let mut headers = self.dwarf.units();
        // Whoever reads it stops at an error, too.
        while let Ok(Some(header)) = headers.next() {
            self.unit(header)?;
        }
        Some(())
    }

    fn unit(&mut self, header: UnitHeader<Slice<'a>>) -> Option<()> {
        self.abbreviations(header.debug_abbrev_offset().0)?;
        self.lines(&header)?;
        let Ok(unit) = self.dwarf.unit(header) else { return Some(()) };
        self.files(&unit)?;
        let mut entries = unit.header.entries_raw(&unit.abbreviations, None).ok()?;
        while !entries.is_empty() {
            self.entry(&unit, &mut entries)?;
        }
        Some(())
    }

    /// Counts the bytes of a unit's line table, before anybody reads it: units may share one.
    fn lines(&mut self, header: &UnitHeader<Slice<'a>>) -> Option<()> {
        let Ok(abbreviations) = self.dwarf.abbreviations(header) else { return Some(()) };
        let Ok(mut entries) = header.entries_raw(&abbreviations, None) else { return Some(()) };
        let Ok(Some(abbreviation)) = entries.read_abbreviation() else { return Some(()) };
        for specification in abbreviation.attributes() {
            let Ok(attribute) = entries.read_attribute(*specification) else { return Some(()) };
            if let (gimli::DW_AT_stmt_list, Some(offset)) = (attribute.name(), attribute.offset_value()) {
                let mut table = *self.dwarf.debug_line.reader();
                let length = table.skip(offset).and_then(|()| table.read_u32());
                self.step(length.map_or(table.len(), |length| length as usize))?;
            }
        }
        Some(())
    }

    /// Counts the names of a unit's files: whoever finds source lines makes a path of each, of its own name and its folders'.
    fn files(&mut self, unit: &Unit<Slice<'a>>) -> Option<()> {
        let Some(lines) = &unit.line_program else { return Some(()) };
        let header = lines.header();
        let base = unit.comp_dir.map_or(0, |name| name.len());
        let name = |walk: &Self, value| walk.dwarf.attr_string(unit, value).map_or(0, |name| name.len());
        for file in header.file_names() {
            let folder = file.directory(header).map_or(0, |value| name(self, value));
            let length = base + folder + name(self, file.path_name());
            if length > 4 * MAX_NAME {
                return None;
            }
            self.step(1 + length / 16)?;
        }
        Some(())
    }

    /// Counts the bytes of a unit's table of abbreviations: of each a code, a tag and a byte, and pairs of attribute and form, the last of
    /// which is 0, 0.
    fn abbreviations(&mut self, offset: usize) -> Option<()> {
        if let Some(size) = self.tables.get(&offset) {
            return self.step(*size);
        }
        let mut table = *self.dwarf.debug_abbrev.reader();
        let whole = table.len();
        // `None` for too many attributes.
        let mut read = || -> gimli::Result<Option<usize>> {
            table.skip(offset)?;
            let before = table.len();
            while table.read_uleb128()? != 0 {
                table.read_uleb128()?;
                table.read_u8()?;
                let mut attributes = 0;
                loop {
                    let (name, form) = (table.read_uleb128()?, table.read_uleb128()?);
                    if form == u64::from(gimli::DW_FORM_implicit_const.0) {
                        table.read_sleb128()?;
                    }
                    if (name, form) == (0, 0) {
                        break;
                    }
                    attributes += 1;
                    // An entry is read again for each that refers to it.
                    if attributes > MAX_ATTRIBUTES {
                        return Ok(None);
                    }
                }
            }
            Ok(Some(before - table.len()))
        };
        // What cannot be read is not read by others either, but for all that comes before.
        let size = read().unwrap_or(Some(whole))?;
        self.tables.insert(offset, size);
        self.step(size)
    }

    fn entry(&mut self, unit: &Unit<Slice<'a>>, entries: &mut EntriesRaw<Slice<'a>>) -> Option<()> {
        /// How deep functions are inlined into one another, and scopes nest.
        const MAX_DEPTH: isize = 256;
        if entries.next_depth() > MAX_DEPTH {
            return None;
        }
        self.step(1)?;
        let Some(abbreviation) = entries.read_abbreviation().ok()? else { return Some(()) };
        for specification in abbreviation.attributes() {
            self.step(1)?;
            let value = entries.read_attribute(*specification).ok()?.value();
            self.value(unit, value)?;
        }
        Some(())
    }

    fn value(&mut self, unit: &Unit<Slice<'a>>, value: AttributeValue<Slice<'a>>) -> Option<()> {
        if let AttributeValue::Exprloc(expression) = value {
            return self.expression(expression, unit.encoding(), 0);
        }
        // As they are: what whoever reads them skips takes its time, too.
        if let Ok(Some(offset)) = self.dwarf.attr_ranges_offset(unit, value)
            && let Ok(mut ranges) = self.dwarf.raw_ranges(unit, offset)
        {
            while let Ok(Some(_)) = ranges.next() {
                self.step(1)?;
            }
        }
        if let Ok(Some(offset)) = self.dwarf.attr_locations_offset(unit, value) {
            if let Ok(mut places) = self.dwarf.raw_locations(unit, offset) {
                while let Ok(Some(_)) = places.next() {
                    self.step(1)?;
                }
            }
            if let Ok(mut places) = self.dwarf.locations(unit, offset) {
                while let Ok(Some(place)) = places.next() {
                    self.step(1)?;
                    self.expression(place.data, unit.encoding(), 0)?;
                }
            }
        }
        match self.dwarf.attr_string(unit, value) {
            Ok(name) if name.len() > MAX_NAME => None,
            Ok(name) => self.step(name.len() / 16),
            Err(_) => Some(()),
        }
    }

    fn expression(&mut self, expression: Expression<Slice<'a>>, encoding: Encoding, depth: usize) -> Option<()> {
        /// How deep values at the entry of functions nest.
        const MAX_NESTED: usize = 4;
        if depth > MAX_NESTED {
            return None;
        }
        let mut operations = expression.operations(encoding);
        while let Ok(Some(operation)) = operations.next() {
            self.step(1)?;
            if let Operation::EntryValue { expression } = operation {
                self.expression(Expression(expression), encoding, depth + 1)?;
            }
        }
        Some(())
    }
}

/// The module without its debug information.
///
/// # Errors
/// When the bytes are no module.
pub fn without_dwarf(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    without_sections(wasm, |name| name.starts_with(".debug_"))
}

/// The module without the custom sections whose names `is_dropped` says; the rest stays as it is, byte for byte.
///
/// # Errors
/// When the bytes are no module.
pub fn without_sections(wasm: &[u8], is_dropped: impl Fn(&str) -> bool) -> Result<Vec<u8>, Error> {
    let mut kept = Vec::new();
    // Where the payload begins that comes next: those of one section follow one another, from its id on.
    let mut start = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(Error::malformed)?;
        let Some(end) = end_of(&payload) else { continue };
        let is_kept = !matches!(&payload, Payload::CustomSection(section) if is_dropped(section.name()));
        if is_kept {
            kept.extend_from_slice(&wasm[start..end]);
        }
        start = end;
    }
    kept.extend_from_slice(&wasm[start..]);
    Ok(kept)
}

/// Where the header or the section ends that a payload is all of; `None` for what is a part of one, or nothing.
fn end_of(payload: &Payload) -> Option<usize> {
    match payload {
        Payload::Version { range, .. } => Some(range.end),
        payload => payload.as_section().map(|(_, range)| range.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with custom sections.
    fn module(sections: &[(&str, &[u8])]) -> Vec<u8> {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        for (name, data) in sections {
            let mut section = vec![name.len() as u8];
            section.extend(name.as_bytes());
            section.extend(*data);
            wasm.push(0);
            leb(&mut wasm, section.len());
            wasm.extend(section);
        }
        wasm
    }

    fn leb(out: &mut Vec<u8>, mut value: usize) {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }

    /// A unit of version 4 whose abbreviations are at 0, with these entries.
    fn unit(entries: &[u8]) -> Vec<u8> {
        let mut unit = (entries.len() as u32 + 7).to_le_bytes().to_vec();
        unit.extend([4, 0, 0, 0, 0, 0, 4]);
        unit.extend(entries);
        unit
    }

    /// 1: a scope with entries in it. 2: an entry with an expression. 3: one with a name in `.debug_str`.
    const ABBREVIATIONS: &[u8] = &[1, 0x0b, 1, 0, 0, 2, 0x34, 0, 0x02, 0x18, 0, 0, 3, 0x34, 0, 0x03, 0x0e, 0, 0, 0];

    fn is_fair(entries: &[u8], strings: &[u8]) -> bool {
        let sections = [(".debug_abbrev", ABBREVIATIONS), (".debug_info", &unit(entries)), (".debug_str", strings)];
        has_fair_dwarf(&module(&sections))
    }

    #[test]
    fn what_nests() {
        let scopes = |depth: usize| [vec![1; depth], vec![0; depth]].concat();
        assert!(is_fair(&scopes(200), b""));
        assert!(!is_fair(&scopes(300), b""));
        assert!(!is_fair(&vec![1; 1_000_000], b""), "also without an end");
        let values = |depth: usize| {
            // DW_OP_entry_value, of one that is a byte shorter each time, and in the innermost DW_OP_nop.
            let mut expression = vec![0x96];
            for _ in 0..depth {
                let mut outer = vec![0xa3];
                leb(&mut outer, expression.len());
                outer.extend(&expression);
                expression = outer;
            }
            let mut entry = vec![1, 2];
            leb(&mut entry, expression.len());
            entry.extend(expression);
            entry
        };
        assert!(is_fair(&values(2), b""));
        assert!(!is_fair(&values(100), b""));
    }

    #[test]
    fn what_is_used_again_and_again() {
        let name =
            |times: usize| [1, 3, 0, 0, 0, 0].into_iter().chain([3, 0, 0, 0, 0].repeat(times)).collect::<Vec<u8>>();
        assert!(is_fair(&name(1000), b"short\0"));
        assert!(!is_fair(&name(1), &[vec![b'x'; 20_000], vec![0]].concat()));
        // A thousand units that read the same large table of abbreviations.
        let mut table: Vec<u8> = (0..20_000_u32).flat_map(|_| [5, 0x34, 0, 0, 0]).collect();
        table.push(0);
        let units = unit(&[0]).repeat(1000);
        assert!(!has_fair_dwarf(&module(&[(".debug_abbrev", &table), (".debug_info", &units)])));
        assert!(has_fair_dwarf(&module(&[(".debug_abbrev", ABBREVIATIONS), (".debug_info", &units)])));
    }

    #[test]
    fn sections_go_and_others_stay() {
        let long = vec![7; 300];
        let all =
            [("name", long.as_slice()), (".debug_info", &[0, 0]), ("x", &[]), (".debug_str", &long), ("omp2wasi", &[])];
        let kept: Vec<_> = all.iter().copied().filter(|(name, _)| !name.starts_with(".debug")).collect();
        assert_eq!(without_dwarf(&module(&all)).unwrap(), module(&kept));
        assert_eq!(without_dwarf(&module(&kept)).unwrap(), module(&kept));
    }

    #[test]
    fn two_sections_of_one_name() {
        let info = unit(&[1, 0]);
        let sections = [(".debug_abbrev", ABBREVIATIONS), (".debug_info", info.as_slice()), (".debug_info", &info)];
        assert!(has_fair_dwarf(&module(&sections[..2])));
        assert!(!has_fair_dwarf(&module(&sections)));
    }

    #[test]
    fn many_values_of_little_code() {
        let block = |count: usize| {
            let params = " i32".repeat(count);
            let code =
                format!("(func{} (loop (param{params}) {}))", " (i32.const 0)".repeat(count), "drop ".repeat(count));
            wat::parse_str(format!("(module {code})")).unwrap()
        };
        assert!(check_code(&block(16)).is_ok());
        assert!(check_code(&block(17)).is_err());
        let locals = |functions: usize| {
            wat::parse_str(format!("(module {})", format!("(func (local{}))", " i32".repeat(40_000)).repeat(functions)))
                .unwrap()
        };
        assert!(check_code(&locals(10)).is_ok());
        assert!(check_code(&locals(20)).is_err());
    }

    #[test]
    fn many_results() {
        let function =
            |count: usize| wat::parse_str(format!("(module (type (func (result{}))))", " i32".repeat(count))).unwrap();
        assert!(check_types(&function(16)).is_ok());
        assert!(check_types(&function(17)).is_err());
    }
}
