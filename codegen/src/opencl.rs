//! The OpenCL C dialect: what is OpenCL's own stands here and in `opencl/prelude.cl`.
//!
//! Integers are unsigned; where signs matter there is a cast. Each instruction that C has no operator for is a function of the
//! prelude with the instruction's name, and only those that are used are printed. Everything that a work-item has beside its
//! variables is in one `machine`, which the compiler takes apart.

mod prelude;
mod region;

use crate::deal;
use crate::frame::{self, Slot, Slots};
use crate::inside::Inside;
use crate::instructions::Ty;
use crate::ir::{Expr, Function, Op, Stmt, Var, for_each_expr, for_each_part, for_each_stmt};
use crate::module::{Bits, Module};
use crate::openmp::{self, Role};
use crate::prologue;
use crate::{Effects, Kernel, Options, Program, Reason, Trap};
use prelude::{Variants, has_word};
use region::{MAX_ACCUMULATOR, Shape, bits_type};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// No variable of a function: the last iteration of a block.
const END_OF_BLOCK: Var = usize::MAX;

fn c_type(ty: Ty) -> &'static str {
    match ty {
        Ty::I32 => "uint",
        Ty::I64 => "ulong",
        Ty::F32 => "float",
        Ty::F64 => "double",
        Ty::V128 => "uint4",
    }
}

