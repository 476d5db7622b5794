//! The values of globals that a fork brings, so that native code need not ask Wasmtime for them.
//!
//! Invariant: they are there from when a fork begins until wasm code may run in its instance.

use super::abi::Value;
use std::mem::MaybeUninit;
use wasmtime::{ValRaw, ValType};

/// Values of the globals that change, in order.
#[derive(Default)]
pub(crate) struct Carried {
    values: Vec<Value>,
    are_there: bool,
}

impl Carried {
    /// A fork has brought these. Each word has a value of its type.
    pub(crate) fn set(&mut self, types: &[ValType], words: &[MaybeUninit<ValRaw>]) {
        self.values.clear();
        for (ty, word) in types.iter().zip(words) {
            // SAFETY: whoever calls a function gives it all parameters.
            let word = unsafe { word.assume_init_ref() };
            let bits = match ty {
                ValType::I32 | ValType::F32 => u128::from(word.get_u32()),
                ValType::I64 | ValType::F64 => u128::from(word.get_u64()),
                ValType::V128 => word.get_v128(),
                ValType::Ref(_) => 0,
            };
            self.values.push(Value::new(bits));
        }
        self.are_there = true;
    }

    /// They may have changed.
    pub(crate) fn forget(&mut self) {
        self.are_there = false;
    }

    /// The values of so many globals, if they are there; they are used once.
    pub(super) fn take(&mut self, count: usize) -> Option<&[Value]> {
        let are_there = std::mem::replace(&mut self.are_there, false);
        (are_there && self.values.len() == count).then_some(&self.values)
    }
}
