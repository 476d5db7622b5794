//! From the stack machine to expressions and statements.
//!
//! Operands stay expressions on a stack of ours until something uses them, so that `a[i] + b[i]` stays one expression. What
//! an instruction with an effect could change is put into a variable before it; at the start of a block everything is.
//!
//! `expressions` translates what computes, `mathematics` calls that do, `control` what directs control, `locals` finds out which addresses
//! locals hold, `frame` turns the stack frame into variables or private memory, `provenance` says which memory an access is to, `alone`
//! what of a team's code is for one member, `openmp` knows the runtime's entry points, `serial` what those mean in nested parallel regions,
//! `queries` the routines that ask it for something, `tasks` those for explicit tasks, `allocators` those that give memory, and `printing`
//! the C library's that print (`format`); [`Role`] chooses what of that applies.
//! `program` lifts a kernel with all that it calls.
//!
//! Invariant: on the stack, an expression that reads memory, a local or a global has the value that it had where the
//! instruction stood.

mod allocators;
mod alone;
mod atomics;
mod captured;
mod clamp;
pub(crate) mod closure;
mod control;
mod expressions;
mod foreseen;
mod format;
mod frame;
mod locals;
mod mathematics;
mod openmp;
mod printing;
pub(crate) mod program;
mod provenance;
mod queries;
mod reaching;
mod role;
mod serial;
mod stored;
mod taskloop;
mod tasks;
mod webs;

pub use foreseen::ForeseenWord;
pub(crate) use foreseen::foresee;
pub(crate) use role::Role;
pub(crate) use tasks::Generated;

use crate::Location;
use crate::ir::{Bits, Dispatch, Expr, Frame, Function, Op, Operation, Place, Site, Stmt, Ty, Var};
use crate::kernel::Mathematics;
use crate::refusal::Reason;
use crate::wasm::Module;
use crate::wasm::module::Signature;
use control::{Control, Kind};
use cranelift_entity::{PrimaryMap, SecondaryMap};
use locals::Locals;
use openmp::Lists;
use std::collections::{BTreeMap, HashMap, HashSet};
use tasks::Tasks;
use wasmparser::{FunctionBody, Operator};

/// Operands on the stack, and variables of a function: C code has far fewer.
const MAX_STACK: usize = 500;
const MAX_VARS: usize = 20_000;

/// A call through the table is a choice among at most so many functions.
const MAX_CANDIDATES: usize = 16;

/// Where what has an address on the stack is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frames {
    /// In variables: no address goes further than can be followed.
    Variables,
    /// In the work-item's private memory, but for what the OpenMP runtime is given: see [`Function::frame`].
    Private,
    /// The same, of a function whose frame has a computed size, as it has arrays of variable length: the stack pointer is a variable.
    Growing,
}

impl Frames {
    /// Whether they are in memory.
    pub fn are_in_memory(self) -> bool {
        self != Self::Variables
    }
}

/// How functions are lifted, beside what for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifting<'g> {
    pub mathematics: Mathematics,
    pub frames: Frames,
    /// The places whose addresses its parameters after the thread numbers are, as far as that is known.
    pub given: &'g [Option<Place>],
    /// What the kernel's own function is lifted for.
    pub entry: Role,
    /// For the function that is a task's code: the task.
    pub task: Option<Generated>,
    /// Whether what it reduces it combines with the originals itself, by atomic operations: no accumulator has room for that.
    pub combines: bool,
}

impl Lifting<'_> {
    /// With the module's own mathematics, and frames in variables.
    pub const PLAIN: Self = Self {
        mathematics: Mathematics::Exact,
        frames: Frames::Variables,
        given: &[],
        entry: Role::Function,
        task: None,
        combines: false,
    };

    /// The addresses that parameters are known to have.
    fn places(&self, role: Role) -> Vec<(Var, Place)> {
        let implied = role.places().into_iter().flatten().map(Some);
        let places = (0u32..).zip(implied.chain(self.given.iter().copied()));
        let task = self.task.map(|task| (Var::from_u32(Generated::PARAMETER), task.place));
        places.filter_map(|(param, place)| Some((Var::from_u32(param), place?))).chain(task).collect()
    }
}

