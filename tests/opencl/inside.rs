//! Microtasks at random, and whether their accesses are inside of the memory: if codegen says so, none traps in Wasmtime.
//!
//! Nothing is stored but to the frame, so all virtual threads find the same memory.

use crate::instructions::{self, Random};
use libtest_mimic::Failed;
use omp2wasi_codegen::{Lowered, Mathematics, Module, TrapCode};
use omp2wasi_runtime::wasmtime::{Caller, Config, Engine, Extern, Linker, Module as WasmModule, Store};
use std::fmt::Write;

const PAGE: u64 = 1 << 16;
const MIDDLE: u32 = 1 << 15;

/// How much a microtask may execute; one that runs longer has not shown anything.
const FUEL: u64 = 20_000;

/// Locals that expressions use, in the order of their types, and how many counters of loops there are.
const LOCALS: usize = 4;
const COUNTERS: usize = 4;

/// What came of a microtask.
pub struct Verdict {
    /// Whether it is known to be inside, with its pointer somewhere.
    pub is_inside: bool,
    /// Whether it stays inside there, or anyway with its pointer in the middle of the memory.
    pub is_safe: bool,
}

/// Asks both of the microtask that a seed makes; an error if they disagree.
///
/// The pointer is the least and the greatest one with which codegen knows that all is inside: one byte further is outside, as far as it
/// knows.
pub fn verdict(seed: u64) -> Result<Verdict, Failed> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (iterations, count) = (1 + random.below(40) as u32, random.below(50) as u32);
    let text = microtask(&mut random);
    let wasm = wat::parse_str(&text)?;
    let module = Module::parse(wasm.as_slice())?;
    let function = module.exported_function("microtask").ok_or("no microtask")?;
    let kernel = Lowered::region(&module, function, Mathematics::Device).map_err(|refusal| refusal.to_string())?;
    let is_inside = |pointer: u32| kernel.facts().written(&[pointer, iterations, count], PAGE).is_some();
    let traps = |pointer| traps(&wasm, [pointer, iterations, count], seed);
    let Some(middle) = [MIDDLE, 2048, 0, 60000].into_iter().find(|pointer| is_inside(*pointer)) else {
        return Ok(Verdict { is_inside: false, is_safe: !traps(MIDDLE)? });
    };
    for end in [0, 2 * PAGE as u32] {
        let (mut inside, mut outside) = (middle, end);
        while inside.abs_diff(outside) > 1 {
            let between = inside.midpoint(outside);
            *if is_inside(between) { &mut inside } else { &mut outside } = between;
        }
        let pointer = if is_inside(outside) { outside } else { inside };
        if traps(pointer)? {
            return Err(format!("an access is outside; parameters {:?}\n{text}", [pointer, iterations, count]).into());
        }
    }
    Ok(Verdict { is_inside: true, is_safe: true })
}

fn traps(wasm: &[u8], [at, iterations, count]: [u32; 3], seed: u64) -> Result<bool, Failed> {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let module = WasmModule::new(&engine, wasm)?;
    let mut linker: Linker<i32> = Linker::new(&engine);
    let deal = |mut caller: Caller<'_, i32>, places: [i32; 2]| {
        let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return };
        let iteration = *caller.data();
        for place in places {
            let _ = memory.write(&mut caller, place as usize, &iteration.to_le_bytes());
        }
    };
    linker.func_wrap(
        "env",
        "__kmpc_for_static_init_4",
        move |caller: Caller<'_, i32>,
              _: i32,
              _: i32,
              _: i32,
              _: i32,
              lower: i32,
              upper: i32,
              _: i32,
              _: i32,
              _: i32| {
            deal(caller, [lower, upper]);
        },
    )?;
    for iteration in 0..iterations {
        let mut store = Store::new(&engine, iteration as i32);
        store.set_fuel(FUEL)?;
        let instance = linker.instantiate(&mut store, &module)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or("no memory")?;
        instructions::fill(memory.data_mut(&mut store), seed);
        let microtask = instance.get_typed_func::<(i32, i32, i32, i32, i32), ()>(&mut store, "microtask")?;
        let ended = microtask.call(&mut store, (0, 0, at as i32, iterations as i32, count as i32));
        if let Err(error) = ended
            && crate::trap_of(&error).is_ok_and(|trap| trap == TrapCode::OutOfBounds)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Generator<'r> {
    random: &'r mut Random,
    out: String,
    depth: usize,
    counters: usize,
}

