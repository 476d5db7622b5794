//! Loops in loops, which have a second version together (codegen's `analysis/versions`): counters that start where the outer one stands, are
//! bounded by what is given or by what is known, run conditionally, or end early; addresses that advance in several of them, by pointers
//! that go on or start again; arrays that are apart, overlap, or are one.
//!
//! Invariant: each loop ends soon, as its limit is a few steps from its start, or as it is left after so many iterations.

use crate::THREADS;
use crate::compare::{Case, Places, Values};
use crate::instructions::Random;
use crate::loops::{float, offset, pick};
use std::fmt::Write;
use std::ops::Range;

/// What functions are given: how often loops run, three addresses, two strides, bits to be or-ed, and a number.
const PARAMS: &str = "(param $n0 i32) (param $n1 i32) (param $n2 i32) (param $p i32) (param $q i32) (param $r i32)
    (param $s i32) (param $t i32) (param $o i32) (param $c i32)";

/// A module with a function for each seed. `is_whole` is whether its memory has all that 32 bits address: then what wraps around is inside.
pub fn case(seeds: Range<u64>, is_whole: bool) -> Case {
    let first = seeds.start;
    let mut text = format!("(module (memory (export \"memory\") {})\n", if is_whole { 65536 } else { 4 });
    let mut functions = Vec::new();
    for seed in seeds {
        let mut random = Random((2 * seed + u64::from(is_whole)).wrapping_mul(0xd134_2543_de82_ef95) | 1);
        let name = format!("nest{seed}");
        text += &function(&name, &mut random);
        functions.push((name, Values::Each((0..THREADS).map(|_| arguments(&mut random)).collect())));
    }
    let mut case = Case::new(text + ")", functions, first);
    case.places = Places::Somewhere;
    case
}

fn arguments(random: &mut Random) -> Vec<u32> {
    let address = |random: &mut Random| {
        let base = pick(random, &[0x1000, 0x2000, 0x3000, 0x1000, 0x1200, 0xffff_ff00, 0x3_ff00, 0x8000]);
        (base + random.below(16) * pick(random, &[1, 8, 8, 16])) as u32
    };
    let mut arguments: Vec<u32> = (0..3).map(|_| pick(random, &[1, 1, 2, 3, 4, 5, 8])).collect();
    arguments.extend((0..3).map(|_| address(random)));
    const STRIDES: [i32; 11] = [8, 8, 16, 4, -8, 0, 64, 0x100, -0x40, i32::MIN, 0x1000_0000];
    arguments.extend((0..2).map(|_| pick(random, &STRIDES) as u32));
    arguments.push(pick(random, &[0, 1, 8, 0x40, 0x100, 0x200, 0x1000]));
    arguments.push(random.next() as u32);
    arguments
}

fn function(name: &str, random: &mut Random) -> String {
    let depth = 2 + random.below(2) as usize;
    let mut body = String::new();
    a_loop(0, depth, random, &mut body);
    format!(
        "  (func (export \"{name}\") {PARAMS}
    (local $i0 i32) (local $i1 i32) (local $i2 i32) (local $e0 i32) (local $e1 i32) (local $e2 i32)
    (local $x i32) (local $y i32) (local $left i32) (local $f f64) (local $g f32)
    (local.set $x (local.get $q))
    (local.set $y (local.get $r))
    (block $out
{body}    )
    (i32.store (i32.const 16) (local.get $x))
    (i32.store (i32.const 20) (local.get $y))
    (i32.store (i32.const 24) (local.get $i0))
    (i32.store (i32.const 28) (local.get $i1)))
"
    )
}

