//! Calls of `printf`, `puts`, `putchar` and of what `assert` calls, in regions: they become records of what is printed ([`Printing`]), which the host
//! has the C library print when the launch has ended. A device does not format.
//!
//! A variable list of arguments is in the caller's frame on wasm32, each argument at a multiple of its size. The format, which has to be a
//! constant, says which there are, and they are read there as variables are. A string goes along, unless it is a constant of
//! the program: the device may have another one in its memory than the host.
//!
//! Invariant: a record is no longer than [`printed::MAX_SIZE`].

use super::Lift;
use super::format::{self, Argument, Precision};
use crate::ir::{Bits, Expr, Op, Operation, Printing, Stmt, Ty, Var};
use crate::refusal::Reason;
use crate::wasm::module::Signature;
use omp2wasi_abi::layout::printed;

/// Bytes of arguments, the most that is printed of a string, and how many strings there may be.
const MAX_BYTES: u32 = 512;
const MAX_STRING: u32 = 2047;
const MAX_STRINGS: usize = 16;

const _: () = assert!(
    printed::ARGUMENTS + MAX_BYTES + (MAX_STRING + 1) * MAX_STRINGS as u32 <= printed::MAX_SIZE,
    "a record has room for all that"
);

/// A record that is being put together.
struct Record {
    /// The arguments, and where they are among them, in bytes.
    arguments: Vec<(u32, Ty, Expr)>,
    /// Bytes of the arguments so far.
    end: u32,
    /// The strings that go along.
    strings: Vec<Carried>,
}

/// A string that goes along with a record.
struct Carried {
    /// Where the pointer to it is among the arguments, in bytes.
    at: u32,
    pointer: Expr,
    length: Var,
}

