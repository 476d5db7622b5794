//! Thread affinity: a program's place list, and where the members of a team go (OpenMP 5.2, sections 10.1.3 and 21.1.6).
//!
//! Invariant: a place has at least one processor, and only processors of the machine.
//!
//! A program that says nothing gets the host's choice: a team that fits the processors gets one share of them for each
//! member, so that two members are never stacked on one processor, and a larger one is left to the operating system. Nested
//! teams are not bound unless the program asks.

use crate::cpu::machine::Machine;
use crate::cpu::topology::{Domain, Procs};
use rustix::thread::{CpuSet, Pid, sched_setaffinity};
use std::sync::Arc;

/// A program's partition of its machine into places.
pub(crate) struct Places {
    machine: Arc<Machine>,
    places: Vec<Procs>,
    /// The program binds its threads to them.
    binds: bool,
}

/// A value of `OMP_PLACES` that is no place list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoPlaces;

/// `omp_proc_bind_t`, as the shim passes it on; -1 is "the program says nothing".
mod proc_bind {
    /// The program says nothing.
    pub const DEFAULT: i32 = -1;
    /// `omp_proc_bind_false`: threads are not bound.
    pub const FALSE: i32 = 0;
    /// `omp_proc_bind_true`: threads are bound, as the host chooses.
    pub const TRUE: i32 = 1;
    /// `omp_proc_bind_primary`: all to the place of the primary thread.
    pub const PRIMARY: i32 = 2;
    /// `omp_proc_bind_close`: to places that follow one another.
    pub const CLOSE: i32 = 3;
}

/// What decides where the members of a team are bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BindingRequest {
    /// The policy: an `omp_proc_bind_t`, or -1 for the host's choice.
    pub proc_bind: i32,
    /// The number of members.
    pub size: usize,
    /// The place of the primary thread, if it is bound.
    pub primary_place: Option<usize>,
    /// How many regions enclose the team's.
    pub level: usize,
}

impl Places {
    /// The places that the values of `OMP_PLACES` and `OMP_PROC_BIND` ask for.
    ///
    /// # Errors
    /// When `OMP_PLACES` is no place list, or one without any of the machine's processors.
    pub(crate) fn new(
        machine: &Arc<Machine>,
        omp_places: Option<&str>,
        omp_proc_bind: Option<&str>,
    ) -> Result<Self, NoPlaces> {
        let binds = omp_proc_bind.map(|bind| !bind.trim().eq_ignore_ascii_case("false"));
        let places = match omp_places.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => parse(text, machine.procs(), |domain| machine.groups(domain).to_vec()).ok_or(NoPlaces)?,
            None if binds == Some(true) => machine.procs().iter().map(|&proc| vec![proc]).collect(),
            None => Vec::new(),
        };
        Ok(Self { machine: Arc::clone(machine), places, binds: binds != Some(false) })
    }

    /// No places: the members of teams get shares of the machine.
    pub(crate) fn none(machine: &Arc<Machine>) -> Self {
        Self { machine: Arc::clone(machine), places: Vec::new(), binds: false }
    }

    /// The place of the initial thread before its first region; that region moves it there.
    pub(crate) fn initial(&self) -> Option<usize> {
        (self.binds && !self.places.is_empty()).then_some(0)
    }

    /// The number of places (`omp_get_num_places`).
    pub(crate) fn num_places(&self) -> usize {
        self.places.len()
    }

    /// All processors that the program may use.
    pub(crate) fn procs(&self) -> &[usize] {
        self.machine.procs()
    }

    /// The processors of a place; none if there is no such place.
    pub(crate) fn place(&self, index: usize) -> &[usize] {
        self.places.get(index).map_or(&[], Vec::as_slice)
    }

    /// Whether the host chooses where the members of a team go.
    fn is_default(&self, bind: i32) -> bool {
        bind == proc_bind::DEFAULT || self.places.is_empty() && bind != proc_bind::FALSE
    }

    /// The place that member `index` of a team is bound to, if it is one.
    pub(crate) fn place_of(&self, request: &BindingRequest, index: usize) -> Option<usize> {
        let &BindingRequest { proc_bind: bind, size, primary_place, .. } = request;
        if bind == proc_bind::FALSE || self.is_default(bind) || index >= size {
            return None;
        }
        let count = self.places.len();
        let first = primary_place.unwrap_or(0);
        Some(match bind {
            proc_bind::PRIMARY => first,
            // One place after the other, as long as there are enough.
            proc_bind::CLOSE | proc_bind::TRUE if size <= count => (first + index) % count,
            // As far apart as possible; more threads than places are spread over all of them, whichever the policy.
            _ => (first + index * count / size) % count,
        })
    }

    /// Where the members of a team go.
    pub(crate) fn binding(&self, request: &BindingRequest) -> Binding {
        let &BindingRequest { proc_bind: bind, size, level, .. } = request;
        let procs = self.machine.procs();
        let is_shared = self.is_default(bind) && level == 0 && size <= procs.len() && size > 1;
        let procs_of = |index| match self.place_of(request, index) {
            Some(place) => self.places[place].clone(),
            None if is_shared => procs[index * procs.len() / size..(index + 1) * procs.len() / size].to_vec(),
            None => procs.to_vec(),
        };
        Binding { members: (0..size).map(|index| (self.place_of(request, index), procs_of(index))).collect() }
    }
}

