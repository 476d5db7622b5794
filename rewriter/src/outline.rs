//! Adds the kernels: one exported function for each microtask.
//!
//! A kernel puts the thread's stack and TLS block in place, unpacks the team's argument vector, and calls the microtask directly:
//!
//! ```wat
//! (func (export "omp2wasi.kernel.main.omp_outlined")
//!       (param $thread_id i32) (param $num_threads i32) (param $block_size i32) (param $team i32) (param $team_len i32)
//!   ;; $thread = team.threads[thread_id]; save and set __stack_pointer, __tls_base and the stack limit
//!   (call $main.omp_outlined
//!     (i32.add (local.get $thread) (i32.const 12)) (i32.add (local.get $thread) (i32.const 16)) ;; &gtid, &btid
//!     (i32.load offset=0 (local.get $argv)) (i32.load offset=4 (local.get $argv)) ...)
//!   (call $omp2wasi_end_region) ;; if the region may defer tasks or be cancelled, see [`crate::tasks`]
//!   ;; restore the three globals
//! )
//! ```
//!
//! Microtasks that only running code can name share one kernel, which calls through the table by the number of
//! arguments; there is one case for each number that occurs, so there is no limit on it.
//!
//! The kernel of the microtask at index `m` gets index `m + delta`: so the shim's `kernel_of` is an addition. Indices in
//! between, of functions that are no microtasks, hold the kernel for computed microtasks, if there is one.

use crate::Error;
use crate::discover::{Forks, microtask_arguments};
use crate::stack;
use crate::tasks::Tasks;
use omp2wasi_abi::layout::{FUNCTION_TABLE, KERNEL_PARAMS, globals, team, thread};
use omp2wasi_abi::{imports, manifest::Kernel};
use std::collections::{BTreeMap, BTreeSet};
use walrus::ir::{BinaryOp, LoadKind, MemArg};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, GlobalId, InstrSeqBuilder, LocalId,
    MemoryId, Module, TableId, ValType,
};

/// How the names of kernels' exports begin.
const PREFIX: &str = "omp2wasi.kernel.";
/// The export of the kernel for microtasks that are computed at run time. The others' names begin like this, too.
pub(crate) const COMPUTED: &str = "omp2wasi.kernel";

/// Adds the kernels and says what was added; the rest of each description is found by [`crate::constructs`].
pub(crate) fn outline(module: &mut Module, forks: &Forks) -> Result<Vec<Kernel>, Error> {
    let Some(import) = module.imports.find(imports::REWRITER, imports::KERNEL_OF.name) else {
        return Ok(Vec::new());
    };
    let walrus::ImportKind::Function(kernel_of) = module.imports.get(import).kind else {
        return Err(Error::Unsupported(format!("the import `{}` is no function", imports::KERNEL_OF.name)));
    };
    let ty = module.types.get(module.funcs.get(kernel_of).ty());
    if ty.params() != [ValType::I32] || ty.results() != [ValType::I32] {
        return Err(Error::Unsupported(format!(
            "the import `{}` is not of type (i32) -> i32",
            imports::KERNEL_OF.name
        )));
    }
    let frame = Frame::new(module, forks)?;
    export_table(module, frame.table)?;
    let tasks = Tasks::of(module, forks)?;

    let mut kernels = Vec::new();
    let mut functions = BTreeMap::new();
    let mut taken: BTreeSet<String> = module.exports.iter().map(|export| export.name.clone()).collect();
    taken.insert(COMPUTED.to_owned());
    for (&index, microtask) in &forks.microtasks {
        let name = module.funcs.get(microtask.function).name.clone().unwrap_or_else(|| format!("slot{index}"));
        let mut export = format!("{PREFIX}{name}");
        while !taken.insert(export.clone()) {
            export = format!("{export}.{index}"); // static functions of one name in several files
        }
        let end_region = tasks.end_region_of(microtask.function);
        let function = frame.kernel(module, &export, |body, frame, locals| {
            frame.push_arguments(body, locals, microtask.arguments);
            body.call(microtask.function);
            if let Some(end_region) = end_region {
                body.call(end_region);
            }
        });
        functions.insert(index, function);
        kernels.push(Kernel {
            export,
            microtask: name,
            microtask_index: Some(index),
            source: microtask.source.clone(),
            arguments: microtask.arguments,
            concurrent: true,
            ..Kernel::default()
        });
    }
    let computed = forks.computed.then(|| frame.computed_kernel(module, forks, tasks.end_region()));

    // Indices: [base, base + span) for the microtasks' kernels, then the one for computed microtasks.
    let first = functions.keys().next().copied().unwrap_or(0);
    let span = functions.keys().next_back().map_or(0, |last| last + 1 - first);
    let table = module.tables.get_mut(frame.table);
    let base = u32::try_from(table.initial).map_err(|_| Error::Unsupported("a table of 2^32 entries".into()))?;
    let size = u64::from(base) + u64::from(span) + u64::from(computed.is_some());
    table.initial = size;
    table.maximum = table.maximum.map(|maximum| maximum.max(size));
    let mut entries: BTreeMap<u32, FunctionId> =
        functions.iter().map(|(index, function)| (index - first + base, *function)).collect();
    if let Some(computed) = computed {
        for index in base..=base + span {
            entries.entry(index).or_insert(computed);
        }
    }
    fill(module, frame.table, &entries);

    for kernel in &mut kernels {
        kernel.table_index = base + (kernel.microtask_index.unwrap_or(first) - first);
    }
    for (kernel, function) in kernels.iter().zip(functions.values()) {
        module.exports.add(&kernel.export, *function);
    }
    if let Some(function) = computed {
        module.exports.add(COMPUTED, function);
        kernels.push(Kernel {
            export: COMPUTED.to_owned(),
            table_index: base + span,
            microtask: "computed at run time".to_owned(),
            concurrent: true,
            ..Kernel::default()
        });
    }
    replace_kernel_of(module, kernel_of, first, base, span, computed.is_some())?;
    Ok(kernels)
}

