//! Calls of the C library's mathematics: where the device's own are wanted, they are operations.

use super::{Lift, Role};
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

    /// Whether a call is of a function that the device has itself, but for its results, which go where pointers say: `sincos`, which LLVM
    /// makes of a sine and a cosine, and `frexp`. If so, it is stores, and what it returns.
    pub(super) fn function_with_pointers(&mut self, function: u32, arguments: &[Expr], signature: &Signature) -> bool {
        if self.role == Role::Native {
            return false;
        }
        let (ty, stores, returned): (_, &[_], _) = match &*self.module.function_name(function) {
            "sincos" => (Ty::F64, &[(Op::F64Store, Op::F64Sin), (Op::F64Store, Op::F64Cos)], None),
            "sincosf" => (Ty::F32, &[(Op::F32Store, Op::F32Sin), (Op::F32Store, Op::F32Cos)], None),
            "frexp" => (Ty::F64, &[(Op::I32Store, Op::I32FrexpF64)], Some(Op::F64Frexp)),
            "frexpf" => (Ty::F32, &[(Op::I32Store, Op::I32FrexpF32)], Some(Op::F32Frexp)),
            _ => return false,
        };
        // What `frexp` gives is exact in any case; the C library's calls itself.
        if returned.is_none() && self.mathematics == Mathematics::Exact {
            return false;
        }
        let [value, pointers @ ..] = arguments else { return false };
        let returns = if returned.is_some() { &[ty][..] } else { &[] };
        let is_it = signature.params.first() == Some(&ty)
            && signature.params[1..].iter().all(|ty| *ty == Ty::I32)
            && pointers.len() == stores.len()
            && signature.results == returns;
        if !is_it {
            return false;
        }
        let value = self.settled(value.clone());
        let pointers: Vec<_> = pointers.iter().map(|pointer| self.settled(pointer.clone())).collect();
        for ((store, op), pointer) in stores.iter().zip(pointers) {
            self.store(*store, pointer, Operation::new(*op, vec![value.clone()]));
        }
        self.stack.extend(returned.map(|op| Expr::Operation(Operation::new(op, vec![value]))));
        true
    }

    fn store(&mut self, op: Op, at: Expr, value: Operation) {
        let site = self.site();
        let store = Operation::access(op, vec![at, Expr::Operation(value)], site);
        self.emit(Stmt::Do(Expr::Operation(store)));
    }
}
