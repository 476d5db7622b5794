//! Toolchains made of shell scripts and empty files, on a machine that has nothing else.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

use super::*;

/// An empty machine with an environment.
struct Machine {
    root: tempfile::TempDir,
    vars: HashMap<String, OsString>,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("bin");
        let vars = HashMap::from([("PATH".to_owned(), path.into_os_string())]);
        Machine { root, vars }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn program(&self, path: &str, script: &str) -> PathBuf {
        let path = self.file(path, "");
        // A child writes it: while this process has a file open for writing, a fork in another test's thread inherits
        // that, and running the file fails with ETXTBSY.
        let write = r#"printf '#!/bin/sh\n%s\n' "$2" >"$1"; chmod 755 "$1""#;
        let status = Command::new("sh").args(["-c", write, "sh"]).arg(&path).arg(script).status();
        assert!(status.unwrap().success());
        path
    }

    fn clang(&self, path: &str, version: u32) -> PathBuf {
        let resource = self.path(&format!("resource-{version}"));
        let banner = format!("Some clang version {version}.1.7 (x)");
        self.program(path, &format!("echo '{banner}' >&2; echo {}", resource.display()))
    }

    fn sysroot(&self, dir: &str, triple: &str) -> PathBuf {
        self.file(&format!("{dir}/include/{triple}/wasi/api.h"), "");
        self.file(&format!("{dir}/lib/{triple}/libc.a"), "");
        self.path(dir)
    }

    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.vars.insert(name.to_owned(), value.into());
    }

    fn host(&self) -> Host {
        let vars = self.vars.clone();
        let root = self.root.path().to_owned();
        Host { var: Box::new(move |name| vars.get(name).cloned()), root, patience: Duration::from_secs(60) }
    }

    /// A machine with everything for clang 20.
    fn complete() -> Self {
        let machine = Machine::new();
        machine.clang("bin/clang-20", 20);
        machine.linker(20);
        machine.sysroot("usr", "wasm32-wasi");
        machine
    }

    /// What a link by this version of clang needs.
    fn linker(&self, version: u32) {
        self.program(&format!("bin/wasm-ld-{version}"), "");
        self.file(&format!("resource-{version}/lib/wasi/libclang_rt.builtins-wasm32.a"), "");
    }

    fn error(&self, link: bool) -> String {
        discover(&self.host(), None, link).unwrap_err().to_string()
    }
}

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

#[test]
fn a_complete_machine() {
    let machine = Machine::complete();
    let found = discover(&machine.host(), None, true).unwrap();
    assert_eq!(found.clang.path, machine.path("bin/clang-20"));
    assert_eq!(found.clang.version, 20);
    assert_eq!(found.clang.triple(), "wasm32-wasi");
    assert_eq!(found.sysroot.lib, machine.path("usr/lib/wasm32-wasi"));
    assert_eq!(found.linker.unwrap().wasm_ld, machine.path("bin/wasm-ld-20"));
}

#[test]
fn an_empty_machine_reports_all_in_one() {
    let text = Machine::new().error(true);
    let install = "apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32";
    assert_says(&text, &["no clang of a version from 19 to 22", install, "no WASI sysroot"]);
    assert_says(&text, &["apt-get install wasi-libc", "usr/lib/{wasm32-wasi,wasm32-wasip1}/libc.a"]);
}

#[test]
fn missing_parts_of_the_link_are_reported_together_and_only_for_a_link() {
    let machine = Machine::new();
    machine.clang("bin/clang-21", 21);
    machine.sysroot("usr", "wasm32-wasi");
    assert!(discover(&machine.host(), None, false).unwrap().linker.is_none());
    let text = machine.error(true);
    assert_says(&text, &["no wasm-ld 21", "apt-get install lld-21"]);
    assert_says(&text, &["no compiler-rt", "apt-get install libclang-rt-21-dev-wasm32"]);
    assert!(!text.contains("sysroot"), "{text}");
}

