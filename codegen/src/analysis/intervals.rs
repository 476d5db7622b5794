//! Integers as intervals, and what comparisons say of them.
//!
//! Sums and products need not care whether they wrap, as an interval is meant modulo two to the number of the type's bits. A value
//! also has a name: values with the same name differ by a known constant, so what a comparison says of one of them narrows the others.
//!
//! Invariant: what is not recognised may be anything.

use crate::ir::{Binary, Conversion, Kind, Op, Relation, Sign, Ty, Unary};
use std::rc::Rc;

/// `(n, d)`: the value is the unknown integer number `n`, plus `d`.
pub(super) type Name = (u32, i128);

/// What is known of an integer: modulo two to the number of its type's bits, it is one of those from `low` to `high`. Of other values
/// nothing is known.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    pub low: i128,
    pub high: i128,
    /// Its name: the unknown integer plus the distance is in the interval.
    pub name: Option<Name>,
    pub made: Made,
}

/// How a value was made, where that says more than an interval.
#[derive(Clone, Debug)]
pub(super) enum Made {
    Somehow,
    /// 1 if this holds, else 0.
    Comparison(Rc<Comparison>),
    /// `Quotient(n, k)`: the value named `n`, which is not negative, divided by `k`, rounded down.
    Quotient(Name, i128),
    /// `Floor(n, k)`: that quotient, multiplied by `k` again.
    Floor(Name, i128),
}

#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub relation: Order,
    pub is_signed: bool,
    pub bits: u32,
    pub left: Interval,
    pub right: Interval,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
}

impl Interval {
    pub const ANY: Self = Self { low: 0, high: 1 << 64, name: None, made: Made::Somehow };
    /// An interval with a bound further from 0 than this becomes [`Interval::ANY`], so that 128 bits always suffice to compute with.
    const FAR: i128 = 1 << 80;

    pub fn between(low: i128, high: i128) -> Self {
        if low < -Self::FAR || high > Self::FAR || low > high { Self::ANY } else { Self { low, high, ..Self::ANY } }
    }

    pub fn of(value: i128) -> Self {
        Self::between(value, value)
    }

    pub fn single(&self) -> Option<i128> {
        (self.low == self.high).then_some(self.low)
    }

    /// As integers of a type, if that is an interval, too; and whether they were written so.
    pub fn as_integers(&self, bits: u32, is_signed: bool) -> Option<(i128, i128, bool)> {
        let least = if is_signed { -(1 << (bits - 1)) } else { 0 };
        let most = least + (1 << bits) - 1;
        let away = (self.low - least).div_euclid(1 << bits) << bits;
        (self.high - away <= most).then_some((self.low - away, self.high - away, away == 0))
    }

    pub fn unsigned(&self, bits: u32) -> Option<(i128, i128)> {
        self.as_integers(bits, false).map(|(low, high, _)| (low, high))
    }

    pub fn plus(&self, other: &Self) -> Self {
        let name = match (self.name, other.name, self.single(), other.single()) {
            (Some((name, by)), _, _, Some(more)) | (_, Some((name, by)), Some(more), _) => Some((name, by + more)),
            _ => None,
        };
        self.sum(other.low, other.high, name)
    }

    pub fn minus(&self, other: &Self) -> Self {
        match (&other.made, self.name, other.name) {
            // The remainder.
            (Made::Floor(of, by), Some(name), _) if *of == name => Self::between(0, by - 1),
            (_, Some((own, by)), Some((name, less))) if own == name => Self::of(by - less),
            (_, Some((name, by)), _) if other.single().is_some() => {
                self.sum(-other.high, -other.low, Some((name, by - other.low)))
            }
            _ => self.sum(-other.high, -other.low, None),
        }
    }

    pub fn sum(&self, low: i128, high: i128, name: Option<Name>) -> Self {
        if self.is_any() || high - low >= 1 << 64 {
            return Self { name, ..Self::ANY };
        }
        Self { name, ..Self::between(self.low + low, self.high + high) }
    }

