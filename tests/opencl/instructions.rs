//! Every instruction that is translated, on operands that matter.
//!
//! Kernels are families of instructions with the same operands and result. Each thread has a record of three operands of 16 bytes
//! in the lower half of memory, applies all instructions of the family to them, and stores the results in the upper half.

use crate::THREADS;
use std::fmt::Write;

pub const SEED: u64 = 42;

/// Bytes of the memory; results begin in the middle.
const MEMORY: usize = 1 << 20;

/// Operands, result, and instructions, with what stands between name and operands.
type Family = (&'static str, &'static [&'static str], &'static str, Vec<String>);

fn all(shape: &str, names: &str) -> Vec<String> {
    names.split_whitespace().map(|name| format!("{shape}.{name}")).collect()
}

fn families() -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for (ty, other) in [("i32", ""), ("i64", " extend32_s")] {
        families.push((ty, leak(&[ty]), ty, all(ty, &format!("clz ctz popcnt extend8_s extend16_s{other}"))));
        let two = "add sub mul and or xor shl shr_s shr_u rotl rotr";
        families.push((ty, leak(&[ty, ty]), ty, all(ty, two)));
        families.push((ty, leak(&[ty, ty]), "i32", all(ty, "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u")));
        families.push((ty, leak(&[ty]), "i32", all(ty, "eqz")));
    }
    for ty in ["f32", "f64"] {
        families.push((ty, leak(&[ty]), ty, all(ty, "abs neg ceil floor trunc nearest sqrt")));
        families.push((ty, leak(&[ty, ty]), ty, all(ty, "add sub mul div min max copysign")));
        families.push((ty, leak(&[ty, ty]), "i32", all(ty, "eq ne lt gt le ge")));
        families.push((ty, leak(&[ty]), "i32", all("i32", &format!("trunc_sat_{ty}_s trunc_sat_{ty}_u"))));
        families.push((ty, leak(&[ty]), "i64", all("i64", &format!("trunc_sat_{ty}_s trunc_sat_{ty}_u"))));
        families.push((ty, leak(&["i32"]), ty, all(ty, "convert_i32_s convert_i32_u")));
        families.push((ty, leak(&["i64"]), ty, all(ty, "convert_i64_s convert_i64_u")));
    }
    families.push(("convert", &["i64"], "i32", all("i32", "wrap_i64")));
    families.push(("convert", &["i32"], "i64", all("i64", "extend_i32_s extend_i32_u")));
    families.push(("convert", &["f32"], "f64", all("f64", "promote_f32")));
    families.push(("convert", &["f64"], "f32", all("f32", "demote_f64")));
    families.push(("convert", &["f32"], "i32", all("i32", "reinterpret_f32")));
    families.push(("convert", &["f64"], "i64", all("i64", "reinterpret_f64")));
    families.push(("convert", &["i32"], "f32", all("f32", "reinterpret_i32")));
    families.push(("convert", &["i64"], "f64", all("f64", "reinterpret_i64")));
    vectors(&mut families);
    families
}

