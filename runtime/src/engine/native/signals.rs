//! Faults in native code: signals become traps.
//!
//! The handler stands in front of Wasmtime's and hands on whatever is not a native access outside of the linear memory, or a native
//! division that has no result, or an access to memory that a device has ([`crate::faults`]). It notes where the program was and goes on in [`leave`], which returns from the innermost entry: no code of
//! Rust is on the stack in between.
//!
//! Invariant: the handler reads atomics, the thread's innermost record and its stack, and takes no lock and no memory. For memory that a
//! device has it waits.

use super::abi::{Host, MAX_FRAMES, Record};
use super::enter::{FRAME_ABOVE_ENTRY, leave};
use omp2wasi_codegen::TrapCode;
use std::cell::Cell;
use std::ops::Range;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

thread_local! {
    /// The record that native code of this thread runs with; null outside of it. It has no destructor and is constant at first, so that
    /// the handler may read it.
    static INNERMOST: Cell<*mut Record> = const { Cell::new(null_mut()) };
}

/// Sets the record that this thread's native code runs with, and returns the one that was.
pub(crate) fn set_innermost(record: *mut Record) -> *mut Record {
    INNERMOST.replace(record)
}

/// A range of native code, for the handler. They are never freed, but used again.
struct Code {
    /// `usize::MAX` while there is none.
    start: AtomicUsize,
    end: AtomicUsize,
    next: *const Code,
}

// SAFETY: `next` is written before others see it, and never again.
unsafe impl Sync for Code {}
// SAFETY: as above.
unsafe impl Send for Code {}

static RANGES: AtomicPtr<Code> = AtomicPtr::new(null_mut());

/// Held by whoever changes [`RANGES`].
static CHANGING: Mutex<()> = Mutex::new(());

/// All ranges that there are or have been.
fn ranges() -> impl Iterator<Item = &'static Code> {
    // Acquire: pairs with the release that published the first one, and with it all behind it.
    let first = RANGES.load(Ordering::Acquire).cast_const();
    // SAFETY: ranges are never freed.
    std::iter::successors(unsafe { first.as_ref() }, |code| unsafe { code.next.as_ref() })
}

/// A range of native code that the handler knows, until this is dropped.
pub(crate) struct Registered(&'static Code);

impl Registered {
    /// Makes a range known, and the handler installed.
    pub(crate) fn new(range: &Range<usize>) -> Self {
        install_once();
        let _changing = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        // Relaxed: only who holds the lock writes.
        let free = ranges().find(|code| code.start.load(Ordering::Relaxed) == usize::MAX);
        let code = free.unwrap_or_else(|| {
            let next = RANGES.load(Ordering::Relaxed);
            let code = Code { start: AtomicUsize::new(usize::MAX), end: AtomicUsize::new(0), next };
            let code: &'static Code = Box::leak(Box::new(code));
            RANGES.store(std::ptr::from_ref(code).cast_mut(), Ordering::Release);
            code
        });
        // The handler looks at the start before and after the end, so the end has to be there first: release.
        code.end.store(range.end, Ordering::Relaxed);
        code.start.store(range.start, Ordering::Release);
        Self(code)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let _changing = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        // Release: whoever reads a later end sees that this start has gone.
        self.0.start.store(usize::MAX, Ordering::Release);
    }
}

/// Whether an address that the calling thread executes is in native code.
fn is_native(pc: usize) -> bool {
    let is_in = |code: &Code| {
        // Acquire, both: an end that belongs to a later start is not taken, as the start is another one by then. Code that a thread executes
        // does not go.
        let start = code.start.load(Ordering::Acquire);
        let end = code.end.load(Ordering::Acquire);
        (start..end).contains(&pc) && code.start.load(Ordering::Acquire) == start
    };
    ranges().any(is_in)
}

/// Writes the program counters of the frames from a frame up to the innermost entry, as far as there is room, innermost first, and returns
/// how many.
///
/// # Safety
/// `frame` is that of a function that native code of the entry has called, or of native code itself, and all of them have frame pointers.
pub(crate) unsafe fn walk(pc: usize, frame: usize, entry: *mut u8, pcs: &mut [usize; MAX_FRAMES]) -> usize {
    let (lowest, end) = (frame, entry.addr() + FRAME_ABOVE_ENTRY);
    let (mut frame, mut count) = (frame, 0);
    let mut next = Some(pc);
    while let Some(pc) = next.take().filter(|_| count < MAX_FRAMES) {
        pcs[count] = pc;
        count += 1;
        if frame >= lowest && frame < end && frame.is_multiple_of(align_of::<usize>()) {
            let at = entry.with_addr(frame).cast::<[usize; 2]>();
            // SAFETY: between the innermost frame and that of `enter` is this thread's stack, and a frame pointer points to its predecessor
            // and the return address.
            let [outer, back] = unsafe { at.read() };
            // The outermost frame returns to `enter`.
            if outer > frame && outer != end {
                next = Some(back);
                frame = outer;
            }
        }
    }
    count
}

/// The handlers that were there before, by signal.
static PREVIOUS: [Previous; 4] = [
    Previous::new(libc::SIGSEGV),
    Previous::new(libc::SIGBUS),
    Previous::new(libc::SIGILL),
    Previous::new(libc::SIGFPE),
];

struct Previous {
    signal: i32,
    /// Leaked; null until the handler is installed.
    action: AtomicPtr<libc::sigaction>,
}

impl Previous {
    const fn new(signal: i32) -> Self {
        Self { signal, action: AtomicPtr::new(null_mut()) }
    }
}

/// Puts the handler of accesses in front again, if another one stands there, which then gets none of them. That of the compiler in PoCL, LLVM's,
/// would take any access to shared memory for the end of the process; it is put there once, when it first compiles something.
pub(crate) fn stand_in_front() {
    install_once();
    let ours = ours();
    // SAFETY: plain data, for which all zeros are a value.
    let mut present: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: the pointers are valid.
    let is_known = unsafe { libc::sigaction(libc::SIGSEGV, std::ptr::null(), &raw mut present) } == 0;
    if is_known && present.sa_sigaction != ours.sa_sigaction {
        // SAFETY: the handler has the type that the flags say.
        unsafe { libc::sigaction(libc::SIGSEGV, &raw const ours, null_mut()) };
    }
}

/// Installs the handler, unless it is. Wasmtime's has to be there, and no compiler's of a driver's.
pub(crate) fn install_once() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(install);
}

