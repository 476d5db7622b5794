//! WASI preview 1: one context for all members, behind one lock.
//!
//! Invariant: a member that sleeps or waits for a standard stream does not hold that lock, so it does not stop the others.
//!
//! The functions are wasmtime-wasi's, called with the shared memory. Those that block, and those that are called often, are ours and do
//! without the lock: clocks, yielding, exiting, sleeping, and the standard streams as long as they are those that the program
//! started with.

use crate::config::{Config, Stdio};
use crate::cpu::member::{Member, interrupted};
use crate::error::Error;
use crate::memory::GuestMemory;
use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};
use wasmtime::{Caller, Linker};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as preview1, WasiSnapshotPreview1};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder};

mod poll;

/// The import module of preview 1.
const MODULE: &str = "wasi_snapshot_preview1";

/// Bytes that one call may copy between guest and host: wasmtime-wasi's own default.
const HOSTCALL_FUEL: usize = 128 << 20;

/// The `errno` of a call that succeeded.
const SUCCESS: i32 = 0;
/// `errno`s of preview 1: those that the functions of this module return.
mod errno {
    /// Resource unavailable, or operation would block.
    pub const AGAIN: i32 = 6;
    /// Bad file descriptor.
    pub const BADF: i32 = 8;
    /// Bad address: a pointer leaves the memory.
    pub const FAULT: i32 = 21;
    /// Invalid argument.
    pub const INVAL: i32 = 28;
    /// I/O error.
    pub const IO: i32 = 29;
    /// Broken pipe.
    pub const PIPE: i32 = 64;
}

/// A program's files, arguments, environment, streams and clocks.
pub(crate) struct Wasi {
    context: Mutex<WasiP1Ctx>,
    /// Which of the first three descriptors are still this process's standard streams: a bit each.
    standard_streams: AtomicU8,
    /// The beginning of the program's monotonic clock.
    start: Instant,
}

impl Wasi {
    /// Opens the folders that a configuration gives to the program.
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let mut builder = WasiCtxBuilder::new();
        builder.args(&config.args).envs(&config.env).allow_blocking_current_thread(true);
        if config.stdio == Stdio::Inherit {
            builder.inherit_stdio();
        }
        for (host, guest) in &config.dirs {
            builder
                .preopened_dir(host, guest, FsPerms::ReadWrite)
                .map_err(|reason| Error::Directory { path: host.display().to_string(), reason })?;
        }
        Ok(Self {
            context: Mutex::new(builder.build_p1()),
            standard_streams: AtomicU8::new(if config.stdio == Stdio::Inherit { 0b111 } else { 0 }),
            start: Instant::now(),
        })
    }

    /// The context, for one call.
    fn lock(&self) -> MutexGuard<'_, WasiP1Ctx> {
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        context.set_hostcall_fuel(HOSTCALL_FUEL);
        context
    }

    /// Whether `fd` is a standard stream that needs no context.
    fn is_standard(&self, fd: i32) -> bool {
        // Relaxed: a program that closes a descriptor while another thread uses it gets either.
        (0..3).contains(&fd) && self.standard_streams.load(Ordering::Relaxed) >> fd & 1 == 1
    }

    /// Whether `fd` is a descriptor of the program.
    fn is_open(&self, fd: i32) -> bool {
        /// Aligned as wiggle asks it of what it writes.
        #[repr(align(8))]
        struct Status([u8; 24]);
        let mut status = Status([0; 24]);
        let mut context = self.lock();
        let mut scratch = wiggle::GuestMemory::Unshared(&mut status.0);
        matches!(Ready(preview1::fd_fdstat_get(&mut *context, &mut scratch, fd, 0)).settle(), Ok(SUCCESS))
    }
}

/// The result of a function of wasmtime-wasi, of which some are async and some are not: `link` treats them alike.
trait Settle<T> {
    fn settle(self) -> wasmtime::Result<T>;
}

impl<T> Settle<T> for wasmtime::Result<T> {
    fn settle(self) -> wasmtime::Result<T> {
        self
    }
}

