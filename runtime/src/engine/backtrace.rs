//! Backtraces over both kinds of wasm frames, in Wasmtime's format: its own, and those of native code.
//!
//! Invariant: a program that traps in native code is shown the text that it would be shown if all of it ran as Cranelift's code.

use super::form::Form;
use super::native::library::Library;
use gimli::{EndianSlice, LittleEndian};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use wasmparser::{Parser, Payload};
use wasmtime::WasmBacktrace;

/// How many frames are shown, as of Wasmtime's.
const MAX_SHOWN: usize = 20;

/// A place in the module's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index of the function.
    pub function: u32,
    /// Offset of the instruction in the module's bytes, where it is known.
    pub offset: Option<usize>,
}

/// The frames of one entry into native code.
pub(crate) struct Segment {
    /// The module that it is a form of.
    pub form: Arc<Form>,
    /// The libraries that its program counters are in.
    pub libraries: Vec<Arc<Library>>,
    /// Program counters, innermost first: the first one where something happened, the others behind calls.
    pub pcs: Vec<usize>,
    /// Whether the first one is behind a call, too.
    pub is_call: bool,
    /// The offset of the instruction that trapped, where native code has said it.
    pub offset: Option<usize>,
    /// Whether that is a function that has no room on the stack.
    pub is_overflow: bool,
    /// How many of Wasmtime's frames are beneath this entry.
    pub beneath: usize,
}

impl Segment {
    /// Where its frames are, innermost first.
    fn places(&self) -> Vec<Place> {
        let (mut places, mut is_corrected) = (Vec::new(), false);
        for (at, pc) in self.pcs.iter().enumerate() {
            let pc = if at > 0 || self.is_call { pc - 1 } else { *pc };
            if let Some(library) = self.libraries.iter().find(|library| library.contains(pc)) {
                places.extend(library.places(pc, &self.form));
            }
            // The text has functions of its own, which trap and call the host; they have no places.
            if !is_corrected && !places.is_empty() {
                self.correct(&mut places);
                is_corrected = true;
            }
        }
        if !is_corrected {
            self.correct(&mut places);
        }
        places
    }

    /// Corrects what is known of the innermost frame, and of the functions that have been put into it.
    fn correct(&self, places: &mut Vec<Place>) {
        let exact = |offset: usize| {
            let function = self.form.function_at(offset)?;
            // Cranelift's code has no place where it looks whether there is room on the stack.
            Some(Place { function, offset: (!self.is_overflow).then_some(offset) })
        };
        match (self.offset.and_then(exact), places.first_mut()) {
            (Some(exact), Some(first)) if first.function == exact.function => *first = exact,
            // The compiler may have merged the calls of several functions that it has put into one.
            (Some(exact), _) => places.insert(0, exact),
            (None, _) => {}
        }
    }
}

/// The native frames that an error has unwound, attached to it as context.
#[derive(Default)]
pub(crate) struct NativeTrace(Mutex<Vec<Segment>>);

impl NativeTrace {
    /// Adds a segment around those that are there; attaches a trace to an error that has none.
    pub(crate) fn add(error: wasmtime::Error, segment: Segment) -> wasmtime::Error {
        let trace = match error.downcast_ref::<Self>() {
            Some(trace) => trace,
            None => return error.context(Self(Mutex::new(vec![segment]))),
        };
        trace.0.lock().unwrap_or_else(PoisonError::into_inner).push(segment);
        error
    }
}

impl fmt::Display for NativeTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error while executing native code")
    }
}

impl fmt::Debug for NativeTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeTrace").finish_non_exhaustive()
    }
}

/// A place in the source code.
struct Symbol {
    name: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
}

/// A frame as it is shown.
struct Frame {
    module: Option<String>,
    function: u32,
    name: Option<String>,
    offset: Option<usize>,
    /// Of the functions that the compiler of the source code has put into one, innermost first.
    symbols: Vec<Symbol>,
}

impl From<&wasmtime::FrameInfo> for Frame {
    fn from(frame: &wasmtime::FrameInfo) -> Self {
        let symbol = |symbol: &wasmtime::FrameSymbol| Symbol {
            name: symbol.name().map(str::to_owned),
            file: symbol.file().map(str::to_owned),
            line: symbol.line(),
            column: symbol.column(),
        };
        Self {
            module: frame.module().name().map(str::to_owned),
            function: frame.func_index(),
            name: frame.func_name().map(str::to_owned),
            offset: frame.module_offset(),
            symbols: frame.symbols().iter().map(symbol).collect(),
        }
    }
}

/// The wasm frames that an error has unwound.
pub(crate) struct Backtrace(Vec<Frame>);

