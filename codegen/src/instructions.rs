//! Instructions by name: what the emitters know of an instruction is its name in the text format, with `_` for `.`.

use wasmparser::{MemArg, Operator};

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

/// An instruction that takes its operands from the stack and has no effect on control.
#[derive(Clone, Debug)]
pub(crate) struct Plain {
    /// As in the text format, with `_` for `.`.
    pub name: &'static str,
    pub operands: usize,
    pub results: usize,
    pub proposal: &'static str,
    pub immediates: Immediates,
}

/// What stands behind the name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Immediates {
    pub memory: Option<MemArg>,
    /// A lane, or the sixteen of a shuffle.
    pub lanes: Vec<u8>,
}

/// Immediates that are kept.
trait Keep {
    fn keep(&self, immediates: &mut Immediates);
}

impl Keep for MemArg {
    fn keep(&self, immediates: &mut Immediates) {
        immediates.memory = Some(*self);
    }
}

impl Keep for u8 {
    fn keep(&self, immediates: &mut Immediates) {
        immediates.lanes.push(*self);
    }
}

impl Keep for [u8; 16] {
    fn keep(&self, immediates: &mut Immediates) {
        immediates.lanes.extend(self);
    }
}

/// All others: found for a reference to them, after [`Keep`] was not found for themselves.
trait Ignore {
    fn keep(&self, _: &mut Immediates) {}
}

impl<T> Ignore for &T {}

macro_rules! arity {
    (arity custom) => {
        (0, 0)
    };
    (arity $operands:literal -> $results:literal) => {
        ($operands, $results)
    };
}

/// Describes an instruction; the numbers of operands and results mean nothing for those that affect control, and for calls.
pub(crate) fn plain(operator: &Operator) -> Plain {
    macro_rules! describe {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            match operator {
                $(Operator::$op $({ $($arg),* })? => {
                    #[allow(unused_mut)]
                    let mut immediates = Immediates::default();
                    $($($arg.keep(&mut immediates);)*)?
                    let (operands, results) = arity!($($arity)*);
                    let name = stringify!($visit).trim_start_matches("visit_");
                    Plain { name, operands, results, proposal: stringify!($proposal), immediates }
                })*
                _ => Plain { name: "unknown", operands: 0, results: 0, proposal: "unknown", immediates: Immediates::default() },
            }
        };
    }
    wasmparser::for_each_operator!(describe)
}

/// The type of an instruction's result, from its name.
pub(crate) fn result(name: &str) -> Ty {
    let (shape, rest) = name.split_once('_').unwrap_or((name, ""));
    let is_comparison = |op: &str| {
        matches!(op, "eqz" | "eq" | "ne" | "lt" | "gt" | "le" | "ge")
            || ["lt", "gt", "le", "ge"]
                .iter()
                .any(|relation| op == format!("{relation}_s") || op == format!("{relation}_u"))
    };
    match shape {
        "memory" => Ty::I32,
        "i32" | "i64" | "f32" | "f64" if is_comparison(rest) => Ty::I32,
        "i32" => Ty::I32,
        "i64" => Ty::I64,
        "f32" => Ty::F32,
        "f64" => Ty::F64,
        _ if rest.ends_with("all_true") || rest == "bitmask" || rest == "any_true" => Ty::I32,
        _ if rest.starts_with("extract_lane") => match shape {
            "i64x2" => Ty::I64,
            "f32x4" => Ty::F32,
            "f64x2" => Ty::F64,
            _ => Ty::I32,
        },
        _ => Ty::V128,
    }
}
