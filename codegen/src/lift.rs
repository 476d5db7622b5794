//! From the stack machine to expressions and statements.
//!
//! Operands stay expressions on a stack of ours until something uses them, so that `a[i] + b[i]` stays one expression. What
//! an instruction with an effect could change is put into a variable before it; at the start of a block everything is.
//!
//! Invariant: on the stack, an expression that reads memory, a local or a global has the value that it had where the
//! instruction stood.

use crate::instructions::{self, Plain, Ty};
use crate::ir::{self, Expr, Function, Label, Op, Position, Stmt, Var};
use crate::module::{Bits, Module, Signature};
use crate::openmp::{self, Meaning, Role};
use crate::reaching::{self, Got};
use crate::refusal::Reason;
use crate::{MAX_DEPTH, Site};
use std::collections::{HashMap, HashSet};
use wasmparser::{BlockType, FunctionBody, Operator};

/// Expressions nested deeper than this get a variable: readers and C compilers have limits too.
const MAX_EXPRESSION: u32 = 40;

/// Targets of a `br_table`, times the values that they carry.
const MAX_TABLE: usize = 4096;

/// Operands on the stack, and variables of a function: C code has far fewer.
const MAX_STACK: usize = 500;
const MAX_VARS: usize = 20_000;

/// A call through the table is a choice among at most so many functions.
const MAX_CANDIDATES: usize = 16;

/// Proposals whose instructions are translated.
const PROPOSALS: &[&str] =
    &["mvp", "sign_extension", "saturating_float_to_int", "bulk_memory", "threads", "simd", "relaxed_simd"];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Function,
    Block,
    Loop,
    If,
    Else,
}

/// A control instruction whose end has not come yet.
struct Control {
    kind: Kind,
    label: Label,
    /// Variables for the values that a branch to it carries.
    carried: Vec<Var>,
    /// Variables for its results; those of a block are what branches carry.
    results: Vec<Var>,
    /// Values on the stack below it.
    height: usize,
    /// The rest of it is never reached.
    dead: bool,
    /// For `if`: the condition; for `else`: the condition and the first branch.
    condition: Option<Expr>,
    then: Vec<Stmt>,
    /// Parameters, for the second branch of an `if`.
    params: Vec<Expr>,
}

pub(crate) struct Lift<'m, 'a> {
    module: &'m Module<'a>,
    function: Function,
    sites: &'m mut Vec<Site>,
    stack: Vec<Expr>,
    controls: Vec<Control>,
    /// Bodies of the controls, innermost last.
    bodies: Vec<Vec<Stmt>>,
    /// Blocks that began where nothing is reached.
    skipped: u32,
    /// Locals that hold an address in the frame here.
    frames: HashMap<u32, i32>,
    /// Where the stack pointer is, from where it was at the call; `None` where that depends on the way.
    stack_pointer: Option<i32>,
    /// Whether it has been read inside of a block.
    stack_pointer_read: bool,
    role: Role,
    /// Addresses in the frame that are stored in the frame: where, and which one, `None` if that differs. See `Meaning::Reduce`.
    pointers: HashMap<i64, Option<i32>>,
    /// Places of such pointers that have got their meaning: lists of private copies.
    lists: HashSet<i64>,
    /// The variables of the loop that is dispatched.
    dispatch: Option<ir::Dispatch>,
    /// What each `local.get` gets, by its offset.
    got: HashMap<usize, Got>,
    /// Addresses in the frame that are set in blocks, by the offset of the `local.set`, and the locals that hold them.
    inner_frames: HashMap<usize, i32>,
    holders: HashSet<u32>,
    /// Locals that have been read where they may hold any of several things.
    read: HashSet<u32>,
    /// For parameters that have not been set outside of blocks: variables that keep what the caller gave.
    originals: HashMap<u32, Var>,
    offset: usize,
}

