//! Decides how a region is launched with given arguments: which translation of it, on how many work-items, with which iterations each.
//!
//! Invariant: a plan depends on nothing but the region, its arguments, the hint, the device and the length of its mirror, so it serves
//! every launch that repeats those.

use super::kernels::{Access, Kernel, KernelSource, Kernels, MemoryObject, Target};
use super::offload::Failure;
use super::{Capabilities, Mirror};
use omp2wasi_abi::imports::Errno;
use omp2wasi_codegen::{Bounds, Facts};
use std::ops::Range;
use std::sync::Arc;

/// How the iterations of regions are shared out among work-items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distribution {
    /// Few work-items, each with a block of consecutive iterations: as CPUs like it.
    Blocks,
    /// Neighbouring iterations to neighbouring work-items: as GPUs like it.
    Interleaved,
}

impl Distribution {
    /// The device's choice, unless the user wants CPUs to be used as GPUs are.
    pub(crate) fn new(capabilities: &Capabilities, like_gpu: bool) -> Self {
        if capabilities.prefers_blocks && !like_gpu { Self::Blocks } else { Self::Interleaved }
    }
}

/// How many work-items run a kernel, and what each is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Work-items. For a kernel that is no region, the number of thread ids; for a league, of teams.
    pub items: u32,
    /// The block size. For a region, how many consecutive iterations a work-item takes at a time.
    pub block: u32,
    /// How many iterations there are, for a region whose virtual threads all do one: see [`omp2wasi_codegen::LaunchPlan`].
    pub iterations: Option<u32>,
    /// The length of a row and how many there are, for a region whose iterations are distributed in tiles.
    pub rows: Option<(u32, u32)>,
    /// How many teams there are, for a league: each is a work-group.
    pub teams: Option<u32>,
    /// How many work-items a team has at most, if that matters.
    pub members: Option<u32>,
}

impl Geometry {
    /// As many work-items as thread ids, for a kernel that is no region.
    #[must_use]
    pub fn threads(items: u32, block: u32) -> Self {
        Self { items, block, iterations: None, rows: None, teams: None, members: None }
    }
}

/// Everything that a [`Plan`] depends on, beside the device: launches on one device with equal keys have the same plan.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The region's microtask, or its league's function.
    pub source: KernelSource,
    /// The words that the microtask is given after its thread numbers.
    pub arguments: Vec<u32>,
    /// About how many iterations its loop has, as the guest says; 0 for unknown.
    pub hint: u32,
    /// How many teams a league is to have; 0 for any number.
    pub num_teams: u32,
    /// How many members each of those may have at most; 0 for any number.
    pub thread_limit: u32,
    /// Bytes of the mirror.
    pub size: usize,
    /// Whether the device shares all memory with the host.
    pub shares: bool,
}

/// How a region is launched with certain arguments.
pub(crate) struct Plan {
    /// The translation that these arguments allow.
    pub kernel: Arc<Kernel>,
    /// The arguments of the microtask, as the guest has them: addresses are in bytes.
    arguments: Vec<u32>,
    /// The arguments as the kernel takes them: if it is translated for aligned pointers ([`Form::aligned`]), those are divided by their
    /// alignment.
    pub given: Vec<u32>,
    /// On how many work-items it runs, and how they share the iterations.
    pub geometry: Geometry,
    /// Ranges of addresses that have all that the kernel may write, if that is known.
    pub written: Option<Vec<Range<u64>>>,
}

