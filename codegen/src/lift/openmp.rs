//! The OpenMP runtime's entry points inside regions: on a device they are part of the kernel, not calls.
//!
//! A region's kernel runs its microtask for *virtual threads*, one for each iteration (or chunk) of the region's worksharing
//! loop, until one finds that there is none left for it; neighbouring work-items get neighbouring iterations.
//!
//! Reductions: each virtual thread's private copies go into its work-item's accumulator, by the function that clang emits to
//! combine two lists of pointers, and it is told that this is all. When all work-items are done, their accumulators are combined,
//! and one work-item runs the microtask once more, without iterations: its private copies are the totals then, and it is told to
//! combine them with the originals. (So a reducing microtask is lifted once for each of the two [`Role`]s: what it is told decides
//! which code is reached, and code that is not reached may well have no translation.)
//!
//! Long arrays have no accumulators: a virtual thread is told to combine its private copies with the originals by atomic operations, and has
//! many iterations.

use super::Lift;
use super::role::Role;
use crate::ir::visit;
use crate::ir::{Chunk, Combined, Dispatch, Expr, Function, LoopBounds, Number, Op, Operation, Place, Stmt, Ty};
use crate::refusal::Reason;
use crate::wasm::module::Signature;
use omp2wasi_abi::llvm::{entry_point, sched_type};
use std::collections::{HashMap, HashSet};

/// What a call means in a region.
enum Meaning {
    /// Nothing, and its result, if it has one, is 0.
    Nothing,
    StaticInit(LoopBounds),
    /// First and last value, and the chunk size, of a loop with a dynamic schedule.
    DispatchInit {
        lower: Expr,
        upper: Expr,
        chunk: Option<Expr>,
        is_ordered: bool,
    },
    DispatchNext(LoopBounds),
    /// How many private copies there are, where the list of pointers to them is, and the table index of the combiner.
    Reduce {
        count: u32,
        list: Place,
        combiner: u32,
    },
    /// What the first member has in its private copies the others get: the same.
    CopyPrivate {
        count: u32,
        list: Place,
        combiner: u32,
    },
    /// It is a constant.
    Answer(u32),
    /// A parallel region that has one thread begins, or ends.
    Serialized(bool),
    /// All members of the team wait for one another.
    Barrier,
    /// Whether the member has this number.
    IsThread(Expr),
    /// What is in memory is seen by others from here on.
    Flush,
    /// A critical section with a lock at this address begins.
    Critical(Expr),
    EndCritical,
    /// It asks for a number of the team.
    Number(Number),
    /// The one team of a league begins: its function, as [`Meaning::Fork`].
    Teams {
        function: u32,
        count: u32,
        words: Place,
    },
    /// How many members the next parallel region may have.
    NumThreads(Expr),
    /// The table index of a microtask, how many words it is given, and where those are.
    Fork {
        microtask: u32,
        count: u32,
        words: Place,
    },
}

/// Why a critical section has no translation.
pub(super) fn ends_elsewhere() -> Reason {
    Reason::Construct(entry_point::CRITICAL.to_owned(), "the critical section has its end in another block")
}

/// The meaning of a call in a microtask that members of a team execute, if that is another one than for virtual threads.
fn meaning_for_member(name: &str, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let zero = Expr::Const(Ty::I32, 0);
    match name {
        // The end of a reduction without a barrier, too: others may not reduce again before.
        entry_point::BARRIER | entry_point::END_REDUCE | entry_point::END_REDUCE_NOWAIT => Ok(Some(Meaning::Barrier)),
        entry_point::GLOBAL_THREAD_NUM => Ok(Some(Meaning::Number(Number::Thread))),
        entry_point::SINGLE | entry_point::MASTER => Ok(Some(Meaning::IsThread(zero))),
        entry_point::MASKED => Ok(arguments.get(2).cloned().map(Meaning::IsThread)),
        entry_point::END_SINGLE
        | entry_point::END_MASTER
        | entry_point::END_MASKED
        | entry_point::ORDERED
        | entry_point::END_ORDERED => Ok(Some(Meaning::Nothing)),
        entry_point::COPYPRIVATE => copy_private(name, arguments).map(Some),
        _ => Ok(None),
    }
}

