//! What launches have printed, until the guest takes it: see [`omp2wasi_abi::imports::DEVICE_PRINTED`].
//!
//! Invariant: the guest is given whole records, of the sizes that they say they have; what follows one of another size is lost.

use super::offload::Failure;
use crate::limits::{Budget, Share};
use crate::memory::GuestMemory;
use omp2wasi_abi::imports::{Errno, device::PRINTED};
use omp2wasi_abi::layout::printed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many launches may have printed something that has not been taken: more than there are threads.
const MAX_PRINTOUTS: usize = 1 << 16;

/// What a launch has printed.
struct Printout {
    records: Vec<u8>,
    /// How many bytes of them have been taken.
    taken: usize,
    /// The launch's trap, which is raised when all has been taken.
    trap: Option<wasmtime::Error>,
    _share: Share,
}

impl Printout {
    /// The next records, of so many bytes at most.
    fn next(&mut self, most: usize) -> Vec<u8> {
        let rest = &self.records[self.taken..];
        let mut len = 0;
        while let Some(size) = size_of_first(&rest[len..]).filter(|size| len + size <= most) {
            len += size;
        }
        self.taken += len;
        rest[..len].to_vec()
    }
}

/// Bytes of the first of some records.
fn size_of_first(records: &[u8]) -> Option<usize> {
    let size = records.first_chunk().map(|size| u32::from_le_bytes(*size))?;
    let is_size = size.is_multiple_of(16) && (printed::ARGUMENTS..=printed::MAX_SIZE).contains(&size);
    Some(size as usize).filter(|size| is_size && *size <= records.len())
}

/// What launches have printed, by number.
pub(super) struct Printouts {
    budget: Arc<Budget>,
    printouts: Mutex<Vec<Option<Printout>>>,
}

impl Printouts {
    /// Nothing has been printed yet.
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), printouts: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Printout>>> {
        self.printouts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a launch has printed, and its trap; gives it a number from [`PRINTED`] on.
    ///
    /// # Errors
    /// An errno, if there is too much to be kept.
    pub(super) fn keep(&self, records: Vec<u8>, trap: Option<wasmtime::Error>) -> Result<u32, Failure> {
        // That it has trapped is the better reason.
        let refuse = |trap: Option<wasmtime::Error>| {
            let errno = || Failure::Errno(Errno::NoResources, "no room for what a region has printed".to_owned());
            trap.map_or_else(errno, Failure::Trap)
        };
        let Some(share) = self.budget.take(records.len() as u64) else { return Err(refuse(trap)) };
        let mut printouts = self.lock();
        let at = match printouts.iter().position(Option::is_none) {
            Some(at) => at,
            None if printouts.len() < MAX_PRINTOUTS => {
                printouts.push(None);
                printouts.len() - 1
            }
            None => return Err(refuse(trap)),
        };
        printouts[at] = Some(Printout { records, taken: 0, trap, _share: share });
        Ok(PRINTED + at as u32)
    }

    /// Moves the next records of a number to `size` bytes of the guest's memory; returns how many bytes those are, 0 when none is left.
    ///
    /// # Errors
    /// An errno, if there is no such number, or the bytes are outside of the memory. A trap: that of the launch, when none is left.
    pub(super) fn give(&self, memory: &GuestMemory, number: u32, to: u32, size: u32) -> Result<u32, Failure> {
        let next = {
            let mut printouts = self.lock();
            let at = number.checked_sub(PRINTED).and_then(|at| printouts.get_mut(at as usize));
            let Some(slot) = at else { return Err(unknown(number)) };
            let printout = slot.as_mut().ok_or_else(|| unknown(number))?;
            let next = printout.next(size as usize);
            if next.is_empty() {
                let trap = slot.take().and_then(|printout| printout.trap);
                return trap.map_or(Ok(0), |trap| Err(Failure::Trap(trap)));
            }
            next
        };
        // Not under the lock: where memory is shared, it may have to be fetched.
        memory.write(to, &next).ok_or_else(|| Failure::inval("records are to go outside of the memory"))?;
        Ok(next.len() as u32)
    }
}

fn unknown(number: u32) -> Failure {
    Failure::Errno(Errno::BadHandle, format!("nothing has been printed under the number {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{MemoryType, SharedMemory};

    fn record(size: u32, len: usize) -> Vec<u8> {
        let mut record = vec![0; len];
        record[..4].copy_from_slice(&size.to_le_bytes());
        record
    }

    fn memory() -> GuestMemory {
        let engine = crate::engine(crate::Interruption::AtHostCalls).unwrap();
        GuestMemory::new(SharedMemory::new(engine.wasmtime(), MemoryType::shared(1, 1)).unwrap())
    }

    #[test]
    fn whole_records_are_given_in_order_and_the_trap_comes_last() {
        let printouts = Printouts::new(&Budget::new(1000));
        let memory = memory();
        let records = [record(16, 16), record(32, 32), record(16, 16)].concat();
        let Ok(number) = printouts.keep(records, Some(wasmtime::Error::msg("trap"))) else { panic!() };
        assert_eq!(number, PRINTED);
        assert!(matches!(printouts.give(&memory, number, 16, 47), Ok(16)));
        assert!(matches!(printouts.give(&memory, number, 16, 60), Ok(48)));
        assert_eq!(memory.read_words(16, 1), Some(vec![32]));
        assert!(matches!(printouts.give(&memory, number, 16, 60), Err(Failure::Trap(_))));
        assert!(matches!(printouts.give(&memory, number, 16, 60), Err(Failure::Errno(Errno::BadHandle, _))));
    }

    #[test]
    fn wrong_sizes_and_places_are_refused() {
        let printouts = Printouts::new(&Budget::new(1000));
        let memory = memory();
        for size in [0, 8, 12, 20, 48, u32::MAX, u32::MAX - 15] {
            let records = [record(16, 16), record(size, 32)].concat();
            let Ok(number) = printouts.keep(records, None) else { panic!() };
            assert!(matches!(printouts.give(&memory, number, 0, u32::MAX), Ok(16)), "{size}");
            assert!(matches!(printouts.give(&memory, number, 0, u32::MAX), Ok(0)), "{size}");
        }
        let Ok(number) = printouts.keep(record(32, 32), None) else { panic!() };
        assert!(matches!(printouts.give(&memory, number, 65520, 32), Err(Failure::Errno(Errno::Inval, _))));
        assert!(matches!(printouts.give(&memory, 0, 0, 32), Err(Failure::Errno(Errno::BadHandle, _))));
        assert!(matches!(printouts.keep(vec![0; 2000], None), Err(Failure::Errno(Errno::NoResources, _))));
    }
}
