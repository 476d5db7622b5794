//! Modules that look as if wasm-ld had linked them of OpenMP code: forks, microtasks, shadow stack, names; each of it now and then not as
//! wasm-ld has it.
//!
//! Invariant: they are valid WebAssembly, unless a custom section that they carry makes them something else.

use arbitrary::{Result, Unstructured};
use omp2wasi_abi::imports::{self, Type};
use omp2wasi_abi::layout::{FUNCTION_TABLE, globals};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, CustomSection, DataCountSection, DataSection, ElementSection, Elements,
    EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    Instruction as I, MemArg, MemorySection, MemoryType, Module, NameMap, NameSection, RefType, StartSection,
    TableSection, TableType, TypeSection, ValType,
};

/// A type by the number of its i32 parameters and whether it has an i32 result.
const TYPES: [(u32, bool); 10] = [
    (1, true), // KERNEL_OF
    (4, false),
    (2, false),
    (3, false),
    (7, false),
    (0, false),
    (3, true),
    (5, false),
    (0, true),
    (2, true),
];
/// Index of the type of the function `kernel_of`.
const KERNEL_OF: u32 = 0;

/// Names of functions: those that the rewriter knows, and some that it may stumble over.
const NAMES: [&str; 14] = [
    "__kmpc_fork_call",
    "__kmpc_fork_call_if",
    "__kmpc_fork_teams",
    "main.omp_outlined",
    "main.omp_outlined",
    "",
    "omp2wasi.kernel",
    "omp2wasi.stack_overflow",
    "__kmpc_barrier",
    "__kmpc_for_static_init_4",
    "omp_get_wtime",
    "omp_",
    "\u{202e}\n*/",
    "main",
];

/// A module with all that a host may be asked for, and nothing else: imports to choose from.
pub(crate) fn imports() -> Vec<u8> {
    let (mut types, mut section) = (TypeSection::new(), ImportSection::new());
    for (number, function) in (0..).zip(imports::ALL) {
        let value = |ty: &Type| if *ty == Type::I32 { ValType::I32 } else { ValType::I64 };
        types.ty().function(function.params.iter().map(|(_, ty)| value(ty)), function.results.iter().map(value));
        section.import(function.module, function.name, EntityType::Function(number));
    }
    section.import("env", "memory", memory(1, Some(65536), true));
    let mut module = Module::new();
    module.section(&types).section(&section);
    module.finish()
}

fn memory(minimum: u64, maximum: Option<u64>, shared: bool) -> MemoryType {
    MemoryType { minimum, maximum, memory64: false, shared, page_size_log2: None }
}

/// What the code of a module can refer to.
struct Shape {
    /// The type of each function, imports first.
    functions: Vec<u32>,
    imported: u32,
    globals: u32,
    tables: u32,
    data: u32,
    entries: u32,
}