#[test]
fn an_unsupported_clang_is_named_and_passed_over() {
    let machine = Machine::new();
    machine.clang("bin/clang", 14);
    machine.sysroot("usr", "wasm32-wasi");
    assert_says(&machine.error(false), &["bin/clang: version 14", "from 19 to 22"]);
    machine.clang("usr/lib/llvm-22/bin/clang", 22);
    assert_eq!(discover(&machine.host(), None, false).unwrap().clang.version, 22);
}

#[test]
fn order_of_clangs() {
    let mut machine = Machine::complete();
    let mut first = |want: &str| {
        let found = find_clang(&machine.host()).unwrap().path;
        assert_eq!(found, machine.path(want));
        match want {
            "bin/clang-20" => {
                machine.clang("bin/clang-21", 21);
                machine.linker(21);
            }
            "bin/clang-21" => {
                machine.clang("sdk/bin/clang", 19);
                machine.set("WASI_SDK_PATH", machine.path("sdk"));
            }
            "sdk/bin/clang" => {
                let own = machine.clang("own/my-clang", 22);
                machine.set("OMP2WASI_CLANG", own);
            }
            _ => {}
        }
    };
    for want in ["bin/clang-20", "bin/clang-21", "sdk/bin/clang", "own/my-clang"] {
        first(want);
    }
}

#[test]
fn a_clang_that_cannot_link_is_passed_over() {
    let machine = Machine::complete();
    machine.clang("bin/clang-21", 21);
    machine.file("resource-21/lib/wasi/libclang_rt.builtins-wasm32.a", "");
    for link in [false, true] {
        assert_eq!(discover(&machine.host(), None, link).unwrap().clang.version, 20);
    }
    fs::remove_file(machine.path("bin/wasm-ld-20")).unwrap();
    assert_eq!(find_clang(&machine.host()).unwrap().version, 21);
    assert_says(&machine.error(true), &["no wasm-ld 21"]);
}

#[test]
fn a_named_clang_is_never_replaced() {
    let mut machine = Machine::complete();
    machine.set("OMP2WASI_CLANG", "no-such-clang");
    assert_says(&machine.error(false), &["OMP2WASI_CLANG=no-such-clang is not a program"]);
    let old = machine.clang("old/clang", 18);
    machine.set("OMP2WASI_CLANG", old);
    assert_says(&machine.error(false), &["old/clang: version 18"]);
    let cat = machine.program("old/cat", "exit 0");
    machine.set("OMP2WASI_CLANG", cat);
    assert_says(&machine.error(false), &["old/cat: it does not answer like clang"]);
}

#[test]
fn a_program_that_does_not_answer_is_named_and_passed_over() {
    let machine = Machine::complete();
    machine.program("bin/clang-21", "sleep 60");
    let impatient = || Host { patience: Duration::from_secs(2), ..machine.host() };
    assert_eq!(find_clang(&impatient()).unwrap().version, 20);
    fs::remove_file(machine.path("bin/clang-20")).unwrap();
    let text = find_clang(&impatient()).unwrap_err().to_string();
    assert_says(&text, &["bin/clang-21: it did not answer within 2 s"]);
    machine.clang("bin/clang-20", 20);
    fs::remove_file(machine.path("bin/wasm-ld-20")).unwrap();
    machine.program("bin/wasm-ld", "sleep 60");
    machine.clang("bin/clang-21", 18);
    let text = discover(&impatient(), None, true).unwrap_err().to_string();
    assert_says(&text, &["no wasm-ld 20", "bin/wasm-ld: it did not answer within 2 s"]);
}

#[test]
fn a_wasm_ld_of_another_version_is_refused() {
    let machine = Machine::complete();
    fs::remove_file(machine.path("bin/wasm-ld-20")).unwrap();
    machine.program("bin/wasm-ld", "echo 'Debian LLD 14.0.6'");
    assert_says(&machine.error(true), &["no wasm-ld 20", "bin/wasm-ld: version 14"]);
    machine.program("bin/wasm-ld", "echo 'Debian LLD 20.1.0'");
    assert!(discover(&machine.host(), None, true).is_ok());
}