fn microtask(random: &mut Random) -> String {
    let mut generator = Generator { random, out: String::new(), depth: 0, counters: 0 };
    for _ in 0..5 {
        generator.statement();
    }
    let body = generator.out;
    let mut locals = String::new();
    for i in 0..LOCALS {
        let _ = write!(locals, " (local $x{i} i32) (local $y{i} i64)");
    }
    for i in 0..COUNTERS {
        let _ = write!(locals, " (local $c{i} i32)");
    }
    format!(
        r#"(module
  (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4 (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (global $__stack_pointer (mut i32) (i32.const 1024))
  (func (export "microtask") (param $gtid i32) (param $btid i32) (param $p i32) (param $n i32) (param $k i32)
      (local $frame i32) (local $i i32){locals}
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 32)))
    (global.set $__stack_pointer (local.get $frame))
    (i32.store (local.get $frame) (i32.const 0))
    (i32.store offset=4 (local.get $frame) (i32.const 0))
    (i32.store offset=8 (local.get $frame) (i32.sub (local.get $n) (i32.const 1)))
    (i32.store offset=12 (local.get $frame) (i32.const 1))
    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.const 0) (i32.const 34) (local.get $frame)
        (i32.add (local.get $frame) (i32.const 4)) (i32.add (local.get $frame) (i32.const 8))
        (i32.add (local.get $frame) (i32.const 12)) (i32.const 1) (i32.const 1))
    (local.set $i (i32.load offset=4 (local.get $frame)))
    (loop $next
{body}      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.le_s (local.get $i) (i32.load offset=8 (local.get $frame)))))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 32)))))"#
    )
}

