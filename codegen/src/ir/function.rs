//! What functions consist of.
//!
//! Invariant: an expression has no effect but that it may trap or read memory; whatever changes something is a statement. Evaluating the
//! expressions of a statement in order, and the statements in order, does what the function's instructions do.

use super::{Bits, Op, Ty};
use crate::lift::{ForeseenWord, Generated, Role};
use cranelift_entity::{PrimaryMap, SecondaryMap, entity_impl};
use std::collections::{BTreeMap, BTreeSet};

/// A variable of a function: its parameters come first, then its other locals, then those that lifting adds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Var(u32);
entity_impl!(Var, "v");

/// What `goto` names: the end of a block or the start of a loop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Label(u32);
entity_impl!(Label, "label");

/// A piece of the stack frame that is a variable of its own: see [`SlotInfo`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot(u32);
entity_impl!(Slot, "slot");

/// Where in the module something may trap: an index into a program's list of locations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Site(u32);
entity_impl!(Site, "site");

/// A symbolic address: a base, and a distance from it in bytes. Bases are the stack pointer at the call, a thread number that a microtask
/// is given the address of, a list of pointers that a combiner is given, and what an entry of such a list points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    /// So many bytes from where the stack pointer was when the function was called; below 0 is the function's own frame.
    Frame(i32),
    /// So many bytes behind a thread number, whose address a microtask is given.
    ThreadNumber(Thread, i32),
    /// So many bytes behind the start of one of the two lists of pointers that a combiner is given.
    List(Privates, i32),
    /// So many bytes behind where an entry of such a list points: which list, which entry, the distance.
    Private(Privates, u32, i32),
    /// A place in the frame of the function that forks a microtask, for that: so many bytes from where the stack pointer was when the function
    /// was called.
    Forker(i32),
}

/// A thread number that a microtask is given the address of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Thread {
    /// The first parameter: the global thread number.
    Global,
    /// The second parameter: the bound thread number.
    Bound,
}

/// The private copies that a combiner is given: it combines both into the first ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Privates {
    Into,
    From,
}

impl Place {
    /// The place so many bytes further on; wraps as addresses do.
    pub fn plus(self, bytes: i32) -> Self {
        match self {
            Self::Frame(at) => Self::Frame(at.wrapping_add(bytes)),
            Self::ThreadNumber(thread, at) => Self::ThreadNumber(thread, at.wrapping_add(bytes)),
            Self::List(list, at) => Self::List(list, at.wrapping_add(bytes)),
            Self::Private(list, number, at) => Self::Private(list, number, at.wrapping_add(bytes)),
            Self::Forker(at) => Self::Forker(at.wrapping_add(bytes)),
        }
    }

    /// The place of an access with a constant offset, if that is near.
    pub fn offset(self, offset: u64) -> Option<Self> {
        let offset = i32::try_from(offset).ok()?;
        self.distance().checked_add(offset).map(|_| self.plus(offset))
    }

    /// How far behind what it is relative to it is.
    pub fn distance(self) -> i32 {
        let (Self::Frame(at)
        | Self::ThreadNumber(_, at)
        | Self::List(_, at)
        | Self::Private(_, _, at)
        | Self::Forker(at)) = self;
        at
    }

    /// The same, relative to the same, without the distance.
    pub fn base(self) -> Self {
        self.plus(self.distance().wrapping_neg())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Const(Ty, Bits),
    Var(Var),
    Global(u32),
    /// An address. Only while a function is lifted, where it is one of the private memory ([`Function::address`]), and in what is looked at
    /// without slots ([`crate::analysis::teams`]).
    Address(Place),
    /// The value of a slot, as a load would read it.
    Slot(Op, Slot),
    Operation(Operation),
}

/// Which memory an access is to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Memory {
    /// The linear memory, which all share.
    #[default]
    Linear,
    /// The work-item's own, where those stack frames are whose addresses go further than can be followed ([`Function::frame`]).
    Private,
    /// The team's, where those of the functions are that its members execute alike, if members change variables there.
    Team,
    /// One of these: the address says which, see [`Function::PRIVATE_MEMORY`] and [`Function::TEAM_MEMORY`].
    Either,
}

/// A stack frame in the work-item's private memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// How many bytes it has, a multiple of what the stack pointer is one of.
    pub size: u32,
    /// How many bytes are reserved below those for what has a computed size; 0 where nothing has.
    pub reserve: u32,
    /// Its end: what the stack pointer is when the function is called.
    pub end: u32,
}

