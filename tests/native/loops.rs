//! Loops at the limits of their second versions (codegen's `analysis/versions.rs`): counters near the ends of their types, up and down and
//! by relations of both signs; addresses that wrap around; strides that are not known; or-ed bits that are disjoint or not; sums that stand
//! still and are what is read, or not.
//!
//! Invariant: each loop ends soon, because what its counter does is tried before; nothing that it loads has a part in that.

use crate::THREADS;
use crate::compare::{Case, Places, Values};
use crate::instructions::Random;
use std::fmt::Write;
use std::ops::Range;

/// The most iterations of a loop.
const MOST: u64 = 300;

/// What functions are given: the two halves of where the counter starts and of its limit; three addresses, two strides, bits to be or-ed,
/// and a number.
const PARAMS: &str =
    "(param $start i32) (param $start2 i32) (param $limit i32) (param $limit2 i32) (param $p i32) (param $q i32)
    (param $r i32) (param $s i32) (param $t i32) (param $o i32) (param $c i32)";

/// A module with a function for each seed. `is_whole` is whether its memory has all that 32 bits address: then what wraps around is inside.
pub fn case(seeds: Range<u64>, is_whole: bool) -> Case {
    let first = seeds.start;
    let mut text = format!("(module (memory (export \"memory\") {})\n", if is_whole { 65536 } else { 4 });
    let mut functions = Vec::new();
    for seed in seeds {
        let mut random = Random((2 * seed + u64::from(is_whole)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let counter = Counter::new(&mut random);
        let name = format!("loop{seed}");
        text += &function(&name, &counter, &mut random);
        functions.push((name, Values::Each((0..THREADS).map(|_| arguments(&counter, &mut random)).collect())));
    }
    let mut case = Case::new(text + ")", functions, first);
    case.places = Places::Somewhere;
    case
}

pub fn pick<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[random.below(of.len() as u64) as usize]
}

/// Steps with which a counter wraps around before long.
const LARGE: [i64; 7] = [0x4000_0000, 0x7fff_ffff, 0x7fff_fff0, 0x5555_5555, 0x3fff_fff1, 0x7000_0001, 0x1555_5554];

/// How a loop counts: after iteration k, `(start + (k + before) * step) * factor` is compared with the limit.
struct Counter {
    is_long: bool,
    step: i64,
    factor: i64,
    /// 1 if the step is made before the comparison, or else 0.
    before: u64,
    relation: &'static str,
    /// Whether the limit is on the left of the comparison.
    is_mirrored: bool,
    /// Whether the loop is left after so many iterations at the latest: then the counter may run for ever.
    is_left: bool,
}

impl Counter {
    fn new(random: &mut Random) -> Self {
        Self {
            is_long: random.below(3) == 0,
            step: match random.below(4) {
                0 => pick(random, &LARGE) * pick(random, &[1, -1]),
                _ => pick(random, &[1, 1, -1, 2, 4, 3, 8, -2, -4, -8, -3, 16, 7]),
            },
            factor: pick(random, &[1, 1, 1, 1, 3, 4, -1]),
            before: u64::from(random.below(4) != 0),
            relation: pick(random, &["ne", "ne", "lt_u", "lt_s", "le_u", "le_s", "gt_u", "gt_s", "ge_u", "ge_s"]),
            is_mirrored: random.below(4) == 0,
            is_left: random.below(3) == 0,
        }
    }

    fn ty(&self) -> &'static str {
        if self.is_long { "i64" } else { "i32" }
    }

    /// How many iterations it makes; `None` if they are too many.
    fn iterations(&self, start: u64, limit: u64) -> Option<u64> {
        let cut = |number: u64| if self.is_long { number } else { number & 0xffff_ffff };
        let signed = |number: u64| if self.is_long { number as i64 } else { i64::from(number as u32 as i32) };
        (0..MOST).find(|k| {
            let step = (k + self.before).wrapping_mul(self.step as u64);
            let value = cut(start.wrapping_add(step).wrapping_mul(self.factor as u64));
            let (left, right) = if self.is_mirrored { (cut(limit), value) } else { (value, cut(limit)) };
            let goes_on = match self.relation {
                "ne" => left != right,
                "lt_u" => left < right,
                "le_u" => left <= right,
                "gt_u" => left > right,
                "ge_u" => left >= right,
                "lt_s" => signed(left) < signed(right),
                "le_s" => signed(left) <= signed(right),
                "gt_s" => signed(left) > signed(right),
                _ => signed(left) >= signed(right),
            };
            !goes_on
        })
    }

    /// Where it starts, and its limit: near the ends of the type more often than not.
    fn range(&self, random: &mut Random) -> (u64, u64) {
        const ENDS: [u64; 10] = [
            0,
            0,
            64,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_ffff,
            0x1_0000_0000,
            0x7fff_ffff_ffff_ffff,
            0x8000_0000_0000_0000,
            u64::MAX,
        ];
        let near = |random: &mut Random| {
            let distance = pick(random, &[2, 2, 100]);
            pick(random, &ENDS).wrapping_add(random.below(2 * distance + 1)).wrapping_sub(distance)
        };
        for _ in 0..40 {
            let steps = random.below(100).wrapping_mul(self.step as u64);
            let mut start = if random.below(3) == 0 { 0 } else { near(random) };
            let there = start.wrapping_add(steps).wrapping_mul(self.factor as u64);
            let limit = match random.below(6) {
                0 => near(random),
                1 => there.wrapping_add(random.below(5)).wrapping_sub(2),
                2 | 3 => there,
                _ => {
                    // Some steps before the end of the type.
                    let limit = near(random);
                    start = limit.wrapping_sub(steps).wrapping_add(random.below(3));
                    limit
                }
            };
            if self.is_left || self.iterations(start, limit).is_some() {
                return (start, limit);
            }
        }
        // The first comparison fails: nearly always, and then for good.
        let at = (self.before.wrapping_mul(self.step as u64)).wrapping_mul(self.factor as u64);
        let limits = [at, at.wrapping_add(1), at.wrapping_sub(1)];
        let limit = limits.into_iter().find(|limit| self.iterations(0, *limit).is_some());
        (0, limit.expect("one of the three is on the other side"))
    }
}

