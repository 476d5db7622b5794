//! The parts of a module that kernels are made of.
//!
//! Invariant: the bytes are valid WebAssembly, so whoever reads a body again does not come upon an error that the validator would report.

use super::data::{Placed, Segment};
use super::scalar;
use crate::ir::{Bits, Ty};
use omp2wasi_abi::imports::DEVICE_PRINTED;
use omp2wasi_abi::layout::globals;
use omp2wasi_abi::llvm::{TARGET_REGION, region_name};
use omp2wasi_abi::scalar::flags;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use wasmparser::{
    BinaryReader, BinaryReaderError, CompositeInnerType, ConstExpr, DataKind, Element, ElementItems, ElementKind,
    ExternalKind, FunctionBody, Name, NameSectionReader, Operator, Parser, Payload, TableInit, TypeRef, ValType,
    Validator, WasmFeatures,
};

/// Parameters and results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signature {
    pub params: Vec<Ty>,
    pub results: Vec<Ty>,
}

impl Signature {
    /// Whether it may be that of a target region's function: it has words, and no results.
    pub fn is_target(&self) -> bool {
        self.results.is_empty() && self.params.iter().all(|ty| *ty == Ty::I32)
    }

    /// Whether it is that of a kernel: thread id, number of threads, block size, and whatever the kernel is given.
    pub fn is_kernel(&self) -> bool {
        self.params.len() >= 3 && self.results.is_empty() && self.params.iter().all(|ty| *ty == Ty::I32)
    }

    /// Whether it is that of a microtask: the addresses of two thread numbers, and whatever the microtask is given.
    pub fn is_microtask(&self) -> bool {
        self.params.len() >= 2 && self.results.is_empty() && self.params.iter().all(|ty| *ty == Ty::I32)
    }

    /// Whether it is that of a task's code, which is given the thread's number and the task.
    pub fn is_task(&self) -> bool {
        self.params == [Ty::I32, Ty::I32] && self.results == [Ty::I32]
    }

    /// Whether it is that of a function that combines two lists of private copies.
    pub fn is_combiner(&self) -> bool {
        self.params == [Ty::I32, Ty::I32] && self.results.is_empty()
    }
}

/// A global variable of the module, or one that it imports.
pub(crate) struct Global {
    pub ty: Ty,
    pub mutable: bool,
    /// The initial value, if it is a constant.
    pub value: Option<Bits>,
}

/// A module: its bytes, and what was read from them once, when they were validated.
pub struct Module {
    pub(super) bytes: Arc<[u8]>,
    types: Vec<Option<Signature>>,
    /// Type of each function, imports first.
    functions: Vec<u32>,
    imports: Vec<(String, String)>,
    /// Where in the bytes the functions' bodies are.
    pub(super) bodies: Vec<Range<usize>>,
    /// Data segments.
    pub(super) segments: Vec<Segment>,
    /// Where they are in memory, once somebody has asked.
    pub(super) placed: OnceLock<Vec<Placed>>,
    /// The bytes, and behind them the bodies of scalar forms; nothing if there are none.
    with_scalar: Option<Arc<[u8]>>,
    /// By function: what its compiler was allowed to do, and where in those bytes its scalar form is, if it is another one.
    scalar: BTreeMap<u32, (u32, Option<Range<usize>>)>,
    pub(crate) globals: Vec<Global>,
    exports: HashMap<String, (ExternalKind, u32)>,
    names: HashMap<u32, String>,
    global_names: HashMap<u32, String>,
    /// The first table, where its initial contents are known.
    table: BTreeMap<u32, u32>,
    /// How many entries the first table has, if the module defines it.
    table_length: Option<u32>,
    /// Whether the first table may differ from its initial contents.
    table_changes: bool,
    stack_pointer: Option<u32>,
    stack_limit: Option<u32>,
    /// Bytes of code that have been lifted. Relaxed: a count that orders nothing.
    lifted: AtomicU64,
}

