//! The OpenMP runtime's entry points inside regions: on a device they are part of the kernel, not calls.
//!
//! A region's kernel runs its microtask for *virtual threads*, one for each iteration (or chunk) of the region's work-sharing
//! loop, until one finds that there is none left for it; neighbouring work-items get neighbouring iterations.
//!
//! Reductions: each virtual thread's private copies go into its work-item's accumulator, by the function that clang emits to
//! combine two lists of pointers, and it is told that this is all. When all work-items are done, their accumulators are combined,
//! and one work-item runs the microtask once more, without iterations: its private copies are the totals then, and it is told to
//! combine them with the originals.

use crate::instructions::Ty;
use crate::ir::{Chunk, Expr, Iterations};
use crate::refusal::Reason;

/// Where a virtual thread's global thread number is, and its bound one: addresses that no frame has.
pub(crate) const THREAD_IDS: [i32; 2] = [1 << 24, (1 << 24) + 16];

/// Where the two lists of pointers of a combiner are, and what the pointers are: again addresses that no frame has.
const LISTS: i32 = 1 << 25;
const PRIVATES: i32 = 1 << 26;
/// From one list to the other, and from one private copy to the next.
const SIDE: i32 = 1 << 22;
const PRIVATE: i32 = 1 << 12;
/// So many private copies are between the sides.
const MAX_PRIVATES: i32 = SIDE / PRIVATE;

/// A combiner's parameters: into what, and what.
pub(crate) const COMBINED: [i32; 2] = [LISTS, LISTS + SIDE];

/// The pointer at an address, if that is in one of the lists.
pub(crate) fn listed(at: i64) -> Option<i32> {
    let at = i32::try_from(at).ok()?.checked_sub(LISTS)?;
    let (side, number) = (at / SIDE, at % SIDE / 4);
    (at >= 0 && side < 2 && at % 4 == 0 && number < MAX_PRIVATES).then(|| PRIVATES + side * SIDE + number * PRIVATE)
}

/// What of a combiner's private copies an address is: which side, which copy, how far into it.
pub(crate) fn private(at: i64) -> Option<(usize, usize, i32)> {
    let at = i32::try_from(at).ok()?.checked_sub(PRIVATES)?;
    (0..2 * SIDE).contains(&at).then_some(((at / SIDE) as usize, (at % SIDE / PRIVATE) as usize, at % PRIVATE))
}

/// What a function is lifted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    /// It is called, or a kernel.
    Function,
    /// It is the function of a teams region, to be looked at: addresses in its frame may go anywhere.
    Teams,
    /// It is a region's microtask, for virtual threads.
    Microtask,
    /// It is that, run once more to combine the totals of its reductions with the originals.
    LastMicrotask,
    /// It combines private copies.
    Combiner,
}

impl Role {
    /// Whether calls of the runtime mean what they mean on a device.
    pub fn is_region(self) -> bool {
        matches!(self, Self::Microtask | Self::LastMicrotask)
    }

    /// Addresses that its first two parameters have.
    pub fn parameters(self) -> Option<[i32; 2]> {
        match self {
            Self::Function => None,
            Self::Teams | Self::Microtask | Self::LastMicrotask => Some(THREAD_IDS),
            Self::Combiner => Some(COMBINED),
        }
    }
}

/// What a call means in a region.
pub(crate) enum Meaning {
    /// Nothing, and its result, if it has one, is 0.
    Nothing,
    Iterations(Iterations),
    /// First and last value, and the chunk size, of a loop with a dynamic schedule.
    Dispatch {
        lower: Expr,
        upper: Expr,
        chunk: Option<Expr>,
    },
    NextChunk(Iterations),
    /// How many private copies there are, the list of pointers to them in the frame, and the slot of the combiner.
    Reduce {
        count: u32,
        list: i32,
        combiner: u32,
    },
}

/// Schedules of `__kmpc_for_static_init_*` and `__kmpc_dispatch_init_*` (LLVM's kmp.h, `enum sched_type`), without their modifiers.
const STATIC_CHUNKED: u32 = 33;
const STATIC: u32 = 34;
const DYNAMIC_CHUNKED: u32 = 35;
const LAST_UNORDERED: u32 = 46;
const MODIFIERS: u32 = 1 << 29 | 1 << 30;