/// A module of this kind.
pub(crate) fn linked_module(bytes: &mut Unstructured) -> Result<Vec<u8>> {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    for (params, has_result) in TYPES {
        let params = std::iter::repeat_n(ValType::I32, params as usize);
        types.ty().function(params, has_result.then_some(ValType::I32));
    }
    module.section(&types);

    let mut shape = Shape {
        functions: Vec::new(),
        imported: 0,
        globals: bytes.int_in_range(1..=4)?,
        tables: if bytes.ratio(7, 8)? { 1 } else { bytes.int_in_range(0..=2)? },
        data: bytes.int_in_range(0..=3)?,
        entries: bytes.int_in_range(2..=6)?,
    };
    let is_imported = import_section(bytes, &mut module, &mut shape)?;
    let mut functions = FunctionSection::new();
    let count = bytes.int_in_range(2..=7)?;
    for number in 0..count {
        // The first ones are a fork function and a microtask more often than not.
        let ty = if bytes.ratio(3, 4)? { [1, 2, 3, 4, 5][number % 5] } else { bytes.int_in_range(0..=9)? };
        functions.function(ty);
        shape.functions.push(ty);
    }
    module.section(&functions);
    let mut tables = TableSection::new();
    for _ in 0..shape.tables {
        let minimum = if bytes.ratio(7, 8)? { 8 } else { bytes.int_in_range(0..=9)? };
        let maximum = if bytes.arbitrary()? { Some(minimum + bytes.int_in_range(0..=9)?) } else { None };
        tables.table(TableType { element_type: RefType::FUNCREF, table64: false, minimum, maximum, shared: false });
    }
    module.section(&tables);
    if !is_imported {
        let (shared, maximum) = (bytes.arbitrary()?, if bytes.arbitrary()? { Some(20) } else { None });
        let mut memories = MemorySection::new();
        memories.memory(memory(2, if shared { Some(20) } else { maximum }, shared));
        module.section(&memories);
    }
    let mut section = GlobalSection::new();
    for number in 0..shape.globals {
        // The first one is what code sets: the shadow stack pointer, if its name says so.
        let mutable = number == 0 || bytes.ratio(7, 8)?;
        section.global(
            GlobalType { val_type: ValType::I32, mutable, shared: false },
            &ConstExpr::i32_const(bytes.int_in_range(0..=70000)?),
        );
    }
    module.section(&section);
    module.section(&export_section(bytes, &shape)?);
    if bytes.ratio(1, 4)? {
        let start = (shape.imported..).zip(&shape.functions[shape.imported as usize..]).find(|(_, ty)| **ty == 5);
        if let Some((function_index, _)) = start {
            module.section(&StartSection { function_index });
        }
    }
    module.section(&element_section(bytes, &shape)?);
    module.section(&DataCountSection { count: shape.data });
    let mut code = CodeSection::new();
    for number in shape.imported..shape.functions.len() as u32 {
        code.function(&body(bytes, &shape, shape.functions[number as usize])?);
    }
    module.section(&code);
    module.section(&data_section(bytes, &shape)?);
    name_section(bytes, &mut module, &shape)?;
    custom_sections(bytes, &mut module)?;
    Ok(module.finish())
}

/// Imports functions and, if this says so, the memory.
fn import_section(bytes: &mut Unstructured, module: &mut Module, shape: &mut Shape) -> Result<bool> {
    let mut section = ImportSection::new();
    let mut function = |shape: &mut Shape, module: &str, name: &str, ty| {
        section.import(module, name, EntityType::Function(ty));
        shape.functions.push(ty);
        shape.imported += 1;
    };
    if bytes.ratio(7, 8)? {
        let ty = if bytes.ratio(15, 16)? { KERNEL_OF } else { bytes.int_in_range(0..=9)? };
        function(shape, imports::REWRITER, imports::KERNEL_OF.name, ty);
    }
    for _ in 0..bytes.int_in_range(0..=3)? {
        let known = bytes.choose(imports::ALL)?;
        let wanted = (known.params.len() as u32, !known.results.is_empty());
        let ty = match TYPES.iter().position(|ty| *ty == wanted) {
            Some(ty) if bytes.ratio(7, 8)? => ty as u32,
            _ => bytes.int_in_range(0..=9)?,
        };
        let (import, name) = match bytes.int_in_range(0..=15)? {
            0u8 => ("env", "__kmpc_barrier"),
            1 => (imports::HOST, "nothing"),
            _ => (known.module, known.name),
        };
        function(shape, import, name, ty);
    }
    let is_imported = bytes.ratio(3, 4)?;
    if is_imported {
        section.import("env", "memory", memory(2, Some(65536), bytes.ratio(7, 8)?));
    }
    module.section(&section);
    Ok(is_imported)
}

fn export_section(bytes: &mut Unstructured, shape: &Shape) -> Result<ExportSection> {
    let mut section = ExportSection::new();
    let mut taken = std::collections::BTreeSet::new();
    let mut export = |name: &'static str, kind, index| {
        if taken.insert(name) {
            section.export(name, kind, index);
        }
    };
    if bytes.ratio(3, 4)? {
        export("memory", ExportKind::Memory, 0);
    }
    if shape.tables > 0 && bytes.ratio(7, 8)? {
        export(FUNCTION_TABLE, ExportKind::Table, bytes.int_in_range(0..=shape.tables - 1)?);
    }
    for name in [globals::STACK_POINTER, globals::TLS_BASE, globals::STACK_LIMIT] {
        if name != globals::STACK_LIMIT && bytes.ratio(7, 8)? || bytes.ratio(1, 16)? {
            let index = if bytes.ratio(7, 8)? { 0 } else { shape.globals - 1 };
            export(name, ExportKind::Global, index);
        }
    }
    let names = ["_start", "memory", "main", "omp2wasi.kernel.x", "omp2wasi.initialize", "omp2wasi.kernel", "omp2wasi"];
    for _ in 0..bytes.int_in_range(0..=2)? {
        let name = if bytes.ratio(3, 4)? { names[0] } else { *bytes.choose(&names)? };
        export(name, ExportKind::Func, bytes.int_in_range(0..=shape.functions.len() as u32 - 1)?);
    }
    Ok(section)
}