impl Backtrace {
    /// Those of an error.
    pub(crate) fn of(error: &wasmtime::Error) -> Self {
        let wasmtime = error.downcast_ref::<WasmBacktrace>().map(WasmBacktrace::frames).unwrap_or_default();
        let mut frames: Vec<Frame> = wasmtime.iter().map(Frame::from).collect();
        if let Some(trace) = error.downcast_ref::<NativeTrace>() {
            let segments = trace.0.lock().unwrap_or_else(PoisonError::into_inner);
            // From the outermost: what is put in does not move what is beneath.
            for segment in segments.iter().rev() {
                let at = wasmtime.len().saturating_sub(segment.beneath);
                let places = segment.places();
                frames.splice(at..at, symbolized(&segment.form, &places));
            }
            frames.truncate(MAX_SHOWN);
        }
        Self(frames)
    }

    /// The name of the innermost function.
    pub(crate) fn top(&self) -> Option<&str> {
        self.0.first()?.name.as_deref()
    }
}

impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_str("error while executing at wasm backtrace:")?;
        for (number, frame) in self.0.iter().enumerate() {
            write!(f, "\n  {number:>3}: ")?;
            if let Some(offset) = frame.offset {
                write!(f, "{offset:#8x} - ")?;
            }
            let function = |f: &mut fmt::Formatter<'_>| match &frame.name {
                Some(name) => f.write_str(name),
                None => write!(f, "<wasm function {}>", frame.function),
            };
            if frame.symbols.is_empty() {
                write!(f, "{}!", frame.module.as_deref().unwrap_or("<unknown>"))?;
                function(f)?;
            }
            for (inlined, symbol) in frame.symbols.iter().enumerate() {
                if inlined > 0 {
                    f.write_str("\n                - ")?;
                }
                match &symbol.name {
                    Some(name) => f.write_str(name)?,
                    None if inlined == 0 => function(f)?,
                    None => f.write_str("<inlined function>")?,
                }
                if let Some(file) = &symbol.file {
                    write!(f, "\n                    at {file}")?;
                    if let Some(line) = symbol.line {
                        write!(f, ":{line}")?;
                        if let Some(column) = symbol.column {
                            write!(f, ":{column}")?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Frames with what the module says of their places.
fn symbolized(form: &Form, places: &[Place]) -> Vec<Frame> {
    // Custom sections can have anything in them: what is not understood is not shown.
    let context = dwarf(&form.wasm).and_then(|dwarf| addr2line::Context::from_dwarf(dwarf).ok());
    let frame = |place: &Place| {
        let mut symbols = Vec::new();
        let scalar = place.offset.and_then(|offset| form.scalar_line(offset));
        symbols.extend(scalar.map(|(file, line)| Symbol {
            name: None,
            file: Some(file.to_owned()),
            line: Some(line),
            column: None,
        }));
        // Addresses of DWARF count from the beginning of the code section.
        let offset = place.offset.filter(|offset| *offset < form.wasm.len());
        let address = offset.and_then(|offset| offset.checked_sub(form.code_start));
        if let (Some(context), Some(address)) = (&context, address)
            && let Ok(mut frames) = context.find_frames(address as u64).skip_all_loads()
        {
            while let Ok(Some(frame)) = frames.next() {
                symbols.push(Symbol {
                    name: frame.function.as_ref().and_then(|name| Some(name.raw_name().ok()?.into_owned())),
                    file: frame.location.as_ref().and_then(|location| location.file.map(str::to_owned)),
                    line: frame.location.as_ref().and_then(|location| location.line),
                    column: frame.location.as_ref().and_then(|location| location.column),
                });
            }
        }
        Frame {
            module: form.name.clone(),
            function: place.function,
            name: form.function_name(place.function).map(str::to_owned),
            offset,
            symbols,
        }
    };
    places.iter().map(frame).collect()
}

/// The debug information of a module; `None` if it has none.
fn dwarf(wasm: &[u8]) -> Option<gimli::Dwarf<EndianSlice<'_, LittleEndian>>> {
    let mut sections = std::collections::HashMap::new();
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        if let Payload::CustomSection(section) = payload
            && section.name().starts_with(".debug_")
        {
            sections.insert(section.name(), section.data());
        }
    }
    sections.contains_key(".debug_line").then_some(())?;
    let section = |id: gimli::SectionId| {
        let data = sections.get(id.name()).copied().unwrap_or_default();
        Ok::<_, gimli::Error>(EndianSlice::new(data, LittleEndian))
    };
    gimli::Dwarf::load(section).ok()
}
