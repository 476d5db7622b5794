//! The IR as text, for readers and tests: `i32.add(v0, 1)` for operations, indented blocks for statements.

use super::{Chunk, Expr, Function, LoopBounds, Place, Printing, Stmt, Thread};
use std::fmt;

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function {}", self.index)?;
        for (var, ty) in &self.vars {
            let kind = if self.is_parameter(var) {
                "param"
            } else if self.starts_as_zero(var) {
                "local"
            } else {
                "added"
            };
            write!(f, "\n  {kind} {var}: {}", lower(ty))?;
        }
        for (slot, info) in &self.slots {
            write!(f, "\n  {slot}: {} bytes at {}", info.bytes, info.place)?;
        }
        for (number, field) in self.accumulated.values().flatten().enumerate() {
            let (copy, offset, bytes) = (field.number, field.offset, field.bytes);
            write!(f, "\n  accumulator field {number}: {bytes} bytes at {offset} in private copy {copy}")?;
        }
        f.write_str("\n{\n")?;
        body(f, &self.body, 1)?;
        f.write_str("}\n")
    }
}

fn lower(value: impl fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

fn body(f: &mut fmt::Formatter<'_>, statements: &[Stmt], depth: usize) -> fmt::Result {
    statements.iter().try_for_each(|stmt| statement(f, stmt, depth))
}

fn statement(f: &mut fmt::Formatter<'_>, stmt: &Stmt, depth: usize) -> fmt::Result {
    let indent = "  ".repeat(depth);
    write!(f, "{indent}")?;
    match stmt {
        Stmt::Set(var, value) => writeln!(f, "{var} = {value}"),
        Stmt::SetGlobal(global, value) => writeln!(f, "global {global} = {value}"),
        Stmt::SetSlot { op, slot, value } => writeln!(f, "{slot} = {}({value})", name(*op)),
        Stmt::ClampUpper { op, slot, value } => writeln!(f, "clamp upper bound {slot} = {}({value})", name(*op)),
        Stmt::Do(value) => writeln!(f, "{value}"),
        Stmt::Call { function, arguments, results, .. } => {
            let results: Vec<_> = results.iter().map(ToString::to_string).collect();
            writeln!(f, "[{}] = call function {function}({})", results.join(", "), list(arguments))
        }
        Stmt::CallIndirect { candidates, index, arguments, results, site } => {
            let results: Vec<_> = results.iter().map(ToString::to_string).collect();
            let candidates: Vec<_> =
                candidates.iter().map(|(index, function)| format!("{index}: function {function}")).collect();
            let (results, candidates) = (results.join(", "), candidates.join(", "));
            writeln!(f, "[{results}] = call {index} of [{candidates}]({}) @{site}", list(arguments))
        }
        Stmt::CallTable { ty, table, index, arguments, results, site } => {
            let results: Vec<_> = results.iter().map(ToString::to_string).collect();
            let results = results.join(", ");
            writeln!(f, "[{results}] = call {index} of table {table}, type {ty}({}) @{site}", list(arguments))
        }
        Stmt::If { condition, then, otherwise } => {
            writeln!(f, "if {condition} {{")?;
            body(f, then, depth + 1)?;
            if !otherwise.is_empty() {
                writeln!(f, "{indent}}} else {{")?;
                body(f, otherwise, depth + 1)?;
            }
            writeln!(f, "{indent}}}")
        }
        Stmt::Block { label, body: inner } => {
            writeln!(f, "block {{")?;
            body(f, inner, depth + 1)?;
            writeln!(f, "{indent}}} {label}:")
        }
        Stmt::Loop { label, body: inner } => {
            writeln!(f, "loop {label}: {{")?;
            body(f, inner, depth + 1)?;
            writeln!(f, "{indent}}}")
        }
        Stmt::DoWhile { label, body: inner, condition } => {
            writeln!(f, "do {label}: {{")?;
            body(f, inner, depth + 1)?;
            writeln!(f, "{indent}}} while {condition}")
        }
        Stmt::Goto(label) => writeln!(f, "goto {label}"),
        Stmt::Switch { index, targets } => {
            writeln!(f, "switch {index} {{")?;
            for (number, target) in targets.iter().enumerate() {
                let is_default = number + 1 == targets.len();
                writeln!(f, "{indent}{}:", if is_default { "default".to_owned() } else { number.to_string() })?;
                body(f, target, depth + 1)?;
            }
            writeln!(f, "{indent}}}")
        }
        Stmt::Return(values) => writeln!(f, "return {}", list(values)),
        Stmt::Unreachable(site) => writeln!(f, "unreachable @{site}"),
        Stmt::CheckStack(pointer, site) => writeln!(f, "check stack pointer {pointer} @{site}"),
        Stmt::Critical { lock, body: inner } => {
            writeln!(f, "critical {lock:#x}")?;
            body(f, inner, depth + 1)
        }
        Stmt::Alone { body: inner, results } => {
            let results: Vec<_> = results.iter().map(ToString::to_string).collect();
            writeln!(f, "[{}] = alone {{", results.join(", "))?;
            body(f, inner, depth + 1)?;
            writeln!(f, "{indent}}}")
        }
        _ => openmp(f, stmt, depth),
    }
}

/// What calls of the OpenMP runtime, and of what prints, have become.
fn openmp(f: &mut fmt::Formatter<'_>, stmt: &Stmt, depth: usize) -> fmt::Result {
    match stmt {
        Stmt::StaticInit(bounds) => writeln!(f, "static init {bounds}"),
        Stmt::DispatchInit(dispatch) => {
            let [first, last, size, left] = dispatch.vars();
            write!(f, "dispatch init {} to {} ", dispatch.lower, dispatch.upper)?;
            match &dispatch.chunk {
                Some(chunk) => write!(f, "in chunks of {chunk}")?,
                None => f.write_str("in chunks of any size")?,
            }
            writeln!(f, ", kept in {first}, {last}, {size}, {left}")
        }
        Stmt::DispatchNext { chunk, result, .. } => writeln!(f, "{result} = dispatch next {chunk}"),
        Stmt::Reduce { slots, combiner, .. } => {
            let slots: Vec<_> = slots.iter().map(ToString::to_string).collect();
            writeln!(f, "reduce [{}] with function {combiner}", slots.join(", "))
        }
        Stmt::Fork { microtask, arguments, captured, threads } => {
            write!(f, "fork function {microtask}({})", list(arguments))?;
            captured.iter().try_for_each(|slot| write!(f, " {slot}"))?;
            match threads {
                Some(threads) => writeln!(f, " with {threads} threads"),
                None => writeln!(f),
            }
        }
        Stmt::Barrier => writeln!(f, "barrier"),
        Stmt::Print(printing) => {
            let Printing { function, format, arguments, bytes, .. } = printing;
            write!(f, "print by function {function} with format {format:#x}")?;
            arguments.iter().try_for_each(|(at, _, argument)| write!(f, ", at {at}: {argument}"))?;
            writeln!(f, ", {bytes} bytes")?;
            body(f, &printing.carried, depth + 1)
        }
        Stmt::PrintByte { at, byte } => writeln!(f, "byte {at} printed = {byte}"),
        Stmt::Number { result, of } => writeln!(f, "{result} = number {}", lower(of)),
        _ => Ok(()),
    }
}

fn list(values: &[Expr]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn memory(memory: super::Memory) -> &'static str {
    match memory {
        super::Memory::Linear => "",
        super::Memory::Private => "private ",
        super::Memory::Team => "team ",
        super::Memory::Either => "either ",
    }
}

fn name(op: super::Op) -> String {
    op.name().replacen('_', ".", 1)
}

impl fmt::Display for LoopBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.signed { "signed" } else { "unsigned" };
        write!(f, "{} {sign}", lower(self.ty))?;
        if let Some([last, lower, upper, stride]) = self.slots {
            write!(f, " last {last} lower {lower} upper {upper} stride {stride}")?;
        }
        match &self.chunk {
            Chunk::Free => Ok(()),
            Chunk::One => f.write_str(" chunk 1"),
            Chunk::Many => f.write_str(" chunk many"),
            Chunk::Size(size) => write!(f, " chunk {size}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(at) => write!(f, "frame{at:+}"),
            Self::ThreadNumber(Thread::Global, at) => write!(f, "gtid{at:+}"),
            Self::ThreadNumber(Thread::Bound, at) => write!(f, "btid{at:+}"),
            Self::List(list, at) => write!(f, "list {}{at:+}", lower(list)),
            Self::Private(list, number, at) => write!(f, "private copy {number} of list {}{at:+}", lower(list)),
            Self::Forker(at) => write!(f, "forker's frame{at:+}"),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(ty, bits) => write!(f, "{}:{bits:#x}", lower(ty)),
            Self::Var(var) => write!(f, "{var}"),
            Self::Global(global) => write!(f, "global {global}"),
            Self::Address(place) => write!(f, "&{place}"),
            Self::Slot(op, slot) => write!(f, "{}({slot})", name(*op)),
            Self::Operation(operation) => {
                write!(f, "{}{}({}", memory(operation.memory), name(operation.op), list(&operation.operands))?;
                if let Some(offset) = operation.offset {
                    write!(f, ", offset {offset}")?;
                }
                if !operation.lanes.is_empty() {
                    write!(f, ", lanes {:?}", operation.lanes)?;
                }
                f.write_str(")")?;
                operation.site.map_or(Ok(()), |site| write!(f, "@{site}"))
            }
        }
    }
}
