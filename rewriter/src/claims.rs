//! Reads the custom section of a module that has been rewritten, and checks all that it claims against the module.
//!
//! Invariant: who makes a module can write any section, so nobody gets a manifest that this module has not checked. What it says of
//! memory, initializer, globals and kernels is then what the module has; names of microtasks, constructs and source positions are text
//! for people, and stay unchecked.

use crate::memory::INITIALIZER;
use crate::outline::COMPUTED;
use crate::proportion::check_types;
use crate::{Error, Manifest};
use omp2wasi_abi::layout::{FUNCTION_TABLE, KERNEL_PARAMS};
use omp2wasi_abi::manifest::{Kernel, SECTION};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wasmparser::{
    CompositeInnerType, ConstExpr, Element, ElementItems, ElementKind, ExternalKind, FuncType, GlobalType, MemoryType,
    Operator, Parser, Payload, TypeRef, ValType,
};

/// A manifest that fits its module.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// What the section says.
    pub manifest: Manifest,
    /// The table indices of all kernels whose threads run concurrently, ascending: those that the manifest names, and others that hold
    /// the kernel for microtasks which are computed at run time.
    pub concurrent: Vec<u32>,
}

/// Reads and checks the manifest of a module; `None` if the module has not been rewritten.
///
/// # Errors
/// When the bytes are no WebAssembly module, or one out of proportion; the section is malformed or of another version, or it does not fit
/// the module.
pub fn claims(wasm: &[u8]) -> Result<Option<Claims>, Error> {
    check_types(wasm)?;
    let mut manifest = None;
    let mut module = Module::default();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(Error::malformed)?;
        if let Payload::CustomSection(section) = &payload
            && section.name() == SECTION
            && manifest.replace(Manifest::decode(section.data())?).is_some()
        {
            return Err(unfit("there are two of them"));
        }
        module.section(payload).map_err(Error::malformed)?;
    }
    manifest.map(|manifest| module.check(manifest)).transpose()
}

fn unfit(what: impl Into<String>) -> Error {
    Error::Claims(what.into())
}

/// What claims are compared with.
#[derive(Default)]
struct Module<'a> {
    types: Vec<Option<FuncType>>,
    /// The type of each function, imports first.
    functions: Vec<u32>,
    globals: Vec<GlobalType>,
    /// Whether it is imported, and its type.
    memories: Vec<(bool, MemoryType)>,
    exports: HashMap<&'a str, (ExternalKind, u32)>,
    /// Names of exported functions, and the first table that is exported, in the order of the section.
    exported_functions: Vec<&'a str>,
    first_table: Option<u32>,
    /// The function at each index of each table: later segments replace earlier ones.
    entries: BTreeMap<(u32, u32), u32>,
}

