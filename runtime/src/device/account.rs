//! Keeps account of a program's target regions, for [`OffloadReport`]: where each ran, how often, and what that cost.
//!
//! Invariant: a region that has been noted once is in the report, whether it ran on a device or on the host.

use omp2wasi_abi::llvm::{TARGET_REGION, region_name};
use omp2wasi_abi::manifest::Manifest;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What became of a program's target regions, when the program has ended. Its text (`Display`) is a line for each region, in the order of
/// the source, without a line break at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffloadReport {
    /// The regions that the program came to.
    pub regions: Vec<RegionReport>,
    /// What was copied to devices beside launches: by constructs that map data, updates, and routines.
    pub to_devices: Traffic,
    /// What was copied from devices beside launches: also for regions that ran on the host.
    pub from_devices: Traffic,
}

/// What became of one target region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionReport {
    /// Where it is in the source: `file:line`, or the function and the line where the file is not known.
    pub place: String,
    /// The device that it ran on last; empty if it ran on none.
    pub device: String,
    /// How often it was launched on a device.
    pub launches: u64,
    /// How long that took, without copies, from when a launch was given to the driver to its end.
    pub kernels: Duration,
    /// How long its translation and the device's compiler took.
    pub compiling: Duration,
    /// What went to the device for its launches.
    pub to_device: Traffic,
    /// What came back from them.
    pub from_device: Traffic,
    /// Why it ran on the host, and how often for each reason.
    pub on_host: Vec<(String, u64)>,
}

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes.
    pub bytes: u64,
    /// How long the host waited for that.
    pub time: Duration,
}

impl Traffic {
    /// Adds what was copied since then.
    fn add(&mut self, bytes: u64, since: Instant) {
        self.bytes += bytes;
        self.time += since.elapsed();
    }
}

/// Keeps account, if that is wanted.
pub(crate) struct Account {
    /// By the regions' names.
    report: Option<Mutex<Noted>>,
    /// Where regions are in the source, by the names of their functions and microtasks.
    sources: Vec<(String, String)>,
}

#[derive(Default)]
struct Noted {
    regions: BTreeMap<String, RegionReport>,
    to_devices: Traffic,
    from_devices: Traffic,
}

/// Which way something is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ToDevice,
    FromDevice,
}

impl Account {
    pub(crate) fn new(is_wanted: bool, manifest: &Manifest) -> Self {
        let sources =
            || manifest.kernels.iter().map(|kernel| (kernel.microtask.clone(), kernel.source.clone())).collect();
        Self { report: is_wanted.then(Mutex::default), sources: if is_wanted { sources() } else { Vec::new() } }
    }

    /// Whether account is kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.report.is_some()
    }

    fn noted(&self) -> Option<MutexGuard<'_, Noted>> {
        self.report.as_ref().map(|report| report.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the report of the region that a function is of. The guest can say any name: there is an end to how many are kept.
    fn region(&self, function: &str, change: impl FnOnce(&mut RegionReport)) {
        const MAX_REGIONS: usize = 1000;
        let Some(mut noted) = self.noted() else { return };
        let name = region_name(function);
        if noted.regions.len() < MAX_REGIONS || noted.regions.contains_key(name) {
            change(noted.regions.entry(name.to_owned()).or_default());
        }
    }

    /// Notes that a region ran on the host.
    pub(crate) fn on_host(&self, function: &str, reason: &str) {
        const MAX_REASONS: usize = 10;
        const MAX_REASON: usize = 200;
        let reason: String = reason.chars().take(MAX_REASON).collect();
        self.region(function, |region| {
            let has_room = region.on_host.len() < MAX_REASONS;
            match region.on_host.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, times)) => *times += 1,
                None if has_room => region.on_host.push((reason, 1)),
                None => {}
            }
        });
    }

    /// Notes what a region's translation took since then.
    pub(crate) fn compiled(&self, function: &str, since: Instant) {
        self.region(function, |region| region.compiling += since.elapsed());
    }

    /// For a launch of the function of that name, which is not asked for unless account is kept.
    pub(crate) fn launch(&self, name: impl FnOnce() -> String) -> LaunchAccount<'_> {
        LaunchAccount { account: self.is_kept().then(|| (self, name())) }
    }

    /// Notes what was copied beside launches.
    pub(crate) fn copied_beside(&self, way: Way, bytes: u64, since: Instant) {
        if let Some(mut noted) = self.noted() {
            match way {
                Way::ToDevice => noted.to_devices.add(bytes, since),
                Way::FromDevice => noted.from_devices.add(bytes, since),
            }
        }
    }

    /// The report, once the program has ended; `None` if none is wanted.
    pub(crate) fn report(&self) -> Option<OffloadReport> {
        let noted = std::mem::take(&mut *self.noted()?);
        let mut regions: Vec<_> = noted
            .regions
            .into_iter()
            .map(|(name, region)| {
                let (place, order) = self.place(&name);
                (order, RegionReport { place, ..region })
            })
            .collect();
        regions.sort_by(|(one, _), (other, _)| one.cmp(other));
        let regions = regions.into_iter().map(|(_, region)| region).collect();
        Some(OffloadReport { regions, to_devices: noted.to_devices, from_devices: noted.from_devices })
    }

    /// Where a region is, and what to sort it by.
    fn place(&self, name: &str) -> (String, RegionOrder) {
        region_place(name, self.sources.iter().map(|(microtask, source)| (&microtask[..], &source[..])))
    }
}