impl Lift<'_> {
    /// Whether a call is of a function that prints; if so, it is translated.
    pub(super) fn printing_call(
        &mut self,
        name: &str,
        arguments: &[Expr],
        signature: &Signature,
    ) -> Result<bool, Reason> {
        if signature.params.iter().chain(&signature.results).any(|ty| *ty != Ty::I32) || !self.module.can_print() {
            return Ok(false);
        }
        let mut record = Record { arguments: Vec::new(), end: 0, strings: Vec::new() };
        let plain = name.strip_prefix("__wrap_").unwrap_or(name);
        let (function, format) = match (plain, arguments, signature.results.len()) {
            ("printf" | "iprintf", [format, list], 1) => {
                let Some(format) = self.known_constant(format) else {
                    return Err(Reason::Construct(plain.to_owned(), "its format is computed"));
                };
                self.listed(plain, format as u32, list, &mut record)?;
                self.constant(Ty::I32, 0);
                (printed::PRINTF, format as u32)
            }
            ("puts", [string], 1) => {
                self.add_string(plain, string.clone(), Precision::All, &mut record)?;
                self.constant(Ty::I32, 0);
                (printed::PUTS, 0)
            }
            ("putchar", [byte], 1) => {
                record.add(4, byte.clone());
                self.stack.push(operation(Op::I32And, [byte.clone(), word(0xff)]));
                (printed::PUTCHAR, 0)
            }
            ("__assert_fail", [expression, file, line, function], 0) => {
                self.add_string(plain, expression.clone(), Precision::All, &mut record)?;
                self.add_string(plain, file.clone(), Precision::All, &mut record)?;
                record.add(4, line.clone());
                self.add_string(plain, function.clone(), Precision::All, &mut record)?;
                (printed::ASSERT, 0)
            }
            _ => return Ok(false),
        };
        self.emit_record(function, format, record);
        if function == printed::ASSERT {
            let site = self.site();
            self.emit(Stmt::Unreachable(site));
        }
        Ok(true)
    }

    /// Adds the arguments that a format asks for.
    fn listed(&mut self, name: &str, format: u32, list: &Expr, record: &mut Record) -> Result<(), Reason> {
        let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
        let Some(text) = self.module.string_at(format).filter(|_| self.module.is_constant_data(format)) else {
            return refuse("its format is no constant of the program");
        };
        let kinds = match format::arguments(text) {
            Ok(kinds) => kinds,
            Err(why) => return refuse(why),
        };
        // What is in the list is read first: it is known from the statements just before.
        let mut words = Vec::new();
        let mut end: u32 = 0;
        for kind in &kinds {
            let at = end.next_multiple_of(kind.bytes());
            end = at + kind.bytes();
            if end > MAX_BYTES {
                return refuse("it has too many arguments");
            }
            words.push(match kind {
                Argument::Word | Argument::String(_) => self.listed_word(list, at),
                Argument::Double | Argument::LongDouble => self.listed_part(Op::I64Load, list, at),
            });
        }
        for (kind, value) in kinds.into_iter().zip(words) {
            match kind {
                Argument::String(precision) => self.add_string(name, value, precision, record)?,
                _ => record.add(kind.bytes(), value),
            }
            if kind == Argument::LongDouble {
                let second = self.listed_part(Op::I64Load, list, record.end);
                record.add(8, second);
            }
        }
        Ok(())
    }

    /// A word of a list of arguments.
    fn listed_word(&mut self, list: &Expr, at: u32) -> Expr {
        let Expr::Address(place) = list else { return self.listed_part(Op::I32Load, list, at) };
        let place = place.plus(at as i32);
        match self.constant_word(place) {
            Some(constant) => word(constant),
            None => self.word(place),
        }
    }

    fn listed_part(&mut self, op: Op, list: &Expr, at: u32) -> Expr {
        if let Expr::Address(place) = list {
            return self.load_at(op, place.plus(at as i32));
        }
        let site = self.site();
        let mut load = Operation::access(op, vec![list.clone()], site);
        load.offset = Some(at.into());
        Expr::Operation(load)
    }

    /// Adds a string.
    fn add_string(
        &mut self,
        name: &str,
        pointer: Expr,
        precision: Precision,
        record: &mut Record,
    ) -> Result<(), Reason> {
        let constant = self.known_constant(&pointer).map(|address| address as u32);
        if let Some(address) = constant.filter(|address| *address == 0 || self.module.is_constant_data(*address)) {
            record.add(4, word(address));
            return Ok(());
        }
        if record.strings.len() == MAX_STRINGS || record.end >= 4 * u32::BITS {
            return Err(Reason::Construct(name.to_owned(), "it has too many strings"));
        }
        let at_most = match (precision, record.arguments.last()) {
            (Precision::AtMost(bytes), _) => word(bytes.min(MAX_STRING)),
            (Precision::Argument, Some((.., bytes))) => {
                let bytes = self.settled(bytes.clone());
                let is_less = operation(Op::I32LtU, [bytes.clone(), word(MAX_STRING)]);
                operation(Op::Select, [bytes, word(MAX_STRING), is_less])
            }
            _ => word(MAX_STRING),
        };
        let pointer = self.settled(pointer);
        // A null pointer has no string.
        let at_most = self.settled(operation(Op::Select, [at_most, word(0), pointer.clone()]));
        let length = self.length(&pointer, at_most);
        record.strings.push(Carried { at: record.end, pointer: pointer.clone(), length });
        record.add(4, pointer);
        Ok(())
    }

    /// The length of a string, which may have more bytes than that are looked at.
    fn length(&mut self, pointer: &Expr, at_most: Expr) -> Var {
        let (length, more) = (self.new_var(Ty::I32), self.new_var(Ty::I32));
        self.emit(Stmt::Set(length, word(0)));
        let byte = self.byte(pointer, length);
        let is_inside = operation(Op::I32LtU, [Expr::Var(length), at_most.clone()]);
        let body = vec![
            Stmt::Set(more, operation(Op::I32Ne, [byte, word(0)])),
            Stmt::Set(length, plus(Expr::Var(length), Expr::Var(more))),
        ];
        let label = self.new_label();
        let count = Stmt::DoWhile { label, body, condition: operation(Op::I32And, [Expr::Var(more), is_inside]) };
        self.emit(Stmt::If { condition: at_most, then: vec![count], otherwise: Vec::new() });
        length
    }

    fn byte(&mut self, pointer: &Expr, number: Var) -> Expr {
        let site = self.site();
        Expr::Operation(Operation::access(Op::I32Load8U, vec![plus(pointer.clone(), Expr::Var(number))], site))
    }

    /// Has a record printed.
    fn emit_record(&mut self, function: u32, format: u32, record: Record) {
        let Record { mut arguments, end, strings } = record;
        let mut printing =
            Printing { function, format, strings: 0, arguments: Vec::new(), bytes: word(end), carried: Vec::new() };
        for Carried { at, pointer, length } in strings {
            printing.strings |= 1 << (at / 4);
            let begin = self.settled(plus(std::mem::replace(&mut printing.bytes, word(0)), word(printed::ARGUMENTS)));
            let number = self.new_var(Ty::I32);
            let byte = self.byte(&pointer, number);
            let body = vec![
                Stmt::PrintByte { at: plus(begin.clone(), Expr::Var(number)), byte },
                Stmt::Set(number, plus(Expr::Var(number), word(1))),
            ];
            let condition = operation(Op::I32LtU, [Expr::Var(number), Expr::Var(length)]);
            let then = vec![Stmt::DoWhile { label: self.new_label(), body, condition }];
            printing.carried.extend([
                Stmt::Set(number, word(0)),
                Stmt::If { condition: Expr::Var(length), then, otherwise: Vec::new() },
                Stmt::PrintByte { at: plus(begin.clone(), Expr::Var(length)), byte: word(0) },
            ]);
            let behind = plus(begin.clone(), plus(Expr::Var(length), word(1u32.wrapping_sub(printed::ARGUMENTS))));
            printing.bytes = self.settled(behind);
            if let Some((.., argument)) = arguments.iter_mut().find(|(known, ..)| *known == at) {
                *argument = operation(Op::Select, [begin, word(0), pointer]);
            }
        }
        printing.arguments = arguments;
        self.emit(Stmt::Print(printing));
    }
}

impl Record {
    /// Adds a part of an argument, at a multiple of a number of bytes.
    fn add(&mut self, alignment: u32, value: Expr) {
        let at = self.end.next_multiple_of(alignment);
        self.end = at + alignment.min(8);
        self.arguments.push((at, if alignment == 4 { Ty::I32 } else { Ty::I64 }, value));
    }
}

fn operation<const N: usize>(op: Op, operands: [Expr; N]) -> Expr {
    Expr::Operation(Operation::new(op, operands.into()))
}

fn word(bits: u32) -> Expr {
    Expr::Const(Ty::I32, Bits::from(bits))
}

fn plus(value: Expr, more: Expr) -> Expr {
    operation(Op::I32Add, [value, more])
}
