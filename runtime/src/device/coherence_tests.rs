//! Which copies are made, and in which order, for what programs do with mapped memory.

use super::*;
use crate::limits::Budget;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Notes copies instead of making them, but for those of lent memory, of which it has some for the host and each device.
#[derive(Default)]
struct Log(RefCell<Vec<String>>, RefCell<BTreeMap<Option<u32>, [u8; 256]>>);

impl Log {
    fn note(&self, device: u32, bytes: &[Bytes], arrow: &str) -> Result<(), Failure> {
        self.0.borrow_mut().extend(bytes.iter().map(|(begin, size)| format!("{arrow}{device} {begin}+{size}")));
        Ok(())
    }

    /// What a device or the host has.
    fn at(&self, device: Option<u32>, begin: u32, size: u32) -> Vec<u8> {
        self.1.borrow_mut().entry(device).or_insert([0; 256])[begin as usize..][..size as usize].to_vec()
    }

    fn put(&self, device: Option<u32>, begin: u32, bytes: &[u8]) {
        self.1.borrow_mut().entry(device).or_insert([0; 256])[begin as usize..][..bytes.len()].copy_from_slice(bytes);
    }

    /// What has been copied since this was asked last.
    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

impl Transfers for Log {
    fn to_device(&self, device: u32, bytes: &[Bytes]) -> Result<(), Failure> {
        self.note(device, bytes, ">")
    }

    fn to_host(&self, device: u32, bytes: &[Bytes]) -> Result<(), Failure> {
        self.note(device, bytes, "<")
    }

    fn read(&self, device: u32, begin: u32, size: u32) -> Result<Vec<u8>, Failure> {
        self.note(device, &[(begin, size)], "read ")?;
        Ok(self.at(Some(device), begin, size))
    }

    fn write(&self, device: u32, begin: u32, bytes: &[u8]) -> Result<(), Failure> {
        self.note(device, &[(begin, bytes.len() as u32)], "write ")?;
        self.put(Some(device), begin, bytes);
        Ok(())
    }

    fn host(&self, begin: u32, size: u32) -> Result<Vec<u8>, Failure> {
        Ok(self.at(None, begin, size))
    }

    fn set_host(&self, begin: u32, bytes: &[u8]) -> Result<(), Failure> {
        self.put(None, begin, bytes);
        Ok(())
    }

    fn keep(&self, bytes: u64) -> Result<Share, Failure> {
        Ok(Budget::new(bytes).take(bytes).unwrap_or_else(|| panic!("it has so much")))
    }
}

fn range(begin: u32, size: u32, flags: RangeFlags) -> MemoryRange {
    MemoryRange { begin, size, base: begin, flags }
}

fn plain(begin: u32, size: u32) -> MemoryRange {
    range(begin, size, RangeFlags::empty())
}

fn ok<T>(result: Result<T, Failure>) -> T {
    result.unwrap_or_else(|_| panic!("it failed"))
}

const READS: Access = Access { reads: true, writes: false, by_end: false };
const WRITES: Access = Access { reads: false, writes: true, by_end: false };

/// A launch that does the same to all that is mapped.
fn launch(coherence: &Coherence, device: u32, access: Access) -> Vec<(usize, usize)> {
    let usage = coherence.lock().begin_use(device, &[], |spans| vec![access; spans.len()]);
    coherence.end_use(&mut coherence.lock(), &usage);
    ends(&usage.before)
}

fn ends(ranges: &[Range<usize>]) -> Vec<(usize, usize)> {
    ranges.iter().map(|range| (range.start, range.end)).collect()
}

#[test]
fn a_launch_brings_what_the_host_has_newer_and_once() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[range(100, 8, RangeFlags::FROM_HOST), plain(200, 8)]));
    assert_eq!(launch(&coherence, 0, READS), [(100, 108)]);
    assert!(launch(&coherence, 0, WRITES).is_empty());
    ok(coherence.host_use(&log, 0, &[plain(100, 8)], || false));
    assert_eq!(log.take(), ["<0 100+8"]);
    // The host's copy is the newest: an update leaves it alone, and so does another region on the host.
    ok(coherence.sync(&log, 0, &[plain(100, 8)], false));
    ok(coherence.host_use(&log, 0, &[plain(100, 8)], || false));
    assert!(log.take().is_empty());
    assert_eq!(launch(&coherence, 0, READS), [(100, 108)]);
}