/// What regions are sorted by: the file, or the function where that is not known, and the line.
pub type RegionOrder = (String, u32);

/// Where a target region is (`file:line`, or the function and the line where the file is not known), and what to sort it by. clang calls it by
/// the device and the number of the source file, the function and the line; `sources` are the positions that microtasks have in the
/// manifest, by their names.
pub fn region_place<'a>(
    name: &str,
    sources: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> (String, RegionOrder) {
    let rest = name.strip_prefix(TARGET_REGION).unwrap_or(name);
    let in_file = rest.splitn(3, '_').last().unwrap_or(rest);
    let (function, line) = in_file.rsplit_once("_l").unwrap_or((in_file, ""));
    // What clang calls it for this target.
    let function = if matches!(function, "__main_argc_argv" | "__main_void") { "main" } else { function };
    let line = line.split('_').next().unwrap_or_default();
    // Another region of the same file knows the file as well.
    let of_file = name.strip_suffix(in_file).unwrap_or(name);
    let file_of = |is_it: &dyn Fn(&str) -> bool| {
        let mut known = sources.clone().filter(|(microtask, source)| is_it(microtask) && !source.is_empty());
        known.find_map(|(_, source)| source.rsplitn(4, ':').last().filter(|file| *file != "unknown"))
    };
    let file = file_of(&|microtask| region_name(microtask) == name)
        .or_else(|| file_of(&|microtask| rest.contains('_') && microtask.starts_with(of_file)));
    let order = (file.unwrap_or(function).to_owned(), line.parse().unwrap_or(0));
    match (file, line) {
        (Some(file), line) if !line.is_empty() => (format!("{file}:{line}"), order),
        (_, "") => (name.to_owned(), order),
        _ => (format!("{function}, line {line}"), order),
    }
}

/// Keeps account of one launch, if that is wanted.
pub(crate) struct LaunchAccount<'a> {
    /// With the name of the region's microtask.
    account: Option<(&'a Account, String)>,
}

impl LaunchAccount<'_> {
    /// Notes what the region's translation took since then.
    pub(crate) fn compiled(&self, since: Instant) {
        if let Some((account, name)) = &self.account {
            account.compiled(name, since);
        }
    }

    /// Notes that the launch, which began then, has ended.
    pub(crate) fn launched(&self, device: &str, since: Instant) {
        let Some((account, name)) = &self.account else { return };
        account.region(name, |region| {
            region.launches += 1;
            region.kernels += since.elapsed();
            device.clone_into(&mut region.device);
        });
    }

    /// Which of these ranges are copied with the launch itself: none, if account is kept.
    pub(crate) fn with_launch<'r>(&self, ranges: [&'r [Range<usize>]; 2]) -> [&'r [Range<usize>]; 2] {
        if self.account.is_some() { [&[], &[]] } else { ranges }
    }

    /// Has ranges copied that are not copied with the launch itself: `copy` is given for each from where, to where and how many bytes.
    pub(crate) fn copy<E>(
        &self,
        way: Way,
        ranges: &[Range<usize>],
        copy: impl FnOnce(Vec<(u32, u32, u32)>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some((account, name)) = self.account.as_ref().filter(|_| !ranges.is_empty()) else {
            return Ok(());
        };
        let began = Instant::now();
        copy(ranges.iter().map(|range| (range.start as u32, range.start as u32, range.len() as u32)).collect())?;
        let bytes = ranges.iter().map(|range| range.len() as u64).sum();
        account.region(name, |region| match way {
            Way::ToDevice => region.to_device.add(bytes, began),
            Way::FromDevice => region.from_device.add(bytes, began),
        });
        Ok(())
    }
}

