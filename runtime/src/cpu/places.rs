//! Thread affinity: the place list, and where the members of a team go (OpenMP 5.2, sections 10.1.3 and 21.1.6).
//!
//! A program that says nothing gets the host's choice: a team that fits the processors gets one share of them for each
//! member, so that two members are never stacked on one processor, and a larger one is left to the operating system. Nested
//! teams are not bound unless the program asks.

use crate::report::{Event, Reporter};
use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};
use std::fs;

/// A set of processors, by number.
type Place = Vec<usize>;

/// The processors and places of a program.
pub(crate) struct Places {
    procs: Vec<usize>,
    places: Vec<Place>,
}

/// `omp_proc_bind_t`, as the shim passes it on; -1 is "the program says nothing".
mod proc_bind {
    pub const DEFAULT: i32 = -1;
    pub const FALSE: i32 = 0;
    pub const PRIMARY: i32 = 2;
}

impl Places {
    /// Reads `OMP_PLACES` and `OMP_PROC_BIND`. A place list that cannot be understood is reported, and ignored.
    pub(crate) fn new(omp_places: Option<&str>, omp_proc_bind: Option<&str>, reporter: &Reporter) -> Self {
        let procs = available_procs();
        let binds = omp_proc_bind.is_some_and(|bind| !bind.trim().eq_ignore_ascii_case("false"));
        let places = match omp_places.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => parse(text, &procs).unwrap_or_else(|| {
                reporter.report(&Event::PlacesIgnored { value: text.to_owned() });
                Vec::new()
            }),
            None if binds => procs.iter().map(|&proc| vec![proc]).collect(),
            None => Vec::new(),
        };
        Self { procs, places }
    }

    pub(crate) fn num_procs(&self) -> usize {
        self.procs.len()
    }

    pub(crate) fn num_places(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn place(&self, index: usize) -> &[usize] {
        self.places.get(index).map_or(&[], Vec::as_slice)
    }

    /// Where the members of a team of `size` go.
    pub(crate) fn binding(&self, bind: i32, size: usize, primary: Option<usize>, depth: usize) -> Binding {
        let anywhere = || Binding { members: vec![(None, self.procs.clone()); size] };
        if bind == proc_bind::DEFAULT || self.places.is_empty() && bind != proc_bind::FALSE {
            if depth > 0 || size > self.procs.len() || size == 1 {
                return anywhere();
            }
            let share = |i: usize| self.procs[i * self.procs.len() / size..(i + 1) * self.procs.len() / size].to_vec();
            return Binding { members: (0..size).map(|i| (None, share(i))).collect() };
        }
        if bind == proc_bind::FALSE {
            return anywhere();
        }
        let count = self.places.len();
        let first = primary.unwrap_or(0);
        const CLOSE: [i32; 2] = [1, 3];
        let place = |i: usize| match bind {
            proc_bind::PRIMARY => first,
            // close, true: one place after the other, as long as there are enough; spread: as far apart as possible.
            bind if CLOSE.contains(&bind) && size <= count => (first + i) % count,
            _ => (first + i * count / size) % count,
        };
        Binding { members: (0..size).map(|i| (Some(place(i)), self.places[place(i)].clone())).collect() }
    }
}

/// Where each member of a team may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    members: Vec<(Option<usize>, Place)>,
}

impl Binding {
    /// Binds the thread `tid` (0: the calling one) as member `index`. Affinity is a wish: refusal changes nothing but speed.
    pub(crate) fn apply(&self, index: usize, tid: i32) {
        let Some((_, procs)) = self.members.get(index) else {
            return;
        };
        let mut set = CpuSet::new();
        procs.iter().filter(|&&proc| proc < CpuSet::MAX_CPU).for_each(|&proc| set.set(proc));
        let _ = sched_setaffinity(Pid::from_raw(tid), &set);
    }

    pub(crate) fn place(&self, index: usize) -> Option<usize> {
        self.members.get(index)?.0
    }
}

