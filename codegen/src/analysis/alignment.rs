//! Of which powers of two variables are multiples, wherever they are read.
//!
//! Where a compiler knows that bits are zero, it writes `i | 1` for `i + 1`: to see the sum again one has to know it, too.
//!
//! Invariant: what is said of a variable holds for its first value, a local's zero, and for all that it is set to.

use crate::ir::visit::{self, for_each_stmt};
use crate::ir::{Binary, Conversion, Expr, Function, Kind, Stmt, Var};
use cranelift_entity::SecondaryMap;

/// How many of the low bits of each variable are zero.
pub(super) struct Alignment(SecondaryMap<Var, u32>);

impl Alignment {
    pub fn of(function: &Function) -> Self {
        /// Each takes something away from what is assumed: loops in loops need several.
        const MAX_ROUNDS: usize = 16;
        let mut zeros = SecondaryMap::with_default(u64::BITS);
        function.parameters().for_each(|var| zeros[var] = 0);
        let mut alignment = Self(zeros);
        for _ in 0..MAX_ROUNDS {
            if !alignment.reduce(function) {
                return alignment;
            }
        }
        Self(SecondaryMap::new())
    }

    /// Takes back what a statement contradicts; false if none does.
    fn reduce(&mut self, function: &Function) -> bool {
        let mut has_changed = false;
        let mut set = |map: &mut SecondaryMap<Var, u32>, var: Var, zeros: u32| {
            has_changed |= zeros < map[var];
            map[var] = map[var].min(zeros);
        };
        for_each_stmt(&function.body, &mut |stmt| match stmt {
            Stmt::Set(var, value) => {
                let zeros = self.zeros(value);
                set(&mut self.0, *var, zeros);
            }
            _ => visit::results(stmt).iter().for_each(|var| set(&mut self.0, *var, 0)),
        });
        has_changed
    }

    /// How many of the low bits of a value are zero.
    pub fn zeros(&self, value: &Expr) -> u32 {
        let operation = match value {
            Expr::Const(_, bits) => return bits.trailing_zeros().min(u64::BITS),
            Expr::Var(var) => return self.0[*var],
            Expr::Operation(operation) => operation,
            _ => return 0,
        };
        let zeros = |i: usize| self.zeros(&operation.operands[i]);
        match operation.op.kind() {
            Kind::Binary(Binary::Add | Binary::Sub | Binary::Or | Binary::Xor) | Kind::Select => zeros(0).min(zeros(1)),
            Kind::Binary(Binary::And) => zeros(0).max(zeros(1)),
            Kind::Binary(Binary::Mul) => (zeros(0) + zeros(1)).min(u64::BITS),
            Kind::Binary(Binary::Shl) => match &operation.operands[1] {
                Expr::Const(_, count) if *count < 32 => (zeros(0) + *count as u32).min(u64::BITS),
                _ => zeros(0),
            },
            Kind::Convert(Conversion::Wrap | Conversion::ExtendS | Conversion::ExtendU) => zeros(0),
            _ => 0,
        }
    }
}
