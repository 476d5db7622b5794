//! The model of an instruction: its operands, its result, the bytes that it accesses, what it does to memory ([`Op::effect`]), and whether
//! it may trap ([`Op::may_trap`]). The table itself, a row for each instruction, is in `op_table`.
//!
//! Invariant: whoever asks about an instruction asks its row of the table ([`Op::info`]) or one of the questions here, which follow from
//! the row; nobody looks at an instruction's name, except to print it.

pub(crate) use super::op_table::Op;

use super::Ty;

/// A row of the table of instructions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Info {
    /// As in the text format, with `_` for `.`.
    pub name: &'static str,
    pub operands: &'static [Ty],
    pub result: Option<Ty>,
    pub kind: Kind,
}

/// What an instruction does. Numbers are bytes that it accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Unary(Unary),
    Binary(Binary),
    Compare(Relation, Sign),
    /// Whether the operand is zero.
    Eqz,
    /// The first operand if the third one is not zero, else the second one.
    Select,
    Convert(Conversion),
    /// Reads a scalar or a whole vector. The sign says how shorter integers are extended.
    Load(u32, Sign),
    /// Writes a scalar or a whole vector.
    Store(u32),
    /// Reads a part of a vector, or a vector from a shorter piece of memory.
    VectorLoad(u32),
    /// Writes a lane of a vector.
    VectorStore(u32),
    AtomicLoad(u32),
    AtomicStore(u32),
    /// Reads, modifies and writes; compare-and-exchange as well.
    AtomicRmw(u32),
    Fence,
    /// Waits for others, or wakes them.
    Wait,
    MemorySize,
    Grow,
    MemoryCopy,
    MemoryFill,
    ExtractLane(Sign),
    /// A function of the C library's mathematics, which devices have themselves.
    Mathematics,
    /// Any other operation on vectors: with which lanes it computes, and what becomes of their bits.
    Vector(Lanes, Flow),
}

/// How an integer is read where its sign matters. Equality, floats and whole words have no sign: those are `Unsigned`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Signed,
    Unsigned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Clz,
    Ctz,
    Popcnt,
    Extend8S,
    Extend16S,
    Extend32S,
    Abs,
    Neg,
    Ceil,
    Floor,
    Trunc,
    Nearest,
    Sqrt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    DivS,
    DivU,
    RemS,
    RemU,
    /// Of floats.
    Div,
    And,
    Or,
    Xor,
    Shl,
    ShrS,
    ShrU,
    Rotl,
    Rotr,
    Min,
    Max,
    Copysign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    Wrap,
    ExtendS,
    ExtendU,
    TruncS,
    TruncU,
    TruncSatS,
    TruncSatU,
    ConvertS,
    ConvertU,
    Demote,
    Promote,
    Reinterpret,
}

/// The lanes that an operation on vectors computes with; `F64` if any of them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lanes {
    Integer,
    F32,
    F64,
}

/// What becomes of the bits of an operation's operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// They may be in the result, moved or added to: if an operand is an address, the result may be one.
    Bits,
    /// The result is a number or a truth value, no address.
    Number,
}

/// How an access changes memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Not at all, and it does not depend on memory.
    None,
    Reads,
    Writes,
    /// It reads and writes, or orders other accesses: nothing moves past it.
    Orders,
}

