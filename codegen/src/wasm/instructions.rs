//! Reads an operator's name and immediates. What the instructions mean is in `ir::op_table`.

use wasmparser::{MemArg, Operator};

/// What stands behind an instruction's name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Immediates {
    /// The constant part of an address, and its alignment.
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

/// All others. Method lookup finds this one for a reference to them, after it has found no [`Keep`] for themselves.
trait Ignore {
    fn keep(&self, _: &mut Immediates) {}
}

impl<T> Ignore for &T {}

/// An operator's name in the text format, and its immediates.
pub(crate) fn describe(operator: &Operator) -> (String, Immediates) {
    macro_rules! describe {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            match operator {
                $(Operator::$op $({ $($arg),* })? => {
                    #[allow(unused_mut)]
                    let mut immediates = Immediates::default();
                    $($($arg.keep(&mut immediates);)*)?
                    (stringify!($visit).trim_start_matches("visit_"), immediates)
                })*
                _ => ("unknown", Immediates::default()),
            }
        };
    }
    let (name, immediates) = wasmparser::for_each_operator!(describe);
    (name.replacen('_', ".", 1), immediates)
}
