//! What a microtask does before a virtual thread has its iterations, and with their upper bound: followed in terms of what the
//! microtask is given, where that is possible.
//!
//! The walk takes each statement once, in order. A condition that leads away is noted; where ways meet, what was set on one of them is
//! not known any more. Bounds, obstacles and what becomes of the upper bound are so, or not known. The divisor may stand in a loop, where
//! it is what it is in the first round: whoever uses it compares.

use crate::frame::{self, Slot};
use crate::instructions::Ty;
use crate::ir::{Expr, Function, Iterations, Label, Op, Stmt, Var, for_each_stmt};
use std::collections::HashMap;

/// Expressions are followed up to so many operations.
const ENOUGH: u32 = 64;

/// What is known. Expressions are in terms of the microtask's parameters; [`value`] evaluates them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prologue {
    /// The bounds of all iterations.
    pub bounds: Option<(Expr, Expr)>,
    /// Conditions of which none may hold for a virtual thread to come to its iterations; `None` if there are others.
    pub obstacles: Option<Vec<Expr>>,
    /// What becomes of the upper bound that a virtual thread gets.
    pub upper: Upper,
    /// By what the loop divides first, as it stands in the text and in terms of the parameters, if that does not change on the way there.
    pub divisor: Option<(Expr, Expr)>,
}

/// What a microtask stores as a virtual thread's upper bound.
#[derive(Clone, Debug, Default)]
pub(crate) enum Upper {
    /// It leaves it alone.
    #[default]
    Kept,
    /// The least of it and of this.
    AtMost(Expr),
    /// Anything.
    Unknown,
}

/// Follows a microtask that asks for iterations once, not in a loop, but in the blocks `around`.
pub(crate) fn follow(function: &Function, iterations: &Iterations, around: &[Label]) -> Prologue {
    let [_, lower, upper, _] = frame::iteration_slots(iterations);
    let mut walk = Walk {
        function,
        iterations,
        around,
        lower,
        upper,
        vars: HashMap::new(),
        slots: HashMap::new(),
        has_iterations: false,
        is_in_loop: false,
        is_stored: false,
        found: Prologue { obstacles: Some(Vec::new()), ..Prologue::default() },
    };
    walk.body(&function.body);
    if !walk.is_stored && stores_after(function, upper) {
        walk.found.upper = Upper::Unknown;
    }
    walk.found
}

/// Whether something is stored there after iterations have been asked for.
fn stores_after(function: &Function, slot: Slot) -> bool {
    let (mut is_after, mut found) = (false, false);
    for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::Iterations(_) => is_after = true,
        Stmt::Do(Expr::Op(op)) => found |= is_after && !op.loads() && frame::slot(op) == Some(slot),
        _ => {}
    });
    found
}

struct Walk<'f> {
    function: &'f Function,
    iterations: &'f Iterations,
    around: &'f [Label],
    lower: Slot,
    upper: Slot,
    /// What variables and pieces of the frame hold; `None` where that is not known.
    vars: HashMap<Var, Option<Expr>>,
    slots: HashMap<Slot, Option<Expr>>,
    has_iterations: bool,
    is_in_loop: bool,
    /// Whether the walk has come to where an upper bound is stored after that.
    is_stored: bool,
    found: Prologue,
}

