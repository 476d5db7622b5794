//! Which memory a region may read and write, as far as its code shows: by what its addresses are computed from.
//!
//! An address is a sum; of the values in it, those that are multiplied or shifted are indices, and of the others one is a pointer: a
//! parameter, a constant, or something that was loaded. Who knows what the parameters are knows which memory that is; what a loaded
//! pointer points to is not known.
//!
//! LLVM uses a local for several variables, one after the other, so what it holds is followed through the code: each walk takes the
//! statements in order, and knows of a loop's start what came back to it in the walks before, until a walk finds nothing new.
//!
//! Invariant: what is not recognised counts as loaded.

use crate::Program;
use crate::frame::{self, Slot};
use crate::instructions::Ty;
use crate::ir::{Expr, Function, Label, Op, Stmt, Var, for_each_expr_of};
use crate::openmp::Role;
use std::collections::{BTreeMap, HashMap};

/// Variables times statements with other statements in them that are looked at, over all walks.
const MAX_WORK: usize = 1 << 26;

/// What is done to memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// It may be read.
    pub reads: bool,
    /// It may be written.
    pub writes: bool,
}

impl Access {
    fn add(&mut self, other: Self) {
        self.reads |= other.reads;
        self.writes |= other.writes;
    }
}

/// A range of memory that programs have a pointer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub begin: u32,
    /// How many bytes it has.
    pub size: u32,
    /// What pointer programs may use for it that does not point to it: the base of an array of which this is a part. Else `begin`.
    pub base: u32,
    /// Whether some of it may be static data.
    pub is_static: bool,
    /// Whether nothing in memory points to it, but parameters may.
    pub is_private: bool,
}

impl Span {
    /// Whether a pointer is to it. One to its end may be to what is mapped there.
    fn is_meant(&self, pointer: u32) -> bool {
        pointer.wrapping_sub(self.begin) < self.size || pointer == self.base
    }

    fn overlaps(&self, begin: u64, bytes: u32) -> bool {
        begin < u64::from(self.begin) + u64::from(self.size) && u64::from(self.begin) < begin + u64::from(bytes)
    }
}

/// What a region does to memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Through one of several parameters.
    through: BTreeMap<Origin, Access>,
    /// At fixed addresses: these, and so many bytes.
    fixed: BTreeMap<(u64, u32), Access>,
    /// At addresses in static data that are computed.
    computed: Access,
    /// Anywhere.
    anywhere: Access,
}

impl Effects {
    /// Static data does not begin below this: null pointers point there.
    const STATIC_DATA: u64 = 1024;

    /// What it may do to each of these, if they are all memory that it may use, for values of the parameters that
    /// [`crate::Kernel::parameters`] counts.
    #[must_use]
    pub fn on(&self, spans: &[Span], parameters: &[u32]) -> Vec<Access> {
        let (mut anywhere, mut computed) = (self.anywhere, self.computed);
        let mut on = vec![Access::default(); spans.len()];
        for (pointers, access) in &self.through {
            let mut known = 0;
            for number in pointers.parameters() {
                let mut is_known = false;
                for (span, on) in spans.iter().zip(&mut on) {
                    if parameters.get(number).is_some_and(|value| span.is_meant(*value)) {
                        is_known = true;
                        on.add(*access);
                        // From one static object to another: the distance is a constant.
                        if span.is_static && pointers.has(Origin::CONSTANT) {
                            computed.add(*access);
                        }
                    }
                }
                known += usize::from(is_known);
            }
            // Of several summands one is a pointer; each of several values that it may be is one.
            if known < if pointers.has(Origin::CHOICE) { pointers.parameters().count() } else { 1 } {
                anywhere.add(*access);
            }
        }
        for (span, on) in spans.iter().zip(&mut on) {
            if !span.is_private {
                on.add(anywhere);
            }
            if span.is_static {
                on.add(computed);
            }
            let fixed = self.fixed.iter().filter(|((begin, bytes), _)| span.overlaps(*begin, *bytes));
            fixed.for_each(|(_, access)| on.add(*access));
        }
        on
    }