/// The meaning of a call, by the callee's name; `None` if it is an ordinary function.
pub(crate) fn meaning(name: &str, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    let (entry, ty, signed) = loop_variable(name);
    match entry {
        "__kmpc_for_static_init_" => iterations(name, ty, signed, arguments),
        "__kmpc_dispatch_init_" => dispatch(name, arguments),
        "__kmpc_dispatch_next_" => next_chunk(name, ty, signed, arguments),
        "__kmpc_for_static_fini"
        | "__kmpc_dispatch_fini_"
        | "__kmpc_dispatch_deinit"
        | "__kmpc_global_thread_num"
        | "__kmpc_end_reduce"
        | "__kmpc_end_reduce_nowait"
        | "omp_is_initial_device" => Ok(Some(Meaning::Nothing)),
        "__kmpc_reduce" | "__kmpc_reduce_nowait" => reduce(name, arguments),
        _ if name.starts_with("__kmpc_") => refuse("it needs other threads"),
        _ if name.starts_with("omp_") => refuse("it depends on the thread that calls it"),
        _ => Ok(None),
    }
}

/// An entry point that there is one of for each type of the loop variable, and that type.
fn loop_variable(name: &str) -> (&str, Ty, bool) {
    let types = [("4u", Ty::I32, false), ("8u", Ty::I64, false), ("4", Ty::I32, true), ("8", Ty::I64, true)];
    let found = types.into_iter().find_map(|(suffix, ty, signed)| Some((name.strip_suffix(suffix)?, ty, signed)));
    found.filter(|(entry, ..)| entry.ends_with('_')).unwrap_or((name, Ty::I32, true))
}

fn iterations(name: &str, ty: Ty, signed: bool, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    let [_, _, schedule, last, lower, upper, stride, step, chunk] = arguments else {
        return refuse("it is not LLVM's");
    };
    let (Expr::Const(_, schedule), Expr::Const(_, 1)) = (schedule, step) else {
        return refuse("the loop's schedule or step is computed");
    };
    let chunk = match *schedule as u32 & !MODIFIERS {
        STATIC => Chunk::Free,
        STATIC_CHUNKED if matches!(chunk, Expr::Const(_, 1)) => Chunk::One,
        STATIC_CHUNKED => Chunk::Size(chunk.clone()),
        _ => return refuse("a schedule of another kind"),
    };
    Ok(Some(Meaning::Iterations(bounds(name, ty, signed, [last, lower, upper, stride], chunk)?)))
}

/// Where a loop has its bounds: last, lower, upper, stride.
fn bounds(name: &str, ty: Ty, signed: bool, places: [&Expr; 4], chunk: Chunk) -> Result<Iterations, Reason> {
    match places {
        [Expr::Frame(last), Expr::Frame(lower), Expr::Frame(upper), Expr::Frame(stride)] => {
            Ok(Iterations { ty, signed, last: *last, lower: *lower, upper: *upper, stride: *stride, chunk })
        }
        _ => Err(Reason::Construct(name.to_owned(), "the loop's bounds are not on the stack")),
    }
}

/// The standard leaves the order of chunks open: they are dealt like those of a static schedule.
fn dispatch(name: &str, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    let [_, _, schedule, lower, upper, step, chunk] = arguments else {
        return refuse("it is not LLVM's");
    };
    let (Expr::Const(_, schedule), Expr::Const(_, 1)) = (schedule, step) else {
        return refuse("the loop's schedule or step is computed");
    };
    let chunk = match *schedule as u32 & !MODIFIERS {
        DYNAMIC_CHUNKED if !matches!(chunk, Expr::Const(_, 1)) => Some(chunk.clone()),
        STATIC_CHUNKED..=LAST_UNORDERED => None,
        _ => return refuse("a schedule of another kind"),
    };
    Ok(Some(Meaning::Dispatch { lower: lower.clone(), upper: upper.clone(), chunk }))
}

fn next_chunk(name: &str, ty: Ty, signed: bool, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let [_, _, last, lower, upper, stride] = arguments else {
        return Err(Reason::Construct(name.to_owned(), "it is not LLVM's"));
    };
    Ok(Some(Meaning::NextChunk(bounds(name, ty, signed, [last, lower, upper, stride], Chunk::Free)?)))
}

fn reduce(name: &str, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    match arguments {
        [_, _, Expr::Const(_, count), _, Expr::Frame(list), Expr::Const(_, combiner), _] if *count <= 64 => {
            Ok(Some(Meaning::Reduce { count: *count as u32, list: *list, combiner: *combiner as u32 }))
        }
        _ => refuse("it is not LLVM's, or has more than 64 variables"),
    }
}
