//! Calls of the C library's mathematics: where the device's own are wanted, they are operations.

use super::Lift;
use crate::ir::{Expr, Op, Operation, Stmt, Ty, mathematics};
use crate::kernel::Mathematics;
use crate::wasm::module::Signature;

impl Lift<'_> {
    /// The operation that a call is, if the device has the function itself. `sin` of another type than the C library's is the program's.
    pub(super) fn device_function(&self, function: u32, signature: &Signature) -> Option<Op> {
        if self.mathematics == Mathematics::Exact {
            return None;
        }
        let op = mathematics::function(&self.module.function_name(function))?;
        let info = op.info();
        let is_it = info.operands == signature.params && info.result.as_slice() == signature.results;
        is_it.then_some(op)
    }

    /// Whether a call is of `sincos` or `sincosf`, which LLVM makes of a sine and a cosine; if so, it is two stores.
    pub(super) fn sine_and_cosine(&mut self, function: u32, arguments: &[Expr], signature: &Signature) -> bool {
        if self.mathematics == Mathematics::Exact {
            return false;
        }
        let ty = match &*self.module.function_name(function) {
            "sincos" => Ty::F64,
            "sincosf" => Ty::F32,
            _ => return false,
        };
        let [value, sine, cosine] = arguments else { return false };
        if signature.params != [ty, Ty::I32, Ty::I32] {
            return false;
        }
        let ops = match ty {
            Ty::F64 => [Op::F64Sin, Op::F64Cos, Op::F64Store],
            _ => [Op::F32Sin, Op::F32Cos, Op::F32Store],
        };
        let value = self.settled(value.clone());
        let cosine = self.settled(cosine.clone());
        self.store(ops[2], sine.clone(), Operation::new(ops[0], vec![value.clone()]));
        self.store(ops[2], cosine, Operation::new(ops[1], vec![value]));
        true
    }

    fn store(&mut self, op: Op, at: Expr, value: Operation) {
        let site = self.site();
        let store = Operation::access(op, vec![at, Expr::Operation(value)], site);
        self.emit(Stmt::Do(Expr::Operation(store)));
    }
}
