//! The custom section `omp2wasi`: any bytes in its place, in modules that have been rewritten.
//!
//! Invariant: a section is refused, or what it says holds for the module; then the program runs to an end, whichever.

use crate::{host, seeds};
use arbitrary::Unstructured;
use omp2wasi_abi::manifest::{Kernel, Manifest, SECTION};
use omp2wasi_rewriter::{Options, claims, rewrite};
use std::sync::LazyLock;
use wasm_encoder::{CustomSection, RawSection, Section};
use wasmparser::{Parser, Payload};

/// A module that has been rewritten.
struct Base {
    /// Without its section.
    wasm: Vec<u8>,
    manifest: Manifest,
}

/// A program with two regions that runs, and one with kernels of all kinds that is not linked to be run.
static BASES: LazyLock<[Base; 2]> = LazyLock::new(|| {
    ["fuzz/seeds/team.wat", "rewriter/tests/data/kernels_mixed.wat"].map(|file| {
        let path = seeds::root().join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let module = wat::parse_str(text).expect("the text is right");
        let rewritten = rewrite(&module, &Options::default()).expect("the module can be rewritten");
        Base { wasm: without_section(&rewritten.wasm), manifest: rewritten.manifest }
    })
});

fn without_section(wasm: &[u8]) -> Vec<u8> {
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(wasm).map(|payload| payload.expect("the module is valid")) {
        let is_it = matches!(&payload, Payload::CustomSection(section) if section.name() == SECTION);
        if let Some((id, range)) = payload.as_section().filter(|_| !is_it) {
            module.section(&RawSection { id, data: &wasm[range] });
        }
    }
    module.finish()
}

/// Takes an input. Its first byte chooses the module, and whether the rest is the section, or says what is changed in the module's own.
///
/// # Panics
/// When what reads the section breaks its promise.
pub fn run(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let base = &BASES[usize::from(choice & 1)];
    let section = match choice & 2 {
        0 => data.to_vec(),
        _ => changed(base.manifest.clone(), &mut Unstructured::new(data)).encode(),
    };
    if let Ok(manifest) = Manifest::decode(&section) {
        assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest), "what was read can be written and read");
    }
    let mut wasm = base.wasm.clone();
    CustomSection { name: SECTION.into(), data: (&section).into() }.append_to(&mut wasm);
    match claims(&wasm) {
        Ok(claims) => {
            let claims = claims.expect("the module has a section");
            assert_eq!(Manifest::decode(&section).as_ref(), Ok(&claims.manifest), "claims are what the section says");
            host::run_to_its_end(&wasm, host::config());
        }
        Err(error) => assert!(!error.to_string().is_empty(), "a reason without words"),
    }
}

/// Inputs to begin with.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let sections = (0u8..).zip(&*BASES).map(|(number, base)| [&[number][..], &base.manifest.encode()].concat());
    sections.chain((0..12).map(|number| [&[number % 4][..], &[number; 40]].concat())).collect()
}

/// A manifest with a few things that are otherwise.
fn changed(mut manifest: Manifest, bytes: &mut Unstructured) -> Manifest {
    for _ in 0..bytes.int_in_range(1..=3).unwrap_or(1) {
        // Without more bytes, what has been changed so far is the manifest.
        if change(&mut manifest, bytes).is_err() {
            break;
        }
    }
    manifest
}

fn change(manifest: &mut Manifest, bytes: &mut Unstructured) -> arbitrary::Result<()> {
    let names = ["_start", "memory", "__stack_pointer", "__tls_base", "omp2wasi.initialize", "", "omp2wasi.kernel"];
    let name = |bytes: &mut Unstructured| bytes.choose(&names).map(|name| (*name).to_owned());
    let count = manifest.kernels.len();
    let index = |bytes: &mut Unstructured| match bytes.ratio(1, 8)? {
        true => bytes.arbitrary(),
        false => bytes.int_in_range(0u32..=12),
    };
    let what = bytes.int_in_range(0..=9u8)?;
    match what {
        0 => manifest.initializer = if bytes.arbitrary()? { Some(name(bytes)?) } else { None },
        1 => manifest.shared_globals.push(name(bytes)?),
        2 => manifest.kernels.push(Kernel { export: name(bytes)?, concurrent: true, ..Kernel::default() }),
        _ if count == 0 => {}
        3 => drop(manifest.kernels.swap_remove(bytes.int_in_range(0..=count - 1)?)),
        4 => {
            let kernel = bytes.choose(&manifest.kernels)?.clone();
            manifest.kernels.push(kernel);
        }
        _ => {
            let number = bytes.int_in_range(0..=count - 1)?;
            let kernel = &mut manifest.kernels[number];
            match what {
                5 => kernel.table_index = index(bytes)?,
                6 => kernel.microtask_index = if bytes.arbitrary()? { Some(index(bytes)?) } else { None },
                7 => kernel.arguments = index(bytes)?,
                8 => kernel.concurrent = bytes.arbitrary()?,
                _ => kernel.source = bytes.arbitrary()?,
            }
        }
    }
    Ok(())
}