/// Prints a program.
pub(crate) fn print(program: Program, options: &Options) -> Result<Kernel, Reason> {
    let mut globals = BTreeSet::new();
    for (function, _) in program.functions.values() {
        used_globals(function, &mut globals);
    }
    let globals: Vec<(u32, Ty)> =
        globals.into_iter().map(|index| (index, program.module.globals[index as usize].ty)).collect();
    let is_region = program.entry_role == Role::Microtask;
    let shared = if is_region { deal::look(program.entry()) } else { deal::Loop::default() };
    let mut shape = Shape::new(&program, &globals, &shared, options);
    let accumulator = shape.accumulator();
    if accumulator.is_some_and(|bytes| bytes > MAX_ACCUMULATOR) {
        return Err(Reason::Module("its reductions have too many variables".to_owned()));
    }

    // Combiners first, then what uses them.
    let (combiners, others): (Vec<_>, Vec<_>) = program.order.iter().partition(|(_, role)| *role == Role::Combiner);
    if combiners.iter().any(|key| !program.functions[key].0.callees.is_empty()) {
        return Err(Reason::Module("its reductions call functions".to_owned()));
    }
    let print = |key: (u32, Role), dealt: Dealt| {
        let (function, slots) = &program.functions[&key];
        let mut printer = Printer {
            module: program.module,
            function,
            slots,
            options,
            role: key.1,
            shared: &shared,
            dealt,
            single: None,
            is_before: true,
            out: "\n".to_owned(),
            indent: 1,
        };
        printer.function();
        printer.out
    };
    let mut code = shape.types();
    code.extend(combiners.into_iter().map(|key| print(key, Dealt::Checked)));
    code.push_str(&shape.accumulate());
    code.extend(others.into_iter().map(|key| print(key, Dealt::Checked)));
    if shape.entries.tiles {
        code.push_str(&print((program.entry, Role::Microtask), Dealt::Tile));
    }
    if shape.entries.sure {
        code.push_str(&print((program.entry, Role::Microtask), Dealt::Sure));
    }
    let in_order =
        shape.reduction.is_none() && program.functions.values().all(|(function, _)| function.callees.is_empty());
    let variants = Variants { bounds: options.bounds, blocks: options.blocks, in_order };
    shape.may_trap = has_word(&prelude::needed(&code, &variants), "trap") || has_word(&code, "trap");
    code.push('\n');
    code.push_str(&shape.entry_points());

    let mut source = String::new();
    if options.comments {
        source.push_str("/* Each work-item runs the kernel function for one thread id. `m` is what it has beside its variables: the memory,\n");
        source.push_str(
            " * the trap record, the globals. An instruction without an operator in C is a function of its name. */\n",
        );
    }
    source.push_str("#pragma OPENCL FP_CONTRACT OFF\n");
    let needed = prelude::needed(&code, &variants);
    let all = format!("{needed}{code}");
    let uses = |test| program.functions.values().any(|(function, _)| has_part(function, test));
    let uses_f64 = has_word(&all, "double") || uses(is_f64);
    let uses_atomics64 = uses(is_atomic64);
    if uses_f64 {
        source.push_str("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
    }
    if uses_atomics64 {
        source.push_str("#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable\n");
        source.push_str("#pragma OPENCL EXTENSION cl_khr_int64_extended_atomics : enable\n");
    }
    // The types stand before the functions that use them.
    let (types, functions) = code.split_once("\n\n").unwrap_or((&code, ""));
    let _ = write!(source, "\n{types}\n\n{needed}{functions}");
    let parameters = shape.parameters;
    let inside = if is_region && !options.blocks { Inside::of(&program, &shared) } else { None };
    let effects = if is_region { Effects::of(&program) } else { Effects::default() };
    // Relaxed: all that matters is that nobody else gets the same number.
    static NEXT_ID: AtomicU64 = AtomicU64::new(0);
    Ok(Kernel {
        source,
        id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
        pointers: shape.pointers.iter().map(|var| var - 2).collect(),
        multiple: shape.multiple,
        effects,
        parameters,
        entries: shape.entries,
        reach: reach(&program),
        may_trap: shape.may_trap,
        has_first: !is_region || options.blocks,
        has_block_size: shape.has_block_size(),
        inside,
        space: shared.space,
        accumulator,
        uses_f64,
        uses_atomics64,
        globals,
        sites: program.sites,
    })
}

/// Whether a part of an expression in a function is one for which `test` holds.
fn has_part(function: &Function, test: fn(&Expr) -> bool) -> bool {
    let mut found = false;
    for_each_expr(&function.body, &mut |expr| found |= expr.any(&mut |part| test(part)));
    found
}

/// What is behind the last byte that a load or a store could access, from the start of the memory.
fn reach(program: &Program) -> u64 {
    let mut reach = 0;
    for (function, _) in program.functions.values() {
        for_each_part(&function.body, &mut |part| {
            if let Expr::Op(op) = part
                && let Some(offset) = op.offset
            {
                reach = reach.max((1 << 32) + offset + u64::from(op.bytes()));
            }
        });
    }
    reach
}

fn is_f64(expr: &Expr) -> bool {
    matches!(expr, Expr::Const(Ty::F64, _)) || matches!(expr, Expr::Op(op) if op.name.contains("f64"))
}

fn is_atomic64(expr: &Expr) -> bool {
    let Expr::Op(op) = expr else {
        return false;
    };
    op.name.strip_prefix("i64_atomic_").is_some_and(|op| op.starts_with("rmw_") || op == "load" || op == "store")
}

fn used_globals(function: &Function, globals: &mut BTreeSet<u32>) {
    for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::SetGlobal(global, _) = stmt {
            globals.insert(*global);
        }
    });
    for_each_part(&function.body, &mut |part| {
        if let Expr::Global(global) = part {
            globals.insert(*global);
        }
    });
}

/// How a microtask gets its iterations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dealt {
    /// By its number, if there are as many.
    Checked,
    /// By its number, and there are as many, which all do their iteration.
    Sure,
    /// The same, but one is given, with the indices that it stands for.
    Tile,
}

struct Printer<'p, 'a> {
    module: &'p Module<'a>,
    function: &'p Function,
    slots: &'p Slots,
    options: &'p Options,
    role: Role,
    /// What is known of the microtask's loop.
    shared: &'p deal::Loop,
    dealt: Dealt,
    /// The variables with the bounds of the one iteration that a virtual thread has, and their type.
    single: Option<(String, String, &'static str)>,
    /// Whether no iterations have been dealt so far.
    is_before: bool,
    out: String,
    indent: usize,
}

impl Printer<'_, '_> {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("    ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn var(&self, var: Var) -> String {
        if var == END_OF_BLOCK {
            return "m->end".to_owned();
        }
        let prefix = match self.function.vars[var] {
            Ty::I32 => 'i',
            Ty::I64 => 'l',
            Ty::F32 => 'f',
            Ty::F64 => 'd',
            Ty::V128 => 'v',
        };
        format!("{prefix}{var}")
    }