#[test]
fn an_update_copies_even_where_both_count_as_new() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[plain(100, 8)]));
    ok(coherence.sync(&log, 0, &[plain(104, 4)], true));
    launch(&coherence, 0, WRITES);
    ok(coherence.sync(&log, 0, &[plain(100, 4), plain(104, 4)], false));
    assert_eq!(log.take(), [">0 104+4", "<0 100+4", "<0 104+4"]);
    // Parts are not all of it: the device's copy is still the newest. All of it is.
    ok(coherence.host_use(&log, 0, &[plain(100, 8)], || false));
    assert_eq!(log.take(), ["<0 100+8"]);
    launch(&coherence, 0, WRITES);
    ok(coherence.sync(&log, 0, &[plain(100, 8)], false));
    ok(coherence.host_use(&log, 0, &[plain(100, 8)], || false));
    assert_eq!(log.take(), ["<0 100+8"]);
}

#[test]
fn what_one_device_brings_does_not_cost_another_what_the_host_has_for_it() {
    let (coherence, log) = (Coherence::new(), Log::default());
    let variable = range(300, 4, RangeFlags::VARIABLE);
    ok(coherence.lock().map(0, &[plain(100, 8), variable]));
    ok(coherence.lock().map(1, &[range(96, 16, RangeFlags::FROM_HOST), variable]));
    launch(&coherence, 0, WRITES);
    ok(coherence.host_use(&log, 0, &[plain(100, 8), variable], || false));
    assert_eq!(log.take(), [">1 96+16", "<0 100+8", "<0 300+4"]);
    // The other device's is the newest there now, except that of a variable.
    ok(coherence.host_use(&log, 1, &[plain(96, 16), variable], || false));
    assert_eq!(log.take(), [">0 100+8", ">0 300+4", "<1 96+16"]);
}

#[test]
fn a_launch_that_is_not_enqueued_leaves_everything_as_it_was() {
    let coherence = Coherence::new();
    ok(coherence.lock().map(0, &[range(100, 8, RangeFlags::FROM_HOST)]));
    let usage = coherence.lock().begin_use(0, &[], |spans| vec![WRITES; spans.len()]);
    coherence.lock().abandon(&usage);
    assert_eq!(launch(&coherence, 0, READS), [(100, 108)]);
}

#[test]
fn a_launch_that_does_nothing_does_not_undo_what_another_has_done_meanwhile() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[range(100, 8, RangeFlags::FROM_HOST)]));
    let usage = coherence.lock().begin_use(0, &[], |spans| vec![WRITES; spans.len()]);
    assert!(launch(&coherence, 0, WRITES).is_empty());
    coherence.take_back(&mut coherence.lock(), &usage);
    ok(coherence.sync(&log, 0, &[plain(100, 8)], false));
    assert_eq!(log.take(), ["<0 100+8"]);
}

#[test]
fn a_launch_knows_its_own_ranges_and_other_addresses_of_what_is_mapped() {
    let coherence = Coherence::new();
    ok(coherence.lock().map(0, &[range(100, 8, RangeFlags::FROM_HOST)]));
    let own = [
        MemoryRange { base: 60, ..range(100, 0, RangeFlags::ALIAS) },
        range(500, 16, RangeFlags::PRIVATE),
        MemoryRange { base: 61, ..range(900, 0, RangeFlags::ALIAS) },
    ];
    let usage = coherence.lock().begin_use(0, &own, |spans| {
        let found: Vec<_> = spans.iter().map(|span| (span.begin, span.size, span.base, span.is_private)).collect();
        assert_eq!(found, [(500, 16, 500, true), (100, 8, 100, false), (100, 8, 60, false)]);
        vec![WRITES, Access::default(), READS]
    });
    assert_eq!(ends(&usage.before), [(500, 516), (100, 108)]);
    assert!(usage.after.is_empty());
    coherence.end_use(&mut coherence.lock(), &usage);
}

