//! Kernels on a device and in Wasmtime. Building a kernel takes a device's compiler some tenths of a second, so this is for those who ask
//! for it: `OMP2WASI_FUZZ_DEVICE` names the device as `omp2wasi run --device` does.
//!
//! Invariant: both run the same threads on the same memory.

use crate::seeds;
use omp2wasi_codegen::{Bounds, Lowered, Module, Options};
use omp2wasi_runtime::device::{self, Device, Geometry, Launch, OpenOptions};
use omp2wasi_runtime::wasmtime::{self, Engine, FrameInfo, Instance, Store, Val, WasmBacktrace};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Work-items of a launch, and the value of each parameter of a kernel's buffers.
const THREADS: u32 = 64;
const PARAMETER: u32 = 64;

static DEVICE: LazyLock<Option<Box<dyn Device>>> = LazyLock::new(|| {
    let selector = std::env::var("OMP2WASI_FUZZ_DEVICE").ok()?;
    // As the program does: PoCL would let divisions by zero in Wasmtime pass.
    // SAFETY: the targets run on one thread, and no other of this process reads the environment.
    unsafe { std::env::set_var("POCL_SIGFPE_HANDLER", "0") };
    let selected = device::select(&selector).unwrap_or_else(|error| panic!("{selector}: {error}"));
    Some(device::open(selected[0], &OpenOptions::default()).unwrap_or_else(|error| panic!("{selector}: {error}")))
});

/// What a kernel leaves: the memory, and the offsets of the instructions that trapped.
struct End {
    memory: Vec<u8>,
    traps: BTreeSet<usize>,
}

/// Runs a module's kernel on the device, if there is one, and in Wasmtime. `input` is what the module was made from: it is left in
/// `fuzz/artifacts/on_device` while the module runs, because the device's compiler takes the signals from which libFuzzer would know of a
/// failure.
pub(super) fn compare(wasm: &[u8], input: &[u8]) {
    let Some(device) = &*DEVICE else { return };
    let file = seeds::root().join("fuzz/artifacts/on_device");
    let written = std::fs::create_dir_all(file.with_file_name("")).and_then(|()| std::fs::write(&file, input));
    written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let module = Module::parse(wasm).expect("the module is valid");
    let kernel = module.exported_function("kernel").expect("it has a kernel");
    let Ok(lowered) = Lowered::kernel(&module, kernel) else { return };
    let (before, expected) = in_wasmtime(wasm);
    let check = |bounds| {
        let found = on_device(&**device, &module, &lowered, &before, bounds);
        assert!(
            found.traps.is_empty() == expected.traps.is_empty() && found.traps.is_subset(&expected.traps),
            "{bounds:?}: traps at {:x?} on the device, at {:x?} in Wasmtime",
            found.traps,
            expected.traps
        );
        // The memory of a program that has trapped is nobody's.
        if let Some(at) = (0..before.len()).find(|at| found.memory[*at] != expected.memory[*at])
            && expected.traps.is_empty()
        {
            let at = at & !15;
            let [found, expected] = [&found.memory, &expected.memory].map(|memory| &memory[at..at + 16]);
            panic!("{bounds:?}: at {at:#x} {found:02x?} on the device, {expected:02x?} in Wasmtime");
        }
    };
    check(Bounds::Checked);
    if expected.traps.is_empty() {
        check(Bounds::Guarded);
    }
}

/// The memory before, and what came of it.
fn in_wasmtime(wasm: &[u8]) -> (Vec<u8>, End) {
    static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
    let module = wasmtime::Module::new(&ENGINE, wasm).expect("Wasmtime takes it");
    let mut store = Store::new(&ENGINE, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("it has no imports");
    let memory = instance.get_memory(&mut store, "memory").expect("it has a memory");
    for (at, byte) in memory.data_mut(&mut store).iter_mut().enumerate() {
        *byte = (at.wrapping_mul(0x9e37_79b1) >> 23) as u8;
    }
    let before = memory.data(&store).to_vec();
    let kernel = instance.get_func(&mut store, "kernel").expect("it has a kernel");
    let parameters = kernel.ty(&store).params().len();
    let mut traps = BTreeSet::new();
    for id in 0..THREADS {
        let mut arguments = vec![Val::I32(id as i32), Val::I32(THREADS as i32), Val::I32(1)];
        arguments.resize(parameters, Val::I32(PARAMETER as i32));
        if let Err(error) = kernel.call(&mut store, &arguments, &mut []) {
            let trace = error.downcast_ref::<WasmBacktrace>().expect("a trap has a backtrace");
            traps.insert(trace.frames().first().and_then(FrameInfo::module_offset).expect("a trap has a place"));
        }
    }
    (before, End { memory: memory.data(&store).to_vec(), traps })
}

fn on_device(device: &dyn Device, module: &Module, lowered: &Lowered, before: &[u8], bounds: Bounds) -> End {
    let options = Options { bounds, ..Options::default() };
    let kernel = lowered.translate(device.capabilities().language, &options);
    let mirror = device.mirror(before.len()).expect("the device has memory");
    // SAFETY: both are as long as the mirror.
    unsafe { mirror.write(&[(0..before.len(), before.as_ptr())]) }.expect("memory can be copied to the device");
    let globals: Vec<u128> =
        kernel.facts.globals.iter().map(|(index, _)| module.initial_value(*index).unwrap_or(0)).collect();
    let launch = Launch {
        kernel: &kernel,
        geometry: Geometry::threads(THREADS, 1),
        device: 0,
        devices: 1,
        parameters: &vec![PARAMETER; kernel.facts.parameters],
        globals: &globals,
        len: before.len(),
        before: &[],
        after: &[],
        uses: None,
        memory: std::ptr::null_mut(),
    };
    // SAFETY: nothing is exchanged.
    let event = unsafe { mirror.enqueue(&launch) }.expect("the device's compiler takes the kernel");
    let ended = event.wait().expect("the device runs the kernel");
    let mut memory = vec![0; before.len()];
    // SAFETY: both are as long as the mirror.
    unsafe { mirror.read(&[(0..before.len(), memory.as_mut_ptr())]) }.expect("memory can be copied from the device");
    End { memory, traps: ended.trapped.map(|(_, site)| site.offset).into_iter().collect() }
}
