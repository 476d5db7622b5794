//! Describes what a program is run with.
//!
//! Invariant: a [`Config`] is a plain value: folders and devices are opened when a program runs with it, not before.

use crate::cache::Cache;
use crate::cpu::machine::Machine;
use crate::device::{DeviceId, Features, Mathematics};
use crate::engine::Tier;
use crate::engine::native::NativeOptions;
use crate::report::{Notice, Reporter, Severity};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How the host executes parallel regions and kernels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Execution {
    /// On a team of CPU threads.
    #[default]
    Parallel,
    /// On one thread, everything in order: for debugging, and to compare with.
    Sequential,
}

/// Which devices target regions can use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Accelerator {
    /// None: target regions run on the host.
    #[default]
    None,
    /// All GPUs that there are. They are looked for when the program first asks for devices.
    Gpus,
    /// These, see [`crate::device::select`].
    Devices(Vec<DeviceId>),
}

/// Where the program's standard streams go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stdio {
    /// To those of this process.
    #[default]
    Inherit,
    /// Nowhere; reading gives end of file.
    Null,
}

/// What one run of a program is given: arguments, environment, files, processors, devices, and where notices go.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The arguments, from the program's name on.
    pub(crate) args: Vec<String>,
    /// Environment variables: names and values.
    pub(crate) env: Vec<(String, String)>,
    /// Folders of the host, each with the name that the program has for it.
    pub(crate) dirs: Vec<(PathBuf, String)>,
    /// How parallel regions and kernels are executed.
    pub(crate) execution: Execution,
    /// The processors that the threads run on; `None` for [`Machine::local`].
    pub(crate) machine: Option<Arc<Machine>>,
    /// The devices of target regions.
    pub(crate) accelerator: Accelerator,
    /// Where programs that have been built for devices are kept, if they are.
    pub(crate) device_cache: Option<Cache>,
    /// How long a kernel may run on a device; `None` for as long as it likes.
    pub(crate) device_timeout: Option<Duration>,
    /// Whether CPUs among the devices are used as GPUs are.
    pub(crate) interleaved: bool,
    /// The features that devices are taken to lack.
    pub(crate) without: Features,
    /// Whose mathematics target regions compute with on devices.
    pub(crate) mathematics: Mathematics,
    /// Whether account is kept of target regions.
    pub(crate) offload_report: bool,
    /// Where notices go.
    pub(crate) reporter: Reporter,
    /// Where the standard streams go.
    pub(crate) stdio: Stdio,
    /// The exports that are called in the place of `_start`, with their arguments as text.
    pub(crate) invoke: Vec<(String, Vec<String>)>,
    /// The number of processors that the program is told; `None` for that of the machine.
    pub(crate) num_procs: Option<u32>,
    /// Whether large objects are backed by small pages, too.
    pub(crate) small_pages_alone: bool,
    /// Bytes that the program can make the host keep; `None` for [`Config::MEMORY_LIMIT`].
    pub(crate) memory_limit: Option<u64>,
    /// How many threads the program can have; `None` for as many as the machine allows.
    pub(crate) max_threads: Option<u32>,
    /// How long the program may run; `None` for as long as it likes.
    pub(crate) time_limit: Option<Duration>,
    /// Which machine code kernels run as.
    pub(crate) tier: Tier,
    /// How native code is made.
    pub(crate) native: NativeOptions,
}

impl Config {
    /// Bytes that a program can make the host keep, unless [`Config::memory_limit`] says otherwise: the largest linear memory, and 256 MiB.
    pub const MEMORY_LIMIT: u64 = (4 << 30) + (256 << 20);