/// Lifts a function that is no import. What may trap is added to `sites`.
pub(crate) fn lift(module: &Module, index: u32, role: Role, sites: &mut Vec<Site>) -> Result<Function, Reason> {
    let (Some(body), Some(signature)) = (module.body(index), module.signature(index)) else {
        return Err(Reason::Module("a function with references".into()));
    };
    let mut vars = signature.params.clone();
    let params = vars.len();
    for local in body.get_locals_reader().map_err(malformed)? {
        let (count, ty) = local.map_err(malformed)?;
        let ty = crate::module::value_type(ty).ok_or_else(|| Reason::Module("a local that is a reference".into()))?;
        vars.extend(std::iter::repeat_n(ty, count as usize));
    }
    let locals = vars.len();
    let results = signature.results.clone();
    let function = Function {
        index,
        params,
        results,
        vars,
        locals,
        body: Vec::new(),
        used_labels: Vec::new(),
        callees: Vec::new(),
        accumulated: Vec::new(),
    };
    let mut lift = Lift {
        module,
        function,
        sites,
        stack: Vec::new(),
        controls: Vec::new(),
        bodies: Vec::new(),
        skipped: 0,
        frames: role.parameters().map(|addresses| (0..).zip(addresses).collect()).unwrap_or_default(),
        stack_pointer: Some(0),
        stack_pointer_read: false,
        role,
        pointers: HashMap::new(),
        lists: HashSet::new(),
        dispatch: None,
        got: reaching::classify(body, locals)?,
        inner_frames: HashMap::new(),
        holders: HashSet::new(),
        read: HashSet::new(),
        originals: HashMap::new(),
        offset: 0,
    };
    lift.function(body)?;
    lift.drop_lists()?;
    Ok(lift.function)
}

fn malformed(error: wasmparser::BinaryReaderError) -> Reason {
    Reason::Module(format!("it is malformed: {error}"))
}

impl Lift<'_, '_> {
    fn function(&mut self, body: &FunctionBody) -> Result<(), Reason> {
        let results = self.function.results.clone();
        let results = results.iter().map(|ty| self.new_var(*ty)).collect::<Vec<_>>();
        if self.role == Role::Teams {
            for param in 0..self.function.params {
                let original = self.new_var(self.function.vars[param]);
                self.originals.insert(param as u32, original);
            }
        }
        self.enter(Kind::Function, results.clone(), results, 0, None);
        let mut operators = body.get_operators_reader().map_err(malformed)?;
        while !operators.eof() {
            self.offset = operators.original_position();
            let operator = operators.read().map_err(malformed)?;
            self.operator(&operator)?;
            if self.stack.len() > MAX_STACK || self.function.vars.len() > MAX_VARS {
                return Err(Reason::Module("a function that is too large".into()));
            }
        }
        Ok(())
    }