impl Module {
    /// Reads a module.
    ///
    /// # Errors
    /// When it is not valid, has more than one memory or a memory with 64-bit addresses or pages of another size, or needs a garbage
    /// collector.
    pub fn parse(bytes: impl Into<Arc<[u8]>>) -> Result<Self, BinaryReaderError> {
        let bytes = bytes.into();
        let other_memories = WasmFeatures::MEMORY64 | WasmFeatures::MULTI_MEMORY | WasmFeatures::CUSTOM_PAGE_SIZES;
        let collected = WasmFeatures::GC | WasmFeatures::GC_TYPES | WasmFeatures::EXCEPTIONS;
        let features = WasmFeatures::default().difference(other_memories | collected);
        let scalars = scalar::validate(Validator::new_with_features(features), &bytes)?;
        let mut module = Self {
            bytes: bytes.clone(),
            types: Vec::new(),
            functions: Vec::new(),
            imports: Vec::new(),
            bodies: Vec::new(),
            segments: Vec::new(),
            placed: OnceLock::new(),
            with_scalar: None,
            scalar: BTreeMap::new(),
            globals: Vec::new(),
            exports: HashMap::new(),
            names: HashMap::new(),
            global_names: HashMap::new(),
            table: BTreeMap::new(),
            table_length: None,
            table_changes: false,
            stack_pointer: None,
            stack_limit: None,
            lifted: AtomicU64::new(0),
        };
        for payload in Parser::new(0).parse_all(&bytes) {
            module.section(payload?)?;
        }
        module.keep_scalar(scalars);
        module.stack_pointer = module.named_global(globals::STACK_POINTER);
        module.stack_limit = module.named_global(globals::STACK_LIMIT);
        module.table_changes |= module.bodies.iter().any(|range| changes_table(&module.body_at(range)));
        Ok(module)
    }

    fn keep_scalar(&mut self, scalars: scalar::Scalars) {
        let base = self.bytes.len();
        if !scalars.bytes.is_empty() {
            self.with_scalar = Some([&self.bytes, &scalars.bytes[..]].concat().into());
        }
        let moved = |range: Range<usize>| base + range.start..base + range.end;
        let forms = scalars.forms.into_iter();
        self.scalar = forms.map(|(function, (flags, range))| (function, (flags, range.map(moved)))).collect();
    }

    /// How many bytes of the functions' code have been lifted so far: what is lifted for several kernels counts several times. That tells
    /// about how long it took, in the order of 50 ns for each.
    pub fn lifted(&self) -> u64 {
        self.lifted.load(Ordering::Relaxed)
    }

