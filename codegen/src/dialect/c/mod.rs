//! What all C dialects have in common: functions, statements, expressions, and worksharing for virtual threads.
//!
//! Integers are unsigned; where signs matter there is a cast. Each instruction that C has no operator for is a call of a function with
//! the instruction's name, which the dialect has. Everything that a virtual thread has beside its variables is in one struct, the
//! *machine*, which functions get a pointer `m` to. `ulong` and `uint` are names that any of these dialects has, for 64 and 32 bits.

mod expressions;
pub(crate) mod prelude;
mod printing;
mod second;
mod statements;
mod team;
mod truncation;
mod worksharing;

use super::Dialect;
use crate::Options;
use crate::analysis::versions::Version;
use crate::analysis::worksharing::Worksharing;
use crate::ir::visit;
use crate::ir::{Function, Label, Place, Privates, Slot, Stmt, Ty, Var};
use crate::lift::Role;
use crate::lift::program::Key;
pub(crate) use expressions::memory_prefix;
use second::Fast;
pub(crate) use second::trips_function;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
pub(crate) use truncation::at_once;
use worksharing::SingleIteration;

/// How a microtask gets its iterations: there is a function for each of these that is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// The virtual thread tests whether there is an iteration for its number.
    Checked,
    /// No test: there is an iteration for each virtual thread, and each does it.
    OneEach,
    /// As that, and both indices of the collapsed loop's iteration are given.
    Tile,
}

/// What a function is printed with.
pub(crate) struct Context<'p, D> {
    pub dialect: &'p D,
    /// The loops of the function that have a second version.
    pub versions: &'p BTreeMap<Label, Version>,
    pub worksharing: &'p Worksharing,
    /// What combines the private copies of the microtasks that a league's teams fork, by the microtask.
    pub combiners: &'p BTreeMap<u32, u32>,
    /// Those that are for members of teams, and whether members wait for one another there.
    pub members: &'p BTreeMap<u32, bool>,
    /// Whether teams have several members.
    pub has_teams: bool,
    /// The locks of critical sections.
    pub locks: &'p [u32],
    /// Functions in which members of a team wait for one another: see [`crate::lift::program::Program::meeting`].
    pub meeting: &'p BTreeSet<Key>,
    pub options: &'p Options,
    pub names: &'p [(u32, String)],
}

/// Stands before what may trap until the line is complete, with its place in the module and [`MARK_END`] behind.
const MARK: char = '\u{1}';
const MARK_END: char = '\u{2}';

/// Lets products and sums be fused, from where it stands to the end of the block.
pub(crate) const CONTRACT: &str = "#pragma clang fp contract(fast)";

/// Prints a function.
pub(crate) fn print<D: Dialect>(context: &Context<D>, function: &Function, role: Role, variant: Variant) -> String {
    let mut printer = Printer {
        context,
        function,
        role,
        variant,
        // Others have seen nothing of it yet.
        has_met: role.is_league(),
        criticals: 0,
        single: None,
        is_before_iterations: true,
        before: String::new(),
        out: "\n".to_owned(),
        indent: 1,
        fast: Vec::new(),
        is_comparing: false,
        is_serial: false,
    };
    printer.function();
    printer.before + &printer.out
}

struct Printer<'p, D> {
    context: &'p Context<'p, D>,
    function: &'p Function,
    role: Role,
    variant: Variant,
    /// In how many critical sections it is.
    criticals: usize,
    /// Whether the team has met since it last accessed memory that its members share.
    has_met: bool,
    /// The one iteration that a virtual thread has, until the program has bounded it.
    single: Option<SingleIteration>,
    is_before_iterations: bool,
    /// Functions that it calls.
    before: String,
    out: String,
    indent: usize,
    /// Whether the innermost loop's iterations compute a float from its own value, one after the other.
    is_serial: bool,
    /// The loops whose second versions are being printed, outermost first.
    fast: Vec<Fast<'p>>,
    /// Whether it is what is compared before a loop.
    is_comparing: bool,
}

