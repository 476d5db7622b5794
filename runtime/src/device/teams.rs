//! Teams regions under way, whose own functions run on the host while the parallel regions that they fork run on a device.
//!
//! Such a function reads and writes a few bytes itself, through its arguments ([`Piece`]s, which follow from its code). Where the device
//! has newer contents of them, the function gets those, byte by byte: the host may have changed others beside them. What the function
//! has changed goes to the device before the next launch. Bytes that it has left alone do not: another thread's launch may be
//! changing them there.
//!
//! Invariant: the number of a region that is under way is that of no other one.

use super::coherence::{Bytes, Held, Ranges, Transfers};
use super::kernels::Piece;
use super::offload::Failure;
use crate::limits::{Budget, Share};
use crate::memory::GuestMemory;
use omp2wasi_abi::imports::{Errno, device::TEAMS_PLAIN};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many teams regions can be under way at once: more than there are threads.
const MAX_REGIONS: usize = 1 << 16;

/// A piece of memory that a teams region's function accesses.
struct Accessed {
    address: u32,
    /// Bytes.
    size: u32,
    /// Whether the function may write it.
    is_written: bool,
    /// The contents that host and device had in common when they were last copied; `None` if they have not been copied since the last
    /// [`TeamsRegion::fetch`], which then found nothing newer on the device.
    same: Option<Vec<u8>>,
}

/// A teams region under way that accesses memory.
pub(crate) struct TeamsRegion {
    /// The number of the device that its parallel regions run on.
    pub device: u32,
    /// What it keeps from being lent.
    pub held: Held,
    pieces: Vec<Accessed>,
}

impl TeamsRegion {
    /// A region whose function is given these arguments; `None` if there are fewer than it accesses memory through.
    pub(crate) fn new(device: u32, pieces: &[Piece], arguments: &[u32]) -> Option<Self> {
        let accessed = |piece: &Piece| {
            // A sum beyond 32 bits is outside of the memory, so nothing is mapped there and the function will trap.
            let address = arguments.get(piece.parameter as usize)?.saturating_add(piece.offset);
            Some(Accessed { address, size: piece.size, is_written: piece.is_written, same: None })
        };
        let pieces = pieces.iter().map(accessed).collect::<Option<_>>()?;
        Some(Self { device, held: Held::default(), pieces })
    }

    /// What the function accesses.
    pub(crate) fn bytes(&self) -> Vec<Bytes> {
        self.pieces.iter().map(|piece| (piece.address, piece.size)).collect()
    }

    /// About how many bytes it takes.
    fn size(&self) -> u64 {
        let of_piece = |piece: &Accessed| size_of::<Accessed>() as u64 + u64::from(piece.size);
        size_of::<Mutex<Self>>() as u64 + self.pieces.iter().map(of_piece).sum::<u64>()
    }

    /// Copies to the host what the device has newer of the function's pieces: before the function begins, and after each launch inside.
    ///
    /// # Errors
    /// Those of [`Transfers`].
    pub(crate) fn fetch(
        &mut self,
        ranges: &mut Ranges,
        transfers: &dyn Transfers,
        memory: &GuestMemory,
    ) -> Result<(), Failure> {
        for piece in &mut self.pieces {
            let is_fetched = ranges.fetch_newer(transfers, self.device, piece.address, piece.size)?;
            piece.same = if is_fetched { memory.read(piece.address, piece.size) } else { None };
        }
        Ok(())
    }

    /// Copies to the device those of the function's pieces that it may have changed since the last copy: before each launch inside, and
    /// when the region ends.
    ///
    /// # Errors
    /// Those of [`Transfers`].
    pub(crate) fn give(
        &mut self,
        ranges: &mut Ranges,
        transfers: &dyn Transfers,
        memory: &GuestMemory,
    ) -> Result<(), Failure> {
        for piece in self.pieces.iter_mut().filter(|piece| piece.is_written) {
            let bytes = memory.read(piece.address, piece.size);
            if (piece.same.is_none() || piece.same != bytes)
                && ranges.give_newer(transfers, self.device, piece.address, piece.size)?
            {
                piece.same = bytes;
            }
        }
        Ok(())
    }
}

/// The teams regions under way that access memory, by number.
pub(crate) struct TeamsRegions {
    budget: Arc<Budget>,
    regions: Mutex<Vec<Option<UnderWay>>>,
}

/// A teams region under way, with what it takes of the memory budget.
struct UnderWay {
    region: Arc<Mutex<TeamsRegion>>,
    _share: Share,
}

impl TeamsRegions {
    /// None is under way yet.
    pub(crate) fn new(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), regions: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<UnderWay>>> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The smallest number of a region. 0 means that the region runs on the host, [`TEAMS_PLAIN`] that it accesses no mapped memory.
    const FIRST: u32 = TEAMS_PLAIN + 1;

    /// Gives a region a number.
    ///
    /// # Errors
    /// The region, if too many are under way, or they take too much memory.
    pub(crate) fn begin(&self, region: TeamsRegion) -> Result<u32, TeamsRegion> {
        let Some(share) = self.budget.take(region.size()) else { return Err(region) };
        let mut regions = self.lock();
        let at = match regions.iter().position(Option::is_none) {
            Some(at) => at,
            None if regions.len() < MAX_REGIONS => {
                regions.push(None);
                regions.len() - 1
            }
            None => return Err(region),
        };
        regions[at] = Some(UnderWay { region: Arc::new(Mutex::new(region)), _share: share });
        Ok(Self::FIRST + at as u32)
    }

    /// The region of a number; `None` for [`TEAMS_PLAIN`].
    ///
    /// # Errors
    /// An errno, if no such region is under way.
    pub(crate) fn get(&self, number: u32) -> Result<Option<Arc<Mutex<TeamsRegion>>>, Failure> {
        if number == TEAMS_PLAIN {
            return Ok(None);
        }
        let regions = self.lock();
        let at = number.checked_sub(Self::FIRST);
        let region = at.and_then(|at| Some(Arc::clone(&regions.get(at as usize)?.as_ref()?.region)));
        region
            .map(Some)
            .ok_or_else(|| Failure::Errno(Errno::BadHandle, format!("no teams region {number} is under way")))
    }

    /// Makes a region's number free, when it has ended.
    pub(crate) fn end(&self, number: u32) {
        let mut regions = self.lock();
        if let Some(region) = number.checked_sub(Self::FIRST).and_then(|at| regions.get_mut(at as usize)) {
            *region = None;
        }
    }
}
