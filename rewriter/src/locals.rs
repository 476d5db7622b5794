//! Lets local variables share their places, in functions that have more of them than engines take.
//!
//! Without optimisation, clang gives each value of a function a local variable of its own, and few of them are alive at a time. Engines (and
//! all that validates) take 50000 for each function. In a larger function, variables of one type that are not alive at the same time become
//! one:
//!
//! ```wat
//! (local $a i32) (local $b i32)                                     ;; before
//! (local.set $a (i32.const 1)) (call $use (local.get $a))
//! (local.set $b (i32.const 2)) (call $use (local.get $b))
//!
//! (local $a i32)                                                    ;; after
//! (local.set $a (i32.const 1)) (call $use (local.get $a))
//! (local.set $a (i32.const 2)) (call $use (local.get $a))
//! ```
//!
//! A variable shares its place if the first instruction that names it sets it, and all others are in the same block after that, or in blocks
//! within: then nothing reaches any of them that has not set the variable before. It is alive from the first to the last one; if that is in a
//! loop which lies after the first one, to the end of that loop (the outermost such), because a value may go around. A loop around all of
//! them does not matter, because each round starts by setting the variable. All others keep a place of their own.
//!
//! Invariant: no byte moves, so that debug information keeps its addresses. Places are numbered in the order of the first variable of each, so
//! that no variable's number grows, and the new number fits where the old one was; nor do the declarations need more bytes than before. And a
//! function that has few enough variables stays as it is.

use crate::Error;
use crate::proportion::function_types;
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use wasmparser::{FunctionBody, KnownCustom, Name, Operator, OperatorsReader, Parser, Payload, TypeRef};

mod lives;
#[cfg(test)]
mod tests;

use lives::Lives;

/// The most local variables of a function, parameters among them: engines take one more, which the check of the stack may need.
const MOST: usize = 49_999;
/// Functions with more variables than this are too long for engines, too, or do not name most of them: they are left for the validator to report.
const FUTILE: usize = 1 << 20;

/// A module in which no function has too many local variables.
pub(crate) struct Coalesced<'a> {
    pub wasm: Cow<'a, [u8]>,
    /// Indices of the functions in which variables share places: the names of theirs do not hold any more.
    pub functions: HashSet<u32>,
}

impl<'a> From<&'a [u8]> for Coalesced<'a> {
    /// A module that is valid as it is.
    fn from(wasm: &'a [u8]) -> Self {
        Self { wasm: Cow::Borrowed(wasm), functions: HashSet::new() }
    }
}

/// Coalesces the local variables of functions that have too many. Malformed functions stay as they are, for the validator to report.
///
/// # Errors
/// When too many are alive at the same time.
pub(crate) fn coalesce(wasm: &[u8]) -> Result<Coalesced<'_>, Error> {
    coalesce_beyond(MOST, wasm, MOST)
}

/// Coalesces in functions with more variables than `few`, to `most` of them.
fn coalesce_beyond(few: usize, wasm: &[u8], most: usize) -> Result<Coalesced<'_>, Error> {
    let mut coalesced = Coalesced::from(wasm);
    // The number of parameters of each type and of each function that is defined, and how many come before those.
    let (mut types, mut functions, mut imported) = (Vec::new(), Vec::new(), 0);
    let mut bodies = 0;
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        match payload {
            Payload::TypeSection(section) => {
                types.extend(function_types(section).map(|ty| ty.map_or(0, |ty| ty.params().len())));
            }
            Payload::ImportSection(section) => {
                let imports = section.into_imports().map_while(Result::ok);
                imported +=
                    imports.filter(|import| matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_))).count();
            }
            Payload::FunctionSection(section) => {
                let of = |ty: u32| types.get(ty as usize).copied().unwrap_or(0);
                functions.extend(section.into_iter().map_while(Result::ok).map(of));
            }
            Payload::CodeSectionEntry(body) => {
                let (index, params) = (imported + bodies, functions.get(bodies).copied().unwrap_or(0));
                bodies += 1;
                let declared = body.get_locals_reader().into_iter().flatten().map_while(Result::ok);
                let locals = params + declared.map(|(count, _)| count as usize).sum::<usize>();
                if locals <= few || locals > FUTILE {
                    continue;
                }
                let Ok(Some((places, patches))) = places(wasm, &body, params) else { continue };
                if places > most {
                    return Err(Error::Locals { function: function_name(wasm, index as u32), locals, places });
                }
                let wasm = coalesced.wasm.to_mut();
                for (range, bytes) in patches {
                    wasm[range].copy_from_slice(&bytes);
                }
                coalesced.functions.insert(index as u32);
            }
            _ => {}
        }
    }
    Ok(coalesced)
}

/// New bytes for a range of the module, as many as there were.
type Patch = (Range<usize>, Vec<u8>);