/// Where each member of a team may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The place, if it is one, and its processors.
    members: Vec<(Option<usize>, Procs)>,
}

impl Binding {
    /// Binds the thread `tid` (0: the calling one) as member `index`.
    pub(crate) fn apply(&self, index: usize, tid: i32) {
        if let Some((_, procs)) = self.members.get(index) {
            bind_thread(tid, procs);
        }
    }

    /// The place of member `index`, if it is bound to one.
    pub(crate) fn place(&self, index: usize) -> Option<usize> {
        self.members.get(index)?.0
    }
}

/// Lets the thread `tid` (0: the calling one) run on these processors alone. Affinity is a wish: refusal changes nothing but speed.
pub(crate) fn bind_thread(tid: i32, procs: &[usize]) {
    let mut set = CpuSet::new();
    procs.iter().filter(|&&proc| proc < CpuSet::MAX_CPU).for_each(|&proc| set.set(proc));
    let _ = sched_setaffinity(Pid::from_raw(tid), &set);
}

/// The places of a list that names processors, or of an abstract name with an optional count: `threads`, `cores`, `ll_caches`,
/// `numa_domains`, `sockets`. None if it is neither, or nothing is left of it on these processors.
fn parse(text: &str, procs: &[usize], groups: impl Fn(Domain) -> Vec<Procs>) -> Option<Vec<Procs>> {
    let lower = text.to_ascii_lowercase();
    let (name, count) = match lower.split_once('(') {
        Some((name, count)) => (name.trim(), Some(count.strip_suffix(')')?.trim().parse().ok()?)),
        None => (lower.as_str(), None),
    };
    let abstract_places = match name {
        "threads" => Some(procs.iter().map(|&proc| vec![proc]).collect::<Vec<Procs>>()),
        "cores" => Some(groups(Domain::Core)),
        "ll_caches" => Some(groups(Domain::LastLevelCache)),
        "numa_domains" => Some(groups(Domain::Numa)),
        "sockets" => Some(groups(Domain::Socket)),
        _ => None,
    };
    if let Some(mut places) = abstract_places {
        places.truncate(count.unwrap_or(usize::MAX));
        return Some(places).filter(|places| !places.is_empty());
    }
    let mut parser = Parser { rest: &lower };
    let places = parser.places()?;
    let usable: Vec<Procs> = places
        .into_iter()
        .map(|place| place.into_iter().filter(|proc| procs.contains(proc)).collect::<Procs>())
        .filter(|place| !place.is_empty())
        .collect();
    (parser.rest.is_empty() && !usable.is_empty()).then_some(usable)
}