impl Walk<'_> {
    /// The upper bound that a virtual thread gets: no variable of the function.
    fn upper_bound(&self) -> Expr {
        Expr::Var(self.function.vars.len())
    }

    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Set(var, value) => {
                self.look_for_divisor(value);
                let value = self.meant(value);
                self.vars.insert(*var, value);
            }
            Stmt::Do(expr) => {
                self.look_for_divisor(expr);
                if let Expr::Op(op) = expr
                    && !op.loads()
                    && let Some(slot) = frame::slot(op)
                {
                    self.store(op, slot);
                }
            }
            Stmt::Iterations(_) => {
                self.has_iterations = true;
                let known = |slot| self.slots.get(&slot).cloned().flatten();
                self.found.bounds = known(self.lower).zip(known(self.upper));
                for slot in frame::iteration_slots(self.iterations) {
                    self.slots.insert(slot, None);
                }
                self.slots.insert(self.upper, Some(self.upper_bound()));
            }
            Stmt::Block { body, .. } => {
                self.body(body);
                // Those who left it have not done all of it.
                self.forget(body);
            }
            Stmt::Loop { body, .. } => {
                self.forget(body);
                let outer = std::mem::replace(&mut self.is_in_loop, true);
                self.body(body);
                self.is_in_loop = outer;
                self.forget(body);
            }
            Stmt::If { condition, then, otherwise } => self.branch(condition, then, otherwise),
            Stmt::Switch { targets, .. } => targets.iter().for_each(|target| self.apart(target)),
            Stmt::Call { .. } | Stmt::CallIndirect { .. } | Stmt::NextChunk { .. } | Stmt::Dispatch(_) => {
                self.forget(std::slice::from_ref(stmt));
            }
            Stmt::Return(_) | Stmt::Unreachable(_) if !self.has_iterations => self.found.obstacles = None,
            Stmt::Goto(to) if !self.has_iterations && self.around.contains(to) => self.found.obstacles = None,
            Stmt::SetGlobal(..) | Stmt::Goto(_) | Stmt::Return(_) | Stmt::Unreachable(_) | Stmt::Reduce { .. } => {}
        }
    }

    fn branch(&mut self, condition: &Expr, then: &[Stmt], otherwise: &[Stmt]) {
        self.look_for_divisor(condition);
        if !self.has_iterations
            && !self.is_in_loop
            && let [Stmt::Goto(to)] = then
            && otherwise.is_empty()
            && self.around.contains(to)
        {
            let condition = self.meant(condition);
            let obstacles =
                self.found.obstacles.as_mut().zip(condition).map(|(known, condition)| known.push(condition));
            if obstacles.is_none() {
                self.found.obstacles = None;
            }
            return;
        }
        for way in [then, otherwise] {
            self.apart(way);
        }
    }

    /// Statements that are done on some ways.
    fn apart(&mut self, body: &[Stmt]) {
        let mut leads_away = false;
        for_each_stmt(body, &mut |stmt| {
            leads_away |= match stmt {
                Stmt::Goto(to) => self.around.contains(to),
                Stmt::Return(_) | Stmt::Unreachable(_) | Stmt::Iterations(_) => true,
                _ => false,
            };
        });
        if leads_away && !self.has_iterations {
            self.found.obstacles = None;
        }
        if asks(body) {
            self.body(body);
        }
        self.forget(body);
    }

    /// What is set there is not known any more.
    fn forget(&mut self, body: &[Stmt]) {
        for_each_stmt(body, &mut |stmt| match stmt {
            Stmt::Set(var, _) | Stmt::NextChunk { result: var, .. } => {
                self.vars.insert(*var, None);
            }
            Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. } => {
                self.vars.extend(results.iter().map(|var| (*var, None)));
            }
            Stmt::Dispatch(dispatch) => {
                let set = [dispatch.first, dispatch.last, dispatch.size, dispatch.left];
                self.vars.extend(set.map(|var| (var, None)));
            }
            Stmt::Do(Expr::Op(op)) if !op.loads() => {
                if let Some(slot) = frame::slot(op) {
                    self.slots.insert(slot, None);
                }
            }
            _ => {}
        });
    }

    fn store(&mut self, op: &Op, slot: Slot) {
        let is_whole = matches!(op.name, "i32_store" | "i64_store");
        let value = op.operands.get(1).filter(|_| is_whole).and_then(|value| self.meant(value));
        if self.has_iterations && slot == self.upper && !std::mem::replace(&mut self.is_stored, true) {
            let shared = value.as_ref().filter(|_| !self.is_in_loop).and_then(|value| self.at_most(value));
            self.found.upper = shared.map_or(Upper::Unknown, Upper::AtMost);
        }
        self.slots.insert(slot, value);
    }

    /// If this is the least of the upper bound that a virtual thread gets and something else, which does not depend on it: that.
    fn at_most(&self, value: &Expr) -> Option<Expr> {
        let Expr::Op(select) = value else {
            return None;
        };
        let [first, second, Expr::Op(compare)] = &select.operands[..] else {
            return None;
        };
        let (name, sign) = compare.name.split_once('_')?.1.split_at_checked(2)?;
        let compared = match name {
            "lt" | "le" => [first, second],
            "gt" | "ge" => [second, first],
            _ => return None,
        };
        let is_minimum = select.name == "select"
            && compared == [&compare.operands[0], &compare.operands[1]]
            && (sign == "_s") == self.iterations.signed;
        let upper = self.upper_bound();
        let other = if *first == upper { second } else { first };
        let is_one = (*first == upper) != (*second == upper) && !other.any(&mut |part| *part == upper);
        (is_minimum && is_one).then(|| other.clone())
    }

    fn look_for_divisor(&mut self, expr: &Expr) {
        if !self.has_iterations || self.found.divisor.is_some() {
            return;
        }
        let mut divisors = Vec::new();
        expr.any(&mut |part| {
            if let Expr::Op(op) = part
                && is_division(op.name)
                && !matches!(op.operands[1], Expr::Const(..))
            {
                divisors.push(op.operands[1].clone());
            }
            false
        });
        let upper = self.upper_bound();
        self.found.divisor = divisors.into_iter().find_map(|divisor| {
            let meant = self.meant(&divisor).filter(|meant| !meant.any(&mut |part| *part == upper))?;
            Some((divisor, meant))
        });
    }

    /// An expression in terms of what the function is given, if it consists of that and of operations that [`operation`] knows.
    fn meant(&self, expr: &Expr) -> Option<Expr> {
        let meant = match expr {
            Expr::Const(..) => expr.clone(),
            Expr::Var(var) => match self.vars.get(var) {
                Some(known) => known.clone()?,
                None if (2..self.function.params).contains(var) => expr.clone(),
                None if (self.function.params..self.function.locals).contains(var) => {
                    Expr::Const(self.function.vars[*var], 0)
                }
                None => return None,
            },
            Expr::Op(op) if matches!(op.name, "i32_load" | "i64_load") => self.slots.get(&frame::slot(op)?)?.clone()?,
            Expr::Op(op) => {
                operation(op.name, &vec![1; op.operands.len()])?;
                let operands = op.operands.iter().map(|operand| self.meant(operand)).collect::<Option<Vec<_>>>()?;
                let depth = 1 + operands.iter().map(size).sum::<u32>();
                Expr::Op(Op { operands, depth, ..op.clone() })
            }
            Expr::Global(_) | Expr::Frame(_) => return None,
        };
        (size(&meant) <= ENOUGH).then_some(meant)
    }
}

