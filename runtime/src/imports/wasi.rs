//! WASI preview 1: one context for all members, behind one lock.
//!
//! Invariant: whoever holds that lock gives it back soon. Members that sleep, wait for a standard stream or are given random bytes do without
//! it, and files that could block are not opened; so no member stops the others, or keeps the program from ending.
//!
//! The functions are wasmtime-wasi's, called with the shared memory. Those that block, and those that are called often, are ours and do
//! without the lock: clocks, yielding, exiting, sleeping, random numbers, and the standard streams ([`streams`]). Reading, writing and
//! opening of files goes by way of memory of the host ([`files`]).

use crate::config::{Config, Stdio};
use crate::cpu::member::{Member, interrupted};
use crate::cpu::wait::Interrupted;
use crate::error::Error;
use crate::process::Process;
use rustix::rand::GetRandomFlags;
use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};
use wasmtime::{Caller, Linker};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as preview1, WasiSnapshotPreview1};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder};

mod files;
mod iovecs;
mod poll;
mod streams;

use files::{Open, OpenFiles, Position, Scratch};
use streams::{Standard, Stream};

/// The import module of preview 1.
const MODULE: &str = "wasi_snapshot_preview1";

/// Bytes that wasmtime-wasi may copy in one call: a transfer, or paths.
const HOSTCALL_FUEL: usize = MAX_TRANSFER + (1 << 20);

/// The most bytes that one call reads or writes: the program does the rest with its next call, as after any short read or write.
const MAX_TRANSFER: usize = 1 << 20;

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
    /// Too many open files.
    pub const MFILE: i32 = 33;
    /// Path too long.
    pub const NAMETOOLONG: i32 = 37;
    /// Not supported.
    pub const NOTSUP: i32 = 58;
    /// Broken pipe.
    pub const PIPE: i32 = 64;
}

/// A program's files, arguments, environment, streams and clocks.
pub(crate) struct Wasi {
    locked: Mutex<Locked>,
    /// Which descriptors are this process's standard streams.
    standard: Standard,
    /// The beginning of the program's monotonic clock.
    start: Instant,
}

/// What calls use one after the other.
struct Locked {
    context: WasiP1Ctx,
    scratch: Scratch,
    files: OpenFiles,
}

