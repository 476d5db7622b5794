//! Finds out whether an instance of the program, once it has run a kernel, differs from a new one: then it must not run another.
//!
//! Invariant: the memory that a module imports is shared by all instances, and the numbers in globals that its manifest lists are carried
//! from instance to instance (`table_kernel`); the rewriter makes and lists them. So what an instance has of its own are memories that it
//! defines, its table, references in globals, and which of its segments have been dropped.

use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef, ValType};

/// Whether no code of a module changes what an instance has of its own. Code that runs once in each instance, or in the first one only, may
/// drop data: the start function and the export `initializer`, with all that they call (LLVM's `__wasm_init_memory` is there).
pub(crate) fn is_stateless(wasm: &[u8], initializer: Option<&str>) -> bool {
    look(wasm, initializer).unwrap_or(false)
}

/// The same; `None` if the module is malformed.
fn look(wasm: &[u8], initializer: Option<&str>) -> Option<bool> {
    let (mut imports, mut initial) = (0, Vec::new());
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.ok()? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imports += u32::from(matches!(import.ok()?.ty, TypeRef::Func(_)));
                }
            }
            Payload::MemorySection(section) if section.count() > 0 => return Some(false),
            Payload::GlobalSection(section) => {
                for global in section {
                    let ty = global.ok()?.ty;
                    if ty.mutable && matches!(ty.content_type, ValType::Ref(_)) {
                        return Some(false);
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.ok()?;
                    if export.kind == ExternalKind::Func && Some(export.name) == initializer {
                        initial.push(export.index);
                    }
                }
            }
            Payload::StartSection { func, .. } => initial.push(func),
            Payload::CodeSectionEntry(body) => functions.push(Function::of(&body)?),
            _ => {}
        }
    }
    let functions: BTreeMap<u32, Function> = (imports..).zip(functions).collect();
    let mut runs_once = BTreeSet::new();
    while let Some(index) = initial.pop() {
        if runs_once.insert(index) {
            initial.extend(functions.get(&index).into_iter().flat_map(|function| &function.calls));
        }
    }
    let is_harmless = |(index, function): (&u32, &Function)| {
        !function.changes_tables && (!function.drops_data || runs_once.contains(index))
    };
    Some(functions.iter().all(is_harmless))
}

/// What a function does that matters here.
#[derive(Default)]
struct Function {
    /// The functions that it calls by their indices.
    calls: Vec<u32>,
    /// Whether it changes a table, or drops elements for one.
    changes_tables: bool,
    drops_data: bool,
}

impl Function {
    fn of(body: &FunctionBody) -> Option<Self> {
        let mut function = Self::default();
        for operator in body.get_operators_reader().ok()? {
            match operator.ok()? {
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    function.calls.push(function_index);
                }
                Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. } => function.changes_tables = true,
                Operator::DataDrop { .. } => function.drops_data = true,
                _ => {}
            }
        }
        Some(function)
    }
}

#[cfg(test)]
mod tests {
    use super::is_stateless;

    #[test]
    fn what_instances_of_the_program_remember() {
        for (is_expected, fields) in [
            (true, "(global (mut i32) (i32.const 1)) (table 1 funcref) (elem (i32.const 0) $f) (func $f)"),
            (true, "(global funcref (ref.null func))"),
            (true, r#"(import "a" "b" (memory 1 1 shared))"#),
            (false, "(memory 1)"),
            (false, "(global (mut funcref) (ref.null func))"),
            (false, "(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))"),
            (false, "(table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))"),
            (false, "(elem func) (func (elem.drop 0))"),
            (true, r#"(data "x") (func $start (call $init)) (func $init (data.drop 0)) (start $start)"#),
            (true, r#"(import "a" "b" (func)) (data "x") (func (export "init") (data.drop 0))"#),
            (false, r#"(data "x") (func (export "kernel") (data.drop 0)) (func (export "init"))"#),
        ] {
            let wasm = wat::parse_str(format!("(module {fields})")).unwrap();
            assert_eq!(is_stateless(&wasm, Some("init")), is_expected, "{fields}");
        }
        assert!(!is_stateless(b"not a module", None));
    }
}
