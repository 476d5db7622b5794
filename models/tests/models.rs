//! The models, each with as many switches between threads as can be tried in some seconds.

use omp2wasi_models::{end, fork_and_join, lock, turns};

#[test]
fn threads_that_take_turns() {
    turns(4);
}

#[test]
fn the_end_of_a_program() {
    end(3);
}

#[test]
fn one_worker_and_two_regions() {
    fork_and_join(1, &[2, 2], 3);
}

#[test]
fn a_worker_that_sits_a_region_out() {
    fork_and_join(1, &[1, 2], 3);
    fork_and_join(2, &[3, 2, 3], 1);
}

#[test]
fn two_workers() {
    fork_and_join(2, &[3, 3], 1);
}

#[test]
fn a_lock_that_is_never_granted() {
    lock(2, 2, 100, 3);
    lock(3, 1, 100, 2);
}

#[test]
fn a_lock_that_is_granted_at_once() {
    lock(2, 2, 0, 3);
    lock(3, 1, 0, 2);
}

#[test]
fn a_lock_that_is_granted_after_a_pass() {
    lock(2, 2, 1, 3);
    lock(3, 2, 1, 1);
}
