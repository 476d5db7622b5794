//! Threads of the CPU: the machine's processors, teams that fork and join, independent iterations, and how all of them wait.
//!
//! Nothing here knows how a guest asks for it: that is `imports`. Only a [`member::Member`] keeps two things for those functions: the
//! buffer of its last `parallel_for`, so that the next one need not look it up, and what `omp2wasi.bind` has asked for.

pub(crate) mod detached;
mod dock;
pub(crate) mod independent;
pub(crate) mod instance_state;
pub(crate) mod kernel_call;
pub(crate) mod kernel_module;
pub(crate) mod machine;
pub(crate) mod member;
pub(crate) mod parking;
pub(crate) mod places;
pub(crate) mod stack;
pub(crate) mod table_kernel;
pub(crate) mod team;
pub(crate) mod threads;
mod topology;
pub(crate) mod wait;