    pub fn is_any(&self) -> bool {
        self.high - self.low >= 1 << 64
    }

    pub fn times(&self, other: &Self) -> Self {
        let products = [(self.low, other.low), (self.low, other.high), (self.high, other.low), (self.high, other.high)];
        let products = products.map(|(a, b)| a.checked_mul(b));
        let [Some(a), Some(b), Some(c), Some(d)] = products else {
            return Self::ANY;
        };
        let made = match (&self.made, &other.made, self.single(), other.single()) {
            (Made::Quotient(of, by), _, _, Some(factor)) | (_, Made::Quotient(of, by), Some(factor), _)
                if factor == *by =>
            {
                Made::Floor(*of, *by)
            }
            _ => Made::Somehow,
        };
        Self { made, ..Self::between(a.min(b).min(c).min(d), a.max(b).max(c).max(d)) }
    }

    /// Makes the interval smaller, as what this name names is between these; false if it cannot be.
    pub fn assume(&mut self, name: u32, low: i128, high: i128) -> bool {
        if let Some((_, by)) = self.name.filter(|(own, _)| *own == name)
            && !self.is_any()
        {
            (self.low, self.high) = (self.low.max(low + by), self.high.min(high + by));
        }
        self.low <= self.high
    }

    /// What is compared, if this is whether a comparison holds; the opposite, if it is not to hold.
    pub fn comparison(&self, holds: bool) -> Option<Comparison> {
        match &self.made {
            Made::Comparison(comparison) if holds => Some((**comparison).clone()),
            Made::Comparison(comparison) => Some(comparison.not()),
            _ => None,
        }
    }

    /// Whether it may be other than zero, or zero.
    pub fn may_be(&self, not_zero: bool) -> bool {
        if not_zero { self.single() != Some(0) } else { self.unsigned(32).is_none_or(|(low, _)| low == 0) }
    }

    /// One or the other: the least interval that has both.
    pub fn or(&self, other: &Self) -> Self {
        let name = self.name.filter(|name| Some(*name) == other.name);
        Self { name, ..Self::between(self.low.min(other.low), self.high.max(other.high)) }
    }
}

impl Comparison {
    /// What an instruction compares.
    fn of(relation: Relation, sign: Sign, bits: u32, left: Interval, right: Interval) -> Self {
        let (relation, [left, right]) = match relation {
            Relation::Eq => (Order::Equal, [left, right]),
            Relation::Ne => (Order::NotEqual, [left, right]),
            Relation::Lt => (Order::Less, [left, right]),
            Relation::Le => (Order::LessOrEqual, [left, right]),
            Relation::Gt => (Order::Less, [right, left]),
            Relation::Ge => (Order::LessOrEqual, [right, left]),
        };
        // How those were made does not matter, and what was made of what was made would get deeper and deeper.
        let [left, right] = [left, right].map(|value| Interval { made: Made::Somehow, ..value });
        Self { relation, is_signed: sign == Sign::Signed, bits, left, right }
    }

    /// The opposite.
    pub fn not(&self) -> Self {
        let Self { left, right, .. } = self.clone();
        let (relation, left, right) = match self.relation {
            Order::Less => (Order::LessOrEqual, right, left),
            Order::LessOrEqual => (Order::Less, right, left),
            Order::Equal => (Order::NotEqual, left, right),
            Order::NotEqual => (Order::Equal, left, right),
        };
        Self { relation, left, right, ..*self }
    }

    fn sides(&self) -> Option<[(i128, i128, bool); 2]> {
        let side = |value: &Interval| value.as_integers(self.bits, self.is_signed);
        Some([side(&self.left)?, side(&self.right)?])
    }

