//! Tables of command-line flags: which take a value, and which make no sense for WebAssembly.
//!
//! Invariant: every flag that clang reads together with the argument after it, and that [`super::args`] does not handle
//! itself, is in [`WITH_VALUE`]; otherwise its value would be taken for an input file. The list was measured on clang 19
//! ("argument to '-x' is missing"), not read from its manual.

use std::ffi::OsString;

/// Flags whose value is the next argument, passed to clang with it.
pub const WITH_VALUE: &[&str] = &[
    "--CLASSPATH",
    "--analyzer-output",
    "--assert",
    "--config",
    "--dyld-prefix",
    "--force-link",
    "--imacros",
    "--include",
    "--include-directory",
    "--include-directory-after",
    "--include-prefix",
    "--include-with-prefix",
    "--define-macro",
    "--no-system-header-prefix",
    "--param",
    "--prefix",
    "--print-file-name",
    "--resource",
    "--serialize-diagnostics",
    "--std",
    "--system-header-prefix",
    "--undefine-macro",
    "--vfsoverlay",
    "-A",
    "-D",
    "-F",
    "-G",
    "-I",
    "-MF",
    "-MJ",
    "-MQ",
    "-MT",
    "-U",
    "-Xanalyzer",
    "-Xarch_host",
    "-Xassembler",
    "-Xclang",
    "-Xclangas",
    "-Xpreprocessor",
    "-arch",
    "-b",
    "-ccc-gcc-name",
    "-ccc-install-dir",
    "-cxx-isystem",
    "-darwin-target-variant",
    "-darwin-target-variant-triple",
    "-dependency-dot",
    "-dependency-file",
    "-dsym-dir",
    "-dumpdir",
    "-fdebug-compilation-dir",
    "-fexperimental-openacc-macro-override",
    "-fmodules-user-build-path",
    "-framework",
    "-ftrapv-handler",
    "-gen-cdb-fragment-path",
    "-iapinotes-modules",
    "-idirafter",
    "-iframework",
    "-iframeworkwithsysroot",
    "-imacros",
    "-imultilib",
    "-include",
    "-include-pch",
    "-iprefix",
    "-iquote",
    "-isysroot",
    "-isystem",
    "-isystem-after",
    "-ivfsoverlay",
    "-iwithprefix",
    "-iwithprefixbefore",
    "-iwithsysroot",
    "-meabi",
    "-mllvm",
    "-mmlir",
    "-module-dependency-dir",
    "-mthread-model",
    "-object-file-name",
    "-resource-dir",
    "-serialize-diagnostics",
    "-stdlib++-isystem",
    "-validator-version",
    "-vfsoverlay",
    "-working-directory",
];

/// What becomes of a flag that does not go to clang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Already true of every WebAssembly program, or without meaning for one.
    Silent,
    /// Chooses instructions or conventions of another processor.
    Native,
    /// Chooses a device, which `omp2wasi run` does.
    Offload,
    /// Defers code generation to the link, past the fix-up of the objects.
    Lto,
}

/// How a row of [`DROPPED`] matches.
#[derive(Clone, Copy)]
pub enum Match {
    Exact,
    Prefix,
    /// The flag and the argument after it.
    WithValue,
}

use Fate::{Lto, Native, Offload, Silent};
use Match::{Exact, Prefix, WithValue};