/// The meaning of a call in what all members of a team execute alike, if that is another one than in a microtask.
///
/// `is_only_team` is whether the league has no other.
fn meaning_in_team(name: &str, arguments: &[Expr], role: Role, is_only_team: bool) -> Result<Option<Meaning>, Reason> {
    match name {
        entry_point::FORK_CALL => fork(name, arguments).map(Some),
        entry_point::FORK_TEAMS if is_only_team => match fork(name, arguments)? {
            Meaning::Fork { microtask, count, words } => Ok(Some(Meaning::Teams { function: microtask, count, words })),
            other => Ok(Some(other)),
        },
        entry_point::PUSH_NUM_TEAMS | entry_point::PUSH_NUM_TEAMS_51 if is_only_team => Ok(Some(Meaning::Nothing)),
        entry_point::PUSH_NUM_THREADS => Ok(arguments.get(2).cloned().map(Meaning::NumThreads)),
        entry_point::CRITICAL | entry_point::CRITICAL_WITH_HINT | entry_point::END_CRITICAL if is_only_team => {
            Ok(Some(Meaning::Nothing))
        }
        entry_point::CRITICAL | entry_point::CRITICAL_WITH_HINT | entry_point::END_CRITICAL => {
            Err(Reason::Construct(name.to_owned(), "teams cannot wait for one another"))
        }
        // Outside of a parallel region there is one thread.
        entry_point::REDUCE | entry_point::REDUCE_NOWAIT if role != Role::League => Ok(Some(Meaning::Answer(1))),
        entry_point::BARRIER => Ok(Some(Meaning::Nothing)),
        entry_point::SINGLE | entry_point::MASTER => Ok(Some(Meaning::Answer(1))),
        entry_point::END_SINGLE
        | entry_point::END_MASTER
        | entry_point::END_MASKED
        | entry_point::ORDERED
        | entry_point::END_ORDERED
        | entry_point::COPYPRIVATE => Ok(Some(Meaning::Nothing)),
        "omp_get_thread_num" => Ok(Some(Meaning::Answer(0))),
        "omp_get_num_threads" => Ok(Some(Meaning::Answer(1))),
        _ => Ok(None),
    }
}

/// Refuses what a function that a thread calls cannot do: its callers are not known to be all of the team, nor to be virtual threads.
fn check_called(name: &str) -> Result<(), Reason> {
    match loop_variable(name).0 {
        entry_point::FOR_STATIC_INIT
        | entry_point::DISPATCH_INIT
        | entry_point::DISPATCH_NEXT
        | entry_point::REDUCE
        | entry_point::REDUCE_NOWAIT => {
            Err(Reason::Construct(name.to_owned(), "it is in a function that a parallel region calls"))
        }
        _ => Ok(()),
    }
}

fn fork(name: &str, arguments: &[Expr]) -> Result<Meaning, Reason> {
    const MAX_WORDS: u128 = 256;
    match arguments {
        [_, Expr::Const(_, count), Expr::Const(_, microtask), Expr::Address(words)] if *count <= MAX_WORDS => {
            Ok(Meaning::Fork { microtask: *microtask as u32, count: *count as u32, words: *words })
        }
        [_, Expr::Const(_, 0), Expr::Const(_, microtask), _] => {
            Ok(Meaning::Fork { microtask: *microtask as u32, count: 0, words: Place::Frame(0) })
        }
        _ => Err(Reason::Construct(name.to_owned(), "what it forks is computed")),
    }
}