#[test]
fn a_private_range_ends_where_another_thread_has_mapped_memory() {
    let coherence = Coherence::new();
    ok(coherence.lock().map(0, &[plain(100, 8)]));
    let own = [range(92, 64, RangeFlags::PRIVATE), range(104, 64, RangeFlags::PRIVATE), plain(96, 64)];
    let usage = coherence.lock().begin_use(0, &own, |spans| vec![WRITES; spans.len()]);
    assert_eq!(ends(&usage.before), [(92, 100), (104, 104), (96, 160)]);
    assert_eq!(ends(&usage.after), [(96, 160)]);
    coherence.end_use(&mut coherence.lock(), &usage);
}

#[test]
fn a_region_on_the_host_waits_for_launches_that_use_the_same() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[plain(100, 8), plain(200, 8)]));
    let usage = coherence.lock().begin_use(0, &[], |spans| {
        spans.iter().map(|span| if span.begin == 100 { WRITES } else { Access::default() }).collect()
    });
    // It uses something else.
    ok(coherence.host_use(&log, 0, &[plain(200, 8)], || false));
    // It would wait for ever, but the program ends.
    assert!(matches!(coherence.host_use(&log, 0, &[plain(100, 8)], || true), Err(Failure::Ending)));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let log = Log::default();
            ok(coherence.host_use(&log, 0, &[plain(100, 8)], || false));
            log.take()
        });
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waiting.is_finished());
        coherence.end_use(&mut coherence.lock(), &usage);
        assert_eq!(waiting.join().unwrap(), ["<0 100+8"]);
    });
}

#[test]
fn what_is_unmapped_while_it_is_used_is_given_up_after() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[plain(100, 8)]));
    let usage = coherence.lock().begin_use(0, &[], |spans| vec![WRITES; spans.len()]);
    ok(coherence.lock().unmap(&log, 0, &[plain(100, 8)]));
    // It is mapped anew meanwhile: that is another mapping.
    ok(coherence.lock().map(0, &[plain(100, 8)]));
    coherence.end_use(&mut coherence.lock(), &usage);
    ok(coherence.host_use(&log, 0, &[plain(100, 8)], || false));
    assert!(log.take().is_empty());
    ok(coherence.lock().unmap(&log, 0, &[plain(100, 8), plain(100, 8)]));
    assert_eq!(coherence.lock().of(0).iter().count(), 0);
    ok(coherence.lock().map(0, &[plain(1, 1), plain(2, 1)]));
    assert_eq!(coherence.lock().of(0).entries.len(), 2);
}

#[test]
fn pieces_go_where_they_are_newer() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[range(100, 8, RangeFlags::FROM_HOST)]));
    let mut ranges = coherence.lock();
    assert!(!ok(ranges.fetch_newer(&log, 0, 100, 4)) && !ok(ranges.give_newer(&log, 0, 100, 4)));
    assert!(!ok(ranges.fetch_newer(&log, 0, 108, 4)) && !ok(ranges.give_newer(&log, 0, 108, 4)));
    drop(ranges);
    launch(&coherence, 0, READS);
    let mut ranges = coherence.lock();
    assert!(!ok(ranges.fetch_newer(&log, 0, 100, 4)) && ok(ranges.give_newer(&log, 0, 100, 4)));
    drop(ranges);
    launch(&coherence, 0, WRITES);
    assert!(ok(coherence.lock().fetch_newer(&log, 0, 100, 4)));
    assert_eq!(log.take(), [">0 100+4", "<0 100+4"]);
}

/// Two mapped ranges, which device 0 has newer: it has 1 everywhere, and the host 2.
fn lendable(log: &Log) -> Coherence {
    let coherence = Coherence::new();
    ok(coherence.lock().map(0, &[plain(100, 8), plain(200, 8)]));
    launch(&coherence, 0, WRITES);
    log.put(Some(0), 0, &[1; 256]);
    log.put(None, 0, &[2; 256]);
    coherence
}

fn begin(coherence: &Coherence, log: &Log, ranges: &[MemoryRange], number: u32) -> u32 {
    ok(coherence.begin_host_use(log, 0, ranges, number, || false))
}

