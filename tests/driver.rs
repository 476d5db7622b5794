//! The command line where the machine is not as it should be: no home, full disks, odd file names, a linker that does not link, streams
//! that take nothing.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use support::{omp2wasi, output, output_with_streams, root, scratch, succeed, text};

type Test = fn() -> Result<(), Failed>;

const TESTS: [(&str, Test); 17] = [
    ("functions_that_probes_call", functions_that_probes_call),
    ("functions_of_two_signatures", functions_of_two_signatures),
    ("warnings_of_the_linker", warnings_of_the_linker),
    ("names_of_the_compiler", names_of_the_compiler),
    ("long_doubles_and_guards", long_doubles_and_guards),
    ("names_like_flags", names_like_flags),
    ("linker_that_writes_nothing", linker_that_writes_nothing),
    ("no_home", no_home),
    ("no_home_for_the_compiler", no_home_for_the_compiler),
    ("full_disk", full_disk),
    ("full_disk_below_an_installation", full_disk_below_an_installation),
    ("messages_that_nobody_takes", messages_that_nobody_takes),
    ("names_in_the_linkers_messages", names_in_the_linkers_messages),
    ("what_clang_misreads", what_clang_misreads),
    ("text_that_clang_refuses", text_that_clang_refuses),
    ("the_header_before_each_source", the_header_before_each_source),
    ("remarks_on_target_regions", remarks_on_target_regions),
];

