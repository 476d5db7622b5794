//! Adds to an object the scalar forms of its functions, which another object of the same source has.
//!
//! Both objects come from one front end, and the passes that look at more than one function have run before the ones that differ. So a
//! name means the same in both, if types and contents agree; where they do not, that form is left out. What a form refers to must be in
//! the object already.
//!
//! The object gets a custom section and the relocations on it ([`omp2wasi_abi::scalar`] says what it holds), and for each form a local
//! symbol of its function: the linker may give the name of a function to another one (a weak function is replaced, `--wrap` is given),
//! and then says of the local symbol that it is left out.
//!
//! Invariant: but for that, and the sizes that enclose the symbols, the object's bytes stay verbatim.

use std::cell::Cell;
use std::collections::HashSet;

use omp2wasi_abi::scalar::flags::REASSOCIATE;
use omp2wasi_abi::scalar::{OBJECT_SECTION, Record};
use wasmparser::{RelocAddendKind, RelocationEntry, RelocationType, SymbolFlags};

use super::lines::Table;
use super::object::{Body, Kind, Object, Symbol, blanked, has_operator};
use crate::commands::cc::object::{ObjectError, with_symbols};

/// The name of the local symbols. Nobody looks them up.
const SYMBOL: &str = "omp2wasi.scalar";
const FUNCTION_SYMBOL: u8 = 0;
const CUSTOM_SECTION: u8 = 0;

/// The globals that code refers to: they are there whatever else the linker leaves out.
const GLOBALS: [&str; 2] = ["__stack_pointer", "__tls_base"];

/// The object `bytes` with the scalar forms that `other` has, and with `flags` for all functions that compute with floating-point
/// numbers; `None` if there is nothing to add.
pub fn merged(bytes: &[u8], other: Option<&[u8]>, flags: u32) -> Result<Option<Vec<u8>>, ObjectError> {
    let object = Object::read(bytes)?;
    let lines = other.map(Table::read).unwrap_or_default();
    let other = other.map(Object::read).transpose()?;
    let mut section = Section::new(object.symbols.len() as u32);
    let mut seen = HashSet::new();
    for symbol in object.symbols.iter().filter(|symbol| symbol.kind == Kind::Function) {
        let Some(body) = body_of(&object, symbol).filter(|_| seen.insert(symbol.index)) else { continue };
        // A directive allows what the command line does not: the scalar form, to which it does not say so, would be slower.
        let is_reordered = flags & REASSOCIATE == 0 && combines_lanes(body);
        let other = other.as_ref().filter(|_| !is_reordered);
        let form = other.and_then(|other| Form::of(&object, symbol, body, other, &lines));
        if form.is_none() && (flags == 0 || !has_operator(body, is_computation)) {
            continue;
        }
        section.add(symbol.index, flags, form.unwrap_or_default());
    }
    section.added_to(bytes, object.sections)
}

/// The body of a function that the object defines.
fn body_of<'o, 'a>(object: &'o Object<'a>, symbol: &Symbol<'_>) -> Option<&'o Body<'a>> {
    let defined = (symbol.index as usize).checked_sub(object.undefined())?;
    object.bodies.get(defined).filter(|_| !symbol.flags.contains(SymbolFlags::UNDEFINED))
}

/// Whether a function adds or multiplies lanes of one vector of floats, as one does at its end whose loop has added in another order than the
/// source says: the vector and itself shuffled, or its first two lanes.
fn combines_lanes(body: &Body<'_>) -> bool {
    use wasmparser::Operator::{
        F32Add, F32Mul, F32x4Add, F32x4ExtractLane, F32x4Mul, F64Add, F64Mul, F64x2Add, F64x2ExtractLane, F64x2Mul,
        I8x16Shuffle, LocalGet, LocalTee,
    };
    let state = Cell::new(Lanes::Neither);
    has_operator(body, |operator| {
        let (before, now) = (
            state.get(),
            match (state.get(), operator) {
                (_, I8x16Shuffle { .. }) => Lanes::Shuffled,
                (_, F32x4ExtractLane { lane: 0 } | F64x2ExtractLane { lane: 0 }) => Lanes::First,
                (Lanes::First, LocalGet { .. } | LocalTee { .. }) => Lanes::First,
                (Lanes::First, F32x4ExtractLane { lane: 1 } | F64x2ExtractLane { lane: 1 }) => Lanes::Second,
                _ => Lanes::Neither,
            },
        );
        state.set(now);
        match before {
            Lanes::Shuffled => matches!(operator, F32x4Add | F32x4Mul | F64x2Add | F64x2Mul),
            Lanes::Second => matches!(operator, F32Add | F32Mul | F64Add | F64Mul),
            _ => false,
        }
    })
}

/// What has just become of a vector.
#[derive(Clone, Copy)]
enum Lanes {
    Neither,
    Shuffled,
    /// Its first lane is an operand.
    First,
    /// Its first two are.
    Second,
}

