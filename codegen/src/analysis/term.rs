//! Values in terms of what a microtask is given, and what they are for given arguments.
//!
//! Invariant: a term has a value for all arguments; operations that may trap are not among those that terms consist of.

use crate::ir::{Binary, Bits, Conversion, Kind, Op, Relation, Sign, Ty};
use std::fmt;
use std::sync::Arc;

/// Terms with more operations than this are not followed.
const MAX_SIZE: u32 = 64;

/// A value in terms of what a microtask is given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    Const(Ty, Bits),
    /// A parameter, by its number after the thread numbers.
    Parameter(usize),
    /// The upper bound that a virtual thread gets for its iterations.
    UpperBound,
    Operation {
        op: Op,
        operands: Vec<Arc<Term>>,
        /// How many operations there are in it.
        size: u32,
    },
}

impl Term {
    /// An operation on terms, if it is one that has a value for all operands, and the term is not too large.
    pub fn operation(op: Op, operands: Vec<Arc<Self>>) -> Option<Arc<Self>> {
        evaluate(op, &vec![1; operands.len()])?;
        let size = 1 + operands.iter().map(|operand| operand.size()).sum::<u32>();
        (size <= MAX_SIZE).then(|| Arc::new(Self::Operation { op, operands, size }))
    }

    fn size(&self) -> u32 {
        if let Self::Operation { size, .. } = self { *size } else { 0 }
    }

    /// Whether the upper bound of a virtual thread is a part of it.
    pub fn has_upper_bound(&self) -> bool {
        match self {
            Self::UpperBound => true,
            Self::Operation { operands, .. } => operands.iter().any(|operand| operand.has_upper_bound()),
            Self::Const(..) | Self::Parameter(_) => false,
        }
    }

    /// If this is the least of the upper bound that a virtual thread gets and of something that does not depend on it: that.
    pub fn as_clamp(&self, signed: bool) -> Option<Arc<Self>> {
        let Self::Operation { op: Op::Select, operands, .. } = self else {
            return None;
        };
        let [first, second, condition] = &operands[..] else {
            return None;
        };
        let Self::Operation { op, operands: sides, .. } = &**condition else {
            return None;
        };
        let least_first = match op.kind() {
            Kind::Compare(Relation::Lt | Relation::Le, sign) if (sign == Sign::Signed) == signed => true,
            Kind::Compare(Relation::Gt | Relation::Ge, sign) if (sign == Sign::Signed) == signed => false,
            _ => return None,
        };
        let compared = if least_first { [first, second] } else { [second, first] };
        let is_minimum = sides.len() == 2 && *compared[0] == sides[0] && *compared[1] == sides[1];
        let is_upper = |term: &Arc<Self>| **term == Self::UpperBound;
        let other = if is_upper(first) { second } else { first };
        let is_one = is_upper(first) != is_upper(second) && !other.has_upper_bound();
        (is_minimum && is_one).then(|| other.clone())
    }

    /// The value for these arguments, as its type has it, without a sign.
    pub fn value(&self, arguments: &[u32]) -> Option<u64> {
        match self {
            Self::Const(Ty::I32, bits) => Some(u64::from(*bits as u32)),
            Self::Const(_, bits) => Some(*bits as u64),
            Self::Parameter(number) => arguments.get(*number).map(|value| u64::from(*value)),
            Self::UpperBound => None,
            Self::Operation { op, operands, .. } => {
                let operands = operands.iter().map(|operand| operand.value(arguments));
                evaluate(*op, &operands.collect::<Option<Vec<_>>>()?)
            }
        }
    }
}

/// The result of an operation on integers that always has one, if it is one of those that bounds of loops are computed with.
fn evaluate(op: Op, operands: &[u64]) -> Option<u64> {
    let get = |i: usize| operands.get(i).copied();
    let a = get(0)?;
    let word = |value: u64| u64::from(value as u32);
    let (ty, is_i32) = (op.operand(), op.operand() == Ty::I32);
    let signed = |value: u64| if is_i32 { i64::from(value as u32 as i32) } else { value as i64 };
    let bits = if is_i32 { 32 } else { 64 };
    let result = match op.kind() {
        Kind::Select => return Some(if get(2)? == 0 { get(1)? } else { a }),
        _ if !matches!(ty, Ty::I32 | Ty::I64) || op.bytes().is_some() => return None,
        Kind::Convert(Conversion::ExtendS) => return Some(i64::from(a as u32 as i32) as u64),
        Kind::Convert(Conversion::ExtendU | Conversion::Wrap) => return Some(word(a)),
        Kind::Eqz => return Some(u64::from(a == 0)),
        Kind::Compare(relation, sign) => {
            let b = get(1)?;
            let order = if sign == Sign::Signed { signed(a).cmp(&signed(b)) } else { a.cmp(&b) };
            return Some(u64::from(match relation {
                Relation::Eq => order.is_eq(),
                Relation::Ne => order.is_ne(),
                Relation::Lt => order.is_lt(),
                Relation::Gt => order.is_gt(),
                Relation::Le => order.is_le(),
                Relation::Ge => order.is_ge(),
            }));
        }
        Kind::Binary(binary) => {
            let b = get(1)?;
            match binary {
                Binary::Add => a.wrapping_add(b),
                Binary::Sub => a.wrapping_sub(b),
                Binary::Mul => a.wrapping_mul(b),
                Binary::And => a & b,
                Binary::Or => a | b,
                Binary::Xor => a ^ b,
                Binary::Shl => a << (b % bits),
                Binary::ShrU => a >> (b % bits),
                Binary::ShrS => (signed(a) >> (b % bits)) as u64,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(if is_i32 { word(result) } else { result })
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(_, bits) => write!(f, "{bits:#x}"),
            Self::Parameter(number) => write!(f, "p{number}"),
            Self::UpperBound => f.write_str("upper bound"),
            Self::Operation { op, operands, .. } => {
                let operands: Vec<_> = operands.iter().map(ToString::to_string).collect();
                write!(f, "{}({})", op.name().replacen('_', ".", 1), operands.join(", "))
            }
        }
    }
}
