//! The rewriter, on any bytes and on modules that look like linked OpenMP programs.
//!
//! Invariant: a module is refused with a reason, or what comes of it is valid, says of itself what the result says, and is a fixed point:
//! rewritten again, it comes back as it is. No module gets [`Error::Output`], which means that the rewriter made something invalid.

use crate::linked_module::linked_module;
use crate::{MAGIC, keep, seeds};
use arbitrary::Unstructured;
use omp2wasi_rewriter::{Error, Options, Rewritten, claims, rewrite};
use wasm_smith::{Config, Module};
use wasmparser::{Validator, WasmFeatures};

/// Takes an input: a module, or what one is made from.
///
/// # Panics
/// When the rewriter breaks its promise.
pub fn run(data: &[u8]) {
    if data.starts_with(MAGIC) {
        return check(data);
    }
    let mut bytes = Unstructured::new(data);
    let module = match bytes.ratio(1, 4) {
        Ok(true) => any_module(&mut bytes),
        _ => linked_module(&mut bytes),
    };
    if let Ok(module) = module {
        check(&module);
    }
}

/// Inputs to begin with.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let folders = ["rewriter/tests/data", "tests/cli", "fuzz/seeds"];
    let modules = folders.into_iter().flat_map(seeds::modules);
    // What modules are made from.
    modules.chain((0..8).map(|seed| (0..400u32).map(|at| ((at * (2 * seed + 1)) >> 3) as u8 | 1).collect())).collect()
}

/// Any valid module of the features that programs have.
fn any_module(bytes: &mut Unstructured) -> arbitrary::Result<Vec<u8>> {
    let config = Config {
        gc_enabled: false,
        exceptions_enabled: bytes.arbitrary()?,
        memory64_enabled: bytes.ratio(1, 16)?,
        max_memories: if bytes.ratio(1, 16)? { 2 } else { 1 },
        max_tables: 3,
        available_imports: Some(crate::linked_module::imports()),
        ..Config::default()
    };
    Ok(Module::new(config, bytes)?.to_bytes())
}

fn check(wasm: &[u8]) {
    keep(wasm);
    let _ = claims(wasm);
    for portable in [false, true] {
        let options = Options { portable };
        match rewrite(wasm, &options) {
            Ok(rewritten) => check_output(wasm, &rewritten, &options),
            Err(error @ Error::Output(_)) => panic!("{error}"),
            Err(error) => assert!(!error.to_string().is_empty(), "a reason without words"),
        }
    }
}

fn check_output(wasm: &[u8], rewritten: &Rewritten, options: &Options) {
    let features = WasmFeatures::default() | WasmFeatures::THREADS | WasmFeatures::RELAXED_SIMD;
    Validator::new_with_features(features).validate_all(&rewritten.wasm).expect("the output is valid");
    let claimed = claims(&rewritten.wasm).expect("the section fits the output").expect("the output has a section");
    assert_eq!(claimed.manifest, rewritten.manifest, "the section says what the result says");
    let again = rewrite(&rewritten.wasm, &Options::default()).expect("the output can be rewritten");
    assert!(again.wasm == rewritten.wasm, "the output comes back as it is");
    let second = rewrite(wasm, options).expect("what has been rewritten once can be rewritten");
    assert!(second.wasm == rewritten.wasm, "the same input gives the same output");
}
