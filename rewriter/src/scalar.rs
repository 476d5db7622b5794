//! Carries the scalar forms of functions from what the linker has made to the rewritten module: [`omp2wasi_abi::scalar`] says what they
//! are, and how they are written down.
//!
//! A form has to become what its function becomes: the stack is checked, `errno` is the thread's, indices are other ones. So the module
//! is rewritten twice, once as it is, and once with each form as a function more:
//!
//! ```wat
//! (func $f ...)                                                ;; before, with the form of $f in a custom section
//!
//! (func $f (export "omp2wasi.scalar.of.0") ...)                ;; after
//! (func (export "omp2wasi.scalar.form.0") ...)
//! ```
//!
//! The first result is what goes on, and the second is where the forms are taken from. Functions that are in both come in the same order.
//!
//! Invariant: a module is rewritten as if there were no forms, but for the custom section that has them. A form that refers to anything
//! that is not in the module is dropped: the function is its own form then.

use crate::Error;
use omp2wasi_abi::manifest::DecodeError;
use omp2wasi_abi::scalar::{self, Form, OBJECT_SECTION, Record, SECTION, Signature};
use std::borrow::Cow;
use std::collections::HashSet;
use walrus::{ExportItem, FunctionId};
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{CodeSection, CustomSection, ExportKind, ExportSection, FunctionSection, RawSection, Section};
use wasmparser::{BinaryReader, FunctionBody, Operator, Parser, Payload};

mod lines;
mod module;
#[cfg(test)]
mod tests;

pub(crate) use lines::follow;

use lines::Positions;
use module::Module;

/// How the exports of the forms begin, and those of their functions: a number follows.
const FORM: &str = "omp2wasi.scalar.form.";
const FUNCTION: &str = "omp2wasi.scalar.of.";

/// Takes the forms out of a module that is linked or rewritten.
///
/// # Errors
/// When they are malformed, or their functions are none of the module's.
pub(crate) fn split(wasm: &[u8]) -> Result<(Cow<'_, [u8]>, Vec<Form>), Error> {
    let (mut linked, mut rewritten) = (None, None);
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload.map_err(Error::malformed)? else { continue };
        let place = match section.name() {
            OBJECT_SECTION => &mut linked,
            SECTION => &mut rewritten,
            _ => continue,
        };
        if place.replace(section.data()).is_some() {
            return Err(Error::Scalar("there are two of them".to_owned()));
        }
    }
    let read = |error| {
        Error::Scalar(match error {
            DecodeError::Version(version) => format!("it has version {version}, not {}", scalar::VERSION),
            DecodeError::Malformed => "it is malformed".to_owned(),
        })
    };
    let forms = match (linked, rewritten) {
        (None, None) => return Ok((Cow::Borrowed(wasm), Vec::new())),
        (Some(section), None) => settle(&Module::read(wasm)?, Record::decode_all(section).map_err(read)?),
        (None, Some(section)) => scalar::decode(section).map_err(read)?,
        (Some(_), Some(_)) => return Err(Error::Scalar("there are two of them".to_owned())),
    };
    let module = Module::read(wasm)?;
    if let Some(form) = forms.iter().find(|form| !module.defines(form.function)) {
        return Err(Error::Scalar(format!("function {} is not defined", form.function)));
    }
    Ok((Cow::Owned(without(wasm)?), forms))
}

/// A module without forms.
pub(crate) fn without(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    crate::without_sections(wasm, |name| name == OBJECT_SECTION || name == SECTION)
}

/// The forms of the functions that the linker has kept.
fn settle(module: &Module<'_>, records: Vec<Record>) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut seen = HashSet::new();
    for record in records {
        // 0 is an import, and stands for what is left out.
        if record.function != 0 && seen.insert(record.function) {
            let body = body(module, &record).unwrap_or_default();
            forms.push(Form { function: record.function, flags: record.flags, body, lines: record.lines });
        }
    }
    forms.sort_by_key(|form| form.function);
    forms
}