/// The processors that this process may use, by their numbers, in ascending order.
#[must_use]
pub fn available_procs() -> Vec<usize> {
    match sched_getaffinity(None) {
        Ok(set) => (0..CpuSet::MAX_CPU).filter(|&proc| set.is_set(proc)).collect(),
        Err(_) => (0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get)).collect(),
    }
}

/// `threads`, `cores`, `sockets` with an optional count in parentheses, or a list of places.
fn parse(text: &str, procs: &[usize]) -> Option<Vec<Place>> {
    let lower = text.to_ascii_lowercase();
    let (name, count) = match lower.split_once('(') {
        Some((name, count)) => (name.trim(), Some(count.strip_suffix(')')?.trim().parse().ok()?)),
        None => (lower.as_str(), None),
    };
    let topology = |file: &str| Some(by_topology(file, procs));
    let abstract_places = match name {
        "threads" => Some(procs.iter().map(|&proc| vec![proc]).collect()),
        "cores" => topology("thread_siblings_list"),
        "sockets" => topology("core_siblings_list"),
        "ll_caches" | "numa_domains" => topology("core_siblings_list"),
        _ => None,
    };
    if let Some(mut places) = abstract_places {
        let _: &Vec<Place> = &places;
        places.truncate(count.unwrap_or(usize::MAX));
        return Some(places).filter(|places| !places.is_empty());
    }
    let mut parser = Parser { rest: &lower };
    let places = parser.places()?;
    let usable: Vec<Place> = places
        .into_iter()
        .map(|place| place.into_iter().filter(|proc| procs.contains(proc)).collect::<Place>())
        .filter(|place| !place.is_empty())
        .collect();
    (parser.rest.is_empty() && !usable.is_empty()).then_some(usable)
}

/// Groups processors by a list in their topology folder; where there is none, each is a place.
fn by_topology(file: &str, procs: &[usize]) -> Vec<Place> {
    let mut places: Vec<(String, Place)> = Vec::new();
    for &proc in procs {
        let path = format!("/sys/devices/system/cpu/cpu{proc}/topology/{file}");
        let group = fs::read_to_string(path).unwrap_or_else(|_| proc.to_string());
        match places.iter_mut().find(|(existing, _)| *existing == group) {
            Some((_, place)) => place.push(proc),
            None => places.push((group, vec![proc])),
        }
    }
    places.into_iter().map(|(_, place)| place).collect()
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

    fn places(&mut self) -> Option<Vec<Place>> {
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

    fn place(&mut self) -> Option<Place> {
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

    fn places(procs: usize, places: &str) -> Places {
        let procs: Vec<usize> = (0..procs).collect();
        Places { places: parse(places, &procs).unwrap_or_default(), procs }
    }

    #[test]
    fn place_lists() {
        let procs: Vec<usize> = (0..8).collect();
        for (text, expected) in [
            ("threads(2)", Some(vec![vec![0], vec![1]])),
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
            assert_eq!(parse(text, &procs), expected, "{text}");
        }
    }

    #[test]
    fn the_default_gives_each_member_a_share() {
        let places = places(8, "");
        let binding = places.binding(-1, 3, None, 0);
        assert_eq!(
            binding.members.iter().map(|member| member.1.clone()).collect::<Vec<_>>(),
            [vec![0, 1], vec![2, 3, 4], vec![5, 6, 7]]
        );
        assert!(places.binding(-1, 9, None, 0).members.iter().all(|member| member.1.len() == 8));
        assert!(places.binding(-1, 2, None, 1).members.iter().all(|member| member.1.len() == 8));
    }

    #[test]
    fn policies() {
        let places = places(8, "threads");
        let where_to = |bind, size| {
            let binding = places.binding(bind, size, Some(2), 0);
            (0..size).map(|i| binding.place(i).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(where_to(2, 3), [2, 2, 2]);
        assert_eq!(where_to(3, 3), [2, 3, 4]);
        assert_eq!(where_to(4, 4), [2, 4, 6, 0]);
        assert_eq!(where_to(3, 16)[..4], [2, 2, 3, 3]);
    }
}
