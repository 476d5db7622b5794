//! Command lines and what they are read as.

use super::*;

fn read(line: &str) -> Invocation {
    parse(line.split_whitespace().map(OsString::from).collect()).unwrap()
}

fn refused(line: &str) -> String {
    parse(line.split_whitespace().map(OsString::from).collect()).unwrap_err().to_string()
}

/// The flags for clang, as one line.
fn flags_of(read: &Invocation) -> String {
    let flags: Vec<_> = read.clang_flags.iter().map(|flag| flag.to_string_lossy()).collect();
    flags.join(" ")
}

/// The link line: sources as `<a.c>`, or `<c:a.c>` under `-x c`, and files in parentheses.
fn items_of(read: &Invocation) -> String {
    let item = |item: &Item| match item {
        Item::Source(Source { path, language: None }) => format!("<{}>", path.display()),
        Item::Source(Source { path, language: Some(language) }) => {
            format!("<{}:{}>", language.display(), path.display())
        }
        Item::File(path) => format!("({})", path.display()),
        Item::Library(name) => format!("-l{}", name.display()),
        Item::Linker(arg) => arg.display().to_string(),
    };
    read.items.iter().map(item).collect::<Vec<_>>().join(" ")
}

#[test]
fn where_arguments_end() {
    // Command line, flags for clang, link line.
    let cases = [
        ("a.c", "", "<a.c>"),
        ("-O2 -g a.c -Wall", "-O2 -g -Wall", "<a.c>"),
        ("-I inc -Iinc2 -D X=1 -DY -U Z a.c", "-I inc -Iinc2 -D X=1 -DY -U Z", "<a.c>"),
        ("-include x.h -isystem d a.c", "-include x.h -isystem d", "<a.c>"),
        ("-std=c11 -Xclang -foo -mllvm -bar a.c", "-std=c11 -Xclang -foo -mllvm -bar", "<a.c>"),
        ("-MMD -MF a.d -MT a.o -MQ b -MP a.c", "-MMD -MF a.d -MT a.o -MQ b -MP", "<a.c>"),
        ("a.o b.a a.s a.S a.i a.ll a.bc plain", "", "(a.o) (b.a) <a.s> <a.S> <a.i> <a.ll> <a.bc> (plain)"),
        ("a.c -Ldir -L dir2 -lfoo -l bar b.o", "", "<a.c> -Ldir -Ldir2 -lfoo -lbar (b.o)"),
        ("a.c -lm -lpthread -l rt -ldl -lgomp -lomp -lc", "", "<a.c>"),
        ("a.c -Wl,--export=f,-Map=m -Xlinker --trace", "", "<a.c> --export=f -Map=m --trace"),
        ("-Wl,--start-group a.a b.a -Wl,--end-group", "", "(a.a) (b.a)"),
        ("-Wl,-rpath,/x a.o -Wl,-rpath -Wl,/y -Wl,-rpath=/z", "", "(a.o)"),
        ("-Wl,-z,now -z relro -zdefs a.o", "", "(a.o)"),
        ("-Wl,-z,stack-size=1 -z stack-size=2 a.o", "", "-z stack-size=1 -z stack-size=2 (a.o)"),
        ("-u sym -e start a.o", "", "--undefined sym --entry start (a.o)"),
        ("-static -pthread -pipe -rdynamic -pie -fPIC a.c", "", "<a.c>"),
        ("-B /tools -fuse-ld=lld a.c", "", "<a.c>"),
        ("-fopenmp a.c", "-fopenmp", "<a.c>"),
        ("-fopenmp=libomp a.c", "-fopenmp", "<a.c>"),
        ("-fopenmp-simd a.c", "-fopenmp-simd", "<a.c>"),
        ("-x c a -x none b.o -xassembler c", "", "<c:a> (b.o) <assembler:c>"),
        ("-E -x c -", "-E", "<c:->"),
        ("-- -odd.c", "", "<-odd.c>"),
        ("-O2 -mno-simd128 a.c", "-O2 -mno-simd128", "<a.c>"),
        ("--target=wasm32-wasi -target wasm32-wasip1 a.c", "", "<a.c>"),
        ("-Xopenmp-target -march=sm_80 a.c", "", "<a.c>"),
        ("--param n=1 a.c", "--param n=1", "<a.c>"),
        ("-object-file-name=x a.c", "-object-file-name=x", "<a.c>"),
    ];
    for (line, flags, items) in cases {
        let read = read(line);
        assert_eq!(flags_of(&read), flags, "flags of: {line}");
        assert_eq!(items_of(&read), items, "items of: {line}");
    }
}

#[test]
fn every_flag_with_a_value_keeps_it_from_the_inputs() {
    for flag in flags::WITH_VALUE {
        let read = read(&format!("{flag} value.c a.c"));
        assert_eq!(items_of(&read), "<a.c>", "{flag}");
        assert!(refused(&format!("a.c {flag}")).contains("is missing"), "{flag}");
    }
}

#[test]
fn actions() {
    let cases = [
        ("a.c", Action::Link),
        ("a.o", Action::Link),
        ("-c a.c", Action::Compile),
        ("-S a.c", Action::Clang),
        ("-c -E a.c", Action::Clang),
        ("-E -c a.c", Action::Clang),
        ("-MM a.c", Action::Clang),
        ("-MMD -c a.c", Action::Compile),
        ("-fsyntax-only a.c", Action::Clang),
    ];
    for (line, want) in cases {
        assert_eq!(read(line).action, want, "{line}");
    }
}