/// How many operations there are in what [`Walk::meant`] made.
fn size(expr: &Expr) -> u32 {
    expr.depth()
}

/// Whether iterations are asked for there.
pub(crate) fn asks(body: &[Stmt]) -> bool {
    let mut found = false;
    for_each_stmt(body, &mut |stmt| found |= matches!(stmt, Stmt::Iterations(_)));
    found
}

/// Integer divisions and remainders.
pub(crate) fn is_division(name: &str) -> bool {
    matches!(name.split_once('_'), Some(("i32" | "i64", "div_s" | "div_u" | "rem_s" | "rem_u")))
}

/// The value of such an expression, for values of the parameters after the first two: as its type has it, without a sign.
pub(crate) fn value(expr: &Expr, parameters: &[u32]) -> Option<u64> {
    match expr {
        Expr::Const(Ty::I32, bits) => Some(u64::from(*bits as u32)),
        Expr::Const(_, bits) => Some(*bits as u64),
        Expr::Var(var) => parameters.get(var.checked_sub(2)?).map(|value| u64::from(*value)),
        Expr::Op(op) => {
            let operands = op.operands.iter().map(|operand| value(operand, parameters));
            operation(op.name, &operands.collect::<Option<Vec<_>>>()?)
        }
        Expr::Global(_) | Expr::Frame(_) => None,
    }
}