impl Plan {
    /// Finds out how to launch a region on the device `target`, on whose mirror it will work.
    ///
    /// # Errors
    /// An errno: the microtask cannot run on the device, or has another number of arguments.
    pub(crate) fn new(kernels: &Kernels, target: &Target, mirror: &dyn Mirror, key: &Key) -> Result<Self, Failure> {
        let refused = |reason| Failure::Errno(Errno::BadKernel, reason);
        let mut kernel = kernels.usual_kernel(key.source.clone(), target).map_err(refused)?;
        let arguments = key.arguments.clone();
        let facts = kernel.facts.clone();
        if arguments.len() != facts.parameters {
            return Err(Failure::inval("a microtask with another number of arguments"));
        }
        check_length(&facts, key.size)?;
        let usual = target.usual(&facts);
        let mut form = usual;
        let mut given = arguments.clone();
        if facts.pointers.iter().all(|pointer| arguments[*pointer].is_multiple_of(facts.alignment)) {
            facts.pointers.iter().for_each(|pointer| given[*pointer] /= facts.alignment);
        } else {
            form.aligned = false;
        }
        // Whoever can have a guard may have had no room for it.
        let is_guarded = form.bounds == Bounds::Guarded && mirror.is_guarded(facts.reach);
        let is_asked = is_guarded || (key.shares && target.knows_writes(&facts));
        let written = if is_asked { facts.written(&arguments, key.size as u64) } else { None };
        if !is_guarded || written.is_none() {
            form.bounds = Bounds::Checked;
        }
        form.marks = key.shares && written.is_none();
        if form != usual {
            kernel = kernels.kernel(key.source.clone(), form, target).map_err(refused)?;
        }
        let compute_units = target.device.capabilities().compute_units;
        let geometry = match facts.is_league {
            true => league(target.distribution, compute_units, key, &facts),
            false => geometry(target.distribution, compute_units, &kernel, &arguments, key.hint),
        };
        Ok(Self { kernel, arguments, given, geometry, written })
    }

    /// Whether the launch may read and write each of these objects, in their order, if they are all that it can use.
    pub(crate) fn accesses(&self, objects: &[MemoryObject]) -> Vec<Access> {
        self.kernel.facts.effects.on(objects, &self.arguments)
    }
}

/// Checks that a memory of so many bytes leaves addresses for what a kernel has in private memory.
///
/// # Errors
/// An errno.
pub(crate) fn check_length(facts: &Facts, len: usize) -> Result<(), Failure> {
    if len as u64 > facts.memory_limit() {
        let why =
            "a kernel with variables on its stack needs the last 128 KiB of the addresses, and the memory has them";
        return Err(Failure::Errno(Errno::NoResources, why.to_owned()));
    }
    Ok(())
}

/// How a league is launched. A team of few work-items has a processor's compute unit to itself, of a GPU's many share one.
fn league(distribution: Distribution, compute_units: u32, key: &Key, facts: &Facts) -> Geometry {
    /// Teams for each compute unit that keep it busy.
    const BUSY: u32 = 16;
    /// Most teams that there ever are: the program says how many it may have at most.
    const MOST: u32 = 1 << 16;
    let each = if distribution == Distribution::Blocks { 8 } else { BUSY };
    let wanted = if key.hint == 0 { u32::MAX } else { key.hint };
    let teams = match key.num_teams {
        0 => wanted.min(compute_units.saturating_mul(each)),
        teams => teams.min(MOST),
    };
    let limit = Some(key.thread_limit).filter(|limit| *limit > 0);
    let members = match facts.has_forks {
        true => facts.team_size.into_iter().chain(limit).min(),
        false => Some(1),
    };
    Geometry { teams: Some(teams.max(1)), members, ..Geometry::threads(teams.max(1), 1) }
}

/// How a region's iterations are shared out. How many there are follows from the parameters, or there is a hint, 0 for none.
fn geometry(
    distribution: Distribution,
    compute_units: u32,
    kernel: &Kernel,
    parameters: &[u32],
    hint: u32,
) -> Geometry {
    /// Work-items for each compute unit that keep a large GPU busy.
    const BUSY: u32 = 1 << 16;
    /// Work-items for each compute unit that accumulate a reduction as fast as the memory delivers.
    const ACCUMULATING: u32 = 1 << 11;
    let known = kernel.plan(parameters);
    let iterations = known.map_or(hint, |known| u32::try_from(known.iterations).unwrap_or(u32::MAX));
    if distribution == Distribution::Blocks {
        let items = compute_units.saturating_mul(8).max(1);
        let block = if iterations == 0 { 1024 } else { iterations.div_ceil(items).max(1) };
        return Geometry::threads(items, block);
    }
    let most = match (kernel.artifact.accumulator, iterations) {
        (Some(_), _) => compute_units.saturating_mul(ACCUMULATING),
        (None, 0) => compute_units.saturating_mul(BUSY),
        (None, _) => 1 << 31,
    };
    let items = if iterations == 0 { most } else { iterations.min(most) };
    let has_one_each = known.is_some_and(|known| known.has_one_each && known.iterations == u64::from(iterations));
    Geometry {
        items: items.max(1),
        block: 1,
        iterations: (has_one_each && (kernel.artifact.accumulator.is_some() || items == iterations))
            .then_some(iterations),
        rows: known.and_then(|known| known.rows),
        teams: None,
        members: None,
    }
}
