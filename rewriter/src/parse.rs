//! Parses modules with walrus, and keeps what it would lose: the names of locals, and DWARF.
//!
//! Invariant: what it returns emits the same functions under the same names as the input; also the same locals, but for functions whose locals
//! have been coalesced.

use crate::Error;
use crate::locals::Coalesced;
use crate::scalar;
use walrus::{IndicesToIds, Module, ModuleConfig};
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// Names of locals: index of the function, index of the local, name.
type LocalName = (u32, u32, String);

/// Parses a module; `keep_dwarf` says whether its debug information is kept.
///
/// # Errors
/// When walrus cannot read it.
pub(crate) fn parse(input: &Coalesced<'_>, keep_dwarf: bool) -> Result<Module, Error> {
    let mut names = local_names(&input.wasm)?;
    names.retain(|(function, ..)| !input.functions.contains(function));
    let mut config = ModuleConfig::new();
    config
        .generate_dwarf(keep_dwarf)
        // Debug information goes where the instructions go, and so do the lines of scalar forms.
        .preserve_code_transform(keep_dwarf || scalar::is_attached(&input.wasm))
        .generate_name_section(true)
        .generate_synthetic_names_for_anonymous_items(false)
        .only_stable_features(false)
        .on_parse(move |module, ids| {
            name_locals(module, ids, &names);
            Ok(())
        });
    let mut wasm = input.wasm.to_vec();
    if keep_dwarf {
        crate::dwarf::mark_foreign_sequences(&mut wasm);
    }
    config.parse(&wasm).map_err(|error| Error::Parse(format!("{error:#}")))
}

/// Whether there is debug information to keep.
pub(crate) fn has_dwarf(wasm: &[u8]) -> Result<bool, Error> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(section) = payload.map_err(Error::malformed)?
            && section.name() == ".debug_info"
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn local_names(wasm: &[u8]) -> Result<Vec<LocalName>, Error> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload.map_err(Error::malformed)? else {
            continue;
        };
        if let KnownCustom::Name(reader) = section.as_known() {
            // Names are a courtesy: malformed ones are lost, as for every other consumer.
            for subsection in reader.into_iter().map_while(Result::ok) {
                let Name::Local(functions) = subsection else {
                    continue;
                };
                for function in functions.into_iter().map_while(Result::ok) {
                    for local in function.names.into_iter().map_while(Result::ok) {
                        names.push((function.index, local.index, local.name.to_owned()));
                    }
                }
            }
        }
    }
    Ok(names)
}

fn name_locals(module: &mut Module, ids: &IndicesToIds, names: &[LocalName]) {
    for (function, local, name) in names {
        if let Ok(function) = ids.get_func(*function)
            && let Ok(local) = ids.get_local(function, *local)
        {
            module.locals.get_mut(local).name = Some(name.clone());
        }
    }
}