fn vectors(families: &mut Vec<Family>) {
    families.push(("bits", &["v128"], "v128", all("v128", "not")));
    families.push(("bits", &["v128", "v128"], "v128", all("v128", "and or xor andnot")));
    families.push(("bits", &["v128", "v128", "v128"], "v128", all("v128", "bitselect")));
    families.push(("bits", &["v128"], "i32", all("v128", "any_true")));
    let shuffles = ["0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31", "31 30 29 28 0 1 2 3 16 16 16 16 15 15 15 15"];
    families.push((
        "bits",
        &["v128", "v128"],
        "v128",
        shuffles.iter().map(|lanes| format!("i8x16.shuffle {lanes}")).collect(),
    ));
    families.push(("bits", &["v128", "v128"], "v128", all("i8x16", "swizzle")));
    for (shape, lane, lanes) in [("i8x16", "i32", 16), ("i16x8", "i32", 8), ("i32x4", "i32", 4), ("i64x2", "i64", 2)] {
        let narrow = lanes >= 8;
        families.push((shape, &["v128"], "v128", all(shape, if lanes == 16 { "abs neg popcnt" } else { "abs neg" })));
        let mut two = "add sub eq ne lt_s gt_s le_s ge_s".to_owned();
        two += if lanes == 16 { "" } else { " mul" };
        two += if lanes == 2 { "" } else { " lt_u gt_u le_u ge_u min_s min_u max_s max_u" };
        two += if narrow { " add_sat_s add_sat_u sub_sat_s sub_sat_u avgr_u" } else { "" };
        families.push((shape, &["v128", "v128"], "v128", all(shape, &two)));
        families.push((shape, &["v128", "i32"], "v128", all(shape, "shl shr_s shr_u")));
        families.push((shape, &["v128"], "i32", all(shape, "all_true bitmask")));
        families.push((shape, leak(&[lane]), "v128", all(shape, "splat")));
        let last = lanes - 1;
        families.push((
            shape,
            leak(&["v128", lane]),
            "v128",
            all(shape, "replace_lane").iter().flat_map(|op| [format!("{op} 0"), format!("{op} {last}")]).collect(),
        ));
        let extracts = if narrow { "extract_lane_s extract_lane_u" } else { "extract_lane" };
        families.push((
            shape,
            &["v128"],
            lane,
            all(shape, extracts).iter().flat_map(|op| [format!("{op} 1"), format!("{op} {last}")]).collect(),
        ));
    }
    for (wide, narrow) in [("i16x8", "i8x16"), ("i32x4", "i16x8"), ("i64x2", "i32x4")] {
        let both = |name: &str| format!("{name}_{narrow}_s {name}_{narrow}_u");
        families.push((wide, &["v128"], "v128", all(wide, &format!("{} {}", both("extend_low"), both("extend_high")))));
        families.push((
            wide,
            &["v128", "v128"],
            "v128",
            all(wide, &format!("{} {}", both("extmul_low"), both("extmul_high"))),
        ));
        if wide != "i64x2" {
            families.push((wide, &["v128"], "v128", all(wide, &both("extadd_pairwise"))));
            families.push((
                narrow,
                &["v128", "v128"],
                "v128",
                all(narrow, &format!("narrow_{wide}_s narrow_{wide}_u")),
            ));
        }
    }
    families.push(("i32x4", &["v128", "v128"], "v128", all("i32x4", "dot_i16x8_s")));
    families.push(("i16x8", &["v128", "v128"], "v128", all("i16x8", "q15mulr_sat_s")));
    for (shape, lane, last) in [("f32x4", "f32", 3), ("f64x2", "f64", 1)] {
        families.push((shape, &["v128"], shape_name(shape), all(shape, "abs neg sqrt ceil floor trunc nearest")));
        families.push((shape, &["v128", "v128"], shape_name(shape), all(shape, "add sub mul div min max pmin pmax")));
        families.push((shape, &["v128", "v128"], "v128", all(shape, "eq ne lt gt le ge")));
        families.push((shape, leak(&[lane]), shape_name(shape), all(shape, "splat")));
        families.push((shape, leak(&["v128", lane]), "v128", vec![format!("{shape}.replace_lane {last}")]));
        families.push((shape, &["v128"], lane, vec![format!("{shape}.extract_lane {last}")]));
    }
    families.push(("f32x4", &["v128"], "f32x4", all("f32x4", "convert_i32x4_s convert_i32x4_u demote_f64x2_zero")));
    vector_conversions(families);
}

fn vector_conversions(families: &mut Vec<Family>) {
    families.push((
        "f64x2",
        &["v128"],
        "f64x2",
        all("f64x2", "convert_low_i32x4_s convert_low_i32x4_u promote_low_f32x4"),
    ));
    families.push((
        "i32x4",
        &["v128"],
        "v128",
        all("i32x4", "trunc_sat_f32x4_s trunc_sat_f32x4_u trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero"),
    ));
}