/// The meaning of a call, by the callee's name; `None` if it is an ordinary function.
fn meaning(name: &str, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    let (entry, ty, signed) = loop_variable(name);
    match entry {
        entry_point::FOR_STATIC_INIT => static_init(name, ty, signed, arguments),
        entry_point::DISPATCH_INIT => dispatch_init(name, arguments),
        entry_point::DISPATCH_NEXT => dispatch_next(name, ty, signed, arguments),
        entry_point::FOR_STATIC_FINI
        | entry_point::DISPATCH_FINI
        | entry_point::DISPATCH_DEINIT
        | entry_point::GLOBAL_THREAD_NUM
        | entry_point::END_REDUCE
        | entry_point::END_REDUCE_NOWAIT => Ok(Some(Meaning::Nothing)),
        entry_point::REDUCE | entry_point::REDUCE_NOWAIT => reduce(name, arguments),
        entry_point::FORK_CALL => fork(name, arguments).map(Some),
        entry_point::PUSH_NUM_THREADS | entry_point::PUSH_PROC_BIND => Ok(Some(Meaning::Nothing)),
        entry_point::SERIALIZED_PARALLEL => Ok(Some(Meaning::Serialized(true))),
        entry_point::END_SERIALIZED_PARALLEL => Ok(Some(Meaning::Serialized(false))),
        entry_point::FLUSH => Ok(Some(Meaning::Flush)),
        // Of code that was compiled with -fstack-protector: `unreachable` comes behind it.
        "__stack_chk_fail" => Ok(Some(Meaning::Nothing)),
        entry_point::CRITICAL | entry_point::CRITICAL_WITH_HINT => Ok(arguments.get(2).cloned().map(Meaning::Critical)),
        entry_point::END_CRITICAL => Ok(Some(Meaning::EndCritical)),
        "omp_get_team_num" => Ok(Some(Meaning::Number(Number::Team))),
        "omp_get_num_teams" => Ok(Some(Meaning::Number(Number::Teams))),
        "omp_get_device_num" => Ok(Some(Meaning::Number(Number::Device))),
        "omp_get_thread_num" => Ok(Some(Meaning::Number(Number::Thread))),
        "omp_get_num_threads" => Ok(Some(Meaning::Number(Number::Threads))),
        _ if name.starts_with(entry_point::COMPILER) => refuse("it needs other threads"),
        _ if name.starts_with(entry_point::ROUTINE) => refuse("it depends on the thread or team that calls it"),
        _ => Ok(None),
    }
}

/// An entry point that there is one of for each type of the loop variable, and that type.
fn loop_variable(name: &str) -> (&str, Ty, bool) {
    let types = [("4u", Ty::I32, false), ("8u", Ty::I64, false), ("4", Ty::I32, true), ("8", Ty::I64, true)];
    let found = types.into_iter().find_map(|(suffix, ty, signed)| Some((name.strip_suffix(suffix)?, ty, signed)));
    found.filter(|(entry, ..)| entry.ends_with('_')).unwrap_or((name, Ty::I32, true))
}

fn static_init(name: &str, ty: Ty, signed: bool, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    let [_, _, schedule, last, lower, upper, stride, step, chunk] = arguments else {
        return refuse("it is not LLVM's");
    };
    let (Expr::Const(_, schedule), Expr::Const(_, 1)) = (schedule, step) else {
        return refuse("the loop's schedule or step is computed");
    };
    let chunk = match *schedule as u32 & !sched_type::MODIFIERS {
        // Virtual threads are the teams of a region that shares its loop among those alone.
        // With `simd:` the chunks' size is one of vectors, and may be another one.
        sched_type::STATIC | sched_type::STATIC_BALANCED_CHUNKED | sched_type::DISTRIBUTE_STATIC => Chunk::Free,
        sched_type::STATIC_CHUNKED | sched_type::DISTRIBUTE_STATIC_CHUNKED if matches!(chunk, Expr::Const(_, 1)) => {
            Chunk::One
        }
        sched_type::STATIC_CHUNKED | sched_type::DISTRIBUTE_STATIC_CHUNKED => Chunk::Size(chunk.clone()),
        _ => return refuse("a schedule of another kind"),
    };
    let bounds = bounds(name, ty, signed, [last, lower, upper, stride], chunk)?;
    Ok(Some(Meaning::StaticInit(LoopBounds { is_distribute: is_distribute(*schedule as u32), ..bounds })))
}

/// Whether a schedule is one of loops that teams share.
fn is_distribute(schedule: u32) -> bool {
    [sched_type::DISTRIBUTE_STATIC, sched_type::DISTRIBUTE_STATIC_CHUNKED]
        .contains(&(schedule & !sched_type::MODIFIERS))
}

/// Where a loop has its bounds: last, lower, upper, stride.
fn bounds(name: &str, ty: Ty, signed: bool, addresses: [&Expr; 4], chunk: Chunk) -> Result<LoopBounds, Reason> {
    let place = |address: &Expr| match address {
        Expr::Address(place) => Ok(*place),
        _ => Err(Reason::Construct(name.to_owned(), "the loop's bounds are not on the stack")),
    };
    let [last, lower, upper, stride] = addresses;
    let places = [place(last)?, place(lower)?, place(upper)?, place(stride)?];
    Ok(LoopBounds { ty, signed, places, slots: None, chunk, is_distribute: false })
}