    fn operator(&mut self, operator: &Operator) -> Result<(), Reason> {
        if self.skipped > 0 || self.controls.last().is_some_and(|control| control.dead) {
            return self.dead(operator);
        }
        match operator {
            Operator::Nop => {}
            Operator::Unreachable => {
                self.settle_traps();
                let position = self.position();
                self.emit(Stmt::Unreachable(position));
                self.die();
            }
            Operator::Block { blockty } => self.block(Kind::Block, *blockty)?,
            Operator::Loop { blockty } => self.block(Kind::Loop, *blockty)?,
            Operator::If { blockty } => self.block(Kind::If, *blockty)?,
            Operator::Else => self.otherwise()?,
            Operator::End => self.end()?,
            Operator::Br { relative_depth } => {
                self.leave(*relative_depth)?;
            }
            Operator::BrIf { relative_depth } => {
                let condition = self.pop()?;
                if let Expr::Const(_, bits) = condition {
                    if bits != 0 {
                        self.leave(*relative_depth)?;
                    }
                    return Ok(());
                }
                // What the branch carries stays on the stack too: it is evaluated once.
                let count = self.control(*relative_depth)?.carried.len();
                let condition = if count == 0 { condition } else { self.settled(condition) };
                self.settle_top(count);
                let then = self.branch(*relative_depth)?;
                self.emit(Stmt::If { condition, then, otherwise: Vec::new() });
            }
            Operator::BrTable { targets } => {
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
                let targets =
                    depths.map(|depth| self.branch(depth.map_err(malformed)?)).collect::<Result<Vec<_>, _>>()?;
                self.emit(Stmt::Switch { index, targets });
                self.die();
            }
            Operator::Return => {
                self.leave(self.controls.len() as u32 - 1)?;
            }
            Operator::Call { function_index } => self.call(*function_index)?,
            Operator::CallIndirect { type_index, table_index } => self.call_indirect(*type_index, *table_index)?,
            Operator::Drop => {
                let dropped = self.pop()?;
                if dropped.any(&mut |expr| matches!(expr, Expr::Op(op) if op.position.is_some())) {
                    self.emit(Stmt::Do(dropped));
                }
            }
            Operator::Select => {
                let condition = self.pop()?;
                // C evaluates one of the two only: what may trap is evaluated before.
                let traps = |expr: &Expr| expr.any(&mut |part| matches!(part, Expr::Op(op) if op.position.is_some()));
                let (second, first) = (self.pop()?, self.pop()?);
                let is_late = |expr: &Expr| traps(expr) || expr.depth() >= MAX_EXPRESSION;
                let first = if is_late(&first) { self.settled(first) } else { first };
                let second = if is_late(&second) { self.settled(second) } else { second };
                let condition = if condition.depth() >= MAX_EXPRESSION { self.settled(condition) } else { condition };
                self.push(Op::new("select", vec![first, second, condition]));
            }
            Operator::LocalGet { local_index } => {
                let value = self.local(*local_index)?;
                self.stack.push(value);
            }
            Operator::LocalSet { local_index } => {
                let value = self.pop()?;
                self.set_local(*local_index, value);
            }
            Operator::LocalTee { local_index } => {
                let value = self.pop()?;
                let constant = value.is_constant().then(|| value.clone());
                self.set_local(*local_index, value);
                self.stack.push(constant.unwrap_or(Expr::Var(*local_index as usize)));
            }
            Operator::GlobalGet { global_index } => self.global_get(*global_index)?,
            Operator::GlobalSet { global_index } => {
                let value = self.pop()?;
                if Some(*global_index) == self.module.stack_pointer() {
                    return self.set_stack_pointer(&value);
                }
                self.settle(|expr| matches!(expr, Expr::Global(global) if global == global_index));
                self.emit(Stmt::SetGlobal(*global_index, value));
            }
            Operator::I32Const { value } => self.constant(Ty::I32, Bits::from(*value as u32)),
            Operator::I64Const { value } => self.constant(Ty::I64, Bits::from(*value as u64)),
            Operator::F32Const { value } => self.constant(Ty::F32, Bits::from(value.bits())),
            Operator::F64Const { value } => self.constant(Ty::F64, Bits::from(value.bits())),
            Operator::V128Const { value } => self.constant(Ty::V128, Bits::from_le_bytes(*value.bytes())),
            Operator::MemoryGrow { .. } => return Err(Reason::MemoryGrow),
            Operator::MemoryAtomicWait32 { .. } | Operator::MemoryAtomicWait64 { .. } => return Err(Reason::Blocking),
            _ => self.plain(instructions::plain(operator))?,
        }
        Ok(())
    }