/// Lifts a function that is no import. Locations of what may trap are added to `sites`.
pub(crate) fn lift(
    module: &Module,
    index: u32,
    role: Role,
    lifting: Lifting,
    sites: &mut PrimaryMap<Site, Location>,
) -> Result<Function, Reason> {
    let body = if role == Role::Native { module.native_body(index) } else { module.body(index) };
    let (Some(body), Some(signature)) = (body, module.signature(index)) else {
        return Err(Reason::Module("a function with references".into()));
    };
    let mut vars: PrimaryMap<Var, Ty> = signature.params.iter().copied().collect();
    let params = vars.len();
    for local in body.get_locals_reader().map_err(malformed)? {
        let (count, ty) = local.map_err(malformed)?;
        let ty =
            crate::wasm::module::value_type(ty).ok_or_else(|| Reason::Module("a local that is a reference".into()))?;
        if vars.len() + count as usize > MAX_VARS {
            return Err(Reason::Module("a function that is too large".into()));
        }
        vars.extend(std::iter::repeat_n(ty, count as usize));
    }
    let locals = vars.len();
    let Lifting { mathematics, frames, .. } = lifting;
    let places = lifting.places(role);
    let function = unlifted(index, role, &signature.results, (vars, params));
    let mut lift = Lift {
        module,
        role,
        mathematics,
        frames,
        entry: lifting.entry,
        function,
        sites,
        offset: 0,
        stack: Vec::new(),
        controls: Vec::new(),
        bodies: Vec::new(),
        labels: 0,
        skipped: 0,
        locals: Locals::new(&body, locals, role, &places)?,
        stack_pointer: StackPointer { at: Some(0), lowest: 0, given: None, is_read_in_block: false, var: None },
        lists: Lists::default(),
        tasks: Tasks::new(lifting.task),
        combines: lifting.combines,
        dispatch: None,
        whole: None,
        attended: HashSet::new(),
        num_threads: None,
        serialized: 0,
        criticals: Vec::new(),
        lent: Vec::new(),
        kept: HashMap::new(),
    };
    lift.function(&body, &places)?;
    lift.check()?;
    let Lift { mut function, lists, stack_pointer, locals, tasks, .. } = lift;
    (function.tasks, function.may_be_final) = (tasks.generated(), tasks.may_be_final());
    lists.remove_from(&mut function)?;
    lists.remove_given_from(&mut function);
    if role == Role::Combiner {
        frame::remove_unread_addresses_from(&mut function);
    }
    if frames.are_in_memory() {
        locals.remove_unread_addresses_from(&mut function, stack_pointer.var);
        function.frame = Some(Frame { size: stack_pointer.lowest.unsigned_abs(), reserve: 0, end: 0 });
    }
    Ok(function)
}

/// A function of which nothing has been lifted: its locals, of which so many are parameters.
fn unlifted(index: u32, role: Role, results: &[Ty], (vars, params): (PrimaryMap<Var, Ty>, usize)) -> Function {
    Function {
        index,
        params,
        implied: role.implied_parameters(),
        foreseen: Vec::new(),
        results: results.to_vec(),
        locals: vars.len(),
        vars,
        whole: usize::MAX,
        slots: PrimaryMap::new(),
        captured: Vec::new(),
        frame: None,
        is_for_members: role == Role::Member,
        forker_end: 0,
        thread_numbers: Function::PRIVATE_MEMORY,
        body: Vec::new(),
        used_labels: SecondaryMap::new(),
        callees: Vec::new(),
        nested: Vec::new(),
        tasks: Vec::new(),
        may_be_final: false,
        accumulated: BTreeMap::new(),
    }
}

fn malformed(error: wasmparser::BinaryReaderError) -> Reason {
    Reason::Module(format!("it is malformed: {error}"))
}

fn invalid() -> Reason {
    Reason::Module("it is not valid".into())
}

/// A function that is being lifted.
struct Lift<'m> {
    module: &'m Module,
    role: Role,
    mathematics: Mathematics,
    frames: Frames,
    /// What the kernel's own function is lifted for.
    entry: Role,
    function: Function,
    sites: &'m mut PrimaryMap<Site, Location>,
    /// Where the instruction is that is being translated, in the module's bytes.
    offset: usize,
    stack: Vec<Expr>,
    /// Control instructions whose ends have not come yet, innermost last, and their bodies.
    controls: Vec<Control>,
    bodies: Vec<Vec<Stmt>>,
    /// How many labels there are.
    labels: u32,
    /// How many blocks are open that began where nothing is reached.
    skipped: u32,
    locals: Locals,
    stack_pointer: StackPointer,
    lists: Lists,
    tasks: Tasks,
    /// Whether it combines its private copies with the originals itself.
    combines: bool,
    /// The variables of the loop with a dynamic schedule, once it has come.
    dispatch: Option<Dispatch>,
    /// The same, for a thread that gets all of it.
    whole: Option<serial::Whole>,
    /// Functions that are called outside of those.
    attended: HashSet<u32>,
    /// How many members the next parallel region may have, if the program says so.
    num_threads: Option<Expr>,
    /// In how many parallel regions that have one thread it is, of those that the function has begun.
    serialized: u32,
    /// The critical sections whose ends have not come yet, innermost last: their locks, in how many blocks they are, and how many statements
    /// are before them there.
    criticals: Vec<(u32, usize, usize)>,
    /// Memory that has been allocated and is to be given back, the last one last.
    lent: Vec<allocators::Lent>,
    /// Addresses that a combiner has stored in words of its frame, outside of blocks, as code does that was not optimised.
    kept: HashMap<Place, Place>,
}

