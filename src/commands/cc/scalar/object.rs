//! Reads what an object consists of: functions, data and symbols, and the relocations on them.
//!
//! Invariant: every range and index that is kept lies inside the object, so that nobody who uses them needs to check again.

use std::collections::HashMap;
use std::ops::Range;

use omp2wasi_abi::scalar::Signature;
use wasmparser::{
    BinaryReader, CompositeInnerType, KnownCustom, Linking, Parser, Payload, RelocationEntry, SymbolFlags, SymbolInfo,
    TypeRef,
};

use crate::commands::cc::object::ObjectError;

/// What a symbol names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Function,
    Data,
    Global,
    Table,
    /// Sections and the like.
    Other,
}

/// Where the data of a symbol is.
#[derive(Clone, Copy)]
pub struct Data {
    pub segment: usize,
    pub offset: usize,
    pub size: usize,
}

/// A symbol; one without a name cannot be found.
pub struct Symbol<'a> {
    pub kind: Kind,
    pub name: &'a str,
    pub flags: SymbolFlags,
    /// Index of the function, global or table.
    pub index: u32,
    /// If it is defined.
    pub data: Option<Data>,
}

/// A data segment.
pub struct Segment<'a> {
    pub bytes: &'a [u8],
    /// Where it is in the content of its section.
    pub start: usize,
    /// The linker may join it with others that have the same strings.
    pub has_strings: bool,
}

/// A function that is defined.
pub struct Body<'a> {
    /// Locals and code.
    pub bytes: &'a [u8],
    /// Where they are in the content of the code section.
    pub start: usize,
}

/// An object's parts.
#[derive(Default)]
pub struct Object<'a> {
    pub types: Vec<Signature>,
    /// The type of each function, those that are not defined first.
    pub functions: Vec<u32>,
    pub bodies: Vec<Body<'a>>,
    pub symbols: Vec<Symbol<'a>>,
    pub segments: Vec<Segment<'a>>,
    /// Number of sections.
    pub sections: u32,
    code: Relocations,
    data: Relocations,
    by_name: HashMap<(Kind, &'a str), usize>,
}

/// The relocations on a section, by offset.
#[derive(Default)]
struct Relocations {
    section: Option<u32>,
    entries: Vec<RelocationEntry>,
}

impl Relocations {
    /// Those whose fields lie in a range.
    fn within(&self, range: Range<usize>) -> &[RelocationEntry] {
        let first = self.entries.partition_point(|entry| (entry.offset as usize) < range.start);
        let last = self.entries.partition_point(|entry| entry.offset as usize + entry.ty.extent() <= range.end);
        self.entries.get(first..last).unwrap_or_default()
    }
}

/// Names of what is imported, by kind and in the order of its index space.
#[derive(Default)]
struct Imports<'a> {
    functions: Vec<&'a str>,
    globals: Vec<&'a str>,
    tables: Vec<&'a str>,
}

