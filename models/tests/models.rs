//! The models, each with as many switches between threads as can be tried in some seconds.

use omp2wasi_models::{end, fork_and_join, turns};

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
