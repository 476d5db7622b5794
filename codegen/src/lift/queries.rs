//! What programs ask the OpenMP runtime in target regions: internal control variables, levels, devices, the time.
//!
//! A device has no nested parallelism and no places, and does not adjust teams; so most answers are constants, the same as those of LLVM's runtime
//! for devices. A team may have as many threads as it has work-items: that is its thread limit, and what the next parallel region may have.
//!
//! Invariant: what is asked about the team makes a combined loop a league, whose teams are those that the answers are about.

use super::{Lift, Role};
use crate::ir::{Expr, Number, Op, Operation, Stmt, Ty};

/// An answer.
enum Answer {
    Constant(i32),
    Number(Number),
    /// In how many parallel regions it is.
    Level,
    /// Whether one of those has several threads.
    IsActive,
    /// Of the parallel region at this level: the thread's number, or how many threads the team has.
    ThreadAt(Expr),
    ThreadsAt(Expr),
}

/// The answer to a question, by the routine's name.
fn answer(name: &str, arguments: &[Expr]) -> Option<Answer> {
    let no_places = -1;
    Some(match (name, arguments) {
        ("omp_get_thread_limit" | "omp_get_max_threads" | "omp_get_num_procs", []) => Answer::Number(Number::Limit),
        ("omp_get_num_devices" | "omp_get_initial_device", []) => Answer::Number(Number::Devices),
        ("omp_get_default_device", []) => Answer::Number(Number::Device),
        ("omp_get_wtime", []) => Answer::Number(Number::Time),
        ("omp_in_final", []) => Answer::Number(Number::Final),
        ("omp_get_level", []) => Answer::Level,
        ("omp_in_parallel" | "omp_get_active_level", []) => Answer::IsActive,
        ("omp_get_ancestor_thread_num", [level]) => Answer::ThreadAt(level.clone()),
        ("omp_get_team_size", [level]) => Answer::ThreadsAt(level.clone()),
        // 0 is for what the implementation chooses.
        ("omp_get_max_teams" | "omp_get_teams_thread_limit", []) => Answer::Constant(0),
        ("omp_get_max_active_levels" | "omp_get_supported_active_levels", []) => Answer::Constant(1),
        ("omp_get_place_num", []) => Answer::Constant(no_places),
        (
            "omp_is_initial_device"
            | "omp_get_dynamic"
            | "omp_get_nested"
            | "omp_get_cancellation"
            | "omp_get_proc_bind"
            | "omp_get_num_places"
            | "omp_get_partition_num_places"
            | "omp_get_max_task_priority",
            [],
        )
        | ("omp_get_place_num_procs", [_]) => Answer::Constant(0),
        _ => return None,
    })
}

impl Lift<'_> {
    /// Whether a call asks the runtime for something; if so, it is translated.
    pub(super) fn query(&mut self, name: &str, arguments: &[Expr]) -> bool {
        let Some(answer) = answer(name, arguments) else { return false };
        let value = match answer {
            Answer::Constant(value) => word(value as u32),
            Answer::Number(of) => self.number(of),
            Answer::Level if self.is_asked_of_microtask() => {
                let outer = self.number(Number::Level);
                Expr::Operation(Operation::new(Op::I32Add, vec![outer, word(self.level() - 1)]))
            }
            Answer::Level => word(self.level()),
            Answer::IsActive if self.role.is_of_team() => word(0),
            Answer::IsActive if self.is_asked_of_microtask() => self.number(Number::Level),
            Answer::IsActive => {
                let threads = self.number(Number::Threads);
                Expr::Operation(Operation::new(Op::I32GtU, vec![threads, word(1)]))
            }
            Answer::ThreadAt(level) => self.at_level(level, Number::Thread, word(0)),
            Answer::ThreadsAt(level) => self.at_level(level, Number::Threads, word(1)),
        };
        self.stack.push(value);
        true
    }

    /// Whether the answer depends on what the kernel's microtask is: of a parallel region, or of a league whose teams share a loop.
    fn is_asked_of_microtask(&self) -> bool {
        self.entry == Role::Microtask
    }

    /// In how many parallel regions it is: nested ones, whose teams have one thread, included.
    fn level(&self) -> u32 {
        self.serialized + u32::from(self.role.depth()) + u32::from(!self.role.is_of_team())
    }

    /// A number that the device knows.
    pub(super) fn number(&mut self, of: Number) -> Expr {
        let result = self.new_var(if of == Number::Time { Ty::F64 } else { Ty::I32 });
        self.emit(Stmt::Number { result, of });
        Expr::Var(result)
    }

    /// The answer about the parallel region at a level: of the first one, or of others, which have one thread; -1 if there is none.
    fn at_level(&mut self, level: Expr, of_first: Number, of_others: Expr) -> Expr {
        let level = self.settled(level);
        let operation = |op, operands: [Expr; 2]| Expr::Operation(Operation::new(op, operands.to_vec()));
        let choice = |condition, [then, otherwise]: [Expr; 2]| {
            Expr::Operation(Operation::new(Op::Select, vec![then, otherwise, condition]))
        };
        let first = if self.role.is_of_team() { of_others.clone() } else { self.number(of_first) };
        let known = choice(operation(Op::I32Eq, [level.clone(), word(1)]), [first, of_others]);
        choice(operation(Op::I32LeU, [level, word(self.level())]), [known, word(-1i32 as u32)])
    }
}

fn word(value: u32) -> Expr {
    Expr::Const(Ty::I32, value.into())
}
