//! Exports what the host has to reach when kernels run as native code: global variables whose values the module does not say, which native
//! code keeps copies of, and functions that native code leaves to Wasmtime.
//!
//! ```wat
//! (global $sp (mut i32) (i32.const 0))                                   ;; before
//! (global $sp (export "omp2wasi.host.global.0") (mut i32) (i32.const 0)) ;; after
//! ```
//!
//! Invariant: nothing but the export section changes, and what is exported already is not exported again.

use std::collections::BTreeSet;
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection, SectionId};
use wasmparser::{ConstExpr, ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef, ValType};

/// How the names of these exports begin.
const PREFIX: &str = "omp2wasi.host";

/// The module with these exports; `None` if it needs none, or is malformed: whoever compiles it says what is wrong.
pub(crate) fn export(wasm: &[u8]) -> Option<Vec<u8>> {
    let needs = Needs::of(wasm).ok()?;
    if needs.globals.is_empty() && needs.functions.is_empty() {
        return None;
    }
    with_exports(wasm, &needs).ok()
}

/// What has to be exported and is not.
#[derive(Default)]
struct Needs {
    globals: BTreeSet<u32>,
    functions: BTreeSet<u32>,
    /// What the names begin with: no export of the module does.
    prefix: String,
}

impl Needs {
    fn of(wasm: &[u8]) -> wasmparser::Result<Self> {
        let mut needs = Self { prefix: PREFIX.to_owned(), ..Self::default() };
        let (mut globals, mut functions) = (0, 0);
        let (mut exported_globals, mut exported_functions, mut names) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        match import?.ty {
                            TypeRef::Func(_) | TypeRef::FuncExact(_) => functions += 1,
                            TypeRef::Global(_) => globals += 1,
                            _ => {}
                        }
                    }
                }
                Payload::GlobalSection(section) => {
                    for (index, global) in (globals..).zip(section) {
                        let global = global?;
                        let is_known = !global.ty.mutable && is_constant(&global.init_expr)?;
                        if !is_known && !matches!(global.ty.content_type, ValType::Ref(_)) {
                            needs.globals.insert(index);
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        names.push(export.name);
                        match export.kind {
                            ExternalKind::Global => exported_globals.insert(export.index),
                            ExternalKind::Func => exported_functions.insert(export.index),
                            _ => false,
                        };
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    if is_left_out(&body)? {
                        needs.functions.insert(functions);
                    }
                    functions += 1;
                }
                _ => {}
            }
        }
        needs.globals.retain(|index| !exported_globals.contains(index));
        needs.functions.retain(|index| !exported_functions.contains(index));
        while names.iter().any(|name| name.starts_with(&needs.prefix)) {
            needs.prefix.push('_');
        }
        Ok(needs)
    }

    fn add_to(&self, section: &mut ExportSection) {
        for index in &self.globals {
            section.export(&format!("{}.global.{index}", self.prefix), ExportKind::Global, *index);
        }
        for index in &self.functions {
            section.export(&format!("{}.function.{index}", self.prefix), ExportKind::Func, *index);
        }
    }
}

/// Whether an initial value can be read off the module.
fn is_constant(value: &ConstExpr) -> wasmparser::Result<bool> {
    let mut operators = value.get_operators_reader();
    let first = operators.read()?;
    Ok(!matches!(first, Operator::GlobalGet { .. }) && matches!(operators.read()?, Operator::End))
}

