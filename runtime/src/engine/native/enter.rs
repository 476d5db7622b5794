//! Enters native code and leaves it, in any depth.
//!
//! [`enter`] keeps its caller's registers on the stack and where they are in [`Host::entry`], then calls native code. [`leave`] goes back to
//! the innermost [`enter`], which then returns 1 and has its predecessor be the innermost one again. Native code calls the host through the
//! functions `*_stub`, which note where they were called from.
//!
//! Invariant: between an `enter` and a `leave` to it there are frames of C alone. The host's functions return before anybody leaves: the
//! stubs of those that may have to leave look at what they return.

use super::abi::{Record, Value};
use super::callbacks;

/// Whether this processor has an implementation.
pub(crate) const IS_SUPPORTED: bool =
    cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")));

/// How far above [`Host::entry`](super::abi::Host::entry) the frame pointer of `enter` is: native frames end there.
#[cfg(target_arch = "x86_64")]
pub(crate) const FRAME_ABOVE_ENTRY: usize = 64;
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const FRAME_ABOVE_ENTRY: usize = 160;

#[cfg(target_arch = "x86_64")]
mod machine {
    use super::{Record, Value, callbacks};
    use crate::engine::native::abi::Code;
    use core::arch::naked_asm;

    /// Calls native code; 0 when it has returned, 1 when it has been left. `entry` is the address of the record's [`Host::entry`].
    ///
    /// # Safety
    /// The code is that of a loaded library, the record and the slots are what it expects, and nobody else uses them meanwhile.
    #[unsafe(naked)]
    pub(crate) unsafe extern "C" fn enter(
        code: Code,
        record: *mut Record,
        slots: *mut Value,
        entry: *mut *mut u8,
    ) -> u32 {
        naked_asm!(
            "push rbp",
            "mov rbp, rsp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "push r15",
            "push rcx",
            "push qword ptr [rcx]",
            "sub rsp, 8",
            "mov [rcx], rsp",
            "mov rax, rdi",
            "mov rdi, rsi",
            "mov rsi, rdx",
            "call rax",
            "xor eax, eax",
            "jmp {finish}",
            finish = sym finish,
        )
    }

    /// The end of `enter`: the stack is as it was before the call, the result is in eax.
    #[unsafe(naked)]
    unsafe extern "C" fn finish() {
        naked_asm!(
            "add rsp, 8",
            "pop rdx",
            "pop rcx",
            "mov [rcx], rdx",
            "pop r15",
            "pop r14",
            "pop r13",
            "pop r12",
            "pop rbx",
            "pop rbp",
            "ret",
        )
    }

    /// Goes back to the innermost `enter`.
    ///
    /// # Safety
    /// The record is one that native code runs with on this thread, and its innermost `enter` and the caller have frames of C alone between them.
    #[unsafe(naked)]
    pub(crate) unsafe extern "C" fn leave(record: *mut Record) {
        naked_asm!(
            "mov rcx, [rdi + 24]",
            "mov rsp, [rcx]",
            "cld",
            "mov eax, 1",
            "jmp {finish}",
            finish = sym finish,
        )
    }

    /// A function of the host that returns to native code: it is told where native code is.
    macro_rules! returning_stub {
        ($name:ident, ($($ty:ty),*) -> $result:ty, $function:path) => {
            #[unsafe(naked)]
            pub(crate) unsafe extern "C" fn $name(_: *mut Record, $(_: $ty),*) -> $result {
                naked_asm!(
                    "mov rax, [rdi + 24]",
                    "mov r10, [rsp]",
                    "mov [rax + 8], rbp",
                    "mov [rax + 16], r10",
                    "jmp {function}",
                    function = sym $function,
                )
            }
        };
    }

    /// The same for one that may have to leave: it does if the result is negative, as 64 bits.
    macro_rules! leaving_stub {
        ($name:ident, ($($ty:ty),*) -> $result:ty, $function:path) => {
            #[unsafe(naked)]
            pub(crate) unsafe extern "C" fn $name(_: *mut Record, $(_: $ty),*) -> $result {
                naked_asm!(
                    "mov rax, [rdi + 24]",
                    "mov r10, [rsp]",
                    "mov [rax + 8], rbp",
                    "mov [rax + 16], r10",
                    "push rdi",
                    "call {function}",
                    "pop rdi",
                    "test rax, rax",
                    "js {leave}",
                    "ret",
                    function = sym $function,
                    leave = sym leave,
                )
            }
        };
    }

    returning_stub!(call_stub, (u32, *mut Value) -> u32, callbacks::call);
    leaving_stub!(trap_stub, (u32, u32) -> (), callbacks::trap);
    leaving_stub!(wait_stub, (u64, u64, i64, u32, u32) -> u32, callbacks::wait);
    leaving_stub!(notify_stub, (u64, u32, u32) -> u32, callbacks::notify);
}

#[cfg(target_arch = "aarch64")]
mod machine {
    use super::{Record, Value, callbacks};
    use crate::engine::native::abi::Code;
    use core::arch::naked_asm;

