//! Finds which regions may defer tasks, or be cancelled: their kernels end in a barrier of the shim's, in which all threads execute
//! what is left, and meet those that have cancelled the region.
//!
//! A region may do so if a call of one of the shim's functions that generate tasks or cancel can be reached from its microtask, through
//! direct calls, and through indirect ones of a type that a function in the table has. Other functions of the shim are not looked
//! into: those that wait execute tasks, which belong to the region that the barrier is in. A region inside this one has tasks of its
//! own.
//!
//! Invariant: a region that is not found here defers no task, and is not cancelled. Where there are no names, all are found.

use crate::Error;
use crate::discover::{Forks, for_each_sequence};
use omp2wasi_abi::{layout, llvm::entry_point};
use std::collections::{HashMap, HashSet};
use walrus::ir::Instr;
use walrus::{ExportItem, FunctionId, FunctionKind, Module, TypeId};

/// The functions of the shim that generate tasks that may be deferred, or that may not be complete when they have been executed; and
/// the one that cancels regions, after which the calling thread waits for all others in a barrier.
const GENERATING: &[&str] = &[
    "__kmpc_omp_task",
    "__kmpc_omp_task_with_deps",
    "__kmpc_omp_taskwait_deps_51",
    "__kmpc_taskloop",
    "__kmpc_taskloop_5",
    "__kmpc_task_allow_completion_event",
    "__kmpc_cancel",
];

/// How tasks end regions in a module.
pub(crate) struct Tasks {
    /// The shim's function that ends a region; `None` if the program has no tasks, and cancels nothing.
    end_region: Option<FunctionId>,
    /// The functions that may lead to a task, or cancel a region.
    leading: HashSet<FunctionId>,
    /// There are no names to tell by.
    is_nameless: bool,
}

/// What a function calls.
struct Calls {
    functions: Vec<FunctionId>,
    types: Vec<TypeId>,
}

impl Tasks {
    /// Looks for them.
    ///
    /// # Errors
    /// When the export has another type than the shim gives it.
    pub(crate) fn of(module: &Module, forks: &Forks) -> Result<Self, Error> {
        let Some(export) = module.exports.iter().find(|export| export.name == layout::END_REGION) else {
            return Ok(Self { end_region: None, leading: HashSet::new(), is_nameless: false });
        };
        let ExportItem::Function(end_region) = export.item else {
            return Err(Error::Unsupported(format!("the export `{}` is no function", layout::END_REGION)));
        };
        let ty = module.types.get(module.funcs.get(end_region).ty());
        if !(ty.params().is_empty() && ty.results().is_empty()) {
            return Err(Error::Unsupported(format!("the export `{}` is not of type () -> ()", layout::END_REGION)));
        }
        let generating: Vec<_> =
            module.funcs.iter().filter(|f| f.name.as_deref().is_some_and(|name| GENERATING.contains(&name))).collect();
        let is_nameless = generating.is_empty();
        let leading = leading(module, forks, generating.iter().map(|function| function.id()).collect());
        Ok(Self { end_region: Some(end_region), leading, is_nameless })
    }

    /// The function that ends regions, if there is one.
    pub(crate) fn end_region(&self) -> Option<FunctionId> {
        self.end_region
    }

    /// The function that ends the region of a microtask, if it needs one.
    pub(crate) fn end_region_of(&self, microtask: FunctionId) -> Option<FunctionId> {
        self.end_region.filter(|_| self.is_nameless || self.leading.contains(&microtask))
    }
}

/// The functions from which one of `generating` can be reached: from these backwards, until no more are found.
fn leading(module: &Module, forks: &Forks, generating: Vec<FunctionId>) -> HashSet<FunctionId> {
    let in_table: HashSet<FunctionId> = forks.entries.values().copied().collect();
    let mut callers: HashMap<FunctionId, Vec<FunctionId>> = HashMap::new();
    let mut indirect_callers: HashMap<TypeId, Vec<FunctionId>> = HashMap::new();
    for function in module.funcs.iter().filter(|function| !is_of_shim(function.name.as_deref())) {
        let calls = calls(&function.kind);
        calls.functions.into_iter().for_each(|callee| callers.entry(callee).or_default().push(function.id()));
        calls.types.into_iter().for_each(|ty| indirect_callers.entry(ty).or_default().push(function.id()));
    }
    let mut leading: HashSet<FunctionId> = generating.iter().copied().collect();
    let mut new = generating;
    while let Some(function) = new.pop() {
        let direct = callers.get(&function);
        let indirect =
            in_table.contains(&function).then(|| indirect_callers.get(&module.funcs.get(function).ty())).flatten();
        for &caller in direct.into_iter().chain(indirect).flatten() {
            if leading.insert(caller) {
                new.push(caller);
            }
        }
    }
    leading
}

/// Whether a function is one of the compiler's entry points, or of what those are made of.
fn is_of_shim(name: Option<&str>) -> bool {
    name.is_some_and(|name| [entry_point::COMPILER, "omp2wasi_"].iter().any(|prefix| name.starts_with(prefix)))
}

fn calls(function: &FunctionKind) -> Calls {
    let mut calls = Calls { functions: Vec::new(), types: Vec::new() };
    if let FunctionKind::Local(local) = function {
        for_each_sequence(local, |code| {
            for (instr, _) in code {
                match instr {
                    Instr::Call(call) => calls.functions.push(call.func),
                    Instr::ReturnCall(call) => calls.functions.push(call.func),
                    Instr::CallIndirect(call) => calls.types.push(call.ty),
                    Instr::ReturnCallIndirect(call) => calls.types.push(call.ty),
                    _ => {}
                }
            }
        });
    }
    calls
}
