//! A kernel with all that it calls, lifted.

use super::{Frames, Generated, Lifting, Role, alone, atomics, captured, clamp, frame, lift, openmp, provenance, webs};
use crate::analysis::dataflow::Budget;
use crate::ir::visit;
use crate::ir::{Expr, Function, Memory, Number, Place, Site, Slot, Stmt};
use crate::kernel::Mathematics;
use crate::refusal::Reason;
use crate::wasm::Module;
use crate::wasm::module::Signature;
use crate::{Location, MAX_DEPTH, analysis};
use cranelift_entity::PrimaryMap;
use omp2wasi_abi::llvm::entry_point;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of private memory that a work-item can have for frames.
pub(super) const MAX_FRAMES: u32 = 16 << 10;

/// Bytes of that which are reserved for what has a computed size in the frame of one function: half of it, or as much as there is room for.
const MAX_RESERVE: u32 = 8 << 10;
const MIN_RESERVE: u32 = 1 << 10;

/// Bytes of an accumulator: of 256 work-items in 40 KiB of local memory.
const MAX_ACCUMULATOR: usize = 160;

/// Microtasks for members of a team, in one league: for each the league is lifted again.
const MAX_MEMBERS: usize = 32;

/// A function of the module, and what it is lifted for.
pub(crate) type Key = (u32, Role);

/// A kernel with all that it calls.
#[derive(Clone)]
pub(crate) struct Program {
    pub entry: Key,
    pub functions: BTreeMap<Key, Function>,
    /// Functions before those that call them.
    pub order: Vec<Key>,
    pub sites: PrimaryMap<Site, Location>,
    /// Bytes of private memory that its frames take.
    pub private_memory: u32,
    /// Bytes of a team's memory that the frames take of the functions that its members execute alike; 0 if they have their own.
    pub team_memory: u32,
    /// Whether those frames are there.
    pub has_team_memory: bool,
    /// Functions of the module in which products and sums may be fused.
    pub contracted: BTreeSet<u32>,
    /// What microtasks are always given, by the microtask.
    pub given: BTreeMap<u32, Given>,
    /// The tasks that functions are the code of, by the function: who generates the task, and the task, if it is always the same.
    pub tasks: BTreeMap<u32, (Key, Option<Generated>)>,
    /// How many members a team has to have, if the program says so.
    pub team_size: Option<u32>,
}

/// What a microtask is always given by who forks it.
#[derive(Clone)]
pub(crate) struct Given {
    /// The one function that forks it, or one of them.
    pub forker: Key,
    /// For each of its parameters after the thread numbers: the place in that function's frame that it is always the address of, if it is.
    /// Such a parameter is known by its place and not by its variable.
    pub places: Vec<Option<Place>>,
}

impl Program {
    /// Lifts a function as a kernel, or as a region's microtask, and what it calls.
    ///
    /// The microtasks that a team forks are for virtual threads where they can be, else for the members of the team.
    ///
    /// # Errors
    /// An obstacle, and the calls that lead there.
    pub fn lift(module: &Module, entry: Key, mathematics: Mathematics) -> Result<Self, (Reason, Vec<u32>)> {
        let mut choices = Choices::default();
        loop {
            let known = choices.shared_tasks.len();
            let (reason, chain) = match Self::lift_with(module, entry, mathematics, &mut choices) {
                Ok(program) => return Ok(program),
                Err(refused) => refused,
            };
            let is_of_team = reason == Reason::TeamVariable;
            if choices.shared_tasks.len() > known
                || is_of_team && !std::mem::replace(&mut choices.has_team_memory, true)
            {
                continue;
            }
            if choices.combines_instead(module, &reason, &chain) {
                continue;
            }
            let unfit = chain.iter().find(|(_, role)| *role == Role::Microtask).filter(|_| entry.1.is_league());
            let members = &mut choices.members;
            match unfit {
                Some((microtask, _)) if members.len() < MAX_MEMBERS && members.insert(*microtask) => {
                    choices.combining.remove(microtask);
                }
                _ => return Err((reason, chain.into_iter().map(|(function, _)| function).collect())),
            }
        }
    }