/// Sees to it that the host finds kernels: it looks in the table that has the linker's name, or else in the first one that is exported.
fn export_table(module: &mut Module, table: TableId) -> Result<(), Error> {
    let named = module.exports.iter().find(|export| export.name == FUNCTION_TABLE).map(|export| &export.item);
    let first = module.exports.iter().find_map(|export| match export.item {
        ExportItem::Table(table) => Some(table),
        _ => None,
    });
    match named {
        Some(ExportItem::Table(_)) => {}
        Some(_) => return Err(Error::Unsupported(format!("the export `{FUNCTION_TABLE}` is no table"))),
        None if first == Some(table) => {}
        None => drop(module.exports.add(FUNCTION_TABLE, table)),
    }
    Ok(())
}

/// Puts functions into the table: one segment for each run of consecutive indices.
fn fill(module: &mut Module, table: TableId, entries: &BTreeMap<u32, FunctionId>) {
    let mut runs: Vec<(u32, Vec<FunctionId>)> = Vec::new();
    for (&index, &function) in entries {
        match runs.last_mut() {
            Some((first, run)) if *first + run.len() as u32 == index => run.push(function),
            _ => runs.push((index, vec![function])),
        }
    }
    for (first, run) in runs {
        let offset = ConstExpr::Value(walrus::ir::Value::I32(first as i32));
        let element = module.elements.add(ElementKind::Active { table, offset }, ElementItems::Functions(run));
        module.tables.get_mut(table).elem_segments.insert(element);
    }
}

/// `kernel_of(m)`: `m - first + base` inside the span, else the kernel for computed microtasks.
fn replace_kernel_of(
    module: &mut Module,
    function: FunctionId,
    first: u32,
    base: u32,
    span: u32,
    computed: bool,
) -> Result<(), Error> {
    module
        .replace_imported_func(function, |(body, arguments)| {
            let microtask = arguments[0];
            if computed {
                body.local_get(microtask)
                    .i32_const(first as i32)
                    .binop(BinaryOp::I32Sub)
                    .local_tee(microtask)
                    .i32_const(base as i32)
                    .binop(BinaryOp::I32Add)
                    .i32_const((base + span) as i32)
                    .local_get(microtask)
                    .i32_const(span as i32)
                    .binop(BinaryOp::I32LtU)
                    .select(None);
            } else {
                body.local_get(microtask).i32_const(base.wrapping_sub(first) as i32).binop(BinaryOp::I32Add);
            }
        })
        .map_err(|error| Error::Unsupported(format!("{error:#}")))?;
    Ok(())
}

/// The locals of a kernel.
struct Locals {
    team: LocalId,
    thread: LocalId,
    argv: LocalId,
}

/// What every kernel needs to know of the module.
struct Frame {
    table: TableId,
    memory: MemoryId,
    /// The globals that are the thread's, each with its place in the thread record.
    globals: Vec<(GlobalId, u32)>,
}

