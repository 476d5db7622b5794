//! How loading can fail, and how a program can end.
//!
//! Invariant: a message says what is wrong with the program or the machine, and where the user can do something about it, what.

use crate::engine::backtrace::Backtrace;
use crate::engine::native::NativeError;
use crate::limits::OutOfMemory;
use omp2wasi_codegen::TrapCode;
use std::fmt;

/// Why a program could not be loaded or started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The module's text could not be parsed; in the parser's words.
    #[error("{0}")]
    Text(String),
    /// The module could not be rewritten.
    #[error(transparent)]
    Rewrite(#[from] omp2wasi_rewriter::Error),
    /// Wasmtime refused the module or the configuration.
    #[error("{0:#}")]
    Wasmtime(wasmtime::Error),
    /// The module imports something that this host does not provide.
    #[error("the module imports `{module}.{name}` ({ty}), which omp2wasi does not provide{hint}")]
    Import {
        /// Import module.
        module: String,
        /// Import name.
        name: String,
        /// What kind of import it is: "a function", for example.
        ty: &'static str,
        /// What to do about it, beginning with a semicolon; empty where nothing is known.
        hint: &'static str,
    },
    /// The module does not export the function that is to be called.
    #[error("the module has no export `{0}`; name a function to call with --invoke")]
    NoEntry(String),
    /// The module's memory is larger from the start than it may become.
    #[error("the module's memory has {} MiB from the start, and may have {} MiB (--max-memory)", needed.div_ceil(1 << 20), limit >> 20)]
    Memory {
        /// Bytes that it has.
        needed: u64,
        /// Bytes that it may have.
        limit: u64,
    },
    /// An argument of an invoked function does not fit its type.
    #[error("`{export}` takes {expected}; {found} was given")]
    Arguments {
        /// The name of the function's export.
        export: String,
        /// The types of its parameters, as text.
        expected: String,
        /// The arguments that were given.
        found: String,
    },
    /// A folder that the configuration gives to the program could not be opened.
    #[error("cannot open the folder {path}: {reason:#}")]
    Directory {
        /// Its path on the host.
        path: String,
        /// Why not.
        reason: wasmtime::Error,
    },
    /// The operating system has no more threads, or the program has as many as it may.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// Native code was asked for, and there is none.
    #[error("no native code: {0}")]
    Native(#[from] NativeError),
    /// There is no memory for an instance of the module.
    #[error("cannot make an instance: {0}")]
    Instance(OutOfMemory),
}

impl From<wasmtime::Error> for Error {
    fn from(error: wasmtime::Error) -> Self {
        Self::Wasmtime(error)
    }
}

/// How a program ended.
#[derive(Debug)]
pub enum Outcome {
    /// It returned, or called `proc_exit`, with this code (0 to 255).
    Exited(u8),
    /// One of its threads trapped. The first trap counts.
    Trapped(TrapInfo),
    /// It could not be started.
    Failed(Error),
}

impl Outcome {
    /// The end of a program whose wasm code an error has unwound: an exit or a trap. `thread` is as in [`TrapInfo::thread`].
    pub(crate) fn of_error(error: &wasmtime::Error, thread: Option<(u32, u32)>) -> Self {
        match error.downcast_ref::<wasmtime_wasi::I32Exit>() {
            Some(exit) => Self::Exited(exit.0 as u8),
            None => Self::Trapped(TrapInfo::new(error, thread)),
        }
    }
}

/// What is known of the trap that ended a program, for people.
#[derive(Debug)]
pub struct TrapInfo {
    /// The number of the thread in its team, or of the iteration, and how many there were; `None` outside of parallel regions.
    pub thread: Option<(u32, u32)>,
    /// What happened, one line.
    pub message: String,
    /// The wasm frames, innermost first: function, file and line as far as the module knows them.
    pub backtrace: String,
}

impl fmt::Display for TrapInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thread {
            Some((number, size)) => write!(f, "thread {number} of {size}: {}", self.message)?,
            None => f.write_str(&self.message)?,
        }
        if !self.backtrace.is_empty() {
            write!(f, "\n{}", self.backtrace)?;
        }
        Ok(())
    }
}

/// Where a kernel on a device trapped, in words. It is attached to the trap's error as context.
#[derive(Debug)]
pub(crate) struct DeviceLocation(pub String);

impl fmt::Display for DeviceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What wasm-ld puts before the name of a function when a call of it does not fit its definition: the call is one of a function with this
/// name then, which traps.
const MISMATCH: &str = "signature_mismatch:";

impl TrapInfo {
    /// Describes an error that has unwound wasm frames; `thread` is as in [`TrapInfo::thread`].
    pub(crate) fn new(error: &wasmtime::Error, thread: Option<(u32, u32)>) -> Self {
        let trap = error.downcast_ref::<wasmtime::Trap>();
        let backtrace = Backtrace::of(error);
        let message = if backtrace.top() == Some(omp2wasi_rewriter::STACK_OVERFLOW) {
            "stack overflow: the thread's stack is used up (OMP_STACKSIZE sets its size, -Wl,-z,stack-size= the initial thread's)".to_owned()
        } else if let Some(function) = backtrace.top().and_then(|name| name.strip_prefix(MISMATCH)) {
            format!("signature mismatch: `{function}` is called with other types than it is defined with")
        } else if let Some(trap) = trap {
            // On a device the frames are those of the launch.
            let place = error.downcast_ref::<DeviceLocation>().map(|DeviceLocation(place)| format!(" ({place})"));
            match (trap, place) {
                (wasmtime::Trap::StackOverflow, Some(place)) => {
                    let why = "arrays of variable length take more room than a work-item has, 8 KiB at most: give it a piece of a mapped array, or use --device cpu";
                    format!("stack overflow: {why}{place}")
                }
                (_, place) => format!("{trap}{}", place.unwrap_or_default()),
            }
        } else {
            error.root_cause().to_string()
        };
        Self { thread, message, backtrace: backtrace.to_string() }
    }
}

/// The trap of Wasmtime's that is of the same kind.
pub(crate) fn wasm_trap(trap: TrapCode) -> wasmtime::Trap {
    match trap {
        TrapCode::Unreachable => wasmtime::Trap::UnreachableCodeReached,
        TrapCode::OutOfBounds => wasmtime::Trap::MemoryOutOfBounds,
        TrapCode::DivideByZero => wasmtime::Trap::IntegerDivisionByZero,
        TrapCode::IntegerOverflow => wasmtime::Trap::IntegerOverflow,
        TrapCode::InvalidConversion => wasmtime::Trap::BadConversionToInteger,
        TrapCode::IndirectCall => wasmtime::Trap::BadSignature,
        TrapCode::Unaligned => wasmtime::Trap::HeapMisaligned,
        TrapCode::StackOverflow => wasmtime::Trap::StackOverflow,
        TrapCode::TableOutOfBounds => wasmtime::Trap::TableOutOfBounds,
        TrapCode::NullFunction => wasmtime::Trap::IndirectCallToNull,
    }
}