/// What says that the handler is ours.
fn ours() -> libc::sigaction {
    // SAFETY: plain data, for which all zeros are a value.
    let mut ours: libc::sigaction = unsafe { std::mem::zeroed() };
    // On the stack for signals, which Wasmtime has made, and to be entered again, as Wasmtime's.
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK;
    let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) = handle;
    ours.sa_sigaction = handler as usize;
    ours
}

fn install() {
    let ours = ours();
    for Previous { signal, action } in &PREVIOUS {
        // SAFETY: plain data, for which all zeros are a value.
        let mut previous: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: the pointers are valid.
        if unsafe { libc::sigaction(*signal, std::ptr::null(), &raw mut previous) } != 0 {
            continue;
        }
        // Release: the handler, which may run at once, sees what it points to.
        action.store(Box::leak(Box::new(previous)), Ordering::Release);
        // SAFETY: the handler has the type that the flags say, and does only what handlers may do.
        unsafe { libc::sigaction(*signal, &raw const ours, null_mut()) };
    }
}

extern "C" fn handle(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let machine = context.cast::<libc::ucontext_t>();
    // SAFETY: the kernel gives the context of the thread that was interrupted.
    let (pc, frame) = unsafe { position(machine) };
    let record = INNERMOST.get();
    // SAFETY: the kernel gives the information, too. What somebody has sent is no fault, and has no address.
    let is_fault = unsafe { (*info).si_code } > 0;
    // SAFETY: a fault has an address.
    if is_fault && signal == libc::SIGSEGV && crate::faults::resolve(unsafe { (*info).si_addr() }.addr()) {
        return;
    }
    if is_fault && is_native(pc) && !record.is_null() {
        // SAFETY: the record of the thread's innermost native code lives as long as that runs.
        let host: &mut Host = unsafe { &mut *(*record).host };
        // SAFETY: the kernel has made both of them for this signal.
        if let Some(trap) = unsafe { trap_of(signal, info, machine, &host.memory) } {
            host.fault_trap = trap;
            // SAFETY: native code has frame pointers, and the entry is the one that it runs in.
            host.fault_frames = unsafe { walk(pc, frame, host.entry, &mut host.fault) };
            // SAFETY: the thread goes on in `leave`, with the record as its argument.
            unsafe { go_on(machine, leave as *const () as usize, record.addr()) };
            return;
        }
        complain();
    }
    hand_on(signal, info, context);
}

/// The trap that a fault of native code is; `None` if it should not have happened.
///
/// # Safety
/// Information and context are those of the signal.
unsafe fn trap_of(
    signal: i32,
    info: *const libc::siginfo_t,
    machine: *const libc::ucontext_t,
    memory: &Range<usize>,
) -> Option<TrapCode> {
    // SAFETY: the caller's; a fault has an address.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr().addr()) };
    match signal {
        libc::SIGSEGV if memory.contains(&address) => Some(TrapCode::OutOfBounds),
        // Operands are checked before they are divided. Where they come from memory that other threads change, the compiler may still have read
        // them once more in between.
        // SAFETY: the caller's.
        libc::SIGFPE if code == FPE_INTDIV => Some(unsafe { division(machine) }),
        _ => None,
    }
}

/// What Linux says of divisions in the code of [`libc::SIGFPE`].
const FPE_INTDIV: i32 = 1;

