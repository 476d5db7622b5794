//! The OpenMP runtime's entry points inside regions: on a device they are part of the kernel, not calls.
//!
//! A region's kernel runs its microtask for *virtual threads*, one for each iteration (or chunk) of the region's work-sharing
//! loop, until one finds that there is none left for it. Nobody has to know the number of iterations before, and neighbouring
//! work-items get neighbouring iterations.

use crate::instructions::Ty;
use crate::ir::{Expr, Iterations};
use crate::refusal::Reason;

/// Where a virtual thread's global thread number is, and its bound one: addresses that no frame has.
pub(crate) const THREAD_IDS: [i32; 2] = [1 << 24, (1 << 24) + 16];

/// What a call means in a region.
pub(crate) enum Meaning {
    /// Nothing, and its result, if it has one, is 0.
    Nothing,
    Iterations(Iterations),
}

/// Schedules of `__kmpc_for_static_init_*` (LLVM's kmp.h, `enum sched_type`), without their modifiers.
const STATIC_CHUNKED: u32 = 33;
const STATIC: u32 = 34;
const MODIFIERS: u32 = 1 << 29 | 1 << 30;

/// The meaning of a call, by the callee's name; `None` if it is an ordinary function.
pub(crate) fn meaning(name: &str, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    match name {
        "__kmpc_for_static_init_4" => iterations(name, Ty::I32, true, arguments),
        "__kmpc_for_static_init_4u" => iterations(name, Ty::I32, false, arguments),
        "__kmpc_for_static_init_8" => iterations(name, Ty::I64, true, arguments),
        "__kmpc_for_static_init_8u" => iterations(name, Ty::I64, false, arguments),
        "__kmpc_for_static_fini" | "__kmpc_global_thread_num" | "omp_is_initial_device" => Ok(Some(Meaning::Nothing)),
        _ if name.starts_with("__kmpc_reduce") => refuse("reductions on devices are not there yet"),
        _ if name.starts_with("__kmpc_dispatch_") => refuse("dynamic schedules on devices are not there yet"),
        _ if name.starts_with("__kmpc_") => refuse("it needs other threads"),
        _ if name.starts_with("omp_") => refuse("it depends on the thread that calls it"),
        _ => Ok(None),
    }
}

fn iterations(name: &str, ty: Ty, signed: bool, arguments: &[Expr]) -> Result<Option<Meaning>, Reason> {
    let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
    let [_, _, schedule, last, lower, upper, stride, step, chunk] = arguments else {
        return refuse("it is not LLVM's");
    };
    let (Expr::Frame(last), Expr::Frame(lower), Expr::Frame(upper), Expr::Frame(stride)) = (last, lower, upper, stride)
    else {
        return refuse("the loop's bounds are not on the stack");
    };
    let (Expr::Const(_, schedule), Expr::Const(_, 1)) = (schedule, step) else {
        return refuse("the loop's schedule or step is computed");
    };
    let chunk = match *schedule as u32 & !MODIFIERS {
        STATIC => None,
        // Chunks of one iteration are what each virtual thread gets anyway.
        STATIC_CHUNKED if matches!(chunk, Expr::Const(_, 1)) => None,
        STATIC_CHUNKED => Some(chunk.clone()),
        _ => return refuse("a schedule of another kind"),
    };
    Ok(Some(Meaning::Iterations(Iterations {
        ty,
        signed,
        last: *last,
        lower: *lower,
        upper: *upper,
        stride: *stride,
        chunk,
    })))
}