    /// What a region's functions do.
    pub(crate) fn of(program: &Program) -> Self {
        let mut origins = Origins::default();
        loop {
            let mut effects = Self::default();
            for (key, (function, _)) in &program.functions {
                let walk =
                    Walk { origins: &mut origins, effects: &mut effects, key: *key, ends: HashMap::new(), now: None };
                walk.function(function, program.entry);
            }
            if origins.work > MAX_WORK {
                let anywhere = Access { reads: true, writes: true };
                return Self { anywhere, ..Self::default() };
            }
            if !std::mem::take(&mut origins.news) {
                return effects;
            }
        }
    }

    /// An access to an address of this origin plus an offset; so many bytes, if that is known.
    fn note(&mut self, address: &Expr, origin: Origin, offset: u64, bytes: Option<u32>, access: Access) {
        if let (Expr::Const(_, bits), Some(bytes)) = (address, bytes) {
            return self.fixed.entry((u64::from(*bits as u32) + offset, bytes)).or_default().add(access);
        }
        let origin = if offset >= Self::STATIC_DATA { origin.plus(Origin::CONSTANT) } else { origin };
        let (is_constant, is_pointer) = (origin.has(Origin::CONSTANT), origin.has(Origin::ALL));
        if origin.has(Origin::LOADED) || !(is_pointer || is_constant) {
            self.anywhere.add(access);
        }
        // An index of bytes is not multiplied: then it cannot be told from a pointer, and a constant may be one.
        let is_static = !is_pointer || origin.has(Origin::STATIC) || bytes.is_none_or(|bytes| bytes == 1);
        if is_constant && is_static {
            self.computed.add(access);
        }
        if is_pointer {
            self.through.entry(origin.pointers()).or_default().add(access);
        }
    }
}

/// What the summands of a value come from that are not multiplied: a set of parameters of the region's microtask, by their number after
/// the thread numbers, and of the flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Origin(u64);

impl Origin {
    const NONE: Self = Self(0);
    /// Memory that others than the function can get at, a parameter with a high number, or a difference.
    const LOADED: Self = Self(1 << 63);
    /// A constant that may be an address.
    const CONSTANT: Self = Self(1 << 62);
    /// Such a constant alone, or another value.
    const STATIC: Self = Self(1 << 61);
    /// Some of the parameters, or others.
    const CHOICE: Self = Self(1 << 60);
    /// All parameters.
    const ALL: Self = Self((1 << Self::PARAMETERS) - 1);
    const PARAMETERS: usize = 60;

    fn parameter(number: usize) -> Self {
        if number < Self::PARAMETERS { Self(1 << number) } else { Self::LOADED }
    }

    fn parameters(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0 & Self::ALL.0;
        std::iter::from_fn(move || {
            let number = (rest != 0).then(|| rest.trailing_zeros() as usize);
            rest &= rest.wrapping_sub(1);
            number
        })
    }

