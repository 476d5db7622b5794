//! What a region prints: a record for each call, in the memory of the device for that.
//!
//! A record has a head, the arguments and the strings among them (`omp2wasi_abi::layout::printed`). Where there is no room for it, it is lost.

use super::Printer;
use crate::dialect::Dialect;
use crate::ir::{Printing, Ty};
use omp2wasi_abi::layout::printed;

impl<D: Dialect> Printer<'_, D> {
    pub(super) fn print(&mut self, printing: &Printing) {
        let Printing { function, format, strings, arguments, bytes, carried } = printing;
        self.line("{");
        self.indented(|printer| {
            let bytes = printer.top(bytes);
            printer.line(&format!(
                "__global uint *record = printed_record(m, {function}u, {format:#x}u, {strings:#x}u, {bytes});"
            ));
            printer.line("if (record) {");
            printer.indented(|printer| {
                for (at, ty, argument) in arguments {
                    let number = (printed::ARGUMENTS + at) / 4;
                    let value = printer.top(argument);
                    if *ty == Ty::I64 {
                        printer.line(&format!("*(__global uint2 *)(record + {number}) = as_uint2({value});"));
                    } else {
                        printer.line(&format!("record[{number}] = {value};"));
                    }
                }
                printer.stmts(carried, None);
            });
            printer.line("}");
        });
        self.line("}");
    }
}