/// The grammar of explicit place lists: `{0,1},{2:4:2}` and `{0:2}:3:2` (place, number of places, distance).
struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn accept(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn number(&mut self) -> Option<usize> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().ok().filter(|&number| number < CpuSet::MAX_CPU)?;
        self.rest = self.rest[end..].trim_start();
        Some(number)
    }

    /// `first[:count[:stride]]`, after `first`.
    fn interval(&mut self) -> Option<(usize, usize)> {
        if !self.accept(':') {
            return Some((1, 1));
        }
        let count = self.number()?;
        let stride = if self.accept(':') { self.number()? } else { 1 };
        Some((count, stride))
    }

    fn places(&mut self) -> Option<Vec<Procs>> {
        let mut places = Vec::new();
        loop {
            let place = self.place()?;
            let (count, stride) = self.interval()?;
            for i in 0..count {
                places.push(place.iter().map(|proc| proc + i * stride).collect());
            }
            if !self.accept(',') {
                return Some(places);
            }
        }
    }

    fn place(&mut self) -> Option<Procs> {
        if !self.accept('{') {
            return Some(vec![self.number()?]);
        }
        let mut place = Vec::new();
        loop {
            let first = self.number()?;
            let (count, stride) = self.interval()?;
            place.extend((0..count).map(|i| first + i * stride));
            if !self.accept(',') {
                return self.accept('}').then_some(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if two neighbours had all in common.
    fn pairs(procs: &[usize]) -> Vec<Procs> {
        procs.chunks(2).map(<[usize]>::to_vec).collect()
    }

    #[test]
    fn place_lists() {
        let procs: Vec<usize> = (0..8).collect();
        for (text, expected) in [
            ("threads(2)", Some(vec![vec![0], vec![1]])),
            ("Cores(2)", Some(vec![vec![0, 1], vec![2, 3]])),
            ("sockets(0)", None),
            ("{0,1},{4}", Some(vec![vec![0, 1], vec![4]])),
            ("{0:2}:2:4", Some(vec![vec![0, 1], vec![4, 5]])),
            ("{0:4:2}", Some(vec![vec![0, 2, 4, 6]])),
            ("3, 5", Some(vec![vec![3], vec![5]])),
            ("{6:4}", Some(vec![vec![6, 7]])),
            ("{9}", None),
            ("{0", None),
            ("{0}}", None),
            ("porcelain", None),
        ] {
            assert_eq!(parse(text, &procs, |_| pairs(&procs)), expected, "{text}");
        }
    }

    #[test]
    fn each_abstract_name_is_its_domain() {
        for (name, expected) in [
            ("cores", Domain::Core),
            ("ll_caches", Domain::LastLevelCache),
            ("numa_domains", Domain::Numa),
            ("sockets", Domain::Socket),
        ] {
            let groups = |domain| if domain == expected { vec![vec![0]] } else { Vec::new() };
            assert_eq!(parse(name, &[0], groups), Some(vec![vec![0]]), "{name}");
        }
    }

    /// A program's places on a machine of 8 processors.
    fn places(text: &str) -> Places {
        let machine = Machine::with((0..8).collect());
        let places = parse(text, machine.procs(), |_| Vec::new()).unwrap_or_default();
        Places { machine: Arc::new(machine), places, binds: true }
    }

    fn request(proc_bind: i32, size: usize, primary_place: Option<usize>, level: usize) -> BindingRequest {
        BindingRequest { proc_bind, size, primary_place, level }
    }

    #[test]
    fn the_default_gives_each_member_a_share() {
        let places = places("");
        let binding = places.binding(&request(-1, 3, None, 0));
        assert_eq!(
            binding.members.iter().map(|member| member.1.clone()).collect::<Vec<_>>(),
            [vec![0, 1], vec![2, 3, 4], vec![5, 6, 7]]
        );
        assert!(places.binding(&request(-1, 9, None, 0)).members.iter().all(|member| member.1.len() == 8));
        assert!(places.binding(&request(-1, 2, None, 1)).members.iter().all(|member| member.1.len() == 8));
    }

    #[test]
    fn policies() {
        let places = places("threads");
        let where_to = |bind, size| {
            let binding = places.binding(&request(bind, size, Some(2), 0));
            assert_eq!(places.place_of(&request(bind, size, Some(2), 0), size), None);
            (0..size).map(|i| binding.place(i).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(where_to(2, 3), [2, 2, 2]);
        assert_eq!(where_to(3, 3), [2, 3, 4]);
        assert_eq!(where_to(4, 4), [2, 4, 6, 0]);
        assert_eq!(where_to(3, 16)[..4], [2, 2, 3, 3]);
    }
}