const DROPPED: &[(&str, Match, Fate)] = &[
    ("-pthread", Exact, Silent),
    ("-pthreads", Exact, Silent),
    ("-pipe", Exact, Silent),
    ("-static", Exact, Silent),
    ("--static", Exact, Silent),
    ("-static-libgcc", Exact, Silent),
    ("-static-libstdc++", Exact, Silent),
    ("-static-openmp", Exact, Silent),
    ("-static-pie", Exact, Silent),
    ("-shared-libgcc", Exact, Silent),
    ("-pie", Exact, Silent),
    ("-no-pie", Exact, Silent),
    ("-nopie", Exact, Silent),
    ("-rdynamic", Exact, Silent),
    // Position-independent code only costs here: nothing is relocated at run time. And its TLS addresses would need an
    // initialiser to run in every thread's instance.
    ("-fPIC", Exact, Silent),
    ("-fpic", Exact, Silent),
    ("-fPIE", Exact, Silent),
    ("-fpie", Exact, Silent),
    ("-fuse-ld=", Prefix, Silent),
    ("--ld-path=", Prefix, Silent),
    ("-rtlib=", Prefix, Silent),
    ("--rtlib=", Prefix, Silent),
    ("-unwindlib=", Prefix, Silent),
    ("--unwindlib=", Prefix, Silent),
    ("-stdlib=", Prefix, Silent),
    ("--gcc-toolchain=", Prefix, Silent),
    ("-fuse-linker-plugin", Exact, Silent),
    ("-fno-use-linker-plugin", Exact, Silent),
    ("-ffat-lto-objects", Exact, Silent),
    ("-fno-fat-lto-objects", Exact, Silent),
    ("-mexec-model=command", Exact, Silent),
    ("-specs", WithValue, Silent),
    ("-B", WithValue, Silent),
    ("-B", Prefix, Silent),
    ("-rpath", WithValue, Silent),
    ("-flto", Exact, Lto),
    ("-flto=", Prefix, Lto),
    ("-fopenmp-targets=", Prefix, Offload),
    ("-Xopenmp-target", WithValue, Offload),
    ("-Xoffload-linker", WithValue, Offload),
    ("-Xarch_device", WithValue, Offload),
    ("-Xcuda-ptxas", WithValue, Offload),
    ("-Xcuda-fatbinary", WithValue, Offload),
    ("--offload", Prefix, Offload),
    ("--no-offload-arch=", Prefix, Offload),
    ("-foffload", Prefix, Offload),
    ("--cuda-path=", Prefix, Offload),
    ("-fopenmp-cuda-mode", Exact, Offload),
    ("-fopenmp-target-", Prefix, Offload),
    // clang would leave out the code for the host, which is what devices get.
    ("-fopenmp-offload-mandatory", Exact, Offload),
    ("-march=", Prefix, Native),
    ("-mtune=", Prefix, Native),
    ("-mcpu=", Prefix, Native),
    ("-mfpu=", Prefix, Native),
    ("-mfpmath=", Prefix, Native),
    ("-mfloat-abi=", Prefix, Native),
    ("-mabi=", Prefix, Native),
    ("-mcmodel=", Prefix, Native),
    ("-mprefer-", Prefix, Native),
    ("-mvzeroupper", Prefix, Native),
    ("-m32", Exact, Native),
    ("-m64", Exact, Native),
    ("-mx32", Exact, Native),
    ("-mavx", Prefix, Native),
    ("-mno-avx", Prefix, Native),
    ("-msse", Prefix, Native),
    ("-mno-sse", Prefix, Native),
    ("-mssse3", Exact, Native),
    ("-mno-ssse3", Exact, Native),
    ("-mmmx", Exact, Native),
    ("-mno-mmx", Exact, Native),
    ("-mfma", Prefix, Native),
    ("-mno-fma", Prefix, Native),
    ("-mf16c", Exact, Native),
    ("-mbmi", Prefix, Native),
    ("-mlzcnt", Exact, Native),
    ("-mpopcnt", Exact, Native),
    ("-mabm", Exact, Native),
    ("-maes", Exact, Native),
    ("-mpclmul", Exact, Native),
    ("-mrdrnd", Exact, Native),
    ("-madx", Exact, Native),
    ("-mred-zone", Exact, Native),
    ("-mno-red-zone", Exact, Native),
    ("-mstackrealign", Exact, Native),
    ("-maltivec", Exact, Native),
    ("-mvsx", Exact, Native),
    ("-fcf-protection", Prefix, Native),
];

/// The processors that clang knows for WebAssembly.
const WASM_CPUS: [&str; 4] = ["-mcpu=generic", "-mcpu=mvp", "-mcpu=bleeding-edge", "-mcpu=lime1"];

/// Whether a flag is dropped: its fate, and whether the argument after it goes too.
pub fn dropped(flag: &str) -> Option<(Fate, bool)> {
    if WASM_CPUS.contains(&flag) {
        return None;
    }
    let row = DROPPED.iter().find(|(name, how, _)| match how {
        Exact => flag == *name,
        Prefix => flag.starts_with(name),
        // `-Xopenmp-target=triple value` also takes the next argument.
        WithValue => flag == *name || (name.starts_with("-X") && is_assignment(flag, name)),
    });
    row.map(|&(_, how, fate)| (fate, matches!(how, WithValue)))
}

