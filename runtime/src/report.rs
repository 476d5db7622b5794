//! Tells people what happens: notices, as values, to the function that the embedder has given.
//!
//! Invariant: this library prints nothing. Every message is a [`Notice`]; [`Config::report`](crate::Config::report) says where
//! notices go, and without it they are dropped. The command line prints them on standard error.
//!
//! # Adding a notice
//! A notice is a variant of [`Notice`] with typed fields, a [`Severity`], and a line of text in its `Display`. The code that meets the
//! condition makes the notice and calls `Reporter::report`; where making it is work, it asks `Reporter::wants` first. That costs a branch,
//! which is nothing beside what these notices tell of (refused calls, devices), but would show at each fork or barrier. Notices of
//! those belong to a severity of their own, and whether that is wanted is asked once, when the program is linked: a program that is
//! traced gets host functions that report, any other program gets the ones that do not even look.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Something that happened while a program was loaded or ran, and that does not end it.
///
/// Its text (`Display`) is one line for people, for [`Notice::Offload`] several, without a program's name before it and without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A host function refused a call: the guest was given an errno, which it may ignore.
    CallRefused {
        /// The name of the imported function, see [`omp2wasi_abi::imports`].
        function: &'static str,
        /// What was wrong, and where an errno alone says little, which errno it got.
        reason: String,
    },
    /// `OMP_PLACES` is not a place list (OpenMP 5.2, section 21.1.6), and was ignored.
    PlacesIgnored {
        /// The value of the variable.
        value: String,
    },
    /// A device that the configuration asks for cannot be used.
    DeviceUnusable {
        /// The device's name.
        device: String,
        /// Why not.
        reason: String,
    },
    /// A launch has printed more on the device than there is room for.
    PrintedLost {
        /// How many calls have printed nothing.
        lines: u32,
    },
    /// A target region runs on the host although there is a device. Said once for each region and reason.
    RegionOnHost {
        /// The region's name, where it is known.
        region: Option<String>,
        /// Why.
        reason: String,
    },
    /// A hand-written kernel runs on the host although its buffers belong to a device.
    KernelOnHost {
        /// Why.
        reason: String,
    },
    /// Kernels run as native code from now on.
    NativeKernels {
        /// Their names.
        kernels: Vec<String>,
        /// How long that took to make; `None` for what has been in the cache.
        took: Option<Duration>,
    },
    /// What is outside of parallel regions, too, will run as native code in later runs.
    NativeLater {
        /// How long that took to make.
        took: Duration,
    },
    /// A function that native code calls stays with Cranelift.
    NativeLeftOut {
        /// Its name.
        function: String,
        /// Why.
        reason: String,
    },
    /// Kernels run as Cranelift's code although they could be native.
    NativeMissed {
        /// Why.
        reason: String,
    },
    /// The custom section with scalar forms of functions, of which native code is made, is malformed or does not fit the module, and was
    /// ignored: native code is made of the functions themselves.
    ScalarFormsIgnored {
        /// What is wrong with it.
        reason: String,
    },
    /// What became of target regions, when the program has ended: see [`Config::offload_report`](crate::Config::offload_report).
    Offload(crate::device::OffloadReport),
    /// So many notices have been reported of this run that there will be no more.
    NoMore,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Something is not as it was asked for.
    Warning,
    /// Everything is in order, but a choice was made that people may want to know of.
    Note,
}

impl Notice {
    /// How much this notice matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::CallRefused { .. }
            | Self::PlacesIgnored { .. }
            | Self::DeviceUnusable { .. }
            | Self::PrintedLost { .. }
            | Self::ScalarFormsIgnored { .. }
            | Self::Offload(_)
            | Self::NoMore => Severity::Warning,
            Self::RegionOnHost { .. }
            | Self::KernelOnHost { .. }
            | Self::NativeKernels { .. }
            | Self::NativeLater { .. }
            | Self::NativeLeftOut { .. }
            | Self::NativeMissed { .. } => Severity::Note,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CallRefused { function, reason } => write!(f, "{function}: {reason}"),
            Self::PlacesIgnored { value } => write!(f, "warning: OMP_PLACES={value}: not understood, ignored"),
            Self::DeviceUnusable { device, reason } => write!(f, "{device}: {reason}"),
            Self::PrintedLost { lines } => write!(
                f,
                "warning: {lines} lines printed on the device were lost: there is room for 1 MiB between the begin and the end of a region"
            ),
            Self::RegionOnHost { region: None, reason } => write!(f, "a target region runs on the host: {reason}"),
            // Both texts come from the guest.
            Self::RegionOnHost { region: Some(region), reason } => {
                write!(f, "a target region runs on the host: {} ({})", reason.escape_debug(), region.escape_debug())
            }
            Self::KernelOnHost { reason } => write!(f, "a kernel runs on the host: {reason}"),
            // The names come from the guest.
            Self::NativeKernels { kernels, took } => {
                let names = kernels.iter().map(|name| name.escape_debug().to_string()).collect::<Vec<_>>().join(", ");
                match took {
                    Some(took) => write!(f, "native code: {names} (made in {} ms)", took.as_millis()),
                    None => write!(f, "native code: {names} (kept from an earlier run)"),
                }
            }
            Self::NativeLater { took } => {
                let took = took.as_millis();
                write!(f, "native code of what is outside of parallel regions, for later runs (made in {took} ms)")
            }
            Self::NativeLeftOut { function, reason } => {
                write!(f, "native code calls Cranelift's of {}: {}", function.escape_debug(), reason.escape_debug())
            }
            Self::NativeMissed { reason } => write!(f, "no native code: {reason}"),
            Self::ScalarFormsIgnored { reason } => {
                let reason = reason.escape_debug();
                write!(
                    f,
                    "warning: the custom section with scalar forms does not fit the module, and is ignored: {reason}"
                )
            }
            Self::Offload(report) => write!(f, "target regions:\n{report}"),
            Self::NoMore => f.write_str("there was much to report; nothing more will be reported of this run"),
        }
    }
}