/// The result of an operation on integers that always has one, if it is one of those that bounds of loops are computed with.
fn operation(name: &str, operands: &[u64]) -> Option<u64> {
    let get = |i: usize| operands.get(i).copied();
    let a = get(0)?;
    let word = |value: u64| u64::from(value as u32);
    let (ty, short) = name.split_once('_').unwrap_or(("", name));
    let signed = |value: u64| if ty == "i32" { i64::from(value as u32 as i32) } else { value as i64 };
    let bits = if ty == "i32" { 32 } else { 64 };
    let result = match short {
        "extend_i32_s" => return Some(i64::from(a as u32 as i32) as u64),
        "extend_i32_u" | "wrap_i64" => return Some(word(a)),
        "eqz" => u64::from(a == 0),
        "select" => return Some(if get(2)? == 0 { get(1)? } else { a }),
        "add" => a.wrapping_add(get(1)?),
        "sub" => a.wrapping_sub(get(1)?),
        "mul" => a.wrapping_mul(get(1)?),
        "and" => a & get(1)?,
        "or" => a | get(1)?,
        "xor" => a ^ get(1)?,
        "shl" => a << (get(1)? % bits),
        "shr_u" => a >> (get(1)? % bits),
        "shr_s" => (signed(a) >> (get(1)? % bits)) as u64,
        "eq" => u64::from(a == get(1)?),
        "ne" => u64::from(a != get(1)?),
        "lt_s" => u64::from(signed(a) < signed(get(1)?)),
        "lt_u" => u64::from(a < get(1)?),
        "gt_s" => u64::from(signed(a) > signed(get(1)?)),
        "gt_u" => u64::from(a > get(1)?),
        "le_s" => u64::from(signed(a) <= signed(get(1)?)),
        "le_u" => u64::from(a <= get(1)?),
        "ge_s" => u64::from(signed(a) >= signed(get(1)?)),
        "ge_u" => u64::from(a >= get(1)?),
        _ => return None,
    };
    match ty {
        "i32" => Some(word(result)),
        "i64" => Some(result),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Iterations, translated_microtask};

    /// What is known of a loop from `first` to `last` over an array of `n`, whose code before the loop begins with `before`.
    fn iterations(before: &str, bound: &str, [first, last, n]: [i32; 3]) -> Option<Iterations> {
        let text = format!(
            r#"(module
                (import "env" "__kmpc_for_static_init_4" (func $__kmpc_for_static_init_4
                    (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
                (memory 1)
                (global $__stack_pointer (mut i32) (i32.const 4096))
                (func (export "microtask") (param $gtid i32) (param $btid i32) (param $first i32) (param $last i32)
                                           (param $n i32) (param $at i32) (local $frame i32) (local $end i32)
                    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
                    (global.set $__stack_pointer (local.get $frame))
                    (block $all
                        {before}
                        (i32.store (local.get $frame) (i32.const 0))
                        (i32.store offset=4 (local.get $frame) (local.get $first))
                        (i32.store offset=8 (local.get $frame) (local.get $last))
                        (i32.store offset=12 (local.get $frame) (i32.const 1))
                        (call $__kmpc_for_static_init_4 (i32.const 0) (i32.load (local.get $gtid)) (i32.const 34) (local.get $frame)
                            (i32.add (local.get $frame) (i32.const 4)) (i32.add (local.get $frame) (i32.const 8))
                            (i32.add (local.get $frame) (i32.const 12)) (i32.const 1) (i32.const 1))
                        (local.set $end (i32.load offset=8 (local.get $frame)))
                        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                        (i32.store offset=8 (local.get $frame) {bound})
                        (local.set $end (i32.load offset=8 (local.get $frame)))
                        (local.set $first (i32.load offset=4 (local.get $frame)))
                        (loop $next
                            (i32.store (i32.add (local.get $at) (i32.shl (local.get $first) (i32.const 2))) (i32.const 1))
                            (local.set $first (i32.add (local.get $first) (i32.const 1)))
                            (br_if $next (i32.le_s (local.get $first) (local.get $end)))))
                    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 16)))))"#
        );
        let kernel = translated_microtask(&text);
        kernel.iterations(&[first as u32, last as u32, n as u32, 1024])
    }

    const LEAST: &str = "(select (local.get $end) (local.get $n) (i32.lt_s (local.get $end) (local.get $n)))";
    const GREATEST: &str = "(select (local.get $end) (local.get $n) (i32.gt_s (local.get $end) (local.get $n)))";
    const NONE_IF_EMPTY: &str = "(br_if $all (i32.lt_s (local.get $n) (i32.const 1)))";

    #[test]
    fn virtual_threads_are_sure_if_nothing_keeps_them_from_their_iterations() {
        let sure = |before, bound, parameters| iterations(before, bound, parameters).is_some_and(|known| known.is_sure);
        assert_eq!(iterations("", LEAST, [0, 99, 100]).map(|known| known.count), Some(100));
        assert!(sure("", LEAST, [0, 99, 100]));
        assert!(sure(NONE_IF_EMPTY, LEAST, [-7, 99, 100]));
        assert!(!sure(NONE_IF_EMPTY, LEAST, [-9, -8, -7]), "the condition keeps them");
        assert!(!sure("", LEAST, [0, 99, 99]), "the last one is cut off");
        assert!(!sure("", GREATEST, [0, 99, 100]), "that is no minimum");
        let doubled = "(if (local.get $at) (then (local.set $n (i32.shl (local.get $n) (i32.const 1)))))";
        assert!(!sure(doubled, LEAST, [0, 99, 100]), "what n is depends on the way");
        let nested = "(if (local.get $at) (then (br_if $all (local.get $n))))";
        assert!(!sure(nested, LEAST, [0, 99, 100]), "who is kept is not known");
    }
}
