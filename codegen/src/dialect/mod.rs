//! From the IR to text in a language that a compiler takes.
//!
//! A [`Dialect`] is a table over shared rules: `c` prints what all C dialects have in common, and asks the dialect for its types, for
//! instructions that C has no operator for, and for what a virtual thread has beside its variables. What is around the functions, entry
//! points above all, is the dialect's own. `opencl` is OpenCL C for devices, `native` C for the machine's own compiler.
//!
//! Invariant: a dialect is handed facts ([`crate::Facts`]) and never looks for them in text that was printed.

pub(crate) mod c;
pub(crate) mod native;
pub(crate) mod opencl;

use crate::ir::{Bits, Op, Operation, Sign, Site, Ty};

/// What C dialects do not have in common.
pub(crate) trait Dialect {
    /// The type of variables. Integers have no sign.
    fn ty(&self, ty: Ty) -> &'static str;

    /// The integer type of so many bytes: 1, 2, 4 or 8; of 16 bytes a vector, which has no sign.
    fn integer(&self, bytes: u32, sign: Sign) -> &'static str;

    /// A constant, as an expression that can stand anywhere.
    fn constant(&self, ty: Ty, bits: Bits) -> String;

    /// The value that a variable of a type starts with.
    fn zero(&self, ty: Ty) -> &'static str;

    /// The bits of a value as a value of another type.
    fn reinterpret(&self, to: Ty, value: &str) -> String;

    /// What the name of an access ends with that differs by what its address is said to be a multiple of.
    fn alignment(&self, _access: &Operation) -> &'static str {
        ""
    }

    /// A lane of a vector.
    fn extract_lane(&self, op: Op, vector: &str, lane: u8) -> String;

    /// The lanes of a shuffle, as an argument.
    fn shuffle_lanes(&self, lanes: &[u8]) -> String;

    /// What a function that is lifted as such is called.
    fn function(&self, index: u32) -> String;

    /// What functions are given before their parameters: as parameters, and as arguments.
    fn machine(&self) -> (&'static str, &'static str);

    /// A global variable.
    fn global(&self, index: u32) -> String;

    /// Where in the module a site is, if the compiler is to keep that beside the code for it.
    fn offset(&self, site: Site) -> Option<usize>;

    /// How a place that may trap is told to `trap`.
    fn site(&self, site: Site) -> String;

    /// What a function's body begins with that lets the compiler compute with floating-point numbers as the compiler of the source code was
    /// allowed to, beyond what the instructions say.
    fn float_freedom(&self, index: u32) -> &'static [&'static str];

    /// Whether products and sums of a function are to be written as fused ones: for compilers that do not fuse them by themselves.
    fn fuses(&self, index: u32) -> bool;

    /// What a function that calls others begins with, if anything.
    fn entry(&self, index: u32) -> Option<String>;

    /// What a `switch` chooses by, given that.
    fn chosen_by(&self, index: &str) -> String;

    /// Whether code goes on after a trap, which is then to be looked for.
    fn goes_on_after_traps(&self) -> bool;

    /// A call through the table, but for its arguments: a function pointer.
    fn table_call(&self, ty: u32, table: u32, index: &str, site: Site) -> String;
}

/// A kernel in a language of devices: its text, and what it is to be given.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The text.
    pub text: String,
    /// What each of its entry points is given, in order: the one list of arguments.
    pub params: Vec<Param>,
    /// The entry points that it has beside [`Artifact::ENTRY`].
    pub entries: EntryPoints,
    /// How many bytes an accumulator has, if the region has reductions: see [`Param::Partials`].
    pub accumulator: Option<usize>,
    /// How many bytes of local memory a work-group takes.
    pub local_memory: usize,
    /// How many critical sections it has that are told apart: see [`Param::Locks`].
    pub locks: usize,
    /// How many bytes the members of a team share.
    pub team_size: usize,
    /// How many work-items a work-group may have: there is room for the accumulators of [`Artifact::MAX_GROUP`].
    pub longest_group: usize,
}

