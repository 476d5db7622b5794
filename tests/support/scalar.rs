//! Puts the scalar forms of a program's functions in the functions' places, so that any engine runs them.

use libtest_mimic::Failed;
use omp2wasi_abi::scalar::{self, Form};
use std::collections::HashMap;
use wasm_encoder::{CodeSection, RawSection};
use wasmparser::{Parser, Payload, TypeRef};

/// The forms that a program has.
pub fn forms(wasm: &[u8]) -> Result<Vec<Form>, Failed> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(section) = payload?
            && section.name() == scalar::SECTION
        {
            return Ok(scalar::decode(section.data())?);
        }
    }
    Ok(Vec::new())
}

/// The program in which each function that has a scalar form is that.
pub fn made_scalar(wasm: &[u8]) -> Result<Vec<u8>, Failed> {
    let forms: HashMap<u32, Form> = forms(wasm)?.into_iter().map(|form| (form.function, form)).collect();
    let mut out = wasm_encoder::Module::new();
    let (mut code, mut function, mut left) = (CodeSection::new(), 0, 0);
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    function += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionStart { count, .. } => left = *count,
            Payload::CodeSectionEntry(body) => {
                let form = forms.get(&function).filter(|form| !form.body.is_empty());
                code.raw(form.map_or(&wasm[body.range()], |form| &form.body));
                (function, left) = (function + 1, left - 1);
                if left == 0 {
                    out.section(&code);
                }
            }
            _ => {}
        }
        let is_kept = match &payload {
            Payload::CodeSectionStart { .. } => false,
            // It is of other code.
            Payload::CustomSection(section) => {
                !section.name().starts_with(".debug_") && section.name() != scalar::SECTION
            }
            _ => true,
        };
        if let Some((id, range)) = payload.as_section().filter(|_| is_kept) {
            out.section(&RawSection { id, data: &wasm[range] });
        }
    }
    let wasm = out.finish();
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(&wasm)?;
    Ok(wasm)
}