    fn section(&mut self, payload: Payload) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::TypeSection(reader) => {
                for group in reader {
                    for ty in group?.into_types() {
                        self.types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => signature(ty.params(), ty.results()),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import?;
                    match import.ty {
                        TypeRef::Func(ty) => {
                            self.functions.push(ty);
                            self.imports.push((import.module.to_owned(), import.name.to_owned()));
                        }
                        TypeRef::Global(ty) => self.globals.push(Global {
                            ty: value_type(ty.content_type).unwrap_or(Ty::I32),
                            mutable: ty.mutable,
                            value: None,
                        }),
                        TypeRef::Table(_) => self.table_changes = true,
                        _ => {}
                    }
                }
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    let table = table?;
                    // Entries that no segment sets have a function, too.
                    self.table_changes |= !matches!(table.init, TableInit::RefNull);
                    let length = table.ty.initial;
                    self.table_length.get_or_insert(u32::try_from(length).unwrap_or(u32::MAX));
                }
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    self.functions.push(ty?);
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    let global = global?;
                    self.globals.push(Global {
                        ty: value_type(global.ty.content_type).unwrap_or(Ty::I32),
                        mutable: global.ty.mutable,
                        value: constant(&global.init_expr)?,
                    });
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export?;
                    self.exports.insert(export.name.to_owned(), (export.kind, export.index));
                }
            }
            Payload::ElementSection(reader) => reader.into_iter().try_for_each(|element| self.element(element?))?,
            Payload::DataSection(reader) => {
                for data in reader {
                    let data = data?;
                    let address = match &data.kind {
                        DataKind::Active { offset_expr, .. } => constant(offset_expr)?,
                        DataKind::Passive => None,
                    };
                    self.segments.push(Segment::new(&data, address.map(|address| address as u32)));
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body.range()),
            Payload::CustomSection(section) => {
                if let wasmparser::KnownCustom::Name(reader) = section.as_known() {
                    self.name_section(reader);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// An element segment: what the first table holds from the start, where that is known.
    fn element(&mut self, element: Element) -> Result<(), BinaryReaderError> {
        let ElementKind::Active { table_index, offset_expr } = element.kind else {
            return Ok(());
        };
        if table_index.unwrap_or(0) != 0 {
            return Ok(());
        }
        let (ElementItems::Functions(functions), Some(offset)) = (element.items, constant(&offset_expr)?) else {
            self.table_changes = true;
            return Ok(());
        };
        for (at, function) in (0u32..).zip(functions) {
            self.table.insert((offset as u32).wrapping_add(at), function?);
        }
        Ok(())
    }

    /// Names are for messages, and for finding LLVM's own functions and globals: malformed ones are left out.
    fn name_section(&mut self, reader: NameSectionReader) {
        for name in reader.into_iter().map_while(Result::ok) {
            let (map, into) = match name {
                Name::Function(map) => (map, &mut self.names),
                Name::Global(map) => (map, &mut self.global_names),
                Name::Data(map) => {
                    for naming in map.into_iter().map_while(Result::ok) {
                        self.segments.get_mut(naming.index as usize).into_iter().for_each(|of| of.named(naming.name));
                    }
                    continue;
                }
                _ => continue,
            };
            into.extend(map.into_iter().map_while(Result::ok).map(|naming| (naming.index, naming.name.to_owned())));
        }
    }

    /// The function that is exported as `name`.
    #[must_use]
    pub fn exported_function(&self, name: &str) -> Option<u32> {
        let (kind, index) = self.exports.get(name)?;
        matches!(kind, ExternalKind::Func).then_some(*index)
    }

    /// The function that has this name in the name section.
    #[must_use]
    pub fn function_named(&self, name: &str) -> Option<u32> {
        self.names.iter().filter(|(_, known)| *known == name).map(|(function, _)| *function).min()
    }

    /// Functions of type `(i32, i32, i32, i32*) -> ()` that can be launched: they are exported, or in the first table.
    #[must_use]
    pub fn kernels(&self) -> Vec<u32> {
        let exported =
            self.exports.values().filter(|(kind, _)| *kind == ExternalKind::Func).map(|(_, function)| *function);
        let reachable: BTreeSet<u32> = exported.chain(self.table.values().copied()).collect();
        let is_kernel = |function: &u32| self.signature(*function).is_some_and(Signature::is_kernel);
        reachable.into_iter().filter(is_kernel).collect()
    }

    /// The function at an index of the first table, where it is known.
    #[must_use]
    pub fn function_at(&self, index: u32) -> Option<u32> {
        if self.table_changes { None } else { self.table.get(&index).copied() }
    }

    /// An index of the first table where a function is.
    #[must_use]
    pub fn table_index_of(&self, function: u32) -> Option<u32> {
        self.table.iter().find(|(_, known)| **known == function).map(|(index, _)| *index)
    }

    /// How many bytes of code native code is made of for a function; 0 for an import.
    pub(crate) fn code_size(&self, function: u32) -> usize {
        self.native_range(function).map_or(0, Range::len)
    }

    /// Where in the module that code begins: see [`crate::Location::offset`].
    pub(crate) fn code_offset(&self, function: u32) -> usize {
        self.native_range(function).map_or(0, |range| range.start)
    }

    fn native_range(&self, function: u32) -> Option<&Range<usize>> {
        if let Some((_, Some(range))) = self.scalar.get(&function) {
            return Some(range);
        }
        self.bodies.get((function as usize).checked_sub(self.imports.len())?)
    }

    /// How many entries the first table has, if it is known and stays as it is.
    pub(crate) fn table_length(&self) -> Option<u32> {
        self.table_length.filter(|_| !self.table_changes)
    }

    /// The entries of the first table that hold functions, as index and function.
    pub(crate) fn table_entries(&self) -> impl Iterator<Item = (u32, u32)> {
        self.table.iter().map(|(index, function)| (*index, *function))
    }

    /// The type of a function, by its index.
    pub(crate) fn function_type(&self, function: u32) -> Option<u32> {
        self.functions.get(function as usize).copied()
    }

    /// The first of the types that are the same as this one.
    pub(crate) fn canonical_type(&self, ty: u32) -> u32 {
        let same = |other: &Option<Signature>| other.is_some() && Some(other) == self.types.get(ty as usize);
        self.types.iter().position(same).map_or(ty, |first| first as u32)
    }

    /// Entries of the first table that hold functions of this type, as index and function; `None` if that cannot be known.
    pub(crate) fn entries_of_type(&self, ty: u32) -> Option<Vec<(u32, u32)>> {
        if self.table_changes {
            return None;
        }
        let wanted = self.types.get(ty as usize)?;
        let fits = |function: u32| {
            self.functions.get(function as usize).and_then(|ty| self.types.get(*ty as usize)) == Some(wanted)
        };
        Some(
            self.table
                .iter()
                .map(|(index, function)| (*index, *function))
                .filter(|(_, function)| fits(*function))
                .collect(),
        )
    }

    /// The initial value of a global, as bits, if it is a constant.
    #[must_use]
    pub fn initial_value(&self, global: u32) -> Option<u128> {
        self.globals.get(global as usize)?.value
    }

    /// Module and name of the import that a function is.
    pub(crate) fn import(&self, function: u32) -> Option<&(String, String)> {
        self.imports.get(function as usize)
    }

    /// The body of a function that is no import.
    pub(crate) fn body(&self, function: u32) -> Option<FunctionBody<'_>> {
        let range = self.bodies.get((function as usize).checked_sub(self.imports.len())?)?;
        self.lifted.fetch_add(range.len() as u64, Ordering::Relaxed);
        Some(self.body_at(range))
    }

    /// The body of which native code is made: the scalar form, if there is one.
    pub(crate) fn native_body(&self, function: u32) -> Option<FunctionBody<'_>> {
        match (self.scalar.get(&function), &self.with_scalar) {
            (Some((_, Some(range))), Some(bytes)) => {
                Some(FunctionBody::new(BinaryReader::new(&bytes[range.clone()], range.start)))
            }
            _ => self.body(function),
        }
    }

    /// What the compiler of the source code was allowed to do with a function's floating-point numbers: [`omp2wasi_abi::scalar::flags`].
    pub(crate) fn float_flags(&self, function: u32) -> u32 {
        self.scalar.get(&function).map_or(0, |(flags, _)| *flags)
    }

    /// Whether products and sums of a function may be fused. What was one expression in the source cannot be told any more from what was
    /// several.
    pub(crate) fn is_contracted(&self, function: u32) -> bool {
        self.float_flags(function) & (flags::CONTRACT | flags::CONTRACT_ACROSS) != 0
    }

    pub(super) fn body_at(&self, range: &Range<usize>) -> FunctionBody<'_> {
        FunctionBody::new(BinaryReader::new(&self.bytes[range.clone()], range.start))
    }

    pub(crate) fn signature(&self, function: u32) -> Option<&Signature> {
        self.type_signature(*self.functions.get(function as usize)?)
    }

    /// Whether its regions can print: it prints what the host says that they have.
    pub(crate) fn can_print(&self) -> bool {
        self.imports.iter().any(|(module, name)| module == DEVICE_PRINTED.module && name == DEVICE_PRINTED.name)
    }

    /// Whether a function is that of a target region, as clang names it, and not one that has been outlined from it.
    #[must_use]
    pub fn is_target_region(&self, function: u32) -> bool {
        self.names.get(&function).is_some_and(|name| name.starts_with(TARGET_REGION) && !name.contains('.'))
    }

    /// The names of target regions: of their functions, and of what has been outlined from those.
    #[must_use]
    pub fn target_regions(&self) -> BTreeSet<&str> {
        let names = self.names.values().filter(|name| name.starts_with(TARGET_REGION));
        names.map(|name| region_name(name)).collect()
    }

    pub(crate) fn type_signature(&self, ty: u32) -> Option<&Signature> {
        self.types.get(ty as usize)?.as_ref()
    }

    /// The global that points to the top of the shadow stack, in modules of LLVM's.
    pub(crate) fn stack_pointer(&self) -> Option<u32> {
        self.stack_pointer
    }

    /// Whether a function calls one of these names itself.
    pub(crate) fn calls(&self, function: u32, is_it: impl Fn(&str) -> bool) -> bool {
        let operators = self.body(function).and_then(|body| body.get_operators_reader().ok());
        operators.into_iter().flatten().any(|operator| match operator {
            Ok(Operator::Call { function_index }) => is_it(&self.function_name(function_index)),
            _ => false,
        })
    }

    /// The global that holds the limit of the shadow stack, in modules of ours.
    pub(crate) fn stack_limit(&self) -> Option<u32> {
        self.stack_limit
    }

    fn named_global(&self, name: &str) -> Option<u32> {
        let exported =
            self.exports.get(name).filter(|(kind, _)| matches!(kind, ExternalKind::Global)).map(|(_, index)| *index);
        let named = || self.global_names.iter().filter(|(_, known)| *known == name).map(|(index, _)| *index).min();
        let is_pointer = |index: &u32| {
            self.globals.get(*index as usize).is_some_and(|global| global.ty == Ty::I32 && global.mutable)
        };
        exported.or_else(named).filter(is_pointer)
    }

    /// The name of a function, for people.
    #[must_use]
    pub fn function_name(&self, function: u32) -> String {
        match (self.names.get(&function), self.import(function)) {
            (Some(name), _) => name.clone(),
            (None, Some((module, name))) => format!("{module}.{name}"),
            (None, None) => format!("function {function}"),
        }
    }
}