/// How many places a function's variables need, and the changes that give them those; nothing for code that is not valid.
fn places(
    wasm: &[u8],
    body: &FunctionBody<'_>,
    params: usize,
) -> Result<Option<(usize, Vec<Patch>)>, wasmparser::Error> {
    let declarations = Declarations::read(wasm, body)?;
    let Some(lives) = Lives::of(body.get_operators_reader()?, params + declarations.types.len())? else {
        return Ok(None);
    };
    let place_of = lives.places(params, &declarations.types);
    // The first variable of each place stays declared, and gives it its number.
    let mut numbers = HashMap::new();
    let mut firsts = Vec::new();
    for (local, place) in place_of.iter().enumerate() {
        if let Some(place) = *place
            && let Entry::Vacant(number) = numbers.entry(place)
        {
            number.insert(firsts.len() as u32);
            firsts.push(local);
        }
    }
    let mut patches = vec![declarations.only(firsts[params..].iter().map(|first| first - params))];
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let (operator, range) = operand(&mut operators)?;
        if let Some((local, _)) = named(&operator)
            && let Some(number) = place_of[local].and_then(|place| numbers.get(&place))
        {
            let mut bytes = Vec::with_capacity(range.len());
            write_leb(&mut bytes, *number, range.len());
            patches.push((range, bytes));
        }
    }
    Ok(Some((firsts.len(), patches)))
}

/// Reads an operator, and says where what follows its first byte is.
fn operand<'a>(operators: &mut OperatorsReader<'a>) -> Result<(Operator<'a>, Range<usize>), wasmparser::Error> {
    let start = operators.original_position() + 1;
    let operator = operators.read()?;
    Ok((operator, start..operators.original_position()))
}

/// The variable that an operator names, and whether it sets it.
fn named(operator: &Operator<'_>) -> Option<(usize, bool)> {
    match operator {
        Operator::LocalGet { local_index } => Some((*local_index as usize, false)),
        Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => Some((*local_index as usize, true)),
        _ => None,
    }
}

/// The declarations of a function's variables.
struct Declarations<'a> {
    /// Where they are in the module.
    range: Range<usize>,
    /// For each variable, parameters not among them, its type as it is encoded.
    types: Vec<&'a [u8]>,
}

impl<'a> Declarations<'a> {
    fn read(wasm: &'a [u8], body: &FunctionBody<'_>) -> Result<Self, wasmparser::Error> {
        let mut reader = body.get_locals_reader()?;
        let mut types = Vec::new();
        for _ in 0..reader.get_count() {
            let start = reader.original_position();
            let (count, _) = reader.read()?;
            // The count ends with the first byte whose highest bit is 0.
            let group = &wasm[start..reader.original_position()];
            let ty = group.iter().position(|byte| byte & 0x80 == 0).map_or(group, |end| &group[end + 1..]);
            types.resize(types.len() + count as usize, ty);
        }
        Ok(Self { range: body.range().start..reader.original_position(), types })
    }

    /// Declares some of the variables alone, in as many bytes.
    fn only(&self, declared: impl Iterator<Item = usize>) -> Patch {
        let mut groups: Vec<(u32, &[u8])> = Vec::new();
        for local in declared {
            match groups.last_mut() {
                Some((count, ty)) if *ty == self.types[local] => *count += 1,
                _ => groups.push((1, self.types[local])),
            }
        }
        let mut encoded = Vec::new();
        for (count, ty) in &groups {
            write_leb(&mut encoded, *count, 1);
            encoded.extend_from_slice(ty);
        }
        // What is left is the number of groups, in up to five bytes, and empty groups of two. There is enough for the number: leaving
        // variables out only joins groups, and makes counts smaller or adds them up.
        const EMPTY: [u8; 2] = [0, 0x7f];
        let left = self.range.len() - encoded.len();
        let width = if left <= 5 { left } else { 4 + left % 2 };
        let empty = (left - width) / 2;
        let mut bytes = Vec::with_capacity(self.range.len());
        write_leb(&mut bytes, (groups.len() + empty) as u32, width);
        bytes.extend_from_slice(&encoded);
        bytes.extend(EMPTY.repeat(empty));
        (self.range.clone(), bytes)
    }
}

/// Appends an unsigned LEB128, of `width` bytes at least.
fn write_leb(bytes: &mut Vec<u8>, mut value: u32, width: usize) {
    for written in 1.. {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 && written >= width {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// The function as messages name it.
fn function_name(wasm: &[u8], index: u32) -> String {
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for subsection in names.into_iter().map_while(Result::ok) {
            let Name::Function(names) = subsection else { continue };
            if let Some(name) = names.into_iter().map_while(Result::ok).find(|name| name.index == index) {
                return format!("`{}`", name.name);
            }
        }
    }
    format!("number {index}")
}
