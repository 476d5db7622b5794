//! Which processors share a core, a cache, a memory and a socket, as Linux tells it below `/sys`.
//!
//! Invariant: the groups of a [`Domain`] are a partition of the processors that were asked about, whatever is there to read: each of
//! them is in exactly one group, nothing else is in any.
//!
//! Everything read is a *list* such as `0-3,8` in a file; processors with the same list are a group.
//!
//! | domain | files below `/sys/devices/system` | where they are missing |
//! |---|---|---|
//! | core | `cpu/cpuN/topology/core_cpus_list`, before Linux 5.3 `thread_siblings_list` | each processor is a core |
//! | socket | `cpu/cpuN/topology/package_cpus_list`, before Linux 5.3 `core_siblings_list` | one socket |
//! | last-level cache | `cpu/cpuN/cache/index*/shared_cpu_list` of the highest `level` that is no instruction cache | the socket |
//! | NUMA domain | `node/node*/cpulist` | the socket |
//!
//! A processor that is offline is in no list and cannot be used; one that is outside of this process's cpuset may be in lists, and
//! is left out of the groups. A NUMA node without processors is no domain.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A set of processors, by number, ascending.
pub(crate) type Procs = Vec<usize>;

/// What processors can have in common: the abstract places of OpenMP 5.2, section 21.1.6, without `threads`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Domain {
    Core,
    LastLevelCache,
    Numa,
    Socket,
}

