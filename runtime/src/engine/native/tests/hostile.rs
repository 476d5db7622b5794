//! Kernels that go wrong in every way that there is, as codegen's text: native code and Cranelift's end with the same report.

use super::{HEAD, shown};
use crate::engine::Tier;
use crate::{Config, Program, Stdio};

/// What the first thread's kernel does, beside functions that it may call: `$deep`, which calls itself for ever, and those in the table.
fn ended(body: &str) -> [String; 2] {
    let functions = format!(
        r#"(table (export "__indirect_function_table") 6 6 funcref) (elem (i32.const 0) $one $double $nothing $wide)
        (type $double (func (param i32) (result i32))) (type $other (func (param f32) (result i32))) (type $none (func))
        (func $double (type $double) (i32.shl (local.get 0) (i32.const 1)))
        (func $nothing)
        (func $wide (param i64) (result i64) (local.get 0))
        (func $deep (param i32) (result i32)
          (i32.add (local.get 0) (call $deep (i32.add (local.get 0) (i32.const 1)))))
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (if (i32.eqz (local.get 0)) (then
            {body})))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 2))
          (i32.const 0))"#
    );
    let case = super::Case { module: format!("(module {HEAD}\n{functions})"), text: "", kernels: 1 };
    let wasm = case.wasm();
    [Tier::Cranelift, Tier::Native].map(|tier| {
        let config = Config::default().stdio(Stdio::Null).tier(tier);
        shown(&Program::new(&super::ENGINE, &wasm).unwrap().run(config))
    })
}

fn are_alike(body: &str, expected: &str) {
    let [cranelift, native] = ended(body);
    assert_eq!(native, cranelift, "Cranelift's is on the right: {body}");
    assert!(native.contains(expected), "{body}: {native}");
}

#[test]
fn forged_indices_of_the_table() {
    let called = |ty: &str, argument: &str, index: &str| {
        // What the index is only the memory knows.
        format!(
            "(i32.store (i32.const 64) (i32.const {index})) (call_indirect (type ${ty}) {argument} (i32.load (i32.const 64)))"
        )
    };
    are_alike(&format!("{} drop", called("double", "(i32.const 1)", "1")), "exited: 0");
    for (index, expected) in [
        ("2", "indirect call type mismatch"),
        ("3", "indirect call type mismatch"),
        ("4", "uninitialized element"),
        ("5", "uninitialized element"),
        ("6", "undefined element: out of bounds table access"),
        ("0x40000001", "undefined element: out of bounds table access"),
        ("-1", "undefined element: out of bounds table access"),
    ] {
        are_alike(&format!("{} drop", called("double", "(i32.const 1)", index)), expected);
    }
    are_alike(&format!("{} drop", called("other", "(f32.const 1)", "1")), "indirect call type mismatch");
    are_alike(&called("none", "", "1"), "indirect call type mismatch");
    are_alike(&called("none", "", "2"), "exited: 0");
}

#[test]
fn edges_of_the_memory() {
    const OUTSIDE: &str = "out of bounds memory access";
    // It has two pages.
    for (address, offset, bytes) in [
        ("0x1ffff", 0u32, 1),
        ("0x1fffc", 0, 4),
        ("0x10000", 0xffff, 1),
        ("0x20000", 0, 1),
        ("0x1fffd", 0, 4),
        ("-1", 0, 1),
        ("-1", 1, 1),
        ("-4", 4, 4),
        ("0", 0xffff_ffff, 1),
        ("0", 0x7fff_ffff, 4),
        ("-1", 0xffff_ffff, 4),
        ("-1", 0x8000_0000, 8),
    ] {
        let number = |text: &str| match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).unwrap(),
            None => u64::from(text.parse::<i32>().unwrap() as u32),
        };
        let is_inside = number(address) + u64::from(offset) + bytes <= 0x2_0000;
        let expected = if is_inside { "exited: 0" } else { OUTSIDE };
        let (ty, width) = match bytes {
            1 => ("i32", "8"),
            4 => ("i32", ""),
            _ => ("i64", ""),
        };
        let at = "(i32.load (i32.const 64))";
        let before = format!("(i32.store (i32.const 64) (i32.const {address}))");
        let sign = if bytes == 1 { "_u" } else { "" };
        are_alike(
            &format!("{before} ({ty}.store (i32.const 72) ({ty}.load{width}{sign} offset={offset} {at}))"),
            expected,
        );
        are_alike(&format!("{before} ({ty}.store{width} offset={offset} {at} ({ty}.const 1))"), expected);
        if is_inside || bytes == 1 || (number(address) + u64::from(offset)) % bytes == 0 {
            let atomic = format!("({ty}.atomic.rmw{width}.add{sign} offset={offset} {at} ({ty}.const 1))");
            are_alike(&format!("{before} (drop {atomic})"), expected);
        }
    }
    are_alike("(memory.fill (i32.const 0x1fff0) (i32.const 1) (i32.const 17))", OUTSIDE);
    are_alike("(memory.fill (i32.const 0x20000) (i32.const 1) (i32.const 0))", "exited: 0");
    are_alike("(memory.copy (i32.const 0) (i32.const -1) (i32.const 1))", OUTSIDE);
    are_alike("(drop (i32.atomic.load offset=1 (i32.const 64)))", "unaligned atomic");
}

#[test]
fn recursion_without_end() {
    let [cranelift, native] = ended("(i32.store (i32.const 64) (call $deep (i32.const 1)))");
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    assert_eq!(first(&native), first(&cranelift));
    assert!(
        native.contains("call stack exhausted") && native.contains("deep") && native.contains("case.wat:"),
        "{native}"
    );
}
