//! The OpenMP runtime of C programs: `libomp2wasi.a` and its headers, as data, and the flags that go with them.
//!
//! The C sources are beside this file, one for each construct. They are built for wasm32 when this crate is, and
//! embedded as [`FILES`].

#![warn(missing_docs)]

/// The files that a compiler needs: path below a folder of the installer's choice, and contents.
pub const FILES: &[(&str, &[u8])] = &[
    ("include/omp.h", include_bytes!("../include/omp.h")),
    ("include/pthread.h", include_bytes!("../include/pthread.h")),
    ("include/__errno.h", include_bytes!("../include/__errno.h")),
    ("include/__kmpc.h", include_bytes!("../include/__kmpc.h")),
    ("lib/libomp2wasi.a", include_bytes!(concat!(env!("OUT_DIR"), "/libomp2wasi.a"))),
];

/// A header to be read before each source that has OpenMP directives, by `-include`: loops are faster then.
pub const ENTRY_POINTS: &str = "__kmpc.h";

/// Functions of the C library that the shim wraps to make them safe under threads: one `--wrap` each. The build takes them from the
/// archive: whatever is defined there as `__wrap_NAME`.
const WRAPPED: &[&str] = &include!(concat!(env!("OUT_DIR"), "/wrapped.rs"));

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
