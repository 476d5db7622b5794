//! Each instruction that traps, on operands that make it and on ones that do not: at the ends of numbers and of the memory.

use crate::THREADS;
use crate::compare::{Case, Values};
use crate::instructions::Random;
use std::fmt::Write;

/// Numbers at which instructions change their minds; the memory ends at 0x20000.
const NUMBERS: [u32; 24] = [
    0,
    1,
    2,
    3,
    4,
    0xffff_ffff,
    0xffff_fffe,
    0x8000_0000,
    0x7fff_ffff,
    0x1ffff,
    0x1fffe,
    0x1fffc,
    0x1fff8,
    0x1fff0,
    0x20000,
    0x20001,
    0xffff_fff0,
    0xffff_fffc,
    0x1_0000,
    0x4f00_0000,
    0xcf00_0001,
    0x4f80_0000,
    0x7fc0_0000,
    0xbf80_0000,
];

/// Constant offsets of accesses.
const OFFSETS: [u32; 9] = [0, 1, 0x10, 0x1fff8, 0x20000, 0x4000_0000, 0x7fff_ffff, 0xffff_fffc, 0xffff_ffff];

/// A module with a function for each instruction. They take two numbers of 32 bits and make operands of them.
pub fn case() -> Case {
    let mut text = "(module (memory (export \"memory\") 2)
  (type $one (func (param i32) (result i32))) (type $none (func)) (type $other (func (param i64) (result i32)))
  (table 8 funcref) (elem (i32.const 1) $double $nothing $double $wide)
  (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func $nothing)
  (func $wide (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
"
    .to_owned();
    let mut functions = Vec::new();
    let mut random = Random(7);
    for body in bodies() {
        let name = format!("trap{}", functions.len());
        let _ = writeln!(
            text,
            "  (func (export \"{name}\") (param $a i32) (param $b i32) (local $w i64) (local $v i64)
    (local.set $w (i64.or (i64.extend_i32_u (local.get $a)) (i64.shl (i64.extend_i32_u (local.get $b)) (i64.const 32))))
    (local.set $v (i64.or (i64.extend_i32_u (local.get $b)) (i64.shl (i64.extend_i32_s (local.get $a)) (i64.const 32))))
    {body})"
        );
        let mut pick = || NUMBERS[random.below(NUMBERS.len() as u64) as usize];
        let each = (0..THREADS).map(|thread| match NUMBERS.get(thread as usize) {
            Some(number) => vec![*number, pick()],
            None => vec![pick(), pick()],
        });
        functions.push((name, Values::Each(each.collect())));
    }
    Case::new(text + ")", functions, 5)
}

/// Where results are stored, so that nothing is done in vain.
const RESULT: &str = "(i32.const 0x8000)";

fn bodies() -> Vec<String> {
    let mut bodies = Vec::new();
    for name in ["div_s", "div_u", "rem_s", "rem_u"] {
        bodies.push(format!("(i32.store {RESULT} (i32.{name} (local.get $a) (local.get $b)))"));
        bodies.push(format!("(i64.store {RESULT} (i64.{name} (local.get $w) (local.get $v)))"));
        bodies.push(format!("(i64.store {RESULT} (i64.{name} (local.get $w) (i64.extend_i32_s (local.get $b))))"));
        bodies.push(format!(
            "(i64.store {RESULT} (i64.{name} (i64.shl (local.get $w) (i64.const 32)) (i64.extend_i32_s (local.get $b))))"
        ));
    }
    for to in ["i32", "i64"] {
        for from in ["f32", "f64"] {
            for sign in ["s", "u"] {
                for number in ["(f32.reinterpret_i32 (local.get $a))", "(f32.convert_i32_s (local.get $a))"] {
                    let number = if from == "f32" { number.to_owned() } else { format!("(f64.promote_f32 {number})") };
                    bodies.push(format!("({to}.store {RESULT} ({to}.trunc_{from}_{sign} {number}))"));
                }
            }
        }
        bodies.push(format!("({to}.store {RESULT} ({to}.trunc_f64_s (f64.reinterpret_i64 (local.get $w))))"));
        bodies.push(format!(
            "({to}.store {RESULT} ({to}.trunc_f64_u (f64.add (f64.convert_i32_s (local.get $a)) (f64.const -0.5))))"
        ));
    }
    accesses(&mut bodies);
    for index in ["(local.get $a)", "(i32.rem_u (local.get $a) (i32.const 9))"] {
        bodies.push(format!("(i32.store {RESULT} (call_indirect (type $one) (local.get $b) {index}))"));
        bodies.push(format!("(i32.store {RESULT} (call_indirect (type $other) (local.get $w) {index}))"));
        bodies.push(format!("(call_indirect (type $none) {index})"));
    }
    // Alone in its branch, Cranelift has it where the branch is.
    bodies.push("(if (i32.lt_s (local.get $a) (local.get $b)) (then (memory.fill (i32.const 8) (local.get $a) (i32.const 4)) (unreachable)))".to_owned());
    for name in [
        "memory.fill (local.get $a) (i32.const 7) (local.get $b)",
        "memory.copy (local.get $a) (i32.const 64) (local.get $b)",
        "memory.copy (i32.const 64) (local.get $a) (local.get $b)",
        "memory.copy (local.get $a) (local.get $b) (i32.const 0)",
        "memory.copy (local.get $b) (local.get $a) (i32.const 8)",
    ] {
        bodies.push(format!("({name})"));
    }
    bodies
}

fn accesses(bodies: &mut Vec<String>) {
    let value = |ty: &str| if ty == "i32" { "(local.get $b)" } else { "(local.get $w)" };
    for (at, offset) in OFFSETS.iter().enumerate() {
        for (ty, bits) in [("i32", ""), ("i32", "8"), ("i64", ""), ("i64", "16"), ("i64", "32")] {
            let sign = if bits.is_empty() { "" } else { "_u" };
            bodies.push(format!("({ty}.store {RESULT} ({ty}.load{bits}{sign} offset={offset} (local.get $a)))"));
            bodies.push(format!("({ty}.store{bits} offset={offset} (local.get $a) {})", value(ty)));
            // An access before, and one behind.
            if at % 3 == 0 {
                bodies.push(format!(
                    "({ty}.store{bits} (local.get $b) {}) ({ty}.store {RESULT} ({ty}.load{bits}{sign} offset={offset} (local.get $a))) ({ty}.store (i32.const 64) {})",
                    value(ty), value(ty)
                ));
            }
            bodies.push(format!("({ty}.store {RESULT} ({ty}.atomic.load{bits}{sign} offset={offset} (local.get $a)))"));
            bodies.push(format!("({ty}.atomic.store{bits} offset={offset} (local.get $a) {})", value(ty)));
            bodies.push(format!(
                "({ty}.store {RESULT} ({ty}.atomic.rmw{bits}.add{sign} offset={offset} (local.get $a) {}))",
                value(ty)
            ));
            bodies.push(format!(
                "({ty}.store {RESULT} ({ty}.atomic.rmw{bits}.cmpxchg{sign} offset={offset} (local.get $a) {} {}))",
                value(ty),
                value(ty)
            ));
        }
        bodies.push(format!("(v128.store {RESULT} (v128.load offset={offset} (local.get $a)))"));
        bodies.push(format!("(v128.store offset={offset} (local.get $a) (i32x4.splat (local.get $b)))"));
        bodies.push(format!("(v128.store {RESULT} (v128.load32x2_s offset={offset} (local.get $a)))"));
        bodies.push(format!("(v128.store64_lane offset={offset} 1 (local.get $a) (i32x4.splat (local.get $b)))"));
        bodies.push(format!("(f64.store offset={offset} (local.get $a) (f64.convert_i32_u (local.get $b)))"));
    }
}
