//! The translator for devices, on any bytes and on kernels of the types that launches ask for.
//!
//! Invariant: a module that the translator takes is one that Wasmtime takes; a kernel that it takes has a text in every form, the same each
//! time; and where there is a device to run it, memory afterwards is what Wasmtime leaves, or both trap at a place where the other could.

use crate::kernel_module::kernel_module;
use crate::{MAGIC, keep, seeds};
use arbitrary::Unstructured;
use omp2wasi_codegen::{Bounds, Language, Lowered, Mathematics, Module, Options, teams};
use omp2wasi_runtime::{Interruption, engine, wasmtime};
use std::sync::LazyLock;
use wasm_smith::Config;

mod on_device;

/// Takes an input: a module, or what one is made from.
///
/// # Panics
/// When the translator breaks its promise.
pub fn run(data: &[u8]) {
    if data.starts_with(MAGIC) {
        return check(data);
    }
    let mut bytes = Unstructured::new(data);
    match bytes.ratio(1, 4) {
        Ok(true) => {
            if let Ok(module) = any_module(&mut bytes) {
                check(&module);
            }
        }
        _ => {
            if let Ok(module) = kernel_module(&mut bytes) {
                check(&module);
                on_device::compare(&module, data);
            }
        }
    }
}

/// Inputs to begin with.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let modules = ["codegen/tests/kernels", "tests/cli"].into_iter().flat_map(seeds::modules);
    modules.chain((0..16).map(|seed| (0..600u32).map(|at| ((at * at * (2 * seed + 1)) >> 3) as u8).collect())).collect()
}

/// Any valid module that has functions of the types that launches ask for.
fn any_module(bytes: &mut Unstructured) -> arbitrary::Result<Vec<u8>> {
    static EXPORTS: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let text = r#"(module
            (func (export "kernel") (param i32 i32 i32 i32 i32))
            (func (export "microtask") (param i32 i32 i32))
            (func (export "teams") (param i32 i32)))"#;
        wat::parse_str(text).expect("the text is right")
    });
    let config = Config {
        exports: Some(EXPORTS.clone()),
        available_imports: Some(crate::linked_module::imports()),
        gc_enabled: bytes.ratio(1, 8)?,
        exceptions_enabled: false,
        memory64_enabled: false,
        tail_call_enabled: bytes.ratio(1, 8)?,
        reference_types_enabled: bytes.ratio(1, 8)?,
        max_memories: 1,
        min_memories: 1,
        max_instructions: 400,
        ..Config::default()
    };
    Ok(wasm_smith::Module::new(config, bytes)?.to_bytes())
}

/// Translates all that the module has to be translated.
fn check(wasm: &[u8]) {
    keep(wasm);
    /// Of one module; more are alike.
    const MAX_KERNELS: usize = 6;
    let Ok(module) = Module::parse(wasm) else { return };
    let exported = ["kernel", "microtask", "teams"].into_iter().filter_map(|name| module.exported_function(name));
    let mut is_taken = false;
    for function in exported.chain(module.kernels()).take(MAX_KERNELS) {
        for lowered in [Lowered::kernel(&module, function), Lowered::region(&module, function, Mathematics::Device)] {
            match lowered {
                Ok(lowered) => {
                    is_taken = true;
                    check_translation(&lowered);
                }
                Err(refusal) => assert!(!refusal.to_string().is_empty(), "a refusal without words"),
            }
        }
        let _ = teams(&module, function);
    }
    if is_taken {
        static ENGINE: LazyLock<omp2wasi_runtime::Engine> =
            LazyLock::new(|| engine(Interruption::AtHostCalls).expect("Wasmtime knows this machine"));
        wasmtime::Module::validate(ENGINE.wasmtime(), wasm).expect("Wasmtime takes what codegen takes");
    }
}

fn check_translation(lowered: &Lowered) {
    let facts = lowered.facts();
    assert!(lowered.size() > 0 && !lowered.to_string().is_empty() && !facts.to_string().is_empty());
    for form in 0..8 {
        let has = |bit: u32| form & bit != 0;
        let bounds = if has(1) { Bounds::Guarded } else { Bounds::Checked };
        // Comments are in no form's way.
        let options = Options { bounds, blocks: has(2), aligned: has(4), comments: has(1), marks: false };
        let kernel = lowered.translate(Language::OpenClC, &options);
        assert!(!kernel.artifact.text.is_empty());
        if form == 0 {
            let again = lowered.translate(Language::OpenClC, &options);
            assert_eq!(kernel.artifact.text, again.artifact.text, "the same kernel has the same text");
        }
        for number in [0, 8, 4096, u32::MAX] {
            let arguments = vec![number; facts.parameters];
            let _ = (kernel.plan(&arguments), facts.written(&arguments, 1 << 16), kernel.trapped(number));
        }
    }
}
