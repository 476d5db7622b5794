//! The models of tasks, with as many switches between threads as can be tried in some seconds; and for each of them the faults that it finds,
//! as an assertion that does not hold, a data race, or threads that all wait.

use omp2wasi_models::tasks::barrier::{Fault as InBarrier, Region, Step::Barrier, Step::Defer, Step::Help, barriers};
use omp2wasi_models::tasks::dependences::{self, Fault as InDependences};
use omp2wasi_models::tasks::deque::{self, Fault as InDeque};
use omp2wasi_models::tasks::event::completed_by_its_event;
use omp2wasi_models::tasks::execute::{self, Fault as InCounts};
use omp2wasi_models::tasks::memory::{Fault as InMemory, blocks_come_back};
use omp2wasi_models::tasks::wait::{Fault as InWait, idle_threads};

/// For each fault a test that panics.
macro_rules! found {
    ($($name:ident: $run:expr;)*) => {
        $(#[test]
        #[should_panic]
        fn $name() {
            $run;
        })*
    };
}

mod the_deque {
    use super::*;

    #[test]
    fn each_task_once() {
        deque::each_task_once(&[2], InDeque::None, 4);
        deque::each_task_once(&[1, 1], InDeque::None, 3);
    }

    #[test]
    fn descendants_only() {
        deque::descendants_only(InDeque::None, 4);
    }

    found! {
        looks_first: deque::each_task_once(&[2], InDeque::LooksFirst, 3);
        less_than_consistent: deque::each_task_once(&[2], InDeque::LessThanConsistent, 3);
        relaxed: deque::each_task_once(&[2], InDeque::Relaxed, 3);
        stores: deque::each_task_once(&[2], InDeque::Stores, 3);
        looks_at_record_first: deque::descendants_only(InDeque::LooksAtRecordFirst, 3);
    }
}

mod falling_asleep {
    use super::*;

    #[test]
    fn one_thread() {
        idle_threads(1, false, false, InWait::None, 4);
        idle_threads(1, true, false, InWait::None, 4);
    }

    #[test]
    fn two_threads() {
        idle_threads(2, false, true, InWait::None, 3);
        idle_threads(2, true, true, InWait::None, 2);
    }

    found! {
        notifies_first: idle_threads(1, false, false, InWait::NotifiesFirst, 3);
        counts_late: idle_threads(1, false, false, InWait::CountsLate, 3);
        reads_event_late: idle_threads(1, false, false, InWait::ReadsEventLate, 3);
        release_only: idle_threads(1, false, false, InWait::ReleaseOnly, 3);
        sleeps_though_late: idle_threads(2, false, true, InWait::SleepsThoughLate, 3);
        ends_call: idle_threads(2, false, true, InWait::EndsCall, 3);
        leaves_call: idle_threads(2, false, true, InWait::LeavesCall, 3);
        takes_back_first: idle_threads(1, false, false, InWait::TakesBackFirst, 3);
    }
}

mod counts_of_children {
    use super::*;

    #[test]
    fn children() {
        execute::children_elsewhere(false, 0, InCounts::None, 3);
        execute::children_elsewhere(true, 0, InCounts::None, 3);
    }

    #[test]
    fn counts_that_wrap_around() {
        execute::children_elsewhere(false, u32::MAX, InCounts::None, 3);
    }

    #[test]
    fn grandchildren() {
        execute::grandchildren_elsewhere(InCounts::None, 2);
    }

    #[test]
    fn events() {
        completed_by_its_event(0, InCounts::None, 3);
        completed_by_its_event(1, InCounts::None, 3);
        completed_by_its_event(2, InCounts::None, 2);
    }

    found! {
        closes_first: execute::children_elsewhere(false, 0, InCounts::ClosesFirst, 2);
        no_subtraction: execute::children_elsewhere(false, 0, InCounts::NoSubtraction, 2);
        relaxed: execute::children_elsewhere(false, 0, InCounts::Relaxed, 2);
        ignores_closed: execute::children_elsewhere(true, 0, InCounts::IgnoresClosed, 2);
        runs_over: execute::children_elsewhere(false, u32::MAX, InCounts::RunsOver, 2);
        keeps_thread: completed_by_its_event(1, InCounts::KeepsThread, 2);
        event_in_two_steps: completed_by_its_event(1, InCounts::EventInTwoSteps, 2);
        event_relaxed: completed_by_its_event(1, InCounts::EventRelaxed, 2);
    }
}

mod dependences_of_tasks {
    use super::*;

    #[test]
    fn released_once() {
        dependences::released_once(InDependences::None, 5);
        dependences::two_predecessors(InDependences::None, 4);
    }

    #[test]
    fn a_thread_that_waits() {
        dependences::a_thread_that_waits(InDependences::None, 5);
    }

    found! {
        adds_to_any_use: dependences::released_once(InDependences::AddsToAnyUse, 2);
        ignores_use: dependences::released_once(InDependences::IgnoresUse, 2);
        counts_late: dependences::released_once(InDependences::CountsLate, 2);
        relaxed_add: dependences::released_once(InDependences::RelaxedAdd, 2);
        relaxed_decrement: dependences::two_predecessors(InDependences::RelaxedDecrement, 2);
        no_count_for_itself: dependences::two_predecessors(InDependences::NoCountForItself, 2);
        reads_late: dependences::a_thread_that_waits(InDependences::ReadsLate, 2);
    }
}