/// The standard leaves the order of chunks open: they are assigned like those of a static schedule.
fn dispatch_init(name: &str, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    let [_, _, schedule, lower, upper, step, chunk] = arguments else {
        return refuse("it is not LLVM's");
    };
    let (Expr::Const(_, schedule), Expr::Const(_, 1)) = (schedule, step) else {
        return refuse("the loop's schedule or step is computed");
    };
    let kind = *schedule as u32 & !sched_type::MODIFIERS;
    let is_ordered = (sched_type::ORDERED_FIRST..=sched_type::ORDERED_LAST).contains(&kind);
    let chunk = match kind - if is_ordered { sched_type::ORDERED_OFFSET } else { 0 } {
        sched_type::STATIC_CHUNKED if is_ordered => Some(chunk.clone()),
        sched_type::DYNAMIC_CHUNKED if !matches!(chunk, Expr::Const(_, 1)) => Some(chunk.clone()),
        sched_type::STATIC_CHUNKED..=sched_type::GUIDED_SIMD => None,
        _ => return refuse("a schedule of another kind"),
    };
    Ok(Some(Meaning::DispatchInit { lower: lower.clone(), upper: upper.clone(), chunk, is_ordered }))
}

fn dispatch_next(name: &str, ty: Ty, signed: bool, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let [_, _, last, lower, upper, stride] = arguments else {
        return Err(Reason::Construct(name.to_owned(), "it is not LLVM's"));
    };
    Ok(Some(Meaning::DispatchNext(bounds(name, ty, signed, [last, lower, upper, stride], Chunk::Free)?)))
}

fn copy_private(name: &str, arguments: &[Expr]) -> Result<Meaning, Reason> {
    match arguments {
        [_, _, Expr::Const(_, bytes), Expr::Address(list), Expr::Const(_, combiner), _]
            if *bytes <= 4 * MAX_VARIABLES =>
        {
            Ok(Meaning::CopyPrivate { count: *bytes as u32 / 4, list: *list, combiner: *combiner as u32 })
        }
        _ => Err(Reason::Construct(name.to_owned(), "it is not LLVM's, or has more than 64 variables")),
    }
}

/// What the runtime tells a thread that is to combine its private copies with the originals by atomic operations. clang has code for that
/// wherever it asks: critical sections where there is no such operation.
const BY_ATOMICS: u32 = 2;

/// How long chunks are that such threads ask for.
const DISPATCHED: u128 = 256;

/// Whether the runtime is asked there how to reduce.
pub(super) fn is_reduction(name: &str) -> bool {
    matches!(name, entry_point::REDUCE | entry_point::REDUCE_NOWAIT)
}

/// Variables of one reduction.
const MAX_VARIABLES: u128 = 64;

fn reduce(name: &str, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    match arguments {
        [_, _, Expr::Const(_, count), _, Expr::Address(list), Expr::Const(_, combiner), _]
            if *count <= MAX_VARIABLES =>
        {
            Ok(Some(Meaning::Reduce { count: *count as u32, list: *list, combiner: *combiner as u32 }))
        }
        _ => Err(Reason::Construct(name.to_owned(), "it is not LLVM's, or has more than 64 variables")),
    }
}

/// The lists of pointers that a function makes for the runtime: to the private copies of a microtask that reduces, and to what parallel
/// regions are given.
#[derive(Default)]
pub(super) struct Lists {
    /// Addresses of places that are stored at places: where, and which one, `None` if that differs.
    stored: HashMap<Place, Option<Place>>,
    /// Places of such addresses that a reduction has taken for its list.
    entries: HashSet<Place>,
    /// Places of constants and addresses that parallel regions are given.
    given: HashSet<Place>,
}

impl Lists {
    /// Notes that an address is stored at a place.
    pub fn store(&mut self, at: Place, pointer: Place) {
        let known = self.stored.entry(at).or_insert(Some(pointer));
        *known = known.filter(|known| *known == pointer);
    }

