//! The form of a program's module that Wasmtime compiles and native code is made of: what the host reads in it.
//!
//! Invariant: function indices and offsets mean the same to Cranelift's code, to native code and to this; so all of them read the same bytes.

use omp2wasi_abi::scalar;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use wasmparser::{ExternalKind, Name, NameSectionReader, Parser, Payload, TypeRef, ValType};

/// The bytes of a rewritten module as they are compiled. Where it waits, it is changed; debug information that is out of proportion is left out,
/// since whoever looks for a source line would take too long.
///
/// # Errors
/// When the rewriter cannot handle it, or it is out of proportion.
pub(crate) fn compiled(wasm: &[u8]) -> Result<Cow<'_, [u8]>, omp2wasi_rewriter::Error> {
    omp2wasi_rewriter::check_code(wasm)?;
    let mut wasm = Cow::Borrowed(wasm);
    if !omp2wasi_rewriter::has_fair_dwarf(&wasm) {
        wasm = omp2wasi_rewriter::without_dwarf(&wasm)?.into();
    }
    if let Some(changed) = omp2wasi_rewriter::for_host(&wasm)? {
        wasm = changed.into();
    }
    Ok(wasm)
}

/// A global variable.
pub(crate) struct Global {
    /// Its type.
    pub ty: ValType,
    /// Whether it changes.
    pub is_mutable: bool,
    /// The name of an export, if it is exported.
    pub export: Option<String>,
}

/// A module as it is compiled.
pub(crate) struct Form {
    /// Its bytes.
    pub wasm: Arc<[u8]>,
    /// Module and name of the imported functions, which come first among all functions.
    pub imports: Vec<(String, String)>,
    /// All globals.
    pub globals: Vec<Global>,
    /// The module's name, if it has one.
    pub name: Option<String>,
    /// Where the contents of the code section begin.
    pub code_start: usize,
    /// Where the other functions' bodies are, in order.
    bodies: Vec<Range<usize>>,
    /// Scalar forms with a body, and at which offsets those count as being: behind the module's bytes, in order.
    scalar: Vec<(Range<usize>, scalar::Form)>,
    exported_functions: HashMap<String, u32>,
    names: HashMap<u32, String>,
}

impl Form {
    /// Reads a module that Wasmtime has compiled.
    ///
    /// # Errors
    /// When it is malformed, which Wasmtime has ruled out.
    pub(crate) fn read(wasm: Arc<[u8]>) -> wasmparser::Result<Self> {
        let mut form = Self {
            wasm: Arc::clone(&wasm),
            imports: Vec::new(),
            globals: Vec::new(),
            name: None,
            code_start: 0,
            bodies: Vec::new(),
            scalar: Vec::new(),
            exported_functions: HashMap::new(),
            names: HashMap::new(),
        };
        for payload in Parser::new(0).parse_all(&wasm) {
            form.section(payload?)?;
        }
        Ok(form)
    }

    fn section(&mut self, payload: Payload) -> wasmparser::Result<()> {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    match import.ty {
                        TypeRef::Func(_) | TypeRef::FuncExact(_) => {
                            self.imports.push((import.module.to_owned(), import.name.to_owned()));
                        }
                        TypeRef::Global(ty) => {
                            self.globals.push(Global { ty: ty.content_type, is_mutable: ty.mutable, export: None })
                        }
                        _ => {}
                    }
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let ty = global?.ty;
                    self.globals.push(Global { ty: ty.content_type, is_mutable: ty.mutable, export: None });
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    match export.kind {
                        ExternalKind::Func | ExternalKind::FuncExact => {
                            self.exported_functions.insert(export.name.to_owned(), export.index);
                        }
                        ExternalKind::Global => {
                            if let Some(global) = self.globals.get_mut(export.index as usize) {
                                global.export = Some(export.name.to_owned());
                            }
                        }
                        _ => {}
                    }
                }
            }
            Payload::CodeSectionStart { range, .. } => self.code_start = range.start,
            Payload::CodeSectionEntry(body) => self.bodies.push(body.range()),
            Payload::CustomSection(section) => {
                if let wasmparser::KnownCustom::Name(reader) = section.as_known() {
                    self.read_names(reader);
                } else if section.name() == scalar::SECTION {
                    self.read_scalar(section.data());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Scalar forms; native code is made without those that are malformed, too.
    fn read_scalar(&mut self, section: &[u8]) {
        let mut start = self.wasm.len();
        for form in scalar::decode(section).unwrap_or_default() {
            let end = start + form.body.len();
            self.scalar.push((start..end, form));
            start = end;
        }
    }

    /// The scalar form that an offset is in.
    fn scalar_at(&self, offset: usize) -> Option<&(Range<usize>, scalar::Form)> {
        self.scalar.iter().find(|(body, _)| body.contains(&offset))
    }

    /// File and line of an offset in a scalar form, if they are known.
    pub(crate) fn scalar_line(&self, offset: usize) -> Option<(&str, u32)> {
        let (body, form) = self.scalar_at(offset)?;
        let rows = &form.lines.rows;
        let at = rows.partition_point(|row| row.offset as usize <= offset - body.start);
        let row = rows.get(at.checked_sub(1)?)?;
        Some((form.lines.files.get(row.file as usize)?, row.line))
    }

    /// Names are for people: malformed ones are left out.
    fn read_names(&mut self, reader: NameSectionReader) {
        for name in reader.into_iter().map_while(Result::ok) {
            match name {
                Name::Module { name, .. } => self.name = Some(name.to_owned()),
                Name::Function(map) => self
                    .names
                    .extend(map.into_iter().map_while(Result::ok).map(|naming| (naming.index, naming.name.to_owned()))),
                _ => {}
            }
        }
    }

    /// The function whose code is at an offset.
    pub(crate) fn function_at(&self, offset: usize) -> Option<u32> {
        if let Some((_, form)) = self.scalar_at(offset) {
            return Some(form.function);
        }
        let at = self.bodies.partition_point(|body| body.end <= offset);
        self.bodies.get(at).filter(|body| body.contains(&offset))?;
        u32::try_from(self.imports.len() + at).ok()
    }

    /// The index of an exported function.
    pub(crate) fn exported_function(&self, name: &str) -> Option<u32> {
        self.exported_functions.get(name).copied()
    }

    /// The export of a function, if it has one.
    pub(crate) fn export_of(&self, function: u32) -> Option<&str> {
        self.exported_functions.iter().find(|(_, index)| **index == function).map(|(name, _)| name.as_str())
    }

    /// The name of a function in the name section.
    pub(crate) fn function_name(&self, function: u32) -> Option<&str> {
        self.names.get(&function).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_by_offset() {
        let wasm = wat::parse_str(
            r#"(module $m (import "a" "b" (func)) (func $one (nop)) (func $two (export "two") (unreachable)))"#,
        );
        let form = Form::read(wasm.unwrap().into()).unwrap();
        assert_eq!(form.name.as_deref(), Some("m"));
        let trap = form.wasm.iter().rposition(|byte| *byte == 0x0b).unwrap();
        let unreachable = form.bodies[1].end - 2;
        assert!(unreachable <= trap);
        assert_eq!(form.function_at(unreachable), Some(2));
        assert_eq!(form.function_at(form.bodies[0].start), Some(1));
        assert_eq!(form.function_at(0), None);
        assert_eq!((form.function_name(1), form.export_of(2)), (Some("one"), Some("two")));
        assert_eq!(form.exported_function("two"), Some(2));
    }
}
