//! The intermediate representation: functions between WebAssembly and C-like languages, with expressions instead of a stack and
//! structured statements instead of blocks with types.
//!
//! `op` says what instructions do, `mathematics` which functions are like instructions, `function` what functions consist of, `visit` walks through them, and `print` shows them as text.

mod function;
pub(crate) mod mathematics;
mod op;
mod op_table;
mod print;
pub(crate) mod visit;

pub(crate) use function::{
    Chunk, Combined, Dispatch, Expr, Field, Frame, Function, Label, LoopBounds, Memory, Number, Operation, Place,
    Printing, Privates, Site, Slot, SlotInfo, Stmt, Thread, Var,
};
pub(crate) use op::{Binary, Conversion, Effect, Flow, Kind, Op, Relation, Sign, Unary};

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ty {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
}

impl Ty {
    /// Its name in WebAssembly.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
        }
    }
}

/// A value that is known before the program runs: its bits, in the low bits of the number.
pub(crate) type Bits = u128;
