//! Calls a kernel for many thread ids with the same parameters.
//!
//! Invariant: a [`KernelCall`] has a function of a kernel's type for just as many parameters as it holds.

use omp2wasi_abi::layout::KERNEL_FIXED_PARAMS;
use wasmtime::{AsContextMut, Func, FuncType, ValRaw, ValType};

/// Whether a function is a kernel for this many buffers.
pub(crate) fn is_kernel(ty: &FuncType, buffers: usize) -> bool {
    has_kernel_type(ty, KERNEL_FIXED_PARAMS + 2 * buffers)
}

fn has_kernel_type(ty: &FuncType, params: usize) -> bool {
    ty.results().len() == 0 && ty.params().len() == params && ty.params().all(|param| matches!(param, ValType::I32))
}

/// A kernel of one instance with its arguments. Calling it costs a fraction of what [`Func::call`] does, which checks them each time.
pub(crate) struct KernelCall {
    function: Func,
    /// The thread id, then the parameters.
    arguments: Vec<ValRaw>,
}

impl KernelCall {
    /// A kernel with what follows its thread id; none if the function does not take that.
    pub(crate) fn new(store: impl AsContextMut, function: Func, parameters: &[i32]) -> Option<Self> {
        let arguments: Vec<ValRaw> = std::iter::once(&0).chain(parameters).map(|word| ValRaw::i32(*word)).collect();
        has_kernel_type(&function.ty(&store), arguments.len()).then_some(Self { function, arguments })
    }

    /// Calls the kernel. `store` is that of the function (another one makes Wasmtime panic).
    pub(crate) fn call(&mut self, store: impl AsContextMut, thread_id: u32) -> wasmtime::Result<()> {
        if let Some(word) = self.arguments.first_mut() {
            *word = ValRaw::u32(thread_id);
        }
        // SAFETY: the function takes as many i32 as there are arguments and has no results, as `new` has checked; they are all initialised
        // and contain no references. Nothing in this crate calls wasm through `call_async`.
        unsafe { self.function.call_unchecked(store, self.arguments.as_mut_slice()) }
    }
}
