//! Builds libomp2wasi.a for wasm32 with clang, for `src/lib.rs` to embed.
//!
//! Clang and the C library's headers are found as `omp2wasi cc` finds them: environment first, then wasi-sdk, then Debian's names.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: &[&str] = &[
    "atomic16.c",
    "barrier.c",
    "critical.c",
    "environment.c",
    "for_devices.c",
    "fork.c",
    "icv.c",
    "initial.c",
    "libc/allocator.c",
    "libc/state.c",
    "libc/stdio.c",
    "lock.c",
    "message.c",
    "places.c",
    "reduction.c",
    "schedule_dynamic.c",
    "schedule_static.c",
    "single.c",
    "start.c",
    "target/data.c",
    "target/memory.c",
    "target/region.c",
    "target/use.c",
    "task.c",
    "teams.c",
    "time.c",
];

const INSTALL: &str = "apt-get install clang-19 lld-19 llvm-19 wasi-libc libclang-rt-19-dev-wasm32";

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=include");
    for variable in ["OMP2WASI_CLANG", "OMP2WASI_SYSROOT", "WASI_SYSROOT", "WASI_SDK_PATH"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let clang = clang();
    let archiver = archiver(&clang);
    let mut build = cc::Build::new();
    build
        .cargo_metadata(false)
        .target("wasm32-wasip1")
        .host("none")
        .compiler(&clang)
        .archiver(&archiver)
        .no_default_flags(true)
        .warnings(true)
        .extra_warnings(true)
        .warnings_into_errors(true)
        .flag("--target=wasm32-wasi")
        .flag("-nostdlibinc")
        .flag("-std=c11")
        .flag("-D_GNU_SOURCE")
        .flag("-O2")
        .flag("-ffunction-sections")
        .flag("-fdata-sections")
        .flag("-fvisibility=hidden")
        .flag("-matomics")
        .flag("-mbulk-memory")
        .flag("-mmutable-globals")
        .flag("-Iinclude")
        .flag("-Isrc")
        .flag("-isystem")
        .flag(libc_headers());
    for source in SOURCES {
        build.file(Path::new("src").join(source));
    }
    build.compile("omp2wasi");
    println!("cargo::rustc-env=OMP2WASI_SHIM_DIGEST={:016x}", digest());
}

/// FNV-1a over what gets installed; it need only differ between versions.
fn digest() -> u64 {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let headers = ["omp.h", "pthread.h", "__errno.h"].map(|header| Path::new("include").join(header));
    headers
        .into_iter()
        .chain([out.join("libomp2wasi.a")])
        .flat_map(|path| std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn clang() -> PathBuf {
    let sdk = env::var_os("WASI_SDK_PATH").map(|sdk| PathBuf::from(sdk).join("bin/clang"));
    let named = env::var_os("OMP2WASI_CLANG").map(PathBuf::from);
    let versions = (19..=22).map(|v| PathBuf::from(format!("clang-{v}")));
    named
        .into_iter()
        .chain(sdk)
        .chain(versions)
        .chain([PathBuf::from("clang")])
        .find(|clang| Command::new(clang).arg("--version").output().is_ok_and(|output| output.status.success()))
        .unwrap_or_else(|| panic!("no clang found to build the OpenMP shim with; {INSTALL}"))
}

fn archiver(clang: &Path) -> PathBuf {
    let output = Command::new(clang).arg("-print-prog-name=llvm-ar").output().expect("clang just ran");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

fn libc_headers() -> PathBuf {
    let roots = ["OMP2WASI_SYSROOT", "WASI_SYSROOT"].into_iter().filter_map(env::var_os).map(PathBuf::from);
    let sdk = env::var_os("WASI_SDK_PATH").map(|sdk| PathBuf::from(sdk).join("share/wasi-sysroot"));
    roots
        .chain(sdk)
        .chain([PathBuf::from("/usr")])
        .flat_map(|root| ["wasm32-wasi", "wasm32-wasip1"].map(|triple| root.join("include").join(triple)))
        .find(|headers| headers.join("wasi/api.h").exists())
        .unwrap_or_else(|| panic!("no C library for wasm32-wasi found to build the OpenMP shim with; {INSTALL}"))
}