    /// The same, with what has been chosen so far.
    fn lift_with(
        module: &Module,
        entry: Key,
        mathematics: Mathematics,
        choices: &mut Choices,
    ) -> Result<Self, (Reason, Vec<Key>)> {
        let program = Self {
            entry,
            functions: BTreeMap::new(),
            order: Vec::new(),
            sites: PrimaryMap::new(),
            private_memory: 0,
            team_memory: 0,
            has_team_memory: choices.has_team_memory,
            contracted: BTreeSet::new(),
            given: BTreeMap::new(),
            tasks: BTreeMap::new(),
            team_size: None,
        };
        let splitting = Budget::new(webs::MAX_WORK);
        let mut closure = Closure { module, mathematics, choices, program, splitting, chain: Vec::new() };
        if let Err(reason) = closure.add(entry) {
            return Err((reason, closure.chain));
        }
        let mut program = closure.program;
        captured::pass_by_value(&mut program);
        let mut size = program.place_frames();
        while size > MAX_FRAMES && program.reserve_less() {
            size = program.place_frames();
        }
        if size > MAX_FRAMES {
            return Err((Reason::LargeFrames(size), vec![entry]));
        }
        provenance::assign_memories(&mut program)?;
        if entry.1 == Role::League && choices.combining.contains(&entry.0) && exchanges_somewhere(program.entry()) {
            let why = "it is not known in which memory the originals of the teams' private copies are";
            return Err((Reason::Construct(entry_point::REDUCE.to_owned(), why), vec![entry]));
        }
        atomics::set_apart(&mut program)?;
        let reduces = program.is_league() && program.entry().combiner().is_some();
        for key in program.microtasks().into_iter().chain(reduces.then_some(entry)) {
            program.check_microtask(key).map_err(|reason| (reason, vec![key]))?;
        }
        for key in program.order.iter().copied().filter(|(_, role)| role.is_of_members()) {
            program.check_member(key).map_err(|reason| (reason, vec![key]))?;
        }
        if program.asks_for(&[Number::Final]) && program.functions.values().any(|function| function.may_be_final) {
            return Err((Reason::Construct("omp_in_final".to_owned(), "a task may be final"), vec![entry]));
        }
        program.team_size = program.common_team_size().map_err(|reason| (reason, vec![entry]))?;
        if program.is_league() {
            alone::set_apart(&mut program);
        }
        Ok(program)
    }

    /// The microtasks: of a region, or of the parallel regions that a league's teams fork.
    pub fn microtasks(&self) -> Vec<Key> {
        self.order.iter().copied().filter(|(_, role)| *role == Role::Microtask).collect()
    }

    /// Microtasks for virtual threads, and for members of teams.
    pub fn forked(&self) -> impl Iterator<Item = Key> {
        let is_forked = |(_, role): &Key| matches!(role, Role::Microtask | Role::Member);
        self.order.iter().copied().filter(is_forked)
    }

    /// What the forms of a microtask get from slots of the function that forks it: the form, its slot, and that function's.
    pub fn captured<'p>(&'p self, microtask: u32, slots: &'p [Slot]) -> impl Iterator<Item = (Key, Slot, Slot)> + 'p {
        let roles = [Role::Microtask, Role::Member, Role::LastMicrotask];
        let forms = roles.into_iter().filter_map(move |role| self.functions.get_key_value(&(microtask, role)));
        forms.flat_map(move |(key, function)| function.captured.iter().zip(slots).map(|(own, of)| (*key, *own, *of)))
    }

    /// Functions that members of a team execute, or all of them alike, in which they wait for one another, or in what those call.
    pub fn meeting(&self) -> BTreeSet<Key> {
        let mut meeting = BTreeSet::new();
        // Functions come before those that call them.
        for key in self.order.iter().filter(|(_, role)| role.is_of_team() || role.is_of_members()) {
            let function = &self.functions[key];
            let meets = |callee: &u32| meeting.contains(&(*callee, function.role_of(*callee, key.1)));
            if visit::has_barrier(&function.body) || function.callees.iter().any(meets) {
                meeting.insert(*key);
            }
        }
        meeting
    }

    /// What members of a team execute combines without calls, and what there is room for.
    fn check_member(&self, key: Key) -> Result<(), Reason> {
        let refuse = |why: &str| Err(Reason::Module(why.to_owned()));
        match self.functions[&key].accumulator_size() {
            Some(bytes) if bytes > MAX_ACCUMULATOR => refuse("its reductions have too many variables"),
            _ if self.has_calling_combiner() => refuse("its reductions call functions"),
            _ => Ok(()),
        }
    }

