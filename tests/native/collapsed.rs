//! Loops that divide their counter, as those of `collapse` do (codegen's `analysis/versions/collapsed.rs`): by what is given or by what is
//! known, signed and unsigned, for the quotient or the remainder, once or twice; from counters of any size, with divisors of any sign.
//!
//! Invariant: each loop ends after so many iterations as it is given, or with a trap.

use crate::THREADS;
use crate::compare::{Case, Places, Values};
use crate::instructions::Random;
use crate::loops::{offset, pick};
use std::ops::Range;

/// What functions are given: the first value of the counter, its high half if it has one, how many iterations, two divisors, two addresses.
const PARAMS: &str =
    "(param $start i32) (param $high i32) (param $n i32) (param $d i32) (param $e i32) (param $p i32) (param $q i32)";

/// A module with a function for each seed. `is_whole` is whether its memory has all that 32 bits address: then what wraps around is inside.
pub fn case(seeds: Range<u64>, is_whole: bool) -> Case {
    let first = seeds.start;
    let mut text = format!("(module (memory (export \"memory\") {})\n", if is_whole { 65536 } else { 4 });
    let mut functions = Vec::new();
    for seed in seeds {
        let mut random = Random((2 * seed + u64::from(is_whole)).wrapping_mul(0xa076_1d64_78bd_642f) | 1);
        let name = format!("collapsed{seed}");
        text += &function(&name, &mut random);
        functions.push((name, Values::Each((0..THREADS).map(|_| arguments(&mut random)).collect())));
    }
    let mut case = Case::new(text + ")", functions, first);
    case.places = Places::Somewhere;
    case
}

/// Loops that are none, or that are left: the statements of a loop that divides `$c`, after it.
const BY_HAND: [(&str, &str); 9] = [
    ("the divisor changes", "(local.set $d (i32.add (local.get $d) (i32.const 1)))"),
    ("the divisor is the counter", "(local.set $d (local.get $c))"),
    ("by two", "(local.set $c (i32.add (local.get $c) (i32.const 1)))"),
    (
        "sometimes by two",
        "(if (i32.and (local.get $c) (i32.const 4)) (then (local.set $c (i32.add (local.get $c) (i32.const 1)))))",
    ),
    ("left", "(br_if $out (i32.eq (local.get $c) (local.get $e)))"),
    (
        "left from an inner loop",
        "(local.set $k (i32.const 0)) (loop $inner
        (br_if $out (i32.eq (i32.add (local.get $c) (local.get $k)) (local.get $e)))
        (br_if $inner (i32.ne (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 3))))",
    ),
    ("calls", "(local.set $k (call $double (local.get $i)))"),
    ("another number of times", "(local.set $n (i32.sub (local.get $n) (i32.and (local.get $j) (i32.const 1))))"),
    ("the quotient is read before", "(i32.store offset=8 (i32.const 32) (local.get $k)) (local.set $k (local.get $i))"),
];

/// What stands before the division: nothing, or something that may trap first or has an effect.
const BEFORE: [&str; 4] = [
    "",
    "(i32.store (i32.add (local.get $p) (i32.shl (local.get $c) (i32.const 2))) (local.get $i))",
    "(i32.store (i32.const 64) (i32.load (i32.shl (local.get $c) (i32.const 12))))",
    "(local.set $t (i32.add (local.get $t) (i32.trunc_f32_s (f32.div (f32.const 1) (f32.convert_i32_s (local.get $e))))))",
];