fn element_section(bytes: &mut Unstructured, shape: &Shape) -> Result<ElementSection> {
    let mut section = ElementSection::new();
    for _ in 0..if shape.tables > 0 { bytes.int_in_range(1..=2)? } else { 0 } {
        let table = bytes.int_in_range(0..=shape.tables - 1)?;
        let last = shape.functions.len() as u32 - 1;
        let functions = (0..shape.entries).map(|_| bytes.int_in_range(shape.imported.min(last)..=last));
        let functions = functions.collect::<Result<Vec<_>>>()?;
        let offset = match bytes.int_in_range(0..=15)? {
            0u8 => ConstExpr::i32_const(bytes.int_in_range(-2..=9)?),
            _ => ConstExpr::i32_const(1),
        };
        let expressions: Vec<ConstExpr>;
        let elements = if bytes.ratio(1, 8)? {
            let of = |function: &u32| match *function % 5 {
                0 => ConstExpr::ref_null(wasm_encoder::HeapType::FUNC),
                _ => ConstExpr::ref_func(*function),
            };
            expressions = functions.iter().map(of).collect();
            Elements::Expressions(RefType::FUNCREF, expressions.into())
        } else {
            Elements::Functions(functions.into())
        };
        match bytes.int_in_range(0..=15)? {
            0u8 => section.passive(elements),
            1 => section.declared(elements),
            _ => section.active((table > 0).then_some(table), &offset, elements),
        };
    }
    Ok(section)
}

fn data_section(bytes: &mut Unstructured, shape: &Shape) -> Result<DataSection> {
    let mut section = DataSection::new();
    for _ in 0..shape.data {
        // A source position, and an `ident_t` that may point to it.
        let mut data = [0; 16].to_vec();
        data.extend(bytes.int_in_range(1024u32..=1100)?.to_le_bytes());
        data.extend(*bytes.choose(&[&b";a.c;main;3;1;;\0"[..], b";;;;", b"\xff;\0", b""])?);
        let offset = bytes.int_in_range(0..=1100)?;
        if bytes.ratio(1, 2)? {
            section.passive(data);
        } else {
            section.active(0, &ConstExpr::i32_const(offset), data);
        }
    }
    Ok(section)
}

fn name_section(bytes: &mut Unstructured, module: &mut Module, shape: &Shape) -> Result<()> {
    if bytes.ratio(1, 16)? {
        return Ok(());
    }
    let mut names = NameMap::new();
    let first_fork = shape.functions.iter().position(|ty| *ty == 1);
    for number in 0..shape.functions.len() {
        let is_fork = first_fork == Some(number) && bytes.ratio(7, 8)?;
        let name = if is_fork { NAMES[0] } else { *bytes.choose(&NAMES)? };
        // One beyond the last one is a name of nothing.
        let index = if bytes.ratio(1, 32)? { number + 1000 } else { number };
        names.append(index as u32, name);
    }
    let mut section = NameSection::new();
    section.functions(&names);
    let mut of_globals = NameMap::new();
    of_globals.append(0, globals::STACK_POINTER);
    section.globals(&of_globals);
    module.section(&section);
    Ok(())
}

fn custom_sections(bytes: &mut Unstructured, module: &mut Module) -> Result<()> {
    if bytes.ratio(7, 8)? {
        return Ok(());
    }
    let name =
        *bytes.choose(&[".debug_info", ".debug_line", ".debug_abbrev", "name", "omp2wasi", "linking", "producers"])?;
    let len = bytes.int_in_range(0..=60)?.min(bytes.len());
    let data = bytes.bytes(len)?.into();
    module.section(&CustomSection { name: name.into(), data });
    Ok(())
}

/// Most blocks in blocks.
const MAX_DEPTH: u32 = 4;