    /// The private copies that a list points to.
    fn privates(&mut self, list: Place, count: u32) -> Result<Vec<Place>, Reason> {
        let entries = (0..count as i32).map(|number| list.plus(number * 4));
        self.entries.extend(entries.clone());
        entries.map(|entry| self.stored.get(&entry).copied().flatten().ok_or(Reason::EscapingFrame)).collect()
    }

    /// Notes a word that a parallel region is given, and whose value is known.
    pub fn note_given(&mut self, at: Place) {
        self.given.insert(at);
    }

    /// Removes the stores of what parallel regions are given, where nobody else reads it.
    pub fn remove_given_from(&self, function: &mut Function) {
        let Some((lowest, highest)) = self.given.iter().min().zip(self.given.iter().max()) else { return };
        let is_near = |place: &Place| place.base() == lowest.base() && (lowest..=highest).contains(&place);
        let read = visit::words_read(&function.body);
        let mut escapes = false;
        visit::for_each_stmt(&function.body, &mut |stmt| {
            visit::for_each_expr_of(stmt, &mut |expr| {
                expr.any(&mut |part| {
                    match part {
                        Expr::Operation(access) => {
                            // What is accessed there at once is known; any other use of its address is not.
                            let others = access.operands.iter().skip(usize::from(access.offset.is_some()));
                            escapes |= others
                                .into_iter()
                                .any(|operand| matches!(operand, Expr::Address(place) if is_near(place)));
                        }
                        Expr::Address(place) if part == expr => escapes |= is_near(place),
                        _ => {}
                    }
                    false
                });
            });
        });
        if escapes {
            return;
        }
        let is_not_needed = |store: &Operation| {
            let words = store.frame_words();
            store.op == Op::I32Store
                && !store.operands[1].may_trap()
                && !words.is_empty()
                && words.iter().all(|word| self.given.contains(word) && !read.contains(word))
        };
        visit::retain(
            &mut function.body,
            &mut |stmt| !matches!(stmt, Stmt::Do(Expr::Operation(store)) if is_not_needed(store)),
        );
    }

    /// Removes the stores of lists, which are not needed once it is known what they point to.
    pub fn remove_from(&self, function: &mut Function) -> Result<(), Reason> {
        let place = |operation: &Operation| match operation.operands.first() {
            Some(Expr::Address(place)) => place.offset(operation.offset?),
            _ => None,
        };
        let is_entry = |stmt: &Stmt| {
            matches!(stmt, Stmt::Do(Expr::Operation(operation)) if operation.op == Op::I32Store
                && matches!(operation.operands[1], Expr::Address(_))
                && place(operation).is_some_and(|place| self.entries.contains(&place)))
        };
        // LLVM may use the same words for something else before, but nobody reads a list except the runtime.
        let (mut is_stored, mut is_read) = (false, false);
        visit::for_each_stmt(&function.body, &mut |stmt| {
            visit::for_each_expr_of(stmt, &mut |expr| {
                is_read |= is_stored
                    && expr.any(&mut |part| {
                        matches!(part, Expr::Operation(operation) if operation.op.is_load()
                            && operation.frame_words().iter().any(|word| self.entries.contains(word)))
                    });
            });
            is_stored |= is_entry(stmt);
        });
        visit::retain(&mut function.body, &mut |stmt| !is_entry(stmt));
        if is_read { Err(Reason::EscapingFrame) } else { Ok(()) }
    }
}