/// A future of wasmtime-wasi. Where blocking is allowed it is ready at the first poll; if one is not, wasmtime-wasi's event loop runs it.
struct Ready<F>(F);

impl<T, F: Future<Output = wasmtime::Result<T>>> Settle<T> for Ready<F> {
    fn settle(self) -> wasmtime::Result<T> {
        let mut future = pin!(self.0);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => wasmtime_wasi::runtime::in_tokio(future),
        }
    }
}

/// Defines functions of preview 1 that take the lock and call wasmtime-wasi's function of the same name; `later` marks async ones.
macro_rules! link {
    ($linker:ident: $($name:ident($($arg:ident: $ty:ty),*) $($kind:ident)?;)*) => {$(
        $linker.func_wrap(MODULE, stringify!($name), |caller: Caller<'_, Member>, $($arg: $ty),*| -> wasmtime::Result<i32> {
            let process = &caller.data().process;
            let data = process.memory.as_ref().map_or(&[][..], |memory| memory.shared().data());
            let mut memory = wiggle::GuestMemory::Shared(data);
            let mut context = process.wasi.lock();
            link!(@call preview1::$name(&mut *context, &mut memory, $($arg),*), $($kind)?).settle()
        })?;
    )*};
    (@call $call:expr, later) => { Ready($call) };
    (@call $call:expr,) => { $call };
}

/// Defines the functions of WASI preview 1.
///
/// # Errors
/// When a linker refuses a definition, as it does if there is one of the same name.
pub(crate) fn add_to_linker(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    link! { linker:
        args_get(argv: i32, buf: i32);
        args_sizes_get(count: i32, size: i32);
        environ_get(environ: i32, buf: i32);
        environ_sizes_get(count: i32, size: i32);
        clock_res_get(id: i32, out: i32);
        fd_advise(fd: i32, offset: i64, len: i64, advice: i32) later;
        fd_allocate(fd: i32, offset: i64, len: i64);
        fd_datasync(fd: i32) later;
        fd_fdstat_get(fd: i32, out: i32) later;
        fd_fdstat_set_flags(fd: i32, flags: i32);
        fd_fdstat_set_rights(fd: i32, base: i64, inheriting: i64);
        fd_filestat_get(fd: i32, out: i32) later;
        fd_filestat_set_size(fd: i32, size: i64) later;
        fd_filestat_set_times(fd: i32, atim: i64, mtim: i64, flags: i32) later;
        fd_pread(fd: i32, iovs: i32, iovs_len: i32, offset: i64, out: i32) later;
        fd_prestat_get(fd: i32, out: i32);
        fd_prestat_dir_name(fd: i32, path: i32, len: i32);
        fd_pwrite(fd: i32, iovs: i32, iovs_len: i32, offset: i64, out: i32) later;
        fd_readdir(fd: i32, buf: i32, len: i32, cookie: i64, out: i32) later;
        fd_seek(fd: i32, offset: i64, whence: i32, out: i32) later;
        fd_sync(fd: i32) later;
        fd_tell(fd: i32, out: i32);
        path_create_directory(fd: i32, path: i32, len: i32) later;
        path_filestat_get(fd: i32, flags: i32, path: i32, len: i32, out: i32) later;
        path_filestat_set_times(fd: i32, flags: i32, path: i32, len: i32, atim: i64, mtim: i64, fst: i32) later;
        path_link(fd: i32, flags: i32, path: i32, len: i32, new_fd: i32, new_path: i32, new_len: i32) later;
        path_open(fd: i32, dirflags: i32, path: i32, len: i32, oflags: i32, base: i64, inheriting: i64, fdflags: i32, out: i32) later;
        path_readlink(fd: i32, path: i32, len: i32, buf: i32, buf_len: i32, out: i32) later;
        path_remove_directory(fd: i32, path: i32, len: i32) later;
        path_rename(fd: i32, path: i32, len: i32, new_fd: i32, new_path: i32, new_len: i32) later;
        path_symlink(path: i32, len: i32, fd: i32, new_path: i32, new_len: i32) later;
        path_unlink_file(fd: i32, path: i32, len: i32) later;
        proc_raise(signal: i32);
        random_get(buf: i32, len: i32);
        sock_accept(fd: i32, flags: i32, out: i32);
        sock_recv(fd: i32, iovs: i32, iovs_len: i32, flags: i32, out: i32, out_flags: i32);
        sock_send(fd: i32, iovs: i32, iovs_len: i32, flags: i32, out: i32);
        sock_shutdown(fd: i32, how: i32);
    }
    add_streams(linker)?;
    add_time(linker)?;
    linker.func_wrap(MODULE, "proc_exit", |_: Caller<'_, Member>, code: i32| -> wasmtime::Result<()> {
        // wasmtime-wasi refuses codes above 125; POSIX takes the low 8 bits.
        Err(wasmtime::Error::from(I32Exit(code & 0xff)))
    })?;
    Ok(())
}