/// A module with each of those, and with a loop that has more statements than are looked at.
pub fn by_hand() -> Case {
    let mut random = Random(17);
    let mut text = "(module (memory (export \"memory\") 4)
  (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))\n"
        .to_owned();
    let many = "(if (local.get $e) (then (local.set $k (i32.add (local.get $k) (i32.const 1)))))\n".repeat(3000);
    let mut functions = Vec::new();
    for (number, (after, before)) in
        BY_HAND.iter().flat_map(|(_, after)| BEFORE.map(|before| (*after, before))).chain([(&*many, "")]).enumerate()
    {
        let name = format!("by_hand{number}");
        text += &format!(
            "  (func (export \"{name}\") {PARAMS} (local $c i32) (local $i i32) (local $j i32) (local $k i32) (local $left i32) (local $t i32)
    (local.set $left (i32.const 70))
    (local.set $c (local.get $start))
    (local.set $n (i32.add (local.get $start) (local.get $n)))
    (block $out (loop $again
      {before}
      (local.set $i (i32.div_s (local.get $c) (local.get $d)))
      (local.set $j (i32.sub (local.get $c) (i32.mul (local.get $i) (local.get $d))))
      (i32.store offset=0x100 (local.get $p) (i32.add (i32.load offset=0x100 (local.get $p)) (local.get $j)))
      {after}
      (br_if $out (i32.eqz (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (br_if $again (i32.ne (local.tee $c (i32.add (local.get $c) (i32.const 1))) (local.get $n)))))
    (i32.store (i32.const 16) (local.get $i))
    (i32.store (i32.const 20) (local.get $t))
    (i32.store (i32.const 24) (local.get $k))
    (i32.store (i32.const 32) (local.get $c)))\n"
        );
        functions.push((name, Values::Each((0..THREADS).map(|_| arguments(&mut random)).collect())));
    }
    let mut case = Case::new(text + ")", functions, 5);
    case.places = Places::Somewhere;
    case
}

fn arguments(random: &mut Random) -> Vec<u32> {
    const STARTS: [i32; 10] = [0, 0, 1, 37, 1000, -3, -40, i32::MAX - 20, i32::MIN, -20];
    const DIVISORS: [i32; 12] = [1, 2, 3, 7, 17, 17, 40, 1000, 0, -1, i32::MAX, i32::MIN];
    let (start, high) = (pick(random, &STARTS), pick(random, &[0, 0, 0, -1, i32::MAX, i32::MIN]));
    let n = pick(random, &[1, 2, 16, 17, 33, 60]);
    let (d, e) = (pick(random, &DIVISORS), pick(random, &DIVISORS));
    let (p, q) = (0x1000 + 8 * random.below(16) as i32, 0x2000 + 8 * random.below(16) as i32);
    [start, high, n, d, e, p, pick(random, &[q, q, p, p + 8])].map(|value| value as u32).to_vec()
}

fn function(name: &str, random: &mut Random) -> String {
    let ty = pick(random, &["i32", "i64"]);
    let low = |value: &str| if ty == "i64" { format!("(i32.wrap_i64 {value})") } else { value.to_owned() };
    let wide = |value: &str| if ty == "i64" { format!("(i64.extend_i32_s {value})") } else { value.to_owned() };
    let start = match ty {
        "i64" => {
            "(i64.or (i64.shl (i64.extend_i32_u (local.get $high)) (i64.const 32)) (i64.extend_i32_u (local.get $start)))"
        }
        _ => "(local.get $start)",
    };
    let divisor = match random.below(3) {
        0 => format!("({ty}.const 17)"),
        _ => wide(pick(random, &["(local.get $d)", "(local.get $e)"])),
    };
    let (sign, other) = (pick(random, &["s", "s", "u"]), pick(random, &["s", "u"]));
    let shift = pick(random, &[0, 0, 0, 5, -1]);
    let dividend = if shift == 0 {
        "(local.get $c)".to_owned()
    } else {
        format!("({ty}.add (local.get $c) ({ty}.const {shift}))")
    };
    let (second, by) = (random.below(3) == 0, wide("(local.get $e)"));
    let mut body = match random.below(3) {
        0 => format!("(local.set $i ({ty}.rem_{sign} {dividend} {divisor}))\n      (local.set $j (local.get $i))"),
        _ => format!(
            "(local.set $i ({ty}.div_{sign} {dividend} {divisor}))
      (local.set $j ({ty}.sub {dividend} ({ty}.mul (local.get $i) {divisor})))"
        ),
    };
    if second {
        body += &format!(
            "\n      (local.set $i ({ty}.add (local.get $i) ({ty}.shl (local.tee $k ({ty}.div_{other} (local.get $j) {by})) ({ty}.const 4))))
      (local.set $j ({ty}.sub (local.get $j) ({ty}.mul (local.get $k) {by})))"
        );
    }
    let (row, column) = (low("(local.get $i)"), low("(local.get $j)"));
    let at = |base: &str, bits: u32| {
        format!(
            "(i32.add (i32.add (local.get ${base}) (i32.shl {row} (i32.const 8))) (i32.shl {column} (i32.const {bits})))"
        )
    };
    let (to, from, of) = (at("p", 2), at("q", 2), offset(random));
    body += &match random.below(3) {
        0 => format!("\n      (i32.store {to} (i32.add (i32.load offset={of} {from}) {row}))"),
        1 => format!("\n      (i32.store8 {} (i32.load8_u {}))", at("p", 0), at("q", 0)),
        _ => format!("\n      (i32.store {to} (i32.add (i32.load {to}) (i32.const 3)))"),
    };
    let next = format!("({ty}.add (local.get $c) ({ty}.const 1))");
    let again = match random.below(3) {
        0 => format!("({ty}.ne (local.tee $c {next}) (local.get $last))"),
        1 => format!("({ty}.ne (local.get $last) (local.tee $c {next}))"),
        _ => format!("({ty}.ne (local.tee $x (local.get $c)) (local.get $last))\n        (local.set $c {next})"),
    };
    format!(
        "  (func (export \"{name}\") {PARAMS}
    (local $c {ty}) (local $last {ty}) (local $i {ty}) (local $j {ty}) (local $k {ty}) (local $x {ty})
    (local.set $c {start})
    (local.set $last ({ty}.add (local.get $c) {}))
    (loop $again
      {body}
      (br_if $again {again}))
    ({ty}.store (i32.const 16) (local.get $i))
    ({ty}.store (i32.const 24) (local.get $j))
    ({ty}.store (i32.const 32) (local.get $c)))
",
        wide("(local.get $n)")
    )
}