    /// The pointers that it may be: which parameters, and whether they are a choice, or have a constant beside them.
    fn pointers(self) -> Self {
        Self(self.0 & (Self::ALL.0 | Self::CHOICE.0 | Self::CONSTANT.0))
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Of a sum.
    fn plus(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Of one value or another.
    fn or(self, other: Self) -> Self {
        let (own, others) = (self.0 & Self::ALL.0, other.0 & Self::ALL.0);
        let is_choice = own != others && own != 0 && others != 0;
        let is_alone = |one: Self, other: Self| {
            one.has(Self::CONSTANT) && !one.has(Self::ALL) && (other.has(Self::ALL) || other.has(Self::LOADED))
        };
        let flag = |flag: Self, is_set: bool| if is_set { flag } else { Self::NONE };
        let is_static = is_alone(self, other) || is_alone(other, self);
        self.plus(other).plus(flag(Self::CHOICE, is_choice)).plus(flag(Self::STATIC, is_static))
    }

    /// One value or another; whether that was news.
    fn add(&mut self, other: Self) -> bool {
        let before = *self;
        *self = self.or(other);
        before != *self
    }
}

/// A function, as it is lifted.
type Key = (u32, Role);

/// Where what each variable holds comes from.
type Vars = Vec<Origin>;

/// Whether that was news.
fn join(into: &mut Option<Vars>, from: &[Origin]) -> bool {
    match into {
        Some(into) => into.iter_mut().zip(from).fold(false, |news, (into, from)| into.add(*from) || news),
        None => {
            *into = Some(from.to_vec());
            true
        }
    }
}

/// What the walks so far have found of all functions.
#[derive(Default)]
struct Origins {
    parameters: HashMap<(u32, Var), Origin>,
    results: HashMap<(u32, usize), Origin>,
    slots: HashMap<(Key, Slot), Origin>,
    /// What comes to the starts of loops.
    loops: HashMap<(Key, Label), Option<Vars>>,
    news: bool,
    work: usize,
}

/// A walk through a function.
struct Walk<'w> {
    origins: &'w mut Origins,
    effects: &'w mut Effects,
    key: Key,
    /// What comes to the ends of blocks.
    ends: HashMap<Label, Option<Vars>>,
    /// What the variables hold; none where nothing is reached.
    now: Option<Vars>,
}

impl Walk<'_> {
    fn function(mut self, function: &Function, entry: u32) {
        let given = |var: Var| {
            if self.key.0 != entry {
                self.origins.parameters.get(&(self.key.0, var)).copied().unwrap_or_default()
            } else {
                var.checked_sub(2).filter(|_| var < function.params).map_or(Origin::NONE, Origin::parameter)
            }
        };
        self.now = Some((0..function.vars.len()).map(given).collect());
        self.body(&function.body);
    }

    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            if self.now.is_some() {
                for_each_expr_of(stmt, &mut |expr| self.accesses(expr));
                self.stmt(stmt);
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Set(var, value) => self.set(*var, self.origin(value)),
            Stmt::Do(Expr::Op(op)) if !op.loads() => {
                if let (Some(slot), Some(value)) = (frame::slot(op), op.operands.get(1)) {
                    let origin = self.origin(value);
                    self.origins.news |= self.origins.slots.entry((self.key, slot)).or_default().add(origin);
                }
            }
            Stmt::Call { function, arguments, results } => self.call(&[*function], arguments, results),
            Stmt::CallIndirect { slots, arguments, results, .. } => {
                let functions: Vec<_> = slots.iter().map(|(_, function)| *function).collect();
                self.call(&functions, arguments, results);
            }
            Stmt::NextChunk { result, .. } => self.set(*result, Origin::NONE),
            Stmt::If { then, otherwise, .. } => self.ways(&[then, otherwise]),
            Stmt::Switch { targets, .. } => self.ways(&targets.iter().collect::<Vec<_>>()),
            Stmt::Block { label, body } => {
                self.ends.insert(*label, None);
                self.body(body);
                if let Some(end) = self.ends.remove(label).flatten() {
                    join(&mut self.now, &end);
                }
            }
            Stmt::Loop { label, body } => {
                self.arrive(*label);
                self.now = self.origins.loops.get(&(self.key, *label)).cloned().flatten();
                self.body(body);
            }
            Stmt::Goto(label) => {
                match (self.ends.get_mut(label), &self.now) {
                    (Some(end), Some(now)) => drop(join(end, now)),
                    _ => self.arrive(*label),
                }
                self.now = None;
            }
            Stmt::Return(values) => {
                for (i, value) in values.iter().enumerate() {
                    let origin = self.origin(value);
                    self.origins.news |= self.origins.results.entry((self.key.0, i)).or_default().add(origin);
                }
                self.now = None;
            }
            Stmt::Unreachable(_) => self.now = None,
            Stmt::Do(_) | Stmt::SetGlobal(..) | Stmt::Iterations(_) | Stmt::Dispatch(_) | Stmt::Reduce { .. } => {}
        }
    }

    /// Comes to the start of a loop.
    fn arrive(&mut self, label: Label) {
        if let Some(now) = &self.now {
            self.origins.work += now.len();
            self.origins.news |= join(self.origins.loops.entry((self.key, label)).or_default(), now);
        }
    }

    /// Takes one way or another.
    fn ways(&mut self, bodies: &[&Vec<Stmt>]) {
        let before = self.now.take();
        let mut after = None;
        for body in bodies {
            self.origins.work += before.as_ref().map_or(0, Vec::len);
            self.now.clone_from(&before);
            self.body(body);
            if let Some(now) = &self.now {
                join(&mut after, now);
            }
        }
        self.now = after;
    }

    fn set(&mut self, var: Var, origin: Origin) {
        if let Some(holds) = self.now.as_mut().and_then(|now| now.get_mut(var)) {
            *holds = origin;
        }
    }

    /// Calls one of several functions.
    fn call(&mut self, functions: &[u32], arguments: &[Expr], results: &[Var]) {
        for function in functions {
            for (var, argument) in arguments.iter().enumerate() {
                let origin = self.origin(argument);
                self.origins.news |= self.origins.parameters.entry((*function, var)).or_default().add(origin);
            }
        }
        for (i, var) in results.iter().enumerate() {
            let known = functions.iter().filter_map(|function| self.origins.results.get(&(*function, i)));
            let origin = known.copied().reduce(Origin::or).unwrap_or_default();
            self.set(*var, origin);
        }
    }

    /// Notes what an expression accesses.
    fn accesses(&mut self, expr: &Expr) {
        let Expr::Op(op) = expr else {
            return;
        };
        op.operands.iter().for_each(|operand| self.accesses(operand));
        let (read, write) = (Access { reads: true, writes: false }, Access { reads: false, writes: true });
        match op.name {
            "memory_copy" => {
                self.access(op, 0, write);
                self.access(op, 1, read);
            }
            "memory_fill" => self.access(op, 0, write),
            name if name.contains("atomic_rmw") => self.access(op, 0, Access { reads: true, writes: true }),
            _ if op.offset.is_some() => self.access(op, 0, if op.loads() { read } else { write }),
            _ => {}
        }
    }

    /// An operation accesses where one of its operands points.
    fn access(&mut self, op: &Op, operand: usize, access: Access) {
        if let Some(address) = op.operands.get(operand).filter(|address| !matches!(address, Expr::Frame(_))) {
            let bytes = op.offset.map(|_| op.bytes());
            self.effects.note(address, self.origin(address), op.offset.unwrap_or(0), bytes, access);
        }
    }

    fn origin(&self, value: &Expr) -> Origin {
        match value {
            Expr::Const(Ty::I32 | Ty::I64, bits) if u64::from(*bits as u32) >= Effects::STATIC_DATA => Origin::CONSTANT,
            Expr::Const(..) | Expr::Frame(_) => Origin::NONE,
            Expr::Var(var) => self.now.as_ref().and_then(|now| now.get(*var)).copied().unwrap_or(Origin::LOADED),
            Expr::Global(_) => Origin::LOADED,
            Expr::Op(op) if op.offset.is_some() => match frame::slot(op) {
                Some(slot) => self.origins.slots.get(&(self.key, slot)).copied().unwrap_or(Origin::LOADED),
                None if op.bytes() >= 4 => Origin::LOADED,
                None => Origin::NONE,
            },
            Expr::Op(op) if op.name == "select" => self.origin(&op.operands[0]).or(self.origin(&op.operands[1])),
            Expr::Op(op) if op.name.ends_with("_sub") && is_sum(op.name) => {
                let (value, from) = (self.origin(&op.operands[0]), self.origin(&op.operands[1]));
                let is_difference = from.has(Origin::ALL) || from.has(Origin::LOADED);
                value.plus(if is_difference { Origin::LOADED } else { from })
            }
            Expr::Op(op) if is_sum(op.name) => {
                op.operands.iter().fold(Origin::NONE, |origin, operand| origin.plus(self.origin(operand)))
            }
            Expr::Op(_) => Origin::NONE,
        }
    }
}