/// The groups of `procs` of a kind, in the order of their first processors. `sys` is `/sys`, or what a test has instead.
pub(crate) fn groups(sys: &Path, procs: &[usize], domain: Domain) -> Vec<Procs> {
    let system = sys.join("devices/system");
    let nodes = if domain == Domain::Numa { numa_nodes(&system) } else { HashMap::new() };
    let mut groups: Vec<(Key, Procs)> = Vec::new();
    for &proc in procs {
        let cpu = system.join(format!("cpu/cpu{proc}"));
        let key = match domain {
            Domain::Core => core(&cpu).map_or(Key::Alone(proc), Key::List),
            Domain::Socket => socket(&cpu),
            Domain::LastLevelCache => last_level_cache(&cpu).map_or_else(|| socket(&cpu), Key::List),
            Domain::Numa => nodes.get(&proc).map_or_else(|| socket(&cpu), |node| Key::Node(*node)),
        };
        match groups.iter_mut().find(|(existing, _)| *existing == key) {
            Some((_, group)) => group.push(proc),
            None => groups.push((key, vec![proc])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What the processors of a group have in common.
#[derive(PartialEq, Eq)]
enum Key {
    /// The text of a list.
    List(String),
    /// A NUMA node, by its number.
    Node(usize),
    /// One processor of which nothing is known.
    Alone(usize),
    /// Everything of which nothing is known.
    Rest,
}

fn core(cpu: &Path) -> Option<String> {
    text(&cpu.join("topology/core_cpus_list")).or_else(|| text(&cpu.join("topology/thread_siblings_list")))
}

fn socket(cpu: &Path) -> Key {
    let list = text(&cpu.join("topology/package_cpus_list")).or_else(|| text(&cpu.join("topology/core_siblings_list")));
    list.map_or(Key::Rest, Key::List)
}

/// The list of processors that share the cache which is farthest from the processor.
fn last_level_cache(cpu: &Path) -> Option<String> {
    let caches = numbered(&cpu.join("cache"), "index").into_iter().filter_map(|(_, cache)| {
        let level: u32 = text(&cache.join("level"))?.parse().ok()?;
        let holds_data = text(&cache.join("type")).is_none_or(|kind| kind != "Instruction");
        holds_data.then_some((level, text(&cache.join("shared_cpu_list"))?))
    });
    caches.max_by_key(|(level, _)| *level).map(|(_, list)| list)
}

/// The NUMA node of each processor.
fn numa_nodes(system: &Path) -> HashMap<usize, usize> {
    let mut domains = HashMap::new();
    for (number, node) in numbered(&system.join("node"), "node") {
        let list = text(&node.join("cpulist")).and_then(|list| parse_list(&list)).unwrap_or_default();
        domains.extend(list.into_iter().map(|proc| (proc, number)));
    }
    domains
}

/// The entries of a folder whose names are this word and a number, by that number.
fn numbered(folder: &Path, word: &str) -> Vec<(usize, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        let number = entry.file_name().to_str()?.strip_prefix(word)?.parse().ok()?;
        Some((number, entry.path()))
    });
    let mut entries: Vec<_> = entries.collect();
    entries.sort_unstable();
    entries
}

/// A file's text, if there is any.
fn text(file: &Path) -> Option<String> {
    fs::read_to_string(file).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// No machine has processors with higher numbers; keeps a list that makes no sense from filling memory.
const MAX_PROCS: usize = 1 << 16;

/// A list such as `0-3,8`. None if it is malformed.
fn parse_list(list: &str) -> Option<Procs> {
    let mut procs = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (usize, usize) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        if last >= MAX_PROCS {
            return None;
        }
        procs.extend(first..=last);
    }
    Some(procs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `/sys` of a test's.
    struct Sys(tempfile::TempDir);

    impl Sys {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn file(&self, name: &str, text: &str) {
            let path = self.0.path().join("devices/system").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }

        fn cache(&self, proc: usize, index: usize, (level, kind): (u32, &str), shared: &str) {
            let cache = format!("cpu/cpu{proc}/cache/index{index}");
            self.file(&format!("{cache}/level"), &level.to_string());
            self.file(&format!("{cache}/type"), kind);
            self.file(&format!("{cache}/shared_cpu_list"), shared);
        }

        fn groups(&self, procs: impl IntoIterator<Item = usize>, domain: Domain) -> Vec<Procs> {
            groups(self.0.path(), &procs.into_iter().collect::<Vec<_>>(), domain)
        }
    }

    /// 2 sockets of 2 NUMA domains of 2 cores of 2 threads; the second threads of all cores are numbered after the first ones, as
    /// Linux does it. The last-level cache is the socket's.
    fn two_sockets() -> Sys {
        let sys = Sys::new();
        for proc in 0..16 {
            let core = proc % 8;
            let socket = if core < 4 { "0-3,8-11" } else { "4-7,12-15" };
            let topology = format!("cpu/cpu{proc}/topology");
            sys.file(&format!("{topology}/core_cpus_list"), &format!("{core},{}", core + 8));
            sys.file(&format!("{topology}/package_cpus_list"), socket);
            // An older kernel's name for the same thing must not be preferred.
            sys.file(&format!("{topology}/core_siblings_list"), "0-15");
            sys.cache(proc, 0, (1, "Data"), &format!("{core},{}", core + 8));
            sys.cache(proc, 1, (1, "Instruction"), &format!("{core},{}", core + 8));
            sys.cache(proc, 2, (3, "Unified"), socket);
            sys.cache(proc, 10, (2, "Unified"), &format!("{core},{}", core + 8));
        }
        for node in 0..4 {
            sys.file(
                &format!("node/node{node}/cpulist"),
                &format!("{}-{},{}-{}", 2 * node, 2 * node + 1, 2 * node + 8, 2 * node + 9),
            );
        }
        // Memory without processors, and what else lies there.
        sys.file("node/node4/cpulist", "");
        sys.file("node/online", "0-4");
        sys
    }

    #[test]
    fn sockets_with_several_numa_domains_and_smt() {
        let sys = two_sockets();
        let cores: Vec<Procs> = (0..8).map(|core| vec![core, core + 8]).collect();
        assert_eq!(sys.groups(0..16, Domain::Core), cores);
        let sockets = [vec![0, 1, 2, 3, 8, 9, 10, 11], vec![4, 5, 6, 7, 12, 13, 14, 15]];
        assert_eq!(sys.groups(0..16, Domain::Socket), sockets);
        assert_eq!(sys.groups(0..16, Domain::LastLevelCache), sockets);
        let domains = [vec![0, 1, 8, 9], vec![2, 3, 10, 11], vec![4, 5, 12, 13], vec![6, 7, 14, 15]];
        assert_eq!(sys.groups(0..16, Domain::Numa), domains);
    }

    #[test]
    fn processors_outside_of_the_cpuset_are_in_no_group() {
        let sys = two_sockets();
        assert_eq!(sys.groups([1, 2, 9], Domain::Core), [vec![1, 9], vec![2]]);
        assert_eq!(sys.groups([1, 2, 9], Domain::Numa), [vec![1, 9], vec![2]]);
        assert_eq!(sys.groups([1, 2, 9, 12], Domain::Socket), [vec![1, 2, 9], vec![12]]);
        assert_eq!(sys.groups([12, 2], Domain::LastLevelCache), [vec![12], vec![2]]);
        assert!(sys.groups([], Domain::Core).is_empty());
    }

    /// One socket and one NUMA domain, but a last-level cache for every 4 cores.
    #[test]
    fn caches_that_are_smaller_than_sockets() {
        let sys = Sys::new();
        for proc in 0..8 {
            sys.file(&format!("cpu/cpu{proc}/topology/core_cpus_list"), &proc.to_string());
            sys.file(&format!("cpu/cpu{proc}/topology/package_cpus_list"), "0-7");
            sys.cache(proc, 2, (2, "Unified"), &proc.to_string());
            sys.cache(proc, 3, (3, "Unified"), if proc < 4 { "0-3" } else { "4-7" });
        }
        sys.file("node/node0/cpulist", "0-7");
        assert_eq!(sys.groups(0..8, Domain::LastLevelCache), [vec![0, 1, 2, 3], vec![4, 5, 6, 7]]);
        assert_eq!(sys.groups(0..8, Domain::Numa), [(0..8).collect::<Procs>()]);
        assert_eq!(sys.groups(0..8, Domain::Socket), [(0..8).collect::<Procs>()]);
    }

    /// Processor 1 is offline: its folder has no topology, and no list has it.
    #[test]
    fn offline_processors() {
        let sys = Sys::new();
        sys.file("cpu/cpu1/online", "0");
        for proc in [0, 2, 3] {
            sys.file(&format!("cpu/cpu{proc}/topology/core_cpus_list"), if proc == 0 { "0" } else { "2-3" });
            sys.file(&format!("cpu/cpu{proc}/topology/package_cpus_list"), "0,2-3");
            sys.cache(proc, 0, (1, "Data"), if proc == 0 { "0" } else { "2-3" });
        }
        sys.file("node/node0/cpulist", "0,2-3");
        for domain in [Domain::Socket, Domain::Numa] {
            assert_eq!(sys.groups([0, 2, 3], domain), [[0, 2, 3]], "{domain:?}");
        }
        for domain in [Domain::Core, Domain::LastLevelCache] {
            assert_eq!(sys.groups([0, 2, 3], domain), [vec![0], vec![2, 3]], "{domain:?}");
        }
    }

    /// An old kernel without caches and nodes: what stands for them is the socket.
    #[test]
    fn old_names_and_missing_parts() {
        let sys = Sys::new();
        for proc in 0..4 {
            sys.file(&format!("cpu/cpu{proc}/topology/thread_siblings_list"), if proc < 2 { "0-1" } else { "2-3" });
            sys.file(&format!("cpu/cpu{proc}/topology/core_siblings_list"), if proc < 2 { "0-1" } else { "2-3" });
        }
        for domain in [Domain::Core, Domain::Socket, Domain::LastLevelCache, Domain::Numa] {
            assert_eq!(sys.groups(0..4, domain), [[0, 1], [2, 3]], "{domain:?}");
        }
    }

    #[test]
    fn nothing_to_read() {
        let sys = Sys::new();
        assert_eq!(sys.groups(0..3, Domain::Core), [[0], [1], [2]]);
        for domain in [Domain::Socket, Domain::LastLevelCache, Domain::Numa] {
            assert_eq!(sys.groups(0..3, domain), [[0, 1, 2]], "{domain:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_as_if_it_were_missing() {
        let sys = Sys::new();
        for proc in 0..2 {
            sys.file(&format!("cpu/cpu{proc}/topology/package_cpus_list"), "0-1");
            sys.cache(proc, 0, (1, "Data"), "");
            sys.file(&format!("cpu/cpu{proc}/cache/index1/level"), "third");
        }
        sys.file("node/node0/cpulist", "0-99999999999");
        sys.file("node/nodule/cpulist", "0");
        assert_eq!(sys.groups(0..2, Domain::LastLevelCache), [[0, 1]]);
        assert_eq!(sys.groups(0..2, Domain::Numa), [[0, 1]]);
    }

    #[test]
    fn lists() {
        for (list, procs) in [
            ("0", Some(vec![0])),
            ("0-2,5", Some(vec![0, 1, 2, 5])),
            ("4-3", Some(vec![])),
            ("", None),
            ("1-", None),
            ("x", None),
            ("0-99999999", None),
        ] {
            assert_eq!(parse_list(list), procs, "{list}");
        }
    }
}