impl Generator<'_> {
    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[self.random.below(among.len() as u64) as usize]
    }

    fn line(&mut self, text: &str) {
        let indent = "  ".repeat(self.depth + 3);
        let _ = writeln!(self.out, "{indent}{text}");
    }

    fn statements(&mut self) {
        self.depth += 1;
        for _ in 0..1 + self.random.below(3) {
            self.statement();
        }
        self.depth -= 1;
    }

    fn statement(&mut self) {
        match self.random.below(if self.depth < 3 { 12 } else { 8 }) {
            0..=2 => {
                let (local, wide) = (self.random.below(LOCALS as u64), self.random.below(4) == 0);
                let (name, value) = if wide { ('y', self.wide(3)) } else { ('x', self.value(3)) };
                self.line(&format!("(local.set ${name}{local} {value})"));
            }
            3..=6 => {
                let access =
                    self.pick(&["i32.load", "i32.load8_u", "i64.load", "i32.load16_s", "f64.load", "v128.load"]);
                let offset = [0, 0, 0, 4, 400][self.random.below(5) as usize];
                let address = self.address();
                self.line(&format!("(drop ({access} offset={offset} {address}))"));
            }
            7 if self.depth > 0 => {
                let condition = self.condition();
                self.line(&format!("(br_if $exit{} {condition})", self.depth - 1));
            }
            7 | 8 => {
                let condition = self.condition();
                self.line(&format!("(block $exit{} (if {condition} (then", self.depth));
                self.statements();
                self.line(") (else");
                self.statements();
                self.line(")))");
            }
            _ if self.counters < COUNTERS => self.counted(),
            _ => self.line("(nop)"),
        }
    }

    /// A loop with a counter of its own, as clang makes them and as it does not.
    fn counted(&mut self) {
        let counter = self.counters;
        self.counters += 1;
        let get = format!("(local.get $c{counter})");
        let start = self.value(1);
        self.line(&format!("(local.set $c{counter} {start})"));
        self.line(&format!("(block $exit{} (loop $loop{counter}", self.depth));
        self.statements();
        let step = ["1", "1", "1", "2", "3", "-1", "-4", "4"][self.random.below(8) as usize];
        let next = format!("(i32.add {get} (i32.const {step}))");
        if self.random.below(6) == 0 {
            let condition = self.condition();
            self.line(&format!("(br_if $loop{counter} {condition})"));
        }
        let relation = self.pick(&["ne", "ne", "lt_s", "lt_u", "le_s", "gt_s", "ge_u", "le_u", "eq"]);
        let bound = self.value(1);
        if self.random.below(2) == 0 {
            self.line(&format!("(local.set $c{counter} {next})"));
            self.line(&format!("(br_if $loop{counter} (i32.{relation} {get} {bound}))))"));
        } else {
            let other = self.random.below(LOCALS as u64);
            self.line(&format!("(local.set $x{other} (i32.{relation} {bound} {get}))"));
            self.line(&format!("(local.set $c{counter} {next})"));
            self.line(&format!("(br_if $loop{counter} (local.get $x{other}))))"));
        }
    }

    fn condition(&mut self) -> String {
        let relation = self.pick(&["lt_s", "lt_u", "le_s", "le_u", "gt_s", "gt_u", "ge_s", "ge_u", "eq", "ne"]);
        let condition = format!("(i32.{relation} {} {})", self.value(1), self.value(1));
        if self.random.below(4) == 0 { format!("(i32.eqz {condition})") } else { condition }
    }

    fn address(&mut self) -> String {
        let index = match self.random.below(4) {
            0 => format!("(i32.and {} (i32.const {}))", self.value(2), [7, 255, 4095][self.random.below(3) as usize]),
            1 => format!("(i32.shl {} (i32.const {}))", self.value(2), self.random.below(4)),
            _ => self.value(2),
        };
        match self.random.below(6) {
            0 => index,
            1 => format!("(i32.add (i32.const {}) {index})", 1024 + self.random.below(64000)),
            _ => format!("(i32.add (local.get $p) {index})"),
        }
    }

    fn value(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.below(4) == 0 {
            return self.leaf();
        }
        let more = depth - 1;
        match self.random.below(14) {
            0..=4 => {
                let operation = self.pick(&["add", "add", "sub", "sub", "mul", "and", "or", "xor"]);
                format!("(i32.{operation} {} {})", self.value(more), self.value(more))
            }
            5 | 6 => {
                let operation = self.pick(&["shl", "shr_u", "shr_s"]);
                format!("(i32.{operation} {} (i32.const {}))", self.value(more), self.random.below(6))
            }
            7 | 8 => {
                let operation = self.pick(&["div_u", "rem_u", "div_s", "rem_s"]);
                format!("(i32.{operation} {} (i32.const {}))", self.value(more), 1 + self.random.below(20))
            }
            9 => {
                // What is collapsed: a remainder.
                let (dividend, divisor) = (self.leaf(), 1 + self.random.below(9));
                let divided = self.pick(&["div_u", "div_s"]);
                format!(
                    "(i32.sub {dividend} (i32.mul (i32.{divided} {dividend} (i32.const {divisor})) (i32.const {divisor})))"
                )
            }
            10 => format!("(select {} {} {})", self.value(more), self.value(more), self.condition()),
            11 => {
                let relation = self.pick(&["lt_s", "gt_s", "lt_u", "gt_u"]);
                let (a, b) = (self.leaf(), self.leaf());
                format!("(select {a} {b} (i32.{relation} {a} {b}))")
            }
            12 => format!("(i32.wrap_i64 {})", self.wide(more)),
            _ => format!("(i32.load8_u (i32.and {} (i32.const 1023)))", self.value(more)),
        }
    }

    fn wide(&mut self, depth: usize) -> String {
        let more = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 4 } else { 8 }) {
            0 | 1 => format!("(local.get $y{})", self.random.below(LOCALS as u64)),
            2 => format!("(i64.extend_i32_s {})", self.leaf()),
            3 => format!("(i64.extend_i32_u {})", self.leaf()),
            4 => format!("(i64.extend_i32_s {})", self.value(more)),
            5 => format!("(i64.div_s {} (i64.const {}))", self.wide(more), 1 + self.random.below(9)),
            _ => {
                let operation = self.pick(&["add", "sub", "mul", "shl"]);
                format!("(i64.{operation} {} {})", self.wide(more), self.wide(more))
            }
        }
    }

    fn leaf(&mut self) -> String {
        match self.random.below(10) {
            0..=2 => "(local.get $i)".to_owned(),
            3 => "(local.get $n)".to_owned(),
            4 => "(local.get $k)".to_owned(),
            5 => format!("(local.get $x{})", self.random.below(LOCALS as u64)),
            6 | 7 => format!("(local.get $c{})", self.random.below(COUNTERS as u64)),
            8 => format!("(i32.const {})", self.random.below(12)),
            _ => format!("(i32.const {})", self.pick(&["-1", "-4", "0x7fffffff", "0x80000000", "65536", "1000"])),
        }
    }
}