/// Whether this is arithmetic that may be fused or done in another order.
fn is_computation(operator: &wasmparser::Operator<'_>) -> bool {
    use wasmparser::Operator::{
        F32Add, F32Mul, F32Sub, F32x4Add, F32x4Mul, F32x4Sub, F64Add, F64Mul, F64Sub, F64x2Add, F64x2Mul, F64x2Sub,
    };
    matches!(
        operator,
        F32Add
            | F32Sub
            | F32Mul
            | F64Add
            | F64Sub
            | F64Mul
            | F32x4Add
            | F32x4Sub
            | F32x4Mul
            | F64x2Add
            | F64x2Sub
            | F64x2Mul
    )
}

/// A form in terms of the object that it is added to.
#[derive(Default)]
struct Form {
    record: Record,
    /// On the body.
    relocations: Vec<RelocationEntry>,
    /// The symbols of variables that need no check, or have one.
    kept: HashSet<u32>,
    /// The symbols of the other variables, and of the functions, of which it has addresses.
    variables: Vec<u32>,
    pointers: Vec<u32>,
}

impl Form {
    /// The form that `other` has of a function, if it is another one there and all that it refers to is in `object`.
    fn of(
        object: &Object<'_>,
        symbol: &Symbol<'_>,
        body: &Body<'_>,
        other: &Object<'_>,
        lines: &Table,
    ) -> Option<Self> {
        let found = &other.symbols[other.find(Kind::Function, symbol.name)? as usize];
        let scalar = body_of(other, found)?;
        if object.signature(symbol.index) != other.signature(found.index) || same_body(object, body, other, scalar) {
            return None;
        }
        let mut form = Self::default();
        // What the function itself names is kept with it, so nobody needs to look.
        let own = object.on_body(body).into_iter().filter(|entry| entry.ty != RelocationType::TypeIndexLeb);
        form.kept.extend(own.map(|entry| entry.index));
        form.record.body = scalar.bytes.to_vec();
        form.record.lines = lines.of(scalar);
        for entry in other.on_body(scalar) {
            form.add(object, other, entry)?;
        }
        Some(form)
    }

    /// Takes over a relocation.
    fn add(&mut self, object: &Object<'_>, other: &Object<'_>, entry: RelocationEntry) -> Option<()> {
        if entry.ty == RelocationType::TypeIndexLeb {
            return self.add_type(other, entry);
        }
        let symbol = &other.symbols[entry.index as usize];
        let index = object.find(symbol.kind, symbol.name)?;
        let same = &object.symbols[index as usize];
        match (entry.ty, symbol.kind) {
            (RelocationType::FunctionIndexLeb | RelocationType::TableIndexSleb, Kind::Function) => {
                if object.signature(same.index) != other.signature(symbol.index) {
                    return None;
                }
            }
            (
                RelocationType::MemoryAddrLeb | RelocationType::MemoryAddrSleb | RelocationType::MemoryAddrTlsSleb,
                Kind::Data,
            ) => {
                if !same_data(object, same, other, symbol, &mut HashSet::new()) {
                    return None;
                }
                if self.kept.insert(index) {
                    self.variables.push(index);
                    self.record.variables.push(0);
                }
            }
            (RelocationType::GlobalIndexLeb, Kind::Global) if GLOBALS.contains(&symbol.name) => {}
            (RelocationType::TableNumberLeb, Kind::Table) => {}
            _ => return None,
        }
        if entry.ty == RelocationType::TableIndexSleb {
            // Not the linker's to write: it would put the function into the table, whether it keeps it or not.
            self.pointers.push(index);
            self.record.pointers.push((entry.offset, 0));
        } else {
            self.relocations.push(RelocationEntry { index, ..entry });
        }
        Some(())
    }

    /// Notes where a type is named. Not the linker's to write: it knows only those that the object's own code uses.
    fn add_type(&mut self, other: &Object<'_>, entry: RelocationEntry) -> Option<()> {
        let types = &mut self.record.types;
        let signature = &other.types[entry.index as usize];
        let number = types.iter().position(|known| known == signature).unwrap_or(types.len());
        if number == types.len() {
            types.push(signature.clone());
        }
        self.record.type_places.push((entry.offset, u32::try_from(number).ok()?));
        Some(())
    }
}

/// Whether two bodies do the same to the same.
fn same_body(object: &Object<'_>, body: &Body<'_>, other: &Object<'_>, scalar: &Body<'_>) -> bool {
    let (ours, theirs) = (object.on_body(body), other.on_body(scalar));
    blanked(body.bytes, &ours) == blanked(scalar.bytes, &theirs) && same_relocations(object, &ours, other, &theirs)
}

/// Whether relocations write the same names at the same places.
fn same_relocations(
    object: &Object<'_>,
    ours: &[RelocationEntry],
    other: &Object<'_>,
    theirs: &[RelocationEntry],
) -> bool {
    let is_same = |(one, two): (&RelocationEntry, &RelocationEntry)| {
        let meaning = |of: &Object<'_>, index: u32| {
            let symbol = &of.symbols[index as usize];
            (symbol.kind, symbol.name.to_owned())
        };
        let is_same_target = || match one.ty {
            RelocationType::TypeIndexLeb => object.types[one.index as usize] == other.types[two.index as usize],
            _ => meaning(object, one.index) == meaning(other, two.index),
        };
        (one.ty, one.offset, one.addend) == (two.ty, two.offset, two.addend) && is_same_target()
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(is_same)
}