    /// Whether a function that combines private copies calls others.
    fn has_calling_combiner(&self) -> bool {
        self.functions.iter().any(|((_, role), function)| *role == Role::Combiner && !function.callees.is_empty())
    }

    /// How many members a team has to have, if the program says so of parallel regions in which members wait for one another: those that
    /// are no members would not come to the barrier.
    fn common_team_size(&self) -> Result<Option<u32>, Reason> {
        let (mut sizes, meeting) = (BTreeSet::new(), self.meeting());
        for function in self.functions.values() {
            visit::for_each_stmt(&function.body, &mut |stmt| {
                if let Stmt::Fork { microtask, threads, .. } = stmt
                    && meeting.contains(&(*microtask, Role::Member))
                {
                    sizes.insert(match threads {
                        None => Some(0),
                        Some(Expr::Const(_, threads)) => Some((*threads as u32).max(1)),
                        Some(_) => None,
                    });
                }
            });
        }
        match (sizes.len(), sizes.first()) {
            (0, _) | (1, Some(Some(0))) => Ok(None),
            (1, Some(Some(size))) => Ok(Some(*size)),
            _ => Err(Reason::Module(
                "its parallel regions have different numbers of threads, which wait for one another".to_owned(),
            )),
        }
    }

    /// What a function calls, or forks.
    fn reached(&self, (_, role): Key, function: &Function) -> Vec<Key> {
        let mut reached: Vec<Key> =
            function.callees.iter().map(|callee| (*callee, function.role_of(*callee, role))).collect();
        for (microtask, _) in forked(function) {
            let roles = [Role::Microtask, Role::Member, Role::LastMicrotask];
            reached.extend(roles.map(|role| (microtask, role)).iter().filter(|key| self.functions.contains_key(key)));
        }
        reached
    }

    /// Reserves half as much in frames of computed size; whether there is any left.
    fn reserve_less(&mut self) -> bool {
        let frames = self.functions.values_mut().filter_map(|function| function.frame.as_mut());
        let mut is_less = false;
        for frame in frames.filter(|frame| frame.reserve > MIN_RESERVE) {
            frame.reserve /= 2;
            is_less = true;
        }
        is_less
    }

    /// How many bytes at the start of the private memory there are below the fixed part of the uppermost frame that has a computed size; 0 if
    /// none has.
    pub fn growing(&self) -> u32 {
        let frames =
            self.functions.iter().filter(|(key, _)| !self.is_of_team(**key)).filter_map(|(_, function)| function.frame);
        let ends = frames.filter(|frame| frame.reserve > 0).map(|frame| frame.start() + frame.reserve);
        ends.max().map_or(0, |end| end - Function::PRIVATE_MEMORY)
    }

    /// Gives the frames that are in memory their places there, those of functions below those of their callers; returns how many bytes of it
    /// are used, or of the team's if that are more. As no function calls itself, each has one place.
    fn place_frames(&mut self) -> u32 {
        let mut used: BTreeMap<Key, Used> = BTreeMap::new();
        let mut most = Used::default();
        for key in self.order.iter().rev() {
            let function = &self.functions[key];
            let mut with_frame = used.get(key).copied().unwrap_or_default();
            let of_kind = if self.is_of_team(*key) { &mut with_frame.of_team } else { &mut with_frame.private };
            *of_kind = of_kind.saturating_add(function.frame.map_or(0, |frame| frame.bytes()));
            most = most.max(with_frame);
            for callee in self.reached(*key, function) {
                let known = used.entry(callee).or_default();
                *known = known.max(with_frame);
            }
        }
        if self.functions.values().all(|function| function.frame.is_none()) {
            return 0;
        }
        let numbers = Function::THREAD_NUMBERS.next_multiple_of(frame::ALIGNMENT);
        let private = most.private.saturating_add(numbers);
        // Frames that grow have nothing below them that matters.
        let grows = self.functions.values().any(|function| function.frame.is_some_and(|frame| frame.reserve > 0));
        let (behind, at) = if grows { (numbers, most.private) } else { (0, 0) };
        let keys: Vec<Key> = self.functions.keys().copied().collect();
        for key in keys {
            let above = used.get(&key).copied().unwrap_or_default();
            let end = match self.is_of_team(key) {
                true => Function::TEAM_MEMORY.wrapping_add(most.of_team.wrapping_sub(above.of_team)),
                false => Function::PRIVATE_MEMORY.wrapping_add((private - behind).wrapping_sub(above.private)),
            };
            if let Some(frame) = self.functions.get_mut(&key).and_then(|function| function.frame.as_mut()) {
                frame.end = end;
            }
        }
        (self.private_memory, self.team_memory) = (private, most.of_team);
        let end = |forker: Key| self.functions[&forker].frame.map_or(0, |frame| frame.end);
        let ends: BTreeMap<u32, u32> = self.forkers().map(|(function, forker)| (function, end(forker))).collect();
        for ((index, _), function) in &mut self.functions {
            function.forker_end = ends.get(index).copied().unwrap_or(0);
            function.thread_numbers = Function::PRIVATE_MEMORY.wrapping_add(at);
        }
        private.max(most.of_team)
    }