fn body(bytes: &mut Unstructured, shape: &Shape, ty: u32) -> Result<Function> {
    let (params, has_result) = TYPES[ty as usize];
    let mut code = vec![];
    for _ in 0..bytes.int_in_range(0..=5)? {
        statement(bytes, shape, params + 2, 0, &mut code)?;
    }
    if has_result {
        operand(bytes, shape, params + 2, 0, &mut code)?;
    }
    code.push(I::End);
    let mut function = Function::new([(2, ValType::I32)]);
    for instruction in &code {
        function.instruction(instruction);
    }
    Ok(function)
}

/// Code that leaves nothing on the stack.
fn statement(bytes: &mut Unstructured, shape: &Shape, locals: u32, depth: u32, code: &mut Vec<I>) -> Result<()> {
    match bytes.int_in_range(0..=12)? {
        0u8..=4 => {
            let function = bytes.int_in_range(0..=shape.functions.len() as u32 - 1)?;
            let (params, has_result) = TYPES[shape.functions[function as usize] as usize];
            for _ in 0..params {
                operand(bytes, shape, locals, depth, code)?;
            }
            code.push(I::Call(function));
            code.extend(has_result.then_some(I::Drop));
        }
        5 | 6 if depth < MAX_DEPTH => {
            let is_if = bytes.arbitrary()?;
            if is_if {
                operand(bytes, shape, locals, depth, code)?;
            }
            let is_loop = bytes.arbitrary()?;
            code.push(match (is_if, is_loop) {
                (true, _) => I::If(BlockType::Empty),
                (_, true) => I::Loop(BlockType::Empty),
                _ => I::Block(BlockType::Empty),
            });
            statement(bytes, shape, locals, depth + 1, code)?;
            if is_if && bytes.arbitrary()? {
                code.push(I::Else);
            }
            statement(bytes, shape, locals, depth + 1, code)?;
            code.push(I::End);
        }
        7 if shape.data > 0 => {
            for _ in 0..3 {
                operand(bytes, shape, locals, MAX_DEPTH, code)?;
            }
            code.push(I::MemoryInit { mem: 0, data_index: bytes.int_in_range(0..=shape.data - 1)? });
        }
        8 => {
            operand(bytes, shape, locals, depth, code)?;
            operand(bytes, shape, locals, depth, code)?;
            code.push(I::I32Store(MemArg { offset: 0, align: 2, memory_index: 0 }));
        }
        9 => {
            operand(bytes, shape, locals, depth, code)?;
            operand(bytes, shape, locals, depth, code)?;
            code.push(I::MemoryAtomicNotify(MemArg { offset: 0, align: 2, memory_index: 0 }));
            code.push(I::Drop);
        }
        10 => {
            operand(bytes, shape, locals, depth, code)?;
            code.push(I::GlobalSet(0));
        }
        11 if depth > 0 => code.extend([I::Unreachable, I::Drop]),
        _ => {
            operand(bytes, shape, locals, depth, code)?;
            code.push(I::LocalSet(bytes.int_in_range(0..=locals - 1)?));
        }
    }
    Ok(())
}

/// Code that leaves one i32 on the stack: a constant more often than not, as compilers give to forks.
fn operand(bytes: &mut Unstructured, shape: &Shape, locals: u32, depth: u32, code: &mut Vec<I>) -> Result<()> {
    match bytes.int_in_range(0..=11)? {
        8u8 => code.push(I::LocalGet(bytes.int_in_range(0..=locals - 1)?)),
        9 => code.push(I::GlobalGet(bytes.int_in_range(0..=shape.globals - 1)?)),
        10 if depth < MAX_DEPTH => {
            operand(bytes, shape, locals, depth + 1, code)?;
            operand(bytes, shape, locals, depth + 1, code)?;
            code.push(if bytes.arbitrary()? { I::I32Add } else { I::I32Sub });
        }
        11 if depth < MAX_DEPTH => {
            code.push(I::Block(BlockType::Result(ValType::I32)));
            statement(bytes, shape, locals, depth + 1, code)?;
            operand(bytes, shape, locals, depth + 1, code)?;
            code.push(I::End);
        }
        7 => code.push(I::I32Const(bytes.int_in_range(1000..=1100)?)),
        6 => code.push(I::I32Const(bytes.arbitrary()?)),
        _ => code.push(I::I32Const(bytes.int_in_range(0..=9)?)),
    }
    Ok(())
}
