//! What each region uses, and what would keep it from an accelerator, by following the calls that start at its microtask.
//!
//! Invariant: what is listed was found in code that the region can reach; calls through pointers, to the host, and too deep ones are
//! obstacles, because what lies behind them is not known.

use crate::discover::{Forks, for_each_sequence};
use omp2wasi_abi::manifest::Kernel;
use std::collections::{BTreeSet, HashMap, HashSet};
use walrus::ir::Instr;
use walrus::{FunctionId, FunctionKind, Module};

/// A runtime entry point, the construct behind it, and why that cannot run on an accelerator (empty if it can).
const ENTRY_POINTS: &[(&str, &str, &str)] = &[
    ("__kmpc_for_static_init", "for", ""),
    ("__kmpc_for_static_fini", "for", ""),
    ("__kmpc_dispatch_", "for with a dynamic schedule", ""),
    ("__kmpc_reduce", "reduction", ""),
    ("__kmpc_end_reduce", "reduction", ""),
    ("__kmpc_barrier", "barrier", "work-items of different groups cannot wait for one another"),
    ("__kmpc_critical", "critical", "work-items cannot wait for a lock"),
    ("__kmpc_end_critical", "critical", "work-items cannot wait for a lock"),
    ("__kmpc_single", "single", ""),
    ("__kmpc_end_single", "single", ""),
    ("__kmpc_copyprivate", "copyprivate", "work-items of different groups cannot wait for one another"),
    ("__kmpc_master", "master", ""),
    ("__kmpc_end_master", "master", ""),
    ("__kmpc_masked", "masked", ""),
    ("__kmpc_end_masked", "masked", ""),
    ("__kmpc_ordered", "ordered", "work-items cannot wait for an earlier iteration"),
    ("__kmpc_end_ordered", "ordered", "work-items cannot wait for an earlier iteration"),
    ("__kmpc_flush", "flush", ""),
    ("__kmpc_fork_call", "parallel", "a nested parallel region"),
    ("__kmpc_fork_teams", "teams", "a nested teams region"),
    ("__kmpc_serialized_parallel", "parallel", "a nested parallel region"),
    ("__kmpc_end_serialized_parallel", "parallel", "a nested parallel region"),
    ("__kmpc_push_", "", ""),
    ("__kmpc_global_thread_num", "", ""),
    ("omp_set_lock", "lock", "work-items cannot wait for a lock"),
    ("omp_unset_lock", "lock", "work-items cannot wait for a lock"),
    ("omp_set_nest_lock", "lock", "work-items cannot wait for a lock"),
    ("omp_unset_nest_lock", "lock", "work-items cannot wait for a lock"),
    ("omp_test_lock", "lock", ""),
    ("omp_get_wtime", "", "it reads a clock"),
    ("omp_", "", ""),
    ("__atomic_", "atomic of 16 bytes", "work-items cannot wait for a lock"),
];

/// How deep the walk follows calls; it recurses as they do.
const MAX_DEPTH: usize = 200;

/// Fills in the constructs of each kernel, and why it cannot run on an accelerator.
pub(crate) fn describe(module: &Module, forks: &Forks, mut kernels: Vec<Kernel>) -> Vec<Kernel> {
    let mut bodies = HashMap::new();
    for kernel in &mut kernels {
        let microtask = kernel.microtask_index.and_then(|slot| forks.microtasks.get(&slot));
        let Some(microtask) = microtask else {
            kernel.not_offloadable = Some("its microtask is computed at run time".to_owned());
            continue;
        };
        let mut walk = Walk {
            module,
            bodies: &mut bodies,
            constructs: BTreeSet::new(),
            reason: None,
            chain: Vec::new(),
            seen: HashSet::new(),
        };
        walk.function(microtask.function);
        kernel.constructs = walk.constructs.into_iter().map(str::to_owned).collect();
        kernel.not_offloadable = walk.reason;
    }
    kernels
}

/// What a function does by itself, without the functions that it calls.
#[derive(Default)]
struct Body {
    calls: Vec<FunctionId>,
    calls_through_pointer: bool,
    has_atomics: bool,
    grows_memory: bool,
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
                        Instr::CallIndirect(_) | Instr::ReturnCallIndirect(_) => body.calls_through_pointer = true,
                        Instr::AtomicRmw(_) | Instr::Cmpxchg(_) => body.has_atomics = true,
                        Instr::MemoryGrow(_) => body.grows_memory = true,
                        _ => {}
                    }
                }
            });
        }
        body
    }
}

/// A depth-first walk of the call graph from one microtask.
struct Walk<'a> {
    module: &'a Module,
    bodies: &'a mut HashMap<FunctionId, Body>,
    constructs: BTreeSet<&'static str>,
    /// The first obstacle found, and by which calls it is reached.
    reason: Option<String>,
    /// The calls that lead to the function being visited, itself included.
    chain: Vec<FunctionId>,
    /// Functions that have been visited.
    seen: HashSet<FunctionId>,
}

impl Walk<'_> {
    fn function(&mut self, function: FunctionId) {
        let is_import = matches!(self.module.funcs.get(function).kind, FunctionKind::Import(_));
        let name = self.name(function);
        if !self.chain.is_empty()
            && let Some((_, construct, obstacle)) = ENTRY_POINTS.iter().find(|(prefix, ..)| name.starts_with(prefix))
        {
            if !construct.is_empty() {
                self.constructs.insert(construct);
            }
            if !obstacle.is_empty() {
                self.obstacle(obstacle, function);
            }
            return;
        }
        if is_import {
            return self.obstacle("it calls the host", function);
        }
        if self.chain.contains(&function) {
            return self.obstacle("recursion", function);
        }
        if self.chain.len() == MAX_DEPTH {
            return self.obstacle("its calls are nested too deep to follow", function);
        }
        if !self.seen.insert(function) {
            return;
        }
        self.chain.push(function);
        let body = self.bodies.entry(function).or_insert_with(|| Body::of(self.module, function));
        let (calls, through_pointer, grows) = (body.calls.clone(), body.calls_through_pointer, body.grows_memory);
        if body.has_atomics {
            self.constructs.insert("atomic");
        }
        if through_pointer {
            self.obstacle("it calls through a pointer", function);
        }
        if grows {
            self.obstacle("it grows the memory", function);
        }
        for callee in calls {
            self.function(callee);
        }
        self.chain.pop();
    }

    fn obstacle(&mut self, what: &str, at: FunctionId) {
        if self.reason.is_some() {
            return;
        }
        let mut chain: Vec<String> = self.chain.iter().map(|&function| self.name(function)).collect();
        if self.chain.last() != Some(&at) {
            chain.push(self.name(at));
        }
        self.reason = Some(format!("{what} ({})", chain.join(" > ")));
    }

    fn name(&self, function: FunctionId) -> String {
        self.module.funcs.get(function).name.clone().unwrap_or_else(|| "a function without a name".to_owned())
    }
}
