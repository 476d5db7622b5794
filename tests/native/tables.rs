//! Loops that store somewhere into a table, beside what they load again in each iteration and what they store in place: where the table is,
//! how long it is, and what the loop's limit is made of. The table is apart from those, touches them, or is all around them; limits
//! are quotients whose divisors may be 0 and -1; indices are masked, remainders, shifted down, or narrow.
//!
//! Invariant: each loop ends soon, as its counter is compared with a few bits, whatever they are.

use crate::THREADS;
use crate::compare::{Case, Places, Values};
use crate::instructions::Random;
use crate::loops::pick;
use std::fmt::Write;
use std::ops::Range;

/// What functions are given: where what they load again is, where the table is from there, its mask, the limit, the divisor, where the
/// sum is from there, data, and a number.
const PARAMS: &str =
    "(param $p i32) (param $table i32) (param $mask i32) (param $limit i32) (param $divisor i32) (param $sum i32)
    (param $r i32) (param $c i32)";

/// A module with a function for each seed. `is_whole` is whether its memory has all that 32 bits address: then what wraps around is inside.
pub fn case(seeds: Range<u64>, is_whole: bool) -> Case {
    let first = seeds.start;
    let mut text = format!("(module (memory (export \"memory\") {})\n", if is_whole { 65536 } else { 4 });
    let mut functions = Vec::new();
    for seed in seeds {
        let mut random = Random((2 * seed + u64::from(is_whole)).wrapping_mul(0xa076_1d64_78bd_642f) | 1);
        let name = format!("table{seed}");
        text += &function(&name, &mut random);
        functions.push((name, Values::Each((0..THREADS).map(|_| arguments(is_whole, &mut random)).collect())));
    }
    let mut case = Case::new(text + ")", functions, first);
    case.places = Places::Somewhere;
    case
}

fn arguments(is_whole: bool, random: &mut Random) -> Vec<u32> {
    // The last one's first bytes are behind the end of a memory of four pages.
    let at = pick(random, &[0x1000, 0x1000, 0x2000, 0x8000, 0xffff_ff80_u32, 0x3_ffe0]);
    let mask = pick(random, &[0, 1, 3, 7, 7, 15, 15, 31, 63, 255, 0x0fff_ffff, u32::MAX]);
    // It ends just before what is loaded again, at its first byte, or elsewhere.
    let ends_at = |bytes: u64| (mask.wrapping_add(1)).wrapping_mul(bytes as u32).wrapping_neg();
    let table = match random.below(6) {
        0 => ends_at(4),
        1 => ends_at(8),
        2 => ends_at(8).wrapping_add(pick(random, &[1, 4, 8]) as u32),
        3 => pick(random, &[36, 40, 44, 48, 56]) as u32,
        4 => random.below(64) as u32,
        _ => pick(random, &[0x800, 0x1_0000, 0x4000]) as u32,
    };
    let limit = pick(random, &[1, 2, 5, 9, 17, 33, 63, 0xffff_fff0_u32, 0x8000_0000]);
    // What a load beyond the memory gives may not be used where a division traps; then it is not done.
    let divisors = [1, 1, 1, 2, 2, 3, 0xffff_fffe, 0, u32::MAX];
    let divisor = pick(random, if is_whole { &divisors } else { &divisors[..7] });
    let sum = pick(random, &[40, 40, 48, 0x100, 36, 12, 0, 0x400, 0xffff_fff8_u32]);
    vec![at, table, mask, limit, divisor, sum, (0x3000 + random.below(64)) as u32, random.next() as u32]
}