/// The loop of a level, and those in it.
fn a_loop(level: usize, depth: usize, random: &mut Random, body: &mut String) {
    let outer = level.checked_sub(1);
    let start = match (outer, random.below(6)) {
        (Some(outer), 0) => format!("(local.get $i{outer})"),
        (Some(outer), 1) => format!("(i32.shl (local.get $i{outer}) (i32.const 2))"),
        (_, 2) => "(i32.const 5)".to_owned(),
        (_, 3) => "(i32.and (local.get $c) (i32.const 63))".to_owned(),
        _ => "(i32.const 0)".to_owned(),
    };
    let step = pick(random, &[1, 1, 1, 2, 8, -1]);
    let count = match (outer, random.below(4)) {
        (_, 0) => format!("(i32.const {})", pick(random, &[1, 2, 4, 6])),
        // It runs as often as the outer one has.
        (Some(outer), 1) if level == 1 => {
            format!("(i32.add (i32.and (local.get $i{outer}) (i32.const 3)) (i32.const 1))")
        }
        _ => format!("(local.get $n{level})"),
    };
    let _ = writeln!(body, "    (local.set $i{level} {start})");
    let _ = writeln!(
        body,
        "    (local.set $e{level} (i32.add (local.get $i{level}) (i32.mul {count} (i32.const {step}))))"
    );
    if random.below(4) == 0 {
        let variable = pick(random, &["$x", "$y"]);
        let _ = writeln!(body, "    (local.set {variable} {})", address(level.max(1), random));
    }
    let _ = writeln!(body, "    (loop $next{level}");
    statements(level, random, body);
    if level + 1 < depth {
        for _ in 0..1 + random.below(2) {
            let is_conditional = random.below(4) == 0;
            if is_conditional {
                let _ = writeln!(body, "    (if (i32.and (local.get $i{level}) (i32.const 1)) (then");
            }
            a_loop(level + 1, depth, random, body);
            body.push_str(if is_conditional { "    ))\n" } else { "" });
        }
        statements(level, random, body);
    }
    if random.below(10) == 0 {
        let _ = writeln!(body, "    (local.set $left (i32.add (local.get $left) (i32.const 1)))");
        let _ = writeln!(body, "    (br_if $out (i32.eq (local.get $left) (i32.const {})))", 1 + random.below(20));
    }
    for (variable, operation) in [("$x", "add"), ("$y", "sub")] {
        if random.below(2) == 0 {
            let _ = writeln!(
                body,
                "    (local.set {variable} (i32.{operation} (local.get {variable}) {}))",
                stride(random)
            );
        }
    }
    let _ = writeln!(body, "    (local.set $i{level} (i32.add (local.get $i{level}) (i32.const {step})))");
    let _ = writeln!(body, "    (br_if $next{level} (i32.ne (local.get $i{level}) (local.get $e{level}))))");
}

fn statements(level: usize, random: &mut Random, body: &mut String) {
    for _ in 0..random.below(3) {
        let statement = statement(level, random);
        let _ = match random.below(7) {
            0 => writeln!(body, "    (if (i32.and (local.get $i{level}) (i32.const 1)) (then {statement}))"),
            _ => writeln!(body, "    {statement}"),
        };
    }
}

fn stride(random: &mut Random) -> String {
    match random.below(4) {
        0 => pick(random, &["(local.get $s)", "(local.get $t)"]).to_owned(),
        _ => format!("(i32.const {})", pick(random, &[8, 8, 4, -8, 16, 64, 0x100])),
    }
}

/// An address that depends on counters up to that of a level.
fn address(level: usize, random: &mut Random) -> String {
    let base = pick(random, &["(local.get $p)", "(local.get $q)", "(local.get $r)", "(i32.const 0x1800)"]);
    let counter = |random: &mut Random| format!("(local.get $i{})", random.below(level as u64 + 1));
    let shifted =
        |random: &mut Random| format!("(i32.shl {} (i32.const {}))", counter(random), pick(random, &[3, 3, 6, 8]));
    match random.below(9) {
        8 => format!("(i32.add {base} (i32.shl {} {}))", shifted(random), counter(random)),
        0 => base.to_owned(),
        1 => "(local.get $x)".to_owned(),
        2 => "(local.get $y)".to_owned(),
        3 => format!("(i32.add {base} (i32.add (i32.mul {} (local.get $s)) {}))", counter(random), shifted(random)),
        4 => format!("(i32.add {base} (i32.shl (i32.or {} (local.get $o)) (i32.const 3)))", counter(random)),
        5 => format!("(i32.add {base} (i32.shl (i32.or {} {}) (i32.const 3)))", counter(random), shifted(random)),
        6 => format!("(i32.sub {base} {})", shifted(random)),
        _ => format!("(i32.add {base} (i32.add {} {}))", shifted(random), shifted(random)),
    }
}

/// A store of something that is loaded.
fn statement(level: usize, random: &mut Random) -> String {
    let (to, from) = (address(level, random), address(level, random));
    let own = if random.below(6) == 0 { address(level, random) } else { to.clone() };
    let (at, of) = (offset(random), offset(random));
    match random.below(6) {
        0 => {
            format!("(i32.store offset={at} {to} (i32.add (i32.load offset={at} {own}) (i32.load offset={of} {from})))")
        }
        1 => {
            format!("(i64.store offset={at} {to} (i64.add (i64.load offset={at} {own}) (i64.load offset={of} {from})))")
        }
        2 => format!("(i32.store8 offset={at} {to} (i32.add (i32.load8_u offset={of} {from}) (local.get $c)))"),
        3 => float(
            "f64",
            "$f",
            &to,
            at,
            &format!("(f64.add (f64.load offset={at} {own}) (f64.load offset={of} {from}))"),
        ),
        // What is loaded is an address itself.
        4 => format!(
            "(i32.store offset={at} {to} (i32.load (i32.add (local.get $p) (i32.and (i32.load offset={of} {from}) (i32.const 0xff8)))))"
        ),
        _ => format!("(f64.store offset={at} {to} (f64.load offset={of} {from}))"),
    }
}
