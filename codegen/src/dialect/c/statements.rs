//! Prints statements: labels and `goto` where control is not structured as C's is, calls, loops that end after a trap.

use super::truncation::truncation;
use super::{CONTRACT, Printer, Variant};
use crate::analysis::versions::Level;
use crate::dialect::Dialect;
use crate::ir::visit::{self, for_each_part, for_each_stmt};
use crate::ir::{Bits, Combined, Effect, Expr, Function, Kind, Label, Op, Relation, Site, Slot, Stmt, Ty, Var};
use crate::lift::Role;
use crate::{Kernel, TrapCode};
use std::fmt::Write;

impl<D: Dialect> Printer<'_, D> {
    /// `innermost` is the loop that `continue` continues.
    pub(super) fn stmts(&mut self, body: &[Stmt], innermost: Option<Label>) {
        for stmt in body {
            // Those that meet see to it themselves.
            let meets = matches!(stmt, Stmt::Fork { .. } | Stmt::Alone { .. } | Stmt::Barrier);
            self.has_met &= meets || is_own(stmt);
            self.stmt(stmt, innermost);
            self.has_met &= meets || is_own(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, innermost: Option<Label>) {
        if let Some(truncation) = truncation(stmt)
            && !self.context.dialect.goes_on_after_traps()
        {
            return self.truncate(&truncation, innermost);
        }
        match stmt {
            Stmt::Set(var, value) => self.line(&format!("{} = {};", self.var(*var), self.top(value))),
            Stmt::SetGlobal(global, value) => {
                self.line(&format!("{} = {};", self.context.dialect.global(*global), self.top(value)));
            }
            Stmt::SetSlot { op, slot, value } => self.set_slot(*op, *slot, value),
            Stmt::ClampUpper { op, slot, value } => {
                self.set_slot(*op, *slot, value);
                self.clamp(value);
            }
            Stmt::Do(value) => self.line(&format!("{};", self.top(value))),
            Stmt::Call { function, arguments, results, site } => {
                let mark = site.map_or_else(String::new, |site| self.mark_at(site));
                self.line(&(mark + &self.call(*function, arguments, results)));
            }
            Stmt::CallIndirect { candidates, index, arguments, results, site } => {
                self.line(&format!("switch ({}) {{", self.top(index)));
                for (number, function) in candidates {
                    let call = self.call(*function, arguments, results);
                    self.line(&format!("case {number}u: {call} break;"));
                }
                let code = TrapCode::IndirectCall as u32;
                self.line(&format!("default: trap(m, {code}u, {});", self.context.dialect.site(*site)));
                self.indented(Self::give_up);
                self.line("}");
            }
            Stmt::CallTable { ty, table, index, arguments, results, site } => {
                let callee = self.context.dialect.table_call(*ty, *table, &self.top(index), *site);
                self.line(&(self.mark_at(*site) + &self.call_of(&callee, arguments, results)));
            }
            Stmt::Block { label, body } => self.block(*label, body, innermost),
            // A virtual thread that is known to do its iteration comes to it.
            Stmt::If { then, otherwise, .. }
                if self.variant != Variant::Checked
                    && self.is_before_iterations
                    && otherwise.is_empty()
                    && matches!(then[..], [Stmt::Goto(to)] if self.context.worksharing.around.contains(&to)) => {}
            Stmt::If { condition, then, otherwise } => self.branch(condition, then, otherwise, innermost),
            Stmt::Loop { label, body } => self.a_loop(*label, body),
            Stmt::DoWhile { label, body, condition } => self.do_while(*label, body, condition),
            Stmt::Goto(label) if innermost == Some(*label) => self.line("continue;"),
            Stmt::Goto(label) => self.line(&format!("goto {};", self.label_name(*label))),
            Stmt::Switch { index, targets } => self.switch(index, targets, innermost),
            Stmt::StaticInit(bounds) if self.role.is_of_team() && bounds.is_distribute => {
                self.deal(bounds, ["m->team", "m->teams"]);
            }
            Stmt::StaticInit(bounds) if self.role.is_of_threads() => self.deal(bounds, self.member()),
            Stmt::StaticInit(bounds) => self.static_init(bounds),
            Stmt::DispatchInit(dispatch) => self.dispatch_init(dispatch),
            Stmt::DispatchNext { dispatch, chunk, result } => self.dispatch_next(dispatch, chunk, *result),
            Stmt::Reduce { slots, combiner, of: Combined::Members, .. } => self.reduce_members(slots, *combiner),
            Stmt::Reduce { slots, combiner, of: Combined::First, .. } => self.copy_first(slots, *combiner),
            Stmt::Reduce { slots, combiner, .. } => self.reduce(slots, *combiner),
            Stmt::Barrier => self.meet(),
            Stmt::Fork { microtask, arguments, captured, threads } => {
                self.fork(*microtask, arguments, captured, threads.as_ref());
            }
            Stmt::Alone { body, results } => self.alone(body, results),
            Stmt::Critical { lock, body } => self.critical(*lock, body),
            Stmt::Number { result, of } => self.number(*result, *of),
            Stmt::Print(printing) => self.print(printing),
            Stmt::PrintByte { at, byte } => {
                self.line(&format!("((__global uchar *)record)[{}] = (uchar){};", self.top(at), self.expr(byte)));
            }
            Stmt::Return(values) => self.give_back(values),
            Stmt::CheckStack(pointer, site) => self.check_stack(pointer, *site),
            Stmt::Unreachable(site) => {
                let site = self.context.dialect.site(*site);
                self.line(&format!("trap(m, {}u, {site});", TrapCode::Unreachable as u32));
                self.give_up();
            }
        }
    }

    /// Traps unless a computed stack pointer is in the function's frame, or at its end.
    fn check_stack(&mut self, pointer: &Expr, site: Site) {
        let (start, bytes) = self.function.frame.map_or((0, 0), |frame| (frame.start(), frame.bytes()));
        let site = self.context.dialect.site(site);
        self.line(&format!("if ({} - {start:#x}u > {bytes}u) {{", self.expr(pointer)));
        self.indented(|printer| {
            printer.line(&format!("trap(m, {}u, {site});", Kernel::STACK_OVERFLOW));
            printer.give_up();
        });
        self.line("}");
    }

    fn label(&mut self, label: Label) {
        self.indent -= 1;
        self.line(&format!("{}:;", self.label_name(label)));
        self.indent += 1;
    }

    fn branch(&mut self, condition: &Expr, then: &[Stmt], otherwise: &[Stmt], innermost: Option<Label>) {
        if then.is_empty() && otherwise.is_empty() {
            return self.line(&format!("{};", self.top(condition)));
        }
        let (condition, then, otherwise) = if then.is_empty() {
            (self.negated(condition), otherwise, then)
        } else {
            (self.condition(condition), then, otherwise)
        };
        // PoCL loses track of members that go different ways after a barrier in a branch: one at its end, and one behind it, keep them
        // together.
        let leaves = visit::goes_outside(then, None) || visit::goes_outside(otherwise, None);
        let meets = self.keeps_team_together() && !leaves && (self.meets(then) || self.meets(otherwise));
        self.line(&format!("if ({condition}) {{"));
        self.indented(|printer| printer.branch_body(then, innermost, meets));
        if !otherwise.is_empty() || meets {
            self.line("} else {");
            self.indented(|printer| printer.branch_body(otherwise, innermost, meets));
        }
        self.line("}");
        if meets {
            self.has_met = false;
            self.meet();
        }
    }

    fn branch_body(&mut self, body: &[Stmt], innermost: Option<Label>, meets: bool) {
        self.has_met = false;
        self.stmts(body, innermost);
        if meets {
            self.has_met = false;
            self.meet();
        }
    }

    /// Where in a block the condition stands by which a team skips the rest of it, with the barriers there.
    fn skipped_meeting(&self, label: Label, body: &[Stmt]) -> Option<usize> {
        let skips = |stmt: &Stmt| matches!(stmt, Stmt::If { then, otherwise, .. } if otherwise.is_empty() && then[..] == [Stmt::Goto(label)]);
        let at = body.iter().position(skips).filter(|_| self.keeps_team_together())?;
        let (before, rest) = (&body[..at], &body[at + 1..]);
        let is_plain = self.meets(rest) && !visit::goes_outside(rest, Some(label));
        (is_plain && !visit::goes_to(before, label)).then_some(at)
    }

    /// A block; where a team skips the rest of it with the barriers there, as a branch: see [`Printer::branch`].
    fn block(&mut self, label: Label, body: &[Stmt], innermost: Option<Label>) {
        let Some((at, Stmt::If { condition, .. })) = self.skipped_meeting(label, body).map(|at| (at, &body[at])) else {
            self.stmts(body, innermost);
            if self.function.used_labels[label] {
                self.label(label);
            }
            return;
        };
        self.stmts(&body[..at], innermost);
        // Others are waited for at each of these places, whatever has been before.
        self.has_met = false;
        let rest = &body[at + 1..];
        self.line(&format!("if ({}) {{", super::expressions::stripped(self.negated(condition))));
        self.indented(|printer| {
            printer.stmts(rest, innermost);
            if visit::goes_to(rest, label) {
                printer.label(label);
            }
            printer.has_met = false;
            printer.meet();
        });
        self.line("} else {");
        self.has_met = false;
        self.indented(Self::meet);
        self.line("}");
        self.has_met = false;
        self.meet();
    }

    fn switch(&mut self, index: &Expr, targets: &[Vec<Stmt>], innermost: Option<Label>) {
        let index = self.context.dialect.chosen_by(&self.top(index));
        self.line(&format!("switch ({index}) {{"));
        for (number, target) in targets.iter().enumerate() {
            let case = if number + 1 == targets.len() { "default:".into() } else { format!("case {number}u:") };
            self.line(&case);
            self.has_met = false;
            self.indented(|printer| printer.stmts(target, innermost));
        }
        self.line("}");
    }

    fn do_while(&mut self, label: Label, body: &[Stmt], condition: &Expr) {
        let is_serial = self.recurrences(body).any(|reads| reads > 1);
        let outer = std::mem::replace(&mut self.is_serial, is_serial);
        self.do_while_as_it_is(label, body, condition);
        self.is_serial = outer;
    }

    /// After a trap loops are left in any case.
    fn do_while_as_it_is(&mut self, label: Label, body: &[Stmt], condition: &Expr) {
        if self.fast.last().is_some_and(|fast| fast.counts(label)) {
            self.line("{");
            self.indented(|printer| printer.counted(label, body));
            return self.line("}");
        }
        if let Some(version) = self.context.versions.get(&label) {
            return self.two_versions(label, version, body, condition);
        }
        let is_strided = self.role == Role::Microtask && self.context.worksharing.strided == Some(label);
        if is_strided && !self.context.options.blocks {
            // This virtual thread's one iteration.
            return self.stmts(body, None);
        }
        self.line("do {");
        self.keep_products(body, None);
        self.indented(|printer| printer.stmts(body, None));
        if !self.context.dialect.goes_on_after_traps() {
            return self.line(&format!("}} while ({});", self.condition(condition)));
        }
        if !is_strided && ends_by_itself(self.function, body, condition) {
            return self.line(&format!("}} while ({});", self.condition(condition)));
        }
        let mut text = format!("}} while ({} && !m->{}", self.condition_operand(condition), self.ending(body));
        if is_strided && let Expr::Operation(compare) = condition {
            // The last iteration of this virtual thread's block.
            let _ = write!(text, " && {}", self.compared(compare.op, &self.expr(&compare.operands[0]), "m->end"));
        }
        text.push_str(");");
        self.line(&text);
    }

    /// How products and sums are fused in a loop that computes a float from its own value.
    ///
    /// A sum of products that goes through the iterations one after the other is faster if it is not: the products of several iterations can be
    /// computed before they are added. Where products depend on that float, too, those are fused that clang fuses in the source, which are
    /// ready last. `level` is the loop in its second version, if that is printed.
    pub(super) fn keep_products(&mut self, body: &[Stmt], level: Option<&Level>) {
        if self.context.dialect.float_freedom(self.function.index) != [CONTRACT] {
            return;
        }
        let accumulates = level.is_some_and(|level| level.accumulates);
        let freedom = if accumulates || self.recurrences(body).any(|reads| reads == 1) {
            "off"
        } else if self.is_serial {
            "on"
        } else {
            return;
        };
        let _ = writeln!(self.out, "#pragma clang fp contract({freedom})");
    }

    /// How often a body reads floats that are made of their own values in each iteration: once where something is added that does not depend
    /// on them.
    fn recurrences(&self, body: &[Stmt]) -> impl Iterator<Item = usize> {
        let mut vars = Vec::new();
        for stmt in body {
            if let Stmt::Set(var, value) = stmt {
                let is_float = matches!(self.function.vars[*var], Ty::F32 | Ty::F64);
                let is_own = is_float && value.any(&mut |part| *part == Expr::Var(*var));
                vars.extend(is_own.then_some(*var));
            }
        }
        vars.into_iter().map(|var| {
            let mut reads = 0;
            for_each_part(body, &mut |part| reads += usize::from(*part == Expr::Var(var)));
            reads
        })
    }

    /// What of the machine ends a loop: a trap. Where members of a team wait for one another in it, one that all know of.
    fn ending(&self, body: &[Stmt]) -> &'static str {
        if self.context.has_teams && self.meets(body) { "stopped" } else { "trapped" }
    }

    /// An endless loop, with a `break` at the end.
    fn a_loop(&mut self, label: Label, body: &[Stmt]) {
        self.label(label);
        self.line("for (;;) {");
        self.indented(|printer| {
            if printer.context.dialect.goes_on_after_traps() {
                printer.line(&format!("if (m->{})", printer.ending(body)));
                if printer.stays_with_team() {
                    printer.indented(|printer| printer.line("break;"));
                } else {
                    printer.indented(Self::give_up);
                }
            }
            printer.stmts(body, Some(label));
            if !matches!(body.last(), Some(Stmt::Goto(_) | Stmt::Return(_))) {
                printer.line("break;");
            }
        });
        self.line("}");
    }

    fn give_back(&mut self, values: &[Expr]) {
        match values {
            [] => self.line("return;"),
            [value] => self.line(&format!("return {};", self.top(value))),
            _ => {
                for (i, value) in values.iter().enumerate() {
                    self.line(&format!("*r{i} = {};", self.top(value)));
                }
                self.line("return;");
            }
        }
    }

    fn call(&self, function: u32, arguments: &[Expr], results: &[Var]) -> String {
        let name = self.function_name(function, self.function.role_of(function, self.role));
        self.call_of(&name, arguments, results)
    }

    fn call_of(&self, function: &str, arguments: &[Expr], results: &[Var]) -> String {
        let mut out = String::new();
        if let [result] = results {
            let _ = write!(out, "{} = ", self.var(*result));
        }
        let _ = write!(out, "{function}({}", self.context.dialect.machine().1);
        for argument in arguments {
            let _ = write!(out, ", {}", self.top(argument));
        }
        if results.len() > 1 {
            for result in results {
                let _ = write!(out, ", &{}", self.var(*result));
            }
        }
        out.push_str(");");
        out
    }
}

