//! Reads the parts of a module that scalar forms refer to.
//!
//! Invariant: there are as many types of functions as functions, and a function that [`Module::defines`] has a body.

use crate::Error;
use omp2wasi_abi::scalar::Signature;
use std::collections::HashMap;
use wasmparser::{
    CompositeInnerType, ConstExpr, ElementItems, ElementKind, ExternalKind, FuncType, Operator, Parser, Payload,
    RefType, TypeRef, ValType,
};

#[derive(Default)]
pub(super) struct Module<'a> {
    /// By index; `None` for what is no function's, or has types that no form has.
    pub types: Vec<Option<Signature>>,
    /// The first of each.
    type_indices: HashMap<Signature, u32>,
    /// The type of each function, imports first.
    pub functions: Vec<u32>,
    /// How many are imported.
    pub imported: usize,
    /// Locals and code of each function that is defined.
    pub bodies: Vec<&'a [u8]>,
    /// Where those begin in the module.
    starts: Vec<usize>,
    pub exports_in_order: Vec<(&'a str, ExternalKind, u32)>,
    /// The exports that are functions.
    pub exports: HashMap<&'a str, u32>,
    /// The first index of each function in the first table.
    pub table_indices: HashMap<u32, u32>,
}

impl<'a> Module<'a> {
    pub(super) fn read(wasm: &'a [u8]) -> Result<Self, Error> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            module.section(wasm, payload.map_err(Error::malformed)?).map_err(Error::malformed)?;
        }
        if module.imported + module.bodies.len() != module.functions.len() {
            return Err(Error::Scalar("there are not as many functions as bodies".to_owned()));
        }
        Ok(module)
    }

    fn section(&mut self, wasm: &'a [u8], payload: Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        let signature = match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => signature(&ty),
                            _ => None,
                        };
                        if let Some(signature) = &signature {
                            self.type_indices.entry(signature.clone()).or_insert(self.types.len() as u32);
                        }
                        self.types.push(signature);
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) | TypeRef::FuncExact(ty) = import?.ty {
                        self.functions.push(ty);
                        self.imported += 1;
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    self.exports_in_order.push((export.name, export.kind, export.index));
                    if export.kind == ExternalKind::Func {
                        self.exports.insert(export.name, export.index);
                    }
                }
            }
            Payload::ElementSection(section) => {
                for element in section {
                    self.element(element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.bodies.push(&wasm[body.range()]);
                self.starts.push(body.range().start);
            }
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, element: wasmparser::Element<'_>) -> wasmparser::Result<()> {
        let (ElementKind::Active { table_index: None | Some(0), offset_expr }, ElementItems::Functions(functions)) =
            (element.kind, element.items)
        else {
            return Ok(());
        };
        let Some(first) = constant(&offset_expr) else { return Ok(()) };
        for (function, index) in functions.into_iter().zip(first..) {
            self.table_indices.entry(function?).or_insert(index);
        }
        Ok(())
    }

    /// An exported function's body, and where it is in the module.
    pub(super) fn exported_body(&self, name: &str) -> Option<(usize, &'a [u8])> {
        let defined = (*self.exports.get(name)? as usize).checked_sub(self.imported)?;
        Some((*self.starts.get(defined)?, *self.bodies.get(defined)?))
    }

    /// Whether a function has a body.
    pub(super) fn defines(&self, function: u32) -> bool {
        (self.imported..self.functions.len()).contains(&(function as usize))
    }

    /// The index of a type.
    pub(super) fn type_like(&self, signature: &Signature) -> Option<u32> {
        self.type_indices.get(signature).copied()
    }
}

fn constant(expression: &ConstExpr<'_>) -> Option<u32> {
    match expression.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => Some(value as u32),
        _ => None,
    }
}

fn signature(ty: &FuncType) -> Option<Signature> {
    let encoded = |types: &[ValType]| -> Option<Vec<u8>> { types.iter().map(|ty| encoded(*ty)).collect() };
    Some((encoded(ty.params())?, encoded(ty.results())?))
}

fn encoded(ty: ValType) -> Option<u8> {
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