    /// Who forks microtasks, and who generates the tasks that functions are the code of, by the microtask or the function: whose frame they
    /// mean by [`Place::Forker`].
    pub fn forkers(&self) -> impl Iterator<Item = (u32, Key)> {
        let forkers = self.given.iter().map(|(microtask, given)| (*microtask, given.forker));
        forkers.chain(self.tasks.iter().map(|(code, (by, _))| (*code, *by)))
    }

    /// Whether a function's frame is in the team's memory.
    fn is_of_team(&self, (_, role): Key) -> bool {
        self.has_team_memory && role.is_of_team()
    }

    /// The function that the kernel is.
    pub fn entry(&self) -> &Function {
        &self.functions[&self.entry]
    }

    pub fn is_region(&self) -> bool {
        self.entry.1 == Role::Microtask || self.is_league()
    }

    /// Whether it asks for one of these numbers.
    pub fn asks_for(&self, numbers: &[Number]) -> bool {
        let mut found = false;
        for function in self.functions.values() {
            visit::for_each_stmt(&function.body, &mut |stmt| {
                found |= matches!(stmt, Stmt::Number { of, .. } if numbers.contains(of));
            });
        }
        found
    }

    /// Whether it is a league whose teams fork parallel regions.
    pub fn is_league(&self) -> bool {
        self.entry.1.is_league()
    }

    /// A microtask shares one loop, and reduces once at most, into an accumulator that work-groups have room for.
    fn check_microtask(&self, key: Key) -> Result<(), Reason> {
        let (mut loops, mut reductions, mut is_distribute) = (0, 0, false);
        let microtask = &self.functions[&key];
        visit::for_each_stmt(&microtask.body, &mut |stmt| {
            loops += usize::from(matches!(stmt, Stmt::StaticInit(_) | Stmt::DispatchInit(_)));
            reductions += usize::from(matches!(stmt, Stmt::Reduce { .. }));
            is_distribute |= matches!(stmt, Stmt::StaticInit(bounds) if bounds.is_distribute);
        });
        let refuse = |why: &str| Err(Reason::Module(why.to_owned()));
        let of_team = [Number::Team, Number::Teams, Number::Thread, Number::Threads, Number::Limit];
        let is_nested = self.order.iter().any(|(_, role)| matches!(role, Role::Serial(_)));
        let is_of_league = self.asks_for(&of_team) || is_distribute && (is_nested || self.asks_for(&[Number::Level]));
        if !self.is_league() && is_of_league {
            return Err(Reason::TeamNumber);
        }
        // The last work-item, which executes it once more, does what a team does: that may be nothing but to find out its part.
        let is_of_league = self.is_league() && key == self.entry;
        match (loops, reductions) {
            (0, 0) => refuse("it has no loop to share"),
            (0, _) if !is_of_league => refuse("it has no loop to share"),
            (0 | 1, 0 | 1) if analysis::worksharing::has_effects_beside(self, key) => {
                refuse("it changes memory beside its loop")
            }
            (0 | 1, 0 | 1) if microtask.accumulator_size().is_some_and(|bytes| bytes > MAX_ACCUMULATOR) => {
                refuse("its reductions have too many variables")
            }
            (0 | 1, 0 | 1) if self.has_calling_combiner() => refuse("its reductions call functions"),
            (0 | 1, 0 | 1) => Ok(()),
            (0 | 1, _) => refuse("it reduces more than once"),
            _ => refuse("it has several loops to share"),
        }
    }
}

/// Bytes of each memory.
#[derive(Clone, Copy, Default)]
struct Used {
    private: u32,
    of_team: u32,
}

