//! Which copies are made, and in which order, for what programs do with mapped memory.

use super::*;
use crate::limits::Budget;
use std::cell::RefCell;

/// Notes copies instead of making them.
#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn note(&self, device: u32, bytes: &[Bytes], arrow: &str) -> Result<(), Failure> {
        self.0.borrow_mut().extend(bytes.iter().map(|(begin, size)| format!("{arrow}{device} {begin}+{size}")));
        Ok(())
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

    fn save(&self, (begin, size): Bytes) -> Result<Saved, Failure> {
        self.0.borrow_mut().push(format!("save {begin}+{size}"));
        let _share = Budget::new(u64::from(size)).take(size.into());
        Ok(Saved { bytes: vec![0; size as usize], _share: _share.unwrap_or_else(|| panic!("it has so much")) })
    }

    fn restore(&self, begin: u32, bytes: &[u8]) -> Result<(), Failure> {
        self.0.borrow_mut().push(format!("restore {begin}+{}", bytes.len()));
        Ok(())
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
    coherence.lock().unmap(0, &[plain(100, 8)]);
    // It is mapped anew meanwhile: that is another mapping.
    ok(coherence.lock().map(0, &[plain(100, 8)]));
    coherence.end_use(&mut coherence.lock(), &usage);
    ok(coherence.host_use(&log, 0, &[plain(100, 8)], || false));
    assert!(log.take().is_empty());
    coherence.lock().unmap(0, &[plain(100, 8), plain(100, 8)]);
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

#[test]
fn a_region_on_the_host_borrows_what_the_device_has_newer_until_it_ends() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[plain(100, 8), plain(200, 8)]));
    launch(&coherence, 0, WRITES);
    ok(coherence.sync(&log, 0, &[plain(200, 8)], false));
    assert_eq!(log.take(), ["<0 200+8"]);
    ok(coherence.begin_host_use(&log, 0, &[plain(100, 8), plain(200, 8)], || false));
    assert_eq!(log.take(), ["save 100+8", "<0 100+8"]);
    // The same region again, when it knows of more, and another one.
    ok(coherence.begin_host_use(&log, 0, &[plain(100, 8), plain(200, 8)], || false));
    ok(coherence.end_host_use(&log, 0));
    assert!(log.take().is_empty());
    ok(coherence.end_host_use(&log, 0));
    assert_eq!(log.take(), [">0 100+8", "restore 100+8"]);
    assert!(coherence.end_host_use(&log, 0).is_err(), "there is none any more");
    // The device has the newest again, but for what both had.
    assert_eq!(launch(&coherence, 0, READS), [(200, 208)]);
    ok(coherence.sync(&log, 0, &[plain(100, 8)], false));
    assert_eq!(log.take(), ["<0 100+8"]);
}

#[test]
fn bytes_of_several_ranges_are_borrowed_once() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[plain(100, 8), plain(104, 12), plain(96, 40), plain(0, 8)]));
    launch(&coherence, 0, WRITES);
    ok(coherence.begin_host_use(&log, 0, &[plain(104, 12), plain(100, 8), plain(96, 40)], || false));
    let expected = ["save 104+12", "<0 104+12", "save 100+4", "<0 100+4", "save 96+4", "save 116+20", "<0 96+4", "<0 116+20"];
    assert_eq!(log.take(), expected);
    ok(coherence.end_host_use(&log, 0));
    let parts = ["96+4", "100+4", "104+12", "116+20"];
    let given: Vec<String> = parts.iter().map(|part| format!(">0 {part}")).collect();
    assert_eq!(log.take(), [given, parts.iter().map(|part| format!("restore {part}")).collect()].concat());
}

#[test]
fn what_is_borrowed_of_one_device_leaves_the_others_alone() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[plain(100, 8)]));
    ok(coherence.lock().map(1, &[range(100, 8, RangeFlags::FROM_HOST)]));
    launch(&coherence, 0, WRITES);
    ok(coherence.begin_host_use(&log, 0, &[plain(100, 8)], || false));
    ok(coherence.end_host_use(&log, 0));
    assert_eq!(log.take(), ["save 100+8", "<0 100+8", ">0 100+8", "restore 100+8"]);
    assert_eq!(launch(&coherence, 1, READS), [(100, 108)], "it gets the host's own");
}

#[test]
fn what_ends_or_is_written_meanwhile_is_not_given_back_as_the_newest() {
    let (coherence, log) = (Coherence::new(), Log::default());
    ok(coherence.lock().map(0, &[plain(100, 8), plain(200, 8)]));
    launch(&coherence, 0, WRITES);
    ok(coherence.begin_host_use(&log, 0, &[plain(100, 8), plain(200, 8)], || false));
    coherence.lock().unmap(0, &[plain(100, 8)]);
    ok(coherence.lock().map(0, &[range(100, 8, RangeFlags::FROM_HOST)]));
    ok(coherence.end_host_use(&log, 0));
    assert_eq!(launch(&coherence, 0, READS), [(100, 108)]);
}
