//! Which memory a region may read and write, as far as its code shows: by what its addresses are computed from.
//!
//! An address is a sum; of the values in it, those that are multiplied or shifted are indices, and of the others one is a pointer: a
//! parameter, a constant, or something that was loaded. Who knows what the parameters are knows which memory that is; what a loaded
//! pointer points to is not known.
//!
//! LLVM uses a local for several variables, one after the other, so what it holds is followed through the code: each walk knows of a
//! loop's start what came back to it in the walks before, until a walk of all functions finds nothing new.
//!
//! Invariant: what is not recognised counts as loaded.

use super::access::{Access, MemoryObject};
use super::dataflow::{Budget, Domain, Loop, State, Walk};
use super::frames::{FrameContents, Kept};
use crate::ir::visit::for_each_expr_of;
use crate::ir::{Effect, Expr, Flow, Function, Kind, Label, Memory, Op, Operation, Slot, Stmt, Ty, Var};
use crate::lift::Role;
use crate::lift::program::{Key, Program};
use cranelift_entity::{EntityRef, SecondaryMap};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// Variables times statements with other statements in them that are looked at, over all walks.
const MAX_WORK: usize = 1 << 26;

/// What a region does to memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Accesses whose addresses are computed from these parameters: in a sum one of them is the pointer; with [`Origin::CHOICE`] any may
    /// be.
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

    /// What it may do to each of these ranges, if they are all the memory that it may use, for values of the microtask's parameters after
    /// its thread numbers.
    #[must_use]
    pub fn on(&self, ranges: &[MemoryObject], parameters: &[u32]) -> Vec<Access> {
        let (mut anywhere, mut computed) = (self.anywhere, self.computed);
        let mut on = vec![Access::default(); ranges.len()];
        for (pointers, access) in &self.through {
            let mut known = 0;
            for number in pointers.parameters() {
                let mut is_known = false;
                for (range, on) in ranges.iter().zip(&mut on) {
                    if parameters.get(number).is_some_and(|value| range.ends_at(*value)) {
                        on.add(Access { by_end: true, ..*access });
                    }
                    if parameters.get(number).is_some_and(|value| range.is_meant(*value)) {
                        is_known = true;
                        on.add(*access);
                        // From one static object to another: the distance is a constant.
                        if range.is_static && pointers.has(Origin::CONSTANT) {
                            computed.add(*access);
                        }
                    }
                }
                known += usize::from(is_known);
            }
            // In a sum one parameter is the pointer; in a select every candidate may be.
            if known < if pointers.has(Origin::CHOICE) { pointers.parameters().count() } else { 1 } {
                anywhere.add(*access);
            }
        }
        for (range, on) in ranges.iter().zip(&mut on) {
            if !range.is_private {
                on.add(anywhere);
            }
            if range.is_static {
                on.add(computed);
            }
            let fixed = self.fixed.iter().filter(|((begin, bytes), _)| range.overlaps(*begin, *bytes));
            fixed.for_each(|(_, access)| on.add(*access));
        }
        on
    }

    /// What a region's functions do.
    pub(crate) fn of(program: &Program) -> Self {
        let mut origins = Origins::new(program);
        let mut budget = Budget::new(MAX_WORK);
        loop {
            let mut effects = Self::default();
            for (key, function) in &program.functions {
                let start = origins.at_entry(*key, function, program.entry.0);
                let mut domain = Following { program, origins: &mut origins, effects: &mut effects, key: *key };
                Walk::new(&mut domain, &mut budget, start).body(&function.body);
            }
            if budget.is_spent() {
                return Self { anywhere: Access::BOTH, ..Self::default() };
            }
            if !std::mem::take(&mut origins.has_news) {
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

impl fmt::Display for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (pointers, access) in &self.through {
            let numbers: Vec<_> = pointers.parameters().map(|number| format!("p{number}")).collect();
            let how = if pointers.has(Origin::CHOICE) { " or " } else { " + " };
            let constant = if pointers.has(Origin::CONSTANT) { " + constant" } else { "" };
            writeln!(f, "through {}{constant}: {access}", numbers.join(how))?;
        }
        for ((begin, bytes), access) in &self.fixed {
            writeln!(f, "{bytes} bytes at {begin}: {access}")?;
        }
        writeln!(f, "static data: {}", self.computed)?;
        writeln!(f, "anywhere: {}", self.anywhere)
    }
}

/// What the summands of a value come from that are not multiplied: a set of parameters of the region's microtask, by their number after
/// the thread numbers, and of the flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Origin(u64);

impl Origin {
    const NONE: Self = Self(0);
    /// Not known: loaded from memory, a parameter with a number beyond [`Origin::PARAMETERS`], or a difference of pointers.
    const LOADED: Self = Self(1 << 63);
    /// A constant that may be an address.
    const CONSTANT: Self = Self(1 << 62);
    /// A choice (a `select`, or where branches meet) between such a constant alone and a pointer or something that was loaded.
    const STATIC: Self = Self(1 << 61);
    /// A choice between different parameters.
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
}

impl Kept for Origin {
    fn add(&mut self, other: Self) -> bool {
        let before = *self;
        *self = self.or(other);
        before != *self
    }
}

/// For each variable, where what it holds comes from.
#[derive(Clone)]
struct Vars(SecondaryMap<Var, Origin>, usize);

impl State for Vars {
    fn join(&mut self, other: &Self) -> bool {
        let mut has_news = false;
        for var in (0..self.1).map(Var::new) {
            has_news |= self.0[var].add(other.0[var]);
        }
        has_news
    }

    fn cost(&self) -> usize {
        self.1
    }
}

/// What the walks so far have found of all functions.
struct Origins {
    parameters: HashMap<(u32, usize), Origin>,
    results: HashMap<(u32, usize), Origin>,
    slots: HashMap<(Key, Slot), Origin>,
    frames: FrameContents<Origin>,
    /// What comes to the starts of loops.
    loops: HashMap<(Key, Label), Vars>,
    has_news: bool,
}

impl Origins {
    /// Nothing yet.
    fn new(program: &Program) -> Self {
        let captured = program
            .functions
            .iter()
            .flat_map(|(key, function)| function.captured.iter().map(|slot| ((*key, *slot), Origin::NONE)));
        Self {
            parameters: HashMap::new(),
            results: HashMap::new(),
            slots: captured.collect(),
            frames: FrameContents::new(program),
            loops: HashMap::new(),
            has_news: false,
        }
    }

    /// What a function's variables hold when it is called.
    fn at_entry(&self, (index, role): Key, function: &Function, entry: u32) -> Vars {
        let mut vars = SecondaryMap::with_default(Origin::NONE);
        for var in function.parameters() {
            vars[var] = if index != entry || role == Role::Combiner {
                self.parameters.get(&(index, var.index())).copied().unwrap_or_default()
            } else {
                function.argument(var).map_or(Origin::NONE, Origin::parameter)
            };
        }
        Vars(vars, function.vars.len())
    }
}

/// Follows what a function's variables hold, and notes what it accesses.
struct Following<'f> {
    program: &'f Program,
    origins: &'f mut Origins,
    effects: &'f mut Effects,
    key: Key,
}

