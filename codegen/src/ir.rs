//! A function between WebAssembly and a C-like language: expressions instead of a stack, statements with labels.

use crate::instructions::Ty;
use crate::module::Bits;

/// A variable of a function: parameters first, then the other locals, then those that the translation adds.
pub(crate) type Var = usize;

/// What `goto` names: the end of a block or the start of a loop.
pub(crate) type Label = usize;

/// Where in the module something may trap: an index into [`crate::Kernel::sites`].
pub(crate) type Position = u32;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Const(Ty, Bits),
    Var(Var),
    Global(u32),
    /// An address in the shadow stack: so far from where the stack pointer was when the function was called.
    Frame(i32),
    Op(Op),
}

/// An instruction with its operands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Op {
    pub name: &'static str,
    pub operands: Vec<Expr>,
    pub lanes: Vec<u8>,
    /// The constant part of the address, for an access to memory: the first operand is the rest of it.
    pub offset: Option<u64>,
    /// For what may trap.
    pub position: Option<Position>,
    /// How many operations are nested in this one.
    pub depth: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stmt {
    Set(Var, Expr),
    SetGlobal(u32, Expr),
    /// An operation for its effect: a store, or something whose result is dropped but which may trap.
    Do(Expr),
    Call {
        function: u32,
        arguments: Vec<Expr>,
        results: Vec<Var>,
    },
    /// A call through the table: the functions that the slots hold.
    CallIndirect {
        slots: Vec<(u32, u32)>,
        slot: Expr,
        arguments: Vec<Expr>,
        results: Vec<Var>,
        position: Position,
    },
    If {
        condition: Expr,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
    },
    /// The label is at the end.
    Block {
        label: Label,
        body: Vec<Stmt>,
    },
    /// The label is at the start; the body runs once, unless it goes there.
    Loop {
        label: Label,
        body: Vec<Stmt>,
    },
    Goto(Label),
    /// The last target is the default.
    Switch {
        index: Expr,
        targets: Vec<Vec<Stmt>>,
    },
    Return(Vec<Expr>),
    Unreachable(Position),
    /// A work-sharing loop asks for its iterations.
    Iterations(Iterations),
    /// A loop with a dynamic schedule says which iterations there are.
    Dispatch(Dispatch),
    /// It asks for a chunk of them; the result is 0 if there is none.
    NextChunk {
        dispatch: Dispatch,
        chunk: Iterations,
        result: Var,
    },
    /// A virtual thread's private copies, at these addresses in the frame, are combined with what there is.
    Reduce {
        privates: Vec<i32>,
        combiner: u32,
    },
}

/// `__kmpc_dispatch_init_*`: first and last value of the loop and the chunk size, and the variables that keep them and whether the
/// one chunk that a virtual thread gets is still to be given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dispatch {
    pub lower: Expr,
    pub upper: Expr,
    pub chunk: Option<Expr>,
    pub first: Var,
    pub last: Var,
    pub size: Var,
    pub left: Var,
}

/// `__kmpc_for_static_init_*`: where the loop's bounds are in the frame, and its chunk size for chunked schedules.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Iterations {
    /// Type of the loop variable.
    pub ty: Ty,
    pub signed: bool,
    /// Addresses in the frame: whether it is the last iteration (32 bits), first and last value, distance of chunks.
    pub last: i32,
    pub lower: i32,
    pub upper: i32,
    pub stride: i32,
    pub chunk: Chunk,
}

/// How many iterations a virtual thread gets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Chunk {
    /// As many as suit the device: a schedule without a chunk size.
    Free,
    /// One, or as many as suit the device if its loop lets them be consecutive: chunks of one iteration.
    One,
    Size(Expr),
}

/// A function, lifted.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub index: u32,
    /// How many of `vars` are parameters.
    pub params: usize,
    pub results: Vec<Ty>,
    pub vars: Vec<Ty>,
    /// How many of `vars` are the function's own: parameters and other locals, which start as zero.
    pub locals: usize,
    pub body: Vec<Stmt>,
    /// Labels that are gone to.
    pub used_labels: Vec<bool>,
    /// Functions that it calls.
    pub callees: Vec<u32>,
    /// What an accumulator of its reductions has: which private copy, where in it, how many bytes.
    pub accumulated: Vec<Field>,
}

/// A part of an accumulator: which private copy, where in it, how many bytes.
pub(crate) type Field = (usize, i32, u32);

impl Function {
    /// The function that combines private copies, if it reduces.
    pub fn combiner(&self) -> Option<u32> {
        let mut found = None;
        for_each_stmt(&self.body, &mut |stmt| {
            if let Stmt::Reduce { combiner, .. } = stmt {
                found = Some(*combiner);
            }
        });
        found
    }
}

impl Op {
    /// Whether it reads memory.
    pub fn loads(&self) -> bool {
        self.name.contains("_load")
    }

