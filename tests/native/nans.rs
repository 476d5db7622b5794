//! Minima and maxima of numbers that are none: of each kind of NaN with each other one and with numbers, at both sides. The bits are those of
//! Wasmtime, which are quiet, and canonical where the operands are; of two NaNs, which one it is made of is not said.

use crate::THREADS;
use crate::compare::{Case, Values};
use std::fmt::Write;

/// Canonical NaNs, ones with other bits, signalling ones, and numbers.
const SINGLE: [u32; 9] = [
    0x7fc0_0000,
    0xffc0_0000,
    0x7fc1_2345,
    0xffe5_4321,
    0x7f80_0001,
    0xffa0_0000,
    0x3f8c_cccd,
    0x8000_0000,
    0x7f80_0000,
];
const DOUBLE: [u64; 9] = [
    0x7ff8_0000_0000_0000,
    0xfff8_0000_0000_0000,
    0x7ff8_1234_5678_9abc,
    0xfffc_0000_dead_beef,
    0x7ff0_0000_0000_0001,
    0xfff4_0000_0000_0000,
    0x3ff1_9999_9999_999a,
    0x8000_0000_0000_0000,
    0x7ff0_0000_0000_0000,
];

/// A module with a function for each instruction. They are given where the result goes; two operands and which bits of the result count, in
/// halves.
pub fn case() -> Case {
    let mut text = "(module (memory (export \"memory\") 2)\n".to_owned();
    let mut functions = Vec::new();
    for (float, integer) in [("f32", "i32"), ("f64", "i64")] {
        let half = |which: &str, half: &str| match float {
            "f32" => format!("(local.get ${which})"),
            _ => format!("(i64.shl (i64.extend_i32_u (local.get ${which}{half})) (i64.const 32))"),
        };
        let bits = |which: &str| match float {
            "f32" => half(which, ""),
            _ => format!("(i64.or (i64.extend_i32_u (local.get ${which})) {})", half(which, "_high")),
        };
        let operand = |which| format!("({float}.reinterpret_{integer} {})", bits(which));
        let shape = if float == "f32" { "f32x4" } else { "f64x2" };
        let splat = |which| format!("({shape}.splat {})", operand(which));
        for name in ["min", "max"] {
            let scalar = format!("({float}.{name} {} {})", operand("a"), operand("b"));
            let counting = format!("({integer}.and {} ({integer}.reinterpret_{float} {scalar}))", bits("mask"));
            let vector = format!("(v128.and {} ({shape}.{name} {} {}))", splat("mask"), splat("a"), splat("b"));
            for (stored, value, is_vector) in [(integer, counting, false), ("v128", vector, true)] {
                let function = format!("{}_{name}", if is_vector { shape } else { float });
                let _ = writeln!(
                    text,
                    "  (func (export \"{function}\") (param $to i32) (param $a i32) (param $a_high i32) (param $b i32) (param $b_high i32)
    (param $mask i32) (param $mask_high i32) ({stored}.store (local.get $to) {value}))"
                );
                let each = (0..THREADS)
                    .map(|call| if float == "f32" { single(call, is_vector) } else { double(call, is_vector) });
                functions.push((function, Values::Each(each.collect())));
            }
        }
    }
    Case::new(text + ")", functions, 3)
}

/// The pair of numbers that a call is about.
fn pair<T: Copy>(numbers: [T; 9], call: u32) -> [T; 2] {
    [numbers[call as usize / 9 % 9], numbers[call as usize % 9]]
}

/// Where a NaN has gone into a vector, its sign does not count. Elsewhere, of two NaNs the result is either, made quiet; and canonical if both
/// are.
fn single(call: u32, is_vector: bool) -> Vec<u32> {
    const CANONICAL: u32 = 0x7fc0_0000;
    const SIGN: u32 = 1 << 31;
    let [a, b] = pair(SINGLE, call);
    let nans = [a, b].iter().filter(|bits| f32::from_bits(**bits).is_nan()).count();
    let mask = match nans {
        1 | 2 if is_vector => !SIGN,
        2 if (a | b) & !SIGN == CANONICAL => !SIGN,
        2 if a != b => 1 << 22,
        _ => u32::MAX,
    };
    vec![0x8000 + 16 * call, a, 0, b, 0, mask, 0]
}

fn double(call: u32, is_vector: bool) -> Vec<u32> {
    const CANONICAL: u64 = 0x7ff8_0000_0000_0000;
    const SIGN: u64 = 1 << 63;
    let [a, b] = pair(DOUBLE, call);
    let nans = [a, b].iter().filter(|bits| f64::from_bits(**bits).is_nan()).count();
    let mask = match nans {
        1 | 2 if is_vector => !SIGN,
        2 if (a | b) & !SIGN == CANONICAL => !SIGN,
        2 if a != b => 1 << 51,
        _ => u64::MAX,
    };
    let mut arguments = vec![0x8000 + 16 * call];
    arguments.extend([a, b, mask].iter().flat_map(|bits| [*bits as u32, (*bits >> 32) as u32]));
    arguments
}
