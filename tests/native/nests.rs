//! Loops in loops, which have a second version together (codegen's `analysis/versions`): counters that start where the outer one stands, are
//! bounded by what is given, by what is known or by the outer one's counter, run conditionally, or end early; addresses that advance in
//! several of them, by pointers that go on or start again; arrays that are apart, overlap, or are one. And, here and there, what must
//! keep a loop from having such a version, or from relying on it: see [`rare`].
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

/// What functions call: it changes what they access.
const CALLED: &str = "  (global $g (mut i32) (i32.const 8))
  (func $touch (param i32) (result i32)
    (i32.store (local.get 0) (i32.xor (i32.load (local.get 0)) (i32.const 0x10)))
    (i32.add (local.get 0) (i32.const 8)))
";

/// A module with a function for each seed. `is_whole` is whether its memory has all that 32 bits address: then what wraps around is inside.
pub fn case(seeds: Range<u64>, is_whole: bool) -> Case {
    let first = seeds.start;
    let mut text = format!("(module (memory (export \"memory\") {})\n{CALLED}", if is_whole { 65536 } else { 4 });
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

/// Loops that are as they are for a reason, which one at random seldom is.
const BY_HAND: [(&str, &str); 13] = [
    // A pointer that goes on behind a loop that may be left early.
    (
        "left_early",
        "(loop $next0 (local.set $i1 (i32.const 0))
          (block $end (loop $next1
            (i32.store (local.get $x) (i32.add (i32.load (local.get $x)) (i32.const 1)))
            (local.set $x (i32.add (local.get $x) (i32.const 8)))
            (br_if $end (i32.eq (local.get $i1) (i32.and (local.get $c) (i32.const 7))))
            (br_if $next1 (i32.ne (local.tee $i1 (i32.add (local.get $i1) (i32.const 1))) (i32.const 4)))))
          (i32.store offset=4 (local.get $x) (local.get $i0))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (local.get $n0))))",
    ),
    // The same behind one that runs once more, as its limit is a part of its range.
    (
        "to_the_limit",
        "(loop $next0 (local.set $i1 (i32.const 0))
          (loop $next1
            (i32.store (local.get $x) (i32.add (i32.load (local.get $x)) (i32.const 1)))
            (local.set $x (i32.add (local.get $x) (i32.const 8)))
            (br_if $next1 (i32.le_s (local.tee $i1 (i32.add (local.get $i1) (i32.const 1))) (i32.const 4))))
          (i32.store offset=4 (local.get $x) (local.get $i0))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (local.get $n0))))",
    ),
    // A pointer that moves once, to behind where it was before the loop.
    (
        "moves_once",
        "(loop $next0
          (i32.store (local.get $q) (i32.add (i32.load (local.get $q)) (i32.const 1)))
          (local.set $q (i32.add (local.get $z) (i32.const 8)))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (local.get $n0))))",
    ),
    // One that advances by more each time that the inner loop runs.
    (
        "more_and_more",
        "(loop $next0 (local.set $i1 (i32.const 0)) (local.set $x (local.get $q))
          (loop $next1
            (i32.store (local.get $x) (i32.add (i32.load (local.get $x)) (i32.const 1)))
            (local.set $x (i32.add (local.get $x) (i32.shl (local.get $i0) (i32.const 3))))
            (br_if $next1 (i32.ne (local.tee $i1 (i32.add (local.get $i1) (i32.const 1))) (local.get $n1))))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (local.get $n0))))",
    ),
    // One that is set on some paths, and used there.
    (
        "sometimes",
        "(loop $next0 (local.set $x (local.get $q))
          (if (i32.and (local.get $i0) (i32.const 1)) (then
            (local.set $x (i32.add (local.get $r) (i32.shl (local.get $i0) (i32.const 3))))
            (i32.store (local.get $x) (i32.add (i32.load (local.get $p)) (i32.const 1)))))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (local.get $n0))))",
    ),
    // A loop that cannot be counted reads, to find out whether it goes on, what the loop around it stores.
    (
        "reads_in_its_condition",
        "(loop $next0 (local.set $i1 (i32.const 0))
          (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (i32.load (local.get $x))))
          (loop $next1 (local.set $i1 (i32.add (local.get $i1) (i32.const 1)))
            (br_if $next1 (i32.lt_u (local.get $i1) (i32.and (i32.load (local.get $p)) (i32.const 15)))))
          (i32.store offset=0x400 (local.get $x) (local.get $i1))
          (local.set $x (i32.add (local.get $x) (i32.const 4)))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (local.get $n0))))",
    ),
    // A sum that stands still, and a load that goes to it, beside it, and to some of its bytes.
    (
        "to_the_sum",
        "(loop $next0
          (i32.store (local.get $p)
            (i32.add (i32.load (local.get $x))
              (i32.add (i32.load (local.get $p))
                (i32.load (i32.add (i32.sub (local.get $p) (i32.const 8))
                  (i32.and (local.get $i0) (i32.const 15)))))))
          (local.set $x (i32.add (local.get $x) (i32.const 4)))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (i32.const 40))))",
    ),
    // What is read last is what was stored first, or a byte of it, or what is in front of that.
    (
        "end_to_end",
        "(local.set $e0 (i32.add (i32.const 64) (local.get $n0)))
        (local.set $x (local.get $p))
        (local.set $y (i32.add (i32.sub (local.get $p) (i32.shl (local.get $e0) (i32.const 2)))
          (i32.and (local.get $c) (i32.const 7))))
        (loop $next0
          (i32.store (local.get $x) (i32.add (i32.load (local.get $y)) (i32.const 3)))
          (local.set $x (i32.add (local.get $x) (i32.const 4)))
          (local.set $y (i32.add (local.get $y) (i32.const 4)))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (local.get $e0))))",
    ),
    // Down to the first byte of the memory, or one further.
    (
        "to_the_first_byte",
        "(local.set $x (i32.add (i32.const 15) (i32.and (local.get $c) (i32.const 3))))
        (loop $next0
          (i32.store8 (local.get $x) (i32.add (i32.load8_u (local.get $x)) (i32.const 3)))
          (local.set $x (i32.sub (local.get $x) (i32.const 1)))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (i32.const 17))))",
    ),
    // A pointer and a limit are in memory, where the loop may store.
    (
        "loads_what_it_needs",
        "(i32.store (local.get $p) (local.get $q)) (i32.store offset=4 (local.get $p) (i32.const 29))
        (loop $next0
          (i32.store
            (i32.add (i32.load (local.get $p)) (i32.shl (local.get $i0) (i32.const 2)))
            (i32.add (i32.load (local.get $y)) (i32.const 0x1003)))
          (local.set $y (i32.add (local.get $y) (i32.const 4)))
          (br_if $next0 (i32.lt_u (local.tee $i0 (i32.add (local.get $i0) (i32.const 1)))
            (i32.and (i32.load offset=4 (local.get $p)) (i32.const 31)))))",
    ),
    // A limit is behind what is stored, until that comes to it.
    (
        "stores_its_limit",
        "(local.set $i0 (i32.const 0)) (i32.store offset=4 (local.get $p) (i32.const 29))
        (loop $next0
          (i32.store
            (i32.add (i32.sub (local.get $p) (i32.const 0x40)) (i32.shl (local.get $i0) (i32.const 2)))
            (i32.add (i32.load (local.get $y)) (i32.const 0x1003)))
          (local.set $y (i32.add (local.get $y) (i32.const 4)))
          (br_if $next0 (i32.lt_u (local.tee $i0 (i32.add (local.get $i0) (i32.const 1)))
            (i32.and (i32.load offset=4 (local.get $p)) (i32.const 31)))))",
    ),
    // The same, loaded for the next iteration; the first one may have another pointer.
    (
        "loads_for_the_next",
        "(i32.store (local.get $p) (local.get $q)) (i32.store offset=4 (local.get $p) (i32.const 29))
        (if (i32.and (local.get $c) (i32.const 1)) (then (local.set $x (local.get $z))))
        (if (i32.and (local.get $c) (i32.const 2)) (then (local.set $x (local.get $r))))
        (local.set $y (i32.add (local.get $y) (i32.const 0x200)))
        (loop $next0
          (i32.store
            (i32.add (local.get $x) (i32.shl (local.get $i0) (i32.const 2)))
            (i32.add (i32.load (local.get $y)) (i32.const 0x1003)))
          (local.set $x (i32.load (local.get $p)))
          (local.set $y (i32.add (local.get $y) (i32.const 4)))
          (br_if $next0 (i32.lt_u (local.tee $i0 (i32.add (local.get $i0) (i32.const 1)))
            (i32.and (i32.load offset=4 (local.get $p)) (i32.const 31)))))",
    ),
    // One that calls what changes what it stores.
    (
        "calls",
        "(loop $next0
          (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (i32.load (local.get $x))))
          (drop (call $touch (local.get $p)))
          (i32.store offset=0x400 (local.get $x) (i32.load (local.get $p)))
          (local.set $x (i32.add (local.get $x) (i32.const 4)))
          (br_if $next0 (i32.ne (local.tee $i0 (i32.add (local.get $i0) (i32.const 1))) (local.get $n0))))",
    ),
];