/// What a program can do so that a region runs on a device, where the reason that it did not leaves that open.
fn remedy(reason: &str) -> Option<&'static str> {
    const REMEDIES: [(&str, &str); 4] = [
        (
            "neither a teams nor a parallel region",
            "`target teams distribute parallel for` and `target parallel for` can",
        ),
        ("needs memory of the host", "map what it uses"),
        ("beside its parallel region", "keep what is between `teams` and its loop to the loop"),
        ("has one thread", "a parallel region in it can have more"),
    ];
    REMEDIES.iter().find(|(part, _)| reason.contains(part)).map(|(_, remedy)| *remedy)
}

impl fmt::Display for OffloadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.regions.is_empty() {
            f.write_str("no target region was run with a device")?;
        }
        for (number, region) in self.regions.iter().enumerate() {
            let line = if number == 0 { "" } else { "\n" };
            write!(f, "{line}{region}")?;
        }
        let Self { to_devices, from_devices, .. } = self;
        if to_devices.bytes + from_devices.bytes > 0 {
            write!(f, "\nbeside launches: {to_devices} to devices, {from_devices} from devices")?;
        }
        Ok(())
    }
}

impl fmt::Display for RegionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The place comes from the guest, reasons have names from there.
        write!(f, "{}: ", self.place.escape_debug())?;
        if self.launches > 0 {
            let times = if self.launches == 1 { "launch" } else { "launches" };
            write!(f, "{} {times} on {}, {} in kernels", self.launches, self.device, in_words(self.kernels))?;
            write!(f, ", {} to the device, {} back", self.to_device, self.from_device)?;
            write!(f, ", made ready in {}", in_words(self.compiling))?;
        }
        if self.launches == 0 && self.on_host.is_empty() {
            f.write_str("no launch has ended")?;
        }
        for (number, (reason, times)) in self.on_host.iter().enumerate() {
            let separator = if number > 0 || self.launches > 0 { "; " } else { "" };
            let often = if *times == 1 { String::new() } else { format!(", {times} times") };
            write!(f, "{separator}on the host{often}: {}", reason.escape_debug())?;
            if let Some(remedy) = remedy(reason) {
                write!(f, " ({remedy})")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes {
            0 => f.write_str("nothing"),
            bytes @ ..10_000 => write!(f, "{bytes} bytes in {}", in_words(self.time)),
            bytes @ ..10_000_000 => write!(f, "{:.0} kB in {}", bytes as f64 / 1e3, in_words(self.time)),
            bytes => write!(f, "{:.0} MB in {}", bytes as f64 / 1e6, in_words(self.time)),
        }
    }
}

/// A time with a unit that suits it.
fn in_words(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds @ ..1e-3 => format!("{:.1} us", seconds * 1e6),
        seconds @ ..1.0 => format!("{:.2} ms", seconds * 1e3),
        seconds => format!("{seconds:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_what_clang_calls_regions_by() {
        let mut manifest = Manifest::default();
        let kernel = |microtask: &str, source: &str| omp2wasi_abi::manifest::Kernel {
            microtask: microtask.to_owned(),
            source: source.to_owned(),
            ..Default::default()
        };
        manifest.kernels.push(kernel("__omp_offloading_fe00_51_step_l7.omp_outlined", "a:b.c:step:7:1"));
        manifest.kernels.push(kernel("__omp_offloading_fe00_52_step_l9.omp_outlined", "unknown:unknown:0:0"));
        let account = Account::new(true, &manifest);
        let place = |name: &str| account.place(name).0;
        assert_eq!(place("__omp_offloading_fe00_51_step_l7"), "a:b.c:7");
        assert_eq!(place("__omp_offloading_fe00_52_step_l9"), "step, line 9");
        assert_eq!(place("__omp_offloading_fe00_52_all_l_two_l12_3"), "all_l_two, line 12");
        // Another region of that file has said what it is called.
        assert_eq!(place("__omp_offloading_fe00_51_all_l_two_l12_3"), "a:b.c:12");
        assert_eq!(place("other"), "other");
    }

    #[test]
    fn a_report_has_a_line_for_each_region_in_the_order_of_the_source() {
        let account = Account::new(true, &Manifest::default());
        let name = |line: u32| format!("__omp_offloading_1_2_main_l{line}");
        let microtask = || format!("{}.omp_outlined.omp_outlined", name(12));
        account.launch(microtask).launched("a device", Instant::now());
        account.region(&microtask(), |region| {
            region.launches += 1;
            region.kernels = Duration::from_micros(42);
        });
        for _ in 0..3 {
            account.on_host(&name(5), "it has one thread");
        }
        let report = account.report().unwrap();
        assert_eq!(
            report.to_string(),
            "main, line 5: on the host, 3 times: it has one thread (a parallel region in it can have more)\n\
             main, line 12: 2 launches on a device, 42.0 us in kernels, nothing to the device, nothing back, made ready in 0.0 us"
        );
        assert!(Account::new(false, &Manifest::default()).report().is_none());
    }
}
