//! Which memory a region may read and write, as far as its code shows: by what its addresses are computed from.
//!
//! An address is a sum; of the values in it, those that are multiplied or shifted are indices, and of the others one is a pointer: a
//! parameter, a constant, or something that was loaded. Who knows what the parameters are knows which memory that is; what a loaded
//! pointer points to is not known.
//!
//! Invariant: what is not recognised counts as loaded.

use crate::frame::{self, Slot};
use crate::instructions::Ty;
use crate::ir::{Expr, Op, Stmt, Var, for_each_part, for_each_stmt};
use crate::openmp::Role;
use crate::{Program, ir};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is done to memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// It may be read.
    pub reads: bool,
    /// It may be written.
    pub writes: bool,
}

impl Access {
    /// Whether anything is done.
    #[must_use]
    pub fn is_any(self) -> bool {
        self.reads || self.writes
    }

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
}

impl Span {
    /// Whether a pointer is to it, or to its end.
    fn is_meant(&self, pointer: u32) -> bool {
        pointer.wrapping_sub(self.begin) <= self.size || pointer == self.base
    }

    fn overlaps(&self, begin: u64, bytes: u32) -> bool {
        begin < u64::from(self.begin) + u64::from(self.size) && u64::from(self.begin) < begin + u64::from(bytes)
    }
}

/// What a region does to memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Through one of several parameters.
    through: BTreeMap<BTreeSet<usize>, Access>,
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
    /// [`crate::Kernel::parameters`] counts. Those that `is_static` is true for belong to static data.
    #[must_use]
    pub fn on(&self, spans: &[Span], is_static: impl Fn(usize) -> bool, parameters: &[u32]) -> Vec<Access> {
        let mut anywhere = self.anywhere;
        let mut on = vec![Access::default(); spans.len()];
        for (pointers, access) in &self.through {
            let values = || pointers.iter().filter_map(|pointer| parameters.get(*pointer));
            let mut is_known = false;
            for (span, on) in spans.iter().zip(&mut on) {
                if values().any(|value| span.is_meant(*value)) {
                    is_known = true;
                    on.add(*access);
                }
            }
            if !is_known {
                anywhere.add(*access);
            }
        }
        for (number, (span, on)) in spans.iter().zip(&mut on).enumerate() {
            on.add(anywhere);
            if is_static(number) {
                on.add(self.computed);
            }
            let fixed = self.fixed.iter().filter(|((begin, bytes), _)| span.overlaps(*begin, *bytes));
            fixed.for_each(|(_, access)| on.add(*access));
        }
        on
    }

    /// What a region's functions do.
    pub(crate) fn of(program: &Program) -> Self {
        let mut origins =
            Origins { program, vars: HashMap::new(), slots: HashMap::new(), results: HashMap::new(), news: true };
        while std::mem::take(&mut origins.news) {
            program.functions.iter().for_each(|(key, (function, _))| origins.follow(*key, function));
        }
        let mut effects = Self::default();
        for (key, (function, _)) in &program.functions {
            for_each_part(&function.body, &mut |part| {
                if let Expr::Op(op) = part {
                    let access = Access { reads: op.loads(), writes: !op.loads() };
                    match op.name {
                        "memory_copy" => {
                            effects.note(&origins, *key, op, 0, Access { reads: false, writes: true });
                            effects.note(&origins, *key, op, 1, Access { reads: true, writes: false });
                        }
                        "memory_fill" => effects.note(&origins, *key, op, 0, access),
                        name if name.contains("atomic_rmw") => {
                            effects.note(&origins, *key, op, 0, Access { reads: true, writes: true });
                        }
                        _ if op.offset.is_some() => effects.note(&origins, *key, op, 0, access),
                        _ => {}
                    }
                }
            });
        }
        effects
    }

    /// An access of an operation to where one of its operands points.
    fn note(&mut self, origins: &Origins, key: Key, op: &Op, operand: usize, access: Access) {
        let Some(address) = op.operands.get(operand).filter(|address| !matches!(address, Expr::Frame(_))) else {
            return;
        };
        let offset = op.offset.unwrap_or(0);
        let bytes = op.offset.map(|_| op.bytes());
        if let (Expr::Const(_, bits), Some(bytes)) = (address, bytes) {
            self.fixed.entry((u64::from(*bits as u32) + offset, bytes)).or_default().add(access);
            return;
        }
        let origin = origins.of(key, address);
        if origin.is_loaded {
            self.anywhere.add(access);
        }
        // An index of bytes is not multiplied: then it cannot be told from a pointer, and a constant may be one.
        let is_static = (origin.is_constant || offset >= Self::STATIC_DATA) && bytes.is_none_or(|bytes| bytes == 1);
        if is_static || (origin.parameters.is_empty() && !origin.is_loaded) {
            self.computed.add(access);
        }
        if !origin.parameters.is_empty() {
            self.through.entry(origin.parameters).or_default().add(access);
        }
    }
}