impl<D: Dialect> Printer<'_, D> {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("    ");
        }
        let mut parts = text.split(MARK);
        self.out.push_str(parts.next().unwrap_or_default());
        let mut is_placed = false;
        for part in parts {
            let (place, text) = part.split_once(MARK_END).unwrap_or(("", part));
            if !self.context.options.comments {
                let _ = write!(self.out, "\n#line {place} \"w\"\n");
                is_placed = true;
            }
            self.out.push_str(text);
        }
        self.out.push('\n');
        if is_placed {
            // What follows is at no place, rather than at those that follow this one.
            self.out.push_str("#line 1 \"-\"\n");
        }
    }

    fn lines(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(line));
    }

    fn indented(&mut self, print: impl FnOnce(&mut Self)) {
        self.indent += 1;
        print(self);
        self.indent -= 1;
    }

    fn ty(&self, ty: Ty) -> &'static str {
        self.context.dialect.ty(ty)
    }

    fn var(&self, var: Var) -> String {
        let prefix = match self.function.vars[var] {
            Ty::I32 => 'i',
            Ty::I64 => 'l',
            Ty::F32 => 'f',
            Ty::F64 => 'd',
            Ty::V128 => 'v',
        };
        format!("{prefix}{}", var.as_u32())
    }

    fn function(&mut self) {
        let function = self.function;
        if self.context.options.comments {
            let name = self.context.names.iter().find(|(index, _)| *index == function.index);
            let _ = writeln!(self.out, "/* {} */", name.map_or_else(String::new, |(_, name)| harmless(name)));
        }
        let result = if let [ty] = function.results[..] { self.ty(ty) } else { "void" };
        let name = self.function_name(function.index, self.role);
        let _ = write!(self.out, "static {result} {name}({}", self.context.dialect.machine().0);
        if self.role == Role::Combiner {
            let _ = write!(self.out, ", accumulator_{0} *into, accumulator_{0} *from", function.index);
        }
        for var in self.parameters() {
            let _ = write!(self.out, ", {} {}", self.ty(function.vars[var]), self.var(var));
        }
        for slot in &function.captured {
            let ty = self.context.dialect.integer(function.slots[*slot].bytes, crate::ir::Sign::Unsigned);
            let _ = write!(self.out, ", {ty} slot{}", slot.as_u32());
        }
        if function.results.len() > 1 {
            for (i, ty) in function.results.iter().enumerate() {
                let _ = write!(self.out, ", {} *r{i}", self.ty(*ty));
            }
        }
        self.out.push_str(")\n{\n");
        self.float_freedom();
        self.declarations();
        if let Some(check) = self.context.dialect.entry(function.index) {
            self.line(&check);
        }
        if self.role.is_league() && self.context.has_teams {
            self.line("begin(m);");
        }
        self.stmts(&function.body, None);
        if !function.results.is_empty() && !matches!(function.body.last(), Some(Stmt::Return(_))) {
            self.give_up();
        }
        self.out.push_str("}\n");
    }

    /// What a function is called.
    fn function_name(&self, index: u32, role: Role) -> String {
        let form = match role {
            Role::Function | Role::Called | Role::Teams | Role::Native => return self.context.dialect.function(index),
            Role::League | Role::Target => "league",
            Role::Team(0) => "team",
            Role::Team(depth) => return format!("team{depth}_{index}"),
            Role::Joint => "joint",
            Role::Serial(depth) => return format!("serial{depth}_{index}"),
            Role::Member => "member",
            Role::Microtask if self.variant == Variant::Tile => "tile",
            Role::Microtask if self.variant == Variant::OneEach => "sure",
            Role::Microtask => "microtask",
            Role::LastMicrotask => "last",
            Role::Combiner => "combine",
        };
        format!("{form}_{index}")
    }

    /// What the program lets its arithmetic be, at the start of a function.
    fn float_freedom(&mut self) {
        for freedom in self.context.dialect.float_freedom(self.function.index) {
            let _ = writeln!(self.out, "{freedom}");
        }
    }

    /// The parameters that it has in C: the addresses of thread numbers or lists that others are given are variables.
    fn parameters(&self) -> impl Iterator<Item = Var> + use<D> {
        self.function.parameters().skip(self.role.implied_parameters())
    }

    /// Variables that are used. Locals start as zero; what the translation added is set before it is read.
    fn declarations(&mut self) {
        let function = self.function;
        let dialect = self.context.dialect;
        let mut used = visit::used_vars(function);
        self.parameters().for_each(|var| used[var] = false);
        for (var, ty) in function.vars.iter().filter(|(var, _)| used[*var]) {
            let name = self.var(var);
            let text = match ty {
                // Where code goes on after a trap, all has a value.
                _ if function.is_added(var) && !self.stays_with_team() => format!("{} {name};", dialect.ty(*ty)),
                _ => format!("{} {name} = {};", dialect.ty(*ty), dialect.zero(*ty)),
            };
            self.line(&text);
        }
        for (slot, info) in &function.slots {
            let is_accumulators = self.role == Role::Combiner && matches!(info.place, Place::Private(..));
            if is_accumulators || function.captured.contains(&slot) {
                continue;
            }
            let ty = dialect.integer(info.bytes, crate::ir::Sign::Unsigned);
            let zero = match info.place {
                Place::ThreadNumber(_, 0) if self.role == Role::Member => "m->item",
                _ => dialect.zero(if info.bytes == 16 { Ty::V128 } else { Ty::I32 }),
            };
            let comment =
                if self.context.options.comments { format!(" /* {} */", described(info.place)) } else { String::new() };
            self.line(&format!("{ty} slot{} = {zero};{comment}", slot.as_u32()));
        }
    }

    /// The variable that a slot is.
    fn slot(&self, slot: Slot) -> String {
        let info = self.function.slots[slot];
        match info.place {
            Place::Private(side, number, offset) if self.role == Role::Combiner => {
                let is_it = |field: &crate::ir::Field| {
                    (field.number, field.offset, field.bytes) == (number, offset, info.bytes)
                };
                let field = self.function.accumulated.values().flatten().position(is_it).unwrap_or(0);
                format!("{}->r{field}", if side == Privates::Into { "into" } else { "from" })
            }
            _ => format!("slot{}", slot.as_u32()),
        }
    }

    /// Whether the members of a team, all of which execute this, meet where some of them skip a meeting, too. A function may be called by
    /// one member, if that skips all meetings.
    fn keeps_team_together(&self) -> bool {
        self.stays_with_team() && self.role != Role::Joint
    }

    /// Whether a member of a team that leaves the function would be missed at a barrier, or would keep a lock: after a trap it leaves loops, and goes on.
    fn stays_with_team(&self) -> bool {
        self.criticals > 0 || self.role.is_of_members() && self.context.has_teams && self.meets(&self.function.body)
    }

    /// Whether members of a team wait for one another there, or in what is called there.
    fn meets(&self, body: &[Stmt]) -> bool {
        let mut meets = visit::has_barrier(body);
        visit::for_each_stmt(body, &mut |stmt| {
            let key = |function: u32| (function, self.function.role_of(function, self.role));
            meets |= visit::reached(stmt).into_iter().any(|function| self.context.meeting.contains(&key(function)));
        });
        meets
    }

    /// Leaves the function after a trap: the values do not matter, but are there.
    fn give_up(&mut self) {
        let dialect = self.context.dialect;
        if !dialect.goes_on_after_traps() || self.stays_with_team() {
            return;
        }
        if self.function.results.len() > 1 {
            let results = self.function.results.iter().enumerate();
            let zeros: Vec<_> = results.map(|(i, ty)| format!("*r{i} = {};", dialect.zero(*ty))).collect();
            self.line(&format!("{{ {} return; }}", zeros.join(" ")));
            return;
        }
        match self.function.results[..] {
            [ty] => self.line(&format!("return {};", dialect.zero(ty))),
            _ => self.line("return;"),
        }
    }
}

/// A place, for readers.
fn described(place: Place) -> String {
    match place {
        Place::Frame(at) => format!("stack pointer {at:+}"),
        Place::ThreadNumber(thread, at) => format!("{thread:?} thread number {at:+}").to_lowercase(),
        Place::List(list, at) => format!("list {list:?} {at:+}").to_lowercase(),
        Place::Forker(at) => format!("forker's stack pointer {at:+}"),
        Place::Private(list, number, at) => format!("private copy {number} of list {list:?} {at:+}").to_lowercase(),
    }
}

/// A name reduced to characters that neither end a comment nor mean anything in one.
fn harmless(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || "_.:<>, ()-".contains(c) { c } else { '_' };
    name.chars().take(200).map(keep).collect()
}