impl Domain for Following<'_> {
    type State = Vars;
    type Condition = ();

    fn visit(&mut self, stmt: &Stmt, vars: &Vars, _: &mut Budget) {
        for_each_expr_of(stmt, &mut |expr| self.accesses(expr, vars));
        if let Stmt::Return(values) = stmt {
            for (i, value) in values.iter().enumerate() {
                let origin = self.origin(value, vars);
                self.origins.has_news |= self.origins.results.entry((self.key.0, i)).or_default().add(origin);
            }
        }
    }

    fn assign(&mut self, stmt: &Stmt, mut vars: Vars, _: &mut Budget) -> Option<Vars> {
        match stmt {
            Stmt::Set(var, value) => vars.0[*var] = self.origin(value, &vars),
            Stmt::SetSlot { slot, value, .. } | Stmt::ClampUpper { slot, value, .. } => {
                let origin = self.origin(value, &vars);
                self.origins.has_news |= self.origins.slots.entry((self.key, *slot)).or_default().add(origin);
            }
            Stmt::Call { function, arguments, results, .. } => {
                self.call(&[*function], 0, arguments, &vars);
                self.take_results(&[*function], results, &mut vars);
            }
            Stmt::Fork { microtask, arguments, captured, .. } => {
                for (forked, slot, of) in self.program.captured(*microtask, captured) {
                    let origin = self.origins.slots.get(&(self.key, of)).copied().unwrap_or_default();
                    self.origins.has_news |= self.origins.slots.entry((forked, slot)).or_default().add(origin);
                }
                self.call(&[*microtask], Role::Microtask.implied_parameters(), arguments, &vars);
            }
            Stmt::Number { result, .. } => vars.0[*result] = Origin::NONE,
            Stmt::CallIndirect { candidates, arguments, results, .. } => {
                let functions: Vec<_> = candidates.iter().map(|(_, function)| *function).collect();
                self.call(&functions, 0, arguments, &vars);
                self.take_results(&functions, results, &mut vars);
            }
            Stmt::DispatchNext { result, .. } => vars.0[*result] = Origin::NONE,
            // What comes from other virtual threads comes by way of memory.
            Stmt::Reduce { slots, .. } => {
                for slot in slots {
                    self.origins.has_news |=
                        self.origins.slots.entry((self.key, *slot)).or_default().add(Origin::LOADED);
                }
            }
            _ => {}
        }
        Some(vars)
    }

    fn condition(&mut self, _: &Expr, _: &Vars, _: &mut Budget) {}

    fn a_loop(walk: &mut Walk<Self>, a_loop: Loop) {
        let key = (walk.domain.key, a_loop.label);
        let arrived = walk.now.take();
        walk.now = walk.domain.arrive(key, arrived);
        let round = walk.round(a_loop);
        for back in [round.by_goto, round.by_condition] {
            walk.budget.spend(back.as_ref().map_or(0, Vars::cost));
            walk.domain.arrive(key, back);
        }
    }
}