/// A parameter of entry points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// The address of the memory, which has at least 16 bytes.
    Memory,
    /// The size of the memory in bytes: 64 bits.
    MemorySize,
    /// The address of the trap record: a word that is 0 before the launch, see [`crate::Kernel::trapped`].
    TrapRecord,
    /// The address of 16 bytes, which are 0 before the launch, and of [`Artifact::PRINTED`] behind them: there the kernel puts what it prints, as
    /// records ([`omp2wasi_abi::layout::printed`]). The first word is how many bytes all of those have, the second one how many had no room.
    Printed,
    /// The address of a byte for each 64 KiB of the memory, which becomes 1 if the kernel may have written something there
    /// ([`crate::Options::marks`]).
    Marks,
    /// The first thread id of this launch: 32 bits. Regions are given 0.
    FirstThread,
    /// 32 bits. For [`Artifact::ENTRY`] the number of thread ids, or for a region of work-items, for a league of teams; for [`Artifact::ONE_EACH`] of work-items;
    /// for [`Artifact::TILES`] of rows; for [`Artifact::REDUCE`] of the work-groups that are combined.
    Count,
    /// 32 bits. For [`Artifact::ENTRY`] the number of threads; for [`Artifact::ONE_EACH`] of iterations; for [`Artifact::TILES`] the length
    /// of a row.
    NumThreads,
    /// The block size: 32 bits. For a region, how many consecutive iterations a virtual thread gets.
    BlockSize,
    /// The number of the device among the program's: 32 bits.
    Device,
    /// How many devices the program has: 32 bits.
    Devices,
    /// The address of room for an accumulator of each work-group, in the order of the groups.
    Partials,
    /// The address of [`Artifact::locks`] words, which are 0 before the first launch and are left so.
    Locks,
    /// The address of [`Artifact::team_size`] bytes for [`Artifact::WIDE`], which are 0 before the first launch and are left so.
    Team,
    /// A parameter of the kernel or the microtask beyond those that all have, by its number: 32 bits.
    Parameter(usize),
    /// The value of a global variable, by its index, of this type.
    Global(u32, Ty),
}

/// Which entry points a region has beside the first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryPoints {
    /// [`Artifact::ONE_EACH`].
    pub one_each: bool,
    /// [`Artifact::TILES`].
    pub tiles: bool,
    /// [`Artifact::REDUCE`].
    pub reduce: bool,
    /// [`Artifact::WIDE`].
    pub wide: bool,
}

impl EntryPoints {
    /// Whether there is one for launches of a certain kind: see [`Artifact::SPECIAL`].
    #[must_use]
    pub fn has_special(self) -> bool {
        self.one_each || self.tiles || self.wide
    }
}

impl Artifact {
    /// Name of the entry point that serves for any launch: `Count` and `NumThreads` are the numbers of thread ids; for a region, of
    /// work-items.
    pub const ENTRY: &str = "omp2wasi_kernel";
    /// Name of the entry point that finishes a region's reductions. It is launched after another one, as one work-group; `Count` is the
    /// number of work-groups that the other one had.
    pub const REDUCE: &str = "omp2wasi_reduce";
    /// Name of the entry point of a region whose virtual threads all do an iteration, one each ([`crate::LaunchPlan::has_one_each`]):
    /// `NumThreads` is the number of iterations; without reductions there are as many work-items.
    pub const ONE_EACH: &str = "omp2wasi_sure";
    /// Name of the entry point that assigns iterations in tiles ([`crate::LaunchPlan::rows`]): `NumThreads` is the length of a row, `Count`
    /// the number of rows; the first dimension of the range is along a row. With reductions the second one may be shorter than there are
    /// rows.
    pub const TILES: &str = "omp2wasi_tiles";
    /// Name of the entry point for a league of one team that is the whole range: all work-groups have to be under way at the same time. In
    /// [`Param::Team`] is what they share.
    pub const WIDE: &str = "omp2wasi_wide";
    /// A macro. With it the text has [`Artifact::ONE_EACH`], [`Artifact::TILES`] or [`Artifact::WIDE`], whichever it has, and without it [`Artifact::ENTRY`]; both
    /// have [`Artifact::REDUCE`]. So a compiler has to take what a launch needs and not all that there is.
    pub const SPECIAL: &str = "OMP2WASI_SPECIAL";
    /// Shapes of the work-groups that [`Artifact::TILES`] may be launched with: width and height in work-items. Which one is faster
    /// depends on how the kernel goes through memory, so whoever launches it tries both.
    pub const TILE_SHAPES: [[u32; 2]; 2] = [[32, 8], [16, 16]];
    /// Bytes for what a launch prints: see [`Param::Printed`].
    pub const PRINTED: usize = 1 << 20;
    /// How many work-items a team of a league has, if the device can have so many in a group.
    pub const TEAM: usize = 256;
    /// How many the team of a target region has that is one, if the device can have so many in a group and it reduces nothing.
    pub const MAX_TEAM: usize = 1024;
    /// Most work-items in a group of any other kernel.
    pub const MAX_GROUP: usize = 256;
}
