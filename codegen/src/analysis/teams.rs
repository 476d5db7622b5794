//! Teams regions: whether the function of one does so little beside forking its parallel region that the host can run it while the
//! parallel region runs on a device.

use crate::ir::visit;
use crate::ir::{Conversion, Expr, Function, Kind, Operation, Place, Stmt, Var};
use crate::lift::{self, Lifting, Role};
use crate::refusal::{Reason, Refusal};
use crate::wasm::Module;
use cranelift_entity::{EntityRef, PrimaryMap};
use omp2wasi_abi::llvm::entry_point;
use std::collections::{BTreeMap, BTreeSet};

/// What the function of a teams region does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teams {
    /// The one microtask that it forks.
    pub microtask: u32,
    /// Whether that shares out what the team has of the league's loop, as in a combined construct: it is given the bounds.
    pub is_combined: bool,
    /// What it reads or writes itself through its parameters: no more than 32 pieces.
    pub accessed: Vec<Piece>,
}

/// Bytes that a teams region's function accesses, from where a parameter points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The parameter, counted from the one after the thread numbers.
    pub parameter: u32,
    /// How many bytes behind where it points.
    pub offset: u32,
    /// How many bytes.
    pub size: u32,
    /// Whether they are written.
    pub is_written: bool,
}

/// How many pieces of memory the function of a teams region may access: each of them is exchanged by itself.
const MAX_PIECES: usize = 32;

/// Looks at a teams region's function: whether all that it does is to fork one parallel region, to reduce, and to access memory on
/// its own stack and through its parameters. Then it can run on the host while what it forks runs on a device.
///
/// # Errors
/// What else it does; [`Reason::NoParallelRegion`] if it forks none.
pub fn teams(module: &Module, function: u32) -> Result<Teams, Refusal> {
    let refuse = |reason| Refusal { reason, chain: vec![module.function_name(function)] };
    let lifted = lift::lift(module, function, Role::Teams, Lifting::PLAIN, &mut PrimaryMap::new()).map_err(refuse)?;
    let mut look = Look { module, forked: BTreeSet::new(), words: None, accessed: BTreeMap::new(), obstacle: None };
    look.calls(&lifted);
    look.accesses(&lifted);
    if look.forked.is_empty() {
        return Err(refuse(Reason::NoParallelRegion));
    }
    if let Some(obstacle) = look.obstacle {
        return Err(refuse(Reason::Module(obstacle)));
    }
    if look.accessed.len() > MAX_PIECES {
        return Err(refuse(Reason::Module("it accesses too much memory beside its parallel region".to_owned())));
    }
    let is_combined = look.gives_bounds(&lifted);
    let accessed = look.accessed.into_iter();
    match (look.forked.first(), look.forked.len()) {
        (Some(microtask), 1) => Ok(Teams {
            microtask: *microtask,
            is_combined,
            accessed: accessed
                .map(|((parameter, offset, size), is_written)| Piece { parameter, offset, size, is_written })
                .collect(),
        }),
        (_, count) => Err(refuse(Reason::Module(format!("it forks {count} parallel regions")))),
    }
}

/// How the names of those entry points begin that do nothing in a league of one team with one thread.
const HARMLESS: [&str; 4] = [entry_point::FOR_STATIC, entry_point::REDUCE, entry_point::END_REDUCE, entry_point::PUSH];

struct Look<'m> {
    module: &'m Module,
    forked: BTreeSet<u32>,
    /// Where the words are that it is given.
    words: Option<Place>,
    /// Parameter, offset and size of what is accessed through parameters, and whether it is written.
    accessed: BTreeMap<(u32, u32, u32), bool>,
    /// The last obstacle.
    obstacle: Option<String>,
}