impl Frame {
    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> u32 {
        self.size.saturating_add(self.reserve)
    }

    /// Where it begins.
    pub fn start(&self) -> u32 {
        self.end.wrapping_sub(self.bytes())
    }
}

/// An instruction with its operands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    pub op: Op,
    pub operands: Vec<Expr>,
    /// A lane, or the sixteen of a shuffle.
    pub lanes: Vec<u8>,
    /// The constant part of the address, for an access to memory; the first operand is the rest of it.
    pub offset: Option<u64>,
    /// Of what the address of such an access is a multiple, offset included, in bytes: so the module says, but it need not be true.
    pub alignment: u32,
    /// For what may trap.
    pub site: Option<Site>,
    /// For what accesses memory; known when all that is called is.
    pub memory: Memory,
    /// How many operations are nested in this one, itself included.
    pub depth: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stmt {
    Set(Var, Expr),
    SetGlobal(u32, Expr),
    /// Gives a slot a value, as a store would write it.
    SetSlot {
        op: Op,
        slot: Slot,
        value: Expr,
    },
    /// An operation for its effect: a store, or something whose result is dropped but which may trap.
    Do(Expr),
    Call {
        function: u32,
        arguments: Vec<Expr>,
        results: Vec<Var>,
        /// In native code, for backtraces.
        site: Option<Site>,
    },
    /// A call through the table: indices in the table, and the functions that they hold.
    CallIndirect {
        candidates: Vec<(u32, u32)>,
        index: Expr,
        arguments: Vec<Expr>,
        results: Vec<Var>,
        site: Site,
    },
    /// A call through a table whose contents, or the number of whose functions of that type, are not known: the type and the table by their
    /// indices. Only in native code.
    CallTable {
        ty: u32,
        table: u32,
        index: Expr,
        arguments: Vec<Expr>,
        results: Vec<Var>,
        site: Site,
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
    /// Runs the body again as long as the condition, which is looked at behind it, is not zero. The label names the loop; nothing goes
    /// there.
    DoWhile {
        label: Label,
        body: Vec<Stmt>,
        condition: Expr,
    },
    Goto(Label),
    /// The last target is the default.
    Switch {
        index: Expr,
        targets: Vec<Vec<Stmt>>,
    },
    Return(Vec<Expr>),
    Unreachable(Site),
    /// The stack pointer becomes this, which is computed: it traps unless that is in the function's own frame, or at its end.
    CheckStack(Expr, Site),
    /// `__kmpc_for_static_init_*`: a worksharing loop asks for its iterations.
    StaticInit(LoopBounds),
    /// The program bounds what it was given: the value goes to the slot of the upper bound. It is the first one that does, before any
    /// loop; clang writes the least of the bound that was given and the loop's own.
    ClampUpper {
        op: Op,
        slot: Slot,
        value: Expr,
    },
    /// `__kmpc_dispatch_init_*`: a loop with a dynamic schedule says which iterations there are.
    DispatchInit(Dispatch),
    /// `__kmpc_dispatch_next_*`: it asks for a chunk of them; the result is 0 if there is none.
    DispatchNext {
        dispatch: Dispatch,
        chunk: LoopBounds,
        result: Var,
    },
    /// `__kmpc_reduce*`: a virtual thread's private copies, which are at these places, are combined with what there is. The slots are
    /// those of the fields of the accumulator, once there are slots.
    ///
    /// Where members of a team combine theirs, all of them have the result, and what follows up to the next barrier combines that with
    /// the originals: for each member where it has those for itself. `copyprivate` lets all have what the first member has.
    Reduce {
        privates: Vec<Place>,
        slots: Vec<Slot>,
        combiner: u32,
        of: Combined,
    },
    /// `__kmpc_fork_call`, in the function of a league: the team, which has executed the same code so far, executes a microtask, which is
    /// given these words after its thread numbers. `threads`, if the program says so, is how many members the team may have.
    Fork {
        microtask: u32,
        arguments: Vec<Expr>,
        /// The slots whose values it gets beside those: see [`Function::captured`].
        captured: Vec<Slot>,
        threads: Option<Expr>,
    },
    /// In what all members of a team execute alike: one of them alone executes this, as it changes what they share; and all of them have the
    /// results, which are integers.
    Alone {
        body: Vec<Stmt>,
        results: Vec<Var>,
    },
    /// A critical section: whoever executes this is the only one of the device who does, of those with the same lock. The address of the lock
    /// tells sections apart.
    Critical {
        lock: u32,
        body: Vec<Stmt>,
    },
    /// Something is printed: a record of it is made.
    Print(Printing),
    /// A byte of the record that is made ([`Printing::carried`]), so many bytes from its start.
    PrintByte {
        at: Expr,
        byte: Expr,
    },
    /// All members of a team wait for one another, and see what each has done.
    Barrier,
    /// A number that the program asks for: the result.
    Number {
        result: Var,
        of: Number,
    },
}

/// What a call of `printf` or its kin prints: see [`omp2wasi_abi::layout::printed`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Printing {
    /// Which function is called.
    pub function: u32,
    /// The address of the format string.
    pub format: u32,
    /// A bit for each word of the arguments, which is set if that is the distance of a string in the record.
    pub strings: u32,
    /// The arguments, in integers of 32 and 64 bits, and where they are among them, in bytes.
    pub arguments: Vec<(u32, Ty, Expr)>,
    /// Bytes of arguments and strings.
    pub bytes: Expr,
    /// Puts the strings into the record, if there is room for that.
    pub carried: Vec<Stmt>,
}

