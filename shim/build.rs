//! Builds libomp2wasi.a for wasm32 with clang, for `src/lib.rs` to embed, and lists the functions of the C library that it wraps.
//!
//! Clang and the C library's headers are found as `omp2wasi cc` finds them: environment first, then wasi-sdk, then Debian's names.

use std::collections::BTreeSet;
use std::env;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: &[&str] = &[
    "affinity.c",
    "allocator.c",
    "allocator_traits.c",
    "atomic16.c",
    "barrier.c",
    "cancel.c",
    "critical.c",
    "doacross.c",
    "environment.c",
    "for_devices.c",
    "fork.c",
    "icv.c",
    "initial.c",
    "kmp.c",
    "libc/allocator.c",
    "libc/errno.c",
    "libc/stack_protector.c",
    "libc/state.c",
    "libc/stdio.c",
    "lock.c",
    "message.c",
    "mutex.c",
    "num_threads.c",
    "places.c",
    "posix/barrier.c",
    "posix/c11.c",
    "posix/cond.c",
    "posix/key.c",
    "posix/mutex.c",
    "posix/once.c",
    "posix/rwlock.c",
    "posix/self.c",
    "posix/semaphore.c",
    "posix/spin.c",
    "posix/start_thread.c",
    "posix/thread.c",
    "reduction.c",
    "schedule_dynamic.c",
    "schedule_static.c",
    "single.c",
    "start.c",
    "target/asynchronous.c",
    "target/data.c",
    "target/entries.c",
    "target/extensions.c",
    "target/interop.c",
    "target/memory.c",
    "target/pause.c",
    "target/printed.c",
    "target/region.c",
    "target/use.c",
    "tasks/barrier.c",
    "tasks/dependences.c",
    "tasks/event.c",
    "tasks/execute.c",
    "tasks/helper.c",
    "tasks/memory.c",
    "tasks/queries.c",
    "tasks/reduction.c",
    "tasks/task.c",
    "tasks/taskgroup.c",
    "tasks/taskloop.c",
    "tasks/wait.c",
    "teams.c",
    "thread.c",
    "time.c",
    "tool.c",
];

const INSTALL: &str = "apt-get install clang-19 lld-19 llvm-19 wasi-libc libclang-rt-19-dev-wasm32";

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=include");
    for variable in ["OMP2WASI_CLANG", "OMP2WASI_SYSROOT", "WASI_SYSROOT", "WASI_SDK_PATH"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let clang = clang();
    let archiver = tool(&clang, "llvm-ar");
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
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let archive = out.join("libomp2wasi.a");
    list_wrapped(&tool(&clang, "llvm-nm"), &archive, &out.join("wrapped.rs"));
    println!("cargo::rustc-env=OMP2WASI_SHIM_DIGEST={:016x}", digest(&archive));
}

/// Writes the list of wrapped functions, a Rust array of their names: those that the archive defines as `__wrap_NAME`. That is the only
/// list that there is, so no wrapper can lack its `--wrap`. What could go wrong is the other way round: a use of
/// `__real_NAME`, which only exists where NAME is wrapped.
fn list_wrapped(nm: &Path, archive: &Path, list: &Path) {
    let wrapped = symbols(nm, "--defined-only", archive, "__wrap_");
    let unwrapped: Vec<_> = symbols(nm, "--undefined-only", archive, "__real_").difference(&wrapped).cloned().collect();
    assert!(
        unwrapped.is_empty(),
        "the shim calls `__real_NAME` but defines no `__wrap_NAME` for: {}",
        unwrapped.join(", ")
    );
    assert!(!wrapped.is_empty(), "{}: {} finds no `__wrap_NAME`", archive.display(), nm.display());
    std::fs::write(list, format!("{wrapped:?}").replace('{', "[").replace('}', "]"))
        .unwrap_or_else(|error| panic!("{}: {error}", list.display()));
}

/// The global symbols of a kind with this prefix, without it.
fn symbols(nm: &Path, kind: &str, archive: &Path, prefix: &str) -> BTreeSet<String> {
    let output = Command::new(nm)
        .args([kind, "--extern-only", "--format=just-symbols"])
        .arg(archive)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; {INSTALL}", nm.display()));
    assert!(output.status.success(), "{}: {}", nm.display(), String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|symbol| symbol.strip_prefix(prefix)).map(str::to_owned).collect()
}

/// A hash of what gets installed; it need only differ between builds, so that of the standard library will do.
fn digest(archive: &Path) -> u64 {
    let headers = ["omp.h", "pthread.h", "__errno.h", "__kmpc.h"].map(|header| Path::new("include").join(header));
    let mut hasher = DefaultHasher::new();
    for path in headers.iter().map(PathBuf::as_path).chain([archive]) {
        hasher.write(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
    }
    hasher.finish()
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

/// A tool of the same LLVM as clang.
fn tool(clang: &Path, name: &str) -> PathBuf {
    let output = Command::new(clang).arg(format!("-print-prog-name={name}")).output().expect("clang just ran");
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