    fn function(&mut self) {
        let function = self.function;
        if self.options.comments {
            let _ = writeln!(self.out, "/* {} */", harmless(&self.module.function_name(function.index)));
        }
        let result = if let [ty] = function.results[..] { c_type(ty) } else { "void" };
        let name = match self.role {
            Role::Function | Role::Teams => "function",
            Role::Microtask if self.dealt == Dealt::Tile => "tile",
            Role::Microtask if self.dealt == Dealt::Sure => "sure",
            Role::Microtask => "microtask",
            Role::LastMicrotask => "last",
            Role::Combiner => "combine",
        };
        let _ = write!(self.out, "static {result} {name}_{}(machine *m", function.index);
        if self.role == Role::Combiner {
            self.out.push_str(", accumulator *into, accumulator *from");
        }
        for var in self.first_param()..function.params {
            let _ = write!(self.out, ", {} {}", c_type(function.vars[var]), self.var(var));
        }
        if function.results.len() > 1 {
            for (i, ty) in function.results.iter().enumerate() {
                let _ = write!(self.out, ", {} *r{i}", c_type(*ty));
            }
        }
        self.out.push_str(")\n{\n");
        self.declarations();
        self.stmts(&function.body, None);
        if !function.results.is_empty() && !matches!(function.body.last(), Some(Stmt::Return(_))) {
            self.give_up();
        }
        self.out.push_str("}\n");
    }

    /// A microtask's first two parameters are the addresses of its thread numbers, which are variables.
    fn first_param(&self) -> usize {
        if self.role.parameters().is_some() { 2 } else { 0 }
    }

    /// Variables that are used. Locals start as zero; what the translation added is set before it is read.
    fn declarations(&mut self) {
        let function = self.function;
        let mut used = vec![false; function.vars.len()];
        mark_set(&function.body, &mut used);
        for_each_part(&function.body, &mut |part| {
            if let Expr::Var(var) = part {
                used[*var] = true;
            }
        });
        let params = self.first_param()..function.params;
        for var in (0..function.vars.len()).filter(|var| used[*var] && !params.contains(var)) {
            let ty = function.vars[var];
            let zero = if var >= function.locals { "" } else { " = 0" };
            let text = match ty {
                Ty::V128 if !zero.is_empty() => format!("uint4 {} = (uint4)(0u);", self.var(var)),
                _ => format!("{} {}{zero};", c_type(ty), self.var(var)),
            };
            self.line(&text);
        }
        for ((at, bytes), slot) in self.slots {
            if self.role == Role::Combiner && openmp::private(*at).is_some() {
                continue;
            }
            let (ty, zero) = (bits_type(*bytes), if *bytes == 16 { "(uint4)(0u)" } else { "0" });
            let comment = if self.options.comments { format!(" /* stack pointer {at:+} */") } else { String::new() };
            self.line(&format!("{ty} slot{slot} = {zero};{comment}"));
        }
    }

    /// The variable that a piece of the frame is.
    fn slot(&self, slot: Slot) -> String {
        match openmp::private(slot.0) {
            Some((side, number, offset)) if self.role == Role::Combiner => {
                let field = self.function.accumulated.iter().position(|field| *field == (number, offset, slot.1));
                format!("{}->r{}", if side == 0 { "into" } else { "from" }, field.unwrap_or(0))
            }
            _ => format!("slot{}", self.slots[&slot]),
        }
    }