/// Whether a result can be an address if an operand is one. Shifts of 64 bits pack two of them, and unpack them.
fn is_sum(name: &str) -> bool {
    let (shape, operation) = name.split_once('_').unwrap_or(("", name));
    let is_one_of = |prefixes: &[&str]| prefixes.iter().any(|prefix| operation.starts_with(prefix));
    let is_index = |more: &[&str]| {
        is_one_of(&["mul", "div", "rem", "clz", "ctz", "popcnt", "trunc", "eq", "ne", "lt", "gt", "le", "ge"])
            || is_one_of(more)
    };
    match shape {
        "f32" | "f64" | "f32x4" | "f64x2" => is_one_of(&["replace", "extract", "reinterpret", "splat"]),
        "i32" => !is_index(&["shl", "shr"]),
        "i64" => !is_index(&[]),
        "i32x4" => !is_index(&["shl", "shr", "dot", "bitmask", "all_true"]),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, Span};
    use crate::translated_microtask;

    /// What a region does to memory at 2000, 3000, 4000, 5000 and 6000 whose parameters are $p, $q and $n, whose loop variable is $i and whose
    /// loop does `inside`, for values of the parameters.
    fn on(inside: &str, parameters: [u32; 3]) -> String {
        let text = format!(
            r#"(module
                (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4
                    (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
                (memory 1)
                (global $__stack_pointer (mut i32) (i32.const 1024))
                (func $store (param $at i32) (param $value i32) (i32.store (local.get $at) (local.get $value)))
                (func (export "microtask") (param $gtid i32) (param $btid i32) (param $p i32) (param $q i32) (param $n i32)
                                           (local $frame i32) (local $i i32) (local $at i32)
                    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 32)))
                    (global.set $__stack_pointer (local.get $frame))
                    (i32.store (local.get $frame) (i32.const 0))
                    (i32.store offset=4 (local.get $frame) (i32.const 0))
                    (i32.store offset=8 (local.get $frame) (local.get $n))
                    (i32.store offset=12 (local.get $frame) (i32.const 1))
                    (i32.store offset=16 (local.get $frame) (local.get $q))
                    (call $__kmpc_for_static_init_4 (i32.const 0) (i32.load (local.get $gtid)) (i32.const 34) (local.get $frame)
                        (i32.add (local.get $frame) (i32.const 4)) (i32.add (local.get $frame) (i32.const 8))
                        (i32.add (local.get $frame) (i32.const 12)) (i32.const 1) (i32.const 1))
                    (local.set $i (i32.load offset=4 (local.get $frame)))
                    (loop $next
                        {inside}
                        (local.set $i (i32.add (local.get $i) (i32.const 1)))
                        (br_if $next (i32.le_s (local.get $i) (i32.load offset=8 (local.get $frame)))))
                    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 32)))))"#
        );
        let kernel = translated_microtask(&text);
        // The last ones are static data.
        let span = |(begin, base)| Span { begin, size: 100, base, is_static: begin >= 5000, is_private: false };
        let spans = [(2000, 2000), (3000, 3000), (4000, 3900), (5000, 5000), (6000, 6000)].map(span);
        let letter = |access: &Access| match (access.reads, access.writes) {
            (false, false) => '-',
            (true, false) => 'r',
            (false, true) => 'w',
            (true, true) => '+',
        };
        kernel.effects.on(&spans, &parameters).iter().map(letter).collect()
    }

    #[test]
    fn addresses_are_told_by_what_they_are_computed_from() {
        let copy = "(f64.store (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 3)))
                               (f64.load offset=8 (i32.add (local.get $q) (i32.mul (local.get $i) (local.get $n)))))";
        assert_eq!(on(copy, [2000, 3000, 9]), "wr---");
        assert_eq!(on(copy, [2000, 3900, 9]), "w-r--", "by the base of an array");
        assert_eq!(on(copy, [2100, 2050, 9]), "+wwww", "one behind the end may be anywhere");
        assert_eq!(on(copy, [2000, 7000, 2000]), "+rrrr", "nobody knows what that is; the number is no address");
        let bytes = "(i32.store8 (i32.add (i32.add (local.get $p) (local.get $n)) (local.get $i)) (i32.load8_u (local.get $q)))";
        assert_eq!(on(bytes, [2000, 3000, 9]), "wr---", "one of both is a pointer");
        let indices =
            "(i32.store (i32.add (local.get $p) (i32.shl (i32.load (local.get $q)) (i32.const 2))) (i32.const 1))";
        assert_eq!(on(indices, [2000, 3000, 9]), "wr---", "what is loaded is an index");
        let pointers =
            "(i32.store (i32.load (i32.add (local.get $q) (i32.shl (local.get $i) (i32.const 2)))) (i32.const 1))";
        assert_eq!(on(pointers, [2000, 3000, 9]), "w+www", "what is loaded is a pointer");
        let short = "(i32.store (i32.shl (i32.load (local.get $q)) (i32.const 2)) (i32.const 1))";
        assert_eq!(on(short, [2000, 3000, 9]), "w+www", "a pointer that was stored short");
        let float = "(i32.store (i32.reinterpret_f32 (f32.load (local.get $q))) (i32.const 1))";
        assert_eq!(on(float, [2000, 3000, 9]), "w+www", "a pointer that is loaded as a float");
        let called = "(call $store (i32.add (local.get $p) (i32.const 8)) (i32.load (local.get $q)))";
        assert_eq!(on(called, [3000, 2000, 9]), "rw---");
        let kept = "(i32.store (i32.load offset=16 (local.get $frame)) (i32.const 1))";
        assert_eq!(on(kept, [2000, 3000, 9]), "-w---", "a parameter is kept in the frame");
        let moved = "(local.set $at (select (local.get $p) (local.get $q) (local.get $i)))
                     (i32.store (local.get $at) (i32.atomic.rmw.add (local.get $q) (i32.const 1)))";
        assert_eq!(on(moved, [2000, 3000, 9]), "w+---");
        let reused = "(local.set $at (local.get $p)) (i32.store (local.get $at) (i32.const 1))
                      (local.set $at (local.get $q)) (drop (i32.load (local.get $at)))";
        assert_eq!(on(reused, [2000, 3000, 9]), "wr---", "a local that is two variables");
        let walked = "(block $out (loop $again (drop (i32.load (local.get $p)))
                          (br_if $out (i32.eqz (local.get $n)))
                          (i32.store (local.get $p) (local.tee $p (local.get $q))) (br $again)))";
        assert_eq!(on(walked, [2000, 3000, 9]), "++---", "the second time around");
        let bulk = "(memory.copy (local.get $p) (local.get $q) (i32.const 8))";
        assert_eq!(on(bulk, [2000, 3000, 9]), "wr---");
    }

    #[test]
    fn static_data_are_told_by_their_addresses() {
        assert_eq!(on("(i32.store offset=5000 (i32.const 40) (local.get $n))", [2000, 3000, 9]), "---w-");
        assert_eq!(on("(i32.store (i32.const 5100) (local.get $n))", [2000, 3000, 9]), "-----");
        assert_eq!(
            on("(i32.store offset=4996 (i32.shl (local.get $i) (i32.const 2)) (local.get $n))", [2000, 3000, 9]),
            "---ww"
        );
        let offset =
            "(i32.store offset=4000 (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2))) (local.get $n))";
        assert_eq!(on(offset, [2000, 3000, 9]), "w----", "a row of an array");
        let distance = "(i32.store (i32.add (i32.add (local.get $p) (i32.const 3000)) (i32.shl (local.get $i) (i32.const 2))) (local.get $n))";
        assert_eq!(on(distance, [2000, 3000, 9]), "w----", "in what is no static object that is an offset");
        assert_eq!(on(distance, [5000, 3000, 9]), "---ww");
        let either = "(i32.store (i32.add (select (local.get $p) (i32.const 5000) (local.get $n))
                                          (i32.shl (local.get $i) (i32.const 2))) (i32.const 1))";
        assert_eq!(on(either, [2000, 3000, 9]), "w--ww", "a parameter or a constant");
        let called = "(call $store (local.get $q) (i32.const 1)) (call $store (i32.const 5008) (i32.const 1))";
        assert_eq!(on(called, [2000, 3000, 9]), "-w-ww", "a function that is given one or the other");
        let bytes = "(i32.store8 offset=5000 (i32.add (local.get $n) (local.get $i)) (i32.load8_s (local.get $p)))";
        assert_eq!(on(bytes, [2000, 3000, 9]), "+wwww", "nobody knows which of them is an index");
    }
}