    /// Whether it holds, if that is certain.
    pub fn is_certain(&self) -> Option<bool> {
        let named = self.left.name.zip(self.right.name).filter(|((left, _), (right, _))| left == right);
        let distance = named.map(|((_, left), (_, right))| left - right);
        let is_order = matches!(self.relation, Order::Less | Order::LessOrEqual);
        if let (Some(distance), false) = (distance, is_order) {
            let is_equal = distance.rem_euclid(1 << self.bits) == 0;
            return Some(is_equal == (self.relation == Order::Equal));
        }
        let [left, right] = self.sides()?;
        // Written as the integers that they are, they are as far apart as they are written.
        let distances = match distance.filter(|_| left.2 && right.2) {
            Some(distance) => (distance, distance),
            None => (left.0 - right.1, left.1 - right.0),
        };
        let (is_always, is_ever) = match self.relation {
            Order::Less => (distances.1 < 0, distances.0 < 0),
            Order::LessOrEqual => (distances.1 <= 0, distances.0 <= 0),
            Order::Equal => (distances == (0, 0), distances.0 <= 0 && distances.1 >= 0),
            Order::NotEqual => (distances.0 > 0 || distances.1 < 0, distances != (0, 0)),
        };
        match (is_always, is_ever) {
            (true, _) => Some(true),
            (_, false) => Some(false),
            _ => None,
        }
    }

    /// If it holds: names, and between what the values that they name are.
    pub fn implies(&self) -> Vec<(u32, i128, i128)> {
        let Some([left, right]) = self.sides() else {
            return Vec::new();
        };
        let bounds = match self.relation {
            Order::Less => [(left.0, right.1 - 1), (left.0 + 1, right.1)],
            Order::LessOrEqual => [(left.0, right.1), (left.0, right.1)],
            Order::Equal => [(right.0, right.1), (left.0, left.1)],
            Order::NotEqual => {
                let but = |(low, high, _): (i128, i128, bool), value: &Interval, not: (i128, i128, bool)| {
                    let is_end = |end| not.0 == not.1 && not.0 == end && value.name.is_some();
                    (low + i128::from(is_end(low)), high - i128::from(is_end(high)))
                };
                [but(left, &self.left, right), but(right, &self.right, left)]
            }
        };
        let sides = [(left, &self.left), (right, &self.right)];
        let known = sides.into_iter().zip(bounds).filter_map(|(((_, _, is_written), value), (low, high))| {
            let (name, by) = value.name.filter(|_| is_written)?;
            Some((name, low - by, high - by))
        });
        known.collect()
    }
}

/// The number of bits of a type's integers.
pub(super) fn bits(ty: Ty) -> u32 {
    if ty == Ty::I64 { 64 } else { 32 }
}

/// What an access reads.
pub(super) fn loaded(op: Op) -> Interval {
    match op.kind() {
        Kind::Load(bytes @ (1 | 2 | 4), sign) if bytes * 8 < bits(op.accessed()) && op.accessed() != Ty::F32 => {
            let most: i128 = (1 << (8 * bytes)) - 1;
            let least = if sign == Sign::Signed { -(most / 2) - 1 } else { 0 };
            Interval::between(least, least + most)
        }
        _ => Interval::ANY,
    }
}

/// The result of an operation that accesses no memory, other than `select`.
pub(super) fn result(op: Op, operands: &[Interval]) -> Interval {
    if !matches!(op.operand(), Ty::I32 | Ty::I64) {
        return Interval::ANY;
    }
    let bits = bits(op.operand());
    match (op.kind(), operands) {
        (Kind::Unary(Unary::Clz | Unary::Ctz | Unary::Popcnt), _) => Interval::between(0, i128::from(bits)),
        (Kind::Unary(Unary::Extend8S), [a]) => extended(a, 8, true),
        (Kind::Unary(Unary::Extend16S), [a]) => extended(a, 16, true),
        (Kind::Unary(Unary::Extend32S), [a]) | (Kind::Convert(Conversion::ExtendS), [a]) => extended(a, 32, true),
        (Kind::Convert(Conversion::ExtendU), [a]) => extended(a, 32, false),
        (Kind::Convert(Conversion::Wrap), [a]) => a.clone(),
        (Kind::Eqz, [a]) => match &a.made {
            Made::Comparison(comparison) => compared(comparison.not()),
            _ => compared(Comparison::of(Relation::Eq, Sign::Unsigned, bits, a.clone(), Interval::of(0))),
        },
        (Kind::Compare(relation, sign), [a, b]) => compared(Comparison::of(relation, sign, bits, a.clone(), b.clone())),
        (Kind::Binary(binary), [a, b]) => binary_result(binary, bits, a, b),
        _ => Interval::ANY,
    }
}