fn signature(params: &[ValType], results: &[ValType]) -> Option<Signature> {
    let types = |types: &[ValType]| types.iter().map(|ty| value_type(*ty)).collect::<Option<Vec<_>>>();
    Some(Signature { params: types(params)?, results: types(results)? })
}

/// The type, unless it is a reference.
pub(crate) fn value_type(ty: ValType) -> Option<Ty> {
    Some(match ty {
        ValType::I32 => Ty::I32,
        ValType::I64 => Ty::I64,
        ValType::F32 => Ty::F32,
        ValType::F64 => Ty::F64,
        ValType::V128 => Ty::V128,
        ValType::Ref(_) => return None,
    })
}

/// The value of an initializer that is a single constant.
fn constant(expression: &ConstExpr) -> Result<Option<Bits>, BinaryReaderError> {
    let mut operators = expression.get_operators_reader();
    Ok(match operators.read()? {
        Operator::I32Const { value } => Some(Bits::from(value as u32)),
        Operator::I64Const { value } => Some(Bits::from(value as u64)),
        Operator::F32Const { value } => Some(Bits::from(value.bits())),
        Operator::F64Const { value } => Some(Bits::from(value.bits())),
        Operator::V128Const { value } => Some(Bits::from_le_bytes(*value.bytes())),
        _ => None,
    }
    .filter(|_| matches!(operators.read(), Ok(Operator::End))))
}

fn changes_table(body: &FunctionBody) -> bool {
    let Ok(operators) = body.get_operators_reader() else {
        return true;
    };
    operators.into_iter().map_while(Result::ok).any(|operator| {
        matches!(
            operator,
            Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. }
        )
    })
}