/// Where the stack pointer is.
struct StackPointer {
    /// From where it was at the call; `None` where that depends on which code has run.
    at: Option<i32>,
    /// The lowest that it has been, or what is lowest of the pieces below it.
    lowest: i32,
    /// Where the pieces end that the runtime has given memory from: they are below all that the stack pointer has been.
    given: Option<i32>,
    is_read_in_block: bool,
    /// The variable that holds it, where it may be computed.
    var: Option<Var>,
}

impl Lift<'_> {
    /// Whether all that has begun has ended, and the functions that are called are called for one purpose each.
    fn check(&mut self) -> Result<(), Reason> {
        if !self.criticals.is_empty() {
            return Err(openmp::ends_elsewhere());
        }
        let (nested, attended) = (&mut self.function.nested, &self.attended);
        if self.role.is_of_team() {
            // They do the same.
            nested.retain(|callee| !attended.contains(callee));
        }
        match nested.iter().find(|callee| attended.contains(callee)) {
            None => Ok(()),
            Some(callee) => {
                let why = "it is called in a nested parallel region, and outside of it";
                Err(Reason::Construct(self.module.function_name(*callee), why))
            }
        }
    }

    fn function(&mut self, body: &FunctionBody, places: &[(Var, Place)]) -> Result<(), Reason> {
        let results = self.function.results.clone();
        let results = results.iter().map(|ty| self.new_var(*ty)).collect::<Vec<_>>();
        if self.role == Role::Teams {
            for param in self.function.parameters() {
                let original = self.new_var(self.function.vars[param]);
                self.locals.keep_original(param, original);
            }
        }
        self.enter(Kind::Function, results.clone(), results, 0, None);
        if self.frames == Frames::Growing {
            let var = self.new_var(Ty::I32);
            self.stack_pointer.var = Some(var);
            self.emit(Stmt::Set(var, Expr::Address(Place::Frame(0))));
        }
        if self.frames.are_in_memory() {
            for (param, place) in places {
                self.emit(Stmt::Set(*param, Expr::Address(*place)));
            }
        }
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
            return self.unreached(operator);
        }
        if self.control_operator(operator)? {
            return Ok(());
        }
        match operator {
            Operator::Call { function_index } => self.call(*function_index)?,
            Operator::CallIndirect { type_index, table_index } => self.call_indirect(*type_index, *table_index)?,
            Operator::Drop => {
                let dropped = self.pop()?;
                if dropped.may_trap() {
                    self.emit(Stmt::Do(dropped));
                }
            }
            Operator::Select => self.select()?,
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
                self.stack.push(constant.unwrap_or(Expr::Var(Var::from_u32(*local_index))));
            }
            Operator::GlobalGet { global_index } => self.global_get(*global_index)?,
            Operator::GlobalSet { global_index } => {
                let value = self.pop()?;
                if self.role != Role::Native && Some(*global_index) == self.module.stack_pointer() {
                    return self.set_stack_pointer(value);
                }
                self.settle(|expr| matches!(expr, Expr::Global(global) if global == global_index));
                self.emit(Stmt::SetGlobal(*global_index, value));
            }
            Operator::I32Const { value } => self.constant(Ty::I32, Bits::from(*value as u32)),
            Operator::I64Const { value } => self.constant(Ty::I64, Bits::from(*value as u64)),
            Operator::F32Const { value } => self.constant(Ty::F32, Bits::from(value.bits())),
            Operator::F64Const { value } => self.constant(Ty::F64, Bits::from(value.bits())),
            Operator::V128Const { value } => self.constant(Ty::V128, Bits::from_le_bytes(*value.bytes())),
            Operator::MemoryGrow { .. } if self.role != Role::Native => return Err(Reason::MemoryGrow),
            Operator::MemoryAtomicWait32 { .. }
            | Operator::MemoryAtomicWait64 { .. }
            | Operator::MemoryAtomicNotify { .. }
                if self.role != Role::Native =>
            {
                return Err(Reason::Blocking);
            }
            _ => self.operation(operator)?,
        }
        Ok(())
    }

    fn call(&mut self, function: u32) -> Result<(), Reason> {
        let signature = self.module.signature(function).cloned();
        let signature = signature.ok_or_else(|| Reason::Module("a function with references".into()))?;
        let mut arguments = self.pop_many(signature.params.len())?;
        if let Some(op) = self.device_function(function, &signature) {
            arguments.iter_mut().for_each(|argument| self.settle_if_deep(argument));
            self.stack.push(Expr::Operation(Operation::new(op, arguments)));
            return Ok(());
        }
        self.settle_all_but_constants();
        let is_known = self.function_with_pointers(function, &arguments, &signature)
            || self.role != Role::Native && self.runtime_call(function, &arguments, &signature)?;
        if is_known {
            return Ok(());
        }
        let results = self.results(&signature);
        self.add_callee(function);
        let site = (self.role == Role::Native).then(|| self.site());
        self.emit(Stmt::Call { function, arguments, results, site });
        Ok(())
    }

    fn call_indirect(&mut self, ty: u32, table: u32) -> Result<(), Reason> {
        let index = self.pop()?;
        if self.role == Role::Native {
            return self.call_table(ty, table, index);
        }
        let candidates = if table == 0 { self.module.entries_of_type(ty) } else { None };
        let candidates = candidates.ok_or(Reason::IndirectCall(None))?;
        if let Some(number) = self.known_constant(&index)
            && let Some((_, function)) = candidates.iter().find(|(known, _)| u64::from(*known) == number)
        {
            return self.call(*function);
        }
        if candidates.len() > MAX_CANDIDATES {
            return Err(Reason::IndirectCall(Some(candidates.len())));
        }
        let signature = self.module.type_signature(ty).cloned();
        let signature = signature.ok_or_else(|| Reason::Module("a function with references".into()))?;
        let arguments = self.pop_many(signature.params.len())?;
        self.settle_all_but_constants();
        candidates.iter().for_each(|(_, function)| self.add_callee(*function));
        let (results, site) = (self.results(&signature), self.site());
        self.emit(Stmt::CallIndirect { candidates, index, arguments, results, site });
        Ok(())
    }

    /// Calls what the table holds: native code has the table as it is at the start, as it is known not to change.
    fn call_table(&mut self, ty: u32, table: u32, index: Expr) -> Result<(), Reason> {
        let signature = self.module.type_signature(ty).cloned();
        let signature = signature.ok_or_else(|| Reason::Module("a function with references".into()))?;
        let arguments = self.pop_many(signature.params.len())?;
        self.settle_all_but_constants();
        let (results, site) = (self.results(&signature), self.site());
        self.emit(Stmt::CallTable { ty, table, index, arguments, results, site });
        Ok(())
    }

    fn add_callee(&mut self, function: u32) {
        if !self.function.callees.contains(&function) {
            self.function.callees.push(function);
        }
        if self.serialized == 0 {
            self.attended.insert(function);
        } else if !self.function.nested.contains(&function) {
            self.function.nested.push(function);
        }
    }

    /// Variables for the results of a call, which are on the stack then.
    fn results(&mut self, signature: &Signature) -> Vec<Var> {
        let results: Vec<_> = signature.results.iter().map(|ty| self.new_var(*ty)).collect();
        self.stack.extend(results.iter().map(|var| Expr::Var(*var)));
        results
    }

    fn global_get(&mut self, index: u32) -> Result<(), Reason> {
        if self.role != Role::Native && Some(index) == self.module.stack_pointer() {
            let pointer = self.read_stack_pointer()?;
            self.stack.push(pointer);
            return Ok(());
        }
        let global = self.module.globals.get(index as usize).ok_or_else(invalid)?;
        match global.value {
            Some(bits) if !global.mutable => self.constant(global.ty, bits),
            _ => self.stack.push(Expr::Global(index)),
        }
        Ok(())
    }

    fn emit(&mut self, stmt: Stmt) {
        if let Some(body) = self.bodies.last_mut() {
            body.push(stmt);
        }
    }

    fn new_var(&mut self, ty: Ty) -> Var {
        self.function.vars.push(ty)
    }

    fn site(&mut self) -> Site {
        self.sites.push(Location { function: self.function.index, offset: self.offset })
    }

    fn ty(&self, expr: &Expr) -> Ty {
        match expr {
            Expr::Const(ty, _) => *ty,
            Expr::Var(var) => self.function.vars[*var],
            Expr::Global(global) => self.module.globals.get(*global as usize).map_or(Ty::I32, |global| global.ty),
            Expr::Address(_) => Ty::I32,
            Expr::Slot(op, _) => op.accessed(),
            Expr::Operation(operation) if operation.op == Op::Select => self.ty(&operation.operands[0]),
            Expr::Operation(operation) => operation.op.info().result.unwrap_or(Ty::I32),
        }
    }
}