    /// Leaves the function after a trap: the values do not matter, but are there.
    fn give_up(&mut self) {
        if self.function.results.len() > 1 {
            let zero = |ty: &Ty| if *ty == Ty::V128 { "(uint4)(0u)" } else { "0" };
            let results = self.function.results.iter().enumerate();
            let zeros: Vec<_> = results.map(|(i, ty)| format!("*r{i} = {};", zero(ty))).collect();
            self.line(&format!("{{ {} return; }}", zeros.join(" ")));
            return;
        }
        let text = match self.function.results[..] {
            [Ty::V128] => "return (uint4)(0u);",
            [_] => "return 0;",
            _ => "return;",
        };
        self.line(text);
    }

    /// `innermost` is the loop that `continue` continues.
    fn stmts(&mut self, body: &[Stmt], innermost: Option<usize>) {
        for stmt in body {
            self.stmt(stmt, innermost);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, innermost: Option<usize>) {
        match stmt {
            Stmt::Set(var, value) => {
                let text = format!("{} = {};", self.var(*var), self.top(value));
                self.line(&text);
            }
            Stmt::SetGlobal(global, value) => {
                let text = format!("m->g{global} = {};", self.top(value));
                self.line(&text);
            }
            Stmt::Do(value) => {
                let text = format!("{};", self.top(value));
                self.line(&text);
                self.clamp(value, &text);
            }
            Stmt::Call { function, arguments, results } => {
                let text = self.call(*function, arguments, results);
                self.line(&text);
            }
            Stmt::CallIndirect { slots, slot, arguments, results, position } => {
                let text = format!("switch ({}) {{", self.top(slot));
                self.line(&text);
                for (number, function) in slots {
                    let call = self.call(*function, arguments, results);
                    self.line(&format!("case {number}u: {call} break;"));
                }
                self.line(&format!("default: trap(m, {}u, {position}u);", Trap::IndirectCall as u32));
                self.indent += 1;
                self.give_up();
                self.indent -= 1;
                self.line("}");
            }
            Stmt::Block { label, body } => {
                self.stmts(body, innermost);
                if self.function.used_labels[*label] {
                    self.label(*label);
                }
            }
            // A virtual thread that is sure to do its iteration comes to it.
            Stmt::If { then, otherwise, .. }
                if self.dealt != Dealt::Checked
                    && self.is_before
                    && otherwise.is_empty()
                    && matches!(then[..], [Stmt::Goto(to)] if self.shared.around.contains(&to)) => {}
            Stmt::If { condition, then, otherwise } => self.branch(condition, then, otherwise, innermost),
            Stmt::Loop { label, body } if !self.function.used_labels[*label] => self.stmts(body, innermost),
            Stmt::Loop { label, body } => self.a_loop(*label, body),
            Stmt::Goto(label) if innermost == Some(*label) => self.line("continue;"),
            Stmt::Goto(label) => self.line(&format!("goto label{label};")),
            Stmt::Switch { index, targets } => {
                let text = format!("switch ({}) {{", self.top(index));
                self.line(&text);
                for (number, target) in targets.iter().enumerate() {
                    let case = if number + 1 == targets.len() { "default:".into() } else { format!("case {number}u:") };
                    self.line(&case);
                    self.indent += 1;
                    self.stmts(target, innermost);
                    self.indent -= 1;
                }
                self.line("}");
            }
            Stmt::Iterations(iterations) => self.iterations(iterations),
            Stmt::Dispatch(dispatch) => self.dispatch(dispatch),
            Stmt::NextChunk { dispatch, chunk, result } => self.next_chunk(dispatch, chunk, *result),
            Stmt::Reduce { privates, .. } => self.reduce(privates),
            Stmt::Return(values) => self.give_back(values),
            Stmt::Unreachable(position) => {
                self.line(&format!("trap(m, {}u, {position}u);", Trap::Unreachable as u32));
                self.give_up();
            }
        }
    }

    fn label(&mut self, label: usize) {
        self.indent -= 1;
        self.line(&format!("label{label}:;"));
        self.indent += 1;
    }

    fn branch(&mut self, condition: &Expr, then: &[Stmt], otherwise: &[Stmt], innermost: Option<usize>) {
        if then.is_empty() && otherwise.is_empty() {
            let text = format!("{};", self.top(condition));
            return self.line(&text);
        }
        let (condition, then, otherwise) = if then.is_empty() {
            (self.negated(condition), otherwise, then)
        } else {
            (self.condition(condition), then, otherwise)
        };
        self.line(&format!("if ({condition}) {{"));
        self.indent += 1;
        self.stmts(then, innermost);
        self.indent -= 1;
        if !otherwise.is_empty() {
            self.line("} else {");
            self.indent += 1;
            self.stmts(otherwise, innermost);
            self.indent -= 1;
        }
        self.line("}");
    }

    /// A loop that is gone to at its very end only is a `do` loop; others are endless, with a `break` at the end. After a trap
    /// it is left in any case.
    fn a_loop(&mut self, label: usize, body: &[Stmt]) {
        if let [first @ .., Stmt::If { condition, then, otherwise }] = body
            && otherwise.is_empty()
            && let [moves @ .., Stmt::Goto(to)] = &then[..]
            && *to == label
            && moves.is_empty()
            && !goes_to(first, label)
        {
            let is_shared = self.role == Role::Microtask && self.shared.strided == Some(label);
            if is_shared && !self.options.blocks {
                // This virtual thread's one iteration.
                return self.stmts(first, None);
            }
            self.single = None;
            self.line("do {");
            self.indent += 1;
            self.stmts(first, None);
            self.indent -= 1;
            let mut text = format!("}} while ({} && !m->trapped", self.condition_operand(condition));
            if is_shared && let Expr::Op(compare) = condition {
                let end = Expr::Op(Op {
                    operands: vec![compare.operands[0].clone(), Expr::Var(END_OF_BLOCK)],
                    ..compare.clone()
                });
                let _ = write!(text, " && {}", self.condition_operand(&end));
            }
            text.push_str(");");
            return self.line(&text);
        }
        self.single = None;
        self.label(label);
        self.line("for (;;) {");
        self.indent += 1;
        self.line("if (m->trapped)");
        self.indent += 1;
        self.give_up();
        self.indent -= 1;
        self.stmts(body, Some(label));
        if !matches!(body.last(), Some(Stmt::Goto(_) | Stmt::Return(_))) {
            self.line("break;");
        }
        self.indent -= 1;
        self.line("}");
    }

    fn give_back(&mut self, values: &[Expr]) {
        match values {
            [] => self.line("return;"),
            [value] => {
                let text = format!("return {};", self.top(value));
                self.line(&text);
            }
            _ => {
                for (i, value) in values.iter().enumerate() {
                    let text = format!("*r{i} = {};", self.top(value));
                    self.line(&text);
                }
                self.line("return;");
            }
        }
    }

    fn call(&self, function: u32, arguments: &[Expr], results: &[Var]) -> String {
        let mut out = String::new();
        if let [result] = results {
            let _ = write!(out, "{} = ", self.var(*result));
        }
        let _ = write!(out, "function_{function}(m");
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

    /// An expression where nothing can bind tighter.
    fn top(&self, expr: &Expr) -> String {
        stripped(self.expr(expr))
    }

    /// A C condition.
    fn condition(&self, expr: &Expr) -> String {
        stripped(self.condition_operand(expr))
    }

    fn condition_operand(&self, expr: &Expr) -> String {
        match expr {
            Expr::Op(op) if op.name.ends_with("_eqz") => match &op.operands[..] {
                [inner @ Expr::Op(compared)] if is_comparison(compared.name) => self.negated(inner),
                [inner] => format!("({} == 0)", self.expr(inner)),
                _ => self.expr(expr),
            },
            Expr::Op(op) if is_comparison(op.name) => self.comparison(op),
            _ => format!("({} != 0)", self.expr(expr)),
        }
    }

    fn negated(&self, expr: &Expr) -> String {
        match expr {
            Expr::Op(op) if op.name.ends_with("_eqz") && op.operands.len() == 1 => {
                self.condition_operand(&op.operands[0])
            }
            Expr::Op(op) if is_comparison(op.name) => format!("!{}", self.comparison(op)),
            _ => format!("({} == 0)", self.expr(expr)),
        }
    }

    fn comparison(&self, op: &Op) -> String {
        let (ty, relation) = op.name.split_once('_').unwrap_or((op.name, ""));
        let (symbol, signed) = match relation {
            "eq" => ("==", false),
            "ne" => ("!=", false),
            _ => (
                match &relation[..2] {
                    "lt" => "<",
                    "gt" => ">",
                    "le" => "<=",
                    _ => ">=",
                },
                relation.ends_with("_s"),
            ),
        };
        let cast = match (signed, ty) {
            (false, _) => "",
            (true, "i32") => "(int)",
            (true, _) => "(long)",
        };
        format!("({cast}{} {symbol} {cast}{})", self.expr(&op.operands[0]), self.expr(&op.operands[1]))
    }

    /// An expression that can stand anywhere.
    fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Const(ty, bits) => constant(*ty, *bits),
            Expr::Var(var) => self.var(*var),
            Expr::Global(global) => format!("m->g{global}"),
            // Frames that get here have been refused.
            Expr::Frame(at) => format!("{at}u"),
            Expr::Op(op) => self.op(op),
        }
    }

