//! Finds the parallel regions: which calls fork, with which microtask, from which source position.
//!
//! Invariant: a microtask is listed only if some fork certainly names it; if any fork may have another one, `computed` is set, and a
//! kernel that takes any microtask is made.
//!
//! A region is a call of one of the shim's fork functions. Its third argument is the table index of the microtask. A module
//! without names (`wasm-ld --strip-all`) still works: its microtasks then count as computed.

use crate::{Error, operand};
use omp2wasi_abi::{imports, layout, llvm};
use std::collections::{BTreeMap, HashSet};
use walrus::ir::{Instr, InstrLocId, InstrSeqId, Value};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionId, FunctionKind, LocalFunction, Module, TableId,
};

/// What is known of the forks of a module.
pub(crate) struct Forks {
    /// The module contains the shim.
    pub has_shim: bool,
    /// The function table, if there is one.
    pub table: Option<TableId>,
    /// The functions in it, by index.
    pub entries: BTreeMap<u32, FunctionId>,
    /// The microtasks that are named by a constant, by table index.
    pub microtasks: BTreeMap<u32, Microtask>,
    /// Some fork's microtask is computed, or cannot be told.
    pub computed: bool,
}

/// One microtask.
pub(crate) struct Microtask {
    /// The function that clang has outlined.
    pub function: FunctionId,
    /// Number of arguments beside the two thread ids.
    pub arguments: u32,
    /// `file:function:line:column` of the first fork found, or empty.
    pub source: String,
}

/// Names of the shim's functions that have kernels called; the microtask is the third parameter of each. Beside the forks that is what starts
/// a thread of the program's own.
const FORKS: &[&str] = &[
    llvm::entry_point::FORK_CALL,
    llvm::entry_point::FORK_CALL_IF,
    llvm::entry_point::FORK_TEAMS,
    "omp2wasi_start_thread",
];
/// Counted from 0.
const MICROTASK_PARAMETER: usize = 2;

/// Finds the forks of a module; those of `copies` are other functions' forks again.
pub(crate) fn discover(module: &Module, copies: &HashSet<FunctionId>) -> Result<Forks, Error> {
    let unlinked = ["__kmpc_", "__tgt_", "omp_"];
    for import in module.imports.iter() {
        if import.module == "env" && unlinked.iter().any(|prefix| import.name.starts_with(prefix)) {
            return Err(Error::NotLinked { module: import.module.clone(), name: import.name.clone() });
        }
    }
    let has_shim = module.imports.find(imports::REWRITER, imports::KERNEL_OF.name).is_some();
    let exported = module.exports.iter().find_map(|export| match export.item {
        ExportItem::Table(table) if export.name == layout::FUNCTION_TABLE => Some(table),
        _ => None,
    });
    let table = exported.or_else(|| module.tables.iter().next().map(|table| table.id()));
    let mut forks = Forks {
        has_shim,
        table,
        entries: table.map_or(Ok(BTreeMap::new()), |table| entries(module, table))?,
        microtasks: BTreeMap::new(),
        computed: false,
    };
    if has_shim {
        find_microtasks(module, copies, &mut forks);
    }
    Ok(forks)
}

/// The function of each table index.
fn entries(module: &Module, of: TableId) -> Result<BTreeMap<u32, FunctionId>, Error> {
    let mut entries = BTreeMap::new();
    for element in module.elements.iter() {
        let offset = match &element.kind {
            ElementKind::Active { table, offset } if *table == of => offset,
            _ => continue,
        };
        let ConstExpr::Value(Value::I32(offset)) = offset else {
            return Err(Error::Unsupported(
                "an element segment whose offset is not a constant (position-independent code?)".into(),
            ));
        };
        let functions: Vec<Option<FunctionId>> = match &element.items {
            ElementItems::Functions(functions) => functions.iter().copied().map(Some).collect(),
            ElementItems::Expressions(_, items) => items.iter().map(function_of).collect(),
        };
        if u64::from(*offset as u32) + functions.len() as u64 > module.tables.get(of).initial {
            return Err(Error::Unsupported("an element segment outside of its table".into()));
        }
        // Later segments replace what earlier ones have put there.
        for (index, function) in (*offset as u32..=u32::MAX).zip(functions) {
            match function {
                Some(function) => entries.insert(index, function),
                None => entries.remove(&index),
            };
        }
    }
    Ok(entries)
}

/// The function that an item of a segment is, if the expression says so.
fn function_of(item: &ConstExpr) -> Option<FunctionId> {
    match item {
        ConstExpr::RefFunc(function) => Some(*function),
        _ => None,
    }
}

