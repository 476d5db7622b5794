//! The scalar forms of a module's functions, which native code is made of: see [`omp2wasi_abi::scalar`].
//!
//! Invariant: a form that is kept is a valid body for its function. What is malformed or invalid is as if it were not there: the function's own
//! body does the same.

use omp2wasi_abi::scalar::{Form, SECTION, decode};
use std::collections::BTreeMap;
use std::ops::Range;
use wasmparser::{
    BinaryReader, BinaryReaderError, FuncToValidate, FuncValidatorAllocations, FunctionBody, Parser, Payload,
    ValidPayload, Validator, ValidatorResources,
};

/// What is known of functions' scalar forms.
#[derive(Default)]
pub(super) struct Scalars {
    /// The bodies, one after the other, whatever is in them.
    pub bytes: Vec<u8>,
    /// By function: [`omp2wasi_abi::scalar::flags`], and where in `bytes` the body is, if it is not the function's own.
    pub forms: BTreeMap<u32, (u32, Option<Range<usize>>)>,
}

/// Validates a module, and finds the scalar forms of its functions.
///
/// # Errors
/// When the module is not valid.
pub(super) fn validate(mut validator: Validator, bytes: &[u8]) -> Result<Scalars, BinaryReaderError> {
    let (mut forms, mut functions, mut allocations) = (Vec::new(), Vec::new(), FuncValidatorAllocations::default());
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && section.name() == SECTION
        {
            forms = decode(section.data()).unwrap_or_default();
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            functions.push(function);
            bodies.push(body);
        }
    }
    let by_index: BTreeMap<u32, usize> =
        functions.iter().enumerate().map(|(at, function)| (function.index, at)).collect();
    let mut of_forms: BTreeMap<u32, FuncToValidate<ValidatorResources>> = BTreeMap::new();
    for form in &forms {
        if let Some(at) = by_index.get(&form.function) {
            let FuncToValidate { resources, index, ty, features } = &functions[*at];
            let again = FuncToValidate { resources: resources.clone(), index: *index, ty: *ty, features: *features };
            of_forms.insert(*index, again);
        }
    }
    for (function, body) in functions.into_iter().zip(bodies) {
        let mut function = function.into_validator(allocations);
        function.validate(&body)?;
        allocations = function.into_allocations();
    }
    Ok(keep(forms, of_forms))
}

fn keep(forms: Vec<Form>, mut functions: BTreeMap<u32, FuncToValidate<ValidatorResources>>) -> Scalars {
    let mut scalars = Scalars::default();
    for form in forms {
        let at = scalars.bytes.len()..scalars.bytes.len() + form.body.len();
        scalars.bytes.extend(&form.body);
        let Some(function) = functions.remove(&form.function) else { continue };
        if form.body.is_empty() {
            scalars.forms.insert(form.function, (form.flags, None));
            continue;
        }
        let body = FunctionBody::new(BinaryReader::new(&form.body, 0));
        let mut function = function.into_validator(FuncValidatorAllocations::default());
        if function.validate(&body).is_ok() {
            scalars.forms.insert(form.function, (form.flags, Some(at)));
        }
    }
    scalars
}