    fn op(&self, op: &Op) -> String {
        if let Some(slot) = frame::slot(op) {
            return self.slot_access(op, &self.slot(slot));
        }
        let operand = |i: usize| self.expr(&op.operands[i]);
        let (shape, rest) = op.name.split_once('_').unwrap_or((op.name, ""));
        if is_comparison(op.name) {
            return format!("(uint){}", self.comparison(op));
        }
        if let Some(symbol) = infix(shape, rest) {
            return format!("({} {symbol} {})", operand(0), operand(1));
        }
        if let ("i32" | "i64", "shl" | "shr_u" | "shr_s") = (shape, rest) {
            return self.shift(op, shape, rest);
        }
        if rest.starts_with("extract_lane") {
            return extract(shape, rest, &operand(0), op.lanes.first().copied().unwrap_or(0));
        }
        match op.name {
            "select" => {
                format!("({} ? {} : {})", self.condition_operand(&op.operands[2]), operand(0), operand(1))
            }
            "i32_eqz" | "i64_eqz" => format!("(uint){}", self.condition_operand(&Expr::Op(op.clone()))),
            "i32_wrap_i64" => format!("(uint){}", operand(0)),
            "i64_extend_i32_u" => format!("(ulong){}", operand(0)),
            "i64_extend_i32_s" => format!("(ulong)(long)(int){}", operand(0)),
            "f32_neg" | "f64_neg" => format!("(-{})", operand(0)),
            "f64_promote_f32" => format!("(double){}", operand(0)),
            "f32_demote_f64" => format!("(float){}", operand(0)),
            "f32_convert_i32_s" => format!("(float)(int){}", operand(0)),
            "f32_convert_i32_u" | "f32_convert_i64_u" => format!("(float){}", operand(0)),
            "f32_convert_i64_s" => format!("(float)(long){}", operand(0)),
            "f64_convert_i32_s" => format!("(double)(int){}", operand(0)),
            "f64_convert_i32_u" | "f64_convert_i64_u" => format!("(double){}", operand(0)),
            "f64_convert_i64_s" => format!("(double)(long){}", operand(0)),
            "i32_reinterpret_f32" => format!("as_uint({})", operand(0)),
            "i64_reinterpret_f64" => format!("as_ulong({})", operand(0)),
            "f32_reinterpret_i32" => format!("as_float({})", operand(0)),
            "f64_reinterpret_i64" => format!("as_double({})", operand(0)),
            _ => self.prelude_call(op),
        }
    }