/// Whether a variable is the same in both objects. Of what the linker finds by its name, that is all that counts.
fn same_data<'a>(
    object: &Object<'a>,
    ours: &Symbol<'a>,
    other: &Object<'_>,
    theirs: &Symbol<'_>,
    seen: &mut HashSet<&'a str>,
) -> bool {
    let (Some(our_data), Some(their_data)) = (ours.data, theirs.data) else {
        return ours.data.is_none() && theirs.data.is_none();
    };
    let segment = &object.segments[our_data.segment];
    if ours.flags != theirs.flags
        || our_data.size != their_data.size
        // The linker keeps strings one by one, and tells of the segment alone.
        || segment.has_strings && our_data.size != segment.bytes.len()
    {
        return false;
    }
    if !ours.flags.contains(SymbolFlags::BINDING_LOCAL) || !seen.insert(ours.name) {
        return true;
    }
    let ((our_bytes, our_relocations), (their_bytes, their_relocations)) =
        (object.contents(our_data), other.contents(their_data));
    let is_same_target = |(one, two): (&RelocationEntry, &RelocationEntry)| {
        let (one, two) = (&object.symbols[one.index as usize], &other.symbols[two.index as usize]);
        one.kind != Kind::Data || same_data(object, one, other, two, seen)
    };
    blanked(our_bytes, &our_relocations) == blanked(their_bytes, &their_relocations)
        && same_relocations(object, &our_relocations, other, &their_relocations)
        && our_relocations.iter().zip(&their_relocations).all(is_same_target)
}

/// The section, while it is made.
struct Section {
    /// The number of symbols that the object had.
    symbols: u32,
    added: u32,
    symbol_entries: Vec<u8>,
    content: Vec<u8>,
    relocations: Vec<RelocationEntry>,
}

impl Section {
    fn new(symbols: u32) -> Self {
        Self { symbols, added: 0, symbol_entries: Vec::new(), content: Vec::new(), relocations: Vec::new() }
    }

    /// Adds the form of a function.
    fn add(&mut self, function: u32, flags: u32, mut form: Form) {
        form.record.flags = flags;
        let start = self.content.len() as u32;
        let places = form.record.encode(&mut self.content);
        let mut relocate = |ty, place: u32, index| {
            self.relocations.push(RelocationEntry { ty, offset: start + place, index, addend: 0 });
        };
        relocate(RelocationType::FunctionIndexLeb, places.function, self.symbols + self.added);
        for (place, index) in places.variables.iter().zip(&form.variables) {
            relocate(RelocationType::MemoryAddrI32, *place, *index);
        }
        for (place, index) in places.pointers.iter().zip(&form.pointers) {
            relocate(RelocationType::FunctionIndexLeb, *place, *index);
        }
        let body = start + places.body;
        let moved = form.relocations.iter().map(|entry| RelocationEntry { offset: body + entry.offset, ..*entry });
        self.relocations.extend(moved);

        self.added += 1;
        self.symbol_entries.push(FUNCTION_SYMBOL);
        number(&mut self.symbol_entries, SymbolFlags::BINDING_LOCAL.bits());
        number(&mut self.symbol_entries, function);
        text(&mut self.symbol_entries, SYMBOL);
    }

    /// The object with the section; `None` if that is empty.
    fn added_to(self, bytes: &[u8], sections: u32) -> Result<Option<Vec<u8>>, ObjectError> {
        if self.added == 0 {
            return Ok(None);
        }
        let mut object = with_symbols(bytes, self.added, &self.symbol_entries)?;
        let mut content = Vec::new();
        text(&mut content, OBJECT_SECTION);
        // Offsets count from behind the name.
        content.extend_from_slice(&self.content);
        append_section(&mut object, &content);
        content.clear();
        text(&mut content, &format!("reloc.{OBJECT_SECTION}"));
        number(&mut content, sections);
        number(&mut content, self.relocations.len() as u32);
        for entry in &self.relocations {
            content.push(entry.ty as u8);
            number(&mut content, entry.offset);
            number(&mut content, entry.index);
            if entry.ty.addend_kind() == RelocAddendKind::Addend32 {
                wasm_encoder::Encode::encode(&(entry.addend as i32), &mut content);
            }
        }
        append_section(&mut object, &content);
        Ok(Some(object))
    }
}

fn append_section(object: &mut Vec<u8>, content: &[u8]) {
    object.push(CUSTOM_SECTION);
    number(object, content.len() as u32);
    object.extend_from_slice(content);
}

fn number(out: &mut Vec<u8>, value: u32) {
    wasm_encoder::Encode::encode(&value, out);
}

fn text(out: &mut Vec<u8>, text: &str) {
    wasm_encoder::Encode::encode(text, out);
}