fn function(name: &str, random: &mut Random) -> String {
    let is_nest = random.below(4) == 0;
    let is_wide = random.below(3) == 0;
    let is_hashed = random.below(3) == 0;
    let mut body = String::new();
    if is_nest {
        let _ = writeln!(body, "    (local.set $j (i32.const 0)) (loop $outer (local.set $i (i32.const 0))");
    }
    if random.below(4) == 0 {
        // What is divided before the loop may have any divisor that does not trap.
        body.push_str("    (local.set $d (i32.div_s (i32.const 24) (i32.load offset=24 (local.get $p))))\n");
    }
    let sum = "(i32.add (local.get $p) (local.get $sum))";
    body.push_str("    (loop $next\n");
    // The sum is what indices are made of, as of a random number in place, or it is just a sum, or there is none.
    match random.below(4) {
        _ if is_hashed => {
            let _ = writeln!(
                body,
                "      (i32.store {sum} (local.tee $x (i32.xor (i32.shl (i32.load {sum}) (i32.const 1)) (i32.add (local.get $c) (local.get $i)))))"
            );
        }
        0 | 1 => {
            let _ = writeln!(body, "      (local.set $x (i32.load (local.get $r)))");
            let _ = writeln!(body, "      (i32.store {sum} (i32.add (i32.load {sum}) (local.get $x)))");
        }
        2 => {
            let _ = writeln!(body, "      (local.set $x (i32.load16_u (local.get $r)))");
        }
        _ => {
            let _ = writeln!(
                body,
                "      (local.set $x (i32.xor (local.get $c) (i32.mul (local.get $i) (i32.const 0x9e3779b1))))"
            );
        }
    }
    let address = address(is_wide, random);
    let _ = writeln!(body, "      {}", access(&address, random));
    if random.below(3) == 0 {
        let _ = writeln!(body, "      (if (i32.and (local.get $x) (i32.const 1)) (then {}))", access(&address, random));
    }
    if random.below(6) == 0 {
        // It may go anywhere. What is loaded is stored, as it may not be done else.
        let _ = writeln!(
            body,
            "      (i32.store (i32.const 20) (i32.add (i32.load (i32.const 20)) (i32.load8_u (i32.add (local.get $r) (i32.xor (i32.and (i32.load (local.get $r)) (i32.const 0xff)) (i32.const 1))))))"
        );
    }
    let _ = writeln!(body, "      (local.set $r (i32.add (local.get $r) (i32.const {})))", pick(random, &[1, 4, 8]));
    let _ = writeln!(body, "      (local.set $i (i32.add (local.get $i) (i32.const 1)))");
    let _ = writeln!(body, "      (br_if $next (i32.lt_u (local.get $i) {})))", limit(is_wide, random));
    if is_nest {
        if random.below(2) == 0 {
            let _ = writeln!(body, "    (i32.store (local.get $r) (i32.load {sum}))");
        }
        let _ = writeln!(
            body,
            "    (br_if $outer (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 3))))"
        );
    }
    let mask = if is_wide {
        "(i64.store offset=8 (local.get $p) (i64.extend_i32_u (local.get $mask)))"
    } else {
        "(i32.store offset=8 (local.get $p) (local.get $mask))"
    };
    format!(
        "  (func (export \"{name}\") {PARAMS}
    (local $i i32) (local $j i32) (local $x i32) (local $d i32)
    (i32.store (local.get $p) (i32.add (local.get $p) (local.get $table)))
    {mask}
    (i32.store offset=16 (local.get $p) (local.get $limit))
    (i32.store offset=24 (local.get $p) (local.get $divisor))
{body}    (i32.store (i32.const 16) (local.get $x))
    (i32.store (i32.const 24) (local.get $i)))
"
    )
}

/// The address of an element of the table.
fn address(is_wide: bool, random: &mut Random) -> String {
    let mask = "(i32.load offset=8 (local.get $p))";
    let index = match random.below(8) {
        _ if is_wide => "(i32.wrap_i64 (i64.and (i64.mul (i64.extend_i32_u (local.get $x)) (i64.const 0x9e3779b97f4a7c15)) (i64.load offset=8 (local.get $p))))".to_owned(),
        0 => format!("(i32.rem_u (local.get $x) {mask})"),
        1 => format!("(i32.and (local.get $x) (i32.const {}))", pick(random, &[7, 15, 63])),
        2 => format!("(i32.shr_u (i32.mul (local.get $x) (i32.const 0x9e3779b1)) (i32.const {}))", pick(random, &[26, 28, 40])),
        3 => "(i32.load8_u (local.get $r))".to_owned(),
        4 => "(i32.wrap_i64 (i64.extend_i32_u (i32.load16_u (local.get $r))))".to_owned(),
        5 => format!("(i32.add (i32.and (local.get $x) {mask}) (i32.and (local.get $c) (i32.const 3)))"),
        _ => format!("(i32.and (local.get $x) {mask})"),
    };
    let scaled = match random.below(5) {
        0 => format!("(i32.mul {index} (i32.const {}))", pick(random, &[3, 12, 40, 0x1_0000, -1])),
        1 => index,
        2 => format!("(i32.add (i32.shl (local.get $d) (i32.const 2)) {index})"),
        _ => format!("(i32.shl {index} (i32.const {}))", pick(random, &[2, 3])),
    };
    match random.below(6) {
        // Bits are or-ed that are disjoint or not.
        1 => format!(
            "(i32.add (i32.add (local.get $p) (local.get $table)) (i32.add (i32.or (i32.shl (local.get $i) (i32.const 3)) (i32.and (local.get $c) (i32.const 12))) {scaled}))"
        ),
        // It moves with the data, too.
        0 => format!("(i32.add (i32.add (i32.load (local.get $p)) (i32.shl (local.get $i) (i32.const 3))) {scaled})"),
        _ => format!("(i32.add (i32.load (local.get $p)) {scaled})"),
    }
}

/// An access to the table.
fn access(address: &str, random: &mut Random) -> String {
    let at = pick(random, &[0, 0, 4, 24]);
    match random.below(6) {
        0 => format!(
            "(i64.store offset={at} {address} (i64.xor (i64.load offset={at} {address}) (i64.extend_i32_u (local.get $x))))"
        ),
        1 => format!("(i32.store8 offset={at} {address} (local.get $x))"),
        2 => format!("(i32.store (i32.const 20) (i32.add (i32.load (i32.const 20)) (i32.load offset={at} {address})))"),
        _ => format!("(i32.store offset={at} {address} (i32.add (i32.load offset={at} {address}) (i32.const 1)))"),
    }
}