/// The body of a form with the indices of the module; `None` if it refers to what is not there.
fn body(module: &Module<'_>, record: &Record) -> Option<Vec<u8>> {
    let mut body = record.body.clone();
    if record.variables.contains(&0) {
        return None;
    }
    let mut write = |place: u32, bytes: [u8; 5]| {
        let place = place as usize;
        body.get_mut(place..place.checked_add(5)?)?.copy_from_slice(&bytes);
        Some(())
    };
    for (place, ty) in &record.type_places {
        let ty = record.types.get(*ty as usize)?;
        write(*place, padded(module.type_like(ty)?.into()))?;
    }
    for (place, function) in &record.pointers {
        write(*place, padded(i64::from(*module.table_indices.get(function)? as i32)))?;
    }
    // An index that the linker has left at 0 is no function's that is called here: the first import is one of the C library's.
    let mut operators = FunctionBody::new(BinaryReader::new(&body, 0)).get_operators_reader().ok()?;
    while !operators.eof() {
        if let Operator::Call { function_index: 0 } = operators.read().ok()? {
            return None;
        }
    }
    Some(body)
}

/// A LEB128 of 5 bytes, signed; of a number below 2^31 also an unsigned one.
fn padded(value: i64) -> [u8; 5] {
    std::array::from_fn(|i| (value >> (7 * i)) as u8 & 0x7f | if i < 4 { 0x80 } else { 0 })
}

/// The module with a function more for each form, and without custom sections but that of names.
///
/// # Errors
/// When the module has exports of the names that the forms get.
pub(crate) fn attach(wasm: &[u8], forms: &[Form]) -> Result<Vec<u8>, Error> {
    let module = Module::read(wasm)?;
    if module.exports.keys().any(|name| name.starts_with(FORM) || name.starts_with(FUNCTION)) {
        return Err(Error::Unsupported(format!("exports that begin with `{FORM}` or `{FUNCTION}`")));
    }
    let mut exports = Some(exports_of(&module, forms));
    let mut out = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(Error::malformed)?;
        let Some((id, range)) = payload.as_section() else { continue };
        const AFTER_EXPORTS: [u8; 5] = [8, 9, 10, 11, 12];
        if AFTER_EXPORTS.contains(&id)
            && let Some(exports) = exports.take()
        {
            out.section(&exports);
        }
        match payload {
            Payload::CustomSection(section) if section.name() != "name" => {}
            Payload::FunctionSection(_) => drop(out.section(&functions_of(&module, forms))),
            Payload::CodeSectionStart { .. } => drop(out.section(&code_of(&module, forms))),
            Payload::ExportSection(_) => {
                if let Some(exports) = exports.take() {
                    out.section(&exports);
                }
            }
            _ => drop(out.section(&RawSection { id, data: &wasm[range] })),
        }
    }
    Ok(out.finish())
}

fn with_bodies(forms: &[Form]) -> impl Iterator<Item = (usize, &Form)> {
    forms.iter().enumerate().filter(|(_, form)| !form.body.is_empty())
}

fn functions_of(module: &Module<'_>, forms: &[Form]) -> FunctionSection {
    let mut section = FunctionSection::new();
    for ty in &module.functions[module.imported..] {
        section.function(*ty);
    }
    for (_, form) in with_bodies(forms) {
        section.function(module.functions[form.function as usize]);
    }
    section
}

fn code_of(module: &Module<'_>, forms: &[Form]) -> CodeSection {
    let mut section = CodeSection::new();
    for body in &module.bodies {
        section.raw(body);
    }
    for (_, form) in with_bodies(forms) {
        section.raw(&form.body);
    }
    section
}

fn exports_of(module: &Module<'_>, forms: &[Form]) -> ExportSection {
    let mut section = ExportSection::new();
    for (name, kind, index) in &module.exports_in_order {
        section.export(name, ExportKind::from(*kind), *index);
    }
    for (number, form) in forms.iter().enumerate() {
        section.export(&format!("{FUNCTION}{number}"), ExportKind::Func, form.function);
    }
    for ((number, _), index) in with_bodies(forms).zip(module.functions.len() as u32..) {
        section.export(&format!("{FORM}{number}"), ExportKind::Func, index);
    }
    section
}

/// Whether a module has forms as functions.
pub(crate) fn is_attached(wasm: &[u8]) -> bool {
    let mut payloads = Parser::new(0).parse_all(wasm).map_while(Result::ok);
    payloads.any(|payload| match payload {
        Payload::ExportSection(exports) => exports.into_iter().flatten().any(|export| export.name.starts_with(FORM)),
        _ => false,
    })
}