/// Results that are floats get their NaNs made canonical.
fn shape_name(shape: &'static str) -> &'static str {
    shape
}

fn leak(types: &[&'static str]) -> &'static [&'static str] {
    Box::leak(types.to_vec().into_boxed_slice())
}

/// Kernels by name: the families that begin alike together, because devices take long to build one.
pub fn kernels() -> Vec<(String, String)> {
    let mut groups: Vec<(String, Vec<Family>)> = Vec::new();
    for family in families() {
        match groups.iter_mut().find(|(name, _)| name == family.0) {
            Some((_, group)) => group.push(family),
            None => groups.push((family.0.to_owned(), vec![family])),
        }
    }
    let mut kernels: Vec<_> = groups.into_iter().map(|(name, group)| (name, plain(&group))).collect();
    kernels.push(("memory".to_owned(), memory()));
    kernels.push(("atomics".to_owned(), atomics()));
    kernels
}

const LOCALS: &str = "(local $in i32) (local $out i32) (local $f32 f32) (local $f64 f64) (local $v v128)";

fn module(body: &str, results: usize) -> String {
    let stride = (results * 16).next_power_of_two();
    assert!(stride * THREADS as usize <= MEMORY / 2);
    format!(
        "(module (memory (export \"memory\") {})
  (func (export \"kernel\") (param $id i32) (param i32 i32) {LOCALS}
    (local.set $in (i32.mul (local.get $id) (i32.const 64)))
    (local.set $out (i32.add (i32.const {}) (i32.mul (local.get $id) (i32.const {stride}))))
{body}  ))",
        MEMORY >> 16,
        MEMORY / 2
    )
}

fn plain(families: &[Family]) -> String {
    let mut body = String::new();
    let mut slot = 0;
    for (_, operands, result, instructions) in families {
        for instruction in instructions {
            let loads: Vec<_> = operands
                .iter()
                .enumerate()
                .map(|(i, ty)| format!("({ty}.load offset={} (local.get $in))", i * 16))
                .collect();
            let value = format!("({instruction} {})", loads.join(" "));
            let _ = writeln!(body, "    {}", store(result, slot, &value));
            slot += 1;
        }
    }
    module(&body, slot)
}

/// Stores a result, NaNs made canonical.
fn store(ty: &str, slot: usize, value: &str) -> String {
    let (ty, value) = match ty {
        "f32" | "f64" => {
            let nan = format!("({ty}.const nan)");
            (ty, format!("(select (local.tee ${ty} {value}) {nan} ({ty}.eq (local.get ${ty}) (local.get ${ty})))"))
        }
        "f32x4" | "f64x2" => {
            let nans = if ty == "f32x4" { "nan nan nan nan" } else { "nan nan" };
            let same = format!("({ty}.eq (local.get $v) (local.get $v))");
            ("v128", format!("(v128.bitselect (local.tee $v {value}) (v128.const {ty} {nans}) {same})"))
        }
        _ => (ty, value.to_owned()),
    };
    format!("({ty}.store offset={} (local.get $out) {value})", slot * 16)
}

/// Loads and stores of every width, at addresses of every alignment; bulk operations.
fn memory() -> String {
    let mut body = String::new();
    let mut slot = 0;
    let loads = "i32.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load i64.load8_s i64.load8_u i64.load16_s \
        i64.load16_u i64.load32_s i64.load32_u v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u \
        v128.load32x2_s v128.load32x2_u v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.load32_zero \
        v128.load64_zero";
    for load in loads.split_whitespace() {
        for unaligned in [0, 3] {
            let value = format!("({load} offset={unaligned} (local.get $in))");
            let _ = writeln!(body, "    {}", store(&load[..load.find('.').unwrap_or(0)], slot, &value));
            slot += 1;
        }
    }
    for bits in [8, 16, 32, 64] {
        let value = format!("(v128.load{bits}_lane offset=1 1 (local.get $in) (v128.load offset=16 (local.get $in)))");
        let _ = writeln!(body, "    {}", store("v128", slot, &value));
        slot += 1;
        let _ = writeln!(
            body,
            "    (v128.store{bits}_lane offset={} 1 (local.get $out) (v128.load offset=16 (local.get $in)))",
            slot * 16 + 1
        );
        slot += 1;
    }
    for name in [
        "i32.store",
        "i32.store8",
        "i32.store16",
        "i64.store",
        "i64.store8",
        "i64.store16",
        "i64.store32",
        "v128.store",
    ] {
        let ty = &name[..name.find('.').unwrap_or(0)];
        for unaligned in [0, 5] {
            let _ = writeln!(
                body,
                "    ({name} offset={} (local.get $out) ({ty}.load (local.get $in)))",
                slot * 16 + unaligned
            );
            slot += 2;
        }
    }
    let _ = writeln!(body, "    {}", store("i32", slot, "(memory.size)"));
    slot += 1;
    for (to, from, count) in [(0, 7, 33), (48, 51, 20), (83, 80, 20)] {
        let _ = writeln!(
            body,
            "    (memory.copy (i32.add (local.get $out) (i32.const {})) (i32.add (local.get $out) (i32.const {})) (i32.const {count}))",
            slot * 16 + to,
            slot * 16 + from
        );
    }
    let _ = writeln!(
        body,
        "    (memory.fill (i32.add (local.get $out) (i32.const {})) (local.get $id) (i32.const 19))",
        slot * 16 + 120
    );
    module(&body, slot + 10)
}

/// Atomic operations, each on a word of its own and on one that all threads share, where the order makes no difference.
fn atomics() -> String {
    let mut body = String::new();
    let mut slot = 0;
    for (ty, widths) in [("i32", &["", "8", "16"][..]), ("i64", &["", "8", "16", "32"])] {
        for width in widths {
            let (load, store_name) =
                (format!("{ty}.atomic.load{width}{}", suffix(width)), format!("{ty}.atomic.store{width}"));
            let operand = format!("({ty}.load (local.get $in))");
            let _ = writeln!(body, "    ({store_name} offset={} (local.get $out) {operand})", slot * 16);
            let _ = writeln!(body, "    {}", store(ty, slot + 1, &format!("({load} offset=8 (local.get $in))")));
            slot += 2;
            for op in ["add", "sub", "and", "or", "xor", "xchg"] {
                let name = format!("{ty}.atomic.rmw{width}.{op}{}", suffix(width));
                // At the second word, so that a part of a word has neighbours on both sides.
                let part = if width.is_empty() { 0 } else { width.parse::<usize>().unwrap_or(0) / 8 };
                let value = format!("({name} offset={} (local.get $out) {operand})", slot * 16 + part);
                let _ = writeln!(body, "    {}", store(ty, slot + 1, &value));
                slot += 2;
            }
            let name = format!("{ty}.atomic.rmw{width}.cmpxchg{}", suffix(width));
            for expected in [format!("({load} offset={} (local.get $out))", slot * 16), format!("({ty}.const -1)")] {
                let value = format!("({name} offset={} (local.get $out) {expected} {operand})", slot * 16);
                let _ = writeln!(body, "    {}", store(ty, slot + 1, &value));
                slot += 2;
            }
        }
        let common = MEMORY - 64;
        for (i, op) in ["add", "xor", "or", "and"].iter().enumerate() {
            let _ = writeln!(
                body,
                "    (drop ({ty}.atomic.rmw.{op} offset={} (i32.const {common}) ({ty}.load (local.get $in))))",
                i * 8 + if ty == "i32" { 32 } else { 0 }
            );
        }
    }
    body.push_str("    (atomic.fence)\n");
    module(&body, slot)
}

fn suffix(width: &str) -> &'static str {
    if width.is_empty() { "" } else { "_u" }
}

/// Fills a memory: operands that matter among random ones.
pub fn fill(memory: &mut [u8], seed: u64) {
    const I32: [u32; 12] = [0, 1, 2, 31, 32, 0x7f, 0x80, 0xffff, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_ffff];
    const F32: [f32; 16] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        1.5,
        2.5,
        -2.5,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MIN_POSITIVE,
        1e-40,
        f32::MAX,
        2147483648.0,
        -2147483904.0,
    ];
    const F64: [f64; 16] = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        0.5,
        2.5,
        4294967295.0,
        4294967296.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        5e-324,
        f64::MAX,
        9223372036854775807.0,
        -9223372036854775808.0,
        18446744073709551616.0,
    ];
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for part in memory.chunks_exact_mut(16) {
        let kind = random.below(6);
        for word in part.chunks_exact_mut(8) {
            let value = match kind {
                0 | 1 => random.next(),
                2 => u64::from(I32[random.below(12) as usize]) | u64::from(I32[random.below(12) as usize]) << 32,
                3 => {
                    u64::from(F32[random.below(16) as usize].to_bits())
                        | u64::from(F32[random.below(16) as usize].to_bits()) << 32
                }
                4 => F64[random.below(16) as usize].to_bits(),
                _ => u64::from(I32[random.below(12) as usize]),
            };
            word.copy_from_slice(&value.to_le_bytes());
        }
    }
}

/// Marsaglia's xorshift: the same numbers everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, most: u64) -> u64 {
        (self.next() >> 33) % most
    }
}
