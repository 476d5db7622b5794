//! Finds which OpenMP constructs each region uses, by walking the calls that start at its microtask.

use crate::discover::{Forks, for_each_sequence};
use omp2wasi_abi::manifest::Kernel;
use std::collections::{BTreeSet, HashMap, HashSet};
use walrus::ir::Instr;
use walrus::{FunctionId, FunctionKind, Module};

/// How the names of the runtime's entry points begin, and the construct behind them; empty where that is none.
const ENTRY_POINTS: &[(&str, &str)] = &[
    ("__kmpc_for_static_init", "for"),
    ("__kmpc_for_static_fini", "for"),
    ("__kmpc_dispatch_", "for with a dynamic schedule"),
    ("__kmpc_reduce", "reduction"),
    ("__kmpc_end_reduce", "reduction"),
    ("__kmpc_barrier", "barrier"),
    ("__kmpc_critical", "critical"),
    ("__kmpc_end_critical", "critical"),
    ("__kmpc_single", "single"),
    ("__kmpc_end_single", "single"),
    ("__kmpc_copyprivate", "copyprivate"),
    ("__kmpc_master", "master"),
    ("__kmpc_end_master", "master"),
    ("__kmpc_masked", "masked"),
    ("__kmpc_end_masked", "masked"),
    ("__kmpc_ordered", "ordered"),
    ("__kmpc_end_ordered", "ordered"),
    ("__kmpc_flush", "flush"),
    ("__kmpc_omp_taskwait", "taskwait"),
    ("__kmpc_omp_wait_deps", "taskwait"),
    ("__kmpc_omp_taskyield", "taskyield"),
    ("__kmpc_omp_task", "task"),
    ("__kmpc_omp_target_task_alloc", "task"),
    ("__kmpc_taskgroup", "taskgroup"),
    ("__kmpc_end_taskgroup", "taskgroup"),
    ("__kmpc_taskloop", "taskloop"),
    ("__kmpc_taskred", "task reduction"),
    ("__kmpc_task_reduction", "task reduction"),
    ("__kmpc_task_allow_completion_event", "task"),
    ("__kmpc_cancel", "cancel"),
    ("__kmpc_doacross", "doacross"),
    ("__kmpc_fork_call", "parallel"),
    ("__kmpc_fork_teams", "teams"),
    ("__kmpc_serialized_parallel", "parallel"),
    ("__kmpc_end_serialized_parallel", "parallel"),
    ("__kmpc_push_", ""),
    ("__kmpc_global_thread_num", ""),
    ("omp_set_lock", "lock"),
    ("omp_unset_lock", "lock"),
    ("omp_set_nest_lock", "lock"),
    ("omp_unset_nest_lock", "lock"),
    ("omp_test_lock", "lock"),
    ("omp_get_wtime", ""),
    ("omp_", ""),
    ("__atomic_", "atomic of 16 bytes"),
];

/// How deep calls are followed, by recursion.
const MAX_DEPTH: usize = 200;

/// Completes the descriptions of `kernels`. Of a kernel whose microtask is computed at run time no constructs are known.
pub(crate) fn describe(module: &Module, forks: &Forks, mut kernels: Vec<Kernel>) -> Vec<Kernel> {
    let mut bodies = HashMap::new();
    for kernel in &mut kernels {
        let microtask = kernel.microtask_index.and_then(|index| forks.microtasks.get(&index));
        let Some(microtask) = microtask else { continue };
        let mut calls = Calls { module, bodies: &mut bodies, constructs: BTreeSet::new(), seen: HashSet::new() };
        calls.follow(microtask.function, 0);
        kernel.constructs = calls.constructs.into_iter().map(str::to_owned).collect();
    }
    kernels
}

/// What a function does directly.
#[derive(Default)]
struct Body {
    calls: Vec<FunctionId>,
    has_atomics: bool,
}

impl Body {
    fn of(module: &Module, function: FunctionId) -> Self {
        let mut body = Self::default();
        if let FunctionKind::Local(local) = &module.funcs.get(function).kind {
            for_each_sequence(local, |code| {
                for (instr, _) in code {
                    match instr {
                        Instr::Call(call) if !body.calls.contains(&call.func) => body.calls.push(call.func),
                        Instr::ReturnCall(call) if !body.calls.contains(&call.func) => body.calls.push(call.func),
                        Instr::AtomicRmw(_) | Instr::Cmpxchg(_) => body.has_atomics = true,
                        _ => {}
                    }
                }
            });
        }
        body
    }
}

/// The calls that start at a microtask.
struct Calls<'a> {
    module: &'a Module,
    bodies: &'a mut HashMap<FunctionId, Body>,
    constructs: BTreeSet<&'static str>,
    seen: HashSet<FunctionId>,
}

impl Calls<'_> {
    fn follow(&mut self, function: FunctionId, depth: usize) {
        let name = self.module.funcs.get(function).name.as_deref().unwrap_or_default();
        if depth > 0
            && let Some((_, construct)) = ENTRY_POINTS.iter().find(|(prefix, _)| name.starts_with(prefix))
        {
            self.constructs.extend(Some(*construct).filter(|construct| !construct.is_empty()));
            return;
        }
        if depth == MAX_DEPTH || !self.seen.insert(function) {
            return;
        }
        let body = self.bodies.entry(function).or_insert_with(|| Body::of(self.module, function));
        self.constructs.extend(body.has_atomics.then_some("atomic"));
        for callee in body.calls.clone() {
            self.follow(callee, depth + 1);
        }
    }
}