/// A function, as it is lifted.
type Key = (u32, Role);

/// What the summands of a value come from that are not multiplied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Origin {
    /// Parameters of the region's microtask, counted from the one after the thread numbers.
    parameters: BTreeSet<usize>,
    /// Something in memory that others than the function can get at.
    is_loaded: bool,
    /// A constant that may be an address.
    is_constant: bool,
}

impl Origin {
    const LOADED: Self = Self { parameters: BTreeSet::new(), is_loaded: true, is_constant: false };

    /// Whether that was news.
    fn add(&mut self, other: &Self) -> bool {
        let before = (self.parameters.len(), self.is_loaded, self.is_constant);
        self.parameters.extend(&other.parameters);
        self.is_loaded |= other.is_loaded;
        self.is_constant |= other.is_constant;
        before != (self.parameters.len(), self.is_loaded, self.is_constant)
    }
}

/// What is known so far of where values come from.
struct Origins<'p> {
    program: &'p Program<'p, 'p>,
    vars: HashMap<(Key, Var), Origin>,
    slots: HashMap<(Key, Slot), Origin>,
    /// Of functions, by number.
    results: HashMap<(u32, usize), Origin>,
    /// Whether the last walk found anything.
    news: bool,
}

impl Origins<'_> {
    fn follow(&mut self, key: Key, function: &ir::Function) {
        if key.0 == self.program.entry {
            for var in 2..function.params {
                let given = Origin { parameters: BTreeSet::from([var - 2]), ..Origin::default() };
                self.news |= self.vars.entry((key, var)).or_default().add(&given);
            }
        }
        for_each_stmt(&function.body, &mut |stmt| match stmt {
            Stmt::Set(var, value) => self.set(key, *var, &self.of(key, value)),
            Stmt::Do(Expr::Op(op)) if !op.loads() => {
                if let (Some(slot), Some(value)) = (frame::slot(op), op.operands.get(1)) {
                    let origin = self.of(key, value);
                    self.news |= self.slots.entry((key, slot)).or_default().add(&origin);
                }
            }
            Stmt::Call { function, arguments, results } => self.call(key, *function, arguments, results),
            Stmt::CallIndirect { slots, arguments, results, .. } => {
                slots.iter().for_each(|(_, function)| self.call(key, *function, arguments, results));
            }
            Stmt::Return(values) => {
                for (i, value) in values.iter().enumerate() {
                    let origin = self.of(key, value);
                    self.news |= self.results.entry((key.0, i)).or_default().add(&origin);
                }
            }
            _ => {}
        });
    }

    fn set(&mut self, key: Key, var: Var, origin: &Origin) {
        self.news |= self.vars.entry((key, var)).or_default().add(origin);
    }

    fn call(&mut self, caller: Key, function: u32, arguments: &[Expr], results: &[Var]) {
        for (var, argument) in arguments.iter().enumerate() {
            self.set((function, Role::Function), var, &self.of(caller, argument));
        }
        for (i, var) in results.iter().enumerate() {
            let origin = self.results.get(&(function, i)).cloned().unwrap_or_default();
            self.set(caller, *var, &origin);
        }
    }

    fn of(&self, key: Key, value: &Expr) -> Origin {
        match value {
            Expr::Const(Ty::I32 | Ty::I64, bits) => {
                Origin { is_constant: u64::from(*bits as u32) >= Effects::STATIC_DATA, ..Origin::default() }
            }
            Expr::Const(..) | Expr::Frame(_) => Origin::default(),
            Expr::Var(var) => self.vars.get(&(key, *var)).cloned().unwrap_or_default(),
            Expr::Global(_) => Origin::LOADED,
            Expr::Op(op) if op.offset.is_some() => match frame::slot(op) {
                Some(slot) => self.slots.get(&(key, slot)).cloned().unwrap_or_default(),
                None if op.bytes() >= 4 && !op.name.starts_with('f') => Origin::LOADED,
                None => Origin::default(),
            },
            Expr::Op(op) if is_sum(op.name) => op.operands.iter().fold(Origin::default(), |mut origin, operand| {
                origin.add(&self.of(key, operand));
                origin
            }),
            Expr::Op(_) => Origin::default(),
        }
    }
}