#[test]
fn outputs() {
    for line in ["-o x a.c", "-ox a.c", "--output x a.c", "--output=x a.c", "a.c -o y -o x"] {
        assert_eq!(read(line).output, Some("x".into()), "{line}");
    }
    assert_eq!(read("a.c").output, None);
}

#[test]
fn switches() {
    assert!(read("-s a.o").strip && read("-Wl,-s a.o").strip && read("-Wl,--strip-all a.o").strip);
    assert!(!read("-Wl,--strip-debug a.o").strip);
    assert!(read("-r a.o").relocatable);
    assert!(read("-### a.c").dry_run && read("-### a.c").clang_flags.is_empty());
    assert!(read("-v a.c").verbose);
    assert!(read("-nostdlib a.o").no_default_libs && read("-nodefaultlibs a.o").no_default_libs);
    assert!(!read("-nostartfiles a.o").no_default_libs);
    assert!(read("-nostdinc a.c").no_std_include);
    assert!(read("-c -emit-llvm a.c").emit_llvm);
    assert_eq!(read("--sysroot=/s a.c").sysroot, Some("/s".into()));
    assert_eq!(read("--sysroot /s a.c").sysroot, Some("/s".into()));
}

#[test]
fn queries() {
    let cases = [
        ("--version", Some(Query::Version)),
        ("--help", Some(Query::Help)),
        ("-dumpmachine", Some(Query::Clang)),
        ("-dumpversion", Some(Query::Clang)),
        ("-print-search-dirs", Some(Query::Clang)),
        ("--print-resource-dir", Some(Query::Clang)),
        ("-print-file-name=libc.a", Some(Query::Clang)),
        ("-v", None),
    ];
    for (line, want) in cases {
        assert_eq!(read(line).query, want, "{line}");
    }
}

#[test]
fn dependency_files() {
    let found = |line| {
        let found = read(line).dependencies;
        (found.write, found.names_file, found.names_target)
    };
    assert_eq!(found("-MD a.c"), (true, false, false));
    assert_eq!(found("-MMD -MFx a.c"), (true, true, false));
    assert_eq!(found("-MMD -MT x a.c"), (true, false, true));
    assert_eq!(found("-MMD -MQx a.c"), (true, false, true));
    assert_eq!(found("-Wp,-MD,x.d a.c"), (true, true, false));
    assert_eq!(found("a.c"), (false, false, false));
}

#[test]
fn native_flags_are_dropped_with_one_warning() {
    let read = read("-O3 -march=native -mavx2 -mfma -mtune=skylake -msse4.2 -c a.c");
    assert_eq!(flags_of(&read), "-O3");
    assert_eq!(read.warnings.len(), 1);
    assert!(read.warnings[0].contains("-march=native -mavx2 -mfma -mtune=skylake -msse4.2"));
}

#[test]
fn warnings() {
    // A part of each warning, and the line.
    let cases = [
        ("-fopenmp=libgomp a.c", vec!["libgomp"]),
        ("-fopenmp-targets=nvptx64 a.c", vec!["-fopenmp-targets=nvptx64"]),
        ("-flto -march=native a.c", vec!["-march=native", "-flto"]),
        ("--target=wasm32-wasip1-threads a.c", vec!["wasi-threads"]),
        ("-fPIC -static a.c", vec![]),
        ("-w -march=native a.c", vec![]),
    ];
    for (line, want) in cases {
        let found = read(line).warnings;
        assert_eq!(found.len(), want.len(), "{line}: {found:?}");
        assert!(found.iter().zip(want).all(|(found, part)| found.contains(part)), "{found:?}");
    }
}

#[test]
fn refusals() {
    // A part of the message, and the line.
    let cases = [
        ("linked statically", "-shared a.c"),
        ("atomics", "-mno-atomics a.c"),
        ("atomics", "-mno-bulk-memory a.c"),
        ("atomics", "-mthread-model single a.c"),
        ("C and assembly only", "a.cpp"),
        ("C and assembly only", "-x c++ a"),
        ("wasm32-wasi only", "--target=x86_64-linux-gnu a.c"),
        ("linker scripts", "-T script.ld a.c"),
        ("main function", "-mexec-model=reactor a.c"),
        ("argument to '-o' is missing", "a.c -o"),
        ("argument to '-rpath' is missing", "a.o -Wl,-rpath"),
    ];
    for (part, line) in cases {
        assert!(refused(line).contains(part), "{line}: {}", refused(line));
    }
}

#[test]
fn arguments_that_are_not_utf8_survive() {
    let odd = |prefix: &[u8]| OsStr::from_bytes(&[prefix, b"\xff"].concat()).to_owned();
    let read = parse(vec![odd(b"-I"), odd(b"-L"), odd(b"-o"), odd(b"file")]).unwrap();
    assert_eq!(read.clang_flags, [odd(b"-I")]);
    assert_eq!(read.output, Some(odd(b"")));
    assert_eq!(read.items, [Item::Linker(odd(b"-L")), Item::File(odd(b"file").into())]);
}
