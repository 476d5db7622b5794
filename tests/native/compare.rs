//! Runs functions of a module in Wasmtime and as native code, and compares.
//!
//! Invariant: both call the same functions with the same arguments in the same order; after a trap, both go on with a new instance.

use crate::support::{output_with_input, root, scratch, succeed, text};
use crate::{THREADS, instructions};
use libtest_mimic::Failed;
use object::{Object, ObjectSection};
use omp2wasi_codegen::{Module, NativeOptions, NativeUnit};
use omp2wasi_runtime::NATIVE_FLAGS;
use omp2wasi_runtime::wasmtime::{self, Engine, FrameInfo, Instance, Store, Trap, Val, ValType, WasmBacktrace};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use wasmparser::{Parser, Payload};

/// Functions to call.
pub struct Case {
    text: String,
    functions: Vec<(String, Values)>,
    seed: u64,
    pub places: Places,
}

/// What a function is called with.
pub enum Values {
    /// What kernels are: the thread, the number of threads, the size of a block, and the address 64 for each of the others.
    Kernel,
    /// Numbers for each thread's call.
    Each(Vec<Vec<u32>>),
}

/// Where a fault of native code has to be.
#[derive(Clone, Copy, PartialEq)]
pub enum Places {
    /// At the instruction where Wasmtime's is.
    Instruction,
    /// Somewhere: in loops, the compiler does several accesses of one instruction before one of another; and loads of what is not used, and
    /// stores of what is there already or stored over, may not be done at all.
    Somewhere,
}

/// How a call ended: 0, or the code of a trap and where it was.
type End = (u32, usize);

/// How all calls of a function ended, and what they left in memory.
#[derive(Default)]
struct Left {
    ends: Vec<End>,
    memory: Vec<u8>,
}

/// The first and last bytes of a memory of which all is compared.
const LOW: usize = 5 << 16;
const TOP: usize = 1 << 16;

/// What [`HARNESS`] says of a fault of an instruction in the library.
const FAULT: u32 = 100;

/// The program that runs a library: see there.
static HARNESS: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
    let program = scratch("native-harness").join("harness");
    let source = root().join("tests/native/harness.c");
    let mut command = compiler();
    command.args(["-O1", "-Wall", "-Werror", "-ldl", "-o"]).arg(&program).arg(source);
    succeed(&mut command).map(|_| program).map_err(|failed| failed.message().unwrap_or_default().to_owned())
});

fn compiler() -> Command {
    Command::new(std::env::var_os("OMP2WASI_NATIVE_CC").unwrap_or_else(|| "clang-19".into()))
}

impl Case {
    pub fn new(text: String, functions: Vec<(String, Values)>, seed: u64) -> Self {
        Self { text, functions, seed, places: Places::Instruction }
    }

    pub fn check(&self) -> Result<(), Failed> {
        let wasm = wat::parse_str(&self.text)?;
        let module = Module::parse(wasm.as_slice())?;
        let functions: Vec<u32> = self
            .functions
            .iter()
            .map(|(name, _)| module.exported_function(name).ok_or_else(|| format!("no {name}")))
            .collect::<Result<_, _>>()?;
        let (input, expected) = self.in_wasmtime(&wasm, &module, &functions)?;
        let found = self.as_native(&module, &functions, &input, expected[0].memory.len())?;
        for (((name, _), expected), found) in self.functions.iter().zip(&expected).zip(&found) {
            self.compare(expected, found)
                .map_err(|what| format!("{name}: {what}\n{}", function_text(&self.text, name)))?;
        }
        Ok(())
    }

    fn compare(&self, expected: &Left, found: &Left) -> Result<(), String> {
        for (thread, (expected, found)) in expected.ends.iter().zip(&found.ends).enumerate() {
            let is_allowed =
                self.places == Places::Somewhere && (found.0 == expected.0 || found.0 == 0 && expected.0 == 2);
            if found != expected && !is_allowed {
                let show = |(code, place): &End| format!("trap {code} at {place:#x}");
                return Err(format!("call {thread}: {}, {} in Wasmtime", show(found), show(expected)));
            }
        }
        // What is left of frames on the shadow stack, below 64 KiB where there is one, is nobody's.
        let stack = if self.text.contains("$__stack_pointer") { 65536 - 256..65536 } else { 0..0 };
        let differs = |at: &usize| !stack.contains(at) && found.memory[*at] != expected.memory[*at];
        let Some(at) = (0..expected.memory.len()).find(differs) else { return Ok(()) };
        let at = at & !15;
        let show = |memory: &[u8]| format!("{:02x?}", &memory[at..(at + 16).min(memory.len())]);
        Err(format!("at {at:#x}: {}, {} in Wasmtime", show(&found.memory), show(&expected.memory)))
    }