/// Whether a result can be an address if an operand is one. Shifts of 64 bits pack two of them, and unpack them.
fn is_sum(name: &str) -> bool {
    let (shape, operation) = name.split_once('_').unwrap_or(("", name));
    let is_index = |prefixes: &[&str]| prefixes.iter().any(|prefix| operation.starts_with(prefix));
    match shape {
        "f32" | "f64" | "f32x4" | "f64x2" => is_index(&["replace", "extract"]),
        "i32" => !is_index(&[
            "mul", "div", "rem", "shl", "shr", "clz", "ctz", "popcnt", "trunc", "eq", "ne", "lt", "gt", "le", "ge",
        ]),
        "i64" => !is_index(&["mul", "div", "rem", "clz", "ctz", "popcnt", "trunc", "eq", "ne", "lt", "gt", "le", "ge"]),
        "i32x4" => {
            !is_index(&["mul", "shl", "shr", "eq", "ne", "lt", "gt", "le", "ge", "dot", "trunc", "bitmask", "all_true"])
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, Span};
    use crate::{Module, Options, translate_region};

    /// What a region does to memory at 2000, 3000, 4000 and 5000 whose parameters are $p, $q and $n, whose loop variable is $i and whose
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
        let wasm = wat::parse_str(&text).expect("the text is right");
        let module = Module::parse(&wasm).expect("the module is valid");
        let microtask = module.exported_function("microtask").expect("it is exported");
        let kernel = translate_region(&module, microtask, &Options::default()).expect("it can be translated");
        let span = |(begin, base)| Span { begin, size: 100, base };
        let spans = [(2000, 2000), (3000, 3000), (4000, 3900), (5000, 5000)].map(span);
        let letter = |access: &Access| match (access.reads, access.writes) {
            (false, false) => '-',
            (true, false) => 'r',
            (false, true) => 'w',
            (true, true) => '+',
        };
        // The last one is static data.
        kernel.effects.on(&spans, |number| number == 3, &parameters).iter().map(letter).collect()
    }

    #[test]
    fn addresses_are_told_by_what_they_are_computed_from() {
        let copy = "(f64.store (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 3)))
                               (f64.load offset=8 (i32.add (local.get $q) (i32.mul (local.get $i) (local.get $n)))))";
        assert_eq!(on(copy, [2000, 3000, 9]), "wr--");
        assert_eq!(on(copy, [2000, 3900, 9]), "w-r-", "by the base of an array");
        assert_eq!(on(copy, [2100, 2050, 9]), "+---", "one behind the end");
        assert_eq!(on(copy, [2000, 7000, 2000]), "+rrr", "nobody knows what that is; the number is no address");
        let bytes = "(i32.store8 (i32.add (i32.add (local.get $p) (local.get $n)) (local.get $i)) (i32.load8_u (local.get $q)))";
        assert_eq!(on(bytes, [2000, 3000, 9]), "wr--", "one of both is a pointer");
        let indices =
            "(i32.store (i32.add (local.get $p) (i32.shl (i32.load (local.get $q)) (i32.const 2))) (i32.const 1))";
        assert_eq!(on(indices, [2000, 3000, 9]), "wr--", "what is loaded is an index");
        let pointers =
            "(i32.store (i32.load (i32.add (local.get $q) (i32.shl (local.get $i) (i32.const 2)))) (i32.const 1))";
        assert_eq!(on(pointers, [2000, 3000, 9]), "w+ww", "what is loaded is a pointer");
        let called = "(call $store (i32.add (local.get $p) (i32.const 8)) (i32.load (local.get $q)))";
        assert_eq!(on(called, [3000, 2000, 9]), "rw--");
        let kept = "(i32.store (i32.load offset=16 (local.get $frame)) (i32.const 1))";
        assert_eq!(on(kept, [2000, 3000, 9]), "-w--", "a parameter is kept in the frame");
        let moved = "(local.set $at (select (local.get $p) (local.get $q) (local.get $i)))
                     (i32.store (local.get $at) (i32.atomic.rmw.add (local.get $q) (i32.const 1)))";
        assert_eq!(on(moved, [2000, 3000, 9]), "w+--");
        let bulk = "(memory.copy (local.get $p) (local.get $q) (i32.const 8))";
        assert_eq!(on(bulk, [2000, 3000, 9]), "wr--");
    }

    #[test]
    fn static_data_are_told_by_their_addresses() {
        assert_eq!(on("(i32.store offset=5000 (i32.const 40) (local.get $n))", [2000, 3000, 9]), "---w");
        assert_eq!(on("(i32.store (i32.const 5100) (local.get $n))", [2000, 3000, 9]), "----");
        assert_eq!(
            on("(i32.store offset=4996 (i32.shl (local.get $i) (i32.const 2)) (local.get $n))", [2000, 3000, 9]),
            "---w"
        );
        let offset =
            "(i32.store offset=4000 (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2))) (local.get $n))";
        assert_eq!(on(offset, [2000, 3000, 9]), "w---", "a row of an array");
        let bytes = "(i32.store8 offset=5000 (i32.add (local.get $n) (local.get $i)) (i32.load8_s (local.get $p)))";
        assert_eq!(on(bytes, [2000, 3000, 9]), "+www", "nobody knows which of them is an index");
    }
}
