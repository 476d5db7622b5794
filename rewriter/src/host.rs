//! Changes modules when they are loaded: what waits for other threads cannot be compiled as it is, and the host has to reach what native
//! code shares with Wasmtime, and be given it where that has to be fast.
//!
//! Files keep the instructions, which every host knows; and devices, too, are given the module as it is in the file.
//!
//! Invariant: a module that does not wait and has no kernels, and nothing to reach, is left as it is.

use crate::{Error, Form, carry, has_fair_dwarf, parse, reach, scalar, spins, waits, without_panic};

/// The version of what [`for_host`] makes of a module. It goes up with each change of that, because compiled code is kept.
pub const HOST_VERSION: u32 = 8;

/// The module as it is to be compiled: with the host waiting in its place, with loops that wait by reading memory again and again, and with
/// exports of what the host has to reach. `None` if it is to be compiled as it is.
///
/// # Errors
/// When walrus does not know the features of a module that waits.
pub fn for_host(wasm: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let changed = with_host_waiting(wasm)?;
    let reachable = reach::export(changed.as_deref().unwrap_or(wasm));
    Ok(reachable.or(changed))
}

fn with_host_waiting(wasm: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    // Whoever runs a module may ignore forms, so malformed ones are as none.
    let (plain, forms) = match scalar::split(wasm) {
        Err(Error::Scalar(_)) => (scalar::without(wasm)?.into(), Vec::new()),
        split => split?,
    };
    let carries = carry::has_kernels(&plain);
    let Some(mut changed) = without_forms(&plain, carries)? else { return Ok(None) };
    if !forms.is_empty() {
        // Forms that cannot be changed alike are left out: their functions are their own forms then.
        if let Some(Ok(with_forms)) = without_panic(|| with_forms(&plain, &changed, forms, carries)) {
            changed = with_forms;
        }
    }
    Ok(Some(changed))
}

/// What the module `plain` has become, with its forms as they become. Nobody has looked yet whether those are functions.
fn with_forms(plain: &[u8], changed: &[u8], forms: Vec<Form>, carries: bool) -> Result<Vec<u8>, Error> {
    let attached = scalar::attach(plain, &forms)?;
    let mut with_forms = changed.to_vec();
    if let Some(carried) = change(&attached, carries, false)? {
        scalar::append(&mut with_forms, &attached, &carried, forms)?;
    }
    Ok(with_forms)
}

fn without_forms(wasm: &[u8], carries: bool) -> Result<Option<Vec<u8>>, Error> {
    // Most modules do not change, so debug information is converted only for one that does.
    let changed = match change(wasm, carries, false) {
        Ok(Some(changed)) => changed,
        Err(error) if waits::waits(wasm) => return Err(error),
        Ok(None) | Err(_) => return Ok(None),
    };
    if parse::has_dwarf(wasm)?
        && has_fair_dwarf(wasm)
        && let Some(Ok(Some(with_dwarf))) = without_panic(|| change(wasm, carries, true))
    {
        return Ok(Some(with_dwarf));
    }
    Ok(Some(changed))
}

fn change(wasm: &[u8], carries: bool, keep_dwarf: bool) -> Result<Option<Vec<u8>>, Error> {
    let mut module = parse::parse(&wasm.into(), keep_dwarf)?;
    let (waits, spins) = (waits::let_host_wait(&mut module), spins::reread(&mut module));
    let carries = carries && carry::carry_globals(&mut module);
    scalar::follow(&mut module);
    Ok((waits || spins || carries).then(|| module.emit_wasm()))
}