/// Takes notices, on whichever thread they happen.
type Sink = dyn Fn(&Notice) + Send + Sync;

/// Most notices of one run: a guest can cause any number.
const MAX_NOTICES: u32 = 1000;

/// Where notices go: the sink of a configuration, and how little they may matter to go there.
#[derive(Clone)]
pub(crate) struct Reporter {
    sink: Option<Arc<Sink>>,
    severity: Severity,
    /// How many notices the sink has been given. Relaxed: a count that orders nothing.
    reported: Arc<AtomicU32>,
}

impl Default for Reporter {
    fn default() -> Self {
        Self { sink: None, severity: Severity::Warning, reported: Arc::default() }
    }
}

impl Reporter {
    /// The same, for another run.
    pub(crate) fn for_run(&self) -> Self {
        Self { reported: Arc::default(), ..self.clone() }
    }

    /// Sets the function that gets the notices.
    pub(crate) fn set_sink(&mut self, sink: impl Fn(&Notice) + Send + Sync + 'static) {
        self.sink = Some(Arc::new(sink));
    }

    /// Sets how severe a notice has to be for the sink to get it.
    pub(crate) fn set_severity(&mut self, severity: Severity) {
        self.severity = severity;
    }

    /// Whether the embedder wants notices of this severity.
    pub(crate) fn wants(&self, severity: Severity) -> bool {
        self.sink.is_some() && severity <= self.severity && self.reported.load(Ordering::Relaxed) <= MAX_NOTICES
    }

    /// Hands the last notice of a run to the sink, however many there have been.
    pub(crate) fn report_last(&self, notice: &Notice) {
        if let Some(sink) = self.sink.as_ref().filter(|_| notice.severity() <= self.severity) {
            sink(notice);
        }
    }

    /// Hands a notice to the sink, if it wants notices of this severity.
    pub(crate) fn report(&self, notice: &Notice) {
        if !self.wants(notice.severity()) {
            return;
        }
        let Some(sink) = &self.sink else { return };
        match self.reported.fetch_add(1, Ordering::Relaxed) {
            ..MAX_NOTICES => sink(notice),
            MAX_NOTICES => sink(&Notice::NoMore),
            _ => {}
        }
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").field("severity", &self.severity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_sink_gets_what_it_wants() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut reporter = Reporter::default();
        let warning = Notice::PlacesIgnored { value: "porcelain".to_owned() };
        let note = Notice::KernelOnHost { reason: "it calls printf".to_owned() };
        reporter.report(&warning);
        assert!(!reporter.wants(Severity::Warning), "nobody listens");
        let sink = Arc::clone(&heard);
        reporter.set_sink(move |notice| sink.lock().unwrap().push(notice.clone()));
        reporter.report(&warning);
        reporter.report(&note);
        assert!(!reporter.wants(Severity::Note));
        reporter.set_severity(Severity::Note);
        reporter.report(&note);
        assert_eq!(*heard.lock().unwrap(), [warning.clone(), note]);
        for _ in 0..2 * MAX_NOTICES {
            reporter.report(&warning);
        }
        assert_eq!(heard.lock().unwrap().len(), MAX_NOTICES as usize + 1);
        assert_eq!(heard.lock().unwrap().last(), Some(&Notice::NoMore));
        assert!(!reporter.wants(Severity::Warning));
        reporter.for_run().report(&warning);
        assert_eq!(heard.lock().unwrap().last(), Some(&warning));
    }
}