impl Frame {
    fn new(module: &mut Module, forks: &Forks) -> Result<Self, Error> {
        let table = forks.table.ok_or(Error::Missing { what: "function table", flag: "--export-table" })?;
        let memory = module
            .memories
            .iter()
            .next()
            .map(|memory| memory.id())
            .ok_or(Error::Missing { what: "memory", flag: "--import-memory" })?;
        let stack_pointer = exported_global(module, globals::STACK_POINTER)
            .ok_or(Error::Missing { what: "exported global `__stack_pointer`", flag: "--export=__stack_pointer" })?;
        let tls_base = exported_global(module, globals::TLS_BASE).ok_or(Error::Missing {
            what: "exported global `__tls_base`",
            flag: "--shared-memory --export=__tls_base",
        })?;
        let limit = stack::guard(module, stack_pointer);
        let globals =
            vec![(stack_pointer, thread::STACK_POINTER), (limit, thread::STACK_LIMIT), (tls_base, thread::TLS_BASE)];
        Ok(Self { table, memory, globals })
    }

    /// A kernel named `name`: the frame around what `call` emits.
    fn kernel(
        &self,
        module: &mut Module,
        name: &str,
        call: impl FnOnce(&mut InstrSeqBuilder, &Self, &Locals),
    ) -> FunctionId {
        let names = ["thread_id", "num_threads", "block_size", "team", "team_len"];
        let params: Vec<LocalId> = names.iter().map(|name| local(module, name)).collect();
        let locals = Locals { team: params[3], thread: local(module, "thread"), argv: local(module, "argv") };
        let saved: Vec<LocalId> = self.globals.iter().map(|_| local(module, "saved")).collect();
        let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32; KERNEL_PARAMS], &[]);
        builder.name(name.to_owned());
        let mut body = builder.func_body();
        body.local_get(locals.team);
        self.load(&mut body, team::THREADS);
        body.local_get(params[0]).i32_const(2).binop(BinaryOp::I32Shl).binop(BinaryOp::I32Add);
        self.load(&mut body, 0);
        body.local_set(locals.thread);
        for (&(global, offset), &saved) in self.globals.iter().zip(&saved) {
            body.global_get(global).local_set(saved).local_get(locals.thread);
            self.load(&mut body, offset);
            body.global_set(global);
        }
        body.local_get(locals.team);
        self.load(&mut body, team::ARGV);
        body.local_set(locals.argv);
        call(&mut body, self, &locals);
        for (&(global, _), &saved) in self.globals.iter().zip(&saved) {
            body.local_get(saved).global_set(global);
        }
        builder.finish(params, &mut module.funcs)
    }

    /// The kernel that finds the microtask and the number of its arguments in the team.
    fn computed_kernel(&self, module: &mut Module, forks: &Forks, end_region: Option<FunctionId>) -> FunctionId {
        let arities: BTreeSet<u32> =
            forks.entries.values().filter_map(|&function| microtask_arguments(module, function)).collect();
        let types: Vec<_> = arities
            .iter()
            .map(|&count| (count, module.types.add(&vec![ValType::I32; count as usize + 2], &[])))
            .collect();
        self.kernel(module, COMPUTED, |body, frame, locals| {
            body.block(None, |done| {
                let done_id = done.id();
                for (count, ty) in types {
                    done.local_get(locals.team);
                    frame.load(done, team::ARGC);
                    done.i32_const(count as i32).binop(BinaryOp::I32Eq).if_else(
                        None,
                        |case| {
                            frame.push_arguments(case, locals, count);
                            case.local_get(locals.team);
                            frame.load(case, team::MICROTASK);
                            case.call_indirect(ty, frame.table).br(done_id);
                        },
                        |_| {},
                    );
                }
                // No function in the table takes that many: the module was changed after it was rewritten.
                done.unreachable();
            });
            if let Some(end_region) = end_region {
                body.call(end_region);
            }
        })
    }

    fn push_arguments(&self, body: &mut InstrSeqBuilder, locals: &Locals, count: u32) {
        for id in [thread::GTID, thread::BTID] {
            body.local_get(locals.thread).i32_const(id as i32).binop(BinaryOp::I32Add);
        }
        for argument in 0..count {
            body.local_get(locals.argv);
            self.load(body, argument * 4);
        }
    }

    fn load(&self, body: &mut InstrSeqBuilder, offset: u32) {
        body.load(self.memory, LoadKind::I32 { atomic: false }, MemArg { align: 4, offset: offset.into() });
    }
}

fn local(module: &mut Module, name: &str) -> LocalId {
    let id = module.locals.add(ValType::I32);
    module.locals.get_mut(id).name = Some(name.to_owned());
    id
}

/// Whether a function has the type that kernels have.
pub(crate) fn is_kernel(module: &Module, function: FunctionId) -> bool {
    let ty = module.types.get(module.funcs.get(function).ty());
    ty.params() == [ValType::I32; KERNEL_PARAMS] && ty.results().is_empty()
}

fn exported_global(module: &Module, name: &str) -> Option<GlobalId> {
    let export = module.exports.iter().find(|export| export.name == name)?;
    match export.item {
        ExportItem::Global(global) if module.globals.get(global).mutable => Some(global),
        _ => None,
    }
}