/// Reading, writing and closing, with the standard streams apart.
fn add_streams(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "fd_write",
        |caller: Caller<'_, Member>, fd: i32, iovs: i32, iovs_len: i32, out: i32| {
            let process = &caller.data().process;
            let Some(memory) = &process.memory else {
                return Ok(errno::FAULT);
            };
            if process.wasi.is_standard(fd) && fd != 0 {
                return Ok(write_standard(memory, fd, iovs as u32, iovs_len as u32, out as u32)
                    .err()
                    .unwrap_or(SUCCESS));
            }
            let mut context = process.wasi.lock();
            let mut shared = wiggle::GuestMemory::Shared(memory.shared().data());
            Ready(preview1::fd_write(&mut *context, &mut shared, fd, iovs, iovs_len, out)).settle()
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_read",
        |caller: Caller<'_, Member>, fd: i32, iovs: i32, iovs_len: i32, out: i32| {
            let process = &caller.data().process;
            let Some(memory) = &process.memory else {
                return Ok(errno::FAULT);
            };
            if process.wasi.is_standard(fd) && fd == 0 {
                return Ok(read_standard(memory, iovs as u32, iovs_len as u32, out as u32).err().unwrap_or(SUCCESS));
            }
            let mut context = process.wasi.lock();
            let mut shared = wiggle::GuestMemory::Shared(memory.shared().data());
            Ready(preview1::fd_read(&mut *context, &mut shared, fd, iovs, iovs_len, out)).settle()
        },
    )?;
    linker.func_wrap(MODULE, "fd_close", |caller: Caller<'_, Member>, fd: i32| {
        let process = &caller.data().process;
        forget_standard(&process.wasi, &[fd]);
        let mut context = process.wasi.lock();
        Ready(preview1::fd_close(&mut *context, &mut wiggle::GuestMemory::Shared(&[]), fd)).settle()
    })?;
    linker.func_wrap(MODULE, "fd_renumber", |caller: Caller<'_, Member>, fd: i32, to: i32| {
        let process = &caller.data().process;
        forget_standard(&process.wasi, &[fd, to]);
        let mut context = process.wasi.lock();
        Ready(preview1::fd_renumber(&mut *context, &mut wiggle::GuestMemory::Shared(&[]), fd, to)).settle()
    })?;
    Ok(())
}

/// Notes that these descriptors are no longer this process's standard streams.
fn forget_standard(wasi: &Wasi, fds: &[i32]) {
    for fd in fds.iter().filter(|fd| (0..3).contains(*fd)) {
        wasi.standard_streams.fetch_and(!(1 << fd), Ordering::Relaxed);
    }
}

/// The most parts of an iovec list: as many as POSIX systems take in one call.
const MAX_PARTS: u32 = 1024;

/// The most bytes that one call writes: the program writes the rest with its next call, as after any short write.
const MAX_WRITE: usize = 1 << 20;

/// The most bytes that one call reads.
const MAX_READ: u64 = 1 << 20;

/// Address and length of each part of an iovec list.
fn parts(memory: &GuestMemory, iovs: u32, count: u32) -> Result<Vec<(u32, u32)>, i32> {
    if count > MAX_PARTS {
        return Err(errno::INVAL);
    }
    memory.bytes(iovs, count.checked_mul(8).ok_or(errno::FAULT)?).ok_or(errno::FAULT)?;
    let read = |at| memory.read_u32(at).ok_or(errno::FAULT);
    (0..count).map(|i| Ok((read(iovs + i * 8)?, read(iovs + i * 8 + 4)?))).collect()
}