    /// A call of the prelude's function for an instruction: the machine where it needs it, its operands, its immediates.
    fn prelude_call(&self, op: &Op) -> String {
        let mut arguments = Vec::new();
        if op.position.is_some() || op.name == "memory_size" {
            arguments.push("m".to_owned());
        }
        arguments.extend(op.operands.iter().map(|operand| self.top(operand)));
        if let Some(offset) = op.offset {
            arguments.insert(2, format!("{offset}ul"));
        }
        if op.name == "i8x16_shuffle" {
            let lanes: Vec<_> = op.lanes.iter().map(u8::to_string).collect();
            arguments.push(format!("(uchar16)({})", lanes.join(", ")));
        } else {
            arguments.extend(op.lanes.iter().map(|lane| format!("{lane}u")));
        }
        arguments.extend(op.position.map(|position| format!("{position}u")));
        let divides_rows = self.dealt == Dealt::Tile
            && prologue::is_division(op.name)
            && self.shared.divisor.as_ref() == op.operands.get(1);
        format!("{}{}({})", if divides_rows { "tiled_" } else { "" }, op.name, arguments.join(", "))
    }

    fn shift(&self, op: &Op, shape: &str, rest: &str) -> String {
        let bits = if shape == "i32" { 32 } else { 64 };
        let count = match &op.operands[1] {
            Expr::Const(_, count) => (count % bits).to_string(),
            count => format!("({} & {})", self.expr(count), if shape == "i32" { "31u" } else { "63ul" }),
        };
        let value = self.expr(&op.operands[0]);
        match (rest, shape) {
            ("shl", _) => format!("({value} << {count})"),
            ("shr_u", _) => format!("({value} >> {count})"),
            (_, "i32") => format!("(uint)((int){value} >> {count})"),
            _ => format!("(ulong)((long){value} >> {count})"),
        }
    }