fn is_assignment(flag: &str, name: &str) -> bool {
    flag.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
}

/// Libraries whose contents are in the shim, in libc, or nowhere, so that no file of that name may be looked for.
pub const BUILT_IN_LIBRARIES: &[&str] = &[
    "c",
    "m",
    "pthread",
    "rt",
    "dl",
    "util",
    "gomp",
    "omp",
    "iomp5",
    "omptarget",
    "atomic",
    "gcc",
    "gcc_s",
    "gcc_eh",
    "clang_rt.builtins",
];

/// Makes clang emit calls of the offloading runtime, with map tables, for target regions. Any 32-bit device that it knows will do:
/// nothing is compiled for that.
pub const TARGET_REGIONS: &str = "-fopenmp-targets=i386-unknown-linux-gnu";

/// Whether OpenMP directives are compiled.
pub fn has_openmp(clang_flags: &[OsString]) -> bool {
    let mut given = clang_flags.iter().filter(|flag| *flag == "-fopenmp" || *flag == "-fno-openmp");
    given.next_back().is_some_and(|flag| flag == "-fopenmp")
}

/// Options of LLVM's that suit Cranelift, at the levels that ask for speed over size.
///
/// LLVM takes WebAssembly for a machine where copies of a vector loop's body gain nothing and where pointers are best
/// stepped one by one. Cranelift makes an addressing mode of `base + 8 * i` by itself, and nothing of three counters.
/// (`-force-vector-interleave` would be wrong: it interleaves loops whose iterations depend on each other, too.)
///
/// A loop of many iterations stays one: unrolled completely before loops are vectorised it is not vectorised well, and unrolled
/// afterwards it needs an address for each iteration, more than there are registers. And what the vectoriser leaves is optimised once
/// more, as LLVM does not by itself: the same address in each of its versions of a loop, values stored and loaded again.
const TUNING: &[&str] =
    &["-force-target-max-vector-interleave=4", "-disable-lsr", "-unroll-full-max-count=16", "-extra-vectorizer-passes"];

/// [`TUNING`], if the command line asks for speed. Where the user gives one of the options too, LLVM takes the last.
pub fn tuning(clang_flags: &[OsString]) -> &'static [&'static str] {
    let mut levels = clang_flags.iter().filter_map(|flag| flag.to_str()?.strip_prefix("-O"));
    let fast = levels.next_back().is_some_and(|level| matches!(level, "2" | "3" | "4" | "fast"));
    if fast { TUNING } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fates() {
        let cases = [
            ("-march=native", Some((Native, false))),
            ("-mcpu=native", Some((Native, false))),
            ("-mcpu=mvp", None),
            ("-mavx512f", Some((Native, false))),
            ("-msse4.2", Some((Native, false))),
            ("-msimd128", None),
            ("-mrelaxed-simd", None),
            ("-mno-simd128", None),
            ("-mllvm", None),
            ("-fPIC", Some((Silent, false))),
            ("-fno-pic", None),
            ("-flto", Some((Lto, false))),
            ("-flto=thin", Some((Lto, false))),
            ("-fno-lto", None),
            ("-B", Some((Silent, true))),
            ("-B/usr/bin", Some((Silent, false))),
            ("-Xopenmp-target", Some((Offload, true))),
            ("-Xopenmp-target=nvptx64", Some((Offload, true))),
            ("-fopenmp-targets=nvptx64", Some((Offload, false))),
            ("-fopenmp", None),
            ("-fopenmp-simd", None),
            ("-pthread", Some((Silent, false))),
            ("-Wall", None),
        ];
        for (flag, want) in cases {
            assert_eq!(dropped(flag), want, "{flag}");
        }
    }

    #[test]
    fn tuning_is_for_speed() {
        let tuned = |line: &str| {
            let flags: Vec<_> = line.split_whitespace().map(OsString::from).collect();
            !tuning(&flags).is_empty()
        };
        for line in ["-O2", "-O3 -g", "-Os -O2", "-Ofast"] {
            assert!(tuned(line), "{line}");
        }
        for line in ["", "-O0", "-O1", "-Os", "-O3 -Oz"] {
            assert!(!tuned(line), "{line}");
        }
    }

    #[test]
    fn no_flag_is_in_two_tables() {
        for flag in WITH_VALUE {
            assert_eq!(dropped(flag), None, "{flag}");
        }
    }
}
