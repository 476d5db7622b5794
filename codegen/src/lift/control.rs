//! Structured control: blocks with types become statements with labels, and the values that branches carry become variables.

use super::{Lift, invalid, malformed};
use crate::MAX_DEPTH;
use crate::ir::visit;
use crate::ir::{Expr, Label, Stmt, Ty, Var};
use crate::refusal::Reason;
use crate::wasm::module::{Signature, value_type};
use wasmparser::{BlockType, BrTable, Operator};

/// Targets of a `br_table`, times the values that they carry.
const MAX_TABLE: usize = 4096;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Function,
    Block,
    Loop,
    If,
    Else,
}

/// A control instruction whose end has not come yet.
pub(super) struct Control {
    kind: Kind,
    label: Label,
    /// Variables for the values that a branch to it carries.
    carried: Vec<Var>,
    /// Variables for its results; those of a block are what branches carry.
    results: Vec<Var>,
    /// Values on the stack below it.
    height: usize,
    /// The rest of it is never reached.
    pub(super) dead: bool,
    /// For `if`: the condition; for `else`: the condition and the first branch.
    condition: Option<Expr>,
    then: Vec<Stmt>,
    /// Parameters, for the second branch of an `if`.
    params: Vec<Expr>,
}

impl Lift<'_> {
    /// Whether an instruction is one that directs control; if so, it is translated.
    pub(super) fn control_operator(&mut self, operator: &Operator) -> Result<bool, Reason> {
        match operator {
            Operator::Nop => {}
            Operator::Unreachable => {
                self.settle_traps();
                let site = self.site();
                self.emit(Stmt::Unreachable(site));
                self.die();
            }
            Operator::Block { blockty } => self.block(Kind::Block, *blockty)?,
            Operator::Loop { blockty } => self.block(Kind::Loop, *blockty)?,
            Operator::If { blockty } => self.block(Kind::If, *blockty)?,
            Operator::Else => self.otherwise()?,
            Operator::End => self.end()?,
            Operator::Br { relative_depth } => self.leave(*relative_depth)?,
            Operator::BrIf { relative_depth } => self.leave_if(*relative_depth)?,
            Operator::BrTable { targets } => self.leave_by_table(targets)?,
            Operator::Return => self.leave(self.controls.len() as u32 - 1)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Where nothing is reached, only the structure counts.
    pub(super) fn unreached(&mut self, operator: &Operator) -> Result<(), Reason> {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.skipped += 1,
            Operator::End if self.skipped > 0 => self.skipped -= 1,
            Operator::End => self.end()?,
            Operator::Else if self.skipped == 0 => self.otherwise()?,
            _ => {}
        }
        Ok(())
    }

    fn block(&mut self, kind: Kind, ty: BlockType) -> Result<(), Reason> {
        if self.controls.len() >= MAX_DEPTH {
            return Err(Reason::Depth);
        }
        let condition = if kind == Kind::If { Some(self.pop()?) } else { None };
        if kind == Kind::If && matches!(condition, Some(Expr::Const(_, 0))) && matches!(ty, BlockType::Empty) {
            // The check for overflow of a stack that is not there.
            self.settle_all_but_constants();
            self.enter(kind, Vec::new(), Vec::new(), self.stack.len(), condition);
            self.die();
            return Ok(());
        }
        let signature = self.block_signature(ty)?;
        let condition =
            condition.map(|condition| if self.stack.is_empty() { condition } else { self.settled(condition) });
        self.settle_all_but_constants();
        let height = self.stack.len().checked_sub(signature.params.len()).ok_or_else(invalid)?;
        let results: Vec<_> = signature.results.iter().map(|ty| self.new_var(*ty)).collect();
        let mut carried = results.clone();
        if kind == Kind::Loop {
            // Parameters of a loop are variables that branches to it set.
            carried = signature.params.iter().map(|ty| self.new_var(*ty)).collect();
            let values = self.stack.split_off(height);
            for (var, value) in carried.iter().zip(values) {
                self.emit(Stmt::Set(*var, value));
                self.stack.push(Expr::Var(*var));
            }
        }
        self.enter(kind, carried, results, height, condition);
        Ok(())
    }

    fn block_signature(&self, ty: BlockType) -> Result<Signature, Reason> {
        let references = || Reason::Module("a block of references".into());
        match ty {
            BlockType::Empty => Ok(Signature::default()),
            BlockType::Type(ty) => {
                Ok(Signature { params: Vec::new(), results: vec![value_type(ty).ok_or_else(references)?] })
            }
            BlockType::FuncType(index) => self.module.type_signature(index).cloned().ok_or_else(references),
        }
    }

    pub(super) fn enter(
        &mut self,
        kind: Kind,
        carried: Vec<Var>,
        results: Vec<Var>,
        height: usize,
        condition: Option<Expr>,
    ) {
        let label = Label::from_u32(self.labels);
        self.labels += 1;
        let params = self.stack[height..].to_vec();
        self.controls.push(Control {
            kind,
            label,
            carried,
            results,
            height,
            dead: false,
            condition,
            then: Vec::new(),
            params,
        });
        self.bodies.push(Vec::new());
    }

    /// Values at the end of a block go to its results, unless that end is not reached.
    fn finish(&mut self) -> Result<(), Reason> {
        if self.criticals.last().is_some_and(|(_, depth, _)| *depth == self.bodies.len()) {
            return Err(super::openmp::ends_elsewhere());
        }
        self.check_lent()?;
        let control = self.controls.last().ok_or_else(invalid)?;
        let (height, dead) = (control.height, control.dead);
        if !dead && self.stack.len() > height {
            let results = control.results.clone();
            let values = self.pop_many(results.len())?;
            self.assign(&results, values).into_iter().for_each(|stmt| self.emit(stmt));
        }
        self.stack.truncate(height);
        Ok(())
    }

    fn otherwise(&mut self) -> Result<(), Reason> {
        self.finish()?;
        let body = self.bodies.pop().unwrap_or_default();
        let control = self.controls.last_mut().ok_or_else(invalid)?;
        control.kind = Kind::Else;
        control.then = body;
        control.dead = false;
        self.stack.extend(control.params.iter().cloned());
        self.bodies.push(Vec::new());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Reason> {
        self.finish()?;
        let (Some(control), Some(body)) = (self.controls.pop(), self.bodies.pop()) else {
            return Err(invalid());
        };
        let label = control.label;
        let is_used = self.function.used_labels[label];
        match control.kind {
            Kind::Function => {
                let results = control.results.iter().map(|var| Expr::Var(*var)).collect();
                self.function.body = body;
                if !control.dead && !control.results.is_empty() {
                    self.function.body.push(Stmt::Return(results));
                }
                return Ok(());
            }
            Kind::Block => self.emit(Stmt::Block { label, body }),
            // Without a branch to its start it is a block.
            Kind::Loop if !is_used => self.emit(Stmt::Block { label, body }),
            Kind::Loop => self.emit(a_loop(label, body)),
            Kind::If | Kind::Else => {
                let results = control.results.clone();
                self.end_if(control, body, is_used);
                self.stack.extend(results.into_iter().map(Expr::Var));
                return Ok(());
            }
        }
        // Nothing gets here: the end is not reached, and no branch goes there.
        if control.dead && (control.kind == Kind::Loop || !is_used) {
            self.die();
            return Ok(());
        }
        self.stack.extend(control.results.iter().map(|var| Expr::Var(*var)));
        Ok(())
    }

    fn end_if(&mut self, control: Control, body: Vec<Stmt>, is_used: bool) {
        let condition = control.condition.unwrap_or(Expr::Const(Ty::I32, 0));
        let (then, mut otherwise) = if control.kind == Kind::If { (body, Vec::new()) } else { (control.then, body) };
        if control.kind == Kind::If && !control.results.is_empty() {
            // Without `else`, parameters are the results.
            otherwise = self.assign(&control.results, control.params);
        }
        let branches = match condition {
            Expr::Const(_, 0) => otherwise,
            condition => vec![Stmt::If { condition, then, otherwise }],
        };
        if is_used {
            self.emit(Stmt::Block { label: control.label, body: branches });
        } else {
            branches.into_iter().for_each(|stmt| self.emit(stmt));
        }
    }

    fn control(&self, depth: u32) -> Result<&Control, Reason> {
        let at = self.controls.len().checked_sub(depth as usize + 1);
        at.map(|at| &self.controls[at]).ok_or_else(invalid)
    }

    /// A branch that is taken in any case.
    fn leave(&mut self, depth: u32) -> Result<(), Reason> {
        self.settle_traps();
        let branch = self.branch(depth)?;
        branch.into_iter().for_each(|stmt| self.emit(stmt));
        self.die();
        Ok(())
    }

    fn leave_if(&mut self, depth: u32) -> Result<(), Reason> {
        let condition = self.pop()?;
        if let Expr::Const(_, bits) = condition {
            return if bits == 0 { Ok(()) } else { self.leave(depth) };
        }
        // What the branch carries stays on the stack too: it is evaluated once.
        let count = self.control(depth)?.carried.len();
        let condition = if count == 0 { condition } else { self.settled(condition) };
        self.settle_top(count);
        let then = self.branch(depth)?;
        self.emit(Stmt::If { condition, then, otherwise: Vec::new() });
        Ok(())
    }

    fn leave_by_table(&mut self, targets: &BrTable) -> Result<(), Reason> {
        let index = self.pop()?;
        if let Expr::Const(_, bits) = index {
            let target = targets.targets().nth(bits as usize).unwrap_or(Ok(targets.default()));
            return self.leave(target.map_err(malformed)?);
        }
        let count = self.control(targets.default())?.carried.len();
        let index = self.settled(index);
        self.settle_traps();
        self.settle_top(count);
        if targets.len() as usize * (count + 1) > MAX_TABLE {
            return Err(Reason::Module("a `br_table` with too many targets".into()));
        }
        let depths = targets.targets().chain([Ok(targets.default())]);
        let targets = depths.map(|depth| self.branch(depth.map_err(malformed)?)).collect::<Result<Vec<_>, _>>()?;
        self.emit(Stmt::Switch { index, targets });
        self.die();
        Ok(())
    }

    /// The statements of a branch, with the values on top of the stack, which stay there.
    fn branch(&mut self, depth: u32) -> Result<Vec<Stmt>, Reason> {
        let control = self.control(depth)?;
        let (kind, label, carried) = (control.kind, control.label, control.carried.clone());
        let at = self.stack.len().checked_sub(carried.len()).ok_or_else(invalid)?;
        let values = self.stack[at..].to_vec();
        if kind == Kind::Function {
            return Ok(vec![Stmt::Return(values)]);
        }
        self.function.used_labels[label] = true;
        let mut stmts = self.assign(&carried, values);
        stmts.push(Stmt::Goto(label));
        Ok(stmts)
    }

    /// Sets variables all at once: a value that mentions one of them is taken before it changes.
    fn assign(&mut self, vars: &[Var], values: Vec<Expr>) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        let mentions = |value: &Expr| value.any(&mut |part| matches!(part, Expr::Var(var) if vars.contains(var)));
        let mut safe = Vec::new();
        for (var, value) in vars.iter().zip(values) {
            if value == Expr::Var(*var) {
                continue;
            }
            let value = if vars.len() > 1 && mentions(&value) {
                let copy = self.new_var(self.function.vars[*var]);
                stmts.push(Stmt::Set(copy, value));
                Expr::Var(copy)
            } else {
                value
            };
            safe.push(Stmt::Set(*var, value));
        }
        stmts.extend(safe);
        stmts
    }

    /// Whether what comes now may be executed several times in the function.
    pub(super) fn is_in_loop(&self) -> bool {
        self.controls.iter().any(|control| control.kind == Kind::Loop)
    }

    fn die(&mut self) {
        if let Some(control) = self.controls.last_mut() {
            control.dead = true;
            self.stack.truncate(control.height);
        }
    }
}

/// A loop: one that is gone back to at its very end, and nowhere else, has its test there.
fn a_loop(label: Label, mut body: Vec<Stmt>) -> Stmt {
    if !matches!(body.last(), Some(Stmt::If { then, otherwise, .. })
        if otherwise.is_empty() && then[..] == [Stmt::Goto(label)])
    {
        return Stmt::Loop { label, body };
    }
    match body.pop() {
        Some(Stmt::If { condition, .. }) if !visit::goes_to(&body, label) => Stmt::DoWhile { label, body, condition },
        last => {
            body.extend(last);
            Stmt::Loop { label, body }
        }
    }
}