/// Says that what follows is a defect of ours.
fn complain() {
    const MESSAGE: &str = "omp2wasi: native code has done what it never should: this is a defect of omp2wasi (--engine cranelift runs \
        without native code)\n";
    // SAFETY: the message is there; who does not read it misses it.
    _ = unsafe { libc::write(2, MESSAGE.as_ptr().cast(), MESSAGE.len()) };
}

/// Does what would have been done without this handler.
fn hand_on(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let previous = PREVIOUS.iter().find(|previous| previous.signal == signal);
    let action = previous.map_or(null_mut(), |previous| previous.action.load(Ordering::Acquire));
    // SAFETY: what is stored there is leaked.
    let Some(action) = (unsafe { action.as_ref() }) else { return };
    if action.sa_sigaction == libc::SIG_DFL || action.sa_sigaction == libc::SIG_IGN {
        // The instruction faults once more, and then as if nobody handled it.
        // SAFETY: the action was in force before.
        unsafe { libc::sigaction(signal, action, null_mut()) };
    } else if action.sa_flags & libc::SA_SIGINFO != 0 {
        type Handler = extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void);
        // SAFETY: the flag says that it has this type.
        let handler = unsafe { std::mem::transmute::<usize, Handler>(action.sa_sigaction) };
        handler(signal, info, context);
    } else {
        // SAFETY: without the flag it has this type.
        let handler = unsafe { std::mem::transmute::<usize, extern "C" fn(i32)>(action.sa_sigaction) };
        handler(signal);
    }
}

/// Program counter and frame pointer of an interrupted thread.
#[cfg(target_arch = "x86_64")]
unsafe fn position(machine: *const libc::ucontext_t) -> (usize, usize) {
    // SAFETY: the caller's.
    let registers = unsafe { &(*machine).uc_mcontext.gregs };
    (registers[libc::REG_RIP as usize] as usize, registers[libc::REG_RBP as usize] as usize)
}

/// Why a division has no result: its divisor is zero, or its dividend is the least number of 32 or 64 bits and the divisor is -1. That dividend
/// divided by zero is taken for the latter, as nobody knows any more what was in memory.
#[cfg(target_arch = "x86_64")]
unsafe fn division(machine: *const libc::ucontext_t) -> TrapCode {
    // SAFETY: the caller's.
    let registers = unsafe { &(*machine).uc_mcontext.gregs };
    // The upper and the lower half of the dividend; of an unsigned one, the upper one is 0. For 32 bits, registers may have others above.
    match (registers[libc::REG_RDX as usize] as u64, registers[libc::REG_RAX as usize] as u64) {
        (0xffff_ffff, low) if low as u32 == 0x8000_0000 => TrapCode::IntegerOverflow,
        (u64::MAX, 0x8000_0000_0000_0000) => TrapCode::IntegerOverflow,
        _ => TrapCode::DivideByZero,
    }
}

/// No other processor's division faults.
#[cfg(not(target_arch = "x86_64"))]
unsafe fn division(_: *const libc::ucontext_t) -> TrapCode {
    TrapCode::DivideByZero
}

/// Has an interrupted thread go on at `pc`, with an argument.
#[cfg(target_arch = "x86_64")]
unsafe fn go_on(machine: *mut libc::ucontext_t, pc: usize, argument: usize) {
    // SAFETY: the caller's.
    let registers = unsafe { &mut (*machine).uc_mcontext.gregs };
    registers[libc::REG_RIP as usize] = pc as i64;
    registers[libc::REG_RDI as usize] = argument as i64;
}

/// Program counter and frame pointer of an interrupted thread.
#[cfg(target_arch = "aarch64")]
unsafe fn position(machine: *const libc::ucontext_t) -> (usize, usize) {
    // SAFETY: the caller's.
    let registers = unsafe { &(*machine).uc_mcontext };
    (registers.pc as usize, registers.regs[29] as usize)
}

/// Has an interrupted thread go on at `pc`, with an argument.
#[cfg(target_arch = "aarch64")]
unsafe fn go_on(machine: *mut libc::ucontext_t, pc: usize, argument: usize) {
    // SAFETY: the caller's.
    let registers = unsafe { &mut (*machine).uc_mcontext };
    registers.pc = pc as u64;
    registers.regs[0] = argument as u64;
}

/// There is no native code on other processors, so nothing is ever found to be in it.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn position(_: *const libc::ucontext_t) -> (usize, usize) {
    (0, 0)
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn go_on(_: *mut libc::ucontext_t, _: usize, _: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_come_and_go() {
        // Far above all code.
        let far = 1 << 60;
        assert!(!is_native(far));
        let first = Registered::new(&(far..far + 10));
        let second = Registered::new(&(far + 20..far + 30));
        assert!(is_native(far) && is_native(far + 9) && !is_native(far + 10) && is_native(far + 25));
        drop(first);
        assert!(!is_native(far) && is_native(far + 20));
        let third = Registered::new(&(far + 40..far + 50));
        assert!(is_native(far + 49) && !is_native(far + 5));
        drop((second, third));
        assert!(!is_native(far + 20) && !is_native(far + 40));
    }
}
