//! Takes out line tables that cover code which they do not describe, before walrus sees them.
//!
//! With `--wrap=f`, wasm-ld makes the debug information of the C library's `f` refer to the wrapper's code. The sequence of such a
//! function starts where the wrapper does and ends somewhere else: within another function, or behind the code, which walrus
//! cannot convert and answers with a panic. Each right sequence ends where its function ends.
//!
//! The address of a wrong sequence becomes wasm-ld's own mark for code that is not there; nothing changes its size.

use std::ops::Range;
use wasmparser::{Parser, Payload};

/// What wasm-ld writes in place of the address of a function that it has dropped.
const TOMBSTONE: [u8; 4] = [0xff; 4];

/// Marks the sequences of `wasm` that do not end with the function in which they start. What cannot be read is left alone.
pub(crate) fn mark_foreign_sequences(wasm: &mut [u8]) {
    let mut code_start = 0;
    let mut bodies: Vec<Range<usize>> = Vec::new();
    let mut table: Option<Range<usize>> = None;
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        match payload {
            Payload::CodeSectionStart { range, .. } => code_start = range.start,
            Payload::CodeSectionEntry(body) => {
                bodies.push(body.range().start - code_start..body.range().end - code_start);
            }
            Payload::CustomSection(section) if section.name() == ".debug_line" => {
                table = Some(section.data_offset()..section.data_offset() + section.data().len());
            }
            _ => {}
        }
    }
    let Some(table) = table else {
        return;
    };
    let is_foreign = |start: usize, end: usize| {
        let body = bodies.partition_point(|body| body.end <= start);
        bodies.get(body).is_none_or(|body| end != body.end)
    };
    let table = &mut wasm[table];
    let mut unit = 0;
    while let Some(next) = mark_unit(table, unit, &is_foreign) {
        unit = next;
    }
}

/// Marks the sequences of one unit's line table, and says where the next unit's begins.
fn mark_unit(table: &mut [u8], unit: usize, is_foreign: &impl Fn(usize, usize) -> bool) -> Option<usize> {
    let mut header = Reader { bytes: table, at: unit };
    let length = header.u32()? as usize;
    let end = header.at.checked_add(length).filter(|&end| length > 0 && end <= table.len())?;
    let version = header.u16()?;
    if version == 5 {
        header.u16()?; // sizes of addresses and of segment selectors
    }
    let program = header.u32()? as usize;
    let program = header.at.checked_add(program)?;
    let minimum_length = usize::from(header.u8()?);
    if version >= 4 {
        header.u8()?; // operations per instruction
    }
    header.u16()?; // default of is_stmt, line base
    let line_range = header.u8()?;
    let opcode_base = header.u8()?;
    if !(2..=5).contains(&version) || line_range == 0 || opcode_base == 0 {
        return Some(end);
    }
    let operands: Vec<u8> = (1..opcode_base).map(|_| header.u8()).collect::<Option<_>>()?;
    let advance = |opcode: u8| usize::from((opcode - opcode_base) / line_range) * minimum_length;

    let mut foreign = Vec::new();
    let mut reader = Reader { bytes: &table[..end], at: program };
    // The address register, and where in the table the sequence's address stands with its value.
    let (mut address, mut start) = (0usize, None);
    while reader.at < end {
        match reader.u8()? {
            0 => {
                let length = reader.leb()?;
                let after = reader.at.checked_add(length)?;
                match reader.u8()? {
                    1 => {
                        foreign.extend(start.take().filter(|&(_, from)| is_foreign(from, address)).map(|(at, _)| at));
                        address = 0;
                    }
                    2 => {
                        let at = reader.at;
                        address = reader.u32()? as usize;
                        start = start.or(Some((at, address)));
                    }
                    _ => {}
                }
                reader.at = after;
            }
            2 if opcode_base > 2 => address += reader.leb()? * minimum_length,
            8 if opcode_base > 8 => address += advance(255),
            9 if opcode_base > 9 => address += usize::from(reader.u16()?),
            opcode if opcode < opcode_base => {
                for _ in 0..operands[usize::from(opcode) - 1] {
                    reader.leb()?;
                }
            }
            opcode => address += advance(opcode),
        }
    }
    for at in foreign {
        table[at..at + 4].copy_from_slice(&TOMBSTONE);
    }
    Some(end)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = *self.bytes.get(self.at..)?.first_chunk()?;
        self.at += N;
        Some(bytes)
    }
    fn u8(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }
    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }
    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
    /// An unsigned LEB128; of a signed one, or of one that is too large, the length alone is right.
    fn leb(&mut self) -> Option<usize> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.u8()?;
            if shift < 28 {
                value |= usize::from(byte & 0x7f) << shift;
            }
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
    }
}