/// Whose private copies are combined, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Combined {
    /// Those of virtual threads.
    VirtualThreads,
    /// Those of the members of a team.
    Members,
    /// Those of the members become what the first one's are.
    First,
}

/// Numbers that the program can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// Which team of the league this is, from 0.
    Team,
    /// How many teams the league has.
    Teams,
    /// Which member of its team executes this, from 0.
    Thread,
    /// How many members its team has.
    Threads,
    /// Which of the program's devices this is.
    Device,
    /// How many devices the program has.
    Devices,
    /// How many members its team may have.
    Limit,
    /// In how many parallel regions the microtask is that is the kernel's own function: in one, if it is not a league's.
    Level,
    /// Whether it is part of a final task. Only where there are none.
    Final,
    /// The time in seconds, a float: it is of type `F64`, all others are `I32`.
    Time,
}

/// A loop with a dynamic schedule. A virtual thread gets one chunk of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dispatch {
    /// The first value of the loop variable.
    pub lower: Expr,
    /// The last one.
    pub upper: Expr,
    /// The chunk size; `None` if the device may choose it.
    pub chunk: Option<Expr>,
    /// The variable that keeps `lower`.
    pub first: Var,
    /// The variable that keeps `upper`.
    pub last: Var,
    /// The variable that keeps the chunk size.
    pub size: Var,
    /// A variable that is 1 until the virtual thread has got its chunk, then 0.
    pub left: Var,
    /// Whether the chunks are executed one after the other, by the members of a team in turn.
    pub is_ordered: bool,
}

impl Dispatch {
    /// The variables that it sets.
    pub fn vars(&self) -> [Var; 4] {
        [self.first, self.last, self.size, self.left]
    }
}

/// Where a worksharing loop has its bounds, and its chunk size.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LoopBounds {
    /// Type of the loop variable.
    pub ty: Ty,
    pub signed: bool,
    /// Places in the frame: whether this is the last iteration (32 bits), first and last value, distance of chunks.
    pub places: [Place; 4],
    /// The slots of those places, once there are slots.
    pub slots: Option<[Slot; 4]>,
    pub chunk: Chunk,
    /// Whether teams share it, not threads.
    pub is_distribute: bool,
}

impl LoopBounds {
    /// How many bytes are at each of the places.
    pub fn bytes(&self) -> [u32; 4] {
        let bytes = if self.ty == Ty::I64 { 8 } else { 4 };
        [4, bytes, bytes, bytes]
    }
}

/// How many iterations a virtual thread gets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Chunk {
    /// As many as suit the device: a schedule without a chunk size.
    Free,
    /// One, or as many as suit the device if its loop lets them be consecutive: chunks of one iteration.
    One,
    /// As many as leave few virtual threads, as each of them combines long private copies with the originals.
    Many,
    Size(Expr),
}

/// A piece of the frame that is accessed, and always as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SlotInfo {
    pub place: Place,
    pub bytes: u32,
}

/// A part of an accumulator: which private copy it is in, where in that, and how many bytes it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Field {
    pub number: u32,
    pub offset: i32,
    pub bytes: u32,
}