impl Op {
    pub fn name(self) -> &'static str {
        self.info().name
    }

    pub fn kind(self) -> Kind {
        self.info().kind
    }

    /// The type of the operands of a computation; of an access the address's.
    pub fn operand(self) -> Ty {
        self.info().operands.first().copied().unwrap_or(Ty::I32)
    }

    /// The type of the value that an access reads or writes.
    pub fn accessed(self) -> Ty {
        let info = self.info();
        info.result.or(info.operands.get(1).copied()).unwrap_or(Ty::I32)
    }

    /// How many bytes it accesses, if it is an access with an address and a constant offset.
    pub fn bytes(self) -> Option<u32> {
        match self.kind() {
            Kind::Load(bytes, _)
            | Kind::Store(bytes)
            | Kind::VectorLoad(bytes)
            | Kind::VectorStore(bytes)
            | Kind::AtomicLoad(bytes)
            | Kind::AtomicStore(bytes)
            | Kind::AtomicRmw(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// What it does to memory.
    pub fn effect(self) -> Effect {
        match self.kind() {
            Kind::Load(..) | Kind::VectorLoad(_) => Effect::Reads,
            Kind::Store(_) | Kind::VectorStore(_) | Kind::MemoryFill => Effect::Writes,
            Kind::AtomicLoad(_)
            | Kind::AtomicStore(_)
            | Kind::AtomicRmw(_)
            | Kind::Fence
            | Kind::Wait
            | Kind::Grow
            | Kind::MemoryCopy => Effect::Orders,
            _ => Effect::None,
        }
    }

    /// Whether it must stay where it is among the others that do: it writes memory or orders accesses.
    pub fn is_effect(self) -> bool {
        matches!(self.effect(), Effect::Writes | Effect::Orders)
    }

    /// Whether it reads memory and gives what it read, and does nothing else.
    pub fn is_load(self) -> bool {
        matches!(self.kind(), Kind::Load(..) | Kind::VectorLoad(_) | Kind::AtomicLoad(_))
    }

    /// Whether it is a load or a store of a scalar or a whole vector, without order: a variable could stand for what it accesses.
    pub fn is_plain_access(self) -> bool {
        matches!(self.kind(), Kind::Load(..) | Kind::Store(_))
    }

    pub fn is_atomic(self) -> bool {
        matches!(
            self.kind(),
            Kind::AtomicLoad(_) | Kind::AtomicStore(_) | Kind::AtomicRmw(_) | Kind::Fence | Kind::Wait
        )
    }

    /// Whether it may write to memory.
    pub fn writes(self) -> bool {
        matches!(
            self.kind(),
            Kind::Store(_)
                | Kind::VectorStore(_)
                | Kind::AtomicStore(_)
                | Kind::AtomicRmw(_)
                | Kind::MemoryFill
                | Kind::MemoryCopy
        )
    }

    /// Whether it is an integer division or remainder.
    pub fn is_division(self) -> bool {
        matches!(self.kind(), Kind::Binary(Binary::DivS | Binary::DivU | Binary::RemS | Binary::RemU))
    }

    /// Whether it may trap for a reason other than its address: see [`Op::may_trap`].
    pub fn may_trap_computing(self) -> bool {
        self.is_division() || matches!(self.kind(), Kind::Convert(Conversion::TruncS | Conversion::TruncU))
    }

    /// Whether it may trap.
    pub fn may_trap(self) -> bool {
        let is_access =
            self.bytes().is_some() || matches!(self.kind(), Kind::MemoryCopy | Kind::MemoryFill | Kind::Wait);
        is_access || self.may_trap_computing()
    }

    /// Whether it computes with 64-bit floats.
    pub fn uses_f64(self) -> bool {
        let info = self.info();
        info.operands.contains(&Ty::F64)
            || info.result == Some(Ty::F64)
            || matches!(info.kind, Kind::Vector(Lanes::F64, _))
    }

    /// What becomes of the bits of its operands, for an operation that accesses no memory.
    pub fn flow(self) -> Flow {
        let is_i64 = self.operand() == Ty::I64;
        let carries = match self.kind() {
            Kind::Vector(_, flow) => return flow,
            Kind::ExtractLane(_) | Kind::Select => true,
            Kind::Unary(unary) => {
                matches!(unary, Unary::Extend8S | Unary::Extend16S | Unary::Extend32S)
            }
            // Floats keep no address; shifts of 64 bits pack two addresses, and unpack them.
            Kind::Binary(_) if matches!(self.operand(), Ty::F32 | Ty::F64) => false,
            Kind::Binary(binary) => match binary {
                Binary::Add | Binary::Sub | Binary::And | Binary::Or | Binary::Xor | Binary::Rotl | Binary::Rotr => {
                    true
                }
                Binary::Shl | Binary::ShrS | Binary::ShrU => is_i64,
                _ => false,
            },
            Kind::Convert(conversion) => matches!(
                conversion,
                Conversion::Wrap | Conversion::ExtendS | Conversion::ExtendU | Conversion::Reinterpret
            ),
            Kind::MemorySize => true,
            _ => false,
        };
        if carries { Flow::Bits } else { Flow::Number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table agrees with the names, which say the same in WebAssembly's own way.
    #[test]
    fn rows_agree_with_names() {
        for op in Op::ALL {
            let (name, info) = (op.name(), op.info());
            let is_access = ["_load", "_store", "_rmw"].iter().any(|access| name.contains(access));
            assert_eq!(op.bytes().is_some(), is_access, "{name}");
            assert_eq!(op.is_load(), name.contains("_load"), "{name}");
            assert_eq!(op.is_atomic(), name.contains("atomic"), "{name}");
            let is_effect = name.contains("_store") || name.contains("atomic") || name.starts_with("memory_copy");
            assert_eq!(op.is_effect(), is_effect || ["memory_fill", "memory_grow"].contains(&name), "{name}");
            assert_eq!(op.uses_f64(), name.contains("f64"), "{name}");
            let shape = name.split_once('_').map_or(name, |(shape, _)| shape);
            if let ("i32" | "i64" | "f32" | "f64", Some(result), false) = (shape, info.result, is_access) {
                let is_truth = matches!(info.kind, Kind::Compare(..) | Kind::Eqz);
                let expected = if is_truth { "I32".to_owned() } else { shape.to_uppercase() };
                assert_eq!(format!("{result:?}"), expected, "{name}");
            }
            if info.kind == Kind::Eqz {
                assert!(name.ends_with("_eqz"));
            }
            let sign = if name.ends_with("_s") { Sign::Signed } else { Sign::Unsigned };
            if let Kind::Compare(_, own) | Kind::Load(_, own) | Kind::ExtractLane(own) = info.kind {
                assert_eq!(own, sign, "{name}");
            }
        }
    }
}
