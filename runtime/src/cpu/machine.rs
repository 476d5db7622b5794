//! The machine that programs run on: its processors, and what they have in common.
//!
//! Invariant: a machine does not change while a program that runs on it lives; there is one for the whole OS process, unless the
//! embedder makes others, each of a part of the processors.

use crate::cpu::topology::{self, Domain, Procs};
use rustix::thread::{CpuSet, sched_getaffinity};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Processors that programs share: those that this OS process may use, or some of them.
///
/// ```
/// use omp2wasi_runtime::{Config, Machine};
/// // Two programs that do not get in each other's way.
/// let all = Machine::local();
/// let (some, others) = all.procs().split_at(all.procs().len() / 2);
/// let configs = [some, others].map(|procs| Config::default().machine(Machine::of(procs)));
/// # let _ = configs;
/// ```
#[derive(Debug)]
pub struct Machine {
    procs: Procs,
    /// Read when first asked for: few programs ask, and large machines have many files.
    cores: OnceLock<Vec<Procs>>,
    last_level_caches: OnceLock<Vec<Procs>>,
    numa_domains: OnceLock<Vec<Procs>>,
    sockets: OnceLock<Vec<Procs>>,
}

impl Machine {
    /// The machine of this OS process: the processors in the affinity mask of its first thread when this is first called. (The calling
    /// thread may be one of a program's, which is bound to a place.)
    #[must_use]
    pub fn local() -> Arc<Self> {
        static LOCAL: OnceLock<Arc<Machine>> = OnceLock::new();
        Arc::clone(LOCAL.get_or_init(|| Arc::new(Self::with(affinity_mask()))))
    }

    /// The part of the local machine that is these processors. Those that this OS process may not use are left out; if none is left,
    /// it is the whole of it.
    #[must_use]
    pub fn of(procs: &[usize]) -> Arc<Self> {
        let local = Self::local();
        let part: Procs = local.procs.iter().copied().filter(|proc| procs.contains(proc)).collect();
        if part.is_empty() { local } else { Arc::new(Self::with(part)) }
    }

    /// A machine with these processors, whether there are such or not.
    pub(crate) fn with(procs: Procs) -> Self {
        Self {
            procs,
            cores: OnceLock::new(),
            last_level_caches: OnceLock::new(),
            numa_domains: OnceLock::new(),
            sockets: OnceLock::new(),
        }
    }

    /// The processors, by the numbers that the operating system gives them, ascending. There is at least one.
    #[must_use]
    pub fn procs(&self) -> &[usize] {
        &self.procs
    }

    /// The processors by what they have in common.
    pub(crate) fn groups(&self, domain: Domain) -> &[Procs] {
        let groups = match domain {
            Domain::Core => &self.cores,
            Domain::LastLevelCache => &self.last_level_caches,
            Domain::Numa => &self.numa_domains,
            Domain::Socket => &self.sockets,
        };
        groups.get_or_init(|| topology::groups(Path::new("/sys"), &self.procs, domain))
    }
}

/// The processors that this OS process may use. Linux keeps a mask for each thread; the first one has the number of the process.
fn affinity_mask() -> Procs {
    match sched_getaffinity(Some(rustix::process::getpid())) {
        Ok(set) => (0..CpuSet::MAX_CPU).filter(|&proc| set.is_set(proc)).collect(),
        // More processors than the set has room for: all that the standard library knows of.
        Err(_) => (0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let local = Machine::local();
        let first = local.procs()[0];
        assert_eq!(Machine::of(&[first, usize::MAX]).procs(), [first]);
        assert_eq!(Machine::of(&[]).procs(), local.procs());
        assert!(Arc::ptr_eq(&local, &Machine::local()));
    }

    #[test]
    fn groups_are_partitions() {
        let local = Machine::local();
        for domain in [Domain::Core, Domain::LastLevelCache, Domain::Numa, Domain::Socket] {
            let mut procs: Procs = local.groups(domain).concat();
            procs.sort_unstable();
            assert_eq!(procs, local.procs(), "{domain:?}");
        }
    }
}