impl Look<'_> {
    /// What it calls, and what else it does that is no access to memory.
    fn calls(&mut self, function: &Function) {
        let module = self.module;
        visit::for_each_stmt(&function.body, &mut |stmt| match stmt {
            Stmt::Call { function, arguments, .. } => self.call(&module.function_name(*function), arguments),
            Stmt::CallIndirect { .. } => {
                self.obstacle = Some("it calls through a pointer beside its parallel region".to_owned());
            }
            Stmt::SetGlobal(..) => self.obstacle = Some("it sets a variable of the thread".to_owned()),
            _ => {}
        });
    }

    fn call(&mut self, name: &str, arguments: &[Expr]) {
        match name {
            entry_point::FORK_CALL => match arguments {
                [_, _, Expr::Const(_, index), words] => {
                    self.forked.extend(self.module.function_at(*index as u32));
                    self.words = if let Expr::Address(words) = words { Some(*words) } else { None };
                }
                _ => self.obstacle = Some("it forks a computed microtask".to_owned()),
            },
            entry_point::GLOBAL_THREAD_NUM => {}
            name if HARMLESS.iter().any(|begin| name.starts_with(begin)) => {}
            // Nobody else is there: around what a reduction does that has no atomic operation.
            entry_point::CRITICAL | entry_point::END_CRITICAL => {}
            // The same for what has 16 bytes.
            "__atomic_load" | "__atomic_compare_exchange" => {}
            name => self.obstacle = Some(format!("it calls `{name}` beside its parallel region")),
        }
    }

    /// Whether the second word that the microtask is given is the upper bound that the league's loop has been told, or the least of that and
    /// something else.
    fn gives_bounds(&self, function: &Function) -> bool {
        let mut upper = None;
        visit::for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Call { function, arguments, .. } = stmt
                && self.module.function_name(*function).starts_with(entry_point::FOR_STATIC_INIT)
                && let Some(Expr::Address(place)) = arguments.get(5)
            {
                upper = Some(*place);
            }
        });
        let (Some(upper), Some(words)) = (upper, self.words) else { return false };
        let accesses = |part: &Expr, at: Place| match part {
            Expr::Operation(operation) => operation.slot().is_some_and(|slot| slot.place == at),
            _ => false,
        };
        let mut sets: BTreeMap<Var, Vec<&Expr>> = BTreeMap::new();
        visit::for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Set(var, value) = stmt {
                sets.entry(*var).or_default().push(value);
            }
        });
        let (mut holders, mut queue) = (BTreeSet::new(), Vec::new());
        visit::for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Do(Expr::Operation(store)) = stmt
                && store.slot().is_some_and(|slot| slot.place == words.plus(4))
            {
                queue.extend(store.operands.get(1));
            }
        });
        while let Some(value) = queue.pop() {
            if value.any(&mut |part| accesses(part, upper)) {
                return true;
            }
            if let Expr::Var(var) = value
                && holders.insert(*var)
            {
                queue.extend(sets.get(var).into_iter().flatten());
            }
            if let Expr::Operation(operation) = value {
                match operation.op.kind() {
                    Kind::Select => queue.extend(&operation.operands[..2]),
                    // Collapsed loops have 64 bits, and the microtask is given words.
                    Kind::Convert(Conversion::Wrap | Conversion::ExtendS | Conversion::ExtendU) => {
                        queue.extend(&operation.operands);
                    }
                    _ => {}
                }
            }
        }
        false
    }

    fn accesses(&mut self, function: &Function) {
        // Variables that hold addresses in the frame and nothing else.
        let mut in_frame: BTreeMap<Var, bool> = BTreeMap::new();
        visit::for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Set(var, value) = stmt {
                let is_address = matches!(value, Expr::Address(_));
                in_frame.entry(*var).and_modify(|all| *all &= is_address).or_insert(is_address);
            }
        });
        visit::for_each_part(&function.body, &mut |part| {
            if let Expr::Operation(operation) = part
                && (operation.offset.is_some() || operation.op.is_effect())
            {
                match operation.operands.first() {
                    Some(Expr::Address(_)) => {}
                    Some(Expr::Var(var)) if in_frame.get(var) == Some(&true) => {}
                    Some(Expr::Var(var)) if self.through(function, *var, operation) => {}
                    _ => {
                        let name = operation.op.name();
                        self.obstacle = Some(format!("it accesses memory beside its parallel region (`{name}`)"));
                    }
                }
            }
        });
    }

    /// Whether an access is through a parameter, as the caller gave it: those are kept in the first variables that lifting added.
    fn through(&mut self, function: &Function, var: Var, operation: &Operation) -> bool {
        let results = function.results.len();
        let parameter = var.index().checked_sub(function.locals + results + 2);
        let parameter = parameter.filter(|parameter| parameter + 2 < function.params);
        let (Some(parameter), Some(offset), Some(bytes)) = (parameter, operation.offset, operation.op.bytes()) else {
            return false;
        };
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        *self.accessed.entry((parameter as u32, offset, bytes)).or_default() |= !operation.op.is_load();
        true
    }
}
