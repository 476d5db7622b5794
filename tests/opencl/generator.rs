//! Kernels at random: nested control, locals, globals, calls, and memory of each thread's own.
//!
//! Every loop has a counter of its own that ends it, every address is reduced to the thread's part of the memory, and divisors are
//! made odd: so kernels end, do not race, and rarely trap.

use crate::instructions::Random;
use std::fmt::Write;

/// Bytes of memory for each thread.
const OWN: u32 = 1024;

/// Types of the locals; the last four are for addresses and counters.
const LOCALS: [&str; 8] = ["i32", "i64", "f32", "f64", "i32", "i64", "f64", "i32"];

struct Generator {
    random: Random,
    out: String,
    counters: usize,
    depth: usize,
    /// Labels in scope: innermost last.
    labels: usize,
    helper: bool,
    /// Whether the kernel works on a copy of its memory that is on the stack.
    on_stack: bool,
    seed: u64,
}

/// The text of a module with a kernel.
#[allow(dead_code)] // for compilers that are slow
pub fn kernel(seed: u64) -> String {
    module(&functions(seed, "kernel", false))
}

/// The same, but the kernel works on a copy of its memory in its stack frame; its helper is given that, or the memory itself.
#[allow(dead_code)] // where there are no frames
pub fn kernel_on_stack(seed: u64) -> String {
    module(&functions(seed, "kernel", true))
}

/// The text of a module with several, which are called `kernel` with their seeds.
#[allow(dead_code)] // for compilers that are quick
pub fn kernels(seeds: impl Iterator<Item = u64>) -> String {
    module(&seeds.map(|seed| functions(seed, &format!("kernel{seed}"), false)).collect::<String>())
}

