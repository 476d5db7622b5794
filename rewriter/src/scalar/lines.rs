//! Keeps the lines of forms where their instructions are.
//!
//! walrus tells a custom section where instructions have come from and gone to, so one is added to the module that has the forms as
//! functions, and read again from what walrus has made of that.
//!
//! Invariant: a line stands at the beginning of an instruction, or is dropped.

use super::bodies;
use omp2wasi_abi::scalar::{Line, Lines};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use walrus::{CodeTransform, CustomSection, FunctionId, IdsToIndices, Module};
use wasmparser::{BinaryReader, FunctionBody, Parser, Payload};

/// Name of the section, which no file has.
const SECTION: &str = "omp2wasi.scalar.moved";

/// Where the instructions of the forms are, in the module before and after.
#[derive(Debug)]
struct Moved {
    forms: HashSet<FunctionId>,
    pairs: Vec<(u32, u32)>,
}

impl CustomSection for Moved {
    fn name(&self) -> &str {
        SECTION
    }

    fn data(&self, _: &IdsToIndices) -> Cow<'_, [u8]> {
        self.pairs.iter().flat_map(|(from, to)| [from.to_le_bytes(), to.to_le_bytes()]).flatten().collect()
    }

    fn apply_code_transform(&mut self, transform: &CodeTransform) {
        let ranges = transform.function_ranges.iter().filter(|(function, _)| self.forms.contains(function));
        let ranges: BTreeMap<usize, usize> = ranges.map(|(_, range)| (range.start, range.end)).collect();
        let is_of_form = |at: usize| ranges.range(..=at).next_back().is_some_and(|(_, end)| at < *end);
        let pairs = transform.instruction_map.iter().filter(|(_, to)| is_of_form(*to));
        self.pairs = pairs.map(|(from, to)| (from.data(), *to as u32)).collect();
    }
}

/// Has walrus tell where the instructions of forms go, if the module has forms as functions.
pub(crate) fn follow(module: &mut Module) {
    let forms = bodies(module);
    if !forms.is_empty() {
        module.customs.add(Moved { forms, pairs: Vec::new() });
    }
}

/// From positions of instructions in the module before to those in the module after.
#[derive(Default)]
pub(super) struct Positions(BTreeMap<u32, u32>);

impl Positions {
    /// Reads what walrus has told.
    pub(super) fn read(wasm: &[u8]) -> Self {
        let mut positions = Self::default();
        for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
            if let Payload::CustomSection(section) = payload
                && section.name() == SECTION
            {
                let words: Vec<u32> =
                    section.data().as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
                positions.0 = words.as_chunks().0.iter().map(|&[from, to]| (from, to)).collect();
            }
        }
        positions
    }

    /// The lines of a body that was at `from`, is at `to` in the module that walrus has made, and is `reencoded` in the end.
    pub(super) fn moved(&self, lines: Lines, from: (usize, &[u8]), to: (usize, &[u8]), reencoded: &[u8]) -> Lines {
        let steps: BTreeMap<usize, usize> = operators(to.1).into_iter().zip(operators(reencoded)).collect();
        let end = (from.0 + from.1.len()) as u32;
        let mut rows: Vec<Line> = Vec::new();
        for row in lines.rows {
            let Some(start) = (from.0 as u32).checked_add(row.offset).filter(|start| *start < end) else { continue };
            // Before the first instruction there are the locals; and code that nothing leads to goes.
            let next =
                self.0.range(start..end).next().and_then(|(_, at)| steps.get(&(*at as usize).checked_sub(to.0)?));
            let Some(offset) = next.and_then(|offset| u32::try_from(*offset).ok()) else { continue };
            while rows.last().is_some_and(|before| before.offset >= offset) {
                rows.pop();
            }
            rows.push(Line { offset, ..row });
        }
        Lines { files: lines.files, rows }
    }
}

/// Where in a body its instructions begin.
fn operators(body: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    if let Ok(mut reader) = FunctionBody::new(BinaryReader::new(body, 0)).get_operators_reader() {
        while !reader.eof() {
            places.push(reader.original_position());
            if reader.read().is_err() {
                break;
            }
        }
    }
    places
}