#[test]
fn a_region_on_the_host_borrows_what_the_device_has_newer_until_it_ends() {
    let log = Log::default();
    let coherence = lendable(&log);
    ok(coherence.sync(&log, 0, &[plain(200, 8)], false));
    assert_eq!(log.take(), ["<0 200+8"]);
    let number = begin(&coherence, &log, &[plain(100, 8), plain(200, 8)], 0);
    assert_eq!(log.take(), ["read 0 100+8"]);
    assert_eq!((log.at(None, 99, 2), log.at(None, 200, 1)), (vec![2, 1], vec![2]));
    // The same region again, when it knows of more.
    assert_eq!(begin(&coherence, &log, &[plain(100, 8), plain(200, 8)], number), number);
    log.put(None, 103, &[5, 6]);
    ok(coherence.end_host_use(&log, 0, number));
    assert_eq!(log.take(), ["write 0 103+2"]);
    assert_eq!((log.at(None, 100, 8), log.at(Some(0), 100, 8)), (vec![2; 8], vec![1, 1, 1, 5, 6, 1, 1, 1]));
    assert!(coherence.end_host_use(&log, 0, number).is_err(), "it has ended");
    // The device has the newest still, but for what both had.
    assert_eq!(launch(&coherence, 0, READS), [(200, 208)]);
    ok(coherence.sync(&log, 0, &[plain(100, 8)], false));
    assert_eq!(log.take(), ["<0 100+8"]);
}

#[test]
fn bytes_of_several_ranges_are_borrowed_once() {
    let log = Log::default();
    let coherence = lendable(&log);
    ok(coherence.lock().map(0, &[plain(104, 12), plain(96, 40)]));
    launch(&coherence, 0, WRITES);
    let number = begin(&coherence, &log, &[plain(104, 12), plain(100, 8), plain(96, 40)], 0);
    assert_eq!(log.take(), ["read 0 104+12", "read 0 100+4", "read 0 96+4", "read 0 116+20"]);
    log.put(None, 100, &[7; 20]);
    ok(coherence.end_host_use(&log, 0, number));
    assert_eq!(log.at(Some(0), 99, 22), [&[1][..], &[7; 20], &[1]].concat());
    assert_eq!(log.at(None, 90, 60), [2; 60]);
}

#[test]
fn each_region_on_the_host_gives_back_what_no_other_one_uses() {
    let log = Log::default();
    let coherence = lendable(&log);
    let long = begin(&coherence, &log, &[plain(100, 8)], 0);
    let short = begin(&coherence, &log, &[plain(100, 8), plain(200, 8)], 0);
    log.put(None, 100, &[5]);
    log.put(None, 200, &[6]);
    ok(coherence.end_host_use(&log, 0, short));
    assert_eq!((log.at(None, 100, 1), log.at(None, 200, 1)), (vec![5], vec![2]));
    assert_eq!((log.at(Some(0), 100, 1), log.at(Some(0), 200, 1)), (vec![1], vec![6]));
    ok(coherence.end_host_use(&log, 0, long));
    assert_eq!((log.at(None, 100, 1), log.at(Some(0), 100, 1)), (vec![2], vec![5]));
}

#[test]
fn what_launches_change_while_it_is_lent_stays() {
    let log = Log::default();
    let coherence = lendable(&log);
    let number = begin(&coherence, &log, &[plain(100, 8)], 0);
    // The device's copy is the newest still: nothing goes there.
    assert!(launch(&coherence, 0, WRITES).is_empty());
    log.put(Some(0), 100, &[9, 9, 9, 9]);
    log.put(None, 102, &[5]);
    log.put(None, 106, &[6]);
    ok(coherence.end_host_use(&log, 0, number));
    assert_eq!(log.at(Some(0), 100, 8), [9, 9, 5, 9, 1, 1, 6, 1]);
}

#[test]
fn updates_of_what_is_lent_are_of_the_hosts_own_bytes() {
    let log = Log::default();
    let coherence = lendable(&log);
    let number = begin(&coherence, &log, &[plain(100, 8)], 0);
    log.put(None, 101, &[5]);
    ok(coherence.sync(&log, 0, &[plain(102, 2)], true));
    ok(coherence.sync(&log, 0, &[plain(106, 2)], false));
    assert_eq!(log.take(), ["read 0 100+8", "write 0 102+2", "read 0 106+2"]);
    ok(coherence.end_host_use(&log, 0, number));
    assert_eq!(log.at(Some(0), 100, 8), [1, 5, 2, 2, 1, 1, 1, 1]);
    assert_eq!(log.at(None, 100, 8), [2, 2, 2, 2, 2, 2, 1, 1]);
}