    fn slot_access(&self, op: &Op, slot: &str) -> String {
        match op.name {
            "i32_load" | "i64_load" | "v128_load" => slot.to_owned(),
            "f32_load" => format!("as_float({slot})"),
            "f64_load" => format!("as_double({slot})"),
            "i32_load8_u" | "i32_load16_u" => format!("(uint){slot}"),
            "i64_load8_u" | "i64_load16_u" | "i64_load32_u" => format!("(ulong){slot}"),
            "i32_load8_s" => format!("(uint)(int)(char){slot}"),
            "i32_load16_s" => format!("(uint)(int)(short){slot}"),
            "i64_load8_s" => format!("(ulong)(long)(char){slot}"),
            "i64_load16_s" => format!("(ulong)(long)(short){slot}"),
            "i64_load32_s" => format!("(ulong)(long)(int){slot}"),
            name => {
                let value = self.expr(&op.operands[1]);
                let value = match name {
                    "f32_store" => format!("as_uint({value})"),
                    "f64_store" => format!("as_ulong({value})"),
                    "i32_store8" | "i64_store8" => format!("(uchar){value}"),
                    "i32_store16" | "i64_store16" => format!("(ushort){value}"),
                    "i64_store32" => format!("(uint){value}"),
                    _ => value,
                };
                format!("{slot} = {value}")
            }
        }
    }
}

fn mark_set(body: &[Stmt], used: &mut [bool]) {
    for_each_stmt(body, &mut |stmt| match stmt {
        Stmt::Set(var, _) => used[*var] = true,
        Stmt::Call { results, .. } | Stmt::CallIndirect { results, .. } => {
            results.iter().for_each(|var| used[*var] = true)
        }
        Stmt::NextChunk { result, dispatch, .. } => {
            for var in [*result, dispatch.first, dispatch.last, dispatch.size, dispatch.left] {
                used[var] = true;
            }
        }
        _ => {}
    });
}

fn goes_to(body: &[Stmt], label: usize) -> bool {
    let mut found = false;
    for_each_stmt(body, &mut |stmt| found |= matches!(stmt, Stmt::Goto(to) if *to == label));
    found
}

/// Scalar comparisons of two operands.
fn is_comparison(name: &str) -> bool {
    matches!(name.split_once('_'), Some(("i32" | "i64" | "f32" | "f64", relation))
        if matches!(relation, "eq" | "ne" | "lt" | "gt" | "le" | "ge" | "lt_s" | "lt_u" | "gt_s" | "gt_u" | "le_s" | "le_u" | "ge_s" | "ge_u"))
}

fn infix(shape: &str, rest: &str) -> Option<&'static str> {
    match (shape, rest) {
        ("i32" | "i64" | "f32" | "f64", "add") => Some("+"),
        ("i32" | "i64" | "f32" | "f64", "sub") => Some("-"),
        ("i32" | "i64" | "f32" | "f64", "mul") => Some("*"),
        ("f32" | "f64", "div") => Some("/"),
        ("i32" | "i64" | "v128", "and") => Some("&"),
        ("i32" | "i64" | "v128", "or") => Some("|"),
        ("i32" | "i64" | "v128", "xor") => Some("^"),
        _ => None,
    }
}