/// Writes the parts to standard output or error in one call, so that lines of different threads do not mix.
fn write_standard(memory: &GuestMemory, fd: i32, iovs: u32, count: u32, out: u32) -> Result<(), i32> {
    let mut bytes = Vec::new();
    for (address, len) in parts(memory, iovs, count)? {
        let len = len.min((MAX_WRITE - bytes.len()) as u32);
        bytes.extend(memory.bytes(address, len).ok_or(errno::FAULT)?.iter().map(|byte| byte.load(Ordering::Relaxed)));
    }
    let written = if fd == 1 {
        rustix::io::write(rustix::stdio::stdout(), &bytes)
    } else {
        std::io::stderr().write(&bytes).map_err(|_| rustix::io::Errno::IO)
    };
    let written = written.map_err(|error| if error == rustix::io::Errno::PIPE { errno::PIPE } else { errno::IO })?;
    memory.write_u32(out, written as u32).ok_or(errno::FAULT)
}

/// Reads once from standard input and spreads that over the parts: a second read might wait although there is something to give.
fn read_standard(memory: &GuestMemory, iovs: u32, count: u32, out: u32) -> Result<(), i32> {
    let parts = parts(memory, iovs, count)?;
    for (address, len) in &parts {
        memory.bytes(*address, *len).ok_or(errno::FAULT)?;
    }
    let wanted: u64 = parts.iter().map(|(_, len)| u64::from(*len)).sum();
    let mut bytes = vec![0; wanted.min(MAX_READ) as usize];
    // Unbuffered: what has been read is in the program, and `poll_oneoff` asks the host what is left.
    let read = rustix::io::retry_on_intr(|| rustix::io::read(rustix::stdio::stdin(), &mut bytes));
    let got = read.map_err(|error| if error == rustix::io::Errno::AGAIN { errno::AGAIN } else { errno::IO })?;
    let mut left = &bytes[..got];
    for (address, len) in parts {
        let (part, rest) = left.split_at(left.len().min(len as usize));
        memory.write(address, part).ok_or(errno::FAULT)?;
        left = rest;
    }
    memory.write_u32(out, got as u32).ok_or(errno::FAULT)
}

/// Clocks and sleeping.
fn add_time(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "sched_yield", |caller: Caller<'_, Member>| {
        caller.data().process.waiters.check().map_err(interrupted)?;
        std::thread::yield_now();
        Ok(SUCCESS)
    })?;
    linker.func_wrap(MODULE, "clock_time_get", |caller: Caller<'_, Member>, id: i32, precision: i64, out: i32| {
        let process = &caller.data().process;
        let now = match id {
            0 => realtime(),
            1 => process.wasi.start.elapsed(),
            _ => {
                let data = process.memory.as_ref().map_or(&[][..], |memory| memory.shared().data());
                let mut context = process.wasi.lock();
                return preview1::clock_time_get(
                    &mut *context,
                    &mut wiggle::GuestMemory::Shared(data),
                    id,
                    precision,
                    out,
                );
            }
        };
        let nanoseconds = now.as_nanos() as u64;
        let stored = process.memory.as_ref().and_then(|memory| memory.write(out as u32, &nanoseconds.to_le_bytes()));
        Ok(stored.map_or(errno::FAULT, |()| SUCCESS))
    })?;
    linker.func_wrap(
        MODULE,
        "poll_oneoff",
        |caller: Caller<'_, Member>, subscriptions: i32, events: i32, count: i32, out: i32| {
            let process = &caller.data().process;
            let Some(memory) = &process.memory else {
                return Ok(errno::FAULT);
            };
            let arguments = (subscriptions as u32, events as u32, count as u32, out as u32);
            poll::poll(&process.wasi, memory, &process.waiters, arguments).map_err(interrupted)
        },
    )?;
    Ok(())
}

/// The time since 1970.
fn realtime() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