/// The functions of a module that are forms of others.
pub(crate) fn bodies(module: &walrus::Module) -> HashSet<FunctionId> {
    let forms = module.exports.iter().filter(|export| export.name.starts_with(FORM));
    forms
        .filter_map(|export| match export.item {
            ExportItem::Function(function) => Some(function),
            _ => None,
        })
        .collect()
}

/// Appends to the rewritten module the section with the forms as they have become in `carried`, which was made of `attached`, and is the
/// same module with them.
///
/// # Errors
/// When it is not.
pub(crate) fn append(wasm: &mut Vec<u8>, attached: &[u8], carried: &[u8], mut forms: Vec<Form>) -> Result<(), Error> {
    let (to, from) = (Module::read(wasm)?, Module::read(carried)?);
    let (before, positions) = (Module::read(attached)?, Positions::read(carried));
    let mut indices = Indices::new(&from, &to)?;
    for (number, form) in forms.iter_mut().enumerate() {
        let function = from.exports.get(&*format!("{FUNCTION}{number}"));
        form.function = function.and_then(|index| indices.functions[*index as usize]).ok_or_else(lost)?;
        if form.body.is_empty() {
            continue;
        }
        let name = format!("{FORM}{number}");
        let was = before.exported_body(&name).ok_or_else(lost)?;
        let is = from.exported_body(&name).ok_or_else(lost)?;
        form.body = indices.reencoded(is.1).unwrap_or_default();
        form.lines = positions.moved(std::mem::take(&mut form.lines), was, is, &form.body);
    }
    forms.sort_by_key(|form| form.function);
    let data = scalar::encode(&forms);
    CustomSection { name: SECTION.into(), data: (&data).into() }.append_to(wasm);
    Ok(())
}

fn lost() -> Error {
    Error::Output("the scalar forms are not where they have been put".to_owned())
}

/// From the indices of the module that has the forms as functions to those of the one that has not.
struct Indices {
    /// `None` for forms.
    functions: Vec<Option<u32>>,
    /// `None` for what only forms use.
    types: Vec<Option<u32>>,
}

impl Indices {
    fn new(from: &Module<'_>, to: &Module<'_>) -> Result<Self, Error> {
        let is_form = |name: &str| name.starts_with(FORM);
        let forms: HashSet<u32> =
            from.exports.iter().filter(|(name, _)| is_form(name)).map(|(_, index)| *index).collect();
        let mut next = 0..;
        let functions: Vec<Option<u32>> = (0..from.functions.len() as u32)
            .map(|function| if forms.contains(&function) { None } else { next.next() })
            .collect();
        let signatures = |module: &Module<'_>, function: u32| {
            module.types.get(*module.functions.get(function as usize)? as usize).cloned()
        };
        let is_same = |(from_index, to_index): (u32, Option<u32>)| {
            to_index.is_none_or(|to_index| signatures(from, from_index) == signatures(to, to_index))
        };
        let mut pairs = (0..).zip(functions.iter().copied());
        if functions.iter().flatten().count() != to.functions.len() || !pairs.all(is_same) {
            return Err(lost());
        }
        let like = |ty: &Option<Signature>| to.type_like(ty.as_ref()?);
        Ok(Self { functions, types: from.types.iter().map(like).collect() })
    }

    /// A body with the other indices; `None` if it uses what is not there.
    fn reencoded(&mut self, body: &[u8]) -> Option<Vec<u8>> {
        let mut section = CodeSection::new();
        let read = FunctionBody::new(BinaryReader::new(body, 0));
        utils::parse_function_body(self, &mut section, read).ok()?;
        // The number of bodies and the size of this one come first.
        let mut bytes = Vec::new();
        section.append_to(&mut bytes);
        Some(only_body(&bytes)?.to_vec())
    }
}

/// The body in a code section that has one.
fn only_body(section: &[u8]) -> Option<&[u8]> {
    let mut reader = BinaryReader::new(section, 0);
    reader.read_u8().ok()?;
    reader.read_var_u32().ok()?;
    reader.read_var_u32().ok()?;
    let size = reader.read_var_u32().ok()?;
    reader.read_bytes(size as usize).ok()
}

/// Nothing of the module has this index.
struct NotThere;

impl Reencode for Indices {
    type Error = NotThere;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<NotThere>> {
        self.functions.get(function as usize).copied().flatten().ok_or(reencode::Error::UserError(NotThere))
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, reencode::Error<NotThere>> {
        self.types.get(ty as usize).copied().flatten().ok_or(reencode::Error::UserError(NotThere))
    }
}