fn find_microtasks(module: &Module, copies: &HashSet<FunctionId>, forks: &mut Forks) {
    let fork_functions: Vec<FunctionId> = FORKS.iter().filter_map(|name| module.funcs.by_name(name)).collect();
    if fork_functions.is_empty() {
        forks.computed = true;
    }
    let data = DataImage::new(module);
    for (caller, function) in module.funcs.iter_local() {
        // One fork function calling another passes its own parameter on.
        if fork_functions.contains(&caller) || copies.contains(&caller) {
            continue;
        }
        for_each_sequence(function, |code| {
            for (at, (instr, _)) in code.iter().enumerate() {
                let Instr::Call(call) = instr else { continue };
                if !fork_functions.contains(&call.func) {
                    continue;
                }
                let params = module.types.get(module.funcs.get(call.func).ty()).params().len();
                if params <= MICROTASK_PARAMETER {
                    continue; // not ours, whatever its name
                }
                let index = operand::constant(module, code, at, params - 1 - MICROTASK_PARAMETER);
                let found = index.and_then(|index| Some((index as u32, *forks.entries.get(&(index as u32))?)));
                let Some((index, function)) = found else {
                    forks.computed = true;
                    continue;
                };
                let Some(arguments) = microtask_arguments(module, function) else {
                    forks.computed = true;
                    continue;
                };
                let ident = operand::constant(module, code, at, params - 1);
                forks.microtasks.entry(index).or_insert_with(|| Microtask {
                    function,
                    arguments,
                    source: ident.and_then(|ident| data.source_position(ident as u32)).unwrap_or_default(),
                });
            }
        });
    }
}

/// The number of arguments of a function that has a microtask's type, `(i32 × (2 + n)) -> ()`.
pub(crate) fn microtask_arguments(module: &Module, function: FunctionId) -> Option<u32> {
    let ty = module.types.get(module.funcs.get(function).ty());
    let fits = ty.results().is_empty() && ty.params().iter().all(|&param| param == walrus::ValType::I32);
    (fits && ty.params().len() >= 2).then(|| ty.params().len() as u32 - 2)
}

/// The instruction sequences of a function, outer ones first.
pub(crate) fn sequences(function: &LocalFunction) -> Vec<InstrSeqId> {
    let mut found = Vec::new();
    let mut pending = vec![function.entry_block()];
    while let Some(sequence) = pending.pop() {
        found.push(sequence);
        for (instr, _) in &function.block(sequence).instrs {
            match instr {
                Instr::Block(block) => pending.push(block.seq),
                Instr::Loop(block) => pending.push(block.seq),
                Instr::IfElse(branch) => pending.extend([branch.consequent, branch.alternative]),
                _ => {}
            }
        }
    }
    found
}

/// Calls `visit` with the code of each sequence of a function.
pub(crate) fn for_each_sequence(function: &LocalFunction, mut visit: impl FnMut(&[(Instr, InstrLocId)])) {
    for sequence in sequences(function) {
        visit(&function.block(sequence).instrs);
    }
}

/// The initial contents of memory: where `memory.init` puts the passive segments.
struct DataImage<'a> {
    /// Address and bytes.
    segments: Vec<(u32, &'a [u8])>,
}

impl<'a> DataImage<'a> {
    fn new(module: &'a Module) -> Self {
        let mut segments = Vec::new();
        for function in module.funcs.iter() {
            let FunctionKind::Local(function) = &function.kind else {
                continue;
            };
            for_each_sequence(function, |code| {
                for (at, (instr, _)) in code.iter().enumerate() {
                    let Instr::MemoryInit(init) = instr else {
                        continue;
                    };
                    let address = operand::constant(module, code, at, 2);
                    let offset = operand::constant(module, code, at, 1);
                    if let (Some(address), Some(0)) = (address, offset) {
                        segments.push((address as u32, module.data.get(init.data).value.as_slice()));
                    }
                }
            });
        }
        Self { segments }
    }

    /// The bytes from `address` to the end of its segment.
    fn bytes(&self, address: u32) -> Option<&'a [u8]> {
        self.segments.iter().find_map(|(start, bytes)| {
            let offset = address.checked_sub(*start)? as usize;
            bytes.get(offset..).filter(|rest| !rest.is_empty())
        })
    }

    /// `file:function:line:column` from the string `;file;function;line;column;;` of the `ident_t` at `ident`.
    fn source_position(&self, ident: u32) -> Option<String> {
        let pointer = self.bytes(ident.checked_add(llvm::ident::PSOURCE)?)?.first_chunk()?;
        let text = self.bytes(u32::from_le_bytes(*pointer))?;
        let end = text.iter().position(|&byte| byte == 0)?;
        let text = std::str::from_utf8(&text[..end]).ok()?;
        let mut parts = text.trim_start_matches(';').split(';');
        let (file, function, line, column) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        (file != "unknown").then(|| format!("{file}:{function}:{line}:{column}"))
    }
}
