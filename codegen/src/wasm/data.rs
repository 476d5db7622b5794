//! The static data of a module: what is at an address when it begins.
//!
//! Where memory is shared, segments are passive, and a function of the linker's copies them: with constants, which say where they go.
//!
//! Invariant: what is found is true of a module of LLVM's that has not changed it; another one may have anything there.

use super::Module;
use std::ops::Range;
use wasmparser::{Data, Operator};

/// Data segments whose names begin so have constants.
const CONSTANTS: &str = ".rodata";

/// A data segment.
pub(super) struct Segment {
    /// Its address, if it is an active one.
    address: Option<u32>,
    /// Where in the module its bytes are.
    bytes: Range<usize>,
    /// Whether it is one of constants.
    is_constant: bool,
}

/// A part of a segment at an address.
pub(super) struct Placed {
    address: u32,
    bytes: Range<usize>,
    is_constant: bool,
}

impl Segment {
    /// A segment; `address` is where it is, if it is an active one.
    pub fn new(data: &Data, address: Option<u32>) -> Self {
        Self { address, bytes: data.range.end - data.data.len()..data.range.end, is_constant: false }
    }

    /// Notes its name.
    pub fn named(&mut self, name: &str) {
        self.is_constant = name.starts_with(CONSTANTS);
    }
}

impl Module {
    /// The string at an address of the static data, without its end.
    pub(crate) fn string_at(&self, address: u32) -> Option<&[u8]> {
        let placed = self.placed_at(address)?;
        let bytes = self.bytes.get(placed.bytes.clone())?.get((address - placed.address) as usize..)?;
        bytes.iter().position(|byte| *byte == 0).map(|end| &bytes[..end])
    }

    /// Whether at an address there are constants, which nothing changes.
    pub(crate) fn is_constant_data(&self, address: u32) -> bool {
        self.placed_at(address).is_some_and(|placed| placed.is_constant)
    }

    fn placed_at(&self, address: u32) -> Option<&Placed> {
        let has = |placed: &&Placed| {
            address.checked_sub(placed.address).is_some_and(|distance| (distance as usize) < placed.bytes.len())
        };
        self.placed.get_or_init(|| self.place_segments()).iter().find(has)
    }

    fn place_segments(&self) -> Vec<Placed> {
        let active = self.segments.iter().filter_map(|segment| {
            Some(Placed { address: segment.address?, bytes: segment.bytes.clone(), is_constant: segment.is_constant })
        });
        let mut placed: Vec<Placed> = active.collect();
        for body in &self.bodies {
            let Ok(operators) = self.body_at(body).get_operators_reader() else { continue };
            // The last three constants.
            let mut operands = [None; 3];
            for operator in operators.into_iter().map_while(Result::ok) {
                let constant = match operator {
                    Operator::I32Const { value } => Some(value as u32),
                    _ => None,
                };
                if let (Operator::MemoryInit { data_index, .. }, [Some(address), Some(from), Some(len)]) =
                    (&operator, operands)
                {
                    placed.extend(self.part(*data_index, address, from, len));
                }
                operands = [operands[1], operands[2], constant];
            }
        }
        placed
    }

    /// A part of a segment that is copied to an address.
    fn part(&self, segment: u32, address: u32, from: u32, len: u32) -> Option<Placed> {
        let segment = self.segments.get(segment as usize)?;
        let begin = segment.bytes.start.checked_add(from as usize)?;
        let end = begin.checked_add(len as usize).filter(|end| *end <= segment.bytes.end)?;
        Some(Placed { address, bytes: begin..end, is_constant: segment.is_constant })
    }
}
