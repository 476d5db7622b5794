//! Defines host functions from their description: module, name and signature of each stand in [`omp2wasi_abi::imports`] alone.
//!
//! Each is defined once and can be called in two ways: by Wasmtime's code through the linker, and by native code as it is.
//!
//! Invariant: a function that is defined here has just the type that its description says.

use crate::cpu::member::{Member, interrupted};
use omp2wasi_abi::imports::{Errno, Function, Type};
use std::collections::HashMap;
use std::mem::MaybeUninit;
use std::sync::Arc;
use wasmtime::{AsContextMut, Caller, FuncType, Linker, StoreContextMut, ValRaw, ValType};

/// What programs can import.
pub(crate) struct HostLinker {
    /// All of it, for Wasmtime.
    pub linker: Linker<Member>,
    /// What [`define`] has defined, by module and name.
    direct: HashMap<(&'static str, &'static str), Arc<HostFunction>>,
}

impl HostLinker {
    /// One without definitions.
    pub(crate) fn new(engine: &wasmtime::Engine) -> Self {
        Self { linker: Linker::new(engine), direct: HashMap::new() }
    }

    /// A function that can be called without Wasmtime.
    pub(crate) fn direct(&self, module: &str, name: &str) -> Option<Arc<HostFunction>> {
        self.direct.get(&(module, name)).cloned()
    }
}

type Body = dyn Fn(&mut StoreContextMut<'_, Member>, &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()> + Send + Sync;

/// A function of the host that can be called without Wasmtime.
pub(crate) struct HostFunction {
    body: Arc<Body>,
    words: usize,
}

impl HostFunction {
    /// How many words it takes or returns, whichever are more.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Calls it: parameters are in the first words, and results when it returns.
    ///
    /// # Errors
    /// Those of the function.
    ///
    /// # Safety
    /// There are [`HostFunction::words`] words, and the parameters are of its type.
    pub(crate) unsafe fn call(
        &self,
        store: &mut StoreContextMut<'_, Member>,
        words: &mut [MaybeUninit<ValRaw>],
    ) -> wasmtime::Result<()> {
        (self.body)(store, words)
    }
}

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
    host: &mut HostLinker,
    function: &Function,
    body: impl Fn(&mut StoreContextMut<'_, Member>, [u32; N]) -> A + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    define_with(host, function, &[], move |store, given, _| body(store, given))
}

/// The same for a function that has more parameters than its description, of types `more`: `body` is given their words, too.
///
/// # Errors
/// See [`define`].
pub(crate) fn define_with<const N: usize, A: Answer>(
    host: &mut HostLinker,
    function: &Function,
    more: &[ValType],
    body: impl Fn(&mut StoreContextMut<'_, Member>, [u32; N], &[MaybeUninit<ValRaw>]) -> A + Send + Sync + 'static,
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
    let params = params.iter().map(|(_, ty)| value_type(ty)).chain(more.iter().cloned());
    let ty = FuncType::new(host.linker.engine(), params, results.iter().map(value_type));
    let count = more.len();
    let call = Arc::new(move |store: &mut StoreContextMut<'_, Member>, words: &mut [MaybeUninit<ValRaw>]| {
        let mut given = [0; N];
        for (given, word) in given.iter_mut().zip(words.iter()) {
            // SAFETY: the function's type has N parameters, so its caller has initialised that many words, each as an i32.
            *given = unsafe { word.assume_init() }.get_u32();
        }
        // A program that is ending gets no further.
        store.data().process.waiters.check().map_err(interrupted)?;
        let more = words.get(N..N + count).unwrap_or_default();
        body(store, given, more).put(words)
    });
    let words = (N + count).max(results.len());
    host.direct.insert((module, name), Arc::new(HostFunction { body: Arc::clone(&call) as Arc<Body>, words }));
    let called_by_wasm = move |mut caller: Caller<'_, Member>, words: &mut [MaybeUninit<ValRaw>]| {
        call(&mut caller.as_context_mut(), words)
    };
    // SAFETY: `call` reads parameters and `put` writes results of the types that `ty` has: N times i32, as has been compared, and
    // `A::RESULTS`, which are what `results` are. Wasmtime provides words for whichever are more.
    unsafe { host.linker.func_new_unchecked(module, name, ty, called_by_wasm)? };
    Ok(())
}
