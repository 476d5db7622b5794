//! Scalar forms of rewritten modules that are malformed, or no functions: programs run as if there were none.

use super::{Case, ENGINE, NOTHING, shown};
use crate::engine::Tier;
use crate::report::Notice;
use crate::{Config, Program, Stdio};
use omp2wasi_abi::scalar::{Form, SECTION, encode};
use std::sync::{Arc, Mutex};

/// What is said of a program with this section, which exits as it should.
fn said(section: &[u8], tier: Tier) -> Vec<Notice> {
    let mut wasm = Case::new(1, NOTHING, "").wasm();
    let length = section.len() + SECTION.len() + 1;
    assert!(length < 128);
    wasm.extend([0, length as u8, SECTION.len() as u8]);
    wasm.extend(SECTION.as_bytes());
    wasm.extend(section);
    let notices = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&notices);
    let config = Config::default().stdio(Stdio::Null).tier(tier);
    let config = config.report(move |notice| heard.lock().unwrap().push(notice.clone()));
    assert_eq!(shown(&Program::new(&ENGINE, &wasm).unwrap().run(config)), "exited: 0");
    notices.lock().unwrap().clone()
}

#[test]
fn malformed_forms_are_ignored() {
    let none = encode(&[Form { function: 1000, ..Form::default() }]);
    for section in [&[2][..], &[], &[1, 1], &none] {
        for tier in [Tier::Cranelift, Tier::Native] {
            let said = said(section, tier);
            assert!(matches!(said[..], [Notice::ScalarFormsIgnored { .. }]), "{said:?}");
        }
    }
}

#[test]
fn forms_that_are_no_functions_are_ignored() {
    // Behind the imports is `$fork`, whose type these have not, or which are none at all.
    for body in [&[0, 0x41, 0, 0x0b][..], &[0, 0xff, 0x0b], &[0xff], &[0, 0x10, 0xff, 0x7f, 0x0b]] {
        let forms = encode(&[Form { function: 7, body: body.to_vec(), ..Form::default() }]);
        for tier in [Tier::Cranelift, Tier::Native] {
            assert_eq!(said(&forms, tier), []);
        }
    }
}