/// A function, lifted.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Its index in the module.
    pub index: u32,
    /// How many of `vars` are parameters.
    pub params: usize,
    /// How many of those are addresses that it is always given: a microtask's of the thread numbers.
    pub implied: usize,
    /// The last of `vars`, which are parameters, too: words of the memory that are known before the launch.
    pub foreseen: Vec<(ForeseenWord, Var)>,
    pub results: Vec<Ty>,
    pub vars: PrimaryMap<Var, Ty>,
    /// How many of `vars` are the function's own: parameters and other locals, which start as zero.
    pub locals: usize,
    /// How many of `vars` there are without those that others, which were several, have been split into.
    pub whole: usize,
    /// The pieces of its frame that are variables; in a microtask that a team forks, also pieces of the frame of the function that does so.
    pub slots: PrimaryMap<Slot, SlotInfo>,
    /// Slots of a microtask that have, when it begins, the values of slots of the function that forks it.
    pub captured: Vec<Slot>,
    /// The rest of its frame, if that is in memory.
    pub frame: Option<Frame>,
    /// Whether it is a microtask for members of a team.
    pub is_for_members: bool,
    /// In a microtask that a team forks, where the frame of the function ends that does so.
    pub forker_end: u32,
    /// Where the thread numbers are in the private memory.
    pub thread_numbers: u32,
    pub body: Vec<Stmt>,
    /// Labels that are gone to.
    pub used_labels: SecondaryMap<Label, bool>,
    /// Functions that it calls.
    pub callees: Vec<u32>,
    /// Those of them that it calls in a parallel region of one thread that it has begun.
    pub nested: Vec<u32>,
    /// Those of them that are the code of tasks which it generates, and what such a task is: see [`crate::lift::Generated`].
    pub tasks: Vec<(u32, Generated)>,
    /// Whether one of those tasks may be final.
    pub may_be_final: bool,
    /// What accumulators of its reductions have, by the function that combines.
    pub accumulated: BTreeMap<u32, Vec<Field>>,
}

impl Function {
    /// Addresses from here on are of the private memory. No linear memory reaches so far: the host sees to that.
    pub const PRIVATE_MEMORY: u32 = 0xffff_0000;
    /// Addresses from here to the private memory are of the team's, if there is one.
    pub const TEAM_MEMORY: u32 = 0xfffe_0000;
    /// At its start are four words: the two thread numbers of a virtual thread or of a league, which are 0, and behind each the one of a
    /// member of a team. (Where a frame has a computed size they are at the end, where nothing that grows can get.)
    pub const THREAD_NUMBERS: u32 = 16;
    /// How far behind.
    const OF_MEMBER: u32 = 4;

    /// The address in the private memory that a place of the frame, or of a thread number, has.
    pub fn address(&self, place: Place) -> u32 {
        let of_member = if self.is_for_members { Self::OF_MEMBER } else { 0 };
        let base = match place {
            Place::ThreadNumber(Thread::Bound, _) => self.thread_numbers + Self::THREAD_NUMBERS / 2 + of_member,
            Place::ThreadNumber(Thread::Global, _) => self.thread_numbers + of_member,
            Place::Forker(_) => self.forker_end,
            _ => self.frame.map_or(Self::PRIVATE_MEMORY, |frame| frame.end),
        };
        base.wrapping_add(place.distance() as u32)
    }

    /// The parameters.
    pub fn parameters(&self) -> impl Iterator<Item = Var> + use<> {
        let end = self.vars.len() as u32;
        (0..self.params as u32).chain(end - self.foreseen.len() as u32..end).map(Var)
    }

    /// Whether a variable is a parameter.
    pub fn is_parameter(&self, var: Var) -> bool {
        (var.0 as usize) < self.params || (var.0 as usize) >= self.vars.len() - self.foreseen.len()
    }

    /// How many parameters it has after the implied ones.
    pub fn arguments(&self) -> usize {
        self.params - self.implied + self.foreseen.len()
    }

    /// Whether a variable is a local that starts as zero.
    pub fn starts_as_zero(&self, var: Var) -> bool {
        (self.params..self.locals).contains(&(var.0 as usize))
    }

    /// Whether a variable was added by lifting: it is set once, before it is read.
    pub fn is_added(&self, var: Var) -> bool {
        (self.locals..self.whole).contains(&(var.0 as usize))
    }