/// Whether a loop with a test at its end ends by counting, whatever its loads read: its only way out is a test of a 32-bit counter, which
/// changes by one in each iteration, against what does not change. So after a trap it still ends, after 2^32 iterations at most, and
/// compilers see through it better if a trap does not end it.
fn ends_by_itself(function: &Function, body: &[Stmt], condition: &Expr) -> bool {
    let (counter, bound) = match condition {
        Expr::Operation(compare) => match (compare.op.kind(), &compare.operands[..]) {
            // With `<=` and the greatest of all numbers there would be no end.
            (Kind::Compare(Relation::Lt | Relation::Gt | Relation::Ne, _), [Expr::Var(counter), bound]) => {
                (*counter, Some(bound))
            }
            _ => return false,
        },
        Expr::Var(counter) => (*counter, None),
        _ => return false,
    };
    let is_step = |stmt: &Stmt| match stmt {
        Stmt::Set(var, Expr::Operation(step)) if *var == counter => {
            matches!(step.op, Op::I32Add | Op::I32Sub)
                && matches!(step.operands[..], [Expr::Var(own), Expr::Const(_, by)] if own == counter
                    && (by == 1 || by == Bits::from(u32::MAX)))
        }
        _ => false,
    };
    let is_fixed = |set: Var| bound.is_none_or(|bound| !bound.any(&mut |part| *part == Expr::Var(set)));
    let is_fixed_slot = |set: Slot| {
        bound.is_none_or(|bound| !bound.any(&mut |part| matches!(part, Expr::Slot(_, slot) if *slot == set)))
    };
    let is_plain = |part: &Expr| match part {
        Expr::Operation(operation) => operation.site.is_none() && operation.op.effect() == Effect::None,
        Expr::Global(_) => false,
        _ => true,
    };
    let (mut sets, mut is_counted, mut own_labels) = (0, true, Vec::new());
    for_each_stmt(body, &mut |stmt| match stmt {
        Stmt::Set(var, _) => {
            sets += usize::from(*var == counter);
            is_counted &= is_fixed(*var) || *var == counter;
        }
        Stmt::SetSlot { slot, .. } => is_counted &= is_fixed_slot(*slot),
        Stmt::Block { label, .. } | Stmt::Loop { label, .. } | Stmt::DoWhile { label, .. } => own_labels.push(*label),
        Stmt::Goto(label) => is_counted &= own_labels.contains(label),
        Stmt::Do(_) | Stmt::If { .. } | Stmt::Switch { .. } | Stmt::SetGlobal(..) => {}
        Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. } => {
            is_counted &= results.iter().all(|var| *var != counter && is_fixed(*var));
        }
        // They leave the loop, or are what only virtual threads know.
        _ => is_counted = false,
    });
    is_counted
        && sets == 1
        && function.vars[counter] == Ty::I32
        && body.iter().any(is_step)
        && bound.is_none_or(|bound| is_fixed(counter) && !bound.any(&mut |part| !is_plain(part)))
}

/// Whether a statement accesses nothing that the members of a team share, and cannot trap.
fn is_own(stmt: &Stmt) -> bool {
    let is_own_part = |part: &Expr| match part {
        Expr::Operation(operation) => {
            operation.offset.is_none() && operation.site.is_none() && !operation.op.is_effect()
        }
        _ => true,
    };
    match stmt {
        Stmt::Set(_, value) | Stmt::SetSlot { value, .. } => !value.any(&mut |part| !is_own_part(part)),
        Stmt::Number { .. } => true,
        _ => false,
    }
}