#[test]
fn the_linker_beside_the_clang_behind_the_link_comes_first() {
    let machine = Machine::complete();
    fs::remove_file(machine.path("bin/clang-20")).unwrap();
    let real = machine.clang("usr/lib/llvm-20/bin/clang", 20);
    let beside = machine.program("usr/lib/llvm-20/bin/wasm-ld", "echo 'LLD 20.1.8'");
    fs::remove_file(machine.path("bin/wasm-ld-20")).unwrap();
    machine.program("bin/wasm-ld", "echo 'LLD 20.1.0'");
    std::os::unix::fs::symlink(real, machine.path("bin/clang-20")).unwrap();
    let found = discover(&machine.host(), None, true).unwrap();
    assert_eq!(found.linker.unwrap().wasm_ld, beside.canonicalize().unwrap());
}

#[test]
fn layouts_of_builtins() {
    for place in ["wasm32-unknown-wasi", "wasm32-unknown-wasip1"] {
        let machine = Machine::complete();
        fs::remove_dir_all(machine.path("resource-20")).unwrap();
        let file = format!("resource-20/lib/{place}/libclang_rt.builtins.a");
        let file = machine.file(&file, "");
        let found = discover(&machine.host(), None, true).unwrap();
        assert_eq!(found.linker.unwrap().builtins, file);
    }
}

#[test]
fn sysroots_by_name() {
    let mut machine = Machine::complete();
    let (a, b, c) = ("a", "b", "c");
    for dir in [a, b, c] {
        machine.sysroot(dir, "wasm32-wasip1");
    }
    let include = |machine: &Machine, argument: Option<&str>| {
        let argument = argument.map(|argument| machine.path(argument));
        let found = discover(&machine.host(), argument.as_deref(), false).unwrap();
        found.sysroot.include
    };
    machine.set("WASI_SYSROOT", machine.path(a));
    assert_eq!(include(&machine, None), machine.path("a/include/wasm32-wasip1"));
    machine.set("OMP2WASI_SYSROOT", machine.path(b));
    assert_eq!(include(&machine, None), machine.path("b/include/wasm32-wasip1"));
    assert_eq!(include(&machine, Some(c)), machine.path("c/include/wasm32-wasip1"));
    machine.set("OMP2WASI_SYSROOT", machine.path("nowhere"));
    assert_says(&machine.error(false), &["OMP2WASI_SYSROOT=", "nowhere", "no sysroot of"]);
}

#[test]
fn one_include_folder_for_all_triples() {
    let machine = Machine::complete();
    machine.file("old/include/wasi/api.h", "");
    machine.file("old/lib/wasm32-wasi/libc.a", "");
    let found = discover(&machine.host(), Some(&machine.path("old")), false).unwrap();
    assert_eq!(found.sysroot.include, machine.path("old/include"));
}

#[test]
fn a_threaded_sysroot_is_refused_with_the_reason() {
    let machine = Machine::complete();
    let threaded = machine.sysroot("threaded", "wasm32-wasi-threads");
    let error = discover(&machine.host(), Some(&threaded), false).unwrap_err().to_string();
    assert_says(&error, &["wasi-threads", "its own pthread_create"]);
    // Beside a single-threaded one it does no harm.
    machine.sysroot("threaded", "wasm32-wasi");
    let found = discover(&machine.host(), Some(&threaded), false).unwrap();
    assert_eq!(found.sysroot.lib, threaded.join("lib/wasm32-wasi"));
}

#[test]
fn versions_in_banners() {
    let cases = [
        ("Debian clang version 19.1.7 (3~deb12u1)", "clang version ", Some(19)),
        ("clang version 22\n", "clang version ", Some(22)),
        ("gcc 12", "clang version ", None),
        ("clang version x", "clang version ", None),
        ("Debian LLD 19.1.7 (compatible with GNU linkers)", "LLD ", Some(19)),
    ];
    for (banner, label, want) in cases {
        assert_eq!(major_version(banner, label), want, "{banner}");
    }
}