impl<'a> Object<'a> {
    /// Reads an object.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ObjectError> {
        let mut object = Self::default();
        let mut imports = Imports::default();
        let mut segment_flags = Vec::new();
        let mut code_start = 0;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match &payload {
                Payload::TypeSection(section) => object.types(section.clone())?,
                Payload::ImportSection(section) => object.imports(section.clone(), &mut imports)?,
                Payload::FunctionSection(section) => {
                    for ty in section.clone() {
                        object.functions.push(ty?);
                    }
                }
                Payload::CodeSectionStart { range, .. } => {
                    code_start = range.start;
                    object.code.section = Some(object.sections);
                }
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    object.bodies.push(Body { bytes: &bytes[range.clone()], start: range.start - code_start });
                }
                Payload::DataSection(section) => {
                    let data_start = section.range().start;
                    object.data.section = Some(object.sections);
                    for segment in section.clone() {
                        let segment = segment?;
                        let start = segment.range.end - segment.data.len() - data_start;
                        object.segments.push(Segment { bytes: segment.data, start, has_strings: false });
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => object.linking(linking, &imports, &mut segment_flags)?,
                    KnownCustom::Reloc(relocations) => object.relocations(&relocations)?,
                    _ => {}
                },
                _ => {}
            }
            if payload.as_section().is_some() {
                object.sections += 1;
            }
        }
        for (segment, has_strings) in object.segments.iter_mut().zip(segment_flags) {
            segment.has_strings = has_strings;
        }
        object.check()?;
        Ok(object)
    }

    fn types(&mut self, section: wasmparser::TypeSectionReader<'a>) -> Result<(), ObjectError> {
        for group in section {
            for ty in group?.into_types() {
                let CompositeInnerType::Func(ty) = ty.composite_type.inner else {
                    return Err(ObjectError::Inconsistent("a type that is no function's"));
                };
                let encoded = |types: &[wasmparser::ValType]| -> Option<Vec<u8>> {
                    types.iter().map(|ty| encoded_type(*ty)).collect()
                };
                let signature = encoded(ty.params()).zip(encoded(ty.results()));
                self.types.push(signature.ok_or(ObjectError::Inconsistent("a type with references of another kind"))?);
            }
        }
        Ok(())
    }

    fn imports(
        &mut self,
        section: wasmparser::ImportSectionReader<'a>,
        names: &mut Imports<'a>,
    ) -> Result<(), ObjectError> {
        for import in section.into_imports() {
            let import = import?;
            match import.ty {
                TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                    self.functions.push(ty);
                    names.functions.push(import.name);
                }
                TypeRef::Global(_) => names.globals.push(import.name),
                TypeRef::Table(_) => names.tables.push(import.name),
                _ => {}
            }
        }
        Ok(())
    }

    fn linking(
        &mut self,
        section: wasmparser::LinkingSectionReader<'a>,
        imports: &Imports<'a>,
        segment_flags: &mut Vec<bool>,
    ) -> Result<(), ObjectError> {
        for subsection in section {
            match subsection? {
                Linking::SegmentInfo(infos) => {
                    for info in infos {
                        segment_flags.push(info?.flags.contains(wasmparser::SegmentFlags::STRINGS));
                    }
                }
                Linking::SymbolTable(symbols) => {
                    for symbol in symbols {
                        let symbol = symbol_of(symbol?, imports);
                        // The first one of a name: nobody but this program gives a name twice.
                        if symbol.kind != Kind::Other {
                            self.by_name.entry((symbol.kind, symbol.name)).or_insert(self.symbols.len());
                        }
                        self.symbols.push(symbol);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn relocations(&mut self, section: &wasmparser::RelocSectionReader<'a>) -> Result<(), ObjectError> {
        let of = Some(section.section_index());
        let relocations = match of {
            of if of == self.code.section => &mut self.code,
            of if of == self.data.section => &mut self.data,
            _ => return Ok(()),
        };
        for entry in section.entries() {
            relocations.entries.push(entry?);
        }
        relocations.entries.sort_by_key(|entry| entry.offset);
        Ok(())
    }

    /// Checks all indices.
    fn check(&self) -> Result<(), ObjectError> {
        let is_type = |ty: &u32| (*ty as usize) < self.types.len();
        let is_inside = |symbol: &Symbol<'_>| match symbol.kind {
            Kind::Function => (symbol.index as usize) < self.functions.len(),
            _ => symbol.data.is_none_or(|data| {
                let segment = self.segments.get(data.segment);
                segment.is_some_and(|segment| data.offset.saturating_add(data.size) <= segment.bytes.len())
            }),
        };
        let is_right = |entry: &RelocationEntry| match entry.ty {
            wasmparser::RelocationType::TypeIndexLeb => is_type(&entry.index),
            _ => (entry.index as usize) < self.symbols.len(),
        };
        let mut relocations = self.code.entries.iter().chain(&self.data.entries);
        let holds = self.functions.iter().all(is_type)
            && self.bodies.len() <= self.functions.len()
            && self.symbols.iter().all(is_inside)
            && relocations.all(is_right);
        if holds { Ok(()) } else { Err(ObjectError::Inconsistent("an index that nothing has")) }
    }

    /// How many functions are not defined.
    pub fn undefined(&self) -> usize {
        self.functions.len() - self.bodies.len()
    }

    /// The symbol of a name, by its number.
    pub fn find(&self, kind: Kind, name: &str) -> Option<u32> {
        self.by_name.get(&(kind, name)).map(|index| *index as u32)
    }

    /// The type of a function, by its index.
    pub fn signature(&self, function: u32) -> &Signature {
        &self.types[self.functions[function as usize] as usize]
    }

    /// The relocations on a body, with offsets in it.
    pub fn on_body(&self, body: &Body<'_>) -> Vec<RelocationEntry> {
        let moved = |entry: &RelocationEntry| RelocationEntry { offset: entry.offset - body.start as u32, ..*entry };
        self.code.within(body.start..body.start + body.bytes.len()).iter().map(moved).collect()
    }

    /// A variable's bytes, and the relocations on them with offsets in them.
    pub fn contents(&self, data: Data) -> (&'a [u8], Vec<RelocationEntry>) {
        let segment = &self.segments[data.segment];
        let start = segment.start + data.offset;
        let moved = |entry: &RelocationEntry| RelocationEntry { offset: entry.offset - start as u32, ..*entry };
        let relocations = self.data.within(start..start + data.size).iter().map(moved).collect();
        (&segment.bytes[data.offset..data.offset + data.size], relocations)
    }
}

fn symbol_of<'a>(symbol: SymbolInfo<'a>, imports: &Imports<'a>) -> Symbol<'a> {
    let named = |kind, flags, index: u32, name: Option<&'a str>, imported: &[&'a str]| Symbol {
        kind,
        name: name.or_else(|| imported.get(index as usize).copied()).unwrap_or_default(),
        flags,
        index,
        data: None,
    };
    match symbol {
        SymbolInfo::Func { flags, index, name } => named(Kind::Function, flags, index, name, &imports.functions),
        SymbolInfo::Global { flags, index, name } => named(Kind::Global, flags, index, name, &imports.globals),
        SymbolInfo::Table { flags, index, name } => named(Kind::Table, flags, index, name, &imports.tables),
        SymbolInfo::Data { flags, name, symbol } => {
            let data = symbol.map(|data| Data {
                segment: data.index as usize,
                offset: data.offset as usize,
                size: data.size as usize,
            });
            Symbol { kind: Kind::Data, name, flags, index: 0, data }
        }
        SymbolInfo::Section { flags, .. } | SymbolInfo::Event { flags, .. } => named(Kind::Other, flags, 0, None, &[]),
    }
}

/// A type as a signature has it, of those that are one byte.
fn encoded_type(ty: wasmparser::ValType) -> Option<u8> {
    use wasmparser::{RefType, ValType};
    Some(match ty {
        ValType::I32 => 0x7f,
        ValType::I64 => 0x7e,
        ValType::F32 => 0x7d,
        ValType::F64 => 0x7c,
        ValType::V128 => 0x7b,
        ValType::Ref(RefType::FUNCREF) => 0x70,
        ValType::Ref(RefType::EXTERNREF) => 0x6f,
        ValType::Ref(_) => return None,
    })
}

/// The bytes with the fields that relocations write set to 0.
pub fn blanked(bytes: &[u8], relocations: &[RelocationEntry]) -> Vec<u8> {
    let mut blanked = bytes.to_vec();
    for entry in relocations {
        if let Ok(range) = entry.relocation_range()
            && let Some(field) = blanked.get_mut(range)
        {
            field.fill(0);
        }
    }
    blanked
}

/// Whether a reader of code comes to an operator that is like this.
pub fn has_operator(body: &Body<'_>, is_wanted: impl Fn(&wasmparser::Operator<'_>) -> bool) -> bool {
    let reader = BinaryReader::new(body.bytes, 0);
    let operators = wasmparser::FunctionBody::new(reader).get_operators_reader();
    operators.into_iter().flatten().map_while(Result::ok).any(|operator| is_wanted(&operator))
}