    /// Limits how many bytes the program can make the host keep. Its linear memory gets at most `bytes - min(bytes / 5, 256 MiB)`; what it
    /// leaves is for tables, instances, kernels and whatever else the program has the host keep. Beyond it, an
    /// allocation fails as it does when memory is used up: growing gives -1, host functions give an errno. Not counted are the stacks of
    /// threads, of which each can use up to 27 MiB: [`Config::max_threads`] limits those.
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = Some(bytes);
        self
    }

    /// Chooses whether large objects of the program are backed by large pages (transparent huge pages of 2 MiB on Linux), where the kernel
    /// has them; they are by default. Large pages make programs faster that go through much memory. One that touches little of its large
    /// objects here and there needs more memory with them.
    #[must_use]
    pub fn large_pages(mut self, large_pages: bool) -> Self {
        self.small_pages_alone = !large_pages;
        self
    }

    /// Limits how many threads the program can have, its initial one included. By default it can have as many as all programs of this OS
    /// process together: some thousands, less if the machine or the user's limits have no more. A team that cannot be that large gets
    /// fewer threads.
    #[must_use]
    pub fn max_threads(mut self, threads: u32) -> Self {
        self.max_threads = Some(threads);
        self
    }

    /// Ends the program, as by a trap, when it has run so long. See [`crate::Interruption`] for what becomes of threads that compute then.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// Chooses which machine code kernels run as; the default is Cranelift's alone, because native code runs a compiler.
    #[must_use]
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }

    /// Says how native code is made, and where it is kept.
    #[must_use]
    pub fn native(mut self, options: NativeOptions) -> Self {
        self.native = options;
        self
    }

    /// Adds an argument; the first one is the program's name.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable; the last setting of a name counts.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.env.retain(|(existing, _)| *existing != name);
        self.env.push((name, value.into()));
        self
    }

    /// Gives the program the folder `host` under the name `guest`, for reading and writing.
    #[must_use]
    pub fn dir(mut self, host: impl Into<PathBuf>, guest: impl Into<String>) -> Self {
        self.dirs.push((host.into(), guest.into()));
        self
    }

    /// Chooses how the host executes parallel regions and kernels; the default is in parallel.
    #[must_use]
    pub fn execution(mut self, execution: Execution) -> Self {
        self.execution = execution;
        self
    }

    /// Chooses the processors that the program's threads run on; the default is [`Machine::local`].
    #[must_use]
    pub fn machine(mut self, machine: Arc<Machine>) -> Self {
        self.machine = Some(machine);
        self
    }

    /// Chooses the devices for target regions; the default is none.
    #[must_use]
    pub fn accelerator(mut self, accelerator: Accelerator) -> Self {
        self.accelerator = accelerator;
        self
    }

    /// Takes it that devices lack these features, whatever their drivers say: what needs them runs on the host.
    #[must_use]
    pub fn without(mut self, features: Features) -> Self {
        self.without = features;
        self
    }

    /// Keeps what is built for devices in this cache.
    #[must_use]
    pub fn device_cache(mut self, cache: Cache) -> Self {
        self.device_cache = Some(cache);
        self
    }

    /// How long a kernel may run on a device before the program ends with an error; the default is for ever.
    #[must_use]
    pub fn device_timeout(mut self, timeout: Duration) -> Self {
        self.device_timeout = Some(timeout);
        self
    }

    /// Uses CPUs among the devices as GPUs are used: with neighbouring iterations on neighbouring work-items, in work-groups, and with
    /// memory of their own. That is slow, and shows what a GPU would do.
    #[must_use]
    pub fn interleaved(mut self, interleaved: bool) -> Self {
        self.interleaved = interleaved;
        self
    }

    /// Chooses whose mathematics target regions compute with on devices; the default is the devices' own.
    #[must_use]
    pub fn mathematics(mut self, mathematics: Mathematics) -> Self {
        self.mathematics = mathematics;
        self
    }

    /// Keeps account of target regions, and reports them when the program has ended ([`Notice::Offload`]). Launches take longer then: what is
    /// copied for them is waited for.
    #[must_use]
    pub fn offload_report(mut self, offload_report: bool) -> Self {
        self.offload_report = offload_report;
        self
    }

    /// Where notices go: what the host has to tell people while the program runs. The sink is called on the thread where a notice
    /// happens, on several at once; it should return soon, because that thread of the program waits. The default is to drop them.
    #[must_use]
    pub fn report(mut self, sink: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        self.reporter.set_sink(sink);
        self
    }

    /// How little a notice may matter to be reported: by default [`Severity::Warning`], with [`Severity::Note`] all of them.
    #[must_use]
    pub fn report_severity(mut self, severity: Severity) -> Self {
        self.reporter.set_severity(severity);
        self
    }

    /// Chooses the standard streams; the default is those of this process.
    #[must_use]
    pub fn stdio(mut self, stdio: Stdio) -> Self {
        self.stdio = stdio;
        self
    }

    /// Tells the program that there are this many processors (`omp_get_num_procs`), whatever its machine has. It then chooses its
    /// algorithms for that many; how threads wait, and how many run independent iterations, still depends on the machine.
    #[must_use]
    pub fn num_procs(mut self, num_procs: u32) -> Self {
        self.num_procs = Some(num_procs);
        self
    }

    /// Calls this export instead of `_start`, with arguments as text; called again, it adds another call on the same instance.
    #[must_use]
    pub fn invoke(mut self, export: impl Into<String>, args: Vec<String>) -> Self {
        self.invoke.push((export.into(), args));
        self
    }

    /// The value of an environment variable of the program.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(existing, _)| existing == name).map(|(_, value)| value.as_str())
    }
}