fn arguments(counter: &Counter, random: &mut Random) -> Vec<u32> {
    let (start, limit) = counter.range(random);
    let address = |random: &mut Random| {
        let base = pick(random, &[0x1000, 0x1000, 0x1000, 0x2000, 0, 0xffff_ff00, 0x3_ff00, 0x8000]);
        let distance = random.below(16) * pick(random, &[1, 4, 8, 8, 16]);
        (base + distance) as u32
    };
    let mut arguments = vec![start as u32, (start >> 32) as u32, limit as u32, (limit >> 32) as u32];
    arguments.extend((0..3).map(|_| address(random)));
    const STRIDES: [i32; 14] = [4, 8, 8, -4, -8, 0, 1, -1, 16, 12, 0x100, i32::MIN, 0x4000_0000, -0x100];
    arguments.extend((0..2).map(|_| pick(random, &STRIDES) as u32));
    arguments.push(pick(random, &[0, 1, 2, 4, 8, 7, 0x10, 0x100, 0xfff, 0x1000, 0x1_0000, 0x8000_0000, u32::MAX]));
    arguments.push(random.next() as u32);
    arguments
}

fn function(name: &str, counter: &Counter, random: &mut Random) -> String {
    let (ty, step) = (counter.ty(), counter.step);
    let whole = |name: &str| match counter.is_long {
        false => format!("(local.get ${name})"),
        true => format!(
            "(i64.or (i64.extend_i32_u (local.get ${name})) (i64.shl (i64.extend_i32_u (local.get ${name}2)) (i64.const 32)))"
        ),
    };
    let (advance, x_step) =
        (format!("    (local.set $i ({ty}.add (local.get $i) ({ty}.const {step})))\n"), stride(random));
    let y_step = stride(random);
    let mut body = String::new();
    // What is compared is the counter as it is before the step or after it.
    if counter.before == 0 {
        let _ = writeln!(body, "    (local.set $compared (local.get $i))");
    }
    let is_early = random.below(3) == 0;
    body += if is_early { &advance } else { "" };
    for _ in 0..1 + random.below(4) {
        let statement = statement(counter, random);
        match random.below(6) {
            0 => {
                let bit = pick(random, &[1, 8, 32]);
                let _ = writeln!(body, "    (if (i32.and {} (i32.const {bit})) (then {statement}))", low(counter));
            }
            1 => {
                let _ =
                    writeln!(body, "    (block $no (br_if $no (i32.lt_s (local.get $x) (local.get $c))) {statement})");
            }
            _ => {
                let _ = writeln!(body, "    {statement}");
            }
        }
    }
    if counter.is_left {
        let most = 1 + random.below(MOST / 3);
        let _ = writeln!(body, "    (local.set $n (i32.add (local.get $n) (i32.const 1)))");
        let _ = writeln!(body, "    (br_if $out (i32.eq (local.get $n) (i32.const {most})))");
    }
    let _ = writeln!(body, "    (local.set $x (i32.add (local.get $x) {x_step}))");
    let _ = writeln!(body, "    (local.set $y (i32.sub (local.get $y) {y_step}))");
    body += if is_early { "" } else { &advance };
    if counter.before == 1 {
        let _ = writeln!(body, "    (local.set $compared (local.get $i))");
    }
    let compared = match counter.factor {
        1 => "(local.get $compared)".to_owned(),
        4 => format!("({ty}.shl (local.get $compared) ({ty}.const 2))"),
        factor => format!("({ty}.mul (local.get $compared) ({ty}.const {factor}))"),
    };
    let (left, right) = if counter.is_mirrored { (whole("limit"), compared) } else { (compared, whole("limit")) };
    let condition = match (counter.relation, random.below(3)) {
        ("ne", 0) if !counter.is_long => format!("(i32.sub {left} {right})"),
        ("ne", 1) => format!("(i32.eqz ({ty}.eq {left} {right}))"),
        (relation, _) => format!("({ty}.{relation} {left} {right})"),
    };
    format!(
        "  (func (export \"{name}\") {PARAMS}
    (local $i {ty}) (local $compared {ty}) (local $x i32) (local $y i32) (local $n i32) (local $f f64) (local $g f32)
    (local.set $i {})
    (local.set $x (local.get $q))
    (local.set $y (i32.add (local.get $r) (i32.const {})))
    (block $out (loop $next
{body}    (br_if $next {condition})))
    (i32.store (i32.const 16) (local.get $x))
    (i64.store (i32.const 24) {}))
",
        whole("start"),
        pick(random, &[0, 0, 64, -8]),
        if counter.is_long { "(local.get $i)" } else { "(i64.extend_i32_u (local.get $i))" }
    )
}