    /// The arguments of a call, as bits.
    fn arguments(values: &Values, types: &[ValType], thread: u32) -> Vec<u64> {
        match values {
            Values::Kernel => {
                let mut arguments = vec![u64::from(thread), u64::from(THREADS), 1];
                arguments.resize(types.len(), 64);
                arguments
            }
            Values::Each(each) => each[thread as usize].iter().map(|word| u64::from(*word)).collect(),
        }
    }

    /// What the harness is given, and what the functions leave in Wasmtime.
    fn in_wasmtime(&self, wasm: &[u8], own: &Module, functions: &[u32]) -> Result<(Vec<u8>, Vec<Left>), Failed> {
        static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
        let module = wasmtime::Module::new(&ENGINE, wasm)?;
        let fresh = || -> Result<_, Failed> {
            let mut store = Store::new(&ENGINE, ());
            let instance = Instance::new(&mut store, &module, &[])?;
            let memory = instance.get_memory(&mut store, "memory").ok_or("no memory")?;
            let data = memory.data_mut(&mut store);
            let (low, top) = ends(data.len());
            let len = data.len();
            instructions::fill(&mut data[..low], self.seed);
            instructions::fill(&mut data[len - top..], self.seed + 1);
            Ok((store, instance, memory))
        };
        let (store, _, memory) = fresh()?;
        let image = shown(memory.data(&store));
        let (bytes, globals) = (memory.data_size(&store), initial_globals(wasm, own)?);
        let (low, top) = ends(bytes);
        let head = [bytes, low, top, globals.len(), THREADS as usize, functions.len()];
        let mut input: Vec<u8> = head.iter().flat_map(|number| (*number as u64).to_le_bytes()).collect();
        input.extend(image);
        input.extend(globals.iter().flat_map(|bits| bits.to_le_bytes()));
        let mut all = Vec::new();
        for ((name, values), index) in self.functions.iter().zip(functions) {
            let (mut store, mut instance, mut memory) = fresh()?;
            let mut func = instance.get_func(&mut store, name).ok_or("no function")?;
            let types: Vec<ValType> = func.ty(&store).params().collect();
            input.extend([u64::from(*index), types.len() as u64].iter().flat_map(|number| number.to_le_bytes()));
            let mut ends = Vec::new();
            for thread in 0..THREADS {
                let bits = Self::arguments(values, &types, thread);
                let arguments: Vec<Val> = bits.iter().map(|bits| Val::I32(*bits as i32)).collect();
                let result = func.call(&mut store, &arguments, &mut []);
                input.extend(u64::from(result.is_err()).to_le_bytes());
                input.extend(bits.iter().flat_map(|bits| bits.to_le_bytes()));
                ends.push(result.as_ref().map_or_else(end_of, |()| Ok((0, 0)))?);
                if result.is_err() {
                    (store, instance, memory) = fresh()?;
                    func = instance.get_func(&mut store, name).ok_or("no function")?;
                }
            }
            all.push(Left { ends, memory: shown(memory.data(&store)) });
        }
        Ok((input, all))
    }