fn binary_result(binary: Binary, bits: u32, a: &Interval, b: &Interval) -> Interval {
    let most: i128 = (1 << bits) - 1;
    match binary {
        Binary::Add => a.plus(b),
        Binary::Sub => a.minus(b),
        Binary::Mul => a.times(b),
        Binary::Shl => {
            b.single().map_or(Interval::ANY, |by| a.times(&Interval::of(1 << by.rem_euclid(i128::from(bits)))))
        }
        Binary::ShrU | Binary::ShrS => {
            let is_signed = binary == Binary::ShrS;
            let least = if is_signed { -(most / 2) - 1 } else { 0 };
            let (low, high, _) = a.as_integers(bits, is_signed).unwrap_or((least, least + most, true));
            b.single().map_or(Interval::between(least, least + most), |by| {
                let by = by.rem_euclid(i128::from(bits));
                Interval::between(low >> by, high >> by)
            })
        }
        Binary::And => match (a.unsigned(bits), b.unsigned(bits)) {
            (Some((one, _)), Some((other, _))) if a.single().is_some() && b.single().is_some() => {
                Interval::of(one & other)
            }
            (a, b) => Interval::between(0, a.map_or(most, |(_, high)| high).min(b.map_or(most, |(_, high)| high))),
        },
        // All bits the other way round.
        Binary::Xor if b.single() == Some(-1) => Interval::between(-1 - a.high, -1 - a.low),
        Binary::Or | Binary::Xor => match (a.unsigned(bits), b.unsigned(bits)) {
            // No more than the sum.
            (Some(a), Some(b)) => Interval::between(if binary == Binary::Or { a.0.max(b.0) } else { 0 }, a.1 + b.1),
            _ => Interval::ANY,
        },
        Binary::DivS | Binary::DivU | Binary::RemS | Binary::RemU => divided(binary, bits, a, b),
        _ => Interval::ANY,
    }
}

fn compared(comparison: Comparison) -> Interval {
    match comparison.is_certain() {
        Some(holds) => Interval::of(holds.into()),
        None => Interval { made: Made::Comparison(Rc::new(comparison)), ..Interval::between(0, 1) },
    }
}

fn extended(value: &Interval, bits: u32, is_signed: bool) -> Interval {
    match value.as_integers(bits, is_signed) {
        Some((_, _, true)) => value.clone(),
        Some((low, high, false)) => Interval::between(low, high),
        None => {
            let least = if is_signed { -(1 << (bits - 1)) } else { 0 };
            Interval::between(least, least + (1 << bits) - 1)
        }
    }
}

/// Quotients and remainders of what is not negative. After a division by zero, which is a trap, the result is 0.
fn divided(binary: Binary, bits: u32, a: &Interval, b: &Interval) -> Interval {
    let is_signed = matches!(binary, Binary::DivS | Binary::RemS);
    let (Some((low, high, is_written)), Some((least, most, _))) =
        (a.as_integers(bits, is_signed), b.as_integers(bits, is_signed))
    else {
        return Interval::ANY;
    };
    if low < 0 || least < 0 || most == 0 {
        return Interval::ANY;
    }
    if matches!(binary, Binary::RemS | Binary::RemU) {
        return if high < least { a.clone() } else { Interval::between(0, high.min(most - 1)) };
    }
    let made = match (a.name, least == most && is_written) {
        (Some(name), true) => Made::Quotient(name, most),
        _ => Made::Somehow,
    };
    Interval { made, ..Interval::between(if least == 0 { 0 } else { low / most }, high / least.max(1)) }
}