impl<'a> Module<'a> {
    fn section(&mut self, payload: Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(reader) => {
                for group in reader {
                    self.types.extend(group?.into_types().map(|ty| match ty.composite_type.inner {
                        CompositeInnerType::Func(ty) => Some(ty),
                        _ => None,
                    }));
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    match import?.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => self.functions.push(ty),
                        TypeRef::Memory(ty) => self.memories.push((true, ty)),
                        TypeRef::Global(ty) => self.globals.push(ty),
                        TypeRef::Table(_) | TypeRef::Tag(_) => {}
                    }
                }
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    self.functions.push(ty?);
                }
            }
            Payload::MemorySection(reader) => {
                for ty in reader {
                    self.memories.push((false, ty?));
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export?;
                    self.exports.insert(export.name, (export.kind, export.index));
                    match export.kind {
                        ExternalKind::Func => self.exported_functions.push(export.name),
                        ExternalKind::Table => self.first_table = self.first_table.or(Some(export.index)),
                        _ => {}
                    }
                }
            }
            Payload::ElementSection(reader) => {
                for element in reader {
                    self.element(element?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, element: Element<'a>) -> wasmparser::Result<()> {
        let ElementKind::Active { table_index, offset_expr } = element.kind else { return Ok(()) };
        let table = table_index.unwrap_or(0);
        // Other offsets are unknown here, so kernels there are not found.
        let Some(Operator::I32Const { value }) = constant(&offset_expr)? else { return Ok(()) };
        let functions: Vec<Option<u32>> = match element.items {
            ElementItems::Functions(reader) => {
                reader.into_iter().map(|function| function.map(Some)).collect::<Result<_, _>>()?
            }
            ElementItems::Expressions(_, reader) => {
                let function = |expression: wasmparser::Result<ConstExpr<'a>>| {
                    Ok(match constant(&expression?)? {
                        Some(Operator::RefFunc { function_index }) => Some(function_index),
                        _ => None,
                    })
                };
                reader.into_iter().map(function).collect::<wasmparser::Result<_>>()?
            }
        };
        for (index, function) in (value as u32..=u32::MAX).zip(functions) {
            match function {
                Some(function) => self.entries.insert((table, index), function),
                None => self.entries.remove(&(table, index)),
            };
        }
        Ok(())
    }

    fn check(&self, manifest: Manifest) -> Result<Claims, Error> {
        self.check_memory()?;
        self.check_initializer(manifest.initializer.as_deref())?;
        for name in &manifest.shared_globals {
            let ty = self.export(name, ExternalKind::Global).and_then(|index| self.globals.get(index as usize));
            if !ty.is_some_and(|ty| {
                ty.mutable
                    && matches!(
                        ty.content_type,
                        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128
                    )
            }) {
                return Err(unfit(format!(
                    "it names a global `{name}`, and no mutable number is exported under that name"
                )));
            }
        }
        let kernels = self.check_kernels(&manifest.kernels)?;
        let table = self.table();
        let of_table = self.entries.iter().filter(|((of, _), _)| Some(*of) == table);
        let concurrent = of_table.filter(|(_, function)| kernels.contains(function)).map(|((_, index), _)| *index);
        Ok(Claims { concurrent: concurrent.collect(), manifest })
    }

    /// The memory is the program's, and the host's instances share it: imported and shared.
    fn check_memory(&self) -> Result<(), Error> {
        match self.memories.as_slice() {
            [] => Ok(()),
            [(_, ty)] if ty.memory64 => Err(Error::Memory64),
            [(true, ty)] if ty.shared => Ok(()),
            [_] => Err(unfit("the module's memory is not imported and shared")),
            several => Err(Error::Memories(several.len())),
        }
    }

    fn check_initializer(&self, initializer: Option<&str>) -> Result<(), Error> {
        let Some(name) = initializer else {
            return match self.exports.get(INITIALIZER) {
                Some(_) => {
                    Err(unfit(format!("it does not name the initializer `{INITIALIZER}`, which the module exports")))
                }
                None => Ok(()),
            };
        };
        let ty = self.export(name, ExternalKind::Func).and_then(|index| self.function_type(index));
        if !ty.is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty()) {
            return Err(unfit(format!(
                "it names an initializer `{name}`, and no function without parameters and results is exported under that name"
            )));
        }
        Ok(())
    }

    /// Checks each kernel, and that the module exports no other; returns their functions.
    fn check_kernels(&self, kernels: &[Kernel]) -> Result<BTreeSet<u32>, Error> {
        let mut functions = BTreeSet::new();
        let (mut names, mut slots, mut microtasks) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for kernel in kernels {
            let Kernel { export: name, table_index: slot, .. } = kernel;
            if !names.insert(name.as_str()) || !slots.insert(*slot) {
                return Err(unfit(format!("it describes the kernel `{name}`, or its table index {slot}, twice")));
            }
            if !kernel.concurrent {
                return Err(unfit(format!(
                    "it says of the kernel `{name}` that its threads are independent; those of regions are not"
                )));
            }
            let function = self.export(name, ExternalKind::Func).ok_or_else(|| {
                unfit(format!("it names a kernel `{name}`, and no function is exported under that name"))
            })?;
            if !self.has_i32_params(function, KERNEL_PARAMS) {
                return Err(unfit(format!("the kernel `{name}` is not a function of {KERNEL_PARAMS} i32 parameters")));
            }
            if self.entry(*slot) != Some(function) {
                return Err(unfit(format!(
                    "it says that the kernel `{name}` is at table index {slot}, where it is not"
                )));
            }
            if let Some(index) = kernel.microtask_index {
                let fits = self
                    .entry(index)
                    .is_some_and(|microtask| self.has_i32_params(microtask, 2 + kernel.arguments as usize));
                if !fits || !microtasks.insert(index) {
                    return Err(unfit(format!(
                        "it says that the microtask of the kernel `{name}`, with {} arguments, is at table index {index}, where no such function is, or one of another kernel",
                        kernel.arguments
                    )));
                }
            }
            functions.insert(function);
        }
        let is_unknown = |name: &&&str| {
            let is_kernel =
                || self.exports.get(*name).is_some_and(|(_, index)| self.has_i32_params(*index, KERNEL_PARAMS));
            name.starts_with(COMPUTED) && !names.contains(**name) && is_kernel()
        };
        match self.exported_functions.iter().find(is_unknown) {
            Some(name) => Err(unfit(format!("it does not describe the kernel `{name}`"))),
            None => Ok(functions),
        }
    }

    fn export(&self, name: &str, kind: ExternalKind) -> Option<u32> {
        self.exports.get(name).filter(|export| export.0 == kind).map(|export| export.1)
    }

    /// The table that kernels are in.
    fn table(&self) -> Option<u32> {
        self.export(FUNCTION_TABLE, ExternalKind::Table).or(self.first_table)
    }

    /// The function at an index of the table that kernels are in.
    fn entry(&self, index: u32) -> Option<u32> {
        self.entries.get(&(self.table()?, index)).copied()
    }

    fn function_type(&self, function: u32) -> Option<&FuncType> {
        self.types.get(*self.functions.get(function as usize)? as usize)?.as_ref()
    }

    fn has_i32_params(&self, function: u32, count: usize) -> bool {
        self.function_type(function).is_some_and(|ty| {
            ty.results().is_empty() && ty.params().len() == count && ty.params().iter().all(|ty| *ty == ValType::I32)
        })
    }
}