impl Lift<'_> {
    /// Whether a call is one of the OpenMP runtime in a region; if so, it is translated.
    pub(super) fn runtime_call(
        &mut self,
        function: u32,
        arguments: &[Expr],
        signature: &Signature,
    ) -> Result<bool, Reason> {
        if !self.role.is_region() {
            return Ok(false);
        }
        let name = self.module.function_name(function);
        if self.call_of_other_kind(&name, arguments, signature)? {
            return Ok(true);
        }
        if self.is_serial() && self.serial_call(loop_variable(&name), arguments)? {
            return Ok(true);
        }
        let in_team = match self.role {
            // There are no iterations that it would be forked in.
            Role::LastMicrotask if name == entry_point::FORK_CALL => Some(Meaning::Nothing),
            _ if self.combines && self.serialized == 0 && is_reduction(&name) => Some(Meaning::Answer(BY_ATOMICS)),
            Role::Member | Role::Joint => meaning_for_member(&name, arguments)?,
            Role::Called => check_called(&name).map(|()| None)?,
            Role::League if self.serialized > 0 && name.starts_with(entry_point::REDUCE) => Some(Meaning::Answer(1)),
            role if role.is_of_team() => meaning_in_team(&name, arguments, role, self.entry == Role::Target)?,
            _ => None,
        };
        let Some(meaning) = in_team.map_or_else(|| meaning(&name, arguments), |meaning| Ok(Some(meaning)))? else {
            return Ok(false);
        };
        self.translate(&name, meaning, signature).map(|()| true)
    }

    /// Translates a call that has a meaning.
    fn translate(&mut self, name: &str, meaning: Meaning, signature: &Signature) -> Result<(), Reason> {
        match meaning {
            Meaning::Nothing => self.stack.extend(signature.results.iter().map(|ty| Expr::Const(*ty, 0))),
            Meaning::StaticInit(bounds) => self.static_init(bounds),
            Meaning::DispatchInit { lower, upper, chunk, is_ordered } => {
                self.begin_dispatch(name, [lower, upper], chunk, is_ordered)?;
            }
            Meaning::DispatchNext(chunk) => {
                let dispatch = self.dispatch.clone();
                let dispatch = dispatch.ok_or_else(|| Reason::Module("a loop that is not dispatched".to_owned()))?;
                let result = self.new_var(Ty::I32);
                self.emit(Stmt::DispatchNext { dispatch, chunk, result });
                self.stack.push(Expr::Var(result));
            }
            Meaning::Reduce { count, list, combiner } => {
                let combiner = self.module.function_at(combiner).ok_or(Reason::IndirectCall(None))?;
                let privates = self.lists.privates(list, count)?;
                let by_members = self.role.is_of_members();
                let of = if by_members { Combined::Members } else { Combined::VirtualThreads };
                self.emit(Stmt::Reduce { privates, slots: Vec::new(), combiner, of });
                // 0: it has been done; 1: do it, you are alone.
                let told = u128::from(self.role == Role::LastMicrotask || by_members);
                self.stack.push(Expr::Const(Ty::I32, told));
            }
            Meaning::CopyPrivate { count, list, combiner } => {
                let combiner = self.module.function_at(combiner).ok_or(Reason::IndirectCall(None))?;
                let privates = self.lists.privates(list, count)?;
                self.emit(Stmt::Reduce { privates, slots: Vec::new(), combiner, of: Combined::First });
            }
            Meaning::Barrier => self.emit(Stmt::Barrier),
            Meaning::IsThread(number) => {
                let number = self.settled(number);
                let own = self.number(Number::Thread);
                self.stack.push(Expr::Operation(Operation::new(Op::I32Eq, vec![own, number])));
            }
            Meaning::Flush => self.emit(Stmt::Do(Expr::Operation(Operation::new(Op::AtomicFence, Vec::new())))),
            Meaning::Serialized(begins) => {
                // How many threads it might have had does not matter to others.
                self.num_threads = None;
                self.serialized = if begins { self.serialized + 1 } else { self.serialized.saturating_sub(1) };
            }
            Meaning::Critical(lock) => self.critical(&lock)?,
            Meaning::EndCritical => self.end_critical()?,
            Meaning::Answer(value) => self.constant(Ty::I32, value.into()),
            Meaning::Number(of) => {
                let number = self.number(of);
                self.stack.push(number);
            }
            Meaning::NumThreads(threads) => self.num_threads = Some(self.settled(threads)),
            Meaning::Fork { microtask, count, words } => self.fork(microtask, count, words)?,
            Meaning::Teams { function, count, words } => self.teams(function, count, words)?,
        }
        Ok(())
    }

    /// A loop asks for its iterations. Each virtual thread that combines its private copies itself gets many.
    fn static_init(&mut self, mut bounds: LoopBounds) {
        if self.combines && self.role == Role::Microtask && matches!(bounds.chunk, Chunk::Free) {
            bounds.chunk = Chunk::Many;
        }
        self.emit(Stmt::StaticInit(bounds));
    }

    /// A loop says which iterations there are.
    fn begin_dispatch(
        &mut self,
        name: &str,
        [lower, upper]: [Expr; 2],
        chunk: Option<Expr>,
        is_ordered: bool,
    ) -> Result<(), Reason> {
        let counts = self.role.is_of_threads();
        if is_ordered && !counts {
            return Err(Reason::Construct(name.to_owned(), "its iterations are ordered"));
        }
        let ty = self.ty(&lower);
        let (first, last) = (self.new_var(ty), self.new_var(ty));
        let is_to_be_long = self.combines && self.role == Role::Microtask;
        let chunk = chunk.or(is_to_be_long.then_some(Expr::Const(Ty::I32, DISPATCHED)));
        let (size, left) = (self.new_var(Ty::I64), self.new_var(if counts { Ty::I64 } else { Ty::I32 }));
        let is_ordered = is_ordered && self.role.is_of_members();
        let dispatch = Dispatch { lower, upper, chunk, first, last, size, left, is_ordered };
        self.dispatch = Some(dispatch.clone());
        self.emit(Stmt::DispatchInit(dispatch));
        Ok(())
    }

    /// Whether a call is one about tasks or allocators, asks for something, or is of a function that prints; if so, it is translated.
    fn call_of_other_kind(&mut self, name: &str, arguments: &[Expr], signature: &Signature) -> Result<bool, Reason> {
        Ok(self.task_call(name, arguments, signature)?
            || self.allocator_call(name, arguments)?
            || self.query(name, arguments)
            || self.printing_call(name, arguments, signature)?)
    }

    /// A critical section begins.
    fn critical(&mut self, lock: &Expr) -> Result<(), Reason> {
        let Expr::Const(_, lock) = lock else {
            return Err(Reason::Construct(entry_point::CRITICAL.to_owned(), "its lock is computed"));
        };
        let before = self.bodies.last().map_or(0, Vec::len);
        self.criticals.push((*lock as u32, self.bodies.len(), before));
        Ok(())
    }

    /// It ends: what has come since is inside.
    fn end_critical(&mut self) -> Result<(), Reason> {
        let (lock, depth, before) = self.criticals.pop().ok_or_else(ends_elsewhere)?;
        let is_same_block = depth == self.bodies.len();
        let outer = self.bodies.last_mut().filter(|outer| is_same_block && outer.len() >= before);
        let outer = outer.ok_or_else(ends_elsewhere)?;
        let body = outer.split_off(before);
        let mut shares = false;
        visit::for_each_stmt(&body, &mut |stmt| {
            shares |= matches!(stmt, Stmt::StaticInit(_) | Stmt::DispatchInit(_) | Stmt::DispatchNext { .. });
        });
        if visit::goes_outside(&body, None) || visit::has_barrier(&body) || shares {
            return Err(ends_elsewhere());
        }
        outer.push(Stmt::Critical { lock, body });
        Ok(())
    }

    /// The function of a league's one team, which is called.
    fn teams(&mut self, function: u32, count: u32, words: Place) -> Result<(), Reason> {
        let function = self.forked(function, count)?;
        self.call_microtask(function, count, words)
    }

    /// A parallel region: of the team, or of a thread.
    fn fork(&mut self, microtask: u32, count: u32, words: Place) -> Result<(), Reason> {
        let microtask = self.forked(microtask, count)?;
        if !self.role.is_of_team() {
            self.serialized += 1;
            let called = self.call_microtask(microtask, count, words);
            self.serialized -= 1;
            return called;
        }
        let arguments = (0..count as i32).map(|number| self.word(words.plus(4 * number))).collect();
        let threads = self.num_threads.take();
        self.emit(Stmt::Fork { microtask, arguments, captured: Vec::new(), threads });
        Ok(())
    }

    /// The microtask at a table index, which is given so many words.
    fn forked(&self, microtask: u32, count: u32) -> Result<u32, Reason> {
        let microtask = self.module.function_at(microtask).ok_or(Reason::IndirectCall(None))?;
        let is_microtask = self.module.signature(microtask).is_some_and(|signature| {
            signature.is_microtask() && signature.params.len() == count as usize + Role::Microtask.implied_parameters()
        });
        if !is_microtask {
            return Err(Reason::Module("it forks a function with another number of parameters".to_owned()));
        }
        Ok(microtask)
    }
}