    /// Where nothing is reached, only the structure counts.
    fn dead(&mut self, operator: &Operator) -> Result<(), Reason> {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.skipped += 1,
            Operator::End if self.skipped > 0 => self.skipped -= 1,
            Operator::End => self.end()?,
            Operator::Else if self.skipped == 0 => self.otherwise()?,
            _ => {}
        }
        Ok(())
    }

    fn plain(&mut self, plain: Plain) -> Result<(), Reason> {
        let untranslated = matches!(plain.name, "memory_init" | "data_drop" | "memory_atomic_notify")
            || plain.name.starts_with("table_")
            || plain.name.starts_with("elem_")
            || plain.name.contains("relaxed_dot")
            || plain.name == "typed_select";
        if untranslated || !PROPOSALS.contains(&plain.proposal) {
            return Err(Reason::Instruction(plain.name.replacen('_', ".", 1)));
        }
        let mut operands = self.pop_many(plain.operands)?;
        if let Some(folded) = fold(plain.name, &operands, self.module.stack_limit()) {
            self.stack.push(folded);
            return Ok(());
        }
        if let Some(pointer) = self.pointer(&plain, &operands) {
            self.stack.push(pointer);
            return Ok(());
        }
        // An access's address may have traps of its own, which come before it.
        let position = ir::may_trap(plain.name).then(|| self.position());
        let effect = ir::is_effect(plain.name);
        if effect {
            let changed = |expr: &Expr| matches!(expr, Expr::Op(op) if op.loads() || op.position.is_some());
            self.settle(changed);
        }
        for operand in &mut operands {
            if operand.depth() >= MAX_EXPRESSION {
                let deep = std::mem::replace(operand, Expr::Frame(0));
                *operand = self.settled(deep);
            }
        }
        let mut op = Op::new(plain.name, operands);
        op.lanes = plain.immediates.lanes;
        op.offset = plain.immediates.memory.map(|memory| memory.offset);
        op.position = position;
        if plain.results == 0 {
            self.emit(Stmt::Do(Expr::Op(op)));
        } else if effect {
            let value = self.settled(Expr::Op(op));
            self.stack.push(value);
        } else {
            self.push(op);
        }
        Ok(())
    }

    /// Notes an address in the frame that is stored in the frame; for a load from a combiner's lists, the pointer.
    fn pointer(&mut self, plain: &Plain, operands: &[Expr]) -> Option<Expr> {
        let (Some(Expr::Frame(at)), Some(memory)) = (operands.first(), &plain.immediates.memory) else {
            return None;
        };
        let at = i64::from(*at) + i64::try_from(memory.offset).ok()?;
        match (plain.name, operands.get(1)) {
            ("i32_store", Some(Expr::Frame(pointer))) => {
                let known = self.pointers.entry(at).or_insert(Some(*pointer));
                *known = known.filter(|known| known == pointer);
                None
            }
            ("i32_load", None) if self.role == Role::Combiner => openmp::listed(at).map(Expr::Frame),
            _ => None,
        }
    }

    /// The private copies that a list in the frame points to.
    fn privates(&mut self, list: i32, count: u32) -> Result<Vec<i32>, Reason> {
        let places = (0..i64::from(count)).map(|number| i64::from(list) + number * 4);
        self.lists.extend(places.clone());
        places.map(|place| self.pointers.get(&place).copied().flatten().ok_or(Reason::EscapingFrame)).collect()
    }

    /// Lists of private copies are not needed once it is known what they point to.
    fn drop_lists(&mut self) -> Result<(), Reason> {
        let lists = &self.lists;
        let place = |op: &Op| match op.operands.first() {
            Some(Expr::Frame(at)) => Some(i64::from(*at) + i64::try_from(op.offset?).ok()?),
            _ => None,
        };
        let is_entry = |stmt: &Stmt| {
            matches!(stmt, Stmt::Do(Expr::Op(op)) if op.name == "i32_store"
                && matches!(op.operands[1], Expr::Frame(_))
                && place(op).is_some_and(|place| lists.contains(&place)))
        };
        ir::retain(&mut self.function.body, &mut |stmt| !is_entry(stmt));
        let mut is_used = false;
        ir::for_each_expr(&self.function.body, &mut |expr| {
            is_used |= expr.any(&mut |part| {
                matches!(part, Expr::Op(op) if place(op)
                    .is_some_and(|place| lists.iter().any(|list| (place - 3..place + 16).contains(list))))
            });
        });
        if is_used { Err(Reason::EscapingFrame) } else { Ok(()) }
    }

    fn constant(&mut self, ty: Ty, bits: Bits) {
        self.stack.push(Expr::Const(ty, bits));
    }

    fn push(&mut self, op: Op) {
        self.stack.push(Expr::Op(op));
    }

    fn pop(&mut self) -> Result<Expr, Reason> {
        self.stack.pop().ok_or_else(|| Reason::Module("it is not valid".into()))
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Expr>, Reason> {
        let at = self.stack.len().checked_sub(count).ok_or_else(|| Reason::Module("it is not valid".into()))?;
        Ok(self.stack.split_off(at))
    }

    fn global_get(&mut self, index: u32) -> Result<(), Reason> {
        if Some(index) == self.module.stack_pointer() {
            self.stack_pointer_read |= self.controls.len() > 1;
            self.stack.push(Expr::Frame(self.stack_pointer.ok_or(Reason::EscapingFrame)?));
            return Ok(());
        }
        let global = self.module.globals.get(index as usize).ok_or_else(|| Reason::Module("it is not valid".into()))?;
        match global.value {
            Some(bits) if !global.mutable => self.constant(global.ty, bits),
            _ => self.stack.push(Expr::Global(index)),
        }
        Ok(())
    }

    /// The value of a local, here.
    fn local(&mut self, local: u32) -> Result<Expr, Reason> {
        let got = self.got.get(&self.offset).copied().unwrap_or(Got::Outer);
        if let Got::Inner(Some(set)) = got {
            if let Some(offset) = self.inner_frames.get(&set) {
                return Ok(Expr::Frame(*offset));
            }
            if set > self.offset {
                self.read.insert(local);
            }
        } else if got != Got::Outer {
            self.read.insert(local);
            if self.role != Role::Teams && self.holders.contains(&local) {
                return Err(Reason::EscapingFrame);
            }
        }
        match (self.frames.get(&local), self.originals.get(&local), got) {
            (Some(offset), _, Got::Outer) => Ok(Expr::Frame(*offset)),
            // For a look at the function only: whoever looks knows what else the local is set to.
            (Some(_), _, Got::Either) if self.role == Role::Teams => Ok(Expr::Var(local as usize)),
            (Some(_), _, Got::Either) => Err(Reason::EscapingFrame),
            (_, Some(original), Got::Outer) => Ok(Expr::Var(*original)),
            // A variable that nobody knows anything of.
            (_, Some(_), Got::Either) => Ok(Expr::Var(self.new_var(self.function.vars[local as usize]))),
            _ => Ok(Expr::Var(local as usize)),
        }
    }

    /// Notes where the stack pointer is now. Functions called have frames of their own, so nobody else has to know.
    fn set_stack_pointer(&mut self, value: &Expr) -> Result<(), Reason> {
        let Expr::Frame(at) = *value else {
            return Err(Reason::EscapingFrame);
        };
        if self.controls.len() == 1 {
            self.stack_pointer = Some(at);
        } else if self.stack_pointer != Some(at) {
            // Who reads it after this, or before it in a loop, reads one or the other.
            if self.stack_pointer_read {
                return Err(Reason::EscapingFrame);
            }
            self.stack_pointer = None;
        }
        Ok(())
    }

    fn set_local(&mut self, local: u32, value: Expr) {
        let var = local as usize;
        if self.controls.len() == 1 {
            self.frames.remove(&local);
            self.originals.remove(&local);
            if let Expr::Frame(offset) = value {
                self.frames.insert(local, offset);
                return;
            }
        } else if let Expr::Frame(offset) = value
            && !self.read.contains(&local)
        {
            self.inner_frames.insert(self.offset, offset);
            self.holders.insert(local);
            // Who looks at the function only finds it there, where it is one of several.
            if self.role != Role::Teams {
                return;
            }
        }
        self.settle(|expr| *expr == Expr::Var(var));
        self.emit(Stmt::Set(var, value));
    }

    fn call(&mut self, function: u32) -> Result<(), Reason> {
        let signature = self.module.signature(function).cloned();
        let signature = signature.ok_or_else(|| Reason::Module("a function with references".into()))?;
        let arguments = self.pop_many(signature.params.len())?;
        self.settle_all_but_constants();
        if self.role.is_region()
            && let Some(meaning) = openmp::meaning(&self.module.function_name(function), &arguments)?
        {
            return self.runtime_call(meaning, &signature);
        }
        let results = self.results(&signature);
        if !self.function.callees.contains(&function) {
            self.function.callees.push(function);
        }
        self.emit(Stmt::Call { function, arguments, results });
        Ok(())
    }

    /// A call of the OpenMP runtime in a region.
    fn runtime_call(&mut self, meaning: Meaning, signature: &Signature) -> Result<(), Reason> {
        match meaning {
            Meaning::Nothing => self.stack.extend(signature.results.iter().map(|ty| Expr::Const(*ty, 0))),
            Meaning::Iterations(iterations) => self.emit(Stmt::Iterations(iterations)),
            Meaning::Dispatch { lower, upper, chunk } => {
                let ty = self.ty(&lower);
                let (first, last) = (self.new_var(ty), self.new_var(ty));
                let (size, left) = (self.new_var(Ty::I64), self.new_var(Ty::I32));
                let dispatch = ir::Dispatch { lower, upper, chunk, first, last, size, left };
                self.dispatch = Some(dispatch.clone());
                self.emit(Stmt::Dispatch(dispatch));
            }
            Meaning::NextChunk(chunk) => {
                let dispatch = self.dispatch.clone();
                let dispatch = dispatch.ok_or_else(|| Reason::Module("a loop that is not dispatched".to_owned()))?;
                let result = self.new_var(Ty::I32);
                self.emit(Stmt::NextChunk { dispatch, chunk, result });
                self.stack.push(Expr::Var(result));
            }
            Meaning::Reduce { count, list, combiner } => {
                let combiner = self.module.function_in_slot(combiner).ok_or(Reason::IndirectCall(None))?;
                let privates = self.privates(list, count)?;
                self.emit(Stmt::Reduce { privates, combiner });
                // 0: it has been done; 1: do it, you are alone.
                let told = if self.role == Role::LastMicrotask { 1 } else { 0 };
                self.constant(Ty::I32, told);
            }
        }
        Ok(())
    }

    fn call_indirect(&mut self, ty: u32, table: u32) -> Result<(), Reason> {
        let slot = self.pop()?;
        let slots = if table == 0 { self.module.slots_of_type(ty) } else { None };
        let slots = slots.ok_or(Reason::IndirectCall(None))?;
        if let Expr::Const(_, bits) = slot
            && let Some((_, function)) = slots.iter().find(|(known, _)| Bits::from(*known) == bits)
        {
            return self.call(*function);
        }
        if slots.len() > MAX_CANDIDATES {
            return Err(Reason::IndirectCall(Some(slots.len())));
        }
        let signature = self.module.type_signature(ty).cloned();
        let signature = signature.ok_or_else(|| Reason::Module("a function with references".into()))?;
        let arguments = self.pop_many(signature.params.len())?;
        self.settle_all_but_constants();
        for (_, function) in &slots {
            if !self.function.callees.contains(function) {
                self.function.callees.push(*function);
            }
        }
        let (results, position) = (self.results(&signature), self.position());
        self.emit(Stmt::CallIndirect { slots, slot, arguments, results, position });
        Ok(())
    }

    /// Variables for the results of a call, which are on the stack then.
    fn results(&mut self, signature: &Signature) -> Vec<Var> {
        let results: Vec<_> = signature.results.iter().map(|ty| self.new_var(*ty)).collect();
        self.stack.extend(results.iter().map(|var| Expr::Var(*var)));
        results
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
        let signature = match ty {
            BlockType::Empty => Signature::default(),
            BlockType::Type(ty) => {
                let ty = crate::module::value_type(ty).ok_or_else(|| Reason::Module("a block of references".into()))?;
                Signature { params: Vec::new(), results: vec![ty] }
            }
            BlockType::FuncType(index) => {
                let signature = self.module.type_signature(index).cloned();
                signature.ok_or_else(|| Reason::Module("a block of references".into()))?
            }
        };
        let condition =
            condition.map(|condition| if self.stack.is_empty() { condition } else { self.settled(condition) });
        self.settle_all_but_constants();
        let height = self
            .stack
            .len()
            .checked_sub(signature.params.len())
            .ok_or_else(|| Reason::Module("it is not valid".into()))?;
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

    fn enter(&mut self, kind: Kind, carried: Vec<Var>, results: Vec<Var>, height: usize, condition: Option<Expr>) {
        let label = self.function.used_labels.len();
        self.function.used_labels.push(false);
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
        let Some(control) = self.controls.last() else {
            return Err(Reason::Module("it is not valid".into()));
        };
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
        let Some(control) = self.controls.last_mut() else {
            return Err(Reason::Module("it is not valid".into()));
        };
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
            return Err(Reason::Module("it is not valid".into()));
        };
        let label = control.label;
        match control.kind {
            Kind::Function => {
                let results = control.results.iter().map(|var| Expr::Var(*var)).collect();
                self.function.body = body;
                if !control.dead && !control.results.is_empty() {
                    self.function.body.push(Stmt::Return(results));
                }
                return Ok(());
            }
            Kind::Block | Kind::Loop => {
                let is_loop = control.kind == Kind::Loop;
                self.emit(if is_loop { Stmt::Loop { label, body } } else { Stmt::Block { label, body } });
                // Nothing gets here: the end is not reached, and no branch goes there.
                if control.dead && (is_loop || !self.function.used_labels[label]) {
                    self.die();
                    return Ok(());
                }
            }
            Kind::If | Kind::Else => {
                let condition = control.condition.unwrap_or(Expr::Const(Ty::I32, 0));
                let (then, mut otherwise) =
                    if control.kind == Kind::If { (body, Vec::new()) } else { (control.then, body) };
                if control.kind == Kind::If && !control.results.is_empty() {
                    // Without `else`, parameters are the results.
                    otherwise = self.assign(&control.results, control.params);
                }
                let branches = match condition {
                    Expr::Const(_, 0) => otherwise,
                    condition => vec![Stmt::If { condition, then, otherwise }],
                };
                if self.function.used_labels[label] {
                    self.emit(Stmt::Block { label, body: branches });
                } else {
                    branches.into_iter().for_each(|stmt| self.emit(stmt));
                }
            }
        }
        self.stack.extend(control.results.iter().map(|var| Expr::Var(*var)));
        Ok(())
    }

    fn control(&self, depth: u32) -> Result<&Control, Reason> {
        let at = self.controls.len().checked_sub(depth as usize + 1);
        at.map(|at| &self.controls[at]).ok_or_else(|| Reason::Module("it is not valid".into()))
    }

    /// A branch that is taken in any case.
    fn leave(&mut self, depth: u32) -> Result<(), Reason> {
        self.settle_traps();
        let branch = self.branch(depth)?;
        branch.into_iter().for_each(|stmt| self.emit(stmt));
        self.die();
        Ok(())
    }

    /// The statements of a branch, with the values on top of the stack, which stay there.
    fn branch(&mut self, depth: u32) -> Result<Vec<Stmt>, Reason> {
        let control = self.control(depth)?;
        let (kind, label, carried) = (control.kind, control.label, control.carried.clone());
        let at = self.stack.len().checked_sub(carried.len()).ok_or_else(|| Reason::Module("it is not valid".into()))?;
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

    fn die(&mut self) {
        if let Some(control) = self.controls.last_mut() {
            control.dead = true;
            self.stack.truncate(control.height);
        }
    }

    fn emit(&mut self, stmt: Stmt) {
        if let Some(body) = self.bodies.last_mut() {
            body.push(stmt);
        }
    }

    fn new_var(&mut self, ty: Ty) -> Var {
        self.function.vars.push(ty);
        self.function.vars.len() - 1
    }

    fn position(&mut self) -> Position {
        self.sites.push(Site { function: self.function.index, offset: self.offset });
        self.sites.len() as Position - 1
    }

    /// An expression that can be evaluated at any time: the value itself if it is a constant, else a variable of our own.
    fn settled(&mut self, value: Expr) -> Expr {
        if value.is_constant() || matches!(value, Expr::Var(var) if var >= self.function.locals) {
            return value;
        }
        let var = self.new_var(self.ty(&value));
        self.emit(Stmt::Set(var, value));
        Expr::Var(var)
    }

    /// Settles what is on the stack and has a part for which `test` holds.
    fn settle(&mut self, test: impl Fn(&Expr) -> bool) {
        for at in 0..self.stack.len() {
            if self.stack[at].any(&mut |part| test(part)) {
                let value = std::mem::replace(&mut self.stack[at], Expr::Frame(0));
                self.stack[at] = self.settled(value);
            }
        }
    }

    /// Before the rest of the stack is left behind: what may trap does.
    fn settle_traps(&mut self) {
        self.settle(|expr| matches!(expr, Expr::Op(op) if op.position.is_some()));
    }

    fn settle_all_but_constants(&mut self) {
        self.settle(|expr| !expr.is_constant());
    }

    fn settle_top(&mut self, count: usize) {
        for at in self.stack.len().saturating_sub(count)..self.stack.len() {
            let value = std::mem::replace(&mut self.stack[at], Expr::Frame(0));
            self.stack[at] = self.settled(value);
        }
    }

    fn ty(&self, expr: &Expr) -> Ty {
        type_of(expr, &self.function.vars, self.module)
    }
}

/// The type of an expression.
pub(crate) fn type_of(expr: &Expr, vars: &[Ty], module: &Module) -> Ty {
    match expr {
        Expr::Const(ty, _) => *ty,
        Expr::Var(var) => vars[*var],
        Expr::Global(global) => module.globals.get(*global as usize).map_or(Ty::I32, |global| global.ty),
        Expr::Frame(_) => Ty::I32,
        Expr::Op(op) if op.name == "select" => type_of(&op.operands[0], vars, module),
        Expr::Op(op) => instructions::result(op.name),
    }
}

impl Op {
    fn new(name: &'static str, operands: Vec<Expr>) -> Self {
        let depth = 1 + operands.iter().map(Expr::depth).max().unwrap_or(0);
        Self { name, operands, lanes: Vec::new(), offset: None, position: None, depth }
    }
}

/// What is known without running: sums with addresses in the frame, and that the stack does not overflow, which is no memory.
fn fold(name: &str, operands: &[Expr], stack_limit: Option<u32>) -> Option<Expr> {
    let word = |bits: u32| Expr::Const(Ty::I32, Bits::from(bits));
    match (name, operands) {
        ("i32_add", [Expr::Frame(at), Expr::Const(_, by)] | [Expr::Const(_, by), Expr::Frame(at)]) => {
            Some(Expr::Frame(at.wrapping_add(*by as u32 as i32)))
        }
        ("i32_sub", [Expr::Frame(at), Expr::Const(_, by)]) => Some(Expr::Frame(at.wrapping_sub(*by as u32 as i32))),
        // What the runtime answers is known, and which way the code goes then.
        ("i32_add", [Expr::Const(_, a), Expr::Const(_, b)]) => Some(word((*a as u32).wrapping_add(*b as u32))),
        ("i32_sub", [Expr::Const(_, a), Expr::Const(_, b)]) => Some(word((*a as u32).wrapping_sub(*b as u32))),
        ("i32_eq", [Expr::Const(_, a), Expr::Const(_, b)]) => Some(word(u32::from(a == b))),
        ("i32_ne", [Expr::Const(_, a), Expr::Const(_, b)]) => Some(word(u32::from(a != b))),
        ("i32_eqz", [Expr::Const(_, a)]) => Some(word(u32::from(*a == 0))),
        ("i32_lt_s", [Expr::Op(difference), Expr::Const(_, 0)]) => {
            let is_check = difference.name == "i32_sub"
                && matches!(difference.operands[..], [Expr::Frame(_), Expr::Global(limit)] if Some(limit) == stack_limit);
            is_check.then_some(Expr::Const(Ty::I32, 0))
        }
        _ => None,
    }
}