/// The operator of a constant expression, if it has but one.
fn constant<'a>(expression: &ConstExpr<'a>) -> wasmparser::Result<Option<Operator<'a>>> {
    let mut reader = expression.get_operators_reader();
    let first = reader.read()?;
    Ok(matches!(reader.read()?, Operator::End).then_some(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a module with two kernels and two microtasks at table indices 0 to 3, an initializer, and two globals.
    fn claimed(manifest: &Manifest, change: impl Fn(&str) -> String) -> Result<Vec<u32>, String> {
        let text = change(
            r#"(module
              (import "env" "memory" (memory 1 1 shared))
              (global (export "state") (mut i32) (i32.const 0))
              (global (export "constant") i32 (i32.const 0))
              (table (export "table") 8 8 funcref)
              (elem (i32.const 0) $one $other $microtask $with_argument)
              (func $one (export "omp2wasi.kernel.one") (param i32 i32 i32 i32 i32))
              (func $other (export "omp2wasi.kernel.other") (param i32 i32 i32 i32 i32))
              (func $microtask (param i32 i32))
              (func $with_argument (param i32 i32 i32))
              (func (export "initialize")))"#,
        );
        let section = wasm_encoder::CustomSection { name: SECTION.into(), data: manifest.encode().into() };
        let mut wasm = wat::parse_str(text).unwrap();
        wasm_encoder::Section::append_to(&section, &mut wasm);
        claims(&wasm).map(|claims| claims.unwrap().concurrent).map_err(|error| error.to_string())
    }

    fn right() -> Manifest {
        let kernel = |name: &str, table_index: u32, arguments: u32| Kernel {
            export: format!("omp2wasi.kernel.{name}"),
            table_index,
            microtask: name.to_owned(),
            microtask_index: Some(table_index + 2),
            arguments,
            concurrent: true,
            ..Kernel::default()
        };
        Manifest {
            initializer: Some("initialize".to_owned()),
            shared_globals: vec!["state".to_owned()],
            kernels: vec![kernel("one", 0, 0), kernel("other", 1, 1)],
        }
    }

    #[test]
    fn what_is_right_is_accepted() {
        assert_eq!(claimed(&right(), str::to_owned), Ok(vec![0, 1]));
        // A kernel at another index, too, which is as concurrent.
        let again = |text: &str| text.replace("$with_argument)", "$with_argument $other)");
        assert_eq!(claimed(&right(), again), Ok(vec![0, 1, 4]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut Manifest);
        let wrong: [(Change, &str); 13] = [
            (|manifest| manifest.initializer = Some("state".to_owned()), "an initializer `state`"),
            (
                |manifest| manifest.initializer = Some("omp2wasi.kernel.one".to_owned()),
                "an initializer `omp2wasi.kernel.one`",
            ),
            (|manifest| manifest.shared_globals.push("constant".to_owned()), "a global `constant`"),
            (|manifest| manifest.shared_globals.push("none".to_owned()), "a global `none`"),
            (|manifest| manifest.kernels[1].table_index = 0, "its table index 0, twice"),
            (
                |manifest| manifest.kernels[1] = manifest.kernels[0].clone(),
                "`omp2wasi.kernel.one`, or its table index 0, twice",
            ),
            (|manifest| manifest.kernels[1].table_index = 7, "at table index 7, where it is not"),
            (
                |manifest| manifest.kernels[1].export = "initialize".to_owned(),
                "`initialize` is not a function of 5 i32",
            ),
            (|manifest| manifest.kernels[1].export = "none".to_owned(), "a kernel `none`"),
            (|manifest| manifest.kernels[1].concurrent = false, "threads are independent"),
            (|manifest| manifest.kernels[1].arguments = 0, "with 0 arguments, is at table index 3"),
            (|manifest| manifest.kernels[1].microtask_index = Some(2), "at table index 2"),
            (|manifest| manifest.kernels.truncate(1), "does not describe the kernel `omp2wasi.kernel.other`"),
        ];
        for (change, words) in wrong {
            let mut manifest = right();
            change(&mut manifest);
            let found = claimed(&manifest, str::to_owned).unwrap_err();
            assert!(found.contains(words), "{found}\nis not about {words}");
        }
    }

    #[test]
    fn modules_that_it_cannot_be_of() {
        for (from, to, words) in [
            (" shared", "", "memory is not imported and shared"),
            ("(memory 1 1 shared)", "(memory i64 1 1 shared)", "64-bit memory"),
            (
                "(import \"env\" \"memory\" (memory 1 1 shared))",
                "(memory 1 1 shared)",
                "memory is not imported and shared",
            ),
            ("(global (export \"state\")", "(memory 1) (global (export \"state\")", "2 memories"),
            ("(elem (i32.const 0)", "(elem (i32.const -2)", "where it is not"),
        ] {
            let found = claimed(&right(), |text| text.replace(from, to)).unwrap_err();
            assert!(found.contains(words), "{found}\nis not about {words}");
        }
    }
}