impl Wasi {
    /// Opens the folders that a configuration gives to the program.
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let mut builder = WasiCtxBuilder::new();
        builder.args(&config.args).envs(&config.env).allow_blocking_current_thread(true);
        let is_inherited = config.stdio == Stdio::Inherit;
        if is_inherited {
            builder.inherit_stdio();
        }
        for (host, guest) in &config.dirs {
            builder
                .preopened_dir(host, guest, FsPerms::ReadWrite)
                .map_err(|reason| Error::Directory { path: host.display().to_string(), reason })?;
        }
        Ok(Self {
            locked: Mutex::new(Locked {
                context: builder.build_p1(),
                scratch: Scratch::new(),
                files: OpenFiles::default(),
            }),
            standard: Standard::new(is_inherited),
            start: Instant::now(),
        })
    }

    /// The context, for one call.
    fn lock(&self) -> MutexGuard<'_, Locked> {
        let mut locked = self.locked.lock().unwrap_or_else(PoisonError::into_inner);
        locked.context.set_hostcall_fuel(HOSTCALL_FUEL);
        locked
    }

    /// Whether `fd` is a descriptor of the program.
    fn is_open(&self, fd: i32) -> bool {
        /// Aligned as wiggle asks it of what it writes.
        #[repr(align(8))]
        struct Status([u8; 24]);
        let mut status = Status([0; 24]);
        let mut wasi = self.lock();
        let mut scratch = wiggle::GuestMemory::Unshared(&mut status.0);
        matches!(Ready(preview1::fd_fdstat_get(&mut wasi.context, &mut scratch, fd, 0)).settle(), Ok(SUCCESS))
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
            process.waiters.check().map_err(interrupted)?;
            let data = process.memory.as_ref().map_or(&[][..], |memory| memory.shared().data());
            let mut memory = wiggle::GuestMemory::Shared(data);
            let mut wasi = process.wasi.lock();
            link!(@call preview1::$name(&mut wasi.context, &mut memory, $($arg),*), $($kind)?).settle()
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
        fd_prestat_get(fd: i32, out: i32);
        fd_prestat_dir_name(fd: i32, path: i32, len: i32);
        fd_readdir(fd: i32, buf: i32, len: i32, cookie: i64, out: i32) later;
        fd_seek(fd: i32, offset: i64, whence: i32, out: i32) later;
        fd_sync(fd: i32) later;
        fd_tell(fd: i32, out: i32);
        path_create_directory(fd: i32, path: i32, len: i32) later;
        path_filestat_get(fd: i32, flags: i32, path: i32, len: i32, out: i32) later;
        path_filestat_set_times(fd: i32, flags: i32, path: i32, len: i32, atim: i64, mtim: i64, fst: i32) later;
        path_link(fd: i32, flags: i32, path: i32, len: i32, new_fd: i32, new_path: i32, new_len: i32) later;
        path_readlink(fd: i32, path: i32, len: i32, buf: i32, buf_len: i32, out: i32) later;
        path_remove_directory(fd: i32, path: i32, len: i32) later;
        path_rename(fd: i32, path: i32, len: i32, new_fd: i32, new_path: i32, new_len: i32) later;
        path_symlink(path: i32, len: i32, fd: i32, new_path: i32, new_len: i32) later;
        path_unlink_file(fd: i32, path: i32, len: i32) later;
        proc_raise(signal: i32);
        sock_accept(fd: i32, flags: i32, out: i32);
        sock_recv(fd: i32, iovs: i32, iovs_len: i32, flags: i32, out: i32, out_flags: i32);
        sock_send(fd: i32, iovs: i32, iovs_len: i32, flags: i32, out: i32);
        sock_shutdown(fd: i32, how: i32);
    }
    add_transfers(linker)?;
    add_descriptors(linker)?;
    add_time(linker)?;
    linker.func_wrap(MODULE, "random_get", |caller: Caller<'_, Member>, address: i32, len: i32| {
        random(&caller.data().process, address as u32, len as u32).map_err(interrupted)
    })?;
    linker.func_wrap(MODULE, "proc_exit", |_: Caller<'_, Member>, code: i32| -> wasmtime::Result<()> {
        // wasmtime-wasi refuses codes above 125; POSIX takes the low 8 bits.
        Err(wasmtime::Error::from(I32Exit(code & 0xff)))
    })?;
    Ok(())
}

/// Reading and writing.
fn add_transfers(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "fd_write", |caller: Caller<'_, Member>, fd: i32, iovs: i32, count: i32, out: i32| {
        let process = &caller.data().process;
        let Some(memory) = &process.memory else { return Ok(errno::FAULT) };
        let list = (iovs as u32, count as u32);
        match process.wasi.standard.stream(fd) {
            Some(stream) => Ok(streams::write(memory, stream, list, out as u32)),
            None => files::write(&process.wasi, memory, fd, list, Position::Current, out as u32),
        }
    })?;
    linker.func_wrap(MODULE, "fd_read", |caller: Caller<'_, Member>, fd: i32, iovs: i32, count: i32, out: i32| {
        let process = &caller.data().process;
        let Some(memory) = &process.memory else { return Ok(errno::FAULT) };
        let list = (iovs as u32, count as u32);
        match process.wasi.standard.stream(fd) {
            Some(Stream::Input) => streams::read(memory, list, out as u32, &process.waiters).map_err(interrupted),
            Some(_) => Ok(errno::BADF),
            None => files::read(&process.wasi, memory, fd, list, Position::Current, out as u32),
        }
    })?;
    linker.func_wrap(
        MODULE,
        "fd_pwrite",
        |caller: Caller<'_, Member>, fd: i32, iovs: i32, count: i32, offset: i64, out: i32| {
            let process = &caller.data().process;
            let Some(memory) = &process.memory else { return Ok(errno::FAULT) };
            let list = (iovs as u32, count as u32);
            files::write(&process.wasi, memory, fd, list, Position::At(offset), out as u32)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_pread",
        |caller: Caller<'_, Member>, fd: i32, iovs: i32, count: i32, offset: i64, out: i32| {
            let process = &caller.data().process;
            let Some(memory) = &process.memory else { return Ok(errno::FAULT) };
            let list = (iovs as u32, count as u32);
            files::read(&process.wasi, memory, fd, list, Position::At(offset), out as u32)
        },
    )?;
    Ok(())
}