/// A module with those.
pub fn by_hand() -> Case {
    let mut random = Random(11);
    let mut text = format!("(module (memory (export \"memory\") 65536)\n{CALLED}");
    let mut functions = Vec::new();
    for (name, body) in BY_HAND {
        text += &with_body(name, body);
        functions.push((name.to_owned(), Values::Each((0..THREADS).map(|_| arguments(&mut random)).collect())));
    }
    let mut case = Case::new(text + ")", functions, 3);
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
    if random.below(3) == 0 {
        let _ = writeln!(body, "    {}", rare(0, random));
    }
    a_loop(0, depth, random, &mut body);
    with_body(name, &body)
}

/// A function whose loops are given.
fn with_body(name: &str, body: &str) -> String {
    format!(
        "  (func (export \"{name}\") {PARAMS}
    (local $i0 i32) (local $i1 i32) (local $i2 i32) (local $e0 i32) (local $e1 i32) (local $e2 i32)
    (local $x i32) (local $y i32) (local $z i32) (local $left i32) (local $f f64) (local $g f32)
    (local.set $x (local.get $q))
    (local.set $y (local.get $r))
    (local.set $z (local.get $q))
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
    let mut step: i32 = pick(random, &[1, 1, 1, 2, 8, -1]);
    let mut relation = match random.below(4) {
        0 => pick(random, if step > 0 { &["lt_s", "lt_u", "le_s"] } else { &["gt_s", "gt_u", "ge_s"] }),
        _ => "ne",
    };
    let count = match (outer, random.below(6)) {
        (_, 0 | 5) => format!("(i32.const {})", pick(random, &[1, 2, 4, 6])),
        // So often as the outer one has, and one more; that may be less than nothing.
        (Some(outer), 4) => {
            (step, relation) = (step.abs(), "lt_s");
            format!("(i32.add (local.get $i{outer}) (i32.const 1))")
        }
        // The same in a way that is not looked into.
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
    if random.below(3) == 0 {
        let variable = pick(random, &["$x", "$y"]);
        let _ = writeln!(body, "    (local.set {variable} {})", address(level.max(1), random));
    }
    let _ = writeln!(body, "    (block $end{level} (loop $next{level}");
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
    if random.below(8) == 0 {
        let _ = writeln!(body, "    (local.set $left (i32.add (local.get $left) (i32.const 1)))");
        let is_last = format!("(i32.eq (local.get $left) (i32.const {}))", 1 + random.below(20));
        let _ = match random.below(4) {
            0 => writeln!(body, "    (br_if $out {is_last})"),
            1 => writeln!(body, "    (if {is_last} (then (return)))"),
            _ => writeln!(body, "    (br_if $end{level} (i32.eqz (i32.and (local.get $left) (i32.const 3))))"),
        };
    }
    for (variable, operation) in [("$x", "add"), ("$y", "sub")] {
        if random.below(2) == 0 {
            let _ = writeln!(
                body,
                "    (local.set {variable} (i32.{operation} (local.get {variable}) {}))",
                stride(level, random)
            );
        }
    }
    let _ = writeln!(body, "    (local.set $i{level} (i32.add (local.get $i{level}) (i32.const {step})))");
    let _ = writeln!(body, "    (br_if $next{level} {})))", condition(level, relation, random));
}

/// Whether a loop goes on: not if its counter is at its end.
fn condition(level: usize, relation: &str, random: &mut Random) -> String {
    let (counter, end) = (format!("(local.get $i{level})"), format!("(local.get $e{level})"));
    match random.below(10) {
        // Not to be counted beforehand.
        0 => format!(
            "(i32.and (i32.{relation} {counter} {end}) (i32.lt_u (i32.load8_u {}) (i32.const 200)))",
            address(level, random)
        ),
        1 if relation == "ne" => {
            format!("(i32.ne (i32.or {counter} (local.get $o)) (i32.or {end} (local.get $o)))")
        }
        _ => format!("(i32.{relation} {counter} {end})"),
    }
}

fn statements(level: usize, random: &mut Random, body: &mut String) {
    for _ in 0..random.below(3) {
        let statement = statement(level, random);
        let _ = match random.below(7) {
            0 => writeln!(body, "    (if (i32.and (local.get $i{level}) (i32.const 1)) (then {statement}))"),
            1 if random.below(2) == 0 => writeln!(body, "    {statement} {}", rare(level, random)),
            _ => writeln!(body, "    {statement}"),
        };
    }
}

/// A statement as few loops have them: it makes of a variable what is known on some paths only, or not at all; it accesses memory by what
/// is no pointer; or it is nothing that may be done before the loop.
fn rare(level: usize, random: &mut Random) -> String {
    let at = address(level, random);
    let variable = pick(random, &["$x", "$y", "$q"]);
    match random.below(13) {
        0 => format!("(if (i32.and (local.get $c) (i32.const 2)) (then (local.set {variable} {at})))"),
        1 => format!("(local.set {variable} (i32.add (local.get $p) (i32.and (i32.load {at}) (i32.const 0xff8))))"),
        2 => format!("(local.set {variable} (i32.add (local.get {variable}) (i32.const 8)))"),
        // Eight more than before the loop, however often this is done.
        3 | 4 => "(local.set $q (i32.add (local.get $z) (i32.const 8)))".to_owned(),
        5 => format!("(memory.fill {at} (local.get $c) (i32.const 24))"),
        6 => format!("(memory.copy {at} {} (i32.const 16))", address(level, random)),
        7 => format!("(drop (i32.atomic.rmw.add (i32.and {at} (i32.const -4)) (local.get $c)))"),
        8 => format!("(v128.store64_lane 1 {at} (v128.load32_splat {}))", address(level, random)),
        9 => format!("(global.set $g (i32.add (global.get $g) (i32.const 8))) (i32.store {at} (global.get $g))"),
        10 => format!("(local.set {variable} (call $touch {at}))"),
        11 => format!(
            "(if (local.get $o) (then (i64.store (i32.add (local.get $p) (i32.div_u (local.get $c) (local.get $o))) (i64.load {at}))))"
        ),
        _ => format!(
            "(block $no {} (br_if $no (i32.and (local.get $i{level}) (i32.const 1))) (local.set {variable} {at}) {})",
            statement(level, random),
            statement(level, random)
        ),
    }
}

fn stride(level: usize, random: &mut Random) -> String {
    match random.below(6) {
        // More in each iteration of an outer loop.
        4 | 5 if level > 0 => format!("(i32.shl (local.get $i{}) (i32.const 3))", level - 1),
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
    match random.below(12) {
        9 => format!("(i32.add {base} (i32.or {} (i32.const {})))", shifted(random), pick(random, &[1, 4, 7, 8, 64])),
        8 => format!("(i32.add {base} (i32.shl {} {}))", shifted(random), counter(random)),
        0 => base.to_owned(),
        1 | 10 => "(local.get $x)".to_owned(),
        2 | 11 => "(local.get $y)".to_owned(),
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