fn extract(shape: &str, rest: &str, vector: &str, lane: u8) -> String {
    let (ty, cast) = match (shape, rest) {
        ("i8x16", "extract_lane_s") => ("char16", "(uint)(int)"),
        ("i8x16", _) => ("uchar16", "(uint)"),
        ("i16x8", "extract_lane_s") => ("short8", "(uint)(int)"),
        ("i16x8", _) => ("ushort8", "(uint)"),
        ("i64x2", _) => ("ulong2", ""),
        ("f32x4", _) => ("float4", ""),
        ("f64x2", _) => ("double2", ""),
        _ => ("uint4", ""),
    };
    format!("{cast}as_{ty}({vector}).s{lane:x}")
}

fn constant(ty: Ty, bits: Bits) -> String {
    match ty {
        Ty::I32 => integer(bits as u32, "u", (bits as u32 as i32) > -65536 && (bits as u32 as i32) < 0),
        Ty::I64 => {
            let value = bits as u64;
            let near = (value as i64) > -65536 && (value as i64) < 0;
            match (near, value < 65536) {
                (true, _) => format!("(ulong){}l", value as i64).replace("(ulong)-", "(ulong)-"),
                (_, true) => format!("{value}ul"),
                _ => format!("{value:#x}ul"),
            }
        }
        Ty::F32 => {
            let value = f32::from_bits(bits as u32);
            let text = format!("{value:?}f");
            if value.is_finite() { parenthesised(text) } else { format!("as_float({:#x}u)", bits as u32) }
        }
        Ty::F64 => {
            let value = f64::from_bits(bits as u64);
            let text = format!("{value:?}");
            if value.is_finite() { parenthesised(text) } else { format!("as_double({:#x}ul)", bits as u64) }
        }
        Ty::V128 => {
            let words: Vec<_> = (0..4).map(|i| format!("{:#x}u", (bits >> (32 * i)) as u32)).collect();
            format!("(uint4)({})", words.join(", "))
        }
    }
}

fn integer(value: u32, suffix: &str, near_zero_below: bool) -> String {
    if near_zero_below {
        format!("(uint){}", value as i32)
    } else if value < 65536 {
        format!("{value}{suffix}")
    } else {
        format!("{value:#x}{suffix}")
    }
}

/// Without parentheses around the whole, which compilers warn of in conditions.
fn stripped(text: String) -> String {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    // The first and the last parenthesis belong together if nothing in between closes the first.
    let is_whole = |inner: &str| {
        let mut depth = 0i32;
        inner.chars().all(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth >= 0
        })
    };
    match inner {
        Some(inner) if is_whole(inner) => inner.to_owned(),
        _ => text,
    }
}

fn parenthesised(text: String) -> String {
    if text.starts_with('-') { format!("({text})") } else { text }
}

/// A name reduced to characters that neither end a comment nor mean anything in one.
fn harmless(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || "_.:<>, ()-".contains(c) { c } else { '_' };
    name.chars().take(200).map(keep).collect()
}