impl Used {
    /// The more of each.
    fn max(self, other: Self) -> Self {
        Self { private: self.private.max(other.private), of_team: self.of_team.max(other.of_team) }
    }
}

/// What there are several ways for, which turn out to be none one after the other.
#[derive(Default)]
struct Choices {
    /// The microtasks that are for members of a team.
    members: BTreeSet<u32>,
    /// Whether the team's variables are in its memory, so that members may change them, or each member has its own.
    has_team_memory: bool,
    /// Functions that are the code of tasks of several functions.
    shared_tasks: BTreeSet<u32>,
    /// Functions that combine their private copies with the originals themselves.
    combining: BTreeSet<u32>,
}

impl Choices {
    /// Lets the function whose reduction may be the obstacle combine its private copies itself; whether that is new.
    fn combines_instead(&mut self, module: &Module, reason: &Reason, chain: &[Key]) -> bool {
        let is_of_frames = matches!(
            reason,
            Reason::EscapingFrame | Reason::OverlappingFrame | Reason::VariableFrame | Reason::Module(_)
        );
        let may_reduce = |role: &Role| matches!(role, Role::Microtask | Role::Member | Role::League);
        let innermost = chain.iter().rev().find(|(_, role)| may_reduce(role)).filter(|_| is_of_frames);
        innermost.is_some_and(|(function, _)| {
            module.calls(*function, openmp::is_reduction) && self.combining.insert(*function)
        })
    }
}

/// A program that is growing.
struct Closure<'m> {
    module: &'m Module,
    mathematics: Mathematics,
    choices: &'m mut Choices,
    program: Program,
    /// For what splits variables.
    splitting: Budget,
    /// Calls that lead to what is being added; after a refusal, to the obstacle.
    chain: Vec<Key>,
}

/// Whether a function has atomic operations that compare before they exchange, in one memory or another, as in code that was not optimised: the
/// members of a team would have to meet in each of the ways, and compilers take minutes for that.
fn exchanges_somewhere(function: &Function) -> bool {
    let mut found = false;
    visit::for_each_part(&function.body, &mut |part| {
        found |= matches!(part, Expr::Operation(operation)
            if operation.memory == Memory::Either && operation.op.name().contains("cmpxchg"));
    });
    found
}

/// The microtasks that a function forks, and what they are given.
fn forked(function: &Function) -> Vec<(u32, &[Expr])> {
    let mut forked = Vec::new();
    visit::for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::Fork { microtask, arguments, .. } = stmt {
            forked.push((*microtask, &arguments[..]));
        }
    });
    forked
}

/// The calls of the code of tasks that a function generates, and which tasks those are, if that is known.
fn generated(function: &Function) -> Vec<(u32, Option<Generated>)> {
    let mut generated = Vec::new();
    visit::for_each_stmt(&function.body, &mut |stmt| {
        if let Stmt::Call { function: code, arguments, .. } = stmt
            && function.tasks.iter().any(|(known, _)| known == code)
        {
            let is_it = |task: &Generated| arguments.get(1) == Some(&Expr::Address(task.place));
            let task = function.tasks.iter().find(|(known, task)| known == code && is_it(task));
            generated.push((*code, task.and_then(|(_, task)| task.for_callee())));
        }
    });
    generated
}