fn main() {
    let arguments = Arguments::from_args();
    let trials = TESTS.into_iter().map(|(name, test)| Trial::test(name, test)).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// A folder for this test alone, empty.
fn folder(test: &str) -> PathBuf {
    scratch(&format!("driver-{test}"))
}

fn in_folder(dir: &Path, args: &[&str]) -> Command {
    let mut command = omp2wasi();
    command.current_dir(dir).args(args);
    command
}

fn hello() -> PathBuf {
    root().join("openmp-samples/hello.c")
}

/// The names in a folder, sorted.
fn entries(dir: &Path) -> Result<Vec<String>, Failed> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// What can run on a device and what cannot is said at the link, with file and line, to who asks as clang is asked; and by `inspect`.
fn remarks_on_target_regions() -> Result<(), Failed> {
    let dir = folder("remarks");
    let source = "#include <stdio.h>\nint main(void) {\n    int n = 0;\n    #pragma omp target parallel for map(n) reduction(+ : n)\n    \
        for (int i = 0; i < 10; i++)\n        n += i;\n    #pragma omp target\n    fprintf(stdout, \"%d\\n\", n);\n    return 0;\n}\n";
    fs::write(dir.join("a.c"), source)?;
    let compile = ["cc", "-O2", "-g", "-fopenmp", "a.c", "-o", "a.wasm"];
    let said = |flags: &[&str]| -> Result<String, Failed> {
        let output = output(in_folder(&dir, &compile).args(flags))?;
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (passed, missed) =
        ("a.c:4: remark: target region can run on devices", "a.c:7: remark: target region runs on the host: ");
    let both = said(&["-Rpass=^openmp-off", "-Rpass-missed=offload"])?;
    let one = said(&["-Rpass-missed=openmp-offload"])?;
    let none = said(&[])?;
    let is_right = both.contains(passed) && both.contains(missed) && !one.contains(passed) && one.contains(missed);
    let inspected = succeed(in_folder(&dir, &["inspect", "a.wasm"]).current_dir(&dir))?;
    let begin = "target regions\n  a.c:4: can run on devices\n  a.c:7: runs on the host: ";
    match is_right && !none.contains("remark") && inspected.starts_with(begin) {
        true => Ok(()),
        false => Err(format!("{both}\n{one}\n{none}\n{inspected}").into()),
    }
}

/// Fails unless the command ended with this code and said this.
fn says(output: &Output, code: i32, message: &str) -> Result<(), Failed> {
    let said = text(&output.stderr);
    if output.status.code() == Some(code) && said.contains(message) {
        return Ok(());
    }
    Err(format!("{}, not {code} with `{message}`:\n{}{said}", output.status, text(&output.stdout)).into())
}

/// Behind `--` there are files, whatever they look like.
fn names_like_flags() -> Result<(), Failed> {
    let dir = folder("names");
    fs::copy(hello(), dir.join("-s.c"))?;
    succeed(&mut in_folder(&dir, &["cc", "-fopenmp", "-o", "one.wasm", "--", "-s.c"]))?;
    succeed(&mut in_folder(&dir, &["cc", "-fopenmp", "-c", "--", "-s.c"]))?;
    succeed(&mut in_folder(&dir, &["cc", "-fopenmp", "-S", "--", "-s.c"]))?;
    succeed(&mut in_folder(&dir, &["cc", "-fopenmp", "-E", "-o", "e.i", "--", "-s.c"]))?;
    succeed(&mut in_folder(&dir, &["cc", "-fopenmp", "-o", "two.wasm", "--", "-s.o"]))?;
    let found = entries(&dir)?;
    if found != ["-s.c", "-s.o", "-s.s", "e.i", "one.wasm", "two.wasm"] {
        return Err(format!("{found:?}").into());
    }
    for module in ["one.wasm", "two.wasm"] {
        let printed = succeed(&mut in_folder(&dir, &["run", "-t", "1", module]))?;
        if printed != "hello from thread 0 of 1\n" {
            return Err(printed.into());
        }
    }
    Ok(())
}

fn linker_that_writes_nothing() -> Result<(), Failed> {
    let dir = folder("linker");
    let source = hello();
    let link = |linker: Option<&str>, more: &[&str]| {
        let mut command = in_folder(&dir, &["cc", "-fopenmp", "-o", "x.wasm"]);
        command.arg(&source).args(more).envs(linker.map(|linker| ("OMP2WASI_WASM_LD", linker)));
        output(&mut command)
    };
    says(
        &link(Some("/bin/true"), &[])?,
        1,
        "/bin/true ended without an error and without an output; is it a wasm-ld?",
    )?;
    says(&link(Some("/bin/true"), &["-Wl,--export=help"])?, 1, "without an output")?;
    for question in ["-Wl,--version", "-Wl,--help"] {
        says(&link(None, &[question])?, 0, "")?;
    }
    if !entries(&dir)?.is_empty() {
        return Err("there is an output".into());
    }
    // After this one, newer linkers go on.
    says(&link(None, &["-Wl,-v"])?, 0, "")
}

/// A HOME that is no absolute path is no home: nothing is kept, least of all in the folder that the caller happens to be in.
fn no_home() -> Result<(), Failed> {
    let dir = folder("home");
    let module = root().join("tests/cli/start_result.wat");
    for home in ["", "relative", "."] {
        for cache in ["", "relative"] {
            let mut command = in_folder(&dir, &["run", "-v"]);
            command.arg(&module).env("HOME", home).env("XDG_CACHE_HOME", cache);
            says(&output(&mut command)?, 7, "omp2wasi: compiled code is not kept: neither XDG_CACHE_HOME nor HOME is")?;
        }
    }
    let mut command = in_folder(&dir, &["run", "-v"]);
    command.arg(&module).env("HOME", "/dev/null").env_remove("XDG_CACHE_HOME");
    says(
        &output(&mut command)?,
        7,
        "omp2wasi: compiled code is not kept: the folder /dev/null/.cache/omp2wasi/compiled: ",
    )?;
    let found = entries(&dir)?;
    if found.is_empty() { Ok(()) } else { Err(format!("{found:?}").into()) }
}

/// The compiler cannot do without its library, so it unpacks it into the folder for temporary files.
fn no_home_for_the_compiler() -> Result<(), Failed> {
    let (dir, temp) = (folder("compiler-home"), folder("compiler-temp"));
    for home in ["", "relative"] {
        let mut command = in_folder(&dir, &["cc", "-fopenmp", "-o", "hello.wasm"]);
        command.arg(hello()).env("HOME", home).env("XDG_CACHE_HOME", "relative").env("TMPDIR", &temp);
        succeed(&mut command)?;
    }
    let (found, unpacked) = (entries(&dir)?, entries(&temp)?);
    let is_ours = |names: &[String]| matches!(names, [one] if one.starts_with("omp2wasi-"));
    if found == ["hello.wasm"] && is_ours(&unpacked) { Ok(()) } else { Err(format!("{found:?} {unpacked:?}").into()) }
}

/// A command that can write no more than 8 KiB to a file, which is an error of the write and no signal.
fn on_full_disk(dir: &Path, args: &[&OsStr]) -> Result<Output, Failed> {
    let mut command = Command::new("bash");
    command.args(["-c", r#"ulimit -f 20; trap '' XFSZ; exec "$@""#, "bash"]).arg(env!("CARGO_BIN_EXE_omp2wasi"));
    output(command.args(args).current_dir(dir))
}

/// What stood there stays, and nothing else appears.
fn full_disk() -> Result<(), Failed> {
    let dir = folder("disk");
    succeed(in_folder(&dir, &["cc", "-fopenmp", "-o", "hello.wasm"]).arg(hello()))?;
    let before = fs::read(dir.join("hello.wasm"))?;
    if before.len() < 30_000 {
        return Err("the module is too small for this test".into());
    }
    fs::write(dir.join("object.o"), "what stood there")?;
    let rewrite: Vec<&OsStr> =
        ["rewrite", "hello.wasm", "--portable", "-o", "hello.wasm"].into_iter().map(OsStr::new).collect();
    says(&on_full_disk(&dir, &rewrite)?, 125, "omp2wasi: error: cannot write hello.wasm: File too large")?;
    let found = entries(&dir)?;
    if fs::read(dir.join("hello.wasm"))? != before || found != ["hello.wasm", "object.o"] {
        return Err(format!("the input is gone, or something is left over: {found:?}").into());
    }
    succeed(in_folder(&dir, &["rewrite", "hello.wasm", "--portable", "-o", "hello.wasm"]).arg("--report=text"))?;
    if fs::read(dir.join("hello.wasm"))? == before { Err("it was not replaced".into()) } else { Ok(()) }
}

/// A compiler that uses the folder finds whole files in it.
fn full_disk_below_an_installation() -> Result<(), Failed> {
    let dir = folder("installation");
    let install: Vec<&OsStr> = ["shim", "--install", "kit"].into_iter().map(OsStr::new).collect();
    succeed(omp2wasi().args(&install).current_dir(&dir))?;
    let archive = dir.join("kit/lib/libomp2wasi.a");
    fs::write(&archive, "of an earlier version")?;
    let failed = on_full_disk(&dir, &install)?;
    says(&failed, 125, "omp2wasi: error: cannot install into kit: cannot write kit/lib/libomp2wasi.a: File too large")?;
    let left = entries(&dir.join("kit/lib"))?;
    if fs::read(&archive)? == b"of an earlier version" && left == ["libomp2wasi.a"] {
        return Ok(());
    }
    Err(format!("{} bytes; {left:?}", fs::read(&archive)?.len()).into())
}

/// The exit code is what it would have been.
fn messages_that_nobody_takes() -> Result<(), Failed> {
    let dir = folder("streams");
    let source = hello();
    let code = |args: &[&str]| -> Result<Option<i32>, Failed> {
        let mut command = in_folder(&dir, args);
        let full = File::options().write(true).open("/dev/full")?;
        Ok(output_with_streams(command.arg(&source), [Stdio::null(), Stdio::piped(), full.into()])?.status.code())
    };
    let cases: [(&[&str], i32); 6] = [
        // A warning, a warning and an error, commands that are shown and not run, notes on what the linker says, errors.
        (&["cc", "-march=native", "-c", "-o", "x.o"], 0),
        (&["cc", "-march=native", "-c", "-o", "x.o", "no-such-file.c"], 1),
        (&["cc", "-###"], 0),
        (&["cc", "-Wl,--undefined=omp_alloc", "-Wl,--undefined=__kmpc_x", "-Dmain=other", "-o", "x.wasm"], 1),
        (&["cc", "-shared"], 1),
        (&["run", "-v"], 125),
    ];
    for (args, expected) in cases {
        let found = code(args)?;
        if found != Some(expected) {
            return Err(format!("{args:?}: {found:?}, not {expected}").into());
        }
    }
    Ok(())
}

/// What build systems link to find out whether there is a function. They know nothing of its types, and do not run it.
fn functions_that_probes_call() -> Result<(), Failed> {
    let dir = folder("probes");
    let probe = |function: &str| {
        fs::write(dir.join("probe.c"), format!("char {function}(void);\nint main(void) {{ return {function}(); }}\n"))?;
        output(&mut in_folder(&dir, &["cc", "-fopenmp", "-w", "-o", "probe", "probe.c", "-lm"]))
    };
    // Of libc, also of what is wrapped there, and of the runtime library.
    for function in ["sqrt", "clock_gettime", "printf", "malloc", "fopen", "pthread_create", "omp_set_num_threads"] {
        let begin =
            format!("omp2wasi cc: warning: function signature mismatch: `{function}` is () -> i32 in probe.c and (");
        says(&probe(function)?, 0, &begin)?;
    }
    says(&probe("no_such_function")?, 1, "error: probe.c: undefined symbol: no_such_function")
}

/// A call that does not fit ends the program when it is made, and says what is wrong; one that fits is a call.
fn functions_of_two_signatures() -> Result<(), Failed> {
    let dir = folder("signatures");
    let caller = "#include <stdio.h>\ndouble twice(double);\nint main(int argc, char **argv) {\n  (void)argv;\n\
        #pragma omp parallel num_threads(2)\n  if (argc > 1)\n    printf(\"%f\\n\", twice(argc));\n  puts(\"end\");\n  return 0;\n}\n";
    fs::write(dir.join("caller.c"), caller)?;
    fs::write(dir.join("twice.c"), "int twice(int x) { return 2 * x; }\n")?;
    let link = |more: &[&str]| {
        output(in_folder(&dir, &["cc", "-O2", "-fopenmp", "-o", "a.wasm", "caller.c", "twice.c"]).args(more))
    };
    let warning = "omp2wasi cc: warning: function signature mismatch: `twice` is (f64) -> f64 in caller.c and (i32) -> i32 in twice.c; ";
    says(&link(&[])?, 0, warning)?;
    let printed = succeed(&mut in_folder(&dir, &["run", "a.wasm"]))?;
    if printed != "end\n" {
        return Err(printed.into());
    }
    for engine in ["cranelift", "native"] {
        let run = output(&mut in_folder(&dir, &["run", "--engine", engine, "--no-cache", "a.wasm", "once"]))?;
        says(&run, 134, " of 2: signature mismatch: `twice` is called with other types than it is defined with")?;
    }
    // Who does not want that says so.
    says(&link(&["-Wl,--fatal-warnings"])?, 1, "error: function signature mismatch: twice")
}

/// All other warnings of the linker's are errors, unless they are said not to be.
fn warnings_of_the_linker() -> Result<(), Failed> {
    let dir = folder("linker-warnings");
    fs::write(dir.join("a.c"), "int f(void);\nint main(void) { return f(); }\n")?;
    let link = |more: &[&str]| {
        output(in_folder(&dir, &["cc", "-o", "a.wasm", "a.c", "-Wl,--warn-unresolved-symbols"]).args(more))
    };
    let warned = link(&[])?;
    says(&warned, 1, "warning: a.c: undefined symbol: f")?;
    says(&warned, 1, "omp2wasi cc: error: the linker has warned of something")?;
    if dir.join("a.wasm").exists() {
        return Err("there is an output".into());
    }
    says(&link(&["-Wl,--no-fatal-warnings"])?, 0, "warning: a.c: undefined symbol: f")
}

/// Links to the program are compilers, of one word; and what a compiler says of itself begins as clang's own answer does.
fn names_of_the_compiler() -> Result<(), Failed> {
    let dir = folder("compilers");
    fs::write(dir.join("omp2wasi-gcc"), "somebody's own")?;
    let make_links = || output(&mut in_folder(&dir, &["toolchain", "--links", "."]));
    says(&make_links()?, 125, "omp2wasi: error: ./omp2wasi-gcc is no link, and stays")?;
    fs::remove_file(dir.join("omp2wasi-gcc"))?;
    says(&make_links()?, 0, "")?;
    says(&make_links()?, 0, "")?;
    let found = entries(&dir)?;
    if found != ["omp2wasi-cc", "omp2wasi-clang", "omp2wasi-gcc"] {
        return Err(format!("{found:?}").into());
    }
    for name in found {
        let version = succeed(Command::new(dir.join(&name)).arg("--version"))?;
        if !version.lines().next().is_some_and(|line| line.contains("clang version "))
            || !version.contains("omp2wasi cc")
        {
            return Err(version.into());
        }
        succeed(Command::new(dir.join(&name)).args(["-fopenmp", "-o", "hello.wasm"]).arg(hello()).current_dir(&dir))?;
    }
    Ok(())
}

/// Values of type `long double` are printed and read, and functions with a guard on their stack are linked, and find out.
fn long_doubles_and_guards() -> Result<(), Failed> {
    let dir = folder("libc");
    let source = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n\
        __attribute__((noinline)) static void fill(int count) { char bytes[16]; memset(bytes, 0, count); puts(bytes); }\n\
        int main(int argc, char **argv) { long double x; sscanf(\"0.25\", \"%Lf\", &x);\n\
        printf(\"%.3Lf\\n\", x + strtold(\"2\", NULL)); fill(argc * 16 - 15); (void)argv; return 0; }\n";
    fs::write(dir.join("a.c"), source)?;
    succeed(&mut in_folder(&dir, &["cc", "-fstack-protector-all", "-o", "a.wasm", "a.c"]))?;
    let printed = succeed(&mut in_folder(&dir, &["run", "a.wasm"]))?;
    if printed != "2.250\n\n" {
        return Err(printed.into());
    }
    says(&output(&mut in_folder(&dir, &["run", "a.wasm", "once", "more"]))?, 134, "stack smashing detected")
}

/// What an object names comes out of wasm-ld as it is, but not out of us.
fn names_in_the_linkers_messages() -> Result<(), Failed> {
    let dir = folder("linker-names");
    let source = "void f(void) __asm__(\"\\033[31mpthread_\\033]0;x\\007\"); int main(void) { f(); return 0; }\n";
    fs::write(dir.join("a.c"), source)?;
    for flags in [&[][..], &["-Wl,--color-diagnostics=always"]] {
        let output = output(in_folder(&dir, &["cc", "-o", "a.wasm", "a.c"]).args(flags))?;
        says(&output, 1, r"undefined symbol: \u{1b}[31mpthread_\u{1b}]0;x\u{7}")?;
        if output.stderr.contains(&0x1b) || output.stderr.contains(&7) {
            return Err(format!("{:?}", text(&output.stderr)).into());
        }
    }
    Ok(())
}

/// Directives of which clang 19 makes something else than they say are warned of, also from macros, and those alone.
fn what_clang_misreads() -> Result<(), Failed> {
    let dir = folder("misreads");
    let source = "\
#define UPDATE(section) _Pragma(\"omp target update from(v[0:9])\") _Pragma(\"omp target update from(v[1:3:2])\")
int v[9];
void f(void) {
  int x = 0;
  UPDATE()
#pragma omp parallel for lastprivate(x)
  for (int i = 0; i < 9; i++)
    x = i; // not lastprivate(conditional: x)
#if CONDITIONAL
#pragma omp parallel for lastprivate(conditional : x)
  for (int i = 0; i < 9; i++)
    if (v[i])
      x = i;
#endif
  v[0] = x;
}
";
    fs::write(dir.join("misread.c"), source)?;
    let said = |more: &[&str]| {
        let arguments = [&["cc", "-fopenmp", "-MD", "-c", "misread.c"], more].concat();
        let done = output(in_folder(&dir, &arguments).env("OMP2WASI_CLANG", "clang-19"))?;
        says(&done, 0, "")?;
        Ok::<_, Failed>(text(&done.stderr))
    };
    let stride = "warning: misread.c: `#pragma omp target update from(v[1:3:2])`: clang ";
    let conditional = "warning: misread.c: `#pragma omp parallel for lastprivate(conditional: x)`: clang 19 ";
    let [plain, both, quiet] = [&[][..], &["-DCONDITIONAL"], &["-DCONDITIONAL", "-w"]].map(said);
    let (plain, both) = (plain?, both?);
    if !plain.contains(stride) || plain.lines().count() != 1 {
        return Err(plain.into());
    }
    if !both.contains(stride) || !both.contains(conditional) || both.lines().count() != 2 {
        return Err(both.into());
    }
    if !quiet?.is_empty() || entries(&dir)? != ["misread.c", "misread.d", "misread.o"] {
        return Err(format!("{:?}", entries(&dir)?).into());
    }
    Ok(())
}

/// A source that is to be compiled in two steps, whose second one fails, is compiled in one; that is said.
fn text_that_clang_refuses() -> Result<(), Failed> {
    let dir = folder("refused");
    let source = "int x;\nvoid f(void) {\n#pragma omp target map(tofrom : x)\n  x = 1;\n}\n";
    fs::write(dir.join("region.c"), source)?;
    let clang = dir.join("clang");
    let script = "#!/bin/sh\ncase \" $* \" in *\" -x ir \"*) echo no >&2; exit 1;; esac\nexec clang-19 \"$@\"\n";
    fs::write(&clang, script)?;
    fs::set_permissions(&clang, PermissionsExt::from_mode(0o755))?;
    let compile = |clang: &OsStr| {
        output(in_folder(&dir, &["cc", "-fopenmp", "-O2", "-c", "region.c"]).env("OMP2WASI_CLANG", clang))
    };
    let done = compile(clang.as_os_str())?;
    says(&done, 0, "warning: region.c: clang has compiled it, but fails when it does so in two steps")?;
    let refused = fs::read(dir.join("region.o"))?;
    says(&compile(OsStr::new("clang-19"))?, 0, "")?;
    if refused.is_empty() || refused == fs::read(dir.join("region.o"))? {
        return Err("the object is not of one step".into());
    }
    Ok(())
}

/// The header that is read before each source with OpenMP is in nobody's way, and makes loops not read their bounds again and again.
fn the_header_before_each_source() -> Result<(), Failed> {
    let dir = folder("header");
    let source = "\
void work(int);
void f(int n) {
#pragma omp for schedule(static, chunk)
  for (int i = 0; i < n; i++)
    work(i);
}
";
    fs::write(dir.join("loop.c"), source)?;
    let macros = ["chunk", "stride", "last", "lower", "upper", "increment", "loc", "noescape", "weak", "visibility"];
    let macros = macros.map(|name| format!("-D{name}=4"));
    let plain = ["-Dchunk=4"].map(str::to_owned);
    for (flags, macros) in
        [(&["-std=c89", "-pedantic", "-Weverything", "-Wsystem-headers"][..], &plain[..]), (&[], &macros)]
    {
        let mut command =
            in_folder(&dir, &["cc", "-fopenmp", "-Werror", "-Wno-missing-prototypes", "-Wno-c99-extensions"]);
        succeed(command.args(["-Wno-gcc-compat", "-O2", "-MMD", "-c", "loop.c"]).args(flags).args(macros))?;
    }
    let dependencies = fs::read_to_string(dir.join("loop.d"))?;
    if dependencies.trim() != "loop.o: loop.c" {
        return Err(dependencies.into());
    }
    // What is preprocessed already takes no header.
    succeed(&mut in_folder(&dir, &["cc", "-fopenmp", "-Dchunk=4", "-E", "-o", "loop.i", "loop.c"]))?;
    succeed(&mut in_folder(&dir, &["cc", "-fopenmp", "-Werror", "-c", "loop.i"]))?;
    let stores = |more: &[&str]| {
        let arguments = [&["cc", "-fopenmp", "-Dchunk=4", "-O2", "-c", "-emit-llvm", "-o", "loop.bc"], more].concat();
        succeed(in_folder(&dir, &arguments).env("OMP2WASI_CLANG", "clang-19"))?;
        let text = succeed(Command::new("llvm-dis-19").current_dir(&dir).args(["-o", "-", "loop.bc"]))?;
        Ok::<_, Failed>(text.lines().filter(|line| line.trim_start().starts_with("store i32")).count())
    };
    let (with, without) = (stores(&["loop.c"])?, stores(&["loop.i"])?);
    if with >= without {
        return Err(format!("{with} stores with the header, {without} without").into());
    }
    Ok(())
}
