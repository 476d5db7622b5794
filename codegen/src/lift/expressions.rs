//! Instructions that compute or access memory, and the stack of expressions.

use super::{Lift, Role, frame, invalid};
use crate::ir::{Bits, Expr, Op, Operation, Place, Stmt, Ty};
use crate::refusal::Reason;
use crate::wasm::instructions;
use wasmparser::Operator;

/// Expressions nested deeper than this get a variable: readers and C compilers have limits too.
const MAX_EXPRESSION: u32 = 40;

/// Stands where an expression is being replaced.
const PLACEHOLDER: Expr = Expr::Const(Ty::I32, 0);

impl Lift<'_> {
    /// An instruction of the table of [`Op`].
    pub(super) fn operation(&mut self, operator: &Operator) -> Result<(), Reason> {
        let (name, immediates) = instructions::describe(operator);
        let op = Op::of(operator).ok_or(Reason::Instruction(name))?;
        let info = op.info();
        let mut operation = Operation::new(op, self.pop_many(info.operands.len())?);
        operation.lanes = immediates.lanes;
        operation.offset = immediates.memory.map(|memory| memory.offset);
        operation.alignment = immediates.memory.map_or(1, |memory| 1 << memory.align.min(4));
        if let Some(folded) = fold(&operation, self.stack_limit()).or_else(|| frame::fold(&operation, self.role)) {
            self.stack.push(folded);
            return Ok(());
        }
        if let Some(kept) = self.kept_address(&operation) {
            self.stack.push(Expr::Address(kept));
            return Ok(());
        }
        if let Some(shareds) = self.tasks.shareds(&operation) {
            self.stack.push(Expr::Address(shareds));
            return Ok(());
        }
        if let (Op::I32Store, [Expr::Address(at), Expr::Address(pointer)], Some(offset)) =
            (op, &operation.operands[..], operation.offset)
            && let Some(at) = at.offset(offset)
        {
            self.lists.store(at, *pointer);
            if self.controls.len() == 1 {
                self.kept.insert(at, *pointer);
            }
        }
        // An access's address may have traps of its own, which come before it.
        operation.site = op.may_trap().then(|| self.site());
        if op.is_effect() {
            self.settle(
                |expr| matches!(expr, Expr::Operation(operation) if operation.op.is_load() || operation.site.is_some()),
            );
        }
        for operand in &mut operation.operands {
            self.settle_if_deep(operand);
        }
        operation.measure();
        match info.result {
            None => self.emit(Stmt::Do(Expr::Operation(operation))),
            Some(_) if op.is_effect() => {
                let value = self.settled(Expr::Operation(operation));
                self.stack.push(value);
            }
            Some(_) => self.stack.push(Expr::Operation(operation)),
        }
        Ok(())
    }

    /// The global variable with the end of the stack, where there is no such stack.
    fn stack_limit(&self) -> Option<u32> {
        self.module.stack_limit().filter(|_| self.role != Role::Native)
    }

    /// The address that a combiner loads from its frame, if it is known. What stores there forgets it.
    fn kept_address(&mut self, operation: &Operation) -> Option<Place> {
        if self.role != Role::Combiner {
            return None;
        }
        if operation.op.is_effect() {
            let words = operation.frame_words();
            self.kept.retain(|word, _| !words.contains(word));
        }
        let is_load = operation.op == Op::I32Load && self.controls.len() == 1;
        operation.slot().filter(|_| is_load).and_then(|piece| self.kept.get(&piece.place)).copied()
    }

    pub(super) fn select(&mut self) -> Result<(), Reason> {
        // C evaluates one of the two only: what may trap is evaluated before.
        let (mut condition, mut second, mut first) = (self.pop()?, self.pop()?, self.pop()?);
        for operand in [&mut first, &mut second] {
            if operand.may_trap() {
                let value = std::mem::replace(operand, PLACEHOLDER);
                *operand = self.settled(value);
            }
            self.settle_if_deep(operand);
        }
        self.settle_if_deep(&mut condition);
        self.stack.push(Expr::Operation(Operation::new(Op::Select, vec![first, second, condition])));
        Ok(())
    }

    pub(super) fn constant(&mut self, ty: Ty, bits: Bits) {
        self.stack.push(Expr::Const(ty, bits));
    }

    pub(super) fn pop(&mut self) -> Result<Expr, Reason> {
        self.stack.pop().ok_or_else(invalid)
    }

    pub(super) fn pop_many(&mut self, count: usize) -> Result<Vec<Expr>, Reason> {
        let at = self.stack.len().checked_sub(count).ok_or_else(invalid)?;
        Ok(self.stack.split_off(at))
    }

    /// An expression that can be evaluated at any time: the value itself if it is a constant, else a variable of our own.
    pub(super) fn settled(&mut self, value: Expr) -> Expr {
        if value.is_constant() || matches!(value, Expr::Var(var) if self.function.is_added(var)) {
            return value;
        }
        let var = self.new_var(self.ty(&value));
        self.emit(Stmt::Set(var, value));
        Expr::Var(var)
    }

    pub(super) fn settle_if_deep(&mut self, expr: &mut Expr) {
        if expr.depth() >= MAX_EXPRESSION {
            let deep = std::mem::replace(expr, PLACEHOLDER);
            *expr = self.settled(deep);
        }
    }

    /// Settles what is on the stack and has a part for which `test` holds.
    pub(super) fn settle(&mut self, test: impl Fn(&Expr) -> bool) {
        for at in 0..self.stack.len() {
            if self.stack[at].any(&mut |part| test(part)) {
                self.settle_at(at);
            }
        }
    }

    fn settle_at(&mut self, at: usize) {
        let value = std::mem::replace(&mut self.stack[at], PLACEHOLDER);
        self.stack[at] = self.settled(value);
    }

    /// Before the rest of the stack is left behind: what may trap does.
    pub(super) fn settle_traps(&mut self) {
        self.settle(|expr| matches!(expr, Expr::Operation(operation) if operation.site.is_some()));
    }

    pub(super) fn settle_all_but_constants(&mut self) {
        self.settle(|expr| !expr.is_constant());
    }

    pub(super) fn settle_top(&mut self, count: usize) {
        for at in self.stack.len().saturating_sub(count)..self.stack.len() {
            self.settle_at(at);
        }
    }
}