/// Loops that are as they are for a reason. What is done before a loop must not trap, as the loop may not come to it.
const BY_HAND: [(&str, &str, [[u32; 8]; 3]); 4] = [
    // The limit is loaded from where a quotient says, which is small.
    (
        "divided_address",
        "(i32.store offset=4 (local.get $p) (i32.const 9))
        (loop $next
          (i32.store (i32.add (local.get $r) (i32.shl (local.get $i) (i32.const 2))) (local.get $i))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
            (i32.and (i32.const 63) (i32.load (i32.add (local.get $p)
              (i32.shl (i32.div_u (local.get $limit) (local.get $divisor)) (i32.const 2))))))))",
        [[0x1000, 0, 0, 0x10_0000, u32::MAX, 0, 0x2000, 0], [0x1000, 0, 0, 3, 3, 0, 0x2000, 0], [0x1000, 0, 0, 3, 0, 0, 0x2000, 0]],
    ),
    // A pointer is stored into a table before it is used, over what is none.
    (
        "pointer_comes_first",
        "(i32.store (local.get $p) (i32.const 0x7fff0000)) (i32.store8 (local.get $r) (local.get $c))
        (loop $next
          (i32.store (i32.add (local.get $p) (i32.shl (i32.load8_u (local.get $r)) (i32.const 2))) (i32.const 0x1800))
          (i32.store offset=0x40 (local.get $r) (local.get $i))
          (local.set $r (i32.add (local.get $r) (i32.const 4)))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
            (i32.and (i32.const 31) (i32.load (i32.load (local.get $p)))))))",
        [[0x1000, 0, 0, 0, 0, 0, 0x2000, 0], [0x1000, 0, 0, 0, 0, 0, 0x2000, 1], [0x1000, 0, 0, 0, 0, 0, 0x3000, 2]],
    ),
    // Bits of the table's address are or-ed: it begins before the sum of both.
    (
        "or_ed_table",
        "(local.set $i (i32.const 1))
        (loop $next
          (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (i32.const 1)))
          (i32.store8 (i32.add (i32.or (i32.shl (local.get $i) (i32.const 3)) (local.get $c))
              (i32.and (i32.load (i32.add (local.get $r) (i32.shl (local.get $i) (i32.const 2)))) (i32.const 3)))
            (i32.const 0x40))
          (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))",
        [[8, 0, 0, 0, 0, 0, 0x1000, 8], [40, 0, 0, 0, 0, 0, 0x1000, 7], [0x100, 0, 0, 0, 0, 0, 0x1000, 0x80]],
    ),
    // The same is loaded twice, and stored: it is kept, and what is loaded beside it is settled.
    (
        "loaded_twice",
        "(i32.store offset=8 (local.get $p) (i32.const 15))
        (loop $next
          (local.set $x (i32.add (i32.load (local.get $p)) (local.get $i)))
          (i32.store (i32.add (local.get $r) (i32.shl (i32.and (i32.load (local.get $p)) (i32.load offset=8 (local.get $p))) (i32.const 2)))
            (local.get $x))
          (i32.store (local.get $p) (i32.mul (local.get $x) (i32.const 3)))
          (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))",
        [[0x1000, 0, 0, 0, 0, 0, 0x2000, 0], [0x1000, 0, 0, 0, 0, 0, 0x0fd0, 0], [0x1000, 0, 0, 0, 0, 0, 0x1000, 0]],
    ),
];

/// A module with those.
pub fn by_hand() -> Case {
    let mut text = "(module (memory (export \"memory\") 4)\n".to_owned();
    let mut functions = Vec::new();
    for (name, body, arguments) in BY_HAND {
        let _ = writeln!(
            text,
            "  (func (export \"{name}\") {PARAMS} (local $i i32) (local $x i32)\n{body}\n    (i32.store (i32.const 24) (local.get $i)))"
        );
        let each = (0..THREADS as usize).map(|thread| arguments[thread % arguments.len()].to_vec());
        functions.push((name.to_owned(), Values::Each(each.collect())));
    }
    let mut case = Case::new(text + ")", functions, 5);
    case.places = Places::Somewhere;
    case
}

/// What the counter is compared with: below 64, made of what is loaded again.
fn limit(is_wide: bool, random: &mut Random) -> String {
    let (limit, divisor) = ("(i32.load offset=16 (local.get $p))", "(i32.load offset=24 (local.get $p))");
    let quotient = match random.below(7) {
        0 if is_wide => format!(
            "(i32.wrap_i64 (i64.div_s (i64.extend_i32_s {limit}) (i64.shl (i64.extend_i32_s {divisor}) (i64.const 1))))"
        ),
        0 => format!("(i32.div_u {limit} {divisor})"),
        1 => format!("(i32.div_s {limit} {divisor})"),
        2 => format!("(i32.rem_s {limit} {divisor})"),
        3 => format!("(i32.div_s {limit} (i32.shl {divisor} (i32.const 1)))"),
        4 => format!("(i32.div_s {limit} (i32.const {}))", pick(random, &[1, 3, -1])),
        5 => "(local.get $d)".to_owned(),
        _ => limit.to_owned(),
    };
    format!("(i32.and {quotient} (i32.const 63))")
}
