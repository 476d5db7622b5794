//! Why codegen cannot translate a kernel. (Devices may lack what a kernel needs, which is for the runtime to say.)

use std::fmt;

/// What cannot be translated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It calls an import; the names of its module and of itself.
    HostCall(String, String),
    /// A function calls itself, directly or through others.
    Recursion,
    /// It waits for other threads (`memory.atomic.wait`), which work-items cannot.
    Blocking,
    /// It grows the memory.
    MemoryGrow,
    /// It calls through the table, and too many functions (this many), or ones that cannot be known, come into question.
    IndirectCall(Option<usize>),
    /// The address of a variable on its stack goes where it cannot be followed.
    EscapingFrame,
    /// Its stack frame is accessed in pieces that overlap in part.
    OverlappingFrame,
    /// The stack frames of its functions have so many bytes together, which is more than a work-item's private memory is used for.
    LargeFrames(u32),
    /// The length of its stack frame is computed, for an array of variable length, and the runtime has memory there, too.
    VariableFrame,
    /// An atomic operation may be to a variable on its stack, which only this work-item sees.
    AtomicInFrame,
    /// A parallel region of a team changes a variable of the function around it, of which each member of the team has a copy.
    TeamVariable,
    /// A region that is launched without regard to teams asks which thread or team executes it.
    TeamNumber,
    /// A region uses global variables: those belong to the thread, and a virtual thread has none.
    ThreadVariables,
    /// An instruction that is not translated; its name.
    Instruction(String),
    /// Something else in the module, in words.
    Module(String),
    /// Calls or blocks are nested too deep to follow.
    Depth,
    /// A function has too many locals, blocks and branches to follow.
    Size,
    /// A teams region's function forks no parallel region.
    NoParallelRegion,
    /// An OpenMP construct that has no form on a device; its runtime entry point, and why.
    Construct(String, &'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostCall(module, name) => write!(f, "it calls the host (`{module}` `{name}`)"),
            Self::Recursion => f.write_str("recursion"),
            Self::Blocking => f.write_str("work-items cannot wait for one another"),
            Self::MemoryGrow => f.write_str("it grows the memory"),
            Self::IndirectCall(None) => f.write_str("it calls through a table that changes at run time"),
            Self::IndirectCall(Some(count)) => write!(f, "it calls through a pointer to one of {count} functions"),
            Self::EscapingFrame => f.write_str("the address of a variable on the stack escapes"),
            Self::OverlappingFrame => f.write_str("its stack frame is accessed in overlapping pieces"),
            Self::LargeFrames(bytes) => write!(f, "the variables on its stack have {bytes} bytes, of at most 16384"),
            Self::VariableFrame => {
                f.write_str("an array of variable length is on its stack, beside a task or memory of an allocator")
            }
            Self::AtomicInFrame => f.write_str("an atomic operation on a variable that may be on its stack"),
            Self::TeamVariable => f.write_str("a parallel region changes a variable that its team shares"),
            Self::TeamNumber => f.write_str("it depends on the thread or team that executes it"),
            Self::ThreadVariables => f.write_str("it uses variables of the thread"),
            Self::Instruction(name) => write!(f, "the instruction `{name}`"),
            Self::Module(what) => f.write_str(what),
            Self::NoParallelRegion => f.write_str("it has no parallel region"),
            Self::Construct(name, why) => write!(f, "`{name}`: {why}"),
            Self::Size => f.write_str("it is too large to follow"),
            Self::Depth => f.write_str("its calls or blocks are nested too deep to follow"),
        }
    }
}

/// A reason, and the calls that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}", self.shown_chain())]
pub struct Refusal {
    /// What cannot be translated.
    pub reason: Reason,
    /// Functions from the kernel to the one with the obstacle, by name, or by index where they have none.
    pub chain: Vec<String>,
}

impl Refusal {
    fn shown_chain(&self) -> String {
        if self.chain.is_empty() { String::new() } else { format!(" ({})", self.chain.join(" > ")) }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, chain: Vec::new() }
    }
}