/// Folds `i32` additions, subtractions and tests for equality of constants, which the runtime's answers are; and the rewriter's check for
/// overflow of the shadow stack, which never fails, as frames become variables, or have a check of their own.
fn fold(operation: &Operation, stack_limit: Option<u32>) -> Option<Expr> {
    let word = |bits: u32| Some(Expr::Const(Ty::I32, Bits::from(bits)));
    match (operation.op, &operation.operands[..]) {
        (Op::I32Add, [Expr::Const(_, a), Expr::Const(_, b)]) => word((*a as u32).wrapping_add(*b as u32)),
        (Op::I32Sub, [Expr::Const(_, a), Expr::Const(_, b)]) => word((*a as u32).wrapping_sub(*b as u32)),
        (Op::I32Eq, [Expr::Const(_, a), Expr::Const(_, b)]) => word(u32::from(a == b)),
        (Op::I32Ne, [Expr::Const(_, a), Expr::Const(_, b)]) => word(u32::from(a != b)),
        (Op::I32Eqz, [Expr::Const(_, a)]) => word(u32::from(*a == 0)),
        (Op::I32LtS, [Expr::Operation(difference), Expr::Const(_, 0)]) => {
            let is_check = difference.op == Op::I32Sub
                && matches!(difference.operands[..], [Expr::Address(_) | Expr::Var(_), Expr::Global(limit)] if Some(limit) == stack_limit);
            is_check.then_some(Expr::Const(Ty::I32, 0))
        }
        _ => None,
    }
}
