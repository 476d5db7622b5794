//! Signals that end this program end the compilers that it runs, too.
//!
//! Invariant: the handler only calls what handlers may call, and the signal ends the process as it would have done without it.

use omp2wasi_runtime::end_compilers;

/// From here on.
pub fn end_compilers_when_interrupted() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
        let handler: extern "C" fn(libc::c_int) = interrupted;
        // SAFETY: all zeros are a value of this plain C structure, which is filled before it is used; the handler has the type that the flags
        // say.
        unsafe {
            let (mut old, mut new): (libc::sigaction, libc::sigaction) = (std::mem::zeroed(), std::mem::zeroed());
            libc::sigaction(signal, std::ptr::null(), &raw mut old);
            // `nohup` and a shell's `&` start us with the signal ignored; so it stays.
            if old.sa_sigaction != libc::SIG_IGN {
                new.sa_sigaction = handler as libc::sighandler_t;
                new.sa_flags = libc::SA_RESETHAND | libc::SA_ONSTACK;
                libc::sigaction(signal, &raw const new, std::ptr::null_mut());
            }
        }
    }
}

extern "C" fn interrupted(signal: libc::c_int) {
    end_compilers();
    // It has its default action again, which comes when this returns: until then the signal is blocked.
    // SAFETY: it takes no pointers.
    unsafe { libc::raise(signal) };
}