#[test]
fn what_is_unmapped_is_lent_no_more() {
    let log = Log::default();
    let coherence = lendable(&log);
    let number = begin(&coherence, &log, &[plain(100, 8), plain(200, 8)], 0);
    ok(coherence.lock().unmap(&log, 0, &[plain(100, 8)]));
    assert_eq!((log.at(None, 100, 1), log.at(None, 200, 1)), (vec![2], vec![1]));
    ok(coherence.lock().map(0, &[range(100, 8, RangeFlags::FROM_HOST)]));
    log.put(None, 100, &[8]);
    ok(coherence.end_host_use(&log, 0, number));
    assert_eq!((log.at(None, 100, 2), log.at(None, 200, 1)), (vec![8, 2], vec![2]));
    assert_eq!(launch(&coherence, 0, READS), [(100, 108)]);
}

#[test]
fn memory_is_lent_of_one_device_at_a_time() {
    let log = Log::default();
    let coherence = lendable(&log);
    ok(coherence.lock().map(1, &[plain(104, 8)]));
    launch(&coherence, 1, WRITES);
    log.put(Some(1), 0, &[3; 256]);
    let number = begin(&coherence, &log, &[plain(100, 8)], 0);
    let ending = coherence.begin_host_use(&log, 1, &[plain(104, 8)], 0, || true);
    assert!(matches!(ending, Err(Failure::Ending)), "it waits");
    ok(coherence.end_host_use(&log, 0, number));
    let other = ok(coherence.begin_host_use(&log, 1, &[plain(104, 8)], 0, || false));
    assert_eq!(log.at(None, 103, 2), [2, 3]);
    assert!(coherence.end_host_use(&log, 0, other).is_err(), "it is the other device's");
    ok(coherence.end_host_use(&log, 1, other));
    assert_eq!(log.at(None, 103, 2), [2, 2]);
}

#[test]
fn what_teams_regions_hold_is_not_lent() {
    let log = Log::default();
    let coherence = lendable(&log);
    let (mut ranges, held) = ok(coherence.hold(0, &[(104, 4)], || true));
    drop(ranges);
    let ending = coherence.begin_host_use(&log, 0, &[plain(100, 8)], 0, || true);
    assert!(matches!(ending, Err(Failure::Ending)), "it waits");
    ranges = coherence.lock();
    coherence.release(&mut ranges, 0, held);
    drop(ranges);
    let number = begin(&coherence, &log, &[plain(100, 8)], 0);
    assert!(matches!(coherence.hold(0, &[(104, 4)], || true), Err(Failure::Ending)), "and so do they");
    let ending = coherence.host_use(&log, 0, &[plain(100, 8)], || true);
    assert!(matches!(ending, Err(Failure::Ending)), "and regions whose end nobody says");
    ok(coherence.end_host_use(&log, 0, number));
    assert!(coherence.hold(0, &[(104, 4)], || true).is_ok());
}

#[test]
fn copies_of_what_is_lent_are_of_the_hosts_own_bytes() {
    let log = Log::default();
    let coherence = lendable(&log);
    let number = begin(&coherence, &log, &[plain(100, 8)], 0);
    let mut ranges = coherence.lock();
    assert!(ranges.is_lent((107, 9)) && !ranges.is_lent((108, 9)));
    assert_eq!(ok(ranges.own_bytes(&log, (98, 12))), [2; 12]);
    ok(ranges.set_own_bytes(&log, 98, &[4, 5, 6, 7]));
    drop(ranges);
    assert_eq!(log.at(None, 98, 5), [4, 5, 1, 1, 1]);
    ok(coherence.end_host_use(&log, 0, number));
    assert_eq!(log.at(None, 98, 5), [4, 5, 6, 7, 2]);
    assert_eq!(log.at(Some(0), 100, 8), [1; 8]);
}
