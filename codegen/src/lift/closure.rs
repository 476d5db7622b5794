//! Functions with all that they reach, by calls and through the table, for native code.
//!
//! Invariants: calls through the table are of the first one, which stays as it is from the start. What cannot be lifted is
//! left out, with the reason; the rest calls it all the same, by way of the host.

use super::{Lifting, Role, lift};
use crate::Location;
use crate::ir::{Function, Site, Stmt, visit};
use crate::refusal::Reason;
use crate::wasm::Module;
use cranelift_entity::PrimaryMap;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of code in one closure: programs have far less.
const MAX_CODE: usize = 4 << 20;

/// Entries that a table may have: the text has all of them.
const MAX_TABLE: u32 = 1 << 16;

/// Functions of a module that call each other.
pub(crate) struct Closure {
    pub functions: BTreeMap<u32, Function>,
    /// Functions that are called and are not in it: imports, and what cannot be translated.
    pub left_out: BTreeMap<u32, Reason>,
    pub sites: PrimaryMap<Site, Location>,
    /// Types that are called through the table.
    pub table_types: BTreeSet<u32>,
}

impl Closure {
    /// Lifts functions, and what they reach. `None` if `is_over` says meanwhile that nobody wants it any more.
    pub fn lift(module: &Module, roots: &[u32], is_over: &dyn Fn() -> bool) -> Option<Self> {
        let mut closure = Self {
            functions: BTreeMap::new(),
            left_out: BTreeMap::new(),
            sites: PrimaryMap::new(),
            table_types: BTreeSet::new(),
        };
        let mut queue: Vec<u32> = roots.iter().rev().copied().collect();
        let mut code = 0;
        while let Some(index) = queue.pop() {
            if closure.functions.contains_key(&index) || closure.left_out.contains_key(&index) {
                continue;
            }
            if is_over() {
                return None;
            }
            code += module.code_size(index);
            match closure.function(module, index, code) {
                Ok(function) => {
                    queue.extend(closure.reached(module, &function));
                    closure.functions.insert(index, function);
                }
                Err(reason) => {
                    closure.left_out.insert(index, reason);
                }
            }
        }
        Some(closure)
    }

    fn function(&mut self, module: &Module, index: u32, code: usize) -> Result<Function, Reason> {
        if let Some((import, name)) = module.import(index) {
            return Err(Reason::HostCall(import.clone(), name.clone()));
        }
        if code > MAX_CODE {
            return Err(Reason::Size);
        }
        let function = lift(module, index, Role::Native, Lifting::PLAIN, &mut self.sites)?;
        let has_table = module.table_length().is_some_and(|length| length <= MAX_TABLE);
        let mut is_known = true;
        visit::for_each_stmt(&function.body, &mut |stmt| {
            is_known &= !matches!(stmt, Stmt::CallTable { table, .. } if *table != 0 || !has_table);
        });
        if is_known { Ok(function) } else { Err(Reason::IndirectCall(None)) }
    }

    /// What a function calls, and what it may call through the table.
    fn reached(&mut self, module: &Module, function: &Function) -> Vec<u32> {
        let mut reached = function.callees.clone();
        visit::for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::CallTable { ty, table: 0, .. } = stmt
                && self.table_types.insert(*ty)
            {
                let entries = module.entries_of_type(*ty).unwrap_or_default();
                reached.extend(entries.iter().map(|(_, function)| *function));
            }
        });
        reached
    }
}