/// By how much a variable changes in each iteration.
fn stride(random: &mut Random) -> String {
    match random.below(3) {
        0 => pick(random, &["(local.get $s)", "(local.get $t)", "(i32.shl (local.get $s) (i32.const 1))"]).to_owned(),
        _ => format!("(i32.const {})", pick(random, &[8, 4, 1, -4, -8, 16, 2, 0x1000_0000, i32::MIN])),
    }
}

/// The counter's low bits.
fn low(counter: &Counter) -> &'static str {
    if counter.is_long { "(i32.wrap_i64 (local.get $i))" } else { "(local.get $i)" }
}

/// Addresses that stand still.
const ADDRESSES: [&str; 3] = ["(local.get $p)", "(local.get $q)", "(local.get $r)"];

/// An address that moves, or stands still.
fn address(counter: &Counter, random: &mut Random) -> String {
    let base = pick(random, &ADDRESSES);
    let low = low(counter);
    let scale = pick(random, &[0, 1, 2, 3, 3]);
    let scaled = match scale {
        0 => low.to_owned(),
        scale => format!("(i32.shl {low} (i32.const {scale}))"),
    };
    match random.below(12) {
        11 => format!("(i32.add {base} (i32.shl (i32.const {}) {low}))", pick(random, &[1, 4, 8])),
        0 | 1 => base.to_owned(),
        2 | 3 => "(local.get $x)".to_owned(),
        4 => "(local.get $y)".to_owned(),
        5 => format!("(i32.add {base} {scaled})"),
        6 => format!("(i32.add {base} (i32.mul {low} (local.get $s)))"),
        7 => format!("(i32.or {scaled} (local.get $o))"),
        8 => format!(
            "(i32.add {base} (i32.or (i32.shl {low} (i32.const 3)) (i32.const {})))",
            pick(random, &[1, 4, 7, 8])
        ),
        9 => format!("(i32.sub {base} {scaled})"),
        _ => format!(
            "(i32.add (i32.or (local.get $x) (local.get $o)) (i32.const {}))",
            pick(random, &[8, -8, 0x1000, -0x1000])
        ),
    }
}

/// A constant offset of an access.
pub fn offset(random: &mut Random) -> u32 {
    pick(random, &[0, 0, 0, 4, 8, 1, 16, 0x1000, 0x8000_0000])
}

/// A store of something that is loaded, most often with what is there already.
fn statement(counter: &Counter, random: &mut Random) -> String {
    // A third are sums that stand still.
    let to = match random.below(3) {
        0 => pick(random, &ADDRESSES).to_owned(),
        _ => address(counter, random),
    };
    let from = address(counter, random);
    let (at, of) = (offset(random), offset(random));
    let own = if random.below(10) == 0 { address(counter, random) } else { to.clone() };
    match random.below(9) {
        0 => {
            format!("(i32.store offset={at} {to} (i32.add (i32.load offset={at} {own}) (i32.load offset={of} {from})))")
        }
        1 => {
            format!("(i64.store offset={at} {to} (i64.add (i64.load offset={at} {own}) (i64.load offset={of} {from})))")
        }
        2 => format!("(i32.store offset={at} {to} (i32.xor (i32.load offset={of} {from}) {}))", low(counter)),
        3 => format!("(i32.store8 offset={at} {to} (i32.add (i32.load8_u offset={of} {from}) (i32.const 3)))"),
        4 => float(
            "f64",
            "$f",
            &to,
            at,
            &format!("(f64.add (f64.load offset={at} {own}) (f64.load offset={of} {from}))"),
        ),
        5 => float(
            "f32",
            "$g",
            &to,
            at,
            &format!("(f32.mul (f32.load offset={at} {own}) (f32.load offset={of} {from}))"),
        ),
        6 => format!(
            "(i64.store offset={at} {to} (i64.mul (i64.load offset={of} {from}) (i64.load32_s offset={at} {own})))"
        ),
        7 => format!("(i32.store offset={at} {to} (i32.add (i32.load offset={at} {own}) (local.get $c)))"),
        _ => format!("(f64.store offset={at} {to} (f64.load offset={of} {from}))"),
    }
}

/// A store of a float, NaNs made canonical.
pub fn float(ty: &str, local: &str, to: &str, at: u32, value: &str) -> String {
    format!(
        "({ty}.store offset={at} {to} (select (local.tee {local} {value}) ({ty}.const nan) ({ty}.eq (local.get {local}) (local.get {local}))))"
    )
}