fn module(functions: &str) -> String {
    let stack_pointer = match functions.contains(ENTER) {
        true => "\n  (global $__stack_pointer (mut i32) (i32.const 65536))",
        false => "",
    };
    format!(
        "(module (memory (export \"memory\") 3)
  (global $g (mut i32) (i32.const 77)){stack_pointer}
  (table 3 funcref) (elem (i32.const 0) $one $two $one)
  (type $t (func (param i32) (result i32)))
  (func $one (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $two (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
{functions})"
    )
}

/// A kernel with its helper.
fn functions(seed: u64, name: &str, on_stack: bool) -> String {
    let mut generator = Generator {
        random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
        out: String::new(),
        counters: 0,
        depth: 0,
        labels: 0,
        helper: true,
        on_stack,
        seed,
    };
    let helper = generator.body(6);
    let helper_counters = std::mem::take(&mut generator.counters);
    generator.helper = false;
    let body = generator.body(14);
    let counters = generator.counters;
    let locals = |counters: usize| {
        let mut out = String::new();
        for (i, ty) in LOCALS.iter().enumerate() {
            let _ = write!(out, " (local $x{i} {ty})");
        }
        for i in 0..counters {
            let _ = write!(out, " (local $c{i} i32)");
        }
        out
    };
    let (enter, leave) = if on_stack { (ENTER, LEAVE) } else { ("", "") };
    format!(
        "  (func $helper{seed} (param $base i32) (param $x i32) (result i32){}
{helper}    (i32.xor (local.get $x0) (local.get $x4)))
  (func (export \"{name}\") (param $id i32) (param $n i32) (param $b i32) (local $base i32) (local $memory i32) (local $x i32){}
    (local.set $base (i32.add (i32.const 65536) (i32.mul (local.get $id) (i32.const {OWN}))))
    (local.set $memory (local.get $base))
{enter}    (local.set $x (i32.load (local.get $base)))
    (global.set $g (i32.const 77)) ;; each work-item has its own
{body}{leave}{}  )
",
        locals(helper_counters),
        locals(counters),
        finale()
    )
}

/// Stores all locals, NaNs made canonical.
fn finale() -> String {
    let mut out = String::new();
    for (i, ty) in LOCALS.iter().enumerate() {
        let get = format!("(local.get $x{i})");
        let value = match *ty {
            "f32" | "f64" => format!("(select {get} ({ty}.const nan) ({ty}.eq {get} {get}))"),
            _ => get,
        };
        let _ = writeln!(out, "    ({ty}.store offset={} (local.get $base) {value})", OWN as usize - 128 + i * 16);
    }
    let _ = writeln!(out, "    (i32.store offset={} (local.get $base) (global.get $g))", OWN - 132);
    out
}

/// Makes a frame, with a copy of the kernel's memory.
pub const ENTER: &str =
    "    (global.set $__stack_pointer (local.tee $base (i32.sub (global.get $__stack_pointer) (i32.const 1024))))
    (memory.copy (local.get $base) (local.get $memory) (i32.const 1024))
";

/// Copies it back.
const LEAVE: &str = "    (memory.copy (local.get $memory) (local.get $base) (i32.const 1024))
    (global.set $__stack_pointer (i32.add (local.get $base) (i32.const 1024)))
    (local.set $base (local.get $memory))
";

impl Generator {
    fn body(&mut self, statements: usize) -> String {
        for _ in 0..statements {
            self.statement();
        }
        std::mem::take(&mut self.out)
    }

    fn line(&mut self, text: &str) {
        let indent = "  ".repeat(self.depth + 2);
        let _ = writeln!(self.out, "{indent}{text}");
    }

    fn block(&mut self, statements: u64) {
        self.depth += 1;
        for _ in 0..1 + self.random.below(statements) {
            self.statement();
        }
        self.depth -= 1;
    }

    fn statement(&mut self) {
        let kinds = if self.depth < 4 { 12 } else { 6 };
        match self.random.below(kinds) {
            0..=2 => {
                let local = self.random.below(LOCALS.len() as u64) as usize;
                let value = self.expression(LOCALS[local], 3);
                self.line(&format!("(local.set $x{local} {value})"));
            }
            3 => {
                let ty = ["i32", "i64"][self.random.below(2) as usize];
                let (address, value) = (self.address(), self.expression(ty, 2));
                let access = ["store", "store8", "store16"][self.random.below(3) as usize];
                self.line(&format!("({ty}.{access} {address} {value})"));
            }
            4 if self.labels > 0 => {
                let label = self.random.below(self.labels as u64);
                let condition = self.expression("i32", 2);
                // Forward only: the labels of loops are left to their counters.
                self.line(&format!("(br_if $l{label} (i32.eqz (i32.and {condition} (i32.const 7))))"));
            }
            4 | 5 => {
                let value = self.expression("i32", 2);
                self.line(&format!("(global.set $g {value})"));
            }
            6 | 7 => {
                let condition = self.expression("i32", 2);
                self.line(&format!("(if {condition} (then"));
                self.block(3);
                self.line(") (else");
                self.block(3);
                self.line("))");
            }
            8 | 9 => {
                let label = self.labels;
                self.labels += 1;
                self.line(&format!("(block $l{label}"));
                self.block(4);
                self.line(")");
                self.labels -= 1;
            }
            10 => self.a_loop(),
            _ => self.switch(),
        }
    }

    /// A loop that runs at most eight times, in a block of its own: branches out of it leave it.
    fn a_loop(&mut self) {
        let counter = self.counters;
        self.counters += 1;
        let times = 1 + self.random.below(8);
        self.line(&format!("(local.set $c{counter} (i32.const {times}))"));
        self.line(&format!("(loop $again{counter}"));
        self.block(4);
        self.line(&format!("(local.set $c{counter} (i32.sub (local.get $c{counter}) (i32.const 1)))"));
        if self.random.below(2) == 0 {
            let condition = self.expression("i32", 2);
            self.line(&format!(
                "(if (i32.gt_s (local.get $c{counter}) (i32.const 0)) (then (br_if $again{counter} {condition})))"
            ));
        } else {
            self.line(&format!("(br_if $again{counter} (i32.gt_s (local.get $c{counter}) (i32.const 0)))"));
        }
        self.line(")");
    }

    /// Three nested blocks, and a `br_table` into them that carries nothing, or a value out of one block.
    fn switch(&mut self) {
        let index = self.expression("i32", 2);
        let label = self.labels;
        self.line(&format!("(block $l{label} (block $l{} (block $l{}", label + 1, label + 2));
        self.line(&format!("  (br_table $l{} $l{label} $l{} (i32.and {index} (i32.const 3))))", label + 2, label + 1));
        self.labels += 1;
        self.block(2);
        self.line(")");
        self.labels -= 1;
        let (value, other) = (self.expression("i64", 2), self.expression("i64", 2));
        let condition = self.expression("i32", 1);
        self.line(&format!("(local.set $x1 (block (result i64) {value} {condition} br_if 0 drop {other})))"));
    }

    fn address(&mut self) -> String {
        let expression = self.expression("i32", 2);
        format!("(i32.add (local.get $base) (i32.and {expression} (i32.const {})))", OWN / 2 - 1)
    }

    fn constant(&mut self, ty: &str) -> String {
        let value = match ty {
            "f32" => ["0", "-0", "1.5", "-3.25e10", "inf", "nan", "1e-40"][self.random.below(7) as usize].to_owned(),
            "f64" => ["0", "-0", "0.1", "-7e100", "inf", "nan", "5e-324"][self.random.below(7) as usize].to_owned(),
            "i64" => [1, -1, 255, i64::MIN, 1 << 40, 12345][self.random.below(6) as usize].to_string(),
            _ => [0, 1, -1, 31, i32::MIN, 4096][self.random.below(6) as usize].to_string(),
        };
        format!("({ty}.const {value})")
    }

    fn local(&mut self, ty: &str) -> String {
        let fitting: Vec<usize> = (0..LOCALS.len()).filter(|i| LOCALS[*i] == ty).collect();
        let pick = fitting[self.random.below(fitting.len() as u64) as usize];
        format!("(local.get $x{pick})")
    }

    fn expression(&mut self, ty: &str, depth: usize) -> String {
        if depth == 0 || self.random.below(6) == 0 {
            return match (self.random.below(5), ty) {
                (0, _) => self.constant(ty),
                (1, "i32") => "(global.get $g)".to_owned(),
                (2, "i32") => "(local.get $x)".to_owned(),
                (3, "i32" | "i64") => {
                    let (access, offset) =
                        (["load", "load8_s", "load16_u"][self.random.below(3) as usize], self.random.below(500));
                    format!("({ty}.{access} offset={offset} (local.get $base))")
                }
                _ => self.local(ty),
            };
        }
        let other = ["i32", "i64", "f32", "f64"][self.random.below(4) as usize];
        match (ty, self.random.below(8)) {
            (_, 0) => {
                let (a, b, c) =
                    (self.expression(ty, depth - 1), self.expression(ty, depth - 1), self.expression("i32", depth - 1));
                format!("(select {a} {b} {c})")
            }
            (_, 1) => {
                let (a, b, c) =
                    (self.expression("i32", depth - 1), self.expression(ty, depth - 1), self.expression(ty, depth - 1));
                format!("(if (result {ty}) {a} (then {b}) (else {c}))")
            }
            (_, 2) => {
                let value = self.expression(ty, depth - 1);
                let local = LOCALS.iter().position(|local| *local == ty).unwrap_or(0);
                format!("(local.tee $x{local} {value})")
            }
            ("i32", 3) if !self.helper => {
                let argument = self.expression("i32", depth - 1);
                match self.random.below(3) {
                    0 => format!("(call_indirect (type $t) {argument} (i32.and (local.get $id) (i32.const 1)))"),
                    1 if self.on_stack => format!("(call $helper{} (local.get $memory) {argument})", self.seed),
                    _ => format!("(call $helper{} (local.get $base) {argument})", self.seed),
                }
            }
            ("i32", 4) => {
                let relation = match other {
                    "f32" | "f64" => ["eq", "ne", "lt", "ge"],
                    _ => ["eq", "lt_s", "gt_u", "le_s"],
                }[self.random.below(4) as usize];
                let (a, b) = (self.expression(other, depth - 1), self.expression(other, depth - 1));
                format!("({other}.{relation} {a} {b})")
            }
            ("i32" | "i64", 5) => {
                let (a, b) = (self.expression(ty, depth - 1), self.expression(ty, depth - 1));
                let op = ["div_u", "rem_u", "rem_s"][self.random.below(3) as usize];
                format!("({ty}.{op} {a} ({ty}.or {b} ({ty}.const 1)))")
            }
            ("i32", 6) => format!("(i32.wrap_i64 {})", self.expression("i64", depth - 1)),
            ("i64", 6) => format!("(i64.trunc_sat_f64_s {})", self.expression("f64", depth - 1)),
            ("f32", 6) => format!("(f32.demote_f64 {})", self.expression("f64", depth - 1)),
            ("f64", 6) => format!("(f64.convert_i64_u {})", self.expression("i64", depth - 1)),
            ("i32" | "i64", _) => {
                let op = ["add", "sub", "mul", "xor", "shl", "shr_s", "rotl", "and"][self.random.below(8) as usize];
                let (a, b) = (self.expression(ty, depth - 1), self.expression(ty, depth - 1));
                format!("({ty}.{op} {a} {b})")
            }
            _ => {
                let op = ["add", "sub", "mul", "div", "min", "max"][self.random.below(6) as usize];
                let (a, b) = (self.expression(ty, depth - 1), self.expression(ty, depth - 1));
                format!("({ty}.{op} {a} {b})")
            }
        }
    }
}