impl Following<'_> {
    /// Comes to the start of a loop; what is known there, with all that has come to it so far.
    fn arrive(&mut self, key: (Key, Label), vars: Option<Vars>) -> Option<Vars> {
        match (self.origins.loops.get_mut(&key), vars) {
            (Some(known), Some(vars)) => self.origins.has_news |= known.join(&vars),
            (None, Some(vars)) => {
                self.origins.has_news = true;
                self.origins.loops.insert(key, vars);
            }
            (_, None) => {}
        }
        self.origins.loops.get(&key).cloned()
    }

    /// Calls one of several functions, which is given arguments from the `first` of its parameters on.
    fn call(&mut self, functions: &[u32], first: usize, arguments: &[Expr], vars: &Vars) {
        for function in functions {
            for (number, argument) in (first..).zip(arguments) {
                let origin = self.origin(argument, vars);
                self.origins.has_news |= self.origins.parameters.entry((*function, number)).or_default().add(origin);
            }
        }
    }

    /// Takes the results of one of several functions.
    fn take_results(&self, functions: &[u32], results: &[Var], vars: &mut Vars) {
        for (i, var) in results.iter().enumerate() {
            let known = functions.iter().filter_map(|function| self.origins.results.get(&(*function, i)));
            vars.0[*var] = known.copied().reduce(Origin::or).unwrap_or_default();
        }
    }

    /// Notes what an expression accesses.
    fn accesses(&mut self, expr: &Expr, vars: &Vars) {
        let Expr::Operation(operation) = expr else {
            return;
        };
        operation.operands.iter().for_each(|operand| self.accesses(operand, vars));
        if operation.memory != Memory::Linear {
            self.keep_in_frame(operation, vars);
        }
        if matches!(operation.memory, Memory::Private | Memory::Team) {
            return;
        }
        let (read, write) = (Access::READ, Access::WRITE);
        match operation.op.kind() {
            Kind::MemoryCopy => {
                self.access(operation, 0, write, vars);
                self.access(operation, 1, read, vars);
            }
            Kind::MemoryFill => self.access(operation, 0, write, vars),
            Kind::AtomicRmw(_) => self.access(operation, 0, Access::BOTH, vars),
            _ if operation.op.is_load() => self.access(operation, 0, read, vars),
            _ if operation.op.effect() != Effect::None && operation.offset.is_some() => {
                self.access(operation, 0, write, vars);
            }
            _ => {}
        }
    }

    /// Notes what a store leaves in a stack frame.
    fn keep_in_frame(&mut self, operation: &Operation, vars: &Vars) {
        if !operation.op.is_effect() {
            return;
        }
        let stored = match operation.op.kind() {
            Kind::MemoryCopy => Origin::LOADED,
            _ => operation.operands.get(1).map_or(Origin::NONE, |value| self.origin(value, vars)),
        };
        self.origins.has_news |= self.origins.frames.store(self.key, operation, stored);
    }

    /// An operation accesses where one of its operands points.
    fn access(&mut self, operation: &Operation, operand: usize, access: Access, vars: &Vars) {
        if let Some(address) = operation.operands.get(operand).filter(|address| !matches!(address, Expr::Address(_))) {
            let origin = self.origin(address, vars);
            self.effects.note(address, origin, operation.offset.unwrap_or(0), operation.op.bytes(), access);
        }
    }

    fn origin(&self, value: &Expr, vars: &Vars) -> Origin {
        match value {
            Expr::Const(Ty::I32 | Ty::I64, bits) if u64::from(*bits as u32) >= Effects::STATIC_DATA => Origin::CONSTANT,
            Expr::Const(..) | Expr::Address(_) => Origin::NONE,
            Expr::Var(var) => vars.0[*var],
            Expr::Global(_) => Origin::LOADED,
            Expr::Slot(_, slot) => self.origins.slots.get(&(self.key, *slot)).copied().unwrap_or(Origin::LOADED),
            Expr::Operation(operation) => self.result(operation, vars),
        }
    }

    fn result(&self, operation: &Operation, vars: &Vars) -> Origin {
        let operands = || operation.operands.iter().map(|operand| self.origin(operand, vars));
        match operation.op {
            op if matches!(operation.memory, Memory::Private | Memory::Team)
                && op.bytes().is_some_and(|bytes| bytes >= 4) =>
            {
                self.origins.frames.load(self.key, operation).unwrap_or(Origin::LOADED)
            }
            op if operation.offset.is_some() => {
                // Shorter ones are no addresses.
                if op.bytes().is_some_and(|bytes| bytes >= 4) { Origin::LOADED } else { Origin::NONE }
            }
            Op::Select => operands().take(2).reduce(Origin::or).unwrap_or_default(),
            op if is_difference(op) => {
                let (value, from) = (operands().next().unwrap_or_default(), operands().nth(1).unwrap_or_default());
                let is_distance = from.has(Origin::ALL) || from.has(Origin::LOADED);
                value.plus(if is_distance { Origin::LOADED } else { from })
            }
            op if op.flow() == Flow::Bits => operands().fold(Origin::NONE, Origin::plus),
            _ => Origin::NONE,
        }
    }
}