    /// How many bytes it accesses, if it is an access to memory with an offset: what its name says behind `load`, `store` or `rmw`, or
    /// what a value of its type has.
    pub fn bytes(&self) -> u32 {
        let behind = ["_load", "_store", "_rmw"]
            .iter()
            .find_map(|access| self.name.split_once(access))
            .map_or("", |(_, rest)| rest);
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let (bits, rest) = behind.split_at(digits);
        match bits.parse::<u32>() {
            // As `load8x8`: eight bytes become a vector.
            Ok(_) if rest.starts_with('x') => 8,
            Ok(bits) => bits / 8,
            Err(_) if self.name.starts_with("v128") => 16,
            Err(_) if self.name.starts_with("i64") || self.name.starts_with("f64") => 8,
            Err(_) => 4,
        }
    }
}

pub(crate) fn is_effect(name: &str) -> bool {
    name.contains("_store") || name.contains("atomic") || matches!(name, "memory_copy" | "memory_fill")
}

/// Whether an instruction may trap.
pub(crate) fn may_trap(name: &str) -> bool {
    let arithmetic = ["_div_s", "_div_u", "_rem_s", "_rem_u"].iter().any(|op| name.ends_with(op))
        || (name.contains("_trunc_f") && !name.contains("sat"));
    (arithmetic && !name.contains('x')) || name.contains("_load") || (is_effect(name) && name != "atomic_fence")
}

impl Expr {
    pub fn depth(&self) -> u32 {
        if let Self::Op(op) = self { op.depth } else { 0 }
    }

    /// Whether `test` holds for this or a part of it.
    pub fn any(&self, test: &mut impl FnMut(&Self) -> bool) -> bool {
        test(self) || matches!(self, Self::Op(op) if op.operands.iter().any(|operand| operand.any(test)))
    }

    /// Whether its value may change, or its evaluation be seen, if it is evaluated later.
    pub fn is_constant(&self) -> bool {
        matches!(self, Self::Const(..) | Self::Frame(_))
    }
}

/// Calls `visit` for every expression that stands in statements, inner statements included.
pub(crate) fn for_each_expr<'a>(body: &'a [Stmt], visit: &mut impl FnMut(&'a Expr)) {
    for_each_stmt(body, &mut |stmt| for_each_expr_of(stmt, visit));
}

/// Calls `visit` for every expression that stands in a statement itself.
pub(crate) fn for_each_expr_of<'a>(stmt: &'a Stmt, visit: &mut impl FnMut(&'a Expr)) {
    match stmt {
        Stmt::Set(_, expr) | Stmt::SetGlobal(_, expr) | Stmt::Do(expr) => visit(expr),
        Stmt::Call { arguments, .. } | Stmt::Return(arguments) => arguments.iter().for_each(visit),
        Stmt::CallIndirect { slot, arguments, .. } => {
            visit(slot);
            arguments.iter().for_each(visit);
        }
        Stmt::If { condition: expr, .. } | Stmt::Switch { index: expr, .. } => visit(expr),
        Stmt::Iterations(Iterations { chunk: Chunk::Size(size), .. }) => visit(size),
        Stmt::Dispatch(dispatch) => {
            let all = [Some(&dispatch.lower), Some(&dispatch.upper), dispatch.chunk.as_ref()];
            all.into_iter().flatten().for_each(visit);
        }
        Stmt::Iterations(_)
        | Stmt::NextChunk { .. }
        | Stmt::Reduce { .. }
        | Stmt::Block { .. }
        | Stmt::Loop { .. }
        | Stmt::Goto(_)
        | Stmt::Unreachable(_) => {}
    }
}

/// Calls `visit` for every expression in statements, and for each of its parts.
pub(crate) fn for_each_part(body: &[Stmt], visit: &mut impl FnMut(&Expr)) {
    for_each_expr(body, &mut |expr| {
        expr.any(&mut |part| {
            visit(part);
            false
        });
    });
}

/// Removes the statements, inner ones included, for which `keep` does not hold.
pub(crate) fn retain(body: &mut Vec<Stmt>, keep: &mut impl FnMut(&Stmt) -> bool) {
    body.retain(&mut *keep);
    for stmt in body {
        match stmt {
            Stmt::If { then, otherwise, .. } => {
                retain(then, keep);
                retain(otherwise, keep);
            }
            Stmt::Block { body, .. } | Stmt::Loop { body, .. } => retain(body, keep),
            Stmt::Switch { targets, .. } => targets.iter_mut().for_each(|target| retain(target, keep)),
            _ => {}
        }
    }
}

/// Calls `visit` for every statement, inner ones included.
pub(crate) fn for_each_stmt<'a>(body: &'a [Stmt], visit: &mut impl FnMut(&'a Stmt)) {
    for stmt in body {
        visit(stmt);
        match stmt {
            Stmt::If { then, otherwise, .. } => {
                for_each_stmt(then, visit);
                for_each_stmt(otherwise, visit);
            }
            Stmt::Block { body, .. } | Stmt::Loop { body, .. } => for_each_stmt(body, visit),
            Stmt::Switch { targets, .. } => targets.iter().for_each(|target| for_each_stmt(target, visit)),
            _ => {}
        }
    }
}