    /// The number of a parameter after the implied ones.
    pub fn argument(&self, var: Var) -> Option<usize> {
        let foreseen = (var.0 as usize).checked_sub(self.vars.len() - self.foreseen.len());
        let number = foreseen.map_or(var.0 as usize, |number| self.params + number);
        number.checked_sub(self.implied).filter(|_| self.is_parameter(var))
    }

    /// What a function that it calls is lifted for, if it is itself for `role`.
    pub fn role_of(&self, callee: u32, role: Role) -> Role {
        if self.nested.contains(&callee) { role.of_nested() } else { role.of_callees() }
    }

    /// The function that combines private copies, if it reduces.
    pub fn combiner(&self) -> Option<u32> {
        self.combiners().first().copied()
    }

    /// Those functions, where there are several reductions.
    pub fn combiners(&self) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        super::visit::for_each_stmt(&self.body, &mut |stmt| {
            if let Stmt::Reduce { combiner, .. } = stmt {
                found.insert(*combiner);
            }
        });
        found
    }
}

impl Function {
    /// How many bytes the largest accumulator of its reductions has, each part aligned as it may be, and whether there is anything in it; `None` if
    /// the function reduces nothing.
    pub fn accumulator_size(&self) -> Option<usize> {
        let has = 4;
        let size = |fields: &Vec<Field>| {
            let sizes = fields.iter().map(|field| field.bytes as usize).chain([has]);
            let (mut end, mut alignment) = (0, 1);
            for size in sizes {
                end = usize::next_multiple_of(end, size) + size;
                alignment = alignment.max(size);
            }
            end.next_multiple_of(alignment)
        };
        self.combiner().map(|_| self.accumulated.values().map(size).max().unwrap_or(0))
    }
}

impl Operation {
    pub fn new(op: Op, operands: Vec<Expr>) -> Self {
        let mut operation = Self {
            op,
            operands,
            lanes: Vec::new(),
            offset: None,
            alignment: 1,
            site: None,
            memory: Memory::Linear,
            depth: 0,
        };
        operation.measure();
        operation
    }

    /// An access to where its first operand points, which may trap there.
    pub fn access(op: Op, operands: Vec<Expr>, site: Site) -> Self {
        Self { offset: Some(0), site: Some(site), ..Self::new(op, operands) }
    }

    /// Computes the depth, after operands have been replaced.
    pub fn measure(&mut self) {
        self.depth = 1 + self.operands.iter().map(Expr::depth).max().unwrap_or(0);
    }

    /// The first operand, if this is an access to memory: its address, without the offset.
    pub fn address(&self) -> Option<&Expr> {
        self.offset.and(self.operands.first())
    }

    /// The words of a stack frame that it accesses at a fixed place, by where they begin; none if its place is not fixed.
    pub fn frame_words(&self) -> Vec<Place> {
        let (Some(Expr::Address(place)), Some(offset), Some(bytes)) =
            (self.operands.first(), self.offset, self.op.bytes())
        else {
            return Vec::new();
        };
        let Some(place) = place.offset(offset) else {
            return Vec::new();
        };
        let first = place.distance().div_euclid(4) * 4;
        let last = place.distance().saturating_add(bytes as i32 - 1);
        (0..=(last - first) / 4).map(|word| place.base().plus(first + 4 * word)).collect()
    }

    /// The place that it accesses, and how many bytes, if a slot could stand for that.
    pub fn slot(&self) -> Option<SlotInfo> {
        let (Some(Expr::Address(place)), Some(offset)) = (self.operands.first(), self.offset) else {
            return None;
        };
        let bytes = self.op.bytes().filter(|_| self.op.is_plain_access())?;
        Some(SlotInfo { place: place.offset(offset)?, bytes })
    }
}

impl Expr {
    pub fn depth(&self) -> u32 {
        match self {
            Self::Operation(operation) => operation.depth,
            Self::Slot(..) => 1,
            _ => 0,
        }
    }

    /// Whether `test` holds for this or a part of it.
    pub fn any(&self, test: &mut impl FnMut(&Self) -> bool) -> bool {
        test(self)
            || matches!(self, Self::Operation(operation) if operation.operands.iter().any(|operand| operand.any(test)))
    }

    /// Whether this or a part of it may trap.
    pub fn may_trap(&self) -> bool {
        self.any(&mut |part| matches!(part, Self::Operation(operation) if operation.site.is_some()))
    }

    /// True for constants and addresses of places: evaluating them later gives the same value.
    pub fn is_constant(&self) -> bool {
        matches!(self, Self::Const(..) | Self::Address(_))
    }
}