/// Opening, closing, and giving descriptors other numbers.
fn add_descriptors(linker: &mut Linker<Member>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "path_open",
        |caller: Caller<'_, Member>,
         fd: i32,
         dirflags: i32,
         path: i32,
         len: i32,
         oflags: i32,
         base: i64,
         inheriting: i64,
         fdflags: i32,
         out: i32| {
            let process = &caller.data().process;
            let Some(memory) = &process.memory else { return Ok(errno::FAULT) };
            let how = Open { dirflags, oflags, base, inheriting, fdflags };
            let opened = files::open(&process.wasi, memory, fd, (path as u32, len as u32), how, out as u32)?;
            let Err((errno, why)) = opened else { return Ok(SUCCESS) };
            if !why.is_empty() {
                process.refused("path_open", why);
            }
            Ok(errno)
        },
    )?;
    linker.func_wrap(MODULE, "fd_close", |caller: Caller<'_, Member>, fd: i32| {
        let process = &caller.data().process;
        process.wasi.standard.forget(fd);
        let mut wasi = process.wasi.lock();
        let errno = Ready(preview1::fd_close(&mut wasi.context, &mut wiggle::GuestMemory::Shared(&[]), fd)).settle()?;
        if errno == SUCCESS {
            wasi.files.closed(fd);
        }
        Ok(errno)
    })?;
    linker.func_wrap(MODULE, "fd_renumber", |caller: Caller<'_, Member>, fd: i32, to: i32| {
        let wasi = &caller.data().process.wasi;
        let renumber = || {
            let mut wasi = wasi.lock();
            let nothing = &mut wiggle::GuestMemory::Shared(&[]);
            let errno = Ready(preview1::fd_renumber(&mut wasi.context, nothing, fd, to)).settle()?;
            if errno == SUCCESS {
                wasi.files.renumbered(fd, to);
            }
            wasmtime::Result::Ok(errno)
        };
        wasi.standard.renumber(fd, to, renumber, |result| matches!(result, Ok(SUCCESS)))
    })?;
    Ok(())
}

/// Fills guest memory with random bytes.
fn random(process: &Process, address: u32, len: u32) -> Result<i32, Interrupted> {
    let is_inside = process.memory.as_ref().is_some_and(|memory| memory.bytes(address, len).is_some());
    let Some(memory) = process.memory.as_ref().filter(|_| is_inside) else { return Ok(errno::FAULT) };
    let mut bytes = [0; 1 << 12];
    for done in (0..len).step_by(bytes.len()) {
        process.waiters.check()?;
        let part = &mut bytes[..((len - done) as usize).min(1 << 12)];
        // So many bytes come at once, or not at all.
        if rustix::rand::getrandom(&mut *part, GetRandomFlags::empty()).is_err() {
            return Ok(errno::IO);
        }
        if memory.write(address + done, part).is_none() {
            return Ok(errno::FAULT);
        }
    }
    Ok(SUCCESS)
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
                let mut wasi = process.wasi.lock();
                return preview1::clock_time_get(
                    &mut wasi.context,
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
