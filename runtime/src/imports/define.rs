//! Defines host functions from their description: module, name and signature of each stand in [`omp2wasi_abi::imports`] alone.
//!
//! Invariant: a function that is defined here has just the type that its description says.

use crate::cpu::member::{Member, interrupted};
use omp2wasi_abi::imports::{Errno, Function, Type};
use std::mem::MaybeUninit;
use wasmtime::{Caller, FuncType, Linker, ValRaw, ValType};

/// What a host function gives back to the guest.
pub(crate) trait Answer {
    /// The results, as a description has them.
    const RESULTS: &'static [Type];

    /// Puts the results where Wasmtime expects them: into the first of `words`, of which there are as many as results at least.
    fn put(self, words: &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()>;
}

impl Answer for () {
    const RESULTS: &'static [Type] = &[];

    fn put(self, _words: &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl Answer for i32 {
    const RESULTS: &'static [Type] = &[Type::I32];

    fn put(self, words: &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()> {
        if let Some(word) = words.first_mut() {
            word.write(ValRaw::i32(self));
        }
        Ok(())
    }
}

impl Answer for Errno {
    const RESULTS: &'static [Type] = i32::RESULTS;

    fn put(self, words: &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()> {
        (self as i32).put(words)
    }
}

/// An error is a trap.
impl<A: Answer> Answer for wasmtime::Result<A> {
    const RESULTS: &'static [Type] = A::RESULTS;

    fn put(self, words: &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()> {
        self?.put(words)
    }
}

/// Defines a host function whose parameters are `N` i32, which `body` is given as the guest's words.
///
/// # Errors
/// When `body` does not fit the description, or the function has been defined already: both are faults of ours, which a test of this
/// module finds.
pub(crate) fn define<const N: usize, A: Answer>(
    linker: &mut Linker<Member>,
    function: &Function,
    body: impl Fn(&mut Caller<'_, Member>, [u32; N]) -> A + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    let Function { module, name, params, results, .. } = *function;
    if params.len() != N || params.iter().any(|(_, ty)| *ty != Type::I32) || results != A::RESULTS {
        return Err(wasmtime::Error::msg(format!(
            "the host's `{module}.{name}` has another type than its description"
        )));
    }
    let value_type = |ty: &Type| match ty {
        Type::I32 => ValType::I32,
        Type::I64 => ValType::I64,
    };
    let params = params.iter().map(|(_, ty)| value_type(ty));
    let ty = FuncType::new(linker.engine(), params, results.iter().map(value_type));
    let call = move |mut caller: Caller<'_, Member>, words: &mut [MaybeUninit<ValRaw>]| {
        let mut given = [0; N];
        for (given, word) in given.iter_mut().zip(&*words) {
            // SAFETY: the function's type has N parameters, so Wasmtime has initialised that many words, each as an i32.
            *given = unsafe { word.assume_init() }.get_u32();
        }
        // A program that is ending gets no further.
        caller.data().process.waiters.check().map_err(interrupted)?;
        body(&mut caller, given).put(words)
    };
    // SAFETY: `call` reads parameters and `put` writes results of the types that `ty` has: N times i32, as has been compared, and
    // `A::RESULTS`, which are what `results` are. Wasmtime provides words for whichever are more.
    unsafe { linker.func_new_unchecked(module, name, ty, call)? };
    Ok(())
}