/// Whether an operation subtracts integers.
fn is_difference(op: Op) -> bool {
    matches!(op, Op::I32Sub | Op::I64Sub | Op::I8x16Sub | Op::I16x8Sub | Op::I32x4Sub | Op::I64x2Sub)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::microtask;

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
        let kernel = microtask(&text);
        // The last ones are static data.
        let range =
            |(begin, base)| MemoryObject { begin, size: 100, base, is_static: begin >= 5000, is_private: false };
        let ranges = [(2000, 2000), (3000, 3000), (4000, 3900), (5000, 5000), (6000, 6000)].map(range);
        let letter = |access: &Access| match (access.reads, access.writes) {
            (false, false) => '-',
            (true, false) => 'r',
            (false, true) => 'w',
            (true, true) => '+',
        };
        kernel.facts.effects.on(&ranges, &parameters).iter().map(letter).collect()
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
    fn a_pointer_to_the_end_of_one_range_is_to_the_beginning_of_the_next() {
        let range = |begin| MemoryObject { begin, size: 100, base: begin, is_static: false, is_private: false };
        let mut effects = Effects::default();
        effects.note(&Expr::Var(Var::new(0)), Origin::parameter(0), 0, Some(4), Access::WRITE);
        let on = effects.on(&[range(2000), range(2100)], &[2100]);
        assert_eq!(on, [Access { by_end: true, ..Access::WRITE }, Access::WRITE]);
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