impl Closure<'_> {
    fn add(&mut self, key: Key) -> Result<(), Reason> {
        let (function, role) = key;
        if self.program.functions.contains_key(&key) {
            return if self.program.order.contains(&key) { Ok(()) } else { Err(Reason::Recursion) };
        }
        self.chain.push(key);
        if self.chain.len() > MAX_DEPTH {
            return Err(Reason::Depth);
        }
        if let Some((module, name)) = self.module.import(function) {
            return Err(Reason::HostCall(module.clone(), name.clone()));
        }
        if role == Role::Combiner && !self.module.signature(function).is_some_and(Signature::is_combiner) {
            return Err(Reason::Module("its type is not (i32, i32) -> ()".to_owned()));
        }
        let depth = self.chain.len();
        let mut lifted = self.lift(key, Frames::Variables);
        for (frames, is_variable) in [(Frames::Private, false), (Frames::Growing, true)] {
            let fits = match &lifted {
                Err(Reason::EscapingFrame | Reason::OverlappingFrame) => !is_variable,
                Err(Reason::VariableFrame) => is_variable,
                _ => false,
            };
            if fits && role.may_have_frame() && self.chain.len() == depth {
                lifted = self.lift(key, frames);
            }
        }
        let lifted = lifted?;
        let combiner = lifted.combiner();
        if self.mathematics == Mathematics::Device && self.module.is_contracted(function) {
            self.program.contracted.insert(function);
        }
        let callees: Vec<Key> = lifted.callees.iter().map(|callee| (*callee, lifted.role_of(*callee, role))).collect();
        let microtasks: BTreeSet<u32> = forked(&lifted).into_iter().map(|(microtask, _)| microtask).collect();
        self.note_given(key, &lifted)?;
        self.note_tasks(key, &lifted)?;
        self.program.functions.insert(key, lifted);
        for callee in callees {
            self.add(callee)?;
        }
        for microtask in microtasks {
            let is_for_members = self.choices.members.contains(&microtask);
            self.add((microtask, if is_for_members { Role::Member } else { Role::Microtask }))?;
        }
        if (role == Role::Microtask || role.is_league()) && combiner.is_some() {
            self.add((function, Role::LastMicrotask))?;
        }
        self.program.order.push(key);
        self.chain.pop();
        Ok(())
    }

    /// Notes what a function gives to the microtasks that it forks.
    fn note_given(&mut self, forker: Key, function: &Function) -> Result<(), Reason> {
        for (microtask, arguments) in forked(function) {
            let place = |argument: &Expr| match argument {
                Expr::Address(Place::Frame(at)) => Some(Place::Forker(*at)),
                _ => None,
            };
            let places: Vec<_> = arguments.iter().map(place).collect();
            let is_lifted = [Role::Microtask, Role::Member]
                .iter()
                .any(|role| self.program.functions.contains_key(&(microtask, *role)));
            let known = self.program.given.entry(microtask).or_insert_with(|| Given { forker, places: places.clone() });
            for (known_place, place) in known.places.iter_mut().zip(places) {
                let is_same = known.forker == forker && *known_place == place;
                if !is_same && known_place.is_some() && is_lifted {
                    return Err(Reason::Module("several functions fork one parallel region".to_owned()));
                }
                *known_place = known_place.filter(|_| is_same);
            }
        }
        Ok(())
    }

    /// Notes the tasks that a function generates.
    fn note_tasks(&mut self, by: Key, function: &Function) -> Result<(), Reason> {
        for (code, task) in generated(function) {
            if self.choices.shared_tasks.contains(&code) {
                continue;
            }
            let (known_by, known) = self.program.tasks.entry(code).or_insert((by, task));
            if *known_by == by && *known == task {
                continue;
            }
            let is_lifted = self.program.functions.keys().any(|(function, _)| *function == code);
            if is_lifted && known.is_some() {
                self.choices.shared_tasks.insert(code);
                return Err(Reason::Module("several functions generate one task".to_owned()));
            }
            *known = None;
        }
        Ok(())
    }

    /// Lifts a function, and what combines its private copies.
    fn lift(&mut self, key: Key, frames: Frames) -> Result<Function, Reason> {
        let (function, role) = key;
        let Program { entry, given, tasks, sites, .. } = &mut self.program;
        let given = given.get(&function).filter(|_| role.is_microtask()).map_or(&[][..], |given| &given.places);
        let task = tasks.get(&function).filter(|_| role == role.of_callees()).and_then(|(_, task)| *task);
        let combines = self.choices.combining.contains(&function);
        let lifting = Lifting { mathematics: self.mathematics, frames, given, entry: entry.1, task, combines };
        let mut lifted = lift(self.module, function, role, lifting, sites)?;
        for combiner in lifted.combiners().into_iter().map(|combiner| (combiner, Role::Combiner)) {
            self.add(combiner)?;
            lifted.accumulated.extend(self.program.functions[&combiner].accumulated.clone());
        }
        match frames {
            Frames::Variables => frame::make_slots(&mut lifted, role)?,
            Frames::Private => frame::use_private_memory(&mut lifted, role, 0, &mut self.program.sites)?,
            Frames::Growing => frame::use_private_memory(&mut lifted, role, MAX_RESERVE, &mut self.program.sites)?,
        }
        webs::split(&mut lifted, &mut self.splitting);
        if matches!(role, Role::Microtask | Role::LastMicrotask) {
            clamp::mark_clamp(&mut lifted);
        }
        Ok(lifted)
    }
}
