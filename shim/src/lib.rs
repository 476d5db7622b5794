//! The OpenMP runtime of C programs: `libomp2wasi.a` and its headers, as data, and the flags that go with them.
//!
//! The C sources are beside this file, one for each construct. They are built for wasm32 when this crate is, and
//! embedded; [`install`] writes them where a compiler finds them.

#![warn(missing_docs)]

use std::io;
use std::path::Path;

/// The installed files: path below the install folder, and contents.
pub const FILES: &[(&str, &[u8])] = &[
    ("include/omp.h", include_bytes!("../include/omp.h")),
    ("include/pthread.h", include_bytes!("../include/pthread.h")),
    ("include/__errno.h", include_bytes!("../include/__errno.h")),
    ("lib/libomp2wasi.a", include_bytes!(concat!(env!("OUT_DIR"), "/libomp2wasi.a"))),
];

/// Functions of the C library that the shim wraps to make them safe under threads: one `--wrap` each.
const WRAPPED: &[&str] = &[
    // src/libc/allocator.c
    "__libc_calloc",
    "__libc_free",
    "__libc_malloc",
    "aligned_alloc",
    "calloc",
    "free",
    "malloc",
    "malloc_usable_size",
    "posix_memalign",
    "realloc",
    // src/libc/state.c
    "__wasilibc_access",
    "__wasilibc_link",
    "__wasilibc_link_newat",
    "__wasilibc_link_oldat",
    "__wasilibc_open_nomode",
    "__wasilibc_rename_newat",
    "__wasilibc_rename_oldat",
    "__wasilibc_stat",
    "__wasilibc_utimens",
    "access",
    "at_quick_exit",
    "atexit",
    "chdir",
    "clearenv",
    "drand48",
    "erand48",
    "exit",
    "getcwd",
    "getenv",
    "gmtime",
    "initstate",
    "jrand48",
    "lcong48",
    "link",
    "localtime",
    "lrand48",
    "lstat",
    "mkdir",
    "mrand48",
    "nrand48",
    "open",
    "opendir",
    "putenv",
    "rand",
    "random",
    "readlink",
    "remove",
    "rename",
    "rmdir",
    "scandir",
    "seed48",
    "setenv",
    "setstate",
    "srand",
    "srand48",
    "srandom",
    "stat",
    "symlink",
    "truncate",
    "unlink",
    "unsetenv",
    "utime",
    "utimes",
    // src/libc/stdio.c
    "__stdio_exit",
    "clearerr",
    "fclose",
    "fdopen",
    "fflush",
    "fgetc",
    "fgetln",
    "fgetpos",
    "fgets",
    "fgetwc",
    "fgetws",
    "fmemopen",
    "fopen",
    "fopencookie",
    "fprintf",
    "fpurge",
    "fputc",
    "fputs",
    "fputwc",
    "fputws",
    "fread",
    "freopen",
    "fscanf",
    "fseek",
    "fseeko",
    "fsetpos",
    "ftell",
    "ftello",
    "fwide",
    "fwprintf",
    "fwrite",
    "fwscanf",
    "getc",
    "getchar",
    "getdelim",
    "getline",
    "getwc",
    "getwchar",
    "open_memstream",
    "open_wmemstream",
    "perror",
    "printf",
    "putc",
    "putchar",
    "puts",
    "putwc",
    "putwchar",
    "rewind",
    "scanf",
    "setvbuf",
    "ungetc",
    "ungetwc",
    "vfprintf",
    "vfscanf",
    "vfwprintf",
    "vfwscanf",
    "vprintf",
    "vscanf",
    "vwprintf",
    "vwscanf",
    "wprintf",
    "wscanf",
];

/// Flags that clang needs, beside `-isystem DIR/include` before all other system folders.
pub fn compile_flags() -> Vec<String> {
    ["--target=wasm32-wasi", "-nostdlibinc", "-fvisibility=default", "-matomics", "-mbulk-memory", "-msimd128"]
        .map(String::from)
        .to_vec()
}

/// Flags that wasm-ld needs, beside `DIR/lib/libomp2wasi.a` before the C library. No crt1: the shim has `_start`.
pub fn link_flags() -> Vec<String> {
    let fixed = [
        "--shared-memory",
        "--no-check-features",
        "--import-memory",
        "--export-memory",
        "--max-memory=4294967296",
        "--export-table",
        "--export=__stack_pointer",
        "--export=__tls_base",
        "--stack-first",
        "-z",
        "stack-size=8388608",
        "--fatal-warnings",
    ];
    fixed.into_iter().map(String::from).chain(WRAPPED.iter().map(|name| format!("--wrap={name}"))).collect()
}

/// A flag for wasm-ld, for programs whose target regions are compiled for devices.
pub const FOR_DEVICES: &str = "--undefined=omp2wasi_for_devices";

/// A hexadecimal digest of [`FILES`]: names a folder that holds them.
pub fn digest() -> &'static str {
    env!("OMP2WASI_SHIM_DIGEST")
}

/// Writes [`FILES`] below `dir`, which is created.
///
/// # Errors
/// Whatever the file system says.
pub fn install(dir: &Path) -> io::Result<()> {
    for (path, bytes) in FILES {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