    /// Calls native code; 0 when it has returned, 1 when it has been left. `entry` is the address of the record's [`Host::entry`].
    ///
    /// # Safety
    /// The code is that of a loaded library, the record and the slots are what it expects, and nobody else uses them meanwhile.
    #[unsafe(naked)]
    pub(crate) unsafe extern "C" fn enter(
        code: Code,
        record: *mut Record,
        slots: *mut Value,
        entry: *mut *mut u8,
    ) -> u32 {
        naked_asm!(
            "stp x29, x30, [sp, -16]!",
            "mov x29, sp",
            "stp x19, x20, [sp, -16]!",
            "stp x21, x22, [sp, -16]!",
            "stp x23, x24, [sp, -16]!",
            "stp x25, x26, [sp, -16]!",
            "stp x27, x28, [sp, -16]!",
            "stp d8, d9, [sp, -16]!",
            "stp d10, d11, [sp, -16]!",
            "stp d12, d13, [sp, -16]!",
            "stp d14, d15, [sp, -16]!",
            "ldr x9, [x3]",
            "stp x3, x9, [sp, -16]!",
            "mov x9, sp",
            "str x9, [x3]",
            "mov x9, x0",
            "mov x0, x1",
            "mov x1, x2",
            "blr x9",
            "mov w0, 0",
            "b {finish}",
            finish = sym finish,
        )
    }

    /// The end of `enter`: the stack is as it was before the call, the result is in w0.
    #[unsafe(naked)]
    unsafe extern "C" fn finish() {
        naked_asm!(
            "ldp x3, x9, [sp], 16",
            "str x9, [x3]",
            "ldp d14, d15, [sp], 16",
            "ldp d12, d13, [sp], 16",
            "ldp d10, d11, [sp], 16",
            "ldp d8, d9, [sp], 16",
            "ldp x27, x28, [sp], 16",
            "ldp x25, x26, [sp], 16",
            "ldp x23, x24, [sp], 16",
            "ldp x21, x22, [sp], 16",
            "ldp x19, x20, [sp], 16",
            "ldp x29, x30, [sp], 16",
            "ret",
        )
    }

    /// Goes back to the innermost `enter`.
    ///
    /// # Safety
    /// The record is one that native code runs with on this thread, and its innermost `enter` and the caller have frames of C alone between them.
    #[unsafe(naked)]
    pub(crate) unsafe extern "C" fn leave(record: *mut Record) {
        naked_asm!(
            "ldr x9, [x0, 24]",
            "ldr x9, [x9]",
            "mov sp, x9",
            "mov w0, 1",
            "b {finish}",
            finish = sym finish,
        )
    }

    /// A function of the host that returns to native code: it is told where native code is.
    macro_rules! returning_stub {
        ($name:ident, ($($ty:ty),*) -> $result:ty, $function:path) => {
            #[unsafe(naked)]
            pub(crate) unsafe extern "C" fn $name(_: *mut Record, $(_: $ty),*) -> $result {
                naked_asm!(
                    "ldr x9, [x0, 24]",
                    "stp x29, x30, [x9, 8]",
                    "b {function}",
                    function = sym $function,
                )
            }
        };
    }

    /// The same for one that may have to leave: it does if the result is negative, as 64 bits.
    macro_rules! leaving_stub {
        ($name:ident, ($($ty:ty),*) -> $result:ty, $function:path) => {
            #[unsafe(naked)]
            pub(crate) unsafe extern "C" fn $name(_: *mut Record, $(_: $ty),*) -> $result {
                naked_asm!(
                    "ldr x9, [x0, 24]",
                    "stp x29, x30, [x9, 8]",
                    "stp x0, x30, [sp, -16]!",
                    "bl {function}",
                    "ldp x9, x30, [sp], 16",
                    "tbz x0, 63, 2f",
                    "mov x0, x9",
                    "b {leave}",
                    "2:",
                    "ret",
                    function = sym $function,
                    leave = sym leave,
                )
            }
        };
    }

    returning_stub!(call_stub, (u32, *mut Value) -> u32, callbacks::call);
    leaving_stub!(trap_stub, (u32, u32) -> (), callbacks::trap);
    leaving_stub!(wait_stub, (u64, u64, i64, u32, u32) -> u32, callbacks::wait);
    leaving_stub!(notify_stub, (u64, u32, u32) -> u32, callbacks::notify);
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod machine {
    //! Nothing is ever entered here: [`super::IS_SUPPORTED`] is asked before code is loaded.
    use super::{Record, Value};
    use crate::engine::native::abi::Code;

    pub(crate) unsafe extern "C" fn enter(_: Code, _: *mut Record, _: *mut Value, _: *mut *mut u8) -> u32 {
        std::process::abort()
    }
    pub(crate) unsafe extern "C" fn leave(_: *mut Record) {
        std::process::abort()
    }
    pub(crate) use crate::engine::native::callbacks::call as call_stub;
    pub(crate) unsafe extern "C" fn trap_stub(_: *mut Record, _: u32, _: u32) {
        std::process::abort()
    }
    pub(crate) unsafe extern "C" fn wait_stub(_: *mut Record, _: u64, _: u64, _: i64, _: u32, _: u32) -> u32 {
        std::process::abort()
    }
    pub(crate) unsafe extern "C" fn notify_stub(_: *mut Record, _: u64, _: u32, _: u32) -> u32 {
        std::process::abort()
    }
}

pub(crate) use machine::{call_stub, enter, leave, notify_stub, trap_stub, wait_stub};