/// Whether a function has instructions on segments, tables, references or exceptions, which are Wasmtime's, or may be too large for native
/// code, or too deeply nested.
fn is_left_out(body: &FunctionBody) -> wasmparser::Result<bool> {
    /// Fewer than codegen translates, whose own limits count values, too.
    const MAX_DEPTH: usize = 150;
    const MAX_OPERATORS: usize = 20_000;
    let mut depth = 0usize;
    for (count, operator) in body.get_operators_reader()?.into_iter().enumerate() {
        match operator? {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
            Operator::End => depth = depth.saturating_sub(1),
            Operator::TryTable { .. }
            | Operator::Throw { .. }
            | Operator::ThrowRef
            | Operator::MemoryInit { .. }
            | Operator::DataDrop { .. }
            | Operator::ElemDrop { .. }
            | Operator::TableInit { .. }
            | Operator::TableCopy { .. }
            | Operator::TableFill { .. }
            | Operator::TableGet { .. }
            | Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableSize { .. }
            | Operator::RefFunc { .. }
            | Operator::RefIsNull
            | Operator::RefNull { .. } => return Ok(true),
            _ => {}
        }
        if depth > MAX_DEPTH || count > MAX_OPERATORS {
            return Ok(true);
        }
    }
    Ok(false)
}

fn with_exports(wasm: &[u8], needs: &Needs) -> wasmparser::Result<Vec<u8>> {
    let mut module = Module::new();
    let mut is_written = false;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let is_export = matches!(payload, Payload::ExportSection(_));
        let mut exports = ExportSection::new();
        if let Payload::ExportSection(section) = &payload {
            for export in section.clone() {
                let export = export?;
                exports.export(export.name, kind(export.kind), export.index);
            }
        }
        let Some((id, range)) = payload.as_section() else { continue };
        // A module without exports gets its section where it belongs: in front of all that stands behind it.
        let is_behind = matches!(
            id,
            id if id == SectionId::Start as u8
                || id == SectionId::Element as u8
                || id == SectionId::DataCount as u8
                || id == SectionId::Code as u8
                || id == SectionId::Data as u8
        );
        if !is_written && (is_export || is_behind) {
            needs.add_to(&mut exports);
            module.section(&exports);
            is_written = true;
        }
        if !is_export {
            module.section(&RawSection { id, data: &wasm[range] });
        }
    }
    if !is_written {
        let mut exports = ExportSection::new();
        needs.add_to(&mut exports);
        module.section(&exports);
    }
    Ok(module.finish())
}

fn kind(kind: ExternalKind) -> ExportKind {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        ExternalKind::Tag => ExportKind::Tag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exported(fields: &str) -> Vec<String> {
        let wasm = wat::parse_str(format!("(module {fields})")).unwrap();
        let Some(changed) = export(&wasm) else { return Vec::new() };
        wasmparser::Validator::new().validate_all(&changed).unwrap();
        assert!(export(&changed).is_none(), "once is enough");
        let section = Parser::new(0).parse_all(&changed).find_map(|payload| match payload.unwrap() {
            Payload::ExportSection(section) => Some(section),
            _ => None,
        });
        section.unwrap().into_iter().map(|export| export.unwrap().name.to_owned()).collect()
    }

    #[test]
    fn what_the_host_reaches() {
        assert!(exported("(global i32 (i32.const 1)) (func)").is_empty());
        assert!(exported(r#"(global (export "g") (mut i32) (i32.const 1))"#).is_empty());
        assert_eq!(exported("(global i32 (i32.add (i32.const 1) (i32.const 1)))"), ["omp2wasi.host.global.0"]);
        assert_eq!(exported("(global (mut i64) (i64.const 1))"), ["omp2wasi.host.global.0"]);
        assert_eq!(
            exported(
                r#"(import "a" "b" (global i32)) (import "a" "c" (func)) (memory 1) (data "x")
                   (global (mut v128) (v128.const i64x2 0 0)) (global (mut funcref) (ref.null func))
                   (func (export "f")) (func (data.drop 0))"#
            ),
            ["f", "omp2wasi.host.global.1", "omp2wasi.host.function.2"]
        );
        assert_eq!(
            exported(r#"(global (mut i32) (i32.const 1)) (func (export "omp2wasi.host.global.0"))"#),
            ["omp2wasi.host.global.0", "omp2wasi.host_.global.0"]
        );
        assert!(export(b"not a module").is_none());
    }
}