mod memory_of_tasks {
    use super::*;

    #[test]
    fn blocks() {
        blocks_come_back(InMemory::None, 3);
    }

    found! {
        relaxed_return: blocks_come_back(InMemory::RelaxedReturn, 2);
        relaxed_fetch: blocks_come_back(InMemory::RelaxedFetch, 2);
        fetch_in_two_steps: blocks_come_back(InMemory::FetchInTwoSteps, 2);
        touches_late: blocks_come_back(InMemory::TouchesLate, 2);
    }
}

mod barriers_with_tasks {
    use super::*;

    const NO_TASKS: &[Region] = &[(false, &[&[Barrier(0), Barrier(0)], &[Barrier(0), Barrier(0)]])];
    const BEFORE_FIRST: &[Region] = &[(false, &[&[Barrier(1), Barrier(1)], &[Defer(0), Barrier(1), Barrier(1)]])];
    const BEFORE_SECOND: &[Region] = &[(false, &[&[Barrier(0), Barrier(1)], &[Barrier(0), Defer(0), Barrier(1)]])];
    const BEFORE_BOTH: &[Region] =
        &[(false, &[&[Barrier(1), Defer(1), Barrier(2)], &[Defer(0), Barrier(1), Barrier(2)]])];
    const WITH_HELP: &[Region] =
        &[(false, &[&[Barrier(1), Defer(1), Help(1), Barrier(2)], &[Defer(0), Barrier(1), Barrier(2)]])];
    const FROM_THE_START: &[Region] =
        &[(true, &[&[Barrier(1), Defer(1), Barrier(2)], &[Defer(0), Barrier(1), Barrier(2)]])];
    const NO_MORE: &[Region] = &[(true, &[&[Barrier(0)], &[Barrier(0)]]), (false, &[&[Barrier(0)], &[Barrier(0)]])];
    const THREE: &[Region] = &[(false, &[&[Barrier(1)], &[Defer(0), Barrier(1)], &[Barrier(1)]])];

    /// Task 1 defers task 2.
    const CHILD: &[Option<u32>] = &[None, Some(2), None];

    fn two_threads(is_counting: bool, switches: usize) {
        barriers(is_counting, NO_TASKS, 2, &[], InBarrier::None, switches);
        barriers(is_counting, BEFORE_FIRST, 2, &[None], InBarrier::None, switches);
        barriers(is_counting, BEFORE_SECOND, 2, &[None], InBarrier::None, switches);
        barriers(is_counting, BEFORE_BOTH, 2, CHILD, InBarrier::None, switches);
        barriers(is_counting, WITH_HELP, 2, &[None, None], InBarrier::None, switches);
        barriers(is_counting, FROM_THE_START, 2, CHILD, InBarrier::None, switches);
        barriers(is_counting, NO_MORE, 2, &[], InBarrier::None, switches);
    }

    #[test]
    fn of_two_that_disseminate() {
        two_threads(false, 2);
    }

    #[test]
    fn of_two_that_count() {
        two_threads(true, 2);
    }

    #[test]
    fn of_three_that_disseminate() {
        barriers(false, THREE, 1, &[None], InBarrier::None, 1);
    }

    #[test]
    fn of_three_that_count() {
        barriers(true, THREE, 1, &[None], InBarrier::None, 1);
    }

    /// By hand: cargo test --release -p omp2wasi-models -- --ignored
    #[test]
    #[ignore = "takes long"]
    fn larger_bounds() {
        two_threads(false, 3);
        two_threads(true, 3);
        barriers(false, THREE, 1, &[None], InBarrier::None, 2);
        barriers(true, THREE, 1, &[None], InBarrier::None, 2);
    }

    found! {
        not_announced: barriers(false, BEFORE_FIRST, 2, &[None], InBarrier::NotAnnounced, 2);
        announced_late: barriers(false, BEFORE_FIRST, 2, &[None], InBarrier::AnnouncedLate, 2);
        wakes_nobody: barriers(false, WITH_HELP, 2, &[None, None], InBarrier::WakesNobody, 2);
        wakes_nobody_who_counts: barriers(true, WITH_HELP, 2, &[None, None], InBarrier::WakesNobody, 2);
        sets_flag: barriers(false, WITH_HELP, 2, &[None, None], InBarrier::SetsFlag, 2);
        arrives_unsettled: barriers(false, BEFORE_FIRST, 2, &[None], InBarrier::ArrivesUnsettled, 2);
        executes_behind: barriers(false, BEFORE_BOTH, 2, CHILD, InBarrier::ExecutesBehind, 2);
        keeps_flags: barriers(false, NO_MORE, 2, &[], InBarrier::KeepsFlags, 2);
        resets_late: barriers(true, NO_TASKS, 2, &[], InBarrier::ResetsLate, 2);
        notifies_nobody: barriers(false, BEFORE_FIRST, 2, &[None], InBarrier::NotifiesNobody, 2);
    }
}
