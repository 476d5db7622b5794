//! Finds the source lines of functions in an object's debug information.
//!
//! Invariant: debug information that cannot be read is none; nothing is refused because of it.

use std::collections::{BTreeMap, HashMap};

use gimli::{Dwarf, EndianSlice, LineProgramHeader, LittleEndian, SectionId, Unit};
use omp2wasi_abi::scalar::{Line, Lines};
use wasmparser::{Parser, Payload};

use super::object::Body;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The rows of an object's line tables: position in the code section, file and line; no line ends what was before.
#[derive(Default)]
pub struct Table {
    files: Vec<String>,
    rows: BTreeMap<usize, Option<(u32, u32)>>,
}

impl Table {
    /// Reads the line tables. What relocations write is there already, as far as it counts from the beginning of the object's own sections.
    pub fn read(object: &[u8]) -> Self {
        let mut sections = HashMap::new();
        for payload in Parser::new(0).parse_all(object).map_while(Result::ok) {
            if let Payload::CustomSection(section) = payload {
                sections.insert(section.name(), section.data());
            }
        }
        let mut table = Self::default();
        if sections.contains_key(".debug_line") {
            let load = |id: SectionId| -> Result<Slice<'_>, gimli::Error> {
                Ok(EndianSlice::new(sections.get(id.name()).copied().unwrap_or_default(), LittleEndian))
            };
            // What is read up to an error is as good as the rest.
            let _ = Dwarf::load(load).and_then(|dwarf| table.units(&dwarf));
        }
        table
    }

    fn units(&mut self, dwarf: &Dwarf<Slice<'_>>) -> Result<(), gimli::Error> {
        let mut headers = dwarf.units();
        while let Some(header) = headers.next()? {
            let unit = dwarf.unit(header)?;
            let Some(program) = unit.line_program.clone() else { continue };
            let mut names = HashMap::new();
            let mut rows = program.rows();
            while let Some((header, row)) = rows.next_row()? {
                let line = row.line().and_then(|line| u32::try_from(line.get()).ok()).filter(|_| !row.end_sequence());
                let place = line.map(|line| {
                    let index = row.file_index();
                    let file = *names.entry(index).or_insert_with(|| self.file(dwarf, &unit, header, index));
                    (file, line)
                });
                self.rows.insert(row.address() as usize, place);
            }
        }
        Ok(())
    }

    /// The number of a file, whose path is that of the unit's folder, its own folder and its name, as far as each is relative.
    fn file(
        &mut self,
        dwarf: &Dwarf<Slice<'_>>,
        unit: &Unit<Slice<'_>>,
        header: &LineProgramHeader<Slice<'_>>,
        index: u64,
    ) -> u32 {
        let mut path = std::path::PathBuf::new();
        let mut push = |part: Option<Slice<'_>>| {
            if let Some(part) = part {
                path.push(&*part.to_string_lossy());
            }
        };
        push(unit.comp_dir);
        if let Some(file) = header.file(index) {
            let string = |value| dwarf.attr_string(unit, value).ok();
            if file.directory_index() != 0 {
                push(file.directory(header).and_then(string));
            }
            push(string(file.path_name()));
        }
        let path = path.to_string_lossy().into_owned();
        let number = self.files.iter().position(|file| *file == path).unwrap_or(self.files.len());
        if number == self.files.len() {
            self.files.push(path);
        }
        number as u32
    }

    /// The lines of a body, with those files that it has.
    pub fn of(&self, body: &Body<'_>) -> Lines {
        let mut lines = Lines::default();
        let mut numbers = HashMap::new();
        for (at, place) in self.rows.range(body.start..body.start + body.bytes.len()) {
            let Some((file, line)) = *place else { continue };
            let number = *numbers.entry(file).or_insert_with(|| {
                lines.files.push(self.files[file as usize].clone());
                lines.files.len() as u32 - 1
            });
            let row = Line { offset: (at - body.start) as u32, file: number, line };
            let is_new = lines.rows.last().is_none_or(|last| (last.file, last.line) != (row.file, row.line));
            lines.rows.extend(is_new.then_some(row));
        }
        lines
    }
}