    fn as_native(&self, module: &Module, functions: &[u32], input: &[u8], bytes: usize) -> Result<Vec<Left>, Failed> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Relaxed: no two are the same.
        let dir = scratch(&format!("native-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)));
        let unit = NativeUnit::new(module, functions, &NativeOptions::default());
        if unit.entries != functions {
            return Err(format!("{:?} cannot be translated", unit.left_out).into());
        }
        let (source, library) = (dir.join("unit.c"), dir.join("unit.so"));
        std::fs::write(&source, &unit.text)?;
        let mut command = compiler();
        command.args(NATIVE_FLAGS).args(omp2wasi_codegen::NATIVE_FLAGS).args(["-shared", "-o"]);
        succeed(command.arg(&library).arg(&source))?;
        let given = dir.join("input");
        std::fs::write(&given, input)?;
        let mut command = Command::new(HARNESS.as_ref()?);
        let output = output_with_input(command.arg(&library), File::open(given)?.into())?;
        let each = THREADS as usize * 16 + bytes;
        if !output.status.success() || output.stdout.len() != each * functions.len() {
            return Err(format!("{}: {} {}", dir.display(), output.status, text(&output.stderr)).into());
        }
        let mut found: Vec<Left> = output.stdout.chunks_exact(each).map(left).collect();
        place_faults(&library, &mut found)?;
        std::fs::remove_dir_all(dir)?;
        Ok(found)
    }
}

/// How many of a memory's first and last bytes are compared.
fn ends(bytes: usize) -> (usize, usize) {
    if bytes <= LOW { (bytes, 0) } else { (LOW.min(bytes - TOP), TOP) }
}

/// They themselves.
fn shown(memory: &[u8]) -> Vec<u8> {
    let (low, top) = ends(memory.len());
    [&memory[..low], &memory[memory.len() - top..]].concat()
}

fn initial_globals(wasm: &[u8], module: &Module) -> Result<Vec<u128>, Failed> {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::GlobalSection(section) = payload? {
            count = section.count();
        }
    }
    Ok((0..count).map(|global| module.initial_value(global).unwrap_or(0)).collect())
}

/// What the harness says of one function.
fn left(said: &[u8]) -> Left {
    let (ends, memory) = said.split_at(THREADS as usize * 16);
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap_or_default()) as usize;
    let end = |bytes: &[u8]| (number(&bytes[..8]) as u32, number(&bytes[8..]));
    Left { ends: ends.chunks_exact(16).map(end).collect(), memory: memory.to_vec() }
}

/// Which trap an error is, as native code says it, and where.
fn end_of(error: &wasmtime::Error) -> Result<End, Failed> {
    let code = match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) => 1,
        Some(Trap::MemoryOutOfBounds) => 2,
        Some(Trap::IntegerDivisionByZero) => 3,
        Some(Trap::IntegerOverflow) => 4,
        Some(Trap::BadConversionToInteger) => 5,
        Some(Trap::BadSignature) => 6,
        Some(Trap::HeapMisaligned) => 7,
        Some(Trap::TableOutOfBounds) => 9,
        Some(Trap::IndirectCallToNull) => 10,
        _ => return Err(format!("{error:#}").into()),
    };
    let trace = error.downcast_ref::<WasmBacktrace>().ok_or("no backtrace")?;
    Ok((code, trace.frames().first().and_then(FrameInfo::module_offset).unwrap_or(0)))
}

/// Faults become traps at the places of the module that the line table says.
fn place_faults(library: &Path, found: &mut [Left]) -> Result<(), Failed> {
    let bytes = std::fs::read(library)?;
    let file = object::File::parse(&*bytes)?;
    let section = |id: gimli::SectionId| -> Result<_, gimli::Error> {
        let data = file.section_by_name(id.name()).and_then(|section| section.data().ok()).unwrap_or_default();
        Ok(gimli::EndianSlice::new(data, gimli::LittleEndian))
    };
    let context = addr2line::Context::from_dwarf(gimli::Dwarf::load(section)?)?;
    let faults = found.iter_mut().flat_map(|left| &mut left.ends).filter(|(code, _)| *code == FAULT);
    for (code, place) in faults {
        let location = context.find_location(*place as u64)?;
        let location =
            location.filter(|location| location.file.is_some_and(|file| file.rsplit('/').next() == Some("w")));
        (*code, *place) = (2, location.and_then(|location| location.line).unwrap_or(0) as usize);
    }
    Ok(())
}

/// The part of a module's text that is about a function.
fn function_text<'t>(text: &'t str, name: &str) -> &'t str {
    let Some(at) = text.find(&format!("(func (export \"{name}\")")) else { return text };
    let end = text[at + 1..].find("(func (export").map_or(text.len(), |end| at + end);
    if name == "kernel" { text } else { &text[at..end] }
}
