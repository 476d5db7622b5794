//! Loops over the rows of a flattened array: the inner counter goes from `i * n` to `(i + 1) * n`, up or down, in 32 and 64 bits, signed and
//! not, near zero and where numbers wrap. What each row adds up is stored in place, beside where the rows are, or in the middle of them.
//!
//! Invariant: an inner loop runs a few times, or once where its limit is on the other side of a wrap; where a step might go past the last
//! number, it is left after so many iterations.

use crate::THREADS;
use crate::compare::{Case, Places, Values};
use crate::instructions::Random;
use crate::loops::pick;
use std::ops::Range;

/// What functions are given: how many rows, how long they are, the first counter's halves, where rows are, where the sum is, where results go.
const PARAMS: &str = "(param $rows i32) (param $n i32) (param $low i32) (param $high i32) (param $p i32) (param $sum i32) (param $r i32)";

/// A module with a function for each seed.
pub fn case(seeds: Range<u64>) -> Case {
    let first = seeds.start;
    let mut text = "(module (memory (export \"memory\") 4)\n".to_owned();
    let mut functions = Vec::new();
    for seed in seeds {
        let mut random = Random(seed.wrapping_mul(0xe703_7ed1_a0b4_28db) | 1);
        let name = format!("flattened{seed}");
        text += &function(&name, &mut random);
        functions.push((name, Values::Each((0..THREADS).map(|_| arguments(&mut random)).collect())));
    }
    let mut case = Case::new(text + ")", functions, first);
    case.places = Places::Somewhere;
    case
}

fn arguments(random: &mut Random) -> Vec<u32> {
    let near = |random: &mut Random, number: u64| number.wrapping_add(random.below(160)).wrapping_sub(80);
    let first = match random.below(9) {
        0 | 1 => near(random, 1 << 31),
        2 | 3 => near(random, 1 << 32),
        4 => near(random, 1 << 63),
        5 => near(random, 0),
        6 => near(random, 1 << 61),
        _ => random.below(50) + 100,
    };
    let rows = pick(random, &[1, 2, 3, 5, 8]);
    let n = pick(random, &[0, 1, 2, 3, 5, 8]);
    let sum = pick(random, &[0x8000, 0x2000, 0x2010, 0x2040, 0x1ff8, 0x3000, 0x3008, 0x3_fff8, 0x3_fffc]);
    let p = 0x2000 + random.below(3) as u32 * 4;
    vec![rows, n, first as u32, (first >> 32) as u32, p, sum, pick(random, &[0x3000, 0x3000, 0x2020, 0x4000])]
}

fn function(name: &str, random: &mut Random) -> String {
    let ty = pick(random, &["i32", "i64"]);
    let (direction, step): (&str, i64) =
        pick(random, &[("add", 1), ("add", 1), ("add", 2), ("add", 3), ("sub", 1), ("sub", 2)]);
    let relation = match (direction, random.below(6)) {
        ("add", 0) => "le_s",
        ("add", 1) => "le_u",
        ("add", 2 | 3) => "lt_u",
        ("add", _) => "lt_s",
        (_, 0) => "ge_s",
        (_, 1 | 2) => "gt_u",
        _ => "gt_s",
    };
    let of_i32 = |value: &str| if ty == "i32" { value.to_owned() } else { format!("(i64.extend_i32_s {value})") };
    let first = if ty == "i32" { "(i32.wrap_i64 (local.get $first))" } else { "(local.get $first)" };
    let row = |i: &str| format!("({ty}.{direction} {first} ({ty}.mul {} {}))", of_i32(i), of_i32("(local.get $n)"));
    let (i, next) = ("(local.get $i)", "(i32.add (local.get $i) (i32.const 1))");
    let distance = format!("({ty}.sub (local.get $j) {first})");
    let index = if ty == "i32" { distance } else { format!("(i32.wrap_i64 {distance})") };
    let element = format!("(i32.add (local.get $p) (i32.shl {index} (i32.const 3)))");
    let is_float = random.below(2) == 0;
    let (zero, start) = match random.below(3) {
        0 => ("(i64.store (local.get $sum) (i64.const 0))", "(local.set $f (f64.const 0))"),
        1 => ("(f64.store (local.get $sum) (f64.const 0))", "(local.set $f (f64.const 0))"),
        _ => ("", "(local.set $f (f64.load (local.get $sum)))"),
    };
    let add = match (is_float, random.below(2)) {
        (true, 0) => format!(
            "(f64.store (local.get $sum) (local.tee $f (f64.add (local.get $f) (f64.convert_i32_s (i32.load16_s {element})))))"
        ),
        (true, _) => format!(
            "(f64.store (local.get $sum) (f64.add (f64.load (local.get $sum)) (f64.convert_i32_u (i32.load8_u {element}))))"
        ),
        (false, 0) => {
            format!("(i64.store (local.get $sum) (i64.add (i64.load (local.get $sum)) (i64.load {element})))")
        }
        (false, _) => format!("(i32.store {element} (i32.add (i32.load {element}) (local.get $i)))"),
    };
    let is_conditional = random.below(2) == 0;
    let (open, close) =
        if is_conditional { ("(if (i32.gt_s (local.get $n) (i32.const 0)) (then", "))") } else { ("", "") };
    let leave = match step != 1 || relation.starts_with("le") || relation.starts_with("ge") {
        true => "(br_if $out (i32.gt_u (local.tee $left (i32.add (local.get $left) (i32.const 1))) (i32.const 200)))",
        false => "",
    };
    let result = pick(
        random,
        &[
            "f64.store (local.get $r) (f64.load (local.get $sum))",
            "i64.store (local.get $r) (i64.load (local.get $sum))",
        ],
    );
    format!(
        "  (func (export \"{name}\") {PARAMS} (local $first i64) (local $i i32) (local $j {ty}) (local $f f64) (local $left i32)
    (local.set $first (i64.or (i64.extend_i32_u (local.get $low)) (i64.shl (i64.extend_i32_u (local.get $high)) (i64.const 32))))
    (block $out (loop $next
      {zero} {start}
      (local.set $j {}) {open}
      (loop $inner
        {add} {leave}
        (local.set $j ({ty}.{direction} (local.get $j) ({ty}.const {step})))
        (br_if $inner ({ty}.{relation} (local.get $j) {}))) {close}
      ({result})
      (local.set $r (i32.add (local.get $r) (i32.const 8)))
      (br_if $next (i32.ne (local.tee $i {next}) (local.get $rows)))))
    (i32.store (i32.const 16) (local.get $i)))
",
        row(i),
        row(next),
    )
}
